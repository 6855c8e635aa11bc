package process

import (
	"context"

	"shanglin/policy"
)

// Definition is a kept process file.
type Definition struct {
	Hash    string          `json:"hash"`
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	KeptAt  string          `json:"kept_at"`
	Source  string          `json:"source,omitempty" doc:"the file itself"`
	Process *policy.Process `json:"-"`
}

// Keep keeps a copy of a process by its hash, once, never to be changed, and returns the hash. Invalid if the hash is not that of the source,
// or the file uses an effect or a guard that no room implements for its flow (Details name them).
func (e *Engine) Keep(ctx context.Context, p *policy.Process) (hash string, err error) {
	panic("process: not written yet")
}

// Process is a kept process by its hash. NotFound if it is not kept.
func (e *Engine) Process(ctx context.Context, hash string) (*policy.Process, error) {
	panic("process: not written yet")
}

// Definitions lists what is kept, the newest first, without sources.
func (e *Engine) Definitions(ctx context.Context) ([]Definition, error) {
	panic("process: not written yet")
}

// Definition is one that is kept, with its source. NotFound if it is not.
func (e *Engine) Definition(ctx context.Context, hash string) (Definition, error) {
	panic("process: not written yet")
}

// definitions are the processes that were read, by hash.
type definitions struct{}
