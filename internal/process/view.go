package process

import "context"

// View is where a subject stands, as whoever asks may see it. To those who speak for the party it names no officer and shows no internal opinion.
type View struct {
	Instance Instance `json:"instance"`
	Process  string   `json:"process" doc:"title of the process"`
	Title    string   `json:"title" doc:"of the stage"`
	Public   string   `json:"public" doc:"the stage in plain words"`
	Tasks    []Task   `json:"tasks" doc:"open tasks, with the actions that whoever asks may take"`
	Always   []Option `json:"always" doc:"actions of the whole instance that whoever asks may take; their version is the instance's"`
	Steps    []Step   `json:"steps" doc:"what happened, the oldest first"`
	Ahead    []string `json:"ahead" doc:"titles of the stages that the file has after this one"`
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
	panic("process: not written yet")
}

// MaySee says whether the actor in ctx may see a subject, as Of decides: nil, or NotFound.
func (e *Engine) MaySee(ctx context.Context, flow, subject string) error {
	panic("process: not written yet")
}
