package process

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/store"
)

// instanceRow is a row of process_instances.
type instanceRow struct {
	bun.BaseModel `bun:"table:process_instances,alias:process_instances"`

	ID         string `bun:"id,pk"`
	Definition string `bun:"definition"`
	subjectRow
	Stage     string `bun:"stage"`
	Since     string `bun:"since"`
	Version   int64  `bun:"version"`
	Visit     int64  `bun:"visit"`
	Outcome   string `bun:"outcome"`
	StartedAt string `bun:"started_at"`
	StartedBy string `bun:"started_by"`
}

// subjectRow is what instances and tasks hold of a subject.
type subjectRow struct {
	Flow       string `bun:"flow"`
	Subject    string `bun:"subject"`
	Number     string `bun:"number"`
	Title      string `bun:"title"`
	Party      string `bun:"party"`
	PartyName  string `bun:"party_name"`
	Town       string `bun:"town"`
	Department string `bun:"department"`
	Scheme     string `bun:"scheme"`
	Round      string `bun:"round"`
}

const subjectColumns = `flow, subject, number, title, party, party_name, town, department, scheme, round`

func rowOf(s Subject) subjectRow {
	return subjectRow{s.Flow, s.ID, s.Number, s.Title, s.Party, s.PartyName, s.Town, s.Department, s.Scheme, s.Round}
}

func (r subjectRow) about() Subject {
	return Subject{Flow: r.Flow, ID: r.Subject, Number: r.Number, Title: r.Title, Party: r.Party, PartyName: r.PartyName, Town: r.Town,
		Department: r.Department, Scheme: r.Scheme, Round: r.Round}
}

func (r subjectRow) texts() []string {
	return []string{r.Flow, r.Subject, r.Number, r.Title, r.Party, r.PartyName, r.Town, r.Department, r.Scheme, r.Round}
}

func (r *instanceRow) instance() Instance {
	return Instance{ID: r.ID, Subject: r.about(), Definition: r.Definition, Stage: r.Stage, Since: r.Since, Version: r.Version, Visit: r.Visit,
		Outcome: r.Outcome, StartedAt: r.StartedAt}
}

const instanceColumns = `id, definition, ` + subjectColumns + `, stage, since, version, visit, outcome, started_at, started_by`

// States of a task.
const (
	stateOpen   = "open"
	stateClosed = "closed"
)

// taskRow is a row of process_tasks.
type taskRow struct {
	bun.BaseModel `bun:"table:process_tasks,alias:process_tasks"`

	ID              string `bun:"id,pk"`
	Instance        string `bun:"instance"`
	Visit           int64  `bun:"visit"`
	Stage           string `bun:"stage"`
	StageTitle      string `bun:"stage_title"`
	Task            string `bun:"task"`
	TaskTitle       string `bun:"task_title"`
	Role            string `bun:"role"`
	Who             string `bun:"who"`
	ScopeDepartment string `bun:"scope_department"`
	State           string `bun:"state"`
	Version         int64  `bun:"version"`
	Assignee        string `bun:"assignee"`
	OpenedAt        string `bun:"opened_at"`
	clockRow
	DoneAt     string `bun:"done_at"`
	DoneBy     string `bun:"done_by"`
	Action     string `bun:"action"`
	Definition string `bun:"definition"`
	subjectRow
}

const taskColumns = `id, instance, visit, stage, stage_title, task, task_title, role, who, scope_department, state, version, assignee, opened_at,
	begins, n, unit, due, due_at, unknown, late, remind_at, done_at, done_by, action, definition, ` + subjectColumns

// Kinds of steps.
const (
	stepStart   = "start"
	stepAct     = "act"
	stepLapse   = "lapse"
	stepMove    = "move"
	stepAssign  = "assign"
	stepRelease = "release"
	stepOverdue = "overdue"
)

// stepRow is a row of process_steps.
type stepRow struct {
	bun.BaseModel `bun:"table:process_steps,alias:process_steps"`

	Instance    string `bun:"instance,pk"`
	Seq         int64  `bun:"seq,pk"`
	At          string `bun:"at"`
	Kind        string `bun:"kind"`
	Actor       string `bun:"actor"`
	Role        string `bun:"role"`
	Who         string `bun:"who"`
	Task        string `bun:"task"`
	TaskTitle   string `bun:"task_title"`
	Version     int64  `bun:"version"`
	Action      string `bun:"action"`
	ActionTitle string `bun:"action_title"`
	FromStage   string `bun:"from_stage"`
	ToStage     string `bun:"to_stage"`
	Reason      string `bun:"reason"`
	Data        string `bun:"data"`
	Stead       string `bun:"stead"` // in whose stead the actor acted; empty: in nobody's
}

const stepColumns = `instance, seq, at, kind, actor, role, who, task, task_title, version, action, action_title, from_stage, to_stage, reason, data, stead`

// chunk is how many rows go into one statement.
const chunk = 200

// one scans a single row; found is false when there is none.
func one[T any](ctx context.Context, query string, args ...any) (row T, found bool, err error) {
	err = store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	return row, err == nil, err
}

func findInstance(ctx context.Context, flow, subject string) (instanceRow, bool, error) {
	return one[instanceRow](ctx, `SELECT `+instanceColumns+` FROM process_instances WHERE flow = ? AND subject = ?`, flow, subject)
}

// instanceOfTask is the instance that a task belongs to.
func instanceOfTask(ctx context.Context, task string) (instanceRow, bool, error) {
	return one[instanceRow](ctx, `SELECT `+instanceColumns+` FROM process_instances WHERE id = (SELECT instance FROM process_tasks WHERE id = ?)`, task)
}

// lock holds an instance until the transaction ends and reads it as it is then. What is read of its tasks and steps afterwards stays true.
func lock(ctx context.Context, id string) (instanceRow, bool, error) {
	return one[instanceRow](ctx, `UPDATE process_instances SET version = version WHERE id = ? RETURNING `+instanceColumns, id)
}

// lockStanding holds every live case of a round that stands at a stage.
func lockStanding(ctx context.Context, round, stage string) (rows []instanceRow, err error) {
	err = store.Tx(ctx).NewRaw(`UPDATE process_instances SET version = version WHERE round = ? AND round <> '' AND stage = ? AND outcome = '' AND subject <> ?
		RETURNING `+instanceColumns, round, stage, round).Scan(ctx, &rows)
	slices.SortFunc(rows, func(a, b instanceRow) int { return strings.Compare(a.ID, b.ID) })
	return rows, err
}

// lockSome holds the live ones of some subjects of a flow that stand at a stage.
func lockSome(ctx context.Context, flow string, subjects []string, stage string) (rows []instanceRow, err error) {
	err = store.Tx(ctx).NewRaw(`UPDATE process_instances SET version = version WHERE flow = ? AND subject IN (?) AND stage = ? AND outcome = ''
		RETURNING `+instanceColumns, flow, bun.List(subjects), stage).Scan(ctx, &rows)
	slices.SortFunc(rows, func(a, b instanceRow) int { return strings.Compare(a.ID, b.ID) })
	return rows, err
}

func taskOf(ctx context.Context, id string) (taskRow, bool, error) {
	return one[taskRow](ctx, `SELECT `+taskColumns+` FROM process_tasks WHERE id = ?`, id)
}

// lockTasks holds the instances of tasks and reads both as they are then, the tasks in the order of their ids.
func lockTasks(ctx context.Context, ids []string) (tasks []taskRow, rows map[string]instanceRow, err error) {
	rows = make(map[string]instanceRow, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		var locked []instanceRow
		if err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET version = version WHERE id IN (SELECT instance FROM process_tasks WHERE id IN (?))
			RETURNING `+instanceColumns, bun.List(part)).Scan(ctx, &locked); err != nil {
			return nil, nil, err
		}
		for _, r := range locked {
			rows[r.ID] = r
		}
		var some []taskRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+taskColumns+` FROM process_tasks WHERE id IN (?) ORDER BY id`, bun.List(part)).Scan(ctx, &some); err != nil {
			return nil, nil, err
		}
		tasks = append(tasks, some...)
	}
	return tasks, rows, nil
}

// tasksOf are all tasks of instances, by instance, in the order in which they were opened.
func tasksOf(ctx context.Context, instances ...string) (map[string][]taskRow, error) {
	var rows []taskRow
	if err := store.Tx(ctx).NewRaw(`SELECT `+taskColumns+` FROM process_tasks WHERE instance IN (?) ORDER BY instance, visit, id`, bun.List(instances)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := map[string][]taskRow{}
	for _, r := range rows {
		out[r.Instance] = append(out[r.Instance], r)
	}
	return out, nil
}

// stepsOf are all steps of instances, by instance, the oldest first.
func stepsOf(ctx context.Context, instances ...string) (map[string][]stepRow, error) {
	var rows []stepRow
	if err := store.Tx(ctx).NewRaw(`SELECT `+stepColumns+` FROM process_steps WHERE instance IN (?) ORDER BY instance, seq`, bun.List(instances)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := map[string][]stepRow{}
	for _, r := range rows {
		out[r.Instance] = append(out[r.Instance], r)
	}
	return out, nil
}

// insert writes rows, some at a time.
func insert[T any](ctx context.Context, rows []T) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := store.Tx(ctx).NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// change runs a statement and says how many rows it changed.
func change(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := store.Tx(ctx).NewRaw(query, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// claim takes the open tasks of changes at the versions that the actors saw, those of one action in one statement; errLost: one is not so any
// more. A task is done by it that is one of several, or whose action leads elsewhere; else it stays open under a new version.
func claim(ctx context.Context, all []*going, at string) error {
	type way struct {
		finish     bool
		by, action string
	}
	ways, seen := map[way][]string{}, make(map[string]int64, len(all))
	for _, g := range all {
		w := way{g.parallel() || g.action.To != "", g.by(), g.action.Key}
		ways[w] = append(ways[w], g.task.ID)
		seen[g.task.ID] = g.version
	}
	for w, ids := range ways {
		set, args := ``, []any{bun.List(ids)}
		if w.finish {
			set, args = `state = 'done', done_at = ?, done_by = ?, action = ?, `, []any{at, w.by, w.action, bun.List(ids)}
		}
		var rows []struct {
			ID      string `bun:"id"`
			Version int64  `bun:"version"`
		}
		if err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET `+set+`version = version + 1 WHERE id IN (?) AND state = 'open' RETURNING id, version`, args...).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			if r.Version != seen[r.ID]+1 {
				return errLost
			}
		}
		if len(rows) != len(ids) {
			return errLost
		}
	}
	return nil
}

// exists says whether a query finds something.
func exists(ctx context.Context, query string, args ...any) (bool, error) {
	var found []int
	err := store.Tx(ctx).NewRaw(query+` LIMIT 1`, args...).Scan(ctx, &found)
	return len(found) > 0, err
}
