package notify

import (
	"context"

	"shanglin/internal/platform/store"
)

type noteRow struct {
	ID      string `bun:"id"`
	Account string `bun:"account"`
	Kind    string `bun:"kind"`
	Link    string `bun:"link"`
	Key     string `bun:"note_key"`
	Title   string `bun:"title"`
	Body    string `bun:"body"`
	ToldAt  string `bun:"told_at"`
	ReadAt  string `bun:"read_at"`
}

// noteKey tells what somebody was told apart from all else, until it is read.
type noteKey struct{ account, kind, link, key string }

func (r noteRow) is() noteKey { return noteKey{r.Account, r.Kind, r.Link, r.Key} }

const noteColumns = `id, account, kind, link, note_key, title, body, told_at, read_at`

func (r noteRow) notification() Notification {
	return Notification{ID: r.ID, Kind: r.Kind, Title: r.Title, Body: r.Body, Link: r.Link, At: r.ToldAt, Read: r.ReadAt != ""}
}

// insertAtOnce and forgetAtOnce keep statements and transactions short.
const (
	insertAtOnce = 200
	forgetAtOnce = 1000
)

func insert(ctx context.Context, rows []noteRow) error {
	_, err := store.Tx(ctx).NewInsert().Model(&rows).ModelTableExpr("notifications").
		On(`CONFLICT (account, kind, link, note_key) WHERE read_at = '' DO UPDATE`).
		Set(`title = excluded.title`).Set(`body = excluded.body`).Set(`told_at = excluded.told_at`).Exec(ctx)
	return err
}

func list(ctx context.Context, account string, f Filter) (rows []noteRow, total int, err error) {
	where := `FROM notifications WHERE account = ?`
	if f.Unread {
		where += ` AND read_at = ''`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT count(*) `+where, account).Scan(ctx, &total); err != nil {
		return nil, 0, err
	}
	err = store.Tx(ctx).NewRaw(`SELECT `+noteColumns+` `+where+` ORDER BY told_at DESC, id DESC LIMIT ? OFFSET ?`, account, f.Per, (f.Page-1)*f.Per).Scan(ctx, &rows)
	return rows, total, err
}

func countUnread(ctx context.Context, account string) (n int, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT count(*) FROM notifications WHERE account = ? AND read_at = ''`, account).Scan(ctx, &n)
	return n, err
}

// markRead says whether the account has such a notification; when it was first read stays.
func markRead(ctx context.Context, account, id, at string) (there bool, err error) {
	done, err := store.Tx(ctx).NewRaw(`UPDATE notifications SET read_at = CASE WHEN read_at = '' THEN ? ELSE read_at END WHERE id = ? AND account = ?`, at, id, account).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func markAllRead(ctx context.Context, account, until, at string) (int, error) {
	done, err := store.Tx(ctx).NewRaw(`UPDATE notifications SET read_at = ? WHERE account = ? AND read_at = '' AND told_at <= ?`, at, account, until).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}

func anyReadBefore(ctx context.Context, before string) (bool, error) {
	var ids []string
	err := store.Tx(ctx).NewRaw(`SELECT id FROM notifications WHERE read_at <> '' AND read_at < ? LIMIT 1`, before).Scan(ctx, &ids)
	return len(ids) > 0, err
}

func forget(ctx context.Context, before string) error {
	of := `(SELECT id FROM notifications WHERE read_at <> '' AND read_at < ? ORDER BY read_at, id LIMIT ?)`
	if _, err := store.Tx(ctx).NewRaw(`DELETE FROM deliveries WHERE note IN `+of, before, forgetAtOnce).Exec(ctx); err != nil {
		return err
	}
	_, err := store.Tx(ctx).NewRaw(`DELETE FROM notifications WHERE id IN `+of, before, forgetAtOnce).Exec(ctx)
	return err
}
