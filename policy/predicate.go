package policy

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// cond is a compiled condition. Equal conditions of several schemes are one cond.
type cond struct {
	id    int
	kind  condKind // condGroup, condCompare (a leaf), condJudge, condSee
	word  string
	n     int
	parts []*cond
	guard *cond
	leave bool // a part may turn out not to apply
	leaf  *leaf
	judge int
	uses  int
	slot  int // of the answers of a block, when several ask for them; -1: none
}

type leafKind uint8

const (
	leafGeneral leafKind = iota // over intervals of fractions
	leafRange                   // one column of numbers: lo ≤ x ≤ hi
	leafSign                    // the sign of a linear form with whole coefficients
	leafCode                    // one column of codes: a table
)

// leaf is a compiled comparison.
type leaf struct {
	index   int
	kind    leafKind
	eval    func(r *Runner, row int) Answer // always right; the kernels are faster
	cell    int
	lo, hi  int64
	missing Answer // of a row of which no figure is known
	top     whole
	below   *whole // must be above zero, else noBase
	op      string
	noBase  Answer

	from   *condition // and where it stands; for tests
	scheme *Scheme
	atYear int
	each   bool
}

// whole is a linear form in whole numbers.
type whole struct {
	cells []int
	coef  []int64
	plus  int64
}

// The tables of the one counting rule for two answers: all and any are folds, and not_applicable leaves the operands.
var (
	foldAll, foldAny [6][8]Answer
	negated          = [8]Answer{NotApplicable, Unmet, Met, Unknown, Manual, plainAnswer}
	guarded          = [8]Answer{NotApplicable, Met, NotApplicable, Unknown, Manual, plainAnswer}
)

func init() {
	for a := range plainAnswer + 1 {
		for b := range plainAnswer + 1 {
			if a == plainAnswer || b == plainAnswer {
				foldAll[a][b], foldAny[a][b] = plainAnswer, plainAnswer
				continue
			}
			var t tally
			t.add(a)
			t.add(b)
			foldAll[a][b], foldAny[a][b] = t.decide(t.operands()), t.decide(min(1, t.operands()))
		}
	}
}

var allUnmet = slices.Repeat([]Answer{Unmet}, blockRows)

// mayLeave says whether the condition may turn out not to apply.
func (c *cond) mayLeave() bool {
	return c.guard != nil || c.kind == condGroup && !slices.ContainsFunc(c.parts, func(p *cond) bool { return !p.mayLeave() })
}

func (c *cond) cacheable() bool {
	return c.kind == condGroup || c.kind == condCompare && (c.leaf.kind == leafGeneral || c.leaf.kind == leafSign)
}

// intern gives a condition its identity: one that is known already is used again.
func (c *compiler) intern(d *cond) *cond {
	d.leave = slices.ContainsFunc(d.parts, (*cond).mayLeave)
	var key strings.Builder
	switch {
	case d.kind == condGroup:
		fmt.Fprintf(&key, "%s %d", d.word, d.n)
		for _, p := range d.parts {
			fmt.Fprintf(&key, " %d", p.id)
		}
	case d.kind == condJudge:
		fmt.Fprintf(&key, "judge %d", d.judge)
	default:
		key.WriteString("see")
	}
	if d.guard != nil {
		fmt.Fprintf(&key, " if %d", d.guard.id)
	}
	return c.internAs(key.String(), d)
}

func (c *compiler) internAs(key string, d *cond) *cond {
	if old := c.p.conds[key]; old != nil {
		old.uses++
		return old
	}
	d.id, d.uses, d.slot = len(c.p.conds), 1, -1
	c.p.conds[key] = d
	if d.leaf != nil {
		d.leaf.index = len(c.p.leaves)
		c.p.leaves = append(c.p.leaves, d.leaf)
	}
	return d
}

// condition compiles a condition.
func (c *compiler) condition(d *condition) *cond {
	defer c.deeper()()
	out := c.unguarded(d)
	if d.guard == nil {
		return out
	}
	return c.intern(&cond{kind: condGroup, word: "all", parts: []*cond{out}, guard: c.condition(d.guard)})
}

func (c *compiler) unguarded(d *condition) *cond {
	switch d.kind {
	case condGroup:
		out := &cond{kind: condGroup, word: d.word, n: d.n}
		if !slices.Contains([]string{"all", "any", "none", "at_least"}, d.word) {
			c.fail("a group " + d.word)
		}
		for _, p := range d.parts {
			out.parts = append(out.parts, c.condition(p))
		}
		if len(out.parts) > 200 {
			c.fail("a group of so many")
		}
		return c.intern(out)
	case condName:
		return c.condition(d.def.cond)
	case condSee:
		return c.intern(&cond{kind: condSee})
	case condJudge:
		return c.intern(&cond{kind: condJudge, judge: indexOf(&c.p.judged, d.judge)})
	case condCompare, condHas:
		l, key := c.compare(d)
		l.from, l.scheme, l.atYear, l.each = d, c.s, c.atYear, c.each != 0
		if c.each != 0 {
			key += " each " + strconv.Itoa(c.each)
		}
		return c.internAs(key, &cond{kind: condCompare, leaf: l})
	}
	c.fail("a condition of an unknown kind")
	return nil
}

// compare compiles a comparison, and finds the kernel for it.
func (c *compiler) compare(d *condition) (*leaf, string) {
	var x expr = d.of
	if d.has != nil {
		x = d.has
	}
	typ := x.typ()
	if typ.root {
		return c.compound(d)
	}
	q := c.quantity(x)
	test, key := c.test(typ, d.op, d.limit, d.noBase)
	l := &leaf{op: d.op, noBase: d.noBase}
	eval := q.eval
	l.eval = func(r *Runner, row int) Answer { return test(r, row, eval(r, row)) }
	key = q.key + key + " " + d.noBase.String()
	limit, constant := c.constant(d.limit)
	switch {
	case q.single > 0 && (len(d.limit.words) > 0 || constant):
		l.kind, l.cell = leafCode, q.single-1
	case q.form != nil && constant && len(d.limit.words) == 0:
		c.kernel(l, q.form, limit)
	}
	return l, key
}

// constant is a threshold that is known when the program is compiled.
func (c *compiler) constant(t *threshold) (Num, bool) {
	switch {
	case t.other != nil || len(t.words) > 0:
		return Num{}, false
	case t.named == nil:
		return t.num, true
	}
	if q := c.name(t.named); q.form != nil && q.form.below == nil && q.form.top.constant() {
		return q.form.top.plus, true
	}
	return Num{}, false
}

// kernel finds the fast test for a linear form, or a ratio of two, against a number: the comparison multiplied out.
func (c *compiler) kernel(l *leaf, f *ratio, limit Num) {
	top := f.top
	if f.below != nil {
		top = top.add(*f.below, limit.Neg())
	} else {
		top.plus = top.plus.Sub(limit)
	}
	for i := 0; i < len(top.cells); i++ { // what cancels out has no say
		if top.coef[i].Sign() == 0 && f.below == nil {
			return
		}
	}
	if f.below == nil && len(top.cells) == 1 {
		cell := top.cells[0]
		edge := top.plus.Neg().Div(top.coef[0]).Mul(intNum(c.den(cell)))
		op := l.op
		if top.coef[0].Sign() < 0 {
			op = map[string]string{"at_least": "at_most", "at_most": "at_least", "over": "under", "under": "over", "is": "is"}[op]
		}
		lo, hi := int64(-cellMax-1), int64(cellMax+1)
		switch op {
		case "at_least":
			lo = clamp(edge.Ceil())
		case "over":
			lo = clamp(edge.Floor().Add(intNum(1)))
		case "at_most":
			hi = clamp(edge.Floor())
		case "under":
			hi = clamp(edge.Ceil().Sub(intNum(1)))
		case "is":
			if lo = clamp(edge.Ceil()); edge.Floor().Cmp(edge.Ceil()) != 0 {
				lo = cellMax + 1
			}
			hi = lo
		default:
			return
		}
		if lo > hi {
			lo, hi = cellMax+1, cellMax+1 // no figure of a column is as large
		}
		l.kind, l.cell, l.lo, l.hi = leafRange, cell, lo, hi
		return
	}
	if len(top.cells) == 0 && f.below == nil {
		return
	}
	w, ok := c.whole(top)
	if !ok {
		return
	}
	l.top = w
	if f.below != nil {
		b, ok := c.whole(*f.below)
		if !ok || b.plus != 0 && len(b.cells) == 0 {
			return
		}
		l.below = &b
	}
	l.kind = leafSign
}

// clamp is a whole number within what a column holds, or just outside it.
func clamp(n Num) int64 {
	if n.Cmp(intNum(cellMax)) > 0 {
		return cellMax + 1
	}
	if n.Cmp(intNum(-cellMax)) < 0 {
		return -cellMax - 1
	}
	v, _ := n.Int64()
	return v
}

func (c *compiler) den(cell int) int64 {
	t := c.p.cells[cell].term
	return denominatorOf(t.Type, t.unit, t.precision)
}

// whole scales a linear form by a number above zero, so that it has whole coefficients over the columns as they are.
func (c *compiler) whole(f linear) (whole, bool) {
	w, _, ok := c.scaled(f)
	return w, ok
}

// scaled is a linear form as whole numbers over one denominator.
func (c *compiler) scaled(f linear) (w whole, den int64, ok bool) {
	coef := make([]Num, len(f.coef))
	den = 1
	widen := func(n Num) bool {
		if n.b != nil {
			return false
		}
		_, d := n.parts()
		g := int64(gcd(uint64(den), uint64(d)))
		den, ok = mul64(den, d/g)
		return ok && den < 1<<50
	}
	for i, k := range f.coef {
		coef[i] = k.Div(intNum(c.den(f.cells[i])))
		if !widen(coef[i]) {
			return whole{}, 0, false
		}
	}
	if !widen(f.plus) {
		return whole{}, 0, false
	}
	scale := intNum(den)
	w.cells = f.cells
	for _, k := range coef {
		n, whole1 := k.Mul(scale).Int64()
		if !whole1 {
			return whole{}, 0, false
		}
		w.coef = append(w.coef, n)
	}
	w.plus, ok = f.plus.Mul(scale).Int64()
	return w, den, ok
}

// test compiles what answerOf does: a quantity against a threshold.
func (c *compiler) test(q qtype, op string, t *threshold, noBase Answer) (func(r *Runner, row int, v quant) Answer, string) {
	if !slices.Contains(operators, op) {
		c.fail("an operator " + op)
	}
	if len(t.words) > 0 {
		among := c.among(q, op, t.words)
		return func(r *Runner, row int, v quant) Answer {
			if v.noBase {
				return v.baseless(noBase)
			}
			return v.answer(among(r, v), noBase)
		}, " " + op + " " + strings.Join(t.words, "|")
	}
	if t.named == nil {
		n := t.num
		return func(r *Runner, row int, v quant) Answer {
			if v.noBase {
				return v.baseless(noBase)
			}
			return v.answer(compare(v.span, op, n), noBase)
		}, " " + op + " " + n.String()
	}
	limit := c.name(t.named)
	return func(r *Runner, row int, v quant) Answer {
		if v.noBase {
			return v.baseless(noBase)
		}
		a := v.against(limit.eval(r, row).known, op)
		return v.answer(a, noBase)
	}, " " + op + " " + limit.key
}

// number compiles a threshold of the operators of order.
func (c *compiler) number(t *threshold) (func(r *Runner, row int) (Num, bool), string) {
	if t.named == nil {
		n := t.num
		return func(*Runner, int) (Num, bool) { return n, true }, n.String()
	}
	q := c.name(t.named)
	eval := q.eval
	return func(r *Runner, row int) (Num, bool) {
		v := eval(r, row)
		if v.undecided() || !v.span.exact() {
			return Num{}, false
		}
		return v.span.lo.v, true
	}, q.key
}

// among compiles amongWords.
func (c *compiler) among(q qtype, op string, words []string) func(r *Runner, v quant) Answer {
	if q.kind == TypeLevel {
		in := make([]bool, len(q.options))
		for i, o := range q.options {
			in[i] = slices.Contains(words, o)
		}
		return func(r *Runner, v quant) Answer {
			return amongLevels(v.span, len(in), func(rank int64) bool { return in[rank] })
		}
	}
	if op == "within" {
		return func(r *Runner, v quant) Answer {
			if v.any {
				return Unknown
			}
			return withinCodes(r.c.words[v.word], words)
		}
	}
	codes := make([]int32, len(words))
	for i, w := range words {
		codes[i] = c.p.code(w)
	}
	return func(r *Runner, v quant) Answer {
		if v.any {
			return Unknown
		}
		yes := slices.Contains(codes, v.word)
		return decided(yes, !yes)
	}
}

// compound compiles a comparison of a compound growth rate, by powers.
func (c *compiler) compound(d *condition) (*leaf, string) {
	x, ok := d.of.(*callExpr)
	if !ok || x.fn != "cagr" {
		c.fail("a root that is no growth rate")
	}
	y1, y2, moves := c.yearRange(x)
	var before, now *quantity
	c.at(y1-1, func() { before = c.quantity(x.arg) })
	c.at(y2, func() { now = c.quantity(x.arg) })
	number, key := c.number(d.limit)
	op, noBase, day := d.op, d.noBase, c.newYear()
	eval := func(r *Runner, row int) Answer {
		if moves {
			r.note(day)
		}
		b, n := before.eval(r, row), now.eval(r, row)
		if b.span.hi.sign() <= 0 {
			return known{gap: b.gap || n.gap}.baseless(noBase)
		}
		rate, ok := number(r, row)
		if !ok {
			return Manual
		}
		return compound(b.known, n.known, rate, y2-y1+1, op, noBase)
	}
	return &leaf{eval: eval, op: op, noBase: noBase}, fmt.Sprintf("cagr(%s,%s) %s %s %v %v", now.key, before.key, op, key, noBase, moves)
}

// ---- one row ----

// row answers a condition of one row by walking the tree.
func (r *Runner) row(c *cond, row int) Answer {
	if c.guard != nil {
		if g := r.row(c.guard, row); g != Met {
			return guarded[g]
		}
	}
	switch c.kind {
	case condCompare:
		return c.leaf.eval(r, row)
	case condJudge:
		return r.judged(c, row)
	case condSee:
		return Manual
	}
	var t tally
	for _, p := range c.parts {
		a := r.row(p, row)
		if c.word == "none" {
			a = negated[a]
		}
		t.add(a)
	}
	n := t.operands()
	switch c.word {
	case "any":
		n = min(1, n)
	case "at_least":
		n, t.leave = c.n, c.leave
	}
	return t.decide(n)
}

func (r *Runner) judged(c *cond, row int) Answer {
	if a := r.c.judged[c.judge][row]; a != NotApplicable {
		return a
	}
	return Manual
}

// ---- blocks ----

// part is an operand of a scheme's root: `all`, and `none` inside it, are taken apart.
type part struct {
	cond   *cond
	negate bool
}

// operands takes a root apart.
func operands(c *cond, negate bool, out []part) []part {
	if c.guard == nil && c.slot < 0 && c.kind == condGroup && (c.word == "all" && !negate || c.word == "none" && !negate) {
		for _, p := range c.parts {
			out = operands(p, c.word == "none", out)
		}
		return out
	}
	return append(out, part{c, negate})
}

// answer answers one scheme for a block, and returns the rows that are not unmet.
func (r *Runner) answer(at int, s *compiled, dst []Answer) []int32 {
	if s.require == nil {
		for i := range dst {
			dst[i] = Met
		}
		return r.all[:r.n]
	}
	state := r.buffer(0)
	clear(state)
	sel, met := r.all[:r.n], false
	own := r.selection(0)
	seen := r.seen[at]
	if seen == nil {
		seen = make([]tried, len(s.parts))
		r.seen[at], r.order[at] = seen, make([]int, len(s.parts))
		for i := range s.parts {
			r.order[at][i] = i
		}
	} else if r.block%16 == 0 {
		r.reorder(at, s)
	}
	for _, i := range r.order[at] {
		p := &s.parts[i]
		asked := len(sel)
		if asked == 0 {
			break
		}
		if out, ok := r.filter(p, sel, own, state); ok {
			sel, met = out, true
		} else {
			answers := r.buffer(1)
			r.fill(p.cond, sel, answers, 2)
			k := 0
			for _, i := range sel {
				a := answers[i]
				if p.negate {
					a = negated[a]
				}
				a = foldAll[state[i]][a&7]
				state[i] = a
				own[k] = i
				if a != Unmet {
					k++
				}
			}
			sel = own[:k]
		}
		seen[i].asked += asked
		seen[i].passed += len(sel)
	}
	copy(dst, allUnmet)
	for _, i := range sel {
		a := state[i]
		if a == NotApplicable && met {
			a = Met
		}
		dst[i] = a
	}
	return sel
}

// reorder looks first at what is cheap and fails often.
func (r *Runner) reorder(at int, s *compiled) {
	rank := func(i int) float64 {
		t := r.seen[at][i]
		cost := 1.0
		if c := s.parts[i].cond; c.kind == condGroup || c.kind == condCompare && c.leaf.kind == leafGeneral {
			cost = 30
		} else if c.kind == condCompare && c.leaf.kind == leafSign {
			cost = 1.5
		}
		return cost / (1.001 - float64(t.passed)/float64(max(t.asked, 1)))
	}
	slices.SortStableFunc(r.order[at], func(a, b int) int {
		switch x, y := rank(a), rank(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

func (r *Runner) buffer(i int) []Answer {
	for len(r.temp) <= i {
		r.temp = append(r.temp, make([]Answer, blockRows))
	}
	return r.temp[i][:r.n]
}

func (r *Runner) selection(i int) []int32 {
	for len(r.sels) <= i {
		r.sels = append(r.sels, make([]int32, blockRows))
	}
	return r.sels[i]
}

// bit is 1 for true, without a branch.
func bit(b bool) int {
	var n int
	if b {
		n = 1
	}
	return n
}

// filter narrows a selection by a part that is one comparison with a kernel; src and dst may be the same. A row whose answer is neither met
// nor unmet, since a figure is missing there, is an exception: its answer goes into state.
func (r *Runner) filter(p *part, src, dst []int32, state []Answer) ([]int32, bool) {
	c := p.cond
	if c.kind != condCompare || c.guard != nil || c.slot >= 0 {
		return nil, false
	}
	l := c.leaf
	switch l.kind {
	case leafRange:
		return r.filterRange(p, l, src, dst, state), true
	case leafCode:
		return r.filterCode(p, l, src, dst, state), true
	case leafSign:
		return r.filterSign(p, l, src, dst, state)
	}
	return nil, false
}

// except notes the answer of a row that is neither met nor unmet, or was found in a slower way; it says 1 if the row stays.
func except(state []Answer, i int32, a Answer, negate bool) int {
	if negate {
		a = negated[a]
	}
	a = foldAll[state[i]][a&7]
	state[i] = a
	return bit(a != Unmet)
}

func (r *Runner) filterRange(p *part, l *leaf, src, dst []int32, state []Answer) []int32 {
	col, k := &r.c.cells[l.cell], 0
	v := col.v[r.lo : r.lo+r.n]
	lo, width := l.lo, uint64(l.hi-l.lo)
	switch {
	case col.blocks[r.lo/blockRows].mixed:
		known := col.state[r.lo : r.lo+r.n]
		flip := uint8(bit(p.negate))
		for _, i := range src {
			dst[k] = i
			switch {
			case known[i] == cellKnown:
				k += int(uint8(bit(uint64(v[i]-lo) <= width)) ^ flip)
			case known[i] == cellMissing:
				k += except(state, i, l.missing, p.negate)
			default:
				k += except(state, i, plainAnswer, p.negate)
			}
		}
	case col.narrow != nil:
		return keepRange(col.narrow[r.lo:r.lo+r.n], lo, width, src, dst, p.negate)
	default:
		return keepRange(v, lo, width, src, dst, p.negate)
	}
	return dst[:k]
}

// keepRange keeps the rows at which lo ≤ v ≤ lo + width, or those at which not.
func keepRange[T int32 | int64](v []T, lo int64, width uint64, src, dst []int32, negate bool) []int32 {
	k := 0
	switch {
	case negate:
		for _, i := range src {
			dst[k] = i
			k += bit(uint64(int64(v[i])-lo) > width)
		}
	case len(src) == len(v):
		dst := dst[:len(v)]
		for i, x := range v {
			dst[k] = int32(i)
			k += bit(uint64(int64(x)-lo) <= width)
		}
	default:
		for _, i := range src {
			dst[k] = i
			k += bit(uint64(int64(v[i])-lo) <= width)
		}
	}
	return dst[:k]
}

func (r *Runner) filterCode(p *part, l *leaf, src, dst []int32, state []Answer) []int32 {
	col, k := &r.c.cells[l.cell], 0
	v := col.code[r.lo : r.lo+r.n]
	table, two := r.table(l)
	want := Met
	if p.negate {
		want = Unmet
	}
	if !two || col.blocks[r.lo/blockRows].mixed {
		for _, i := range src {
			dst[k] = i
			if a := table[v[i]+2]; a == Met || a == Unmet {
				k += bit(a == want)
			} else {
				k += except(state, i, a, p.negate)
			}
		}
		return dst[:k]
	}
	table = table[2:]
	if len(src) == r.n {
		dst := dst[:len(v)]
		for i, x := range v {
			dst[k] = int32(i)
			k += bit(table[x] == want)
		}
		return dst[:k]
	}
	for _, i := range src {
		dst[k] = i
		k += bit(table[v[i]] == want)
	}
	return dst[:k]
}

func (r *Runner) filterSign(p *part, l *leaf, src, dst []int32, state []Answer) ([]int32, bool) {
	block := r.lo / blockRows
	if len(l.top.cells) != 2 || l.below != nil && len(l.below.cells) != 1 || !l.top.fits(r.c, block) || l.below != nil && !l.below.fits(r.c, block) {
		return nil, false
	}
	a, b, k := &r.c.cells[l.top.cells[0]], &r.c.cells[l.top.cells[1]], 0
	x, y := a.v[r.lo:r.lo+r.n], b.v[r.lo:r.lo+r.n]
	m, n := l.top.coef[0], l.top.coef[1]
	lo, hi := signRange(l.op) // over, at_least … as lo ≤ the form ≤ hi, like a column
	plus, width := l.top.plus-lo, uint64(hi-lo)
	mixed := a.blocks[block].mixed || b.blocks[block].mixed
	if mixed || l.below != nil && (r.c.cells[l.below.cells[0]].blocks[block].mixed || !l.below.positive(r.c, block)) {
		s, t := a.state[r.lo:r.lo+r.n], b.state[r.lo:r.lo+r.n]
		z, u, times, base := x, s, int64(0), int64(1)
		if l.below != nil {
			col := &r.c.cells[l.below.cells[0]]
			z, u, times, base = col.v[r.lo:r.lo+r.n], col.state[r.lo:r.lo+r.n], l.below.coef[0], l.below.plus
		}
		flip := uint8(bit(p.negate))
		for _, i := range src {
			dst[k] = i
			switch {
			case s[i]|t[i]|u[i] != cellKnown:
				k += except(state, i, r.signed(l, r.lo+int(i)), p.negate)
			case times*z[i]+base <= 0:
				k += except(state, i, l.noBase, p.negate)
			default:
				k += int(uint8(bit(uint64(m*x[i]+n*y[i]+plus) <= width)) ^ flip)
			}
		}
		return dst[:k], true
	}
	if p.negate {
		for _, i := range src {
			dst[k] = i
			k += bit(uint64(m*x[i]+n*y[i]+plus) > width)
		}
		return dst[:k], true
	}
	for _, i := range src {
		dst[k] = i
		k += bit(uint64(m*x[i]+n*y[i]+plus) <= width)
	}
	return dst[:k], true
}

// signRange is an operator against zero as a range.
func signRange(op string) (lo, hi int64) {
	const most = math.MaxInt64 / 2
	switch op {
	case "at_least":
		return 0, most
	case "over":
		return 1, most
	case "at_most":
		return -most, 0
	case "under":
		return -most, -1
	}
	return 0, 0
}

// fits says whether a form over one block stays within 64 bits, by the least and greatest figure of each column there.
func (w *whole) fits(c *Columns, block int) bool {
	sum := abs64(w.plus)
	for i, cell := range w.cells {
		b := &c.cells[cell].blocks[block]
		if b.lo > b.hi { // no figure at all
			continue
		}
		hi, lo := bits.Mul64(abs64(w.coef[i]), max(abs64(b.lo), abs64(b.hi)))
		if hi != 0 || lo > math.MaxInt64/8 {
			return false
		}
		sum += lo
		if sum > math.MaxInt64/2 {
			return false
		}
	}
	return true
}

// positive says whether a form is above zero wherever its figures are known in one block.
func (w *whole) positive(c *Columns, block int) bool {
	if !w.fits(c, block) {
		return false
	}
	least := w.plus
	for i, cell := range w.cells {
		b := &c.cells[cell].blocks[block]
		if w.coef[i] > 0 {
			least += w.coef[i] * b.lo
		} else {
			least += w.coef[i] * b.hi
		}
	}
	return least > 0
}

// sign of a form at one row, in 128 bits.
func (w *whole) sign(c *Columns, row int) int {
	var hi, lo uint64
	add := func(a, b int64) {
		h, l := bits.Mul64(abs64(a), abs64(b))
		if (a < 0) != (b < 0) {
			var borrow uint64
			lo, borrow = bits.Sub64(lo, l, 0)
			hi, _ = bits.Sub64(hi, h, borrow)
			return
		}
		var carry uint64
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
	}
	add(w.plus, 1)
	for i, cell := range w.cells {
		add(w.coef[i], c.cells[cell].v[row])
	}
	switch {
	case int64(hi) < 0:
		return -1
	case hi == 0 && lo == 0:
		return 0
	}
	return 1
}

// state is whether all figures of a form are known at a row (cellKnown), none is (cellMissing), one is not held (cellOdd), or some are (else).
func (w *whole) state(c *Columns, row int) uint8 {
	missing := 0
	for _, cell := range w.cells {
		switch c.cells[cell].state[row] {
		case cellMissing:
			missing++
		case cellOdd:
			return cellOdd
		}
	}
	switch missing {
	case 0:
		return cellKnown
	case len(w.cells):
		return cellMissing
	}
	return cellOdd + 1
}

// table has the answer of a leaf over codes for every entry of the dictionary, two places on; two says that each known one is met or unmet.
func (r *Runner) table(l *leaf) (table []Answer, two bool) {
	t := &r.tables[l.index]
	term := r.p.cells[l.cell].term
	n := len(r.c.words)
	if term.Type == TypeLevel {
		n = len(term.Options)
	}
	if len(t.answers) < n+2 || t.of != r.c {
		t.of, t.two, t.answers = r.c, true, t.answers[:0]
		s := r.scratch
		s.c.words = r.c.words
		t.answers = append(t.answers, plainAnswer)
		for code := codeMissing; code < int32(n); code++ {
			s.c.cells[l.cell].code[0], s.odd = code, false
			a := l.eval(s, 0)
			t.answers = append(t.answers, a)
			t.two = t.two && (code < 0 || a == Met || a == Unmet)
		}
		s.c.cells[l.cell].code[0] = codeMissing
	}
	return t.answers, t.two
}

// codeTable is leafCode's answers for one batch's dictionary.
type codeTable struct {
	of      *Columns
	answers []Answer
	two     bool
}

// fill writes a condition's answers for the selected rows of the block. Buffers and selections below depth are in use.
func (r *Runner) fill(c *cond, sel []int32, dst []Answer, depth int) {
	if c.slot < 0 {
		r.compute(c, sel, dst, depth)
		return
	}
	if r.cached[c.slot] == nil {
		r.cached[c.slot] = make([]Answer, blockRows)
	}
	if r.cachedAt[c.slot] != r.block {
		r.compute(c, r.all[:r.n], r.cached[c.slot][:r.n], depth)
		r.cachedAt[c.slot] = r.block
	}
	from := r.cached[c.slot]
	for _, i := range sel {
		dst[i] = from[i]
	}
}

func (r *Runner) compute(c *cond, sel []int32, dst []Answer, depth int) {
	if c.guard != nil {
		g := r.buffer(depth)
		r.fill(c.guard, sel, g, depth+1)
		own, k := r.selection(depth), 0
		for _, i := range sel {
			dst[i] = guarded[g[i]]
			own[k] = i
			k += bit(g[i] == Met)
		}
		sel = own[:k]
		depth++
	}
	switch c.kind {
	case condCompare:
		r.leaf(c.leaf, sel, dst)
	case condJudge:
		for _, i := range sel {
			dst[i] = r.judged(c, r.lo+int(i))
		}
	case condSee:
		for _, i := range sel {
			dst[i] = Manual
		}
	default:
		r.group(c, sel, dst, depth)
	}
}

func (r *Runner) group(c *cond, sel []int32, dst []Answer, depth int) {
	got := r.buffer(depth)
	if c.word == "at_least" {
		counts := r.count(depth)
		for _, i := range sel {
			counts[i] = 0
		}
		for _, p := range c.parts {
			r.fill(p, sel, got, depth+1)
			for _, i := range sel {
				counts[i] += 1 << (8 * uint64(got[i]))
			}
		}
		for _, i := range sel {
			n := counts[i]
			field := func(a Answer) int { return int(n >> (8 * uint64(a)) & 255) }
			if field(plainAnswer) > 0 {
				dst[i] = plainAnswer
				continue
			}
			dst[i] = tally{field(Met), field(Unmet), field(Unknown), field(Manual), c.leave}.decide(c.n)
		}
		return
	}
	fold, negate := &foldAll, c.word == "none"
	if c.word == "any" {
		fold = &foldAny
	}
	for _, i := range sel {
		dst[i] = NotApplicable
	}
	for _, p := range c.parts {
		r.fill(p, sel, got, depth+1)
		if negate {
			for _, i := range sel {
				dst[i] = fold[dst[i]][negated[got[i]&7]]
			}
			continue
		}
		for _, i := range sel {
			dst[i] = fold[dst[i]][got[i]&7]
		}
	}
}

func (r *Runner) count(i int) []uint64 {
	for len(r.counts) <= i {
		r.counts = append(r.counts, make([]uint64, blockRows))
	}
	return r.counts[i]
}

// leaf writes a comparison's answers for the selected rows.
func (r *Runner) leaf(l *leaf, sel []int32, dst []Answer) {
	switch l.kind {
	case leafRange:
		col := &r.c.cells[l.cell]
		v, state := col.v[r.lo:r.lo+r.n], col.state[r.lo:r.lo+r.n]
		lo, width := l.lo, uint64(l.hi-l.lo)
		for _, i := range sel {
			switch {
			case state[i] == cellMissing:
				dst[i] = l.missing
			case state[i] == cellOdd:
				dst[i] = plainAnswer
			case uint64(v[i]-lo) <= width:
				dst[i] = Met
			default:
				dst[i] = Unmet
			}
		}
	case leafCode:
		table, _ := r.table(l)
		v := r.c.cells[l.cell].code[r.lo : r.lo+r.n]
		for _, i := range sel {
			dst[i] = table[v[i]+2]
		}
	case leafSign:
		for _, i := range sel {
			dst[i] = r.signed(l, r.lo+int(i))
		}
	default:
		for _, i := range sel {
			dst[i] = r.generally(l, r.lo+int(i))
		}
	}
}

func (r *Runner) generally(l *leaf, row int) Answer {
	r.odd = false
	a := l.eval(r, row)
	if r.odd {
		a = plainAnswer
	}
	return a
}

func (r *Runner) signed(l *leaf, row int) Answer {
	state := l.top.state(r.c, row)
	if l.below != nil {
		if below := l.below.state(r.c, row); below != state {
			state = max(state, below, cellOdd)
		}
	}
	switch state {
	case cellKnown:
	case cellMissing:
		return l.missing
	default:
		return r.generally(l, row)
	}
	if l.below != nil && l.below.sign(r.c, row) <= 0 {
		return l.noBase
	}
	s := l.top.sign(r.c, row)
	lo, hi := signRange(l.op)
	return decided(int64(s) >= lo && int64(s) <= hi, int64(s) < lo || int64(s) > hi)
}
