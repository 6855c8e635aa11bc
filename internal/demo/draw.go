package demo

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// step is the smallest part of a unit that a figure keeps: 1/10000 (of 万元: 元).
const step = 10000

// dice is the randomness of one firm: it depends on the seed and the firm's place alone, so that a county of 300 firms is the beginning
// of one of 5,000.
type dice struct{ *rand.Rand }

func newDice(seed int64, place int) dice {
	return dice{rand.New(rand.NewPCG(uint64(seed), uint64(place)*0x9e3779b97f4a7c15+1))}
}

func (d dice) happens(chance float64) bool { return d.Float64() < chance }

// leaning draws a normal deviate that follows a firm's strength by tilt (-1 to 1).
func (d dice) leaning(strength, tilt float64) float64 {
	return tilt*strength + math.Sqrt(max(0, 1-tilt*tilt))*d.NormFloat64()
}

// index draws by shares.
func (d dice) index(shares []float64) int {
	total := 0.0
	for _, s := range shares {
		total += s
	}
	at := d.Float64() * total
	for i, s := range shares {
		if at < s {
			return i
		}
		at -= s
	}
	return len(shares) - 1
}

func (d dice) word(w weighted) string { return w.words[d.index(w.shares)] }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// between maps a normal deviate to a number between two bounds.
func (r draw) between(deviate float64) float64 {
	bend := r.Bend
	if bend == 0 {
		bend = 1
	}
	u := 0.5 * math.Erfc(-deviate/math.Sqrt2)
	return r.From + (r.To-r.From)*math.Pow(u, bend)
}

func (r draw) clamp(x float64) float64 { return min(max(x, r.From), r.To) }

// steps rounds a number of units to so many decimals, counted in steps.
func steps(x float64, decimals int) int64 {
	p := math.Pow10(decimals)
	return int64(math.Round(x*p)) * int64(step/p)
}

// literal writes steps as a literal of the scheme language: 1523.5万元.
func literal(n int64, unit string) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	text := strconv.FormatInt(n/step, 10)
	if rest := n % step; rest != 0 {
		frac := strconv.FormatInt(step+rest, 10)[1:]
		text += "." + strings.TrimRight(frac, "0")
	}
	return sign + text + unit
}

// times multiplies steps by a factor of at most four decimals, rounding to the nearest step.
func times(n int64, factor float64) int64 {
	f := int64(math.Round(factor * step))
	hi, lo := n/step*f, n%step*f
	return hi + (lo+step/2)/step
}
