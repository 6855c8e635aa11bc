package matching

import (
	"context"
	"slices"
	"sync"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Change is an answer of a party that differs from what was kept before.
type Change struct {
	Party string
	registry.AnswerChange
}

// collector gathers the changes of the recomputations that follow the commits of one request.
type collector struct {
	mu      sync.Mutex
	changes []registry.AnswerChange
}

type collectorKey struct{}

// Watch returns a context whose commits report the answers that they changed, and a function that tells them.
func Watch(ctx context.Context) (context.Context, func() []registry.AnswerChange) {
	c := &collector{changes: []registry.AnswerChange{}}
	return context.WithValue(ctx, collectorKey{}, c), func() []registry.AnswerChange {
		c.mu.Lock()
		defer c.mu.Unlock()
		return slices.Clone(c.changes)
	}
}

func collectorFrom(ctx context.Context) *collector {
	c, _ := ctx.Value(collectorKey{}).(*collector)
	return c
}

func (c *collector) add(changes []Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range changes {
		c.changes = append(c.changes, x.AnswerChange)
	}
}

// basis is what a computation rests on besides facts.
type basis struct {
	ticket int64
	set    *schemes.Compiled
	live   []*policy.Scheme
	on     policy.Date
}

// begin draws the ticket, then reads the set and the day. Facts must be read after it.
func begin(ctx context.Context) (*basis, error) {
	ticket, err := draw(ctx)
	if err != nil {
		return nil, err
	}
	set, err := schemes.Current(ctx)
	if err != nil {
		return nil, err
	}
	on := clock.Today(ctx)
	return &basis{ticket: ticket, set: set, live: live(set.Library, on), on: on}, nil
}

// Recompute computes the answers of a few parties now and returns what changed. It must not run inside a transaction.
func (m *Matching) Recompute(ctx context.Context, parties ...string) ([]Change, error) {
	ctx = account.System(ctx)
	marks, err := marksOf(ctx, parties)
	if err != nil {
		return nil, err
	}
	b, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	var page []reckoning
	err = store.Read(ctx, func(ctx context.Context) error {
		page = nil
		kinds, err := kindsOf(ctx, parties)
		if err != nil {
			return err
		}
		for _, id := range parties {
			if kinds[id] == "" {
				continue // not visible yet: it is computed when it is
			}
			facts, err := m.registry.FactsOf(ctx, b.set.Library.Vocabulary(), id)
			if err != nil {
				return err
			}
			page = append(page, reckon(b.live, id, kinds[id], facts, b.on))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var changes []Change
	err = store.Write(ctx, func(ctx context.Context) error {
		changes, err = save(ctx, b, page, true)
		if err != nil {
			return err
		}
		return unmark(ctx, marks)
	})
	return changes, err
}
