package policy

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Num is an exact rational number. It keeps to two machine words while they suffice and
// moves to big.Rat beyond; the zero value is 0.
type Num struct {
	n, d int64 // d ≥ 0; 0 stands for 1
	b    *big.Rat
}

func intNum(n int64) Num { return Num{n: n, d: 1} }

func (a Num) parts() (int64, int64) {
	if a.d == 0 {
		return a.n, 1
	}
	return a.n, a.d
}

func (a Num) rat() *big.Rat {
	if a.b != nil {
		return a.b
	}
	n, d := a.parts()
	return big.NewRat(n, d)
}

func fromRat(r *big.Rat) Num {
	if r.Num().IsInt64() && r.Denom().IsInt64() && r.Num().Int64() != math.MinInt64 {
		return Num{n: r.Num().Int64(), d: r.Denom().Int64()}
	}
	return Num{b: r}
}

func abs64(x int64) uint64 {
	if x < 0 {
		return uint64(-x)
	}
	return uint64(x)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func frac(n, d int64) Num {
	if d < 0 {
		n, d = -n, -d
	}
	if d != 1 {
		if g := int64(gcd(abs64(n), uint64(d))); g > 1 {
			n, d = n/g, d/g
		}
	}
	return Num{n: n, d: d}
}

func mul64(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(abs64(a), abs64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func add64(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0) && c != math.MinInt64
}

// Add is a + b.
func (a Num) Add(b Num) Num {
	if a.b == nil && b.b == nil {
		an, ad := a.parts()
		bn, bd := b.parts()
		if ad == bd {
			if s, ok := add64(an, bn); ok {
				return frac(s, ad)
			}
		} else if x, ok := mul64(an, bd); ok {
			if y, ok := mul64(bn, ad); ok {
				if s, ok := add64(x, y); ok {
					if d, ok := mul64(ad, bd); ok {
						return frac(s, d)
					}
				}
			}
		}
	}
	return fromRat(new(big.Rat).Add(a.rat(), b.rat()))
}

// Neg is -a.
func (a Num) Neg() Num {
	if a.b == nil {
		return Num{n: -a.n, d: a.d}
	}
	return fromRat(new(big.Rat).Neg(a.b))
}

// Sub is a - b.
func (a Num) Sub(b Num) Num { return a.Add(b.Neg()) }

// Mul is a × b.
func (a Num) Mul(b Num) Num {
	if a.b == nil && b.b == nil {
		an, ad := a.parts()
		bn, bd := b.parts()
		if ad != 1 || bd != 1 { // cross-reduce so that fewer products overflow
			if g := int64(gcd(abs64(an), uint64(bd))); g > 1 {
				an, bd = an/g, bd/g
			}
			if g := int64(gcd(abs64(bn), uint64(ad))); g > 1 {
				bn, ad = bn/g, ad/g
			}
		}
		if n, ok := mul64(an, bn); ok {
			if d, ok := mul64(ad, bd); ok {
				return Num{n: n, d: d}
			}
		}
	}
	return fromRat(new(big.Rat).Mul(a.rat(), b.rat()))
}

// Div is a ÷ b; b must not be zero.
func (a Num) Div(b Num) Num {
	if b.b == nil {
		n, d := b.parts()
		if n < 0 {
			n, d = -n, -d
		}
		return a.Mul(Num{n: d, d: n})
	}
	return fromRat(new(big.Rat).Quo(a.rat(), b.rat()))
}

// Cmp compares by cross-multiplication, exactly: -1, 0 or 1.
func (a Num) Cmp(b Num) int {
	if a.b == nil && b.b == nil {
		an, ad := a.parts()
		bn, bd := b.parts()
		if ad == bd {
			switch {
			case an < bn:
				return -1
			case an > bn:
				return 1
			}
			return 0
		}
		sa, sb := sign64(an), sign64(bn)
		if sa != sb {
			if sa < sb {
				return -1
			}
			return 1
		}
		h1, l1 := bits.Mul64(abs64(an), uint64(bd))
		h2, l2 := bits.Mul64(abs64(bn), uint64(ad))
		c := 0
		switch {
		case h1 < h2 || h1 == h2 && l1 < l2:
			c = -1
		case h1 > h2 || l1 > l2:
			c = 1
		}
		if sa < 0 {
			c = -c
		}
		return c
	}
	return a.rat().Cmp(b.rat())
}

func sign64(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// Sign is -1, 0 or 1.
func (a Num) Sign() int {
	if a.b != nil {
		return a.b.Sign()
	}
	return sign64(a.n)
}

// Floor is the greatest whole number not above a.
func (a Num) Floor() Num {
	if a.b == nil {
		n, d := a.parts()
		q := n / d
		if n%d != 0 && n < 0 {
			q--
		}
		return intNum(q)
	}
	q := new(big.Int).Div(a.b.Num(), a.b.Denom()) // Euclidean; the denominator is positive
	return fromRat(new(big.Rat).SetInt(q))
}

// Ceil is the least whole number not below a.
func (a Num) Ceil() Num { return a.Neg().Floor().Neg() }

// Int64 is the number as a whole number, if it is one and fits.
func (a Num) Int64() (int64, bool) {
	if a.b != nil {
		return 0, false
	}
	n, d := a.parts()
	return n, d == 1
}

// String is the exact decimal if there is a finite one of at most 12 places, else the fraction n/d.
func (a Num) String() string {
	if s, exact := a.decimal(12); exact {
		return s
	}
	return a.rat().RatString()
}

// decimal writes a with at most the given places, half up, without trailing zeros; exact says whether nothing was lost.
func (a Num) decimal(places int) (string, bool) {
	if s, exact, ok := a.shortDecimal(places); ok {
		return s, exact
	}
	r := a.rat()
	s := r.FloatString(places)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	back, ok := new(big.Rat).SetString(s)
	return s, ok && back.Cmp(r) == 0
}

// shortDecimal is decimal while two words suffice.
func (a Num) shortDecimal(places int) (s string, exact, ok bool) {
	if a.b != nil || places > 15 {
		return "", false, false
	}
	n, d := a.parts()
	scale := int64(1)
	for range places {
		scale *= 10
	}
	hi, lo := bits.Mul64(abs64(n), uint64(scale))
	if hi >= uint64(d) {
		return "", false, false
	}
	q, rest := bits.Div64(hi, lo, uint64(d))
	if rest >= uint64(d)-rest {
		q++
	}
	if q > math.MaxInt64 {
		return "", false, false
	}
	s = strconv.FormatUint(q/uint64(scale), 10)
	if part := q % uint64(scale); part != 0 {
		digits := strconv.FormatUint(part, 10)
		s += "." + strings.Repeat("0", places-len(digits)) + strings.TrimRight(digits, "0")
	}
	if n < 0 && q != 0 {
		s = "-" + s
	}
	return s, rest == 0, true
}

// parseDecimal reads a plain decimal number: digits, at most one point, no sign other than a leading minus.
func parseDecimal(s string) (Num, bool) {
	t := strings.TrimPrefix(s, "-")
	if t == "" || len(t) > maxDigits || t[0] == '.' || t[len(t)-1] == '.' {
		return Num{}, false
	}
	point := -1
	for i := 0; i < len(t); i++ {
		switch {
		case t[i] == '.' && point < 0:
			point = i
		case t[i] < '0' || t[i] > '9':
			return Num{}, false
		}
	}
	if len(t) > shortDecimal {
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			return Num{}, false
		}
		return fromRat(r), true
	}
	n, d := int64(0), int64(1)
	for i := 0; i < len(t); i++ {
		if i == point {
			continue
		}
		n = n*10 + int64(t[i]-'0')
		if point >= 0 && i > point {
			d *= 10
		}
	}
	if len(t) < len(s) {
		n = -n
	}
	return frac(n, d), true
}

// shortDecimal is how many characters of a number are sure to fit into 64 bits, both above and below the line.
const shortDecimal = 18

// bound is one end of an interval: a number or an infinity.
type bound struct {
	inf int8 // -1, 0, +1
	v   Num
}

func at(n Num) bound { return bound{v: n} }

func atInt(n int) bound { return at(intNum(int64(n))) }

var (
	minusInf = bound{inf: -1}
	plusInf  = bound{inf: 1}
)

func (a bound) cmp(b bound) int {
	if a.inf != 0 || b.inf != 0 {
		return int(a.inf) - int(b.inf)
	}
	return a.v.Cmp(b.v)
}

func (a bound) sign() int {
	if a.inf != 0 {
		return int(a.inf)
	}
	return a.v.Sign()
}

func (a bound) neg() bound { return bound{inf: -a.inf, v: a.v.Neg()} }

// add of two ends of the same side, so that no opposite infinities meet.
func (a bound) add(b bound) bound {
	if a.inf != 0 {
		return a
	}
	if b.inf != 0 {
		return b
	}
	return at(a.v.Add(b.v))
}

func (a bound) mul(b bound) bound {
	if a.inf == 0 && b.inf == 0 {
		return at(a.v.Mul(b.v))
	}
	return bound{inf: int8(a.sign() * b.sign())} // 0 × ∞ is 0 here: the ends are limits, not values
}

func minBound(a, b bound) bound {
	if b.cmp(a) < 0 {
		return b
	}
	return a
}

func maxBound(a, b bound) bound {
	if b.cmp(a) > 0 {
		return b
	}
	return a
}

// span is a closed interval of numbers: what is known of a quantity. An infinite end is open.
type span struct{ lo, hi bound }

var (
	anything     = span{minusInf, plusInf}
	notBelowZero = span{at(Num{}), plusInf}
)

func just(n Num) span { return span{at(n), at(n)} }

func (s span) exact() bool { return s.lo.inf == 0 && s.hi.inf == 0 && s.lo.v.Cmp(s.hi.v) == 0 }

func (s span) add(t span) span { return span{s.lo.add(t.lo), s.hi.add(t.hi)} }

func (s span) neg() span { return span{s.hi.neg(), s.lo.neg()} }

func (s span) sub(t span) span { return s.add(t.neg()) }

func (s span) mul(t span) span {
	if s.exact() && t.exact() {
		return just(s.lo.v.Mul(t.lo.v))
	}
	a, b, c, d := s.lo.mul(t.lo), s.lo.mul(t.hi), s.hi.mul(t.lo), s.hi.mul(t.hi)
	return span{minBound(minBound(a, b), minBound(c, d)), maxBound(maxBound(a, b), maxBound(c, d))}
}

// div divides by an interval; one that touches zero leaves the ends it cannot bound open.
func (s span) div(t span) span {
	if t.lo.sign() != 0 && s.exact() && t.exact() {
		return just(s.lo.v.Div(t.lo.v))
	}
	if t.lo.sign() > 0 || t.hi.sign() < 0 {
		inv := func(b bound) bound {
			if b.inf != 0 {
				return at(Num{})
			}
			return at(intNum(1).Div(b.v))
		}
		return s.mul(span{inv(t.hi), inv(t.lo)})
	}
	if t.lo.sign() == 0 && s.lo.sign() >= 0 { // 0 ≤ s, 0 ≤ t: the quotient is at least s.lo / t.hi
		lo := at(Num{})
		if t.hi.inf == 0 && t.hi.sign() > 0 && s.lo.inf == 0 {
			lo = at(s.lo.v.Div(t.hi.v))
		}
		return span{lo, plusInf}
	}
	return anything
}

func (s span) hull(t span) span { return span{minBound(s.lo, t.lo), maxBound(s.hi, t.hi)} }
