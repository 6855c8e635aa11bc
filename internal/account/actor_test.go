package account

import (
	"context"
	"slices"
	"testing"
)

// Mutations that turn this red: let anybody but an officer vouch; check department and town on different grants in MayVouch.
func TestActorScope(t *testing.T) {
	cases := []struct {
		name           string
		grants         []Grant
		vouchesTaxInA  bool
		vouchesTaxInB  bool
		vouchesStatInB bool
	}{
		{name: "public"},
		{"firm", []Grant{{Role: RoleFirm, Party: "p1"}}, false, false, false},
		{"firm without party", []Grant{{Role: RoleFirm}}, false, false, false},
		{"officer of everything", []Grant{{Role: RoleOfficer}}, true, true, true},
		{"officer of town A", []Grant{{Role: RoleOfficer, Town: "A"}}, true, false, false},
		{"officer of tax", []Grant{{Role: RoleOfficer, Department: "tax"}}, true, true, false},
		{"tax in A and everything in B", []Grant{{Role: RoleOfficer, Department: "tax", Town: "A"}, {Role: RoleOfficer, Town: "B"}}, true, true, true},
		{"tax everywhere and statistics in A", []Grant{{Role: RoleOfficer, Department: "tax"}, {Role: RoleOfficer, Department: "stat", Town: "A"}}, true, true, false},
		{"auditor", []Grant{{Role: RoleAuditor}}, false, false, false},
		{"leader of tax in A", []Grant{{Role: RoleLeader, Department: "tax", Town: "A"}}, false, false, false},
		{"finance", []Grant{{Role: RoleFinance}}, false, false, false},
		{"administrator", []Grant{{Role: RoleAdministrator}}, false, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := &Actor{AccountID: "x", Grants: c.grants}
			got := []bool{a.MayVouch("tax", "A"), a.MayVouch("tax", "B"), a.MayVouch("stat", "B")}
			want := []bool{c.vouchesTaxInA, c.vouchesTaxInB, c.vouchesStatInB}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// Mutations that turn this red: let one role stand for another; check department and town on different grants; read an empty scope as none.
func TestActorCovers(t *testing.T) {
	a := &Actor{Grants: []Grant{{Role: RoleLeader, Department: "tax", Town: "A"}, {Role: RoleLeader, Department: "stat"}, {Role: RoleFinance}}}
	for _, c := range []struct {
		role             Role
		department, town string
		want             bool
	}{
		{RoleLeader, "tax", "A", true}, {RoleLeader, "tax", "B", false}, {RoleLeader, "stat", "B", true}, {RoleLeader, "", "B", true}, {RoleLeader, "other", "", false},
		{RoleLeader, "tax", "", true}, {RoleFinance, "any", "any", true}, {RoleOfficer, "", "", false}, {RoleOfficer, "tax", "A", false},
	} {
		if got := a.Covers(c.role, c.department, c.town); got != c.want {
			t.Errorf("%s of %q in %q: %v", c.role, c.department, c.town, got)
		}
	}
}

func TestActorLists(t *testing.T) {
	a := &Actor{Grants: []Grant{{Role: RoleOfficer, Town: "A", Department: "tax"}, {Role: RoleOfficer, Town: "B", Department: "tax"}}}
	if towns, all := a.Towns(); all || !slices.Equal(towns, []string{"A", "B"}) {
		t.Errorf("towns %v %v", towns, all)
	}
	if departments, all := a.Departments(); all || !slices.Equal(departments, []string{"tax"}) {
		t.Errorf("departments %v %v", departments, all)
	}
	if towns, all := (&Actor{Grants: []Grant{{Role: RoleFirm, Party: "p"}}}).Towns(); all || towns != nil {
		t.Errorf("a firm reads towns %v %v", towns, all)
	}
	if !ActorFrom(context.Background()).Public() {
		t.Error("a context without an actor is not the public's")
	}
	if s := ActorFrom(System(context.Background())); s.Public() || !s.MayVouch("any", "any") {
		t.Error("the system does not see everything")
	}
}
