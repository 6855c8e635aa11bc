package matching

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"shanglin/internal/account"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// pageSize is how many parties are read, answered and written together: a write transaction of some tens of milliseconds.
const pageSize = 400

// Progress tells how far a bulk computation is.
type Progress func(ctx context.Context, done, total int64, note string) error

// runAll recomputes every party.
func (m *Matching) runAll(ctx context.Context, j *jobs.Job) error {
	return m.All(ctx, j.Progress)
}

// errSuperseded ends a bulk computation whose schemes were replaced: the publication queued its successor.
var errSuperseded = fmt.Errorf("matching: superseded by a publication")

// batch is a page on its way from reading to writing.
type batch struct {
	basis *basis
	page  []reckoning
	last  string // the party it ends with
	seen  int    // parties read
}

// All recomputes every party, a page at a time: while one page is being written the next is read and answered. It holds three pages
// in memory at most and no transaction longer than a page. It ends early, without error, when the schemes are replaced meanwhile, since the
// publication queued another.
func (m *Matching) All(ctx context.Context, progress Progress) error {
	ctx = account.System(ctx)
	total, err := m.registry.Count(ctx)
	if err != nil {
		return err
	}
	if err := progress(ctx, 0, total, ""); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	pages := make(chan batch)
	group.Go(func() error {
		defer close(pages)
		set, after := "", ""
		for {
			b, err := m.readPage(ctx, after)
			if err != nil {
				return err
			}
			if set == "" {
				set = b.basis.set.Hash
			} else if set != b.basis.set.Hash {
				return errSuperseded
			}
			if b.seen == 0 {
				return nil
			}
			after = b.last
			select {
			case pages <- *b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	group.Go(func() error {
		var done int64
		for b := range pages {
			err := store.Write(ctx, func(ctx context.Context) error {
				_, err := save(ctx, b.basis, b.page, false)
				return err
			})
			if err != nil {
				return err
			}
			done += int64(b.seen)
			if err := progress(ctx, min(done, total), total, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); err != errSuperseded {
		return err
	}
	return nil
}

// readPage reads and answers the parties after one, in the order of their ids. Facts stream past: reading is one cursor,
// answering is spread over the processors.
func (m *Matching) readPage(ctx context.Context, after string) (*batch, error) {
	b, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	var out *batch
	err = store.Read(ctx, func(ctx context.Context) error {
		out = &batch{basis: b, last: after, page: make([]reckoning, pageSize)}
		kinds, err := kindsAfter(ctx, after, pageSize)
		if err != nil {
			return err
		}
		type task struct {
			at          int
			party, kind string
			facts       *policy.Facts
		}
		page, workers := out.page, runtime.GOMAXPROCS(0)
		tasks := make(chan task, 2*workers)
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for t := range tasks {
					page[t.at] = reckon(b.live, t.party, t.kind, t.facts, b.on)
				}
			})
		}
		err = m.registry.EachFacts(ctx, b.set.Library.Vocabulary(), after, pageSize, func(party string, facts *policy.Facts) error {
			tasks <- task{out.seen, party, kinds[party], facts}
			out.seen++
			out.last = party
			return nil
		})
		close(tasks)
		group.Wait()
		out.page = page[:out.seen]
		return err
	})
	return out, err
}

// dirtyPage is how many marked parties are recomputed together.
const dirtyPage = 100

// runDirty recomputes the marked parties until none is left.
func (m *Matching) runDirty(ctx context.Context, j *jobs.Job) error {
	return m.Dirty(ctx, j.Progress)
}

// Dirty recomputes the marked parties, a page at a time, until none is left.
func (m *Matching) Dirty(ctx context.Context, progress Progress) error {
	ctx = account.System(ctx)
	var done int64
	for {
		parties, left, err := marked(ctx, dirtyPage)
		if err != nil {
			return err
		}
		if err := progress(ctx, done, done+left, ""); err != nil || len(parties) == 0 {
			return err
		}
		if _, err := m.Recompute(ctx, parties...); err != nil {
			return err
		}
		done += int64(len(parties))
	}
}
