package matching_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/matching"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
)

func (c *county) as(grants ...account.Grant) context.Context {
	return account.WithActor(c.ctx, &account.Actor{AccountID: "a", Name: "某人", Grants: grants})
}

// Who a scheme concerns: filters, order, counts and sums, and only what the actor may see. Turns red when Scope is left out of the list
// or of the counts, or closeness does not order the close.
func TestAffected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		ids := c.many(41) // growth of 0 to 40 per cent, even ones in 东镇
		if err := c.matching.All(c.ctx, silent); err != nil {
			t.Fatal(err)
		}
		ask := func(ctx context.Context, q matching.AffectedQuery) *matching.AffectedPage {
			t.Helper()
			q.Scheme = "m2025/growth"
			page, err := c.matching.AffectedBy(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		all := ask(c.ctx, matching.AffectedQuery{Page: 1, Per: 10})
		// 10..40 per cent meet it: 10×1 step, 10×2, 10×3, 1×4 steps of 500 yuan = 64 steps = 32,000 yuan.
		if all.Total != 41 || len(all.Items) != 10 || all.Counts != (matching.Counts{Met: 31, Close: 10, Unmet: 10}) || all.TotalOwed != 3_200_000 || all.TotalPotential != 3_200_000 {
			t.Errorf("%+v", all)
		}
		if all.Items[0].Party.ID != ids[40] || all.Items[0].Amount.High != 200_000 || all.Items[0].Party.Name != "企业0040" || all.Items[0].Party.Town != "东镇" {
			t.Errorf("first %+v", all.Items[0])
		}
		last := ask(c.ctx, matching.AffectedQuery{Page: 5, Per: 10})
		if len(last.Items) != 1 || last.Page != 5 {
			t.Errorf("last page: %d", len(last.Items))
		}
		seen := map[string]bool{}
		for page := range 5 {
			for _, item := range ask(c.ctx, matching.AffectedQuery{Page: page + 1, Per: 10}).Items {
				seen[item.Party.ID] = true
			}
		}
		if len(seen) != 41 {
			t.Errorf("the pages show %d firms", len(seen))
		}
		if p := ask(c.ctx, matching.AffectedQuery{Answer: "met", Town: "西镇", Per: 100}); p.Total != 15 || len(p.Items) != 15 || p.Counts.Met != 15 || p.Counts.Unmet != 5 {
			t.Errorf("%d of %d, %+v", len(p.Items), p.Total, p.Counts)
		}
		if p := ask(c.ctx, matching.AffectedQuery{Answer: "close", Per: 100}); p.Total != 10 || p.Items[0].Gap == "" || p.Items[0].Party.ID != ids[9] || p.Items[9].Party.ID != ids[0] {
			t.Errorf("%d close", p.Total)
		}
		if p := ask(c.ctx, matching.AffectedQuery{Words: "企业 0007", Per: 100}); p.Total != 1 || p.Items[0].Party.ID != ids[7] {
			t.Errorf("%d named so", p.Total)
		}
		if p := ask(c.ctx, matching.AffectedQuery{Words: "%", Per: 100}); p.Total != 0 {
			t.Errorf("a mark of LIKE matches %d", p.Total)
		}

		east := ask(c.as(account.Grant{Role: account.RoleOfficer, Town: "东镇"}), matching.AffectedQuery{Per: 100})
		if east.Total != 21 || east.Counts.Met != 16 || slices.ContainsFunc(east.Items, func(a matching.Affected) bool { return a.Party.Town != "东镇" }) {
			t.Errorf("an officer of 东镇 sees %d, %+v", east.Total, east.Counts)
		}
		for name, ctx := range map[string]context.Context{
			"the public": c.as(), "a firm": c.as(account.Grant{Role: account.RoleFirm, Party: ids[0]}), "an administrator": c.as(account.Grant{Role: account.RoleAdministrator}),
		} {
			if _, err := c.matching.AffectedBy(ctx, matching.AffectedQuery{Scheme: "m2025/growth"}); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
			if err := c.matching.ExportAffected(ctx, matching.AffectedQuery{Scheme: "m2025/growth"}, io.Discard); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("%s exports: %v", name, err)
			}
		}
		if _, err := c.matching.AffectedBy(c.ctx, matching.AffectedQuery{Scheme: "m2025/none"}); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
		if _, err := c.matching.AffectedBy(c.ctx, matching.AffectedQuery{Scheme: "m2025/growth", Answer: "x' OR 1=1"}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%v", err)
		}

		var written bytes.Buffer
		if err := c.matching.ExportAffected(c.as(account.Grant{Role: account.RoleOfficer, Town: "西镇"}), matching.AffectedQuery{Scheme: "m2025/growth"}, &written); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&written)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		rows, err := book.GetRows("涉及企业")
		if err != nil || len(rows) != 2+20 || rows[2][1] != "企业0031" || rows[2][7] != "1500" || rows[2][5] != "符合" {
			t.Errorf("%d rows, %v, %v", len(rows), rows[min(2, len(rows)-1)], err)
		}
	})
}

// A party's answers are for those who may see the party. Turns red when view does not ask the registry for the party as the actor.
func TestAnswersAreInScope(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		mine, other := c.firm(1, "甲", "东镇"), c.firm(2, "乙", "西镇")
		for _, x := range []struct {
			name string
			ctx  context.Context
			sees map[string]bool
		}{
			{"the public", c.as(), map[string]bool{}},
			{"the firm", c.as(account.Grant{Role: account.RoleFirm, Party: mine}), map[string]bool{mine: true}},
			{"an officer of 西镇", c.as(account.Grant{Role: account.RoleOfficer, Town: "西镇"}), map[string]bool{other: true}},
			{"an officer", c.as(account.Grant{Role: account.RoleOfficer}), map[string]bool{mine: true, other: true}},
		} {
			for _, id := range []string{mine, other, "00000000-0000-7000-8000-000000000000", ""} {
				_, err := c.matching.StandpointsOf(x.ctx, id, 0, false)
				if got := err == nil; got != x.sees[id] || !got && fault.CodeOf(err) != fault.NotFound {
					t.Errorf("%s, answers of %s: %v", x.name, id, err)
				}
				explained, err := c.matching.Explain(x.ctx, id, "m2025/growth", 0, 0, policy.Chinese)
				if got := err == nil; got != x.sees[id] || !got && fault.CodeOf(err) != fault.NotFound {
					t.Errorf("%s, reasons of %s: %v", x.name, id, err)
				} else if got && explained.Result.Reasons == nil {
					t.Errorf("%s: no reasons", x.name)
				}
			}
		}
	})
}
