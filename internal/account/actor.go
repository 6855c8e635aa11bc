// Package account holds people and organisations who sign in, their sessions, and their roles with their scope.
//
// Who somebody is (login, password, sessions) stands in the control database of the installation; what they may do (roles and
// their scope) stands in the tenant, so that one county's administrator can never grant anything in another.
//
// Each database's audit log tells of its own rows. The tenant's: accounts made and changed, and that a password was reset or changed, by
// whom. The control database's: credentials, with the digest of the whole row, sign-ins and sign-outs, and wrong passwords (watch.go).
package account

import (
	"context"
	"slices"

	"shanglin/internal/platform/audit"
)

// Role is what an account may do in a tenant.
type Role string

const (
	RoleFirm          Role = "firm"          // speaks for one party: sees it and declares its facts
	RoleOfficer       Role = "officer"       // works at the desk: reads parties in scope, vouches for facts of its department
	RoleAdministrator Role = "administrator" // manages the accounts of the tenant; sees no firm's figures by that alone
	RoleAuditor       Role = "auditor"       // reads what officers read, and the audit log; changes nothing
	RoleLeader        Role = "leader"        // decides what officers have reviewed, within its department and towns
	RoleFinance       Role = "finance"       // keeps budgets, pays what was decided, and books it
	RoleExpert        Role = "expert"        // scores what a panel was drawn for, and sees nothing else
)

// Roles is every role there is.
var Roles = []Role{RoleFirm, RoleOfficer, RoleAdministrator, RoleAuditor, RoleLeader, RoleFinance, RoleExpert}

// Valid says whether the role is one of Roles.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Grant is one role with its scope. An empty scope means all: an officer with no town sees every town.
type Grant struct {
	Role       Role   `json:"role" enum:"firm,officer,administrator,auditor,leader,finance,expert"`
	Department string `json:"department,omitempty" maxLength:"64" doc:"the department whose terms an officer vouches for; empty: every department"`
	Town       string `json:"town,omitempty" maxLength:"64" doc:"the town whose parties an officer sees; empty: every town"`
	Party      string `json:"party,omitempty" maxLength:"64" doc:"the party that a firm account speaks for"`
}

func (g Grant) coversTown(town string) bool       { return g.Town == "" || g.Town == town }
func (g Grant) coversDepartment(dept string) bool { return g.Department == "" || g.Department == dept }
func (g Grant) readsParties() bool {
	return g.Role == RoleOfficer || g.Role == RoleAuditor || g.Role == RoleLeader || g.Role == RoleFinance
}

// Actor is who asks, in one tenant. The zero Actor (no AccountID) is the public.
type Actor struct {
	AccountID, Login, Name, Tenant string
	Grants                         []Grant
	For                            *Absent // in whose stead they act, with that one's Grants and with both in Name; nil: in nobody's
}

// SystemID is the AccountID of work that no person asked for at that moment: jobs, sweeps, the command line.
const SystemID = "system"

// publicID is how the audit log names somebody who is not signed in.
const publicID = "public"

type actorKey struct{}

var public = &Actor{}

// ActorFrom is who asks; never nil. A context without an actor is the public's.
func ActorFrom(ctx context.Context) *Actor {
	if a, ok := ctx.Value(actorKey{}).(*Actor); ok {
		return a
	}
	return public
}

// WithActor binds who asks, for the rooms and for the audit log, which keeps the account's id and no name.
func WithActor(ctx context.Context, a *Actor) context.Context {
	id := a.AccountID
	if id == "" {
		id = publicID
	}
	return audit.WithStead(audit.WithActor(context.WithValue(ctx, actorKey{}, a), id), a.stead())
}

// System binds the installation itself as the actor: it sees and may do everything in the tenant of ctx.
func System(ctx context.Context) context.Context {
	return WithActor(ctx, &Actor{
		AccountID: SystemID, Login: SystemID, Name: "系统",
		Grants: []Grant{{Role: RoleOfficer}, {Role: RoleAdministrator}, {Role: RoleAuditor}, {Role: RoleLeader}, {Role: RoleFinance}},
	})
}

// Public says that nobody is signed in.
func (a *Actor) Public() bool { return a.AccountID == "" }

// Same says whether an account is the actor or the one in whose stead they act: what the one did counts as done by the other.
func (a *Actor) Same(id string) bool { return id != "" && slices.Contains(a.Persons(), id) }

// Persons are the accounts of the actor and of the one in whose stead they act.
func (a *Actor) Persons() []string {
	if a.For != nil {
		return []string{a.AccountID, a.For.AccountID}
	}
	return []string{a.AccountID}
}

// Is says whether the actor holds the role, whatever its scope.
func (a *Actor) Is(r Role) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == r })
}

// Officer says whether the actor works at the desk and may change what is in its scope.
func (a *Actor) Officer() bool { return a.Is(RoleOfficer) }

// Reader says whether the actor may read the desk: an officer, a leader, finance or an auditor.
func (a *Actor) Reader() bool { return slices.ContainsFunc(a.Grants, Grant.readsParties) }

// Covers says whether one grant of the role has both a department and a town in its scope. An empty department or town asks for none in particular.
func (a *Actor) Covers(role Role, department, town string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Role == role && (department == "" || g.coversDepartment(department)) && (town == "" || g.coversTown(town))
	})
}

// MayVouch says whether the actor may state or verify a fact that department answers for, about a party of town.
// Both scopes must be met by one and the same grant.
func (a *Actor) MayVouch(department, town string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Role == RoleOfficer && g.coversDepartment(department) && g.coversTown(town)
	})
}

// Speaks says whether the actor is a firm account of this party.
func (a *Actor) Speaks(partyID string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == RoleFirm && g.Party != "" && g.Party == partyID })
}

// Parties are the parties that a firm account speaks for, in the order of its grants.
func (a *Actor) Parties() []string {
	var out []string
	for _, g := range a.Grants {
		if g.Role == RoleFirm && g.Party != "" {
			out = append(out, g.Party)
		}
	}
	return out
}

// Audits says whether the actor reads the audit log: an auditor of the whole tenant, for the log is not kept by town.
func (a *Actor) Audits() bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == RoleAuditor && g.Town == "" })
}

// Towns whose parties the actor reads at the desk; all is true when some grant names no town (list is then nil).
// Neither list nor all: the actor reads no parties but its own.
func (a *Actor) Towns() (list []string, all bool) {
	for _, g := range a.Grants {
		if !g.readsParties() {
			continue
		}
		if g.Town == "" {
			return nil, true
		}
		if !slices.Contains(list, g.Town) {
			list = append(list, g.Town)
		}
	}
	return list, false
}

// Departments whose terms the actor vouches for as officer; all is true when some grant names no department (list is then nil).
func (a *Actor) Departments() (list []string, all bool) {
	for _, g := range a.Grants {
		if g.Role != RoleOfficer {
			continue
		}
		if g.Department == "" {
			return nil, true
		}
		if !slices.Contains(list, g.Department) {
			list = append(list, g.Department)
		}
	}
	return list, false
}
