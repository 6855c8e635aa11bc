package account

import (
	"context"
	"strings"

	"shanglin/internal/platform/store"
)

// HoldersOf lists the accounts of the tenant in ctx, by id, that are not disabled and hold the role with a department and a town in the
// scope of one and the same grant. An empty scope of a grant is all; an empty department or town asks for none in particular.
// It says who may act, not who is told: it asks nobody's permission and is for other rooms, not for pages.
func HoldersOf(ctx context.Context, role Role, department, town string) ([]string, error) {
	conditions, args := []string{`g.role = ?`, `g.party = ''`}, []any{role}
	if department != "" {
		conditions, args = append(conditions, `g.department IN ('', ?)`), append(args, department)
	}
	if town != "" {
		conditions, args = append(conditions, `g.town IN ('', ?)`), append(args, town)
	}
	return accountsWith(ctx, strings.Join(conditions, " AND "), args)
}

// SpeakersOf lists the accounts of the tenant in ctx, by id, that are not disabled and speak for a party. For other rooms, as HoldersOf.
func SpeakersOf(ctx context.Context, party string) ([]string, error) {
	return accountsWith(ctx, `g.party = ? AND g.party <> ''`, []any{party})
}

// accountsWith lists the accounts, not disabled, that have a grant for which the condition holds.
func accountsWith(ctx context.Context, condition string, args []any) (ids []string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		ids = []string{}
		return store.Tx(ctx).NewRaw(`SELECT DISTINCT a.id FROM grants AS g JOIN accounts AS a ON a.id = g.account
			WHERE a.disabled = 0 AND `+condition+` ORDER BY a.id`, args...).Scan(ctx, &ids)
	})
	return ids, err
}
