package policy

import (
	"slices"
	"strings"
	"testing"
)

// TestUndatedRecord: a record that does not say when it was made is neither in a year nor out of it. Two awards, one of 2025 and one undated: between
// one and two of them count, so that what needs one is met, what needs two is unknown, and 10万 for each is at least 10万 and at most 20万. One of which no
// date is asked (still valid) counts; what was answered with 是 counts whenever one asks; one that fails a filter counts in no year.
// Both engines, and the need names the date. Mutation: let a record without a date count in every window → red.
func TestUndatedRecord(t *testing.T) {
	for _, c := range []struct {
		inner, facts string
		answer       Answer
		low, high    Fen
	}{
		{"require: {has: 奖励@当年}\namount: 1元", "[{from: 2025-03-01}, {级别: 省级}]", Met, 100, 100},
		{"require: {of: count(奖励@当年), at_least: 2项}\namount: 1元", "[{from: 2025-03-01}, {级别: 省级}]", Unknown, 0, 100},
		{"require: {has: 奖励@当年}\namount: 1元", "[{级别: 省级}]", Unknown, 0, 100},
		{"require: {has: 奖励@近12个月}\namount: 1元", "[{级别: 省级}]", Unknown, 0, 100},
		{"require: {has: 奖励@有效}\namount: 1元", "[{级别: 省级}]", Met, 100, 100},
		{"require: {has: 奖励@当年}\namount: 1元", "是", Met, 100, 100},
		{"require: {has: 奖励@当年, where: {级别: {at_least: 省级}}}\namount: 1元", "[{级别: 市级}]", Unmet, 0, 0},
		{"require: {has: 奖励@当年}\namount: 1元", "[{until: 2025-06-30}]", Unknown, 0, 100}, // begun in 2025, or before
		{"require: {has: 奖励@当年}\namount: 1元", "[{until: 2025-01-01}]", Unknown, 0, 100}, // on its first day, or before
		{"require: {has: 奖励@当年}\namount: 1元", "[{until: 2024-12-31}]", Unmet, 0, 0},
		{"require: {has: 奖励@当年}\namount: 1元", "[{until: 2027-06-30}]", Unknown, 0, 100},
		{"require: {has: 奖励@近12个月}\namount: 1元", "[{until: 2027-06-30}]", Unknown, 0, 100},
		{"require: {has: 奖励@以往}\namount: 1元", "[{until: 2024-12-31}]", Met, 100, 100}, // whenever it began, it was by then
		{"require: {has: 奖励@以往}\namount: 1元", "[{until: 2025-01-01}]", Unknown, 0, 100},
		{"require: {has: 奖励@有效}\namount: 1元", "[{until: 2027-06-30}]", Met, 100, 100},
		{"amount: {each: 奖励@当年, give: 10万元}", "[{from: 2025-03-01}, {级别: 省级}]", Met, 10_000_000, 20_000_000},
		{"amount: {each: 奖励@当年, give: 10万元}", "[{级别: 省级}]", Unknown, 0, 10_000_000},
	} {
		s := one(t, "", "kind: money\n"+c.inner)
		v := s.doc.lib.vocabulary
		file, ps := ReadFacts("f.yaml", []byte("on: 2026-06-30\nfacts:\n  奖励: "+c.facts+"\n"), v)
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		q := Question{On: 20260630, Performance: 2025}
		checkColumns(t, s.doc.lib, []*Scheme{s}, q, []*Facts{file.Facts})
		q.Facts = file.Facts
		r := s.Evaluate(q)
		got := r.Amount
		if r.Answer != Met {
			got = r.Potential
			got.Low = 0
		} else if r.Potential.Kind != NoAmount && r.Potential.High > got.High {
			got.High = r.Potential.High
		}
		if r.Answer != c.answer || got.Low != c.low || got.High != c.high {
			t.Errorf("%s of %s: %v, %+v, at best %+v", c.inner, c.facts, r.Answer, r.Amount, r.Potential)
		}
		asked := slices.ContainsFunc(r.Missing, func(n Need) bool { return n.Key == "奖励" && strings.Contains(n.Label, "日期") })
		if asked != (r.Answer == Unknown || c.low != c.high) {
			t.Errorf("%s of %s: asks for %+v", c.inner, c.facts, r.Missing)
		}
	}
}
