package policy

import (
	"strings"
	"testing"
)

// Lines of arithmetic and of payment, by hand: no figure between is rounded, a rate stands as the file writes it, a range is cut only where it
// exceeds the cap, a record of which a field is not stated is open, what may be recovered or paid says both.
// 4,999,999.99 × 3‰ = 14,999.99997 and × 6‰ = 29,999.99994; of both 110% 16,499.999967 and 32,999.999934.
// 7亿 × 3‰ = 210万 and × 6‰ = 420万, × 110% = 231万 and 462万, which both exceed 200万: by 31万 and 262万.
// Turns red when a figure between is rounded, ‰ becomes %, a choice of meaning at a later step is lost, or one end of a range is not told.
func TestWorkingIsToldAsItIs(t *testing.T) {
	const terms = `  设备款: {of: 企业, unit: 元, at_least: 0元}
  回归: {of: 企业, type: bool}
records:
  成员: {of: 企业, complete: 市局, fields: {取证: 是否, 等级: [甲等, 乙等]}}
`
	const raise = `amount:
  give: 3‰ to 6‰
  of: 设备款
  then:
  - {times: 110%, interpretation: {choice: 一律上浮, by: 起草组, status: assumption}}
  - {at_most: LIMIT, interpretation: {choice: 封顶不上浮, by: 起草组, status: assumption}}`
	for _, c := range []struct{ name, scheme, facts, part, zh, en string }{
		{"in part above the cap", strings.Replace(raise, "LIMIT", "20000元", 1), "设备款: 4999999.99元", "amount",
			`设备款 4,999,999.99元 × 3‰至6‰ = 14,999.99997元至29,999.99994元
14,999.99997元至29,999.99994元 × 110% = 16,499.999967元至32,999.999934元
16,499.999967元至32,999.999934元中超过封顶2万元的按2万元计：16,499.999967元至2万元
不足一分的舍去：16,499.999967元 → 16,499.99元
应得：16,499.99元至2万元`, ""},
		{"above the cap at both ends", strings.Replace(raise, "LIMIT", "200万元", 1), "设备款: 7亿元", "amount",
			`设备款 7亿元 × 3‰至6‰ = 210万元至420万元
210万元至420万元 × 110% = 231万元至462万元
231万元至462万元超过封顶200万元，按200万元计，少31万元至262万元
应得：200万元`, ""},
		{"every choice of meaning", strings.Replace(raise, "LIMIT", "200万元", 1), "设备款: 7亿元", "assumptions",
			"按“一律上浮”理解（待确认） | 由起草组选定\n按“封顶不上浮”理解（待确认） | 由起草组选定", ""},
		{"a field that is not stated", "amount: {each: 成员@当年, give: {by: 取证, is: {是: 1万元, 否: 0元}}}", "facts:\n  成员:\n  - {from: 2025-01-01, 取证: 是}\n  - {from: 2025-02-01}", "amount",
			"当年新列入或取得的成员共1项，合计1万元\n计入：取证 是，2025-01-01起：1万元\n待定：2025-02-01起：没有写明取证，还不能定\n应得：1万元\n补充资料后可达：2万元",
			"成员 newly listed or obtained in 2025: 1 item, together CNY 10,000\ncounts: 取证 yes, from 2025-01-01: CNY 10,000\nopen: from 2025-02-01: 取证 is not stated, so that it is open\n" +
				"due: CNY 10,000\nonce everything is known, as much as: CNY 20,000"},
		{"recovered or paid", "amount: {give: up to 10万元}\npay:\n- {on: 预支, give: 5万元}\n- {on: 结算, give: rest, below_zero: recover}", "", "amount",
			"应得：最高10万元 | “最高”是上限，实际数额由主管部门在上限内核定\n怎样支付\n  预支：5万元\n  结算：追回5万元至支付5万元",
			"due: up to CNY 100,000 | “up to” is a ceiling: the competent authority sets the sum below it\nhow it is paid\n  预支: CNY 50,000\n  结算: from CNY 50,000 to be recovered to CNY 50,000 to be paid"},
		{"recovered at most", "amount: {give: up to 5万元}\npay:\n- {on: 预支, give: 5万元}\n- {on: 结算, give: rest, below_zero: recover}", "", "amount",
			"应得：最高5万元 | “最高”是上限，实际数额由主管部门在上限内核定\n怎样支付\n  预支：5万元\n  结算：追回最高5万元", ""},
		{"recovered in any case", "amount: {give: 1万元 to 3万元}\npay:\n- {on: 预支, give: 5万元}\n- {on: 结算, give: rest, below_zero: recover}", "", "amount",
			"应得：1万元至3万元\n怎样支付\n  预支：5万元\n  结算：追回2万元至4万元", ""},
		{"fen with both places", "amount: {give: 1%, of: 设备款}", "设备款: 1050元", "amount", "设备款 1,050元 × 1% = 10.50元\n应得：10.50元", "设备款 CNY 1,050 × 1% = CNY 10.50\ndue: CNY 10.50"},
	} {
		s := oneWith(t, terms, "", "甲: 1元\n", "kind: money\n"+c.scheme)
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			f := &FactsFile{}
			if strings.HasPrefix(c.facts, "facts:") {
				f, _ = ReadFacts("f.yaml", []byte(c.facts), s.doc.lib.vocabulary)
			} else {
				f.Facts = facts(t, s, c.facts)
			}
			r := s.Evaluate(Question{Facts: f.Facts, On: 20250630, Explain: true, Changes: true, Lang: lang})
			if got := toldLines(s.Explanation(r, lang), c.part); want != "" && got != want {
				t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, want)
			}
		}
	}
}
