package process

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"shanglin/internal/account"
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
// Of what an action needs, the engine itself asks for the reason (Input.Reason, as an opinion is); the rest is for the rooms to read.
//
//   - NotFound: there is no such task or subject, or the actor may not know of it.
//   - Forbidden: the actor sees it but the action is not theirs: role or scope, their own firm, a stage kept apart from one where they acted,
//     a task assigned to somebody else.
//   - Conflict: somebody was first (the sentence says who, when and what; the name only to those who may know it), or the stage is past,
//     or a guard says no.
//   - Invalid: the action is not one of this task, or what it asks for is missing (Details name it).
//   - whatever an effect answers.
//
// In a transaction of the caller's, any error but NotFound makes that transaction impossible to commit.
func (e *Engine) Act(ctx context.Context, a Act) (Instance, error) {
	return e.act(ctx, a, false)
}

// act with many lets only actions through that may be taken for many at once.
func (e *Engine) act(ctx context.Context, a Act, many bool) (out Instance, err error) {
	if err := a.Input.clean(); err != nil {
		return Instance{}, err
	}
	actor := account.ActorFrom(ctx)
	if a.Version < 0 || a.Version == 0 && actor.AccountID != account.SystemID {
		return Instance{}, fault.New(fault.Invalid, "请刷新后重试。", fault.Detail{Field: "version", Message: "缺少版本。"})
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		v, err := e.reach(ctx, a)
		if err != nil {
			return err
		}
		// From here on nobody else changes the instance, and what is read of it is of one moment.
		row, _, err := lock(ctx, v.row.ID)
		if err != nil {
			return err
		}
		if v, err = e.reached(ctx, row, a); err != nil {
			return err
		}
		// What was done already is answered as it was then, whoever may do what now.
		if done, err := v.repeated(ctx, a); err != nil || done {
			out = v.row.instance()
			out.Repeated = done
			return err
		}
		g, err := e.allowed(ctx, v, a)
		if err != nil {
			return err
		}
		if many && !g.action.Many {
			return fault.New(fault.Forbidden, "“"+g.action.Title+"”只能一件一件办理。")
		}
		out, err = e.take(ctx, g)
		return err
	})
	return out, err
}

// reach finds what an action is about, as the actor may see it. The task is nil for an action of the whole instance, and when the action
// belongs to no open task.
func (e *Engine) reach(ctx context.Context, a Act) (*sight, error) {
	find := func() (instanceRow, bool, error) { return findInstance(ctx, a.Flow, a.Subject) }
	if a.Subject == "" {
		find = func() (instanceRow, bool, error) { return instanceOfTask(ctx, a.Task) }
	}
	row, found, err := find()
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errUnknown()
	}
	return e.reached(ctx, row, a)
}

// reached is reach for an instance that was read.
func (e *Engine) reached(ctx context.Context, row instanceRow, a Act) (*sight, error) {
	v, err := e.see(ctx, row)
	if err != nil {
		return nil, err
	}
	if a.Task != "" {
		if v.task = v.find(a.Task); v.task == nil {
			return nil, errUnknown() // the task is another subject's
		}
		return v, nil
	}
	for i := range v.tasks {
		t := &v.tasks[i]
		rule := ruleOf(v.flow, t.Stage, t.Task)
		if t.State != stateOpen || rule == nil || actionOf(rule, a.Action) == nil {
			continue
		}
		mine := t.covers(v.actor)
		switch {
		case v.task == nil, mine && !v.task.covers(v.actor):
			v.task = t
		case mine:
			return nil, fault.New(fault.Invalid, "请选择要办理的任务。", fault.Detail{Field: "task", Message: "有几项任务可以这样办理。"})
		}
	}
	return v, nil
}

// allowed says what an action would do, or why the actor may not take it. Nothing is written yet.
func (e *Engine) allowed(ctx context.Context, v *sight, a Act) (*going, error) {
	g := &going{row: v.row, process: v.process, flow: v.flow, task: v.task, kind: stepAct, version: a.Version, input: a.Input, actor: v.actor}
	if system(v.actor) {
		g.actor = nil
	}
	if v.task != nil {
		// Whose it is comes before all that would tell something of it: what stands in the way, who was first, what is missing.
		if err := v.whose(v.task); err != nil {
			// Without a task named it may be theirs that is done already, and only others' that are open.
			if _, mine := v.actionBy(a.Action); a.Task == "" && mine && !v.applicant() {
				return nil, e.first(ctx, v)
			}
			return nil, err
		}
		if g.rule = ruleOf(v.flow, v.task.Stage, v.task.Task); g.rule == nil {
			return nil, errors.New("process: a task has no rule in its file")
		}
		if g.action = actionOf(g.rule, a.Action); g.action == nil || g.action.Silent() {
			return nil, errAction()
		}
		if g.version == 0 {
			g.version = v.task.Version
		}
		if v.task.State != stateOpen || v.task.Version != g.version {
			return nil, e.first(ctx, v)
		}
		if err := e.mayDo(ctx, v, v.task); err != nil {
			return nil, err
		}
		return g, g.input.enough(g.action)
	}
	known, mine := v.actionBy(a.Action)
	switch {
	case !known:
		return nil, errAction()
	case !mine:
		if err := v.ownFirm(""); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.Forbidden, "这一步不在您的职责或范围内。")
	}
	for _, o := range v.flow.Always {
		if o.Key != a.Action || !slices.Contains(o.At, v.row.Stage) {
			continue
		}
		if err := e.mayAlways(ctx, v, o); err != nil {
			return nil, err
		}
		if g.version == 0 {
			g.version = v.row.Version
		}
		if g.version != v.row.Version {
			return nil, e.first(ctx, v)
		}
		g.action, g.role, g.who = o, o.Who.Role, labelOf(o.Who)
		return g, g.input.enough(o)
	}
	return nil, e.first(ctx, v) // it was one of a stage that is past, or that has not come
}

func errUnknown() error { return fault.New(fault.NotFound, "没有这一件，或您无权查看。") }

func errAction() error {
	return fault.New(fault.Invalid, "没有这种办理方式。", fault.Detail{Field: "action", Message: "没有这种办理方式。"})
}

// repeated says whether the actor has done exactly this already: the same action at the same version with the same input.
func (v *sight) repeated(ctx context.Context, a Act) (bool, error) {
	task := ""
	switch t := v.task; {
	case a.Version == 0:
		return false, nil
	case t != nil && t.State == stateOpen && t.Version == a.Version && t.covers(v.actor), t == nil && v.row.Version == a.Version:
		return false, nil // it is still to be done
	case t != nil:
		task = t.ID
	}
	var steps []stepRow
	err := store.Tx(ctx).NewRaw(`SELECT `+stepColumns+` FROM process_steps WHERE instance = ? AND kind = 'act' AND actor = ? AND action = ? AND version = ?`,
		v.row.ID, v.actor.AccountID, a.Action, a.Version).Scan(ctx, &steps)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(steps, func(s stepRow) bool {
		// Without a task named, the task that is open now is not the one that was done.
		return (s.Task == task || a.Task == "") && !unlike(&s, a.Input)
	}), nil
}

// maxReason is how many characters a reason has at most.
const maxReason = 2000

// clean trims an input and refuses what cannot be kept.
func (in *Input) clean() error {
	in.Reason = strings.TrimSpace(in.Reason)
	if utf8.RuneCountInString(in.Reason) > maxReason || !utf8.ValidString(in.Reason) ||
		strings.ContainsFunc(in.Reason, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }) {
		return fault.New(fault.Invalid, "理由过长，或含有不能使用的字符。", fault.Detail{Field: "reason", Message: "最多2000字，不含控制字符。"})
	}
	var ok bool
	if in.Data, ok = dataOf(in.Data); !ok {
		return fault.New(fault.Invalid, "填写的内容不完整。", fault.Detail{Field: "data", Message: "不是完整的数据，或过长。"})
	}
	return nil
}

// enough asks for the reason that an action needs. An opinion may be left out: who says nothing agrees.
func (in *Input) enough(a *policy.Action) error {
	if writes(a) && in.Reason == "" {
		return fault.New(fault.Invalid, "请写明书面告知申请人的内容和理由。", fault.Detail{Field: "reason", Message: "请写明书面告知申请人的内容和理由。"})
	}
	if slices.Contains(a.Needs, "reason") && in.Reason == "" {
		return fault.New(fault.Invalid, "请写明理由。", fault.Detail{Field: "reason", Message: "请写明理由。"})
	}
	return nil
}

// ActResult is what became of one of many.
type ActResult struct {
	Task     string
	Instance *Instance // nil when it failed
	Error    *fault.Error
}

// maxMany is how many actions are taken in one call.
const maxMany = 200

// ActMany takes actions, each in a transaction of its own, so that one that fails leaves the others done. Only actions that the file lets be
// taken for many at once; the others are refused one by one with Forbidden. Invalid for more than 200. Not inside a transaction: they would
// be one.
func (e *Engine) ActMany(ctx context.Context, acts []Act) ([]ActResult, error) {
	if len(acts) > maxMany {
		return nil, fault.New(fault.Invalid, "一次最多办理200件。")
	}
	if open, _ := store.InTx(ctx); open {
		return nil, errors.New("process: ActMany inside a transaction")
	}
	out := make([]ActResult, len(acts))
	for i, a := range acts {
		out[i].Task = a.Task
		done, err := e.act(ctx, a, true)
		if err == nil {
			out[i].Instance = &done
			continue
		}
		if ctx.Err() != nil {
			return nil, err
		}
		if fault.CodeOf(err) == fault.Internal {
			logFailure(ctx, err)
		}
		out[i].Error = fault.Public(err)
	}
	return out, nil
}
