package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// without are all facts but one: each removal takes knowledge away and puts none in its place. What is removed is all that is said
// of a figure (of several statements that contradict each other, one alone would be removed into knowledge), the coverage of a kind
// of record or of the awards, a judgement, a field of a record, and a record of a kind that is not covered. A record under complete
// coverage is not among them: without it the source would say that there is none.
func (f *Facts) without(use func(what string, less *Facts)) {
	for _, k := range slices.SortedFunc(maps.Keys(f.values), func(a, b valueKey) int { return strings.Compare(a.String(), b.String()) }) {
		less := f.copy()
		delete(less.values, k)
		use(k.String(), less)
	}
	for _, kind := range slices.Sorted(maps.Keys(f.covered)) {
		less := f.copy()
		delete(less.covered, kind)
		use("coverage of "+kind, less)
	}
	if f.receivedThrough != 0 {
		less := f.copy()
		less.receivedThrough = 0
		use("coverage of awards", less)
	}
	for _, what := range slices.Sorted(maps.Keys(f.judged)) {
		less := f.copy()
		delete(less.judged, what)
		use("judgement "+what, less)
	}
	for _, kind := range slices.Sorted(maps.Keys(f.records)) {
		for i, r := range f.records[kind] {
			for _, field := range slices.Sorted(maps.Keys(r.fields)) {
				less := f.copy()
				fields := maps.Clone(r.fields)
				delete(fields, field)
				less.records[kind][i].fields = fields
				use(fmt.Sprintf("%s %d without %s", kind, i, field), less)
			}
			if _, covered := f.covered[kind]; !covered && !f.decided[kind] {
				less := f.copy()
				less.records[kind] = slices.Delete(less.records[kind], i, i+1)
				use(fmt.Sprintf("%s %d", kind, i), less)
			}
		}
	}
}

func (f *Facts) copy() *Facts {
	out := *f
	out.values, out.covered, out.judged = maps.Clone(f.values), maps.Clone(f.covered), maps.Clone(f.judged)
	out.records = map[string][]recordFact{}
	for k, list := range f.records {
		out.records[k] = slices.Clone(list)
	}
	return &out
}

// entitlement is what a party is sure of: nothing unless the answer is met.
func (r *Result) entitlement() bound {
	if r.Answer != Met || r.Amount.Kind == NoAmount {
		return at(Num{})
	}
	return maxBound(r.Amount.upper(), at(Num{})) // what is to be paid back is no entitlement
}

func (a Amount) upper() bound {
	if a.Open {
		return plusInf
	}
	return at(intNum(int64(a.High)))
}

// lessKnown says what is wrong with an answer that was given while less was known, or nothing. One whom a clause does not concern may read
// that it is not met: a clause whose amount refuses him gives him nothing, whether it concerns him or not.
func lessKnown(all, less *Result) string {
	decided := func(a Answer) bool { return a != Unknown && a != Manual }
	switch {
	case decided(less.Answer) && less.Answer != all.Answer && !(all.Answer == NotApplicable && less.Answer == Unmet):
		return fmt.Sprintf("answer %v became %v", all.Answer, less.Answer)
	case less.entitlement().cmp(all.entitlement()) > 0:
		return fmt.Sprintf("entitled %q rose to %q", all.Amount.Text, less.Amount.Text)
	case all.Potential.Kind != NoAmount && maxBound(less.Potential.upper(), at(Num{})).cmp(all.Potential.upper()) < 0:
		return fmt.Sprintf("potential %q fell to %q", all.Potential.Text, less.Potential.Text)
	}
	return ""
}

// checkMonotone holds the answers of every scheme against those without one fact, and counts what it compared.
func checkMonotone(lib *Library, q Question, parties []*Facts, report func(s *Scheme, what string)) (compared int) {
	for n, f := range parties {
		f.beginOnce()
		q.Facts = f
		all := map[*Scheme]*Result{}
		for _, s := range lib.Schemes() {
			all[s] = s.Evaluate(q)
		}
		f.without(func(what string, less *Facts) {
			q := q
			q.Facts = less
			for _, s := range lib.Schemes() {
				compared++
				if wrong := lessKnown(all[s], s.Evaluate(q)); wrong != "" {
					report(s, fmt.Sprintf("party %d without %s: %s", n, what, wrong))
				}
			}
		})
	}
	return compared
}

// beginOnce leaves out the figures of years before the party began: with them its facts contradict each other, and to know less may then decide more.
func (f *Facts) beginOnce() {
	for of, founded := range f.vocab.founded {
		for _, v := range f.values[valueKey{founded, 0}] {
			maps.DeleteFunc(f.values, func(k valueKey, _ []valueFact) bool {
				return k.term.Of == of && k.year != 0 && k.year < v.datum.date.Year()
			})
		}
	}
}

// TestLessKnowledgeDecidesNothing: without one fact an answer stays or is no longer decided, what a party is entitled to does not rise and
// what it may come to does not fall, over random schemes of the whole grammar.
func TestLessKnowledgeDecidesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	compared, wrong := 0, 0
	for kept := 0; kept < 150; {
		lib, text := randomLibrary(r)
		if lib == nil {
			continue
		}
		kept++
		q := Question{On: 20260630, Batch: []string{"", "第四批"}[r.IntN(2)], Brief: true}
		parties := randomParties(t, r, lib, lib.Schemes(), q.On, 8)
		told := false
		compared += checkMonotone(lib, q, parties, func(s *Scheme, what string) {
			wrong++
			t.Errorf("%s: %s", s.id, what)
			if !told {
				t.Log(text)
				told = true
			}
		})
		if wrong > 40 {
			t.FailNow()
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d comparisons", compared)
	}
	t.Logf("%d comparisons", compared)
}

// TestRealSchemesDecideNothingOnLess holds the repository's own schemes to the same.
func TestRealSchemesDecideNothingOnLess(t *testing.T) {
	lib := realLibrary(t)
	r := rand.New(rand.NewPCG(53, 54))
	schemes := lib.Schemes()
	compared := 0
	for i, s := range schemes {
		q := Question{On: 20260630, Brief: true}
		for _, f := range randomParties(t, r, lib, schemes[i:i+1], q.On, 9) {
			f.beginOnce()
			q.Facts = f
			all := s.Evaluate(q)
			f.without(func(what string, less *Facts) {
				q := q
				q.Facts = less
				compared++
				if wrong := lessKnown(all, s.Evaluate(q)); wrong != "" {
					t.Errorf("%s without %s: %s", s.id, what, wrong)
				}
			})
		}
	}
	if compared < 5000 {
		t.Errorf("only %d comparisons", compared)
	}
	t.Logf("%d comparisons", compared)
}

// FuzzLessKnowledge: the same of whatever scheme and facts a seed draws.
func FuzzLessKnowledge(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed, seed*5+2)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := rand.New(rand.NewPCG(a, b))
		lib, text := randomLibrary(r)
		if lib == nil {
			return
		}
		q := Question{On: NewDate(2024+r.IntN(4), 1+r.IntN(12), 1+r.IntN(28)), Batch: []string{"", "第四批"}[r.IntN(2)], Brief: true}
		checkMonotone(lib, q, randomParties(t, r, lib, lib.Schemes(), q.On, 10), func(s *Scheme, what string) { t.Errorf("%s: %s\n%s", s.id, what, text) })
	})
}

// TestUnknownCountsTheWorseWay: what was once too sure of itself, each by hand.
func TestUnknownCountsTheWorseWay(t *testing.T) {
	for _, c := range []struct{ name, inner, facts, answer, entitled, potential string }{
		{"a range that may or may not multiply, 10×0.9 and 10×1.2", "amount: {give: 10万元, then: [{times: 90% to 120%, if: 守信}]}", "", "met", "9万元至10万元", "10万元至12万元"},
		{"a table that refuses, under a guard that is not known", "amount: {by: 领域, is: {甲: 3万元}, if: 守信}", "领域: 乙", "unknown", "无", "0元"},
		{"the lowest of records of which there may be more", "amount: {give: 10%, of: lowest(奖励.金额@有效)}", "", "met", "0元", "0元"},
		{"the year of an entry that may lie ahead", "amount: 1元\nrequire: {of: nth_year(入驻), at_most: 0}", "", "unknown", "无", "1元"},
		{"a base that may be zero, which the clause lets pass", "amount: 1元\nrequire: {of: growth(研发@当年), under: -100%, no_base: met}", "研发@2025: 5元", "unknown", "无", "1元"},
		{"a base that is zero for certain, whatever stands above it", "amount: 1元\nrequire: {of: 收入@当年 / 研发@当年, at_most: 5%, no_base: unmet}", "研发@2025: 0元", "unmet", "无", "无"},
		{"the same, which the clause lets pass", "amount: 1元\nrequire: {of: 收入@当年 / 研发@当年, at_most: 5%, no_base: met}", "研发@2025: 0元", "met", "1元", "1元"},
		{"the same, which a person judges once nothing is missing", "amount: 1元\nrequire: {of: 收入@当年 / 研发@当年, at_most: 5%, no_base: manual}", "研发@2025: 0元", "unknown", "无", "1元"},
		{"a mean of a growth of nine times and one whose base may be zero", "amount: {give: 1万元, per: 1百分点, remainder: drop, of: mean_growth(收入@近2年)}",
			"收入@2024: 1元; 收入@2025: 10元", "met", "0元", "尚不能估计"},
		{"two of three, one of which may not apply: one left is for a person",
			"amount: 1元\nrequire: {of: [{of: 领域, is: 甲}, {of: 评级, at_least: 省级}, {if: 守信, of: 收入@当年, over: 5元}], at_least: 3}", "领域: 乙; 评级: 省级", "unknown", "无", "1元"},
	} {
		s := one(t, "", "kind: money\n"+c.inner)
		f := facts(t, s, c.facts)
		if strings.Contains(c.inner, "lowest") { // 500元 is known, and the source is not complete
			if err := f.Record("奖励", RecordFact{Fields: map[string]string{"金额": "500元"}}); err != nil {
				t.Fatal(err)
			}
		}
		r := s.Evaluate(Question{Facts: f, On: 20260630})
		if r.Answer.String() != c.answer || r.Amount.Text != c.entitled || r.Potential.Text != c.potential && !strings.Contains(c.inner, "lowest") {
			t.Errorf("%s: %v, entitled %s, potential %s", c.name, r.Answer, r.Amount.Text, r.Potential.Text)
		}
	}
	for fn, want := range map[string]span{"average": {at(intNum(50)), at(intNum(100))}, "lowest": {at(intNum(50)), at(intNum(100))},
		"highest": just(intNum(100)), "total": {at(intNum(100)), at(intNum(150))}} { // one of 100 is sure, one of 50 may count
		g := newGathering(fn, &Field{Type: TypeNumber, within: notBelowZero})
		g.take(just(intNum(100)), true)
		g.take(just(intNum(50)), false)
		if got, _ := g.result(true); got.lo.cmp(want.lo) != 0 || got.hi.cmp(want.hi) != 0 {
			t.Errorf("%s: %v to %v", fn, got.lo.v, got.hi.v)
		}
	}
}

// TestRowOfUnknownLimit: 600万, and rows that begin or end at 300万, at 700万 or at what the office sets. While it is not known which, both a row and what
// comes after it may be reached. Mutations: pass over a row whose limit is not known; take it as reached; lose that a person has to say it → red.
func TestRowOfUnknownLimit(t *testing.T) {
	const define = "动态: {by: 领域, is: {甲: 300万元, 乙: 700万元, 丙: manual}}"
	for _, c := range []struct{ amount, of, answer, entitled, potential string }{
		{"under: {500万元: 3万元, 动态: 1万元}", "", "unknown", "无", "至多1万元"},
		{"under: {500万元: 3万元, 动态: 1万元}", "甲", "unmet", "无", "无"},
		{"under: {500万元: 3万元, 动态: 1万元}", "乙", "met", "1万元", "1万元"},
		{"at_least: {动态: 5万元, 100万元: 2万元}", "", "met", "2万元", "5万元"},
		{"at_least: {动态: 5万元, 100万元: 2万元}", "甲", "met", "5万元", "5万元"},
		{"at_least: {动态: 5万元, 100万元: 2万元}", "乙", "met", "2万元", "2万元"},
		{"at_least: {动态: 5万元, 100万元: 2万元}", "丙", "met", "由主管部门确定，最高5万元", "由主管部门确定，最高5万元"},
		{"is: {动态: 5万元}, else: 2万元", "", "met", "2万元", "5万元"},
		{"is: {动态: 5万元}, else: 2万元", "甲", "met", "2万元", "2万元"},
	} {
		lib, ps := Load([]File{{"v.yaml", []byte(strings.Replace(testVocabulary, "words: [甲, 乙]", "words: [甲, 乙, 丙]", 1))}, {"d.yaml", []byte(testHead +
			"define: {" + define + "}\nschemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: {by: 收入@当年, " + c.amount + "}}\n")}})
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(c.amount, p)
			}
		}
		lines := map[string]string{"收入@2025": "600万元"}
		if c.of != "" {
			lines["领域"] = c.of
		}
		f, q := settleFacts(t, lib, lines), Question{On: 20260630}
		checkColumns(t, lib, lib.Schemes(), q, []*Facts{f})
		q.Facts = f
		if r := lib.Scheme("d/奖").Evaluate(q); r.Answer.String() != c.answer || r.Amount.Text != c.entitled || r.Potential.Text != c.potential {
			t.Errorf("%s of %q: %v, entitled %s, potential %s", c.amount, c.of, r.Answer, r.Amount.Text, r.Potential.Text)
		}
	}
}

// TestGrowthAgainstUnknownRate: 100 to 121 in two years are 10% a year, against 5%, 20% or a rate that is not known: a fact is missing, which nobody can judge.
// Mutation: leave a rate that is not known to a person → red.
func TestGrowthAgainstUnknownRate(t *testing.T) {
	s := one(t, "门: {by: 领域, is: {甲: 5%, 乙: 20%}}", "kind: money\namount: 1元\nrequire: {of: cagr(收入@近2年), at_least: 门}")
	for of, want := range map[string]Answer{"": Unknown, "; 领域: 甲": Met, "; 领域: 乙": Unmet} {
		f, q := facts(t, s, "收入@2023: 100元; 收入@2025: 121元"+of), Question{On: 20260630}
		checkColumns(t, s.doc.lib, []*Scheme{s}, q, []*Facts{f})
		q.Facts = f
		r := s.Evaluate(q)
		asks := slices.ContainsFunc(r.Missing, func(n Need) bool { return n.Key == "领域" })
		if r.Answer != want || asks != (of == "") {
			t.Errorf("%q: %v, asks for %+v", of, r.Answer, r.Missing)
		}
	}
}

// TestThresholdOfNoBase: 50% against a share of nothing, 0 ÷ what is not known: it may be 0 ÷ 0, which nothing is at least. Of 0 ÷ 1 all is.
// Mutation: forget in a threshold that its base may be zero → red.
func TestThresholdOfNoBase(t *testing.T) {
	s := one(t, "门: 收入@当年 / 研发@当年", "kind: money\namount: 1元\nrequire: {of: 负债率@当年, at_least: 门}")
	for of, want := range map[string]Answer{"": Unknown, "; 研发@2025: 1元": Met, "; 研发@2025: 0元": Manual} {
		f, q := facts(t, s, "收入@2025: 0元; 负债率@2025: 50%"+of), Question{On: 20260630}
		checkColumns(t, s.doc.lib, []*Scheme{s}, q, []*Facts{f})
		q.Facts = f
		if r := s.Evaluate(q); r.Answer != want {
			t.Errorf("%q: %v, want %v", of, r.Answer, want)
		}
	}
}

// TestGatheringBelowZero: of a field that may be as low as -3 and at most 9. Mutations: leave out the bounds of the field; let one that may count
// not lower a highest; let a total of records that may be missing be bounded by one of them → red.
func TestGatheringBelowZero(t *testing.T) {
	figure := func(n int64) span { return just(intNum(n)) }
	between := func(lo, hi int64) span { return span{at(intNum(lo)), at(intNum(hi))} }
	for _, c := range []struct {
		fn                string
		sure, maybe       []int64
		missing, complete bool // one that counts does not say; there are no others
		want              span
	}{
		{"lowest", []int64{5}, nil, true, true, between(-3, 5)},
		{"lowest", []int64{5}, nil, false, false, between(-3, 5)},
		{"lowest", nil, nil, false, false, between(-3, 9)},
		{"highest", []int64{5}, nil, true, true, between(5, 9)},
		{"highest", []int64{5}, nil, false, false, between(5, 9)},
		{"highest", []int64{-2}, nil, false, true, figure(-2)},
		{"highest", []int64{-2}, []int64{-3}, false, true, figure(-2)},
		{"highest", nil, []int64{-2}, false, true, between(-2, 0)}, // it counts, or there is none
		{"highest", nil, nil, false, false, between(-3, 9)},
		{"total", []int64{5}, nil, true, true, between(2, 14)},
		{"total", []int64{5}, []int64{-2}, false, true, between(3, 5)},
		{"total", []int64{5}, nil, false, false, anything}, // any number of others
		{"average", []int64{5, 6}, nil, false, true, just(frac(11, 2))},
		{"average", []int64{5}, nil, true, true, between(-3, 9)},
		{"average", []int64{5}, nil, false, false, between(-3, 9)},
		{"average", nil, []int64{-2}, false, true, between(-2, 0)},
	} {
		g := newGathering(c.fn, &Field{Type: TypeNumber, within: between(-3, 9)})
		for _, n := range c.sure {
			g.take(figure(n), true)
		}
		if c.missing {
			g.takeUnknown(true)
		}
		for _, n := range c.maybe {
			g.take(figure(n), false)
		}
		got, gap := g.result(c.complete)
		if got.lo.cmp(c.want.lo) != 0 || got.hi.cmp(c.want.hi) != 0 || gap == c.want.exact() {
			t.Errorf("%+v: %v, missing %v", c, got, gap)
		}
	}
}

// TestRecordsThatTakeAway: 10% of 1万元, and a record beside it that gives what it states above 300元, or gives 20元 and takes 300元 if it states enough. A
// further record of less than 300元 takes away what others give, so that until all are listed nothing is certain; nor is what one gives that may take.
// Mutations: forget at worst, in either engine, that records may be missing; bound an `each` by zero; pass over, in either engine, one whose guard is
// not known → red.
func TestRecordsThatTakeAway(t *testing.T) {
	const above = "give: 100%, of: 金额, then: [{less: 300元"
	for _, c := range []struct {
		give, stated        string
		complete            bool
		entitled, potential string
	}{
		{above + ", below_zero: recover}]", "500元", true, "1,200元", "1,200元"},
		{above + ", below_zero: recover}]", "500元", false, "0元", "尚不能估计"},
		{above + "}]", "500元", false, "1,200元", "至少1,200元"}, // each gives nothing at worst
		{"give: 20元, then: [{less: 300元, below_zero: recover}], if: {of: 金额, at_least: 30元}", "30元", true, "720元", "720元"},
		{"give: 20元, then: [{less: 300元, below_zero: recover}], if: {of: 金额, at_least: 30元}", "29.99元", true, "1,000元", "1,000元"},
		{"give: 20元, then: [{less: 300元, below_zero: recover}], if: {of: 金额, at_least: 30元}", "", true, "720元", "1,000元"},
	} {
		s := one(t, "", "kind: money\namount: {sum: [{give: 10%, of: 收入@当年}, {each: 奖励@有效, give: {"+c.give+"}}]}")
		f := facts(t, s, "收入@2025: 1万元")
		stated := map[string]string{}
		if c.stated != "" {
			stated["金额"] = c.stated
		}
		if err := f.Record("奖励", RecordFact{Fields: stated}); err != nil {
			t.Fatal(err)
		}
		if c.complete {
			f.covered["奖励"] = 20260630
		}
		r := s.Evaluate(Question{Facts: f, On: 20260630})
		if r.Answer != Met || r.Amount.Text != c.entitled || r.Potential.Text != c.potential {
			t.Errorf("%s of %q, complete %v: %v, entitled %s, potential %s", c.give, c.stated, c.complete, r.Answer, r.Amount.Text, r.Potential.Text)
		}
		checkColumns(t, s.doc.lib, []*Scheme{s}, Question{On: 20260630, Brief: true}, []*Facts{f})
	}
}

// TestRowThatIsNotReached: 5万元 and beside it a table of whose rows the first, reached or not, gives by records of which there are none. A row that is
// not reached refuses the whole claim, no record only the part. Mutation: let what refuses only a part hide what may refuse the whole → red.
func TestRowThatIsNotReached(t *testing.T) {
	for _, c := range []struct{ facts, answer, entitled, potential string }{
		{"收入@2025: 99.99万元", "unmet", "无", "无"},
		{"收入@2025: 100万元", "met", "5万元", "5万元"},
		{"", "unknown", "无", "至多5万元"},
	} {
		s := one(t, "", "kind: money\namount: {highest: [5万元, {by: 收入@当年, at_least: {100万元: {each: 奖励@有效, give: 1万元}}}]}")
		f := facts(t, s, c.facts)
		f.covered["奖励"] = 20260630
		r := s.Evaluate(Question{Facts: f, On: 20260630})
		if r.Answer.String() != c.answer || r.Amount.Text != c.entitled || r.Potential.Text != c.potential {
			t.Errorf("%s: %v, entitled %s, potential %s", c.facts, r.Answer, r.Amount.Text, r.Potential.Text)
		}
		checkColumns(t, s.doc.lib, []*Scheme{s}, Question{On: 20260630, Brief: true}, []*Facts{f})
	}
}

// TestYearThatHasNotBegun: entered in 2026, asked about 2025: there is no first year yet, so that neither at most three years nor any row of a table is
// reached. Entered in 2025, it is the first. Mutation: count a year before the first as year 0, in either engine → red.
func TestYearThatHasNotBegun(t *testing.T) {
	for _, c := range []struct{ inner, entered, answer, amount string }{
		{"require: {of: nth_year(入驻), at_most: 3}\namount: 1万元", "2025-12-31", "met", "1万元"},
		{"require: {of: nth_year(入驻), at_most: 3}\namount: 1万元", "2026-01-01", "unmet", "无"},
		{"require: {of: nth_year(入驻), under: 1}\namount: 1万元", "2026-01-01", "unmet", "无"},
		{"require: {of: nth_year(入驻), at_least: 3}\namount: 1万元", "2026-01-01", "unmet", "无"},
		{"amount: {by: nth_year(入驻), at_most: {3: 3万元, 6: 2万元}, else: 1万元}", "2025-01-01", "met", "3万元"},
		{"amount: {by: nth_year(入驻), at_most: {3: 3万元, 6: 2万元}, else: 1万元}", "2026-01-01", "met", "1万元"},
		{"amount: {by: nth_year(入驻), at_most: {3: 3万元, 6: 2万元}}", "2026-01-01", "unmet", "无"},
	} {
		s := one(t, "", "kind: money\n"+c.inner)
		f := facts(t, s, "入驻: "+c.entered)
		r := s.Evaluate(Question{Facts: f, On: 20260630, Performance: 2025})
		if r.Answer.String() != c.answer || r.Amount.Text != c.amount {
			t.Errorf("%s, entered %s: %v, %s", c.inner, c.entered, r.Answer, r.Amount.Text)
		}
		checkColumns(t, s.doc.lib, []*Scheme{s}, Question{On: 20260630, Performance: 2025, Brief: true}, []*Facts{f})
	}
}
