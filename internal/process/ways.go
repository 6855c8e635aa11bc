package process

import (
	"slices"

	"shanglin/policy"
)

// Route is a way from the beginning of a flow to an end, as choices of a rehearsal.
type Route struct {
	Title   string   `json:"title" doc:"what it tries: the way if all goes well, or one action at one stage"`
	Main    bool     `json:"main" doc:"the way if all goes well"`
	Choices []Choice `json:"choices" nullable:"false"`
}

// wayOut is something that may happen at a stage, and where it leads.
type wayOut struct {
	Offer
	task string // of an action at a task
	to   string // the stage where the instance then stands; its own: it stays
	many bool   // it leads on only together with the other tasks of its stage
	main bool
}

// waysOut is what may happen at a stage, in the order of the file.
func waysOut(p *policy.Process, f *policy.Flow, s *policy.Stage) []wayOut {
	var out []wayOut
	add := func(w wayOut) {
		if w.to == "" {
			w.to = s.Key
		}
		w.To = ""
		if w.to != s.Key {
			w.To = titleOf(f, w.to)
		}
		// What the system decides at once is chosen with what leads there.
		if next := f.Stage(w.to); next != nil && len(next.AtOnce) > 0 {
			for i, a := range next.AtOnce {
				x := w
				x.Choice.Then, x.to, x.To, x.main = a.Key, a.To, titleOf(f, a.To), w.main && i == 0
				x.Title = w.Title + "，系统“" + a.Title + "”"
				out = append(out, x)
			}
			return
		}
		out = append(out, w)
	}
	parallel := len(s.Tasks) > 1
	for _, t := range s.Tasks {
		key := ""
		title := func(a string) string { return a }
		if parallel {
			key, title = t.Key, func(a string) string { return t.Title + "：" + a }
		}
		for _, a := range t.Actions {
			if a.Silent() {
				continue
			}
			w := wayOut{Offer: Offer{Choice: Choice{Kind: "act", Task: key, Action: a.Key}, Title: title(a.Title), Who: labelOf(t.Who)}, task: t.Key, to: a.To, main: a.Tone == "primary" && a.To != "",
				many: parallel && a.To == ""}
			if s.Joint != nil && w.many {
				for _, result := range []string{policy.JointAgreed, policy.JointDivided, policy.JointOpposed} {
					x := w
					x.Choice.Then, x.Title = result, w.Title+"（"+joined[result]+"）"
					add(x)
				}
				continue
			}
			add(w)
		}
		if w := t.Within; w != nil {
			to := ""
			if a := actionOf(t, w.Lapse); a != nil {
				to = a.To
			}
			add(wayOut{Offer: Offer{Choice: Choice{Kind: "clock"}, Title: title("等到逾期"), Who: roleWords["system"]}, task: t.Key, to: to})
		}
	}
	for _, a := range f.Always {
		if slices.Contains(a.At, s.Key) {
			add(wayOut{Offer: Offer{Choice: Choice{Kind: "act", Action: a.Key}, Title: a.Title, Who: labelOf(a.Who)}, to: a.To})
		}
	}
	if s.Waits != "" {
		add(wayOut{Offer: Offer{Choice: Choice{Kind: "move", To: s.Then}, Title: "等到以后", Who: roleWords["system"]}, to: s.Then, main: true})
	}
	for _, c := range p.Charts() {
		for _, a := range c.Arrows {
			if c.Flow == f.Key && a.From == s.Key && a.Kind == "batch" {
				add(wayOut{Offer: Offer{Choice: Choice{Kind: "move", To: a.To}, Title: a.Title, Who: "整批"}, to: a.To, main: a.Main})
			}
		}
	}
	return out
}

var joined = map[string]string{policy.JointAgreed: "最后一致同意", policy.JointDivided: "最后不一致", policy.JointOpposed: "最后不同意"}

// edge is a way between stages as one or several choices.
type edge struct {
	from, to string
	title    string
	main     bool
	choices  []Choice
}

// Routes are ways through a flow that together take everything that may happen at every stage at least once, the way if all goes well first; and
// the titles of what none of them reaches, with the line of the stage.
func Routes(p *policy.Process, key string) (routes []Route, unreached []Unreached) {
	routes, unreached = []Route{}, []Unreached{}
	f := p.Flow(key)
	if f == nil {
		return routes, unreached
	}
	edges := map[string][]edge{}
	for _, s := range f.Stages {
		edges[s.Key] = edgesOf(p, f, s)
	}
	start := standsAt(f, f.Start)
	good := happy(f, edges, start)
	covered := map[string]bool{}
	take := func(title string, main bool, list []edge) {
		r := Route{Title: title, Main: main, Choices: []Choice{}}
		for _, e := range list {
			covered[e.from+"|"+e.title] = true
			r.Choices = append(r.Choices, e.choices...)
		}
		routes = append(routes, r)
	}
	take("顺利办完", true, good)
	before := shortest(edges, start)
	for _, s := range f.Stages {
		for _, e := range edges[s.Key] {
			if covered[s.Key+"|"+e.title] {
				continue
			}
			way, reached := before[s.Key]
			if !reached {
				unreached = append(unreached, Unreached{Stage: s.Title, Line: s.Line, What: e.title})
				continue
			}
			list := append(slices.Clone(way), e)
			take(s.Title+"：“"+e.title+"”", false, append(list, happy(f, edges, e.to)...))
		}
		if _, reached := before[s.Key]; !reached && len(edges[s.Key]) == 0 && len(s.AtOnce) == 0 {
			unreached = append(unreached, Unreached{Stage: s.Title, Line: s.Line})
		}
	}
	return routes, unreached
}

// Unreached is a stage, or what may happen at it, that no way leads to.
type Unreached struct {
	Stage string `json:"stage"`
	Line  int    `json:"line" doc:"of the file"`
	What  string `json:"what,omitempty"`
}

func standsAt(f *policy.Flow, key string) string {
	if s := f.Stage(key); s != nil && len(s.AtOnce) > 0 {
		return s.AtOnce[0].To
	}
	return key
}

// edgesOf are the ways from a stage: of parallel tasks, that all are done is one.
func edgesOf(p *policy.Process, f *policy.Flow, s *policy.Stage) []edge {
	var out []edge
	var all []wayOut // the first way of each parallel task
	for _, w := range waysOut(p, f, s) {
		if !w.many {
			out = append(out, edge{s.Key, w.to, w.Title, w.main, []Choice{w.Choice}})
		} else if !slices.ContainsFunc(all, func(x wayOut) bool { return x.task == w.task }) {
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return out
	}
	together := func(result, to, title string, main bool) edge {
		e := edge{from: s.Key, to: to, title: title, main: main}
		for _, w := range all {
			w.Choice.Then = result
			e.choices = append(e.choices, w.Choice)
		}
		return e
	}
	if s.Joint == nil {
		return append([]edge{together("", standsAt(f, s.Then), "都办完", true)}, out...)
	}
	head := []edge{together(policy.JointAgreed, standsAt(f, s.Then), "一致同意", true), together(policy.JointDivided, standsAt(f, s.Joint.Divided), "不一致", false)}
	if s.Joint.Opposed != "" && s.Joint.Opposed != s.Joint.Divided {
		head = append(head, together(policy.JointOpposed, standsAt(f, s.Joint.Opposed), "不同意", false))
	}
	return append(head, out...)
}

// happy is the way from a stage to an end: by what is marked as the main way, else by the first that leads somewhere new.
func happy(f *policy.Flow, edges map[string][]edge, from string) []edge {
	var out []edge
	seen := map[string]bool{}
	for at := from; !seen[at]; {
		seen[at] = true
		if s := f.Stage(at); s == nil || s.Ends != "" {
			break
		}
		list := slices.DeleteFunc(slices.Clone(edges[at]), func(e edge) bool { return seen[e.to] })
		if len(list) == 0 {
			break
		}
		i := max(0, slices.IndexFunc(list, func(e edge) bool { return e.main }))
		out, at = append(out, list[i]), list[i].to
	}
	return out
}

// shortest is the shortest way from a stage to every other.
func shortest(edges map[string][]edge, start string) map[string][]edge {
	out, queue := map[string][]edge{start: nil}, []string{start}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		list := slices.Clone(edges[at])
		slices.SortStableFunc(list, func(a, b edge) int {
			return map[bool]int{true: 0, false: 1}[a.main] - map[bool]int{true: 0, false: 1}[b.main]
		})
		for _, e := range list {
			if _, seen := out[e.to]; !seen {
				out[e.to] = append(slices.Clone(out[at]), e)
				queue = append(queue, e.to)
			}
		}
	}
	return out
}
