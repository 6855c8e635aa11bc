package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
	"shanglin/internal/server"
)

// maxPassword is as much as is read of a password on standard input.
const maxPassword = 1 << 10

func newInit() *cobra.Command {
	var o struct {
		store, tenant, name, place, under, schemes, login, person string
		passwordStdin                                             bool
	}
	cmd := &cobra.Command{
		Use:   "init --tenant ID --name 名称",
		Short: "Make a tenant and its first administrator 新建县（市、区）和首名管理员",
		Long: `Make a tenant (a county, or the city itself) with its tables, its policy levels and its first administrator.
The store is made too if there is none. Interrupted, run it again.

Policy files lie in levels, one folder each; a tenant reads those above it and publishes its own:
  --under PLACE   the files of PLACE, and below them an empty level of the tenant's own, for the files that it will publish
  --place PLACE   the tenant is PLACE itself: it takes the files of PLACE too
  neither         one empty level of its own; vocabulary, processes and policy are published later, by two administrators or with publish
PLACE is an entry of chain.json: of the files that come with the program (folder schemes of the source), or of your own folder (--schemes).

新建一个县（市、区）：建库、登记政策层级、开设首名管理员账号。
--under 装入该地区的政策文件，并在其下为本地留一个空的层级；--place 表示本地就是该地区，连它的文件一并装入；都不写的，只有本地一个空的层级。

The administrator's password is read from standard input with --password-stdin; else one is generated, printed once,
and has to be changed at the first sign-in. Roles are given and policy is published by two administrators: the first opens an account for the second.`,
		Example: `  shanglin init --tenant mycounty --name 某某县 --under PLACE
  shanglin init --tenant mycounty --name 某某县
  pass show shanglin | shanglin init --tenant mycounty --name 某某县 --password-stdin`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.tenant == "" || o.name == "" {
				return &exitError{2, "请写明 --tenant 编号 和 --name 名称。"}
			}
			if slices.Contains(server.ReservedNames, o.tenant) {
				return &exitError{2, "这个编号已作他用，请另取一个。"}
			}
			if o.place != "" && o.under != "" {
				return &exitError{2, "--place（就是该地区）和 --under（在该地区之下）只能写一样。"}
			}
			files, err := seedFiles(o.schemes)
			if err != nil {
				return &exitError{2, "错误：" + err.Error()}
			}
			if place := o.place + o.under; place != "" { // before anything is made
				if _, err := schemes.ReadChain(files, place); err != nil {
					return err
				}
			}
			password := ""
			if o.passwordStdin {
				text, err := readLimited(cmd.InOrStdin(), maxPassword)
				if err != nil {
					return &exitError{2, "没有读到密码，或密码过长。"}
				}
				if password = strings.TrimRight(string(text), "\r\n"); password == "" {
					return &exitError{2, "没有读到密码。"}
				}
			}
			ctx := cmd.Context()
			inst, err := openStore(ctx, o.store, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			levels := func(ctx context.Context) error {
				var err error
				if o.place != "" {
					_, err = schemes.Seed(ctx, files, o.place)
				} else {
					_, err = schemes.SeedUnder(ctx, files, o.under, schemes.Level{Folder: o.tenant, Label: o.name})
				}
				return err
			}
			generated, err := initTenant(ctx, inst, store.Tenant{ID: o.tenant, Name: o.name}, levels, account.New{
				Login: o.login, Name: o.person, Password: password, Grants: []account.Grant{{Role: account.RoleAdministrator}},
			})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "已建立：%s（%s）\n管理员登录名：%s\n", o.name, o.tenant, o.login)
			if generated != "" {
				fmt.Fprintf(out, "初始密码（只显示这一次，首次登录后请修改）：%s\n", generated)
			}
			fmt.Fprintf(out, "现在可以运行 shanglin serve。授权和发布政策文件都须两名管理员：请登录后先在“账号与权限”给另一人开通管理员账号。\n")
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "short name in addresses 编号: small letters, digits, hyphens")
	f.StringVar(&o.name, "name", "", "what people call it 名称")
	f.StringVar(&o.place, "place", "", "which place the tenant is, whose policy files it takes 本地就是哪里")
	f.StringVar(&o.under, "under", "", "which place the tenant lies under, whose policy files it inherits 上级是哪里")
	f.StringVar(&o.schemes, "schemes", "", "folder with chain.json 政策文件目录 (default those that come with the program)")
	f.StringVar(&o.login, "login", "admin", "login of the administrator 登录名")
	f.StringVar(&o.person, "admin-name", "管理员", "name of the administrator 姓名")
	f.BoolVar(&o.passwordStdin, "password-stdin", false, "read the administrator's password from standard input")
	return cmd
}

// initTenant makes a tenant, or completes one whose making was interrupted, and returns the password if one was generated.
func initTenant(ctx context.Context, inst *store.Installation, t store.Tenant, levels func(context.Context) error, admin account.New) (string, error) {
	db, err := inst.CreateTenant(ctx, t)
	if fault.CodeOf(err) == fault.Conflict {
		if db, err = inst.Tenant(ctx, t.ID); err == nil {
			if err = vacant(ctx, inst, db); err != nil {
				return "", err
			}
		}
	}
	if err != nil {
		return "", err
	}
	ctx = account.System(store.In(ctx, db))
	if err := levels(ctx); err != nil {
		return "", err
	}
	_, generated, err := account.NewService(inst).Create(ctx, t.ID, admin)
	return generated, err
}

// vacant refuses a tenant that has accounts: it was made before.
func vacant(ctx context.Context, inst *store.Installation, db *store.DB) error {
	_, total, err := account.NewService(inst).List(account.System(store.In(ctx, db)), account.Filter{Page: 1, Per: 1})
	if err != nil {
		return err
	}
	if total > 0 {
		return fault.New(fault.Conflict, "已有这个编号的县（市、区），没有改动。")
	}
	return nil
}

func newSeed() *cobra.Command {
	var o struct{ store, tenant, schemes, place string }
	cmd := &cobra.Command{
		Use:   "seed --tenant ID --place PLACE",
		Short: "Bring scheme files into a tenant, by hash 装入政策文件",
		Long: `Bring a tree of scheme files into a tenant's published schemes. What is unchanged is left alone; a changed file becomes a new version;
a file that was changed in the tenant since the last time is kept and reported. All of it is checked first: with one error nothing changes.

把政策文件装入一个县（市、区）：未变的不动，变了的成为新版本；有一处错误就全部不装入。`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.tenant == "" || o.place == "" {
				return &exitError{2, "请写明 --tenant 和 --place。"}
			}
			ctx, inst, err := openTenant(cmd.Context(), o.store, o.tenant, true)
			if err != nil {
				return err
			}
			defer inst.Close()
			server.NewRooms(inst) // a publication queues the recomputation that its rooms ask for
			files, err := seedFiles(o.schemes)
			if err != nil {
				return err
			}
			p, err := schemes.Seed(ctx, files, o.place)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if p.Unchanged() {
				fmt.Fprintln(out, "政策文件没有变化。")
			}
			for _, change := range []struct {
				word  string
				files []string
			}{{"新增", p.Added}, {"更新", p.Changed}, {"移除", p.Removed}, {"本地已改，保留未动", p.Kept}} {
				for _, name := range change.files {
					fmt.Fprintf(out, "%s：%s\n", change.word, name)
				}
			}
			for _, w := range p.Warnings {
				fmt.Fprintln(cmd.ErrOrStderr(), w.String())
			}
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "the tenant 编号")
	f.StringVar(&o.schemes, "schemes", "", "folder with chain.json 政策文件目录 (default those that come with the program)")
	f.StringVar(&o.place, "place", "", "whose schemes 地区: an entry of chain.json")
	return cmd
}
