package policy

import "slices"

// limit is what an award may come to across claims: once only, the highest of a group, a party's yearly cap,
// a quota, a shared pool, a budget. Its stage in settlement follows from its shape.
type limit struct {
	at     node
	count  bool // a number of awards, else money
	most   *value
	per    []string
	of     []string // scheme keys counted together; empty: this one
	share  string   // highest, earliest, rank, prorata
	key    string
	tie    string
	text   string
	interp *Interpretation
}

var shareWords = []string{"highest", "earliest", "rank", "prorata"}

// time words of a scope: they say how long the limit runs, not whom it counts.
var scopeTimes = []string{"年度", "届"}

// party says whether the scope names the claimant: the limit is settled for each party by itself.
func (l *limit) party(s *Scheme) bool { return slices.Contains(l.per, s.subject) }

func (sc *scope) limits(n node, s *Scheme) []limit {
	if !n.is() {
		return nil
	}
	c := sc.c
	var out []limit
	for _, item := range n.oneOrMore() {
		c.keys(item, "limit")
		l := limit{at: item, share: item.get("share").text(), key: item.get("key").text(), tie: item.get("tie").text(),
			text: item.get("text").text(), interp: c.interpretation(item.get("interpretation"))}
		if l.most = sc.value(item.get("at_most")); l.most == nil {
			continue
		}
		switch l.most.unit {
		case unitMoney, anyUnit:
		default:
			l.count = true
		}
		for _, w := range item.get("per").oneOrMore() {
			l.per = append(l.per, w.text())
		}
		for _, w := range item.get("of").oneOrMore() {
			if !c.lib.index[s.doc.ID+"/"+w.text()].is() && !c.lib.index[w.text()].is() {
				c.errorAt(w, "限额中的条款“%s”不存在%s", clip(w.text()), suggest(w.text(), sortedKeys(c.lib.index)))
			}
			l.of = append(l.of, w.text())
		}
		if len(l.per) == 0 {
			c.errorAt(item, "限额请写 per:，说明按什么计，例如 per: [企业, 年度]。")
		}
		if l.share != "" && !slices.Contains(shareWords, l.share) {
			c.errorAt(item.get("share"), "share 应为 highest（就高）、earliest（先到先得）、rank（按名次）或 prorata（按比例）%s", suggest(l.share, shareWords))
		}
		if !l.party(s) && l.share == "" {
			c.errorAt(item, "跨申请人的限额请写 share:，说明不够分时谁让：earliest、rank 或 prorata。")
		}
		if (l.share == "rank" || l.share == "prorata") && l.key == "" {
			c.errorAt(item, "share: %s 请写 key:，说明按什么排序、零头归谁。", l.share)
		}
		out = append(out, l)
	}
	return out
}

func (l *limit) read(r *reader) string {
	var who, when string
	for _, p := range l.per {
		if slices.Contains(scopeTimes, p) {
			when = r.say(&pEveryTime, r.word(p))
		} else {
			who += r.say(&pEveryOne, r.word(p))
		}
	}
	s := r.say(&pLimit, who, when, l.most.read(r))
	if len(l.of) > 1 {
		s = r.say(&pTogether, s)
	}
	switch l.share {
	case "highest":
		s = r.say(&pHighestOnly, s)
	case "earliest":
		if !slices.Contains(l.per, "企业") {
			s = r.say(&pFirstCome, s)
		}
	case "rank":
		s = r.say(&pRanked, s, r.word(l.key))
	case "prorata":
		s = r.say(&pProRata, s)
	}
	return s
}
