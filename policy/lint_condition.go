package policy

import (
	"slices"
	"strings"
)

// certain is what is certain of quantities where a condition is looked at: by the quantity's sentence, where it lies and who says so.
type certain map[string]pinned

type pinned struct {
	where region
	by    *condition
}

func (k certain) clone() certain {
	out := make(certain, len(k))
	for key, f := range k {
		out[key] = f
	}
	return out
}

// claim is one comparison as a set of values of its quantity.
type claim struct {
	key   string
	can   region // all that the quantity may be
	holds region
	by    *condition // whose words tell it
	at    node
	typ   qtype
	sure  bool // holds is certain; else only the very same comparison is
}

// claimOf reads a leaf as a set of values; ok is false for what is none: a group, a guarded condition, a reference.
func (l *linter) claimOf(d *condition, at node) (claim, bool) {
	if d.guard != nil {
		return claim{}, false
	}
	x := claim{by: d, at: at, sure: true}
	switch d.kind {
	case condName:
		if inner, ok := l.claimOf(d.def.cond, at); ok {
			inner.by = d
			return inner, true
		}
		return claim{}, false
	case condJudge:
		x.key, x.can, x.holds, x.typ = "judge "+d.judge, wordSet("是", "否"), wordSet("是"), qtype{kind: TypeBool}
		return x, true
	case condCompare, condHas:
		var q expr = d.of
		if d.has != nil {
			q = d.has
		}
		x.typ = q.typ()
		x.key = q.read(chinese)
		var ok bool
		x.can = possible(q)
		switch x.holds, ok = d.limit.region(d.op, x.typ, x.can.whole); {
		case x.typ.kind == TypeCode: // what it names are families of codes, one within the other
			x.key += d.op + strings.Join(d.limit.words, "、")
			x.sure, x.can, x.holds = false, wordSet("是", "否"), wordSet("是")
		case !ok:
			x.key += d.op + d.limit.named.read(chinese)
			x.sure, x.can, x.holds = false, wordSet("是", "否"), wordSet("是")
		}
		return x, true
	}
	return claim{}, false
}

// region is what passes a threshold; ok is false where the file alone does not say it.
func (t *threshold) region(op string, q qtype, whole bool) (where region, ok bool) {
	switch {
	case len(t.words) > 0 && q.kind == TypeLevel:
		var list []interval
		for _, w := range t.words {
			b := atInt(rank(q.options, w))
			list = append(list, interval{lo: b, hi: b})
		}
		return numbers(true, list...), true
	case len(t.words) > 0:
		return wordSet(t.words...), true
	}
	n, ok := t.fixed()
	if !ok {
		return region{}, false
	}
	return beyond(op, n, whole), true
}

// fixed is a threshold's number where the file alone says it.
func (t *threshold) fixed() (Num, bool) {
	if t.named == nil {
		return t.num, t.other == nil
	}
	return t.named.def.value.fixed()
}

// fixed is the one number that a value is, whoever is asked.
func (v *value) fixed() (Num, bool) {
	if v != nil && v.kind == valueLiteral && v.lit.exact() && v.guard == nil && len(v.steps) == 0 {
		return v.lit.low, true
	}
	return Num{}, false
}

// possible is all that a quantity may come to, whoever is asked.
func possible(x expr) region {
	t := x.typ()
	switch t.kind {
	case TypeBool:
		return wordSet("是", "否")
	case TypeWord:
		if len(t.options) == 0 {
			return region{text: true, rest: true}
		}
		return wordSet(t.options...)
	case TypeLevel:
		low := 0
		if _, ok := x.(*recordExpr); ok {
			low = -1 // no such record
		}
		return numbers(true, interval{lo: atInt(low), hi: atInt(len(t.options) - 1)})
	case TypeDate:
		return valuesIn(anything, true)
	case TypeCode:
		return region{text: true, rest: true}
	}
	r, ok := x.(*recordExpr)
	return valuesIn(rangeOf(x, 0), ok && r.field == nil)
}

// all looks at conditions that hold together, and returns what is certain of their quantities then. must says that nothing else can make up
// for one that never holds.
func (l *linter) all(parts []*condition, outer certain, must bool) certain {
	acc := outer.clone()
	var mine []claim
	var rest []*condition
	l.flatten(parts, func(x claim) { l.join(x, &mine, acc, must) }, func(d *condition) { rest = append(rest, d) })
	l.bandsOf(rest, acc)
	for _, d := range rest {
		l.other(d, acc)
	}
	return acc
}

// flatten takes what holds together apart into comparisons and everything else.
func (l *linter) flatten(parts []*condition, leaf func(claim), rest func(*condition)) {
	for _, d := range parts {
		if x, ok := l.claimOf(d, d.at); ok {
			leaf(x)
			continue
		}
		inner := d
		for inner.kind == condName && inner.guard == nil {
			inner = inner.def.cond
		}
		switch {
		case inner.guard != nil || inner.kind != condGroup:
			rest(inner)
		case inner.word == "all":
			l.flatten(inner.parts, leaf, rest)
		case inner.word == "none":
			var groups []*condition
			for _, p := range inner.parts {
				if x, ok := l.claimOf(p, p.at); ok {
					x.holds = x.can.and(x.holds.but())
					leaf(x)
					l.veto(p)
				} else {
					groups = append(groups, p)
				}
			}
			if len(groups) > 0 {
				rest(&condition{at: inner.at, kind: condGroup, word: "none", parts: groups})
			}
		default:
			rest(inner)
		}
	}
}

// join adds a comparison to those that hold with it, and tells what they come to together.
func (l *linter) join(x claim, mine *[]claim, acc certain, must bool) {
	before, constrained := acc[x.key]
	have := x.can
	if constrained {
		have = before.where
	}
	now := have.and(x.holds)
	severity := SeverityWarning
	if must {
		severity = SeverityError
	}
	superfluous := slices.IndexFunc(*mine, func(o claim) bool { return o.key == x.key && x.holds.in(o.holds) })
	switch {
	case now.empty() && constrained:
		l.find(x.at, severity, lintNever, "“%s”与“%s”合在一起永远不成立，请检查门槛。", clipLong(x.by.words(chinese)), clipLong(before.by.words(chinese)))
		return
	case now.empty():
		l.find(x.at, severity, lintNever, "这个条件永远不成立：%s的可能取值都达不到，请检查门槛和单位。", x.key)
		return
	case constrained && superfluous >= 0 && (*mine)[superfluous].holds.same(x.holds):
		l.warn(x.at, lintRepeated, "同一个条件写了两次，前面已有“%s”，请删去一个。", clipLong((*mine)[superfluous].by.words(chinese)))
		return
	case constrained && have.in(x.holds):
		l.warn(x.at, lintImplied, "已有“%s”，这个条件总是成立，请删去或检查门槛。", clipLong(before.by.words(chinese)))
		return
	case !constrained && x.can.in(x.holds) && x.sure:
		l.warn(x.at, lintAlways, "这个条件永远成立：%s的可能取值都符合，请检查门槛和单位。", x.key)
		return
	case constrained && superfluous >= 0:
		o := (*mine)[superfluous]
		l.warn(o.at, lintImplied, "后面的“%s”已经包含“%s”，请删去这一个或检查门槛。", clipLong(x.by.words(chinese)), clipLong(o.by.words(chinese)))
	}
	acc[x.key] = pinned{now, x.by}
	*mine = append(*mine, x)
}

func clipLong(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// other looks at a condition that is no comparison, where some quantities are known.
func (l *linter) other(d *condition, acc certain) {
	if d.guard != nil {
		inner := l.all([]*condition{d.guard}, acc, false)
		bare := *d
		bare.guard = nil
		l.all([]*condition{&bare}, inner, false)
		return
	}
	if d.kind != condGroup {
		return
	}
	if d.word == "none" {
		for _, p := range d.parts {
			l.all([]*condition{p}, acc, false)
		}
		return
	}
	var own []claim
	for _, p := range d.parts {
		x, ok := l.claimOf(p, p.at)
		if !ok {
			l.all([]*condition{p}, acc, false)
			continue
		}
		have := x.can
		before, constrained := acc[x.key]
		if constrained {
			have = before.where
		}
		x.can = have
		switch {
		case have.and(x.holds).empty() && constrained:
			l.warn(x.at, lintNever, "有了“%s”，这一项永远不成立，请删去或检查门槛。", clipLong(before.by.words(chinese)))
			continue
		case have.and(x.holds).empty():
			l.warn(x.at, lintNever, "这个条件永远不成立：%s的可能取值都达不到，请检查门槛和单位。", x.key)
			continue
		case have.in(x.holds) && constrained:
			l.warn(x.at, lintAlways, "已有“%s”，这一项总是成立，别的几项就不起作用，请检查门槛。", clipLong(before.by.words(chinese)))
		case have.in(x.holds) && x.sure:
			l.warn(x.at, lintAlways, "这个条件永远成立：%s的可能取值都符合，请检查门槛和单位。", x.key)
		}
		told := false
		for _, o := range own {
			if o.key != x.key || told {
				continue
			}
			told = true
			switch {
			case o.holds.same(x.holds):
				l.warn(x.at, lintRepeated, "同一个条件写了两次，前面已有“%s”，请删去一个。", clipLong(o.by.words(chinese)))
			case d.word == "at_least":
				told = false
			case x.holds.in(o.holds):
				l.warn(x.at, lintImplied, "“%s”已经包含这一项，请删去或检查门槛。", clipLong(o.by.words(chinese)))
			case o.holds.in(x.holds):
				l.warn(o.at, lintImplied, "“%s”已经包含这一项，请删去或检查门槛。", clipLong(x.by.words(chinese)))
			case have.in(o.holds.or(x.holds)):
				l.warn(x.at, lintAlways, "“%s”和“%s”总有一个成立，这一组条件不起作用，请检查门槛。", clipLong(o.by.words(chinese)), clipLong(x.by.words(chinese)))
			default:
				told = false
			}
		}
		own = append(own, x)
	}
}

// veto reminds of records that nobody declares complete: that there is none of them can never be told.
func (l *linter) veto(d *condition) {
	for d.kind == condName {
		d = d.def.cond
	}
	r := d.has
	if r == nil {
		r, _ = d.of.(*recordExpr)
	}
	if r != nil && r.kind.Complete == "" {
		l.warn(d.at, lintVeto, "没有部门声明“%s”已齐全，“没有”永远无法确认，结果总是待补充：请在词汇表写 complete:，或改由人判断（judge）。", r.kind.Name)
	}
}

// band is what one guarded sibling covers of the quantity that its guard asks.
type band struct {
	key   string
	where region
	of    string // what it then asks, or empty
	at    node
	typ   qtype
	can   region
}

// bandOf is the band of a guard that asks one quantity alone.
func (l *linter) bandOf(guard *condition, acc certain) (band, bool) {
	var claims []claim
	single := true
	l.flatten([]*condition{guard}, func(x claim) { claims = append(claims, x) }, func(*condition) { single = false })
	if !single || len(claims) == 0 {
		return band{}, false
	}
	b := band{key: claims[0].key, can: claims[0].can, where: claims[0].can, at: guard.at, typ: claims[0].typ}
	for _, x := range claims {
		if x.key != b.key || !x.sure || x.holds.text {
			return band{}, false
		}
		b.where = b.where.and(x.holds)
	}
	if f, ok := acc[b.key]; ok {
		b.can = b.can.and(f.where)
	}
	return b, true
}

// bandsOf looks at guarded siblings that ask one thing by bands of another: 营收1亿元以上的不低于3%，不满1亿元的不低于6%.
func (l *linter) bandsOf(parts []*condition, acc certain) {
	var bands []band
	for _, d := range parts {
		if d.guard == nil {
			continue
		}
		bare := *d
		bare.guard = nil
		x, ok := l.claimOf(&bare, d.at)
		if !ok {
			continue
		}
		if b, ok := l.bandOf(d.guard, acc); ok {
			b.of = x.key
			bands = append(bands, b)
		}
	}
	l.bands(bands, func(a, b region) bool { return true })
}

// bands reports where bands of one quantity overlap, if that matters, and what lies between them.
func (l *linter) bands(bands []band, matters func(a, b region) bool) {
	done := map[string]bool{}
	for i, first := range bands {
		group := first.key + "\x00" + first.of
		if done[group] {
			continue
		}
		done[group] = true
		covered := first.where
		last, n := first, 1
		for _, b := range bands[i+1:] {
			if b.key != first.key || b.of != first.of {
				continue
			}
			n++
			for _, a := range bands[i:] {
				if a.at.Node == b.at.Node {
					break
				}
				if a.key != b.key || a.of != b.of {
					continue
				}
				if both := a.where.and(b.where).and(b.can); !both.empty() && !a.where.same(b.where) && matters(a.where, b.where) {
					l.warn(b.at, lintBandOverlap, "这一档与前面的一档重叠：%s%s的两档都算，请检查两头。", b.key, both.read(b.typ))
				}
			}
			covered = covered.or(b.where)
			last = b
		}
		if n < 2 || len(covered.list) == 0 {
			continue
		}
		between := numbers(covered.whole, interval{lo: covered.list[0].lo, hi: covered.list[len(covered.list)-1].hi,
			loOpen: covered.list[0].loOpen, hiOpen: covered.list[len(covered.list)-1].hiOpen})
		if gap := between.and(covered.but()).and(first.can); !gap.empty() {
			l.warn(last.at, lintBandGap, "各档之间有空档：%s%s的没有写，请补上一档或检查两头。", last.key, gap.read(last.typ))
		}
	}
}
