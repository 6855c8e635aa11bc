package server

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// BenchmarkNight is the look of the clock on a night on which the limits of all cases of a county lapse at once (SHANGLIN_BENCH_CASES), with all
// the rooms, 2,000 officers and a speaker of each firm: a third are deemed to be accepted, a third end because nothing was mended, a third are
// marked overdue, and everybody concerned is told. changed/s is how many cases a second; held-ms is the longest that somebody else waited who
// wrote a line meanwhile, again and again; second-ms is the next look, at which nothing has lapsed.
func BenchmarkNight(b *testing.B) {
	said := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	b.Cleanup(func() { slog.SetDefault(said) })
	size := 2000
	if n, err := strconv.Atoi(os.Getenv("SHANGLIN_BENCH_CASES")); err == nil && n > 0 {
		size = n
	}
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			ctx, statements := store.Counted(context.Background())
			h := newHouse(b, ctx, storetest.Open(b, ctx, storetest.URL(b, kind)))
			c := newCrowd(h)
			templates := c.lapsing()
			c.multiply(size, templates)
			c.speakers()
			c.write(c.in("east"), `UPDATE process_tasks SET due_at = '2020-01-01T00:00:00.000000Z', due = '2019-12-31' WHERE state = 'open' AND late = 0 AND due <> ''`)
			c.analyse(kind)
			lapsed := c.count(`SELECT COUNT(*) FROM process_tasks WHERE state = 'open' AND late = 0 AND due <> ''`)
			steps := c.count(`SELECT COUNT(*) FROM process_steps`)
			asked := statements.Load()
			wait := c.writing()
			b.ResetTimer()
			began, used := time.Now(), processorTime()
			must(c.matrix, 0, c.rooms.Engine.Tick(c.in("east")))
			took := time.Since(began)
			b.StopTimer()
			b.ReportMetric((processorTime() - used).Seconds(), "cpu-s")
			b.ReportMetric(float64(lapsed)/took.Seconds(), "changed/s")
			b.ReportMetric(float64(wait().Microseconds())/1000, "held-ms")
			b.ReportMetric(float64(statements.Load()-asked)/float64(lapsed), "statements/case")
			if got := c.count(`SELECT COUNT(*) FROM process_steps`) - steps; got != lapsed || lapsed < size {
				b.Fatalf("%d of %d limits were dealt with", got, lapsed)
			}
			for stage, least := range map[string]int{"审核": size / 2, "撤回": size / 4} {
				if got := c.count(`SELECT COUNT(*) FROM cases WHERE stage = '` + stage + `'`); got < least {
					b.Fatalf("%d cases stand at %s", got, stage)
				}
			}
			began = time.Now()
			must(c.matrix, 0, c.rooms.Engine.Tick(c.in("east")))
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "second-ms")
			b.Logf("%s: %d limits lapsed at once, %d notifications, %.1f s", kind, lapsed, c.count(`SELECT COUNT(*) FROM notifications`), took.Seconds())
		})
	}
}

// lapsing makes a case at each place where a limit runs that lapses in its own way.
func (c *crowd) lapsing() []template {
	officer, ctx := matrixGrants["office"], c.in("east")
	c.found(20)
	round, _ := c.round("2025-00", 30)
	received := c.apply(round, c.fit())
	mending := c.apply(round, c.fit())
	c.do("case", mending, "一次性告知补正", "", `{"items":[{"text":"请补充上年度审计报告"}]}`, officer)
	reviewed := c.apply(round, c.fit())
	c.do("case", reviewed, "受理", "", "", officer)
	c.check(reviewed)
	// The process file as a county may write it: what is not looked at within its limit counts as accepted.
	text, err := fs.ReadFile(schemefiles.Files, "ningbo/process-review.yaml")
	must(c.matrix, 0, err)
	own := strings.Replace(string(text), "pauses: [补正]}\n      actions:\n", "pauses: [补正], lapse: 视为受理}\n      actions:\n        视为受理: {to: 审核}\n", 1)
	p, problems := policy.ReadProcess(policy.File{Path: "night.yaml", Data: []byte(own)})
	if p == nil || own == string(text) {
		c.t.Fatal(problems)
	}
	hash, err := c.rooms.Engine.Keep(ctx, p)
	must(c.matrix, 0, err)
	for _, table := range []string{"process_instances", "process_tasks"} {
		c.write(ctx, `UPDATE `+table+` SET definition = '`+hash+`' WHERE subject = '`+received+`'`)
	}
	return []template{{received, 1}, {mending, 1}, {reviewed, 1}}
}

// speakers gives each firm an account that speaks for it.
func (c *crowd) speakers() {
	ctx := c.in("east")
	now := store.Stamp(clock.Now(ctx))
	must(c.matrix, 0, store.Write(ctx, func(ctx context.Context) error {
		for _, p := range c.parties {
			if err := benchAccount(ctx, "speaks-"+p.ID, now, account.Grant{Role: account.RoleFirm, Party: p.ID}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// writing writes a line to the county's database every few milliseconds until the function it gives is called, which says how long one
// had to wait at most.
func (c *crowd) writing() func() time.Duration {
	ctx := c.in("east")
	c.write(ctx, `CREATE TABLE bench_lines (n BIGINT PRIMARY KEY)`)
	stop := make(chan bool)
	var longest time.Duration
	var group sync.WaitGroup
	group.Go(func() {
		for n := 0; ; n++ {
			began := time.Now()
			err := store.Write(ctx, func(ctx context.Context) error {
				_, err := store.Tx(ctx).NewRaw(`INSERT INTO bench_lines (n) VALUES (?)`, n).Exec(ctx)
				return err
			})
			if err != nil {
				c.t.Error(err)
				return
			}
			longest = max(longest, time.Since(began))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return func() time.Duration { close(stop); group.Wait(); return longest }
}
