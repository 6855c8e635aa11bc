package store

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
)

// A backup is a tar file, compressed with gzip, that any database can be restored from:
//
//	shanglin.json                    header: format, time, kind of database, and which migrations each database has seen
//	ID/TABLE/000001.jsonl …          rows of a table: a line with the columns, then a line for each row, a JSON array
//	manifest.json                    last: every file before it with its SHA-256 and its rows; what has no manifest was cut off
//
// Databases stand one after the other, the control database last.

const (
	backupFormat = 1
	headerName   = "shanglin.json"
	manifestName = "manifest.json"

	partSize    = 4 << 20  // bytes of rows after which a new file begins
	largestPart = 64 << 20 // and the most that a restore accepts
)

type backupHeader struct {
	Format    int              `json:"format"`
	CreatedAt string           `json:"created_at"`
	Kind      string           `json:"kind"`
	Databases []backupDatabase `json:"databases"`
}

type backupDatabase struct {
	ID         string            `json:"id"`
	Migrations []backupMigration `json:"migrations"`
}

type backupMigration struct {
	Version int    `json:"version"`
	Name    string `json:"name"`
	Hash    string `json:"hash"`
}

type backupManifest struct {
	Files []backupFile `json:"files"`
}

type backupFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows"`
}

// Backup writes everything that the installation holds, as it stands at one moment, while others go on working.
func (i *Installation) Backup(ctx context.Context, w io.Writer) error {
	s, err := i.snapshot(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	b := &backupWriter{tar: tar.NewWriter(zip), at: clock.Now(ctx)}
	header := backupHeader{Format: backupFormat, CreatedAt: Stamp(b.at), Kind: i.Kind()}
	for _, db := range s.dbs {
		d := backupDatabase{ID: db.id}
		err := s.read(ctx, db, func(ctx context.Context) error {
			done, err := appliedMigrations(ctx)
			for _, a := range done {
				d.Migrations = append(d.Migrations, backupMigration{a.version, a.name, a.hash})
			}
			return err
		})
		if err != nil {
			return err
		}
		header.Databases = append(header.Databases, d)
	}
	if err := b.addJSON(headerName, header); err != nil {
		return err
	}
	for _, db := range s.dbs {
		if err := s.read(ctx, db, func(ctx context.Context) error { return b.addDatabase(ctx, db) }); err != nil {
			return fmt.Errorf("store: backup of %s: %w", db.id, err)
		}
	}
	if err := b.addJSON(manifestName, b.manifest); err != nil {
		return err
	}
	return errors.Join(b.tar.Close(), zip.Close())
}

type backupWriter struct {
	tar      *tar.Writer
	at       time.Time
	manifest backupManifest
}

func (b *backupWriter) add(name string, body []byte, rows int64) error {
	sum := sha256.Sum256(body)
	b.manifest.Files = append(b.manifest.Files, backupFile{name, hex.EncodeToString(sum[:]), rows})
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: b.at.Truncate(time.Second)}); err != nil {
		return err
	}
	_, err := b.tar.Write(body)
	return err
}

func (b *backupWriter) addJSON(name string, v any) error {
	body, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return b.add(name, append(body, '\n'), 0)
}

func (b *backupWriter) addDatabase(ctx context.Context, db *DB) error {
	tables, err := tablesOf(ctx, db)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := b.addTable(ctx, db.id, t); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}

// addTable writes the rows of a table in the order of its primary key.
func (b *backupWriter) addTable(ctx context.Context, id string, t table) error {
	rows, err := Tx(ctx).QueryContext(ctx, `SELECT `+t.columnList()+` FROM `+quote(t.name)+` ORDER BY `+t.orderList())
	if err != nil {
		return err
	}
	defer rows.Close()
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	begin := func() error { body.Reset(); return encoder.Encode(t.columns) }
	if err := begin(); err != nil {
		return err
	}
	values, targets := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var count int64
	part := 0
	flush := func() error {
		part++
		err := b.add(fmt.Sprintf("%s/%s/%06d.jsonl", id, t.name, part), body.Bytes(), count)
		count = 0
		return err
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, v := range values {
			switch v := v.(type) {
			case nil, string, int64, float64:
			case []byte:
				values[i] = string(v)
			default:
				return fmt.Errorf("column %s holds a %T, which a backup cannot", t.columns[i], v)
			}
		}
		if err := encoder.Encode(values); err != nil {
			return err
		}
		count++
		if body.Len() >= partSize {
			if err := errors.Join(flush(), begin()); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if count > 0 || part == 0 { // an empty table has a file too
		return flush()
	}
	return nil
}

// table is one as the database describes it.
type table struct {
	name    string
	columns []string
	key     []string // columns of the primary key, in its order
}

func (t table) columnList() string {
	return quoteAll(t.columns)
}

func (t table) orderList() string {
	if len(t.key) > 0 {
		return quoteAll(t.key)
	}
	return quoteAll(t.columns)
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// tablesOf describes the tables of the database that ctx is bound to, by name.
func tablesOf(ctx context.Context, db *DB) ([]table, error) {
	var names []string
	query, args := db.tableQuery()
	if err := Tx(ctx).NewRaw(query, args...).Scan(ctx, &names); err != nil {
		return nil, err
	}
	out := make([]table, 0, len(names))
	for _, name := range names {
		t := table{name: name}
		query, args := db.columnQuery(name)
		rows, err := Tx(ctx).QueryContext(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		places := map[string]int{}
		for rows.Next() {
			var column string
			var place int
			if err := rows.Scan(&column, &place); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			t.columns = append(t.columns, column)
			if place > 0 {
				places[column] = place
				t.key = append(t.key, column)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
		slices.SortFunc(t.key, func(a, b string) int { return places[a] - places[b] })
		out = append(out, t)
	}
	return out, nil
}

// snapshot is every database as it stood at one moment, the control database last.
type snapshot struct {
	dbs []*DB
	txs map[*DB]*transaction
}

// lockTries is how often a snapshot is attempted on SQLite; each waits up to lockWait for every writer to finish.
const (
	lockTries = 20
	lockWait  = 2 * time.Second
)

func (i *Installation) snapshot(ctx context.Context) (*snapshot, error) {
	if i.dialect == postgres {
		return i.snapshotOfSchemas(ctx)
	}
	for range lockTries {
		s, err := i.snapshotOfFiles(ctx)
		if err == nil || ctx.Err() != nil {
			return s, err
		}
		if !errors.Is(err, context.DeadlineExceeded) && !i.dialect.retryable(err) {
			return nil, err
		}
	}
	return nil, fault.New(fault.Unavailable, "数据库一直有人在写，备份没有开始，请稍后再试。")
}

// snapshotOfSchemas is one transaction of PostgreSQL.
func (i *Installation) snapshotOfSchemas(ctx context.Context) (*snapshot, error) {
	t, err := i.control.begin(ctx, false)
	if err != nil {
		return nil, unavailable(err)
	}
	s := &snapshot{txs: map[*DB]*transaction{i.control: t}}
	if _, err := t.Tx.ExecContext(ctx, stayOpen); err != nil {
		s.close()
		return nil, err
	}
	var tenants []Tenant
	err = s.read(ctx, i.control, func(ctx context.Context) error { tenants, err = i.Tenants(ctx); return err })
	if err == nil {
		err = s.addTenants(ctx, i, tenants)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	for _, db := range s.dbs {
		s.txs[db] = t
	}
	return s, nil
}

// snapshotOfFiles takes the turn of every writer, begins to read every file, and lets the writers go on: a few milliseconds.
func (i *Installation) snapshotOfFiles(ctx context.Context) (*snapshot, error) {
	tenants, err := i.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	s := &snapshot{txs: map[*DB]*transaction{}}
	if err := s.addTenants(ctx, i, tenants); err != nil {
		return nil, err
	}
	if err := s.pinFiles(ctx, i, tenants); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *snapshot) pinFiles(ctx context.Context, i *Installation, tenants []Tenant) error {
	// Each file's turn is waited for with an end, all are given back, and it is tried again: somebody who holds one of them may be waiting
	// for another.
	waiting, stop := context.WithTimeout(ctx, lockWait)
	defer stop()
	for _, db := range s.dbs {
		turn, err := db.begin(waiting, true)
		if err != nil {
			return err
		}
		defer turn.Tx.Rollback()
	}
	for _, db := range s.dbs {
		t, err := db.begin(ctx, false)
		if err != nil {
			return err
		}
		s.txs[db] = t
		if _, err := t.Tx.ExecContext(ctx, pin); err != nil {
			return err
		}
	}
	var again []Tenant
	err := s.read(ctx, i.control, func(ctx context.Context) (err error) { again, err = i.Tenants(ctx); return err })
	if err == nil && !slices.Equal(tenants, again) {
		err = context.DeadlineExceeded // somebody made a tenant in between: once more
	}
	return err
}

func (s *snapshot) addTenants(ctx context.Context, i *Installation, tenants []Tenant) error {
	for _, t := range tenants {
		db, err := i.Tenant(ctx, t.ID)
		if err != nil {
			return err
		}
		s.dbs = append(s.dbs, db)
	}
	s.dbs = append(s.dbs, i.control)
	return nil
}

// read runs fn on one database of the snapshot.
func (s *snapshot) read(ctx context.Context, db *DB, fn func(ctx context.Context) error) error {
	t := s.txs[db]
	if enter := db.enterSchema(); enter != "" {
		if _, err := t.Tx.ExecContext(ctx, enter); err != nil {
			return err
		}
	}
	return fn(context.WithValue(ctx, bindingKey{}, &binding{db: db, tx: t, outer: bound(ctx)}))
}

func (s *snapshot) close() {
	for _, t := range s.txs {
		t.end()
		_ = t.Tx.Rollback() // nothing was written
	}
}
