package policy

import "testing"

// millionColumns compiles the million-row rule and fills a batch with rows.
func millionColumns(b testing.TB, rows []firmRow) (*Program, *Columns) {
	b.Helper()
	n := len(rows)
	lib, ps := Load([]File{{"v.yaml", []byte(millionVocabulary)}, {"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" + indent(millionRule, "    "))}})
	s := lib.Scheme("d/S")
	if s == nil {
		b.Fatal(ps)
	}
	p := lib.Compile([]*Scheme{s}, Question{On: 20260630})
	c := p.NewColumns()
	c.Grow(n)
	col := func(get func(x *firmRow) int64) []int64 {
		out := make([]int64, n)
		for i := range rows {
			out[i] = get(&rows[i])
		}
		return out
	}
	fields := []string{"甲", "乙", "丙", "丁", "戊"}
	index := make([]int32, n)
	for i := range rows {
		for k, f := range fields {
			if f == rows[i].field {
				index[i] = int32(k)
			}
		}
	}
	for _, err := range []error{
		c.Numbers("收入", 2025, 1, col(func(x *firmRow) int64 { return x.now }), nil),
		c.Numbers("收入", 2024, 1, col(func(x *firmRow) int64 { return x.before }), nil),
		c.Numbers("研发", 2025, 1, col(func(x *firmRow) int64 { return x.research }), nil),
		c.Numbers("负债率", 2025, 100, col(func(x *firmRow) int64 { return x.debt }), nil),
		c.Numbers("职工", 0, 1, col(func(x *firmRow) int64 { return x.staff }), nil),
		c.Words("领域", 0, fields, index),
	} {
		if err != nil {
			b.Fatal(err)
		}
	}
	return p, c
}

// TestColumnsAllocateNothing: a run over a batch it has run over before needs no memory but for a handful of words, however many rows it has.
func TestColumnsAllocateNothing(t *testing.T) {
	p, c := millionColumns(t, millionRows(20_000))
	r := p.NewRunner()
	use := func(*Page) error { return nil }
	if n := testing.AllocsPerRun(10, func() {
		if _, err := r.Run(c, use); err != nil {
			t.Fatal(err)
		}
	}); n > 5 {
		t.Errorf("%v allocations over 20,000 rows", n)
	}
}

// BenchmarkMillionColumns reads ns per row of the rule over columns; bench/columns sets it beside other engines.
func BenchmarkMillionColumns(b *testing.B) {
	const n = 1_000_000
	rows := millionRows(n)
	p, c := millionColumns(b, rows)
	var want, got Fen
	for i := range rows {
		want += plainAward(&rows[i])
	}
	r := p.NewRunner()
	b.ReportAllocs()
	for b.Loop() {
		got = 0
		if _, err := r.Run(c, func(page *Page) error {
			for i := range page.Entitled {
				got += page.Entitled[i].High
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	if got != want {
		b.Fatalf("by hand %s, by columns %s", want, got)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
