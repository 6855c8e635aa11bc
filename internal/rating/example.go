package rating

import (
	"fmt"
	"strings"
)

// The examples that a file is made with: full marks, each line of the levels just reached and just missed, each floor just missed, and one
// indicator not stated. Their arithmetic is done here, over the workbook, so that running them holds the file to the workbook.

// marks are the points of every indicator, by category.
type marks [][]Points

func (m marks) sum() (total Points) {
	for _, c := range m {
		for _, p := range c {
			total += p
		}
	}
	return total
}

// spread gives every category its floor, then fills up from the first indicator to the sum that is wanted.
func (r *Rating) spread(want Points) marks {
	m := make(marks, len(r.Categories))
	fill := func(i int, budget Points) Points {
		for j, x := range r.Categories[i].Indicators {
			add := min(x.Full-m[i][j], budget)
			m[i][j] += add
			budget -= add
		}
		return budget
	}
	for i, c := range r.Categories {
		m[i] = make([]Points, len(c.Indicators))
		want -= c.Floor
		fill(i, c.Floor)
	}
	for i := range r.Categories {
		want = fill(i, want)
	}
	return m
}

// level is the name of the level that a sum reaches, and the one below it in the list; none where there is none.
func (r *Rating) level(sum Points) string {
	for _, l := range r.Levels {
		if sum >= l.From {
			return l.Name
		}
	}
	return "none"
}

func (r *Rating) examples(p func(format string, a ...any)) {
	year := r.Year
	if year == "" {
		year = "2021"
	}
	var floors Points
	for _, c := range r.Categories {
		floors += c.Floor
	}
	write := func(says string, m marks, without *Indicator, expect string) {
		given := make([]string, 0, 64)
		sums := make([]string, 0, len(m))
		for i, c := range r.Categories {
			for j := range c.Indicators {
				if x := &c.Indicators[j]; x != without {
					given = append(given, fmt.Sprintf("%s@%s: %s", r.Term(x), year, m[i][j]))
				}
			}
			sums = append(sums, marks{m[i]}.sum().String())
		}
		p("    #= 各大类 %s = %s，%s。", strings.ReplaceAll(strings.Join(sums, "+"), "分", ""), m.sum(), says)
		p("    - P: %s", year)
		p("      given: {%s}", strings.Join(given, ", "))
		p("      expect: %s", expect)
	}
	met := func(m marks) string {
		return fmt.Sprintf("{answer: met, level: %s, %s: %s, ask: []}", text(r.level(m.sum())), r.total(), m.sum())
	}
	full := r.spread(r.Full)
	write("每项满分："+r.Levels[0].Name, full, nil, met(full))
	for _, l := range r.Levels {
		at := r.spread(l.From)
		write(fmt.Sprintf("恰好到%s的线%s", l.Name, l.From), at, nil, met(at))
		if l.From == 0 || l.From-1 < floors {
			continue
		}
		below := r.spread(l.From - 1)
		expect := met(below)
		if r.level(l.From-1) == "none" {
			expect = fmt.Sprintf("{answer: unmet, level: none, %s: %s, gap: 0.01分}", r.total(), l.From-1)
		}
		write(fmt.Sprintf("差0.01分到%s的线%s", l.Name, l.From), below, nil, expect)
	}
	for i, c := range r.Categories {
		if c.Floor > 0 {
			m := r.spread(r.Full)
			for j, left := 0, c.Floor-1; j < len(m[i]); j++ {
				m[i][j] = min(c.Indicators[j].Full, left)
				left -= m[i][j]
			}
			write(fmt.Sprintf("“%s”差0.01分到最低分%s", c.Name, c.Floor), m, nil, "{answer: unmet, gap: 0.01分}")
		}
	}
	last := &r.Categories[len(r.Categories)-1]
	x := &last.Indicators[len(last.Indicators)-1]
	known := r.spread(r.Full)
	known[len(known)-1][len(last.Indicators)-1] = 0
	low, high := r.level(r.Full-x.Full), r.level(r.Full)
	switch {
	case low == high && last.Floor <= last.Full()-x.Full:
		write(fmt.Sprintf("“%s”还没有得分，得0分也是%s，不用再问", x.Name, low), known, x, fmt.Sprintf("{answer: met, level: %s, ask: []}", text(low)))
	case low != "none" && last.Floor <= last.Full()-x.Full:
		write(fmt.Sprintf("“%s”还没有得分，等级在%s与%s之间，要问", x.Name, low, high), known, x,
			fmt.Sprintf("{answer: met, level: %s, ask: [%s@%s]}", text(low+" to "+high), r.Term(x), year))
	}
}
