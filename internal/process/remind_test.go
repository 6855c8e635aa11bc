package process

import (
	"slices"
	"strings"
	"testing"
)

// reminding is a report due on 31 March, a Tuesday, of which its party is reminded 30 and 7 days before, on the day, and 7 days after.
const reminding = `process: 催
title: 催
starts: applicant
case:
  stages:
    填: {public: 请填。, who: applicant, within: {until: 03-31, day_off: later, basis: 示例, remind: [前30日, 前7日, 当日, 后7日]}, actions: {交: {to: 完}}}
    完: {public: 好了。, ends: done}
`

// reminders are what an account was reminded of since the last time that was forgotten.
func (h *house) reminders(account string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, x := range h.told {
		if x.note.Kind == "reminder" && slices.Contains(x.accounts, account) {
			out = append(out, x.note.Title+"，"+x.note.Body[strings.LastIndex(x.note.Body, "最后"):])
		}
	}
	return strings.Join(out, "；")
}

// Two firms are called on Wednesday, 25 February 2026. Reminders come at nine in the morning of 1 March (30 days before 31 March), 24 March, 31
// March and 7 April, each once to whoever has not handed in. Nobody looks from 24 to 31 March: of what came meanwhile the last is told.
//
// Mutations that turn this red: leave the state of a task out of both readings of it, so that of those that are done is told; leave remind_at as it is after telling; begin with the first reminder although its
// day is over (after := time.Time{}); count from the day after the last; remind at midnight.
func TestReminders(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.hash = h.keepText("催.yaml", reminding)
		h.set("2026-02-25 10:00")
		h.begin("a", "p1", "")
		h.begin("b", "p2", "")
		tick := func(at, firm1, firm2 string) {
			t.Helper()
			h.forget()
			h.set(at)
			for range 2 { // a second tick of the same moment says nothing
				h.must(h.e.Tick(h.root))
			}
			if got := h.reminders("firm1"); got != firm1 {
				t.Errorf("%s: the first is told %q", at, got)
			}
			if got := h.reminders("firm2"); got != firm2 {
				t.Errorf("%s: the second is told %q", at, got)
			}
		}
		const soon = "请尽快办理：填，最后一天是2026-03-31"
		tick("2026-03-01 08:59", "", "")
		tick("2026-03-01 09:00", soon, soon)
		tick("2026-03-02 09:00", "", "")
		h.ok("firm2", "case", "b", "交")
		// Called on 25 March: what is over is not told, and the next is that of the day.
		h.set("2026-03-25 10:00")
		h.begin("c", "p2", "")
		if got := h.task("c", "填").RemindAt; got != "2026-03-31T01:00:00.000000Z" {
			t.Errorf("reminded first on %s", got)
		}
		h.ok("firm2", "case", "c", "交")
		tick("2026-03-31 09:30", soon, "")
		tick("2026-04-01 00:00", "", "")
		tick("2026-04-07 09:00", "已逾期，"+soon, "")
		tick("2026-05-07 09:00", "", "")
		if got := h.task("a", "填").RemindAt; got != "" {
			t.Errorf("reminded again on %s", got)
		}
		h.clean()
	})
}
