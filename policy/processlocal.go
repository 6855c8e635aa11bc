package policy

import (
	"slices"
)

// A local process (from: the upper one's id) handles the same thing with stages of its own beside the upper one's, but may move the time
// limits of the upper one only where that says tighten:, and only that way. A limit that a law sets (cite:) and nothing lets be moved must
// be kept as it is; a promise (basis: alone) binds nobody below.

var processTightens = []string{"shorter", "longer"}

// checkLocal holds the process to the one it says it is a local form of.
func (r *processReader) checkLocal(from node) {
	up := r.lib.byProcess[from.text()]
	switch {
	case up == nil:
		r.errorAt(from, "没有名为“%s”的办理流程%s", clip(from.text()), suggest(from.text(), sortedKeys(r.lib.byProcess)))
		return
	case up == r.p:
		r.errorAt(from, "from: 写的是它自己。")
		return
	}
	for _, f := range up.Flows {
		own := r.p.Flow(f.Key)
		if own == nil {
			own = &Flow{Key: f.Key}
		}
		for _, s := range f.Stages {
			for _, t := range s.Tasks {
				r.holdTask(from, up, own, s, t)
			}
		}
		r.holdActions(from, up, f, f.Always, own.Always)
		r.holdMore(up, f, own)
	}
	r.holdChecklists(from, up)
}

// holdTask compares the limits of one task of the upper process with those of the local one's task of that name.
func (r *processReader) holdTask(from node, up *Process, own *Flow, s *Stage, t *TaskRule) {
	var mine *TaskRule
	if stage := own.Stage(s.Key); stage != nil {
		for _, x := range stage.Tasks {
			if x.Key == t.Key {
				mine = x
			}
		}
	}
	if binds(t.Within) {
		if mine == nil {
			r.errorAt(from, "上级流程“%s”的“%s”有规定的期限，这里没有这个阶段。", up.ID, t.Key)
			return
		}
		r.hold(r.at[mine], up, t.Key, t.Within, mine.Within)
	}
	var actions []*Action
	if mine != nil {
		actions = mine.Actions
	}
	r.holdActions(from, up, up.Flow(own.Key), t.Actions, actions)
}

// holdActions compares what the actions of the upper process say of time with what the local ones of their names do.
func (r *processReader) holdActions(from node, up *Process, f *Flow, theirs, mine []*Action) {
	for _, was := range theirs {
		i := slices.IndexFunc(mine, func(a *Action) bool { return a.Key == was.Key })
		if i < 0 {
			if binds(was.Period) || binds(was.Within) || was.Since != "" && r.bindsAt(f, was.To) {
				r.errorAt(from, "上级流程“%s”的“%s”有规定的期限，这里没有这个动作。", up.ID, was.Key)
			}
			continue
		}
		now := mine[i]
		at := r.at[now]
		if binds(was.Period) {
			r.hold(at, up, was.Key, was.Period, now.Period)
		}
		if binds(was.Within) {
			r.hold(at, up, was.Key, was.Within, now.Within)
		}
		if was.Since != "" && was.Since != now.Since && r.bindsAt(f, was.To) {
			r.errorAt(at, "上级流程“%s”的“%s”使时限从到“%s”起算（since:），这里没有照写，就变长了。", up.ID, was.Key, was.Since)
		}
		if x := was.Extends; x != nil && now.Extends != nil && binds(x.Within) {
			r.hold(at, up, was.Key, x.Within, now.Extends.Within)
		}
	}
}

// holdMore refuses what would make a limit of the upper process longer that the upper one does not have at all: an extension.
func (r *processReader) holdMore(up *Process, f, own *Flow) {
	for _, a := range own.Always {
		x := a.Extends
		if x == nil {
			continue
		}
		for _, at := range a.At {
			s := f.Stage(at)
			if s == nil {
				continue
			}
			for _, t := range s.Tasks {
				if t.Key != x.Task || !binds(t.Within) || t.Within.Tighten == "longer" {
					continue
				}
				times := 0
				for _, other := range f.Always {
					if y := other.Extends; y != nil && y.Task == x.Task && slices.Contains(other.At, at) && other.Key == a.Key {
						times = y.Times
					}
				}
				if times == 0 {
					r.errorAt(r.at[a], "上级流程“%s”的“%s”没有叫“%s”的延长，这里多延就变长了。", up.ID, t.Key, a.Key)
				} else if x.Times > times {
					r.errorAt(r.at[a], "上级流程“%s”的“%s”最多延长%d次，这里是%d次。", up.ID, a.Key, times, x.Times)
				}
			}
		}
	}
}

// bindsAt says whether some limit of a stage of the upper process holds below.
func (r *processReader) bindsAt(f *Flow, stage string) bool {
	s := f.Stage(stage)
	return s != nil && slices.ContainsFunc(s.Tasks, func(t *TaskRule) bool { return binds(t.Within) })
}

// binds says whether a limit holds below: a law sets it, or it says how it may be moved.
func binds(w *Within) bool { return w != nil && (w.Cite != "" || w.Tighten != "") }

func (r *processReader) hold(n node, up *Process, key string, was, now *Within) {
	if now == nil {
		r.errorAt(n, "上级流程“%s”的“%s”期限是%s，这里没有写。", up.ID, key, was.Text())
		return
	}
	same := was.N == now.N && was.Unit == now.Unit && was.Until == now.Until && was.Before == now.Before
	switch {
	case same:
	case was.Tighten == "":
		r.errorAt(n, "上级流程“%s”的“%s”期限是%s（%s），没有写 tighten 留给下级，不能改成%s。", up.ID, key, was.Text(), was.Source(), now.Text())
	case was.Tighten == "shorter" && !now.surely(was), was.Tighten == "longer" && !was.surely(now):
		r.errorAt(n, "上级流程“%s”的“%s”期限是%s，%s；这里是%s%s。（上级的来历：%s）", up.ID, key, was.Text(),
			map[string]string{"shorter": "只能更短", "longer": "只能更长"}[was.Tighten], now.Text(), map[bool]string{true: "，单位不同、比不出长短"}[was.Unit != now.Unit || was.Dated() != now.Dated()], was.Source())
	}
	if was.DayOff != now.DayOff {
		r.errorAt(n, "上级流程“%s”的“%s”%s，这里要照写 day_off: %s。", up.ID, key, dayOffWords[was.DayOff], was.DayOff)
	}
	if was.Lapse != "" && was.Lapse != now.Lapse {
		r.errorAt(n, "上级流程“%s”的“%s”逾期按“%s”处理（lapse:），这里没有照写。", up.ID, key, was.Lapse)
	}
	for _, p := range now.Pauses {
		if was.Tighten != "longer" && !slices.Contains(was.Pauses, p) {
			r.errorAt(n, "上级流程“%s”的“%s”没有在“%s”停表，这里多停就变长了。", up.ID, key, p)
		}
	}
}
