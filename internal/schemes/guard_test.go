package schemes

import (
	"context"
	"os"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
)

// Two publishers who start from the same set: the second is refused, whatever it says. Turns red when the UNIQUE of
// scheme_publications.previous and the condition of the UPDATE of scheme_current are both dropped.
func TestSetIsReplacedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		if _, err := Seed(ctx, os.DirFS("testdata/seed"), "lower"); err != nil {
			t.Fatal(err)
		}
		ctx = account.System(ctx)
		current, err := CurrentSet(ctx)
		if err != nil {
			t.Fatal(err)
		}
		change := func(cite string) error {
			body := strings.Replace(string(current.byPath()["upper/up2026.yaml"].Body), "第二条", cite, 1)
			_, err := replace(ctx, current, Proposal{Files: []policy.File{{Path: "upper/up2026.yaml", Data: []byte(body)}}}, deskOrigin, nil)
			return err
		}
		if err := change("第三条"); err != nil {
			t.Fatal(err)
		}
		if err := change("第四条"); fault.CodeOf(err) != fault.Conflict {
			t.Fatalf("the second publisher overwrote the first: %v", err)
		}
		after, err := CurrentSet(ctx)
		if err != nil || !strings.Contains(string(after.byPath()["upper/up2026.yaml"].Body), "第三条") {
			t.Errorf("%v", err)
		}
	})
}

// Equal sets share one compilation, another set never does, and the oldest leaves a full cache. Turns red when the key of the cache
// is anything but the hash (the tenant, the publication), or slot never deletes.
func TestCacheIsKeyedByContent(t *testing.T) {
	c := &cache{slots: map[string]*slot{}, limit: 2}
	loads := 0
	load := func() (*policy.Library, Chain, error) {
		loads++
		library, _ := policy.Load(nil)
		return library, nil, nil
	}
	get := func(hash string) *Compiled {
		got, err := c.get(hash, load)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	a, b := get("a"), get("b")
	if a == b || get("a") != a || loads != 2 {
		t.Errorf("%d loads", loads)
	}
	get("c") // b is the oldest now
	if get("a") != a || loads != 3 || len(c.slots) != 2 {
		t.Errorf("%d loads, %d slots", loads, len(c.slots))
	}
	if get("b"); loads != 4 {
		t.Errorf("b was not dropped: %d loads", loads)
	}
}
