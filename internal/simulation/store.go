package simulation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
)

type row struct {
	bun.BaseModel `bun:"table:simulations"`
	ID            string `bun:"id,pk"`
	Name          string `bun:"name"`
	Note          string `bun:"note"`
	Account       string `bun:"account"`
	MadeBy        string `bun:"made_by"`
	MadeAt        string `bun:"made_at"`
	Publication   string `bun:"publication"`
	Draft         string `bun:"draft"`
	OnDate        string `bun:"on_date"`
	Scheme        string `bun:"scheme"`
	Changes       string `bun:"changes"`
	Towns         string `bun:"towns"`
	State         string `bun:"state"`
	Job           string `bun:"job"`
	EndedAt       string `bun:"ended_at"`
	Result        string `bun:"result"`
	Lines         string `bun:"lines"`
}

func init() {
	audit.RegisterRow(kind, func(ctx context.Context, id string) (string, error) {
		s, err := find(ctx, id)
		if err != nil {
			return "", err
		}
		return s.digest(), nil
	})
	audit.RegisterList(kind, audit.IDs("simulations"))
}

func (s *row) digest() string {
	return audit.Digest(s.ID, s.Name, s.Note, s.Account, s.MadeBy, s.MadeAt, s.Publication, s.Draft, s.OnDate, s.Scheme, s.Changes, s.Towns, s.State,
		s.Job, s.EndedAt, s.Result, s.Lines)
}

// towns whose parties are read; none: all.
func (s *row) towns() []string {
	out := []string{}
	_ = json.Unmarshal([]byte(s.Towns), &out) // what this room wrote
	return out
}

func find(ctx context.Context, id string) (*row, error) {
	var s row
	err := store.Tx(ctx).NewSelect().Model(&s).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNone()
	}
	return &s, err
}

func insert(ctx context.Context, s *row) error {
	_, err := store.Tx(ctx).NewInsert().Model(s).Exec(ctx)
	return err
}

func update(ctx context.Context, s *row, columns ...string) error {
	_, err := store.Tx(ctx).NewUpdate().Model(s).Column(columns...).WherePK().Exec(ctx)
	return err
}

// end writes how a run ended. Conflict if it has ended before: a run ends once.
func end(ctx context.Context, s *row) error {
	res, err := store.Tx(ctx).NewUpdate().Model(s).Column("state", "ended_at", "result", "lines").WherePK().Where("state = ?", begun).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "测算已经结束"))
	}
	return nil
}

func drop(ctx context.Context, s *row) error {
	if _, err := store.Tx(ctx).NewDelete().Model(s).WherePK().Exec(ctx); err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: "simulation.delete", Kind: kind, ID: s.ID, Digest: audit.Deleted})
}

// mostUnsaved is how many runs without a name an account keeps.
const mostUnsaved = 20

// dropOld takes away the runs that an account never saved, but for the latest.
func dropOld(ctx context.Context, account string) error {
	var old []row
	err := store.Tx(ctx).NewSelect().Model(&old).Column("id").Where("account = ? AND name = '' AND state <> ?", account, begun).
		Order("made_at DESC", "id DESC").Offset(mostUnsaved).Limit(mostUnsaved).Scan(ctx)
	if err != nil {
		return err
	}
	for i := range old {
		if err := drop(ctx, &old[i]); err != nil {
			return err
		}
	}
	return nil
}

// partiesAfter are the next parties in the order of their ids, with what they are grouped by, of those that the actor may see.
func partiesAfter(ctx context.Context, after string, limit int) (map[string]subject, error) {
	condition, args := registry.Scope(ctx, "p")
	var rows []struct {
		ID       string `bun:"id"`
		Code     string `bun:"code"`
		Kind     string `bun:"kind"`
		Town     string `bun:"town"`
		Size     string `bun:"size"`
		Industry string `bun:"industry"`
	}
	err := store.Tx(ctx).NewSelect().TableExpr("parties AS p").Column("p.id", "p.code", "p.kind", "p.town", "p.size", "p.industry").
		Where("p.id > ?", after).Where(condition, args...).Order("p.id").Limit(int64(limit)).Scan(ctx, &rows)
	out := make(map[string]subject, len(rows))
	for _, r := range rows {
		out[r.ID] = subject{party: r.ID, code: r.Code, kind: r.Kind, town: r.Town, size: r.Size, industry: r.Industry}
	}
	return out, err
}

// named are names and codes of parties, of those that the actor may see.
func named(ctx context.Context, ids []string) (map[string]Named, error) {
	out := map[string]Named{}
	if len(ids) == 0 {
		return out, nil
	}
	condition, args := registry.Scope(ctx, "p")
	var rows []Named
	err := store.Tx(ctx).NewSelect().TableExpr("parties AS p").Column("p.id", "p.name", "p.code", "p.kind").Where("p.id IN (?)", bun.List(ids)).
		Where(condition, args...).Scan(ctx, &rows)
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, err
}
