package treasury_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/treasury"
)

// waiting is a sent batch of two payments, of 100 and 200, and another round's batch with one.
func (r *room) waiting() (batch treasury.Batch, lines []treasury.Payment, other treasury.Payment) {
	r.t.Helper()
	r.budget("r1", "", "本级财政", 1, yuan(1000))
	r.budget("r2", "", "本级财政", 1, yuan(1000))
	r.ready("a", "0001")
	r.ready("b", "0002")
	elsewhere := r.award(9, "a", yuan(50))
	elsewhere.Round = "r2"
	r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200)), elsewhere}))
	second, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r2", Document: "测财〔2026〕2号", DocumentDate: date("2026-11-20")})
	r.must(err)
	second, err = r.Approve(r.two(), second.ID, second.Version)
	r.must(err)
	_, err = r.Send(r.one(), second.ID)
	r.must(err)
	batch = r.sent()
	return batch, r.lines(batch.ID), r.lines(second.ID)[0]
}

// Every bad cell is named, nothing of what it holds is repeated, and the other rows are not touched by it.
// Mutations: leave any of the checks out of readAnswer, check or checkAnswers → the row of that name is good, red.
func TestBadRowsOfABanksWorkbook(t *testing.T) {
	each(t, func(r *room) {
		batch, lines, other := r.waiting()
		a, b := lines[0], lines[1]
		secret := "SECRET7"
		long := strings.Repeat("长", 201)
		for _, c := range []struct {
			name string
			rows [][]any
			want []string // "cell message", of all problems
		}{
			{"no such payment", [][]any{{secret, "", 100, "成功", "S1", "2026-11-23"}}, []string{"A2 没有这个付款编号"}},
			{"another round's payment", [][]any{paid(other, "S1")}, []string{"A2 这笔付款不属于本批次"}},
			{"no payment", [][]any{{nil, "x", 100, "成功", "S1", "2026-11-23"}}, []string{"第2行 没有填写付款编号"}},
			{"a payment twice", [][]any{paid(a, "S1"), paid(b, "S2"), paid(a, "S1")}, []string{"A2 与第4行是同一笔付款；请只留一行", "A4 与第2行是同一笔付款；请只留一行"}},
			{"three times, once as failed", [][]any{paid(a, "S1"), failed(a, "x"), paid(a, "S1")}, []string{"A2 与第3行", "A3 与第2行", "A4 与第2行"}},
			{"another sum", [][]any{{a.Code, "", 100.01, "成功", "S1", "2026-11-23"}}, []string{"C2 与批次中的金额100元不符"}},
			{"a sum below the fen", [][]any{{a.Code, "", 100.005, "成功", "S1", "2026-11-23"}}, []string{"C2 不是写到分的金额"}},
			{"a sum in words", [][]any{{a.Code, "", secret, "成功", "S1", "2026-11-23"}}, []string{"C2 不是写到分的金额"}},
			{"a sum as a power", [][]any{{a.Code, "", "1e2", "成功", "S1", "2026-11-23"}}, []string{"C2 不是写到分的金额"}},
			{"a sum as a formula", [][]any{{a.Code, "", formula("50+50"), "成功", "S1", "2026-11-23"}}, []string{"C2 单元格是公式"}},
			{"an outcome as a formula", [][]any{{a.Code, "", 100, formula(`"成功"`), "S1", "2026-11-23"}}, []string{"D2 单元格是公式"}},
			{"a payment as a formula", [][]any{{formula(`"` + a.Code + `"`), "", 100, "成功", "S1", "2026-11-23"}}, []string{"A2 单元格是公式"}},
			{"an outcome that nobody knows", [][]any{{a.Code, "", 100, secret, "S1", "2026-11-23"}}, []string{"D2 看不懂这个结果"}},
			{"an outcome as a number", [][]any{{a.Code, "", 100, 1, "S1", "2026-11-23"}}, []string{"D2 看不懂这个结果"}},
			{"an outcome as a bool", [][]any{{a.Code, "", 100, true, "S1", "2026-11-23"}}, []string{"D2 应是文字"}},
			{"no outcome", [][]any{{a.Code, "", 100, nil, "S1", "2026-11-23"}}, []string{"第2行 没有填写处理结果"}},
			{"paid without a serial number", [][]any{{a.Code, "", 100, "成功", nil, "2026-11-23"}}, []string{"第2行 成功的付款没有银行流水号"}},
			{"a long serial number as a number", [][]any{{a.Code, "", 100, "成功", 1234567890123456.0, "2026-11-23"}}, []string{"E2 流水号被存成了数字"}},
			{"a serial number without end", [][]any{{a.Code, "", 100, "成功", strings.Repeat("9", 65), "2026-11-23"}}, []string{"E2 超过64个字"}},
			{"paid without a day", [][]any{{a.Code, "", 100, "成功", "S1", nil}}, []string{"第2行 成功的付款没有付款日期"}},
			{"a day that is none", [][]any{{a.Code, "", 100, "成功", "S1", "2026-02-30"}}, []string{"F2 日期应写作"}},
			{"a day as a small number", [][]any{{a.Code, "", 100, "成功", "S1", 7}}, []string{"F2 不是日期"}},
			{"a day in words", [][]any{{a.Code, "", 100, "成功", "S1", secret}}, []string{"F2 日期应写作"}},
			{"a day to come", [][]any{{a.Code, "", 100, "成功", "S1", "2026-11-24"}}, []string{"F2 付款日期晚于今天"}},
			{"before it was sent", [][]any{{a.Code, "", 100, "成功", "S1", "2026-11-22"}}, []string{"F2 付款日期早于送银行的2026-11-23"}},
			{"paid, and why it failed", [][]any{{a.Code, "", 100, "成功", "S1", "2026-11-23", "户名不符"}}, []string{"G2 处理结果是成功，却写了失败原因"}},
			{"failed without a reason", [][]any{{a.Code, "", 100, "失败", nil, nil, nil}}, []string{"第2行 失败的付款没有失败原因"}},
			{"failed with a tale", [][]any{{a.Code, "", 100, "失败", nil, nil, long}}, []string{"G2 超过200个字"}},
			{"everything wrong at once", [][]any{{secret, "", -1, secret, nil, "x", nil}}, []string{"D2 看不懂", "F2 日期应写作", "A2 没有这个付款编号"}},
		} {
			res := r.result(batch.ID, c.rows...)
			rows, _, err := r.ResultRows(r.sys, res.ID, true, treasury.Page{Size: 100})
			r.must(err)
			var got []string
			for _, row := range rows {
				for _, p := range row.Problems {
					got = append(got, p.Cell+" "+p.Message)
				}
			}
			if len(got) != len(c.want) {
				r.t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
			for i := range min(len(got), len(c.want)) {
				if !strings.HasPrefix(got[i], c.want[i]) {
					r.t.Errorf("%s: %q, want %q", c.name, got[i], c.want[i])
				}
			}
			for _, text := range got {
				if strings.Contains(text, secret) {
					r.t.Errorf("%s: repeats the cell: %q", c.name, text)
				}
			}
			if _, err := r.Apply(r.one(), res.ID, treasury.AllOrNone); fault.CodeOf(err) != fault.Conflict {
				r.t.Errorf("%s: all or none: %v", c.name, err)
			}
			if res.Good == 0 {
				_, err := r.Apply(r.one(), res.ID, treasury.GoodOnly)
				wantSays(r.t, c.name, err, fault.Conflict, "没有可以入账的行")
			}
			_, err = r.CancelResult(r.one(), res.ID)
			r.must(err)
		}
		if r.count(`SELECT COUNT(*) FROM payment_lines WHERE state <> 'sent'`) != 0 {
			r.t.Error("something was booked")
		}
		r.sound()
	})
}

// What banks write in their own way is understood. Mutation: read only one way to write a day, or only one word for paid → red.
func TestWhatIsUnderstood(t *testing.T) {
	each(t, func(r *room) {
		batch, lines, _ := r.waiting()
		a, b := lines[0], lines[1]
		for what, rows := range map[string][][]any{
			"a real date":           {{a.Code, "", 100, "成功", "S1", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}},
			"a dense number":        {{a.Code, "", 100, "成功", "S1", 20261123}},
			"Chinese and blanks":    {{" " + strings.ToLower(a.Code) + " ", "", "￥１００．００元", " 付款成功 ", "Ｓ１", "2026年11月23日"}},
			"a short serial number": {{a.Code, "", "100.00", "交易成功", 1, "2026/11/23"}},
			"rows not answered yet": {{a.Code, "", 100, "成功", "S1", "2026-11-23"}, {b.Code, "b电器有限公司", 200}, {nil, "合计", 300}},
			"failed, with a day":    {{a.Code, "", nil, "退汇", nil, "2026-11-23", "户名不符"}},
		} {
			res := r.result(batch.ID, rows...)
			list, _, err := r.ResultRows(r.sys, res.ID, false, treasury.Page{})
			r.must(err)
			if res.Good != 1 || res.Bad != 0 || list[0].Code != a.Code || list[0].On != date("2026-11-23") {
				r.t.Errorf("%s: %+v", what, list)
			}
			_, err = r.CancelResult(r.one(), res.ID)
			r.must(err)
		}
	})
}

// A file that cannot be read at all says why.
func TestFilesThatAreRefused(t *testing.T) {
	each(t, func(r *room) {
		batch, lines, _ := r.waiting()
		row := paid(lines[0], "S1")
		twoSheets := func() []byte {
			f := excelize.NewFile()
			defer f.Close()
			fill(r.t, f, "Sheet1", heading, row)
			_, err := f.NewSheet("另一张")
			r.must(err)
			return save(r.t, f)
		}
		for what, c := range map[string]struct {
			data []byte
			says string
		}{
			"empty":               {nil, "文件是空的"},
			"text":                {[]byte("付款编号,处理结果\n1,成功"), "不是 Excel"},
			"old":                 {[]byte{0xD0, 0xCF, 0x11, 0xE0, 1, 2, 3, 4, 5}, "旧版 .xls"},
			"torn":                {book(r.t, heading, row)[:900], "损坏"},
			"no heading":          {book(r.t, row), "缺少栏目：付款编号、处理结果"},
			"no column of answer": {book(r.t, []any{"付款编号", "金额（元）"}, row), "缺少栏目：处理结果"},
			"a heading twice":     {book(r.t, append(append([]any{}, heading...), "处理结果"), row), "H1: 栏目“处理结果”重复"},
			"only a heading":      {book(r.t, heading), "没有任何付款结果"},
			"nothing answered":    {book(r.t, heading, []any{lines[0].Code, "a", 100}), "没有任何付款结果"},
			"two sheets":          {twoSheets(), "只有一张工作表"},
		} {
			_, err := r.Upload(r.one(), batch.ID, "x.xlsx", bytes.NewReader(c.data))
			wantSays(r.t, what, err, fault.Invalid, c.says)
		}
		_, err := r.Upload(r.one(), batch.ID, "x.xlsx", bytes.NewReader(make([]byte, treasury.MaxUpload+1)))
		wantCode(r.t, "too large", err, fault.TooLarge)

		f := excelize.NewFile()
		defer f.Close()
		fill(r.t, f, "Sheet1", heading, row, paid(lines[1], "S2"))
		r.must(f.MergeCell("Sheet1", "D2", "D3"))
		res, err := r.Upload(r.one(), batch.ID, "x.xlsx", bytes.NewReader(save(r.t, f)))
		r.must(err)
		if res.Bad != 2 {
			r.t.Errorf("merged cells: %+v", res)
		}
		hidden := excelize.NewFile()
		defer hidden.Close()
		fill(r.t, hidden, "Sheet1", heading, row)
		r.must(hidden.SetRowVisible("Sheet1", 2, false))
		res, err = r.Upload(r.one(), batch.ID, "x.xlsx", bytes.NewReader(save(r.t, hidden)))
		r.must(err)
		if res.Bad != 1 {
			r.t.Errorf("a hidden row: %+v", res)
		}
	})
}

// The same file twice changes nothing; a payment that is paid takes no other result, and says so by name.
// Mutations: leave sameFile out; leave the state out of endResult, or of settleLine → red.
func TestAResultIsBookedOnce(t *testing.T) {
	each(t, func(r *room) {
		batch, lines, _ := r.waiting()
		data := book(r.t, heading, paid(lines[0], "S1"))
		first, err := r.Upload(r.one(), batch.ID, `C:\dir\回执.xlsx`, bytes.NewReader(data))
		r.must(err)
		if first.FileName != "回执.xlsx" || first.Good != 1 {
			r.t.Errorf("%+v", first)
		}
		again, err := r.Upload(r.two(), batch.ID, "another name.xlsx", bytes.NewReader(data))
		r.must(err)
		if again.ID != first.ID || !again.Repeated {
			r.t.Errorf("%+v", again)
		}
		// Many click at once: it is booked once, and all see it booked.
		errs := make([]error, 8)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() { _, errs[n] = r.Apply(r.one(), first.ID, treasury.GoodOnly) })
		}
		group.Wait()
		booked := 0
		for _, err := range errs {
			if err == nil {
				booked++
			} else {
				wantCode(r.t, "a loser", err, fault.Conflict)
			}
		}
		if booked == 0 || len(r.told) != 1 || r.count(`SELECT COUNT(*) FROM ledger_entries WHERE kind = 'pay'`) != 1 {
			r.t.Errorf("%d booked, told %d times", booked, len(r.told))
		}
		entries, events := r.count(`SELECT COUNT(*) FROM ledger_entries`), r.count(`SELECT COUNT(*) FROM audit_events`)
		done, err := r.Apply(r.two(), first.ID, treasury.AllOrNone)
		r.must(err)
		again, err = r.Upload(r.one(), batch.ID, "回执.xlsx", bytes.NewReader(data))
		r.must(err)
		if !done.Repeated || !again.Repeated || again.State != treasury.ResultApplied || r.count(`SELECT COUNT(*) FROM ledger_entries`) != entries ||
			r.count(`SELECT COUNT(*) FROM audit_events`) != events {
			r.t.Errorf("the same file twice changed something: %+v %+v", done, again)
		}
		_, err = r.CancelResult(r.one(), first.ID)
		wantCode(r.t, "cancelling what is booked", err, fault.Conflict)

		res := r.result(batch.ID, paid(lines[0], "S9"), paid(lines[1], "S2"))
		bad, _, err := r.ResultRows(r.sys, res.ID, true, treasury.Page{})
		r.must(err)
		if len(bad) != 1 || bad[0].Problems[0].Message != "a电器有限公司的这笔付款（P2026-0002-00001）已于2026-11-23付讫，流水号S1，不能再次入账" {
			r.t.Errorf("%+v", bad)
		}
		_, err = r.Apply(r.one(), res.ID, "")
		wantCode(r.t, "without a mode", err, fault.Invalid)
		_, err = r.Apply(r.one(), res.ID, treasury.GoodOnly)
		r.must(err)
		if len(r.told) != 2 || r.told[1].Line != "P2026-0002-00002" || r.lines(batch.ID)[1].Serial != "S2" {
			r.t.Errorf("%+v", r.told)
		}
		_, err = r.Upload(r.one(), batch.ID, "late.xlsx", bytes.NewReader(book(r.t, heading, paid(lines[0], "S7"))))
		wantCode(r.t, "after the bank answered for all", err, fault.Conflict)
		r.sound()
	})
}

// Two results for one payment, both staged while it waits: the second to be booked is refused by name, as a whole.
// Mutation: leave `AND state = ?` out of settleLine → red.
func TestTwoResultsForOnePayment(t *testing.T) {
	each(t, func(r *room) {
		batch, lines, _ := r.waiting()
		first := r.result(batch.ID, paid(lines[0], "S1"))
		second := r.result(batch.ID, paid(lines[1], "S2"), failed(lines[0], "户名不符"))
		_, err := r.Apply(r.one(), first.ID, treasury.AllOrNone)
		r.must(err)
		_, err = r.Apply(r.one(), second.ID, treasury.AllOrNone)
		wantSays(r.t, "the second", err, fault.Conflict, "a电器有限公司", lines[0].Code, "付讫")
		if got := r.lines(batch.ID)[1]; got.State != treasury.LineSent {
			r.t.Errorf("half of a refused result was booked: %+v", got)
		}
		r.sound()
	})
}

// The file that goes to the bank holds no formula, comes back filled in, and is understood.
func TestTheBanksFileGoesAndComesBack(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "本级财政", 1, yuan(1_000_000_000))
		award := r.award(1, "a", 12345678901)
		award.CaseNumber, award.PartyName = "=1+1", "=HYPERLINK(1)"
		r.must(r.Commit(r.sys, []treasury.Award{award}))
		acc, err := r.SetBankAccount(r.firm("a"), r.parties["a"], treasury.AccountDraft{Holder: "=cmd|calc", Bank: "+银行", Number: "00012345678"})
		r.must(err)
		_, err = r.ConfirmBankAccount(r.one(), acc.ID, "已核对")
		r.must(err)
		batch := r.sent()
		var file bytes.Buffer
		r.must(r.BankFile(r.one(), batch.ID, &file))
		f, err := excelize.OpenReader(&file)
		r.must(err)
		defer f.Close()
		for cell, want := range map[string]string{"B2": "'=cmd|calc", "C2": "'+银行", "D2": "00012345678", "E2": "123456789.01", "F2": "测财〔2026〕1号 =1+1"} {
			if got, _ := f.GetCellValue("付款", cell); got != want {
				r.t.Errorf("%s holds %q, want %q", cell, got, want)
			}
			if text, _ := f.GetCellFormula("付款", cell); text != "" {
				r.t.Errorf("%s is a formula", cell)
			}
		}
		for cell, v := range map[string]any{"G2": "成功", "H2": "202611230000000000001", "I2": "20261123"} {
			r.must(f.SetCellValue("付款", cell, v))
		}
		res, err := r.Upload(r.one(), batch.ID, "回执.xlsx", bytes.NewReader(save(r.t, f)))
		r.must(err)
		if res.Good != 1 || res.Bad != 0 {
			rows, _, _ := r.ResultRows(r.sys, res.ID, true, treasury.Page{})
			r.t.Fatalf("%+v %+v", res, rows)
		}
		_, err = r.Apply(r.one(), res.ID, treasury.AllOrNone)
		r.must(err)
		if r.lines(batch.ID)[0].Serial != "202611230000000000001" || r.told[0].Award.Amount != 12345678901 {
			r.t.Errorf("%+v", r.told)
		}
		r.sound()
	})
}

// A large batch is one transaction.
func TestALargeBatch(t *testing.T) {
	each(t, func(r *room) {
		r.budget("r1", "", "上级资金", 1, yuan(700))
		r.budget("r1", "", "本级财政", 2, yuan(10_000))
		r.ready("a", "0001")
		var list []treasury.Award
		for n := range 450 {
			list = append(list, r.award(n, "a", yuan(10)))
		}
		r.must(r.Commit(r.sys, list))
		batch := r.sent()
		lines, total, err := r.BatchLines(r.sys, batch.ID, treasury.LineFilter{}, treasury.Page{Size: 2000})
		r.must(err)
		if total != 450 {
			r.t.Fatal(total)
		}
		var rows [][]any
		for i, l := range lines {
			if i%9 == 0 {
				rows = append(rows, failed(l, "户名不符"))
			} else {
				rows = append(rows, paid(l, fmt.Sprintf("S%d", i)))
			}
		}
		r.apply(batch.ID, rows...)
		if len(r.told) != 400 {
			r.t.Errorf("told of %d", len(r.told))
		}
		r.sound()
	})
}
