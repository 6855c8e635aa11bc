package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

func newAdministrator() *cobra.Command {
	var o struct {
		store, tenant, login, person, reason string
	}
	cmd := &cobra.Command{
		Use:   "administrator --tenant ID --login 登录名",
		Short: "Give a tenant an administrator when those it has cannot act 管理员都办不了时，开通或恢复一名管理员",
		Long: `Give a tenant one more administrator, or one of those it has a new password.

At the desk an administrator's rights are given by two administrators, and no administrator resets another's password: else one person could
act as two. When there are no two any more who can act (one has left, one has forgotten the password), whoever runs the installation does it
here. An account of that login gets the role, is put to use again and gets a new password; without one it is made. The audit log says that
the installation did it, and why.

给一个县（市、区）开通一名管理员，或者给原有的一名管理员恢复使用、重置密码。
工作台上授权要两名管理员，管理员之间也不能互相重置密码：否则一个人就能办两个人的事。凑不齐两名管理员时，由系统运维人员在这里办，审计记录写明是系统办的和理由。

The password is generated, printed once, and has to be changed at the first sign-in.`,
		Example: `  shanglin administrator --tenant mycounty --login zhang --name 张三 --reason 原管理员离职
  shanglin administrator --tenant mycounty --login zhang --reason 忘记密码`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.tenant == "" || o.login == "":
				return &exitError{2, "请写明 --tenant 编号 和 --login 登录名。"}
			case strings.TrimSpace(o.reason) == "":
				return &exitError{2, "请用 --reason 写明理由：它记入审计记录。"}
			}
			ctx := cmd.Context()
			inst, err := openStore(ctx, o.store, false)
			if err != nil {
				return err
			}
			defer inst.Close()
			db, err := inst.Tenant(ctx, o.tenant)
			if err != nil {
				return err
			}
			ctx = account.System(store.In(ctx, db))
			accounts := account.NewService(inst)
			admin := account.Grant{Role: account.RoleAdministrator}
			id, err := accounts.IDOf(ctx, o.login)
			password, done := "", "已恢复"
			switch {
			case fault.CodeOf(err) == fault.NotFound:
				person := o.person
				if person == "" {
					person = "管理员"
				}
				done = "已开通"
				_, password, err = accounts.Create(ctx, o.tenant, account.New{Login: o.login, Name: person, Grants: []account.Grant{admin}, Reason: o.reason})
			case err == nil:
				var a account.Account
				if a, err = accounts.Get(ctx, id); err != nil {
					return err
				}
				grants, in := append(a.Grants, admin), false
				c := account.Change{Grants: &grants, Disabled: &in, Reason: o.reason}
				if o.person != "" {
					c.Name = &o.person
				}
				if _, err = accounts.Update(ctx, id, c); err != nil {
					return err
				}
				password, err = accounts.ResetPassword(ctx, o.tenant, id)
			}
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s管理员：%s\n新密码（只显示这一次，首次登录后请修改）：%s\n", done, o.login, password)
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "which tenant 编号")
	f.StringVar(&o.login, "login", "", "login of the administrator 登录名")
	f.StringVar(&o.person, "name", "", "name of the administrator 姓名")
	f.StringVar(&o.reason, "reason", "", "why; kept in the audit log 理由")
	return cmd
}
