// Package casework takes an application from its first saved word to a decision.
//
// An officer starts from a round (round.go): schemes opened together for a period, with the materials they ask for, pinned to the rules
// of the day it was made. A firm fills in a draft (draft.go), which belongs to a case (case.go) from the first word on; submitting states
// the declared facts, evaluates the scheme over them and pins what it rests on (evaluation.go). From there the process file leads: which
// stages there are, who acts and what they may do is data, run by package process; this room gives the verbs their meaning (effects.go):
// freezing a round and settling it (settle.go), what departments found (finding.go), the sum below a ceiling (sum.go), the public notice
// (notice.go), objections (objection.go), the decision (decision.go), certificates (certificate.go), official documents (document.go). Money is
// the treasury's, and the register of certificates, that of official documents and the panels of experts are rooms of their own: this room asks them through Purse,
// Certificates, Papers and Panels.
//
// Who may see a case: those who speak for its party; officers, leaders and auditors whose department and town cover it, and those of a
// department that was asked about it; finance within its towns. It is checked in the SQL that reads (scope.go).
package casework

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Casework is the room. One serves every tenant: the database comes with the context.
type Casework struct {
	registry *registry.Registry
	engine   *process.Engine
	purse    Purse

	certificates Certificates
	panels       Panels
	papers       Papers
}

// Purse is what this room asks of the treasury.
type Purse interface {
	// Commit owes the awards and takes them from the budgets of their round, all or none, in the transaction of ctx. Conflict if a
	// budget falls short, and by how much. Awards of a case that is committed already are left as they are.
	Commit(ctx context.Context, awards []Award) error
	// Release gives back what was committed for a case and is not yet paid.
	Release(ctx context.Context, caseID, reason string) error
	// Covers says whether the budgets of a round cover awards: Conflict if not, with what is short.
	Covers(ctx context.Context, round string, awards []Award) error
	// Parts are the instalments that a case is paid in.
	Parts(ctx context.Context, caseID string) ([]Part, error)
	// Reached says that the milestone of an instalment was reached, once.
	Reached(ctx context.Context, caseID, milestone, evidence string, on policy.Date) error
	// Settle brings the last instalment to what is left of a final sum, and returns what was advanced beyond it.
	Settle(ctx context.Context, caseID string, final policy.Fen, reason string, funds func(policy.Fen) []policy.FundShare) (over policy.Fen, err error)
	// Claim owes back what a case was paid: amount, or with zero all of it.
	Claim(ctx context.Context, caseID string, amount policy.Fen, terms Terms, reason string) error
	// Returned says whether everything that was claimed back of a case was repaid or written off.
	Returned(ctx context.Context, caseID string) (bool, error)
	// Funds are what the budgets of a round can still give, by whose money it is.
	Funds(ctx context.Context, round string) (map[string]policy.Fen, error)
	// HasAccount says whether a party has stated where it is paid.
	HasAccount(ctx context.Context, party string) (bool, error)
}

// Terms are how what is claimed back is to be paid.
type Terms struct {
	Due    policy.Date // zero: no day is set
	Rate   string      // a percentage for Days days; empty: no interest
	Days   int64
	Starts policy.Date // interest is counted from the day after
	Cite   string
}

// Award is what a case was decided to receive.
type Award struct {
	Case, CaseNumber string
	Round, Scheme    string
	Department, Town string
	Party, PartyName string
	Clause           string // document number and clause, as a reader cites it
	Amount           policy.Fen
	Part             int // which instalment
	Milestone        string
	Due              policy.Date
	Payee, PayeeName string
	Thing            registry.Thing // which of the party's things it is for
	Earmark          []string       // for what alone the money may be used; none: anything
	Funds            []policy.FundShare
}

// New makes the room and gives the engine the meaning of its verbs.
func New(r *registry.Registry, e *process.Engine, p Purse, t Certificates, d Papers, x Panels) *Casework {
	c := &Casework{registry: r, engine: e, purse: p, certificates: t, papers: d, panels: x}
	c.wire()
	r.UseAwards(awards)
	return c
}

// The flows of a process that this room starts.
const (
	flowCase  = "case"
	flowRound = "round"
)

// by is how a document names who acted.
func by(ctx context.Context) string {
	a := account.ActorFrom(ctx)
	if a.Name != "" {
		return a.Name
	}
	return a.Login
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
