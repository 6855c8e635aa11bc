package casework_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/matching"
	"shanglin/internal/platform/fault"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

const passing = `document: passing
title: 将撤下的文件
number: not_found
body: 测试
dates: {published: 2025-01-01, performance: 2025REPLACED}
periods: {当年: P}
schemes:
  甲:
    title: 将撤下的奖励
    cite: not_found
    for: 企业
    kind: money
    require:
      all:
      - {of: growth(营业收入@当年), at_least: 10%, text: 增速不低于10%}
      - {of: 临时指标@当年, at_least: 1人, text: 至少1人}
    amount: {give: up to 1万元}
    examples:
    #= 110/100 - 1 = 10%
    - {P: 2025, given: {营业收入@P-1: 100万元, 营业收入@P: 110万元, 临时指标@P: 1人}, expect: {answer: met, amount: up to 1万元}}
  乙:
    title: 留下的奖励
    cite: not_found
    for: 企业
    kind: money
    require: {of: growth(营业收入@当年), at_least: 10%, text: 增速不低于10%}
    amount: 1万元
    examples:
    #= 110/100 - 1 = 10%
    - {P: 2025, given: {营业收入@P-1: 100万元, 营业收入@P: 110万元}, expect: {answer: met, amount: 1万元}}
`

const passingWords = `vocabulary: 测试
terms:
  临时指标: {of: 企业, unit: 人, every: 年, at_least: 0人}
records:
  临时处罚: {of: 企业, from: 市应急管理局, complete: none}
`

const passingNext = `document: passing2
title: 接替的文件
number: not_found
body: 测试
dates: {published: 2026-03-01, performance: 2025}
periods: {当年: P}
schemes:
  丙:
    title: 接替的奖励
    cite: not_found
    for: 企业
    kind: money
    require: {of: growth(营业收入@当年), at_least: 5%, text: 增速不低于5%}
    amount: 2万元
    examples:
    #= 105/100 - 1 = 5%
    - {P: 2025, given: {营业收入@P-1: 100万元, 营业收入@P: 105万元}, expect: {answer: met, amount: 2万元}}
`

const (
	passingPath  = "cixi/passing.yaml"
	wordsPath    = "cixi/vocabulary-passing.yaml"
	nextPath     = "cixi/passing2.yaml"
	passingFirst = "passing/甲"
)

func without(text, from, to string) string {
	head, rest, _ := strings.Cut(text, from)
	_, tail, _ := strings.Cut(rest, to)
	return head + to + tail
}

// What is published while a round is under way, and what whoever asks for the scheme is told from then on.
var publications = []struct {
	name    string
	files   map[string]string // path to text; empty: withdrawn
	says    string            // of the scheme; empty: it is still there
	drops   bool              // the term that its facts are stated in
	current policy.Answer     // what matching says of it, if it is still there
}{
	{"the scheme leaves its document", map[string]string{passingPath: without(plainPassing(), "  甲:\n", "  乙:\n")}, "“将撤下的奖励”已于2026-03-05撤下，不在现行政策中", false, 0},
	{"the document leaves", map[string]string{passingPath: ""}, "“将撤下的奖励”已于2026-03-05撤下，不在现行政策中", false, 0},
	{"the document and its words leave", map[string]string{passingPath: "", wordsPath: ""}, "“将撤下的奖励”已于2026-03-05撤下，不在现行政策中", true, 0},
	{"another bar and another sum", map[string]string{passingPath: strings.NewReplacer("at_least: 10%", "at_least: 60%", "不低于10%", "不低于60%", "up to 1万元", "up to 3万元",
		"营业收入@P: 110万元", "营业收入@P: 160万元").Replace(plainPassing())}, "", false, policy.Unmet},
	{"a term that it reads is renamed", map[string]string{passingPath: strings.ReplaceAll(plainPassing(), "临时指标", "改名指标"),
		wordsPath: strings.ReplaceAll(passingWords, "临时指标", "改名指标")}, "", true, policy.Unknown},
}

func plainPassing() string { return strings.ReplaceAll(passing, "REPLACED", "") }

func (c *county) published(files map[string]string) {
	c.t.Helper()
	p := schemes.Proposal{}
	for path, text := range files {
		if text == "" {
			p.Remove = append(p.Remove, path)
		} else {
			p.Files = append(p.Files, policy.File{Path: path, Data: []byte(text)})
		}
	}
	if _, err := schemes.Publish(c.system(), p); err != nil {
		c.t.Fatalf("publishing: %v", err)
	}
}

// A round and its cases go on to money by the rules that they began with, whatever is published meanwhile: one is a draft, one is submitted, one
// is reviewed, each comes to the 10,000 yuan at most that the clause then said. What is asked of the scheme anew is answered in a sentence.
//
// Mutations that turn this red: let rules read the set in use; declare what a draft says, or keep a finding, in the vocabulary in force; say
// 没有这项政策 of what was withdrawn; let a round be made over a set that is not the one in use.
func TestARoundOutlivesItsScheme(t *testing.T) {
	for _, p := range publications {
		t.Run(p.name, func(t *testing.T) {
			each(t, func(c *county) { c.outlives(p.files, p.says, p.drops, p.current) })
		})
	}
}

func (c *county) outlives(files map[string]string, says string, drops bool, current policy.Answer) {
	t, officer := c.t, c.officer(economy, "")
	c.published(map[string]string{passingPath: plainPassing(), wordsPath: passingWords})
	rooms := matching.New(c.registry)
	var firms []string
	for i, name := range []string{"甲电器有限公司", "乙电器有限公司", "丙电器有限公司"} {
		firms = append(firms, c.party(i+1, name, "周巷镇"))
		c.grows(firms[i])
		if i > 0 {
			c.state(firms[i], registry.Statement{Term: "临时指标", Year: 2025, Value: "2人"})
		}
	}
	_, err := rooms.Recompute(c.system(), firms...)
	if err != nil {
		t.Fatal(err)
	}
	round := c.round("2026-01", passingFirst)
	begun, err := c.casework.Round(officer, round)
	if err != nil {
		t.Fatal(err)
	}
	// The first firm says the figure itself, in its draft.
	k, err := c.casework.Begin(c.firm(firms[0]), round, passingFirst, firms[0])
	if err != nil {
		t.Fatal(err)
	}
	said := casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000",
		Statements: []registry.FactBody{{Term: "临时指标", Year: 2025, Value: "3人"}}}
	if _, err := c.casework.Save(c.firm(firms[0]), k.ID, 1, said); err != nil {
		t.Fatal(err)
	}
	cases := []string{k.ID, c.submitted(round, passingFirst, firms[1]), c.submitted(round, passingFirst, firms[2])}
	c.reviewed(cases[2], 8000_00)

	c.at("2026-03-05")
	c.published(files)
	if _, err := rooms.Recompute(c.system(), firms...); err != nil {
		t.Fatal(err)
	}

	// Whoever asks for the scheme now.
	set, err := schemes.Current(c.public())
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.Scheme(c.public(), passingFirst)
	_, explained := rooms.Explain(officer, firms[1], passingFirst, 0, 0, policy.Chinese)
	_, affected := rooms.AffectedBy(officer, matching.AffectedQuery{Scheme: passingFirst})
	_, made := c.casework.MakeRound(officer, casework.RoundDraft{Number: "2026-02", Title: "再开一批", Process: "申报评审", Performance: 2025, Opens: policy.DateOf(c.now),
		Closes: date("2026-03-31"), Department: economy, Schemes: []casework.RoundSchemeDraft{{Scheme: passingFirst}}})
	for what, err := range map[string]error{"read": err, "explained": explained, "affected": affected, "made": made} {
		switch {
		case says == "" && err != nil:
			t.Errorf("%s: %v", what, err)
		case says != "" && what == "made":
			c.refused(what, err, fault.Invalid, says)
		case says != "":
			c.refused(what, err, fault.NotFound, says)
		}
	}
	standing, err := rooms.StandpointsOf(c.firm(firms[1]), firms[1], 0, true)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range standing.Items {
		if s.Scheme.ID == passingFirst {
			found = true
			if s.Answer != current {
				t.Errorf("matching says %s, want %s", s.Answer, current)
			}
		}
	}
	if found != (says == "") {
		t.Errorf("matching still answers it: %v", found)
	}
	// The facts stand where they stood.
	facts, err := c.registry.Facts(c.firm(firms[1]), firms[1])
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, f := range facts {
		if f.Dropped != (drops && f.Term == "临时指标") {
			t.Errorf("%s: dropped %v", f.Term, f.Dropped)
		}
		if f.Term == "临时指标" && f.Value == "2人" && f.Shown == "2人" {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("the figure stands %d times", kept)
	}
	book := c.workbook(func(w io.Writer) error { return c.registry.ExportFacts(c.firm(firms[1]), firms[1], "", w) })
	if strings.Contains(book, "临时指标（词汇表已不含）|2025|2人") != drops {
		t.Errorf("the workbook: %s", book)
	}

	// The firm still finds the round, at its own rules.
	open, err := c.casework.Openings(c.firm(firms[1]), firms[1])
	if err != nil || len(open) != 1 || open[0].Answer != policy.Met || open[0].Amount.High != 1_0000_00 || open[0].Scheme.Title != "将撤下的奖励" {
		t.Fatalf("openings: %+v, %v", open, err)
	}
	form, err := c.casework.FormOf(c.firm(firms[0]), cases[0])
	if err != nil || len(form.Problems) != 0 || len(form.Missing) != 0 || form.Result.Answer != policy.Met {
		t.Fatalf("the form: %+v, %v", form, err)
	}
	c.do(c.firm(firms[0]), cases[0], "提交", "", nil)
	c.reviewed(cases[0], 9000_00)
	c.do(officer, cases[1], "受理", "", nil)
	for _, d := range departments {
		found := clear()
		if d == "市应急管理局" {
			found = map[string]any{"findings": map[string]any{"hit": true, "kind": "临时处罚", "detail": "已整改", "on": "2026-03-04"}}
		}
		c.do(c.officer(d, ""), cases[1], "反馈核查结果", "见附件", found)
	}
	facts, err = c.registry.Facts(c.firm(firms[1]), firms[1])
	if err != nil || !slices.ContainsFunc(facts, func(f registry.Fact) bool { return f.Term == "临时处罚" && f.Record.From == date("2026-03-04") }) {
		t.Errorf("what the department found is not kept: %+v, %v", facts, err)
	}
	c.refused("more than the clause said", c.act(officer, "case", cases[1], "通过", "", map[string]any{"amount": 1_0000_01, "reason": "太多"}), fault.Invalid, "1万元")
	c.do(officer, cases[1], "通过", "", map[string]any{"amount": 1_0000_00, "reason": "按上限核定"})
	c.closed(round)
	c.doRound(officer, round, "发布公示", "", nil)
	if n := c.running(round); n.Total != 2_7000_00 { // 9,000 + 10,000 + 8,000
		t.Errorf("the notice: %v", n.Total)
	}
	c.at("2026-04-10")
	c.doRound(officer, round, "提交决定", "", nil)
	c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
	c.doRound(c.finance(), round, "下达资金", "", nil)
	for i, sum := range []policy.Fen{9000_00, 1_0000_00, 8000_00} {
		if got := c.purse.committed[cases[i]]; got.Amount != sum {
			t.Errorf("committed for the case %d: %v, want %v", i, got.Amount, sum)
		}
		if err := c.casework.Paid(c.system(), cases[i], all(sum, date("2026-04-10"), "line")); err != nil {
			t.Fatal(err)
		}
		// The treasury writes the award as a fact of the firm, whether or not its scheme is in use.
		c.state(firms[i], registry.Statement{Term: "received:" + passingFirst, Value: sum.Literal(), On: date("2026-04-10")})
		e, err := c.casework.EvaluationOf(c.firm(firms[i]), cases[i])
		if err != nil || e.SetHash != begun.SetHash || e.Result.Answer != policy.Met || e.Result.Amount.High != 1_0000_00 || e.Explanation == nil {
			t.Errorf("the evaluation that counts: %+v, %v", e, err)
		}
	}
	c.doRound(c.finance(), round, "办结", "", nil)
	if r, err := c.casework.Round(c.public(), round); err != nil || r.SetHash != begun.SetHash || r.Schemes[0].Scheme.Title != "将撤下的奖励" {
		t.Errorf("at the end: %+v, %v", r, err)
	}
	c.audited()
}

// A document that says what takes its place is said to be replaced, once that is published; one that nobody ever published is not there.
//
// Mutations that turn this red: look for the successor in the set that was withdrawn; take the day of the publication that brought the file.
func TestWhatTookItsPlace(t *testing.T) {
	each(t, func(c *county) {
		c.published(map[string]string{passingPath: strings.ReplaceAll(passing, "REPLACED", ", replaced: 2026-03-01 by passing2"), wordsPath: passingWords})
		ask := func(id string) error {
			set, err := schemes.Current(c.public())
			if err != nil {
				t.Fatal(err)
			}
			_, err = set.Scheme(c.public(), id)
			return err
		}
		if err := ask(passingFirst); err != nil {
			t.Error(err)
		}
		c.at("2026-03-06")
		c.published(map[string]string{passingPath: "", nextPath: passingNext})
		c.at("2026-03-09")
		c.published(map[string]string{wordsPath: strings.ReplaceAll(passingWords, "临时指标", "改名指标")})
		c.refused("replaced", ask(passingFirst), fault.NotFound, "“将撤下的奖励”已于2026-03-06撤下，由《接替的文件》接替")
		for _, id := range []string{"passing/没有", "passing/", "/甲", "甲", "", "没有/甲", "passing/title", "passing/甲\x00"} {
			if err := ask(id); fault.CodeOf(err) != fault.NotFound || strings.Contains(err.Error(), "撤下") {
				t.Errorf("%q: %v", id, err)
			}
		}
		c.published(map[string]string{passingPath: plainPassing(), wordsPath: passingWords})
		if err := ask(passingFirst); err != nil {
			t.Errorf("published again: %v", err)
		}
	})
}

// A round that is frozen, in public notice or decided, or whose award waits for its money, goes on to the end of its road when its scheme is
// withdrawn: it settled 8,000 of the 10,000 that the clause said, which is announced, decided, committed and paid, each with the clause that
// it rests on. Whoever reads the round, the decision and the case meanwhile reads the title and the clause of then.
//
// Mutations that turn this red: let rules read the set in use.
func TestASettledRoundOutlivesItsScheme(t *testing.T) {
	for _, p := range publications[2:4] { // all of it leaves, words too; or the clause says something else
		for _, stage := range []string{"frozen", "in notice", "decided", "ordered"} {
			t.Run(stage+": "+p.name, func(t *testing.T) {
				each(t, func(c *county) { c.settledOutlives(stage, p.files) })
			})
		}
	}
}

func (c *county) settledOutlives(when string, files map[string]string) {
	t, officer := c.t, c.officer(economy, "")
	c.published(map[string]string{passingPath: plainPassing(), wordsPath: passingWords})
	firm := c.party(1, "甲电器有限公司", "周巷镇")
	c.grows(firm)
	c.state(firm, registry.Statement{Term: "临时指标", Year: 2025, Value: "2人"})
	round := c.round("2026-01", passingFirst)
	id := c.submitted(round, passingFirst, firm)
	c.reviewed(id, 8000_00)
	reached := func(stage string) {
		if stage == when {
			c.published(files)
		}
		r, err := c.casework.Round(c.public(), round)
		if err != nil || r.Schemes[0].Scheme.Title != "将撤下的奖励" {
			t.Errorf("%s: the round reads %+v, %v", stage, r, err)
		}
		k, err := c.casework.Case(c.firm(firm), id)
		if err != nil || k.Sum.Settled == nil || *k.Sum.Settled != 8000_00 {
			t.Errorf("%s: the case reads %+v, %v", stage, k.Sum, err)
		}
		e, err := c.casework.EvaluationOf(officer, id)
		if err != nil || e.Result.Answer != policy.Met || e.Result.Amount.High != 1_0000_00 || e.Explanation == nil {
			t.Errorf("%s: the evaluation that counts: %+v, %v", stage, e, err)
		}
	}
	c.at("2026-04-01")
	c.doRound(officer, round, "截止申报", "", nil)
	c.doRound(officer, round, "冻结结算", "", nil)
	reached("frozen")
	c.doRound(officer, round, "发布公示", "", nil)
	if n := c.running(round); n.Total != 8000_00 {
		t.Errorf("the notice: %v", n.Total)
	}
	reached("in notice")
	c.at("2026-04-10")
	c.doRound(officer, round, "提交决定", "", nil)
	c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
	reached("decided")
	c.doRound(c.finance(), round, "下达资金", "", nil)
	reached("ordered")
	if got := c.purse.committed[id]; got.Amount != 8000_00 || !strings.Contains(got.Clause, "将撤下的") {
		t.Errorf("committed: %+v", got)
	}
	if err := c.casework.Paid(c.system(), id, all(8000_00, date("2026-04-10"), "line")); err != nil {
		t.Fatal(err)
	}
	c.doRound(c.finance(), round, "办结", "", nil)
	c.audited()
}

// A round asks for 没有临时处罚; the next files call the kind 安全处罚. Until the department says that it has every 临时处罚 nobody knows whether the
// firm has one; once it says so, by the name of the round's files, the firm is met. Of both names it may speak while the round is under way.
//
// Mutations that turn this red: leave out UseStanding; let Vocabularies leave out rounds under way; let Cover read the vocabulary in force only.
func TestARoundsOwnNameIsDeclaredComplete(t *testing.T) {
	each(t, func(c *county) {
		text := strings.Replace(plainPassing(), "{of: 临时指标@当年, at_least: 1人, text: 至少1人}", "none:\n        - {has: 临时处罚@当年, text: 没有临时处罚}", 1)
		text = strings.Replace(text, "临时指标@P: 1人", "临时处罚: []", 1)
		words := strings.Replace(passingWords, "complete: none", "complete: 市应急管理局", 1)
		c.published(map[string]string{passingPath: text, wordsPath: words})
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		c.grows(firm)
		c.round("2026-01", passingFirst)
		c.at("2026-03-05")
		c.published(map[string]string{passingPath: strings.ReplaceAll(text, "临时处罚", "安全处罚"), wordsPath: strings.ReplaceAll(words, "临时处罚", "安全处罚")})

		answers := func(want policy.Answer) {
			t.Helper()
			open, err := c.casework.Openings(c.firm(firm), firm)
			if err != nil || len(open) != 1 || open[0].Answer != want {
				t.Errorf("want %s: %+v, %v", want, open, err)
			}
		}
		answers(policy.Unknown)
		_, err := c.registry.Cover(c.officer(economy, ""), "临时处罚", date("2026-03-05"), "")
		c.refused("another department", err, fault.Forbidden, "市应急管理局")
		safety := c.officer("市应急管理局", "")
		said, err := c.registry.Cover(safety, "安全处罚", date("2026-03-05"), "")
		if err != nil || !said.Counts {
			t.Errorf("by the name in force: %+v, %v", said, err)
		}
		answers(policy.Unknown)
		said, err = c.registry.Cover(safety, "临时处罚", date("2025-12-31"), "")
		if err != nil || !said.Counts {
			t.Errorf("by the round's name: %+v, %v", said, err)
		}
		answers(policy.Met)
		list, err := c.registry.Coverages(safety)
		if err != nil || len(list) != 2 || !list[0].Counts || !list[1].Counts {
			t.Errorf("%+v, %v", list, err)
		}
		c.audited()
	})
}
