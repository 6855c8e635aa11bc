package treasury

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// SQL of ledger, budgets and awards. That of accounts and payments is in payment_store.go.

// Kinds of rows in the audit log.
const (
	kindBudget  = "budget"
	kindEntry   = "ledger_entry"
	kindAward   = "award"
	kindAccount = "bank_account"
	kindBatch   = "payment_batch"
	kindLine    = "payment_line"
	kindResult  = "bank_result"
)

func init() {
	for kind, table := range map[string]string{kindBudget: "budgets", kindEntry: "ledger_entries", kindAward: "awards", kindAccount: "bank_accounts",
		kindBatch: "payment_batches", kindLine: "payment_lines", kindResult: "bank_results"} {
		audit.RegisterList(kind, audit.IDs(table))
	}
	audit.RegisterRow(kindBudget, digestBy(findBudget))
	audit.RegisterRow(kindAward, func(ctx context.Context, id string) (string, error) {
		row, err := findAward(ctx, id)
		if err != nil {
			return "", err
		}
		shares, err := sharesOf(ctx, []string{id})
		return row.digest(shares[id]), err
	})
	audit.RegisterRow(kindAccount, digestBy(findAccount))
	audit.RegisterRow(kindBatch, digestBy(findBatch))
	audit.RegisterRow(kindLine, digestBy(findLineByID))
	audit.RegisterRow(kindEntry, func(ctx context.Context, id string) (string, error) {
		var e entryRow
		if err := one(ctx, &e, nil, `SELECT `+of("e", entryColumns)+` FROM ledger_entries AS e WHERE e.id = ?`, id); err != nil {
			return "", err
		}
		lines, err := entryLines(ctx, []string{id})
		if err != nil {
			return "", err
		}
		own := make([]entryLineRow, len(lines[id]))
		for i, l := range lines[id] {
			own[i] = l.entryLineRow
		}
		return e.digest(own), nil
	})
	audit.RegisterRow(kindResult, func(ctx context.Context, id string) (string, error) {
		r, err := findResult(ctx, id)
		if err != nil {
			return "", err
		}
		rows, err := everyAnswer(ctx, id)
		return r.digest(rows), err
	})
}

func digestBy[R interface{ digest() string }](find func(ctx context.Context, id string) (R, error)) func(ctx context.Context, id string) (string, error) {
	return func(ctx context.Context, id string) (string, error) {
		row, err := find(ctx, id)
		if err != nil {
			return "", err
		}
		return row.digest(), nil
	}
}

// chunk is how many rows go into one statement.
const chunk = 200

// of writes columns with the name of their table before each.
func of(alias string, columns []string) string {
	if alias == "" {
		return strings.Join(columns, ", ")
	}
	return alias + "." + strings.Join(columns, ", "+alias+".")
}

// one reads a single row; missing is the error when there is none, nil: sql.ErrNoRows.
func one[R any](ctx context.Context, into *R, missing func() error, query string, args ...any) error {
	err := store.Tx(ctx).NewRaw(query, args...).Scan(ctx, into)
	if errors.Is(err, sql.ErrNoRows) && missing != nil {
		return missing()
	}
	return err
}

// maybe reads a row that a query or a conditional UPDATE returns, and says whether there was one.
func maybe[R any](ctx context.Context, into *R, query string, args ...any) (bool, error) {
	err := store.Tx(ctx).NewRaw(query, args...).Scan(ctx, into)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// affected runs a statement and says how many rows it changed.
func affected(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := store.Tx(ctx).NewRaw(query, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// listed reads a page of rows and counts all of them. from begins with FROM and holds the conditions.
func listed[R any](ctx context.Context, columns, from, order string, args []any, page Page) (rows []R, total int, err error) {
	if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) `+from, args...).Scan(ctx, &total); err != nil {
		return nil, 0, err
	}
	err = store.Tx(ctx).NewRaw(`SELECT `+columns+` `+from+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(slices.Clone(args), page.limit(), page.offset())...).Scan(ctx, &rows)
	return rows, total, err
}

func insertAll[R any](ctx context.Context, table string, rows []R) error {
	for some := range slices.Chunk(rows, chunk) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).ModelTableExpr(table).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// where collects conditions.
type where struct {
	text string
	args []any
}

func scoped(ctx context.Context, at place) *where {
	text, args := scope(ctx, at)
	return &where{text, args}
}

// is adds column = value unless the value is empty.
func (w *where) is(column, value string) *where {
	if value != "" {
		w.and(column+` = ?`, value)
	}
	return w
}

func (w *where) and(condition string, args ...any) *where {
	w.text += ` AND ` + condition
	w.args = append(w.args, args...)
	return w
}

// holds adds that one of the columns contains a text.
func (w *where) holds(ctx context.Context, text string, columns ...string) *where {
	text = strings.TrimSpace(text)
	if text == "" {
		return w
	}
	condition, args := store.Like(ctx, text, columns...)
	return w.and(condition, args...)
}

// ---- ledger ----

type entryRow struct {
	ID         string `bun:"id"`
	Kind       string `bun:"kind"`
	Round      string `bun:"round"`
	Award      string `bun:"award"`
	Line       string `bun:"line"`
	Document   string `bun:"document"`
	OnDate     string `bun:"on_date"`
	Reason     string `bun:"reason"`
	Corrects   string `bun:"corrects"`
	PostedAt   string `bun:"posted_at"`
	PostedBy   string `bun:"posted_by"`
	PostedName string `bun:"posted_name"`
}

var entryColumns = []string{"id", "kind", "round", "award", "line", "document", "on_date", "reason", "corrects", "posted_at", "posted_by", "posted_name"}

type entryLineRow struct {
	Entry   string `bun:"entry"`
	Number  int64  `bun:"number"`
	Budget  string `bun:"budget"`
	Account string `bun:"account"`
	Amount  int64  `bun:"amount"`
}

// digest is over an entry and all its lines in their order.
func (e entryRow) digest(lines []entryLineRow) string {
	parts := []string{e.ID, e.Kind, e.Round, e.Award, e.Line, e.Document, e.OnDate, e.Reason, e.Corrects, e.PostedAt, e.PostedBy, e.PostedName}
	for _, l := range lines {
		parts = append(parts, number(l.Number), l.Budget, l.Account, number(l.Amount))
	}
	return audit.DigestJSON(parts...)
}

// entryView is an entry with whom it concerns and its lines.
type entryView struct {
	entryRow
	CaseNumber string `bun:"case_number"`
	Party      string `bun:"party"`
	PartyName  string `bun:"party_name"`
	Department string `bun:"department"` // of the award, or of the budget of an entry without one
	Town       string `bun:"town"`
	Corrected  string `bun:"corrected"`

	lines []sourcedLine `bun:"-"`
}

type sourcedLine struct {
	entryLineRow
	Source string `bun:"source"`
}

const entryViewColumns = `e.id, e.kind, e.round, e.award, e.line, e.document, e.on_date, e.reason, e.corrects, e.posted_at, e.posted_by, e.posted_name,
	COALESCE(a.case_number, '') AS case_number, COALESCE(a.party, '') AS party, COALESCE(a.party_name, '') AS party_name,
	COALESCE(a.department, (SELECT b.department FROM ledger_lines AS l JOIN budgets AS b ON b.id = l.budget WHERE l.entry = e.id AND l.number = 0), '') AS department,
	COALESCE(a.town, '') AS town, COALESCE((SELECT c.id FROM ledger_entries AS c WHERE c.corrects = e.id), '') AS corrected`

const entryFrom = `FROM ledger_entries AS e LEFT JOIN awards AS a ON a.id = e.award WHERE `

// entryScope is which entries the actor reads: those of awards in its scope, and those of budgets in it.
func entryScope(ctx context.Context) *where {
	ofAward, args := scope(ctx, place{department: "a.department", town: "a.town"})
	ofBudget, more := scope(ctx, place{department: "b.department"})
	return &where{`(e.award <> '' AND ` + ofAward + ` OR e.award = '' AND EXISTS (SELECT 1 FROM ledger_lines AS l JOIN budgets AS b ON b.id = l.budget
		WHERE l.entry = e.id AND l.number = 0 AND ` + ofBudget + `))`, append(args, more...)}
}

func entries(ctx context.Context, f EntryFilter, page Page) ([]Entry, int, error) {
	w := entryScope(ctx).is("e.round", f.Round).is("e.award", f.Award).is("e.line", f.Line).is("e.kind", string(f.Kind))
	if f.Budget != "" {
		w.and(`EXISTS (SELECT 1 FROM ledger_lines AS o WHERE o.entry = e.id AND o.budget = ?)`, f.Budget)
	}
	rows, total, err := listed[entryView](ctx, entryViewColumns, entryFrom+w.text, "e.id DESC", w.args, page)
	if err != nil {
		return nil, 0, err
	}
	out, err := showEntries(ctx, rows)
	return out, total, err
}

// entriesOfAwards are the bookings of awards, by award, the first one first.
func entriesOfAwards(ctx context.Context, awards []string) (map[string][]Entry, error) {
	out := map[string][]Entry{}
	if len(awards) == 0 {
		return out, nil
	}
	var rows []entryView
	if err := store.Tx(ctx).NewRaw(`SELECT `+entryViewColumns+` `+entryFrom+`e.award IN (?) AND e.award <> '' ORDER BY e.id`, in(awards)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	list, err := showEntries(ctx, rows)
	for _, e := range list {
		out[e.Award] = append(out[e.Award], e)
	}
	return out, err
}

// entryCorrecting is the entry that corrects another.
func entryCorrecting(ctx context.Context, id string) (Entry, error) {
	var row entryView
	if err := one(ctx, &row, nil, `SELECT `+entryViewColumns+` `+entryFrom+`e.corrects = ?`, id); err != nil {
		return Entry{}, err
	}
	list, err := showEntries(ctx, []entryView{row})
	if err != nil {
		return Entry{}, err
	}
	return list[0], nil
}

func visibleEntry(ctx context.Context, id string) (entryView, error) {
	w := entryScope(ctx).and("e.id = ?", id)
	var row entryView
	err := one(ctx, &row, func() error { return fault.New(fault.NotFound, "没有这笔分录，或不在您的权限范围内") }, `SELECT `+entryViewColumns+` `+entryFrom+w.text, w.args...)
	if err != nil {
		return row, err
	}
	lines, err := entryLines(ctx, []string{id})
	row.lines = lines[id]
	return row, err
}

func entryLines(ctx context.Context, ids []string) (map[string][]sourcedLine, error) {
	out := map[string][]sourcedLine{}
	for some := range slices.Chunk(ids, chunk) {
		var rows []sourcedLine
		if err := store.Tx(ctx).NewRaw(`SELECT l.entry, l.number, l.budget, l.account, l.amount, b.source FROM ledger_lines AS l JOIN budgets AS b ON b.id = l.budget
			WHERE l.entry IN (?) ORDER BY l.entry, l.number`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Entry] = append(out[r.Entry], r)
		}
	}
	return out, nil
}

func showEntries(ctx context.Context, rows []entryView) ([]Entry, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	lines, err := entryLines(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		on, _ := policy.ParseDate(r.OnDate) // written by writeEntries
		out[i] = Entry{ID: r.ID, Kind: EntryKind(r.Kind), Round: r.Round, Award: r.Award, CaseNumber: r.CaseNumber, PartyName: r.PartyName, Line: r.Line,
			Document: r.Document, On: on, Reason: r.Reason, Corrects: r.Corrects, Corrected: r.Corrected, PostedAt: r.PostedAt, PostedBy: r.PostedName, Lines: []EntryLine{}}
		for _, l := range lines[r.ID] {
			out[i].Lines = append(out[i].Lines, EntryLine{l.Budget, l.Source, Account(l.Account), policy.Fen(l.Amount)})
		}
		out[i].Mine = slices.Contains([]EntryKind{KindAppropriate, KindReduce, KindPay, KindFail}, out[i].Kind) && mayCorrect(ctx, r) == nil
	}
	return out, nil
}

func insertEntries(ctx context.Context, heads []entryRow, lines []entryLineRow) error {
	if err := insertAll(ctx, "ledger_entries", heads); err != nil {
		return err
	}
	return insertAll(ctx, "ledger_lines", lines)
}

func balances(ctx context.Context, budget string) ([]Balance, error) {
	var rows []struct {
		Account string `bun:"account"`
		Amount  int64  `bun:"amount"`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT account, SUM(amount) AS amount FROM ledger_lines WHERE budget = ? GROUP BY account`, budget).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]Balance, len(Accounts))
	for i, a := range Accounts {
		out[i].Account = a
		for _, r := range rows {
			if r.Account == string(a) {
				out[i].Amount = policy.Fen(r.Amount)
			}
		}
	}
	return out, nil
}

// ---- budgets ----

type budgetRow struct {
	ID         string `bun:"id"`
	Round      string `bun:"round"`
	Scheme     string `bun:"scheme"`
	Source     string `bun:"source"`
	Department string `bun:"department"`
	Place      int64  `bun:"place"`
	Note       string `bun:"note"`
	Total      int64  `bun:"total"`
	Committed  int64  `bun:"committed"`
	Paid       int64  `bun:"paid"`
	CreatedAt  string `bun:"created_at"`
	CreatedBy  string `bun:"created_by"`
	Version    int64  `bun:"version"`
}

var budgetColumns = []string{"id", "round", "scheme", "source", "department", "place", "note", "total", "committed", "paid", "created_at", "created_by", "version"}

var budgetPlace = place{department: "b.department"}

const budgetOrder = "b.round DESC, b.scheme, b.place, b.id"

func (f BudgetFilter) where(ctx context.Context) *where {
	return scoped(ctx, budgetPlace).is("b.round", f.Round).is("b.scheme", f.Scheme).is("b.source", f.Source)
}

func budgets(ctx context.Context, f BudgetFilter, page Page) ([]budgetRow, int, error) {
	w := f.where(ctx)
	return listed[budgetRow](ctx, of("b", budgetColumns), "FROM budgets AS b WHERE "+w.text, budgetOrder, w.args, page)
}

func everyBudget(ctx context.Context, f BudgetFilter) (rows []budgetRow, err error) {
	w := f.where(ctx)
	err = store.Tx(ctx).NewRaw(`SELECT `+of("b", budgetColumns)+` FROM budgets AS b WHERE `+w.text+` ORDER BY `+budgetOrder, w.args...).Scan(ctx, &rows)
	return rows, err
}

func allBudgets(ctx context.Context) (rows []budgetRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+of("b", budgetColumns)+` FROM budgets AS b ORDER BY `+budgetOrder).Scan(ctx, &rows)
	return rows, err
}

func findBudget(ctx context.Context, id string) (row budgetRow, err error) {
	err = one(ctx, &row, noBudget, `SELECT `+of("b", budgetColumns)+` FROM budgets AS b WHERE b.id = ?`, id)
	return row, err
}

func visibleBudget(ctx context.Context, id string) (row budgetRow, err error) {
	w := scoped(ctx, budgetPlace).and("b.id = ?", id)
	err = one(ctx, &row, noBudget, `SELECT `+of("b", budgetColumns)+` FROM budgets AS b WHERE `+w.text, w.args...)
	return row, err
}

func insertBudget(ctx context.Context, row budgetRow) error {
	return insertAll(ctx, "budgets", []budgetRow{row})
}

// nextVersion takes the turn of whoever saw the budget at a version.
func nextVersion(ctx context.Context, id string, version int64) error {
	n, err := affected(ctx, `UPDATE budgets SET version = version + 1 WHERE id = ? AND version = ?`, id, version)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这项预算刚有变动，请刷新后再看")
	}
	return err
}

// moveTotals changes the running totals of a budget if what comes out is possible: nothing negative, no more paid than committed, no more
// committed than there is. It is the guard of all that moves money.
func moveTotals(ctx context.Context, id string, c change) (budgetRow, error) {
	var row budgetRow
	ok, err := maybe(ctx, &row, `UPDATE budgets SET total = total + ?, committed = committed + ?, paid = paid + ?
		WHERE id = ? AND committed + ? <= total + ? AND paid + ? <= committed + ? AND paid + ? >= 0 RETURNING `+of("", budgetColumns),
		c.total, c.committed, c.paid, id, c.committed, c.total, c.paid, c.committed, c.paid)
	if err != nil || ok {
		return row, err
	}
	if row, err = findBudget(ctx, id); err != nil {
		return row, err
	}
	return row, row.short(c)
}

func budgetsOfRounds(ctx context.Context, rounds []string) (rows []budgetRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+of("b", budgetColumns)+` FROM budgets AS b WHERE b.round IN (?) ORDER BY b.id`, in(rounds)).Scan(ctx, &rows)
	return rows, err
}

// lockBudgets gives the budgets of the rounds that are asked, as they are once everybody before us is done: each row is locked, in one order.
func lockBudgets(ctx context.Context, demands []demand) (map[string][]budgetRow, error) {
	var rounds []string
	for _, d := range demands {
		rounds = append(rounds, d.round)
	}
	slices.Sort(rounds)
	rows, err := budgetsOfRounds(ctx, slices.Compact(rounds))
	if err != nil {
		return nil, err
	}
	out := map[string][]budgetRow{}
	for _, r := range rows {
		var locked budgetRow
		if err := one(ctx, &locked, noBudget, `UPDATE budgets SET version = version WHERE id = ? RETURNING `+of("", budgetColumns), r.ID); err != nil {
			return nil, err
		}
		out[r.Round] = append(out[r.Round], locked)
	}
	return out, nil
}

type schemeSumRow struct {
	Round     string `bun:"round"`
	Scheme    string `bun:"scheme"`
	Source    string `bun:"source"`
	Awards    int64  `bun:"awards"`
	Committed int64  `bun:"committed"`
	Paid      int64  `bun:"paid"`
}

func sumsByScheme(ctx context.Context, f ReportFilter) (rows []schemeSumRow, err error) {
	w := scoped(ctx, awardPlace).is("a.round", f.Round)
	err = store.Tx(ctx).NewRaw(`SELECT a.round, a.scheme, b.source, COUNT(DISTINCT a.case_id) AS awards, SUM(s.amount) AS committed,
			SUM(CASE WHEN a.state = 'paid' THEN s.amount ELSE 0 END) AS paid
		FROM awards AS a JOIN award_shares AS s ON s.award = a.id JOIN budgets AS b ON b.id = s.budget
		WHERE a.state <> 'released' AND `+w.text+` GROUP BY a.round, a.scheme, b.source ORDER BY a.round DESC, a.scheme, b.source`, w.args...).Scan(ctx, &rows)
	return rows, err
}

// ---- awards ----

type awardRow struct {
	ID          string `bun:"id"`
	Case        string `bun:"case_id"`
	CaseNumber  string `bun:"case_number"`
	Round       string `bun:"round"`
	Scheme      string `bun:"scheme"`
	Department  string `bun:"department"`
	Party       string `bun:"party"`
	PartyName   string `bun:"party_name"`
	Town        string `bun:"town"`
	Clause      string `bun:"clause"`
	Amount      int64  `bun:"amount"`
	State       string `bun:"state"`
	Batch       string `bun:"batch"`
	Reason      string `bun:"reason"`
	CommittedAt string `bun:"committed_at"`
	CommittedBy string `bun:"committed_by"`
	EndedAt     string `bun:"ended_at"`
	Part        int64  `bun:"part"`
	Milestone   string `bun:"milestone"`
	Due         string `bun:"due"`
	Evidence    string `bun:"evidence"`
	DueBy       string `bun:"due_by"`
	Payee       string `bun:"payee"`
	PayeeName   string `bun:"payee_name"`
	ThingKind   string `bun:"thing_kind"`
	Thing       string `bun:"thing"`
}

var awardColumns = []string{"id", "case_id", "case_number", "round", "scheme", "department", "party", "party_name", "town", "clause", "amount", "state", "batch",
	"reason", "committed_at", "committed_by", "ended_at", "part", "milestone", "due", "evidence", "due_by", "payee", "payee_name", "thing_kind", "thing"}

var awardPlace = place{department: "a.department", town: "a.town", party: "a.party", payee: "a.payee"}

type shareRow struct {
	Award  string `bun:"award"`
	Number int64  `bun:"number"`
	Budget string `bun:"budget"`
	Amount int64  `bun:"amount"`
	Source string `bun:"source,scanonly"`
}

func awards(ctx context.Context, f AwardFilter, page Page) ([]awardRow, int, error) {
	w := scoped(ctx, awardPlace).is("a.round", f.Round).is("a.scheme", f.Scheme).is("a.party", f.Party).is("a.state", f.State).holds(ctx, f.Text, "a.party_name", "a.case_number")
	if f.Free {
		w.and(dueNow, clock.Today(ctx).String())
	}
	return listed[awardRow](ctx, of("a", awardColumns), "FROM awards AS a WHERE "+w.text, "a.id DESC", w.args, page)
}

func findAward(ctx context.Context, id string) (row awardRow, err error) {
	err = one(ctx, &row, noAward, `SELECT `+of("a", awardColumns)+` FROM awards AS a WHERE a.id = ?`, id)
	return row, err
}

func visibleAward(ctx context.Context, id string) (row awardRow, err error) {
	w := scoped(ctx, awardPlace).and("a.id = ?", id)
	err = one(ctx, &row, noAward, `SELECT `+of("a", awardColumns)+` FROM awards AS a WHERE `+w.text, w.args...)
	return row, err
}

// dueNow is the condition on what the next batch may gather: committed, in no batch, and waiting for no milestone and no day after today.
const dueNow = `a.state = 'committed' AND a.batch = '' AND (a.milestone = '' OR a.due <> '' AND a.due <= ?)`

// awardsOfCases are the standing awards of cases, by case and in the order of their parts.
func awardsOfCases(ctx context.Context, cases []string) (map[string][]awardRow, error) {
	out := map[string][]awardRow{}
	for some := range slices.Chunk(cases, chunk) {
		var rows []awardRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+of("a", awardColumns)+` FROM awards AS a WHERE a.case_id IN (?) AND a.state <> 'released' ORDER BY a.case_id, a.part`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Case] = append(out[r.Case], r)
		}
	}
	return out, nil
}

func insertAwards(ctx context.Context, rows []awardRow, shares []shareRow) error {
	if err := insertAll(ctx, "awards", rows); err != nil {
		return err
	}
	return insertAll(ctx, "award_shares", shares)
}

func sharesOf(ctx context.Context, awards []string) (map[string][]shareRow, error) {
	out := map[string][]shareRow{}
	for some := range slices.Chunk(awards, chunk) {
		var rows []shareRow
		if err := store.Tx(ctx).NewRaw(`SELECT s.award, s.number, s.budget, s.amount, b.source FROM award_shares AS s JOIN budgets AS b ON b.id = s.budget
			WHERE s.award IN (?) ORDER BY s.award, s.number`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Award] = append(out[r.Award], r)
		}
	}
	return out, nil
}

// townsOf are the towns of parties whose award does not name one.
func townsOf(ctx context.Context, list []Award) (map[string]string, error) {
	var ids []string
	for _, a := range list {
		if a.Town == "" {
			ids = append(ids, a.Party)
		}
	}
	out := map[string]string{}
	for some := range slices.Chunk(ids, chunk) {
		var rows []partyRow
		if err := store.Tx(ctx).NewRaw(`SELECT p.id, p.name, p.town FROM parties AS p WHERE p.id IN (?)`, in(some)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.Town
		}
	}
	return out, nil
}

// endAward releases a committed award that stands in no live batch.
func endAward(ctx context.Context, id, reason string) (row awardRow, ok bool, err error) {
	ok, err = maybe(ctx, &row, `UPDATE awards SET state = 'released', reason = ?, ended_at = ? WHERE id = ? AND state = 'committed' AND batch = '' RETURNING `+of("", awardColumns),
		reason, store.Stamp(clock.Now(ctx)), id)
	return row, ok, err
}

// freeAwards are the committed awards that an order may gather, in the order of their cases.
func freeAwards(ctx context.Context, o BatchOrder) (rows []awardRow, err error) {
	w := (&where{text: `a.round = ? AND ` + dueNow, args: []any{o.Round, clock.Today(ctx).String()}}).is("a.department", o.Department).is("a.town", o.Town)
	if len(o.Awards) > 0 {
		w.and(`a.id IN (?)`, in(o.Awards))
	}
	err = store.Tx(ctx).NewRaw(`SELECT `+of("a", awardColumns)+` FROM awards AS a WHERE `+w.text+` ORDER BY a.case_number, a.part, a.id LIMIT ?`, append(w.args, maxLines+1)...).Scan(ctx, &rows)
	return rows, err
}

// holdAwards takes awards into a batch; Conflict if one is not free any more.
func holdAwards(ctx context.Context, batch string, rows []awardRow) error {
	for some := range slices.Chunk(rows, chunk) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.ID
		}
		n, err := affected(ctx, `UPDATE awards SET batch = ? WHERE id IN (?) AND state = 'committed' AND batch = ''`, batch, in(ids))
		if err != nil {
			return err
		}
		if n != int64(len(ids)) {
			return gathered()
		}
	}
	return nil
}

// freeAwardsOf lets committed awards go from a batch.
func freeAwardsOf(ctx context.Context, batch string, ids []string) (rows []awardRow, err error) {
	for some := range slices.Chunk(ids, chunk) {
		var part []awardRow
		if err := store.Tx(ctx).NewRaw(`UPDATE awards SET batch = '' WHERE id IN (?) AND batch = ? AND state = 'committed' RETURNING `+of("", awardColumns), in(some), batch).Scan(ctx, &part); err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// payAwards marks committed awards as paid; Conflict if one is not committed.
func payAwards(ctx context.Context, ids []string) (rows []awardRow, err error) {
	at := store.Stamp(clock.Now(ctx))
	for some := range slices.Chunk(ids, chunk) {
		var part []awardRow
		if err := store.Tx(ctx).NewRaw(`UPDATE awards SET state = 'paid', ended_at = ? WHERE id IN (?) AND state = 'committed' RETURNING `+of("", awardColumns), at, in(some)).Scan(ctx, &part); err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	if len(rows) != len(ids) {
		return nil, fault.New(fault.Conflict, "其中有奖补已经解除或付讫，请刷新后核对")
	}
	return rows, nil
}

// unpayAward takes an award back into the batch of a line whose result was corrected: from paid, or from free after a failure.
func unpayAward(ctx context.Context, line lineRow) (row awardRow, ok bool, err error) {
	state, batch := AwardPaid, line.Batch
	if line.State == LineFailed {
		state, batch = AwardCommitted, ""
	}
	ok, err = maybe(ctx, &row, `UPDATE awards SET state = 'committed', batch = ?, ended_at = '' WHERE id = ? AND state = ? AND batch = ? RETURNING `+of("", awardColumns),
		line.Batch, line.Award, state, batch)
	return row, ok, err
}

func tracedAwards(ctx context.Context, f TraceOf, page Page) ([]awardRow, int, error) {
	w := scoped(ctx, awardPlace).is("a.scheme", f.Scheme)
	switch {
	case f.Line != "":
		w.and(`EXISTS (SELECT 1 FROM payment_lines AS l WHERE l.award = a.id AND (l.id = ? OR l.code = ?))`, f.Line, f.Line)
	case f.Serial != "":
		w.and(`EXISTS (SELECT 1 FROM payment_lines AS l WHERE l.award = a.id AND l.bank_serial = ?)`, f.Serial)
	case f.Case != "":
		w.and(`(a.case_id = ? OR a.case_number = ?)`, f.Case, f.Case)
	case f.Budget != "":
		w.and(`EXISTS (SELECT 1 FROM award_shares AS s WHERE s.award = a.id AND s.budget = ?)`, f.Budget)
	}
	return listed[awardRow](ctx, of("a", awardColumns), "FROM awards AS a WHERE "+w.text, "a.id DESC", w.args, page)
}
