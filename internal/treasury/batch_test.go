package treasury_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/treasury"
)

// The whole way: gathered, approved by a second person, sent, paid, partly failed, mended, retried. Figures by hand: 100 + 200 + 300.
// Mutations: let who prepared it approve, or their stand-in; forget to hold the account of a failure; let a held account be paid; forget OnPaid; leave
// closeBatch out; take a failed award for paid → red.
func TestFromTheDecisionToTheBankLine(t *testing.T) {
	each(t, func(r *room) {
		r.staff()
		b := r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200)), r.award(3, "c", yuan(300))}))
		r.ready("a", "0001")
		r.ready("b", "0002") // c has no account

		batch := r.prepared()
		if batch.Code != "P2026-0001" || batch.Lines != 3 || batch.Total != yuan(600) || batch.State != treasury.BatchDraft || batch.RoundTitle != "名称r1" {
			r.t.Errorf("%+v", batch)
		}
		if got := r.lines(batch.ID)[2]; got.Why != "没有登记收款账户" || got.PartyName != "c电器有限公司" || got.Code != "P2026-0001-00003" {
			r.t.Errorf("the held line: %+v", got)
		}
		if _, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r1"}); fault.CodeOf(err) != fault.Conflict {
			r.t.Errorf("gathered twice: %v", err)
		}
		_, err := r.Approve(r.one(), batch.ID, batch.Version)
		wantSays(r.t, "by who prepared it", err, fault.Forbidden, "编制人")
		_, err = r.Approve(r.inStead("财二", "财一"), batch.ID, batch.Version)
		wantSays(r.t, "in the stead of who prepared it", err, fault.Forbidden, "编制人")
		_, err = r.Approve(r.inStead("财一", "财二"), batch.ID, batch.Version)
		wantSays(r.t, "by who prepared it, in another's stead", err, fault.Forbidden, "编制人")
		_, err = r.Send(r.two(), batch.ID)
		wantCode(r.t, "sent unapproved", err, fault.Conflict)
		wantCode(r.t, "the file of a draft", r.BankFile(r.two(), batch.ID, &bytes.Buffer{}), fault.Conflict)
		batch, err = r.Approve(r.two(), batch.ID, batch.Version)
		r.must(err)
		_, err = r.Approve(r.two(), batch.ID, batch.Version)
		wantCode(r.t, "approved twice", err, fault.Conflict)
		if got := toldOf(r.notes()); !strings.Contains(got, "财二 treasury.batch_prepared") || strings.Contains(got, "财一 treasury.batch_prepared") {
			r.t.Errorf("told %s", got)
		}
		batch, err = r.Send(r.one(), batch.ID)
		r.must(err)
		_, err = r.Send(r.one(), batch.ID)
		wantCode(r.t, "sent twice", err, fault.Conflict)
		if got := toldOf(r.notes()); got != "firm c treasury.payment_held" {
			r.t.Errorf("told %s", got)
		}
		lines := r.lines(batch.ID)
		for i, state := range []string{"sent", "sent", "held"} {
			if lines[i].State != state {
				r.t.Errorf("line %d is %s", i, lines[i].State)
			}
		}
		if got := r.awardOf(3); got.Held != "没有登记收款账户" || got.Payments[0].Why != "没有登记收款账户" {
			r.t.Errorf("%+v", got)
		}
		// A change of account now concerns later payments only.
		live, err := r.BankAccountOf(r.sys, r.parties["b"])
		r.must(err)
		_, err = r.SetBankAccount(r.firm("b"), r.parties["b"], draft("6222000011119999", live.ID))
		r.must(err)
		var file bytes.Buffer
		r.must(r.BankFile(r.two(), batch.ID, &file))
		rows := sheetOf(r.t, file.Bytes())
		if len(rows) != 3 || rows[1][3] != "6222000011110001" || rows[2][3] != "6222000011110002" || rows[2][4] != "200" || rows[2][0] != "P2026-0001-00002" {
			r.t.Errorf("the bank gets %v", rows)
		}
		if log, err := audit.List(r.sys, audit.Filter{Kind: "payment_batch", ID: batch.ID}); err != nil || log[0].Action != "batch.bank_file" || log[0].Actor != r.ids["财二"] {
			r.t.Errorf("%+v %v", log[0], err)
		}

		r.notes()
		r.apply(batch.ID, paid(lines[0], "S1"), failed(lines[1], "账户已销户"))
		if len(r.told) != 1 || r.told[0].Award.Case != "case-1" || r.told[0].On != date("2026-11-23") || r.told[0].Line != "P2026-0001-00001" ||
			r.told[0].Batch != "P2026-0001" || r.told[0].Award.Amount != yuan(100) {
			r.t.Errorf("told %+v", r.told)
		}
		if notes := r.notes(); toldOf(notes) != "firm a treasury.paid, firm b treasury.payment_failed" || !strings.Contains(notes[1].Body, "账户已销户") {
			r.t.Errorf("told %+v", notes)
		}
		now, err := r.BatchOf(r.sys, batch.ID)
		r.must(err)
		if now.State != treasury.BatchDone || r.awardOf(1).State != treasury.AwardPaid || r.awardOf(2).State != treasury.AwardCommitted {
			r.t.Errorf("%+v", now)
		}
		if got := r.budgetNow(b.ID); got.Committed != yuan(600) || got.Paid != yuan(100) {
			r.t.Errorf("%+v", got)
		}
		r.sound()

		// b's changed account and c's new one are confirmed; both go into a later batch under the same document.
		for _, name := range []string{"b", "c"} {
			if name == "c" {
				_, err = r.SetBankAccount(r.firm("c"), r.parties["c"], draft("6222000011110003", ""))
				r.must(err)
			}
			live, err := r.BankAccountOf(r.sys, r.parties[name])
			r.must(err)
			if live.State == treasury.AccountHeld {
				_, err = r.ConfirmBankAccount(r.two(), live.ID, "电话核对")
				r.must(err)
			}
		}
		second, err := r.Prepare(r.two(), treasury.BatchOrder{Round: "r1"})
		r.must(err)
		if second.Code != "P2026-0002" || second.Lines != 2 || second.Total != yuan(500) || second.Document != "测财〔2026〕1号" || second.DocumentDate != date("2026-11-20") {
			r.t.Errorf("%+v", second)
		}
		second, err = r.Approve(r.one(), second.ID, second.Version)
		r.must(err)
		second, err = r.Send(r.one(), second.ID)
		r.must(err)
		lines = r.lines(second.ID)
		r.apply(second.ID, paid(lines[0], "S2")) // the bank answers in two parts
		if now, err := r.BatchOf(r.sys, second.ID); err != nil || now.State != treasury.BatchSent {
			r.t.Errorf("%+v %v", now, err)
		}
		r.apply(second.ID, paid(lines[1], "S3"))
		if now, err := r.BatchOf(r.sys, second.ID); err != nil || now.State != treasury.BatchDone {
			r.t.Errorf("%+v %v", now, err)
		}
		if got := r.budgetNow(b.ID); got.Committed != yuan(600) || got.Paid != yuan(600) || got.Left != yuan(400) {
			r.t.Errorf("%+v", got)
		}
		if n := r.outstanding("r1"); n != 0 {
			r.t.Errorf("outstanding %d", n)
		}
		if got := r.awardOf(2); len(got.Payments) != 2 || got.Payments[0].State != treasury.LineFailed || got.Payments[1].Serial != "S2" {
			r.t.Errorf("%+v", got)
		}
		r.sound()
	})
}

// A payment that failed holds the account it went to, until it is mended or a second person says that it is right.
// Mutations: leave holdFailed out; let who booked the failure confirm → red.
func TestAFailureHoldsTheAccount(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100))}))
		r.ready("a", "0001")
		batch := r.sent()
		r.apply(batch.ID, failed(r.lines(batch.ID)[0], "户名不符"))
		got, err := r.BankAccountOf(r.one(), r.parties["a"])
		r.must(err)
		if got.State != treasury.AccountHeld || len(got.Why) != 1 || got.Why[0] != "failed" || got.Mine {
			r.t.Errorf("%+v", got)
		}
		_, err = r.ConfirmBankAccount(r.one(), got.ID, "没有问题")
		wantCode(r.t, "by who booked the failure", err, fault.Forbidden)
		again := r.prepared()
		again, err = r.Approve(r.two(), again.ID, again.Version)
		r.must(err)
		_, err = r.Send(r.one(), again.ID)
		wantSays(r.t, "nobody can be paid", err, fault.Conflict, "上次付款失败")
		_, err = r.ConfirmBankAccount(r.two(), got.ID, "银行系统故障，账户无误")
		r.must(err)
		_, err = r.Send(r.one(), again.ID)
		r.must(err)
		r.sound()
	})
}

// Mutations: drop from an approved batch; approve what was not seen; leave the awards in a cancelled batch → red.
func TestDraftsChangeAndEnd(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200))}))
		r.ready("a", "0001")
		r.ready("b", "0002")
		batch := r.prepared()
		lines := r.lines(batch.ID)
		changed, err := r.Drop(r.one(), batch.ID, lines[0].ID, "暂缓")
		r.must(err)
		if changed.Lines != 1 || changed.Total != yuan(200) {
			r.t.Errorf("%+v", changed)
		}
		_, err = r.Drop(r.one(), batch.ID, lines[0].ID, "暂缓")
		wantCode(r.t, "dropped twice", err, fault.Conflict)
		_, err = r.Drop(r.one(), batch.ID, "nothing", "暂缓")
		wantCode(r.t, "no such line", err, fault.NotFound)
		_, err = r.Approve(r.two(), batch.ID, batch.Version)
		wantCode(r.t, "approved as it was before", err, fault.Conflict)
		batch, err = r.Approve(r.two(), batch.ID, changed.Version)
		r.must(err)
		_, err = r.Drop(r.one(), batch.ID, lines[1].ID, "暂缓")
		wantCode(r.t, "dropped after approval", err, fault.Conflict)
		wantCode(r.t, "released while it stands in a batch", r.Release(r.sys, "case-2", "撤回"), fault.Conflict)
		r.must(r.Release(r.sys, "case-1", "撤回"))
		batch, err = r.Cancel(r.one(), batch.ID, "文号有误")
		r.must(err)
		_, err = r.Cancel(r.one(), batch.ID, "文号有误")
		wantCode(r.t, "cancelled twice", err, fault.Conflict)
		second := r.prepared()
		if second.Lines != 1 || second.Total != yuan(200) {
			r.t.Errorf("%+v", second)
		}
		only := r.lines(second.ID)[0]
		empty, err := r.Drop(r.one(), second.ID, only.ID, "暂缓")
		r.must(err)
		_, err = r.Approve(r.two(), second.ID, empty.Version)
		wantCode(r.t, "an empty batch", err, fault.Conflict)
		for what, o := range map[string]treasury.BatchOrder{
			"no round":        {Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")},
			"no document":     {Round: "r2", DocumentDate: date("2026-11-20")},
			"no date":         {Round: "r2", Document: "测财〔2026〕1号"},
			"a day to come":   {Round: "r2", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-24")},
			"a long document": {Round: "r2", Document: strings.Repeat("号", 81), DocumentDate: date("2026-11-20")},
		} {
			_, err := r.Prepare(r.one(), o)
			wantCode(r.t, what, err, fault.Invalid)
		}
		r.sound()
	})
}

// Two prepare at once: an award stands in one batch. Mutation: let holdAwards take what stands in a batch, and the unique index → red.
func TestTwoPrepareAtOnce(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		var list []treasury.Award
		for n := range 20 {
			list = append(list, r.award(n, "a", yuan(10)))
		}
		r.must(r.Commit(r.sys, list))
		errs := make([]error, 6)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() {
				_, errs[n] = r.Prepare(r.one(), treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")})
			})
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				wantCode(r.t, "the loser", err, fault.Conflict)
			}
		}
		if won != 1 || r.count(`SELECT COUNT(*) FROM payment_lines`) != 20 {
			r.t.Errorf("%d won, %d lines", won, r.count(`SELECT COUNT(*) FROM payment_lines`))
		}
		r.sound()
	})
}

// Nobody handles a payment to a party they speak for, whatever else they are. Mutation: leave batchesWith out of handled → red.
func TestNobodyPaysTheirOwn(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200))}))
		r.ready("a", "0001")
		r.ready("b", "0002")
		both := r.as("双", account.Grant{Role: account.RoleFinance}, account.Grant{Role: account.RoleFirm, Party: r.parties["a"]})
		_, err := r.Prepare(both, treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")})
		wantCode(r.t, "prepare", err, fault.Forbidden)
		only := r.awardOf(2).ID
		_, err = r.Prepare(both, treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20"), Awards: []string{only}})
		r.must(err)
		batch := r.prepared() // a's
		if seen, err := r.BatchOf(both, batch.ID); err != nil || len(seen.May) != 0 {
			r.t.Errorf("%+v %v", seen, err)
		}
		line := r.lines(batch.ID)[0]
		check := func(what string, err error) { wantSays(r.t, what, err, fault.Forbidden, "您所代表的企业") }
		_, err = r.Drop(both, batch.ID, line.ID, "不付")
		check("drop", err)
		_, err = r.Approve(both, batch.ID, batch.Version)
		check("approve", err)
		_, err = r.Cancel(both, batch.ID, "不付了")
		check("cancel", err)
		_, err = r.GiveUp(both, line.Award, "不要了")
		check("give up", err)
		batch, err = r.Approve(r.two(), batch.ID, batch.Version)
		r.must(err)
		_, err = r.Send(both, batch.ID)
		check("send", err)
		_, err = r.Send(r.one(), batch.ID)
		r.must(err)
		check("the bank's file", r.BankFile(both, batch.ID, &bytes.Buffer{}))
		_, err = r.Upload(both, batch.ID, "x.xlsx", bytes.NewReader(book(r.t, heading, paid(line, "S1"))))
		check("upload", err)
		res := r.result(batch.ID, paid(line, "S1"))
		_, err = r.Apply(both, res.ID, treasury.AllOrNone)
		check("apply", err)
		_, err = r.CancelResult(both, res.ID)
		check("cancel a result", err)
		_, err = r.Apply(r.one(), res.ID, treasury.AllOrNone)
		r.must(err)
		_, err = r.Correct(both, r.entry(treasury.KindPay), "退回")
		check("correct", err)
		live, err := r.BankAccountOf(r.sys, r.parties["a"])
		r.must(err)
		changed, err := r.SetBankAccount(r.firm("a"), r.parties["a"], draft("6222000011118888", live.ID))
		r.must(err)
		_, err = r.ConfirmBankAccount(both, changed.ID, "自己的账户")
		check("confirm", err)
	})
}

// entry is the id of the latest booking of a kind.
func (r *room) entry(kind treasury.EntryKind) string {
	r.t.Helper()
	list, _, err := r.Entries(r.sys, treasury.EntryFilter{Kind: kind}, treasury.Page{})
	r.must(err)
	if len(list) == 0 {
		r.t.Fatalf("no entry of kind %s", kind)
	}
	return list[0].ID
}

// A hook that fails undoes the booking. Mutation: call the hooks after the commit → red.
func TestAHookThatFailsUndoesTheBooking(t *testing.T) {
	each(t, func(r *room) {
		b := r.budget("r1", "", "本级财政", 1, yuan(1000))
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100))}))
		r.ready("a", "0001")
		batch := r.sent()
		res := r.result(batch.ID, paid(r.lines(batch.ID)[0], "S1"))
		r.refuse = errors.New("casework refuses")
		if _, err := r.Apply(r.one(), res.ID, treasury.AllOrNone); !errors.Is(err, r.refuse) {
			r.t.Errorf("%v", err)
		}
		if got := r.budgetNow(b.ID); got.Paid != 0 || r.lines(batch.ID)[0].State != treasury.LineSent {
			r.t.Errorf("%+v", got)
		}
		r.refuse = nil
		_, err := r.Apply(r.one(), res.ID, treasury.AllOrNone)
		r.must(err)
		r.sound()
	})
}

// sheetOf is the first sheet of a workbook.
func sheetOf(t testing.TB, data []byte) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
