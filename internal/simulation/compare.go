package simulation

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"shanglin/internal/registry"
	"shanglin/policy"
)

// Side is what schemes come to before or after.
type Side struct {
	Met       int        `json:"met" doc:"parties that meet it"`
	Manual    int        `json:"manual" doc:"that wait for a judgement"`
	Unknown   int        `json:"unknown" doc:"of which a fact is missing"`
	Owed      policy.Fen `json:"owed" doc:"fen; exact amounts of those that meet it"`
	Ceiling   policy.Fen `json:"ceiling" doc:"fen; the most that 最高 and ranges may come to for those that meet it"`
	Potential policy.Fen `json:"potential" doc:"fen; the most it may come to once what is unknown is known"`
	Open      int        `json:"open" doc:"of those that meet it: without a sum that is known"`
}

// Moved is how many parties go which way.
type Moved struct {
	Enter int `json:"enter" doc:"met nothing and now do"`
	Leave int `json:"leave" doc:"met something and no longer do"`
	Gain  int `json:"gain"`
	Lose  int `json:"lose"`
	Same  int `json:"same" doc:"meet it before and after, for the same money"`
}

// Changed is how many parties are concerned.
func (m Moved) Changed() int { return m.Enter + m.Leave + m.Gain + m.Lose }

// Ways are what may become of a party.
const (
	Enter = "enter"
	Leave = "leave"
	Gain  = "gain"
	Lose  = "lose"
	same  = "same"
)

func (m *Moved) add(way string) {
	switch way {
	case Enter:
		m.Enter++
	case Leave:
		m.Leave++
	case Gain:
		m.Gain++
	case Lose:
		m.Lose++
	case same:
		m.Same++
	}
}

// Compared is both sides of something.
type Compared struct {
	Before Side  `json:"before"`
	After  Side  `json:"after"`
	Moved  Moved `json:"moved"`
}

// OfScheme is a scheme with both sides.
type OfScheme struct {
	Scheme string `json:"scheme"`
	Title  string `json:"title"`
	Office string `json:"office"`
	Cite   string `json:"cite"`
	Money  bool   `json:"money"`
	Change string `json:"change" enum:"changed,added,removed,linked" doc:"whether it stands on both sides; linked: it only shares a limit with one that differs"`
	Compared
}

// OfGroup is the parties of a town, a size or an industry.
type OfGroup struct {
	Name    string     `json:"name" doc:"empty: not stated"`
	Parties int        `json:"parties"`
	Before  policy.Fen `json:"before" doc:"fen; exact sums and ceilings together"`
	After   policy.Fen `json:"after"`
	Met     int        `json:"met" doc:"parties that met something before"`
	MetNow  int        `json:"met_now"`
	Moved   Moved      `json:"moved"`
}

// Step is a part of the distribution of changes: more than From, at most To, in fen; a missing end is open.
type Step struct {
	From    *policy.Fen `json:"from,omitempty"`
	To      *policy.Fen `json:"to,omitempty"`
	Parties int         `json:"parties"`
	Sum     policy.Fen  `json:"sum"`
}

// Result is what a run found.
type Result struct {
	On         policy.Date `json:"on"`
	ReadAt     string      `json:"read_at" doc:"when the facts were read"`
	Parties    int         `json:"parties" doc:"in the registry, within the scope"`
	Total      Compared    `json:"total" doc:"over all schemes that are compared; a party counts once"`
	Schemes    []OfScheme  `json:"schemes" nullable:"false"`
	Towns      []OfGroup   `json:"towns" nullable:"false"`
	Sizes      []OfGroup   `json:"sizes" nullable:"false"`
	Industries []OfGroup   `json:"industries" nullable:"false"`
	Steps      []Step      `json:"steps" nullable:"false"`
	Notes      []string    `json:"notes" nullable:"false" doc:"what the sums leave out"`
	Lines      int         `json:"lines" doc:"parties that are kept by name, the largest changes first"`
	LeftOff    int         `json:"left_off" doc:"changed parties that are not"`
}

// Line is a party for which something changes.
type Line struct {
	Party    string     `json:"party"`
	Town     string     `json:"town"`
	Size     string     `json:"size"`
	Industry string     `json:"industry"`
	Way      string     `json:"way"`
	Before   policy.Fen `json:"before"`
	After    policy.Fen `json:"after"`
	Schemes  []LineOf   `json:"schemes"`
}

// LineOf is a scheme of a line.
type LineOf struct {
	Scheme string     `json:"scheme"`
	Way    string     `json:"way" enum:"enter,leave,gain,lose"`
	Before policy.Fen `json:"before" doc:"fen; the exact sum, or the ceiling"`
	After  policy.Fen `json:"after"`
}

// Change is by how much.
func (l *Line) Change() policy.Fen { return l.After - l.Before }

// mostLines is how many parties a result keeps by name.
const mostLines = 10_000

// edges of the distribution of changes, in yuan.
var edges = []policy.Fen{-500_000, -100_000, -10_000, 0, 10_000, 100_000, 500_000}

// pair is a scheme on both sides; one of them may be missing.
type pair struct {
	id            string
	before, after *policy.Scheme
	linked        bool // compared only because it shares a limit with one that differs
}

// either is the side that there is, the new one first.
func (p pair) either() *policy.Scheme {
	if p.after != nil {
		return p.after
	}
	return p.before
}

// pairs are the schemes in force on a day on either side that the new files may answer differently, or only those named, and
// those that share a limit with one of these.
func pairs(before, after *policy.Library, on policy.Date, only []string) []pair {
	inForce := func(l *policy.Library, id string) *policy.Scheme {
		if s := l.Scheme(id); s != nil && s.Document().StandingOn(on) == policy.InForce {
			return s
		}
		return nil
	}
	var out []pair
	seen := map[string]bool{}
	words := before.Words() == after.Words()
	for _, l := range []*policy.Library{after, before} {
		for _, s := range l.Schemes() {
			p := pair{id: s.ID(), before: inForce(before, s.ID()), after: inForce(after, s.ID())}
			if seen[p.id] || p.before == nil && p.after == nil {
				continue
			}
			seen[p.id] = true
			if only != nil && !slices.Contains(only, p.id) {
				continue
			}
			if only == nil && words && p.before != nil && p.after != nil && p.before.Document().Basis() == p.after.Document().Basis() {
				continue
			}
			out = append(out, p)
		}
	}
	for _, id := range linked(out, before, after) {
		if p := (pair{id, inForce(before, id), inForce(after, id), true}); p.before != nil || p.after != nil {
			out = append(out, p)
		}
	}
	return out
}

// subject is a party whose answers are compared.
type subject struct {
	party, code, kind, town, size, industry string
	before, after                           *policy.Facts // the same facts, for each side's vocabulary
}

// answer is what is kept of a result.
type answer struct {
	said                     policy.Answer
	owed, ceiling, potential policy.Fen
	open                     bool
}

func (a answer) met() bool         { return a.said == policy.Met }
func (a answer) worth() policy.Fen { return a.owed + a.ceiling }

func answerOf(r *policy.Result) answer {
	a := answer{said: r.Answer}
	if r.Answer == policy.Met {
		switch m := r.Amount; {
		case m.Kind == policy.NoAmount:
		case m.Open:
			a.open = true
		case m.Kind == policy.Exact:
			a.owed = m.High
		default:
			a.ceiling = m.High
		}
	}
	if !r.Potential.Open && r.Answer != policy.Unmet && r.Answer != policy.NotApplicable && r.Supposes == "" {
		a.potential = r.Potential.High
	}
	return a
}

// evaluate answers one side's schemes for one party; a scheme that is nil answers not applicable.
func evaluate(schemes []*policy.Scheme, kind string, facts *policy.Facts, on policy.Date) []answer {
	out := make([]answer, len(schemes))
	for i, s := range schemes {
		out[i].said = policy.NotApplicable
		if s != nil && registry.Concerns(s, kind) {
			out[i] = answerOf(s.Evaluate(policy.Question{Facts: facts, On: on, Brief: true}))
		}
	}
	return out
}

// comparison is a run under way.
type comparison struct {
	pairs         []pair
	before, after []*policy.Scheme
	on            policy.Date
	bounds        [2]*bounds // before and after
	held          []answered // parties whose answers depend on those that are still to come

	result                   Result
	schemes                  []Compared
	towns, sizes, industries map[string]*OfGroup
	steps                    []Step
	lines                    []Line
}

func newComparison(list []pair, before, after *policy.Library, on policy.Date) *comparison {
	c := &comparison{pairs: list, on: on, schemes: make([]Compared, len(list)), towns: map[string]*OfGroup{}, sizes: map[string]*OfGroup{}, industries: map[string]*OfGroup{}}
	for _, p := range list {
		c.before, c.after = append(c.before, p.before), append(c.after, p.after)
	}
	c.bounds = [2]*bounds{newBounds(before, c.before, on), newBounds(after, c.after, on)}
	for i := range len(edges) + 1 {
		var s Step
		if i > 0 {
			from := edges[i-1] * 100
			s.From = &from
		}
		if i < len(edges) {
			to := edges[i] * 100
			s.To = &to
		}
		c.steps = append(c.steps, s)
	}
	return c
}

// page answers a page of parties, spread over the processors, settles them, and counts them in their order: but for those whose answers depend on
// other parties, which are held until all are known.
func (c *comparison) page(subjects []subject) {
	got := make([]answered, len(subjects))
	next := make(chan int)
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(subjects)) {
		group.Go(func() {
			for i := range next {
				s := &subjects[i]
				got[i] = answered{*s, evaluate(c.before, s.kind, s.before, c.on), evaluate(c.after, s.kind, s.after, c.on)}
			}
		})
	}
	for i := range subjects {
		next <- i
	}
	close(next)
	group.Wait()
	ready := got[:0:0]
	for i := range got {
		if c.waits(&got[i]) {
			c.held = append(c.held, got[i])
		} else {
			ready = append(ready, got[i])
		}
	}
	c.settle(ready)
}

// read is how many parties have been answered.
func (c *comparison) read() int { return c.result.Parties + len(c.held) }

func (c *comparison) settle(parties []answered) {
	c.limit(parties)
	for i := range parties {
		p := &parties[i]
		c.count(&p.subject, p.before, p.after)
	}
}

// count adds a party.
func (c *comparison) count(s *subject, before, after []answer) {
	line := Line{Party: s.party, Town: s.town, Size: s.size, Industry: s.industry}
	var b, a answer // over all schemes: met by any
	b.said, a.said = policy.NotApplicable, policy.NotApplicable
	metBefore, metAfter := 0, 0
	for i := range c.pairs {
		x, y := before[i], after[i]
		cell := &c.schemes[i]
		cell.Before.add(x)
		cell.After.add(y)
		way := wayOf(x.met(), y.met(), x.worth(), y.worth())
		cell.Moved.add(way)
		if way != "" && way != same {
			line.Schemes = append(line.Schemes, LineOf{c.pairs[i].id, way, x.worth(), y.worth()})
		}
		b.join(x)
		a.join(y)
		metBefore, metAfter = metBefore+one(x.met()), metAfter+one(y.met())
	}
	c.result.Parties++
	total := &c.result.Total
	total.Before.add(b)
	total.After.add(a)
	line.Before, line.After = b.worth(), a.worth()
	line.Way = wayOf(metBefore > 0, metAfter > 0, b.worth(), a.worth())
	if line.Way == same && metBefore != metAfter { // no money tells more from less: the number of schemes does
		line.Way = Gain
		if metAfter < metBefore {
			line.Way = Lose
		}
	}
	total.Moved.add(line.Way)
	for _, g := range []struct {
		of   map[string]*OfGroup
		name string
	}{{c.towns, s.town}, {c.sizes, s.size}, {c.industries, s.industry}} {
		row := g.of[g.name]
		if row == nil {
			row = &OfGroup{Name: g.name}
			g.of[g.name] = row
		}
		row.Parties++
		row.Before += line.Before
		row.After += line.After
		row.Met += one(metBefore > 0)
		row.MetNow += one(metAfter > 0)
		row.Moved.add(line.Way)
	}
	if len(line.Schemes) == 0 {
		return
	}
	c.lines = append(c.lines, line)
	if change := line.Change(); change != 0 {
		at := 0
		for at < len(edges) && change > edges[at]*100 {
			at++
		}
		c.steps[at].Parties++
		c.steps[at].Sum += change
	}
	if len(c.lines) >= 2*mostLines {
		c.cut()
	}
}

// cut keeps the largest changes; of equal ones the order of ids decides, so that a run again keeps the same.
func (c *comparison) cut() {
	slices.SortStableFunc(c.lines, func(x, y Line) int {
		return cmp.Or(cmp.Compare(magnitude(y.Change()), magnitude(x.Change())), strings.Compare(x.Party, y.Party))
	})
	if len(c.lines) > mostLines {
		c.result.LeftOff += len(c.lines) - mostLines
		c.lines = c.lines[:mostLines:mostLines]
	}
}

func magnitude(f policy.Fen) policy.Fen { return max(f, -f) }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wayOf is what becomes of a party; empty where it has nothing before and after.
func wayOf(before, after bool, was, is policy.Fen) string {
	switch {
	case !before && !after:
		return ""
	case !before:
		return Enter
	case !after:
		return Leave
	case is > was:
		return Gain
	case is < was:
		return Lose
	}
	return same
}

func (s *Side) add(a answer) {
	switch a.said {
	case policy.Met:
		s.Met++
	case policy.Manual:
		s.Manual++
	case policy.Unknown:
		s.Unknown++
	}
	s.Owed += a.owed
	s.Ceiling += a.ceiling
	s.Potential += a.potential
	s.Open += one(a.open)
}

// join adds another scheme's answer of the same party: met if any is, then a judgement, then a fact that is missing.
func (a *answer) join(b answer) {
	rank := func(x policy.Answer) int {
		return slices.Index([]policy.Answer{policy.NotApplicable, policy.Unmet, policy.Unknown, policy.Manual, policy.Met}, x)
	}
	if rank(b.said) > rank(a.said) {
		a.said = b.said
	}
	a.owed += b.owed
	a.ceiling += b.ceiling
	a.potential += b.potential
	a.open = a.open || b.open
}

// end is the result, and the lines that it keeps.
func (c *comparison) end() (*Result, []Line) {
	c.settle(c.held)
	c.held = nil
	c.cut()
	r := &c.result
	r.On, r.Lines, r.Steps = c.on, len(c.lines), c.steps
	r.Schemes, r.Notes = []OfScheme{}, append([]string{}, c.limitNotes()...)
	for i, p := range c.pairs {
		s := p.either()
		d := s.Describe()
		o := OfScheme{Scheme: p.id, Title: d.Title, Office: d.Office, Cite: d.Cite, Money: d.Kind == "money", Change: "changed", Compared: c.schemes[i]}
		switch {
		case p.before == nil:
			o.Change = "added"
		case p.after == nil:
			o.Change = "removed"
		case p.linked:
			o.Change = "linked"
		}
		r.Schemes = append(r.Schemes, o)
	}
	groups := func(of map[string]*OfGroup) []OfGroup {
		out := make([]OfGroup, 0, len(of))
		for _, g := range of {
			out = append(out, *g)
		}
		slices.SortFunc(out, func(a, b OfGroup) int {
			return cmp.Or(cmp.Compare(max(b.Before, b.After), max(a.Before, a.After)), cmp.Compare(b.Parties, a.Parties), strings.Compare(a.Name, b.Name))
		})
		return out
	}
	r.Towns, r.Sizes, r.Industries = groups(c.towns), groups(c.sizes), groups(c.industries)
	return r, c.lines
}
