package search

import (
	"context"

	"shanglin/internal/platform/store"
)

// Forms are a query in the forms in which a room tries it, from strict to lenient, where it joins what is found with its own tables (Some,
// store.SearchRanked). Empty when there is nothing to look for, as in a query without a letter or digit.
//
// What contains every term comes before anything else. Where nothing does, what contains two of them will do, since words that do not
// stand together (慈溪卓力 for 慈溪市卓力电器) share all pairs but those at the seam; and where nothing has two, one.
func Forms(ctx context.Context, query string) []string {
	terms := Query(query)
	if len(terms) == 0 {
		return nil
	}
	each := make([]string, len(terms))
	for i, t := range terms {
		each[i] = store.SearchTerm(ctx, t.Text, t.Prefix)
	}
	out := []string{store.SearchAll(ctx, each)}
	if len(each) > 2 {
		var pairs []string
		for i := range each {
			for j := i + 1; j < len(each); j++ {
				pairs = append(pairs, store.SearchAll(ctx, []string{each[i], each[j]}))
			}
		}
		out = append(out, store.SearchAny(ctx, pairs))
	}
	if len(each) > 1 {
		out = append(out, store.SearchAny(ctx, each))
	}
	return out
}

// Some are the ids of things of a collection that a form finds, at most so many, in no order: reading stops there.
func Some(ctx context.Context, collection, form string, most int) (ids []string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT e.id FROM `+store.SearchFound(ctx)+` WHERE e.collection = ? LIMIT ?`, form, collection, most).Scan(ctx, &ids)
	return ids, err
}
