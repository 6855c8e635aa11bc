package main

import (
	"strings"
	"testing"

	"shanglin/policy"
)

// The line of sums: what a limit leaves, and what is at least due, by hand.
// Turns red when an amount above its limit is counted whole, or what is due at least is left out.
func TestTotalOfWhatIsDue(t *testing.T) {
	met := func(a policy.Amount, left *policy.Left) *policy.Result {
		return &policy.Result{Answer: policy.Met, Standing: policy.InForce, Amount: a, Left: left}
	}
	exact := policy.Amount{Kind: policy.Exact, Low: 15_000_000, High: 15_000_000}
	for _, c := range []struct {
		name string
		of   []*policy.Result
		want string
	}{
		// 15万 under a limit of 10万, of which nobody knows what is used.
		{"limit", []*policy.Result{met(exact, &policy.Left{Most: 10_000_000, Bound: true})},
			"共测算1项政策：可得至多10万元（有的条款另有限额：此前已得的和大家共用的没有扣除，见各项）。"},
		{"used up", []*policy.Result{met(exact, &policy.Left{Bound: true, Sure: true})}, "共测算1项政策。"},
		// 15万 + at least 8万 = at least 23万.
		{"floor", []*policy.Result{met(exact, nil), met(policy.Amount{Kind: policy.Range, Low: 8_000_000, Open: true}, nil)}, "共测算2项政策：可得至少23万元。"},
		// 77,407.40 to 154,814.80 is sure to both ends.
		{"range", []*policy.Result{met(policy.Amount{Kind: policy.Range, Low: 7_740_740, High: 15_481_480}, nil)},
			"共测算1项政策：可得77,407.40元至154,814.80元（由主管部门在此范围内核定）。"},
		// 15万 and 1万 to 2万.
		{"exact and range", []*policy.Result{met(exact, nil), met(policy.Amount{Kind: policy.Range, Low: 1_000_000, High: 2_000_000}, nil)},
			"共测算2项政策：可得15万元；另可得1万元至2万元（由主管部门在此范围内核定）。"},
		// 15万 of which 20万 was advanced: 5万 goes back.
		{"recovered", []*policy.Result{{Answer: policy.Met, Standing: policy.InForce, Amount: exact, Payments: []policy.Payment{{On: "预支", Amount: 20_000_000}, {On: "结算", Amount: -5_000_000}}}},
			"共测算1项政策：可得15万元；预付的多于应得，须追回5万元。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			total := totalOf(c.of)
			var results []reported
			for _, r := range c.of {
				results = append(results, reported{Result: r, Description: &policy.Description{}})
			}
			if got := total.sentence(results); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// What may still come of a clause is told as far as the applicant's limits leave it, and a limit that is used up as that, by hand.
// Turns red when a clause's own potential is told above its limit, or a bound of 0元.
func TestWhatMayStillComeIsToldWithinTheLimits(t *testing.T) {
	potential := policy.Amount{Kind: policy.Exact, Low: 20_000_000, High: 20_000_000, Text: "20万元"}
	amount := policy.Amount{Kind: policy.Exact, Low: 15_000_000, High: 15_000_000, Text: "15万元"}
	missing := []policy.Need{{Key: "甲", Label: "甲"}}
	for want, r := range map[string]*policy.Result{
		"1. 例  15万元（补充资料后可达：20万元）\n":  {Answer: policy.Met, Amount: amount, Potential: potential, Missing: missing},
		"1. 例  15万元（补充资料后可达：至多8万元）\n": {Answer: policy.Met, Amount: amount, Potential: potential, Missing: missing, Left: &policy.Left{Most: 8_000_000, Bound: true, Reach: "至多8万元"}},
		"1. 例  15万元\n":          {Answer: policy.Met, Amount: amount, Potential: potential, Missing: missing, Left: &policy.Left{Bound: true, Reach: "0元"}},
		"1. 例  若符合：20万元\n":      {Answer: policy.Unknown, Potential: potential, Missing: missing},
		"1. 例  限额已用完：符合也不能再得\n": {Answer: policy.Unknown, Potential: potential, Missing: missing, Left: &policy.Left{Bound: true, Reach: "0元"}},
	} {
		var out strings.Builder
		l := &lines{w: &out}
		reported{Description: &policy.Description{Title: "例"}, Result: r}.write(l, 1)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nwant %s", out.String(), want)
		}
	}
}
