package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Within is a time limit, with what it rests on. It runs for a time (N units), or until a day (Until), or ends a time before a day (Before).
type Within struct {
	N       int    // 0 where it runs until a day
	Unit    string // 工作日, 日, 小时, 月
	Until   string // a day of each year, 03-31, or one of ProcessDays; empty: it runs for N units
	Before  string // one of ProcessDays, from which N units are counted back
	DayOff  string // where an end that is a day moves when it is a day off, see ProcessDaysOff; empty: as that of any limit does
	Cite    string // the law or document and its article, or where it was read; empty: Basis says so
	Basis   string // when no law sets it: what it is (承诺时限), shown to readers as an assumption
	Tighten string // how a local process may move it: shorter, longer; empty: not at all where a law sets it

	Lapse     string     // the action that the clock takes when it lapses; empty: it only reminds
	Reminders []Reminder // when whoever has to act is reminded, the earliest first
	Pauses    []string   // stages during which the clock of this task stands still, when the case comes back from them
}

// Extension is a time that somebody adds to the running limit of a task.
type Extension struct {
	Task   string
	Within *Within
	Times  int // how often in one run of the limit
}

// ProcessDays are days of a subject that a limit may end at, or be counted back from. The room of the subject knows them.
var ProcessDays = []string{
	"expiry", // the last day on which the certificate that the case is about is valid
}

// ProcessDaysOff are where the last day of a limit moves that falls on a day off, when the limit ends at a day and not after a time. No
// law says: whatever the file chooses is shown as its author's assumption.
var ProcessDaysOff = []string{"earlier", "later", "stay"}

var dayOffWords = map[string]string{"earlier": "遇休息日提前到前一个工作日", "later": "遇休息日顺延到后一个工作日", "stay": "遇休息日也不变"}

var dayWords = map[string]string{"expiry": "证书有效期届满日"}

// DayText is what people call a day of a subject: 证书有效期届满日.
func DayText(word string) string { return dayWords[word] }

// DayOffText says in Chinese where a last day moves that is a day off.
func DayOffText(word string) string { return dayOffWords[word] }

// Dated says whether the limit ends at a day of the calendar or of the subject, and not after a time.
func (w *Within) Dated() bool { return w.Until != "" || w.Before != "" }

// MonthDay is the day of each year until which the limit runs; zeros when it is none.
func (w *Within) MonthDay() (month, day int) {
	if m := monthDayText.FindStringSubmatch(w.Until); m != nil {
		month, _ = strconv.Atoi(m[1])
		day, _ = strconv.Atoi(m[2])
	}
	return month, day
}

var (
	withinText   = regexp.MustCompile(`^(\d{1,6})\s*(?:个)?(\p{Han}+)$`)
	monthDayText = regexp.MustCompile(`^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
)

// within reads a time and what it rests on.
func (r *processReader) within(n node, shape string) *Within {
	w := &Within{N: 1, Unit: ProcessUnits[0], Cite: n.get("cite").text(), Basis: n.get("basis").text()}
	if !n.isMap() {
		r.errorAt(n, "时限应写作 {time: 5工作日, cite: 依据} 或 {time: 5工作日, basis: 承诺时限}。")
		return w
	}
	r.keys(n, shape)
	if w.Cite == "" && w.Basis == "" {
		r.errorAt(n, "请写这个时限的来历：cite:（哪部法规、文件的哪一条），没有规定的写 basis:（例如 承诺时限，非法定）。")
	}
	if t := n.get("tighten"); t.is() {
		w.Tighten = r.known(t, "tighten", processTightens)
	}
	t, until, before := n.get("time"), n.get("until"), n.get("before")
	switch {
	case until.is() && (t.is() || before.is()):
		r.errorAt(until, "until: 写到哪一天为止，不再写 time: 和 before:。")
	case !until.is() && !t.is() && before.is():
		r.errorAt(before, "before: 从哪一天往回数，请写 time:，例如 {before: expiry, time: 60日}。")
	case !until.is() && !t.is():
		r.errorAt(n, "请写 time:，例如 5工作日、30日、24小时或 3月。")
	}
	if t.is() {
		r.time(t, w)
	}
	if before.is() {
		w.Before = r.known(before, "before", ProcessDays)
		if t.is() && w.Unit == "小时" {
			r.errorAt(t, "从一天往回数，应以工作日、日或月计。")
		}
	}
	if until.is() {
		w.N, w.Unit = 0, "日"
		w.Until = r.until(until)
	}
	r.dayOff(n.get("day_off"), w)
	return w
}

// time reads 5工作日.
func (r *processReader) time(t node, w *Within) {
	m := withinText.FindStringSubmatch(t.text())
	if m == nil {
		r.errorAt(t, "时限应写数字和单位，例如 5工作日、30日、24小时或 3月。")
		return
	}
	if !slices.Contains(ProcessUnits, m[2]) {
		r.errorAt(t, "时限的单位没有“%s”，应为 工作日、日（日历日）、小时或月%s", clip(m[2]), suggest(m[2], ProcessUnits))
	} else {
		w.Unit = m[2]
	}
	if w.N, _ = strconv.Atoi(m[1]); w.N < 1 || w.N > maxWithin {
		r.errorAt(t, "时限应在 1 到 %d 之间。", maxWithin)
		w.N = 1
	}
}

// until reads a day of each year, or a word of ProcessDays.
func (r *processReader) until(n node) string {
	text := n.text()
	if slices.Contains(ProcessDays, text) {
		return text
	}
	m := monthDayText.FindStringSubmatch(text)
	if m == nil {
		r.errorAt(n, "until: 应写每年的一天，例如 03-31，或 %s%s。", ProcessDays[0], processWord(ProcessDays[0]))
		return ProcessDays[0]
	}
	month, _ := strconv.Atoi(m[1])
	day, _ := strconv.Atoi(m[2])
	if d := NewDate(2023, month, 1).AddMonths(1).AddDays(-1); day > int(d)%100 {
		r.errorAt(n, "不是每年都有%d月%d日。", month, day)
		return ProcessDays[0]
	}
	return text
}

// dayOff reads where a last day moves that is a day off.
func (r *processReader) dayOff(n node, w *Within) {
	switch {
	case n.is() && !w.Dated():
		r.errorAt(n, "day_off: 只用在到某一天为止（until:）或从某一天往回数（before:）的时限；一般的时限遇休息日按民法典第二百零三条顺延。")
	case n.is() && slices.Contains(ProcessDays, w.Until):
		r.errorAt(n, "到%s为止的，休息日也照样到期，请删去 day_off:。", dayWords[w.Until])
	case n.is():
		w.DayOff = r.known(n, "day_off", ProcessDaysOff)
	case w.Before != "":
		w.DayOff = "earlier"
	case slices.Contains(ProcessDays, w.Until):
		w.DayOff = "stay"
	case w.Until != "":
		w.DayOff = "later"
	}
}

// inTime reads until when an action may be taken.
func (r *processReader) inTime(n node, a *Action) {
	if !n.is() {
		return
	}
	w := r.within(n, "in_time")
	if !w.Dated() {
		r.errorAt(n, "动作里的 within: 说最晚哪一天可以做，应写 {before: expiry, time: 60日} 或 {until: expiry}；办理的时限写在阶段或任务里。")
		return
	}
	if w.Until != "" && !slices.Contains(ProcessDays, w.Until) {
		r.errorAt(n.get("until"), "每年的一天分不清是哪一年，动作里只能写 %s；办理的时限写在阶段或任务里。", strings.Join(ProcessDays, "、"))
		return
	}
	a.Within = w
}

// since reads from when the limits of the stage count to which an action leads.
func (r *processReader) since(n node, a *Action, f *Flow) {
	if !n.is() {
		return
	}
	a.Since = r.stage(n, "since", f.Key)
	switch {
	case a.To == "" && !r.broken[a]:
		r.errorAt(n, "since: 说的是下一个阶段的时限从哪里起算，请写 to:。")
	case a.Since != "" && a.Since == a.To:
		r.errorAt(n, "since: 写的就是要到的阶段，时限本来从到那里起算，请删去。")
	}
	r.sinces = append(r.sinces, sinceAt{a, f, n})
}

// sinceAt is where an action says since:.
type sinceAt struct {
	a  *Action
	f  *Flow
	at node
}

// checkSinces refuses since: where no limit follows that could count from it, or the case has never been at its stage.
func (r *processReader) checkSinces() {
	for _, s := range r.sinces {
		to := s.f.Stage(s.a.To)
		if to == nil || s.a.Since == "" || s.a.Since == s.a.To {
			continue
		}
		counts := slices.ContainsFunc(to.Tasks, func(t *TaskRule) bool { return t.Within != nil && !t.Within.Dated() })
		if !counts {
			r.errorAt(s.at, "“%s”没有按时间计的时限，since: 不起作用，请删去。", to.Key)
			continue
		}
		if !reach([]string{s.a.Since}, r.ways(s.f))[s.a.To] {
			r.errorAt(s.at, "从“%s”走不到“%s”，时限不能从那里起算。", s.a.Since, to.Key)
		}
	}
}

// extends reads the time that an action adds to a running limit.
func (r *processReader) extends(n node, a *Action, f *Flow) {
	if !n.is() {
		return
	}
	if !n.isMap() {
		r.errorAt(n, "extends: 应写作 {task: 任务, time: 10工作日, cite: 依据}。")
		return
	}
	x := &Extension{Times: 1, Task: n.get("task").text(), Within: r.within(n, "extends")}
	a.Extends = x
	if t := n.get("times"); t.is() {
		v, err := strconv.Atoi(t.text())
		if err != nil || v < 1 || v > 10 {
			r.errorAt(t, "times: 应写最多延长几次，1 到 10。")
			v = 1
		}
		x.Times = v
	}
	if a.To != "" {
		r.errorAt(n, "延长时限不转阶段，请删去 to:。")
	}
	need := "letter"
	if f.Key == flowRound {
		need = "reason"
	}
	if !slices.Contains(a.Needs, need) {
		r.errorAt(n, "延长时限要写明理由，请写 needs: %s%s。", need, processWord(need))
	}
}

// extended holds an extension to the task that it names at each stage where it may be taken.
func (r *processReader) extended(n node, a *Action, f *Flow) {
	x := a.Extends
	if x == nil || !n.isMap() {
		return
	}
	for _, at := range a.At {
		s := f.Stage(at)
		if s == nil {
			continue
		}
		var keys []string
		for _, t := range s.Tasks {
			keys = append(keys, t.Key)
		}
		i := slices.Index(keys, x.Task)
		switch {
		case i < 0 && !n.get("task").is():
			r.errorAt(n, "请写 task:，延长哪一项任务的时限。")
			return
		case i < 0:
			r.errorAt(n.get("task"), "task: “%s”里没有叫“%s”的任务%s", at, clip(x.Task), suggest(x.Task, keys))
		case s.Tasks[i].Within == nil || s.Tasks[i].Within.Dated():
			r.errorAt(n.get("task"), "“%s”没有按时间计的时限，不能延长。", x.Task)
		case s.Tasks[i].Within.Unit != x.Within.Unit:
			r.errorAt(n.get("time"), "“%s”的时限以%s计，延长也应以%s计。", x.Task, s.Tasks[i].Within.Unit, s.Tasks[i].Within.Unit)
		}
	}
}

// checkPauses asks for a written notice of an action that makes the clock of a limit stand still which a law sets: unless the applicant
// takes it, or it says once and for all what they have to mend.
func (r *processReader) checkPauses() {
	for _, f := range r.p.Flows {
		if f.Key != flowCase {
			continue
		}
		for _, s := range f.Stages {
			for _, t := range s.Tasks {
				if t.Within == nil || t.Within.Cite == "" {
					continue
				}
				for _, from := range s.Tasks {
					for _, a := range from.Actions {
						r.checkPause(t, a, from.Who)
					}
				}
				for _, a := range f.Always {
					if slices.Contains(a.At, s.Key) {
						r.checkPause(t, a, a.Who)
					}
				}
			}
		}
	}
}

func (r *processReader) checkPause(t *TaskRule, a *Action, who Who) {
	if a.To == "" || !slices.Contains(t.Within.Pauses, a.To) || who.Role == "applicant" || slices.Contains(a.Needs, "letter") || slices.Contains(a.Needs, "items") {
		return
	}
	r.errorAt(r.at[a], "“%s”转到“%s”，法定的时限就停止计时，须书面告知申请人：请写 needs: letter。", a.Key, a.To)
}

// Text is the time as a reader expects it: 5个工作日, 30日, 24小时, 3个月, 3月31日前, 证书有效期届满日的60日前.
func (w *Within) Text() string {
	unit := w.Unit
	if unit == "工作日" || unit == "月" {
		unit = "个" + unit
	}
	month, day := w.MonthDay()
	switch {
	case month > 0:
		return fmt.Sprintf("每年%d月%d日前", month, day)
	case w.Until != "":
		return dayWords[w.Until] + "前"
	case w.Before != "":
		return fmt.Sprintf("%s的%d%s前", dayWords[w.Before], w.N, unit)
	}
	return fmt.Sprintf("%d%s", w.N, unit)
}

// Source is what the time rests on.
func (w *Within) Source() string {
	switch {
	case w.Cite == "":
		return w.Basis
	case w.Basis == "":
		return "依据：" + w.Cite
	}
	return "依据：" + w.Cite + "；" + w.Basis
}

// assumes says what of the limit no law says; empty: nothing.
func (w *Within) assumes() string {
	if w.DayOff == "" || slices.Contains(ProcessDays, w.Until) {
		return ""
	}
	return dayOffWords[w.DayOff] + "（没有规定，是编写人的假设）"
}

// surely says whether a limit is at most as long as another, wherever the holidays fall.
func (w *Within) surely(other *Within) bool {
	switch {
	case w.Before != other.Before || (w.Until == "") != (other.Until == ""):
		return false
	case w.Until != "":
		month, _ := w.MonthDay()
		than, _ := other.MonthDay()
		return w.Until == other.Until || month > 0 && than > 0 && w.Until <= other.Until
	case w.Unit == other.Unit:
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
