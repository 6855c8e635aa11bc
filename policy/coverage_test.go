package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const coverageDocument = `define:
  门槛: 100元
  评分: {by: 收入@当年, at_least: {300元: 20分, 100元: 10分}, else: 0分}
schemes:
  S:
    title: 奖
    cite: 一
    for: 企业
    kind: money
    require:
      all:
      - {of: 收入@当年, at_least: 门槛, text: 收入够}
      - {if: {of: 利润@当年, over: 0元, text: 有利润}, of: 评分 + 5分, at_least: 15分, text: 评分够}
      - {judge: 靠前}
    amount:
      sum:
      - {give: 10%, of: 收入@当年, up_to: 200元}
      - {give: 20%, of: 收入@当年, beyond: 200元}
      then:
      - {less: received(S)}
      - {at_most: 50元}
    limits:
    - {at_most: 1次, per: [企业], share: earliest}
    examples:
`

// TestCoverage: by hand, every way of a small scheme that its examples leave out. Mutations that turn it red: count what is only supposed while
// a gap is computed; count a cap as cutting that does not, or that the amount just meets; count the slice of a figure that nobody stated; take what
// the conditions hold for certain in their own tables.
func TestCoverage(t *testing.T) {
	missed := func(examples string) (int, []string) {
		t.Helper()
		lib, ps := load(t, coverageDocument+examples)
		if HasErrors(ps) {
			t.Fatal(ps)
		}
		list, wrong := lib.Coverage()
		if len(wrong) > 0 || len(list) != 1 {
			t.Fatal(wrong, list)
		}
		var out []string
		for _, m := range list[0].Missed {
			out = append(out, strings.TrimSuffix(m.Message, "。"))
		}
		if list[0].Reached != list[0].Points-len(out) {
			t.Errorf("%+v", list[0])
		}
		return list[0].Points, out
	}
	all := []string{
		"条件“收入够”：没有例子符合", "条件“收入够”：没有例子不符合", "条件“有利润”：没有例子符合", "条件“有利润”：没有例子不符合", "条件“评分够”：没有例子符合", "条件“评分够”：没有例子不符合",
		"条件“靠前（由主管部门判断）”：没有例子符合", "条件“靠前（由主管部门判断）”：没有例子不符合",
		"分档“当年收入不低于300元”：没有例子落在这一档", "分档“当年收入不低于100元”：没有例子落在这一档", "按“当年收入”分档：没有例子一档都达不到（else）",
		"一段", "又一段", "减过", "封顶削减", "封顶不削减", "限额",
	}
	points, got := missed("    #= 不知道\n    - {P: 2025, given: {}, expect: {answer: unknown}}\n")
	if points != len(all) || len(got) != points {
		t.Fatalf("%d points, %d missed:\n%s", points, len(got), strings.Join(got, "\n"))
	}
	for _, want := range all[:11] {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not missed", want)
		}
	}
	const full = "收入@2025: 400元, 利润@2025: 1元, 靠前: 是, received(S): "
	// 200×10% + 200×20% = 60元，封顶50元；评分20分。
	cut := "    #= 60元\n    - {P: 2025, given: {" + full + "0元}, expect: {answer: met, amount: 50元, cut_by: 50元}}\n"
	_, got = missed(cut)
	if text := strings.Join(got, "\n"); len(got) != 9 || !strings.Contains(text, "没有例子不被削减") || strings.Contains(text, "没有例子被削减") || strings.Contains(text, "300元") {
		t.Errorf("%d:\n%s", len(got), text)
	}
	// 99元得0分；要10分须再有1元，那只是设想。
	if _, got = missed("    #= 0分\n    - {P: 2025, given: {收入@2025: 99元, 利润@2025: 1元}, expect: {answer: unmet, gap: 1元}}\n"); !slices.Contains(got, "分档“当年收入不低于100元”：没有例子落在这一档") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	// 60-10 = 50元，恰好到封顶，没有被削减；少1元不够；没有利润，评分不看；判断为否；100元得10分；同一企业第二次申报没有。
	rest := "    #= 50元\n    - {P: 2025, given: {" + full + "10元}, expect: {answer: met, amount: 50元, cut_by: none}}\n" +
		"    #= 少1元，0分\n    - {P: 2025, given: {收入@2025: 99元, 利润@2025: 1元}, expect: {answer: unmet, gap: 1元}}\n" +
		"    #= 没有利润\n    - {P: 2025, given: {收入@2025: 99元, 利润@2025: 0元}, expect: {answer: unmet}}\n" +
		"    #= 判断为否\n    - {P: 2025, given: {收入@2025: 100元, 利润@2025: 1元, 靠前: 否}, expect: {answer: unmet}}\n"
	if _, got = missed(cut + rest); len(got) != 1 || !strings.HasPrefix(got[0], "限额") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// TestCoverageChangesNothing: the examples of the repository come out the same while they are watched.
func TestCoverageChangesNothing(t *testing.T) {
	lib := realLibrary(t)
	_, watched := lib.Coverage()
	if was := lib.CheckExamples(); fmt.Sprint(was) != fmt.Sprint(watched) {
		t.Errorf("%v\n%v", was, watched)
	}
}

// TestCoverageAsksForNoMoreThanCanBe: a cap on what has no upper end always takes something away; who reaches no rung of a level without else
// does not meet the condition that the level makes; rows that name every word, or every word that the conditions let in, leave nobody out; a limit that was not published is reached by
// who waits for it. Mutations that turn it red: leave topless, everything, what
// the conditions hold, or the unpublished limit out.
func TestCoverageAsksForNoMoreThanCanBe(t *testing.T) {
	whole := func(file string) {
		t.Helper()
		lib, ps := load(t, file)
		if HasErrors(ps) {
			t.Fatal(ps)
		}
		list, wrong := lib.Coverage()
		if len(wrong) > 0 {
			t.Fatal(wrong)
		}
		for _, m := range list[0].Missed {
			t.Errorf("%s\n%s", m.Message, file)
		}
	}
	const head = "schemes:\n  S:\n    title: 奖\n    cite: 一\n    for: 企业\n"
	// 10%×100 = 10元起，由人定，不超过50元。
	whole(head + "    kind: money\n    amount: {give: at least 10%, of: 收入@当年, then: [{at_most: 50元}]}\n    examples:\n" +
		"    #= 10元起\n    - {P: 2025, given: {收入@2025: 100元}, expect: {answer: met}}\n")
	whole(head + "    kind: money\n    amount: {by: 领域, is: {甲: 3元, 乙: 2元}}\n    examples:\n" +
		"    #= 甲\n    - {P: 2025, given: {领域: 甲}, expect: {amount: 3元}}\n    #= 乙\n    - {P: 2025, given: {领域: 乙}, expect: {amount: 2元}}\n")
	// 乙 is kept away by the condition, so nobody is left who misses the row.
	whole(head + "    kind: money\n    require: {of: 领域, is: 甲}\n    amount: {by: 领域, is: {甲: 3元}}\n    examples:\n" +
		"    #= 甲\n    - {P: 2025, given: {领域: 甲}, expect: {amount: 3元}}\n    #= 乙\n    - {P: 2025, given: {领域: 乙}, expect: {answer: unmet}}\n")
	whole(head + "    kind: money\n    amount: 5元\n    limits:\n    - {at_most: not_found, per: [年度], share: rank, key: 收入@当年}\n    examples:\n" +
		"    #= 名额没有公布，等\n    - {P: 2025, round: {claims: [{claim: 甲, given: {收入@2025: 1元}}]}, expect: {open: [甲]}}\n")
	// 19元不到一条线；20元恰好。
	whole("define:\n  得分: {give: 1分, per: 1元, remainder: drop, of: 收入@当年}\n" + head +
		"    kind: rating\n    level: {field: 等级, words: 级别, by: 得分, at_least: {20分: 市级}}\n    examples:\n" +
		"    #= 19分\n    - {P: 2025, given: {收入@2025: 19元}, expect: {answer: unmet, level: none}}\n    #= 20分\n    - {P: 2025, given: {收入@2025: 20元}, expect: {level: 市级}}\n")
}
