package policy

import (
	"strings"
	"testing"
)

// What is open in a round takes its share of what it may come to, and so does what it may change; what stands aside takes nothing. 甲 comes
// first, 乙 after it; -1: it waits. Each figure by hand.
// Mutations: serve those behind an open one as though it had taken nothing, or all; count the most of an open one as taken; count an award of
// history and of the facts twice, one of another day once, one of another scheme at all; count for a year what is received for life → red.
func TestSettleAroundWhatIsOpen(t *testing.T) {
	const waits = Fen(-1)
	type told struct {
		sum Fen
		on  Date
	}
	for _, c := range []struct {
		name, jia, yi, limit string
		history, facts       []told
		past                 string // the scheme of the history; the second claim's own where empty
		first, second        Fen
	}{
		{"10万 at most under 8万 may leave anything of it", "up to 10万元", "5万元", "at_most: 8万元, per: [届], of: [甲奖, 乙奖], share: earliest", nil, nil, "", waits, waits},
		{"3万 at most leave 5万 to 8万, of which 6万 may be cut", "up to 3万元", "6万元", "at_most: 8万元, per: [届], of: [甲奖, 乙奖], share: earliest", nil, nil, "", waits, waits},
		{"3万 at most leave 5万 in any case", "up to 3万元", "5万元", "at_most: 8万元, per: [届], of: [甲奖, 乙奖], share: earliest", nil, nil, "", waits, 5_000_000},
		{"a limit that is written as the most", "1万元", "9万元", "at_most: up to 8万元, per: [届], of: [甲奖, 乙奖], share: earliest", nil, nil, "", 1_000_000, 7_000_000},
		{"8万 less 3万 received before, for life", "1万元", "6万元", "at_most: 8万元, per: [企业], of: [乙奖], share: earliest", nil, []told{{3_000_000, 20250101}}, "", 1_000_000, 5_000_000},
		{"of a year, what was received whenever is none of it", "1万元", "6万元", "at_most: 8万元, per: [企业, 年度], of: [乙奖], share: earliest", nil, []told{{3_000_000, 20250101}}, "", 1_000_000, 6_000_000},
		{"one award that both tell of", "1万元", "6万元", "at_most: 8万元, per: [企业], of: [乙奖], share: earliest", []told{{3_000_000, 20250101}}, []told{{3_000_000, 20250101}}, "", 1_000_000, 5_000_000},
		{"two awards of one day, of which one is told twice", "1万元", "6万元", "at_most: 8万元, per: [企业], of: [乙奖], share: earliest", []told{{3_000_000, 20250101}},
			[]told{{3_000_000, 20250101}, {3_000_000, 20250101}}, "", 1_000_000, 2_000_000},
		{"two awards of two days", "1万元", "6万元", "at_most: 8万元, per: [企业], of: [乙奖], share: earliest", []told{{3_000_000, 20250101}}, []told{{3_000_000, 20250102}}, "", 1_000_000, 2_000_000},
		{"of equals the one that was submitted first", "6万元", "6万元", "at_most: 1次, per: [企业, 年度], of: [甲奖, 乙奖], share: highest", nil, nil, "", 6_000_000, 0},
		{"an award of 3万 of a year that is not known may be of this one: 6万 may be too much", "1万元", "6万元", "at_most: 8万元, per: [企业, 年度], of: [乙奖], share: earliest",
			[]told{{3_000_000, 0}}, nil, "", 1_000_000, waits},
		{"and 5万 are not", "1万元", "5万元", "at_most: 8万元, per: [企业, 年度], of: [乙奖], share: earliest", []told{{3_000_000, 0}}, nil, "", 1_000_000, 5_000_000},
		{"nor can it be shared in proportion", "5万元", "5万元", "at_most: 8万元, per: [企业, 年度], of: [甲奖, 乙奖], share: prorata, key: 申报编号", []told{{3_000_000, 0}}, nil, "", waits, waits},
		{"33% of 100.01元 are 33.0033元, of which no part of a fen is paid", "1万元", "5万元", "at_most: {give: 33%, of: 收入@当年}, per: [企业, 年度], of: [乙奖], share: earliest", nil, nil, "", 1_000_000, 3_300},
		{"an award that the limit does not count", "1万元", "6万元", "at_most: 8万元, per: [企业], of: [乙奖], share: earliest", []told{{3_000_000, 20250101}}, nil, "d/甲奖", 1_000_000, 6_000_000},
	} {
		scheme := func(name, amount, more string) string {
			return "  " + name + ": {title: " + name + ", cite: 一, for: 企业, kind: money, amount: " + amount + more + "}\n"
		}
		lib, ps := load(t, "schemes:\n"+scheme("甲奖", c.jia, "")+scheme("乙奖", c.yi, ", limits: [{"+c.limit+"}]"))
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(c.name, p)
			}
		}
		round := Round{ID: "一", On: 20260630}
		for i, name := range []string{"甲奖", "乙奖"} {
			f := settleFacts(t, lib, map[string]string{"收入@2025": "100.01元"})
			for _, x := range c.facts {
				f.Received("d/乙奖", x.sum, x.on, Source{Verified: true})
			}
			round.Claims = append(round.Claims, Claim{ID: name, Party: "企", Scheme: "d/" + name, Facts: f, Submitted: []string{"2026-03-01", "2026-03-02"}[i]})
		}
		for _, x := range c.history {
			past := c.past
			if past == "" {
				past = "d/乙奖"
			}
			round.History = append(round.History, Past{Party: "企", Scheme: past, Year: x.on.Year(), Round: "前", Amount: x.sum, PaidOn: x.on})
		}
		got, err := lib.Settle(round)
		if err != nil {
			t.Fatal(c.name, err)
		}
		for _, y := range got {
			want := map[string]Fen{"甲奖": c.first, "乙奖": c.second}[y.Claim]
			if y.Open != (want == waits) || !y.Open && y.Amount != want {
				t.Errorf("%s: %s comes to %v, open %v (%s)", c.name, y.Claim, y.Amount, y.Open, y.Why)
			}
		}
	}
}

// Who has no key may stand anywhere, so that the one place is nobody's yet: neither by the first key nor by the one among equals.
// Mutation: leave who has no key out of what is left → red.
func TestSettleWithoutAKey(t *testing.T) {
	for _, keys := range []string{"key: 收入@当年", "key: 职工, tie: 收入@当年"} {
		lib, _ := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: 5万元, limits: [{at_most: 1项, per: [届], share: rank, "+keys+"}]}\n")
		got, err := lib.Settle(Round{ID: "一", On: 20260630, Claims: []Claim{
			{ID: "1", Party: "甲", Scheme: "d/奖", Facts: settleFacts(t, lib, map[string]string{"职工": "1人"}), Submitted: "2026-03-01"},
			{ID: "2", Party: "乙", Scheme: "d/奖", Facts: settleFacts(t, lib, map[string]string{"职工": "1人", "收入@2025": "100元"}), Submitted: "2026-03-01"}}})
		if err != nil || len(got) != 2 || !got[0].Open || !got[1].Open {
			t.Errorf("%s: %+v %v", keys, got, err)
		}
	}
}

// What rests on something open waits with it, and says on what.
// Mutations: leave the outcome of an open scheme out of who reads it; pay the worst of awards that are not known to be complete; grant what nobody
// has judged; hold a person who judges to more than nothing → red.
func TestSettleWaitsWithItsReason(t *testing.T) {
	three := Fen(3_000_000)
	for _, c := range []struct {
		name, schemes string
		claim         Claim
		why           string
		amount        Fen
	}{
		{"it matches what is not settled", "  甲奖: {title: 甲奖, cite: 一, for: 企业, kind: money, amount: up to 5万元}\n" +
			"  乙奖: {title: 乙奖, cite: 一, for: 企业, kind: money, amount: {give: 100%, of: received(甲奖)}}\n", Claim{}, "它所依据的“甲奖”还没有结算", 0},
		{"5万 less awards of which it is not known whether they are all", "  乙奖: {title: 乙奖, cite: 一, for: 企业, kind: money, amount: {give: 5万元, then: [{less: received(乙奖)}]}}\n",
			Claim{}, "要扣减此前已获的奖补，而已获奖补是否齐全还不知道", 0},
		{"an honour that nobody has judged", "  乙奖: {title: 乙奖, cite: 一, for: 企业, kind: honour, require: {judge: 项目可行}}\n", Claim{}, "有须由部门判断的事项没有判断", 0},
		{"who judges may set less than the clause would give", "  乙奖: {title: 乙奖, cite: 一, for: 企业, kind: money, require: {judge: 项目可行}, amount: 5万元}\n",
			Claim{Judged: true, Decided: &three}, "", three},
	} {
		lib, ps := load(t, "schemes:\n"+c.schemes)
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(c.name, p)
			}
		}
		var claims []Claim
		for _, s := range lib.Schemes() {
			x := c.claim
			x.ID, x.Party, x.Scheme, x.Facts, x.Submitted = s.ID(), "企", s.ID(), NewFacts(lib.Vocabulary()), "2026-03-01"
			claims = append(claims, x)
		}
		got, err := lib.Settle(Round{ID: "一", On: 20260630, Claims: claims})
		if err != nil {
			t.Fatal(c.name, err)
		}
		for _, y := range got {
			if y.Scheme == "d/乙奖" && (y.Open != (c.why != "") || y.Why != c.why || y.Amount != c.amount) {
				t.Errorf("%s: %v, open %v (%s)", c.name, y.Amount, y.Open, y.Why)
			}
		}
	}
}
