package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

func init() {
	audit.RegisterRow(visitKind, visitDigest)
	audit.RegisterList(visitKind, audit.IDs("visits"))
}

type visitRow struct {
	bun.BaseModel `bun:"table:visits,alias:v"`

	ID        string `bun:"id,pk"`
	Case      string `bun:"case_id"`
	Checklist string `bun:"checklist"`
	State     string `bun:"state"`
	Offered   string `bun:"offered"`
	Wish      string `bun:"wish"`
	At        string `bun:"at"`
	Place     string `bun:"place"`
	PlannedAt string `bun:"planned_at"`
	PlannedBy string `bun:"planned_by"`
	Reason    string `bun:"reason"`
	ClosedAt  string `bun:"closed_at"`
	Version   int64  `bun:"version"`

	AnsweredAt string `bun:"answered_at"`
	AnsweredBy string `bun:"answered_by"`
	Says       string `bun:"says"`
}

type visitOfficerRow struct {
	bun.BaseModel `bun:"table:visit_officers,alias:o"`

	Visit    string `bun:"visit,pk"`
	Account  string `bun:"account,pk"`
	Name     string `bun:"name"`
	Signed   string `bun:"signed"`
	SignedAt string `bun:"signed_at"`
}

func (v *visitRow) open() bool { return v.State == visitPlanned || v.State == visitSet }

// visitsOf are the visits of a case, the latest first.
func visitsOf(ctx context.Context, caseID string) ([]visitRow, error) {
	rows := []visitRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("v.case_id = ?", caseID).OrderExpr("v.planned_at DESC, v.id DESC").Scan(ctx)
	return rows, err
}

// openVisits are the visits of some cases that are not closed.
func openVisits(ctx context.Context, cases []string) ([]visitRow, error) {
	rows := []visitRow{}
	if len(cases) == 0 {
		return rows, nil
	}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("v.case_id IN (?) AND v.state IN (?)", bun.List(cases), bun.List([]string{visitPlanned, visitSet})).
		OrderExpr("v.planned_at DESC, v.id DESC").Scan(ctx)
	return rows, err
}

func officersOf(ctx context.Context, visit string) ([]visitOfficerRow, error) {
	rows := []visitOfficerRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("o.visit = ?", visit).OrderExpr("o.account").Scan(ctx)
	return rows, err
}

// seenVisit is a visit whose case the actor may see.
func seenVisit(ctx context.Context, id string) (*visitRow, *caseRow, error) {
	v := &visitRow{}
	err := store.Tx(ctx).NewSelect().Model(v).Where("v.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, fault.New(fault.NotFound, "没有这次核查，或不在您的权限范围内")
	}
	if err != nil {
		return nil, nil, err
	}
	row, err := visibleCase(ctx, v.Case)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, nil, fault.New(fault.NotFound, "没有这次核查，或不在您的权限范围内")
	}
	return v, row, err
}

// lockVisit is seenVisit for who changes it: others wait until the transaction is over.
func lockVisit(ctx context.Context, id string) (*visitRow, *caseRow, error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE visits SET version = version WHERE id = ?`, id).Exec(ctx); err != nil {
		return nil, nil, err
	}
	return seenVisit(ctx, id)
}

func (v *visitRow) write(ctx context.Context) error {
	v.Version++
	_, err := store.Tx(ctx).NewUpdate().Model(v).WherePK().Exec(ctx)
	return err
}

func recordVisit(ctx context.Context, action, id string, data any) error {
	digest, err := visitDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: visitKind, ID: id, Digest: digest, Data: data})
}

// visitDigest is of a visit with all that belongs to it.
func visitDigest(ctx context.Context, id string) (string, error) {
	v := &visitRow{}
	err := store.Tx(ctx).NewSelect().Model(v).Where("v.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	texts := []string{v.ID, v.Case, v.Checklist, v.State, v.Offered, v.Wish, v.At, v.Place, v.PlannedAt, v.PlannedBy, v.Reason, v.ClosedAt, fmt.Sprint(v.Version)}
	if v.AnsweredAt+v.AnsweredBy+v.Says != "" { // as it was before there were records
		texts = append(texts, "record", v.AnsweredAt, v.AnsweredBy, v.Says)
	}
	officers, err := officersOf(ctx, id)
	if err != nil {
		return "", err
	}
	for _, o := range officers {
		texts = append(texts, "officer", o.Account, o.Name, o.Signed, o.SignedAt)
	}
	entries, err := entriesOf(ctx, id)
	if err != nil {
		return "", err
	}
	for i := range entries {
		texts = append(append(texts, "entry"), entries[i].texts()...)
	}
	photos, err := photoRows(ctx, id)
	if err != nil {
		return "", err
	}
	for i := range photos {
		texts = append(append(texts, "photo"), photos[i].texts()...)
	}
	return audit.Digest(texts...), nil
}
