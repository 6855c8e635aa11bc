package policy

import (
	"slices"
)

// amountFn computes a value of one row in the runner's pass, as value.compute does; the cap that cut it is left out.
type amountFn func(r *Runner, row int) given

// value compiles a value.
func (c *compiler) value(v *value, column string) amountFn {
	defer c.deeper()()
	if v == nil {
		return func(*Runner, int) given { return byHand }
	}
	base := c.valueBase(v, column)
	var steps []func(r *Runner, row int, g given) given
	for i := range v.steps {
		steps = append(steps, c.step(&v.steps[i]))
	}
	var guard *cond
	if v.guard != nil {
		guard = c.condition(v.guard)
	}
	if guard == nil && len(steps) == 0 {
		return base
	}
	unguarded := func(r *Runner, row int) given {
		g := base(r, row)
		for _, s := range steps {
			g = s(r, row, g)
		}
		return g.made()
	}
	if guard == nil {
		return unguarded
	}
	return func(r *Runner, row int) given {
		switch r.guard(guard, row) {
		case Met:
			return unguarded(r, row)
		case Unknown, Manual:
			return unasked().whether(unguarded(r, row), r.better)
		}
		return unasked()
	}
}

// guard answers a guard of a value, noting when it is not known.
func (r *Runner) guard(c *cond, row int) Answer {
	a := r.row(c, row)
	if a == Unknown || a == Manual {
		r.incomplete = true
	}
	return a
}

func (c *compiler) valueBase(v *value, column string) amountFn {
	switch v.kind {
	case valueLiteral:
		s := v.lit.span()
		g := given{lo: s.lo, hi: s.hi, manual: v.lit.manual}
		return func(*Runner, int) given { return g }
	case valueSee:
		return func(*Runner, int) given { return byHand }
	case valueExpr:
		return c.given(v.expr)
	case valueLine:
		return c.line(v)
	case valueTable:
		return c.quickly(v, column, c.table(v, column))
	case valueEach:
		return c.eachRecord(v)
	case valueSum, valueHighest:
	default:
		c.fail("a value of an unknown kind")
	}
	var parts []amountFn
	for _, p := range v.parts {
		parts = append(parts, c.value(p, ""))
	}
	highest := v.kind == valueHighest
	return func(r *Runner, row int) given {
		out := parts[0](r, row)
		for _, p := range parts[1:] {
			g := p(r, row)
			out.joins(g)
			if highest {
				out.lo, out.hi = maxBound(out.lo, g.lo), maxBound(out.hi, g.hi)
				continue
			}
			out.lo, out.hi = out.lo.add(g.lo), out.hi.add(g.hi)
		}
		return out.made()
	}
}

// quickly tries a table over figures in whole numbers before it is read over intervals.
func (c *compiler) quickly(v *value, column string, slow amountFn) amountFn {
	if column != "" || v.op == "is" || v.op == "within" {
		return slow
	}
	x, ok := c.fastTable(v)
	if !ok {
		return slow
	}
	fn, den := x.fn, x.den
	return func(r *Runner, row int) given {
		if !r.Changes {
			if lo, hi, ok := fn(r, row); ok {
				return given{lo: at(over(lo, den)), hi: at(over(hi, den))}
			}
		}
		return slow(r, row)
	}
}

// given compiles an expression as a value; a bare name of a value keeps that value's discretion.
func (c *compiler) given(x expr) amountFn {
	if n, ok := x.(*nameExpr); ok && n.def.value != nil {
		year, moves := c.atYear, false
		if n.at != nil && year == 0 {
			_, year, moves = c.years(n.at)
		}
		var out amountFn
		c.at(year, func() { out = c.value(n.def.value, n.column) })
		if !moves {
			return out
		}
		day := c.newYear()
		return func(r *Runner, row int) given {
			r.note(day)
			return out(r, row)
		}
	}
	q := c.quantity(x).eval
	return func(r *Runner, row int) given {
		g, incomplete := q(r, row).pick(r.better)
		r.incomplete = r.incomplete || incomplete
		return g
	}
}

// end compiles threshold.end.
func (c *compiler) end(t *threshold, upper bool) func(r *Runner, row int) bound {
	if t.other != nil || len(t.words) > 0 {
		c.fail("a slice that ends at a word")
	}
	if t.named == nil {
		b := at(t.num)
		return func(*Runner, int) bound { return b }
	}
	q := c.name(t.named).eval
	return func(r *Runner, row int) bound {
		v := q(r, row)
		if !v.span.exact() {
			r.incomplete = true
		}
		if upper == r.better {
			return v.span.hi
		}
		return v.span.lo
	}
}

func (c *compiler) line(v *value) amountFn {
	rate, base := c.value(v.give, ""), c.given(v.expr)
	var upTo, beyond func(r *Runner, row int) bound
	if v.upTo != nil {
		upTo = c.end(v.upTo, true)
	}
	if v.beyond != nil {
		beyond = c.end(v.beyond, false)
	}
	return func(r *Runner, row int) given {
		g, b := rate(r, row), base(r, row)
		if upTo != nil {
			t := upTo(r, row)
			b.lo, b.hi = minBound(b.lo, t), minBound(b.hi, t)
		}
		if beyond != nil {
			t := beyond(r, row)
			b.lo, b.hi = less(b.lo, t, false), less(b.hi, t, false)
		}
		b.lo, b.hi = maxBound(b.lo, at(Num{})), maxBound(b.hi, at(Num{}))
		if v.per != nil {
			b.lo, b.hi = v.times(b.lo), v.times(b.hi)
		}
		return g.times(b, b)
	}
}

const elseRow = int32(-1)

func (c *compiler) table(v *value, column string) amountFn {
	q := c.quantity(v.expr)
	by := q.eval
	reached := c.reached(v, q)
	cell := func(r *row) amountFn {
		if column != "" {
			return c.value(r.cells[column], "")
		}
		return c.value(r.value, "")
	}
	cells := make([]amountFn, len(v.rows))
	for i := range v.rows {
		cells[i] = cell(&v.rows[i])
	}
	els := func(*Runner, int) given { return given{lo: at(Num{}), hi: at(Num{}), refused: true} }
	if v.els != nil {
		els = cell(v.els)
	}
	pick := func(r *Runner, row int, k int32) given {
		if k == elseRow {
			return els(r, row)
		}
		return cells[k](r, row)
	}
	return func(r *Runner, row int) given {
		q := by(r, row)
		base := len(r.found)
		q.known = reached(r, row, q)
		end := len(r.found)
		var out, all given
		for i := base; i < end; i++ {
			g := pick(r, row, r.found[i])
			if end-base > 1 && !r.better {
				g = g.sure()
			}
			if i == base {
				out, all = g, g
				continue
			}
			if all = all.whether(g, r.better); g.suits(out, r.better) {
				out = g
			}
		}
		if end-base > 1 {
			out = out.among(all)
			if q.manual && !q.gap || q.noBase && !q.gap {
				lo, hi := out.lo, out.hi
				for i := base; i < end; i++ {
					g := pick(r, row, r.found[i])
					lo, hi = minBound(lo, g.lo), maxBound(hi, g.hi)
				}
				out = given{lo: lo, hi: hi, manual: true}
			} else {
				r.incomplete = true
			}
		}
		r.found = r.found[:base]
		return out
	}
}

// reached compiles value.reached: it pushes the rows that the quantity may reach on the runner's stack, and says what is known of the quantity then.
func (c *compiler) reached(v *value, q *quantity) func(r *Runner, row int, x quant) known {
	n := int32(len(v.rows))
	push := func(r *Runner, rows ...int32) { r.found = append(r.found, rows...) }
	all := func(r *Runner) {
		push(r, elseRow)
		for i := range n {
			push(r, i)
		}
	}
	orders := make([]func(r *Runner, row int, x known) (Answer, known), n)
	among := make([]func(r *Runner, x quant) Answer, n)
	var words []string // of every row
	for i, r := range v.rows {
		if len(r.limit.words) > 0 {
			among[i] = c.among(q.typ, v.op, r.limit.words)
			words = append(words, r.limit.words...)
			continue
		}
		orders[i] = c.order(r.limit, v.op)
	}
	if v.op != "is" && v.op != "within" {
		return func(r *Runner, row int, x quant) known {
			if x.noBase || x.mayLack {
				all(r)
				return x.known
			}
			for i := range n {
				var a Answer
				switch a, x.known = orders[i](r, row, x.known); a {
				case Met:
					push(r, i)
					return x.known
				case Unknown:
					push(r, i)
				}
			}
			push(r, elseRow)
			return x.known
		}
	}
	kind, options := q.typ.kind, q.typ.options
	inRow := func(w string) bool { return slices.Contains(words, w) }
	missAny := len(options) == 0 // a word that may be any of its options may be one that no row has
	for _, o := range options {
		missAny = missAny || !inRow(o)
	}
	levels := make([]bool, len(options))
	for i, o := range options {
		levels[i] = inRow(o)
	}
	within := v.op == "within"
	return func(r *Runner, row int, x quant) known {
		if x.noBase || x.mayLack {
			all(r)
			return x.known
		}
		base := len(r.found)
		for i := range n {
			var a Answer
			if among[i] != nil {
				a = among[i](r, x)
			} else {
				a, x.known = orders[i](r, row, x.known)
			}
			switch a {
			case Met:
				r.found = append(r.found[:base], i)
				return x.known
			case Unknown:
				push(r, i)
			}
		}
		miss := true
		switch kind {
		case TypeWord, TypeBool, TypeCode:
			if x.any {
				miss = missAny
				if within {
					miss = true
				}
			} else if !within {
				miss = !inRow(r.c.words[x.word])
			}
		case TypeLevel:
			if x.span.lo.inf == 0 && x.span.hi.inf == 0 {
				miss = false
				lo, _ := x.span.lo.v.Int64()
				hi, _ := x.span.hi.v.Int64()
				for i := lo; i <= hi; i++ {
					miss = miss || i < 0 || !levels[i]
				}
			}
		}
		if miss {
			push(r, elseRow)
		}
		return x.known
	}
}

func (c *compiler) eachRecord(v *value) amountFn {
	f := c.finder(v.each.kind, v.each.at, v.each.filter)
	was := c.each
	c.each = f.kind + 1
	give := c.value(v.give, "")
	c.each = was
	return func(r *Runner, row int) given {
		base, sure, complete := f.find(r, row)
		end := len(r.found)
		out := nothing()
		out.empty = emptyRecord
		outer := r.rec
		sum := func(from, to int, sure bool) {
			for i := from; i < to; i++ {
				was := r.incomplete
				r.rec, r.incomplete = r.found[i], false
				g := give(r, row)
				certain, open := sure, r.incomplete
				r.incomplete = was || open
				if g.refuses() || g.empty != 0 {
					if certain = false; r.better || !open {
						continue
					}
				}
				if !certain && !g.mayAdd(r.better) {
					continue
				}
				if certain || r.better {
					out.empty = 0
				}
				out.lo, out.hi = out.lo.add(g.lo), out.hi.add(g.hi)
				out.manual = out.manual || g.manual
			}
		}
		sum(base, sure, true)
		if end > sure || !complete {
			r.incomplete = true
		}
		sum(sure, end, false)
		switch {
		case complete:
		case r.better:
			out.hi, out.empty = plusInf, 0
		case v.takes:
			out.lo, out.hi = minusInf, minusInf
		}
		r.rec, r.found = outer, r.found[:base]
		return out
	}
}

func (c *compiler) step(s *step) func(r *Runner, row int, g given) given {
	if s.kind > stepAtLeast {
		c.fail("a step of an unknown kind")
	}
	amount := c.value(s.value, "")
	var guard *cond
	if s.guard != nil {
		guard = c.condition(s.guard)
	}
	change := func(r *Runner, row int, g given) given {
		outer := r.better
		if s.kind == stepLess {
			r.better = !r.better
		}
		w := amount(r, row)
		r.better = outer
		return s.done(g, w)
	}
	if guard == nil {
		return change
	}
	return func(r *Runner, row int, g given) given {
		switch r.guard(guard, row) {
		case Met:
			return change(r, row, g)
		case Unknown, Manual:
			done := change(r, row, g)
			if out := g.whether(done, r.better); out.lo.cmp(done.lo) != 0 || out.hi.cmp(done.hi) != 0 {
				return out
			}
			return done
		}
		return g
	}
}
