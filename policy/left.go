package policy

import "slices"

// What the limits of one party leave of what a clause comes to for it. Settlement takes them from the whole round with its history; one claim
// alone can never come to more than they say, and what is known to have been received is already gone.

// Left is what the limits of one party leave of an amount.
type Left struct {
	Most     Fen      `json:"most"`               // fen; no more than this
	Bound    bool     `json:"bound"`              // some limit of money, or one used up, says Most
	Sure     bool     `json:"sure"`               // what was received is known: nothing else is deducted
	Together bool     `json:"together,omitempty"` // some limit counts other clauses as well
	Limits   []string `json:"limits,omitempty"`   // each limit and what is left of it, a sentence each
}

// leaves says what the limits of the party leave; nil: it has none.
func (s *Scheme) leaves(e *env) *Left {
	var out *Left
	for i := range s.limits {
		l := &s.limits[i]
		if l.stage >= stageQuota {
			continue
		}
		if out == nil {
			out = &Left{Sure: true}
		}
		out.Together = out.Together || len(l.of) > 1
		out.take(e, l)
	}
	return out
}

// ever says that a limit counts everything the party ever received, so that the sum of it is what was used.
func (l *limit) ever(s *Scheme) bool {
	return !slices.ContainsFunc(l.per, func(w string) bool { return w != s.subject && !s.claimant(w) })
}

// used is what is known to have been received under what a limit counts, and whether that is all of it.
func (l *limit) used(e *env) (sum Fen, known bool) {
	known = true
	for _, id := range l.of {
		said := e.f.receivedThrough >= e.on
		for _, a := range e.f.received[id] {
			sum += a.amount
			said = said || a.on == 0
		}
		known = known && said
	}
	return sum, known
}

func (o *Left) take(e *env, l *limit) {
	r, text := e.say, l.read(e.say)
	most, fits := l.bound(e)
	sum, known := l.used(e)
	ever := l.ever(e.scheme)
	if l.count {
		one := fits && most.Cmp(intNum(1)) == 0
		switch {
		case ever && one && sum > 0:
			text = r.say(&pLeftNone, text, r.fen(sum))
			o.bind(0)
		case ever && known && sum == 0:
			text = r.say(&pLeftFresh, text)
		default:
			text = r.say(&pLeftTimes, text)
			o.Sure = false
		}
		o.Limits = append(o.Limits, text)
		return
	}
	left, ok := fenOf(most, e.scheme.doc.rounding)
	ok = ok && fits
	switch {
	case !ok:
		o.Sure = false
		text = r.say(&pLeftMay, text)
	case !ever || !known && sum == 0: // how much of it is used is not known
		o.Sure = false
		o.bind(left)
		text = r.say(&pLeftMay, text)
	default:
		left = max(left-sum, 0)
		o.bind(left)
		switch {
		case !known:
			o.Sure = false
			text = r.say(&pLeftMay, r.say(&pLeft, text, r.fen(sum), r.fen(left)))
		case sum == 0:
			text = r.say(&pLeftFresh, text)
		case left == 0:
			text = r.say(&pLeftNone, text, r.fen(sum))
		default:
			text = r.say(&pLeft, text, r.fen(sum), r.fen(left))
		}
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

// due is the last line of an amount: what of it is left by the limits of the party.
func (t *teller) due() Line {
	r, out := t.r, t.out
	l := out.Left
	if l == nil {
		return Line{Text: r.say(&pDue, out.Amount.Text)}
	}
	text := out.Amount.Text
	switch cut := l.within(out.Amount.High, out.Amount.Open); {
	case cut && (l.Most == 0 || l.Sure && out.Amount.Kind == Exact):
		text = r.fen(l.Most)
	case cut:
		text = r.say(&pNoMoreThan, r.fen(l.Most))
	case !l.Sure && out.Amount.Kind == Exact:
		text = r.say(&pNoMoreThan, text)
	}
	return Line{Text: r.say(&pDue, text)}
}
