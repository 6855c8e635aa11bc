// Package jobs does work after the commit that asked for it, and never without: a job is a row of its tenant, written in the caller's
// transaction. A worker claims it under a lease that it keeps renewing; when a worker dies, the lease lapses and another takes over.
// A job may therefore run more than once and must be written so that this does no harm.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// State of a job.
type State string

const (
	Waiting   State = "waiting" // for its turn, or for another try
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed" // Failure says why; no more tries
	Cancelled State = "cancelled"
)

// Ended says that nothing more will happen.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Job is work for the tenant in whose database it stands.
type Job struct {
	bun.BaseModel `bun:"table:jobs" json:"-"`

	ID         string `bun:"id,pk" json:"id"`
	Kind       string `bun:"kind" json:"kind"`
	Key        string `bun:"job_key" json:"key"`
	Payload    string `bun:"payload" json:"-"` // JSON, or empty
	State      State  `bun:"state" json:"state" enum:"waiting,running,done,failed,cancelled"`
	RunAt      string `bun:"run_at" json:"run_at" doc:"not before"`
	Attempts   int64  `bun:"attempts" json:"attempts" doc:"how often it was begun"`
	Lease      string `bun:"lease" json:"-"`
	LeaseUntil string `bun:"lease_until" json:"-"`
	Cancelling int    `bun:"cancelling" json:"cancelling" doc:"1: somebody asked to cancel it"`
	Done       int64  `bun:"done" json:"done" doc:"progress, of total"`
	Total      int64  `bun:"total" json:"total" doc:"0: not known"`
	Note       string `bun:"note" json:"note" doc:"what is being done, for people"`
	Failure    string `bun:"failure" json:"failure" doc:"why the last try failed, for people"`
	Actor      string `bun:"actor" json:"-"` // who asked, as WithActor named it
	CreatedAt  string `bun:"created_at" json:"created_at"`
	StartedAt  string `bun:"started_at" json:"started_at"`
	EndedAt    string `bun:"ended_at" json:"ended_at"`

	run *running // only inside a handler
}

// Decode reads the payload.
func (j *Job) Decode(to any) error {
	if j.Payload == "" {
		return nil
	}
	return json.Unmarshal([]byte(j.Payload), to)
}

var (
	// ErrCancelled is the cause of a job's context, and what Progress returns, after somebody cancelled the job.
	ErrCancelled = errors.New("jobs: cancelled")
	// ErrLost is the cause of a job's context after its lease lapsed and the job is somebody else's.
	ErrLost = errors.New("jobs: the lease lapsed")
	// ErrStopping is the cause of a job's context when its runner stops; the job waits for the next one.
	ErrStopping = errors.New("jobs: the runner stops")
)

type actorKey struct{}

// WithActor says on whose behalf jobs are enqueued from here on; the handler finds it in Job.Actor.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Enqueue asks for a job in the transaction of ctx, or one of its own, and returns its id: that of the job of the same kind and key which
// is already waiting, if there is one. That one then takes this payload and, if it waits for another try, runs at once. A job that is
// running has begun too early to see this transaction, so another is queued behind it.
func Enqueue(ctx context.Context, kind, key string, payload any) (id string, err error) {
	return EnqueueAt(ctx, kind, key, payload, clock.Now(ctx))
}

// EnqueueAt is Enqueue for a job that must not begin before a time. A waiting job of the same kind and key keeps the earlier time.
func EnqueueAt(ctx context.Context, kind, key string, payload any, at time.Time) (id string, err error) {
	var text string
	if payload != nil {
		b, err := json.Marshal(payload)
		if err != nil {
			return "", fmt.Errorf("jobs: payload of %s: %w", kind, err)
		}
		text = string(b)
	}
	actor, _ := ctx.Value(actorKey{}).(string)
	err = store.Write(ctx, func(ctx context.Context) error {
		err := store.Tx(ctx).QueryRowContext(ctx, `INSERT INTO jobs
			(id, kind, job_key, payload, state, run_at, attempts, lease, lease_until, cancelling, done, total, note, failure, actor, created_at, started_at, ended_at)
			VALUES (?, ?, ?, ?, 'waiting', ?, 0, '', '', 0, 0, 0, '', '', ?, ?, '', '')
			ON CONFLICT (kind, job_key) WHERE state = 'waiting' DO UPDATE SET payload = excluded.payload, attempts = 0,
				run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END
			RETURNING id`,
			store.NewID(), kind, key, text, store.Stamp(at), actor, store.Stamp(clock.Now(ctx))).Scan(&id)
		if err != nil {
			return err
		}
		store.AfterCommit(ctx, wake)
		return nil
	})
	return id, err
}

func notFound() error { return fault.New(fault.NotFound, "没有这个任务。") }

// Get a job of the tenant in ctx; NotFound if there is none.
func Get(ctx context.Context, id string) (*Job, error) {
	var found []*Job
	err := store.Read(ctx, func(ctx context.Context) error {
		found = nil
		return store.Tx(ctx).NewSelect().Model(&found).Where("id = ?", id).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound()
	}
	return found[0], nil
}

// Filter chooses jobs; the zero value chooses all.
type Filter struct {
	Kind, Key string
	State     State
	Limit     int // at most 500; 0: 50
}

// List jobs of the tenant in ctx, the newest first.
func List(ctx context.Context, f Filter) ([]*Job, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	out := []*Job{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		q := store.Tx(ctx).NewSelect().Model(&out).OrderExpr("created_at DESC, id DESC").Limit(int64(min(f.Limit, 500)))
		if f.Kind != "" {
			q = q.Where("kind = ?", f.Kind)
		}
		if f.Key != "" {
			q = q.Where("job_key = ?", f.Key)
		}
		if f.State != "" {
			q = q.Where("state = ?", f.State)
		}
		return q.Scan(ctx)
	})
	return out, err
}

// Cancel ends a waiting job, and asks a running one to end: its context is cancelled. NotFound if there is no such job, Conflict if it
// has ended. A handler that is done before it notices is done.
func Cancel(ctx context.Context, id string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		tx := store.Tx(ctx)
		var state State
		rows, err := tx.QueryContext(ctx, `UPDATE jobs SET cancelling = 1,
				ended_at = CASE WHEN state = 'waiting' THEN ? ELSE ended_at END,
				state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END
			WHERE id = ? AND state IN ('waiting', 'running') RETURNING state`, store.Stamp(clock.Now(ctx)), id)
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := rows.Scan(&state); err != nil {
				return errors.Join(err, rows.Close())
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		switch state {
		case Cancelled:
			return nil
		case Running:
			store.AfterCommit(ctx, func(ctx context.Context) { cancelHere(ctx, id) })
			return nil
		}
		if _, err := Get(ctx, id); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "任务已经结束。")
	})
}

// Prune deletes jobs that ended before a time and returns how many.
func Prune(ctx context.Context, before time.Time) (n int64, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		result, err := store.Tx(ctx).ExecContext(ctx, `DELETE FROM jobs WHERE ended_at <> '' AND ended_at < ?`, store.Stamp(before))
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}
