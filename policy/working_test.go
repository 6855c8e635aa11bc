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
  类别: {of: 企业, words: [一般, 重点]}
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
		// Of 600万 4% is 24万 and 6% 36万; which of them is not known.
		{"a row that is not certain", "amount: {by: 类别, is: {重点: {give: 6%, of: 设备款}, 一般: {give: 4%, of: 设备款}}}", "设备款: 600万元", "amount",
			"设备款 600万元 × 4% = 24万元\n类别还不能定，先按可能的各档中最少的计：24万元\n应得：24万元\n补充资料后可达：36万元", ""},
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

// What stands above agrees with what stands below: the heading says at most where what is due says so, it names what has to change before what has
// only to be found out, a title that names a title stands in the marks of one, and nothing stays Chinese that has an English word.
// Turns red when one of these says something else.
func TestHeadingsSayWhatIsBelow(t *testing.T) {
	const terms = `  投资: {of: 企业, unit: 元, at_least: 0元}
records:
  学徒: {english: apprentice, of: 企业, complete: 市局}
`
	s := oneWith(t, terms, "", "甲: 1元\n", "kind: money\namount: 2万元\nlimits: [{at_most: 1次, per: [企业]}]")
	r := s.Evaluate(Question{Facts: facts(t, s, ""), On: 20250630, Explain: true})
	if x := s.Explanation(r, Chinese); x.Short != "符合：至多2万元" || !strings.Contains(toldLines(x, "amount"), "应得：至多2万元") {
		t.Errorf("%s above %s", x.Short, toldLines(x, "amount"))
	}
	s = oneWith(t, terms, "", "甲: 1元\n", "kind: recognition\nrequire: {all: [{has: 学徒@有效}, {of: 投资, at_least: 500万元}]}")
	r = s.Evaluate(Question{Facts: facts(t, s, "投资: 0元"), On: 20250630, Explain: true, Changes: true})
	if x := s.Explanation(r, Chinese); x.Short != "不符合：投资再增加500万元，达到500万元 等2步" {
		t.Errorf("%s", x.Short)
	}
	s = oneWith(t, terms, "", "甲: 1元\n", "kind: money\namount: {each: 学徒@当年, give: 1万元, then: [{at_most: 5万元}]}")
	f, _ := ReadFacts("f.yaml", []byte("facts:\n  学徒:\n  - {from: 2025-01-01}\n  - {times: 1}\n"), s.doc.lib.vocabulary)
	r = s.Evaluate(Question{Facts: f.Facts, On: 20250630, Explain: true, Lang: English})
	if x := s.Explanation(r, English); x.Short != "met: CNY 10,000 (once everything is known, as much as: CNY 20,000)" {
		t.Errorf("%s", x.Short)
	}
	if got := toldLines(s.Explanation(r, English), "missing"); got != "apprentice (its date)" {
		t.Errorf("%s", got)
	}
	for title, want := range map[string]string{"政策意见": "《政策意见》", "《政策意见》": "《政策意见》", "《办法》实施细则": "《〈办法〉实施细则》",
		"转发《办法》和《细则》的通知": "《转发〈办法〉和〈细则〉的通知》", "《办法》和《细则》": "《〈办法〉和〈细则〉》"} {
		if got := Titled(title); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
