package schemes

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// DraftOf is a draft as whoever asks may see it. NotFound if there is none, and to all but administrators and auditors.
func DraftOf(ctx context.Context, id string) (*Draft, error) {
	d, _, err := draftOf(ctx, id)
	return d, err
}

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
		library, err = supposed(ctx, base, d.proposal(base))
		return err
	})
	return library, err
}

// SupposedBy is the library that a proposal would make of the set in use. Forbidden to all but administrators; Invalid as Supposed.
func SupposedBy(ctx context.Context, p Proposal) (*policy.Library, error) {
	if err := mustPublish(ctx); err != nil {
		return nil, err
	}
	base, err := baseOf(ctx, p)
	if err != nil {
		return nil, err
	}
	return supposed(ctx, base, p)
}

func supposed(ctx context.Context, base *Set, p Proposal) (*policy.Library, error) {
	next, pub, err := apply(ctx, base, p, deskOrigin)
	if err != nil {
		return nil, err
	}
	if pub.Unchanged() {
		return nil, errNoDifference()
	}
	library, _, err := check(next)
	return library, err
}
