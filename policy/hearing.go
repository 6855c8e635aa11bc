package policy

import "slices"

// Hearing is what makes a hearing (听证) of a visit by a checklist: the office sets the day and tells it in writing so long before, whoever acted at one
// of the stages does not hold it, and what its officers sign is the record, which the party reads and says of whether it is right.
type Hearing struct {
	Notice *Within  // how long before the day the party is told; neither the day it is told nor the day of the hearing counts
	Apart  []string // stages: whoever acted there does not hold it
}

func (r *processReader) hearing(n node, c *Checklist) {
	if !n.is() {
		return
	}
	if !n.isMap() {
		r.errorAt(n, "hearing: 应写 {notice: {time: 多久以前告知, cite: 依据}}。")
		return
	}
	r.keys(n, "hearing")
	c.Hearing = &Hearing{Apart: []string{}}
	notice := n.get("notice")
	if !notice.is() {
		r.errorAt(n, "请写 notice:，多久以前把听证的时间、地点告知申请人，例如 {time: 7工作日, cite: 依据}。")
		c.Hearing.Notice = &Within{N: 1, Unit: ProcessUnits[0]}
	} else if c.Hearing.Notice = r.within(notice, "period_of_notice"); c.Hearing.Notice.Unit == "小时" {
		r.errorAt(notice.get("time"), "听证以前多久告知，应以工作日、日或月计。")
	}
	for _, item := range n.get("apart").oneOrMore() {
		if stage := r.stage(item, "apart", flowCase); stage != "" {
			c.Hearing.Apart = append(c.Hearing.Apart, stage)
			r.whole = append(r.whole, func() { r.acted(item, r.p.Flow(flowCase)) })
		}
	}
}

// Hearings are the keys of the checklists by which some action of the process plans a hearing; Visits are those of visits on the spot.
func (p *Process) Hearings() []string {
	return slices.DeleteFunc(p.planned(), func(key string) bool { c := p.Checklist(key); return c == nil || c.Hearing == nil })
}

// holdChecklists holds a local process to what a law asks of the upper one's visits and hearings: as many officers, as long a notice, and nobody who
// may not hold it.
func (r *processReader) holdChecklists(from node, up *Process) {
	for _, theirs := range up.Checklists {
		mine := r.p.Checklist(theirs.Key)
		switch {
		case theirs.Cite == "" || theirs.Hearing == nil && (mine == nil || mine.Hearing != nil):
			continue // a visit is made where it is needed
		case theirs.Hearing != nil && (mine == nil || mine.Hearing == nil):
			r.errorAt(from, "上级流程“%s”的“%s”是听证（%s），这里没有这个清单，或没有写 hearing:。", up.ID, theirs.Key, theirs.Source())
			continue
		case mine.Officers < theirs.Officers:
			r.errorAt(r.at[mine], "上级流程“%s”的“%s”至少%d名工作人员（%s），这里只写了%d名。", up.ID, theirs.Key, theirs.Officers, theirs.Source(), mine.Officers)
		}
		if theirs.Hearing == nil {
			continue
		}
		r.hold(r.at[mine], up, theirs.Key, theirs.Hearing.Notice, mine.Hearing.Notice)
		for _, stage := range theirs.Hearing.Apart {
			if !slices.Contains(mine.Hearing.Apart, stage) {
				r.errorAt(r.at[mine], "上级流程“%s”的“%s”不由办过“%s”的人主持，这里也应写 apart: %s。", up.ID, theirs.Key, stage, stage)
			}
		}
	}
}
