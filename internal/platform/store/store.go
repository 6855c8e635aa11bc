// Package store keeps the databases of one installation: a control database, and one database for each tenant.
//
// On SQLite each is a file of its own, on PostgreSQL a schema of its own; no table carries a tenant column, so no query can forget one.
// A context is bound to one database by In; Write and Read open a transaction there, or join the one that the context already carries,
// and Tx gives the connection inside. There is no way to a database except through these.
//
// SQL is written in the subset that SQLite, PostgreSQL 15 and Citus 13 share. What cannot be said in it stands, named, in dialect.go.
package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
)

// ControlID is the ID of the control database, which no tenant can have.
const ControlID = "control"

// Installation is the databases of one city. It is safe for concurrent use.
type Installation struct {
	dialect dialect
	engine  engine
	control *DB

	mu      sync.Mutex
	tenants map[string]*DB
}

// DB is one database of an installation: the control database or a tenant's.
type DB struct {
	inst   *Installation
	id     string
	schema string   // PostgreSQL: the only schema that its transactions see
	writer *bun.DB  // SQLite: one connection; PostgreSQL: the installation's pool
	reader *bun.DB  // SQLite: connections that cannot write; PostgreSQL: the installation's pool
	close  []func() // what to close with it
}

// engine opens the databases of one kind. Kinds of databases and their differences are listed in dialect.go.
type engine interface {
	// open connects to a database without creating it; found is false when there is none.
	open(ctx context.Context, inst *Installation, id string) (db *DB, found bool, err error)
	// create makes an empty database; it is no error if there is an empty one already.
	create(ctx context.Context, inst *Installation, id string) (*DB, error)
	// stage makes an empty control database where nobody looks for it, and fails if there is one already; publish then puts it into its
	// place, all at once.
	stage(ctx context.Context, inst *Installation) (*DB, error)
	publish(ctx context.Context) error
	// drop removes a database with all that is in it; for ControlID also one that is staged.
	drop(ctx context.Context, id string) error
	// list names every database that exists, tenants and control, also a staged one.
	list(ctx context.Context) ([]string, error)
	close() error
}

// ID is the tenant's id, or ControlID.
func (db *DB) ID() string { return db.id }

// Installation is where the database belongs.
func (db *DB) Installation() *Installation { return db.inst }

// Open connects to the installation at url: "sqlite:DIR" or "postgres://…". It creates an empty control database where there is none;
// call Migrate before use. Invalid for an url of no known kind, Conflict for the remains of a restore that did not finish or for a
// PostgreSQL database whose encoding or collation does not fit, Unavailable if the server does not answer.
func Open(ctx context.Context, url string) (*Installation, error) {
	i, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := i.openControl(ctx); err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

// Missing says that nothing is at a place, not even a directory, which Open would make. Of a server nobody can tell before asking it.
func Missing(url string) bool {
	dir, local := strings.CutPrefix(url, "sqlite:")
	if !local || dir == "" {
		return false
	}
	_, err := os.Stat(dir)
	return errors.Is(err, fs.ErrNotExist)
}

// connect reaches the place of an installation without looking at what is there.
func connect(ctx context.Context, url string) (*Installation, error) {
	i := &Installation{tenants: map[string]*DB{}}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:") && len(url) > len("sqlite:"):
		i.dialect = sqlite
		i.engine, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		i.dialect = postgres
		i.engine, err = openPostgres(ctx, url)
	default:
		return nil, fault.New(fault.Invalid, `数据库地址应写作 "sqlite:目录" 或 "postgres://用户@主机/数据库"。`)
	}
	if err != nil {
		return nil, err
	}
	return i, nil
}

func (i *Installation) openControl(ctx context.Context) error {
	db, found, err := i.engine.open(ctx, i, ControlID)
	if err != nil {
		return err
	}
	if !found {
		// The control database is the last thing that a restore writes: tenants without it are the remains of half a restore.
		existing, err := i.engine.list(ctx)
		if err != nil {
			return err
		}
		// Unless somebody who starts at the same moment made it just now.
		if db, found, err = i.engine.open(ctx, i, ControlID); err != nil {
			return err
		}
		if len(existing) > 0 && !found {
			return halfRestored(existing)
		}
	}
	if !found {
		if db, err = i.engine.create(ctx, i, ControlID); err != nil {
			return err
		}
	}
	i.control = db
	return nil
}

// Kind of database: "sqlite" or "postgres".
func (i *Installation) Kind() string { return i.dialect.String() }

// Control is the database of tenants and sign-in.
func (i *Installation) Control() *DB { return i.control }

// Ping says whether the control database answers; Unavailable if not.
func (i *Installation) Ping(ctx context.Context) error {
	err := Read(In(ctx, i.control), func(ctx context.Context) error {
		_, err := Tx(ctx).ExecContext(ctx, `SELECT 1`)
		return err
	})
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// Close ends every connection. Transactions that still run fail.
func (i *Installation) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, db := range i.tenants {
		db.shut()
		delete(i.tenants, id)
	}
	if i.control != nil {
		i.control.shut()
	}
	return i.engine.close()
}

func (db *DB) shut() {
	for _, f := range db.close {
		f()
	}
}

func unavailable(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.Unavailable, "数据库暂时无法访问，请稍后再试。", err)
}

func halfRestored(existing []string) error {
	return fault.New(fault.Conflict, fmt.Sprintf("这里有 %d 个没有控制库的库，是一次没有完成的恢复留下的：请清空后重新恢复。", len(existing)))
}
