package policy

import (
	"fmt"
	"strings"
	"testing"
)

// TestProblems: each mistake is named at its line and column with a sentence that says what to write.
func TestProblems(t *testing.T) {
	good := "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    require: "
	for _, c := range []struct{ name, body, at, says string }{
		{"unknown key suggests the nearest", "schemes:\n  S:\n    titel: 测试\n", "d.yaml:9:5", "是否应为“title”"},
		{"unknown term suggests the nearest", good + "{of: 收人@当年, at_least: 1元}", "d.yaml:13:19", "是否应为“收入”"},
		{"unknown operator word", good + "{of: 收入@当年, atleast: 1元}", "d.yaml:13:26", "是否应为“at_least”"},
		{"period not declared", good + "{of: 收入@前年, at_least: 1元}", "d.yaml:13:19", "没有在 periods: 中声明"},
		{"yearly term without a period", good + "{of: 收入, at_least: 1元}", "d.yaml:13:19", "收入@当年"},
		{"several years without a function", good + "{of: 收入@近3年, at_least: 1元}", "d.yaml:13:19", "怎样合并"},
		{"3 for 3%", good + "{of: 研发@上年 / 收入@上年, at_least: 3}", "d.yaml:13:44", "写明单位"},
		{"yuan where a ratio stands", good + "{of: 研发@上年 / 收入@上年, at_least: 3万元}", "d.yaml:13:44", "单位不合"},
		{"percent where points stand", good + "{of: growth(收入@当年) - growth(研发@当年), at_least: 3%}", "d.yaml:13:60", "单位不合"},
		{"adding yuan to a ratio", good + "{of: 收入@当年 + growth(收入@当年), at_least: 3元}", "d.yaml:13:19", "单位合不上"},
		{"no operator", good + "{of: 收入@当年}", "d.yaml:13:14", "缺少比较词"},
		{"two operators", good + "{of: 收入@当年, at_least: 1元, under: 2元}", "d.yaml:13:14", "只写一个比较词"},
		{"has without a period", good + "{has: 奖励}", "d.yaml:13:20", "请写明期间"},
		{"has of a figure", good + "{has: 收入@当年}", "d.yaml:13:20", "不是记录"},
		{"has of a figure says a figure", good + "{has: 收入@当年}", "d.yaml:13:20", "“收入”是一个数或词，不是记录；请写 {of: 收入@当年, at_least: 1元} 或别的比较。"},
		{"has of a figure of no year", good + "{has: 职工}", "d.yaml:13:20", "请写 {of: 职工, at_least: 1人}"},
		{"has of a figure without its year", good + "{has: 收入}", "d.yaml:13:20", "请写 {of: 收入@当年, at_least: 1元}"},
		{"has of a yes-no", good + "{has: 守信@有效}", "d.yaml:13:20", "请写 {of: 守信, is: 是}"},
		{"has of a level", good + "{has: 评级}", "d.yaml:13:20", "请写 {of: 评级, at_least: 市级}"},
		{"has of a word", good + "{has: 领域}", "d.yaml:13:20", "请写 {of: 领域, is: 甲}"},
		{"has of a date", good + "{has: 入驻}", "d.yaml:13:20", "请写 {of: 入驻, at_most: 2025-12-31}"},
		{"a yes-no of records", good + "{of: 奖励.有效益@当年, is: 是}", "d.yaml:13:19",
			"“奖励.有效益”是词，几条记录合不成一个：判断有没有，请写 {has: 奖励@当年, where: {有效益: 是}}；每一条分别给，请写 each: 奖励@当年。"},
		{"highest of a word of records", good + "{of: highest(奖励.有效益@当年), is: 是}", "d.yaml:13:19", "highest( ) 不能用在“奖励.有效益”上。"},
		{"a column alone", "define:\n  表: {by: 有效益, is: {是: 1元, 否: 2元}}\n", "d.yaml:8:11", "“有效益”是记录“奖励”的栏目，不能单独读"},
		{"per a year", good + "{of: 守信, is: 是}\n    limits: [{at_most: 1次, per: [年]}]", "d.yaml:14:", "词汇表 terms 中的名称，是否应为“年度”？"},
		{"a year of two digits in an example", good + "{of: 守信, is: 是}\n    examples:\n    - {P: 25, expect: {answer: met}}", "d.yaml:15:11",
			"P 应是1949年到2200年之间的四位年份，例如 2025。"},
		{"a third of a fund", "funds: [甲, 乙]\nschemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 1元\n" +
			"    funds:\n    - {fund: 甲, share: 1/3}\n    - {fund: 乙, share: rest}\n", "d.yaml:16:24", "share: 应是大于0、不超过100%的百分数，例如 50%"},
		{"no share of a fund", "funds: [甲, 乙]\nschemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 1元\n" +
			"    funds:\n    - {fund: 甲}\n    - {fund: 乙, share: rest}\n", "d.yaml:16:7", "每个来源请写 share:"},
		{"word not among the options", good + "{of: 领域, is: 丙}", "d.yaml:13:27", "不在允许的词中"},
		{"code that is none", good + "{of: 行业, within: [C38, 3841]}", "d.yaml:13:37", "不是行业代码"},
		{"within of a word", good + "{of: 领域, within: [甲]}", "d.yaml:13:31", "只用在行业代码上"},
		{"codes in order", good + "{of: 行业, at_least: C38}", "d.yaml:13:33", "within"},
		{"rows of codes within each other", "define:\n  奖: {by: 行业, within: {C38: 2元, C384: 3元}, else: 0元}\n", "d.yaml:8:6", "互相包含"},
		{"level misspelt", good + "{has: 奖励@有效, where: {级别: {at_least: 省}}}", "d.yaml:13:50", "是否应为“省级”"},
		{"field unknown", good + "{has: 奖励@有效, where: {级: 省级}}", "d.yaml:13:35", "没有“级”这个栏目"},
		{"always holds", good + "{of: 收入@当年, at_least: 0元}", "d.yaml:13:36", "永远成立"},
		{"never holds", good + "{of: 收入@当年, under: 0元}", "d.yaml:13:33", "永远不成立"},
		{"function unknown", good + "{of: grow(收入@当年), at_least: 1%}", "d.yaml:13:19", "是否应为“growth”"},
		{"expression unfinished", good + "{of: 收入@当年 +, at_least: 1元}", "d.yaml:13:19", "没有写完"},
		{"list without all or any", good + "[{of: 收入@当年, at_least: 1元}]", "d.yaml:13:14", "all:"},
		{"n of too many", good + "{of: [{of: 守信, is: 是}], at_least: 2}", "d.yaml:13:14", "1 到 1"},
		{"anchor", good + "&a {of: 守信, is: 是}", "d.yaml:13:14", "锚点"},
		{"alias", good + "*a", "d.yaml:13:14", "引用"},
		{"tag", good + "!!str 守信", "d.yaml:13:14", "标签"},
		{"merge key", "define:\n  甲: {of: 守信, is: 是}\n  乙: {<<: 1}\n", "d.yaml:9:7", "合并键"},
		{"key twice", "define:\n  甲: 1元\n  甲: 2元\n", "d.yaml:9:3", "写了两次"},
		{"definition in a circle", "define:\n  甲: 乙 + 1元\n  乙: 甲 + 1元\n", "d.yaml:", "绕了一圈"},
		{"score table without else", "define:\n  分: {by: 负债率@上年, at_most: {55%: 10分}}\n", "d.yaml:8:6", "else:"},
		{"level table that leaves the top out", "define:\n  奖: {by: 评级, is: {省级: 2万元, 市级: 1万元}}\n", "d.yaml:8:19", "更高的“国家级”"},
		{"row twice", "define:\n  奖: {by: 收入@当年, at_least: {1万元: 1元, 10000元: 2元}, else: 0元}\n", "d.yaml:8:38", "写了两次"},
		{"units differ in a sum", "define:\n  奖: {sum: [1元, 1分]}\n", "d.yaml:8:17", "单位不一致"},
		{"per without remainder", "define:\n  奖: {give: 1元, per: 100万元, of: 收入@当年}\n", "d.yaml:8:6", "remainder"},
		{"per of another unit", "define:\n  奖: {give: 1元, per: 1人, remainder: drop, of: 收入@当年}\n", "d.yaml:8:22", "应一致"},
		{"slices overlap", "define:\n  奖: {sum: [{give: 3%, of: 收入@当年, up_to: 10元}, {give: 4%, of: 收入@当年, beyond: 9元}]}\n", "d.yaml:8:48", "重叠"},
		{"slices leave a gap", "define:\n  奖: {sum: [{give: 3%, of: 收入@当年, up_to: 10元}, {give: 4%, of: 收入@当年, beyond: 11元}]}\n", "d.yaml:8:48", "空档"},
		{"received of nobody", "define:\n  奖: {less: 1}\n  甲: received(无此条款)\n", "d.yaml:9:6", "不是已知的条款"},
		{"range with a dash", "define:\n  奖: 3‰—6‰\n", "d.yaml:8:6", "3‰ to 6‰"},
		{"range with a hyphen", "define:\n  奖: 3%-6%\n", "d.yaml:8:6", "3‰ to 6‰"},
		{"uplift written as its difference", "define:\n  奖: {give: 1万元, then: [{times: 10%, text: 上浮10%}]}\n", "d.yaml:8:25", "times: 110%"},
		{"money without an amount", "schemes:\n  S: {title: 测试, cite: 一, for: 企业, kind: money}\n", "d.yaml:8:3", "amount:"},
		{"money without an example", "schemes:\n  S: {title: 测试, cite: 一, for: 企业, kind: money, amount: 1元}\n", "d.yaml:8:3", "至少写一个 examples"},
		{"example that disagrees", "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 2元\n    examples:\n    - {P: 2025, expect: {amount: 1元}}\n", "d.yaml:15:34", "例子与计算不符"},
		{"limit across claimants without share", "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 2元\n    limits: [{at_most: 50万元, per: [展会]}]\n", "d.yaml:14:14", "谁让"},
		{"interpretation without status", good + "{of: 守信, is: 是, interpretation: {choice: 甲, by: 乙}}", "d.yaml:13:46", "status"},
		{"threshold not a value", good + "{of: 收入@当年, at_least: 很多}", "d.yaml:13:36", "不是一个值"},
		{"the same as itself", "schemes:\n  S: {same_as: d/S}\n", "d.yaml:8:16", "自己"},
		{"the same as nothing", "schemes:\n  S: {same_as: x/C1}\n", "d.yaml:8:16", "“x/C1”不存在"},
		{"times nothing", "define:\n  奖: {give: 1万元, then: [{times: 0%}]}\n", "d.yaml:8:25", "times: 0% 使金额总是零"},
		{"a cap of nothing", "define:\n  奖: {give: 1万元, then: [{at_most: 0元}]}\n", "d.yaml:8:25", "at_most: 0元 使金额总是零"},
		{"a scheme counted twice", "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 2元\n    limits: [{at_most: 1次, per: [企业], share: highest, of: [S, d/S]}]\n",
			"d.yaml:14:63", "写了两次"},
		{"text after the end", "define:\n  奖: 1元\n...\n别的: 1\n", "d.yaml:9:1", "“...”表示文件到此为止"},
		{"a rung without a column", "define:\n  奖: {by: 收入@当年, at_least: {5元: {补助: 1元}, 2元: manual}}\n", "d.yaml:8:", "“不低于2元”这一档缺少“补助”"},
		{"scheme of a document that is not reissued", "schemes:\n  S: {from: x/C1}\n", "d.yaml:8:13", "没有条款"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lib, ps := load(t, c.body)
			ps = append(ps, lib.CheckExamples()...)
			var all []string
			for _, p := range ps {
				if strings.HasPrefix(p.String(), c.at) && strings.Contains(p.Message, c.says) {
					return
				}
				all = append(all, p.String())
			}
			t.Fatalf("no problem at %s that says %s, only:\n%s", c.at, c.says, strings.Join(all, "\n"))
		})
	}
}

// TestDoublingDefinitions: forty lines that each use the one before twice are refused, not evaluated for ever.
// Mutation: drop the size of a name in resolve → the test does not end.
func TestDoublingDefinitions(t *testing.T) {
	body := "define:\n  甲0: 1元\n"
	for i := 1; i <= 40; i++ {
		body += fmt.Sprintf("  甲%d: 甲%d + 甲%d\n", i, i-1, i-1)
	}
	lib, ps := load(t, body+"schemes:\n  S: {title: 测试, cite: 一, for: 企业, kind: money, amount: 甲40, examples: [{P: 2025, expect: {answer: met}}]}\n")
	if !HasErrors(ps) {
		lib.CheckExamples()
		t.Fatal("not refused")
	}
}

// TestSizes: what the vocabularies declare is all that there is, in every file; who declares none takes any word.
//
// Mutations: keep the sizes of the last vocabulary only; leave the check of a scheme's sizes out → red.
func TestSizes(t *testing.T) {
	scheme := func(sizes string) File {
		return File{"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    sizes: " + sizes + "\n    require: {of: 守信, is: 是}\n")}
	}
	words := func(path, sizes string) File { return File{path, []byte("vocabulary: 规模\nsizes: " + sizes + "\n")} }
	v := File{"v.yaml", []byte(testVocabulary)}
	for _, c := range []struct {
		name  string
		files []File
		says  string
	}{
		{"none declared", []File{v, scheme("[任意]")}, ""},
		{"declared", []File{v, words("a.yaml", "[大, 小]"), scheme("[小, 大]")}, ""},
		{"declared in another file", []File{v, words("a.yaml", "[大, 小]"), words("b.yaml", "[中]"), scheme("中")}, ""},
		{"misspelt", []File{v, words("a.yaml", "[大型, 小型]"), scheme("[小形]")}, "没有声明这种企业规模，是否应为“小型”"},
		{"twice", []File{v, words("a.yaml", "[大, 小]"), words("b.yaml", "[小]")}, "只能声明一次"},
		{"empty", []File{v, words("a.yaml", "['']")}, "互不相同的词"},
	} {
		lib, ps := Load(c.files)
		if got := fmt.Sprint(ps); HasErrors(ps) != (c.says != "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %s", c.name, got)
		}
		if c.name == "declared in another file" && strings.Join(lib.Vocabulary().Sizes(), " ") != "大 小 中" {
			t.Errorf("%v", lib.Vocabulary().Sizes())
		}
	}
	lib, _ := Load([]File{words("a.yaml", "[大, 小]")})
	for word, right := range map[string]bool{"大": true, "中": false, "": false} {
		err := CheckSize(lib.Vocabulary(), word)
		if (err == nil) != right || err != nil && err.Error() != "应写其中之一：大、小" {
			t.Errorf("%q: %v", word, err)
		}
	}
}

// TestEveryProblemAtOnce: several mistakes in several files are all named in one run, in order.
func TestEveryProblemAtOnce(t *testing.T) {
	_, ps := Load([]File{
		{"a.yaml", []byte("vocabulary: 甲\nterms: {数: {of: 企业}}\n")},
		{"b.yaml", []byte("document: b\ntitle: 乙\nnumber: not_found\ndates: {published: 2025-02-30}\nschemes: {S: {kind: gift}}\n")},
		{"c.yaml", []byte("nothing: here\n")},
		{"d.yaml", []byte("a: [\n")},
		{"e.yaml", []byte("a: b\x00c")},
		{"f.yaml", []byte{0xff, 0xfe}},
		{"g.yaml", nil},
		{"h.yaml", []byte("document: h\n---\ndocument: i\n")},
	})
	seen := map[string]bool{}
	for i, p := range ps {
		seen[p.File] = true
		if p.Line < 1 || p.Column < 1 || p.Message == "" {
			t.Errorf("a problem without a place or a sentence: %+v", p)
		}
		if i > 0 && ps[i-1].File > p.File {
			t.Errorf("not in order: %v before %v", ps[i-1], p)
		}
	}
	for _, f := range []string{"a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml", "f.yaml", "g.yaml", "h.yaml"} {
		if !seen[f] {
			t.Errorf("nothing said of %s", f)
		}
	}
}

// TestReissue: a reissue moves the parameters, late-bound, and its family shares the history.
func TestReissue(t *testing.T) {
	old := strings.Replace(testHead, "document: d", "document: o", 1) + "define: {门槛: 12%, 每档: 1000元}\nschemes:\n  C1:\n    title: 甲\n    cite: 一\n    for: 企业\n    kind: recognition\n    require: {of: growth(收入@当年), at_least: 门槛}\n"
	lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"o.yaml", []byte(old)},
		{"d.yaml", []byte(testHead + "from: o\ndefine: {门槛: 10%}\nschemes:\n  C9: {from: o/C1, cite: 二}\n")}})
	if HasErrors(ps) {
		t.Fatal(ps)
	}
	f := NewFacts(lib.vocabulary)
	for k, v := range map[string]string{"收入@2024": "100万元", "收入@2025": "111万元"} {
		if err := f.Set(k, v, Source{}); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]Answer{"o/C1": Unmet, "d/C9": Met} {
		if r := lib.Scheme(id).Evaluate(Question{Facts: f, On: 20260630}); r.Answer != want {
			t.Errorf("%s: %v, want %v", id, r.Answer, want)
		}
	}
	if d := lib.Scheme("o/C1").Describe(); d.SucceededBy != "d/C9" {
		t.Errorf("succeeded by %q", d.SucceededBy)
	}
}

// TestStanding: the evaluation date chooses; an expired document is shown as expired.
func TestStanding(t *testing.T) {
	d := &Document{info: DocumentInfo{InForce: When{20220801, 20220801}, Replaced: 20260401}}
	for day, want := range map[Date]Standing{20220731: Upcoming, 20220801: InForce, 20260331: InForce, 20260401: Expired} {
		if got := d.StandingOn(day); got != want {
			t.Errorf("%v: %s, want %s", day, got, want)
		}
	}
	d = &Document{info: DocumentInfo{InForce: When{20220801, 20220801}, ValidUntil: When{20251231, 20251231}}}
	if d.StandingOn(20251231) != InForce || d.StandingOn(20260101) != Expired {
		t.Error("the last day of validity is valid, the next is not")
	}
}

// TestFactsFile names the line of every bad line and keeps the good ones.
func TestFactsFile(t *testing.T) {
	lib, _ := load(t, "")
	file, ps := ReadFacts("f.yaml", []byte("party: 甲公司\non: 2026-03-01\nfacts:\n  收入@2025: 9990万元\n  收人@2024: 1元\n  研发@2025: 三百\n  收入: 1元\n  收入@25: 1元\n  奖励.级别: 省级\n  处罚: 也许\n  守信: 大概\n  received(S): 1元\ncoverage: {处罚: 2026-02-28, 荣誉: 2026-01-01}\n"), lib.vocabulary)
	var got []string
	for _, p := range ps {
		got = append(got, p.String())
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"f.yaml:5:3: 错误: 收人@2024：", "是否应为“收入”", "f.yaml:6:3: 错误: 研发@2025：应写数字和单位", "f.yaml:7:3", "f.yaml:8:3", "f.yaml:10:3", "f.yaml:12:3: 错误: received(S)：", "f.yaml:11:3: 错误: 守信：应写“是”或“否”", "f.yaml:13:28"} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "三百") || strings.Contains(text, "大概") {
		t.Errorf("a value was echoed:\n%s", text)
	}
	if len(ps) != 8 || file.Party != "甲公司" || file.On != 20260301 || len(file.Facts.records["奖励"]) != 1 {
		t.Errorf("%d problems, %+v\n%s", len(ps), file, text)
	}
}

// TestAYearIsRefusedOnce: a year out of range is one mistake, told with the years that may stand there, in an example as in what a party states.
// Turns red when a year that is written is asked for as well, or the range is not told.
func TestAYearIsRefusedOnce(t *testing.T) {
	const years = "应是1949年到2200年之间的四位年份，例如 2025"
	head := strings.Replace(testHead, "dates: {published: 2025-01-01, performance: 2025}", "dates: {published: not_found}", 1)
	for _, key := range []string{"P", "A"} {
		lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(head + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" +
			"    kind: recognition\n    require: 守信\n    examples:\n    #= 甲\n    - {" + key + ": 25, given: {守信: 是}, expect: {answer: met}}\n")}})
		var got []string
		for _, p := range append(ps, lib.CheckExamples()...) {
			if p.Severity == SeverityError {
				got = append(got, p.Message)
			}
		}
		if want := key + " " + years + "。"; len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %s alone", got, want)
		}
	}
	lib, _ := load(t, "")
	if err := NewFacts(lib.vocabulary).Value("收入", 2205, "1元", Source{}); err == nil || err.Error() != "年份"+years {
		t.Errorf("a figure of 2205: %v", err)
	}
}
