package policy

import (
	"slices"
	"strconv"
)

// What can move, and how hard it is, are data: a vocabulary says of a figure which way a firm can move it, of a kind of record whether a firm
// can obtain one more, and of each how hard that is. They sort the ways and choose the cheapest; they never change an answer or an amount.

var (
	moveWords   = []string{"up", "down", "both", "no"}
	recordMoves = []string{"up", "no"}
)

const (
	plainEffort  = 1  // of a figure whose vocabulary says nothing
	recordEffort = 10 // of a record whose vocabulary says nothing
	mostEffort   = 99
)

// readMoves reads moves: and effort: of a term or kind of record.
func (c *checker) readMoves(n node, words []string, effort int) (string, int) {
	m := n.get("moves")
	if m.is() && !slices.Contains(words, m.text()) {
		c.errorAt(m, "moves 只能写 %s%s", joinWords(words), suggest(m.text(), words))
	}
	if e := n.get("effort"); e.is() {
		got, err := strconv.Atoi(e.text())
		if err != nil || got < 1 || got > mostEffort {
			c.errorAt(e, "effort 应是 1（最易）到 %d（最难）之间的整数。", mostEffort)
			return m.text(), effort
		}
		return m.text(), got
	}
	return m.text(), effort
}

func joinWords(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			out += " 或 "
		default:
			out += "、"
		}
		out += w
	}
	return out
}

// mayMove says whether a firm can move the figure in that direction.
func (t *Term) mayMove(up bool) bool {
	switch t.Moves {
	case "no":
		return false
	case "up":
		return up
	case "down":
		return !up
	}
	return true
}
