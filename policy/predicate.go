package policy

import (
	"fmt"
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
		lo, hi, ok := rangeAt(op, edge)
		if !ok {
			return
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

// figure compiles threshold.figure.
func (c *compiler) figure(t *threshold) (func(r *Runner, row int) known, string) {
	if t.named == nil {
		n := exactly(t.num)
		return func(*Runner, int) known { return n }, t.num.String()
	}
	q := c.name(t.named)
	return func(r *Runner, row int) known { return q.eval(r, row).known }, q.key
}

// order compiles threshold.order.
func (c *compiler) order(t *threshold, op string) func(r *Runner, row int, x known) (Answer, known) {
	if t.named == nil {
		n := t.num
		return func(_ *Runner, _ int, x known) (Answer, known) {
			if x.early {
				return Unmet, x
			}
			return compare(x.span, op, n), x
		}
	}
	figure, _ := c.figure(t)
	return func(r *Runner, row int, x known) (Answer, known) {
		if x.early {
			return Unmet, x
		}
		with := x
		a := with.against(figure(r, row), op)
		if a == Unknown {
			return a, with
		}
		return a, x
	}
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
	figure, key := c.figure(d.limit)
	op, noBase, day := d.op, d.noBase, c.newYear()
	eval := func(r *Runner, row int) Answer {
		if moves {
			r.note(day)
		}
		b, n := before.eval(r, row), now.eval(r, row)
		if b.span.hi.sign() <= 0 {
			return known{gap: b.gap || n.gap}.baseless(noBase)
		}
		return compound(b.known, n.known, figure(r, row), y2-y1+1, op, noBase)
	}
	return &leaf{eval: eval, op: op, noBase: noBase}, fmt.Sprintf("cagr(%s,%s) %s %s %v %v", now.key, before.key, op, key, noBase, moves)
}

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
