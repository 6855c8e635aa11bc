package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// hand is a clock that moves when it is told to.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) time() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// ticker gives ticks when it is told to, by how often they are wanted.
type ticker struct {
	mu sync.Mutex
	by map[time.Duration]chan time.Time
}

func (k *ticker) ticks(every time.Duration) (<-chan time.Time, func()) { return k.of(every), func() {} }

func (k *ticker) of(every time.Duration) chan time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil {
		k.by = map[time.Duration]chan time.Time{}
	}
	if k.by[every] == nil {
		k.by[every] = make(chan time.Time)
	}
	return k.by[every]
}

type bench struct {
	ctx      context.Context
	inst     *store.Installation
	clock    *hand
	ticker   *ticker
	handlers *jobs.Handlers
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		b := &bench{clock: &hand{now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}, inst: store.Bound(ctx).Installation(), ticker: &ticker{}, handlers: &jobs.Handlers{}}
		b.ctx = clock.With(ctx, b.clock.time)
		fn(t, b)
	})
}

func (b *bench) runner(o jobs.Options) *jobs.Runner {
	o.Ticks = b.ticker.ticks
	return jobs.NewRunner(b.inst, b.handlers, o)
}

func (b *bench) enqueue(t *testing.T, kind, key string, payload any) string {
	t.Helper()
	id, err := jobs.Enqueue(b.ctx, kind, key, payload)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bench) get(t *testing.T, id string) *jobs.Job {
	t.Helper()
	j, err := jobs.Get(b.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (b *bench) step(t *testing.T, r *jobs.Runner) bool {
	t.Helper()
	did, err := r.Step(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return did
}

func TestAJobIsDone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		type payload struct{ Rows []int }
		var got payload
		var actor string
		b.handlers.Handle("import", func(ctx context.Context, j *jobs.Job) error {
			if open, _ := store.InTx(ctx); open || store.Bound(ctx).ID() != storetest.TenantID {
				t.Error("the handler is in a transaction, or not in its tenant")
			}
			if ctx.Value(key{}) != "from options" {
				t.Error("Options.Context was not asked")
			}
			actor = j.Actor
			if err := j.Decode(&got); err != nil {
				return err
			}
			if err := j.Progress(ctx, 1, 2, "读取"); err != nil {
				return err
			}
			if now := b.get(t, j.ID); now.State != jobs.Running || now.Done != 1 || now.Total != 2 || now.Note != "读取" {
				t.Errorf("%+v", now)
			}
			b.clock.pass(time.Minute / 2)
			return j.Progress(ctx, 2, 2, "完成")
		})
		r := b.runner(jobs.Options{Context: func(ctx context.Context, j *jobs.Job) context.Context {
			return context.WithValue(ctx, key{}, "from options")
		}})
		id, err := jobs.Enqueue(jobs.WithActor(b.ctx, "account-1"), "import", "x", payload{[]int{1, 2}})
		if err != nil {
			t.Fatal(err)
		}
		if j := b.get(t, id); j.State != jobs.Waiting || j.CreatedAt != store.Stamp(b.clock.time()) {
			t.Errorf("%+v", j)
		}
		if !b.step(t, r) || b.step(t, r) {
			t.Error("not exactly one job")
		}
		j := b.get(t, id)
		if j.State != jobs.Done || j.Done != 2 || j.Attempts != 1 || j.Failure != "" || j.EndedAt != store.Stamp(b.clock.time()) || j.StartedAt >= j.EndedAt {
			t.Errorf("%+v", j)
		}
		if !slices.Equal(got.Rows, []int{1, 2}) || actor != "account-1" {
			t.Errorf("%v %q", got, actor)
		}
		if list, err := jobs.List(b.ctx, jobs.Filter{Kind: "import", Key: "x", State: jobs.Done}); err != nil || len(list) != 1 || list[0].ID != id {
			t.Errorf("%v, %v", list, err)
		}
		if _, err := jobs.Get(b.ctx, "nobody"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

type key struct{}

// Mutation: enqueue in a transaction of its own → red.
func TestAJobIsBornAndDiesWithItsTransaction(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(context.Context, *jobs.Job) error { return nil })
		undo := errors.New("undo")
		err := store.Write(b.ctx, func(ctx context.Context) error {
			if _, err := jobs.Enqueue(ctx, "x", "", nil); err != nil {
				return err
			}
			return undo
		})
		if err != undo {
			t.Fatal(err)
		}
		if list, err := jobs.List(b.ctx, jobs.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		if b.step(t, b.runner(jobs.Options{})) {
			t.Error("did a job that was never asked for")
		}
	})
}

// Mutation: drop ON CONFLICT (the second request fails), or also coalesce with a running job (the last change goes unseen) → red.
func TestRequestsThatWaitAreOne(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var seen []string
		var during string
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			seen = append(seen, j.Payload)
			if len(seen) == 1 {
				var err error
				during, err = jobs.Enqueue(ctx, "x", "k", "during")
				return err
			}
			return nil
		})
		first := b.enqueue(t, "x", "k", "old")
		if again := b.enqueue(t, "x", "k", "new"); again != first {
			t.Error("two jobs wait")
		}
		if other := b.enqueue(t, "x", "another", nil); other == first {
			t.Error("another key is the same job")
		}
		r := b.runner(jobs.Options{})
		if err := r.Drain(b.ctx); err != nil {
			t.Fatal(err)
		}
		slices.Sort(seen)
		if want := []string{``, `"during"`, `"new"`}; !slices.Equal(seen, want) || during == first {
			t.Errorf("%q", seen)
		}
	})
}

// Of one kind and key one runs at a time, however many runners there are. Mutation: drop NOT EXISTS and the index jobs_running → red.
func TestOneOfAKeyRunsAtATime(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		inside := 0
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			inside++
			defer func() { inside-- }()
			if j.Payload == `"1"` {
				b.enqueue(t, "x", "k", "2")
				if b.step(t, b.runner(jobs.Options{})) || inside != 1 {
					t.Error("two of one key at a time")
				}
			}
			return nil
		})
		b.enqueue(t, "x", "k", "1")
		r := b.runner(jobs.Options{})
		for n, want := range []bool{true, true, false} {
			if did := b.step(t, r); did != want {
				t.Errorf("step %d: %v", n+1, did)
			}
		}
	})
}

// Mutation: claim with a SELECT and then an UPDATE by id → red.
func TestTwoRunnersNeverClaimTheSame(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var mu sync.Mutex
		runs := map[string]int{}
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			mu.Lock()
			defer mu.Unlock()
			runs[j.Key]++
			return nil
		})
		for n := range 24 {
			b.enqueue(t, "x", fmt.Sprint(n), nil)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if err := b.runner(jobs.Options{}).Drain(b.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for n := range 24 {
			if runs[fmt.Sprint(n)] != 1 {
				t.Errorf("job %d ran %d times", n, runs[fmt.Sprint(n)])
			}
		}
	})
}

// Mutation: retry at once, or count attempts from the end, or show the cause of an error → red.
func TestAFailureIsTriedAgainLater(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error { return errors.New("secret cause") })
		b.handlers.Handle("told", func(ctx context.Context, j *jobs.Job) error {
			return fault.Wrap(fault.Unavailable, "上级平台没有回应。", errors.New("secret cause"))
		})
		b.handlers.Handle("panics", func(ctx context.Context, j *jobs.Job) error { panic("secret cause") })
		b.handlers.Handle("hopeless", func(ctx context.Context, j *jobs.Job) error {
			return fault.New(fault.Invalid, "文件不是工作簿。")
		})
		r := b.runner(jobs.Options{MaxAttempts: 3, Backoff: 10 * time.Second})
		for _, kind := range []string{"x", "told", "panics"} {
			id := b.enqueue(t, kind, "", nil)
			for try, wait := range []time.Duration{10 * time.Second, 20 * time.Second, 0} {
				if !b.step(t, r) || b.step(t, r) {
					t.Fatalf("%s: try %d: not exactly one run", kind, try+1)
				}
				j := b.get(t, id)
				if j.Attempts != int64(try+1) || strings.Contains(j.Failure, "secret") || j.Failure == "" {
					t.Errorf("%s: %+v", kind, j)
				}
				if wait == 0 {
					if j.State != jobs.Failed || j.EndedAt == "" {
						t.Errorf("%s: after the last try: %+v", kind, j)
					}
					break
				}
				if j.State != jobs.Waiting || j.RunAt != store.Stamp(b.clock.time().Add(wait)) {
					t.Errorf("%s: %+v", kind, j)
				}
				b.clock.pass(wait - time.Second)
				if b.step(t, r) {
					t.Errorf("%s: too early", kind)
				}
				b.clock.pass(time.Second)
			}
			if kind == "told" && b.get(t, id).Failure != "上级平台没有回应。" {
				t.Errorf("%+v", b.get(t, id))
			}
		}
		id := b.enqueue(t, "hopeless", "", nil)
		b.step(t, r)
		if j := b.get(t, id); j.State != jobs.Failed || j.Attempts != 1 || j.Failure != "文件不是工作簿。" {
			t.Errorf("%+v", j)
		}
	})
}

// A request that comes while a failed one waits for its next try runs now, and as a fresh one. Mutation: leave run_at alone in Enqueue → red.
func TestARequestOvertakesTheWaitForARetry(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		fail := true
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			if fail {
				return errors.New("no")
			}
			return nil
		})
		r := b.runner(jobs.Options{})
		id := b.enqueue(t, "x", "", nil)
		b.step(t, r)
		fail = false
		if b.step(t, r) {
			t.Error("tried again at once")
		}
		if again := b.enqueue(t, "x", "", nil); again != id || !b.step(t, r) {
			t.Error("did not run")
		}
		if j := b.get(t, id); j.State != jobs.Done {
			t.Errorf("%+v", j)
		}
	})
}

// A try that failed while a newer request of its key waits makes way for it. Mutation: write Waiting whatever else waits → red.
func TestAFailedJobMakesWayForANewerRequest(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var newer string
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			if newer == "" {
				newer = b.enqueue(t, "x", "", nil)
				return errors.New("no")
			}
			return nil
		})
		r := b.runner(jobs.Options{})
		id := b.enqueue(t, "x", "", nil)
		if err := r.Drain(b.ctx); err != nil {
			t.Fatal(err)
		}
		if a, z := b.get(t, id), b.get(t, newer); a.State != jobs.Failed || z.State != jobs.Done {
			t.Errorf("%+v %+v", a, z)
		}
	})
}

// The worker dies. Mutation: never claim a running job whose lease lapsed (it hangs for ever), or claim one whose lease has not (it runs twice) → red.
func TestALapsedLeaseIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			if j.Attempts > 1 {
				return nil
			}
			// This worker falls silent. Another finds nothing to do until the lease lapses, and then the job.
			other := b.runner(jobs.Options{})
			b.clock.pass(59 * time.Second)
			if b.step(t, other) {
				t.Error("took over a job whose lease had not lapsed")
			}
			b.clock.pass(2 * time.Second)
			if !b.step(t, other) {
				t.Error("nobody took over")
			}
			// The first wakes up: it is told, and can write nothing more.
			if err := j.Progress(ctx, 1, 1, "I am back"); !errors.Is(err, jobs.ErrLost) {
				t.Errorf("progress of a lost job: %v", err)
			}
			if !errors.Is(context.Cause(ctx), jobs.ErrLost) {
				t.Errorf("the context of a lost job: %v", context.Cause(ctx))
			}
			return errors.New("too late")
		})
		id := b.enqueue(t, "x", "", nil)
		b.step(t, b.runner(jobs.Options{Lease: time.Minute}))
		if j := b.get(t, id); j.State != jobs.Done || j.Attempts != 2 || j.Note != "" || j.Failure != "" {
			t.Errorf("%+v", j)
		}
	})
}

// Mutation: do not renew in beat → red.
func TestAHeartbeatKeepsTheLease(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			for range 3 {
				b.clock.pass(50 * time.Second)
				before := b.get(t, j.ID).LeaseUntil
				b.ticker.of(20 * time.Second) <- b.clock.time()
				b.ticker.of(20 * time.Second) <- b.clock.time() // taken only after the first was served
				if b.get(t, j.ID).LeaseUntil <= before {
					t.Error("the lease was not renewed")
				}
			}
			if b.step(t, b.runner(jobs.Options{})) {
				t.Error("taken over though it was alive")
			}
			return nil
		})
		id := b.enqueue(t, "x", "", nil)
		b.step(t, b.runner(jobs.Options{Lease: time.Minute}))
		if j := b.get(t, id); j.State != jobs.Done || j.Attempts != 1 {
			t.Errorf("%+v", j)
		}
	})
}

// A job that kills its worker every time is given up. Mutation: drop the check of MaxAttempts in do → red.
func TestAJobThatKillsItsWorkersIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ran := 0
		b.handlers.Handle("x", func(context.Context, *jobs.Job) error { ran++; return nil })
		id := b.enqueue(t, "x", "", nil)
		exec(t, b.ctx, `UPDATE jobs SET state = 'running', attempts = 5, lease = 'dead', lease_until = ?`, store.Stamp(b.clock.time().Add(-time.Second)))
		b.step(t, b.runner(jobs.Options{}))
		if j := b.get(t, id); ran != 0 || j.State != jobs.Failed || j.Failure == "" {
			t.Errorf("%d runs: %+v", ran, j)
		}
	})
}

// Mutation: leave cancelHere out (the handler waits for ever), or write Done for a job that ended because it was cancelled → red.
func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			if err := jobs.Cancel(b.ctx, j.ID); err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			if err := j.Progress(ctx, 1, 2, ""); !errors.Is(err, jobs.ErrCancelled) {
				t.Errorf("progress: %v", err)
			}
			return ctx.Err()
		})
		r := b.runner(jobs.Options{})
		waiting := b.enqueue(t, "x", "", nil)
		if err := jobs.Cancel(b.ctx, waiting); err != nil {
			t.Fatal(err)
		}
		if j := b.get(t, waiting); j.State != jobs.Cancelled || j.EndedAt == "" || b.step(t, r) {
			t.Errorf("%+v", j)
		}
		if err := jobs.Cancel(b.ctx, waiting); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("cancelled twice: %v", err)
		}
		if err := jobs.Cancel(b.ctx, "nobody"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
		running := b.enqueue(t, "x", "", nil)
		b.step(t, r)
		if j := b.get(t, running); j.State != jobs.Cancelled || j.Failure != "" {
			t.Errorf("%+v", j)
		}
	})
}

// Somebody cancels in another process: the next renewal tells. Mutation: do not look at cancelling in renew → red.
func TestCancelFromElsewhere(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			exec(t, b.ctx, `UPDATE jobs SET cancelling = 1 WHERE id = ?`, j.ID)
			b.ticker.of(20 * time.Second) <- b.clock.time()
			<-ctx.Done()
			return context.Cause(ctx)
		})
		id := b.enqueue(t, "x", "", nil)
		b.step(t, b.runner(jobs.Options{Lease: time.Minute}))
		if j := b.get(t, id); j.State != jobs.Cancelled {
			t.Errorf("%+v", j)
		}
	})
}

// A loop may report every row. Mutation: write each time → red; write nothing between → red.
func TestProgressIsWrittenNowAndThen(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			seen := map[int64]bool{}
			for n := int64(1); n <= 100; n++ {
				b.clock.pass(10 * time.Millisecond)
				if err := j.Progress(ctx, n, 100, "rows"); err != nil {
					return err
				}
				seen[b.get(t, j.ID).Done] = true
			}
			if len(seen) < 5 || len(seen) > 8 || !seen[100] || !seen[1] {
				t.Errorf("seen %v", seen)
			}
			// Inside a transaction it waits for the commit, and does not block it.
			return store.Write(ctx, func(ctx context.Context) error {
				if err := j.Progress(ctx, 1, 1, "last"); err != nil {
					return err
				}
				if now := b.get(t, j.ID); now.Note == "last" {
					t.Error("progress was seen before the commit")
				}
				if b.inst.Kind() == "postgres" { // SQLite has one writer anyway
					// The row is free: somebody else can cancel the job meanwhile. Mutation: write progress inside the transaction → waits for ever, red.
					exec(t, b.ctx, `UPDATE jobs SET cancelling = 0 WHERE id = ?`, j.ID)
				}
				return nil
			})
		})
		id := b.enqueue(t, "x", "", nil)
		b.step(t, b.runner(jobs.Options{}))
		if j := b.get(t, id); j.State != jobs.Done || j.Note != "last" {
			t.Errorf("%+v", j)
		}
	})
}

func exec(t *testing.T, ctx context.Context, statement string, args ...any) {
	t.Helper()
	err := store.Write(ctx, func(ctx context.Context) error {
		_, err := store.Tx(ctx).ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLater(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.handlers.Handle("x", func(context.Context, *jobs.Job) error { return nil })
		r := b.runner(jobs.Options{})
		at := b.clock.time().Add(time.Hour)
		if _, err := jobs.EnqueueAt(b.ctx, "x", "", nil, at); err != nil {
			t.Fatal(err)
		}
		// A later wish does not delay an earlier one.
		if _, err := jobs.EnqueueAt(b.ctx, "x", "", nil, at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		b.clock.pass(time.Hour - time.Microsecond)
		if b.step(t, r) {
			t.Error("too early")
		}
		b.clock.pass(time.Microsecond)
		if !b.step(t, r) {
			t.Error("not at its time")
		}
		if n, err := jobs.Prune(b.ctx, b.clock.time()); err != nil || n != 0 {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := jobs.Prune(b.ctx, b.clock.time().Add(time.Second)); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// Run: woken by a commit, by a poll for jobs of other processes, and stopped without losing anything.
// Mutation: leave out AfterCommit(wake), or the poll → the test hangs, red; do not give jobs back in do → red.
func TestRun(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		did := make(chan string, 10)
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error { did <- j.Payload; return nil })
		started := make(chan struct{})
		b.handlers.Handle("long", func(ctx context.Context, j *jobs.Job) error {
			close(started)
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), jobs.ErrStopping) {
				t.Errorf("%v", context.Cause(ctx))
			}
			return ctx.Err()
		})
		running, stop := context.WithCancel(b.ctx)
		defer stop()
		ended := make(chan error)
		go func() { ended <- b.runner(jobs.Options{Poll: time.Hour}).Run(running) }()
		b.ticker.of(time.Hour) <- b.clock.time() // it has looked once and is waiting now

		b.enqueue(t, "x", "", "woken")
		if got := <-did; got != `"woken"` {
			t.Error(got)
		}
		// A job of another process comes without a wake-up.
		exec(t, b.ctx, `INSERT INTO jobs (id, kind, job_key, payload, state, run_at, attempts, lease, lease_until, cancelling, done, total, note, failure, actor, created_at, started_at, ended_at)
			VALUES ('elsewhere', 'x', '', 'polled', 'waiting', '', 0, '', '', 0, 0, 0, '', '', '', '', '', '')`)
		b.ticker.of(time.Hour) <- b.clock.time()
		if got := <-did; got != "polled" {
			t.Error(got)
		}
		id := b.enqueue(t, "long", "", nil)
		<-started
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if j := b.get(t, id); j.State != jobs.Waiting || j.Attempts != 0 || j.Lease != "" {
			t.Errorf("not given back: %+v", j)
		}
	})
}

// Every tenant has its turn. Mutation: begin each round with the first tenant, or let one take every place → red.
func TestTenantsShare(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		db, err := b.inst.CreateTenant(b.ctx, store.Tenant{ID: "other", Name: "邻县"})
		if err != nil {
			t.Fatal(err)
		}
		other := store.In(b.ctx, db)
		var order []string
		b.handlers.Handle("x", func(ctx context.Context, j *jobs.Job) error {
			order = append(order, store.Bound(ctx).ID())
			return nil
		})
		for n := range 3 {
			b.enqueue(t, "x", fmt.Sprint(n), nil)
		}
		for n := range 3 {
			if _, err := jobs.Enqueue(other, "x", fmt.Sprint(n), nil); err != nil {
				t.Fatal(err)
			}
		}
		r := b.runner(jobs.Options{})
		if err := r.Drain(b.ctx); err != nil {
			t.Fatal(err)
		}
		if len(order) != 6 || order[0] == order[1] || order[1] == order[2] || order[2] == order[3] {
			t.Errorf("%v", order)
		}

		// One tenant with more long jobs than there are workers leaves a place for the other.
		release, done := make(chan struct{}), make(chan struct{})
		b.handlers.Handle("long", func(ctx context.Context, j *jobs.Job) error { <-release; return nil })
		b.handlers.Handle("quick", func(ctx context.Context, j *jobs.Job) error { close(done); return nil })
		for n := range 5 {
			b.enqueue(t, "long", fmt.Sprint(n), nil)
		}
		running, stop := context.WithCancel(b.ctx)
		ended := make(chan error)
		go func() { ended <- b.runner(jobs.Options{Workers: 3, Poll: time.Hour}).Run(running) }()
		b.ticker.of(time.Hour) <- b.clock.time()
		if _, err := jobs.Enqueue(other, "quick", "", nil); err != nil {
			t.Fatal(err)
		}
		<-done
		stop()
		close(release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestCount(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.enqueue(t, "x", "1", nil)
		b.enqueue(t, "x", "2", nil)
		counts, err := jobs.Count(b.ctx)
		if err != nil || counts[jobs.Waiting] != 2 || counts[jobs.Running] != 0 || counts[jobs.Failed] != 0 {
			t.Errorf("%v, %v", counts, err)
		}
	})
}
