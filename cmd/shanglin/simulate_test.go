package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/server"
	"shanglin/internal/simulation"
	"shanglin/policy"
)

// A firm that grew by 9%: 900万元 more, nine times 500元 once 9% will do, and nothing at 10%. Asked by a figure and by a file it is the same, and
// nothing is published.
//
// Mutations that turn this red: compare a file with itself; answer a figure of another unit; publish what was tried.
func TestTriedFromTheCommandLine(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Setenv(storeVariable, storetest.URL(t, kind))
			shanglin(t, "given password 7\n", "init", "--tenant", "east", "--name", "东县", "--place", "cixi", "--password-stdin").expect(t, 0, nil, nil)
			grown(t, "east")
			t.Chdir(t.TempDir())
			const figure = "cx2025/define/增速门槛"
			tried := []string{"simulate", "--tenant", "east", "--on", "2026-03-01"}
			shanglin(t, "", "simulate", "--tenant", "east", "--parameters", "cx2025/C001").expect(t, 0, []string{figure + " = 10%"}, nil)

			same := []string{"名录 1 家", "现行：0家符合，共 0元", "调整后：1家符合，共 4,500元", "增减：+4,500元；新增1家，退出0家", "增长厂（东镇）新增：0元 → 4,500元，+4,500元"}
			shanglin(t, "", append(tried, "--set", figure+"=9%")...).expect(t, 0, same, []string{"处错误"})
			shanglin(t, "", "export", "--tenant", "east", "--out", "out").expect(t, 0, nil, nil)
			const file = "out/cixi/cx2025.yaml"
			change(t, file, "增速门槛: 10%", "增速门槛: 9%")
			shanglin(t, "", append(tried, "--schemes", "out")...).expect(t, 1, []string{"cixi/cx2025.yaml:37:113", "例子与计算不符"}, []string{"调整后："})
			dropLines(t, file, "gap: 0.01百分点", "gap: 1元")
			shanglin(t, "", append(tried, "--schemes", "out")...).expect(t, 0, same, []string{"处错误"})
			shanglin(t, "", append(tried, "--schemes", "out", "--json")...).expect(t, 0, []string{`"owed": 0`, `"ceiling": 450000`, `"name": "增长厂"`}, nil)

			shanglin(t, "", append(tried, "--set", figure+"=9元")...).expect(t, 1, []string{figure, "单位"}, []string{"调整后："})
			for _, wrong := range [][]string{nil, {"--set", "9%"}, {"--set", figure + "=9%", "--schemes", "out"}, {"--schemes", "nowhere"}, {"--set", figure + "=9%", "--on", "昨天"}} {
				shanglin(t, "", append(tried, wrong...)...).expect(t, 2, nil, []string{"调整后："})
			}
			shanglin(t, "", append(tried, "--set", figure+"=10%")...).expect(t, 1, []string{"与现行政策相同"}, nil)
			shanglin(t, "", "simulate", "--tenant", "east", "--parameters", "cx2025/C001").expect(t, 0, []string{figure + " = 10%"}, nil)
			shanglin(t, "", "audit", "verify").expect(t, 0, []string{"没有发现改动"}, nil)
		})
	}
}

// TestAskedOfNothing turns red when a command that only reads, or that needs a tenant, makes a place for data where there is none.
func TestAskedOfNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(storeVariable, "")
	for _, command := range []string{"simulate --tenant east --set cx2025/define/甲=9%", "export --tenant east --out out", "audit verify", "backup saved"} {
		shanglin(t, "", strings.Fields(command)...).expect(t, 1, []string{"还没有县（市、区）。请先运行 shanglin init。"}, nil)
		if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
			t.Errorf("%s leaves %v (%v)", command, left, err)
		}
	}
}

// grown puts a firm with three years' figures into a tenant.
func grown(t *testing.T, tenant string) {
	t.Helper()
	ctx := clock.With(context.Background(), func() time.Time { return time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC) })
	ctx, inst, err := openTenant(ctx, os.Getenv(storeVariable), tenant, false)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	ctx = account.System(ctx)
	r := server.NewRooms(inst).Registry
	p, err := r.Put(ctx, registry.Party{Kind: registry.KindFirm, Code: "913302820000000194", Name: "增长厂", Town: "东镇", Industry: "制造业"})
	if err != nil {
		t.Fatal(err)
	}
	since, _ := policy.ParseDate("2023-01-01")
	for _, s := range []registry.Statement{{Term: "营业收入", Year: 2023, Value: "9000万元"}, {Term: "营业收入", Year: 2024, Value: "10000万元"},
		{Term: "营业收入", Year: 2025, Value: "10900万元"}, {Term: "规上数字经济制造业名录", Record: &registry.RecordOf{From: since}}} {
		s.Party, s.Verified = p.ID, true
		if _, err := r.State(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
}

// 25万 are set aside in two budgets. 20万 exactly owed and 0.5万 at most leave 4.5万; 30.05万 are 5.05万 too many.
// Mutation: leave ceilings out of what is needed → red.
func TestTriedBesideTheBudget(t *testing.T) {
	budgets := []simulation.Budget{{Round: "2026-01", Source: "县级", Total: 20_000_000, Committed: 1_000_000}, {Round: "2026-02", Source: "上级", Total: 5_000_000}}
	for want, after := range map[string]simulation.Side{"预算合计 25万元，调整后需 20.5万元，相差 +4.5万元": {Owed: 20_000_000, Ceiling: 500_000},
		"预算合计 25万元，调整后需 30.05万元，相差 -5.05万元": {Owed: 30_050_000}} {
		var out bytes.Buffer
		printSimulation(&out, &simulation.Result{Total: simulation.Compared{After: after}}, budgets, nil)
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "安排 20万元，已承诺 1万元") {
			t.Errorf("does not say %q:\n%s", want, out.String())
		}
	}
}
