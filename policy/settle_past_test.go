package policy

import (
	"slices"
	"strings"
	"testing"
)

// TestPastOfNothing: once a year. What came to nothing before is no award of money, and leaves the one; an honour has no sum and takes it.
// Mutation: count every row of the history → red.
func TestPastOfNothing(t *testing.T) {
	for _, c := range []struct {
		kind  string
		past  Fen
		given bool
	}{
		{"money, amount: 1万元", 0, true}, {"money, amount: 1万元", 1, false}, {"recognition", 0, false},
	} {
		lib, _ := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: "+c.kind+", limits: [{at_most: 1次, per: [企业, 年度], share: earliest}]}\n")
		got, err := lib.Settle(Round{On: 20260630, History: []Past{{Party: "企", Scheme: "d/奖", Year: 2025, Amount: c.past}},
			Claims: []Claim{{ID: "一", Party: "企", Scheme: "d/奖", Facts: settleFacts(t, lib, nil)}}})
		if err != nil || len(got) != 1 || got[0].Open || got[0].Granted != c.given {
			t.Errorf("%s after %s: %+v %v, want given %v", c.kind, c.past, got, err, c.given)
		}
	}
}

// TestScopeOfProjectUnsaid: once for each project of a firm, 40万 or 100万, the higher. A claim or an earlier award that does not say which project it
// is of may be of the same one, and waits; of two that say it, the same project gets the higher, different ones both.
// Mutation: let the claimant stand for the project too → red.
func TestScopeOfProjectUnsaid(t *testing.T) {
	limit := ", limits: [{at_most: 1次, per: [企业, 项目], of: [甲, 乙], share: highest}]}\n"
	lib, _ := load(t, "schemes:\n  甲: {title: 甲, cite: 一, for: 项目, kind: money, amount: 40万元"+limit+"  乙: {title: 乙, cite: 一, for: 项目, kind: money, amount: 100万元"+limit)
	const open = Fen(-1)
	for _, c := range []struct {
		jia, yi, past string // projects; past: "-" for none
		a, b          Fen
		why           string
	}{
		{"一号", "一号", "-", 0, 100_000_000, ""},
		{"一号", "二号", "-", 40_000_000, 100_000_000, ""},
		{"", "", "-", open, open, "不知道它的“项目”"},
		{"一号", "", "-", open, open, ""},
		{"一号", "二号", "一号", 0, 100_000_000, ""},
		{"一号", "二号", "", open, open, ""},
		{"一号", "二号", "三号", 40_000_000, 100_000_000, ""},
	} {
		r := Round{On: 20260630, Claims: []Claim{{ID: "一", Party: "丁", Scheme: "d/甲", Fields: ofProject(c.jia), Facts: settleFacts(t, lib, nil)},
			{ID: "二", Party: "丁", Scheme: "d/乙", Fields: ofProject(c.yi), Facts: settleFacts(t, lib, nil)}}}
		if c.past != "-" {
			r.History = []Past{{Party: "丁", Scheme: "d/甲", Amount: 40_000_000, Fields: ofProject(c.past)}}
		}
		got, err := lib.Settle(r)
		if err != nil || len(got) != 2 {
			t.Fatal(got, err)
		}
		for i, want := range []Fen{c.a, c.b} {
			y := got[slices.IndexFunc(got, func(y Settled) bool { return y.Claim == []string{"一", "二"}[i] })]
			if y.Open != (want == open) || !y.Open && y.Amount != want || !strings.Contains(y.Why, c.why) {
				t.Errorf("%+v: %s comes to %s, open %v (%s)", c, y.Claim, y.Amount, y.Open, y.Why)
			}
		}
	}
}

func ofProject(project string) map[string]string {
	if project == "" {
		return nil
	}
	return map[string]string{"项目": project}
}

// TestRoundOfProjects: 20万 less what was received, for each project. 10万 went to 一号: 一号 gets 10万, 二号 20万. Of 10万 that do not say their project
// two projects wait, one alone has them deducted. Who claims unsaid, a limit of each firm's project waits for the firm.
// Mutations: take every award as that of each project; deduct the unsaid from each; let the project stand for the firm → red.
func TestRoundOfProjects(t *testing.T) {
	const claims = "claims: [{claim: 一, 企业: 丁, 项目: 一号}, {claim: 二, 企业: 丁, 项目: 二号}]"
	for _, c := range []struct{ limits, round, expect string }{
		{"", "history: [{amount: 10万元, 企业: 丁, 项目: 一号}], " + claims, "amounts: {一: 10万元, 二: 20万元}, total: 30万元, open: []"},
		{"", "history: [{amount: 10万元, 企业: 丁}], " + claims, "open: [一, 二], why: {一: 没有写是哪个项目的}"},
		{"", "history: [{amount: 10万元, 企业: 丁}], claims: [{claim: 一, 企业: 丁, 项目: 一号}]", "amounts: {一: 10万元}, open: []"},
		{"", "history: [{amount: 0元, 企业: 丁}], " + claims, "amounts: {一: 20万元, 二: 20万元}, open: []"}, // nothing is of no project
		{"", "history: [{amount: 10万元, 企业: 丙}], " + claims, "amounts: {一: 20万元, 二: 20万元}, open: []"},
		{", limits: [{at_most: 1次, per: [企业, 项目], share: earliest}]", "claims: [{claim: 一, 项目: 一号}]", "open: [一], why: {一: 企业}"},
		{", limits: [{at_most: 1次, per: [企业, 项目], share: earliest}]", "claims: [{claim: 一, 企业: 丁, 项目: 一号}]", "open: [], amounts: {一: 20万元}"},
		{", limits: [{at_most: 1次, per: [企业, 项目], share: earliest}]", "history: [{amount: 0.01元, 企业: 丁, 项目: 一号}], claims: [{claim: 一, 项目: 一号}]", "open: [一], why: {一: 企业}"},
	} {
		lib, ps := load(t, "schemes:\n  补: {title: 补, cite: 一, for: 项目, kind: money, amount: {give: 20万元, then: [{less: received(补)}]}"+c.limits+
			", examples: [{P: 2025, round: {"+c.round+"}, expect: {"+c.expect+"}}]}\n")
		for _, p := range ps {
			if p.Severity == SeverityError {
				t.Fatalf("%s: %s", c.round, p)
			}
		}
		if wrong := lib.CheckExamples(); len(wrong) > 0 {
			t.Errorf("%s%s: %v", c.round, c.limits, wrong)
		}
	}
}

// TestOutcomeOfAProject: 20万 less what 甲 gave in the same round, for each project. What 一号 got is deducted from 一号 alone; what does not say its project
// from the only one there is, and of two projects both wait.
// Mutations: take every outcome as that of each project; none that does not say it; deduct the unsaid from each; wait for the sake of one that reads
// nothing of it, or that is no project's → red.
func TestOutcomeOfAProject(t *testing.T) {
	lib, _ := load(t, "schemes:\n  甲: {title: 甲, cite: 一, for: 项目, kind: money, amount: 8万元}\n"+
		"  乙: {title: 乙, cite: 二, for: 项目, kind: money, amount: {give: 20万元, then: [{less: received(甲)}]}}\n"+
		"  旁: {title: 旁, cite: 三, for: 项目, kind: money, amount: 1万元}\n"+
		"  企: {title: 企, cite: 四, for: 企业, kind: money, amount: {give: 20万元, then: [{less: received(甲)}]}}\n")
	const open, none = Fen(-1), Fen(-2)
	for _, c := range []struct {
		of       string
		one, two Fen // of 一号 and 二号
	}{
		{"一号", 12_000_000, 20_000_000}, {"三号", 20_000_000, 20_000_000}, {"", 12_000_000, none}, {"", open, open},
	} {
		r := Round{On: 20260630, Claims: []Claim{{ID: "零", Party: "丁", Scheme: "d/甲", Fields: ofProject(c.of), Facts: settleFacts(t, lib, nil)},
			{ID: "别", Party: "丙", Scheme: "d/乙", Fields: ofProject("二号"), Facts: settleFacts(t, lib, nil)},
			// Of other projects, one of which reads nothing of 甲 and one of which is the whole firm's: neither is deducted from in another's place.
			{ID: "旁", Party: "丁", Scheme: "d/旁", Fields: ofProject("四号"), Facts: settleFacts(t, lib, nil)},
			{ID: "企", Party: "丁", Scheme: "d/企", Fields: ofProject("五号"), Facts: settleFacts(t, lib, nil)}}}
		for project, want := range map[string]Fen{"一号": c.one, "二号": c.two} {
			if want != none {
				r.Claims = append(r.Claims, Claim{ID: project, Party: "丁", Scheme: "d/乙", Fields: ofProject(project), Facts: settleFacts(t, lib, nil)})
			}
		}
		got, err := lib.Settle(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range got {
			want := map[string]Fen{"零": 8_000_000, "别": 20_000_000, "旁": 1_000_000, "企": 12_000_000, "一号": c.one, "二号": c.two}[y.Claim]
			if y.Open != (want == open) || !y.Open && y.Amount != want || y.Open && !strings.Contains(y.Why, "所得的“甲”没有写是哪个项目的") {
				t.Errorf("甲 of %q: %s comes to %s, open %v (%s)", c.of, y.Claim, y.Amount, y.Open, y.Why)
			}
		}
	}
}

// TestHighestOfEqual: once, the higher of 5万 and 5万. Where another limit of 2万 counts one of them alone, or one is paid in two parts, which of them
// stays makes a difference, and is left to a person, whatever the claims are called; where it makes none, the earlier submitted stays.
// Mutations: decide by the name; take every tie as indifferent; take none as indifferent → red.
func TestHighestOfEqual(t *testing.T) {
	once := "{at_most: 1次, per: [企业, 年度], of: [甲, 乙], share: highest}"
	const open = Fen(-1)
	for _, c := range []struct {
		name, more string // of 甲
		place      bool
		jia, yi    Fen
	}{
		{"no difference", "limits: [" + once + "]", false, 5_000_000, 0},
		{"another cap", "limits: [" + once + ", {at_most: 2万元, per: [企业, 年度]}]", false, open, open},
		{"another cap, decided", "limits: [" + once + ", {at_most: 2万元, per: [企业, 年度]}]", true, 2_000_000, 0},
		{"a cap of both", "limits: [" + once + ", {at_most: 2万元, per: [企业, 年度], of: [甲, 乙]}]", false, 2_000_000, 0},
		{"two parts", "pay: [{on: 开工, give: 30%}, {on: 完工, give: rest}], limits: [" + once + "]", false, open, open},
	} {
		lib, _ := load(t, "schemes:\n  甲: {title: 甲, cite: 一, for: 企业, kind: money, amount: 5万元, "+c.more+"}\n"+
			"  乙: {title: 乙, cite: 一, for: 企业, kind: money, amount: 5万元, limits: ["+once+"]}\n")
		for _, names := range [][2]string{{"1", "2"}, {"2", "1"}} {
			r := Round{On: 20260630, Claims: []Claim{{ID: names[0], Party: "企", Scheme: "d/甲", Facts: settleFacts(t, lib, nil), Submitted: "2026-01-01"},
				{ID: names[1], Party: "企", Scheme: "d/乙", Facts: settleFacts(t, lib, nil), Submitted: "2026-01-02"}}}
			if c.place {
				r.Claims[0].Place, r.Claims[1].Place = 1, 2
			}
			got, err := lib.Settle(r)
			if err != nil {
				t.Fatal(c.name, err)
			}
			for _, y := range got {
				want := map[string]Fen{"d/甲": c.jia, "d/乙": c.yi}[y.Scheme]
				if y.Open != (want == open) || !y.Open && y.Amount != want {
					t.Errorf("%s, names %v: %s comes to %s, open %v (%s)", c.name, names, y.Scheme, y.Amount, y.Open, y.Why)
				}
			}
		}
	}
}

// TestRecordRows: what is wrong with the records of a list is told for every row, with its number and its line.
func TestRecordRows(t *testing.T) {
	lib, _ := load(t, "")
	_, ps := ReadFacts("f.yaml", []byte("facts:\n  奖励:\n  - {from: 2025-06-30, 级别: 省级}\n  - {from: 2025-13-01, 排名: 第一项}\n  - {until: 2025-01-01, from: 2025-02-01}\n"+
		"  - {级别: 县级, times: 2.5, 名次: 3}\n  - 省级\n"), lib.Vocabulary())
	want := [][2]string{{"f.yaml:4:", "第2条：日期应写作"}, {"f.yaml:4:", "第2条：栏目“排名”"}, {"f.yaml:5:", "第3条：截止日期早于开始日期"}, {"f.yaml:6:", "第4条：栏目“级别”"},
		{"f.yaml:6:", "第4条：times"}, {"f.yaml:6:", "第4条：“奖励”没有“名次”"}, {"f.yaml:7:", "第5条：每条记录写作"}}
	if len(ps) != len(want) {
		t.Errorf("%d problems, not %d", len(ps), len(want))
	}
	for _, w := range want {
		refused(t, "records", ps, w[0], w[1])
	}
}
