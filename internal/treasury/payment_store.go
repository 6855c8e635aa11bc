package treasury

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// SQL of accounts, batches, payments and what the bank answers.

// ---- parties and their accounts ----

type partyRow struct {
	ID   string `bun:"id"`
	Name string `bun:"name"`
	Town string `bun:"town"`
}

type accountRow struct {
	ID            string `bun:"id"`
	Party         string `bun:"party"`
	Holder        string `bun:"holder"`
	Bank          string `bun:"bank"`
	Number        string `bun:"number"`
	Supersedes    string `bun:"supersedes"`
	State         string `bun:"state"`
	Why           string `bun:"why"`
	HeldBy        string `bun:"held_by"`
	EnteredAt     string `bun:"entered_at"`
	EnteredBy     string `bun:"entered_by"`
	EnteredName   string `bun:"entered_name"`
	ConfirmedAt   string `bun:"confirmed_at"`
	ConfirmedBy   string `bun:"confirmed_by"`
	ConfirmedName string `bun:"confirmed_name"`
	Evidence      string `bun:"evidence"`

	PartyName string `bun:"party_name,scanonly"`
	Town      string `bun:"town,scanonly"`
}

var accountColumns = []string{"id", "party", "holder", "bank", "number", "supersedes", "state", "why", "held_by", "entered_at", "entered_by", "entered_name",
	"confirmed_at", "confirmed_by", "confirmed_name", "evidence"}

var accountViewColumns = of("k", accountColumns) + `, COALESCE(p.name, '') AS party_name, COALESCE(p.town, '') AS town`

const accountFrom = `FROM bank_accounts AS k LEFT JOIN parties AS p ON p.id = k.party WHERE `

var accountPlace = place{town: "p.town", party: "k.party"}

// visibleParty is a party that the actor may look at here.
func visibleParty(ctx context.Context, id string) (row partyRow, err error) {
	w := scoped(ctx, place{town: "p.town", party: "p.id"}).and("p.id = ?", id)
	err = one(ctx, &row, func() error { return fault.New(fault.NotFound, "没有这个主体，或不在您的权限范围内") },
		`SELECT p.id, p.name, p.town FROM parties AS p WHERE `+w.text, w.args...)
	return row, err
}

func bankAccounts(ctx context.Context, f AccountFilter, page Page) ([]accountRow, int, error) {
	w := scoped(ctx, accountPlace).and(`k.state <> 'replaced'`).is("k.state", f.State).holds(ctx, f.Text, "p.name")
	return listed[accountRow](ctx, accountViewColumns, accountFrom+w.text, "k.state DESC, k.entered_at DESC, k.id", w.args, page)
}

func findAccount(ctx context.Context, id string) (row accountRow, err error) {
	err = one(ctx, &row, noAccount, `SELECT `+accountViewColumns+` `+accountFrom+`k.id = ?`, id)
	return row, err
}

func visibleAccount(ctx context.Context, id string) (row accountRow, err error) {
	w := scoped(ctx, accountPlace).and("k.id = ?", id)
	err = one(ctx, &row, noAccount, `SELECT `+accountViewColumns+` `+accountFrom+w.text, w.args...)
	return row, err
}

// liveAccount is the live account of a party that the actor may see.
func liveAccount(ctx context.Context, party string) (row accountRow, err error) {
	w := scoped(ctx, accountPlace).and(`k.state <> 'replaced'`).and(`k.party = ?`, party)
	err = one(ctx, &row, noAccount, `SELECT `+accountViewColumns+` `+accountFrom+w.text, w.args...)
	return row, err
}

// liveAccountOf is the live account of a party, whoever asks.
func liveAccountOf(ctx context.Context, party string) (accountRow, bool, error) {
	accounts, err := liveAccounts(ctx, []string{party})
	row, ok := accounts[party]
	return row, ok, err
}

// liveAccounts are those of parties, by party.
func liveAccounts(ctx context.Context, parties []string) (map[string]accountRow, error) {
	out := map[string]accountRow{}
	for some := range slices.Chunk(parties, chunk) {
		var rows []accountRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+accountViewColumns+` `+accountFrom+`k.party IN (?) AND k.state <> 'replaced'`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Party] = r
		}
	}
	return out, nil
}

// heldParties says of parties why they cannot be paid; one that can is left out.
func heldParties(ctx context.Context, parties []string) (map[string]hold, error) {
	accounts, err := liveAccounts(ctx, parties)
	if err != nil {
		return nil, err
	}
	a, out := account.ActorFrom(ctx), map[string]hold{}
	for _, p := range parties {
		k, ok := accounts[p]
		switch {
		case !ok:
			out[p] = hold{none: true}
		case k.State == AccountHeld:
			h := hold{why: k.holds()}
			if a.Speaks(p) {
				h.why = slices.DeleteFunc(h.why, func(w string) bool { return w == HeldShared })
			}
			if len(h.why) == 0 {
				h.why = []string{HeldChanged}
			}
			out[p] = h
		}
	}
	return out, nil
}

// sharers are the live accounts with each of some numbers.
func sharers(ctx context.Context, numbers []string) (map[string][]accountRow, error) {
	out := map[string][]accountRow{}
	for some := range slices.Chunk(numbers, chunk) {
		var rows []accountRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+accountViewColumns+` `+accountFrom+`k.number IN (?) AND k.state <> 'replaced' ORDER BY k.id`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Number] = append(out[r.Number], r)
		}
	}
	return out, nil
}

// lockAccounts keeps live accounts as they are until the transaction ends, so that what is read of them next is what is changed. Without it
// a hold that commits between the reading and the writing would be lost, or logged with what the row is no longer.
func lockAccounts(ctx context.Context, where string, args ...any) error {
	_, err := affected(ctx, `UPDATE bank_accounts SET why = why WHERE state <> 'replaced' AND `+where, args...)
	return err
}

// holdSharers holds every other party's live account with a number, and logs it.
func holdSharers(ctx context.Context, party, number, by string) ([]accountRow, error) {
	sharing, err := sharers(ctx, []string{number})
	if err != nil {
		return nil, err
	}
	var out []accountRow
	for _, r := range sharing[number] {
		if r.Party == party {
			continue
		}
		r.Why, r.HeldBy = with(r.Why, HeldShared), by
		r.State = AccountHeld
		if err := rehold(ctx, r); err != nil {
			return nil, err
		}
		if err := r.audit(ctx, "bank_account.hold", ""); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// rehold writes a live account as held.
func rehold(ctx context.Context, r accountRow) error {
	n, err := affected(ctx, `UPDATE bank_accounts SET state = 'held', why = ?, held_by = ? WHERE id = ? AND state <> 'replaced'`, r.Why, r.HeldBy, r.ID)
	if err == nil && n == 0 {
		err = accountChanged()
	}
	return err
}

// holdAccount holds an account that a payment failed on, if it is live.
func holdAccount(ctx context.Context, id, by string) (accountRow, bool, error) {
	if err := lockAccounts(ctx, `id = ?`, id); err != nil {
		return accountRow{}, false, err
	}
	r, err := findAccount(ctx, id)
	if err != nil || r.State == AccountReplaced {
		return r, false, err
	}
	r.State, r.Why, r.HeldBy = AccountHeld, with(r.Why, HeldFailed), by
	return r, true, rehold(ctx, r)
}

// replaceAccount ends a live account, and logs it.
func replaceAccount(ctx context.Context, r accountRow) error {
	n, err := affected(ctx, `UPDATE bank_accounts SET state = 'replaced' WHERE id = ? AND state = ? AND why = ?`, r.ID, r.State, r.Why)
	if err != nil {
		return err
	}
	if n == 0 {
		return accountChanged()
	}
	r.State = AccountReplaced
	return r.audit(ctx, "bank_account.replace", "")
}

func insertAccount(ctx context.Context, r accountRow) error {
	return insertAll(ctx, "bank_accounts", []accountRow{r})
}

func confirmAccount(ctx context.Context, r accountRow) error {
	n, err := affected(ctx, `UPDATE bank_accounts SET state = 'confirmed', why = '', held_by = '', confirmed_at = ?, confirmed_by = ?, confirmed_name = ?, evidence = ?
		WHERE id = ? AND state = 'held'`, r.ConfirmedAt, r.ConfirmedBy, r.ConfirmedName, r.Evidence, r.ID)
	if err == nil && n == 0 {
		err = accountChanged()
	}
	return err
}

// ---- batches ----

type batchRow struct {
	ID           string `bun:"id"`
	Code         string `bun:"code"`
	Round        string `bun:"round"`
	Department   string `bun:"department"`
	Town         string `bun:"town"`
	Document     string `bun:"document"`
	DocumentDate string `bun:"document_date"`
	Title        string `bun:"title"`
	State        string `bun:"state"`
	Lines        int64  `bun:"lines"`
	Total        int64  `bun:"total"`
	Reason       string `bun:"reason"`
	PreparedAt   string `bun:"prepared_at"`
	PreparedBy   string `bun:"prepared_by"`
	PreparedName string `bun:"prepared_name"`
	ApprovedAt   string `bun:"approved_at"`
	ApprovedBy   string `bun:"approved_by"`
	ApprovedName string `bun:"approved_name"`
	SentAt       string `bun:"sent_at"`
	SentBy       string `bun:"sent_by"`
	SentName     string `bun:"sent_name"`
	Version      int64  `bun:"version"`
}

var batchColumns = []string{"id", "code", "round", "department", "town", "document", "document_date", "title", "state", "lines", "total", "reason",
	"prepared_at", "prepared_by", "prepared_name", "approved_at", "approved_by", "approved_name", "sent_at", "sent_by", "sent_name", "version"}

// No firm sees a batch: it holds other firms' payments.
var batchPlace = place{department: "b.department", town: "b.town"}

func batches(ctx context.Context, f BatchFilter, page Page) ([]batchRow, int, error) {
	w := scoped(ctx, batchPlace).is("b.round", f.Round).is("b.state", f.State)
	return listed[batchRow](ctx, of("b", batchColumns), "FROM payment_batches AS b WHERE "+w.text, "b.id DESC", w.args, page)
}

func findBatch(ctx context.Context, id string) (row batchRow, err error) {
	err = one(ctx, &row, noBatch, `SELECT `+of("b", batchColumns)+` FROM payment_batches AS b WHERE b.id = ?`, id)
	return row, err
}

func visibleBatch(ctx context.Context, id string) (row batchRow, err error) {
	w := scoped(ctx, batchPlace).and("b.id = ?", id)
	err = one(ctx, &row, noBatch, `SELECT `+of("b", batchColumns)+` FROM payment_batches AS b WHERE `+w.text, w.args...)
	return row, err
}

// batchesWith are those of some batches in which one of the parties is to be paid.
func batchesWith(ctx context.Context, ids, parties []string) (found []string, err error) {
	if len(ids) == 0 || len(parties) == 0 {
		return nil, nil
	}
	err = store.Tx(ctx).NewRaw(`SELECT DISTINCT batch FROM payment_lines WHERE party IN (?) AND batch IN (?) AND state <> 'dropped'`, in(parties), in(ids)).Scan(ctx, &found)
	return found, err
}

// nextNumber counts the batches of a year.
func nextNumber(ctx context.Context, year int) (n int64, err error) {
	err = store.Tx(ctx).NewRaw(`INSERT INTO payment_numbers (year, last) VALUES (?, 1) ON CONFLICT (year) DO UPDATE SET last = payment_numbers.last + 1 RETURNING last`, year).Scan(ctx, &n)
	return n, err
}

func latestDocument(ctx context.Context, round string) (string, policy.Date, error) {
	var row batchRow
	err := store.Tx(ctx).NewRaw(`SELECT document, document_date FROM payment_batches WHERE round = ? AND state <> 'cancelled' ORDER BY id DESC LIMIT 1`, round).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	date, _ := policy.ParseDate(row.DocumentDate) // written by Prepare
	return row.Document, date, err
}

func insertBatch(ctx context.Context, batch batchRow, lines []lineRow) error {
	if err := insertAll(ctx, "payment_batches", []batchRow{batch}); err != nil {
		return err
	}
	return insertAll(ctx, "payment_lines", lines)
}

// advanceBatch moves a batch on from the state and the version in which it was seen. Conflict if it is not there any more.
func advanceBatch(ctx context.Context, row batchRow, from string) (batchRow, error) {
	var now batchRow
	ok, err := maybe(ctx, &now, `UPDATE payment_batches SET state = ?, reason = ?, approved_at = ?, approved_by = ?, approved_name = ?, sent_at = ?, sent_by = ?, sent_name = ?,
		version = version + 1 WHERE id = ? AND state = ? AND version = ? RETURNING `+of("", batchColumns),
		row.State, row.Reason, row.ApprovedAt, row.ApprovedBy, row.ApprovedName, row.SentAt, row.SentBy, row.SentName, row.ID, from, row.Version)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "这个批次刚有变动，请刷新后再看")
	}
	return now, err
}

// shrinkBatch takes the sum of a line out of a draft.
func shrinkBatch(ctx context.Context, line lineRow) (row batchRow, ok bool, err error) {
	ok, err = maybe(ctx, &row, `UPDATE payment_batches SET lines = lines - 1, total = total - ?, version = version + 1 WHERE id = ? AND state = 'draft' RETURNING `+of("", batchColumns),
		line.Amount, line.Batch)
	return row, ok, err
}

// finishBatch ends a sent batch of which no line waits for the bank.
func finishBatch(ctx context.Context, id string) (row batchRow, ok bool, err error) {
	ok, err = maybe(ctx, &row, `UPDATE payment_batches SET state = 'done', version = version + 1 WHERE id = ? AND state = 'sent'
		AND NOT EXISTS (SELECT 1 FROM payment_lines AS l WHERE l.batch = payment_batches.id AND l.state IN ('waiting', 'sent')) RETURNING `+of("", batchColumns), id)
	return row, ok, err
}

// reopenBatch lets a batch wait for the bank again.
func reopenBatch(ctx context.Context, id string) (row batchRow, err error) {
	err = one(ctx, &row, noBatch, `UPDATE payment_batches SET state = 'sent', version = version + 1 WHERE id = ? AND state IN ('sent', 'done') RETURNING `+of("", batchColumns), id)
	return row, err
}

// ---- payments ----

type lineRow struct {
	ID      string `bun:"id"`
	Batch   string `bun:"batch"`
	Number  int64  `bun:"number"`
	Code    string `bun:"code"`
	Award   string `bun:"award"`
	Party   string `bun:"party"`
	Amount  int64  `bun:"amount"`
	Account string `bun:"account"`
	State   string `bun:"state"`
	Why     string `bun:"why"`
	Serial  string `bun:"bank_serial"`
	PaidOn  string `bun:"paid_on"`
	Result  string `bun:"result"`
}

var lineColumns = []string{"id", "batch", "number", "code", "award", "party", "amount", "account", "state", "why", "bank_serial", "paid_on", "result"}

// lineView is a payment with what it belongs to, and the account: the one it was sent with, or of a waiting one the party's live one.
type lineView struct {
	lineRow
	BatchCode  string `bun:"batch_code"`
	Document   string `bun:"document"`
	CaseNumber string `bun:"case_number"`
	Scheme     string `bun:"scheme"`
	Clause     string `bun:"clause"`
	PartyName  string `bun:"party_name"`
	Holder     string `bun:"holder"`
	Bank       string `bun:"bank"`
	BankNumber string `bun:"bank_number"`
	Live       string `bun:"live"`
	LiveWhy    string `bun:"live_why"`
}

var lineViewColumns = of("l", lineColumns) + `, b.code AS batch_code, b.document, a.case_number, a.scheme, a.clause,
	CASE WHEN a.payee <> '' THEN a.payee_name ELSE a.party_name END AS party_name,
	COALESCE(k.holder, v.holder, '') AS holder, COALESCE(k.bank, v.bank, '') AS bank, COALESCE(k.number, v.number, '') AS bank_number,
	COALESCE(v.state, '') AS live, COALESCE(v.why, '') AS live_why`

const lineFrom = `FROM payment_lines AS l JOIN payment_batches AS b ON b.id = l.batch JOIN awards AS a ON a.id = l.award
	LEFT JOIN bank_accounts AS k ON k.id = l.account LEFT JOIN bank_accounts AS v ON l.state = 'waiting' AND v.party = l.party AND v.state <> 'replaced' WHERE `

func (v lineView) payment() Payment {
	on, _ := policy.ParseDate(v.PaidOn) // written by settle
	p := Payment{ID: v.ID, Code: v.Code, Batch: v.Batch, BatchCode: v.BatchCode, Document: v.Document, Number: v.Number, Award: v.Award, CaseNumber: v.CaseNumber,
		Scheme: v.Scheme, Clause: v.Clause, Party: v.Party, PartyName: v.PartyName, Amount: policy.Fen(v.Amount), State: v.State, Why: v.Why,
		Holder: v.Holder, Bank: v.Bank, Account: masked(v.BankNumber), Serial: v.Serial, PaidOn: on}
	if v.State == LineWaiting && v.Live != AccountConfirmed {
		p.Why = hold{none: v.Live == "", why: (accountRow{Why: v.LiveWhy}).holds()}.sentence()
	}
	return p
}

func batchLines(ctx context.Context, batch string, f LineFilter, page Page) ([]Payment, int, error) {
	w := (&where{text: `l.batch = ?`, args: []any{batch}}).is("l.state", f.State)
	rows, total, err := listed[lineView](ctx, lineViewColumns, lineFrom+w.text, "l.number", w.args, page)
	var out []Payment
	for _, r := range rows {
		out = append(out, r.payment())
	}
	return out, total, err
}

// paymentsOf are the attempts to pay awards, by award, the first one first.
func paymentsOf(ctx context.Context, awards []string) (map[string][]Payment, error) {
	a, out := account.ActorFrom(ctx), map[string][]Payment{}
	for some := range slices.Chunk(awards, chunk) {
		var rows []lineView
		if err := store.Tx(ctx).NewRaw(`SELECT `+lineViewColumns+` `+lineFrom+`l.award IN (?) ORDER BY l.id`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			p := r.payment()
			if a.Speaks(p.Party) && (p.State == LineWaiting || p.State == LineHeld) {
				p.Why = "" // the firm's own page of its account says it
			}
			if !a.Reader() && !a.Speaks(p.Party) {
				p.Holder, p.Bank, p.Account, p.Why = "", "", "", "" // another firm's
			}
			out[r.Award] = append(out[r.Award], p)
		}
	}
	return out, nil
}

// everyLine is every payment of a batch, by its code.
func everyLine(ctx context.Context, batch string) (map[string]lineView, error) {
	var rows []lineView
	if err := store.Tx(ctx).NewRaw(`SELECT `+lineViewColumns+` `+lineFrom+`l.batch = ?`, batch).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[string]lineView, len(rows))
	for _, r := range rows {
		out[r.Code] = r
	}
	return out, nil
}

func linesOf(ctx context.Context, batch, state string) (rows []lineRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+of("l", lineColumns)+` FROM payment_lines AS l WHERE l.batch = ? AND l.state = ? ORDER BY l.number`, batch, state).Scan(ctx, &rows)
	return rows, err
}

func noLine() error {
	return fault.New(fault.NotFound, "没有这笔付款，或不在您的权限范围内")
}

func findLine(ctx context.Context, batch, id string) (row lineRow, err error) {
	err = one(ctx, &row, noLine, `SELECT `+of("l", lineColumns)+` FROM payment_lines AS l WHERE l.batch = ? AND l.id = ?`, batch, id)
	return row, err
}

func findLineByID(ctx context.Context, id string) (row lineRow, err error) {
	err = one(ctx, &row, noLine, `SELECT `+of("l", lineColumns)+` FROM payment_lines AS l WHERE l.id = ?`, id)
	return row, err
}

func lineByCode(ctx context.Context, code string) (row lineRow, err error) {
	err = one(ctx, &row, noLine, `SELECT `+of("l", lineColumns)+` FROM payment_lines AS l WHERE l.code = ?`, code)
	return row, err
}

// settleLine writes what a payment has become, if it is still in the state from which it comes.
func settleLine(ctx context.Context, l lineRow, from string) (bool, error) {
	n, err := affected(ctx, `UPDATE payment_lines SET state = ?, account = ?, why = ?, bank_serial = ?, paid_on = ?, result = ? WHERE id = ? AND state = ?`,
		l.State, l.Account, l.Why, l.Serial, l.PaidOn, l.Result, l.ID, from)
	return n == 1, err
}

func lineSums(ctx context.Context, batches []string) (map[string][]LineSum, error) {
	out := map[string][]LineSum{}
	for some := range slices.Chunk(batches, chunk) {
		var rows []struct {
			Batch  string `bun:"batch"`
			State  string `bun:"state"`
			Lines  int64  `bun:"lines"`
			Amount int64  `bun:"amount"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT batch, state, COUNT(*) AS lines, SUM(amount) AS amount FROM payment_lines WHERE batch IN (?) GROUP BY batch, state ORDER BY batch, state`,
			in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Batch] = append(out[r.Batch], LineSum{r.State, r.Lines, policy.Fen(r.Amount)})
		}
	}
	return out, nil
}

// bankLine is a payment as the bank gets it.
type bankLine struct {
	Code       string `bun:"code"`
	Holder     string `bun:"holder"`
	Bank       string `bun:"bank"`
	Account    string `bun:"number"`
	Amount     int64  `bun:"amount"`
	CaseNumber string `bun:"case_number"`
}

func bankLines(ctx context.Context, batch string) (rows []bankLine, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT l.code, k.holder, k.bank, k.number, l.amount, a.case_number FROM payment_lines AS l JOIN bank_accounts AS k ON k.id = l.account
		JOIN awards AS a ON a.id = l.award WHERE l.batch = ? AND l.state IN ('sent', 'paid', 'failed') ORDER BY l.number`, batch).Scan(ctx, &rows)
	return rows, err
}

// foreignLines are those of some codes that belong to other batches.
func foreignLines(ctx context.Context, batch string, codes []string) (map[string]bool, error) {
	out := map[string]bool{}
	for some := range slices.Chunk(codes, chunk) {
		var found []string
		if err := store.Tx(ctx).NewRaw(`SELECT code FROM payment_lines WHERE code IN (?) AND batch <> ?`, in(some), batch).Scan(ctx, &found); err != nil {
			return nil, err
		}
		for _, code := range found {
			out[code] = true
		}
	}
	return out, nil
}

// ---- results ----

type resultRow struct {
	ID           string `bun:"id"`
	Batch        string `bun:"batch"`
	FileName     string `bun:"file_name"`
	SHA256       string `bun:"sha256"`
	State        string `bun:"state"`
	Good         int64  `bun:"good"`
	Bad          int64  `bun:"bad"`
	UploadedAt   string `bun:"uploaded_at"`
	UploadedBy   string `bun:"uploaded_by"`
	UploadedName string `bun:"uploaded_name"`
	EndedAt      string `bun:"ended_at"`
	EndedBy      string `bun:"ended_by"`
	EndedName    string `bun:"ended_name"`
}

var resultColumns = []string{"id", "batch", "file_name", "sha256", "state", "good", "bad", "uploaded_at", "uploaded_by", "uploaded_name", "ended_at", "ended_by", "ended_name"}

type answerRow struct {
	Result    string `bun:"result"`
	Number    int64  `bun:"number"`
	SheetLine int64  `bun:"sheet_line"`
	Line      string `bun:"line"`
	Outcome   string `bun:"outcome"`
	Serial    string `bun:"bank_serial"`
	OnDate    string `bun:"on_date"`
	Failure   string `bun:"failure"`
	Problems  string `bun:"problems"`

	Code      string `bun:"code,scanonly"`
	PartyName string `bun:"party_name,scanonly"`
	Amount    int64  `bun:"amount,scanonly"`
}

const answerColumns = `r.result, r.number, r.sheet_line, r.line, r.outcome, r.bank_serial, r.on_date, r.failure, r.problems,
	COALESCE(l.code, '') AS code, COALESCE(a.party_name, '') AS party_name, COALESCE(l.amount, 0) AS amount`

const answerFrom = `FROM bank_result_rows AS r LEFT JOIN payment_lines AS l ON l.id = r.line LEFT JOIN awards AS a ON a.id = l.award WHERE `

func findResult(ctx context.Context, id string) (row resultRow, err error) {
	err = one(ctx, &row, noResult, `SELECT `+of("r", resultColumns)+` FROM bank_results AS r WHERE r.id = ?`, id)
	return row, err
}

func visibleResult(ctx context.Context, id string) (resultRow, batchRow, error) {
	row, err := findResult(ctx, id)
	if err != nil {
		return row, batchRow{}, err
	}
	batch, err := visibleBatch(ctx, row.Batch)
	if fault.CodeOf(err) == fault.NotFound {
		err = noResult()
	}
	return row, batch, err
}

func sameFile(ctx context.Context, batch, sum string) (row resultRow, ok bool, err error) {
	ok, err = maybe(ctx, &row, `SELECT `+of("r", resultColumns)+` FROM bank_results AS r WHERE r.batch = ? AND r.sha256 = ? AND r.state <> 'cancelled'`, batch, sum)
	return row, ok, err
}

func resultsOf(ctx context.Context, batch string) (rows []resultRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+of("r", resultColumns)+` FROM bank_results AS r WHERE r.batch = ? ORDER BY r.id DESC`, batch).Scan(ctx, &rows)
	return rows, err
}

func insertResult(ctx context.Context, row resultRow, rows []answerRow) error {
	if err := insertAll(ctx, "bank_results", []resultRow{row}); err != nil {
		return err
	}
	return insertAll(ctx, "bank_result_rows", rows)
}

// finishResult ends a staged result.
func finishResult(ctx context.Context, r resultRow) (bool, error) {
	n, err := affected(ctx, `UPDATE bank_results SET state = ?, ended_at = ?, ended_by = ?, ended_name = ? WHERE id = ? AND state = 'staged'`,
		r.State, r.EndedAt, r.EndedBy, r.EndedName, r.ID)
	return n == 1, err
}

func answersOf(ctx context.Context, result string, bad bool, page Page) ([]answerRow, int, error) {
	w := &where{text: `r.result = ?`, args: []any{result}}
	if bad {
		w.and(`r.problems <> ''`)
	}
	return listed[answerRow](ctx, answerColumns, answerFrom+w.text, "r.number", w.args, page)
}

func everyAnswer(ctx context.Context, result string) (rows []answerRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+answerColumns+` `+answerFrom+`r.result = ? ORDER BY r.number`, result).Scan(ctx, &rows)
	return rows, err
}
