package policy

import (
	"slices"
	"strconv"
	"strings"
)

// What can move, and how hard it is, are data: a vocabulary says of a figure which way a firm can move it, of a kind of record whether a firm
// can obtain one more, and of each how hard that is. They sort the ways and choose the cheapest; they never change an answer or an amount.

// moveWays are the ways of a figure or word; of a kind of record only up (one more) and no mean something.
var moveWays = []string{"up", "down", "both", "no"}

const (
	plainEffort  = 1  // of a figure or word of which no vocabulary says anything
	recordEffort = 10 // of such a kind of record
	mostEffort   = 99
)

// readMovesOf reads moves: of a vocabulary, when every term and kind of record is known.
func (c *checker) readMovesOf(root node) {
	v := c.lib.vocabulary
	for _, e := range root.get("moves").entries() {
		c.keys(e.value, "move")
		term, record := v.terms[e.key], v.records[e.key]
		if term == nil && record == nil {
			c.errorAt(e.at, "词汇表中没有“%s”%s", clip(e.key), suggest(e.key, v.words()))
			continue
		}
		way, effort := e.value.get("way"), 0
		if way.is() && !slices.Contains(moveWays, way.text()) {
			c.errorAt(way, "way 只能写 %s%s", strings.Join(moveWays, "、"), suggest(way.text(), moveWays))
			continue
		}
		if record != nil && (way.text() == "down" || way.text() == "both") {
			c.errorAt(way, "记录只能新取得（up）或不能（no）。")
			continue
		}
		if n := e.value.get("effort"); n.is() {
			got, err := strconv.Atoi(n.text())
			if err != nil || got < 1 || got > mostEffort {
				c.errorAt(n, "effort 应是 1（最易）到 %d（最难）之间的整数。", mostEffort)
				continue
			}
			effort = got
		}
		if term != nil {
			term.moves, term.effort = way.text(), effort
		} else {
			record.moves, record.effort = way.text(), effort
		}
	}
}

// mayMove says whether a firm can move the figure in that direction.
func (t *Term) mayMove(up bool) bool {
	if t.Regional() {
		return false
	}
	switch t.moves {
	case "no":
		return false
	case "up":
		return up
	case "down":
		return !up
	}
	return true
}

func (t *Term) cost() int { return orElse(t.effort, plainEffort) }

func (r *Record) cost() int { return orElse(r.effort, recordEffort) }

func orElse(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}
