package account

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

// HoldersOf lists the accounts of the tenant in ctx, by id, that are not disabled and hold the role with a department and a town in the
// scope of one and the same grant, or stand in today for one that does. An empty scope of a grant is all; an empty department or town asks for none in particular.
// It says who may act, not who is told: it asks nobody's permission and is for other rooms, not for pages.
func HoldersOf(ctx context.Context, role Role, department, town string) ([]string, error) {
	conditions, args := []string{`g.role = ?`, `g.party = ''`}, []any{role}
	if department != "" {
		conditions, args = append(conditions, `g.department IN ('', ?)`), append(args, department)
	}
	if town != "" {
		conditions, args = append(conditions, `g.town IN ('', ?)`), append(args, town)
	}
	condition := strings.Join(conditions, " AND ")
	ids, err := accountsWith(ctx, condition, args)
	if err != nil || !slices.Contains(delegable, role) {
		return ids, err
	}
	var others []string
	err = store.Read(ctx, func(ctx context.Context) error {
		today := clock.Today(ctx).String()
		return store.Tx(ctx).NewRaw(`SELECT DISTINCT d.stand_in`+delegationAccounts+heldGrants+` WHERE `+inForce+` AND `+condition, append([]any{today, today}, args...)...).Scan(ctx, &others)
	})
	ids = append(ids, others...)
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// SpeakersOf lists the accounts of the tenant in ctx, by id, that are not disabled and speak for a party. For other rooms, as HoldersOf.
func SpeakersOf(ctx context.Context, party string) ([]string, error) {
	return accountsWith(ctx, `g.party = ? AND g.party <> ''`, []any{party})
}

// speakersAtOnce is how many parties are asked of in one statement.
const speakersAtOnce = 200

// SpeakersByParty is SpeakersOf for many parties; one that nobody speaks for is left out.
func SpeakersByParty(ctx context.Context, parties []string) (map[string][]string, error) {
	out := map[string][]string{}
	err := store.Read(ctx, func(ctx context.Context) error {
		for part := range slices.Chunk(parties, speakersAtOnce) {
			var rows []struct {
				Party string `bun:"party"`
				ID    string `bun:"id"`
			}
			if err := store.Tx(ctx).NewRaw(`SELECT DISTINCT g.party, a.id FROM grants AS g JOIN accounts AS a ON a.id = g.account
				WHERE a.disabled = 0 AND g.party IN (?) AND g.party <> '' ORDER BY g.party, a.id`, bun.List(part)).Scan(ctx, &rows); err != nil {
				return err
			}
			for _, r := range rows {
				out[r.Party] = append(out[r.Party], r.ID)
			}
		}
		return nil
	})
	return out, err
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

// LiveOf says which of some accounts of the tenant in ctx are there and not disabled. For other rooms, as HoldersOf.
func LiveOf(ctx context.Context, accounts map[string]bool) (map[string]bool, error) {
	out := map[string]bool{}
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		for part := range slices.Chunk(slices.Sorted(maps.Keys(accounts)), speakersAtOnce) {
			var ids []string
			if err := store.Tx(ctx).NewRaw(`SELECT id FROM accounts WHERE disabled = 0 AND id IN (?)`, bun.List(part)).Scan(ctx, &ids); err != nil {
				return err
			}
			for _, id := range ids {
				out[id] = true
			}
		}
		return nil
	})
	return out, err
}
