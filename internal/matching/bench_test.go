package matching_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/matching"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// benchFirms are the sizes of county to measure, from SHANGLIN_BENCH_FIRMS ("5000,100000"); 5,000 by default.
func benchFirms(b *testing.B) []int {
	var out []int
	for _, s := range strings.Split(os.Getenv("SHANGLIN_BENCH_FIRMS"), ",") {
		if s = strings.TrimSpace(s); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, n)
		}
	}
	if out == nil {
		return []int{5000}
	}
	return out
}

// benchCounty is a county with the real scheme files.
func benchCounty(b *testing.B, kind string) *county {
	b.Helper()
	ctx := context.Background()
	inst := storetest.Open(b, ctx, storetest.URL(b, kind))
	db, err := inst.CreateTenant(ctx, store.Tenant{ID: "bench", Name: "测速县"})
	if err != nil {
		b.Fatal(err)
	}
	c := &county{ctx: account.System(clock.With(store.In(ctx, db), at("2026-11-23")))}
	if _, err := schemes.Seed(c.ctx, os.DirFS("../../schemes"), "cixi"); err != nil {
		b.Fatal(err)
	}
	c.registry = registry.New(func(ctx context.Context) (*policy.Vocabulary, error) {
		library, err := schemes.Library(ctx)
		if err != nil {
			return nil, err
		}
		return library.Vocabulary(), nil
	})
	c.matching = matching.New(c.registry)
	return c
}

// benchFacts invents what is known of one firm: three years of each yearly figure, most single values, some records; an eighth is missing.
func benchFacts(r *rand.Rand, v *policy.Vocabulary) []registry.Statement {
	var out []registry.Statement
	value := func(unit, kind string, options []string, base int) string {
		switch {
		case kind == policy.TypeBool:
			return []string{"是", "否"}[r.IntN(2)]
		case kind == policy.TypeDate:
			return fmt.Sprintf("20%02d-0%d-15", 10+r.IntN(15), 1+r.IntN(9))
		case kind != policy.TypeNumber:
			if len(options) == 0 {
				return "其他"
			}
			return options[r.IntN(len(options))]
		case unit == "元":
			return strconv.Itoa(base+r.IntN(base/4)) + "元"
		case unit == "%":
			return strconv.Itoa(r.IntN(100)) + "%"
		}
		return strconv.Itoa(1+r.IntN(100)) + unit
	}
	for _, t := range v.Terms() {
		base := 5_000_000 + r.IntN(500_000_000)
		years := []int{0}
		if t.Yearly() {
			years = []int{2023, 2024, 2025}
		}
		for _, y := range years {
			if r.IntN(8) > 0 {
				out = append(out, registry.Statement{Term: t.Name, Year: y, Value: value(t.Unit, t.Type, t.Options, base), Source: "测速", Verified: r.IntN(3) > 0})
			}
		}
	}
	for _, k := range v.Records() {
		if r.IntN(4) > 0 {
			continue
		}
		rec := &registry.RecordOf{From: policy.NewDate(2021+r.IntN(5), 1+r.IntN(12), 1), Fields: map[string]string{}}
		for _, f := range k.Fields {
			rec.Fields[f.Name] = value(f.Unit, f.Type, f.Options, 100_000)
		}
		out = append(out, registry.Statement{Term: k.Name, Record: rec, Source: "测速", Verified: true})
	}
	return out
}

// fill registers n invented firms with their facts and gives how many facts there are.
func (c *county) fill(b *testing.B, n int) int {
	b.Helper()
	library, err := schemes.Library(c.ctx)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	facts := 0
	for from := 0; from < n; from += 500 {
		parties := make([]registry.Party, min(500, n-from))
		for i := range parties {
			parties[i] = registry.Party{Kind: registry.KindFirm, Code: code(from + i), Name: fmt.Sprintf("测速企业%06d", from+i), Town: "东镇", Invented: true}
		}
		if parties, err = c.registry.PutParties(c.ctx, parties); err != nil {
			b.Fatal(err)
		}
		var statements []registry.Statement
		for _, p := range parties {
			for _, s := range benchFacts(r, library.Vocabulary()) {
				s.Party = p.ID
				statements = append(statements, s)
			}
		}
		written, err := c.registry.PutFacts(c.ctx, statements)
		if err != nil {
			b.Fatal(err)
		}
		facts += written
	}
	return facts
}

// BenchmarkOneFirm reads the time to answer every scheme for one firm whose facts are in memory: as a bulk run does, and with every reason.
func BenchmarkOneFirm(b *testing.B) {
	c := benchCounty(b, "sqlite")
	c.fill(b, 20)
	library, err := schemes.Library(c.ctx)
	if err != nil {
		b.Fatal(err)
	}
	var all []*policy.Facts
	if err := c.registry.EachFacts(c.ctx, library.Vocabulary(), "", 20, func(_ string, f *policy.Facts) error {
		all = append(all, f)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	for _, x := range []struct {
		name     string
		question policy.Question
	}{{"brief", policy.Question{Brief: true}}, {"with-gaps", policy.Question{}}, {"with-reasons", policy.Question{Explain: true}}} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				x.question.Facts, x.question.On = all[i%len(all)], policy.NewDate(2026, 11, 23)
				for _, s := range library.Schemes() {
					s.Evaluate(x.question)
				}
				i++
			}
			b.ReportMetric(float64(len(library.Schemes())), "schemes")
		})
	}
	b.Run("page-from-database", func(b *testing.B) {
		var ids []string
		err := store.Read(c.ctx, func(ctx context.Context) error {
			return store.Tx(ctx).NewSelect().Table("parties").Column("id").Scan(ctx, &ids)
		})
		if err != nil {
			b.Fatal(err)
		}
		i := 0
		for b.Loop() {
			if _, err := c.matching.StandpointsOf(c.ctx, ids[i%len(ids)], 0, false); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
}

// cpuSeconds is the processor time of this process so far; what PostgreSQL's own processes use is not in it.
func cpuSeconds(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// BenchmarkMatch reads the time and the memory to match a county: the first run writes every answer, the second finds nothing to write,
// and one changed fact is recomputed while its caller waits.
func BenchmarkMatch(b *testing.B) {
	for _, n := range benchFirms(b) {
		for _, kind := range storetest.Kinds {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				c := benchCounty(b, kind)
				facts := c.fill(b, n)
				run := func(name string) {
					b.Run(name, func(b *testing.B) {
						var peak uint64
						busy := cpuSeconds(b)
						for range b.N {
							runtime.GC()
							var m runtime.MemStats
							err := c.matching.All(c.ctx, func(context.Context, int64, int64, string) error {
								runtime.ReadMemStats(&m)
								peak = max(peak, m.HeapInuse)
								return nil
							})
							if err != nil {
								b.Fatal(err)
							}
						}
						perRun := b.Elapsed().Seconds() / float64(b.N)
						b.ReportMetric(perRun, "s/run")
						b.ReportMetric((cpuSeconds(b)-busy)/float64(b.N), "cpu-s/run")
						b.ReportMetric(float64(n)/perRun, "firms/s")
						b.ReportMetric(float64(peak)/(1<<20), "peak-heap-MB")
						b.ReportMetric(float64(facts)/float64(n), "facts/firm")
						b.ReportMetric(0, "ns/op")
					})
				}
				run("first")
				run("again")
				b.Run("one-changed-fact", func(b *testing.B) {
					var ids []string
					err := store.Read(c.ctx, func(ctx context.Context) error {
						return store.Tx(ctx).NewSelect().Table("parties").Column("id").Limit(100).Scan(ctx, &ids)
					})
					if err != nil {
						b.Fatal(err)
					}
					library, err := schemes.Library(c.ctx)
					if err != nil {
						b.Fatal(err)
					}
					at := slices.IndexFunc(library.Vocabulary().Terms(), func(t *policy.Term) bool { return t.Yearly() && t.Unit == "元" })
					term := library.Vocabulary().Terms()[at].Name
					i := 0
					for b.Loop() {
						i++
						_, err := c.registry.State(c.ctx, registry.Statement{Party: ids[i%len(ids)], Term: term, Year: 2025, Value: strconv.Itoa(1_000_000+i) + "元"})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
				b.Run("affected", func(b *testing.B) {
					library, err := schemes.Library(c.ctx)
					if err != nil {
						b.Fatal(err)
					}
					var live []string
					for _, s := range library.Schemes() {
						if s.Document().StandingOn(policy.NewDate(2026, 11, 23)) == policy.InForce {
							live = append(live, s.ID())
						}
					}
					i := 0
					for b.Loop() {
						if _, err := c.matching.AffectedBy(c.ctx, matching.AffectedQuery{Scheme: live[i%len(live)], Page: 1, Per: 20}); err != nil {
							b.Fatal(err)
						}
						i++
					}
				})
			})
		}
	}
}
