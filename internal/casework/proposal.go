package casework

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// proposePage is how many parties are evaluated in one go.
const proposePage = 500

// entitled is a party that a scheme of a round is proposed to.
type entitled struct{ scheme, party string }

// propose (免申即享) makes a case for every party that is entitled to a scheme of the round on verified facts alone: the answer is met, the
// sum is exact, nothing it rests on is only declared or disputed, its limits are not used up. Whoever falls short of that may apply in another round as ever; nothing is
// proposed to them. Nor is anything to whoever was proposed it in this round, or has it in another round of the same year.
//
// It runs in pages: what it holds, and how many statements it makes, does not follow from how many parties there are but from how many it finds.
func (c *Casework) propose(ctx context.Context, _ process.Move, r *roundRow) error {
	if err := r.mustTake(ctx); err != nil {
		return err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	all, err := schemesOfRounds(ctx, []string{r.ID})
	if err != nil {
		return err
	}
	entries := map[string]roundSchemeRow{}
	for _, e := range all[r.ID] {
		entries[e.Scheme] = e
	}
	had, err := havers(ctx, r, slices.Sorted(maps.Keys(entries)))
	if err != nil {
		return err
	}
	// Started by the system, whoever opened the round.
	system := account.System(ctx)
	var subjects []process.Subject
	after := ""
	for {
		last := after
		var found []entitled
		err := c.registry.EachFacts(system, set.Library.Vocabulary(), after, proposePage, func(party string, facts *policy.Facts) error {
			last = party
			q := r.question(facts, r.on(ctx))
			for _, e := range all[r.ID] {
				x, s := entitled{e.Scheme, party}, set.Library.Scheme(e.Scheme)
				q.Brief = true
				if had[x] || !mayPropose(s.Evaluate(q)) {
					continue
				}
				if q.Brief = false; mayPropose(s.Evaluate(q)) { // with what the limits of the party leave
					found = append(found, x)
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
		some, err := c.proposeTo(system, r, set, entries, found)
		if err != nil {
			return err
		}
		subjects = append(subjects, some...)
	}
	_, err = c.engine.StartAll(system, r.Process, subjects)
	return err
}

// mayPropose says whether an answer stands without anybody's word: no officer has to judge, no applicant to declare, and the limits of the party
// leave something.
func mayPropose(r *policy.Result) bool {
	return r.Answer == policy.Met && r.Verified && !r.Disputed && r.Amount.Kind == policy.Exact && r.Undecided() == "" && r.Left.Of(r.Amount.High) > 0
}

// havers are those whom nothing is proposed to: who had a case of this round, however it ended, and who has applied in another round of the
// same year and was not refused.
func havers(ctx context.Context, r *roundRow, list []string) (map[entitled]bool, error) {
	var rows []struct {
		Party  string `bun:"party"`
		Scheme string `bun:"scheme"`
	}
	err := store.Tx(ctx).NewRaw(`SELECT c.party, c.scheme FROM cases AS c
		WHERE c.scheme IN (?) AND (c.round = ? OR c.performance = ? AND c.number <> '' AND c.ended IN ('', 'granted'))`,
		bun.List(list), r.ID, r.Performance).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	out := make(map[entitled]bool, len(rows))
	for _, x := range rows {
		out[entitled{x.Scheme, x.Party}] = true
	}
	return out, nil
}

// proposeTo writes the cases of some parties with what they rest on, and gives what is to be started of each.
func (c *Casework) proposeTo(ctx context.Context, r *roundRow, set *schemes.Compiled, entries map[string]roundSchemeRow, found []entitled) ([]process.Subject, error) {
	parties := map[string]bool{}
	for _, f := range found {
		parties[f.party] = true
	}
	known, err := c.registry.KnownOf(ctx, set.Library.Vocabulary(), slices.Sorted(maps.Keys(parties)))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(f entitled) bool { return known[f.party].Party.Kind != set.Library.Scheme(f.scheme).Subject() })
	numbers, err := nextNumbers(ctx, r, len(found))
	if err != nil {
		return nil, err
	}
	now := store.Stamp(clock.Now(ctx))
	rows, evaluations, out := make([]*caseRow, len(found)), make([]*evaluationRow, len(found)), make([]process.Subject, len(found))
	for i, f := range found {
		k := known[f.party]
		row := newCase(r, r.basis, entries[f.scheme], k.Party, originSystem, account.SystemID, now)
		row.Number, row.SubmittedAt, row.SubmittedBy = numbers[i], now, account.SystemID
		result, err := row.evaluate(set, k.Facts, r.on(ctx))
		if err != nil {
			return nil, err
		}
		if evaluations[i], err = row.evaluated(ctx, "propose", r.on(ctx), k.Pins, result); err != nil {
			return nil, err
		}
		rows[i], out[i] = row, c.subject(row, set.Library.Scheme(f.scheme).Title())
		if err := row.record(ctx, "case.proposed", map[string]string{"number": row.Number, "evaluation": row.Evaluation}); err != nil {
			return nil, err
		}
	}
	if err := insertCases(ctx, rows...); err != nil {
		return nil, err
	}
	return out, insertEvaluations(ctx, evaluations...)
}
