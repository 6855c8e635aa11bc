package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"shanglin/internal/platform/fault"
)

// pragma is a setting of a SQLite connection and why it is set.
type pragma struct{ text, why string }

// everywhere is set on every connection, in this order.
var everywhere = []pragma{
	{"busy_timeout(5000)", "another process (a backup, the command line) may hold the lock for a moment; without this that is an error at once"},
	{"foreign_keys(1)", "SQLite does not check references unless told to"},
	{"case_sensitive_like(1)", "LIKE treats A and a as different on PostgreSQL; and only so can LIKE 'x%' use an index"},
	{"temp_store(2)", "what is sorted may be personal data: keep it in memory, not in a file in a shared directory"},
	{"trusted_schema(0)", "a schema in a file that somebody gave us must not call functions with side effects"},
}

var forWriter = []pragma{
	{"journal_mode(WAL)", "readers go on while somebody writes, and the other way round"},
	{"synchronous(FULL)", "in WAL mode NORMAL may lose the last commits when the power fails; a decision that was shown must not vanish"},
	{"journal_size_limit(67108864)", "give the disk space of the journal back after a bulk import"},
	{"cache_size(-16000)", "16 MB: the inner pages of the indexes of a county stay in memory"},
}

var forReaders = []pragma{
	{"query_only(1)", "a reader cannot write by mistake"},
	{"cache_size(-4000)", "4 MB for each of several connections"},
}

type sqliteEngine struct{ dir string }

func openSQLite(dir string) (engine, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// Only the owner reads the files: they hold personal data.
	if err := os.MkdirAll(filepath.Join(dir, "tenants"), 0o700); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "不能建立数据目录，请检查目录的权限。", err)
	}
	return &sqliteEngine{dir: dir}, nil
}

func (e *sqliteEngine) path(id string) string {
	if id == ControlID {
		return filepath.Join(e.dir, "control.db")
	}
	return filepath.Join(e.dir, "tenants", id+".db")
}

// staged is where the control database of a restore is made.
const staged = "control.db.restoring"

func (e *sqliteEngine) stage(ctx context.Context, inst *Installation) (*DB, error) {
	return e.make(ctx, inst, ControlID, filepath.Join(e.dir, staged), os.O_EXCL)
}

func (e *sqliteEngine) publish(ctx context.Context) error {
	if err := os.Rename(filepath.Join(e.dir, staged), e.path(ControlID)); err != nil {
		return err
	}
	dir, err := os.Open(e.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close()) // the new name survives a power failure
}

func (e *sqliteEngine) open(ctx context.Context, inst *Installation, id string) (*DB, bool, error) {
	info, err := os.Stat(e.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if info.IsDir() {
		return nil, false, fault.New(fault.Conflict, "数据文件的位置上是一个目录。")
	}
	db, err := e.connect(ctx, inst, id, e.path(id))
	return db, err == nil, err
}

func (e *sqliteEngine) create(ctx context.Context, inst *Installation, id string) (*DB, error) {
	return e.make(ctx, inst, id, e.path(id), 0)
}

func (e *sqliteEngine) make(ctx context.Context, inst *Installation, id, path string, flag int) (*DB, error) {
	// Made before SQLite does, so that nobody else can read it from the first moment; its -wal and -shm take the same mode.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|flag, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return e.connect(ctx, inst, id, path)
}

func (e *sqliteEngine) connect(ctx context.Context, inst *Installation, id, path string) (*DB, error) {
	writer, err := sql.Open("sqlite", dsn(path, "immediate", everywhere, forWriter))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1) // writers take turns here, in order, instead of colliding in SQLite
	// Two who make a file a WAL file at the same moment stand in each other's way, and SQLite then fails at once, whatever busy_timeout says.
	if err := sqlite.retry(ctx, func() error { return writer.PingContext(ctx) }); err != nil {
		writer.Close()
		return nil, fault.Wrap(fault.Unavailable, "数据文件打不开，可能已损坏或没有权限。", err)
	}
	reader, err := sql.Open("sqlite", dsn(path, "deferred", everywhere, forReaders))
	if err != nil {
		writer.Close()
		return nil, err
	}
	reader.SetMaxOpenConns(max(4, 2*runtime.GOMAXPROCS(0)))
	reader.SetConnMaxIdleTime(5 * time.Minute) // a county that sleeps costs nothing
	db := &DB{inst: inst, id: id, writer: wrap(writer, sqlite), reader: wrap(reader, sqlite)}
	db.close = []func(){func() { reader.Close() }, func() { writer.Close() }}
	return db, nil
}

func wrap(pool *sql.DB, d dialect) *bun.DB {
	var db *bun.DB
	if d == sqlite {
		db = bun.NewDB(pool, sqlitedialect.New())
	} else {
		db = bun.NewDB(pool, postgresDialect())
	}
	return db.WithQueryHook(watch{})
}

func dsn(path, lock string, sets ...[]pragma) string {
	q := url.Values{"_txlock": {lock}}
	for _, set := range sets {
		for _, p := range set {
			q.Add("_pragma", p.text)
		}
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func (e *sqliteEngine) drop(ctx context.Context, id string) error {
	paths := []string{e.path(id)}
	if id == ControlID {
		paths = append(paths, filepath.Join(e.dir, staged))
	}
	for _, path := range paths {
		for _, suffix := range []string{"-wal", "-shm", "-journal", ""} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (e *sqliteEngine) list(ctx context.Context) ([]string, error) {
	var ids []string
	for _, path := range []string{e.path(ControlID), filepath.Join(e.dir, staged)} {
		if _, err := os.Stat(path); err == nil {
			ids = append(ids, ControlID)
		}
	}
	files, err := os.ReadDir(filepath.Join(e.dir, "tenants"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if id, ok := strings.CutSuffix(f.Name(), ".db"); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (e *sqliteEngine) close() error { return nil }
