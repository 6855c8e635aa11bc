package policy

import (
	"strings"
	"testing"
)

// What is a part of another value stands in brackets: min(40, 60 − 45) = 15 is not 40 less 45; and the steps of a row are not the table's.
// Mutation: read a part as it stands → red.
func TestAPartIsReadInBrackets(t *testing.T) {
	for _, c := range []struct{ amount, zh, en string }{
		{"{give: 40万元, then: [{at_most: {give: 60万元, then: [{less: 收入@当年}]}}]}", "40万元；不超过（60万元；减去当年收入）", "CNY 400,000; at most (CNY 600,000; less 收入 of 2025)"},
		{"{by: 领域, is: {甲: {give: 10%, of: 收入@当年, then: [{at_most: 1万元}]}, 乙: 2万元}, then: [{at_most: 3万元}]}",
			"按领域分档：为甲的给（按当年收入的10%；不超过1万元）；为乙的给2万元；不超过3万元",
			"by 领域: 甲 gives (10% of 收入 of 2025; at most CNY 10,000); 乙 gives CNY 20,000; at most CNY 30,000"},
		{"{sum: [{give: 10%, of: 收入@当年, then: [{at_most: 1万元}]}, {give: 5%, of: 收入@上年}]}",
			"以下相加：（按当年收入的10%；不超过1万元）；按上年收入的5%", "the sum of: (10% of 收入 of 2025; at most CNY 10,000); 5% of 收入 of 2024"},
		// A table says what is left over as it is: below its lowest row, outside its words, or nothing where it has every word.
		{"{by: 收入@当年, at_least: {100万元: 1万元}}", "按当年收入分档：不低于100万元的给1万元；达不到最低一档的不予奖励", "by 收入 of 2025: at least CNY 1 million gives CNY 10,000; below the lowest row nothing is given"},
		{"{by: 收入@当年, at_most: {100万元: 1万元}}", "按当年收入分档：不超过100万元的给1万元；不在以上各档的不予奖励", "by 收入 of 2025: at most CNY 1 million gives CNY 10,000; outside these rows nothing is given"},
		{"{by: 领域, is: {甲: 1万元}}", "按领域分档：为甲的给1万元；不在以上各档的不予奖励", "by 领域: 甲 gives CNY 10,000; outside these rows nothing is given"},
	} {
		s := oneWith(t, "  收入: {of: 企业, unit: 元, every: 年, at_least: 0元}\n  领域: {of: 企业, words: [甲, 乙]}\n", "", "丙: 1元\n", "kind: money\namount: "+c.amount)
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := &reader{lang: lang, doc: s.doc, e: s.env(Question{Facts: facts(t, s, "领域: 甲"), On: 20260630})}
			if got := s.amount.read(r); got != want {
				t.Errorf("%s is read\n%s\nwant\n%s", c.amount, got, want)
			}
		}
	}
}

// What is not known is not told as if it were: the cap is 60 less what nobody stated, the factor one of three, and of what is to be paid in parts
// only the most is known.
// Mutations: tell the factor, the cap or the parts at their least, or that a cap has cut which is not known → red.
func TestWhatIsNotKnownIsToldSo(t *testing.T) {
	const terms = "  收入: {of: 企业, unit: 元, every: 年, at_least: 0元}\n  已得: {of: 企业, unit: 元, at_least: 0元}\n  领域: {of: 企业, words: [甲, 乙]}\n"
	for _, c := range []struct{ scheme, facts, zh, en string }{
		{"amount: {give: 20万元, then: [{at_most: {give: 60万元, then: [{less: 已得}]}}]}", "领域: 甲",
			"20万元，封顶还不能定：至多20万元，先按0元计\n应得：0元\n补充资料后可达：至多20万元",
			"CNY 200,000: the cap is not certain yet, so that it is at most CNY 200,000; CNY 0 is counted until it is\ndue: CNY 0\nonce everything is known, as much as: at most CNY 200,000"},
		{"amount: {give: 20万元, then: [{times: {by: 领域, is: {甲: 150%, 乙: 100%}}}]}", "已得: 0元",
			"20万元 × 不知道（先按100%计） = 20万元\n应得：20万元\n补充资料后可达：30万元",
			"CNY 200,000 × unknown (counted as 100% until it is known) = CNY 200,000\ndue: CNY 200,000\nonce everything is known, as much as: CNY 300,000"},
		// Why a step is taken: its words, or what it is taken under.
		{"amount: {give: 20万元, then: [{times: 50%, if: {of: 领域, is: 甲}, text: 甲类减半}]}", "领域: 甲",
			"20万元 × 50% = 10万元 — 甲类减半\n应得：10万元", "CNY 200,000 × 50% = CNY 100,000 — 领域 is 甲\ndue: CNY 100,000"},
		// 40% of 0 to 40% of 20万 = 8万.
		{"amount: {give: 20万元, then: [{less: 已得}]}\npay:\n- {on: 开工, give: 40%}\n- {on: 竣工, give: rest}", "领域: 甲",
			"20万元 − 不知道（已得） = 至多20万元（先按0元计）\n应得：0元\n补充资料后可达：至多20万元\n怎样支付\n  开工：至多8万元\n  竣工：至多12万元", ""},
	} {
		s := oneWith(t, terms, "", "丙: 1元\n", "kind: money\n"+c.scheme)
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Lang: lang})
			if got := toldLines(s.Explanation(r, lang), "amount"); want != "" && got != want {
				t.Errorf("%s of %s:\n%s\nwant:\n%s", c.scheme, c.facts, got, want)
			}
			if strings.Contains(c.zh, "封顶") && r.Amount.CutBy != "" {
				t.Errorf("%s: cut by %s, which is not known", c.scheme, r.Amount.CutBy)
			}
		}
	}
}

// What an instalment is capped at is a cap that the file has.
// Mutation: look only at the amount and the limits → red.
func TestTheCapOfAnInstalmentIsWritten(t *testing.T) {
	const clause = "schemes:\n  S:\n    title: 测试\n    cite: 一\n    text: 按收入的5%，最高30万元；预支不超过10万元。\n    for: 企业\n    kind: money\n    amount: {give: 5%, of: 收入@当年, then: [{at_most: 30万元}]}\n" +
		"    pay:\n    - {on: 预支, give: 1%, of: 收入@上年, then: [{at_most: 10万元}]}\n    - {on: 结清, give: rest, below_zero: recover}\n    examples: [{P: 2025, expect: {answer: met}}]\n"
	_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(testHead + clause)}})
	for _, p := range ps {
		if p.Lint == lintCapMissing {
			t.Error(p)
		}
	}
}

// Three records are stated, one without the field that decides whether it counts, one without its date: that is asked for, and not the records, which
// are all there. Where nobody stated any, they are.
// Mutation: ask for the records whenever one may count → red.
func TestRecordsThatAreStatedAreNotAskedForAgain(t *testing.T) {
	lib, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nrecords:\n  证: {of: 企业, fields: {类: [甲, 乙], 款: 元}}\n")},
		{"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: {each: 证@当年, where: {类: 甲}, give: {give: 10%, of: 款}}\n")}})
	s := lib.Scheme("d/S")
	if s == nil {
		t.Fatal(ps)
	}
	for facts, want := range map[string]string{
		"证: [{from: 2025-01-01, 款: 10元}, {类: 甲, 款: 10元}, {from: 2025-01-01, 类: 甲, 款: 10元}]": "证（类）、证（日期）",
		"证: [{from: 2025-01-01, 款: 10元}]": "证（类）",
		"":                                "证",
	} {
		f, problems := ReadFacts("f.yaml", []byte("facts: {"+facts+"}\n"), lib.Vocabulary())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var labels []string
		for _, n := range s.Evaluate(Question{Facts: f.Facts, On: 20260630, Explain: true}).Missing {
			labels = append(labels, n.Label)
		}
		if got := strings.Join(labels, "、"); got != want {
			t.Errorf("of %s: %s, want %s", facts, got, want)
		}
	}
}

// A record that may be of any year of a period is lacking in all of them.
// Mutation: name the last year only → red.
func TestTheYearsOfAPeriodAreNamed(t *testing.T) {
	s := one(t, "", "kind: recognition\nrequire: {has: 奖励@近2年}")
	for lang, want := range map[Lang]string{Chinese: "2024—2025年没有列入或取得“奖励”", English: "“奖励” was not entered or obtained in 2024–2025"} {
		r := s.Evaluate(Question{Facts: facts(t, s, "奖励: 否"), On: 20260630, Explain: true, Changes: true, Lang: lang})
		if r.Changes == nil || len(r.Changes.Ways) != 1 || r.Changes.Ways[0].Steps[0].Text != want {
			t.Errorf("%+v, want %s", r.Changes, want)
		}
	}
}

// A part that may reach no row makes the whole give nothing, and that is told; one that says what is left over, has every word, or of which the
// conditions see to it that a row is reached is none.
// Mutation: say nothing of the parts → red; leave the conditions out → red.
func TestAPartThatMayRefuseTheWholeIsTold(t *testing.T) {
	const told = "整条不符合，别的项也不给"
	for amount, want := range map[string]bool{
		"amount: {sum: [{by: 收入@当年, at_least: {100万元: 1万元}}, {give: 1万元}]}":                                                    true,
		"amount: {highest: [{by: 收入@当年, at_least: {100万元: 1万元}}, {give: 1万元}]}":                                                true,
		"amount: {highest: [{give: {by: 收入@当年, at_least: {100万元: 2%}}, of: 收入@当年}, {give: 1万元}], then: [{at_most: 2万元}]}":      true,
		"amount: {sum: [{by: 收入@当年, at_least: {100万元: 1万元}, else: 0元}, {give: 1万元}]}":                                          false,
		"amount: {sum: [{by: 领域, is: {甲: 1万元, 乙: 2万元}}, {give: 1万元}]}":                                                         false,
		"amount: {by: 收入@当年, at_least: {100万元: 1万元}}":                                                                          false,
		"require: {of: 收入@当年, at_least: 100万元}\namount: {sum: [{by: 收入@当年, at_least: {100万元: 1万元, 200万元: 2万元}}, {give: 1万元}]}": false,
	} {
		_, ps := Check([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n  收入: {of: 企业, unit: 元, every: 年, at_least: 0元}\n  领域: {of: 企业, words: [甲, 乙]}\n")},
			{"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n" + indent(amount, "    ") +
				"    examples:\n    #= 手算\n    - {P: 2025, given: {收入@2025: 200万元, 领域: 甲}, expect: {answer: met}}\n")}})
		got := false
		for _, p := range ps {
			got = got || p.Lint == lintLevelGap && strings.Contains(p.Message, told)
		}
		if got != want {
			t.Errorf("%s: told %v, want %v (%v)", amount, got, want, ps)
		}
	}
}
