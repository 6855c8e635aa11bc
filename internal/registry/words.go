package registry

import (
	"context"
	"slices"

	"shanglin/internal/platform/store"
)

// Words are the words by which the parties of a tenant can be filtered; each list is sorted and has no empty word.
type Words struct {
	Towns, Industries, Sizes []string
}

// Words of the tenant in ctx. They tell nothing of any one party, so anybody may see them.
func (r *Registry) Words(ctx context.Context) (Words, error) {
	var w Words
	err := store.Read(ctx, func(ctx context.Context) error {
		now, _, err := version(ctx)
		if err != nil {
			return err
		}
		for _, one := range []struct {
			into  *[]string
			query string
		}{
			{&w.Towns, `SELECT DISTINCT town FROM party_rows WHERE town <> '' AND since <= ? AND till > ?`},
			{&w.Industries, `SELECT DISTINCT industry FROM party_rows WHERE industry <> '' AND since <= ? AND till > ?`},
			{&w.Sizes, `SELECT DISTINCT size FROM party_rows WHERE size <> '' AND since <= ? AND till > ?`},
		} {
			*one.into = []string{}
			if err := store.Tx(ctx).NewRaw(one.query, now, now).Scan(ctx, one.into); err != nil {
				return err
			}
			slices.Sort(*one.into)
		}
		return nil
	})
	return w, err
}
