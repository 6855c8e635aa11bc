package process

import "context"

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
	Town         string   `json:"town,omitempty" doc:"whose scope it takes; empty: any"`
	Assignee     string   `json:"assignee,omitempty"`
	AssigneeName string   `json:"assignee_name,omitempty"`
	OpenedAt     string   `json:"opened_at"`
	Limit        *Limit   `json:"limit,omitempty" doc:"absent: no time limit"`
	Actions      []Option `json:"actions" doc:"what whoever asks may do"`
	Many         bool     `json:"many" doc:"its actions may be taken for many at once"`
	MayAssign    bool     `json:"may_assign" doc:"whoever asks may assign or release it"`
	Done         *Done    `json:"done,omitempty"`
}

// Option is a button.
type Option struct {
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	Tone    string   `json:"tone" enum:"primary,plain,danger"`
	Needs   []string `json:"needs" doc:"what the person who acts gives"`
	To      string   `json:"to,omitempty" doc:"title of the stage that it leads to"`
	Blocked string   `json:"blocked,omitempty" doc:"why it cannot be taken now"`
}

// Done says how a task was closed.
type Done struct {
	At     string `json:"at"`
	By     string `json:"by,omitempty"`
	Action string `json:"action,omitempty" doc:"title of the action; empty: it was closed because another one moved the instance on"`
}

// Assign gives an open task to an account that may act on it; only that account acts from then on. By whoever could act on it, or a leader
// of its department. The reason may be left out by somebody who takes an unassigned task on.
// NotFound as Act; Forbidden if the actor may not assign; Conflict for a version that is past or a task that is done; Invalid if the account
// may not act on the task, or the reason is missing.
func (e *Engine) Assign(ctx context.Context, task string, version int64, account, reason string) (Task, error) {
	panic("process: not written yet")
}

// Release takes an assignment back. By the assignee, or whoever may assign. Errors as Assign; Conflict if it is not assigned.
func (e *Engine) Release(ctx context.Context, task string, version int64, reason string) (Task, error) {
	panic("process: not written yet")
}

// Assignees are the accounts to whom the actor may assign a task, with their names. Errors as Assign.
func (e *Engine) Assignees(ctx context.Context, task string) ([]Person, error) {
	panic("process: not written yet")
}

// Person is an account with its name.
type Person struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}
