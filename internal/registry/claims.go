package registry

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// claimView is a claim with the firm that the registry has of its code, if any.
type claimView struct {
	claimRow
	Of partyRow `bun:"embed:p_"`
}

// town is where the claim belongs: the firm's own, wherever it has moved, else what the claimant said.
func (v claimView) town() string {
	if v.Of.ID != "" {
		return v.Of.Town
	}
	return v.Town
}

var claimViewColumns = claimColumns + `, ` + named(partyColumns)

// The firm is found by its code, so that one which an officer registers meanwhile is found too.
const claimTables = ` FROM claims AS c LEFT JOIN parties AS p ON p.code = c.code AND p.kind <> '` + KindPerson + `'`

// claimTown is the SQL of town.
const claimTown = `COALESCE(p.town, c.town)`

// reader is as what somebody reads a claim.
type reader int

const (
	toClaimant reader = iota
	toPrincipal
	toDesk
)

// claimTowns are the towns whose claims the actor reads at the desk: as officer or auditor. Claims hold personal papers, so leaders and
// finance, who have nothing to do with them, do not.
func claimTowns(ctx context.Context) (list []string, all bool) {
	for _, g := range account.ActorFrom(ctx).Grants {
		if g.Role != account.RoleOfficer && g.Role != account.RoleAuditor {
			continue
		}
		if g.Town == "" {
			return nil, true
		}
		list = append(list, g.Town)
	}
	return list, false
}

// visibleClaim is a claim that the actor may see, and as what. NotFound if there is none.
func visibleClaim(ctx context.Context, id string) (claimView, reader, error) {
	var v claimView
	err := store.Tx(ctx).NewRaw(`SELECT `+claimViewColumns+claimTables+` WHERE c.id = ?`, id).Scan(ctx, &v)
	if errors.Is(err, sql.ErrNoRows) {
		return v, 0, notFoundClaim()
	}
	if err != nil {
		return v, 0, err
	}
	actor := account.ActorFrom(ctx)
	if actor.AccountID != "" && actor.AccountID == v.Account {
		return v, toClaimant, nil
	}
	if towns, all := claimTowns(ctx); all || slices.Contains(towns, v.town()) {
		return v, toDesk, nil
	}
	if v.Of.ID != "" && actor.Speaks(v.Of.ID) {
		principal, err := principalOf(ctx, v.Of.ID)
		if err != nil {
			return v, 0, err
		}
		if principal == actor.AccountID {
			return v, toPrincipal, nil
		}
	}
	return v, 0, notFoundClaim()
}

// ClaimOf is a claim that the actor made, or may decide, or reads at the desk. NotFound otherwise.
func (r *Registry) ClaimOf(ctx context.Context, id string) (Claim, error) {
	var out Claim
	err := store.Read(ctx, func(ctx context.Context) error {
		v, to, err := visibleClaim(ctx, id)
		if err == nil {
			out, err = showClaim(ctx, v, to)
		}
		return err
	})
	return out, err
}

// showClaim is one claim as its reader may know it, with its files.
func showClaim(ctx context.Context, v claimView, to reader) (Claim, error) {
	all, err := showClaims(ctx, []claimView{v}, to)
	if err != nil {
		return Claim{}, err
	}
	c := all[0]
	if c.Evidence, err = files.Of(ctx, v.owner()); err != nil {
		return c, err
	}
	_, err = mayDecideClaim(ctx, v)
	switch {
	case err == nil:
		c.Mine = v.State == ClaimOpen
	case fault.CodeOf(err) != fault.Forbidden:
		return c, err
	}
	return c, nil
}

// showClaims is claims as a list shows them: without files.
func showClaims(ctx context.Context, views []claimView, to reader) ([]Claim, error) {
	var ids, firms []string
	for _, v := range views {
		ids = append(ids, v.Account)
		if v.DecidedBy != "" {
			ids = append(ids, v.DecidedBy)
		}
		if v.Of.ID != "" {
			firms = append(firms, v.Of.ID)
		}
	}
	people, err := account.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	guarded := map[string]bool{}
	if len(firms) > 0 && to != toClaimant {
		var with []string
		if err := store.Tx(ctx).NewRaw(`SELECT party FROM firm_people WHERE principal = 1 AND ended_at = '' AND party IN (?)`, bun.List(firms)).Scan(ctx, &with); err != nil {
			return nil, err
		}
		for _, party := range with {
			guarded[party] = true
		}
	}
	today := clock.Today(ctx)
	out := make([]Claim, len(views))
	for i, v := range views {
		c := Claim{ID: v.ID, Code: v.Code, Name: v.Name, Known: v.Of.ID != "", Claimant: people[v.Account].Name, Login: people[v.Account].Login, Capacity: v.Capacity,
			Statement: v.Statement, Evidence: []files.File{}, State: v.State, OpenedAt: v.OpenedAt, Reason: v.Reason, DecidedAt: v.DecidedAt, DecidedAs: v.DecidedAs}
		end := today
		if v.DecidedAt != "" {
			end = dayOf(v.DecidedAt)
		}
		c.Waiting = int(end.Time().Sub(dayOf(v.OpenedAt).Time()).Hours() / 24)
		switch to {
		case toClaimant:
			c.Party = v.Party
		default:
			c.Party, c.Town, c.Guarded, c.DecidedBy = v.Of.ID, v.town(), guarded[v.Of.ID], people[v.DecidedBy].Name
			if v.Of.ID != "" {
				c.Name = v.Of.Name
			}
		}
		out[i] = c
	}
	return out, nil
}

// dayOf is the day in China of a stamp of ours.
func dayOf(stamp string) policy.Date {
	day, _, _ := strings.Cut(clock.Shown(stamp), " ")
	d, _ := policy.ParseDate(day)
	return d
}

// MyClaims are the actor's own claims, the latest first. Unauthenticated for the public.
func (r *Registry) MyClaims(ctx context.Context) ([]Claim, error) {
	actor := account.ActorFrom(ctx)
	if actor.Public() {
		return nil, fault.New(fault.Unauthenticated, "请先登录")
	}
	out := []Claim{}
	err := store.Read(ctx, func(ctx context.Context) error {
		var views []claimView
		err := store.Tx(ctx).NewRaw(`SELECT `+claimViewColumns+claimTables+` WHERE c.account = ? ORDER BY c.opened_at DESC, c.id DESC LIMIT 100`, actor.AccountID).Scan(ctx, &views)
		if err != nil || len(views) == 0 {
			return err
		}
		out, err = showClaims(ctx, views, toClaimant)
		return err
	})
	return out, err
}

// ClaimFilter narrows a list of claims; empty fields ask for nothing.
type ClaimFilter struct {
	Text     string // of the firm's name or its code
	State    string
	Town     string
	Capacity string
	Asked    string // principal: the firm has one, who is asked first; officer: it has none
	Waited   int    // at least so many days
}

const (
	askedPrincipal = "principal"
	askedOfficer   = "officer"
)

// query is where the claims that the actor reads at the desk are read from.
func (f ClaimFilter) query(ctx context.Context) (from string, args []any, order string) {
	conditions := []string{"1 = 1"}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if towns, all := claimTowns(ctx); !all {
		add(claimTown+` IN (?)`, bun.List(append(towns, "")))
	}
	if text := strings.TrimFunc(f.Text, blank); text != "" {
		name, named := store.Like(ctx, text, "COALESCE(p.name, c.name)")
		code, coded := store.Like(ctx, NormalCode(text), "c.code")
		add(`(`+name+` OR `+code+`)`, append(named, coded...)...)
	}
	for _, c := range []struct{ column, value string }{{"c.state", f.State}, {claimTown, f.Town}, {"c.capacity", f.Capacity}} {
		if c.value != "" {
			add(c.column+` = ?`, c.value)
		}
	}
	const principal = `EXISTS (SELECT 1 FROM firm_people AS x WHERE x.party = p.id AND x.principal = 1 AND x.ended_at = '')`
	switch f.Asked {
	case askedPrincipal:
		add(principal)
	case askedOfficer:
		add(`NOT ` + principal)
	}
	if f.Waited > 0 {
		add(`c.opened_at < ?`, store.Stamp(clock.Start(clock.Today(ctx).AddDays(1-f.Waited))))
	}
	order = ` ORDER BY c.opened_at DESC, c.id DESC`
	if f.State == ClaimOpen {
		order = ` ORDER BY c.opened_at, c.id` // who waits longest comes first
	}
	return claimTables + ` WHERE ` + strings.Join(conditions, " AND "), args, order
}

func mayReadClaims(ctx context.Context) error {
	if a := account.ActorFrom(ctx); !a.Is(account.RoleOfficer) && !a.Is(account.RoleAuditor) {
		return fault.New(fault.Forbidden, "只有经办人员和审计人员可以查看认领申请")
	}
	return nil
}

// Claims is a page of the claims in the actor's scope, and how many there are in all. Forbidden for all but officers and auditors.
func (r *Registry) Claims(ctx context.Context, f ClaimFilter, page Page) ([]Claim, int, error) {
	if err := mayReadClaims(ctx); err != nil {
		return nil, 0, err
	}
	out, total := []Claim{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		from, args, order := f.query(ctx)
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*)`+from, args...).Scan(ctx, &total); err != nil {
			return err
		}
		var views []claimView
		err := store.Tx(ctx).NewRaw(`SELECT `+claimViewColumns+from+order+` LIMIT ? OFFSET ?`, append(args, page.limit(), page.offset())...).Scan(ctx, &views)
		if err != nil || len(views) == 0 {
			return err
		}
		out, err = showClaims(ctx, views, toDesk)
		return err
	})
	return out, total, err
}

// stateWords are the states of a claim as people read them.
var stateWords = map[string]string{ClaimOpen: "待审核", ClaimApproved: "已通过", ClaimRefused: "未通过", ClaimWithdrawn: "已撤回"}

// ExportClaims writes the list of Claims as a workbook. Errors as Claims.
func (r *Registry) ExportClaims(ctx context.Context, f ClaimFilter, w io.Writer) error {
	if err := mayReadClaims(ctx); err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "企业认领", Columns: columns{{Heading: "状态", Width: 10}, {Heading: "等待天数", Width: 10},
		{Heading: "统一社会信用代码", Width: 22}, {Heading: "企业名称", Width: 36}, {Heading: "已在名录", Width: 10}, {Heading: "镇街", Width: 14}, {Heading: "申请人", Width: 14},
		{Heading: "身份", Width: 12}, {Heading: "已有负责人", Width: 12}, {Heading: "情况说明", Width: 40}, {Heading: "提交时间", Width: 18},
		{Heading: "办结时间", Width: 18}, {Heading: "办结人", Width: 14}, {Heading: "理由", Width: 30}},
		Rows: func(emit spreadsheet.Emit) error {
			return store.Read(ctx, func(ctx context.Context) error {
				from, args, order := f.query(ctx)
				for offset := 0; ; offset += chunk {
					var views []claimView
					if err := store.Tx(ctx).NewRaw(`SELECT `+claimViewColumns+from+order+` LIMIT ? OFFSET ?`, append(slices.Clone(args), chunk, offset)...).Scan(ctx, &views); err != nil {
						return err
					}
					some, err := showClaims(ctx, views, toDesk)
					if err != nil {
						return err
					}
					for _, c := range some {
						if err := emit(stateWords[c.State], c.Waiting, c.Code, c.Name, spreadsheet.Yes(c.Known), c.Town, c.Claimant, c.Capacity, spreadsheet.Yes(c.Guarded),
							c.Statement, clock.Shown(c.OpenedAt), clock.Shown(c.DecidedAt), c.DecidedBy, c.Reason); err != nil {
							return err
						}
					}
					if len(views) < chunk {
						return nil
					}
				}
			})
		}})
}
