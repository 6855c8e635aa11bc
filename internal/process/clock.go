package process

import "context"

// Limit is a task's time limit, as people read it.
type Limit struct {
	Due     string `json:"due,omitempty" doc:"the last day, or for hours the moment; empty when it is not known"`
	Left    *int   `json:"left,omitempty" doc:"units left, negative once it is over; absent when it is not known"`
	Unit    string `json:"unit" doc:"工作日, 日, 小时, 月"`
	Late    bool   `json:"late"`
	Text    string `json:"text" doc:"还剩3个工作日"`
	Unknown string `json:"unknown,omitempty" doc:"why the last day is not known"`
	Cite    string `json:"cite,omitempty" doc:"the law or document that sets it"`
	Basis   string `json:"basis,omitempty" doc:"what it is when no law sets it"`
}

// Tick does what the passing of time asks for: tasks whose limit has lapsed get the action that their file names, taken by the clock, or
// are marked overdue once and whoever may act is told; limits that were not known are worked out when their year has been published.
// Any number of servers may tick at the same time. It goes on past a task that fails and returns the failures joined.
func (e *Engine) Tick(ctx context.Context) error { panic("process: not written yet") }
