package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
)

// binding is what a context knows: the database, the transaction that is open there, and the binding it was made from,
// where a transaction of another database may be open.
type binding struct {
	db    *DB
	tx    *transaction
	outer *binding
}

type transaction struct {
	bun.Tx
	write bool

	mu     sync.Mutex
	done   bool
	writes int   // statements that changed something, and hooks
	broken error // why it can no longer be committed
	before []func(ctx context.Context) error
	after  []func(ctx context.Context)
	local  map[any]any
}

type bindingKey struct{}

func bound(ctx context.Context) *binding {
	b, _ := ctx.Value(bindingKey{}).(*binding)
	return b
}

func mustBound(ctx context.Context) *binding {
	b := bound(ctx)
	if b == nil {
		panic("store: the context is bound to no database: use store.In")
	}
	return b
}

// In binds the database that Read and Write use. A transaction of that database that ctx carries, however deep, is joined by them;
// transactions of other databases are left alone.
func In(ctx context.Context, db *DB) context.Context {
	if db == nil {
		panic("store: In without a database")
	}
	outer := bound(ctx)
	for b := outer; b != nil; b = b.outer {
		if b.db == db {
			return context.WithValue(ctx, bindingKey{}, &binding{db: db, tx: b.tx, outer: outer})
		}
	}
	return context.WithValue(ctx, bindingKey{}, &binding{db: db, outer: outer})
}

// Bound is the database that ctx is bound to, or nil.
func Bound(ctx context.Context) *DB {
	if b := bound(ctx); b != nil {
		return b.db
	}
	return nil
}

// InTx says whether ctx carries an open transaction of its database, and whether it may write.
func InTx(ctx context.Context) (open, write bool) {
	b := bound(ctx)
	if b == nil || b.tx == nil || b.tx.ended() {
		return false, false
	}
	return true, b.tx.write
}

// Tx is the connection of the transaction that Read or Write opened; it panics outside of them. Use it with the ctx that it was taken from.
func Tx(ctx context.Context) bun.IDB { return current(ctx).Tx }

func current(ctx context.Context) *transaction {
	b := mustBound(ctx)
	if b.tx == nil || b.tx.ended() {
		panic("store: no transaction is open in this context: use store.Read or store.Write")
	}
	return b.tx
}

// errReadOnly tells a programmer that a transaction which reads cannot become one that writes.
var errReadOnly = errors.New("store: Write inside Read")

// attempts is how often a transaction is run before its conflict with others is given up.
const attempts = 12

// Write runs fn in a transaction that may write: the one that ctx carries, or its own, which it commits. fn may be run again after a
// conflict with another transaction, so what it does outside of the database belongs into AfterCommit.
//
// Isolation: fn sees what others commit while it runs (on PostgreSQL READ COMMITTED, on SQLite writers take turns), so a guard on
// something scarce has to be a conditional UPDATE or a unique index, never a read before the write. A statement that failed, or a joined
// Write that failed after it had written, leaves the transaction impossible to commit, on every database alike.
//
// Errors are fn's, or Unavailable if the database does not answer or the conflict does not end.
func Write(ctx context.Context, fn func(ctx context.Context) error) error {
	return run(ctx, true, fn)
}

// Read runs fn in a transaction that sees one unchanging state of the database and cannot write: its own, or the one that ctx carries,
// which may be one that writes. Errors as Write.
func Read(ctx context.Context, fn func(ctx context.Context) error) error {
	return run(ctx, false, fn)
}

func run(ctx context.Context, write bool, fn func(ctx context.Context) error) error {
	b := mustBound(ctx)
	if b.tx != nil && !b.tx.ended() {
		return b.tx.join(ctx, write, fn)
	}
	return b.db.explain(b.db.inst.dialect.retry(ctx, func() error { return runOnce(ctx, b, write, fn) }))
}

// retry does again, after a pause, what lost against others.
func (d dialect) retry(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err == nil || !d.retryable(err) || ctx.Err() != nil {
			return err
		}
		if try == attempts {
			return fault.Wrap(fault.Unavailable, "同时办理的人较多，请稍后再试。", err)
		}
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(time.Millisecond) << min(try, 9))))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (t *transaction) join(ctx context.Context, write bool, fn func(ctx context.Context) error) error {
	if write && !t.write {
		return errReadOnly
	}
	before := t.written()
	err := fn(ctx)
	if err != nil && t.written() != before {
		t.spoil(err)
	}
	return err
}

func runOnce(ctx context.Context, b *binding, write bool, fn func(ctx context.Context) error) (err error) {
	t, err := b.db.begin(ctx, write)
	if err != nil {
		return err
	}
	inside := context.WithValue(ctx, bindingKey{}, &binding{db: b.db, tx: t, outer: b.outer})
	defer func() {
		t.end()
		// After a commit this does nothing; after an error or a panic it undoes everything.
		if rollback := t.Tx.Rollback(); err != nil && rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	if enter := b.db.enterSchema(); enter != "" {
		if _, err := t.Tx.Tx.ExecContext(ctx, enter); err != nil {
			return err
		}
	}
	if err := fn(inside); err != nil {
		return err
	}
	for i := 0; i < len(t.before); i++ { // a hook may add hooks
		if err := t.before[i](inside); err != nil {
			return err
		}
	}
	if t.broken != nil {
		return fmt.Errorf("store: the transaction cannot be committed after a failure inside it: %w", t.broken)
	}
	after := t.after
	t.end()
	if err := t.Tx.Commit(); err != nil {
		return err
	}
	for _, f := range after {
		f(ctx)
	}
	return nil
}

// begin opens a transaction on a connection of the right kind.
func (db *DB) begin(ctx context.Context, write bool) (*transaction, error) {
	pool, opts := db.reader, db.inst.dialect.readOptions()
	if write {
		pool, opts = db.writer, db.inst.dialect.writeOptions()
	}
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &transaction{Tx: tx, write: write}, nil
}

// BeforeCommit runs fn at the end of the outermost transaction that writes, before it is committed and after all else in it, in the order
// in which they were added: for rows that everybody wants to lock. An error of fn undoes the transaction. It panics outside of Write.
func BeforeCommit(ctx context.Context, fn func(ctx context.Context) error) {
	t := current(ctx)
	if !t.write {
		panic("store: BeforeCommit outside of Write")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes++
	t.before = append(t.before, fn)
}

// AfterCommit runs fn once the outermost transaction has been committed, and never if it is not: for wake-ups. Its ctx is bound to the
// same database and carries no transaction. It panics outside of Write and Read.
func AfterCommit(ctx context.Context, fn func(ctx context.Context)) {
	t := current(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes++
	t.after = append(t.after, fn)
}

// Local is a value that belongs to the open transaction of ctx and lives as long: made by fresh when key is first asked for. It panics
// outside of Read and Write. It is not for concurrent use.
func Local[T any](ctx context.Context, key any, fresh func() T) T {
	t := current(ctx)
	if v, ok := t.local[key]; ok {
		return v.(T)
	}
	if t.local == nil {
		t.local = map[any]any{}
	}
	v := fresh()
	t.local[key] = v
	return v
}

func (t *transaction) ended() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done
}

func (t *transaction) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = true
}

func (t *transaction) written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.writes
}

func (t *transaction) spoil(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken == nil {
		t.broken = err
	}
}

type countKey struct{}

// Counted counts the statements that are run under the ctx that it gives, BEGIN and COMMIT left out: what a request asks
// of the database; a page that shows many rows must not ask for each of them.
func Counted(ctx context.Context) (context.Context, *atomic.Int64) {
	n := &atomic.Int64{}
	return context.WithValue(ctx, countKey{}, n), n
}

// watch sees every statement of every transaction: it counts those that write, and remembers the first that failed, after which
// PostgreSQL would refuse to go on and SQLite would not.
type watch struct{}

func (watch) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok && e.Operation() != "BEGIN" && e.Operation() != "COMMIT" && e.Operation() != "ROLLBACK" {
		n.Add(1)
	}
	if b := bound(ctx); b != nil && b.tx != nil && !strings.EqualFold(e.Operation(), "SELECT") {
		b.tx.mu.Lock()
		b.tx.writes++
		b.tx.mu.Unlock()
	}
	return ctx
}

func (watch) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	if e.Err == nil || errors.Is(e.Err, sql.ErrNoRows) {
		return
	}
	if b := bound(ctx); b != nil && b.tx != nil {
		b.tx.spoil(e.Err)
	}
}

// explain makes an error of a database that does not answer one that people understand.
func (db *DB) explain(err error) error {
	if err != nil && db.inst.dialect.unreachable(err) {
		return unavailable(err)
	}
	return err
}
