package simulation

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(kind, audit.Words{Label: "方案测算", About: said, Actions: map[string]string{"simulation.start": "开始测算", "simulation.done": "完成测算",
		"simulation.stop": "取消测算", "simulation.save": "保存方案", "simulation.delete": "删除方案"}})
}

func said(ctx context.Context, ids []string) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(ids))
	err := store.Read(ctx, func(ctx context.Context) error {
		for part := range slices.Chunk(ids, 200) {
			var rows []row
			if err := store.Tx(ctx).NewSelect().Model(&rows).Column("id", "name").Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
				return err
			}
			for _, r := range rows {
				label := r.Name
				if label == "" {
					label = "未保存的测算"
				}
				out[r.ID] = audit.Subject{Label: label, Kind: kind, ID: r.ID}
			}
		}
		return nil
	})
	return out, err
}
