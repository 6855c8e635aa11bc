package certificate

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// readers are who reads the register at the desk, of what their grants cover.
var readers = []account.Role{account.RoleOfficer, account.RoleLeader, account.RoleAuditor}

// scope is the SQL condition for the certificates that the actor may see.
func scope(ctx context.Context) (string, []any) {
	a := account.ActorFrom(ctx)
	var or []string
	var args []any
	for _, g := range a.Grants {
		if !slices.Contains(readers, g.Role) {
			continue
		}
		and := []string{`1 = 1`}
		if g.Department != "" {
			and, args = append(and, `t.department = ?`), append(args, g.Department)
		}
		if g.Town != "" {
			and, args = append(and, `t.town = ?`), append(args, g.Town)
		}
		or = append(or, `(`+strings.Join(and, ` AND `)+`)`)
	}
	if own := a.Parties(); len(own) > 0 {
		or, args = append(or, `t.party IN (?)`), append(args, bun.List(own))
	}
	if len(or) == 0 {
		return `1 = 0`, nil
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

// mayRead is Unauthenticated or Forbidden for whoever has no certificates and no register to read.
func mayRead(ctx context.Context) error {
	a := account.ActorFrom(ctx)
	switch {
	case a.Public():
		return fault.New(fault.Unauthenticated, "请先登录")
	case len(a.Parties()) == 0 && !slices.ContainsFunc(readers, a.Is):
		return fault.New(fault.Forbidden, "证书登记簿只供持证主体和办理人员查看")
	}
	return nil
}

// Filter selects certificates; zero values select all that the actor may see.
type Filter struct {
	Text      string // number, holder or code
	Scheme    string
	Party     string
	Town      string
	State     State
	Within    int // days: valid, and comes to its end within so many
	Page, Per int
}

// Page is a page of certificates.
type Page struct {
	Items   []Certificate `json:"items" nullable:"false"`
	Total   int           `json:"total"`
	Page    int           `json:"page"`
	Schemes []SchemeRef   `json:"schemes" nullable:"false" doc:"of which the register has any that the actor may see"`
}

// SchemeRef names a scheme.
type SchemeRef struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Certificates lists what the actor may see, the latest first; those that come to an end within a number of days by their end.
func (r *Register) Certificates(ctx context.Context, f Filter) (*Page, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	out := &Page{Page: max(f.Page, 1), Items: []Certificate{}, Schemes: []SchemeRef{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		today := clock.Today(ctx)
		cond, args := scope(ctx)
		if err := store.Tx(ctx).NewRaw(`SELECT DISTINCT t.scheme AS id, t.scheme_title AS title FROM certificates AS t WHERE `+cond+` ORDER BY 2, 1`, args...).
			Scan(ctx, &out.Schemes); err != nil {
			return err
		}
		narrow, more := f.condition(ctx, today)
		cond, args = cond+narrow, append(args, more...)
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM certificates AS t WHERE `+cond, args...).Scan(ctx, &out.Total); err != nil {
			return err
		}
		order := `t.issued_on DESC, t.number DESC`
		if f.Within > 0 {
			order = `t.stands_until, t.number`
		}
		per := 20
		if f.Per > 0 && f.Per <= 200 {
			per = f.Per
		}
		rows := []*certificateRow{}
		if err := store.Tx(ctx).NewRaw(`SELECT t.* FROM certificates AS t WHERE `+cond+` ORDER BY `+order+` LIMIT ? OFFSET ?`,
			append(args, per, (out.Page-1)*per)...).Scan(ctx, &rows); err != nil {
			return err
		}
		out.Items = out.Items[:0]
		for _, row := range rows {
			v, err := row.view(ctx, today)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *v)
		}
		return nil
	})
	return out, err
}

// condition is what a filter adds to the scope, beginning with AND.
func (f Filter) condition(ctx context.Context, today policy.Date) (string, []any) {
	var out strings.Builder
	var args []any
	add := func(condition string, a ...any) { out.WriteString(` AND ` + condition); args = append(args, a...) }
	for _, x := range []struct{ column, value string }{{"scheme", f.Scheme}, {"party", f.Party}, {"town", f.Town}} {
		if x.value != "" {
			add(`t.`+x.column+` = ?`, x.value)
		}
	}
	const over = `(t.live = 1 AND t.stands_until <> '' AND t.stands_until < ?)`
	switch f.State {
	case "":
	case Expired:
		add(`(t.state = 'expired' OR `+over+`)`, today.String())
	default:
		add(`t.state = ? AND NOT `+over, string(f.State), today.String())
	}
	if f.Within > 0 {
		add(`t.live = 1 AND t.stands_until >= ? AND t.stands_until <= ?`, today.String(), today.AddDays(f.Within).String())
	}
	for _, word := range strings.Fields(f.Text) {
		condition, more := store.Like(ctx, word, "t.number", "t.holder", "t.code")
		add(condition, more...)
	}
	return out.String(), args
}

// Certificate is one with what became of it. NotFound if the actor may not see it.
func (r *Register) Certificate(ctx context.Context, id string) (*Certificate, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	var out *Certificate
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visible(ctx, id)
		if err != nil {
			return err
		}
		today := clock.Today(ctx)
		if out, err = row.view(ctx, today); err != nil {
			return err
		}
		changes, err := changesOf(ctx, id)
		if err != nil {
			return err
		}
		last, err := row.print(changes, out.Details)
		if err != nil {
			return err
		}
		out.Print = &last
		out.Changes = make([]Change, 0, len(changes)+2)
		desk := slices.ContainsFunc(readers, account.ActorFrom(ctx).Is)
		for _, c := range changes {
			v := c.view()
			if !desk {
				v.MadeBy = ""
			}
			out.Changes = append(out.Changes, v)
		}
		out.Changes = append(out.Changes, row.passed(today)...)
		return nil
	})
	return out, err
}

// passed is what time alone has made of a certificate and nobody has written yet.
func (row *certificateRow) passed(today policy.Date) []Change {
	var out []Change
	if row.deemed(today) {
		end, _ := policy.ParseDate(row.ValidUntil)
		out = append(out, Change{Kind: changeDeem, Label: changeLabels[changeDeem], On: end.AddDays(1), Told: "届满日" + row.ValidUntil + "前没有决定，视为准予延续至" + row.StandsUntil})
	}
	if row.Live == 1 && row.stateOn(today) == Expired {
		end, _ := policy.ParseDate(row.StandsUntil)
		out = append(out, Change{Kind: changeExpire, Label: changeLabels[changeExpire], On: end.AddDays(1), Told: "有效期至" + row.StandsUntil})
	}
	return out
}

// deemed says whether a certificate came to its end with its renewal undecided.
func (row *certificateRow) deemed(today policy.Date) bool {
	return row.Renewal != "" && row.ValidUntil < today.String()
}

func (c *changeRow) view() Change {
	v := Change{Kind: c.Kind, Label: changeLabels[c.Kind], MadeAt: c.MadeAt, MadeBy: c.MadeBy, Case: c.Case, CaseNumber: c.CaseNumber, Decision: c.Decision,
		Reason: c.Reason, Cite: c.Cite, Told: c.Told}
	v.On, _ = policy.ParseDate(c.On)
	return v
}

// view is a row on a day not before its last change, without what became of it.
func (row *certificateRow) view(_ context.Context, today policy.Date) (*Certificate, error) {
	v := &Certificate{ID: row.ID, Number: row.Number, Title: row.Title, Scheme: row.Scheme, SchemeTitle: row.SchemeTitle, Kind: row.Kind, Record: row.Record,
		Party: row.Party, Holder: row.Holder, Code: row.Code, Level: row.Level, Department: row.Department, Town: row.Town, Renewal: row.Renewal,
		Source: row.Source, Deemed: row.deemed(today), State: row.stateOn(today), Invented: row.Invented != 0, Version: row.Version}
	for _, d := range []struct {
		to   *policy.Date
		text string
	}{{&v.IssuedOn, row.IssuedOn}, {&v.ValidFrom, row.ValidFrom}, {&v.ValidUntil, row.ValidUntil}, {&v.StandsUntil, row.StandsUntil}} {
		*d.to, _ = policy.ParseDate(d.text)
	}
	var err error
	v.Details, err = row.details()
	return v, err
}

func visible(ctx context.Context, id string) (*certificateRow, error) {
	cond, args := scope(ctx)
	row := &certificateRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("t.id = ? AND "+cond, append([]any{id}, args...)...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound()
	}
	return row, err
}

// Held is a certificate that the actor may see, without what became of it. NotFound if the actor may not see it.
func (r *Register) Held(ctx context.Context, id string) (*Certificate, error) {
	var out *Certificate
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visible(ctx, id)
		if err != nil {
			return err
		}
		out, err = row.view(ctx, clock.Today(ctx))
		return err
	})
	return out, err
}

// End is the last day on which a certificate is valid, as it says; 0: it has none.
func (r *Register) End(ctx context.Context, id string) (policy.Date, error) {
	var end policy.Date
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := certificateByID(ctx, id)
		if err == nil && row.ValidUntil != "" {
			end, err = policy.ParseDate(row.ValidUntil)
		}
		return err
	})
	return end, err
}

// Taken are those of the numbers that a certificate has.
func (r *Register) Taken(ctx context.Context, numbers []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		for some := range slices.Chunk(numbers, atOnce) {
			var taken []string
			if err := store.Tx(ctx).NewRaw(`SELECT number FROM certificates WHERE number IN (?)`, bun.List(some)).Scan(ctx, &taken); err != nil {
				return err
			}
			for _, n := range taken {
				out[n] = true
			}
		}
		return nil
	})
	return out, err
}

// Holders are those of the parties who hold a valid certificate of any of schemes today.
func (r *Register) Holders(ctx context.Context, parties, schemes []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		today := clock.Today(ctx)
		for some := range slices.Chunk(parties, atOnce) {
			rows, err := liveOf(ctx, some, schemes)
			if err != nil {
				return err
			}
			for _, row := range rows {
				out[row.Party] = out[row.Party] || row.stateOn(today) == Valid
			}
		}
		return nil
	})
	return out, err
}

// atOnce is how many of a list are asked for in one query.
const atOnce = 500

// Verified is what the public is told of a number.
type Verified struct {
	Number     string      `json:"number"`
	Title      string      `json:"title"`
	Holder     string      `json:"holder" doc:"a person's name in part only"`
	Code       string      `json:"code,omitempty"`
	Details    []Detail    `json:"details" nullable:"false" doc:"those that name persons in part only"`
	Level      string      `json:"level,omitempty"`
	Department string      `json:"department"`
	Source     string      `json:"source,omitempty" doc:"the document of the upper body by which it was granted"`
	IssuedOn   policy.Date `json:"issued_on"`
	ValidFrom  policy.Date `json:"valid_from"`
	ValidUntil policy.Date `json:"valid_until" doc:"as things stand; empty: it has no end"`
	State      State       `json:"state" enum:"valid,suspended,expired,revoked,surrendered"`
	Label      string      `json:"label" doc:"of the state"`
	Since      policy.Date `json:"since" doc:"since when it is so"`
	Deemed     bool        `json:"deemed,omitempty" doc:"deemed renewed: the renewal is undecided"`
	Print      Print       `json:"print" doc:"the last time it was issued on paper: what bears an earlier one is replaced"`
	Invented   bool        `json:"invented" doc:"made up for a demonstration"`
	On         policy.Date `json:"on" doc:"the day of the answer"`
}

// sinceKinds are the changes since which a state holds.
var sinceKinds = map[State][]string{Valid: {changeIssue, changeResume}, Suspended: {changeSuspend}, Revoked: {changeRevoke}, Surrendered: {changeSurrender}}

// Verify tells anybody who knows the exact number of a certificate what is public of it. NotFound if there is none.
func (r *Register) Verify(ctx context.Context, number string) (*Verified, error) {
	number = strings.TrimSpace(number)
	var out *Verified
	err := store.Read(ctx, func(ctx context.Context) error {
		row := &certificateRow{}
		err := store.Tx(ctx).NewSelect().Model(row).Where("t.number = ?", number).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "没有这个编号的证书：请核对编号，一个字也不能差；查不到的证书不是本地部门通过本系统发的")
		}
		if err != nil {
			return err
		}
		today := clock.Today(ctx)
		v, err := row.view(ctx, today)
		if err != nil {
			return err
		}
		out = &Verified{Number: v.Number, Title: v.Title, Holder: v.Holder, Code: v.Code, Details: v.Details, Level: v.Level, Department: v.Department, Source: v.Source,
			IssuedOn: v.IssuedOn, ValidFrom: v.ValidFrom, ValidUntil: v.StandsUntil, State: v.State, Label: stateLabels[v.State], Deemed: v.Deemed, Invented: v.Invented, On: today}
		if row.Person != 0 {
			out.Holder, out.Code = registry.MaskName(v.Holder), ""
		}
		for i := range out.Details {
			if out.Details[i].Masked {
				out.Details[i].Value = registry.MaskName(out.Details[i].Value)
			}
		}
		changes, err := changesOf(ctx, row.ID)
		if err != nil {
			return err
		}
		if out.Print, err = row.print(changes, v.Details); err != nil {
			return err
		}
		if v.State == Expired {
			out.Since = v.StandsUntil.AddDays(1)
			return nil
		}
		for _, c := range changes {
			if slices.Contains(sinceKinds[v.State], c.Kind) {
				out.Since, _ = policy.ParseDate(c.On)
			}
		}
		return err
	})
	return out, err
}
