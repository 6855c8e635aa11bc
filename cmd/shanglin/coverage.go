package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"shanglin/policy"
)

func newTest() *cobra.Command {
	var o struct {
		coverage, json bool
		least          int
	}
	cmd := &cobra.Command{
		Use:   "test PATH…",
		Short: "Run the worked examples, and say what none of them reaches 验算示例，看哪些地方没有示例",
		Long: `Run the worked examples of scheme files. With --coverage, say for each scheme what no example reaches: a condition that is never met or never
failed, a row of a table, a slice, a cap that never cuts or always does, a limit.

验算政策文件中的示例。加 --coverage，逐条列出还没有示例到过的地方：从未符合或从未不符合的条件、没有落到的档、没有算到的段、
从未削减或总在削减的封顶、没有起作用的限额，写明文件和行。

Exit status: 0 every example comes out as worked by hand, 1 one does not, the files have errors, or less is reached than --min asks; 2 wrong use.`,
		Example: `  shanglin test schemes
  shanglin test schemes/my-county --coverage --min 100`,
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if o.least < 0 || o.least > 100 {
				return &exitError{2, "--min 应在0到100之间。"}
			}
			list, problems, err := coverage(paths)
			if err != nil {
				return &exitError{1, "错误：" + err.Error()}
			}
			for _, p := range problems {
				fmt.Fprintln(cmd.ErrOrStderr(), p.String())
			}
			if policy.HasErrors(problems) {
				return &exitError{1, "有错误或验算不符的示例，请先改正。"}
			}
			points, reached := 0, 0
			for _, c := range list {
				points, reached = points+c.Points, reached+c.Reached
			}
			total := policy.Coverage{Points: points, Reached: reached}
			switch {
			case o.json:
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				if err := e.Encode(map[string]any{"schemes": list, "points": points, "reached": reached, "percent": total.Percent()}); err != nil {
					return &exitError{1, "错误：写不出来。"}
				}
			case o.coverage:
				for _, c := range list {
					fmt.Fprintf(cmd.OutOrStdout(), "%3d%%  %d/%d  %s %s\n", c.Percent(), c.Reached, c.Points, c.Scheme, c.Title)
					for _, m := range c.Missed {
						fmt.Fprintf(cmd.OutOrStdout(), "      %s:%d: %s\n", m.File, m.Line, m.Message)
					}
				}
			}
			summary := fmt.Sprintf("%d个条款的示例全部验算无误", len(list))
			if o.coverage || o.json || o.least > 0 {
				summary += fmt.Sprintf("，到过%d处中的%d处，%d%%", points, reached, total.Percent())
			}
			if total.Percent() < o.least {
				return &exitError{1, fmt.Sprintf("%s，不到 --min 要求的%d%%。", summary, o.least)}
			}
			fmt.Fprintln(cmd.ErrOrStderr(), summary+"。")
			return nil
		},
	}
	cmd.Flags().BoolVar(&o.coverage, "coverage", false, "say what no example reaches 列出没有示例到过的地方")
	cmd.Flags().BoolVar(&o.json, "json", false, "as JSON 以 JSON 输出")
	cmd.Flags().IntVar(&o.least, "min", 0, "fail when less than so many per cent is reached 低于这个百分数就算失败")
	return cmd
}

// coverage runs the examples of the schemes in the files that were named; what they build on is read too.
func coverage(paths []string) ([]policy.Coverage, []policy.Problem, error) {
	trees := map[string]*tree{}
	for _, name := range paths {
		root, err := rootOf(name)
		if err != nil {
			return nil, nil, err
		}
		if trees[root] == nil {
			if trees[root], err = readTree(root); err != nil {
				return nil, nil, err
			}
		}
	}
	var out []policy.Coverage
	var problems []policy.Problem
	for _, root := range sortedNames(trees) {
		t := trees[root]
		for _, place := range sortedNames(t.chains) {
			library, found := policy.Load(t.chains[place].files)
			var list []policy.Coverage
			if !policy.HasErrors(found) {
				var wrong []policy.Problem
				list, wrong = library.Coverage()
				found = append(found, wrong...)
			}
			for _, p := range found {
				if p.File = t.pathOf(p.File); p.Severity == policy.SeverityError && !slices.Contains(problems, p) {
					problems = append(problems, p)
				}
			}
			for _, c := range list {
				c.File = t.pathOf(c.File)
				for i := range c.Missed {
					c.Missed[i].File = t.pathOf(c.Missed[i].File)
				}
				known := slices.ContainsFunc(out, func(o policy.Coverage) bool { return o.Scheme == c.Scheme && o.File == c.File })
				if within(c.File, paths) && !known {
					out = append(out, c)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b policy.Coverage) int {
		if a.File != b.File {
			if a.File < b.File {
				return -1
			}
			return 1
		}
		return a.Line - b.Line
	})
	if len(out) == 0 && len(problems) == 0 {
		return nil, nil, fmt.Errorf("没有找到条款")
	}
	return out, problems, nil
}
