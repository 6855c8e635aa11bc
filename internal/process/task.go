package process

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Task is a piece of work that is open, or was.
type Task struct {
	ID           string   `json:"id"`
	Version      int64    `json:"version"`
	Subject      Subject  `json:"subject"`
	Stage        string   `json:"stage"`
	StageTitle   string   `json:"stage_title"`
	Key          string   `json:"key"`
	Title        string   `json:"title"`
	Role         string   `json:"role" enum:"applicant,officer,leader,finance,administrator" doc:"who acts"`
	Who          string   `json:"who" doc:"what the file calls them"`
	Department   string   `json:"department,omitempty" doc:"whose scope it takes; empty: any"`
	Assignee     string   `json:"assignee,omitempty"`
	AssigneeName string   `json:"assignee_name,omitempty"`
	OpenedAt     string   `json:"opened_at"`
	Limit        *Limit   `json:"limit,omitempty" doc:"absent: no time limit"`
	Actions      []Option `json:"actions" nullable:"false" doc:"what whoever asks may do"`
	Many         bool     `json:"many" doc:"some of its actions may be taken for many at once"`
	MayAssign    bool     `json:"may_assign" doc:"whoever asks may assign or release it"`
	Done         *Done    `json:"done,omitempty"`
}

// Option is a button.
type Option struct {
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	Tone    string   `json:"tone" enum:"primary,plain,danger"`
	Needs   []string `json:"needs" nullable:"false" doc:"what the person who acts gives"`
	To      string   `json:"to,omitempty" doc:"title of the stage that it leads to"`
	Many    bool     `json:"many" doc:"may be taken for many at once"`
	Blocked string   `json:"blocked,omitempty" doc:"why it cannot be taken now"`
}

// Done says how a task was closed.
type Done struct {
	At     string `json:"at"`
	By     string `json:"by,omitempty"`
	Action string `json:"action,omitempty" doc:"title of the action; empty: it was closed because another one moved the instance on"`
}

// task is a row without what depends on who asks.
func (e *Engine) task(t *taskRow) Task {
	out := Task{ID: t.ID, Version: t.Version, Subject: t.subject(), Stage: t.Stage, StageTitle: t.StageTitle, Key: t.Key, Title: t.Title, Role: t.Role, Who: t.Who,
		Department: t.Department, Assignee: t.Assignee, OpenedAt: t.OpenedAt, Actions: []Option{}, Many: t.Many != 0}
	if t.State != taskOpen {
		out.Done = &Done{At: t.ClosedAt, Action: t.ActionTitle}
	}
	return out
}

// shown is a task as the actor may see it, with its buttons. guards asks every guard what it would say; a list leaves that to the page.
func (e *Engine) shown(ctx context.Context, actor *account.Actor, t *taskRow, row *instanceRow, f *policy.Flow, guards bool) (Task, error) {
	out := e.task(t)
	out.Limit = e.limitOf(ctx, t, f)
	if !actor.Reader() {
		out.Assignee = ""
	} else if t.Assignee != "" {
		names, err := e.world.Names(ctx, []string{t.Assignee})
		if err != nil {
			return out, err
		}
		out.AssigneeName = names[t.Assignee]
	}
	out.MayAssign = t.State == taskOpen && t.Role != roleApplicant && mayAssign(actor, t)
	if t.State != taskOpen || !may(actor, t) || t.Assignee != "" && t.Assignee != actor.AccountID {
		return out, nil
	}
	if r := ruleOf(f, t); r != nil {
		for _, a := range r.Actions {
			if guards {
				out.Actions = append(out.Actions, e.option(ctx, row, f, t, a, actor))
				continue
			}
			o := Option{Key: a.Key, Title: a.Title, Tone: a.Tone, Needs: slices.Clone(a.Needs), Many: a.Many}
			if o.Needs == nil {
				o.Needs = []string{}
			}
			if o.Tone == "" {
				o.Tone = "plain"
			}
			if s := f.Stage(a.To); s != nil {
				o.To = s.Title
			}
			out.Actions = append(out.Actions, o)
		}
	}
	return out, nil
}

// mayAssign says whether the actor may give a task to somebody: who could act on it, or a leader of its department.
func mayAssign(a *account.Actor, t *taskRow) bool {
	return may(a, t) || a.Covers(account.RoleLeader, t.Department, t.SubjectTown) && !(t.Party != "" && a.Speaks(t.Party))
}

// Assign gives an open task to an account that may act on it; only that account acts from then on. By whoever could act on it, or a leader
// of its department. The reason may be left out by somebody who takes an unassigned task on.
// NotFound as Act; Forbidden if the actor may not assign; Conflict for a version that is past or a task that is done; Invalid if the account
// may not act on the task, or the reason is missing.
func (e *Engine) Assign(ctx context.Context, task string, version int64, to, reason string) (Task, error) {
	return e.assign(ctx, task, version, to, reason, "assign")
}

// Release takes an assignment back. By the assignee, or whoever may assign. Errors as Assign; Conflict if it is not assigned.
func (e *Engine) Release(ctx context.Context, task string, version int64, reason string) (Task, error) {
	return e.assign(ctx, task, version, "", reason, "release")
}

func (e *Engine) assign(ctx context.Context, task string, version int64, to, reason, kind string) (Task, error) {
	var out Task
	reason = strings.TrimSpace(reason)
	err := store.Write(ctx, func(ctx context.Context) error {
		actor := account.ActorFrom(ctx)
		t, err := taskByID(ctx, task)
		if err != nil {
			return err
		}
		if err := e.maySee(ctx, actor, t.Instance); err != nil {
			return err
		}
		row, err := lock(ctx, t.Instance)
		if err != nil {
			return err
		}
		if t, err = taskByID(ctx, task); err != nil {
			return err
		}
		switch {
		case !mayAssign(actor, t) && t.Assignee != actor.AccountID:
			return fault.New(fault.Forbidden, "您不能分派这项任务")
		case t.State != taskOpen || t.Version != version:
			return e.overtaken(ctx, actor, t)
		case kind == "release" && t.Assignee == "":
			return fault.New(fault.Conflict, "这项任务没有分派给任何人")
		case kind == "assign" && reason == "" && (to != actor.AccountID || t.Assignee != ""):
			return fault.New(fault.Invalid, "请写明分派的理由", fault.Detail{Field: "reason", Message: "请写明理由"})
		}
		if to != "" {
			people, err := e.assignees(ctx, t)
			if err != nil {
				return err
			}
			if !slices.Contains(people, to) {
				return fault.New(fault.Invalid, "这个账号不能办理这项任务", fault.Detail{Field: "account", Message: "角色、部门或镇街不符"})
			}
		}
		result, err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET assignee = ?, version = version + 1 WHERE id = ? AND state = 'open' AND version = ?`, to, task, version).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			return errOvertaken()
		}
		s := stepOf(ctx, kind)
		s.From, s.To, s.Task, s.TaskTitle, s.Reason, s.Role, s.Who = row.Stage, row.Stage, t.Key, t.Title, reason, t.Role, t.Who
		if err := e.record(ctx, row, s); err != nil {
			return err
		}
		if to != "" && to != actor.AccountID {
			if err := e.world.Tell(ctx, []string{to}, Note{Kind: "assigned", Title: "分派给您：" + t.Title, Body: strings.TrimSpace(t.Number + " " + t.PartyName + " " + t.SubjectTitle), Subject: t.subject(), Many: 1}); err != nil {
				return err
			}
		}
		if t, err = taskByID(ctx, task); err != nil {
			return err
		}
		_, f, err := e.flowOf(ctx, row)
		if err != nil {
			return err
		}
		out, err = e.shown(ctx, actor, t, row, f, false)
		return err
	})
	return out, err
}

func (e *Engine) assignees(ctx context.Context, t *taskRow) ([]string, error) {
	if t.Role == roleApplicant {
		return e.world.Speakers(ctx, t.Party)
	}
	list, err := e.world.Holders(ctx, account.Role(t.Role), t.Department, t.SubjectTown)
	if err != nil || t.Party == "" {
		return list, err
	}
	speakers, err := e.world.Speakers(ctx, t.Party)
	return slices.DeleteFunc(list, func(a string) bool { return slices.Contains(speakers, a) }), err
}

// Assignees are the accounts to whom the actor may assign a task, with their names. Errors as Assign.
func (e *Engine) Assignees(ctx context.Context, task string) ([]Person, error) {
	out := []Person{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		t, err := taskByID(ctx, task)
		if err != nil {
			return err
		}
		actor := account.ActorFrom(ctx)
		if err := e.maySee(ctx, actor, t.Instance); err != nil {
			return err
		}
		if !mayAssign(actor, t) {
			return fault.New(fault.Forbidden, "您不能分派这项任务")
		}
		list, err := e.assignees(ctx, t)
		if err != nil {
			return err
		}
		names, err := e.world.Names(ctx, list)
		if err != nil {
			return err
		}
		for _, a := range list {
			out = append(out, Person{a, names[a]})
		}
		return nil
	})
	return out, err
}

// Person is an account with its name.
type Person struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}

func listOf[T any](list []T) any { return bun.List(list) }

// Limit is a task's time limit, as people read it.
type Limit struct {
	Due     string `json:"due,omitempty" doc:"the last day, or for hours the moment; empty when it is not known"`
	Left    *int   `json:"left,omitempty" doc:"units left, negative once it is over; absent when it is not known"`
	Unit    string `json:"unit" doc:"工作日, 日, 小时, 月"`
	Late    bool   `json:"late"`
	Text    string `json:"text" doc:"还剩3个工作日"`
	Unknown string `json:"unknown,omitempty" doc:"why the last day is not known"`
	Cite    string `json:"cite,omitempty" doc:"the law or document that sets it"`
	Basis   string `json:"basis,omitempty" doc:"what it is when no law sets it"`
}

func (e *Engine) limitOf(ctx context.Context, t *taskRow, f *policy.Flow) *Limit {
	if t.Unit == "" {
		return nil
	}
	l := &Limit{Due: t.DueOn, Unit: t.Unit, Unknown: t.Unknown}
	if r := ruleOf(f, t); r != nil && r.Within != nil {
		l.Cite, l.Basis = r.Within.Cite, r.Within.Basis
	}
	if t.DueAt == "" {
		l.Text = "到期日待定：" + t.Unknown
		return l
	}
	now := clock.Now(ctx)
	l.Late = now.After(timeOf(t.DueAt))
	if t.Unit == unitHour {
		left := int(timeOf(t.DueAt).Sub(now).Hours())
		l.Left, l.Due = &left, clock.Shown(t.DueAt)
	} else if due, err := policy.ParseDate(t.DueOn); err == nil {
		if left, err := e.world.Left(clock.Today(ctx), due, t.Unit); err == nil {
			l.Left = &left
		}
	}
	switch {
	case l.Late && l.Left != nil:
		l.Text = fmt.Sprintf("已超期%d个%s", -*l.Left, t.Unit)
	case l.Late:
		l.Text = "已超期"
	case l.Left != nil && *l.Left == 0:
		l.Text = "今天到期"
	case l.Left != nil:
		l.Text = fmt.Sprintf("还剩%d个%s", *l.Left, t.Unit)
	}
	return l
}
