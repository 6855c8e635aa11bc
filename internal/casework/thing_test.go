package casework_test

import (
	"errors"
	"slices"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// equipment is a clause for a project: 10% of what was invested in equipment, at most 50万 a project ever and 90万 a firm and year.
const equipment = "projects/C1"

var projects = map[string]string{"cixi/projects.yaml": `document: projects
title: 设备补助（测试）
number: not_found
body: 慈溪市
dates: {published: 2025-01-01, performance: 2025}
periods: {当年: P}
rounding: {to: 0.01元, mode: down}
process: 申报评审
schemes:
  C1:
    title: 设备补助
    cite: 一
    office: 市经信局
    text: 按项目设备投资的10%补助，一个项目累计不超过50万元，一家企业一年不超过90万元。
    for: 项目
    kind: money
    amount: {give: 10%, of: 设备投资额}
    limits:
    - {at_most: 50万元, per: [项目]}
    - {at_most: 90万元, per: [企业, 年度]}
    examples:
    - {P: 2025, given: {设备投资额: 300万元}, expect: {answer: met, amount: 30万元}}
  C2:
    title: 设备奖励
    cite: 二
    office: 市经信局
    text: 按项目设备投资的1%奖励。
    for: 项目
    kind: money
    amount: {give: 1%, of: 设备投资额}
    examples:
    - {P: 2025, given: {设备投资额: 300万元}, expect: {answer: met, amount: 3万元}}
`}

// about saves an application with the project that it is about and what was invested in it.
func (c *county) about(id, party, thing, invested string) error {
	c.t.Helper()
	f, err := c.casework.FormOf(c.firm(party), id)
	if err != nil {
		c.t.Fatal(err)
	}
	d := casework.Draft{Thing: thing, Commitment: true, Contact: "张三", Phone: "13800000000"}
	if invested != "" {
		d.Statements = []registry.FactBody{{Term: "设备投资额", Value: invested}}
	}
	_, err = c.casework.Save(c.firm(party), id, f.Version, d)
	return err
}

// applied hands in an application about a project and brings it to where it waits for settlement.
func (c *county) applied(round, scheme, party, thing, invested string) string {
	c.t.Helper()
	k, err := c.casework.Begin(c.firm(party), round, scheme, party)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.about(k.ID, party, thing, invested); err != nil {
		c.t.Fatalf("%s: %v", thing, err)
	}
	c.do(c.firm(party), k.ID, "提交", "", nil)
	c.passed(k.ID, party, thing)
	return k.ID
}

// passed verifies what was said of a project and brings the application to where it waits for settlement.
func (c *county) passed(id, party, thing string) {
	c.t.Helper()
	officer := c.officer(economy, "")
	facts, err := c.registry.Facts(officer, party)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range facts {
		if f.Thing == thing && !f.Verified {
			if _, err := c.registry.Verify(officer, f.ID, "发票"); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	c.do(officer, id, "受理", "", nil)
	for _, d := range departments {
		c.do(c.officer(d, ""), id, "反馈核查结果", "无问题", clear())
	}
	c.do(officer, id, "通过", "", nil)
}

// Two projects of one firm in one round: 300万 and 700万 of equipment. 10% are 30万 and 70万; a project has 50万 at most, so that the second comes to
// 50万, and the firm to 80万 of its 90万. In a second round of the year the first project, where 400万 are invested by now, has 40万, of which the
// project leaves 50 − 30 = 20万 and the firm 90 − 80 = 10万: 10万. What was entered before for no project in particular (900万) is of neither.
//
// Mutations that turn this red: let Begin find the application that says its project; leave the name out of the claim's fields, out of what the award
// is counted by, out of the statements, out of the unique index; read for a project what names none; let a handed in application change its project.
func TestTwoProjectsOfOneFirm(t *testing.T) {
	eachWith(t, projects, func(c *county) {
		firm, officer := c.party(1, "甲电器有限公司", "周巷镇"), c.officer(economy, "")
		c.state(firm, registry.Statement{Term: "设备投资额", Value: "900万元"})
		first, second := c.round("2026-01", equipment), c.round("2026-02", equipment)

		// Which project it is has to be said, and the figure that names none is not the project's.
		k, err := c.casework.Begin(c.firm(firm), first, equipment, firm)
		if err != nil {
			c.t.Fatal(err)
		}
		if err := c.about(k.ID, firm, "", "300万元"); err != nil {
			c.t.Fatal(err)
		}
		f, err := c.casework.FormOf(c.firm(firm), k.ID)
		if err != nil || f.Of != "项目" || !slices.ContainsFunc(f.Missing, func(g casework.Gap) bool { return g.Field == "thing" }) {
			c.t.Errorf("%+v, %v", f, err)
		}
		c.refused("no project", c.act(c.firm(firm), "case", k.ID, "提交", "", nil), fault.Invalid, "哪一个项目")
		if err := c.about(k.ID, firm, " 一号线 ", ""); err != nil {
			c.t.Fatal(err)
		}
		if f, err = c.casework.FormOf(c.firm(firm), k.ID); err != nil || f.Draft.Thing != "一号线" || len(f.Known) != 0 || f.Result.Answer == policy.Met && f.Result.Amount.High > 0 {
			c.t.Errorf("another's figure: %+v, %v", f, err)
		}
		// A second draft is another application; not about the same project.
		one := c.applied(first, equipment, firm, "二号线", "700万元")
		again, err := c.casework.Begin(c.firm(firm), first, equipment, firm)
		if err != nil || again.ID == k.ID || again.ID == one {
			c.t.Fatalf("%+v, %v", again, err)
		}
		c.refused("the same project", c.about(again.ID, firm, "一号线", "300万元"), fault.Conflict, "一号线")
		c.refused("the same project", c.about(again.ID, firm, "二号线", "300万元"), fault.Conflict, "不能再报")
		c.do(c.firm(firm), again.ID, "撤回", "", nil)
		if err := c.about(k.ID, firm, "一号线", "300万元"); err != nil {
			c.t.Fatal(err)
		}
		c.do(c.firm(firm), k.ID, "提交", "", nil)
		facts, err := c.registry.Facts(officer, firm)
		if err != nil {
			c.t.Fatal(err)
		}
		got := map[string]string{}
		for _, x := range facts {
			got[x.Thing] = x.Shown
		}
		if len(facts) != 3 || got["一号线"] != "300万元" || got["二号线"] != "700万元" || got[""] != "900万元" {
			c.t.Errorf("facts: %v", got)
		}
		c.passed(k.ID, firm, "一号线")

		c.at("2026-04-01")
		c.doRound(officer, first, "截止申报", "", nil)
		c.doRound(officer, first, "冻结结算", "", nil)
		sum := func(id string, want policy.Fen, cuts int) {
			c.t.Helper()
			x, err := c.casework.Case(officer, id)
			if err != nil || x.Sum.Settled == nil || *x.Sum.Settled != want || len(x.Sum.Cuts) != cuts {
				c.t.Errorf("%s: %+v, %v", x.Thing.Name, x.Sum, err)
			}
		}
		sum(k.ID, 30_0000_00, 0)
		sum(one, 50_0000_00, 1)
		c.doRound(officer, first, "发布公示", "", nil)
		list, err := c.casework.Notices(c.public(), true, first, 1, 10)
		if err != nil || len(list.Items) != 1 {
			c.t.Fatal(list, err)
		}
		n, err := c.casework.Notice(c.public(), list.Items[0].ID)
		if err != nil || len(n.Lines) != 2 || !slices.ContainsFunc(n.Lines, func(l casework.NoticeLine) bool {
			return l.Title == "设备补助（一号线）" && l.Amount == 30_0000_00
		}) {
			c.t.Errorf("the notice: %+v, %v", n, err)
		}
		c.at("2026-04-10")
		c.doRound(officer, first, "提交决定", "", nil)
		c.doRound(c.leader(economy), first, "同意支持", "同意", nil)

		c.at("2026-03-30")
		late := c.applied(second, equipment, firm, "一号线", "400万元")
		x, err := c.casework.Case(officer, late)
		if err != nil || x.Thing != (registry.Thing{Kind: "项目", Name: "一号线"}) || x.Assessment.Left == nil || x.Assessment.Left.Most != 10_0000_00 {
			c.t.Errorf("%+v, %+v, %v", x.Thing, x.Assessment.Left, err)
		}
		c.refused("another project after it was handed in", c.about(late, firm, "三号线", "1万元"), fault.Conflict, "")
		c.at("2026-04-11")
		c.doRound(officer, second, "截止申报", "", nil)
		c.doRound(officer, second, "冻结结算", "", nil)
		sum(late, 10_0000_00, 2)
		c.audited()
	})
}

// What is sent back for correction stays about its project. An award is counted by its project from then on though no limit counted by it when it was
// made: a later issue may. 500万 × 1% = 5万.
//
// Mutations that turn this red: leave the lock out of mayBeAbout; count an award by nothing but what its limits name.
func TestAnAwardOfAProjectNamesIt(t *testing.T) {
	eachWith(t, projects, func(c *county) {
		firm, officer := c.party(1, "甲电器有限公司", "周巷镇"), c.officer(economy, "")
		round := c.round("2026-01", "projects/C2")
		k, err := c.casework.Begin(c.firm(firm), round, "projects/C2", firm)
		if err != nil {
			c.t.Fatal(err)
		}
		if err := c.about(k.ID, firm, "三号线", "500万元"); err != nil {
			c.t.Fatal(err)
		}
		c.do(c.firm(firm), k.ID, "提交", "", nil)
		c.do(officer, k.ID, "一次性告知补正", "", map[string]any{"items": []map[string]any{{"text": "发票缺页"}}})
		c.refused("another project in the correction", c.about(k.ID, firm, "四号线", "500万元"), fault.Conflict, "另报一件")
		if err := c.about(k.ID, firm, "三号线", "500万元"); err != nil {
			c.t.Fatal(err)
		}
		c.do(c.firm(firm), k.ID, "重新提交", "", nil)
		c.passed(k.ID, firm, "三号线")
		c.closed(round)
		c.doRound(officer, round, "发布公示", "", nil)
		c.at("2026-04-10")
		c.doRound(officer, round, "提交决定", "", nil)
		c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
		library, err := schemes.Library(c.system())
		if err != nil {
			c.t.Fatal(err)
		}
		facts, err := c.registry.FactsOf(c.system(), library.Vocabulary(), firm)
		if past := facts.Past(); err != nil || len(past) != 1 || past[0].Amount != 5_0000_00 || past[0].Fields["项目"] != "三号线" {
			c.t.Errorf("%+v, %v", past, err)
		}
	})
}

// A scheme that is for the firm has one application of it in a round, and no name of anything.
//
// Mutation that turns this red: let mayBeAbout pass what is for the party.
func TestAnApplicationOfAFirmIsAboutNoProject(t *testing.T) {
	each(t, func(c *county) {
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		c.grows(firm)
		id := c.drafted(c.round("2026-01", c001), c001, firm)
		c.refused("a project", c.about(id, firm, "一号线", ""), fault.Invalid, "不分")
	})
}

// Two drafts of one firm say the same project at the same moment: one is, the other is refused as it would be a moment later.
//
// Mutation that turns this red: leave the index unique no more.
func TestTwoDraftsNameOneProjectAtOnce(t *testing.T) {
	eachWith(t, projects, func(c *county) {
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		round := c.round("2026-01", equipment)
		var ids []string
		for _, first := range []string{"七号线", "八号线"} {
			k, err := c.casework.Begin(c.firm(firm), round, equipment, firm)
			if err != nil {
				c.t.Fatal(err)
			}
			if err := c.about(k.ID, firm, first, "300万元"); err != nil {
				c.t.Fatal(err)
			}
			ids = append(ids, k.ID)
		}
		say := func(id string) func() error {
			f, err := c.casework.FormOf(c.firm(firm), id)
			if err != nil {
				c.t.Fatal(err)
			}
			return func() error {
				_, err := c.casework.Save(c.firm(firm), id, f.Version, casework.Draft{Thing: "一号线", Contact: "张三", Phone: "13800000000"})
				return err
			}
		}
		errs := storetest.Held(c.t, c.base, `UPDATE cases SET version = version WHERE party = ?`, firm, say(ids[0]), say(ids[1]))
		if errs[0] != nil && errs[1] != nil || fault.CodeOf(errors.Join(errs...)) != fault.Conflict {
			c.t.Errorf("%v", errs)
		}
		c.audited()
	})
}
