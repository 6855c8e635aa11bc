package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// The grants of firm accounts are given and taken by the room that knows the firms. These functions join its transaction and ask nobody's
// permission: that room has.

// AddSpeaker lets an account of the tenant in ctx speak for a party; one that does already stays as it is. why is the audit event's data.
// NotFound when there is no such account, Conflict when it is disabled or speaks for too many.
func AddSpeaker(ctx context.Context, id, party string, why any) error {
	return changeSpeaker(ctx, id, "account.speaks", why, func(a *Account) error {
		g := Grant{Role: RoleFirm, Party: party}
		switch {
		case a.Disabled:
			return fault.New(fault.Conflict, "这个账号已停用。")
		case slices.Contains(a.Grants, g):
			return nil
		case len(a.Grants) >= maxGrants:
			return fault.New(fault.Conflict, fmt.Sprintf("一个账号最多有%d项角色。", maxGrants))
		}
		a.Grants = append(a.Grants, g)
		slices.SortFunc(a.Grants, compareGrants)
		return nil
	})
}

// RemoveSpeaker ends an account's speaking for a party, from its next request on, and says whether it did. NotFound when there is no such account.
func RemoveSpeaker(ctx context.Context, id, party string, why any) (removed bool, err error) {
	err = changeSpeaker(ctx, id, "account.silenced", why, func(a *Account) error {
		n := len(a.Grants)
		a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool { return g.Role == RoleFirm && g.Party == party })
		removed = len(a.Grants) < n
		return nil
	})
	return removed, err
}

// changeSpeaker changes the grants of an account and logs it, unless nothing changed.
func changeSpeaker(ctx context.Context, id, action string, why any, change func(a *Account) error) error {
	return store.Write(ctx, func(ctx context.Context) error {
		a, err := lock(ctx, id)
		if err != nil {
			return err
		}
		before := slices.Clone(a.Grants)
		if err := change(&a); err != nil {
			return err
		}
		if slices.Equal(before, a.Grants) {
			return nil
		}
		a.ChangedAt = store.Stamp(clock.Now(ctx))
		if err := update(ctx, a, ActorFrom(ctx).AccountID); err != nil {
			return err
		}
		return record(ctx, action, id, why)
	})
}

// Person is an account as the people it has to do with may know it.
type Person struct {
	ID, Login, Name string
	Disabled        bool
}

// nameOf is the name of one of some people, or of the installation.
func nameOf(known map[string]Person, id string) string {
	if id == SystemID {
		return "系统"
	}
	return known[id].Name
}

// People tells who accounts of the tenant in ctx are, by id; what is no account is left out. For other rooms, as HoldersOf.
func People(ctx context.Context, ids []string) (map[string]Person, error) {
	out := make(map[string]Person, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []accountRow
		err := store.Tx(ctx).NewRaw(`SELECT `+accountColumns+` FROM accounts WHERE id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
		for _, r := range rows {
			out[r.ID] = Person{ID: r.ID, Login: r.Login, Name: r.Name, Disabled: r.Disabled != 0}
		}
		return err
	})
	return out, err
}
