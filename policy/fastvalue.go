package policy

import (
	"math"
	"math/bits"
)

// fastFn computes a value of which everything is known, in whole numbers over a denominator known to its caller; ok is false where it cannot.
type fastFn func(r *Runner, row int) (lo, hi int64, ok bool)

type fastValue struct {
	fn     fastFn
	den    int64
	number *[2]int64 // where it is the same for every row
	batch  batchFn   // where a run of rows can be computed together
	zero   bool      // batch computes the upper end, and the lower is nothing; else both are the same
}

// batchFn computes a value of several rows; below zero where a row is to be computed by itself.
type batchFn func(r *Runner, rows []int32, out []int64)

const alone = math.MinInt64

// times brings a value over a denominator that is so many times as large.
func (x fastValue) times(n int64) fastValue {
	if n == 1 {
		return x
	}
	fn := x.fn
	out := fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
		lo, hi, ok := fn(r, row)
		if !ok {
			return 0, 0, false
		}
		return times64(lo, hi, n, n)
	}, den: x.den * n}
	if x.number != nil {
		if lo, hi, ok := times64(x.number[0], x.number[1], n, n); ok {
			out.number = &[2]int64{lo, hi}
		}
	}
	return out
}

const maxDen = 1_000_000_000_000

// fastValue compiles a value for rows of which everything is known.
func (c *compiler) fastValue(v *value) (out fastValue, ok bool) {
	if v == nil {
		return out, false
	}
	out, ok = c.fastBase(v)
	for i := range v.steps {
		if !ok {
			return out, false
		}
		out, ok = c.fastStep(out, &v.steps[i])
	}
	if !ok || v.guard == nil {
		return out, ok
	}
	guard, inner := c.condition(v.guard), out.fn
	out.number, out.batch = nil, nil
	out.fn = func(r *Runner, row int) (int64, int64, bool) {
		switch r.row(guard, row) {
		case Met:
			return inner(r, row)
		case Unknown, Manual:
			return 0, 0, false
		}
		return 0, 0, true
	}
	return out, true
}

func fixed(low, high Num) (fastValue, bool) {
	if low.b != nil || high.b != nil {
		return fastValue{}, false
	}
	_, a := low.parts()
	_, b := high.parts()
	den := a / int64(gcd(uint64(a), uint64(b)))
	if den > maxDen/b {
		return fastValue{}, false
	}
	den *= b
	lo, ok1 := low.Mul(intNum(den)).Int64()
	hi, ok2 := high.Mul(intNum(den)).Int64()
	return fastValue{fn: func(*Runner, int) (int64, int64, bool) { return lo, hi, true }, den: den, number: &[2]int64{lo, hi}}, ok1 && ok2
}

func (c *compiler) fastBase(v *value) (fastValue, bool) {
	switch v.kind {
	case valueLiteral:
		if v.lit.manual || v.lit.atLeast {
			return fastValue{}, false
		}
		return fixed(v.lit.low, v.lit.high)
	case valueExpr:
		return c.fastExpr(v.expr)
	case valueLine:
		return c.fastLine(v)
	case valueTable:
		return c.fastTable(v)
	case valueSum, valueHighest:
		if len(v.parts) == 1 {
			return c.fastValue(v.parts[0])
		}
		var parts []fastValue
		for _, p := range v.parts {
			x, ok := c.fastValue(p)
			if !ok {
				return fastValue{}, false
			}
			parts = append(parts, x)
		}
		fns, den, ok := alike(parts)
		highest := v.kind == valueHighest
		return fastValue{fn: func(r *Runner, row int) (lo, hi int64, ok bool) {
			for i := range fns {
				a, b, ok := fns[i].fn(r, row)
				if !ok {
					return 0, 0, false
				}
				if i == 0 {
					lo, hi = a, b
					continue
				}
				if highest {
					lo, hi = max(lo, a), max(hi, b)
					continue
				}
				var ok1, ok2 bool
				lo, ok1 = add64(lo, a)
				hi, ok2 = add64(hi, b)
				if !ok1 || !ok2 {
					return 0, 0, false
				}
			}
			return lo, hi, true
		}, den: den}, ok
	}
	return fastValue{}, false
}

// alike brings values over one denominator.
func alike(parts []fastValue) ([]fastValue, int64, bool) {
	den := int64(1)
	for _, p := range parts {
		den = den / int64(gcd(uint64(den), uint64(p.den)))
		if den > maxDen/p.den {
			return nil, 0, false
		}
		den *= p.den
	}
	out := make([]fastValue, len(parts))
	for i, p := range parts {
		out[i] = p.times(den / p.den)
	}
	return out, den, true
}

// fastExpr is a linear form of figures.
func (c *compiler) fastExpr(x expr) (fastValue, bool) {
	if n, ok := x.(*nameExpr); ok && n.def.value != nil {
		if n.at != nil || n.column != "" {
			return fastValue{}, false
		}
		return c.fastValue(n.def.value)
	}
	q := c.quantity(x)
	if q.form == nil || q.form.below != nil || q.typ.kind != TypeNumber {
		return fastValue{}, false
	}
	w, den, ok := c.scaled(q.form.top)
	if !ok || den > maxDen {
		return fastValue{}, false
	}
	if len(w.cells) == 2 && w.plus == 0 && w.coef[0] == 1 && w.coef[1] == -1 { // an increase
		a, b := w.cells[0], w.cells[1]
		return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
			x, y := &r.c.cells[a], &r.c.cells[b]
			if x.state[row]|y.state[row] != cellKnown {
				return 0, 0, false
			}
			n := x.v[row] - y.v[row]
			return n, n, true
		}, den: den, batch: func(r *Runner, rows []int32, out []int64) {
			x, y := &r.c.cells[a], &r.c.cells[b]
			v, w, s, t := x.v[r.lo:r.lo+r.n], y.v[r.lo:r.lo+r.n], x.state[r.lo:r.lo+r.n], y.state[r.lo:r.lo+r.n]
			if block := r.lo / blockRows; !x.blocks[block].mixed && !y.blocks[block].mixed {
				for k, i := range rows {
					out[k] = v[i] - w[i]
				}
				return
			}
			for k, i := range rows {
				if out[k] = v[i] - w[i]; s[i]|t[i] != cellKnown {
					out[k] = alone
				}
			}
		}}, true
	}
	return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
		sum := w.plus
		for i, cell := range w.cells {
			col := &r.c.cells[cell]
			if col.state[row] != cellKnown {
				return 0, 0, false
			}
			n, ok := mul64(w.coef[i], col.v[row])
			if sum, ok = add64checked(sum, n, ok); !ok {
				return 0, 0, false
			}
		}
		return sum, sum, true
	}, den: den}, true
}

func add64checked(a, b int64, ok bool) (int64, bool) {
	if !ok {
		return 0, false
	}
	s := a + b
	if (s > a) != (b > 0) && b != 0 || s > cellMax || s < -cellMax {
		return 0, false
	}
	return s, true
}

// times64 multiplies both ends.
func times64(lo, hi, a, b int64) (int64, int64, bool) {
	x, ok := mul64(lo, a)
	if lo == hi && a == b {
		return x, x, ok
	}
	y, ok2 := mul64(hi, b)
	return x, y, ok && ok2
}

func (c *compiler) fastLine(v *value) (fastValue, bool) {
	rate, ok := c.fastValue(v.give)
	if !ok {
		return fastValue{}, false
	}
	base, ok := c.fastExpr(v.expr)
	if !ok {
		return fastValue{}, false
	}
	most, least := int64(cellMax), int64(0) // over the base's denominator
	edge := func(t *threshold, to *int64) bool {
		n, constant := c.constant(t)
		if !constant {
			return false
		}
		*to, ok = n.Mul(intNum(base.den)).Int64()
		return ok
	}
	if v.upTo != nil && !edge(v.upTo, &most) || v.beyond != nil && !edge(v.beyond, &least) {
		return fastValue{}, false
	}
	rateFn, baseFn := rate.fn, base.fn
	cut := func(n int64) int64 { return max(min(n, most)-least, 0) }
	if v.per == nil || v.rest == "prorate" {
		top, bottom := int64(1), int64(1)
		if v.per != nil {
			if v.per.low.b != nil {
				return fastValue{}, false
			}
			bottom, top = v.per.low.parts()
		}
		if rate.den > maxDen/base.den || rate.den*base.den > maxDen/bottom {
			return fastValue{}, false
		}
		return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
			a, b, ok := rateFn(r, row)
			x, y, ok2 := baseFn(r, row)
			if !ok || !ok2 {
				return 0, 0, false
			}
			x, y, ok = times64(cut(x), cut(y), top, top)
			if !ok {
				return 0, 0, false
			}
			return times64(a, b, x, y)
		}, den: rate.den * base.den * bottom}, true
	}
	n, d := v.per.low.parts()
	unit, ok := mul64(n, base.den) // one `per` over base.den × d
	if !ok || v.per.low.b != nil {
		return fastValue{}, false
	}
	up := v.rest == "up"
	inverse := inverseOf(unit)
	if rate.number != nil && d == 1 && !up && v.beyond == nil && v.upTo == nil {
		a, b := rate.number[0], rate.number[1]
		return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
			x, y, ok := baseFn(r, row)
			if !ok || x != y {
				return 0, 0, false
			}
			x = wholeUnits(max(x, 0), unit, inverse)
			return times64(a, b, x, x)
		}, den: rate.den, zero: a == 0, batch: batchOf(base.batch, a, b, unit)}, true
	}
	count := func(n int64) (int64, bool) {
		n, ok := mul64(n, d)
		if up && ok {
			n, ok = add64(n, unit-1)
		}
		return n / unit, ok
	}
	return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
		a, b, ok := rateFn(r, row)
		x, y, ok2 := baseFn(r, row)
		if !ok || !ok2 {
			return 0, 0, false
		}
		same := x == y
		if x, ok = count(cut(x)); !ok {
			return 0, 0, false
		}
		if same {
			y = x
		} else if y, ok = count(cut(y)); !ok {
			return 0, 0, false
		}
		return times64(a, b, x, y)
	}, den: rate.den}, true
}

// inverseOf is by what a product stands for a division by a unit; it may be one too low.
func inverseOf(unit int64) uint64 { return math.MaxUint64 / uint64(unit) }

// wholeUnits is how many units a number of zero or more holds.
func wholeUnits(n, unit int64, inverse uint64) int64 {
	q, _ := bits.Mul64(uint64(n), inverse)
	return int64(q) + int64(bit(uint64(n)-q*uint64(unit) >= uint64(unit)))
}

// batchOf is a line over a batch: so much for every whole unit.
func batchOf(base batchFn, a, b, unit int64) batchFn {
	if base == nil || a != b && a != 0 || b < 0 || b > 0 && cellMax/unit > cellMax/b { // a product might not fit
		return nil
	}
	inverse := inverseOf(unit)
	return func(r *Runner, rows []int32, out []int64) {
		base(r, rows, out)
		for k, n := range out {
			if n != alone {
				out[k] = wholeUnits(max(n, 0), unit, inverse) * b
			}
		}
	}
}

// capped is a batch below a cap that has one figure.
func capped(before batchFn, low, high int64) batchFn {
	if before == nil || low != high {
		return nil
	}
	return func(r *Runner, rows []int32, out []int64) {
		before(r, rows, out)
		for k, n := range out {
			out[k] = min(n, high)
		}
	}
}

// fastTable is a table by one column of codes or by a linear form, each of whose thresholds is a constant.
func (c *compiler) fastTable(v *value) (fastValue, bool) {
	if v.columns != nil {
		return fastValue{}, false
	}
	var cells []fastValue
	for i := range v.rows {
		x, ok := c.fastValue(v.rows[i].value)
		if !ok {
			return fastValue{}, false
		}
		cells = append(cells, x)
	}
	if v.els != nil {
		x, ok := c.fastValue(v.els.value)
		if !ok {
			return fastValue{}, false
		}
		cells = append(cells, x)
	}
	fns, den, ok := alike(cells)
	if !ok {
		return fastValue{}, false
	}
	q, n := c.quantity(v.expr), len(v.rows)
	if q.single > 0 || v.op == "is" || v.op == "within" { // few rows: read as the full table does
		reached, by := c.reached(v, q), q.eval
		return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
			x := by(r, row)
			base := len(r.found)
			reached(r, row, x)
			rows := r.found[base:]
			k := rows[0]
			only := len(rows) == 1
			r.found = r.found[:base]
			switch {
			case !only || k == elseRow && len(fns) == n:
				return 0, 0, false
			case k == elseRow:
				return fns[n].fn(r, row)
			}
			return fns[k].fn(r, row)
		}, den: den}, true
	}
	if q.form != nil && q.form.below != nil {
		return c.ratioTable(v, q.form, fns, den)
	}
	base, ok := c.fastExpr(v.expr)
	if !ok {
		return fastValue{}, false
	}
	ranges := make([][2]int64, n)
	for i := range v.rows {
		t, constant := c.constant(v.rows[i].limit)
		if !constant {
			return fastValue{}, false
		}
		lo, hi, known := rangeAt(v.op, t.Mul(intNum(base.den)))
		if !known {
			c.fail("an operator " + v.op)
		}
		ranges[i] = [2]int64{lo, hi}
	}
	by := base.fn
	return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
		x, _, ok := by(r, row)
		if !ok || x > cellMax || x < -cellMax {
			return 0, 0, false
		}
		for i := range ranges {
			if x >= ranges[i][0] && x <= ranges[i][1] {
				return fns[i].fn(r, row)
			}
		}
		if len(fns) == n {
			return 0, 0, false
		}
		return fns[n].fn(r, row)
	}, den: den}, true
}

// ratioTable is a table by one linear form over another, each of whose thresholds is multiplied out.
func (c *compiler) ratioTable(v *value, f *ratio, fns []fastValue, den int64) (fastValue, bool) {
	below, ok := c.whole(*f.below)
	if !ok {
		return fastValue{}, false
	}
	lo, hi := signRange(v.op)
	var tops []whole
	for i := range v.rows {
		t, constant := c.constant(v.rows[i].limit)
		if !constant {
			return fastValue{}, false
		}
		top, ok := c.whole(f.top.add(*f.below, t.Neg()))
		if !ok {
			return fastValue{}, false
		}
		tops = append(tops, top)
	}
	n := len(tops)
	return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
		if tops[0].state(r.c, row) != cellKnown || below.state(r.c, row) != cellKnown || below.sign(r.c, row) <= 0 {
			return 0, 0, false
		}
		for i := range tops {
			if s := int64(tops[i].sign(r.c, row)); s >= lo && s <= hi {
				return fns[i].fn(r, row)
			}
		}
		if len(fns) == n {
			return 0, 0, false
		}
		return fns[n].fn(r, row)
	}, den: den}, true
}

func (c *compiler) fastStep(x fastValue, s *step) (fastValue, bool) {
	w, ok := c.fastValue(s.value)
	if !ok {
		return fastValue{}, false
	}
	var guard *cond
	if s.guard != nil {
		guard = c.condition(s.guard)
	}
	upTo := s.value.lit != nil && s.value.lit.upTo
	kind, owes := s.kind, s.recover
	den := x.den
	pair := []fastValue{x, w}
	if kind == stepTimes {
		if den > maxDen/w.den {
			return fastValue{}, false
		}
		den *= w.den
	} else if pair, den, ok = alike(pair); !ok {
		return fastValue{}, false
	}
	before, amount, scale := pair[0].fn, pair[1].fn, w.den
	if n := pair[1].number; n != nil && kind == stepAtMost && guard == nil {
		low, high := n[0], n[1]
		if upTo {
			low = high
		}
		return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
			lo, hi, ok := before(r, row)
			return min(lo, low), min(hi, high), ok
		}, den: den, zero: pair[0].zero, batch: capped(pair[0].batch, low, high)}, true
	}
	return fastValue{fn: func(r *Runner, row int) (int64, int64, bool) {
		lo, hi, ok := before(r, row)
		if !ok {
			return 0, 0, false
		}
		if guard != nil {
			switch r.row(guard, row) {
			case Met:
			case Unknown, Manual:
				return 0, 0, false
			default:
				if kind == stepTimes {
					return times64(lo, hi, scale, scale)
				}
				return lo, hi, true
			}
		}
		a, b, ok := amount(r, row)
		if !ok {
			return 0, 0, false
		}
		switch kind {
		case stepTimes:
			return times64(lo, hi, a, b)
		case stepLess:
			lo, hi = lo-b, hi-a
			if !owes {
				lo, hi = max(lo, 0), max(hi, 0)
			}
			return lo, hi, lo >= -cellMax && hi >= -cellMax && b <= cellMax && a <= cellMax
		case stepAtMost:
			if upTo {
				return min(lo, b), min(hi, b), true
			}
			return min(lo, a), min(hi, b), true
		}
		return max(lo, a), max(hi, b), true
	}, den: den}, true
}

// sum rounds what a fast value came to.
func (s *compiled) sum(lo, hi int64) (m Money, ok bool) {
	if lo < 0 || hi < lo {
		return m, false
	}
	if s.fen != 0 {
		if hi > cellMax/100 {
			return m, false
		}
		m.Low, m.High = Fen(lo*s.fen), Fen(hi*s.fen)
	} else {
		var ok1, ok2 bool
		m.Low, ok1 = fastFen(lo, s.fastDen, s.scheme.doc.rounding)
		if m.High, ok2 = fastFen(hi, s.fastDen, s.scheme.doc.rounding); !ok1 || !ok2 {
			return m, false
		}
	}
	switch {
	case m.Low == m.High:
		m.Kind = Exact
	case m.Low == 0:
		m.Kind = Ceiling
	default:
		m.Kind = Range
	}
	return m, true
}

func fastFen(n, den int64, rounding string) (Fen, bool) {
	hi, lo := bits.Mul64(uint64(n), 100)
	if hi >= uint64(den) {
		return 0, false
	}
	q, rest := bits.Div64(hi, lo, uint64(den))
	switch rounding {
	case "half_up":
		if rest >= uint64(den)-rest {
			q++
		}
	case "up":
		if rest > 0 {
			q++
		}
	}
	return Fen(q), q <= uint64(cellMax)
}
