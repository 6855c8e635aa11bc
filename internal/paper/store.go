package paper

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
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
		return row.digest(ctx)
	})
	audit.RegisterList(kind, audit.IDs("papers"))
}

type paperRow struct {
	bun.BaseModel `bun:"table:papers,alias:p"`

	ID             string `bun:"id,pk"`
	Case           string `bun:"case_id"`
	CaseNumber     string `bun:"case_number"`
	Party          string `bun:"party"`
	PartyName      string `bun:"party_name"`
	Department     string `bun:"department"`
	Town           string `bun:"town"`
	Template       string `bun:"template"`
	Source         string `bun:"source"`
	Receipt        string `bun:"receipt"`
	Action         string `bun:"action"`
	Fields         string `bun:"fields"`
	Content        string `bun:"content"`
	State          State  `bun:"state"`
	Remark         string `bun:"remark"`
	Title          string `bun:"title"`
	Series         string `bun:"series"`
	Year           int64  `bun:"year"`
	Number         int64  `bun:"number"`
	Mark           string `bun:"mark"`
	File           string `bun:"file"`
	SHA256         string `bun:"sha256"`
	ReceiptFile    string `bun:"receipt_file"`
	ReceiptSHA256  string `bun:"receipt_sha256"`
	MadeAt         string `bun:"made_at"`
	MadeBy         string `bun:"made_by"`
	DraftedAt      string `bun:"drafted_at"`
	DraftedBy      string `bun:"drafted_by"`
	ReviewedAt     string `bun:"reviewed_at"`
	ReviewedBy     string `bun:"reviewed_by"`
	IssuedAt       string `bun:"issued_at"`
	IssuedBy       string `bun:"issued_by"`
	Issuer         string `bun:"issuer"`
	DeliveredOn    string `bun:"delivered_on"`
	DeliveredHow   string `bun:"delivered_how"`
	DeliveredPlace string `bun:"delivered_place"`
	DeliveredTo    string `bun:"delivered_to"`
	DeliveredNote  string `bun:"delivered_note"`
	DeliveredBy    string `bun:"delivered_by"`
	Version        int64  `bun:"version"`
}

type versionRow struct {
	bun.BaseModel `bun:"table:paper_versions,alias:v"`

	Paper     string `bun:"paper,pk"`
	N         int64  `bun:"n,pk"`
	Content   string `bun:"content"`
	WrittenAt string `bun:"written_at"`
	WrittenBy string `bun:"written_by"`
}

func byID(ctx context.Context, id string) (*paperRow, error) {
	row := &paperRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("p.id = ?", id).Scan(ctx)
	return row, err
}

func ofCase(ctx context.Context, caseID string) (rows []*paperRow, err error) {
	err = store.Tx(ctx).NewSelect().Model(&rows).Where("p.case_id = ?", caseID).OrderExpr("p.id").Scan(ctx)
	return rows, err
}

func versionsOf(ctx context.Context, id string) (rows []versionRow, err error) {
	err = store.Tx(ctx).NewSelect().Model(&rows).Where("v.paper = ?", id).OrderExpr("v.n").Scan(ctx)
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
	if err := r.cases.Sees(ctx, row.Case); err != nil {
		return nil, notFound()
	}
	if !row.issued() && !row.desk(ctx) {
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

// keep writes what was written in drafting as a version.
func (row *paperRow) keep(ctx context.Context) error {
	v := versionRow{Paper: row.ID, N: row.Version, Content: row.Content, WrittenAt: store.Stamp(clock.Now(ctx)), WrittenBy: account.ActorFrom(ctx).AccountID}
	_, err := store.Tx(ctx).NewInsert().Model(&v).Exec(ctx)
	return err
}

// next takes the next number of a series of an office and year; who comes at the same moment waits.
func next(ctx context.Context, department, series string, year int64) (n int64, err error) {
	err = store.Tx(ctx).NewRaw(`INSERT INTO paper_series (department, series, year, last) VALUES (?, ?, ?, 1)
		ON CONFLICT (department, series, year) DO UPDATE SET last = paper_series.last + 1 RETURNING last`, department, series, year).Scan(ctx, &n)
	return n, err
}

func (row *paperRow) digest(ctx context.Context) (string, error) {
	texts := []string{row.ID, row.Case, row.CaseNumber, row.Party, row.PartyName, row.Department, row.Town, row.Template, row.Source, row.Receipt, row.Action, row.Fields, row.Content,
		string(row.State), row.Remark, row.Title, row.Series, fmt.Sprint(row.Year), fmt.Sprint(row.Number), row.Mark, row.File, row.SHA256, row.ReceiptFile, row.ReceiptSHA256,
		row.MadeAt, row.MadeBy, row.DraftedAt, row.DraftedBy, row.ReviewedAt, row.ReviewedBy, row.IssuedAt, row.IssuedBy, row.Issuer,
		row.DeliveredOn, row.DeliveredHow, row.DeliveredPlace, row.DeliveredTo, row.DeliveredNote, row.DeliveredBy, fmt.Sprint(row.Version)}
	versions, err := versionsOf(ctx, row.ID)
	for _, v := range versions {
		texts = append(texts, fmt.Sprint(v.N), v.Content, v.WrittenAt, v.WrittenBy)
	}
	return audit.Digest(texts...), err
}

// record appends the audit event of a change, inside the transaction that made it.
func (row *paperRow) record(ctx context.Context, action string) error {
	digest, err := row.digest(ctx)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: kind, ID: row.ID, Digest: digest,
		Data: map[string]string{"case": row.Case, "template": row.Template, "number": row.Mark, "sha256": row.SHA256}})
}

func (row *paperRow) issued() bool { return row.State == Issued || row.State == Delivered }

// read is a template as it was when the document was drafted.
func read(name, source string) (*policy.Template, error) {
	t, problems := policy.ReadTemplate(policy.File{Path: name, Data: []byte(source)})
	if t == nil {
		return nil, fmt.Errorf("paper: a stored template cannot be read: %v", problems)
	}
	return t, nil
}

func (row *paperRow) written() (c Content, err error) {
	err = json.Unmarshal([]byte(row.Content), &c)
	return c, err
}

func (row *paperRow) known() (values map[string]string, err error) {
	err = json.Unmarshal([]byte(row.Fields), &values)
	return values, err
}
