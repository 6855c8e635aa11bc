package account

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// named makes an account with a name of its own.
func (b *bench) named(login, name string, grants ...Grant) Account {
	b.t.Helper()
	a, _, err := b.s.Create(System(b.in("east")), "east", New{Login: login, Name: name, Password: goodPassword, Grants: grants})
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// now is the context of an account as it is at present.
func (b *bench) acting(a Account) context.Context {
	b.t.Helper()
	found, err := b.s.Get(System(b.in("east")), a.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return WithActor(b.in("east"), actorOf(found, "east"))
}

// note is a change that somebody makes, as rooms make theirs.
func note(ctx context.Context, row string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		return audit.Append(ctx, audit.Event{Action: "x.done", Kind: "x", ID: row})
	})
}

var (
	deskA  = Grant{Role: RoleOfficer, Department: "市经信局", Town: "甲镇"}
	bossA  = Grant{Role: RoleLeader, Department: "市经信局"}
	deskB  = Grant{Role: RoleOfficer, Department: "市经信局", Town: "乙镇"}
	pay    = Grant{Role: RoleFinance}
	admin  = Grant{Role: RoleAdministrator}
	audits = Grant{Role: RoleAuditor}
)

// Who is away is stood in for in what was delegated, no more and no longer: from its first day to the end of its last, while it was not ended,
// both accounts are in use and the absent still holds it. What is done is logged as of the one for the other.
//
// Mutations, each tried: leave from_day or until_day out of inForce; leave a.disabled or b.disabled out; do not ask Still; find nobody in Did; take
// the stand-in's own grants in Stand.as; do not give the stead to the log in WithActor → red.
func TestStandingIn(t *testing.T) {
	forEach(t, func(b *bench) {
		zhang, li := b.named("zhang", "张三", deskA, bossA, audits), b.named("li", "李四", deskB)
		boss := b.named("boss", "管理员", admin)
		d, err := b.s.Delegate(b.acting(zhang), NewDelegation{StandIn: li.ID, Grants: []Grant{deskA}, From: "2026-11-24", Until: "2026-11-25", Reason: "出差"})
		if err != nil {
			b.t.Fatal(err)
		}
		if d.State != DelegationComing || d.Effective || d.Absent.Name != "张三" || d.StandIn.Name != "李四" || !d.MayEnd || !d.Mine {
			b.t.Errorf("made: %+v", d)
		}
		in := func() (*Actor, error) { return InStead(b.acting(li), actorOf(li, "east"), zhang.ID) }
		_, err = in()
		b.expect("before its first day", err, fault.Forbidden)
		b.pass(24 * time.Hour)
		hat, err := in()
		if err != nil {
			b.t.Fatal(err)
		}
		if hat.AccountID != li.ID || hat.For.AccountID != zhang.ID || hat.Name != "李四（代张三）" || !slices.Equal(hat.Grants, []Grant{deskA}) || !hat.Same(zhang.ID) || hat.Same(boss.ID) {
			b.t.Errorf("%+v", hat)
		}
		if holders, err := HoldersOf(b.in("east"), RoleOfficer, "市经信局", "甲镇"); err != nil || len(holders) != 2 || !slices.Contains(holders, li.ID) {
			b.t.Errorf("who may act there: %v, %v", holders, err)
		}
		if holders, err := HoldersOf(b.in("east"), RoleLeader, "市经信局", ""); err != nil || !slices.Equal(holders, []string{zhang.ID}) {
			b.t.Errorf("what was not delegated: %v, %v", holders, err)
		}
		ctx := WithActor(b.in("east"), hat)
		if err := note(ctx, "1"); err != nil {
			b.t.Fatal(err)
		}
		records, err := audit.List(b.in("east"), audit.Filter{Kind: "x"})
		if err != nil || len(records) != 1 || records[0].Actor != li.ID || records[0].For() != zhang.ID {
			b.t.Errorf("the log: %+v, %v", records, err)
		}
		// Two steps on one row are those of one person, whichever of the two took the first.
		for who, want := range map[*Account]bool{&zhang: true, &li: true, &boss: false} {
			if got, err := Did(b.acting(*who), li.ID, "x", "1"); err != nil || got != want {
				b.t.Errorf("%s did it: %t, %v", who.Login, got, err)
			}
		}
		if got, err := Did(ctx, zhang.ID, "x", "2"); err != nil || !got {
			b.t.Errorf("what the absent did, to the stand-in: %t, %v", got, err)
		}
		if got, err := Did(b.acting(li), zhang.ID, "x", "2"); err != nil || got {
			b.t.Errorf("what the absent did, to the stand-in as themselves: %t, %v", got, err)
		}
		b.pass(24*time.Hour + 14*time.Hour) // 23:00 of the last day in China
		if _, err := in(); err != nil {
			b.t.Errorf("late on the last day: %v", err)
		}
		for _, step := range []struct {
			what string
			of   Account
			off  Change
			on   Change
		}{
			{"the absent is closed", zhang, Change{Disabled: ptr(true)}, Change{Disabled: ptr(false)}},
			{"the stand-in is closed", li, Change{Disabled: ptr(true)}, Change{Disabled: ptr(false)}},
			{"the absent lost it", zhang, Change{Grants: &[]Grant{bossA}}, Change{Grants: &[]Grant{deskA, bossA}}},
			{"the absent speaks for a firm", zhang, Change{Grants: &[]Grant{deskA, {Role: RoleFirm, Party: "p"}}}, Change{Grants: &[]Grant{deskA, bossA}}},
			{"the stand-in watches", li, Change{Grants: &[]Grant{deskB, audits}}, Change{Grants: &[]Grant{deskB}}},
		} {
			if _, err := b.s.Update(System(b.in("east")), step.of.ID, step.off); err != nil {
				b.t.Fatal(err)
			}
			_, err := InStead(b.in("east"), actorOf(li, "east"), zhang.ID)
			b.expect(step.what, err, fault.Forbidden)
			if step.what != "the absent lost it" {
				b.expect(step.what+", and something is under way", note(ctx, "3"), fault.Forbidden)
			}
			if _, err := b.s.Update(System(b.in("east")), step.of.ID, step.on); err != nil {
				b.t.Fatal(err)
			}
			if _, err := in(); err != nil {
				b.t.Errorf("after %s: %v", step.what, err)
			}
		}
		b.pass(time.Hour)
		_, err = in()
		b.expect("the day after", err, fault.Forbidden)
		b.expect("the day after, under way", note(ctx, "4"), fault.Forbidden)
		if report, err := audit.Verify(b.in("east")); err != nil || !report.OK() {
			b.t.Errorf("%+v, %v", report, err)
		}
	})
}

func ptr[T any](v T) *T { return &v }

// What cannot be delegated, by whom, to whom and when.
//
// Mutations, each tried: leave ownName, mayStandIn, what the absent holds or an administrator for herself out → red.
func TestDelegate(t *testing.T) {
	forEach(t, func(b *bench) {
		zhang, li, wang := b.named("zhang", "张三", deskA, bossA), b.named("li", "李四", deskB), b.named("wang", "王五", pay)
		boss, other := b.named("boss", "管理员", admin), b.named("desk", "管理员兼经办", admin, deskB)
		second := b.named("second", "第二管理员", admin)
		watch, both := b.named("watch", "审计", audits), b.named("both", "审计兼经办", audits, deskB)
		firm, closed := b.named("firm", "企业", deskA, Grant{Role: RoleFirm, Party: "p"}), b.named("closed", "停用", deskA)
		if _, err := b.s.Update(System(b.in("east")), closed.ID, Change{Disabled: ptr(true)}); err != nil {
			b.t.Fatal(err)
		}
		told := map[string]string{}
		b.s.UseTeller(func(_ context.Context, accounts []string, kind, title, _, _ string) error {
			for _, id := range accounts {
				told[id] += title + "\n"
			}
			return nil
		})
		good := func(change func(n *NewDelegation)) NewDelegation {
			n := NewDelegation{StandIn: li.ID, Until: "2026-11-30", Reason: "休假"}
			change(&n)
			return n
		}
		for _, c := range []struct {
			what string
			who  Account
			want fault.Code
			n    NewDelegation
		}{
			{"more than one holds", zhang, fault.Invalid, good(func(n *NewDelegation) { n.Grants = []Grant{{Role: RoleOfficer, Department: "市经信局"}} })},
			{"another's", zhang, fault.Invalid, good(func(n *NewDelegation) { n.Grants = []Grant{deskB} })},
			{"for somebody else", li, fault.Forbidden, good(func(n *NewDelegation) { n.Absent, n.StandIn = zhang.ID, wang.ID })},
			{"what an auditor does", watch, fault.Invalid, good(func(n *NewDelegation) {})},
			{"what an auditor does beside", both, fault.Invalid, good(func(n *NewDelegation) { n.Grants = []Grant{audits} })},
			{"what an administrator does", boss, fault.Invalid, good(func(n *NewDelegation) {})},
			{"to oneself", zhang, fault.Invalid, good(func(n *NewDelegation) { n.StandIn = zhang.ID })},
			{"an administrator to herself", other, fault.Forbidden, good(func(n *NewDelegation) { n.Absent, n.StandIn = zhang.ID, other.ID })},
			{"to an auditor", zhang, fault.Invalid, good(func(n *NewDelegation) { n.StandIn = both.ID })},
			{"to an administrator alone", zhang, fault.Invalid, good(func(n *NewDelegation) { n.StandIn = boss.ID })},
			{"to a firm's", zhang, fault.Invalid, good(func(n *NewDelegation) { n.StandIn = firm.ID })},
			{"a firm's", firm, fault.Conflict, good(func(n *NewDelegation) {})},
			{"to a closed account", zhang, fault.Invalid, good(func(n *NewDelegation) { n.StandIn = closed.ID })},
			{"for a closed account", boss, fault.Conflict, good(func(n *NewDelegation) { n.Absent = closed.ID })},
			{"to nobody", zhang, fault.NotFound, good(func(n *NewDelegation) { n.StandIn = "nobody" })},
			{"from yesterday", zhang, fault.Invalid, good(func(n *NewDelegation) { n.From = "2026-11-22" })},
			{"backwards", zhang, fault.Invalid, good(func(n *NewDelegation) { n.From, n.Until = "2026-11-25", "2026-11-24" })},
			{"for ever", zhang, fault.Invalid, good(func(n *NewDelegation) { n.Until = "2027-11-26" })},
			{"no day", zhang, fault.Invalid, good(func(n *NewDelegation) { n.Until = "2026-02-30" })},
			{"no reason", zhang, fault.Invalid, good(func(n *NewDelegation) { n.Reason = " " })},
		} {
			_, err := b.s.Delegate(b.acting(c.who), c.n)
			b.expect(c.what, err, c.want)
		}
		if len(told) > 0 {
			b.t.Errorf("told of nothing: %v", told)
		}
		_, err := b.s.Delegate(b.in("east"), good(func(*NewDelegation) {}))
		b.expect("the public", err, fault.Unauthenticated)
		// All that may be delegated, by an administrator for somebody who fell ill: it opens nothing until another administrator approves it,
		// which those who could are told of; then both are told.
		d, err := b.s.Delegate(b.acting(boss), good(func(n *NewDelegation) { n.Absent = zhang.ID }))
		if err != nil || !slices.Equal(d.Grants, []Grant{bossA, deskA}) || d.From != "2026-11-23" || d.State != DelegationWaiting || d.Effective || d.MayDecide || !d.MayEnd {
			b.t.Fatalf("%+v, %v", d, err)
		}
		if len(told) != 2 || told[other.ID] == "" || !strings.Contains(told[second.ID], "外出委托等您核准：张三") {
			b.t.Errorf("told while it waits: %v", told)
		}
		_, err = InStead(b.in("east"), actorOf(li, "east"), zhang.ID)
		b.expect("in their stead while it waits", err, fault.Forbidden)
		if ids, err := HoldersOf(b.in("east"), RoleLeader, "市经信局", ""); err != nil || slices.Contains(ids, li.ID) {
			b.t.Errorf("holders while it waits: %v, %v", ids, err)
		}
		for _, who := range []Account{boss, zhang, li} {
			_, err = b.s.ApproveDelegation(b.acting(who), d.ID)
			b.expect("approved by "+who.Login, err, fault.Forbidden)
		}
		_, err = b.s.ApproveDelegation(b.acting(second), "nothing")
		b.expect("approved what is not there", err, fault.NotFound)
		clear(told)
		if d, err = b.s.ApproveDelegation(b.acting(second), d.ID); err != nil || d.State != DelegationOpen || !d.Effective || d.Approved != "第二管理员" || d.MadeBy != "管理员" {
			b.t.Fatalf("%+v, %v", d, err)
		}
		_, err = b.s.ApproveDelegation(b.acting(second), d.ID)
		b.expect("approved again", err, fault.Conflict)
		if !strings.Contains(told[zhang.ID], "已委托李四") || !strings.Contains(told[li.ID], "代张三") || told[boss.ID] != "" {
			b.t.Errorf("told: %v", told)
		}
		_, err = b.s.Delegate(b.acting(zhang), good(func(n *NewDelegation) { n.Grants = []Grant{bossA} }))
		b.expect("to the same again", err, fault.Conflict)
		// No chains: neither in another's stead, nor to who is away.
		hat, err := InStead(b.in("east"), actorOf(li, "east"), zhang.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		_, err = b.s.Delegate(WithActor(b.in("east"), hat), good(func(n *NewDelegation) { n.StandIn = wang.ID }))
		b.expect("delegating on", err, fault.Forbidden)
		_, err = b.s.EndDelegation(WithActor(b.in("east"), hat), d.ID, "")
		b.expect("ending it in the other's stead", err, fault.Forbidden)
		_, err = InStead(b.in("east"), hat, zhang.ID)
		if stands, _ := Stands(b.in("east"), hat); err != nil || len(stands) != 0 {
			b.t.Errorf("a stand-in stands in: %v, %v", stands, err)
		}
		_, err = b.s.Delegate(b.acting(wang), good(func(n *NewDelegation) { n.StandIn = zhang.ID }))
		b.expect("to who is away", err, fault.Conflict)
		clear(told)
		if _, err := b.s.Delegate(b.acting(li), good(func(n *NewDelegation) { n.StandIn = wang.ID })); err != nil {
			b.t.Fatal(err)
		}
		if !strings.Contains(told[zhang.ID], "李四也外出") {
			b.t.Errorf("who has nobody now is not told: %v", told)
		}
		if hat, err := InStead(b.in("east"), actorOf(wang, "east"), li.ID); err != nil || !slices.Equal(hat.Grants, []Grant{deskB}) {
			b.t.Errorf("what li holds for zhang goes on to wang: %+v, %v", hat, err)
		}
		// Who sees it, and who ends it.
		for who, want := range map[*Account]int{&zhang: 1, &li: 2, &wang: 1, &boss: 2, &watch: 2, &firm: 0} {
			list, total, err := b.s.Delegations(b.acting(*who), "open", 1, 20)
			if err != nil || total != want || len(list) != want {
				b.t.Errorf("%s sees %d (%d), %v", who.Login, len(list), total, err)
			}
		}
		for _, who := range []Account{wang, watch, firm} {
			_, err := b.s.EndDelegation(b.acting(who), d.ID, "")
			b.expect(who.Login+" ends it", err, fault.NotFound)
		}
		if got, err := b.s.EndDelegation(b.acting(li), d.ID, "不便代办"); err != nil || got.State != DelegationEnded || got.EndedBy != "李四" || got.MayEnd {
			b.t.Errorf("%+v, %v", got, err)
		}
		_, err = b.s.EndDelegation(b.acting(zhang), d.ID, "")
		b.expect("again", err, fault.Conflict)
		_, err = InStead(b.in("east"), actorOf(li, "east"), zhang.ID)
		b.expect("after its end", err, fault.Forbidden)
		if people, err := b.s.StandIns(b.acting(zhang), ""); err != nil || len(people) != 3 || slices.ContainsFunc(people, func(c Colleague) bool { return c.Account == zhang.ID || c.Account == both.ID }) {
			b.t.Errorf("who could: %+v, %v", people, err)
		}
		if report, err := audit.Verify(b.in("east")); err != nil || !report.OK() {
			b.t.Errorf("%+v, %v", report, err)
		}
	})
}

// A delegation that is ended while its stand-in acts: what is done is done before its end, or not at all.
//
// Mutation, tried: do not hold the row in stillStands → what was begun before the end is done after it.
func TestDelegationEndsWhileActing(t *testing.T) {
	forEach(t, func(b *bench) {
		zhang, li := b.named("zhang", "张三", deskA), b.named("li", "李四", deskB)
		for _, endFirst := range []bool{true, false} {
			d, err := b.s.Delegate(b.acting(zhang), NewDelegation{StandIn: li.ID, Until: "2026-11-30", Reason: "休假"})
			if err != nil {
				b.t.Fatal(err)
			}
			hat, err := InStead(b.in("east"), actorOf(li, "east"), zhang.ID)
			if err != nil {
				b.t.Fatal(err)
			}
			row := d.ID
			act := func() error { return note(WithActor(b.in("east"), hat), row) }
			end := func() error { _, err := b.s.EndDelegation(b.acting(zhang), d.ID, ""); return err }
			fns := []func() error{act, end}
			if endFirst {
				fns = []func() error{end, act}
			}
			errs := storetest.Held(b.t, b.in("east"), `UPDATE audit_head SET seq = seq WHERE one = 1 AND '' <> ?`, d.ID, fns...)
			records, err := audit.List(b.in("east"), audit.Filter{Limit: 500})
			if err != nil {
				b.t.Fatal(err)
			}
			done, ended := int64(0), int64(0)
			for _, r := range records {
				switch {
				case r.Kind == "x" && r.ID == row:
					done = r.Seq
				case r.Action == "delegation.ended" && r.ID == d.ID:
					ended = r.Seq
				}
			}
			actErr := errs[0]
			if endFirst {
				actErr = errs[1]
			}
			if ended == 0 || done > ended || (done == 0) != (fault.CodeOf(actErr) == fault.Forbidden) {
				b.t.Errorf("end first %t: done %d, ended %d, %v", endFirst, done, ended, errs)
			}
		}
	})
}
