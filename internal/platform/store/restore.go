package store

import (
	"archive/tar"
	"bufio"
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

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
)

// Restore makes an installation at url from what Backup wrote, on either kind of database. There must be nothing at url yet.
//
// All or nothing: the control database, without which Open refuses, appears in the last step, after the whole archive was read and agreed
// with its manifest. If anything fails before, what was made is taken away again; if the program or the machine stops, what is left is
// refused by Open and by Restore, and has to be removed.
//
// Conflict if something is there, or the backup is of a newer program; Invalid if the archive is damaged, cut off or not a backup.
func Restore(ctx context.Context, url string, r io.Reader) (err error) {
	i, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer i.Close()
	existing, err := i.engine.list(ctx)
	if err != nil {
		return err
	}
	if len(existing) > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("这里已有 %d 个库：只能恢复到空的位置。", len(existing)))
	}
	in, err := openArchive(r)
	if err != nil {
		return err
	}
	if err := in.header.check(); err != nil {
		return err
	}
	// Staging the control database, which is done once, also keeps another restore away.
	control, err := i.engine.stage(ctx, i)
	if err != nil {
		return err
	}
	defer func() {
		control.shut()
		if err != nil {
			for _, d := range in.header.Databases {
				err = errors.Join(err, i.engine.drop(context.WithoutCancel(ctx), d.ID))
			}
		}
	}()
	for _, d := range in.header.Databases {
		db := control
		if d.ID != ControlID {
			if db, err = i.engine.create(ctx, i, d.ID); err != nil {
				return err
			}
		}
		err = restoreDatabase(ctx, in, db, d)
		db.shut()
		if err != nil {
			return err
		}
	}
	if err := in.finish(); err != nil {
		return err
	}
	return i.engine.publish(ctx)
}

func damaged(format string, a ...any) error {
	return fault.Wrap(fault.Invalid, "备份文件已损坏、不完整，或者不是备份文件：没有恢复任何内容。", fmt.Errorf(format, a...))
}

// check refuses a header that this program cannot have written or cannot follow.
func (h *backupHeader) check() error {
	if h.Format != backupFormat {
		return fault.New(fault.Conflict, "备份的格式与本程序不符：请使用写出它的程序的版本，或更新的版本。")
	}
	from := sqlite
	switch h.Kind {
	case sqlite.String():
	case postgres.String():
		from = postgres
	default:
		return damaged("kind of database")
	}
	seen := map[string]bool{}
	for n, d := range h.Databases {
		last := n == len(h.Databases)-1
		if seen[d.ID] || (d.ID == ControlID) != last || !last && !tenantID.MatchString(d.ID) {
			return damaged("databases of the header")
		}
		seen[d.ID] = true
		files, err := migrationsFor((&DB{id: d.ID}).migrationKind(), from)
		if err != nil {
			return err
		}
		var done []applied
		for _, m := range d.Migrations {
			done = append(done, applied{m.Version, m.Name, m.Hash})
		}
		if err := sameHistory(files, done); err != nil {
			return err
		}
	}
	if len(h.Databases) == 0 {
		return damaged("no database in the header")
	}
	return nil
}

// archive reads a backup from front to end.
type archive struct {
	tar    *tar.Reader
	zip    *gzip.Reader
	header backupHeader
	read   []backupFile // what came so far

	next *backupPart // looked at and not yet taken
	end  []byte      // the manifest, once it came
}

// backupPart is a file with rows.
type backupPart struct {
	id, table string
	body      []byte
	at        int // in archive.read
}

func openArchive(r io.Reader) (*archive, error) {
	zip, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<20))
	if err != nil {
		return nil, damaged("no gzip: %w", err)
	}
	a := &archive{tar: tar.NewReader(zip), zip: zip}
	name, body, err := a.file()
	if err != nil {
		return nil, err
	}
	if name != headerName {
		return nil, damaged("begins with another file")
	}
	if err := json.Unmarshal(body, &a.header); err != nil {
		return nil, damaged("header: %w", err)
	}
	return a, nil
}

// file reads the next file whole.
func (a *archive) file() (name string, body []byte, err error) {
	h, err := a.tar.Next()
	if err != nil {
		return "", nil, damaged("tar: %w", err) // io.EOF too: the manifest has not come yet
	}
	if h.Typeflag != tar.TypeReg || h.Size > largestPart {
		return "", nil, damaged("a file of another kind or too large")
	}
	if body, err = io.ReadAll(io.LimitReader(a.tar, largestPart+1)); err != nil {
		return "", nil, damaged("file %d: %w", len(a.read), err)
	}
	sum := sha256.Sum256(body)
	a.read = append(a.read, backupFile{Name: h.Name, SHA256: hex.EncodeToString(sum[:])})
	return h.Name, body, nil
}

// part gives the next file with rows of a database, nil when those of another begin or the manifest has come.
func (a *archive) part(id string) (*backupPart, error) {
	if a.next == nil && a.end == nil {
		name, body, err := a.file()
		if err != nil {
			return nil, err
		}
		if name == manifestName {
			a.end = body
			return nil, nil
		}
		pieces := strings.Split(name, "/")
		if len(pieces) != 3 {
			return nil, damaged("file %d has a strange name", len(a.read))
		}
		a.next = &backupPart{id: pieces[0], table: pieces[1], body: body, at: len(a.read) - 1}
	}
	if a.next == nil || a.next.id != id {
		return nil, nil
	}
	p := a.next
	a.next = nil
	return p, nil
}

// finish compares what came with the manifest, and sees that nothing follows.
func (a *archive) finish() error {
	if a.end == nil {
		p, err := a.part("")
		if err != nil {
			return err
		}
		if p != nil || a.end == nil {
			return damaged("files of a database that the header does not name")
		}
	}
	var m backupManifest
	if err := json.Unmarshal(a.end, &m); err != nil {
		return damaged("manifest: %w", err)
	}
	if !slices.Equal(m.Files, a.read[:len(a.read)-1]) {
		return damaged("the files are not those of the manifest")
	}
	if _, err := a.tar.Next(); err != io.EOF {
		return damaged("something follows the manifest: %w", err)
	}
	// The checksum of gzip stands at the very end.
	if _, err := io.Copy(io.Discard, a.zip); err != nil {
		return damaged("gzip: %w", err)
	}
	return nil
}

// restoreDatabase fills one empty database: the tables as they were when the backup was written, the rows, then the migrations since.
func restoreDatabase(ctx context.Context, in *archive, db *DB, d backupDatabase) error {
	seen := func(version int) bool {
		return slices.ContainsFunc(d.Migrations, func(m backupMigration) bool { return m.Version == version })
	}
	if err := db.migrate(ctx, seen); err != nil {
		return err
	}
	// One try: the archive cannot be read twice, and nobody else is here to have a conflict with.
	err := runOnce(ctx, &binding{db: db}, true, func(ctx context.Context) error { return load(ctx, in, db) })
	if IsForeignKey(err) {
		return missingReference(err)
	}
	if err != nil {
		return err
	}
	return db.migrate(ctx, latest)
}

func missingReference(err error) error {
	return damaged("a reference to a row that is not there: %w", err)
}

// load fills the tables of a database from the archive.
func load(ctx context.Context, in *archive, db *DB) error {
	tables, err := tablesOf(ctx, db)
	if err != nil {
		return err
	}
	putBack, err := freeForeignKeys(ctx, db)
	if err != nil {
		return err
	}
	for _, t := range tables {
		// Migrations may have written rows; they are in the backup as well, as they have become.
		if _, err := Tx(ctx).ExecContext(ctx, `DELETE FROM `+quote(t.name)); err != nil {
			return err
		}
	}
	loaded := map[string]bool{}
	for {
		p, err := in.part(db.id)
		if err != nil {
			return err
		}
		if p == nil {
			break
		}
		at := slices.IndexFunc(tables, func(t table) bool { return t.name == p.table })
		if at < 0 {
			return damaged("%s: a table that does not exist", db.id)
		}
		if in.read[p.at].Rows, err = loadPart(ctx, tables[at], p.body); err != nil {
			return fmt.Errorf("store: file %d: %w", p.at, err)
		}
		loaded[p.table] = true
	}
	for _, t := range tables {
		if !loaded[t.name] {
			return damaged("%s: table %s is missing", db.id, t.name)
		}
	}
	if db.inst.dialect == sqlite && loaded["search_entries"] {
		if _, err := Tx(ctx).ExecContext(ctx, rebuildSearch); err != nil {
			return err
		}
	}
	return putBack(ctx)
}

// insertRows is how many rows go into one statement, and insertBytes after how much text it is sent in any case.
const (
	insertRows  = 500
	insertBytes = 1 << 20
)

func loadPart(ctx context.Context, t table, body []byte) (rows int64, err error) {
	lines := bytes.Split(body, []byte("\n"))
	if len(lines) < 2 || len(lines[len(lines)-1]) != 0 {
		return 0, damaged("the file does not end with a line")
	}
	var columns []string
	if err := json.Unmarshal(lines[0], &columns); err != nil || !slices.Equal(columns, t.columns) && !sameSet(columns, t.columns) {
		return 0, damaged("other columns than the table's: %w", err)
	}
	into := `INSERT INTO ` + quote(t.name) + ` (` + quoteAll(columns) + `) VALUES ?`
	var batch []bun.TupleValues
	size := 0
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := Tx(ctx).ExecContext(ctx, into, bun.List(batch))
		batch, size = batch[:0], 0
		if err != nil {
			return damaged("rows that the table does not take: %w", err)
		}
		return nil
	}
	for _, line := range lines[1 : len(lines)-1] {
		values, err := decodeRow(line, len(columns))
		if err != nil {
			return 0, err
		}
		batch = append(batch, bun.Tuple(values))
		rows++
		if size += len(line); len(batch) == insertRows || size >= insertBytes {
			if err := send(); err != nil {
				return 0, err
			}
		}
	}
	return rows, send()
}

func decodeRow(line []byte, columns int) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil || len(values) != columns {
		return nil, damaged("a line is not a row of the table: %w", err)
	}
	for i, v := range values {
		switch v := v.(type) {
		case nil, string:
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				f, floatErr := v.Float64()
				if floatErr != nil {
					return nil, damaged("a number out of range: %w", floatErr)
				}
				values[i] = f
				continue
			}
			values[i] = n
		default:
			return nil, damaged("a value of another kind")
		}
	}
	return values, nil
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// freeForeignKeys lets rows come in any order; putBack checks the references.
func freeForeignKeys(ctx context.Context, db *DB) (putBack func(ctx context.Context) error, err error) {
	if db.inst.dialect == sqlite {
		_, err := Tx(ctx).ExecContext(ctx, deferForeignKeys)
		return func(context.Context) error { return nil }, err // the commit checks
	}
	query, args := db.foreignKeyQuery()
	rows, err := Tx(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	type key struct{ table, name, definition string }
	var keys []key
	for rows.Next() {
		var k key
		if err := rows.Scan(&k.table, &k.name, &k.definition); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		keys = append(keys, k)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if _, err := Tx(ctx).ExecContext(ctx, dropForeignKey(k.table, k.name)); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context) error {
		for _, k := range keys {
			if _, err := Tx(ctx).ExecContext(ctx, addForeignKey(k.table, k.name, k.definition)); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
