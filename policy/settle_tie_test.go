package policy

import (
	"slices"
	"strings"
	"testing"
)

// TestSettleTies: three claims of 5万 each, 甲 first, 乙 and 丙 at the same minute after it. Where there is enough for one and a half of them, 甲 has
// its 5万 and the rest goes as the limit says of equals: a person decides (also where nothing is said), both have a place, none has, or a second
// key. Lower income is the earlier under a second key: 乙 has 100元, 丙 200元. Ranked by income 丙 and 甲, of 200元 each, stand before 乙.
// Mutations: put claims of one time into an order by their names; leave out the sort in inTurn; order what ranks by height the other way → red.
func TestSettleTies(t *testing.T) {
	open := Fen(-1)
	for _, c := range []struct {
		limit      string
		jia, yi, b Fen
	}{
		{"at_most: 2项, per: [届], share: earliest", 5_000_000, open, open},
		{"at_most: 2项, per: [届], share: earliest, key: 提交时间, tie: manual", 5_000_000, open, open},
		{"at_most: 2项, per: [届], share: earliest, tie: none", 5_000_000, 0, 0},
		{"at_most: 2项, per: [届], share: earliest, tie: all", 5_000_000, 5_000_000, 5_000_000},
		{"at_most: 2项, per: [届], share: earliest, tie: 收入@当年", 5_000_000, 5_000_000, 0},
		{"at_most: 2项, per: [届], share: earliest, tie: 申报编号", 5_000_000, 0, 5_000_000}, // 丙 has number 9, 乙 10
		{"at_most: 3项, per: [届], share: earliest, tie: none", 5_000_000, 5_000_000, 5_000_000},
		{"at_most: 8万元, per: [届], share: earliest", 5_000_000, open, open},
		{"at_most: 8万元, per: [届], share: earliest, tie: none", 5_000_000, 0, 0},
		{"at_most: 8万元, per: [届], share: earliest, tie: 收入@当年", 5_000_000, 3_000_000, 0},
		{"at_most: 8万元, per: [届], share: earliest, tie: 申报编号", 5_000_000, 0, 3_000_000},
		{"at_most: 8万元, per: [届], share: earliest, key: 领域", open, open, open},
		{"at_most: 1项, per: [届], share: rank, key: 收入@当年", open, 0, open},
		{"at_most: 1项, per: [届], share: rank, key: 收入@当年, tie: none", 0, 0, 0},
		{"at_most: 1项, per: [届], share: rank, key: 收入@当年, tie: all", 5_000_000, 0, 5_000_000},
		{"at_most: 1项, per: [届], share: rank, key: 收入@当年, tie: 提交时间", 5_000_000, 0, 0},
		{"at_most: 8万元, per: [届], share: rank, key: 收入@当年, tie: none", 0, 0, 0},
		{"at_most: 2项, per: [届], share: rank, key: 职工, tie: 收入@当年", 5_000_000, 0, 5_000_000}, // as many staff each; of them the higher income first
	} {
		lib, ps := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: 5万元, limits: [{"+c.limit+"}]}\n")
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(p)
			}
		}
		var claims []Claim
		for _, x := range [][4]string{{"11", "甲", "2026-03-01 09:00", "200元"}, {"10", "乙", "2026-03-01 09:01", "100元"}, {"9", "丙", "2026-03-01 09:01", "200元"}} {
			f := settleFacts(t, lib, map[string]string{"收入@2025": x[3], "领域": "甲", "职工": "1人"})
			claims = append(claims, Claim{ID: x[0], Party: x[1], Scheme: "d/奖", Facts: f, Submitted: x[2]})
		}
		for range 2 {
			got, err := lib.Settle(Round{ID: "一", On: 20260630, Claims: claims})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]Fen{"甲": c.jia, "乙": c.yi, "丙": c.b}
			for _, y := range got {
				if sum := want[y.Party]; y.Open != (sum == open) || !y.Open && y.Amount != sum {
					t.Errorf("%s: %s comes to %v, open %v (%s)", c.limit, y.Party, y.Amount, y.Open, y.Why)
				}
			}
			slices.Reverse(claims)
		}
	}
}

// TestSettleTieOfOneParty: 5万 and 5万 of one firm at one time under its 8万 a year. Which of the two is cut changes nothing for the firm, so that
// the names decide where nothing is said (9 before 10: 5万 and 3万); what the limit says of equals is kept.
func TestSettleTieOfOneParty(t *testing.T) {
	for tie, want := range map[string][2]Fen{"": {5_000_000, 3_000_000}, ", share: earliest": {5_000_000, 3_000_000}, ", share: earliest, tie: none": {0, 0},
		", share: earliest, tie: manual": {-1, -1}} {
		limit := ", limits: [{at_most: 8万元, per: [企业, 年度], of: [一奖, 二奖]" + tie + "}]}\n"
		lib, _ := load(t, "schemes:\n  一奖: {title: 一奖, cite: 一, for: 企业, kind: money, amount: 5万元"+limit+
			"  二奖: {title: 二奖, cite: 一, for: 企业, kind: money, amount: 5万元"+limit)
		f := settleFacts(t, lib, nil)
		got, err := lib.Settle(Round{On: 20260630, Claims: []Claim{{ID: "10", Party: "企", Scheme: "d/二奖", Facts: f, Submitted: "2026-03-01"},
			{ID: "9", Party: "企", Scheme: "d/一奖", Facts: f, Submitted: "2026-03-01"}}})
		if err != nil || len(got) != 2 {
			t.Fatal(err)
		}
		for _, y := range got {
			sum := want[map[string]int{"9": 0, "10": 1}[y.Claim]]
			if y.Open != (sum < 0) || !y.Open && y.Amount != sum {
				t.Errorf("%q: %s comes to %v, open %v", tie, y.Claim, y.Amount, y.Open)
			}
		}
	}
}

// TestNatural: numbers within words compare as numbers, and the order is one that can be sorted by.
// Mutation: compare letter by letter → red.
func TestNatural(t *testing.T) {
	want := []string{"", "1a", "09", "9", "9a", "10", "10-2", "10-10", "A", "A2", "A10", "A10b", "甲9", "甲10"}
	for i, a := range want {
		for j, b := range want {
			if c := natural(a, b); (c < 0) != (i < j) || (c > 0) != (i > j) {
				t.Errorf("%q against %q: %d", a, b, c)
			}
		}
	}
}

// TestSubmitted: a day, or a day and a time of it; anything else is refused, and so is a round in which both are written.
func TestSubmitted(t *testing.T) {
	for text, want := range map[string]string{"2026-03-01": "2026-03-01 00:00:00", "2026-03-01 9:00": "2026-03-01 09:00:00", "2026-03-01 10:00": "2026-03-01 10:00:00",
		"2026-3-1 10:00:05": "2026-03-01 10:00:05", "三月一日": "", "2026-13-01": "", "2026-02-30": "", "1": "", "2026-03-01 25:00": "", "": ""} {
		if got, _, err := submitted(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	round := func(first, second, expect string) string {
		_, ps := load(t, "schemes:\n  奖:\n    title: 奖\n    cite: 一\n    for: 企业\n    kind: money\n    amount: 10万元\n    limits: [{at_most: 1项, per: [届], share: earliest}]\n    examples:\n    #= 一个名额。\n"+
			"    - {P: 2025, round: {history: [{企业: 丙, amount: 1万元}], claims: [{claim: 甲, "+first+"}, {claim: 乙, "+second+"}]}, expect: {"+expect+"}}\n")
		var out []string
		for _, p := range ps {
			out = append(out, p.Message)
		}
		return strings.Join(out, "\n")
	}
	for _, c := range []struct{ first, second, problem string }{
		{"提交时间: 2026-03-01", "提交时间: 2026-03-01 10:00", "都只写日期，或都写到几点几分"},
		{"提交时间: 三月一日", "提交时间: 2026-03-01", "提交时间应写日期"},
	} {
		if got := round(c.first, c.second, "open: []"); !strings.Contains(got, c.problem) {
			t.Errorf("%s, %s: %s", c.first, c.second, got)
		}
	}
}
