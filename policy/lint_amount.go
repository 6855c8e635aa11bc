package policy

import (
	"regexp"
	"slices"
	"strings"
)

// amount looks at what a scheme gives, where its conditions hold.
func (l *linter) amount(s *Scheme, holds certain) {
	l.value(s.amount, holds)
	l.caps(s)
	l.rounds(s.amount)
}

// value looks at the tables, guards and slices that stand in the scheme itself; what a definition says is looked at once for all.
func (l *linter) value(v *value, acc certain) {
	if v == nil {
		return
	}
	if v.guard != nil {
		acc = l.all([]*condition{v.guard}, acc, false)
	}
	switch v.kind {
	case valueTable:
		l.table(v, acc)
		for _, r := range v.allRows() {
			l.value(r.value, acc)
			for _, column := range v.columns {
				l.value(r.cells[column], acc)
			}
		}
	case valueSum, valueHighest:
		var bands []band
		for _, p := range v.parts {
			l.value(p, acc)
			if len(v.parts) > 1 && p.guard == nil {
				l.refuses(p, acc)
			}
			if p.guard != nil {
				if b, ok := l.bandOf(p.guard, acc); ok {
					bands = append(bands, b)
				}
			}
		}
		l.bands(bands, func(a, b region) bool { return v.kind == valueSum && !a.in(b) && !b.in(a) })
		l.slices(v)
	case valueLine:
		l.value(v.give, acc)
		l.outOfReach(v)
	case valueEach:
		l.value(v.give, acc.where(v.each))
	case valueExpr:
		l.named(v, acc, 0)
	}
	for i := range v.steps {
		inner := acc
		if g := v.steps[i].guard; g != nil {
			inner = l.all([]*condition{g}, acc, false)
		}
		l.value(v.steps[i].value, inner)
	}
	l.ends(v)
}

// ends tells a cap or floor in sums that another of the same steps leaves without effect, as long as nothing between them changes the amount.
func (l *linter) ends(v *value) {
	var top, bottom *step
	for i := range v.steps {
		s := &v.steps[i]
		fixed := s.guard == nil && s.value != nil && s.value.kind == valueLiteral && s.value.lit.exact() && len(s.value.steps) == 0
		switch {
		case s.kind != stepAtMost && s.kind != stepAtLeast:
			top, bottom = nil, nil
		case !fixed:
		case s.kind == stepAtMost && top != nil && top.value.lit.high.Cmp(s.value.lit.high) <= 0:
			l.warn(s.value.at, lintImplied, "这个封顶不起作用：前面已经封顶在%s。", top.value.lit.text(chinese))
		case s.kind == stepAtMost && bottom != nil && bottom.value.lit.high.Cmp(s.value.lit.high) > 0:
			l.warn(s.value.at, lintNever, "封顶比前面的保底%s还低，结果总是这个封顶，请检查。", bottom.value.lit.text(chinese))
		case s.kind == stepAtLeast && top != nil && top.value.lit.high.Cmp(s.value.lit.high) < 0:
			l.warn(s.value.at, lintNever, "保底比前面的封顶%s还高，结果总是这个保底，请检查。", top.value.lit.text(chinese))
		case s.kind == stepAtMost:
			top = s
		case s.kind == stepAtLeast:
			bottom = s
		}
	}
}

// where is what is certain of the columns of the records that are gone through.
func (k certain) where(r *recordExpr) certain {
	out := k.clone()
	for i := range r.filter {
		f := &r.filter[i]
		x := &fieldExpr{r.kind, f.field}
		can := possible(x)
		if holds, ok := f.t.region(f.op, x.typ(), can.whole); ok {
			key := x.read(chinese)
			if before, ok := out[key]; ok {
				can = before.where
			}
			out[key] = pinned{can.and(holds), &condition{kind: condCompare, of: x, op: f.op, limit: f.t}}
		}
	}
	return out
}

// named looks at the tables of a definition for what they leave out, where a scheme that reads it lets it come to that.
func (l *linter) named(v *value, acc certain, depth int) {
	n, ok := v.expr.(*nameExpr)
	if !ok || n.def.value == nil || depth > 20 {
		return
	}
	var visit func(v *value, depth int)
	visit = func(v *value, depth int) {
		switch {
		case v == nil || depth > 20 || v.guard != nil:
			return
		case v.kind == valueTable:
			l.leftOut(v, acc)
		case v.kind == valueExpr:
			l.named(v, acc, depth+1)
		}
		for _, p := range v.parts {
			visit(p, depth+1)
		}
	}
	visit(n.def.value, depth+1)
}

// outOfReach tells a slice that begins where its base never comes.
func (l *linter) outOfReach(v *value) {
	if v.beyond == nil {
		return
	}
	top := rangeOf(v.expr, 0).hi
	if n, ok := v.beyond.fixed(); ok && top.inf == 0 && top.cmp(at(n)) <= 0 {
		l.warn(v.at, lintNever, "“超过%s的部分”永远没有：%s最多是%s，请检查门槛和单位。", v.beyond.text, v.expr.read(chinese), formatNum(top.v, v.expr.typ().unit, 4))
	}
}

// refuses tells of one of several parts that a table without `else` makes the whole depend on: where no row is reached, nothing is given at all.
func (l *linter) refuses(p *value, acc certain) {
	at, t := p.at, p
	if t.kind == valueLine && t.per == nil && t.give != nil {
		t = t.give
	}
	for t.kind == valueExpr {
		n, ok := t.expr.(*nameExpr)
		if !ok || n.def.value == nil {
			return
		}
		t = n.def.value
	}
	if t.kind != valueTable || t.els != nil || t.unit == unitScore {
		return
	}
	left := possible(t.expr)
	if before, ok := acc[t.expr.read(chinese)]; ok {
		left = before.where
	}
	whole := left.whole
	for i := range t.rows {
		reach, ok := t.rows[i].limit.region(t.op, t.expr.typ(), whole)
		if !ok {
			return
		}
		left = left.and(reach.but())
	}
	if !left.empty() {
		l.warn(at, lintLevelGap, "这是几项之一，%s一档都没达到时，整条不符合，别的项也不给；只是这一项不给的，请在表里写 else: 0。", t.expr.read(chinese))
	}
}

// table tells the rows that are never reached, and the levels without an amount.
func (l *linter) table(v *value, acc certain) {
	q := v.expr.typ()
	if q.kind == TypeCode { // a row is a family of codes, and the checker refuses rows that share one
		return
	}
	can := possible(v.expr)
	have := can
	before, constrained := acc[v.expr.read(chinese)]
	if constrained {
		have = before.where
	}
	left := can
	for i := range v.rows {
		r := &v.rows[i]
		reach, ok := r.limit.region(v.op, q, can.whole)
		if !ok {
			return
		}
		mine := left.and(reach)
		switch {
		case mine.empty():
			l.warn(l.rowAt(v, r), lintRowNever, "“%s”这一档永远到不了：%s的可能取值都轮不到它，请删去或检查门槛。", r.limit.text, v.expr.read(chinese))
		case constrained && mine.and(have).empty():
			l.warn(l.rowAt(v, r), lintRowNever, "有了条件“%s”，“%s”这一档永远到不了，请删去或检查门槛。", clipLong(before.by.words(chinese)), r.limit.text)
		}
		left = left.and(reach.but())
	}
	if v.els != nil && left.empty() {
		l.warn(v.at.get("else"), lintRowNever, "else 永远到不了：各档已经写全了%s的所有取值，请删去。", v.expr.read(chinese))
	}
	l.leftOut(v, acc)
}

// leftOut tells the levels, and the words of a closed list, that a table has no row for and nothing keeps away from it.
func (l *linter) leftOut(v *value, acc certain) {
	q := v.expr.typ()
	if v.els != nil || len(v.rows) == 0 || v.unit == unitScore {
		return
	}
	have := possible(v.expr)
	if before, ok := acc[v.expr.read(chinese)]; ok {
		have = before.where
	}
	if q.kind == TypeBool || q.kind == TypeWord && len(q.options) > 0 {
		left := have
		for i := range v.rows {
			if reach, ok := v.rows[i].limit.region(v.op, q, have.whole); ok {
				left = left.and(reach.but())
			} else {
				return
			}
		}
		if len(left.words) > 0 && !left.rest {
			l.warn(v.at.get(v.op), lintLevelGap, "“%s”没有写给多少，得不到任何奖励；请补上，原文没有说的写 manual，不给的写 else: 0，或在 require 中写明只给哪些。", clipLong(joined(left.words)))
		}
		return
	}
	if q.kind != TypeLevel {
		return
	}
	low, high := len(q.options), -1
	given := map[int]bool{}
	for _, r := range v.rows {
		ranks := []int{}
		for _, w := range r.limit.words {
			ranks = append(ranks, rank(q.options, w))
		}
		if n, ok := r.limit.fixed(); ok && len(r.limit.words) == 0 {
			k, _ := n.Int64()
			ranks = append(ranks, int(k))
		}
		for _, k := range ranks {
			low, high, given[k] = min(low, k), max(high, k), true
		}
	}
	switch v.op {
	case "is":
		for k := low; k < high; k++ {
			if !given[k] && !have.and(numbers(true, interval{lo: atInt(k), hi: atInt(k)})).empty() {
				l.warn(v.at.get(v.op), lintLevelGap, "“%s”没有写给多少，得不到任何奖励；请补上这一档，原文没有说的写 manual，不给的写 0。", q.options[k])
			}
		}
	case "at_least", "over":
		top := len(q.options) - 1
		if v.op == "over" {
			high++
		}
		if high < top && v.unit == unitMoney && !have.and(numbers(true, interval{lo: atInt(top), hi: atInt(top)})).empty() {
			l.warn(v.at.get(v.op), lintLevelGap, "更高的“%s”没有另写，会按最高一档给；请补上“%s”一档，原文没有说的写 manual。", q.options[top], q.options[top])
		}
	}
}

// rowAt is where a row of a table stands.
func (l *linter) rowAt(v *value, r *row) node {
	for _, e := range v.at.get(v.op).entries() {
		if e.key == r.limit.text {
			return e.at
		}
	}
	return v.at
}

// slices looks at marginal brackets in whatever order they are written.
func (l *linter) slices(v *value) {
	var bands []band
	for _, p := range v.parts {
		if p.kind != valueLine || p.per != nil || p.guard != nil || p.beyond == nil && p.upTo == nil {
			continue
		}
		i := interval{lo: minusInf, hi: plusInf, loOpen: true, hiOpen: true}
		ok := true
		for _, end := range []struct {
			t *threshold
			b *bound
		}{{p.beyond, &i.lo}, {p.upTo, &i.hi}} {
			if end.t != nil {
				var n Num
				if n, ok = end.t.fixed(); !ok {
					break
				}
				*end.b = at(n)
			}
		}
		if !ok {
			return
		}
		if i.hi.inf == 0 {
			i.hiOpen = false
		}
		bands = append(bands, band{key: p.expr.read(chinese), where: numbers(false, i), at: p.at, typ: p.expr.typ(), can: valuesIn(anything, false)})
	}
	l.bands(bands, func(a, b region) bool { return true })
}

// caps: an amount that grows without end, a cap of the wording that is nowhere in the amount.
func (l *linter) caps(s *Scheme) {
	if s.kind != "money" {
		return
	}
	limited := slices.ContainsFunc(s.limits, func(x limit) bool { return !x.count })
	if !limited && !s.amount.bounded(0) {
		l.warn(s.amount.at, lintUncapped, "金额没有上限：请写 then: [{at_most: …}] 或 limits:；原文确实没有上限的，用 allow 写明。")
	}
}

// bounded says whether there is a most that the value may come to; what a person sets is bounded by the person.
func (v *value) bounded(depth int) bool {
	if depth > 30 {
		return true
	}
	ok := true
	switch v.kind {
	case valueLiteral, valueSee:
	case valueExpr:
		switch x := v.expr.(type) {
		case *receivedExpr:
		case *nameExpr:
			if x.def.value != nil {
				ok = x.column != "" || x.def.value.bounded(depth+1)
			} else {
				ok = rangeOf(v.expr, depth+1).hi.inf == 0
			}
		default:
			ok = rangeOf(v.expr, depth+1).hi.inf == 0
		}
	case valueLine:
		_, upper := v.expr.(*receivedExpr)
		if t, isTerm := v.expr.(*termExpr); isTerm && t.term.unit == unitRatio {
			upper = true // a share of something is not an open-ended base
		}
		ok = v.upTo != nil || upper || rangeOf(v.expr, depth+1).hi.inf == 0 || v.give.onlyManual(0)
	case valueTable:
		for _, r := range v.allRows() {
			ok = ok && (r.value == nil || r.value.bounded(depth+1))
		}
	case valueSum, valueHighest:
		for _, p := range v.parts {
			ok = ok && p.bounded(depth+1)
		}
	case valueEach:
		ok = v.give.onlyManual(0)
	}
	for i := range v.steps {
		if s := &v.steps[i]; s.kind == stepAtMost && s.guard == nil {
			ok = ok || s.value.bounded(depth+1)
		}
	}
	return ok
}

func manualOnly(v *value) bool { return v != nil && v.kind == valueLiteral && v.lit.manual }

// rounds refuses parts of a fen that no rule rounds.
func (l *linter) rounds(v *value) {
	if l.doc.rounding != "" || v == nil {
		return
	}
	part := v.kind == valueLine && v.per != nil && v.rest == "prorate" && v.unit == unitMoney
	if v.kind == valueLiteral && v.unit == unitMoney && !v.lit.manual {
		for _, n := range []Num{v.lit.low, v.lit.high} {
			part = part || n.Mul(intNum(100)).Floor().Cmp(n.Mul(intNum(100))) != 0
		}
	}
	for i := range v.steps {
		if w := v.steps[i].value; v.steps[i].kind == stepTimes && v.unit == unitMoney {
			part = part || w.lit == nil || w.lit.low.Floor().Cmp(w.lit.low) != 0 || w.lit.high.Floor().Cmp(w.lit.high) != 0
		}
	}
	if part {
		l.find(v.at, SeverityError, lintRounding, "这样计算会有不足一分的零头，请在文件开头写 rounding: {to: 0.01元, mode: down}。")
		return
	}
	for _, p := range v.parts {
		l.rounds(p)
	}
	for _, r := range v.allRows() {
		l.rounds(r.value)
	}
	if v.kind == valueEach {
		l.rounds(v.give)
	}
}

// capSays finds the sums that a wording calls a cap: 最高奖励30万元, 不超过 5 亿元.
var capSays = regexp.MustCompile(`(?:最高|不超过|不得超过|上限|封顶|限额)[^0-9０-９，。；、,;\n]{0,10}?([0-9][0-9.]*)\s*([万亿]?元)`)

// wording compares what the clause says with what is written of it.
func (l *linter) wording(s *Scheme) {
	texts := l.texts(s)
	sums := map[string]bool{}
	choice := s.interp != nil
	w := &walker{seen: map[*definition]bool{}, onInterp: func(*Interpretation) {}}
	w.onNum = func(n Num) { sums[n.String()] = true }
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	for i := range s.limits {
		w.value(s.limits[i].most)
	}
	for i := range s.pay {
		w.value(s.pay[i].value)
	}
	if s.kind == "money" && s.amount != nil && !s.amount.onlyManual(0) {
		for _, t := range texts {
			for _, m := range capSays.FindAllStringSubmatch(t.text(), -1) {
				n, unit, ok := l.lib.vocabulary.units.number(m[1] + m[2])
				if ok && unit == unitMoney && !sums[n.String()] {
					l.warn(t, lintCapMissing, "条文说到上限%s，金额和限额中都没有，请写 then: [{at_most: %s}] 或 limits:。", m[1]+m[2], m[1]+m[2])
				}
			}
		}
	}
	l.bracketStart(s, texts, choice)
	l.growthWords(s)
}

func (v *value) onlyManual(depth int) bool {
	switch {
	case depth > 20:
		return false
	case v.kind == valueSee || manualOnly(v):
		return true
	case v.kind == valueExpr:
		if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil {
			return n.def.value.onlyManual(depth + 1)
		}
	case v.kind == valueEach, v.kind == valueLine:
		return v.give.onlyManual(depth + 1)
	case len(v.parts) > 0:
		return !slices.ContainsFunc(v.parts, func(p *value) bool { return !p.onlyManual(depth + 1) })
	}
	return false
}

// texts are the clause's own words in a scheme: its text and that of every part of its amount and limits.
func (l *linter) texts(s *Scheme) []node {
	var out []node
	var walk func(n node)
	walk = func(n node) {
		for _, e := range n.entries() {
			switch {
			case e.key == "text" && e.value.isText():
				out = append(out, e.value)
			case e.key != "interpretation" && e.key != allowKey:
				walk(e.value)
			}
		}
		for _, item := range n.items() {
			walk(item)
		}
	}
	src := l.sources(s)
	if t := src.get("text"); t.isText() {
		out = append(out, t)
	}
	walk(src.get("amount"))
	walk(src.get("limits"))
	return out
}

// sources is a scheme's node with the ones it reissues behind it.
func (l *linter) sources(s *Scheme) source {
	src := source{s.at}
	for id, seen := s.parent, map[string]bool{s.id: true}; id != "" && !seen[id]; {
		seen[id] = true
		n := l.lib.index[id]
		if !n.is() {
			break
		}
		src = append(src, n)
		id = n.get("from").text()
	}
	return src
}

var bracketWords = regexp.MustCompile(`分档|分段|累进|超额`)

// bracketStart asks how brackets that rise begin: each part at its own rate, or all of it at the rate it reaches.
func (l *linter) bracketStart(s *Scheme, texts []node, chosen bool) {
	if s.amount == nil || chosen {
		return
	}
	var find func(v *value, chosen bool, depth int)
	find = func(v *value, chosen bool, depth int) {
		if v == nil || depth > 30 {
			return
		}
		chosen = chosen || v.chosen() != nil
		switch v.kind {
		case valueSum, valueHighest:
			var first *value
			n := 0
			for _, p := range v.parts {
				if p.kind == valueLine && p.per == nil && p.guard == nil && (p.beyond != nil || p.upTo != nil) {
					if n++; first == nil || p.beyond == nil {
						first = p
					}
					chosen = chosen || p.chosen() != nil
				}
				find(p, chosen, depth+1)
			}
			if n > 1 && !chosen && first.beyond != nil {
				l.warn(first.at, lintBracketStart, "第一档从%s起算，%s以内的部分不给：原文没有说清从零起算还是从门槛起算的，请写 interpretation。", first.beyond.text, first.beyond.text)
			}
		case valueLine:
			if !chosen && v.give.rateTable(v.expr) && v.give.chosen() == nil && slices.ContainsFunc(texts, func(t node) bool { return bracketWords.MatchString(t.text()) }) {
				l.warn(v.at, lintBracketStart, "条文写的是分档累进，这里是全部按达到的一档计算：请写成各档相加（beyond、up_to），原文没有说清的写 interpretation。")
			}
		}
	}
	find(s.amount, false, 0)
}

// rateTable says whether a rate is taken from a table by the very base that it multiplies.
func (v *value) rateTable(base expr) bool {
	if v.kind == valueExpr {
		n, ok := v.expr.(*nameExpr)
		return ok && n.def.value != nil && n.def.value.rateTable(base)
	}
	return v.kind == valueTable && v.op != "is" && v.unit == unitRatio && strings.TrimSpace(v.expr.read(chinese)) == base.read(chinese)
}

var growthWords = regexp.MustCompile(`年均|平均增|平均每年|复合增`)

// growthWords asks which mean a yearly growth is.
func (l *linter) growthWords(s *Scheme) {
	if s.interp != nil {
		return
	}
	var visit func(d *condition, chosen bool, depth int)
	visit = func(d *condition, chosen bool, depth int) {
		if d == nil || depth > 40 {
			return
		}
		chosen = chosen || d.interp != nil
		visit(d.guard, chosen, depth+1)
		for _, p := range d.parts {
			visit(p, chosen, depth+1)
		}
		call, ok := d.of.(*callExpr)
		if !ok || chosen || d.at.file != l.doc.Path {
			return
		}
		switch call.fn {
		case "mean_growth":
			l.warn(d.at, lintGrowth, "“年均”可以是各年增长率的平均（mean_growth），也可以是复合增长率（cagr）：请写 interpretation，说明是谁这样理解的。")
		case "cagr":
			if !strings.Contains(d.text, "复合") {
				l.warn(d.at, lintGrowth, "原文没有写“复合”：年均增长可以是各年增长率的平均（mean_growth），也可以是复合增长率（cagr），请写 interpretation。")
			}
		case "growth":
			if growthWords.MatchString(d.text) {
				l.warn(d.at, lintGrowth, "条文写的是年均增长，growth( ) 只看一年：请写 mean_growth( ) 或 cagr( )，并写 interpretation。")
			}
		}
	}
	visit(s.require, false, 0)
}

// reissued compares a clause with the one it reissues: a cap that is gone is most likely forgotten.
func (l *linter) reissued(s *Scheme) {
	parent := l.lib.byScheme[s.parent]
	if parent == nil {
		return
	}
	if s.at.get("amount").is() && s.amount != nil && parent.amount != nil {
		most := func(v *value) *step {
			for i := range v.steps {
				if v.steps[i].kind == stepAtMost {
					return &v.steps[i]
				}
			}
			return nil
		}
		if old := most(parent.amount); old != nil && most(s.amount) == nil && !slices.ContainsFunc(s.limits, func(x limit) bool { return !x.count }) && !s.manualTop() {
			l.warn(s.at.get("amount"), lintCapLost, "沿用的“%s”有上限（%s），这里没有了：请写 then: [{at_most: …}]，确实取消了的用 allow 写明。", parent.id, old.value.read(chinese))
		}
	}
	if s.at.get("limits").is() {
		for i := range parent.limits {
			old := &parent.limits[i]
			if !slices.ContainsFunc(s.limits, func(x limit) bool { return x.count == old.count && slices.Equal(x.per, old.per) }) {
				l.warn(s.at.get("limits"), lintCapLost, "沿用的“%s”有限额“%s”，这里没有了：请补上，确实取消了的用 allow 写明。", parent.id, old.read(chinese))
			}
		}
	}
}

// manualTop says whether a person sets the whole amount.
func (s *Scheme) manualTop() bool { return s.amount != nil && s.amount.onlyManual(0) }
