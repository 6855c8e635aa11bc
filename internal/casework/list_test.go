package casework_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
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

// A workbook holds the whole list, however far its total is counted: here 1,205 cases, where a page counts to 1,000.
//
// Mutation that turns this red: end the export at the page's total.
func TestAWorkbookHoldsTheWholeList(t *testing.T) {
	each(t, func(c *county) {
		firm := c.party(1, "第1电器有限公司", "周巷镇")
		c.grows(firm)
		id := c.submitted(c.round("2026-01", c001), c001, firm)
		c.copied(id, 1204)
		page, err := c.casework.Cases(c.officer(economy, ""), casework.CaseFilter{})
		if err != nil || page.Total != 1000 || !page.More {
			c.t.Fatalf("the list: %d, %t, %v", page.Total, page.More, err)
		}
		got := c.workbook(func(w io.Writer) error {
			return c.casework.ExportCases(c.officer(economy, ""), casework.CaseFilter{}, w)
		})
		if n := strings.Count(got, "|第1电器有限公司|"); n != 1205 {
			c.t.Errorf("the workbook holds %d cases", n)
		}
	})
}

// copied writes copies of a case, each of a party of its own.
func (c *county) copied(id string, n int) {
	c.t.Helper()
	err := store.Write(c.system(), func(ctx context.Context) error {
		rows, err := store.Tx(ctx).QueryContext(ctx, `SELECT * FROM cases WHERE id = ?`, id)
		if err != nil {
			return err
		}
		columns, err := rows.Columns()
		if err = errors.Join(err, rows.Close()); err != nil {
			return err
		}
		values := make([]string, len(columns))
		for i, column := range columns {
			values[i] = column
			if column == "id" || column == "number" || column == "party" {
				values[i] += " || '-' || n"
			}
		}
		_, err = store.Tx(ctx).ExecContext(ctx, `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < ?)
			INSERT INTO cases (`+strings.Join(columns, ", ")+`) SELECT `+strings.Join(values, ", ")+` FROM cases, many WHERE id = ?`, n, id)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
