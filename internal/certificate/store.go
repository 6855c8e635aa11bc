package certificate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

const kindCertificate = "certificate"

func init() {
	audit.RegisterRow(kindCertificate, func(ctx context.Context, id string) (string, error) {
		row, err := certificateByID(ctx, id)
		if fault.CodeOf(err) == fault.NotFound {
			return audit.Deleted, nil
		}
		if err != nil {
			return "", err
		}
		return row.digest(ctx)
	})
	audit.RegisterList(kindCertificate, audit.IDs("certificates"))
}

type certificateRow struct {
	bun.BaseModel `bun:"table:certificates,alias:t"`

	ID          string `bun:"id,pk"`
	Number      string `bun:"number"`
	Title       string `bun:"title"`
	Scheme      string `bun:"scheme"`
	SchemeTitle string `bun:"scheme_title"`
	Kind        string `bun:"kind"`
	Record      string `bun:"record"`
	Fields      string `bun:"fields"`
	Party       string `bun:"party"`
	Holder      string `bun:"holder"`
	Code        string `bun:"code"`
	Person      int    `bun:"person"`
	Details     string `bun:"details"`
	Level       string `bun:"level"`
	Department  string `bun:"department"`
	Town        string `bun:"town"`
	IssuedOn    string `bun:"issued_on"`
	ValidFrom   string `bun:"valid_from"`
	ValidUntil  string `bun:"valid_until"`
	StandsUntil string `bun:"stands_until"`
	Term        string `bun:"term"`
	State       State  `bun:"state"`
	Renewal     string `bun:"renewal"`
	Live        int    `bun:"live"`
	Invented    int    `bun:"invented"`
	Source      string `bun:"source"`
	Version     int64  `bun:"version"`
}

type changeRow struct {
	bun.BaseModel `bun:"table:certificate_changes,alias:h"`

	Certificate string `bun:"certificate,pk"`
	Position    int64  `bun:"position,pk"`
	Kind        string `bun:"kind"`
	On          string `bun:"on_date"`
	MadeAt      string `bun:"made_at"`
	MadeBy      string `bun:"made_by"`
	Case        string `bun:"case_id"`
	CaseNumber  string `bun:"case_number"`
	Decision    string `bun:"decision"`
	Reason      string `bun:"reason"`
	Cite        string `bun:"cite"`
	Told        string `bun:"told"`
}

func (row *certificateRow) fields() (map[string]string, error) {
	out := map[string]string{}
	return out, json.Unmarshal([]byte(row.Fields), &out)
}

func (row *certificateRow) details() ([]Detail, error) {
	out := []Detail{}
	return out, json.Unmarshal([]byte(row.Details), &out)
}

// insert writes a new row, of which changed then tells.
func (row *certificateRow) insert(ctx context.Context) error {
	_, err := store.Tx(ctx).NewInsert().Model(row).Exec(ctx)
	if store.IsUnique(err) {
		return fault.New(fault.Conflict, "这个主体已持有这一项的证书，或编号已经用过，请刷新后再试")
	}
	return err
}

// changed writes a row as it stands with the change that made it so, states the record, and tells the log: all in the transaction of ctx.
func (r *Register) changed(ctx context.Context, row *certificateRow, c changeRow) error {
	on, err := policy.ParseDate(c.On)
	if err != nil {
		return err
	}
	result, err := store.Tx(ctx).NewUpdate().Model(row).Set("version = version + 1").
		Set("holder = ?, details = ?, valid_until = ?, stands_until = ?, state = ?, renewal = ?, live = ?", row.Holder, row.Details, row.ValidUntil, row.StandsUntil,
			string(row.State), row.Renewal, row.Live).Where("t.id = ? AND t.version = ?", row.ID, row.Version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "这张证书刚刚有了别的变动，请刷新后再试"))
	}
	row.Version++
	c.Certificate, c.Position, c.MadeAt = row.ID, row.Version, store.Stamp(clock.Now(ctx))
	if _, err := store.Tx(ctx).NewInsert().Model(&c).Exec(ctx); err != nil {
		return err
	}
	if err := r.state(ctx, row, on); err != nil {
		return err
	}
	digest, err := row.digest(ctx)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: "certificate." + c.Kind, Kind: kindCertificate, ID: row.ID, Digest: digest,
		Data: map[string]string{"number": row.Number, "case": c.Case, "cite": c.Cite, "on": c.On}})
}

// digest is of a certificate with all that became of it.
func (row *certificateRow) digest(ctx context.Context) (string, error) {
	texts := []string{row.ID, row.Number, row.Title, row.Scheme, row.SchemeTitle, row.Kind, row.Record, row.Fields, row.Party, row.Holder, row.Code, fmt.Sprint(row.Person),
		row.Details, row.Level, row.Department, row.Town, row.IssuedOn, row.ValidFrom, row.ValidUntil, row.StandsUntil, row.Term, string(row.State), row.Renewal,
		fmt.Sprint(row.Live), fmt.Sprint(row.Invented), fmt.Sprint(row.Version)}
	if row.Source != "" { // those issued before there was one keep their digests
		texts = append(texts, row.Source)
	}
	changes, err := changesOf(ctx, row.ID)
	if err != nil {
		return "", err
	}
	for _, c := range changes {
		texts = append(texts, fmt.Sprint(c.Position), c.Kind, c.On, c.MadeAt, c.MadeBy, c.Case, c.CaseNumber, c.Decision, c.Reason, c.Cite, c.Told)
	}
	return audit.Digest(texts...), nil
}

func changesOf(ctx context.Context, id string) ([]changeRow, error) {
	rows := []changeRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("h.certificate = ?", id).OrderExpr("h.position").Scan(ctx)
	return rows, err
}

// lastChange is the latest change of a kind.
func lastChange(ctx context.Context, id, kind string) (changeRow, error) {
	c := changeRow{}
	err := store.Tx(ctx).NewSelect().Model(&c).Where("h.certificate = ? AND h.kind = ?", id, kind).OrderExpr("h.position DESC").Limit(1).Scan(ctx)
	return c, err
}

// deemedBy says whether the certificate is deemed renewed by a case.
func (row *certificateRow) deemedBy(ctx context.Context, caseID string) (bool, error) {
	return store.Tx(ctx).NewSelect().Model((*changeRow)(nil)).Where("h.certificate = ? AND h.kind = ? AND h.case_id = ?", row.ID, changeDeem, caseID).Exists(ctx)
}

// requestedBy says whether a case has requested renewal already.
func (row *certificateRow) requestedBy(ctx context.Context, caseID string) (bool, error) {
	return store.Tx(ctx).NewSelect().Model((*changeRow)(nil)).Where("h.certificate = ? AND h.kind = ? AND h.case_id = ?", row.ID, changeRequest, caseID).Exists(ctx)
}

func certificateByID(ctx context.Context, id string) (*certificateRow, error) {
	row := &certificateRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("t.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound()
	}
	return row, err
}

func notFound() error {
	return fault.New(fault.NotFound, "没有这张证书，或不在您的权限范围内")
}

// liveOf are the certificates of schemes that a party holds, or held until they came to their end.
func liveOf(ctx context.Context, parties, schemes []string) ([]*certificateRow, error) {
	rows := []*certificateRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("t.party IN (?) AND t.scheme IN (?) AND t.live = 1", bun.List(parties), bun.List(schemes)).OrderExpr("t.id").Scan(ctx)
	return rows, err
}

func numberTaken(ctx context.Context, number string) (bool, error) {
	return store.Tx(ctx).NewSelect().Model((*certificateRow)(nil)).Where("t.number = ?", number).Exists(ctx)
}

// nextOf takes the next number of a series. A transaction that fails gives it back, so that there is no gap: whoever wants the next one waits.
func nextOf(ctx context.Context, series string) (n int, err error) {
	for range 2 {
		err = store.Tx(ctx).NewRaw(`UPDATE certificate_series SET last = last + 1 WHERE id = ? RETURNING last`, series).Scan(ctx, &n)
		if !errors.Is(err, sql.ErrNoRows) {
			return n, err
		}
		if _, err = store.Tx(ctx).NewRaw(`INSERT INTO certificate_series (id, last) VALUES (?, 0) ON CONFLICT (id) DO NOTHING`, series).Exec(ctx); err != nil {
			return 0, err
		}
	}
	return n, err
}
