package policy

import (
	"slices"
	"strings"
)

// Operators of conditions, tables and filters. 以上, 以内 include the number; 超过, 不满 exclude it (Civil Code, art. 1259).
var operators = []string{"at_least", "at_most", "over", "under", "is", "within"}

// threshold is the right side of a comparison: a literal, one or more words, or a defined name.
type threshold struct {
	text  string
	num   Num
	words []string
	named *nameExpr
	other expr // in filters: a bare term that the field is compared with
}

func (t *threshold) read(r *reader, q qtype) string {
	switch {
	case t.named != nil:
		if lit := t.named.def.value; lit != nil && lit.kind == valueLiteral {
			return lit.lit.text(r)
		}
		return r.say(&pQuoted, t.named.read(r))
	case t.other != nil:
		return t.other.read(r)
	case len(t.words) > 0:
		if q.kind == TypeBool && len(t.words) == 1 {
			return r.yesNo(t.words[0])
		}
		return r.words(t.words, &pOr)
	case q.kind == TypeNumber:
		return r.num(t.num, q.unit, 4)
	}
	return r.word(t.text)
}

// number is the threshold as a number for the operators of order; ok is false where it is not known.
func (t *threshold) number(e *env) (Num, bool) {
	if t.named == nil {
		return t.num, true
	}
	v := t.named.eval(e)
	if v.undecided() || !v.span.exact() {
		return Num{}, false
	}
	return v.span.lo.v, true
}

// figure is what is known of the threshold as a number.
func (t *threshold) figure(e *env) known {
	if t.named == nil {
		return exactly(t.num)
	}
	return t.named.eval(e).known
}

// order compares a quantity with a number or a named figure. What is missing of that figure is then missing of the quantity.
func (t *threshold) order(e *env, k *known, op string) Answer {
	if k.early {
		return Unmet
	}
	if t.named == nil {
		return compare(k.span, op, t.num)
	}
	with := *k
	a := with.against(t.named.eval(e).known, op)
	if a == Unknown {
		*k = with
	}
	return a
}

// threshold reads the right side for a quantity of type q.
func (sc *scope) threshold(n node, q qtype, op string) *threshold {
	c := sc.c
	t := &threshold{text: n.text()}
	if q.kind == TypeCode && (op == "is" || op == "within") {
		return sc.codes(n, t)
	}
	if op == "within" {
		c.errorAt(n, "within（属于）只用在行业代码上；别的词请写 is:。")
		return nil
	}
	if op == "is" && (q.kind == TypeWord || q.kind == TypeBool || q.kind == TypeLevel) {
		for _, w := range n.oneOrMore() {
			word := w.text()
			if q.kind == TypeBool && word != "是" && word != "否" {
				c.errorAt(w, "应写“是”或“否”。")
				continue
			}
			if len(q.options) > 0 && !slices.Contains(q.options, word) {
				c.errorAt(w, "“%s”不在允许的词中（%s）%s", clip(word), strings.Join(q.options, "、"), suggest(word, q.options))
				continue
			}
			t.words = append(t.words, word)
		}
		if len(n.oneOrMore()) == 0 {
			c.errorAt(n, "is 后面应写一个词或一列词。")
		}
		return t
	}
	if !n.isText() || t.text == "" {
		c.errorAt(n, "门槛应写一个值，例如 10%% 或 1000万元。")
		return nil
	}
	if isName(t.text) && sc.definition(n, t.text) != nil {
		x, _ := sc.parseExpr(n, t.text).(*nameExpr)
		if x == nil {
			return nil
		}
		return sc.namedThreshold(n, t, x, q)
	}
	if strings.ContainsAny(t.text, ".@") && len([]rune(t.text)) > 2 && isNameStart([]rune(t.text)[0]) {
		if x, ok := sc.parseExpr(n, t.text).(*nameExpr); ok {
			return sc.namedThreshold(n, t, x, q)
		}
		return nil
	}
	num, ok := sc.literalNumber(n, q)
	if !ok {
		return nil
	}
	t.num = num
	return t
}

// namedThreshold takes what a definition gives for the right side.
func (sc *scope) namedThreshold(n node, t *threshold, x *nameExpr, q qtype) *threshold {
	if got := x.typ(); got.unit != q.unit {
		sc.c.errorAt(n, "门槛“%s”的单位是%s，左边的单位是%s。", t.text, unitName(got.unit), unitName(q.unit))
		return nil
	}
	if l := x.def.value.unitless(x.column); l != nil && q.unit == unitRatio && !q.bare {
		sc.c.errorAt(n, "门槛“%s”写的是%s，没有百分号，会当作%s倍：请在 define: 里写明单位，例如 %s%%。", t.text, l.high, l.high, l.high)
		return nil
	}
	t.named = x
	return t
}

// literalNumber reads a literal of the quantity's type as a number: level words by rank, dates as yyyymmdd.
func (sc *scope) literalNumber(n node, q qtype) (Num, bool) {
	c, text := sc.c, n.text()
	switch q.kind {
	case TypeLevel:
		r := rank(q.options, text)
		if r < 0 {
			c.errorAt(n, "“%s”不在这组等级中（%s）%s", clip(text), strings.Join(q.options, "、"), suggest(text, q.options))
			return Num{}, false
		}
		return intNum(int64(r)), true
	case TypeDate:
		d, err := ParseDate(text)
		if err != nil {
			c.errorAt(n, "%s。", err.Error())
			return Num{}, false
		}
		return intNum(int64(d)), true
	case TypeWord, TypeBool:
		c.errorAt(n, "词只能用 is 比较。")
		return Num{}, false
	case TypeCode:
		c.errorAt(n, "行业代码只能用 within（属于）或 is 比较。")
		return Num{}, false
	}
	num, unit, ok := c.lib.vocabulary.units.number(text)
	if !ok && c.misprinted(n) {
		return Num{}, false
	}
	switch {
	case !ok && manyDigits.MatchString(text):
		c.errorAt(n, "这个数的位数太多（最多%d位），请检查。", maxDigits)
		return Num{}, false
	case !ok:
		c.errorAt(n, "“%s”不是一个值，也没有定义过这个名称；数字请带单位，例如 %s%s", clip(text), exampleOf(q.unit), suggest(text, sc.definedNames()))
		return Num{}, false
	case q.unit == anyUnit, unit == unitRatio && !strings.ContainsAny(text, "%％‰") && q.bare: // of a document that is not here: a person's
		return num, true
	case unit == unitRatio && !strings.ContainsAny(text, "%％‰") && num.Sign() != 0:
		c.errorAt(n, "请写明单位，例如 %s。", exampleOf(q.unit))
		return Num{}, false
	case unit == unitRatio && num.Sign() == 0 && q.unit == unitPoints:
		return num, true
	case unit != q.unit && !(q.bare && num.Sign() >= 0 && unit != unitMoney && unit != unitRatio && unit != unitPoints):
		c.errorAt(n, "单位不合：左边是%s，这里是%s。", unitName(q.unit), unitName(unit))
		return Num{}, false
	}
	return num, true
}

// compare answers a span against a threshold.
func compare(s span, op string, t Num) Answer {
	b := at(t)
	switch op {
	case "at_least":
		return decided(s.lo.cmp(b) >= 0, s.hi.cmp(b) < 0)
	case "over":
		return decided(s.lo.cmp(b) > 0, s.hi.cmp(b) <= 0)
	case "at_most":
		return decided(s.hi.cmp(b) <= 0, s.lo.cmp(b) > 0)
	case "under":
		return decided(s.hi.cmp(b) < 0, s.lo.cmp(b) >= 0)
	}
	return decided(s.exact() && s.lo.cmp(b) == 0, s.hi.cmp(b) < 0 || s.lo.cmp(b) > 0)
}

func decided(all, none bool) Answer {
	switch {
	case all:
		return Met
	case none:
		return Unmet
	}
	return Unknown
}

// amongWords answers a word or level against a list of words.
func amongWords(v qval, q qtype, op string, words []string) Answer {
	if q.kind == TypeLevel {
		return amongLevels(v.span, len(q.options), func(rank int64) bool { return slices.Contains(words, q.options[rank]) })
	}
	if v.any {
		return Unknown
	}
	in, out := 0, 0
	for _, w := range v.words {
		switch {
		case op == "within":
			switch withinCodes(w, words) {
			case Met:
				in++
			case Unmet:
				out++
			}
		case slices.Contains(words, w):
			in++
		default:
			out++
		}
	}
	return decided(in > 0 && in == len(v.words), out == len(v.words))
}

// end is the upper or the lower end of the threshold, while it is not known; a slice that begins or ends there then counts the worse or the
// better way.
func (t *threshold) end(e *env, upper bool) bound {
	if t.named == nil {
		return at(t.num)
	}
	v := t.named.eval(e)
	if !v.span.exact() {
		e.incomplete = true
	}
	if upper {
		return v.span.hi
	}
	return v.span.lo
}

// answerOf answers a quantity against a threshold, with what is missing turned into unknown or manual.
func answerOf(e *env, v qval, q qtype, op string, t *threshold, noBase Answer) Answer {
	switch {
	case v.noBase:
		return v.baseless(noBase)
	case len(t.words) > 0:
		return v.answer(amongWords(v, q, op, t.words), noBase)
	case t.named == nil:
		return v.answer(compare(v.span, op, t.num), noBase)
	}
	a := v.against(t.named.eval(e).known, op)
	return v.answer(a, noBase)
}

// filter is one `where` of a record: a field and what it must be.
type filter struct {
	field *Field
	op    string
	t     *threshold
}

func (sc *scope) filters(n node, kind *Record) []filter {
	if !n.is() {
		return nil
	}
	c := sc.c
	if !n.isMap() {
		c.errorAt(n, "where: 应写“栏目: 值”。")
		return nil
	}
	var out []filter
	for _, e := range n.entries() {
		f := kind.field(e.key)
		if f == nil {
			c.errorAt(e.at, "“%s”没有“%s”这个栏目%s", kind.Name, clip(e.key), suggest(e.key, kind.fieldNames()))
			continue
		}
		q := qtype{kind: f.Type, unit: f.unit, options: f.Options}
		if e.value.isMap() {
			for _, o := range e.value.entries() {
				if !slices.Contains(operators, o.key) {
					c.errorAt(o.at, "不认识的比较词“%s”%s", clip(o.key), suggest(o.key, operators))
					continue
				}
				if t := sc.threshold(o.value, q, o.key); t != nil {
					out = append(out, filter{f, o.key, t})
				}
			}
			continue
		}
		if w := e.value.text(); f.Type == TypeWord && sc.c.lib.vocabulary.Term(w) != nil && len(f.Options) == 0 {
			if x := sc.parseExpr(e.value, w); x != nil {
				out = append(out, filter{f, "is", &threshold{text: w, other: x}})
			}
			continue
		}
		if t := sc.threshold(e.value, q, "is"); t != nil {
			out = append(out, filter{f, "is", t})
		}
	}
	return out
}

// passes answers whether a record passes its filters; a missing field is unknown.
func passes(e *env, r *recordFact, kind *Record, filters []filter) Answer {
	out := Met
	for _, f := range filters {
		d, ok := r.fields[f.field.Name]
		q := qtype{kind: f.field.Type, unit: f.field.unit, options: f.field.Options}
		a := Unknown
		switch {
		case !ok:
			e.needRecord(kind, f.field)
		case f.t.other != nil:
			if v := f.t.other.eval(e); !v.any && len(v.words) == 1 {
				a = decided(v.words[0] == d.word, v.words[0] != d.word)
			}
		default:
			a = answerOf(e, d.qval(f.field.Type, f.field.Options), q, f.op, f.t, Manual)
		}
		if a == Unmet {
			return Unmet
		}
		if a != Met {
			out = a
		}
	}
	return out
}

// filter is what a name of records is followed by: （级别不低于省级）.
func (r *reader) filter(fs []filter) string {
	if len(fs) == 0 {
		return ""
	}
	var parts []string
	for _, f := range fs {
		q := qtype{kind: f.field.Type, unit: f.field.unit, options: f.field.Options}
		parts = append(parts, r.say(&pSentence, r.word(f.field.Name), r.than(f.op, f.t.read(r, q))))
	}
	return r.say(&pBrackets, "", r.join(parts, &pComma))
}
