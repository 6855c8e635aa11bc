package store

import (
	"context"
	"database/sql"
	"io"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitelib "modernc.org/sqlite/lib"
)

// RawQuery runs a statement on the pool, outside of any transaction of ours: what no other package can do.
func RawQuery(ctx context.Context, i *Installation, statement string) error {
	_, err := i.engine.(*postgresEngine).pool.ExecContext(ctx, statement)
	return err
}

// CreateBare makes a database that no tenant owns.
func CreateBare(ctx context.Context, i *Installation, id string) error {
	db, err := i.engine.create(ctx, i, id)
	if err == nil {
		db.shut()
	}
	return err
}

// CreateOlder makes a tenant as a program made it whose last migration had this number.
func CreateOlder(ctx context.Context, i *Installation, id string, last int) (*DB, error) {
	db, err := i.engine.create(ctx, i, id)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx, func(version int) bool { return version <= last }); err != nil {
		return nil, err
	}
	err = Write(In(ctx, i.control), func(ctx context.Context) error {
		_, err := Tx(ctx).ExecContext(ctx, `INSERT INTO tenants (id, name, state, created_at) VALUES (?, ?, ?, '')`, id, id, stateReady)
		return err
	})
	return i.keep(db), err
}

// IsCheck says whether err is that of a value which a CHECK or NOT NULL refuses.
func IsCheck(err error) bool {
	return is(err, "23514 23502", []int{sqlitelib.SQLITE_CONSTRAINT_CHECK, sqlitelib.SQLITE_CONSTRAINT_NOTNULL})
}

// ConflictError is what a database says to the loser of a conflict.
func ConflictError(t *testing.T, ctx context.Context) error {
	if dialectOf(ctx) == postgres {
		return &pgconn.PgError{Code: "40001"}
	}
	// SQLite's errors cannot be made, only had: two that want the same lock.
	db, err := sql.Open("sqlite", dsn(filepath.Join(t.TempDir(), "busy.db"), "immediate"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	first, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Rollback()
	_, err = db.Begin()
	if err == nil {
		t.Fatal("two write at once")
	}
	return err
}

// Databases lists what there is at an url.
func Databases(t *testing.T, ctx context.Context, url string) []string {
	i, err := connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	ids, err := i.engine.list(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// StopBeforePublish is a restore that stops before its last step, and takes nothing away.
func StopBeforePublish(ctx context.Context, url string, r io.Reader) error {
	i, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer i.Close()
	in, err := openArchive(r)
	if err != nil {
		return err
	}
	control, err := i.engine.stage(ctx, i)
	if err != nil {
		return err
	}
	for _, d := range in.header.Databases {
		db := control
		if d.ID != ControlID {
			if db, err = i.engine.create(ctx, i, d.ID); err != nil {
				return err
			}
		}
		if err := restoreDatabase(ctx, in, db, d); err != nil {
			return err
		}
		db.shut()
	}
	return nil
}

// Manifest and ManifestFile are a backup's last file.
type (
	Manifest     = backupManifest
	ManifestFile = backupFile
)
