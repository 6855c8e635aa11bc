package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Reason is a sentence of why a limit stands where it does.
type Reason struct {
	Kind string `json:"kind" enum:"begin,length,extension,pause,off,worked,end,lapse,assumption,unknown" doc:"what of the limit it speaks of"`
	Text string `json:"text"`
	Note string `json:"note,omitempty" doc:"what was written of it: the law that sets it, the notice of a pause, the reason of an extension"`
}

// run is one run of the limit of a task, as the history of its instance tells it: since when, and what has happened to it.
type run struct {
	rule    *policy.TaskRule
	subject Subject
	started time.Time // when the instance began
	began   time.Time
	event   string // what it began with
	stops   []stop
	longer  []longer
}

// stop is while the clock stood still. to is zero while it does.
type stop struct {
	from, to time.Time
	title    string // of the stage
	letter   string // the notice to the applicant
}

// longer is an extension.
type longer struct {
	at     time.Time
	title  string // of the action
	by     *policy.Within
	reason string
}

// visit is a stage that an instance has come to, by which step.
type visit struct {
	stage string
	at    time.Time
	step  *stepRow
	n     int // of the step
}

func visitsOf(steps []stepRow) (out []visit, err error) {
	for i := range steps {
		if s := &steps[i]; s.ToStage != "" {
			at, err := store.ParseStamp(s.At)
			if err != nil {
				return nil, err
			}
			out = append(out, visit{s.ToStage, at, s, i})
		}
	}
	return out, nil
}

// taken is the action that a step took, or nil.
func taken(f *policy.Flow, s *stepRow) *policy.Action {
	if s.Action == "" {
		return nil
	}
	if stage := f.Stage(s.FromStage); stage != nil {
		for _, t := range stage.Tasks {
			if a := actionOf(t, s.Action); a != nil {
				return a
			}
		}
	}
	for _, a := range f.Always {
		if a.Key == s.Action && slices.Contains(a.At, s.FromStage) {
			return a
		}
	}
	return nil
}

// writes says whether the reason of an action is a letter to the applicant.
func writes(a *policy.Action) bool { return a != nil && slices.Contains(a.Needs, "letter") }

// runOf is the run of a task's limit that goes on at a stage, or that stands still there, after all steps of its instance. It goes back to
// an earlier visit of the task's stage as long as only stages that pause it lie between. nil: the limit neither runs nor stands still.
func runOf(f *policy.Flow, row *instanceRow, stage string, rule *policy.TaskRule, steps []stepRow) (*run, error) {
	visits, err := visitsOf(steps)
	if err != nil || rule.Within == nil || len(visits) == 0 {
		return nil, err
	}
	r := &run{rule: rule, subject: row.about()}
	if r.started, err = store.ParseStamp(row.StartedAt); err != nil {
		return nil, err
	}
	pauses := func(i int) bool { return i >= 0 && slices.Contains(rule.Within.Pauses, visits[i].stage) }
	// last is the visit of the stage before one, if nothing but pauses lies between.
	last := func(i int) int {
		k := i - 1
		for pauses(k) {
			k--
		}
		if k < 0 || k == i-1 || visits[k].stage != stage {
			return -1
		}
		return k
	}
	at := len(visits) - 1
	if visits[at].stage != stage {
		if at = last(len(visits)); at < 0 {
			return nil, nil
		}
		r.stops = append(r.stops, stopOf(f, visits, at+1, len(visits)))
	}
	for k := last(at); k >= 0; k = last(at) {
		r.stops = append(r.stops, stopOf(f, visits, k+1, at))
		at = k
	}
	slices.Reverse(r.stops)
	first := visits[at]
	r.began, r.event = first.at, "到“"+titleOf(f, stage)+"”"
	if a := taken(f, first.step); a != nil && a.Since != "" {
		for k := at - 1; k >= 0; k-- {
			if visits[k].stage != a.Since {
				continue
			}
			r.began, r.event = visits[k].at, "到“"+titleOf(f, a.Since)+"”（“"+a.Title+"”，不从"+clock.DayOf(first.at).String()+"算）"
			var before []stop
			for i := k + 1; i < at; i++ {
				if pauses(i) {
					before = append(before, stopOf(f, visits, i, i+1))
				}
			}
			r.stops = append(before, r.stops...)
			break
		}
	}
	for i := first.n + 1; i < len(steps); i++ {
		s := &steps[i]
		a := taken(f, s)
		if a == nil || a.Extends == nil || a.Extends.Task != rule.Key || s.FromStage != stage {
			continue
		}
		t, err := store.ParseStamp(s.At)
		if err != nil {
			return nil, err
		}
		r.longer = append(r.longer, longer{t, a.Title, a.Extends.Within, s.Reason})
	}
	return r, nil
}

// stopOf is the pause from one visit to another; to is after the last while it lasts.
func stopOf(f *policy.Flow, visits []visit, from, to int) stop {
	s := stop{from: visits[from].at, title: titleOf(f, visits[from].stage)}
	if a := taken(f, visits[from].step); writes(a) {
		s.letter = visits[from].step.Reason
	}
	if to < len(visits) {
		s.to = visits[to].at
	}
	return s
}

// still says whether the clock stands still now.
func (r *run) still() bool { return len(r.stops) > 0 && r.stops[len(r.stops)-1].to.IsZero() }

// total is how many units the limit has with its extensions.
func (r *run) total() int {
	n := r.rule.Within.N
	for _, x := range r.longer {
		n += x.by.N
	}
	return n
}

// left is what is left of a limit whose clock stands still.
type left struct {
	n    int
	unit string
}

// reckon works out where a run of a limit ends, and why: the one place where both are. A year whose days off are not published, and a day
// of the subject that is not known, leave it unknown, with the reason.
func (e *Engine) reckon(ctx context.Context, r *run) (c clockRow, why []Reason, rest left, err error) {
	w := r.rule.Within
	c = clockRow{Begins: clock.DayOf(r.began).String(), N: int64(r.total()), Unit: w.Unit, DueAt: never}
	say := func(kind, text, note string) { why = append(why, Reason{kind, text, note}) }
	if w.Unit == hour {
		c.Begins = store.Stamp(r.began)
		end := r.began.Add(time.Duration(c.N) * time.Hour)
		for _, s := range r.stops {
			if s.to.IsZero() {
				rest = left{max(0, int(end.Sub(s.from)/time.Hour)), hour}
			} else {
				// What was used up before it stood still ends when it goes on.
				end = later(end.Add(s.to.Sub(s.from)), s.to)
			}
		}
		if !r.still() {
			c.Due, c.DueAt = clock.Shown(store.Stamp(end)), store.Stamp(end)
		}
		say("begin", clock.Shown(c.Begins)+r.event+"起算，昼夜连续计算", "")
		r.sayTime(say)
	} else {
		limit, unknown, err := e.limitOf(ctx, r)
		if err != nil {
			return c, nil, rest, err
		}
		r.sayBegin(say, limit)
		r.sayTime(say)
		var got calendar.Reckoning
		if unknown == "" {
			got, err = e.count(ctx, limit)
			var unpublished *calendar.Unpublished
			if errors.As(err, &unpublished) {
				unknown = fault.Public(err).Message
			} else if err != nil {
				return c, nil, rest, err
			}
		}
		if w.Dated() {
			c.Begins, c.N, c.Unit = limit.Day.String(), int64(limit.N), calendar.Day
		}
		switch {
		case unknown != "":
			c.Unknown = unknown
			say("unknown", "最后一天还算不出来："+unknown, "")
		case r.still():
			rest = left{got.Left, got.Unit}
			sayDays(say, got)
		default:
			c.Due, c.DueAt, c.RemindAt = got.Due.String(), endOf(got.Due), nextReminder(w, got.Due, clock.Now(ctx))
			sayDays(say, got)
			sayEnd(say, got, w)
		}
	}
	if text := policy.DayOffText(w.DayOff); text != "" && !slices.Contains(policy.ProcessDays, w.Until) {
		say("assumption", text+"：没有规定，是编写流程的人的假设", "")
	}
	say("lapse", r.lapse(), "")
	return c, why, rest, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// limitOf is the run as the calendar counts it; unknown says why it cannot.
func (e *Engine) limitOf(ctx context.Context, r *run) (l calendar.Limit, unknown string, err error) {
	w := r.rule.Within
	if w.Dated() {
		return e.dated(ctx, r.subject, w, clock.DayOf(r.started))
	}
	l = calendar.Limit{From: clock.DayOf(r.began), N: r.total(), Unit: w.Unit}
	for _, s := range r.stops {
		p := calendar.Pause{From: clock.DayOf(s.from)}
		if !s.to.IsZero() {
			p.To = clock.DayOf(s.to)
		}
		l.Pauses = append(l.Pauses, p)
	}
	return l, "", nil
}

// count is where a limit ends by the calendar of this moment.
func (e *Engine) count(ctx context.Context, l calendar.Limit) (calendar.Reckoning, error) {
	c, err := e.world.Calendar(ctx)
	if err != nil {
		return calendar.Reckoning{}, err
	}
	return c.Reckon(l)
}

// dated is a limit that ends at a day of the calendar, the first that comes after a case began, or of the subject.
func (e *Engine) dated(ctx context.Context, s Subject, w *policy.Within, began policy.Date) (l calendar.Limit, unknown string, err error) {
	l = calendar.Limit{N: w.N, Unit: w.Unit, DayOff: w.DayOff}
	if month, day := w.MonthDay(); month > 0 {
		if l.Day = policy.NewDate(began.Year(), month, day); l.Day < began {
			l.Day = policy.NewDate(began.Year()+1, month, day)
		}
		return l, "", nil
	}
	word := w.Until
	if w.Before != "" {
		word = w.Before
	}
	day, known, err := e.world.Day(ctx, s, word)
	if err == nil && !known {
		unknown = policy.DayText(word) + "还不知道"
	}
	l.Day = day
	return l, unknown, err
}

// Ahead is a limit that nobody has come under yet, as people read it: day is that of the subject from which it counts (its expiry), or the one
// on which what it limits would begin. nominal is its last day before days off move it, which is known even where that is not. Nil: the limit
// does not end at a day.
func (e *Engine) Ahead(ctx context.Context, w *policy.Within, day policy.Date) (out *Limit, nominal policy.Date, err error) {
	if w == nil || !w.Dated() {
		return nil, 0, nil
	}
	l := calendar.Limit{N: w.N, Unit: w.Unit, DayOff: w.DayOff, Day: day}
	if month, _ := w.MonthDay(); month > 0 {
		if l, _, err = e.dated(ctx, Subject{}, w, day); err != nil {
			return nil, 0, err
		}
	}
	c, err := e.world.Calendar(ctx)
	if err != nil {
		return nil, 0, err
	}
	t, rule := taskRow{}, policy.TaskRule{Within: w}
	t.Unit = calendar.Day
	got, err := c.Reckon(l)
	var unpublished *calendar.Unpublished
	switch {
	case errors.As(err, &unpublished):
		t.Unknown = fault.Public(err).Message
		got.Nominal = l.Nominal()
	case err != nil:
		return nil, 0, err
	default:
		t.Due, t.DueAt = got.Due.String(), endOf(got.Due)
	}
	return e.shown(ctx, &t, &rule), got.Nominal, nil
}

func (r *run) sayBegin(say func(kind, text, note string), l calendar.Limit) {
	w := r.rule.Within
	switch {
	case !w.Dated():
		say("begin", clock.DayOf(r.began).String()+r.event+"起算，当日不计", "")
	case l.Day.IsZero():
	case w.Before != "":
		say("begin", policy.DayText(w.Before)+l.Day.String()+"，往回数"+strings.TrimSuffix(strings.TrimPrefix(w.Text(), policy.DayText(w.Before)+"的"), "前"), "")
	default:
		say("begin", "到"+l.Day.String()+"为止（"+strings.TrimSuffix(w.Text(), "前")+"）", "")
	}
}

// sayTime says how long the limit is, after what, what it was extended by, and when it stood still.
func (r *run) sayTime(say func(kind, text, note string)) {
	w := r.rule.Within
	source := w.Source()
	if w.Cite == "" {
		source = "没有规定：" + source
	}
	say("length", w.Text(), source)
	for _, x := range r.longer {
		say("extension", clock.DayOf(x.at).String()+"“"+x.title+"”，延长"+x.by.Text()+"（"+x.by.Source()+"）", x.reason)
	}
	if len(r.longer) > 0 {
		whole := *w
		whole.N = r.total()
		say("length", "连同延长共"+whole.Text(), "")
	}
	shown := func(t time.Time) string {
		if w.Unit == hour {
			return clock.Shown(store.Stamp(t))
		}
		return clock.DayOf(t).String()
	}
	for _, s := range r.stops {
		if s.to.IsZero() {
			say("pause", shown(s.from)+"起停止计时（“"+s.title+"”），现在没有恢复", s.letter)
		} else {
			say("pause", shown(s.from)+"至"+shown(s.to)+"停止计时（“"+s.title+"”）", s.letter)
		}
	}
}

// sayDays says which days did not count and which days of weekends did.
func sayDays(say func(kind, text, note string), got calendar.Reckoning) {
	if got.Due != got.Nominal {
		return
	}
	var off []string
	weekend := 0
	for _, d := range got.Off {
		if d.Name == calendar.Weekend {
			weekend += d.N()
		} else {
			off = append(off, named(d))
		}
	}
	if weekend > 0 {
		off = append([]string{fmt.Sprintf("周末%d天", weekend)}, off...)
	}
	if len(off) > 0 {
		say("off", "不计休息日："+strings.Join(off, "、"), "")
	}
	var worked []string
	for _, d := range got.Worked {
		worked = append(worked, named(d))
	}
	if len(worked) > 0 {
		say("worked", "周末调休上班，照算："+strings.Join(worked, "、"), "")
	}
}

// sayEnd says on which day the limit ends, and from which it was moved.
func sayEnd(say func(kind, text, note string), got calendar.Reckoning, w *policy.Within) {
	if got.Due == got.Nominal {
		say("end", "最后一天："+got.Due.String(), "")
		return
	}
	var names []string
	for _, d := range got.Off {
		names = append(names, named(d))
	}
	how, note := "顺延到", "民法典第二百零三条"
	if w.Dated() {
		note = ""
	}
	if got.Due < got.Nominal {
		how = "提前到"
	}
	say("end", got.Nominal.String()+"是休息日（"+strings.Join(names, "、")+"），"+how+got.Due.String(), note)
}

func named(d calendar.Days) string {
	if d.From == d.To {
		return d.Name + d.From.String()
	}
	return d.Name + d.From.String() + "至" + d.To.String()
}

// lapse says what happens when the limit is over.
func (r *run) lapse() string {
	key := r.rule.Within.Lapse
	if key == "" {
		return "逾期只提醒，不影响办理"
	}
	if a := actionOf(r.rule, key); a != nil {
		key = a.Title
	}
	return "逾期由系统按“" + key + "”处理"
}

// timely refuses an action whose time is over: one that may be taken only until a day, and an extension of a limit that is over already or
// has been extended as often as the file lets it.
func (e *Engine) timely(ctx context.Context, f *policy.Flow, row *instanceRow, a *policy.Action) error {
	if w := a.Within; w != nil {
		l, unknown, err := e.dated(ctx, row.about(), w, 0)
		if err != nil {
			return err
		}
		if unknown != "" {
			return fault.New(fault.Conflict, unknown+"，不能判断是否还在期限内。")
		}
		c, err := e.world.Calendar(ctx)
		if err != nil {
			return err
		}
		got, err := c.Reckon(l)
		if first, known := c.Earliest(l); err != nil && known && clock.Today(ctx) <= first {
			return nil // whichever days off are still to be published
		}
		if err != nil {
			return err
		}
		if clock.Today(ctx) > got.Due {
			text := "最晚应在" + got.Due.String() + "办理（" + w.Text() + "，" + w.Source()
			if got.Due != got.Nominal {
				text += "；" + got.Nominal.String() + "是休息日，" + policy.DayOffText(w.DayOff) + "，这是编写流程的人的假设"
			}
			return fault.New(fault.Conflict, text+"），已经过了。")
		}
	}
	if a.Extends == nil {
		return nil
	}
	_, _, err := e.extendable(ctx, f, row, a)
	return err
}

// extendable is the open task whose limit an action extends, with the run as it is before.
func (e *Engine) extendable(ctx context.Context, f *policy.Flow, row *instanceRow, a *policy.Action) (*taskRow, []stepRow, error) {
	tasks, err := tasksOf(ctx, row.ID)
	if err != nil {
		return nil, nil, err
	}
	all := tasks[row.ID]
	i := slices.IndexFunc(all, func(t taskRow) bool { return t.State == stateOpen && t.Task == a.Extends.Task })
	if i < 0 {
		return nil, nil, fault.New(fault.Conflict, "要延长的任务已经办完。")
	}
	t, rule := &all[i], ruleOf(f, all[i].Stage, all[i].Task)
	steps, err := stepsOf(ctx, row.ID)
	if err != nil {
		return nil, nil, err
	}
	if rule == nil {
		return nil, nil, errors.New("process: a task has no rule in its file")
	}
	r, err := runOf(f, row, t.Stage, rule, steps[row.ID])
	if err != nil || r == nil {
		return nil, nil, errors.Join(err, errors.New("process: the limit to extend does not run"))
	}
	times := 0
	for _, x := range r.longer {
		if x.title == a.Title {
			times++
		}
	}
	switch {
	case times >= a.Extends.Times:
		return nil, nil, fault.New(fault.Conflict, fmt.Sprintf("已经延长过%d次，不能再延长。", times))
	case t.DueAt <= store.Stamp(clock.Now(ctx)):
		return nil, nil, fault.New(fault.Conflict, "期限"+t.Due+"已过，不能再延长。")
	}
	if t.Unknown != "" { // it ends in a year that is not published: is today at least in one that is?
		now := stop{from: clock.Now(ctx)}
		r.stops = append(r.stops, now)
		l, _, err := e.limitOf(ctx, r)
		if err == nil {
			_, err = e.count(ctx, l)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return t, steps[row.ID], nil
}

// extend adds to the limit of a task what the action says; its step is written afterwards.
func (e *Engine) extend(ctx context.Context, g *going) error {
	t, steps, err := e.extendable(ctx, g.flow, &g.row, g.action)
	if err != nil {
		return err
	}
	steps = append(steps, g.step(int64(len(steps)+1), store.Stamp(clock.Now(ctx))))
	c, err := e.clockOf(ctx, g.flow, &g.row, t.Stage, ruleOf(g.flow, t.Stage, t.Task), steps)
	if err != nil {
		return err
	}
	_, err = change(ctx, `UPDATE process_tasks SET n = ?, due = ?, due_at = ?, unknown = ?, remind_at = ? WHERE id = ? AND state = 'open'`, c.N, c.Due, c.DueAt, c.Unknown, c.RemindAt, t.ID)
	return err
}

// clockOf is the clock of a task at the stage where its instance stands, after all its steps.
func (e *Engine) clockOf(ctx context.Context, f *policy.Flow, row *instanceRow, stage string, rule *policy.TaskRule, steps []stepRow) (clockRow, error) {
	r, err := runOf(f, row, stage, rule, steps)
	if err != nil || r == nil {
		return clockRow{DueAt: never}, err
	}
	c, _, _, err := e.reckon(ctx, r)
	return c, err
}

// explain is why the limit of an open task stands where it does.
func (e *Engine) explain(ctx context.Context, v *sight, t *taskRow, steps []stepRow) ([]Reason, error) {
	rule := ruleOf(v.flow, t.Stage, t.Task)
	if rule == nil || rule.Within == nil {
		return nil, nil
	}
	r, err := runOf(v.flow, &v.row, t.Stage, rule, steps)
	if err != nil || r == nil {
		return nil, err
	}
	c, why, _, err := e.reckon(ctx, r)
	if err == nil && c.Due != t.Due {
		why = append(why, Reason{Kind: "unknown", Text: "页面上的到期日" + t.Due + "是当时告知的；放假安排后来有变化，现在算出来是" + c.Due + "，请人工核对"})
	}
	return why, err
}

// halted are the limits that stand still while an instance is at its stage, with why.
func (e *Engine) halted(ctx context.Context, v *sight, steps []stepRow) ([]Limit, error) {
	out := []Limit{}
	for _, s := range v.flow.Stages {
		for _, rule := range s.Tasks {
			if rule.Within == nil || !slices.Contains(rule.Within.Pauses, v.row.Stage) {
				continue
			}
			r, err := runOf(v.flow, &v.row, s.Key, rule, steps)
			if err != nil {
				return nil, err
			}
			if r == nil || !r.still() {
				continue
			}
			c, why, rest, err := e.reckon(ctx, r)
			if err != nil {
				return nil, err
			}
			l := Limit{Unit: rest.unit, Unknown: c.Unknown, Cite: rule.Within.Cite, Basis: rule.Within.Basis, Why: why}
			l.Text = "“" + rule.Title + "”的期限停止计时"
			if c.Unknown == "" {
				l.Left = &rest.n
				l.Text += fmt.Sprintf("，还剩%d%s", rest.n, counted(rest.unit))
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// counted is a unit as it follows a number.
func counted(unit string) string {
	if unit == calendar.WorkingDay || unit == hour {
		return "个" + unit
	}
	return unit
}
