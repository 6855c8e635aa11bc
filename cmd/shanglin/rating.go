package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"shanglin/internal/rating"
	"shanglin/policy"
)

func newRating() *cobra.Command {
	var o struct {
		to, template string
		overwrite    bool
	}
	cmd := &cobra.Command{
		Use:   "rating WORKBOOK --to FOLDER",
		Short: "Make a rating's scheme file from a workbook 由工作簿生成评级文件",
		Long: `Make the scheme file of a star rating, and the vocabulary of its indicators, from a workbook of categories, indicators, full marks and the lines
of the levels. --template writes a workbook to start from.

Nothing is written unless everything is right: a cell that cannot be read, marks that do not add up to the total, levels that overlap or leave a
gap, and files that shanglin check would refuse are all named, and the folder stays as it was.

由工作簿（大类、指标、满分、等级的分数线）生成一份评级文件和它的指标词汇表。--template 写出一份样表。
有一处不对就什么也不写：读不懂的单元格、合计不等于满分、等级重叠或有空档，都按工作表和单元格一次列出。

Exit status: 0 written, 1 something is wrong, 2 wrong use.`,
		Example: `  shanglin rating --template star.xlsx
  shanglin rating star.xlsx --to schemes/my-county`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			switch {
			case o.template != "" && len(given) == 0:
				if _, err := os.Lstat(o.template); !errors.Is(err, fs.ErrNotExist) {
					return &exitError{1, fmt.Sprintf("%s 已经有了，没有写。", o.template)}
				}
				if _, err := writeWhole(o.template, 0o644, rating.Template); err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "写好了样表：%s\n", o.template)
				return nil
			case o.template != "" || len(given) == 0 || o.to == "":
				return &exitError{2, "请写明工作簿和 --to 文件夹；要样表请写 --template 文件名.xlsx。"}
			}
			return makeRating(cmd, given[0], o.to, o.overwrite)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "the folder of scheme files to write into 写到哪个政策文件夹")
	f.StringVar(&o.template, "template", "", "write a workbook to start from 写出样表")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace the files of an earlier run 覆盖上次生成的文件")
	return cmd
}

func makeRating(cmd *cobra.Command, name, folder string, overwrite bool) error {
	read, problems, err := readRating(name)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(cmd.OutOrStdout(), p)
		}
		return &exitError{1, fmt.Sprintf("%d处错误，没有写文件。", len(problems))}
	}
	files := read.Files(filepath.Base(name))
	var names []string
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		there, err := os.ReadFile(filepath.Join(folder, n))
		if err == nil && !overwrite && !bytes.Equal(there, files[n]) {
			return &exitError{1, fmt.Sprintf("%s 已经有了，内容不同，没有写。要覆盖请加 --overwrite。", filepath.Join(folder, n))}
		}
	}
	wrong, err := checkWith(folder, files)
	if err != nil {
		return &exitError{1, "错误：" + err.Error()}
	}
	if len(wrong) > 0 {
		for _, p := range wrong {
			fmt.Fprintln(cmd.OutOrStdout(), p.String())
		}
		return &exitError{1, fmt.Sprintf("生成的文件有%d处错误，没有写。", len(wrong))}
	}
	if err := writeAll(folder, names, files); err != nil {
		return err
	}
	for _, n := range names {
		fmt.Fprintf(cmd.OutOrStdout(), "写入：%s\n", filepath.Join(folder, n))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s，示例全部验算无误。\n", read.Count())
	return nil
}

func readRating(name string) (*rating.Rating, []rating.Problem, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, &exitError{1, fmt.Sprintf("错误：打不开 %s：没有这个文件，或没有读取的权限", name)}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	return rating.Read(f, info.Size())
}

// checkWith finds the errors in files that are to be written into a folder, beside everything that the folder builds on.
func checkWith(folder string, files map[string][]byte) ([]policy.Problem, error) {
	root, err := rootOf(folder)
	if err != nil {
		return nil, err
	}
	t, err := readTree(root)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil {
		return nil, err
	}
	rel = filepath.ToSlash(rel)
	var read []bundle
	for place, b := range t.chains {
		if place != "" && b.reads(rel) {
			read = append(read, b)
		}
	}
	if len(read) == 0 { // the folder is in no chain
		read = append(read, t.chains[""])
	}
	var found []policy.Problem
	for _, b := range read {
		list := slices.DeleteFunc(slices.Clone(b.files), func(f policy.File) bool {
			return path.Dir(f.Path) == rel && files[path.Base(f.Path)] != nil
		})
		for name, data := range files {
			list = append(list, policy.File{Path: path.Join(rel, name), Data: data})
		}
		_, problems := policy.Check(list)
		for _, p := range problems {
			if p.Severity == policy.SeverityError {
				p.File = t.pathOf(p.File)
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b policy.Problem) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(found), nil
}

// reads says whether a place reads the files of a folder.
func (b bundle) reads(folder string) bool {
	return b.own == folder || slices.ContainsFunc(b.files, func(f policy.File) bool { return path.Dir(f.Path) == folder })
}

// writeAll writes all files or none: each whole beside its place first, then all into their places.
func writeAll(folder string, names []string, files map[string][]byte) (err error) {
	var ready []string
	defer func() {
		for _, n := range ready {
			os.Remove(n)
		}
	}()
	for _, n := range names {
		part := filepath.Join(folder, "."+n+".new")
		if _, err := writeWhole(part, 0o644, func(w io.Writer) error { _, err := w.Write(files[n]); return err }); err != nil {
			return err
		}
		ready = append(ready, part)
	}
	for i, n := range names {
		if err := os.Rename(ready[i], filepath.Join(folder, n)); err != nil {
			return err
		}
	}
	return nil
}
