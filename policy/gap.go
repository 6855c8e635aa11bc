package policy

import (
	"slices"
	"strconv"
)

// gap says how far a failing comparison is from being met: in its own unit, and for each figure
// that alone can close it, where that figure would have to be. Figures are rounded to the term's
// reporting precision on the side that passes.
func (d *condition) gap(e *env, v qval, q qtype) *Gap {
	r := e.say
	g := &Gap{Condition: d.words(r), Moves: []string{}}
	switch {
	case d.kind == condHas:
		return d.gapOfRecords(e, v, g)
	case v.noBase:
		g.Short = d.baseless(r)
		return g
	case v.early:
		g.Short = r.say(&pNotBegun)
		return g
	case q.root:
		g.Short = r.say(&pCagrIs, r.than(opposite[d.op], d.limit.read(r, q)))
		if t, ok := d.limit.number(e); ok {
			d.moves(e, t, g)
		}
		return g
	case q.kind != TypeNumber:
		g.Short = r.say(&pShould, r.than(d.op, d.limit.read(r, q)))
		return g
	}
	t, ok := d.limit.number(e)
	if !ok {
		return nil
	}
	up := d.up()
	near := v.span.hi
	if !up {
		near = v.span.lo
	}
	if near.inf != 0 {
		return nil
	}
	away := t.Sub(near.v)
	if away.Sign() < 0 {
		away = away.Neg()
	}
	unit := q.unit
	if unit == unitRatio {
		unit = unitPoints
	}
	if q.bare && (d.op == "over" || d.op == "under") { // of what is counted, more than 1 begins at 2
		away = away.Add(intNum(1))
	}
	g.distances = []string{chinese.distance(away, unit)}
	g.Short = r.say(&pApart, r.distance(away, unit))
	if d.op == "over" || d.op == "under" {
		if away.Sign() == 0 {
			g.Short = r.say(&pMust, r.than(d.op, d.limit.read(r, q)))
		}
	}
	if f := d.full(e, t); f != nil {
		g.distances = append(g.distances, chinese.num(intNum(int64(f.away)), unitDay, 0))
		g.Short = r.say(&pFullOn, f.day.String(), f.years(r), r.days(f.away))
		g.Moves = append(g.Moves, f.text(r))
		return g
	}
	if n, ok := d.of.(*nameExpr); ok && n.def.value != nil {
		g.Moves = n.def.value.scoreMoves(e, 4)
		return g
	}
	d.moves(e, t, g)
	return g
}

// moves tells of each figure that alone can close the gap.
func (d *condition) moves(e *env, t Num, g *Gap) {
	for _, m := range d.closers(e, t) {
		words := m.words
		if e.over(m.key.year) {
			words = e.say.say(&pYearOver, words)
		}
		g.Moves = append(g.Moves, words)
		g.distances = append(g.distances, m.by)
		if g.Share == 0 || m.share < g.Share {
			g.Share = m.share
		}
	}
}

// full is the day from which as many years are full as a comparison asks for, by the calendar alone.
type full struct {
	day   Date
	away  int // days
	need  int
	since expr
}

// full is nil where the comparison asks for something else.
func (d *condition) full(e *env, t Num) *full {
	of := d.of
	if n, ok := of.(*nameExpr); ok && n.def.quantity != nil {
		of = n.def.quantity.expr
	}
	x, ok := of.(*callExpr)
	if !ok || x.fn != "full_years" || d.op != "at_least" && d.op != "over" {
		return nil
	}
	was := *e
	e.refs, e.needs, e.lines = nil, nil, nil
	v := x.arg.eval(e)
	e.refs, e.needs, e.lines = was.refs, was.needs, was.lines
	need, whole := t.Ceil().Int64()
	if d.op == "over" {
		need, whole = t.Floor().Add(intNum(1)).Int64()
	}
	start, fits := v.span.lo.v.Int64()
	if v.undecided() || !v.span.exact() || !whole || !fits || need < 1 || need > mostYears {
		return nil
	}
	day := Date(start).AddMonths(12 * int(need)).AddDays(1)
	if day <= e.on {
		return nil
	}
	return &full{day, e.on.daysUntil(day), int(need), x.arg}
}

const mostYears = 150

func (f *full) years(r *reader) string { return r.num(intNum(int64(f.need)), unitYear, 0) }

// text is what is waited for: 到2025-07-01，自起始日期起满5年（还差1天）.
func (f *full) text(r *reader) string {
	return r.say(&pFullSince, f.day.String(), f.since.read(r), f.years(r), r.days(f.away))
}

// days is a number of days: 1天, 1 day.
func (r *reader) days(n int) string {
	if r.lang == Chinese {
		return grouped(strconv.Itoa(n)) + "天"
	}
	return r.num(intNum(int64(n)), unitDay, 0)
}

// gapOfRecords says how many records are lacking, and what the nearest of those that do not count is short of.
func (d *condition) gapOfRecords(e *env, v qval, g *Gap) *Gap {
	r, n := e.say, v.span.hi
	lack := Num{}
	if t, ok := d.limit.number(e); ok && n.inf == 0 && d.up() {
		if lack = t.Sub(n.v); d.op == "over" {
			lack = lack.Add(intNum(1))
		}
	}
	near, distances := "", []string(nil)
	if lack.Sign() > 0 {
		near, distances = e.nearestShort(d.has)
	}
	switch {
	case lack.Sign() == 0: // there are too many, or others than are asked for
		g.Short = r.say(&pShould, r.than(d.op, d.limit.read(r, d.has.typ())))
	case n.sign() > 0 || lack.Cmp(intNum(1)) > 0:
		g.distances = append([]string{lack.String() + "项"}, distances...)
		g.Short = r.say(&pShortOf, r.num(lack, "项", 4))
		if near != "" {
			g.Short += r.say(&pComma) + near
		}
	default:
		g.distances = distances
		g.Short = r.noRecord(e, d.has)
	}
	return g
}

// closers finds every figure that the comparison is linear in, and where it would have to be for the comparison to hold.
func (d *condition) closers(e *env, t Num) []mover {
	if d.of.typ().root {
		return d.compounds(e, t)
	}
	var slots []valueKey
	was := *e
	e.refs, e.needs, e.lines = nil, nil, nil
	e.slots = &slots
	d.of.eval(e)
	e.slots = nil
	var moves []mover
	seen := map[valueKey]bool{}
	latest, others := 0, []valueKey(nil)
	for _, k := range slots {
		latest = max(latest, k.year)
	}
	for _, k := range slots {
		if k.year == latest && !slices.Contains(others, k) {
			others = append(others, k)
		}
	}
	for _, k := range slots {
		if seen[k] || k.year != latest { // a past year's figure does not move
			continue
		}
		seen[k] = true
		if m, ok := d.closer(e, k, t); ok && k.term.mayMove(m.to.Cmp(m.have) > 0) {
			for _, o := range others { // what stays as it is, as far as no vocabulary says otherwise
				switch {
				case k.term.isPartOf(o.term):
					m.whole = o.term.Name
				case o != k:
					m.alone = true
				}
			}
			m.from(e, m.have)
			moves = append(moves, m)
		}
	}
	changes, unverified, disputed := e.changes, e.unverified, e.disputed
	*e = was
	e.changes, e.unverified, e.disputed = changes, unverified, disputed
	return moves
}

// compounds finds where the figure of the last year would have to be for a compound growth rate to pass: the first year's × (1 + rate)^years.
func (d *condition) compounds(e *env, t Num) []mover {
	of := d.of
	if n, ok := of.(*nameExpr); ok && n.def.quantity != nil {
		of = n.def.quantity.expr
	}
	x, ok := of.(*callExpr)
	if !ok {
		return nil
	}
	arg, ok := x.arg.(*termExpr)
	if !ok {
		return nil
	}
	was := *e
	e.refs, e.needs, e.lines = nil, nil, nil
	before, now, years := x.ends(e)
	changes, unverified, disputed := e.changes, e.unverified, e.disputed
	*e = was
	e.changes, e.unverified, e.disputed = changes, unverified, disputed
	if before.undecided() || now.undecided() || !before.span.exact() || !now.span.exact() || before.span.lo.sign() <= 0 {
		return nil
	}
	_, last := x.yearRange(e)
	have, target := now.span.lo.v, before.span.lo.v
	for range years {
		target = target.Mul(intNum(1).Add(t))
	}
	k := valueKey{arg.term, last}
	one := k.term.step(have)
	if !k.term.mayBe(target) {
		if steps := target.Sub(have).Div(one); d.up() {
			target = have.Add(steps.Ceil().Mul(one))
		} else {
			target = have.Add(steps.Floor().Mul(one))
		}
	}
	for range 2 { // over and under need one step more at the boundary itself
		if compound(before.known, exactly(target), exactly(t), years, d.op, d.noBase) == Met {
			if !k.term.inRange(target) || !k.term.mayMove(target.Cmp(have) > 0) {
				return nil
			}
			return []mover{e.say.move(k, have, target, e.over(k.year))}
		}
		if d.up() {
			target = target.Add(one)
		} else {
			target = target.Sub(one)
		}
	}
	return nil
}

// with is the comparison's left side when one figure is replaced.
func (d *condition) with(e *env, k valueKey, n Num) (Num, bool) {
	e.override = &override{key: k, num: n}
	if list := e.f.values[k]; len(list) > 0 {
		e.override.by = n.Sub(bestFacts(list)[0].datum.num)
	}
	v := d.of.eval(e)
	e.override = nil
	return v.span.lo.v, !v.undecided() && v.span.exact()
}

func (d *condition) closer(e *env, k valueKey, t Num) (mover, bool) {
	have := bestFacts(e.f.values[k])[0].datum.num
	one := k.term.step(have)
	f0, ok0 := d.with(e, k, have)
	f1, ok1 := d.with(e, k, have.Add(one))
	f2, ok2 := d.with(e, k, have.Add(one).Add(one))
	if !ok0 || !ok1 || !ok2 {
		return mover{}, false
	}
	slope := f1.Sub(f0)
	if slope.Sign() != 0 && f2.Sub(f1).Cmp(slope) != 0 {
		return d.search(e, k, t, have, one, slope)
	}
	if slope.Sign() == 0 {
		return mover{}, false
	}
	steps := t.Sub(f0).Div(slope) // in units of one
	if target := have.Add(steps.Mul(one)); k.term.mayBe(target) {
		if got, ok := d.with(e, k, target); ok && compare(just(got), d.op, t) == Met {
			return e.say.move(k, have, target, e.over(k.year)), true
		}
	}
	if steps.Sign() > 0 {
		steps = steps.Ceil()
	} else {
		steps = steps.Floor()
	}
	for i := 0; i < 2; i++ { // over and under need one step more at the boundary itself
		target := have.Add(steps.Mul(one))
		got, ok := d.with(e, k, target)
		if !ok || !k.term.inRange(target) {
			return mover{}, false
		}
		if compare(just(got), d.op, t) == Met {
			return e.say.move(k, have, target, e.over(k.year)), true
		}
		if steps.Sign() > 0 || steps.Sign() == 0 && d.up() == (slope.Sign() > 0) {
			steps = steps.Add(intNum(1))
		} else {
			steps = steps.Sub(intNum(1))
		}
	}
	return mover{}, false
}

// step is the least amount that a figure moves by: what it is reported to, one of what is counted, and of what is measured the hundredth,
// or whatever it is itself stated to.
func (t *Term) step(have Num) Num {
	switch {
	case t.precision.Sign() > 0 && have.multipleOf(t.precision):
		return t.precision
	case t.counted():
		return intNum(1)
	case t.unit == unitRatio:
		return frac(1, 10_000)
	}
	for d := int64(100); ; d *= 10 {
		if have.multipleOf(frac(1, d)) || d == 1_000_000 {
			return frac(1, d)
		}
	}
}

func (a Num) multipleOf(b Num) bool { return a.Div(b).Floor().Mul(b).Cmp(a) == 0 }

func (t *Term) inRange(n Num) bool { return at(n).cmp(t.within.lo) >= 0 && at(n).cmp(t.within.hi) <= 0 }

// mayBe says whether a figure could be stated so, where nothing says to what it is reported: a sum to the fen, what is measured to four places.
func (t *Term) mayBe(n Num) bool {
	places := 4
	if t.unit == unitMoney {
		places = 2
	}
	if t.unit == unitRatio {
		n = n.Mul(intNum(100))
	}
	_, exact := n.decimal(places)
	return exact && t.precision.Sign() == 0 && !t.counted() && t.inRange(n)
}

// counted says that there is no part of one: people, projects, times.
func (t *Term) counted() bool {
	return t.Whole || slices.Contains([]string{"人", "名", "家", "户", "个", "件", "项", unitTimes}, t.unit)
}

// search finds where a figure would have to be when it stands in a whole, x ÷ (x + y) or y ÷ (x + y): there the quotient only ever rises or falls
// with it. One that stands in the whole alone may only rise, since nobody should be told to earn less so that a share of it looks larger.
func (d *condition) search(e *env, k valueKey, t, have, one, slope Num) (mover, bool) {
	of := d.of
	if x, ok := of.(*yearExpr); ok {
		of = x.expr
	}
	if n, ok := of.(*nameExpr); ok && n.def.quantity != nil {
		of = n.def.quantity.expr
	}
	ratio, ok := of.(*binExpr)
	if !ok || ratio.op != '/' {
		return mover{}, false
	}
	if d.up() != (slope.Sign() > 0) {
		one = one.Neg()
	}
	if one.Sign() < 0 && !reads(ratio.l, k.term) {
		return mover{}, false
	}
	passes := func(steps int64) bool {
		target := have.Add(one.Mul(intNum(steps)))
		got, ok := d.with(e, k, target)
		return ok && k.term.inRange(target) && compare(just(got), d.op, t) == Met
	}
	most := int64(1) << 40
	if end := map[bool]bound{true: k.term.within.hi, false: k.term.within.lo}[one.Sign() > 0]; end.inf == 0 {
		if n, ok := end.v.Sub(have).Div(one).Floor().Int64(); ok {
			most = min(most, n)
		}
	}
	low, high := int64(0), min(most, 1)
	for !passes(high) {
		if low, high = high, min(most, 2*high); low >= high {
			return mover{}, false
		}
	}
	for high-low > 1 {
		if mid := low + (high-low)/2; passes(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return e.say.move(k, have, have.Add(one.Mul(intNum(high))), e.over(k.year)), true
}

// up says that the comparison asks for more, not for less.
func (d *condition) up() bool { return d.op == "at_least" || d.op == "over" }

// over says that a year has ended on the day of the evaluation: nothing in it can be changed any more.
func (e *env) over(year int) bool { return year != 0 && year < e.on.Year() }

// closed says that a quantity reads only years that are over.
func (e *env) closed(x expr) bool {
	if r, ok := x.(*recordExpr); ok {
		_, to := r.at.window(e)
		return e.over(to.Year())
	}
	var slots []valueKey
	was := *e
	e.refs, e.needs, e.lines, e.slots = nil, nil, nil, &slots
	x.eval(e)
	changes, unverified, disputed := e.changes, e.unverified, e.disputed
	*e = was
	e.changes, e.unverified, e.disputed = changes, unverified, disputed
	for _, k := range slots {
		if !e.over(k.year) {
			return false
		}
	}
	return len(slots) > 0
}

// reads says whether an expression reads a term.
func reads(x expr, t *Term) bool {
	switch y := x.(type) {
	case *termExpr:
		return y.term == t
	case *binExpr:
		return reads(y.l, t) || reads(y.r, t)
	case *callExpr:
		return reads(y.arg, t)
	}
	return false
}

// mover is one figure that alone can close a gap.
type mover struct {
	words, by string
	share     int // as Gap.Share
	key       valueKey
	have, to  Num
	whole     string // what the figure is a part of, and moves with it
	alone     bool   // other figures are read beside it, and stay as they are
}

// from tells the same target from where the figure stands.
func (m *mover) from(e *env, have Num) {
	was := *m
	*m = e.say.move(m.key, have, m.to, e.over(m.key.year))
	m.whole, m.alone = was.whole, was.alone
	if m.whole != "" {
		m.words = e.say.say(&pWholeMoves, m.words, e.say.word(m.whole))
	}
	if m.alone {
		m.words = e.say.say(&pElseSame, m.words)
	}
}

func (m *mover) distance() Num {
	if m.to.Cmp(m.have) < 0 {
		return m.have.Sub(m.to)
	}
	return m.to.Sub(m.have)
}

// mostShare stands for every change larger than a thousandfold, and for one from nothing.
const mostShare = 1_000_000

// shareOf is how large a change is beside what it changes, in per mille, rounded up and at least 1.
func shareOf(by, have Num) int {
	if have.Sign() < 0 {
		have = have.Neg()
	}
	if have.Sign() == 0 {
		return mostShare
	}
	n, ok := by.Mul(intNum(1000)).Div(have).Ceil().Int64()
	if !ok || n > mostShare {
		return mostShare
	}
	return max(int(n), 1)
}

// move words a figure and where it would have to be; of a year that is over only how far it is from there.
func (r *reader) move(k valueKey, have, target Num, over bool) mover {
	by, how := target.Sub(have), &pMoreBy
	switch less := by.Sign() < 0; {
	case less && over:
		by, how = by.Neg(), &pMuchOver
	case less:
		by, how = by.Neg(), &pLessBy
	case over:
		how = &pLackOver
	}
	unit := k.term.unit
	if unit == unitRatio {
		unit = unitPoints
	}
	return mover{words: r.say(how, r.term(k.term.Name, k.year), r.distance(by, unit), r.num(target, k.term.unit, 4)), by: chinese.distance(by, unit),
		share: shareOf(by, have), key: k, have: have, to: target}
}

// nextRow says what would reach the next better row of a table and what it brings.
func (v *value) nextRow(e *env) string {
	if v.kind != valueTable || v.op == "is" || v.op == "within" {
		return ""
	}
	q := v.expr.eval(e)
	rows := v.reached(e, &q)
	if q.undecided() || len(rows) != 1 {
		return ""
	}
	next := rows[0] - 1
	if rows[0] == -1 {
		next = len(v.rows) - 1
	}
	if next < 0 {
		return ""
	}
	have, want := v.cell(e, rows[0], ""), v.cell(e, next, "")
	if have.refused {
		have = nothing()
	}
	if want.hi.inf != 0 || have.hi.inf != 0 || want.hi.cmp(have.hi) <= 0 {
		return ""
	}
	t, how := v.expr.typ(), &pNextRow
	if e.closed(v.expr) {
		how = &pNextRowOver
	}
	return e.say.say(how, v.expr.read(e.say), e.say.than(v.op, v.rows[next].limit.read(e.say, t)), e.say.num(want.hi.v.Sub(have.hi.v), v.unit, 4))
}

// scoreMoves lists the indicators of a score that can still rise, each with its next row.
func (v *value) scoreMoves(e *env, most int) []string {
	out := []string{}
	var walk func(v *value, depth int)
	walk = func(v *value, depth int) {
		if depth > 10 || len(out) >= most {
			return
		}
		switch v.kind {
		case valueTable:
			if m := v.nextRow(e); m != "" {
				out = append(out, m)
			}
		case valueExpr:
			if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil {
				walk(n.def.value, depth+1)
			}
		case valueSum, valueHighest:
			for _, p := range v.parts {
				walk(p, depth+1)
			}
		}
	}
	walk(v, 0)
	return out
}

// baseless says why a quantity cannot be computed: what it is divided by, or the figure that it would have grown from, is zero or below.
func (d *condition) baseless(r *reader) string {
	of := d.of
	for {
		switch x := of.(type) {
		case *yearExpr:
			of = x.expr
			continue
		case *nameExpr:
			if x.def.quantity != nil {
				of = x.def.quantity.expr
				continue
			}
		case *binExpr:
			if x.op == '/' {
				return r.say(&pNoWhole, x.r.read(r))
			}
		}
		return r.say(&pNoBase)
	}
}
