package simulation

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/registry"
	"shanglin/policy"
)

// firms are parties by name, each with its facts.
type firms map[string]map[string]string

func limitLibrary(t *testing.T) *policy.Library {
	t.Helper()
	var files []policy.File
	for _, name := range []string{"vocabulary", "lim"} {
		data, err := os.ReadFile("testdata/limits/county/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, policy.File{Path: "county/" + name + ".yaml", Data: data})
	}
	l, problems := policy.Load(files)
	for _, p := range problems {
		t.Log(p)
	}
	if l == nil {
		t.Fatal("the samples do not load")
	}
	return l
}

// compared tries changes over firms, all in one page or each in one of its own.
func compared(t *testing.T, of firms, pages bool, changes ...policy.Change) (*Result, map[string]Line) {
	t.Helper()
	return comparedAfter(t, nil, of, pages, changes...)
}

// comparedAfter is compared after earlier rounds have awarded something.
func comparedAfter(t *testing.T, past []policy.Past, of firms, pages bool, changes ...policy.Change) (*Result, map[string]Line) {
	t.Helper()
	before := limitLibrary(t)
	after, err := Changed(before, changes)
	if err != nil {
		t.Fatal(err)
	}
	on, _ := policy.ParseDate("2026-03-01")
	c := newComparison(pairs(before, after, on, Reached(before, changes)), before, after, on)
	c.awarded(past)
	var list []subject
	for i, name := range slices.Sorted(maps.Keys(of)) {
		f := policy.NewFacts(before.Vocabulary())
		for key, value := range of[name] {
			if err := f.Set(key, value, policy.Source{Verified: true}); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, subject{party: name, code: code(i + 1), kind: registry.KindFirm, before: f, after: f.Over(after.Vocabulary())})
	}
	if pages {
		for i := range list {
			c.page(list[i : i+1])
		}
	} else {
		c.page(list)
	}
	r, lines := c.end()
	by := map[string]Line{}
	for _, l := range lines {
		by[l.Party] = l
	}
	return r, by
}

func sums(r *Result, scheme string) string {
	for _, s := range r.Schemes {
		if s.Scheme == scheme {
			return fmt.Sprint(s.Change, " ", worth(s.Before), " ", worth(s.After))
		}
	}
	return ""
}

// 60, 50 and 30万 on 100万. By parts of 140: 600/14 = 42.857142857… → 428571.42 rest .857, 357142.85 rest .714, 214285.71 rest .428; the two fen that
// remain go to the two largest rests: 428571.43, 357142.86, 214285.71, together 1000000. At 20% each claim is twice as high, and so is their sum:
// nobody gets more. With 140万 each has what it claims.
// Mutations: settle each page by itself; leave the limits out → red.
func TestAPoolIsSharedByAll(t *testing.T) {
	of := firms{"甲": {"销售额@2025": "600万元"}, "乙": {"销售额@2025": "500万元"}, "丙": {"销售额@2025": "300万元"}}
	for _, pages := range []bool{false, true} {
		r, lines := compared(t, of, pages, policy.Change{Path: "lim/schemes/pool/amount/give", To: "20%"})
		if got := sums(r, "lim/pool"); got != "changed 100万元 100万元" || len(lines) != 0 || r.Total.Moved != (Moved{Same: 3}) {
			t.Errorf("%s %v %+v", got, lines, r.Total.Moved)
		}
		r, lines = compared(t, of, pages, policy.Change{Path: "lim/schemes/pool/limits/1/at_most", To: "140万元"})
		if got := sums(r, "lim/pool"); got != "changed 100万元 140万元" || r.Total.Moved != (Moved{Gain: 3}) {
			t.Errorf("%s %+v", got, r.Total.Moved)
		}
		for name, want := range map[string][2]policy.Fen{"甲": {42_857_143, 60_000_000}, "乙": {35_714_286, 50_000_000}, "丙": {21_428_571, 30_000_000}} {
			if l := lines[name]; l.Before != want[0] || l.After != want[1] {
				t.Errorf("%s: %d → %d", name, l.Before, l.After)
			}
		}
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "几家共用的限额，余下的只在本次测算的企业之间分") {
			t.Errorf("%q", r.Notes)
		}
	}
}

// 4万 for staff and up to 3万 for the list, 5万 together. 甲 has both, 7万, of which 5万 are left: with 6万 for staff it has no more than before. 乙 is on the list
// alone, 3万; 丙 has staff alone, 4万 and then 5万 of 6万. Together 5 + 3 + 4 = 12万, then 5 + 3 + 5 = 13万.
// Mutation: compare the scheme alone whose figure was turned → red.
func TestACapOverTwoSchemes(t *testing.T) {
	of := firms{"甲": {"员工人数@2025": "100人", "软件名录": "是"}, "乙": {"软件名录": "是", "员工人数@2025": "9人"}, "丙": {"员工人数@2025": "100人", "软件名录": "否"}}
	r, lines := compared(t, of, false, policy.Change{Path: "lim/schemes/staff/amount", To: "6万元"})
	if len(r.Schemes) != 2 || r.Schemes[0].Scheme != "lim/staff" || r.Schemes[0].Change != "changed" || r.Schemes[1].Scheme != "lim/list" || r.Schemes[1].Change != "linked" {
		t.Errorf("%+v", r.Schemes)
	}
	if got := r.Total; worth(got.Before) != 12_000_000 || worth(got.After) != 13_000_000 || got.Moved != (Moved{Gain: 1, Same: 2}) {
		t.Errorf("%+v", got)
	}
	if l := lines["丙"]; l.Before != 4_000_000 || l.After != 5_000_000 || l.Way != Gain {
		t.Errorf("%+v", l)
	}
	if l, changes := lines["甲"]; changes && l.Change() != 0 {
		t.Errorf("%+v", l)
	}
}

// Of three by sales two are the best: with 20 staff asked, 乙 drops out and 丙 comes up. Without the sales of one who qualifies nobody can be ranked, and with
// no times of submission nobody is first: both are left as they were, and said.
// Mutation: leave out the note of what is left open; order by number who has no time → red.
func TestWhatTheRegistryDoesNotKnow(t *testing.T) {
	of := firms{"甲": {"员工人数@2025": "50人", "销售额@2025": "300万元"}, "乙": {"员工人数@2025": "10人", "销售额@2025": "200万元"}, "丙": {"员工人数@2025": "60人", "销售额@2025": "100万元"}}
	r, lines := compared(t, of, false, policy.Change{Path: "lim/schemes/best/require/at_least", To: "20人"})
	if r.Total.Moved != (Moved{Enter: 1, Leave: 1, Same: 1}) || lines["乙"].Way != Leave || lines["丙"].Way != Enter {
		t.Errorf("%+v %+v", r.Total.Moved, lines)
	}
	delete(of["甲"], "销售额@2025")
	r, _ = compared(t, of, false, policy.Change{Path: "lim/schemes/best/require/at_least", To: "20人"})
	if r.Total.Before.Met != 3 || r.Total.After.Met != 2 || !slices.ContainsFunc(r.Notes, func(n string) bool {
		return strings.HasPrefix(n, "“销售前列企业”的限额没有全部计入：没有“销售额@当年”，排不出先后") && strings.HasSuffix(n, "现行有1家、调整后有0家只扣到它之前的限额。")
	}) {
		t.Errorf("%+v %q", r.Total, r.Notes)
	}
	r, _ = compared(t, of, false, policy.Change{Path: "lim/schemes/first/amount", To: "2万元"})
	if got := sums(r, "lim/first"); got != "changed 2万元 4万元" || !strings.Contains(strings.Join(r.Notes, ""), "没有“提交时间”，排不出先后") {
		t.Errorf("%s %q", got, r.Notes)
	}
	r, _ = compared(t, of, false, policy.Change{Path: "lim/schemes/fund/amount", To: "1万元"})
	if got := sums(r, "lim/fund"); got != "changed 4万元 2万元" || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "名录里没有“发展资金”现有多少资金") {
		t.Errorf("%s %q", got, r.Notes)
	}
}

// 1% of the sales, 3万 for each, 4万 for all, the first come first: nobody's time is known, so what all share waits, and what each may have does not.
// 甲 6万 → 3万 and then 4万, 乙 2万: together 5万, then 6万.
// Mutation: leave a claim that stays open at what it comes to before its limits → red.
func TestACapBeforeWhatStaysOpen(t *testing.T) {
	of := firms{"甲": {"销售额@2025": "600万元"}, "乙": {"销售额@2025": "200万元"}}
	for _, pages := range []bool{false, true} {
		r, lines := compared(t, of, pages, policy.Change{Path: "lim/schemes/each/limits/1/at_most", To: "4万元"})
		if got := sums(r, "lim/each"); got != "changed 5万元 6万元" || lines["甲"].Before != 3_000_000 || lines["甲"].After != 4_000_000 {
			t.Errorf("%s %+v", got, lines)
		}
		if !slices.ContainsFunc(r.Notes, func(n string) bool {
			return strings.HasSuffix(n, "现行有2家、调整后有2家只扣到它之前的限额。")
		}) {
			t.Errorf("%q", r.Notes)
		}
	}
}

// What earlier rounds awarded is gone from the limits, as it is in a round of today; a round of the same claims is the oracle. By hand: 甲 had 2万 of the
// list for 2025, so that 3万 of its 5万 are left whether staff give 4万 or 6万; 3万 of 2024 are gone from nothing. 乙 3万, 丙 4万 and then 5万 of 6万:
// 3 + 3 + 4 = 10万, then 3 + 3 + 5 = 11万. Of the shared 100万 丁, which is not among the parties, had 40万: 60万 are shared before and after.
// Mutations: hand no history; hand that of the parties of the page alone → red.
func TestAfterEarlierRounds(t *testing.T) {
	of := firms{"甲": {"员工人数@2025": "100人", "软件名录": "是"}, "乙": {"软件名录": "是", "员工人数@2025": "9人"}, "丙": {"员工人数@2025": "100人", "软件名录": "否"}}
	past := []policy.Past{{Claim: "1", Party: "甲", Scheme: "lim/list", Year: 2025, Round: "早先", Amount: 2_000_000},
		{Claim: "2", Party: "甲", Scheme: "lim/staff", Year: 2024, Round: "更早", Amount: 3_000_000},
		{Claim: "3", Party: "丁", Scheme: "lim/pool", Year: 2025, Round: "早先", Amount: 40_000_000}}
	for _, pages := range []bool{false, true} {
		r, _ := comparedAfter(t, past, of, pages, policy.Change{Path: "lim/schemes/staff/amount", To: "6万元"})
		if got := r.Total; worth(got.Before) != 10_000_000 || worth(got.After) != 11_000_000 {
			t.Errorf("%+v", got)
		}
		if len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "此前各批次已决定的奖补已从限额中扣除") {
			t.Errorf("%q", r.Notes)
		}
	}
	library := limitLibrary(t)
	on, _ := policy.ParseDate("2026-03-01")
	top := policy.Fen(3_000_000)
	round := policy.Round{ID: "今次", On: on, History: past}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		f := policy.NewFacts(library.Vocabulary())
		for key, value := range of[name] {
			if err := f.Set(key, value, policy.Source{Verified: true}); err != nil {
				t.Fatal(err)
			}
		}
		round.Claims = append(round.Claims, policy.Claim{ID: name + "1", Party: name, Scheme: "lim/staff", Facts: f, Submitted: "1"},
			policy.Claim{ID: name + "2", Party: name, Scheme: "lim/list", Facts: f, Submitted: "1", Decided: &top})
	}
	settled, err := library.Settle(round)
	sum := policy.Fen(0)
	for _, s := range settled {
		sum += s.Amount
	}
	if err != nil || sum != 10_000_000 {
		t.Errorf("a round comes to %s, %v", sum, err)
	}

	of = firms{"甲": {"销售额@2025": "600万元"}, "乙": {"销售额@2025": "500万元"}}
	for _, pages := range []bool{false, true} {
		r, _ := comparedAfter(t, past, of, pages, policy.Change{Path: "lim/schemes/pool/amount/give", To: "20%"})
		if got := sums(r, "lim/pool"); got != "changed 60万元 60万元" {
			t.Error(got)
		}
	}
}
