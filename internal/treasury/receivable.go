package treasury

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// States of a receivable.
const (
	OwedOpen       = "open"
	OwedPartly     = "partly"
	OwedSettled    = "settled"
	OwedWrittenOff = "written_off"
)

// Terms are how what is owed back is to be paid, as the file says.
type Terms struct {
	Due    policy.Date // zero: no day is set
	Rate   string      // a percentage; empty: no interest
	Days   int64       // for how many days the rate is: 1, 360, 365
	Starts policy.Date // interest is counted from the day after
	Cite   string
}

// Receivable is what a party owes back of what it was paid.
type Receivable struct {
	ID         string      `json:"id"`
	Case       string      `json:"case"`
	CaseNumber string      `json:"case_number"`
	Scheme     string      `json:"scheme"`
	Department string      `json:"department"`
	Town       string      `json:"town"`
	Party      string      `json:"party"`
	PartyName  string      `json:"party_name"`
	Principal  policy.Fen  `json:"principal"`
	Repaid     policy.Fen  `json:"repaid" doc:"of the principal"`
	Interest   policy.Fen  `json:"interest" doc:"borne through today, paid or not"`
	Received   policy.Fen  `json:"received" doc:"interest that was paid"`
	Left       policy.Fen  `json:"left" doc:"principal and interest still to pay, as of today"`
	Due        policy.Date `json:"due,omitempty"`
	Late       bool        `json:"late"`
	Rate       string      `json:"rate,omitempty" doc:"a percentage for days days"`
	Days       int64       `json:"days,omitempty"`
	Starts     policy.Date `json:"starts,omitempty" doc:"interest is counted from the day after"`
	Cite       string      `json:"cite"`
	Reason     string      `json:"reason"`
	State      string      `json:"state" enum:"open,partly,settled,written_off"`
	MadeAt     string      `json:"made_at"`
	MadeBy     string      `json:"made_by,omitempty" doc:"not told to a firm"`
	Repayments []Repayment `json:"repayments" nullable:"false"`
	Entries    []OwedEntry `json:"entries" nullable:"false" doc:"its bookings; empty in a list and for a firm"`
	MayState   bool        `json:"may_state" doc:"whoever asks may state a repayment"`
	MayDrop    bool        `json:"may_drop" doc:"whoever asks may write it off"`
}

// OwedEntry is a booking of a receivable: an amount from one account to another.
type OwedEntry struct {
	Kind     string      `json:"kind" enum:"claim,interest,repay,write_off"`
	Debit    string      `json:"debit" enum:"owed,returned,lost"`
	Credit   string      `json:"credit" enum:"awarded,earned,owed"`
	Amount   policy.Fen  `json:"amount"`
	On       policy.Date `json:"on"`
	PostedAt string      `json:"posted_at"`
	PostedBy string      `json:"posted_by"`
}

// OwedFilter narrows a list of receivables; empty fields ask for nothing.
type OwedFilter struct {
	Party, Case, State, Text string
	Late                     bool // only what should have been paid by now
}

type owedRow struct {
	ID         string `bun:"id"`
	Case       string `bun:"case_id"`
	CaseNumber string `bun:"case_number"`
	Scheme     string `bun:"scheme"`
	Department string `bun:"department"`
	Town       string `bun:"town"`
	Party      string `bun:"party"`
	PartyName  string `bun:"party_name"`
	Principal  int64  `bun:"principal"`
	Repaid     int64  `bun:"repaid"`
	Interest   int64  `bun:"interest"`
	Due        string `bun:"due"`
	Rate       string `bun:"rate"`
	Days       int64  `bun:"days"`
	Starts     string `bun:"starts"`
	Cite       string `bun:"cite"`
	Reason     string `bun:"reason"`
	State      string `bun:"state"`
	Reminded   string `bun:"reminded"`
	MadeAt     string `bun:"made_at"`
	MadeBy     string `bun:"made_by"`
	Version    int64  `bun:"version"`
}

var owedColumns = []string{"id", "case_id", "case_number", "scheme", "department", "town", "party", "party_name", "principal", "repaid", "interest", "due", "rate", "days",
	"starts", "cite", "reason", "state", "reminded", "made_at", "made_by", "version"}

var owedPlace = place{department: "r.department", town: "r.town", party: "r.party"}

type owedEntryRow struct {
	ID         string `bun:"id"`
	Receivable string `bun:"receivable"`
	Kind       string `bun:"kind"`
	Debit      string `bun:"debit"`
	Credit     string `bun:"credit"`
	Amount     int64  `bun:"amount"`
	OnDate     string `bun:"on_date"`
	Repayment  string `bun:"repayment"`
	PostedAt   string `bun:"posted_at"`
	PostedBy   string `bun:"posted_by"`
}

var owedEntryColumns = []string{"id", "receivable", "kind", "debit", "credit", "amount", "on_date", "repayment", "posted_at", "posted_by"}

const kindOwed = "receivable"

func init() {
	audit.RegisterList(kindOwed, audit.IDs("receivables"))
	audit.RegisterRow(kindOwed, owedDigest)
	audit.RegisterWords(kindOwed, audit.Words{Label: "应收款", About: owedSaid, RowsOf: ofParty(`SELECT id FROM receivables WHERE party = ?`),
		Actions: map[string]string{"receivable.claim": "追回，记应收款", "receivable.state": "登记还款", "receivable.confirm": "确认还款", "receivable.refuse": "退回还款登记",
			"receivable.write_off": "核销应收款", "receivable.remind": "催缴"}})
}

func owedSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+of("r", owedColumns)+` FROM receivables AS r WHERE r.id IN (?)`, rows, func(r owedRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.CaseNumber + " " + r.PartyName + " " + policy.Fen(r.Principal).String(), Kind: kindOwed, ID: r.ID}
	})
}

func noReceivable() error {
	return fault.New(fault.NotFound, "没有这笔应收款，或不在您的权限范围内")
}

func findOwed(ctx context.Context, id string) (row owedRow, err error) {
	err = one(ctx, &row, noReceivable, `SELECT `+of("r", owedColumns)+` FROM receivables AS r WHERE r.id = ?`, id)
	return row, err
}

func visibleOwed(ctx context.Context, id string) (row owedRow, err error) {
	w := scoped(ctx, owedPlace).and("r.id = ?", id)
	err = one(ctx, &row, noReceivable, `SELECT `+of("r", owedColumns)+` FROM receivables AS r WHERE `+w.text, w.args...)
	return row, err
}

func owedEntries(ctx context.Context, id string) (rows []owedEntryRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+of("e", owedEntryColumns)+` FROM receivable_entries AS e WHERE e.receivable = ? ORDER BY e.id`, id).Scan(ctx, &rows)
	return rows, err
}

// owedDigest is over a receivable with its repayments and its bookings.
func owedDigest(ctx context.Context, id string) (string, error) {
	r, err := findOwed(ctx, id)
	if err != nil {
		return "", err
	}
	parts := []string{r.ID, r.Case, r.CaseNumber, r.Scheme, r.Department, r.Town, r.Party, r.PartyName, number(r.Principal), number(r.Repaid), number(r.Interest), r.Due, r.Rate,
		number(r.Days), r.Starts, r.Cite, r.Reason, r.State, r.Reminded, r.MadeAt, r.MadeBy, number(r.Version)}
	paid, err := repaymentsOf(ctx, id)
	if err != nil {
		return "", err
	}
	for _, p := range paid {
		parts = append(parts, audit.DigestJSON(p.ID, number(p.Amount), p.OnDate, p.Serial, p.State, p.StatedAt, p.StatedBy, p.StatedName, p.DecidedAt, p.DecidedBy, p.DecidedName))
	}
	booked, err := owedEntries(ctx, id)
	for _, e := range booked {
		parts = append(parts, audit.DigestJSON(e.ID, e.Kind, e.Debit, e.Credit, number(e.Amount), e.OnDate, e.Repayment, e.PostedAt, e.PostedBy))
	}
	return audit.DigestJSON(parts...), err
}

func auditOwed(ctx context.Context, action, id string, data any) error {
	digest, err := owedDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindOwed, ID: id, Digest: digest, Data: data})
}

// bookOwed writes bookings of a receivable.
func bookOwed(ctx context.Context, rows ...owedEntryRow) error {
	_, name := who(ctx)
	for i := range rows {
		rows[i].ID, rows[i].PostedAt, rows[i].PostedBy = store.NewID(), store.Stamp(clock.Now(ctx)), name
	}
	return insertAll(ctx, "receivable_entries", rows)
}

// Claim owes back what a case was paid, in the transaction of ctx or its own: amount, or with zero all that was paid and is not claimed back
// yet. What is promised and not paid is given back to the budgets. Conflict when more is claimed than was paid, or a payment is on its way.
// Who may claim the room that asks has checked.
func (t *Treasury) Claim(ctx context.Context, caseID string, amount policy.Fen, terms Terms, reason string) (id string, err error) {
	if reason, err = reasonText(reason); err != nil {
		return "", err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		// Locked before they are read, so that whoever claims or corrects at the same time comes one after the other.
		if _, err := affected(ctx, `UPDATE awards SET reason = reason WHERE case_id = ?`, caseID); err != nil {
			return err
		}
		standing, err := awardsOfCases(ctx, []string{caseID})
		if err != nil {
			return err
		}
		var of awardRow
		paid := policy.Fen(0)
		for _, r := range standing[caseID] {
			of = r
			if r.State == AwardPaid {
				paid += policy.Fen(r.Amount)
				continue
			}
			if _, err := release(ctx, r, reason, "award.release"); err != nil {
				return err
			}
		}
		before, err := claimedOf(ctx, caseID)
		if err != nil {
			return err
		}
		claimed := amount // fn may run again
		if claimed == 0 {
			claimed = paid - before
		}
		switch {
		case of.concerns(account.ActorFrom(ctx)):
			return interested()
		case claimed <= 0 || claimed > paid-before:
			return fault.New(fault.Conflict, fmt.Sprintf("已付%s，此前已追回%s，还可追回%s", paid, before, paid-before), fault.At("data.amount", "不能追回多于已付的金额"))
		}
		_, name := who(ctx)
		row := owedRow{ID: store.NewID(), Case: caseID, CaseNumber: of.CaseNumber, Scheme: of.Scheme, Department: of.Department, Town: of.Town, Party: of.Party,
			PartyName: of.PartyName, Principal: int64(claimed), Rate: terms.Rate, Days: terms.Days, Cite: terms.Cite, Reason: reason, State: OwedOpen,
			MadeAt: store.Stamp(clock.Now(ctx)), MadeBy: name, Version: 1}
		if terms.Due != 0 {
			row.Due = terms.Due.String()
		}
		if terms.Starts != 0 {
			row.Starts = terms.Starts.String()
		}
		id = row.ID
		if err := insertAll(ctx, "receivables", []owedRow{row}); err != nil {
			return err
		}
		if err := bookOwed(ctx, owedEntryRow{Receivable: id, Kind: "claim", Debit: "owed", Credit: "awarded", Amount: row.Principal, OnDate: clock.Today(ctx).String()}); err != nil {
			return err
		}
		if err := auditOwed(ctx, "receivable.claim", id, map[string]any{"case": caseID, "fen": claimed}); err != nil {
			return err
		}
		until := ""
		if row.Due != "" {
			until = "，请于" + row.Due + "前缴回"
		}
		return tellParty(ctx, row.Party, notify.Note{Kind: "treasury.claimed", Title: "有一笔资金需要退回",
			Body: fmt.Sprintf("申报%s已付的资金追回%s%s：%s", row.CaseNumber, claimed, until, reason), Link: pageOwed, Key: id})
	})
	return id, err
}

// claimedOf is what was claimed back of a case, repaid, written off or not.
func claimedOf(ctx context.Context, caseID string) (sum policy.Fen, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT COALESCE(SUM(principal), 0) FROM receivables WHERE case_id = ?`, caseID).Scan(ctx, &sum)
	return sum, err
}

// interestOf is the interest that a receivable has borne through a day.
func (r owedRow) interestOf(on policy.Date, paid []repaymentRow) policy.Fen {
	rate, ok := policy.ShareOf(r.Rate)
	if !ok {
		return 0
	}
	starts, _ := policy.ParseDate(r.Starts) // written by Claim
	var back []returned
	left := policy.Fen(r.Principal)
	for _, p := range paid {
		day, _ := policy.ParseDate(p.OnDate) // written by StateRepayment
		if p.State == "confirmed" && day <= on {
			part := min(left, policy.Fen(p.Amount)) // first the principal, then interest
			left -= part
			back = append(back, returned{part, day})
		}
	}
	return interestOn(policy.Fen(r.Principal), rate, r.Days, starts, on, back)
}

func (r owedRow) live() bool { return r.State == OwedOpen || r.State == OwedPartly }

func showOwed(ctx context.Context, r owedRow) (Receivable, error) {
	paid, err := repaymentsOf(ctx, r.ID)
	return r.show(ctx, paid), err
}

// show is the receivable as the actor may read it, with its repayments.
func (r owedRow) show(ctx context.Context, paid []repaymentRow) Receivable {
	today := clock.Today(ctx)
	due, _ := policy.ParseDate(r.Due)
	starts, _ := policy.ParseDate(r.Starts)
	out := Receivable{ID: r.ID, Case: r.Case, CaseNumber: r.CaseNumber, Scheme: r.Scheme, Department: r.Department, Town: r.Town, Party: r.Party, PartyName: r.PartyName,
		Principal: policy.Fen(r.Principal), Repaid: policy.Fen(r.Repaid), Received: policy.Fen(r.Interest), Due: due, Rate: r.Rate, Days: r.Days, Starts: starts, Cite: r.Cite,
		Reason: r.Reason, State: r.State, MadeAt: r.MadeAt, Repayments: []Repayment{}, Entries: []OwedEntry{}}
	inside := mayRead(ctx) == nil
	if inside {
		out.MadeBy = r.MadeBy
	}
	if out.Interest = out.Received; r.live() {
		out.Interest = max(out.Received, r.interestOf(today, paid))
		out.Left = out.Principal - out.Repaid + out.Interest - out.Received
		out.Late = r.Due != "" && due < today
	}
	a := account.ActorFrom(ctx)
	mine := covers(ctx, r.Department, r.Town) && !a.Speaks(r.Party)
	out.MayState = mine && r.live()
	out.MayDrop = r.live() && a.Covers(account.RoleLeader, r.Department, r.Town) && !a.Speaks(r.Party)
	for _, p := range paid {
		on, _ := policy.ParseDate(p.OnDate)
		v := Repayment{ID: p.ID, Amount: policy.Fen(p.Amount), On: on, Serial: p.Serial, State: p.State,
			Mine: out.MayState && p.State == "stated" && !a.Same(p.StatedBy)}
		if inside {
			v.StatedBy, v.DecidedBy = p.StatedName, p.DecidedName
		}
		out.Repayments = append(out.Repayments, v)
	}
	return out
}

// Receivables lists what is owed back, the overdue first, then what is still to be paid by its day: to finance, leaders and auditors what
// their grants cover, to a firm its own. Forbidden for others.
func (t *Treasury) Receivables(ctx context.Context, f OwedFilter, page Page) ([]Receivable, int, error) {
	if len(own(ctx)) == 0 {
		if err := mayRead(ctx); err != nil {
			return nil, 0, err
		}
	}
	out, total := []Receivable{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		w := scoped(ctx, owedPlace).is("r.party", f.Party).is("r.case_id", f.Case).is("r.state", f.State).holds(ctx, f.Text, "r.party_name", "r.case_number")
		if f.Late {
			w.and(`r.state IN ('open', 'partly') AND r.due <> '' AND r.due < ?`, clock.Today(ctx).String())
		}
		rows, n, err := listed[owedRow](ctx, of("r", owedColumns), "FROM receivables AS r WHERE "+w.text,
			"CASE WHEN r.state NOT IN ('open', 'partly') THEN 2 WHEN r.due = '' THEN 1 ELSE 0 END, r.due, r.id DESC", w.args, page)
		if err != nil {
			return err
		}
		total = n
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		paid, err := repaymentsByOwed(ctx, ids)
		for _, r := range rows {
			out = append(out, r.show(ctx, paid[r.ID]))
		}
		return err
	})
	return out, total, err
}

// ReceivableOf is one, with its bookings for those who read the books. NotFound if the actor may not see it.
func (t *Treasury) ReceivableOf(ctx context.Context, id string) (out Receivable, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleOwed(ctx, id)
		if err != nil {
			return err
		}
		if out, err = showOwed(ctx, row); err != nil || mayRead(ctx) != nil {
			return err
		}
		booked, err := owedEntries(ctx, id)
		for _, e := range booked {
			on, wrong := policy.ParseDate(e.OnDate)
			err = errors.Join(err, wrong)
			out.Entries = append(out.Entries, OwedEntry{e.Kind, e.Debit, e.Credit, policy.Fen(e.Amount), on, e.PostedAt, e.PostedBy})
		}
		return err
	})
	return out, err
}

// lockOwed is visibleOwed for who changes it: others wait until the transaction is over, so that what they state of it at the same time is seen,
// and is in the digest of whoever comes second.
func lockOwed(ctx context.Context, id string) (owedRow, error) {
	if _, err := affected(ctx, `UPDATE receivables SET version = version WHERE id = ?`, id); err != nil {
		return owedRow{}, err
	}
	return visibleOwed(ctx, id)
}

// handledOwed is a receivable that finance of its scope may handle, who does not speak for the party.
func handledOwed(ctx context.Context, id string) (owedRow, error) {
	row, err := lockOwed(ctx, id)
	if err != nil {
		return row, err
	}
	if err := mustCover(ctx, row.Department, row.Town); err != nil {
		return row, err
	}
	if account.ActorFrom(ctx).Speaks(row.Party) {
		return row, interested()
	}
	if !row.live() {
		return row, fault.New(fault.Conflict, "这笔应收款已经结清或核销")
	}
	return row, nil
}

// WriteOff ends a receivable that will not be paid, by a leader of its scope, with the reason.
func (t *Treasury) WriteOff(ctx context.Context, id, reason string) (out Receivable, err error) {
	if reason, err = reasonText(reason); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := lockOwed(ctx, id)
		if err != nil {
			return err
		}
		a := account.ActorFrom(ctx)
		if !a.Covers(account.RoleLeader, row.Department, row.Town) {
			return fault.New(fault.Forbidden, "只有领导可以核销应收款")
		}
		if a.Speaks(row.Party) {
			return interested()
		}
		list, err := repaymentsOf(ctx, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(p repaymentRow) bool { return p.State == "stated" }) {
			return fault.New(fault.Conflict, "有登记的还款还没有确认，请先确认或退回，再核销")
		}
		var now owedRow
		ok, err := maybe(ctx, &now, `UPDATE receivables SET state = 'written_off', reason = ?, version = version + 1 WHERE id = ? AND version = ? AND state IN ('open', 'partly')
			RETURNING `+of("", owedColumns), row.Reason+"；核销："+reason, id, row.Version)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "这笔应收款已经结清、核销，或刚有变动")
		}
		if left := row.Principal - row.Repaid; left > 0 {
			if err := bookOwed(ctx, owedEntryRow{Receivable: id, Kind: "write_off", Debit: "lost", Credit: "owed", Amount: left, OnDate: clock.Today(ctx).String()}); err != nil {
				return err
			}
		}
		if err := auditOwed(ctx, "receivable.write_off", id, map[string]string{"reason": reason}); err != nil {
			return err
		}
		out, err = showOwed(ctx, now)
		return err
	})
	return out, err
}

// Remind tells parties of what falls due within a week and of what is late, each once, and finance of what is late. For the sweep of a day.
func (t *Treasury) Remind(ctx context.Context) error {
	today := clock.Today(ctx)
	return store.Write(ctx, func(ctx context.Context) error {
		var rows []owedRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+of("r", owedColumns)+` FROM receivables AS r WHERE r.state IN ('open', 'partly') AND r.due <> '' AND r.due <= ?
			AND (r.reminded = '' OR r.reminded = 'soon' AND r.due < ?) ORDER BY r.id`, today.AddDays(7).String(), today.String()).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			stage, title := "soon", "一笔应退回的资金即将到期"
			if r.Due < today.String() {
				stage, title = "late", "一笔应退回的资金已经逾期"
			}
			n, err := affected(ctx, `UPDATE receivables SET reminded = ?, version = version + 1 WHERE id = ? AND version = ?`, stage, r.ID, r.Version)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			if err := auditOwed(ctx, "receivable.remind", r.ID, map[string]string{"stage": stage}); err != nil {
				return err
			}
			v, err := showOwed(ctx, r)
			if err != nil {
				return err
			}
			note := notify.Note{Kind: "treasury.owed_" + stage, Title: title, Key: r.ID, Link: pageOwed,
				Body: fmt.Sprintf("申报%s还应退回%s，截止%s。", r.CaseNumber, v.Left, r.Due)}
			if err := tellParty(ctx, r.Party, note); err != nil {
				return err
			}
			if stage == "late" {
				note.Link, note.Body = pageReceivables+r.ID, r.PartyName+"："+note.Body
				if err := tellFinance(ctx, r.Department, r.Town, note); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Returned says whether everything that was claimed back of a case was repaid or written off. For rooms: no permission is asked.
func (t *Treasury) Returned(ctx context.Context, caseID string) (done bool, err error) {
	var n int
	err = store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM receivables WHERE case_id = ? AND state IN ('open', 'partly')`, caseID).Scan(ctx, &n)
	})
	return n == 0, err
}

// OnRepaid calls fn inside the transaction that books that money came back, for what and on which days it had been paid. Call it before serving.
func (t *Treasury) OnRepaid(fn func(ctx context.Context, p Purpose, days []policy.Date) error) {
	t.repaid = append(t.repaid, fn)
}
