package matching_test

import (
	"context"
	"testing"
	"testing/fstest"

	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
)

// Two firms grow by 10% and 12%. Where the whole place grew by 11%, one is above it and one below; before the figure is stated neither is known.
// Stating it once lets one bulk run wait, and that run answers both; 12.1% leaves neither.
// Turns red when the region is told of as one party, or its figures are not among every party's facts.
func TestRegionChangesEverybody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
		c := foundOn(t, ctx, fstest.MapFS{
			"chain.json": file(`{"levels": [{"folder": "county", "label": "本县"}], "chains": {"county": ["county"]}}`),
			"county/vocabulary.yaml": file(`vocabulary: 地区词汇
terms:
  销售额: {english: sales, of: 企业, unit: 元, every: 年, at_least: 0元, from: 统计部门}
  全县增速: {english: growth of the county, of: 地区, unit: '%', every: 年, from: 统计部门}
`),
			"county/r2025.yaml": file(`document: r2025
title: 增速高于全县平均的奖励
number: not_found
body: 本县人民政府
dates: {published: 2026-01-01, valid_until: 2027-12-31, performance: 2025}
periods: {当年: P}
rounding: {to: 0.01元, mode: down}
no_base: manual
schemes:
  above:
    title: 增长奖励
    cite: 一
    office: 统计部门
    for: 企业
    kind: money
    text: 增速不低于全县平均的奖励1万元。
    require: {of: growth(销售额@当年) - 全县增速@当年, at_least: 0百分点}
    amount: 1万元
    examples:
    #= 10%不低于10%：1万元
    - {P: 2025, given: {销售额@2024: 100元, 销售额@2025: 110元, 全县增速@2025: 10%}, expect: {answer: met, amount: 1万元}}
`),
		})
		ten, twelve := c.firm(1, "甲", "东镇"), c.firm(2, "乙", "西镇")
		c.figure(ten, "销售额", 2024, "1000万元")
		c.figure(ten, "销售额", 2025, "1100万元")
		c.figure(twelve, "销售额", 2024, "1000万元")
		c.figure(twelve, "销售额", 2025, "1120万元")
		answers := func(what, first, second string) {
			t.Helper()
			got := c.stored()
			if a, b := got[ten+" r2025/above"].Answer, got[twelve+" r2025/above"].Answer; a != first || b != second {
				t.Errorf("%s: %s and %s, want %s and %s", what, a, b, first, second)
			}
		}
		answers("before anybody states it", "unknown", "unknown")
		for _, x := range []struct{ value, first, second string }{{"11%", "unmet", "met"}, {"12.1%", "unmet", "unmet"}} {
			if _, err := c.registry.State(c.ctx, registry.Statement{Party: registry.Region, Term: "全县增速", Year: 2025, Value: x.value, Evidence: "统计公报"}); err != nil {
				t.Fatal(err)
			}
			if n := c.waiting(schemes.JobRecompute); n != 1 {
				t.Errorf("%d jobs wait", n)
			}
			if err := c.matching.All(c.ctx, silent); err != nil {
				t.Fatal(err)
			}
			answers(x.value, x.first, x.second)
		}
	})
}
