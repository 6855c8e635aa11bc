package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
)

// Migrations are files migrations/{control,tenant}/NNNN_name.sql in goose's form, of which only the part "Up" is used: what was lived
// through is not undone by a script but by restoring a backup. NNNN_name.sqlite.sql and NNNN_name.postgres.sql belong to one kind of
// database alone and come in pairs. Each file is one transaction that also records it, so that an interrupted migration goes on where it
// stopped; statements are sent one at a time.
//
//go:embed migrations
var migrationFiles embed.FS

// latest chooses every migration.
func latest(int) bool { return true }

type migration struct {
	version    int
	name       string
	hash       string // of the statements, without comments and blanks
	statements []string
}

var migrationName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)(\.sqlite|\.postgres)?\.sql$`)

var migrationsOnce = sync.OnceValues(func() (map[string][]migration, error) { return readMigrations(migrationFiles) })

// migrationsFor lists those of a kind of database ("control" or "tenant") on a dialect, in order.
func migrationsFor(kind string, d dialect) ([]migration, error) {
	all, err := migrationsOnce()
	return all[kind+"."+d.String()], err
}

// steps are what belongs to migrations and cannot be said in SQL, by KIND/NNNN_name.
var (
	stepsMu sync.Mutex
	steps   = map[string]func(ctx context.Context) error{}
)

// RegisterStep adds to the migration of that name, "control/0190_audit", what SQL cannot say: fn runs in its transaction, after its
// statements. Call it from init.
func RegisterStep(migration string, fn func(ctx context.Context) error) {
	stepsMu.Lock()
	defer stepsMu.Unlock()
	if steps[migration] != nil {
		panic("store: two steps of one migration: " + migration)
	}
	steps[migration] = fn
}

func stepOf(kind string, m migration) func(ctx context.Context) error {
	stepsMu.Lock()
	defer stepsMu.Unlock()
	return steps[fmt.Sprintf("%s/%04d_%s", kind, m.version, m.name)]
}

func (db *DB) migrationKind() string {
	if db.id == ControlID {
		return "control"
	}
	return "tenant"
}

// readMigrations reads and checks every file; the map's keys are KIND.DIALECT.
func readMigrations(files fs.FS) (map[string][]migration, error) {
	out := map[string][]migration{}
	for _, kind := range []string{"control", "tenant"} {
		dir := path.Join("migrations", kind)
		entries, err := fs.ReadDir(files, dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			m := migrationName.FindStringSubmatch(e.Name())
			if m == nil {
				return nil, fmt.Errorf("store: migration %s/%s is not named NNNN_name.sql", kind, e.Name())
			}
			text, err := fs.ReadFile(files, path.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			statements, err := splitStatements(string(text))
			if err != nil {
				return nil, fmt.Errorf("store: migration %s/%s: %w", kind, e.Name(), err)
			}
			version, _ := strconv.Atoi(m[1])
			sum := sha256.Sum256([]byte(strings.Join(statements, ";\n")))
			one := migration{version: version, name: m[2], hash: hex.EncodeToString(sum[:]), statements: statements}
			for _, d := range []dialect{sqlite, postgres} {
				if m[3] != "" && m[3] != "."+d.String() {
					continue
				}
				key := kind + "." + d.String()
				if slices.ContainsFunc(out[key], func(o migration) bool { return o.version == version }) {
					return nil, fmt.Errorf("store: two migrations of %s have the number %04d", kind, version)
				}
				out[key] = append(out[key], one)
			}
		}
		forSQLite, forPostgres := out[kind+".sqlite"], out[kind+".postgres"]
		if !slices.EqualFunc(forSQLite, forPostgres, func(a, b migration) bool { return a.version == b.version && a.name == b.name }) {
			return nil, fmt.Errorf("store: the migrations of %s for SQLite and for PostgreSQL have different numbers or names", kind)
		}
	}
	return out, nil
}

// splitStatements takes the statements out of the part "Up": comments go, text in quotes stays, blanks become one.
func splitStatements(text string) ([]string, error) {
	if _, after, found := strings.Cut(text, "-- +goose Up"); found {
		text, _, _ = strings.Cut(after, "-- +goose Down")
	} else {
		return nil, errors.New(`"-- +goose Up" is missing`)
	}
	var out []string
	var b strings.Builder
	flush := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			out = append(out, s)
		}
		b.Reset()
	}
	blank := func() {
		if s := b.String(); s != "" && s[len(s)-1] != ' ' {
			b.WriteByte(' ')
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '-' && strings.HasPrefix(text[i:], "--"):
			for i < len(text) && text[i] != '\n' {
				i++
			}
			blank()
		case c == '\'' || c == '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return nil, errors.New("a quote is not closed")
			}
			b.WriteString(text[i : i+end+2]) // a doubled quote is two texts side by side
			i += end + 1
		case c == ';':
			flush()
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			blank()
		default:
			b.WriteByte(c)
		}
	}
	if strings.TrimSpace(b.String()) != "" {
		return nil, errors.New("the last statement does not end with a semicolon")
	}
	return out, nil
}

// Migrate brings the control database and every tenant up to this program's tables, the control database first. What has been done
// stays done if it fails; run it again. Conflict if a database was made by a newer program or its history differs from this one's.
func (i *Installation) Migrate(ctx context.Context) error {
	if err := i.control.migrate(ctx, latest); err != nil {
		return err
	}
	tenants, err := i.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		db, err := i.Tenant(ctx, t.ID)
		if err != nil {
			return err
		}
		if err := db.migrate(ctx, latest); err != nil {
			return fmt.Errorf("store: migrating tenant %s: %w", t.ID, err)
		}
	}
	return nil
}

// Migrated says whether the database has the tables of this program; Conflict, with what to do, if not.
func (db *DB) Migrated(ctx context.Context) error {
	files, err := migrationsFor(db.migrationKind(), db.inst.dialect)
	if err != nil {
		return err
	}
	var done []applied
	err = Read(In(ctx, db), func(ctx context.Context) error {
		// Before the first migration there is no record of any, and no other table either.
		tables, err := tablesOf(ctx, db)
		if err != nil || len(tables) == 0 {
			return err
		}
		done, err = appliedMigrations(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := sameHistory(files, done); err != nil {
		return err
	}
	if len(done) < len(files) {
		return fault.New(fault.Conflict, "数据表还不是本程序的版本：请先运行 shanglin migrate。")
	}
	return nil
}

// applied is what a database records of a migration.
type applied struct {
	version int
	name    string
	hash    string
}

// migrate applies the files that the database has not seen, of those that are chosen by their version, in order.
func (db *DB) migrate(ctx context.Context, chosen func(version int) bool) error {
	files, err := migrationsFor(db.migrationKind(), db.inst.dialect)
	if err != nil {
		return err
	}
	return db.apply(ctx, files, chosen)
}

func (db *DB) apply(ctx context.Context, files []migration, chosen func(version int) bool) error {
	ctx = In(ctx, db)
	err := Write(ctx, func(ctx context.Context) error {
		_, err := Tx(ctx).ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migrations (
			version BIGINT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at TEXT NOT NULL)`)
		return err
	})
	if err != nil && !isThere(err) { // another program that starts at the same time made it
		return err
	}
	var done []applied
	if err := Read(ctx, func(ctx context.Context) (err error) { done, err = appliedMigrations(ctx); return err }); err != nil {
		return err
	}
	if err := sameHistory(files, done); err != nil {
		return err
	}
	for _, m := range files {
		if !chosen(m.version) || slices.ContainsFunc(done, func(a applied) bool { return a.version == m.version }) {
			continue
		}
		err := Write(ctx, func(ctx context.Context) error {
			tx := Tx(ctx)
			// One program migrates at a time; the others wait here and then find the work done.
			if db.inst.dialect == postgres {
				if _, err := tx.ExecContext(ctx, lockMigrations); err != nil {
					return err
				}
			}
			done, err := appliedMigrations(ctx)
			if err != nil {
				return err
			}
			if err := sameHistory(files, done); err != nil {
				return err
			}
			if slices.ContainsFunc(done, func(a applied) bool { return a.version == m.version }) {
				return nil
			}
			for _, s := range m.statements {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					return fmt.Errorf("store: migration %04d_%s: %w", m.version, m.name, err)
				}
			}
			if step := stepOf(db.migrationKind(), m); step != nil {
				if err := step(ctx); err != nil {
					return fmt.Errorf("store: step of migration %04d_%s: %w", m.version, m.name, err)
				}
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO migrations (version, name, hash, applied_at) VALUES (?, ?, ?, ?)`,
				m.version, m.name, m.hash, Stamp(clock.Now(ctx)))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sameHistory refuses a database that has seen other files than this program has.
func sameHistory(files []migration, done []applied) error {
	for _, a := range done {
		at := slices.IndexFunc(files, func(m migration) bool { return m.version == a.version })
		switch {
		case at < 0:
			return fault.New(fault.Conflict, fmt.Sprintf("数据库由更新的程序建立（迁移 %04d）：请使用不低于它的版本。", a.version))
		case files[at].hash != a.hash:
			return fault.New(fault.Conflict, fmt.Sprintf("迁移 %04d 与数据库当初执行的不一致：请使用与数据库相符的程序。", a.version))
		}
	}
	return nil
}

func appliedMigrations(ctx context.Context) ([]applied, error) {
	rows, err := Tx(ctx).QueryContext(ctx, `SELECT version, name, hash FROM migrations ORDER BY version`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []applied
	for rows.Next() {
		var a applied
		if err := rows.Scan(&a.version, &a.name, &a.hash); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// scanOne reads one value; it stays as it is when there is no row.
func scanOne(ctx context.Context, to any, query string, args ...any) error {
	err := Tx(ctx).QueryRowContext(ctx, query, args...).Scan(to)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
