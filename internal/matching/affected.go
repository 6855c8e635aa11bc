package matching

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// AffectedQuery asks which parties a scheme concerns. Empty fields ask for nothing.
type AffectedQuery struct {
	Scheme    string // document/scheme
	Answer    string // met, unmet, unknown, manual, or close: unmet, but near
	Town      string
	Words     string // in name or code
	Page, Per int    // from 1
}

// Affected is a party with the answer of a scheme.
type Affected struct {
	Party     AffectedParty `json:"party"`
	Answer    policy.Answer `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Amount    policy.Amount `json:"amount"`
	Potential policy.Amount `json:"potential"`
	Left      *policy.Left  `json:"left,omitempty" doc:"what the limits of the party leave of it, where they cut it"`
	Gap       string        `json:"gap" doc:"what separates it, one line"`
	Missing   []string      `json:"missing" nullable:"false" doc:"keys of the facts that would decide"`
	Verified  bool          `json:"verified"`
	Disputed  bool          `json:"disputed"`
	ChangesOn string        `json:"changes_on"`
}

// AffectedParty is what a list shows of a party.
type AffectedParty struct {
	ID       string `json:"id"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Town     string `json:"town"`
	Industry string `json:"industry"`
	Size     string `json:"size"`
}

// Counts are the numbers of parties by answer, in the actor's scope and under the filters other than the answer.
type Counts struct {
	Met     int `json:"met"`
	Close   int `json:"close" doc:"of the unmet: one or two figures that need not change by more than a quarter separate them"`
	Unmet   int `json:"unmet"`
	Unknown int `json:"unknown"`
	Manual  int `json:"manual"`
}

// AffectedPage is one page of the parties a scheme concerns.
type AffectedPage struct {
	Scheme         schemes.Lite `json:"scheme"`
	Items          []Affected   `json:"items" nullable:"false"`
	Total          int          `json:"total" doc:"parties under all filters"`
	Page           int          `json:"page"`
	Counts         Counts       `json:"counts"`
	TotalOwed      policy.Fen   `json:"total_owed" doc:"fen; exact amounts of parties that meet it"`
	TotalCeiling   policy.Fen   `json:"total_ceiling" doc:"fen; the most that 最高 and ranges may come to for parties that meet it"`
	TotalPotential policy.Fen   `json:"total_potential" doc:"fen; what it may come to at most once what is unknown is known"`
}

var affectedAnswers = []string{"", "met", "unmet", "close", "unknown", "manual"}

type affectedRow struct {
	row
	Code     string `bun:"code"`
	Name     string `bun:"name"`
	Town     string `bun:"town"`
	Industry string `bun:"industry"`
	Size     string `bun:"size"`
	Kind     string `bun:"party_kind"`
}

// AffectedBy is one page of the parties that a live scheme concerns, the most money first, with counts and sums over all of them.
// Only parties in the scope of the actor are seen or counted. Returns Forbidden unless the actor reads the desk, NotFound for an unknown scheme.
func (m *Matching) AffectedBy(ctx context.Context, q AffectedQuery) (*AffectedPage, error) {
	out := &AffectedPage{Items: []Affected{}, Page: max(q.Page, 1)}
	per := min(max(q.Per, 1), 1000)
	err := m.affected(ctx, q, func(ctx context.Context, lite schemes.Lite) error {
		*out = AffectedPage{Scheme: lite, Items: []Affected{}, Page: out.Page}
		if err := countAffected(ctx, q, out); err != nil {
			return err
		}
		rows, err := affectedRows(ctx, q, per, (out.Page-1)*per)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out.Items = append(out.Items, r.affected())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// affected checks who asks and for what, then runs fn in a read transaction.
func (m *Matching) affected(ctx context.Context, q AffectedQuery, fn func(context.Context, schemes.Lite) error) error {
	if !account.ActorFrom(ctx).Reader() {
		return fault.New(fault.Forbidden, "只有经办人员可以查看涉及的主体")
	}
	if !slices.Contains(affectedAnswers, q.Answer) {
		return fault.New(fault.Invalid, "结果的写法不对", fault.Detail{Field: "answer", Message: "应为 met、unmet、close、unknown 或 manual"})
	}
	return store.Read(ctx, func(ctx context.Context) error {
		set, err := schemes.Current(ctx)
		if err != nil {
			return err
		}
		s, err := set.Scheme(ctx, q.Scheme)
		if err != nil {
			return err
		}
		return fn(ctx, set.LiteOf(s, today(ctx)))
	})
}

// affectedFrom is a scheme's answers joined with the parties that the actor may see, under every filter but the answer.
func affectedFrom(ctx context.Context, q AffectedQuery) *bun.SelectQuery {
	condition, args := registry.Scope(ctx, "p")
	s := store.Tx(ctx).NewSelect().TableExpr("answers AS a").Join("JOIN parties AS p ON p.id = a.party").
		Where("a.scheme = ?", q.Scheme).Where(condition, args...)
	if q.Town != "" {
		s = s.Where("p.town = ?", q.Town)
	}
	for _, w := range strings.Fields(q.Words) {
		condition, args := store.Like(ctx, w, "p.name", "p.code")
		s = s.Where(condition, args...)
	}
	return s
}

// affectedCounted is affectedFrom for counting: who sees every town and filters nothing needs no parties.
func affectedCounted(ctx context.Context, q AffectedQuery) *bun.SelectQuery {
	if _, all := account.ActorFrom(ctx).Towns(); all && q.Town == "" && strings.TrimSpace(q.Words) == "" {
		return store.Tx(ctx).NewSelect().TableExpr("answers AS a").Where("a.scheme = ?", q.Scheme)
	}
	return affectedFrom(ctx, q)
}

// whereAnswer keeps the part of the list that an answer names.
func whereAnswer(s *bun.SelectQuery, answer string) *bun.SelectQuery {
	from, to := int64(0), farUnmet+1
	switch answer {
	case "met":
		to = placeStep
	case "manual":
		from, to = partManual*placeStep, partUnknown*placeStep
	case "unknown":
		from, to = partUnknown*placeStep, partClose*placeStep
	case "close":
		from, to = partClose*placeStep, farUnmet
	case "unmet":
		from = partClose * placeStep
	}
	return s.Where("a.place >= ? AND a.place < ?", from, to)
}

// countAffected counts and sums in one pass over the scheme's part of the index, which names the group of a row by its place.
func countAffected(ctx context.Context, q AffectedQuery, out *AffectedPage) error {
	var groups []struct {
		Part    int   `bun:"part"`
		N       int   `bun:"n"`
		Owed    int64 `bun:"owed"`
		Ceiling int64 `bun:"ceiling"`
		Reach   int64 `bun:"reach"`
	}
	err := affectedCounted(ctx, q).
		ColumnExpr("CASE WHEN a.place >= ? THEN ? ELSE a.place / ? END AS part", farUnmet, partFar, placeStep).
		ColumnExpr("COUNT(*) AS n").
		ColumnExpr("CAST(SUM(a.owed) AS BIGINT) AS owed").
		ColumnExpr("CAST(SUM(a.ceiling) AS BIGINT) AS ceiling").
		ColumnExpr("CAST(SUM(a.may_reach) AS BIGINT) AS reach").
		GroupExpr("1").Scan(ctx, &groups)
	if err != nil {
		return err
	}
	counts := &out.Counts
	for _, g := range groups {
		switch g.Part {
		case partMet:
			counts.Met = g.N
		case partManual:
			counts.Manual = g.N
		case partUnknown:
			counts.Unknown = g.N
		case partClose:
			counts.Close = g.N
			counts.Unmet += g.N
		case partFar:
			counts.Unmet += g.N
		}
		out.TotalOwed += policy.Fen(g.Owed)
		out.TotalCeiling += policy.Fen(g.Ceiling)
		out.TotalPotential += policy.Fen(g.Reach)
	}
	switch q.Answer {
	case "":
		out.Total = counts.Met + counts.Manual + counts.Unknown + counts.Unmet
	case "met":
		out.Total = counts.Met
	case "manual":
		out.Total = counts.Manual
	case "unknown":
		out.Total = counts.Unknown
	case "close":
		out.Total = counts.Close
	case "unmet":
		out.Total = counts.Unmet
	}
	return nil
}

// listed is the list of a query in its order.
func listed(ctx context.Context, q AffectedQuery) *bun.SelectQuery {
	return whereAnswer(affectedFrom(ctx, q), q.Answer).
		ColumnExpr("a.*").ColumnExpr("p.code, p.name, p.town, p.industry, p.size, p.kind AS party_kind").OrderExpr("a.place, a.party")
}

func affectedRows(ctx context.Context, q AffectedQuery, limit, offset int) ([]affectedRow, error) {
	var rows []affectedRow
	err := listed(ctx, q).Limit(int64(limit)).Offset(int64(offset)).Scan(ctx, &rows)
	return rows, err
}

// eachAffected streams the whole list.
func eachAffected(ctx context.Context, q AffectedQuery, fn func(*affectedRow) error) error {
	rows, err := listed(ctx, q).Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r affectedRow
		if err := store.Tx(ctx).NewSelect().DB().ScanRow(ctx, rows, &r); err != nil {
			return err
		}
		if err := fn(&r); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *affectedRow) affected() Affected {
	a, _ := policy.ParseAnswer(r.Answer)
	out := Affected{Party: AffectedParty{ID: r.Party, Code: r.Code, Name: registry.ShownName(r.Kind, r.Name), Town: r.Town, Industry: r.Industry, Size: r.Size},
		Answer: a, Amount: r.amount(), Potential: r.potential(), Left: r.left(), Gap: r.Gap, Missing: []string{},
		Verified: r.Verified == 1, Disputed: r.Disputed == 1, ChangesOn: r.ChangesOn}
	_ = json.Unmarshal([]byte(r.Missing), &out.Missing) // written by this package
	return out
}
