package policy

import (
	"slices"
	"strings"
	"testing"
)

const aTemplate = `template: 告知书
title: 关于{事项}的告知书
form: letter
series: 告
letterhead: "{机关}"
to: "{申请人}"
body:
- 请{申请人}办理。
- {text: "到{期限}为止。", if: 期限}
- {table: [[事项, "{事项}"]]}
`

// What is not known is missing, and a paragraph goes only where it says so itself.
//
// Mutations, each red: leave out a paragraph whose field is missing without if:; say nothing of what is missing; put nothing in its place.
func TestTemplateFill(t *testing.T) {
	x, problems := ReadTemplate(File{"t.yaml", []byte(aTemplate)})
	if x == nil {
		t.Fatal(problems)
	}
	out, missing := x.Fill(map[string]string{"申请人": "甲<公司>", "机关": "某局"})
	if !slices.Equal(missing, []string{"事项"}) || len(out.Body) != 2 || out.Body[0].Text != "请甲<公司>办理。" || out.Title != "关于{事项}的告知书" || out.Body[1].Rows[0][1] != "{事项}" {
		t.Error(out, missing)
	}
	out, missing = x.Fill(map[string]string{"申请人": "甲", "机关": "某局", "期限": "2026年5月1日", "事项": "许可{理由}"})
	if len(missing) != 0 || len(out.Body) != 3 || out.Body[1].Text != "到2026年5月1日为止。" || out.Body[2].Rows[0][1] != "许可{理由}" {
		t.Error(out, missing) // a value is text, whatever it looks like
	}
	if len(x.Body) != 3 || x.Body[2].Rows[0][1] != "{事项}" {
		t.Error("filling changed the template")
	}
}

// Slips are told with their place and what to write.
func TestTemplateProblems(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"请{申请人}办", "请{申清人}办"}:                                              "8:3: 错误: 文书里没有“{申清人}”这一项，是否应为“申请人”？",
		{"if: 期限", "if: 期现"}:                                                "是否应为“期限”？",
		{"请{申请人}办", "请{申请人办"}:                                               "大括号应成对",
		{"form: letter", "form: leter"}:                                     "是否应为“letter”？",
		{"body:", "adverse: 是\nbody:"}:                                      "请写 remedy:",
		{"body:", "adverse: 是\nremedy: 可以申请复议。\nbody:"}:                     "没有写诉讼",
		{"form: letter\nseries: 告\nletterhead: \"{机关}\"", "form: document"}: "请写 letterhead:",
	} {
		_, problems := ReadTemplate(File{"t.yaml", []byte(strings.Replace(aTemplate, change[0], change[1], 1))})
		if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.String(), want) }) {
			t.Errorf("%s: %v", want, problems)
		}
	}
}

// An action names a template that there is, and asks for what the template tells.
func TestTemplateOfAction(t *testing.T) {
	template := strings.Replace(aTemplate, "请{申请人}办理", "补正{补正事项}", 1)
	flow := `process: 甲
title: 甲
starts: applicant
case:
  stages:
    填:
      public: 填。
      who: applicant
      actions:
        交: {to: 完, document: %}
    完: {public: 完。, ends: done}
`
	for name, want := range map[string]string{"告知节": "没有名为“告知节”的文书模板，是否应为“告知书”？", "告知书": "请写 needs: items"} {
		_, problems := Load([]File{{"a/t.yaml", []byte(template)}, {"a/p.yaml", []byte(strings.Replace(flow, "%", name, 1))}})
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Line == 10 && strings.Contains(p.Message, want) }) {
			t.Errorf("%s: %v", want, problems)
		}
	}
	lib, problems := Load([]File{{"a/t.yaml", []byte(aTemplate)}, {"a/p.yaml", []byte(strings.Replace(flow, "%", "告知书", 1))}})
	if HasErrors(problems) || lib.Template("告知书") == nil || lib.Process("甲").Flow("case").Stages[0].Tasks[0].Actions[0].Document != "告知书" {
		t.Error(problems)
	}
}
