package process

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/search"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Filter narrows the inbox; zero values do not. Page counts from 1.
type Filter struct {
	Text       string `json:"text,omitempty" maxLength:"100" doc:"words of number, party or title"`
	Flow       string `json:"flow,omitempty" maxLength:"64"`
	Round      string `json:"round,omitempty" maxLength:"64"`
	Scheme     string `json:"scheme,omitempty" maxLength:"200"`
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

func (f Filter) limit() int {
	if f.Per <= 0 {
		return 20
	}
	return min(f.Per, 200)
}

func (f Filter) offset() int { return max(0, min(f.Page, 1_000_000)-1) * f.limit() }

// check refuses what no list can be narrowed by.
func (f Filter) check() error {
	for _, text := range []string{f.Text, f.Flow, f.Round, f.Scheme, f.Stage, f.Department, f.Town, f.Party} {
		if len(text) > 800 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return fault.New(fault.Invalid, "查询条件过长，或含有不能使用的字符。")
		}
	}
	if !slices.Contains([]string{"", "mine", "unassigned"}, f.Whose) || !slices.Contains([]string{"", "act", "see", "done"}, f.Which) {
		return fault.New(fault.Invalid, "查询条件不正确。")
	}
	return nil
}

// Page is a page of the inbox, what is due first at the top; of what was done, the latest first.
type Page struct {
	Items []Task `json:"items" nullable:"false"`
	Total int    `json:"total" doc:"counted to 10000"`
	More  bool   `json:"more" doc:"there are more than 10000"`
	Page  int    `json:"page"`
}

// most is how far a list is counted: nobody turns to the page behind it, and counting on is what would take the time.
const most = 10_000

// branch is a part of a list that one index gives in order: the tasks of one role, or all open ones. Branches of a list do not overlap.
type branch struct {
	where []string
	args  []any
}

func (b *branch) and(condition string, args ...any) {
	b.where, b.args = append(b.where, condition), append(b.args, args...)
}

func (b branch) String() string { return strings.Join(b.where, " AND ") }

// either joins conditions of which one must hold; none: nothing does.
func either(conditions []string) string {
	if len(conditions) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// query is a list of tasks.
type query struct {
	branches []branch
	text     string // form of the text search; empty: none
	order    string
}

// list is what an actor's filter selects. Nothing, if no role of theirs selects anything.
func (e *Engine) list(ctx context.Context, f Filter) (query, error) {
	a := account.ActorFrom(ctx)
	if a.Public() {
		return query{}, fault.New(fault.Unauthenticated, "请先登录。")
	}
	if err := f.check(); err != nil {
		return query{}, err
	}
	q := query{order: "due_at, id"}
	switch f.Which {
	case "done":
		q.order = "done_at DESC, id DESC"
		q.branches = []branch{{where: []string{"t.state = 'done'", "t.done_by = ?"}, args: []any{a.AccountID}}}
	case "see":
		q.branches = seeing(a)
	default:
		q.branches = acting(a)
	}
	now := store.Stamp(clock.Now(ctx))
	for i := range q.branches {
		b := &q.branches[i]
		if f.Which == "" || f.Which == "act" {
			b.and("t.assignee IN ('', ?)", a.AccountID)
		}
		for _, c := range []struct{ column, value string }{{"flow", f.Flow}, {"scheme", f.Scheme}, {"stage", f.Stage}, {"department", f.Department}, {"town", f.Town}, {"party", f.Party}} {
			if c.value != "" {
				b.and("t."+c.column+" = ?", c.value)
			}
		}
		if f.Round != "" { // the round's own tasks are among them
			b.and("(t.round = ? OR t.subject = ?)", f.Round, f.Round)
		}
		if f.Late {
			b.and("t.due_at <= ?", now)
		}
		switch f.Whose {
		case "mine":
			b.and("t.assignee = ?", a.AccountID)
		case "unassigned":
			b.and("t.assignee = ''")
		}
	}
	return e.worded(ctx, q, f.Text)
}

// acting are the branches of what an actor may act on: one for each role that they hold.
func acting(a *account.Actor) (out []branch) {
	own := a.Parties()
	if len(own) > 0 {
		out = append(out, branch{where: []string{"t.state = 'open'", "t.role = 'applicant'", "t.party IN (?)", "t.party <> ''"}, args: []any{bun.List(own)}})
	}
	for _, role := range account.Roles {
		if role == account.RoleFirm || !a.Is(role) {
			continue
		}
		b := branch{where: []string{"t.state = 'open'", "t.role = ?"}, args: []any{string(role)}}
		var scopes []string
		for _, g := range a.Grants {
			if g.Role == role {
				scope, args := scoped(g, "t.scope_department", "t.town = ?")
				scopes, b.args = append(scopes, scope), append(b.args, args...)
			}
		}
		b.where = append(b.where, either(scopes))
		if len(own) > 0 {
			b.and("t.party NOT IN (?)", bun.List(own))
		}
		out = append(out, b)
	}
	return out
}

// seeing is the branch of what an actor may see: all that they may act on, and what is in the scope of a reading role.
func seeing(a *account.Actor) []branch {
	b := branch{where: []string{"t.state = 'open'"}}
	var ways []string
	own := a.Parties()
	if len(own) > 0 {
		ways, b.args = append(ways, "t.party IN (?)"), append(b.args, bun.List(own))
	}
	ways, b.args = append(ways, "t.assignee = ?"), append(b.args, a.AccountID)
	for _, g := range a.Grants {
		if slices.Contains(readers, g.Role) {
			if g.Role == account.RoleFinance {
				g.Department = "" // money is every department's
			}
			scope, args := scoped(g, "t.department", "t.town IN ('', ?)")
			// What has no number yet is its applicant's alone.
			ways, b.args = append(ways, "(t.number <> '' AND "+scope+")"), append(b.args, args...)
		}
		if g.Role != account.RoleFirm {
			scope, args := scoped(g, "t.scope_department", "t.town = ?")
			ways, b.args = append(ways, "(t.role = ? AND "+scope+")"), append(append(b.args, string(g.Role)), args...)
		}
	}
	b.where = append(b.where, either(ways))
	return []branch{b}
}

// scoped is the condition that a grant's scope covers a row: the department that a column names, if any, and the town, as its condition says.
func scoped(g account.Grant, department, town string) (condition string, args []any) {
	var parts []string
	if g.Department != "" {
		parts, args = append(parts, department+" IN ('', ?)"), append(args, g.Department)
	}
	if g.Town != "" {
		parts, args = append(parts, town), append(args, g.Town)
	}
	if len(parts) == 0 {
		return "1 = 1", nil
	}
	return "(" + strings.Join(parts, " AND ") + ")", args
}

// worded narrows a list to what words find: strictly if anything in the list is found so, else more leniently.
func (e *Engine) worded(ctx context.Context, q query, text string) (query, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return q, nil
	}
	forms := search.Forms(ctx, text)
	if len(forms) == 0 {
		q.branches = nil // no letter or digit: nothing can be meant
		return q, nil
	}
	for _, q.text = range forms {
		n, err := q.count(ctx, 1)
		if err != nil || n > 0 {
			return q, err
		}
	}
	return q, nil
}

// from is where a branch is read from, and its arguments up to the end of its conditions.
func (q query) from(ctx context.Context, b branch) (string, []any) {
	if q.text == "" {
		return `FROM process_tasks AS t WHERE ` + b.String(), b.args
	}
	// CROSS JOIN, so that SQLite begins with what is found: it might else ask the text search anew for every task.
	return `FROM (` + store.SearchRanked(ctx) + `) AS r CROSS JOIN search_entries AS e CROSS JOIN process_tasks AS t
		WHERE e.n = r.n AND e.collection = ? AND t.instance = e.id AND ` + b.String(), append([]any{q.text, searchSubjects}, b.args...)
}

// union joins what the branches give, each at most so many rows in the list's order; all of them, if most is 0.
func (q query) union(ctx context.Context, columns string, most int) (string, []any) {
	var parts []string
	var args []any
	for _, b := range q.branches {
		from, some := q.from(ctx, b)
		part := `SELECT ` + columns + ` ` + from
		args = append(args, some...)
		if most > 0 {
			part += ` ORDER BY t.` + strings.ReplaceAll(q.order, ", ", ", t.") + ` LIMIT ?`
			args = append(args, most)
		}
		parts = append(parts, `SELECT * FROM (`+part+`) AS part`)
	}
	return strings.Join(parts, ` UNION ALL `), args
}

// count counts a list up to a number.
func (q query) count(ctx context.Context, most int) (n int, err error) {
	if len(q.branches) == 0 {
		return 0, nil
	}
	var parts []string
	var args []any
	for _, b := range q.branches {
		from, some := q.from(ctx, b)
		parts, args = append(parts, `SELECT 1 AS one `+from), append(args, some...)
	}
	err = store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM (`+strings.Join(parts, ` UNION ALL `)+` LIMIT ?) AS counted`, append(args, most)...).Scan(ctx, &n)
	return n, err
}

// rows are some of a list's tasks in its order.
func (q query) rows(ctx context.Context, limit, offset int) (rows []taskRow, err error) {
	if len(q.branches) == 0 {
		return nil, nil
	}
	columns := `t.` + strings.Join(strings.FieldsFunc(taskColumns, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }), `, t.`)
	union, args := q.union(ctx, columns, limit+offset)
	err = store.Tx(ctx).NewRaw(`SELECT * FROM (`+union+`) AS task ORDER BY `+q.order+` LIMIT ? OFFSET ?`, append(args, limit, offset)...).Scan(ctx, &rows)
	return rows, err
}

// Inbox is what the actor may act on, see, or has done, as the filter says. What is assigned to somebody else is not to be acted on.
// The public gets Unauthenticated; Invalid for a filter that nothing can mean.
func (e *Engine) Inbox(ctx context.Context, f Filter) (Page, error) {
	out := Page{Items: []Task{}, Page: max(1, f.Page)}
	err := store.Read(ctx, func(ctx context.Context) error {
		q, err := e.list(ctx, f)
		if err != nil {
			return err
		}
		n, err := q.count(ctx, most+1)
		if err != nil {
			return err
		}
		out.Total, out.More = min(n, most), n > most
		rows, err := q.rows(ctx, f.limit(), f.offset())
		if err != nil {
			return err
		}
		out.Items, err = e.dressed(ctx, account.ActorFrom(ctx), rows)
		return err
	})
	return out, err
}

// Each calls fn for every task of the inbox in its order; for exports. fn runs inside a read transaction. Errors as Inbox.
func (e *Engine) Each(ctx context.Context, f Filter, fn func(Task) error) error {
	return store.Read(ctx, func(ctx context.Context) error {
		q, err := e.list(ctx, f)
		if err != nil || len(q.branches) == 0 {
			return err
		}
		a := account.ActorFrom(ctx)
		for offset := 0; ; offset += exportPage {
			rows, err := q.rows(ctx, exportPage, offset)
			if err != nil {
				return err
			}
			tasks, err := e.dressed(ctx, a, rows)
			if err != nil {
				return err
			}
			for _, t := range tasks {
				if err := fn(t); err != nil {
					return err
				}
			}
			if len(rows) < exportPage {
				return nil
			}
		}
	})
}

// Asking is how many open tasks of a round's subjects of a flow have an action that asks for something (policy.ProcessNeeds), whoever they
// are assigned to. For rooms: no permission is asked.
func (e *Engine) Asking(ctx context.Context, flow, round, need string) (n int, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		var rows []struct {
			Definition string `bun:"definition"`
			Stage      string `bun:"stage"`
			Task       string `bun:"task"`
			Count      int    `bun:"n"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT definition, stage, task, COUNT(*) AS n FROM process_tasks
			WHERE round = ? AND round <> '' AND state = 'open' AND flow = ? GROUP BY definition, stage, task`, round, flow).Scan(ctx, &rows); err != nil {
			return err
		}
		n = 0
		for _, r := range rows {
			_, f, err := e.flowOf(ctx, r.Definition, flow)
			if err != nil {
				return err
			}
			rule := ruleOf(f, r.Stage, r.Task)
			if rule != nil && slices.ContainsFunc(rule.Actions, func(a *policy.Action) bool { return slices.Contains(a.Needs, need) }) {
				n += r.Count
			}
		}
		return nil
	})
	return n, err
}

// exportPage is how many tasks an export holds at a time.
const exportPage = 5000

// Counts is how many tasks a filter leaves, by what a page offers to narrow it by.
type Counts struct {
	Total      int          `json:"total"`
	Late       int          `json:"late"`
	Mine       int          `json:"mine" doc:"assigned to whoever asks"`
	Unassigned int          `json:"unassigned"`
	Stages     []StageTasks `json:"stages" nullable:"false" doc:"the most frequent first"`
}

// StageTasks is how many tasks are open at a stage.
type StageTasks struct {
	Flow  string `json:"flow"`
	Stage string `json:"stage"`
	Title string `json:"title"`
	Count int    `json:"count"`
}

// Count counts the inbox. Errors as Inbox.
func (e *Engine) Count(ctx context.Context, f Filter) (Counts, error) {
	out := Counts{Stages: []StageTasks{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = Counts{Stages: []StageTasks{}}
		q, err := e.list(ctx, f)
		if err != nil || len(q.branches) == 0 {
			return err
		}
		var rows []struct {
			Flow       string `bun:"flow"`
			Stage      string `bun:"stage"`
			Title      string `bun:"stage_title"`
			Count      int    `bun:"n"`
			Late       int    `bun:"late"`
			Mine       int    `bun:"mine"`
			Unassigned int    `bun:"unassigned"`
		}
		union, args := q.union(ctx, `t.flow, t.stage, t.stage_title, t.due_at, t.assignee`, 0)
		args = append([]any{store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID}, args...)
		if err := store.Tx(ctx).NewRaw(`SELECT flow, stage, stage_title, COUNT(*) AS n, COUNT(*) FILTER (WHERE due_at <= ?) AS late,
			COUNT(*) FILTER (WHERE assignee = ?) AS mine, COUNT(*) FILTER (WHERE assignee = '') AS unassigned
			FROM (`+union+`) AS task GROUP BY flow, stage, stage_title ORDER BY n DESC, flow, stage, stage_title`, args...).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out.Total, out.Late, out.Mine, out.Unassigned = out.Total+r.Count, out.Late+r.Late, out.Mine+r.Mine, out.Unassigned+r.Unassigned
			out.Stages = append(out.Stages, StageTasks{Flow: r.Flow, Stage: r.Stage, Title: r.Title, Count: r.Count})
		}
		return nil
	})
	return out, err
}
