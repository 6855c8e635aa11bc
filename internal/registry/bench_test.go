package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// size is how large a benchmark's county is; SHANGLIN_BENCH_FIRMS sets another.
func size(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("SHANGLIN_BENCH_FIRMS")); err == nil && n > 0 {
		return n
	}
	return usual
}

func benchEach(b *testing.B, fn func(b *testing.B, r *room)) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			ctx := context.Background()
			inst := storetest.Open(b, ctx, storetest.URL(b, kind))
			db, err := inst.CreateTenant(ctx, store.Tenant{ID: storetest.TenantID, Name: "测试县"})
			if err != nil {
				b.Fatal(err)
			}
			fn(b, open(b, store.In(ctx, db)))
		})
	}
}

// found writes n firms with five years of four figures from the departments, a declared one, and two records: 23 facts each.
func (r *room) found(n int) {
	r.t.Helper()
	for from := 0; from < n; from += 1000 {
		var parties []registry.Party
		for k := from; k < min(n, from+1000); k++ {
			parties = append(parties, registry.Party{Kind: registry.KindFirm, Code: code(k), Name: fmt.Sprintf("第%d电器有限公司", k), Town: "东镇", Industry: "家电", Size: "小型"})
		}
		parties, err := r.PutParties(r.sys, parties)
		r.must(err)
		var statements []registry.Statement
		for k, p := range parties {
			for year := 2021; year <= 2025; year++ {
				for term, value := range map[string]string{"营业收入": fmt.Sprintf("%d万元", 1000+k), "资产负债率": "45.6%", "从业人数": fmt.Sprintf("%d人", 10+k), "无主指标": "12345678.9元"} {
					statements = append(statements, registry.Statement{Party: p.ID, Term: term, Year: year, Value: value, Source: "统计局", Verified: true})
				}
			}
			statements = append(statements, registry.Statement{Party: p.ID, Term: "营业收入", Year: 2025, Value: "1亿元", Source: registry.Declared})
			statements = append(statements, registry.Statement{Party: p.ID, Term: "高新技术企业", Record: &registry.RecordOf{From: date("2024-05-01"), Until: date("2027-04-30")}, Source: "科技局", Verified: true})
			statements = append(statements, registry.Statement{Party: p.ID, Term: "科技奖励", Record: &registry.RecordOf{From: date("2024-05-01"), Fields: map[string]string{"级别": "省级"}}, Source: "科技局", Verified: true})
		}
		_, err = r.PutFacts(r.sys, statements)
		r.must(err)
	}
}

// BenchmarkPutFacts writes firms with 23 facts each through the bulk API.
func BenchmarkPutFacts(b *testing.B) {
	benchEach(b, func(b *testing.B, r *room) {
		n := size(5000)
		for b.Loop() {
			r.found(n)
		}
		b.ReportMetric(float64(n*23)/b.Elapsed().Seconds(), "facts/s")
	})
}

// BenchmarkEachFacts reads all facts of a county for the language.
func BenchmarkEachFacts(b *testing.B) {
	benchEach(b, func(b *testing.B, r *room) {
		n := size(5000)
		r.found(n)
		for b.Loop() {
			after, seen := "", 0
			for {
				last := after
				r.must(r.EachFacts(r.sys, r.v, after, 1000, func(party string, _ *policy.Facts) error {
					after = party
					seen++
					return nil
				}))
				if after == last {
					break
				}
			}
			if seen != n {
				b.Fatal(seen)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "firms/s")
	})
}

// BenchmarkImport stages and commits a workbook of 50,000 rows of three figures.
func BenchmarkImport(b *testing.B) {
	benchEach(b, func(b *testing.B, r *room) {
		n := size(50_000)
		for from := 0; from < n; from += 1000 {
			var parties []registry.Party
			for k := from; k < min(n, from+1000); k++ {
				parties = append(parties, registry.Party{Kind: registry.KindFirm, Code: code(k), Name: fmt.Sprintf("第%d电器有限公司", k), Town: "东镇"})
			}
			_, err := r.PutParties(r.sys, parties)
			r.must(err)
		}
		f := excelize.NewFile()
		s, err := f.NewStreamWriter("Sheet1")
		r.must(err)
		r.must(s.SetRow("A1", []any{"统一社会信用代码", "企业名称", "营业收入@2025（万元）", "资产负债率@2025（%）", "从业人数@2025（人）", "依据"}))
		for k := range n {
			r.must(s.SetRow(fmt.Sprintf("A%d", k+2), []any{code(k), fmt.Sprintf("第%d电器有限公司", k), 1000.5 + float64(k), 45.6, 10 + k, "年报"}))
		}
		r.must(s.Flush())
		data := save(b, f)
		b.ResetTimer()
		run := 0
		for b.Loop() {
			run++
			officer := r.as(fmt.Sprintf("officer %d", run), account.Grant{Role: account.RoleOfficer})
			i, err := r.Upload(officer, registry.ImportFigures, "x.xlsx", bytes.NewReader(data))
			r.must(err)
			r.must(r.Stage(r.sys, i.ID, quiet))
			staged := b.Elapsed()
			_, err = r.Commit(officer, i.ID, registry.AllOrNone)
			r.must(err)
			r.must(r.Write(r.sys, i.ID, quiet))
			if run == 1 {
				b.ReportMetric(float64(n)/staged.Seconds(), "staged-rows/s")
				b.ReportMetric(float64(n)/(b.Elapsed()-staged).Seconds(), "committed-rows/s")
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
			}
		}
	})
}
