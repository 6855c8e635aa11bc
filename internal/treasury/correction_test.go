package treasury_test

import (
	"errors"
	"sync"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/treasury"
)

// A correction is a new entry that names the old one, by somebody else; what rested on the entry goes back with it.
// Mutations: let who posted it correct it; correct twice (no unique index, no check); forget OnReversed; leave the award paid → red.
func TestCorrectingAPayment(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200))}))
		r.ready("a", "0001")
		r.ready("b", "0002")
		batch := r.sent()
		lines := r.lines(batch.ID)
		r.apply(batch.ID, paid(lines[0], "S1"), failed(lines[1], "户名不符")) // the bank had them the wrong way round
		pay, fail := r.entry(treasury.KindPay), r.entry(treasury.KindFail)
		entries := r.count(`SELECT COUNT(*) FROM ledger_entries`)

		_, err := r.Correct(r.one(), pay, "银行更正")
		wantSays(r.t, "by who posted it", err, fault.Forbidden, "入账人")
		_, err = r.Correct(r.two(), pay, "")
		wantCode(r.t, "without a reason", err, fault.Invalid)
		_, err = r.Correct(r.two(), "nothing", "银行更正")
		wantCode(r.t, "what is not there", err, fault.NotFound)
		r.refuse = errors.New("casework refuses")
		if _, err := r.Correct(r.two(), pay, "银行更正"); !errors.Is(err, r.refuse) || r.awardOf(1).State != treasury.AwardPaid {
			r.t.Errorf("a hook that fails undoes nothing: %v", err)
		}
		r.refuse, r.back = nil, nil
		got, err := r.Correct(r.two(), pay, "银行更正")
		r.must(err)
		if got.Kind != treasury.KindCorrect || got.Corrects != pay || got.Reason != "银行更正" || len(got.Lines) != 2 {
			r.t.Errorf("%+v", got)
		}
		for _, l := range got.Lines {
			if want := map[treasury.Account]int64{treasury.PaidOut: -100, treasury.Payable: 100}[l.Account]; l.Amount != yuan(want) {
				r.t.Errorf("%+v", l)
			}
		}
		if len(r.back) != 1 || r.back[0].Award.Case != "case-1" || r.back[0].Line != "P2026-0001-00001" {
			r.t.Errorf("told %+v", r.back)
		}
		_, err = r.Correct(r.two(), pay, "银行更正")
		wantCode(r.t, "twice", err, fault.Conflict)
		_, err = r.Correct(r.one(), got.ID, "再更正")
		wantCode(r.t, "a correction", err, fault.Conflict)
		_, err = r.Correct(r.two(), fail, "银行更正")
		r.must(err)
		if r.count(`SELECT COUNT(*) FROM ledger_entries`) != entries+2 || len(r.back) != 1 {
			r.t.Errorf("%d entries", r.count(`SELECT COUNT(*) FROM ledger_entries`))
		}
		if now := r.budgetNow(b.ID); now.Paid != 0 || now.Committed != yuan(300) {
			r.t.Errorf("%+v", now)
		}
		now, err := r.BatchOf(r.sys, batch.ID)
		r.must(err)
		if now.State != treasury.BatchSent || r.lines(batch.ID)[0].Serial != "" {
			r.t.Errorf("%+v", now)
		}
		r.sound()
		// The right result is booked as any other.
		r.apply(batch.ID, failed(lines[0], "户名不符"), paid(lines[1], "S2"))
		if r.awardOf(1).State != treasury.AwardCommitted || r.awardOf(2).State != treasury.AwardPaid || r.budgetNow(b.ID).Paid != yuan(200) {
			r.t.Errorf("%+v %+v", r.awardOf(1), r.awardOf(2))
		}
		r.sound()

		// A failure whose award has gone on is not corrected any more.
		fail = r.entry(treasury.KindFail)
		live, err := r.BankAccountOf(r.sys, r.parties["a"])
		r.must(err)
		_, err = r.ConfirmBankAccount(r.two(), live.ID, "已核对")
		r.must(err)
		later := r.prepared()
		_, err = r.Correct(r.two(), fail, "银行更正")
		wantCode(r.t, "a failure that is being retried", err, fault.Conflict)
		_, err = r.Cancel(r.one(), later.ID, "不付了")
		r.must(err)
		_, err = r.GiveUp(r.two(), r.awardOf(1).ID, "企业注销")
		r.must(err)
		_, err = r.Correct(r.two(), fail, "银行更正")
		wantCode(r.t, "a failure that was given up", err, fault.Conflict)
		r.sound()
	})
}

// A booking is taken back once, however many try at once: they may all have read it before the first is done.
// Mutation: leave out both the check in mayCorrect and the unique index on corrects → red.
func TestCorrectingABudget(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(1000))
		first := r.entry(treasury.KindAppropriate)
		_, err := r.Raise(r.one(), b.ID, 1, yuan(500), "误录")
		r.must(err)
		raise := r.entry(treasury.KindAppropriate)
		_, err = r.Lower(r.one(), b.ID, 2, yuan(200), "误录")
		r.must(err)
		lower := r.entry(treasury.KindReduce)
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(1100))}))
		_, err = r.Correct(r.two(), raise, "录错了")
		wantSays(r.t, "what is promised already", err, fault.Conflict, "最多只能调减200元")
		errs := make([]error, 8)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() { _, errs[n] = r.Correct(r.two(), lower, "录错了") })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				wantSays(r.t, "a loser", err, fault.Conflict, "已经更正过")
			}
		}
		_, err = r.Correct(r.two(), lower, "录错了")
		wantCode(r.t, "later", err, fault.Conflict)
		if won != 1 {
			r.t.Errorf("corrected %d times", won)
		}
		_, err = r.Correct(r.two(), first, "录错了")
		wantCode(r.t, "what is promised already", err, fault.Conflict)
		if now := r.budgetNow(b.ID); now.Total != yuan(1500) {
			r.t.Errorf("%+v", now)
		}
		commit := r.entry(treasury.KindCommit)
		_, err = r.Correct(r.two(), commit, "录错了")
		wantSays(r.t, "a promise", err, fault.Conflict, "解除")
		r.sound()
	})
}
