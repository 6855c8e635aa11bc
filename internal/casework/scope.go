package casework

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/process"
)

// caseScope is the SQL condition, with its arguments, for the cases that the actor may see; alias names cases. A draft is its applicant's
// alone: nobody else sees a case that has no number.
func caseScope(ctx context.Context, alias string) (string, []any) {
	a := account.ActorFrom(ctx)
	var or []string
	var args []any
	var own []string
	for _, g := range a.Grants {
		switch g.Role {
		case account.RoleFirm:
			if g.Party != "" {
				own = append(own, g.Party)
			}
		case account.RoleOfficer, account.RoleLeader, account.RoleAuditor, account.RoleFinance:
			and := []string{alias + `.number <> ''`}
			if g.Town != "" {
				and, args = append(and, alias+`.town = ?`), append(args, g.Town)
			}
			// Finance pays for every department; whoever else belongs to one sees its cases and those that it was asked about.
			if g.Department != "" && g.Role != account.RoleFinance {
				asked, more := process.Asked(alias+`.id`, flowCase, g.Department)
				and, args = append(and, `(`+alias+`.department = ? OR `+asked+`)`), append(append(args, g.Department), more...)
			}
			or = append(or, `(`+strings.Join(and, ` AND `)+`)`)
		}
	}
	if len(own) > 0 {
		or, args = append(or, alias+`.party IN (?)`), append(args, bun.List(own))
	}
	if len(or) == 0 {
		return `1 = 0`, nil
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

// roundScope is the SQL condition for the rounds that the actor may see: everybody what was published, those who work at the desk also
// what is being prepared.
func roundScope(ctx context.Context, alias string) string {
	if account.ActorFrom(ctx).Reader() {
		return `1 = 1`
	}
	return alias + `.open = 1`
}
