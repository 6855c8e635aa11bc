package registry

import (
	"context"
	"slices"

	"shanglin/internal/account"
)

// Notice is something that people are told of: the title in a line, what it says, and the page below the tenant's where it goes on.
type Notice struct{ Kind, Title, Body, Link string }

// Notify calls fn inside the transaction of whatever concerns the accounts. Call it before serving; without it nobody is told.
func (r *Registry) Notify(fn func(ctx context.Context, accounts []string, n Notice) error) {
	r.notices = fn
}

func (r *Registry) notify(ctx context.Context, accounts []string, n Notice) error {
	if r.notices == nil || len(accounts) == 0 {
		return nil
	}
	return r.notices(ctx, accounts, n)
}

// askAboutClaim tells whoever has to decide a new claim: the firm's principal if it has one, else the officers of its town.
func (r *Registry) askAboutClaim(ctx context.Context, v claimView) error {
	n := Notice{Kind: "claim.made", Title: stater(ctx) + "申请代表" + v.Name, Body: "身份：" + v.Capacity, Link: "desk/claims/" + v.ID}
	if v.Of.ID != "" {
		principal, err := principalOf(ctx, v.Of.ID)
		if err != nil {
			return err
		}
		if principal != "" {
			n.Link = "firm/" + v.Of.ID + "/people"
			return r.notify(ctx, []string{principal}, n)
		}
	}
	officers, err := account.HoldersOf(ctx, account.RoleOfficer, "", v.town())
	if err != nil {
		return err
	}
	return r.notify(ctx, slices.DeleteFunc(officers, func(id string) bool { return id == v.Account }), n)
}

// tellClaimant tells the claimant how it ended.
func (r *Registry) tellClaimant(ctx context.Context, v claimView) error {
	n := Notice{Kind: "claim." + v.State, Title: "认领申请没有通过：" + v.Name, Body: "理由：" + v.Reason, Link: "claim"}
	if v.State == ClaimApproved {
		n.Title, n.Body, n.Link = "认领申请已通过："+v.Name, "现在可以代表这家企业办事。", "firm/"+v.Party
	}
	return r.notify(ctx, []string{v.Account}, n)
}
