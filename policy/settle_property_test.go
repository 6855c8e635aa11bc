package policy

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// rule is a limit of a random scheme as the test knows it.
type rule struct {
	text  string
	most  Fen // or how many
	count bool
	per   string // 企业 (with 年度), 年度, 领域
	of    []string
	share string
	tie   string
	fund  bool
}

// random is a library of random schemes with random limits, and what the test knows of them. The scheme called 独 shares nothing with the others.
type random struct {
	lib   *Library
	names []string
	rules []rule
	funds map[string]Fen
}

func randomSchemes(tb testing.TB, r *rand.Rand) *random {
	tb.Helper()
	out := &random{funds: map[string]Fen{"资金": Fen(r.IntN(400)) * 1_000_007}}
	n := 2 + r.IntN(3)
	for i := range n {
		out.names = append(out.names, string(rune('A'+i)))
	}
	var b strings.Builder
	b.WriteString("funds: [资金]\nschemes:\n")
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	reads := n > 2 && r.IntN(3) == 0 // the last reads the first, and shares nothing with it
	for i, name := range out.names {
		var rules []rule
		of := []string{name}
		if i == 0 && n > 1 && r.IntN(2) == 0 {
			of = append(of, out.names[1])
		}
		ofText := ""
		if len(of) > 1 {
			ofText = ", of: [" + strings.Join(of, ", ") + "]"
		}
		if r.IntN(2) == 0 {
			share := pick("highest", "earliest")
			rules = append(rules, rule{fmt.Sprintf("{at_most: 1次, per: [企业, 年度]%s, share: %s}", ofText, share), 1, true, "企业", of, share, "", false})
		}
		if r.IntN(2) == 0 {
			most := int64(1 + r.IntN(9_000_000))
			share := pick("share: earliest", "share: earliest, key: 条款, tie: 提交时间", "share: highest", "share: prorata, key: 申报编号")
			rules = append(rules, rule{fmt.Sprintf("{at_most: %d.%02d元, per: [企业, 年度]%s, %s}", most/100, most%100, ofText, share), Fen(most), false, "企业", of, strings.Fields(strings.TrimRight(share, ","))[1], "", false})
		}
		last := reads && i == n-1
		if r.IntN(2) == 0 && !last {
			most := r.IntN(5)
			tie := pick("manual", "all", "none", "装机")
			rules = append(rules, rule{fmt.Sprintf("{at_most: %d项, per: [年度]%s, share: rank, key: 职工, tie: %s}", most, ofText, tie), Fen(most), true, "年度", of, "rank", tie, false})
		}
		if r.IntN(2) == 0 && !last {
			most := int64(r.IntN(20_000_000))
			share := pick("share: prorata, key: 申报编号", "share: earliest", "share: rank, key: 职工")
			rules = append(rules, rule{fmt.Sprintf("{at_most: %d.%02d元, per: [领域]%s, %s}", most/100, most%100, ofText, share), Fen(most), false, "领域", of, strings.Fields(share)[1], "", false})
		}
		if r.IntN(4) == 0 && !last && !(reads && i == 0) {
			rules = append(rules, rule{"{at_most: 资金, per: [年度], share: prorata, key: 申报编号}", out.funds["资金"], false, "年度", []string{name}, "prorata", "", true})
		}
		amount := pick("{give: 1%, of: 收入@当年}", "3万元", "{give: 0.37%, of: 收入@当年, then: [{at_most: 9999.99元}]}")
		if last {
			amount = "{give: 50%, of: received(" + out.names[0] + ")}"
		}
		fmt.Fprintf(&b, "  %s:\n    {title: %s, cite: 一, for: 企业, kind: money, amount: %s, limits: [", name, name, amount)
		for k, rule := range rules {
			if k > 0 {
				b.WriteString(", ")
			}
			b.WriteString(rule.text)
		}
		b.WriteString("]}\n")
		out.rules = append(out.rules, rules...)
	}
	b.WriteString("  独: {title: 独, cite: 一, for: 企业, kind: money, amount: 2万元, limits: [{at_most: 1.5万元, per: [企业, 年度]}]}\n")
	lib, ps := load(tb, b.String())
	for _, p := range ps {
		if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
			tb.Fatalf("%s\n%s", p, b.String())
		}
	}
	out.lib = lib
	return out
}

const propertyDay = Date(20260630)

func (x *random) round(tb testing.TB, r *rand.Rand) Round {
	tb.Helper()
	out := Round{ID: "一", On: propertyDay, Funds: x.funds}
	parties := 1 + r.IntN(9)
	for p := range parties {
		party := fmt.Sprintf("p%d", p)
		facts := NewFacts(x.lib.vocabulary)
		facts.CoverReceived(always)
		say := func(key, text string) {
			if r.IntN(20) == 0 { // not known
				return
			}
			if err := facts.Set(key, text, Source{}); err != nil {
				tb.Fatal(err)
			}
		}
		say("收入@2025", fmt.Sprintf("%d.%02d元", r.IntN(5_000_000), r.IntN(100)))
		say("职工", fmt.Sprintf("%d人", r.IntN(4)))
		say("装机", fmt.Sprintf("%d瓦", r.IntN(3)))
		say("领域", "甲")
		for _, name := range x.names {
			if r.IntN(4) > 0 {
				out.Claims = append(out.Claims, Claim{ID: party + name, Party: party, Scheme: "d/" + name, Facts: facts, Submitted: fmt.Sprint(r.IntN(5))})
			}
		}
	}
	for range r.IntN(4) {
		name := x.names[r.IntN(len(x.names))]
		past := Past{Party: fmt.Sprintf("p%d", r.IntN(parties+1)), Scheme: "d/" + name, Year: 2024 + r.IntN(2), Amount: Fen(1 + r.IntN(3_000_000)), Fields: map[string]string{}}
		if r.IntN(5) > 0 {
			past.Fields["领域"] = "甲"
		}
		out.History = append(out.History, past)
	}
	return out
}

// within says whether a scope of a rule is that of a party, and of a field of 甲, and of a year.
func (x *random) within(rule rule, party string, year int, field, of string) bool {
	if !slices.Contains(rule.of, of) {
		return false
	}
	switch rule.per {
	case "企业":
		return year == 2025
	case "年度":
		return year == 2025
	}
	return field == "甲" && party != ""
}

// holds checks what must hold of every settlement.
func (x *random) holds(tb testing.TB, round Round) {
	tb.Helper()
	fail := func(format string, a ...any) {
		tb.Helper()
		var rules []string
		for _, rule := range x.rules {
			rules = append(rules, fmt.Sprint(rule.of, " ", rule.text))
		}
		tb.Fatalf(format+"\n%s", append(a, strings.Join(rules, "\n"))...)
	}
	got, err := x.lib.Settle(round)
	if err != nil {
		if strings.Contains(err.Error(), "排不出先后") {
			return
		}
		fail("%v", err)
	}
	again, _ := x.lib.Settle(round)
	if !reflect.DeepEqual(got, again) {
		fail("settling twice: %+v, then %+v", got, again)
	}
	shuffled := round
	shuffled.Claims, shuffled.History = slices.Clone(round.Claims), slices.Clone(round.History)
	mix := rand.New(rand.NewPCG(uint64(len(round.Claims)), 9))
	mix.Shuffle(len(shuffled.Claims), func(i, j int) {
		shuffled.Claims[i], shuffled.Claims[j] = shuffled.Claims[j], shuffled.Claims[i]
	})
	slices.Reverse(shuffled.History)
	if other, _ := x.lib.Settle(shuffled); !reflect.DeepEqual(got, other) {
		fail("in another order: %+v, then %+v", got, other)
	}
	for _, y := range got {
		switch {
		case y.Amount < 0 || y.Open && y.Amount != 0 || y.Open && y.Why == "":
			fail("%+v", y)
		case !y.Open && y.Answer == Met && y.Amount > y.Gross.High:
			fail("more than the clause gives: %+v", y)
		}
		for i, cut := range y.Cuts {
			if cut.To >= cut.From || cut.To < 0 || i > 0 && cut.Stage != "claim" && cut.From != y.Cuts[i-1].To {
				fail("the chain of cuts of %+v", y)
			}
		}
		if n := len(y.Cuts); n > 0 && !y.Open && y.Cuts[n-1].To != y.Amount {
			fail("the last cut of %+v", y)
		}
	}
	for _, rule := range x.rules {
		x.keeps(fail, rule, round, got)
	}
	// A party that shares nothing changes nothing for the others, and takes what it takes alone: 2万 cut to 1.5万.
	alone := NewFacts(x.lib.vocabulary)
	more := round
	more.Claims = append(slices.Clone(round.Claims), Claim{ID: "独", Party: "独", Scheme: "d/独", Facts: alone, Submitted: "0"})
	with, err := x.lib.Settle(more)
	if err != nil {
		fail("%v", err)
	}
	for _, y := range with {
		i := slices.IndexFunc(got, func(z Settled) bool { return z.Claim == y.Claim })
		if y.Claim == "独" && y.Amount != 1_500_000 || y.Claim != "独" && !reflect.DeepEqual(y, got[i]) {
			fail("one more who shares nothing: %+v", y)
		}
	}
}

// keeps checks that no scope of a limit is exceeded, and that what is shared in proportion is shared out to the fen.
func (x *random) keeps(fail func(string, ...any), rule rule, round Round, got []Settled) {
	type sum struct{ taken, past, cut Fen }
	sums := map[string]*sum{}
	at := func(party string) *sum {
		key := ""
		if rule.per == "企业" {
			key = party
		}
		if sums[key] == nil {
			sums[key] = &sum{}
		}
		return sums[key]
	}
	size := func(amount Fen) Fen {
		if rule.count {
			return 1
		}
		return amount
	}
	for _, p := range round.History {
		if !rule.fund && x.within(rule, p.Party, p.Year, p.Fields["领域"], strings.TrimPrefix(p.Scheme, "d/")) {
			at(p.Party).past += size(p.Amount)
		}
	}
	open := false
	for _, y := range got {
		name := strings.TrimPrefix(y.Scheme, "d/")
		if !x.within(rule, y.Party, 2025, "甲", name) {
			continue
		}
		open = open || y.Open
		s := at(y.Party)
		if y.Amount > 0 {
			s.taken += size(y.Amount)
		}
		for _, cut := range y.Cuts {
			if cut.Stage == map[bool]string{true: "budget", false: "pool"}[rule.fund] {
				s.cut++
			}
		}
	}
	for key, s := range sums {
		left := max(0, rule.most-s.past)
		if s.taken > left && rule.tie != "all" {
			fail("%s takes %d of %d (%s)", key, s.taken, left, rule.text)
		}
		if rule.fund && s.cut > 0 && !open && x.drawn(got, round) != x.funds["资金"] {
			fail("the fund of %d gives %d", x.funds["资金"], x.drawn(got, round))
		}
	}
}

// drawn is what the fund gives in all.
func (x *random) drawn(got []Settled, _ Round) Fen {
	var out Fen
	for _, rule := range x.rules {
		for _, y := range got {
			if rule.fund && slices.Contains(rule.of, strings.TrimPrefix(y.Scheme, "d/")) {
				out += y.Amount
			}
		}
	}
	return out
}

// TestSettleProperties: over random schemes with random limits and random rounds no pool, quota, cap or budget is exceeded, what a fund gives
// adds to the fen, the order of the input is irrelevant, settling twice gives the same, and a party that shares nothing changes nothing.
// Mutations that turn this red: leave the remaining fen in prorata; leave out History in room.
func TestSettleProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	cut := 0
	for range 400 {
		x := randomSchemes(t, r)
		for range 4 {
			round := x.round(t, r)
			x.holds(t, round)
			if got, err := x.lib.Settle(round); err == nil {
				for _, y := range got {
					cut += len(y.Cuts)
				}
			}
		}
	}
	if cut < 1000 {
		t.Errorf("only %d cuts: do the random limits still cut?", cut)
	}
}

func FuzzSettle(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := rand.New(rand.NewPCG(a, b))
		x := randomSchemes(t, r)
		for range 3 {
			x.holds(t, x.round(t, r))
		}
	})
}

// TestSettleCapAcrossSchemes: over random sums of up to four schemes in two files that name one party's yearly cap, what a party takes adds to
// the cap or to all it claims, to the fen; in proportion each claim is within one fen of the exact quotient; by the order of the schemes only
// the last that gets something is cut; and neither the order of the files and their names nor that of the claims changes anything.
// Mutations that turn this red: settle the schemes of a cap one after the other; leave the remaining fen in prorata.
func TestSettleCapAcrossSchemes(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	names := []string{"a/一", "a/二", "b/三", "b/四"}
	for range 150 {
		most := Fen(1 + r.IntN(30_000_000))
		inOrder := r.IntN(2) == 0
		share := "share: prorata, key: 申报编号"
		if inOrder {
			share = "share: earliest, key: 条款"
		}
		limit := fmt.Sprintf("{at_most: %d.%02d元, per: [企业, 年度], of: [%s], %s}", most/100, most%100, strings.Join(names, ", "), share)
		gives := map[string]Fen{}
		file := func(doc string) []byte {
			text := strings.Replace(testHead, "document: d", "document: "+doc, 1) + "schemes:\n"
			for _, name := range names {
				if own, ok := strings.CutPrefix(name, doc+"/"); ok {
					if gives[name] == 0 {
						gives[name] = Fen(1 + r.IntN(20_000_000))
					}
					text += fmt.Sprintf("  %s: {title: %s, cite: 一, for: 企业, kind: money, amount: %d.%02d元, limits: [%s]}\n", own, own, gives[name]/100, gives[name]%100, limit)
				}
			}
			return []byte(text)
		}
		one, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"1.yaml", file("a")}, {"2.yaml", file("b")}})
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(p)
			}
		}
		other, _ := Load([]File{{"2.yaml", file("a")}, {"v.yaml", []byte(testVocabulary)}, {"1.yaml", file("b")}})
		round := func(lib *Library) Round {
			facts := NewFacts(lib.vocabulary)
			facts.CoverReceived(always)
			out := Round{ID: "一", On: propertyDay}
			for party := range 2 {
				for i, name := range names[:2+r.IntN(3)] {
					out.Claims = append(out.Claims, Claim{ID: fmt.Sprint(party, i), Party: fmt.Sprint(party), Scheme: name, Facts: facts, Submitted: fmt.Sprint(r.IntN(3))})
				}
			}
			return out
		}
		first := round(one)
		got, err := one.Settle(first)
		if err != nil {
			t.Fatal(err)
		}
		r.Shuffle(len(first.Claims), func(i, j int) { first.Claims[i], first.Claims[j] = first.Claims[j], first.Claims[i] })
		if again, err := other.Settle(first); err != nil || !reflect.DeepEqual(got, again) {
			t.Fatalf("with files and claims in another order: %+v, then %+v %v", got, again, err)
		}
		for party := range 2 {
			all, taken := Fen(0), Fen(0)
			var own []Settled
			for _, y := range got {
				if y.Party == fmt.Sprint(party) {
					own, all, taken = append(own, y), all+gives[y.Scheme], taken+y.Amount
				}
			}
			if taken != min(all, most) {
				t.Fatalf("takes %d of %d, with a cap of %d (%s)", taken, all, most, share)
			}
			left := min(all, most)
			for _, y := range own { // by claim, which is the order of the schemes
				if inOrder {
					if want := min(gives[y.Scheme], left); y.Amount != want {
						t.Fatalf("%s takes %d, want %d", y.Scheme, y.Amount, want)
					}
					left -= y.Amount
				} else if off := new(big.Int).Sub(product(y.Amount, all), product(gives[y.Scheme], min(all, most))); off.CmpAbs(big.NewInt(int64(all))) >= 0 {
					t.Fatalf("%s takes %d: not within a fen of %d × %d ÷ %d", y.Scheme, y.Amount, gives[y.Scheme], min(all, most), all)
				}
			}
		}
	}
}

func product(a, b Fen) *big.Int { return new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b))) }
