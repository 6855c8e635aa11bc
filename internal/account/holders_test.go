package account

import (
	"slices"
	"testing"
)

// Mutations that turn this red: leave out a.disabled; check department and town on different grants; read an empty scope as none;
// leave DISTINCT out; drop the condition on the role.
func TestHoldersOf(t *testing.T) {
	forEach(t, func(b *bench) {
		ids := map[string]string{}
		for login, grants := range map[string][]Grant{
			"all":     {{Role: RoleOfficer}},
			"tax":     {{Role: RoleOfficer, Department: "tax"}},
			"town-a":  {{Role: RoleOfficer, Town: "A"}},
			"tax-a":   {{Role: RoleOfficer, Department: "tax", Town: "A"}},
			"crossed": {{Role: RoleOfficer, Department: "tax", Town: "B"}, {Role: RoleOfficer, Department: "stat", Town: "A"}},
			"twice":   {{Role: RoleOfficer, Town: "A"}, {Role: RoleOfficer, Department: "tax"}},
			"gone":    {{Role: RoleOfficer}},
			"leader":  {{Role: RoleLeader, Department: "tax"}},
			"finance": {{Role: RoleFinance}},
			"firm":    {{Role: RoleFirm, Party: "p1"}},
			"agent":   {{Role: RoleFirm, Party: "p1"}, {Role: RoleFirm, Party: "p2"}},
			"left":    {{Role: RoleFirm, Party: "p1"}},
			"nobody":  nil,
		} {
			ids[login] = b.create("east", login, grants...).ID
		}
		b.create("west", "all", Grant{Role: RoleOfficer})
		yes := true
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		for _, login := range []string{"gone", "left"} {
			if _, err := b.s.Update(System(b.in("east")), ids[login], Change{Disabled: &yes}); err != nil {
				b.t.Fatal(err)
			}
		}
		check := func(what string, got []string, err error, want ...string) {
			b.t.Helper()
			var logins []string
			for login, id := range ids {
				if slices.Contains(got, id) {
					logins = append(logins, login)
				}
			}
			slices.Sort(logins)
			slices.Sort(want)
			if err != nil || !slices.Equal(logins, want) || len(got) != len(want) {
				b.t.Errorf("%s: %v (%d), %v; want %v", what, logins, len(got), err, want)
			}
		}
		for _, c := range []struct {
			role             Role
			department, town string
			want             []string
		}{
			{RoleOfficer, "", "", []string{"all", "tax", "town-a", "tax-a", "crossed", "twice"}},
			{RoleOfficer, "tax", "", []string{"all", "tax", "town-a", "tax-a", "crossed", "twice"}},
			{RoleOfficer, "stat", "", []string{"all", "town-a", "crossed", "twice"}},
			{RoleOfficer, "", "B", []string{"all", "tax", "crossed", "twice"}},
			{RoleOfficer, "tax", "A", []string{"all", "tax", "town-a", "tax-a", "twice"}},
			{RoleOfficer, "stat", "B", []string{"all"}},
			{RoleLeader, "tax", "B", []string{"leader"}},
			{RoleLeader, "stat", "", nil},
			{RoleFinance, "stat", "A", []string{"finance"}},
			{RoleAuditor, "", "", nil},
		} {
			got, err := HoldersOf(b.in("east"), c.role, c.department, c.town)
			check(string(c.role)+" of "+c.department+" in "+c.town, got, err, c.want...)
		}
		for party, want := range map[string][]string{"p1": {"firm", "agent"}, "p2": {"agent"}, "p3": nil, "": nil} {
			got, err := SpeakersOf(b.in("east"), party)
			check("speakers of "+party, got, err, want...)
		}
	})
}
