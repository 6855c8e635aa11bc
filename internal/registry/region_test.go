package registry_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// The region's figure is stated once, by an officer of its department for the whole county; every party reads it, with its source and pin; a new
// one supersedes it, and everybody is recomputed. It is nobody's own: no firm states it, no party has it, and the region has nothing else.
//
// Mutations that turn this red: leave the region out of factSet.empty or out of the pins; tell of the region as of one party; let a party's own
// row of such a term through factSet.add; take the check of whose term it is out of Statement.check.
func TestRegion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		east, west := r.party(1, "东镇"), r.party(2, "西镇")
		growth := func(party, value string) registry.Statement {
			return registry.Statement{Party: party, Term: "全市增速", Year: 2025, Value: value, Evidence: "统计公报"}
		}
		_, err := r.State(r.officer("统计局", "东镇"), growth(registry.Region, "8%"))
		wantCode(t, "an officer of one town", err, fault.Forbidden)
		_, err = r.State(r.officer("税务局", ""), growth(registry.Region, "8%"))
		wantCode(t, "another department", err, fault.Forbidden)
		_, err = r.State(r.firm(east), growth(registry.Region, "8%"))
		wantCode(t, "a firm", err, fault.Forbidden)
		_, err = r.State(r.public(), growth(registry.Region, "8%"))
		wantCode(t, "nobody", err, fault.NotFound)
		for what, s := range map[string]registry.Statement{
			"of a party":               growth(east, "8%"),
			"a party's for the region": {Party: registry.Region, Term: "营业收入", Year: 2025, Value: "1元"},
			"a record for the region":  {Party: registry.Region, Term: "高新技术企业", Record: &registry.RecordOf{From: date("2025-01-01")}},
			"an award to the region":   {Party: registry.Region, Term: "received(cx2022/C027)", Value: "1元", On: date("2025-01-01")},
		} {
			_, err := r.State(r.sys, s)
			wantCode(t, what, err, fault.Invalid)
		}

		r.told = nil
		first, err := r.State(r.officer("统计局", ""), growth(registry.Region, "8%"))
		r.must(err)
		if !first.Verified || first.Source != "统计局" || len(r.told) != 1 || r.told[0] != nil {
			t.Errorf("stated %+v, told %v", first, r.told)
		}
		second, err := r.State(r.officer("统计局", ""), growth(registry.Region, "8.2%"))
		r.must(err)
		// 8.2% meets the scheme; 8% would not.
		lib, problems := policy.Load([]policy.File{{Path: "national/words.yaml", Data: []byte(words)}, {Path: "county/d.yaml", Data: []byte(`document: d
title: 测试
number: not_found
dates: {published: 2025-01-01, performance: 2025}
periods: {当年: P}
schemes:
  s: {title: 测试, cite: 一, for: 企业, kind: recognition, require: {of: 全市增速@当年, at_least: 8.2%}}
`)}})
		if policy.HasErrors(problems) {
			t.Fatal(problems)
		}
		read := func(f *policy.Facts) string {
			return lib.Scheme("d/s").Evaluate(policy.Question{Facts: f, On: date("2026-06-30"), Performance: 2025}).Answer.String()
		}
		v := lib.Vocabulary()
		known, err := r.KnownOf(r.sys, v, []string{east, west})
		r.must(err)
		for _, party := range []string{east, west} {
			facts, err := r.FactsOf(r.sys, v, party)
			r.must(err)
			supposed, _, err := r.Suppose(r.sys, v, party, registry.Thing{}, nil)
			r.must(err)
			for _, f := range []*policy.Facts{facts, supposed, known[party].Facts} {
				if got := read(f); got != "met" {
					t.Errorf("%s reads %q", party, got)
				}
			}
			if !slices.ContainsFunc(known[party].Pins, func(p registry.Pin) bool { return p.ID == second.ID }) {
				t.Errorf("pins %+v lack %s", known[party].Pins, second.ID)
			}
		}
		n := 0
		r.must(r.EachFacts(r.sys, v, "", 10, func(_ string, f *policy.Facts) error {
			if n++; read(f) != "met" {
				t.Errorf("in bulk %q", read(f))
			}
			return nil
		}))
		history, err := r.FactHistory(r.firm(east), registry.Region)
		r.must(err)
		if n != 2 || len(history) != 2 || history[0].ID != second.ID || history[1].SupersededBy != second.ID {
			t.Errorf("%d parties; history %+v", n, history)
		}
		_, err = r.FactHistory(r.public(), registry.Region)
		wantCode(t, "nobody reads", err, fault.NotFound)
		_, err = r.Get(r.sys, registry.Region)
		wantCode(t, "the region as a party", err, fault.NotFound)
		_, err = r.Put(r.sys, registry.Party{ID: registry.Region, Kind: registry.KindFirm, Code: code(9), Name: "冒名", Town: "东镇"})
		wantCode(t, "a party in its place", err, fault.NotFound)
		var book bytes.Buffer
		if r.must(r.ExportFacts(r.firm(east), registry.Region, "", &book)); book.Len() == 0 {
			t.Error("no workbook")
		}
		_, err = r.Dispute(r.firm(east), second.ID, "不是这个数")
		wantCode(t, "a firm disputes", err, fault.Forbidden)

		written, err := r.PutFacts(r.sys, []registry.Statement{{Party: registry.Region, Term: "全市增速", Year: 2024, Value: "7%", Source: "统计局", Verified: true}})
		r.must(err)
		if written != 1 {
			t.Errorf("%d rows written in bulk", written)
		}
		gone := growth(registry.Region, "")
		gone.Withdraw, gone.Replaces = true, second.ID
		_, err = r.State(r.officer("统计局", ""), gone)
		r.must(err)
		facts, err := r.FactsOf(r.sys, v, east)
		r.must(err)
		if got := read(facts); got != "unknown" {
			t.Errorf("withdrawn, and yet %q", got)
		}
		r.intact()
	})
}
