package casework_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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

// A department that only checks sees the cases that it was asked about, however many they are: one by one up to as many as a list counts, and
// what are more are told without counting. 1,000 of them are 1,000; one more are 1,000 and more. What narrows them is counted.
//
// Mutations that turn this red: say many of 1,000; say it also where a filter or the town of the grant narrows; leave what is asked out of the list.
func TestAskedAboutManyCases(t *testing.T) {
	each(t, func(c *county) {
		round := c.round("2026-01", c001)
		var firms, ids []string
		for i := range 2 {
			firm := c.party(i+1, fmt.Sprintf("第%d电器有限公司", i+1), "周巷镇")
			c.grows(firm)
			firms, ids = append(firms, firm), append(ids, c.submitted(round, c001, firm))
			c.do(c.officer(economy, ""), ids[i], "受理", "", nil)
		}
		want := func(what string, who context.Context, f casework.CaseFilter, items, total int, more bool) {
			t.Helper()
			page, err := c.casework.Cases(who, f)
			if err != nil || len(page.Items) != items || page.Total != total || page.More != more {
				t.Errorf("%s: %d rows of %d, more: %t, %v; want %d of %d, %t", what, len(page.Items), page.Total, page.More, err, items, total, more)
			}
		}
		tax := c.officer("市税务局", "")
		want("two", tax, casework.CaseFilter{}, 2, 2, false)
		c.copied(ids[0], 998)
		want("as many as are counted", tax, casework.CaseFilter{Per: 50, Page: 20}, 50, 1000, false)
		c.copied(ids[1], 1)
		want("one more", tax, casework.CaseFilter{Per: 50}, 50, 1000, true)
		want("their last page", tax, casework.CaseFilter{Per: 50, Page: 21}, 1, 1000, true)
		want("those of a firm", tax, casework.CaseFilter{Party: firms[1]}, 1, 1, false)
		want("those at another stage", tax, casework.CaseFilter{Stage: "审核"}, 0, 0, false)
		want("of a town", c.officer("市税务局", "周巷镇"), casework.CaseFilter{}, 20, 1000, true)
		want("of a town without any", c.officer("市税务局", "观海卫镇"), casework.CaseFilter{}, 0, 0, false)
		want("a department that was not asked", c.officer("市商务局", ""), casework.CaseFilter{}, 0, 0, false)
	})
}

// copied writes copies of a case with its tasks, each of a party of its own.
func (c *county) copied(id string, n int) {
	c.t.Helper()
	err := store.Write(c.system(), func(ctx context.Context) error {
		for _, of := range []struct {
			table, key string
			own        []string
		}{{"cases", "id", []string{"id", "number", "party"}}, {"process_instances", "subject", []string{"id", "number", "party", "subject"}},
			{"process_tasks", "subject", []string{"id", "number", "party", "subject", "instance"}}} {
			rows, err := store.Tx(ctx).QueryContext(ctx, `SELECT * FROM `+of.table+` WHERE 1 = 0`)
			if err != nil {
				return err
			}
			columns, err := rows.Columns()
			if err = errors.Join(err, rows.Close()); err != nil {
				return err
			}
			values := slices.Clone(columns)
			for i, column := range columns {
				if slices.Contains(of.own, column) {
					values[i] += " || '-' || copy"
				}
			}
			if _, err = store.Tx(ctx).ExecContext(ctx, `WITH RECURSIVE many (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM many WHERE copy < ?)
				INSERT INTO `+of.table+` (`+strings.Join(columns, ", ")+`) SELECT `+strings.Join(values, ", ")+` FROM `+of.table+`, many WHERE `+of.key+` = ?`, n, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
