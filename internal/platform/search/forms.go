package search

import (
	"context"

	"shanglin/internal/platform/store"
)

// Forms are a query in the forms in which Find tries it, from strict to lenient, for a room that has to join what is found with its own
// tables (Some). Empty when there is nothing to look for.
func Forms(ctx context.Context, query string) []string {
	terms := Query(query)
	if len(terms) == 0 {
		return nil
	}
	return relaxed(ctx, terms)
}

// Some are the ids of things of a collection that a form finds, at most so many, in no order: reading stops there.
func Some(ctx context.Context, collection, form string, most int) (ids []string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT e.id FROM `+store.SearchFound(ctx)+` WHERE e.collection = ? LIMIT ?`, form, collection, most).Scan(ctx, &ids)
	return ids, err
}
