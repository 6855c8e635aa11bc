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
		for _, one := range []struct {
			into  *[]string
			query string
		}{
			{&w.Towns, `SELECT DISTINCT town FROM parties WHERE town <> ''`},
			{&w.Industries, `SELECT DISTINCT industry FROM parties WHERE industry <> ''`},
			{&w.Sizes, `SELECT DISTINCT size FROM parties WHERE size <> ''`},
		} {
			*one.into = []string{}
			if err := store.Tx(ctx).NewRaw(one.query).Scan(ctx, one.into); err != nil {
				return err
			}
			slices.Sort(*one.into)
		}
		return nil
	})
	return w, err
}
