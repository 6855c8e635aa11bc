package schemes

import (
	"slices"
	"strings"

	"shanglin/policy"
)

// What became of a file, a document or a scheme.
const (
	changeAdded   = "added"
	changeChanged = "changed"
	changeRemoved = "removed"
)

// Compared is a document or a scheme, before and after, as the language reads it back.
type Compared struct {
	ID     string   `json:"id" doc:"of a document, or document/scheme"`
	Title  string   `json:"title"`
	Change string   `json:"change" enum:"added,changed,removed"`
	Parts  []Part   `json:"parts" nullable:"false" doc:"those that differ"`
	Same   []string `json:"same" nullable:"false" doc:"titles of the parts that do not"`
}

// Part is one aspect of a document or a scheme, line by line.
type Part struct {
	Title string     `json:"title"`
	Lines []DiffLine `json:"lines" nullable:"false"`
}

// reading is what a person reads of a document or a scheme, by aspect, in the order of reading.
type reading []aspect

type aspect struct {
	title string
	lines []line
}

// add keeps an aspect, also an empty one: both sides of a comparison have the same aspects.
func (r *reading) add(title string, lines ...line) { *r = append(*r, aspect{title, lines}) }

// said is a line for each thing that is said, with what it is before it.
func said(pairs ...string) []line {
	var out []line
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, line{text: pairs[i] + "：" + pairs[i+1]})
		}
	}
	return out
}

func plainLines(texts []string) []line {
	var out []line
	for _, t := range texts {
		out = append(out, line{text: t})
	}
	return out
}

func readDocument(info policy.DocumentInfo, chain Chain) reading {
	number := info.Number
	if !info.NumberKnown {
		number = "没有找到"
	}
	var r reading
	r.add("文件", said("标题", info.Title, "文号", number, "发文机关", info.Body, "层级", chain.Label(info.Level), "原文", info.URL)...)
	r.add("日期", said("成文", info.Signed.String(), "发布", info.Published.String(), "施行", info.InForce.String(), "有效期至", info.ValidUntil.String(),
		"被接替", strings.TrimSpace(info.Replaced.String()+" "+info.ReplacedBy))...)
	r.add("文件的假定", interpretationLines(info.Notes)...)
	return r
}

func readScheme(d *policy.Description) reading {
	var r reading
	r.add("名称和出处", said("名称", d.Title, "出处", d.Cite, "责任部门", d.Office, "对象", d.For, "行业", strings.Join(d.Industries, "、"),
		"规模", strings.Join(d.Sizes, "、"), "沿用", d.Succeeds)...)
	r.add("给什么", append(plainLines(d.Gives), said("有效期", d.Valid)...)...)
	r.add("条件", conditionLines(d.Conditions, 0, nil)...)
	r.add("限额", plainLines(d.Limits)...)
	r.add("条文", textLines([]byte(d.Text))...)
	r.add("理解和假定", interpretationLines(d.Interpretations)...)
	var examples []line
	for _, x := range d.Examples {
		given := strings.Join(x.Given, "；")
		if given == "" {
			given = "没有数据"
		}
		examples = append(examples, line{text: given + " → " + strings.Join(x.Expect, "；")})
		for l := range strings.SplitSeq(x.Comment, "\n") {
			if l != "" {
				examples = append(examples, line{depth: 1, text: l})
			}
		}
	}
	r.add("算例", examples...)
	return r
}

// conditionLines writes a tree of conditions: what the machine understood, and the document's own words where they differ.
func conditionLines(n *policy.Node, depth int, to []line) []line {
	if n == nil {
		return to
	}
	text := n.Read
	switch {
	case text == "":
		text = n.Text
	case n.Text != "" && n.Text != text:
		text += "（条文：" + n.Text + "）"
	}
	if n.Cite != "" {
		text += "〔" + n.Cite + "〕"
	}
	if text != "" {
		to = append(to, line{depth, text})
		depth++
	}
	for _, c := range n.Children {
		to = conditionLines(c, depth, to)
	}
	return to
}

func interpretationLines(list []policy.Interpretation) []line {
	var out []line
	for _, i := range list {
		standing := "待确认"
		if i.Status == "confirmed" {
			standing = "已确认"
		}
		out = append(out, line{text: i.Choice + "（" + i.By + "，" + standing + "）"})
	}
	return out
}

// compareReadings is nil when nothing differs. A side that is nil was not there.
func compareReadings(id, title string, before, after reading) *Compared {
	c := &Compared{ID: id, Title: title, Change: changeChanged, Parts: []Part{}, Same: []string{}}
	either := after
	switch {
	case before == nil:
		c.Change = changeAdded
	case after == nil:
		c.Change, either = changeRemoved, before
	}
	for i, a := range either {
		var old, new []line
		if before != nil {
			old = before[i].lines
		}
		if after != nil {
			new = after[i].lines
		}
		if lines := compareLines(old, new); differ(lines) {
			c.Parts = append(c.Parts, Part{a.title, lines})
		} else if len(new) > 0 {
			c.Same = append(c.Same, a.title)
		}
	}
	if len(c.Parts) == 0 {
		return nil
	}
	return c
}

// compareLibraries tells which documents and schemes differ, in the order of the new library and then what is gone.
func compareLibraries(before, after *policy.Library, chain Chain) (documents, list []Compared) {
	documents, list = []Compared{}, []Compared{}
	add := func(to *[]Compared, c *Compared) {
		if c != nil {
			*to = append(*to, *c)
		}
	}
	for _, d := range after.Documents() {
		var old reading
		if o := before.Document(d.ID); o != nil {
			old = readDocument(o.Info(), chain)
		}
		add(&documents, compareReadings(d.ID, d.Info().Title, old, readDocument(d.Info(), chain)))
	}
	for _, d := range before.Documents() {
		if after.Document(d.ID) == nil {
			add(&documents, compareReadings(d.ID, d.Info().Title, readDocument(d.Info(), chain), nil))
		}
	}
	for _, s := range after.Schemes() {
		var old reading
		if o := before.Scheme(s.ID()); o != nil {
			old = readScheme(o.Describe())
		}
		add(&list, compareReadings(s.ID(), s.Title(), old, readScheme(s.Describe())))
	}
	for _, s := range before.Schemes() {
		if after.Scheme(s.ID()) == nil {
			add(&list, compareReadings(s.ID(), s.Title(), readScheme(s.Describe()), nil))
		}
	}
	slices.SortStableFunc(list, func(a, b Compared) int { return order(a.Change) - order(b.Change) })
	return documents, list
}

// order puts what changed first: that is what wants the closest look.
func order(change string) int {
	return slices.Index([]string{changeChanged, changeAdded, changeRemoved}, change)
}
