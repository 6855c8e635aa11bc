package jobs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Options of a runner; zero values take the defaults.
type Options struct {
	Workers     int           // jobs at the same time; default 4. One tenant gets all but one of them at most.
	Lease       time.Duration // how long a job stays somebody's who is silent; default 1 minute
	Poll        time.Duration // how often every tenant is looked at; default 2 s. Jobs of this process need no poll.
	MaxAttempts int64         // default 5
	Backoff     time.Duration // before the second try, doubled before each further one, at most 10 minutes; default 5 s
	Keep        time.Duration // how long ended jobs are kept; default 90 days

	// Context makes of the ctx of a job, which is bound to its tenant, the one that its handler gets.
	Context func(ctx context.Context, j *Job) context.Context

	// Ticks is a ticker that tests can replace.
	Ticks func(every time.Duration) (c <-chan time.Time, stop func())
}

const maxBackoff = 10 * time.Minute

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = max(4, runtime.GOMAXPROCS(0))
	}
	if o.Lease <= 0 {
		o.Lease = time.Minute
	}
	if o.Poll <= 0 {
		o.Poll = 2 * time.Second
	}
	if o.MaxAttempts <= 0 {
		o.MaxAttempts = 5
	}
	if o.Backoff <= 0 {
		o.Backoff = 5 * time.Second
	}
	if o.Keep <= 0 {
		o.Keep = 90 * 24 * time.Hour
	}
	if o.Context == nil {
		o.Context = func(ctx context.Context, j *Job) context.Context { return ctx }
	}
	if o.Ticks == nil {
		o.Ticks = func(every time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(every)
			return t.C, t.Stop
		}
	}
	return o
}

// Runner does the jobs of every tenant of an installation. Several, in one process or many, share the work.
type Runner struct {
	inst     *store.Installation
	handlers *Handlers
	options  Options
	woken    chan struct{} // something was enqueued here

	mu    sync.Mutex
	busy  map[string]int      // tenant → jobs that run here
	runs  map[string]*running // by job id
	next  int                 // where the round of tenants goes on
	prune time.Time
}

// NewRunner makes a runner; Run starts it.
func NewRunner(inst *store.Installation, h *Handlers, o Options) *Runner {
	return &Runner{inst: inst, handlers: h, options: o.withDefaults(), woken: make(chan struct{}, 1), busy: map[string]int{}, runs: map[string]*running{}}
}

// runners that live in this process, to be woken by a commit here.
var (
	runnersMu sync.Mutex
	runners   = map[*Runner]bool{}
)

func (r *Runner) register() (unregister func()) {
	runnersMu.Lock()
	defer runnersMu.Unlock()
	runners[r] = true
	return func() {
		runnersMu.Lock()
		defer runnersMu.Unlock()
		delete(runners, r)
	}
}

func here(ctx context.Context) []*Runner {
	runnersMu.Lock()
	defer runnersMu.Unlock()
	var out []*Runner
	for r := range runners {
		if r.inst == store.Bound(ctx).Installation() {
			out = append(out, r)
		}
	}
	return out
}

// wake tells the runners of this process that there is something to do.
func wake(ctx context.Context) {
	for _, r := range here(ctx) {
		r.nudge()
	}
}

func (r *Runner) nudge() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// cancelHere cancels a job that runs in this process at once; elsewhere the next renewal of the lease does.
func cancelHere(ctx context.Context, id string) {
	for _, r := range here(ctx) {
		r.mu.Lock()
		if run := r.runs[id]; run != nil {
			run.cancel(ErrCancelled)
		}
		r.mu.Unlock()
	}
}

// Run does jobs until ctx ends, then cancels those that run with ErrStopping, waits for them and gives them back.
func (r *Runner) Run(ctx context.Context) error {
	defer r.register()()
	poll, stop := r.options.Ticks(r.options.Poll)
	defer stop()
	slots := make(chan struct{}, r.options.Workers)
	var group sync.WaitGroup
	defer group.Wait()
	for {
		for {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			db, j, err := r.claimAny(ctx)
			if err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "jobs: looking for work", "error", err)
			}
			if j == nil {
				<-slots
				break
			}
			group.Add(1)
			go func() {
				defer func() {
					<-slots
					r.nudge() // there may be more to do, or a job of the same key was waiting
					group.Done()
				}()
				r.do(ctx, db, j)
			}()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.woken:
		case <-poll:
			r.pruneSometimes(ctx)
		}
	}
}

// Step does one job that is due, if there is one, and says so. It is Run for tests and for the command line.
func (r *Runner) Step(ctx context.Context) (did bool, err error) {
	defer r.register()()
	db, j, err := r.claimAny(ctx)
	if j == nil || err != nil {
		return false, err
	}
	r.do(ctx, db, j)
	return true, nil
}

// Drain does jobs until none is due.
func (r *Runner) Drain(ctx context.Context) error {
	for {
		if did, err := r.Step(ctx); err != nil || !did {
			return err
		}
	}
}

// claimAny takes a job of the next tenant that has one. A tenant that cannot be reached does not stop the others.
func (r *Runner) claimAny(ctx context.Context) (*store.DB, *Job, error) {
	tenants, err := r.inst.Tenants(ctx)
	if err != nil || len(tenants) == 0 {
		return nil, nil, err
	}
	r.mu.Lock()
	start := r.next
	r.mu.Unlock()
	var failed error
	for n := range tenants {
		at := (start + n) % len(tenants)
		id := tenants[at].ID
		if !r.enter(id) {
			continue
		}
		db, err := r.inst.Tenant(ctx, id)
		var j *Job
		if err == nil {
			j, err = r.claim(store.In(ctx, db))
		}
		if j != nil {
			r.mu.Lock()
			r.next = at + 1
			r.mu.Unlock()
			return db, j, nil
		}
		r.leave(id)
		if err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return nil, nil, failed
}

// enter takes a place for a job of a tenant; a tenant never has all places, so that a small job elsewhere is not stuck behind its big ones.
func (r *Runner) enter(tenant string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[tenant] >= max(1, r.options.Workers-1) {
		return false
	}
	r.busy[tenant]++
	return true
}

func (r *Runner) leave(tenant string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[tenant]--; r.busy[tenant] == 0 {
		delete(r.busy, tenant)
	}
}

// claim takes a job that is due, or whose worker fell silent, in the tenant of ctx; nil if there is none. Of the same kind and key one
// job runs at a time: two claims at once cannot both succeed because of the unique index.
func (r *Runner) claim(ctx context.Context) (*Job, error) {
	kinds := r.handlers.kinds()
	if len(kinds) == 0 {
		return nil, nil
	}
	now := store.Stamp(clock.Now(ctx))
	due := `((j.state = 'waiting' AND j.run_at <= ?
			AND NOT EXISTS (SELECT 1 FROM jobs AS o WHERE o.kind = j.kind AND o.job_key = j.job_key AND o.state = 'running'))
		OR (j.state = 'running' AND j.lease_until < ?)) AND j.kind IN (?)`
	args := []any{now, now, bun.List(kinds)}
	// Looking takes no lock: most of the time there is nothing.
	var n int
	err := store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM jobs AS j WHERE `+due+` LIMIT 1) AS found`, args...).Scan(&n)
	})
	if err != nil || n == 0 {
		return nil, err
	}
	var j *Job
	err = store.Write(ctx, func(ctx context.Context) error {
		var found []*Job
		until := store.Stamp(clock.Now(ctx).Add(r.options.Lease))
		claimed := append([]any{store.NewID(), until, now, now}, args...)
		err := store.Tx(ctx).NewRaw(`UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = ?, lease_until = ?, ended_at = '',
				started_at = CASE WHEN started_at = '' THEN ? ELSE started_at END, run_at = ?
			WHERE id = (SELECT j.id FROM jobs AS j WHERE `+due+` ORDER BY j.run_at, j.id LIMIT 1`+store.SkipLocked(ctx)+`) RETURNING *`, claimed...).Scan(ctx, &found)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		if err == nil && len(found) == 1 {
			j = found[0]
		} else {
			j = nil
		}
		return err
	})
	if store.IsUnique(err) {
		return nil, nil // another runner was first with the same key
	}
	if err != nil {
		return nil, err
	}
	return j, nil
}

// do runs a claimed job to its end and writes what came of it.
func (r *Runner) do(ctx context.Context, db *store.DB, j *Job) {
	defer r.leave(db.ID())
	out := context.WithoutCancel(store.In(ctx, db)) // the outcome is written even when the runner stops
	if j.Attempts > r.options.MaxAttempts {
		r.write(out, j, Failed, "多次中断，已停止重试。", time.Time{})
		return
	}
	if j.Cancelling == 1 {
		r.write(out, j, Cancelled, "", time.Time{})
		return
	}
	jobCtx, cancel := context.WithCancelCause(context.WithoutCancel(store.In(ctx, db)))
	stopping := context.AfterFunc(ctx, func() { cancel(ErrStopping) })
	defer stopping()
	defer cancel(nil)
	j.run = &running{runner: r, db: db, cancel: cancel}
	r.mu.Lock()
	r.runs[j.ID] = j.run
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.runs, j.ID)
		r.mu.Unlock()
	}()
	beating := r.beat(jobCtx, j)
	err := call(r.options.Context(jobCtx, j), r.handlers.of(j.Kind), j)
	cause := context.Cause(jobCtx)
	cancel(nil)
	<-beating
	log := slog.With("tenant", db.ID(), "kind", j.Kind, "job", j.ID, "attempt", j.Attempts)
	switch {
	case err == nil:
		r.write(out, j, Done, "", time.Time{})
	case errors.Is(cause, ErrLost):
		log.WarnContext(ctx, "jobs: lost to another worker")
	case errors.Is(cause, ErrCancelled):
		r.write(out, j, Cancelled, "", time.Time{})
	case errors.Is(cause, ErrStopping):
		r.release(out, j)
	case hopeless(err) || j.Attempts >= r.options.MaxAttempts:
		log.ErrorContext(ctx, "jobs: failed for good", "error", err)
		r.write(out, j, Failed, fault.Public(err).Message, time.Time{})
	default:
		log.WarnContext(ctx, "jobs: failed, will be tried again", "error", err)
		wait := min(r.options.Backoff<<min(j.Attempts-1, 16), maxBackoff)
		r.write(out, j, Waiting, fault.Public(err).Message, clock.Now(ctx).Add(wait))
	}
}

// beat renews the lease until the job ends.
func (r *Runner) beat(ctx context.Context, j *Job) (stopped chan struct{}) {
	stopped = make(chan struct{})
	ticks, stop := r.options.Ticks(r.options.Lease / 3)
	go func() {
		defer close(stopped)
		defer stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
				if err := j.renew(ctx, nil); err != nil && ctx.Err() == nil {
					slog.WarnContext(ctx, "jobs: renewing a lease", "job", j.ID, "error", err)
				}
			}
		}
	}()
	return stopped
}

// write ends this run of the job. A job that should wait for another try, while a newer request of the same key already waits, ends: the newer one does its work.
func (r *Runner) write(ctx context.Context, j *Job, s State, failure string, runAt time.Time) {
	now := store.Stamp(clock.Now(ctx))
	at, end := now, now
	if s == Waiting {
		at, end = store.Stamp(runAt), ""
	}
	err := r.finish(ctx, func(ctx context.Context) error {
		state, end := s, end
		if s == Waiting {
			var newer int
			if err := store.Tx(ctx).QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE kind = ? AND job_key = ? AND state = 'waiting'`, j.Kind, j.Key).Scan(&newer); err != nil {
				return err
			}
			if newer > 0 {
				state, end = Failed, now
			}
		}
		_, err := store.Tx(ctx).ExecContext(ctx, `UPDATE jobs SET state = ?, failure = ?, run_at = ?, ended_at = ?, lease = '', lease_until = ''
			WHERE id = ? AND state = 'running' AND lease = ?`, state, failure, at, end, j.ID, j.Lease)
		return err
	})
	if err != nil {
		slog.ErrorContext(ctx, "jobs: writing the outcome; the lease will lapse", "job", j.ID, "state", s, "error", err)
	}
}

// release gives a job back as if it had not been begun.
func (r *Runner) release(ctx context.Context, j *Job) {
	err := r.finish(ctx, func(ctx context.Context) error {
		var newer int
		if err := store.Tx(ctx).QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE kind = ? AND job_key = ? AND state = 'waiting'`, j.Kind, j.Key).Scan(&newer); err != nil {
			return err
		}
		state, end := Waiting, ""
		if newer > 0 {
			state, end = Cancelled, store.Stamp(clock.Now(ctx))
		}
		_, err := store.Tx(ctx).ExecContext(ctx, `UPDATE jobs SET state = ?, attempts = attempts - 1, ended_at = ?, lease = '', lease_until = ''
			WHERE id = ? AND state = 'running' AND lease = ?`, state, end, j.ID, j.Lease)
		return err
	})
	if err != nil {
		slog.ErrorContext(ctx, "jobs: giving a job back; the lease will lapse", "job", j.ID, "error", err)
	}
}

// finish writes an outcome; a request of the same key that slipped in between looking and writing makes it look again.
func (r *Runner) finish(ctx context.Context, fn func(ctx context.Context) error) error {
	for {
		err := store.Write(ctx, fn)
		if !store.IsUnique(err) {
			return err
		}
	}
}

// pruneSometimes deletes old jobs, once an hour.
func (r *Runner) pruneSometimes(ctx context.Context) {
	now := clock.Now(ctx)
	r.mu.Lock()
	due := now.After(r.prune)
	if due {
		r.prune = now.Add(time.Hour)
	}
	r.mu.Unlock()
	if !due {
		return
	}
	tenants, err := r.inst.Tenants(ctx)
	for _, t := range tenants {
		var db *store.DB
		if db, err = r.inst.Tenant(ctx, t.ID); err != nil {
			break
		}
		if _, err = Prune(store.In(ctx, db), now.Add(-r.options.Keep)); err != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "jobs: deleting old jobs", "error", err)
	}
}
