package matching_test

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// Bulk runs and changes at the same time: when all have ended, what is kept is what the facts say. Dropping save's guard
// turns it red most times, since it takes a race to see it; TestOlderComputationNeverWins sees it always.
func TestBulkBesideChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		ids := c.many(60)
		var group errgroup.Group
		for range 2 {
			group.Go(func() error {
				for range 4 {
					if err := c.matching.All(c.ctx, silent); err != nil {
						return err
					}
				}
				return nil
			})
		}
		for half := range 2 {
			group.Go(func() error {
				for i := range 45 {
					_, err := c.registry.State(c.ctx, registry.Statement{Party: ids[2*(i%30)+half], Term: "销售额", Year: 2025, Value: fmt.Sprintf("%d万元", 900+i*20)})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		rows := c.stored()
		for _, id := range ids {
			page, err := c.matching.StandpointsOf(c.ctx, id, 0, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Items {
				if got := rows[id+" "+s.Scheme.ID]; got.Answer != s.Answer.String() || got.High != int64(s.Amount.High) {
					t.Errorf("%s %s: kept %+v, the facts say %s %d", id, s.Scheme.ID, got, s.Answer, s.Amount.High)
				}
			}
		}
		if n := c.number("SELECT COUNT(*) FROM match_dirty"); n != 0 {
			t.Errorf("%d marks left", n)
		}
	})
}
