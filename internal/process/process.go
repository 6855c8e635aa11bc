// Package process runs process files: it knows where everything stands, who may do what to it next, and until when.
//
// A subject is a thing of another room that is dealt with step by step: an application, the round that gathers applications. The room
// starts it along a flow of a process; from then on an Instance says at which stage of that flow it stands. A stage has tasks, each for
// somebody: a role, within the scope that the file names. Whoever may, acts: the task is done, what the action brings about happens, and
// the instance goes where the action leads, all in one transaction, or nothing of it. A stage without a task waits until the round moves
// it (MoveAll), somebody takes an action of the whole instance, or what it waits for has come (Happened).
//
// The engine knows no stage and no action by name. It knows verbs: an Effect is what an action brings about, a Guard what must hold
// before; the rooms give each verb of a flow its function. Two it brings itself, because they speak of nothing but stages: the effect
// move_cases and the guard cases_ready.
//
// What the engine keeps true, whatever a file says:
//
//   - An instance stands at exactly one stage, and its open tasks are those of that stage. Every change of an instance begins with a lock on
//     its row, so changes of one instance come one after the other; who comes second with a version that is past gets Conflict.
//   - A task is done once. The same request again (same person, action, version and input) is answered as the first was, and does nothing.
//   - An instance keeps the definition that it began with, found by its hash and never changed; a file published later concerns later instances.
//   - Nobody acts for an office on a party that they speak for, nor on a round with a live case of such a party; nobody acts at two stages that
//     the file keeps apart.
//   - Every change is a step of the history and an audit event with the digest of the instance with all its tasks and steps.
//
// Words of the subject that lists are searched and narrowed by are copied to its tasks, so that the inbox reads one table by one index.
package process

import (
	"context"
	"encoding/json"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/policy"
)

// Engine runs the processes of every tenant; the database comes with the context. Effects and guards are registered while the program is
// put together, before the first request.
type Engine struct {
	world   World
	effects map[verb]func(context.Context, Move) error
	guards  map[verb]func(context.Context, Move) error
	moved   map[string]func(context.Context, []Move) error
	drafts  map[string]func(context.Context, Move) error
	joined  map[string]func(context.Context, Move) (string, error)
	kept    definitions
}

// World is what the engine asks of the rooms around it. Every function runs in the transaction of its ctx.
type World struct {
	Holders  func(ctx context.Context, role account.Role, department, town string) ([]string, error)    // accounts that hold a role within a scope
	Speakers func(ctx context.Context, parties []string) (map[string][]string, error)                   // accounts that speak for parties, by party
	Names    func(ctx context.Context, accounts []string) (map[string]string, error)                    // people's names by account
	Tell     func(ctx context.Context, all []Telling) error                                             // notifications in the app
	Calendar func(ctx context.Context) (*calendar.Calendar, error)                                      // by which days are counted at this moment
	Day      func(ctx context.Context, s Subject, word string) (day policy.Date, known bool, err error) // a day of a subject that a limit ends at (policy.ProcessDays)
}

// New makes an engine. Every function of the world is required.
func New(w World) *Engine {
	if w.Holders == nil || w.Speakers == nil || w.Names == nil || w.Tell == nil || w.Calendar == nil || w.Day == nil {
		panic("process: a part of the world is missing")
	}
	return &Engine{world: w, effects: map[verb]func(context.Context, Move) error{}, guards: map[verb]func(context.Context, Move) error{},
		moved: map[string]func(context.Context, []Move) error{}, drafts: map[string]func(context.Context, Move) error{},
		joined: map[string]func(context.Context, Move) (string, error){}}
}

// verb is a word of a flow: the same word may mean something else in another flow.
type verb struct{ flow, name string }

// Move is an action that is being taken, as effects and guards see it.
type Move struct {
	Instance Instance // as it stood before
	Task     *Task    // nil for an action of the whole instance (withdrawal) and when the round or the system moves it
	Action   *policy.Action
	Args     map[string]string // the words of this effect in the file; nil for a guard
	From, To string            // stages; the same when the instance stays
	Input    Input
	Actor    *account.Actor // nil: the clock or the system
	Preview  bool           // a guard is only asked what to show on the button: Input is empty, so a guard on the input says nothing
}

// Input is what the person who acts gives.
type Input struct {
	Reason string          `json:"reason,omitempty" maxLength:"2000" doc:"the reason or opinion, where the action asks for one"`
	Data   json.RawMessage `json:"data,omitempty" doc:"whatever else the action asks for"`
}

// Effect gives a verb of a flow what it does. It runs inside the transaction of the action, after all guards, in the order of the file;
// its error undoes everything and is the caller's answer. It panics for a verb that policy does not know or that has an effect already.
func (e *Engine) Effect(flow, name string, fn func(ctx context.Context, m Move) error) {
	if _, ok := policy.ProcessEffects[name]; !ok || e.effect(flow, name) != nil {
		panic("process: effect " + flow + "/" + name)
	}
	e.effects[verb{flow, name}] = fn
}

// Guard gives a condition of a flow its function: nil if it holds, else a fault (Conflict, as a rule) with the sentence why not. It runs
// before anything is written by effects, and also when a page asks what may be done (Move.Preview): it must only read.
// It panics as Effect.
func (e *Engine) Guard(flow, name string, fn func(ctx context.Context, m Move) error) {
	if !slices.Contains(policy.ProcessGuards, name) || e.guard(flow, name) != nil {
		panic("process: guard " + flow + "/" + name)
	}
	e.guards[verb{flow, name}] = fn
}

// OnMove calls fn inside the transaction after every change of the stage of some instances, whoever made it (Start, Act, a lapse, MoveAll,
// Happened), with them as they stand then. The action is nil when none led there. It panics for a flow that has one already.
func (e *Engine) OnMove(flow string, fn func(ctx context.Context, all []Move) error) {
	if e.moved[flow] != nil {
		panic("process: OnMove " + flow)
	}
	e.moved[flow] = fn
}

// Drafts calls fn inside the transaction of every action of a flow that names an official document (Action.Document), when all that it brought
// about stands: the instance is where it led, its limits run. It panics for a flow that has one already.
func (e *Engine) Drafts(flow string, fn func(ctx context.Context, m Move) error) {
	if e.drafts[flow] != nil {
		panic("process: Drafts " + flow)
	}
	e.drafts[flow] = fn
}

// Joins says what comes of a joint review (policy.Joint) of a flow when its last task is done: fn runs in the transaction of the action that
// did it, after its effects, and answers a result that policy names. It panics for a flow that has one already.
func (e *Engine) Joins(flow string, fn func(ctx context.Context, m Move) (result string, err error)) {
	if e.joined[flow] != nil {
		panic("process: Joins " + flow)
	}
	e.joined[flow] = fn
}

// effect is what a verb of a flow does, or nil.
func (e *Engine) effect(flow, name string) func(context.Context, Move) error {
	if name == "move_cases" {
		return e.moveCases
	}
	return e.effects[verb{flow, name}]
}

// guard is a condition of a flow, or nil.
func (e *Engine) guard(flow, name string) func(context.Context, Move) error {
	if name == "cases_ready" {
		return e.casesReady
	}
	return e.guards[verb{flow, name}]
}
