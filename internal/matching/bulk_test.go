package matching_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// many registers n firms in bulk with figures that grow by i per cent, without any of them being computed.
func (c *county) many(n int) []string {
	c.t.Helper()
	parties := make([]registry.Party, n)
	for i := range parties {
		parties[i] = registry.Party{Kind: registry.KindFirm, Code: code(1000 + i), Name: fmt.Sprintf("企业%04d", i), Town: []string{"东镇", "西镇"}[i%2]}
	}
	parties, err := c.registry.PutParties(c.ctx, parties)
	if err != nil {
		c.t.Fatal(err)
	}
	var statements []registry.Statement
	ids := make([]string, n)
	for i, p := range parties {
		ids[i] = p.ID
		for year, value := range map[int]string{2024: "1000万元", 2025: fmt.Sprintf("%d万元", 1000+10*i)} {
			statements = append(statements, registry.Statement{Party: p.ID, Term: "销售额", Year: year, Value: value, Source: "统计部门", Verified: true})
		}
	}
	if _, err := c.registry.PutFacts(c.ctx, statements); err != nil {
		c.t.Fatal(err)
	}
	return ids
}

// Everybody is computed, over several pages, and a second run writes no answer. Turns red when a page loses its last party,
// or unchanged rows are written again (drop the digest).
func TestAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		ids := c.many(1001) // three pages
		if n := len(c.stored()); n != 0 {
			t.Fatalf("%d answers before the run", n)
		}
		var steps []int64
		progress := func(_ context.Context, done, total int64, _ string) error {
			if total != 1001 {
				t.Errorf("total %d", total)
			}
			steps = append(steps, done)
			return nil
		}
		if err := c.matching.All(c.ctx, progress); err != nil {
			t.Fatal(err)
		}
		if len(steps) != 4 || steps[3] != 1001 {
			t.Errorf("progress %v", steps)
		}
		rows := c.stored()
		if len(rows) != 5*1001 {
			t.Errorf("%d answers", len(rows))
		}
		for i, id := range ids {
			// Growth of i per cent: from 10 on it is met; i × 10 wan yuan more, each whole 100 wan gives 500 yuan, at most 300,000.
			want := "unmet"
			var high int64
			if i >= 10 {
				want, high = "met", int64(min(i/10*500, 300_000)*100)
			}
			if got := rows[id+" m2025/growth"]; got.Answer != want || got.High != high {
				t.Errorf("firm %d: %+v, want %s %d", i, got, want, high)
			}
		}
		if err := c.matching.All(c.ctx, silent); err != nil {
			t.Fatal(err)
		}
		for key, row := range c.stored() {
			if rows[key] != row {
				t.Fatalf("%s was written again: %+v, was %+v", key, row, rows[key])
			}
		}
		if n := c.number("SELECT COUNT(*) FROM match_parties WHERE version <= ?", 3); n != 0 {
			t.Errorf("%d parties were not computed again", n)
		}
	})
}

// A run can be cancelled: it ends with the error of its context and what it wrote stays whole. Turns red when the pages are not
// read under the context.
func TestAllIsCancelled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		c.many(1001)
		ctx, cancel := context.WithCancel(c.ctx)
		err := c.matching.All(ctx, func(_ context.Context, done, _ int64, _ string) error {
			if done > 0 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		if n := len(c.stored()); n == 0 || n%5 != 0 || n == 5*1001 {
			t.Errorf("%d answers", n)
		}
	})
}

// A publication during a run: the run ends early without error, and the publication's own job computes by the new schemes.
// Turns red when a run goes on with the schemes it began with.
func TestRunIsSuperseded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		c.many(1001)
		file, err := os.ReadFile("testdata/seed/county/m2025.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(file), "at_most: 30万元", "at_most: 20万元")
		published := false
		err = c.matching.All(c.ctx, func(ctx context.Context, done, _ int64, _ string) error {
			if done == 0 || published {
				return nil
			}
			published = true
			_, err := schemes.Publish(c.ctx, schemes.Proposal{Files: []policy.File{{Path: "county/m2025.yaml", Data: []byte(text)}}})
			return err
		})
		if err != nil || !published {
			t.Fatalf("%v, published %v", err, published)
		}
		if n := c.number("SELECT COUNT(*) FROM answers"); n == 5*1001 {
			t.Errorf("the run went on")
		}
		if n := c.waiting(schemes.JobRecompute); n != 1 {
			t.Errorf("%d jobs wait", n)
		}
		if err := c.matching.All(c.ctx, silent); err != nil {
			t.Fatal(err)
		}
		current, err := schemes.Current(c.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n := c.number("SELECT COUNT(*) FROM match_parties WHERE set_hash = ?", current.Hash); n != 1001 {
			t.Errorf("%d parties by the new schemes", n)
		}
	})
}

// waiting is how many jobs of a kind wait.
func (c *county) waiting(kind string) int {
	c.t.Helper()
	list, err := jobs.List(c.ctx, jobs.Filter{Kind: kind, State: jobs.Waiting})
	if err != nil {
		c.t.Fatal(err)
	}
	return len(list)
}

// However often many parties change, one job waits. Turns red when the key of the job is new every time.
func TestBulkWorkIsCoalesced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		for range 3 {
			if err := c.matching.RecomputeAll(c.ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := c.waiting(schemes.JobRecompute); n != 1 {
			t.Errorf("%d jobs wait", n)
		}
	})
}

// Two tenants in one installation: each is answered by its own schemes and its own facts. Turns red when the compiled set, the facts
// or the answers of one are reached from the other.
func TestTenantsAreApart(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		var counties [2]*county
		for i, id := range []string{"one", "two"} {
			db, err := inst.CreateTenant(ctx, store.Tenant{ID: id, Name: id})
			if err != nil {
				t.Fatal(err)
			}
			counties[i] = found(t, store.In(ctx, db))
		}
		one, two := counties[0], counties[1]
		file, err := os.ReadFile("testdata/seed/county/m2025.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(file), "at_least: 10%", "at_least: 5%")
		text = strings.Replace(text, "销售额@P: 1099万元}, expect: {answer: unmet}", "销售额@P: 1049万元}, expect: {answer: unmet}", 1)
		if _, err := schemes.Publish(two.ctx, schemes.Proposal{Files: []policy.File{{Path: "county/m2025.yaml", Data: []byte(text)}}}); err != nil {
			t.Fatal(err)
		}
		a, b := one.firm(1, "甲", "东镇"), two.firm(1, "甲", "东镇")
		one.figure(a, "销售额", 2024, "1000万元")
		two.figure(b, "销售额", 2024, "1000万元")
		one.figure(a, "销售额", 2025, "1050万元")
		two.figure(b, "销售额", 2025, "1050万元")
		if got := one.stored()[a+" m2025/growth"].Answer; got != "unmet" {
			t.Errorf("the first county answers %s", got)
		}
		if got := two.stored()[b+" m2025/growth"].Answer; got != "met" {
			t.Errorf("the second county answers %s", got)
		}
		if len(one.stored()) != 5 || len(two.stored()) != 5 {
			t.Errorf("%d and %d answers", len(one.stored()), len(two.stored()))
		}
		if _, err := one.matching.StandpointsOf(one.ctx, b, 0, false); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("the first county reads a firm of the second: %v", err)
		}
	})
}
