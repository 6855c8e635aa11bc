package treasury

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Use is what the receiver of earmarked money tells that some of it was used for.
type Use struct {
	ID        string      `json:"id"`
	Amount    policy.Fen  `json:"amount"`
	On        policy.Date `json:"on"`
	Purpose   string      `json:"purpose" doc:"one of the earmark's"`
	Spent     string      `json:"spent" doc:"on what"`
	Paper     string      `json:"paper" doc:"by which papers: a contract's or an invoice's number"`
	State     string      `json:"state" enum:"stated,accepted,returned,withdrawn"`
	StatedAt  string      `json:"stated_at"`
	StatedBy  string      `json:"stated_by,omitempty"`
	DecidedAt string      `json:"decided_at,omitempty"`
	DecidedBy string      `json:"decided_by,omitempty" doc:"not told to a firm"`
	Reason    string      `json:"reason,omitempty" doc:"why it was returned"`
	Mine      bool        `json:"mine" doc:"whoever asks may withdraw it"`
	Open      bool        `json:"open" doc:"whoever asks may accept or return it"`
}

// States of a use.
const (
	UseStated    = "stated"
	UseAccepted  = "accepted"
	UseReturned  = "returned"
	UseWithdrawn = "withdrawn"
)

// NewUse is a use as it is told of.
type NewUse struct {
	Amount                policy.Fen
	On                    policy.Date
	Purpose, Spent, Paper string
}

type useRow struct {
	ID          string `bun:"id"`
	Earmark     string `bun:"earmark"`
	Amount      int64  `bun:"amount"`
	OnDate      string `bun:"on_date"`
	Purpose     string `bun:"purpose"`
	Spent       string `bun:"spent"`
	Paper       string `bun:"paper"`
	State       string `bun:"state"`
	StatedAt    string `bun:"stated_at"`
	StatedBy    string `bun:"stated_by"`
	StatedName  string `bun:"stated_name"`
	DecidedAt   string `bun:"decided_at"`
	DecidedBy   string `bun:"decided_by"`
	DecidedName string `bun:"decided_name"`
	Reason      string `bun:"reason"`
}

var useColumns = []string{"id", "earmark", "amount", "on_date", "purpose", "spent", "paper", "state", "stated_at", "stated_by", "stated_name", "decided_at", "decided_by", "decided_name", "reason"}

// usesOf are the uses of earmarks, in the order in which they were told.
func usesOf(ctx context.Context, earmarks []string) (map[string][]useRow, error) {
	out := map[string][]useRow{}
	var rows []useRow
	err := store.Tx(ctx).NewRaw(`SELECT `+of("u", useColumns)+` FROM earmark_uses AS u WHERE u.earmark IN (?) ORDER BY u.id`, bun.List(earmarks)).Scan(ctx, &rows)
	for _, u := range rows {
		out[u.Earmark] = append(out[u.Earmark], u)
	}
	return out, err
}

func (u useRow) show(a *account.Actor, inside, decides bool) Use {
	on, _ := policy.ParseDate(u.OnDate) // written by StateUse
	v := Use{ID: u.ID, Amount: policy.Fen(u.Amount), On: on, Purpose: u.Purpose, Spent: u.Spent, Paper: u.Paper, State: u.State, StatedAt: u.StatedAt, StatedBy: u.StatedName,
		DecidedAt: u.DecidedAt, Reason: u.Reason, Mine: u.State == UseStated && a.Same(u.StatedBy), Open: u.State == UseStated && decides && !a.Same(u.StatedBy)}
	if inside {
		v.DecidedBy = u.DecidedName
	}
	return v
}

// StateUse tells what some of earmarked money was used for, by who speaks for its receiver.
//
//   - NotFound: the actor may not see the earmark.
//   - Forbidden: the actor does not speak for the receiver.
//   - Invalid: the amount is more than what was paid and is not told of yet; the purpose is none of the earmark's; a day to come, or no words.
func (t *Treasury) StateUse(ctx context.Context, id string, n NewUse) (out Earmark, err error) {
	if err := sum("amount", n.Amount); err != nil {
		return out, err
	}
	if n.On == 0 || n.On > clock.Today(ctx) {
		return out, wrong("on", "请填写支出日期，不能晚于今天")
	}
	if n.Spent, err = words("spent", "用在哪里", n.Spent, 2, 500); err != nil {
		return out, err
	}
	if n.Paper, err = words("paper", "凭证", n.Paper, 2, 200); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := lockEarmark(ctx, id)
		if err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Speaks(row.Receiver) {
			return fault.New(fault.Forbidden, "由收到这笔资金的单位报告使用情况")
		}
		seen, err := showEarmarks(ctx, []earmarkRow{row})
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(seen[0].Purposes, n.Purpose):
			return wrong("purpose", "请从规定的用途里选一项")
		case n.Amount > seen[0].Left:
			return wrong("amount", fmt.Sprintf("到账的资金还有%s没有报告，不能多于它", seen[0].Left))
		}
		by, name := who(ctx)
		if err := insertAll(ctx, "earmark_uses", []useRow{{ID: store.NewID(), Earmark: id, Amount: int64(n.Amount), OnDate: n.On.String(), Purpose: n.Purpose, Spent: n.Spent, Paper: n.Paper,
			State: UseStated, StatedAt: store.Stamp(clock.Now(ctx)), StatedBy: by, StatedName: name}}); err != nil {
			return err
		}
		if err := auditEarmark(ctx, "earmark.state", id, map[string]any{"fen": n.Amount, "on": n.On}); err != nil {
			return err
		}
		officers, err := account.HoldersOf(ctx, account.RoleOfficer, row.Department, row.Town)
		if err != nil {
			return err
		}
		if err := notify.Tell(ctx, officers, notify.Note{Kind: "treasury.use", Title: "专项资金使用报告等您核对", Key: id, Link: pageEarmarks,
			Body: fmt.Sprintf("%s报告了申报%s的资金使用%s：%s。", row.Name, row.CaseNumber, n.Amount, n.Purpose)}); err != nil {
			return err
		}
		return t.shownEarmark(ctx, row, &out)
	})
	return out, err
}

// DecideUse accepts what was told of a use, or returns it with the reason: by an officer of the department in charge, who did not tell it and
// does not speak for the receiver. Each is decided once. NotFound, Forbidden, Invalid as StateUse; Conflict when it is decided or withdrawn.
func (t *Treasury) DecideUse(ctx context.Context, id, use string, accept bool, reason string) (out Earmark, err error) {
	state, action := UseAccepted, "earmark.accept"
	if !accept {
		state, action = UseReturned, "earmark.return"
		if reason, err = reasonText(reason); err != nil {
			return out, err
		}
	} else {
		reason = ""
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := lockEarmark(ctx, id)
		if err != nil {
			return err
		}
		u, err := useOf(ctx, id, use)
		if err != nil {
			return err
		}
		if stated, err := account.Did(ctx, u.StatedBy, kindEarmark, id); err != nil {
			return err
		} else if stated || !row.decides(account.ActorFrom(ctx)) {
			return fault.New(fault.Forbidden, "由责任部门的经办人员核对，报告人和收到资金的单位不能核对自己的报告")
		}
		if err := t.endUse(ctx, u, state, reason, action); err != nil {
			return err
		}
		title, body := "专项资金使用报告已认可", ""
		if !accept {
			title, body = "专项资金使用报告被退回", "："+reason
		}
		if err := tellParty(ctx, row.Receiver, notify.Note{Kind: "treasury.use", Title: title, Key: use, Link: pageEarmarked,
			Body: fmt.Sprintf("申报%s，%s，%s%s", row.CaseNumber, u.Purpose, policy.Fen(u.Amount), body)}); err != nil {
			return err
		}
		return t.shownEarmark(ctx, row, &out)
	})
	return out, err
}

// WithdrawUse takes back what one told of a use, while nobody has decided on it. Errors as DecideUse.
func (t *Treasury) WithdrawUse(ctx context.Context, id, use string) (out Earmark, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := lockEarmark(ctx, id)
		if err != nil {
			return err
		}
		u, err := useOf(ctx, id, use)
		if err != nil {
			return err
		}
		if a := account.ActorFrom(ctx); !a.Same(u.StatedBy) || !a.Speaks(row.Receiver) {
			return fault.New(fault.Forbidden, "只有报告人可以撤回")
		}
		if err := t.endUse(ctx, u, UseWithdrawn, "", "earmark.withdraw"); err != nil {
			return err
		}
		return t.shownEarmark(ctx, row, &out)
	})
	return out, err
}

func useOf(ctx context.Context, earmark, id string) (u useRow, err error) {
	err = one(ctx, &u, noEarmark, `SELECT `+of("u", useColumns)+` FROM earmark_uses AS u WHERE u.earmark = ? AND u.id = ?`, earmark, id)
	return u, err
}

// endUse brings a use that was told to where it stays, once.
func (t *Treasury) endUse(ctx context.Context, u useRow, state, reason, action string) error {
	by, name := who(ctx)
	n, err := affected(ctx, `UPDATE earmark_uses SET state = ?, decided_at = ?, decided_by = ?, decided_name = ?, reason = ? WHERE id = ? AND state = 'stated'`,
		state, store.Stamp(clock.Now(ctx)), by, name, reason, u.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "这一笔已经核对或撤回，请刷新后再看")
	}
	return auditEarmark(ctx, action, u.Earmark, map[string]any{"fen": u.Amount, "use": u.ID})
}

func (t *Treasury) shownEarmark(ctx context.Context, row earmarkRow, out *Earmark) error {
	shown, err := showEarmarks(ctx, []earmarkRow{row})
	if err == nil {
		*out = shown[0]
	}
	return err
}
