package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// FactsFile is what is known of one party, as a person writes it down.
type FactsFile struct {
	Party       string
	On          Date   // zero: not said
	Performance int    // zero: not said
	Batch       string // empty: not said
	Facts       *Facts
}

// ReadFacts reads a facts file:
//
//	party: 示例电器有限公司
//	on: 2026-03-01
//	performance: 2025
//	batch: 第四批
//	facts: {营业收入@2025: 9990万元, 高新技术企业: 2024-05-01..2027-04-30}
//	region: {全市产值增速@2025: 8%}
//	coverage: {违法记录: 2026-02-28}
//
// Every problem is reported with its line; the facts that could be read are returned all the same.
func ReadFacts(path string, data []byte, v *Vocabulary) (*FactsFile, []Problem) {
	c := &checker{lib: &Library{vocabulary: v}}
	out := &FactsFile{Facts: NewFacts(v)}
	root, ok := readYAML(File{path, data}, &c.ps)
	if !ok {
		return out, c.ps.sorted()
	}
	c.onlyKeys(root, []string{"party", "on", "performance", "batch", "facts", "region", "coverage"})
	out.Party, out.Batch = root.get("party").text(), root.get("batch").text()
	if on := root.get("on"); on.is() {
		d, err := ParseDate(on.text())
		if err != nil {
			c.errorAt(on, "%s。", err.Error())
		}
		out.On = d
	}
	if p := root.get("performance"); p.is() {
		y, err := strconv.Atoi(p.text())
		if err != nil || y < firstYear || y > lastYear {
			c.errorAt(p, "performance 应是%s。", oneYear)
		}
		out.Performance = y
	}
	if facts := root.get("facts"); facts.isText() && strings.Contains(facts.text(), "：") {
		before, _, _ := strings.Cut(facts.text(), "：")
		c.ps.add(Problem{File: path, Line: facts.Line, Column: facts.Column + utf8.RuneCountInString(before), Severity: SeverityError,
			Message: "冒号应是半角的“:”，后面空一格。"})
	} else if !facts.isMap() {
		c.errorAt(root, "请写 facts:，每行一项，例如 指标@2025: 9990万元。")
	}
	regional := func(key string) bool {
		name, _, _ := strings.Cut(key, "@")
		t := v.Term(strings.TrimSpace(name))
		return t != nil && t.Regional()
	}
	for _, e := range root.get("region").entries() {
		err := out.Facts.setNode(e.key, e.value, Source{Origin: path}, func(at node, message string) { c.errorAt(at, "%s：%s", clip(e.key), message) })
		switch {
		case err != nil:
			c.errorAt(e.at, "%s：%s", clip(e.key), sentence(err))
		case !regional(e.key):
			c.errorAt(e.at, "%s：不是地区的数（词汇表里没有写 of: 地区），请写在 facts: 下。", clip(e.key))
		}
	}
	for _, e := range root.get("facts").entries() {
		if regional(e.key) {
			c.errorAt(e.at, "%s：是地区的数，不属于哪一家，请写在 region: 下。", clip(e.key))
			continue
		}
		if err := out.Facts.setNode(e.key, e.value, Source{Origin: path}, func(at node, message string) { c.errorAt(at, "%s：%s", clip(e.key), message) }); err != nil {
			c.errorAt(e.at, "%s：%s", clip(e.key), sentence(err))
			continue
		}
		c.partBeyond(e, root.get("facts"), out.Facts)
	}
	for _, e := range root.get("coverage").entries() {
		d, err := ParseDate(e.value.text())
		switch {
		case err != nil:
			c.errorAt(e.value, "%s。", err.Error())
		case v.Record(e.key) == nil:
			c.errorAt(e.at, "词汇表中没有“%s”这类记录%s", clip(e.key), suggest(e.key, sortedKeys(v.records)))
		default:
			out.Facts.Cover(e.key, d)
		}
	}
	return out, c.ps.sorted()
}

// partBeyond says that a figure is larger than the one that it is a part of.
func (c *checker) partBeyond(e entry, all node, f *Facts) {
	name, year, dated := strings.Cut(e.key, "@")
	whole := f.vocab.Whole(strings.TrimSpace(name))
	if whole == "" {
		return
	}
	if dated {
		whole += "@" + strings.TrimSpace(year)
	}
	// Only what the file itself says of the whole, wherever it says it.
	if w := all.get(whole); w.isText() && f.vocab.Beyond(e.value.text(), w.text()) {
		c.errorAt(e.at, "%s：%s，大于%s的%s，而它是其中的一部分，请核对。", clip(e.key), clip(e.value.text()), clip(whole), clip(w.text()))
	}
}
