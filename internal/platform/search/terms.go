// Package search finds things by words in Chinese text, of two characters and more, without a dictionary: text is cut into pairs of
// neighbouring characters (慈溪卓力 → 慈溪 溪卓 卓力), which SQLite's FTS5 and PostgreSQL's tsvector index like words.
package search

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds, in characters, of what is indexed of one field, and of one word of letters and digits.
const (
	longestText = 10000
	longestWord = 64
)

// run is a stretch of text of one nature: Chinese (and other scripts without spaces), or letters and digits.
type run struct {
	text  []rune
	pairs bool // to be cut into pairs
}

// runs makes texts that a reader takes for the same equal (width, case), drops all but letters and digits, and cuts where the nature changes.
func runs(text string) []run {
	var out []run
	var current run
	flush := func() {
		if len(current.text) > 0 {
			out = append(out, current)
		}
		current = run{}
	}
	n := 0
	for _, r := range strings.ToLower(norm.NFKC.String(text)) {
		if n++; n > longestText {
			break
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == utf8.RuneError {
			flush()
			continue
		}
		pairs := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー' || r == '々' || r == '〇'
		if pairs != current.pairs {
			flush()
		}
		current.pairs = pairs
		current.text = append(current.text, r)
	}
	flush()
	return out
}

func word(text []rune) string { return code(text[:min(len(text), longestWord)]) }

// code writes a term so that both databases take it for one word, whatever they know of scripts and numbers: PostgreSQL cuts 0e0a after
// the number 0e0, and neither knows the letters of a newer Unicode. Common Chinese characters and words of ASCII letters stay as they are.
func code(text []rune) string {
	ascii, common := true, true
	for _, r := range text {
		ascii = ascii && r < utf8.RuneSelf
		common = common && r >= 0x4e00 && r <= 0x9fef
	}
	var b strings.Builder
	switch {
	case common || ascii && !unicode.IsDigit(text[0]):
		return string(text)
	case ascii:
		return "x" + string(text)
	}
	for _, r := range text {
		fmt.Fprintf(&b, "u%05x", r)
	}
	return b.String()
}

// Terms are what is indexed of a text, separated by spaces: of Chinese every pair of neighbours and the last character of each stretch,
// so that a single character is found as the beginning of some term; of letters and digits every word. Lower case, NFKC, coded.
func Terms(text string) string {
	var b strings.Builder
	add := func(s string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	for _, r := range runs(text) {
		if !r.pairs {
			add(word(r.text))
			continue
		}
		for i := range r.text {
			add(code(r.text[i:min(i+2, len(r.text))]))
		}
	}
	return b.String()
}

// Term is a word of a query; Prefix also finds what begins with it.
type Term struct {
	Text   string
	Prefix bool
}

// mostTerms of a query count: what is longer is a paste, not a question.
const mostTerms = 24

// Query cuts what somebody typed into terms, each once: of Chinese the pairs, or a lone character as a beginning; words of letters and
// digits as beginnings, so that the first digits of a code will do. Empty when there is nothing to look for.
func Query(q string) []Term {
	var out []Term
	seen := map[Term]bool{}
	add := func(t Term) {
		if !seen[t] && len(out) < mostTerms {
			seen[t] = true
			out = append(out, t)
		}
	}
	for _, r := range runs(q) {
		switch {
		case !r.pairs:
			add(Term{word(r.text), true})
		case len(r.text) == 1:
			add(Term{code(r.text), true})
		default:
			for i := range len(r.text) - 1 {
				add(Term{code(r.text[i : i+2]), false})
			}
		}
	}
	return out
}
