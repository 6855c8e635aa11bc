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
