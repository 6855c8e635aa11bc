package policy

import "testing"

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
