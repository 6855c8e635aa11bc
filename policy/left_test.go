package policy

import "testing"

// What the limits of one party leave of an amount, by hand, in both languages.
// Turns red when a limit is left out of the explanation, when what was received is not taken off a limit for good or is taken off a yearly one,
// or when an unknown is told as though nothing had been received.
func TestWhatThePartysLimitsLeave(t *testing.T) {
	for _, c := range []struct {
		name, limits, amount, facts string
		most                        Fen
		short, zh, en               string
	}{
		// 30万 × 50% = 15万; at most 10万 in a year, and nobody knows what this year has given already.
		{"a yearly cap below the sum", "{at_most: 10万元, per: [企业, 年度]}", "{give: 50%, of: 研发@当年}", "研发@2025: 30万元", 10_000_000,
			"符合：15万元（按限额至多10万元）",
			"当年研发 30万元 × 50% = 15万元\n按条款算得：15万元\n另受本申报人的限额\n  每个企业每年度不超过10万元；已经用去的还要扣除，可能更少\n应得：至多10万元",
			"研发 of 2025 CNY 300,000 × 50% = CNY 150,000\nthe clause comes to: CNY 150,000\nlimits of this applicant alone\n" +
				"  each firm each year at most CNY 100,000; what has been used of it is deducted, so it may be less\ndue: at most CNY 100,000"},
		{"a yearly cap above the sum", "{at_most: 20万元, per: [企业, 年度]}", "15万元", "", 15_000_000, "符合：至多15万元",
			"按条款算得：15万元\n另受本申报人的限额\n  每个企业每年度不超过20万元；已经用去的还要扣除，可能更少\n应得：至多15万元",
			"the clause comes to: CNY 150,000\nlimits of this applicant alone\n" +
				"  each firm each year at most CNY 200,000; what has been used of it is deducted, so it may be less\ndue: at most CNY 150,000"},
		// For good at most 20万, of which 12万 are gone: 20 − 12 = 8万.
		{"a cap for good, part of it used", "{at_most: 20万元, per: [企业]}", "15万元", "received(d/S): 12万元", 8_000_000, "符合：15万元（按限额还可得8万元）",
			"按条款算得：15万元\n另受本申报人的限额\n  每个企业不超过20万元：此前已得12万元，还可得8万元\n应得：8万元",
			"the clause comes to: CNY 150,000\nlimits of this applicant alone\n  each firm at most CNY 200,000: CNY 120,000 received before, CNY 80,000 left\ndue: CNY 80,000"},
		{"a cap for good, nothing used", "{at_most: 20万元, per: [企业]}", "15万元", "received(d/S): 0元", 15_000_000, "符合：15万元",
			"按条款算得：15万元\n另受本申报人的限额\n  每个企业不超过20万元：此前没有得过\n应得：15万元",
			"the clause comes to: CNY 150,000\nlimits of this applicant alone\n  each firm at most CNY 200,000: nothing received before\ndue: CNY 150,000"},
		{"once only, and it was", "{at_most: 1次, per: [企业]}", "up to 50万元", "received(d/S): 20万元", 0, "符合：最高50万元（限额已用完，不能再得）",
			"按条款算得：最高50万元\n另受本申报人的限额\n  每个企业不超过1次：此前已得1次，不能再得\n应得：0元",
			"the clause comes to: up to CNY 500,000\nlimits of this applicant alone\n  each firm at most 1 time: 1 award(s) received before, nothing is left\ndue: CNY 0"},
		// What is unknown may raise the clause, and nothing of it can be paid: 至多0元 says neither.
		{"once only, it was, and more may come of it", "{at_most: 1次, per: [企业]}", "{give: 10万元, then: [{times: 110%, if: {of: 守信, is: 是}}]}", "received(d/S): 20万元", 0,
			"符合：10万元（限额已用完，不能再得）",
			"按条款算得：10万元\n另受本申报人的限额\n  每个企业不超过1次：此前已得1次，不能再得\n应得：0元\n限额已用完：补充资料后也不能再得",
			"the clause comes to: CNY 100,000\nlimits of this applicant alone\n  each firm at most 1 time: 1 award(s) received before, nothing is left\ndue: CNY 0\n" +
				"the limit is used up: nothing more can be paid, whatever becomes known"},
		{"once only, and nobody knows", "{at_most: 1次, per: [企业]}", "50万元", "", 50_000_000, "符合：至多50万元",
			"按条款算得：50万元\n另受本申报人的限额\n  每个企业不超过1次；已经得过的也算在内，可能不能再得\n应得：至多50万元",
			"the clause comes to: CNY 500,000\nlimits of this applicant alone\n  each firm at most 1 time; earlier awards count too, so there may be nothing left\ndue: at most CNY 500,000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := one(t, "", "kind: money\namount: "+c.amount+"\nlimits: ["+c.limits+"]")
			for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
				r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Changes: true, Lang: lang})
				x := s.Explanation(r, lang)
				if got := toldLines(x, "amount"); got != want {
					t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
				}
				if lang == Chinese && x.Short != c.short {
					t.Errorf("short: %s, want %s", x.Short, c.short)
				}
				if got := r.Left.Of(r.Amount.High); got != c.most {
					t.Errorf("at most %s, want %s", got, c.most)
				}
			}
		})
	}
}

// What earlier rounds awarded is taken off what is left as settlement takes it: by year, over the schemes that a limit counts whichever of them
// states it, by number, and never twice what is also known to have been received. Each figure by hand; the settlement of a round of this one
// claim is the oracle.
// Turns red when the year of an award is not looked at, when a limit of another scheme is left out, when a claim's own award is deducted from it.
func TestWhatEarlierRoundsLeave(t *testing.T) {
	won := func(scheme string, year int, amount Fen, claim string) Past {
		return Past{Claim: claim, Party: "甲", Scheme: "d/" + scheme, Year: year, Round: "早先", Amount: amount}
	}
	for _, c := range []struct {
		name, limits, other string
		past                []Past
		facts, claim        string
		due                 Fen
		sure                bool
		said                string
	}{
		// 10万 a year, 3万 of 2025 gone, 2万 of 2024 do not count: 7万.
		{"a yearly cap", "{at_most: 10万元, per: [企业, 年度]}", "", []Past{won("S", 2025, 3_000_000, "a"), won("S", 2024, 2_000_000, "b")}, "", "", 7_000_000, true,
			"每个企业每年度不超过10万元：2025年度已得3万元，还可得7万元"},
		{"a yearly cap that is used up", "{at_most: 10万元, per: [企业, 年度]}", "", []Past{won("S", 2025, 10_000_000, "a")}, "", "", 0, true,
			"每个企业每年度不超过10万元：2025年度已得10万元，不能再得"},
		{"a yearly cap of which nothing is used", "{at_most: 10万元, per: [企业, 年度]}", "", nil, "", "", 10_000_000, true,
			"每个企业每年度不超过10万元：2025年度没有得过"},
		{"an award of unknown year", "{at_most: 10万元, per: [企业, 年度]}", "", []Past{won("S", 0, 3_000_000, "a")}, "", "", 10_000_000, false,
			"每个企业每年度不超过10万元；已经用去的还要扣除，可能更少"},
		// 15万 of the clause; 12万 a year with T, stated by T alone; T gave 4万: 8万.
		{"a cap that another clause states", "", "{at_most: 12万元, per: [企业, 年度], of: [S, T]}", []Past{won("T", 2025, 4_000_000, "a")}, "", "", 8_000_000, true,
			"与相关条款合计，每个企业每年度不超过12万元：2025年度已得4万元，还可得8万元"},
		{"twice a year, once had", "{at_most: 2次, per: [企业, 年度]}", "", []Past{won("S", 2025, 1_000_000, "a")}, "", "", 15_000_000, true,
			"每个企业每年度不超过2次：2025年度已得1次，还可得1次"},
		// For good 20万: 5万 awarded and not paid, and 6万 that other books know: 9万.
		{"a cap for good, and other books", "{at_most: 20万元, per: [企业]}", "", []Past{won("S", 2023, 5_000_000, "a")}, "received(d/S): 6万元", "", 9_000_000, true,
			"每个企业不超过20万元：此前已得11万元，还可得9万元"},
		{"its own award", "{at_most: 10万元, per: [企业, 年度]}", "", []Past{won("S", 2025, 3_000_000, "a"), won("S", 2025, 7_000_000, "own")}, "", "own", 7_000_000, true,
			"每个企业每年度不超过10万元：2025年度已得3万元，还可得7万元"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scheme := func(key, amount, limits string) string {
				if limits != "" {
					limits = ", limits: [" + limits + "]"
				}
				return "  " + key + ": {title: 测试" + key + ", cite: 一, for: 企业, kind: money, amount: " + amount + limits + "}\n"
			}
			lib, _ := load(t, "schemes:\n"+scheme("S", "15万元", c.limits)+scheme("T", "1万元", c.other))
			s := lib.Scheme("d/S")
			f := facts(t, s, c.facts)
			f.Awarded(c.past)
			q := Question{Facts: f, On: 20260630, Claim: c.claim}
			r := s.Evaluate(q)
			if r.Left == nil || r.Left.Of(r.Amount.High) != c.due || r.Left.Sure != c.sure || len(r.Left.Limits) != 1 || r.Left.Limits[0] != c.said {
				t.Fatalf("%+v", r.Left)
			}
			round := Round{ID: "今次", On: q.On, Claims: []Claim{{ID: "今", Party: "甲", Scheme: s.ID(), Facts: f, Submitted: "1"}}}
			for _, p := range c.past {
				if p.Claim != c.claim {
					round.History = append(round.History, p)
				}
			}
			settled, err := s.doc.lib.Settle(round)
			if err != nil || c.sure && (settled[0].Open || settled[0].Amount != c.due) || !c.sure && !settled[0].Open {
				t.Errorf("settled: %+v %v", settled, err)
			}
		})
	}
}
