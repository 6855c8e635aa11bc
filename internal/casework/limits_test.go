package casework_test

import (
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// A round whose scheme has two places and a shared sum. The places go by growth: 乙 has 20 %, 甲 and 丙 have 10 % each, so that the second place
// is a tie, which a person decides. Then 4,500 + 10,000 = 14,500 stand against 10,000: 4,500 × 10,000 / 14,500 = 3,103.448… and
// 10,000 × 10,000 / 14,500 = 6,896.551…; the floors leave one fen for the larger remainder: 3,103.45 + 6,896.55. A second round of the same
// year finds both places taken.
//
// Mutations that turn this red: settle claim by claim; hand no history; leave out c.awarded > 0; let a tie go by number.
func TestARoundWithPlacesAndASharedSum(t *testing.T) {
	each(t, func(c *county) {
		c.republished("cixi/cx2025.yaml", "    examples:\n    #= X04：增量 10989", `    limits:
    - {at_most: 2项, per: [年度], share: rank, key: growth(营业收入@当年), tie: manual}
    - {at_most: 1万元, per: [年度], share: prorata, key: 统一社会信用代码}
    examples:
    #= X04：增量 10989`)
		officer := c.officer(economy, "")
		jia, yi, bing, ding := c.party(1, "甲电器有限公司", "周巷镇"), c.party(2, "乙电器有限公司", "周巷镇"), c.party(3, "丙电器有限公司", "周巷镇"), c.party(4, "丁电器有限公司", "周巷镇")
		for _, p := range []string{jia, bing, ding} {
			c.grows(p)
		}
		for year, value := range map[int]string{2023: "9000万元", 2024: "1亿元", 2025: "1.2亿元"} {
			c.state(yi, registry.Statement{Term: "营业收入", Year: year, Value: value})
		}
		c.state(yi, registry.Statement{Term: "规上数字经济制造业名录", Record: &registry.RecordOf{From: date("2020-01-01"), Until: date("2030-12-31")}})
		round, second := c.round("2026-01", c001), c.round("2026-02", c001)
		cases := map[string]string{}
		for p, sum := range map[string]policy.Fen{jia: 4500_00, yi: 10_000_00, bing: 4500_00} {
			cases[p] = c.submitted(round, c001, p)
			c.reviewed(cases[p], sum)
		}
		late := c.submitted(second, c001, ding)
		c.reviewed(late, 4500_00)

		c.at("2026-04-01")
		c.doRound(officer, round, "截止申报", "", nil)
		c.refused("a tie", c.act(officer, "round", round, "冻结结算", "", nil), fault.Conflict, "末位并列")
		c.do(officer, cases[bing], "改为不予支持", "集体研究，同等条件下支持甲", nil)
		c.doRound(officer, round, "冻结结算", "", nil)
		sum := func(id string) casework.Sum {
			k, err := c.casework.Case(officer, id)
			if err != nil || k.Sum.Settled == nil {
				c.t.Fatalf("%+v, %v", k, err)
			}
			return k.Sum
		}
		a, b := sum(cases[jia]), sum(cases[yi])
		if *a.Settled != 3103_45 || *b.Settled != 6896_55 {
			c.t.Errorf("settled at %s and %s", a.Settled, b.Settled)
		}
		if len(a.Cuts) != 1 || a.Cuts[0].Stage != "pool" || a.Cuts[0].From != 4500_00 || a.Cuts[0].To != 3103_45 {
			c.t.Errorf("cuts: %+v", a.Cuts)
		}

		// What was awarded counts first in the next round of the year.
		c.doRound(officer, round, "发布公示", "", nil)
		c.at("2026-04-10")
		c.doRound(officer, round, "提交决定", "", nil)
		c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
		// and is known of the party wherever its facts are read.
		library, err := schemes.Library(c.system())
		if err != nil {
			c.t.Fatal(err)
		}
		facts, err := c.registry.FactsOf(c.system(), library.Vocabulary(), jia)
		if past := facts.Past(); err != nil || len(past) != 1 || past[0].Amount != 3103_45 || past[0].Year != 2025 || past[0].Round != "2026-01" {
			c.t.Errorf("awarded: %+v, %v", past, err)
		}
		if facts, err = c.registry.FactsOf(c.system(), library.Vocabulary(), ding); err != nil || len(facts.Past()) != 0 {
			c.t.Errorf("awarded to another: %+v, %v", facts.Past(), err)
		}
		c.doRound(officer, second, "截止申报", "", nil)
		c.doRound(officer, second, "冻结结算", "", nil)
		if x := sum(late); *x.Settled != 0 || len(x.Cuts) != 1 || x.Cuts[0].Stage != "quota" {
			c.t.Errorf("in the second round: %s, %+v", x.Settled, x.Cuts)
		}
		c.audited()
	})
}
