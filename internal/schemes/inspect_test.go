package schemes_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

func mustInspect(t *testing.T, ctx context.Context, p schemes.Proposal) *schemes.Inspection {
	t.Helper()
	got, err := schemes.Inspect(ctx, p)
	if err != nil {
		t.Fatalf("inspect: %v", err)
	}
	return got
}

// Every problem of the set that would result, where it stands; the line is quoted only of files that were sent.
//
// Mutations that turn this red: quote a line of the published file that breaks; quote the line before.
func TestInspectSaysWhereItIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one := admin(ctx, "1")
		bad := replaced(t, "lower/low2025.yaml", "growth(销售额@当年), at_least", "growth(消售额@当年), at_least")
		got := mustInspect(t, one, schemes.Proposal{Files: []policy.File{bad, {Path: "lower/new.yaml", Data: []byte("document: [\n")}}})
		if got.Errors != 2 || len(got.Problems) != 2 || len(got.Schemes) != 0 || len(got.Files) != 2 {
			t.Fatalf("%+v", got)
		}
		p := got.Problems[0]
		if fmt.Sprintf("%s:%d", p.File, p.Line) != "lower/low2025.yaml:18" || p.Severity != "error" || !p.Own ||
			p.Text != "    require: {of: growth(消售额@当年), at_least: 10%, text: 当年增速不低于10%}" || !strings.Contains(p.Message, "销售额") {
			t.Errorf("%+v", p)
		}
		if r := []rune(p.Text); !strings.HasPrefix(string(r[p.Column-1:]), "growth(消售额") && !strings.HasPrefix(string(r[p.Column-1:]), "消售额") {
			t.Errorf("column %d points to %q", p.Column, string(r[p.Column-1:]))
		}
		// A word that other files read is taken away: the problems stand in published files, which nobody here sent.
		got = mustInspect(t, one, schemes.Proposal{Files: []policy.File{replaced(t, "upper/vocabulary.yaml", "员工人数", "职工人数")}})
		if got.Errors == 0 {
			t.Fatal("a word that is needed may go")
		}
		for _, p := range got.Problems {
			if p.File != "lower/low2020.yaml" || p.Own || p.Text != "" {
				t.Errorf("%+v", p)
			}
		}
		// An example that is off, worked out by the whole set.
		got = mustInspect(t, one, schemes.Proposal{Files: []policy.File{replaced(t, "upper/up2026.yaml", "amount: 10万元\n", "amount: 12万元\n")}})
		if got.Errors != 1 || !strings.Contains(got.Problems[0].Message, "12万元") || !strings.Contains(got.Problems[0].Text, "amount: 10万元") {
			t.Errorf("%+v", got.Problems)
		}
		if count(t, ctx, "scheme_proposals") != 0 || count(t, ctx, "scheme_publications") != 1 {
			t.Error("looking left something behind")
		}
	})
}

// What no person would write is refused before anything is made of it, and quoted as something that can be shown.
func TestInspectOfHostileFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		deep := "document: " + strings.Repeat("[", 5000)
		for name, x := range map[string]struct{ text, says string }{
			"anchor":     {"document: &a x\ntitle: *a\n", "锚点"},
			"tag":        {"document: !!str x\n", "标签"},
			"merge":      {"document: x\n<<: {title: y}\n", "合并键"},
			"deep":       {deep, "嵌套"},
			"large":      {"document: x\n# " + strings.Repeat("长", 1<<19), "1 MB"},
			"NUL":        {"document: x\x00\n", "空字符"},
			"not UTF-8":  {"document: \xff\xfe\n", "UTF-8"},
			"empty":      {"", "空的"},
			"two in one": {"document: x\n---\ndocument: y\n", "---"},
			"bell":       {"document: [\a" + strings.Repeat("x", 2000) + "\n", "控制字符"},
		} {
			got := mustInspect(t, admin(ctx, "1"), schemes.Proposal{Files: []policy.File{{Path: "lower/x.yaml", Data: []byte(x.text)}}})
			if got.Errors == 0 || !strings.Contains(got.Problems[0].Message, x.says) {
				t.Errorf("%s: %+v", name, got.Problems)
				continue
			}
			if text := got.Problems[0].Text; len([]rune(text)) > 1001 || strings.ContainsAny(text, "\x00\a") || strings.ToValidUTF8(text, "") != text {
				t.Errorf("%s: quotes %q", name, text)
			}
		}
	})
}

// part writes an aspect of a comparison as one text: -old, +new, what is the same as it stands.
func part(c schemes.Compared, title string) string {
	for _, p := range c.Parts {
		if p.Title == title {
			var out []string
			for _, l := range p.Lines {
				out = append(out, map[string]string{"removed": "-", "added": "+", "same": " "}[l.Mark]+strings.Repeat("·", l.Depth)+l.Text)
			}
			return strings.Join(out, "|")
		}
	}
	return ""
}

// What a sound proposal changes, read back by the language.
//
// Mutations that turn this red: leave out what a scheme gives, or its conditions; tell the changes the other way round.
func TestInspectReadsBackWhatChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one := admin(ctx, "1")
		second := "  L2:\n    title: 扩面奖励\n    cite: 一(一)2\n    for: 企业\n    kind: money\n    amount: 1万元\n    examples:\n    #= 一律1万元\n    - {P: 2025, given: {销售额@P: 1万元}, expect: {answer: met, amount: 1万元}}\n"
		changed := replaced(t, "lower/low2025.yaml", "at_least: 10%", "at_least: 8%")
		changed.Data = []byte(strings.Replace(string(changed.Data), "at_most: 30万元", "at_most: 40万元", 1) + second)
		got := mustInspect(t, one, schemes.Proposal{Files: []policy.File{changed, replaced(t, "upper/up2026.yaml", "published: 2026-01-10", "published: 2026-02-01")},
			Remove: []string{"lower/low2020.yaml"}})
		if got.Errors != 0 {
			t.Fatalf("%+v", got.Problems)
		}
		var files, list, documents []string
		for _, f := range got.Files {
			files = append(files, f.Change+" "+f.Path)
		}
		for _, s := range got.Schemes {
			list = append(list, s.Change+" "+s.ID)
		}
		for _, d := range got.Documents {
			documents = append(documents, d.Change+" "+d.ID)
		}
		for what, x := range map[string][2]string{
			"files":     {strings.Join(files, ", "), "changed upper/up2026.yaml, removed lower/low2020.yaml, changed lower/low2025.yaml"},
			"schemes":   {strings.Join(list, ", "), "changed low2025/L1, added low2025/L2, removed low2020/S1"},
			"documents": {strings.Join(documents, ", "), "changed up2026, removed low2020"},
		} {
			if x[0] != x[1] {
				t.Errorf("%s: %s, want %s", what, x[0], x[1])
			}
		}
		var sentences []string
		for _, c := range got.Changes {
			sentences = append(sentences, c.ID+" "+c.Way+" "+c.Text)
		}
		if text := strings.Join(sentences, "\n"); text != `low2020  删去文件。
up2026  发布日期由“2026-01-10”改为“2026-02-01”。
up2026  施行日期由“2026-01-10”改为“2026-02-01”。
low2025/L1 更宽 “当年销售额的增长率”的要求由“不低于10%”改为“不低于8%”。
low2025/L1 更多 封顶由30万元改为40万元。
low2025/L2  新增条款：1万元。
low2020/S1  删去条款：5万元。` {
			t.Errorf("changes:\n%s", text)
		}
		l1 := got.Schemes[0]
		if got := part(l1, "给什么"); got != "-按当年销售额的增加额，每满100万元给予最高500元，不足100万元的部分不计；不超过30万元|+按当年销售额的增加额，每满100万元给予最高500元，不足100万元的部分不计；不超过40万元" {
			t.Errorf("gives: %s", got)
		}
		if got := part(l1, "条件"); got != "-当年销售额的增长率不低于10%（条文：当年增速不低于10%）|+当年销售额的增长率不低于8%（条文：当年增速不低于10%）" {
			t.Errorf("conditions: %s", got)
		}
		if strings.Join(l1.Same, " ") != "名称和出处 条文 算例" {
			t.Errorf("the same: %v", l1.Same)
		}
		if got := part(got.Schemes[1], "给什么"); got != "+1万元" {
			t.Errorf("added: %s", got)
		}
		if got := part(got.Schemes[2], "条件"); !strings.HasPrefix(got, "-") || strings.Contains(got, "+") {
			t.Errorf("removed: %s", got)
		}
		if got := part(got.Documents[0], "日期"); got != "-发布：2026-01-10|-施行：2026-01-10|+发布：2026-02-01|+施行：2026-02-01" {
			t.Errorf("dates: %s", got)
		}
		var text []string
		for _, l := range got.Files[0].Lines {
			text = append(text, fmt.Sprint(l.Mark, l.Old, l.New))
		}
		if strings.Join(text, " ") != "same2 2 same3 3 same4 4 removed5 0 added0 5 same6 6 same7 7 same8 8" {
			t.Errorf("lines of the file: %v", text)
		}

		same := mustInspect(t, one, schemes.Proposal{Files: []policy.File{{Path: "upper/up2026.yaml", Data: seedFiles(t)["upper/up2026.yaml"].Data}}})
		if len(same.Files)+len(same.Schemes)+len(same.Documents)+len(same.Problems) != 0 {
			t.Errorf("the same file again: %+v", same)
		}
	})
}

// steps is a process that tests publish and change.
const steps = `process: 甲
title: 某流程
starts: applicant
case:
  stages:
    填:
      public: 请填写。
      who: applicant
      actions:
        交: {to: 核, do: submit}
    核:
      public: 正在核对。
      who: {role: officer, department: scheme}
      within: {time: 5工作日, basis: 承诺}
      actions:
        准: {to: 完, needs: reason}
    完:
      public: 好了。
      ends: granted
`

// A process is read back stage by stage, before and after, and stands in a list of its own.
//
// Mutations that turn this red: leave processes out of compareLibraries, or the lines of a stage out of readProcess; pair the aspects by their
// position, so that a stage put in between shifts what follows it; list a process with the vocabularies.
func TestInspectReadsBackAProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one, file := admin(ctx, "1"), func(text string) []policy.File {
			return []policy.File{{Path: "lower/steps.yaml", Data: []byte(text)}}
		}
		got := mustInspect(t, one, schemes.Proposal{Files: file(steps)})
		if len(got.Processes) != 1 || got.Processes[0].Change != "added" || got.Processes[0].ID != "甲" || got.Processes[0].Title != "某流程" || len(got.Schemes) != 0 {
			t.Fatalf("%+v", got)
		}
		if got := part(got.Processes[0], "一件申报：核"); got != "+告诉申请人：正在核对。|+条款责任部门的经办人在5个工作日内办理（承诺）；逾期只提醒。|+可以“准”，须写明理由；转入“完”。" {
			t.Errorf("a stage: %s", got)
		}
		publishAs(t, ctx, schemes.Proposal{Files: file(steps)})
		longer := strings.Replace(steps, "time: 5工作日", "time: 8工作日", 1)
		longer = strings.Replace(longer, "准: {to: 完, needs: reason}", "准: {to: 等}", 1)
		longer = strings.Replace(longer, "    完:\n", "    等:\n      public: 请等。\n      waits: paid\n      then: 完\n    完:\n", 1)
		got = mustInspect(t, one, schemes.Proposal{Files: file(longer)})
		if len(got.Processes) != 1 || got.Processes[0].Change != "changed" {
			t.Fatalf("%+v", got)
		}
		c := got.Processes[0]
		for title, want := range map[string]string{
			"一件申报":   " 开始：填|-阶段：填、核、完|+阶段：填、核、等、完",
			"一件申报：核": " 告诉申请人：正在核对。|-条款责任部门的经办人在5个工作日内办理（承诺）；逾期只提醒。|-可以“准”，须写明理由；转入“完”。|+条款责任部门的经办人在8个工作日内办理（承诺）；逾期只提醒。|+可以“准”；转入“等”。",
			"一件申报：等": "+告诉申请人：请等。|+等待款项到账，然后自动转入“完”。",
		} {
			if got := part(c, title); got != want {
				t.Errorf("%s: %s", title, got)
			}
		}
		if same := strings.Join(c.Same, " "); same != "名称和发起 一件申报：填 一件申报：完" {
			t.Errorf("the same: %s", same)
		}
		got = mustInspect(t, one, schemes.Proposal{Remove: []string{"lower/steps.yaml"}})
		if len(got.Processes) != 1 || got.Processes[0].Change != "removed" || !strings.HasPrefix(part(got.Processes[0], "一件申报：完"), "-告诉申请人：好了。") {
			t.Errorf("removed: %+v", got.Processes)
		}

		set, err := schemes.ReadPublished(one)
		if err != nil || len(set.Processes) != 1 || set.Processes[0].Title != "某流程" || set.Processes[0].Process != "甲" || len(set.Vocabularies) != 1 {
			t.Errorf("%+v, %v", set, err)
		}
		shown, err := schemes.ReadFile(one, "lower/steps.yaml", "")
		if err != nil || len(shown.Reading) != 5 || shown.Reading[3].Title != "一件申报：核" || len(shown.Reading[3].Lines) != 3 {
			t.Errorf("%+v, %v", shown, err)
		}
	})
}

// A tenant that follows another changes its own files only: the next copy would undo the rest.
//
// Mutation that turns this red: leave refuseAbove out of baseOf.
func TestWhatStandsAboveIsChangedAbove(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		x := tenants(t, ctx, inst)
		mustSeed(t, x.up, seedFiles(t), "upper")
		mustSeed(t, x.low, seedFiles(t), "lower")
		if err := schemes.SetAbove(account.System(x.low), "upper"); err != nil {
			t.Fatal(err)
		}
		one := admin(x.low, "1")
		for name, p := range map[string]schemes.Proposal{
			"a file":    {Files: []policy.File{raised(t)}},
			"a removal": {Remove: []string{"upper/up2026.yaml"}},
		} {
			_, err := schemes.Propose(one, p)
			wantFault(t, name+" proposed", err, fault.Invalid)
			_, err = schemes.Inspect(one, p)
			wantFault(t, name+" inspected", err, fault.Invalid)
			_, err = schemes.Publish(account.System(x.low), p)
			wantFault(t, name+" published", err, fault.Invalid)
		}
		if _, err := schemes.Propose(one, schemes.Proposal{Files: []policy.File{replaced(t, "lower/low2025.yaml", "规模企业", "企业")}}); err != nil {
			t.Errorf("its own file: %v", err)
		}
		if _, err := schemes.Propose(admin(x.up, "1"), schemes.Proposal{Files: []policy.File{raised(t)}}); err != nil {
			t.Errorf("above: %v", err)
		}
	})
}
