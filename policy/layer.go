package policy

import (
	"slices"
	"sort"
	"strings"
)

// plan finds the limits that concern the round and the order in which its schemes are settled: schemes that share a limit together,
// and each after those whose outcomes it reads.
func (s *settling) plan() error {
	here := map[string]bool{}
	for _, x := range s.items {
		here[x.Scheme] = true
	}
	if err := s.gather(here); err != nil {
		return err
	}
	root := map[string]string{}
	var find func(id string) string
	find = func(id string) string {
		if root[id] == "" || root[id] == id {
			return id
		}
		return find(root[id])
	}
	shared := map[[2]string]*roundLimit{}
	for _, l := range s.limits {
		if l.stage == stageCap { // what an earlier layer took of a party's cap is taken
			continue
		}
		ids := sortedKeys(l.schemes)
		for _, id := range ids[1:] {
			root[find(id)] = find(ids[0])
		}
		for _, a := range ids {
			for _, b := range ids {
				shared[[2]string{a, b}] = l
			}
		}
	}
	members := map[string][]string{}
	for _, id := range sortedKeys(here) {
		members[find(id)] = append(members[find(id)], id)
	}
	after := map[string]map[string]bool{}
	for _, id := range sortedKeys(here) {
		for _, other := range s.lib.byScheme[id].readsOutcomes() {
			if !here[other] || other == id {
				continue
			}
			a, b := find(id), find(other)
			if a == b {
				by, of := s.lib.byScheme[id].title, s.lib.byScheme[other].title
				if l := shared[[2]string{id, other}]; l != nil {
					return faultf("“%s”要先有“%s”的结果，两者又共用一个限额（%s），排不出先后，请把限额分开", by, of, l.read(chinese))
				}
				return faultf("“%s”要先有“%s”的结果，两者又通过共用的限额连在一起，排不出先后，请把限额分开", by, of)
			}
			if after[a] == nil {
				after[a] = map[string]bool{}
			}
			after[a][b] = true
		}
	}
	var left []string
	for group := range members {
		left = append(left, group)
	}
	sort.Slice(left, func(i, j int) bool { return members[left[i]][0] < members[left[j]][0] })
	for done := map[string]bool{}; len(left) > 0; {
		var rest []string
		before := len(left)
		for _, group := range left {
			ready := true
			for other := range after[group] {
				ready = ready && done[other]
			}
			if !ready {
				rest = append(rest, group)
				continue
			}
			done[group] = true
			s.layers = append(s.layers, members[group])
		}
		if left = rest; len(left) == before {
			var titles []string
			for _, group := range left {
				for _, id := range members[group] {
					titles = append(titles, s.lib.byScheme[id].title)
				}
			}
			return faultf("条款相互读取对方的结果，排不出先后：%s", strings.Join(titles, "、"))
		}
	}
	return nil
}

// gather collects the limits that count a scheme of the round: its own and those that another scheme of its document states for it.
// The same limit stated by several schemes is one, and a fund is one whoever draws on it.
func (s *settling) gather(here map[string]bool) error {
	documents := map[*Document]bool{}
	for id := range here {
		documents[s.lib.byScheme[id].doc] = true
	}
	funds := map[string]*roundLimit{}
	known := map[string]bool{}
	for _, scheme := range s.lib.schemes {
		if !documents[scheme.doc] {
			continue
		}
		for i := range scheme.limits {
			l := &roundLimit{limit: &scheme.limits[i], schemes: map[string]bool{}}
			for _, id := range l.of {
				if other := s.lib.byScheme[id]; other != nil {
					for _, issue := range other.family {
						if here[issue] && documents[s.lib.byScheme[issue].doc] {
							l.schemes[issue] = true
						}
					}
				}
			}
			if len(l.schemes) == 0 {
				continue
			}
			if l.fund != "" {
				if _, given := s.round.Funds[l.fund]; !given {
					return faultf("这个批次没有“%s”的预算，而“%s”按它结算", l.fund, scheme.title)
				}
				if old := funds[l.fund]; old != nil {
					if old.rule() != l.rule() {
						return faultf("“%s”和“%s”对“%s”的分法不一样，请统一", old.scheme.title, scheme.title, l.fund)
					}
					for id := range l.schemes {
						old.schemes[id] = true
					}
					continue
				}
				funds[l.fund] = l
			} else {
				key := l.rule() + "\x00" + strings.Join(sortedKeys(l.schemes), "\x00")
				if known[key] {
					continue
				}
				known[key] = true
			}
			s.limits = append(s.limits, l)
		}
	}
	for fund, sum := range s.round.Funds {
		if sum < 0 {
			return faultf("“%s”的预算小于零", fund)
		}
	}
	// The library's order is that of its documents and files, the same whatever the claims.
	slices.SortStableFunc(s.limits, func(a, b *roundLimit) int {
		if a.stage != b.stage || a.stage == stageGroup {
			return int(a.stage) - int(b.stage)
		}
		return a.breadth() - b.breadth()
	})
	return nil
}

// breadth puts narrower scopes before wider ones: more words are narrower.
func (l *roundLimit) breadth() int { return -len(l.per) }

// rule is what a limit says, whichever scheme states it.
func (l *limit) rule() string {
	key := ""
	if l.key != nil {
		key = l.key.text
	}
	return strings.Join([]string{l.read(chinese), key, l.tie, strings.Join(l.per, " ")}, "\x00")
}

// readsOutcomes are the schemes whose outcomes this one reads: what they paid, or what they granted.
func (s *Scheme) readsOutcomes() []string {
	lib := s.doc.lib
	var out []string
	w := &walker{seen: map[*definition]bool{}}
	record := func(r *Record) {
		for _, other := range lib.schemes {
			if other.key == r.Name && other.kind != "money" && other.kind != "penalty" {
				out = append(out, other.id)
			}
		}
	}
	w.onExpr = func(x expr) {
		switch y := x.(type) {
		case *receivedExpr:
			out = append(out, y.schemes...)
		case *recordExpr:
			record(y.kind)
		}
	}
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	return out
}

// Counted are the schemes whose awards the limits of these schemes count, through all their issues: what the history of a round has to tell of.
func (l *Library) Counted(schemes []string) []string {
	out := map[string]bool{}
	for _, id := range schemes {
		s := l.byScheme[id]
		if s == nil {
			continue
		}
		for _, other := range s.doc.schemes {
			for i := range other.limits {
				for _, of := range other.limits[i].of {
					if counted := l.byScheme[of]; counted != nil {
						for _, issue := range counted.family {
							out[issue] = true
						}
					}
				}
			}
		}
	}
	return sortedKeys(out)
}
