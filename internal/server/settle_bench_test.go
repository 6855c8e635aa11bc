package server

import (
	"context"
	"fmt"
	"os"
	"runtime"
	runtimemetrics "runtime/metrics"
	"strconv"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// BenchmarkSettle settles a round of 5,000 cases (SHANGLIN_BENCH_ROUND) by the action that an officer takes: one transaction that freezes
// the round, reads the facts of every firm as they stand, evaluates every case with all its reasons, keeps each evaluation with the pins of
// what it rests on, runs the pipeline of limits over all of them, writes what each comes to with its cuts, moves every case to the next
// stage with a step of its history, tells every firm and the office, and appends to the audit log two records of each case and one of its
// process. heap-MB is the most that the heap grew to, above what stood there before; statements/case is what it asks of the database.
func BenchmarkSettle(b *testing.B) {
	cases := 5000
	if text := os.Getenv("SHANGLIN_BENCH_ROUND"); text != "" {
		var err error
		if cases, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for _, kind := range storetest.Kinds {
		b.Run(fmt.Sprintf("%s/%d", kind, cases), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				ctx, statements := store.Counted(context.Background())
				a := &applicants{house: newHouse(b, ctx, storetest.Open(b, ctx, storetest.URL(b, kind))), b: b}
				a.open()
				a.waiting(cases)
				before, peak := statements.Load(), watchHeap()
				b.StartTimer()
				a.doRound("冻结结算", "")
				b.StopTimer()
				b.ReportMetric(float64(peak())/(1<<20), "heap-MB")
				b.ReportMetric(float64(statements.Load()-before)/float64(cases), "statements/case")
				var settled int
				a.must(store.Read(a.in("east"), func(ctx context.Context) error {
					return store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM cases WHERE round = ? AND settled = 400000 AND stage = '待公示'`, a.round).Scan(ctx, &settled)
				}))
				if settled != cases {
					b.Fatalf("after settling: %d cases", settled)
				}
			}
		})
	}
}

// waiting closes the round with cases that wait for its settlement, each of a firm of its own that one account speaks for, with a sum of
// 4,000 yuan below the ceiling of 4,500. They come there the short way: what applicants, departments and reviewers do is not measured here.
func (a *applicants) waiting(cases int) {
	a.b.Helper()
	const atOnce = 500
	system := a.in("east")
	for from := 0; from < cases; from += atOnce {
		a.must(store.Write(system, func(ctx context.Context) error {
			parties := make([]registry.Party, min(atOnce, cases-from))
			for i := range parties {
				parties[i] = registry.Party{Kind: registry.KindFirm, Name: fmt.Sprintf("第%d电器有限公司", from+i+1), Exception: "测试用", Town: towns["a"], Industry: "制造业", Size: "小型"}
			}
			made, err := a.rooms.Registry.PutParties(ctx, parties)
			if err != nil {
				return err
			}
			var facts []registry.Statement
			for _, p := range made {
				for year, value := range map[int]string{2023: "9000万元", 2024: "9990万元", 2025: "10989万元"} {
					facts = append(facts, registry.Statement{Party: p.ID, Term: "营业收入", Year: year, Value: value, Source: "市税务局", Verified: true})
				}
				facts = append(facts, registry.Statement{Party: p.ID, Term: "规上数字经济制造业名录", Source: "市经信局", Verified: true,
					Record: &registry.RecordOf{From: policy.NewDate(2020, 1, 1), Until: policy.NewDate(2030, 12, 31)}})
			}
			if _, err := a.rooms.Registry.PutFacts(ctx, facts); err != nil {
				return err
			}
			for i, p := range made {
				if err := a.wait(ctx, fmt.Sprintf("2026-01-%05d", from+i+1), p); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	a.doRound("截止申报", "测速")
	_, err := a.rooms.Engine.MoveAll(system, a.round, "填报", "待结算", "测速")
	a.must(err)
}

// wait begins the application of a firm and makes it look as it does before settlement.
func (a *applicants) wait(ctx context.Context, number string, p registry.Party) error {
	speaker := "speaks-" + number
	tx := store.Tx(ctx)
	if _, err := tx.NewRaw(`INSERT INTO accounts (id, login, name, disabled, created_at, created_by, changed_at) VALUES (?, ?, ?, 0, '', '', '')`, speaker, speaker, speaker).Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewRaw(`INSERT INTO grants (account, role, department, town, party, granted_at, granted_by) VALUES (?, 'firm', '', '', ?, '', '')`, speaker, p.ID).Exec(ctx); err != nil {
		return err
	}
	firm := account.WithActor(ctx, &account.Actor{AccountID: speaker, Login: speaker, Tenant: "east", Grants: []account.Grant{{Role: account.RoleFirm, Party: p.ID}}})
	k, err := a.rooms.Casework.Begin(firm, a.round, "cx2025/C001", p.ID)
	if err != nil {
		return err
	}
	if _, err := tx.NewRaw(`UPDATE cases SET number = ?, submitted_at = started_at, submitted_by = started_by, answer = 'met', high = 450000, amount_kind = ?,
		decided = 400000, decided_reason = '按上限核定', decided_by = '审核人', version = version + 1 WHERE id = ?`, number, string(policy.Ceiling), k.ID).Exec(ctx); err != nil {
		return err
	}
	return a.rooms.Engine.Describe(ctx, process.Subject{Flow: "case", ID: k.ID, Number: number, Title: k.Scheme.Title, Party: p.ID, PartyName: p.Name, Town: p.Town,
		Department: k.Department, Scheme: k.Scheme.ID, Round: a.round})
}

// watchHeap watches the heap until the function it gives is called, which says by how much it grew at most.
func watchHeap() func() uint64 {
	runtime.GC()
	read := func() uint64 {
		sample := []runtimemetrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		runtimemetrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before, most := read(), uint64(0)
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most = max(most, read())
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() uint64 { close(stop); <-stopped; return max(most, before) - before }
}
