package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// town is a registry with people: accounts that really are there, whose roles are read anew whenever they act.
type town struct {
	*room
	inst     *store.Installation
	accounts *account.Service
	ids      map[string]string // by login
	mu       sync.Mutex
	now      time.Time
}

const tenantID = "testcounty"

func eachTown(t *testing.T, test func(t *testing.T, c *town)) {
	t.Helper()
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		db, err := inst.CreateTenant(ctx, store.Tenant{ID: tenantID, Name: "测试县"})
		if err != nil {
			t.Fatal(err)
		}
		c := &town{inst: inst, accounts: account.NewService(inst), ids: map[string]string{}, now: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)}
		c.room = open(t, store.In(ctx, db))
		c.bareCtx = clock.With(store.In(ctx, db), func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now })
		c.sys = account.System(c.bareCtx)
		officer := func(town string) account.Grant { return account.Grant{Role: account.RoleOfficer, Town: town} }
		c.person("east", officer("东镇"))
		c.person("west", officer("西镇"))
		c.person("county", officer(""))
		c.person("auditor", account.Grant{Role: account.RoleAuditor})
		c.person("leader", account.Grant{Role: account.RoleLeader})
		c.person("finance", account.Grant{Role: account.RoleFinance})
		c.person("admin", account.Grant{Role: account.RoleAdministrator})
		test(t, c)
	})
}

// person makes accounts.
func (c *town) person(login string, grants ...account.Grant) {
	c.t.Helper()
	a, _, err := c.accounts.Create(c.sys, tenantID, account.New{Login: login, Name: "姓名" + login, Password: "Correct horse 9", Grants: grants})
	c.must(err)
	c.ids[login] = a.ID
}

// by is how somebody's next request comes: with the roles of this moment.
func (c *town) by(login string) context.Context {
	c.t.Helper()
	actor, err := c.accounts.Actor(c.bareCtx, tenantID, &account.Session{AccountID: c.ids[login], Tenant: tenantID})
	c.must(err)
	if actor == nil {
		return c.bareCtx
	}
	return account.WithActor(c.bareCtx, actor)
}

func (c *town) pass(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

const (
	holdParty = `UPDATE party_rows SET till = till WHERE id = ?`
	holdClaim = `UPDATE claims SET state = state WHERE id = ?`
)

// won counts those that went through; the others have to be told of a conflict.
func (c *town) won(what string, errs []error) (n int) {
	c.t.Helper()
	for _, err := range errs {
		if err == nil {
			n++
		} else {
			wantCode(c.t, what, err, fault.Conflict)
		}
	}
	return n
}

func evidence(bodies ...string) (out []registry.Evidence) {
	for i, b := range bodies {
		out = append(out, registry.Evidence{Name: fmt.Sprintf("营业执照%d.pdf", i+1), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(b)), nil }})
	}
	return out
}

const aPDF = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"

func (c *town) newClaim(n int, capacity string) registry.NewClaim {
	return registry.NewClaim{Code: code(n), Capacity: capacity, Statement: "本人在该企业任职", Evidence: evidence(aPDF)}
}

// claims asks to act for the n-th firm.
func (c *town) claims(login string, n int, capacity string) registry.Claim {
	c.t.Helper()
	got, err := c.Claim(c.by(login), c.newClaim(n, capacity))
	c.must(err)
	return got
}

// joins makes somebody one of the n-th firm, with an officer's approval.
func (c *town) joins(login string, n int, capacity string) {
	c.t.Helper()
	_, err := c.DecideClaim(c.by("county"), c.claims(login, n, capacity).ID, true, "")
	c.must(err)
}

// people is who acts for a firm, each by login; the principal has a star, who no longer speaks a minus.
func (c *town) people(party string) string {
	c.t.Helper()
	got, err := c.PeopleOf(c.sys, party)
	c.must(err)
	var out []string
	for _, p := range got.People {
		s := p.Login
		if p.Principal {
			s += "*"
		}
		if !p.Speaks {
			s += "-"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Mutations that turn this red: leave AddSpeaker out of admit; never make anybody the principal; tell the claimant the firm's town or id
// before the claim is approved; leave the condition on the town out of visibleClaim.
func TestAClaimLetsIn(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm := c.party(1, "东镇")
		c.person("wang")
		if _, err := c.Get(c.by("wang"), firm); fault.CodeOf(err) != fault.NotFound {
			t.Fatalf("before: %v", err)
		}
		name, err := c.FirmName(c.by("wang"), " "+strings.ToLower(code(1))+" ")
		if err != nil || name != (registry.FirmName{Code: code(1), Known: true, Name: "第1电器有限公司"}) {
			t.Errorf("the name: %+v %v", name, err)
		}
		mine := c.claims("wang", 1, registry.CapacityLegal)
		if mine.State != registry.ClaimOpen || mine.Name != "第1电器有限公司" || mine.Party != "" || mine.Town != "" || mine.Guarded || mine.Mine || len(mine.Evidence) != 1 || mine.Evidence[0].Name != "营业执照1.pdf" {
			t.Errorf("what the claimant is told: %+v", mine)
		}
		again, err := c.ClaimOf(c.by("wang"), mine.ID)
		if err != nil || again.Party != "" || again.Town != "" || again.DecidedBy != "" {
			t.Errorf("what the claimant reads: %+v %v", again, err)
		}
		_, err = c.ClaimOf(c.by("west"), mine.ID)
		wantCode(t, "another town's officer reads it", err, fault.NotFound)
		_, err = c.DecideClaim(c.by("west"), mine.ID, true, "")
		wantCode(t, "another town's officer decides", err, fault.NotFound)
		shown, err := c.ClaimOf(c.by("east"), mine.ID)
		if err != nil || !shown.Mine || shown.Party != firm || shown.Town != "东镇" || shown.Claimant != "姓名wang" {
			t.Errorf("what the officer reads: %+v %v", shown, err)
		}
		before := c.by("wang") // a request that is already under way
		c.pass(time.Hour)
		done, err := c.DecideClaim(c.by("east"), mine.ID, true, "")
		if err != nil || done.State != registry.ClaimApproved || done.DecidedBy != "姓名east" || done.Mine {
			t.Fatalf("approved: %+v %v", done, err)
		}
		if _, err := c.Get(before, firm); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a request that began before: %v", err)
		}
		if p, err := c.Get(c.by("wang"), firm); err != nil || p.ID != firm {
			t.Errorf("the next request: %+v %v", p, err)
		}
		if got := c.people(firm); got != "wang*" {
			t.Errorf("people: %s", got)
		}
		again, err = c.ClaimOf(c.by("wang"), mine.ID)
		if err != nil || again.Party != firm || again.DecidedAs != "officer" || again.DecidedBy != "" {
			t.Errorf("what the claimant reads then: %+v %v", again, err)
		}
		firms, err := c.Memberships(c.by("wang"))
		if err != nil || len(firms) != 1 || firms[0].Party != firm || !firms[0].Principal || firms[0].EndedAt != "" {
			t.Errorf("the claimant's firms: %+v %v", firms, err)
		}
		_, err = c.Claim(c.by("wang"), c.newClaim(1, registry.CapacityLegal))
		wantCode(t, "claiming one's own firm", err, fault.Conflict)
		if want := []string{"county: 姓名wang申请代表第1电器有限公司", "east: 姓名wang申请代表第1电器有限公司", "wang: 认领申请已通过：第1电器有限公司"}; !slices.Equal(c.told(), want) {
			t.Errorf("told %q, want %q", c.told(), want)
		}
		c.intact()
	})
}

// told is what people were told in the app.
func (c *town) told() (out []string) {
	c.t.Helper()
	c.must(store.Read(c.sys, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT a.login || ': ' || n.title FROM notifications AS n JOIN accounts AS a ON a.id = n.account ORDER BY a.login, n.told_at, n.id`).Scan(ctx, &out)
	}))
	return out
}

// Mutations that turn this red: drop a case of checkClaim; take a code with a wrong check digit; keep the claim when a file was refused;
// leave firmOfCode's condition on persons out; answer the public; leave the unique index claims_open out.
func TestClaimsRefuse(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		c.party(1, "东镇")
		c.person("wang")
		good := c.newClaim(1, registry.CapacityHandler)
		for what, change := range map[string]func(n *registry.NewClaim){
			"code":       func(n *registry.NewClaim) { n.Code = code(9)[:17] + "?" },
			"name":       func(n *registry.NewClaim) { n.Code, n.Town = code(9), "东镇" },
			"town":       func(n *registry.NewClaim) { n.Code, n.Name = code(9), "新企业" },
			"capacity":   func(n *registry.NewClaim) { n.Capacity = "朋友" },
			"statement":  func(n *registry.NewClaim) { n.Statement = " 　" },
			"file":       func(n *registry.NewClaim) { n.Evidence = nil },
			"file ":      func(n *registry.NewClaim) { n.Evidence = evidence(aPDF, aPDF, aPDF, aPDF, aPDF, aPDF) },
			"file  ":     func(n *registry.NewClaim) { n.Evidence = evidence(aPDF, "<script>alert(1)</script>") },
			"file   ":    func(n *registry.NewClaim) { n.Evidence = evidence("") },
			"statement ": func(n *registry.NewClaim) { n.Statement = strings.Repeat("字", 501) },
		} {
			n := good
			change(&n)
			_, err := c.Claim(c.by("wang"), n)
			wantCode(t, what, err, fault.Invalid)
			if f := fault.Public(err); f == nil || len(f.Details) == 0 || f.Details[0].Field != strings.TrimSpace(what) {
				t.Errorf("%s: complaint %+v", what, f)
			}
		}
		_, err := c.Claim(c.public(), good)
		wantCode(t, "the public claims", err, fault.Unauthenticated)
		_, err = c.FirmName(c.public(), code(1))
		wantCode(t, "the public asks for a name", err, fault.Unauthenticated)
		_, err = c.FirmName(c.by("wang"), code(1)[:17]+"?")
		wantCode(t, "no code", err, fault.Invalid)
		if n, err := c.FirmName(c.by("wang"), code(9)); err != nil || n.Known || n.Name != "" {
			t.Errorf("a code of nobody: %+v %v", n, err)
		}
		if n := c.count(`SELECT COUNT(*) FROM claims`) + c.count(`SELECT COUNT(*) FROM files`) + c.count(`SELECT COUNT(*) FROM file_owners`); n != 0 {
			t.Errorf("%d rows are left of what was refused", n)
		}
		c.claims("wang", 1, registry.CapacityHandler)
		_, err = c.Claim(c.by("wang"), good)
		wantCode(t, "once more", err, fault.Conflict)
		if n := c.count(`SELECT COUNT(*) FROM files`); n != 1 {
			t.Errorf("%d files", n)
		}
		c.intact()
	})
}

// Who may read and decide a claim. Mutations that turn this red: leave out any case of mayDecideClaim; let any reader of the desk see claims;
// take the principal's word after she was dismissed.
func TestWhoDecidesClaims(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm := c.party(1, "东镇")
		c.party(2, "东镇")
		for _, login := range []string{"boss", "clerk", "agent", "wang", "stranger", "otherboss"} {
			c.person(login)
		}
		c.person("insider", account.Grant{Role: account.RoleOfficer, Town: "东镇"}, account.Grant{Role: account.RoleFirm, Party: firm}) // an officer who acts for the firm
		c.person("rival", account.Grant{Role: account.RoleOfficer, Town: "东镇"})                                                       // an officer who wants to
		c.joins("agent", 1, registry.CapacityAgent)
		c.joins("boss", 1, registry.CapacityLegal)
		c.joins("clerk", 1, registry.CapacityHandler)
		c.joins("otherboss", 2, registry.CapacityLegal)
		if got := c.people(firm); got != "agent boss* clerk insider" {
			t.Fatalf("people: %s", got)
		}
		c.claims("rival", 1, registry.CapacityHandler)
		for _, one := range []struct {
			who          string
			reads, mine  bool
			code         fault.Code // of deciding
			asPrincipal_ bool
		}{
			{who: "", code: fault.NotFound},
			{who: "stranger", code: fault.NotFound},
			{who: "wang", reads: true, code: fault.Forbidden}, // her own
			{who: "agent", code: fault.NotFound},
			{who: "clerk", code: fault.NotFound},
			{who: "otherboss", code: fault.NotFound},
			{who: "west", code: fault.NotFound},
			{who: "leader", code: fault.NotFound},
			{who: "finance", code: fault.NotFound},
			{who: "admin", code: fault.NotFound},
			{who: "auditor", reads: true, code: fault.Forbidden},
			{who: "insider", reads: true, code: fault.Forbidden},
			{who: "rival", reads: true, code: fault.Forbidden},
			{who: "east", reads: true, mine: true},
			{who: "county", reads: true, mine: true},
			{who: "boss", reads: true, mine: true, asPrincipal_: true},
		} {
			mine := c.claims("wang", 1, registry.CapacityHandler)
			got, err := c.ClaimOf(c.by(one.who), mine.ID)
			if (err == nil) != one.reads || err != nil && fault.CodeOf(err) != fault.NotFound || got.Mine != one.mine {
				t.Errorf("%s reads: %+v %v", one.who, got, err)
			}
			got, err = c.DecideClaim(c.by(one.who), mine.ID, false, "材料看不清")
			wantCode(t, one.who+" decides", err, one.code)
			if err == nil && (got.DecidedAs == "principal") != one.asPrincipal_ {
				t.Errorf("%s decided as %s", one.who, got.DecidedAs)
			}
			if now, err := c.ClaimOf(c.by("wang"), mine.ID); err != nil || (now.State == registry.ClaimRefused) != (one.code == "") || one.code == "" && now.Reason != "材料看不清" {
				t.Errorf("after %s: %+v %v", one.who, now, err)
			}
			_, err = c.WithdrawClaim(c.by(one.who), mine.ID)
			if one.who != "wang" && err == nil {
				t.Errorf("%s withdraws another's claim", one.who)
			}
			if _, err := c.WithdrawClaim(c.by("wang"), mine.ID); (err == nil) != (one.code != "" && one.who != "wang") {
				t.Errorf("after %s, withdrawing: %v", one.who, err)
			}
		}
		mine := c.claims("wang", 1, registry.CapacityHandler)
		for _, reason := range []string{"", " ", "x", strings.Repeat("字", 501)} {
			_, err := c.DecideClaim(c.by("east"), mine.ID, false, reason)
			wantCode(t, "a refusal without a reason", err, fault.Invalid)
		}
		boss := c.by("boss")
		_, err := c.Dismiss(c.by("east"), firm, c.ids["boss"], "已离职")
		c.must(err)
		_, err = c.DecideClaim(boss, mine.ID, true, "") // a request that began before she was dismissed
		wantCode(t, "a principal who is none any more", err, fault.NotFound)
		_, err = c.DecideClaim(c.by("boss"), mine.ID, true, "")
		wantCode(t, "and at her next request", err, fault.NotFound)
		_, err = c.DecideClaim(c.by("east"), mine.ID, true, "")
		c.must(err)
		if got := c.people(firm); got != "agent clerk insider wang*" { // she was the next who is no agent
			t.Errorf("people: %s", got)
		}
		c.intact()
	})
}

// Two claim one firm, two officers decide, all at once. Mutations that turn this red: leave holdParty out (on PostgreSQL both are the
// principal, or one approval fails); end a claim without the condition on its state.
func TestManyClaimOneFirmAtOnce(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm := c.party(1, "东镇")
		logins := []string{"aa", "bb", "cc", "dd"}
		var ids []string
		for _, login := range logins {
			c.person(login)
		}
		var all sync.WaitGroup
		made := make([]registry.Claim, len(logins))
		for i, login := range logins {
			ctx := c.by(login)
			all.Go(func() {
				var err error
				if made[i], err = c.Claim(ctx, c.newClaim(1, registry.CapacityLegal)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, m := range made {
			ids = append(ids, m.ID)
		}
		east, county := c.by("east"), c.by("county")
		errs := make([]error, 2*len(ids))
		for i, id := range ids {
			for j, ctx := range []context.Context{east, county} {
				all.Go(func() { _, errs[2*i+j] = c.DecideClaim(ctx, id, true, "") })
			}
		}
		all.Wait()
		for i := range ids {
			lost := errs[2*i]
			if lost == nil {
				lost = errs[2*i+1]
			} else if errs[2*i+1] != nil {
				t.Errorf("nobody approved: %v, %v", errs[2*i], errs[2*i+1])
			}
			wantCode(t, "who came second", lost, fault.Conflict)
			if lost != nil && (!strings.Contains(lost.Error(), "姓名") || !strings.Contains(lost.Error(), "2026-11-23 12:00")) {
				t.Errorf("who came second is not told who was first, and when: %v", lost)
			}
		}
		if got := c.people(firm); strings.Count(got, "*") != 1 || len(strings.Fields(got)) != 4 {
			t.Errorf("people: %s", got)
		}
		c.intact()

		// Two first claimants approved at once: one is the principal, the other one of the firm all the same.
		second := c.party(2, "东镇")
		one, two := c.claims("aa", 2, registry.CapacityLegal), c.claims("bb", 2, registry.CapacityLegal)
		errs = storetest.Held(c.t, c.sys, holdParty, second,
			func() error { _, err := c.DecideClaim(east, one.ID, true, ""); return err },
			func() error { _, err := c.DecideClaim(county, two.ID, true, ""); return err })
		if n := c.won("approving the second", errs); n != 2 {
			t.Errorf("%d of two were approved: %v", n, errs)
		}
		if got := c.people(second); got != "aa* bb" && got != "aa bb*" {
			t.Errorf("people: %s", got)
		}
		// A claim to a firm that is not registered has no firm to be held: its own row decides.
		unknown := c.newClaim(7, registry.CapacityHandler)
		unknown.Name, unknown.Town = "新办电器有限公司", "东镇"
		open, err := c.Claim(c.by("aa"), unknown)
		c.must(err)
		aa := c.by("aa")
		errs = storetest.Held(c.t, c.sys, holdClaim, open.ID,
			func() error { _, err := c.DecideClaim(east, open.ID, false, "查无此企业"); return err },
			func() error { _, err := c.DecideClaim(county, open.ID, false, "材料不全"); return err },
			func() error { _, err := c.WithdrawClaim(aa, open.ID); return err })
		if n := c.won("ending it second", errs); n != 1 {
			t.Errorf("%d ended one claim: %v", n, errs)
		}
		c.intact()

		// One claim, approved and refused at once: it is one or the other, and so are the rights.
		c.person("ee")
		for range 4 {
			mine := c.claims("ee", 1, registry.CapacityHandler)
			var yes, no error
			all.Go(func() { _, yes = c.DecideClaim(east, mine.ID, true, "") })
			all.Go(func() { _, no = c.DecideClaim(county, mine.ID, false, "材料不全") })
			all.Wait()
			if (yes == nil) == (no == nil) {
				t.Errorf("approved %v, refused %v", yes, no)
			}
			speaks := slices.Contains(strings.Fields(strings.ReplaceAll(c.people(firm), "*", "")), "ee")
			if speaks != (yes == nil) {
				t.Errorf("approved %v, and the claimant acts for the firm: %v", yes, speaks)
			}
			if speaks {
				_, err := c.Dismiss(county, firm, c.ids["ee"], "再来一次")
				c.must(err)
			}
		}
		// One person, one firm, submitted four times at once.
		e := c.by("ee")
		won := make([]error, 4)
		for i := range won {
			all.Go(func() { _, won[i] = c.Claim(e, c.newClaim(1, registry.CapacityHandler)) })
		}
		all.Wait()
		made1 := 0
		for _, err := range won {
			if err == nil {
				made1++
			} else {
				wantCode(t, "submitted twice", err, fault.Conflict)
			}
		}
		if made1 != 1 || c.count(`SELECT COUNT(*) FROM claims WHERE state = 'open'`) != 1 {
			t.Errorf("%d claims", made1)
		}
		c.intact()
	})
}

// A firm that the registry does not have. Mutations that turn this red: take the town from the claim once the firm is known; approve without a firm.
func TestAClaimToAnUnknownFirm(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		c.party(1, "东镇")
		c.party(2, "西镇")
		c.person("wang")
		n := c.newClaim(7, registry.CapacityLegal)
		n.Name, n.Town = "新办电器有限公司", "东镇"
		mine, err := c.Claim(c.by("wang"), n)
		if err != nil || mine.Known || mine.Name != n.Name {
			t.Fatalf("%+v %v", mine, err)
		}
		_, err = c.ClaimOf(c.by("west"), mine.ID)
		wantCode(t, "another town's officer", err, fault.NotFound)
		_, err = c.DecideClaim(c.by("east"), mine.ID, true, "")
		wantCode(t, "approving a firm that is not there", err, fault.Conflict)
		// It turns out to be in the other town.
		p, err := c.Put(c.by("county"), registry.Party{Kind: registry.KindFirm, Code: code(7), Name: "新办电器（集团）有限公司", Town: "西镇"})
		c.must(err)
		_, err = c.ClaimOf(c.by("east"), mine.ID)
		wantCode(t, "the officer of the town that was said", err, fault.NotFound)
		shown, err := c.ClaimOf(c.by("west"), mine.ID)
		if err != nil || !shown.Known || shown.Party != p.ID || shown.Name != p.Name {
			t.Errorf("the officer of the firm's town: %+v %v", shown, err)
		}
		_, err = c.DecideClaim(c.by("west"), mine.ID, true, "")
		c.must(err)
		if got := c.people(p.ID); got != "wang*" {
			t.Errorf("people: %s", got)
		}
		c.intact()
	})
}

// Mutations that turn this red: leave RemoveSpeaker out of Dismiss; let the principal leave without handing over; let one who is no
// principal send others away; let an officer who acts for the firm do it as officer; make an agent the principal; keep two principals.
func TestPeopleOfAFirm(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm, other := c.party(1, "东镇"), c.party(2, "西镇")
		for _, login := range []string{"boss", "clerk", "second", "agent", "stranger"} {
			c.person(login)
		}
		c.person("old", account.Grant{Role: account.RoleFirm, Party: firm}) // whom an administrator let in
		c.person("insider", account.Grant{Role: account.RoleOfficer, Town: "东镇"}, account.Grant{Role: account.RoleFirm, Party: firm})
		c.joins("boss", 1, registry.CapacityLegal)
		c.joins("clerk", 1, registry.CapacityHandler)
		c.joins("second", 1, registry.CapacityHandler)
		c.joins("agent", 1, registry.CapacityAgent)
		c.joins("agent", 2, registry.CapacityAgent)
		if got := c.people(firm); got != "agent boss* clerk insider old second" {
			t.Fatalf("people: %s", got)
		}
		if got := c.people(other); got != "agent" { // an agent is nobody's principal
			t.Errorf("the agent's other firm: %s", got)
		}
		// Who sees them, and what of them.
		for who, want := range map[string]struct {
			code               fault.Code
			logins, principal_ bool
			officer            bool
		}{
			"": {code: fault.NotFound}, "stranger": {code: fault.NotFound}, "west": {code: fault.NotFound}, "leader": {code: fault.NotFound}, "finance": {code: fault.NotFound}, "admin": {code: fault.NotFound},
			"clerk": {}, "agent": {}, "old": {}, "insider": {}, "boss": {logins: true, principal_: true}, "east": {logins: true, officer: true}, "auditor": {logins: true},
		} {
			got, err := c.PeopleOf(c.by(who), firm)
			wantCode(t, who+" reads the people", err, want.code)
			if err != nil {
				continue
			}
			if len(got.People) != 6 || (got.People[0].Login != "") != want.logins || got.Principal != want.principal_ || got.Officer != want.officer {
				t.Errorf("%s reads %+v", who, got)
			}
		}
		// Who may not change them.
		for _, who := range []string{"", "stranger", "west", "leader", "admin"} {
			_, err := c.Dismiss(c.by(who), firm, c.ids["clerk"], "没有理由")
			wantCode(t, who+" dismisses", err, fault.NotFound)
			_, err = c.HandOver(c.by(who), firm, c.ids["clerk"])
			wantCode(t, who+" appoints", err, fault.NotFound)
		}
		for _, who := range []string{"clerk", "agent", "insider", "auditor"} {
			_, err := c.Dismiss(c.by(who), firm, c.ids["second"], "没有理由")
			wantCode(t, who+" dismisses", err, fault.Forbidden)
			_, err = c.HandOver(c.by(who), firm, c.ids["clerk"])
			wantCode(t, who+" appoints", err, fault.Forbidden)
		}
		_, err := c.Dismiss(c.by("boss"), firm, c.ids["boss"], "")
		wantCode(t, "the principal leaves", err, fault.Conflict)
		_, err = c.Dismiss(c.by("boss"), firm, c.ids["clerk"], " ")
		wantCode(t, "without a reason", err, fault.Invalid)
		_, err = c.Dismiss(c.by("boss"), firm, c.ids["stranger"], "没有这个人")
		wantCode(t, "somebody else", err, fault.NotFound)
		_, err = c.HandOver(c.by("boss"), firm, c.ids["agent"])
		wantCode(t, "an agent as principal", err, fault.Conflict)
		_, err = c.HandOver(c.by("boss"), firm, c.ids["stranger"])
		wantCode(t, "somebody else as principal", err, fault.NotFound)
		if got := c.people(firm); got != "agent boss* clerk insider old second" {
			t.Fatalf("people: %s", got)
		}
		// The principal sends away; whom she sends away is out at the next request and learns why, and may ask again.
		_, err = c.Dismiss(c.by("boss"), firm, c.ids["clerk"], "已调离")
		c.must(err)
		_, err = c.Get(c.by("clerk"), firm)
		wantCode(t, "who was sent away", err, fault.NotFound)
		_, err = c.PeopleOf(c.by("clerk"), firm)
		wantCode(t, "who was sent away", err, fault.NotFound)
		firms, err := c.Memberships(c.by("clerk"))
		if err != nil || len(firms) != 1 || firms[0].Reason != "已调离" || firms[0].EndedAt == "" {
			t.Errorf("who was sent away reads %+v %v", firms, err)
		}
		again := c.claims("clerk", 1, registry.CapacityHandler)
		if got, err := c.PeopleOf(c.by("boss"), firm); err != nil || len(got.Claims) != 1 || got.Claims[0].ID != again.ID || !got.Claims[0].Mine {
			t.Errorf("the principal is asked: %+v %v", got.Claims, err)
		}
		if got, err := c.PeopleOf(c.by("second"), firm); err != nil || len(got.Claims) != 0 {
			t.Errorf("a colleague is asked: %+v %v", got.Claims, err)
		}
		_, err = c.DecideClaim(c.by("boss"), again.ID, true, "")
		c.must(err)
		// An administrator's own, too; and one leaves by oneself.
		_, err = c.Dismiss(c.by("east"), firm, c.ids["old"], "已注销授权")
		c.must(err)
		_, err = c.Get(c.by("old"), firm)
		wantCode(t, "whom an administrator had let in", err, fault.NotFound)
		_, err = c.Dismiss(c.by("second"), firm, c.ids["second"], "")
		c.must(err)
		// An agent sent away by one firm acts for the other.
		_, err = c.Dismiss(c.by("boss"), firm, c.ids["agent"], "合同到期")
		c.must(err)
		if _, err := c.Get(c.by("agent"), other); err != nil {
			t.Errorf("the agent's other firm: %v", err)
		}
		// Hand over, and the former one is as any.
		_, err = c.HandOver(c.by("boss"), firm, c.ids["clerk"])
		c.must(err)
		_, err = c.HandOver(c.by("boss"), firm, c.ids["boss"])
		wantCode(t, "the former principal takes it back", err, fault.Forbidden)
		if got := c.people(firm); got != "boss clerk* insider" {
			t.Errorf("people: %s", got)
		}
		// An administrator takes the principal's role: there is none then, and an officer appoints one.
		none := []account.Grant{}
		_, err = c.accounts.Update(c.by("admin"), c.ids["clerk"], account.Change{Grants: &none})
		c.must(err)
		if got := c.people(firm); got != "boss clerk- insider" {
			t.Errorf("people: %s", got)
		}
		c.joins("stranger", 1, registry.CapacityHandler) // who comes next is it
		if got := c.people(firm); got != "boss clerk- insider stranger*" {
			t.Errorf("people: %s", got)
		}
		_, err = c.HandOver(c.by("east"), firm, c.ids["boss"])
		c.must(err)
		if got := c.people(firm); got != "boss* clerk- insider stranger" {
			t.Errorf("people: %s", got)
		}
		c.joins("clerk", 1, registry.CapacityHandler)
		if got := c.people(firm); got != "boss* clerk insider stranger" {
			t.Errorf("people: %s", got)
		}
		c.intact()
	})
}

// Mutations that turn this red: keep the code itself; let a code in twice, after its time, after it was withdrawn, or from somebody who has
// left; let anybody but the principal invite.
func TestInvitations(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm := c.party(1, "东镇")
		for _, login := range []string{"boss", "clerk", "agent", "late", "second"} {
			c.person(login)
		}
		c.joins("boss", 1, registry.CapacityLegal)
		invite := func() registry.Invitation {
			t.Helper()
			i, err := c.Invite(c.by("boss"), firm, "小李", registry.CapacityHandler)
			c.must(err)
			return i
		}
		one := invite()
		if c.count(`SELECT COUNT(*) FROM firm_invitations WHERE code = ?`, one.Code) != 0 || one.Code == "" {
			t.Error("the code itself is kept")
		}
		if got, err := c.PeopleOf(c.by("boss"), firm); err != nil || len(got.Invitations) != 1 || got.Invitations[0].Code != "" {
			t.Errorf("the list of them: %+v %v", got, err)
		}
		_, err := c.Join(c.public(), one.Code)
		wantCode(t, "the public", err, fault.Unauthenticated)
		_, err = c.Join(c.by("clerk"), "aaaa-bbbb-cccc-dddd")
		wantCode(t, "a code of nothing", err, fault.NotFound)
		m, err := c.Join(c.by("clerk"), " "+strings.ToUpper(one.Code)+" ")
		if err != nil || m.Party != firm || m.Capacity != registry.CapacityHandler {
			t.Fatalf("%+v %v", m, err)
		}
		if _, err := c.Get(c.by("clerk"), firm); err != nil {
			t.Errorf("the next request: %v", err)
		}
		_, err = c.Join(c.by("agent"), one.Code)
		wantCode(t, "used before", err, fault.NotFound)
		_, err = c.Join(c.by("clerk"), invite().Code)
		wantCode(t, "who is in already", err, fault.Conflict)
		_, err = c.Invite(c.by("clerk"), firm, "小王", registry.CapacityHandler)
		wantCode(t, "a colleague invites", err, fault.Forbidden)
		_, err = c.Invite(c.by("east"), firm, "小王", registry.CapacityHandler)
		wantCode(t, "an officer invites", err, fault.Forbidden)
		_, err = c.Invite(c.by("west"), firm, "小王", registry.CapacityHandler)
		wantCode(t, "another town's officer invites", err, fault.NotFound)
		_, err = c.Invite(c.by("boss"), firm, "", "朋友")
		wantCode(t, "nobody, as nothing", err, fault.Invalid)

		gone := invite()
		_, err = c.WithdrawInvitation(c.by("clerk"), firm, gone.ID)
		wantCode(t, "a colleague withdraws", err, fault.Forbidden)
		_, err = c.WithdrawInvitation(c.by("boss"), firm, gone.ID)
		c.must(err)
		_, err = c.Join(c.by("agent"), gone.Code)
		wantCode(t, "withdrawn", err, fault.NotFound)
		_, err = c.WithdrawInvitation(c.by("boss"), firm, gone.ID)
		wantCode(t, "withdrawn twice", err, fault.NotFound)

		// Two bring one code at once.
		shared, agent, second := invite(), c.by("agent"), c.by("second")
		errs := storetest.Held(c.t, c.sys, holdParty, firm, func() error { _, err := c.Join(agent, shared.Code); return err }, func() error { _, err := c.Join(second, shared.Code); return err })
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("one code let in: %v", errs)
		}

		late := invite()
		c.pass(7*24*time.Hour + time.Second)
		_, err = c.Join(c.by("late"), late.Code)
		wantCode(t, "out of date", err, fault.NotFound)
		last := invite()
		_, err = c.Dismiss(c.by("east"), firm, c.ids["boss"], "已离职")
		c.must(err)
		_, err = c.Join(c.by("late"), last.Code)
		wantCode(t, "from somebody who has left", err, fault.NotFound)
		c.intact()
	})
}

// Mutations that turn this red: leave the condition on the scope, or any filter, out of ClaimFilter.query; count days by UTC; put the latest first
// among the open ones.
func TestListsOfClaims(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		c.party(1, "东镇")
		c.party(2, "西镇")
		for _, login := range []string{"aa", "bb", "dd", "boss"} {
			c.person(login)
		}
		c.joins("boss", 1, registry.CapacityLegal)
		c.mu.Lock()
		c.now = time.Date(2026, 11, 20, 16, 30, 0, 0, time.UTC) // 21st in China
		c.mu.Unlock()
		c.claims("aa", 2, registry.CapacityAgent)
		c.mu.Lock()
		c.now = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
		c.mu.Unlock()
		c.claims("bb", 1, registry.CapacityHandler)
		n := c.newClaim(7, registry.CapacityLegal)
		n.Name, n.Town = "新办=有限公司", "西镇"
		_, err := c.Claim(c.by("dd"), n)
		c.must(err)
		c.mu.Lock()
		c.now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // 23rd in China
		c.mu.Unlock()
		for _, one := range []struct {
			who   string
			f     registry.ClaimFilter
			want  string // logins in order
			total int
		}{
			{"county", registry.ClaimFilter{State: "open"}, "aa bb dd", 3},
			{"county", registry.ClaimFilter{}, "boss dd bb aa", 4},
			{"auditor", registry.ClaimFilter{State: "open"}, "aa bb dd", 3},
			{"east", registry.ClaimFilter{State: "open"}, "bb", 1},
			{"west", registry.ClaimFilter{State: "open"}, "aa dd", 2},
			{"east", registry.ClaimFilter{State: "open", Town: "西镇"}, "", 0},
			{"county", registry.ClaimFilter{State: "open", Town: "西镇"}, "aa dd", 2},
			{"county", registry.ClaimFilter{State: "approved"}, "boss", 1},
			{"county", registry.ClaimFilter{State: "open", Capacity: registry.CapacityAgent}, "aa", 1},
			{"county", registry.ClaimFilter{State: "open", Asked: "principal"}, "bb", 1},
			{"county", registry.ClaimFilter{State: "open", Asked: "officer"}, "aa dd", 2},
			{"county", registry.ClaimFilter{State: "open", Waited: 2}, "aa", 1},
			{"county", registry.ClaimFilter{State: "open", Waited: 3}, "", 0},
			{"county", registry.ClaimFilter{State: "open", Waited: 1}, "aa bb dd", 3},
			{"county", registry.ClaimFilter{State: "open", Text: "新办"}, "dd", 1},
			{"county", registry.ClaimFilter{State: "open", Text: strings.ToLower(code(2)[:14])}, "aa bb dd", 3}, // serial numbers differ further on
			{"county", registry.ClaimFilter{State: "open", Text: code(2)}, "aa", 1},
			{"county", registry.ClaimFilter{State: "open", Text: "%"}, "", 0},
		} {
			items, total, err := c.Claims(c.by(one.who), one.f, registry.Page{})
			var got []string
			for _, i := range items {
				got = append(got, i.Login)
			}
			// bb and dd were made in one moment; their ids order them.
			if err != nil || total != one.total || strings.Join(got, " ") != one.want {
				t.Errorf("%s, %+v: %v of %d, %v; want %s", one.who, one.f, got, total, err, one.want)
			}
		}
		items, _, err := c.Claims(c.by("county"), registry.ClaimFilter{State: "open"}, registry.Page{})
		if err != nil || items[0].Waiting != 2 || items[1].Waiting != 1 || !items[1].Guarded || items[0].Guarded || items[2].Known {
			t.Errorf("%+v %v", items, err)
		}
		for _, who := range []string{"", "aa", "boss", "leader", "finance", "admin"} {
			_, _, err := c.Claims(c.by(who), registry.ClaimFilter{}, registry.Page{})
			wantCode(t, who+" lists", err, fault.Forbidden)
			wantCode(t, who+" exports", c.ExportClaims(c.by(who), registry.ClaimFilter{}, io.Discard), fault.Forbidden)
		}
		var book bytes.Buffer
		c.must(c.ExportClaims(c.by("west"), registry.ClaimFilter{State: "open"}, &book))
		f, err := excelize.OpenReader(&book)
		c.must(err)
		defer f.Close()
		rows, err := f.GetRows("企业认领")
		if err != nil || len(rows) != 3 || rows[1][0] != "待审核" || rows[1][1] != "2" || rows[1][3] != "第2电器有限公司" || rows[2][4] != "否" {
			t.Errorf("%v %v", rows, err)
		}
		mine, err := c.MyClaims(c.by("boss"))
		if err != nil || len(mine) != 1 || mine[0].Guarded || mine[0].Town != "" {
			t.Errorf("one's own: %+v %v", mine, err)
		}
		c.intact()
	})
}

// Mutations that turn this red: serve a file of another claim; leave the event out when somebody else reads; let evidence be deleted.
func TestEvidenceOfClaims(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm := c.party(1, "东镇")
		for _, login := range []string{"wang", "li", "boss", "clerk"} {
			c.person(login)
		}
		c.joins("boss", 1, registry.CapacityLegal)
		c.joins("clerk", 1, registry.CapacityHandler)
		n := c.newClaim(1, registry.CapacityHandler)
		n.Evidence = evidence(aPDF, aPDF+"\n")
		mine, err := c.Claim(c.by("wang"), n)
		c.must(err)
		others := c.claims("li", 1, registry.CapacityHandler)
		file := mine.Evidence[1].ID
		for who, want := range map[string]fault.Code{"wang": "", "boss": "", "east": "", "auditor": "", "": fault.NotFound, "li": fault.NotFound, "clerk": fault.NotFound,
			"west": fault.NotFound, "leader": fault.NotFound, "admin": fault.NotFound} {
			f, content, err := c.ClaimEvidence(c.by(who), mine.ID, file)
			wantCode(t, who+" opens the evidence", err, want)
			if err != nil {
				continue
			}
			if body, err := io.ReadAll(content); err != nil || string(body) != aPDF+"\n" || f.Type != files.PDF {
				t.Errorf("%s reads %d bytes, %v", who, len(body), err)
			}
			content.Close()
		}
		_, _, err = c.ClaimEvidence(c.by("li"), others.ID, file)
		wantCode(t, "a file of another claim", err, fault.NotFound)
		wantCode(t, "deleting evidence", files.Delete(c.sys, file), fault.Conflict)
		events, err := audit.List(c.sys, audit.Filter{Kind: "claim", ID: mine.ID})
		c.must(err)
		read := 0
		for _, e := range events {
			if e.Action == "claim.evidence" {
				read++
			}
		}
		if read != 3 {
			t.Errorf("%d readings are logged, want those of the principal, the officer and the auditor", read)
		}
		_ = firm
		c.intact()
	})
}

// What is changed behind the log's back is found. Mutations that turn this red: leave a column out of a digest, or a kind out of the lists.
func TestAuditSeesClaims(t *testing.T) {
	eachTown(t, func(t *testing.T, c *town) {
		firm := c.party(1, "东镇")
		for _, login := range []string{"boss", "wang"} {
			c.person(login)
		}
		c.joins("boss", 1, registry.CapacityLegal)
		c.claims("wang", 1, registry.CapacityHandler)
		_, err := c.Invite(c.by("boss"), firm, "小李", registry.CapacityHandler)
		c.must(err)
		c.intact()
		for _, statement := range []string{
			`UPDATE claims SET capacity = '法定代表人' WHERE state = 'open'`,
			`UPDATE claims SET evidence = '[]' WHERE state = 'open'`,
			`UPDATE claims SET account = 'x' WHERE state = 'open'`,
			`UPDATE claims SET decided_by = 'x' WHERE state = 'approved'`,
			`DELETE FROM claims WHERE state = 'open'`,
			`UPDATE firm_people SET principal = 0`,
			`UPDATE firm_people SET ended_at = 'x'`,
			`INSERT INTO firm_people (id, party, account, capacity, principal, origin, since, since_by, ended_at, ended_by, reason) VALUES ('zz', 'p', 'a', '', 1, '', '', '', '', '', '')`,
			`UPDATE firm_invitations SET until_at = '2099'`,
			`DELETE FROM firm_invitations`,
		} {
			if n := c.tamper(statement); n != 1 {
				t.Errorf("%s: %d problems", statement, n)
			}
		}
	})
}
