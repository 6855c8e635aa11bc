package process

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Filter narrows the inbox; zero values do not. Page counts from 1.
type Filter struct {
	Text       string `json:"text,omitempty" maxLength:"100"`
	Flow       string `json:"flow,omitempty" maxLength:"64"`
	Round      string `json:"round,omitempty" maxLength:"64"`
	Scheme     string `json:"scheme,omitempty" maxLength:"160"`
	Stage      string `json:"stage,omitempty" maxLength:"100"`
	Department string `json:"department,omitempty" maxLength:"100" doc:"of the subject"`
	Town       string `json:"town,omitempty" maxLength:"100" doc:"of the subject"`
	Party      string `json:"party,omitempty" maxLength:"64"`
	Late       bool   `json:"late,omitempty" doc:"only what is overdue"`
	Whose      string `json:"whose,omitempty" enum:"mine,unassigned" doc:"assigned to whoever asks; to nobody"`
	Which      string `json:"which,omitempty" enum:"act,see,done" doc:"act (default): may act on; see: may see; done: did"`
	Page       int    `json:"-"`
	Per        int    `json:"-"`
}

// Page is a page of the inbox, what is due first at the top.
type Page struct {
	Items []Task `json:"items" nullable:"false"`
	Total int    `json:"total"`
	Page  int    `json:"page"`
}

func (f Filter) where(ctx context.Context, a *account.Actor) (string, []any) {
	var where []string
	var args []any
	add := func(condition string, more ...any) { where, args = append(where, condition), append(args, more...) }
	switch f.Which {
	case "done":
		add(`t.state = 'done' AND t.closed_by = ?`, a.AccountID)
	case "see":
		cond, more := seeScope(a, "t", "subject_town", "subject_department", "subject")
		add(`t.state = 'open' AND `+cond, more...)
	default:
		cond, more := actScope(a)
		add(`t.state = 'open' AND `+cond, more...)
		add(`t.assignee IN ('', ?)`, a.AccountID)
	}
	for _, x := range []struct{ column, value string }{{"flow", f.Flow}, {"round", f.Round}, {"scheme", f.Scheme}, {"stage", f.Stage}, {"subject_department", f.Department},
		{"subject_town", f.Town}, {"party", f.Party}} {
		if x.value != "" {
			add(`t.`+x.column+` = ?`, x.value)
		}
	}
	if f.Late {
		add(`t.due_at <> '' AND t.due_at < ?`, store.Stamp(clock.Now(ctx)))
	}
	switch f.Whose {
	case "mine":
		add(`t.assignee = ?`, a.AccountID)
	case "unassigned":
		add(`t.assignee = ''`)
	}
	if text := strings.NewReplacer("%", "", "_", "").Replace(strings.TrimSpace(f.Text)); text != "" {
		like := "%" + text + "%"
		add(`(t.number LIKE ? OR t.party_name LIKE ? OR t.subject_title LIKE ?)`, like, like, like)
	}
	return strings.Join(where, " AND "), args
}

const inboxOrder = "CASE WHEN t.due_at = '' THEN 1 ELSE 0 END, t.due_at, t.opened_at, t.id"

// Inbox is what the actor may act on, see, or has done, as the filter says. The public gets Unauthenticated.
func (e *Engine) Inbox(ctx context.Context, f Filter) (Page, error) {
	out := Page{Items: []Task{}, Page: max(f.Page, 1)}
	err := e.reading(ctx, func(ctx context.Context, a *account.Actor) error {
		out.Items = out.Items[:0]
		where, args := f.where(ctx, a)
		order := inboxOrder
		if f.Which == "done" {
			order = "t.closed_at DESC, t.id DESC"
		}
		per := int64(f.Per)
		if per <= 0 || per > 200 {
			per = 20
		}
		rows := []taskRow{}
		total, err := store.Tx(ctx).NewSelect().Model(&rows).Where(where, args...).OrderExpr(order).Limit(per).Offset(int64(max(f.Page, 1)-1) * per).ScanAndCount(ctx)
		if err != nil {
			return err
		}
		out.Total = int(total)
		return e.list(ctx, a, rows, func(t Task) error { out.Items = append(out.Items, t); return nil })
	})
	return out, err
}

// list shows rows with their buttons: the instances of all of them in one query.
func (e *Engine) list(ctx context.Context, a *account.Actor, rows []taskRow, fn func(Task) error) error {
	ids := make([]string, len(rows))
	for i, t := range rows {
		ids[i] = t.Instance
	}
	if len(ids) == 0 {
		return nil
	}
	found := []instanceRow{}
	if err := store.Tx(ctx).NewSelect().Model(&found).Where("i.id IN (?)", listOf(ids)).Scan(ctx); err != nil {
		return err
	}
	byID := map[string]*instanceRow{}
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	for i := range rows {
		_, f, err := e.flowOf(ctx, byID[rows[i].Instance])
		if err != nil {
			return err
		}
		t, err := e.shown(ctx, a, &rows[i], byID[rows[i].Instance], f, false)
		if err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) reading(ctx context.Context, fn func(ctx context.Context, a *account.Actor) error) error {
	a := account.ActorFrom(ctx)
	if a.Public() {
		return fault.New(fault.Unauthenticated, "请先登录")
	}
	return store.Read(ctx, func(ctx context.Context) error { return fn(ctx, a) })
}

// Each calls fn for every task of the inbox in its order; for exports. fn runs inside a read transaction.
func (e *Engine) Each(ctx context.Context, f Filter, fn func(Task) error) error {
	return e.reading(ctx, func(ctx context.Context, a *account.Actor) error {
		where, args := f.where(ctx, a)
		after := ""
		for {
			rows := []taskRow{}
			if err := store.Tx(ctx).NewSelect().Model(&rows).Where(where, args...).Where("t.id > ?", after).OrderExpr("t.id").Limit(500).Scan(ctx); err != nil {
				return err
			}
			if len(rows) == 0 {
				return nil
			}
			after = rows[len(rows)-1].ID
			if err := e.list(ctx, a, rows, fn); err != nil {
				return err
			}
		}
	})
}

// Counts is how many tasks a filter leaves.
type Counts struct {
	Total      int          `json:"total"`
	Late       int          `json:"late"`
	Mine       int          `json:"mine" doc:"assigned to whoever asks"`
	Unassigned int          `json:"unassigned"`
	Stages     []StageTasks `json:"stages" nullable:"false"`
}

// StageTasks is how many tasks are open at a stage.
type StageTasks struct {
	Flow  string `json:"flow" bun:"flow"`
	Stage string `json:"stage" bun:"stage"`
	Title string `json:"title" bun:"title"`
	Count int    `json:"count" bun:"n"`
}

// Count counts the inbox. Errors as Inbox.
func (e *Engine) Count(ctx context.Context, f Filter) (Counts, error) {
	out := Counts{Stages: []StageTasks{}}
	err := e.reading(ctx, func(ctx context.Context, a *account.Actor) error {
		where, args := f.where(ctx, a)
		var sums struct {
			Total      int `bun:"total"`
			Late       int `bun:"late"`
			Mine       int `bun:"mine"`
			Unassigned int `bun:"unassigned"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) AS total, COALESCE(SUM(CASE WHEN t.due_at <> '' AND t.due_at < ? THEN 1 ELSE 0 END), 0) AS late,
			COALESCE(SUM(CASE WHEN t.assignee = ? THEN 1 ELSE 0 END), 0) AS mine, COALESCE(SUM(CASE WHEN t.assignee = '' THEN 1 ELSE 0 END), 0) AS unassigned
			FROM process_tasks AS t WHERE `+where, append([]any{store.Stamp(clock.Now(ctx)), a.AccountID}, args...)...).Scan(ctx, &sums); err != nil {
			return err
		}
		out.Total, out.Late, out.Mine, out.Unassigned = sums.Total, sums.Late, sums.Mine, sums.Unassigned
		out.Stages = out.Stages[:0]
		return store.Tx(ctx).NewRaw(`SELECT t.flow, t.stage, MAX(t.stage_title) AS title, COUNT(*) AS n FROM process_tasks AS t WHERE `+where+` GROUP BY t.flow, t.stage ORDER BY t.flow, t.stage`,
			args...).Scan(ctx, &out.Stages)
	})
	return out, err
}

// Saved is a filter that somebody gave a name.
type Saved struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Filter Filter `json:"filter"`
}

const mostSaved = 50

// Saved lists the actor's filters by name. Unauthenticated for the public.
func (e *Engine) Saved(ctx context.Context) ([]Saved, error) {
	out := []Saved{}
	err := e.reading(ctx, func(ctx context.Context, a *account.Actor) error {
		out = out[:0]
		rows, err := store.Tx(ctx).QueryContext(ctx, `SELECT id, name, filter FROM process_filters WHERE account = ? ORDER BY name`, a.AccountID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s Saved
			var text string
			if err := rows.Scan(&s.ID, &s.Name, &text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &s.Filter); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	return out, err
}

// Save keeps a filter under a name, in place of what had it. Unauthenticated for the public; Invalid for a bad name; Conflict for more than 50.
func (e *Engine) Save(ctx context.Context, name string, f Filter) (Saved, error) {
	a := account.ActorFrom(ctx)
	if a.Public() {
		return Saved{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 40 || strings.ContainsAny(name, "\n\t") {
		return Saved{}, fault.New(fault.Invalid, "请给这组条件起个名字，不超过40字", fault.Detail{Field: "name", Message: "1至40个字"})
	}
	text, err := json.Marshal(f)
	if err != nil {
		return Saved{}, err
	}
	out := Saved{Name: name, Filter: f}
	err = store.Write(ctx, func(ctx context.Context) error {
		var n int
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM process_filters WHERE account = ? AND name <> ?`, a.AccountID, name).Scan(ctx, &n); err != nil {
			return err
		}
		if n >= mostSaved {
			return fault.New(fault.Conflict, "最多保存50组条件")
		}
		return store.Tx(ctx).QueryRowContext(ctx, `INSERT INTO process_filters (id, account, name, filter) VALUES (?, ?, ?, ?)
			ON CONFLICT (account, name) DO UPDATE SET filter = excluded.filter RETURNING id`, store.NewID(), a.AccountID, name, string(text)).Scan(&out.ID)
	})
	return out, err
}

// Forget drops a saved filter. NotFound if the actor has none of that id.
func (e *Engine) Forget(ctx context.Context, id string) error {
	a := account.ActorFrom(ctx)
	return store.Write(ctx, func(ctx context.Context) error {
		result, err := store.Tx(ctx).NewRaw(`DELETE FROM process_filters WHERE id = ? AND account = ? AND account <> ''`, id, a.AccountID).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			return fault.New(fault.NotFound, "没有这组条件")
		}
		return nil
	})
}
