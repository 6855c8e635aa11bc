package policy

import (
	"strings"
	"testing"
)

const ladderVocabulary = `vocabulary: 等级
levels: {星: [甲等, 乙等, 丙等, 丁等]}
terms:
  自评: {of: 企业, unit: 分, at_least: 0分, at_most: 60分, from: 局}
  他评: {of: 企业, unit: 分, at_least: 0分, at_most: 40分, from: 局}
`

const ladderFile = `document: d1
title: 评级
number: not_found
body: 局
dates: {published: 2025-01-01}
rounding: {to: 0.01元, mode: down}
define:
  总分: {sum: [自评, 他评]}
schemes:
  评级:
    title: 评级
    cite: 一
    for: 企业
    kind: rating
    level: {field: 等级, words: 星, by: 总分, at_least: {90分: 丁等, 75分: 丙等, 60分: 乙等}}
    examples:
    #= 60+30 = 90，恰好：最高一级。
    - {A: 2025, given: {自评: 60分, 他评: 30分}, expect: {answer: met, level: 丁等, 总分: 90分}}
    #= 60+29.9 = 89.9，差0.1分到90：丙等。
    - {A: 2025, given: {自评: 60分, 他评: 29.9分}, expect: {answer: met, level: 丙等, ask: []}}
    #= 59+16 = 75，恰好。
    - {A: 2025, given: {自评: 59分, 他评: 16分}, expect: {answer: met, level: 丙等}}
    #= 50+10 = 60，恰好到最低一条线。
    - {A: 2025, given: {自评: 50分, 他评: 10分}, expect: {answer: met, level: 乙等}}
    #= 50+9 = 59：一级都没有，差1分。
    - {A: 2025, given: {自评: 50分, 他评: 9分}, expect: {answer: unmet, level: none, gap: 1分}}
    #= 60 + 0..40 = 60..100：至少乙等，可能丁等；符合，但哪一级还要问。
    - {A: 2025, given: {自评: 60分}, expect: {answer: met, level: 乙等 to 丁等, ask: [他评]}}
    #= 20 + 0..40 = 20..60：可能乙等，也可能没有。
    - {A: 2025, given: {自评: 20分}, expect: {answer: unknown, level: none to 乙等, ask: [他评]}}
  奖:
    title: 奖
    cite: 二
    for: 企业
    kind: money
    require: {has: 评级@有效, where: {等级: {at_least: 丙等}}}
    amount: {by: best(评级.等级@有效), is: {丁等: 3万元, 丙等: 1万元}}
    examples:
    #= 丙等：1万元。
    - {A: 2025, given: {评级.等级: 丙等}, expect: {answer: met, amount: 1万元}}
    #= 乙等：不到丙等。
    - {A: 2025, given: {评级.等级: 乙等}, expect: {answer: unmet}}
`

func ladderFiles(document string) []File {
	return []File{{Path: "a/vocabulary.yaml", Data: []byte(ladderVocabulary)}, {Path: "a/d1.yaml", Data: []byte(document)}}
}

// TestLadderGrantsByScore: the level at, just above and just below each line, while a figure is unknown, and as the field of the record
// that the next scheme reads. Turns red when compare is fed over instead of at_least, when rankAt takes the lowest rung that is reached, or
// when the needs of the open level are not asked.
func TestLadderGrantsByScore(t *testing.T) {
	lib, problems := Load(ladderFiles(ladderFile))
	for _, p := range append(problems, lib.CheckExamples()...) {
		t.Error(p)
	}
	f := NewFacts(lib.Vocabulary())
	for _, line := range [][2]string{{"自评", "60分"}, {"他评", "12分"}} {
		if err := f.Set(line[0], line[1], Source{}); err != nil {
			t.Fatal(err)
		}
	}
	r := lib.Scheme("d1/评级").Evaluate(Question{Facts: f, On: NewDate(2025, 6, 30)})
	if r.Level == nil || *r.Level != (Level{Field: "等级", Low: "乙等", High: "乙等", Next: "丙等", Short: "3分"}) {
		t.Errorf("72 points reach %+v", r.Level)
	}
	gives := strings.Join(lib.Scheme("d1/评级").Describe().Gives, "\n")
	if want := "按总分评定等级：不低于90分的为丁等；不低于75分的为丙等；不低于60分的为乙等"; !strings.Contains(gives, want) {
		t.Errorf("it reads %q", gives)
	}
}

// TestLadderElse: with else nobody is refused.
func TestLadderElse(t *testing.T) {
	doc := strings.Replace(ladderFile, "60分: 乙等}}", "60分: 乙等}, else: 甲等}", 1)
	doc = strings.Replace(doc, "{answer: unmet, level: none, gap: 1分}", "{answer: met, level: 甲等}", 1)
	doc = strings.Replace(doc, "{answer: unknown, level: none to 乙等, ask: [他评]}", "{answer: met, level: 甲等 to 乙等, ask: [他评]}", 1)
	lib, problems := Load(ladderFiles(doc))
	for _, p := range append(problems, lib.CheckExamples()...) {
		t.Error(p)
	}
}

func TestLadderProblems(t *testing.T) {
	for _, x := range []struct{ name, old, new, want string }{
		{"lines out of order", "90分: 丁等, 75分: 丙等", "90分: 丙等, 75分: 丁等", "分数线高的应当授予更高的等级"},
		{"one level twice", "75分: 丙等, 60分: 乙等", "75分: 丙等, 60分: 丙等", "分数线高的应当授予更高的等级"},
		{"not one of the levels", "60分: 乙等", "60分: 戊等", "不在这组等级中"},
		{"unknown levels", "words: 星", "words: 月", "应是词汇表里声明过的一组等级"},
		{"no table", ", at_least: {90分: 丁等, 75分: 丙等, 60分: 乙等}", "", "请写各级的分数线"},
		{"both operators", "60分: 乙等}}", "60分: 乙等}, over: {50分: 甲等}}", "一张表只写一个比较词"},
		{"the wrong unit", "90分: 丁等", "90元: 丁等", "单位"},
		{"else above the lowest line", "60分: 乙等}}", "60分: 乙等}, else: 乙等}", "应低于最低一条分数线"},
		{"a word is no score", "by: 总分", "by: 评级.等级@有效", "应是一个数"},
		{"money has no level", "kind: rating", "kind: support", "只有认定、荣誉、评级和许可"},
	} {
		t.Run(x.name, func(t *testing.T) {
			doc := strings.Replace(ladderFile, x.old, x.new, 1)
			if doc == ladderFile {
				t.Fatal("nothing was changed")
			}
			_, problems := Load(ladderFiles(doc))
			for _, p := range problems {
				if strings.Contains(p.Message, x.want) {
					return
				}
			}
			t.Errorf("%q is not said: %v", x.want, problems)
		})
	}
	vocabulary := ladderVocabulary + "records:\n  评级: {of: 企业, from: 局, fields: {等级: 词}}\n"
	_, problems := Load([]File{{Path: "a/vocabulary.yaml", Data: []byte(vocabulary)}, {Path: "a/d1.yaml", Data: []byte(ladderFile)}})
	if len(problems) == 0 || !strings.Contains(problems[0].Message+problems[len(problems)-1].Message, "fields: {等级: 星}") {
		t.Errorf("a record without the level passes: %v", problems)
	}
}
