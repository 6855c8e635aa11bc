package policy

import (
	"slices"
)

// The cheapest steps that bring a score over its thresholds: the total and every floor under it at once.
//
// A score is a tree: sums and highest-ofs over indicators, each a table or a line over figures. A lever is a figure, word or kind of record that
// a firm can move; it is moved not at all, or to where some indicator that reads it reaches a better row, the other figures being what they are.
// Levers that several indicators read, or that stand in an indicator which counts more than once, are tried in every combination; under each of
// them what remains is a tree whose parts share nothing, and every part is summed up by its front: the points it can come to, each with its least
// cost. A floor takes from the front what lies under it, a sum adds fronts, a cap flattens them. So the least cost is exact within these moves.

// score is the value behind a comparison of a score; nil: it compares something else.
func (d *condition) score() *value {
	if d.kind != condCompare {
		return nil
	}
	n, ok := d.of.(*nameExpr)
	if !ok || n.column != "" || n.at != nil || n.def.value == nil || n.def.value.kind == valueLiteral {
		return nil
	}
	return n.def.value
}

// scorePart is a node of the tree of a score.
type scorePart struct {
	v      *value
	name   string       // what a definition calls it
	kids   []*scorePart // of a sum or a highest-of; none: an indicator
	floors []floor
	paths  int      // in how many ways the roots reach it
	levers []string // of an indicator, those that can move it
}

type floor struct {
	need   Num
	strict bool // over: exactly that does not count
}

func (f floor) passes(n Num) bool {
	c := n.Cmp(f.need)
	return c > 0 || c == 0 && !f.strict
}

// scoring is one search.
type scoring struct {
	p      *planner
	parts  map[*value]*scorePart
	roots  []*scorePart
	leaves []*scorePart
	moves  map[string][]Step // of each lever, where it may be moved to
	shared []string          // levers that are tried in every combination
	better bool              // what is not known counts the firm's better way
	banned map[string]bool
}

// stand is what a part may come to at a cost.
type stand struct {
	points Num
	cost   int
	steps  []Step
}

// scored are the ways in which several comparisons of scores hold together.
func (p *planner) scored(list []*condition) []Way {
	unmet, asks := false, false
	for _, d := range list {
		switch p.answer(d) {
		case Unmet:
			unmet = true
		case Unknown, Manual:
			asks = true
		}
	}
	if !unmet {
		if !asks {
			return done()
		}
		ways := done()
		for _, d := range list {
			if a := p.answer(d); a == Unknown || a == Manual {
				ways = []Way{{Steps: merge(ways[0].Steps, p.asks(d)[0].Steps)}}
			}
		}
		return p.settled(ways)
	}
	s := &scoring{p: p, parts: map[*value]*scorePart{}, moves: map[string][]Step{}, banned: map[string]bool{}}
	for _, d := range list {
		need, ok := d.limit.number(p.e)
		if !ok {
			return p.asks(d)
		}
		part := s.part(d.score(), 0)
		part.floors = append(part.floors, floor{need, d.op == "over"})
	}
	s.prepare(list)
	var out []Way
	best, found := s.solve()
	if found {
		out = append(out, s.way(list, best))
		for _, st := range best.steps { // what else would do, without each of the steps
			s.banned[st.move.lever()] = true
			if other, ok := s.solve(); ok {
				out = append(out, s.way(list, other))
			}
			delete(s.banned, st.move.lever())
		}
		if slices.ContainsFunc(best.steps, func(st Step) bool { return p.when(&st) != 0 }) { // the cheapest that still counts for this application
			for lever, steps := range s.moves {
				s.banned[lever] = p.when(&steps[0]) != 0
			}
			if other, ok := s.solve(); ok {
				out = append(out, s.way(list, other))
			}
			clear(s.banned)
		}
	}
	if s.uncertain(list) {
		s.better = true
		if hopeful, ok := s.solve(); ok && (!found || hopeful.cost < best.cost) {
			w := s.way(list, hopeful)
			for _, d := range list {
				if part := s.parts[d.score()]; part != nil {
					w.Steps = merge(w.Steps, p.asks(d)[0].Steps)
				}
			}
			w.Steps = slices.DeleteFunc(w.Steps, func(st Step) bool { return st.Kind == "judgement" && st.Key == "" })
			out = append(out, w)
		}
		s.better = false
	}
	if len(out) == 0 {
		return s.hopeless(list)
	}
	return p.settled(out)
}

// uncertain says whether some score is an interval.
func (s *scoring) uncertain(list []*condition) bool {
	return slices.ContainsFunc(list, func(d *condition) bool { return !d.score().score(s.p.e, "").span.exact() })
}

// part builds the tree.
func (s *scoring) part(v *value, depth int) *scorePart {
	name := ""
	for v.kind == valueExpr && v.guard == nil && len(v.steps) == 0 {
		n, ok := v.expr.(*nameExpr)
		if !ok || n.def.value == nil || n.column != "" || n.at != nil {
			break
		}
		v, name = n.def.value, n.def.name
	}
	if old := s.parts[v]; old != nil {
		return old
	}
	out := &scorePart{v: v, name: name}
	s.parts[v] = out
	if (v.kind == valueSum || v.kind == valueHighest) && v.guard == nil && depth < 40 {
		for _, k := range v.parts {
			out.kids = append(out.kids, s.part(k, depth+1))
		}
	}
	return out
}

// prepare finds the roots, the indicators, their levers, and which of these are shared.
func (s *scoring) prepare(list []*condition) {
	inner := map[*scorePart]bool{}
	var mark func(x *scorePart)
	mark = func(x *scorePart) {
		for _, k := range x.kids {
			inner[k] = true
			mark(k)
		}
	}
	for _, d := range list {
		mark(s.part(d.score(), 0))
	}
	for _, d := range list {
		if root := s.part(d.score(), 0); !inner[root] && !slices.Contains(s.roots, root) {
			s.roots = append(s.roots, root)
		}
	}
	var count func(x *scorePart)
	count = func(x *scorePart) {
		if x.paths++; len(x.kids) == 0 && x.paths == 1 {
			s.leaves = append(s.leaves, x)
		}
		for _, k := range x.kids {
			count(k)
		}
	}
	for _, root := range s.roots {
		count(root)
	}
	readers := map[string]int{}
	for _, leaf := range s.leaves {
		for _, st := range s.p.rows(leaf.v) {
			lever := st.move.lever()
			if !slices.Contains(leaf.levers, lever) {
				leaf.levers = append(leaf.levers, lever)
			}
			if !slices.ContainsFunc(s.moves[lever], func(old Step) bool { return old.Text == st.Text }) {
				s.moves[lever] = append(s.moves[lever], st)
			}
		}
	}
	for _, leaf := range s.leaves { // also an indicator that a lever makes worse
		for lever, steps := range s.moves {
			if s.reads(leaf.v, steps[0].move) {
				readers[lever]++
				if leaf.paths > 1 {
					readers[lever]++
				}
			}
		}
	}
	for _, lever := range sortedKeys(s.moves) {
		if readers[lever] > 1 {
			s.shared = append(s.shared, lever)
		}
	}
}

// reads says whether an indicator reads what a move changes.
func (s *scoring) reads(v *value, m move) bool {
	found := false
	w := &walker{seen: map[*definition]bool{}}
	w.onExpr = func(x expr) {
		switch y := x.(type) {
		case *termExpr:
			found = found || m.kind == nil && y.term == m.key.term
		case *recordExpr:
			found = found || m.kind != nil && y.kind == m.kind
		default:
			found = found || m.kind == nil && m.key.term != nil && reads(x, m.key.term)
		}
	}
	w.value(v)
	return found
}

// solve finds the least cost. Ties go to the first found, so that the order of the file decides and nothing else.
func (s *scoring) solve() (stand, bool) {
	best, found := stand{}, false
	combos := 1
	for _, l := range s.shared {
		combos *= len(s.moves[l]) + 1
		if combos > mostJoint {
			break
		}
	}
	single := combos > mostJoint
	if single {
		s.p.exact = false
	}
	var try func(i int, steps []Step, cost int)
	try = func(i int, steps []Step, cost int) {
		if found && cost >= best.cost {
			return
		}
		if i == len(s.shared) {
			moves := (&Way{Steps: steps}).moves()
			s.p.with(moves, func() {
				total := stand{cost: cost, steps: steps}
				for _, root := range s.roots {
					front := s.front(root)
					if len(front) == 0 {
						return
					}
					last := front[len(front)-1] // the cheapest
					total.cost += last.cost
					total.steps = append(slices.Clone(total.steps), last.steps...)
				}
				if !found || total.cost < best.cost {
					best, found = total, true
				}
			})
			return
		}
		try(i+1, steps, cost)
		if s.banned[s.shared[i]] || single && len(steps) > 0 {
			return
		}
		for _, st := range s.moves[s.shared[i]] {
			try(i+1, append(slices.Clone(steps), st), cost+st.Cost)
		}
	}
	try(0, nil, 0)
	return best, found
}

// front is what a part may come to, from the most points to the least cost; empty: never what its floors ask.
func (s *scoring) front(x *scorePart) []stand {
	var out []stand
	switch {
	case len(x.kids) == 0:
		out = s.indicator(x)
	case x.v.kind == valueHighest:
		var fronts [][]stand
		at0 := Num{} // the highest of what costs nothing
		for i, k := range x.kids {
			f := s.front(k)
			if len(f) == 0 {
				return nil
			}
			fronts = append(fronts, f)
			if free := f[len(f)-1].points; i == 0 || free.Cmp(at0) > 0 {
				at0 = free
			}
		}
		for _, f := range fronts {
			for _, st := range f {
				if st.points.Cmp(at0) < 0 {
					st.points = at0
				}
				out = append(out, st)
			}
		}
		out = s.best(out)
	default:
		out = []stand{{}}
		for _, k := range x.kids {
			f := s.front(k)
			var next []stand
			for _, a := range out {
				for _, b := range f {
					next = append(next, stand{a.points.Add(b.points), a.cost + b.cost, append(slices.Clone(a.steps), b.steps...)})
				}
			}
			out = s.best(next)
		}
	}
	if len(x.kids) > 0 && len(x.v.steps) > 0 {
		for i := range out {
			g := given{lo: at(out[i].points), hi: at(out[i].points)}
			for j := range x.v.steps {
				g = x.v.steps[j].apply(s.p.e, g)
			}
			out[i].points = s.end(g)
		}
		out = s.best(out)
	}
	return slices.DeleteFunc(out, func(st stand) bool {
		return slices.ContainsFunc(x.floors, func(f floor) bool { return !f.passes(st.points) })
	})
}

func (s *scoring) end(g given) Num {
	b := g.lo
	if s.better {
		b = g.hi
	}
	if b.inf != 0 {
		return Num{}
	}
	return b.v
}

// indicator is the front of one indicator: every combination of the levers that are its own.
func (s *scoring) indicator(x *scorePart) []stand {
	var out []stand
	var own []string
	for _, l := range x.levers {
		if !slices.Contains(s.shared, l) && !s.banned[l] {
			own = append(own, l)
		}
	}
	var try func(i int, steps []Step, cost int)
	try = func(i int, steps []Step, cost int) {
		if i == len(own) {
			s.p.with((&Way{Steps: steps}).moves(), func() {
				out = append(out, stand{s.worth(x.v), cost, steps})
			})
			return
		}
		try(i+1, steps, cost)
		for _, st := range s.moves[own[i]] {
			if len(out) < mostFront {
				try(i+1, append(slices.Clone(steps), st), cost+st.Cost)
			} else {
				s.p.exact = false
			}
		}
	}
	try(0, nil, 0)
	return s.best(out)
}

// worth is what an indicator comes to as the facts stand.
func (s *scoring) worth(v *value) Num {
	e := s.p.e
	was := e.better
	e.better = s.better
	g := v.compute(e, "")
	e.better = was
	return s.end(g)
}

// best keeps of several stands those that no other beats in both points and cost.
func (s *scoring) best(list []stand) []stand {
	slices.SortStableFunc(list, func(a, b stand) int {
		if a.cost != b.cost {
			return a.cost - b.cost
		}
		return b.points.Cmp(a.points)
	})
	var out []stand
	for _, st := range list {
		if len(out) == 0 || st.points.Cmp(out[len(out)-1].points) > 0 {
			out = append(out, st)
		}
	}
	slices.Reverse(out)
	if len(out) > mostFront {
		s.p.exact = false
		out = out[len(out)-mostFront:]
	}
	return out
}

// way tells a set of steps with what each brings.
func (s *scoring) way(list []*condition, best stand) Way {
	r := s.p.e.say
	w := Way{Steps: slices.Clone(best.steps)}
	slices.SortStableFunc(w.Steps, func(a, b Step) int { return a.Cost - b.Cost })
	before := make([]Num, len(s.leaves))
	for i, leaf := range s.leaves {
		before[i] = s.worth(leaf.v)
	}
	var sums []Num
	for _, d := range list {
		sums = append(sums, s.worth(d.score()))
	}
	s.p.with(w.moves(), func() {
		for i, leaf := range s.leaves {
			after := s.worth(leaf.v)
			if after.Cmp(before[i]) == 0 {
				continue
			}
			for j := range w.Steps {
				if s.reads(leaf.v, w.Steps[j].move) {
					w.Steps[j].Gain = append(slices.Clone(w.Steps[j].Gain),
						r.say(&pGoesTo, leaf.label(r), r.num(before[i], leaf.v.unit, 4), r.num(after, leaf.v.unit, 4)))
				}
			}
		}
		for i, d := range list {
			after := s.worth(d.score())
			if after.Cmp(sums[i]) != 0 {
				w.Sums = append(w.Sums, r.say(&pGoesTo, d.of.read(r), r.num(sums[i], d.score().unit, 4), r.num(after, d.score().unit, 4)))
			}
		}
	})
	return w
}

// label names an indicator.
func (x *scorePart) label(r *reader) string {
	switch {
	case x.v.text != "" && r.lang == Chinese:
		return x.v.text
	case x.name != "":
		return r.word(x.name)
	case x.v.expr != nil:
		return x.v.expr.read(r)
	}
	return x.v.text
}

// hopeless tells how far a score could get when every indicator is moved as far as it goes.
func (s *scoring) hopeless(list []*condition) []Way {
	r := s.p.e.say
	var steps []Step
	for _, d := range list {
		if s.p.answer(d) != Unmet {
			continue
		}
		part := s.part(d.score(), 0)
		most := s.most(part)
		steps = append(steps, Step{Kind: "condition", Text: d.words(r), Cost: closedTo,
			Note: r.say(&pScoreMost, r.num(most, part.v.unit, 4))})
	}
	return s.p.settled([]Way{{Steps: steps}})
}

// most is the most points a part can come to, whatever the cost and whatever else is asked.
func (s *scoring) most(part *scorePart) Num {
	roots, saved := s.roots, map[*scorePart][]floor{}
	for _, x := range s.parts {
		saved[x] = x.floors
		x.floors = nil
	}
	s.roots = []*scorePart{part}
	best := Num{}
	var try func(i int, steps []Step)
	try = func(i int, steps []Step) {
		if i == len(s.shared) {
			s.p.with((&Way{Steps: steps}).moves(), func() {
				if f := s.front(part); len(f) > 0 && f[0].points.Cmp(best) > 0 {
					best = f[0].points
				}
			})
			return
		}
		try(i+1, steps)
		for _, st := range s.moves[s.shared[i]] {
			try(i+1, append(slices.Clone(steps), st))
		}
	}
	if s.p.exact {
		try(0, nil)
	}
	s.roots = roots
	for x, f := range saved {
		x.floors = f
	}
	return best
}

// rows are the steps that bring an indicator to a better row, each moving one lever.
func (p *planner) rows(v *value) []Step {
	e := p.e
	if v.guard != nil && p.answer(v.guard) != Met {
		return nil
	}
	switch v.kind {
	case valueTable:
		return p.tableRows(v)
	case valueLine:
		return p.lineSteps(v)
	case valueEach:
		if v.each.kind.moves == "no" {
			return nil
		}
		fields, ok := p.passing(v.each.filter)
		if !ok {
			return nil
		}
		var out []Step
		for n := 1; n <= mostMore; n++ {
			out = append(out, p.recordStep(v.each, n, fields))
		}
		return out
	case valueSum, valueHighest: // one that counts only under a guard
		var out []Step
		for _, k := range v.parts {
			out = append(out, p.rows(k)...)
		}
		return out
	case valueExpr:
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil && n.at == nil && e.depth < 40 {
			e.depth++
			defer func() { e.depth-- }()
			return p.rows(n.def.value)
		}
	}
	return nil
}

// mostMore is how many steps of a line, or records, are tried.
const mostMore = 10

func (p *planner) tableRows(v *value) []Step {
	e := p.e
	q := v.expr.eval(e)
	reached := v.reached(e, &q)
	if q.undecided() || len(reached) != 1 {
		return nil
	}
	have := v.cell(e, reached[0], "")
	var out []Step
	for k := range v.rows {
		want := v.cell(e, k, "")
		if k == reached[0] || want.hi.inf != 0 || !have.refused && want.hi.cmp(have.hi) <= 0 {
			continue
		}
		limit := v.rows[k].limit
		switch x := v.expr.(type) {
		case *recordExpr:
			d := &condition{kind: condHas, has: x, op: v.op, limit: limit}
			if v.op == "is" {
				n, ok := x.level(limit)
				if !ok {
					continue
				}
				d.op, d.limit = "at_least", &threshold{num: n}
			}
			out = append(out, movable(p.obtain(d, x, d.op, d.limit))...)
		case *termExpr:
			if x.term.Type != TypeNumber {
				d := &condition{kind: condCompare, of: x, op: v.op, limit: limit}
				out = append(out, movable(p.reword(d, x))...)
				continue
			}
			out = append(out, p.figures(v, limit)...)
		default:
			out = append(out, p.figures(v, limit)...)
		}
	}
	return out
}

// level is the rank of the one level word of an `is` row.
func (x *recordExpr) level(limit *threshold) (Num, bool) {
	if x.field == nil || x.field.Type != TypeLevel || len(limit.words) != 1 {
		return Num{}, false
	}
	r := rank(x.field.Options, limit.words[0])
	return intNum(int64(r)), r >= 0
}

func (p *planner) figures(v *value, limit *threshold) []Step {
	t, ok := limit.number(p.e)
	if !ok || v.op == "is" || v.expr.typ().kind != TypeNumber || v.expr.typ().root {
		return nil
	}
	var out []Step
	d := &condition{kind: condCompare, of: v.expr, op: v.op, limit: limit}
	for _, m := range d.closers(p.e, t) {
		out = append(out, p.figure(m))
	}
	return out
}

func (p *planner) lineSteps(v *value) []Step {
	if v.per == nil || v.rest == "prorate" {
		return nil
	}
	q := v.expr.eval(p.e)
	if q.undecided() || !q.span.exact() {
		return nil
	}
	from := q.span.lo.v
	if v.beyond != nil {
		if t, ok := v.beyond.number(p.e); ok && from.Cmp(t) < 0 {
			from = t
		}
	}
	n := from.Div(v.per.low).Floor()
	var out []Step
	for k := int64(1); k <= mostMore; k++ {
		limit := &threshold{num: n.Add(intNum(k)).Mul(v.per.low)}
		if x, ok := v.expr.(*recordExpr); ok {
			out = append(out, movable(p.obtain(&condition{kind: condHas, has: x, op: "at_least", limit: limit}, x, "at_least", limit))...)
			continue
		}
		d := &condition{kind: condCompare, of: v.expr, op: "at_least", limit: limit}
		for _, m := range d.closers(p.e, limit.num) {
			out = append(out, p.figure(m))
		}
	}
	return out
}

// movable are the steps of ways that a firm can take.
func movable(ways []Way) []Step {
	var out []Step
	for _, w := range ways {
		if len(w.Steps) == 1 && w.Steps[0].move.lever() != "" {
			out = append(out, w.Steps[0])
		}
	}
	return out
}
