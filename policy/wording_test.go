package policy

import (
	"strings"
	"testing"
)

// A sentence suits what it tells of and whom it is told, by hand: an accident is not obtained, a person is no firm, and of each of them one says 每人.
// Mutations: leave the verb of a kind of record out of dated or of recordStep; read a scope that names a person as any other → red.
func TestWordingsSuitWhatTheyTellOf(t *testing.T) {
	lib, ps := Check([]File{{"v.yaml", []byte(`vocabulary: 测试
terms: {工龄: {of: 个人, unit: 年, at_least: 0年}, 学费: {of: 个人, unit: 元, every: 年, at_least: 0元}}
moves: {工龄: {way: no}}
records:
  事故: {of: 个人, complete: 应急局, verb: 发生}
  义工: {of: 个人, complete: 社工部, verb: 参加}
  证书: {of: 个人, complete: 人社局}
english: {发生: occurring, 参加: taken part in}
`)}, {"d.yaml", []byte(testHead + `schemes:
  S:
    title: 测试
    cite: 一
    for: 个人
    kind: money
    require:
      all:
      - none: [{has: 事故@当年}]
      - {has: 义工@当年}
      - {has: 证书@当年}
      - {of: 工龄, at_least: 3年}
    amount: 1万元
    limits: [{at_most: 2万元, per: [个人, 年度]}]
    examples: [{P: 2025, given: {事故: 否, 义工: 2025-02-01, 证书: 2025-02-01, 工龄: 3年}, expect: {amount: 1万元}}]
  T: {title: 另一, cite: 二, for: 个人, kind: money, amount: {give: 10%, of: 学费@当年}, examples: [{P: 2025, given: {学费@2025: 10元}, expect: {amount: 1元}}]}
  U: {title: 又一, cite: 三, for: 个人, kind: money, amount: {give: 20%, of: 学费@当年}, examples: [{P: 2025, given: {学费@2025: 10元}, expect: {amount: 2元}}]}
`)}})
	var told []string
	for _, p := range ps {
		told = append(told, p.Message)
	}
	if got := strings.Join(told, "\n"); !strings.Contains(got, "同一个人会得两次") || strings.Contains(got, "企业") {
		t.Error(got)
	}
	s := lib.Scheme("d/S")
	f := facts(t, s, "事故: 2025-05-01; 义工: 否; 证书: 否; 工龄: 2年")
	for lang, want := range map[Lang][]string{
		Chinese: {"没有：有当年发生的“事故”", "有当年参加的“义工”", "有当年新列入或取得的“证书”", "2025年没有参加“义工”", "2025年没有列入或取得“证书”", "其中有的不是申报人能改变的", "每人每年度不超过2万元"},
		English: {"not so: there is “事故” occurring in 2025", "there is “义工” taken part in in 2025", "there was no “义工” taken part in in 2025",
			"some of this is nothing that an applicant can change", "each person each year at most CNY 20,000"},
	} {
		r := s.Evaluate(Question{Facts: f, On: 20260630, Explain: true, Changes: true, Lang: lang})
		x := s.Explanation(r, lang)
		text := toldLines(x, "conditions") + "\n" + toldLines(x, "changes") + "\n" + strings.Join(s.DescribeIn(lang).Limits, "\n")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s is not told:\n%s", w, text)
			}
		}
		if strings.Contains(text, "企业") || strings.Contains(text, "firm") || strings.Contains(text, "个个人") {
			t.Error(text)
		}
	}
}

// What an unknown cap, floor or deduction leaves is told as what lies between its ends, where one of them is known, by hand; a document's own range that
// an unknown cap may cut is no 最高, and a cap that may leave nothing does not make 最高0元. 50% of an unknown figure that is not below zero may be
// anything from 0; the two rows cap 50万 at 5万 or at 8万.
// Mutations: take the end of the same pass in otherEnd; leave the floor out of potential; tell 5万元 to 10万元 under an unknown cap as 最高 → red.
func TestWhatAnUnknownStepLeavesIsBounded(t *testing.T) {
	const half = "{give: 50%, of: 研发@当年}"
	for _, c := range []struct{ amount, facts, working, due, reach string }{
		{"{give: 10万元, then: [{at_most: " + half + "}]}", "", "10万元，封顶还不能定：至多10万元，先按0元计", "0元", "至多10万元"},
		{"{give: 50%, of: 收入@当年, then: [{at_most: {by: 领域, is: {甲: 5万元, 乙: 8万元}}}]}", "收入@2025: 100万元",
			"当年收入 100万元 × 50% = 50万元\n50万元，封顶还不能定：5万元至8万元，先按5万元计", "5万元", "8万元"},
		{"{give: 10万元, then: [{less: 研发@当年}]}", "", "10万元 − 不知道（当年研发） = 至多10万元（先按0元计）", "0元", "至多10万元"},
		{"{give: 10万元, then: [{less: 研发@当年, below_zero: recover}]}", "", "10万元 − 不知道（当年研发） = 至多10万元（先按0元计）", "0元", "至多10万元"},
		{"{give: 10万元, then: [{at_least: " + half + "}]}", "", "10万元，保底还不能定：至少10万元，先按10万元计", "10万元", "至少10万元"},
		{"{give: 5万元 to 10万元, then: [{at_most: " + half + "}]}", "", "5万元至10万元，封顶还不能定，先按0元计", "0元", "至多10万元"},
		{"{give: up to 10万元, then: [{at_most: " + half + "}]}", "", "最高10万元，封顶还不能定，先按0元计", "0元", "最高10万元"},
		{"{give: manual, then: [{at_most: " + half + "}]}", "", "由主管部门确定，封顶还不能定", "0元", "由主管部门确定"},
		{"{give: 50%, of: 收入@当年, then: [{at_most: " + half + "}]}", "", "当年收入 不知道（先按0元计） × 50% = 0元", "0元", "尚不能估计"},
		{"{give: 10万元, then: [{less: {see: 某办法}}]}", "", "10万元 − 由主管部门确定（按《某办法》执行（需人工核对）） = 由主管部门确定", "由主管部门确定，最高10万元", "由主管部门确定，最高10万元"},
	} {
		s := one(t, "", "kind: money\namount: "+c.amount)
		f := facts(t, s, c.facts)
		r := s.Evaluate(Question{Facts: f, On: 20260630, Explain: true})
		if got := strings.Join(r.Working, "\n"); r.Answer != Met || got != c.working || r.Amount.Text != c.due || r.Potential.Text != c.reach {
			t.Errorf("%s: %v, due %s, reach %s\n%s", c.amount, r.Answer, r.Amount.Text, r.Potential.Text, got)
		}
		checkColumns(t, s.doc.lib, []*Scheme{s}, Question{On: 20260630, Brief: true}, []*Facts{f})
	}
}

// An example that comes out otherwise names what it lacks, of a long list the first eight. Mutation: name all of them → red.
func TestALongListOfWhatAnExampleLacksIsCutShort(t *testing.T) {
	conditions := "{of: 收入@当年, over: 0元}, {of: 研发@当年, over: 0元}, {of: 利润@当年, over: 0元}, {of: 负债率@当年, over: 0%}, {of: 装机, over: 0瓦}, " +
		"{of: 职工, over: 0人}, {of: 派遣, over: 0人}, {of: 领域, is: 甲}, {of: 守信, is: 是}"
	_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n" +
		"    require: {all: [" + conditions + "]}\n    examples:\n    #= 什么也不知道。\n    - {P: 2025, expect: {answer: met}}\n")}})
	if len(ps) != 1 || !strings.Contains(ps[0].Message, "、领域 等9项") || strings.Contains(ps[0].Message, "守信") {
		t.Errorf("%v", ps)
	}
}
