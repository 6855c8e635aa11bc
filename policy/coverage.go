package policy

import (
	"sort"
	"strconv"
)

// Coverage is how much of a scheme its worked examples reach: each condition met and not met, each row, slice and guard, each cap that cuts and
// that does not, each limit.
type Coverage struct {
	Scheme  string    `json:"scheme"`
	Title   string    `json:"title"`
	File    string    `json:"file"`
	Line    int       `json:"line"`
	Points  int       `json:"points"`
	Reached int       `json:"reached"`
	Missed  []Missing `json:"missed"`
}

// Missing is one thing that no example reaches, with its place and a sentence.
type Missing struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// Percent that is reached, rounded down, so that 100 is all of it.
func (c *Coverage) Percent() int {
	if c.Points == 0 {
		return 100
	}
	return 100 * c.Reached / c.Points
}

// Coverage runs every worked example and says, scheme by scheme in the order of the library, what they reach. What several schemes share
// (a definition) is reached by the examples of any.
func (l *Library) Coverage() ([]Coverage, []Problem) {
	seen := &seen{marks: map[mark]bool{}}
	problems := l.runExamples(seen)
	out := make([]Coverage, 0, len(l.schemes))
	for _, s := range l.schemes {
		c := Coverage{Scheme: s.id, Title: s.title, File: s.at.file, Line: s.at.Line, Missed: []Missing{}}
		for _, p := range s.points() {
			c.Points++
			if seen.marks[p.mark] {
				c.Reached++
				continue
			}
			at := p.place
			if !at.is() {
				at = s.at
			}
			c.Missed = append(c.Missed, Missing{at.file, at.Line, p.say})
		}
		sort.SliceStable(c.Missed, func(i, j int) bool {
			a, b := c.Missed[i], c.Missed[j]
			return a.File < b.File || a.File == b.File && a.Line < b.Line
		})
		out = append(out, c)
	}
	return out, problems
}

// seen is what the examples reached so far.
type seen struct{ marks map[mark]bool }

// mark is one way that a node of a scheme may go: a condition met or not, the row of a table, a cap that cuts or not.
type mark struct {
	at any
	n  int
}

const (
	seenMet   = 0
	seenUnmet = 1
)

// reach notes that a node went a way. What is only supposed, while a gap is computed, is no example.
func (s *seen) reach(e *env, at any, n int) {
	if e.override == nil {
		s.marks[mark{at, n}] = true
	}
}

func (s *seen) answer(e *env, d *condition, a Answer) {
	switch a {
	case Met:
		s.reach(e, d, seenMet)
	case Unmet:
		s.reach(e, d, seenUnmet)
	}
}

// step notes whether a cap cuts, a floor raises, something is taken off.
func (s *seen) step(e *env, st *step, before, w given) {
	did := true
	switch st.kind {
	case stepAtMost:
		did = w.hi.cmp(before.hi) < 0
	case stepAtLeast:
		did = w.lo.cmp(before.lo) > 0
	case stepLess:
		did = w.hi.sign() > 0
	}
	if did {
		s.reach(e, st, seenMet)
	} else {
		s.reach(e, st, seenUnmet)
	}
}

// limit notes that a limit took from a claim, or made it wait where nobody knows how much the limit is; it stands in every scheme that it counts together.
func (s *seen) limit(l *roundLimit) {
	if s == nil {
		return
	}
	say := l.read(chinese)
	s.marks[mark{l.scheme.id + say, 0}] = true
	for id := range l.schemes {
		s.marks[mark{id + say, 0}] = true
	}
}

// point is one way that examples should go, where it stands and what is said when none does.
type point struct {
	mark
	place node
	say   string
}

// points are all ways of a scheme.
func (s *Scheme) points() []point {
	var out []point
	add := func(at any, n int, place node, say string) { out = append(out, point{mark{at, n}, place, say}) }
	w := &walker{seen: map[*definition]bool{}}
	w.onCond = func(d *condition) {
		if d.kind == condCompare || d.kind == condHas || d.kind == condJudge {
			add(d, seenMet, d.at, "条件“"+d.words(chinese)+"”：没有例子符合。")
			add(d, seenUnmet, d.at, "条件“"+d.words(chinese)+"”：没有例子不符合。")
		}
	}
	var holds certain // in the conditions themselves nothing is certain yet
	w.onValue = func(v *value) { v.points(holds, add) }
	w.condition(s.doc.common)
	w.condition(s.require)
	holds = s.holds()
	w.value(s.amount)
	s.across(w)
	if l := s.level; l != nil {
		w.expr(l.by)
		for _, r := range l.rungs {
			add(l, r.rank, l.at, "等级“"+l.words[r.rank]+"”：没有例子达到。")
		}
		if l.els >= 0 { // without it, who reaches no rung does not meet the condition that the ladder makes
			add(l, l.els, l.at, "等级“"+l.words[l.els]+"”：没有例子是这一级。")
		}
	}
	for i := range s.limits {
		l := &s.limits[i]
		say := l.read(chinese)
		add(s.id+say, 0, l.at, "限额“"+say+"”：没有例子受它限制。")
	}
	return out
}

func (v *value) points(holds certain, add func(at any, n int, place node, say string)) {
	switch v.kind {
	case valueTable:
		t := v.expr.typ()
		for i, r := range v.rows {
			place := v.at
			if r.value != nil {
				place = r.value.at
			}
			for _, cell := range r.cells {
				place = cell.at
			}
			add(v, i, place, "分档“"+v.expr.read(chinese)+chinese.than(v.op, r.limit.read(chinese, t))+"”：没有例子落在这一档。")
		}
		switch {
		case v.everything(holds):
		case v.els != nil && v.els.value != nil:
			add(v, -1, v.els.value.at, "按“"+v.expr.read(chinese)+"”分档：没有例子一档都达不到（else）。")
		default:
			add(v, -1, v.at, "按“"+v.expr.read(chinese)+"”分档：没有例子一档都达不到。")
		}
	case valueLine:
		say := "“" + v.expr.read(chinese) + "”"
		if v.beyond != nil || v.upTo != nil {
			say = "“" + v.read(chinese) + "”这一段"
		}
		add(v, 0, v.at, say+"：没有例子算到（都是零或不知道）。")
	case valueEach:
		add(v, 0, v.at, "“"+v.each.kind.Name+"”：没有例子有这样的记录。")
	case valueHighest:
		for i, p := range v.parts {
			add(v, i, p.at, "取最高的一项：没有例子取到第"+strconv.Itoa(i+1)+"项。")
		}
	}
	for i := range v.steps {
		s := &v.steps[i]
		say := "“" + s.read(chinese) + "”"
		switch s.kind {
		case stepAtMost:
			add(s, seenMet, s.at, "封顶"+say+"：没有例子被削减。")
			if !v.topless() {
				add(s, seenUnmet, s.at, "封顶"+say+"：没有例子不被削减。")
			}
		case stepAtLeast:
			add(s, seenMet, s.at, "保底"+say+"：没有例子用到。")
			add(s, seenUnmet, s.at, "保底"+say+"：没有例子用不到。")
		case stepLess:
			add(s, seenMet, s.at, say+"：没有例子减过。")
		default:
			add(s, seenMet, s.at, say+"：没有例子算过。")
		}
	}
}

// everything says that the rows of a table take all that its quantity may come to where holds is certain, so that nothing misses them.
func (v *value) everything(holds certain) bool {
	q := v.expr.typ()
	if q.kind == TypeCode {
		return false
	}
	left := possible(v.expr)
	whole := left.whole
	if before, ok := holds[v.expr.read(chinese)]; ok {
		left = before.where
	}
	for i := range v.rows {
		reach, ok := v.rows[i].limit.region(v.op, q, whole)
		if !ok {
			return false
		}
		left = left.and(reach.but())
	}
	return left.empty()
}

// topless says that all that a value gives is for somebody to set, without an upper end: a cap on it always takes something away.
func (v *value) topless() bool {
	gives, all := 0, true
	v.literals(0, false, func(l *literal, step bool) {
		if !step {
			gives++
			all = all && (l.manual || l.atLeast)
		}
	})
	return gives > 0 && all
}
