package policy

import (
	"fmt"
	"sort"
	"strings"
)

// Severities of a Problem.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Problem is one fault of a file, with its place and a sentence that says what to write. It never quotes long input.
type Problem struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Lint     string `json:"lint,omitempty"` // the stable id of what was looked for (Lints), by which a reminder is allowed with a reason
}

// String is file:line:column: 错误: message, and the lint's id if it is one.
func (p Problem) String() string {
	word := "错误"
	if p.Severity == SeverityWarning {
		word = "提醒"
	}
	id := ""
	if p.Lint != "" {
		id = " [" + p.Lint + "]"
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s%s", p.File, p.Line, p.Column, word, p.Message, id)
}

// HasErrors says whether some problem is an error.
func HasErrors(ps []Problem) bool {
	for _, p := range ps {
		if p.Severity == SeverityError {
			return true
		}
	}
	return false
}

// problems collects; the same sentence at the same place is kept once.
type problems struct {
	list []Problem
	seen map[Problem]bool
}

func (ps *problems) add(p Problem) {
	if ps.seen == nil {
		ps.seen = map[Problem]bool{}
	}
	if !ps.seen[p] && len(ps.list) < 1000 {
		ps.seen[p] = true
		ps.list = append(ps.list, p)
	}
}

func (ps *problems) sorted() []Problem {
	sort.SliceStable(ps.list, func(i, j int) bool {
		a, b := ps.list[i], ps.list[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return ps.list
}

// nearest is the known word closest to a misspelt one, or empty when none is near. Of two as near the one that has a character in common with it
// comes first: two short words are always near each other.
func nearest(word string, known []string) string {
	w := []rune(word)
	best, at := "", 2*(max(1, len(w)/2)+1)
	for _, k := range known {
		r := []rune(k)
		if len(r) > 60 || len(w) > 60 {
			continue
		}
		d := 2 * editDistance(w, r)
		if !strings.ContainsAny(word, k) {
			d++
		}
		if d < at || d == at && best != "" && k < best {
			best, at = k, d
		}
	}
	return best
}

// editDistance counts insertions, deletions, replacements and swaps of neighbours.
func editDistance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// suggest ends a sentence: with the nearest known word, or with a full stop.
func suggest(word string, known []string) string {
	if n := nearest(word, known); n != "" {
		return "，是否应为“" + n + "”？"
	}
	return "。"
}

// sentence ends an error's text as a sentence.
func sentence(err error) string {
	text := err.Error()
	if strings.HasSuffix(text, "。") || strings.HasSuffix(text, "？") {
		return text
	}
	return text + "。"
}
