package process

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// What a look of the clock costs in a county with many open cases (SHANGLIN_BENCH_CASES, 200,000): none of them has lapsed; one in a hundred
// has, as on any day; all of them have on the same night, and are marked; all have, and the clock takes the action of the file at each.
func BenchmarkSweep(b *testing.B) {
	cases := 200_000
	if n, err := strconv.Atoi(os.Getenv("SHANGLIN_BENCH_CASES")); err == nil {
		cases = n
	}
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			for _, c := range []struct {
				name, lapse string
				share       int
			}{{"none lapsed", "", 0}, {"one in a hundred marked", "", 100}, {"all marked", "", 1}, {"all acted on", ", lapse: on", 1}} {
				b.Run(c.name, func(b *testing.B) {
					b.StopTimer()
					h := benchHouse(b, kind)
					h.hash = h.keepText("sweep.yaml", fmt.Sprintf(`process: sweep
title: 期限
starts: applicant
case:
  stages:
    work:
      public: 在办。
      who: {role: officer, department: scheme}
      within: {time: 5工作日, basis: 示例%s}
      actions: {on: {to: next}}
    next:
      public: 在办。
      who: {role: officer, department: scheme}
      within: {time: 5工作日, basis: 示例}
      actions: {on: {to: end}}
    end: {public: 办结。, ends: done}
`, c.lapse))
					for range b.N {
						h.crowd(cases, c.share)
						b.StartTimer()
						h.must(h.e.Tick(h.root))
						b.StopTimer()
						want := 0
						if c.share > 0 {
							want = (cases + c.share - 1) / c.share
						}
						if got := h.count(`SELECT COUNT(*) FROM process_steps WHERE kind IN ('overdue', 'lapse')`); got != want {
							b.Fatalf("%d were dealt with, want %d", got, want)
						}
					}
				})
			}
		})
	}
}

func benchHouse(b *testing.B, kind string) *house {
	b.Helper()
	ctx := context.Background()
	inst := storetest.Open(b, ctx, storetest.URL(b, kind))
	db, err := inst.CreateTenant(ctx, store.Tenant{ID: storetest.TenantID, Name: "测试县"})
	if err != nil {
		b.Fatal(err)
	}
	return newHouse(b, store.In(ctx, db))
}

// crowd puts open cases into the tables, of which one in share is late; 0: none is.
func (h *house) crowd(cases, share int) {
	h.t.Helper()
	h.must(store.Write(account.System(h.root), func(ctx context.Context) error {
		for _, table := range []string{"process_steps", "process_tasks", "process_instances"} {
			if _, err := change(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		stamp := store.Stamp(at("2026-03-02 08:00"))
		var rows []instanceRow
		var tasks []taskRow
		var steps []stepRow
		flush := func() error {
			if err := insert(ctx, rows); err != nil {
				return err
			}
			if err := insert(ctx, tasks); err != nil {
				return err
			}
			err := insert(ctx, steps)
			rows, tasks, steps = nil, nil, nil
			return err
		}
		for i := range cases {
			s := subjectRow{Flow: "case", Subject: fmt.Sprintf("c%06d", i), Number: fmt.Sprint(i), Title: "研发补助", Party: fmt.Sprint("q", i), PartyName: "企业", Town: "甲镇",
				Department: "经信"}
			row := instanceRow{ID: store.NewID(), Definition: h.hash, subjectRow: s, Stage: "work", Since: stamp, Version: 1, Visit: 1, StartedAt: stamp}
			t := taskRow{ID: store.NewID(), Instance: row.ID, Visit: 1, Stage: "work", StageTitle: "work", Task: "work", TaskTitle: "work", Role: "officer", Who: "经办人",
				ScopeDepartment: "经信", State: stateOpen, Version: 1, OpenedAt: stamp, Definition: h.hash, subjectRow: s,
				clockRow: clockRow{Begins: "2026-02-20", N: 5, Unit: "工作日", Due: "2026-03-06", DueAt: store.Stamp(at("2026-03-07 00:00"))}}
			if share > 0 && i%share == 0 {
				t.Due, t.DueAt = "2026-02-28", store.Stamp(at("2026-03-01 00:00"))
			}
			rows, tasks = append(rows, row), append(tasks, t)
			steps = append(steps, stepRow{Instance: row.ID, Seq: 1, At: stamp, Kind: stepStart, Actor: account.SystemID, Version: 1, ToStage: "work"})
			if len(rows) == chunk {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	}))
}
