package process

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/account"
)

// nightFile is a process whose first limit lapses as the text says.
func nightFile(lapse string) string {
	return fmt.Sprintf(`process: night
title: 期限
starts: applicant
case:
  stages:
    work:
      public: 在办。
      who: {role: officer, department: scheme}
      within: {time: 5工作日, basis: 示例%s}
      actions: {on: {to: next}}
    next:
      public: 在办。
      who: {role: officer, department: scheme}
      within: {time: 5工作日, basis: 示例}
      actions: {on: {to: end}}
    end: {public: 办结。, ends: done}
`, lapse)
}

// said are the words that an account was told, of one kind.
func (h *house) said(who, kind string) (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.told {
		if t.note.Kind == kind && slices.Contains(t.accounts, who) {
			out = append(out, t.note.Body)
		}
	}
	return out
}

// On a night on which the limits of many cases lapse, each case is one change with its step and its event; whoever acts on them reads at last of
// how many the sweep has come to. Of 900, dealt with 400 at a time: of 400, of 800, of 900. The next look finds nothing.
//
// Mutations: count each transaction by itself; count before the commit, or what is undone; leave late or the state out of the query; give the
// step the number of the one before it; log the digest of an instance without its new step.
func TestNight(t *testing.T) {
	for _, c := range []struct{ lapse, kind, step, words string }{
		{"", "late", "overdue", "有%d件在“work”逾期"}, {", lapse: on", "task", "lapse", "有%d件转到“next”"}} {
		t.Run(c.step, func(t *testing.T) {
			forEach(t, func(t *testing.T, h *house) {
				h.hash = h.keepText("night.yaml", nightFile(c.lapse))
				h.crowd(900, 1)
				h.forget()
				h.must(h.e.Tick(h.root))
				if n := h.count(`SELECT COUNT(*) FROM process_steps WHERE seq = 2 AND kind = ?`, c.step); n != 900 {
					t.Errorf("%d steps", n)
				}
				if n := h.count(`SELECT COUNT(*) FROM audit_events WHERE action = ?`, "process."+c.step); n != 900 {
					t.Errorf("%d events", n)
				}
				var want []string
				for _, n := range []int{400, 800, 900} {
					want = append(want, fmt.Sprintf(c.words, n))
				}
				for _, who := range []string{"review", "desk-a"} {
					if got := h.said(who, c.kind); !slices.Equal(got, want) {
						t.Errorf("%s was told %v, want %v", who, got, want)
					}
				}
				for _, who := range []string{"desk-b", "trade", "boss"} {
					if got := h.said(who, c.kind); len(got) > 0 {
						t.Errorf("%s was told %v", who, got)
					}
				}
				h.forget()
				h.must(h.e.Tick(h.root))
				if len(h.told) > 0 || h.count(`SELECT COUNT(*) FROM process_steps`) != 1800 {
					t.Error("the next look finds something")
				}
				h.clean()
			})
		})
	}
}

// Two servers look at the same time, and one is stopped while it tells of the second part: what was committed is whole, the rest is untouched and
// nobody hears of it, and the next look does the rest.
//
// Mutations: go on with each by itself when the context has ended; count what was undone among what was told.
func TestANightThatIsStopped(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.hash = h.keepText("night.yaml", nightFile(""))
		h.crowd(900, 1)
		h.forget()
		ctx, stop := context.WithCancel(h.root)
		defer stop()
		tells, tell := 0, h.e.world.Tell
		h.e.world.Tell = func(ctx context.Context, all []Telling) error {
			if tells++; tells == 2 {
				stop()
				return ctx.Err()
			}
			return tell(ctx, all)
		}
		if err := h.e.Tick(ctx); err == nil || len(err.Error()) > 1000 {
			t.Errorf("a look that was stopped says %v", err)
		}
		h.e.world.Tell = tell
		for what, query := range map[string]string{"marked": `SELECT COUNT(*) FROM process_tasks WHERE late = 1`, "steps": `SELECT COUNT(*) FROM process_steps WHERE kind = 'overdue'`,
			"events": `SELECT COUNT(*) FROM audit_events WHERE action = 'process.overdue'`} {
			if n := h.count(query); n != 400 {
				t.Errorf("%d %s when it was stopped, want 400", n, what)
			}
		}
		if got := strings.Join(h.said("review", "late"), " "); got != "有400件在“work”逾期" {
			t.Errorf("told: %s", got)
		}
		for _, err := range at16(func(int) error { return h.e.Tick(h.root) }) {
			h.must(err)
		}
		for query, want := range map[string]int{`SELECT COUNT(*) FROM process_tasks WHERE late = 1`: 900, `SELECT COUNT(*) FROM process_steps`: 1800,
			`SELECT COUNT(DISTINCT row_id) FROM audit_events WHERE action = 'process.overdue'`: 900, `SELECT COUNT(*) FROM audit_events WHERE action = 'process.overdue'`: 900} {
			if n := h.count(query); n != want {
				t.Errorf("%d, want %d: %s", n, want, query)
			}
		}
		h.clean()
	})
}

// Of one case the task comes first whose limit is over first, as the file opens them, whatever their names are: what the clock does at it closes
// the other, which is then not late.
//
// Mutation: deal with all lapsed tasks in the order of desks at once.
func TestOneTaskOfACaseAtATime(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.hash = h.keepText("pair.yaml", `process: pair
title: 两项
starts: applicant
case:
  stages:
    work:
      public: 在办。
      tasks:
        z:
          who: {role: officer, department: scheme}
          within: {time: 3工作日, basis: 示例, lapse: leave}
          actions: {leave: {to: end, stops: 是}, done: {}}
        a:
          who: {role: officer, department: scheme}
          within: {time: 3工作日, basis: 示例}
          actions: {done: {}}
      then: end
    end: {public: 办结。, ends: done}
`)
		for i := range 5 {
			h.begin(fmt.Sprint("k", i), "p1", "")
		}
		h.set("2026-03-20 00:00")
		h.must(h.e.Tick(account.System(h.root)))
		if n := h.count(`SELECT COUNT(*) FROM process_steps WHERE kind = 'lapse'`); n != 5 {
			t.Errorf("%d were left", n)
		}
		if n := h.count(`SELECT COUNT(*) FROM process_steps WHERE kind = 'overdue'`); n != 0 {
			t.Errorf("%d were marked although they were closed", n)
		}
		h.clean()
	})
}
