package casework

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// setAmount keeps the decided sum with its reason. An exact amount is the clause's and nobody's to change: a sum given for it is refused.
// Where the answer itself is left to a person (manual), setting a sum with a reason is the judgement.
func (c *Casework) setAmount(ctx context.Context, m process.Move, row *caseRow) error {
	var data struct {
		Amount *policy.Fen `json:"amount"`
		Reason string      `json:"reason"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	e, err := evaluationByID(ctx, row.Evaluation)
	if err != nil {
		return err
	}
	v, err := e.view()
	if err != nil {
		return err
	}
	amount, met := v.Result.Claimable(true)
	if v.Result.AwardsUnknown() {
		return fault.New(fault.Conflict, "现在不能核定金额："+awardsUnknown)
	}
	if why := v.Result.Undecided(); why != "" && (amount.Kind == policy.Exact || data.Amount != nil && !v.Result.Allows(*data.Amount)) {
		return fault.New(fault.Conflict, "现在不能核定金额："+why)
	}
	if data.Amount == nil {
		if met && amount.Kind == policy.Exact {
			return nil
		}
		if !met {
			return fault.New(fault.Invalid, "按现在的数据条件没有全部符合，不能核定金额", fault.At("data.amount", "条件没有全部符合"))
		}
		return fault.New(fault.Invalid, "条款没有写确定的金额，请核定金额并写明理由", fault.At("data.amount", "请填写核定金额"))
	}
	reason := strings.TrimSpace(data.Reason)
	if reason == "" {
		reason = strings.TrimSpace(m.Input.Reason)
	}
	var details []fault.Detail
	switch {
	case !met:
		details = append(details, fault.At("data.amount", "条件没有全部符合，不能核定金额"))
	case amount.Kind == policy.Exact:
		if *data.Amount != amount.High {
			details = append(details, fault.At("data.amount", "条款规定的是确定金额，不能另行核定"))
		}
	case *data.Amount < 0 || !amount.Holds(*data.Amount):
		details = append(details, fault.At("data.amount", "核定金额应在%s之内", amount.Text))
	}
	if n := utf8.RuneCountInString(reason); n == 0 || n > 1000 || !store.Plain(reason) {
		details = append(details, fault.At("data.reason", "请写明核定的理由，不超过1000字"))
	}
	if len(details) > 0 {
		return fault.New(fault.Invalid, "请更正核定金额", details...)
	}
	if amount.Kind == policy.Exact {
		return nil
	}
	row.Judged, row.Decided, row.DecidedReason, row.DecidedBy = flag(v.Result.Answer == policy.Manual), int64(*data.Amount), reason, by(ctx)
	row.Settled, row.Cuts, row.Counted = unset, "[]", uncounted
	if err := row.write(ctx); err != nil {
		return err
	}
	return row.record(ctx, "case.sum_set", map[string]any{"fen": *data.Amount, "judged": row.Judged})
}

// arithmetic is how the sum of a case came about, a line each: what the clause gives, what was set and why, which limit cut it.
func (r *caseRow) arithmetic(working []string, cuts []policy.Cut) []string {
	lines := append([]string{}, working...)
	if len(lines) == 0 && r.AmountText != "" {
		lines = append(lines, "按条款计算："+r.AmountText)
	}
	if r.Decided != unset {
		lines = append(lines, fmt.Sprintf("核定%s：%s", policy.Fen(r.Decided), r.DecidedReason))
	}
	for _, cut := range cuts {
		if cut.Stage == "claim" || cut.Stage == "decision" { // told above
			continue
		}
		lines = append(lines, fmt.Sprintf("%s：由%s核减为%s", cut.By, cut.From, cut.To))
		if cut.Note != "" {
			lines = append(lines, cut.Note)
		}
	}
	if r.Settled != unset {
		lines = append(lines, "应兑现"+policy.Fen(r.Settled).String())
	}
	return lines
}
