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
	if got := toldLines(s.Explanation(r, English), "missing"); got != "apprentice (its date) | decides: how much is given" {
		t.Errorf("%s", got)
	}
	for limit, want := range map[string]string{
		"{at_most: 1万元, per: [企业, 年度]}":                            "each firm each year at most CNY 10,000",
		"{at_most: 1万元, per: [企业, 届]}":                             "each firm each round at most CNY 10,000",
		"{at_most: 1万元, per: [镇街, 年度], share: prorata, key: 申报编号}": "each town each year at most CNY 10,000; cut in proportion when exceeded",
	} {
		s = oneWith(t, terms, "", "甲: 1元\n", "kind: money\namount: 1万元\nlimits: ["+limit+"]")
		if got := s.limits[0].read(&reader{lang: English, doc: s.doc}); got != want {
			t.Errorf("%s reads %q, want %q", limit, got, want)
		}
	}
	for word, want := range map[string]string{"申报编号": "number of the claim", "提交时间": "time of submission", "统一社会信用代码": "unified social credit code", "批次": "batch"} {
		if got := (&reader{lang: English, doc: s.doc}).word(word); got != want {
			t.Errorf("%s is %q in English, want %q", word, got, want)
		}
	}
	for title, want := range map[string]string{"政策意见": "《政策意见》", "《政策意见》": "《政策意见》", "《办法》实施细则": "《〈办法〉实施细则》",
		"转发《办法》和《细则》的通知": "《转发〈办法〉和〈细则〉的通知》", "《办法》和《细则》": "《〈办法〉和〈细则〉》"} {
		if got := Titled(title); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// A figure that nobody stated is told as unknown, a highest says which of its parts it is and asks for nothing that cannot be it, and a rate stands in a
// condition as in the amount, by hand: (122,999 − 100,000) ÷ 100,000 = 22.999%. Of 100万 2% are 2万; a firm in the register gets 5万, so that 1万 for
// being in another one cannot matter, and 8万 can.
// Turns red when the walk of missing() goes below what is decided, when a part of 0 stands without why, when an unknown figure is shown as a known zero, the part is not named, 22.999% is written 23%, or a fact is asked for that decides nothing.
func TestWhatIsUnknownIsToldSo(t *testing.T) {
	const terms = `  租金: {english: rent, of: 企业, unit: 元, every: 年, at_least: 0元}
  产值: {of: 企业, unit: 元, every: 年, at_least: 0元}
  类别: {of: 企业, words: [一般, 重点]}
records:
  高企: {of: 企业, complete: 市局}
  名单: {of: 企业, complete: 市局}
`
	most := func(last string) string {
		return "amount: {highest: [{give: 2%, of: 租金@当年}, {give: 5万元, if: {has: 高企@有效}}, {give: " + last + ", if: {has: 名单@有效}}]}"
	}
	for _, c := range []struct{ name, scheme, facts, part, zh, en string }{
		{"a base", "amount: {give: 50%, of: 租金@当年}", "", "amount", "当年租金 不知道（先按0元计） × 50% = 0元\n应得：0元\n补充资料后可达：尚不能估计",
			"rent of 2025 unknown (counted as CNY 0 until it is known) × 50% = CNY 0\ndue: CNY 0\nonce everything is known, as much as: not yet known"},
		{"a base counted in steps", "amount: {give: 1元, per: 1万元, remainder: drop, of: 租金@当年}", "", "amount",
			"当年租金 不知道（先按0元计） ÷ 1万元 = 0档\n0档 × 1元 = 0元\n应得：0元\n补充资料后可达：尚不能估计", ""},
		{"a rate", "amount: {give: {by: 类别, is: {一般: 4%, 重点: 6%}}, of: 租金@当年}", "租金@2025: 100万元", "amount",
			"当年租金 100万元 × 不知道（先按4%计） = 4万元\n应得：4万元\n补充资料后可达：6万元", ""},
		{"what is known", "amount: {give: 50%, of: 租金@当年}", "租金@2025: 0元", "amount", "当年租金 0元 × 50% = 0元\n应得：0元", ""},
		{"a highest that is certain", most("1万元"), "租金@2025: 100万元; 高企: 2020-01-01", "amount",
			"当年租金 100万元 × 2% = 2万元\n待定：1万元（前提还不能定：有评价日有效的“名单”）\n2万元、5万元、0元（还不能定）中取最高，第2项：5万元\n应得：5万元",
			"rent of 2025 CNY 1 million × 2% = CNY 20,000\nopen: CNY 10,000 (what it is given under is not known: there is “名单” valid on the day of evaluation)\nthe highest of CNY 20,000, CNY 50,000, CNY 0 (not certain yet) is number 2: CNY 50,000\ndue: CNY 50,000"},
		{"nothing is asked that cannot be the highest", most("1万元"), "租金@2025: 100万元; 高企: 2020-01-01", "missing", "-", "-"},
		{"nor what only equals it", most("5万元"), "租金@2025: 100万元; 高企: 2020-01-01", "missing", "-", "-"},
		{"what can be is asked", most("8万元"), "租金@2025: 100万元; 高企: 2020-01-01", "missing", "名单 | 决定：给多少", ""},
		{"and reached", most("8万元"), "租金@2025: 100万元; 高企: 2020-01-01", "amount",
			"当年租金 100万元 × 2% = 2万元\n待定：8万元（前提还不能定：有评价日有效的“名单”）\n2万元、5万元、0元（还不能定）中取最高，第2项：5万元\n应得：5万元\n补充资料后可达：8万元", ""},
		{"a sum", "amount: {sum: [{give: 2%, of: 租金@当年}, {give: 5万元, if: {has: 高企@有效}}]}", "租金@2025: 100万元", "amount",
			"当年租金 100万元 × 2% = 2万元\n待定：5万元（前提还不能定：有评价日有效的“高企”）\n合计 2万元 + 0元（还不能定） = 2万元\n应得：2万元\n补充资料后可达：7万元", ""},
		{"a part that is not given, and why", "amount: {sum: [{give: 2%, of: 租金@当年}, {give: 5万元, if: {has: 高企@有效}}]}", "租金@2025: 100万元; 高企: 否", "amount",
			"当年租金 100万元 × 2% = 2万元\n不计：5万元（前提不成立：有评价日有效的“高企”）\n合计 2万元 + 0元 = 2万元\n应得：2万元",
			"rent of 2025 CNY 1 million × 2% = CNY 20,000\ndoes not count: CNY 50,000 (what it is given under is not so: there is “高企” valid on the day of evaluation)\n" +
				"together CNY 20,000 + CNY 0 = CNY 20,000\ndue: CNY 20,000"},
		{"a rate that stands elsewhere", "amount: {give: {see: 某办法, text: 按某办法的比例}, of: 租金@当年}", "租金@2025: 100万元", "amount",
			"当年租金 100万元 × 按《某办法》执行（需人工核对） = 由主管部门确定\n应得：由主管部门确定", ""},
		{"a rate case by case", "amount: {give: manual, of: 租金@当年}", "租金@2025: 100万元", "amount",
			"当年租金 100万元 × 一事一议（由主管部门确定） = 由主管部门确定\n应得：由主管部门确定", ""},
		// The firm is in one register: whether it is in the other decides nothing, and only how much is given rests on it.
		{"what is met already is decided by nothing", "require: {any: [{has: 高企@有效}, {has: 名单@有效}]}\namount: {give: 1万元, then: [{times: 110%, if: {has: 名单@有效}}]}",
			"高企: 2020-01-01", "missing", "名单 | 决定：给多少", "名单 | decides: how much is given"},
		{"what is not met yet", "require: {any: [{has: 高企@有效}, {has: 名单@有效}]}\namount: {give: 1万元, then: [{times: 110%, if: {has: 名单@有效}}]}",
			"高企: 否", "missing", "名单 | 决定：有评价日有效的“名单”", ""},
		{"one figure one way", "require: {of: growth(产值@当年), at_least: 20%}\namount: 2万元", "产值@2024: 100000元; 产值@2025: 122999元", "conditions",
			"当年产值的增长率不低于20% | 实际 (12.2999万元 − 10万元) ÷ 10万元 = 22.999% | 要求 不低于20%", ""},
		{"and with every place", "require: {of: growth(产值@当年), at_least: 20%}\namount: 2万元", "产值@2024: 100000元; 产值@2025: 122456元", "conditions",
			"当年产值的增长率不低于20% | 实际 (12.2456万元 − 10万元) ÷ 10万元 = 22.456% | 要求 不低于20%", ""},
	} {
		s := oneWith(t, terms, "", "甲: 1元\n", "kind: money\n"+c.scheme)
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Lang: lang})
			if got := toldLines(s.Explanation(r, lang), c.part); want != "" && got != strings.TrimPrefix(want, "-") {
				t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, want)
			}
		}
	}
	// 2.999999% is not 3%, and 99.99999% no whole.
	for n, want := range map[Num]string{frac(2_999_999, 100_000_000): "2.999999%", frac(9_999_999, 10_000_000): "99.99999%", frac(1, 3): "33.3333%", frac(1, 2): "50%"} {
		if got := formatNum(n, unitRatio, 4); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
