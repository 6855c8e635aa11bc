package schemefiles_test

import (
	"strings"
	"testing"

	"shanglin/policy"
)

// The golden cases told in words, in both languages; the arithmetic is that of the reference notes, by hand.
// Turns red when a figure, a cap, a distance or a sentence of an explanation changes.
func TestGoldenCasesAreTold(t *testing.T) {
	lib := load(t)
	for _, x := range []struct {
		name, scheme, on, facts string
		short, shortEnglish     string
		part, zh, en            string
	}{
		// 10989 − 9990 = 999, 999 ÷ 9990 = 10%; 999 ÷ 100 = 9.99, nine steps; 9 × 500 = 4,500
		{"X04: 4,500", "cx2025/C001", "2026-06-30", "营业收入@2023: 9000万元; 营业收入@2024: 9990万元; 营业收入@2025: 10989万元; 规上数字经济制造业名录: 是",
			"符合：最高4,500元", "met: up to CNY 4,500", "amount",
			`当年营业收入的增加额：10,989万元 − 9,990万元 = 999万元
999万元 ÷ 100万元 = 9.99 → 9档（不足一档不计）
9档 × 最高500元 = 最高4,500元
应得：最高4,500元`,
			`increase of operating revenue of 2025: CNY 109.89 million − CNY 99.9 million = CNY 9.99 million
CNY 9.99 million ÷ CNY 1 million = 9.99 → 9 steps (a part of a step does not count)
9 steps × up to CNY 500 = up to CNY 4,500
due: up to CNY 4,500`},
		// 16.1 − 10 = 6.1亿 = 610 steps; 610 × 500 = 305,000, cut to 300,000
		{"X04: the cap", "cx2025/C001", "2026-06-30", "营业收入@2023: 9亿元; 营业收入@2024: 10亿元; 营业收入@2025: 16.1亿元; 规上数字经济制造业名录: 是",
			"符合：最高30万元（已按封顶30万元计）", "met: up to CNY 300,000 (cut by the cap of CNY 300,000)", "amount",
			`当年营业收入的增加额：16.1亿元 − 10亿元 = 6.1亿元
6.1亿元 ÷ 100万元 = 610档
610档 × 最高500元 = 最高30.5万元
最高30.5万元超过封顶30万元，按30万元计，少5,000元
应得：最高30万元`,
			`increase of operating revenue of 2025: CNY 1.61 billion − CNY 1 billion = CNY 610 million
CNY 610 million ÷ CNY 1 million = 610 steps
610 steps × up to CNY 500 = up to CNY 305,000
up to CNY 305,000 exceeds the cap of CNY 300,000: cut to CNY 300,000, CNY 5,000 less
due: up to CNY 300,000`},
		// 999 ÷ 10000 = 9.99%, 0.01 points short; 11000 − 10999 = 1万元
		{"X04: 9.99%", "cx2025/C001", "2026-06-30", "营业收入@2023: 9000万元; 营业收入@2024: 10000万元; 营业收入@2025: 10999万元; 规上数字经济制造业名录: 是",
			"不符合：2025年营业收入差1万元，应达到1.1亿元（该年度已结束，不能再改变）",
			"not met: operating revenue of 2025 is CNY 10,000 short of CNY 110 million (that year is over and cannot be changed)", "changes",
			"2025年营业收入差1万元，应达到1.1亿元",
			"operating revenue of 2025 is CNY 10,000 short of CNY 110 million"},
		// 9324 − 8325 = 999, 999 ÷ 8325 = 12%; nine steps of 1,000
		{"X05", "cx2024/C011", "2025-06-30", "营业收入@2022: 8000万元; 营业收入@2023: 8325万元; 营业收入@2024: 9324万元; 规上数字经济制造业名录: 是",
			"符合：9,000元", "met: CNY 9,000", "amount",
			`当年营业收入的增加额：9,324万元 − 8,325万元 = 999万元
999万元 ÷ 100万元 = 9.99 → 9档（不足一档不计）
9档 × 1,000元 = 9,000元
应得：9,000元`,
			`increase of operating revenue of 2024: CNY 93.24 million − CNY 83.25 million = CNY 9.99 million
CNY 9.99 million ÷ CNY 1 million = 9.99 → 9 steps (a part of a step does not count)
9 steps × CNY 1,000 = CNY 9,000
due: CNY 9,000`},
		// 1.15 − 1.1 = 500万元 above ten per cent: five steps of 1,000 beside 20,000
		{"X06", "cx2023/C014", "2023-12-31", "产值@2022: 1亿元; 产值@2023: 1.15亿元; 数字经济核心制造业库: 2022-03-01",
			"符合：至多2.5万元", "met: at most CNY 25,000", "amount",
			`当年产值－110%×上年产值：1.15亿元 − (110% × 1亿元) = 500万元
500万元 ÷ 100万元 = 5档
5档 × 1,000元 = 5,000元
合计 2万元 + 5,000元 = 2.5万元
按条款算得：2.5万元
另受本申报人的限额
与相关条款合计，每个企业每年度不超过1次，就高不重复；已经得过的也算在内，可能不能再得
应得：至多2.5万元`,
			`industrial output value of 2023 − 110% × industrial output value of 2022: CNY 115 million − (110% × CNY 100 million) = CNY 5 million
CNY 5 million ÷ CNY 1 million = 5 steps
5 steps × CNY 1,000 = CNY 5,000
together CNY 20,000 + CNY 5,000 = CNY 25,000
the clause comes to: CNY 25,000
limits of this applicant alone
together with related clauses, each firm each year at most 1 time; only the highest counts; earlier awards count too, so there may be nothing left
due: at most CNY 25,000`},
		// 200 × 3% = 6, 300 × 6% = 18, together 24, cut to 20
		{"X08", "cx2021/C035", "2022-06-30", "智能制造工程服务公司: 2021-01-01; 主营业务收入@2021: 500万元; 硬件销售额@2021: 200万元; 软件服务额@2021: 300万元",
			"符合：20万元（已按封顶20万元计）", "met: CNY 200,000 (cut by the cap of CNY 200,000)", "amount",
			`当年硬件销售额 200万元 × 3% = 6万元
当年软件服务额 300万元 × 6% = 18万元
合计 6万元 + 18万元 = 24万元
24万元超过封顶20万元，按20万元计，少4万元
应得：20万元`,
			`hardware sales of 2021 CNY 2 million × 3% = CNY 60,000
software and service sales of 2021 CNY 3 million × 6% = CNY 180,000
together CNY 60,000 + CNY 180,000 = CNY 240,000
CNY 240,000 exceeds the cap of CNY 200,000: cut to CNY 200,000, CNY 40,000 less
due: CNY 200,000`},
		// 30 for the national level, less the 10 received for the municipal one
		{"X11", "cx2022/C027", "2022-12-31", "融合示范.级别: 国家级; received(cx2022/C027): 10万元",
			"符合：最高20万元", "met: up to CNY 200,000", "amount",
			`评价日有效的融合示范的最高级别为国家级：最高30万元
最高30万元 − 10万元（此前已获“制造业与互联网融合示范奖励”的金额） = 最高20万元
应得：最高20万元`,
			`highest level of manufacturing and internet integration demonstration valid on the day of evaluation is national level: up to CNY 300,000
up to CNY 300,000 − CNY 100,000 (earlier award under “Award for demonstrations of manufacturing and internet integration”) = up to CNY 200,000
due: up to CNY 200,000`},
	} {
		t.Run(x.name, func(t *testing.T) {
			f := policy.NewFacts(lib.Vocabulary())
			for _, pair := range strings.Split(x.facts, "; ") {
				key, value, _ := strings.Cut(pair, ": ")
				if err := f.Set(key, value, policy.Source{}); err != nil {
					t.Fatal(err)
				}
			}
			s := lib.Scheme(x.scheme)
			for lang, want := range map[policy.Lang][2]string{policy.Chinese: {x.short, x.zh}, policy.English: {x.shortEnglish, x.en}} {
				r := s.Evaluate(policy.Question{Facts: f, On: day(t, x.on), Explain: true, Changes: true, Lang: lang})
				told := s.Explanation(r, lang)
				if told.Short != want[0] {
					t.Errorf("%s: in short %q, want %q", lang, told.Short, want[0])
				}
				var got []string
				var walk func(list []policy.Line)
				walk = func(list []policy.Line) {
					for _, l := range list {
						got = append(got, l.Text)
						walk(l.Lines)
					}
				}
				for _, part := range told.Sections {
					if part.Kind == x.part {
						walk(part.Lines)
					}
				}
				if strings.Join(got, "\n") != want[1] {
					t.Errorf("%s:\n%s\nwant:\n%s", lang, strings.Join(got, "\n"), want[1])
				}
			}
		})
	}
}
