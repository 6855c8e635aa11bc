package registry

import (
	"context"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/notify"
)

// askAboutClaim tells whoever has to decide a new claim: the firm's principal if it has one, else the officers of its town.
func askAboutClaim(ctx context.Context, v claimView) error {
	n := notify.Note{Kind: "claim.made", Title: stater(ctx) + "申请代表" + v.Name, Body: "身份：" + v.Capacity, Link: "desk/claims/" + v.ID, Key: v.ID}
	if v.Of.ID != "" {
		principal, err := principalOf(ctx, v.Of.ID)
		if err != nil {
			return err
		}
		if principal != "" {
			n.Link = "firm/" + v.Of.ID + "/people"
			return notify.Tell(ctx, []string{principal}, n)
		}
	}
	officers, err := account.HoldersOf(ctx, account.RoleOfficer, "", v.town())
	if err != nil {
		return err
	}
	return notify.Tell(ctx, slices.DeleteFunc(officers, func(id string) bool { return id == v.Account }), n)
}

// tellClaimant tells the claimant how it ended.
func tellClaimant(ctx context.Context, v claimView) error {
	n := notify.Note{Kind: "claim." + v.State, Title: "认领申请没有通过：" + v.Name, Body: "理由：" + v.Reason, Link: "claim", Key: v.ID}
	if v.State == ClaimApproved {
		n.Title, n.Body, n.Link = "认领申请已通过："+v.Name, "现在可以代表这家企业办事。", "firm/"+v.Party
	}
	return notify.Tell(ctx, []string{v.Account}, n)
}
