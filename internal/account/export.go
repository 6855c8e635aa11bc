package account

import (
	"context"
	"io"
	"strings"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
)

// roleWords are what people call the roles.
var roleWords = map[Role]string{RoleFirm: "企业", RoleOfficer: "经办人员", RoleLeader: "分管领导", RoleFinance: "财政", RoleAdministrator: "系统管理员", RoleAuditor: "审计人员", RoleExpert: "评审专家"}

// String is a grant as people read it: 经办人员（市经信局，全部镇街）.
func (g Grant) String() string {
	orAll := func(name, all string) string {
		if name == "" {
			return all
		}
		return name
	}
	switch g.Role {
	case RoleOfficer, RoleLeader, RoleFinance:
		return roleWords[g.Role] + "（" + orAll(g.Department, "全部部门") + "，" + orAll(g.Town, "全部镇街") + "）"
	case RoleAuditor:
		return roleWords[g.Role] + "（" + orAll(g.Town, "全部镇街") + "）"
	case RoleFirm:
		return roleWords[g.Role] + "（主体编号 " + g.Party + "）"
	}
	return roleWords[g.Role]
}

// Export writes the list of accounts as a workbook. Errors as List.
func (s *Service) Export(ctx context.Context, f Filter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "账号与权限", Columns: []spreadsheet.Column{{Heading: "登录名", Width: 20}, {Heading: "姓名或单位", Width: 30},
		{Heading: "角色和范围", Width: 50}, {Heading: "状态", Width: 10}, {Heading: "开通时间", Width: 18}},
		Rows: func(emit spreadsheet.Emit) error {
			return s.Each(ctx, f, func(a Account) error {
				roles := make([]string, len(a.Grants))
				for i, g := range a.Grants {
					roles[i] = g.String()
				}
				state := "正常"
				if a.Disabled {
					state = "已停用"
				}
				return emit(a.Login, a.Name, strings.Join(roles, "\n"), state, clock.Shown(a.CreatedAt))
			})
		}})
}
