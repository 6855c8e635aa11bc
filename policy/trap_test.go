package policy

import (
	"strings"
	"testing"
)

// What trying the language on real clauses by hand showed to go wrong, each with the sentence that now says so, or the answer that it now
// gives. The numbers are those of the notes that were taken then.
func TestTrapsAreNamed(t *testing.T) {
	scheme := "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n"
	worked := "    examples:\n    #= 见测试\n    - {P: 2025, given: {}, expect: {}}\n"
	for _, c := range []struct{ name, body, says string }{
		{"1 a level above the listed ones gets nothing by silence", scheme + "    amount: {by: 评级, is: {市级: 1万元, 省级: 2万元}}\n" + worked, "更高的“国家级”"},
		{"3 a ceiling and an exact sum make a range", scheme + "    amount: {sum: [{give: up to 20万元}, {give: 1万元, per: 1百分点, remainder: drop, of: growth(收入@当年), beyond: 20%}]}\n" + worked, "合计会成为一个范围"},
		{"11 a symbol opens a block", scheme + "    require:\n      of: 收入@当年\n      over: > 0元\n    amount: 1万元\n" + worked, "不是合法的 YAML"},
		{"11 a symbol in a flow map", scheme + "    require: {of: 收入@当年, at_least: '>= 1元'}\n    amount: 1万元\n" + worked, "不是一个值"},
		{"11 a function of two arguments breaks at its comma", scheme + "    require: {of: highest(收入@当年, 研发@当年), over: 0元}\n    amount: 1万元\n" + worked, ""},
		{"13 an offset in an expression reads as a minus", scheme + "    require: {of: 收入@P-1, over: 0元}\n    amount: 1万元\n" + worked, "会读成减号"},
		{"16 a document that comes from itself", "from: d\n" + scheme + "    amount: 1万元\n" + worked, "绕了一圈"},
		{"16 a clause that comes from itself", "schemes:\n  甲: {from: d/乙}\n  乙: {from: d/甲}\n", "绕了一圈"},
		{"16 a lineage that ends in nothing", "from: nowhere\n" + scheme + "    amount: 1万元\n" + worked, "没有名为“nowhere”的文件"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ps := load(t, c.body)
			var all []string
			for _, p := range ps {
				all = append(all, p.String())
			}
			if text := strings.Join(all, "\n"); len(ps) == 0 || !strings.Contains(text, c.says) {
				t.Errorf("want %q, got:\n%s", c.says, text)
			}
		})
	}
}

// 2: what is not known need not matter. 60 of 60 points are there whatever the debt is, so nothing is asked; 5 points less, and it is.
// 9: a veto never rests on a person alone while a fact is missing. 6: whether a cap moves with an uplift is where it stands.
// Mutations: ask for every unknown indicator; answer none by De Morgan; apply caps after every other step.
func TestTrapsAreAnswered(t *testing.T) {
	score := "分: {sum: [{by: 收入@当年, at_least: {200元: 60分, 100元: 55分}, else: 0分}, {by: 负债率@当年, at_most: {50%: 10分}, else: 0分}]}"
	for _, c := range []struct {
		name, define, scheme, facts string
		answer                      Answer
		amount, asks                string
	}{
		{"2 met while an indicator is unknown", score, "kind: money\nrequire: {of: 分, at_least: 60分}\namount: 1万元", "收入@2025: 200元", Met, "1万元", ""},
		{"2 asked only where it decides", score, "kind: money\nrequire: {of: 分, at_least: 60分}\namount: 1万元", "收入@2025: 100元", Unknown, "无", "负债率@2025"},
		{"9 a veto of a missing fact and a judgement", "", "kind: money\nrequire: {none: [{has: 处罚@有效}, {judge: 有其他情形}]}\namount: 1万元", "", Unknown, "无", "处罚"},
		{"6 uplift, then cap", "", "kind: money\namount: {give: 10%, of: 收入@当年, then: [{times: 120%}, {at_most: 100元}]}", "收入@2025: 1000元", Met, "100元", ""},
		{"6 cap, then uplift", "", "kind: money\namount: {give: 10%, of: 收入@当年, then: [{at_most: 100元}, {times: 120%}]}", "收入@2025: 1000元", Met, "120元", ""},
		// 5: 2,500: from 200: 800×3% + 1,000×4% + 500×5% = 24 + 40 + 25 = 89; from nothing 30 + 40 + 25 = 95.
		{"5 brackets from their start", "", "kind: money\namount: {sum: [{give: 3%, of: 收入@当年, beyond: 200元, up_to: 1000元}, {give: 4%, of: 收入@当年, beyond: 1000元, up_to: 2000元}, {give: 5%, of: 收入@当年, beyond: 2000元}]}",
			"收入@2025: 2500元", Met, "89元", ""},
		{"5 brackets from nothing", "", "kind: money\namount: {sum: [{give: 3%, of: 收入@当年, up_to: 1000元}, {give: 4%, of: 收入@当年, beyond: 1000元, up_to: 2000元}, {give: 5%, of: 收入@当年, beyond: 2000元}]}",
			"收入@2025: 2500元", Met, "95元", ""},
		{"a falling base takes nothing", "", "kind: money\namount: {give: 10%, of: increase(收入@当年)}", "收入@2024: 100元; 收入@2025: 50元", Met, "0元", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := one(t, c.define, c.scheme)
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: NewDate(2026, 6, 30)})
			var asks []string
			for _, n := range r.Missing {
				if n.Type != "judgement" {
					asks = append(asks, n.Key)
				}
			}
			if r.Answer != c.answer || r.Amount.Text != c.amount || strings.Join(asks, ",") != c.asks {
				t.Errorf("%s %s asks %v, want %s %s asks %s", r.Answer, r.Amount.Text, asks, c.answer, c.amount, c.asks)
			}
		})
	}
}

// 7: two documents that mean different years by one word, side by side: 上年 is P-1 here and A-1 there.
func TestTwoDocumentsMeanTheirOwnYears(t *testing.T) {
	doc := func(id, period string) File {
		return File{id + ".yaml", []byte("document: " + id + "\ntitle: 测试\nnumber: not_found\nbody: 甲\ndates: {published: 2025-01-01}\nperiods: {上年: " + period + "}\n" +
			"schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    require: {of: 收入@上年, at_least: 100元}\n")}
	}
	lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, doc("a", "P-1"), doc("b", "A-1")})
	for _, p := range ps {
		t.Error(p)
	}
	f := NewFacts(lib.Vocabulary())
	for key, text := range map[string]string{"收入@2024": "100元", "收入@2025": "99元"} {
		if err := f.Set(key, text, Source{}); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]Answer{"a/S": Met, "b/S": Unmet} { // performance 2025, asked in 2026: 2024 there, 2025 here
		if got := lib.Scheme(id).Evaluate(Question{Facts: f, On: NewDate(2026, 6, 30), Performance: 2025}).Answer; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

// A list of words that stands at a field has no order: its last word is not the highest, and only `is` compares it. Levels with an order are
// named under levels:. Mutation: read the list as levels.
func TestAListOfWordsHasNoOrder(t *testing.T) {
	files := func(amount string) []File {
		return []File{
			{"v.yaml", []byte("vocabulary: v\nrecords:\n  标准: {of: 企业, from: 监管局, complete: 监管局, fields: {类别: [国际, 国家, 其他]}}\n")},
			{"d.yaml", []byte("document: d\ntitle: 测试\nnumber: not_found\nbody: 甲\ndates: {published: 2025-01-01, performance: 2025}\nperiods: {当年: P}\n" +
				"schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: " + amount + "\n    examples:\n    #= 国家 1万元\n" +
				"    - {P: 2025, given: {标准: [{from: 2025-05-01, 类别: 国家}]}, expect: {amount: 1万元}}\n")},
		}
	}
	lib, ps := Load(files("{each: 标准@当年, give: {by: 类别, is: {国际: 2万元, 国家: 1万元}, else: 0元}}"))
	if len(ps) > 0 || len(lib.CheckExamples()) > 0 {
		t.Errorf("a table over a list of words: %v %v", ps, lib.CheckExamples())
	}
	if _, ps = Load(files("{each: 标准@当年, give: {by: 类别, at_least: {国家: 1万元}, else: 0元}}")); !HasErrors(ps) || !strings.Contains(ps[0].Message, "词只能用 is 比较") {
		t.Errorf("words were put in order: %v", ps)
	}
}
