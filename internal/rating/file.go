package rating

import (
	"fmt"
	"regexp"
	"strings"

	"shanglin/policy"
)

// Files are the scheme file and the vocabulary of a rating, by their names, in the layout of all scheme files. One
// that could not be laid out stays as it is, and checking it says why.
func (r *Rating) Files(from string) map[string][]byte {
	files := map[string][]byte{
		r.ID + ".yaml":            []byte(r.document(from)),
		r.ID + "-vocabulary.yaml": []byte(r.vocabulary(from)),
	}
	for name, data := range files {
		if out, problems := policy.Format(policy.File{Path: name, Data: data}); len(problems) == 0 {
			files[name] = out
		}
	}
	return files
}

// safe is a text that YAML reads as it stands, also inside brackets.
var safe = regexp.MustCompile(`^[\p{Han}A-Za-z][\p{Han}A-Za-z0-9（）《》〈〉〔〕“”、，。；：·—_-]*$`)

// text writes a text of the workbook as a scalar.
func text(s string) string {
	if safe.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func orNotFound(s string) string {
	if s == "" {
		return "not_found"
	}
	return text(s)
}

// levelField is the field of the granted record that holds the level.
const levelField = "等级"

func (r *Rating) levels() string           { return r.Name + levelField }
func (r *Rating) total() string            { return r.Name + "总分" }
func (r *Rating) subtotal(c string) string { return r.Name + "分_" + clean(c) }

func (r *Rating) vocabulary(from string) string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p("# 由工作簿“%s”生成：%s各项指标的得分。要改请改工作簿，再生成一次。", from, r.Name)
	p("vocabulary: %s", text(r.Name+"的指标"))
	p("")
	p("levels:                                   # 从低到高")
	words := make([]string, 0, len(r.Levels))
	for i := len(r.Levels) - 1; i >= 0; i-- {
		words = append(words, text(r.Levels[i].Name))
	}
	p("  %s: [%s]", r.levels(), strings.Join(words, ", "))
	p("")
	p("terms:")
	for i, c := range r.Categories {
		p("  # %d %s（%s）", i+1, c.Name, c.Full())
		for j := range c.Indicators {
			x := &c.Indicators[j]
			help := fmt.Sprintf("%d.%d %s，满分%s。%s", i+1, j+1, x.Name, x.Full, x.Help)
			p("  %s: {of: 企业, unit: 分, every: 年, at_least: 0分, at_most: %s, from: %s, help: %s}", r.Term(x), x.Full, text(r.vouches(x)), text(help))
		}
	}
	p("")
	p("records:")
	p("  %s: {of: 企业, from: %s, complete: %s, fields: {%s: %s}, help: %s}", r.Name, text(r.Vouches), text(r.Vouches), levelField, r.levels(), text("评定的等级，填评定的日期。"))
	return b.String()
}

func (r *Rating) vouches(x *Indicator) string {
	if x.Vouches != "" {
		return x.Vouches
	}
	return r.Vouches
}

func (r *Rating) document(from string) string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p("# 由工作簿“%s”生成：%s。要改请改工作簿，再生成一次。", from, r.Count())
	p("# 各项指标的得分在 %s-vocabulary.yaml：企业填自评分，部门核实后为准。", r.ID)
	p("document: %s", r.ID)
	p("title: %s", text(r.Title))
	p("number: %s", orNotFound(r.Number))
	p("body: %s", text(r.Body))
	if r.URL != "" {
		p("url: %s", text(r.URL))
	}
	dates := "published: " + orNotFound(r.Published)
	if r.Year != "" {
		dates += ", performance: " + r.Year
	}
	p("dates: {%s}", dates)
	p("periods: {当年: P}")
	p("notes:")
	p("- {choice: %s, by: 评级工作簿, status: assumption}", text("指标、分值和等级的分数线按上传的工作簿，没有与原件核对"))
	for _, n := range r.Notes {
		p("- {choice: %s, by: 评级工作簿, status: assumption}", text(n))
	}
	if r.Published == "" {
		p("allow:")
		p("- {lint: no-dates, reason: 工作簿没有写发布日和有效期, by: 评级工作簿}")
	}
	p("define:")
	names := make([]string, 0, len(r.Categories))
	for i, c := range r.Categories {
		names = append(names, r.subtotal(c.Name))
		p("  %s:", r.subtotal(c.Name))
		p("    sum:")
		for j := range c.Indicators {
			x := &c.Indicators[j]
			p("    - {give: %s@当年, cite: '%d.%d', text: %s}", r.Term(x), i+1, j+1, text(x.Name))
		}
		p("    text: %s", text(fmt.Sprintf("%s（%s）", c.Name, c.Full())))
	}
	p("  %s:", r.total())
	p("    sum: [%s]", strings.Join(names, ", "))
	p("schemes:")
	p("  %s:", r.Name)
	p("    title: %s", text(r.Name))
	p("    cite: not_found")
	p("    office: %s", orNotFound(r.Office))
	lines := make([]string, 0, len(r.Levels))
	rungs := make([]string, 0, len(r.Levels))
	for _, l := range r.Levels {
		lines = append(lines, l.From.String()+"以上为"+l.Name)
		rungs = append(rungs, l.From.String()+": "+text(l.Name))
	}
	p("    text: %s", text(r.Count()+"；"+strings.Join(lines, "，")+"。"))
	p("    for: 企业")
	p("    kind: rating")
	if r.floors() {
		p("    require:")
		p("      all:")
		for _, c := range r.Categories {
			if c.Floor > 0 {
				p("      - {of: %s, at_least: %s, text: %s}", r.subtotal(c.Name), c.Floor, text(fmt.Sprintf("%s不低于%s", c.Name, c.Floor)))
			}
		}
	}
	p("    level: {field: %s, words: %s, by: %s, at_least: {%s}}", levelField, r.levels(), r.total(), strings.Join(rungs, ", "))
	if r.Series != "" {
		p("    grants: {what: %s, series: {prefix: %s, year: 是}}", text(r.Name), text(r.Series))
	}
	if r.Valid != "" {
		p("    valid: %s", r.Valid)
	}
	p("    examples:")
	r.examples(p)
	return b.String()
}

func (r *Rating) floors() bool {
	for _, c := range r.Categories {
		if c.Floor > 0 {
			return true
		}
	}
	return false
}
