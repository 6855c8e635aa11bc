package policy

import (
	"strings"
	"testing"
)

// What cannot be meant is refused with what is wrong with it, not with a neighbouring rule.
// Turns red when a share that a person would set is taken, a total that was not published is said to be a number of places, or the unit that
// nobody declared is not named.
func TestRefusalsNameWhatIsWrong(t *testing.T) {
	const money = "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n"
	for _, c := range []struct{ body, want string }{
		{money + "    amount: 10万元\n    pay: [{on: 预支, give: up to 50%}, {on: 结算, give: rest, below_zero: recover}]\n",
			"“up to 50%”不是一个定的数：付款时要知道这一期付多少"},
		{money + "    amount: 10万元\n    pay: [{on: 预支, give: up to 50%, of: 收入@当年}, {on: 结算, give: rest, below_zero: recover}]\n",
			"“up to 50%”不是一个定的数：付款时要知道这一期付多少"},
		{money + "    amount: 10万元\n    limits: [{at_most: not_found, per: [年度], share: prorata, key: 统一社会信用代码}]\n",
			"没有公布的总额不能同比例核减"},
		{money + "    amount: {give: 1元, per: 1条, remainder: drop, of: 收入@当年}\n", "per: 不认识单位“条”：词汇表 units 中没有，例如写 units: {条: {}}"},
		{money + "    amount: {give: 1元, per: 0元, remainder: drop, of: 收入@当年}\n", "per: 应写一个大于零的数"},
	} {
		_, ps := load(t, c.body)
		found := false
		for _, p := range ps {
			found = found || p.Severity == SeverityError && strings.Contains(p.Message, c.want)
		}
		if !found {
			t.Errorf("%s\nis told %v\nwant %s", c.body, ps, c.want)
		}
	}
}

// An advance that rests on a figure nobody stated: how it is paid is told in words, and that its sums are not certain.
// Turns red when the part about payment is left out.
func TestPaymentIsToldWithoutItsSums(t *testing.T) {
	s := one(t, "", "kind: money\namount: 10万元\npay: [{on: 预支, give: 10%, of: 收入@当年}, {on: 结算, give: rest, below_zero: recover}]")
	r := s.Evaluate(Question{Facts: facts(t, s, ""), On: 20250630, Explain: true})
	want := "应得：10万元\n怎样支付（其中的数还不能定）\n  分期支付：预支时付按当年收入的10%；结算时付其余，多付的追回"
	if got := toldLines(s.Explanation(r, Chinese), "amount"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// What a limit of the party leaves is what is paid, in parts and from funds, by hand.
// Of 3万 the limit leaves 2万, half of it 1万. Of 50万 it leaves 30万: 30% are 9万, of which 30% are 2.7万 and the rest 6.3万; 70% are 21万, 6.3万 and
// 14.7万. Of 10万 less what was advanced, 5万, at most 6万 − 5万 = 1万 is left to pay, and all 5万 are recovered where nothing is left. What earlier
// rounds awarded is known to be 0.5万: 2万 − 0.5万 = 1.5万. A document's own ceiling below the limit stays its ceiling.
// Turns red when payments are split from the sum before the limit, or told as certain while what was used of it is not known.
func TestLimitsReachPayments(t *testing.T) {
	const head = "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n"
	const funds = "    funds: [{fund: 市级, share: 50%}, {fund: 县级, share: rest}]\n"
	const funds30 = "    funds: [{fund: 市级, share: 30%}, {fund: 县级, share: rest}]\n"
	limit := func(most string) string { return "    limits: [{at_most: " + most + ", per: [企业, 年度]}]\n" }
	for _, c := range []struct{ name, scheme, past, zh, en string }{
		{"from two funds", "    amount: 3万元\n" + limit("2万元") + funds, "",
			"应得：至多2万元\n怎样支付\n  至多2万元 | 市级：至多1万元 | 县级：至多1万元",
			"due: at most CNY 20,000\nhow it is paid\n  at most CNY 20,000 | 市级: at most CNY 10,000 | 县级: at most CNY 10,000"},
		{"in parts", "    amount: 50万元\n" + limit("30万元") + "    pay: [{on: 开工, give: 30%}, {on: 竣工, give: 70%}]\n" + funds30, "",
			"应得：至多30万元\n怎样支付\n  开工：至多9万元 | 市级：至多2.7万元 | 县级：至多6.3万元\n  竣工：至多21万元 | 市级：至多6.3万元 | 县级：至多14.7万元", ""},
		{"what was advanced", "    amount: 10万元\n" + limit("6万元") + "    pay: [{on: 预支, give: 5万元}, {on: 结算, give: rest, below_zero: recover}]\n", "",
			"应得：至多6万元\n怎样支付\n  预支：5万元\n  结算：追回5万元至支付1万元", ""},
		{"one that cuts nothing but may be used", "    amount: 2万元\n" + limit("2万元") + funds, "",
			"应得：至多2万元\n怎样支付\n  至多2万元 | 市级：至多1万元 | 县级：至多1万元", ""},
		{"what was used is known", "    amount: 3万元\n" + limit("2万元") + funds, "0.5万元",
			"应得：1.5万元\n怎样支付\n  1.5万元 | 市级：7,500元 | 县级：7,500元", ""},
		{"a ceiling below it", "    amount: up to 2万元\n" + limit("3万元") + funds, "0元",
			"应得：最高2万元 | “最高”是上限，实际数额由主管部门在上限内核定\n怎样支付\n  最高2万元 | 市级：最高1万元 | 县级：最高1万元", ""},
	} {
		lib, _ := load(t, "funds: [市级, 县级]\n"+head+c.scheme)
		s := lib.Scheme("d/S")
		f := facts(t, s, "")
		if c.past != "" {
			n, _, _ := lib.vocabulary.units.number(c.past)
			sum, _ := fenOf(n, "down")
			f.Awarded([]Past{{Claim: "早", Scheme: s.id, Year: 2025, Amount: sum, PaidOn: 20250301}})
		}
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: f, On: 20260630, Explain: true, Lang: lang})
			got := toldLines(s.Explanation(r, lang), "amount")
			if i := strings.Index(got, map[Lang]string{Chinese: "应得", English: "due"}[lang]); want != "" && got[max(i, 0):] != want {
				t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, want)
			}
		}
	}
}

// What an instalment hangs on is asked, with what it decides, by hand: an advance of 1,000元 for each of a number of people that nobody stated, and a rest
// that is due once the register lists the firm. What an advance comes to must be known to be paid; whether the rest is due shows later, so that it is told
// and keeps nobody from applying.
// Mutations: leave hanging out of evaluate; count what the rest waits for among the missing → red.
func TestWhatAnInstalmentHangsOnIsAsked(t *testing.T) {
	s := one(t, "", "kind: money\namount: 10万元\npay: [{on: 开班, give: 1000元, per: 1人, remainder: drop, of: 职工}, {on: 结业, due: {has: 奖励@有效}, give: rest, below_zero: recover}]")
	for _, c := range []struct{ facts, missing, zh, en string }{
		{"", "职工", "职工 | 决定：“开班”这一期付多少\n奖励 | 决定：“结业”这一期能不能付", "职工 | decides: how much is paid on 开班\n奖励 | decides: whether what is paid on 结业 is due"},
		{"职工: 30人", "", "奖励 | 决定：“结业”这一期能不能付", ""},
		{"职工: 30人; 奖励: 2025-03-01", "", "", ""},
	} {
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Lang: lang})
			var missing []string
			for _, n := range r.Missing {
				missing = append(missing, n.Key)
			}
			if got := strings.Join(missing, " "); r.Answer != Met || r.Amount.High != 10_000_000 || got != c.missing || r.Undecided() != "" {
				t.Errorf("%s: %v %s, missing %s", c.facts, r.Answer, r.Amount.Text, got)
			}
			if got := toldLines(s.Explanation(r, lang), "missing"); (want != "" || lang == Chinese) && got != want {
				t.Errorf("%s:\n%s\nwant:\n%s", c.facts, got, want)
			}
		}
	}
	// 30 people: 3万 in advance, 7万 of the rest.
	if r := s.Evaluate(Question{Facts: facts(t, s, "职工: 30人"), On: 20260630}); len(r.Payments) != 2 || r.Payments[0].Amount != 3_000_000 || r.Payments[1].Amount != 7_000_000 {
		t.Errorf("%+v", r.Payments)
	}
}
