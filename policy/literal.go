package policy

import (
	"regexp"
	"strings"
)

// literal is an amount, rate or score as written: 20万元, up to 20万元, at least 30%, 3‰ to 6‰, manual.
type literal struct {
	low, high Num
	unit      string
	manual    bool
	upTo      bool
	atLeast   bool // no top: whoever decides may give more than low, which is also high
	perMille  bool // written in ‰, and shown so
	plain     bool // a number without any unit: as a factor it is clear, as a rate it is a percentage that lost its sign
}

func (l *literal) show(r *reader, n Num) string {
	if l.perMille {
		s, _ := n.Mul(intNum(1000)).decimal(4)
		return s + "‰"
	}
	return r.num(n, l.unit, 4)
}

// span is all that the literal leaves to whoever decides.
func (l *literal) span() span {
	switch {
	case l.manual:
		return span{at(Num{}), plusInf}
	case l.atLeast:
		return span{at(l.low), plusInf}
	}
	return span{at(l.low), at(l.high)}
}

// exact says that the literal is one number.
func (l *literal) exact() bool { return !l.manual && !l.atLeast && l.low.Cmp(l.high) == 0 }

var dashedRange = regexp.MustCompile(`^(.*\S)\s*[-—–~～至]\s*(\S.*)$`)

func (l *literal) text(r *reader) string {
	switch {
	case l.manual:
		return r.say(&pCaseByCase)
	case l.upTo:
		return r.say(&pUpTo, l.show(r, l.high))
	case l.atLeast:
		return r.say(&pFloor, l.show(r, l.low))
	case l.low.Cmp(l.high) != 0:
		return r.say(&pFromTo, l.show(r, l.low), l.show(r, l.high))
	}
	return l.show(r, l.low)
}

// parseLiteral reads a literal; ok is false when the text is not one, and err a sentence when it nearly is.
func (t *unitTable) parseLiteral(text string) (*literal, bool, error) {
	l, ok, err := t.literal(text)
	if ok {
		l.perMille = strings.Contains(text, "‰")
		l.plain = l.unit == unitRatio && l.high.Sign() != 0 && !strings.ContainsAny(text, "%％‰")
	}
	return l, ok, err
}

func (t *unitTable) literal(text string) (*literal, bool, error) {
	if text == "manual" || text == "一事一议" {
		return &literal{manual: true, unit: anyUnit}, true, nil
	}
	if rest, ok := strings.CutPrefix(text, "up to "); ok {
		n, u, ok := t.number(rest)
		if !ok {
			return nil, false, faultf("up to 后面应写一个带单位的数，例如 up to 20万元。")
		}
		return &literal{high: n, unit: u, upTo: true}, true, nil
	}
	if rest, ok := strings.CutPrefix(text, "最高"); ok {
		if n, u, ok := t.number(strings.TrimSpace(rest)); ok {
			return &literal{high: n, unit: u, upTo: true}, true, nil
		}
	}
	if rest, ok := strings.CutPrefix(text, "at least "); ok {
		n, u, ok := t.number(rest)
		if !ok {
			return nil, false, faultf("at least 后面应写一个带单位的数，例如 at least 30%%。")
		}
		return &literal{low: n, high: n, unit: u, atLeast: true}, true, nil
	}
	for _, word := range []string{"不低于", "至少"} {
		if rest, ok := strings.CutPrefix(text, word); ok {
			if n, u, ok := t.number(rest); ok {
				return &literal{low: n, high: n, unit: u, atLeast: true}, true, nil
			}
		}
	}
	if lo, hi, ok := strings.Cut(text, " to "); ok {
		a, u1, ok1 := t.number(lo)
		b, u2, ok2 := t.number(hi)
		if !ok1 || !ok2 || u1 != u2 {
			return nil, false, faultf("范围应写作 3‰ to 6‰，两头单位相同。")
		}
		if a.Cmp(b) > 0 {
			return nil, false, faultf("范围的前一个数应小于后一个数。")
		}
		return &literal{low: a, high: b, unit: u1}, true, nil
	}
	if m := dashedRange.FindStringSubmatch(text); m != nil {
		_, _, a := t.number(m[1])
		if _, _, b := t.number(m[2]); a && b {
			return nil, false, faultf("幅度请写作 3‰ to 6‰，不要用横线。")
		}
	}
	n, u, ok := t.number(text)
	return &literal{low: n, high: n, unit: u}, ok, nil
}

// unitless is the number without a unit that a value is, or that one of its rows is; nil where there is none.
func (v *value) unitless(column string) *literal {
	if v == nil {
		return nil
	}
	var parts []*value
	switch v.kind {
	case valueLiteral:
		if v.lit.plain {
			return v.lit
		}
	case valueTable:
		rows := v.rows
		if v.els != nil {
			rows = append(rows[:len(rows):len(rows)], *v.els)
		}
		for _, r := range rows {
			if column != "" {
				parts = append(parts, r.cells[column])
			} else {
				parts = append(parts, r.value)
			}
		}
	case valueExpr:
		if x, ok := v.expr.(*nameExpr); ok && x.def.value != nil {
			return x.def.value.unitless(x.column)
		}
	case valueSum, valueHighest:
		parts = v.parts
	}
	for _, p := range parts {
		if l := p.unitless(""); l != nil {
			return l
		}
	}
	return nil
}
