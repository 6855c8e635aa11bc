package policy

import (
	"sort"
	"strings"
)

// Units. A quantity's unit is the name of its base unit: 元, 人, a declared unit such as 瓦, or one of these.
const (
	unitRatio    = ""    // a pure number; 10% is 1/10
	unitPoints   = "百分点" // the difference of two ratios; 1百分点 is 1/100
	unitMoney    = "元"
	unitScore    = "分"
	unitYear     = "年"
	unitCalendar = "年度" // a year of the calendar: 2025, never 2,025
	unitMonth    = "月"
	unitDay      = "日"
	unitTimes    = "次"
)

// unitTable knows every way to write a unit: suffix → base unit and factor.
type unitTable struct {
	suffixes []string // longest first
	base     map[string]string
	factor   map[string]Num
}

func newUnitTable() *unitTable {
	t := &unitTable{base: map[string]string{}, factor: map[string]Num{}}
	t.put("%", unitRatio, frac(1, 100))
	t.put("％", unitRatio, frac(1, 100))
	t.put("‰", unitRatio, frac(1, 1000))
	t.put(unitPoints, unitPoints, frac(1, 100))
	t.put("个"+unitPoints, unitPoints, frac(1, 100))
	for _, u := range []string{unitMoney, unitScore, unitYear, unitMonth, unitDay, unitTimes, "工作日", "项", "人", "家", "个", "名", "户", "件"} {
		t.declare(u, nil)
	}
	t.put("个月", unitMonth, intNum(1))
	return t
}

func (t *unitTable) put(suffix, base string, factor Num) {
	if _, known := t.base[suffix]; !known {
		t.suffixes = append(t.suffixes, suffix)
		sort.Slice(t.suffixes, func(i, j int) bool { return len(t.suffixes[i]) > len(t.suffixes[j]) })
	}
	t.base[suffix], t.factor[suffix] = base, factor
}

// declare adds a base unit, its multiples, and 万 and 亿 of each.
func (t *unitTable) declare(base string, multiples map[string]Num) {
	all := map[string]Num{base: intNum(1)}
	for name, factor := range multiples {
		all[name] = factor
	}
	for name, factor := range all {
		t.put(name, base, factor)
		t.put("万"+name, base, factor.Mul(intNum(1e4)))
		t.put("亿"+name, base, factor.Mul(intNum(1e8)))
	}
}

// builtIn are the units that need no declaring.
var builtIn = newUnitTable()

func (t *unitTable) known(base string) bool {
	b, ok := t.base[base]
	return ok && b == base || base == unitRatio
}

// number reads a number with its unit: 20万元, 3‰, 0.4兆瓦, 3. The unit of a bare number is the ratio.
func (t *unitTable) number(text string) (Num, string, bool) {
	text = strings.TrimSpace(text)
	for _, s := range t.suffixes {
		if rest, ok := strings.CutSuffix(text, s); ok {
			if n, ok := parseDecimal(strings.TrimSpace(rest)); ok {
				return n.Mul(t.factor[s]), t.base[s], true
			}
		}
	}
	n, ok := parseDecimal(text)
	return n, unitRatio, ok
}

// unknownIn is the unit of a number that is written in one that nobody declared; empty: it is none.
func (t *unitTable) unknownIn(text string) string {
	text = strings.TrimSpace(text)
	unit := strings.TrimLeft(text, "0123456789.")
	if _, isNumber := parseDecimal(text[:len(text)-len(unit)]); !isNumber || t.base[strings.TrimSpace(unit)] != "" {
		return ""
	}
	return strings.TrimSpace(unit)
}

// formatNum writes a number in its unit as a person would: 9,990万元, 10%, 0.01个百分点, 12人. A ratio shows at most the given places;
// money is exact to the fen. It is for readers only: what a file or a form holds is written without separators (canonical).
func formatNum(n Num, unit string, places int) string {
	switch unit {
	case unitRatio:
		return grouped(unwhole(n.Mul(intNum(100)), places)) + "%"
	case unitPoints:
		return grouped(unwhole(n.Mul(intNum(100)), places)) + "个百分点"
	case unitCalendar:
		return n.String() + unit
	}
	size := n
	if n.Sign() < 0 {
		size = n.Neg()
	}
	if size.Cmp(intNum(1e8)) >= 0 {
		if s, exact := n.Div(intNum(1e8)).decimal(2); exact {
			return grouped(s) + "亿" + unit
		}
	}
	if size.Cmp(intNum(1e4)) >= 0 {
		if s, exact := n.Div(intNum(1e4)).decimal(4); exact {
			return grouped(s) + "万" + unit
		}
	}
	s, exact := n.decimal(2)
	if !exact && unit != unitMoney {
		s, _ = n.decimal(4)
	}
	return grouped(cents(s, unit)) + unit
}

// unwhole writes a number with so many places; one that they would make whole while it is not, with as many more as tell the two apart.
func unwhole(n Num, places int) string {
	s, exact := n.decimal(places)
	for more := places + 1; !exact && more <= 12 && !strings.Contains(s, "."); more++ {
		s, exact = n.decimal(more)
	}
	return s
}

// cents writes a sum of yuan and fen with both places: 0.10元.
func cents(s, unit string) string {
	if i := strings.IndexByte(s, '.'); unit == unitMoney && i >= 0 && i == len(s)-2 {
		return s + "0"
	}
	return s
}

// grouped sets a comma before every three digits of the whole part: 4,500, -12,345.6. A sign before them stays as it is: ≈100,001.
func grouped(s string) string {
	whole := strings.TrimLeft(s, "-≈")
	sign := s[:len(s)-len(whole)]
	whole, fraction, broken := strings.Cut(whole, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if broken {
		whole += "." + fraction
	}
	return sign + whole
}

// Fen is money in fen (0.01 yuan).
type Fen int64

// String is the money as a reader expects it: 4,500元, 30万元, 0.01元. The web writes it alike (web/src/format/money.ts).
func (f Fen) String() string { return formatNum(frac(int64(f), 100), unitMoney, 2) }

// Literal is the money as a file or a form holds it: 4500元.
func (f Fen) Literal() string {
	s, _ := frac(int64(f), 100).decimal(2)
	return s + unitMoney
}

// fenOf rounds yuan to fen: down, half_up or up. It says whether it fits.
func fenOf(yuan Num, mode string) (Fen, bool) {
	fen := yuan.Mul(intNum(100))
	switch mode {
	case "half_up":
		fen = fen.Add(frac(1, 2)).Floor()
	case "up":
		fen = fen.Ceil()
	default:
		fen = fen.Floor()
	}
	n, ok := fen.Int64()
	return Fen(n), ok
}
