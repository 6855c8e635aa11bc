package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Writing an import. Its rows are written in small transactions under the next version of the registry, which nobody reads yet; each
// transaction also moves the import's place, so that a server killed in between resumes there. The last transaction makes that version
// the visible one: until then nothing is seen of the import, afterwards all of it. One import at a time holds the next version.

// commit is the job that writes a staged import. It may be run again after a crash.
func (r *Registry) commit(ctx context.Context, j *jobs.Job) error {
	return r.Write(ctx, j.Key, j.Progress)
}

// discard is the job that undoes what a cancelled import has written.
func (r *Registry) discard(ctx context.Context, j *jobs.Job) error {
	return r.Discard(ctx, j.Key)
}

// Write writes an import that is committing, and makes it visible. An import that cannot be written becomes failed, which is no error.
// While another import holds the next version it does nothing: that one queues this one when it ends.
func (r *Registry) Write(ctx context.Context, id string, progress Progress) error {
	w := &writer{r: r, id: id, progress: progress}
	err := w.run(ctx)
	var f *fault.Error
	switch {
	case errors.Is(err, errStopped), errors.Is(err, errBusy):
		return nil
	case errors.As(err, &f) && f.Code != fault.Unavailable && f.Code != fault.Internal:
		if err := failImport(ctx, id, ImportCommitting, f); err != nil {
			return err
		}
		return r.Discard(ctx, id)
	default:
		return err
	}
}

// errBusy says that another import holds the next version.
var errBusy = errors.New("registry: another import is being written")

type writer struct {
	r        *Registry
	id       string
	progress Progress
	imp      importRow
	v        *policy.Vocabulary
	digested func() // for tests: what happens between the digest and the switch
}

func (w *writer) run(ctx context.Context) error {
	var err error
	if w.v, err = w.r.vocabulary(ctx); err != nil {
		return err
	}
	if err := store.Write(ctx, w.begin); err != nil {
		return err
	}
	if w.imp.State == ImportCommitted {
		return w.r.afterwards(ctx, w.id)
	}
	ctx = w.imp.actor(ctx)
	for w.imp.Done < w.imp.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := store.Write(ctx, w.chunk); err != nil {
			return err
		}
		if err := w.progress(ctx, w.imp.Done, w.imp.Rows, "写入"); err != nil {
			return err
		}
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	return w.r.afterwards(ctx, w.id)
}

// begin takes the next version, or finds that the import holds it already.
func (w *writer) begin(ctx context.Context) error {
	var err error
	if w.imp, err = lockImport(ctx, w.id); err != nil {
		return err
	}
	switch w.imp.State {
	case ImportCommitted:
		return nil
	case ImportCommitting:
	default:
		return errStopped
	}
	done, err := store.Tx(ctx).NewRaw(`UPDATE registry_state SET committing = ? WHERE one = 1 AND (committing = '' OR committing = ?)`, w.id, w.id).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errBusy)
	}
	if w.imp.Version != 0 {
		return nil
	}
	v, _, err := version(ctx)
	if err != nil {
		return err
	}
	kind := "fact"
	if w.imp.Kind == ImportFirms {
		kind = "party"
	}
	b, err := newBatch(w.imp.actor(ctx), kind, "import:"+w.id)
	if err != nil {
		return err
	}
	w.imp.Version = v + 1
	if kind == "party" {
		w.imp.PartyBatch = b.Number
	} else {
		w.imp.FactBatch = b.Number
	}
	done, err = store.Tx(ctx).NewRaw(`UPDATE imports SET version = ?, party_batch = ?, fact_batch = ? WHERE id = ? AND state = 'committing'`,
		w.imp.Version, w.imp.PartyBatch, w.imp.FactBatch, w.id).Exec(ctx)
	return stillRunning(done, err)
}

// lockImport reads an import for a writer: on PostgreSQL two workers that both believe to have its job wait for each other.
func lockImport(ctx context.Context, id string) (importRow, error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE imports SET job = job WHERE id = ?`, id).Exec(ctx); err != nil {
		return importRow{}, err
	}
	return findImport(ctx, id)
}

// batch is the number of the import's one batch.
func (r importRow) batch() int64 { return max(r.PartyBatch, r.FactBatch) }

// chunk writes the next rows.
func (w *writer) chunk(ctx context.Context) error {
	imp, err := lockImport(ctx, w.id)
	if err != nil {
		return err
	}
	if imp.State != ImportCommitting {
		return errStopped
	}
	var rows []stagedRow
	if err := store.Tx(ctx).NewRaw(`SELECT import, number, line, state, entry, problems FROM import_rows WHERE import = ? AND state = 'good' AND number > ?
		ORDER BY number LIMIT ?`, w.id, imp.Done, chunk).Scan(ctx, &rows); err != nil {
		return err
	}
	last := imp.Rows
	if len(rows) == chunk {
		last = rows[len(rows)-1].Number
	}
	entries := make([]entry, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Entry), &entries[i]); err != nil {
			return err
		}
	}
	refused := map[int]string{}
	refuse := func(i int, message string) {
		if refused[i] == "" {
			refused[i] = message
		}
	}
	var ids []string
	var written, said int
	if imp.Kind == ImportFirms {
		ids, said, err = w.firms(ctx, imp, entries, refuse)
		written = len(ids)
	} else {
		ids, said, err = w.facts(ctx, imp, entries, refuse)
		written = len(ids)
	}
	if err != nil {
		return err
	}
	if len(refused) > 0 && imp.Mode == AllOrNone {
		for i, message := range refused {
			return fault.New(fault.Conflict, fmt.Sprintf("第%d行现在不能导入，因此全部没有导入：%s", rows[i].Line, message))
		}
	}
	for i, message := range refused {
		text, err := jsonText([]Problem{{Cell: fmt.Sprintf("第%d行", rows[i].Line), Message: message}})
		if err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE import_rows SET state = 'bad', problems = ? WHERE import = ? AND number = ?`, text, w.id, rows[i].Number).Exec(ctx); err != nil {
			return err
		}
	}
	b, err := findBatch(ctx, imp.batch())
	if err != nil {
		return err
	}
	if err := b.add(ctx, ids); err != nil {
		return err
	}
	imp.Done, imp.Written, imp.Unchanged = last, imp.Written+int64(written), imp.Unchanged+int64(said-written)
	imp.Good, imp.Bad = imp.Good-int64(len(refused)), imp.Bad+int64(len(refused))
	done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET done = ?, written = ?, unchanged = ?, good = ?, bad = ? WHERE id = ? AND state = 'committing'`,
		imp.Done, imp.Written, imp.Unchanged, imp.Good, imp.Bad, w.id).Exec(ctx)
	if err := stillRunning(done, err); err != nil {
		return err
	}
	w.imp = imp
	return nil
}

// firms writes the parties of a chunk, and returns the ids of the rows that are new and how many parties were stated.
func (w *writer) firms(ctx context.Context, imp importRow, entries []entry, refuse func(int, string)) ([]string, int, error) {
	parties := make([]Party, len(entries))
	for i, e := range entries {
		parties[i] = *e.Party
	}
	no := map[int]bool{}
	if err := eachForbidden(ctx, parties, func(i int) {
		refuse(i, "该镇街不在您的辖区，或这家企业登记在别的辖区")
		no[i] = true
	}); err != nil {
		return nil, 0, err
	}
	var put []Party
	for i, p := range parties {
		if !no[i] {
			put = append(put, p)
		}
	}
	if err := nameParties(ctx, put); err != nil {
		return nil, 0, err
	}
	v, _, err := version(ctx)
	if err != nil {
		return nil, 0, err
	}
	ids := make([]string, len(put))
	for i, p := range put {
		ids[i] = p.ID
	}
	standing, _, err := openParties(ctx, ids, v)
	if err != nil {
		return nil, 0, err
	}
	for i := range put {
		if known, ok := standing[put[i].ID]; ok {
			put[i] = put[i].over(known.party())
		}
	}
	rows, err := w.r.writeParties(ctx, put, writing{batch: imp.PartyBatch, version: imp.Version})
	return partyRowIDs(rows), len(put), err
}

// over is a party as a list states it over what is known: what the list leaves empty stays.
func (p Party) over(known Party) Party {
	for _, f := range []struct{ to, from *string }{{&p.Town, &known.Town}, {&p.Industry, &known.Industry}, {&p.Size, &known.Size}, {&p.Contact, &known.Contact},
		{&p.Phone, &known.Phone}, {&p.IDNumber, &known.IDNumber}, {&p.Note, &known.Note}, {&p.Exception, &known.Exception}} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	p.Kind, p.Invented = known.Kind, known.Invented
	return p
}

// facts writes the facts of a chunk, and returns the ids of the rows that are new and how many facts were stated.
func (w *writer) facts(ctx context.Context, imp importRow, entries []entry, refuse func(int, string)) ([]string, int, error) {
	no := map[int]bool{}
	if err := resolve(ctx, w.v, entries, func(i int, message string) {
		refuse(i, message)
		no[i] = true
	}); err != nil {
		return nil, 0, err
	}
	today := clock.Today(ctx)
	at, by := statedNow(ctx)
	a := account.ActorFrom(ctx)
	var rows []factRow
	for i, e := range entries {
		if no[i] {
			continue
		}
		var of []factRow
		for _, f := range e.Says {
			row, details := Statement{Party: e.ID, Term: f.Term, Year: f.Year, Value: f.Value, Record: f.Record, Evidence: f.Evidence}.check(w.v, today)
			if len(details) > 0 {
				refuse(i, details[0].Message) // the vocabulary changed since the workbook was read
				of = nil
				break
			}
			row.Source, row.Verified, row.StatedAt, row.StatedBy, row.VerifiedBy = vouchedBy(w.v, f.Term), 1, at, by, by
			if row.Source == "" {
				row.Source = officeOf(a)
			}
			of = append(of, row)
		}
		rows = append(rows, of...)
	}
	done, err := writeFacts(ctx, rows, writing{batch: imp.FactBatch, version: imp.Version})
	return factRowIDs(done.written), len(rows), err
}

// finish makes the import visible. The digest over its rows is read before, outside of the transaction that everybody waits for; if somebody
// stated meanwhile what a row of the import will supersede, which changes the row, it is read again.
func (w *writer) finish(ctx context.Context) error {
	for try := 0; ; try++ {
		var b batch
		digest := ""
		if err := store.Read(ctx, func(ctx context.Context) error {
			var err error
			if b, err = findBatch(ctx, w.imp.batch()); err == nil && b.Rows > 0 && try < 3 {
				digest, err = digestOfBatch(ctx, b.ID)
			}
			return err
		}); err != nil {
			return err
		}
		if w.digested != nil {
			w.digested()
		}
		again := false
		err := store.Write(ctx, func(ctx context.Context) error {
			again = false
			now, err := findBatch(ctx, w.imp.batch())
			if err != nil {
				return err
			}
			if now.Touched != b.Touched && try < 3 {
				again = true
				return nil
			}
			if try == 3 && b.Rows > 0 {
				if digest, err = digestOfBatch(ctx, b.ID); err != nil {
					return err
				}
			}
			return w.show(ctx, now, digest)
		})
		if err != nil || !again {
			return err
		}
	}
}

// show is the switch.
func (w *writer) show(ctx context.Context, b batch, digest string) error {
	at, _ := statedNow(ctx)
	done, err := store.Tx(ctx).NewRaw(`UPDATE imports SET state = 'committed', ended_at = ? WHERE id = ? AND state = 'committing'`, at, w.id).Exec(ctx)
	if err := stillRunning(done, err); err != nil {
		return err
	}
	done, err = store.Tx(ctx).NewRaw(`UPDATE registry_state SET version = ?, committing = '' WHERE one = 1 AND committing = ? AND version = ?`,
		w.imp.Version, w.id, w.imp.Version-1).Exec(ctx)
	if err := stillRunning(done, err); err != nil {
		return err
	}
	w.imp.State = ImportCommitted
	if b.Rows == 0 {
		if _, err := store.Tx(ctx).NewRaw(`DELETE FROM registry_batches WHERE id = ?`, b.ID).Exec(ctx); err != nil {
			return err
		}
		return w.imp.audit(ctx, "import.committed")
	}
	if err := audit.Append(ctx, audit.Event{Action: "import.rows", Kind: "batch", ID: b.ID, Digest: digest,
		Data: map[string]any{"kind": b.Kind, "rows": b.Rows, "origin": b.Origin}}); err != nil {
		return err
	}
	if err := w.imp.audit(ctx, "import.committed"); err != nil {
		return err
	}
	var parties []string
	if b.Rows <= manyParties {
		query := `SELECT DISTINCT party FROM fact_rows WHERE id >= ? AND id <= ? AND batch = ?`
		if b.Kind == "party" {
			query = `SELECT DISTINCT id FROM party_rows WHERE row_id >= ? AND row_id <= ? AND batch = ?`
		}
		if err := store.Tx(ctx).NewRaw(query, b.First, b.Last, b.Number).Scan(ctx, &parties); err != nil {
			return err
		}
	}
	return w.r.tell(ctx, parties)
}

// afterwards clears what the preview no longer needs, and queues the import that waits for the next version, if one does.
func (r *Registry) afterwards(ctx context.Context, id string) error {
	if err := store.Write(ctx, func(ctx context.Context) error {
		var waiting []string
		if err := store.Tx(ctx).NewRaw(`SELECT id FROM imports WHERE state = 'committing' AND id <> ? ORDER BY created_at LIMIT 1`, id).Scan(ctx, &waiting); err != nil {
			return err
		}
		for _, next := range waiting {
			if _, err := jobs.Enqueue(ctx, jobCommit, next, nil); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return clearStaged(ctx, id, "good")
}

// Discard undoes, in small transactions, what an import that ended without becoming visible has written, and frees the next version.
func (r *Registry) Discard(ctx context.Context, id string) error {
	var imp importRow
	if err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		imp, err = findImport(ctx, id)
		return err
	}); err != nil {
		return err
	}
	if imp.State != ImportCancelled && imp.State != ImportFailed {
		return nil
	}
	for imp.batch() != 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := false
		if err := store.Write(ctx, func(ctx context.Context) error {
			b, err := findBatch(ctx, imp.batch())
			if err != nil {
				return err
			}
			left, err = b.undo(ctx)
			return err
		}); err != nil {
			return err
		}
		if !left {
			break
		}
	}
	if err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`DELETE FROM registry_batches WHERE number = ? AND origin = ?`, imp.batch(), "import:"+id).Exec(ctx); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE imports SET version = 0, party_batch = 0, fact_batch = 0 WHERE id = ?`, id).Exec(ctx); err != nil {
			return err
		}
		_, err := store.Tx(ctx).NewRaw(`UPDATE registry_state SET committing = '' WHERE one = 1 AND committing = ?`, id).Exec(ctx)
		return err
	}); err != nil {
		return err
	}
	if err := clearStaged(ctx, id, ""); err != nil {
		return err
	}
	return r.afterwards(ctx, id)
}

// undo deletes some rows of a batch that nobody has seen, and gives what they would have superseded its validity back.
func (b batch) undo(ctx context.Context) (left bool, err error) {
	table, key := "fact_rows", "id"
	if b.Kind == "party" {
		table, key = "party_rows", "row_id"
	}
	var rows []struct {
		ID         string `bun:"id"`
		Supersedes string `bun:"supersedes"`
		Since      int64  `bun:"since"`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT `+key+` AS id, supersedes, since FROM `+table+` WHERE `+key+` >= ? AND `+key+` <= ? AND batch = ? ORDER BY `+key+` LIMIT ?`,
		b.First, b.Last, b.Number, chunk).Scan(ctx, &rows); err != nil || len(rows) == 0 {
		return false, err
	}
	var ids, before []string
	for _, row := range rows {
		ids = append(ids, row.ID)
		if row.Supersedes != "" {
			before = append(before, row.Supersedes)
		}
	}
	if b.Kind == "party" {
		if err := unindexParties(ctx, ids); err != nil {
			return false, err
		}
	}
	if _, err := store.Tx(ctx).NewRaw(`DELETE FROM `+table+` WHERE `+key+` IN (?)`, bun.List(ids)).Exec(ctx); err != nil {
		return false, err
	}
	if len(before) > 0 {
		_, err = store.Tx(ctx).NewRaw(`UPDATE `+table+` SET till = ? WHERE `+key+` IN (?) AND till = ?`, open, bun.List(slices.Compact(before)), rows[0].Since).Exec(ctx)
	}
	return true, err
}
