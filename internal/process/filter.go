package process

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Saved is a filter that somebody gave a name.
type Saved struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Filter Filter `json:"filter"`
}

type filterRow struct {
	ID      string `bun:"id"`
	Account string `bun:"account"`
	Name    string `bun:"name"`
	Body    string `bun:"body"`
	SavedAt string `bun:"saved_at"`
}

const filterColumns = `id, account, name, body, saved_at`

func digestOfFilter(ctx context.Context, id string) (string, error) {
	r, found, err := one[filterRow](ctx, `SELECT `+filterColumns+` FROM process_filters WHERE id = ?`, id)
	if err != nil || !found {
		return "", err
	}
	return audit.Digest(r.ID, r.Account, r.Name, r.Body, r.SavedAt), nil
}

func signedIn(ctx context.Context) (string, error) {
	a := account.ActorFrom(ctx)
	if a.Public() {
		return "", fault.New(fault.Unauthenticated, "请先登录。")
	}
	return a.AccountID, nil
}

// Saved lists the actor's filters by name. Unauthenticated for the public.
func (e *Engine) Saved(ctx context.Context) ([]Saved, error) {
	me, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	out := []Saved{}
	err = store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		var rows []filterRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+filterColumns+` FROM process_filters WHERE account = ? ORDER BY name`, me).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			s := Saved{ID: r.ID, Name: r.Name}
			if err := json.Unmarshal([]byte(r.Body), &s.Filter); err != nil {
				return err
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

// Bounds of what one account saves.
const (
	mostSaved = 50
	maxName   = 30
)

// Save keeps a filter under a name, in place of what had it. Unauthenticated for the public; Invalid for a bad name or filter; Conflict for
// more than 50.
func (e *Engine) Save(ctx context.Context, name string, f Filter) (Saved, error) {
	me, err := signedIn(ctx)
	if err != nil {
		return Saved{}, err
	}
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return Saved{}, fault.New(fault.Invalid, "请写一个名称。", fault.Detail{Field: "name", Message: "1至30个字，不含控制字符。"})
	}
	if err := f.check(); err != nil {
		return Saved{}, err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return Saved{}, err
	}
	out := Saved{Name: name, Filter: f}
	err = store.Write(ctx, func(ctx context.Context) error {
		// The name is one of theirs at the most once; which id it has is what the row says.
		err := store.Tx(ctx).QueryRowContext(ctx, `INSERT INTO process_filters (id, account, name, body, saved_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (account, name) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at RETURNING id`,
			store.NewID(), me, name, string(body), store.Stamp(clock.Now(ctx))).Scan(&out.ID)
		if err != nil {
			return err
		}
		n := 0
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM process_filters WHERE account = ?`, me).Scan(ctx, &n); err != nil {
			return err
		}
		if n > mostSaved {
			return fault.New(fault.Conflict, "最多保存50个，请先删去一些。")
		}
		digest, err := digestOfFilter(ctx, out.ID)
		if err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "filter.save", Kind: kindFilter, ID: out.ID, Digest: digest})
	})
	return out, err
}

// Forget drops a saved filter. NotFound if the actor has none of that id.
func (e *Engine) Forget(ctx context.Context, id string) error {
	me, err := signedIn(ctx)
	if err != nil {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error {
		n, err := change(ctx, `DELETE FROM process_filters WHERE id = ? AND account = ?`, id, me)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "没有这个保存的条件。")
		}
		return audit.Append(ctx, audit.Event{Action: "filter.forget", Kind: kindFilter, ID: id, Digest: audit.Deleted})
	})
}
