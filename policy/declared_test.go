package policy

import (
	"strings"
	"testing"
)

// A vocabulary of its own: figures that are parts of others, fields with bounds, records that are alike, things that are no party.
const declaredTerms = `  产值: {of: 企业, unit: 元, every: 年, at_least: 0元}
  新产品产值: {english: output of new products, of: 企业, unit: 元, every: 年, at_least: 0元, part_of: 产值}
  研发: {of: 企业, unit: 元, every: 年}
  职工: {of: 企业, unit: 人, at_least: 0人, whole: 是}
  园区面积: {english: area of the park, of: 园区, unit: 项, at_least: 0项}
`

const declaredRecords = `records:
  标准: {english: standard, of: 企业, complete: 甲局, fields: {类别: [国际, 国家, 行业], 次序: {unit: 名, at_least: 1名, whole: 是}, 费用: {unit: 元, at_least: 0元}, 尾数: 元, 盈亏: {unit: 元, at_least: -3万元}}}
`

func declared(t *testing.T, scheme string) *Scheme {
	t.Helper()
	lib, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n" + declaredTerms + declaredRecords)},
		{"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" + indent(scheme, "    "))}})
	for _, p := range ps {
		if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
			t.Fatal(p)
		}
	}
	return lib.Scheme("d/S")
}

// A number that the vocabulary bounds is refused where it is written, at the exact bound and not before; what it says may have no part has none.
// Turns red when a field's bound or whole is not read or not checked.
func TestDeclaredBounds(t *testing.T) {
	s := declared(t, "kind: recognition\nrequire: {of: 职工, at_least: 10人}")
	v := s.doc.lib.vocabulary
	for _, c := range []struct{ line, says string }{
		{"职工: 99.5人", "f.yaml:2:3: 错误: 职工：应是整数，例如 3人。"},
		{"职工: -1人", "f.yaml:2:3: 错误: 职工：不能小于0人。"},
		{"职工: 0人", ""},
		{"标准: [{费用: -0.01元}]", "f.yaml:2:13: 错误: 标准：第1条：栏目“费用”：不能小于0元。"},
		{"标准: [{费用: 0元}]", ""},
		{"标准: [{次序: 0名}]", "f.yaml:2:13: 错误: 标准：第1条：栏目“次序”：不能小于1名。"},
		{"标准: [{次序: 1.5名}]", "f.yaml:2:13: 错误: 标准：第1条：栏目“次序”：应是整数，例如 3名。"},
		{"标准.次序: 2.5名", "f.yaml:2:3: 错误: 标准.次序：应是整数，例如 3名。"},
		{"标准: [{次序: 1名}]", ""},
		{"标准: [{尾数: -0.01元}]", "f.yaml:2:13: 错误: 标准：第1条：栏目“尾数”：不能小于0元。"}, // where nothing is said
		{"标准: [{盈亏: -3万元}]", ""},
		{"标准: [{盈亏: -30000.01元}]", "f.yaml:2:13: 错误: 标准：第1条：栏目“盈亏”：不能小于-3万元。"},
	} {
		_, ps := ReadFacts("f.yaml", []byte("facts:\n  "+c.line+"\n"), v)
		got := ""
		if len(ps) > 0 {
			got = ps[0].String()
		}
		if got != c.says {
			t.Errorf("%s: %q, want %q", c.line, got, c.says)
		}
	}
	if _, err := CheckField(v, "标准", "费用", "-3万元"); err == nil || err.Error() != "不能小于0元" { // what an import and a form ask
		t.Errorf("a form takes -3万元: %v", err)
	}
	for _, c := range []struct{ declare, says string }{
		{"terms:\n  甲: {of: 企业, type: bool, at_least: 0元}\n", "at_least 只用于数字"},
		{"records:\n  乙: {of: 企业, fields: {丙: {unit: 元, at_least: 0人}}}\n", "应与本项单位一致，例如 500万元"},
		{"records:\n  乙: {of: 企业, fields: {丙: {unit: 元, at_most: -1元}}}\n", "没有不小于0元又不大于-1元的数"},
		{"terms:\n  甲: {of: 企业, unit: 元, at_least: 5元, at_most: 4元}\n", "没有不小于5元又不大于4元的数"},
		{"terms:\n  甲: {of: 企业, unit: 元, part_of: 乙}\n", "part_of: 词汇表中没有“乙”"},
		{"terms:\n  甲: {of: 企业, unit: 元, part_of: 乙}\n  乙: {of: 企业, unit: 人}\n", "单位相同"},
		{"terms:\n  甲: {of: 企业, unit: 元, part_of: 乙}\n  乙: {of: 企业, unit: 元, part_of: 甲}\n", "绕了一圈"},
	} {
		if _, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\n" + c.declare)}}); len(ps) != 1 || !strings.Contains(ps[0].Message, c.says) {
			t.Errorf("%s: %v, want %q alone", c.declare, ps, c.says)
		}
	}
	if _, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n  甲: {of: 企业, unit: 平方, at_least: 0平方}\n")}}); len(ps) != 1 {
		t.Errorf("an unknown unit is told once, not again at each bound: %v", ps)
	}
}

// A part of a whole takes the whole along: 1400 of 3000 is short of half by 200, since 1600 of 3200 is half; of 14,999,999.99 of 30,000,000 it takes
// two fen more (15,000,000.01 of 30,000,000.02; with one it would be 15,000,000.00 of 30,000,000.01). Where the vocabulary does not say so, the
// others are said to stay: 1500 of 3000. Turns red when the whole stays, or the proof of a way leaves it where it was.
func TestPartOfAWhole(t *testing.T) {
	for _, c := range []struct{ require, facts, zh, en string }{
		{"{of: 新产品产值@当年 / 产值@当年, at_least: 50%}", "新产品产值@2025: 1400万元; 产值@2025: 3000万元",
			"2025年新产品产值再增加200万元，达到1,600万元（产值随之变动）", "output of new products of 2025 up by CNY 2 million, to CNY 16 million (and 产值 with it)"},
		{"{of: 新产品产值@当年 / 产值@当年, at_least: 50%}", "新产品产值@2025: 14999999.99元; 产值@2025: 3000万元",
			"2025年新产品产值再增加0.02元，达到15,000,000.01元（产值随之变动）", ""},
		{"{of: 研发@当年 / 产值@当年, at_least: 50%}", "研发@2025: 1400万元; 产值@2025: 3000万元",
			"2025年研发再增加100万元，达到1,500万元（其他数不变时）", ""},
		// What is asked of the whole beside it counts what came along: 1600 of 3200 is half, and 3200 passes 3200.
		{"{all: [{of: 新产品产值@当年 / 产值@当年, at_least: 50%}, {of: 产值@当年, at_most: 3200万元}]}", "新产品产值@2025: 1400万元; 产值@2025: 3000万元",
			"2025年新产品产值再增加200万元，达到1,600万元（产值随之变动）", ""},
	} {
		s := declared(t, "kind: recognition\nrequire: "+c.require)
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20250630, Explain: true, Changes: true, Lang: lang})
			if got := toldLines(s.Explanation(r, lang), "changes"); want != "" && got != want {
				t.Errorf("%s: %s\nwant: %s", c.facts, got, want)
			}
		}
	}
}

// Every record of an `each` has its line: what it came to, or why it does not count. 100 + 30 = 130; ten alike of 8 each are 80.
// Turns red when a record is left out, counted twice, or alike ones are told as one.
func TestEachRecordIsTold(t *testing.T) {
	s := declared(t, "kind: money\namount: {each: 标准@当年, where: {次序: {at_most: 2名}}, give: {by: 类别, is: {国际: 100万元, 行业: 30万元}}, then: [{at_most: 120万元}]}")
	v := s.doc.lib.vocabulary
	told := func(records string, lang Lang, part string) string {
		file, ps := ReadFacts("f.yaml", []byte("facts:\n  标准:\n"+records), v)
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		r := s.Evaluate(Question{Facts: file.Facts, On: 20260630, Performance: 2025, Explain: true, Lang: lang})
		return toldLines(s.Explanation(r, lang), part)
	}
	const several = `  - {from: 2025-03-01, 类别: 国际, 次序: 2名}
  - {from: 2025-06-01, 类别: 行业, 次序: 1名}
  - {from: 2024-06-01, 类别: 国际, 次序: 1名}
  - {from: 2025-07-01, 类别: 国际, 次序: 3名}
  - {from: 2025-08-01, 类别: 国家, 次序: 1名}
`
	want := `当年新列入或取得的标准（次序不超过2名）共2项，合计130万元
计入：类别 国际，次序 2名，2025-03-01起：100万元
计入：类别 行业，次序 1名，2025-06-01起：30万元
不计：类别 国家，次序 1名，2025-08-01起：不在各档之中（国际、行业），实际 国家
不计：类别 国际，次序 1名，2024-06-01起：不在2025年
不计：类别 国际，次序 3名，2025-07-01起：次序 3名，相差1名
130万元超过封顶120万元，按120万元计，少10万元
应得：120万元`
	if got := told(several, Chinese, "amount"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := told(several, English, "amount"); !strings.Contains(got, "\ncounts: 类别: 国际, 次序: 2 people, from 2025-03-01: CNY 1 million\n") &&
		!strings.Contains(got, "\ncounts: 类别 国际, 次序 2 people, from 2025-03-01: CNY 1 million\n") {
		t.Error(got)
	}
	many := "  - {from: 2025-03-01, 类别: 行业, 次序: 1名, times: 10}\n" // 10 × 30 = 300
	if got := told(many, Chinese, "amount"); !strings.Contains(got, "共10项，合计300万元\n计入：类别 行业，次序 1名，2025-03-01起（×10）：每项30万元，10项共300万元\n") {
		t.Error(got)
	}
	if got := told(many, Chinese, "figures"); got != "标准：类别 行业，次序 1名，2025-03-01起（×10） | 来源 f.yaml | 申报，未核实" {
		t.Error(got)
	}
	many = ""
	for day := range 15 { // 15 × 30 = 450; 12 lines, and 3 further of 90 together
		many += "  - {from: 2025-03-" + NewDate(2025, 1, day+10).String()[8:] + ", 类别: 行业, 次序: 1名}\n"
	}
	if got := told(many, Chinese, "amount"); strings.Count(got, "计入：类别") != 12 || !strings.Contains(got, "\n计入：另3项，共90万元\n") {
		t.Error(got)
	}
}

// A clause for something else than the party counts in no total until a fact says that there is such a thing, and says so.
// Turns red when it counts all the same, or when a fact of the thing does not make it count.
func TestClauseOfAnotherThing(t *testing.T) {
	s := declared(t, "kind: money\nrequire: {of: 园区面积, at_least: 10项}\namount: 30万元")
	s.subject, s.own = "园区", false
	if s.own = s.readsOwn(); !s.own {
		t.Fatal("reads nothing of a park")
	}
	for _, c := range []struct {
		facts string
		reach Fen
		says  bool
	}{
		{"职工: 3人", 0, true},
		{"职工: 3人; 园区面积: 20项", 30_000_000, false},
		{"", 30_000_000, false},
	} {
		r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true})
		first, _, _ := strings.Cut(toldLines(s.Explanation(r, Chinese), "missing"), "\n")
		if says := strings.HasPrefix(first, "这一条是给园区的"); r.Reach() != c.reach || says != c.says {
			t.Errorf("%s: reaches %s, says %q", c.facts, r.Reach(), first)
		}
	}
}

// A note that speaks of something else does not silence the reminder that a document has no dates; an allowance with a reason does. Whoever reads
// the result is told. Turns red when any note silences it.
func TestDocumentWithoutDates(t *testing.T) {
	head := "document: d\ntitle: 测试\nnumber: not_found\nbody: 县\ndates: {published: not_found}\n"
	note := "notes:\n- {choice: 分以下舍去, by: 张三, status: assumption}\n"
	scheme := "schemes:\n  S: {title: 测试, cite: 一, for: 企业, kind: recognition, require: {of: 职工, at_least: 3人}}\n"
	for _, c := range []struct {
		more string
		want int
	}{{note, 1}, {note + "allow: [{lint: no-dates, reason: 转载没有日期, by: 张三}]\n", 0}} {
		files := []File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n" + declaredTerms)}, {"d.yaml", []byte(head + c.more + scheme)}}
		n := 0
		_, found := Check(files)
		for _, p := range found {
			if p.Lint == lintDates {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%q: %d reminders, want %d", c.more, n, c.want)
		}
		lib, _ := Load(files)
		s := lib.Scheme("d/S")
		r := s.Evaluate(Question{Facts: facts(t, s, "职工: 3人"), On: 20260630, Explain: true})
		if got := toldLines(s.Explanation(r, Chinese), "dates"); got != "有效期未查到：发布日和有效期都没有找到，按任何日期都有效处理" {
			t.Error(got)
		}
	}
}
