package registry

import (
	"context"
	"maps"
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
	list := make([]About, len(parties))
	for i, id := range parties {
		list[i].Party = id
	}
	known, err := r.KnownAbout(ctx, v, list)
	out := make(map[string]Known, len(known))
	for c, k := range known {
		out[c.Party] = k
	}
	return out, err
}

// About is whose facts are asked for, and about which of its things.
type About struct {
	Party string
	Thing Thing
}

// KnownAbout is KnownOf for claims, each about the party or one of its things.
func (r *Registry) KnownAbout(ctx context.Context, v *policy.Vocabulary, list []About) (map[About]Known, error) {
	out := make(map[About]Known, len(list))
	about := map[string][]Thing{}
	for _, a := range list {
		if !slices.Contains(about[a.Party], a.Thing) {
			about[a.Party] = append(about[a.Party], a.Thing)
		}
	}
	parties := slices.Sorted(maps.Keys(about))
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
			}
			awarded, err := r.awarded(ctx, ids...)
			if err != nil {
				return err
			}
			var rows []factRow
			if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party IN (?) ORDER BY f.party, f.term, f.period, f.source, f.record_key`,
				bun.List(ids)).Scan(ctx, &rows); err != nil {
				return err
			}
			by := make(map[string][]factRow, len(ids)) // its rows stand together
			for from, i := 0, 0; i < len(rows); i++ {
				if i+1 == len(rows) || rows[i+1].Party != rows[i].Party {
					by[rows[i].Party], from = rows[from:i+1], i+1
				}
			}
			for _, p := range seen {
				for _, thing := range about[p.ID] {
					k := Known{Party: p.party().masked(), Facts: set.empty(p.Invented), Pins: slices.Clone(region)}
					awarded(p.ID, k.Facts)
					for _, row := range concerning(v, by[p.ID], thing) {
						set.add(k.Facts, &row, sourceOf(&row))
						k.Pins = append(k.Pins, Pin{row.ID, row.digest()})
					}
					out[About{p.ID, thing}] = k
				}
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
