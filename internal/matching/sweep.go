package matching

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
)

// engine is the version of the evaluation: raise it when the same facts and files may give other answers than before, or
// a stored row another text, and every tenant recomputes once.
const engine = "1"

// stale is how long a mark may lie before Tick takes it for one whose computation was lost.
const staleSeconds = 30

// Tick does what the passing of time asks for in the tenant of ctx: it queues the sweep of the day, once, and the marks that a stopped
// server left behind. It is cheap; call it every minute and at the start.
func (m *Matching) Tick(ctx context.Context) error {
	ctx = account.System(ctx)
	today := clock.Today(ctx).String()
	due, err := ticking(ctx, today)
	if err != nil || !due.any() {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error {
		if due.sweep {
			claimed, err := claimSweep(ctx, today)
			if err != nil {
				return err
			}
			if claimed {
				if _, err := jobs.Enqueue(ctx, jobSweep, today, nil); err != nil {
					return err
				}
			}
		}
		if due.engine {
			if err := setEngine(ctx); err != nil {
				return err
			}
			if _, err := jobs.Enqueue(ctx, jobAll, "", nil); err != nil {
				return err
			}
		}
		if due.marks {
			if _, err := jobs.Enqueue(ctx, jobDirty, "", nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *Matching) runSweep(ctx context.Context, j *jobs.Job) error {
	return m.Sweep(ctx, j.Progress)
}

// sweepAll is from how many parties on a sweep recomputes everybody instead: when a document begins or ends, all are due.
const sweepAll = 5000

// Sweep recomputes the parties with an answer that time alone may have changed by today, and nobody else.
func (m *Matching) Sweep(ctx context.Context, progress Progress) error {
	ctx = account.System(ctx)
	today := clock.Today(ctx).String()
	n, err := countChanging(ctx, today)
	if err != nil {
		return err
	}
	if n >= sweepAll {
		err = m.All(ctx, progress)
	} else {
		if err = store.Write(ctx, func(ctx context.Context) error { return markChanging(ctx, today) }); err == nil {
			err = m.Dirty(ctx, progress)
		}
	}
	if err != nil {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error { return setSwept(ctx, today) })
}
