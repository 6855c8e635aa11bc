package account

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// The list of accounts as a workbook: under its filters, for administrators only, and without anything that opens an account.
//
// Mutations: leave mustAdminister out of Each; end Each after its first page → red.
func TestExport(t *testing.T) {
	forEach(t, func(b *bench) {
		b.create("east", "admin", Grant{Role: RoleAdministrator})
		b.create("east", "li.lei", Grant{Role: RoleOfficer, Department: "市经信局"}, Grant{Role: RoleAuditor, Town: "甲镇"})
		b.create("east", "firm", Grant{Role: RoleFirm, Party: "p1"}, Grant{Role: RoleFirm, Party: "p2"})
		b.create("west", "other", Grant{Role: RoleOfficer})
		ctx := System(b.in("east"))
		export := func(f Filter) [][]string {
			b.t.Helper()
			var w bytes.Buffer
			if err := b.s.Export(ctx, f, &w); err != nil {
				b.t.Fatal(err)
			}
			book, err := excelize.OpenReader(&w)
			if err != nil {
				b.t.Fatal(err)
			}
			defer book.Close()
			rows, err := book.GetRows("账号与权限")
			if err != nil {
				b.t.Fatal(err)
			}
			return rows[1:]
		}
		all := export(Filter{})
		if len(all) != 3 || all[0][0] != "admin" || !slices.Equal(all[2], []string{"li.lei", "某人", "审计人员（甲镇）\n经办人员（市经信局，全部镇街）", "正常", "2026-11-23 09:00"}) ||
			all[1][2] != "企业（主体编号 p1）\n企业（主体编号 p2）" {
			b.t.Errorf("%q", all)
		}
		if firms := export(Filter{Role: RoleFirm}); len(firms) != 1 || firms[0][0] != "firm" {
			b.t.Errorf("firms: %q", firms)
		}
		if found := export(Filter{Text: "LI."}); len(found) != 1 || found[0][0] != "li.lei" {
			b.t.Errorf("by text: %q", found)
		}
		for _, role := range []Role{RoleOfficer, RoleAuditor, RoleFirm} {
			var w bytes.Buffer
			b.expect(string(role)+" exports", b.s.Export(WithActor(b.in("east"), &Actor{AccountID: "x", Grants: []Grant{{Role: role, Party: "p1"}}}), Filter{}, &w), fault.Forbidden)
			if w.Len() > 0 {
				b.t.Errorf("%s is given %d bytes", role, w.Len())
			}
		}
		b.expect("the public exports", b.s.Export(b.in("east"), Filter{}, io.Discard), fault.Forbidden)
		if err := store.Write(ctx, func(ctx context.Context) error {
			for i := range 500 {
				if err := insert(ctx, Account{ID: store.NewID(), Login: fmt.Sprintf("many%03d", i), Name: "某人", CreatedAt: "x"}, "x"); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.t.Fatal(err)
		}
		if many := export(Filter{}); len(many) != 503 || many[502][0] != "many499" {
			b.t.Errorf("%d accounts", len(many))
		}
	})
}
