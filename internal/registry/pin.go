package registry

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Pin names one fact as it stood: its row, which is never changed, and the digest of everything in it.
type Pin struct {
	ID     string `json:"id"`
	Digest string `json:"digest" doc:"SHA-256, hex"`
}

// Known is everything current about one party, for the language, with the pins of what it rests on.
type Known struct {
	Party Party // masked
	Facts *policy.Facts
	Pins  []Pin
}

// KnownOf is Known for many parties that the actor may see, by id, in four queries for every few hundred of them. A party that the
// actor may not see is left out.
func (r *Registry) KnownOf(ctx context.Context, v *policy.Vocabulary, parties []string) (map[string]Known, error) {
	out := make(map[string]Known, len(parties))
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		only := "" // whose disputes are read: of many parties, everybody's
		if len(parties) == 1 {
			only = parties[0]
		}
		set, err := newFactSet(ctx, v, only)
		if err != nil {
			return err
		}
		region := make([]Pin, len(set.region))
		for i := range set.region {
			region[i] = Pin{set.region[i].ID, set.region[i].digest()}
		}
		for from := 0; from < len(parties); from += chunk {
			some := parties[from:min(from+chunk, len(parties))]
			cond, args := scope(ctx, "p")
			var seen []partyRow
			if err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM parties AS p WHERE p.id IN (?) AND `+cond,
				append([]any{bun.List(some)}, args...)...).Scan(ctx, &seen); err != nil {
				return err
			}
			if len(seen) == 0 {
				continue
			}
			ids := make([]string, len(seen))
			for i, p := range seen {
				ids[i] = p.ID
				out[p.ID] = Known{Party: p.party().masked(), Facts: set.empty(p.Invented), Pins: slices.Clone(region)}
			}
			awarded, err := r.awarded(ctx, ids...)
			if err != nil {
				return err
			}
			for _, id := range ids {
				awarded(id, out[id].Facts)
			}
			var rows []factRow
			if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party IN (?) ORDER BY f.party, f.term, f.period, f.source, f.record_key`,
				bun.List(ids)).Scan(ctx, &rows); err != nil {
				return err
			}
			for i := range rows {
				row := &rows[i]
				k := out[row.Party]
				set.add(k.Facts, row, sourceOf(row))
				k.Pins = append(k.Pins, Pin{row.ID, row.digest()})
				out[row.Party] = k
			}
		}
		return nil
	})
	return out, err
}

// sourceOf is where a row's fact comes from, for the reasons.
func sourceOf(row *factRow) policy.Source {
	src := policy.Source{ID: row.ID, Origin: row.Source, Evidence: row.Evidence}
	if len(row.StatedAt) >= 10 {
		src.Stated = dateOf(row.StatedAt[:10])
	}
	return src
}
