package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Act is an action that somebody takes: at a task, or (Task empty) at the subject's one open task that has the action for them, or at the
// whole instance (an action that may always be taken).
type Act struct {
	Task          string
	Flow, Subject string // with Task empty
	Action        string
	Version       int64 // of the task, or of the instance for an action of the whole instance; 0 (the present one) only for the system
	Input         Input
}

// Act takes an action by the actor in ctx and answers where the instance stands then. Everything it brings about is one transaction.
//
//   - NotFound: there is no such task or subject, or the actor may not know of it.
//   - Forbidden: the actor sees it but the action is not theirs: role or scope, their own firm, a stage kept apart from one where they acted,
//     a task assigned to somebody else.
//   - Conflict: somebody was first (the sentence says who, when and what; the name only to those who may know it), or the stage is past,
//     or a guard says no.
//   - Invalid: the action is not one of this task, or what it asks for is missing (Details name it).
//   - whatever an effect answers.
//
// In a transaction of the caller's, an error after the task was taken makes that transaction impossible to commit.
func (e *Engine) Act(ctx context.Context, a Act) (Instance, error) {
	var out Instance
	err := store.Write(ctx, func(ctx context.Context) error {
		m, err := e.find(ctx, a)
		if err != nil {
			return err
		}
		if m == nil { // the same again: answered as it was
			return nil
		}
		if err := m.run(ctx, a); err != nil {
			return err
		}
		out = m.row.instance()
		return nil
	})
	if err == nil && out.ID == "" {
		flow, subject := a.Flow, a.Subject
		if a.Task != "" {
			err = store.Read(ctx, func(ctx context.Context) error {
				t, err := taskByID(ctx, a.Task)
				if err == nil {
					flow, subject = t.Flow, t.Subject
				}
				return err
			})
		}
		if err == nil {
			if out, err = e.Find(ctx, flow, subject); err == nil {
				out.Repeated = true
			}
		}
	}
	return out, err
}

// find locks the instance and finds the task and the action; a nil move is a request that was answered before.
func (e *Engine) find(ctx context.Context, a Act) (*move, error) {
	actor := account.ActorFrom(ctx)
	var task *taskRow
	var id string
	if a.Task != "" {
		t, err := taskByID(ctx, a.Task)
		if err != nil {
			return nil, err
		}
		if err := e.maySee(ctx, actor, t.Instance); err != nil {
			return nil, err
		}
		task, id = t, t.Instance
	} else {
		r, err := instanceOf(ctx, a.Flow, a.Subject)
		if err != nil {
			return nil, err
		}
		if err := e.maySee(ctx, actor, r.ID); err != nil {
			return nil, err
		}
		id = r.ID
	}
	row, err := lock(ctx, id)
	if err != nil {
		return nil, err
	}
	p, f, err := e.flowOf(ctx, row)
	if err != nil {
		return nil, err
	}
	m := &move{e: e, row: row, flow: f, process: p, input: a.Input, actor: actorOf(ctx), step: stepOf(ctx, "act")}
	if task != nil {
		if task, err = taskByID(ctx, task.ID); err != nil { // as it stands now that nobody else can change it
			return nil, err
		}
	} else if m.action = always(f, a.Action); m.action == nil {
		open, err := tasksOf(ctx, row.ID, row.Visit)
		if err != nil {
			return nil, err
		}
		for i := range open {
			if t := &open[i]; t.State == taskOpen && may(actor, t) && ruleAction(f, t, a.Action) != nil {
				task = t
				break
			}
		}
		if task == nil {
			return nil, fault.New(fault.Conflict, "现在的环节不能这样办理，请刷新后再看")
		}
		if a.Version == 0 || a.Version == row.Version {
			a.Version = task.Version
		}
	}
	if task == nil {
		return m, e.mayAlways(ctx, m, a)
	}
	m.task = task
	m.action = ruleAction(f, task, a.Action)
	if m.action == nil {
		return nil, fault.New(fault.Invalid, "这项任务没有这个办理动作", fault.Detail{Field: "action", Message: "没有这个办理动作"})
	}
	if task.State == taskDone && task.ClosedBy == actor.AccountID && task.Action == a.Action && task.Version == a.Version+1 {
		return nil, nil
	}
	if task.State != taskOpen || task.Version != a.Version && !(a.Version == 0 && m.actor == nil) {
		return nil, e.overtaken(ctx, actor, task)
	}
	if m.actor == nil {
		return m, nil
	}
	switch {
	case task.Role != roleApplicant && task.Party != "" && actor.Speaks(task.Party):
		return nil, fault.New(fault.Forbidden, "不能办理与自己有关的企业的申报")
	case !may(actor, task):
		return nil, fault.New(fault.Forbidden, "这一步不由您的角色、部门或镇街办理")
	case task.Assignee != "" && task.Assignee != actor.AccountID:
		return nil, fault.New(fault.Forbidden, "这项任务已经分派给其他人")
	}
	return m, e.apart(ctx, m)
}

// overtaken says who was first.
func (e *Engine) overtaken(ctx context.Context, actor *account.Actor, t *taskRow) error {
	if t.State != taskDone {
		return fault.New(fault.Conflict, "这一步已经过去，或刚刚有改动，请刷新后再看")
	}
	who := t.Who
	if actor.Reader() {
		names, err := e.world.Names(ctx, []string{t.ClosedBy})
		if err != nil {
			return err
		}
		if names[t.ClosedBy] != "" {
			who = names[t.ClosedBy]
		}
	}
	return fault.New(fault.Conflict, fmt.Sprintf("%s已于%s办理“%s”，请刷新后再看", who, clock.Shown(t.ClosedAt), t.ActionTitle))
}

func always(f *policy.Flow, key string) *policy.Action {
	for _, a := range f.Always {
		if a.Key == key {
			return a
		}
	}
	return nil
}

func ruleOf(f *policy.Flow, t *taskRow) *policy.TaskRule {
	s := f.Stage(t.Stage)
	if s == nil {
		return nil
	}
	for _, r := range s.Tasks {
		if r.Key == t.Key {
			return r
		}
	}
	return nil
}

func ruleAction(f *policy.Flow, t *taskRow, key string) *policy.Action {
	r := ruleOf(f, t)
	if r == nil {
		return nil
	}
	for _, a := range r.Actions {
		if a.Key == key {
			return a
		}
	}
	return nil
}

// mayAlways checks an action of the whole instance.
func (e *Engine) mayAlways(ctx context.Context, m *move, a Act) error {
	if !slices.Contains(m.action.At, m.row.Stage) {
		return fault.New(fault.Conflict, "现在的环节不能"+m.action.Title)
	}
	if m.actor == nil {
		return nil
	}
	if a.Version != m.row.Version {
		return errOvertaken()
	}
	t := &taskRow{Role: m.action.Who.Role, Department: departmentOf(m.action.Who, m.row), Party: m.row.Party, SubjectTown: m.row.Town}
	if t.Role != roleApplicant && t.Party != "" && m.actor.Speaks(t.Party) {
		return fault.New(fault.Forbidden, "不能办理与自己有关的企业的申报")
	}
	if !may(m.actor, t) {
		return fault.New(fault.Forbidden, "这一步不由您的角色、部门或镇街办理")
	}
	return e.apart(ctx, m)
}

// apart refuses who acted at a stage that the file keeps apart from the present one: on this subject, or, for a round, on any of its cases.
func (e *Engine) apart(ctx context.Context, m *move) error {
	if m.actor == nil {
		return nil
	}
	var others []string
	for _, group := range m.flow.Apart {
		if slices.Contains(group, m.row.Stage) {
			for _, s := range group {
				if s != m.row.Stage {
					others = append(others, s)
				}
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	var n int
	if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM process_steps AS s JOIN process_instances AS i ON i.id = s.instance
		WHERE s.account = ? AND s.kind = 'act' AND s.stage_from IN (?) AND (i.id = ? OR i.round = ?)`,
		m.actor.AccountID, listOf(others), m.row.ID, roundOf(m.row)).Scan(ctx, &n); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Forbidden, fmt.Sprintf("您办理过“%s”，按流程规定不能再办理“%s”", strings.Join(others, "、"), m.row.Stage))
	}
	if m.row.Flow != flowRound {
		return nil
	}
	// Nobody decides a round with a live case of a firm that they speak for.
	if mine := own(m.actor); len(mine) > 1 {
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM process_instances WHERE round = ? AND outcome = '' AND party IN (?)`, m.row.Subject, listOf(mine[1:])).Scan(ctx, &n); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Forbidden, "这个批次里有与您有关的企业，您不能办理")
		}
	}
	return nil
}

const flowRound = "round"

// roundOf is the round whose cases an instance of a round looks at; of a case nothing but itself.
func roundOf(r *instanceRow) string {
	if r.Flow == flowRound {
		return r.Subject
	}
	return "\x00"
}

// check asks for what the action needs.
func (m *move) check() error {
	var details []fault.Detail
	bad := func(name, text string) { details = append(details, fault.Detail{Field: name, Message: text}) }
	reason := strings.TrimSpace(m.input.Reason)
	if utf8.RuneCountInString(reason) > 2000 {
		bad("reason", "不超过2000字")
	}
	m.input.Reason = reason
	var data map[string]json.RawMessage
	if len(m.input.Data) > 0 {
		if err := json.Unmarshal(m.input.Data, &data); err != nil {
			return fault.Wrap(fault.Invalid, "提交的内容不完整或格式不正确", err)
		}
	}
	for _, need := range m.action.Needs {
		switch need {
		case "reason":
			if reason == "" {
				bad("reason", "请写明理由")
			}
		case "items", "findings":
			if len(data[need]) == 0 {
				bad("data."+need, "请填写")
			}
		}
	}
	if len(details) > 0 {
		return fault.New(fault.Invalid, "请补齐办理所需的内容", details...)
	}
	return nil
}

// run takes the action: checks, guards, the task, effects, the next stage.
func (m *move) run(ctx context.Context, a Act) error {
	if m.actor != nil {
		if err := m.check(); err != nil {
			return err
		}
	}
	e, from, to := m.e, m.row.Stage, m.target()
	if err := e.guard(ctx, m.view(ctx, from, to), m.row.Flow); err != nil {
		return err
	}
	m.step.Action, m.step.ActionTitle, m.step.Reason, m.step.Data = m.action.Key, m.action.Title, m.input.Reason, string(m.input.Data)
	m.step.Role, m.step.Who = m.action.Who.Role, m.action.Who.Label
	if m.task != nil {
		m.step.Role, m.step.Who, m.step.Task, m.step.TaskTitle = m.task.Role, m.task.Who, m.task.Key, m.task.Title
		result, err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET state = 'done', version = version + 1, closed_at = ?, closed_by = ?, action = ?, action_title = ?
			WHERE id = ? AND state = 'open' AND version = ?`, m.step.At, m.step.Account, m.action.Key, m.action.Title, m.task.ID, m.task.Version).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errOvertaken())
		}
		m.task.State, m.task.Version = taskDone, m.task.Version+1
	}
	if err := e.bring(ctx, m, from, to); err != nil {
		return err
	}
	return m.settle(ctx, from)
}

// settle brings the instance where the action leads, or leaves it with what is still open.
func (m *move) settle(ctx context.Context, from string) error {
	if m.action.To != "" && (m.task == nil || len(m.flow.Stage(from).Tasks) == 1 || m.action.Stops) {
		return m.enter(ctx, m.action.To)
	}
	if m.task == nil {
		return m.stay(ctx, from)
	}
	open := 0
	rows, err := tasksOf(ctx, m.row.ID, m.row.Visit)
	if err != nil {
		return err
	}
	for _, t := range rows {
		if t.State == taskOpen {
			open++
		}
	}
	stage := m.flow.Stage(from)
	switch {
	case open == 0 && stage.Then != "":
		return m.enter(ctx, stage.Then)
	case open == 0: // the one task stays to be done again
		if _, err := m.open(ctx, stage, from); err != nil {
			return err
		}
	}
	return m.stay(ctx, from)
}

// stay keeps the step of an action that leaves the instance at its stage.
func (m *move) stay(ctx context.Context, at string) error {
	result, err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET version = version + 1 WHERE id = ? AND version = ?`, m.row.ID, m.row.Version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errOvertaken())
	}
	m.row.Version++
	m.step.From, m.step.To = at, at
	return m.e.record(ctx, m.row, m.step)
}

// ActResult is what became of one of many.
type ActResult struct {
	Task     string       `json:"task"`
	Instance *Instance    `json:"instance,omitempty"`
	Error    *fault.Error `json:"-"`
}

const mostActs = 200

// ActMany takes one action at many tasks, each in a transaction of its own, so that one that fails leaves the others done. Only actions of
// tasks that the file lets be taken for many at once; the others are refused one by one with Forbidden. Invalid for more than 200,
// and inside a transaction.
func (e *Engine) ActMany(ctx context.Context, acts []Act) ([]ActResult, error) {
	if open, _ := store.InTx(ctx); open || len(acts) > mostActs {
		return nil, fault.New(fault.Invalid, "一次最多办理200件")
	}
	out := make([]ActResult, 0, len(acts))
	for _, a := range acts {
		r := ActResult{Task: a.Task}
		many := false
		err := store.Read(ctx, func(ctx context.Context) error {
			t, err := taskByID(ctx, a.Task)
			if err != nil {
				return err
			}
			row, err := oneInstance(ctx, "i.id = ?", t.Instance)
			if err != nil {
				return err
			}
			_, f, err := e.flowOf(ctx, row)
			if err != nil {
				return err
			}
			if x := ruleAction(f, t, a.Action); x != nil {
				many = x.Many
			}
			return nil
		})
		if err == nil && !many {
			err = fault.New(fault.Forbidden, "这个动作要逐件办理")
		}
		if err == nil {
			i, failed := e.Act(ctx, a)
			if err = failed; err == nil {
				r.Instance = &i
			}
		}
		if err != nil {
			r.Error = fault.Public(err)
		}
		out = append(out, r)
	}
	return out, nil
}
