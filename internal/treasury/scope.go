package treasury

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
)

// readers are who reads the books of what their grants cover.
var readers = []account.Role{account.RoleFinance, account.RoleLeader, account.RoleAuditor}

// place names the columns that say whose a row is. A row without a department (an account of a party) is anybody's whose town it is; a
// row without a town (a budget) is only theirs who are limited to none. party is empty for what no firm sees.
type place struct{ department, town, party, payee string }

// scope is the SQL condition for the rows that the actor may read who reads the books.
func scope(ctx context.Context, at place) (condition string, args []any) {
	return scopeOf(ctx, at, readers)
}

// scopeOf is the SQL condition for the rows that an actor of some roles, or who speaks for the party, may read.
func scopeOf(ctx context.Context, at place, roles []account.Role) (condition string, args []any) {
	var or []string
	for _, g := range account.ActorFrom(ctx).Grants {
		if g.Role == account.RoleFirm && at.party != "" && g.Party != "" {
			or, args = append(or, at.party+" = ?"), append(args, g.Party)
			if at.payee != "" {
				or, args = append(or, at.payee+" = ?"), append(args, g.Party)
			}
			continue
		}
		if !slices.Contains(roles, g.Role) || g.Town != "" && at.town == "" {
			continue
		}
		var and []string
		if g.Department != "" && at.department != "" {
			and, args = append(and, at.department+" = ?"), append(args, g.Department)
		}
		if g.Town != "" {
			and, args = append(and, at.town+" = ?"), append(args, g.Town)
		}
		if len(and) == 0 {
			return "1 = 1", nil
		}
		or = append(or, "("+strings.Join(and, " AND ")+")")
	}
	if len(or) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}

// mayRead is Forbidden for whoever reads none of the books, so that a page says why it is empty.
func mayRead(ctx context.Context) error {
	a := account.ActorFrom(ctx)
	if !slices.ContainsFunc(readers, a.Is) {
		return fault.New(fault.Forbidden, "只有财政、领导和审计人员可以查看资金账")
	}
	return nil
}

// covers says whether one grant of finance has a department and a town in its scope; an empty one stands for all of them.
func covers(ctx context.Context, department, town string) bool {
	return slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return g.Role == account.RoleFinance && (g.Department == "" || g.Department == department) && (g.Town == "" || g.Town == town)
	})
}

// mustCover is Forbidden for anybody but finance of that scope.
func mustCover(ctx context.Context, department, town string) error {
	if !covers(ctx, department, town) {
		return fault.New(fault.Forbidden, "只有财政人员可以办理，且要在自己的部门和镇街范围内")
	}
	return nil
}

// financeOf says whether the actor is finance of a town, whatever the department: of accounts.
func financeOf(ctx context.Context, town string) bool {
	return slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return g.Role == account.RoleFinance && (g.Town == "" || g.Town == town)
	})
}

// own are the parties that the actor speaks for.
func own(ctx context.Context) []string { return account.ActorFrom(ctx).Parties() }

// interested is Forbidden: nobody handles a payment to a party they speak for.
func interested() error {
	return fault.New(fault.Forbidden, "其中有您所代表的企业，不能经办给它的款项，请由他人办理")
}

// in makes a list an argument of IN (?).
func in[T any](list []T) any { return bun.List(list) }
