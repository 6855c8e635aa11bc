package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// remindedAt is the time of the day at which reminders are due.
const remindedAt = "09:00"

// nextReminder is when a limit that ends on a day is next reminded of after a moment; empty: not any more.
func nextReminder(w *policy.Within, due policy.Date, after time.Time) string {
	for _, days := range w.Reminders {
		if at := clock.At(due.AddDays(int(days)), remindedAt); at.After(after) {
			return store.Stamp(at)
		}
	}
	return ""
}

// remindDue tells whoever has to act on tasks whose reminder has come, once of each: of several that came while nobody looked, the last. A task
// that was done, or that stands still at another stage, is not open and is not spoken of.
func (e *Engine) remindDue(ctx context.Context) error {
	var failed []error
	afterAt, afterID := "", ""
	for ctx.Err() == nil {
		var due []struct {
			ID       string `bun:"id"`
			RemindAt string `bun:"remind_at"`
		}
		err := store.Read(ctx, func(ctx context.Context) error {
			due = nil
			return store.Tx(ctx).NewRaw(`SELECT id, remind_at FROM process_tasks WHERE state = 'open' AND remind_at <> '' AND remind_at <= ? AND (remind_at, id) > (?, ?)
				ORDER BY remind_at, id LIMIT ?`, store.Stamp(clock.Now(ctx)), afterAt, afterID, lapsedAtOnce).Scan(ctx, &due)
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		ids := make([]string, len(due))
		for i, d := range due {
			ids[i], afterAt, afterID = d.ID, d.RemindAt, d.ID
		}
		if len(ids) > 0 {
			if err := store.Write(ctx, func(ctx context.Context) error { return e.remindNow(ctx, ids) }); err != nil {
				for _, id := range ids { // something of one of them: each by itself
					if err := store.Write(ctx, func(ctx context.Context) error { return e.remindNow(ctx, []string{id}) }); err != nil {
						failed = append(failed, fmt.Errorf("process: the reminder of task %s: %w", id, err))
					}
				}
			}
		}
		if len(due) < lapsedAtOnce {
			break
		}
	}
	return errors.Join(failed...)
}

// remindNow reminds of tasks, unless somebody else has.
func (e *Engine) remindNow(ctx context.Context, ids []string) error {
	tasks, rows, err := lockTasks(ctx, ids)
	if err != nil {
		return err
	}
	now := clock.Now(ctx)
	next := map[string][]string{}
	var waiting []taskRow
	said := map[string]logged{}
	for _, t := range tasks {
		if t.State != stateOpen || t.RemindAt == "" || t.RemindAt > store.Stamp(now) {
			continue
		}
		row := rows[t.Instance]
		_, flow, err := e.flowOf(ctx, row.Definition, row.Flow)
		if err != nil {
			return err
		}
		rule := ruleOf(flow, t.Stage, t.Task)
		due, err := policy.ParseDate(t.Due)
		if err != nil || rule == nil || rule.Within == nil {
			return fault.Wrap(fault.Internal, "提醒的时限读不出来", err)
		}
		at := nextReminder(rule.Within, due, now)
		next[at] = append(next[at], t.ID)
		waiting = append(waiting, t)
		said[t.Instance] = logged{Flow: row.Flow, Subject: row.Subject, Task: t.Task}
	}
	if len(waiting) == 0 {
		return nil
	}
	for at, list := range next {
		if _, err := change(ctx, `UPDATE process_tasks SET remind_at = ? WHERE id IN (?)`, at, bun.List(list)); err != nil {
			return err
		}
	}
	if err := record(ctx, "remind", said); err != nil {
		return err
	}
	return e.tellWaiting(ctx, waiting)
}
