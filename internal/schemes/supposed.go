package schemes

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Supposed is the library that a waiting draft would make of a publication. NotFound to all but administrators and auditors; Invalid if the set
// would not be sound, or would not differ.
func Supposed(ctx context.Context, draft, publication string) (*policy.Library, error) {
	if !mayReadDrafts(account.ActorFrom(ctx)) {
		return nil, errNoDraft()
	}
	var library *policy.Library
	err := store.Read(ctx, func(ctx context.Context) error {
		d, err := findDraft(ctx, draft)
		if err != nil {
			return err
		}
		base, err := setOf(ctx, publication)
		if err != nil {
			return err
		}
		next, pub, err := apply(ctx, base, d.proposal(base), deskOrigin)
		if err != nil {
			return err
		}
		if pub.Unchanged() {
			return errNoDifference()
		}
		library, _, err = check(next)
		return err
	})
	return library, err
}
