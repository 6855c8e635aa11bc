package schemes

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(publicationKind, audit.Words{Label: "政策发布", About: publicationsSaid, Actions: map[string]string{"schemes.publish": "发布政策文件"}})
	audit.RegisterWords(draftKind, audit.Words{Label: "政策文件草案", Actions: map[string]string{"schemes.propose": "提出草案", "schemes.approve": "核准草案",
		"schemes.recheck": "重新核对草案", "schemes.return": "退回草案", "schemes.withdraw": "撤回草案"}})
}

// publicationsSaid names publications for whoever reads the audit log.
func publicationsSaid(ctx context.Context, ids []string) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(ids))
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []publicationRow
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.ID] = audit.Subject{Label: fmt.Sprintf("新增%d份，修改%d份，撤下%d份", r.Added, r.Changed, r.Removed), Kind: "publication", ID: r.ID}
		}
		return nil
	})
	return out, err
}
