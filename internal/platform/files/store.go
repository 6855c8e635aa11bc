package files

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

type fileRow struct {
	ID        string `bun:"id"`
	Owner     string `bun:"owner"`
	Name      string `bun:"name"`
	Type      Type   `bun:"type"`
	Size      int64  `bun:"size"`
	SHA256    string `bun:"sha256"`
	Chunks    int64  `bun:"chunks"`
	Pinned    int    `bun:"pinned"`
	CreatedAt string `bun:"created_at"`
	CreatedBy string `bun:"created_by"`
}

const fileColumns = `id, owner, name, type, size, sha256, chunks, pinned, created_at, created_by`

func rowOf(f File) fileRow {
	return fileRow{ID: f.ID, Owner: f.Owner, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, CreatedAt: f.CreatedAt, CreatedBy: f.CreatedBy}
}

func (r fileRow) file() File {
	return File{ID: r.ID, Owner: r.Owner, Name: r.Name, Type: r.Type, Size: r.Size, SHA256: r.SHA256, Pinned: r.Pinned != 0, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy}
}

// digest is over the row and the hash that its content has.
func (r fileRow) digest(content string) string {
	h := sha256.New()
	for _, text := range []string{r.ID, r.Owner, r.Name, string(r.Type), fmt.Sprint(r.Size), r.SHA256, fmt.Sprint(r.Chunks), fmt.Sprint(r.Pinned), r.CreatedAt, r.CreatedBy, content} {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func init() {
	audit.RegisterRow("file", digestOfFile)
	audit.RegisterList("file", audit.IDs("files"))
}

// digestOfFile reads the content as it is now: one changed byte of a chunk is another digest.
func digestOfFile(ctx context.Context, id string) (string, error) {
	row, err := find(ctx, id)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, newContent(ctx, row))
	var wrong *Damaged
	switch {
	case errors.As(err, &wrong):
		return row.digest("damaged"), nil
	case err != nil:
		return "", err
	}
	return row.digest(row.SHA256), nil
}

// claim counts a file to its owner, or refuses it. The condition stands in the statement, so that of two that come at once the second is
// counted against the first.
func claim(ctx context.Context, f File, l Limits) error {
	full := fault.New(fault.Conflict, fmt.Sprintf("附件已满：最多%d个，合计不超过%s", l.Files, megabytes(l.Total)))
	if f.Size > l.Total {
		return full
	}
	done, err := store.Tx(ctx).NewRaw(`INSERT INTO file_owners (owner, files, bytes) VALUES (?, 1, ?)
		ON CONFLICT (owner) DO UPDATE SET files = file_owners.files + 1, bytes = file_owners.bytes + excluded.bytes
		WHERE file_owners.files < ? AND file_owners.bytes + excluded.bytes <= ?`, f.Owner, f.Size, l.Files, l.Total).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, full)
	}
	return nil
}

func insert(ctx context.Context, row fileRow) error {
	_, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("files").Exec(ctx)
	return err
}

func insertChunk(ctx context.Context, file string, number int64, body string) error {
	_, err := store.Tx(ctx).NewRaw(`INSERT INTO file_chunks (file, number, body) VALUES (?, ?, ?)`, file, number, body).Exec(ctx)
	return err
}

// chunk is empty when it is not there.
func chunk(ctx context.Context, file string, number int64) (body string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT body FROM file_chunks WHERE file = ? AND number = ?`, file, number).Scan(ctx, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return body, err
}

func find(ctx context.Context, id string) (fileRow, error) {
	var row fileRow
	err := store.Tx(ctx).NewRaw(`SELECT `+fileColumns+` FROM files WHERE id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, notFound()
	}
	return row, err
}

func ofOwner(ctx context.Context, owner string) (rows []fileRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+fileColumns+` FROM files WHERE owner = ? ORDER BY id`, owner).Scan(ctx, &rows)
	return rows, err
}

// pin says whether it was this call that pinned the file. Whoever deletes it at the same moment waits, and then finds it pinned.
func pin(ctx context.Context, id string) (bool, error) {
	done, err := store.Tx(ctx).NewRaw(`UPDATE files SET pinned = 1 WHERE id = ? AND pinned = 0`, id).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// remove deletes a file that is not pinned, and its chunks with it; gone says whether there was one.
func remove(ctx context.Context, id string) (row fileRow, gone bool, err error) {
	var rows []fileRow
	if err := store.Tx(ctx).NewRaw(`DELETE FROM files WHERE id = ? AND pinned = 0 RETURNING `+fileColumns, id).Scan(ctx, &rows); err != nil || len(rows) == 0 {
		return row, false, err
	}
	row = rows[0]
	_, err = store.Tx(ctx).NewRaw(`UPDATE file_owners SET files = files - 1, bytes = bytes - ? WHERE owner = ?`, row.Size, row.Owner).Exec(ctx)
	return row, true, err
}

func init() {
	audit.RegisterWords("file", audit.Words{Label: "附件", Actions: map[string]string{"file.attach": "上传附件", "file.pin": "附件随材料提交", "file.delete": "删除附件"}})
}
