package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Limit is a task's time limit, as people read it.
type Limit struct {
	Due     string `json:"due,omitempty" doc:"the last day, or for hours the moment; empty when it is not known"`
	Left    *int   `json:"left,omitempty" doc:"units left, negative once it is over; absent when it is not known"`
	Unit    string `json:"unit" doc:"工作日, 日, 小时; of a limit in months 日"`
	Late    bool   `json:"late"`
	Text    string `json:"text" doc:"还剩3个工作日"`
	Unknown string `json:"unknown,omitempty" doc:"why the last day is not known"`
	Cite    string `json:"cite,omitempty" doc:"the law or document that sets it"`
	Basis   string `json:"basis,omitempty" doc:"what it is when no law sets it"`

	Why []Reason `json:"why,omitempty" doc:"why it stands where it does; the page of one subject says it, lists do not"`
}

// hour is the unit beside those of the calendar.
const hour = "小时"

// never is when a task is late that has no limit, or whose limit is not known.
const never = "9999-12-31T00:00:00.000000Z"

// clockRow is what a task holds of its limit: n units, with its extensions, from begins (a day, or for hours a moment), or before the day
// begins; with all that the history tells of it, that makes due. Without a limit unit is empty.
type clockRow struct {
	Begins  string `bun:"begins"`
	N       int64  `bun:"n"`
	Unit    string `bun:"unit"`
	Due     string `bun:"due"`
	DueAt   string `bun:"due_at"`
	Unknown string `bun:"unknown"`
	Late    int    `bun:"late"`

	RemindAt string `bun:"remind_at"` // when whoever has to act is reminded next; empty: not any more, or never
}

// endOf is the moment at which a day in China is over.
func endOf(d policy.Date) string { return store.Stamp(clock.Start(d.AddDays(1))) }

// shown is a task's limit as people read it now; nil without one.
func (e *Engine) shown(ctx context.Context, t *taskRow, rule *policy.TaskRule) *Limit {
	if t.Unit == "" {
		return nil
	}
	l := &Limit{Due: t.Due, Unit: t.Unit, Unknown: t.Unknown}
	if rule != nil && rule.Within != nil {
		l.Cite, l.Basis = rule.Within.Cite, rule.Within.Basis
	}
	if t.Unit == calendar.Month {
		l.Unit = calendar.Day
	}
	if t.Unknown != "" {
		l.Text = t.Unknown
		return l
	}
	now := clock.Now(ctx)
	l.Late = t.DueAt <= store.Stamp(now)
	n, ok := e.unitsLeft(ctx, now, t, l.Unit)
	if !ok {
		l.Text = "截止" + t.Due
		return l
	}
	l.Left = &n
	unit := counted(l.Unit)
	switch {
	case l.Late:
		l.Text = fmt.Sprintf("已逾期%d%s", max(1, -n), unit)
	case n == 0 && l.Unit == hour:
		l.Text = "不到1小时到期"
	case n == 0:
		l.Text = "今天到期"
	default:
		l.Text = fmt.Sprintf("还剩%d%s", n, unit)
	}
	return l
}

// unitsLeft is not known for a year without a calendar, which a limit that has been worked out hardly meets.
func (e *Engine) unitsLeft(ctx context.Context, now time.Time, t *taskRow, unit string) (int, bool) {
	if unit == hour {
		end, err := store.ParseStamp(t.DueAt)
		left := end.Sub(now)
		if left < 0 {
			return int((left - time.Hour + 1) / time.Hour), err == nil // an hour that has begun counts
		}
		return int(left / time.Hour), err == nil
	}
	due, err := policy.ParseDate(t.Due)
	if err != nil {
		return 0, false
	}
	c, err := e.world.Calendar(ctx)
	if err != nil {
		return 0, false
	}
	n, err := c.Left(clock.DayOf(now), due, unit)
	return n, err == nil
}

// lapsedAtOnce is how many lapsed tasks are dealt with in one transaction, lapsedAhead how many are read before that.
const (
	lapsedAtOnce = 400
	lapsedAhead  = 20_000
)

// Tick does what the passing of time asks for: tasks whose limit has lapsed get the action that their file names, taken by the clock, or
// are marked overdue once and whoever may act is told; limits that were not known are worked out when their year has been published; and
// whoever has to act is reminded on the days that the file names.
// Any number of servers may tick at the same time. It goes on past a task that fails and returns the failures joined. Each change is one
// transaction with all that it brings about, of as many tasks as others can wait for.
func (e *Engine) Tick(ctx context.Context) error {
	ctx = account.System(ctx)
	err := e.lapseDue(withTally(ctx))
	return errors.Join(err, e.workOut(ctx), e.remindDue(ctx))
}

// lapsing is a task whose limit is over.
type lapsing struct {
	ID         string `bun:"id"`
	Instance   string `bun:"instance"`
	DueAt      string `bun:"due_at"`
	Definition string `bun:"definition"`
	Stage      string `bun:"stage"`
	Task       string `bun:"task"`
	Department string `bun:"scope_department"`
	Town       string `bun:"town"`
}

// lapseDue deals with all tasks whose limits are over.
func (e *Engine) lapseDue(ctx context.Context) error {
	var failed []error
	afterDue, afterID := "", ""
	for ctx.Err() == nil {
		var due []lapsing
		err := store.Read(ctx, func(ctx context.Context) error {
			due = nil
			return store.Tx(ctx).NewRaw(`SELECT id, instance, due_at, definition, stage, task, scope_department, town FROM process_tasks
				WHERE state = 'open' AND late = 0 AND due_at <= ? AND (due_at, id) > (?, ?) ORDER BY due_at, id LIMIT ?`,
				store.Stamp(clock.Now(ctx)), afterDue, afterID, lapsedAhead).Scan(ctx, &due)
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, wave := range wavesOf(due) {
			for part := range slices.Chunk(wave, lapsedAtOnce) {
				if ctx.Err() != nil {
					return errors.Join(append(failed, ctx.Err())...)
				}
				failed = append(failed, e.lapseSome(ctx, part)...)
			}
		}
		if len(due) < lapsedAhead {
			break
		}
		afterDue, afterID = due[len(due)-1].DueAt, due[len(due)-1].ID
	}
	return errors.Join(failed...)
}

// wavesOf orders lapsed tasks for dealing with them: of an instance one task a wave, the earliest first, since what the clock does at one may
// close another; within a wave those together that are one desk's, so that few are told of many.
func wavesOf(due []lapsing) (waves [][]lapsing) {
	seen := map[string]int{}
	for _, d := range due {
		n := seen[d.Instance]
		seen[d.Instance]++
		if n == len(waves) {
			waves = append(waves, nil)
		}
		waves[n] = append(waves[n], d)
	}
	for _, w := range waves {
		slices.SortFunc(w, func(a, b lapsing) int {
			return cmp.Or(cmp.Compare(a.Definition, b.Definition), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Task, b.Task), cmp.Compare(a.Department, b.Department),
				cmp.Compare(a.Town, b.Town), cmp.Compare(a.DueAt, b.DueAt), cmp.Compare(a.ID, b.ID))
		})
	}
	return waves
}

// lapseSome deals with lapsed tasks of different instances, together or, if something of one of them fails, each by itself.
func (e *Engine) lapseSome(ctx context.Context, some []lapsing) (failed []error) {
	ids := make([]string, len(some))
	for i, d := range some {
		ids[i] = d.ID
	}
	if err := store.Write(ctx, func(ctx context.Context) error { return e.lapseNow(ctx, ids, true) }); err == nil {
		return nil
	}
	for _, id := range ids {
		if ctx.Err() != nil {
			return failed // it is said once
		}
		if err := e.lapse(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("process: the limit of task %s: %w", id, err))
		}
	}
	return failed
}

// lapse deals with one task whose limit is over, unless somebody else has.
func (e *Engine) lapse(ctx context.Context, id string) error {
	err := store.Write(ctx, func(ctx context.Context) error { return e.lapseNow(ctx, []string{id}, true) })
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Conflict, fault.Forbidden, fault.NotFound:
		// A guard or an effect says no: people have to look at it.
		return store.Write(ctx, func(ctx context.Context) error { return e.lapseNow(ctx, []string{id}, false) })
	}
	return err
}

// lapseNow deals with tasks, each of another instance, whose limits are over.
func (e *Engine) lapseNow(ctx context.Context, ids []string, act bool) error {
	tasks, rows, err := lockTasks(ctx, ids)
	if err != nil {
		return err
	}
	var acting, late []*going
	for i := range tasks {
		t := &tasks[i]
		row := rows[t.Instance]
		if t.State != stateOpen || t.Late != 0 || t.DueAt > store.Stamp(clock.Now(ctx)) {
			continue
		}
		process, flow, err := e.flowOf(ctx, row.Definition, row.Flow)
		if err != nil {
			return err
		}
		rule := ruleOf(flow, t.Stage, t.Task)
		if rule == nil || rule.Within == nil {
			return fmt.Errorf("process: the file %s has no limit for the task", row.Definition)
		}
		g := &going{row: row, process: process, flow: flow, task: t, rule: rule, version: t.Version, input: Input{Reason: lapsed(t, rule.Within)}}
		if act && rule.Within.Lapse != "" {
			g.kind, g.action = stepLapse, actionOf(rule, rule.Within.Lapse)
			if g.action == nil {
				return fmt.Errorf("process: the file %s has no action for when the limit lapses", row.Definition)
			}
			acting = append(acting, g)
			continue
		}
		g.kind = stepOverdue
		late = append(late, g)
	}
	if err := e.takeAll(ctx, acting); err != nil {
		return err
	}
	return e.overdue(ctx, late)
}

// lapsed says which limit is over.
func lapsed(t *taskRow, w *policy.Within) string {
	if w.Dated() {
		return t.Due + "的期限（" + w.Text() + "）已过"
	}
	whole := *w
	whole.N = int(t.N)
	return whole.Text() + "的期限已过"
}

// overdue marks tasks that are late, and tells whoever may act.
func (e *Engine) overdue(ctx context.Context, all []*going) error {
	if len(all) == 0 {
		return nil
	}
	ids, rows := make([]string, len(all)), make([]instanceRow, len(all))
	for i, g := range all {
		ids[i], rows[i] = g.task.ID, g.row
	}
	if _, err := change(ctx, `UPDATE process_tasks SET late = 1 WHERE late = 0 AND id IN (?)`, bun.List(ids)); err != nil {
		return err
	}
	if err := e.note(ctx, all, rows, stepOverdue); err != nil {
		return err
	}
	return e.tellLate(ctx, all)
}

// workOut tries again the limits that could not be worked out: of those that are alike one, and the others when that one is known; all of
// those that wait for a day of their own subject (begins is empty).
func (e *Engine) workOut(ctx context.Context) error {
	var kinds []struct {
		clockRow
		First string `bun:"first"`
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		kinds = nil
		return store.Tx(ctx).NewRaw(`SELECT begins, n, unit, MIN(id) AS first FROM process_tasks WHERE state = 'open' AND unknown <> '' GROUP BY begins, n, unit
			ORDER BY begins, n, unit`).Scan(ctx, &kinds)
	})
	if err != nil {
		return err
	}
	for _, k := range kinds {
		known, err := e.worked(ctx, k.First)
		if err != nil {
			return err
		}
		if !known && k.Begins != "" {
			continue
		}
		var ids []string
		err = store.Read(ctx, func(ctx context.Context) error {
			ids = nil
			return store.Tx(ctx).NewRaw(`SELECT id FROM process_tasks WHERE state = 'open' AND unknown <> '' AND begins = ? AND n = ? AND unit = ? ORDER BY id`,
				k.Begins, k.N, k.Unit).Scan(ctx, &ids)
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := e.worked(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// worked gives a task the end of its limit, if that is known now.
func (e *Engine) worked(ctx context.Context, id string) (known bool, err error) {
	var c clockRow
	reckon := func(ctx context.Context, t *taskRow, row *instanceRow) error {
		_, flow, err := e.flowOf(ctx, row.Definition, row.Flow)
		if err != nil {
			return err
		}
		rule := ruleOf(flow, t.Stage, t.Task)
		steps, err := stepsOf(ctx, row.ID)
		if err != nil || rule == nil {
			return err
		}
		c, err = e.clockOf(ctx, flow, row, t.Stage, rule, steps[row.ID])
		known = err == nil && c.Unknown == ""
		return err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		t, found, err := taskOf(ctx, id)
		if err != nil || !found {
			return err
		}
		row, _, err := instanceOfTask(ctx, id)
		if err != nil {
			return err
		}
		return reckon(ctx, &t, &row)
	})
	if err != nil || !known {
		return false, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		tasks, rows, err := lockTasks(ctx, []string{id})
		if err != nil || len(tasks) == 0 || tasks[0].State != stateOpen || tasks[0].Unknown == "" {
			return err
		}
		row := rows[tasks[0].Instance]
		if err := reckon(ctx, &tasks[0], &row); err != nil || !known {
			return err
		}
		if _, err := change(ctx, `UPDATE process_tasks SET due = ?, due_at = ?, unknown = '', remind_at = ? WHERE id = ?`, c.Due, c.DueAt, c.RemindAt, id); err != nil {
			return err
		}
		return record(ctx, "due", map[string]logged{row.ID: {Flow: row.Flow, Subject: row.Subject, Task: tasks[0].Task}})
	})
	return known, err
}
