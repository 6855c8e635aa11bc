package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"shanglin/internal/platform/store"
	"shanglin/internal/server"
)

func newBackup() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write everything into one file, while the server runs 备份",
		Long: `Write the control database and every tenant into one file; - writes to standard output. The server may run meanwhile.
The file holds personal data and password hashes: keep it as you keep the data. It appears under its name only when it is complete.

把全部数据写入一个文件；服务可以照常运行。文件含个人信息，请妥善保管。`,
		Example: `  shanglin backup /backups/$(date +%F).shanglin
  shanglin backup - | age -r KEY > backup.age`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			inst, err := openStore(cmd.Context(), url, false)
			if err != nil {
				return err
			}
			defer inst.Close()
			if names[0] == standardInput {
				return inst.Backup(cmd.Context(), cmd.OutOrStdout())
			}
			size, err := writeWhole(names[0], ownerOnly, func(w io.Writer) error { return inst.Backup(cmd.Context(), w) })
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "已备份到 %s（%.1f MB）。\n", names[0], float64(size)/1e6)
			return nil
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

// ownerOnly are the permissions of a file that holds what is not for everybody.
const ownerOnly fs.FileMode = 0o600

// writeWhole writes a file, which appears under its name when it is complete.
func writeWhole(name string, mode fs.FileMode, fill func(io.Writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := fill(f); err != nil {
		return 0, err
	}
	if err := f.Chmod(mode); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if err := f.Close(); err != nil {
		return 0, err
	}
	return info.Size(), os.Rename(f.Name(), name)
}

func newRestore() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a new store from a backup 恢复",
		Long: `Make a store from a backup; - reads standard input. The store must be empty, so that nothing is ever overwritten.
A backup of one kind of database can be restored into the other.

从备份恢复到一个空的数据位置；不会覆盖已有数据。`,
		Example: `  shanglin restore --store sqlite:./restored /backups/2026-11-23.shanglin`,
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			in := cmd.InOrStdin()
			if names[0] != standardInput {
				f, err := os.Open(names[0])
				if err != nil {
					return fmt.Errorf("打不开备份文件：没有这个文件，或没有读取的权限")
				}
				defer f.Close()
				in = f
			}
			if err := store.Restore(cmd.Context(), storeURL(url), in); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "已恢复。请运行 shanglin audit verify 核对记录。")
			return nil
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

func newMigrate() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the tables of every tenant up to this program 升级数据表",
		Long: `Bring the tables of the control database and of every tenant up to this program. serve does it too; run it before, where several servers share a store.

把全部县（市、区）的数据表升级到本程序的版本。多台服务器共用数据时，请先单独运行。`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			inst, err := openStore(cmd.Context(), url, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			tenants, err := inst.Tenants(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "数据表已是最新：控制库和%d个县（市、区）。\n", len(tenants))
			return nil
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

func newOpenAPI() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi",
		Short: "Print the description of the API (OpenAPI 3.1) 接口说明",
		Long: `Print the OpenAPI 3.1 description of the API, made from the Go types. api/openapi.json is this, and a test says when it is stale.

输出接口说明。`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := server.OpenAPI()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(out)
			return err
		},
	}
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Which program this is 版本",
		Long: `Print the commit that this program was built from and the Go version.

显示本程序构建自哪个版本。`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			revision, modified, built := "unknown", "", "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				built = info.GoVersion
				for _, s := range info.Settings {
					switch {
					case s.Key == "vcs.revision":
						revision = s.Value
					case s.Key == "vcs.modified" && s.Value == "true":
						modified = " (modified)"
					}
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "shanglin %s%s, %s\n", revision, modified, built)
			return nil
		},
	}
}
