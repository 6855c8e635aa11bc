package policy

import (
	"strings"
	"testing"
)

// What an accountant reads of an amount and of what is lacking, by hand, in both languages. The terms are those of the tests' vocabulary.
// Turns red when a line of the arithmetic is rounded and does not say so, when advice about one figure of a share does not say that the others
// stay, when a distance is told in whole yuan of a figure that has fen, when a share of nothing is told as growth from nothing, or when a way
// that begins at zero is taken for one that nobody can go.
func TestWhatAnAccountantIsTold(t *testing.T) {
	for _, c := range []struct{ name, scheme, facts, part, zh, en string }{
		// 0.85 × 1,000,000.07 = 850,000.0595; a part of a fen is dropped.
		{"rounding", "kind: money\namount: {give: 85%, of: 研发@当年}", "研发@2025: 1000000.07元", "amount",
			"当年研发 1,000,000.07元 × 85% = 850,000.0595元\n不足一分的舍去：850,000.0595元 → 850,000.05元\n应得：850,000.05元",
			"研发 of 2025 CNY 1,000,000.07 × 85% = CNY 850,000.0595\na part of a fen is dropped: CNY 850,000.0595 → CNY 850,000.05\ndue: CNY 850,000.05"},
		// 50% of 3000 is 1500, if the 3000 stay.
		{"share", "kind: recognition\nrequire: {of: 研发@当年 / 收入@当年, at_least: 50%}", "研发@2025: 1400万元; 收入@2025: 3000万元", "changes",
			"2025年研发差100万元，应达到1,500万元（其他数不变时） | 2025年度已结束，不能再改变；本文件只看2025年度，以后各年要看新的文件",
			"研发 of 2025 is CNY 1 million short of CNY 15 million (all other figures as they are) | " +
				"2025 is over and cannot be changed; this document is about 2025 only, later years need a later document"},
		// 15,000,000 − 14,999,999.99 = 0.01.
		{"fen", "kind: recognition\nrequire: {of: 研发@当年, at_least: 1500万元}", "研发@2025: 14999999.99元", "changes",
			"2025年研发差0.01元，应达到1,500万元 | 2025年度已结束，不能再改变；本文件只看2025年度，以后各年要看新的文件",
			"研发 of 2025 is CNY 0.01 short of CNY 15 million | 2025 is over and cannot be changed; this document is about 2025 only, later years need a later document"},
		// 0.01 of 1.1亿 is 9.09…e-11 short, and 0.01 of 1亿 less is 1e-10.
		{"a fen of a figure in whole yuan", "kind: recognition\nrequire: {of: growth(收入@当年) - growth(研发@当年), at_least: 10百分点}",
			"收入@2024: 110000000元; 收入@2025: 120999999.99元; 研发@2024: 100000000元; 研发@2025: 100000000元", "changes",
			"办法1 | 本年度的数已定，要看以后年度的文件\n  2025年收入差0.01元，应达到1.21亿元（其他数不变时） | 2025年度已结束，不能再改变；本文件只看2025年度，以后各年要看新的文件\n" +
				"办法2 | 本年度的数已定，要看以后年度的文件\n  2025年研发多0.01元，应不超过99,999,999.99元（其他数不变时） | 2025年度已结束，不能再改变；本文件只看2025年度，以后各年要看新的文件", ""},
		{"from zero", "kind: recognition\nrequire: {any: [{of: 研发@当年, at_least: 2000万元}, {of: 研发@当年 / 收入@当年, at_least: 50%, no_base: unmet}]}",
			"研发@2025: 0元; 收入@2025: 0元", "changes",
			"办法1 | 本年度的数已定，要看以后年度的文件\n  2025年研发差2,000万元，应达到2,000万元 | 2025年度已结束，不能再改变；本文件只看2025年度，以后各年要看新的文件\n" +
				"办法2 | 其中有的不是申报人能改变的\n  当年研发占当年收入的比例不低于50% | 没有哪一个数单独变动就能达到", ""},
		{"share of nothing", "kind: recognition\nrequire: {of: 研发@当年 / 收入@当年, at_least: 50%, no_base: unmet}", "研发@2025: 0元; 收入@2025: 0元", "conditions",
			"当年研发占当年收入的比例不低于50% | 实际 0元 ÷ 0元 = 当年收入为零或负，不能作除数，无法计算 | 要求 不低于50% | 当年收入为零或负，不能作除数，无法计算",
			"研发 of 2025 as a share of 收入 of 2025 is at least 50% | actual: CNY 0 ÷ CNY 0 = 收入 of 2025 is zero or negative; nothing can be divided by it | " +
				"required: at least 50% | 收入 of 2025 is zero or negative; nothing can be divided by it"},
		{"growth from nothing", "kind: recognition\nrequire: {of: growth(收入@当年), at_least: 5%, no_base: unmet}", "收入@2024: 0元; 收入@2025: 10元", "conditions",
			"当年收入的增长率不低于5% | 实际 (10元 − 0元) ÷ 0元 = 上期数为零或负，无法计算 | 要求 不低于5% | 上期数为零或负，无法计算", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := one(t, "", c.scheme)
			for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
				r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Changes: true, Lang: lang})
				if got := toldLines(s.Explanation(r, lang), c.part); want != "" && got != want {
					t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
				}
			}
		})
	}
}

// A record whose validity is over is told as such; a limit of time is told only where it turns the answer.
// Turns red when a record that ran out is told as though there had never been one, or a day is told on which nothing changes.
func TestWhatTimeChanges(t *testing.T) {
	s := one(t, "", "kind: recognition\nrequire: {has: 处罚@有效}")
	for lang, want := range map[Lang]string{Chinese: "处罚已于2026-06-29到期", English: "处罚 ran out on 2026-06-29"} {
		r := s.Evaluate(Question{Facts: facts(t, s, "处罚: 2024-01-01..2026-06-29"), On: 20260630, Explain: true, Lang: lang})
		if len(r.Gaps) != 1 || !strings.HasPrefix(r.Gaps[0].Short, want) {
			t.Errorf("%s: %+v, want %s", lang, r.Gaps, want)
		}
	}
	s = one(t, "", "kind: recognition\nrequire: {of: full_years(入驻), at_least: 3年}")
	for _, c := range []struct {
		since string
		want  Date
	}{
		{"2010-01-01", 0},        // full since 2013
		{"2024-07-01", 20270702}, // three years run out at the end of 2027-07-01
	} {
		if got := s.Evaluate(Question{Facts: facts(t, s, "入驻: "+c.since), On: 20260630, Explain: true}).TurnsOn; got != c.want {
			t.Errorf("since %s: changes on %s, want %s", c.since, got, c.want)
		}
	}
}

// That a document ends is told of the document; that the result changes, only where it does, by hand: three years from 2024-07-01 are over at the
// end of 2027-07-01, one year from 2025-07-01 at the end of 2026-07-01.
// Turns red when the end of the document is told as another result, or hides a change before it, or a change after it is told.
func TestADocumentThatEndsChangesNoResult(t *testing.T) {
	for _, c := range []struct{ dates, require, facts, zh, en string }{
		{"valid_until: 2026-08", "", "", "文件有效期至2026年8月", "the document is valid until the end of 2026-08"},
		{"valid_until: 2026-08-31", "", "", "文件有效期至2026-08-31", ""},
		{"valid_until: 2026-08-31", "require: {of: full_years(入驻), at_least: 3年}", "入驻: 2024-07-01", "文件有效期至2026-08-31", ""},
		{"valid_until: 2026-08-31", "require: {of: full_years(入驻), at_least: 1年}", "入驻: 2025-07-01",
			"文件有效期至2026-08-31\n到2026-07-02，即使情况不变，结果也会改变", "the document is valid until the end of 2026-08-31\nfrom 2026-07-02 the result is another though nothing else changes"},
		{"", "require: {of: full_years(入驻), at_least: 3年}", "入驻: 2024-07-01", "到2027-07-02，即使情况不变，结果也会改变", ""},
	} {
		head := strings.Replace(testHead, "performance: 2025}", "performance: 2025, "+c.dates+"}", 1)
		if c.dates == "" {
			head = testHead
		}
		lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(head + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 3万元\n    " + c.require + "\n")}})
		s := lib.Scheme("d/S")
		if s == nil {
			t.Fatal(ps)
		}
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Lang: lang})
			if got := toldLines(s.Explanation(r, lang), "dates"); want != "" && got != want {
				t.Errorf("%s %s: %s, want %s", c.dates, c.facts, got, want)
			}
		}
	}
}
