package casework

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
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
	set, err := rules(ctx, r)
	if err != nil {
		return err
	}
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.number <> '' AND c.ended = ''", r.ID).OrderExpr("c.number").Scan(ctx); err != nil {
		return err
	}
	unique := map[string]bool{}
	for _, row := range rows {
		unique[row.Party] = true
	}
	parties := slices.Sorted(maps.Keys(unique))
	known, err := c.registry.KnownOf(account.System(ctx), set.Library.Vocabulary(), parties)
	if err != nil {
		return err
	}
	on := r.on(ctx)
	evaluations := make([]*evaluationRow, 0, insertAtOnce)
	claims := make([]policy.Claim, len(rows))
	byID := make(map[string]*caseRow, len(rows))
	for i, row := range rows {
		k := known[row.Party]
		result, err := evaluate(set, r, row.Scheme, k.Facts, on)
		if err != nil {
			return err
		}
		e, err := row.evaluated(ctx, r, "freeze", on, k.Pins, result)
		if err != nil {
			return err
		}
		if evaluations = append(evaluations, e); len(evaluations) == insertAtOnce || i == len(rows)-1 {
			if err := insertEvaluations(ctx, evaluations...); err != nil {
				return err
			}
			evaluations = evaluations[:0]
		}
		claims[i] = policy.Claim{ID: row.Number, Party: row.Party, Scheme: row.Scheme, Facts: k.Facts, Submitted: row.SubmittedAt, Judged: row.Judged != 0,
			Performance: int(r.Performance)}
		if row.Decided != unset {
			decided := policy.Fen(row.Decided)
			claims[i].Decided = &decided
		}
		byID[row.Number] = row
	}
	settled, err := set.Library.Settle(claims, on)
	if err != nil {
		return fault.Wrap(fault.Conflict, "这个批次还不能结算："+err.Error(), err)
	}
	var details []fault.Detail
	for _, s := range settled {
		row := byID[s.Claim]
		if s.Open {
			details = append(details, fault.At(row.Number, "%s：%s", row.PartyName, openReason(s)))
			continue
		}
		cuts, err := json.Marshal(s.Cuts)
		if err != nil {
			return err
		}
		row.Settled, row.Cuts = int64(s.Amount), string(cuts)
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.settled", map[string]any{"fen": s.Amount, "evaluation": row.Evaluation}); err != nil {
			return err
		}
	}
	if len(details) > 0 {
		return fault.New(fault.Conflict, "有申报还不能结算，请先补齐", details...)
	}
	return c.recordRound(ctx, "round.settled", r.ID, map[string]int{"cases": len(settled)})
}

// awardsUnknown is why a sum that rests on earlier awards is not set or settled, and what to do about it.
const awardsUnknown = "要扣减此前已获的奖补，而已兑付的奖补资金还没有声明截至今天齐全，请先在“名录完整性”中声明"

func openReason(s policy.Settled) string {
	switch {
	case s.Answer == policy.Unknown:
		return "缺少数据，无法判断"
	case s.Answer == policy.Manual:
		return "有须由部门判断的事项没有判断"
	case s.AwardsUnknown:
		return awardsUnknown
	}
	return "没有核定金额，或核定金额超出范围"
}
