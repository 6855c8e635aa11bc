package policy

import (
	"slices"
	"strings"
	"testing"
)

const diffDocument = `define:
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
      - {of: 收入@当年, at_least: 门槛}
      - {of: 负债率@当年, at_most: 60%}
      - any:
        - {of: 评分, at_least: 10分}
        - {of: 领域, is: [甲, 乙]}
      - none:
        - {of: count(处罚@近3年), over: 2项}
    amount:
      sum:
      - {give: 10%, of: 收入@当年, up_to: 200元}
      - {give: 500元, per: 100元, remainder: drop, of: 利润@当年}
      then:
      - {at_most: 50元}
    limits:
    - {at_most: 1次, per: [企业], share: earliest}
    valid: 3年
    examples:
    #= 不知道
    - {P: 2025, given: {}, expect: {answer: unknown}}
`

// TestDiff: one change at a time, the sentence and the way written by hand. What only moves the words of a file is no change.
// Mutations that turn it red: the way of at_most not turned round; none not turned round; a definition not followed to where it is used.
func TestDiff(t *testing.T) {
	library := func(text string) *Library {
		t.Helper()
		lib, ps := load(t, text)
		if HasErrors(ps) {
			t.Fatal(ps)
		}
		return lib
	}
	before := library(diffDocument)
	for _, c := range []struct {
		old, new string
		want     []string
	}{
		{"    title: 奖", "    # 注\n    title: '奖'", nil},
		{"#= 不知道", "#= 什么也不知道", nil},
		{"门槛: 100元", "门槛: 120元", []string{"更严 “当年收入”的要求由“不低于100元”改为“不低于120元”。"}},
		{"at_most: 60%", "at_most: 50%", []string{"更严 “当年负债率”的要求由“不超过60%”改为“不超过50%”。"}},
		{"at_most: 60%", "under: 60%", []string{"更严 “当年负债率”的要求由“不超过60%”改为“低于60%”。"}},
		{"at_least: 门槛", "over: 门槛", []string{"更严 “当年收入”的要求由“不低于100元”改为“超过100元”。"}},
		{"100元: 10分}", "100元: 15分}", []string{"更多 评分（不低于100元）由10分改为15分。"}},
		{"is: [甲, 乙]", "is: 甲", []string{"更严 “领域”的要求由“为甲或乙”改为“为甲”。"}},
		{"over: 2项", "over: 1项", []string{"更严 “近3年列入或取得的处罚的数量”的要求由“超过2项”改为“超过1项”。"}},
		{"      - any:\n", "      - all:\n", []string{"更严 “符合以下任一条件”改为“同时符合以下全部条件”。"}},
		{"        - {of: 领域, is: [甲, 乙]}\n", "", []string{"更严 删去条件“领域为甲或乙”。"}},
		{"      - none:\n        - {of: count(处罚@近3年), over: 2项}\n", "", []string{"更宽 删去条件“没有以下任何情形：近3年列入或取得的处罚的数量超过2项”。"}},
		{"give: 10%", "give: 8%", []string{"更少 金额的第1项由10%改为8%。"}},
		{"      - {at_most: 50元}\n", "      - {at_most: 50元}\n      - {at_most: 40元}\n", []string{"更少 金额增加一步：不超过40元。"}},
		{"up_to: 200元", "up_to: 300元", []string{"更多 金额的第1项的终点由200元改为300元。"}},
		{"per: 100元", "per: 50元", []string{"更多 金额的第2项每档由100元改为50元。"}},
		{"remainder: drop", "remainder: up", []string{"更多 金额的第2项不足一档的零头由不计改为按一档计。"}},
		{"at_most: 50元", "at_most: 60元", []string{"更多 封顶由50元改为60元。"}},
		{"at_most: 1次", "at_most: 2次", []string{"更多 限额由“每个企业不超过1次”改为“每个企业不超过2次”。"}},
		{"valid: 3年", "valid: 5年", []string{" 有效期由“3年”改为“5年”。"}},
		{"  S:", "  T:", []string{" 编号由“d/S”改为“d/T”。"}},
	} {
		text := strings.Replace(diffDocument, c.old, c.new, 1)
		if text == diffDocument {
			t.Fatalf("%q does not stand in the document", c.old)
		}
		var got []string
		for _, x := range Diff(before, library(text)) {
			got = append(got, x.Way+" "+x.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.new, got, c.want)
		}
		for i, x := range Diff(library(text), before) { // and back: the other way
			opposite := map[string]string{WayStricter: WayWider, WayWider: WayStricter, WayMore: WayLess, WayLess: WayMore, "": ""}
			if want, _, _ := strings.Cut(c.want[i], " "); x.Way != opposite[want] {
				t.Errorf("%q back: %+v", c.new, x)
			}
		}
	}
}

// TestDiffOfWholeDocuments: one that is there on one side only is told, though its clauses live on in another or it has none. Two documents
// alone are compared with each other. Mutations that turn it red: tell only of what is there afterwards; pair documents by their id alone.
func TestDiffOfWholeDocuments(t *testing.T) {
	document := func(id, rest string) File {
		return File{id + ".yaml", []byte(strings.Replace(testHead, "document: d", "document: "+id, 1) + rest)}
	}
	library := func(files ...File) *Library {
		t.Helper()
		lib, ps := Load(append(files, File{"v.yaml", []byte(testVocabulary)}))
		if HasErrors(ps) {
			t.Fatal(ps)
		}
		return lib
	}
	want := func(before, after *Library, want ...string) {
		t.Helper()
		var got []string
		for _, x := range Diff(before, after) {
			got = append(got, x.ID+" "+x.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	clause := "schemes:\n  S: {title: 奖, cite: 一, for: 企业, kind: honour}\n"
	two := library(document("d", ""), document("e", clause))
	want(two, library(document("e", clause)), "d 删去文件。")
	want(library(document("e", clause)), two, "d 新增文件。")
	want(two, library(document("d", ""), document("f", clause)), "e 删去文件。", "f 新增文件。", "f/S 编号由“e/S”改为“f/S”。")
	up := document("g", "")
	up.Data = []byte(strings.Replace(string(up.Data), "mode: down", "mode: up", 1))
	want(library(document("d", "")), library(up), "g 金额取舍由“舍去”改为“进位”。")
}

// TestDiffOfTheSame: no file of the repository differs from itself.
func TestDiffOfTheSame(t *testing.T) {
	if got := Diff(realLibrary(t), realLibrary(t)); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}
