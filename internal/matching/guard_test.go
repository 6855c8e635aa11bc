package matching

import (
	"context"
	"os"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// An older computation that finishes last does not overwrite a newer one. Turns red when the WHERE of save's upsert
// (match_parties.version < excluded.version) is dropped.
func TestOlderComputationNeverWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = account.System(ctx)
		if _, err := schemes.Seed(ctx, os.DirFS("testdata/seed"), "county"); err != nil {
			t.Fatal(err)
		}
		draw := func() *basis {
			b, err := begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		page := func(b *basis, sales string) []reckoning {
			facts := policy.NewFacts(b.set.Library.Vocabulary())
			for year, value := range map[int]string{2024: "1000万元", 2025: sales} {
				if err := facts.Value("销售额", year, value, policy.Source{}); err != nil {
					t.Fatal(err)
				}
			}
			return []reckoning{reckon(b.live, "party", registry.KindFirm, facts, b.on)}
		}
		write := func(b *basis, page []reckoning) []Change {
			var changes []Change
			err := store.Write(ctx, func(ctx context.Context) (err error) {
				changes, err = save(ctx, b, page, true)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return changes
		}
		older, newer := draw(), draw()
		if older.ticket >= newer.ticket {
			t.Fatalf("tickets %d, %d", older.ticket, newer.ticket)
		}
		write(newer, page(newer, "1200万元"))
		if changes := write(older, page(older, "1000万元")); len(changes) != 0 {
			t.Errorf("the older computation reports %+v", changes)
		}
		var answer string
		var owed, version int64
		err := store.Read(ctx, func(ctx context.Context) error {
			if err := store.Tx(ctx).NewRaw("SELECT answer FROM answers WHERE scheme = 'm2025/growth'").Scan(ctx, &answer); err != nil {
				return err
			}
			return store.Tx(ctx).NewRaw("SELECT owed, version FROM match_parties").Scan(ctx, &owed, &version)
		})
		if err != nil || answer != "met" || owed != 100_000 || version != newer.ticket {
			t.Errorf("%s, owed %d, version %d, %v", answer, owed, version, err)
		}
		if changes := write(draw(), page(older, "1000万元")); len(changes) != 1 || changes[0].After.Answer != policy.Unmet {
			t.Errorf("a newer computation is refused: %+v", changes)
		}
	})
}

// A mark set while a computation runs outlives it. Turns red when unmark deletes by party alone.
func TestNewerMarkStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		marking := func() {
			if err := store.Write(ctx, func(ctx context.Context) error { return mark(ctx, []string{"a", "b", "a"}) }); err != nil {
				t.Fatal(err)
			}
		}
		marking()
		seen, err := marksOf(ctx, []string{"a"})
		if err != nil || len(seen) != 1 {
			t.Fatalf("%+v, %v", seen, err)
		}
		marking()
		if err := store.Write(ctx, func(ctx context.Context) error { return unmark(ctx, seen) }); err != nil {
			t.Fatal(err)
		}
		left, n, err := marked(ctx, 10)
		if err != nil || n != 2 {
			t.Errorf("%v, %d, %v", left, n, err)
		}
		seen, err = marksOf(ctx, []string{"a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Write(ctx, func(ctx context.Context) error { return unmark(ctx, seen) }); err != nil {
			t.Fatal(err)
		}
		if _, n, err = marked(ctx, 10); err != nil || n != 0 {
			t.Errorf("%d marks, %v", n, err)
		}
	})
}

// Two servers that tick at the same moment: one queues the sweep. Turns red when claimSweep's UPDATE has no condition on the day.
func TestSweepIsClaimedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		claim := func(day string) (first bool) {
			err := store.Write(ctx, func(ctx context.Context) (err error) {
				first, err = claimSweep(ctx, day)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return first
		}
		if !claim("2026-11-23") || claim("2026-11-23") || claim("2026-11-22") || !claim("2026-11-24") {
			t.Error("the sweep of a day is claimed twice, or never")
		}
	})
}
