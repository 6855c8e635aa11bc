package policy

import (
	"slices"
	"strings"
)

// instalment is one part of how an award is paid: a share of the sum, a value of its own (an advance), or the rest.
type instalment struct {
	on      string // the milestone
	share   *Num
	value   *value
	rest    bool
	recover bool       // what was advanced beyond the sum is claimed back
	from    Date       // due from this day on; zero: no day is named
	when    *condition // due once this holds on verified facts; nil: once an officer confirms the milestone
	text    string
	interp  *Interpretation
}

// fundPart is the part of every payment that one fund bears.
type fundPart struct {
	fund  string
	share Num
	rest  bool

	interp *Interpretation
}

// Payment is one payment of an award.
type Payment struct {
	On     string      `json:"on,omitempty"`   // the milestone; empty: paid once
	Amount Fen         `json:"amount"`         // fen; below zero: to be recovered. Of an amount that is not decided: the most it may be
	Text   string      `json:"text"`           // 最高360万元, 追回1.25万元
	From   Date        `json:"from,omitempty"` // due from this day on
	When   string      `json:"when,omitempty"` // due once this holds
	Payee  string      `json:"payee,omitempty"`
	Funds  []FundShare `json:"funds,omitempty"`
}

// FundShare is what one fund bears of a payment.
type FundShare struct {
	Fund   string `json:"fund"`
	Amount Fen    `json:"amount"` // of an amount that is not decided: the most it may be

	text string
}

// String is what the fund bears, as a payment of a result says it: 至多1万元.
func (f FundShare) String() string {
	if f.text == "" {
		return f.Amount.String()
	}
	return f.text
}

// funds are the names of the funds that a document declares, or that it reissues.
func (d *Document) funds() []string {
	var out []string
	for doc := d; doc != nil; doc = doc.parent {
		for _, w := range doc.root.get("funds").oneOrMore() {
			out = append(out, w.text())
		}
	}
	return out
}

// readFunds checks the funds that a document declares.
func (c *checker) readFunds(d *Document) {
	seen := map[string]bool{}
	for _, w := range d.root.get("funds").oneOrMore() {
		if !isName(w.text()) {
			c.errorAt(w, "资金来源应是一个名称，以汉字或字母开头。")
		}
		if seen[w.text()] {
			c.errorAt(w, "同一资金来源写了两次。")
		}
		seen[w.text()] = true
	}
}

// pay reads the instalments of a scheme.
func (sc *scope) pay(n node) []instalment {
	if !n.is() {
		return nil
	}
	c := sc.c
	var out []instalment
	var sum Num
	own, bad := false, false
	for i, item := range n.oneOrMore() {
		p := instalment{on: item.get("on").text(), text: item.get("text").text(), interp: c.interpretation(item.get("interpretation"))}
		if p.on == "" {
			c.errorAt(item, "每一期请写 on:，什么时候付，例如 on: 开工。")
		}
		if slices.ContainsFunc(out, func(x instalment) bool { return x.on == p.on }) {
			c.errorAt(item.get("on"), "“%s”写了两期，请合为一期。", clip(p.on))
		}
		p.from, p.when = sc.due(item.get("due"))
		if p.rest = item.get("give").text() == "rest"; p.rest {
			c.keys(item, "instalment")
			if i != len(n.oneOrMore())-1 {
				c.errorAt(item, "rest（其余）只能是最后一期。")
			}
			switch b := item.get("below_zero"); b.text() {
			case "recover":
				p.recover = true
			case "none":
			default:
				if b.is() {
					c.errorAt(b, "below_zero 应为 recover（多付的追回）或 none（不追回）。")
				} else if own {
					c.errorAt(item, "前面各期不是按比例付的，可能多于结算金额：请写 below_zero: recover（多付的追回）或 none（不追回）。")
				}
			}
			out = append(out, p)
			continue
		}
		if b := item.get("below_zero"); b.is() {
			c.errorAt(b, "below_zero 只写在最后一期 rest 上。")
		}
		v := sc.value(item.without("on", "below_zero", "due"))
		switch {
		case v == nil:
			bad = true
			continue
		case v.discretionary():
			bad = true
			c.errorAt(item.get("give"), "“%s”不是一个定的数：付款时要知道这一期付多少。“不超过50%%”之类，请写实际按多少付（例如 50%%），并写 interpretation，说明是谁这样定的。", clip(item.get("give").text()))
			continue
		case v.unit == unitRatio && v.kind == valueSum && len(v.parts) == 1 && v.parts[0].kind == valueLiteral && v.guard == nil && len(v.steps) == 0:
			l := v.parts[0].lit
			if !l.exact() || l.low.Sign() <= 0 || l.low.Cmp(intNum(1)) > 0 {
				c.errorAt(item.get("give"), "每一期的比例应在0到100%%之间，例如 30%%。")
			}
			p.share = &l.low
			sum = sum.Add(l.low)
		case v.unit == unitMoney:
			p.value, own = v, true
		default:
			c.errorAt(item, "每一期的 give 应是结算金额的比例（30%%）、自己的金额（写 of:），或 rest（其余）。")
		}
		out = append(out, p)
	}
	last := len(out) > 0 && out[len(out)-1].rest
	switch {
	case bad || len(out) == 0:
	case !last && own:
		c.errorAt(n, "有一期按自己的金额付，最后一期请写 give: rest。")
	case !last && sum.Cmp(intNum(1)) != 0:
		c.errorAt(n, "各期比例之和是%s，应为100%%，或最后一期写 give: rest。", formatNum(sum, unitRatio, 4))
	case last && sum.Cmp(intNum(1)) >= 0:
		c.errorAt(n, "rest 之前各期已占%s，没有剩余。", formatNum(sum, unitRatio, 4))
	}
	return out
}

// discretionary says that a value leaves something for a person to set.
func (v *value) discretionary() bool {
	found := false
	w := &walker{seen: map[*definition]bool{}, onValue: func(x *value) {
		found = found || x.kind == valueSee || x.lit != nil && !x.lit.exact()
	}}
	w.value(v)
	return found
}

// due reads when an instalment falls due: a day, or a condition on facts. Neither: an officer confirms the milestone.
func (sc *scope) due(n node) (Date, *condition) {
	if !n.is() {
		return 0, nil
	}
	if !n.isMap() && !n.isList() {
		if day, err := ParseDate(n.text()); err == nil {
			return day, nil
		}
	}
	return 0, sc.condition(n)
}

// without is a map without some of its keys.
func (n node) without(keys ...string) node {
	if !n.isMap() {
		return n
	}
	y := *n.Node
	y.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(keys, strings.TrimSpace(n.Content[i].Value)) {
			y.Content = append(y.Content, n.Content[i], n.Content[i+1])
		}
	}
	return n.child(&y)
}

// fundParts reads how payments are borne by several funds.
func (sc *scope) fundParts(n node) []fundPart {
	c := sc.c
	var out []fundPart
	var sum Num
	items := n.oneOrMore()
	for i, item := range items {
		c.keys(item, "fund_share")
		p := fundPart{fund: item.get("fund").text(), interp: c.interpretation(item.get("interpretation"))}
		if known := sc.doc.funds(); !slices.Contains(known, p.fund) {
			c.errorAt(item, "“%s”不是本文件声明的资金来源：请在文件开头写 funds: [名称]%s", clip(p.fund), suggest(p.fund, known))
		}
		if slices.ContainsFunc(out, func(x fundPart) bool { return x.fund == p.fund }) {
			c.errorAt(item, "同一资金来源写了两次。")
		}
		if p.rest = item.get("share").text() == "rest"; p.rest {
			if i != len(items)-1 {
				c.errorAt(item, "rest（其余）只能是最后一个来源。")
			}
		} else if share, unit, ok := c.lib.vocabulary.units.number(item.get("share").text()); !ok || unit != unitRatio || share.Sign() <= 0 || share.Cmp(intNum(1)) > 0 {
			if w := item.get("share"); w.is() {
				c.errorAt(w, "share: 应是大于0、不超过100%%的百分数，例如 50%%；除不尽的（例如三分之一）写在最后，写 rest（其余）。")
			} else {
				c.errorAt(item, "每个来源请写 share:，分担的比例，例如 50%%；最后一个写 rest。")
			}
		} else {
			p.share = share
			sum = sum.Add(share)
		}
		out = append(out, p)
	}
	if len(out) > 0 {
		switch last := out[len(out)-1].rest; {
		case !last && sum.Cmp(intNum(1)) != 0:
			c.errorAt(n, "各来源分担之和是%s，应为100%%，或最后一个写 share: rest。", formatNum(sum, unitRatio, 4))
		case last && sum.Cmp(intNum(1)) >= 0:
			c.errorAt(n, "rest 之前各来源已占%s，没有剩余。", formatNum(sum, unitRatio, 4))
		}
	}
	return out
}

// Apart says in a Chinese sentence how the scheme is paid when it is not the whole sum, once, to the applicant, from one purse; empty: it is so paid.
func (s *Scheme) Apart() string {
	if len(s.pay) == 0 && len(s.fundParts) == 0 && s.payee == "" {
		return ""
	}
	return strings.Join(s.readPay(chinese), "；")
}

// Earmark is what the money may be used for alone, in the file's words; none: anything.
func (s *Scheme) Earmark() []string { return s.earmark }

// Payee is who receives the money, in the file's word; empty: the applicant.
func (s *Scheme) Payee() string { return s.payee }

// Parted says whether the scheme is paid in several instalments, and whether one of them is an advance: a sum of its own, which the
// settlement of the case may come to more or less than.
func (s *Scheme) Parted() (parts, advance bool) {
	return len(s.pay) > 1, slices.ContainsFunc(s.pay, func(p instalment) bool { return p.value != nil })
}

// Pays splits a decided sum as the scheme says it is paid, nothing more than it in all: an advance beyond it would only be claimed back.
// One payment where the file says nothing else. It fails where an advance is not known or a person's to set.
func (s *Scheme) Pays(sum Fen, q Question) ([]Payment, error) {
	list, ok := s.payments(chinese, sum, q)
	if !ok {
		return nil, faultf("“%s”分期支付，其中一期按自己的金额付，而这个金额还不知道，请先补充数据", s.title)
	}
	if len(list) == 0 {
		return []Payment{{Amount: sum, Text: chinese.fen(sum)}}, nil
	}
	var out []Payment
	left := sum
	for _, p := range list {
		if most := min(p.Amount, left); most > 0 {
			if most != p.Amount {
				p.Amount, p.Text, p.Funds = most, chinese.fen(most), s.borne(most)
			}
			left -= most
			out = append(out, p)
		}
	}
	return out, nil
}

// Due says whether what an instalment waits for holds, and whether only verified and undisputed facts say so: of one without a condition
// it is for a person to say.
func (s *Scheme) Due(on string, q Question) (answer Answer, verified bool) {
	for _, p := range s.pay {
		if p.on == on && p.when != nil {
			e := s.env(q)
			answer = p.when.evaluate(e).answer
			return answer, !e.unverified && !e.disputed
		}
	}
	return Manual, true
}

// hanging is a fact that is not known and that an instalment hangs on: what it comes to, or whether it is due.
type hanging struct {
	need Need
	on   string
	sum  bool
}

// hanging finds what the instalments hang on and is not known.
func (s *Scheme) hanging(q Question) (out []hanging) {
	q.Explain, q.Brief, q.seen = false, false, nil
	add := func(on string, sum bool, wanted *needs) {
		if wanted != nil {
			for _, n := range wanted.list {
				out = append(out, hanging{*n, on, sum})
			}
		}
	}
	for _, p := range s.pay {
		if p.value != nil {
			e := s.env(q)
			e.needs = e.wanted()
			p.value.compute(e, "")
			add(p.on, true, e.needs)
		}
		if p.when != nil {
			add(p.on, false, p.when.evaluate(s.env(q)).needs)
		}
	}
	return out
}

// Bears says what each fund bears of an amount; nil: the file splits nothing.
func (s *Scheme) Bears(amount Fen) []FundShare { return s.borne(amount) }

// Recovers says whether what was paid beyond the settled sum is claimed back.
func (s *Scheme) Recovers() bool {
	return len(s.pay) > 0 && s.pay[len(s.pay)-1].recover
}

// part is a share of a sum in fen, rounded as the document says.
func (d *Document) part(sum Fen, share Num) Fen {
	f, _ := fenOf(frac(int64(sum), 100).Mul(share), d.rounding)
	return f
}

// payments splits a sum into its instalments and each instalment among the funds: rounding at each split, the last part takes the difference.
// ok is false when an instalment of its own is not known or a person's to set.
func (s *Scheme) payments(r *reader, sum Fen, q Question) (out []Payment, ok bool) {
	if s.Apart() == "" {
		return nil, true
	}
	list := s.pay
	if len(list) == 0 {
		list = []instalment{{rest: true, recover: true}}
	}
	paid := Fen(0)
	for i, p := range list {
		var amount Fen
		switch {
		case p.rest:
			if amount = sum - paid; amount < 0 && !p.recover {
				amount = 0
			}
		case p.share != nil && i == len(list)-1:
			amount = sum - paid
		case p.share != nil:
			amount = s.doc.part(sum, *p.share)
		default:
			e := s.env(q)
			g := p.value.compute(e, "")
			a := g.money(r, s.doc)
			if e.incomplete || a.Kind != Exact {
				return nil, false
			}
			amount = a.High
		}
		paid += amount
		out = append(out, Payment{On: p.on, Amount: amount, Text: r.owed(amount), From: p.from, When: p.waits(r), Payee: s.payee, Funds: s.borne(amount)})
	}
	return out, true
}

// waits reads the condition that an instalment waits for.
func (p *instalment) waits(r *reader) string {
	if p.when == nil {
		return ""
	}
	return p.when.read(r)
}

func (r *reader) owed(amount Fen) string {
	if amount < 0 {
		return r.say(&pRecovered, r.fen(-amount))
	}
	return r.fen(amount)
}

// between is a payment of which only the least and the most are known: below zero it is recovered. The phrase says whose bound the most is, of the
// document (最高) or of what is not known or left (至多).
func (r *reader) between(low, high Fen, most *phrase) string {
	switch {
	case low == high:
		return r.owed(high)
	case low == 0:
		return r.say(most, r.fen(high))
	case low > 0:
		return r.say(&pFromTo, r.fen(low), r.fen(high))
	case high > 0:
		return r.say(&pRecoverOrPay, r.fen(-low), r.fen(high))
	case high == 0:
		return r.say(&pRecovered, r.say(most, r.fen(-low)))
	}
	return r.say(&pRecovered, r.say(&pFromTo, r.fen(-high), r.fen(-low)))
}

// borne splits a payment among the funds.
func (s *Scheme) borne(amount Fen) []FundShare {
	var out []FundShare
	left := amount
	for i, f := range s.fundParts {
		part := left
		if i < len(s.fundParts)-1 {
			part = s.doc.part(amount, f.share)
			left -= part
		}
		out = append(out, FundShare{Fund: f.fund, Amount: part})
	}
	return out
}

// payable are the payments of an amount that may not be decided yet, as far as the party's limits leave it: at most what the most it may come to
// would be paid in.
func (s *Scheme) payable(r *reader, a Amount, unsure bool, l *Left, q Question) []Payment {
	if a.Kind == NoAmount || a.Open || a.Kind == ManualAmount {
		return nil
	}
	low, high, most := a.Low, a.High, &pUpTo
	if unsure {
		most = &pNoMoreThan
	}
	if l != nil && (l.within(a.High, false) || !l.Sure && a.Kind == Exact) {
		low, high = min(low, l.Of(high)), l.Of(high)
		if !l.Sure { // what has been used of a limit is deducted
			low = min(low, 0)
		}
		most = &pNoMoreThan
	}
	out, ok := s.payments(r, high, q)
	if !ok {
		return nil
	}
	least, _ := s.payments(r, low, q)
	for i := range out {
		out[i].Text = r.between(least[i].Amount, out[i].Amount, most)
		for k := range out[i].Funds {
			f := &out[i].Funds[k]
			f.text = r.between(least[i].Funds[k].Amount, f.Amount, most)
		}
	}
	return out
}

// When reads the condition that the file writes for an instalment; empty: none.
func (s *Scheme) When(on string) string {
	for i := range s.pay {
		if s.pay[i].on == on {
			return s.pay[i].waits(chinese)
		}
	}
	return ""
}
