package casework_test

import (
	"slices"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/registry"
)

// rated is a recognition with levels by revenue: 1亿元 and more 省级, 5,000万元 and more 设区市级.
const rated = "stars/S1"

var stars = map[string]string{"cixi/stars.yaml": `document: stars
title: 分级认定（测试）
number: not_found
body: 慈溪市
dates: {published: 2025-01-01, performance: 2025}
periods: {当年: P}
rounding: {to: 0.01元, mode: down}
no_base: manual
process: 推荐认定
schemes:
  S1:
    title: 分级认定
    cite: 一
    office: 市经信局
    text: 营业收入1亿元以上的为省级，5000万元以上的为市级。
    for: 企业
    kind: recognition
    require: {of: 营业收入@当年, at_least: 1元, text: 有营业收入}
    level:
      field: 级别
      words: 行政级别
      by: 营业收入@当年
      at_least: {10000万元: 省级, 5000万元: 市级}
    valid: 2年
    examples:
    - {P: 2025, given: {营业收入@2025: 10000万元}, expect: {answer: met, level: 省级}}
`}

// The level that an application was evaluated at stands wherever its outcome does: 1.2亿元 are 省级, 6,000万元 市级. While revenue is not known there is none.
//
// Mutations that turn this red: leave the level out of the evaluated row, or keep an old one; say the lower of two; leave it out of the notice or the list
// that is recommended.
func TestTheLevelStandsWithTheOutcome(t *testing.T) {
	eachWith(t, stars, func(c *county) {
		c.republished("national/process-recommend.yaml", "if: [complete, window_open, holds_not]", "if: [complete, window_open]") // certificates are not of this room
		officer := c.officer(economy, "")
		jia, yi := c.party(1, "甲电器有限公司", "周巷镇"), c.party(2, "乙电器有限公司", "周巷镇")
		r, err := c.casework.MakeRound(officer, casework.RoundDraft{Number: "2026-01", Title: "分级认定", Process: "推荐认定", Performance: 2025, Opens: date("2026-03-02"), Closes: date("2026-03-31"),
			Department: economy, Schemes: []casework.RoundSchemeDraft{{Scheme: rated, Department: economy}}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.doRound(officer, r.ID, "开放申报", "", nil)
		want := map[string]string{}
		for party, x := range map[string][2]string{jia: {"12000万元", "省级"}, yi: {"6000万元", "市级"}} {
			c.state(party, registry.Statement{Term: "营业收入", Year: 2025, Value: x[0]})
			id := c.drafted(r.ID, rated, party)
			if k, err := c.casework.Case(c.firm(party), id); err != nil || k.Level != "" {
				c.t.Errorf("a draft: %+v, %v", k, err)
			}
			c.do(c.firm(party), id, "提交", "", nil)
			c.do(officer, id, "审核通过", "", map[string]any{"opinion": "符合"})
			want[id] = x[1]
		}
		page, err := c.casework.Cases(officer, casework.CaseFilter{Round: r.ID, Per: 10})
		if err != nil || len(page.Items) != 2 {
			c.t.Fatal(page, err)
		}
		for _, x := range page.Items {
			if k, err := c.casework.Case(c.firm(x.Party), x.ID); err != nil || k.Level != want[x.ID] || x.Level != want[x.ID] {
				c.t.Errorf("%s: %s, want %s, %v", x.PartyName, x.Level, want[x.ID], err)
			}
		}
		c.at("2026-04-01")
		c.doRound(officer, r.ID, "截止申报", "", nil)
		c.doRound(officer, r.ID, "审核完毕", "", nil)
		list, err := c.casework.Recommendations(officer, r.ID)
		if err != nil || len(list.Items) != 2 || !slices.ContainsFunc(list.Items, func(x casework.Recommended) bool { return x.Title == "分级认定：省级" }) {
			c.t.Errorf("%+v, %v", list, err)
		}
		c.doRound(officer, r.ID, "形成推荐名单", "按得分", map[string]any{"sequence": []string{page.Items[0].Number, page.Items[1].Number}})
		c.doRound(officer, r.ID, "发布公示", "", nil)
		notices, err := c.casework.Notices(c.public(), true, r.ID, 1, 10)
		if err != nil || len(notices.Items) != 1 {
			c.t.Fatal(notices, err)
		}
		n, err := c.casework.Notice(c.public(), notices.Items[0].ID)
		if err != nil || len(n.Lines) != 2 || !slices.ContainsFunc(n.Lines, func(l casework.NoticeLine) bool {
			return l.Title == "分级认定：市级" && l.Party == "乙电器有限公司"
		}) {
			c.t.Errorf("%+v, %v", n, err)
		}
		c.audited()
	})
}
