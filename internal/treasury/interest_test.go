package treasury

import (
	"math/big"
	"testing"

	"shanglin/policy"
)

// By hand: 12,500.00 at 0.05% a day. Ten days: 12,500 × 0.0005 × 10 = 62.50. With 5,000 back after four days: 12,500 × 4 + 7,500 × 6 = 95,000
// yuan-days × 0.0005 = 47.50. At 3.65% a year of 365 days one day of 100.00 is 0.01; of 50.00 it is half a fen, which is rounded up; of 49.99 less.
//
// Mutations that turn this red: count the first day; count what came back on its own day; round down; round each part.
func TestInterestByHand(t *testing.T) {
	day := func(s string) policy.Date { d, _ := policy.ParseDate(s); return d }
	daily, yearly := big.NewRat(5, 10_000), big.NewRat(365, 10_000)
	start := day("2026-03-01")
	for _, c := range []struct {
		principal policy.Fen
		rate      *big.Rat
		days      int64
		on        string
		back      []returned
		want      policy.Fen
	}{
		{12_500_00, daily, 1, "2026-03-11", nil, 62_50},
		{12_500_00, daily, 1, "2026-03-11", []returned{{5_000_00, day("2026-03-05")}}, 47_50},
		{12_500_00, daily, 1, "2026-03-11", []returned{{5_000_00, day("2026-02-20")}}, 37_50}, // before it began to run
		{12_500_00, daily, 1, "2026-03-11", []returned{{12_500_00, day("2026-03-05")}}, 25_00},
		{12_500_00, daily, 1, "2026-03-01", nil, 0},
		{12_500_00, daily, 1, "2026-02-01", nil, 0},
		{12_500_00, nil, 1, "2026-03-11", nil, 0},
		{100_00, yearly, 365, "2026-03-02", nil, 1},
		{50_00, yearly, 365, "2026-03-02", nil, 1},
		{49_99, yearly, 365, "2026-03-02", nil, 0},
		{100_00, yearly, 360, "2027-02-24", nil, 3_65}, // 360 days, of a year of 360
	} {
		if got := interestOn(c.principal, c.rate, c.days, start, day(c.on), c.back); got != c.want {
			t.Errorf("%s through %s less %v: %s, want %s", c.principal, c.on, c.back, got, c.want)
		}
	}
}
