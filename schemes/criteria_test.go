package schemefiles_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// The points that a firm of the national criteria's example has without the province's indicators: 59 (5 years, level one of digitalisation).
var fiftyNine = []string{"从事细分市场年限", "5年", "研发费用@2024", "450万元", "研发费用@2023", "300万元", "营业收入@2024", "6000万元",
	"主营业务收入@2024", "5100万元", "主营业务收入@2023", "4840万元", "主营业务收入@2022", "4400万元", "主导产品定位", "六基老字号或配套龙头",
	"数字化水平", "数字化一级", "质量奖", "否", "管理体系认证", "是", "自有品牌", "是", "标准制定", "否", "净利润@2024", "540万元", "资产负债率@2024", "58%",
	"知识产权.档", "自主研发Ⅰ类", "知识产权.与主导产品相关", "是", "研发人员数@2024", "12人", "职工人数@2024", "100人", "研发机构.级别", "省级",
	"科技奖励", "否", "创客中国企业组", "否", "股权融资", "否"}

// A province fills the open indicator in a document of its own; no real one is known to us, so this one is invented and stands only here.
// Before it is filled, 59 points are for a person to decide; after, they are 64 or 59.
// Turns red when the province's definition does not reach the inherited clause, or an unfilled indicator counts as anything but its bounds.
func TestProvinceFillsTheOpenIndicator(t *testing.T) {
	const filled = `document: sample-province
title: 特色化指标（测试用的虚构样例，不是任何省的文件）
number: not_found
body: 虚构
from: miit-2022-63
dates: {published: 2023-01-01}
notes:
- {choice: 虚构的样例, by: 测试, status: assumption}
define:
  专精特新特色化: {by: 主导产品市场占有率, at_least: {20%: 15分, 10%: 10分, 5%: 5分}, else: 0分}
schemes:
  专精特新中小企业: {from: miit-2022-63/专精特新中小企业, cite: not_found}
`
	var files []policy.File
	names, err := fs.Glob(schemefiles.Files, "national/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(schemefiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, policy.File{Path: name, Data: data})
	}
	lib, problems := policy.Load(append(files, policy.File{Path: "province/sample.yaml", Data: []byte(filled)}))
	for _, p := range problems {
		t.Error(p)
	}
	answer := func(scheme, share string) policy.Answer {
		return evaluate(t, lib, scheme, "2025-06-30", append(slices.Clone(fiftyNine), "主导产品市场占有率", share)...).Answer
	}
	for _, x := range []struct {
		scheme, share string
		want          policy.Answer
	}{
		{"miit-2022-63/专精特新中小企业", "5%", policy.Manual},      // 59..74
		{"sample-province/专精特新中小企业", "5%", policy.Met},      // 59+5 = 64
		{"sample-province/专精特新中小企业", "4.99%", policy.Unmet}, // 59+0
	} {
		if got := answer(x.scheme, x.share); got != x.want {
			t.Errorf("%s with %s: %s, want %s", x.scheme, x.share, got, x.want)
		}
	}
}

// The criteria of each batch and date, by the same figures. Turns red when a parameter of a batch moves to another.
func TestBatchesKeepTheirOwnCriteria(t *testing.T) {
	lib := load(t)
	for _, x := range []struct {
		scheme, on string
		standing   policy.Standing
	}{
		{"miit-2022-63/专精特新中小企业", "2026-03-31", policy.InForce},
		{"miit-2022-63/小巨人企业", "2026-04-01", policy.Expired},
		{"miit-2026-2/小巨人企业", "2026-04-01", policy.InForce},
		{"miit-2026-117/小巨人企业", "2026-06-30", policy.InForce}, // the review of 2026 by the criteria of 2022
		{"miit-2026-117/小巨人企业", "2027-01-01", policy.Expired},
		{"champion-2022/单项冠军示范企业", "2024-12-31", policy.InForce},
		{"champion-2022/单项冠军示范企业", "2025-01-01", policy.Expired},
		{"champion-2025/单项冠军企业", "2025-01-01", policy.InForce},
		{"nb-champion-3/宁波单项冠军示范企业", "2019-12-31", policy.InForce},
		{"nb-champion-3/宁波单项冠军示范企业", "2020-01-01", policy.Expired},
		{"nb-champion-4/宁波单项冠军示范企业", "2020-01-01", policy.InForce},
	} {
		if got := lib.Scheme(x.scheme).Document().StandingOn(day(t, x.on)); got != x.standing {
			t.Errorf("%s on %s: %s, want %s", x.scheme, x.on, got, x.standing)
		}
	}
	firm := func(year int) []string {
		return []string{"宁波单项冠军培育企业", "2018-10-01", "主导产品全国排名", "1名", "主导产品全球排名", "9名", fmt.Sprintf("主营业务收入@%d", year), "2亿元"}
	}
	third := evaluate(t, lib, "nb-champion-3/宁波单项冠军示范企业", "2019-10-01", firm(2018)...)
	fourth := evaluate(t, lib, "nb-champion-4/宁波单项冠军示范企业", "2020-10-01", firm(2019)...)
	if third.Answer != policy.Unmet || fourth.Answer != policy.Met {
		t.Errorf("200 million, first in the country: batch three %s, batch four %s", third.Answer, fourth.Answer)
	}
}

// X16: ten of a hundred keep the rule, eleven of a hundred and one do not.
func TestDispatchedWorkers(t *testing.T) {
	lib := load(t)
	for _, x := range []struct {
		contracts, dispatched int
		want                  policy.Answer
	}{{90, 10, policy.Met}, {90, 11, policy.Unmet}, {89, 10, policy.Unmet}, {891, 99, policy.Met}, {890, 99, policy.Unmet}} {
		r := evaluate(t, lib, "labour-dispatch/用工单位派遣比例", "2026-06-30",
			"订立劳动合同人数@2025", fmt.Sprintf("%d人", x.contracts), "使用派遣人数@2025", fmt.Sprintf("%d人", x.dispatched))
		if r.Answer != x.want {
			t.Errorf("%d of %d: %s, want %s", x.dispatched, x.contracts+x.dispatched, r.Answer, x.want)
		}
	}
}

// What the county's reply promises skilled people, as it is read back: 30 places, 10,000 yuan, to the employer.
func TestSkilledTalentReadsBack(t *testing.T) {
	d := load(t).Scheme("reply-2022-18/优秀技能人才").Describe()
	all := strings.Join(append(slices.Clone(d.Gives), d.Limits...), "\n")
	for _, want := range []string{"1万元", "30"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not read back: %s", want, all)
		}
	}
	t.Log(all)
}
