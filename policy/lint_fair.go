package policy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// fairRule is one kind of wording that the review of fair competition forbids. The rules are data of a vocabulary (fair_review:).
type fairRule struct {
	name  string
	law   string
	cite  string
	since Date       // documents before it are marked, not blamed
	say   string     // what may not be written
	words [][]string // each the pieces of a wording, in this order within one clause of a sentence
}

// LegacyMark is a wording of a document older than the rule that forbids it today: readers are told, nobody is asked to mend it.
type LegacyMark struct {
	Words string `json:"words"`
	Rule  string `json:"rule"`
	Cite  string `json:"cite"`
	Since Date   `json:"since"`
}

func (c *checker) readFairReview(n node) {
	if n.is() && !n.isMap() {
		c.errorAt(n, "fair_review: 应写“名称: {law: 法规, cite: 条, since: 施行日, say: 不得怎样, words: [说法, …]}”。")
	}
	for _, e := range n.entries() {
		c.keys(e.value, "fair_rule")
		r := fairRule{name: e.key, law: e.value.get("law").text(), cite: e.value.get("cite").text(), say: e.value.get("say").text()}
		since, err := ParseDate(e.value.get("since").text())
		if err != nil {
			c.errorAt(e.at, "请写 since:，法规施行的日期，例如 2024-08-01。")
		}
		r.since = since
		if r.law == "" || r.cite == "" || r.say == "" {
			c.errorAt(e.at, "请写 law:（法规）、cite:（哪一条）和 say:（不得怎样）。")
		}
		for _, w := range e.value.get("words").oneOrMore() {
			var pieces []string
			for _, p := range strings.Split(w.text(), "…") {
				if p = strings.TrimSpace(p); p != "" {
					pieces = append(pieces, p)
				}
			}
			if len(pieces) == 0 || utf8.RuneCountInString(pieces[0]) < 2 {
				c.errorAt(w, "words 应是两个字以上的说法；中间可以隔开的写省略号，例如 须在…注册。")
				continue
			}
			r.words = append(r.words, pieces)
		}
		if len(r.words) == 0 {
			c.errorAt(e.at, "请写 words:，一列说法。")
		}
		c.lib.vocabulary.fair = append(c.lib.vocabulary.fair, r)
	}
}

// finds is the wording of a rule that stands in a text, or empty.
func (r *fairRule) finds(text string) string {
	for _, clause := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("。；;\n", c) }) {
		for _, pieces := range r.words {
			start, at := -1, 0
			for i, p := range pieces {
				k := strings.Index(clause[at:], p)
				if k < 0 || i > 0 && utf8.RuneCountInString(clause[at:at+k]) > 12 {
					start = -1
					break
				}
				if start < 0 {
					start = at + k
				}
				at += k + len(p)
			}
			if start >= 0 {
				return clause[start:at]
			}
		}
	}
	return ""
}

// before says whether a document is older than a day, as far as its dates tell.
func (d *Document) before(day Date) bool {
	i := d.info
	switch {
	case !i.Published.IsZero():
		return i.Published.Last < day
	case !i.InForce.IsZero():
		return i.InForce.Last < day
	case !i.Signed.IsZero():
		return i.Signed.Last < day
	case i.Replaced != 0 && i.Replaced <= day, !i.ValidUntil.IsZero() && i.ValidUntil.Last < day:
		return true
	}
	return i.Performance != 0 && i.Performance < day.Year()
}

// eachText visits the words of a clause: not its examples, nor what somebody says of it.
func eachText(n node, visit func(node)) {
	if n.isText() {
		visit(n)
	}
	for _, e := range n.entries() {
		if !slices.Contains([]string{"examples", "interpretation", "notes", "url", allowKey}, e.key) {
			eachText(e.value, visit)
		}
	}
	for _, item := range n.items() {
		eachText(item, visit)
	}
}

// fairTexts are the words that decide what a scheme gives: its own and those of the clause it reissues.
func (s *Scheme) fairTexts(visit func(node)) {
	var src source
	for id, seen := s.id, map[string]bool{}; id != "" && !seen[id]; {
		seen[id] = true
		n := s.doc.lib.index[id]
		if !n.is() {
			break
		}
		src = append(src, n)
		id = n.get("from").text()
	}
	for _, key := range shapes["scheme"].allowed() {
		if n := src.get(key); n.is() && !slices.Contains([]string{"examples", "interpretation", "from", "same_as", "cite", "process"}, key) {
			eachText(n, visit)
		}
	}
}

func (l *linter) fairReview(d *Document) {
	for i := range l.lib.vocabulary.fair {
		r := &l.lib.vocabulary.fair[i]
		if d.before(r.since) {
			continue
		}
		visit := func(n node) {
			if found := r.finds(n.text()); found != "" {
				l.warn(n, lintFair, "“%s”：《%s》%s，%s。请改写；确有依据的，用 allow 写明理由。", clip(found), r.law, r.cite, r.say)
			}
		}
		eachText(d.root.get("common"), visit)
		for _, e := range d.root.get("define").entries() {
			eachText(e.value, visit)
		}
		for _, s := range d.schemes {
			l.scheme = s
			s.fairTexts(visit)
		}
		l.scheme = nil
	}
}

// legacy are the wordings of a scheme that its document was still free to use.
func (s *Scheme) legacy() []LegacyMark {
	out := []LegacyMark{}
	for i := range s.doc.lib.vocabulary.fair {
		r := &s.doc.lib.vocabulary.fair[i]
		if !s.doc.before(r.since) {
			continue
		}
		s.fairTexts(func(n node) {
			m := LegacyMark{Words: r.finds(n.text()), Rule: r.say, Cite: "《" + r.law + "》" + r.cite, Since: r.since}
			if m.Words != "" && !slices.Contains(out, m) {
				out = append(out, m)
			}
		})
	}
	return out
}
