package policy

import (
	"strings"
	"testing"
)

// A record of several fields is said field by field, none left out and none that it has not; one of a single field may be said in a word.
//
// Mutations: let a field be left out; leave `delete(said, …)` out of recorded; let a word do for several fields.
func TestRecordSaysEveryField(t *testing.T) {
	const vocabulary = "vocabulary: 词\nlevels: {程度: [轻, 重]}\nrecords:\n  处罚: {english: penalty, of: 企业, from: 局, complete: none, fields: {领域: 词, 程度: 程度}}\n  单: {english: one, of: 企业, from: 局, complete: none, fields: {程度: 程度}}\n"
	const file = "process: 罚\ntitle: 罚\nstarts: applicant\ncase:\n  stages:\n    办: {public: 一, who: officer, actions: {罚: {to: 完, do: {record: {what: WHAT, says: SAYS, cite: 一}}}}}\n    完: {public: 二, ends: done}\n"
	for _, c := range []struct{ what, says, want string }{
		{"处罚", "{领域: 派遣, 程度: 重}", ""},
		{"单", "重", ""},
		{"单", "{程度: 轻}", ""},
		{"处罚", "重", "有2项内容，says: 应逐项写"},
		{"处罚", "{程度: 重}", "“领域”没有写"},
		{"处罚", "{领域: 派遣, 程度: 中}", "程度没有“中”"},
		{"单", "{程度: 轻, 领域: 派遣}", "没有“领域”这一项"},
	} {
		_, problems := Load([]File{{"v.yaml", []byte(vocabulary)}, {"p.yaml", []byte(strings.NewReplacer("WHAT", c.what, "SAYS", c.says).Replace(file))}})
		var got []string
		for _, p := range problems {
			got = append(got, p.Message)
		}
		if text := strings.Join(got, " "); c.want == "" && text != "" || !strings.Contains(text, c.want) {
			t.Errorf("%s %s: %q, want %q", c.what, c.says, text, c.want)
		}
	}
}
