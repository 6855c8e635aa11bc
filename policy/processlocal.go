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
		for _, s := range f.Stages {
			for _, t := range s.Tasks {
				r.holdTask(from, up, own, s, t)
			}
		}
		for _, a := range f.Always {
			if binds(a.Period) {
				i := -1
				if own != nil {
					i = slices.IndexFunc(own.Always, func(b *Action) bool { return b.Key == a.Key })
				}
				if i < 0 {
					r.errorAt(from, "上级流程“%s”的“%s”有规定的期限，这里没有这个动作。", up.ID, a.Key)
				} else {
					r.hold(r.at[own.Always[i]], up, a.Key, a.Period, own.Always[i].Period)
				}
			}
		}
	}
}

// holdTask compares the limits of one task of the upper process with those of the local one's task of that name.
func (r *processReader) holdTask(from node, up *Process, own *Flow, s *Stage, t *TaskRule) {
	var mine *TaskRule
	if own != nil && own.Stage(s.Key) != nil {
		for _, x := range own.Stage(s.Key).Tasks {
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
	for _, a := range t.Actions {
		if !binds(a.Period) {
			continue
		}
		i := -1
		if mine != nil {
			i = slices.IndexFunc(mine.Actions, func(b *Action) bool { return b.Key == a.Key })
		}
		if i < 0 {
			r.errorAt(from, "上级流程“%s”的“%s”有规定的期限，这里没有这个动作。", up.ID, a.Key)
			continue
		}
		r.hold(r.at[mine.Actions[i]], up, a.Key, a.Period, mine.Actions[i].Period)
	}
}

// binds says whether a limit holds below: a law sets it, or it says how it may be moved.
func binds(w *Within) bool { return w != nil && (w.Cite != "" || w.Tighten != "") }

func (r *processReader) hold(n node, up *Process, key string, was, now *Within) {
	if now == nil {
		r.errorAt(n, "上级流程“%s”的“%s”期限是%s，这里没有写。", up.ID, key, was.Text())
		return
	}
	same := was.N == now.N && was.Unit == now.Unit
	switch {
	case same:
	case was.Tighten == "":
		r.errorAt(n, "上级流程“%s”的“%s”期限是%s（%s），没有写 tighten 留给下级，不能改成%s。", up.ID, key, was.Text(), was.Source(), now.Text())
	case was.Tighten == "shorter" && !now.surely(was), was.Tighten == "longer" && !was.surely(now):
		r.errorAt(n, "上级流程“%s”的“%s”期限是%s，%s；这里是%s%s。", up.ID, key, was.Text(),
			map[string]string{"shorter": "只能更短", "longer": "只能更长"}[was.Tighten], now.Text(), map[bool]string{true: "，单位不同、比不出长短"}[was.Unit != now.Unit])
	}
	for _, p := range now.Pauses {
		if was.Tighten != "longer" && !slices.Contains(was.Pauses, p) {
			r.errorAt(n, "上级流程“%s”的“%s”没有在“%s”停表，这里多停就变长了。", up.ID, key, p)
		}
	}
}

// surely says whether a limit is at most as long as another, wherever the holidays fall.
func (w *Within) surely(other *Within) bool {
	if w.Unit == other.Unit {
		return w.N <= other.N
	}
	_, most := w.hours()
	least, _ := other.hours()
	return most > 0 && most <= least
}

// hours are the least and the most hours that a limit may run; the most is 0 where holidays leave it open.
func (w *Within) hours() (least, most int) {
	switch w.Unit {
	case "小时":
		return w.N, w.N
	case "月":
		return w.N * 28 * 24, w.N * 31 * 24
	case "日":
		return w.N * 24, w.N * 24
	}
	return w.N * 24, 0 // working days
}
