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

// Compared is a document, a scheme or a process, before and after, as the language reads it back.
type Compared struct {
	ID     string   `json:"id" doc:"of a document or a process, or document/scheme"`
	Title  string   `json:"title"`
	Change string   `json:"change" enum:"added,changed,removed"`
	Parts  []Part   `json:"parts" nullable:"false" doc:"those that differ"`
	Same   []string `json:"same" nullable:"false" doc:"titles of the parts that do not"`
}

// Part is one aspect of a document, a scheme or a process, line by line.
type Part struct {
	Title string     `json:"title"`
	Lines []DiffLine `json:"lines" nullable:"false"`
}

// reading is what a person reads of a document, a scheme or a process, by aspect, in the order of reading. No two aspects have one title.
type reading []aspect

type aspect struct {
	title string
	lines []line
}

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

// readProcess is a process by stage, each with what its applicant is told, who has how long, and what may be done.
func readProcess(p *policy.Process) reading {
	v := p.Describe()
	var r reading
	r.add("名称和发起", said("名称", v.Title, "发起", v.Starts)...)
	r.add("没有规定、由起草人选择的", interpretationLines(v.Notes)...)
	for i, f := range v.Flows {
		titles := make([]string, len(f.Stages))
		for k, s := range f.Stages {
			titles[k] = s.Title
		}
		start := p.Flows[i].Stage(p.Flows[i].Start).Title
		r.add(f.Title, append(said("开始", start, "阶段", strings.Join(titles, "、")), plainLines(f.Rules)...)...)
		for _, s := range f.Stages {
			title := f.Title + "：" + s.Title
			if s.Title != s.Key {
				title += "（" + s.Key + "）"
			}
			r.add(title, append(said("告诉申请人", s.Public), plainLines(s.Lines)...)...)
		}
	}
	return r
}

// readTemplate is a template's text.
func readTemplate(t *policy.Template) reading {
	var r reading
	r.add("文书", plainLines(t.ReadBack())...)
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

// compareReadings is nil when nothing differs. A side that is nil was not there. Aspects that one side alone has come where they stand in
// the new one, those of the old one last.
func compareReadings(id, title string, before, after reading) *Compared {
	c := &Compared{ID: id, Title: title, Change: changeChanged, Parts: []Part{}, Same: []string{}}
	switch {
	case before == nil:
		c.Change = changeAdded
	case after == nil:
		c.Change = changeRemoved
	}
	part := func(title string, old, new []line) {
		if lines := compareLines(old, new); differ(lines) {
			c.Parts = append(c.Parts, Part{title, lines})
		} else if len(new) > 0 {
			c.Same = append(c.Same, title)
		}
	}
	for _, a := range after {
		part(a.title, before.of(a.title), a.lines)
	}
	for _, a := range before {
		if !slices.ContainsFunc(after, func(b aspect) bool { return b.title == a.title }) {
			part(a.title, a.lines, nil)
		}
	}
	if len(c.Parts) == 0 {
		return nil
	}
	return c
}

// of is what an aspect says.
func (r reading) of(title string) []line {
	for _, a := range r {
		if a.title == title {
			return a.lines
		}
	}
	return nil
}

// compareLibraries tells which documents, schemes, processes and years differ: what changed first, then what is new, then what is gone.
func compareLibraries(before, after *policy.Library, chain Chain, out *Inspection) {
	document := func(d *policy.Document) reading { return readDocument(d.Info(), chain) }
	scheme := func(s *policy.Scheme) reading { return readScheme(s.Describe()) }
	out.Documents = compareAll(before.Documents(), after.Documents(), func(d *policy.Document) (string, string) { return d.ID, d.Info().Title }, document)
	out.Schemes = compareAll(before.Schemes(), after.Schemes(), func(s *policy.Scheme) (string, string) { return s.ID(), s.Title() }, scheme)
	out.Processes = compareAll(before.Processes(), after.Processes(), func(p *policy.Process) (string, string) { return p.ID, p.Title }, readProcess)
	for _, p := range after.Processes() {
		if !slices.ContainsFunc(out.Processes, func(c Compared) bool { return c.ID == p.ID }) {
			continue
		}
		x := Charted{ID: p.ID, Title: p.Title, Path: p.Path, Charts: p.Charts()}
		for _, old := range before.Processes() {
			if old.ID == p.ID {
				x.Charts = p.ChartsBeside(old)
			}
		}
		out.Charts = append(out.Charts, x)
	}
	out.Processes = append(out.Processes, compareAll(before.Templates(), after.Templates(), func(t *policy.Template) (string, string) { return t.ID, t.ID }, readTemplate)...)
	out.Calendars = compareYears(before, after)
}

// compareAll compares what two libraries hold of one kind, by id.
func compareAll[T any](before, after []T, name func(T) (id, title string), read func(T) reading) []Compared {
	out, old, kept := []Compared{}, map[string]reading{}, map[string]bool{}
	for _, x := range before {
		id, _ := name(x)
		old[id] = read(x)
	}
	for _, x := range after {
		id, title := name(x)
		kept[id] = true
		if c := compareReadings(id, title, old[id], read(x)); c != nil {
			out = append(out, *c)
		}
	}
	for _, x := range before {
		if id, title := name(x); !kept[id] {
			out = append(out, *compareReadings(id, title, old[id], nil))
		}
	}
	slices.SortStableFunc(out, func(a, b Compared) int { return order(a.Change) - order(b.Change) })
	return out
}

// order puts what changed first: that is what wants the closest look.
func order(change string) int {
	return slices.Index([]string{changeChanged, changeAdded, changeRemoved}, change)
}
