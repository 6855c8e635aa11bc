package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// exact is a scheme whose sum is exact and rests on facts alone: its golden case X05 grows by 12.00 % from 8,325 to 9,324 (万元), and 9 full
// hundreds of the 999 more at 1,000 yuan are 9,000 yuan.
const exact = "cx2024/C011"

// proposing makes a round that the system begins, over exact.
func (c *county) proposing(number string) string {
	c.t.Helper()
	r, err := c.casework.MakeRound(c.officer(economy, ""), casework.RoundDraft{Number: number, Title: "免申即享批次" + number, Process: direct, Performance: 2024,
		Opens: date("2026-03-02"), Closes: date("2026-03-31"), Department: economy, Schemes: []casework.RoundSchemeDraft{{Scheme: exact, Department: economy}}})
	if err != nil {
		c.t.Fatalf("making a round: %v", err)
	}
	return r.ID
}

// grew gives the n-th firm the revenue of 2022 to 2024 and a place on the list, all verified.
func (c *county) grew(n int, name string, revenue ...string) string {
	c.t.Helper()
	p := c.party(n, name, "周巷镇")
	for i, v := range revenue {
		c.state(p, registry.Statement{Term: "营业收入", Year: 2022 + i, Value: v})
	}
	c.state(p, registry.Statement{Term: "规上数字经济制造业名录", Record: &registry.RecordOf{From: date("2020-01-01"), Until: date("2030-12-31")}})
	return p
}

// proposed are the cases of a round by party, with the numbers they stand at.
func (c *county) proposed(round string) map[string]casework.CaseRow {
	c.t.Helper()
	page, err := c.casework.Cases(c.officer(economy, ""), casework.CaseFilter{Round: round, Per: 200})
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]casework.CaseRow{}
	for _, k := range page.Items {
		if _, twice := out[k.Party]; twice {
			c.t.Errorf("%s was proposed twice", k.PartyName)
		}
		out[k.Party] = k
	}
	return out
}

// A clause with a limit of 1万 a firm and year is proposed as far as the limit leaves something: 甲 has had 4,000 for 2024, so that 6,000 of its 9,000
// are left; 乙 has had 1万, and nothing is; 丙 had 1万 for 2023, which is another year. The settlement pays what the proposal said.
//
// Mutations that turn this red: drop Left from mayPropose; evaluate briefly; drop the year of an award.
func TestNothingIsProposedBeyondALimit(t *testing.T) {
	each(t, func(c *county) {
		c.republished("cixi/cx2024.yaml", "    examples:\n    #= X05", "    limits: [{at_most: 1万元, per: [企业, 年度]}]\n    examples:\n    #= X05")
		part := c.grew(1, "甲电器有限公司", "8000万元", "8325万元", "9324万元")
		used := c.grew(2, "乙电器有限公司", "8000万元", "8325万元", "9324万元")
		other := c.grew(3, "丙电器有限公司", "8000万元", "8325万元", "9324万元")
		c.registry.UseAwards(func(_ context.Context, parties, _ []string) ([]policy.Past, error) {
			all := []policy.Past{{Claim: "早-1", Party: part, Scheme: exact, Year: 2024, Round: "早", Amount: 4000_00},
				{Claim: "早-2", Party: used, Scheme: exact, Year: 2024, Round: "早", Amount: 10_000_00},
				{Claim: "早-3", Party: other, Scheme: exact, Year: 2023, Round: "早", Amount: 10_000_00}}
			return slices.DeleteFunc(all, func(p policy.Past) bool { return !slices.Contains(parties, p.Party) }), nil
		})
		round := c.proposing("2026-11")
		c.doRound(c.officer(economy, ""), round, "开始提名", "", nil)
		got := c.proposed(round)
		if _, ok := got[used]; len(got) != 2 || ok {
			c.t.Fatalf("proposed: %+v", got)
		}
		for party, want := range map[string]string{part: "6,000元", other: ""} {
			k, err := c.casework.Case(c.officer(economy, ""), got[party].ID)
			if err != nil || k.Assessment == nil || k.Assessment.Left == nil || k.Assessment.Left.Due != want || !k.Assessment.Left.Sure {
				c.t.Errorf("%s: %+v, %v", party, k.Assessment, err)
			}
		}
	})
}

// The whole way of a proposal (免申即享), from verified facts to money: who is proposed and who is not, who confirms, declines and says nothing.
//
// Mutations that turn this red: drop Verified from mayPropose (丁 is proposed); drop Disputed (戊); do not ask havers (everybody is proposed again,
// 辛 besides the application); ask for what an applicant gives (f.lack) of a proposal; leave proposes out of start.
func TestTheWholeWayOfAProposal(t *testing.T) {
	each(t, func(c *county) {
		office := c.officer(economy, "")
		yes := c.grew(1, "甲电器有限公司", "8000万元", "8325万元", "9324万元")      // 9 × 1,000
		also := c.grew(2, "乙电器有限公司", "9000万元", "10000万元", "11200万元")   // 12.00 %, 12 × 1,000
		declines := c.grew(3, "丙电器有限公司", "8000万元", "8325万元", "9324万元") // 9,000, and says no
		silent := c.grew(4, "子电器有限公司", "8000万元", "8325万元", "9324万元")   // 9,000, and says nothing

		declared := c.grew(5, "丁电器有限公司", "8000万元", "8325万元")
		if _, err := c.registry.State(c.firm(declared), registry.Statement{Party: declared, Term: "营业收入", Year: 2024, Value: "9324万元"}); err != nil {
			c.t.Fatal(err)
		}
		disputed := c.grew(6, "戊电器有限公司", "8000万元", "8325万元", "9324万元")
		facts, err := c.registry.Facts(c.system(), disputed)
		if err != nil {
			c.t.Fatal(err)
		}
		at := slices.IndexFunc(facts, func(f registry.Fact) bool { return f.Term == "营业收入" && f.Period == "2024" })
		if _, err := c.registry.Dispute(c.firm(disputed), facts[at].ID, "与审计报告不一致"); err != nil {
			c.t.Fatal(err)
		}
		unknown := c.party(7, "己电器有限公司", "周巷镇") // nobody knows whether it is on the list
		for i, v := range []string{"8000万元", "8325万元", "9324万元"} {
			c.state(unknown, registry.Statement{Term: "营业收入", Year: 2022 + i, Value: v})
		}
		short := c.grew(8, "庚电器有限公司", "9000万元", "10000万元", "11199.9999万元") // one yuan below 12 %
		applied := c.grew(9, "辛电器有限公司", "8000万元", "8325万元", "9324万元")      // has applied for the same year
		other, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-10", Title: "申报批次", Process: "申报评审", Performance: 2024,
			Opens: date("2026-03-02"), Closes: date("2026-03-31"), Department: economy, Schemes: []casework.RoundSchemeDraft{{Scheme: exact, Department: economy}}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.doRound(office, other.ID, "开放申报", "", nil)
		c.submitted(other.ID, exact, applied)

		round := c.proposing("2026-11")
		c.doRound(office, round, "开始提名", "", nil)
		got := c.proposed(round)
		for party, why := range map[string]string{declared: "only declared", disputed: "disputed", unknown: "unknown", short: "unmet", applied: "has applied"} {
			if k, ok := got[party]; ok {
				c.t.Errorf("%s was proposed: %s", k.PartyName, why)
			}
		}
		if len(got) != 4 || got[yes].AmountText != "9,000元" || got[also].AmountText != "1.2万元" || got[silent].StageTitle != "系统提名" || !strings.HasPrefix(got[yes].Number, "2026-11-0000") {
			c.t.Fatalf("proposed: %+v", got)
		}
		if r, err := c.casework.Round(c.system(), round); err != nil || r.Cases != 4 || r.Process.Starts != "system" {
			c.t.Errorf("the round: %+v, %v", r, err)
		}
		if n := slices.Index(c.told, "officer/"+economy+" 待办理：系统提名"); n < 0 || slices.Contains(c.told[n+1:], c.told[n]) {
			c.t.Errorf("the office is not told once of all four: %v", c.told)
		}
		_, err = c.casework.Begin(c.firm(short), round, exact, short)
		c.refused("an application where the system proposes", err, fault.Conflict, "不用申报")
		if open, err := c.casework.Openings(c.firm(short), short); err != nil || len(open) != 1 || open[0].Round.ID != other.ID {
			c.t.Errorf("openings: %+v, %v", open, err)
		}

		// Proposing again finds who is verified meanwhile, and nobody twice.
		facts, err = c.registry.Facts(c.system(), declared)
		if err != nil {
			c.t.Fatal(err)
		}
		at = slices.IndexFunc(facts, func(f registry.Fact) bool { return f.Term == "营业收入" && f.Period == "2024" })
		if _, err := c.registry.Verify(c.system(), facts[at].ID, "2024年统计年报"); err != nil {
			c.t.Fatal(err)
		}
		c.doRound(office, round, "补充提名", "", nil)
		if got = c.proposed(round); len(got) != 5 || got[declared].AmountText != "9,000元" {
			c.t.Errorf("proposed again: %+v", got)
		}

		// The officer pushes all at once, and refuses one.
		c.at("2026-03-03")
		c.refused("another department", c.act(c.officer("市商务局", ""), "case", got[yes].ID, "推送企业", "", nil), fault.NotFound, "")
		var acts []process.Act
		for _, p := range []string{yes, also, declines, silent} {
			view, err := c.engine.Of(office, "case", got[p].ID)
			if err != nil {
				c.t.Fatal(err)
			}
			acts = append(acts, process.Act{Task: view.Tasks[0].ID, Version: view.Tasks[0].Version, Action: "推送企业"})
		}
		results, err := c.engine.ActMany(office, acts)
		if err != nil || slices.ContainsFunc(results, func(r process.ActResult) bool { return r.Error != nil || r.Instance.Stage != "待企业确认" }) {
			c.t.Fatalf("pushing: %+v, %v", results, err)
		}
		c.do(office, got[declared].ID, "不予推送", "数据尚在核对", nil)

		// The firm gives an account and confirms; nothing else is asked of it, nor taken.
		k := got[yes].ID
		f, err := c.casework.FormOf(c.firm(yes), k)
		if err != nil || len(f.Missing) != 1 || f.Missing[0].Field != "account" || f.Commitment != "" || len(f.Asked) != 0 || len(f.Known) == 0 || f.Result.Amount.High != 9000_00 {
			c.t.Fatalf("the form: %+v, %v", f, err)
		}
		_, err = c.casework.Save(c.firm(yes), k, f.Version, casework.Draft{Contact: "张三"})
		c.refused("filling in what the system proposed", err, fault.Conflict, "不用填报")
		c.refused("without an account", c.act(c.firm(yes), "case", k, "确认", "", nil), fault.Invalid, "收款账户")
		for _, p := range []string{yes, also, silent} {
			c.purse.accounts[p] = true
		}
		c.refused("another firm confirms", c.act(c.firm(also), "case", k, "确认", "", nil), fault.NotFound, "")
		c.refused("the office confirms", c.act(office, "case", k, "确认", "", nil), fault.Forbidden, "")
		c.do(c.firm(yes), k, "确认", "", nil)
		c.do(c.firm(also), got[also].ID, "确认", "", nil)
		c.do(c.firm(declines), got[declines].ID, "放弃", "", nil)

		// Ten working days from Tuesday 3 March 2026: 4, 5, 6, 9, 10, 11, 12, 13, 16 and 17 March. Until they are over nothing is settled.
		c.at("2026-03-17")
		if err := c.engine.Tick(c.system()); err != nil {
			c.t.Fatal(err)
		}
		if got := c.stage(got[silent].ID); got != "待企业确认" {
			c.t.Errorf("on the last day it stands at %s", got)
		}
		c.refused("a firm has not answered", c.act(office, "round", round, "冻结结算", "", nil), fault.Conflict, "还有1件没有办到“待结算”")
		c.at("2026-03-18")
		if err := c.engine.Tick(c.system()); err != nil {
			c.t.Fatal(err)
		}
		if got := c.stage(got[silent].ID); got != "已放弃" {
			c.t.Errorf("after the last day it stands at %s", got)
		}
		c.doRound(office, round, "冻结结算", "", nil)

		// One goes back to be looked at again: the notice waits until its firm has confirmed, and it is settled with the others.
		c.do(office, got[also].ID, "退回核对", "再核对一次", nil)
		c.refused("a notice while one is looked at", c.act(office, "round", round, "发布公示", "", nil), fault.Conflict, "还有1件")
		c.do(office, got[also].ID, "推送企业", "", nil)
		c.refused("a notice while a firm has not answered", c.act(office, "round", round, "发布公示", "", nil), fault.Conflict, "还有1件")
		c.do(c.firm(also), got[also].ID, "确认", "", nil)
		c.refused("a notice of what is not settled", c.act(office, "round", round, "发布公示", "", nil), fault.Conflict, "还有1件")
		c.doRound(office, round, "退回重新结算", "补上一件", nil)
		c.refused("proposing in a frozen round", c.act(office, "round", round, "补充提名", "", nil), fault.Conflict, "已经截止")
		c.doRound(office, round, "冻结结算", "", nil)
		c.doRound(office, round, "发布公示", "", nil)
		notices, err := c.casework.Notices(c.public(), true, round, 1, 20)
		// Five working days from Wednesday 18 March: 19, 20, 23, 24, 25 March. 9,000 + 12,000.
		if err != nil || len(notices.Items) != 1 || notices.Items[0].Total != 21_000_00 || notices.Items[0].Until.String() != "2026-03-25" {
			c.t.Fatalf("the notice: %+v, %v", notices, err)
		}
		c.at("2026-03-25")
		if _, err := c.casework.Object(c.public(), notices.Items[0].ID, casework.ObjectionDraft{Case: k, Kind: "person", Name: "李四", Contact: "13900000000",
			Statement: "这家企业的营业收入与事实不符。"}); err != nil {
			c.t.Fatal(err)
		}
		c.at("2026-03-26")
		c.refused("while an objection is open", c.act(office, "round", round, "提交决定", "", nil), fault.Conflict, "1份异议")
		list, err := c.casework.Objections(office, casework.ObjectionFilter{State: "open"})
		if err != nil || len(list.Items) != 1 {
			c.t.Fatalf("objections: %+v, %v", list, err)
		}
		o, err := c.casework.Admit(office, list.Items[0].ID, list.Items[0].Version, true, "署名齐全，予以受理")
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := c.casework.Dispose(office, o.ID, o.Version, false, "经核对统计年报，数据属实"); err != nil {
			c.t.Fatal(err)
		}
		c.doRound(office, round, "提交决定", "", nil)
		c.refused("who looked at a case decides", c.act(c.as("officer/"+economy+"/", reviewerGrants()...), "round", round, "同意支持", "同意", nil), fault.Forbidden, "系统提名")
		c.purse.limit = 20_999_99
		c.refused("more than the budget", c.act(c.leader(economy), "round", round, "同意支持", "同意", nil), fault.Conflict, "预算")
		c.purse.limit = 21_000_00
		c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
		if len(c.purse.committed) != 2 || c.purse.committed[k].Amount != 9000_00 || c.purse.committed[got[also].ID].Amount != 12_000_00 {
			c.t.Errorf("the awards: %+v", c.purse.committed)
		}
		c.doRound(c.finance(), round, "下达资金", "", nil)
		for id, a := range c.purse.committed {
			if err := c.casework.Paid(c.system(), id, all(a.Amount, date("2026-03-26"), "line")); err != nil {
				c.t.Fatal(err)
			}
		}
		c.doRound(c.finance(), round, "办结", "", nil)
		end, err := c.casework.Case(c.firm(yes), k)
		if err != nil || end.Ended != "granted" || end.Stage != "已兑付" || *end.Sum.Paid != 9000_00 || end.Origin != "system" {
			c.t.Errorf("at the end: %+v, %v", end, err)
		}

		// The next round of the same year proposes to those who went without, not to who was paid or has applied.
		next := c.proposing("2026-12")
		c.doRound(office, next, "开始提名", "", nil)
		again := c.proposed(next)
		for _, p := range []string{declines, silent, declared} {
			if _, ok := again[p]; !ok {
				c.t.Errorf("the next round does not propose to %s", got[p].PartyName)
			}
		}
		if len(again) != 3 {
			c.t.Errorf("the next round proposes to %+v", again)
		}
		c.audited()
	})
}
