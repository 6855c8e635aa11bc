package server

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// A payment that is corrected, with the real treasury behind a real case. The budget has 1,000,000.00 yuan; two firms were promised 4,000.00
// each, of which one is paid, corrected, paid again, corrected, refused by the bank, and given up.
//
// Mutations that turn this red: leave OnReversed or OnGivenUp out of joinMoney; let Unpaid leave the case where it stands; book a correction to
// another account than the payment came from; let GiveUp keep the promise.
func TestAPaymentIsCorrected(t *testing.T) {
	forEach(t, func(h *house) {
		m := &matrix{house: h, ids: map[string]string{}}
		m.pass(-150 * 24 * time.Hour) // into days whose working days are known
		m.facts()
		m.work()
		round, ofA := m.round("2026-01", 30)
		m.pass(31 * 24 * time.Hour)
		m.published(round)
		m.pass(9 * 24 * time.Hour)
		money := m.rooms.Treasury
		budget, err := money.CreateBudget(m.in("east"), treasury.BudgetDraft{Round: round, Source: "本级财政", Total: 1_000_000_00})
		must(m, budget, err)
		m.decided(round)
		as := func(id string) context.Context {
			return account.WithActor(m.in("east"), &account.Actor{AccountID: id, Name: id, Tenant: "east", Grants: []account.Grant{matrixGrants["finance"]}})
		}
		one, two := as("one"), as("two")
		var batches string
		awards, _, err := money.Awards(one, treasury.AwardFilter{Party: m.parties["east/a"]}, treasury.Page{Number: 1, Size: 2})
		if must(m, awards, err); len(awards) != 1 || awards[0].Case != ofA {
			t.Fatalf("awards: %+v", awards)
		}
		award := awards[0]
		account1, err := money.SetBankAccount(m.firm(), m.parties["east/a"], treasury.AccountDraft{Holder: "easta电器有限公司", Bank: "甲银行", Number: "6222020000000000001"})
		must(m, account1, err)
		stands := func(what, stage string, committed, payable, paid, left policy.Fen) {
			t.Helper()
			i, err := m.rooms.Engine.Find(m.in("east"), "case", award.Case)
			must(m, i, err)
			if i.Stage != stage {
				t.Errorf("%s: the case stands at %s, want %s", what, i.Stage, stage)
			}
			b, err := money.Budget(one, budget.ID)
			must(m, b, err)
			got := map[treasury.Account]policy.Fen{}
			for _, x := range b.Balances {
				got[x.Account] = x.Amount
			}
			if got[treasury.Committed] != committed || got[treasury.Payable] != payable || got[treasury.PaidOut] != paid || got[treasury.Available] != left {
				t.Errorf("%s: %v", what, got)
			}
			if b.Total != 1_000_000_00 || b.Committed != committed+payable+paid || b.Paid != paid || b.Left != left {
				t.Errorf("%s: the budget says %+v", what, b.Budget)
			}
		}
		bank := func(outcome, serial, failure string) {
			t.Helper()
			var file bytes.Buffer
			must(m, 0, money.BankFile(one, batches, &file))
			book, err := excelize.OpenReader(&file)
			must(m, book, err)
			for cell, v := range map[string]any{"G2": outcome, "H2": serial, "I2": m.today(), "J2": failure} {
				must(m, 0, book.SetCellValue("付款", cell, v))
			}
			var filled bytes.Buffer
			must(m, 0, book.Write(&filled))
			up, err := money.Upload(one, batches, "回执.xlsx", &filled)
			if must(m, up, err); up.Good != 1 {
				t.Fatalf("%+v", up)
			}
			up, err = money.Apply(one, up.ID, "all_or_none")
			must(m, up, err)
		}
		correct := func(kind treasury.EntryKind) {
			t.Helper()
			list, _, err := money.Entries(two, treasury.EntryFilter{Award: award.ID, Kind: kind}, treasury.Page{Number: 1, Size: 1})
			must(m, list, err)
			e, err := money.Correct(two, list[0].ID, "银行回执有误")
			must(m, e, err)
		}

		_, err = money.ConfirmBankAccount(two, account1.ID, "开户许可证")
		must(m, 0, err)
		batch, err := money.Prepare(one, treasury.BatchOrder{Round: round, Town: "甲镇", Document: "甲款文号", DocumentDate: clock.Today(one), Title: "第一批"})
		must(m, batch, err)
		batches = batch.ID
		batch, err = money.Approve(two, batch.ID, batch.Version)
		must(m, batch, err)
		stands("before the bank has it", "待兑付", 8000_00, 0, 0, 992_000_00)
		batch, err = money.Send(one, batch.ID)
		must(m, batch, err)
		stands("sent", "待兑付", 4000_00, 4000_00, 0, 992_000_00)
		bank("成功", "S1", "")
		stands("paid", "已兑付", 4000_00, 0, 4000_00, 992_000_00)
		correct(treasury.KindPay)
		stands("corrected", "待兑付", 4000_00, 4000_00, 0, 992_000_00)
		bank("成功", "S2", "")
		stands("paid again", "已兑付", 4000_00, 0, 4000_00, 992_000_00)

		correct(treasury.KindPay)
		bank("失败", "", "账户已注销")
		stands("the bank says it failed", "待兑付", 8000_00, 0, 0, 992_000_00)
		given, err := money.GiveUp(one, award.ID, "企业已注销账户，不再支付")
		must(m, given, err)
		stands("given up", "不再兑付", 4000_00, 0, 0, 996_000_00)
		k, err := m.rooms.Casework.Case(m.in("east"), award.Case)
		if must(m, k, err); k.Ended != "withdrawn" || k.Sum.Awarded != nil || k.Sum.Paid != nil {
			t.Errorf("the case: %+v", k)
		}
	})
}
