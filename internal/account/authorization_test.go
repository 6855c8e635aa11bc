package account

import (
	"context"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
)

// grants is what an account may do on its next request.
func (b *bench) grants(id string) []Grant {
	b.t.Helper()
	a, err := b.s.Get(System(b.in("east")), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return a.Grants
}

// What gives an account anything counts from a second administrator's approval: roles at its making and later, and its use again. What only
// takes counts at once, and does not wait behind what waits. Each is a version, told in the log, and to those whom it concerns.
//
// Mutations, each tried: let waits say no for what gives; leave `row.MadeBy == me` or `row.Account == me` out of Approve; put all of the grants
// as they were when asked for instead of what is given and taken; leave the state out of decide; leave the second event out of Approve → red.
func TestGivingWaitsForASecond(t *testing.T) {
	forEach(t, func(b *bench) {
		told := map[string][]string{}
		b.s.UseTeller(func(_ context.Context, accounts []string, _, title, _, _ string) error {
			for _, id := range accounts {
				told[id] = append(told[id], title)
			}
			return nil
		})
		first, second, auditor := b.named("first", "甲管理员", admin), b.named("second", "乙管理员", admin), b.named("auditor", "审计", audits)
		by := func(a Account) context.Context { return b.acting(a) }

		// A new account has nothing yet, and can sign in.
		_, _, err := b.s.Create(by(first), "east", New{Login: "wang", Name: "王五", Password: goodPassword, Grants: []Grant{deskA}})
		b.expect("without a reason", err, fault.Invalid)
		wang, _, err := b.s.Create(by(first), "east", New{Login: "wang", Name: "王五", Password: goodPassword, Grants: []Grant{deskA, bossA}, Reason: "新到经信局"})
		if err != nil || len(wang.Grants) > 0 || wang.Waiting == nil || !slices.Equal(wang.Waiting.Give, []Grant{bossA, deskA}) || wang.Waiting.Number != 1 || !wang.Waiting.Mine || wang.Waiting.MayDecide {
			b.t.Fatalf("%+v, %v", wang, err)
		}
		token := b.must(b.signIn("east", "wang", goodPassword, "10.0.0.1"))
		if a := b.actor("east", token); a == nil || len(a.Grants) > 0 {
			b.t.Errorf("before it is approved: %+v", a)
		}
		if ids, err := HoldersOf(b.in("east"), RoleOfficer, "", ""); err != nil || len(ids) > 0 {
			b.t.Errorf("holders: %v, %v", ids, err)
		}
		if !slices.Equal(told[second.ID], []string{"一项授权等您核准：王五"}) || len(told) != 1 {
			b.t.Errorf("told: %v", told)
		}
		clear(told)

		// Who may not decide.
		id := wang.Waiting.ID
		for _, c := range []struct {
			what string
			ctx  context.Context
			want fault.Code
		}{{"whoever asked", by(first), fault.Forbidden}, {"an auditor", by(auditor), fault.Forbidden}, {"the account", by(wang), fault.Forbidden}, {"the public", b.in("east"), fault.Forbidden}} {
			_, err := b.s.Approve(c.ctx, id)
			b.expect("approved by "+c.what, err, c.want)
		}
		_, err = b.s.Withdraw(by(second), id)
		b.expect("withdrawn by another", err, fault.Forbidden)
		_, err = b.s.Return(by(second), id, " ")
		b.expect("returned without a reason", err, fault.Invalid)
		_, err = b.s.Approve(by(second), "nothing")
		b.expect("nothing approved", err, fault.NotFound)
		// One at a time.
		_, err = b.s.Update(by(second), wang.ID, Change{Grants: &[]Grant{pay}, Reason: "再给一项"})
		b.expect("another beside it", err, fault.Conflict)

		// Approved, it counts on the next request, for both the account and whoever looks for somebody to act.
		done, err := b.s.Approve(by(second), id)
		if err != nil || done.State != AuthorizationApproved || done.MadeBy != "甲管理员" || done.DecidedBy != "乙管理员" {
			b.t.Fatalf("%+v, %v", done, err)
		}
		if a := b.actor("east", token); !slices.Equal(a.Grants, []Grant{bossA, deskA}) {
			b.t.Errorf("after: %v", a.Grants)
		}
		if !slices.Equal(told[first.ID], []string{"授权已核准：王五"}) || !slices.Equal(told[wang.ID], []string{"您的权限有变动"}) || len(told) != 2 {
			b.t.Errorf("told: %v", told)
		}
		_, err = b.s.Approve(by(second), id)
		b.expect("approved twice", err, fault.Conflict)
		_, err = b.s.Withdraw(by(first), id)
		b.expect("withdrawn after", err, fault.Conflict)

		// Moved to another town: all of it waits, and he keeps what he has. Meanwhile one is taken at once, and a firm's claim adds its own.
		moved, err := b.s.Update(by(second), wang.ID, Change{Grants: &[]Grant{bossA, deskB}, Reason: "调到乙镇"})
		if err != nil || !slices.Equal(moved.Grants, []Grant{bossA, deskA}) || !slices.Equal(moved.Waiting.Give, []Grant{deskB}) || !slices.Equal(moved.Waiting.Take, []Grant{deskA}) {
			b.t.Fatalf("%+v, %v", moved, err)
		}
		if now, err := b.s.Update(by(first), wang.ID, Change{Grants: &[]Grant{deskA}}); err != nil || !slices.Equal(now.Grants, []Grant{deskA}) || now.Waiting == nil {
			b.t.Fatalf("%+v, %v", now, err)
		}
		firm := Grant{Role: RoleFirm, Party: "p1"}
		if err := AddSpeaker(System(b.in("east")), wang.ID, "p1", nil); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.s.Approve(by(first), moved.Waiting.ID); err != nil {
			b.t.Fatal(err)
		}
		if got := b.grants(wang.ID); !slices.Equal(got, []Grant{firm, deskB}) {
			b.t.Errorf("moved: %v", got)
		}

		// Closed at once, whatever waits; opened again by two; returned, it stays closed.
		closed, err := b.s.Update(by(first), wang.ID, Change{Disabled: ptr(true), Grants: &[]Grant{firm, deskB, pay}, Reason: "停用，另议财政"})
		if err != nil || !closed.Disabled || closed.Waiting == nil || !slices.Equal(closed.Grants, []Grant{firm, deskB}) {
			b.t.Fatalf("%+v, %v", closed, err)
		}
		if _, err := b.s.Return(by(second), closed.Waiting.ID, "不需要"); err != nil {
			b.t.Fatal(err)
		}
		if open, err := b.s.Update(by(first), wang.ID, Change{Disabled: ptr(false), Reason: "回来了"}); err != nil || !open.Disabled || open.Waiting == nil || open.Waiting.Usage != "opened" {
			b.t.Fatalf("%+v, %v", open, err)
		} else if _, err := b.s.Withdraw(by(first), open.Waiting.ID); err != nil {
			b.t.Fatal(err)
		}
		if open, err := b.s.Update(by(first), wang.ID, Change{Disabled: ptr(false), Reason: "真回来了"}); err != nil {
			b.t.Fatal(err)
		} else if _, err := b.s.Approve(by(second), open.Waiting.ID); err != nil {
			b.t.Fatal(err)
		}
		if a, err := b.s.Get(by(first), wang.ID); err != nil || a.Disabled || a.Waiting != nil {
			b.t.Errorf("%+v, %v", a, err)
		}

		// Nobody decides on their own rights; who is no administrator any more decides nothing.
		more, err := b.s.Update(by(first), second.ID, Change{Grants: &[]Grant{admin, pay}, Reason: "兼财政"})
		if err != nil {
			b.t.Fatal(err)
		}
		_, err = b.s.Approve(by(second), more.Waiting.ID)
		b.expect("one's own", err, fault.Forbidden)
		stale := by(second)
		if _, err := b.s.Update(by(first), second.ID, Change{Grants: &[]Grant{}}); err != nil {
			b.t.Fatal(err)
		}
		_, err = b.s.Return(stale, more.Waiting.ID, "不需要")
		b.expect("by who was one", err, fault.Forbidden)

		// The versions, for administrators and auditors; the log knows each and is whole.
		items, total, err := b.s.Authorizations(by(auditor), AuthorizationFilter{Account: wang.ID, Page: 1, Per: 3})
		if err != nil || total != 7 || len(items) != 3 || items[0].Number != 7 || items[0].State != AuthorizationApproved || items[1].State != AuthorizationWithdrawn || items[2].State != AuthorizationReturned || items[2].Decision != "不需要" || items[0].MayDecide {
			b.t.Errorf("%d: %+v, %v", total, items, err)
		}
		if items, _, err = b.s.Authorizations(by(first), AuthorizationFilter{Page: 1, Per: 50}); err != nil || items[0].State != AuthorizationWaiting || items[1].State == AuthorizationWaiting {
			b.t.Errorf("those that wait first: %+v, %v", items, err)
		}
		_, _, err = b.s.Authorizations(by(wang), AuthorizationFilter{Page: 1, Per: 3})
		b.expect("versions to others", err, fault.Forbidden)
		if p := b.problems(b.in("east")); len(p) > 0 {
			b.t.Errorf("the log: %v", p)
		}
		b.exec(b.in("east"), `UPDATE authorization_grants SET town = '' WHERE town = '乙镇' AND taken = 0`)
		if p := b.problems(b.in("east")); len(p) != 1 || !strings.Contains(p[0], "authorization") {
			b.t.Errorf("a version edited behind the log: %v", p)
		}
	})
}

// The only administrator that a tenant has ever had appoints the second alone, and nothing else; after that nobody gives alone, even if one is
// left alone again. The installation may.
//
// Mutations, each tried: let the only one give any role; ask only who is an administrator now in everAdministrators → red.
func TestTheOnlyAdministratorAppointsTheSecond(t *testing.T) {
	forEach(t, func(b *bench) {
		first := b.named("first", "甲管理员", admin)
		officer, _, err := b.s.Create(b.acting(first), "east", New{Login: "wang", Name: "王五", Grants: []Grant{deskA}, Reason: "经办"})
		if err != nil || len(officer.Grants) > 0 || officer.Waiting == nil {
			b.t.Fatalf("%+v, %v", officer, err)
		}
		_, err = b.s.Approve(b.acting(first), officer.Waiting.ID)
		b.expect("alone", err, fault.Forbidden)
		if both, _, err := b.s.Create(b.acting(first), "east", New{Login: "both", Name: "兼", Grants: []Grant{admin, pay}, Reason: "管理员兼财政"}); err != nil || len(both.Grants) > 0 || both.Waiting == nil {
			b.t.Fatalf("%+v, %v", both, err)
		} else if _, err := b.s.Withdraw(b.acting(first), both.Waiting.ID); err != nil {
			b.t.Fatal(err)
		}
		second, _, err := b.s.Create(b.acting(first), "east", New{Login: "second", Name: "乙管理员", Grants: []Grant{admin}})
		if err != nil || !slices.Equal(second.Grants, []Grant{admin}) || second.Waiting != nil {
			b.t.Fatalf("%+v, %v", second, err)
		}
		if _, err := b.s.Approve(b.acting(second), officer.Waiting.ID); err != nil {
			b.t.Fatal(err)
		}
		// Alone again.
		if _, err := b.s.Update(b.acting(first), second.ID, Change{Grants: &[]Grant{}}); err != nil {
			b.t.Fatal(err)
		}
		puppet, _, err := b.s.Create(b.acting(first), "east", New{Login: "puppet", Name: "丙", Grants: []Grant{admin}, Reason: "补一名"})
		if err != nil || len(puppet.Grants) > 0 || puppet.Waiting == nil {
			b.t.Fatalf("%+v, %v", puppet, err)
		}
		third := b.named("third", "丁管理员", admin)
		if _, err := b.s.Approve(b.acting(third), puppet.Waiting.ID); err != nil {
			b.t.Fatal(err)
		}
		// Nor is one administrator two by the other's password.
		_, err = b.s.ResetPassword(b.acting(first), "east", third.ID)
		b.expect("another administrator's password", err, fault.Conflict)
		if _, err := b.s.ResetPassword(b.acting(first), "east", officer.ID); err != nil {
			b.t.Error(err)
		}
	})
}

// Two who decide on one version take turns, and the second is told that it is done; who is removed at that moment decides nothing.
// Mutations, each tried: leave lockAdministrators out of decide; do not ask isAdministrator → red on PostgreSQL.
func TestDecidingTakesTurns(t *testing.T) {
	forEach(t, func(b *bench) {
		first, second, third := b.named("first", "甲管理员", admin), b.named("second", "乙管理员", admin), b.named("third", "丙管理员", admin)
		wang := b.named("wang", "王五")
		ask := func(g Grant) string {
			a, err := b.s.Update(b.acting(first), wang.ID, Change{Grants: &[]Grant{g}, Reason: "需要"})
			if err != nil {
				b.t.Fatal(err)
			}
			return a.Waiting.ID
		}
		id := ask(deskA)
		hold := `UPDATE accounts SET changed_at = changed_at WHERE id = ?`
		errs := storetest.Held(b.t, b.in("east"), hold, wang.ID,
			func() error { _, err := b.s.Return(b.acting(second), id, "不需要"); return err },
			func() error { _, err := b.s.Approve(b.acting(third), id); return err })
		if (errs[0] == nil) == (errs[1] == nil) || (len(b.grants(wang.ID)) > 0) != (errs[1] == nil) {
			b.t.Errorf("returned: %v, approved: %v, and has %v", errs[0], errs[1], b.grants(wang.ID))
		}
		for _, err := range errs {
			if err != nil {
				b.expect("who came second", err, fault.Conflict)
			}
		}
		last := ask(deskB)
		removed := b.acting(third)
		errs = storetest.Held(b.t, b.in("east"), hold, first.ID,
			func() error { _, err := b.s.Update(b.acting(second), third.ID, Change{Grants: &[]Grant{}}); return err },
			func() error { _, err := b.s.Approve(removed, last); return err })
		b.expect("removed", errs[0], "")
		if errs[1] != nil {
			b.expect("approved by who was just removed", errs[1], fault.Forbidden)
			return
		}
		records, err := audit.List(b.in("east"), audit.Filter{Limit: 500}) // the latest first
		if err != nil {
			b.t.Fatal(err)
		}
		at := func(action, id string) int {
			return slices.IndexFunc(records, func(r audit.Record) bool { return r.Action == action && r.ID == id })
		}
		if at("authorization.approved", last) < at("account.changed", third.ID) {
			b.t.Error("approved by who was removed before")
		}
	})
}
