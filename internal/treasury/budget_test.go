package treasury_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// Mutations: leave `committed + ? <= total + ?` out of moveTotals → lowering below what is committed is an error of the database, red;
// leave the version out of nextVersion → the second click counts, red; take the round's budgets although the scheme has its own → red.
func TestBudgets(t *testing.T) {
	each(t, func(r *room) {
		any := r.budget("r1", "", "本级财政", 2, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(600))}))

		_, err := r.CreateBudget(r.one(), treasury.BudgetDraft{Round: "r1", Source: "本级财政", Total: yuan(1)})
		wantSays(r.t, "the same budget again", err, fault.Conflict, "调增")
		for what, d := range map[string]treasury.BudgetDraft{
			"no source":       {Round: "r1", Total: yuan(1)},
			"no money":        {Round: "r1", Source: "x", Total: 0},
			"negative":        {Round: "r1", Source: "x", Total: -1},
			"absurd":          {Round: "r1", Source: "x", Total: policy.Fen(1 << 62)},
			"no such round":   {Round: "x1", Source: "x", Total: 1},
			"no such scheme":  {Round: "r1", Scheme: "s9", Source: "x", Total: 1},
			"no round":        {Source: "x", Total: 1},
			"a place too far": {Round: "r1", Source: "x", Total: 1, Place: 1000},
		} {
			_, err := r.CreateBudget(r.one(), d)
			wantCode(r.t, what, err, fault.Invalid)
		}

		raised, err := r.Raise(r.one(), any.ID, 1, yuan(500), "追加预算")
		r.must(err)
		if raised.Total != yuan(1500) || raised.Left != yuan(900) || raised.Version != 2 {
			r.t.Errorf("raised: %+v", raised)
		}
		_, err = r.Raise(r.one(), any.ID, 1, yuan(500), "追加预算")
		wantCode(r.t, "the same click again", err, fault.Conflict)
		_, err = r.Lower(r.one(), any.ID, 2, yuan(901), "收回")
		wantSays(r.t, "below what is committed", err, fault.Conflict, "900元")
		lowered, err := r.Lower(r.one(), any.ID, 2, yuan(900), "收回")
		r.must(err)
		if lowered.Total != yuan(600) || lowered.Left != 0 {
			r.t.Errorf("lowered: %+v", lowered)
		}
		_, err = r.Lower(r.one(), any.ID, 3, yuan(1), "")
		wantCode(r.t, "without a reason", err, fault.Invalid)
		_, err = r.Raise(r.one(), "nothing", 1, yuan(1), "追加")
		wantCode(r.t, "what is not there", err, fault.NotFound)

		detail := r.budgetNow(any.ID)
		want := map[treasury.Account]policy.Fen{treasury.Appropriated: -yuan(600), treasury.Available: 0, treasury.Committed: yuan(600), treasury.Payable: 0, treasury.PaidOut: 0}
		for _, b := range detail.Balances {
			if want[b.Account] != b.Amount {
				r.t.Errorf("balance of %s is %d", b.Account, b.Amount)
			}
		}
		r.sound()
	})
}

// A round of s1 and s2 is the economy bureau's, with a budget for s2 and one for any scheme; another of s1 is the science bureau's; one of s4 is
// the science bureau's too. Who runs a round of s1 sees what is set aside for s1, in both rounds; nothing of s2 alone, nothing of s4, no list.
// Mutations: leave the town out (a grant of any town runs rounds); take any officer for one who runs a round; give every budget of a round → red.
func TestWhoRunsARoundSeesWhatIsSetAside(t *testing.T) {
	each(t, func(r *room) {
		runs := map[string]treasury.Round{
			"r1": {Number: "批次一", Department: "经信局", Schemes: map[string]string{"s1": "条款一", "s2": "条款二"}},
			"r2": {Number: "批次二", Department: "科技局", Schemes: map[string]string{"s1": "条款一"}},
			"r3": {Number: "批次三", Department: "科技局", Schemes: map[string]string{"s4": "条款四"}},
		}
		r.UseRounds(func(context.Context, []string) (map[string]treasury.Round, error) { return runs, nil })
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.budget("r1", "s2", "专款", 1, yuan(70))
		r.budget("r2", "s1", "上级财政", 1, yuan(500))
		r.budget("r3", "", "科技专款", 1, yuan(30))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(600))}))

		officer := func(department, town string) account.Grant {
			return account.Grant{Role: account.RoleOfficer, Department: department, Town: town}
		}
		for _, c := range []struct {
			name   string
			grants []account.Grant
			scheme string
			want   string // source, total and what is left, in yuan; empty: forbidden
		}{
			{"who runs a round", []account.Grant{officer("经信局", "")}, "s1", "上级财政 500 500; 本级财政 1000 400"},
			{"who runs the other", []account.Grant{officer("科技局", "")}, "s1", "上级财政 500 500; 本级财政 1000 400"},
			{"who runs every round", []account.Grant{officer("", "")}, "s2", "本级财政 1000 400; 专款 70 70"},
			{"who runs every round, of a scheme that has none", []account.Grant{officer("", "")}, "s3", "none"},
			{"who runs none of the scheme's", []account.Grant{officer("科技局", "")}, "s2", ""},
			{"of a scheme of another department", []account.Grant{officer("经信局", "")}, "s4", ""},
			{"of a town", []account.Grant{officer("经信局", "甲镇")}, "s1", ""},
			{"of a town, every department", []account.Grant{officer("", "甲镇")}, "s1", ""},
			{"of another department", []account.Grant{officer("文旅局", "")}, "s1", ""},
			{"a leader", []account.Grant{{Role: account.RoleLeader}}, "s4", "科技专款 30 30"},
			{"a leader of a town, who runs a round as well", []account.Grant{{Role: account.RoleLeader, Town: "甲镇"}, officer("经信局", "")}, "s1",
				"上级财政 500 500; 本级财政 1000 400"},
			{"an administrator", []account.Grant{{Role: account.RoleAdministrator}}, "s1", ""},
			{"a firm", []account.Grant{{Role: account.RoleFirm, Party: r.parties["a"]}}, "s1", ""},
			{"the public", nil, "s1", ""},
		} {
			list, err := r.SetAside(r.as("x", c.grants...), []string{c.scheme})
			if c.want == "" {
				wantCode(r.t, c.name, err, fault.Forbidden)
				continue
			}
			r.must(err)
			got := []string{}
			for _, b := range list {
				got = append(got, fmt.Sprintf("%s %d %d", b.Source, b.Total/100, b.Left/100))
			}
			if s := cmp.Or(strings.Join(got, "; "), "none"); s != c.want {
				r.t.Errorf("%s: %s, want %s", c.name, s, c.want)
			}
		}
		_, _, err := r.Budgets(r.as("x", officer("经信局", "")), treasury.BudgetFilter{}, treasury.Page{Number: 1, Size: 20})
		wantCode(r.t, "the list of all", err, fault.Forbidden)
	})
}

// Which budget an award takes: its scheme's, else the round's; the first source to its end, then the next.
// Budgets: s1 has 100 and 50 of its own; the round has 30 (place 1) and 1000 (place 2) for any scheme.
// Mutations: use sources in any order; do not split; let a scheme whose own budgets are empty go on with the round's → red.
func TestWhichBudget(t *testing.T) {
	each(t, func(r *room) {
		second := r.budget("r1", "s1", "本级财政", 2, yuan(50))
		first := r.budget("r1", "s1", "上级资金", 1, yuan(100))
		roundB := r.budget("r1", "", "本级财政", 2, yuan(1000))
		roundA := r.budget("r1", "", "上级资金", 1, yuan(30))
		r.budget("r2", "", "本级财政", 1, yuan(1_000_000)) // another round's money is nobody's here

		s2 := r.award(3, "b", yuan(40))
		s2.Scheme = "s2"
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(80)), r.award(2, "b", yuan(60)), s2}))
		for n, want := range map[int][]treasury.Share{
			1: {{Budget: first.ID, Source: "上级资金", Amount: yuan(80)}},
			2: {{Budget: first.ID, Source: "上级资金", Amount: yuan(20)}, {Budget: second.ID, Source: "本级财政", Amount: yuan(40)}},
			3: {{Budget: roundA.ID, Source: "上级资金", Amount: yuan(30)}, {Budget: roundB.ID, Source: "本级财政", Amount: yuan(10)}},
		} {
			got := r.awardOf(n).Shares
			if len(got) != len(want) {
				r.t.Errorf("case %d: %+v", n, got)
				continue
			}
			for i := range want {
				if got[i] != want[i] {
					r.t.Errorf("case %d: share %d is %+v, want %+v", n, i, got[i], want[i])
				}
			}
		}
		// 10 are left of the scheme's own money; the 990 of the round are not for it.
		err := r.Commit(r.sys, []treasury.Award{r.award(4, "a", yuan(6)), r.award(5, "c", yuan(7))})
		wantSays(r.t, "too much", err, fault.Conflict, "上级资金", "本级财政", "可用10元", "需要13元", "还差3元")
		other := r.award(6, "a", yuan(1))
		other.Round = "r3"
		wantSays(r.t, "a round without money", r.Commit(r.sys, []treasury.Award{other}), fault.Conflict, "还没有可用的预算")
		if r.count(`SELECT COUNT(*) FROM awards`) != 3 {
			r.t.Error("something of a refused decision was kept")
		}
		wantSays(r.t, "covers too much", r.Covers(r.sys, "r1", asked("s1", yuan(11), "s2", yuan(1))), fault.Conflict, "还差1元")
		r.must(r.Covers(r.sys, "r1", asked("s1", yuan(10), "s2", yuan(900), "s3", yuan(90))))
		wantSays(r.t, "two schemes that share the round's money", r.Covers(r.sys, "r1", asked("s2", yuan(900), "s3", yuan(91))), fault.Conflict, "需要991元", "还差1元")
		r.sound()
	})
}

// Many decide at once. 32 decisions of 10 against two sources of 100 and 55: 15 fit (10 of the one, 5 of the other and 5 left over), 17 are
// told that they do not, by how much, and leave nothing behind. The guard alone is tried below.
// Mutation: do not lock the budgets → on PostgreSQL some are told that nothing is left while there is, red.
func TestManyDecideAtOnce(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "上级资金", 1, yuan(100))
		r.budget("r1", "", "本级财政", 2, yuan(55))
		errs := make([]error, 32)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() { errs[n] = r.Commit(r.sys, []treasury.Award{r.award(n, "a", yuan(10))}) })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			wantSays(r.t, "a loser", err, fault.Conflict, "预算不足", "可用5元", "还差5元")
		}
		if won != 15 || r.count(`SELECT COUNT(*) FROM awards`) != 15 {
			r.t.Errorf("%d won, %d awards", won, r.count(`SELECT COUNT(*) FROM awards`))
		}
		r.sound()
	})
}

// The guard itself: 32 movements at once against one budget of 100, past everything that looks before it leaps.
// Mutation: leave `committed + ? <= total + ?` out of moveTotals → red (the table's CHECK refuses it as an inner error, which is no Conflict).
func TestTheGuardAlone(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(100))
		errs := make([]error, 32)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() {
				errs[n] = store.Write(r.sys, func(ctx context.Context) error { return treasury.Promise(ctx, b.ID, yuan(7)) })
			})
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			wantSays(r.t, "a loser", err, fault.Conflict, "预算不足", "可用2元", "还差5元")
		}
		if got := r.budgetNow(b.ID); won != 14 || got.Committed != yuan(98) || got.Left != yuan(2) {
			r.t.Errorf("%d won: %+v", won, got)
		}
	})
}

// Two at once for one case: one award. Mutation: leave out the lock and the unique index → two.
func TestTheSameDecisionAtOnce(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(100))
		errs := make([]error, 16)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() { errs[n] = r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(10))}) })
		}
		group.Wait()
		for _, err := range errs {
			r.must(err)
		}
		if got := r.budgetNow(b.ID); got.Committed != yuan(10) || r.count(`SELECT COUNT(*) FROM awards`) != 1 {
			r.t.Errorf("%+v", got)
		}
		r.sound()
	})
}

// Mutations: compare only the case in notYet; leave the state out of endAward; let whoever speaks for the party decide → red.
func TestCommitAndRelease(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(100))
		one := r.award(1, "a", yuan(40))
		r.must(r.Commit(r.sys, []treasury.Award{one}))
		r.must(r.Commit(r.sys, []treasury.Award{one, r.award(2, "b", yuan(20))})) // the first is left alone
		other := one
		other.Amount = yuan(41)
		wantSays(r.t, "another sum for a case", r.Commit(r.sys, []treasury.Award{other}), fault.Conflict, "A001", "40元")
		wantCode(r.t, "one's own award", r.Commit(r.as("both", account.Grant{Role: account.RoleLeader}, account.Grant{Role: account.RoleFirm, Party: r.parties["c"]}),
			[]treasury.Award{r.award(9, "c", yuan(1))}), fault.Forbidden)
		for what, bad := range map[string]treasury.Award{"nothing": {}, "no money": r.award(8, "a", 0), "no party": {Case: "x", Round: "r1", Scheme: "s1", Amount: 1}} {
			wantCode(r.t, what, r.Commit(r.sys, []treasury.Award{bad}), fault.Internal)
		}
		wantCode(r.t, "one case twice", r.Commit(r.sys, []treasury.Award{r.award(8, "a", 1), r.award(8, "a", 1)}), fault.Internal)
		if got := r.budgetNow(b.ID); got.Committed != yuan(60) {
			r.t.Errorf("%+v", got)
		}
		if n := r.outstanding("r1"); n != 2 {
			r.t.Errorf("outstanding %d", n)
		}

		r.must(r.Release(r.sys, one.Case, "企业撤回申请"))
		r.must(r.Release(r.sys, one.Case, "企业撤回申请")) // nothing is promised any more
		r.must(r.Release(r.sys, "no such case", "企业撤回申请"))
		wantCode(r.t, "without a reason", r.Release(r.sys, one.Case, " "), fault.Invalid)
		if got := r.budgetNow(b.ID); got.Committed != yuan(20) || r.awardOf(1).State != treasury.AwardReleased || r.awardOf(1).Reason != "企业撤回申请" {
			r.t.Errorf("%+v %+v", got, r.awardOf(1))
		}
		r.must(r.Commit(r.sys, []treasury.Award{other})) // decided anew
		if n := r.outstanding("r1"); n != 2 {
			r.t.Errorf("outstanding %d", n)
		}

		// What is promised lives and dies with the transaction that it is part of.
		undo := errors.New("undo")
		err := store.Write(r.sys, func(ctx context.Context) error {
			if err := r.Commit(ctx, []treasury.Award{r.award(7, "c", yuan(5))}); err != nil {
				return err
			}
			return undo
		})
		if err != undo || r.count(`SELECT COUNT(*) FROM awards WHERE case_id = 'case-7'`) != 0 {
			r.t.Errorf("%v", err)
		}
		r.sound()
	})
}

// Mutations: leave the hook out of GiveUp; let a batch's award go → red.
func TestGiveUp(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(100))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(40)), r.award(2, "b", yuan(20))}))
		r.ready("a", "0001")
		r.ready("b", "0002")
		batch := r.sent()
		lines := r.lines(batch.ID)
		_, err := r.GiveUp(r.one(), lines[0].Award, "企业注销")
		wantSays(r.t, "while the bank has it", err, fault.Conflict, "付款批次")
		wantCode(r.t, "releasing it", r.Release(r.sys, "case-1", "企业注销"), fault.Conflict)
		r.apply(batch.ID, failed(lines[0], "账户不存在"), paid(lines[1], "S1"))
		r.refuse = errors.New("casework refuses")
		if _, err := r.GiveUp(r.one(), lines[0].Award, "企业注销"); !errors.Is(err, r.refuse) || r.awardOf(1).State != treasury.AwardCommitted {
			r.t.Errorf("a hook that fails undoes nothing: %v", err)
		}
		r.refuse, r.givenUp = nil, nil
		got, err := r.GiveUp(r.one(), lines[0].Award, "企业注销")
		r.must(err)
		if got.State != treasury.AwardReleased || len(r.givenUp) != 1 || r.givenUp[0].Case != "case-1" || r.budgetNow(b.ID).Committed != yuan(20) {
			r.t.Errorf("%+v, told %+v", got, r.givenUp)
		}
		_, err = r.GiveUp(r.one(), lines[0].Award, "企业注销")
		wantCode(r.t, "twice", err, fault.Conflict)
		_, err = r.GiveUp(r.one(), lines[1].Award, "企业注销")
		wantSays(r.t, "what is paid", err, fault.Conflict, "已经支付")
		if n := r.outstanding("r1"); n != 0 {
			r.t.Errorf("outstanding %d", n)
		}
		r.sound()
	})
}

// asked are awards by scheme and sum: "s1", 10, "s2", 20.
func asked(list ...any) (out []treasury.Award) {
	for i := 0; i+1 < len(list); i += 2 {
		out = append(out, treasury.Award{Scheme: list[i].(string), Amount: list[i+1].(policy.Fen)})
	}
	return out
}
