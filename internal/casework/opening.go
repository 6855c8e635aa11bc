package casework

import (
	"context"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Opening is something that a party may apply for today.
type Opening struct {
	Round  RoundRef      `json:"round"`
	Scheme schemes.Lite  `json:"scheme"`
	Answer policy.Answer `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Amount policy.Amount `json:"amount"`
	Left   *policy.Left  `json:"left,omitempty" doc:"what the limits of the party alone leave of the amount"`
	Case   string        `json:"case,omitempty" doc:"the application that is there already"`
	Number string        `json:"number,omitempty" doc:"of that application, once it is submitted"`
	Stage  string        `json:"stage,omitempty" doc:"where that application stands"`
	Ended  string        `json:"ended,omitempty"`
	Of     string        `json:"of,omitempty" doc:"what each application is about one of: a project, so that another one may be begun; absent: the party"`
	About  string        `json:"about,omitempty" enum:"certificate" doc:"what it begins with that the party has already"`
}

// OpeningList is what a party may apply for.
type OpeningList struct {
	Items []Opening `json:"items" nullable:"false"`
}

// Openings are the schemes of every round that takes applications today, with the party's answer over the rules that an
// application begun today has; those that it has an application for come with it. NotFound if the actor may not see the party.
func (c *Casework) Openings(ctx context.Context, party string) ([]Opening, error) {
	out := []Opening{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		p, err := c.registry.Get(ctx, party)
		if err != nil {
			return err
		}
		today := clock.Today(ctx)
		rows, _, err := listRounds(ctx, RoundFilter{State: "open", Per: 200}, today)
		if err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		entries, err := schemesOfRounds(ctx, ids)
		if err != nil {
			return err
		}
		mine, err := casesOfParty(ctx, party)
		if err != nil {
			return err
		}
		facts := map[*schemes.Compiled]registry.Known{} // rounds share their rules, as a rule
		for i := range rows {
			r := &rows[i]
			b, set, way, err := r.begun(ctx)
			if err != nil {
				return err
			}
			if way == nil || way.Starts != originApplicant {
				continue // nobody applies in it, or nothing published says how it is dealt with
			}
			known, read := facts[set]
			if !read {
				if known, err = c.known(ctx, set, party, registry.Thing{}); err != nil {
					return err
				}
				facts[set] = known
			}
			ref := RoundRef{ID: r.ID, Number: r.Number, Title: r.Title, Performance: int(b.Performance), Standing: r.Standing != 0}
			ref.Opens, _ = policy.ParseDate(r.Opens)
			ref.Closes, _ = policy.ParseDate(r.Closes)
			for _, e := range entries[r.ID] {
				s := set.Library.Scheme(e.Scheme)
				if s == nil || !registry.Concerns(s, p.Kind) {
					continue
				}
				q, o := b.question(known.Facts, today), Opening{Round: ref, Scheme: set.LiteOf(s, today), About: way.About, Of: kindOf(s)}
				if k, ok := mine[r.ID+"\x00"+e.Scheme]; ok && (r.Standing == 0 || k.Ended == "") {
					o.Case, o.Number, o.Ended, q.Claim = k.ID, k.Number, k.Ended, k.Number
				}
				result := s.Evaluate(q)
				o.Answer, o.Amount, o.Left = result.Answer, result.Amount, result.Left
				out = append(out, o)
			}
		}
		return c.stagesOf(ctx, out)
	})
	return out, err
}

// casesOfParty are the latest cases of a party that the actor may see, by round and scheme.
func casesOfParty(ctx context.Context, party string) (map[string]caseRow, error) {
	cond, args := caseScope(ctx, "c")
	rows := []caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.party = ? AND "+cond, append([]any{party}, args...)...).OrderExpr("c.started_at, c.id").Scan(ctx); err != nil {
		return nil, err
	}
	out := map[string]caseRow{}
	for _, r := range rows {
		out[r.Round+"\x00"+r.Scheme] = r
	}
	return out, nil
}

func (c *Casework) stagesOf(ctx context.Context, list []Opening) error {
	ids := []string{}
	for _, o := range list {
		if o.Case != "" {
			ids = append(ids, o.Case)
		}
	}
	standing, err := c.engine.Standings(ctx, flowCase, ids)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Stage = standing[list[i].Case].Title
	}
	return nil
}
