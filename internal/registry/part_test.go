package registry_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// 主营收入 is a part of 营业收入. By hand: 600万 of 500万 contradicts; 450万 of 500万 does not.
//
// Mutations that turn this red: hold nothing against what stands; hold a party's word against nothing that an office verified, or against what is
// disputed; hold one office against another; refuse what contradicts no more than before; hold the statements of one form one by one; read a
// withdrawn figure.
func TestAPartIsNotLargerThanItsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		firm := r.firm(party)
		say := func(ctx context.Context, term, value string) (registry.Fact, error) {
			return r.State(ctx, registry.Statement{Party: party, Term: term, Year: 2025, Value: value})
		}
		refused := func(what string, err error, field string, says ...string) {
			t.Helper()
			d := fault.Public(err).Details
			if fault.CodeOf(err) != fault.Invalid || len(d) == 0 || d[0].Field != field || slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(d[0].Message, s) }) {
				t.Errorf("%s: %v %+v", what, err, d)
			}
		}
		may := func(_ registry.Fact, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%v %+v", err, fault.Public(err).Details)
			}
		}
		// What the firm says itself.
		may(say(firm, "营业收入", "500万元"))
		_, err := say(firm, "主营收入", "600万元")
		refused("the part", err, "value", "600万元", "500万元", "营业收入")
		may(say(firm, "主营收入", "500万元"))
		_, err = say(firm, "营业收入", "450万元")
		refused("the whole", err, "value", "450万元", "500万元", "先改主营收入")
		may(r.State(firm, registry.Statement{Party: party, Term: "主营收入", Year: 2024, Value: "600万元"})) // of another year
		// Both at once may grow, in whatever order.
		both := []registry.Statement{{Term: "主营收入", Year: 2025, Value: "800万元"}, {Term: "营业收入", Year: 2025, Value: "900万元"}}
		_, wrong, err := r.Suppose(firm, r.v, party, registry.Thing{}, both)
		if err != nil || len(wrong) != 0 {
			t.Errorf("%v, %v", wrong, err)
		}
		r.must(r.Declare(firm, r.v, party, registry.Thing{}, both))
		both[1].Value = "700万元"
		_, wrong, err = r.Suppose(firm, r.v, party, registry.Thing{}, both)
		if err != nil || len(wrong) == 0 || wrong[0].Field != "statements[0].value" || !strings.Contains(wrong[0].Message, "700万元") {
			t.Errorf("%v, %v", wrong, err)
		}
		refused("both", r.Declare(firm, r.v, party, registry.Thing{}, both), "statements[0].value", "800万元")

		// An office vouches for its own, whatever the firm says; from then on the firm's word is held against it, unless it disputes it.
		whole, err := say(r.sys, "营业收入", "500万元")
		r.must(err)
		_, err = say(firm, "主营收入", "850万元")
		refused("beyond what is verified", err, "value", "500万元", "统计局核实", "异议")
		may(say(firm, "主营收入", "600万元")) // nearer to it, though not there
		may(r.State(firm, registry.Statement{Party: party, Term: "主营收入", Year: 2025, Value: "600万元", Evidence: "年报"}))
		_, err = r.Dispute(firm, whole.ID, "少报了")
		r.must(err)
		may(say(firm, "主营收入", "700万元"))
		// The office against itself.
		_, err = say(r.sys, "主营收入", "501万元")
		refused("the office", err, "value", "501万元", "500万元")
		may(r.State(r.sys, registry.Statement{Party: party, Term: "营业收入", Year: 2025, Withdraw: true}))
		may(say(r.sys, "主营收入", "501万元"))

		// In bulk, by what the source itself said.
		n, err := r.PutFacts(r.sys, []registry.Statement{{Party: party, Term: "营业收入", Year: 2023, Value: "1万元", Source: "甲局", Verified: true},
			{Party: party, Term: "主营收入", Year: 2023, Value: "2万元", Source: "乙局", Verified: true}})
		if err != nil || n != 2 {
			t.Errorf("two offices: %d, %v", n, err)
		}
		_, err = r.PutFacts(r.sys, []registry.Statement{{Party: party, Term: "主营收入", Year: 2023, Value: "3万元", Source: "甲局", Verified: true}})
		refused("in bulk", err, "facts[0].value", "3万元", "1万元")
	})
}

// A workbook is held against itself and, where it has a column for each figure, against what the office said before. The complaint names the cells.
//
// Mutations that turn this red: leave the figures out of the reader, or the check out of the flush.
func TestAWorkbookWithAPartLargerThanItsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a, b := r.party(1, "东镇"), r.party(2, "东镇")
		for _, p := range []string{a, b} {
			_, err := r.State(r.sys, registry.Statement{Party: p, Term: "营业收入", Year: 2024, Value: "500万元"})
			r.must(err)
		}
		officer := r.officer("", "")
		i := r.upload(officer, registry.ImportFigures, book(t, []any{"统一社会信用代码*", "营业收入@2025（万元）", "主营收入@2025（万元）", "主营收入@2024（万元）"},
			[]any{code(1), 500, 600, 400}, []any{code(2), 500, 400, 600}))
		got := strings.Join(r.complaints(i.ID), "\n")
		if i.Bad != 2 || !strings.Contains(got, "C2 主营收入 600万元（C2）大于营业收入 500万元（B2）") || !strings.Contains(got, "D3 2024年主营收入 600万元大于营业收入 500万元") {
			t.Errorf("%+v: %s", i, got)
		}
		i = r.upload(officer, registry.ImportFigures, book(t, []any{"统一社会信用代码*", "营业收入@2024（万元）", "主营收入@2024（万元）"}, []any{code(1), 700, 600}))
		if i.Bad != 0 {
			t.Errorf("both grow: %s", strings.Join(r.complaints(i.ID), "\n"))
		}
	})
}
