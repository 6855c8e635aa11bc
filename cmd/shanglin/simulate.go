package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/schemes"
	"shanglin/internal/server"
	"shanglin/internal/simulation"
	"shanglin/policy"
)

func newSimulate() *cobra.Command {
	var o struct {
		store, tenant, on, list string
		schemes, set            []string
		top                     int
		json                    bool
	}
	cmd := &cobra.Command{
		Use:   "simulate --tenant ID --set PATH=VALUE",
		Short: "What a changed scheme would cost, and who gains or loses 测算调整后的政策",
		Long: `Try a changed scheme over all parties of a tenant: who comes in and drops out, who gets more and less, what it costs beside the budget, by
town, size and industry, and the largest changes by name. Nothing is published and nothing is stored.

The change is other literals for parameters (--set, may be repeated; --parameters SCHEME lists them with their paths and values, and a value
is written as it is printed: 8%, 20万元, 最高500元), or files as they would be published (--schemes, a file LEVEL/NAME.yaml or a folder of
such files, as for shanglin publish).

用名录里的现有数据，测算一项政策调整参数以后（或换成新的政策文件以后）的影响：哪些企业新增、退出、增加、减少，资金与预算相比如何。
不发布，也不保存。

Exit status: 0 reckoned; 1 the change has errors; 2 wrong use.`,
		Example: `  shanglin simulate --tenant mycounty --parameters county2025/item1
  shanglin simulate --tenant mycounty --set county2025/define/门槛=8% --set county2025/schemes/item1/amount/then/1/at_most=20万元
  shanglin simulate --tenant mycounty --schemes policies/mycounty/2026.yaml --on 2026-07-01`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.tenant == "" {
				return &exitError{2, "请写明 --tenant 编号。"}
			}
			if (o.list != "") == (len(o.set) > 0 || len(o.schemes) > 0) || len(o.set) > 0 && len(o.schemes) > 0 {
				return &exitError{2, "请写明 --set 参数=新值，或 --schemes 新的政策文件，或用 --parameters 条款 列出可以调整的参数。"}
			}
			ctx, inst, err := openTenant(cmd.Context(), o.store, o.tenant, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			rooms := server.NewRooms(inst)
			ctx = account.System(ctx)
			before, err := schemes.Library(ctx)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if o.list != "" {
				items, d, err := rooms.Trials.Parameters(ctx, o.list)
				if err != nil {
					return err
				}
				return printParameters(out, o.list, d.Title, items)
			}
			on := clock.Today(ctx)
			if o.on != "" {
				if on, err = policy.ParseDate(o.on); err != nil {
					return &exitError{2, "--on：" + err.Error() + "。"}
				}
			}
			var after *policy.Library
			var only []string
			if len(o.schemes) > 0 {
				files, shown, err := readProposed(o.schemes)
				if err != nil {
					return &exitError{2, "错误：" + err.Error()}
				}
				p := schemes.Proposal{Files: files, By: "命令行"}
				if after, err = schemes.SupposedBy(ctx, p); err != nil {
					return named(err, p, shown)
				}
			} else {
				var changes []policy.Change
				for _, s := range o.set {
					path, to, ok := strings.Cut(s, "=")
					if !ok {
						return &exitError{2, "--set 应写作 参数=新值。"}
					}
					changes = append(changes, policy.Change{Path: strings.TrimSpace(path), To: strings.TrimSpace(to)})
				}
				if after, err = simulation.Changed(before, changes); err != nil {
					return err
				}
				only = simulation.Reached(before, changes)
			}
			result, lines, err := rooms.Trials.Compare(ctx, before, after, on, only, silently)
			if err != nil {
				return err
			}
			budgets, err := rooms.Trials.BudgetsOf(ctx, result)
			if err != nil && fault.CodeOf(err) != fault.Forbidden {
				return err
			}
			parties, err := simulation.Names(ctx, lines[:min(o.top, len(lines))])
			if err != nil {
				return err
			}
			if o.json {
				enc := json.NewEncoder(out)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(map[string]any{"result": result, "budgets": budgets, "parties": parties})
			}
			printSimulation(out, result, budgets, parties)
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "the county 县（市、区）编号 (required)")
	f.StringArrayVar(&o.set, "set", nil, "another literal for a parameter 调整一个参数: PATH=VALUE; may be repeated")
	f.StringSliceVar(&o.schemes, "schemes", nil, "files as they would be published 新的政策文件或目录; may be repeated")
	f.StringVar(&o.list, "parameters", "", "list what may be turned in a scheme 列出一项条款可以调整的参数: document/scheme")
	f.StringVar(&o.on, "on", "", "evaluation date 评价日期, e.g. 2026-03-01; default today")
	f.IntVar(&o.top, "top", 20, "how many parties to name 列出变化最大的多少家")
	f.BoolVar(&o.json, "json", false, "for machines: JSON")
	return cmd
}

func printParameters(out io.Writer, scheme, title string, items []policy.Parameter) error {
	fmt.Fprintln(out, title)
	for _, p := range items {
		label := p.Label
		if p.Name != "" {
			label = p.Name + "（" + p.Label + "）"
		}
		fmt.Fprintf(out, "  %s = %s\n    %s：%s\n", p.Path, policy.ShownLiteral(p.Value), label, p.Sentence)
		if others := slices.DeleteFunc(slices.Clone(p.Schemes), func(id string) bool { return id == scheme }); len(others) > 0 {
			fmt.Fprintf(out, "    同时用于：%s\n", strings.Join(others, "、"))
		}
	}
	if len(items) == 0 {
		fmt.Fprintln(out, "  没有可以调整的参数：金额由主管部门一事一议，或条件都由人判断。")
	}
	return nil
}

var ways = []struct{ way, label string }{{simulation.Enter, "新增"}, {simulation.Leave, "退出"}, {simulation.Gain, "增加"}, {simulation.Lose, "减少"}}

func printSimulation(out io.Writer, r *simulation.Result, budgets []simulation.Budget, parties []simulation.Party) {
	signed := func(f policy.Fen) string {
		if f > 0 {
			return "+" + f.String()
		}
		return f.String()
	}
	cost := func(s simulation.Side) policy.Fen { return s.Owed + s.Ceiling }
	side := func(label string, s simulation.Side) {
		fmt.Fprintf(out, "%s：%d家符合，共 %s（确定金额 %s，最高额度 %s）；补齐资料后至多 %s\n", label, s.Met, cost(s), s.Owed, s.Ceiling, s.Potential)
	}
	before, after, m := r.Total.Before, r.Total.After, r.Total.Moved
	fmt.Fprintf(out, "按 %s 评价，名录 %d 家\n", r.On, r.Parties)
	side("现行", before)
	side("调整后", after)
	fmt.Fprintf(out, "增减：%s；新增%d家，退出%d家，增加%d家，减少%d家，不变%d家\n", signed(cost(after)-cost(before)), m.Enter, m.Leave, m.Gain, m.Lose, m.Same)
	var total policy.Fen
	for _, b := range budgets {
		total += b.Total
		fmt.Fprintf(out, "预算：%s %s，%s，安排 %s，已承诺 %s\n", b.Round, b.RoundTitle, b.Source, b.Total, b.Committed)
	}
	if len(budgets) > 0 {
		fmt.Fprintf(out, "预算合计 %s，调整后需 %s，相差 %s\n", total, cost(after), signed(total-cost(after)))
	}
	if len(r.Schemes) > 1 {
		fmt.Fprintln(out, "\n分政策")
		for _, s := range r.Schemes {
			fmt.Fprintf(out, "  %s %s：%s → %s\n", s.Scheme, s.Title, cost(s.Before), cost(s.After))
		}
	}
	for _, g := range []struct {
		title string
		of    []simulation.OfGroup
	}{{"镇街", r.Towns}, {"规模", r.Sizes}, {"行业", r.Industries}} {
		fmt.Fprintln(out, "\n按"+g.title)
		for _, x := range g.of {
			if x.Before == 0 && x.After == 0 && x.Moved.Changed() == 0 {
				continue
			}
			name := x.Name
			if name == "" {
				name = "未填写"
			}
			fmt.Fprintf(out, "  %s：%s → %s，新增%d、退出%d、增加%d、减少%d\n", name, x.Before, x.After, x.Moved.Enter, x.Moved.Leave, x.Moved.Gain, x.Moved.Lose)
		}
	}
	if len(parties) > 0 {
		fmt.Fprintln(out, "\n变化最大的企业")
	}
	for _, p := range parties {
		label := "不变"
		for _, w := range ways {
			if w.way == p.Way {
				label = w.label
			}
		}
		fmt.Fprintf(out, "  %s（%s）%s：%s → %s，%s\n", p.Name, p.Town, label, p.Before, p.After, signed(p.Change()))
	}
	for _, n := range r.Notes {
		fmt.Fprintln(out, "\n"+n)
	}
}

// silently is the progress of a run that somebody waits for; Ctrl-C ends it.
func silently(ctx context.Context, _, _ int64, _ string) error { return ctx.Err() }
