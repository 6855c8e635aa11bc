package server

import (
	"testing"
	"time"

	"shanglin/internal/platform/jobs"
)

// Mutations that turn this red: queue the sweep at every tick (both guards of it gone); queue it for the first tenant only; take the day of
// UTC instead of China's.
func TestTickSweepsEveryTenantOnceADay(t *testing.T) {
	forEach(t, func(h *house) {
		h.work()
		sweeps := func(tenant string) int {
			n := 0
			list, err := jobs.List(h.in(tenant), jobs.Filter{Limit: 500})
			if err != nil {
				h.t.Fatal(err)
			}
			for _, j := range list {
				if j.Key != "" && j.Key == h.today() {
					n++
				}
			}
			return n
		}
		expect := func(when string, want int) {
			h.t.Helper()
			for _, tenant := range []string{"east", "west"} {
				if got := sweeps(tenant); got != want {
					h.t.Errorf("%s: %s has %d sweeps of the day, want %d", when, tenant, got, want)
				}
			}
		}
		pass := func(d time.Duration) {
			h.mu.Lock()
			h.now = h.now.Add(d)
			h.mu.Unlock()
		}
		expect("before the first tick", 0)
		h.server.Tick(h.ctx)
		expect("at the first tick", 1)
		h.server.Tick(h.ctx)
		h.work()
		h.server.Tick(h.ctx)
		expect("at further ticks of the day", 1)
		pass(13 * time.Hour) // 23:00 in China
		h.server.Tick(h.ctx)
		expect("late in the evening", 1)
		pass(2 * time.Hour) // 01:00 of the next day there, 17:00 of the same day in UTC
		h.server.Tick(h.ctx)
		expect("after midnight in China", 1)
		if h.today() != "2026-11-24" {
			h.t.Errorf("today is %s", h.today())
		}
	})
}
