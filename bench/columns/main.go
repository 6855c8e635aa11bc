// Command columns measures one rule over 1,000,000 rows on one thread: a kernel written by hand, the language's program over columns, the
// language's plain evaluator, expr, cel-go and DuckDB, all over the same rows in one run, with equal totals; then a second rule that is drawn
// when the bench runs, beside a kernel that is generated for it as Go source; then every published scheme over 1,000,000 firms.
//
//	go run ./columns
//
// Times are of the processor, not of the clock, so that other programs on the machine disturb them less; the best of several runs counts.
// Ours writes an answer for every row and an amount for every row that has one; the kernel by hand and DuckDB only sum.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"shanglin/bench/columns/rows"
	"shanglin/policy"
)

var (
	//go:embed million.yaml
	million []byte
	//go:embed vocabulary.yaml
	vocabulary []byte
)

func main() {
	n := flag.Int("rows", 1_000_000, "rows of the two rules")
	firms := flag.Int("firms", 1_000_000, "firms that every published scheme is run over; 0: none")
	times := flag.Int("times", 9, "runs of each; the best counts")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()%1_000_000), "what the second rule is drawn from")
	schemes := flag.String("schemes", "../schemes", "the published schemes")
	flag.Parse()
	if err := run(*n, *firms, *times, *seed, *schemes); err != nil {
		fmt.Fprintln(os.Stderr, "columns:", err)
		os.Exit(1)
	}
}

func run(n, firms, times int, seed uint64, schemes string) error {
	cores := runtime.GOMAXPROCS(1)
	x := rows.Draw(n, 11)
	fmt.Printf("%d rows, one thread, %s\n", n, runtime.Version())
	lib, err := load(million)
	if err != nil {
		return err
	}
	program := lib.Compile(lib.Schemes(), policy.Question{On: 20260630})
	c, err := columns(program, x)
	if err != nil {
		return err
	}
	sel := make([]int32, 1024)
	want := hand(x, sel)
	b := bench{rows: n, times: times, want: want}
	b.measure("by hand", func() (rows.Total, error) { return hand(x, sel), nil })
	runner := program.NewRunner()
	var counts policy.Counts
	b.measure("columns", func() (t rows.Total, err error) {
		t, counts, err = ours(runner, c)
		return t, err
	})
	if counts.Plain != 0 {
		return fmt.Errorf("%d rows were left to the plain evaluator", counts.Plain)
	}
	duck, version, err := byDuckDB(x)
	if err != nil {
		fmt.Println("DuckDB is not measured:", err)
	} else {
		b.measure("DuckDB "+version, duck)
	}
	few := b
	few.times = max(1, times/4)
	for _, peer := range []struct {
		name string
		make func(*rows.Rows) (func() (rows.Total, error), error)
	}{{"expr", byExpr}, {"cel-go", byCel}} {
		run, err := peer.make(x)
		if err != nil {
			return err
		}
		few.measure(peer.name, run)
	}
	few.times = 1
	scheme := lib.Schemes()[0]
	few.measure("plain evaluator", func() (t rows.Total, err error) {
		for i := range n {
			if r := scheme.Evaluate(policy.Question{Facts: c.Facts(i), On: 20260630, Brief: true}); r.Answer == policy.Met {
				t.Firms++
				t.Yuan += int64(r.Amount.High) / 100
			}
		}
		return t, nil
	})
	if b.err != nil || few.err != nil {
		return fmt.Errorf("%v %v", b.err, few.err)
	}
	fmt.Printf("all agree: %d firms, %d yuan\n\n", want.Firms, want.Yuan)
	if err := second(n, times, seed, x); err != nil {
		return err
	}
	runtime.GOMAXPROCS(cores)
	if firms == 0 {
		return nil
	}
	return county(schemes, firms, cores)
}

// bench measures engines over the same rows.
type bench struct {
	rows, times int
	want        rows.Total
	base        float64 // ns a row of the first engine
	err         error
}

func (b *bench) measure(name string, f func() (rows.Total, error)) float64 {
	var least, wall float64
	var allocated uint64
	for i := range b.times + 1 { // the first warms up
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began, clock := processor(), time.Now()
		got, err := f()
		spent, passed := processor()-began, time.Since(clock)
		runtime.ReadMemStats(&after)
		if err == nil && got != b.want {
			err = fmt.Errorf("%s: %+v, by hand %+v", name, got, b.want)
		}
		if err != nil && b.err == nil {
			b.err = err
		}
		if ns := float64(spent.Nanoseconds()) / float64(b.rows); i == 1 || i > 1 && ns < least {
			least, allocated = ns, after.Mallocs-before.Mallocs
		}
		if ns := float64(passed.Nanoseconds()) / float64(b.rows); i == 1 || i > 1 && ns < wall {
			wall = ns
		}
	}
	if b.base == 0 {
		b.base = least
	}
	fmt.Printf("%-20s %8.2f ns/row of the processor, %8.2f by the clock %8.2f x %10.6f allocations/row\n", name, least, wall, least/b.base,
		float64(allocated)/float64(b.rows))
	return least
}

// processor is the time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
