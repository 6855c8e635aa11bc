package account

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

const goodPassword = "Correct horse 9"

// The cost of a hash is for attackers; these tests pay a small one, and TestPasswordHash looks at the real one.
var realCost = currentCost

func init() { currentCost = cost{memory: 256, passes: 1, lanes: 1} }

// bench is an installation with two tenants and a clock that the test moves.
type bench struct {
	t    *testing.T
	s    *Service
	inst *store.Installation
	ctx  context.Context // no database, no actor
	mu   sync.Mutex
	now  time.Time
}

// forEach runs a test on every kind of database.
func forEach(t *testing.T, test func(b *bench)) {
	t.Helper()
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		b := &bench{t: t, s: NewService(inst), inst: inst, now: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)}
		b.ctx = clock.With(ctx, func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now })
		for _, id := range []string{"east", "west"} {
			if _, err := inst.CreateTenant(b.ctx, store.Tenant{ID: id, Name: id}); err != nil {
				t.Fatal(err)
			}
		}
		test(b)
	})
}

func (b *bench) pass(d time.Duration) { b.mu.Lock(); b.now = b.now.Add(d); b.mu.Unlock() }

func (b *bench) in(tenant string) context.Context {
	db, err := b.inst.Tenant(b.ctx, tenant)
	if err != nil {
		b.t.Fatal(err)
	}
	return store.In(b.ctx, db)
}

func (b *bench) create(tenant, login string, grants ...Grant) Account {
	b.t.Helper()
	a, _, err := b.s.Create(System(b.in(tenant)), tenant, New{Login: login, Name: "某人", Password: goodPassword, Grants: grants})
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func (b *bench) signIn(tenant, login, password, address string) (string, error) {
	return b.s.SignIn(b.in(tenant), tenant, login, password, address, "")
}

// actor is who a token makes its bearer in a tenant; nil: the public.
func (b *bench) actor(tenant, token string) *Actor {
	b.t.Helper()
	session, err := b.s.Session(b.ctx, token)
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := b.s.Actor(b.in(tenant), tenant, session)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func (b *bench) expect(what string, err error, want fault.Code) {
	b.t.Helper()
	if got := fault.CodeOf(err); got != want {
		b.t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// Mutations that turn this red: leave `session.Tenant != tenant` out of Actor; look the credential up by login alone.
func TestSignInCountsInOneTenantOnly(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "Li.Lei", Grant{Role: RoleOfficer})
		b.create("west", "li.lei", Grant{Role: RoleAdministrator})
		token, err := b.signIn("east", " LI.lei ", goodPassword, "10.0.0.1")
		if err != nil {
			b.t.Fatal(err)
		}
		if a := b.actor("east", token); a == nil || a.Login != "li.lei" || a.Tenant != "east" || !a.Officer() || a.Is(RoleAdministrator) {
			b.t.Errorf("in its own tenant: %+v", a)
		}
		if a := b.actor("west", token); a != nil {
			b.t.Errorf("in another tenant: %+v", a)
		}
		if other, err := b.signIn("west", "li.lei", goodPassword, "10.0.0.1"); err != nil || !b.actor("west", other).Is(RoleAdministrator) || b.actor("east", other) != nil {
			b.t.Errorf("the same login in the other tenant: %v", err)
		}
		// Not even where the other tenant's tables come to hold the same account id.
		own := b.actor("east", token)
		if err := store.Write(b.in("west"), func(ctx context.Context) error {
			return insert(ctx, Account{ID: own.AccountID, Login: "copied", Name: "某人", CreatedAt: "x", Grants: []Grant{{Role: RoleOfficer}}}, "x")
		}); err != nil {
			b.t.Fatal(err)
		}
		if a := b.actor("west", token); a != nil {
			b.t.Errorf("in another tenant with the same account id: %+v", a)
		}
		if a := b.actor("east", token[:42]+"A"); a != nil && token[42] != 'A' {
			b.t.Error("a forged token is somebody")
		}
		if err := b.s.SignOut(b.ctx, token); err != nil {
			b.t.Fatal(err)
		}
		if b.actor("east", token) != nil {
			b.t.Error("the token outlives signing out")
		}
	})
}

// Mutations that turn this red: check only one of the two ages; never renew seen_at; renew it beyond the absolute age.
func TestSessionEnds(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "li", Grant{Role: RoleOfficer})
		token, err := b.signIn("east", "li", goodPassword, "10.0.0.1")
		if err != nil {
			b.t.Fatal(err)
		}
		for at := time.Hour; at < absoluteFor; at += time.Hour { // busy, it lasts the day
			b.pass(time.Hour)
			if b.actor("east", token) == nil {
				b.t.Fatalf("a session that is used ends after %v", at)
			}
		}
		b.pass(time.Hour)
		if b.actor("east", token) != nil {
			b.t.Error("a session outlives the day")
		}
		token, err = b.signIn("east", "li", goodPassword, "10.0.0.1")
		if err != nil {
			b.t.Fatal(err)
		}
		b.pass(idleFor + time.Second)
		if b.actor("east", token) != nil {
			b.t.Error("a session that nobody uses goes on")
		}
	})
}

// Mutations that turn this red: count after the password was looked at (the parallel guesses pass); do not count unknown logins;
// renew the clock of a locked login; forget to end the count after a right password; answer unknown logins differently.
func TestLockout(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "li", Grant{Role: RoleOfficer})
		for _, login := range []string{"li", "nobody", "不是登录名!"} {
			var text string
			for i := range loginFailures {
				_, err := b.signIn("east", login, "wrong password", "10.0.0.1")
				b.expect(login, err, fault.Unauthenticated)
				if text = err.Error(); i == 0 && text != wrongPassword().Error() {
					b.t.Errorf("%s: %s", login, text)
				}
			}
			_, err := b.signIn("east", login, goodPassword, "10.0.0.2")
			b.expect(login+" locked", err, fault.TooMany)
		}
		b.pass(lockedFor / 2)
		_, err := b.signIn("east", "li", goodPassword, "10.0.0.2")
		b.expect("still locked", err, fault.TooMany)
		b.pass(lockedFor/2 + time.Second)
		if _, err := b.signIn("east", "li", goodPassword, "10.0.0.2"); err != nil {
			b.t.Errorf("after the lock: %v", err)
		}
		for range loginFailures - 1 {
			_, err := b.signIn("east", "li", "wrong password", "10.0.0.2")
			b.expect("wrong", err, fault.Unauthenticated)
		}
		if _, err := b.signIn("east", "li", goodPassword, "10.0.0.2"); err != nil {
			b.t.Errorf("the last try: %v", err)
		}
		_, err = b.signIn("east", "li", "wrong password", "10.0.0.2")
		b.expect("counting begins anew", err, fault.Unauthenticated)
	})
}

func TestLockoutCountsParallelGuesses(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "li", Grant{Role: RoleOfficer})
		const guesses = 3 * loginFailures
		codes := make([]fault.Code, guesses)
		var all sync.WaitGroup
		for i := range guesses {
			all.Go(func() {
				_, err := b.signIn("east", "li", "wrong password", "10.0.0.1")
				codes[i] = fault.CodeOf(err)
			})
		}
		all.Wait()
		looked := 0
		for _, c := range codes {
			switch c {
			case fault.Unauthenticated:
				looked++
			case fault.TooMany:
			default:
				b.t.Errorf("a guess came to %q", c)
			}
		}
		if looked != loginFailures {
			b.t.Errorf("%d passwords were looked at, want %d", looked, loginFailures)
		}
	})
}

// Mutations that turn this red: count logins only; count each IPv6 address for itself; count right passwords against the address.
func TestAddressLockout(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "li", Grant{Role: RoleOfficer})
		for i := range addressFailures {
			// Each login once, from one network of IPv6.
			_, err := b.signIn("east", "someone"+string(rune('a'+i%26))+string(rune('a'+i/26)), "wrong password", "2001:db8:1:2::"+string(rune('1'+i%9)))
			b.expect("guess", err, fault.Unauthenticated)
		}
		_, err := b.signIn("east", "li", goodPassword, "2001:db8:1:2:ffff::1")
		b.expect("the network is locked", err, fault.TooMany)
		for range addressFailures + 5 {
			if _, err := b.signIn("east", "li", goodPassword, "2001:db8:1:3::1"); err != nil {
				b.t.Fatalf("another network: %v", err)
			}
		}
	})
}

// Mutations that turn this red: read roles into the session at sign-in; let Actor ignore Disabled; keep sessions when a password changes.
func TestWhatIsTakenAwayIsGoneAtOnce(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		a := b.create("east", "li", Grant{Role: RoleOfficer, Town: "甲镇"})
		token, err := b.signIn("east", "li", goodPassword, "10.0.0.1")
		if err != nil {
			b.t.Fatal(err)
		}
		system := System(b.in("east"))
		grants := []Grant{{Role: RoleAuditor}, {Role: RoleAuditor}}
		if _, err := b.s.Update(system, a.ID, Change{Grants: &grants}); err != nil {
			b.t.Fatal(err)
		}
		if got := b.actor("east", token); got == nil || !slices.Equal(got.Grants, []Grant{{Role: RoleAuditor}}) {
			b.t.Errorf("after the change: %+v", got)
		}
		yes, no := true, false
		before, err := b.s.Session(b.ctx, token)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.s.Update(system, a.ID, Change{Disabled: &yes}); err != nil {
			b.t.Fatal(err)
		}
		if got, err := b.s.Actor(b.in("east"), "east", before); got != nil || err != nil {
			b.t.Errorf("a disabled account acts in a request that began before: %+v %v", got, err)
		}
		if b.actor("east", token) != nil {
			b.t.Error("a disabled account goes on")
		}
		_, err = b.signIn("east", "li", goodPassword, "10.0.0.1")
		b.expect("disabled, right password", err, fault.Forbidden)
		_, err = b.signIn("east", "li", "wrong password", "10.0.0.1")
		b.expect("disabled, wrong password", err, fault.Unauthenticated)
		if _, err := b.s.Update(system, a.ID, Change{Disabled: &no}); err != nil {
			b.t.Fatal(err)
		}
		if token, err = b.signIn("east", "li", goodPassword, "10.0.0.1"); err != nil {
			b.t.Fatal(err)
		}
		issued, err := b.s.ResetPassword(system, "east", a.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		if b.actor("east", token) != nil {
			b.t.Error("a session outlives the reset of its password")
		}
		_, err = b.signIn("east", "li", goodPassword, "10.0.0.1")
		b.expect("the old password", err, fault.Unauthenticated)
		if token, err = b.signIn("east", "li", issued, "10.0.0.1"); err != nil {
			b.t.Fatal(err)
		}
		if session, err := b.s.Session(b.ctx, token); err != nil || !session.MustChange {
			b.t.Errorf("a password set by somebody else need not be changed: %+v %v", session, err)
		}
		own := WithActor(b.in("east"), b.actor("east", token))
		_, err = b.s.ChangePassword(own, "wrong", "Another horse 8", "10.0.0.1")
		b.expect("wrong present password", err, fault.Invalid)
		next, err := b.s.ChangePassword(own, issued, "Another horse 8", "10.0.0.1")
		if err != nil {
			b.t.Fatal(err)
		}
		if b.actor("east", token) != nil || b.actor("east", next) == nil {
			b.t.Error("after a change of password only the new session counts")
		}
		if session, err := b.s.Session(b.ctx, next); err != nil || session.MustChange {
			b.t.Errorf("after the change: %+v %v", session, err)
		}
	})
}

// Mutations that turn this red: leave out mustAdminister in any of the methods.
func TestOnlyAdministratorsManageAccounts(t *testing.T) {
	forEach(t, func(b *bench) {
		a := b.create("east", "li", Grant{Role: RoleOfficer})
		for _, role := range []Role{"", RoleFirm, RoleOfficer, RoleAuditor} {
			ctx := WithActor(b.in("east"), &Actor{AccountID: a.ID, Grants: []Grant{{Role: role, Party: "p"}}})
			_, _, err := b.s.List(ctx, Filter{Page: 1, Per: 1})
			b.expect("list", err, fault.Forbidden)
			_, err = b.s.Get(ctx, a.ID)
			b.expect("get", err, fault.Forbidden)
			_, _, err = b.s.Create(ctx, "east", New{Login: "wang", Name: "王"})
			b.expect("create", err, fault.Forbidden)
			_, err = b.s.Update(ctx, a.ID, Change{})
			b.expect("update", err, fault.Forbidden)
			_, err = b.s.ResetPassword(ctx, "east", a.ID)
			b.expect("reset", err, fault.Forbidden)
		}
		// An administrator's own tenant is all there is.
		ctx := WithActor(b.in("west"), &Actor{AccountID: "x", Grants: []Grant{{Role: RoleAdministrator}}})
		_, err := b.s.Get(ctx, a.ID)
		b.expect("another tenant's account", err, fault.NotFound)
		_, err = b.s.ResetPassword(ctx, "west", a.ID)
		b.expect("another tenant's password", err, fault.NotFound)
		_, err = b.s.Update(ctx, a.ID, Change{})
		b.expect("another tenant's roles", err, fault.NotFound)
		if _, err := b.signIn("east", "li", goodPassword, "10.0.0.1"); err != nil {
			b.t.Errorf("the account was touched: %v", err)
		}
	})
}

// Mutations that turn this red: do not count the administrators after a change; count those that are disabled; leave lockAdministrators out
// (on PostgreSQL both removals then see the other administrator).
func TestLastAdministratorStays(t *testing.T) {
	forEach(t, func(b *bench) {
		one := b.create("east", "one", Grant{Role: RoleAdministrator})
		two := b.create("east", "two", Grant{Role: RoleAdministrator})
		yes := true
		var first, second error
		done := make(chan struct{})
		first = store.Write(System(b.in("east")), func(ctx context.Context) error {
			if _, err := b.s.Update(ctx, one.ID, Change{Disabled: &yes}); err != nil {
				return err
			}
			go func() {
				defer close(done)
				_, second = b.s.Update(System(b.in("east")), two.ID, Change{Disabled: &yes})
			}()
			// On SQLite the other one waits for its turn; on PostgreSQL it has to wait for our rows, and we for it to do so.
			for waiting := 0; waiting == 0 && b.inst.Kind() == "postgres"; {
				select {
				case <-done:
					return nil
				default:
				}
				if err := store.Tx(ctx).NewRaw(`SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(ctx, &waiting); err != nil {
					return err
				}
			}
			return nil
		})
		<-done
		b.expect("the first", first, "")
		b.expect("the second", second, fault.Conflict)
		none := []Grant{{Role: RoleOfficer}}
		_, err := b.s.Update(System(b.in("east")), two.ID, Change{Grants: &none})
		b.expect("the last one", err, fault.Conflict)
	})
}

// Mutations that turn this red: leave record out of a method; leave the grants out of digestOf.
func TestAuditSeesAccounts(t *testing.T) {
	forEach(t, func(b *bench) {
		ctx := System(b.in("east"))
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		a := b.create("east", "li", Grant{Role: RoleOfficer})
		name := "另一个名字"
		if _, err := b.s.Update(ctx, a.ID, Change{Name: &name}); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.s.ResetPassword(ctx, "east", a.ID); err != nil {
			b.t.Fatal(err)
		}
		records, err := audit.List(ctx, audit.Filter{Kind: auditKind, ID: a.ID})
		if err != nil {
			b.t.Fatal(err)
		}
		var actions []string
		for _, r := range records {
			actions = append(actions, r.Action)
			if strings.Contains(r.Data, name) || strings.Contains(r.Data, "li") && strings.Contains(r.Data, `"login"`) {
				b.t.Errorf("the log holds personal data: %s", r.Data)
			}
		}
		if want := []string{"account.password_reset", "account.changed", "account.created"}; !slices.Equal(actions, want) {
			b.t.Errorf("logged %v, want %v", actions, want)
		}
		verify := func() []audit.Problem {
			report, err := audit.Verify(ctx)
			if err != nil {
				b.t.Fatal(err)
			}
			return report.Problems
		}
		if problems := verify(); len(problems) != 0 {
			b.t.Errorf("%+v", problems)
		}
		err = store.Write(ctx, func(ctx context.Context) error {
			_, err := store.Tx(ctx).NewRaw(`INSERT INTO grants (account, role, department, town, party, granted_at, granted_by) VALUES (?, 'administrator', '', '', '', 'x', 'x')`, a.ID).Exec(ctx)
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
		if problems := verify(); len(problems) != 1 || problems[0].What != audit.Changed || problems[0].ID != a.ID {
			b.t.Errorf("a role granted behind the log's back: %+v", problems)
		}
	})
}

// Mutations that turn this red: drop a case of cleanGrants, cleanLogin or checkPassword; drop the unique index on login.
func TestAccountsRefuse(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		ok := New{Login: "wang", Name: "王", Password: goodPassword}
		for name, change := range map[string]func(n *New){
			"short login":           func(n *New) { n.Login = "x" },
			"login with blank":      func(n *New) { n.Login = "wang er" },
			"no name":               func(n *New) { n.Name = " " },
			"control character":     func(n *New) { n.Name = "王\x01" },
			"short password":        func(n *New) { n.Password = "Short 9" },
			"one key":               func(n *New) { n.Password = "aaaaaaaaaaaa" },
			"login in password":     func(n *New) { n.Password = "my name is Wang" },
			"no such role":          func(n *New) { n.Grants = []Grant{{Role: "king"}} },
			"firm without party":    func(n *New) { n.Grants = []Grant{{Role: RoleFirm}} },
			"firm with town":        func(n *New) { n.Grants = []Grant{{Role: RoleFirm, Party: "p", Town: "甲"}} },
			"officer with party":    func(n *New) { n.Grants = []Grant{{Role: RoleOfficer, Party: "p"}} },
			"administrator of town": func(n *New) { n.Grants = []Grant{{Role: RoleAdministrator, Town: "甲"}} },
		} {
			n := ok
			change(&n)
			_, _, err := b.s.Create(System(b.in("east")), "east", n)
			b.expect(name, err, fault.Invalid)
		}
		_, _, err := b.s.Create(System(b.in("east")), "east", New{Login: "ADMIN", Name: "王", Password: goodPassword})
		b.expect("login taken", err, fault.Conflict)
		if _, err := b.signIn("east", "admin", goodPassword, "10.0.0.1"); err != nil {
			b.t.Errorf("the first holder of the login: %v", err)
		}
		// What a failure left behind does not stand in the way: a credential of a login that no account has.
		if err := b.s.control(b.ctx, func(ctx context.Context) error {
			return putCredential(ctx, credential{ID: "left", Tenant: "east", Login: "wang", Password: "x", CreatedAt: "x", ChangedAt: "x"}, "credential.created")
		}); err != nil {
			b.t.Fatal(err)
		}
		_, err = b.signIn("east", "wang", goodPassword, "10.0.0.1")
		if err == nil {
			b.t.Error("a credential without an account signs in")
		}
		if _, generated, err := b.s.Create(System(b.in("east")), "east", New{Login: "wang", Name: "王"}); err != nil || len(generated) != 19 {
			b.t.Errorf("%q %v", generated, err)
		}
		items, total, err := b.s.List(System(b.in("east")), Filter{Text: "WAN", Page: 1, Per: 10})
		if err != nil || total != 1 || len(items) != 1 || items[0].Login != "wang" || items[0].Grants == nil {
			b.t.Errorf("%+v %d %v", items, total, err)
		}
		if _, total, err := b.s.List(System(b.in("east")), Filter{Role: RoleAdministrator, Text: "%", Page: 1, Per: 10}); err != nil || total != 0 {
			b.t.Errorf("a percent sign matches: %d %v", total, err)
		}
	})
}

// Mutations that turn this red: compare with ==true for a prefix only; forget to renew a hash of weaker parameters.
func TestPasswordHash(t *testing.T) {
	ctx := context.Background()
	if realCost.memory < 19*1024 || realCost.passes < 2 {
		t.Errorf("a guess costs too little: %+v", realCost)
	}
	usual := currentCost
	currentCost = cost{memory: 64, passes: 1, lanes: 1}
	weak, err := hashPassword(ctx, "ｐassword　one")
	currentCost = usual
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		password  string
		ok, stale bool
	}{{"password one", true, true}, {"password two", false, true}, {"", false, true}} {
		ok, stale, err := verifyPassword(ctx, weak, c.password)
		if err != nil || ok != c.ok || stale != c.stale {
			t.Errorf("%q: %v %v %v", c.password, ok, stale, err)
		}
	}
	if ok, stale, err := verifyPassword(ctx, unknownLogin(), ""); ok || stale || err != nil {
		t.Errorf("the stand-in for unknown logins: %v %v %v", ok, stale, err)
	}
	for _, broken := range []string{"", "x", "$argon2id$v=19$m=1,t=0,p=1$AA$AA", "$argon2id$v=18$m=64,t=1,p=1$AA$AA", "$argon2id$v=19$m=64,t=1,p=1$!$AA", weak[:len(weak)-4]} {
		if ok, _, err := verifyPassword(ctx, broken, "password one"); ok || err == nil {
			t.Errorf("%q is a hash", broken)
		}
	}
}

// Mutations that turn this red: do not renew it; leave recordCredential out of renewHash.
func TestWeakHashIsRenewed(t *testing.T) {
	forEach(t, func(b *bench) {
		usual := currentCost
		currentCost = cost{memory: 64, passes: 1, lanes: 1}
		b.create("east", "li", Grant{Role: RoleOfficer})
		currentCost = usual
		if _, err := b.signIn("east", "li", goodPassword, "10.0.0.1"); err != nil {
			b.t.Fatal(err)
		}
		err := store.Read(store.In(b.ctx, b.inst.Control()), func(ctx context.Context) error {
			c, err := findCredential(ctx, `tenant = ? AND login = ?`, "east", "li")
			if err == nil && !strings.Contains(c.Password, "m=256,t=1,p=1") {
				b.t.Errorf("the hash is still %s", c.Password)
			}
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.signIn("east", "li", goodPassword, "10.0.0.1"); err != nil {
			b.t.Error(err)
		}
		if told := b.logOf(credentialKind); len(told) != 2 || told[1].Action != "credential.rehashed" {
			b.t.Errorf("%+v", told)
		}
		if p := b.problems(b.control()); len(p) != 0 {
			b.t.Errorf("%v", p)
		}
	})
}
