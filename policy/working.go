package policy

import (
	"strconv"
)

// The working of an amount: its arithmetic line by line, in words.

func (e *env) work(line string) { *e.lines = append(*e.lines, line) }

// show writes a figure of the arithmetic: money with every part of a fen, since it is rounded only once and at the end.
func (e *env) show(g given, unit string) string {
	r := e.say
	return r.given(g, func(n Num) string {
		switch {
		case unit == unitMoney:
			return r.exactly(n)
		case unit == unitRatio && g.rate != nil:
			return g.rate.show(r, n)
		}
		return r.num(n, unit, 4)
	})
}

// exactly writes a sum of money without rounding it to the fen; one that no decimal writes is marked.
func (r *reader) exactly(n Num) string {
	for places := 3; places <= 8; places++ {
		if _, whole := n.decimal(2); whole {
			break
		}
		s, exact := n.decimal(places)
		if !exact && places < 8 {
			continue
		}
		if !exact {
			s, _ = n.decimal(4)
			s = "≈" + s
		}
		if r.lang == Chinese {
			return grouped(s) + unitMoney
		}
		return "CNY " + grouped(s)
	}
	return r.num(n, unitMoney, 4)
}

var roundingPhrases = map[string]*phrase{"": &pWorkDown, "down": &pWorkDown, "half_up": &pWorkHalfUp, "up": &pWorkUp}

// workRound tells the one rounding of an amount, where there is anything to round.
func (e *env) workRound(g given) {
	for _, b := range []bound{g.lo, g.hi} {
		if b.inf != 0 {
			continue
		}
		f, fits := fenOf(b.v, e.scheme.doc.rounding)
		if fits && frac(int64(f), 100).Cmp(b.v) != 0 {
			e.work(e.say.say(roundingPhrases[e.scheme.doc.rounding], e.say.exactly(b.v), e.say.fen(f)))
		}
		if g.lo.cmp(g.hi) == 0 {
			return
		}
	}
}

// given writes what a value comes to.
func (r *reader) given(g given, write func(Num) string) string {
	switch {
	case g.hi.inf > 0 && g.lo.inf == 0 && g.lo.sign() > 0:
		return r.say(&pFloor, write(g.lo.v))
	case g.manual:
		return r.say(&pByOffice)
	case g.hi.inf != 0:
		return r.say(&pOpenEnded)
	case g.lo.cmp(g.hi) == 0:
		return write(g.hi.v)
	case g.lo.sign() == 0 && !g.mixed:
		return r.say(&pUpTo, write(g.hi.v))
	case g.lo.sign() == 0 || g.lo.inf != 0:
		return r.say(&pNoMoreThan, write(g.hi.v))
	}
	return r.say(&pFromTo, write(g.lo.v), write(g.hi.v))
}

// workLine tells a line: where the base comes from, how many steps it makes, what a step gives.
func (e *env) workLine(v *value, whole, base, count, rate, out given, open lineOpen) {
	r, unit := e.say, v.expr.typ().unit
	line := v.expr.read(r) + " " + e.unknown(whole, unit, open.base)
	if sum := e.sum(v.expr); sum != "" {
		e.work(v.expr.read(r) + r.say(&pColonSign) + sum + " = " + e.show(whole, unit))
		line = e.show(whole, unit)
	}
	if v.beyond != nil || v.upTo != nil {
		part := unit
		if unit == unitRatio && v.per != nil {
			part = v.per.unit
		}
		line += r.say(&pComma) + r.say(&pBandIs, v.band(r), e.show(base, part))
		e.work(line)
		line = e.show(base, part)
	}
	if v.per == nil {
		e.work(line + " × " + e.factor(v.give, rate, v.give.unit, open.rate) + " = " + e.show(out, v.unit))
		return
	}
	line += " ÷ " + v.perText(r) + " = "
	if steps := quotient(base, v.per.low); steps != "" && steps != countNum(count) {
		line += steps + " → "
	}
	line += e.countText(count)
	if steps := quotient(base, v.per.low); steps != countNum(count) {
		line = r.say(&pBrackets, line, r.say(partPhrases[v.rest]))
	}
	e.work(line)
	e.work(e.countText(count) + " × " + e.factor(v.give, rate, v.give.unit, open.rate) + " = " + e.show(out, v.unit))
}

// lineOpen says which figures of a line are not known.
type lineOpen struct{ base, rate bool }

// factor shows what something is multiplied by; of one that a person sets, what the file says of it.
func (e *env) factor(v *value, g given, unit string, open bool) string {
	shown := e.unknown(g, unit, open)
	if !g.manual {
		return shown
	}
	says := v.read(e.say)
	if v.text != "" && v.kind != valueSee && e.say.lang == Chinese {
		says = v.text
	}
	if says == shown || v.kind == valueSee {
		return says
	}
	return e.say.say(&pBrackets, says, shown)
}

// unknown shows a figure; one that is not known, as such and with what it counts as until it is.
func (e *env) unknown(g given, unit string, open bool) string {
	switch {
	case !open:
		return e.show(g, unit)
	case g.lo.inf != 0 || g.hi.inf != 0:
		return e.say.say(&pNotKnown)
	}
	return e.say.say(&pNotKnownYet, e.show(g, unit))
}

var partPhrases = map[string]*phrase{"drop": &pDropped, "prorate": &pProrated, "up": &pRoundedUp}

// quotient is how many times `per` goes into a base that is known exactly, with its fraction.
func quotient(base given, per Num) string {
	if base.hi.inf != 0 || base.lo.cmp(base.hi) != 0 {
		return ""
	}
	return stepsOf(base.hi.v.Div(per))
}

func countNum(g given) string { return stepsOf(g.hi.v) }

// stepsOf writes a number of steps, and marks one that is rounded.
func stepsOf(n Num) string {
	s := unwhole(n, 4)
	if back, ok := parseDecimal(s); !ok || back.Cmp(n) != 0 {
		s = "≈" + s
	}
	return grouped(s)
}

func (e *env) countText(g given) string {
	if g.hi.inf != 0 {
		return e.say.say(&pSeveral)
	}
	if g.hi.v.Cmp(intNum(1)) == 0 && e.say.lang == English {
		return "1 step"
	}
	return e.say.say(&pCountSteps, countNum(g))
}

// workPart says why a part of a sum or a highest stands in it as nothing: what it is given under is not so, or not known.
func (e *env) workPart(v *value, g given) {
	if g.lo.sign() != 0 || g.hi.sign() != 0 {
		return
	}
	for v.guard == nil {
		n, ok := v.expr.(*nameExpr)
		if v.kind != valueExpr || !ok || n.def.value == nil {
			return
		}
		v = n.def.value
	}
	say := &pPartOpen
	switch {
	case e.incomplete:
	case g.empty == emptyGuard:
		say = &pPartNotUnder
	default:
		return
	}
	bare := *v
	bare.guard, bare.sentence = nil, ""
	e.work(e.say.say(say, bare.read(e.say), v.guard.says(e.say)))
}

// workTable tells the row of a table; while it is not certain which it is, that the one that gives least is taken.
func (e *env) workTable(v *value, q qval, out given, open bool) {
	if open {
		e.work(e.say.say(&pWorkLeast, v.expr.read(e.say), e.show(out, v.unit)))
		return
	}
	d := condition{kind: condCompare}
	shown := d.actual(e, q, v.expr.typ())
	if shown == "" {
		e.work(v.expr.read(e.say) + e.say.say(&pColonSign) + e.show(out, v.unit))
		return
	}
	e.work(e.say.say(&pWorkIs, v.expr.read(e.say), shown, e.show(out, v.unit)))
}

// mostRecords are the records of an `each` of which each has a line; more of them are only counted.
const mostRecords = 12

// eachTold is what each record of an `each` came to, in their order.
type eachTold struct {
	records []*recordFact
	gave    []given
	open    []bool // what it came to rests on something that is not known
}

func (t *eachTold) note(r *recordFact, g given, open bool) {
	t.records, t.gave, t.open = append(t.records, r), append(t.gave, g), append(t.open, open)
}

// workEach tells what an `each` comes to together, then a line for every record that counted with its amount, and for every one that did not with
// why. Records that are alike share a line.
func (e *env) workEach(v *value, n int, out given, told *eachTold, maybe []*recordFact) {
	r, kind := e.say, v.each.kind
	e.work(r.say(&pWorkEach, r.dated(v.each.kind, v.each.at, r.word(kind.Name)+r.filter(v.each.filter)), r.num(intNum(int64(n)), "项", 4), e.show(out, v.unit)))
	lines, refs, needs, slots := e.lines, e.refs, e.needs, e.slots
	e.lines, e.refs, e.needs, e.slots = nil, nil, nil, nil
	var counted, open, left likes
	seen := map[*recordFact]bool{}
	for i, rec := range told.records {
		seen[rec] = true
		if g := told.gave[i]; !g.refuses() && g.empty == 0 {
			counted.add(rec.show(r, kind), e.unknown(g, v.unit, told.open[i]), &g)
			continue
		}
		outer := e.rec
		e.rec = rec
		if why := e.unstated(v.give); why != "" {
			open.add(rec.show(r, kind), why, nil)
			e.rec = outer
			continue
		}
		why := r.say(&pNotUnder)
		if told.gave[i].refuses() {
			if why = r.say(&pNoRow); len(v.give.refusal(e)) > 0 {
				why = v.give.refusal(e)[0].Short
			}
		}
		e.rec = outer
		left.add(rec.show(r, kind), why, nil)
	}
	mayCount := map[*recordFact]bool{}
	for _, rec := range maybe {
		mayCount[rec] = true
	}
	list := e.f.records[kind.Name]
	for i := range list {
		switch rec := &list[i]; {
		case seen[rec]:
		case mayCount[rec]:
			open.add(rec.show(r, kind), e.mayCount(v.each, rec), nil)
		default:
			left.add(rec.show(r, kind), e.uncounted(v.each, rec), nil)
		}
	}
	e.lines, e.refs, e.needs, e.slots = lines, refs, needs, slots
	further := nothing()
	for i, x := range counted.list {
		all := x.gave.times(given{}, given{lo: atInt(x.n), hi: atInt(x.n)})
		switch {
		case i >= mostRecords:
			further.joins(all)
			further.lo, further.hi = further.lo.add(all.lo), further.hi.add(all.hi)
		case x.n == 1:
			e.work(r.say(&pEachCounts, x.what, x.says))
		default:
			e.work(r.say(&pEachCountsTimes, r.alike(x), x.says, r.num(intNum(int64(x.n)), "项", 4), e.show(all, v.unit)))
		}
	}
	if len(counted.list) > mostRecords {
		e.work(r.say(&pEachMore, r.num(intNum(int64(counted.from(mostRecords))), "项", 4), e.show(further, v.unit)))
	}
	e.workLeft(&open, &pEachOpen, &pEachMoreOpen)
	e.workLeft(&left, &pEachLeft, &pEachMoreLeft)
}

func (e *env) workLeft(l *likes, one, more *phrase) {
	for i, x := range l.list {
		if i == mostRecords {
			e.work(e.say.say(more, e.say.num(intNum(int64(l.from(i))), "项", 4)))
			return
		}
		e.work(e.say.say(one, e.say.alike(x), x.says))
	}
}

// unstated says what decides what a value gives the record that is looked at and is not known, its own fields by name; empty: all is known.
func (e *env) unstated(v *value) string {
	wanted := e.wanted()
	incomplete := e.incomplete
	e.needs, e.incomplete = wanted, false
	v.compute(e, "")
	open := e.incomplete
	e.needs, e.incomplete = nil, incomplete
	if !open || wanted == nil {
		return ""
	}
	var fields []string
	for _, n := range wanted.list {
		if n.field != "" {
			fields = append(fields, e.say.word(n.field))
		}
	}
	if len(fields) == 0 {
		return e.say.say(&pGuardOpen)
	}
	return e.say.say(&pFieldsOpen, e.say.join(fields, &pPause))
}

// alike is a text of records, with how many there are.
func (r *reader) alike(x likeText) string {
	if x.n == 1 {
		return x.what
	}
	return r.say(&pAlike, x.what, strconv.Itoa(x.n))
}

// mayCount says why it is not known whether a record of the kind counts: it has no date, or a field that a filter reads is not stated.
func (e *env) mayCount(x *recordExpr, rec *recordFact) string {
	r := e.say
	if x.at.undated(e, rec) {
		return r.say(&pNoDate)
	}
	var fields []string
	for i := range x.filter {
		if f := &x.filter[i]; passes(e, rec, x.kind, []filter{*f}) == Unknown {
			fields = append(fields, r.word(f.field.Name))
		}
	}
	if len(fields) == 0 {
		return r.say(&pNoDate)
	}
	return r.say(&pFieldsOpen, r.join(fields, &pPause))
}

// uncounted says why a record of the kind does not count: it is of another time, or a filter does not let it pass.
func (e *env) uncounted(x *recordExpr, rec *recordFact) string {
	r := e.say
	if !x.at.holds(e, rec) {
		return r.say(&pOutsidePeriod, r.years(x.at))
	}
	var parts []string
	for i := range x.filter {
		if f := &x.filter[i]; passes(e, rec, x.kind, []filter{*f}) == Unmet {
			part, _ := f.short(e, rec)
			parts = append(parts, part)
		}
	}
	return r.join(parts, &pSemicolon)
}

// likes are texts of records in their order, equal ones together.
type likes struct {
	list []likeText
	at   map[[2]string]int
}

type likeText struct {
	what, says string
	n          int
	gave       *given
}

func (l *likes) add(what, says string, gave *given) {
	if l.at == nil {
		l.at = map[[2]string]int{}
	}
	i, ok := l.at[[2]string{what, says}]
	if !ok {
		l.at[[2]string{what, says}] = len(l.list)
		l.list = append(l.list, likeText{what, says, 1, gave})
		return
	}
	l.list[i].n++
}

// from is how many records stand from a text on.
func (l *likes) from(i int) int {
	n := 0
	for _, x := range l.list[i:] {
		n += x.n
	}
	return n
}

func (e *env) workStep(s *step, before, w, after, between given, open bool) {
	r, unit := e.say, s.value.unit
	if unit == anyUnit {
		unit = unitMoney
	}
	wide := between.hi.cmp(after.owing().hi) != 0 && !after.manual && before.lo.cmp(before.hi) == 0
	line := ""
	switch s.kind {
	case stepTimes:
		line = r.say(&pWorkTimes, e.show(before, unitMoney), e.factor(s.value, w, unitRatio, open), e.show(after, unitMoney))
	case stepLess:
		name := s.value.readShort(r)
		if name == "" {
			name = s.value.within(r)
		}
		comes := e.show(after, unit)
		if wide {
			comes = r.say(&pCountedAs, e.interval(between, unit), e.show(after.owing(), unit))
		}
		line = r.say(&pWorkLess, e.show(before, unit), e.unknown(w, unit, open), name, comes)
	case stepAtMost:
		switch {
		case after.hi.cmp(before.hi) >= 0:
		case open && after.manual:
			line = r.say(&pWorkCutManual, e.show(before, unit))
		case wide:
			line = r.say(&pWorkCutBetween, e.show(before, unit), e.interval(between, unit), e.show(after, unit))
		case open:
			line = r.say(&pWorkCutOpen, e.show(before, unit), e.show(after, unit))
		default:
			line = e.cutText(before, w, after, unit)
		}
	case stepAtLeast:
		if wide {
			line = r.say(&pWorkFloorOpen, e.show(before, unit), e.interval(between, unit), e.show(after, unit))
		} else if after.lo.cmp(before.lo) > 0 {
			line = r.say(&pWorkFloor, e.show(before, unit), e.show(after, unit))
		}
	}
	if line == "" {
		return
	}
	if s.guard != nil { // why it is taken
		why := s.text
		if why == "" || r.lang != Chinese {
			why = s.guard.says(r)
		}
		line = r.say(&pWorkSince, line, why)
	}
	e.work(line)
}

// interval shows what lies between two ends while it is not known where: nobody sets it.
func (e *env) interval(g given, unit string) string {
	if g.hi.inf > 0 && g.lo.inf == 0 && g.lo.sign() > 0 {
		return e.say.say(&pNoLessThan, e.show(given{lo: g.lo, hi: g.lo}, unit))
	}
	return e.show(g, unit)
}

// cutText tells what a cap takes: of a range that lies above it only in part, which part.
func (e *env) cutText(before, w, after given, unit string) string {
	r := e.say
	most := e.show(given{lo: w.hi, hi: w.hi}, unit)
	short := func(from, to bound) string {
		if from.inf != 0 || to.inf != 0 {
			return r.say(&pOpenEnded)
		}
		by := at(from.v.Sub(to.v))
		return e.show(given{lo: by, hi: by}, unit)
	}
	least, all := short(before.lo, after.lo), short(before.hi, after.hi)
	switch {
	case before.lo.cmp(before.hi) == 0 || before.lo.sign() == 0 || before.hi.inf != 0 || before.manual || w.lo.cmp(w.hi) != 0:
		return r.say(&pWorkCut, e.show(before, unit), most, most, all)
	case before.lo.cmp(w.hi) <= 0:
		return r.say(&pWorkCutPart, e.show(before, unit), most, e.show(after, unit))
	}
	return r.say(&pWorkCut, e.show(before, unit), most, most, r.say(&pFromTo, least, all))
}

// sum writes how a quantity comes about from figures that are known: (10,989万元 − 9,990万元) ÷ 9,990万元. It is empty for a figure that
// stands by itself, and while one is not known.
func (e *env) sum(x expr) string {
	s, compound := e.figures(x)
	if !compound {
		return ""
	}
	return s
}

// figures writes an expression with its figures in the place of names; compound says whether anything is computed.
func (e *env) figures(x expr) (text string, compound bool) {
	one := func(x expr, year int) string {
		was, refs, needs := e.atYear, e.refs, e.needs
		e.refs, e.needs = nil, nil
		if year != 0 {
			e.atYear = year
		}
		defer func() { e.atYear, e.refs, e.needs = was, refs, needs }()
		if inner, more := e.figures(x); more && inner != "" {
			return "(" + inner + ")"
		}
		v := x.eval(e)
		if v.undecided() || !v.span.exact() {
			return ""
		}
		return e.say.num(v.span.lo.v, x.typ().unit, 4)
	}
	switch y := x.(type) {
	case *nameExpr:
		if y.def.quantity == nil {
			return "", false
		}
		if y.at != nil && e.atYear == 0 {
			_, e.atYear = y.at.years(e)
			defer func() { e.atYear = 0 }()
		}
		return e.figures(y.def.quantity.expr)
	case *binExpr:
		l, r := one(y.l, 0), one(y.r, 0)
		if l == "" || r == "" {
			return "", true
		}
		sign := map[byte]string{'+': " + ", '-': " − ", '*': " × ", '/': " ÷ "}[y.op]
		return l + sign + r, true
	case *callExpr:
		return e.called(y, one), true
	}
	return "", false
}

func (e *env) called(x *callExpr, one func(expr, int) string) string {
	if x.fn == "nth_year" || x.fn == "full_years" || x.fn == "cagr" {
		return ""
	}
	y1, y2 := x.yearRange(e)
	growth := func(year int) string {
		now, before := one(x.arg, year), one(x.arg, year-1)
		if now == "" || before == "" {
			return ""
		}
		return "(" + now + " − " + before + ") ÷ " + before
	}
	switch x.fn {
	case "growth":
		return growth(y2)
	case "increase":
		now, before := one(x.arg, y2), one(x.arg, y2-1)
		if now == "" || before == "" {
			return ""
		}
		return now + " − " + before
	}
	if y2 < y1 || y2-y1 > 9 {
		return ""
	}
	var parts []string
	for y := y1; y <= y2; y++ {
		part := ""
		if x.fn == "mean_growth" {
			if part = growth(y); y1 != y2 && part != "" {
				part = "[" + part + "]"
			}
		} else {
			part = one(x.arg, y)
		}
		if part == "" {
			return ""
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	joined := parts[0]
	between := " + "
	if x.fn == "highest" || x.fn == "lowest" {
		between = e.say.say(&pPause)
	}
	for _, p := range parts[1:] {
		joined += between + p
	}
	switch x.fn {
	case "average", "mean_growth":
		return "(" + joined + ") ÷ " + intNum(int64(len(parts))).String()
	case "highest":
		return e.say.say(&pHighestOf, joined)
	case "lowest":
		return e.say.say(&pLowestOf, joined)
	}
	return joined
}
