package casework_test

import (
	"context"
	"fmt"
	"testing"

	"shanglin/internal/platform/store"
)

// When the limits of many cases lapse on one night, the cases follow: each stands where its instance does, an open visit of it is cancelled, the log
// is whole; and it asks the database as much for 12 of them as for 3.
//
// Ten working days from Monday 2 March are over with Monday the 16th.
//
// Mutations: read or write the cases one by one; look for the visits of each case; cancel no visit.
func TestManyCasesLapseAtOnce(t *testing.T) {
	each(t, func(c *county) {
		round := c.round("2026-01", c001)
		var ids []string
		for n := range 18 {
			firm := c.party(n+1, fmt.Sprintf("第%d电器有限公司", n+1), "周巷镇")
			c.grows(firm)
			ids = append(ids, c.submitted(round, c001, firm))
		}
		c.write(`INSERT INTO visits (id, case_id, checklist, state, offered, wish, at, place, planned_at, planned_by, reason, closed_at, version)
			SELECT 'v', id, 'c', 'planned', '[]', '', '', '', '2026-03-02', '', '', '', 1 FROM cases WHERE id = ?`, ids[0])
		asked := map[int]int64{}
		for _, night := range []struct {
			asked, lapsed string
			ids           []string
		}{{"2026-03-02", "2026-03-17", ids[:3]}, {"2026-03-17", "2026-04-08", ids[3:15]}, {"2026-04-08", "2026-04-30", ids[15:]}} {
			c.at(night.asked)
			for _, id := range night.ids {
				c.do(c.officer(economy, ""), id, "一次性告知补正", "", map[string]any{"items": []map[string]string{{"text": "照片不清楚"}}})
			}
			c.at(night.lapsed)
			counted, statements := store.Counted(c.system())
			if err := c.engine.Tick(counted); err != nil {
				t.Fatal(err)
			}
			asked[len(night.ids)] = statements.Load() // the last of three: on the first night the others are marked, too
			for _, id := range night.ids {
				if row := c.text(`SELECT stage || ' ' || ended FROM cases WHERE id = ?`, id); c.stage(id) != "撤回" || row != "撤回 withdrawn" {
					t.Errorf("%s stands at %s, its row says %s", id, c.stage(id), row)
				}
			}
		}
		if got := c.text(`SELECT state || ' ' || reason FROM visits WHERE id = 'v'`); got != "cancelled 这一件已经办结" {
			t.Errorf("the visit: %s", got)
		}
		if asked[12] != asked[3] || asked[3] == 0 {
			t.Errorf("%d statements for 12 cases, %d for 3", asked[12], asked[3])
		}
		c.audited()
	})
}

// text is what a query gives.
func (c *county) text(query string, args ...any) (out string) {
	c.t.Helper()
	if err := store.Read(c.system(), func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &out) }); err != nil {
		c.t.Fatal(err)
	}
	return out
}
