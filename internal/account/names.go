package account

import (
	"context"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/store"
)

// NamesOf are the names of accounts of the tenant in ctx, by id; one that is not there is left out. For rooms: no permission is asked.
func NamesOf(ctx context.Context, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []struct {
			ID   string `bun:"id"`
			Name string `bun:"name"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT id, name FROM accounts WHERE id IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.ID] = r.Name
		}
		return nil
	})
	return out, err
}
