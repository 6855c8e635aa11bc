package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// What the limits of one party leave of what a clause comes to for it. Settlement takes them from the whole round with its history; one claim
// alone can never come to more than they say, and what is known to have been received is already gone. Where it is known what earlier rounds
// awarded (Facts.Awarded), what is left is reckoned as settlement reckons it.

// Left is what the limits of one party leave of an amount.
type Left struct {
	Most     Fen      `json:"most"`               // fen; no more than this
	Bound    bool     `json:"bound"`              // some limit of money, or one used up, says Most
	Sure     bool     `json:"sure"`               // what was received is known: nothing else is deducted
	Together bool     `json:"together,omitempty"` // some limit counts other clauses as well
	Limits   []string `json:"limits,omitempty"`   // each limit and what is left of it, a sentence each
	Due      string   `json:"due,omitempty"`      // the amount as far as they leave it, where they cut it: 7万元, 至多7万元
	Reach    string   `json:"reach,omitempty"`    // the same of the potential

	joint []jointLimit // those that count other clauses as well
}

// holdOwn finds for each scheme of a document the limits of one party that count it. One that several schemes state is one.
func (d *Document) holdOwn() {
	for _, s := range d.schemes {
		seen := map[string]bool{}
		for _, stating := range d.schemes {
			for i := range stating.limits {
				l := &stating.limits[i]
				counted := d.lib.issues(l.of)
				if l.stage >= stageQuota || !slices.Contains(counted, s.id) {
					continue
				}
				if key := l.what() + "\x00" + strings.Join(counted, "\x00"); !seen[key] {
					seen[key] = true
					s.held = append(s.held, &roundLimit{limit: l, schemes: map[string]bool{s.id: true}})
				}
			}
		}
	}
}

// leaves says what the limits of the party leave; nil: it has none.
func (s *Scheme) leaves(e *env, q Question) *Left {
	if len(s.held) == 0 {
		return nil
	}
	out := &Left{Sure: true}
	// A round in which this is the only claim.
	alone := &settling{lib: s.doc.lib, round: &Round{On: q.On, Performance: q.Performance, Batch: q.Batch}}
	party := "party"
	for _, p := range q.Facts.past { // what it was counted by names it
		party = cmp.Or(p.Party, party)
	}
	x := &item{Settled: &Settled{Scheme: s.id, Party: party}, claim: &Claim{Party: party, Scheme: s.id, Facts: q.Facts, Fields: q.Fields}, scheme: s, facts: q.Facts}
	for _, p := range q.Facts.past {
		if q.Claim == "" || p.Claim != q.Claim {
			p.Party = party
			alone.round.History = append(alone.round.History, p)
		}
	}
	for _, l := range s.held {
		out.Together = out.Together || len(l.of) > 1
		out.take(e, alone, l, x)
	}
	return out
}

// all says whether all that was received under what a limit counts is known.
func (l *limit) all(e *env) bool {
	for _, id := range l.of {
		if e.f.receivedThrough < e.on && !slices.ContainsFunc(e.f.received[id], func(a award) bool { return a.on == 0 }) {
			return false
		}
	}
	return true
}

func (o *Left) take(e *env, alone *settling, l *roundLimit, x *item) {
	r, text := e.say, l.read(e.say)
	figure, fits := l.bound(e)
	fits = fits && !l.unpublished()
	at := l.within(x.claim.Fields, false, func(word string) (string, bool) {
		if word == fieldSession || word == fieldSubmitted || word == fieldNumber {
			return "", false // no round yet that says it
		}
		return alone.field(x, word)
	})
	sum, may := alone.took(l, at, []*item{x})
	ever := alone.forLife(l)
	known := e.f.pastKnown && may == 0 || ever && l.all(e)
	when := r.say(&pLeftBefore)
	if slices.Contains(l.per, fieldYear) {
		when = r.say(&pLeftYear, strconv.Itoa(e.p))
	}
	say, unsure := r.fen, &pLeftMay
	if l.count {
		say, unsure = func(n Fen) string { return r.say(&pLeftCount, strconv.FormatInt(int64(n), 10)) }, &pLeftTimes
	}
	left, ok := Fen(0), fits
	switch {
	case ok && l.count:
		var n int64
		n, ok = figure.Floor().Int64()
		left = Fen(n)
	case ok:
		left, ok = fenOf(figure, e.scheme.doc.rounding)
	}
	left = max(left-sum, 0)
	known = known && ok
	o.Sure = o.Sure && known
	if ok && len(l.of) > 1 {
		o.joint = append(o.joint, jointLimit{l.what() + "\x00" + strings.Join(e.scheme.doc.lib.issues(l.of), "\x00"), l.count, left})
	}
	if ok && (!l.count || left == 0) {
		o.bind(left)
	}
	switch {
	case ok && sum > 0 && left == 0:
		text = r.say(&pLeftNone, text, say(sum), when)
	case ok && sum > 0:
		text = r.say(&pLeft, text, say(sum), say(left), when)
	case known:
		text = r.say(&pLeftFresh, text, when)
	}
	if !known && !(ok && left == 0) {
		text = r.say(unsure, text)
	}
	o.Limits = append(o.Limits, text)
}

func (o *Left) bind(most Fen) {
	if !o.Bound || most < o.Most {
		o.Most, o.Bound = most, true
	}
}

// bound is the figure of a limit for this party, the greater where it is not certain.
func (l *limit) bound(e *env) (Num, bool) {
	if l.unpublished() || l.most == nil {
		return Num{}, false
	}
	was := *e
	e.refs, e.needs, e.lines, e.cuts, e.seen, e.better = nil, nil, nil, nil, nil, true
	g := l.most.compute(e, "")
	*e = was
	return g.hi.v, g.hi.inf == 0
}

// within says whether the limits leave less than a sum.
func (o *Left) within(sum Fen, open bool) bool { return o != nil && o.Bound && (open || o.Most < sum) }

func (o *Left) usedUp() bool { return o != nil && o.Bound && o.Most == 0 }

// Of is a sum as far as the limits of the party leave it.
func (o *Left) Of(sum Fen) Fen {
	if o.within(sum, false) {
		return o.Most
	}
	return sum
}

// cut is an amount as far as the limits leave it; empty where they do not cut it.
func (o *Left) cut(r *reader, a Amount) string {
	switch {
	case a.Kind == NoAmount || a.Kind == "" || !o.within(a.High, a.Open):
		return ""
	case o.Most == 0 || o.Sure && a.Kind == Exact:
		return r.fen(o.Most)
	}
	return r.say(&pNoMoreThan, r.fen(o.Most))
}

// due is the last line of an amount: what of it is left by the limits of the party.
func (t *teller) due() Line {
	r, out := t.r, t.out
	text := out.Amount.Text
	switch l := out.Left; {
	case l == nil:
	case l.cut(r, out.Amount) != "":
		text = l.cut(r, out.Amount)
	case !l.Sure && out.Amount.Kind == Exact:
		text = r.say(&pNoMoreThan, text)
	}
	return Line{Text: r.say(&pDue, text)}
}
