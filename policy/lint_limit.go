package policy

import "strings"

// timed is a time limit of a process, by the step that it limits.
type timed struct {
	p      *Process
	flow   string
	step   string
	within *Within
	at     node
}

// noteLimits keeps the limits of a process for Check.
func (r *processReader) noteLimits() {
	for _, f := range r.p.Flows {
		add := func(step string, w *Within, at node) {
			if w != nil {
				r.timed = append(r.timed, timed{r.p, f.Key, step, w, at})
			}
		}
		for _, s := range f.Stages {
			for _, t := range s.Tasks {
				add(t.Key, t.Within, r.at[t])
				for _, a := range t.Actions {
					add(a.Key, a.Period, r.at[a])
				}
			}
		}
		for _, a := range f.Always {
			add(a.Key, a.Period, r.at[a])
		}
	}
}

// longerLimits finds a step whose time limit another process sets otherwise by law, though this one does not say that it is a local form of
// that (from:). The two run under one law where both cite it; only the one that says how its limit may be moved is known to be the upper one.
func (l *linter) longerLimits() {
	under := map[*Process]map[string]bool{}
	for _, x := range l.timed {
		if under[x.p] == nil {
			under[x.p] = map[string]bool{}
		}
		if x.within.Cite != "" {
			under[x.p][instrument(x.within.Cite)] = true
		}
	}
	for _, x := range l.timed {
		for _, law := range l.timed {
			w := law.within
			if x.p == law.p || x.p.From == law.p.ID || law.p.From == x.p.ID || x.step != law.step || x.flow != law.flow ||
				w.Cite == "" || w.Tighten == "" || x.within.Tighten != "" || !under[x.p][instrument(w.Cite)] {
				continue
			}
			if (x.within.N == 0) != (w.N == 0) || x.within.Before != w.Before {
				continue // one runs until a day, or back from one: the law that sets it sets it of another thing
			}
			if w.Tighten == "shorter" && !x.within.surely(w) || w.Tighten == "longer" && !w.surely(x.within) {
				l.doc, l.scheme = nil, nil
				l.warn(x.at, lintLawLimit, "“%s”写的期限是%s；%s规定的是%s（办理流程“%s”），%s。请改期限；确是它的地方流程的，写 from: %s。", x.step, x.within.Text(), w.Cite,
					w.Text(), law.p.ID, map[string]string{"shorter": "只能更短", "longer": "只能更长"}[w.Tighten], law.p.ID)
			}
		}
	}
}

// instrument is the law or document of a citation, without its article.
func instrument(cite string) string {
	if i := strings.LastIndex(cite, "第"); i > 0 {
		cite = cite[:i]
	}
	return strings.TrimSpace(cite)
}
