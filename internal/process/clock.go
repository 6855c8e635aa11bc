package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
}

// Units beside those of the calendar. Seconds stand in no file: they are what a pause leaves of hours.
const (
	hour   = "小时"
	second = "秒"
)

// never is when a task is late that has no limit, or whose limit is not known.
const never = "9999-12-31T00:00:00.000000Z"

// clockRow is what a task holds of its limit: n units from begins (a day, or for hours a moment). Without a limit unit is empty.
type clockRow struct {
	Begins  string `bun:"begins"`
	N       int64  `bun:"n"`
	Unit    string `bun:"unit"`
	Due     string `bun:"due"`
	DueAt   string `bun:"due_at"`
	Unknown string `bun:"unknown"`
	Late    int    `bun:"late"`
}

// lost is the n of a limit of which nobody can say what a pause left of it.
const lost = -1

// dayOf is the day in China of a moment that was stored.
func dayOf(stamp string) (policy.Date, error) {
	t, err := store.ParseStamp(stamp)
	return clock.DayOf(t), err
}

// endOf is the moment at which a day in China is over.
func endOf(d policy.Date) string { return store.Stamp(clock.Start(d.AddDays(1))) }

// limit works out a limit of n units that begins now. A year whose days off are not published leaves it unknown, with the reason.
func (e *Engine) limit(now time.Time, n int64, unit string) (clockRow, error) {
	c := clockRow{N: n, Unit: unit}
	if unit == hour || unit == second {
		c.Begins = store.Stamp(now)
	} else {
		c.Begins = clock.DayOf(now).String()
	}
	return e.ends(c)
}

// ends fills in when a limit ends.
func (e *Engine) ends(c clockRow) (clockRow, error) {
	c.Due, c.DueAt, c.Unknown = "", never, ""
	if c.Unit == hour || c.Unit == second {
		begin, err := store.ParseStamp(c.Begins)
		if err != nil {
			return c, err
		}
		end := begin.Add(time.Duration(c.N) * lengthOf(c.Unit))
		c.Due, c.DueAt = clock.Shown(store.Stamp(end)), store.Stamp(end)
		return c, nil
	}
	begin, err := policy.ParseDate(c.Begins)
	if err != nil {
		return c, err
	}
	due := begin // what a pause left may be nothing
	if c.N > 0 {
		due, err = e.world.Add(begin, int(c.N), c.Unit)
	}
	var unpublished *calendar.Unpublished
	switch {
	case errors.As(err, &unpublished):
		c.Unknown = fault.Public(err).Message
		return c, nil
	case err != nil:
		return c, err
	}
	c.Due, c.DueAt = due.String(), endOf(due)
	return c, nil
}

func lengthOf(unit string) time.Duration {
	if unit == hour {
		return time.Hour
	}
	return time.Second
}

// begin is the clock of a task that opens now. When the instance comes back from nothing but stages that pause it, what was left of the
// limit goes on; what was overdue then has this day left. before are the instance's earlier tasks and steps.
func (e *Engine) begin(now time.Time, rule *policy.TaskRule, stage string, tasks []taskRow, steps []stepRow) (clockRow, error) {
	if rule.Within == nil {
		return clockRow{DueAt: never}, nil
	}
	if last := paused(rule, stage, tasks, steps); last != nil {
		return e.goOn(now, last)
	}
	return e.limit(now, int64(rule.Within.N), rule.Within.Unit)
}

// paused is the last task of the rule, if the instance has been at nothing but pausing stages since it was closed; else nil.
func paused(rule *policy.TaskRule, stage string, tasks []taskRow, steps []stepRow) *taskRow {
	var last *taskRow
	for i := range tasks {
		if t := &tasks[i]; t.Stage == stage && t.Task == rule.Key && t.DoneAt != "" && t.Unit != "" {
			last = t
		}
	}
	if last == nil {
		return nil
	}
	visit, between := int64(0), 0
	for _, s := range steps {
		if s.ToStage == "" {
			continue
		}
		if visit++; visit <= last.Visit {
			continue
		}
		if !slices.Contains(rule.Within.Pauses, s.ToStage) {
			return nil
		}
		between++
	}
	if between == 0 {
		return nil
	}
	return last
}

// goOn is what was left of a limit when its task was closed, beginning now.
func (e *Engine) goOn(now time.Time, last *taskRow) (clockRow, error) {
	switch last.Unit {
	case hour, second:
		began, err := store.ParseStamp(last.Begins)
		if err != nil {
			return clockRow{}, err
		}
		closed, err := store.ParseStamp(last.DoneAt)
		if err != nil {
			return clockRow{}, err
		}
		left := time.Duration(last.N)*lengthOf(last.Unit) - closed.Sub(began)
		return e.limit(now, max(0, int64(left/time.Second)), second)
	}
	began, err := policy.ParseDate(last.Begins)
	if err != nil {
		return clockRow{}, err
	}
	closed, err := dayOf(last.DoneAt)
	if err != nil {
		return clockRow{}, err
	}
	n, unit := last.N, last.Unit
	if unit == calendar.Month { // what is left of months is days
		whole, err := e.world.Left(began, began.AddMonths(int(n)), calendar.Day)
		if err != nil {
			return clockRow{}, err
		}
		n, unit = int64(whole), calendar.Day
	}
	used, err := e.world.Left(began, closed, unit)
	var unpublished *calendar.Unpublished
	if errors.As(err, &unpublished) || n == lost {
		return clockRow{Begins: clock.DayOf(now).String(), N: lost, Unit: unit, DueAt: never,
			Unknown: "停止计时的期间有的年度放假安排没有公布，剩余时间请人工核对"}, nil
	}
	if err != nil {
		return clockRow{}, err
	}
	return e.limit(now, max(0, n-int64(used)), unit)
}

// shown is a task's limit as people read it now; nil without one.
func (e *Engine) shown(ctx context.Context, t *taskRow, rule *policy.TaskRule) *Limit {
	if t.Unit == "" {
		return nil
	}
	l := &Limit{Due: t.Due, Unit: t.Unit, Unknown: t.Unknown}
	if rule != nil && rule.Within != nil {
		l.Cite, l.Basis = rule.Within.Cite, rule.Within.Basis
	}
	switch t.Unit {
	case second:
		l.Unit = hour
	case calendar.Month:
		l.Unit = calendar.Day
	}
	if t.Unknown != "" {
		l.Text = t.Unknown
		return l
	}
	now := clock.Now(ctx)
	l.Late = t.DueAt <= store.Stamp(now)
	n, ok := e.unitsLeft(now, t, l.Unit)
	if !ok {
		l.Text = "截止" + t.Due
		return l
	}
	l.Left = &n
	unit := l.Unit
	if unit == calendar.WorkingDay || unit == hour {
		unit = "个" + unit
	}
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
func (e *Engine) unitsLeft(now time.Time, t *taskRow, unit string) (int, bool) {
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
	n, err := e.world.Left(clock.DayOf(now), due, unit)
	return n, err == nil
}

// lapsedAtOnce is how many lapsed tasks are read at a time.
const lapsedAtOnce = 100

// Tick does what the passing of time asks for: tasks whose limit has lapsed get the action that their file names, taken by the clock, or
// are marked overdue once and whoever may act is told; limits that were not known are worked out when their year has been published.
// Any number of servers may tick at the same time. It goes on past a task that fails and returns the failures joined.
func (e *Engine) Tick(ctx context.Context) error {
	ctx = account.System(ctx)
	var failed []error
	afterDue, afterID := "", ""
	for ctx.Err() == nil {
		var due []struct {
			ID    string `bun:"id"`
			DueAt string `bun:"due_at"`
		}
		err := store.Read(ctx, func(ctx context.Context) error {
			due = nil
			return store.Tx(ctx).NewRaw(`SELECT id, due_at FROM process_tasks WHERE state = 'open' AND late = 0 AND due_at <= ? AND (due_at, id) > (?, ?)
				ORDER BY due_at, id LIMIT ?`, store.Stamp(clock.Now(ctx)), afterDue, afterID, lapsedAtOnce).Scan(ctx, &due)
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, d := range due {
			afterDue, afterID = d.DueAt, d.ID
			if err := e.lapse(ctx, d.ID); err != nil {
				failed = append(failed, fmt.Errorf("process: the limit of task %s: %w", d.ID, err))
			}
		}
		if len(due) < lapsedAtOnce {
			break
		}
	}
	if err := e.workOut(ctx); err != nil {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// lapse deals with one task whose limit is over, unless somebody else has.
func (e *Engine) lapse(ctx context.Context, id string) error {
	err := store.Write(ctx, func(ctx context.Context) error { return e.lapseNow(ctx, id, true) })
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Conflict, fault.Forbidden, fault.NotFound:
		// A guard or an effect says no: people have to look at it.
		return store.Write(ctx, func(ctx context.Context) error { return e.lapseNow(ctx, id, false) })
	}
	return err
}

func (e *Engine) lapseNow(ctx context.Context, id string, act bool) error {
	t, found, err := taskOf(ctx, id)
	if err != nil || !found {
		return err
	}
	row, _, err := lock(ctx, t.Instance)
	if err != nil {
		return err
	}
	if t, _, err = taskOf(ctx, id); err != nil || t.State != stateOpen || t.Late != 0 || t.DueAt > store.Stamp(clock.Now(ctx)) {
		return err
	}
	process, flow, err := e.flowOf(ctx, row.Definition, row.Flow)
	if err != nil {
		return err
	}
	rule := ruleOf(flow, t.Stage, t.Task)
	if rule == nil || rule.Within == nil {
		return fmt.Errorf("process: the file %s has no limit for the task", row.Definition)
	}
	why := fmt.Sprintf("%d%s的期限已过", rule.Within.N, rule.Within.Unit)
	if act && rule.Within.Lapse != "" {
		g := &going{row: row, process: process, flow: flow, task: &t, rule: rule, action: actionOf(rule, rule.Within.Lapse), kind: stepLapse, version: t.Version,
			input: Input{Reason: why}}
		if g.action == nil {
			return fmt.Errorf("process: the file %s has no action for when the limit lapses", row.Definition)
		}
		_, err := e.take(ctx, g)
		return err
	}
	if _, err := change(ctx, `UPDATE process_tasks SET late = 1 WHERE id = ? AND late = 0`, id); err != nil {
		return err
	}
	g := &going{row: row, process: process, flow: flow, task: &t, rule: rule, kind: stepOverdue, version: t.Version, input: Input{Reason: why}}
	if err := e.note(ctx, g, "overdue"); err != nil {
		return err
	}
	return e.tellLate(ctx, &t)
}

// workOut tries again the limits that could not be worked out.
func (e *Engine) workOut(ctx context.Context) error {
	var unknown []clockRow
	err := store.Read(ctx, func(ctx context.Context) error {
		unknown = nil
		return store.Tx(ctx).NewRaw(`SELECT DISTINCT begins, n, unit FROM process_tasks WHERE state = 'open' AND unknown <> '' AND n >= 0 ORDER BY begins, n, unit`).Scan(ctx, &unknown)
	})
	if err != nil {
		return err
	}
	for _, c := range unknown {
		c, err := e.ends(c)
		if err != nil {
			return err
		}
		if c.Unknown != "" {
			continue
		}
		var ids []string
		err = store.Read(ctx, func(ctx context.Context) error {
			ids = nil
			return store.Tx(ctx).NewRaw(`SELECT id FROM process_tasks WHERE state = 'open' AND unknown <> '' AND begins = ? AND n = ? AND unit = ? ORDER BY id`,
				c.Begins, c.N, c.Unit).Scan(ctx, &ids)
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := store.Write(ctx, func(ctx context.Context) error { return e.known(ctx, id, c) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// known gives a task the end of its limit.
func (e *Engine) known(ctx context.Context, id string, c clockRow) error {
	t, found, err := taskOf(ctx, id)
	if err != nil || !found {
		return err
	}
	row, _, err := lock(ctx, t.Instance)
	if err != nil {
		return err
	}
	n, err := change(ctx, `UPDATE process_tasks SET due = ?, due_at = ?, unknown = '' WHERE id = ? AND state = 'open' AND unknown <> ''`, c.Due, c.DueAt, id)
	if err != nil || n == 0 {
		return err
	}
	return record(ctx, "due", map[string]logged{row.ID: {Flow: row.Flow, Subject: row.Subject, Task: t.Task}})
}
