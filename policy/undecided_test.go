package policy

import (
	"strings"
	"testing"
)

// TestUndecidedSum: a fact that the amount rests on is missing, and the claim waits, with all that shares a limit with it; it is neither paid nor
// claimed back at its worst. What the clause leaves to a person may be set where the sum is allowed whatever the fact turns out to be.
// Mutations: settle at the worst; let a set sum stand that only one end allows; let an exact worst be set; count an open claim as nothing → red.
func TestUndecidedSum(t *testing.T) {
	const raise = ", then: [{times: 110%, if: {of: 守信, is: 是}}]"
	for _, c := range []struct {
		name, scheme string
		facts        map[string]string
		decided      *Fen
		want         Fen // -1: waits
		why          string
	}{
		{"the base", "amount: {give: 10%, of: 收入@当年}", nil, nil, -1, "2025年收入"},
		{"the base, set at nothing: what the facts decide is nobody's to set", "amount: {give: 10%, of: 收入@当年}", nil, yuan(0), -1, "2025年收入"},
		{"10% of 50万", "amount: {give: 10%, of: 收入@当年}", map[string]string{"收入@2025": "50万元"}, nil, 5_000_000, ""},
		{"a raise: 5万 or 5.5万", "amount: {give: 5万元" + raise + "}", nil, nil, -1, "守信"},
		{"a raise, set", "amount: {give: 5万元" + raise + "}", nil, yuan(50_000), -1, "守信"},
		{"raised: 5.5万", "amount: {give: 5万元" + raise + "}", map[string]string{"守信": "是"}, nil, 5_500_000, ""},
		{"not raised", "amount: {give: 5万元" + raise + "}", map[string]string{"守信": "否"}, nil, 5_000_000, ""},
		{"a ceiling of 20万 or 22万, 6万 set", "amount: {give: up to 20万元" + raise + "}", nil, yuan(60_000), 6_000_000, ""},
		{"a ceiling of 20万 or 22万, 21万 set", "amount: {give: up to 20万元" + raise + "}", nil, yuan(210_000), -1, "守信"},
		{"a floor of 6万 or 6.6万, 6.1万 set", "amount: {give: 6万元 to 9万元" + raise + "}", nil, yuan(61_000), -1, "守信"},
		{"a floor of 6万 or 6.6万, 6.6万 set", "amount: {give: 6万元 to 9万元" + raise + "}", nil, yuan(66_000), 6_600_000, ""},
		{"an advance of 5万 on 10%", "amount: {give: 10%, of: 收入@当年}, pay: [{on: 预支, give: 5万元}, {on: 结算, give: rest, below_zero: recover}]", nil, nil, -1,
			"2025年收入"},
		{"the missing makes no difference: the cap is 3万", "amount: {give: 5万元, then: [{times: 110%, if: {of: 守信, is: 是}}, {at_most: 3万元}]}", nil, nil, 3_000_000, ""},
		{"10万, and an office may have to set it at no less and no more", "amount: {highest: [10万元, {give: manual, then: [{at_most: 10万元}], if: {of: 守信, is: 是}}]}",
			nil, nil, 10_000_000, ""},
		{"a row that an office sets", "amount: {by: 领域, is: {甲: 20万元, 乙: manual}}", nil, nil, -1, "领域"},
		{"that row for certain", "amount: {by: 领域, is: {甲: 20万元, 乙: manual}}", map[string]string{"领域": "乙"}, nil, -1, "没有核定金额"},
	} {
		lib, ps := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, "+c.scheme+"}\n")
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(c.name, p)
			}
		}
		got, err := lib.Settle(Round{On: 20260630, Claims: []Claim{{ID: "1", Party: "企", Scheme: "d/奖", Facts: settleFacts(t, lib, c.facts), Decided: c.decided}}})
		if err != nil {
			t.Fatal(c.name, err)
		}
		y := got[0]
		if y.Open != (c.want < 0) || !y.Open && y.Amount != c.want || !strings.Contains(y.Why, c.why) || y.Open && len(y.Payments) > 0 {
			t.Errorf("%s: %s, open %v (%s), %v; want %s", c.name, y.Amount, y.Open, y.Why, y.Payments, c.want)
		}
	}
}

// TestUndecidedShares: 10万 are left for all. Of one whose base is not known nobody can say what the others get: all wait; known to come to 2万, the
// other has its 8万.
func TestUndecidedShares(t *testing.T) {
	for _, share := range []string{"prorata, key: 统一社会信用代码", "earliest"} {
		lib, _ := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: {give: 10%, of: 收入@当年, then: [{at_most: 100万元}]},"+
			" limits: [{at_most: 10万元, per: [年度], share: "+share+"}]}\n")
		for income, want := range map[string][2]Fen{"": {-1, -1}, "20万元": {2_000_000, 8_000_000}} {
			facts := map[string]string{}
			if income != "" {
				facts["收入@2025"] = income
			}
			got, err := lib.Settle(Round{On: 20260630, Claims: []Claim{
				{ID: "1", Party: "甲", Scheme: "d/奖", Facts: settleFacts(t, lib, facts), Submitted: "2026-01-01", Fields: map[string]string{FieldCode: "1"}},
				{ID: "2", Party: "乙", Scheme: "d/奖", Facts: settleFacts(t, lib, map[string]string{"收入@2025": "80万元"}), Submitted: "2026-01-02",
					Fields: map[string]string{FieldCode: "2"}}}})
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want {
				if y := got[i]; y.Open != (w < 0) || !y.Open && y.Amount != w {
					t.Errorf("%s, income %q: claim %s comes to %s, open %v (%s)", share, income, y.Claim, y.Amount, y.Open, y.Why)
				}
			}
		}
	}
}

// TestRowOfDiscretionMayBeReached: which row it is is not known, and one of them a person sets. Certain is what every row gives at least; what is
// the most that is certain is the least of their tops.
// Mutations: let the row that the office sets be passed over where the worst is looked for; take both ends from the row with the lowest top → red.
func TestRowOfDiscretionMayBeReached(t *testing.T) {
	for _, c := range []struct {
		rows              string
		kind              AmountKind
		low, high         Fen
		bestLow, bestHigh Fen
		best              string
		worst             string // empty: as the kind says
		decided, want     Fen    // want 0: waits
	}{
		{rows: "甲: 20万元, 乙: manual", kind: Exact, best: "由主管部门确定", decided: 2_000_000},
		// 20万 for certain, or what the office sets from nothing to 30万: nothing is certain, no more than 20万 is, and 20万 is allowed in both.
		{rows: "甲: 20万元, 乙: up to 30万元", kind: Ceiling, high: 20_000_000, bestLow: 20_000_000, bestHigh: 30_000_000, best: "至多30万元", worst: "至多20万元", decided: 1_000_000},
		{rows: "甲: up to 30万元, 乙: 20万元", kind: Ceiling, high: 20_000_000, bestLow: 20_000_000, bestHigh: 30_000_000, best: "至多30万元",
			decided: 20_000_000, want: 20_000_000},
		{rows: "甲: 20万元, 乙: 5万元 to 30万元", kind: Range, low: 5_000_000, high: 20_000_000, bestLow: 20_000_000, bestHigh: 30_000_000, best: "至多30万元"},
		// Both allow 6万 to 9万.
		{rows: "甲: 4万元 to 9万元, 乙: 6万元 to 12万元", kind: Range, low: 4_000_000, high: 9_000_000, bestLow: 6_000_000, bestHigh: 12_000_000, best: "6万元至12万元",
			decided: 8_000_000, want: 8_000_000},
		{rows: "甲: 4万元 to 9万元, 乙: 6万元 to 12万元", kind: Range, low: 4_000_000, high: 9_000_000, bestLow: 6_000_000, bestHigh: 12_000_000, best: "6万元至12万元",
			decided: 5_999_999},
	} {
		lib, _ := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: {by: 领域, is: {"+c.rows+"}}}\n")
		facts := NewFacts(lib.Vocabulary())
		r := lib.Scheme("d/奖").Evaluate(Question{Facts: facts, On: 20260630})
		if r.Answer != Met || r.Amount.Kind != c.kind || r.Amount.Low != c.low || r.Amount.High != c.high ||
			r.Potential.Low != c.bestLow || r.Potential.High != c.bestHigh || r.Potential.Text != c.best {
			t.Errorf("%s: %s, %+v, at best %+v", c.rows, r.Answer, r.Amount, r.Potential)
		}
		if c.worst != "" && r.Amount.Text != c.worst { // no document says 20万 as what a person may set up to
			t.Errorf("%s: %s, want %s", c.rows, r.Amount.Text, c.worst)
		}
		claim := Claim{ID: "1", Party: "企", Scheme: "d/奖", Facts: facts}
		if c.decided != 0 {
			claim.Decided = &c.decided
		}
		got, err := lib.Settle(Round{On: 20260630, Claims: []Claim{claim}})
		if err != nil {
			t.Fatal(c.rows, err)
		}
		if y := got[0]; y.Open != (c.want == 0) || y.Amount != c.want || y.Open && !strings.Contains(y.Why, "领域") {
			t.Errorf("%s: settled at %s, open %v (%s)", c.rows, y.Amount, y.Open, y.Why)
		}
	}
}

// TestRankedByWhatIsNotSettled: places and shares are given by what another scheme of the round pays. While it is open what 乙 gets of it, nobody can
// say whether 甲 or 乙 comes first; set at 40万, 乙 comes before 甲 with 30万; at 20万, after.
// Mutations: reckon with nothing where an outcome is open; let a limit not read what it ranks by → red.
func TestRankedByWhatIsNotSettled(t *testing.T) {
	for _, c := range []struct {
		limit  string
		second *Fen
		want   [2]Fen // of 甲 and 乙; -1: waits
	}{
		{"{at_most: 30万元, per: [年度], share: rank, key: received(主), tie: manual}", nil, [2]Fen{-1, -1}},
		{"{at_most: 30万元, per: [年度], share: rank, key: received(主), tie: manual}", yuan(400_000), [2]Fen{10_000_000, 20_000_000}},
		{"{at_most: 30万元, per: [年度], share: rank, key: received(主), tie: manual}", yuan(200_000), [2]Fen{20_000_000, 10_000_000}},
		{"{at_most: 1项, per: [届], share: rank, key: received(主), tie: manual}", nil, [2]Fen{-1, -1}},
		{"{at_most: 1项, per: [届], share: rank, key: received(主), tie: manual}", yuan(400_000), [2]Fen{0, 20_000_000}},
		{"{at_most: 1项, per: [届], share: rank, key: 收入@当年, tie: received(主)}", nil, [2]Fen{-1, -1}},
		{"{at_most: 1项, per: [届], share: rank, key: 收入@当年, tie: received(主)}", yuan(200_000), [2]Fen{20_000_000, 0}},
	} {
		lib, ps := load(t, "schemes:\n  主: {title: 主, cite: 一, for: 企业, kind: money, amount: {give: up to 50万元}}\n"+
			"  丙: {title: 配, cite: 二, for: 企业, kind: money, amount: {give: 20万元}, limits: ["+c.limit+"]}\n")
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(p)
			}
		}
		facts := func() *Facts { return settleFacts(t, lib, map[string]string{"收入@2025": "100万元"}) }
		got, err := lib.Settle(Round{On: 20260630, Claims: []Claim{
			{ID: "1", Party: "甲", Scheme: "d/丙", Facts: facts()}, {ID: "2", Party: "乙", Scheme: "d/丙", Facts: facts()},
			{ID: "3", Party: "甲", Scheme: "d/主", Facts: facts(), Decided: yuan(300_000)}, {ID: "4", Party: "乙", Scheme: "d/主", Facts: facts(), Decided: c.second}}})
		if err != nil {
			t.Fatal(c.limit, err)
		}
		for i, want := range c.want {
			if y := got[i]; y.Open != (want < 0) || !y.Open && y.Amount != want {
				t.Errorf("%s, 乙 %v: %s comes to %s, open %v (%s)", c.limit, c.second, y.Party, y.Amount, y.Open, y.Why)
			}
		}
	}
}

// TestAdvanceOnWhatIsNotKnown: 5万 are paid in advance on an award of 10% of an income that is not known, up to 20万: what is settled in the end may be 5万
// to be recovered or 15万 to be paid, and neither is told as certain. Of an income of 20万 it is 2万, and 3万 are recovered.
// Mutation: tell the payments of the least that it comes to → red.
func TestAdvanceOnWhatIsNotKnown(t *testing.T) {
	lib, _ := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: {give: 10%, of: 收入@当年, then: [{at_most: 20万元}]},"+
		" pay: [{on: 预支, give: 5万元}, {on: 结算, give: rest, below_zero: recover}]}\n")
	for income, want := range map[string]string{"": "追回5万元至支付15万元", "20万元": "追回3万元", "80万元": "3万元"} {
		facts := map[string]string{}
		if income != "" {
			facts["收入@2025"] = income
		}
		r := lib.Scheme("d/奖").Evaluate(Question{Facts: settleFacts(t, lib, facts), On: 20260630})
		if len(r.Payments) != 2 || r.Payments[0].Text != "5万元" || r.Payments[1].Text != want {
			t.Errorf("income %q: %+v", income, r.Payments)
		}
	}
}

// TestRecordThatMayTakeAway: 20万, and of every award of the nation's level what it was above 10万: one of 4万 takes 6万 away, one of 13万 adds 3万. Whether
// they are of that level is not known: between 14万 and 23万. Mutation: leave what may be taken away out of the worst, or count it in the best → red.
func TestRecordThatMayTakeAway(t *testing.T) {
	s := one(t, "", "kind: money\namount: {sum: [20万元, {each: 奖励@有效, where: {级别: 国家级}, give: {give: 100%, of: 金额, then: [{less: 10万元, below_zero: recover}]}}]}")
	for _, c := range []struct{ level, amount, potential string }{{"", "14万元", "23万元"}, {"国家级", "17万元", "17万元"}, {"省级", "20万元", "20万元"}} {
		f := settleFacts(t, s.doc.lib, map[string]string{})
		f.Cover("奖励", always)
		for _, sum := range []string{"4万元", "13万元"} {
			fields := map[string]string{"金额": sum}
			if c.level != "" {
				fields["级别"] = c.level
			}
			if err := f.Record("奖励", RecordFact{From: 20250301, Fields: fields}); err != nil {
				t.Fatal(err)
			}
		}
		if r := s.Evaluate(Question{Facts: f, On: 20260630}); r.Amount.Text != c.amount || r.Potential.Text != c.potential {
			t.Errorf("%s: %s, at best %s; want %s, %s", c.level, r.Amount.Text, r.Potential.Text, c.amount, c.potential)
		}
	}
}

// TestRecordThatMayTakeAwayGivesNothing: an amount for each award alone is refused to whom none is given. An award that may not be of the level asked for,
// and that would take money away, makes nobody entitled. Mutation: count what may be taken away as an award that there is → red.
func TestRecordThatMayTakeAwayGivesNothing(t *testing.T) {
	s := one(t, "", "kind: money\namount: {each: 奖励@有效, where: {级别: 国家级}, give: {give: 100%, of: 金额, then: [{less: 10万元, below_zero: recover}]}}")
	for level, want := range map[string]Answer{"": Unknown, "省级": Unmet, "国家级": Met} {
		f := settleFacts(t, s.doc.lib, map[string]string{})
		f.Cover("奖励", always)
		fields := map[string]string{"金额": "4万元"}
		if level != "" {
			fields["级别"] = level
		}
		if err := f.Record("奖励", RecordFact{From: 20250301, Fields: fields}); err != nil {
			t.Fatal(err)
		}
		if r := s.Evaluate(Question{Facts: f, On: 20260630}); r.Answer != want {
			t.Errorf("%q: %s, want %s", level, r.Answer, want)
		}
	}
}

// TestAPartThatMayRefuse: the higher of 5万 and of what a trade gives, which is nothing at all for other trades, and then the claim is refused. Of a trade
// that is not known nobody can say. Mutation: pass over what is unknown as soon as another part is as high → red.
func TestAPartThatMayRefuse(t *testing.T) {
	s := one(t, "", "kind: money\namount: {highest: [{by: 行业, within: {C38: 3万元, I: 2万元}}, {give: 5万元}]}")
	for trade, want := range map[string]struct {
		answer Answer
		best   string
	}{"": {Unknown, "至多5万元"}, "C384": {Met, "5万元"}, "A01": {Unmet, "无"}} {
		lines := map[string]string{}
		if trade != "" {
			lines["行业"] = trade
		}
		r := s.Evaluate(Question{Facts: settleFacts(t, s.doc.lib, lines), On: 20260630})
		if r.Answer != want.answer || r.Potential.Text != want.best {
			t.Errorf("%q: %s, at best %s; want %s, %s", trade, r.Answer, r.Potential.Text, want.answer, want.best)
		}
	}
}
