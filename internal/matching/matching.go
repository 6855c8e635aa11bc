// Package matching answers who gets what, and why not. It keeps the answer of every live scheme for every party, recomputes one party
// right after a change of its facts has been committed, and everybody in the background when the schemes, the coverage or the date change.
//
// Every computation draws a ticket before it reads facts; a party's answers keep the ticket of the computation that wrote them, and
// one with a lower ticket writes nothing. Because each change is followed by a computation whose ticket is drawn after the change was
// committed, what is kept in the end has seen every change, in whatever order computations finish.
package matching

import (
	"context"
	"log/slog"

	"shanglin/internal/account"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
)

// Matching is the room. One serves every tenant: the database comes with the context.
type Matching struct {
	registry *registry.Registry
}

// Kinds of jobs.
const (
	jobAll   = schemes.JobRecompute // every party
	jobDirty = "answers.marked"     // parties marked since
	jobSweep = "answers.sweep"      // answers that time alone may have changed; key: the day
)

// New makes the room, subscribes it to changes of the registry, and tells the registry's pages the answers.
func New(r *registry.Registry) *Matching {
	m := &Matching{registry: r}
	r.OnChange(m.changed)
	r.Answers(Watch, dueOf)
	return m
}

// Handle gives the room's jobs their handlers.
func (m *Matching) Handle(h *jobs.Handlers) {
	h.Handle(jobAll, m.runAll)
	h.Handle(jobDirty, m.runDirty)
	h.Handle(jobSweep, m.runSweep)
}

// RecomputeAll queues the recomputation of every party in the caller's transaction, or its own; requests that wait are one.
func (m *Matching) RecomputeAll(ctx context.Context) error {
	return store.Write(ctx, func(ctx context.Context) error {
		_, err := jobs.Enqueue(ctx, jobAll, "", nil)
		return err
	})
}

// atOnce is up to how many parties are recomputed right after their commit, before the caller goes on.
const atOnce = 8

// changed runs inside the transaction that changes facts. It marks the parties, so that the change is never forgotten, and recomputes
// a few at once after the commit; many, or all (nil), are left to the background.
func (m *Matching) changed(ctx context.Context, parties []string) error {
	if parties == nil {
		return m.RecomputeAll(ctx)
	}
	if err := mark(ctx, parties); err != nil {
		return err
	}
	if len(parties) > atOnce {
		_, err := jobs.Enqueue(ctx, jobDirty, "", nil)
		return err
	}
	collector := collectorFrom(ctx)
	store.AfterCommit(ctx, func(ctx context.Context) {
		// The mark stays if this fails; Tick finds it.
		ctx = account.System(context.WithoutCancel(ctx))
		changes, err := m.Recompute(ctx, parties...)
		if err != nil {
			slog.ErrorContext(ctx, "recompute after a change failed; left to the background", "parties", len(parties), "error", err)
			return
		}
		if collector != nil {
			collector.add(changes)
		}
	})
	return nil
}
