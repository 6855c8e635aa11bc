package policy

import (
	"maps"
	"slices"
	"sort"
	"strings"
)

// Cut is one reduction of a claim, in the order it happened.
type Cut struct {
	By    string `json:"by"` // the limit's sentence, or how the sum came about
	From  Fen    `json:"from"`
	To    Fen    `json:"to"`
	Stage string `json:"stage"`          // claim, decision, group, cap, quota, pool, budget
	Note  string `json:"note,omitempty"` // what the other choice would have come to
}

// Settled is what a claim comes to.
type Settled struct {
	Claim    string    `json:"claim"`
	Party    string    `json:"party"`
	Scheme   string    `json:"scheme"`
	Answer   Answer    `json:"answer"`
	Gross    Amount    `json:"gross"`
	Amount   Fen       `json:"amount"`
	Granted  bool      `json:"granted"` // it is awarded something: money, or what the scheme grants
	Open     bool      `json:"open"`    // waits for a person; Amount is nothing until then
	Why      string    `json:"why,omitempty"`
	Cuts     []Cut     `json:"cuts"`
	Payments []Payment `json:"payments,omitempty"`
	// Most is the most that an open claim may come to, as far as its limits are settled: those of its party are, before what waits among parties.
	Most Fen `json:"-"`
	// AwardsUnknown: the amount rests on awards received before, which are not known to be complete.
	AwardsUnknown bool `json:"-"`
	// Fields are what limits counted the claim by, to be kept with the award: the next round counts it by them.
	Fields map[string]string `json:"-"`
}

// settling is one run of the pipeline.
type settling struct {
	lib    *Library
	round  *Round
	items  []*item
	limits []*roundLimit
	layers [][]string // schemes that are settled together, in an order in which each comes after those whose outcomes it reads
}

// roundLimit is a limit as it stands in a round: for a fund, with every scheme that draws on it.
type roundLimit struct {
	*limit
	schemes map[string]bool // of the round
}

// Settle runs the one fixed pipeline over a closed, frozen round: eligibility, gross amount, top-up and matching along the order in which
// schemes read each other's outcomes, choice within groups, caps per party, ranking and quota, pools, budgets. The order of the claims
// never matters. What a person has to decide first is left open with a sentence, and so is everything that it may change; it never
// counts as nothing. The error is a Chinese sentence: the round is not one that can be settled.
func (l *Library) Settle(round Round) ([]Settled, error) {
	s := &settling{lib: l, round: &round}
	if err := s.read(); err != nil {
		return nil, err
	}
	if err := s.plan(); err != nil {
		return nil, err
	}
	for _, layer := range s.layers {
		s.settle(layer)
	}
	out := make([]Settled, len(s.items))
	for i, x := range s.items {
		s.finish(x)
		out[i] = *x.Settled
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Claim < out[j].Claim })
	return out, nil
}

// read puts the claims into the one order in which they are looked at.
func (s *settling) read() error {
	if len(s.round.Claims) > mostClaims {
		return faultf("一个批次最多结算%d件申报", mostClaims)
	}
	seen := map[string]bool{}
	for i := range s.round.Claims {
		c := &s.round.Claims[i]
		scheme := s.lib.byScheme[c.Scheme]
		switch {
		case scheme == nil:
			return faultf("没有条款“%s”", clip(c.Scheme))
		case c.Facts == nil || c.ID == "" || c.Party == "":
			return faultf("有一件申报没有编号、申报人或数据")
		case seen[c.ID]:
			return faultf("同一申报出现了两次")
		}
		seen[c.ID] = true
		s.items = append(s.items, &item{Settled: &Settled{Claim: c.ID, Party: c.Party, Scheme: c.Scheme, Cuts: []Cut{}}, claim: c, scheme: scheme, facts: c.Facts})
	}
	slices.SortFunc(s.items, func(a, b *item) int {
		if c := strings.Compare(a.claim.Submitted, b.claim.Submitted); c != 0 {
			return c
		}
		return strings.Compare(a.claim.ID, b.claim.ID)
	})
	once := map[string]bool{}
	for _, x := range s.items { // one claim per subject and performance year
		subject, ok := s.field(x, x.scheme.subject)
		if !ok {
			subject = "" // not known is the same as not said
		}
		key := strings.Join([]string{x.Scheme, x.Party, subject}, "\x00")
		if once[key] {
			return x.twice()
		}
		once[key] = true
	}
	for i := range s.round.History {
		if p := &s.round.History[i]; s.lib.byScheme[p.Scheme] == nil && !s.lib.vocabulary.schemes[p.Scheme] {
			return faultf("此前的奖补中有不认识的条款“%s”", clip(p.Scheme))
		}
	}
	return nil
}

func (s *settling) env(scheme *Scheme, facts *Facts) *env {
	return scheme.env(s.question(facts))
}

func (s *settling) question(facts *Facts) Question {
	return Question{Facts: facts, On: s.round.On, Performance: s.round.Performance, Batch: s.round.Batch, seen: s.round.seen}
}

func (s *settling) year(scheme *Scheme) int {
	p, _ := scheme.performance(Question{On: s.round.On, Performance: s.round.Performance})
	return p
}

// settle runs the pipeline over the claims of schemes that are settled together.
func (s *settling) settle(layer []string) {
	var list []*item
	for _, x := range s.items {
		if slices.Contains(layer, x.Scheme) {
			s.gross(x)
			list = append(list, x)
		}
	}
	var choices []choice
	before := map[*item]Fen{} // before the caps
	for st := stageGroup; st <= stageBudget; st++ {
		for _, l := range s.limits {
			if l.stage == st && slices.ContainsFunc(layer, func(id string) bool { return l.schemes[id] }) {
				choices = append(choices, s.apply(l, list)...)
			}
		}
		switch {
		case st == stageGroup && len(choices) > 0:
			for _, x := range list {
				before[x] = x.Amount
			}
		case st == stageCap:
			for _, c := range choices {
				s.tell(c, list, before)
			}
		}
	}
	for _, x := range list {
		x.done = true
	}
}

// gross evaluates a claim over its facts and over what earlier layers of this round have settled for the party.
func (s *settling) gross(x *item) {
	reads := x.scheme.outcomes
	for _, e := range s.items {
		if len(reads) == 0 {
			break
		}
		if !e.done || e.Party != x.Party || e.Scheme == x.Scheme || !slices.Contains(reads, e.Scheme) {
			continue
		}
		if e.Open {
			x.Open, x.most, x.Why = true, mostFen, "它所依据的“"+e.scheme.title+"”还没有结算"
		}
		if a, b := e.claim.Fields[x.scheme.subject], x.claim.Fields[x.scheme.subject]; a != "" && b != "" && a != b {
			continue // it was for another project
		}
		if x.facts == x.claim.Facts {
			x.facts = x.facts.clone()
		}
		s.grant(x.facts, e)
	}
	if why := s.ownerless(x, reads); why != "" && !x.Open {
		x.Open, x.most, x.Why = true, mostFen, why
	}
	var cuts []Cut
	q := s.question(x.facts)
	r := x.scheme.evaluate(q, &cuts)
	amount, met := r.Claimable(x.claim.Judged)
	x.Answer, x.Gross = r.Answer, amount
	if !x.money() {
		met = met || r.Answer == Manual && x.claim.Judged
	}
	switch {
	case x.Open:
		return
	case !met:
		if x.Open = r.Answer == Unknown || r.Answer == Manual; x.Open {
			x.Why = map[Answer]string{Unknown: "缺少数据，无法判断", Manual: "有须由部门判断的事项没有判断"}[r.Answer]
			x.most = mostFen
			if !r.Potential.Open && x.money() {
				x.most = min(r.Potential.High, mostFen)
			}
		}
		return
	case !x.money():
		x.Granted = true
		return
	case r.AwardsUnknown():
		x.Open, x.AwardsUnknown, x.most = true, true, mostFen
		x.Why = "要扣减此前已获的奖补，而已获奖补是否齐全还不知道"
		return
	case r.Undecided() != "" && (x.claim.Decided == nil || !r.Allows(*x.claim.Decided)):
		x.Open, x.Why, x.most = true, r.Undecided(), mostFen
		if !r.Potential.Open {
			x.most = min(max(r.Potential.High, amount.High), mostFen)
		}
		return
	}
	for _, cut := range cuts {
		if cut.From != cut.To {
			x.Cuts = append(x.Cuts, cut)
		}
	}
	x.met = true
	high := mostFen
	if !amount.Open {
		high = amount.High
	}
	switch {
	case high > mostFen || amount.Kind == Exact && high < -mostFen:
		x.Open, x.most, x.Why = true, mostFen, "金额超过"+mostFen.String()+"，请核对数据"
	case amount.Kind == Exact:
		x.Amount = high
	case x.claim.Decided == nil:
		x.Open, x.most, x.Why = true, high, "没有核定金额"
	case !amount.Holds(*x.claim.Decided) || *x.claim.Decided > mostFen:
		x.Open, x.most, x.Why = true, high, "核定金额应在"+amount.Text+"之内"
		x.Cuts = append(x.Cuts, Cut{By: x.Why, From: *x.claim.Decided, To: 0, Stage: "decision"})
	default:
		x.Amount = *x.claim.Decided
		if !amount.Open && *x.claim.Decided < amount.High {
			x.Cuts = append(x.Cuts, Cut{By: "核定金额", From: amount.High, To: *x.claim.Decided, Stage: "decision"})
		}
	}
	x.Granted = x.Amount != 0
}

// ownerless says that an award of the party, earlier or of this round, does not say which of its projects it was for, while several of them read it: it would be
// deducted from each of them.
func (s *settling) ownerless(x *item, reads []string) string {
	word := x.scheme.subject
	own := x.claim.Fields[word]
	if own == "" {
		return ""
	}
	for _, id := range reads {
		before := slices.ContainsFunc(x.claim.Facts.received[id], func(a award) bool { return a.of == "" && a.amount > 0 })
		now := slices.ContainsFunc(s.items, func(e *item) bool {
			return e.done && e.Party == x.Party && e.Scheme == id && e.Amount > 0 && e.claim.Fields[word] == ""
		})
		if !before && !now {
			continue
		}
		for _, o := range s.items {
			if of := o.claim.Fields[word]; o.Party == x.Party && o.scheme.subject == word && of != own && slices.Contains(o.scheme.outcomes, id) {
				title := id
				if of := s.lib.byScheme[id]; of != nil {
					title = of.title
				}
				return "所得的“" + title + "”没有写是哪个" + word + "的，不能从每个" + word + "都扣减：请写明“" + word + "”"
			}
		}
	}
	return ""
}

// grant gives a party the outcome of an earlier layer as a fact: the sum as received, what is granted as a record of the scheme's name,
// what is open as not known.
func (s *settling) grant(f *Facts, e *item) {
	if e.Open {
		if f.pending == nil {
			f.pending = map[string]bool{}
		}
		f.pending[e.Scheme], f.pending[e.scheme.key] = true, true
		return
	}
	if e.money() {
		if e.Amount > 0 {
			f.Received(e.Scheme, e.Amount, s.round.On, Source{Origin: e.Claim, Verified: true})
		}
		return
	}
	if f.vocab.Record(e.scheme.key) == nil {
		return
	}
	if f.decided == nil {
		f.decided = map[string]bool{}
	}
	f.decided[e.scheme.key] = true
	if e.Granted {
		_ = f.Record(e.scheme.key, RecordFact{From: s.round.On, Source: Source{Origin: e.Claim, Verified: true}})
	}
}

// Claimable is the amount that a claim with this answer may come to, and whether it counts as met: a manual answer does when a person has
// judged that what only a person can judge holds. Nothing is known then of how much the clause itself would give, so the sum is the
// person's to set, within what it may come to at best.
func (r *Result) Claimable(judged bool) (Amount, bool) {
	switch {
	case r.Answer == Met:
		return r.Amount, true
	case r.Answer == Manual && judged:
		a := r.Potential
		if a.Kind == NoAmount {
			a = Amount{Open: true}
		}
		a.Kind, a.Low, a.Text = ManualAmount, 0, "由主管部门确定"
		if !a.Open {
			a.Text += "，最高" + a.High.String()
		}
		return a, true
	}
	return r.Amount, false
}

// AwardsUnknown says that the amount rests on awards received before which are not known to be complete. What it comes to at worst is then no
// sum to pay: the party would lose for good what the books merely had not been closed for.
func (r *Result) AwardsUnknown() bool {
	return r.Answer == Met && slices.ContainsFunc(r.Missing, func(n Need) bool { return strings.HasPrefix(n.Key, "received(") })
}

// Undecided says why it is not known what a claim that is met comes to: a fact that the amount rests on is missing, or facts contradict each
// other. What it comes to at worst is then no sum to settle, to pay or to claim back. Empty: it is known, whoever has to say so.
func (r *Result) Undecided() string {
	a, b := &r.Amount, &r.Potential
	if r.Answer != Met || a.Low == b.Low && a.High == b.High && a.Open == b.Open {
		return ""
	}
	var labels []string
	for _, n := range r.Missing {
		labels = append(labels, n.Label)
	}
	if len(labels) == 0 {
		return "金额所依据的数据前后不一或还不知道，定不下来"
	}
	return "金额定不下来，缺少数据：" + strings.Join(labels, "、")
}

// Allows says whether a sum that a person set is one the clause leaves to a person, whatever the facts turn out to be that are not known.
func (r *Result) Allows(sum Fen) bool {
	return r.Amount.Kind != Exact && r.Amount.Holds(sum) && r.Potential.Holds(sum)
}

// Holds says whether a sum lies within the amount.
func (a Amount) Holds(sum Fen) bool {
	return sum >= a.Low && (a.Open || sum <= a.High)
}

func (f *Facts) clone() *Facts {
	out := *f
	out.decided, out.pending = maps.Clone(f.decided), maps.Clone(f.pending)
	out.received = map[string][]award{}
	for k, v := range f.received {
		out.received[k] = slices.Clone(v)
	}
	out.records = map[string][]recordFact{}
	for k, v := range f.records {
		out.records[k] = slices.Clone(v)
	}
	return &out
}

// finish says what is left of a claim: nothing while it is open, else its payments and what the limits counted it by.
func (s *settling) finish(x *item) {
	x.Fields = map[string]string{}
	for _, l := range s.limits {
		if !l.schemes[x.Scheme] {
			continue
		}
		w := s.where(l.limit, x)
		for i, word := range l.per {
			if !w.open[i] {
				x.Fields[word] = w.values[i]
			}
		}
	}
	if x.Open {
		x.Amount, x.Granted = 0, false
		if x.money() {
			x.Most = x.most
		}
		return
	}
	if x.money() {
		x.Granted = x.Amount > 0
	}
	if x.Amount == 0 {
		if _, advance := x.scheme.Parted(); !x.met || !advance || !x.scheme.Recovers() {
			return
		}
		// what was advanced is recovered though nothing is awarded
	}
	var ok bool
	if x.Payments, ok = x.scheme.payments(chinese, x.Amount, s.question(x.facts)); !ok {
		x.Open, x.Why, x.Most, x.Amount, x.Granted = true, "有一期的支付金额还不能确定", x.Amount, 0, false
	}
}

// choice is a group of one party's claims of which the higher stayed.
type choice struct {
	chosen, other []*item
	came          []Fen // what each other one came to before it yielded
}

// tell notes where the choice by gross came out smaller after the party's caps than another would have: both are told, and a person may choose otherwise.
func (s *settling) tell(c choice, list []*item, before map[*item]Fen) {
	var own []*item
	for _, x := range list {
		if x.Party == c.chosen[0].Party {
			own = append(own, x)
		}
	}
	best := c.chosen[len(c.chosen)-1]
	if best.Open || !best.money() {
		return
	}
	for k, other := range c.other {
		if c.came[k] <= best.Amount { // it could not have come to more
			continue
		}
		s.supposed(c, own, before, best, other, c.came[k])
	}
}

// twice says why two claims of one party cannot be told apart, and what to write.
func (x *item) twice() error {
	of := x.scheme.subject
	if x.claim.Fields[of] == "" {
		return faultf("同一申报人就“%s”申报了两次，没有写各是哪一个%s：每件请再写一栏，例如 %s: 一号", x.scheme.title, of, of)
	}
	return faultf("同一申报人就“%s”申报了两次，写的是同一个%s“%s”：一家可以报几件的，for: 应写每件是什么（例如 项目），各件写不同的名称（例如 项目: 一号）",
		x.scheme.title, of, clip(x.claim.Fields[of]))
}
