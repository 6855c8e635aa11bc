// Package certificate is the register of what a county's offices grant besides money: licences, recognitions, honours, ratings.
//
// A certificate has a number of a series without gaps, a holder, a term and a state. What becomes of it is a list of changes, each with the
// case and the decision that it rests on, who made it, when, why and by which article. In the transaction of each change the party's record,
// which the next scheme reads, is stated anew in the registry, so that a certificate that is taken away or comes to its end no longer counts
// on the next day. Nothing depends on a tick of the clock: a certificate that came to its end is expired for whoever reads it after that
// day, and one whose renewal was requested in time and is undecided is valid for whoever reads it.
//
// What a change means is said by process files, whose verbs package casework carries out; it asks this room through an interface of its own.
package certificate

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/registry"
)

// Register is the room. One serves every tenant: the database comes with the context.
type Register struct {
	facts Facts
}

// Facts is what this room asks of the registry: to state that a party has a record, in the transaction of ctx.
type Facts interface {
	PutFacts(ctx context.Context, statements []registry.Statement) (int, error)
}

// New makes the room.
func New(f Facts) *Register { return &Register{facts: f} }

// by is how a change names who made it.
func by(ctx context.Context) string {
	a := account.ActorFrom(ctx)
	if a.Name != "" {
		return a.Name
	}
	return a.Login
}
