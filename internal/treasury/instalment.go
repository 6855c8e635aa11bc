package treasury

import (
	"context"
	"errors"
	"fmt"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Sums are what became of the parts that a case is paid in.
type Sums struct {
	Awarded policy.Fen // promised, paid or not
	Paid    policy.Fen
	Open    int // parts that are promised and not paid
}

// SumsOf adds up the standing parts of a case. For rooms: no permission is asked.
func (t *Treasury) SumsOf(ctx context.Context, caseID string) (out Sums, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		out = Sums{}
		standing, err := awardsOfCases(ctx, []string{caseID})
		for _, r := range standing[caseID] {
			out.Awarded += policy.Fen(r.Amount)
			if r.State == AwardPaid {
				out.Paid += policy.Fen(r.Amount)
			} else {
				out.Open++
			}
		}
		return err
	})
	return out, err
}

// Purpose is what awards of a party are for: a scheme and, where it is for such, one of the party's things (its project); without a thing what is
// for none.
type Purpose struct{ Party, Scheme, ThingKind, Thing string }

// Purpose of the award.
func (a Award) Purpose() Purpose { return Purpose{a.Party, a.Scheme, a.ThingKind, a.Thing} }

// ReceivedOn is what a party was paid for a purpose on a day, all cases and parts together, less what it gave back: what a fact of that day
// says. What came back of a case is taken from the last day on which it was paid, then from the day before. For rooms.
func (t *Treasury) ReceivedOn(ctx context.Context, p Purpose, on policy.Date) (sum policy.Fen, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		sum = 0
		var paid, back []struct {
			Case   string     `bun:"case_id"`
			On     string     `bun:"paid_on"`
			Amount policy.Fen `bun:"amount"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT a.case_id, l.paid_on, SUM(l.amount) AS amount FROM payment_lines AS l JOIN awards AS a ON a.id = l.award
			WHERE a.party = ? AND a.scheme = ? AND a.thing_kind = ? AND a.thing = ? AND l.state = 'paid' GROUP BY a.case_id, l.paid_on
			ORDER BY a.case_id, l.paid_on DESC`, p.Party, p.Scheme, p.ThingKind, p.Thing).Scan(ctx, &paid); err != nil {
			return err
		}
		if err := store.Tx(ctx).NewRaw(`SELECT case_id, SUM(repaid) AS amount FROM receivables WHERE party = ? AND scheme = ? GROUP BY case_id`, p.Party, p.Scheme).Scan(ctx, &back); err != nil {
			return err
		}
		returned := map[string]policy.Fen{}
		for _, b := range back {
			returned[b.Case] = b.Amount
		}
		for _, x := range paid {
			gone := min(x.Amount, returned[x.Case])
			returned[x.Case] -= gone
			if x.On == on.String() {
				sum += x.Amount - gone
			}
		}
		return nil
	})
	return sum, err
}

// daysPaid are the days on which a case was paid.
func daysPaid(ctx context.Context, caseID string) (p Purpose, days []policy.Date, err error) {
	var rows []struct {
		On        string `bun:"paid_on"`
		Party     string `bun:"party"`
		Scheme    string `bun:"scheme"`
		ThingKind string `bun:"thing_kind"`
		Thing     string `bun:"thing"`
	}
	err = store.Tx(ctx).NewRaw(`SELECT DISTINCT l.paid_on, a.party, a.scheme, a.thing_kind, a.thing FROM payment_lines AS l JOIN awards AS a ON a.id = l.award
		WHERE a.case_id = ? AND l.state = 'paid' ORDER BY l.paid_on`, caseID).Scan(ctx, &rows)
	for _, x := range rows { // all of one case: of one purpose
		p = Purpose{x.Party, x.Scheme, x.ThingKind, x.Thing}
		day, wrong := policy.ParseDate(x.On)
		err = errors.Join(err, wrong)
		days = append(days, day)
	}
	return p, days, err
}

// InstalmentsOf are the standing parts of a case in their order. For rooms: no permission is asked.
func (t *Treasury) InstalmentsOf(ctx context.Context, caseID string) (out []AwardView, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		standing, err := awardsOfCases(ctx, []string{caseID})
		if err != nil {
			return err
		}
		out, err = t.showAwards(ctx, standing[caseID])
		return err
	})
	return out, err
}

// Reached says that the milestone of an instalment was reached, on what evidence: from a day on it may be paid. It is said once; Conflict
// when there is no such instalment, or it was said before. Who may say it the room that asks has checked.
func (t *Treasury) Reached(ctx context.Context, caseID, milestone, evidence string, on policy.Date) error {
	return store.Write(ctx, func(ctx context.Context) error {
		_, name := who(ctx)
		var row awardRow
		ok, err := maybe(ctx, &row, `UPDATE awards SET due = ?, evidence = ?, due_by = ? WHERE case_id = ? AND milestone = ? AND due = '' AND state = 'committed'
			RETURNING `+of("", awardColumns), on.String(), evidence, name, caseID, milestone)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, fmt.Sprintf("“%s”这一期已经确认过，或已经付讫、解除，请刷新后再看", milestone))
		}
		if row.concerns(account.ActorFrom(ctx)) {
			return interested()
		}
		return auditAwards(ctx, "award.due", []awardRow{row})
	})
}

// Settle brings the last instalment of a case to what is left of a final sum once the parts before it are taken off: what was promised
// beyond it is given back, what is missing is taken from the budgets. It returns what was advanced beyond the sum. funds says what each
// source bears of an amount. Conflict when the last instalment is paid or in a batch, or a part before it is still to be paid.
func (t *Treasury) Settle(ctx context.Context, caseID string, final policy.Fen, reason string, funds func(policy.Fen) []policy.FundShare) (over policy.Fen, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		standing, err := awardsOfCases(ctx, []string{caseID})
		if err != nil {
			return err
		}
		rows := standing[caseID]
		if len(rows) == 0 {
			return fault.New(fault.Conflict, "这件申报没有可以结算的奖补")
		}
		last := rows[len(rows)-1]
		before := policy.Fen(0)
		for _, r := range rows[:len(rows)-1] {
			if r.State != AwardPaid {
				return fault.New(fault.Conflict, fmt.Sprintf("“%s”一期还没有付讫，不能结算", r.Milestone))
			}
			before += policy.Fen(r.Amount)
		}
		rest := final - before
		over = max(0, -rest)
		if policy.Fen(last.Amount) == rest {
			return nil
		}
		if last, err = release(ctx, last, reason, "award.settle"); err != nil {
			return err
		}
		if last.State != AwardReleased {
			return fault.New(fault.Conflict, "最后一期已经付讫，不能再结算")
		}
		if rest <= 0 {
			return nil
		}
		again := last.award()
		again.Amount, again.Funds, again.Due = rest, funds(rest), 0
		budgets, err := lockBudgets(ctx, demandsOf([]Award{again}))
		if err != nil {
			return err
		}
		shares, err := draw(budgets, demandsOf([]Award{again}))
		if err != nil {
			return err
		}
		return book(ctx, []Award{again}, shares)
	})
	return over, err
}
