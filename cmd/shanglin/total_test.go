package main

import (
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
