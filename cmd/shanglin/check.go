package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/policy"
)

func newCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check PATH…",
		Short: "Check scheme and process files, run examples 检查政策文件和办理流程，验算示例",
		Long: `Check scheme, vocabulary and process files: every problem at once, as file:line:column and a sentence that says what to write.
Worked examples in the files are run; one that does not come out as it was worked by hand is an error.

PATH is a file or a folder. What it builds on (the vocabularies and documents above it in chain.json) is read too;
only problems of PATH itself are printed.

检查政策文件、词汇表和办理流程：一次列出全部问题，写明文件、行、列和应当怎样写；文件中的示例逐个验算。
提醒末尾的方括号里是它的编号；写明理由可以放行（allow）。

Exit status: 0 no errors (there may be reminders), 1 errors, 2 wrong use.`,
		Example: `  shanglin check schemes
  shanglin check schemes/my-county/vocabulary.yaml`,
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, paths []string) error {
			problems, files, processes, err := checkPaths(paths)
			if err != nil {
				return &exitError{1, "错误：" + err.Error()}
			}
			if asJSON {
				out := json.NewEncoder(cmd.OutOrStdout())
				out.SetEscapeHTML(false)
				out.SetIndent("", "  ")
				if err := out.Encode(append([]policy.Problem{}, problems...)); err != nil {
					return err
				}
			}
			wrong := 0
			for _, p := range problems {
				if !asJSON {
					fmt.Fprintln(cmd.OutOrStdout(), p.String())
				}
				if p.Severity == policy.SeverityError {
					wrong++
				}
			}
			summary := fmt.Sprintf("检查了%d个文件：", files)
			if processes > 0 {
				summary = fmt.Sprintf("检查了%d个文件（其中办理流程%d个）：", files, processes)
			}
			switch {
			case wrong > 0:
				return &exitError{1, fmt.Sprintf("%s%d处错误，%d处提醒。", summary, wrong, len(problems)-wrong)}
			case len(problems) > 0:
				fmt.Fprintf(cmd.ErrOrStderr(), "%s没有错误，%d处提醒。\n", summary, len(problems))
			default:
				fmt.Fprintln(cmd.ErrOrStderr(), summary+"没有问题，示例全部验算无误。")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the problems as JSON, for editors 以 JSON 输出")
	return cmd
}

// checkPaths finds the problems of what was named, sorted and none twice, and the number of files that were checked, and of processes among them.
func checkPaths(paths []string) (list []policy.Problem, files, processes int, err error) {
	trees := map[string]*tree{}
	var found []policy.Problem
	checked, flows, elsewhere := map[string]bool{}, map[string]bool{}, map[policy.Problem]bool{}
	for _, name := range paths {
		root, err := rootOf(name)
		if err != nil {
			return nil, 0, 0, err
		}
		if trees[root] == nil {
			if trees[root], err = readTree(root); err != nil {
				return nil, 0, 0, err
			}
		}
	}
	for _, t := range trees {
		for _, b := range t.chains {
			for _, f := range b.files {
				if within(t.pathOf(f.Path), paths) {
					checked[t.pathOf(f.Path)] = true
				}
			}
			library, problems := policy.Check(b.files)
			for _, p := range library.Processes() {
				if name := t.pathOf(p.Path); within(name, paths) {
					flows[name] = true
				}
			}
			for _, p := range problems {
				p.File = t.pathOf(p.File)
				if within(p.File, paths) {
					found = append(found, p)
				} else if p.Severity == policy.SeverityError {
					elsewhere[p] = true
				}
			}
		}
	}
	if len(checked) == 0 {
		return nil, 0, 0, fmt.Errorf("没有找到政策文件（.yaml）")
	}
	if len(elsewhere) > 0 {
		var names []string
		for p := range elsewhere {
			if !slices.Contains(names, p.File) {
				names = append(names, p.File)
			}
		}
		sort.Strings(names)
		for _, name := range names {
			found = append(found, policy.Problem{File: name, Line: 1, Column: 1, Severity: policy.SeverityError, Message: "这个文件有错误，所检查的文件要用到它；请先检查它。"})
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		if a.Column != b.Column {
			return a.Column < b.Column
		}
		return a.Message < b.Message
	})
	return slices.Compact(found), len(checked), len(flows), nil
}

// within says whether a file is one of the paths or lies below one.
func within(file string, paths []string) bool {
	abs, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	for _, p := range paths {
		if p, err := filepath.Abs(p); err == nil && (p == abs || strings.HasPrefix(abs, strings.TrimSuffix(p, string(filepath.Separator))+string(filepath.Separator))) {
			return true
		}
	}
	return false
}
