package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/schemes"
	"shanglin/internal/server"
	"shanglin/policy"
)

func newPublish() *cobra.Command {
	var o struct {
		store, tenant, note, approvedBy string
		remove                          []string
		dryRun                          bool
	}
	cmd := &cobra.Command{
		Use:   "publish --tenant ID PATH…",
		Short: "Check scheme files and publish them 检查并发布政策文件",
		Long: `Publish scheme files in a tenant. The whole set that would result is checked first, with every worked example: with one error nothing is
published, and every problem is printed as file:line:column, as shanglin check does. Otherwise it says which files and schemes are added,
changed and removed, a sentence for each change to those who apply (as shanglin diff does), and of a changed scheme what it gave and asked
before and what it gives and asks now; then it publishes.
--dry-run stops before that.

PATH is a file LEVEL/NAME.yaml or a folder of such files: the name of its folder says at which level it is published. Files that are the
same as what is published change nothing. A file leaves the set with --remove LEVEL/NAME.yaml; its versions are kept.

At the desk one administrator proposes and another approves. Here whoever runs the program publishes alone: say with --approved-by
who approved it. It is kept with the publication, which the log covers.

检查并发布政策文件。先把发布后的全部文件一起检查、验算示例：有一处错误就一份也不发布，并逐处写明文件、行、列。
没有错误时列出哪些文件、条款新增、更新、撤下，逐句说明改了什么（同 shanglin diff），更新的条款前后对照，然后发布；--dry-run 只看不发布。
工作台上须由一名管理员提出、另一名核准；在这里发布请用 --approved-by 写明核准人。

Exit status: 0 published, or nothing to publish; 1 problems; 2 wrong use.`,
		Example: `  shanglin export --tenant mycounty --out policies
  shanglin publish --tenant mycounty --dry-run policies
  shanglin publish --tenant mycounty --approved-by 张三 --note 2026年修订 policies/mycounty/2026.yaml
  shanglin publish --tenant mycounty --approved-by 张三 --remove mycounty/2019.yaml`,
		Args: args(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if o.tenant == "" {
				return &exitError{2, "请写明 --tenant 编号。"}
			}
			if len(paths) == 0 && len(o.remove) == 0 {
				return &exitError{2, "请写明要发布的文件，或用 --remove 写明要撤下的文件。"}
			}
			files, shown, err := readProposed(paths)
			if err != nil {
				return &exitError{2, "错误：" + err.Error()}
			}
			p := schemes.Proposal{Files: files, By: "命令行", ApprovedBy: o.approvedBy, Note: o.note}
			for _, name := range o.remove {
				p.Remove = append(p.Remove, pathInSet(name))
			}
			ctx, inst, err := openTenant(cmd.Context(), o.store, o.tenant, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			server.NewRooms(inst) // a publication queues the recomputation that its rooms ask for
			ctx = account.System(ctx)
			found, err := schemes.Inspect(ctx, p)
			if err != nil {
				return named(err, p, shown)
			}
			out := cmd.OutOrStdout()
			printProblems(out, found.Problems, shown)
			if found.Errors > 0 {
				return &exitError{1, fmt.Sprintf("%d处错误，%d处提醒，没有发布。", found.Errors, len(found.Problems)-found.Errors)}
			}
			if len(found.Files) == 0 {
				fmt.Fprintln(out, "与已发布的文件没有差别，不需要发布。")
				return nil
			}
			printChanges(out, found)
			if o.dryRun {
				fmt.Fprintln(out, "没有错误。这是试运行，没有发布。")
				return nil
			}
			p.Base = found.Base // what was shown is what is published
			pub, err := schemes.Publish(ctx, p)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "已发布（%s），有关的结论会自动重新计算。\n", pub.ID)
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "the tenant 编号")
	f.StringArrayVar(&o.remove, "remove", nil, "a file that leaves the set, LEVEL/NAME.yaml 撤下的文件 (may be repeated)")
	f.StringVar(&o.note, "note", "", "what is published and why 说明")
	f.StringVar(&o.approvedBy, "approved-by", "", "who approved it 核准人")
	f.BoolVar(&o.dryRun, "dry-run", false, "check and show, and publish nothing 只检查、不发布")
	return cmd
}

// pathInSet is where a file stands in the published set: its folder is its level.
func pathInSet(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		abs = name
	}
	return path.Join(filepath.Base(filepath.Dir(abs)), filepath.Base(abs))
}

// readProposed reads the files that were named, and tells how each was named.
func readProposed(paths []string) (files []policy.File, shown map[string]string, err error) {
	shown = map[string]string{}
	for _, name := range paths {
		found, err := schemeFilesBelow(name)
		if err != nil {
			return nil, nil, err
		}
		if len(found) == 0 {
			return nil, nil, fmt.Errorf("%s 中没有政策文件（.yaml）", name)
		}
		for _, f := range found {
			info, err := os.Stat(f)
			if err == nil && info.Size() > maxFileSize {
				return nil, nil, fmt.Errorf("%s 过大，政策文件不应超过1 MB", f)
			}
			data, err := os.ReadFile(f)
			if err != nil {
				return nil, nil, fmt.Errorf("打不开 %s：没有读取的权限", f)
			}
			at := pathInSet(f)
			if first, twice := shown[at]; twice {
				if filepath.Clean(first) == filepath.Clean(f) {
					continue
				}
				return nil, nil, fmt.Errorf("%s 和 %s 是同一份文件 %s", first, f, at)
			}
			shown[at] = f
			files = append(files, policy.File{Path: at, Data: data})
		}
	}
	return files, shown, nil
}

// named writes the file that was meant where a fault counts: files[0] is the first.
func named(err error, p schemes.Proposal, shown map[string]string) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	names := map[string]string{}
	for i, x := range p.Files {
		names[fmt.Sprintf("files[%d]", i)] = shown[x.Path]
	}
	for i, x := range p.Remove {
		names[fmt.Sprintf("remove[%d]", i)] = x
	}
	out := fault.Wrap(f.Code, f.Message, f.Err)
	for _, d := range f.Details {
		if name := names[d.Field]; name != "" {
			d.Field = name
		}
		out.Details = append(out.Details, d)
	}
	return out
}

// printProblems prints as check does, with the names that the files were given by.
func printProblems(out io.Writer, problems []schemes.Flaw, shown map[string]string) {
	for _, x := range problems {
		p := policy.Problem{File: x.File, Line: x.Line, Column: x.Column, Severity: x.Severity, Message: x.Message}
		if name := shown[x.File]; name != "" {
			p.File = name
		}
		fmt.Fprintln(out, p.String())
	}
}

var changeWords = map[string]string{"added": "新增", "changed": "更新", "removed": "撤下"}

// printChanges says what a sound proposal would change.
func printChanges(out io.Writer, found *schemes.Inspection) {
	fmt.Fprintf(out, "文件：\n")
	for _, f := range found.Files {
		fmt.Fprintf(out, "  %s %s\n", changeWords[f.Change], f.Path)
	}
	if len(found.Changes) > 0 {
		fmt.Fprintf(out, "改了什么：\n")
		printDifferences(out, found.Changes, "  ")
	}
	for _, group := range []struct {
		title string
		list  []schemes.Compared
	}{{"公文", found.Documents}, {"条款", found.Schemes}, {"办理流程", found.Processes}} {
		if len(group.list) == 0 {
			continue
		}
		fmt.Fprintf(out, "%s：\n", group.title)
		for _, c := range group.list {
			fmt.Fprintf(out, "  %s %s %s\n", changeWords[c.Change], c.ID, c.Title)
			if c.Change != "changed" {
				continue
			}
			for _, part := range c.Parts {
				fmt.Fprintf(out, "    %s：\n", part.Title)
				for _, l := range part.Lines {
					if mark := map[string]string{"removed": "-", "added": "+"}[l.Mark]; mark != "" {
						fmt.Fprintf(out, "      %s %s%s\n", mark, strings.Repeat("  ", l.Depth), l.Text)
					}
				}
			}
		}
	}
	if len(found.Documents)+len(found.Schemes)+len(found.Processes) == 0 {
		fmt.Fprintln(out, "读出来的内容没有变化。")
	}
}
