package storetest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"shanglin/internal/platform/store"
)

// Held runs fns, each begun once the one before it waits, while the statement holds a row that they all need, and lets it go when all of them
// wait: what they read before they wait, they read at once. On SQLite they wait for their turn to write. It returns their errors in their order.
func Held(t testing.TB, ctx context.Context, statement, id string, fns ...func() error) []error {
	t.Helper()
	errs := make([]error, len(fns))
	var all sync.WaitGroup
	var ended atomic.Int32
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(statement, id).Exec(ctx); err != nil {
			return err
		}
		for i, fn := range fns {
			all.Go(func() { errs[i] = fn(); ended.Add(1) })
			for waiting := 0; waiting+int(ended.Load()) < i+1 && strings.HasSuffix(t.Name(), "postgres"); {
				// A transaction sees one state of the activity until it asks for another.
				if _, err := store.Tx(ctx).NewRaw(`SELECT pg_stat_clear_snapshot()`).Exec(ctx); err != nil {
					return err
				}
				if err := store.Tx(ctx).NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(ctx, &waiting); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all.Wait()
	return errs
}
