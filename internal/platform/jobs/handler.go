package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Handler does a job. Its ctx is bound to the job's tenant, carries no transaction, and is cancelled when the job is cancelled or lost
// or the runner stops. An error is a failure that is tried again later, unless it is a fault that trying cannot mend (Invalid, NotFound,
// Conflict, Forbidden, TooLarge). Only a fault's sentence is shown to people.
type Handler func(ctx context.Context, j *Job) error

// Handlers says who does which kind of job. The zero value is ready for use.
type Handlers struct {
	mu  sync.Mutex
	all map[string]Handler
}

// Handle gives a kind its handler; twice for one kind panics.
func (h *Handlers) Handle(kind string, fn func(ctx context.Context, j *Job) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[string]Handler{}
	}
	if h.all[kind] != nil {
		panic("jobs: two handlers of " + kind)
	}
	h.all[kind] = fn
}

func (h *Handlers) of(kind string) Handler {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[kind]
}

func (h *Handlers) kinds() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for kind := range h.all {
		out = append(out, kind)
	}
	slices.Sort(out)
	return out
}

// running is what a handler's job knows of its run.
type running struct {
	runner *Runner
	db     *store.DB
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	written time.Time // when progress was last written
}

// progressEvery is how often progress is written at most: a page that polls sees no difference, and a loop may report every row.
const progressEvery = 200 * time.Millisecond

// Progress tells people how far the job is, and renews the lease. It writes at most every 200 ms, but always when done is total; inside a
// transaction it waits for the commit. It returns ErrCancelled, ErrLost or ErrStopping when the job should end.
func (j *Job) Progress(ctx context.Context, done, total int64, note string) error {
	if j.run == nil {
		return errors.New("jobs: Progress outside of a handler")
	}
	j.run.mu.Lock()
	now := clock.Now(ctx)
	due := done == total || j.run.written.IsZero() || now.Sub(j.run.written) >= progressEvery || note != j.Note
	if due {
		j.run.written = now
		j.Done, j.Total, j.Note = done, total, note
	}
	j.run.mu.Unlock()
	if !due {
		return ended(ctx)
	}
	if open, write := store.InTx(ctx); open && write {
		store.AfterCommit(ctx, func(ctx context.Context) { j.renew(ctx, &progress{done, total, note}) })
		return ended(ctx)
	}
	if err := j.renew(ctx, &progress{done, total, note}); err != nil {
		return err
	}
	return ended(ctx)
}

// ended is why ctx is over, or nil.
func ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

type progress struct {
	done, total int64
	note        string
}

// renew writes the lease's new end, and progress if given. Whoever lost the job learns it here.
func (j *Job) renew(ctx context.Context, p *progress) error {
	if err := ended(ctx); err != nil {
		return err
	}
	var cancelling, n int
	err := store.Write(store.In(ctx, j.run.db), func(ctx context.Context) error {
		until := store.Stamp(clock.Now(ctx).Add(j.run.runner.options.Lease))
		tx := store.Tx(ctx)
		n = 0
		q := tx.NewUpdate().Table("jobs").Set("lease_until = ?", until).Where("id = ? AND state = 'running' AND lease = ?", j.ID, j.Lease).Returning("cancelling")
		if p != nil {
			q = q.Set("done = ?", p.done).Set("total = ?", p.total).Set("note = ?", p.note)
		}
		var rows []int
		if err := q.Scan(ctx, &rows); err != nil {
			return err
		}
		if n = len(rows); n == 1 {
			cancelling = rows[0]
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		j.run.cancel(ErrLost)
		return ErrLost
	case cancelling == 1:
		j.run.cancel(ErrCancelled)
		return ErrCancelled
	}
	return nil
}

// call runs the handler and makes a panic an error.
func call(ctx context.Context, h Handler, j *Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("jobs: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h(ctx, j)
}

// hopeless says that trying again cannot help.
func hopeless(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden, fault.TooLarge:
		return true
	}
	return false
}
