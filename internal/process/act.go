package process

import (
	"context"

	"shanglin/internal/platform/fault"
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
func (e *Engine) Act(ctx context.Context, a Act) (Instance, error) { panic("process: not written yet") }

// ActResult is what became of one of many.
type ActResult struct {
	Task     string       `json:"task"`
	Instance *Instance    `json:"instance,omitempty"`
	Error    *fault.Error `json:"-"`
}

// ActMany takes one action at many tasks, each in a transaction of its own, so that one that fails leaves the others done. Only actions of
// tasks that the file lets be taken for many at once; the others are refused one by one with Forbidden. Invalid for more than 200,
// and inside a transaction.
func (e *Engine) ActMany(ctx context.Context, acts []Act) ([]ActResult, error) {
	panic("process: not written yet")
}
