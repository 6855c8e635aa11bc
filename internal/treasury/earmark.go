package treasury

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Earmark is money of a case that may be used for some purposes alone: its receiver tells what it was used for, and the department in charge
// accepts or returns what is told. What was paid is accounted for when all of it is accepted.
type Earmark struct {
	ID         string     `json:"id"`
	Case       string     `json:"case"`
	CaseNumber string     `json:"case_number"`
	Scheme     string     `json:"scheme"`
	Department string     `json:"department"`
	Town       string     `json:"town"`
	Receiver   string     `json:"receiver" doc:"the party that is paid"`
	Name       string     `json:"receiver_name"`
	Clause     string     `json:"clause" doc:"the words that it rests on: document, clause"`
	Purposes   []string   `json:"purposes" nullable:"false" doc:"what it may be used for, in the file's words"`
	Paid       policy.Fen `json:"paid" doc:"what arrived, less what was claimed back"`
	Accepted   policy.Fen `json:"accepted"`
	Stated     policy.Fen `json:"stated" doc:"told of, and neither accepted nor returned yet"`
	Left       policy.Fen `json:"left" doc:"paid and not told of"`
	Uses       []Use      `json:"uses" nullable:"false"`
	MayState   bool       `json:"may_state" doc:"whoever asks may tell of a use"`
	MayDecide  bool       `json:"may_decide" doc:"whoever asks may accept and return"`
}

// EarmarkFilter narrows a list of earmarks; empty fields ask for nothing.
type EarmarkFilter struct {
	Receiver, Case, Text string
	Stated               bool // only those with something to accept or return
	Left                 bool // only those of which something that was paid is not accounted for
}

type earmarkRow struct {
	ID         string `bun:"id"`
	Case       string `bun:"case_id"`
	CaseNumber string `bun:"case_number"`
	Scheme     string `bun:"scheme"`
	Department string `bun:"department"`
	Town       string `bun:"town"`
	Receiver   string `bun:"receiver"`
	Name       string `bun:"receiver_name"`
	Clause     string `bun:"clause"`
	Purposes   string `bun:"purposes"`
	MadeAt     string `bun:"made_at"`
	Version    int64  `bun:"version"`
}

var earmarkColumns = []string{"id", "case_id", "case_number", "scheme", "department", "town", "receiver", "receiver_name", "clause", "purposes", "made_at", "version"}

var earmarkPlace = place{department: "k.department", town: "k.town", party: "k.receiver"}

const kindEarmark = "earmark"

func init() {
	audit.RegisterList(kindEarmark, audit.IDs("earmarks"))
	audit.RegisterRow(kindEarmark, earmarkDigest)
	audit.RegisterWords(kindEarmark, audit.Words{Label: "专项资金", About: earmarksSaid, RowsOf: ofParty(`SELECT id FROM earmarks WHERE receiver = ?`),
		Actions: map[string]string{"earmark.made": "限定用途", "earmark.state": "报告使用", "earmark.accept": "认可使用", "earmark.return": "退回使用报告", "earmark.withdraw": "撤回使用报告"}})
}

func earmarksSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+of("k", earmarkColumns)+` FROM earmarks AS k WHERE k.id IN (?)`, rows, func(r earmarkRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.CaseNumber + " " + r.Name, Kind: kindEarmark, ID: r.ID}
	})
}

func noEarmark() error {
	return fault.New(fault.NotFound, "没有这笔专项资金，或不在您的权限范围内")
}

// earmarkScope is what of the earmarks the actor may see: who reads the books, and officers, what their grants cover; a firm what it receives.
func earmarkScope(ctx context.Context) *where {
	text, args := scopeOf(ctx, earmarkPlace, append([]account.Role{account.RoleOfficer}, readers...))
	return &where{text, args}
}

// earmark keeps for what purposes the money of awards may be used, once for each case, in the transaction that books them.
func earmark(ctx context.Context, list []Award, towns map[string]string) error {
	for _, a := range list {
		if len(a.Earmark) == 0 || a.Part > 0 {
			continue
		}
		purposes, err := json.Marshal(a.Earmark)
		if err != nil {
			return err
		}
		row := earmarkRow{ID: store.NewID(), Case: a.Case, CaseNumber: a.CaseNumber, Scheme: a.Scheme, Department: a.Department, Town: towns[a.Party],
			Receiver: a.Party, Name: a.PartyName, Clause: a.Clause, Purposes: string(purposes), MadeAt: store.Stamp(clock.Now(ctx)), Version: 1}
		if a.Town != "" {
			row.Town = a.Town
		}
		if a.Payee != "" {
			row.Receiver, row.Name = a.Payee, a.PayeeName
		}
		n, err := affected(ctx, `INSERT INTO earmarks (`+of("", earmarkColumns)+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (case_id) DO NOTHING`,
			row.ID, row.Case, row.CaseNumber, row.Scheme, row.Department, row.Town, row.Receiver, row.Name, row.Clause, row.Purposes, row.MadeAt, row.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			continue // decided anew
		}
		if err := auditEarmark(ctx, "earmark.made", row.ID, map[string]any{"case": row.Case, "purposes": a.Earmark}); err != nil {
			return err
		}
	}
	return nil
}

// Earmarks lists earmarked money, the latest first: to officers and to those who read the books what their grants cover, to a firm what it
// receives. Forbidden for others.
func (t *Treasury) Earmarks(ctx context.Context, f EarmarkFilter, page Page) ([]Earmark, int, error) {
	if len(own(ctx)) == 0 && !account.ActorFrom(ctx).Officer() {
		if err := mayRead(ctx); err != nil {
			return nil, 0, err
		}
	}
	out, total := []Earmark{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		w := earmarkScope(ctx).is("k.receiver", f.Receiver).is("k.case_id", f.Case).holds(ctx, f.Text, "k.receiver_name", "k.case_number")
		if f.Stated {
			w.and(`EXISTS (SELECT 1 FROM earmark_uses AS u WHERE u.earmark = k.id AND u.state = 'stated')`)
		}
		if f.Left {
			w.and(`(SELECT COALESCE(SUM(a.amount), 0) FROM awards AS a WHERE a.case_id = k.case_id AND a.state = 'paid') -
				(SELECT COALESCE(SUM(r.principal), 0) FROM receivables AS r WHERE r.case_id = k.case_id) -
				(SELECT COALESCE(SUM(u.amount), 0) FROM earmark_uses AS u WHERE u.earmark = k.id AND u.state = 'accepted') > 0`)
		}
		rows, n, err := listed[earmarkRow](ctx, of("k", earmarkColumns), "FROM earmarks AS k WHERE "+w.text, "k.id DESC", w.args, page)
		if err != nil {
			return err
		}
		total = n
		out, err = showEarmarks(ctx, rows)
		return err
	})
	return out, total, err
}

// showEarmarks are rows as the actor may read them, with what was paid and used.
func showEarmarks(ctx context.Context, rows []earmarkRow) ([]Earmark, error) {
	out := make([]Earmark, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	ids, cases := make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		ids[i], cases[i] = r.ID, r.Case
	}
	paid, err := keptOf(ctx, cases)
	if err != nil {
		return nil, err
	}
	uses, err := usesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	a := account.ActorFrom(ctx)
	inside := a.Reader()
	for i, r := range rows {
		e := Earmark{ID: r.ID, Case: r.Case, CaseNumber: r.CaseNumber, Scheme: r.Scheme, Department: r.Department, Town: r.Town, Receiver: r.Receiver, Name: r.Name,
			Clause: r.Clause, Paid: paid[r.Case], Uses: []Use{}, MayDecide: r.decides(a)}
		if err := json.Unmarshal([]byte(r.Purposes), &e.Purposes); err != nil {
			return nil, err
		}
		for _, u := range uses[r.ID] {
			switch u.State {
			case UseAccepted:
				e.Accepted += policy.Fen(u.Amount)
			case UseStated:
				e.Stated += policy.Fen(u.Amount)
			}
			e.Uses = append(e.Uses, u.show(a, inside, e.MayDecide))
		}
		e.Left = max(0, e.Paid-e.Accepted-e.Stated)
		e.MayState = a.Speaks(r.Receiver) && e.Left > 0
		out[i] = e
	}
	return out, nil
}

// decides says whether an actor accepts and returns what is told of the use: an officer of the department in charge who does not speak for
// who received it.
func (r earmarkRow) decides(a *account.Actor) bool {
	return a.Covers(account.RoleOfficer, r.Department, r.Town) && !a.Speaks(r.Receiver)
}

// keptOf is what cases were paid, less what was claimed back of it.
func keptOf(ctx context.Context, cases []string) (map[string]policy.Fen, error) {
	out := make(map[string]policy.Fen, len(cases))
	for _, part := range []struct {
		sign  policy.Fen
		query string
	}{
		{1, `SELECT case_id, SUM(amount) AS amount FROM awards WHERE state = 'paid' AND case_id IN (?) GROUP BY case_id`},
		{-1, `SELECT case_id, SUM(principal) AS amount FROM receivables WHERE case_id IN (?) GROUP BY case_id`},
	} {
		var rows []struct {
			Case   string     `bun:"case_id"`
			Amount policy.Fen `bun:"amount"`
		}
		if err := store.Tx(ctx).NewRaw(part.query, bun.List(cases)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Case] += part.sign * r.Amount
		}
	}
	return out, nil
}

// lockEarmark is one that the actor may see, for who changes it: others wait until the transaction is over.
func lockEarmark(ctx context.Context, id string) (row earmarkRow, err error) {
	if _, err := affected(ctx, `UPDATE earmarks SET version = version WHERE id = ?`, id); err != nil {
		return row, err
	}
	w := earmarkScope(ctx).and("k.id = ?", id)
	err = one(ctx, &row, noEarmark, `SELECT `+of("k", earmarkColumns)+` FROM earmarks AS k WHERE `+w.text, w.args...)
	return row, err
}

// earmarkDigest is over an earmark with its uses.
func earmarkDigest(ctx context.Context, id string) (string, error) {
	var r earmarkRow
	if err := one(ctx, &r, noEarmark, `SELECT `+of("k", earmarkColumns)+` FROM earmarks AS k WHERE k.id = ?`, id); err != nil {
		return "", err
	}
	parts := []string{r.ID, r.Case, r.CaseNumber, r.Scheme, r.Department, r.Town, r.Receiver, r.Name, r.Clause, r.Purposes, r.MadeAt, number(r.Version)}
	uses, err := usesOf(ctx, []string{id})
	for _, u := range uses[id] {
		parts = append(parts, audit.DigestJSON(u.ID, number(u.Amount), u.OnDate, u.Purpose, u.Spent, u.Paper, u.State, u.StatedAt, u.StatedBy, u.StatedName,
			u.DecidedAt, u.DecidedBy, u.DecidedName, u.Reason))
	}
	return audit.DigestJSON(parts...), err
}

func auditEarmark(ctx context.Context, action, id string, data any) error {
	digest, err := earmarkDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindEarmark, ID: id, Digest: digest, Data: data})
}
