package search

import "context"

// Forms are a query in the forms in which Find tries it, from strict to lenient, for a room that has to join what is found with its own
// tables (store.SearchRanked, store.SearchMatch). Empty when there is nothing to look for.
func Forms(ctx context.Context, query string) []string {
	terms := Query(query)
	if len(terms) == 0 {
		return nil
	}
	return relaxed(ctx, terms)
}
