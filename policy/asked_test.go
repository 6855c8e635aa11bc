package policy

import (
	"strings"
	"testing"
)

// Where a judgement would do, and a missing fact would do as well, both are asked for; a fact that cannot settle the group alone is not. By hand:
// of any one, the record alone is enough; of two of four with one met and one not, the record makes the second; of three, one met, the record makes
// two only; where all must hold the answer is unknown as ever.
// Turns red when the missing fact is left out of what is asked for, when one is asked for that cannot settle it, or when the answer changes.
func TestAMissingFactThatWouldDoIsAskedForBesideTheJudgement(t *testing.T) {
	const four = "{has: 奖励@有效}, {of: 收入@当年, at_least: 1亿元}, {judge: 靠前}, {has: 处罚@有效}"
	for _, c := range []struct{ require, given, asked string }{
		{"{any: [{judge: 靠前}, {has: 处罚@有效}]}", "", "manual 靠前 处罚"},
		{"{any: [{has: 处罚@有效}, {judge: 靠前}]}", "", "manual 靠前 处罚"},
		{"{all: [{judge: 靠前}, {has: 处罚@有效}]}", "", "unknown 处罚 靠前"},
		{"{of: [" + four + "], at_least: 2}", "奖励: 2020-01-01; 收入@2025: 1元", "manual 靠前 处罚"},
		{"{of: [" + four + "], at_least: 2}", "奖励: 2020-01-01; 收入@2025: 1元; 处罚: 否", "manual 靠前"},
		{"{of: [" + four + ", {judge: 重大}], at_least: 3}", "奖励: 2020-01-01; 收入@2025: 1元", "manual 靠前 重大"},
		{"{all: [{any: [{judge: 靠前}, {has: 处罚@有效}]}, {has: 奖励@有效}]}", "奖励: 2020-01-01", "manual 靠前 处罚"},
	} {
		s := one(t, "", "kind: recognition\nrequire: "+c.require)
		r := s.Evaluate(Question{Facts: facts(t, s, c.given), On: 20260630})
		got := r.Answer.String()
		for _, n := range r.Missing {
			got += " " + n.Key
		}
		if got != c.asked {
			t.Errorf("%s with %q: %s, want %s", c.require, c.given, strings.TrimSpace(got), c.asked)
		}
	}
}
