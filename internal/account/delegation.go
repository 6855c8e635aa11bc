package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Delegation lets one account stand in for another that is away, from a day to a day, both included, in some of what it may do. Who is
// away may still act. What is done counts as done by both: whoever must not do a second thing because of a first must not either if the
// other did the first.
type Delegation struct {
	ID        string    `json:"id"`
	Absent    Colleague `json:"absent" doc:"who is away"`
	StandIn   Colleague `json:"stand_in" doc:"who acts in their stead"`
	Grants    []Grant   `json:"grants" nullable:"false" doc:"in what; one that the absent no longer holds does not count"`
	From      string    `json:"from" doc:"first day, 2026-11-30"`
	Until     string    `json:"until" doc:"last day"`
	Reason    string    `json:"reason"`
	State     string    `json:"state" enum:"waiting,coming,open,over,ended" doc:"made for the absent, and not yet approved; not begun yet; in force; past its last day; ended before"`
	MadeAt    string    `json:"made_at"`
	MadeBy    string    `json:"made_by" doc:"name"`
	Approved  string    `json:"approved_by,omitempty" doc:"name of the second administrator, of one that was made for the absent"`
	MayDecide bool      `json:"may_decide" doc:"whoever asks may approve it"`
	EndedAt   string    `json:"ended_at,omitempty"`
	EndedBy   string    `json:"ended_by,omitempty" doc:"name"`
	EndReason string    `json:"end_reason,omitempty"`
	MayEnd    bool      `json:"may_end" doc:"whoever asks may end it"`
	Mine      bool      `json:"mine" doc:"whoever asks is the one who is away"`
	Effective bool      `json:"effective" doc:"it opens something today: both accounts are in use and the absent still holds one of the grants"`
}

// Colleague is an account as those who work with it know it.
type Colleague struct {
	Account string `json:"account"`
	Login   string `json:"login"`
	Name    string `json:"name"`
}

// NewDelegation is what a delegation is made of. An empty Absent is whoever asks.
type NewDelegation struct {
	Absent, StandIn string
	Grants          []Grant // of the absent; none: all that may be delegated
	From, Until     string  // days; an empty From is today
	Reason          string
}

// States of a delegation.
const (
	DelegationWaiting = "waiting"
	DelegationComing  = "coming"
	DelegationOpen    = "open"
	DelegationOver    = "over"
	DelegationEnded   = "ended"
)

// delegable are the roles that somebody else may exercise in one's stead. An auditor or an administrator is replaced by another, openly: both
// watch over what others do. An expert was drawn in person. Who acts for a firm is the firm's to say.
var delegable = []Role{RoleOfficer, RoleLeader, RoleFinance}

// longest is how far ahead a delegation may end.
const longest = 366 * 24 * time.Hour

const delegationKind = "delegation"

func init() {
	audit.RegisterRow(delegationKind, digestOfDelegation)
	audit.RegisterList(delegationKind, audit.IDs("delegations"))
	audit.RegisterWords(delegationKind, audit.Words{Label: "外出委托", About: delegationsSaid, Actions: map[string]string{
		"delegation.made": "委托代办", "delegation.approved": "核准委托", "delegation.ended": "收回委托"}})
}

// Teller tells accounts something. The server gives it.
type Teller func(ctx context.Context, accounts []string, kind, title, body, link string) error

// UseTeller says how accounts are told of what concerns them.
func (s *Service) UseTeller(tell Teller) { s.teller = tell }

func (s *Service) tell(ctx context.Context, accounts []string, kind, title, body, link string) error {
	if s.teller == nil {
		return nil
	}
	me := ActorFrom(ctx).AccountID
	return s.teller(ctx, slices.DeleteFunc(slices.Clone(accounts), func(id string) bool { return id == me }), kind, title, body, link)
}

// Delegable are the grants of some that may be exercised by somebody else.
func Delegable(grants []Grant) []Grant {
	out := []Grant{}
	for _, g := range grants {
		if slices.Contains(delegable, g.Role) {
			out = append(out, g)
		}
	}
	return out
}

// mayStandIn says whether an account may act in another's stead: somebody who works at the desk themselves, and watches over nobody. Who
// speaks for a firm, or is away for a firm's account, would carry its interest along.
func mayStandIn(a Account) bool {
	return !a.Disabled && len(Delegable(a.Grants)) > 0 && !actorOf(a, "").Is(RoleAuditor) && len(actorOf(a, "").Parties()) == 0
}

func ownName(ctx context.Context) error {
	a := ActorFrom(ctx)
	switch {
	case a.Public():
		return fault.New(fault.Unauthenticated, "请先登录。")
	case a.For != nil:
		return fault.New(fault.Forbidden, "代他人办理时不能再委托。请先回到本人身份。")
	}
	return nil
}

// Delegate makes a delegation and tells both. By the absent, or by an administrator for them, who then is not the one to stand in: then it
// waits for another administrator, as whatever gives somebody more does.
//
//   - Forbidden: to whoever asks for somebody else and is no administrator; in another's stead.
//   - NotFound: there is no such account.
//   - Invalid: the absent does not hold what is delegated, or it may not be; the other account may not stand in; days and reason.
//   - Conflict: one of the two speaks for a firm, is away in those days, or the same is delegated to the same already.
func (s *Service) Delegate(ctx context.Context, n NewDelegation) (out Delegation, err error) {
	if err := ownName(ctx); err != nil {
		return out, err
	}
	me := ActorFrom(ctx)
	if n.Absent == "" {
		n.Absent = me.AccountID
	}
	if n.Absent != me.AccountID && !me.Is(RoleAdministrator) {
		return out, fault.New(fault.Forbidden, "只有本人或管理员可以设定外出委托。")
	}
	today := clock.Today(ctx).String()
	if n.From == "" {
		n.From = today
	}
	if n.Reason, err = reasonOf(n.Reason, 200); err != nil {
		return out, err
	}
	if err := days(n.From, n.Until, today); err != nil {
		return out, err
	}
	switch {
	case n.StandIn == n.Absent:
		return out, invalid("stand_in", "不能委托给自己。")
	case n.StandIn == me.AccountID:
		return out, fault.New(fault.Forbidden, "管理员不能把别人的事务委托给自己。")
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		// Both rows are held, in one order: what they may do and whether they are away does not change meanwhile.
		people := map[string]Account{}
		for _, id := range slices.Sorted(slices.Values([]string{n.Absent, n.StandIn})) {
			a, err := lock(ctx, id)
			if err != nil {
				return err
			}
			people[id] = a
		}
		absent, other := people[n.Absent], people[n.StandIn]
		grants, err := delegated(n.Grants, absent)
		if err != nil {
			return err
		}
		switch {
		case absent.Disabled:
			return fault.New(fault.Conflict, absent.Name+"的账号已停用，不能再委托。")
		case len(actorOf(absent, "").Parties()) > 0:
			return fault.New(fault.Conflict, "代表企业的账号不能委托他人办理工作事务。")
		case !mayStandIn(other):
			return invalid("stand_in", "只能委托给在用的经办人员、分管领导或财政账号，且不是审计人员、不代表企业。")
		}
		// No chains: who is away themselves stands in for nobody.
		if away, err := overlapping(ctx, `d.absent = ?`, []any{other.ID}, n.From, n.Until); err != nil {
			return err
		} else if away > 0 {
			return fault.New(fault.Conflict, other.Name+"在这段时间也外出，请委托给别人。", fault.At("stand_in", "这段时间也外出"))
		}
		if same, err := overlapping(ctx, `d.absent = ? AND d.stand_in = ?`, []any{absent.ID, other.ID}, n.From, n.Until); err != nil {
			return err
		} else if same > 0 {
			return fault.New(fault.Conflict, "这段时间已经委托给"+other.Name+"，请先收回原来的委托。")
		}
		row := delegationRow{ID: store.NewID(), Absent: absent.ID, StandIn: other.ID, FromDay: n.From, UntilDay: n.Until, Reason: n.Reason,
			MadeAt: store.Stamp(clock.Now(ctx)), MadeBy: me.AccountID}
		if me.AccountID == absent.ID || me.AccountID == SystemID {
			row.ApprovedAt, row.ApprovedBy = row.MadeAt, row.MadeBy
		}
		if err := row.insert(ctx, grants); err != nil {
			return err
		}
		if err := recordDelegation(ctx, "delegation.made", row.ID, map[string]any{"absent": row.Absent, "stand_in": row.StandIn, "from": row.FromDay, "until": row.UntilDay, "grants": grants}); err != nil {
			return err
		}
		if out, err = shownDelegation(ctx, row.ID); err != nil {
			return err
		}
		if row.ApprovedAt == "" {
			administrators, err := HoldersOf(ctx, RoleAdministrator, "", "")
			if err != nil {
				return err
			}
			return s.tell(ctx, slices.DeleteFunc(administrators, func(id string) bool { return id == other.ID }), "delegation.made", "一项外出委托等您核准："+absent.Name, out.says(), "desk/delegations")
		}
		return s.tellDelegation(ctx, row, out)
	})
	return out, err
}

// says is what is delegated and when, in one line.
func (d Delegation) says() string {
	return fmt.Sprintf("%s至%s：%s", d.From, d.Until, sayGrants(d.Grants))
}

// tellDelegation tells both of a delegation that counts, and those for whom the absent was to stand in: they have nobody now.
func (s *Service) tellDelegation(ctx context.Context, row delegationRow, d Delegation) error {
	if err := s.tell(ctx, []string{row.StandIn}, "delegation.made", "请您代"+d.Absent.Name+"办理", d.says(), "desk/delegations"); err != nil {
		return err
	}
	if err := s.tell(ctx, []string{row.Absent}, "delegation.made", "您的事务已委托"+d.StandIn.Name+"代办", d.says(), "desk/delegations"); err != nil {
		return err
	}
	waiting, err := standingFor(ctx, row.Absent, row.FromDay, row.UntilDay)
	if err != nil {
		return err
	}
	return s.tell(ctx, waiting, "stand_in.away", d.Absent.Name+"也外出了，不能代您办理", "请另行委托：委托不能再转给他人。"+d.says(), "desk/delegations")
}

// ApproveDelegation lets a delegation that an administrator made for somebody else count, and tells both.
//
//   - Forbidden: to all but administrators, to whoever made it and to who is to stand in.
//   - NotFound: there is no such delegation.
//   - Conflict: it waits no longer.
func (s *Service) ApproveDelegation(ctx context.Context, id string) (out Delegation, err error) {
	if err := ownName(ctx); err != nil {
		return out, err
	}
	me := ActorFrom(ctx)
	if !me.Is(RoleAdministrator) {
		return out, fault.New(fault.Forbidden, "只有管理员可以核准外出委托。")
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := heldAdministrator(ctx); err != nil {
			return err
		}
		row, err := lockDelegation(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case row.state(clock.Today(ctx).String()) != DelegationWaiting:
			return fault.New(fault.Conflict, "这项委托已经办过了，请刷新。")
		case me.AccountID == row.MadeBy:
			return fault.New(fault.Forbidden, "自己替别人设定的委托须由另一名管理员核准。")
		case me.AccountID == row.StandIn:
			return fault.New(fault.Forbidden, "管理员不能把别人的事务委托给自己。")
		}
		row.ApprovedAt, row.ApprovedBy = store.Stamp(clock.Now(ctx)), me.AccountID
		if err := row.approve(ctx); err != nil {
			return err
		}
		if err := recordDelegation(ctx, "delegation.approved", id, nil); err != nil {
			return err
		}
		if out, err = shownDelegation(ctx, id); err != nil {
			return err
		}
		return s.tellDelegation(ctx, row, out)
	})
	return out, err
}

// EndDelegation ends a delegation from the next request on and tells both: by the absent, by who stands in, or by an administrator.
// NotFound to others; Conflict when it is over.
func (s *Service) EndDelegation(ctx context.Context, id, reason string) (out Delegation, err error) {
	if err := ownName(ctx); err != nil {
		return out, err
	}
	if strings.TrimSpace(reason) != "" {
		if reason, err = reasonOf(reason, 200); err != nil {
			return out, err
		}
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := lockDelegation(ctx, id)
		if err != nil {
			return err
		}
		me := ActorFrom(ctx)
		if !row.mayEnd(me) {
			return noDelegation()
		}
		switch row.state(clock.Today(ctx).String()) {
		case DelegationEnded:
			return fault.New(fault.Conflict, "这项委托已经收回。")
		case DelegationOver:
			return fault.New(fault.Conflict, "这项委托已经到期。")
		}
		row.EndedAt, row.EndedBy, row.EndReason = store.Stamp(clock.Now(ctx)), me.AccountID, strings.TrimSpace(reason)
		if err := row.end(ctx); err != nil {
			return err
		}
		if err := recordDelegation(ctx, "delegation.ended", id, nil); err != nil {
			return err
		}
		if out, err = shownDelegation(ctx, id); err != nil {
			return err
		}
		return s.tell(ctx, []string{row.Absent, row.StandIn}, "delegation.ended", "外出委托已收回："+out.Absent.Name+"委托"+out.StandIn.Name, out.EndReason, "desk/delegations")
	})
	return out, err
}

// Delegations lists delegations, the latest first: to administrators and auditors of the whole tenant all of them, to others those that
// they are part of. only is "", "open" (in force or to come), or "past". Unauthenticated for the public.
func (s *Service) Delegations(ctx context.Context, only string, page, per int) (items []Delegation, total int, err error) {
	me := ActorFrom(ctx)
	if me.Public() {
		return nil, 0, fault.New(fault.Unauthenticated, "请先登录。")
	}
	condition, args := `(d.absent = ? OR d.stand_in = ?)`, []any{me.AccountID, me.AccountID}
	if me.For == nil && (me.Is(RoleAdministrator) || me.Audits()) {
		condition, args = `1 = 1`, nil
	}
	today := clock.Today(ctx).String()
	switch only {
	case "open":
		condition, args = condition+` AND d.ended_at = '' AND d.until_day >= ?`, append(args, today)
	case "past":
		condition, args = condition+` AND (d.ended_at <> '' OR d.until_day < ?)`, append(args, today)
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		items, total, err = listDelegations(ctx, condition, args, page, per)
		return err
	})
	return items, total, err
}

// StandIns are accounts that could stand in for somebody, by name, at most 50: those whose login or name has the words in it. For whoever
// may delegate, and administrators.
func (s *Service) StandIns(ctx context.Context, text string) ([]Colleague, error) {
	me := ActorFrom(ctx)
	if len(Delegable(me.Grants)) == 0 && !me.Is(RoleAdministrator) {
		return nil, fault.New(fault.Forbidden, "您没有可以委托他人办理的事务。")
	}
	out := []Colleague{}
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		out, err = candidates(ctx, strings.TrimSpace(text), me.AccountID)
		return err
	})
	return out, err
}

// delegated is what is delegated of an account's grants: what was chosen, all of which it holds, or all that may be.
func delegated(chosen []Grant, absent Account) ([]Grant, error) {
	may := Delegable(absent.Grants)
	if len(may) == 0 {
		return nil, fault.New(fault.Invalid, absent.Name+"没有可以委托他人办理的角色。", fault.At("grants", "可以委托的是经办人员、分管领导和财政的事务"))
	}
	if len(chosen) == 0 {
		return may, nil
	}
	out := []Grant{}
	for i, g := range chosen {
		if !slices.Contains(may, g) {
			return nil, fault.New(fault.Invalid, "不能委托这一项。", fault.At(fmt.Sprintf("grants[%d]", i), "%s不是%s现有的、可以委托的角色和范围", g.String(), absent.Name))
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, compareGrants)
	return out, nil
}

// days checks the days of a delegation.
func days(from, until, today string) error {
	first, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return invalid("from", "请写起始日期，如2026-11-30。")
	}
	last, err := time.Parse(time.DateOnly, until)
	switch {
	case err != nil:
		return invalid("until", "请写截止日期，如2026-12-05。")
	case from < today:
		return invalid("from", "起始日期不能早于今天。")
	case until < from:
		return invalid("until", "截止日期不能早于起始日期。")
	case last.Sub(first) > longest:
		return invalid("until", "一次委托最长一年。")
	}
	return nil
}

func invalid(field, message string) error {
	return fault.New(fault.Invalid, message, fault.Detail{Field: field, Message: message})
}

// reasonOf is a reason that was given, of at most so many characters.
func reasonOf(text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < 1 || n > most || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		return "", fault.New(fault.Invalid, "请写明理由。", fault.At("reason", "请写1至%d个字。", most))
	}
	return text, nil
}

func sayGrants(grants []Grant) string {
	out := make([]string, len(grants))
	for i, g := range grants {
		out[i] = g.String()
	}
	return strings.Join(out, "；")
}

func noDelegation() error {
	return fault.New(fault.NotFound, "没有这项委托，或您无权查看。")
}
