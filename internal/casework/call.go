package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// originCalled is the origin of a case that the department called for: its party fills it in as an application, and the office that waits for
// it sees from the first day that it is there, but nothing of what is typed until it is handed in.
const originCalled = "called"

// call begins a case for every party that meets the condition of a scheme of the round, for the party to fill in: holders of a licence who
// have to report on their year. Whoever has one of this round, or of another round of the same year, is not called again, so that it may be
// done as often as the register changes.
func (c *Casework) call(ctx context.Context, _ process.Move, r *roundRow) error {
	return c.beginFor(ctx, r, func(x *policy.Result) bool { return x.Answer == policy.Met }, c.callOn)
}

// callOn writes the cases of those who are called, and gives what is to be started of each.
func (c *Casework) callOn(ctx context.Context, r *roundRow, set *schemes.Compiled, entries map[string]roundSchemeRow, found []entitled) ([]process.Subject, error) {
	parties := map[string]bool{}
	for _, f := range found {
		parties[f.party] = true
	}
	known, err := c.registry.KnownOf(ctx, set.Library.Vocabulary(), slices.Sorted(maps.Keys(parties)))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(f entitled) bool {
		return !registry.Concerns(set.Library.Scheme(f.scheme), known[f.party].Party.Kind)
	})
	numbers, err := nextNumbers(ctx, r, len(found))
	if err != nil {
		return nil, err
	}
	now := store.Stamp(clock.Now(ctx))
	rows, out := make([]*caseRow, len(found)), make([]process.Subject, len(found))
	for i, f := range found {
		row := newCase(r, r.basis, entries[f.scheme], known[f.party].Party, originApplicant, account.SystemID, now)
		row.Number = numbers[i]
		rows[i], out[i] = row, c.subject(row, set.Library.Scheme(f.scheme).Title())
		if err := row.record(ctx, "case.called", map[string]string{"number": row.Number}); err != nil {
			return nil, err
		}
	}
	return out, insertCases(ctx, rows...)
}

// handedIn says whether what is typed and attached may be read by the actor: by the party always, by the office once it was handed in.
func (r *caseRow) handedIn(ctx context.Context) bool {
	return r.SubmittedAt != "" || account.ActorFrom(ctx).Speaks(r.Party)
}

// shownDraft is what the actor may read of the draft: nothing of one that was not handed in, unless it is theirs.
func (r *caseRow) shownDraft(ctx context.Context) (*Draft, error) {
	if !r.handedIn(ctx) {
		return &Draft{}, nil
	}
	return r.readDraft()
}

// remind tells the parties whose cases are at a stage that they wait, those that are late as late.
func (c *Casework) remind(ctx context.Context, m process.Move, r *roundRow) error {
	var ids []string
	if err := store.Tx(ctx).NewRaw(`SELECT id FROM cases WHERE round = ? AND stage = ? AND ended = '' ORDER BY id`, r.ID, m.Args["from"]).Scan(ctx, &ids); err != nil {
		return err
	}
	if len(ids) == 0 {
		return fault.New(fault.Conflict, "没有要催办的：都已提交或办完")
	}
	return c.engine.Remind(ctx, flowCase, ids)
}

// overdue refuses until the limit of what somebody has to do at the case is over.
func (c *Casework) overdue(ctx context.Context, _ process.Move, row *caseRow) error {
	late, err := c.engine.Overdue(ctx, flowCase, row.ID)
	if err == nil && !late {
		err = fault.New(fault.Conflict, "期限还没有过")
	}
	return err
}

// tardy are those of some cases whose party was called on and was late; the others are not asked.
func tardy(ctx context.Context, rows []caseRow) (map[string]bool, error) {
	var ids []string
	for i := range rows {
		if rows[i].origin() == originCalled {
			ids = append(ids, rows[i].ID)
		}
	}
	out := make(map[string]bool, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	condition, args := process.Tardy("c.id", flowCase, store.Stamp(clock.Now(ctx)))
	var late []string
	err := store.Tx(ctx).NewRaw(`SELECT c.id FROM cases AS c WHERE c.id IN (?) AND `+condition, append([]any{bun.List(ids)}, args...)...).Scan(ctx, &late)
	for _, id := range late {
		out[id] = true
	}
	return out, err
}

// countTardy says of each stage of a round how many of its cases' parties were late, where they were called on.
func (c *Casework) countTardy(ctx context.Context, r *roundRow, stages []process.StageCount) error {
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	if p := processOf(set, r.Process); p == nil || p.Starts != startsOffice {
		return nil
	}
	condition, args := process.Tardy("c.id", flowCase, store.Stamp(clock.Now(ctx)))
	var counts []struct {
		Stage string `bun:"stage"`
		N     int    `bun:"n"`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT c.stage, COUNT(*) AS n FROM cases AS c WHERE c.round = ? AND `+condition+` GROUP BY c.stage`,
		append([]any{r.ID}, args...)...).Scan(ctx, &counts); err != nil {
		return err
	}
	for i := range stages {
		for _, x := range counts {
			if stages[i].Flow == flowCase && stages[i].Stage == x.Stage {
				stages[i].Late = x.N
			}
		}
	}
	return nil
}

// keepRecord makes what came of a case a record of its party, as of today, by the office in charge: the next policy reads it. The number of
// the record is that of the case, so that one case leaves one record of a kind; the last one stands.
func (c *Casework) keepRecord(ctx context.Context, m process.Move, row *caseRow) error {
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	kind := set.Library.Vocabulary().Record(m.Args["what"])
	if kind == nil || len(kind.Fields) == 0 {
		return fmt.Errorf("casework: record %q of case %s", m.Args["what"], row.ID)
	}
	evidence := row.Number
	if m.Action != nil {
		evidence += " " + m.Action.Title
	}
	s := registry.Statement{Party: row.Party, Term: kind.Name, Evidence: evidence, Source: row.Department, Verified: true, StatedBy: by(ctx),
		Record: &registry.RecordOf{Number: row.Number, From: clock.Today(ctx), Fields: policy.Effect{Args: m.Args}.Says(kind)}}
	// The process speaks for the office in charge, whoever of it acts and whatever they may state by hand.
	_, err = c.registry.PutFacts(account.System(ctx), []registry.Statement{s})
	return err
}
