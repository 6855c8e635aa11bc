package schemes

import (
	"context"
	"fmt"
	"sync"

	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Compiled is a published set ready to use. It is never changed and may be read by many goroutines.
type Compiled struct {
	Hash    string // of the set
	Library *policy.Library
	Chain   Chain
	entries []*entry

	calendar func() *calendar.Calendar // made when somebody first counts days
}

// Current is the compiled set in use. It reads the set's hash in the caller's transaction every time and compiles
// only what was not compiled yet, so it can never be stale: neither after a publication by another process nor inside
// the transaction that publishes. Tenants with equal sets share one.
func Current(ctx context.Context) (*Compiled, error) {
	hash, err := currentHash(ctx)
	if err != nil {
		return nil, err
	}
	return compiled.get(hash, func() (*policy.Library, Chain, error) {
		s, err := CurrentSet(ctx)
		if err != nil {
			return nil, nil, err
		}
		if s.Hash != hash {
			return nil, nil, errMoved
		}
		return load(s)
	})
}

// At is the compiled set of one publication, in use or not, for what is pinned to the rules of its day. NotFound if there is no
// such publication.
func At(ctx context.Context, publication string) (*Compiled, error) {
	var out *Compiled
	err := store.Read(ctx, func(ctx context.Context) error {
		// A publication never changes: what asks again in the same transaction is told the same.
		hash := store.Local(ctx, publicationKey{publication}, func() *string { return new(string) })
		var err error
		if *hash == "" {
			if *hash, err = publishedHash(ctx, publication); err != nil {
				return err
			}
		}
		out, err = compiled.get(*hash, func() (*policy.Library, Chain, error) {
			s, err := setOf(ctx, publication)
			if err != nil {
				return nil, nil, err
			}
			return load(s)
		})
		return err
	})
	return out, err
}

type publicationKey struct{ id string }

// InUse is the publication in use, empty before the first.
func InUse(ctx context.Context) (id string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		id, err = currentPublication(ctx)
		return err
	})
	return id, err
}

// load compiles a set that was checked when it was published.
func load(s *Set) (*policy.Library, Chain, error) {
	library, problems := policy.Load(s.policyFiles())
	if policy.HasErrors(problems) {
		// This program reads the language differently from the one that published it.
		return nil, nil, fault.Wrap(fault.Internal, "已发布的政策文件无法读取，请联系管理员",
			fmt.Errorf("published set does not load: %s", firstError(problems)))
	}
	return library, s.Chain, nil
}

// Library is the compiled policy library in use in the tenant of ctx.
func Library(ctx context.Context) (*policy.Library, error) {
	c, err := Current(ctx)
	if err != nil {
		return nil, err
	}
	return c.Library, nil
}

func firstError(ps []policy.Problem) string {
	for _, p := range ps {
		if p.Severity == policy.SeverityError {
			return p.String()
		}
	}
	return ""
}

var errMoved = fault.New(fault.Conflict, "政策文件刚刚更新，请重试")

// cache holds compiled sets by their hash: content never changes under a hash, so nothing has to be invalidated.
type cache struct {
	mu    sync.Mutex
	slots map[string]*slot
	tick  int64
	limit int
}

type slot struct {
	mu    sync.Mutex // one compilation at a time
	value *Compiled
	used  int64
}

// The sets of 64 tenants, at a few megabytes each.
var compiled = &cache{slots: map[string]*slot{}, limit: 64}

func (c *cache) slot(hash string) *slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick++
	s := c.slots[hash]
	if s == nil {
		if len(c.slots) >= c.limit {
			oldest := ""
			for h, s := range c.slots {
				if oldest == "" || s.used < c.slots[oldest].used {
					oldest = h
				}
			}
			delete(c.slots, oldest)
		}
		s = &slot{}
		c.slots[hash] = s
	}
	s.used = c.tick
	return s
}

func (c *cache) get(hash string, load func() (*policy.Library, Chain, error)) (*Compiled, error) {
	s := c.slot(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value == nil {
		library, chain, err := load()
		if err != nil {
			return nil, err
		}
		s.value = compile(hash, library, chain)
	}
	return s.value, nil
}

func (c *cache) keep(hash string, library *policy.Library, chain Chain) {
	s := c.slot(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value == nil {
		s.value = compile(hash, library, chain)
	}
}

func compile(hash string, library *policy.Library, chain Chain) *Compiled {
	return &Compiled{Hash: hash, Library: library, Chain: chain, entries: index(library, chain),
		calendar: sync.OnceValue(func() *calendar.Calendar { return calendar.With(library.Calendars()) })}
}
