package policy

import (
	"slices"
	"strconv"
	"strings"
)

type condKind uint8

const (
	condGroup   condKind = iota // all, any, none, at least n
	condCompare                 // of … operator threshold
	condHas                     // has records
	condJudge                   // a person judges
	condName                    // a defined condition
	condSee                     // stands in a document that is not here
)

// condition is one node of the tree of conditions.
type condition struct {
	at     node
	kind   condKind
	word   string // all, any, none, at_least
	n      int    // of at_least
	parts  []*condition
	guard  *condition
	of     expr
	op     string
	limit  *threshold
	has    *recordExpr
	judge  string
	def    *definition
	text   string
	cite   string
	office string
	noBase Answer
	interp *Interpretation

	sentence  string // read() in Chinese, made once
	threshold string // the same of the threshold alone
}

var groupWords = []string{"all", "any", "none"}

// condition reads one condition.
func (sc *scope) condition(n node) *condition {
	d := sc.readCondition(n)
	if d != nil {
		d.sentence = d.read(chinese)
		if d.limit != nil && !d.plainHas() {
			d.threshold = chinese.than(d.op, d.limit.read(chinese, d.quantityType()))
		}
	}
	return d
}

func (sc *scope) readCondition(n node) *condition {
	c := sc.c
	sc.size++
	if n.isText() {
		return sc.namedCondition(n)
	}
	if n.isList() {
		c.errorAt(n, "这里是一列条件，请说明怎样合并：all:（全部）、any:（任一）或 none:（都不）。")
		return nil
	}
	if !n.isMap() {
		c.errorAt(n, "这里应写一个条件，例如 {of: 指标@当年, at_least: 2000万元}。")
		return nil
	}
	if n.get("see").is() {
		c.keys(n, "reference")
		if other := sc.seen(n); other != nil {
			if other.cond == nil {
				c.errorAt(n, "“%s”不是条件，不能写在这里。", clip(other.name))
				return nil
			}
			return &condition{at: n, kind: condName, def: other, text: n.get("text").text(), cite: n.get("cite").text(), interp: other.cond.interp}
		}
		return &condition{at: n, kind: condSee, judge: Titled(n.get("see").text()), text: n.get("text").text(), cite: n.get("cite").text()}
	}
	c.keys(n, "test")
	d := &condition{at: n, text: n.get("text").text(), cite: n.get("cite").text(), office: n.get("office").text(),
		interp: c.interpretation(n.get("interpretation")), noBase: sc.doc.noBase}
	if b := n.get("no_base"); b.is() {
		d.noBase = c.noBase(b)
	}
	if g := n.get("if"); g.is() {
		d.guard = sc.condition(g)
	}
	kinds := 0
	for _, k := range []string{"all", "any", "none", "of", "has", "judge"} {
		if n.get(k).is() {
			kinds++
		}
	}
	if kinds != 1 {
		c.errorAt(n, "一个条件只写 all、any、none、of、has、judge 中的一个（这里有 %d 个）。", kinds)
		return nil
	}
	for _, w := range groupWords {
		if list := n.get(w); list.is() {
			d.kind, d.word = condGroup, w
			if !list.isList() || len(list.Content) == 0 {
				c.errorAt(list, "%s: 后面应是一列条件，每个以“- ”开头。", w)
				return nil
			}
			for _, item := range list.items() {
				if part := sc.condition(item); part != nil {
					d.parts = append(d.parts, part)
				}
			}
			c.onlyOperators(n)
			return d
		}
	}
	switch {
	case n.get("judge").is():
		d.kind, d.judge = condJudge, n.get("judge").text()
		if d.judge == "" {
			c.errorAt(n.get("judge"), "judge: 后面写明由人判断什么。")
			return nil
		}
		if old, ok := c.lib.vocabulary.judgements[d.judge]; !ok || old == "" {
			c.lib.vocabulary.judgements[d.judge] = d.office
		}
		c.onlyOperators(n)
		return d
	case n.get("has").is():
		return sc.hasCondition(n, d)
	case n.get("of").isList():
		d.kind, d.word = condGroup, "at_least"
		count, err := strconv.Atoi(strings.TrimSuffix(n.get("at_least").text(), "项"))
		list := n.get("of").items()
		if err != nil || count < 1 || count > len(list) {
			c.errorAt(n, "of: 一列条件时请写 at_least: 几（1 到 %d 之间的整数）。", len(list))
			return nil
		}
		d.n = count
		for _, item := range list {
			if part := sc.condition(item); part != nil {
				d.parts = append(d.parts, part)
			}
		}
		c.onlyOperators(n, "at_least")
		return d
	}
	d.kind = condCompare
	q := sc.quantity(n.get("of"))
	if q == nil {
		return nil
	}
	d.of = q
	if w := n.get("where"); w.is() {
		if r, ok := d.of.(*recordExpr); ok {
			r.filter = append(slices.Clone(r.filter), sc.filters(w, r.kind)...)
		} else {
			c.errorAt(w, "where: 只用在记录上。")
		}
	}
	d.op, d.limit = sc.operator(n, d.of.typ())
	if d.limit == nil {
		return nil
	}
	sc.checkThresholdRange(n, d)
	return d
}

// operator finds the one operator of a comparison and reads its threshold.
func (sc *scope) operator(n node, q qtype) (string, *threshold) {
	found := ""
	for _, op := range operators {
		if n.get(op).is() {
			if found != "" {
				sc.c.errorAt(n, "一个条件只写一个比较词；两头都要比较时请写成 all: 下的两个条件。")
				return "", nil
			}
			found = op
		}
	}
	if found == "" {
		sc.c.errorAt(n, "缺少比较词：at_least（不低于）、at_most（不超过）、over（超过）、under（低于）、is（是）或 within（行业代码属于）。")
		return "", nil
	}
	return found, sc.threshold(n.get(found), q, found)
}

// wholeCount refuses a number of records that no count can be.
func (sc *scope) wholeCount(n node, d *condition) {
	if d.limit.named != nil {
		return
	}
	if i, whole := d.limit.num.Int64(); !whole || i < 0 {
		sc.c.errorAt(n.get(d.op), "个数应是不小于零的整数。")
	}
}

// checkThresholdRange catches 3 for 3%, and thresholds that a term can never reach or always passes.
func (sc *scope) checkThresholdRange(n node, d *condition) {
	if r, ok := d.of.(*recordExpr); ok && r.field == nil && d.limit.named == nil {
		sc.wholeCount(n, d)
		return
	}
	t, ok := d.of.(*termExpr)
	if !ok || d.limit.named != nil || len(d.limit.words) > 0 || t.term.Type != TypeNumber {
		return
	}
	switch compare(t.term.within, d.op, d.limit.num) {
	case Met:
		sc.c.errorAt(n.get(d.op), "“%s”的取值范围使这个条件永远成立，请检查门槛和单位。", t.term.Name)
	case Unmet:
		sc.c.errorAt(n.get(d.op), "“%s”的取值范围使这个条件永远不成立，请检查门槛和单位。", t.term.Name)
	}
}

func (sc *scope) hasCondition(n node, d *condition) *condition {
	c, h := sc.c, n.get("has")
	name, word, dated := strings.Cut(h.text(), "@")
	name = strings.TrimSpace(name)
	var kind *Record
	var preset []filter
	if def := sc.definition(h, name); def != nil {
		if def.records == nil {
			c.errorAt(h, "“%s”不是一类记录，不能用 has:。", name)
			return nil
		}
		kind, preset = def.records.kind, def.records.filter
	} else if kind = c.lib.vocabulary.Record(name); kind == nil {
		if t := c.lib.vocabulary.Term(name); t != nil {
			of := name
			if t.Yearly() {
				if of = h.text(); !dated {
					of += "@当年"
				}
			}
			c.errorAt(h, "“%s”是一个数或词，不是记录；请写 {of: %s, %s} 或别的比较。", name, of, t.compared())
			return nil
		}
		c.errorAt(h, "词汇表中没有“%s”这类记录%s", clip(name), suggest(name, sc.recordNames()))
		return nil
	}
	if !dated {
		c.errorAt(h, "请写明期间：%s@有效（评价日有效）或 %s@当年（当年新列入）。", name, name)
		return nil
	}
	p := sc.period(h, strings.TrimSpace(word))
	if p == nil {
		return nil
	}
	d.kind = condHas
	d.has = &recordExpr{fn: "count", kind: kind, at: p, filter: append(slices.Clone(preset), sc.filters(n.get("where"), kind)...)}
	d.op, d.limit = "at_least", &threshold{text: "1", num: intNum(1)}
	ops := 0
	for _, op := range operators {
		if n.get(op).is() {
			ops++
			d.op, d.limit = op, sc.threshold(n.get(op), d.has.typ(), op)
			if d.limit == nil {
				return nil
			}
			sc.wholeCount(n, d)
		}
	}
	if ops > 1 {
		c.errorAt(n, "一个条件只写一个比较词。")
		return nil
	}
	return d
}

// namedCondition reads a bare name: a defined condition, or a yes-no term.
func (sc *scope) namedCondition(n node) *condition {
	c, name := sc.c, n.text()
	if def := sc.definition(n, name); def != nil {
		if def.bad {
			return nil
		}
		if def.cond == nil {
			c.errorAt(n, "“%s”不是条件；请写 {of: %s, at_least: …}。", name, name)
			return nil
		}
		sc.size = min(sc.size+def.size, 2*maxExpanded)
		return &condition{at: n, kind: condName, def: def, text: def.cond.text, cite: def.cond.cite, interp: def.cond.interp}
	}
	if t := c.lib.vocabulary.Term(name); t != nil && t.Type == TypeBool {
		return &condition{at: n, kind: condCompare, of: &termExpr{t, nil}, op: "is", limit: &threshold{text: "是", words: []string{"是"}}, noBase: Manual}
	}
	c.errorAt(n, "不认识的条件“%s”%s", clip(name), suggest(name, sc.knownNames()))
	return nil
}

// ---- answering ----

// outcome is the answer of a condition with what would decide it.
type outcome struct {
	answer Answer
	needs  *needs
	node   *Node // only when explaining
	gaps   []Gap
}

func (d *condition) evaluate(e *env) outcome {
	if d.guard != nil {
		g := d.guard.evaluate(e)
		if g.answer != Met {
			a := g.answer
			if a == Unmet {
				a = NotApplicable
			}
			out := outcome{answer: a}
			if a == Unknown || a == Manual {
				out.needs = g.needs
			}
			if e.explain {
				out.node = d.describe(e.say, e)
				out.node.Answer = a
				if g.node != nil {
					g.node.Kind = "guard"
					out.node.Children = append([]*Node{g.node}, out.node.Children...)
				}
			}
			return out
		}
	}
	switch d.kind {
	case condGroup:
		return d.group(e)
	case condName:
		if e.depth > 50 {
			return outcome{answer: Manual}
		}
		e.depth++
		out := d.def.cond.evaluate(e)
		e.depth--
		if out.node != nil && out.node.Text == "" {
			out.node.Text = e.say.word(d.def.name)
		}
		return out
	case condSee, condJudge:
		return d.judged(e)
	}
	return d.leaf(e)
}

func (d *condition) judged(e *env) outcome {
	out := outcome{answer: Manual, needs: e.wanted()}
	var node *Node
	if e.explain {
		node = d.describe(e.say, e)
	}
	if j, ok := e.f.judged[d.judge]; ok && d.kind == condJudge {
		out.answer = decided(j.datum.word == "是", j.datum.word != "是")
		if node != nil {
			node.Actual = e.say.yesNo(j.datum.word)
			node.Facts = []FactRef{{d.judge, e.say.word(d.judge), e.say.yesNo(j.datum.word), j.source}}
		}
		if !j.source.Verified {
			e.unverified = true
		}
		if out.answer == Unmet && !e.brief {
			out.gaps = []Gap{{Condition: d.words(e.say), Short: e.say.say(&pJudgedNot), Moves: []string{}}}
		}
	} else if d.kind == condJudge {
		out.needs.add(&Need{Key: d.judge, Label: d.judge, Term: d.judge, Type: "judgement", Options: []string{"是", "否"}, Office: d.office})
		if node != nil {
			node.Asks = []string{d.judge}
		}
	}
	if e.seen != nil {
		e.seen.answer(e, d, out.answer)
	}
	if node != nil {
		node.Answer = out.answer
		out.node = node
	}
	return out
}

func (d *condition) leaf(e *env) outcome {
	quantity, q := d.of, qtype{}
	if d.has != nil {
		quantity = d.has
	}
	q = quantity.typ()
	mine := e.wanted()
	outer := e.needs
	e.needs = mine
	var refs []FactRef
	var v qval
	var a Answer
	if e.explain {
		refs = e.gather(func() { v, a = d.answered(e, quantity, q) })
	} else {
		v, a = d.answered(e, quantity, q)
	}
	e.needs = outer
	if e.seen != nil {
		e.seen.answer(e, d, a)
	}
	out := outcome{answer: a}
	if a == Unknown || a == Manual {
		out.needs = mine
	}
	if e.explain {
		node := d.describe(e.say, e)
		node.Answer, node.Facts = a, refs
		if !v.gap || len(refs) > 0 { // the bounds of a figure nobody stated are not what was found
			node.Actual = d.actual(e, v, q)
		}
		switch {
		case out.needs != nil:
			for _, n := range mine.list {
				node.Asks = append(node.Asks, n.Key)
			}
			node.Turns = d.turn(e, mine)
		case d.kind == condCompare:
			node.Sum = e.sum(d.of)
		}
		node.Children = scoreNodes(e.say, e, quantity)
		out.node = node
	}
	if a == Unmet && !e.brief {
		if g := d.gap(e, v, q); g != nil {
			out.gaps = []Gap{*g}
			if out.node != nil {
				out.node.Gap = g
			}
		}
	}
	return out
}

// answered works the compared quantity out and compares it.
func (d *condition) answered(e *env, quantity expr, q qtype) (qval, Answer) {
	if q.root {
		return d.compound(e)
	}
	v := quantity.eval(e)
	a := answerOf(e, v, q, d.op, d.limit, d.noBase)
	if t, ok := quantity.(*termExpr); ok && q.kind == TypeCode && a == Unknown {
		_, year := 0, 0
		if t.at != nil {
			_, year = t.at.years(e)
		}
		e.needTerm(t.term, year) // known, but not to the digit that the list asks for
	}
	return v, a
}

// compound compares a compound growth rate.
func (d *condition) compound(e *env) (qval, Answer) {
	before, now, years := d.of.(*callExpr).ends(e)
	v := qval{known: known{span: anything, gap: before.gap || now.gap, manual: before.manual || now.manual}}
	if before.span.hi.sign() <= 0 {
		v.noBase = true
		return v, v.baseless(d.noBase)
	}
	return v, compound(before.known, now.known, d.limit.figure(e), years, d.op, d.noBase)
}

// mayLeave says whether the condition may turn out not to apply.
func (d *condition) mayLeave() bool {
	switch {
	case d.guard != nil:
		return true
	case d.kind == condName:
		return d.def.cond.mayLeave()
	}
	return d.kind == condGroup && !slices.ContainsFunc(d.parts, func(p *condition) bool { return !p.mayLeave() })
}

func (d *condition) group(e *env) outcome {
	var t tally
	out := outcome{}
	var node *Node
	if e.explain {
		node = d.describe(e.say, e)
		node.Children = make([]*Node, 0, len(d.parts))
	}
	unknown, manual := e.wanted(), e.wanted()
	var gaps []Gap
	for _, part := range d.parts {
		o := part.evaluate(e)
		a := o.answer
		if d.word == "none" {
			a = a.negate()
			if o.answer == Met && !e.brief {
				o.gaps = []Gap{{Condition: part.words(e.say), Short: e.say.say(&pShouldNotBe), Moves: []string{}}}
			} else {
				o.gaps = nil
			}
		}
		t.add(a)
		switch a {
		case Unknown:
			unknown.addAll(o.needs)
		case Manual:
			manual.addAll(o.needs)
		case Unmet:
			if gaps == nil {
				gaps = o.gaps
			} else {
				gaps = append(gaps, o.gaps...)
			}
		}
		if d.word == "none" && o.node != nil { // that it is not so is what is wanted
			o.node.Answer, o.node.Gap, o.node.Threshold, o.node.Turns = a, nil, "", ""
			o.node.Read = e.say.say(&pNotSo, o.node.Read)
			if o.node.Text != "" {
				o.node.Text = e.say.say(&pNotSo, o.node.Text)
			}
		}
		if node != nil && o.node != nil {
			node.Children = append(node.Children, o.node)
		}
	}
	n := t.operands()
	switch d.word {
	case "any":
		n = min(1, t.operands())
	case "at_least":
		n, t.leave = d.n, slices.ContainsFunc(d.parts, (*condition).mayLeave)
	}
	out.answer = t.decide(n)
	switch out.answer {
	case Unknown:
		unknown.addAll(manual)
		out.needs = unknown
	case Manual:
		if t.met+t.unknown >= n { // the missing facts alone may settle it, and nobody need judge
			manual.addAll(unknown)
		}
		out.needs = manual
	case Unmet:
		out.gaps = gaps
	}
	if node != nil {
		node.Answer = out.answer
		out.node = node
	}
	return out
}

// ---- reading back ----

// words is how a failing condition is named: the document's wording to those who read Chinese, else the language's sentence.
func (d *condition) words(r *reader) string {
	if d.text != "" && r.lang == Chinese {
		return d.text
	}
	return d.says(r)
}

// says is the condition's sentence.
func (d *condition) says(r *reader) string {
	if r.lang == Chinese && d.sentence != "" {
		return d.sentence
	}
	return d.read(r)
}

func (d *condition) read(r *reader) string {
	var s string
	switch d.kind {
	case condGroup:
		switch d.word {
		case "all":
			return r.say(&pAll)
		case "any":
			return r.say(&pAny)
		case "none":
			return r.say(&pNone)
		}
		return r.say(&pSome, strconv.Itoa(len(d.parts)), strconv.Itoa(d.n))
	case condName:
		return r.word(d.def.name)
	case condJudge:
		s = r.say(&pJudged, r.word(d.judge), r.office(d.office))
	case condSee:
		s = r.say(&pSee, r.word(d.judge))
	case condHas:
		what := r.say(&pQuoted, r.word(d.has.kind.Name)+r.filter(d.has.filter))
		if d.plainHas() {
			s = r.say(&pHas, r.dated(d.has.kind, d.has.at, what))
		} else {
			s = r.say(&pHasCount, r.dated(d.has.kind, d.has.at, what), r.than(d.op, d.limit.read(r, d.has.typ())))
		}
	default:
		s = r.say(&pSentence, d.of.read(r), r.than(d.op, d.limit.read(r, d.of.typ())))
	}
	if d.guard != nil {
		s = r.say(&pCondIf, d.guard.says(r), s)
	}
	return s
}

func (r *reader) office(office string) string {
	if office == "" {
		return r.say(&pAuthority)
	}
	return r.word(office)
}

var condNames = [...]string{condGroup: "", condCompare: "compare", condHas: "has", condJudge: "judge", condName: "name", condSee: "see"}

// describe is the condition as a person reads it, not answered. Without an environment the children are described too.
func (d *condition) describe(r *reader, e *env) *Node {
	n := &Node{Kind: condNames[d.kind], Text: d.text, Read: d.says(r), Cite: d.cite, Office: r.word(d.office), Interpretation: d.interp}
	if d.kind == condGroup {
		n.Kind = d.word
	}
	if d.limit != nil && !d.plainHas() {
		n.Threshold = d.than(r, e)
	}
	if e == nil {
		if d.guard != nil {
			g := d.guard.describe(r, nil)
			g.Kind = "guard"
			n.Children = append(n.Children, g)
		}
		if d.kind == condName {
			inner := d.def.cond.describe(r, nil)
			if inner.Text == "" {
				inner.Text = r.word(d.def.name)
			}
			return inner
		}
		for _, p := range d.parts {
			n.Children = append(n.Children, p.describe(r, nil))
		}
		if d.of != nil {
			n.Children = append(n.Children, scoreNodes(r, nil, d.of)...)
		}
	}
	return n
}

// than is the threshold as a person reads it; with a party, a named one is told by its figure.
func (d *condition) than(r *reader, e *env) string {
	if e != nil && d.limit.named != nil {
		if t, ok := d.limit.number(e); ok {
			return r.than(d.op, r.num(t, d.quantityType().unit, 4))
		}
	}
	if r.lang == Chinese && d.threshold != "" {
		return d.threshold
	}
	return r.than(d.op, d.limit.read(r, d.quantityType()))
}

// plainHas says whether the condition only asks that there is a record at all.
func (d *condition) plainHas() bool {
	return d.kind == condHas && d.op == "at_least" && d.limit.named == nil && d.limit.num.Cmp(intNum(1)) == 0
}

func (d *condition) quantityType() qtype {
	if d.has != nil {
		return d.has.typ()
	}
	return d.of.typ()
}

// actual is what was found, written so that it never looks like the threshold it misses.
func (d *condition) actual(e *env, v qval, q qtype) string {
	switch {
	case d.kind == condHas:
		if v.span.lo.sign() > 0 {
			if n := v.span.lo.v; d.limit.num.Cmp(intNum(1)) > 0 {
				return e.say.num(n, "项", 4)
			}
			return e.say.say(&pThere)
		}
		if v.span.hi.sign() == 0 {
			if _, _, n := e.nearest(d.has); n > 0 {
				return e.say.say(&pNoneCounts, e.say.num(intNum(int64(n)), "项", 4))
			}
			return e.say.say(&pNotThere)
		}
		return ""
	case v.noBase && !v.gap:
		return d.baseless(e.say)
	case q.root:
		return ""
	case q.kind == TypeWord || q.kind == TypeBool || q.kind == TypeCode:
		if v.any {
			return ""
		}
		if q.kind == TypeBool && len(v.words) == 1 {
			return e.say.yesNo(v.words[0])
		}
		return e.say.words(v.words, &pOr)
	}
	one := func(b bound) string {
		if b.inf != 0 {
			return ""
		}
		if q.kind == TypeLevel {
			if i, ok := b.v.Int64(); ok && i >= 0 && int(i) < len(q.options) {
				return e.say.word(q.options[i])
			}
			return e.say.say(&pNotThere)
		}
		if q.kind == TypeDate {
			i, _ := b.v.Int64()
			return Date(i).String()
		}
		if d.limit != nil {
			if t, ok := d.limit.number(e); ok {
				return e.say.beside(b.v, q.unit, t)
			}
		}
		return e.say.num(b.v, q.unit, 2)
	}
	if v.span.exact() {
		return one(v.span.lo)
	}
	lo, hi := one(v.span.lo), one(v.span.hi)
	switch {
	case lo != "" && hi != "":
		return lo + "—" + hi
	case lo != "" && v.span.lo.sign() > 0:
		return e.say.say(&pNoLessThan, lo)
	case hi != "":
		return e.say.say(&pNoMoreThan, hi)
	}
	return ""
}
