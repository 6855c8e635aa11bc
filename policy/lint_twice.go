package policy

import (
	"slices"
	"sort"
)

// paidTwice finds pairs of schemes that pay one party for one thing while both are in force, and nothing says what then.
func (l *linter) paidTwice() {
	byBase := map[string][]*Scheme{}
	var bases []string
	for _, d := range l.lib.readingOrder() {
		for _, s := range d.schemes {
			if s.kind != "money" || s.amount == nil || s.amount.onlyManual(0) {
				continue
			}
			for _, b := range s.paysFor() {
				key := s.subject + "\x00" + b
				if byBase[key] == nil {
					bases = append(bases, key)
				}
				byBase[key] = append(byBase[key], s)
			}
		}
	}
	sort.Strings(bases)
	type pair struct{ a, b *Scheme }
	told := map[pair]bool{}
	for _, key := range bases {
		list := byBase[key]
		for i, b := range list {
			for _, a := range list[:i] {
				if told[pair{a, b}] || a == b || !together(a, b) || ruled(a, b) || !l.overlap(a, b) {
					continue
				}
				told[pair{a, b}] = true
				l.doc, l.scheme = b.doc, b
				what := key[len(b.subject)+1:]
				l.warn(b.amount.at, lintTwice, "“%s”（%s）也按“%s”给钱，同一%s会得两次，没有写怎样取舍：请写 limits（of: 写上两条，share: highest）、then: 的 less: received(%s)，或用 none: 排除；可以同享的用 allow 写明。",
					clipLong(a.title), a.id, what, b.subject, a.id)
			}
		}
	}
}

// paysFor is what a scheme's amount grows with, or, for a fixed sum, the records that it rewards.
func (s *Scheme) paysFor() []string {
	var out []string
	add := func(b string) {
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	grows := false
	var visit func(v *value, depth int)
	visit = func(v *value, depth int) {
		if v == nil || depth > 20 {
			return
		}
		switch v.kind {
		case valueLine:
			if _, upper := v.expr.(*receivedExpr); !upper {
				grows = true
				add(v.expr.read(chinese))
			}
		case valueEach:
			grows = true
			add(v.each.read(chinese))
		case valueTable:
			if _, named := v.expr.(*nameExpr); !named {
				grows = true
				add(v.expr.read(chinese))
			}
		case valueExpr:
			if n, ok := v.expr.(*nameExpr); ok && n.def.value != nil {
				visit(n.def.value, depth+1)
			}
		}
		for _, p := range v.parts {
			visit(p, depth+1)
		}
	}
	visit(s.amount, 0)
	if grows {
		return out
	}
	var conditions func(d *condition, depth int)
	conditions = func(d *condition, depth int) {
		if d == nil || depth > 20 {
			return
		}
		switch {
		case d.kind == condName:
			conditions(d.def.cond, depth+1)
		case d.kind == condHas:
			add(d.has.read(chinese))
		case d.kind == condGroup && d.word == "all":
			for _, p := range d.parts {
				conditions(p, depth+1)
			}
		}
	}
	conditions(s.require, 0)
	return out
}

// together says whether two schemes may be in force on one day for one performance year. A measure and its reissue are one measure.
func together(a, b *Scheme) bool {
	if slices.Contains(a.family, b.id) {
		return false
	}
	x, y := a.doc.info, b.doc.info
	if x.Performance != 0 && y.Performance != 0 && x.Performance != y.Performance {
		return false
	}
	end := func(i DocumentInfo) Date {
		out := always
		if !i.ValidUntil.IsZero() {
			out = i.ValidUntil.Last
		}
		if i.Replaced != 0 {
			out = min(out, i.Replaced.AddDays(-1))
		}
		return out
	}
	return max(x.InForce.First, y.InForce.First) <= min(end(x), end(y))
}

// ruled says whether one of two schemes says what becomes of the other: a limit that counts both, or a payment that it reads.
func ruled(a, b *Scheme) bool {
	one := func(s, other *Scheme) bool {
		if slices.ContainsFunc(s.outcomes, func(id string) bool { return slices.Contains(other.family, id) }) {
			return true
		}
		for i := range s.limits {
			for _, key := range s.limits[i].of {
				if key == other.id || s.doc.ID+"/"+key == other.id || slices.Contains(other.family, key) || slices.Contains(other.family, s.doc.ID+"/"+key) {
					return true
				}
			}
		}
		return false
	}
	return one(a, b) || one(b, a)
}

// overlap says whether one party can meet the conditions of both.
func (l *linter) overlap(a, b *Scheme) bool {
	quiet := &linter{checker: newChecker(), native: map[Problem]bool{}, doc: a.doc}
	acc := certain{}
	for _, s := range []*Scheme{a, b} {
		for _, d := range []*condition{s.doc.common, s.require} {
			if d == nil {
				continue
			}
			never := false
			quiet.flatten([]*condition{d}, func(x claim) {
				have := x.can
				if f, ok := acc[x.key]; ok {
					have = f.where
				}
				if have = have.and(x.holds); have.empty() {
					never = true
				}
				acc[x.key] = pinned{have, x.by}
			}, func(*condition) {})
			if never {
				return false
			}
		}
	}
	return true
}

// unused are definitions that no scheme of their document, nor of one that reissues it, reads.
func (l *linter) unused() {
	for _, d := range l.lib.documents {
		l.doc = d
		for _, e := range d.root.get("define").entries() {
			read := false
			for _, other := range l.lib.documents {
				read = read || (other == d || descends(other, d)) && l.used[other][e.key]
			}
			if !read {
				l.warn(e.at, lintUnused, "“%s”没有用到：请删去，或检查用它的地方名称是否写对。", clip(e.key))
			}
		}
	}
}
