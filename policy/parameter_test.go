package policy

import (
	"slices"
	"strings"
	"testing"
)

func parameter(t *testing.T, lib *Library, scheme, path string) Parameter {
	t.Helper()
	for _, p := range lib.Parameters(scheme) {
		if p.Path == path {
			return p
		}
	}
	t.Fatalf("%s has no %s", scheme, path)
	return Parameter{}
}

// What an officer may turn in a clause that reissues another: what the other says is told with its document, a name once, each with its sentence.
// Mutation: do not follow the names → red.
func TestParameters(t *testing.T) {
	lib := realLibrary(t)
	var got []string
	for _, p := range lib.Parameters("cx2025/C001") {
		got = append(got, p.Path+" "+p.Label+" "+p.Value+" "+p.Unit+" "+strings.Join(p.Schemes, "+"))
	}
	want := []string{
		"cx2024/schemes/C011/require/all/2/over 门槛 0% % cx2025/C001+cx2024/C011",
		"cx2024/schemes/C011/amount/per 每档 100万元 元 cx2025/C001+cx2024/C011",
		"cx2024/schemes/C011/amount/then/1/at_most 封顶 30万元 元 cx2025/C001+cx2024/C011",
		"cx2025/define/增速门槛 门槛 10% % cx2025/C001",
		"cx2025/define/每档奖励 金额 up to 500元 元 cx2025/C001",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	p := parameter(t, lib, "cx2025/C001", "cx2025/define/增速门槛")
	if p.Name != "增速门槛" || p.Sentence != "当年营业收入的增长率不低于10%" || p.Text != "当年增速达到门槛" || p.Document != "cx2025" {
		t.Errorf("%+v", p)
	}
	if lib.Parameters("cx2025/none") != nil {
		t.Error("an unknown scheme has parameters")
	}
}

// 8% instead of 10%, by hand: 甲 grows 999/9990 = 10.00%, 乙 900/10000 = 9%, 丙 7999999/100000000 = 7.999999%. 甲 has 9 × 500 = 4500 both ways,
// 乙 nothing and then floor(900/100) = 9, 9 × 500 = 4500, 丙 nothing both ways.
// Mutation: leave the edit out → red; read the facts by the old vocabulary (no Over) → red.
func TestChangeOfARate(t *testing.T) {
	lib := realLibrary(t)
	if _, _, faults := lib.Change([]Change{{"cx2025/define/增速门槛", "8"}}); len(faults) != 1 || !strings.Contains(faults[0].Message, "会当作8倍") {
		t.Errorf("8 for 8%%: %v", faults)
	}
	next, _, faults := lib.Change([]Change{{"cx2025/define/增速门槛", "8%"}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, c := range []struct {
		firm          string
		last, now     string
		before, after string
	}{{"甲", "9990万元", "10989万元", "最高4,500元", "最高4,500元"}, {"乙", "10000万元", "10900万元", "无", "最高4,500元"}, {"丙", "10000万元", "10799.9999万元", "无", "无"}} {
		f := NewFacts(lib.Vocabulary())
		for k, v := range map[string]string{"营业收入@2023": "9000万元", "营业收入@2024": c.last, "营业收入@2025": c.now, "规上数字经济制造业名录": "是"} {
			if err := f.Set(k, v, Source{Verified: true}); err != nil {
				t.Fatal(err)
			}
		}
		on := NewDate(2026, 3, 1)
		before := lib.Scheme("cx2025/C001").Evaluate(Question{Facts: f, On: on})
		after := next.Scheme("cx2025/C001").Evaluate(Question{Facts: f.Over(next.Vocabulary()), On: on})
		if before.Amount.Text != c.before || after.Amount.Text != c.after {
			t.Errorf("%s: %s → %s", c.firm, before.Amount.Text, after.Amount.Text)
		}
	}
	if lib.Scheme("cx2024/C011").Describe().Conditions == nil || parameter(t, lib, "cx2024/C011", "cx2024/define/增速门槛").Value != "12%" {
		t.Error("the library itself was changed")
	}
}

// What the checker says of a change stands at that change, and says nothing of another.
// Mutation: give every error to the first change → red.
func TestChangesAreChecked(t *testing.T) {
	lib, _ := load(t, `schemes:
  S:
    title: 测试
    cite: 一
    for: 企业
    kind: money
    require: {of: 收入@当年, at_least: 10万元}
    amount:
      sum:
      - {give: 1%, of: 收入@当年, up_to: 100万元, text: 以内的部分}
      - {give: 2%, of: 收入@当年, beyond: 100万元}
      then: [{at_most: 5万元}, {times: 110%, if: {has: 奖励@有效, where: {级别: {at_least: 省级}}}}]
    examples:
    - {P: 2025, given: {}, expect: {answer: unknown}}
`)
	const s = "d/schemes/S/"
	for _, c := range []struct {
		name    string
		changes []Change
		at      []string
		says    string
	}{
		{"a wrong unit", []Change{{s + "amount/then/1/at_most", "5人"}, {s + "require/at_least", "20万元"}}, []string{s + "amount/then/1/at_most"}, "单位"},
		{"a wrong unit, told second", []Change{{s + "require/at_least", "20万元"}, {s + "amount/then/1/at_most", "5人"}}, []string{s + "amount/then/1/at_most"}, "单位"},
		{"no unit", []Change{{s + "require/at_least", "20"}}, []string{s + "require/at_least"}, "单位"},
		{"a threshold that always holds", []Change{{s + "require/at_least", "0元"}}, []string{s + "require/at_least"}, "永远成立"},
		{"overlapping brackets", []Change{{s + "amount/sum/1/up_to", "200万元"}}, []string{s + "amount/sum/1/up_to"}, "重叠"},
		{"a gap between brackets", []Change{{s + "amount/sum/2/beyond", "200万元"}}, []string{s + "amount/sum/2/beyond"}, "空档"},
		{"a level that there is not", []Change{{s + "amount/then/2/if/where/级别/at_least", "省"}}, []string{s + "amount/then/2/if/where/级别/at_least"}, "不在这组等级中"},
		{"no value", []Change{{s + "require/at_least", " "}}, []string{s + "require/at_least"}, "请写一个值"},
		{"an expression", []Change{{s + "require/at_least", "收入@当年"}}, []string{s + "require/at_least"}, "不是一个带单位的数"},
		{"more than a value", []Change{{s + "require/at_least", "1元}, text: {a: b"}}, []string{s + "require/at_least"}, "不是一个带单位的数"},
		{"what is no parameter", []Change{{s + "title", "改名"}}, []string{s + "title"}, "没有这个参数"},
		{"twice", []Change{{s + "require/at_least", "1万元"}, {s + "require/at_least", "2万元"}}, []string{s + "require/at_least"}, "两次"},
	} {
		next, _, faults := lib.Change(c.changes)
		var at []string
		for _, f := range faults {
			at = append(at, f.Path)
			if !strings.Contains(f.Message, c.says) {
				t.Errorf("%s: %s", c.name, f.Message)
			}
		}
		if next != nil || !slices.Equal(at, c.at) {
			t.Errorf("%s: %v", c.name, faults)
		}
	}
	// Both brackets together are sound again, and the file holds what was written.
	next, files, faults := lib.Change([]Change{{s + "amount/sum/1/up_to", "200万元"}, {s + "amount/sum/2/beyond", "200万元"}, {s + "amount/then/2/if/where/级别/at_least", "国家级"}})
	if len(faults) > 0 || next == nil {
		t.Fatal(faults)
	}
	i := slices.IndexFunc(files, func(f File) bool { return strings.HasSuffix(f.Path, "d.yaml") })
	if text := string(files[i].Data); strings.Count(text, "200万元") != 2 || strings.Contains(text, "100万元") || !strings.Contains(text, "{at_least: 国家级}") {
		t.Error(text)
	}
}

// A table of several columns: each cell with its own column alone; no word of a file stands in a sentence, and none is empty.
// Mutation: give every cell the sentence of its table → red; write the literal as the file has it → red.
func TestParametersOfATable(t *testing.T) {
	lib := realLibrary(t)
	says := map[string]string{}
	for _, s := range lib.Schemes() {
		for _, p := range lib.Parameters(s.ID()) {
			says[p.Path] = p.Sentence
			if p.Sentence == "" || strings.Contains(p.Sentence, "up to") || strings.Contains(p.Sentence, "at least") || strings.Contains(p.Sentence, " to ") {
				t.Errorf("%s: %q", p.Path, p.Sentence)
			}
		}
	}
	for path, want := range map[string]string{
		"ningbo-2018-fairs/define/境外展标准/is/2/比例":                  "为重点展新兴市场的给比例 最高70%",
		"ningbo-2018-fairs/define/境外展标准/is/2/每标展":                 "为重点展新兴市场的给每标展 2万元",
		"cx2025/schemes/C004/amount":                              "金额为最高20万元",
		"skills-neighbours/schemes/浙江学徒制下限/amount/give/give/is/1": "为企业职工的给不低于4000元",
	} {
		if says[path] != want {
			t.Errorf("%s: %q, not %q", path, says[path], want)
		}
	}
}

// What an officer writes is what a file has, and back.
// Mutation: leave 至 out → red.
func TestLiteralsAsAnOfficerWritesThem(t *testing.T) {
	for file, officer := range map[string]string{"up to 500元": "最高500元", "3‰ to 6‰": "3‰至6‰", "at least 30%": "不低于30%", "10%": "10%", "省级": "省级"} {
		if got := ShownLiteral(file); got != officer {
			t.Errorf("%s is shown as %s", file, got)
		}
		if got := WrittenLiteral(officer); got != file {
			t.Errorf("%s is written as %s", officer, got)
		}
	}
	for says, file := range map[string]string{" 8％ ": "8%", "最高 20万元": "up to 20万元", "至少 30%": "at least 30%", "3‰ 至 6‰": "3‰ to 6‰"} {
		if got := WrittenLiteral(says); got != file {
			t.Errorf("%s is written as %s", says, got)
		}
	}
}

// A path that is none is told with those that are written nearly so, and how rungs are numbered.
// Mutation: order by the path alone → red.
func TestNearParameters(t *testing.T) {
	lib := realLibrary(t)
	for path, near := range map[string]string{
		"cx2025/schemes/C002/require/all/1/at_least": "相近的有：cx2025/schemes/C002/require/all/3/at_least（门槛，现为 15%）；",
		"cx2025/schemes/C002/amount/then/0/at_most":  "相近的有：cx2025/schemes/C002/amount/then/1/at_most（封顶，现为 50万元）；",
		"cx2025/schemes/C002/amount/rate":            "相近的有：cx2025/schemes/C002/amount/give（比例，现为 最高5%）；",
	} {
		_, _, faults := lib.Change([]Change{{path, "12%"}})
		if len(faults) != 1 || !strings.Contains(faults[0].Message, near) || !strings.Contains(faults[0].Message, "从1数起") {
			t.Errorf("%s: %v", path, faults)
		}
	}
	if _, _, faults := lib.Change([]Change{{"x", "12%"}}); len(faults) != 1 || strings.Contains(faults[0].Message, "相近") {
		t.Error(faults)
	}
}
