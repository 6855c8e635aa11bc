package policy

import (
	"strings"
	"testing"
)

const listVocabulary = `vocabulary: 词
units: {人: {}}
terms:
  用人: {english: used, of: 企业, unit: 人, every: 年, whole: 是, from: 局}
  总数: {english: all, of: 企业, unit: 人, from: 局}
records:
  用工: {english: use, of: 企业, from: 局, complete: none, fields: {代码: 词, 人数: {unit: 人, at_least: 1人, whole: 是}}}
`

const listPolicy = `document: d
title: 规定
body: 局
number: not_found
dates: {published: 2025-01-01, valid_until: not_found}
rounding: {to: 0.01元, mode: down}
periods: {当年: P}
schemes:
  条: {title: 条, cite: 一, office: 局, for: 企业, kind: rating, require: {of: 用人@当年, at_most: 10人, text: 不超过}}
`

const listProcess = `process: 报
title: 报
starts: office
lists:
  用工: {names: 代码, day: 12-31, none: 没有, sum: {title: 汇总, of: 人数, as: 用人, scheme: d/条, process: 查}}
case:
  stages:
    填: {public: 一, who: applicant, actions: {交: {to: 完, do: [submit, {verify: {list: 用工}}]}}}
    完: {public: 二, ends: done}
round:
  stages:
    办: {public: 一, who: officer, actions: {召集: {to: 完, do: [call, {refer: {process: 查}}]}}}
    完: {public: 二, ends: done}
`

const takingProcess = `process: 查
title: 查
starts: office
case:
  stages:
    查: {public: 一, who: officer, actions: {办: {to: 完}}}
    完: {public: 二, ends: done}
`

// A list, its sum and what it is handed on to are all known, or the file says which is not; a process that an office begins and that is about
// nothing has to be one that something is handed on to.
//
// Mutations: leave r.listed out; let a term without a year do for as:; leave the look at referred out; let refer stand without call.
func TestListsAreHeldAgainstTheVocabulary(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"  用工: {names", "  用人记录: {names", "词汇表中没有“用人记录”这种记录"},
		{"names: 代码", "names: 名字", "没有“名字”这一栏"},
		{"names: 代码", "names: 人数", "词汇表中应是 词"},
		{"day: 12-31", "day: 13-31", "请写 day:"},
		{"day: 12-31", "day: 02-30", "请写 day:"},
		{"none: 没有, ", "", "请写 none:"},
		{"of: 人数", "of: 代码", "不是数，不能相加"},
		{"as: 用人", "as: 总数", "应是每年一个值的数"},
		{"as: 用人", "as: 没有的", "词汇表中没有“没有的”"},
		{"scheme: d/条", "scheme: d/没有", "请写 scheme:"},
		{"process: 查}}\ncase", "process: 没有}}\ncase", "没有“没有”这个办理流程"},
		{"{list: 用工}", "{list: 别的}", "lists: 中没有“别的”"},
		{"[call, {refer: {process: 查}}]", "{refer: {process: 查}}", "refer 移送召集了却逾期没有提交的"},
		{"process: 查}}\ncase", "process: 报}}\ncase", "“报”不能办移送来的"},
		{", process: 查}}\ncase", "}}\ncase", "办别的流程移送来的"},
	} {
		if !strings.Contains(listProcess, c.old) {
			t.Fatal(c.old)
		}
		text := strings.Replace(listProcess, c.old, c.new, 1)
		if c.want == "办别的流程移送来的" {
			text = strings.Replace(text, ", {refer: {process: 查}}", "", 1)
		}
		_, problems := Load([]File{{"v.yaml", []byte(listVocabulary)}, {"d.yaml", []byte(listPolicy)}, {"p.yaml", []byte(text)}, {"q.yaml", []byte(takingProcess)}})
		var got []string
		for _, p := range problems {
			if p.Severity == SeverityError {
				got = append(got, p.Message)
			}
		}
		if all := strings.Join(got, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("%q: %q, want %q", c.new, all, c.want)
		}
	}
}
