package schemes_test

import (
	"context"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

type twoTenants struct {
	inst         *store.Installation
	upper, lower *store.DB
	up, low      context.Context
}

func tenants(t *testing.T, ctx context.Context, inst *store.Installation) twoTenants {
	t.Helper()
	var err error
	out := twoTenants{inst: inst}
	if out.upper, err = inst.CreateTenant(ctx, store.Tenant{ID: "upper", Name: "上级市"}); err != nil {
		t.Fatal(err)
	}
	if out.lower, err = inst.CreateTenant(ctx, store.Tenant{ID: "lower", Name: "本县"}); err != nil {
		t.Fatal(err)
	}
	out.up, out.low = store.In(ctx, out.upper), store.In(ctx, out.lower)
	return out
}

// What is published above comes down by hash, once; the tenant's own files stay. Turns red when adopt publishes although nothing differs,
// when Inherit copies the own folder, or when a file that left the set above stays below.
func TestInherit(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		x := tenants(t, ctx, inst)
		files := seedFiles(t)
		mustSeed(t, x.up, files, "upper")
		mustSeed(t, x.low, files, "lower")
		if pub, err := schemes.Inherit(ctx, x.upper, x.lower); err != nil || !pub.Unchanged() {
			t.Fatalf("equal files came down: %+v, %v", pub, err)
		}

		text := strings.Replace(string(files["upper/up2026.yaml"].Data), "amount: 10万元", "amount: 12万元", 1)
		text = strings.Replace(text, "amount: 10万元}", "amount: 12万元}", 1)
		if _, err := schemes.Publish(account.System(x.up), schemes.Proposal{Files: []policy.File{{Path: "upper/up2026.yaml", Data: []byte(text)}}}); err != nil {
			t.Fatal(err)
		}
		pub, err := schemes.Inherit(ctx, x.upper, x.lower)
		if err != nil || len(pub.Changed) != 1 || len(pub.Added)+len(pub.Removed) != 0 {
			t.Fatalf("%+v, %v", pub, err)
		}
		if got := exported(t, x.low)["upper/up2026.yaml"]; got != text {
			t.Errorf("another text came down")
		}
		if again, err := schemes.Inherit(ctx, x.upper, x.lower); err != nil || !again.Unchanged() {
			t.Errorf("came down twice: %+v, %v", again, err)
		}
		if v, _ := schemes.Versions(x.low, "upper/up2026.yaml"); len(v) != 2 || v[0].Origin != "tenant:upper" {
			t.Errorf("versions %+v", v)
		}
		// A seed of the old file does not undo what came from above.
		if again := mustSeed(t, x.low, files, "lower"); !again.Unchanged() {
			t.Errorf("the seed undid it: %+v", again)
		}

		// What a neighbour holds in the county's own folder never comes over.
		neighbour, err := inst.CreateTenant(ctx, store.Tenant{ID: "neighbour", Name: "邻县"})
		if err != nil {
			t.Fatal(err)
		}
		edited := seedFiles(t)
		edit(t, edited, "upper/up2026.yaml", "amount: 10万元", "amount: 12万元")
		edit(t, edited, "upper/up2026.yaml", "amount: 10万元}", "amount: 12万元}")
		edit(t, edited, "lower/low2025.yaml", "规模企业增长奖励", "邻县的奖励")
		mustSeed(t, store.In(ctx, neighbour), edited, "lower")
		if pub, err := schemes.Inherit(ctx, neighbour, x.lower); err != nil || !pub.Unchanged() {
			t.Errorf("a neighbour's own files came over: %+v, %v", pub, err)
		}

		if _, err := schemes.Publish(account.System(x.up), schemes.Proposal{Remove: []string{"upper/up2026.yaml"}}); err != nil {
			t.Fatal(err)
		}
		if pub, err := schemes.Inherit(ctx, x.upper, x.lower); err != nil || len(pub.Removed) != 1 {
			t.Errorf("%+v, %v", pub, err)
		}
		if got := exported(t, x.low); len(got) != 3 || got["lower/low2025.yaml"] == "" {
			t.Errorf("%d files below", len(got))
		}
	})
}

// Pull follows the tenant above, costs nothing when nothing changed, and reports a set that does not fit once, leaving what is in use.
// Turns red when setSeen is not called after a failure, or a failure changes the set.
func TestPull(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		x := tenants(t, ctx, inst)
		files := seedFiles(t)
		mustSeed(t, x.up, files, "upper")
		mustSeed(t, x.low, files, "lower")
		if pub, err := schemes.Pull(ctx, inst, x.lower); pub != nil || err != nil {
			t.Errorf("pulled from nobody: %+v, %v", pub, err)
		}
		if err := schemes.SetAbove(account.System(x.low), "upper"); err != nil {
			t.Fatal(err)
		}
		if pub, err := schemes.Pull(ctx, inst, x.lower); err != nil || pub == nil || !pub.Unchanged() {
			t.Errorf("%+v, %v", pub, err)
		}
		if pub, err := schemes.Pull(ctx, inst, x.lower); pub != nil || err != nil {
			t.Errorf("looked again at the same set: %+v, %v", pub, err)
		}

		// A term that the lower tenant's own file reads disappears above.
		words := strings.Replace(string(files["upper/vocabulary.yaml"].Data), "员工人数", "职工人数", 1)
		if _, err := schemes.Publish(account.System(x.up), schemes.Proposal{Files: []policy.File{{Path: "upper/vocabulary.yaml", Data: []byte(words)}}}); err != nil {
			t.Fatal(err)
		}
		before := exported(t, x.low)
		if _, err := schemes.Pull(ctx, inst, x.lower); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%v", err)
		}
		if pub, err := schemes.Pull(ctx, inst, x.lower); pub != nil || err != nil {
			t.Errorf("reported twice: %+v, %v", pub, err)
		}
		if got := exported(t, x.low); got["upper/vocabulary.yaml"] != before["upper/vocabulary.yaml"] || len(got) != len(before) {
			t.Errorf("a set that does not fit was taken")
		}
	})
}

// Two tenants with different schemes, asked in turn: each gets its own. Turns red when the cache forgets which set it holds
// (compiled.get keyed by a constant).
func TestTenantsSeeTheirOwnSchemes(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		x := tenants(t, ctx, inst)
		mustSeed(t, x.up, seedFiles(t), "upper")
		mustSeed(t, x.low, seedFiles(t), "lower")
		for range 3 {
			up, err := schemes.Library(x.up)
			if err != nil {
				t.Fatal(err)
			}
			low, err := schemes.Library(x.low)
			if err != nil {
				t.Fatal(err)
			}
			if up.Scheme("low2025/L1") != nil || up.Scheme("up2026/U1") == nil {
				t.Fatal("the upper tenant sees what the lower one published")
			}
			if low.Scheme("low2025/L1") == nil {
				t.Fatal("the lower tenant lost its scheme")
			}
		}
		// Inside the transaction that publishes, and after it, the new set is seen; before and beside it, the old one.
		err := store.Write(account.System(x.low), func(ctx context.Context) error {
			if _, err := schemes.Publish(ctx, schemes.Proposal{Remove: []string{"lower/low2025.yaml"}}); err != nil {
				return err
			}
			library, err := schemes.Library(ctx)
			if err == nil && library.Scheme("low2025/L1") != nil {
				t.Error("stale inside the transaction")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if library, err := schemes.Library(x.low); err != nil || library.Scheme("low2025/L1") != nil {
			t.Errorf("stale after the publication: %v", err)
		}
	})
}
