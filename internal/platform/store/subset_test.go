package store

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// SQL outside of the subset that SQLite, PostgreSQL 15 and Citus 13 share is refused in every migration and in every string of every
// Go file that looks like SQL. What is needed all the same gets a name in dialect.go.

const repository = "../../.."

// exempt files may know one kind of database.
var exempt = []string{
	"internal/platform/store/dialect.go",        // the named fragments
	"internal/platform/store/sqlite.go",         // how to connect to SQLite
	"internal/platform/store/postgres.go",       // how to connect to PostgreSQL
	"internal/platform/store/subset_test.go",    // this file
	"internal/platform/store/storetest/held.go", // how a test sees that others wait
}

var refused = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{re(`\b(now|clock_timestamp|statement_timestamp|random|gen_random_uuid|uuid_generate_v\d|datetime|julianday|strftime|unixepoch|date_trunc|to_char|to_timestamp|randomblob|last_insert_rowid|lastval|nextval|currval|setval)\s*\(`), "times, ids and chance come from Go"},
	{re(`\bCURRENT_(DATE|TIME)\b`), "times come from Go"},
	{re(`\b(SMALL|BIG)?SERIAL\b`), "ids come from Go"},
	{re(`\bAUTO_?INCREMENT\b`), "ids come from Go"},
	{re(`\bGENERATED\s+(ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY\b`), "ids come from Go"},
	{re(`\b(CREATE|ALTER|DROP)\s+SEQUENCE\b`), "ids come from Go"},
	{re(`\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b`), "store.SkipLocked, or a conditional UPDATE"},
	{re(`\bSKIP\s+LOCKED\b`), "store.SkipLocked"},
	{re(`\bINSERT\s+OR\s+\w+\b`), "ON CONFLICT"},
	{re(`\bREPLACE\s+INTO\b`), "ON CONFLICT"},
	{re(`\bjson(b)?_\w+\s*\(`), "->> or Go"},
	{re(`\bjson_extract\b`), "->> or Go"},
	{re(`->[^>]`), "->>"},
	{re(`\b(ARRAY\s*\[|unnest\s*\(|array_\w+\s*\(|ANY\s*\(\s*(ARRAY|\?|\$))`), "IN with bun.List"},
	{re(`\w\[\]`), "no arrays"},
	{re(`\bCREATE\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+)?(TEMP\s+|TEMPORARY\s+)?(TRIGGER|FUNCTION|PROCEDURE|RULE|EXTENSION|TYPE|DOMAIN|MATERIALIZED\s+VIEW)\b`), "Go"},
	{re(`\bCREATE\s+VIRTUAL\s+TABLE\b`), "a migration for SQLite alone"},
	{re(`\bALTER\s+COLUMN\b`), "a new column or a new table"},
	{re(`\bADD\s+CONSTRAINT\b`), "constraints are made with their table"},
	{re(`\b(DROP|VALIDATE)\s+CONSTRAINT\b`), "a new table"},
	{re(`\b(PRAGMA|VACUUM|ATTACH|REINDEX|CLUSTER|ANALYZE)\s+\w`), "nothing: this is the store's business"},
	{re(`\bsqlite_\w+|\bpg_\w+|\binformation_schema\b`), catalogues},
	{re(`\bsearch_path\b`), "store.In"},
	{re(`\bLISTEN\s+\w|\bNOTIFY\s+\w`), "a row and a poll"},
	{re(`\bLOCK\s+TABLE\b`), "a conditional UPDATE"},
	{re(`\bILIKE\b|\bSIMILAR\s+TO\b|\bGLOB\b|\bREGEXP\b`), "LIKE, or lower()"},
	{re(`::\s*\w`), "CAST(… AS …)"},
	{re(`\bDISTINCT\s+ON\b`), "a window function"},
	{re(`\bWITH\b[^;]*\bAS\s*\(\s*(INSERT|UPDATE|DELETE)\b`), "statements of their own"},
	{re(`\bTRUNCATE\b`), "DELETE"},
	{re(`\b(rowid|oid|ctid)\b`), "an id from Go"},
	{re(`(?s)^\s*(CREATE|ALTER)\s+TABLE\b.*\b(VARCHAR|CHAR|DATETIME|TIMESTAMP|TIMESTAMPTZ|DATE|BOOLEAN|BOOL|UUID|JSONB?|NUMERIC|DECIMAL|REAL|DOUBLE|FLOAT|BLOB|BYTEA)\b\s*(\(\d+(,\s*\d+)?\)\s*)?(NOT\s+NULL|PRIMARY|UNIQUE|DEFAULT|REFERENCES|CHECK|,|\)\s*$)`), "TEXT, BIGINT or INTEGER"},
	{re(`\b(IFNULL|NVL|GROUP_CONCAT|STRING_AGG|TOTAL|INSTR|STRPOS|CONCAT|PRINTF|FORMAT|GREATEST|LEAST)\s*\(`), "COALESCE, CASE, or Go"},
	{re(`\bVALUES\s*\([^()]*\(\s*SELECT\b`), "INSERT … SELECT without an aggregate, or two statements"},
	{re(`\bWITHOUT\s+ROWID\b|\bSTRICT\s*;|\bUNLOGGED\b|\bON\s+COMMIT\b`), "a plain table"},
	{re(`\bUSING\s+(gin|gist|brin|hash)\b`), "a migration for PostgreSQL alone"},
	{re(`\bUSING\s+fts\d|\bMATCH\s+\?|\b(to_tsvector|to_tsquery|tsvector|tsquery|bm25)\b`), "package search"},
}

// catalogues say what a database is made of.
const catalogues = "nothing: the catalogues are the store's business"

func re(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + s) }

// statement recognises a string that is SQL, or a part of it.
var statement = regexp.MustCompile(`^\s*(SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|VALUES|TRUNCATE|PRAGMA|LOCK|LISTEN|NOTIFY|SET LOCAL)\b|\b(FROM|WHERE|JOIN|ORDER BY|GROUP BY|RETURNING|ON CONFLICT|UNION|HAVING|LIMIT|AND|OR|EXISTS)\s`)

// looksLikeSQL: a whole statement, or a fragment with a keyword in capitals; a Chinese or English sentence is none.
func looksLikeSQL(s string) bool {
	return statement.MatchString(s) && !strings.ContainsAny(s, "。，：")
}

// complaints lists what is refused in a text of SQL. What stands between single quotes is data.
func complaints(sql string) []string {
	sql = quoted.ReplaceAllString(sql, "''")
	var out []string
	for _, r := range refused {
		if found := r.pattern.FindString(sql); found != "" {
			out = append(out, fmt.Sprintf("%q: use instead: %s", strings.TrimSpace(found), r.instead))
		}
	}
	return out
}

var quoted = regexp.MustCompile(`'[^']*'`)

func TestSQLStaysInTheCommonSubset(t *testing.T) {
	migrations, strings_ := 0, 0
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(repository, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && rel != "." {
				return filepath.SkipDir
			}
			return nil
		}
		switch {
		case slices.Contains(exempt, rel), strings.HasSuffix(rel, ".sqlite.sql"), strings.HasSuffix(rel, ".postgres.sql"):
		case strings.HasSuffix(rel, ".sql"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			migrations++
			for n, line := range numbered(string(text)) {
				for _, c := range complaints(line) {
					t.Errorf("%s:%d: %s", rel, n, c)
				}
			}
		case strings.HasSuffix(rel, ".go"):
			found, err := sqlStrings(path)
			if err != nil {
				t.Logf("%s: %v", rel, err) // the compiler says it better
			}
			for _, f := range found {
				strings_++
				for _, c := range complaints(f.text) {
					if strings.HasSuffix(rel, "_test.go") && strings.HasSuffix(c, catalogues) {
						continue // a test may look behind the curtain
					}
					t.Errorf("%s:%d: %s", rel, f.line, c)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if migrations < 3 || strings_ < 20 {
		t.Errorf("only %d migrations and %d strings were found: is the repository where this test looks?", migrations, strings_)
	}
}

// numbered gives the statements of a migration, each on one line, at the number of its first line.
func numbered(text string) map[int]string {
	out := map[int]string{}
	n, start := 0, 1
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		n++
		code, _, _ := strings.Cut(line, "--")
		if b.Len() == 0 {
			start = n
		}
		if strings.TrimSpace(code) != "" {
			b.WriteString(strings.TrimSpace(code) + " ")
		}
		if strings.HasSuffix(strings.TrimSpace(code), ";") {
			out[start] = b.String()
			b.Reset()
		}
	}
	out[start] += b.String()
	return out
}

type sqlString struct {
	line int
	text string
}

// sqlStrings finds the strings of a Go file that look like SQL; what is joined with + counts as one.
func sqlStrings(path string) ([]sqlString, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []sqlString
	ast.Inspect(file, func(n ast.Node) bool {
		var text string
		switch e := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			e.Tag = nil // `bun:"…"` is no SQL
			return true
		case *ast.BinaryExpr:
			if text = joined(e); text == "" {
				return true
			}
		case *ast.BasicLit:
			text = literal(e)
		default:
			return true
		}
		if looksLikeSQL(text) {
			out = append(out, sqlString{files.Position(n.Pos()).Line, text})
		}
		return false
	})
	return out, nil
}

// joined is the text of a chain of + over strings, with a blank word for what is not a literal; empty when none is.
func joined(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, right := joined(e.X), joined(e.Y)
			if left != "" || right != "" {
				return left + " " + right
			}
		}
	}
	return ""
}

func literal(e *ast.BasicLit) string {
	if e.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(e.Value)
	if err != nil {
		return ""
	}
	return s
}

// Each is refused, and what is allowed is not. Mutation: drop any of the patterns → red.
func TestTheSubsetTestSees(t *testing.T) {
	for _, sql := range []string{
		`SELECT now()`, `UPDATE t SET a = random()`, `INSERT INTO t DEFAULT VALUES RETURNING last_insert_rowid()`, `SELECT CURRENT_DATE`,
		`CREATE TABLE t (id SERIAL PRIMARY KEY)`, `CREATE TABLE t (id BIGSERIAL)`, `CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)`,
		`CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY)`, `CREATE SEQUENCE s`,
		`SELECT a FROM t FOR UPDATE`, `SELECT a FROM t FOR NO KEY UPDATE`, `SELECT a FROM t LIMIT 1 SKIP LOCKED`,
		`INSERT OR IGNORE INTO t VALUES (1)`, `REPLACE INTO t VALUES (1)`, `SELECT json_extract(a, '$.b') FROM t`, `SELECT jsonb_build_object() FROM t`, `SELECT a->'b' FROM t`,
		`SELECT ARRAY[1] FROM t`, `SELECT a FROM t WHERE a = ANY(?)`, `CREATE TABLE t (a TEXT[])`, `SELECT unnest(a) FROM t`,
		`CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END`, `CREATE OR REPLACE FUNCTION f() RETURNS x`, `CREATE EXTENSION citext`, `CREATE VIRTUAL TABLE t USING fts5 (a)`,
		`ALTER TABLE t ALTER COLUMN a TYPE TEXT`, `ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)`, `ALTER TABLE t DROP CONSTRAINT c`,
		`PRAGMA foreign_keys`, `SELECT name FROM sqlite_master`, `SELECT nspname FROM pg_namespace`, `SET LOCAL search_path TO x`, `LISTEN x`, `LOCK TABLE t`,
		`SELECT a FROM t WHERE a ILIKE 'x'`, `SELECT a FROM t WHERE a GLOB 'x*'`, `SELECT a::text FROM t`, `SELECT DISTINCT ON (a) a FROM t`,
		`WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x`, `TRUNCATE t`, `SELECT rowid FROM t`, `SELECT ctid FROM t`,
		`CREATE TABLE t (a VARCHAR(10) NOT NULL)`, `CREATE TABLE t (a BOOLEAN)`, `CREATE TABLE t (a TIMESTAMPTZ NOT NULL)`, `CREATE TABLE t (a JSONB, b TEXT)`, `CREATE TABLE t (a NUMERIC(10, 2) NOT NULL)`, `CREATE TABLE t (a BYTEA NOT NULL)`,
		`SELECT IFNULL(a, 1) FROM t`, `SELECT group_concat(a) FROM t`, `SELECT string_agg(a, ',') FROM t`, `SELECT GREATEST(a, b) FROM t`, `INSERT INTO t VALUES ((SELECT 1))`,
		`CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID`, `CREATE UNLOGGED TABLE t (a TEXT)`, `CREATE INDEX i ON t USING gin (a)`, `SELECT a FROM t WHERE t MATCH ?`, `SELECT to_tsvector(a) FROM t`,
	} {
		if !looksLikeSQL(sql) {
			t.Errorf("not taken for SQL: %s", sql)
		}
		if len(complaints(sql)) == 0 {
			t.Errorf("not refused: %s", sql)
		}
	}
	for _, sql := range []string{
		`CREATE TABLE t (id TEXT PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0), b INTEGER NOT NULL DEFAULT 0, p TEXT REFERENCES t (id) ON DELETE CASCADE, g TEXT GENERATED ALWAYS AS (lower(id)) STORED, UNIQUE (n, b))`,
		`CREATE UNIQUE INDEX i ON t (lower(id)) WHERE n > 0`, `INSERT INTO t (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING id`,
		`UPDATE t SET n = s.n FROM s WHERE s.id = t.id`, `SELECT doc ->> 'name' FROM t`, `SELECT row_number() OVER (PARTITION BY n ORDER BY id) FROM t`, `SELECT count(*) FILTER (WHERE n > 0) FROM t`,
		`WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r`, `SELECT id FROM t WHERE (n, id) > (?, ?) ORDER BY n, id LIMIT 10 OFFSET 5`,
		`ALTER TABLE t ADD COLUMN x TEXT NOT NULL DEFAULT ''`, `ALTER TABLE t RENAME COLUMN x TO y`, `SELECT id FROM t WHERE name LIKE 'now() random()%'`, `SELECT CAST(n AS TEXT) FROM t`,
		`SELECT date, timestamp_at FROM t`, `DELETE FROM t WHERE at < ?`,
	} {
		if got := complaints(sql); len(got) > 0 {
			t.Errorf("refused: %s: %v", sql, got)
		}
	}
	for _, text := range []string{"为您 FROM 这里，不是", "hello", "application/json", "SELECTED"} {
		if looksLikeSQL(text) {
			t.Errorf("taken for SQL: %s", text)
		}
	}
}
