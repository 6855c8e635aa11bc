package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestWhollyKnownBlocks: the kernels of blocks of which every figure is known, which parties drawn at random hardly ever make, against the
// comparison in plain Go; there are so many rows that the columns of small figures have their narrow copies. Each condition is asked of all
// rows, of those that another one leaves, and under none. Mutations that turn it red: a narrow copy that is one too high, a base taken for
// positive where it is zero in some row, a table of codes taken for met-or-unmet where a coarse code is neither.
func TestWhollyKnownBlocks(t *testing.T) {
	const n = manyRows + 1500
	r := rand.New(rand.NewPCG(61, 62))
	var staff, now, before, research [n]int64
	var field, industry [n]int32
	fields, industries := []string{"甲", "乙"}, []string{"C384", "I65", "J66", "C38"}
	for i := range n {
		staff[i], now[i], research[i] = r.Int64N(60), r.Int64N(200), r.Int64N(10)*100_000_000
		before[i] = r.Int64N(100) + int64(i/blockRows%2) // at least one in every other block
		field[i], industry[i] = r.Int32N(2), r.Int32N(4)
	}
	yes := func(b bool) Answer { return decided(b, !b) }
	conditions := []struct {
		text string
		want func(i int) Answer
	}{
		{"of: 职工, over: 30人", func(i int) Answer { return yes(staff[i] > 30) }},
		{"of: 职工, at_most: 30人", func(i int) Answer { return yes(staff[i] <= 30) }},
		{"of: 研发@当年, at_least: 5亿元", func(i int) Answer { return yes(research[i] >= 500_000_000) }},
		{"of: 领域, is: 甲", func(i int) Answer { return yes(field[i] == 0) }},
		{"of: 行业, within: [C384, I65]", func(i int) Answer { return []Answer{Met, Met, Unmet, Unknown}[industry[i]] }},
		{"of: increase(收入@当年), under: 20元", func(i int) Answer { return yes(now[i]-before[i] < 20) }},
		{"of: growth(收入@当年), at_least: 10%, no_base: unmet", func(i int) Answer { return yes(before[i] > 0 && 10*(now[i]-before[i]) >= before[i]) }},
	}
	var body strings.Builder
	body.WriteString("schemes:\n")
	for i, c := range conditions {
		for k, require := range []string{"{%s}", "{all: [{of: 职工, over: 10人}, {%s}]}", "{none: [{%s}]}", "{all: [{of: 职工, over: 10人}, {none: [{%s}]}]}"} {
			fmt.Fprintf(&body, "  S%d%d: {title: 测试, cite: 一, for: 企业, kind: recognition, require: "+require+"}\n", i, k, c.text)
		}
	}
	lib, ps := load(t, body.String())
	var schemes []*Scheme
	for i := range conditions {
		for k := range 4 {
			s := lib.Scheme(fmt.Sprintf("d/S%d%d", i, k))
			if s == nil {
				t.Fatal(ps)
			}
			schemes = append(schemes, s)
		}
	}
	// What several schemes ask is answered once for a whole block; what one alone asks narrows the rows that are left. Both ways.
	together := [][]*Scheme{schemes}
	for _, s := range schemes {
		together = append(together, []*Scheme{s})
	}
	for round, list := range together {
		p := lib.Compile(list, Question{On: 20260630})
		c := p.NewColumns()
		c.Grow(n)
		for _, err := range []error{
			c.Numbers("职工", 0, 1, staff[:], nil),
			c.Numbers("收入", 2025, 1, now[:], nil),
			c.Numbers("收入", 2024, 1, before[:], nil),
			c.Numbers("研发", 2025, 1, research[:], nil),
			c.Words("领域", 0, fields, field[:]),
			c.Words("行业", 0, industries, industry[:]),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		counts, err := p.NewRunner().Run(c, func(page *Page) error {
			number := page.Scheme + max(round-1, 0)
			x, k := conditions[number/4], number%4
			for at, got := range page.Answers {
				i := page.First + at
				want := x.want(i)
				if k >= 2 {
					want = want.negate()
				}
				if k%2 == 1 && staff[i] <= 10 {
					want = Unmet
				}
				if got != want {
					return fmt.Errorf("%s of party %d (staff %d, %d after %d, %s): %v, by hand %v", schemes[number].require.sentence, i, staff[i], now[i], before[i],
						industries[industry[i]], got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if counts.Plain > 0 {
			t.Errorf("%d answers were left to the plain evaluator", counts.Plain)
		}
	}
}
