package casework

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// proposePage is how many parties are evaluated in one go.
const proposePage = 500

// propose (免申即享) makes a case for every party that is entitled to a scheme of the round on verified facts alone: the answer is met, the
// sum is exact, nothing it rests on is only declared or disputed. Whoever falls short of that may apply as ever; nothing is proposed to them.
func (c *Casework) propose(ctx context.Context, _ process.Move, r *roundRow) error {
	set, err := rules(ctx, r)
	if err != nil {
		return err
	}
	entries, err := schemesOfRounds(ctx, []string{r.ID})
	if err != nil {
		return err
	}
	on := r.on(ctx)
	type entitled struct{ scheme, party string }
	var found []entitled
	system := account.System(ctx)
	after := ""
	for {
		last := after
		err := c.registry.EachFacts(system, set.Library.Vocabulary(), after, proposePage, func(party string, facts *policy.Facts) error {
			last = party
			for _, e := range entries[r.ID] {
				s := set.Library.Scheme(e.Scheme)
				result := s.Evaluate(policy.Question{Facts: facts, On: on, Performance: int(r.Performance), Brief: true})
				if result.Answer == policy.Met && result.Verified && !result.Disputed && result.Amount.Kind == policy.Exact && result.Amount.High > 0 {
					found = append(found, entitled{e.Scheme, party})
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if last == after {
			break
		}
		after = last
	}
	// Started by the system, whoever opened the round.
	for _, f := range found {
		live, err := liveCase(ctx, r.ID, f.scheme, f.party)
		if err != nil {
			return err
		}
		if live != "" {
			continue
		}
		id, err := c.start(system, r, f.scheme, f.party, originSystem)
		if err != nil {
			return err
		}
		row, err := caseByID(ctx, id)
		if err != nil {
			return err
		}
		if row.Number, err = nextNumber(ctx, r); err != nil {
			return err
		}
		row.SubmittedAt, row.SubmittedBy = store.Stamp(clock.Now(ctx)), account.SystemID
		if _, err := c.pin(ctx, row, r, "propose"); err != nil {
			return err
		}
		if err := row.write(ctx); err != nil {
			return err
		}
		title := row.Scheme
		if s := set.Library.Scheme(row.Scheme); s != nil {
			title = s.Title()
		}
		if err := c.engine.Describe(ctx, c.subject(row, title)); err != nil {
			return err
		}
		if err := row.record(ctx, "case.proposed", map[string]string{"number": row.Number, "evaluation": row.Evaluation}); err != nil {
			return err
		}
	}
	return nil
}
