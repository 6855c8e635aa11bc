package policy

import (
	"regexp"
	"slices"
	"strings"
)

// lintModality warns where the wording and the amount disagree on who sets the sum: 最高 and 不低于 beside an exact figure, and sums of both kinds.
func (sc *scope) lintModality(s *Scheme) {
	c, text := sc.c, s.text+"。"+s.amount.text
	ceiling, exact := s.amount.modality()
	var gives, caps []*literal
	s.amount.literals(0, false, func(l *literal, step bool) {
		if step {
			caps = append(caps, l)
		} else {
			gives = append(gives, l)
		}
	})
	for i := range s.limits {
		if m := s.limits[i].most; m != nil {
			m.literals(0, true, func(l *literal, _ bool) { caps = append(caps, l) })
		}
	}
	units := c.lib.vocabulary.units
	among := func(list []*literal, m []string) bool {
		unit := m[3]
		if unit == "" {
			unit = unitMoney
		}
		n, base, ok := units.number(strings.ReplaceAll(m[1], ",", "") + m[2] + unit)
		return ok && slices.ContainsFunc(list, func(l *literal) bool { return !l.manual && l.unit == base && l.high.Cmp(n) == 0 })
	}
	if exact && !ceiling {
		for _, part := range strings.Split(text, "最高")[1:] {
			if m := saidNumber.FindStringSubmatch(part); m == nil || !among(caps, m) { // a 最高 that is the cap leaves the sum below it exact
				c.warnAt(s.amount.at, lintModality, "条文写的是“最高”，金额却是确定的数；按上限给的请写 up to。")
				break
			}
		}
	}
	exacts := slices.DeleteFunc(slices.Clone(gives), func(l *literal) bool { return !l.exact() || l.upTo })
	for _, part := range saidFloor.FindAllString(text, -1) {
		if m := saidNumber.FindStringSubmatch(saidFloor.ReplaceAllString(part, "$1")); m != nil && among(exacts, m) && !among(caps, m) {
			c.warnAt(s.amount.at, lintModality, "条文写的是“不低于”，金额却是确定的数；没有写上限的请写 at least，例如 at least %s。", m[1]+m[2]+m[3])
			break
		}
	}
	guarded := slices.ContainsFunc(s.amount.parts, func(p *value) bool { return p.guard != nil }) // parts that exclude each other do not add up
	if s.amount.kind == valueSum && ceiling && exact && len(s.amount.parts) > 1 && !guarded {
		c.warnAt(s.amount.at, lintMixed, "相加的各项有的是“最高”、有的是确定的数，合计会成为一个范围；通常各项都应写 up to。")
	}
}

var (
	saidNumber = regexp.MustCompile(`^(?:不超过|不得超过|可达|给予|奖励|补助|补贴|资助|限额|为|可)*\s*([0-9][0-9,.]*)\s*([万亿]?)(元|%|％|‰)?`)
	// saidFloor is 不低于 before what is given; before a full clause it is a condition: 投入不低于100万元的，…
	saidFloor = regexp.MustCompile(`(?:不低于|不少于|至少)([0-9][0-9,.]*\s*[万亿]?(?:元|%|％|‰)?)(?:(?:的)?(?:标准|比例)?(?:的|给予)?(?:补助|补贴|奖励|奖补|资助|支持)|[，。；、])`)
)

// literals visits the literals of a value, and says of each whether it stands in a step.
func (v *value) literals(depth int, step bool, visit func(l *literal, step bool)) {
	if v == nil || depth > 30 {
		return
	}
	if v.lit != nil {
		visit(v.lit, step)
	}
	if n, ok := v.expr.(*nameExpr); ok && v.kind == valueExpr {
		if n.column == "" {
			n.def.value.literals(depth+1, step, visit)
		} else if n.def.value != nil {
			for _, r := range n.def.value.allRows() {
				r.cells[n.column].literals(depth+1, step, visit)
			}
		}
	}
	v.give.literals(depth+1, step, visit)
	for _, p := range v.parts {
		p.literals(depth+1, step, visit)
	}
	for _, r := range v.allRows() {
		r.value.literals(depth+1, step, visit)
	}
	for i := range v.steps {
		v.steps[i].value.literals(depth+1, true, visit)
	}
}

// modality says whether a value's literals include a sum that somebody sets, and whether they include an exact one.
func (v *value) modality() (ceiling, exact bool) {
	visit := func(w *value) {
		if w != nil {
			c, x := w.modality()
			ceiling, exact = ceiling || c, exact || x
		}
	}
	switch v.kind {
	case valueLiteral:
		return !v.lit.exact() || v.lit.upTo, v.lit.exact() && !v.lit.upTo && v.lit.high.Sign() > 0
	case valueExpr:
		if n, ok := v.expr.(*nameExpr); ok {
			visit(n.def.value)
		}
	case valueLine, valueEach:
		visit(v.give)
	case valueTable:
		for _, r := range v.allRows() {
			visit(r.value)
		}
	default:
		for _, p := range v.parts {
			visit(p)
		}
	}
	return ceiling, exact
}
