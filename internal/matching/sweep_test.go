package matching_test

import (
	"context"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
)

// on is the county on another day.
func (c *county) on(day string) *county {
	other := *c
	other.ctx = account.System(clock.With(c.ctx, at(day)))
	return &other
}

func (c *county) sweep() {
	c.t.Helper()
	if err := c.matching.Sweep(c.ctx, silent); err != nil {
		c.t.Fatal(err)
	}
}

// versions are the tickets of the computations that last wrote each party.
func (c *county) ticket(party string) int64 {
	return c.number("SELECT version FROM match_parties WHERE party = ?", party)
}

// A window that closes, one that opens and a document that begins are found on their day, neither earlier nor later, and nobody else is
// computed. Turns red when changes_on is not kept (row, or party), compared with < instead of <=, or the sweep marks everybody.
func TestSweep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		closing, opening, still := c.firm(1, "到期", "东镇"), c.firm(2, "开始", "东镇"), c.firm(3, "不变", "东镇")
		c.listed(closing, "2024-01-01", "2026-11-30")
		c.listed(opening, "2026-12-05", "2028-12-31")
		c.listed(still, "2024-01-01", "2029-12-31")
		answers := func(want map[string]string) {
			t.Helper()
			rows := c.stored()
			for id, w := range want {
				if got := rows[id+" m2025/listed"].Answer; got != w {
					t.Errorf("%s: %s, want %s", id, got, w)
				}
			}
		}
		answers(map[string]string{closing: "met", opening: "unknown", still: "met"})
		first := c.ticket(still)

		was := c.ticket(closing)
		c.on("2026-11-30").sweep() // the last day of the list still counts
		if c.ticket(closing) != was {
			t.Errorf("computed before anything changed")
		}
		c.on("2026-12-01").sweep()
		if c.ticket(closing) == was || c.ticket(still) != first {
			t.Errorf("the closed window was not found, or more was computed")
		}
		answers(map[string]string{closing: "unknown", opening: "unknown", still: "met"})

		was = c.ticket(opening)
		c.on("2026-12-07").sweep() // two days late, as after a holiday
		if c.ticket(opening) == was || c.ticket(still) != first {
			t.Errorf("the opened window was not found, or more was computed")
		}
		answers(map[string]string{closing: "unknown", opening: "met", still: "met"})

		c.on("2027-01-01").sweep() // m2027 comes into force: everybody
		if c.ticket(still) == first {
			t.Errorf("a document came into force and nobody was computed")
		}
		if n := c.number("SELECT COUNT(*) FROM answers WHERE scheme = 'm2027/staff' AND standing = 'in_force'"); n != 3 {
			t.Errorf("%d answers of the new document", n)
		}
		was = c.ticket(still)
		c.on("2027-01-02").sweep()
		if c.ticket(still) != was {
			t.Errorf("computed on a day on which nothing changes")
		}
		c.on("2028-01-01").sweep() // and it ends
		if n := c.number("SELECT COUNT(*) FROM answers WHERE scheme = 'm2027/staff'"); n != 0 {
			t.Errorf("%d answers of an expired document", n)
		}
	})
}

// The sweep of a day is queued once, however often Tick is called, also when it is done already; the next day's again. A new engine
// recomputes everybody once. Turns red when Tick does not note the day, or the engine.
func TestTick(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		ids := c.many(3)
		var handlers jobs.Handlers
		c.matching.Handle(&handlers)
		runner := jobs.NewRunner(store.Bound(ctx).Installation(), &handlers, jobs.Options{})
		drain := func(c *county) {
			t.Helper()
			if err := runner.Drain(c.ctx); err != nil {
				t.Fatal(err)
			}
			for _, state := range []jobs.State{jobs.Waiting, jobs.Failed} {
				if list, err := jobs.List(c.ctx, jobs.Filter{State: state}); err != nil || len(list) != 0 {
					t.Errorf("%s: %+v, %v", state, list, err)
				}
			}
		}
		tick := func(c *county, sweeps, runs int) {
			t.Helper()
			for range 3 {
				if err := c.matching.Tick(c.ctx); err != nil {
					t.Fatal(err)
				}
			}
			if n := c.waiting("answers.sweep"); n != sweeps {
				t.Errorf("%d sweeps wait, want %d", n, sweeps)
			}
			if n := c.waiting(schemes.JobRecompute); n != runs {
				t.Errorf("%d runs wait, want %d", n, runs)
			}
			if n := c.waiting("answers.marked"); n != 0 {
				t.Errorf("%d runs for marks that are not there", n)
			}
		}
		tick(c, 1, 1)
		drain(c)
		if n := len(c.stored()); n != 5*len(ids) {
			t.Errorf("%d answers after the jobs", n)
		}
		list, err := jobs.List(c.ctx, jobs.Filter{Kind: schemes.JobRecompute})
		if err != nil || len(list) != 1 || list[0].Done != 3 || list[0].Total != 3 {
			t.Errorf("progress of the run: %+v, %v", list, err)
		}
		tick(c, 0, 0)
		next := c.on("2026-11-24")
		tick(next, 1, 0)
		drain(next)
	})
}
