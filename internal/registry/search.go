package registry

import (
	"context"
	"slices"

	"shanglin/internal/platform/search"
	"shanglin/internal/platform/store"
)

// searchParties is the collection of the text search that holds every version of a party, by its row: what is visible is decided where
// the versions are read, so that an import that nobody sees yet is not found either.
const searchParties = "party"

// indexParties makes versions of parties findable by name, code, town, industry and size. Nothing personal but a person's name goes in.
func indexParties(ctx context.Context, rows []partyRow) error {
	for _, row := range rows {
		if err := search.Put(ctx, searchParties, row.RowID, row.Name, row.Code, row.Town+" "+row.Industry+" "+row.Size); err != nil {
			return err
		}
	}
	return nil
}

// unindexParties forgets versions that are deleted.
func unindexParties(ctx context.Context, rowIDs []string) error {
	for _, id := range rowIDs {
		if err := search.Delete(ctx, searchParties, id); err != nil {
			return err
		}
	}
	return nil
}

// matching narrows a list to what words find: strictly if anything in the list is found so, else more leniently. ranked puts the best first.
func (q partyQuery) matching(ctx context.Context, text string, ranked bool) (partyQuery, error) {
	forms := search.Forms(ctx, text)
	if len(forms) == 0 {
		q.conditions += ` AND 1 = 0` // no letter or digit: nothing can be meant
		return q, nil
	}
	for i, form := range forms {
		found := q
		// CROSS JOIN, so that SQLite begins with what is found: it might else ask the text search anew for every party.
		found.tables = `(` + store.SearchRanked(ctx) + `) AS r CROSS JOIN search_entries AS e CROSS JOIN party_rows AS p`
		found.tableArgs = []any{form}
		found.conditions += ` AND e.n = r.n AND p.row_id = e.id AND e.collection = ?`
		found.args = append(slices.Clone(q.args), searchParties)
		if ranked {
			found.order = "r.score, " + q.order
		}
		if i == len(forms)-1 {
			return found, nil
		}
		from, args := found.from()
		var some []int
		if err := store.Tx(ctx).NewRaw(`SELECT 1 AS one `+from+` LIMIT 1`, args...).Scan(ctx, &some); err != nil {
			return q, err
		}
		if len(some) > 0 {
			return found, nil
		}
	}
	return q, nil
}
