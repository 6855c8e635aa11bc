package policy

import (
	"strings"
	"testing"
)

// two loads an upper document and a lower one that builds on it, beside the vocabulary of the tests; the lower one lies in the folder named.
func two(t *testing.T, folder, upper, lower string) (*Library, []Problem) {
	t.Helper()
	head := "title: 测试\nnumber: not_found\nbody: 甲\ndates: {published: 2025-01-01}\nrounding: {to: 0.01元, mode: down}\n"
	lib, ps := Load([]File{
		{"up/words.yaml", []byte(testVocabulary)},
		{"up/a.yaml", []byte("document: a\n" + head + "periods: {当年: P, 上年: P-1}\n" + upper)},
		{folder + "/b.yaml", []byte("document: b\n" + head + "from: a\n" + lower)},
	})
	if !HasErrors(ps) {
		ps = append(ps, lib.CheckExamples()...)
	}
	return lib, ps
}

const openClause = `define:
  总分: {sum: [收入分, 地方分]}
  收入分: {by: 收入@当年, at_least: {1亿元: 60分, 5000万元: 50分}, else: 0分}
  地方分: {open: 省级主管部门, bounds: 0分 to 15分, cite: 附件}
  门槛: {give: 200万元, tighten: higher}
  期限: {give: 20日, tighten: shorter}
  名额档: 3项
schemes:
  S:
    title: 认定
    cite: 一
    for: 企业
    kind: recognition
    require: {all: [{of: 总分, at_least: 60分}, {of: 收入@当年, at_least: 门槛}]}
    examples:
    #= 收入分 50分，地方分还没有定（0—15分）：50—65分，过不过60分要由定分的部门判断。
    - {P: 2025, given: {收入@P: 6000万元}, expect: {answer: manual, 总分: 50分 to 65分}}
    #= 收入分 60分：60—75分，整段过线。
    - {P: 2025, given: {收入@P: 1亿元}, expect: {answer: met, 总分: 60分 to 75分}}
`

// A lower document fills what the upper one left open, and the clause it takes over then decides. Turns red when the lower document's
// definition no longer reaches the inherited clause, or an unfilled one is anything but its bounds.
func TestOpenDefinitionIsFilledBelow(t *testing.T) {
	_, ps := two(t, "low", openClause, `define:
  地方分: {by: 守信, is: {是: 15分}, else: 0分}
schemes:
  S:
    from: a/S
    cite: 一
    examples:
    #= 50 + 15 = 65分，过线。
    - {P: 2025, given: {收入@P: 6000万元, 守信: 是}, expect: {answer: met, 总分: 65分}}
    #= 50 + 0 = 50分，不过线，差10分。
    - {P: 2025, given: {收入@P: 6000万元, 守信: 否}, expect: {answer: unmet, 总分: 50分, gap: 10分}}
`)
	for _, p := range ps {
		t.Error(p)
	}
}

// What a lower document may not do. Mutations: compare with the wrong end of the bounds, take shorter for higher, look at documents of
// the same folder too, or not at those of others.
func TestOverrides(t *testing.T) {
	for _, c := range []struct{ name, folder, lower, says string }{
		{"within the bounds", "low", "define:\n  地方分: 15分\n", ""},
		{"outside the bounds", "low", "define:\n  地方分: 16分\n", "留给下级的范围是0分至15分，这里可能是16分"},
		{"a sum that may pass the bounds", "low", "define:\n  地方分: {sum: [{by: 守信, is: {是: 10分}, else: 0分}, {by: 领域, is: {甲: 6分}, else: 0分}]}\n", "这里可能是0分至16分"},
		{"a sum that is cut at the bounds", "low", "define:\n  地方分: {sum: [{by: 守信, is: {是: 10分}, else: 0分}, {by: 领域, is: {甲: 6分}, else: 0分}], then: [{at_most: 15分}]}\n", ""},
		{"a difference that may fall below the bounds, 0 − 60", "low", "define:\n  地方分: {give: 收入分 - 60分, then: [{at_most: 15分}]}\n", "这里可能是-60分至0分"},
		{"a difference that is held above them, at most 60 − 50", "low", "define:\n  地方分: {give: 收入分 - 50分, then: [{at_least: 0分}]}\n", ""},
		{"so much for each unit of a part of the base, at most ten", "low",
			"define:\n  地方分: {give: 1分, of: 收入@当年, per: 1000万元, remainder: drop, up_to: 1亿元}\n", ""},
		{"what a person sets, cut at the bounds", "low", "define:\n  地方分: {give: manual, then: [{at_most: 15分}]}\n", ""},
		{"another unit", "low", "define:\n  地方分: 1万元\n", "单位应与上级文件 a 一致：分"},
		{"higher where only higher is allowed", "low", "define:\n  门槛: 300万元\n", ""},
		{"the same", "low", "define:\n  门槛: 200万元\n", ""},
		{"lower where only higher is allowed", "low", "define:\n  门槛: 199万元\n", "只能更高，上级是200万元，这里是199万元"},
		{"shorter", "low", "define:\n  期限: 10日\n", ""},
		{"longer", "low", "define:\n  期限: 21日\n", "只能更短，上级是20日，这里是21日"},
		{"not left to it", "low", "define:\n  收入分: 60分\n", "没有写 open 或 tighten 留给下级，不能改"},
		{"a reissue by the same body changes what it likes", "up", "define:\n  收入分: 60分\n  门槛: 100万元\n", ""},
		{"a name of its own", "low", "define:\n  自己的: 60分\n", ""},
		{"the clause rewritten", "low", "schemes:\n  S: {from: a/S, cite: 一, require: {of: 收入@当年, at_least: 1元}}\n", "不能改写 require:"},
		{"another meaning of a year-word", "low", "periods: {当年: A}\n", "不能改"},
		{"a condition of its own", "low", "common: {of: 守信, is: 是}\nschemes:\n  S: {from: a/S, cite: 一}\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ps := two(t, c.folder, openClause, c.lower)
			var all []string
			for _, p := range ps {
				all = append(all, p.String())
			}
			text := strings.Join(all, "\n")
			if c.says == "" && text != "" || !strings.Contains(text, c.says) {
				t.Errorf("want %q, got:\n%s", c.says, text)
			}
		})
	}
}

// The word itself is checked where it stands.
func TestTightenAndOpenStandOnDefinitions(t *testing.T) {
	for body, says := range map[string]string{
		"define:\n  门槛: {give: 200万元, tighten: highr}\n":              "是否应为“higher”",
		"define:\n  门槛: {give: 200万元, tighten: shorter}\n":            "期限写 tighten: shorter",
		"define:\n  门槛: {sum: [{give: 1万元, tighten: higher}, 1万元]}\n": "只写在 define: 的一个名称下面",
		"define:\n  门槛: {sum: [{open: 省, bounds: 0分 to 1分}, 1分]}\n":   "只写在 define: 的一个名称下面",
		"define:\n  门槛: {open: 省}\n":                                  "bounds",
		"define:\n  门槛: {give: 20日, tighten: lower}\n":                "期限写 tighten: shorter",
		"define:\n  P: 1元\n":  "内置的名称",
		"define:\n  批次: 1元\n": "内置的名称",
		"define:\n  甲: {by: P, is: {25: 1元}}\n  乙: {of: 批次, at_least: 1}\n": "词只能用 is 比较",
	} {
		_, ps := load(t, body)
		found := false
		for _, p := range ps {
			found = found || strings.Contains(p.Message, says)
		}
		if !found {
			t.Errorf("%s: no problem says %q: %v", body, says, ps)
		}
	}
}

// A reference is followed where the document is here, by its number or its short name, and is a person's to look up where it is not.
// Turns red when a document that is here is not read, or one that is not here counts as met.
func TestReferences(t *testing.T) {
	const head = "title: 测试\nbody: 甲\ndates: {published: 2025-01-01}\nrounding: {to: 0.01元, mode: down}\nperiods: {当年: P}\n"
	clause := func(see string) File {
		return File{"x/b.yaml", []byte("document: b\nnumber: not_found\n" + head + "define:\n  大企业: " + see + "\n  大企业奖: " + strings.Replace(see, "亿元企业", "亿元奖", 1) + `
schemes:
  S:
    title: 奖励
    cite: 一
    for: 企业
    kind: money
    require: 大企业
    amount: {give: 大企业奖}
    examples:
    #= 见测试
    - {P: 2025, given: {收入@P: 1亿元}, expect: {}}
`)}
	}
	other := File{"x/a.yaml", []byte("document: a\nnumber: 甲政〔2021〕9号\n" + head + "define:\n  亿元企业: {of: 收入@当年, at_least: 1亿元}\n  亿元奖: {by: 收入@当年, at_least: {1亿元: 10万元}}\n")}
	words := File{"x/words.yaml", []byte(testVocabulary)}
	answer := func(files ...File) (string, string) {
		lib, ps := Load(append(files, words))
		var said []string
		for _, p := range ps {
			if !strings.Contains(p.Message, "手算") && !strings.Contains(p.Message, "expect") {
				said = append(said, p.Message)
			}
		}
		f := NewFacts(lib.Vocabulary())
		if err := f.Set("收入@2025", "1.2亿元", Source{}); err != nil {
			t.Fatal(err)
		}
		s := lib.Scheme("b/S")
		if s == nil {
			return "", strings.Join(said, "\n")
		}
		r := s.Evaluate(Question{Facts: f, On: NewDate(2026, 6, 30)})
		return r.Answer.String() + " " + r.Potential.Text, strings.Join(said, "\n")
	}
	for _, c := range []struct {
		name, see    string
		files        []File
		answer, says string
	}{
		{"by number", "{see: 甲政〔2021〕9号, item: 亿元企业}", []File{other}, "met 10万元", ""},
		{"by short name", "{see: a, item: 亿元企业}", []File{other}, "met 10万元", ""},
		{"not here", "{see: 甲政〔2021〕9号, item: 亿元企业}", nil, "manual 由主管部门确定", ""},
		{"here, but nothing of it is named", "{see: 甲政〔2021〕9号}", []File{other}, "manual 由主管部门确定", "请写 item:"},
		{"here, without that name", "{see: a, item: 亿元公司}", []File{other}, "", "是否应为“亿元企业”"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, said := answer(append([]File{clause(c.see)}, c.files...)...)
			if c.answer != "" && got != c.answer {
				t.Errorf("%s, want %s", got, c.answer)
			}
			if c.says == "" && said != "" || !strings.Contains(said, c.says) {
				t.Errorf("said %q, want %q", said, c.says)
			}
		})
	}
}

// Two documents that refer to each other's definitions in a circle are told so; nothing runs for ever.
func TestReferencesInACircle(t *testing.T) {
	const head = "title: 测试\nnumber: not_found\nbody: 甲\ndates: {published: 2025-01-01}\n"
	_, ps := Load([]File{{"x/words.yaml", []byte(testVocabulary)},
		{"x/a.yaml", []byte("document: a\n" + head + "define:\n  甲: {see: b, item: 乙}\n")},
		{"x/b.yaml", []byte("document: b\n" + head + "define:\n  乙: {see: a, item: 甲}\n")}})
	for _, p := range ps {
		if strings.Contains(p.Message, "绕了一圈") {
			return
		}
	}
	t.Errorf("no circle is named: %v", ps)
}

// One document that names several years and several batches: a table by P and one by 批次. The batch is the round's to say; where it says
// none, the answer is unknown and no party is asked for it.
func TestTablesByYearAndBatch(t *testing.T) {
	lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(strings.Replace(testHead, ", performance: 2025", "", 1) + `define:
  年度门槛: {by: P, is: {2024: 12%, 2025: 10%}}
  批次门槛: {by: 批次, is: {第三批: 3.5亿元, 第四批: 1亿元}}
schemes:
  甲:
    title: 增长
    cite: 一
    for: 企业
    kind: recognition
    require: {of: growth(收入@当年), at_least: 年度门槛}
    examples:
    #= 11% < 12%
    - {P: 2024, given: {收入@P-1: 100万元, 收入@P: 111万元}, expect: {answer: unmet, gap: 1百分点}}
    #= 11% ≥ 10%
    - {P: 2025, given: {收入@P-1: 100万元, 收入@P: 111万元}, expect: {answer: met}}
  乙:
    title: 冠军
    cite: 二
    for: 企业
    kind: recognition
    require: {of: 收入@当年, at_least: 批次门槛}
    examples:
    #= 2亿 < 3.5亿，差1.5亿
    - {P: 2025, batch: 第三批, given: {收入@P: 2亿元}, expect: {answer: unmet, gap: 1.5亿元}}
    #= 2亿 ≥ 1亿
    - {P: 2025, batch: 第四批, given: {收入@P: 2亿元}, expect: {answer: met}}
    #= 没有说是哪一批
    - {P: 2025, given: {收入@P: 2亿元}, expect: {answer: unknown, ask: []}}
    #= 没有写进文件的批次：没有门槛可比
    - {P: 2025, batch: 第九批, given: {收入@P: 2亿元}, expect: {answer: manual}}
`)}})
	ps = append(ps, lib.CheckExamples()...)
	for _, p := range ps {
		t.Error(p)
	}
	if t.Failed() {
		return
	}
	s := lib.Scheme("d/甲")
	if got := s.Describe().Conditions.Threshold; !strings.Contains(got, "年度门槛") {
		t.Errorf("the condition reads %q", got)
	}
	if got := formatNum(intNum(2025), unitCalendar, 4); got != "2025年度" {
		t.Errorf("a year reads %s", got)
	}
}
