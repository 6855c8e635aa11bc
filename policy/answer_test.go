package policy

import "testing"

// TestGroups compares the one counting rule with the decided orders, over every combination of up to four operands.
// all: unmet > unknown > manual > met; any: met > manual > unknown > unmet; none: all of the negated operands.
// Mutation: count not_applicable as an operand, or let unknown pass → red.
func TestGroups(t *testing.T) {
	order := func(as []Answer, ranks ...Answer) Answer {
		for _, r := range ranks {
			for _, a := range as {
				if a == r {
					return r
				}
			}
		}
		return NotApplicable
	}
	answers := []Answer{NotApplicable, Met, Unmet, Unknown, Manual}
	var try func(as []Answer)
	cases := 0
	try = func(as []Answer) {
		if len(as) > 0 {
			cases++
			var every, negated tally
			var turned []Answer
			for _, a := range as {
				every.add(a)
				negated.add(a.negate())
				turned = append(turned, a.negate())
			}
			if got, want := every.decide(every.operands()), order(as, Unmet, Unknown, Manual, Met); got != want {
				t.Fatalf("all %v = %v, want %v", as, got, want)
			}
			if got, want := every.decide(min(1, every.operands())), order(as, Met, Manual, Unknown, Unmet); got != want {
				t.Fatalf("any %v = %v, want %v", as, got, want)
			}
			if got, want := negated.decide(negated.operands()), order(turned, Unmet, Unknown, Manual, Met); got != want {
				t.Fatalf("none %v = %v, want %v", as, got, want)
			}
		}
		if len(as) < 4 {
			for _, a := range answers {
				try(append(append([]Answer{}, as...), a))
			}
		}
	}
	try(nil)
	if cases != 780 {
		t.Fatalf("%d cases", cases)
	}
}

// TestAtLeast: n of the operands; fewer operands left than n asks is for a person.
func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		as   []Answer
		n    int
		want Answer
	}{
		{[]Answer{Met, Met, Unmet}, 2, Met},
		{[]Answer{Met, Unmet, Unmet}, 2, Unmet},
		{[]Answer{Met, Unknown, Unmet}, 2, Unknown},
		{[]Answer{Met, Manual, Unmet}, 2, Manual},
		{[]Answer{Met, NotApplicable, NotApplicable}, 2, Manual},
		{[]Answer{NotApplicable, NotApplicable}, 2, NotApplicable},
	} {
		var got tally
		for _, a := range c.as {
			got.add(a)
		}
		if got.decide(c.n) != c.want {
			t.Errorf("%d of %v = %v, want %v", c.n, c.as, got.decide(c.n), c.want)
		}
	}
}
