package registry

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// open is the till of a row that nothing has replaced; it also stands in the migration.
const open int64 = 9_000_000_000_000_000

// chunk is how many rows one statement writes or names.
const chunk = 500

// version is the registry's visible version, and which import is writing the next one.
func version(ctx context.Context) (v int64, committing string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT version, committing FROM registry_state WHERE one = 1`).Scan(ctx, &v, &committing)
	return v, committing, err
}

// writing says how rows are to be written: in which batch (0: each by itself) and for which version (0: visible at once).
type writing struct{ batch, version int64 }

// each calls fn for every row of a query as it comes, so that memory does not grow with the list; fn asks the database for nothing.
func each[T any](ctx context.Context, fn func(T) error, query string, args ...any) error {
	tx := store.Tx(ctx)
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row T
		if err := tx.NewSelect().DB().ScanRow(ctx, rows, &row); err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// named gives columns (f.id, f.term) the names by which a struct of several tables embeds them (f.id AS f_id, f.term AS f_term).
func named(columns string) string {
	list := strings.Split(columns, ",")
	for i, c := range list {
		c = strings.TrimSpace(c)
		list[i] = c + " AS " + strings.Replace(c, ".", "_", 1)
	}
	return strings.Join(list, ", ")
}

// ---- parties ----

func visibleParty(ctx context.Context, id string) (partyRow, error) {
	cond, args := scope(ctx, "p")
	var row partyRow
	err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM parties AS p WHERE p.id = ? AND `+cond, append([]any{id}, args...)...).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, notFoundParty()
	}
	return row, err
}

// holder is whom facts are about that the actor may see: a party, or the region, of which everybody who is signed in may know.
func holder(ctx context.Context, id string) (partyRow, error) {
	if id == Region {
		return region(ctx)
	}
	return visibleParty(ctx, id)
}

// lockParty is visibleParty for a writer: on PostgreSQL it makes writers about one party wait for each other.
func lockParty(ctx context.Context, id string) (partyRow, error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE party_rows SET till = till WHERE id = ? AND till = ?`, id, open).Exec(ctx); err != nil {
		return partyRow{}, err
	}
	return visibleParty(ctx, id)
}

// lockHolder is holder for a writer. Two who state the same figure of the region at the same time are told apart by the key of the fact.
func lockHolder(ctx context.Context, id string) (partyRow, error) {
	if id == Region {
		return region(ctx)
	}
	return lockParty(ctx, id)
}

// partyIDsByCode gives the id of each code that is taken, visible or waiting to be.
func partyIDsByCode(ctx context.Context, codes []string) (map[string]string, error) {
	out := make(map[string]string, len(codes))
	v, _, err := version(ctx)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(codes, chunk) {
		var rows []partyRow
		err := store.Tx(ctx).NewRaw(`SELECT id, code FROM party_rows WHERE code IN (?) AND till > ?`, bun.List(part), v).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			out[row.Code] = row.ID
		}
	}
	return out, nil
}

// openParties gives the rows of the ids that stand or wait: visible now, or to be visible when the running import switches.
func openParties(ctx context.Context, ids []string, v int64) (standing, waiting map[string]partyRow, err error) {
	standing, waiting = map[string]partyRow{}, map[string]partyRow{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []partyRow
		err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM party_rows AS p WHERE p.id IN (?) AND p.till > ?`, bun.List(part), v).Scan(ctx, &rows)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			if row.Since > v {
				waiting[row.ID] = row
			} else {
				standing[row.ID] = row
			}
		}
	}
	return standing, waiting, nil
}

// writeParties writes the parties that differ from what stands, and returns the new rows. Single rows (no batch) are audited here.
// Conflict if a code is another party's, or a party occurs twice.
func (r *Registry) writeParties(ctx context.Context, parties []Party, w writing) ([]partyRow, error) {
	v, _, err := version(ctx)
	if err != nil {
		return nil, err
	}
	parties = slices.Clone(parties)
	ids := make([]string, len(parties))
	var codes []string
	seen := map[string]bool{}
	for i := range parties {
		p := &parties[i]
		if p.ID == "" {
			p.ID = store.NewID()
		}
		if seen[p.ID] {
			return nil, fault.New(fault.Conflict, "同一主体出现了两次")
		}
		seen[p.ID], ids[i] = true, p.ID
		if p.Code != "" {
			codes = append(codes, p.Code)
		}
	}
	taken, err := partyIDsByCode(ctx, codes)
	if err != nil {
		return nil, err
	}
	standing, waiting, err := openParties(ctx, ids, v)
	if err != nil {
		return nil, err
	}
	at, by := statedNow(ctx)
	var out []partyRow
	var closed []string
	for _, p := range parties {
		if owner := taken[p.Code]; p.Code != "" && owner != "" && owner != p.ID {
			return nil, fault.New(fault.Conflict, "这个统一社会信用代码已登记在另一主体名下", fault.At("code", "已登记在另一主体名下"))
		}
		cur, known := standing[p.ID]
		next, waits := waiting[p.ID]
		if known && cur.sameAs(p) || waits && w.version != 0 {
			continue
		}
		row := partyRow{RowID: store.NewID(), ID: p.ID, Kind: p.Kind, Code: p.Code, Exception: p.Exception, Name: p.Name, Town: p.Town, Industry: p.Industry,
			Size: p.Size, Contact: p.Contact, Phone: p.Phone, IDNumber: p.IDNumber, Note: p.Note, StatedAt: at, StatedBy: by,
			Batch: w.batch, Since: max(v, w.version), Till: open}
		if p.Invented {
			row.Invented = 1
		}
		if known {
			row.Supersedes = cur.RowID
			closed = append(closed, cur.RowID)
		}
		if waits {
			row.Till = next.Since
			if _, err := store.Tx(ctx).NewRaw(`UPDATE party_rows SET supersedes = ? WHERE row_id = ?`, row.RowID, next.RowID).Exec(ctx); err != nil {
				return nil, err
			}
			if err := touch(ctx, next.Batch); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	for part := range slices.Chunk(closed, chunk) {
		if _, err := store.Tx(ctx).NewRaw(`UPDATE party_rows SET till = ? WHERE row_id IN (?)`, max(v, w.version), bun.List(part)).Exec(ctx); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(out, chunk) {
		if _, err := store.Tx(ctx).NewInsert().Model(&part).ModelTableExpr("party_rows").Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return nil, fault.Wrap(fault.Conflict, "这个主体刚被别人登记或修改，请刷新后再试", err)
			}
			return nil, err
		}
		if err := indexParties(ctx, part); err != nil {
			return nil, err
		}
	}
	if w.batch == 0 {
		for _, row := range out {
			action := "party.create"
			switch {
			case row.Exception != "" && standing[row.ID].Exception != row.Exception:
				action = "party.exception"
			case row.Supersedes != "":
				action = "party.update"
			}
			if err := audit.Append(ctx, audit.Event{Action: action, Kind: "party", ID: row.RowID, Digest: row.digest(),
				Data: map[string]string{"party": row.ID, "reason": row.Exception}}); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func partyRowIDs(rows []partyRow) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].RowID
	}
	return out
}

func partyRowDigests(rows []partyRow) map[string]string {
	out := make(map[string]string, len(rows))
	for _, row := range rows {
		out[row.RowID] = row.digest()
	}
	return out
}

// ---- facts ----

func visibleFact(ctx context.Context, id string) (factRow, error) {
	cond, args := scope(ctx, "p")
	var row factRow
	err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.id = ? AND (f.party = ? OR EXISTS (SELECT 1 FROM parties AS p WHERE p.id = f.party AND `+cond+`))`,
		append([]any{id, Region}, args...)...).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "没有这条现行数据，或不在您的权限范围内")
	}
	return row, err
}

// lockFact is a current fact and its party, for a writer. NotFound if the actor may not see it or it is no longer current.
func lockFact(ctx context.Context, id string) (factRow, partyRow, error) {
	row, err := visibleFact(ctx, id)
	if err != nil {
		return row, partyRow{}, err
	}
	p, err := lockHolder(ctx, row.Party)
	if err != nil {
		return row, p, err
	}
	row, err = visibleFact(ctx, id) // once more, now that nobody else can supersede it
	return row, p, err
}

// partiesExist says NotFound unless every party of the rows does, visible or waiting.
func partiesExist(ctx context.Context, rows []factRow) error {
	ids := partiesOf(rows)
	v, _, err := version(ctx)
	if err != nil {
		return err
	}
	standing, waiting, err := openParties(ctx, ids, v)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id != Region && standing[id].ID == "" && waiting[id].ID == "" {
			return notFoundParty()
		}
	}
	return nil
}

// outcome is what writing facts did: the rows that are new, and the rows that already said the same.
type outcome struct{ written, standing []factRow }

// writeFacts writes the rows that say something new. Each supersedes the row of its key that stands; a row for now slips in before
// the row that a running import has waiting, so that the import, which will be seen later, supersedes it.
// Conflict if another writer was faster (PostgreSQL only) or a key occurs twice with different contents.
func writeFacts(ctx context.Context, rows []factRow, w writing) (outcome, error) {
	var out outcome
	v, _, err := version(ctx)
	if err != nil {
		return out, err
	}
	standing, waiting, err := openFacts(ctx, rows, v)
	if err != nil {
		return out, err
	}
	fresh := map[factKey]factRow{}
	var closed []string
	for _, row := range rows {
		k := row.key()
		if first, twice := fresh[k]; twice {
			if !first.covers(row) {
				return out, fault.New(fault.Conflict, "同一项数据出现了两次，内容不同")
			}
			continue
		}
		cur, known := standing[k]
		next, waits := waiting[k]
		if known && cur.covers(row) || waits && w.version != 0 || !known && row.Withdrawn != 0 {
			if known {
				out.standing = append(out.standing, cur)
			}
			continue
		}
		row.ID, row.Batch, row.Since, row.Till, row.Supersedes = store.NewID(), w.batch, max(v, w.version), open, ""
		if known {
			row.Supersedes = cur.ID
			closed = append(closed, cur.ID)
		}
		if waits {
			row.Till = next.Since
			if _, err := store.Tx(ctx).NewRaw(`UPDATE fact_rows SET supersedes = ? WHERE id = ?`, row.ID, next.ID).Exec(ctx); err != nil {
				return out, err
			}
			if err := touch(ctx, next.Batch); err != nil {
				return out, err
			}
		}
		fresh[k] = row
		out.written = append(out.written, row)
	}
	for part := range slices.Chunk(closed, chunk) {
		if _, err := store.Tx(ctx).NewRaw(`UPDATE fact_rows SET till = ? WHERE id IN (?)`, max(v, w.version), bun.List(part)).Exec(ctx); err != nil {
			return out, err
		}
	}
	for part := range slices.Chunk(out.written, chunk) {
		if _, err := store.Tx(ctx).NewInsert().Model(&part).ModelTableExpr("fact_rows").Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return out, fault.Wrap(fault.Conflict, "这项数据刚被别人修改，请刷新后再试", err)
			}
			return out, err
		}
	}
	return out, nil
}

// openFacts gives the rows of the same keys that stand or wait.
func openFacts(ctx context.Context, rows []factRow, v int64) (standing, waiting map[factKey]factRow, err error) {
	standing, waiting = map[factKey]factRow{}, map[factKey]factRow{}
	wanted := make(map[factKey]bool, len(rows))
	terms := map[string]bool{}
	for _, row := range rows {
		wanted[row.key()] = true
		terms[row.Term] = true
	}
	termList := make([]string, 0, len(terms))
	for t := range terms {
		termList = append(termList, t)
	}
	for part := range slices.Chunk(partiesOf(rows), chunk) {
		var found []factRow
		err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM fact_rows AS f WHERE f.party IN (?) AND f.term IN (?) AND f.till > ?`,
			bun.List(part), bun.List(termList), v).Scan(ctx, &found)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range found {
			k := row.key()
			switch {
			case !wanted[k]:
			case row.Since > v:
				waiting[k] = row
			default:
				standing[k] = row
			}
		}
	}
	return standing, waiting, nil
}

func factRowIDs(rows []factRow) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].ID
	}
	return out
}

func factRowDigests(rows []factRow) map[string]string {
	out := make(map[string]string, len(rows))
	for _, row := range rows {
		out[row.ID] = row.digest()
	}
	return out
}

// ---- batches ----

type batch struct {
	ID        string `bun:"id"`
	Number    int64  `bun:"number"`
	Kind      string `bun:"kind"`
	Origin    string `bun:"origin"`
	Rows      int64  `bun:"rows_written"`
	First     string `bun:"first_id"`
	Last      string `bun:"last_id"`
	Touched   int64  `bun:"touched"` // how often a row of it was given another predecessor before it was seen
	CreatedAt string `bun:"created_at"`
	CreatedBy string `bun:"created_by"`
}

func newBatch(ctx context.Context, kind, origin string) (batch, error) {
	b := batch{ID: store.NewID(), Kind: kind, Origin: origin}
	b.CreatedAt, b.CreatedBy = statedNow(ctx)
	if err := store.Tx(ctx).NewRaw(`UPDATE registry_state SET batches = batches + 1 WHERE one = 1 RETURNING batches`).Scan(ctx, &b.Number); err != nil {
		return b, err
	}
	_, err := store.Tx(ctx).NewInsert().Model(&b).ModelTableExpr("registry_batches").Exec(ctx)
	return b, err
}

func touch(ctx context.Context, number int64) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE registry_batches SET touched = touched + 1 WHERE number = ?`, number).Exec(ctx)
	return err
}

// add notes rows that were written into the batch.
func (b *batch) add(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	first, last := slices.Min(ids), slices.Max(ids)
	if b.First == "" || first < b.First {
		b.First = first
	}
	b.Last = max(b.Last, last)
	b.Rows += int64(len(ids))
	_, err := store.Tx(ctx).NewRaw(`UPDATE registry_batches SET rows_written = ?, first_id = ?, last_id = ? WHERE id = ?`, b.Rows, b.First, b.Last, b.ID).Exec(ctx)
	return err
}

// close adds all the rows of a batch that is written in one transaction, with their digests, and writes its audit event.
// A batch without a row is forgotten.
func (b *batch) close(ctx context.Context, ids []string, digests map[string]string, action string) error {
	if err := b.add(ctx, ids); err != nil {
		return err
	}
	if b.Rows == 0 {
		_, err := store.Tx(ctx).NewRaw(`DELETE FROM registry_batches WHERE id = ?`, b.ID).Exec(ctx)
		return err
	}
	sums := b.head()
	ids = slices.Sorted(slices.Values(ids))
	for part := range slices.Chunk(ids, digestPage) {
		page := make([]string, len(part))
		for i, id := range part {
			page[i] = digests[id]
		}
		sums = append(sums, audit.DigestJSON(page...))
	}
	digest := audit.DigestJSON(sums...)
	return audit.Append(ctx, audit.Event{Action: action, Kind: "batch", ID: b.ID, Digest: digest,
		Data: map[string]any{"kind": b.Kind, "rows": b.Rows, "origin": b.Origin}})
}

func findBatch(ctx context.Context, number int64) (batch, error) {
	var b batch
	err := store.Tx(ctx).NewRaw(`SELECT id, number, kind, origin, rows_written, first_id, last_id, touched, created_at, created_by FROM registry_batches WHERE number = ?`,
		number).Scan(ctx, &b)
	return b, err
}
