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

// TestAPartLargerThanItsWhole: a figure of which another is a part is no smaller than that. Of what may be below zero, as profits may, it may be.
// Mutation: compare as the numbers are written → red.
func TestAPartLargerThanItsWhole(t *testing.T) {
	lib, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n  产值: {of: 企业, unit: 元, every: 年, at_least: 0元}\n  新品: {of: 企业, unit: 元, every: 年, at_least: 0元, part_of: 产值}\n" +
		"  利润: {of: 企业, unit: 元, every: 年}\n  主业利润: {of: 企业, unit: 元, every: 年, part_of: 利润}\n")}})
	if HasErrors(ps) {
		t.Fatal(ps)
	}
	refuses := "facts:\n  新品@2025: 1500万元\n  产值@2025: 1000万元\n"
	_, ps = ReadFacts("f.yaml", []byte(refuses), lib.vocabulary)
	refused(t, refuses, ps, "f.yaml:2:3", "新品@2025：1500万元，大于产值@2025的1000万元")
	for _, text := range []string{"facts:\n  新品@2025: 1000万元\n  产值@2025: 1000万元\n", "facts:\n  新品@2025: 9999万元\n  产值@2025: 1亿元\n",
		"facts:\n  新品@2025: 2亿元\n  产值@2024: 1亿元\n", "facts:\n  主业利润@2025: 3万元\n  利润@2025: 2万元\n"} {
		if _, ps := ReadFacts("f.yaml", []byte(text), lib.vocabulary); len(ps) > 0 {
			t.Errorf("%s: %v", text, ps)
		}
	}
}
