package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Authorization is one version of what an account may do: grants given and taken, its use closed or opened. What gives anything waits for
// an administrator who neither asked for it nor is the account; what only takes counts at once, for taking must not wait.
//
// Who speaks for a firm by a claim is not told here: the claim is (registry).
type Authorization struct {
	ID        string    `json:"id"`
	Account   Colleague `json:"account"`
	Number    int       `json:"number" doc:"the account's first, second and so on"`
	Give      []Grant   `json:"give" nullable:"false"`
	Take      []Grant   `json:"take" nullable:"false"`
	Usage     string    `json:"usage,omitempty" enum:"closed,opened" doc:"the account's use is closed, or opened again"`
	Reason    string    `json:"reason,omitempty"`
	State     string    `json:"state" enum:"waiting,approved,returned,withdrawn"`
	MadeAt    string    `json:"made_at"`
	MadeBy    string    `json:"made_by" doc:"name"`
	DecidedAt string    `json:"decided_at,omitempty"`
	DecidedBy string    `json:"decided_by,omitempty" doc:"name; left out of what counted at once"`
	System    bool      `json:"system,omitempty" doc:"made by the installation, which needs nobody's approval"`
	Decision  string    `json:"decision,omitempty" doc:"why it was returned"`
	Mine      bool      `json:"mine" doc:"whoever asks made it, and may withdraw it while it waits"`
	MayDecide bool      `json:"may_decide" doc:"whoever asks may approve or return it"`
}

// States of an authorization.
const (
	AuthorizationWaiting   = "waiting"
	AuthorizationApproved  = "approved"
	AuthorizationReturned  = "returned"
	AuthorizationWithdrawn = "withdrawn"
)

// What an authorization does to the use of an account.
const (
	usageClosed = "closed"
	usageOpened = "opened"
)

const authorizationKind = "authorization"

func init() {
	audit.RegisterRow(authorizationKind, digestOfAuthorization)
	audit.RegisterList(authorizationKind, audit.IDs("authorizations"))
	audit.RegisterWords(authorizationKind, audit.Words{Label: "授权", About: authorizationsSaid, Actions: map[string]string{
		"authorization.made": "授权生效", "authorization.proposed": "提出授权", "authorization.approved": "核准授权",
		"authorization.returned": "退回授权", "authorization.withdrawn": "撤回授权"}})
}

// difference is what has to be given and taken to come from one set of grants to another.
func difference(from, to []Grant) (give, take []Grant) {
	for _, g := range to {
		if !slices.Contains(from, g) {
			give = append(give, g)
		}
	}
	for _, g := range from {
		if !slices.Contains(to, g) {
			take = append(take, g)
		}
	}
	return give, take
}

// applied is a set of grants after some are given and others taken, in one order.
func applied(grants, give, take []Grant) ([]Grant, error) {
	out := []Grant{}
	for _, g := range grants {
		if !slices.Contains(take, g) {
			out = append(out, g)
		}
	}
	for _, g := range give {
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if len(out) > maxGrants {
		return nil, fault.New(fault.Conflict, fmt.Sprintf("一个账号最多有%d项角色。", maxGrants))
	}
	slices.SortFunc(out, compareGrants)
	return out, nil
}

// draft is a version to be: what it does, and why.
type draft struct {
	account    string
	give, take []Grant
	usage      string
	reason     string
}

func (d draft) empty() bool { return len(d.give) == 0 && len(d.take) == 0 && d.usage == "" }

// waits says whether a version needs a second administrator: it gives something. The installation itself needs nobody; nor does the only
// administrator that a tenant has ever had, to appoint the second.
func (d draft) waits(ctx context.Context) (bool, error) {
	if len(d.give) == 0 && d.usage != usageOpened {
		return false, nil
	}
	me := ActorFrom(ctx).AccountID
	if me == SystemID {
		return false, nil
	}
	if d.usage == "" && !slices.ContainsFunc(d.give, func(g Grant) bool { return g.Role != RoleAdministrator }) {
		others, err := everAdministrators(ctx, me)
		return others, err
	}
	return true, nil
}

// write keeps a version, as waiting or as what counts at once, and tells those who may decide. Conflict while another one of the account waits.
func (s *Service) write(ctx context.Context, d draft, waits bool) error {
	if waits {
		var err error
		if d.reason, err = reasonOf(d.reason, 200); err != nil {
			return err
		}
	}
	d.reason = strings.TrimSpace(d.reason)
	number, waiting, err := versionsOf(ctx, d.account)
	if err != nil {
		return err
	}
	if waits && waiting {
		return fault.New(fault.Conflict, "这个账号已有一项授权在等核准，请先核准、退回或撤回。")
	}
	now, me := store.Stamp(clock.Now(ctx)), ActorFrom(ctx).AccountID
	row := authorizationRow{ID: store.NewID(), Account: d.account, Number: number + 1, Usage: d.usage, Reason: d.reason, State: AuthorizationWaiting, MadeAt: now, MadeBy: me}
	action := "authorization.proposed"
	if !waits {
		row.State, row.DecidedAt, action = AuthorizationApproved, now, "authorization.made"
	}
	if err := row.insert(ctx, d.give, d.take); err != nil {
		return err
	}
	if err := recordAuthorization(ctx, action, row.ID, map[string]any{"account": d.account, "give": d.give, "take": d.take, "usage": d.usage}); err != nil {
		return err
	}
	if !waits {
		return nil
	}
	administrators, err := HoldersOf(ctx, RoleAdministrator, "", "")
	if err != nil {
		return err
	}
	said, err := shownAuthorization(ctx, row.ID)
	if err != nil {
		return err
	}
	return s.tell(ctx, slices.DeleteFunc(administrators, func(id string) bool { return id == d.account }), "authorization.proposed",
		"一项授权等您核准："+said.Account.Name, said.says(), "desk/authorizations")
}

// says is what a version does, in one line.
func (a Authorization) says() string {
	var out []string
	if len(a.Give) > 0 {
		out = append(out, "给予"+sayGrants(a.Give))
	}
	if len(a.Take) > 0 {
		out = append(out, "收回"+sayGrants(a.Take))
	}
	switch a.Usage {
	case usageClosed:
		out = append(out, "停用账号")
	case usageOpened:
		out = append(out, "恢复使用")
	}
	return strings.Join(out, "；")
}

// Approve lets a version count, from the account's next request on.
//
//   - Forbidden: to all but administrators, to whoever made it and to the account itself.
//   - NotFound: there is no such version.
//   - Conflict: it waits no longer; the account would have too many roles; no administrator would remain.
func (s *Service) Approve(ctx context.Context, id string) (out Authorization, err error) {
	err = s.decide(ctx, id, func(ctx context.Context, row *authorizationRow, a *Account) error {
		me := ActorFrom(ctx)
		switch {
		case row.MadeBy == me.AccountID:
			return fault.New(fault.Forbidden, "自己提出的授权须由另一名管理员核准。")
		case row.Account == me.AccountID:
			return fault.New(fault.Forbidden, "给自己的授权须由另一名管理员核准。")
		}
		row.State = AuthorizationApproved
		give, take, err := grantsOfVersion(ctx, row.ID)
		if err != nil {
			return err
		}
		if a.Grants, err = applied(a.Grants, give, take); err != nil {
			return err
		}
		if row.Usage == usageOpened {
			a.Disabled = false
		}
		return s.put(ctx, *a)
	}, "", "authorization.approved", &out)
	return out, err
}

// Return ends the waiting of a version that is not to count, with a reason. By any administrator. Errors as Approve; Invalid without a reason.
func (s *Service) Return(ctx context.Context, id, reason string) (out Authorization, err error) {
	if reason, err = reasonOf(reason, 500); err != nil {
		return out, err
	}
	err = s.decide(ctx, id, func(ctx context.Context, row *authorizationRow, _ *Account) error {
		row.State = AuthorizationReturned
		return nil
	}, reason, "authorization.returned", &out)
	return out, err
}

// Withdraw ends the waiting of a version by whoever made it. Errors as Approve.
func (s *Service) Withdraw(ctx context.Context, id string) (out Authorization, err error) {
	err = s.decide(ctx, id, func(ctx context.Context, row *authorizationRow, _ *Account) error {
		if row.MadeBy != ActorFrom(ctx).AccountID {
			return fault.New(fault.Forbidden, "只有提出人可以撤回；别的管理员可以退回。")
		}
		row.State = AuthorizationWithdrawn
		return nil
	}, "", "authorization.withdrawn", &out)
	return out, err
}

// decide ends the waiting of a version. The administrators are held, as by whoever asks for one: of two who decide at once one is told that
// it is done, and whoever has just been removed decides nothing.
func (s *Service) decide(ctx context.Context, id string, how func(context.Context, *authorizationRow, *Account) error, reason, action string, out *Authorization) error {
	if err := mustAdminister(ctx); err != nil {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error {
		if err := heldAdministrator(ctx); err != nil {
			return err
		}
		row, err := findAuthorization(ctx, id)
		if err != nil {
			return err
		}
		a, err := lock(ctx, row.Account) // a claim may change it meanwhile
		if err != nil {
			return err
		}
		if row.State != AuthorizationWaiting {
			return fault.New(fault.Conflict, "这项授权已经办过了，请刷新。")
		}
		row.DecidedAt, row.DecidedBy, row.Decision = store.Stamp(clock.Now(ctx)), ActorFrom(ctx).AccountID, reason
		if err := how(ctx, &row, &a); err != nil {
			return err
		}
		if err := row.decide(ctx); err != nil {
			return err
		}
		if err := recordAuthorization(ctx, action, id, nil); err != nil {
			return err
		}
		if *out, err = shownAuthorization(ctx, id); err != nil {
			return err
		}
		words := out.says()
		if out.Decision != "" {
			words += "。理由：" + out.Decision
		}
		if err := s.tell(ctx, []string{row.MadeBy}, action, map[string]string{AuthorizationApproved: "授权已核准：", AuthorizationReturned: "授权被退回：",
			AuthorizationWithdrawn: "授权已撤回："}[row.State]+out.Account.Name, words, "desk/accounts/"+row.Account); err != nil {
			return err
		}
		if row.State != AuthorizationApproved {
			return nil
		}
		return s.tell(ctx, []string{row.Account}, action, "您的权限有变动", words, "")
	})
}

// put writes an account whose grants or use have changed, with its audit event. Conflict when no administrator would remain.
func (s *Service) put(ctx context.Context, a Account) error {
	a.ChangedAt = store.Stamp(clock.Now(ctx))
	if err := update(ctx, a, ActorFrom(ctx).AccountID); err != nil {
		return err
	}
	if err := record(ctx, "account.changed", a.ID, map[string]any{"disabled": a.Disabled, "grants": a.Grants}); err != nil {
		return err
	}
	n, err := countAdministrators(ctx)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "至少要保留一名可以登录的管理员。")
	}
	return err
}

// AuthorizationFilter selects versions; zero values select all. Page counts from 1.
type AuthorizationFilter struct {
	Account, State string
	Page, Per      int
}

func mustSeeAuthorizations(ctx context.Context) error {
	if a := ActorFrom(ctx); !a.Is(RoleAdministrator) && !a.Audits() {
		return fault.New(fault.Forbidden, "只有管理员和全域审计人员可以查看授权记录。")
	}
	return nil
}

// Authorizations lists versions: those that wait first, then the latest. Forbidden to all but administrators and auditors of the whole tenant.
func (s *Service) Authorizations(ctx context.Context, f AuthorizationFilter) (items []Authorization, total int, err error) {
	if err := mustSeeAuthorizations(ctx); err != nil {
		return nil, 0, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		items, total, err = listAuthorizations(ctx, f)
		return err
	})
	return items, total, err
}

// EachAuthorization calls fn for every version of the list, in its order; for exports. Errors as Authorizations.
func (s *Service) EachAuthorization(ctx context.Context, f AuthorizationFilter, fn func(Authorization) error) error {
	if err := mustSeeAuthorizations(ctx); err != nil {
		return err
	}
	return each(ctx, func(ctx context.Context, page, per int) ([]Authorization, int, error) {
		f.Page, f.Per = page, per
		return listAuthorizations(ctx, f)
	}, fn)
}

func noAuthorization() error { return fault.New(fault.NotFound, "没有这项授权。") }
