package process

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// due is the end of an open task's limit, and how it reads.
func (h *house) due(who, subject, key string) (due, text string) {
	h.t.Helper()
	for _, t := range h.view(who, "case", subject).Tasks {
		if t.Key == key && t.Limit != nil {
			return t.Limit.Due, t.Limit.Text
		}
	}
	h.t.Fatalf("%s has no limit at %s", subject, key)
	return "", ""
}

func (h *house) wantDue(who, subject, key, due, text string) {
	h.t.Helper()
	if d, s := h.due(who, subject, key); d != due || s != text {
		h.t.Errorf("%s: due %s (%s), want %s (%s)", key, d, s, due, text)
	}
}

// Limits in each unit, by the real calendar of 2026: 2 March is a Monday; 4 to 6 April are days off (清明), 6 April a Monday.
func TestLimits(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.set("2026-04-01 09:00") // Wednesday
		h.ok("firm1", "case", "a", "submit")
		// Working days from Thursday: 2, 3 | 7, 8, 9.
		h.wantDue("desk-a", "a", "desk", "2026-04-09", "还剩5个工作日")
		h.set("2026-04-03 23:59")
		h.wantDue("desk-a", "a", "desk", "2026-04-09", "还剩3个工作日")
		h.set("2026-04-09 23:59")
		h.wantDue("desk-a", "a", "desk", "2026-04-09", "今天到期")
		h.set("2026-04-10 00:00")
		h.wantDue("desk-a", "a", "desk", "2026-04-09", "已逾期1个工作日")
		h.set("2026-04-13 08:00") // Monday
		h.wantDue("desk-a", "a", "desk", "2026-04-09", "已逾期2个工作日")
		h.ok("desk-a", "case", "a", "accept")
		h.wantDue("tax", "a", "tax", "2026-04-14 08:00", "还剩24个小时")
		h.set("2026-04-14 07:30")
		h.wantDue("tax", "a", "tax", "2026-04-14 08:00", "不到1小时到期")
		h.set("2026-04-14 08:00")
		h.wantDue("tax", "a", "tax", "2026-04-14 08:00", "已逾期1个小时")
		h.set("2026-04-14 09:00:00"[:16])
		h.wantDue("tax", "a", "tax", "2026-04-14 08:00", "已逾期1个小时")
		h.set("2026-04-14 09:01")
		h.wantDue("tax", "a", "tax", "2026-04-14 08:00", "已逾期2个小时")
		h.do("tax", "a", "tax", "report")
		h.do("safety", "a", "safety", "report")
		h.wantDue("review", "a", "review", "2026-05-14", "还剩30日")
		l := h.view("review", "case", "a").Tasks[0].Limit
		if l.Basis != "示例" || l.Cite != "" || l.Late || l.Left == nil || *l.Left != 30 || l.Unit != "日" {
			t.Errorf("%+v", l)
		}
		// safety has no limit; a case without one is never late and comes last.
		if v := h.task("a", "review"); v.DueAt != "2026-05-14T16:00:00.000000Z" {
			t.Errorf("late from %s", v.DueAt)
		}
		h.clean()
	})
}

// The clock stands still while the applicant mends: what was left goes on. It begins anew when the case was anywhere else between.
//
// Mutations: begin anew every time; go on although a stage between does not pause; count from when it was due.
func TestPauses(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit") // Monday, 2 March: due Monday, 9 March
		h.wantDue("desk-a", "a", "desk", "2026-03-09", "还剩5个工作日")
		h.set("2026-03-04 16:00") // two of five are used
		h.ok("desk-a", "case", "a", "ask")
		h.wantDue("firm1", "a", "mend", "2026-03-18", "还剩10个工作日")
		h.set("2026-03-16 10:00") // a Monday: three are left, Tuesday to Thursday
		h.ok("firm1", "case", "a", "resubmit")
		h.wantDue("desk-a", "a", "desk", "2026-03-19", "还剩3个工作日")
		h.set("2026-03-17 10:00") // one more is used
		h.ok("desk-a", "case", "a", "ask")
		h.set("2026-03-20 10:00") // Friday: two are left, Monday and Tuesday
		h.ok("firm1", "case", "a", "resubmit")
		h.wantDue("desk-a", "a", "desk", "2026-03-24", "还剩2个工作日")
		// The file pauses the review through the desk and the checks, so through mending not.
		h.ok("desk-a", "case", "a", "accept")
		h.do("tax", "a", "tax", "report")
		h.do("safety", "a", "safety", "report")
		h.wantDue("review", "a", "review", "2026-04-20", "还剩31日")
		h.set("2026-03-30 10:00") // 10 of the 31 days to 20 April are used
		h.ok("review", "case", "a", "back", because("缺页"))
		// The desk begins anew: it comes back from a stage that does not pause it.
		h.wantDue("desk-a", "a", "desk", "2026-04-07", "还剩5个工作日")
		h.set("2026-04-01 10:00")
		h.ok("desk-a", "case", "a", "accept")
		h.do("tax", "a", "tax", "report")
		h.do("safety", "a", "safety", "report")
		h.wantDue("review", "a", "review", "2026-04-22", "还剩21日")
		h.ok("review", "case", "a", "back", because("还缺"))
		h.ok("desk-a", "case", "a", "ask")
		h.ok("firm1", "case", "a", "resubmit")
		h.ok("desk-a", "case", "a", "accept")
		h.do("tax", "a", "tax", "report")
		h.do("safety", "a", "safety", "report")
		h.wantDue("review", "a", "review", "2026-05-06", "还剩35日") // a month from 1 April ends on 1 May: days off until the 5th
		// What was overdue when it was paused has the day on which it comes back.
		h.begin("b", "p1", "")
		h.ok("firm1", "case", "b", "submit")
		h.set("2026-04-30 10:00")
		h.ok("desk-a", "case", "b", "ask")
		h.set("2026-05-08 10:00")
		h.ok("firm1", "case", "b", "resubmit")
		h.wantDue("desk-a", "b", "desk", "2026-05-08", "今天到期")
		h.clean()
	})
}

// A limit in hours is paused by the second.
func TestPausedHours(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		text := `process: hours
title: 小时
starts: applicant
case:
  stages:
    work:
      public: 在办。
      who: {role: officer, department: scheme}
      within: {time: 10小时, basis: 示例, pauses: [wait]}
      actions: {ask: {to: wait}, finish: {to: end}}
    wait:
      public: 等您。
      who: applicant
      actions: {answer: {to: work}}
    end:
      public: 办结。
      ends: done
`
		h.hash = h.keepText("hours.yaml", text)
		h.begin("a", "p1", "") // 2 March, 9:00
		h.set("2026-03-02 12:30")
		h.ok("review", "case", "a", "ask")
		h.set("2026-03-07 20:00")
		h.ok("firm1", "case", "a", "answer")
		h.wantDue("review", "a", "work", "2026-03-08 02:30", "还剩6个小时")
		h.set("2026-03-08 02:00")
		h.ok("review", "case", "a", "ask")
		h.set("2026-03-09 08:00")
		h.ok("firm1", "case", "a", "answer")
		h.wantDue("review", "a", "work", "2026-03-09 08:30", "不到1小时到期")
	})
}

// A lapsed limit gets the file's action, taken by the clock; or it is marked once and whoever may act is told. Two servers that look at the
// same moment do it once.
//
// Mutations: leave `late = 0` out of the query or of lapseNow → it is marked and told at every look; a look after due_at at `<` → not at the moment.
func TestLapse(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.begin("b", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		h.ok("firm1", "case", "b", "submit")
		h.ok("desk-a", "case", "a", "ask") // until 16 March
		h.wantDue("firm1", "a", "mend", "2026-03-16", "还剩10个工作日")
		h.set("2026-03-09 23:59")
		h.forget()
		h.must(h.e.Tick(h.root))
		if len(h.told) != 0 {
			t.Errorf("on the last day: %+v", h.told)
		}
		h.set("2026-03-10 00:00") // b is late at the desk
		for _, err := range at16(func(int) error { return h.e.Tick(h.root) }) {
			h.must(err)
		}
		for _, who := range []string{"desk-a", "desk-a2", "review"} {
			if got := h.notes(who); len(got) != 1 || got[0] != "late 已逾期：窗口核对" {
				t.Errorf("%s was told %v", who, got)
			}
		}
		for _, who := range []string{"owner", "firm1", "desk-b", "boss", "auditor"} {
			if got := h.notes(who); len(got) != 0 {
				t.Errorf("%s was told %v", who, got)
			}
		}
		h.at("b", "desk")
		if v := h.view("review", "case", "b"); v.Steps[len(v.Steps)-1].Kind != "overdue" || v.Steps[len(v.Steps)-1].By != "系统" || !v.Tasks[0].Limit.Late {
			t.Errorf("the history: %+v", v.Steps)
		}
		if v := h.view("firm1", "case", "b"); v.Steps[len(v.Steps)-1].Kind == "overdue" {
			t.Error("the firm reads that the office is late in its own history")
		}
		h.ok("desk-a", "case", "b", "accept") // late, and done all the same
		h.forget()
		h.set("2026-03-16 23:59")
		h.must(h.e.Tick(h.root))
		h.at("a", "mend")
		h.set("2026-03-17 00:00")
		h.forget()
		for _, err := range at16(func(int) error { return h.e.Tick(h.root) }) {
			h.must(err)
		}
		h.at("a", "withdrawn")
		if got := fmt.Sprint(h.calls); got != "[case/exclude a]" {
			t.Errorf("effects: %s", got)
		}
		v := h.view("firm1", "case", "a")
		if last := v.Steps[len(v.Steps)-1]; last.Kind != "lapse" || last.By != "系统" || last.Action != "不补了" || last.Reason != "10个工作日的期限已过" || last.Public != "已撤回。" {
			t.Errorf("the history: %+v", last)
		}
		if got := h.notes("firm1"); len(got) != 1 || got[0] != "stage withdrawn" {
			t.Errorf("the firm was told %v", got)
		}
		_, err := h.e.Act(h.as("firm1"), Act{Flow: "case", Subject: "a", Action: "resubmit", Version: v.Instance.Version})
		h.refused("too late", err, fault.Conflict, "系统已于2026-03-17 00:00", "不补了")
		h.clean()
	})
}

// When the action of the clock is refused by a guard or an effect, people are told once; when it breaks, it is tried again and the others
// do not wait for it.
func TestLapseThatFails(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		for _, id := range []string{"a", "b"} {
			h.begin(id, "p1", "")
			h.ok("firm1", "case", id, "submit")
			h.ok("desk-a", "case", id, "ask")
		}
		h.set("2026-03-17 00:00")
		h.forget()
		h.failing("case/exclude", fault.New(fault.Conflict, "还有一笔没有退回。"))
		h.must(h.e.Tick(h.root))
		h.must(h.e.Tick(h.root))
		h.at("a", "mend")
		if got := h.notes("firm1"); len(got) != 2 || got[0] != "late 已逾期：mend" {
			t.Errorf("told %v", got)
		}
		h.begin("c", "p1", "")
		h.ok("firm1", "case", "c", "submit")
		h.ok("desk-a", "case", "c", "ask")
		h.set("2026-04-15 00:00") // after c, so that its limit is looked at behind the one that breaks
		h.begin("d", "p1", "")
		h.ok("firm1", "case", "d", "submit")
		h.set("2026-05-01 00:00")
		h.failing("case/exclude", errors.New("the disk is gone"))
		h.forget()
		if err := h.e.Tick(h.root); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
			t.Errorf("the failure is not reported: %v", err)
		}
		h.at("c", "mend")
		if got := h.notes("desk-a"); len(got) != 1 || !strings.HasPrefix(got[0], "late") {
			t.Errorf("the other task waited for the one that breaks: %v", got)
		}
		h.failing("case/exclude", nil)
		h.must(h.e.Tick(h.root))
		h.at("c", "withdrawn")
		h.clean()
	})
}

// A year whose days off are not published: the last day is not known and the task says so; nothing is guessed, nothing lapses. When the
// year is published, the next look works it out.
//
// From Tuesday 29 December 2026 five working days by an invented arrangement that has 1 to 4 January off: 30, 31, then 5, 6, 7 January.
//
// Mutations: take weekends alone for days off in such a year; leave workOut out of Tick; count by the calendar that came with the program.
func TestUnpublishedYear(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.set("2026-12-29 09:00") // Tuesday
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit") // five working days, into 2027
		l := h.view("desk-a", "case", "a").Tasks[0].Limit
		if l.Due != "" || l.Left != nil || l.Late || l.Text != "2027年放假安排尚未公布" || l.Unknown != l.Text {
			t.Errorf("%+v", l)
		}
		h.set("2027-06-01 09:00")
		h.must(h.e.Tick(h.root))
		if got := h.count(`SELECT COUNT(*) FROM process_steps WHERE kind = 'overdue'`); got != 0 {
			t.Error("it lapsed although nobody knows when")
		}
		page, err := h.e.Inbox(h.as("desk-a"), Filter{Late: true})
		if err != nil || page.Total != 0 {
			t.Errorf("late: %+v, %v", page, err)
		}
		h.set("2026-12-30 09:00")
		h.mu.Lock()
		h.years = []*policy.Calendar{h.year(2027, "元旦: {days_off: 2027-01-01..2027-01-04, workdays: 2026-12-27}")}
		h.mu.Unlock()
		for _, err := range at16(func(int) error { return h.e.Tick(h.root) }) {
			h.must(err)
		}
		if got := h.task("a", "desk"); got.Due != "2027-01-07" || got.DueAt != "2027-01-07T16:00:00.000000Z" || got.Unknown != "" {
			t.Errorf("%+v", got)
		}
		h.clean()
	})
}
