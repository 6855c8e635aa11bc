package policy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// example is one worked example of a scheme, with its arithmetic in the comment above it.
type example struct {
	at          node
	comment     string
	on          Date
	performance int
	batch       string
	given       []entry
	labels      []string // of given, with years as numbers
	expect      []entry
	facts       *Facts
	round       *roundExample // nil: of one party
}

// mostListed is how many facts a problem names: a long rating reads dozens.
const mostListed = 8

func listed(keys []string) string {
	switch {
	case len(keys) == 0:
		return "无"
	case len(keys) > mostListed:
		return strings.Join(keys[:mostListed], "、") + " 等" + strconv.Itoa(len(keys)) + "项"
	}
	return strings.Join(keys, "、")
}

func (x *example) view() ExampleView {
	v := ExampleView{Comment: x.comment, Given: []string{}, Expect: []string{}}
	if x.batch != "" {
		v.Given = append(v.Given, batchWord+"："+x.batch)
	}
	for i, g := range x.given {
		v.Given = append(v.Given, x.labels[i]+"："+flat(g.value))
	}
	if x.round != nil {
		for _, e := range x.at.get("round").entries() {
			label := map[string]string{"id": "批次", "claims": "申报", "history": "此前的奖补", "funds": "预算", "given": "共同的数据"}[e.key]
			for _, item := range e.value.oneOrMore() {
				v.Given = append(v.Given, label+"："+flat(item))
			}
		}
	}
	for _, w := range x.expect {
		text := flat(w.value)
		if w.key == "answer" {
			if a, ok := ParseAnswer(text); ok {
				text = a.Label()
			}
		}
		label := map[string]string{"answer": "结果", "amount": "金额", "potential": "补充信息后可达", "gap": "差距", "cut_by": "封顶", "level": "等级", "ask": "需补充",
			"pay": "支付", "payee": "付给", "funds": "资金", "amounts": "各件金额", "total": "合计", "open": "未定", "granted": "获得", "cuts": "逐级核减",
			"note": "说明", "why": "未定的原因", "refused": "不能结算"}[w.key]
		if label == "" {
			label = w.key
		}
		v.Expect = append(v.Expect, label+"："+strings.NewReplacer("up to ", "最高", "at least ", "不低于").Replace(text))
	}
	return v
}

// flat writes a node on one line.
func flat(n node) string {
	var parts []string
	switch {
	case n.isText():
		return n.text()
	case n.isMap():
		for _, e := range n.entries() {
			parts = append(parts, e.key+" "+flat(e.value))
		}
		return strings.Join(parts, "，")
	}
	for _, item := range n.items() {
		parts = append(parts, flat(item))
	}
	return strings.Join(parts, "；")
}

// examples reads the examples of a scheme; they are run by CheckExamples.
func (sc *scope) examples(n node, s *Scheme) []example {
	if !n.is() {
		return nil
	}
	c := sc.c
	if !n.isList() {
		c.errorAt(n, "examples: 应是一列例子，每个以“- ”开头。")
		return nil
	}
	var out []example
	for _, item := range n.items() {
		c.keys(item, "example")
		x := example{at: item, comment: item.comment(), batch: item.get("batch").text(), given: item.get("given").entries(), expect: item.get("expect").entries()}
		year := func(key string) int {
			v := item.get(key)
			if !v.is() {
				return 0
			}
			y, err := strconv.Atoi(v.text())
			if err != nil || y < firstYear || y > lastYear {
				c.errorAt(v, "%s 应是%s。", key, oneYear)
				return 0
			}
			return y
		}
		p, a := year("P"), year("A")
		x.performance = p
		if p == 0 {
			p = sc.doc.info.Performance
		}
		switch on := item.get("on"); {
		case on.is():
			d, err := ParseDate(on.text())
			if err != nil {
				c.errorAt(on, "%s。", err.Error())
			}
			x.on = d
		case a != 0:
			x.on = NewDate(a, 6, 30)
		case p != 0:
			x.on = NewDate(p+1, 6, 30)
		case !sc.doc.info.InForce.IsZero():
			x.on = sc.doc.info.InForce.First
		case item.get("P").is() || item.get("A").is(): // named already
			continue
		default:
			c.errorAt(item, "请写 P:（兑现年度）、A:（申报年度）或 on:（评价日期）。")
			continue
		}
		if p == 0 {
			p = x.on.Year() - 1
		}
		if len(x.expect) == 0 {
			c.errorAt(item, "例子请写 expect:，手算的结果。")
		}
		if x.comment == "" {
			c.warnAt(item, lintWorking, "请在例子上一行用 #= 写出手算过程。")
		}
		if r := item.get("round"); r.is() {
			if item.get("given").is() {
				c.errorAt(item.get("given"), "批次的例子请把 given: 写在 round: 里面。")
			}
			x.round = sc.roundExample(r, s, &x, p)
		}
		x.facts = NewFacts(c.lib.vocabulary)
		for _, g := range x.given {
			key := sc.given(x.facts, g, p, x.on.Year())
			if term, year, dated := strings.Cut(key, "@"); dated {
				key = year + "年" + term
			}
			x.labels = append(x.labels, key)
		}
		out = append(out, x)
	}
	return out
}

var exampleYear = regexp.MustCompile(`^([PA])\s*([+-]\s*\d{1,2})?$`)

// fullReceived writes received(C1) as received(document/C1) where C1 is a scheme of this document or one that it reissues.
func (sc *scope) fullReceived(key string) string {
	if inner, ok := strings.CutPrefix(key, "received("); ok {
		name := strings.TrimSuffix(inner, ")")
		for doc := sc.doc; doc != nil; doc = doc.parent {
			if sc.c.lib.index[doc.ID+"/"+name].is() {
				return "received(" + doc.ID + "/" + name + ")"
			}
		}
	}
	return key
}

// given puts one line of an example into its facts, and returns its key with the year as a number.
func (sc *scope) given(f *Facts, g entry, p, a int) string {
	c := sc.c
	key := g.key
	if term, period, dated := strings.Cut(key, "@"); dated && !strings.HasPrefix(key, "received(") {
		period = strings.TrimSpace(period)
		if m := exampleYear.FindStringSubmatch(period); m != nil {
			base := p
			if m[1] == "A" {
				base = a
			}
			off, _ := strconv.Atoi(strings.ReplaceAll(strings.TrimPrefix(m[2], "+"), " ", ""))
			key = term + "@" + strconv.Itoa(base+off)
		} else if len(period) != 4 || strings.Trim(period, "0123456789") != "" {
			w := sc.period(g.at, period)
			if w == nil {
				return key
			}
			if !w.singleYear() {
				c.errorAt(g.at, "例子里的期间应只有一年，例如 %s@P-1 或 %s@2024。", term, term)
				return key
			}
			base := p
			if w.base == 'A' {
				base = a
			}
			key = term + "@" + strconv.Itoa(base+w.to)
		}
	}
	key = sc.fullReceived(key)
	for _, item := range g.value.items() {
		if times, err := strconv.Atoi(item.get("times").text()); err == nil && !c.repeat(item, times) {
			return key
		}
	}
	tell := func(at node, message string) { c.errorAt(at, "%s：%s", clip(g.key), message) }
	if err := f.setNode(key, g.value, Source{}, tell); err != nil {
		at := g.value
		if !at.is() {
			at = g.at
		}
		c.errorAt(at, "%s：%s", clip(g.key), sentence(err))
	}
	return key
}

// setNode adds a line of a facts file whose value may also be a list of records; what is wrong with a record is told where it stands.
func (f *Facts) setNode(key string, v node, src Source, tell func(at node, message string)) error {
	if v.isText() {
		return f.Set(key, v.text(), src)
	}
	kind := f.vocab.Record(key)
	if kind == nil {
		return faultf("这里应写一个值；只有记录可以写成一列")
	}
	f.Cover(key, always)
	for i, item := range v.oneOrMore() {
		f.recordNode(kind, i+1, item, src, tell)
	}
	return nil
}

// recordNode adds the record that an item of a list says.
func (f *Facts) recordNode(kind *Record, number int, item node, src Source, tell func(at node, message string)) {
	wrong := false
	refuse := func(at node, err error) {
		wrong = true
		tell(at, fmt.Sprintf("第%d条：%s", number, sentence(err)))
	}
	if !item.isMap() {
		refuse(item, faultf("每条记录写作 {from: 日期, until: 日期, 栏目: 值}"))
		return
	}
	r, times := RecordFact{Fields: map[string]string{}, Source: src}, 1
	for _, e := range item.entries() {
		var err error
		switch e.key {
		case "from":
			r.From, err = ParseDate(e.value.text())
		case "until":
			r.Until, err = ParseDate(e.value.text())
		case "times":
			if times, err = strconv.Atoi(e.value.text()); err != nil || times < 1 || times > mostExampleClaims {
				err = faultf("times 应是1到%d之间的数，这么多条相同的记录", mostExampleClaims)
			}
		default:
			r.Fields[e.key] = e.value.text()
			_, err = f.vocab.fieldText(kind, e.key, e.value.text())
		}
		if err != nil {
			refuse(e.value, err)
		}
	}
	if wrong {
		return
	}
	if times > 1 && len(f.records[kind.Name])+times > 10*mostExampleClaims {
		refuse(item, faultf("同一类记录最多%d条", 10*mostExampleClaims))
		return
	}
	for range times {
		if err := f.Record(kind.Name, r); err != nil {
			refuse(item, err)
			return
		}
	}
}

// CheckExamples runs every worked example; each disagreement is an error at the example.
func (l *Library) CheckExamples() []Problem { return l.runExamples(nil) }

func (l *Library) runExamples(seen *seen) []Problem {
	c := &checker{lib: l, watch: seen}
	for _, s := range l.schemes {
		for i := range s.examples {
			s.check(c, &s.examples[i])
		}
	}
	return c.ps.sorted()
}

func (s *Scheme) check(c *checker, x *example) {
	if x.round != nil {
		s.checkRound(c, x)
		return
	}
	q := Question{Facts: x.facts, On: x.on, Performance: x.performance, Batch: x.batch, seen: c.watch}
	r := s.Evaluate(q)
	sc := &scope{c: c, doc: s.doc}
	wrong := func(e entry, want, got string) {
		var missing []string
		for _, n := range r.Missing {
			missing = append(missing, n.Key)
		}
		if len(missing) > 0 && e.key != "ask" {
			got += "；还缺 " + listed(missing)
		}
		got = strings.ReplaceAll(got, ",", "") // as the file would write it
		c.errorAt(e.value, "例子与计算不符：%s 应为 %s，算出的是 %s。", e.key, want, got)
	}
	// As the amount of an example, what it is paid in is before limits: those are settled in a round.
	paid := func() []Payment { return s.payable(chinese, r.Amount, false, nil, q) }
	for _, e := range x.expect {
		want := e.value.text()
		switch e.key {
		case "answer":
			if want != r.Answer.String() {
				wrong(e, want, r.Answer.String())
			}
		case "amount":
			s.checkAmount(c, e, r.Amount, wrong)
		case "potential":
			s.checkAmount(c, e, r.Potential, wrong)
		case "level":
			if got := r.Level.text(); want != got {
				wrong(e, want, got)
			}
		case "cut_by":
			cut := r.Amount.CutBy
			if cut == "" {
				cut = r.Potential.CutBy
			}
			if n, u, ok := c.lib.vocabulary.units.number(want); want == "none" && cut != "" || want != "none" && (!ok || formatNum(n, u, 4) != cut) {
				wrong(e, want, cmp.Or(cut, "none（没有被削减）"))
			}
		case "gap":
			var all []string
			for _, g := range r.Gaps {
				all = append(all, g.distances...)
			}
			if n, u, ok := c.lib.vocabulary.units.number(want); !ok || !slices.Contains(all, chinese.distance(n, u)) {
				wrong(e, want, strings.Join(all, "、"))
			}
		case "ask":
			var want, got []string
			for _, item := range e.value.oneOrMore() {
				want = append(want, sc.fullReceived(item.text()))
			}
			for _, n := range r.Missing {
				got = append(got, n.Key)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				if len(want) > mostListed || len(got) > mostListed { // of long lists only where they differ
					both := func(key string) bool { return slices.Contains(want, key) && slices.Contains(got, key) }
					want, got = slices.DeleteFunc(slices.Clone(want), both), slices.DeleteFunc(slices.Clone(got), both)
				}
				wrong(e, listed(want), listed(got))
			}
		case "pay":
			sc.checkPay(e, paid(), func(_ node, _, want, got string) { wrong(e, want, got) })
		case "funds":
			sc.checkFunds(e, paid(), func(_ node, _, want, got string) { wrong(e, want, got) })
		case "payee":
			got := ""
			if len(r.Payments) > 0 {
				got = r.Payments[0].Payee
			}
			if want != got {
				wrong(e, want, got)
			}
		default:
			s.checkNamed(c, sc, x, e, wrong)
		}
	}
}

// checkAmount compares an expected sum, written as in a file, with what came out.
func (s *Scheme) checkAmount(c *checker, e entry, got Amount, wrong func(entry, string, string)) {
	want := e.value.text()
	if want == "none" || want == "无" {
		if got.Kind != NoAmount {
			wrong(e, want, got.Text)
		}
		return
	}
	l, ok, err := c.lib.vocabulary.units.parseLiteral(want)
	if err != nil || !ok || !l.manual && l.unit != unitMoney {
		c.errorAt(e.value, "应写金额，例如 4500元 或 up to 4500元。")
		return
	}
	if l.manual {
		if got.Kind != ManualAmount {
			wrong(e, want, got.Text)
		}
		return
	}
	low, _ := fenOf(l.low, "down")
	high, _ := fenOf(l.high, "down")
	kind := Exact
	switch {
	case l.upTo && high > 0:
		kind = Ceiling
	case low != high:
		kind = Range
	}
	if l.atLeast {
		if !got.Open || got.Low != low || got.Kind != Range {
			wrong(e, want, fmt.Sprintf("%s（%s）", got.Text, got.Kind))
		}
		return
	}
	if got.Open || got.Low != low || got.High != high || got.Kind != kind {
		if strings.ContainsAny(want, "万亿") && low == high { // beside a figure in yuan
			want += "即 " + high.String()
		}
		wrong(e, want, fmt.Sprintf("%s（%s）", got.Text, got.Kind))
	}
}

// checkNamed compares a defined value: 创新型评分: 65分 to 75分.
func (s *Scheme) checkNamed(c *checker, sc *scope, x *example, e entry, wrong func(entry, string, string)) {
	def := sc.definition(e.at, e.key)
	if def == nil || def.value == nil {
		c.errorAt(e.at, "expect 中没有“%s”这一项%s", clip(e.key), suggest(e.key, append(sc.definedNames(), "answer", "amount", "potential", "gap", "level", "cut_by", "ask", "pay", "payee", "funds")))
		return
	}
	env := s.env(Question{Facts: x.facts, On: x.on, Performance: x.performance, Batch: x.batch, seen: c.watch})
	q := def.value.score(env, "")
	l, ok, err := c.lib.vocabulary.units.parseLiteral(e.value.text())
	if err != nil || !ok {
		c.errorAt(e.value, "应写一个值，例如 75分 或 65分 to 75分。")
		return
	}
	if l.atLeast && q.span.lo == at(l.low) && q.span.hi.inf > 0 {
		return
	}
	if q.span.lo.inf != 0 || q.span.hi.inf != 0 || q.span.lo.v.Cmp(l.low) != 0 || q.span.hi.v.Cmp(l.high) != 0 {
		wrong(e, e.value.text(), env.show(given{lo: q.span.lo, hi: q.span.hi}, def.value.unit))
	}
}
