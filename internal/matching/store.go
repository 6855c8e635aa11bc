package matching

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

type partyRow struct {
	bun.BaseModel `bun:"table:match_parties,alias:match_parties"`
	Party         string `bun:"party,pk"`
	Version       int64  `bun:"version"`
	SetHash       string `bun:"set_hash"`
	OnDate        string `bun:"on_date"`
	ComputedAt    string `bun:"computed_at"`
	Owed          int64  `bun:"owed"`
	Ceiling       int64  `bun:"ceiling"`
	Potential     int64  `bun:"potential"`
	ChangesOn     string `bun:"changes_on"`
}

type answerRow struct {
	bun.BaseModel `bun:"table:answers,alias:answers"`
	row
}

// chunk is how many rows go into one statement.
const chunk = 200

// draw hands out the next ticket. It commits before it returns, unless the caller is in a transaction, which it must not be.
func draw(ctx context.Context) (int64, error) {
	var ticket int64
	err := store.Write(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).QueryRowContext(ctx, "UPDATE match_state SET version = version + 1 WHERE one = 1 RETURNING version").Scan(&ticket)
	})
	return ticket, err
}

// save writes the answers of the parties that no newer computation has written, changing only rows that differ.
// With compare it returns what changed.
func save(ctx context.Context, b *basis, page []reckoning, compare bool) ([]Change, error) {
	if len(page) == 0 {
		return nil, nil
	}
	page = slices.Clone(page)
	slices.SortFunc(page, func(a, b reckoning) int { return strings.Compare(a.party, b.party) }) // one order of locks
	tx := store.Tx(ctx)
	now := store.Stamp(clock.Now(ctx))
	mine := map[string]*reckoning{}
	for part := range slices.Chunk(page, chunk) {
		rows := make([]partyRow, len(part))
		for i, r := range part {
			rows[i] = partyRow{Party: r.party, Version: b.ticket, SetHash: b.set.Hash, OnDate: b.on.String(), ComputedAt: now,
				Owed: int64(r.total.Owed), Ceiling: int64(r.total.Ceiling), Potential: int64(r.potential), ChangesOn: r.changesOn}
		}
		var accepted []string
		// The guard: a computation whose ticket is not newer than the one that wrote last writes nothing.
		err := tx.NewInsert().Model(&rows).
			On("CONFLICT (party) DO UPDATE").
			Set("version = excluded.version").Set("set_hash = excluded.set_hash").Set("on_date = excluded.on_date").
			Set("computed_at = excluded.computed_at").Set("owed = excluded.owed").Set("ceiling = excluded.ceiling").
			Set("potential = excluded.potential").Set("changes_on = excluded.changes_on").
			Where("match_parties.version < excluded.version").
			Returning("party").Scan(ctx, &accepted)
		if err != nil {
			return nil, err
		}
		for _, id := range accepted {
			i := slices.IndexFunc(part, func(r reckoning) bool { return r.party == id })
			mine[id] = &part[i]
		}
	}
	if len(mine) == 0 {
		return nil, nil
	}
	kept, err := keptRows(ctx, mine, compare)
	if err != nil {
		return nil, err
	}
	var upserts []answerRow
	var changes []Change
	for _, r := range page {
		if mine[r.party] == nil {
			continue
		}
		for _, n := range r.rows {
			old, exists := kept[rowKey{n.Party, n.Scheme}]
			delete(kept, rowKey{n.Party, n.Scheme})
			if exists && old.Digest == n.Digest {
				continue
			}
			n.Version = b.ticket
			upserts = append(upserts, answerRow{row: n})
			if compare {
				c := Change{n.Party, registry.AnswerChange{Scheme: n.Scheme, Title: title(b.set.Library, n.Scheme), After: n.state()}}
				if exists {
					c.Before = old.state()
				}
				if c.Before == nil || *c.Before != *c.After {
					changes = append(changes, c)
				}
			}
		}
	}
	for part := range slices.Chunk(upserts, chunk) {
		q := tx.NewInsert().Model(&part).On("CONFLICT (party, scheme) DO UPDATE")
		for _, column := range answerColumns {
			q = q.Set(column + " = excluded." + column)
		}
		if _, err := q.Exec(ctx); err != nil {
			return nil, err
		}
	}
	for key, old := range kept { // what is kept and was not computed again has left the set, or no longer applies
		if _, err := tx.ExecContext(ctx, "DELETE FROM answers WHERE party = ? AND scheme = ?", key.party, key.scheme); err != nil {
			return nil, err
		}
		if compare {
			changes = append(changes, Change{key.party, registry.AnswerChange{Scheme: key.scheme, Title: title(b.set.Library, key.scheme), Before: old.state()}})
		}
	}
	return changes, nil
}

var answerColumns = []string{"answer", "standing", "performance", "kind", "low", "high", "open", "cut_by", "amount_text", "potential_kind",
	"potential_low", "potential_high", "potential_open", "potential_text", "closeness", "place", "owed", "ceiling", "may_reach", "gap", "missing", "verified", "disputed", "changes_on",
	"version", "digest"}

type rowKey struct{ party, scheme string }

// keptRows are the stored answers of the parties: digests, or whole rows to compare with.
func keptRows(ctx context.Context, parties map[string]*reckoning, whole bool) (map[rowKey]row, error) {
	ids := make([]string, 0, len(parties))
	for id := range parties {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := map[rowKey]row{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []answerRow
		q := store.Tx(ctx).NewSelect().Model(&rows).Where("party IN (?)", bun.List(part))
		if !whole {
			q = q.Column("party", "scheme", "digest")
		}
		if err := q.Scan(ctx); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[rowKey{r.Party, r.Scheme}] = r.row
		}
	}
	return out, nil
}

// kindsOf are the kinds of the parties that exist.
func kindsOf(ctx context.Context, parties []string) (map[string]string, error) {
	if len(parties) == 0 {
		return nil, nil
	}
	return kinds(ctx, store.Tx(ctx).NewSelect().Where("p.id IN (?)", bun.List(parties)))
}

// kindsAfter are the kinds of the next parties in the order of their ids.
func kindsAfter(ctx context.Context, after string, limit int) (map[string]string, error) {
	return kinds(ctx, store.Tx(ctx).NewSelect().Where("p.id > ?", after).Order("p.id").Limit(int64(limit)))
}

func kinds(ctx context.Context, q *bun.SelectQuery) (map[string]string, error) {
	var rows []struct {
		ID   string `bun:"id"`
		Kind string `bun:"kind"`
	}
	if err := q.TableExpr("parties AS p").Column("p.id", "p.kind").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Kind
	}
	return out, nil
}

func title(l *policy.Library, scheme string) string {
	if s := l.Scheme(scheme); s != nil {
		return s.Describe().Title
	}
	return scheme
}

// dueOf is what parties are due over the schemes in force, by id; a party that was never computed is missing.
func dueOf(ctx context.Context, parties []string) (map[string]registry.Due, error) {
	out := make(map[string]registry.Due, len(parties))
	err := store.Read(ctx, func(ctx context.Context) error {
		for part := range slices.Chunk(parties, chunk) {
			var rows []partyRow
			if err := store.Tx(ctx).NewSelect().Model(&rows).Column("party", "owed", "ceiling").Where("party IN (?)", bun.List(part)).Scan(ctx); err != nil {
				return err
			}
			for _, r := range rows {
				out[r.Party] = registry.Due{Owed: policy.Fen(r.Owed), Ceiling: policy.Fen(r.Ceiling)}
			}
		}
		return nil
	})
	return out, err
}

// mark notes that the facts of the parties changed, in the transaction that changes them.
func mark(ctx context.Context, parties []string) error {
	now := store.Stamp(clock.Now(ctx))
	parties = slices.Clone(parties)
	slices.Sort(parties)
	for _, id := range slices.Compact(parties) {
		_, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO match_dirty (party, mark, marked_at) VALUES (?, ?, ?)
			ON CONFLICT (party) DO UPDATE SET mark = excluded.mark, marked_at = excluded.marked_at`, id, store.NewID(), now)
		if err != nil {
			return err
		}
	}
	return nil
}

type dirtyMark struct {
	Party string `bun:"party"`
	Mark  string `bun:"mark"`
}

func marksOf(ctx context.Context, parties []string) ([]dirtyMark, error) {
	var marks []dirtyMark
	if len(parties) == 0 {
		return nil, nil
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		marks = nil
		return store.Tx(ctx).NewSelect().Table("match_dirty").Column("party", "mark").Where("party IN (?)", bun.List(parties)).Scan(ctx, &marks)
	})
	return marks, err
}

// marked are some marked parties, and how many there are.
func marked(ctx context.Context, limit int) (parties []string, total int64, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		parties = nil
		err := store.Tx(ctx).NewSelect().Table("match_dirty").Column("party").Order("marked_at", "party").Limit(int64(limit)).Scan(ctx, &parties)
		if err != nil {
			return err
		}
		return store.Tx(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM match_dirty").Scan(&total)
	})
	return parties, total, err
}

// unmark takes away the marks that a computation had seen before it read the facts; a newer mark stays.
func unmark(ctx context.Context, marks []dirtyMark) error {
	for _, m := range marks {
		if _, err := store.Tx(ctx).ExecContext(ctx, "DELETE FROM match_dirty WHERE party = ? AND mark = ?", m.Party, m.Mark); err != nil {
			return err
		}
	}
	return nil
}

func countChanging(ctx context.Context, today string) (n int64, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).QueryRowContext(ctx,
			"SELECT COUNT(*) FROM match_parties WHERE changes_on <> '' AND changes_on <= ?", today).Scan(&n)
	})
	return n, err
}

// markChanging marks the parties with an answer that time alone may have changed by today.
func markChanging(ctx context.Context, today string) error {
	_, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO match_dirty (party, mark, marked_at)
		SELECT party, ?, ? FROM match_parties WHERE changes_on <> '' AND changes_on <= ?
		ON CONFLICT (party) DO UPDATE SET mark = excluded.mark, marked_at = excluded.marked_at`,
		store.NewID(), store.Stamp(clock.Now(ctx)), today)
	return err
}

func setSwept(ctx context.Context, day string) error {
	_, err := store.Tx(ctx).ExecContext(ctx, "UPDATE match_state SET swept_on = ? WHERE one = 1", day)
	return err
}

// claimSweep says whether this call is the first to queue the sweep of the day.
func claimSweep(ctx context.Context, day string) (bool, error) {
	res, err := store.Tx(ctx).ExecContext(ctx, "UPDATE match_state SET sweep_queued_on = ? WHERE one = 1 AND sweep_queued_on < ?", day, day)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func setEngine(ctx context.Context) error {
	_, err := store.Tx(ctx).ExecContext(ctx, "UPDATE match_state SET engine = ? WHERE one = 1", engine)
	return err
}

// dueNow is what a tick has to do.
type dueNow struct{ sweep, engine, marks bool }

func (d dueNow) any() bool { return d.sweep || d.engine || d.marks }

func ticking(ctx context.Context, today string) (dueNow, error) {
	var d dueNow
	before := store.Stamp(clock.Now(ctx).Add(-staleSeconds * time.Second))
	err := store.Read(ctx, func(ctx context.Context) error {
		var queued, built string
		if err := store.Tx(ctx).QueryRowContext(ctx, "SELECT sweep_queued_on, engine FROM match_state WHERE one = 1").Scan(&queued, &built); err != nil {
			return err
		}
		var lost int64
		if err := store.Tx(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM match_dirty WHERE marked_at < ?", before).Scan(&lost); err != nil {
			return err
		}
		d = dueNow{sweep: queued < today, engine: built != engine, marks: lost > 0}
		return nil
	})
	return d, err
}
