package simulation

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
)

// Named is a party as a list shows it.
type Named struct {
	ID   string `json:"id" bun:"id"`
	Name string `json:"name" bun:"name"`
	Code string `json:"code" bun:"code"`
	Kind string `json:"kind" bun:"kind"`
}

// Party is a line with the name of its party.
type Party struct {
	Line
	Name string `json:"name"`
	Code string `json:"code"`
}

// PartyQuery narrows the lines of a run; empty fields ask for nothing.
type PartyQuery struct {
	Way    string // enter, leave, gain, lose
	Scheme string
	Town   string
}

func (q PartyQuery) takes(l *Line) bool {
	return (q.Town == "" || l.Town == q.Town) &&
		(q.Scheme == "" || slices.ContainsFunc(l.Schemes, func(s LineOf) bool { return s.Scheme == q.Scheme })) &&
		(q.Way == "" || l.Way == q.Way)
}

// Parties is a page of the parties for which something changes, the largest changes first, and how many there are: of those that the actor may see.
func (r *Room) Parties(ctx context.Context, id string, q PartyQuery, page, per int) (out []Party, total int, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		_, lines, err := linesOf(ctx, id, q)
		if err != nil {
			return err
		}
		total = len(lines)
		from := min((page-1)*per, total)
		out, err = withNames(ctx, lines[from:min(from+per, total)])
		return err
	})
	return out, total, err
}

// linesOf are the lines of a run that the actor may read: of a run that is not whole to them, of their own towns only.
func linesOf(ctx context.Context, id string, q PartyQuery) (*row, []Line, error) {
	s, err := visible(ctx, id)
	if err != nil || s.Lines == "" {
		return s, nil, err
	}
	var all []Line
	if err := json.Unmarshal([]byte(s.Lines), &all); err != nil {
		return nil, nil, err
	}
	reader := readerOf(ctx)
	whole := reader.whole(s)
	return s, slices.DeleteFunc(all, func(l Line) bool { return !q.takes(&l) || !whole && !slices.Contains(reader.towns, l.Town) }), nil
}

// withNames gives lines the names of their parties. One whose party the actor may no longer see (it moved) is left out.
func withNames(ctx context.Context, lines []Line) ([]Party, error) {
	out := make([]Party, 0, len(lines))
	for part := range slices.Chunk(lines, 200) {
		ids := make([]string, len(part))
		for i, l := range part {
			ids[i] = l.Party
		}
		names, err := named(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, l := range part {
			if n, ok := names[l.Party]; ok {
				out = append(out, Party{l, registry.ShownName(n.Kind, n.Name), n.Code})
			}
		}
	}
	return out, nil
}

// List is a page of the runs that the actor may know of, the latest first, without what they found, and how many there are. Of saved ones only
// when saved is true.
func (r *Room) List(ctx context.Context, saved bool, page, per int) (out []Simulation, total int, err error) {
	reader := readerOf(ctx)
	if !reader.desk {
		return nil, 0, errNotDesk()
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		out, total = []Simulation{}, 0
		// Whether a run is of other towns alone is known from its list of towns: ids and towns first, then the page.
		var all []row
		q := store.Tx(ctx).NewSelect().Model(&all).Column("id", "account", "name", "towns").Where("account = ? OR name <> ''", reader.account)
		if saved {
			q = q.Where("name <> ''")
		}
		if err := q.Order("made_at DESC", "id DESC").Scan(ctx); err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(s row) bool { return !reader.sees(&s) })
		total = len(all)
		from := min((page-1)*per, total)
		ids := make([]string, 0, per)
		for _, s := range all[from:min(from+per, total)] {
			ids = append(ids, s.ID)
		}
		if len(ids) == 0 {
			return nil
		}
		var rows []row
		if err := store.Tx(ctx).NewSelect().Model(&rows).ExcludeColumn("lines").Where("id IN (?)", bun.List(ids)).Order("made_at DESC", "id DESC").Scan(ctx); err != nil {
			return err
		}
		current, err := schemes.InUse(ctx)
		if err != nil {
			return err
		}
		for i := range rows {
			s, err := r.show(ctx, &rows[i], current)
			if err != nil {
				return err
			}
			if s.Result, err = rows[i].headline(); err != nil {
				return err
			}
			out = append(out, *s)
		}
		return nil
	})
	return out, total, err
}

// headline is what a list shows of a result.
func (s *row) headline() (*Result, error) {
	if s.Result == "" {
		return nil, nil
	}
	var full Result
	if err := json.Unmarshal([]byte(s.Result), &full); err != nil {
		return nil, err
	}
	full.Schemes, full.Towns, full.Sizes, full.Industries, full.Steps, full.Notes = []OfScheme{}, []OfGroup{}, []OfGroup{}, []OfGroup{}, []Step{}, []string{}
	return &full, nil
}

// most runs side by side.
const (
	fewestCompared = 2
	mostCompared   = 4
)

// Aside is runs side by side.
type Aside struct {
	Items   []Simulation `json:"items" nullable:"false" doc:"in the order asked"`
	Schemes []AsideOf    `json:"schemes" nullable:"false"`
}

// AsideOf is a scheme in each of the runs; one that a run does not compare is missing there.
type AsideOf struct {
	Scheme string      `json:"scheme"`
	Title  string      `json:"title"`
	Runs   []*Compared `json:"runs" nullable:"false"`
}

// Beside sets two to four runs that are done side by side. NotFound if the actor may not know of one, Conflict if one is not done.
func (r *Room) Beside(ctx context.Context, ids []string) (*Aside, error) {
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(unique) != len(ids) || len(ids) < fewestCompared || len(ids) > mostCompared {
		return nil, fault.New(fault.Invalid, "请选择2至4个不同的方案", fault.At("ids", "2至4个不同的方案"))
	}
	out := &Aside{Items: []Simulation{}, Schemes: []AsideOf{}}
	at := map[string]int{}
	for i, id := range ids {
		s, err := r.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if s.Result == nil {
			return nil, fault.New(fault.Conflict, "还没有测算完的方案不能对比")
		}
		for _, x := range s.Result.Schemes {
			k, known := at[x.Scheme]
			if !known {
				k = len(out.Schemes)
				at[x.Scheme] = k
				out.Schemes = append(out.Schemes, AsideOf{x.Scheme, x.Title, make([]*Compared, len(ids))})
			}
			c := x.Compared
			out.Schemes[k].Runs[i] = &c
		}
		out.Items = append(out.Items, *s)
	}
	slices.SortStableFunc(out.Schemes, func(a, b AsideOf) int { return cmp.Compare(a.Scheme, b.Scheme) })
	return out, nil
}
