package policy

import (
	"strings"
	"testing"
)

// Schemes that require what the others grant, through any number of them, and a limit that orders by what it gives itself.
// Turns red when only payments are followed, when a renewal that reads its own record is taken for a circle, or when a key is not read.
func TestCirclesOfRecordsAndKeys(t *testing.T) {
	scheme := func(key, inner string) string {
		return "  " + key + ":\n    title: 认定" + key + "\n    cite: 一\n    for: 企业\n" +
			indent(inner+"\nexamples: [{P: 2025, expect: {answer: unknown}}]", "    ")
	}
	grants := func(key, needs string) string {
		return scheme(key, "kind: recognition\nrequire: {has: "+needs+"@有效}")
	}
	for _, c := range []struct {
		name, body, want string
	}{
		{"two", grants("A", "B") + grants("B", "A"), "“认定A”（d/A）要先有“认定B”的结果，“认定B”（d/B）要先有“认定A”的结果：绕成了一圈"},
		{"three", grants("A", "B") + grants("B", "C") + grants("C", "A"), "“认定A”（d/A）要先有“认定B”的结果，“认定B”（d/B）要先有“认定C”的结果，“认定C”（d/C）要先有“认定A”的结果：绕成了一圈"},
		{"through a payment", grants("A", "B") + scheme("B", "kind: recognition\nrequire: {of: received(C), at_least: 1万元}") + scheme("C", "kind: money\nrequire: {has: A@有效}\namount: 1万元"),
			"“认定A”（d/A）要先有“认定B”的结果，“认定B”（d/B）要先有“认定C”的结果，“认定C”（d/C）要先有“认定A”的结果：绕成了一圈"},
		{"a ladder", scheme("A", "kind: recognition") + grants("B", "A") + grants("C", "B"), ""},
		{"a renewal", grants("A", "A"), ""},
		{"a key", scheme("A", "kind: money\namount: 1万元\nlimits: [{at_most: 2次, per: [年度], share: rank, key: received(A)}]"),
			"才知道“认定A”（d/A）给多少，排先后又要读取它已得的：绕成了一圈，本批次的不会算在内"},
		{"a key of another", scheme("A", "kind: money\namount: 1万元\nlimits: [{at_most: 2次, per: [年度], share: rank, key: received(B)}]") + scheme("B", "kind: money\namount: 1万元"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(testHead + "schemes:\n" + c.body)}})
			var got []string
			for _, p := range ps {
				if p.Lint == lintCircle {
					got = append(got, p.Message)
				}
			}
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("%q, want %s", got, c.want)
			}
		})
	}
}
