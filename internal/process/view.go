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
	Ahead    []string `json:"ahead" nullable:"false" doc:"titles of the stages that come next if all goes well"`
	Halted   []Limit  `json:"halted" nullable:"false" doc:"limits whose clock stands still while it is at this stage"`
}

// Step is something that happened.
type Step struct {
	At     string `json:"at"`
	Kind   string `json:"kind" enum:"start,act,lapse,move,assign,release,overdue"`
	By     string `json:"by" doc:"who: a name to officers, the office to applicants, 系统, 您"`
	For    string `json:"for,omitempty" doc:"in whose stead, to officers: a name"`
	Mine   bool   `json:"mine" doc:"whoever asks did it"`
	Who    string `json:"who,omitempty" doc:"in what capacity: 窗口"`
	Task   string `json:"task,omitempty" doc:"title of the task"`
	Action string `json:"action,omitempty" doc:"title of the action"`
	From   string `json:"from,omitempty" doc:"title of the stage before"`
	To     string `json:"to" doc:"title of the stage after"`
	Public string `json:"public,omitempty" doc:"what that means, in plain words"`
	Reason string `json:"reason,omitempty"`
	Given  string `json:"given,omitempty" doc:"to whom it was assigned"`

	ActionKey string `json:"-"` // for rooms
	Input     Input  `json:"-"` // for rooms: what the action was given, as far as the reader may know it
}

// Of is the view of a subject for the actor in ctx: those who speak for its party, readers of its department and town, and whoever may act
// or acted on it. NotFound for everybody else, and if it was never started.
func (e *Engine) Of(ctx context.Context, flow, subject string) (out View, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		v, err := e.reach(ctx, Act{Flow: flow, Subject: subject})
		if err != nil {
			return err
		}
		out, err = e.view(ctx, v)
		return err
	})
	return out, err
}

func (e *Engine) view(ctx context.Context, v *sight) (View, error) {
	stage := v.flow.Stage(v.row.Stage)
	out := View{Instance: v.row.instance(), Process: v.process.Title, Title: titleOf(v.flow, v.row.Stage), Tasks: []Task{}, Always: []Option{}, Ahead: ahead(v.process, v.flow, stage)}
	if stage != nil {
		out.Public = stage.Public
	}
	var open []taskRow
	for _, t := range v.tasks {
		if t.State == stateOpen {
			open = append(open, t)
		}
	}
	tasks, err := e.dressed(ctx, []*account.Actor{v.actor}, open)
	if err != nil {
		return View{}, err
	}
	for i := range tasks {
		rule := ruleOf(v.flow, open[i].Stage, open[i].Task)
		if len(tasks[i].Actions) == 0 {
			continue
		}
		why, err := sentence(e.conflicts(ctx, v, open[i].Role))
		if err != nil {
			return View{}, err
		}
		for j := range tasks[i].Actions {
			o := &tasks[i].Actions[j]
			if o.Blocked = why; why == "" {
				if o.Blocked, err = e.blocked(ctx, v, &open[i], actionOf(rule, o.Key)); err != nil {
					return View{}, err
				}
			}
		}
	}
	out.Tasks = tasks
	for _, a := range v.flow.Always {
		if !slices.Contains(a.At, v.row.Stage) || !inScope(v.actor, a.Who.Role, departmentOf(a.Who, &v.row.subjectRow), v.row.Town, v.row.Party) {
			continue
		}
		o := option(v.flow, a)
		if o.Blocked, err = sentence(e.conflicts(ctx, v, a.Who.Role)); err != nil {
			return View{}, err
		}
		if o.Blocked == "" {
			if o.Blocked, err = e.blocked(ctx, v, nil, a); err != nil {
				return View{}, err
			}
		}
		out.Always = append(out.Always, o)
	}
	history, err := stepsOf(ctx, v.row.ID)
	if err != nil {
		return View{}, err
	}
	steps := history[v.row.ID]
	for i := range out.Tasks {
		if l := out.Tasks[i].Limit; l != nil {
			if l.Why, err = e.explain(ctx, v, &open[i], steps); err != nil {
				return View{}, err
			}
		}
	}
	if out.Halted, err = e.halted(ctx, v, steps); err != nil {
		return View{}, err
	}
	out.Steps, err = e.steps(ctx, v, steps)
	return out, err
}

// sentence is what a fault says, for a button; another error is passed on.
func sentence(err error) (string, error) {
	switch fault.CodeOf(err) {
	case "":
		return "", nil
	case fault.Internal, fault.Unavailable:
		return "", err
	}
	return fault.Public(err).Message, nil
}

// blocked is why an action cannot be taken now, as its guards say.
func (e *Engine) blocked(ctx context.Context, v *sight, t *taskRow, a *policy.Action) (string, error) {
	g := &going{row: v.row, flow: v.flow, task: t, action: a, actor: v.actor}
	m := e.moveOf(ctx, g)
	m.Preview = true
	if why, err := sentence(e.timely(ctx, v.flow, &v.row, a)); why != "" || err != nil {
		return why, err
	}
	return sentence(e.ask(ctx, m))
}

// steps is the history as the actor may read it.
func (e *Engine) steps(ctx context.Context, v *sight, rows []stepRow) (out []Step, err error) {
	var people []string
	given := make([]string, len(rows))
	for i := range rows {
		people = append(people, rows[i].Actor, rows[i].Stead)
		if rows[i].Kind == stepAssign {
			var to Person
			if err := json.Unmarshal([]byte(rows[i].Data), &to); err != nil {
				return nil, err
			}
			given[i] = to.Account
			people = append(people, to.Account)
		}
	}
	names := map[string]string{}
	if !v.applicant() {
		if names, err = e.world.Names(ctx, people); err != nil {
			return nil, err
		}
	}
	out = []Step{}
	for i := range rows {
		s := &rows[i]
		if v.applicant() && !v.tells(s) {
			continue
		}
		step := Step{At: s.At, Kind: s.Kind, Who: s.Who, Task: s.TaskTitle, Action: s.ActionTitle, ActionKey: s.Action, Given: names[given[i]],
			Mine: s.Actor == v.actor.AccountID, To: titleOf(v.flow, s.ToStage)}
		if step.By, err = e.byOf(ctx, v, s, names); err != nil {
			return nil, err
		}
		step.For = names[s.Stead]
		if s.FromStage != "" {
			step.From = titleOf(v.flow, s.FromStage)
		}
		if s.ToStage == "" {
			step.To = step.From
		} else if stage := v.flow.Stage(s.ToStage); stage != nil {
			step.Public = stage.Public
		}
		if !v.applicant() && !v.veiled(s) || v.applicant() && v.addressed(s) {
			step.Reason, step.Input.Reason = s.Reason, s.Reason
			if s.Data != "" {
				step.Input.Data = json.RawMessage(s.Data)
			}
		}
		out = append(out, step)
	}
	return out, nil
}

// tells says whether a step is one that applicants hear of: it led somewhere, it is their own, or a letter to them.
func (v *sight) tells(s *stepRow) bool {
	return s.ToStage != "" || s.Role == applicant || writes(taken(v.flow, s))
}

// veiled says whether what a step says is not to be seen yet: an opinion of somebody else in a joint review that is still going on, where
// the file lets nobody see the others' before all have given theirs.
func (v *sight) veiled(s *stepRow) bool {
	j := v.flow.Joined(v.row.Stage)
	if j == nil || !j.Blind || v.actor.Same(s.Actor) || v.actor.Same(s.Stead) {
		return false
	}
	t := v.find(s.Task)
	return t != nil && t.Visit == v.row.Visit
}

// addressed says whether the reason of a step is for the applicant: it is their own or a letter to them, it ended the case, or it asks
// something of them.
// What offices write to each other is not.
func (v *sight) addressed(s *stepRow) bool {
	if s.Role == applicant || s.Kind == stepLapse || writes(taken(v.flow, s)) {
		return true
	}
	stage := v.flow.Stage(s.ToStage)
	return stage != nil && (stage.Ends != "" || slices.ContainsFunc(stage.Tasks, func(t *policy.TaskRule) bool { return t.Who.Role == applicant }))
}

// ahead lists the stages that follow one if all goes well: the main action's, or where the round leads, or what comes
// when what it waits for has come.
func ahead(p *policy.Process, f *policy.Flow, stage *policy.Stage) []string {
	out, seen := []string{}, map[*policy.Stage]bool{}
	for stage != nil && !seen[stage] && stage.Ends == "" {
		if seen[stage] = true; len(seen) > 1 {
			out = append(out, stage.Title)
		}
		stage = f.Stage(next(p, f, stage))
	}
	if stage != nil && stage.Ends != "" && len(seen) > 0 {
		out = append(out, stage.Title)
	}
	return out
}

func next(p *policy.Process, f *policy.Flow, stage *policy.Stage) string {
	if stage.Then != "" {
		return stage.Then
	}
	if len(stage.AtOnce) > 0 {
		return stage.AtOnce[0].To
	}
	for _, t := range stage.Tasks {
		for _, a := range t.Actions {
			if a.Tone == "primary" && a.To != "" {
				return a.To
			}
		}
	}
	for _, other := range p.Flows {
		to := ""
		eachAction(other, func(a *policy.Action) {
			for _, do := range a.Do {
				if other == f || to != "" || do.Args["from"] != stage.Key {
					continue
				}
				switch {
				case do.Name == "move_cases" && a.Tone == "primary":
					to = do.Args["to"]
				case do.Name == "sample": // most are not drawn
					to = do.Args["rest"]
				}
			}
		})
		if to != "" {
			return to
		}
	}
	return ""
}
