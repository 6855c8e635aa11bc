package policy

import (
	"math"
	"math/bits"
)

// linear is a sum of figures of columns, each times a number, and a constant.
type linear struct {
	cells []int
	coef  []Num
	plus  Num
}

// ratio is a linear form, or one over another (below not nil) that has an answer only where the lower is above zero.
type ratio struct {
	top   linear
	below *linear
}

func (a linear) add(b linear, times Num) linear {
	out := linear{cells: append([]int{}, a.cells...), coef: append([]Num{}, a.coef...), plus: a.plus.Add(b.plus.Mul(times))}
	for i, c := range b.cells {
		k := b.coef[i].Mul(times)
		found := false
		for j := range out.cells {
			if out.cells[j] == c {
				out.coef[j] = out.coef[j].Add(k)
				found = true
			}
		}
		if !found {
			out.cells, out.coef = append(out.cells, c), append(out.coef, k)
		}
	}
	return out
}

func (a linear) constant() bool { return len(a.cells) == 0 }

// combine is the form of a sum, difference, product or quotient, or nil where it has none.
func combine(op byte, a, b *ratio) *ratio {
	flat := func(r *ratio) bool { return r.below == nil }
	number := func(r *ratio) bool { return r.below == nil && r.top.constant() }
	sign := intNum(1)
	switch op {
	case '-':
		sign = intNum(-1)
		fallthrough
	case '+':
		switch {
		case flat(a) && flat(b):
			return &ratio{top: a.top.add(b.top, sign)}
		case number(b): // n/d ± k = (n ± k·d)/d
			return &ratio{top: a.top.add(*a.below, b.top.plus.Mul(sign)), below: a.below}
		case number(a):
			return &ratio{top: linear{}.add(*b.below, a.top.plus).add(b.top, sign), below: b.below}
		}
	case '*':
		if number(a) {
			a, b = b, a
		}
		if number(b) {
			return &ratio{top: linear{}.add(a.top, b.top.plus), below: a.below}
		}
	case '/':
		switch {
		case number(b) && b.top.plus.Sign() > 0:
			return &ratio{top: linear{}.add(a.top, intNum(1).Div(b.top.plus)), below: a.below}
		case flat(a) && flat(b):
			return &ratio{top: a.top, below: &b.top}
		}
	}
	return nil
}

// whole is a linear form in whole numbers.
type whole struct {
	cells []int
	coef  []int64
	plus  int64
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

// rangeAt is what whole numbers a comparison with an edge lets pass, of those that a column holds.
func rangeAt(op string, edge Num) (lo, hi int64, ok bool) {
	lo, hi = -cellMax-1, cellMax+1
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
		return 0, 0, false
	}
	if lo > hi {
		lo, hi = cellMax+1, cellMax+1 // no figure of a column is as large
	}
	return lo, hi, true
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
