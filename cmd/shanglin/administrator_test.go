package main

import (
	"slices"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// Whoever runs the installation gives a county an administrator when there are no two who can act: a new one, or one who is there, disabled
// and without the password; with the reason in the log.
//
// Mutations, each tried: leave Disabled out of the change; reset no password; leave the reason out → red.
func TestAnAdministratorIsGiven(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Setenv(storeVariable, storetest.URL(t, kind))
			shanglin(t, "given password 7\n", "init", "--tenant", "east", "--name", "东县", "--login", "boss", "--password-stdin").expect(t, 0, nil, nil)
			shanglin(t, "", "administrator", "--tenant", "east", "--login", "zhang").expect(t, 2, []string{"--reason"}, []string{"密码"})
			shanglin(t, "", "administrator", "--tenant", "east", "--reason", "离职").expect(t, 2, []string{"--login"}, nil)
			shanglin(t, "", "administrator", "--tenant", "west", "--login", "zhang", "--reason", "离职").expect(t, 1, nil, []string{"密码"})
			shanglin(t, "", "administrator", "--tenant", "east", "--login", "zhang", "--name", "张三", "--reason", "原管理员离职").expect(t, 0, []string{"已开通管理员：zhang", "新密码"}, nil)

			inst, err := openStore(t.Context(), "", false)
			if err != nil {
				t.Fatal(err)
			}
			defer inst.Close()
			db, err := inst.Tenant(t.Context(), "east")
			if err != nil {
				t.Fatal(err)
			}
			ctx := account.System(store.In(t.Context(), db))
			s := account.NewService(inst)
			boss, err := s.IDOf(ctx, "boss")
			if err != nil {
				t.Fatal(err)
			}
			none, off := []account.Grant{}, true
			if _, err := s.Update(ctx, boss, account.Change{Grants: &none, Disabled: &off}); err != nil {
				t.Fatal(err)
			}
			shanglin(t, "", "administrator", "--tenant", "east", "--login", "boss", "--reason", "回来了").expect(t, 0, []string{"已恢复管理员：boss", "新密码"}, nil)
			a, err := s.Get(ctx, boss)
			if err != nil || a.Disabled || len(a.Grants) != 1 || a.Grants[0].Role != account.RoleAdministrator {
				t.Errorf("%+v, %v", a, err)
			}
			if _, err := s.SignIn(ctx, "east", "boss", "given password 7", "10.0.0.1", ""); err == nil {
				t.Error("the old password still opens")
			}
			versions, _, err := s.Authorizations(ctx, account.AuthorizationFilter{Account: boss, Page: 1, Per: 9})
			third := slices.IndexFunc(versions, func(v account.Authorization) bool { return v.Number == 3 })
			if err != nil || len(versions) != 3 || versions[third].Reason != "回来了" || versions[third].Usage != "opened" || !versions[third].System {
				t.Errorf("%+v, %v", versions, err)
			}
		})
	}
}
