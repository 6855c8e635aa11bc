package policy

import (
	"maps"
	"slices"
	"strconv"
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
	t := steps{ids: sortedKeys(here), reads: map[string][]string{}, root: map[string]string{}, by: map[[2]string]*roundLimit{}}
	for _, id := range t.ids {
		for _, other := range s.lib.byScheme[id].outcomes {
			if here[other] && other != id {
				t.reads[id] = append(t.reads[id], other)
			}
		}
	}
	var loose []*roundLimit // caps that leave it open who yields
	for _, l := range s.limits {
		if l.stage == stageCap && l.share == "" {
			loose = append(loose, l)
			continue
		}
		t.join(l, sortedKeys(l.schemes))
	}
	levels, err := t.levels(s.lib)
	if err != nil {
		return err
	}
	// Where one scheme of such a cap reads another's outcome, what is read has its part first; the others share it as one scheme would.
	for _, l := range loose {
		try := t
		try.root = maps.Clone(t.root)
		try.join(l, sortedKeys(l.schemes))
		if _, err := try.levels(s.lib); err == nil {
			t.root = try.root
		} else {
			alike := map[int][]string{} // of one level none reads another, so that no circle can come of it
			for _, id := range sortedKeys(l.schemes) {
				alike[levels[id]] = append(alike[levels[id]], id)
			}
			for _, ids := range alike {
				t.join(l, ids)
			}
		}
		if levels, err = t.levels(s.lib); err != nil {
			return err
		}
	}
	for _, id := range t.ids {
		for len(s.layers) <= levels[id] {
			s.layers = append(s.layers, nil)
		}
		s.layers[levels[id]] = append(s.layers[levels[id]], id)
	}
	return nil
}

// steps are which schemes of a round are settled in one step.
type steps struct {
	ids   []string
	reads map[string][]string // whose outcomes a scheme reads
	root  map[string]string   // one scheme stands for all that are settled with it
	by    map[[2]string]*roundLimit
}

func (t *steps) find(id string) string {
	for t.root[id] != "" {
		id = t.root[id]
	}
	return id
}

func (t *steps) join(l *roundLimit, ids []string) {
	for _, id := range ids {
		if a, b := t.find(id), t.find(ids[0]); a != b {
			t.root[a] = b
		}
		for _, other := range ids {
			t.by[[2]string{id, other}] = l
		}
	}
}

// levels number the steps: every scheme comes after those whose outcomes it or one that is settled with it reads.
func (t *steps) levels(lib *Library) (map[string]int, error) {
	after := map[string]map[string]bool{}
	for _, id := range t.ids {
		for _, other := range t.reads[id] {
			a, b := t.find(id), t.find(other)
			if a == b {
				by, of := lib.byScheme[id].title, lib.byScheme[other].title
				if l := t.by[[2]string{id, other}]; l != nil {
					return nil, faultf("“%s”要先有“%s”的结果，两者又共用一个限额（%s），排不出先后，请把限额分开", by, of, l.read(chinese))
				}
				return nil, faultf("“%s”要先有“%s”的结果，两者又通过共用的限额连在一起，排不出先后，请把限额分开", by, of)
			}
			if after[a] == nil {
				after[a] = map[string]bool{}
			}
			after[a][b] = true
		}
	}
	out := map[string]int{}
	left := slices.Clone(t.ids)
	for level := 0; len(left) > 0; level++ {
		var now, rest []string
		for _, id := range left {
			ready := true
			for other := range after[t.find(id)] {
				_, done := out[other]
				ready = ready && done
			}
			if ready {
				now = append(now, id)
			} else {
				rest = append(rest, id)
			}
		}
		if len(now) == 0 {
			var titles []string
			for _, id := range left {
				titles = append(titles, lib.byScheme[id].title)
			}
			return nil, faultf("条款相互读取对方的结果，排不出先后：%s", strings.Join(titles, "、"))
		}
		for _, id := range now {
			out[id] = level
		}
		left = rest
	}
	return out, nil
}

// gather collects the limits that count a scheme of the round: its own and those that another scheme of its document states for it.
// The same limit stated by several schemes is one, and a fund is one whoever draws on it.
func (s *settling) gather(here map[string]bool) error {
	documents := map[*Document]bool{}
	for id := range here {
		documents[s.lib.byScheme[id].doc] = true
	}
	funds := map[string]*roundLimit{}
	known := map[string]*roundLimit{}
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
				key := l.what() + "\x00" + strings.Join(s.lib.issues(l.of), "\x00")
				if old := known[key]; old != nil {
					if old.rule() != l.rule() {
						return faultf("“%s”和“%s”写的是同一个限额，不够时由谁让却不一样，请统一：%s；%s", old.scheme.title, scheme.title, old.read(chinese), l.read(chinese))
					}
					continue
				}
				known[key] = l
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

// breadth puts narrower scopes before wider ones: what the clause is for (a project) is narrower than whose it is, whatever else is named; of others, more
// words are narrower.
func (l *roundLimit) breadth() int {
	if slices.Contains(l.per, l.scheme.subject) {
		return -len(l.per) - mostScopes
	}
	return -len(l.per)
}

// mostScopes is more words than a scope has.
const mostScopes = 100

// issues are these schemes in all their issues.
func (l *Library) issues(ids []string) []string {
	var out []string
	for _, id := range ids {
		if s := l.byScheme[id]; s != nil {
			out = append(out, s.family...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// what is what a limit limits, whoever yields under it.
func (l *limit) what() string {
	most := l.fund
	if l.most != nil {
		most = l.most.read(chinese)
	}
	return strings.Join([]string{most, strings.Join(l.per, " "), strconv.Itoa(int(l.stage))}, "\x00")
}

// rule is what a limit says, whichever scheme states it.
func (l *limit) rule() string {
	key := ""
	if l.key != nil {
		key = l.key.text
	}
	if l.key != nil && l.key.field == fieldScheme {
		key += strings.Join(l.of, " ")
	}
	return strings.Join([]string{l.read(chinese), key, l.tie, l.what()}, "\x00")
}

// readOutcomes are the schemes whose outcomes a scheme reads: what they paid, or what they granted. What puts its claims in order under a limit,
// and what the limit is reckoned by, is read too, whichever scheme writes it.
func (s *Scheme) readOutcomes() []string {
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
	for _, other := range lib.schemes {
		for i := range other.limits {
			l := &other.limits[i]
			if !slices.Contains(l.of, s.id) {
				continue
			}
			w.value(l.most)
			for _, k := range []*orderKey{l.key, l.second} {
				if k != nil {
					w.expr(k.expr)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
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
