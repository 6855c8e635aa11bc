// Package registry is the county's memory: parties (firms, people, organisations), facts about them, the coverage that makes an
// absence a fact, and disputes; and the Excel import that fills it.
//
// A row of a party or a fact is written once. A newer row names the one it supersedes; what is visible is decided by one number,
// so that a bulk import written in many small transactions becomes visible by one UPDATE (see migrations/tenant/0200_registry.sql).
// Who may read or state what is checked here, in the SQL where it can be, for the actor of the context.
package registry

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// Registry is the room. One serves every tenant: the database comes with the context.
type Registry struct {
	vocabulary func(ctx context.Context) (*policy.Vocabulary, error)
	standing   Standing
	changed    []func(ctx context.Context, parties []string) error
	watch      Watch
	due        DueOf
	awards     Awards
}

// New makes the room. vocabulary tells the vocabulary in force in the tenant of the context.
func New(vocabulary func(ctx context.Context) (*policy.Vocabulary, error)) *Registry {
	return &Registry{vocabulary: vocabulary}
}

// OnChange calls fn inside the transaction of every change of a party, fact, coverage or dispute, with the ids of the parties concerned.
// parties is nil when many or all are concerned: then recompute in bulk. Call it before serving.
func (r *Registry) OnChange(fn func(ctx context.Context, parties []string) error) {
	r.changed = append(r.changed, fn)
}

// AnswerChange is an answer that a statement has changed, for whoever made it.
type AnswerChange struct {
	Scheme string       `json:"scheme"`
	Title  string       `json:"title"`
	Before *AnswerState `json:"before,omitempty" doc:"absent: there was no answer"`
	After  *AnswerState `json:"after,omitempty" doc:"absent: there is no answer any more"`
}

// AnswerState is an answer as a change reports it.
type AnswerState struct {
	Answer policy.Answer `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Amount policy.Amount `json:"amount"`
	Left   *policy.Left  `json:"left,omitempty" doc:"what the limits of the party leave of the amount, where they cut it"`
	Gap    string        `json:"gap"`
}

// Watch returns a context whose commits report the answers that they changed, and a function that tells them.
type Watch func(ctx context.Context) (context.Context, func() []AnswerChange)

// DueOf tells what parties are due, for lists: by id, in fen.
type DueOf func(ctx context.Context, parties []string) (map[string]Due, error)

// Due is what a party is due over all schemes in force. A ceiling (最高) is never added to what is owed.
type Due struct {
	Owed    policy.Fen `json:"owed"`
	Ceiling policy.Fen `json:"ceiling"`
}

// Answers tells the registry's pages what the answers are, which it cannot know itself. Call it before serving; without it pages say nothing of answers.
func (r *Registry) Answers(watch Watch, due DueOf) { r.watch, r.due = watch, due }

// Awards tells what earlier rounds awarded to parties under schemes; an empty list asks for all of them.
type Awards func(ctx context.Context, parties, schemes []string) ([]policy.Past, error)

// UseAwards tells the room of the awards, which belong to what is known of a party: its limits count them. Without it nothing is known of them.
// Call it before serving.
func (r *Registry) UseAwards(a Awards) { r.awards = a }

// AwardsOf is what earlier rounds awarded under schemes, whoever got it.
func (r *Registry) AwardsOf(ctx context.Context, schemes []string) ([]policy.Past, error) {
	if r.awards == nil || len(schemes) == 0 {
		return nil, nil
	}
	return r.awards(ctx, nil, schemes)
}

// awarded is what earlier rounds awarded to parties, to be given to the facts of each: in one query for them all.
func (r *Registry) awarded(ctx context.Context, parties ...string) (func(party string, f *policy.Facts), error) {
	if r.awards == nil || len(parties) == 0 {
		return func(string, *policy.Facts) {}, nil
	}
	all, err := r.awards(ctx, parties, nil)
	if err != nil {
		return nil, err
	}
	by := map[string][]policy.Past{}
	for _, p := range all {
		by[p.Party] = append(by[p.Party], p)
	}
	return func(party string, f *policy.Facts) { f.Awarded(by[party]) }, nil
}

// Changed tells, in the transaction of ctx, that what is known of parties has changed elsewhere: their awards.
func (r *Registry) Changed(ctx context.Context, parties []string) error { return r.tell(ctx, parties) }

// manyParties is from how many parties on a change is told as a bulk change.
const manyParties = 200

func (r *Registry) tell(ctx context.Context, parties []string) error {
	if len(parties) > manyParties || slices.Contains(parties, Region) {
		parties = nil
	}
	for _, fn := range r.changed {
		if err := fn(ctx, parties); err != nil {
			return err
		}
	}
	return nil
}

// scope is the SQL condition for the parties that the actor may see, on columns id and town of alias.
func scope(ctx context.Context, alias string) (string, []any) {
	a := account.ActorFrom(ctx)
	var or []string
	var args []any
	towns, all := a.Towns()
	if all {
		return "1 = 1", nil
	}
	if len(towns) > 0 {
		or = append(or, alias+".town IN (?)")
		args = append(args, bun.List(towns))
	}
	if own := a.Parties(); len(own) > 0 {
		or = append(or, alias+".id IN (?)")
		args = append(args, bun.List(own))
	}
	if len(or) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}

// Scope is the SQL condition, with its arguments, for the parties that the actor of the context may see; alias names a table or view
// that has columns id and town, as the view parties does. Other rooms that list parties join with it.
func Scope(ctx context.Context, alias string) (condition string, args []any) {
	return scope(ctx, alias)
}

func notFoundParty() error {
	return fault.New(fault.NotFound, "没有这个主体，或不在您的权限范围内")
}

// stater is the name under which what the actor says is kept.
func stater(ctx context.Context) string {
	a := account.ActorFrom(ctx)
	if a.Name != "" {
		return a.Name
	}
	return a.Login
}
