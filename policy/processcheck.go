package policy

import "slices"

// checkProcess looks at each flow as a graph, once both are read.
func (r *processReader) checkProcess() {
	for _, m := range r.moves {
		f := r.p.Flow(flowCase)
		if f == nil {
			continue
		}
		if s := f.Stage(m.from); s != nil && (len(s.Tasks) > 0 || s.Ends != "" || s.Waits != "" && m.verb == sample || len(s.AtOnce) > 0) {
			why := "还有人在办理"
			switch {
			case s.Ends != "":
				why = "已经结束"
			case len(s.AtOnce) > 0:
				why = "由系统当即办理，没有申报停在那里"
			case s.Waits != "":
				why = "在等" + waitWords[s.Waits]
			}
			r.errorAt(m.at, "%s 只能从等待的阶段转走，“%s”%s。", m.verb, m.from, why)
			r.unsure = true
		}
	}
	if round, cases := r.p.Flow(flowRound), r.p.Flow(flowCase); round != nil && cases != nil {
		for _, a := range round.Actions() {
			for _, e := range a.Do {
				if s := cases.Stage(e.Args["from"]); e.Name == recommend && s != nil && (len(s.Tasks) > 0 || s.Ends != "" || s.Waits != "" || len(s.AtOnce) > 0) {
					r.errorAt(r.at[a], "recommend 只推荐停在等待阶段的申报，“%s”不是等待整批的阶段。", s.Key)
				}
				if e.Name == conclude {
					r.upperDecides(cases, e.Args["from"])
				}
				if s := cases.Stage(e.Args["from"]); e.Name == "draw" && s != nil && (len(s.Tasks) > 0 || s.Ends != "" || s.Waits != "" || len(s.AtOnce) > 0) {
					r.errorAt(r.at[a], "draw 只为停在等待阶段的申报抽取专家，“%s”不是等待整批的阶段。", s.Key)
				}
			}
		}
	}
	r.checkCall()
	for _, f := range r.p.Flows {
		r.checkJoint(f)
		if len(f.Stages) > 0 {
			r.checkGraph(f)
		}
	}
	r.checkAdverse()
	r.checkVisits()
	r.checkMarks()
	r.checkSinces()
	r.checkPauses()
}

// checkCall checks that cases which an office calls for are called, and that what is called for is no money: nobody is called to take some.
func (r *processReader) checkCall() {
	round := r.p.Flow(flowRound)
	if round == nil {
		return
	}
	calls, refers := false, (*Action)(nil)
	for _, a := range round.Actions() {
		if a.Does(refer) {
			refers = a
		}
		if !a.Does(call) {
			continue
		}
		calls = true
		switch {
		case r.p.Starts != "" && r.p.Starts != "office":
			r.errorAt(r.at[a], "call 由责任部门召集，请写 starts: office。")
		case r.p.Decides():
			r.errorAt(r.at[a], "call 召集的是应当办理的事，不决定资金；由系统提名资金的请写 propose。")
		}
	}
	if refers != nil && !calls {
		r.errorAt(r.at[refers], "refer 移送召集了却逾期没有提交的；这个流程不召集，请删去 refer。")
	}
	if r.p.Starts == "office" && r.p.About == "" && !calls {
		r.errorAt(r.at[round], "成批召集的流程，请在 round: 的一个动作里写 do: call。")
	}
}

// upperDecides refuses whatever would let somebody here end a case at the stage at which it waits for the upper body.
func (r *processReader) upperDecides(cases *Flow, stage string) {
	const says = "“%s”等上级公布结果，不能由本级的人办结：请去掉到“%s”的这一条，只由 conclude 办结。"
	ends := func(to string) bool { s := cases.Stage(to); return s != nil && s.Ends != "" }
	for _, m := range r.moves {
		if m.verb != conclude && m.from == stage && ends(m.to) {
			r.errorAt(m.at, says, stage, m.to)
		}
	}
	for _, a := range cases.Always {
		if slices.Contains(a.At, stage) && a.Who.Role != "applicant" && ends(a.To) {
			r.errorAt(r.at[a], says, stage, a.To)
		}
	}
}

// checkAdverse refuses an action that ends a case against its applicant with a document that does not say what they may do about it.
func (r *processReader) checkAdverse() {
	f := r.p.Flow(flowCase)
	if f == nil || r.alone {
		return
	}
	for _, a := range f.Actions() {
		s, t := f.Stage(a.To), r.lib.byTemplate[a.Document]
		if s != nil && s.Ends == "refused" && t != nil && !t.Adverse {
			r.errorAt(r.at[a], "“%s”对申请人不利，文书“%s”没有写 adverse: 是：不利的决定要告知怎样申请行政复议、提起行政诉讼。", a.Key, clip(t.ID))
		}
	}
}

// ways are the stages that an instance may go to next, by stage.
func (r *processReader) ways(f *Flow) map[string][]string {
	out := map[string][]string{}
	add := func(from, to string) {
		if to != "" {
			out[from] = append(out[from], to)
		}
	}
	for _, s := range f.Stages {
		add(s.Key, s.Then)
		if s.Joint != nil {
			add(s.Key, s.Joint.Divided)
			add(s.Key, s.Joint.Opposed)
		}
		for _, a := range s.AtOnce {
			add(s.Key, a.To)
		}
		for _, t := range s.Tasks {
			for _, a := range t.Actions {
				add(s.Key, a.To)
			}
		}
	}
	for _, a := range f.Always {
		for _, at := range a.At {
			add(at, a.To)
		}
	}
	if f.Key == flowCase {
		for _, m := range r.moves {
			add(m.from, m.to)
		}
	}
	return out
}

// reach is every stage that can be reached from some by the ways.
func reach(from []string, ways map[string][]string) map[string]bool {
	seen := map[string]bool{}
	for len(from) > 0 {
		at := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		from = append(from, ways[at]...)
	}
	return seen
}

// checkAtOnce refuses a way on which the system would never come to rest.
func (r *processReader) checkAtOnce(f *Flow) {
	ways := map[string][]string{}
	for _, s := range f.Stages {
		for _, a := range s.AtOnce {
			if to := f.Stage(a.To); to != nil && len(to.AtOnce) > 0 {
				ways[s.Key] = append(ways[s.Key], a.To)
			}
		}
	}
	for _, s := range f.Stages {
		if reach(ways[s.Key], ways)[s.Key] {
			r.errorAt(r.at[s], "系统从“%s”当即办理会回到“%s”，永远停不下来：请检查 at_once: 里的 to:。", s.Key, s.Key)
			return
		}
	}
}

func (r *processReader) checkGraph(f *Flow) {
	r.checkAtOnce(f)
	ways := r.ways(f)
	back := map[string][]string{}
	for from, list := range ways {
		for _, to := range list {
			back[to] = append(back[to], from)
		}
	}
	reached := reach([]string{f.Start}, ways)
	var ends, told []string
	unsure := r.unsure && f.Key == flowCase
	for _, s := range f.Stages {
		if !reached[s.Key] && !unsure {
			r.errorAt(r.at[s], "没有动作能到“%s”这个阶段：请在别的阶段写 to: %s，或删去这个阶段。", s.Key, s.Key)
		}
		switch {
		case s.Ends != "":
			ends = append(ends, s.Key)
		case len(s.AtOnce) > 0:
			if r.leadsNowhere(s) {
				told = append(told, s.Key)
			}
		case len(s.Tasks) == 0 && f.Key == flowRound:
			r.errorAt(r.at[s], "“%s”没有人办理：请写 who: 和 actions:；最后的阶段写 ends:。", s.Key)
			told = append(told, s.Key)
		case len(s.Tasks) == 0 && unsure:
			told = append(told, s.Key)
		case len(s.Tasks) == 0 && !r.moved(s):
			r.errorAt(r.at[s], "申报停在“%s”以后没有人能让它继续：请写 who: 和 actions:；由整批推进的，在 round: 的动作里写 do: {move_cases: {from: %s, to: 下一个阶段}}；等款项到账的，写 waits: paid 和 then:；最后的阶段写 ends:。", s.Key, s.Key)
			told = append(told, s.Key)
		case r.leadsNowhere(s):
			told = append(told, s.Key)
		}
	}
	if len(ends) == 0 {
		r.errorAt(r.at[f], "这个流程没有结束：请至少写一个有 ends: 的阶段，例如 ends: done（办结）。")
		return
	}
	out := reach(append(ends, told...), back)
	for _, s := range f.Stages {
		if !out[s.Key] {
			r.errorAt(r.at[s], "从“%s”走不到任何一个结束的阶段：请检查动作的 to:。", s.Key)
		}
	}
}

// moved says whether something takes a case on from a stage at which nobody has work.
func (r *processReader) moved(s *Stage) bool {
	for _, m := range r.moves {
		if m.from == s.Key {
			return true
		}
	}
	return s.Waits != ""
}

// leadsNowhere says whether an action of a stage names one that nobody could have meant, which is reported already.
func (r *processReader) leadsNowhere(s *Stage) bool {
	for _, a := range s.AtOnce {
		if r.broken[a] {
			return true
		}
	}
	for _, t := range s.Tasks {
		for _, a := range t.Actions {
			if r.broken[a] {
				return true
			}
		}
	}
	return false
}

// checkVisits refuses a checklist that nobody visits by, and a condition that no visit can meet.
func (r *processReader) checkVisits() {
	planned := r.p.planned()
	for _, c := range r.p.Checklists {
		if !slices.Contains(planned, c.Key) {
			r.errorAt(r.at[c], "没有动作按“%s”核查：请在动作里写 needs: visit 和 do: {visit: {checklist: %s}}，或删去这个清单。", c.Key, c.Key)
		}
	}
}
