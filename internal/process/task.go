package process

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"shanglin/internal/account"
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
	Department   string   `json:"department,omitempty" doc:"whose scope it takes; absent: any"`
	Assignee     string   `json:"assignee,omitempty"`
	AssigneeName string   `json:"assignee_name,omitempty"`
	OpenedAt     string   `json:"opened_at"`
	Limit        *Limit   `json:"limit,omitempty" doc:"absent: no time limit"`
	Actions      []Option `json:"actions" nullable:"false" doc:"what whoever asks may do"`
	Many         bool     `json:"many" doc:"some of its actions may be taken for many at once"`
	For          *Person  `json:"for,omitempty" doc:"in whose stead whoever asks may act on it; absent: as themselves"`
	MayAssign    bool     `json:"may_assign" doc:"whoever asks may assign or release it"`
	Done         *Done    `json:"done,omitempty" doc:"absent while it is open"`
}

// Option is a button.
type Option struct {
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	Tone    string   `json:"tone" enum:"primary,plain,danger"`
	Needs   []string `json:"needs" nullable:"false" doc:"what the person who acts gives: reason, letter, items, amount, opinion, findings, notice, confirm"`
	To      string   `json:"to,omitempty" doc:"title of the stage that it leads to"`
	Many    bool     `json:"many" doc:"may be taken for many at once"`
	Blocked string   `json:"blocked,omitempty" doc:"why it cannot be taken now; lists do not ask"`
}

// Done says how a task was closed.
type Done struct {
	At     string `json:"at"`
	By     string `json:"by,omitempty" doc:"absent: another task moved the instance on"`
	Action string `json:"action,omitempty" doc:"title of the action"`
}

// Person is an account with its name.
type Person struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}

// task is a row as rooms and pages read it, without what depends on who asks.
func (e *Engine) task(ctx context.Context, t *taskRow, f *policy.Flow) Task {
	rule := ruleOf(f, t.Stage, t.Task)
	out := Task{ID: t.ID, Version: t.Version, Subject: t.about(), Stage: t.Stage, StageTitle: t.StageTitle, Key: t.Task, Title: t.TaskTitle, Role: t.Role, Who: t.Who,
		Department: t.ScopeDepartment, Assignee: t.Assignee, OpenedAt: t.OpenedAt, Actions: []Option{}}
	if t.State == stateOpen {
		out.Limit, out.Many = e.shown(ctx, t, rule), rule != nil && rule.Many
		return out
	}
	out.Done = &Done{At: t.DoneAt, By: t.DoneBy}
	if rule != nil {
		if a := actionOf(rule, t.Action); a != nil {
			out.Done.Action = a.Title
		}
	}
	return out
}

// option is an action as a button.
func option(f *policy.Flow, a *policy.Action) Option {
	o := Option{Key: a.Key, Title: a.Title, Tone: a.Tone, Needs: a.Needs, Many: a.Many}
	if a.To != "" {
		o.To = titleOf(f, a.To)
	}
	if o.Tone == "" {
		o.Tone = "plain"
	}
	return o
}

// offered are the actions of an open task for somebody whose it is, by role, scope and assignment alone.
func offered(t *taskRow, f *policy.Flow, a *account.Actor) []Option {
	out := []Option{}
	rule := ruleOf(f, t.Stage, t.Task)
	if t.State != stateOpen || rule == nil || !t.covers(a) || t.Assignee != "" && !a.Same(t.Assignee) {
		return out
	}
	for _, action := range rule.Actions {
		if action.Silent() {
			continue // the clock's
		}
		out = append(out, option(f, action))
	}
	return out
}

// assigns says whether an actor may assign a task: who could act on it, or a leader of its department.
func (t *taskRow) assigns(a *account.Actor) bool {
	return t.State == stateOpen && t.assignable(a)
}

// assignable is assigns of a task whether it is open or done.
func (t *taskRow) assignable(a *account.Actor) bool {
	if t.Role == applicant || a.Speaks(t.Party) {
		return false
	}
	department := t.ScopeDepartment
	if department == "" {
		department = t.Department
	}
	return t.covers(a) || inScope(a, string(account.RoleLeader), department, t.Town, t.Party)
}

// Assign gives an open task to an account that may act on it; only that account acts from then on. By whoever could act on it, or a leader
// of its department. The reason may be left out by somebody who takes an unassigned task on.
// NotFound as Act; Forbidden if the actor may not assign; Conflict for a version that is past or a task that is done; Invalid if the account
// may not act on the task, or the reason is missing.
func (e *Engine) Assign(ctx context.Context, task string, version int64, to, reason string) (Task, error) {
	reason = strings.TrimSpace(reason)
	mine := func(v *sight) bool { return v.task.assignable(v.actor) }
	return e.assign(ctx, task, version, to, reason, mine, func(ctx context.Context, v *sight) error {
		if reason == "" && (v.task.Assignee != "" || to != v.actor.AccountID) {
			return fault.New(fault.Invalid, "请写明理由。", fault.Detail{Field: "reason", Message: "请写明理由。"})
		}
		able, err := e.able(ctx, v.task)
		if err != nil {
			return err
		}
		if !slices.Contains(able, to) {
			return fault.New(fault.Invalid, "不能分派给这个账号。", fault.Detail{Field: "account", Message: "这个账号不能办理这一步。"})
		}
		return nil
	})
}

// Release takes an assignment back. By the assignee, or whoever may assign. Errors as Assign; Conflict if it is not assigned.
func (e *Engine) Release(ctx context.Context, task string, version int64, reason string) (Task, error) {
	reason = strings.TrimSpace(reason)
	mine := func(v *sight) bool {
		return v.task.assignable(v.actor) || v.task.Assignee != "" && v.actor.Same(v.task.Assignee) && !v.applicant()
	}
	return e.assign(ctx, task, version, "", reason, mine, func(ctx context.Context, v *sight) error {
		switch {
		case v.task.Assignee == "":
			return fault.New(fault.Conflict, "这一件没有分派。")
		case reason == "":
			return fault.New(fault.Invalid, "请写明理由。", fault.Detail{Field: "reason", Message: "请写明理由。"})
		}
		return nil
	})
}

// assign asks whose it is to assign (mine) before anything that tells of the task, and what is asked for (fits) last.
func (e *Engine) assign(ctx context.Context, task string, version int64, to, reason string, mine func(*sight) bool,
	fits func(context.Context, *sight) error) (out Task, err error) {
	in := Input{Reason: reason}
	if err := in.clean(); err != nil {
		return Task{}, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		v, err := e.reach(ctx, Act{Task: task})
		if err != nil {
			return err
		}
		row, _, err := lock(ctx, v.row.ID)
		if err != nil {
			return err
		}
		if v, err = e.reached(ctx, row, Act{Task: task}); err != nil {
			return err
		}
		if !mine(v) {
			return fault.New(fault.Forbidden, "您不能分派这一件，或收回它的分派。")
		}
		if v.task.State != stateOpen || v.task.Version != version {
			return e.first(ctx, v)
		}
		if err := fits(ctx, v); err != nil {
			return err
		}
		n, err := change(ctx, `UPDATE process_tasks SET assignee = ?, version = version + 1 WHERE id = ? AND state = 'open' AND version = ?`, to, task, version)
		if err != nil {
			return err
		}
		if n != 1 {
			return errLost
		}
		g := &going{row: v.row, process: v.process, flow: v.flow, task: v.task, kind: stepAssign, actor: v.actor, version: version, input: in}
		if to == "" {
			g.kind = stepRelease
		} else {
			// Whom it was given to; a name may change.
			g.input.Data = []byte(`{"account":"` + to + `"}`)
		}
		if system(v.actor) {
			g.actor = nil
		}
		if err := e.note(ctx, []*going{g}, []instanceRow{g.row}, g.kind); err != nil {
			return err
		}
		if to != "" {
			s := v.task.about()
			body := strings.TrimSpace(s.name() + " " + in.Reason)
			if err := e.Tell(ctx, []string{to}, Note{Kind: "assigned", Title: "分派给您：" + v.task.TaskTitle, Body: body, Subject: s, Many: 1}); err != nil {
				return err
			}
		}
		next, _, err := taskOf(ctx, task)
		if err != nil {
			return err
		}
		list, err := e.dressed(ctx, []*account.Actor{v.actor}, []taskRow{next})
		if err != nil {
			return err
		}
		out = list[0]
		return nil
	})
	return out, err
}

// Assignees are the accounts to whom the actor may assign a task, by name. Errors as Assign.
func (e *Engine) Assignees(ctx context.Context, task string) ([]Person, error) {
	out := []Person{}
	err := store.Read(ctx, func(ctx context.Context) error {
		v, err := e.reach(ctx, Act{Task: task})
		if err != nil {
			return err
		}
		if !v.task.assigns(v.actor) {
			return fault.New(fault.Forbidden, "您不能分派这一件。")
		}
		able, err := e.able(ctx, v.task)
		if err != nil {
			return err
		}
		names, err := e.world.Names(ctx, able)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, a := range able {
			out = append(out, Person{a, names[a]})
		}
		slices.SortFunc(out, func(a, b Person) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Account, b.Account))
		})
		return nil
	})
	return out, err
}

// dressed are tasks as a list shows them to an actor: with what they may do by role, scope and assignment. Guards are not asked. Of several
// hats (account.Hats) the first counts under which a task may be acted on.
func (e *Engine) dressed(ctx context.Context, hats []*account.Actor, rows []taskRow) ([]Task, error) {
	out := make([]Task, 0, len(rows))
	var people []string
	for i := range rows {
		t := &rows[i]
		_, flow, err := e.flowOf(ctx, t.Definition, t.Flow)
		if err != nil {
			return nil, err
		}
		task := e.task(ctx, t, flow)
		a := hats[0]
		for _, h := range hats {
			if len(offered(t, flow, h)) > 0 {
				a = h
				break
			}
		}
		if a.For != nil {
			task.For = &Person{a.For.AccountID, a.For.Name}
		}
		task.Actions, task.MayAssign = offered(t, flow, a), t.assigns(a)
		if a.Speaks(t.Party) {
			task.Assignee = "" // who does it is not the applicant's to know
			if task.Done != nil && task.Done.By != a.AccountID {
				task.Done.By = ""
			}
		}
		if task.Assignee != "" {
			people = append(people, task.Assignee)
		}
		if task.Done != nil && task.Done.By != "" {
			people = append(people, task.Done.By)
		}
		out = append(out, task)
	}
	if len(people) == 0 {
		return out, nil
	}
	names, err := e.world.Names(ctx, people)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].AssigneeName = names[out[i].Assignee]
		if d := out[i].Done; d != nil && d.By != "" {
			if d.By = names[d.By]; d.By == "" {
				d.By = "系统"
			}
		}
	}
	return out, nil
}
