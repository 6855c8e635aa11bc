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
	Total int    `json:"total" doc:"counted to 1000; to 100 where a word is in many"`
	More  bool   `json:"more" doc:"there are more"`
	Page  int    `json:"page"`
}

// How far a list is counted, and by words that are in so many subjects that each row has to be looked at: nobody turns to the page behind
// it, and counting on is what would take the time.
const (
	most       = 1000
	mostWorded = 100
)

// branch is a part of a list that one index gives in order. Branches of a list do not overlap.
type branch struct {
	where []string
	args  []any
	of    int // which grant it comes from: those of one do not overlap from the beginning
}

func (b *branch) and(condition string, args ...any) {
	b.where, b.args = append(b.where, condition), append(b.args, args...)
}

func (b branch) String() string { return strings.Join(b.where, " AND ") }

// query is a list of tasks.
type query struct {
	branches []branch
	order    string
	most     int // how far it is counted
	hats     []*account.Actor
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
	hats, err := account.Hats(ctx, a)
	if err != nil {
		return query{}, err
	}
	q := query{order: "due_at, id", most: most, hats: hats}
	switch f.Which {
	case "done":
		q.order = "done_at DESC, id DESC"
		q.branches = []branch{{where: []string{"t.state = 'done'", "t.done_by = ?"}, args: []any{a.AccountID}}}
	case "see":
		q.branches = together(hats, seeing)
	default:
		q.branches = together(hats, acting)
	}
	now := store.Stamp(clock.Now(ctx))
	for i := range q.branches {
		b := &q.branches[i]
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
			b.and("t.assignee IN (?) AND t.assignee <> ''", bun.List(a.Persons()))
		case "unassigned":
			b.and("t.assignee = ''")
		}
	}
	return e.worded(ctx, q, f.Text)
}

// apartHats keeps the numbers (branch.of) of one hat's branches apart from those of the next.
const apartHats = 1000

// together are the branches of an actor under every hat.
func together(hats []*account.Actor, of func(*account.Actor) []branch) (out []branch) {
	for i, h := range hats {
		for _, b := range of(h) {
			b.of += i * apartHats
			out = append(out, b)
		}
	}
	return apartFrom(out)
}

// acting are the branches of what an actor may act on. What is assigned to somebody else is not.
func acting(a *account.Actor) (out []branch) {
	own := a.Parties()
	if len(own) > 0 {
		out = append(out, openTasks(-1).with("t.role = 'applicant' AND t.party IN (?) AND t.party <> ''", bun.List(own)))
	}
	for i, g := range a.Grants {
		if g.Role == account.RoleFirm {
			continue
		}
		for _, b := range held(i, g) {
			if len(own) > 0 {
				b.and("t.party NOT IN (?)", bun.List(own))
			}
			out = append(out, b)
		}
	}
	for i := range out {
		out[i].and("t.assignee IN ('', ?)", bun.List(a.Persons()))
	}
	return out
}

// seeing are the branches of what an actor may see: all that they may act on, and what is in the scope of a reading role.
func seeing(a *account.Actor) (out []branch) {
	for i, g := range a.Grants {
		reads := slices.Contains(readers, g.Role)
		if reads {
			out = append(out, readable(i, g)...)
		}
		if g.Role == account.RoleFirm {
			continue
		}
		if !reads {
			out = append(out, held(i, g)...)
			continue
		}
		// What the same grant does not read as well: what its department was asked of others', and what has no number yet.
		if g.Department != "" && g.Role != account.RoleFinance {
			for _, b := range held(i, g) {
				out = append(out, b.with("t.number <> '' AND t.scope_department <> t.department AND t.department NOT IN ('', ?)", g.Department))
			}
		}
		unnumbered := openTasks(i).with("t.role = ? AND t.number = ''", string(g.Role))
		for _, s := range scopes(g) {
			if s.String() != "" { // from the index of what has no number, which is little
				out = append(out, unnumbered.with(store.Filter(s.String()), s.args...))
			} else {
				out = append(out, unnumbered)
			}
		}
	}
	out = append(out, openTasks(-1).with("t.assignee IN (?) AND t.assignee <> ''", bun.List(a.Persons())))
	if own := a.Parties(); len(own) > 0 {
		out = append(out, openTasks(-2).with("t.party IN (?) AND t.party <> ''", bun.List(own)))
	}
	return out
}

func openTasks(of int) branch { return branch{where: []string{"t.state = 'open'"}, of: of} }

// with is the branch with one more condition; the branch itself stays as it is.
func (b branch) with(condition string, args ...any) branch {
	b.where, b.args = slices.Clone(b.where), slices.Clone(b.args)
	b.and(condition, args...)
	return b
}

// held are the tasks that a grant is for, in branches that each have an index.
func held(of int, g account.Grant) (out []branch) {
	for _, s := range scopes(g) {
		b := openTasks(of).with("t.role = ?", string(g.Role))
		b.where, b.args = append(b.where, s.where...), append(b.args, s.args...)
		out = append(out, b)
	}
	return out
}

// scopes are the conditions of what a grant is for, apart from each other: those of a town, or of a department and of none in particular.
func scopes(g account.Grant) []branch {
	switch {
	case g.Town != "" && g.Department != "":
		return []branch{{where: []string{"t.town = ? AND t.scope_department IN ('', ?)"}, args: []any{g.Town, g.Department}}}
	case g.Town != "":
		return []branch{{where: []string{"t.town = ?"}, args: []any{g.Town}}}
	case g.Department != "":
		return []branch{{where: []string{"t.scope_department = ?"}, args: []any{g.Department}}, {where: []string{"t.scope_department = ''"}}}
	}
	return []branch{{}}
}

// readable are the tasks of subjects that a reader's grant covers. What has no number yet is its applicant's alone.
func readable(of int, g account.Grant) []branch {
	b := openTasks(of).with("t.number <> ''")
	if g.Role == account.RoleFinance {
		g.Department = "" // money is every department's
	}
	switch {
	case g.Town != "":
		if g.Department != "" {
			b.and("t.department IN ('', ?)", g.Department)
		}
		return []branch{b.with("t.town = ?", g.Town), b.with("t.town = ''")}
	case g.Department != "":
		return []branch{b.with("t.department = ?", g.Department), b.with("t.department = ''")}
	}
	return []branch{b}
}

// apartFrom takes out of each branch what is in one before it.
func apartFrom(branches []branch) []branch {
	out := make([]branch, len(branches))
	for i, b := range branches {
		out[i] = b
		for _, before := range branches[:i] {
			if before.of != b.of {
				out[i] = out[i].with("NOT ("+before.String()+")", before.args...)
			}
		}
	}
	return out
}

// worded narrows a list to what words find: strictly if anything in the list is found so, else more leniently. Words that are in very many
// subjects are looked for in each row of the list instead, in its order, which soon has a page of them.
func (e *Engine) worded(ctx context.Context, q query, text string) (query, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return q, nil
	}
	all := q.branches
	if numbered, err := numbered(ctx, text); err != nil || len(numbered) > 0 {
		q.branches = nil
		for _, b := range all {
			q.branches = append(q.branches, b.among(numbered))
		}
		return q, err
	}
	for strict, form := range forms(ctx, text) {
		found, err := search.Some(ctx, searchSubjects, form, fewFound+1)
		if err != nil {
			return q, err
		}
		many := len(found) > fewFound
		if len(found) == 0 || many && strict > 0 { // leniently, that is nothing that could be meant
			continue
		}
		q.branches = nil
		for _, b := range all {
			if !many {
				q.branches = append(q.branches, b.among(found))
				continue
			}
			for _, word := range strings.Fields(text) {
				condition, args := store.Like(ctx, word, "t.number", "t.party_name", "t.title")
				b = b.with(condition, args...)
			}
			q.branches, q.most = append(q.branches, b), mostWorded
		}
		if n, err := q.count(ctx, 1); err != nil || n > 0 {
			return q, err
		}
	}
	q.branches = nil
	return q, nil
}

// among is the branch with what it has of some instances, which are looked up one by one.
func (b branch) among(instances []string) branch {
	return branch{where: []string{store.Filter(b.String())}, args: b.args, of: b.of}.with("t.instance IN (?)", bun.List(instances))
}

// numbered are the instances in a round whose number a text is. The number of a round itself begins those of all that is in it: it is looked
// for as words are.
func numbered(ctx context.Context, text string) (ids []string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT id FROM process_instances WHERE number = ? AND number <> '' AND round NOT IN ('', subject)`, text).Scan(ctx, &ids)
	return ids, err
}

// forms are those in which words are looked for; a number or a code is meant as it stands.
func forms(ctx context.Context, text string) []string {
	all := search.Forms(ctx, text)
	if len(all) > 1 && strings.ContainsAny(text, "0123456789") && !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return all[:1]
	}
	return all
}

// fewFound is how many subjects words may find to be looked up one by one.
const fewFound = 500

// Worded are the subjects of a flow that words find, at most some; many: there are more. For rooms: no permission is asked.
func (e *Engine) Worded(ctx context.Context, flow, text string) (subjects []string, many bool, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		subjects, many = nil, false
		numbered, err := numbered(ctx, strings.TrimSpace(text))
		if err != nil {
			return err
		}
		if len(numbered) > 0 {
			return store.Tx(ctx).NewRaw(`SELECT subject FROM process_instances WHERE id IN (?) AND `+store.Filter(`flow = ?`), bun.List(numbered), flow).Scan(ctx, &subjects)
		}
		for strict, form := range forms(ctx, text) {
			found, err := search.Some(ctx, searchSubjects, form, fewFound+1)
			if err != nil {
				return err
			}
			if len(found) > fewFound {
				if many = strict == 0; many {
					return nil
				}
				continue
			}
			if len(found) == 0 {
				continue
			}
			if err := store.Tx(ctx).NewRaw(`SELECT subject FROM process_instances WHERE id IN (?) AND `+store.Filter(`flow = ?`), bun.List(found), flow).Scan(ctx, &subjects); err != nil || len(subjects) > 0 {
				return err
			}
		}
		return nil
	})
	return subjects, many, err
}

// union joins what the branches give, each at most so many rows in the list's order.
func (q query) union(columns string, most int) (string, []any) {
	var parts []string
	var args []any
	for _, b := range q.branches {
		parts = append(parts, `SELECT * FROM (SELECT `+columns+` FROM process_tasks AS t WHERE `+b.String()+` ORDER BY t.`+strings.ReplaceAll(q.order, ", ", ", t.")+` LIMIT ?) AS part`)
		args = append(append(args, b.args...), most)
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
		parts, args = append(parts, `SELECT 1 AS one FROM process_tasks AS t WHERE `+b.String()), append(args, b.args...)
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
	union, args := q.union(columns, limit+offset)
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
		n, err := q.count(ctx, q.most+1)
		if err != nil {
			return err
		}
		out.Total, out.More = min(n, q.most), n > q.most
		rows, err := q.rows(ctx, f.limit(), f.offset())
		if err != nil {
			return err
		}
		out.Items, err = e.dressed(ctx, q.hats, rows)
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
		for offset := 0; ; offset += exportPage {
			rows, err := q.rows(ctx, exportPage, offset)
			if err != nil {
				return err
			}
			tasks, err := e.dressed(ctx, q.hats, rows)
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
	Total      int          `json:"total" doc:"counted to 1000, of what is due first"`
	More       bool         `json:"more" doc:"there are more"`
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
		union, args := q.union(`t.flow, t.stage, t.stage_title, t.due_at, t.done_at, t.id, t.assignee`, q.most+1)
		args = append([]any{store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID}, args...)
		if err := store.Tx(ctx).NewRaw(`SELECT flow, stage, stage_title, COUNT(*) AS n, COUNT(*) FILTER (WHERE due_at <= ?) AS late,
			COUNT(*) FILTER (WHERE assignee = ?) AS mine, COUNT(*) FILTER (WHERE assignee = '') AS unassigned
			FROM (SELECT * FROM (`+union+`) AS every ORDER BY `+q.order+` LIMIT ?) AS task GROUP BY flow, stage, stage_title ORDER BY n DESC, flow, stage, stage_title`, append(args, q.most+1)...).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out.Total, out.Late, out.Mine, out.Unassigned = out.Total+r.Count, out.Late+r.Late, out.Mine+r.Mine, out.Unassigned+r.Unassigned
			out.Stages = append(out.Stages, StageTasks{Flow: r.Flow, Stage: r.Stage, Title: r.Title, Count: r.Count})
		}
		out.Total, out.More = min(out.Total, q.most), out.Total > q.most
		return nil
	})
	return out, err
}
