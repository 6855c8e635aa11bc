package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// goodProcess is small and right: it uses every construct once.
const goodProcess = `process: 甲
title: 测试流程
starts: applicant
notes:
- {choice: 都是例子, by: 测试, status: assumption}
case:
  stages:
    写:
      public: 在写
      who: applicant
      actions:
        交: {to: 收, do: submit, if: [complete, window_open], tone: primary}
    收:
      public: 在收
      who: {role: officer, department: scheme, label: 窗口}
      within: {time: 5工作日, basis: 承诺, pauses: [补]}
      actions:
        收下: {to: 查, many: 是}
        补正: {to: 补, needs: items}
        不收: {to: 否, needs: [reason, confirm], tone: danger}
    补:
      public: 在补
      who: applicant
      within: {time: 10日, cite: 某法第三条, lapse: 算了}
      actions:
        再交: {to: 收}
        算了: {to: 撤, needs: confirm}
    查:
      public: 在查
      tasks:
        税:
          title: 税务
          who: {role: officer, department: 科技局}
          actions:
            回: {needs: findings, do: findings}
            退: {to: 收, stops: 是, needs: reason}
        安:
          who: {role: officer, department: 信用中心}
          within: {time: 24小时, basis: 承诺}
          actions:
            回: {needs: [findings, opinion], do: findings}
      then: 审
    审:
      public: 在审
      who: {role: officer, department: scheme}
      actions:
        过: {to: 等, needs: amount, do: [evaluate, set_amount], many: 是}
    等:
      public: 在等
    付:
      public: 在付
      waits: paid
      then: 成
    成:
      public: 成了
      ends: granted
    否:
      public: 没成
      ends: refused
    撤:
      public: 撤了
      ends: withdrawn
  always:
    撤回: {who: applicant, at: [写, 收, 查, 审, 等], to: 撤, needs: confirm}
  apart:
  - [收, 审]
round:
  stages:
    开:
      public: 在开
      who: {role: officer, department: scheme}
      actions:
        发: {to: 示, do: [open_window, publish], needs: notice, if: window_closed, period: {time: 7日, cite: 某公示}}
    示:
      public: 在公示
      who: leader
      within: {time: 2月, basis: 承诺}
      actions:
        定: {to: 完, if: [cases_ready, notice_over], do: [decide, {move_cases: {from: 等, to: 付}}]}
    完:
      public: 完了
      ends: done
  apart:
  - [审, 示]
`

func loadProcess(text string) (*Library, []Problem) {
	return Load([]File{{"v.yaml", []byte(testVocabulary)}, {"p.yaml", []byte(text)}})
}

// TestProcessIsRead: every construct of a file is in the types that the engine runs.
func TestProcessIsRead(t *testing.T) {
	lib, ps := loadProcess(goodProcess)
	for _, p := range ps {
		t.Error(p)
	}
	p := lib.Process("甲")
	if p == nil || len(lib.Processes()) != 1 || p.Title != "测试流程" || p.Starts != "applicant" || len(p.Notes) != 1 || len(p.Hash) != 64 {
		t.Fatalf("%+v", p)
	}
	c, round := p.Flow("case"), p.Flow("round")
	if c.Start != "写" || round.Start != "开" || len(c.Stages) != 10 {
		t.Errorf("starts at %q and %q, %d stages", c.Start, round.Start, len(c.Stages))
	}
	got := []string{}
	say := func(format string, a ...any) { got = append(got, fmt.Sprintf(format, a...)) }
	take := c.Stage("收").Tasks[0]
	say("%s %+v %+v %v", take.Key, take.Who, *take.Within, take.Many)
	for _, a := range take.Actions {
		say("%s %s %v %v %v", a.Key, a.To, a.Needs, a.Tone, a.Many)
	}
	say("%+v", *c.Stage("补").Tasks[0].Within)
	check := c.Stage("查")
	say("%s %s %s %s %s", check.Then, check.Tasks[0].Key, check.Tasks[0].Title, check.Tasks[1].Key, check.Tasks[1].Title)
	say("%v %v", check.Tasks[0].Actions[0].Stops, check.Tasks[0].Actions[1].Stops)
	say("%s %s", c.Stage("付").Waits, c.Stage("付").Then)
	say("%v %v %v", c.Apart, c.Always[0].At, c.Always[0].Who)
	say("%+v %v %v", *round.Stage("开").Tasks[0].Actions[0].Period, round.Apart, round.Stage("示").Tasks[0].Actions[0].Do)
	want := []string{
		"收 {Role:officer Department:scheme Label:窗口} {N:5 Unit:工作日 Until: Before: DayOff: Cite: Basis:承诺 Tighten: Lapse: Reminders:[] Pauses:[补]} true",
		"收下 查 [] plain true", "补正 补 [items] plain false", "不收 否 [reason confirm] danger false",
		"{N:10 Unit:日 Until: Before: DayOff: Cite:某法第三条 Basis: Tighten: Lapse:算了 Reminders:[] Pauses:[]}",
		"审 税 税务 安 安", "false true", "paid 成", "[[收 审]] [写 收 查 审 等] {applicant  }",
		"{N:7 Unit:日 Until: Before: DayOff: Cite:某公示 Basis: Tighten: Lapse: Reminders:[] Pauses:[]} [[审 示]] [{decide map[]} {move_cases map[from:等 to:付]}]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	alone, ps := ReadProcess(File{"stored", []byte(goodProcess)})
	if len(ps) > 0 || alone == nil || alone.Hash != p.Hash || alone.Flow("case").Stage("审") == nil {
		t.Errorf("alone: %v", ps)
	}
}

// TestProcessProblems: each mistake is named at its line and column with a sentence that says what to write. Each row is one change of a
// right file; ‸ marks where the problem must stand, and more says how many others the change may bring with it (9: any).
func TestProcessProblems(t *testing.T) {
	for _, c := range []struct {
		name, old, new, says string
		more                 int
	}{
		{"unknown key", "starts: applicant", "‸starst: applicant", "是否应为“starts”", 1},
		{"starts missing", "process: 甲\ntitle: 测试流程\nstarts: applicant\n", "‸process: 甲\ntitle: 测试流程\n", "请写 starts:", 0},
		{"starts unknown", "starts: applicant", "starts: ‸manager", "可以写：applicant（申请人）、system", 0},
		{"title missing", "process: 甲\ntitle: 测试流程\n", "‸process: 甲\n", "请写 title:", 0},
		{"id not a name", "process: 甲", "process: ‸甲 乙", "名称应以", 0},
		{"stage key unknown", "ends: done", "‸end: done", "是否应为“ends”", 2},
		{"stage name too long", "    撤:\n", "    ‸一二三四五六七八九十一二三四五六七八九十一:\n", "不超过20个字", 9},
		{"public missing", "    审:\n      public: 在审\n", "    ‸审:\n", "请写 public:", 0},
		{"role unknown", "who: leader", "who: ‸leder", "是否应为“leader”", 0},
		{"role of the applicant in the round", "who: leader", "who: ‸applicant", "没有申请人", 0},
		{"applicant of a department", "who: applicant, at", "who: ‸{role: applicant, department: scheme}, at", "申请人不分部门", 0},
		{"who missing", "    示:\n      public: 在公示\n      who: leader\n", "    ‸示:\n      public: 在公示\n", "请写 who:", 0},
		{"role missing", "who: leader", "who: ‸{label: 领导}", "请写 role:", 0},
		{"department unknown", "department: 科技局", "department: ‸科枝局", "是否应为“科技局”", 0},
		{"actions missing", "    审:\n      public: 在审\n", "    ‸审:\n      public: 在审\n      who: leader\n    乙:\n      public: 在审\n", "请写 actions:", 9},
		{"needs unknown", "needs: items", "needs: ‸item", "是否应为“items”", 0},
		{"needs twice", "needs: [reason, confirm]", "needs: [reason, ‸reason]", "写了两次", 0},
		{"guard unknown", "[complete, window_open]", "[‸complet, window_open]", "是否应为“complete”", 0},
		{"guard of the other flow", "[complete, window_open]", "[complete, ‸all_paid]", "只能写在 round:", 0},
		{"effect unknown", "do: submit", "do: ‸submitt", "是否应为“submit”", 0},
		{"effect of the other flow", "do: submit", "do: ‸settle", "只能写在 round:", 0},
		{"effect word missing", "{move_cases: {from: 等, to: 付}}", "{‸move_cases: {from: 等}}", "缺少 to:", 0},
		{"claimed back without a reason", "do: submit", "do: ‸{claw_back: {time: 30日, cite: x}}", "要告知理由", 0},
		{"claimed back without a time", "do: submit", "do: {‸claw_back: {cite: x}}", "缺少 time:", 1},
		{"claimed back in working days", "do: submit", "do: {claw_back: {time: ‸30工作日, cite: x}}", "应写几日", 1},
		{"claimed back in no time", "do: submit", "do: {claw_back: {time: ‸0日, cite: x}}", "应写几日", 1},
		{"interest for no number of days", "do: submit", "do: {‸claw_back: {time: 30日, rate: 5%, counts: due, cite: x}}", "缺少 days:", 1},
		{"interest for a year of 366 days", "do: submit", "do: {claw_back: {time: 30日, rate: 5%, days: ‸366, counts: due, cite: x}}", "360 或 365", 1},
		{"interest without a sign", "do: submit", "do: {claw_back: {time: 30日, rate: ‸5, days: 365, counts: due, cite: x}}", "应写百分数", 1},
		{"interest from some day", "do: submit", "do: {claw_back: {time: 30日, rate: 5%, days: 365, counts: ‸later, cite: x}}", "decision", 1},
		{"effect word unknown", "{from: 等, to: 付}", "{from: 等, to: 付, ‸why: x}", "不认识的键“why”", 0},
		{"effect without its words", "{move_cases: {from: 等, to: 付}}", "‸move_cases", "缺少 from:，应写作 {move_cases: {from: …, to: …}}", 1},
		{"words of an effect that takes none", "[open_window, publish]", "[{open_window: ‸{a: b}}, publish]", "直接写 open_window", 0},
		{"two effects in one item", "[evaluate, set_amount]", "[‸{evaluate: , set_amount: }]", "每一项只写一个词", 1},
		{"effect names a stage of the round", "{from: 等, to: 付}", "{from: 等, to: ‸示}", "case: 中没有“示”", 0},
		{"moving from where people work", "{move_cases: {from: 等, to: 付}}", "{‸move_cases: {from: 审, to: 付}}", "还有人在办理", 0},
		{"moving from an end", "{move_cases: {from: 等, to: 付}}", "{‸move_cases: {from: 否, to: 付}}", "已经结束", 0},
		{"moving to where it is", "{move_cases: {from: 等, to: 付}}", "{‸move_cases: {from: 等, to: 等}}", "同一个阶段", 0},
		{"end unknown", "ends: done", "ends: ‸dome", "是否应为“done”", 0},
		{"end with work", "ends: refused", "ends: ‸refused\n      who: applicant\n      actions: {再来: {to: 收}}", "已经结束", 0},
		{"tone unknown", "tone: danger", "tone: ‸dangr", "是否应为“danger”", 0},
		{"action to an unknown stage", "再交: {to: 收}", "再交: {to: ‸受}", "case: 中没有“受”这个阶段", 0},
		{"action to a stage of the round", "再交: {to: 收}", "再交: {to: ‸示}", "case: 中没有“示”这个阶段", 0},
		{"stage that cannot be reached", "    等:\n", "    ‸孤:\n      public: 孤\n      ends: done\n    等:\n", "没有动作能到“孤”", 0},
		{"no way out", "再交: {to: 收}\n        算了: {to: 撤, needs: confirm}\n", "再交: {to: 死}\n        算了: {to: 撤, needs: confirm}\n    ‸死:\n      public: 死\n      who: applicant\n      actions: {又: {to: 死}}\n", "从“死”走不到", 0},
		{"no way out but an action that goes nowhere", "再交: {to: 收}\n        算了: {to: 撤, needs: confirm}\n", "再交: {to: 死}\n        算了: {to: 撤, needs: confirm}\n    ‸死:\n      public: 死\n      who: applicant\n      actions: {又: {needs: reason}}\n", "从“死”走不到", 0},
		{"nothing moves a waiting stage but withdrawal", "    等:\n", "    ‸空:\n      public: 空\n    等:\n", "没有人能让它继续", 1},
		{"a stage of the round without work", "    完:\n", "    ‸空:\n      public: 空\n    完:\n", "没有人办理", 1},
		{"key twice", "        算了: {to: 撤, needs: confirm}\n", "        算了: {to: 撤}\n        ‸算了: {to: 撤}\n", "写了两次", 9},
		{"time without a source", "{time: 24小时, basis: 承诺}", "‸{time: 24小时}", "请写这个时限的来历", 0},
		{"time missing", "{time: 24小时, basis: 承诺}", "‸{basis: 承诺}", "请写 time:", 0},
		{"time not a map", "{time: 24小时, basis: 承诺}", "‸24小时", "时限应写作", 0},
		{"unit that is none", "time: 24小时", "time: ‸24小事", "是否应为“小时”", 0},
		{"unit missing", "time: 24小时", "time: ‸24", "应写数字和单位", 0},
		{"time of nothing", "time: 24小时", "time: ‸0小时", "应在 1 到 1000", 0},
		{"time without end", "time: 24小时", "time: ‸1001小时", "应在 1 到 1000", 0},
		{"lapse unknown", "lapse: 算了", "lapse: ‸算啦", "是否应为“算了”", 0},
		{"lapse asks what only a person knows", "lapse: 算了}\n      actions:\n        再交: {to: 收}\n        算了: {to: 撤, needs: confirm}", "lapse: ‸算了}\n      actions:\n        再交: {to: 收}\n        算了: {to: 撤, needs: [opinion]}", "不能要求填写 opinion", 0},
		{"pauses unknown", "pauses: [补]", "pauses: [‸不]", "没有“不”这个阶段", 0},
		{"pauses itself", "pauses: [补]", "pauses: [‸收]", "不能在本阶段停", 0},
		{"apart unknown", "[收, 审]", "[收, ‸申]", "没有“申”这个阶段", 0},
		{"apart of one", "[收, 审]", "‸[收]", "两个以上", 0},
		{"apart where nobody acts", "[收, 审]", "[收, ‸成]", "没有人办理", 0},
		{"apart where nobody acts, of the case", "[审, 示]", "[‸成, 示]", "没有人办理", 0},
		{"apart of the round in the case", "[收, 审]", "[收, ‸示]", "没有“示”这个阶段", 0},
		{"apart twice", "[收, 审]", "[收, ‸收]", "写了两次", 0},
		{"at unknown", "at: [写, 收, 查", "at: [写, ‸受, 查", "没有“受”这个阶段", 0},
		{"at twice", "at: [写, 收, 查", "at: [写, 收, ‸收, 查", "写了两次", 0},
		{"apart of a name that both flows have", "    完:\n      public: 完了\n      ends: done\n  apart:\n  - [审, 示]\n",
			"    完:\n      public: 完了\n      ends: done\n    审:\n      public: 审\n      who: leader\n      actions: {好: {to: 完}}\n  apart:\n  - [‸审, 示]\n", "分不清是哪一个", 1},
		{"at an end", "审, 等]", "审, ‸成]", "已经结束", 0},
		{"at missing", "    撤回: {who: applicant, at: [写, 收, 查, 审, 等]", "    ‸撤回: {who: applicant", "请写 at:", 0},
		{"always of nobody", "    撤回: {who: applicant, at", "    ‸撤回: {at", "请写 who:", 0},
		{"always for nothing", "    撤回: {who: applicant, at: [写, 收, 查, 审, 等], to: 撤, ", "    ‸撤回: {who: applicant, at: [写, 收, 查, 审, 等], ", "请写 to:", 0},
		{"always named as an action of the stage", "    撤回: {who: applicant, at: [写, 收,", "    收下: {who: applicant, at: [写, ‸收,", "已有一个叫“收下”的动作", 0},
		{"then unknown", "then: 审", "then: ‸甲", "没有“甲”这个阶段", 2},
		{"parallel tasks without then", "    查:\n      public: 在查\n", "    多:\n      public: 多\n      tasks:\n        ‸甲: {who: leader, actions: {乙: {}}}\n        丙: {who: leader, actions: {丁: {}}}\n    查:\n      public: 在查\n", "请写 then:", 9},
		{"one parallel task", "    查:\n      public: 在查\n", "    多:\n      public: 多\n      then: 审\n      tasks:\n        ‸甲: {who: leader, actions: {乙: {}}}\n    查:\n      public: 在查\n", "两项以上", 9},
		{"then of one task", "      public: 在审\n", "      public: 在审\n      then: ‸等\n", "才写 then:", 0},
		{"work and parallel tasks", "      public: 在查\n      tasks:\n        税:", "      public: 在查\n      who: leader\n      tasks:\n        ‸税:", "只写一项任务", 9},
		{"to in a parallel task without stops", "退: {to: 收, stops: 是", "退: {to: ‸收", "stops: 是", 0},
		{"stops without to", "退: {to: 收, stops: 是", "‸退: {stops: 是", "请写 to:", 0},
		{"stops of one task", "再交: {to: 收}", "再交: {to: 收, stops: ‸是}", "只有并行的任务", 0},
		{"yes that is neither", "stops: 是", "stops: ‸yes", "应写“是”或“否”", 1},
		{"many with items", "needs: items}", "needs: items, many: ‸是}", "一件一件办", 0},
		{"many for the applicant", "再交: {to: 收}", "再交: {to: 收, many: ‸是}", "不写 many:", 0},
		{"one title twice", "不收: {to: 否", "‸不收: {title: 补正, to: 否", "已有一个叫“补正”的动作", 0},
		{"amount kept but not asked", "needs: amount, do: [evaluate", "do: ‸[evaluate", "请写 needs: amount", 0},
		{"amount asked but not kept", "needs: amount, do: [evaluate, set_amount]", "needs: ‸amount, do: [evaluate]", "请写 do: set_amount", 0},
		{"findings kept but not asked", "回: {needs: findings, do: findings}", "回: {do: ‸findings}", "请写 needs: findings", 0},
		{"notice sent but not asked", "do: [open_window, publish], needs: notice, if: window_closed, period: {time: 7日, cite: 某公示}", "do: ‸[open_window, publish], if: window_closed", "请写 needs: notice", 0},
		{"notice asked but not sent", "do: [open_window, publish], needs: notice", "do: [open_window], needs: ‸notice", "请写 do: publish", 0},
		{"notice without a time", "needs: notice, if: window_closed, period: {time: 7日, cite: 某公示}", "needs: ‸notice, if: window_closed", "请写 period:", 0},
		{"time of no notice", "定: {to: 完,", "定: {to: 完, period: ‸{time: 7日, cite: 某公示},", "才写 period:", 0},
		{"cases_ready that gathers nothing", "if: window_closed", "if: ‸cases_ready", "move_cases", 0},
		{"waits for nothing known", "waits: paid", "waits: ‸piad", "是否应为“paid”", 0},
		{"waits without then", "waits: paid\n      then: 成\n", "waits: ‸paid\n", "请写 then:", 2},
		{"waits and works", "waits: paid\n", "waits: ‸paid\n      who: finance\n      actions: {付了: {to: 成}}\n", "等待的阶段没有人办理", 0},
		{"waits in the round", "    完:\n", "    空:\n      public: 空\n      waits: ‸paid\n      then: 完\n    完:\n", "waits: 只能写在 case:", 2},
		{"a list where a word stands", "who: leader", "who: {role: ‸[leader]}", "role: 应写一个词", 1},
		{"a list where a stage stands", "再交: {to: 收}", "再交: {to: ‸[收]}", "to: 应写一个阶段的名称", 0},
		{"always not a map", "    撤回: {who: applicant, at: [写, 收, 查, 审, 等], to: 撤, needs: confirm}\n", "    ‸- 撤回\n", "always: 应写", 0},
		{"stage not a map", "    撤:\n      public: 撤了\n      ends: withdrawn\n", "    ‸撤: 撤了\n", "请写这个阶段的内容", 2},
		{"action not a map", "再交: {to: 收}", "‸再交: 收", "动作后面应写", 0},
		{"no stages", "round:\n  stages:\n", "round:\n  ‸stage:\n", "不认识的键“stage”", 9},
		{"case missing", "process: 甲\ntitle: 测试流程\nstarts: applicant\nnotes:\n- {choice: 都是例子, by: 测试, status: assumption}\ncase:\n", "‸process: 甲\ntitle: 测试流程\nstarts: applicant\nnotes:\n- {choice: 都是例子, by: 测试, status: assumption}\ncase2:\n", "请写 case:", 9},
		{"no case", "case:\n", "‸cases:\n", "是否应为“case”", 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(goodProcess, c.old) != 1 {
				t.Fatalf("%q stands %d times in the right file", c.old, strings.Count(goodProcess, c.old))
			}
			text := strings.Replace(goodProcess, c.old, c.new, 1)
			before, after, _ := strings.Cut(text, "‸")
			at := fmt.Sprintf("p.yaml:%d:%d: 错误: ", 1+strings.Count(before, "\n"), 1+utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]))
			_, ps := loadProcess(before + after)
			var all []string
			found := false
			for _, p := range ps {
				all = append(all, p.String())
				found = found || strings.HasPrefix(p.String(), at) && strings.Contains(p.Message, c.says)
			}
			if !found {
				t.Errorf("no problem at %s that says %s, only:\n%s", at, c.says, strings.Join(all, "\n"))
			}
			if c.more < 9 && len(ps) > 1+c.more {
				t.Errorf("%d problems for one mistake:\n%s", len(ps), strings.Join(all, "\n"))
			}
		})
	}
}

// TestProcessHasStages: a flow without any, and one of more than an office could follow.
func TestProcessHasStages(t *testing.T) {
	stages := ""
	for i := range maxStages + 1 {
		stages += fmt.Sprintf("    甲%d: {public: 说明, ends: done}\n", i)
	}
	for text, want := range map[string]string{
		"case:\n  apart: []\n":        "p.yaml:5:3: 错误: 请写 stages:",
		"case:\n  stages:\n" + stages: "p.yaml:106:5: 错误: 一个流程最多100个阶段。",
	} {
		_, ps := loadProcess("process: 甲\ntitle: 甲\nstarts: system\n" + text)
		if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.HasPrefix(p.String(), want) }) {
			t.Errorf("nothing says %s in %v", want, ps)
		}
	}
}

// TestEveryProblemOfAProcessAtOnce: mistakes in both flows are named in one run, and what only a graph shows too.
func TestEveryProblemOfAProcessAtOnce(t *testing.T) {
	text := strings.NewReplacer("role: officer, department: 科技局", "role: oficer, department: 科技局", "time: 24小时, basis: 承诺", "time: 24小时",
		"ends: done", "public2: x", "apart:\n  - [审, 示]", "apart:\n  - [审]").Replace(goodProcess)
	_, ps := loadProcess(text)
	var got []string
	for _, p := range ps {
		got = append(got, p.String())
	}
	for _, want := range []string{"是否应为“officer”", "请写这个时限的来历", "不认识的键“public2”", "两个以上", "这个流程没有结束", "“完”没有人办理"} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("nothing says %s in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if p, ps := ReadProcess(File{"stored", []byte(text)}); p != nil || !HasErrors(ps) {
		t.Error("a process with errors was given out")
	}
}

// TestSchemeNamesItsProcess: a scheme's own process, else its document's, else that of the document it reissues; one that is not there is
// an error with the nearest. Mutation: drop d.process from the scheme → red.
func TestSchemeNamesItsProcess(t *testing.T) {
	document := func(id, head, schemes string) File {
		return File{id + ".yaml", []byte("document: " + id + "\ntitle: 测试\nnumber: not_found\ndates: {published: 2025-01-01}\n" + head + "schemes:\n" + schemes)}
	}
	scheme := func(key, more string) string {
		return "  " + key + ": {title: 测试, cite: 一, for: 企业, kind: support, grants: {what: 物, amount: 1项}" + more + "}\n"
	}
	other := strings.Replace(goodProcess, "process: 甲", "process: 乙流程", 1)
	files := []File{{"v.yaml", []byte(testVocabulary)}, {"p.yaml", []byte(goodProcess)}, {"q.yaml", []byte(other)},
		document("a", "process: 甲\n", scheme("A", "")+scheme("B", ", process: 乙流程")),
		document("b", "from: a\n", scheme("A", "")+"  B: {from: a/B, cite: 一}\n"),
		document("c", "", scheme("A", ""))}
	lib, ps := Load(files)
	for _, p := range ps {
		t.Error(p)
	}
	for id, want := range map[string]string{"a/A": "甲", "a/B": "乙流程", "b/A": "甲", "b/B": "乙流程", "c/A": ""} {
		if got := lib.Scheme(id).Process(); got != want {
			t.Errorf("%s is handled by %q, want %q", id, got, want)
		}
	}
	if got := len(lib.Processes()); got != 2 {
		t.Errorf("%d processes", got)
	}
	_, ps = Load(append(files, document("d", "process: 乙流成\n", scheme("A", ", process: 丙"))))
	if len(ps) != 2 || !strings.Contains(ps[0].Message, "没有名为“乙流成”的办理流程，是否应为“乙流程”？") || !strings.Contains(ps[1].Message, "没有名为“丙”的办理流程") {
		t.Errorf("%v", ps)
	}
	_, ps = Load(append(files, File{"z.yaml", []byte(goodProcess)}))
	if len(ps) != 1 || ps[0].File != "z.yaml" || !strings.Contains(ps[0].Message, "已在 p.yaml 中写过") {
		t.Errorf("%v", ps)
	}
	if p, ps := ReadProcess(files[0]); p != nil || !HasErrors(ps) {
		t.Error("a vocabulary was read as a process")
	}
}

// TestProcessReadsBack: every sentence of the small process, by hand.
func TestProcessReadsBack(t *testing.T) {
	lib, _ := loadProcess(goodProcess)
	var got []string
	v := lib.Process("甲").Describe()
	got = append(got, v.Title+" "+v.Starts)
	for _, f := range v.Flows {
		for _, s := range f.Stages {
			if s.Public == "" {
				t.Errorf("%s: nothing for the applicant", s.Key)
			}
			for _, line := range s.Lines {
				got = append(got, s.Title+"｜"+line)
			}
		}
		got = append(got, f.Rules...)
	}
	want := `测试流程 由申请人申报
写｜申请人办理，不限时。
写｜可以“交”，前提是事实、材料和承诺已齐全、在申报期内；正式提交并编号；转入“收”。
写｜申请人随时可以“撤回”，须再次确认；转入“撤”。
收｜窗口（条款责任部门的经办人）在5个工作日内办理（承诺），“补”的时间不计；逾期只提醒。
收｜可以“收下”，可以批量办；转入“查”。
收｜可以“补正”，须一次写全要补正的事项；转入“补”。
收｜可以“不收”，须写明理由、再次确认；转入“否”。
收｜申请人随时可以“撤回”，须再次确认；转入“撤”。
补｜申请人在10日内办理（依据：某法第三条）；逾期由系统按“算了”处理。
补｜可以“再交”；转入“收”。
补｜可以“算了”，须再次确认；转入“撤”。
查｜税务：科技局的经办人办理，不限时。
查｜税务：可以“回”，须填写核查结果；存入核查结果。
查｜税务：可以“退”，须写明理由；转入“收”，其他几项随即停止。
查｜安：信用中心的经办人在24小时内办理（承诺）；逾期只提醒。
查｜安：可以“回”，须填写核查结果、写明意见；存入核查结果。
查｜以上各项同时办理，都办完后转入“审”。
查｜申请人随时可以“撤回”，须再次确认；转入“撤”。
审｜条款责任部门的经办人办理，不限时。
审｜可以“过”，须核定金额（金额确定的不用填），可以批量办；重新计算并存档；记下核定的金额；转入“等”。
审｜申请人随时可以“撤回”，须再次确认；转入“撤”。
等｜等待整批：在“示”办了“定”后，一起转入“付”。
等｜申请人随时可以“撤回”，须再次确认；转入“撤”。
付｜等待款项到账，然后自动转入“成”。
成｜到此结束：予以支持并已兑现。
否｜到此结束：不予支持。
撤｜到此结束：撤回、放弃或取消。
“收”“审”不能由同一个人办理同一件申报。
开｜条款责任部门的经办人办理，不限时。
开｜可以“发”，前提是申报期已结束或提前截止，须填写公示的标题，公示期一般7日（依据：某公示）；发布通知、开放申报；发布公示和汇总表；转入“示”。
示｜负责人在2个月内办理（承诺）；逾期只提醒。
示｜可以“定”，前提是要集中的申报都已办到这一步、公示期已满；作出决定、占用预算；“等”的申报一起转入“付”；转入“完”。
完｜到此结束：办结。
“审”“示”不能由同一个人办理同一件申报。`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestEveryWordIsRead: a word that a file may use has its Chinese, so that no sentence has a hole.
func TestEveryWordIsRead(t *testing.T) {
	for _, list := range [][]string{ProcessRoles, ProcessNeeds, ProcessGuards, sortedKeys(ProcessEffects), ProcessEnds, ProcessWaits, ProcessStarts, ProcessTones} {
		for _, w := range list {
			if processWord(w) == "" {
				t.Errorf("%s has no Chinese", w)
			}
		}
	}
	for w := range ProcessEffects {
		if effectWords[w] == "" {
			t.Errorf("the effect %s has no Chinese", w)
		}
	}
	if lib, ps := loadProcess(strings.Replace(goodProcess, "label: 窗口", "town: party, label: 窗口", 1)); len(ps) != 1 || ps[0].Severity != SeverityWarning ||
		ps[0].Line != 15 || !strings.Contains(ps[0].Message, "不起作用") || lib.Process("甲") == nil {
		t.Errorf("a word of older files that nothing obeys: %v", ps)
	}
	if _, ps := loadProcess(strings.Replace(goodProcess, "回: {needs: findings, do: findings}", "回: {needs: findings}", 1)); len(ps) != 1 || ps[0].Severity != SeverityWarning {
		t.Errorf("findings that nobody keeps: %v", ps)
	}
	for w := range onlyIn {
		if _, effect := ProcessEffects[w]; !effect && !slices.Contains(ProcessGuards, w) && !slices.Contains(ProcessNeeds, w) {
			t.Errorf("%s is no effect, no guard and no need", w)
		}
	}
}
