package jobs

import (
	"context"

	"shanglin/internal/platform/store"
)

// Count says how many jobs of the tenant in ctx are in each state that asks for attention: waiting, running, failed.
// The states that end well grow without bound and are left out.
func Count(ctx context.Context) (map[State]int64, error) {
	counts := map[State]int64{Waiting: 0, Running: 0, Failed: 0}
	var rows []struct {
		State State `bun:"state"`
		N     int64 `bun:"n"`
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT state, count(*) AS n FROM jobs WHERE state IN ('waiting', 'running', 'failed') GROUP BY state`).Scan(ctx, &rows)
	})
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, err
}
