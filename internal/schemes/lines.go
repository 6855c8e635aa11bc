package schemes

import (
	"slices"
	"strings"
)

// Marks of a line of two texts side by side.
const (
	markSame    = "same"
	markRemoved = "removed"
	markAdded   = "added"
)

// DiffLine is a line of an old text, a new one, or both.
type DiffLine struct {
	Mark  string `json:"mark" enum:"same,removed,added"`
	Depth int    `json:"depth,omitempty" doc:"how deep it is indented in a tree"`
	Text  string `json:"text"`
	Old   int    `json:"old,omitempty" doc:"its number in the old text, from 1"`
	New   int    `json:"new,omitempty" doc:"its number in the new text, from 1"`
}

// line is a line of a text that is compared.
type line struct {
	depth int
	text  string
}

// textLines are the lines of a file. How they end is not compared.
func textLines(body []byte) []line {
	if len(body) == 0 {
		return nil
	}
	var out []line
	for l := range strings.SplitSeq(strings.TrimSuffix(string(body), "\n"), "\n") {
		out = append(out, line{text: strings.TrimSuffix(l, "\r")})
	}
	return out
}

// compareAtMost bounds the work of a comparison: two texts whose differing middles are larger than this are shown as replaced.
const compareAtMost = 4 << 20

// compareLines marks what was removed from an old text and added in a new one; of a change, what was removed comes first.
func compareLines(before, after []line) []DiffLine {
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	out := make([]DiffLine, 0, max(len(before), len(after)))
	i, j := 0, 0
	same := func(n int) {
		for range n {
			out = append(out, DiffLine{Mark: markSame, Depth: after[j].depth, Text: after[j].text, Old: i + 1, New: j + 1})
			i, j = i+1, j+1
		}
	}
	removed := func() {
		out = append(out, DiffLine{Mark: markRemoved, Depth: before[i].depth, Text: before[i].text, Old: i + 1})
		i++
	}
	added := func() {
		out = append(out, DiffLine{Mark: markAdded, Depth: after[j].depth, Text: after[j].text, New: j + 1})
		j++
	}
	same(head)
	a, b := before[head:len(before)-tail], after[head:len(after)-tail]
	longest := longestCommon(a, b)
	for i < len(before)-tail || j < len(after)-tail {
		x, y := i-head, j-head
		switch {
		case longest != nil && x < len(a) && y < len(b) && a[x] == b[y]:
			same(1)
		case x < len(a) && (y == len(b) || longest == nil || longest[x+1][y] >= longest[x][y+1]):
			removed()
		default:
			added()
		}
	}
	same(tail)
	return out
}

// longestCommon is the length of the longest common subsequence of a[i:] and b[j:] at [i][j]; nil when that is too much work.
func longestCommon(a, b []line) [][]int32 {
	if (len(a)+1)*(len(b)+1) > compareAtMost {
		return nil
	}
	all := make([]int32, (len(a)+1)*(len(b)+1))
	out := make([][]int32, len(a)+1)
	for i := range out {
		out[i] = all[i*(len(b)+1) : (i+1)*(len(b)+1)]
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				out[i][j] = out[i+1][j+1] + 1
			} else {
				out[i][j] = max(out[i+1][j], out[i][j+1])
			}
		}
	}
	return out
}

// around keeps the changed lines with a few lines on either side, and at most so many in all.
func around(lines []DiffLine, context, most int) (kept []DiffLine, clipped bool) {
	keep := make([]bool, len(lines))
	for i, l := range lines {
		if l.Mark != markSame {
			for k := max(0, i-context); k <= min(len(lines)-1, i+context); k++ {
				keep[k] = true
			}
		}
	}
	kept = []DiffLine{}
	for i, l := range lines {
		if !keep[i] {
			continue
		}
		if len(kept) == most {
			return kept, true
		}
		kept = append(kept, l)
	}
	return kept, false
}

// differ says whether the comparison found anything.
func differ(lines []DiffLine) bool {
	return slices.ContainsFunc(lines, func(l DiffLine) bool { return l.Mark != markSame })
}
