package registry

import (
	"context"
	"database/sql"
	"errors"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// What the audit log compares: digests of live rows as they are now. A row that was written by itself has its own record in the log;
// the rows of a batch share one, over all of their digests in the order of their ids.

func init() {
	audit.RegisterRow("party", digestOfParty)
	audit.RegisterRow("fact", digestOfFact)
	audit.RegisterRow("batch", digestOfBatch)
	audit.RegisterRow("coverage", digestOfCoverage)
	audit.RegisterRow("dispute", digestOfDispute)
	audit.RegisterRow("claim", digestOfClaim)
	audit.RegisterRow("firm-person", digestOfPerson)
	audit.RegisterRow("invitation", digestOfInvitation)
	audit.RegisterList("party", strays("party_rows", "row_id"))
	audit.RegisterList("fact", strays("fact_rows", "id"))
	audit.RegisterList("batch", audit.IDsBy(`SELECT id FROM registry_batches WHERE id > ? AND number NOT IN
		(SELECT party_batch FROM imports WHERE state <> 'committed' UNION SELECT fact_batch FROM imports WHERE state <> 'committed') ORDER BY id LIMIT ?`))
	audit.RegisterList("coverage", audit.IDs("coverage_rows"))
	audit.RegisterList("claim", audit.IDs("claims"))
	audit.RegisterList("firm-person", audit.IDs("firm_people"))
	audit.RegisterList("invitation", audit.IDs("firm_invitations"))
	audit.RegisterList("dispute", audit.IDs("disputes"))
}

// strays lists the rows that no batch accounts for: each must have a record of its own in the log.
func strays(table, id string) func(ctx context.Context, after string, limit int) ([]string, error) {
	return audit.IDsBy(`SELECT r.` + id + ` FROM ` + table + ` AS r LEFT JOIN registry_batches AS b
		ON b.number = r.batch AND r.` + id + ` >= b.first_id AND r.` + id + ` <= b.last_id
		WHERE r.` + id + ` > ? AND b.id IS NULL ORDER BY r.` + id + ` LIMIT ?`)
}

// A row that is gone, or whose validity disagrees with the row that supersedes it, has no digest of its own.
const broken = "broken"

func digestOfParty(ctx context.Context, rowID string) (string, error) {
	var row partyRow
	var next sql.NullInt64
	err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM party_rows AS p WHERE p.row_id = ?`, rowID).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := store.Tx(ctx).NewRaw(`SELECT MIN(since) FROM party_rows WHERE id = ? AND supersedes = ?`, row.ID, rowID).Scan(ctx, &next); err != nil {
		return "", err
	}
	if row.Till != till(next) {
		return broken, nil
	}
	return row.digest(), nil
}

func digestOfFact(ctx context.Context, id string) (string, error) {
	var row factRow
	var next sql.NullInt64
	err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM fact_rows AS f WHERE f.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := store.Tx(ctx).NewRaw(`SELECT MIN(since) FROM fact_rows WHERE party = ? AND term = ? AND period = ? AND source = ? AND record_key = ? AND supersedes = ?`,
		row.Party, row.Term, row.Period, row.Source, row.RecordKey, id).Scan(ctx, &next); err != nil {
		return "", err
	}
	if row.Till != till(next) {
		return broken, nil
	}
	return row.digest(), nil
}

func till(next sql.NullInt64) int64 {
	if next.Valid {
		return next.Int64
	}
	return open
}

// digestOfBatch is over the digests of all rows of the batch in the order of their ids, and over their number.
func digestOfBatch(ctx context.Context, id string) (string, error) {
	var b batch
	err := store.Tx(ctx).NewRaw(`SELECT id, number, kind, origin, rows_written, first_id, last_id, touched, created_at, created_by FROM registry_batches WHERE id = ?`,
		id).Scan(ctx, &b)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	sums := b.head()
	after := ""
	for {
		var page []string
		last := ""
		if b.Kind == "party" {
			page, last, err = partyDigests(ctx, b, after)
		} else {
			page, last, err = factDigests(ctx, b, after)
		}
		if err != nil {
			return "", err
		}
		if len(page) == 0 {
			break
		}
		sums = append(sums, audit.DigestJSON(page...))
		after = last
	}
	return audit.DigestJSON(sums...), nil
}

const digestPage = 5000

// head is what the digest of a batch says of the batch itself.
func (b batch) head() []string {
	return []string{b.ID, number(b.Number), b.Kind, b.Origin, number(b.Rows), b.CreatedAt, b.CreatedBy}
}

func partyDigests(ctx context.Context, b batch, after string) (page []string, last string, err error) {
	var rows []struct {
		partyRow
		Next sql.NullInt64 `bun:"next"`
	}
	err = store.Tx(ctx).NewRaw(`SELECT `+partyColumns+`, (SELECT MIN(s.since) FROM party_rows AS s WHERE s.id = p.id AND s.supersedes = p.row_id) AS next
		FROM party_rows AS p WHERE p.row_id > ? AND p.row_id >= ? AND p.row_id <= ? AND p.batch = ? ORDER BY p.row_id LIMIT ?`,
		after, b.First, b.Last, b.Number, digestPage).Scan(ctx, &rows)
	for _, row := range rows {
		d := broken
		if row.Till == till(row.Next) {
			d = row.digest()
		}
		page, last = append(page, d), row.RowID
	}
	return page, last, err
}

func factDigests(ctx context.Context, b batch, after string) (page []string, last string, err error) {
	var rows []struct {
		factRow
		Next sql.NullInt64 `bun:"next"`
	}
	err = store.Tx(ctx).NewRaw(`SELECT `+factColumns+`, (SELECT MIN(s.since) FROM fact_rows AS s WHERE s.party = f.party AND s.term = f.term AND s.period = f.period
			AND s.source = f.source AND s.record_key = f.record_key AND s.supersedes = f.id) AS next
		FROM fact_rows AS f WHERE f.id > ? AND f.id >= ? AND f.id <= ? AND f.batch = ? ORDER BY f.id LIMIT ?`,
		after, b.First, b.Last, b.Number, digestPage).Scan(ctx, &rows)
	for _, row := range rows {
		d := broken
		if row.Till == till(row.Next) {
			d = row.digest()
		}
		page, last = append(page, d), row.ID
	}
	return page, last, err
}
