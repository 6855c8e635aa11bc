package treasury

import (
	"context"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/notify"
)

// Pages that notifications lead to, below the tenant's.
const (
	pageAccounts = "desk/bank-accounts"
	pageBatches  = "desk/payments/"
	pageCases    = "cases"        // below a party's
	pageAccount  = "bank-account" // below a party's
	pageOwed     = "receivables"  // below a party's

	pageReceivables = "desk/receivables/"
	pageEarmarks    = "desk/earmarks"
	pageEarmarked   = "earmarks" // below a party's
)

// tellFinance tells the people of finance within a scope, but for whoever acts.
func tellFinance(ctx context.Context, department, town string, n notify.Note) error {
	ids, err := account.HoldersOf(ctx, account.RoleFinance, department, town)
	if err != nil {
		return err
	}
	me := account.ActorFrom(ctx).AccountID
	return notify.Tell(ctx, slices.DeleteFunc(ids, func(id string) bool { return id == me }), n)
}

// tellParty tells those who speak for a party; the link is below the party's pages.
func tellParty(ctx context.Context, party string, n notify.Note) error {
	ids, err := account.SpeakersOf(ctx, party)
	if err != nil {
		return err
	}
	n.Link = "firm/" + party + "/" + n.Link
	return notify.Tell(ctx, ids, n)
}
