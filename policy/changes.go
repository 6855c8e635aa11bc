package policy

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What would have to change for a scheme that is not met to be met: ways beside each other, each complete in itself and each tried out by
// evaluating the scheme over facts that are changed so. A way is never added to another.

// Changes are the ways in which an unmet scheme could be met: those that still count for this application first, the cheapest of each first.
type Changes struct {
	Ways   []Way `json:"ways"`
	Others int   `json:"others,omitempty"` // further ways that are not listed
	Exact  bool  `json:"exact"`            // no way is cheaper than the first of its kind; false: there were too many to try

	lost bool // what was tried does not lead there
}

// Way is a set of steps that together suffice.
type Way struct {
	Steps  []Step   `json:"steps"`
	Cost   int      `json:"cost"`             // effort times extent, summed; only for sorting
	Past   bool     `json:"past,omitempty"`   // a year that is read is over: it cannot count for this application
	When   int      `json:"when,omitempty"`   // then the year of application from which it counts; 0: it takes a later document
	Unsure bool     `json:"unsure,omitempty"` // whether it suffices depends on what is not known or on a judgement
	Closed bool     `json:"closed,omitempty"` // some step is nothing that a firm can move
	Sums   []string `json:"sums,omitempty"`   // what each score comes to
}

// Step is one figure, record, fact or judgement of a way.
type Step struct {
	Kind string   `json:"kind" enum:"figure,word,record,fact,judgement,condition"`
	Key  string   `json:"key,omitempty"` // as in a facts file: 营业收入@2025
	Text string   `json:"text"`          // 2025年营业收入再增加1万元，达到11,000万元
	From string   `json:"from,omitempty"`
	To   string   `json:"to,omitempty"`
	By   string   `json:"by,omitempty"`
	Gain []string `json:"gain,omitempty"` // what it brings in a score, an indicator each
	Note string   `json:"note,omitempty"` // why it cannot be done, or from when it counts
	Cost int      `json:"cost"`

	move  move
	moved mover // of a figure
}

const (
	mostWays  = 6      // that are listed
	mostTried = 24     // combinations of ways that an `all` tries out
	mostJoint = 4096   // combinations of figures that several indicators share
	mostFront = 4000   // points a score may come to
	closedTo  = 10_000 // cost of a step that nobody can take
)

// move is a change of one lever: a figure or word that is set, or a record that is added.
type move struct {
	key     valueKey
	to      datum
	records []recordFact
	kind    *Record
	on      Date // to wait until then
}

func (m *move) lever() string {
	if m.on != 0 {
		return "@"
	}
	if m.kind != nil {
		return "." + m.kind.Name
	}
	if m.key.term == nil {
		return ""
	}
	return m.key.String()
}

// planner tries changes out over a copy of the facts.
type planner struct {
	s           *Scheme
	e           *env
	performance int // that the question asks for; 0: none
	exact       bool
}

func (s *Scheme) planner(q Question) *planner {
	q.Explain, q.Brief = false, true
	e := s.env(q)
	f := *q.Facts
	f.values, f.records, f.covered = maps.Clone(f.values), maps.Clone(f.records), maps.Clone(f.covered)
	e.f = &f
	return &planner{s: s, e: e, performance: q.Performance, exact: true}
}

// with evaluates something while moves are made.
func (p *planner) with(moves []move, do func()) {
	f := p.e.f
	type was struct {
		values  []valueFact
		records []recordFact
		has     bool
	}
	before := make([]was, len(moves))
	var wholes []func()
	on, year := p.e.on, p.e.p
	for i, m := range moves {
		if m.on > p.e.on {
			p.e.on = m.on
			p.e.p, _ = p.s.performance(Question{On: m.on, Performance: p.performance})
		}
		if m.kind != nil {
			before[i].records, before[i].has = f.records[m.kind.Name]
			f.records[m.kind.Name] = append(slices.Clone(before[i].records), m.records...)
		} else if m.key.term != nil {
			before[i].values, before[i].has = f.values[m.key]
			wholes = append(wholes, p.moveWholes(m, moves)...)
			f.values[m.key] = []valueFact{{datum: m.to, source: Source{Verified: true}}}
		}
	}
	do()
	p.e.on, p.e.p = on, year
	for i := len(wholes) - 1; i >= 0; i-- {
		wholes[i]()
	}
	for i := len(moves) - 1; i >= 0; i-- {
		switch m := moves[i]; {
		case m.kind != nil && before[i].has:
			f.records[m.kind.Name] = before[i].records
		case m.kind != nil:
			delete(f.records, m.kind.Name)
		case m.key.term != nil && before[i].has:
			f.values[m.key] = before[i].values
		case m.key.term != nil:
			delete(f.values, m.key)
		}
	}
}

// moveWholes moves what a figure is a part of by as much as the figure itself, unless a move of its own sets it; it returns what undoes that.
func (p *planner) moveWholes(m move, all []move) (undo []func()) {
	f := p.e.f
	have := f.values[m.key]
	if len(have) == 0 || m.key.term.Type != TypeNumber {
		return nil
	}
	by := m.to.num.Sub(bestFacts(have)[0].datum.num)
	for whole := m.key.term.partOf; whole != nil; whole = whole.partOf {
		k := valueKey{whole, m.key.year}
		list := f.values[k]
		if len(list) == 0 || slices.ContainsFunc(all, func(o move) bool { return o.key == k }) {
			continue
		}
		f.values[k] = []valueFact{{datum: datum{num: bestFacts(list)[0].datum.num.Add(by)}, source: Source{Verified: true}}}
		undo = append(undo, func() { f.values[k] = list })
	}
	return undo
}

func (w *Way) moves() []move {
	var out []move
	for _, s := range w.Steps {
		if s.move.lever() != "" {
			out = append(out, s.move)
		}
	}
	return out
}

func (p *planner) answer(d *condition) Answer { return d.evaluate(p.e).answer }

// changes finds the ways of the whole scheme.
func (s *Scheme) changes(q Question) *Changes {
	p := s.planner(q)
	root := s.required
	var ways []Way
	switch {
	case s.doc.common != nil && s.require != nil:
		both := &condition{kind: condGroup, word: "all", parts: []*condition{s.doc.common, s.require}}
		ways = p.ways(both)
	case s.require != nil:
		ways = p.ways(s.require)
	case s.doc.common != nil:
		ways = p.ways(s.doc.common)
	}
	if root(p.e).answer == Met && s.amount != nil {
		if wants := s.amount.wants(p.e); len(wants) > 0 {
			ways = p.ways(&condition{kind: condGroup, word: "all", parts: wants})
		}
	}
	ways = slices.DeleteFunc(ways, func(w Way) bool { return len(w.Steps) == 0 })
	out := &Changes{Ways: []Way{}}
	for i := range ways {
		w := &ways[i]
		p.settle(w)
		if w.Closed {
			continue
		}
		p.with(w.moves(), func() { // the proof: the scheme, evaluated over the changed facts
			switch root(p.e).answer {
			case Unmet, NotApplicable:
				w.Closed = true
			case Unknown, Manual:
				w.Unsure = true
			}
		})
	}
	tried := len(ways)
	ways = slices.DeleteFunc(ways, func(w Way) bool { return w.Closed && !w.blocked() }) // nobody is told of a way that does not lead there
	out.lost = tried > 0 && len(ways) == 0
	out.Exact = p.exact
	ways = distinct(ways)
	if most := len(ways); most > 0 && ways[0].Closed { // none leads there: the first says what stands in the way
		out.Others, ways = most-1, ways[:1]
	}
	if len(ways) > mostWays {
		out.Others = len(ways) - mostWays
		ways = ways[:mostWays]
	}
	out.Ways = append(out.Ways, ways...)
	return out
}

// settle sums a way up: its cost, from when it counts, whether it is sure.
func (p *planner) settle(w *Way) {
	w.Cost, w.When, w.Closed, w.Unsure, w.Past = 0, 0, false, false, false
	for i := range w.Steps {
		st := &w.Steps[i]
		w.Cost += st.Cost
		switch {
		case st.Kind == "fact" || st.Kind == "judgement" && st.Cost < closedTo:
			w.Unsure = true
		case st.Cost >= closedTo:
			w.Closed = true
		}
		w.When = max(w.When, p.when(st))
	}
	if w.Past = w.When != 0; p.s.doc.info.Performance != 0 {
		w.When = 0
	}
}

// counts is the year of application from which what changes now counts for a figure of that year; 0: it counts at once.
func (p *planner) counts(year int) int {
	now := p.e.on.Year()
	if year >= now {
		return 0
	}
	return now + now - year
}

// when is the year of application from which a step counts; 0: at once.
func (p *planner) when(st *Step) int {
	if st.move.key.year != 0 {
		return p.counts(st.move.key.year)
	}
	if len(st.move.records) == 0 || st.move.records[0].from == 0 || st.move.records[0].from.Year() >= p.e.on.Year() {
		return 0
	}
	return p.counts(st.move.records[0].from.Year())
}

// blocked says whether a step is nothing that a firm can move.
func (w *Way) blocked() bool {
	return slices.ContainsFunc(w.Steps, func(s Step) bool { return s.Cost >= closedTo })
}

// compareWays puts what still counts before a year that is over, and the cheaper first.
func compareWays(a, b Way) int {
	flag := func(x bool) int {
		if x {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(flag(a.Closed), flag(b.Closed)), cmp.Compare(flag(a.Past), flag(b.Past)), cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.When, b.When),
		cmp.Compare(flag(a.Unsure), flag(b.Unsure)), cmp.Compare(len(a.Steps), len(b.Steps)))
}

// distinct sorts ways and drops the ones that say nothing new.
func distinct(ways []Way) []Way {
	slices.SortStableFunc(ways, compareWays)
	seen := map[string]bool{}
	var out []Way
	for _, w := range ways {
		var b strings.Builder
		for _, s := range w.Steps {
			b.WriteString(s.Text)
			b.WriteByte('\n')
		}
		if !seen[b.String()] {
			seen[b.String()] = true
			out = append(out, w)
		}
	}
	return out
}

// done is a condition that asks for nothing more.
func done() []Way { return []Way{{}} }

// ways are the ways in which a condition could be met, the cheapest first; there is always one, if only to say what is lacking.
func (p *planner) ways(d *condition) []Way {
	if d.guard != nil {
		switch g := p.answer(d.guard); g {
		case Met:
		case Unknown, Manual:
			return p.asks(d.guard)
		default:
			return done()
		}
	}
	switch d.kind {
	case condName:
		return p.ways(d.def.cond)
	case condGroup:
		if a := p.answer(d); a == Met || a == NotApplicable {
			return done()
		}
		return p.group(d)
	}
	switch p.answer(d) {
	case Met, NotApplicable:
		return done()
	case Unknown, Manual:
		return p.asks(d)
	}
	switch {
	case d.kind == condJudge:
		return p.closed(d, &pJudgeAgain, p.e.say.office(d.office))
	case d.kind == condHas:
		return p.obtain(d, d.has, d.op, d.limit)
	case d.kind != condCompare:
		return p.closed(d, nil)
	}
	if v := d.score(); v != nil {
		return p.scored([]*condition{d})
	}
	return p.compare(d)
}

// asks are the facts and judgements that a condition waits for.
func (p *planner) asks(d *condition) []Way {
	e := p.e
	was := e.brief
	e.brief = false
	out := d.evaluate(e)
	e.brief = was
	var w Way
	if out.needs != nil {
		for _, n := range out.needs.list {
			st := Step{Kind: "fact", Key: n.Key, Text: e.say.say(&pFindOut, e.say.need(*n)), Cost: 1}
			if n.Type == "judgement" {
				st.Kind, st.Text = "judgement", e.say.say(&pAwaitJudgement, e.say.office(n.Office), e.say.word(n.Label))
			}
			w.Steps = append(w.Steps, st)
		}
	}
	if len(w.Steps) == 0 {
		w.Steps = []Step{{Kind: "judgement", Text: d.words(e.say), Cost: 1}}
	}
	return p.settled([]Way{w})
}

// closed is a condition that no step of a firm can meet; the gap is still told.
func (p *planner) closed(d *condition, note *phrase, parts ...string) []Way {
	st := Step{Kind: "condition", Text: d.words(p.e.say), Cost: closedTo}
	if d.kind == condJudge {
		st.Kind = "judgement"
	}
	if note != nil {
		st.Note = p.e.say.say(note, parts...)
	}
	return p.settled([]Way{{Steps: []Step{st}}})
}

func (p *planner) settled(ways []Way) []Way {
	for i := range ways {
		p.settle(&ways[i])
	}
	slices.SortStableFunc(ways, compareWays)
	return ways
}

// compare closes a comparison by each figure that alone can close it.
func (p *planner) compare(d *condition) []Way {
	e := p.e
	q := d.of.typ()
	if r, ok := d.of.(*recordExpr); ok {
		return p.obtain(d, r, d.op, d.limit)
	}
	if t, ok := d.of.(*termExpr); ok && q.kind != TypeNumber {
		return p.reword(d, t)
	}
	t, ok := d.limit.number(e)
	if q.kind != TypeNumber || !ok {
		return p.closed(d, nil)
	}
	if x, ok := d.of.(*callExpr); ok && (x.fn == "lowest" && d.up() || x.fn == "highest" && (d.op == "at_most" || d.op == "under")) {
		return p.everyYear(d, x)
	}
	if f := d.full(e, t); f != nil {
		return p.await(d, f)
	}
	var out []Way
	for _, m := range d.closers(e, t) {
		out = append(out, Way{Steps: []Step{p.figure(m)}})
	}
	if len(out) == 0 {
		return p.closed(d, &pNoFigure)
	}
	return p.settled(out)
}

// await waits for the day on which enough years are full.
func (p *planner) await(d *condition, f *full) []Way {
	r := p.e.say
	if p.s.doc.StandingOn(p.e.on) == InForce && p.s.doc.StandingOn(f.day) != InForce {
		return p.closed(d, &pFullTooLate, f.day.String(), f.years(r))
	}
	st := Step{Kind: "condition", Text: f.text(r), To: f.day.String(), Cost: min(1+f.away/36, closedTo-1), move: move{on: f.day}}
	return p.settled([]Way{{Steps: []Step{st}}})
}

// yearExpr is an expression as of one year.
type yearExpr struct {
	expr
	year int
}

func (x *yearExpr) eval(e *env) qval {
	was := e.atYear
	e.atYear = x.year
	v := x.expr.eval(e)
	e.atYear = was
	return v
}

// everyYear closes a comparison that every year of a period must pass: the years that fail, together.
func (p *planner) everyYear(d *condition, x *callExpr) []Way {
	y1, y2 := x.yearRange(p.e)
	var parts [][]Way
	for y := y1; y <= y2; y++ {
		one := &condition{kind: condCompare, of: &yearExpr{x.arg, y}, op: d.op, limit: d.limit, text: d.text, sentence: d.sentence, noBase: d.noBase}
		switch p.answer(one) {
		case Unmet:
			parts = append(parts, p.compare(one))
		case Unknown, Manual:
			parts = append(parts, p.asks(one))
		}
	}
	return p.together(d, parts)
}

// figure is the step that moves one figure.
func (p *planner) figure(m mover) Step {
	r := p.e.say
	unit := m.key.term.unit
	by := unit
	if by == unitRatio {
		by = unitPoints
	}
	st := Step{Kind: "figure", Key: m.key.String(), Text: m.words, From: r.num(m.have, unit, 4), To: r.num(m.to, unit, 4), By: r.distance(m.distance(), by),
		Cost: min(m.key.term.cost()*max((m.share+99)/100, 1), closedTo-1), move: move{key: m.key, to: datum{num: m.to}}, moved: m}
	if p.e.over(m.key.year) {
		st.Note = p.later(m.key.year)
	}
	return st
}

// later says from when a change counts for what is read of a year that is past.
func (p *planner) later(year int) string {
	r := p.e.say
	now := p.e.on.Year()
	if fixed := p.s.doc.info.Performance; fixed != 0 {
		return r.say(&pPastFixed, strconv.Itoa(year), strconv.Itoa(fixed))
	}
	return r.say(&pPast, strconv.Itoa(year), strconv.Itoa(now), strconv.Itoa(p.counts(year)))
}

// reword changes a word or level to one that passes.
func (p *planner) reword(d *condition, t *termExpr) []Way {
	words := d.limit.words
	if t.term.Type == TypeLevel && len(words) == 0 {
		for i, w := range t.term.Options {
			if compare(just(intNum(int64(i))), d.op, d.limit.num) == Met {
				words = append(words, w)
			}
		}
	}
	if len(words) == 0 {
		return p.closed(d, nil)
	}
	if t.term.moves == "no" {
		return p.closed(d, &pCannotMove, p.e.say.word(t.term.Name))
	}
	var out []Way
	for _, w := range words {
		out = append(out, Way{Steps: []Step{p.wordStep(p.slot(t), w)}})
	}
	return p.settled(out)
}

func (p *planner) slot(t *termExpr) valueKey {
	year := 0
	if t.term.Yearly() {
		if year = p.e.atYear; year == 0 && t.at != nil {
			_, year = t.at.years(p.e)
		}
	}
	return valueKey{t.term, year}
}

func (p *planner) wordStep(k valueKey, word string) Step {
	r := p.e.say
	st := Step{Kind: "word", Key: k.String(), To: r.yesNo(word), Cost: k.term.cost() * 10, move: move{key: k, to: datum{word: word}}}
	if list := p.e.f.values[k]; len(list) > 0 {
		st.From = r.yesNo(bestFacts(list)[0].datum.word)
	}
	st.Text = r.say(&pBecomes, r.term(k.term.Name, k.year), st.To)
	if p.e.over(k.year) {
		st.Text = r.say(&pShouldBe, r.term(k.term.Name, k.year), st.To)
		st.Note = p.later(k.year)
	}
	return st
}

// obtain closes a comparison over records by obtaining what is lacking.
func (p *planner) obtain(d *condition, x *recordExpr, op string, limit *threshold) []Way {
	r := p.e.say
	t, ok := limit.number(p.e)
	if op != "at_least" && op != "over" || !ok {
		return p.closed(d, nil)
	}
	if x.kind.moves == "no" {
		return p.closed(d, &pCannotObtain, r.word(x.kind.Name))
	}
	fields, ok := p.passing(x.filter)
	if !ok {
		return p.closed(d, nil)
	}
	v := x.eval(p.e)
	need, have := t, v.span.lo.v
	if op == "over" {
		need = need.Add(intNum(1))
	}
	var st Step
	switch {
	case x.field == nil:
		n, fits := need.Sub(have).Ceil().Int64()
		if !fits || n < 1 || n > 50 {
			return p.closed(d, nil)
		}
		st = p.recordStep(x, int(n), fields)
	case x.field.Type == TypeLevel:
		i, _ := need.Int64()
		if i < 0 || int(i) >= len(x.field.Options) {
			return p.closed(d, nil)
		}
		fields[x.field.Name] = datum{word: x.field.Options[i]}
		st = p.recordStep(x, 1, fields)
	case x.fn == "total" && x.field.Type == TypeNumber:
		lack := need.Sub(have)
		fields[x.field.Name] = datum{num: lack}
		st = p.recordStep(x, 1, fields)
		st.By = r.distance(lack, x.field.unit)
		how := &pTotalMore
		if st.Note != "" {
			how = &pTotalLacks
		}
		st.Text = r.say(how, r.say(&pFieldTotal, r.dated(x.kind, x.at, r.word(x.kind.Name)+r.filter(x.filter)), r.word(x.field.Name)), st.By)
	default:
		fields[x.field.Name] = datum{num: need}
		st = p.recordStep(x, 1, fields)
	}
	return p.settled([]Way{{Steps: []Step{st}}})
}

// passing are fields with which a record passes its filters.
func (p *planner) passing(filters []filter) (map[string]datum, bool) {
	out := map[string]datum{}
	for _, f := range filters {
		switch {
		case len(f.t.words) > 0:
			out[f.field.Name] = datum{word: f.t.words[0]}
		case f.t.other != nil:
			v := f.t.other.eval(p.e)
			if v.any || len(v.words) != 1 {
				return nil, false
			}
			out[f.field.Name] = datum{word: v.words[0]}
		default:
			t, ok := f.t.number(p.e)
			if !ok {
				return nil, false
			}
			if f.op == "over" {
				t = t.Add(intNum(1))
			}
			if f.op == "under" {
				t = t.Sub(intNum(1))
			}
			switch f.field.Type {
			case TypeLevel:
				i, _ := t.Int64()
				if i < 0 || int(i) >= len(f.field.Options) {
					return nil, false
				}
				out[f.field.Name] = datum{word: f.field.Options[i]}
			case TypeDate:
				i, _ := t.Int64()
				out[f.field.Name] = datum{date: Date(i)}
			default:
				out[f.field.Name] = datum{num: t}
			}
		}
	}
	return out, true
}

// recordStep obtains n records; they are dated so that they count in the period, today where that is possible.
func (p *planner) recordStep(x *recordExpr, n int, fields map[string]datum) Step {
	r := p.e.say
	from, to := x.at.window(p.e)
	day := min(p.e.on, to)
	if day < from {
		day = from
	}
	rec := recordFact{from: day, fields: fields, source: Source{Verified: true}, key: x.kind.Name}
	st := Step{Kind: "record", Key: x.kind.Name, Cost: x.kind.cost() * n, move: move{kind: x.kind}}
	for range n {
		st.move.records = append(st.move.records, rec)
	}
	var parts []string
	for _, f := range x.kind.Fields {
		if d, ok := fields[f.Name]; ok {
			parts = append(parts, r.say(&pFieldIs, r.word(f.Name), r.datum(d, f.Type, f.unit)))
		}
	}
	what := r.say(&pQuoted, r.word(x.kind.Name))
	if len(parts) > 0 {
		what = r.say(&pBrackets, what, r.join(parts, &pComma))
	}
	st.To = what
	how := r.word(x.kind.Verb)
	say := func(plain, own *phrase, parts ...string) string { // as the vocabulary says that such a record comes about
		if how == "" {
			return r.say(plain, parts...)
		}
		return r.say(own, append(parts, how)...)
	}
	st.Text = say(&pObtain, &pObtainHow, what)
	if n > 1 {
		st.By = r.num(intNum(int64(n)), "项", 4)
		st.Text = say(&pObtainMore, &pObtainMoreHow, what, st.By)
	}
	if year := day.Year(); p.e.over(year) {
		when := r.say(&pYear, strconv.Itoa(year))
		if x.at.kind == periodYears {
			when = r.years(x.at)
		}
		st.Text, st.Note = say(&pShouldHave, &pShouldHaveHow, when, what), p.later(year)
		if n > 1 {
			st.Text = say(&pShouldHaveMore, &pShouldMoreHow, when, what, st.By)
		}
	}
	return st
}

// ---- groups ----

func (p *planner) group(d *condition) []Way {
	switch d.word {
	case "any":
		return p.either(d.parts, 1)
	case "at_least":
		return p.either(d.parts, d.n)
	case "none":
		var parts [][]Way
		for _, x := range d.parts {
			parts = append(parts, p.undo(x))
		}
		return p.together(d, parts)
	}
	var parts [][]Way
	var scores []*condition
	for _, x := range d.parts {
		if c := x.plain(); c.guard == nil && c.score() != nil && (c.op == "at_least" || c.op == "over") {
			scores = append(scores, c)
			continue
		}
		parts = append(parts, p.ways(x))
	}
	if len(scores) > 0 {
		parts = append(parts, p.scored(scores))
	}
	return p.together(d, parts)
}

// plain is the condition behind a name.
func (d *condition) plain() *condition {
	for d.kind == condName && d.guard == nil {
		d = d.def.cond
	}
	return d
}

// either offers the operands beside each other; n of them are needed.
func (p *planner) either(parts []*condition, n int) []Way {
	type option struct {
		of   *condition
		ways []Way
	}
	var open []option
	var met []*condition
	for _, x := range parts {
		switch p.answer(x) {
		case Met:
			met = append(met, x)
			continue
		case NotApplicable:
			continue
		}
		open = append(open, option{x, p.ways(x)})
	}
	n -= len(met)
	if n <= 0 || len(open) == 0 {
		return done()
	}
	slices.SortStableFunc(open, func(a, b option) int { return compareWays(a.ways[0], b.ways[0]) })
	if n == 1 {
		var out []Way
		for _, o := range open {
			out = append(out, o.ways...)
		}
		return p.settled(out)
	}
	if n > len(open) { // fewer are left than are asked for: all of them, and a person decides
		n = len(open)
	}
	var out []Way
	chosen := make([]int, 0, n)
	var pick func(from int)
	pick = func(from int) {
		if len(out) >= mostTried {
			return
		}
		if len(chosen) == n {
			var w Way
			all := &condition{kind: condGroup, word: "all", parts: slices.Clone(met)}
			for _, i := range chosen {
				w.Steps = merge(w.Steps, open[i].ways[0].Steps)
				all.parts = append(all.parts, open[i].of)
			}
			p.repair(all, &w)
			out = append(out, w)
			return
		}
		for i := from; i < len(open); i++ {
			chosen = append(chosen, i)
			pick(i + 1)
			chosen = chosen[:len(chosen)-1]
		}
	}
	pick(0)
	return p.settled(out)
}

// together joins the ways of operands that must all be met. Where steps of one spoil another, the rest is closed again over what the first
// have changed.
func (p *planner) together(d *condition, parts [][]Way) []Way {
	ways := done()
	for _, options := range parts {
		var next []Way
		for _, w := range ways {
			for _, o := range options {
				if len(next) < mostTried {
					next = append(next, Way{Steps: merge(w.Steps, o.Steps), Sums: slices.Concat(w.Sums, o.Sums)})
				}
			}
		}
		ways = p.settled(next)
	}
	for i := range ways {
		p.repair(d, &ways[i])
	}
	return p.settled(ways)
}

// merge joins steps; two that move one figure the same way become the further one.
func merge(a, b []Step) []Step {
	out := slices.Clone(a)
next:
	for _, s := range b {
		for i, old := range out {
			if old.Text == s.Text {
				continue next
			}
			if old.Kind == "figure" && s.Kind == "figure" && old.move.key == s.move.key {
				if s.moved.distance().Cmp(old.moved.distance()) > 0 {
					s.Gain = append(slices.Clone(old.Gain), s.Gain...)
					out[i] = s
				} else {
					out[i].Gain = append(slices.Clone(old.Gain), s.Gain...)
				}
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}

// repair tries a way out: while its steps make another operand fail, that one's cheapest way is added.
func (p *planner) repair(d *condition, w *Way) {
	for range max(len(d.parts), 3) {
		var more []Step
		p.with(w.moves(), func() {
			if d.word == "none" || p.answer(d) != Unmet {
				return
			}
			for _, x := range d.parts {
				if p.answer(x) != Unmet {
					continue
				}
				if found := p.ways(x); len(found) > 0 && !found[0].Closed {
					more = append(more, found[0].Steps...)
					return
				}
			}
		})
		if len(more) == 0 {
			return
		}
		w.Steps = p.further(w.Steps, more)
	}
}

// further adds steps that were found over the facts as the others change them. A figure is told from where the facts have it, to where it was
// found that it would have to be, whatever was said of it before.
func (p *planner) further(steps, more []Step) []Step {
	out := slices.Clone(steps)
	for _, s := range more {
		if s.Kind != "figure" {
			out = merge(out, []Step{s})
			continue
		}
		if list := p.e.f.values[s.move.key]; len(list) > 0 {
			m := s.moved
			m.from(p.e, bestFacts(list)[0].datum.num)
			gain := s.Gain
			s = p.figure(m)
			s.Gain = gain
		}
		if i := slices.IndexFunc(out, func(old Step) bool { return old.Kind == "figure" && old.move.key == s.move.key }); i >= 0 {
			s.Gain = append(slices.Clone(out[i].Gain), s.Gain...)
			out[i] = s
		} else {
			out = append(out, s)
		}
	}
	return slices.DeleteFunc(out, func(s Step) bool { return s.Kind == "figure" && s.moved.to.Cmp(s.moved.have) == 0 })
}

var opposite = map[string]string{"at_least": "under", "over": "at_most", "at_most": "over", "under": "at_least"}

// undo are the ways in which a condition that must not hold could cease to.
func (p *planner) undo(d *condition) []Way {
	d = d.plain()
	switch p.answer(d) {
	case Unmet, NotApplicable:
		return done()
	case Unknown, Manual:
		return p.asks(d)
	}
	if d.kind == condCompare && opposite[d.op] != "" && d.guard == nil {
		not := *d
		not.op = opposite[d.op]
		not.text, not.sentence = "", ""
		return p.compare(&not)
	}
	st := Step{Kind: "condition", Text: p.e.say.say(&pMustCease, d.words(p.e.say)), Cost: closedTo}
	return p.settled([]Way{{Steps: []Step{st}}})
}
