package policy

import (
	"slices"
)

var allUnmet = slices.Repeat([]Answer{Unmet}, blockRows)

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
	x := a.v[r.lo : r.lo+r.n]
	y := b.v[r.lo : r.lo+r.n][:len(x)]
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
