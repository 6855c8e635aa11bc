package schemes

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

type draftRow struct {
	bun.BaseModel `bun:"table:scheme_proposals"`
	ID            string `bun:"id,pk"`
	State         string `bun:"state"`
	Base          string `bun:"base"`
	Note          string `bun:"note"`
	Account       string `bun:"account"`
	ProposedBy    string `bun:"proposed_by"`
	ProposedAt    string `bun:"proposed_at"`
	CheckedAt     string `bun:"checked_at"`
	EndedAccount  string `bun:"ended_account"`
	EndedBy       string `bun:"ended_by"`
	EndedAt       string `bun:"ended_at"`
	Reason        string `bun:"reason"`
	Publication   string `bun:"publication"`
}

func (r *draftRow) draft() Draft {
	return Draft{ID: r.ID, State: r.State, Base: r.Base, Note: r.Note, ProposedBy: r.ProposedBy, ProposedAt: r.ProposedAt, CheckedAt: r.CheckedAt,
		EndedBy: r.EndedBy, EndedAt: r.EndedAt, Reason: r.Reason, Publication: r.Publication, Files: []DraftFile{}, account: r.Account}
}

type draftFileRow struct {
	bun.BaseModel `bun:"table:scheme_proposal_files"`
	Proposal      string `bun:"proposal,pk"`
	Path          string `bun:"path,pk"`
	Removed       int    `bun:"removed"`
	Hash          string `bun:"hash"`
	Body          string `bun:"body"`
}

func insertDraft(ctx context.Context, d *Draft) error {
	row := draftRow{ID: d.ID, State: d.State, Base: d.Base, Note: d.Note, Account: d.account, ProposedBy: d.ProposedBy, ProposedAt: d.ProposedAt, CheckedAt: d.CheckedAt}
	if _, err := store.Tx(ctx).NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	for _, f := range d.Files {
		file := draftFileRow{Proposal: d.ID, Path: f.Path, Hash: f.Hash, Body: string(f.body)}
		if f.Removed {
			file.Removed = 1
		}
		if _, err := store.Tx(ctx).NewInsert().Model(&file).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// findDraft is a draft with its files and their bodies.
func findDraft(ctx context.Context, id string) (*Draft, error) {
	var row draftRow
	err := store.Tx(ctx).NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoDraft()
	}
	if err != nil {
		return nil, err
	}
	d := row.draft()
	files, err := draftFiles(ctx, []string{id})
	for _, f := range files {
		if f.Removed == 0 && contentHash([]byte(f.Body)) != f.Hash {
			return nil, fault.Wrap(fault.Internal, "草案的内容与提出时的摘要不符", fmt.Errorf("a file of proposal %s was altered in the database", id))
		}
		d.Files = append(d.Files, DraftFile{Path: f.Path, Removed: f.Removed != 0, Hash: f.Hash, body: []byte(f.Body)})
	}
	return &d, err
}

func draftFiles(ctx context.Context, ids []string, without ...string) ([]draftFileRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var files []draftFileRow
	q := store.Tx(ctx).NewSelect().Model(&files).Where("proposal IN (?)", bun.List(ids)).Order("path")
	if len(without) > 0 {
		q = q.ExcludeColumn(without...)
	}
	return files, q.Scan(ctx)
}

// listDrafts is a page of drafts with the names of their files.
func listDrafts(ctx context.Context, state string, limit, offset int) ([]Draft, int, error) {
	choose := func(q *bun.SelectQuery) *bun.SelectQuery {
		if state != "" {
			q = q.Where("state = ?", state)
		}
		return q
	}
	var total int
	if err := choose(store.Tx(ctx).NewSelect().Table("scheme_proposals").ColumnExpr("COUNT(*)")).Scan(ctx, &total); err != nil {
		return nil, 0, err
	}
	var rows []draftRow
	if err := choose(store.Tx(ctx).NewSelect().Model(&rows)).Order("proposed_at DESC", "id DESC").Limit(int64(limit)).Offset(int64(offset)).Scan(ctx); err != nil {
		return nil, 0, err
	}
	out, at, ids := make([]Draft, len(rows)), map[string]int{}, []string{}
	for i := range rows {
		out[i] = rows[i].draft()
		at[rows[i].ID] = i
		ids = append(ids, rows[i].ID)
	}
	files, err := draftFiles(ctx, ids, "body")
	for _, f := range files {
		d := &out[at[f.Proposal]]
		d.Files = append(d.Files, DraftFile{Path: f.Path, Removed: f.Removed != 0, Hash: f.Hash})
	}
	return out, total, err
}

// rebaseDraft gives a waiting draft the set that it was compared with now. Conflict if it ended or was compared anew meanwhile.
func rebaseDraft(ctx context.Context, d *Draft, base string) error {
	return oneRow(store.Tx(ctx).ExecContext(ctx, `UPDATE scheme_proposals SET base = ?, checked_at = ? WHERE id = ? AND state = 'draft' AND base = ?`,
		base, d.CheckedAt, d.ID, d.Base))
}

// endDraft writes how a waiting draft ended. Conflict if it ended or was compared anew meanwhile.
func endDraft(ctx context.Context, d *Draft, account string) error {
	return oneRow(store.Tx(ctx).ExecContext(ctx, `UPDATE scheme_proposals SET state = ?, ended_account = ?, ended_by = ?, ended_at = ?, reason = ?, publication = ?
		WHERE id = ? AND state = 'draft' AND base = ?`, d.State, account, d.EndedBy, d.EndedAt, d.Reason, d.Publication, d.ID, d.Base))
}

func oneRow(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		err = errEnded()
	}
	return err
}

// draftDigest covers the draft, its files and their bodies as they stand in the database.
func draftDigest(ctx context.Context, id string) (string, error) {
	var digest string
	err := store.Read(ctx, func(ctx context.Context) error {
		var r draftRow
		if err := store.Tx(ctx).NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
			return err
		}
		h := sha256.New()
		fmt.Fprintf(h, "%q %q %q %q %q %q %q %q %q %q %q %q %q\n", r.ID, r.State, r.Base, r.Note, r.Account, r.ProposedBy, r.ProposedAt, r.CheckedAt,
			r.EndedAccount, r.EndedBy, r.EndedAt, r.Reason, r.Publication)
		files, err := draftFiles(ctx, []string{id})
		if err != nil {
			return err
		}
		for _, f := range files {
			fmt.Fprintf(h, "%q %d %q %q\n", f.Path, f.Removed, f.Hash, contentHash([]byte(f.Body)))
		}
		digest = hex.EncodeToString(h.Sum(nil))
		return nil
	})
	return digest, err
}
