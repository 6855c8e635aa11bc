package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"shanglin/policy"
)

func newDiff() *cobra.Command {
	var o struct {
		schemes, place string
		json           bool
	}
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "What changed between two policies, a sentence each 两份政策有什么不同，逐条说明",
		Long: `Say what one set of policy files says otherwise than another, scheme by scheme, a sentence (in Chinese) for each change, and whether it asks more
or less (更严, 更宽) or gives more or less (更多, 更少) where that is certain. Layout, order of keys, comments and examples are no change; a changed
definition is told at every scheme that it reaches.

OLD and NEW are two files (each one document or process), two folders, or with --schemes the ids of two documents of one folder. Two documents
are compared with each other whatever they are called; of a vocabulary only what it changes in the schemes of two folders is told.

逐个条款说明两份政策有什么不同：门槛、比例、标准、封顶、期间、条件、限额、日期、流程、怎样理解；能确定的，写明是更严还是更宽、给得更多还是更少。

Exit status: 0 nothing changed, 1 something did, 2 files or command line cannot be used.`,
		Example: `  shanglin diff old.yaml new.yaml
  shanglin diff before/ after/
  shanglin diff --schemes schemes county2024 county2025`,
		Args: args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, names []string) error {
			var before, after *policy.Library
			var err error
			if o.schemes != "" {
				before, after, err = documentsOf(o.schemes, o.place, names)
			} else {
				if before, err = librarySide(names[0], names[1], o.place); err == nil {
					after, err = librarySide(names[1], names[0], o.place)
				}
			}
			if err != nil {
				return &exitError{2, "错误：" + err.Error()}
			}
			changes := policy.Diff(before, after)
			if o.json {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				if changes == nil {
					changes = []policy.Difference{}
				}
				if err := e.Encode(changes); err != nil {
					return &exitError{2, "错误：写不出来。"}
				}
			} else {
				printDifferences(cmd.OutOrStdout(), changes, "")
			}
			if len(changes) == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "没有不同。")
				return nil
			}
			return &exitError{1, fmt.Sprintf("共%d处不同。", len(changes))}
		},
	}
	cmd.Flags().StringVar(&o.schemes, "schemes", "", "folder in which OLD and NEW are ids of documents OLD 和 NEW 是这个目录里的文件短名")
	cmd.Flags().StringVar(&o.place, "place", "", "place of chain.json 地区")
	cmd.Flags().BoolVar(&o.json, "json", false, "as JSON 以 JSON 输出")
	return cmd
}

// printDifferences writes a sentence for each change, below the scheme that it is about.
func printDifferences(w io.Writer, changes []policy.Difference, indent string) {
	last := ""
	for _, c := range changes {
		if c.ID != last {
			fmt.Fprintf(w, "%s%s %s\n", indent, c.ID, c.Title)
			last = c.ID
		}
		way := ""
		if c.Way != "" {
			way = "【" + c.Way + "】"
		}
		fmt.Fprintf(w, "%s  %s%s\n", indent, way, c.Text)
	}
}

// sound loads files; their first error is the error.
func sound(files []policy.File) (*policy.Library, error) {
	library, problems := policy.Load(files)
	for _, p := range problems {
		if p.Severity == policy.SeverityError {
			return nil, fmt.Errorf("政策文件有错误，不能比较：%s", p.String())
		}
	}
	return library, nil
}

// documentsOf are one library of a folder seen as two: all but what is compared is left out of both.
func documentsOf(folder, place string, ids []string) (before, after *policy.Library, err error) {
	files, err := schemeFiles(folder, place)
	if err != nil {
		return nil, nil, err
	}
	library, err := sound(files)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if library.Document(id) == nil {
			return nil, nil, fmt.Errorf("没有名为“%s”的文件", id)
		}
	}
	return library.Only(ids[0]), library.Only(ids[1]), nil
}

// librarySide is one side of a comparison. Of a file, what it builds on is read from the folder that it or the other side lies in.
func librarySide(name, other, place string) (*policy.Library, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("打不开 %s：没有这个文件或目录，或没有读取的权限", name)
	}
	if info.IsDir() {
		files, err := schemeFiles(name, place)
		if err != nil {
			return nil, err
		}
		return sound(files)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("打不开 %s：没有读取的权限", name)
	}
	var roots []string
	for _, home := range []string{name, other} {
		root, err := rootOf(home)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(filepath.Join(root, chainFile)); err == nil { // a folder that says what builds on what comes first
			roots = slices.Insert(roots, 0, root)
		} else {
			roots = append(roots, root)
		}
	}
	var first error
	for _, root := range roots {
		t, err := readTree(root)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		key := policyID.FindString(string(data))
		for _, chain := range sortedNames(t.chains) {
			// It stands in the folder of the one whose place it takes, else in that of the chain: what a document may change of another depends on that.
			f := policy.File{Path: path.Join(t.chains[chain].own, filepath.Base(name)), Data: data}
			files := slices.DeleteFunc(slices.Clone(t.chains[chain].files), func(old policy.File) bool {
				same := sameFile(filepath.Join(root, filepath.FromSlash(old.Path)), name) || key != "" && policyID.FindString(string(old.Data)) == key
				if same {
					f.Path = path.Join(path.Dir(old.Path), path.Base(f.Path))
				}
				return same
			})
			for slices.ContainsFunc(files, func(old policy.File) bool { return old.Path == f.Path }) {
				f.Path = path.Join(path.Dir(f.Path), "_"+path.Base(f.Path))
			}
			library, err := sound(append(files, f))
			if err == nil {
				return alone(library, f.Path)
			}
			if first == nil {
				first = err
			}
		}
	}
	return nil, first
}

// alone is the document or process of a file without all others.
func alone(library *policy.Library, path string) (*policy.Library, error) {
	for _, d := range library.Documents() {
		if d.Path == path {
			return library.Only(d.ID), nil
		}
	}
	for _, p := range library.Processes() {
		if p.Path == path {
			return library.Only(p.ID), nil
		}
	}
	return nil, fmt.Errorf("%s 不是政策文件或办理流程；词汇表的改动请比较两个目录", path)
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
