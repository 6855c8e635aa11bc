package policy

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Claim is one application in a closed, frozen round: its facts are as of the cut-off, its time of
// submission is data, so that the order of input never matters.
type Claim struct {
	ID        string // unique in the round; the last key of every order
	Party     string
	Scheme    string // document/scheme
	Facts     *Facts
	Submitted string // sorts as text
	Decided   *Fen   // the sum a person set below a ceiling, within a range or from case to case; nil: not yet
	Judged    bool   // a person judged that what only a person can judge holds, so that a manual answer counts as met
	// Performance year of the round; 0: the document's own.
	Performance int
	Batch       string // of the round; empty: it says none
}

// Cut is one reduction of a claim, in the order it happened.
type Cut struct {
	By    string `json:"by"` // the limit's sentence, or how the sum came about
	From  Fen    `json:"from"`
	To    Fen    `json:"to"`
	Stage string `json:"stage"` // decision, group, cap
}

// Settled is what a claim comes to.
type Settled struct {
	Claim  string `json:"claim"`
	Party  string `json:"party"`
	Scheme string `json:"scheme"`
	Answer Answer `json:"answer"`
	Gross  Amount `json:"gross"`
	Amount Fen    `json:"amount"`
	Open   bool   `json:"open"` // waits for a person: the answer is manual or unknown, a ceiling is not decided, or AwardsUnknown
	Cuts   []Cut  `json:"cuts"`
	// AwardsUnknown: the amount rests on awards received before, which are not known to be complete.
	AwardsUnknown bool   `json:"-"`
	Subject       string `json:"-"`
	result        *Result
	claim         Claim
}

// Settle runs the first five stages of the pipeline, those that need no other party: eligibility, gross
// amount, top-up along the order in which schemes read each other's payments, choice within a group, and
// caps per party. Quotas, pools and budgets need the whole round and are refused here rather than ignored.
func (l *Library) Settle(claims []Claim, on Date) ([]Settled, error) {
	claims = slices.Clone(claims)
	sort.Slice(claims, func(i, j int) bool {
		a, b := claims[i], claims[j]
		if a.Submitted != b.Submitted {
			return a.Submitted < b.Submitted
		}
		return a.ID < b.ID
	})
	schemes := map[string]bool{}
	seen := map[string]bool{}
	for _, c := range claims {
		s := l.byScheme[c.Scheme]
		if s == nil {
			return nil, faultf("没有条款“%s”", clip(c.Scheme))
		}
		if seen[c.ID] {
			return nil, faultf("同一申报出现了两次")
		}
		seen[c.ID] = true
		for i := range s.limits {
			if !s.limits[i].party(s) {
				return nil, faultf("条款“%s”有跨申请人的限额，须在批次中结算", s.title)
			}
		}
		schemes[c.Scheme] = true
	}
	layers, err := l.layers(schemes)
	if err != nil {
		return nil, err
	}
	var out []Settled
	for _, layer := range layers {
		from := len(out)
		for _, c := range claims {
			if slices.Contains(layer, c.Scheme) {
				out = append(out, l.gross(c, on, out[:from]))
			}
		}
		for _, id := range layer {
			l.group(l.byScheme[id], out)
			l.caps(l.byScheme[id], out)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Claim < out[j].Claim })
	return out, nil
}

// layers orders schemes so that each comes after those whose payments it reads.
func (l *Library) layers(schemes map[string]bool) ([][]string, error) {
	left := sortedKeys(schemes)
	done := map[string]bool{}
	var out [][]string
	for len(left) > 0 {
		var layer, rest []string
		for _, id := range left {
			ready := true
			for _, other := range l.byScheme[id].readsPayments() {
				if schemes[other] && !done[other] && other != id {
					ready = false
				}
			}
			if ready {
				layer = append(layer, id)
			} else {
				rest = append(rest, id)
			}
		}
		if len(layer) == 0 {
			return nil, faultf("条款相互读取对方的兑现金额，无法排出先后：%s", strings.Join(left, "、"))
		}
		for _, id := range layer {
			done[id] = true
		}
		out, left = append(out, layer), rest
	}
	return out, nil
}

// readsPayments are the schemes whose payments this one reads.
func (s *Scheme) readsPayments() []string {
	var out []string
	w := &walker{seen: map[*definition]bool{}}
	w.onExpr = func(x expr) {
		if r, ok := x.(*receivedExpr); ok {
			out = append(out, r.schemes...)
		}
	}
	w.condition(s.require)
	w.value(s.amount)
	return out
}

// gross evaluates a claim over its facts and over what earlier layers of this round have settled for the party.
func (l *Library) gross(c Claim, on Date, earlier []Settled) Settled {
	s := l.byScheme[c.Scheme]
	facts := c.Facts
	if own := slices.ContainsFunc(earlier, func(e Settled) bool { return e.Party == c.Party && e.Amount > 0 }); own {
		facts = facts.clone()
		for _, e := range earlier {
			if e.Party == c.Party && e.Amount > 0 {
				facts.Received(e.Scheme, e.Amount, on, Source{Origin: e.Claim, Verified: true})
			}
		}
	}
	r := s.Evaluate(Question{Facts: facts, On: on, Performance: c.Performance, Batch: c.Batch})
	amount, met := r.Claimable(c.Judged)
	out := Settled{Claim: c.ID, Party: c.Party, Scheme: c.Scheme, Answer: r.Answer, Gross: amount, Cuts: []Cut{}, Subject: s.subject, result: r, claim: c}
	if !met {
		out.Open = r.Answer == Unknown || r.Answer == Manual
		return out
	}
	if r.AwardsUnknown() {
		out.Open, out.AwardsUnknown = true, true
		return out
	}
	switch {
	case amount.Kind == Exact:
		out.Amount = amount.High
	case c.Decided == nil:
		out.Open = true
	case !amount.Holds(*c.Decided):
		out.Open = true
		out.Cuts = append(out.Cuts, Cut{By: fmt.Sprintf("核定金额应在%s之内", amount.Text), From: *c.Decided, To: 0, Stage: "decision"})
	default:
		out.Amount = *c.Decided
		if !amount.Open && *c.Decided < amount.High {
			out.Cuts = append(out.Cuts, Cut{By: "核定金额", From: amount.High, To: *c.Decided, Stage: "decision"})
		}
	}
	return out
}

// Claimable is the amount that a claim with this answer may come to, and whether it counts as met: a manual answer does when a person has
// judged that what only a person can judge holds. Nothing is known then of how much the clause itself would give, so the sum is the
// person's to set, within what it may come to at best.
func (r *Result) Claimable(judged bool) (Amount, bool) {
	switch {
	case r.Answer == Met:
		return r.Amount, true
	case r.Answer == Manual && judged:
		a := r.Potential
		if a.Kind == NoAmount {
			a = Amount{Open: true}
		}
		a.Kind, a.Low, a.Text = ManualAmount, 0, "由主管部门确定"
		if !a.Open {
			a.Text += "，最高" + a.High.String()
		}
		return a, true
	}
	return r.Amount, false
}

// AwardsUnknown says that the amount rests on awards received before which are not known to be complete. What it comes to at worst is then no
// sum to pay: the party would lose for good what the books merely had not been closed for.
func (r *Result) AwardsUnknown() bool {
	return r.Answer == Met && slices.ContainsFunc(r.Missing, func(n Need) bool { return strings.HasPrefix(n.Key, "received(") })
}

// Holds says whether a sum lies within the amount.
func (a Amount) Holds(sum Fen) bool {
	return sum >= a.Low && (a.Open || sum <= a.High)
}

func (f *Facts) clone() *Facts {
	out := *f
	out.received = map[string][]award{}
	for k, v := range f.received {
		out.received[k] = slices.Clone(v)
	}
	return &out
}

// counted says whether a settled claim falls under a limit of scheme s.
func (l *Library) counted(s *Scheme, lim *limit, x *Settled) bool {
	if len(lim.of) == 0 {
		return slices.Contains(s.family, x.Scheme)
	}
	for _, key := range lim.of {
		for _, id := range []string{s.doc.ID + "/" + key, key} {
			if other := l.byScheme[id]; other != nil && slices.Contains(other.family, x.Scheme) {
				return true
			}
		}
	}
	return false
}

// group applies the limits that count awards: the highest stays, or the earliest.
func (l *Library) group(s *Scheme, all []Settled) {
	for i := range s.limits {
		lim := &s.limits[i]
		if !lim.count {
			continue
		}
		most, ok := lim.most.lit.low.Int64()
		if !ok {
			continue
		}
		byParty := map[string][]*Settled{}
		for k := range all {
			if all[k].Amount > 0 && l.counted(s, lim, &all[k]) {
				byParty[all[k].Party] = append(byParty[all[k].Party], &all[k])
			}
		}
		for _, party := range sortedKeys(byParty) {
			list := byParty[party]
			if lim.share == "highest" {
				sort.SliceStable(list, func(a, b int) bool { return list[a].Amount > list[b].Amount })
			}
			before := int64(0)
			if !slices.Contains(lim.per, "年度") { // once in a lifetime: what was paid earlier counts first
				for _, id := range s.family {
					before += int64(len(list[0].claim.Facts.received[id]))
				}
			}
			for k, x := range list {
				if int64(k)+before >= most {
					x.Cuts = append(x.Cuts, Cut{By: lim.read(chinese), From: x.Amount, To: 0, Stage: "group"})
					x.Amount = 0
				}
			}
		}
	}
}

// caps applies the money limits of a party in the order they are written.
func (l *Library) caps(s *Scheme, all []Settled) {
	for i := range s.limits {
		lim := &s.limits[i]
		if lim.count || lim.most.kind != valueLiteral || lim.most.lit.manual {
			continue
		}
		most, ok := fenOf(lim.most.lit.high, "down")
		if !ok {
			continue
		}
		left := map[string]Fen{}
		for k := range all {
			x := &all[k]
			if x.Amount == 0 || !l.counted(s, lim, x) {
				continue
			}
			if _, known := left[x.Party]; !known {
				left[x.Party] = most
			}
			if x.Amount > left[x.Party] {
				x.Cuts = append(x.Cuts, Cut{By: lim.read(chinese), From: x.Amount, To: left[x.Party], Stage: "cap"})
				x.Amount = left[x.Party]
			}
			left[x.Party] -= x.Amount
		}
	}
}
