package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
	sqlitedriver "modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// This file is the only one where SQLite and PostgreSQL are told apart in SQL. Whatever the common subset cannot say is a named
// fragment here; a test refuses it anywhere else.

// dialect is a kind of database.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

func (d dialect) String() string {
	if d == sqlite {
		return "sqlite"
	}
	return "postgres"
}

func postgresDialect() schema.Dialect { return pgdialect.New() }

func dialectOf(ctx context.Context) dialect { return mustBound(ctx).db.inst.dialect }

// pick is the text for the database of ctx.
func pick(ctx context.Context, forSQLite, forPostgres string) string {
	if dialectOf(ctx) == sqlite {
		return forSQLite
	}
	return forPostgres
}

// quote makes an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (d dialect) writeOptions() *sql.TxOptions {
	if d == sqlite {
		return nil // BEGIN IMMEDIATE, by the connection's settings
	}
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

func (d dialect) readOptions() *sql.TxOptions {
	if d == sqlite {
		return nil // a deferred transaction of a connection with query_only
	}
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// ---- fragments ----

// enterSchema makes a transaction see the tables of its database and no others. The next transaction on the connection starts without.
// SQLite needs nothing: the connection is to one file.
func (db *DB) enterSchema() string {
	if db.inst.dialect == sqlite {
		return ""
	}
	return `SET LOCAL search_path TO ` + quote(db.schema)
}

// SkipLocked ends the subquery that chooses a row to claim, so that two workers that claim at the same time choose different rows.
// SQLite needs nothing: writers take turns.
func SkipLocked(ctx context.Context) string { return pick(ctx, ``, ` FOR UPDATE SKIP LOCKED`) }

// lockMigrations lets one program migrate a PostgreSQL schema at a time; on SQLite the writer's turn does.
const lockMigrations = `LOCK TABLE migrations IN EXCLUSIVE MODE`

// JoinedTexts aggregates texts into one, with one argument, what stands between them; expr may hold arguments of its own before it.
func JoinedTexts(ctx context.Context, expr string) string {
	return pick(ctx, `group_concat(`, `string_agg(`) + expr + `, ?)`
}

// Filter is a condition that is not to be answered from an index, because another one leaves fewer rows: SQLite, which does not count what is
// in its tables, would take any index that gives rows in order.
func Filter(condition string) string { return `(` + condition + ` OR 1 = 0)` }

// Like is the condition that one of the columns contains a text; upper and lower case of ASCII letters are the same to it, and no character
// means anything but itself. Its arguments are one for each column. PostgreSQL, which takes such a condition to hold of a third of the rows,
// walks a list in its order for it: the words that are looked for so are in many.
func Like(ctx context.Context, text string, columns ...string) (condition string, args []any) {
	lower := []byte(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	var or []string
	for _, c := range columns {
		or, args = append(or, pick(ctx, `instr(LOWER(`+c+`), ?)`, `strpos(LOWER(`+c+` COLLATE "C"), ?)`)+` > 0`), append(args, string(lower))
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

// The text search over the table search_entries, whose columns a, b, c, d hold terms in falling weight.

// SearchFound is what to select from, with one argument, the query that SearchAll or SearchAny made, to get the rows of search_entries AS e
// that match one by one: who has enough of them stops.
func SearchFound(ctx context.Context) string {
	return pick(ctx,
		`(SELECT rowid AS n FROM search_text WHERE search_text MATCH ?) AS found CROSS JOIN search_entries AS e ON e.n = found.n`,
		`(SELECT * FROM search_entries WHERE terms @@ CAST(? AS tsquery)) AS e`)
}

// SearchRanked selects, with one argument as SearchFound, n and score of what matches: the lower the score the better.
func SearchRanked(ctx context.Context) string {
	return pick(ctx,
		`SELECT rowid AS n, bm25(search_text, 8.0, 4.0, 2.0, 1.0) AS score FROM search_text WHERE search_text MATCH ?`,
		`SELECT n, -ts_rank(CAST('{0.12, 0.25, 0.5, 1.0}' AS real[]), terms, q, 1) AS score FROM search_entries, CAST(? AS tsquery) AS q WHERE terms @@ q`)
}

// SearchTerm writes one term of a query; a prefix also finds the terms that begin with it. The term holds only letters and digits.
func SearchTerm(ctx context.Context, term string, prefix bool) string {
	if dialectOf(ctx) == sqlite {
		term = `"` + term + `"`
		if prefix {
			term += `*`
		}
		return term
	}
	term = `'` + term + `'`
	if prefix {
		term += `:*`
	}
	return term
}

// SearchAll joins queries of which all must match, SearchAny those of which one must.
func SearchAll(ctx context.Context, queries []string) string {
	return "(" + strings.Join(queries, pick(ctx, ` AND `, ` & `)) + ")"
}

// SearchAny joins queries of which one must match.
func SearchAny(ctx context.Context, queries []string) string {
	return "(" + strings.Join(queries, pick(ctx, ` OR `, ` | `)) + ")"
}

// SearchForget and SearchLearn keep the index of SQLite, which is a table of its own, in step with search_entries; their argument is n.
// Forget goes before a row changes or is deleted, Learn after it was written. They are empty on PostgreSQL, where a generated column does it.
func SearchForget(ctx context.Context) string {
	return pick(ctx, `DELETE FROM search_text WHERE rowid = ?`, ``)
}

// SearchLearn: see SearchForget.
func SearchLearn(ctx context.Context) string {
	return pick(ctx, `INSERT INTO search_text (rowid, a, b, c, d) SELECT n, a, b, c, d FROM search_entries WHERE n = ?`, ``)
}

// ---- what a database is made of, for backup and restore ----

// tableQuery lists a database's own tables, without views, indexes that are tables, and the record of migrations.
func (db *DB) tableQuery() (query string, args []any) {
	if db.inst.dialect == sqlite {
		return `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> 'migrations' ORDER BY name`, nil
	}
	return `SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = ? AND c.relkind IN ('r', 'p') AND c.relname <> 'migrations' ORDER BY c.relname`, []any{db.schema}
}

// columnQuery lists the columns of a table that are stored and not generated, with their place in the primary key, 0 if none.
func (db *DB) columnQuery(table string) (query string, args []any) {
	if db.inst.dialect == sqlite {
		return `SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid`, []any{table}
	}
	return `SELECT a.attname, COALESCE((SELECT k.place FROM pg_index AS i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
			WHERE i.indrelid = a.attrelid AND i.indisprimary AND k.attnum = a.attnum), 0)
		FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`, []any{db.schema, table}
}

// foreignKeyQuery lists, for PostgreSQL, table, name and definition of every foreign key: they are taken away while rows are loaded in
// any order and put back, which checks them. SQLite checks at the end of the transaction when told to (deferForeignKeys).
func (db *DB) foreignKeyQuery() (query string, args []any) {
	return `SELECT r.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid
		JOIN pg_namespace AS n ON n.oid = c.connamespace WHERE c.contype = 'f' AND n.nspname = ? ORDER BY r.relname, c.conname`, []any{db.schema}
}

const deferForeignKeys = `PRAGMA defer_foreign_keys = ON`

func dropForeignKey(table, name string) string {
	return `ALTER TABLE ` + quote(table) + ` DROP CONSTRAINT ` + quote(name)
}

func addForeignKey(table, name, definition string) string {
	return `ALTER TABLE ` + quote(table) + ` ADD CONSTRAINT ` + quote(name) + ` ` + definition
}

// rebuildSearch fills SQLite's search index, which is empty, from the rows of search_entries.
const rebuildSearch = `INSERT INTO search_text (rowid, a, b, c, d) SELECT n, a, b, c, d FROM search_entries`

// pin makes a transaction of SQLite see the state of this moment: it begins with its first read.
const pin = `SELECT count(*) FROM sqlite_master`

// stayOpen lets a backup be written to something slow without PostgreSQL ending its transaction.
const stayOpen = `SET LOCAL idle_in_transaction_session_timeout = 0`

// ---- errors ----

// IsUnique says whether err is that of a row which repeats what must be unique. The transaction can then no longer be committed.
func IsUnique(err error) bool { return is(err, "23505", sqliteUnique) }

// isThere says whether err is that of making a table which somebody else made at the same moment: PostgreSQL finds it in one of several
// catalogues first.
func isThere(err error) bool { return is(err, "23505 42710 42P07", sqliteUnique) }

// IsForeignKey says whether err is that of a reference to a row which does not exist, or of deleting one that is referred to.
func IsForeignKey(err error) bool { return is(err, "23503", sqliteForeignKey) }

var (
	sqliteUnique     = []int{sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY, sqlitelib.SQLITE_CONSTRAINT_ROWID}
	sqliteForeignKey = []int{sqlitelib.SQLITE_CONSTRAINT_FOREIGNKEY}
)

// is matches SQLSTATE and never a constraint's name, which is empty under Citus.
func is(err error, states string, codes []int) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.Contains(states, pg.Code)
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		for _, c := range codes {
			if lite.Code() == c {
				return true
			}
		}
	}
	return false
}

// retryable says whether running the whole transaction again may succeed: it lost against another one.
func (d dialect) retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff // the primary code: BUSY stands for BUSY_SNAPSHOT and BUSY_RECOVERY too
		return code == sqlitelib.SQLITE_BUSY || code == sqlitelib.SQLITE_LOCKED
	}
	return false
}

// unreachable says whether the database does not answer, or is going away.
func (d dialect) unreachable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P0") || pg.Code == "53300"
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_FULL:
			return true
		}
	}
	return false
}
