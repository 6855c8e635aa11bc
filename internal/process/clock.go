package process

import (
	"context"
	"errors"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

// atOnce is how many lapsed tasks one look takes.
const atOnce = 200

// Tick does what the passing of time asks for: tasks whose limit has lapsed get the action that their file names, taken by the clock, or
// are marked overdue once and whoever may act is told; limits that were not known are worked out when their year has been published.
// Any number of servers may tick at the same time. It goes on past a task that fails and returns the failures joined.
func (e *Engine) Tick(ctx context.Context) error {
	ctx = account.System(ctx)
	var failures []error
	var ids []string
	now := store.Stamp(clock.Now(ctx))
	err := store.Read(ctx, func(ctx context.Context) error {
		ids = nil
		return store.Tx(ctx).NewRaw(`SELECT id FROM process_tasks WHERE state = 'open' AND due_at <> '' AND due_at < ? AND overdue = 0 ORDER BY due_at LIMIT ?`, now, atOnce).Scan(ctx, &ids)
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := e.lapse(ctx, id); err != nil {
			failures = append(failures, err)
		}
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		ids = nil
		return store.Tx(ctx).NewRaw(`SELECT id FROM process_tasks WHERE state = 'open' AND unknown <> '' ORDER BY opened_at LIMIT ?`, atOnce).Scan(ctx, &ids)
	})
	if err != nil {
		return errors.Join(append(failures, err)...)
	}
	for _, id := range ids {
		if err := e.workOut(ctx, id); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// lapse lets one task lapse: once, whoever looks.
func (e *Engine) lapse(ctx context.Context, id string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		t, err := taskByID(ctx, id)
		if err != nil {
			return err
		}
		row, err := lock(ctx, t.Instance)
		if err != nil {
			return err
		}
		if t, err = taskByID(ctx, id); err != nil || t.State != taskOpen || t.Overdue != 0 {
			return err
		}
		p, f, err := e.flowOf(ctx, row)
		if err != nil {
			return err
		}
		// Marked first: whatever follows, it is looked at once.
		if _, err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET overdue = 1 WHERE id = ? AND overdue = 0`, id).Exec(ctx); err != nil {
			return err
		}
		t.Overdue = 1
		m := &move{e: e, row: row, flow: f, process: p, task: t, step: stepOf(ctx, "lapse")}
		if r := ruleOf(f, t); r != nil && r.Within != nil && r.Within.Lapse != "" {
			if m.action = ruleAction(f, t, r.Within.Lapse); m.action != nil {
				m.input.Reason = "时限届满"
				return m.run(ctx, Act{})
			}
		}
		s := stepOf(ctx, "overdue")
		s.From, s.To, s.Task, s.TaskTitle, s.Role, s.Who = row.Stage, row.Stage, t.Key, t.Title, t.Role, t.Who
		if err := e.record(ctx, row, s); err != nil {
			return err
		}
		accounts, err := e.assignees(ctx, t)
		if err != nil {
			return err
		}
		if t.Assignee != "" {
			accounts = []string{t.Assignee}
		}
		if len(accounts) == 0 {
			return nil
		}
		return e.world.Tell(ctx, accounts, Note{Kind: "late", Title: "已超期：" + t.Title, Body: strings.TrimSpace(t.Number + " " + t.PartyName + " " + t.SubjectTitle), Subject: t.subject(), Many: 1})
	})
}

// workOut asks the calendar again for a limit that it did not know.
func (e *Engine) workOut(ctx context.Context, id string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		t, err := taskByID(ctx, id)
		if err != nil || t.State != taskOpen || t.Unknown == "" {
			return err
		}
		row, err := lock(ctx, t.Instance)
		if err != nil {
			return err
		}
		at := timeOf(t.OpenedAt)
		day, err := e.world.Add(clock.DayOf(at), int(t.Remains), t.Unit)
		if err != nil {
			return nil // still not published
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET unknown = '', due_on = ?, due_at = ?, remains = ? WHERE id = ? AND state = 'open' AND unknown <> ''`,
			day.String(), store.Stamp(clock.EndOf(day)), noRemains, id).Exec(ctx); err != nil {
			return err
		}
		s := stepOf(ctx, "describe")
		s.From, s.To, s.Task = row.Stage, row.Stage, t.Key
		return e.record(ctx, row, s)
	})
}
