package registry

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Listed is a record that stands as of a day, with what proves it.
type Listed struct {
	Pin
	Party    string
	Number   string
	Source   string
	Verified bool
	Fields   map[string]string // canonical
}

// ListedOn are the records of a kind that stand of some parties and begin on a day, in one query for every few hundred parties, by party and
// number: for rooms that have checked who may read them.
func (r *Registry) ListedOn(ctx context.Context, kind string, parties []string, on policy.Date) ([]Listed, error) {
	out := []Listed{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		for some := range slices.Chunk(parties, chunk) {
			var rows []factRow
			if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party IN (?) AND f.term = ? AND f.from_date = ? ORDER BY f.party, f.record_key, f.source`,
				bun.List(some), kind, on.String()).Scan(ctx, &rows); err != nil {
				return err
			}
			for _, row := range rows {
				rec := row.record()
				out = append(out, Listed{Pin: Pin{row.ID, row.digest()}, Party: row.Party, Number: rec.Number, Source: row.Source, Verified: row.Verified != 0, Fields: rec.Fields})
			}
		}
		return nil
	})
	return out, err
}
