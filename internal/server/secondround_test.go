package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/registry"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// topUp gives 10万, 20万 and 30万 yuan for a lower, a middle and a higher level, less what was received under it before.
const topUp = "cx2022/C027"

// An award that was paid is read by the top-up of the next round, and one that was paid by mistake and corrected is not. By hand: the first level
// gives up to 100,000 yuan, 90,000 are decided and paid; the third gives up to 300,000, less 90,000 received leaves 210,000, and when these are
// paid 300,000 were received in two sums and 0 are left. With the second payment corrected 210,000 are open again.
//
// Mutations that turn this red: settle, or let a sum be set, although AwardsUnknown; print no Rests; leave PutFacts out of OnPaid or of OnReversed; state the fact under the number of the case instead of the scheme.
func TestTheSecondRoundReadsTheFirstAward(t *testing.T) {
	forEach(t, func(h *house) {
		m := &matrix{house: h}
		m.pass(-150 * 24 * time.Hour) // into days whose working days are known
		party := h.parties["east/a"]
		firm := account.Grant{Role: account.RoleFirm, Party: party}
		mine := func() context.Context { return m.acting("firm", firm) }
		if _, err := h.rooms.Treasury.SetBankAccount(mine(), party, treasury.AccountDraft{Holder: "easta电器有限公司", Bank: "甲银行", Number: "6222020000000000001"}); err != nil {
			t.Fatal(err)
		}
		held, err := h.rooms.Treasury.BankAccountOf(h.in("east"), party)
		must(m, held, err)
		if _, err := h.rooms.Treasury.ConfirmBankAccount(m.acting("second", account.Grant{Role: account.RoleFinance}), held.ID, "开户许可证"); err != nil {
			t.Fatal(err)
		}

		m.granted(party, "市级")
		first := m.reached(party, "2026-01", 10_0000_00, 9_0000_00)
		m.paid(first, 9_0000_00)
		m.granted(party, "国家级")
		m.pass(24 * time.Hour)
		second := m.reached(party, "2026-02", 21_0000_00, 21_0000_00)
		decisions, err := h.rooms.Casework.Decisions(h.in("east"), second.Round.ID)
		must(m, decisions, err)
		lines := strings.Join(decisions[0].Lines[0].Arithmetic, "\n")
		if decisions[0].Total != 21_0000_00 || !strings.Contains(lines, "最高30万元 − 9万元（") || !strings.Contains(lines, "= 最高21万元") {
			t.Errorf("the decision: %s\n%s", decisions[0].Total, lines)
		}
		printed, err := h.rooms.Casework.ApplicationOf(h.in("east"), second.ID)
		must(m, printed, err)
		if !slices.ContainsFunc(printed.Facts, func(f casework.PrintedFact) bool {
			return f.Value == "9万元" && f.Source == paidSource && f.Verified && len(f.Digest) == 64
		}) {
			t.Errorf("the application does not rest on the first award: %+v", printed.Facts)
		}
		line := m.paid(second, 21_0000_00)
		m.left(party, "2026-03", 0)

		received := map[string]int{}
		for _, f := range m.receivedBy(party) {
			received[fmt.Sprintf("%s %v %s", f.Value, f.Verified, f.Source)]++
		}
		if len(received) != 2 || received["90000元 true "+paidSource] != 1 || received["210000元 true "+paidSource] != 1 {
			t.Errorf("facts of what was received: %v", received)
		}

		entries, _, err := h.rooms.Treasury.Entries(h.in("east"), treasury.EntryFilter{Kind: "pay", Line: line}, treasury.Page{Number: 1, Size: 5})
		must(m, entries, err)
		if _, err := h.rooms.Treasury.Correct(m.acting("finance2", account.Grant{Role: account.RoleFinance}), entries[0].ID, "银行退回"); err != nil {
			t.Fatal(err)
		}
		m.left(party, "2026-04", 21_0000_00)
	})
}

func (m *matrix) acting(id string, grants ...account.Grant) context.Context {
	return account.WithActor(m.in("east"), &account.Actor{AccountID: id, Login: id, Name: id, Tenant: "east", Grants: grants})
}

// granted states that a level was granted on the day of the clock.
func (m *matrix) granted(party, level string) {
	m.t.Helper()
	_, err := m.rooms.Registry.State(m.in("east"), registry.Statement{Party: party, Term: "融合示范", Evidence: "公布名单",
		Record: &registry.RecordOf{From: clock.Today(m.in("east")), Fields: map[string]string{"级别": level}}})
	must(m, 0, err)
}

// applied opens a round of the top-up and applies in it, on a day through which the awards received are complete.
func (m *matrix) applied(party, number string) *casework.Case {
	m.t.Helper()
	ctx := m.in("east")
	officer := matrixGrants["office"]
	r, err := m.rooms.Casework.MakeRound(m.acting("office", officer), casework.RoundDraft{Number: number, Title: "批次" + number, Process: "申报评审", Performance: 2022,
		Opens: clock.Today(ctx), Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, 30)), Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: topUp}}})
	must(m, r, err)
	m.do("round", r.ID, "开放申报", "", "", officer)
	firm := account.Grant{Role: account.RoleFirm, Party: party}
	mine := m.acting("firm", firm)
	m.closed()
	k, err := m.rooms.Casework.Begin(mine, r.ID, topUp, party)
	must(m, k, err)
	f, err := m.rooms.Casework.FormOf(mine, k.ID)
	must(m, f, err)
	_, err = m.rooms.Casework.Save(mine, k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"})
	must(m, 0, err)
	m.do("case", k.ID, "提交", "", "", firm)
	k, err = m.rooms.Casework.Case(ctx, k.ID)
	return must(m, k, err)
}

// closed says that the awards received are complete through the day of the clock.
func (m *matrix) closed() {
	m.t.Helper()
	ctx := m.in("east")
	_, err := m.rooms.Registry.Cover(ctx, registry.ReceivedCoverage, clock.Today(ctx), "财政账册")
	must(m, 0, err)
}

// untilClosed takes an action that needs to know what was received before: refused on the next day, until somebody says that it is complete.
func (m *matrix) untilClosed(flow, id, action, data string, grant account.Grant) {
	m.t.Helper()
	m.pass(24 * time.Hour)
	if err := m.try(flow, id, action, "", data, grant); fault.CodeOf(err) != fault.Conflict || !strings.Contains(fmt.Sprint(err), "名录完整性") {
		m.t.Errorf("%s although awards received may be missing: %v", action, err)
	}
	m.closed()
	m.do(flow, id, action, "", data, grant)
}

// left applies anew and compares what the scheme still gives.
func (m *matrix) left(party, number string, want policy.Fen) {
	m.t.Helper()
	m.pass(24 * time.Hour)
	if k := m.applied(party, number); k.Assessment.Answer != policy.Met || k.Assessment.Amount.High != want {
		m.t.Errorf("%s: %s %s, want %s", number, k.Assessment.Answer, k.Assessment.Amount.High, want)
	}
}

// reached takes an application that the scheme gives at most high to the decision of a sum and the order to pay it.
func (m *matrix) reached(party, number string, high, sum policy.Fen) *casework.Case {
	m.t.Helper()
	k := m.applied(party, number)
	if k.Assessment.Answer != policy.Met || k.Assessment.Amount.High != high || !k.Assessment.Verified {
		m.t.Fatalf("%s: %+v, want at most %s", number, k.Assessment, high)
	}
	ctx, officer, leader, finance := m.in("east"), matrixGrants["office"], matrixGrants["leader"], matrixGrants["finance"]
	m.do("case", k.ID, "受理", "", "", officer)
	for _, d := range []string{"市发改局", "市税务局", "市应急管理局", "市生态环境分局"} {
		m.do("case", k.ID, "反馈核查结果", "无问题", `{"findings":{"hit":false}}`, account.Grant{Role: account.RoleOfficer, Department: d})
	}
	m.untilClosed("case", k.ID, "通过", fmt.Sprintf(`{"amount":%d,"reason":"经审核"}`, sum), officer)
	round := k.Round.ID
	m.do("round", round, "截止申报", "提前截止", "", officer)
	m.untilClosed("round", round, "冻结结算", "", officer)
	m.do("round", round, "发布公示", "", "", officer)
	m.pass(14 * 24 * time.Hour)
	m.do("round", round, "提交决定", "", "", officer)
	_, err := m.rooms.Treasury.CreateBudget(ctx, treasury.BudgetDraft{Round: round, Source: "本级财政", Total: sum})
	must(m, 0, err)
	m.do("round", round, "同意支持", "同意", "", leader)
	m.do("round", round, "下达资金", "", "", finance)
	return k
}

// paid pays what was decided of a case, by the bank's own workbook, and ends the round. It returns the code of the payment.
func (m *matrix) paid(k *casework.Case, want policy.Fen) string {
	m.t.Helper()
	one, two := m.acting("finance1", account.Grant{Role: account.RoleFinance}), m.acting("finance2", account.Grant{Role: account.RoleFinance})
	batch, err := m.rooms.Treasury.Prepare(one, treasury.BatchOrder{Round: k.Round.ID, Document: "测财〔2026〕1号", DocumentDate: clock.Today(one)})
	must(m, batch, err)
	batch, err = m.rooms.Treasury.Approve(two, batch.ID, batch.Version)
	must(m, batch, err)
	batch, err = m.rooms.Treasury.Send(one, batch.ID)
	must(m, batch, err)
	var out, filled bytes.Buffer
	must(m, 0, m.rooms.Treasury.BankFile(one, batch.ID, &out))
	book, err := excelize.OpenReader(&out)
	must(m, book, err)
	code, err := book.GetCellValue("付款", "A2")
	must(m, code, err)
	for cell, v := range map[string]any{"G2": "成功", "H2": "S" + code, "I2": clock.Today(one).String()} {
		must(m, 0, book.SetCellValue("付款", cell, v))
	}
	must(m, 0, book.Write(&filled))
	result, err := m.rooms.Treasury.Upload(one, batch.ID, "回执.xlsx", &filled)
	must(m, result, err)
	_, err = m.rooms.Treasury.Apply(one, result.ID, treasury.AllOrNone)
	must(m, 0, err)
	m.do("round", k.Round.ID, "办结", "", "", matrixGrants["finance"])
	k, err = m.rooms.Casework.Case(m.in("east"), k.ID)
	must(m, k, err)
	if k.Ended != "granted" || k.Sum.Paid == nil || *k.Sum.Paid != want {
		text, _ := json.Marshal(k.Sum)
		m.t.Fatalf("paid: %s %s, want %s", k.Ended, text, want)
	}
	return code
}

// receivedBy are the facts of what a party received.
func (m *matrix) receivedBy(party string) []registry.Fact {
	m.t.Helper()
	facts, err := m.rooms.Registry.Facts(m.in("east"), party)
	must(m, facts, err)
	return slices.DeleteFunc(facts, func(f registry.Fact) bool { return f.Term != "received:"+topUp })
}
