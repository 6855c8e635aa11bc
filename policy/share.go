package policy

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// room is what is left under a limit in one scope. The two differ while something in it is not known; a claim is decided only when both agree.
type room struct{ least, most Fen }

func (r *room) take(least, most Fen) { r.least, r.most = max(0, r.least-most), max(0, r.most-least) }

// apply runs one limit over the claims of a layer, each scope by itself.
func (s *settling) apply(l *roundLimit, list []*item) []choice {
	type place struct {
		at   within
		list []*item
	}
	places := map[string]*place{}
	var astray []*item
	var where []within
	for _, x := range list {
		if !l.schemes[x.Scheme] || !x.live() && !x.may() {
			continue
		}
		w := s.where(l.limit, x)
		if !w.known() {
			x.wait("不知道它的“" + w.missing(l.limit) + "”，无法计入限额：" + l.read(chinese))
			astray, where = append(astray, x), append(where, w)
			continue
		}
		p := places[w.key()]
		if p == nil {
			p = &place{at: w}
			places[w.key()] = p
		}
		p.list = append(p.list, x)
	}
	var out []choice
	for _, key := range sortedKeys(places) {
		p := places[key]
		left := s.room(l, p.at, p.list)
		for i, x := range astray { // they may belong here
			if where[i].may(p.at) {
				left.take(0, s.takes(l, x))
			}
		}
		if c := s.share(l, p.list, left); c != nil {
			out = append(out, *c)
		}
	}
	return out
}

// room is what a limit leaves in a scope after what earlier rounds and earlier layers took.
func (s *settling) room(l *roundLimit, at within, list []*item) room {
	left := room{0, mostFen * mostClaims}
	switch {
	case l.fund != "":
		left.least = s.round.Funds[l.fund]
		left.most = left.least
	case l.most != nil:
		for i, x := range list {
			e := l.scheme.env(s.question(x.facts))
			low := l.limit.figure(l.most.compute(e, ""), false)
			high := low
			if e.incomplete {
				e.better = true
			}
			high = l.limit.figure(l.most.compute(e, ""), true)
			if l.most.kind == valueLiteral && l.most.lit.upTo {
				low = high
			}
			if i == 0 || high < left.most {
				left.most = high
			}
			if i == 0 || low < left.least {
				left.least = low
			}
		}
	}
	sure, may := s.took(l, at, list)
	left.take(sure, sure)
	left.take(0, may)
	return left
}

// took is what earlier rounds and earlier layers took of a limit in a scope for certain, and what they may have taken besides.
func (s *settling) took(l *roundLimit, at within, list []*item) (sure, may Fen) {
	took := func(w within, n Fen) {
		switch {
		case n <= 0 || !w.may(at):
		case w.known() && at.known():
			sure = plus(sure, n)
		default:
			may = plus(may, n)
		}
	}
	for i := range s.round.History {
		p := &s.round.History[i]
		if l.fund != "" || !s.counts(l, p.Scheme) { // what a fund has is what it can still give
			continue
		}
		n := min(p.Amount, mostFen)
		if scheme := s.lib.byScheme[p.Scheme]; l.count && (n > 0 || scheme == nil || !scheme.money()) {
			n = 1 // nothing is no award, unless it is none of money
		}
		took(s.wherePast(l.limit, p), n)
	}
	for _, x := range s.items {
		if x.done && l.schemes[x.Scheme] && x.live() {
			n := s.takes(l, x)
			took(s.where(l.limit, x), n)
		} else if x.done && l.schemes[x.Scheme] && x.may() {
			may = plus(may, s.takes(l, x))
		}
	}
	if s.forLife(l) && len(list) > 0 {
		for _, n := range s.received(l, list[0]) {
			if l.count {
				n = 1
			}
			sure = plus(sure, n)
		}
	}
	return sure, may
}

// figure is a limit's number or sum at one end of what it may be.
func (l *limit) figure(g given, high bool) Fen {
	b := g.lo
	if high {
		b = g.hi
	}
	switch {
	case b.inf > 0:
		return mostFen * mostClaims
	case b.sign() <= 0:
		return 0
	case l.count:
		n, ok := b.v.Floor().Int64()
		if !ok || n > mostClaims {
			n = mostClaims
		}
		return max(0, Fen(n))
	}
	f, ok := fenOf(b.v, "down")
	if !ok {
		f = mostFen * mostClaims
	}
	return max(0, min(f, mostFen*mostClaims))
}

// counts says whether a limit counts awards of a scheme: one that it names, or an earlier issue of one.
func (s *settling) counts(l *roundLimit, scheme string) bool {
	for id := range l.schemes {
		if id == scheme || slices.Contains(s.lib.byScheme[id].family, scheme) {
			return true
		}
	}
	return slices.ContainsFunc(l.of, func(id string) bool {
		other := s.lib.byScheme[id]
		return id == scheme || other != nil && slices.Contains(other.family, scheme)
	})
}

// forLife says whether a limit counts a party's awards whenever they were: then also those count that are only known to have been received.
func (s *settling) forLife(l *roundLimit) bool {
	return !slices.ContainsFunc(l.per, func(w string) bool { return w != l.scheme.subject && !l.scheme.claimant(w) })
}

// received are what a party's facts tell of awards that the history of rounds does not.
func (s *settling) received(l *roundLimit, x *item) []Fen {
	var out []Fen
	told := make([]bool, len(s.round.History))
	for _, id := range sortedKeys(x.claim.Facts.received) {
		if !s.counts(l, id) {
			continue
		}
	each:
		for _, a := range x.claim.Facts.received[id] {
			for i := range s.round.History {
				if p := &s.round.History[i]; !told[i] && p.Party == x.Party && p.Scheme == id && p.Amount == a.amount && p.PaidOn == a.on {
					told[i] = true
					continue each
				}
			}
			if a.amount > 0 {
				out = append(out, min(a.amount, mostFen))
			}
		}
	}
	return out
}

// share gives what is left in a scope to its claims.
func (s *settling) share(l *roundLimit, list []*item, left room) *choice {
	need := Fen(0)
	for _, x := range list {
		need = plus(need, s.takes(l, x))
	}
	if need <= left.least { // enough for all, whatever is still open
		return nil
	}
	if l.unpublished() {
		for _, x := range list {
			x.wait("限额没有公布，须人工确定：" + l.read(chinese))
		}
		s.round.seen.limit(l)
		return nil
	}
	if l.share == "prorata" {
		s.prorata(l, list, left)
		return nil
	}
	return s.inTurn(l, list, left)
}

// ranked is a claim with its place in an order.
type ranked struct {
	*item
	first, then rank_
}

// rank_ is the figure that a claim is ordered by.
type rank_ struct {
	num    Num
	word   string
	letter bool // the word is compared letter by letter: a code of fixed length
	known  bool
}

func (a rank_) cmp(b rank_) int {
	if a.letter {
		return strings.Compare(a.word, b.word)
	}
	return cmp.Or(a.num.Cmp(b.num), natural(a.word, b.word))
}

// natural compares numbers within words as numbers, so that 9 comes before 10, and the rest letter by letter.
func natural(a, b string) int {
	digits := func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
	x, y := a, b
	for x != "" && y != "" {
		m, n := digits(x), digits(y)
		if m == "" || n == "" {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(m, "0"), strings.TrimLeft(n, "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[len(m):], y[len(n):]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

// place reads a key of a claim.
func (s *settling) place(l *roundLimit, k *orderKey, x *item) rank_ {
	if k.field == fieldScheme {
		return rank_{num: intNum(int64(l.place(x.scheme))), known: true}
	}
	if k.expr == nil {
		w, ok := s.field(x, k.field)
		if k.field == fieldSubmitted && w == "" && l.tie != "" && l.share != "prorata" {
			ok = false
		}
		return rank_{word: w, letter: k.field == FieldCode || k.field == fieldSubmitted, known: ok}
	}
	e := l.scheme.env(s.question(x.facts))
	q := k.expr.eval(e)
	switch {
	case q.undecided() || q.any:
		return rank_{}
	case len(q.words) == 1:
		return rank_{word: q.words[0], known: true}
	case len(q.words) == 0 && q.span.exact():
		return rank_{num: q.span.lo.v, known: true}
	}
	return rank_{}
}

// place is where a limit names a scheme, or the one that it reissues.
func (l *limit) place(s *Scheme) int {
	if i := slices.Index(l.of, s.id); i >= 0 {
		return i
	}
	return slices.IndexFunc(l.of, func(id string) bool { return slices.Contains(s.family, id) })
}

// inTurn serves claims one after the other: the higher first, or the earlier. Those of equal rank at the last place are treated as the limit says.
func (s *settling) inTurn(l *roundLimit, list []*item, left room) *choice {
	rows := make([]ranked, 0, len(list))
	for _, x := range list {
		r := ranked{item: x}
		switch {
		case l.share == "highest" || l.key == nil || len(list) == 1 && l.key.field == fieldSubmitted:
			r.first = rank_{known: true}
		default:
			if r.first = s.place(l, l.key, x); !r.first.known {
				left.take(0, s.takes(l, x)) // it may stand anywhere
				x.wait("没有“" + l.key.text + "”，排不出先后：" + l.read(chinese))
				continue
			}
		}
		if l.second != nil {
			if r.then = s.place(l, l.second, x); !r.then.known {
				left.take(0, s.takes(l, x))
				x.wait("没有“" + l.second.text + "”，并列时排不出先后：" + l.read(chinese))
				continue
			}
		}
		rows = append(rows, r)
	}
	// Of equal key those stand together that no rule puts in order.
	order := func(a, b ranked) int {
		switch {
		case l.share == "highest":
			return cmp.Compare(b.takes(false), a.takes(false))
		case l.share == "rank":
			return cmp.Or(b.first.cmp(a.first), l.after(a, b))
		case l.tie == "": // of one party's own money: whichever comes last, the sum stays the same
			return cmp.Or(a.first.cmp(b.first), l.after(a, b), natural(a.Claim, b.Claim))
		}
		return cmp.Or(a.first.cmp(b.first), l.after(a, b))
	}
	slices.SortStableFunc(rows, order)
	if l.share == "highest" && slices.ContainsFunc(rows, func(r ranked) bool { return r.Open }) {
		for _, r := range rows { // which is the highest is not known yet
			r.wait("同组中有申报还没有核定，不能就高：" + l.read(chinese))
		}
		return nil
	}
	var c choice
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && order(rows[from], rows[to]) == 0 {
			to++
		}
		equal := rows[from:to]
		if from = to; l.share != "highest" || !s.indifferent(l, equal) {
			s.serve(l, equal, &left, &c)
			continue
		}
		slices.SortFunc(equal, func(a, b ranked) int {
			return cmp.Or(strings.Compare(a.claim.Submitted, b.claim.Submitted), natural(a.Claim, b.Claim))
		})
		for i := range equal {
			s.serve(l, equal[i:i+1], &left, &c)
		}
	}
	if l.stage != stageGroup || l.share != "highest" || len(c.chosen) == 0 || len(c.other) == 0 {
		return nil
	}
	return &c
}

// indifferent says that it makes no difference which of equally high claims of one party stays: what limits them besides counts all of them alike,
// they are paid alike, and nothing reads what one of them gave.
func (s *settling) indifferent(l *roundLimit, rows []ranked) bool {
	a := rows[0]
	for _, b := range rows[1:] {
		if a.Party != b.Party || a.scheme != b.scheme && (a.scheme.Apart() != "" || b.scheme.Apart() != "") {
			return false
		}
		for _, other := range s.limits {
			if other != l && (other.schemes[a.Scheme] || other.schemes[b.Scheme]) &&
				(!other.schemes[a.Scheme] || !other.schemes[b.Scheme] || !s.where(other.limit, a.item).same(s.where(other.limit, b.item))) {
				return false
			}
		}
		for _, x := range s.items {
			if reads := x.scheme.outcomes; a.scheme != b.scheme && (slices.Contains(reads, a.Scheme) || slices.Contains(reads, b.Scheme)) {
				return false
			}
		}
	}
	return true
}

// after orders by the second key: what ranks by height has the higher first, else the earlier.
func (l *roundLimit) after(a, b ranked) int {
	switch {
	case l.second == nil:
		return 0
	case l.share == "rank" && l.second.expr != nil && l.second.expr.typ().kind != TypeDate:
		return b.then.cmp(a.then)
	}
	return a.then.cmp(b.then)
}

// serve gives claims of equal rank what is left.
func (s *settling) serve(l *roundLimit, rows []ranked, left *room, c *choice) {
	need, sure := Fen(0), Fen(0)
	for _, r := range rows {
		need = plus(need, s.takes(l, r.item))
		if !r.Open {
			sure = plus(sure, s.takes(l, r.item))
		}
	}
	out := func(r ranked, to Fen) {
		if l.stage == stageGroup && r.money() {
			c.other, c.came = append(c.other, r.item), append(c.came, r.Amount)
		}
		r.cut(l.limit, to)
		s.round.seen.limit(l)
	}
	switch {
	case need <= left.least:
		left.take(sure, need)
		for _, r := range rows {
			if !r.Open {
				c.chosen = append(c.chosen, r.item)
			}
		}
	case left.most == 0:
		for _, r := range rows {
			if !r.Open {
				out(r, 0)
			}
		}
	case left.least != left.most || sure != need:
		for _, r := range rows {
			r.wait("同一限额下还有申报没有定下来：" + l.read(chinese))
		}
		left.take(0, need)
	case len(rows) == 1:
		out(rows[0], s.leaves(l, rows[0].item, left.least))
		*left = room{}
	case l.tie == "all" && l.second == nil:
		*left = room{}
	case l.tie == "none" && l.second == nil:
		for _, r := range rows {
			out(r, 0)
		}
		*left = room{}
	case inPlaces(rows):
		slices.SortFunc(rows, func(a, b ranked) int { return cmp.Compare(a.claim.Place, b.claim.Place) })
		for i, r := range rows {
			n := len(r.Cuts)
			s.serve(l, rows[i:i+1], left, c)
			if len(r.Cuts) > n {
				r.Cuts[n].Note = "末位并列，按裁定的先后"
			}
		}
	default:
		why := "末位并列，由谁得由人决定："
		if l.share == "highest" {
			why = "金额一样高，留哪一件由人决定，其余的撤回或不予支持："
		}
		for _, r := range rows {
			r.wait(why + l.read(chinese))
		}
		s.round.seen.limit(l)
		*left = room{} // whoever gets it, it is used up
	}
}

// inPlaces says whether a person decided who of claims of equal rank comes first.
func inPlaces(rows []ranked) bool {
	seen := map[int]bool{0: true}
	for _, r := range rows {
		if seen[r.claim.Place] {
			return false
		}
		seen[r.claim.Place] = true
	}
	return true
}

// prorata cuts all claims alike: what is left × claim ÷ all claims in fen, the fen that remain to the largest remainders, equal ones by the key.
func (s *settling) prorata(l *roundLimit, list []*item, left room) {
	total, open := uint64(0), left.least != left.most
	keys := make(map[*item]rank_, len(list))
	for _, x := range list {
		open = open || x.Open
		total += uint64(s.takes(l, x))
		if keys[x] = s.place(l, l.key, x); !keys[x].known {
			x.wait("没有“" + l.key.text + "”，零头归谁定不下来：" + l.read(chinese))
			open = true
		}
	}
	if open {
		for _, x := range list {
			x.wait("同一限额下还有申报没有定下来：" + l.read(chinese))
		}
		return
	}
	type part struct {
		*item
		to   Fen
		rest uint64
	}
	parts := make([]part, len(list))
	remain := left.least
	for i, x := range list {
		hi, lo := bits.Mul64(uint64(s.takes(l, x)), uint64(left.least))
		q, r := bits.Div64(hi, lo, total) // what it takes ≤ total, so that the quotient fits
		parts[i] = part{x, Fen(q), r}
		remain -= Fen(q)
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.rest, a.rest), keys[a.item].cmp(keys[b.item]), natural(a.Claim, b.Claim))
	})
	for i := range parts {
		if remain > 0 && parts[i].rest > 0 {
			parts[i].to++
			remain--
		}
		parts[i].cut(l.limit, s.leaves(l, parts[i].item, parts[i].to))
		s.round.seen.limit(l)
	}
}

// supposed settles a party's claims through its own caps once more with another choice, and notes it where that would have come to more.
func (s *settling) supposed(c choice, own []*item, before map[*item]Fen, best, other *item, came Fen) {
	try := *s
	try.items = nil
	var trial *item
	var list []*item
	for _, x := range own {
		y, settled := *x, *x.Settled
		settled.Cuts = nil
		y.Settled = &settled
		if !y.Open {
			y.Amount = before[x]
		}
		switch {
		case slices.Contains(c.chosen, x):
			y.Amount, y.Granted = 0, false
		case x == other:
			y.Amount, y.Granted = came, true
			trial = &y
		}
		list = append(list, &y)
	}
	for _, x := range s.items {
		if x.done {
			try.items = append(try.items, x)
		}
	}
	if trial == nil {
		return
	}
	for _, l := range s.limits {
		if l.stage == stageCap && slices.ContainsFunc(list, func(x *item) bool { return l.schemes[x.Scheme] }) {
			try.apply(l, list)
		}
	}
	if trial.Open || trial.Amount <= best.Amount {
		return
	}
	words := "就高按限额前的金额选了“" + best.scheme.title + "”，限额后为" + best.Amount.String() + "；若选“" + other.scheme.title + "”，限额后为" + trial.Amount.String()
	for _, x := range []*item{best, other} {
		if n := len(x.Cuts); n > 0 {
			x.Cuts[n-1].Note = words
		}
	}
}
