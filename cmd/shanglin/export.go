package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/schemes"
)

func newExport() *cobra.Command {
	var o struct {
		store, tenant, out string
		overwrite          bool
	}
	cmd := &cobra.Command{
		Use:   "export --tenant ID --out DIR",
		Short: "Write a tenant's published scheme files into a folder 导出已发布的政策文件",
		Long: `Write the scheme files that a tenant has published, byte for byte, into DIR/LEVEL/NAME.yaml, so that they can be read, changed, checked and
published again. A chain.json that names the levels is written beside them where there is none, so that shanglin check works on DIR.

A file that is there and differs is not overwritten: nothing at all is written then, and every such file is named. --overwrite replaces them.
Files in DIR that the tenant has not published are named and left alone.

把一个县（市、区）已发布的政策文件原样写到文件夹里，可以查看、修改、检查，再用 publish 发布。
文件夹里已有而内容不同的文件不会被覆盖：列出来，一份也不写；确要覆盖请加 --overwrite。

Exit status: 0 everything stands in DIR as it is published, 1 it does not, 2 wrong use.`,
		Example: `  shanglin export --tenant mycounty --out policies
  shanglin check policies`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.tenant == "" || o.out == "" {
				return &exitError{2, "请写明 --tenant 编号 和 --out 文件夹。"}
			}
			ctx, inst, err := openTenant(cmd.Context(), o.store, o.tenant, false)
			if err != nil {
				return err
			}
			defer inst.Close()
			ctx = account.System(ctx)
			files, err := schemes.Export(ctx)
			if err != nil {
				return err
			}
			if len(files) == 0 {
				return fault.New(fault.NotFound, "还没有发布过政策文件。")
			}
			tree := map[string][]byte{}
			for _, f := range files {
				tree[f.Path] = f.Data
			}
			manifest := filepath.Join(o.out, schemes.ManifestName)
			if _, err := os.Lstat(manifest); errors.Is(err, fs.ErrNotExist) {
				if tree[schemes.ManifestName], err = schemes.ReadManifest(ctx); err != nil {
					return err
				}
			}
			return writeTree(cmd.OutOrStdout(), o.out, tree, o.overwrite)
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "the tenant 编号")
	f.StringVar(&o.out, "out", "", "the folder to write into; it is made if there is none 写到哪个文件夹")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace files that differ 覆盖内容不同的文件")
	return cmd
}

// writeTree makes the folder hold the files, all or none, and says what it did.
func writeTree(out io.Writer, folder string, tree map[string][]byte, overwrite bool) error {
	var missing, differ, same []string
	for name, data := range tree {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("not a path inside of a folder: %s", name)
		}
		there, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, name)
		case err != nil:
			return fmt.Errorf("打不开 %s：不是文件，或没有读取的权限", filepath.Join(folder, name))
		case bytes.Equal(there, data):
			same = append(same, name)
		default:
			differ = append(differ, name)
		}
	}
	for _, list := range [][]string{missing, differ, same} {
		slices.Sort(list)
	}
	if len(differ) > 0 && !overwrite {
		for _, name := range differ {
			fmt.Fprintf(out, "内容不同：%s\n", filepath.Join(folder, name))
		}
		return &exitError{1, fmt.Sprintf("%d个文件与已发布的不同，一份也没有写。要覆盖请加 --overwrite，或换一个文件夹。", len(differ))}
	}
	for _, change := range []struct {
		word  string
		names []string
	}{{"写入", missing}, {"覆盖", differ}} {
		for _, name := range change.names {
			full := filepath.Join(folder, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				return err
			}
			if _, err := writeWhole(full, ownerOnly, func(w io.Writer) error { _, err := w.Write(tree[name]); return err }); err != nil {
				return err
			}
			if err := os.Chmod(full, 0o644); err != nil { // what is published is no secret
				return err
			}
			fmt.Fprintf(out, "%s：%s\n", change.word, full)
		}
	}
	others, err := strangers(folder, tree)
	if err != nil {
		return err
	}
	for _, name := range others {
		fmt.Fprintf(out, "不在已发布的文件中，没有动：%s\n", filepath.Join(folder, name))
	}
	fmt.Fprintf(out, "写入%d个，覆盖%d个，原已一致%d个。\n", len(missing), len(differ), len(same))
	return nil
}

// strangers are the scheme files below a folder that the tree does not hold.
func strangers(folder string, tree map[string][]byte) ([]string, error) {
	found, err := schemeFilesBelow(folder)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range found {
		rel, err := filepath.Rel(folder, name)
		if err != nil {
			return nil, err
		}
		if _, ours := tree[filepath.ToSlash(rel)]; !ours {
			out = append(out, rel)
		}
	}
	return out, nil
}

// schemeFilesBelow lists the scheme files below a folder, or the file itself.
func schemeFilesBelow(name string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(name, func(at string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("打不开 %s：没有这个文件或目录，或没有读取的权限", at)
		case e.IsDir() && at != name && strings.HasPrefix(e.Name(), "."):
			return filepath.SkipDir
		case !e.IsDir() && (at == name || strings.HasSuffix(e.Name(), ".yaml")):
			out = append(out, at)
		}
		return nil
	})
	return out, err
}
