package treasury

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Repayment is money that came back.
type Repayment struct {
	ID        string      `json:"id"`
	Amount    policy.Fen  `json:"amount"`
	On        policy.Date `json:"on"`
	Serial    string      `json:"serial"`
	State     string      `json:"state" enum:"stated,confirmed,refused"`
	StatedBy  string      `json:"stated_by,omitempty"`
	DecidedBy string      `json:"decided_by,omitempty"`
	Mine      bool        `json:"mine" doc:"whoever asks may confirm or refuse it"`
}

type repaymentRow struct {
	ID          string `bun:"id"`
	Receivable  string `bun:"receivable"`
	Amount      int64  `bun:"amount"`
	OnDate      string `bun:"on_date"`
	Serial      string `bun:"bank_serial"`
	State       string `bun:"state"`
	StatedAt    string `bun:"stated_at"`
	StatedBy    string `bun:"stated_by"`
	StatedName  string `bun:"stated_name"`
	DecidedAt   string `bun:"decided_at"`
	DecidedBy   string `bun:"decided_by"`
	DecidedName string `bun:"decided_name"`
}

var repaymentColumns = []string{"id", "receivable", "amount", "on_date", "bank_serial", "state", "stated_at", "stated_by", "stated_name", "decided_at", "decided_by", "decided_name"}

func repaymentsOf(ctx context.Context, id string) ([]repaymentRow, error) {
	paid, err := repaymentsByOwed(ctx, []string{id})
	return paid[id], err
}

// repaymentsByOwed are the repayments of receivables, in the order in which they were stated.
func repaymentsByOwed(ctx context.Context, ids []string) (map[string][]repaymentRow, error) {
	out := map[string][]repaymentRow{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []repaymentRow
	err := store.Tx(ctx).NewRaw(`SELECT `+of("p", repaymentColumns)+` FROM repayments AS p WHERE p.receivable IN (?) ORDER BY p.id`, bun.List(ids)).Scan(ctx, &rows)
	for _, p := range rows {
		out[p.Receivable] = append(out[p.Receivable], p)
	}
	return out, err
}

// StateRepayment states that money came back; a second person confirms it. Invalid names the fields; Conflict if the bank's number was used.
func (t *Treasury) StateRepayment(ctx context.Context, id string, amount policy.Fen, on policy.Date, serial string) (out Receivable, err error) {
	if err := sum("amount", amount); err != nil {
		return out, err
	}
	if serial, err = words("serial", "银行流水号", serial, 2, 60); err != nil {
		return out, err
	}
	if on == 0 || on > clock.Today(ctx) {
		return out, wrong("on", "请填写到账日期，不能晚于今天")
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := handledOwed(ctx, id)
		if err != nil {
			return err
		}
		by, name := who(ctx)
		err = insertAll(ctx, "repayments", []repaymentRow{{ID: store.NewID(), Receivable: id, Amount: int64(amount), OnDate: on.String(), Serial: serial, State: "stated",
			StatedAt: store.Stamp(clock.Now(ctx)), StatedBy: by, StatedName: name}})
		if store.IsUnique(err) {
			return fault.Wrap(fault.Conflict, "这个银行流水号已经登记过", err)
		}
		if err != nil {
			return err
		}
		if err := auditOwed(ctx, "receivable.state", id, map[string]any{"fen": amount, "on": on}); err != nil {
			return err
		}
		out, err = showOwed(ctx, row)
		return err
	})
	return out, err
}

// DecideRepayment confirms or refuses what another stated came back. Confirmed money pays the principal first, then the interest borne through
// its day; more than both is refused. Each is decided once, by a conditional UPDATE. Forbidden to who stated it.
func (t *Treasury) DecideRepayment(ctx context.Context, id, repayment string, confirm bool) (out Receivable, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := handledOwed(ctx, id)
		if err != nil {
			return err
		}
		list, err := repaymentsOf(ctx, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(p repaymentRow) bool { return p.ID == repayment })
		if at < 0 {
			return noReceivable()
		}
		by, name := who(ctx)
		p := &list[at]
		if stated, err := account.Did(ctx, p.StatedBy, kindOwed, id); err != nil {
			return err
		} else if stated {
			return fault.New(fault.Forbidden, "登记人不能确认自己登记的还款，请由另一名财政人员确认")
		}
		state, action := "refused", "receivable.refuse"
		if confirm {
			state, action = "confirmed", "receivable.confirm"
		}
		n, err := affected(ctx, `UPDATE repayments SET state = ?, decided_at = ?, decided_by = ?, decided_name = ? WHERE id = ? AND state = 'stated'`,
			state, store.Stamp(clock.Now(ctx)), by, name, repayment)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "这笔还款已经确认或退回")
		}
		if p.State = state; confirm {
			if row, err = t.booksBack(ctx, row, list, *p); err != nil {
				return err
			}
		}
		if err := auditOwed(ctx, action, id, map[string]any{"fen": p.Amount, "on": p.OnDate}); err != nil {
			return err
		}
		if confirm {
			purpose, days, err := daysPaid(ctx, row.Case)
			if err != nil {
				return err
			}
			for _, fn := range t.repaid {
				if err := fn(ctx, purpose, days); err != nil {
					return err
				}
			}
		}
		out, err = showOwed(ctx, row)
		return err
	})
	return out, err
}

// booksBack books a confirmed repayment. list holds it.
func (t *Treasury) booksBack(ctx context.Context, row owedRow, list []repaymentRow, p repaymentRow) (owedRow, error) {
	principal := min(p.Amount, row.Principal-row.Repaid)
	last := ""
	for _, x := range list {
		if x.State == "confirmed" {
			last = max(last, x.OnDate)
		}
	}
	on, err := policy.ParseDate(last)
	if err != nil {
		return row, err
	}
	borne := int64(row.interestOf(on, list))
	rest := p.Amount - principal
	if rest > borne-row.Interest {
		return row, fault.New(fault.Conflict, fmt.Sprintf("还款%s多于本金和利息%s", policy.Fen(p.Amount), policy.Fen(row.Principal-row.Repaid+borne-row.Interest)))
	}
	state := OwedPartly
	if row.Repaid+principal == row.Principal && row.Interest+rest == borne {
		state = OwedSettled
	}
	var now owedRow
	ok, err := maybe(ctx, &now, `UPDATE receivables SET repaid = repaid + ?, interest = interest + ?, state = ?, version = version + 1
		WHERE id = ? AND version = ? AND state IN ('open', 'partly') RETURNING `+of("", owedColumns), principal, rest, state, row.ID, row.Version)
	if err != nil {
		return row, err
	}
	if !ok {
		return row, fault.New(fault.Conflict, "这笔应收款刚有变动，请刷新后再看")
	}
	entries := []owedEntryRow{{Receivable: row.ID, Kind: "repay", Debit: "returned", Credit: "owed", Amount: p.Amount, OnDate: p.OnDate, Repayment: p.ID}}
	if rest > 0 {
		entries = append([]owedEntryRow{{Receivable: row.ID, Kind: "interest", Debit: "owed", Credit: "earned", Amount: rest, OnDate: p.OnDate, Repayment: p.ID}}, entries...)
	}
	return now, bookOwed(ctx, entries...)
}
