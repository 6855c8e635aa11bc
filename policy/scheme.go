package policy

import (
	"slices"
	"strings"
)

// Scheme is one item that a party can receive: an award, a recognition, a rating, a licence, a support.
type Scheme struct {
	id, key   string
	doc       *Document
	parent    string // the scheme it reissues
	successor string
	sameAs    []string
	family    []string

	title, cite, office, text string
	subject, kind, valid      string
	process                   string
	industries, sizes         []string
	require                   *condition
	amount                    *value
	grants                    string
	grant                     *Grant
	level                     *ladder
	limits                    []limit
	outcomes                  []string      // the schemes whose outcomes it reads
	held                      []*roundLimit // limits of one party that count the scheme, whichever scheme of its document states them
	pay                       []instalment
	payee                     string
	earmark                   []string // what the money may be used for alone; none: anything
	fundParts                 []fundPart
	interp                    *Interpretation
	own                       bool // reads figures or records of its subject
	examples                  []example
	at                        node
}

// ID is document/scheme, for life.
func (s *Scheme) ID() string { return s.id }

// Document that the scheme stands in.
func (s *Scheme) Document() *Document { return s.doc }

// Title of the scheme.
func (s *Scheme) Title() string { return s.title }

// Subject is the kind of party or thing one claim is made for: 企业, 项目, 产品 …
func (s *Scheme) Subject() string { return s.subject }

// Kind is money, recognition, honour, rating, licence, penalty, support or duty.
func (s *Scheme) Kind() string { return s.kind }

// Office is the department in charge.
func (s *Scheme) Office() string { return s.office }

// Cite is the clause.
func (s *Scheme) Cite() string { return s.cite }

// Process is the id of the process that its document, or it itself, says it is handled by; empty: whoever opens a round chooses.
func (s *Scheme) Process() string { return s.process }

// Family are the ids of the scheme in all its issues, its own among them.
func (s *Scheme) Family() []string {
	if len(s.family) == 0 {
		return []string{s.id}
	}
	return slices.Clone(s.family)
}

var schemeKinds = []string{"money", "recognition", "honour", "rating", "licence", "penalty", "support", "duty"}

// source is a scheme's node with the ones it reissues behind it: the first that has a key gives it.
type source []node

func (n source) get(key string) node {
	for i, x := range n {
		if i > 0 && (key == "examples" || key == "from" || key == "same_as" || key == "cite") {
			break
		}
		if v := x.get(key); v.is() {
			return v
		}
	}
	return node{}
}

func (c *checker) readSchemes(d *Document) {
	sc := &scope{c: c, doc: d}
	if common := d.root.get("common"); common.is() {
		d.common = sc.condition(common)
	}
	list := d.root.get("schemes")
	if list.is() && !list.isMap() {
		c.errorAt(list, "schemes: 应写“条款号: 内容”。")
	}
	for _, e := range list.entries() {
		if s := sc.scheme(e); s != nil {
			d.schemes = append(d.schemes, s)
			c.lib.byScheme[s.id] = s
		}
	}
	c.used[d] = map[string]bool{}
	for name := range d.definitions {
		c.used[d][name] = true
	}
	sc.checkOverrides()
	for doc := d; doc != nil; doc = doc.parent { // also what no scheme uses must be right, and nothing is compiled later
		for _, e := range doc.root.get("define").entries() {
			sc.definition(e.at, e.key)
		}
	}
}

func (sc *scope) scheme(e entry) *Scheme {
	c, d := sc.c, sc.doc
	switch {
	case !isName(e.key):
		c.errorAt(e.at, "条款号应以字母或汉字开头，只含字母、汉字、数字、下划线和“·”（不能有空格和“-”）。")
		return nil
	case !e.value.isMap():
		c.errorAt(e.at, "条款号后面应写条款的内容：title:、cite:、for:、kind: 等，每行一个。")
		return nil
	}
	c.keys(e.value, "scheme")
	s := &Scheme{id: d.ID + "/" + e.key, key: e.key, doc: d, at: e.value}
	src := source{e.value}
	for cur, seen := e.value, map[string]bool{s.id: true}; ; {
		from := cur.get("from")
		if !from.is() {
			break
		}
		id := from.text()
		next := c.lib.index[id]
		if !next.is() {
			c.errorAt(from, "没有条款“%s”，应写作 文件/条款%s", clip(id), suggest(id, sortedKeys(c.lib.index)))
			return nil
		}
		if seen[id] {
			c.errorAt(from, "from: 绕了一圈又回到它自己。")
			return nil
		}
		if len(seen) == 1 {
			s.parent = id
			if parent := c.lib.byID[strings.SplitN(id, "/", 2)[0]]; parent != d && !descends(d, parent) {
				c.errorAt(from, "要沿用“%s”，请在本文件开头写 from: %s，期间和名称才能接续。", id, strings.SplitN(id, "/", 2)[0])
			}
		}
		sc.checkInherited(cur, id)
		seen[id] = true
		src = append(src, next)
		cur = next
	}
	words := func(key string) []string {
		var out []string
		for _, w := range src.get(key).oneOrMore() {
			out = append(out, w.text())
		}
		return out
	}
	for _, w := range src.get("same_as").oneOrMore() {
		switch id := w.text(); {
		case id == s.id:
			c.errorAt(w, "same_as: 写的是这一条自己；请写以前的条款，例如 旧文件/条款。")
		case !c.lib.index[id].is():
			c.errorAt(w, "same_as: 中的条款“%s”不存在，应写作 文件/条款%s", clip(id), suggest(id, sortedKeys(c.lib.index)))
		}
	}
	s.sameAs, s.industries, s.sizes = words("same_as"), words("industries"), words("sizes")
	for _, w := range src.get("sizes").oneOrMore() {
		if CheckSize(c.lib.vocabulary, w.text()) != nil {
			c.errorAt(w, "词汇表没有声明这种企业规模%s", suggest(w.text(), c.lib.vocabulary.sizes))
		}
	}
	known := func(key string) string { // not_found is said in the file and shown as not known
		return strings.TrimPrefix(src.get(key).text(), notFound)
	}
	s.title, s.cite, s.office, s.text = src.get("title").text(), known("cite"), known("office"), src.get("text").text()
	if src.get("for").text() == Region {
		c.errorAt(src.get("for"), "地区不申报：for 请写一次申报的对象，例如 企业。")
	}
	s.subject, s.kind, s.valid = src.get("for").text(), src.get("kind").text(), src.get("valid").text()
	s.process = d.process
	if p := src.get("process"); p.is() {
		s.process = c.processNamed(p)
	}
	s.interp = c.interpretation(src.get("interpretation"))
	for _, must := range []struct{ key, hint string }{{"title", "条款的名称"}, {"for", "一次申报的对象，例如 企业"}, {"kind", "是什么，例如 money（资金）"}} {
		if src.get(must.key).text() == "" {
			c.errorAt(e.at, "请写 %s:，%s。", must.key, must.hint)
		}
	}
	if !src.get("cite").is() {
		c.errorAt(e.at, "请写 cite:，出自哪一条，例如 一(一)1；查不到的写 not_found。")
	}
	if s.kind != "" && !slices.Contains(schemeKinds, s.kind) {
		c.errorAt(src.get("kind"), "kind 应为 money（资金）、recognition（认定）、honour（荣誉）、rating（评级）、licence（许可）、penalty（处罚）、support（其他支持）或 duty（应办的事）%s", suggest(s.kind, schemeKinds))
	}
	ok := true // everything is read, so that every mistake is named at once
	if r := src.get("require"); r.is() {
		s.require = sc.condition(r)
		ok = s.require != nil
	}
	switch a := src.get("amount"); {
	case a.is():
		if s.kind != "money" && s.kind != "penalty" {
			more := "其他支持请写 grants:。"
			if grantsRecord(s.kind) {
				more = "有奖金的请写成两条：这一条（kind: " + s.kind + "）授予，另一条（kind: money）给钱，以 require: {has: " + e.key + "@当年} 为条件。"
			}
			c.errorAt(a, "只有 money 和 penalty 写 amount:；%s", more)
		}
		if s.amount = sc.value(a); s.amount == nil {
			ok = false
			break
		}
		if s.amount.columns != nil || s.amount.unit != unitMoney && s.amount.unit != anyUnit {
			c.errorAt(a, "amount 的单位应是元，这里是%s。", unitName(s.amount.unit))
			ok = false
		}
	case s.kind == "money" || s.kind == "penalty":
		c.errorAt(e.at, "资金类条款请写 amount:，给多少；一事一议的写 amount: manual。")
		ok = false
	}
	if s.valid != "" {
		if _, _, right := readTerm(s.valid); !right {
			c.errorAt(src.get("valid"), "valid: 应写多久有效，例如 3年、18个月或 90日。")
		}
	}
	g := src.get("grants")
	if g.is() {
		c.keys(g, "grants")
	}
	if grantsRecord(s.kind) {
		s.grant = c.grantOf(g, s)
		if a := g.get("amount"); a.is() {
			c.errorAt(a, "认定、荣誉、评级和许可的 grants: 不写 amount:。")
		}
	} else {
		for _, key := range []string{"record", "fields", "number", "shows", "masks", "series"} {
			if x := g.get(key); x.is() {
				c.errorAt(x, "只有认定、荣誉、评级和许可（recognition、honour、rating、licence）的 grants: 写 %s:。", key)
			}
		}
		s.grants = g.get("what").text() + g.get("amount").text()
	}
	if l := src.get("level"); l.is() {
		if s.level = sc.ladder(l, s); s.level == nil {
			ok = false
		} else if floor := s.level.floor(sc); floor != nil && s.require != nil {
			s.require = &condition{at: s.require.at, kind: condGroup, word: "all", parts: []*condition{s.require, floor}, sentence: pAll[Chinese]}
		} else if floor != nil {
			s.require = floor
		}
	}
	s.limits = sc.limits(src.get("limits"), s)
	s.pay, s.payee, s.fundParts = sc.pay(src.get("pay")), src.get("payee").text(), sc.fundParts(src.get("funds"))
	s.earmark = words("earmark")
	for _, key := range []string{"pay", "payee", "earmark", "funds"} {
		if n := src.get(key); n.is() && s.kind != "money" {
			c.errorAt(n, "只有 money（资金）写 %s:。", key)
		}
	}
	if s.amount != nil {
		sc.lintModality(s)
	}
	s.examples = sc.examples(src.get("examples"), s)
	if s.kind == "money" && len(s.examples) == 0 {
		c.errorAt(e.at, "资金类条款至少写一个 examples:，并在上一行的注释中写出手算过程。")
	}
	if !ok {
		return nil
	}
	return s
}

func descends(d, from *Document) bool {
	for p := d.parent; p != nil; p = p.parent {
		if p == from {
			return true
		}
	}
	return false
}

// performance is the year P of an evaluation, and whether the document itself fixes it.
func (s *Scheme) performance(q Question) (int, bool) {
	if p := s.doc.info.Performance; p != 0 {
		return p, true
	}
	if q.Performance != 0 {
		return q.Performance, true
	}
	return q.On.Year() - 1, false
}

func (s *Scheme) env(q Question) *env {
	p, fixed := s.performance(q)
	e := &env{scheme: s, seen: q.seen, f: q.Facts, on: q.On, p: p, batch: q.Batch, fixedP: fixed, explain: q.Explain, brief: q.Brief && !q.Explain}
	e.say = &reader{lang: q.Lang, doc: s.doc, e: e}
	s.doc.turns(e)
	return e
}

// Evaluate answers the scheme for one party. It never fails: what is missing is unknown.
func (s *Scheme) Evaluate(q Question) *Result { return s.evaluate(q, nil) }

// evaluate also notes the caps of the clause itself that cut, if asked to.
func (s *Scheme) evaluate(q Question, cuts *[]Cut) *Result {
	e := s.env(q)
	e.cuts = cuts
	r := &Result{Scheme: s.id, Standing: s.doc.StandingOn(q.On), Performance: e.p, Missing: []Need{}, Gaps: []Gap{}}
	if d := &s.doc.info; r.Standing == InForce && q.On < d.InForce.Last {
		r.Doubt = e.say.say(&pBeginsWithin, d.InForce.In(q.Lang), d.InForce.First.String())
	}
	out := s.required(e)
	r.Answer, r.Reasons = out.answer, out.node
	missing := e.wanted()
	if r.Answer == Unknown || r.Answer == Manual {
		missing.addAll(out.needs)
	}
	none := e.say.say(&pNothing)
	r.Amount, r.Potential = Amount{Kind: NoAmount, Text: none}, Amount{Kind: NoAmount, Text: none}
	r.Gaps = append(r.Gaps, out.gaps...)
	if s.amount != nil && (r.Answer == Met || r.Answer == Unknown || r.Answer == Manual) {
		s.evaluateAmount(e, r, missing)
	}
	if missing != nil && (r.Answer == Met || r.Answer == Unknown || r.Answer == Manual) {
		for _, t := range s.counted() { // without it the claim cannot be counted, and waits
			year := 0
			if t.Yearly() {
				year = e.p
			}
			if len(q.Facts.values[valueKey{t, year}]) == 0 {
				n := termNeed(t, year)
				missing.add(&n)
			}
		}
	}
	if s.level != nil && (r.Answer == Met || r.Answer == Unknown || r.Answer == Manual) {
		r.Level = s.level.level(e, missing)
	}
	if missing != nil {
		if r.Answer == Met || r.Answer == Unknown || r.Answer == Manual {
			r.hangs = s.hanging(q)
			for _, h := range r.hangs {
				if h.sum { // what an instalment comes to has to be known before it is paid; when it falls due shows later
					missing.add(&h.need)
				}
			}
		}
		r.Missing = missing.values()
	}
	if !e.brief && (r.Answer == Met || r.Answer == Unknown || r.Answer == Manual) {
		if r.Left = s.leaves(e, q); r.Left != nil {
			r.Left.Due, r.Left.Reach = r.Left.cut(e.say, r.Amount), r.Left.cut(e.say, r.Potential)
		}
	}
	if !e.brief {
		owed, unsure := r.Amount, false
		if r.Undecided() != "" { // nor is what is paid of it, or recovered of an advance
			owed.Kind, owed.High, owed.Open, unsure = Range, r.Potential.High, r.Potential.Open, true
		}
		r.Payments = s.payable(e.say, owed, unsure, r.Left, q)
		for i := range s.limits {
			if s.limits[i].stage >= stageQuota {
				r.Shared = append(r.Shared, s.limits[i].read(e.say))
			}
		}
	}
	if (r.Answer == Unknown || r.Answer == Manual) && s.supposes(q.Facts) {
		r.Supposes = s.subject
	}
	r.Verified, r.Disputed, r.ChangesOn = !e.unverified, e.disputed, e.changes
	if q.Explain {
		r.TurnsOn = s.turnsOn(q, r)
	}
	if q.Explain && q.Changes && r.Answer == Unmet {
		r.Changes = s.changes(q)
	}
	return r
}

// How far turnsOn looks ahead: so many years, longer than a certificate or a list is valid, and on so many days of them.
const (
	turnsWithin = 5
	mostTurns   = 60
)

// turnsOn is the first day on which time alone gives another answer or amount while the document is in force, found by evaluating on each day that
// may; zero: none. That the document itself begins or ends is told of the document.
func (s *Scheme) turnsOn(q Question, r *Result) Date {
	q.Explain, q.Changes, q.Brief, q.seen = false, false, true, nil
	last := q.On.AddMonths(12 * turnsWithin)
	day := r.ChangesOn
	for range mostTurns {
		if day == 0 || day > last {
			break
		}
		q.On = day
		then := s.Evaluate(q)
		if then.Standing == Expired && r.Standing != Expired {
			break
		}
		same := then.Level == r.Level || then.Level != nil && r.Level != nil && then.Level.Low == r.Level.Low && then.Level.High == r.Level.High
		if then.Answer != r.Answer || then.Amount != r.Amount || then.Potential != r.Potential || !same {
			return day
		}
		day = then.ChangesOn
	}
	return 0
}

// required joins the document's common conditions with the scheme's own.
func (s *Scheme) required(e *env) outcome {
	switch {
	case s.doc.common == nil && s.require == nil:
		return outcome{answer: Met}
	case s.doc.common == nil:
		return s.require.evaluate(e)
	case s.require == nil:
		return s.doc.common.evaluate(e)
	}
	both := condition{kind: condGroup, word: "all", parts: []*condition{s.doc.common, s.require}, sentence: pAll[Chinese]}
	return both.evaluate(e)
}

func (s *Scheme) evaluateAmount(e *env, r *Result, missing *needs) {
	wanted := e.wanted()
	e.needs = wanted
	if e.explain {
		e.lines, e.refs = &r.Working, &r.Rests
	}
	worse := s.amount.compute(e, "").owing()
	if e.lines != nil {
		e.workRound(worse)
	}
	e.lines, e.refs, e.cuts = nil, nil, nil
	best, gap := worse, e.incomplete
	if gap {
		e.better = true
		best = s.amount.compute(e, "").owing()
		e.better = false
	}
	e.needs = nil
	if best.refuses() { // no row can be reached: the clause gives nothing
		r.Working = nil
		r.Answer = Unmet
		var why []Gap
		if !e.brief {
			missing.list = nil
			why = s.amount.refusal(e)
			r.Gaps = append(r.Gaps, why...)
		}
		if e.explain {
			n := s.amount.node(e.say, e, "")
			n.Answer, n.Actual = Unmet, "" // that it comes to nothing is no figure that was found
			if len(why) > 0 {
				n.Gap = &why[0]
			}
			r.Reasons = joinReasons(e.say, r.Reasons, n)
		}
		return
	}
	if gap {
		missing.addAll(wanted)
	}
	if worse.refuses() && r.Answer == Met {
		r.Answer = Unknown
	}
	if worse.refuses() && e.explain {
		n := s.amount.node(e.say, e, "")
		n.Answer = Unknown
		r.Reasons = joinReasons(e.say, r.Reasons, n)
	}
	bound := gap && worse.hi.sign() == 0 && best.lo.sign() != 0
	if gap {
		best = best.potential(worse)
	}
	r.Potential = best.money(e.say, s.doc)
	// A bound of what is not known, not one that a document sets; and no row of a table goes from the lower end to the upper.
	if bound && r.Potential.Kind == Ceiling || best.mixed && r.Potential.Kind == Range && !r.Potential.Open {
		r.Potential.Text = e.say.say(&pNoMoreThan, e.say.fen(r.Potential.High))
	}
	if gap && r.Potential.Open && r.Potential.Low > 0 && worse.hi.inf == 0 { // what is not known has no bound; nobody is free to give more
		r.Potential.Text = e.say.say(&pNoLessThan, e.say.fen(r.Potential.Low))
	}
	if r.Answer == Met {
		r.Amount = worse.money(e.say, s.doc)
	} else {
		r.Working = nil
	}
}

func joinReasons(say *reader, reasons, more *Node) *Node {
	if reasons == nil {
		return more
	}
	if reasons.Kind == "all" {
		reasons.Children = append(reasons.Children, more)
	} else {
		reasons = &Node{Kind: "all", Read: say.say(&pAll), Children: []*Node{reasons, more}}
	}
	reasons.Answer = more.Answer
	return reasons
}
