package policy

import (
	"slices"
	"sort"
)

// ladder is the level that a scheme grants by a quantity: five stars from 90 points on. The level becomes a field of the record that the
// grant makes, so that the next scheme may ask for at least so many stars.
type ladder struct {
	at    node
	field string
	set   string   // the name of the levels
	words []string // from low to high
	by    expr
	op    string // at_least or over
	rungs []rung // from high to low
	els   int    // the rank of what everybody else gets; -1: nothing
	text  string
	cite  string
}

type rung struct {
	limit *threshold
	rank  int
}

// Level is the level that a party reaches; while a figure is unknown, the lowest and the highest it may reach.
type Level struct {
	Field string `json:"field"`         // of the record that the grant makes
	Low   string `json:"low,omitempty"` // the level that is sure; empty: none is
	High  string `json:"high"`          // the level that may be reached when what is unknown comes out well
	Next  string `json:"next,omitempty"`
	Short string `json:"short,omitempty"` // how far the next level is: 3分
}

// ladder reads the level of a scheme.
func (sc *scope) ladder(n node, s *Scheme) *ladder {
	c := sc.c
	c.keys(n, "level")
	if s.kind != "" && !grantsRecord(s.kind) {
		c.errorAt(n, "只有认定、荣誉、评级和许可（recognition、honour、rating、licence）写 level:，授予哪一级。")
	}
	l := &ladder{at: n, field: n.get("field").text(), set: n.get("words").text(), els: -1, text: n.get("text").text(), cite: n.get("cite").text()}
	var known bool
	if l.words, known = c.lib.vocabulary.levels[l.set]; !known {
		c.errorAt(n.get("words"), "words: 应是词汇表里声明过的一组等级的名称%s", suggest(l.set, sortedKeys(c.lib.vocabulary.levels)))
		return nil
	}
	record := s.key
	if s.grant != nil {
		record, s.grant.Level = s.grant.Record, l.field
	}
	if r := c.lib.vocabulary.records[record]; r != nil {
		if f := r.field(l.field); f == nil || !slices.Equal(f.Options, l.words) {
			c.errorAt(n.get("field"), "授予的记录“%s”没有“%s”这个栏目，或者栏目的等级不同；请在词汇表里给它写上 fields: {%s: %s}。", clip(record), clip(l.field), clip(l.field), clip(l.set))
		}
	}
	if l.by = sc.quantity(n.get("by")); l.by == nil {
		return nil
	}
	q := l.by.typ()
	if q.kind != TypeNumber || q.root {
		c.errorAt(n.get("by"), "by: 应是一个数，例如评分。")
		return nil
	}
	var table node
	for _, op := range []string{"at_least", "over"} {
		if t := n.get(op); t.is() {
			if l.op != "" {
				c.errorAt(t, "一张表只写一个比较词。")
				return nil
			}
			l.op, table = op, t
		}
	}
	if !table.isMap() || len(table.Content) == 0 {
		c.errorAt(n, "请写各级的分数线，例如 at_least: {90分: 最高一级, 80分: 次一级}。")
		return nil
	}
	ok := true
	for _, e := range table.entries() {
		t, r := sc.threshold(e.at, q, l.op), rank(l.words, e.value.text())
		if r < 0 {
			c.errorAt(e.value, "“%s”不在这组等级中%s", clip(e.value.text()), suggest(e.value.text(), l.words))
			ok = false
		}
		if t == nil || r < 0 {
			ok = false
			continue
		}
		if t.named != nil {
			c.errorAt(e.at, "各级的分数线应写数，不写名称。")
			ok = false
		}
		l.rungs = append(l.rungs, rung{t, r})
	}
	if els := n.get("else"); els.is() {
		if l.els = rank(l.words, els.text()); l.els < 0 {
			c.errorAt(els, "“%s”不在这组等级中%s", clip(els.text()), suggest(els.text(), l.words))
			ok = false
		}
	}
	if !ok {
		return nil
	}
	sort.SliceStable(l.rungs, func(i, j int) bool { return l.rungs[i].limit.num.Cmp(l.rungs[j].limit.num) > 0 })
	for i := 1; i < len(l.rungs); i++ {
		if high, low := l.rungs[i-1], l.rungs[i]; high.limit.num.Cmp(low.limit.num) == 0 || high.rank <= low.rank {
			c.errorAt(table, "分数线高的应当授予更高的等级：%s 的等级不高于 %s 的。", high.limit.text, low.limit.text)
		}
	}
	if last := l.rungs[len(l.rungs)-1]; l.els >= last.rank {
		c.errorAt(n.get("else"), "else: 的等级应低于最低一条分数线的等级。")
	}
	return l
}

// floor is the condition that a ladder makes where it gives those below its lowest rung nothing.
func (l *ladder) floor(sc *scope) *condition {
	if l.els >= 0 {
		return nil
	}
	d := &condition{at: l.at, kind: condCompare, of: l.by, op: l.op, limit: l.rungs[len(l.rungs)-1].limit, text: l.text, cite: l.cite, noBase: sc.doc.noBase}
	d.sentence = d.read(chinese)
	return d
}

// rankAt is the rank of the level that a quantity reaches, -1 for none.
func (l *ladder) rankAt(b bound) int {
	for _, r := range l.rungs {
		if compare(span{b, b}, l.op, r.limit.num) == Met {
			return r.rank
		}
	}
	return l.els
}

// level is what a party reaches, and what would have to be known where that is not decided.
func (l *ladder) level(e *env, missing *needs) *Level {
	outer := e.needs
	mine := e.wanted()
	e.needs = mine
	q := l.by.eval(e)
	e.needs = outer
	low, high := l.rankAt(q.span.lo), l.rankAt(q.span.hi)
	if q.noBase {
		low, high = l.els, len(l.words)-1
	}
	if e.seen != nil && low == high {
		e.seen.reach(e, l, low)
	}
	if high < 0 {
		return nil
	}
	out := &Level{Field: l.field, High: e.say.word(l.words[high])}
	if low >= 0 {
		out.Low = e.say.word(l.words[low])
	}
	if low != high {
		missing.addAll(mine)
		return out
	}
	for i := len(l.rungs) - 1; i >= 0; i-- {
		if r := l.rungs[i]; r.rank > high && q.span.exact() {
			out.Next, out.Short = e.say.word(l.words[r.rank]), e.say.num(r.limit.num.Sub(q.span.lo.v), l.by.typ().unit, 4)
			break
		}
	}
	return out
}

func (l *ladder) read(r *reader) string {
	parts := make([]string, 0, len(l.rungs)+1)
	for _, g := range l.rungs {
		parts = append(parts, r.say(&pRung, r.than(l.op, g.limit.read(r, l.by.typ())), r.word(l.words[g.rank])))
	}
	s := r.say(&pLadder, l.by.read(r), r.join(parts, &pSemicolon))
	if l.els >= 0 {
		return s + r.say(&pRungElse, r.word(l.words[l.els]))
	}
	return s
}

// text is the level as an example of a file writes it: 四星, 三星 to 五星, none to 四星.
func (l *Level) text() string {
	switch {
	case l == nil:
		return "none"
	case l.Low == l.High:
		return l.High
	case l.Low == "":
		return "none to " + l.High
	}
	return l.Low + " to " + l.High
}
