package policy

import (
	"strings"
	"testing"
)

// upperProcess has a limit that a law sets and lets be tightened, one that it does not, one that is a promise only, and a public notice.
const upperProcess = `process: 上级
title: 上级流程
starts: applicant
case:
  stages:
    收:
      public: 收
      who: officer
      within: {time: 5工作日, cite: 某法第九条, pauses: [补]}
      actions: {受理: {to: 定}, 退: {to: 补, needs: items}}
    补:
      public: 补
      who: applicant
      within: {time: 10日, basis: 承诺}
      actions: {再报: {to: 收}}
    定:
      public: 定
      who: leader
      within: {time: 20工作日, cite: 某法第十二条, tighten: shorter, pauses: [补]}
      actions: {准: {to: 成}}
    成: {public: 成, ends: done}
round:
  stages:
    示:
      public: 示
      who: officer
      actions: {公示: {to: 完, needs: notice, do: publish, period: {time: 5工作日, cite: 某办法, tighten: longer}}}
    完: {public: 完, ends: done}
`

// A local process may tighten what the upper one lets be tightened, and nothing else. Mutations: compare numbers whatever their units, let a
// limit be dropped, take longer for shorter.
func TestLocalProcess(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"the same", "", "", ""},
		{"shorter", "20工作日", "10工作日", ""},
		{"shorter in calendar days: 10 of them are never more than 20 working days", "20工作日", "10日", ""},
		{"longer", "20工作日", "21工作日", "“定”期限是20个工作日，只能更短；这里是21个工作日。"},
		{"longer in another unit", "20工作日", "1月", "比不出长短"},
		{"what a law sets and nothing lets be moved", "5工作日, cite: 某法第九条", "4工作日, cite: 某法第九条", "没有写 tighten 留给下级"},
		{"a limit dropped", "      within: {time: 20工作日, cite: 某法第十二条, tighten: shorter, pauses: [补]}\n", "", "这里没有写"},
		{"a promise binds nobody below", "10日, basis: 承诺", "90日, basis: 承诺", ""},
		{"another pause makes it longer", "tighten: shorter, pauses: [补]", "tighten: shorter, pauses: [补, 收]", "没有在“收”停表"},
		{"a longer notice", "5工作日, cite: 某办法", "7工作日, cite: 某办法", ""},
		{"a shorter notice", "5工作日, cite: 某办法", "4工作日, cite: 某办法", "只能更长；这里是4个工作日"},
		{"the notice is gone", "公示:", "公告:", "“公示”有规定的期限，这里没有这个动作"},
		{"the stage is gone", "定", "批", "“定”有规定的期限，这里没有这个阶段"},
		{"a word that is none", "tighten: shorter", "tighten: short", "是否应为“shorter”"},
	} {
		t.Run(c.name, func(t *testing.T) {
			local := strings.Replace(strings.Replace(upperProcess, "process: 上级", "process: 本地\nfrom: 上级", 1), "title: 上级流程", "title: 本地流程", 1)
			local = strings.ReplaceAll(local, c.old, c.new)
			if c.old == "" {
				local = strings.Replace(strings.Replace(upperProcess, "process: 上级", "process: 本地\nfrom: 上级", 1), "title: 上级流程", "title: 本地流程", 1)
			}
			lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"up/p.yaml", []byte(upperProcess)}, {"low/p.yaml", []byte(local)}})
			var all []string
			for _, p := range ps {
				all = append(all, p.String())
			}
			text := strings.Join(all, "\n")
			if c.says == "" && text != "" || !strings.Contains(text, c.says) {
				t.Errorf("want %q, got:\n%s", c.says, text)
			}
			if c.says == "" && lib.Process("本地").From != "上级" {
				t.Error("the process does not say what it is the local form of")
			}
		})
	}
	for from, says := range map[string]string{"上极": "是否应为“上级”", "本地": "写的是它自己"} {
		local := strings.Replace(upperProcess, "process: 上级", "process: 本地\nfrom: "+from, 1)
		_, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"up/p.yaml", []byte(upperProcess)}, {"low/p.yaml", []byte(local)}})
		if len(ps) != 1 || !strings.Contains(ps[0].Message, says) {
			t.Errorf("from: %s: %v", from, ps)
		}
	}
}

// A process that runs under the same law, for a step of the same name, may not take longer either, though it says from: nothing.
// Mutations: leave the law out of the comparison, leave the name of the step out, take the one that cites for the upper one → red.
func TestLimitOfAnotherProcess(t *testing.T) {
	own := strings.Replace(strings.Replace(upperProcess, "process: 上级", "process: 别处", 1), "title: 上级流程", "title: 别处流程", 1)
	own = strings.ReplaceAll(own, ", tighten: shorter", "")
	own = strings.ReplaceAll(own, ", tighten: longer", "")
	for _, c := range []struct{ name, old, new, says string }{
		{"the same", "", "", ""},
		{"shorter", "20工作日", "10工作日", ""},
		{"longer", "20工作日", "21工作日", "“定”写的期限是21个工作日；某法第十二条规定的是20个工作日（办理流程“上级”），只能更短。"},
		{"longer, as a promise, under the law that another step cites", "20工作日, cite: 某法第十二条", "21工作日, basis: 承诺", "“定”写的期限是21个工作日"},
		{"longer under another law", "某法", "另一法", ""},
		{"a step of another name that takes longer", "定", "批", ""},
		{"a step of that name in another flow", "公示: {to: 完, needs: notice, do: publish, period: {time: 5工作日", "定: {to: 完, needs: notice, do: publish, period: {time: 30工作日", ""},
		{"longer, itself an upper process that says how its limit may be moved", "20工作日, cite: 某法第十二条", "21工作日, cite: 某法第十二条, tighten: shorter", ""},
		{"a shorter notice", "5工作日, cite: 某办法", "4工作日, cite: 某办法", "“公示”写的期限是4个工作日；某办法规定的是5个工作日（办理流程“上级”），只能更长。"},
	} {
		text := own
		if c.old != "" {
			text = strings.ReplaceAll(own, c.old, c.new)
		}
		if c.name == "longer under another law" || c.name == "a step of another name that takes longer" {
			text = strings.ReplaceAll(text, "20工作日", "30工作日")
		}
		_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"up/p.yaml", []byte(upperProcess)}, {"low/p.yaml", []byte(text)}})
		var got []string
		for _, p := range ps {
			if p.Lint == lintLawLimit {
				got = append(got, p.String())
			}
		}
		if c.says == "" && len(got) > 0 || c.says != "" && (len(got) != 1 || !strings.Contains(got[0], c.says) || !strings.HasPrefix(got[0], "low/p.yaml:")) {
			t.Errorf("%s: %q, want %q", c.name, got, c.says)
		}
	}
}
