package policy

import (
	"slices"
	"strconv"
	"strings"
)

// given is what a value comes to: an interval of discretion. Not knowing is kept apart (env.better).
type given struct {
	lo, hi  bound
	rate    *literal // as which it is written, while it is that and nothing else
	manual  bool
	refused bool   // a table without `else` reached no row
	empty   uint8  // nothing counts in it, and why
	cut     string // the cap that cut it, as written
	mixed   bool   // its ends are those of different rows: no row goes from one to the other
}

// Why nothing counts in a value. A sum or a highest is as empty as the emptiest of its parts while nothing counts in any of them; what gives 0
// by its own row or rate counts.
const (
	emptyGuard  uint8 = iota + 1 // what it is given under is not so
	emptyRecord                  // an `each` found no record that counts
)

func nothing() given { return given{lo: at(Num{}), hi: at(Num{})} }

// unasked is what a value comes to whose guard does not hold.
func unasked() given { return given{lo: at(Num{}), hi: at(Num{}), empty: emptyGuard} }

// refuses says that the claim gets nothing at all: no row is reached, or no record counts.
func (g given) refuses() bool { return g.refused || g.empty == emptyRecord }

// joins is what two parts of a sum or a highest have in common.
func (g *given) joins(o given) {
	g.manual, g.refused, g.mixed = g.manual || o.manual, g.refused || o.refused, g.mixed || o.mixed
	if g.empty == 0 || o.empty == 0 {
		g.empty = 0
	} else {
		g.empty = max(g.empty, o.empty)
	}
}

var byHand = given{lo: at(Num{}), hi: plusInf, manual: true}

// compute works a value out in the current pass.
func (v *value) compute(e *env, column string) given {
	if e.depth > 60 {
		return byHand
	}
	e.depth++
	defer func() { e.depth-- }()
	if v.guard != nil {
		switch a := v.holds(e, v.guard); a {
		case Met:
		case Unknown, Manual:
			if e.better {
				return unasked().whether(v.unguarded(e, column), true)
			}
			return unasked().whether(e.quietly(func() given { return v.unguarded(e, column) }), false)
		default:
			return unasked()
		}
	}
	return v.unguarded(e, column)
}

// whether is what is left when it is not known which of the two it comes to: of everything the worse or the better. To be refused is worse
// than to get nothing.
func (g given) whether(other given, better bool) given {
	first := g
	switch c := g.hi.cmp(other.hi); {
	case g.refuses() != other.refuses():
		if g.refuses() == better {
			first = other
		}
	case c > 0 != better && c != 0:
		first = other
	case c == 0:
		first.manual = g.manual && other.manual
	}
	if better {
		first.lo, first.hi = maxBound(g.lo, other.lo), maxBound(g.hi, other.hi)
	} else {
		first.lo, first.hi = minBound(g.lo, other.lo), minBound(g.hi, other.hi)
	}
	first.refused, first.empty = g.refused, g.empty
	if (other.lacks() < g.lacks()) == better {
		first.refused, first.empty = other.refused, other.empty
	}
	return first
}

// lacks ranks how little there is: a row that is not reached refuses what stands beside it too, a record that is not found only itself.
func (g given) lacks() uint8 {
	if g.refused {
		return emptyRecord + 1
	}
	return g.empty
}

// quietly works something out of which nothing is told.
func (e *env) quietly(f func() given) given {
	lines, cuts, refs, needs, seen := e.lines, e.cuts, e.refs, e.needs, e.seen
	e.lines, e.cuts, e.refs, e.needs, e.seen = nil, nil, nil, nil, nil
	g := f()
	e.lines, e.cuts, e.refs, e.needs, e.seen = lines, cuts, refs, needs, seen
	return g
}

func (v *value) unguarded(e *env, column string) given {
	g := v.base(e, column)
	for i := range v.steps {
		g = v.steps[i].apply(e, g)
	}
	return g.made()
}

// made is a value after its steps: where nothing counts they may leave something to be paid back, but make nothing of it.
func (g given) made() given {
	if g.refuses() {
		g.lo, g.hi = minBound(g.lo, at(Num{})), minBound(g.hi, at(Num{}))
	}
	return g
}

// holds answers a guard, noting when it is not known.
func (v *value) holds(e *env, guard *condition) Answer {
	was := e.explain
	e.explain = false
	o := guard.evaluate(e)
	e.explain = was
	if o.answer == Unknown || o.answer == Manual {
		e.incomplete = true
		if e.needs != nil {
			e.needs.addAll(o.needs)
		}
	}
	return o.answer
}

func (v *value) base(e *env, column string) given {
	switch v.kind {
	case valueLiteral:
		s := v.lit.span()
		return given{lo: s.lo, hi: s.hi, manual: v.lit.manual, rate: v.lit}
	case valueSee:
		return byHand
	case valueExpr:
		return e.expr(v.expr)
	case valueLine:
		return v.line(e)
	case valueTable:
		return v.table(e, column)
	case valueEach:
		return v.eachRecord(e)
	}
	var out given
	var before, chosen []Cut // of the highest only its own caps are told
	if v.kind == valueHighest && e.cuts != nil {
		before = *e.cuts
	}
	var terms []string
	most, was, wanted := 0, e.incomplete, e.needs
	var undecided []undecidedPart
	floor, floored := bound{}, false // what a highest comes to in any case
	for i, p := range v.parts {
		e.incomplete = false
		if v.kind == valueHighest && wanted != nil {
			e.needs = &needs{}
		}
		if v.kind == valueHighest && e.cuts != nil {
			*e.cuts = slices.Clone(before)
		}
		g := p.compute(e, "")
		if v.kind == valueHighest && e.cuts != nil {
			if i == 0 || g.hi.cmp(out.hi) > 0 {
				chosen = *e.cuts
			}
			*e.cuts = chosen
		}
		if e.lines != nil {
			term := e.show(g, v.unit)
			if e.incomplete {
				term = e.say.say(&pNotCertain, term)
			}
			terms = append(terms, term)
			e.workPart(p, g)
		}
		switch {
		case e.incomplete:
			undecided = append(undecided, undecidedPart{p, e.needs, g.refuses()})
		case g.lo.cmp(g.hi) == 0 && !g.manual && !g.mixed && !g.refuses() && g.empty == 0 && (!floored || g.lo.cmp(floor) > 0):
			floor, floored = g.lo, true
		}
		if i == 0 {
			out = g
			continue
		}
		out.joins(g)
		if v.kind == valueHighest {
			if g.hi.cmp(out.hi) > 0 {
				most = i
			}
			out.lo, out.hi = maxBound(out.lo, g.lo), maxBound(out.hi, g.hi)
			continue
		}
		out.lo, out.hi = out.lo.add(g.lo), out.hi.add(g.hi)
		if out.cut == "" {
			out.cut = g.cut
		}
	}
	e.needs, e.incomplete = wanted, was
	for _, u := range undecided {
		if v.kind == valueHighest && floored && !e.better && !u.refuses && u.reaches(e).cmp(floor) <= 0 {
			continue // whatever it comes to, another part is as high; one that may refuse the whole claim matters all the same
		}
		e.incomplete = true
		if v.kind == valueHighest && wanted != nil {
			wanted.addAll(u.needs)
		}
	}
	if e.seen != nil && v.kind == valueHighest && !e.incomplete && out.hi.sign() > 0 {
		e.seen.reach(e, v, most)
	}
	if v.kind == valueSum && len(v.parts) > 1 && e.lines != nil {
		e.work(e.say.say(&pTogether2, strings.Join(terms, " + "), e.show(out, v.unit)))
	}
	if v.kind == valueHighest && len(v.parts) > 1 && e.lines != nil && out.hi.sign() > 0 {
		e.work(e.say.say(&pWorkMost, strings.Join(terms, e.say.say(&pPause)), strconv.Itoa(most+1), e.show(out, v.unit)))
	}
	return out
}

// undecidedPart is a part of a sum or a highest that rests on something unknown, and what that is.
type undecidedPart struct {
	value   *value
	needs   *needs
	refuses bool // at worst
}

// reaches is the most that the part may come to.
func (u undecidedPart) reaches(e *env) bound {
	incomplete := e.incomplete
	e.better = true
	g := e.quietly(func() given { return u.value.compute(e, "") })
	e.better, e.incomplete = false, incomplete
	if g.manual {
		return bound{inf: 1}
	}
	return g.hi
}

// expr reads an expression; a bare name of a value keeps that value's discretion.
func (e *env) expr(x expr) given {
	if n, ok := x.(*nameExpr); ok && n.def.value != nil {
		if n.at != nil && e.atYear == 0 {
			_, e.atYear = n.at.years(e)
			defer func() { e.atYear = 0 }()
		}
		return n.def.value.compute(e, n.column)
	}
	g, incomplete := x.eval(e).pick(e.better)
	e.incomplete = e.incomplete || incomplete
	return g
}

func (v *value) line(e *env) given {
	outer := e.lines
	e.lines = nil
	was := e.incomplete
	e.incomplete = false
	rate := v.give.compute(e, "")
	e.lines = outer
	open := lineOpen{rate: e.incomplete}
	e.incomplete = false
	base := e.expr(v.expr)
	open.base = e.incomplete
	e.incomplete = was || open.base || open.rate
	whole := base
	if v.upTo != nil {
		t := v.upTo.end(e, e.better)
		base.lo, base.hi = minBound(base.lo, t), minBound(base.hi, t)
	}
	if v.beyond != nil {
		t := v.beyond.end(e, !e.better)
		base.lo, base.hi = less(base.lo, t, false), less(base.hi, t, false)
	}
	zero := at(Num{})
	base.lo, base.hi = maxBound(base.lo, zero), maxBound(base.hi, zero)
	if e.seen != nil && !e.incomplete && base.lo.sign() > 0 {
		e.seen.reach(e, v, 0)
	}
	count := base
	if v.per != nil {
		count.lo, count.hi = v.times(base.lo), v.times(base.hi)
	}
	out := rate.times(base, count)
	if e.lines != nil && !base.manual {
		e.workLine(v, whole, base, count, rate, out, open)
	}
	return out
}

// times is a rate of a base that was counted in steps.
func (g given) times(base, count given) given {
	return given{lo: g.lo.mul(count.lo), hi: g.hi.mul(count.hi), manual: g.manual || base.manual, refused: g.refused || base.refused,
		mixed: g.mixed || base.mixed, empty: max(g.empty, base.empty)}
}

// times is how many times `per` goes into the base.
func (v *value) times(b bound) bound {
	if b.inf != 0 {
		return b
	}
	n := b.v.Div(v.per.low)
	switch v.rest {
	case "drop":
		n = n.Floor()
	case "up":
		n = n.Ceil()
	}
	return at(n)
}

// table gives the row that is reached; while several may be, the worst or the best of them.
func (v *value) table(e *env, column string) given {
	q := v.expr.eval(e)
	rows := v.reached(e, &q)
	if e.seen != nil && len(rows) == 1 {
		e.seen.reach(e, v, rows[0])
	}
	var out, all given
	var working *[]string
	picked := -2
	lines := e.lines
	for i, k := range rows {
		if lines != nil { // only the lines of the row that is picked are told
			e.lines = &[]string{}
		}
		told := e.lines
		g := v.cell(e, k, column)
		if len(rows) > 1 && !e.better {
			g = g.sure()
		}
		if i == 0 {
			out, all, picked, working = g, g, k, told
			continue
		}
		if all = all.whether(g, e.better); g.suits(out, e.better) {
			out, picked, working = g, k, told
		}
	}
	if e.lines = lines; lines != nil && working != nil {
		*lines = append(*lines, *working...)
	}
	if len(rows) > 1 {
		out = out.among(all)
		if q.manual && !q.gap || q.noBase && !q.gap {
			lo, hi := out.lo, out.hi
			e.lines = nil
			for _, k := range rows {
				g := v.cell(e, k, column)
				lo, hi = minBound(lo, g.lo), maxBound(hi, g.hi)
			}
			e.lines = lines
			return given{lo: lo, hi: hi, manual: true}
		}
		e.incomplete = true
	}
	if e.lines != nil && picked != -2 && !out.refused {
		e.workTable(v, q, out, len(rows) > 1)
	}
	return out
}

// suits says whether it suits the pass more than another: the worse or the better.
func (g given) suits(old given, better bool) bool {
	if g.refuses() != old.refuses() {
		return g.refuses() != better
	}
	c := g.hi.cmp(old.hi)
	if c == 0 {
		c = g.lo.cmp(old.lo)
	}
	return better && c > 0 || !better && c < 0
}

// among gives the picked row the ends of all that may be reached, and what they lack: the row with the lowest top need not be the one that may come
// to the least, and a sum that is a person's to set is one that each of them allows. What is set by hand has ends of its own.
func (g given) among(all given) given {
	if g.manual {
		return g
	}
	g.refused, g.empty = all.refused, all.empty
	g.mixed = g.mixed || g.lo.cmp(all.lo) != 0 || g.hi.cmp(all.hi) != 0
	g.lo, g.hi = all.lo, all.hi
	return g
}

// sure is what is certain of a row that may be reached: of what is a person's to set, its low end.
func (g given) sure() given {
	if g.manual {
		g.hi, g.manual = g.lo, false
	}
	return g
}

// cell is the value of row k; -1 is `else`.
func (v *value) cell(e *env, k int, column string) given {
	var r *row
	switch {
	case k >= 0:
		r = &v.rows[k]
	case v.els != nil:
		r = v.els
	default:
		return given{lo: at(Num{}), hi: at(Num{}), refused: true}
	}
	cell := r.value
	if column != "" {
		cell = r.cells[column]
	}
	if cell == nil {
		return byHand
	}
	outer := e.lines
	if cell.kind == valueLiteral {
		e.lines = nil
	}
	g := cell.compute(e, "")
	e.lines = outer
	return g
}

// reached lists the rows that the quantity may reach, -1 for none of them. What is missing of a row's limit that decides it is then missing of the
// quantity.
func (v *value) reached(e *env, q *qval) []int {
	t := v.expr.typ()
	if q.noBase || q.mayLack {
		all := []int{-1}
		for i := range v.rows {
			all = append(all, i)
		}
		return all
	}
	if v.op == "is" || v.op == "within" {
		var out []int
		miss := true
		for i := range v.rows {
			var a Answer
			if len(v.rows[i].limit.words) > 0 {
				a = amongWords(*q, t, v.op, v.rows[i].limit.words)
			} else {
				a = v.rows[i].limit.order(e, &q.known, "is")
			}
			switch a {
			case Met:
				return rowNumbers(i, i)
			case Unknown:
				out = append(out, i)
			}
		}
		if t.kind == TypeCode && v.op == "within" {
			miss = q.any
			for _, w := range q.words { // a coarse code may lie outside the row that it may lie in
				miss = miss || !slices.ContainsFunc(v.rows, func(r row) bool { return withinCodes(w, r.limit.words) == Met })
			}
		} else if t.kind == TypeWord || t.kind == TypeBool || t.kind == TypeCode {
			miss = q.any && len(t.options) == 0
			words := q.words
			if q.any {
				words = t.options
			}
			for _, w := range words {
				if !slices.ContainsFunc(v.rows, func(r row) bool { return slices.Contains(r.limit.words, w) }) {
					miss = true
				}
			}
		} else if q.span.lo.inf == 0 && q.span.hi.inf == 0 && t.kind == TypeLevel {
			miss = false
			lo, _ := q.span.lo.v.Int64()
			hi, _ := q.span.hi.v.Int64()
			for i := lo; i <= hi; i++ {
				if i < 0 || !slices.ContainsFunc(v.rows, func(r row) bool { return slices.Contains(r.limit.words, t.options[i]) }) {
					miss = true
				}
			}
		}
		if miss {
			out = append(out, -1)
		}
		return out
	}
	var out []int
	for i := range v.rows {
		switch v.rows[i].limit.order(e, &q.known, v.op) {
		case Met:
			if out == nil {
				return rowNumbers(i, i)
			}
			return append(out, i)
		case Unknown:
			out = append(out, i)
		}
	}
	if out == nil {
		return rowNumbers(-1, -1)
	}
	return append(out, -1)
}

// rowLists are -1, 0, 1, …: a list of rows is a part of it while it suffices.
var rowLists = func() (list [65]int) {
	for i := range list {
		list[i] = i - 1
	}
	return list
}()

func rowNumbers(from, to int) []int {
	if to+2 <= len(rowLists) {
		return rowLists[from+1 : to+2 : to+2]
	}
	var out []int
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}

func (v *value) eachRecord(e *env) given {
	sure, maybe, complete := e.find(v.each.kind, v.each.at, v.each.filter)
	out := nothing()
	out.empty = emptyRecord
	counted := 0
	var told eachTold
	sum := func(list []*recordFact, sure bool) {
		for _, r := range list {
			outer := e.rec
			e.rec = r
			lines, was := e.lines, e.incomplete
			e.lines, e.incomplete = nil, false
			g := v.give.compute(e, "")
			certain, open := sure, e.incomplete
			e.rec, e.lines, e.incomplete = outer, lines, was || open
			if lines != nil {
				told.note(r, g, open)
			}
			if g.refuses() || g.empty != 0 { // one that no row gives anything does not count
				if certain = false; e.better || !open {
					continue
				}
			}
			if !certain && !g.mayAdd(e.better) {
				continue
			}
			if certain || e.better { // at worst it is not there
				counted++
				out.empty = 0
			}
			out.lo, out.hi = out.lo.add(g.lo), out.hi.add(g.hi)
			out.manual = out.manual || g.manual
			if out.cut == "" {
				out.cut = g.cut
			}
		}
	}
	sum(sure, true)
	if e.seen != nil && counted > 0 {
		e.seen.reach(e, v, 0)
	}
	if len(maybe) > 0 || !complete {
		e.incomplete = true
		if !complete || !e.needs.of(v.each.kind) { // all of them are stated: what they lack has been asked for
			e.needRecord(v.each.kind, nil)
		}
	}
	if lines := e.lines; e.better {
		sum(maybe, false)
		if !complete {
			out.hi, out.empty = plusInf, 0
		}
	} else {
		e.lines = nil
		sum(maybe, false)
		e.lines = lines
		if !complete && v.takes { // any number of records may be missing
			out.lo, out.hi = minusInf, minusInf
		}
	}
	if e.lines != nil {
		e.workEach(v, counted, out, &told, maybe)
	}
	return out
}

// mayAdd makes of a record that may count what it adds in a pass: nothing of what it would take away at best, and nothing of what it would give at
// worst. False: it adds nothing.
func (g *given) mayAdd(better bool) bool {
	zero := at(Num{})
	if better {
		g.lo, g.hi = maxBound(g.lo, zero), maxBound(g.hi, zero)
		return true
	}
	took := g.lo.sign() < 0
	g.lo, g.hi, g.manual = minBound(g.lo, zero), minBound(g.hi, zero), g.manual && took
	return took
}

func (s *step) apply(e *env, g given) given {
	if s.guard != nil {
		switch (&value{}).holds(e, s.guard) {
		case Met:
		case Unknown, Manual: // an unknown raise counts only in the better pass, an unknown cut only in the worse
			done := e.quietly(func() given { return s.change(e, g) })
			if out := g.whether(done, e.better); out.lo.cmp(done.lo) != 0 || out.hi.cmp(done.hi) != 0 {
				return out
			}
		default:
			return g
		}
	}
	return s.change(e, g)
}

func (s *step) change(e *env, g given) given {
	outer, lines, cuts := e.better, e.lines, e.cuts
	if s.kind == stepLess {
		e.better = !e.better
	}
	e.lines, e.cuts = nil, nil
	was := e.incomplete
	e.incomplete = false
	w := s.value.compute(e, "")
	open := e.incomplete // what the step comes to is not known
	e.better, e.lines, e.cuts, e.incomplete = outer, lines, cuts, was || open
	before := g
	g = s.done(g, w)
	if s.kind == stepAtMost {
		if w.hi.cmp(before.hi) < 0 && !open {
			g.cut = e.say.capText(s, w)
		}
		e.cutBy(s, before.hi, g.hi)
	}
	if e.seen != nil && !e.incomplete {
		e.seen.step(e, s, before, w)
	}
	if e.lines != nil {
		between := g
		if open && !was && !before.manual { // what the step may come to at the other end, from what is known before it
			between = g.upTo(e.quietly(func() given { return s.otherEnd(e, before) }))
		}
		e.workStep(s, before, w, g, between, open)
	}
	return g
}

// otherEnd is what a step that rests on something unknown makes of a value in the other pass.
func (s *step) otherEnd(e *env, before given) given {
	outer, was := e.better, e.incomplete
	e.better = (s.kind == stepLess) == outer
	w := s.value.compute(e, "")
	e.better, e.incomplete = outer, was
	return s.done(before, w)
}

// upTo is all that lies between two ends, as it is told.
func (g given) upTo(other given) given {
	g = g.owing()
	g.lo, g.hi, g.mixed = minBound(g.lo, other.lo), maxBound(g.hi, other.hi), true
	return g
}

// done is what a step makes of a value, by what the step comes to.
func (s *step) done(g, w given) given {
	before := g
	g.manual = g.manual || w.manual && s.kind != stepAtMost
	switch s.kind {
	case stepTimes:
		g.lo, g.hi = g.lo.mul(w.lo), g.hi.mul(w.hi)
	case stepLess:
		g.lo, g.hi = less(g.lo, w.hi, s.recover), less(g.hi, w.lo, s.recover)
		if !s.recover {
			g.lo, g.hi = maxBound(g.lo, at(Num{})), maxBound(g.hi, at(Num{}))
		}
	case stepAtMost:
		g.lo, g.hi = minBound(g.lo, w.lo), minBound(g.hi, w.hi)
		if s.value.lit != nil && s.value.lit.upTo {
			g.lo = minBound(before.lo, w.hi)
		}
	case stepAtLeast:
		g.lo, g.hi = maxBound(g.lo, w.lo), maxBound(g.hi, w.hi)
	}
	return g
}

// cutBy notes that a cap of the clause cut. One that stands at every record is one cut of all of them.
func (e *env) cutBy(s *step, from, to bound) {
	if e.cuts == nil || s.value.unit != unitMoney || from.inf != 0 || to.inf != 0 || e.rec == nil && from.cmp(to) == 0 {
		return
	}
	a, ok := fenOf(from.v, "half_up")
	b, fits := fenOf(to.v, "half_up")
	if !ok || !fits {
		return
	}
	by := s.read(chinese)
	if e.rec != nil {
		by = "每一项" + by
		for i := range *e.cuts {
			if c := &(*e.cuts)[i]; c.By == by {
				c.From, c.To = plus(c.From, a), plus(c.To, b)
				return
			}
		}
	}
	*e.cuts = append(*e.cuts, Cut{By: by, From: a, To: b, Stage: "claim"})
}

// potential is what a value may come to at best, beside what it comes to at worst: where nothing bounds it from above, the worst does from below, and
// where nothing is certain all that is known is the bound from above.
func (g given) potential(worse given) given {
	switch {
	case worse.hi.sign() == 0:
		g.lo = at(Num{})
	case g.lo.inf > 0 && worse.lo.inf == 0:
		g.lo = worse.lo
	}
	return g
}

// owing is a value as it is told: a debt whose bound is not known is nothing that anybody gets.
func (g given) owing() given {
	if g.hi.inf < 0 {
		g.hi = at(Num{})
	}
	if g.lo.inf < 0 {
		g.lo = minBound(g.hi, at(Num{}))
	}
	return g
}

// less subtracts; taking the unbounded from anything leaves nothing, or a debt without bound where what is below zero is owed back.
func less(a, b bound, owed bool) bound {
	if b.inf > 0 && owed {
		return minusInf
	}
	if b.inf > 0 {
		return at(Num{})
	}
	if a.inf != 0 {
		return a
	}
	return at(a.v.Sub(b.v))
}

func (r *reader) capText(s *step, w given) string {
	if s.value.kind == valueLiteral {
		return r.num(s.value.lit.high, s.value.unit, 4)
	}
	if w.hi.inf == 0 {
		return r.num(w.hi.v, s.value.unit, 4)
	}
	return s.text
}

// score reads a value as a quantity: the interval from its worse to its better end.
func (v *value) score(e *env, column string) qval {
	better, incomplete := e.better, e.incomplete
	lines, cuts := e.lines, e.cuts
	e.lines, e.cuts, e.better, e.incomplete = nil, nil, false, false
	worse := v.compute(e, column)
	best := worse
	gap := e.incomplete
	if gap {
		e.better = true
		best = v.compute(e, column)
	}
	e.better, e.incomplete, e.lines, e.cuts = better, incomplete, lines, cuts
	return qval{known: scored(worse, best, gap)}
}

// money turns what a value comes to into an amount, rounded once as the document says.
func (g given) money(r *reader, doc *Document) Amount {
	a := Amount{CutBy: g.cut}
	if g.refuses() {
		a.Kind = NoAmount
		a.Text = r.say(&pNothing)
		return a
	}
	if g.lo.inf == 0 {
		if f, ok := fenOf(g.lo.v, doc.rounding); ok {
			a.Low = f
		}
	}
	if g.hi.inf == 0 {
		f, ok := fenOf(g.hi.v, doc.rounding)
		a.High, a.Open = f, !ok
	} else {
		a.Open = true
	}
	switch {
	case g.manual:
		a.Kind = ManualAmount
		a.Text = r.say(&pByOffice)
		if a.Open && a.Low > 0 {
			a.Text = r.say(&pFloor, r.fen(a.Low)) + r.say(&pComma) + a.Text
		}
		if !a.Open && a.High == 0 { // nothing that a person might set is left
			a.Text = r.fen(0)
		} else if !a.Open {
			a.Text += r.say(&pComma) + r.say(&pUpTo, r.fen(a.High))
		}
	case a.Open:
		a.Kind, a.Text = Range, r.say(&pOpenEnded)
		if a.Low > 0 {
			a.Text = r.say(&pFloor, r.fen(a.Low)) + r.say(&pComma) + r.say(&pByOffice)
		}
	case a.Low == a.High:
		a.Kind, a.Text = Exact, r.fen(a.High)
	case a.Low == 0 && g.mixed:
		a.Kind, a.Text = Ceiling, r.say(&pNoMoreThan, r.fen(a.High))
	case a.Low == 0:
		a.Kind, a.Text = Ceiling, r.say(&pUpTo, r.fen(a.High))
	default:
		a.Kind, a.Text = Range, r.say(&pFromTo, r.fen(a.Low), r.fen(a.High))
	}
	return a
}
