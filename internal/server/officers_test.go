package server

import (
	"context"
	"fmt"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

// benchOfficers is how many officers a county of benchmarks has.
const benchOfficers = 2000

// checkersEach is how many officers each department has that only checks.
const checkersEach = 40

// benchOfficer is an account of a benchmark; its id is its login.
type benchOfficer struct {
	id     string
	grants []account.Grant
}

func benchID(sort, rest string) string { return "bench-" + sort + "-" + rest }

// officers makes the officers of a county, without hashing a password for each: 18 towns with 36 each, some for one department only;
// 5 departments with 60; 4 that check with 40; who sees the whole county; leaders; who pays; auditors; the rest with several grants. A hundred
// of those are away and stood in for by the hundred that follow.
func (c *crowd) officers() {
	ctx := c.in("east")
	add := func(sort, rest string, grants ...account.Grant) {
		c.people[sort] = append(c.people[sort], benchOfficer{benchID(sort, rest), grants})
	}
	officer := account.RoleOfficer
	for i := range 18 * 36 {
		g := account.Grant{Role: officer, Town: benchTown(i)}
		if i/18 >= 20 {
			g.Department = benchDepartments[i%len(benchDepartments)]
			add("window", fmt.Sprintf("%04d", i), g)
			continue
		}
		add("town", fmt.Sprintf("%04d", i), g)
	}
	for i := range 300 {
		add("department", fmt.Sprintf("%04d", i), account.Grant{Role: officer, Department: benchDepartments[i%len(benchDepartments)]})
	}
	for i := range checkersEach {
		for _, d := range checkers {
			add("checker", fmt.Sprintf("%s-%03d", d, i), account.Grant{Role: officer, Department: d})
		}
	}
	for i := range 60 {
		add("county", fmt.Sprintf("%04d", i), account.Grant{Role: officer})
		add("leader", fmt.Sprintf("%04d", i), account.Grant{Role: account.RoleLeader})
	}
	for i := range 50 {
		add("head", fmt.Sprintf("%04d", i), account.Grant{Role: account.RoleLeader, Department: benchDepartments[i%len(benchDepartments)]})
	}
	for i := range 20 {
		add("finance", fmt.Sprintf("%04d", i), account.Grant{Role: account.RoleFinance})
		add("auditor", fmt.Sprintf("%04d", i), account.Grant{Role: account.RoleAuditor})
	}
	made := 0
	for _, of := range c.people {
		made += len(of)
	}
	for i := range benchOfficers - made {
		d, next := benchDepartments[i%len(benchDepartments)], benchDepartments[(i+1)%len(benchDepartments)]
		grants := []account.Grant{{Role: officer, Department: d, Town: benchTown(i)}, {Role: officer, Department: d, Town: benchTown(i + 1)}}
		switch i % 3 {
		case 1:
			grants = []account.Grant{{Role: officer, Department: d}, {Role: account.RoleLeader, Department: d}}
		case 2:
			grants = []account.Grant{{Role: officer, Department: d}, {Role: officer, Department: next, Town: benchTown(i)}, {Role: account.RoleFinance, Town: benchTown(i)}}
		}
		sort := "several"
		if 100 <= i && i < 200 {
			sort = "stand-in"
		}
		add(sort, fmt.Sprintf("%04d", i), grants...)
	}
	var hash string
	must(c.matrix, 0, store.Read(store.In(c.ctx, c.inst.Control()), func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT password FROM credentials WHERE tenant = 'east' AND login = 'officer'`).Scan(ctx, &hash)
	}))
	now := store.Stamp(clock.Now(ctx))
	for _, of := range c.people {
		must(c.matrix, 0, store.Write(ctx, func(ctx context.Context) error {
			for _, o := range of {
				if err := benchAccount(ctx, o.id, now, o.grants...); err != nil {
					return err
				}
			}
			return nil
		}))
		must(c.matrix, 0, store.Write(store.In(c.ctx, c.inst.Control()), func(ctx context.Context) error {
			for _, o := range of {
				if _, err := store.Tx(ctx).NewRaw(`INSERT INTO credentials (id, tenant, login, password, must_change, created_at, changed_at) VALUES (?, 'east', ?, ?, 0, ?, ?)`,
					o.id, o.id, hash, now, now).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for i, away := range c.people["several"][:100] {
		in := c.people["stand-in"][i]
		as := account.WithActor(ctx, &account.Actor{AccountID: away.id, Login: away.id, Name: away.id, Tenant: "east", Grants: away.grants})
		_, err := c.rooms.Accounts.Delegate(as, account.NewDelegation{StandIn: in.id, Until: clock.Today(ctx).AddDays(30).String(), Reason: "出差"})
		must(c.matrix, 0, err)
	}
}

// benchAccount is an account of the tenant in ctx without a credential.
func benchAccount(ctx context.Context, id, at string, grants ...account.Grant) error {
	if _, err := store.Tx(ctx).NewRaw(`INSERT INTO accounts (id, login, name, disabled, created_at, created_by, changed_at) VALUES (?, ?, ?, 0, ?, '', ?)`, id, id, id, at, at).Exec(ctx); err != nil {
		return err
	}
	for _, g := range grants {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO grants (account, role, department, town, party, granted_at, granted_by) VALUES (?, ?, ?, ?, ?, ?, '')`,
			id, g.Role, g.Department, g.Town, g.Party, at).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ofTown is some officer of a town.
func (c *crowd) ofTown(town string) benchOfficer {
	of := c.people["town"]
	at := slices.IndexFunc(of, func(o benchOfficer) bool { return o.grants[0].Town == town })
	return of[at+18*c.r.IntN(len(of)/18)]
}
