package policy

import (
	"fmt"
	"slices"
	"strings"
)

// MarkSheet (评分表) is some of the indicators of a rating, as a process file names them: the party scores itself, with evidence, and the task
// whose action does marks by the sheet verifies each. A checklist may score some of them on the spot. Which words they are, who verifies them
// and what their full mark is stand in the file and in the vocabulary.
type MarkSheet struct {
	Key      string
	Title    string
	Terms    []string
	Evidence []string // those of Terms whose own score above nothing needs a file
	Self     bool     // the party scores itself
}

// marks is the effect, and the word of the file, that names a sheet.
const marks = "marks"

const (
	maxSheets = 50
	maxTerms  = 300
)

// Sheet by its key, or nil.
func (p *Process) Sheet(key string) *MarkSheet {
	for _, s := range p.Sheets {
		if s.Key == key {
			return s
		}
	}
	return nil
}

// SheetOf is the sheet that an indicator stands on, or nil.
func (p *Process) SheetOf(term string) *MarkSheet {
	for _, s := range p.Sheets {
		if slices.Contains(s.Terms, term) {
			return s
		}
	}
	return nil
}

// Spot is the checklist and the number (from 1) of the item by which an indicator is scored on the spot; 0: by none.
func (p *Process) Spot(term string) (list *Checklist, item int) {
	for _, c := range p.Checklists {
		for i := range c.Items {
			if c.Items[i].Scores == term {
				return c, i + 1
			}
		}
	}
	return nil, 0
}

// Marks are the keys of the sheets that an action verifies.
func (a *Action) Marks() (sheets []string) {
	for _, e := range a.Do {
		if e.Name == marks {
			sheets = append(sheets, e.Args["sheet"])
		}
	}
	return sheets
}

// MarkTask is the task that verifies a sheet, or nil.
func (p *Process) MarkTask(sheet string) *TaskRule {
	f := p.Flow(flowCase)
	if f == nil {
		return nil
	}
	for _, s := range f.Stages {
		for _, t := range s.Tasks {
			if slices.ContainsFunc(t.Actions, func(a *Action) bool { return slices.Contains(a.Marks(), sheet) }) {
				return t
			}
		}
	}
	return nil
}

// Rates says why a process whose tasks verify indicators cannot rate by a scheme; empty: it can, or it verifies none.
func (p *Process) Rates(s *Scheme) string {
	if len(p.Sheets) == 0 {
		return ""
	}
	if s.level == nil {
		return fmt.Sprintf("“%s”不按分数定等级，流程“%s”要逐项核实得分", s.Title(), p.Title)
	}
	var left, others []string
	for _, g := range s.indicators() {
		for _, m := range g.Items {
			sheet := p.SheetOf(m.Term.Name)
			if sheet == nil {
				left = append(left, "“"+m.Title+"”")
				continue
			}
			if t := p.MarkTask(sheet.Key); t != nil && t.Who.Department == "scheme" && m.Term.From != s.office {
				others = append(others, "“"+m.Title+"”由"+m.Term.From+"认可")
			}
		}
	}
	switch {
	case len(left) > 0:
		return fmt.Sprintf("流程“%s”没有哪项任务核实%s的指标%s", p.Title, s.Title(), some(left))
	case len(others) > 0:
		return fmt.Sprintf("流程“%s”由%s核实，%s", p.Title, s.office, some(others))
	}
	return ""
}

// some names the first few of a list.
func some(list []string) string {
	if len(list) > 5 {
		return strings.Join(list[:5], "、") + fmt.Sprintf("等%d项", len(list))
	}
	return strings.Join(list, "、")
}

// Marks is what the level of a rating is reckoned from, group by group, over some facts.
type Marks struct {
	Groups []MarkGroup
	Sum    string // of all: 83.5分, or 60分至90分 while some is unknown
	Full   string // what all full marks come to
	Level  *Level // that the sum reaches; nil: none
}

// MarkGroup is a part of the sum with its indicators: a category of the rating. Its title is empty for indicators that belong to none.
type MarkGroup struct {
	Title, Cite string
	Sum, Full   string
	Items       []Mark
}

// Mark is an indicator. Its full mark is the most that the vocabulary lets it be.
type Mark struct {
	Term  *Term
	Key   string // as a facts file has it
	Year  int
	Title string // as the document calls it
	Cite  string
	Lost  string // what is missing to the full mark: 1.5分; empty: nothing, or it is not known
	lost  Num
}

// Marks reckons the sum that the level of a scheme goes by, part by part; empty for a scheme without a level.
func (s *Scheme) Marks(q Question) Marks {
	if s.level == nil {
		return Marks{}
	}
	q.Brief, q.Explain = false, false
	none := q
	none.Facts = NewFacts(s.doc.lib.vocabulary)
	e, blank := s.env(q), s.env(none)
	unit := s.level.by.typ().unit
	out := Marks{Level: s.level.level(e, &needs{})}
	full := func(sp span) string { return formatNum(sp.hi.v, unit, 4) }
	total, most := s.level.by.eval(e), s.level.by.eval(blank)
	out.Sum, out.Full = spanText(total.span, unit), full(most.span)
	parts, _ := partsOf(s.level.by)
	had := map[string]bool{}
	for _, p := range parts {
		inner, title := valueNamed(p)
		g := MarkGroup{Title: title, Cite: inner.cite}
		kids := []*value{inner}
		if inner.kind == valueSum {
			kids = inner.parts
			if inner.text != "" {
				g.Title = inner.text
			}
		} else {
			g.Title = ""
		}
		for _, k := range kids {
			seen := blank.wanted()
			blank.needs = seen
			k.score(blank, "")
			blank.needs = nil
			for _, n := range seen.list {
				t := s.doc.lib.vocabulary.Term(n.Term)
				if t == nil || t.Type != TypeNumber || had[n.Key] {
					continue
				}
				had[n.Key] = true
				m := Mark{Term: t, Key: n.Key, Year: n.Year, Title: k.text, Cite: k.cite}
				if m.Title == "" {
					m.Title = t.Name
				}
				if own := k.score(e, ""); own.span.exact() && t.within.hi.inf == 0 {
					if m.lost = t.within.hi.v.Sub(own.span.lo.v); m.lost.Sign() > 0 {
						m.Lost = formatNum(m.lost, unit, 4)
					}
				}
				g.Items = append(g.Items, m)
			}
		}
		if len(g.Items) == 0 {
			continue
		}
		g.Sum, g.Full = spanText(p.score(e, "").span, unit), full(p.score(blank, "").span)
		if last := len(out.Groups) - 1; g.Title == "" && last >= 0 && out.Groups[last].Title == "" { // indicators that stand in the sum by themselves
			out.Groups[last].Items = append(out.Groups[last].Items, g.Items...)
			out.Groups[last].Sum, out.Groups[last].Full = "", ""
			continue
		}
		out.Groups = append(out.Groups, g)
	}
	return out
}

// Costliest are the keys of the indicators that miss most to their full mark, the most first, at most n.
func (m *Marks) Costliest(n int) []string {
	var all []Mark
	for _, g := range m.Groups {
		for _, x := range g.Items {
			if x.Lost != "" {
				all = append(all, x)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Mark) int { return b.lost.Cmp(a.lost) })
	out := []string{}
	for i := 0; i < len(all) && i < n; i++ {
		out = append(out, all[i].Key)
	}
	return out
}

func spanText(s span, unit string) string {
	if s.lo.inf != 0 || s.hi.inf != 0 {
		return ""
	}
	if s.exact() {
		return formatNum(s.lo.v, unit, 4)
	}
	return formatNum(s.lo.v, unit, 4) + "至" + formatNum(s.hi.v, unit, 4)
}

// partsOf are the parts of the sum that an expression names; of anything else it is the one part.
func partsOf(x expr) (parts []*value, name string) {
	v, name := valueNamed(&value{kind: valueExpr, expr: x, unit: x.typ().unit})
	if v.kind == valueSum && v.guard == nil && len(v.steps) == 0 {
		return v.parts, name
	}
	return []*value{v}, name
}

// valueNamed is what a value is that only names another, and that name.
func valueNamed(v *value) (*value, string) {
	name := ""
	for v.kind == valueExpr && v.guard == nil && len(v.steps) == 0 {
		n, ok := v.expr.(*nameExpr)
		if !ok || n.def.value == nil || n.column != "" || n.at != nil {
			break
		}
		v, name = n.def.value, n.def.name
	}
	return v, name
}

// read says what is verified by a sheet.
func (s *MarkSheet) read() string {
	out := fmt.Sprintf("逐项核实“%s”的%d项得分", s.Title, len(s.Terms))
	if !s.Self {
		out += "（申报人不自评）"
	}
	return out + "，记为申报人的事实"
}

// sheets reads the sheets of indicators of a process.
func (r *processReader) sheets(n node) {
	if !n.is() {
		return
	}
	if !n.isMap() {
		r.errorAt(n, "marks: 应写“评分表的名称: 内容”。")
	}
	list := n.entries()
	if len(list) > maxSheets {
		r.errorAt(list[maxSheets].at, "一个流程最多%d张评分表。", maxSheets)
		list = list[:maxSheets]
	}
	first := map[string]string{}
	for _, e := range list {
		s := &MarkSheet{Key: e.key, Title: e.value.get("title").text(), Terms: []string{}, Self: true}
		r.word(e.at, e.key)
		r.keys(e.value, "mark_sheet")
		if s.Title == "" {
			s.Title = s.Key
		}
		if self := e.value.get("self"); self.is() {
			s.Self = r.yes(self)
		}
		terms := e.value.get("terms").oneOrMore()
		if len(terms) == 0 || len(terms) > maxTerms {
			r.errorAt(theOneOf(e.value.get("terms"), e.at), "请写 terms:，这张表上的指标，最多%d项。", maxTerms)
			terms = nil
		}
		for _, t := range terms {
			name := t.text()
			if other, twice := first[name]; twice {
				r.errorAt(t, "“%s”已在评分表“%s”中：一项指标只由一处核实，请删去一个。", clip(name), other)
				continue
			}
			first[name] = s.Key
			s.Terms = append(s.Terms, name)
			if !r.alone {
				r.whole = append(r.whole, func() { r.indicator(t, name, s.Key) })
			}
		}
		for _, t := range e.value.get("evidence").oneOrMore() {
			switch name := t.text(); {
			case !slices.Contains(s.Terms, name):
				r.errorAt(t, "evidence: 这张表的 terms: 中没有“%s”%s", clip(name), suggest(name, s.Terms))
			case !s.Self:
				r.errorAt(t, "申报人不自评的指标不用交佐证，请删去 evidence:，或去掉 self: 否。")
			default:
				s.Evidence = append(s.Evidence, name)
			}
		}
		r.p.Sheets = append(r.p.Sheets, s)
		r.at[s] = e.at
	}
	if !r.alone {
		r.whole = append(r.whole, func() { r.rates(n) })
	}
}

// rates checks, once every scheme is read, that each rating which is to be handled by the process, or of which it verifies some indicator, has
// every indicator verified.
func (r *processReader) rates(n node) {
	if HasErrors(r.ps.list) {
		return
	}
	for _, d := range r.lib.documents {
		for _, s := range d.schemes {
			if s.process != r.p.ID && !r.p.concerns(s) {
				continue
			}
			if why := r.p.Rates(s); why != "" {
				r.errorAt(n, "%s。", why)
			}
		}
	}
}

// concerns says whether the process verifies some indicator of a scheme.
func (p *Process) concerns(s *Scheme) bool {
	for _, g := range s.indicators() {
		if slices.ContainsFunc(g.Items, func(m Mark) bool { return p.SheetOf(m.Term.Name) != nil }) {
			return true
		}
	}
	return false
}

// indicators are those that the level of a scheme is reckoned from, nothing being known of them.
func (s *Scheme) indicators() []MarkGroup {
	return s.Marks(Question{Facts: NewFacts(s.doc.lib.vocabulary), On: max(s.doc.info.InForce.First, NewDate(2000, 1, 1))}).Groups
}

// indicator checks, once every file is read, that a word can be scored, and that whoever verifies it vouches for it.
func (r *processReader) indicator(n node, name, sheet string) {
	v := r.lib.vocabulary
	t := v.Term(name)
	switch {
	case t == nil:
		r.errorAt(n, "terms: 词汇表中没有“%s”这一项%s", clip(name), suggest(name, v.words()))
		return
	case t.Type != TypeNumber || t.within.hi.inf != 0 || t.Regional():
		r.errorAt(n, "terms: “%s”不是有满分的分数：词汇表里要写 unit: 和 at_most:。", clip(name))
		return
	}
	if task := r.p.MarkTask(sheet); task != nil && task.Who.Department != "" && task.Who.Department != "scheme" && task.Who.Department != t.From {
		r.errorAt(n, "terms: “%s”由%s认可，评分表“%s”由%s核实，请移到%s核实的评分表。", clip(name), t.From, sheet, task.Who.Department, t.From)
	}
}

// checkMarks refuses a sheet that no task verifies, or that two do, and a mark on the spot of what no task verifies.
func (r *processReader) checkMarks() {
	verifies := map[string]*TaskRule{}
	f := r.p.Flow(flowCase)
	if f != nil {
		for _, a := range f.Always {
			if len(a.Marks()) > 0 {
				r.errorAt(r.at[a], "核实得分要写在一个阶段的任务里，不能写在 always: 里。")
			}
		}
		for _, s := range f.Stages {
			for _, t := range s.Tasks {
				for _, a := range t.Actions {
					for _, key := range a.Marks() {
						switch other := verifies[key]; {
						case other != nil:
							r.errorAt(r.at[a], "评分表“%s”已由“%s”核实：一项指标只由一处核实，请删去一个。", key, other.Title)
						case t.Who.Role != "officer":
							r.errorAt(r.at[a], "得分由经办人员核实，请写 who: {role: officer, department: 部门}。")
						default:
							verifies[key] = t
						}
					}
				}
			}
		}
	}
	for _, s := range r.p.Sheets {
		if verifies[s.Key] == nil && !r.unsure {
			r.errorAt(r.at[s], "没有任务核实评分表“%s”：请在核实的任务的动作里写 do: {marks: {sheet: %s}}，或删去这张表。", s.Key, s.Key)
		}
	}
	once := map[string]bool{}
	for _, c := range r.p.Checklists {
		for i := range c.Items {
			term := c.Items[i].Scores
			switch {
			case term == "":
			case r.p.SheetOf(term) == nil:
				r.errorAt(r.at[c], "“%s”现场评分的“%s”不在哪张评分表（marks:）里：现场的得分要有任务核实以后才算。", c.Key, clip(term))
			case once[term]:
				r.errorAt(r.at[c], "“%s”在现场核查的清单里评了两次，请删去一个。", clip(term))
			}
			once[term] = true
		}
	}
}
