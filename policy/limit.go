package policy

import (
	"slices"
	"strings"
)

// limit is what awards may come to across claims: once only, the highest of a group, a party's yearly cap, a quota, a shared pool, a
// budget. Its stage in settlement follows from its shape, so that no file can reorder the pipeline.
type limit struct {
	at     node
	scheme *Scheme
	stage  stage
	count  bool   // a number of awards, else money
	most   *value // nil: not known, or what a fund has
	fund   string // the fund whose sum the round gives
	per    []string
	of     []string // ids of the schemes counted together; this one alone if it names none
	share  string   // highest, earliest, rank, prorata
	key    *orderKey
	tie    string    // manual, all, none; empty: by the names of the claims, which are one party's own
	second *orderKey // what orders those whose key is equal
	text   string
	interp *Interpretation
}

// stage is the place of a limit in the pipeline; the numbers are those of the documentation.
type stage uint8

const (
	stageGroup  stage = 4 + iota // a number of awards of one party: once only, the highest of a group
	stageCap                     // money of one party
	stageQuota                   // a number of awards among parties
	stagePool                    // money shared among parties
	stageBudget                  // what a fund has
)

var stageWords = map[stage]string{stageGroup: "group", stageCap: "cap", stageQuota: "quota", stagePool: "pool", stageBudget: "budget"}

var stageNames = map[stage]string{stageGroup: "按申报人计的次数", stageCap: "按申报人计的金额", stageQuota: "名额", stagePool: "共用的总额", stageBudget: "预算"}

var shareWords = []string{"highest", "earliest", "rank", "prorata"}

// What a claim says of itself without any fact; the first two are times: they say how long a limit runs, not whom it counts.
const (
	fieldYear      = "年度"
	fieldSession   = "届"
	fieldSubmitted = "提交时间"
	fieldNumber    = "申报编号"
	FieldCode      = "统一社会信用代码" // to be given in Claim.Fields
	FieldTown      = "镇街"
	fieldScheme    = "条款" // as a key alone: the place of its scheme in what the limit counts together
)

var claimFields = []string{fieldYear, fieldSession, fieldSubmitted, fieldNumber, FieldCode, FieldTown}

// orderKey is what puts claims in order: a field that a claim says of itself, or a quantity over its facts.
type orderKey struct {
	field string
	expr  expr
	text  string
}

// RankTerm is the term by whose value the scheme's places are given, the highest first (a quota with share: rank); empty: it has no such quota.
func (s *Scheme) RankTerm() string {
	for i := range s.limits {
		if t, ok := s.limits[i].rankTerm(); ok {
			return t
		}
	}
	return ""
}

func (l *limit) rankTerm() (string, bool) {
	if l.share != "rank" || !l.count || l.key == nil {
		return "", false
	}
	t, ok := l.key.expr.(*termExpr)
	if !ok || t.term.Yearly() {
		return "", false
	}
	return t.term.Name, true
}

// claimant says whether a word of a scope stands for whoever claims, and not for a field of the claim.
func (s *Scheme) claimant(word string) bool {
	v := s.doc.lib.vocabulary
	return v.terms[word] == nil && (word == s.subject || v.subjects[word])
}

// unpublished says that the document does not tell how much.
func (l *limit) unpublished() bool {
	return l.fund == "" && (l.most == nil || l.most.kind == valueLiteral && l.most.lit.manual)
}

// party says whether the scope names the claimant: the limit is settled for each party by itself.
func (l *limit) party(s *Scheme) bool {
	return slices.ContainsFunc(l.per, func(w string) bool { return w == s.subject || s.claimant(w) })
}

// both says whether the scope names what the scheme is for and another claimant.
func (l *limit) both() bool {
	return slices.Contains(l.per, l.scheme.subject) && slices.ContainsFunc(l.per, func(w string) bool { return w != l.scheme.subject && l.scheme.claimant(w) })
}

func (sc *scope) limits(n node, s *Scheme) []limit {
	if !n.is() {
		return nil
	}
	var out []limit
	for _, item := range n.oneOrMore() {
		l, ok := sc.limit(item, s)
		if !ok {
			continue
		}
		if len(out) > 0 {
			sc.afterLast(&out[len(out)-1], &l)
		}
		out = append(out, l)
	}
	return out
}

// afterLast refuses limits that are written in another order than they are applied in: a reader takes them for the order of the arithmetic.
func (sc *scope) afterLast(last, l *limit) {
	switch {
	case l.stage < last.stage:
		sc.c.errorAt(l.at, "限额请按结算的次序写：%s在%s之前。", stageNames[l.stage], stageNames[last.stage])
	case l.stage == last.stage && l.stage != stageGroup && (len(l.per) > len(last.per) &&
		!slices.ContainsFunc(last.per, func(w string) bool { return !slices.Contains(l.per, w) }) ||
		slices.Contains(l.per, l.scheme.subject) && !slices.Contains(last.per, l.scheme.subject)):
		sc.c.errorAt(l.at, "限额请从小范围写到大范围：按“%s”计的在按“%s”计的之前。", strings.Join(l.per, "、"), strings.Join(last.per, "、"))
	}
}

func (sc *scope) limit(item node, s *Scheme) (limit, bool) {
	c := sc.c
	c.keys(item, "limit")
	l := limit{at: item, scheme: s, share: item.get("share").text(), text: item.get("text").text(), interp: c.interpretation(item.get("interpretation"))}
	most := item.get("at_most")
	switch {
	case !most.is():
		return l, false
	case most.text() == notFound:
		l.count = true
	case slices.Contains(sc.doc.funds(), most.text()):
		l.fund = most.text()
	default:
		if l.most = sc.value(most); l.most == nil {
			return l, false
		}
		switch l.most.unit {
		case unitMoney, anyUnit:
		default:
			l.count = true
		}
		if l.most.kind == valueLiteral && l.most.lit.atLeast {
			c.errorAt(item.get("at_most"), "限额是上限，不能写“不低于”：请直接写数。")
			return l, false
		}
		if l.most.kind == valueLiteral && !l.most.lit.manual && l.most.lit.high.Sign() < 0 {
			c.errorAt(most, "限额不能小于零。")
		}
	}
	for _, w := range item.get("per").oneOrMore() {
		if word := w.text(); word != s.subject && !slices.Contains(claimFields, word) && c.lib.vocabulary.terms[word] == nil && !s.doc.lib.vocabulary.subjects[word] {
			c.errorAt(w, "“%s”不是申报的栏目：per 里可以写%s、%s，或词汇表 terms 中的名称%s", clip(word), s.subject, strings.Join(claimFields[:2], "、"),
				suggest(word, append(sortedKeys(c.lib.vocabulary.terms), claimFields...)))
		}
		l.per = append(l.per, w.text())
	}
	if len(l.per) == 0 {
		c.errorAt(item, "限额请写 per:，说明按什么计，例如 per: [企业, 年度]。")
	}
	l.of = sc.counted(item.get("of"), s)
	party := l.party(s)
	switch {
	case l.fund != "":
		l.stage = stageBudget
	case l.count && party:
		l.stage = stageGroup
	case party:
		l.stage = stageCap
	case l.count:
		l.stage = stageQuota
	default:
		l.stage = stagePool
	}
	if l.stage == stageBudget && party {
		c.errorAt(item, "基金的预算是大家共用的，per 里不写%s。", s.subject)
	}
	if l.most != nil && !party {
		reads := &walker{seen: map[*definition]bool{}, onExpr: func(expr) { party = true }}
		if reads.value(l.most); party {
			c.errorAt(most, "大家共用的限额应是同一个数，不能随申报人的数据变化。")
		}
	}
	sc.share(item, &l)
	return l, true
}

// counted are the ids of the schemes that a limit counts: of this document, of those it reissues, or by their full ids.
func (sc *scope) counted(n node, s *Scheme) []string {
	out := []string{}
	for _, w := range n.oneOrMore() {
		id := w.text()
		for doc := sc.doc; doc != nil; doc = doc.parent {
			if full := doc.ID + "/" + w.text(); sc.c.lib.index[full].is() {
				id = full
				break
			}
		}
		if !sc.c.lib.index[id].is() {
			sc.c.errorAt(w, "限额中的条款“%s”不存在%s", clip(w.text()), suggest(w.text(), sortedKeys(sc.c.lib.index)))
			continue
		}
		if slices.Contains(out, id) {
			sc.c.errorAt(w, "条款“%s”在 of: 中写了两次，请删去一个。", clip(w.text()))
			continue
		}
		out = append(out, id)
	}
	if len(out) == 0 {
		out = append(out, s.id)
	}
	return out
}

// share reads who yields when there is not enough for all.
func (sc *scope) share(item node, l *limit) {
	c, at := sc.c, item.get("share")
	shared := l.stage >= stageQuota
	switch {
	case l.share != "" && !slices.Contains(shareWords, l.share):
		c.errorAt(at, "share 应为 highest（就高）、earliest（先到先得）、rank（按名次）或 prorata（按比例）%s", suggest(l.share, shareWords))
	case shared && l.share == "":
		c.errorAt(item, "跨申请人的限额请写 share:，说明不够分时谁让：earliest、rank 或 prorata。")
	case l.share == "highest" && shared:
		c.errorAt(at, "highest（就高）只用在按申报人计的限额上；跨申报人按高低取舍的请写 share: rank，并写 key:。")
	case l.share == "prorata" && item.get("at_most").text() == notFound:
		c.errorAt(at, "没有公布的总额不能同比例核减：按多少减不知道。写 at_most: not_found 的限额请写 share: earliest 或 rank，结算时等人确定；找到总额以后再写数和 prorata。")
	case l.share == "prorata" && l.count:
		c.errorAt(at, "次数和名额不能按比例分；请写 earliest 或 rank。")
	}
	key := item.get("key")
	if l.key = sc.orderKey(key); !key.is() {
		switch l.share {
		case "rank", "prorata":
			c.errorAt(item, "share: %s 请写 key:，说明按什么排序、零头归谁。", l.share)
		default:
			l.key = &orderKey{field: fieldSubmitted, text: fieldSubmitted}
		}
	} else if l.share == "rank" && l.key != nil && (l.key.expr == nil || l.key.expr.typ().kind != TypeNumber && l.key.expr.typ().kind != TypeLevel) {
		c.errorAt(key, "按名次的 key 应是能比高低的数或等级，高的在前；按先后的请写 share: earliest。")
	}
	tie := item.get("tie")
	if l.tie = "manual"; !tie.is() && l.stage == stageCap && l.key != nil && l.key.field == fieldSubmitted {
		l.tie = ""
	}
	switch word := tie.text(); {
	case !tie.is() || word == "manual" || word == "none":
		if tie.is() {
			l.tie = word
		}
	case word == "all":
		if l.tie = word; !l.count {
			c.errorAt(tie, "tie: all（并列的都给）只用在名额上；总额不能因并列而超出。")
		}
	default:
		l.second = sc.orderKey(tie)
	}
	if tie.is() && l.share != "rank" && l.share != "earliest" {
		c.errorAt(tie, "tie 只用在 share: rank 和 share: earliest 上。")
	}
}

func (sc *scope) orderKey(n node) *orderKey {
	if !n.is() {
		return nil
	}
	k := &orderKey{text: n.text()}
	if (slices.Contains(claimFields, k.text) || k.text == fieldScheme) && sc.c.lib.vocabulary.terms[k.text] == nil {
		k.field = k.text
		return k
	}
	if k.expr = sc.quantity(n); k.expr == nil {
		return nil
	}
	return k
}
