package policy

import (
	"strings"
	"testing"
)

// The record that comes nearest, by hand: the one that fails the fewest filters, of equals the first; what it is short of and no other field of it.
// Turns red when the last of equals is told, when one that fails two filters is, when 99 is said to be none, or when a record of another year is.
func TestTheNearestRecordIsTold(t *testing.T) {
	const has = "require: {has: 奖励@当年, where: {排名: {at_least: 3项}, 级别: {at_least: 省级}}}"
	for _, c := range []struct{ name, scheme, given, zh, en string }{
		// The second fails only its rank (2 of 3), the first both.
		{"one condition short", has, "{from: 2025-02-01, 排名: 1项, 级别: 市级, 金额: 7万元}, {from: 2025-03-01, 排名: 2项, 级别: 国家级, 金额: 8万元}, {from: 2025-04-01, 排名: 1项, 级别: 省级}",
			"✗ 有当年新列入或取得的“奖励（排名不低于3项，级别不低于省级）” | 实际 有3项，没有一项符合 | 最接近的一项（2025-03-01起）：排名 2项，相差1项",
			"✗ there is “奖励 (排名 is at least 3 items, 级别 is at least 省级)” newly listed or obtained in 2025 | actual: 3 items found, of which none counts | the nearest one (from 2025-03-01): 排名: 2 items, 1 item away"},
		{"both conditions short", has, "{from: 2025-02-01, 排名: 1项, 级别: 市级}",
			"✗ 有当年新列入或取得的“奖励（排名不低于3项，级别不低于省级）” | 实际 有1项，没有一项符合 | 最接近的一项（2025-02-01起）：排名 1项，相差2项；级别 市级，应不低于省级",
			"✗ there is “奖励 (排名 is at least 3 items, 级别 is at least 省级)” newly listed or obtained in 2025 | actual: 1 item found, of which none counts | the nearest one (from 2025-02-01): 排名: 1 item, 2 items away; 级别: 市级, it should be at least 省级"},
		{"another year is no near miss", has, "{from: 2024-12-31, 排名: 2项, 级别: 国家级}",
			"✗ 有当年新列入或取得的“奖励（排名不低于3项，级别不低于省级）” | 实际 无 | 2025年没有新的奖励",
			"✗ there is “奖励 (排名 is at least 3 items, 级别 is at least 省级)” newly listed or obtained in 2025 | actual: none | no new 奖励 in 2025"},
		// Two are asked for and one counts.
		{"one of two, and the other nearly", "require: {has: 奖励@当年, where: {排名: {at_least: 3项}}, at_least: 2}", "{from: 2025-02-01, 排名: 3项}, {from: 2025-03-01, 排名: 2项}",
			"✗ 当年新列入或取得的“奖励（排名不低于3项）”的数量不低于2项 | 实际 1项 | 要求 不低于2项 | 还差1项，最接近的一项（2025-03-01起）：排名 2项，相差1项",
			"✗ the number of “奖励 (排名 is at least 3 items)” newly listed or obtained in 2025 is at least 2 items | actual: 1 item | required: at least 2 items | 1 item short, the nearest one (from 2025-03-01): 排名: 2 items, 1 item away"},
		{"an amount for each", "amount: {each: 奖励@当年, where: {排名: {over: 2项}}, give: 1万元}", "{from: 2025-02-01, 排名: 2项}",
			"✗ 当年新列入或取得的奖励（排名超过2项）每一项给予1万元 | 最接近的一项（2025-02-01起）：排名 2项，须超过2项，正好相等不算",
			"✗ CNY 10,000 for each of: 奖励 (排名 is more than 2 items) newly listed or obtained in 2025 | the nearest one (from 2025-02-01): 排名: 2 items, it must be more than 2 items; exactly that does not count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scheme := "kind: recognition\n" + c.scheme
			if strings.HasPrefix(c.scheme, "amount") {
				scheme = "kind: money\n" + c.scheme
			}
			s := one(t, "", scheme+"\nexamples:\n- {P: 2025, given: {奖励: ["+c.given+"]}, expect: {answer: unmet}}\n")
			for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
				r := s.Evaluate(Question{Facts: s.examples[0].facts, On: 20260630, Explain: true, Lang: lang})
				got := map[Answer]string{Met: "✓ ", Unmet: "✗ "}[r.Answer] + toldLines(s.Explanation(r, lang), "conditions")
				if got != want {
					t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
				}
			}
		})
	}
}

// A condition under none is told as what is wanted: that it is not so. Turns red when the mark is that of the thing, which is absent.
func TestWhatMustNotBeIsMarkedByWhetherItIsNot(t *testing.T) {
	s := one(t, "", "kind: recognition\nrequire: {none: [{has: 处罚@近3年, text: 受过处罚}]}")
	for given, want := range map[string]string{
		"处罚: 否":          "met met 没有：受过处罚",
		"处罚: 2024-02-01": "unmet unmet 没有：受过处罚",
	} {
		r := s.Evaluate(Question{Facts: facts(t, s, given), On: 20260630, Explain: true})
		l := s.Explanation(r, Chinese).Sections[1].Lines[0]
		if got := l.Answer.String() + " " + l.Lines[0].Answer.String() + " " + l.Lines[0].Text; got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}
