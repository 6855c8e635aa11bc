package process

import "context"

// Subject is the thing that an instance is about, with the words that lists show. A round's own Round is empty; a case's is its round.
type Subject struct {
	Flow       string `json:"flow" doc:"case, round"`
	ID         string `json:"id"`
	Number     string `json:"number" doc:"as people call it; may be empty before it has one"`
	Title      string `json:"title"`
	Party      string `json:"party,omitempty"`
	PartyName  string `json:"party_name,omitempty"`
	Town       string `json:"town,omitempty"`
	Department string `json:"department,omitempty" doc:"whose office the scheme names"`
	Scheme     string `json:"scheme,omitempty"`
	Round      string `json:"round,omitempty"`
}

// Instance is a subject on its way along a flow.
type Instance struct {
	ID         string  `json:"id"`
	Subject    Subject `json:"subject"`
	Definition string  `json:"definition" doc:"hash of the process file that it began with"`
	Stage      string  `json:"stage"`
	Since      string  `json:"since" doc:"when it came to this stage"`
	Version    int64   `json:"version" doc:"rises with every action"`
	Visit      int64   `json:"visit" doc:"how many stages it has come to"`
	Outcome    string  `json:"outcome,omitempty" enum:"granted,refused,withdrawn,done" doc:"how it ended; empty while it runs"`
	StartedAt  string  `json:"started_at"`
	Repeated   bool    `json:"-"` // Act was asked again for what it had done already
}

// Start begins an instance of the subject's flow at its first stage. The definition must be kept. Who may start is the room's to decide.
// Conflict if the subject has an instance already; NotFound for a hash that is not kept; Invalid for a flow that the process does not have.
func (e *Engine) Start(ctx context.Context, hash string, s Subject) (Instance, error) {
	panic("process: not written yet")
}

// Describe gives a subject new words (a number, a decided title), in the instance, its tasks and the search. Flow and ID say which.
// Who acts on open tasks follows department and town. NotFound if it was never started.
func (e *Engine) Describe(ctx context.Context, s Subject) error { panic("process: not written yet") }

// Find is where a subject stands, for rooms: no permission is asked. NotFound if it was never started.
func (e *Engine) Find(ctx context.Context, flow, subject string) (Instance, error) {
	panic("process: not written yet")
}

// MoveAll moves every live case of a round that stands at stage from to stage to, and says how many. The reason stands in each one's history.
// Invalid if the flow of such a case has no stage to.
func (e *Engine) MoveAll(ctx context.Context, round, from, to, reason string) (n int, err error) {
	panic("process: not written yet")
}

// Advance moves an instance on whose stage waits (it has no task and names what follows), because what it waited for has come.
// It goes to Stage.Then. NotFound if there is no such subject, Conflict if it does not wait.
func (e *Engine) Advance(ctx context.Context, flow, subject, reason string) (Instance, error) {
	panic("process: not written yet")
}

// Standing counts the cases of a round by flow and stage, in the order of the file; for rooms: no permission is asked.
func (e *Engine) Standing(ctx context.Context, round string) ([]StageCount, error) {
	panic("process: not written yet")
}

// StageCount is how many cases stand at a stage, and how many of them are late.
type StageCount struct {
	Flow    string `json:"flow"`
	Stage   string `json:"stage"`
	Title   string `json:"title"`
	Outcome string `json:"outcome,omitempty"`
	Count   int    `json:"count"`
}
