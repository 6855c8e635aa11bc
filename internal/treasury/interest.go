package treasury

import (
	"math/big"

	"shanglin/policy"
)

// returned is a part of the principal that came back on a day.
type returned struct {
	amount policy.Fen
	on     policy.Date
}

// interestOn is the simple interest that a principal has borne through a day: on what is not repaid, for each day after starts, the rate for
// every days days. Exact throughout and rounded once, half up to the fen, so that it does not matter how often anybody asks.
func interestOn(principal policy.Fen, rate *big.Rat, days int64, starts, on policy.Date, back []returned) policy.Fen {
	if rate == nil || days <= 0 || on <= starts {
		return 0
	}
	sum := new(big.Int) // fen × days
	add := func(amount policy.Fen, from policy.Date) {
		if from < starts {
			from = starts
		}
		if n := int64(on.Time().Sub(from.Time()).Hours() / 24); n > 0 {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(n)))
		}
	}
	add(principal, starts)
	for _, r := range back {
		add(-r.amount, r.on)
	}
	exact := new(big.Rat).Mul(rate, new(big.Rat).SetFrac(sum, big.NewInt(days)))
	exact.Add(exact, big.NewRat(1, 2))
	whole := new(big.Int).Div(exact.Num(), exact.Denom()) // down of what is not below zero
	return policy.Fen(whole.Int64())
}
