package registry

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Page is a page of a list: number from 1, and how many to a page.
type Page struct{ Number, Per int }

func (p Page) limit() int {
	if p.Per <= 0 {
		return 20
	}
	return min(p.Per, 200)
}

func (p Page) offset() int { return max(0, min(p.Number, 1_000_000)-1) * p.limit() }

// Filter narrows a list of parties.
type Filter struct {
	Text     string // words of a name, two characters are enough; or a code, or its beginning
	Town     string
	Industry string
	Size     string
	Kind     string
	Sort     string // name (default), code, latest; with Text the best match comes first
}

// PartyRow is a party in a list.
type PartyRow struct {
	Party
	Owed    policy.Fen `json:"owed,omitempty" doc:"fen; exact amounts that it is due"`
	Ceiling policy.Fen `json:"ceiling,omitempty" doc:"fen; the most that 最高 and ranges may come to"`
}

// List is a page of the parties that the actor may see, masked, and how many there are in all. Forbidden for the public and for firms.
func (r *Registry) List(ctx context.Context, f Filter, page Page) ([]PartyRow, int, error) {
	if err := mayList(ctx); err != nil {
		return nil, 0, err
	}
	out, total := []PartyRow{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		q, err := f.query(ctx)
		if err != nil {
			return err
		}
		from, args := q.from()
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) `+from, args...).Scan(ctx, &total); err != nil {
			return err
		}
		var rows []partyRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` `+from+` ORDER BY `+q.order+` LIMIT ? OFFSET ?`,
			append(args, page.limit(), page.offset())...).Scan(ctx, &rows); err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, row := range rows {
			out = append(out, PartyRow{Party: row.party().masked()})
			ids[i] = row.ID
		}
		if r.due == nil || len(ids) == 0 {
			return nil
		}
		due, err := r.due(ctx, ids)
		for i := range out {
			d := due[out[i].ID]
			out[i].Owed, out[i].Ceiling = d.Owed, d.Ceiling
		}
		return err
	})
	return out, total, err
}

// Own are the parties that the actor speaks for, by name, masked; none for an account of no firm. Unauthenticated for the public.
func (r *Registry) Own(ctx context.Context) ([]Party, error) {
	a := account.ActorFrom(ctx)
	if a.Public() {
		return nil, fault.New(fault.Unauthenticated, "请先登录")
	}
	out := []Party{}
	own := a.Parties()
	if len(own) == 0 {
		return out, nil
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		return each(ctx, func(row partyRow) error {
			out = append(out, row.party().masked())
			return nil
		}, `SELECT `+partyColumns+` FROM parties AS p WHERE p.id IN (?) ORDER BY p.name, p.id`, bun.List(own))
	})
	return out, err
}

// EachParty calls fn for every party of the list, masked, in its order; for exports. fn runs inside a read transaction.
func (r *Registry) EachParty(ctx context.Context, f Filter, fn func(Party) error) error {
	if err := mayList(ctx); err != nil {
		return err
	}
	return store.Read(ctx, func(ctx context.Context) error {
		q, err := f.query(ctx)
		if err != nil {
			return err
		}
		from, args := q.from()
		return each(ctx, func(row partyRow) error { return fn(row.party().masked()) }, `SELECT `+partyColumns+` `+from+` ORDER BY `+q.order, args...)
	})
}

func mayList(ctx context.Context) error {
	if !account.ActorFrom(ctx).Reader() {
		return fault.New(fault.Forbidden, "只有经办人员和审计人员可以查看名录")
	}
	return nil
}

// partyQuery is a list of parties: where it is read from, under which conditions, in which order.
type partyQuery struct {
	tables     string
	tableArgs  []any
	conditions string
	args       []any
	order      string
}

func (q partyQuery) from() (string, []any) {
	return `FROM ` + q.tables + ` WHERE ` + q.conditions, slices.Concat(q.tableArgs, q.args)
}

func (f Filter) query(ctx context.Context) (partyQuery, error) {
	for _, s := range []string{f.Text, f.Town, f.Industry, f.Size, f.Kind} {
		if len(s) > 400 || !store.Plain(s) {
			return partyQuery{}, fault.New(fault.Invalid, "查询条件过长，或含有不允许的字符")
		}
	}
	// The table, and not the view over it: with the version as a constant a planner sees that hardly a row is left out.
	now, _, err := version(ctx)
	if err != nil {
		return partyQuery{}, err
	}
	q := partyQuery{tables: `party_rows AS p`, order: "p.name, p.id"}
	q.conditions, q.args = scope(ctx, "p")
	q.conditions, q.args = q.conditions+` AND p.since <= ? AND p.till > ?`, append(q.args, now, now)
	if o, ok := map[string]string{"code": "p.code, p.id", "latest": "p.stated_at DESC, p.id"}[f.Sort]; ok {
		q.order = o
	}
	for _, c := range []struct{ column, value string }{{"town", f.Town}, {"industry", f.Industry}, {"size", f.Size}, {"kind", f.Kind}} {
		if c.value != "" {
			q.conditions += ` AND p.` + c.column + ` = ?`
			q.args = append(q.args, c.value)
		}
	}
	if text := strings.TrimFunc(f.Text, blank); text != "" {
		return q.matching(ctx, text, f.Sort == "")
	}
	return q, nil
}
