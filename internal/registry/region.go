package registry

import (
	"context"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Region is whom the figures of the whole place are about, beside the parties: a term of policy.Region is stated under it once, with source,
// date, history and audit like any other fact, and every party reads it. It has no row among the parties: nothing is awarded to it.
const Region = "region"

// KindRegion is the kind of party that the region is for a page.
const (
	KindRegion = policy.Region
	regionName = "本地区"
)

func region(ctx context.Context) (partyRow, error) {
	if account.ActorFrom(ctx).Public() {
		return partyRow{}, notFoundParty()
	}
	return partyRow{ID: Region, Kind: KindRegion, Name: regionName}, nil
}

// regionRows are the region's figures as they stand.
func regionRows(ctx context.Context, v *policy.Vocabulary) ([]factRow, error) {
	var rows []factRow
	err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM facts AS f WHERE f.party = ? ORDER BY f.term, f.period, f.source, f.record_key`, Region).Scan(ctx, &rows)
	return slices.DeleteFunc(rows, func(row factRow) bool { return !regional(v, row.Term) }), err
}

func regional(v *policy.Vocabulary, term string) bool {
	t := v.Term(term)
	return t != nil && t.Regional()
}
