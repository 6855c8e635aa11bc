// Package rating makes a rating's scheme file from a workbook: categories, indicators, weights and the lines of the levels. A bureau has
// such a table already; the officer sends it in as it is, and nobody writes a scheme file by hand.
//
// The points of each indicator are facts of the firm, so a vocabulary is made beside the document: what a firm states itself is declared,
// what the department confirms is verified, as with every other fact.
package rating

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Rating is what a workbook says.
type Rating struct {
	ID         string // of the document
	Name       string // of the rating: the scheme, and the record that it grants
	Title      string // of the document
	Number     string
	Body       string
	URL        string
	Published  string
	Year       string // the performance year, if the workbook fixes it
	Office     string // in charge
	Vouches    string // for the points
	Valid      string
	Series     string // what the numbers of its certificates begin with
	Notes      []string
	Full       Points
	Categories []Category
	Levels     []Level // from high to low
}

// Category is a group of indicators.
type Category struct {
	Name       string
	Floor      Points // the least that a rated firm must have here; 0: none
	Indicators []Indicator
	at         Cell
}

// Indicator is one line of the table.
type Indicator struct {
	Name    string
	Full    Points
	Help    string
	Vouches string // another department than the rating's
	at      Cell
}

// Level is a level with its line: reached from From on.
type Level struct {
	Name       string
	From       Points
	to         Points
	bounded    bool // To is written
	at, fromAt Cell
	toAt       Cell
}

// Points are hundredths of a point, so that what is written with two decimals adds up exactly.
type Points int64

func (p Points) String() string {
	s := fmt.Sprintf("%d.%02d", p/100, p%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "分"
}

// Full is what the category's indicators come to.
func (c *Category) Full() (sum Points) {
	for _, i := range c.Indicators {
		sum += i.Full
	}
	return sum
}

// Cell is a place of the workbook.
type Cell struct{ Sheet, Name string }

// Problem is something that is wrong with the workbook, at its cell.
type Problem struct {
	At      Cell
	Message string
}

func (p Problem) String() string {
	if p.At.Name == "" {
		return fmt.Sprintf("工作表“%s”：%s", p.At.Sheet, p.Message)
	}
	return fmt.Sprintf("工作表“%s”%s：%s", p.At.Sheet, p.At.Name, p.Message)
}

// problems collects what is wrong, all at once.
type problems struct{ list []Problem }

// add keeps the first of a cell: what follows from it is not said again.
func (ps *problems) add(at Cell, format string, a ...any) {
	if at.Name != "" && slices.ContainsFunc(ps.list, func(p Problem) bool { return p.At == at }) {
		return
	}
	ps.list = append(ps.list, Problem{at, fmt.Sprintf(format, a...)})
}

// check finds what each cell alone does not show: weights that do not add up, levels with a gap, names that are twice there.
func (r *Rating) check(ps *problems) {
	var sum Points
	terms, groups := map[string]Cell{}, map[string]Cell{}
	for i := range r.Categories {
		c := &r.Categories[i]
		if old, twice := groups[clean(c.Name)]; twice || clean(c.Name) == "" {
			ps.add(c.at, "大类“%s”没有汉字、字母或数字，或者只差标点就与 %s 的重名。", c.Name, old.Name)
		}
		groups[clean(c.Name)] = c.at
		sum += c.Full()
		for j := range c.Indicators {
			x := &c.Indicators[j]
			name := r.Term(x)
			if name == r.Name+"_" {
				ps.add(x.at, "指标的名称里没有汉字、字母或数字。")
			} else if old, twice := terms[name]; twice {
				ps.add(x.at, "指标“%s”与 %s 重名，请改得不同。", x.Name, old.Name)
			}
			terms[name] = x.at
		}
		if c.Floor > c.Full() {
			ps.add(c.at, "大类“%s”的最低分%s高于它各项指标的合计%s。", c.Name, c.Floor, c.Full())
		}
	}
	if len(r.Categories) == 0 {
		ps.add(Cell{sheetIndicators, ""}, "一项指标也没有。")
	} else if r.Full != 0 && sum != r.Full {
		ps.add(Cell{sheetIndicators, ""}, "各项指标的满分合计%s，应为%s，差%s。", sum, r.Full, max(sum-r.Full, r.Full-sum))
	}
	r.checkLevels(ps)
}

func (r *Rating) checkLevels(ps *problems) {
	if len(r.Levels) < 2 {
		ps.add(Cell{sheetLevels, ""}, "至少要有两个等级。")
		return
	}
	slices.SortStableFunc(r.Levels, func(a, b Level) int { return int(b.From - a.From) })
	var floors Points
	for _, c := range r.Categories {
		floors += c.Floor
	}
	for i, l := range r.Levels {
		if j := slices.IndexFunc(r.Levels[:i], func(o Level) bool { return o.Name == l.Name }); j >= 0 {
			ps.add(l.at, "等级“%s”与 %s 重名。", l.Name, r.Levels[j].at.Name)
		}
		if r.Full != 0 && l.From > r.Full {
			ps.add(l.fromAt, "起始分%s高于满分%s，谁也达不到。", l.From, r.Full)
		}
		if i == 0 {
			if l.bounded && r.Full != 0 && l.to != r.Full {
				ps.add(l.toAt, "最高一级应到满分%s为止，这里到%s。", r.Full, l.to)
			}
			continue
		}
		above := r.Levels[i-1]
		switch {
		case l.From == above.From:
			ps.add(l.fromAt, "“%s”与“%s”从同一分数起。", l.Name, above.Name)
		case l.bounded && l.to > above.From:
			ps.add(l.toAt, "“%s”到%s为止，与从%s起的“%s”重叠。", l.Name, l.to, above.From, above.Name)
		case l.bounded && l.to < above.From:
			ps.add(l.toAt, "“%s”到%s为止，“%s”从%s起，中间有空档。", l.Name, l.to, above.Name, above.From)
		}
	}
	if lowest := r.Levels[len(r.Levels)-1]; floors > lowest.From {
		ps.add(lowest.fromAt, "各大类的最低分合计%s，高于最低一级的起始分%s；请核对。", floors, lowest.From)
	}
}

// Term is the name of an indicator's points in the vocabulary.
func (r *Rating) Term(x *Indicator) string { return r.Name + "_" + clean(x.Name) }

// clean keeps what a name may hold.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, s)
}

// Count says how much there is: for whoever sent the workbook in.
func (r *Rating) Count() string {
	n := 0
	for _, c := range r.Categories {
		n += len(c.Indicators)
	}
	return fmt.Sprintf("%d个大类、%d个指标、满分%s、%d个等级", len(r.Categories), n, r.Full, len(r.Levels))
}
