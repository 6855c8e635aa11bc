package policy

import (
	"slices"
)

// Chart is a flow of a process as a diagram draws it: what its file says, each thing once, in words for people.
type Chart struct {
	Flow   string       `json:"flow" enum:"case,round"`
	Title  string       `json:"title"` // 一件申报, 一批申报
	Nodes  []ChartNode  `json:"nodes" nullable:"false"`
	Arrows []ChartArrow `json:"arrows" nullable:"false"`
}

// ChartNode is a stage.
type ChartNode struct {
	Key     string      `json:"key"`
	Title   string      `json:"title"`
	Public  string      `json:"public" doc:"what its applicant is told of it"`
	Kind    string      `json:"kind" enum:"work,waits,system,end" doc:"somebody has to act; it waits; the system acts at once; nothing follows"`
	Starts  bool        `json:"starts" doc:"it begins here"`
	Ends    string      `json:"ends,omitempty" enum:",granted,refused,withdrawn,done"`
	Waits   string      `json:"waits,omitempty" doc:"what it waits for by itself"`
	Joint   string      `json:"joint,omitempty" doc:"of a joint review: what comes of the opinions"`
	Line    int         `json:"line" doc:"of the file"`
	Tasks   []ChartTask `json:"tasks" nullable:"false"`
	Changed string      `json:"changed,omitempty" enum:",added,changed" doc:"beside another edition: what became of it"`

	lines []string // what is read of it, for a comparison
}

// ChartTask is a piece of work at a stage.
type ChartTask struct {
	Title   string   `json:"title,omitempty" doc:"where a stage has several"`
	Who     string   `json:"who"`
	Limit   string   `json:"limit,omitempty" doc:"5个工作日; empty: none"`
	Source  string   `json:"source,omitempty" doc:"what the limit rests on"`
	Cited   bool     `json:"cited" doc:"a law or document sets the limit"`
	Lapse   string   `json:"lapse,omitempty" doc:"what the system does when it is over; empty: it only reminds"`
	Pauses  []string `json:"pauses" nullable:"false" doc:"stages during which its clock stands still"`
	Besides []string `json:"besides" nullable:"false" doc:"what may be done that leaves it here"`
}

// ChartArrow is a way from one stage to another.
type ChartArrow struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Title    string `json:"title"`
	Kind     string `json:"kind" enum:"action,always,clock,together,system,batch" doc:"somebody does it; may do it at any time; the clock does; when all tasks are done or what it waits for has come; the system, at once; with its round"`
	Main     bool   `json:"main" doc:"the way if all goes well"`
	If       string `json:"if,omitempty" doc:"what must hold before"`
	Document string `json:"document,omitempty" doc:"what is drafted with it"`
	Letter   bool   `json:"letter" doc:"the applicant is written to"`
}

// Charts are the flows of the process as diagrams, in the order of the file.
func (p *Process) Charts() []Chart {
	out := []Chart{}
	for _, f := range p.Flows {
		c := Chart{Flow: f.Key, Title: flowWords[f.Key], Nodes: []ChartNode{}, Arrows: []ChartArrow{}}
		for _, s := range f.Stages {
			c.Nodes = append(c.Nodes, p.chartNode(f, s))
			c.Arrows = append(c.Arrows, f.arrowsFrom(s)...)
		}
		for _, a := range f.Always {
			for _, at := range a.At {
				if a.To != "" && a.To != at {
					c.Arrows = append(c.Arrows, a.arrow(at, "always"))
				}
			}
		}
		if f.Key == flowCase {
			c.Arrows = append(c.Arrows, p.batches()...)
		}
		out = append(out, c)
	}
	return out
}

func (p *Process) chartNode(f *Flow, s *Stage) ChartNode {
	n := ChartNode{Key: s.Key, Title: s.Title, Public: s.Public, Kind: "work", Starts: s.Key == f.Start, Ends: s.Ends, Waits: waitWords[s.Waits], Line: s.Line,
		Tasks: []ChartTask{}, lines: append(p.readStage(f, s), s.Title, s.Public)}
	switch {
	case s.Ends != "":
		n.Kind = "end"
	case len(s.AtOnce) > 0:
		n.Kind = "system"
	case len(s.Tasks) == 0:
		n.Kind = "waits"
	}
	if s.Joint != nil {
		n.Joint = s.Joint.Words()
	}
	for _, t := range s.Tasks {
		x := ChartTask{Who: t.Who.read(), Pauses: []string{}, Besides: []string{}}
		if len(s.Tasks) > 1 {
			x.Title = t.Title
		}
		if w := t.Within; w != nil {
			x.Limit, x.Source, x.Cited = w.Text(), w.Source(), w.Cite != ""
			for _, key := range w.Pauses {
				x.Pauses = append(x.Pauses, f.titleOf(key))
			}
			for _, a := range t.Actions {
				if a.Key == w.Lapse {
					x.Lapse = a.Title
				}
			}
		}
		for _, a := range t.Actions {
			if !a.Silent() && (a.To == "" || a.To == s.Key) {
				x.Besides = append(x.Besides, a.Title)
			}
		}
		n.Tasks = append(n.Tasks, x)
	}
	for _, a := range f.Always {
		if x := a.Extends; x != nil && slices.Contains(a.At, s.Key) {
			for i, t := range s.Tasks {
				if t.Key == x.Task {
					n.Tasks[i].Besides = append(n.Tasks[i].Besides, a.Title+"（"+a.Who.read()+"，"+x.Within.Text()+"，"+x.Within.Source()+"）")
				}
			}
		}
	}
	return n
}

// arrow is an action that leads from a stage to another.
func (a *Action) arrow(from, kind string) ChartArrow {
	return ChartArrow{From: from, To: a.To, Title: a.Title, Kind: kind, Main: a.Tone == "primary" && kind == "action", If: wordsOf(a.If, guardWords),
		Document: a.Document, Letter: slices.Contains(a.Needs, "letter") || slices.Contains(a.Needs, "items")}
}

func (f *Flow) arrowsFrom(s *Stage) []ChartArrow {
	var out []ChartArrow
	for _, t := range s.Tasks {
		for _, a := range t.Actions {
			if a.To == "" || a.To == s.Key {
				continue
			}
			kind := "action"
			if t.Within != nil && t.Within.Lapse == a.Key {
				kind = "clock" // somebody may take it too
			}
			out = append(out, a.arrow(s.Key, kind))
		}
	}
	for _, a := range s.AtOnce {
		out = append(out, a.arrow(s.Key, "system"))
	}
	if s.Then != "" {
		title := "都办完"
		switch {
		case s.Joint != nil:
			title = "一致同意"
		case s.Waits != "":
			title = waitWords[s.Waits]
		}
		out = append(out, ChartArrow{From: s.Key, To: s.Then, Title: title, Kind: "together", Main: true})
	}
	if j := s.Joint; j != nil {
		out = append(out, ChartArrow{From: s.Key, To: j.Divided, Title: "不一致", Kind: "together"})
		if j.Opposed != "" && j.Opposed != j.Divided {
			out = append(out, ChartArrow{From: s.Key, To: j.Opposed, Title: "不同意", Kind: "together"})
		}
	}
	return out
}

// batches are the ways on which the round takes cases that wait.
func (p *Process) batches() []ChartArrow {
	round := p.Flow(flowRound)
	if round == nil {
		return nil
	}
	var out []ChartArrow
	for _, a := range round.Actions() {
		for _, e := range a.Do {
			way := func(to, note string, main bool) {
				if e.Args[to] != "" {
					out = append(out, ChartArrow{From: e.Args["from"], To: e.Args[to], Title: a.Title + note, Kind: "batch", Main: main})
				}
			}
			switch e.Name {
			case moveCases:
				way("to", "", a.Tone == "primary")
			case leaveOut:
				way("to", "，没有得到的", false)
			case sample:
				way("to", "，抽中"+e.Args["share"], false)
				way("rest", "，其余", true)
			case conclude:
				way("to", "，名单上有的", true)
				way("rest", "，名单上没有的", false)
			}
		}
	}
	return out
}

// ChartsBeside are the charts of the process with what is otherwise than in an edition before it marked. A stage that is only called otherwise is
// marked itself, and not those that lead to it.
func (p *Process) ChartsBeside(before *Process) []Chart {
	after := p.Charts()
	named := before.calledAs(p).Charts()
	for _, c := range after {
		i := slices.IndexFunc(named, func(b Chart) bool { return b.Flow == c.Flow })
		if i < 0 {
			continue
		}
		for k := range c.Nodes {
			n := &c.Nodes[k]
			at := slices.IndexFunc(named[i].Nodes, func(b ChartNode) bool { return b.Key == n.Key })
			switch {
			case at < 0:
				n.Changed = "added"
			case !slices.Equal(n.lines, named[i].Nodes[at].lines) || before.Flow(c.Flow).titleOf(n.Key) != n.Title:
				n.Changed = "changed"
			}
		}
	}
	return after
}

// calledAs is a copy of the process whose stages are called as those of another edition with the same keys.
func (p *Process) calledAs(other *Process) *Process {
	out, _ := ReadProcess(File{Path: p.Path, Data: p.Source})
	if out == nil {
		return p // it was read before
	}
	for _, f := range out.Flows {
		if g := other.Flow(f.Key); g != nil {
			for _, s := range f.Stages {
				s.Title = g.callOf(s)
			}
		}
	}
	return out
}

// callOf is what the flow calls a stage of another edition; its own title, where there is none such.
func (f *Flow) callOf(s *Stage) string {
	if own := f.Stage(s.Key); own != nil {
		return own.Title
	}
	return s.Title
}

// GuardText is what must hold before an action, in words, by the word of the file.
func GuardText(word string) string { return guardWords[word] }

// Text is what an effect brings about, with what it rests on.
func (e *Effect) Text() string { return effectWords[e.Name] + e.source() }
