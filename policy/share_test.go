package policy

import "testing"

// Near is told from far by what a figure would have to change. Turns red when shareOf rounds down.
func TestShareOfAGap(t *testing.T) {
	for _, x := range []struct {
		by, have Num
		want     int
	}{
		{intNum(1), intNum(10_000), 1}, // 0.1 per mille: never nothing
		{intNum(1), intNum(1000), 1},
		{intNum(1001), intNum(1_000_000), 2},
		{intNum(250), intNum(1000), 250},
		{intNum(30), intNum(-10), 3000},
		{intNum(5), intNum(0), mostShare},
		{intNum(1 << 40), intNum(1), mostShare},
		{frac(1, 20), frac(1, 5), 250}, // 5 points of 20%
	} {
		if got := shareOf(x.by, x.have); got != x.want {
			t.Errorf("%v of %v: %d, want %d", x.by, x.have, got, x.want)
		}
	}
}
