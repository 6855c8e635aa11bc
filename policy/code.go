package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Codes of industries, GB/T 4754: a letter, then two, three or four digits. A code lies within every code that it begins with.
var codePattern = regexp.MustCompile(`^[A-T](\d{2,4})?$`)

func isCode(s string) bool { return codePattern.MatchString(s) }

// withinCodes answers whether a code lies within one of a list. A code that is known less finely than the list asks is unknown:
// C may be C38.
func withinCodes(code string, list []string) Answer {
	out := Unmet
	for _, p := range list {
		if strings.HasPrefix(code, p) {
			return Met
		}
		if strings.HasPrefix(p, code) {
			out = Unknown
		}
	}
	return out
}

// codes reads one code or a list of them.
func (sc *scope) codes(n node, t *threshold) *threshold {
	for _, w := range n.oneOrMore() {
		switch word := w.text(); {
		case !isCode(word):
			sc.c.errorAt(w, "“%s”不是行业代码；应写一个大写字母，后面可有二到四位数字，例如 C38。", clip(word))
		case slices.Contains(t.words, word):
			sc.c.errorAt(w, "“%s”写了两次。", word)
		default:
			t.words = append(t.words, word)
		}
	}
	if len(n.oneOrMore()) == 0 {
		sc.c.errorAt(n, "这里应写一个行业代码或一列行业代码，例如 [C38, C39]。")
	}
	if len(t.words) == 0 {
		return nil
	}
	return t
}

// checkCodeRows refuses rows of a table of which one lies within another: which of them counts would be a guess.
func (sc *scope) checkCodeRows(v *value) {
	for i, a := range v.rows {
		for _, b := range v.rows[:i] {
			for _, x := range a.limit.words {
				for _, y := range b.limit.words {
					if x != y && (strings.HasPrefix(x, y) || strings.HasPrefix(y, x)) {
						sc.c.errorAt(v.at, "“%s”和“%s”两档互相包含，请拆开写。", y, x)
					}
				}
			}
		}
	}
}
