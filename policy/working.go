package policy

// The working of an amount: its arithmetic line by line, in words.

func (e *env) work(line string) { *e.lines = append(*e.lines, line) }

func (e *env) show(g given, unit string) string {
	switch {
	case g.manual:
		return "由主管部门确定"
	case g.hi.inf != 0:
		return "尚不能估计"
	case g.lo.cmp(g.hi) == 0:
		return formatNum(g.hi.v, unit, 4)
	case g.lo.sign() == 0:
		return "最高" + formatNum(g.hi.v, unit, 4)
	case g.lo.inf != 0:
		return "至多" + formatNum(g.hi.v, unit, 4)
	}
	return formatNum(g.lo.v, unit, 4) + "至" + formatNum(g.hi.v, unit, 4)
}

func (e *env) workLine(v *value, whole, base, count, rate, out given) {
	unit := v.expr.typ().unit
	line := v.expr.read() + e.show(whole, unit)
	if v.beyond != nil || v.upTo != nil {
		part := unit
		if unit == unitRatio && v.per != nil {
			part = v.per.unit
		}
		line += "，其中" + v.band() + "为" + e.show(base, part)
	}
	if v.per == nil {
		e.work(line + " × " + e.show(rate, v.give.unit) + " = " + e.show(out, v.unit))
		return
	}
	word := map[string]string{"drop": "不足部分不计", "prorate": "不足部分按比例", "up": "不足部分算一个"}[v.rest]
	e.work(line + " ÷ " + perText(v) + " = " + countText(count) + "档（" + word + "）")
	e.work(countText(count) + "档 × " + e.show(rate, v.give.unit) + " = " + e.show(out, v.unit))
}

// band says which part of the base a slice takes.
func (v *value) band() string {
	q := v.expr.typ()
	switch {
	case v.beyond != nil && v.upTo != nil:
		return "超过" + v.beyond.read(q) + "至" + v.upTo.read(q) + "的部分"
	case v.beyond != nil:
		return "超过" + v.beyond.read(q) + "的部分"
	}
	return "不超过" + v.upTo.read(q) + "的部分"
}

func perText(v *value) string { return formatNum(v.per.low, v.per.unit, 4) }

func (e *env) workTable(v *value, q qval, out given) {
	t := v.expr.typ()
	shown := ""
	d := &condition{kind: condCompare}
	if s := d.actual(e, q, t); s != "" {
		shown = "为" + s
	}
	e.work(v.expr.read() + shown + "：" + e.show(out, v.unit))
}

func (e *env) workEach(v *value, n int, out given) {
	e.work(v.each.at.word + v.each.kind.Name + " " + intNum(int64(n)).String() + "项，合计" + e.show(out, v.unit))
}

func (e *env) workStep(s *step, before, w, after given) {
	unit := s.value.unit
	switch s.kind {
	case stepTimes:
		e.work("乘以" + e.show(w, unitRatio) + "：" + e.show(after, unitMoney))
	case stepLess:
		e.work("减去" + s.value.readShort() + e.show(w, unit) + "：" + e.show(after, unit))
	case stepAtMost:
		if after.hi.cmp(before.hi) < 0 {
			e.work("超过封顶" + formatNum(w.hi.v, unit, 4) + "，按" + formatNum(after.hi.v, unit, 4) + "计")
		}
	case stepAtLeast:
		if after.lo.cmp(before.lo) > 0 {
			e.work("低于保底，按" + e.show(after, unit) + "计")
		}
	}
}

func countText(g given) string {
	if g.hi.inf != 0 {
		return "若干"
	}
	s, _ := g.hi.v.decimal(4)
	return grouped(s)
}
