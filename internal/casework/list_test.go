package casework_test

import (
	"context"
	"fmt"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
)

// A list asks as much of the database for twenty rows as for two.
//
// Mutations that turn this red: read the round, the case or the files of each objection; the round of each notice or what replaces it; the
// round of each case.
func TestListsAskNothingPerRow(t *testing.T) {
	each(t, func(c *county) {
		officer := c.officer(economy, "")
		var asked []map[string]int64
		made := 0
		for _, upTo := range []int{2, 20} {
			for ; made < upTo; made++ {
				firm := c.party(made+1, fmt.Sprintf("第%d电器有限公司", made+1), "周巷镇")
				c.grows(firm)
				id := c.submitted(c.round(fmt.Sprintf("2026-%02d", made+1), c001), c001, firm)
				c.write(`INSERT INTO notices (id, round, number, title, body, published_on, until_date, days, unit, total, rule, replaces, reason, published_at, published_by)
					SELECT 'n' || id, round, 1, 't', '', '2026-03-02', '2026-03-09', 5, '日', 0, '', 'round:' || round, '', '2026-03-02', '' FROM cases WHERE id = ?`, id)
				c.write(`INSERT INTO objections (id, number, notice, round, case_id, kind, name, contact, statement, secret, state, received_at, due_on, admitted_at, admitted_by,
					admitted_why, disposed_at, disposed_by, disposal, version) SELECT 'o' || id, id, 'n' || id, round, id, 'person', '李四', '', '', '', 'received', '2026-03-02', '2026-03-09',
					'', '', '', '', '', '', 1 FROM cases WHERE id = ?`, id)
			}
			counts := map[string]int64{}
			for name, list := range map[string]func(ctx context.Context) (int, error){
				"cases": func(ctx context.Context) (int, error) {
					p, err := c.casework.Cases(ctx, casework.CaseFilter{Per: 50})
					return len(p.Items), err
				},
				"rounds": func(ctx context.Context) (int, error) {
					p, err := c.casework.Rounds(ctx, casework.RoundFilter{Per: 50})
					return len(p.Items), err
				},
				"notices": func(ctx context.Context) (int, error) {
					p, err := c.casework.Notices(ctx, true, "", 1, 50)
					return len(p.Items), err
				},
				"objections": func(ctx context.Context) (int, error) {
					p, err := c.casework.Objections(ctx, casework.ObjectionFilter{Per: 50})
					return len(p.Items), err
				},
				"tasks": func(ctx context.Context) (int, error) {
					p, err := c.engine.Inbox(ctx, process.Filter{Flow: "case", Per: 50})
					return len(p.Items), err
				},
			} {
				ctx, n := store.Counted(officer)
				rows, err := list(ctx)
				if err != nil || rows != upTo {
					c.t.Errorf("%s: %d rows, want %d; %v", name, rows, upTo, err)
				}
				counts[name] = n.Load()
			}
			asked = append(asked, counts)
		}
		for name, n := range asked[0] {
			if n == 0 || asked[1][name] != n {
				c.t.Errorf("%s: %d statements for 2 rows, %d for 20", name, n, asked[1][name])
			}
		}
	})
}

func (c *county) write(statement string, args ...any) {
	c.t.Helper()
	if err := store.Write(c.system(), func(ctx context.Context) error {
		_, err := store.Tx(ctx).ExecContext(ctx, statement, args...)
		return err
	}); err != nil {
		c.t.Fatal(err)
	}
}
