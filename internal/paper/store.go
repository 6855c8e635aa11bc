package paper

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// kind of these rows in the audit log.
const kind = "paper"

func init() {
	audit.RegisterRow(kind, func(ctx context.Context, id string) (string, error) {
		row, err := byID(ctx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return audit.Deleted, nil
		}
		if err != nil {
			return "", err
		}
		return row.digest(), nil
	})
	audit.RegisterList(kind, audit.IDs("papers"))
}

type paperRow struct {
	bun.BaseModel `bun:"table:papers,alias:p"`

	ID           string `bun:"id,pk"`
	Case         string `bun:"case_id"`
	Template     string `bun:"template"`
	Source       string `bun:"source"`
	Department   string `bun:"department"`
	Fields       string `bun:"fields"`
	Filled       string `bun:"filled"`
	State        string `bun:"state"`
	Title        string `bun:"title"`
	Series       string `bun:"series"`
	Year         int64  `bun:"year"`
	Number       int64  `bun:"number"`
	Mark         string `bun:"mark"`
	File         string `bun:"file"`
	SHA256       string `bun:"sha256"`
	DraftedAt    string `bun:"drafted_at"`
	DraftedBy    string `bun:"drafted_by"`
	ReviewedAt   string `bun:"reviewed_at"`
	ReviewedBy   string `bun:"reviewed_by"`
	IssuedAt     string `bun:"issued_at"`
	IssuedBy     string `bun:"issued_by"`
	Issuer       string `bun:"issuer"`
	DeliveredOn  string `bun:"delivered_on"`
	DeliveredHow string `bun:"delivered_how"`
	DeliveredTo  string `bun:"delivered_to"`
	DeliveredBy  string `bun:"delivered_by"`
	Version      int64  `bun:"version"`
}

func byID(ctx context.Context, id string) (*paperRow, error) {
	row := &paperRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("p.id = ?", id).Scan(ctx)
	return row, err
}

func ofCase(ctx context.Context, caseID string) (rows []paperRow, err error) {
	err = store.Tx(ctx).NewSelect().Model(&rows).Where("p.case_id = ?", caseID).OrderExpr("p.id").Scan(ctx)
	return rows, err
}

// visible is a document that the actor may see: of a case that they may, and issued unless it is their office's.
func (r *Room) visible(ctx context.Context, id string) (*paperRow, error) {
	row, err := byID(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	if err := r.sees(ctx, row.Case); err != nil {
		return nil, notFound()
	}
	if !row.issued() && !row.office(ctx) {
		return nil, notFound()
	}
	return row, nil
}

// take moves the version on while it is as it was read.
func take(ctx context.Context, row *paperRow) (bool, error) {
	done, err := store.Tx(ctx).NewRaw(`UPDATE papers SET version = version + 1 WHERE id = ? AND version = ?`, row.ID, row.Version).Exec(ctx)
	if err != nil {
		return false, err
	}
	row.Version++
	n, err := done.RowsAffected()
	return n == 1, err
}

func (row *paperRow) write(ctx context.Context) error {
	_, err := store.Tx(ctx).NewUpdate().Model(row).WherePK().Exec(ctx)
	return err
}

// next takes the next number of a series of an office and year; who comes at the same moment waits.
func next(ctx context.Context, department, series string, year int64) (n int64, err error) {
	err = store.Tx(ctx).NewRaw(`INSERT INTO paper_series (department, series, year, last) VALUES (?, ?, ?, 1)
		ON CONFLICT (department, series, year) DO UPDATE SET last = paper_series.last + 1 RETURNING last`, department, series, year).Scan(ctx, &n)
	return n, err
}

func (row *paperRow) digest() string {
	return audit.Digest(row.ID, row.Case, row.Template, row.Source, row.Department, row.Fields, row.Filled, row.State, row.Title, row.Series, fmt.Sprint(row.Year), fmt.Sprint(row.Number),
		row.Mark, row.File, row.SHA256, row.DraftedAt, row.DraftedBy, row.ReviewedAt, row.ReviewedBy, row.IssuedAt, row.IssuedBy, row.Issuer,
		row.DeliveredOn, row.DeliveredHow, row.DeliveredTo, row.DeliveredBy, fmt.Sprint(row.Version))
}

// record appends the audit event of a change, inside the transaction that made it.
func (row *paperRow) record(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: kind, ID: row.ID, Digest: row.digest(),
		Data: map[string]string{"case": row.Case, "template": row.Template, "number": row.Mark, "sha256": row.SHA256}})
}

func (row *paperRow) issued() bool { return row.State == stateIssued || row.State == stateDelivered }

// acts says whether the actor acts for the document's office in one of the roles.
func (row *paperRow) acts(ctx context.Context, roles ...account.Role) bool {
	return slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return slices.Contains(roles, g.Role) && (g.Department == "" || g.Department == row.Department)
	})
}

func (row *paperRow) office(ctx context.Context) bool {
	return row.acts(ctx, account.RoleOfficer, account.RoleLeader)
}

func (row *paperRow) leads(ctx context.Context) bool { return row.acts(ctx, account.RoleLeader) }

// read is the template as it was when the document was drafted.
func (row *paperRow) read() (*policy.Template, error) {
	t, _ := policy.ReadTemplate(policy.File{Path: row.Template, Data: []byte(row.Source)})
	if t == nil {
		return nil, errors.New("paper: a stored template cannot be read")
	}
	return t, nil
}

// values are what is known of a document: by the rooms, and what was filled in.
func (row *paperRow) values() map[string]string {
	out := map[string]string{}
	for _, text := range []string{row.Filled, row.Fields} { // what the rooms know cannot be changed
		var some map[string]string
		if json.Unmarshal([]byte(text), &some) == nil {
			maps.Copy(out, some)
		}
	}
	return out
}

// missing are the fields that keep it from being issued.
func (row *paperRow) missing(t *policy.Template) []string {
	_, missing := t.Fill(row.values())
	return slices.DeleteFunc(missing, func(f string) bool { return slices.Contains(atIssue, f) })
}

// paper is the document as the actor may see it: who drafted and reviewed it only its office knows.
func (row *paperRow) paper(ctx context.Context) (Paper, error) {
	t, err := row.read()
	if err != nil {
		return Paper{}, err
	}
	filled, _ := t.Fill(row.values())
	p := Paper{ID: row.ID, Case: row.Case, Template: row.Template, Title: row.Title, Office: row.Department, State: row.State, Number: row.Mark, Missing: []string{}, Text: []string{},
		Issuer: row.Issuer, IssuedAt: row.IssuedAt, Delivered: row.DeliveredOn, How: row.DeliveredHow, SignedBy: row.DeliveredTo, SHA256: row.SHA256, Version: row.Version}
	for _, b := range slices.Concat(filled.Body, filled.Remedy) {
		if b.Text != "" {
			p.Text = append(p.Text, b.Text)
		}
	}
	if !row.issued() {
		p.Missing = append(p.Missing, row.missing(t)...)
	}
	if !row.office(ctx) {
		return p, nil
	}
	names, err := account.NamesOf(ctx, []string{row.DraftedBy, row.ReviewedBy})
	if err != nil {
		return Paper{}, err
	}
	p.Drafter, p.Reviewer = names[row.DraftedBy], names[row.ReviewedBy]
	p.MayReview = row.State == stateDraft && len(p.Missing) == 0
	p.MayIssue = row.State == stateReviewed && row.leads(ctx) && account.ActorFrom(ctx).AccountID != row.DraftedBy
	p.MayDeliver = row.State == stateIssued
	return p, nil
}
