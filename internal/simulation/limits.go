package simulation

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"shanglin/policy"
)

// purse is what a fund is taken to have when its sum is not known: more than all claims come to.
const purse policy.Fen = math.MaxInt64 / 4

// linked are the schemes that share a limit with one of a list, on either side: what one of them takes, the others lack.
func linked(list []pair, before, after *policy.Library) []string {
	known := map[string]bool{}
	var ids []string
	for _, p := range list {
		known[p.id] = true
		ids = append(ids, p.id)
	}
	var out []string
	for again := true; again; {
		again = false
		for _, l := range []*policy.Library{before, after} {
			for _, b := range l.Bounds(ids) {
				if b.Fund != "" {
					continue
				}
				for _, id := range b.Schemes {
					if !known[id] {
						known[id], again = true, true
						ids, out = append(ids, id), append(out, id)
					}
				}
			}
		}
	}
	return out
}

// answered is a party with its answers, as they stand before limits that are shared with others are applied.
type answered struct {
	subject
	before, after []answer
}

// bounds are the limits of one side.
type bounds struct {
	library *policy.Library
	on      policy.Date
	ids     []string // of the schemes that are compared, "" where this side has none
	counted []bool   // whether a limit counts awards of a scheme
	any     bool
	among   bool // some limit is shared by several parties
	funds   map[string]policy.Fen
	past    map[string][]policy.Past // by party, what earlier rounds awarded that the limits count
	notes   []string
	left    map[[2]string]int // scheme and why: claims that stay open, at the most that the limits before leave them
}

func newBounds(l *policy.Library, schemes []*policy.Scheme, on policy.Date) *bounds {
	b := &bounds{library: l, on: on, ids: make([]string, len(schemes)), counted: make([]bool, len(schemes)), funds: map[string]policy.Fen{}, left: map[[2]string]int{}}
	var ids []string
	for i, s := range schemes {
		if s != nil {
			b.ids[i] = s.ID()
			ids = append(ids, s.ID())
		}
	}
	for _, x := range l.Bounds(ids) {
		if x.Fund != "" {
			b.funds[x.Fund] = purse
			b.notes = append(b.notes, fmt.Sprintf("“%s”的限额没有计入：%s。名录里没有“%s”现有多少资金，合计是它之前的数。", l.Scheme(x.Scheme).Title(), x.Text, x.Fund))
			continue
		}
		b.any = true
		b.among = b.among || !x.Party
		for i, id := range b.ids {
			b.counted[i] = b.counted[i] || id != "" && slices.Contains(x.Schemes, id)
		}
	}
	return b
}

// awarded takes in the awards of earlier rounds that the limits of one side or the other count.
func (c *comparison) awarded(past []policy.Past) {
	for _, b := range c.bounds {
		b.past = map[string][]policy.Past{}
		counted := b.library.Counted(b.ids)
		for _, p := range past {
			if slices.Contains(counted, p.Scheme) {
				b.past[p.Party] = append(b.past[p.Party], p)
			}
		}
	}
}

// counted are the schemes of either side whose awards its limits count.
func (c *comparison) counted() []string {
	out := slices.Concat(c.bounds[0].library.Counted(c.bounds[0].ids), c.bounds[1].library.Counted(c.bounds[1].ids))
	slices.Sort(out)
	return slices.Compact(out)
}

// settle has parties' answers cut to what the limits leave, as if each of them claimed all that it meets in one round of today, after all rounds
// that have awarded something. A ceiling counts as its top. What cannot be settled counts at the most that the limits before it leave, and is noted.
func (b *bounds) settle(parties []answered, facts func(*answered) *policy.Facts, answers func(*answered) []answer) {
	if !b.any {
		return
	}
	round := policy.Round{On: b.on, Funds: b.funds}
	of := map[string]*answer{}
	for i := range parties {
		p := &parties[i]
		for at, a := range answers(p) {
			if a.said != policy.Met || !b.counted[at] {
				continue
			}
			claim := policy.Claim{ID: p.party + " " + b.ids[at], Party: p.party, Scheme: b.ids[at], Facts: facts(p),
				Fields: map[string]string{policy.FieldCode: p.code, policy.FieldTown: p.town}}
			if !a.open {
				top := a.ceiling
				claim.Decided = &top
			}
			round.Claims = append(round.Claims, claim)
			of[claim.ID] = &answers(p)[at]
		}
	}
	if len(round.Claims) == 0 {
		return
	}
	if b.among { // what others were awarded, or those who meet nothing today, is gone from what they share
		for _, party := range slices.Sorted(maps.Keys(b.past)) {
			round.History = append(round.History, b.past[party]...)
		}
	} else {
		for i := range parties {
			round.History = append(round.History, b.past[parties[i].party]...)
		}
	}
	settled, err := b.library.Settle(round)
	if err != nil {
		b.left[[2]string{"", err.Error()}]++
		return
	}
	for i := range settled {
		s := &settled[i]
		if s.Open {
			b.left[[2]string{s.Scheme, s.Why}]++
			a := of[s.Claim]
			a.owed, a.ceiling = min(a.owed, s.Most), min(a.ceiling, s.Most)
			continue
		}
		of[s.Claim].settle(s)
	}
}

// settle is the answer after the limits.
func (a *answer) settle(s *policy.Settled) {
	a.owed, a.ceiling = 0, 0
	switch {
	case s.Answer != policy.Met: // what the round itself gives under one scheme may shut another
		a.said = s.Answer
	case s.Gross.Kind == policy.NoAmount:
		if !s.Granted {
			a.said = policy.Unmet
		}
	case s.Gross.Kind == policy.Exact:
		a.owed = s.Amount
	default:
		a.ceiling = s.Amount
	}
}

// limit settles parties on both sides.
func (c *comparison) limit(parties []answered) {
	c.bounds[0].settle(parties, func(p *answered) *policy.Facts { return p.subject.before }, func(p *answered) []answer { return p.before })
	c.bounds[1].settle(parties, func(p *answered) *policy.Facts { return p.subject.after }, func(p *answered) []answer { return p.after })
}

// waits says whether what a party comes to depends on other parties.
func (c *comparison) waits(p *answered) bool {
	for side, answers := range [][]answer{p.before, p.after} {
		b := c.bounds[side]
		if !c.bounds[0].among && !c.bounds[1].among {
			return false
		}
		for i, a := range answers {
			if b.counted[i] && a.said == policy.Met {
				return true
			}
		}
	}
	return false
}

// limitNotes say what limits were applied how, and what was left out.
func (c *comparison) limitNotes() []string {
	var out []string
	if c.bounds[0].any || c.bounds[1].any {
		note := "限额已计入：按符合条件的都在一个新的批次中申报估算，此前各批次已决定的奖补已从限额中扣除，“最高”的按上限估算；补齐资料后至多的数没有计入限额。"
		if c.bounds[0].among || c.bounds[1].among {
			note += "几家共用的限额，余下的只在本次测算的企业之间分。"
		}
		out = append(out, note)
	}
	notes, left := []string{}, map[[2]string][2]int{}
	for side, b := range c.bounds {
		notes = append(notes, b.notes...)
		for k, n := range b.left {
			both := left[k]
			both[side] += n
			left[k] = both
		}
	}
	slices.Sort(notes)
	out = append(out, slices.Compact(notes)...)
	for _, k := range slices.SortedFunc(maps.Keys(left), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		if k[0] == "" {
			out = append(out, "限额没有计入："+k[1]+"。合计是限额之前的数。")
			continue
		}
		title := k[0]
		for _, p := range c.pairs {
			if p.id == k[0] {
				title = p.either().Title()
			}
		}
		out = append(out, fmt.Sprintf("“%s”的限额没有全部计入：%s。现行有%d家、调整后有%d家只扣到它之前的限额。", title, k[1], left[k][0], left[k][1]))
	}
	return out
}
