package account

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

func (b *bench) signUp(tenant, login, address string) (Account, error) {
	return b.s.SignUp(b.in(tenant), tenant, login, "新来的", goodPassword, address)
}

func (b *bench) intact(tenant string) {
	b.t.Helper()
	report, err := audit.Verify(System(b.in(tenant)))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range report.Problems {
		b.t.Errorf("audit: %+v", p)
	}
}

// Mutations that turn this red: give a new account the role of whoever is signed in at the browser; leave out the audit event, or write it as
// somebody else's; forget the credential; make the password one that has to be changed.
func TestSignUpMakesAnAccountThatMayDoNothing(t *testing.T) {
	forEach(t, func(b *bench) {
		admin := b.create("east", "admin", Grant{Role: RoleAdministrator})
		// Even where an administrator is signed in at that browser.
		signedIn := WithActor(b.in("east"), &Actor{AccountID: admin.ID, Login: "admin", Grants: admin.Grants})
		a, err := b.s.SignUp(signedIn, "east", " Wang.Fang ", "王芳", goodPassword, "10.0.0.1")
		if err != nil || a.Login != "wang.fang" || len(a.Grants) != 0 {
			b.t.Fatalf("%+v %v", a, err)
		}
		token, err := b.signIn("east", "wang.fang", goodPassword, "10.0.0.1")
		if err != nil {
			b.t.Fatal(err)
		}
		actor := b.actor("east", token)
		if actor == nil || len(actor.Grants) != 0 || actor.Reader() || actor.Public() {
			b.t.Errorf("in its own tenant: %+v", actor)
		}
		if session, err := b.s.Session(b.ctx, token); err != nil || session.MustChange {
			b.t.Errorf("its own password has to be changed: %+v %v", session, err)
		}
		if b.actor("west", token) != nil {
			b.t.Error("it is somebody in the other tenant")
		}
		records, err := audit.List(System(b.in("east")), audit.Filter{Kind: auditKind, ID: a.ID})
		if err != nil || len(records) != 2 || records[1].Action != "account.signed_up" || records[1].Actor != a.ID {
			b.t.Errorf("logged %+v %v", records, err)
		}
		b.intact("east")
	})
}

// Mutations that turn this red: leave cleanLogin, cleanName or checkPassword out of add; read the rule of another tenant; let anybody set it;
// leave the audit event of SetSignUp out, or the row out of the digest.
func TestSignUpRefuses(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		b.create("east", "taken", Grant{Role: RoleOfficer})
		for _, c := range []struct {
			what, login, name, password string
			want                        fault.Code
		}{
			{"login taken", "TAKEN", "王", goodPassword, fault.Conflict},
			{"short login", "x", "王", goodPassword, fault.Invalid},
			{"no name", "wang", " ", goodPassword, fault.Invalid},
			{"no password", "wang", "王", "", fault.Invalid},
			{"short password", "wang", "王", "Short 9", fault.Invalid},
			{"login in password", "wang", "王", "my name is Wang", fault.Invalid},
		} {
			_, err := b.s.SignUp(b.in("east"), "east", c.login, c.name, c.password, "10.0.0.1")
			b.expect(c.what, err, c.want)
		}
		if _, err := b.signIn("east", "taken", goodPassword, "10.0.0.1"); err != nil {
			b.t.Errorf("the holder of the login: %v", err)
		}
		for _, role := range []Role{"", RoleFirm, RoleOfficer, RoleAuditor, RoleLeader, RoleFinance} {
			_, err := b.s.SetSignUp(WithActor(b.in("east"), &Actor{AccountID: "x", Grants: []Grant{{Role: role, Party: "p"}}}), true)
			b.expect(string(role)+" closes", err, fault.Forbidden)
		}
		if rule, err := b.s.SignUpRule(b.in("east")); err != nil || rule.Closed {
			b.t.Errorf("by default: %+v %v", rule, err)
		}
		if _, err := b.s.SetSignUp(System(b.in("east")), true); err != nil {
			b.t.Fatal(err)
		}
		_, err := b.signUp("east", "wang", "10.0.0.1")
		b.expect("closed", err, fault.Conflict)
		if _, err := b.signUp("west", "wang", "10.0.0.1"); err != nil {
			b.t.Errorf("the other tenant: %v", err)
		}
		if _, err := b.signIn("east", "taken", goodPassword, "10.0.0.1"); err != nil {
			b.t.Errorf("signing in while signing up is closed: %v", err)
		}
		b.intact("east")
		tamper := func(statement string) {
			if err := store.Write(b.in("east"), func(ctx context.Context) error {
				_, err := store.Tx(ctx).NewRaw(statement).Exec(ctx)
				return err
			}); err != nil {
				b.t.Fatal(err)
			}
		}
		tamper(`UPDATE sign_up SET closed = 0`)
		if report, err := audit.Verify(System(b.in("east"))); err != nil || len(report.Problems) != 1 || report.Problems[0].Kind != signUpKind {
			b.t.Errorf("opened behind the log's back: %+v %v", report, err)
		}
		if _, err := b.s.SetSignUp(System(b.in("east")), false); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.signUp("east", "wang", "10.0.0.1"); err != nil {
			b.t.Errorf("opened again: %v", err)
		}
	})
}

// Mutations that turn this red: take the attempt of a login that is taken back from its address (logins can then be tried through); do not
// take it back after an account was made (an office signs up no more); count per address of IPv6.
func TestSignUpCountsTakenLogins(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "taken", Grant{Role: RoleOfficer})
		for range addressFailures - 1 {
			_, err := b.signUp("east", "taken", "2001:db8:1:2::1")
			b.expect("taken", err, fault.Conflict)
		}
		if _, err := b.signUp("east", "free", "2001:db8:1:2::2"); err != nil {
			b.t.Errorf("the last try, free: %v", err)
		}
		_, err := b.signUp("east", "taken", "2001:db8:1:2::3")
		b.expect("taken once more", err, fault.Conflict)
		_, err = b.signUp("east", "another", "2001:db8:1:2::4")
		b.expect("the network is locked", err, fault.TooMany)
		_, err = b.signIn("east", "taken", goodPassword, "2001:db8:1:2::4")
		b.expect("for signing in too", err, fault.TooMany)
		if _, err := b.signUp("east", "another", "2001:db8:1:3::1"); err != nil {
			b.t.Errorf("another network: %v", err)
		}
		b.pass(lockedFor + time.Second)
		if _, err := b.signUp("east", "third", "2001:db8:1:2::4"); err != nil {
			b.t.Errorf("after the lock: %v", err)
		}
	})
}

// Two sign up with one login at the same moment: one has it, the other is told. Mutation: drop UNIQUE from accounts.login → red.
func TestSignUpOneLoginTwice(t *testing.T) {
	forEach(t, func(b *bench) {
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = b.signUp("east", "wang", "10.0.0.1") })
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else {
				b.expect("the others", err, fault.Conflict)
			}
		}
		if made != 1 {
			b.t.Errorf("%d have the login", made)
		}
		if _, err := b.signIn("east", "wang", goodPassword, "10.0.0.1"); err != nil {
			b.t.Errorf("whoever has it: %v", err)
		}
	})
}

// Mutations that turn this red: leave lock out of changeSpeaker or of Update (on PostgreSQL a grant is then lost, or the digest is of another
// moment); ignore Since.
func TestSpeakersAndTheAdministratorDoNotUndoEachOther(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		a := b.create("east", "li")
		system := System(b.in("east"))
		var all sync.WaitGroup
		for _, party := range []string{"p1", "p2", "p3", "p4"} {
			all.Go(func() {
				if err := AddSpeaker(system, a.ID, party, nil); err != nil {
					b.t.Error(err)
				}
			})
		}
		name := "改名"
		all.Go(func() {
			if _, err := b.s.Update(system, a.ID, Change{Name: &name}); err != nil {
				b.t.Error(err)
			}
		})
		all.Wait()
		now, err := b.s.Get(system, a.ID)
		if err != nil || len(now.Grants) != 4 {
			b.t.Fatalf("%+v %v", now, err)
		}
		b.intact("east")
		seen := now.ChangedAt
		b.pass(time.Second)
		if removed, err := RemoveSpeaker(system, a.ID, "p1", nil); err != nil || !removed {
			b.t.Fatal(removed, err)
		}
		_, err = b.s.Update(system, a.ID, Change{Grants: &now.Grants, Since: seen})
		b.expect("what the administrator saw is out of date", err, fault.Conflict)
		now, err = b.s.Get(system, a.ID)
		if err != nil || slices.ContainsFunc(now.Grants, func(g Grant) bool { return g.Party == "p1" }) || len(now.Grants) != 3 {
			b.t.Errorf("%+v %v", now, err)
		}
		if _, err = b.s.Update(system, a.ID, Change{Name: &name, Since: now.ChangedAt}); err != nil {
			b.t.Errorf("what the administrator sees now: %v", err)
		}
		if removed, err := RemoveSpeaker(system, a.ID, "p1", nil); err != nil || removed {
			b.t.Errorf("a speaker who is none: %v %v", removed, err)
		}
		b.expect("an account that is none", AddSpeaker(system, "nobody", "p1", nil), fault.NotFound)
		if err := AddSpeaker(system, a.ID, "p2", nil); err != nil {
			b.t.Errorf("once more: %v", err)
		}
		yes := true
		if _, err := b.s.Update(system, a.ID, Change{Disabled: &yes}); err != nil {
			b.t.Fatal(err)
		}
		b.expect("a disabled account", AddSpeaker(system, a.ID, "p9", nil), fault.Conflict)
		people, err := People(b.in("east"), []string{a.ID, "nobody"})
		if err != nil || len(people) != 1 || people[a.ID].Name != name || !people[a.ID].Disabled {
			b.t.Errorf("%+v %v", people, err)
		}
		b.intact("east")
	})
}
