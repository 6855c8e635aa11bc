package treasury_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

func (r *room) leader() context.Context {
	return r.as("领导", account.Grant{Role: account.RoleLeader, Department: "经信局"})
}

// owes is case 1 of a, which was paid 112,500 yuan on 2026-11-23 and owes 12,500 of them back: until 2026-12-23, at 0.05% a day from the decision on.
func (r *room) owes() string {
	r.t.Helper()
	r.budget("r1", "", "本级财政", 1, 200_000_00)
	r.ready("a", "0001")
	r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", 112_500_00)}))
	r.pay(112_500_00, "S1")
	return r.claim(12_500_00, treasury.Terms{Due: date("2026-12-23"), Rate: "0.05%", Days: 1, Starts: date("2026-11-23"), Cite: "某办法第八条"})
}

func (r *room) claim(amount policy.Fen, terms treasury.Terms) string {
	r.t.Helper()
	id, err := r.Claim(r.sys, "case-1", amount, terms, "结算后多付")
	r.must(err)
	return id
}

// came states that money came back and lets a second person confirm it.
func (r *room) came(id string, amount policy.Fen, on, serial string) (treasury.Receivable, error) {
	r.t.Helper()
	got, err := r.StateRepayment(r.one(), id, amount, date(on), serial)
	r.must(err)
	return r.DecideRepayment(r.two(), id, got.Repayments[len(got.Repayments)-1].ID, true)
}

// shows compares a receivable as it stands on a day.
func (r *room) shows(id, day string, interest, left policy.Fen, state string, late bool) treasury.Receivable {
	r.t.Helper()
	r.day = date(day).Time().Add(4 * time.Hour)
	got, err := r.ReceivableOf(r.one(), id)
	r.must(err)
	if got.Interest != interest || got.Left != left || got.State != state || got.Late != late {
		r.t.Errorf("on %s: interest %s, left %s, %s, late %v; want %s, %s, %s, %v", day, got.Interest, got.Left, got.State, got.Late, interest, left, state, late)
	}
	return got
}

// By hand: 12,500 × 0.05% × 10 days = 62.50. 5,000 come back after 4 days: 12,500 × 4 + 7,500 × 6 = 95,000 yuan-days, 47.50. Then 7,500 and the 47.50
// settle it; one fen more does not. 112,500 − 12,500 = 100,000 is what was received.
//
// Mutations that turn this red: let who stated it confirm it; pay interest before the principal; settle by the principal alone; leave what was claimed
// before out of Claim; count what came back in full into ReceivedOn; take less than what is left for too much; tell a firm who handled it.
func TestOwedBack(t *testing.T) {
	each(t, func(r *room) {
		id := r.owes()
		r.shows(id, "2026-11-23", 0, 12_500_00, "open", false)
		_, err := r.Claim(r.sys, "case-1", 100_000_01, treasury.Terms{Cite: "某办法"}, "撤销决定")
		wantSays(t, "a fen more than was paid", err, fault.Conflict, "还可追回10万元")
		_, err = r.Claim(r.sys, "case-2", 0, treasury.Terms{Cite: "某办法"}, "撤销决定")
		wantSays(t, "a case that was paid nothing", err, fault.Conflict, "还可追回0元")
		r.shows(id, "2026-12-03", 62_50, 12_562_50, "open", false)

		_, err = r.StateRepayment(r.one(), id, 5_000_00, date("2026-12-04"), "BK1")
		wantSays(t, "tomorrow", err, fault.Invalid, "不能晚于今天")
		got, err := r.StateRepayment(r.one(), id, 5_000_00, date("2026-11-27"), "BK1")
		r.must(err)
		first := got.Repayments[0]
		if first.Mine || got.Left != 12_562_50 {
			t.Errorf("what is only stated: %+v", got)
		}
		_, err = r.DecideRepayment(r.one(), id, first.ID, true)
		wantSays(t, "by who stated it", err, fault.Forbidden, "登记人不能确认")
		_, err = r.StateRepayment(r.two(), id, 5_000_00, date("2026-11-27"), "BK1")
		wantSays(t, "the bank's number twice", err, fault.Conflict, "已经登记过")
		_, err = r.DecideRepayment(r.two(), id, first.ID, false)
		r.must(err)
		_, err = r.DecideRepayment(r.two(), id, first.ID, true)
		wantSays(t, "decided twice", err, fault.Conflict, "已经确认或退回")
		got, err = r.came(id, 5_000_00, "2026-11-27", "BK1")
		r.must(err)
		if got.Repaid != 5_000_00 || got.State != "partly" {
			t.Errorf("after a part: %+v", got)
		}
		r.shows(id, "2026-12-03", 47_50, 7_547_50, "partly", false)
		sum, err := r.ReceivedOn(r.sys, treasury.Purpose{Party: r.parties["a"], Scheme: "s1"}, date("2026-11-23"))
		if r.must(err); sum != 107_500_00 {
			t.Errorf("received less what came back: %s", sum)
		}

		_, err = r.came(id, 7_547_51, "2026-12-03", "BK2")
		wantSays(t, "a fen too much", err, fault.Conflict, "多于本金和利息7,547.50元")
		got, err = r.ReceivableOf(r.two(), id)
		r.must(err)
		if got.Repaid != 5_000_00 || got.Repayments[2].State != "stated" || len(got.Entries) != 2 {
			t.Errorf("what was refused left something: %+v", got)
		}
		_, err = r.WriteOff(r.leader(), id, "企业已注销")
		wantSays(t, "written off while money is stated", err, fault.Conflict, "还没有确认")
		_, err = r.DecideRepayment(r.two(), id, got.Repayments[2].ID, false)
		r.must(err)
		got, err = r.came(id, 7_547_50, "2026-12-03", "BK2")
		r.must(err)
		if got.Repaid != 12_500_00 || got.Received != 47_50 || got.State != "settled" || got.Left != 0 {
			t.Errorf("settled: %+v", got)
		}
		got = r.shows(id, "2027-12-03", 47_50, 0, "settled", false)
		var booked []string
		for _, e := range got.Entries {
			booked = append(booked, fmt.Sprintf("%s %s→%s %s %s", e.Kind, e.Credit, e.Debit, e.Amount, e.On))
		}
		if want := "claim awarded→owed 1.25万元 2026-11-23; repay owed→returned 5,000元 2026-11-27; interest earned→owed 47.50元 2026-12-03; repay owed→returned 7,547.50元 2026-12-03"; strings.Join(booked, "; ") != want {
			t.Errorf("booked %s\nwant %s", strings.Join(booked, "; "), want)
		}
		_, err = r.StateRepayment(r.one(), id, 1, date("2026-12-03"), "BK3")
		wantSays(t, "after the end", err, fault.Conflict, "已经结清或核销")
		sum, err = r.ReceivedOn(r.sys, treasury.Purpose{Party: r.parties["a"], Scheme: "s1"}, date("2026-11-23"))
		if r.must(err); sum != 100_000_00 {
			t.Errorf("interest is no part of what was received: %s", sum)
		}
		_, err = r.Correct(r.two(), r.entry(treasury.KindPay), "回执有误")
		wantSays(t, "a payment that was claimed back", err, fault.Conflict, "已经追回1.25万元")

		// The firm sees its own, and nobody's name; another firm nothing.
		mine, n, err := r.Receivables(r.firm("a"), treasury.OwedFilter{}, treasury.Page{})
		r.must(err)
		if n != 1 || mine[0].MadeBy != "" || mine[0].Repayments[0].StatedBy != "" || mine[0].MayState || len(mine[0].Entries) != 0 {
			t.Errorf("the firm is shown %+v", mine)
		}
		if _, n, err = r.Receivables(r.firm("b"), treasury.OwedFilter{}, treasury.Page{}); n != 0 || err != nil {
			t.Errorf("another firm is shown %d, %v", n, err)
		}
		_, err = r.ReceivableOf(r.firm("b"), id)
		wantCode(t, "another firm", err, fault.NotFound)
		_, _, err = r.Receivables(r.as("办", account.Grant{Role: account.RoleOfficer}), treasury.OwedFilter{}, treasury.Page{})
		wantCode(t, "an officer", err, fault.Forbidden)
		r.sound()
	})
}

// Due on 2026-12-23: that day is in time, the next is late. The firm is told a week before and the day after, finance when it is late, nobody twice.
// The overdue stand first.
//
// Mutations that turn this red: call it late on its day; remind eight days before; leave reminded out of the UPDATE; let finance write off; order by id.
func TestRemindersAndWriteOff(t *testing.T) {
	each(t, func(r *room) {
		r.staff()
		id := r.owes()
		none := r.claim(0, treasury.Terms{Cite: "某办法"}) // the rest, with no day to pay it
		r.notes()
		tick := func(day, want string) {
			t.Helper()
			r.day = date(day).Time().Add(4 * time.Hour)
			r.must(r.Remind(r.sys))
			r.must(r.Remind(r.sys))
			if got := toldOf(r.notes()); got != want {
				t.Errorf("on %s: %s, want %s", day, got, want)
			}
		}
		tick("2026-12-15", "")
		tick("2026-12-16", "firm a treasury.owed_soon")
		tick("2026-12-23", "")
		r.shows(id, "2026-12-23", 187_50, 12_687_50, "open", false) // 30 days
		if list, n, err := r.Receivables(r.one(), treasury.OwedFilter{Late: true}, treasury.Page{}); n != 0 || err != nil {
			t.Errorf("late on its day: %+v %v", list, err)
		}
		tick("2026-12-24", "firm a treasury.owed_late, 财一 treasury.owed_late, 财二 treasury.owed_late")
		r.shows(id, "2026-12-24", 193_75, 12_693_75, "open", true)
		list, n, err := r.Receivables(r.one(), treasury.OwedFilter{}, treasury.Page{Number: 1, Size: 1})
		if r.must(err); n != 2 || list[0].ID != id {
			t.Errorf("the overdue stand first: %d %+v", n, list)
		}
		list, _, err = r.Receivables(r.one(), treasury.OwedFilter{}, treasury.Page{Number: 2, Size: 1})
		if r.must(err); list[0].ID != none || list[0].Principal != 100_000_00 || list[0].Late {
			t.Errorf("the second page: %+v", list)
		}
		_, err = r.WriteOff(r.one(), id, "企业已注销")
		wantSays(t, "finance", err, fault.Forbidden, "领导")
		_, err = r.WriteOff(r.as("别局领导", account.Grant{Role: account.RoleLeader, Department: "商务局"}), id, "企业已注销")
		wantCode(t, "another department's leader", err, fault.NotFound)
		_, err = r.WriteOff(r.leader(), id, " ")
		wantCode(t, "without a reason", err, fault.Invalid)
		got, err := r.WriteOff(r.leader(), id, "企业已注销，无财产可供执行")
		r.must(err)
		if got.State != "written_off" || got.Left != 0 || !strings.Contains(got.Reason, "无财产") {
			t.Errorf("written off: %+v", got)
		}
		_, err = r.WriteOff(r.leader(), id, "再核销一次")
		wantCode(t, "twice", err, fault.Conflict)
		tick("2027-12-24", "")
		r.sound()
	})
}

// Of many who claim the whole of a case at once one succeeds; of many who confirm one repayment too.
//
// Mutations that turn this red: do not lock the awards in Claim; leave `state = 'stated'` out of DecideRepayment together with the version in booksBack.
func TestManyClaimAndConfirmAtOnce(t *testing.T) {
	each(t, func(r *room) {
		r.owes()
		count := func(what string, want int, fn func(n int) error) {
			t.Helper()
			var group sync.WaitGroup
			errs := make([]error, 8)
			for n := range errs {
				group.Go(func() { errs[n] = fn(n) })
			}
			group.Wait()
			done := 0
			for _, err := range errs {
				if err == nil {
					done++
				} else if fault.CodeOf(err) != fault.Conflict {
					t.Errorf("%s: %v", what, err)
				}
			}
			if done != want {
				t.Errorf("%s: %d succeed, want %d", what, done, want)
			}
		}
		count("claims", 1, func(int) error {
			_, err := r.Claim(r.sys, "case-1", 100_000_00, treasury.Terms{Cite: "某办法"}, "撤销决定")
			return err
		})
		list, _, err := r.Receivables(r.one(), treasury.OwedFilter{}, treasury.Page{})
		r.must(err)
		id := list[1].ID // no day is set
		got, err := r.StateRepayment(r.one(), id, 60_000_00, date("2026-11-23"), "BK9")
		r.must(err)
		count("confirmations", 1, func(n int) error {
			_, err := r.DecideRepayment(r.finance(fmt.Sprint("财", n)), id, got.Repayments[0].ID, true)
			return err
		})
		got, err = r.ReceivableOf(r.one(), id)
		if r.must(err); got.Repaid != 60_000_00 || got.Left != 40_000_00 {
			t.Errorf("confirmed once: %+v", got)
		}
		r.sound()
	})
}
