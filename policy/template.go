package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// Template is the text of an official document (公文), a file of data (template: ID) beside the processes whose actions name it. Places in braces
// name TemplateFields; whoever drafts a document gives their values. What is not known is never left out in silence: a paragraph goes only where
// its if: says so, and whatever else lacks a value is Missing.
type Template struct {
	ID         string
	Title      string
	Path       string
	Hash       string // sha256 of Source, hex
	Source     []byte
	Form       string // of TemplateForms
	Series     string // the words of its numbers before the year; empty: it has none
	Letterhead string
	To         string
	Body       []TemplateBlock
	Adverse    bool            // decides against its receiver, and so says what they may do about it:
	Remedy     []TemplateBlock // reconsideration and lawsuit
	Copies     []string
	Receipt    string // the Template of its delivery receipt; empty: none
	Notes      []Interpretation
}

// TemplateBlock is a paragraph, a heading or a table.
type TemplateBlock struct {
	Level int // 1 to 4: a heading; 0: a paragraph
	Text  string
	If    string     // the field without which the block is left out; empty: it always stands
	Rows  [][]string // a table, instead of a text
	Edit  bool       // whoever drafts a document may put other words in its place
	At    int        // its place among Body and Remedy, from 1
}

// TemplateForms are the layouts of GB/T 9704-2012 that a template may have.
var TemplateForms = []string{"document", "letter", "plain"}

// TemplateFields are what a template may name in braces, and what each is.
var TemplateFields = map[string]string{
	"申请人": "申请人的名称", "统一代码": "申请人的统一社会信用代码", "编号": "申报的编号", "事项": "申请的事项", "依据": "事项依据的文件和条款",
	"申请日期": "提交申请的日期", "机关": "发文机关", "文号": "本文书的文号，签发时才有", "日期": "成文日期，签发时才有", "签发人": "签发人，签发时才有",
	"理由": "办理时写的理由或书面告知的内容", "补正事项": "一次性告知的全部补正事项", "期限": "下一步的办理期限", "期限依据": "期限的来历",
	"复议机关": "由拟稿人填写", "复议期限": "由拟稿人填写", "诉讼法院": "由拟稿人填写", "诉讼期限": "由拟稿人填写",
	"办理决定": "办理的动作的名称，由动作起草的才有", "处理依据": "动作做的事写的依据，由动作起草的才有",
	"听证日期": "听证的日期和时刻，定了才有", "听证地点": "听证的地点，定了才有", "联系人": "由拟稿人填写", "联系电话": "由拟稿人填写",
	"送达文书": "送达的文书和它的文号，送达回证才有", "送达方式": "登记送达时写的方式，送达回证才有", "送达地点": "登记送达时写的地点，送达回证才有",
	"送达日期": "送达的日期，送达回证才有", "签收人": "签收的人，送达回证才有", "送达人": "登记送达的人，送达回证才有", "送达备注": "登记送达时写的备注，送达回证才有",
}

// TemplateOfReceipt are the fields that only a delivery receipt may name. What is not known of them stays empty, to be written by hand.
var TemplateOfReceipt = []string{"送达文书", "送达方式", "送达地点", "送达日期", "签收人", "送达人", "送达备注"}

// TemplateAsked are the fields that no room knows: the drafter fills them in.
var TemplateAsked = []string{"复议机关", "复议期限", "诉讼法院", "诉讼期限", "联系人", "联系电话"}

var templatePlace = regexp.MustCompile(`\{[^{}]*\}`)

const (
	maxBlocks    = 200
	maxBlockRune = 5000
)

// placesIn are the fields that a text names, in their order.
func placesIn(text string) []string {
	var out []string
	for _, m := range templatePlace.FindAllString(text, -1) {
		out = append(out, m[1:len(m)-1])
	}
	return out
}

// Numbers is how its numbers look, as the standard writes them; empty: it has none. They begin with 1 every year, in each office.
func (t *Template) Numbers() string {
	if t.Series == "" {
		return ""
	}
	return t.Series + "〔年份〕序号"
}

// Fields are what the template names, each once, in the order of reading.
func (t *Template) Fields() []string {
	var out []string
	for _, text := range t.texts() {
		for _, f := range placesIn(text) {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func (t *Template) texts() []string {
	out := []string{t.Title, t.Letterhead, t.Series, t.To}
	for _, b := range slices.Concat(t.Body, t.Remedy) {
		out = append(out, b.Text)
		for _, row := range b.Rows {
			out = append(out, row...)
		}
	}
	return append(out, t.Copies...)
}

// Fill puts values in the places of the template; a value that is empty is not known. It gives the template without braces, and the fields that
// are missing: their places stand as they were.
func (t *Template) Fill(values map[string]string) (out Template, missing []string) {
	fill := func(text string) string {
		return templatePlace.ReplaceAllStringFunc(text, func(m string) string {
			name := m[1 : len(m)-1]
			if v := values[name]; v != "" {
				return v
			}
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			return m
		})
	}
	blocks := func(list []TemplateBlock) []TemplateBlock {
		var filled []TemplateBlock
		for _, b := range list {
			if b.If != "" && values[b.If] == "" {
				continue
			}
			b.Text = fill(b.Text)
			rows := make([][]string, len(b.Rows))
			for i, row := range b.Rows {
				for _, cell := range row {
					rows[i] = append(rows[i], fill(cell))
				}
			}
			b.Rows = rows
			filled = append(filled, b)
		}
		return filled
	}
	out = *t
	out.Title, out.Letterhead, out.Series, out.To = fill(t.Title), fill(t.Letterhead), fill(t.Series), fill(t.To)
	out.Body, out.Remedy, out.Copies = blocks(t.Body), blocks(t.Remedy), nil
	for _, c := range t.Copies {
		out.Copies = append(out.Copies, fill(c))
	}
	return out, missing
}

// ReadTemplate reads one template by itself, as it was stored. It is nil when some problem is an error.
func ReadTemplate(f File) (*Template, []Problem) {
	return readAlone(f, "template", "这里应是一个文书模板，请以 template: 开头。", (*checker).readTemplate)
}

func (c *checker) readTemplate(root node, f File) *Template {
	sum := sha256.Sum256(f.Data)
	t := &Template{ID: root.get("template").text(), Path: f.Path, Source: f.Data, Hash: hex.EncodeToString(sum[:]), Notes: []Interpretation{}}
	c.keys(root, "template")
	r := &processReader{checker: c}
	r.word(root.get("template"), t.ID)
	if t.Title = c.template(root.get("title")); t.Title == "" {
		c.errorAt(root, "请写 title:，文书的标题。")
	}
	if form := root.get("form"); form.is() {
		t.Form = r.known(form, "form", TemplateForms)
	} else {
		c.errorAt(root, "请写 form:，文书的版式：document（有红色发文机关标志的文件）、letter（信函）或 plain（不带标志）。")
	}
	t.Series, t.Letterhead, t.To = c.template(root.get("series")), c.template(root.get("letterhead")), c.template(root.get("to"))
	if n := root.get("series"); n.text() != "" {
		c.onePattern(n, t.Series, t.Numbers())
	}
	if t.Form == "document" && t.Letterhead == "" {
		c.errorAt(root, "文件格式的文书有发文机关标志，请写 letterhead:，例如 \"{机关}文件\"。")
	}
	if t.Body = c.templateBlocks(root.get("body")); len(t.Body) == 0 {
		c.errorAt(root, "请写 body:，逐段写正文。")
	}
	adverse, remedy := root.get("adverse"), root.get("remedy")
	t.Adverse, t.Remedy = r.yes(adverse), c.templateBlocks(remedy)
	if t.Adverse && len(t.Remedy) == 0 {
		c.errorAt(adverse, "不利的决定要告知怎样申请行政复议、提起行政诉讼，请写 remedy:；期限没有核实的，写成 {复议期限}、{诉讼期限} 由拟稿人填写。")
	}
	for i := range t.Body {
		t.Body[i].At = i + 1
	}
	for i := range t.Remedy {
		t.Remedy[i].At = len(t.Body) + i + 1
		if t.Remedy[i].Edit {
			c.errorAt(remedy, "remedy: 里不能写 edit: 是：复议和诉讼的途径不能在起草时改掉。")
		}
	}
	for _, word := range []string{"复议", "诉讼"} {
		if t.Adverse && len(t.Remedy) > 0 && !slices.ContainsFunc(t.Remedy, func(b TemplateBlock) bool { return b.If == "" && strings.Contains(b.Text, word) }) {
			c.errorAt(remedy, "remedy: 里没有写%s：不利的决定，行政复议和行政诉讼的途径都要告知，也不能只在有某一项时才写。", word)
		}
	}
	for _, n := range root.get("copies").oneOrMore() {
		t.Copies = append(t.Copies, c.template(n))
	}
	t.Receipt = root.get("receipt").text()
	for _, item := range root.get("notes").oneOrMore() {
		if x := c.interpretation(item); x != nil {
			t.Notes = append(t.Notes, *x)
		}
	}
	return t
}

// checkReceipt holds the template that another names as its delivery receipt against what a receipt can say.
func (c *checker) checkReceipt(n node) {
	if !n.is() {
		return
	}
	t := c.lib.byTemplate[n.text()]
	if t == nil {
		c.errorAt(n, "没有名为“%s”的文书模板%s", clip(n.text()), suggest(n.text(), sortedKeys(c.lib.byTemplate)))
		return
	}
	for _, f := range t.Fields() {
		if slices.Contains(TemplateAsked, f) || slices.Contains([]string{"文号", "日期", "签发人"}, f) {
			c.errorAt(n, "“%s”写了{%s}，送达回证没有人填写、也没有人签发它。", clip(t.ID), f)
		}
	}
}

// template is a text whose places are all known.
func (c *checker) template(n node) string {
	text := n.text()
	names := sortedKeys(TemplateFields)
	for _, f := range placesIn(text) {
		if _, ok := TemplateFields[f]; !ok {
			c.errorAt(n, "文书里没有“{%s}”这一项%s", clip(f), suggest(f, names))
		}
	}
	if rest := templatePlace.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
		c.errorAt(n, "大括号应成对，中间写一项的名称，例如 {申请人}。")
	}
	if len([]rune(text)) > maxBlockRune {
		c.errorAt(n, "一段最多%d字，请分段。", maxBlockRune)
	}
	return text
}

func (c *checker) templateBlocks(n node) []TemplateBlock {
	var out []TemplateBlock
	for i, item := range n.oneOrMore() {
		if i == maxBlocks {
			c.errorAt(item, "一份文书最多%d段。", maxBlocks)
			break
		}
		if item.isText() {
			out = append(out, TemplateBlock{Text: c.template(item)})
			continue
		}
		c.keys(item, "template_block")
		b := TemplateBlock{Text: c.template(item.get("text")), If: item.get("if").text()}
		if b.Edit = (&processReader{checker: c}).yes(item.get("edit")); b.Edit && (b.Text == "" || b.Level > 0) {
			c.errorAt(item.get("edit"), "只有一段文字可以写 edit: 是，标题和表格不能。")
		}
		if level := item.get("level"); level.is() {
			if b.Level = slices.Index([]string{"", "1", "2", "3", "4"}, level.text()); b.Level < 1 {
				b.Level = 0
				c.errorAt(level, "level: 应是 1 到 4：一、（一）1.（1）。")
			}
		}
		if _, ok := TemplateFields[b.If]; b.If != "" && !ok {
			c.errorAt(item.get("if"), "文书里没有“%s”这一项%s", clip(b.If), suggest(b.If, sortedKeys(TemplateFields)))
		}
		table := item.get("table")
		for _, row := range table.oneOrMore() {
			var cells []string
			for _, cell := range row.oneOrMore() {
				cells = append(cells, c.template(cell))
			}
			b.Rows = append(b.Rows, cells)
		}
		if table.is() == (b.Text != "") {
			c.errorAt(item, "每一段写 text:（文字）或 table:（表格），只写其中一个。")
		}
		out = append(out, b)
	}
	return out
}

// ReadBack is the template as a person reads it, line by line.
func (t *Template) ReadBack() []string {
	out := []string{"标题：" + t.Title}
	if t.Series != "" {
		out = append(out, "文号："+t.Numbers())
	}
	if t.To != "" {
		out = append(out, "主送："+t.To)
	}
	for _, b := range slices.Concat(t.Body, t.Remedy) {
		text := b.Text
		for _, row := range b.Rows {
			text += strings.Join(row, "　") + "；"
		}
		if b.If != "" {
			text = "（有“" + b.If + "”时）" + text
		}
		out = append(out, text)
	}
	if len(t.Copies) > 0 {
		out = append(out, "抄送："+strings.Join(t.Copies, "、"))
	}
	return append(out, interpretationTexts(t.Notes)...)
}
