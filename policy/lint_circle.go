package policy

import (
	"slices"
	"strings"
)

// circles finds schemes whose outcomes wait for each other: what one gives, money or a record that it grants, is read by the next, until the first is read again. No round that holds
// them all can be settled, for none of them comes first. Schemes that share a limit among parties are settled together and count as one.
func (l *linter) circles() {
	var all []*Scheme
	for _, d := range l.lib.readingOrder() {
		all = append(all, d.schemes...)
	}
	beside := map[*Scheme][]*Scheme{} // settled together
	by := map[[2]*Scheme]*limit{}
	share := func(a, b *Scheme, x *limit) {
		if a != b && !slices.Contains(beside[a], b) {
			beside[a] = append(beside[a], b)
			beside[b] = append(beside[b], a)
			by[[2]*Scheme{a, b}], by[[2]*Scheme{b, a}] = x, x
		}
	}
	funds := map[string][]*Scheme{}
	for _, s := range all {
		for i := range s.limits {
			x := &s.limits[i]
			if x.stage == stageCap {
				continue
			}
			var counted []*Scheme
			for _, id := range x.of {
				if other := l.lib.byScheme[id]; other != nil {
					counted = append(counted, other)
				}
			}
			if x.fund != "" {
				key := s.doc.ID + "\x00" + x.fund
				counted = append(counted, funds[key]...)
				funds[key] = counted
			}
			for _, other := range counted[min(1, len(counted)):] {
				share(counted[0], other, x)
			}
		}
	}
	type way struct {
		from *Scheme
		read bool // by reading; else by settling together
	}
	reads := map[*Scheme][]*Scheme{}
	for _, s := range all {
		for _, id := range s.outcomes {
			if other := l.lib.byScheme[id]; other != nil && other != s && together(s, other) && !slices.Contains(reads[s], other) {
				reads[s] = append(reads[s], other)
			}
		}
	}
	told := map[string]bool{}
	for _, s := range all {
		for _, first := range reads[s] {
			came := map[*Scheme]way{first: {s, true}}
			var queue = []*Scheme{first}
			for len(queue) > 0 && came[s].from == nil {
				at := queue[0]
				queue = queue[1:]
				for k, next := range append(slices.Clone(reads[at]), beside[at]...) {
					if _, seen := came[next]; !seen {
						came[next] = way{at, k < len(reads[at])}
						queue = append(queue, next)
					}
				}
			}
			if came[s].from == nil {
				continue
			}
			var steps, ids []string
			for at := s; ; {
				w := came[at]
				step := "“" + clipLong(w.from.title) + "”（" + w.from.id + "）要先有“" + clipLong(at.title) + "”的结果"
				if !w.read {
					step = "“" + clipLong(w.from.title) + "”和“" + clipLong(at.title) + "”共用限额（" + by[[2]*Scheme{w.from, at}].read(chinese) + "），要一起结算"
				}
				steps, ids = append(steps, step), append(ids, w.from.id)
				if at = w.from; at == s {
					break
				}
			}
			slices.Reverse(steps)
			slices.Sort(ids)
			if key := strings.Join(ids, "\x00"); !told[key] {
				told[key] = true
				l.doc, l.scheme = s.doc, s
				l.find(s.readingAt(first), SeverityError, lintCircle, "%s：绕成了一圈，同一批次排不出先后，不能结算。请只让一方读取另一方，或把共用的限额分开。", strings.Join(steps, "，"))
			}
		}
	}
	for _, s := range all {
		for i := range s.limits {
			l.orderedByItself(s, &s.limits[i])
		}
	}
}

// orderedByItself finds a limit whose order reads what the clauses that it orders have paid: of the round that is ordered that is not known yet.
func (l *linter) orderedByItself(s *Scheme, x *limit) {
	counted := l.lib.issues(x.of)
	for _, key := range []struct {
		name string
		k    *orderKey
	}{{"key", x.key}, {"tie", x.second}} {
		if key.k == nil || key.k.expr == nil {
			continue
		}
		w := &walker{seen: map[*definition]bool{}}
		own := ""
		w.onExpr = func(e expr) {
			if y, ok := e.(*receivedExpr); ok {
				for _, id := range y.schemes {
					if own == "" && slices.Contains(counted, id) {
						own = id
					}
				}
			}
		}
		w.expr(key.k.expr)
		if own == "" {
			continue
		}
		l.doc, l.scheme = s.doc, s
		l.find(x.at.get(key.name), SeverityWarning, lintCircle, "限额（%s）要先排出先后才知道“%s”（%s）给多少，排先后又要读取它已得的：绕成了一圈，本批次的不会算在内，只按此前批次已得的排。不是这个意思的，请换一个 %s。",
			x.read(chinese), clipLong(l.lib.byScheme[own].title), own, key.name)
	}
}

// readingAt is where a scheme's amount or condition names the scheme that it reads, as well as can be told.
func (s *Scheme) readingAt(other *Scheme) node {
	var found node
	var walk func(n node)
	walk = func(n node) {
		if found.is() || !n.is() {
			return
		}
		if n.isText() {
			for _, id := range other.family {
				_, key, _ := strings.Cut(id, "/")
				if (grantsRecord(other.kind) || strings.Contains(n.text(), "received(")) && strings.Contains(n.text(), key) {
					found = n
				}
			}
		}
		for _, e := range n.entries() {
			walk(e.value)
		}
		for _, item := range n.items() {
			walk(item)
		}
	}
	walk(s.at.get("require"))
	walk(s.at.get("amount"))
	switch {
	case found.is():
		return found
	case s.amount != nil:
		return s.amount.at
	}
	return s.at
}
