package policy

import (
	"strings"
	"testing"
)

// heardProcess has a visit on the spot and a hearing, both by a law.
const heardProcess = `process: 上级听证
title: 上级听证
starts: applicant
checklists:
  看: {officers: 2, cite: 某法第三十四条, items: [{ask: 门牌, kind: yes_no}]}
  听:
    officers: 2
    cite: 某法第四十七条
    items: [{ask: 到场, kind: yes_no}]
    hearing: {notice: {time: 7工作日, cite: 某法第四十八条, tighten: longer}, apart: [查]}
case:
  stages:
    报: {public: 报, who: applicant, actions: {交: {to: 查}}}
    查:
      public: 查
      who: officer
      actions: {看: {needs: visit, do: {visit: {checklist: 看}}}, 转: {to: 会, if: visited}}
    会:
      public: 会
      who: officer
      actions: {听: {needs: visit, do: {visit: {checklist: 听}}}, 毕: {to: 成, if: heard}}
    成: {public: 成, ends: done}
`

// TestHearingsBelow: a local process tells of a hearing as long before as the upper one or longer, keeps off it whom the upper one keeps off, and sends
// as many officers; it may leave a visit out, and no hearing. Mutations: hold visits to what hearings are held to; compare the notice the other way; forget
// the officers, or who is kept off → red.
func TestHearingsBelow(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"the same", "", "", ""},
		{"a longer notice", "7工作日", "10工作日", ""},
		{"a shorter notice", "7工作日", "6工作日", "“听”期限是7个工作日，只能更长；这里是6个工作日"},
		{"no hearing", "    hearing: {notice: {time: 7工作日, cite: 某法第四十八条, tighten: longer}, apart: [查]}\n", "", "“听”是听证（某法第四十七条）"},
		{"held by who examined it", ", apart: [查]", "", "不由办过“查”的人主持"},
		{"one officer on the spot", "看: {officers: 2", "看: {officers: 1", "“看”至少2名工作人员（某法第三十四条），这里只写了1名"},
		{"no visit on the spot", "  看: {officers: 2, cite: 某法第三十四条, items: [{ask: 门牌, kind: yes_no}]}\n", "", "-"},
		{"a notice in hours", "time: 7工作日", "time: 24小时", "应以工作日、日或月计"},
		{"a stage that is none", "apart: [查]", "apart: [审]", "审"},
		{"a stage at which nobody acts", "apart: [查]", "apart: [查, 成]", "“成”没有人办理"},
		{"no notice", "notice: {time: 7工作日, cite: 某法第四十八条, tighten: longer}, ", "", "请写 notice:"},
		{"heard without a hearing", "hearing: {notice: {time: 7工作日, cite: 某法第四十八条, tighten: longer}, apart: [查]}", "title: 听", "heard 看的是听证"},
	} {
		t.Run(c.name, func(t *testing.T) {
			local := strings.NewReplacer("process: 上级听证", "process: 本地听证\nfrom: 上级听证", "title: 上级听证", "title: 本地听证").Replace(heardProcess)
			local = strings.Replace(local, c.old, c.new, 1)
			if c.says == "-" {
				local = strings.NewReplacer("看: {needs: visit, do: {visit: {checklist: 看}}}, ", "", ", if: visited", "").Replace(local)
			}
			_, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"national/p.yaml", []byte(heardProcess)}, {"cixi/q.yaml", []byte(local)}})
			said := ""
			for _, p := range ps {
				if p.Severity == SeverityError {
					said += p.Message + "\n"
				}
			}
			if want := strings.TrimPrefix(c.says, "-"); want == "" && said != "" || !strings.Contains(said, want) {
				t.Errorf("%q", said)
			}
		})
	}
}
