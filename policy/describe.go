package policy

import (
	"slices"
	"sort"
)

// Describe is the scheme as a person who reads Chinese reads it, without a party.
func (s *Scheme) Describe() *Description { return s.DescribeIn(Chinese) }

// DescribeIn is the scheme as a person reads it, without a party. What the document says itself stays as published.
func (s *Scheme) DescribeIn(lang Lang) *Description {
	r := &reader{lang: lang, doc: s.doc}
	d := &Description{ID: s.id, Title: r.word(s.title), Document: s.doc.info, Cite: s.cite, Office: s.office, For: s.subject, Kind: s.kind, Text: s.text,
		Gives: []string{}, Limits: []string{}, Pays: []string{}, Valid: s.valid, Interpretations: []Interpretation{}, Examples: []ExampleView{}, Uses: []Need{},
		Industries: s.industries, Sizes: s.sizes, Succeeds: s.parent, SucceededBy: s.successor}
	if s.amount != nil {
		d.Gives = append(d.Gives, s.amount.read(r))
		s.amount.literals(0, false, func(l *literal, step bool) { d.Ceiling = d.Ceiling || !step && !l.atLeast && (l.upTo || !l.exact()) })
	}
	if s.grants != "" {
		d.Gives = append(d.Gives, r.word(s.grants))
	}
	switch s.kind {
	case "recognition", "honour", "rating", "licence":
		line := r.say(map[string]*phrase{"recognition": &pRecognised, "honour": &pHonoured, "rating": &pRated, "licence": &pLicensed}[s.kind], r.word(s.title))
		if s.valid != "" {
			line = r.say(&pValidFor, line, r.span(s.valid))
		}
		d.Gives = append(d.Gives, line)
		if s.grant != nil && s.grant.What != "" {
			d.Gives = append(d.Gives, s.grant.read(r)...)
		}
		if s.level != nil {
			d.Gives = append(d.Gives, s.level.read(r))
		}
	}
	for i := range s.limits {
		d.Limits = append(d.Limits, s.limits[i].read(r))
	}
	d.Pays = append(d.Pays, s.readPay(r)...)
	switch {
	case s.doc.common != nil && s.require != nil:
		d.Conditions = (&condition{kind: condGroup, word: "all", parts: []*condition{s.doc.common, s.require}, sentence: pAll[Chinese]}).describe(r, nil)
	case s.require != nil:
		d.Conditions = s.require.describe(r, nil)
	case s.doc.common != nil:
		d.Conditions = s.doc.common.describe(r, nil)
	}
	s.interpretations(func(i *Interpretation) {
		for _, old := range d.Interpretations {
			if old == *i {
				return
			}
		}
		d.Interpretations = append(d.Interpretations, *i)
	})
	d.Allowed, d.Legacy = s.allowances(), s.legacy()
	for _, x := range s.examples {
		d.Examples = append(d.Examples, x.view())
	}
	d.Uses = append(d.Uses, s.uses()...)
	return d
}

// interpretations visits every choice of meaning in the scheme.
func (s *Scheme) interpretations(visit func(*Interpretation)) {
	w := &walker{onInterp: visit, seen: map[*definition]bool{}}
	if s.interp != nil {
		visit(s.interp)
	}
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	s.across(w)
	for i := range s.limits {
		if s.limits[i].interp != nil {
			visit(s.limits[i].interp)
		}
	}
	for i := range s.pay {
		if s.pay[i].interp != nil {
			visit(s.pay[i].interp)
		}
	}
	for i := range s.fundParts {
		if s.fundParts[i].interp != nil {
			visit(s.fundParts[i].interp)
		}
	}
}

// across visits what limits and instalments read.
func (s *Scheme) across(w *walker) {
	for i := range s.limits {
		l := &s.limits[i]
		w.value(l.most)
		for _, k := range []*orderKey{l.key, l.second} {
			if k != nil {
				w.expr(k.expr)
			}
		}
	}
	for i := range s.pay {
		w.value(s.pay[i].value)
		w.condition(s.pay[i].when)
	}
}

// counted are the terms that limits count a claim by.
func (s *Scheme) counted() []*Term {
	var out []*Term
	for i := range s.limits {
		for _, word := range s.limits[i].per {
			if t := s.doc.lib.vocabulary.terms[word]; t != nil && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// uses are all facts that the scheme can read, by evaluating it over no facts at all with every path open.
func (s *Scheme) uses() []Need {
	n := &needs{}
	w := &walker{seen: map[*definition]bool{}}
	p, _ := s.performance(Question{On: s.doc.info.InForce.First})
	if p < 1949 {
		p = 2000
	}
	e := &env{scheme: s, say: chinese, f: &Facts{vocab: nil}, on: max(s.doc.info.InForce.First, NewDate(p+1, 1, 1)), p: p, needs: n, fixedP: true}
	w.onExpr = func(x expr) { x.eval(e) }
	w.onJudge = func(c *condition) {
		n.add(&Need{Key: c.judge, Label: c.judge, Term: c.judge, Type: "judgement", Options: []string{"是", "否"}, Office: c.office})
	}
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	s.across(w)
	for _, t := range s.counted() {
		year := 0
		if t.Yearly() {
			year = p
		}
		x := termNeed(t, year)
		n.add(&x)
	}
	if s.level != nil {
		w.expr(s.level.by)
	}
	return n.values()
}

// walker visits every node of a scheme once, through the names it uses.
type walker struct {
	onInterp func(*Interpretation)
	onExpr   func(expr)
	onJudge  func(*condition)
	onCond   func(*condition)
	onValue  func(*value)
	onName   func(*definition)
	onNum    func(Num)
	seen     map[*definition]bool
}

func (w *walker) interp(i *Interpretation) {
	if i != nil && w.onInterp != nil {
		w.onInterp(i)
	}
}

func (w *walker) condition(c *condition) {
	if c == nil {
		return
	}
	w.interp(c.interp)
	if w.onCond != nil {
		w.onCond(c)
	}
	w.condition(c.guard)
	for _, p := range c.parts {
		w.condition(p)
	}
	if c.kind == condJudge && w.onJudge != nil {
		w.onJudge(c)
	}
	if c.def != nil {
		w.definition(c.def)
	}
	if c.has != nil {
		w.expr(c.has)
	}
	w.expr(c.of)
	w.threshold(c.limit)
}

func (w *walker) threshold(t *threshold) {
	switch {
	case t == nil:
	case t.named != nil:
		w.expr(t.named)
	case w.onNum != nil:
		w.onNum(t.num)
	}
}

func (w *walker) definition(d *definition) {
	if w.seen[d] {
		return
	}
	w.seen[d] = true
	w.condition(d.cond)
	w.value(d.value)
	if d.quantity != nil {
		w.expr(d.quantity.expr)
	}
}

func (w *walker) expr(x expr) {
	switch y := x.(type) {
	case nil:
		return
	case *nameExpr:
		if w.onName != nil {
			w.onName(y.def)
		}
		if w.onExpr != nil && y.def.floating {
			w.onExpr(y)
		}
		w.definition(y.def)
		return
	case *binExpr:
		w.expr(y.l)
		w.expr(y.r)
		return
	case *callExpr:
		if _, named := y.arg.(*nameExpr); named {
			w.expr(y.arg)
		}
	case *termExpr:
		if y.term.Yearly() && y.at == nil {
			return // read at the year of whoever uses the definition
		}
	case *fieldExpr:
		return
	}
	if w.onExpr != nil {
		w.onExpr(x)
	}
}

func (w *walker) value(v *value) {
	if v == nil {
		return
	}
	w.interp(v.interp)
	if w.onValue != nil {
		w.onValue(v)
	}
	w.condition(v.guard)
	w.expr(v.expr)
	w.threshold(v.beyond)
	w.threshold(v.upTo)
	if w.onNum != nil && v.lit != nil && !v.lit.manual {
		w.onNum(v.lit.low)
		w.onNum(v.lit.high)
	}
	if v.each != nil {
		w.expr(v.each)
	}
	w.value(v.give)
	for _, p := range v.parts {
		w.value(p)
	}
	for _, r := range v.allRows() {
		w.threshold(r.limit)
		w.value(r.value)
		for _, k := range sortedKeys(r.cells) {
			w.value(r.cells[k])
		}
	}
	for i := range v.steps {
		w.interp(v.steps[i].interp)
		w.condition(v.steps[i].guard)
		w.value(v.steps[i].value)
	}
}

// Ask lists the missing facts over many results, in the order that decides most: each fact earns, of every
// scheme in force it may decide, that scheme's potential money divided by the number of facts still missing.
func Ask(results []*Result) []Need {
	const worth = 10_000_000 // fen: what deciding a scheme is worth beside its money, so that recognitions count too
	score := map[string]float64{}
	byKey := map[string]*Need{}
	var order []string
	for _, r := range results {
		if r.Standing != InForce || len(r.Missing) == 0 || r.Answer == Unmet || r.Answer == NotApplicable {
			continue
		}
		gain := float64(worth)
		switch {
		case r.Supposes != "":
			gain = 0
		case !r.Potential.Open:
			gain += float64(r.Potential.High - r.Amount.High)
		}
		for _, n := range r.Missing {
			if byKey[n.Key] == nil {
				copied := n
				byKey[n.Key] = &copied
				order = append(order, n.Key)
			}
			byKey[n.Key].Schemes = append(byKey[n.Key].Schemes, r.Scheme)
			score[n.Key] += gain / float64(len(r.Missing))
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return score[order[i]] > score[order[j]] })
	out := make([]Need, 0, len(order))
	for _, k := range order {
		out = append(out, *byKey[k])
	}
	return out
}

// judgements visits what only a person can judge of a claim.
func (s *Scheme) judgements(visit func(*condition)) {
	w := &walker{seen: map[*definition]bool{}, onJudge: visit}
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	s.across(w)
}
