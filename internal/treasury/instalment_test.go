package treasury_test

import (
	"cmp"
	"fmt"
	"sync"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// parted is a case paid in instalments: what each waits for and its sum.
func (r *room) parted(n int, party string, parts ...any) (out []treasury.Award) {
	for i := 0; i+1 < len(parts); i += 2 {
		a := r.award(n, party, parts[i+1].(policy.Fen))
		a.Part, a.Milestone = i/2, parts[i].(string)
		out = append(out, a)
	}
	return out
}

// pay prepares, approves, sends and books as paid what can be gathered of round r1; want is its total.
func (r *room) pay(want policy.Fen, serial string) treasury.Batch {
	r.t.Helper()
	b, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")})
	r.must(err)
	if b.Total != want {
		r.t.Fatalf("the batch comes to %s, want %s", b.Total, want)
	}
	b, err = r.Approve(r.two(), b.ID, b.Version)
	r.must(err)
	b, err = r.Send(r.one(), b.ID)
	r.must(err)
	lines, _, err := r.BatchLines(r.sys, b.ID, treasury.LineFilter{}, treasury.Page{Size: 50})
	r.must(err)
	var rows [][]any
	for i, l := range lines {
		row := paid(l, fmt.Sprint(serial, "N", i))
		row[5] = r.day.Format("2006-01-02")
		rows = append(rows, row)
	}
	r.apply(b.ID, rows...)
	return b
}

// An award in three instalments of 300, 400 and 300 yuan: one batch takes only what is due, each is confirmed once, and none is paid twice.
//
// Mutations that turn this red: leave dueNow out of freeAwards; leave the condition on due out of Reached; leave the part out of awards_of_case; count a
// part that is released in SumsOf.
func TestInstalments(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.ready("a", "0001")
		list := r.parted(1, "a", "开工", yuan(300), "封顶", yuan(400), "竣工", yuan(300))
		list[1].Due = date("2026-11-24") // a day that the file names: tomorrow
		r.must(r.Commit(r.sys, list))
		r.must(r.Commit(r.sys, list)) // clicked twice
		order := treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")}
		_, err := r.Prepare(r.one(), order)
		wantSays(t, "nothing is due", err, fault.Conflict, "没有到期")
		r.must(r.Reached(r.sys, "case-1", "开工", "施工许可证", date("2026-11-23")))
		wantSays(t, "said twice", r.Reached(r.sys, "case-1", "开工", "施工许可证", date("2026-11-23")), fault.Conflict, "已经确认过")
		wantSays(t, "no such", r.Reached(r.sys, "case-1", "投产", "报告", date("2026-11-23")), fault.Conflict, "已经确认过")
		r.pay(yuan(300), "S1")
		sums := func(awarded, paid policy.Fen, open int) {
			t.Helper()
			s, err := r.SumsOf(r.sys, "case-1")
			r.must(err)
			if s != (treasury.Sums{Awarded: awarded, Paid: paid, Open: open}) {
				t.Errorf("%+v, want %s %s %d", s, awarded, paid, open)
			}
		}
		sums(yuan(1000), yuan(300), 2)
		_, err = r.Prepare(r.one(), order)
		wantSays(t, "tomorrow", err, fault.Conflict, "没有到期")
		wantSays(t, "what is paid is not given back", r.Release(r.sys, "case-1", "撤回"), fault.Conflict, "已经支付")
		r.day = r.day.AddDate(0, 0, 1)
		r.pay(yuan(400), "S2")
		sums(yuan(1000), yuan(700), 1)
		// Finance gives up the last: what is paid stays, the promise is given back.
		parts, err := r.InstalmentsOf(r.sys, "case-1")
		r.must(err)
		if len(parts) != 3 || parts[2].Milestone != "竣工" || parts[2].Held != "等待“竣工”" {
			t.Fatalf("%+v", parts)
		}
		_, err = r.GiveUp(r.one(), parts[2].ID, "没有竣工")
		r.must(err)
		sums(yuan(700), yuan(700), 0)
		r.sound()
	})
}

// X02: 45 apprentices, 5,000 yuan a year, half of one year in advance: 112,500. In the end 33 × 5,000 × 2 = 330,000, and 217,500 are to come; or
// 10 × 5,000 × 2 = 100,000, and 12,500 were advanced too much. At most 450,000 were promised.
//
// Mutations that turn this red: take the whole sum for the last instalment in Settle; do not release what was promised beyond it; settle while
// the advance is to be paid.
func TestAnAdvanceIsSettled(t *testing.T) {
	for _, c := range []struct{ final, rest, over, committed policy.Fen }{
		{330_000_00, 217_500_00, 0, 330_000_00},
		{100_000_00, 0, 12_500_00, 112_500_00},
		{460_000_00, 347_500_00, 0, 460_000_00}, // more than was promised: from what is left of the budget
	} {
		each(t, func(r *room) {
			b := r.budget("r1", "", "本级财政", 1, 500_000_00)
			r.ready("a", "0001")
			r.must(r.Commit(r.sys, r.parted(1, "a", "开班", policy.Fen(112_500_00), "结业", policy.Fen(337_500_00))))
			none := func(policy.Fen) []policy.FundShare { return nil }
			_, err := r.Settle(r.sys, "case-1", c.final, "结业", none)
			wantSays(t, "before it is advanced", err, fault.Conflict, "还没有付讫")
			r.must(r.Reached(r.sys, "case-1", "开班", "开班名单", date("2026-11-23")))
			r.pay(112_500_00, "S1")
			over, err := r.Settle(r.sys, "case-1", c.final, "结业", none)
			r.must(err)
			if over != c.over {
				t.Errorf("%s: %s too much, want %s", c.final, over, c.over)
			}
			got, err := r.Budget(r.sys, b.ID)
			r.must(err)
			if got.Committed != c.committed {
				t.Errorf("%s: %s are committed, want %s", c.final, got.Committed, c.committed)
			}
			if c.rest > 0 {
				r.must(r.Reached(r.sys, "case-1", "结业", "证书名单", date("2026-11-23")))
				r.pay(c.rest, "S2")
				_, err = r.Settle(r.sys, "case-1", c.final-1, "再来一次", none)
				wantSays(t, "what is paid", err, fault.Conflict, "已经支付")
			}
			r.sound()
		})
	}
	each(t, func(r *room) { // more than the budget has: nothing is changed
		r.budget("r1", "", "本级财政", 1, 450_000_00)
		r.ready("a", "0001")
		r.must(r.Commit(r.sys, r.parted(1, "a", "开班", policy.Fen(112_500_00), "结业", policy.Fen(337_500_00))))
		r.must(r.Reached(r.sys, "case-1", "开班", "开班名单", date("2026-11-23")))
		r.pay(112_500_00, "S1")
		_, err := r.Settle(r.sys, "case-1", 450_000_01, "结业", func(policy.Fen) []policy.FundShare { return nil })
		wantSays(t, "beyond the budget", err, fault.Conflict, "还差0.01元")
		if s, err := r.SumsOf(r.sys, "case-1"); err != nil || s.Awarded != 450_000_00 || s.Open != 1 {
			t.Errorf("%+v %v", s, err)
		}
		r.sound()
	})
}

// What two sources bear of 0.03 yuan, split in 0.01 and 0.02, and of 16,000 yuan, half each; what one of them lacks refuses the whole.
//
// Mutations that turn this red: draw a source's part from any budget; leave what is missing after drawing unsaid.
func TestSourcesShareAnAward(t *testing.T) {
	each(t, func(r *room) {
		city, town := r.budget("r1", "", "市级", 1, 8_001_01), r.budget("r1", "", "镇级", 2, 8_001_02)
		of := func(n int, a, b policy.Fen) treasury.Award {
			x := r.award(n, "a", a+b)
			x.Funds = []policy.FundShare{{Fund: "市级", Amount: a}, {Fund: "镇级", Amount: b}}
			return x
		}
		r.must(r.Commit(r.sys, []treasury.Award{of(1, 8_000_00, 8_000_00), of(2, 1, 2)}))
		left := func(a, b policy.Fen) {
			t.Helper()
			for id, want := range map[string]policy.Fen{city.ID: a, town.ID: b} {
				if got, err := r.Budget(r.sys, id); err != nil || got.Left != want {
					t.Errorf("%s has %s left, want %s (%v)", got.Source, got.Left, want, err)
				}
			}
		}
		left(1_00, 1_00)
		wantSays(t, "one falls short", r.Commit(r.sys, []treasury.Award{of(3, 1_00, 1_01)}), fault.Conflict, "镇级", "还差0.01元")
		left(1_00, 1_00)
		missing := r.award(4, "a", 2)
		missing.Funds = []policy.FundShare{{Fund: "省级", Amount: 2}}
		wantSays(t, "no such source", r.Commit(r.sys, []treasury.Award{missing}), fault.Conflict, "省级")
		wantSays(t, "one of a source and one of any", r.Commit(r.sys, []treasury.Award{of(5, 1_00, 1_00), r.award(6, "a", 1)}), fault.Conflict, "还差0.01元")
		r.must(r.Commit(r.sys, []treasury.Award{of(5, 1_00, 1_00)}))
		left(0, 0)
		r.ready("a", "0001")
		r.pay(16_000_00+3+2_00, "S")
		for id, want := range map[string]policy.Fen{city.ID: 8_001_01, town.ID: 8_001_02} {
			if got, err := r.Budget(r.sys, id); err != nil || got.Paid != want {
				t.Errorf("%s paid %s, want %s (%v)", got.Source, got.Paid, want, err)
			}
		}
		r.sound()
	})
}

// The payee is who is paid, asked for an account, and nobody who speaks for it handles the payment.
func TestAnotherIsPaid(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(20_000))
		x := r.award(1, "a", yuan(10_000))
		x.Payee, x.PayeeName = r.parties["b"], "b电器有限公司"
		wantSays(t, "who speaks for the payee", r.Commit(r.firm("b"), []treasury.Award{x}), fault.Forbidden, "不能经办")
		r.must(r.Commit(r.sys, []treasury.Award{x}))
		for name, want := range map[string]int{"a": 1, "b": 1, "c": 0} {
			if _, n, err := r.Awards(r.firm(name), treasury.AwardFilter{}, treasury.Page{}); err != nil || n != want {
				t.Errorf("firm %s sees %d awards, want %d (%v)", name, n, want, err)
			}
		}
		r.ready("a", "0001") // the applicant's account does not help
		b, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")})
		r.must(err)
		lines, _, err := r.BatchLines(r.sys, b.ID, treasury.LineFilter{}, treasury.Page{})
		r.must(err)
		if lines[0].Party != r.parties["b"] || lines[0].PartyName != "b电器有限公司" {
			t.Errorf("%+v", lines[0])
		}
		_, err = r.Cancel(r.one(), b.ID, "再编制")
		r.must(err)
		r.ready("b", "0002")
		r.pay(yuan(10_000), "S")
		if got, err := r.ReceivedOn(r.sys, treasury.Purpose{Party: r.parties["a"], Scheme: "s1"}, cmp.Or(r.told[0].On)); err != nil || got != yuan(10_000) {
			t.Errorf("the applicant received %s (%v)", got, err)
		}
		r.sound()
	})
}

// Many confirm one milestone and many gather what it makes due: it is confirmed once, stands in one batch and is paid once.
//
// Mutations that turn this red: leave the condition on due out of Reached; leave the condition on the batch out of holdAwards together with payment_lines_live.
func TestManyConfirmAndGatherAtOnce(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, r.parted(1, "a", "开工", yuan(300), "竣工", yuan(700))))
		var group sync.WaitGroup
		var mu sync.Mutex
		said, gathered := 0, 0
		for range 12 {
			group.Go(func() {
				if err := r.Reached(r.sys, "case-1", "开工", "施工许可证", date("2026-11-23")); err == nil {
					mu.Lock()
					said++
					mu.Unlock()
				}
				if _, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")}); err == nil {
					mu.Lock()
					gathered++
					mu.Unlock()
				}
			})
		}
		group.Wait()
		if said != 1 || gathered != 1 || r.count(`SELECT COUNT(*) FROM payment_lines`) != 1 {
			t.Errorf("confirmed %d times, gathered %d times", said, gathered)
		}
		r.sound()
	})
}
