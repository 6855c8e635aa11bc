package matching

import (
	"cmp"
	"context"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Standpoint is where a party stands with one scheme.
type Standpoint struct {
	Scheme      schemes.Lite  `json:"scheme"`
	Group       Group         `json:"group" enum:"due,close,unknown,not"`
	Answer      policy.Answer `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Performance int           `json:"performance" doc:"the year whose figures were used"`
	Amount      policy.Amount `json:"amount"`
	Potential   policy.Amount `json:"potential"`
	Left        *policy.Left  `json:"left,omitempty" doc:"what the limits of the party alone leave of the amount"`
	Gaps        []policy.Gap  `json:"gaps" nullable:"false" doc:"of failing conditions, the nearest way first"`
	Missing     []policy.Need `json:"missing" nullable:"false"`
	Next        string        `json:"next" doc:"what would help most, one sentence"`
	Verified    bool          `json:"verified"`
	Disputed    bool          `json:"disputed"`
	ChangesOn   policy.Date   `json:"changes_on" doc:"next day on which time alone may change the answer; empty: none"`

	closeness int // to sort by
}

// Standpoints are a party's answers.
type Standpoints struct {
	Party string        `json:"party"`
	On    policy.Date   `json:"on"`
	Items []Standpoint  `json:"items" nullable:"false" doc:"by group (due, close, unknown, not), then by money"`
	Ask   []policy.Need `json:"ask" nullable:"false" doc:"the missing facts, in the order that decides most"`
	Total Totals        `json:"total"`
}

// Totals are sums over schemes in force, in fen.
type Totals struct {
	schemes.Sum
	Potential policy.Fen `json:"potential" doc:"fen; the most it may come to once what is unknown is known"`
}

// StandpointsOf are the answers of a party on a day (zero: today), computed from its facts as they stand, so that they show the latest change
// even while a bulk computation runs. all adds schemes whose document has expired; what is not applicable is left out.
// Returns NotFound if there is no such party in the actor's scope.
func (m *Matching) StandpointsOf(ctx context.Context, party string, on policy.Date, all bool) (*Standpoints, error) {
	out := &Standpoints{Party: party, Items: []Standpoint{}, Ask: []policy.Need{}}
	err := m.view(ctx, party, on, func(_ context.Context, set *schemes.Compiled, s *subject) error {
		var results, inForce []*policy.Result
		out.On = s.on
		for _, scheme := range set.Library.Schemes() {
			if !all && scheme.Document().StandingOn(s.on) == policy.Expired || !s.concerned(scheme) {
				continue
			}
			r := scheme.Evaluate(policy.Question{Facts: s.facts, On: s.on})
			if r.Answer == policy.NotApplicable {
				continue
			}
			results = append(results, r)
			if r.Standing == policy.InForce {
				inForce = append(inForce, r)
			}
			out.Items = append(out.Items, Standpoint{Scheme: set.LiteOf(scheme, s.on), Group: GroupOf(r), Answer: r.Answer, Performance: r.Performance,
				Amount: r.Amount, Potential: r.Potential, Left: r.Left, Gaps: orEmpty(r.Gaps), Missing: orEmpty(r.Missing), Next: NextAction(r),
				Verified: r.Verified, Disputed: r.Disputed, ChangesOn: r.ChangesOn, closeness: closeness(r)})
		}
		out.Total.Sum = schemes.SumOf(inForce...)
		for _, fen := range policy.Together(inForce, (*policy.Result).Reach) {
			out.Total.Potential += fen
		}
		out.Ask = orEmpty(policy.Ask(results))
		return nil
	})
	if err != nil {
		return nil, err
	}
	groups := []Group{Due, Close, Unclear, Not}
	standings := []policy.Standing{policy.InForce, policy.Upcoming, policy.Expired}
	slices.SortStableFunc(out.Items, func(a, b Standpoint) int {
		return cmp.Or(
			cmp.Compare(slices.Index(standings, a.Scheme.Standing), slices.Index(standings, b.Scheme.Standing)),
			cmp.Compare(slices.Index(groups, a.Group), slices.Index(groups, b.Group)),
			-cmp.Compare(money(a), money(b)),
			cmp.Compare(a.closeness, b.closeness),
			cmp.Compare(len(a.Gaps), len(b.Gaps)),
			cmp.Compare(len(a.Missing), len(b.Missing)),
			cmp.Compare(a.Scheme.ID, b.Scheme.ID))
	})
	return out, nil
}

// money is what a standpoint is sorted by: what is due, else what may come of it.
func money(s Standpoint) policy.Fen {
	if s.Group == Due && !s.Amount.Open {
		return s.Left.Of(s.Amount.High)
	}
	if !s.Potential.Open {
		return s.Left.Of(s.Potential.High)
	}
	return 0
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Explained is one scheme's answer with its reasons.
type Explained struct {
	Party  string         `json:"party"`
	On     policy.Date    `json:"on"`
	Scheme schemes.Lite   `json:"scheme"`
	Group  Group          `json:"group" enum:"due,close,unknown,not"`
	Next   string         `json:"next"`
	Result *policy.Result `json:"result"`

	Explanation *policy.Explanation `json:"explanation"`
}

// Explain is one scheme's answer for a party on a day (zero: today) with every reason, made now.
// Returns NotFound if there is no such party in the actor's scope, or no such scheme (document/scheme).
func (m *Matching) Explain(ctx context.Context, party, scheme string, on policy.Date, performance int, lang policy.Lang) (*Explained, error) {
	var out *Explained
	err := m.view(ctx, party, on, func(ctx context.Context, set *schemes.Compiled, s *subject) error {
		asked, err := set.Scheme(ctx, scheme)
		if err != nil {
			return err
		}
		r := asked.Evaluate(policy.Question{Facts: s.facts, On: s.on, Performance: performance, Explain: true, Changes: true, Lang: lang})
		if !s.concerned(asked) {
			r.Answer, r.Amount, r.Potential = policy.NotApplicable, policy.Amount{Kind: policy.NoAmount}, policy.Amount{Kind: policy.NoAmount}
		}
		out = &Explained{Party: party, On: s.on, Scheme: set.LiteOf(asked, s.on), Group: GroupOf(r), Next: NextAction(r), Result: r,
			Explanation: asked.Explanation(r, lang)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// subject is a party as schemes see it.
type subject struct {
	kind  string
	facts *policy.Facts
	on    policy.Date
}

// concerned says whether the scheme is made for parties of this kind. A scheme made for something else than a party (a product, a
// project) concerns whoever brings it.
func (s *subject) concerned(scheme *policy.Scheme) bool { return registry.Concerns(scheme, s.kind) }

// view reads the set and the party's facts in one transaction, if the actor may see the party.
func (m *Matching) view(ctx context.Context, party string, on policy.Date, fn func(context.Context, *schemes.Compiled, *subject) error) error {
	return store.Read(ctx, func(ctx context.Context) error {
		p, err := m.registry.Get(ctx, party)
		if err != nil {
			return err
		}
		set, err := schemes.Current(ctx)
		if err != nil {
			return err
		}
		facts, err := m.registry.FactsOf(account.System(ctx), set.Library.Vocabulary(), party)
		if err != nil {
			return err
		}
		if on.IsZero() {
			on = clock.Today(ctx)
		}
		return fn(ctx, set, &subject{kind: p.Kind, facts: facts, on: on})
	})
}
