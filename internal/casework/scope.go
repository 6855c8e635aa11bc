package casework

import (
	"context"
	"slices"
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

// part is a part of the cases that the actor may see, which one index gives in the order of the list. Parts do not overlap.
type part struct {
	condition string
	args      []any
	many      bool // they are known to be more than a list counts
}

// caseScopes are the parts of what caseScope says, for lists.
func (c *Casework) caseScopes(ctx context.Context) (out []part, err error) {
	a := account.ActorFrom(ctx)
	add := func(many bool, condition string, args ...any) {
		for _, before := range slices.Clone(out) {
			condition, args = condition+` AND NOT (`+before.condition+`)`, append(slices.Clone(args), before.args...)
		}
		out = append(out, part{condition, args, many})
	}
	for _, g := range a.Grants {
		switch g.Role {
		case account.RoleOfficer, account.RoleLeader, account.RoleAuditor, account.RoleFinance:
			town, args := ``, []any(nil)
			if g.Town != "" {
				town, args = ` AND c.town = ?`, []any{g.Town}
			}
			if g.Department == "" || g.Role == account.RoleFinance {
				add(false, `c.number <> ''`+town, args...)
				continue
			}
			add(false, `c.number <> '' AND c.department = ?`+town, append([]any{g.Department}, args...)...)
			// Of others' cases those that it was asked about: one by one if they are few, else whichever come first in the list.
			few, many, err := c.engine.AskedFew(ctx, flowCase, g.Department, mostCounted)
			if err != nil {
				return nil, err
			}
			asked, more := process.Asked(`c.id`, flowCase, g.Department)
			if !many {
				asked, more = `c.id IN (?)`, []any{bun.List(few)}
			}
			if many || len(few) > 0 {
				add(many && g.Town == "", `c.number <> '' AND c.department <> ? AND `+asked+town, append(append([]any{g.Department}, more...), args...)...)
			}
		}
	}
	if own := a.Parties(); len(own) > 0 {
		add(false, `c.party IN (?)`, bun.List(own))
	}
	return out, nil
}

// roundScope is the SQL condition for the rounds that the actor may see: everybody what was published, those who work at the desk also
// what is being prepared.
func roundScope(ctx context.Context, alias string) string {
	if account.ActorFrom(ctx).Reader() {
		return `1 = 1`
	}
	return alias + `.open = 1`
}
