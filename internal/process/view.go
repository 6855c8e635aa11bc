package process

import (
	"context"
	"encoding/json"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// View is where a subject stands, as whoever asks may see it. To those who speak for the party it names no officer and shows no internal opinion.
type View struct {
	Instance Instance `json:"instance"`
	Process  string   `json:"process" doc:"title of the process"`
	Title    string   `json:"title" doc:"of the stage"`
	Public   string   `json:"public" doc:"the stage in plain words"`
	Tasks    []Task   `json:"tasks" nullable:"false" doc:"open tasks, with the actions that whoever asks may take"`
	Always   []Option `json:"always" nullable:"false" doc:"actions of the whole instance that whoever asks may take; their version is the instance's"`
	Steps    []Step   `json:"steps" nullable:"false" doc:"what happened, the oldest first"`
}

// Step is something that happened.
type Step struct {
	At     string `json:"at"`
	Kind   string `json:"kind" enum:"start,act,lapse,move,assign,release,overdue"`
	By     string `json:"by" doc:"who: a name to officers, an office or 申请人 to applicants, 系统"`
	Mine   bool   `json:"mine" doc:"whoever asks did it"`
	Task   string `json:"task,omitempty" doc:"title of the task"`
	Action string `json:"action,omitempty" doc:"title of the action"`
	From   string `json:"from,omitempty" doc:"title of the stage before"`
	To     string `json:"to" doc:"title of the stage after"`
	Public string `json:"public,omitempty" doc:"what it means, in plain words, when the stage changed"`
	Reason string `json:"reason,omitempty"`
	Input  Input  `json:"-"` // for rooms
}

// Of is the view of a subject for the actor in ctx: those who speak for its party, readers of its department and town, and whoever may act
// or acted on it. NotFound for everybody else, and if it was never started.
func (e *Engine) Of(ctx context.Context, flow, subject string) (View, error) {
	var out View
	err := store.Read(ctx, func(ctx context.Context) error {
		out = View{Tasks: []Task{}, Always: []Option{}, Steps: []Step{}}
		row, err := instanceOf(ctx, flow, subject)
		if err != nil {
			return err
		}
		actor := account.ActorFrom(ctx)
		if err := e.maySee(ctx, actor, row.ID); err != nil {
			return err
		}
		p, f, err := e.flowOf(ctx, row)
		if err != nil {
			return err
		}
		out.Instance, out.Process, out.Title = row.instance(), p.Title, row.Stage
		if s := f.Stage(row.Stage); s != nil {
			out.Title, out.Public = s.Title, s.Public
		}
		rows, err := tasksOf(ctx, row.ID, row.Visit)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].State == taskOpen {
				t, err := e.shown(ctx, actor, &rows[i], row, f, true)
				if err != nil {
					return err
				}
				out.Tasks = append(out.Tasks, t)
			}
		}
		for _, a := range f.Always {
			t := &taskRow{Role: a.Who.Role, Department: departmentOf(a.Who, row), Party: row.Party, SubjectTown: row.Town}
			if slices.Contains(a.At, row.Stage) && may(actor, t) {
				out.Always = append(out.Always, e.option(ctx, row, f, nil, a, actor))
			}
		}
		out.Steps, err = e.steps(ctx, actor, row, f)
		return err
	})
	return out, err
}

// steps tells the history: to a reader with names, to those who speak for the party without.
func (e *Engine) steps(ctx context.Context, actor *account.Actor, row *instanceRow, f *policy.Flow) ([]Step, error) {
	rows, err := stepsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	if actor.Reader() {
		var ids []string
		for _, s := range rows {
			if s.Account != "" && s.Account != account.SystemID && !slices.Contains(ids, s.Account) {
				ids = append(ids, s.Account)
			}
		}
		if names, err = e.world.Names(ctx, ids); err != nil {
			return nil, err
		}
	}
	title := func(key string) (string, string) {
		if s := f.Stage(key); s != nil {
			return s.Title, s.Public
		}
		return key, ""
	}
	out := []Step{}
	for _, s := range rows {
		if s.Kind == "describe" || !actor.Reader() && (s.Kind == "assign" || s.Kind == "release" || s.Kind == "overdue") {
			continue
		}
		x := Step{At: s.At, Kind: s.Kind, Mine: s.Account == actor.AccountID, Task: s.TaskTitle, Action: s.ActionTitle, Reason: s.Reason,
			Input: Input{Reason: s.Reason, Data: json.RawMessage(s.Data)}}
		x.From, _ = title(s.From)
		var public string
		x.To, public = title(s.To)
		if s.From != s.To {
			x.Public = public
		}
		switch {
		case s.Account == account.SystemID:
			x.By = "系统"
		case names[s.Account] != "":
			x.By = names[s.Account]
		case s.Role == roleApplicant || s.Kind == "start" && row.Party != "":
			x.By = "申请人"
		default:
			x.By = s.Who
		}
		// A department's opinion of an application is for those who review it.
		if !actor.Reader() && s.From == s.To && s.Role != roleApplicant {
			x.Reason = ""
		}
		out = append(out, x)
	}
	return out, nil
}

// MaySee says whether the actor in ctx may see a subject, as Of decides: nil, or NotFound.
func (e *Engine) MaySee(ctx context.Context, flow, subject string) error {
	return store.Read(ctx, func(ctx context.Context) error {
		row, err := instanceOf(ctx, flow, subject)
		if err != nil {
			return err
		}
		return e.maySee(ctx, account.ActorFrom(ctx), row.ID)
	})
}

func (e *Engine) maySee(ctx context.Context, actor *account.Actor, instance string) error {
	see, args := seeScope(actor, "i", "town", "department", "subject")
	act, more := actScope(actor)
	query := `SELECT COUNT(*) FROM process_instances AS i WHERE i.id = ? AND (` + see + ` OR EXISTS (SELECT 1 FROM process_tasks AS t WHERE t.instance = i.id AND ` + act + `))`
	var n int
	if err := store.Tx(ctx).NewRaw(query, append(append([]any{instance}, args...), more...)...).Scan(ctx, &n); err != nil {
		return err
	}
	if n == 0 {
		return errNoSubject()
	}
	return nil
}

// option is a button; blocked says why it cannot be pressed now.
func (e *Engine) option(ctx context.Context, row *instanceRow, f *policy.Flow, t *taskRow, a *policy.Action, actor *account.Actor) Option {
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
	m := &move{e: e, row: row, flow: f, task: t, action: a, actor: actor}
	v := m.view(ctx, row.Stage, m.target())
	v.Preview = true
	err := e.guard(ctx, v, row.Flow)
	if err == nil {
		err = e.apart(ctx, m)
	}
	if err != nil {
		o.Blocked = fault.Public(err).Message
	}
	return o
}
