package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

type roundRow struct {
	bun.BaseModel `bun:"table:rounds,alias:r"`

	ID     string `bun:"id,pk"`
	Number string `bun:"number"`
	Title  string `bun:"title"`
	basis
	Standing   int    `bun:"standing"`
	Opens      string `bun:"opens"`
	Closes     string `bun:"closes"`
	Department string `bun:"department"`
	Body       string `bun:"body"`
	NoticeDays int64  `bun:"notice_days"`
	NoticeUnit string `bun:"notice_unit"`
	Open       int    `bun:"open"`
	FrozenAt   string `bun:"frozen_at"`
	FrozenOn   string `bun:"frozen_on"`
	Cases      int64  `bun:"cases"`
	Invented   int    `bun:"invented"`
	CreatedAt  string `bun:"created_at"`
	CreatedBy  string `bun:"created_by"`
	Version    int64  `bun:"version"`
}

type roundSchemeRow struct {
	bun.BaseModel `bun:"table:round_schemes,alias:s"`

	Round      string `bun:"round,pk"`
	Scheme     string `bun:"scheme,pk"`
	Position   int64  `bun:"position"`
	Department string `bun:"department"`
	Materials  string `bun:"materials"`
}

func (r *roundSchemeRow) materials() ([]Material, error) {
	out := []Material{}
	if err := json.Unmarshal([]byte(r.Materials), &out); err != nil {
		return nil, fmt.Errorf("casework: materials of %s: %w", r.Scheme, err)
	}
	return out, nil
}

func (r *roundRow) insert(ctx context.Context, list []RoundSchemeDraft) error {
	if _, err := store.Tx(ctx).NewInsert().Model(r).Exec(ctx); err != nil {
		return err
	}
	return r.putSchemes(ctx, list)
}

func (r *roundRow) putSchemes(ctx context.Context, list []RoundSchemeDraft) error {
	rows := make([]roundSchemeRow, len(list))
	for i, s := range list {
		text, err := json.Marshal(orEmpty(s.Materials))
		if err != nil {
			return err
		}
		rows[i] = roundSchemeRow{Round: r.ID, Scheme: s.Scheme, Position: int64(i), Department: s.Department, Materials: string(text)}
	}
	_, err := store.Tx(ctx).NewInsert().Model(&rows).Exec(ctx)
	return err
}

// update writes what an officer may change, if nobody changed the round since version and it is not frozen.
func (r *roundRow) update(ctx context.Context, version int64, list []RoundSchemeDraft) error {
	result, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET title = ?, publication = ?, set_hash = ?, process = ?, performance = ?, batch = ?, opens = ?, closes = ?, department = ?, body = ?, notice_days = ?,
		notice_unit = ?, version = version + 1 WHERE id = ? AND version = ? AND frozen_at = ''`,
		r.Title, r.Publication, r.SetHash, r.Process, r.Performance, r.Batch, r.Opens, r.Closes, r.Department, r.Body, r.NoticeDays, r.NoticeUnit, r.ID, version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "批次刚刚被他人修改，或已经冻结，请刷新后再试"))
	}
	if r.Open != 0 {
		return nil
	}
	if _, err := store.Tx(ctx).NewRaw(`DELETE FROM round_schemes WHERE round = ?`, r.ID).Exec(ctx); err != nil {
		return err
	}
	return r.putSchemes(ctx, list)
}

// draft is the round as an officer stated it.
func (r *roundRow) draft(ctx context.Context) (*RoundDraft, error) {
	rows, err := schemesOfRounds(ctx, []string{r.ID})
	if err != nil {
		return nil, err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return nil, err
	}
	opens, _ := policy.ParseDate(r.Opens)
	closes, _ := policy.ParseDate(r.Closes)
	d := &RoundDraft{Number: r.Number, Title: r.Title, Standing: r.Standing != 0, Performance: int(r.Performance), Batch: r.Batch, Opens: opens, Closes: closes, Department: r.Department,
		Body: r.Body, NoticeDays: int(r.NoticeDays), NoticeUnit: r.NoticeUnit, Invented: r.Invented != 0}
	if p := processOf(set, r.Process); p != nil {
		d.Process = p.ID
	}
	for _, s := range rows[r.ID] {
		m, err := s.materials()
		if err != nil {
			return nil, err
		}
		d.Schemes = append(d.Schemes, RoundSchemeDraft{Scheme: s.Scheme, Department: s.Department, Materials: m})
	}
	return d, nil
}

func roundByID(ctx context.Context, id string) (*roundRow, error) {
	row := &roundRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("r.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "没有这个批次")
	}
	return row, err
}

// roundsByID are rounds by their ids, in one query; one that is not there is left out.
func roundsByID(ctx context.Context, ids []string) (map[string]*roundRow, error) {
	out := make(map[string]*roundRow, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows := []roundRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("r.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for i := range rows {
		out[rows[i].ID] = &rows[i]
	}
	return out, nil
}

func visibleRound(ctx context.Context, id string) (*roundRow, error) {
	row := &roundRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("r.id = ? AND "+roundScope(ctx, "r"), id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "没有这个批次")
	}
	return row, err
}

func schemesOfRounds(ctx context.Context, rounds []string) (map[string][]roundSchemeRow, error) {
	out := map[string][]roundSchemeRow{}
	if len(rounds) == 0 {
		return out, nil
	}
	var rows []roundSchemeRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("s.round IN (?)", bun.List(rounds)).OrderExpr("s.round, s.position").Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Round] = append(out[r.Round], r)
	}
	return out, nil
}

func roundScheme(ctx context.Context, round, scheme string) (*roundSchemeRow, error) {
	row := &roundSchemeRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("s.round = ? AND s.scheme = ?", round, scheme).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "这个批次中没有这项政策")
	}
	return row, err
}

func listRounds(ctx context.Context, f RoundFilter, today policy.Date) ([]roundRow, int, error) {
	where, args := []string{roundScope(ctx, "r")}, []any(nil)
	if f.Text != "" {
		condition, some := store.Like(ctx, strings.TrimSpace(f.Text), "r.title", "r.number")
		where, args = append(where, condition), append(args, some...)
	}
	if f.Scheme != "" {
		where, args = append(where, `EXISTS (SELECT 1 FROM round_schemes AS s WHERE s.round = r.id AND s.scheme = ?)`), append(args, f.Scheme)
	}
	switch f.Kind {
	case KindStanding:
		where = append(where, `r.standing = 1`)
	case KindBatch:
		where = append(where, `r.standing = 0`)
	}
	switch f.State {
	case "open":
		where, args = append(where, `r.open = 1 AND r.frozen_at = '' AND r.opens <= ? AND (r.closes >= ? OR r.standing = 1 AND r.closes = '')`), append(args, today.String(), today.String())
	case "closed":
		where, args = append(where, `r.open = 1 AND (r.frozen_at <> '' OR r.closes < ? AND r.closes <> '')`), append(args, today.String())
	case "preparing":
		where = append(where, `r.open = 0`)
	}
	rows := []roundRow{}
	total, err := store.Tx(ctx).NewSelect().Model(&rows).Where(strings.Join(where, " AND "), args...).
		OrderExpr("r.closes DESC, r.id DESC").Limit(per(f.Per)).Offset(offset(f.Page, f.Per)).ScanAndCount(ctx)
	return rows, int(total), err
}

// roundOf is a round as it is shown, if the actor may see it.
func (c *Casework) roundOf(ctx context.Context, id string) (*Round, error) {
	row, err := visibleRound(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := c.rounds(ctx, []roundRow{*row})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// rounds shows rows: the schemes and the stages of all of them in two queries.
func (c *Casework) rounds(ctx context.Context, rows []roundRow) ([]Round, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	entries, err := schemesOfRounds(ctx, ids)
	if err != nil {
		return nil, err
	}
	standing, err := c.engine.Standings(ctx, flowRound, ids)
	if err != nil {
		return nil, err
	}
	today := clock.Today(ctx)
	out := make([]Round, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		b, set, p, err := r.begun(ctx)
		if err != nil {
			return nil, err
		}
		v := Round{ID: r.ID, Number: r.Number, Title: r.Title, Standing: r.Standing != 0, Process: ProcessRef{Hash: r.Process, Notices: []NoticePeriod{}}, SetHash: b.SetHash, Performance: int(r.Performance), Batch: r.Batch,
			Department: r.Department, Body: r.Body, NoticeDays: int(r.NoticeDays), NoticeUnit: r.NoticeUnit, Schemes: []RoundScheme{}, Published: r.Open != 0,
			FrozenAt: r.FrozenAt, Cases: int(r.Cases), Invented: r.Invented != 0, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, Version: r.Version}
		v.Opens, _ = policy.ParseDate(r.Opens)
		v.Closes, _ = policy.ParseDate(r.Closes)
		v.TakesToday = v.takes(today)
		if p != nil {
			v.Process = refOf(p)
		}
		s := standing[r.ID]
		v.Stage, v.Public, v.Ended = s.Title, s.Public, s.Outcome
		if v.Standing {
			v.Stage, v.Public = v.stands(today)
		}
		for _, e := range entries[r.ID] {
			m, err := e.materials()
			if err != nil {
				return nil, err
			}
			v.Schemes = append(v.Schemes, RoundScheme{Scheme: liteOf(set, e.Scheme, today), Department: e.Department, Materials: m})
		}
		out = append(out, v)
	}
	return out, nil
}

func roundDigest(ctx context.Context, id string) (string, error) {
	row, err := roundByID(ctx, id)
	if fault.CodeOf(err) == fault.NotFound {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	entries, err := schemesOfRounds(ctx, []string{id})
	if err != nil {
		return "", err
	}
	// The counter of its cases moves with every submission and is not part of what was decided about the round.
	texts := []string{row.ID, row.Number, row.Title, row.Process, row.Publication, row.SetHash, fmt.Sprint(row.Performance), row.Opens, row.Closes,
		row.Department, row.Body, fmt.Sprint(row.NoticeDays), row.NoticeUnit, fmt.Sprint(row.Open), row.FrozenAt, row.FrozenOn, fmt.Sprint(row.Invented),
		row.CreatedAt, row.CreatedBy}
	if row.Standing != 0 {
		texts = append(texts, "standing", fmt.Sprint(row.Standing))
	}
	if row.Batch != "" { // rounds made before there were batches keep their digests
		texts = append(texts, row.Batch)
	}
	for _, e := range entries[id] {
		texts = append(texts, e.Scheme, e.Department, e.Materials)
	}
	return audit.Digest(texts...), nil
}

// processOf is the process of a round as its rules have it; nil if a later publication of the same set lacks it, which cannot be.
func processOf(set *schemes.Compiled, hash string) *policy.Process {
	for _, p := range set.Library.Processes() {
		if p.Hash == hash {
			return p
		}
	}
	return nil
}
