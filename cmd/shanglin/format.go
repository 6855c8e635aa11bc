package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/policy"
)

func newFormat() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [PATH…]",
		Short: "Write policy files in one layout 整理政策文件的版式",
		Long: `Write scheme, vocabulary, process, template and calendar files in their one canonical layout: the keys in their order, short things on one line,
long ones below each other, no needless quotes. Every comment stays in its place, and nothing that a file means changes.

PATH is a file or a folder (default: this folder); - reads standard input and writes standard output. Other YAML files in a folder are left alone.
A file that is not YAML, or says a key twice, is refused with the place; whether it makes sense is the business of shanglin check.

把政策文件、词汇表和办理流程整理成统一的版式：键按规定的次序，短的写在一行，长的分行写，不加多余的引号。注释都留在原处，意思不变。

Exit status: 0 done, or nothing to do; 1 a file cannot be read, or with --check some file differs; 2 wrong use.`,
		Example: `  shanglin fmt schemes
  shanglin fmt --check schemes
  shanglin fmt - < my.yaml`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			if len(paths) == 1 && paths[0] == "-" {
				return formatInput(cmd, check)
			}
			if len(paths) == 0 {
				paths = []string{"."}
			}
			files, err := formattable(paths)
			if err != nil {
				return &exitError{1, "错误：" + err.Error()}
			}
			differ, broken := 0, 0
			for _, name := range files {
				changed, problems, err := formatFile(name, !check)
				for _, p := range problems {
					fmt.Fprintln(cmd.ErrOrStderr(), p.String())
				}
				switch {
				case err != nil:
					return &exitError{1, "错误：" + err.Error()}
				case problems != nil:
					broken++
				case changed:
					differ++
					fmt.Fprintln(cmd.OutOrStdout(), show(name))
				}
			}
			switch {
			case broken > 0:
				return &exitError{1, fmt.Sprintf("%d个文件读不懂，没有整理。", broken)}
			case check && differ > 0:
				return &exitError{1, fmt.Sprintf("%d个文件的版式不统一，请运行 shanglin fmt 整理。", differ)}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "only list the files that differ 只列出版式不统一的文件")
	return cmd
}

func formatInput(cmd *cobra.Command, check bool) error {
	data, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxFileSize+1))
	if err != nil {
		return &exitError{1, "错误：标准输入读不出来。"}
	}
	out, problems := policy.Format(policy.File{Path: "标准输入", Data: data})
	for _, p := range problems {
		fmt.Fprintln(cmd.ErrOrStderr(), p.String())
	}
	switch {
	case problems != nil:
		return &exitError{1, ""}
	case check && !bytes.Equal(data, out):
		return &exitError{1, "版式不统一。"}
	case !check:
		if _, err := cmd.OutOrStdout().Write(out); err != nil {
			return &exitError{1, "错误：写不出来。"}
		}
	}
	return nil
}

// policyKey stands at the head of every file of the language, and of few others.
var policyKey = regexp.MustCompile(`(?m)^["'{]*(document|vocabulary|process|template|calendar)["']?[ \t]*:`)

// policyID is the line that names a file of the language.
var policyID = regexp.MustCompile(`(?m)^(document|vocabulary|process|template|calendar):[ \t]*[^\s#]+`)

// formattable are the files that were named, and in the folders those of the language.
func formattable(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		err := filepath.WalkDir(p, func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("打不开 %s：没有这个文件或目录，或没有读取的权限", name)
			}
			if e.IsDir() {
				if name != p && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules") {
					return filepath.SkipDir
				}
				return nil
			}
			if name == p {
				out = append(out, name)
				return nil
			}
			if ext := strings.ToLower(filepath.Ext(name)); ext != ".yaml" && ext != ".yml" {
				return nil
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("打不开 %s：没有读取的权限", name)
			}
			if policyKey.Match(data) {
				out = append(out, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// formatFile says whether a file is in another layout than the canonical one, and rewrites it if it may: into a file beside it that then takes
// its place, so that no one ever sees half of it.
func formatFile(name string, rewrite bool) (bool, []policy.Problem, error) {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	if err != nil {
		return false, nil, fmt.Errorf("打不开 %s：没有这个文件，或没有读取的权限", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return false, nil, fmt.Errorf("打不开 %s：没有读取的权限", name)
	}
	out, problems := policy.Format(policy.File{Path: show(name), Data: data})
	if problems != nil || bytes.Equal(data, out) || !rewrite {
		return problems == nil && !bytes.Equal(data, out), problems, nil
	}
	if _, err := writeWhole(name, info.Mode().Perm(), func(w io.Writer) error { _, err := w.Write(out); return err }); err != nil {
		return false, nil, fmt.Errorf("写不了 %s：没有写入的权限，或磁盘已满", name)
	}
	return true, nil, nil
}
