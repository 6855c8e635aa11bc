package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// roundExample is a worked example of a whole round: several claims with their figures, what earlier rounds gave, what the funds have.
type roundExample struct {
	round Round
	names []string            // of the claims, in the order of the file
	ids   map[string][]string // of a name: several when the line stands for several claims
	exact *bool               // whether the times of submission tell the time of the day; nil: none so far
	not   map[string]bool     // claims of which a person judged that what only a person can judge does not hold
	set   map[string]node     // the sum that a person set, by the claim's id
}

// mostExampleClaims bounds what a line of an example may stand for.
const mostExampleClaims = 1000

// roundExample reads `round:` of an example.
func (sc *scope) roundExample(n node, s *Scheme, x *example, p int) *roundExample {
	c := sc.c
	c.keys(n, "round_example")
	r := &roundExample{ids: map[string][]string{}, not: map[string]bool{}, set: map[string]node{}}
	r.round = Round{ID: n.get("id").text(), On: x.on, Performance: p, Batch: x.batch, Funds: map[string]Fen{}}
	if r.round.ID == "" {
		r.round.ID = "本批"
	}
	for _, e := range n.get("funds").entries() {
		if !slices.Contains(sc.doc.funds(), e.key) {
			c.errorAt(e.at, "“%s”不是本文件声明的资金来源%s", clip(e.key), suggest(e.key, sc.doc.funds()))
		}
		r.round.Funds[e.key] = sc.sum(e.value)
	}
	for _, item := range n.get("history").oneOrMore() {
		if past, ok := sc.past(item, s, p); ok {
			r.round.History = append(r.round.History, past)
		}
	}
	common := n.get("given").entries()
	for _, item := range n.get("claims").oneOrMore() {
		sc.claims(item, s, x, r, common, p)
	}
	if len(r.round.Claims) == 0 {
		c.errorAt(n, "round: 请写 claims:，一列申报，例如 claims: [{claim: 甲, given: {…}}]。")
	}
	return r
}

// sum reads money of an example.
func (sc *scope) sum(n node) Fen {
	v, unit, ok := sc.c.lib.vocabulary.units.number(n.text())
	f, fits := fenOf(v, "half_up")
	if !ok || unit != unitMoney || !fits {
		sc.c.errorAt(n, "应写金额，例如 100万元。")
		return 0
	}
	return f
}

// schemeID is the full id of a scheme that an example names: of this document, or document/scheme.
func (sc *scope) schemeID(n node, s *Scheme) string {
	if !n.is() {
		return s.id
	}
	for _, id := range []string{sc.doc.ID + "/" + n.text(), n.text()} {
		if sc.c.lib.index[id].is() {
			return id
		}
	}
	sc.c.errorAt(n, "没有条款“%s”%s", clip(n.text()), suggest(n.text(), sortedKeys(sc.c.lib.index)))
	return s.id
}

// ofClaim reads the fields that a claim or an earlier award says of itself.
func (sc *scope) ofClaim(e entry, s *Scheme, fields map[string]string, party *string) {
	v := sc.c.lib.vocabulary
	switch word := e.key; {
	case word != s.subject && v.terms[word] == nil && v.subjects[word]:
		*party = e.value.text()
	case word == s.subject || v.terms[word] != nil || slices.Contains(claimFields, word):
		fields[word] = e.value.text()
	default:
		sc.c.errorAt(e.at, "“%s”不是申报的栏目%s", clip(word), suggest(word, append(sortedKeys(v.terms), claimFields...)))
	}
}

func (sc *scope) past(item node, s *Scheme, p int) (Past, bool) {
	out := Past{Claim: "此前", Scheme: sc.schemeID(item.get("scheme"), s), Year: p, Fields: map[string]string{}}
	if !item.isMap() {
		sc.c.errorAt(item, "此前的奖补写作 {企业: 甲, amount: 7万元}。")
		return out, false
	}
	for _, e := range item.entries() {
		switch e.key {
		case "scheme":
		case "amount":
			out.Amount = sc.sum(e.value)
		case fieldYear:
			y, err := strconv.Atoi(e.value.text())
			if err != nil || y < firstYear || y > lastYear {
				sc.c.errorAt(e.value, "年度应是%s。", oneYear)
			}
			out.Year = y
		case fieldSession:
			out.Round = e.value.text()
		default:
			sc.ofClaim(e, s, out.Fields, &out.Party)
		}
	}
	if out.unsaid = out.Party == ""; out.unsaid {
		out.Party = out.Fields[s.subject]
	}
	return out, true
}

// claims reads one line of a round, which may stand for several claims alike.
func (sc *scope) claims(item node, s *Scheme, x *example, r *roundExample, common []entry, p int) {
	c := sc.c
	if !item.isMap() {
		c.errorAt(item, "每件申报写作 {claim: 甲, given: {…}}。")
		return
	}
	name := item.get("claim").text()
	if name == "" {
		name = strconv.Itoa(len(r.names) + 1)
	}
	if r.ids[name] != nil {
		c.errorAt(item, "“%s”写了两次，请换一个名称。", clip(name))
		return
	}
	times := 1
	if t := item.get("times"); t.is() {
		n, err := strconv.Atoi(t.text())
		if err != nil || n < 1 || n > mostExampleClaims {
			c.errorAt(t, "times 应是1到%d之间的数。", mostExampleClaims)
			return
		}
		times = n
	}
	if !c.repeat(item, times) {
		return
	}
	claim := Claim{Party: "", Scheme: sc.schemeID(item.get("scheme"), s), Fields: map[string]string{}}
	claim.Judged = item.get("judged").text() == "是"
	if j := item.get("judged"); j.is() && j.text() != "是" && j.text() != "否" {
		c.errorAt(j, "应写“是”或“否”。")
	}
	if d := item.get("decided"); d.is() {
		f := sc.sum(d)
		claim.Decided = &f
	}
	facts := NewFacts(c.lib.vocabulary)
	facts.CoverReceived(always) // the history of an example is all there is
	for _, g := range slices.Concat(common, item.get("given").entries()) {
		sc.given(facts, g, p, x.on.Year())
	}
	for _, e := range item.entries() {
		switch e.key {
		case "claim", "times", "scheme", "judged", "decided", "given":
		case fieldSubmitted:
			stamp, exact, err := submitted(e.value.text())
			switch {
			case err != nil:
				c.errorAt(e.value, "%s", sentence(err))
			case r.exact != nil && *r.exact != exact:
				c.errorAt(e.value, "同一批次的提交时间请都只写日期，或都写到几点几分，否则排不出先后。")
			}
			claim.Submitted, r.exact = stamp, &exact
		default:
			sc.ofClaim(e, s, claim.Fields, &claim.Party)
		}
	}
	if claim.unsaid = claim.Party == ""; claim.unsaid {
		claim.Party = claim.Fields[s.subject]
	}
	whose := claim.Party != ""
	if !whose {
		claim.Party = name
	}
	told := slices.Collect(maps.Keys(facts.received))
	for _, past := range r.round.History {
		if past.Party == claim.Party {
			if slices.Contains(told, past.Scheme) {
				c.errorAt(item, "“%s”此前所得的“%s”写了两处，会扣两次：history 和 given 的 received(%s) 请只写一处。", clip(claim.Party), past.Scheme, past.Scheme)
				break
			}
			of, own := past.Fields[s.subject], claim.Fields[s.subject]
			if of != "" && own != "" && of != own { // of another project
				continue
			}
			facts.ReceivedFor(past.Scheme, of, past.Amount, 0, Source{})
		}
	}
	claim.Facts = facts
	r.names = append(r.names, name)
	for i := range times {
		one := claim
		one.ID = name
		if times > 1 {
			one.ID = fmt.Sprintf("%s-%04d", name, i+1)
			if !whose {
				one.Party = one.ID
			}
		}
		r.round.Claims = append(r.round.Claims, one)
		r.ids[name] = append(r.ids[name], one.ID)
		r.not[one.ID] = item.get("judged").text() == "否"
		if d := item.get("decided"); d.is() {
			r.set[one.ID] = d
		}
	}
}

// checkRound settles the round of an example and compares what comes out.
func (s *Scheme) checkRound(c *checker, x *example) {
	sc := &scope{c: c, doc: s.doc}
	round := x.round.round
	round.seen = c.watch
	for i := range round.Claims {
		one := &round.Claims[i]
		if of := c.lib.Scheme(one.Scheme); of != nil && x.round.not[one.ID] {
			of.judgements(func(what *condition) {
				if _, said := one.Facts.judged[what.judge]; !said { // what given: says stands
					one.Facts.Judge(what.judge, false, Source{})
				}
			})
		}
	}
	list, err := c.lib.Settle(round)
	if err != nil {
		for _, e := range x.expect {
			if e.key == "refused" && strings.Contains(err.Error(), e.value.text()) {
				return
			}
		}
		c.errorAt(x.at, "例子与计算不符：这个批次不能结算：%s。", err.Error())
		return
	}
	by := make(map[string]*Settled, len(list))
	total := Fen(0)
	var open, granted []string
	for i := range list {
		y := &list[i]
		if d := x.round.set[y.Claim]; d.is() && y.Answer == Met && y.Gross.Kind == Exact && y.Gross.High != sc.sum(d) {
			c.errorAt(d, "“%s”的金额是定数 %s，不用核定：请去掉 decided。", clip(y.Claim), strings.ReplaceAll(y.Gross.High.String(), ",", ""))
		}
		by[y.Claim] = y
		total = plus(total, list[i].Amount)
	}
	for _, name := range x.round.names {
		for _, id := range x.round.ids[name] {
			if by[id].Open && !slices.Contains(open, name) {
				open = append(open, name)
			}
			if by[id].Granted && !slices.Contains(granted, name) {
				granted = append(granted, name)
			}
		}
	}
	wrong := func(at node, what, want, got string) {
		got = cmp.Or(got, "无")
		for _, y := range list {
			if y.Open {
				got += "；" + y.Claim + "未定：" + y.Why
				break
			}
		}
		c.errorAt(at, "例子与计算不符：%s 应为 %s，算出的是 %s。", what, cmp.Or(want, "无"), strings.ReplaceAll(got, ",", ""))
	}
	// each visits the claims of every name that an expectation speaks of.
	each := func(e entry, visit func(y *Settled, want node)) {
		for _, line := range e.value.entries() {
			ids := x.round.ids[line.key]
			if ids == nil {
				c.errorAt(line.at, "没有名为“%s”的申报%s", clip(line.key), suggest(line.key, x.round.names))
			}
			for _, id := range ids {
				visit(by[id], line.value)
			}
		}
	}
	names := func(e entry, got []string) {
		var want []string
		for _, w := range e.value.oneOrMore() {
			want = append(want, w.text())
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			wrong(e.value, e.key, strings.Join(want, "、"), strings.Join(got, "、"))
		}
	}
	for _, e := range x.expect {
		switch e.key {
		case "amounts":
			each(e, func(y *Settled, want node) {
				if y.Open || y.Amount != sc.sum(want) {
					wrong(want, y.Claim, want.text(), y.Amount.String())
				}
			})
		case "total":
			if total != sc.sum(e.value) {
				wrong(e.value, "total", e.value.text(), total.String())
			}
		case "open":
			names(e, open)
		case "granted":
			names(e, granted)
		case "cuts":
			each(e, func(y *Settled, want node) {
				var got, wanted []Fen
				for _, w := range want.oneOrMore() {
					wanted = append(wanted, sc.sum(w))
				}
				for i, cut := range y.Cuts {
					if i == 0 {
						got = append(got, cut.From)
					}
					got = append(got, cut.To)
				}
				if !slices.Equal(got, wanted) {
					wrong(want, y.Claim+" 的核减", flat(want), chain(got))
				}
			})
		case "pay":
			each(e, func(y *Settled, want node) { sc.checkPay(entry{key: y.Claim, value: want}, y.Payments, wrong) })
		case "note":
			each(e, func(y *Settled, want node) {
				if !slices.ContainsFunc(y.Cuts, func(cut Cut) bool { return strings.Contains(cut.Note, want.text()) }) {
					wrong(want, y.Claim, want.text(), "没有这样的说明")
				}
			})
		case "why":
			each(e, func(y *Settled, want node) {
				if !y.Open || !strings.Contains(y.Why, want.text()) {
					wrong(want, y.Claim, want.text(), "“"+y.Why+"”")
				}
			})
		case "funds":
			sc.checkFunds(e, slices.Concat(paymentsOf(list)...), wrong)
		case "refused":
			wrong(e.value, "refused", e.value.text(), "可以结算")
		default:
			c.errorAt(e.at, "批次的例子的 expect 中没有“%s”这一项%s", clip(e.key), suggest(e.key, roundExpects))
		}
	}
}

var roundExpects = []string{"amounts", "total", "open", "granted", "cuts", "pay", "funds", "note", "why", "refused"}

func chain(list []Fen) string {
	var out []string
	for _, f := range list {
		out = append(out, f.String())
	}
	return strings.Join(out, "；")
}

func paymentsOf(list []Settled) [][]Payment {
	var out [][]Payment
	for _, y := range list {
		out = append(out, y.Payments)
	}
	return out
}

// checkPay compares what is paid at each milestone; an amount that is not decided is compared by the most it may be.
func (sc *scope) checkPay(e entry, got []Payment, wrong func(at node, what, want, got string)) {
	var shown []string
	for _, p := range got {
		shown = append(shown, p.On+" "+p.Amount.String())
	}
	lines := e.value.entries()
	for i, line := range lines {
		if len(got) != len(lines) || got[i].On != line.key || got[i].Amount != sc.sum(line.value) {
			wrong(e.value, e.key, flat(e.value), strings.Join(shown, "，"))
			return
		}
	}
}

// checkFunds compares what each fund bears in all.
func (sc *scope) checkFunds(e entry, got []Payment, wrong func(at node, what, want, got string)) {
	sums := map[string]Fen{}
	for _, p := range got {
		for _, f := range p.Funds {
			sums[f.Fund] = plus(sums[f.Fund], f.Amount)
		}
	}
	for _, line := range e.value.entries() {
		if sums[line.key] != sc.sum(line.value) {
			wrong(line.value, line.key, line.value.text(), sums[line.key].String())
		}
	}
}
