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

// One series has one pattern, whichever files say it; the same pattern in two files is one series.
//
// Mutation: keep the later pattern without a word → red.
func TestOneSeriesOnePattern(t *testing.T) {
	template := func(id, series string) File {
		return File{"a/" + id + ".yaml", []byte("template: " + id + "\ntitle: 通知\nform: letter\nseries: " + series + "\nbody: 请办理。\n")}
	}
	scheme := func(id, series string) File {
		return File{"a/" + id + ".yaml", []byte("document: " + id + "\ntitle: 办法\nnumber: not_found\nbody: 某局\ndates: {published: 2026-01-01, valid_until: 2030-12-31}\nschemes:\n  某证" + id + ":\n    title: 某证\n    cite: 一\n    for: 企业\n    kind: licence\n    grants: {what: 某证, series: " + series + "}\n")}
	}
	for _, x := range []struct {
		files []File
		want  string
	}{
		{[]File{template("甲", "告"), template("乙", "告"), scheme("s1", "{prefix: 证, year: 是}"), scheme("s2", "{prefix: 证, year: 是, digits: 4}")}, ""},
		{[]File{scheme("s1", "{prefix: 证, year: 是}"), scheme("s2", "{prefix: 证, year: 是, digits: 5}")},
			"a/s2.yaml:12:32: 错误: 编号“证”在 a/s1.yaml 第12行写的是“证〔发证的年份〕〔4位序号〕”，这里又写“证〔发证的年份〕〔5位序号〕”：同一个编号只能有一种排法，请改成一样，或换一个开头。"},
		{[]File{scheme("s1", "{prefix: 证}"), scheme("s2", "{prefix: 证, year: 是}")}, "a/s2.yaml:12:32: 错误: 编号“证”在 a/s1.yaml"},
		{[]File{template("甲", "证"), scheme("s1", "{prefix: 证}")}, "a/s1.yaml:12:32: 错误: 编号“证”在 a/甲.yaml 第4行写的是“证〔年份〕序号”"},
	} {
		lib, problems := Load(x.files)
		var wrong []string
		for _, p := range problems {
			if p.Severity == SeverityError {
				wrong = append(wrong, p.String())
			}
		}
		if x.want == "" {
			if list := lib.NumberSeries(); len(wrong) > 0 || len(list) != 4 || list[0] != (NumberSeries{SeriesPaper, "告", "告〔年份〕序号", true, "乙", "乙", "a/乙.yaml"}) || list[3].Pattern != "证〔发证的年份〕〔4位序号〕" {
				t.Errorf("%v %v", wrong, list)
			}
		} else if len(wrong) != 1 || !strings.HasPrefix(wrong[0], x.want) {
			t.Errorf("want %s: %v", x.want, wrong)
		}
	}
}
