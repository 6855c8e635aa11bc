package casework

import (
	"context"
	"encoding/json"
	"fmt"
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

// freeze closes a round: from now on no case enters, and facts are as of this day. A round that comes back to be settled anew stays frozen
// on its first day.
func (c *Casework) freeze(ctx context.Context, _ process.Move, r *roundRow) error {
	if r.FrozenAt != "" {
		return nil
	}
	r.FrozenAt, r.FrozenOn = store.Stamp(clock.Now(ctx)), clock.Today(ctx).String()
	return c.setRound(ctx, r, "round.frozen", `frozen_at = ?, frozen_on = ?`, `frozen_at = ''`, r.FrozenAt, r.FrozenOn)
}

// settle runs the pipeline over every case of a frozen round that has not ended: evaluates each anew over the facts as they stand, pins
// what it rests on, and keeps what each comes to with every cut. A case whose conditions no longer hold comes to nothing and says why;
// one that waits for a person (an unknown fact, a ceiling without a sum) stops the settlement and is named.
//
// The order in which cases are read never matters: the pipeline orders them by what they are.
func (c *Casework) settle(ctx context.Context, _ process.Move, r *roundRow) error {
	if r.FrozenAt == "" {
		return fault.New(fault.Conflict, "批次还没有冻结，不能结算")
	}
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.number <> '' AND c.ended = ''", r.ID).OrderExpr("c.number").Scan(ctx); err != nil {
		return err
	}
	details, err := c.settleRows(ctx, r, r.basis, set, rows)
	if err != nil {
		return err
	}
	if len(details) > 0 {
		return fault.New(fault.Conflict, "有申报还不能结算，请先补齐", details...)
	}
	return c.recordRound(ctx, "round.settled", r.ID, map[string]int{"cases": len(rows)})
}

// settleRows settles cases of a round together and keeps what each comes to; what waits for a person is named.
func (c *Casework) settleRows(ctx context.Context, r *roundRow, b basis, set *schemes.Compiled, rows []*caseRow) (details []fault.Detail, err error) {
	whom := make([]registry.About, len(rows))
	for i, row := range rows {
		whom[i] = registry.About{Party: row.Party, Thing: row.about(set)}
	}
	known, err := c.registry.KnownAbout(account.System(ctx), set.Library.Vocabulary(), whom)
	if err != nil {
		return nil, err
	}
	on := r.on(ctx)
	evaluations := make([]*evaluationRow, 0, insertAtOnce)
	claims := make([]policy.Claim, len(rows))
	byID := make(map[string]*caseRow, len(rows))
	for i, row := range rows {
		k := known[whom[i]]
		result, err := row.evaluate(set, k.Facts, on)
		if err != nil {
			return nil, err
		}
		e, err := row.evaluated(ctx, "freeze", on, k.Pins, result)
		if err != nil {
			return nil, err
		}
		if evaluations = append(evaluations, e); len(evaluations) == insertAtOnce || i == len(rows)-1 {
			if err := insertEvaluations(ctx, evaluations...); err != nil {
				return nil, err
			}
			evaluations = evaluations[:0]
		}
		claims[i] = policy.Claim{ID: row.Number, Party: row.Party, Scheme: row.Scheme, Facts: k.Facts, Submitted: row.SubmittedAt, Judged: row.Judged != 0, Place: int(row.Place),
			Fields: row.fields(set)}
		if row.Decided != unset {
			decided := policy.Fen(row.Decided)
			claims[i].Decided = &decided
		}
		byID[row.Number] = row
	}
	whole := policy.Round{ID: r.Number, On: on, Performance: int(b.Performance), Batch: b.Batch, Claims: claims}
	if whole.History, err = history(ctx, r, rows, set.Library); err != nil {
		return nil, err
	}
	if whole.Funds, err = c.purse.Funds(ctx, r.ID); err != nil {
		return nil, err
	}
	settled, err := set.Library.Settle(whole)
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, "这个批次还不能结算："+err.Error(), err)
	}
	for _, s := range settled {
		row := byID[s.Claim]
		if s.Open {
			details = append(details, fault.At(row.Number, "%s：%s", row.PartyName, openReason(s)))
			continue
		}
		cuts, err := json.Marshal(s.Cuts)
		if err != nil {
			return nil, err
		}
		if t := row.about(set); t.Name != "" { // the next round counts the award by it, whatever its limits name
			s.Fields[t.Kind] = t.Name
		}
		counted, err := json.Marshal(s.Fields)
		if err != nil {
			return nil, err
		}
		row.Settled, row.Cuts, row.Counted = int64(s.Amount), string(cuts), string(counted)
		if err := row.write(ctx); err != nil {
			return nil, err
		}
		if err := row.record(ctx, "case.settled", map[string]any{"fen": s.Amount, "evaluation": row.Evaluation}); err != nil {
			return nil, err
		}
	}
	return details, nil
}

// leaveOut takes the cases at a stage that were settled at nothing to another: those for whom no place or no money was left.
func (c *Casework) leaveOut(ctx context.Context, m process.Move, r *roundRow) error {
	var ids []string
	if err := store.Tx(ctx).NewRaw(`SELECT id FROM cases WHERE round = ? AND stage = ? AND ended = '' AND settled = 0 ORDER BY id`, r.ID, m.Args["from"]).Scan(ctx, &ids); err != nil {
		return err
	}
	n, err := c.engine.MoveSome(ctx, flowCase, ids, m.Args["from"], m.Args["to"], "名额或资金已满，没有得到")
	if err == nil && n != len(ids) {
		err = fault.New(fault.Conflict, "有申报刚刚被他人办理，请刷新后再试")
	}
	return err
}

// awardsUnknown is why a sum that rests on earlier awards is not set or settled, and what to do about it.
const awardsUnknown = "要扣减此前已获的奖补，而已兑付的奖补资金还没有声明截至今天齐全，请先在“名录完整性”中声明"

func openReason(s policy.Settled) string {
	if s.AwardsUnknown {
		return awardsUnknown
	}
	return s.Why
}

// history is what was awarded before to others than the cases that are settled, under the schemes that the limits of their round count.
func history(ctx context.Context, r *roundRow, rows []*caseRow, library *policy.Library) ([]policy.Past, error) {
	entries, err := schemesOfRounds(ctx, []string{r.ID})
	if err != nil {
		return nil, err
	}
	var list []string
	for _, e := range entries[r.ID] {
		list = append(list, e.Scheme)
	}
	counted := library.Counted(list)
	if len(counted) == 0 {
		return nil, nil
	}
	now := make(map[string]bool, len(rows))
	for _, row := range rows {
		now[row.Number] = true
	}
	past, err := awards(ctx, nil, counted)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(past, func(p policy.Past) bool { return now[p.Claim] }), nil
}

// awards are what was awarded to parties under schemes, in the order of the cases; an empty list asks for all of them.
func awards(ctx context.Context, parties, list []string) ([]policy.Past, error) {
	query, args := `SELECT c.number, c.party, c.scheme, c.awarded, c.paid_on, c.counted, r.number AS round_number, c.performance
		FROM cases AS c JOIN rounds AS r ON r.id = c.round WHERE c.awarded > 0`, []any{}
	if len(parties) > 0 {
		query, args = query+` AND c.party IN (?)`, append(args, bun.List(parties))
	}
	if len(list) > 0 {
		query, args = query+` AND c.scheme IN (?)`, append(args, bun.List(list))
	}
	var past []struct {
		Number      string `bun:"number"`
		Party       string `bun:"party"`
		Scheme      string `bun:"scheme"`
		Awarded     int64  `bun:"awarded"`
		PaidOn      string `bun:"paid_on"`
		Counted     string `bun:"counted"`
		Round       string `bun:"round_number"`
		Performance int64  `bun:"performance"`
	}
	if err := store.Tx(ctx).NewRaw(query+` ORDER BY c.number`, args...).Scan(ctx, &past); err != nil {
		return nil, err
	}
	out := make([]policy.Past, 0, len(past))
	for _, x := range past {
		p := policy.Past{Claim: x.Number, Party: x.Party, Scheme: x.Scheme, Year: int(x.Performance), Round: x.Round, Amount: policy.Fen(x.Awarded)}
		p.PaidOn, _ = policy.ParseDate(x.PaidOn)
		if err := json.Unmarshal([]byte(x.Counted), &p.Fields); err != nil {
			return nil, fmt.Errorf("casework: what %s was counted by: %w", x.Number, err)
		}
		out = append(out, p)
	}
	return out, nil
}
