package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"shanglin/internal/platform/fault"
)

func TestStatementsAreTakenOneByOne(t *testing.T) {
	got, err := splitStatements(`-- a comment; with a semicolon
-- +goose Up

-- Another: it's here; it isn't a statement
CREATE TABLE t (
  a TEXT NOT NULL DEFAULT 'x;--y''z', -- inside
  "odd;name" TEXT
);

INSERT INTO t (a)   VALUES ('
two  lines');
-- +goose Down
DROP TABLE t;
`)
	want := []string{`CREATE TABLE t ( a TEXT NOT NULL DEFAULT 'x;--y''z', "odd;name" TEXT )`, "INSERT INTO t (a) VALUES ('\ntwo  lines')"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"CREATE TABLE t (a TEXT);", "-- +goose Up\nCREATE TABLE t (a TEXT)", "-- +goose Up\nSELECT 'x;"} {
		if got, err := splitStatements(bad); err == nil {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}

func TestMigrationFilesAreChecked(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE t (a TEXT);\n")}
	ok := fstest.MapFS{"migrations/control/0001_a.sql": file, "migrations/tenant/0001_a.sql": file, "migrations/tenant/0002_b.sqlite.sql": file, "migrations/tenant/0002_b.postgres.sql": file}
	all, err := readMigrations(ok)
	if err != nil || len(all["tenant.sqlite"]) != 2 || len(all["tenant.postgres"]) != 2 || len(all["control.sqlite"]) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	for _, more := range []string{"0003_c.sqlite.sql", "0001_again.sql", "0002_b.sql", "1_a.sql", "0004_A.sql", "0004_a.mysql.sql", "readme.txt"} {
		bad := fstest.MapFS{"migrations/tenant/" + more: file}
		for name, f := range ok {
			bad[name] = f
		}
		if _, err := readMigrations(bad); err == nil {
			t.Errorf("%s was taken", more)
		}
	}
}

// The real files: each number is its room's, and both kinds of database have them all.
func TestTheMigrationsOfThisProgram(t *testing.T) {
	for _, kind := range []string{"control", "tenant"} {
		for _, d := range []dialect{sqlite, postgres} {
			files, err := migrationsFor(kind, d)
			if err != nil || len(files) == 0 {
				t.Fatal(kind, d, err)
			}
			for i, m := range files {
				if len(m.statements) == 0 || i > 0 && files[i-1].version >= m.version {
					t.Errorf("%s on %s: %04d_%s is empty or out of order", kind, d, m.version, m.name)
				}
			}
		}
	}
}

func openSQLiteFor(t *testing.T) (context.Context, *Installation, string) {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	i, err := Open(ctx, "sqlite:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return ctx, i, dir
}

// A migration that fails leaves nothing of itself, and what was done before it stays. Mutation: send the statements of a file outside of one
// transaction → red. Mutation: do not compare the history → red.
func TestMigrationsGoOnWhereTheyStopped(t *testing.T) {
	ctx, i, _ := openSQLiteFor(t)
	files, err := migrationsFor("control", sqlite)
	if err != nil {
		t.Fatal(err)
	}
	extra := migration{version: 9000, name: "extra", hash: "h", statements: []string{`CREATE TABLE extra (id TEXT PRIMARY KEY)`, `INSERT INTO missing (id) VALUES ('1')`}}
	broken := append(files[:len(files):len(files)], extra)
	if err := i.control.apply(ctx, broken, latest); err == nil {
		t.Fatal("a broken migration went through")
	}
	if n := len(done(t, ctx, i)); n != len(files) {
		t.Errorf("%d migrations are recorded, %d went through", n, len(files))
	}
	extra.statements[1] = `INSERT INTO extra (id) VALUES ('1')`
	for range 2 { // the second time there is nothing to do
		if err := i.control.apply(ctx, broken, latest); err != nil {
			t.Errorf("did not go on: %v", err)
		}
	}
	// This program has no such migration: the database is of a newer one.
	if err := i.Migrate(ctx); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an older program goes on: %v", err)
	}
	broken[len(broken)-1].hash = "another"
	if err := i.control.apply(ctx, broken, latest); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a migration that was changed after it was applied: %v", err)
	}
}

// What SQL cannot say belongs to its migration: it is done once, sees its tables, and if it fails neither happened. Mutation: run the step in
// a transaction of its own, or every time → red.
func TestAStepBelongsToItsMigration(t *testing.T) {
	ctx, i, _ := openSQLiteFor(t)
	files, err := migrationsFor("control", sqlite)
	if err != nil {
		t.Fatal(err)
	}
	more := append(files[:len(files):len(files)], migration{version: 9001, name: "stepped", hash: "h", statements: []string{`CREATE TABLE stepped (id TEXT PRIMARY KEY)`}})
	ran, refuse := 0, errors.New("refused")
	RegisterStep("control/9001_stepped", func(ctx context.Context) error {
		ran++
		if _, err := Tx(ctx).ExecContext(ctx, `INSERT INTO stepped (id) VALUES ('1')`); err != nil {
			return err
		}
		return refuse
	})
	if err := i.control.apply(ctx, more, latest); !errors.Is(err, refuse) || ran != 1 || len(done(t, ctx, i)) != len(files) {
		t.Errorf("%v, ran %d times, %d migrations", err, ran, len(done(t, ctx, i)))
	}
	refuse = nil
	for range 2 {
		if err := i.control.apply(ctx, more, latest); err != nil || ran != 2 {
			t.Errorf("%v, ran %d times", err, ran)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("two steps of one migration")
		}
	}()
	RegisterStep("control/9001_stepped", func(context.Context) error { return nil })
}

// Mutation: do not compare how many were done, or read their record before there is one → red.
func TestMigratedSaysWhetherTheTablesAreThere(t *testing.T) {
	ctx, i, _ := openSQLiteFor(t)
	expect := func(what string, want fault.Code) {
		t.Helper()
		if err := i.control.Migrated(ctx); fault.CodeOf(err) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	expect("nothing yet", fault.Conflict)
	if err := i.control.migrate(ctx, func(version int) bool { return version == 1 }); err != nil {
		t.Fatal(err)
	}
	expect("some", fault.Conflict)
	if err := i.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	expect("all", "")
}

func done(t *testing.T, ctx context.Context, i *Installation) (out []applied) {
	t.Helper()
	err := Read(In(ctx, i.control), func(ctx context.Context) (err error) { out, err = appliedMigrations(ctx); return err })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each connection has each setting. Mutation: drop any pragma → red.
func TestPragmasHold(t *testing.T) {
	ctx, i, dir := openSQLiteFor(t)
	if err := i.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	setting := func(write bool, name string) (value string) {
		t.Helper()
		run := Read
		if write {
			run = Write
		}
		err := run(In(ctx, i.control), func(ctx context.Context) error { return Tx(ctx).QueryRowContext(ctx, `PRAGMA `+name).Scan(&value) })
		if err != nil {
			t.Fatal(name, err)
		}
		return value
	}
	for _, write := range []bool{true, false} {
		for name, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000", "temp_store": "2", "trusted_schema": "0"} {
			if got := setting(write, name); got != want {
				t.Errorf("write %v: %s is %s", write, name, got)
			}
		}
	}
	for name, want := range map[string]string{"synchronous": "2", "journal_size_limit": "67108864", "cache_size": "-16000"} {
		if got := setting(true, name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	if got := setting(false, "query_only"); got != "1" {
		t.Errorf("query_only is %s", got)
	}
	for _, set := range [][]pragma{everywhere, forWriter, forReaders} {
		for _, p := range set {
			if p.why == "" {
				t.Errorf("%s has no reason", p.text)
			}
		}
	}
	// Nobody else reads the files. Mutation: let SQLite make them → red.
	for _, name := range []string{"control.db", "control.db-wal", "tenants"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestAFileThatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "control.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), "sqlite:"+dir); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	odd := filepath.Join(t.TempDir(), "odd name?&#%41 数据")
	i, err := Open(context.Background(), "sqlite:"+odd)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if _, err := os.Stat(filepath.Join(odd, "control.db")); err != nil {
		t.Error(err)
	}
}
