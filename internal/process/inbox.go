package process

import "context"

// Filter narrows the inbox; zero values do not. Page counts from 1.
type Filter struct {
	Text       string `json:"text,omitempty" maxLength:"100"`
	Flow       string `json:"flow,omitempty" maxLength:"64"`
	Round      string `json:"round,omitempty" maxLength:"64"`
	Scheme     string `json:"scheme,omitempty" maxLength:"100"`
	Stage      string `json:"stage,omitempty" maxLength:"100"`
	Department string `json:"department,omitempty" maxLength:"100" doc:"of the subject"`
	Town       string `json:"town,omitempty" maxLength:"100" doc:"of the subject"`
	Party      string `json:"party,omitempty" maxLength:"64"`
	Late       bool   `json:"late,omitempty" doc:"only what is overdue"`
	Whose      string `json:"whose,omitempty" enum:"mine,unassigned" doc:"assigned to whoever asks; to nobody"`
	Which      string `json:"which,omitempty" enum:"act,see,done" doc:"act (default): may act on; see: may see; done: did"`
	Page       int    `json:"-"`
	Per        int    `json:"-"`
}

// Page is a page of the inbox, what is due first at the top.
type Page struct {
	Items []Task `json:"items"`
	Total int    `json:"total"`
	Page  int    `json:"page"`
}

// Inbox is what the actor may act on, see, or has done, as the filter says. The public gets Unauthenticated.
func (e *Engine) Inbox(ctx context.Context, f Filter) (Page, error) {
	panic("process: not written yet")
}

// Each calls fn for every task of the inbox in its order; for exports. fn runs inside a read transaction.
func (e *Engine) Each(ctx context.Context, f Filter, fn func(Task) error) error {
	panic("process: not written yet")
}

// Counts is how many tasks a filter leaves.
type Counts struct {
	Total      int          `json:"total"`
	Late       int          `json:"late"`
	Mine       int          `json:"mine" doc:"assigned to whoever asks"`
	Unassigned int          `json:"unassigned"`
	Stages     []StageCount `json:"stages"`
}

// Count counts the inbox. Errors as Inbox.
func (e *Engine) Count(ctx context.Context, f Filter) (Counts, error) {
	panic("process: not written yet")
}

// Saved is a filter that somebody gave a name.
type Saved struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Filter Filter `json:"filter"`
}

// Saved lists the actor's filters by name. Unauthenticated for the public.
func (e *Engine) Saved(ctx context.Context) ([]Saved, error) { panic("process: not written yet") }

// Save keeps a filter under a name, in place of what had it. Unauthenticated for the public; Invalid for a bad name; Conflict for more than 50.
func (e *Engine) Save(ctx context.Context, name string, f Filter) (Saved, error) {
	panic("process: not written yet")
}

// Forget drops a saved filter. NotFound if the actor has none of that id.
func (e *Engine) Forget(ctx context.Context, id string) error { panic("process: not written yet") }
