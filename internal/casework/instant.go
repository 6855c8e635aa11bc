package casework

import (
	"context"
	"fmt"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// systemName is how a document names what nobody decided but the facts.
const systemName = "系统（按已核实的数据当即决定）"

// factsDecide (即申即享) passes where nobody's judgement or word is in the answer: it is met on verified, undisputed facts alone, and the
// amount is exact and above nothing. The sentence says what a person has to look at.
func (c *Casework) factsDecide(ctx context.Context, _ process.Move, row *caseRow) error {
	if row.Evaluation == "" {
		return fault.New(fault.Conflict, "还没有提交")
	}
	e, err := evaluationByID(ctx, row.Evaluation)
	if err != nil {
		return err
	}
	v, err := e.view()
	if err != nil || mayPropose(v.Result) {
		return err
	}
	r, why := v.Result, "金额不大于0"
	switch {
	case r.Answer == policy.Unmet || r.Answer == policy.NotApplicable:
		why = "按现有数据不符合条件"
	case r.Answer == policy.Manual:
		why = "有的条件要由人判断"
	case r.Answer != policy.Met:
		why = "有的数据还不知道"
	case r.Disputed:
		why = "有的数据存在争议"
	case !r.Verified:
		why = "有的数据还没有核实"
	case r.Undecided() != "":
		why = r.Undecided()
	case r.Amount.Kind != policy.Exact:
		why = "金额要由人核定"
	}
	return fault.New(fault.Conflict, why)
}

// caseCovered asks the treasury before a case is decided, as budgetCovers does for a round.
func (c *Casework) caseCovered(ctx context.Context, _ process.Move, row *caseRow) error {
	sum := row.High
	if row.Decided != unset {
		sum = row.Decided
	}
	if sum <= 0 {
		return nil
	}
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	parts, err := c.parts(ctx, row, set, policy.Fen(sum))
	if err != nil {
		return err
	}
	return c.purse.Covers(ctx, row.Round, parts)
}

// decideOne settles one case by itself, over everything that was awarded before, and decides it: the sum is owed from now on and the budget
// committed, in this transaction or not at all. Those of a round come one after the other, so that each counts what the one before got.
func (c *Casework) decideOne(ctx context.Context, m process.Move, row *caseRow) error {
	if row.Awarded != unset {
		return fault.New(fault.Conflict, "这件申报已经决定")
	}
	if _, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET version = version WHERE id = ?`, row.Round).Exec(ctx); err != nil {
		return err
	}
	r, err := roundByID(ctx, row.Round)
	if err != nil {
		return err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	details, err := c.settleRows(ctx, r, row.basis, set, []*caseRow{row})
	switch {
	case err != nil:
		return err
	case len(details) > 0:
		return fault.New(fault.Conflict, "这件申报还不能决定："+details[0].Message, details...)
	case row.Settled <= 0:
		return fault.New(fault.Conflict, "这件申报按规定没有可以兑现的金额")
	}
	var before int
	if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM decision_lines WHERE case_id = ?`, row.ID).Scan(ctx, &before); err != nil {
		return err
	}
	return c.award(ctx, m, []*caseRow{row}, decisionRow{Round: r.ID, Number: fmt.Sprintf("%s-JD%02d", row.Number, before+1),
		Title: fmt.Sprintf("关于%s%s的决定", row.PartyName, m.Instance.Subject.Title)})
}

// orderOne hands one decided case to the treasury, as order does a round.
func (c *Casework) orderOne(ctx context.Context, _ process.Move, row *caseRow) error {
	if row.Awarded <= 0 {
		return fault.New(fault.Conflict, "这件申报还没有决定兑付")
	}
	return nil
}
