package account

import (
	"context"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Absent is in whose stead somebody acts.
type Absent struct {
	AccountID, Login, Name string
	Delegation             string // under which
}

// Stand is a delegation in force, as it is for who stands in.
type Stand struct {
	Absent
	Grants []Grant // what it opens today
	Until  string  // its last day
}

// as is the actor standing in.
func (s Stand) as(a *Actor) *Actor {
	absent := s.Absent
	return &Actor{AccountID: a.AccountID, Login: a.Login, Name: a.Name + "（代" + s.Name + "）", Tenant: a.Tenant, Grants: s.Grants, For: &absent}
}

// Stands are the delegations in force today under which an actor stands in for others. An actor who does so already has none: nobody acts
// in the stead of a stand-in.
func Stands(ctx context.Context, a *Actor) (out []Stand, err error) {
	if a.Public() || a.For != nil || a.AccountID == SystemID {
		return nil, nil
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		out, err = standing(ctx, a.AccountID, "")
		return err
	})
	return out, err
}

// Hats are an actor as themselves and, for each of Stands, in another's stead.
func Hats(ctx context.Context, a *Actor) ([]*Actor, error) {
	stands, err := Stands(ctx, a)
	out := []*Actor{a}
	for _, s := range stands {
		out = append(out, s.as(a))
	}
	return out, err
}

// InStead is an actor in the stead of an account. Forbidden when no delegation lets them today.
func InStead(ctx context.Context, a *Actor, absent string) (*Actor, error) {
	var stands []Stand
	err := store.Read(ctx, func(ctx context.Context) (err error) {
		stands, err = standing(ctx, a.AccountID, absent)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(stands) == 0 {
		return nil, notStanding()
	}
	return stands[0].as(a), nil
}

func notStanding() error {
	return fault.New(fault.Forbidden, "您现在不能代他人办理：委托已到期、已收回，或委托人已没有这些权限。请回到本人身份。")
}

// stead is what the audit log is told of an actor who stands in for somebody, or nil.
func (a *Actor) stead() *audit.Stead {
	if a.For == nil {
		return nil
	}
	return &audit.Stead{For: a.For.AccountID, Still: func(ctx context.Context) error {
		ok, err := stillStands(ctx, a.For.Delegation)
		if err == nil && !ok {
			return notStanding()
		}
		return err
	}}
}

// Did says whether what an account did to a row, of a kind that the audit log knows, was done by the actor in ctx: by themselves, by the
// one in whose stead they act, or by somebody in the stead of one of the two. Two such steps on one row are those of one person.
func Did(ctx context.Context, by, kind, row string) (bool, error) {
	a := ActorFrom(ctx)
	if by == "" || a.Same(by) {
		return by != "", nil
	}
	return audit.StoodIn(ctx, kind, row, by, a.Persons())
}
