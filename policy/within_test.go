package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// limitedProcess uses every word about time once.
const limitedProcess = `process: 限
title: 期限
starts: applicant
case:
  stages:
    写:
      public: 在写
      who: applicant
      within: {until: 03-31, cite: 某法第一条, tighten: shorter}
      actions:
        交: {to: 收, do: submit, within: {before: expiry, time: 60日, cite: 某法第二条, tighten: longer}}
    收:
      public: 在收
      who: officer
      within: {time: 5工作日, cite: 某法第三条, tighten: shorter, lapse: 视为收下}
      actions:
        收下: {to: 审}
        视为收下: {to: 审, since: 收}
    审:
      public: 在审
      who: officer
      within: {time: 20工作日, cite: 某法第四条, tighten: shorter, pauses: [评]}
      actions:
        好: {to: 定}
        评审: {to: 评, needs: letter}
    评:
      public: 在评
      who: officer
      actions: {评完: {to: 审}}
    定:
      public: 在定
      who: leader
      within: {until: expiry, cite: 某法第五条, lapse: 视为准予}
      actions:
        准予: {to: 成}
        视为准予: {to: 成}
    成: {public: 成了, ends: granted}
  always:
    批准延长: {who: leader, at: 审, needs: letter, extends: {task: 审, time: 10工作日, cite: 某法第四条, tighten: shorter}}
`

// Every word about time is in the types that the engine runs, and reads as a sentence; what no law says of days off is said to be assumed.
func TestLimitsAreRead(t *testing.T) {
	lib, ps := loadProcess(limitedProcess)
	for _, p := range ps {
		t.Error(p)
	}
	p := lib.Process("限")
	if p == nil {
		t.Fatal("not read")
	}
	c := p.Flow("case")
	report, hand := c.Stage("写").Tasks[0].Within, c.Stage("写").Tasks[0].Actions[0].Within
	if m, d := report.MonthDay(); m != 3 || d != 31 || report.DayOff != "later" || !report.Dated() || report.N != 0 {
		t.Errorf("%+v", report)
	}
	if hand.Before != "expiry" || hand.N != 60 || hand.Unit != "日" || hand.DayOff != "earlier" {
		t.Errorf("%+v", hand)
	}
	if last := c.Stage("定").Tasks[0].Within; last.Until != "expiry" || last.DayOff != "stay" {
		t.Errorf("%+v", last)
	}
	if a := c.Stage("收").Tasks[0].Actions[1]; a.Since != "收" {
		t.Errorf("%+v", a)
	}
	if x := c.Always[0].Extends; x == nil || x.Task != "审" || x.Within.N != 10 || x.Within.Unit != "工作日" || x.Times != 1 {
		t.Errorf("%+v", x)
	}
	var got []string
	for _, s := range p.Describe().Flows[0].Stages {
		got = append(got, s.Lines...)
	}
	want := `申请人在每年3月31日前办理（依据：某法第一条），遇休息日顺延到后一个工作日（没有规定，是编写人的假设）；逾期只提醒。
可以“交”，最晚在证书有效期届满日的60日前（依据：某法第二条），遇休息日提前到前一个工作日（没有规定，是编写人的假设）；正式提交并编号；转入“收”。
经办人在5个工作日内办理（依据：某法第三条）；逾期由系统按“视为收下”处理。
可以“收下”；转入“审”。
可以“视为收下”；转入“审”，时限从到“收”起算。
经办人在20个工作日内办理（依据：某法第四条），“评”的时间不计；逾期只提醒。
可以“好”；转入“定”。
可以“评审”，须书面告知申请人；转入“评”。
负责人随时可以“批准延长”，须书面告知申请人；“审”的时限延长10个工作日（依据：某法第四条），只能延长一次。
经办人办理，不限时。
可以“评完”；转入“审”。
负责人在证书有效期届满日前办理（依据：某法第五条）；逾期由系统按“视为准予”处理。
可以“准予”；转入“成”。
可以“视为准予”；转入“成”。
到此结束：予以支持并已兑现。`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if out, problems := Format(File{"p.yaml", []byte(limitedProcess)}); out == nil || len(problems) > 0 {
		t.Errorf("format: %v", problems)
	}
}

// Each mistake is named at its line and column, ‸.
func TestLimitProblems(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"no day of every year", "until: 03-31", "until: ‸02-29", "不是每年都有2月29日"},
		{"no day at all", "until: 03-31", "until: ‸3月31日", "应写每年的一天，例如 03-31，或 expiry（证书有效期届满日）"},
		{"until and time", "until: 03-31", "time: 3日, until: ‸03-31", "不再写 time:"},
		{"before without a time", "{before: expiry, time: 60日, cite: 某法第二条, tighten: longer}", "{before: ‸expiry, cite: 某法第二条}", "请写 time:"},
		{"before what is unknown", "before: expiry", "before: ‸expiri", "是否应为“expiry”"},
		{"hours before", "time: 60日", "time: ‸60小时", "应以工作日、日或月计"},
		{"a day off of a time", "time: 5工作日, cite: 某法第三条", "time: 5工作日, day_off: ‸earlier, cite: 某法第三条", "只用在"},
		{"a day off of the last valid day", "until: expiry, cite", "until: expiry, day_off: ‸later, cite", "照样到期"},
		{"a day off that is none", "until: 03-31", "until: 03-31, day_off: ‸erlier", "是否应为“earlier”"},
		{"an action within a time", "within: {before: expiry, time: 60日, cite: 某法第二条, tighten: longer}", "within: ‸{time: 60日, cite: 某法}", "最晚哪一天可以做"},
		{"an action until a day of which year", "within: {before: expiry, time: 60日, cite: 某法第二条, tighten: longer}", "within: {until: ‸03-31, cite: 某法}", "分不清是哪一年"},
		{"since no stage", "since: 收", "since: ‸手", "没有“手”这个阶段"},
		{"since where it leads", "since: 收", "since: ‸审", "写的就是要到的阶段"},
		{"since without to", "视为收下: {to: 审, since: 收}", "视为收下: {since: ‸收}", "请写 to:"},
		{"since where nothing counts", "评完: {to: 审}", "评完: {to: 定, since: ‸收}", "没有按时间计的时限"},
		{"since a stage that comes later", "评审: {to: 评, needs: letter}\n", "评审: {to: 评, needs: letter}\n        又: {to: 审, since: ‸成}\n", "走不到"},
		{"extends with to", "at: 审, needs: letter, extends: {", "at: 审, to: 定, needs: letter, extends: ‸{", "不转阶段"},
		{"extends unsaid", "at: 审, needs: letter, extends: {", "at: 审, extends: ‸{", "请写 needs: letter"},
		{"extends another unit", "time: 10工作日, cite: 某法第四条, tighten: shorter}}", "time: ‸10日, cite: 某法第四条}}", "延长也应以工作日计"},
		{"extends no task", "task: 审", "task: ‸申", "没有叫“申”的任务"},
		{"extends without a task", "extends: {task: 审, ", "extends: ‸{", "请写 task:"},
		{"extends what has a day", "at: 审, needs: letter, extends: {task: 审, time: 10工作日", "at: 定, needs: letter, extends: {task: ‸定, time: 10工作日", "不能延长"},
		{"extends too often", "extends: {task: 审,", "extends: {times: ‸0, task: 审,", "1 到 10"},
		{"extends for a task's own action", "好: {to: 定}", "好: {to: 定, ‸extends: {task: 审, time: 3工作日, basis: 例}}", "不认识的键“extends”"},
		{"a pause without a letter", "评审: {to: 评, needs: letter}", "‸评审: {to: 评, needs: reason}", "须书面告知申请人"},
		{"letter and reason", "评审: {to: 评, needs: letter}", "评审: {to: 评, needs: ‸[letter, reason]}", "请删去 reason"},
		{"a letter that the clock would have to write", "视为收下: {to: 审, since: 收}", "视为收下: {to: 审, since: 收, needs: letter}", "不能要求填写 letter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(limitedProcess, c.old) != 1 {
				t.Fatalf("%q stands %d times", c.old, strings.Count(limitedProcess, c.old))
			}
			text := strings.Replace(limitedProcess, c.old, c.new, 1)
			before, after, marked := strings.Cut(text, "‸")
			at := fmt.Sprintf("p.yaml:%d:%d: 错误: ", 1+strings.Count(before, "\n"), 1+utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]))
			if !marked {
				at = ""
			}
			_, ps := loadProcess(before + after)
			if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.HasPrefix(p.String(), at) && strings.Contains(p.Message, c.says) }) {
				t.Errorf("no problem at %s that says %s, only:\n%v", at, c.says, ps)
			}
		})
	}
}

// A local process may tighten each of these and loosen none. Mutations: leave out any of the comparisons of holdActions, holdMore or hold.
func TestLocalLimits(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"the same", "期限", "期限", ""},
		{"an earlier day", "until: 03-31", "until: 02-28", ""},
		{"a later day", "until: 03-31", "until: 04-01", "只能更短；这里是每年4月1日前"},
		{"a time for a day", "until: 03-31", "time: 1工作日", "比不出长短"},
		{"a day off another way", "until: 03-31", "until: 03-31, day_off: stay", "要照写 day_off: later"},
		{"longer before the end", "time: 60日", "time: 90日", ""},
		{"shorter before the end, as the general rule has it", "time: 60日", "time: 30日", "只能更长；这里是证书有效期届满日的30日前"},
		{"no time before the end", ", within: {before: expiry, time: 60日, cite: 某法第二条, tighten: longer}", "", "这里没有写"},
		{"counted from acceptance, not from receipt", ", since: 收", "", "从到“收”起算（since:），这里没有照写"},
		{"no deemed acceptance", ", lapse: 视为收下", "", "逾期按“视为收下”处理（lapse:），这里没有照写"},
		{"the deemed acceptance is gone", "视为收下", "默认收下", "“视为收下”有规定的期限，这里没有这个动作"},
		{"the application that has its last day is gone", "交:", "送:", "“交”有规定的期限，这里没有这个动作"},
		{"as many days, but back from the end", "time: 5工作日, cite", "before: expiry, time: 5工作日, cite", "“收”期限是5个工作日，只能更短；这里是证书有效期届满日的5个工作日前，单位不同、比不出长短"},
		{"a shorter extension", "time: 10工作日", "time: 5工作日", ""},
		{"a longer extension", "time: 10工作日", "time: 11工作日", "“批准延长”期限是10个工作日，只能更短"},
		{"no extension", "  always:\n    批准延长: {who: leader, at: 审, needs: letter, extends: {task: 审, time: 10工作日, cite: 某法第四条, tighten: shorter}}\n", "", ""},
		{"an extension more often", "extends: {task", "extends: {times: 2, task", "最多延长1次，这里是2次"},
		{"an extension by another name", "批准延长", "再延长", "没有叫“再延长”的延长"},
		{"an extension of what has none", "  always:\n", "  always:\n    延收: {who: leader, at: 收, needs: letter, extends: {task: 收, time: 1工作日, basis: 例}}\n", "没有叫“延收”的延长"},
	} {
		t.Run(c.name, func(t *testing.T) {
			own := strings.ReplaceAll(limitedProcess, c.old, c.new)
			own = strings.Replace(own, "process: 限\n", "process: 地\nfrom: 限\n", 1)
			_, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"up.yaml", []byte(limitedProcess)}, {"p.yaml", []byte(own)}})
			switch {
			case c.says == "" && len(ps) > 0:
				t.Errorf("%v", ps)
			case c.says != "" && !slices.ContainsFunc(ps, func(p Problem) bool { return strings.Contains(p.Message, c.says) && p.Line > 0 && p.Column > 0 }):
				t.Errorf("nothing says %s in %v", c.says, ps)
			}
		})
	}
}
