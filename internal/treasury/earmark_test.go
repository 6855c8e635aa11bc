package treasury_test

import (
	"context"
	"slices"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// earmarked is one award of a's, 10,000 yuan, to be used for training or research alone, that is paid to b.
func (r *room) earmarked() treasury.Earmark {
	r.t.Helper()
	r.budget("r1", "", "本级财政", 1, 200_000_00)
	r.ready("b", "0002")
	r.ready("c", "0003")
	award := r.award(1, "a", 10_000_00)
	award.Payee, award.PayeeName, award.Earmark = r.parties["b"], "b电器有限公司", []string{"技能提升", "技术攻关"}
	r.must(r.Commit(r.sys, []treasury.Award{award, r.award(2, "c", 500_00)}))
	list, n, err := r.Earmarks(r.one(), treasury.EarmarkFilter{}, treasury.Page{})
	r.must(err)
	if n != 1 || list[0].Name != "b电器有限公司" || list[0].Paid != 0 || list[0].Left != 0 {
		r.t.Fatalf("%+v", list)
	}
	return list[0]
}

func use(amount policy.Fen, purpose string) treasury.NewUse {
	return treasury.NewUse{Amount: amount, On: date("2026-11-20"), Purpose: purpose, Spent: "电工高级技师培训费", Paper: "发票 00123456"}
}

func (r *room) officer(name, department, town string) context.Context {
	return r.as(name, account.Grant{Role: account.RoleOfficer, Department: department, Town: town})
}

// Of 10,000 yuan that arrived, by hand: 6,000 told and accepted, 4,000.01 is a fen too much, 4,000 told, returned, told again: nothing is left to
// tell. 2,500 claimed back of the 10,000: 7,500 kept, 6,000 accounted for, and the 4,000 that wait are more than the rest.
//
// Mutations, each tried: count what is committed as paid; leave what waits out of Left; leave receivables out of keptOf; let whoever sees it decide;
// let the applicant tell instead of who is paid; leave the state out of endUse; leave the uses out of the digest → red.
func TestEarmarkedUse(t *testing.T) {
	each(t, func(r *room) {
		r.staff()
		e := r.earmarked()
		_, err := r.StateUse(r.firm("b"), e.ID, use(1, "技能提升"))
		wantSays(t, "before it is paid", err, fault.Invalid, "还有0元没有报告")
		r.pay(10_500_00, "S1")
		r.notes()

		for _, c := range []struct {
			what string
			ctx  context.Context
			want fault.Code
			n    treasury.NewUse
			says string
		}{
			{"the applicant, who is not paid", r.firm("a"), fault.NotFound, use(1, "技能提升"), "专项资金"},
			{"finance", r.one(), fault.Forbidden, use(1, "技能提升"), "收到这笔资金的单位"},
			{"the public", r.bare, fault.NotFound, use(1, "技能提升"), "专项资金"},
			{"another purpose", r.firm("b"), fault.Invalid, use(1, "办公用车"), "用途"},
			{"nothing", r.firm("b"), fault.Invalid, use(0, "技能提升"), "金额"},
			{"a fen more than arrived", r.firm("b"), fault.Invalid, use(10_000_01, "技能提升"), "还有1万元没有报告"},
			{"tomorrow", r.firm("b"), fault.Invalid, treasury.NewUse{Amount: 1, On: date("2026-11-24"), Purpose: "技能提升", Spent: "培训", Paper: "发票"}, "支出日期"},
			{"on nothing", r.firm("b"), fault.Invalid, treasury.NewUse{Amount: 1, On: date("2026-11-20"), Purpose: "技能提升", Spent: " ", Paper: "发票"}, "用在哪里"},
			{"without a paper", r.firm("b"), fault.Invalid, treasury.NewUse{Amount: 1, On: date("2026-11-20"), Purpose: "技能提升", Spent: "培训"}, "凭证"},
		} {
			_, err := r.StateUse(c.ctx, e.ID, c.n)
			wantSays(t, c.what, err, c.want, c.says)
		}
		told, err := r.StateUse(r.firm("b"), e.ID, use(6_000_00, "技能提升"))
		r.must(err)
		if told.Paid != 10_000_00 || told.Stated != 6_000_00 || told.Accepted != 0 || told.Left != 4_000_00 || !told.Uses[0].Mine || told.Uses[0].Open || told.MayDecide {
			t.Fatalf("%+v", told)
		}
		_, err = r.StateUse(r.firm("b"), e.ID, use(4_000_01, "技术攻关"))
		wantSays(t, "a fen more than is left", err, fault.Invalid, "还有4,000元没有报告")

		// Who decides: an officer of the department and the town, who speaks for neither.
		first := told.Uses[0].ID
		for what, ctx := range map[string]context.Context{
			"finance": r.one(), "who told it": r.firm("b"),
			"an officer who speaks for it": r.as("兼", account.Grant{Role: account.RoleOfficer, Department: "经信局"}, account.Grant{Role: account.RoleFirm, Party: r.parties["b"]}),
		} {
			_, err := r.DecideUse(ctx, e.ID, first, true, "")
			wantCode(t, what, err, fault.Forbidden)
		}
		_, err = r.DecideUse(r.officer("别局", "商务局", ""), e.ID, first, true, "")
		wantCode(t, "of another department", err, fault.NotFound)
		officer := r.officer("经办", "经信局", "")
		done, err := r.DecideUse(officer, e.ID, first, true, "")
		r.must(err)
		if done.Accepted != 6_000_00 || done.Stated != 0 || done.Left != 4_000_00 || done.Uses[0].DecidedBy != "经办" {
			t.Fatalf("%+v", done)
		}
		if got := toldOf(r.notes()); got != "firm b treasury.use" {
			t.Errorf("told: %s", got)
		}
		_, err = r.DecideUse(officer, e.ID, first, false, "再看看")
		wantCode(t, "decided twice", err, fault.Conflict)
		_, err = r.WithdrawUse(r.firm("b"), e.ID, first)
		wantCode(t, "withdrawn after", err, fault.Conflict)

		// Returned, it is left again; withdrawn too.
		told, err = r.StateUse(r.firm("b"), e.ID, use(4_000_00, "技术攻关"))
		r.must(err)
		second := told.Uses[1].ID
		_, err = r.DecideUse(officer, e.ID, second, false, " ")
		wantCode(t, "returned without a reason", err, fault.Invalid)
		done, err = r.DecideUse(officer, e.ID, second, false, "发票不是本单位的")
		r.must(err)
		if done.Left != 4_000_00 || done.Uses[1].Reason != "发票不是本单位的" {
			t.Errorf("%+v", done)
		}
		told, err = r.StateUse(r.firm("b"), e.ID, use(4_000_00, "技术攻关"))
		r.must(err)
		if told, err = r.WithdrawUse(r.firm("b"), e.ID, told.Uses[2].ID); err != nil || told.Left != 4_000_00 {
			t.Errorf("%+v, %v", told, err)
		}
		told, err = r.StateUse(r.firm("b"), e.ID, use(4_000_00, "技术攻关"))
		r.must(err)
		if told.Left != 0 || told.MayState {
			t.Errorf("%+v", told)
		}
		// A firm is not told who decided.
		if told.Uses[0].DecidedBy != "" {
			t.Errorf("told to the firm: %+v", told.Uses[0])
		}

		// Claimed back.
		r.claim(2_500_00, treasury.Terms{Cite: "某办法"})
		list, _, err := r.Earmarks(r.as("审计", account.Grant{Role: account.RoleAuditor}), treasury.EarmarkFilter{Left: true}, treasury.Page{})
		r.must(err)
		if len(list) != 1 || list[0].Paid != 7_500_00 || list[0].Accepted != 6_000_00 || list[0].Stated != 4_000_00 || list[0].Left != 0 {
			t.Errorf("%+v", list)
		}
		for what, c := range map[string]struct {
			ctx  context.Context
			f    treasury.EarmarkFilter
			want int
		}{
			"something to decide":       {officer, treasury.EarmarkFilter{Stated: true}, 1},
			"another department":        {r.officer("别局", "商务局", ""), treasury.EarmarkFilter{}, 0},
			"another town":              {r.officer("乙镇人", "经信局", "乙镇"), treasury.EarmarkFilter{}, 0},
			"who is paid":               {r.firm("b"), treasury.EarmarkFilter{Receiver: r.parties["b"]}, 1},
			"the applicant":             {r.firm("a"), treasury.EarmarkFilter{}, 0},
			"another firm's, asked for": {r.firm("c"), treasury.EarmarkFilter{Receiver: r.parties["b"]}, 0},
			"by the case's number":      {officer, treasury.EarmarkFilter{Text: "A001"}, 1},
		} {
			list, n, err := r.Earmarks(c.ctx, c.f, treasury.Page{})
			if err != nil || len(list) != c.want || n != c.want {
				t.Errorf("%s: %d of %d, %v; want %d", what, len(list), n, err, c.want)
			}
		}
		_, _, err = r.Earmarks(r.bare, treasury.EarmarkFilter{}, treasury.Page{})
		wantCode(t, "the public", err, fault.Forbidden)
		if n := r.tamper(`UPDATE earmark_uses SET amount = 100 WHERE state = 'accepted'`); n == 0 {
			t.Error("a use edited behind the log is not found")
		}
	})
}

// Two who tell at once of all that is left: one of them is told that nothing is left, whoever comes second.
func TestUsesTakeTurns(t *testing.T) {
	each(t, func(r *room) {
		e := r.earmarked()
		r.pay(10_500_00, "S1")
		say := func() error { _, err := r.StateUse(r.firm("b"), e.ID, use(10_000_00, "技能提升")); return err }
		errs := storetest.Held(t, r.sys, `UPDATE audit_head SET seq = seq WHERE one = 1 AND '' <> ?`, e.ID, say, say)
		if failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil }); len(failed) != 1 {
			t.Errorf("%v", errs)
		} else {
			wantCode(t, "who came second", failed[0], fault.Invalid)
		}
	})
}
