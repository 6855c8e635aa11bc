package policy

import (
	"slices"
	"strings"
	"testing"
)

var markFiles = map[string]string{
	"x/words.yaml": `vocabulary: 甲
levels:
  档: [一档, 二档]
terms:
  甲_规划: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: 40分, from: 市经信局, help: 有成文的规划}
  甲_现场: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: 30分, from: 市经信局}
  甲_安全: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: 30分, from: 市应急管理局}
  甲_字: {of: 企业, words: [是的, 不是], from: 市经信局}
records:
  甲评: {of: 企业, from: 市经信局, complete: 市经信局, fields: {等级: 档}}
`,
	"x/rating.yaml": `document: rating
title: 甲
number: not_found
body: 示例
dates: {published: 2025-01-01}
periods: {当年: P}
define:
  管理: {sum: [{give: 甲_规划@当年, cite: '1.1', text: 规划}, {give: 甲_现场@当年, text: 现场}], text: 管理（70分）}
  总分: {sum: [管理, 甲_安全@当年]}
schemes:
  甲评:
    title: 甲评
    cite: not_found
    office: 市经信局
    for: 企业
    kind: rating
    level: {field: 等级, words: 档, by: 总分, at_least: {90分: 二档, 60分: 一档}}
    examples:
    #= 40+30+20 = 90
    - {P: 2025, given: {甲_规划@2025: 40分, 甲_现场@2025: 30分, 甲_安全@2025: 20分}, expect: {answer: met, level: 二档}}
    #= 40+20+0 = 60
    - {P: 2025, given: {甲_规划@2025: 40分, 甲_现场@2025: 20分, 甲_安全@2025: 0分}, expect: {answer: met, level: 一档}}
    #= 40+19.99+0 = 59.99
    - {P: 2025, given: {甲_规划@2025: 40分, 甲_现场@2025: 19.99分, 甲_安全@2025: 0分}, expect: {answer: unmet, level: none}}
`,
	"x/process.yaml": `process: 甲办理
title: 甲办理
starts: applicant
checklists:
  看: {officers: 2, basis: 示例, items: [{ask: 现场, kind: figure, unit: 分, scores: 甲_现场}]}
marks:
  综合: {terms: [甲_规划, 甲_现场], evidence: [甲_规划]}
  安全: {terms: [甲_安全], self: 否}
case:
  stages:
    填报: {public: 一, who: applicant, actions: {交: {to: 看}}}
    看: {public: 二, who: {role: officer, department: scheme}, actions: {安排: {needs: visit, do: {visit: {checklist: 看}}}, 转: {to: 核实, if: visited}}}
    核实:
      public: 三
      tasks:
        综合: {who: {role: officer, department: scheme}, actions: {综合好了: {do: {marks: {sheet: 综合}}}}}
        安全: {who: {role: officer, department: 市应急管理局}, actions: {安全好了: {do: {marks: {sheet: 安全}}}}}
      then: 定
    定: {public: 四, who: {role: leader, department: scheme}, actions: {评定: {to: 完, if: rated}, 不评: {to: 完, needs: reason}}}
    完: {public: 五, ends: done}
`,
}

func loadMarks(change func(path, text string) string) (*Library, []Problem) {
	var files []File
	for path, text := range markFiles {
		files = append(files, File{Path: path, Data: []byte(change(path, text))})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return Load(files)
}

// What a process says of scores, in words, and every slip where it stands: an indicator of a rating that nothing verifies, one that two verify, one
// that is verified by who does not vouch for it.
//
// Mutations that turn this red: drop any of the checks of sheets, indicator, rates, checkMarks, spot and checkItem that a line below names.
func TestMarksOfAProcess(t *testing.T) {
	lib, ps := loadMarks(func(_, text string) string { return text })
	if HasErrors(ps) {
		t.Fatal(ps)
	}
	p := lib.Process("甲办理")
	lines := p.Describe().Flows[0].Stages[2].Lines
	for _, want := range []string{"逐项核实“综合”的2项得分，记为申报人的事实", "逐项核实“安全”的1项得分（申报人不自评），记为申报人的事实"} {
		if !strings.Contains(strings.Join(lines, "\n"), want) {
			t.Errorf("not read back: %s in %s", want, strings.Join(lines, "\n"))
		}
	}
	for _, c := range []struct{ path, old, new, says string }{
		{"process", "terms: [甲_规划, 甲_现场], evidence: [甲_规划]", "terms: [甲_现场]", "流程“甲办理”没有哪项任务核实甲评的指标“规划”"},
		{"process", "terms: [甲_安全]", "terms: [甲_安全, 甲_规划]", "“甲_规划”已在评分表“综合”中：一项指标只由一处核实"},
		{"process", "sheet: 安全", "sheet: 综合", "评分表“综合”已由“综合”核实"},
		{"process", "安全好了: {do: {marks: {sheet: 安全}}}", "安全好了: {needs: opinion}", "没有任务核实评分表“安全”"},
		{"process", "sheet: 安全", "sheet: 平安", "没有“平安”"},
		{"process", "department: 市应急管理局", "department: 市经信局", "“甲_安全”由市应急管理局认可，评分表“安全”由市经信局核实"},
		{"words", "at_most: 40分, from: 市经信局", "at_most: 40分, from: 市应急管理局", "流程“甲办理”由市经信局核实，“规划”由市应急管理局认可"},
		{"process", "terms: [甲_安全]", "terms: [甲_安会]", "词汇表中没有“甲_安会”这一项"},
		{"process", "terms: [甲_安全]", "terms: [甲_安全, 甲_字]", "“甲_字”不是有满分的分数"},
		{"process", "evidence: [甲_规划]", "evidence: [甲_安全]", "这张表的 terms: 中没有“甲_安全”"},
		{"process", "self: 否", "evidence: [甲_安全], self: 否", "申报人不自评的指标不用交佐证"},
		{"process", "scores: 甲_现场", "scores: 甲_字", "现场评分的“甲_字”不在哪张评分表"},
		{"process", "unit: 分, scores", "unit: 天, scores", "“甲_现场”的得分不能以“天”为单位"},
		{"process", "kind: figure, unit: 分, scores", "kind: yes_no, scores", "现场评分（scores:）要填数"},
		{"process", "if: rated", "if: rates", "if: 不认识“rates”"},
		{"process", "安全: {who: {role: officer,", "安全: {who: {role: leader,", "得分由经办人员核实"},
	} {
		_, ps := loadMarks(func(path, text string) string {
			if strings.Contains(path, c.path) {
				if !strings.Contains(text, c.old) {
					t.Fatalf("no %q", c.old)
				}
				return strings.Replace(text, c.old, c.new, 1)
			}
			return text
		})
		if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.Contains(p.Message, c.says) }) {
			t.Errorf("%s → %s: %v, want %q", c.old, c.new, ps, c.says)
		}
	}
}

// The sums of a rating part by part. By hand: 40 of 70 known leaves 40 to 70; with nothing of the third, 40 to 100 in all, none to the second level.
//
// Mutations that turn this red: give the sum of the facts for the full mark; leave the parts that only name another unresolved; sort Costliest the other
// way round.
func TestMarksAreSummed(t *testing.T) {
	lib, ps := loadMarks(func(_, text string) string { return text })
	if HasErrors(ps) {
		t.Fatal(ps)
	}
	s := lib.Scheme("rating/甲评")
	of := func(given ...string) Marks {
		f := NewFacts(lib.Vocabulary())
		for i := 0; i < len(given); i += 2 {
			if err := f.Set(given[i], given[i+1], Source{}); err != nil {
				t.Fatal(err)
			}
		}
		return s.Marks(Question{Facts: f, On: NewDate(2026, 6, 1), Performance: 2025})
	}
	m := of("甲_规划@2025", "40分")
	if m.Sum != "40分至100分" || m.Full != "100分" || m.Level.text() != "none to 二档" || len(m.Groups) != 2 {
		t.Fatalf("%+v", m)
	}
	g := m.Groups[0]
	if g.Title != "管理（70分）" || g.Sum != "40分至70分" || g.Full != "70分" || g.Items[0].Title != "规划" || g.Items[0].Cite != "1.1" || g.Items[0].Key != "甲_规划@2025" || g.Items[0].Lost != "" {
		t.Errorf("%+v", g)
	}
	if g := m.Groups[1]; g.Title != "" || g.Items[0].Title != "甲_安全" || g.Sum != "0分至30分" {
		t.Errorf("what stands by itself: %+v", g)
	}
	m = of("甲_规划@2025", "39.5分", "甲_现场@2025", "30分", "甲_安全@2025", "20.49分")
	if m.Sum != "89.99分" || m.Level.text() != "一档" || !slices.Equal(m.Costliest(5), []string{"甲_安全@2025", "甲_规划@2025"}) || m.Groups[1].Items[0].Lost != "9.51分" {
		t.Errorf("0.01 below: %+v, %v", m, m.Costliest(5))
	}
	if m = of("甲_规划@2025", "39.5分", "甲_现场@2025", "30分", "甲_安全@2025", "20.5分"); m.Sum != "90分" || m.Level.text() != "二档" {
		t.Errorf("at the line: %+v", m)
	}
}
