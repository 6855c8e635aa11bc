package policy

import "testing"

// TestFactsMisprints: a facts file is told of a full-width colon and of letters behind a quotation mark where they stand, as a scheme file is.
func TestFactsMisprints(t *testing.T) {
	lib, _ := load(t, "")
	for _, c := range []struct{ text, at, says string }{
		{"on: 2026-06-30\nfacts:\n  守信：是\n", "f.yaml:3:5", "冒号应是半角"},
		{"on: 2026-06-30\nfacts:\n  领域: \"甲\"类\n", "f.yaml:3:10", "引号收尾以后又有字"},
	} {
		_, ps := ReadFacts("f.yaml", []byte(c.text), lib.vocabulary)
		refused(t, c.text, ps, c.at, c.says)
	}
}
