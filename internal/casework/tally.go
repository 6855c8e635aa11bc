package casework

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Tally (汇总) is what all parties of a round list of each firm, added up, and what the scheme that the process names says of that firm with the
// sum as its figure. Nothing is rounded before it is compared; a firm of which the scheme has to know more than is known is unknown, with what is
// missing, and never passes. Who has not handed in is not in a sum, so that an excess is certain and its absence is not: the tally says how many
// have not.
type Tally struct {
	Key     string       `json:"key" doc:"of the list that is added up"`
	Title   string       `json:"title"`
	Of      string       `json:"of" doc:"the field that is added up"`
	Year    int          `json:"year"`
	Scheme  schemes.Lite `json:"scheme" doc:"that judges each firm"`
	Clause  string       `json:"clause" doc:"that it cites"`
	Refers  bool         `json:"refers" doc:"what is found may be handed on"`
	Missing int          `json:"missing" doc:"how many of the round have not handed in: what they would list is in no sum"`
	Counts  TallyCounts  `json:"counts"`
	Items   []TallyRow   `json:"items" nullable:"false" doc:"the page"`
	Total   int          `json:"total"`
	Page    int          `json:"page"`

	list *policy.List
	rows []TallyRow // all that the actor may see
}

// TallyCounts is how many firms have which answer.
type TallyCounts struct {
	Unmet   int `json:"unmet"`
	Unknown int `json:"unknown" doc:"not known, or left to a person"`
	Met     int `json:"met"`
}

// TallyRow is a firm that was listed.
type TallyRow struct {
	Code     string           `json:"code"`
	Name     string           `json:"name" doc:"as it is registered, else as it was listed"`
	Party    string           `json:"party,omitempty" doc:"absent: it is not registered"`
	Town     string           `json:"town,omitempty"`
	Sum      string           `json:"sum"`
	Verified string           `json:"verified" doc:"how much of the sum is verified"`
	Whole    bool             `json:"whole" doc:"all of the sum is verified"`
	From     []TallySource    `json:"from" nullable:"false" doc:"who listed it; those whom the actor may not see are one without a name"`
	Answer   policy.Answer    `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Actual   string           `json:"actual,omitempty" doc:"what is compared, as a reader expects it: 10.89%"`
	Working  string           `json:"working,omitempty" doc:"how that comes about"`
	Beside   []policy.FactRef `json:"beside" nullable:"false" doc:"what else it was judged by"`
	Lacks    []string         `json:"lacks" nullable:"false" doc:"what is not known"`
	Case     string           `json:"case,omitempty" doc:"that was begun when it was handed on"`
	Number   string           `json:"number,omitempty" doc:"of that case"`

	facts   []registry.Listed // that it is the sum of
	sources []TallySource     // who stated each
	pins    []registry.Pin    // of what is known of the firm
}

// TallySource is a party that listed a firm.
type TallySource struct {
	Case     string `json:"case,omitempty"`
	Party    string `json:"party" doc:"its name"`
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
}

// TallyList are the tallies of a round, without their rows.
type TallyList struct {
	Items []Tally `json:"items" nullable:"false"`
}

// TallyFilter selects firms of a tally; zero values select all.
type TallyFilter struct {
	Text      string
	Answer    string // unmet, unknown (with what is left to a person), met
	Page, Per int
}

// reporter is a party that was called on in the year of a round.
type reporter struct {
	Case       string `bun:"id"`
	Party      string `bun:"party"`
	Name       string `bun:"party_name"`
	Town       string `bun:"town"`
	Department string `bun:"department"`
	Handed     string `bun:"submitted_at"`
	Excused    int    `bun:"excused"`
}

// reporters are all who have a case of one of the round's schemes of its year, the one that was handed in where there are several.
func reporters(ctx context.Context, r *roundRow) ([]reporter, error) {
	var rows []reporter
	err := store.Tx(ctx).NewRaw(`SELECT c.id, c.party, c.party_name, c.town, c.department, c.submitted_at, CASE WHEN c.ended = 'withdrawn' THEN 1 ELSE 0 END AS excused FROM cases AS c
		WHERE c.scheme IN (SELECT s.scheme FROM round_schemes AS s WHERE s.round = ?) AND c.performance = ? AND c.number <> ''
		ORDER BY c.party, CASE WHEN c.submitted_at = '' THEN 1 ELSE 0 END, c.id`, r.ID, r.Performance).Scan(ctx, &rows)
	return slices.CompactFunc(rows, func(a, b reporter) bool { return a.Party == b.Party }), err
}

// tallied is the tally of a list of a round over all its firms; nil: the list is not added up.
func (c *Casework) tallied(ctx context.Context, r *roundRow, set *schemes.Compiled, l *policy.List) (*Tally, error) {
	v := set.Library.Vocabulary()
	if l.Sum == nil || v.Record(l.Key) == nil {
		return nil, nil
	}
	s := set.Library.Scheme(l.Sum.Scheme)
	if s == nil {
		return nil, fmt.Errorf("casework: no scheme %s", l.Sum.Scheme)
	}
	year := int(r.Performance)
	out := &Tally{Key: l.Key, Title: l.Sum.Title, Of: l.Sum.Of, Year: year, Scheme: set.LiteOf(s, clock.Today(ctx)), Clause: s.Cite(),
		Refers: l.Sum.Process != "", Items: []TallyRow{}, list: l}
	who, err := reporters(ctx, r)
	if err != nil {
		return nil, err
	}
	by := map[string]reporter{}
	for _, x := range who {
		if by[x.Party] = x; x.Handed == "" && x.Excused == 0 {
			out.Missing++
		}
	}
	facts, err := c.registry.ListedOn(ctx, l.Key, slices.Sorted(maps.Keys(by)), l.On(year))
	if err != nil {
		return nil, err
	}
	of := map[string][]registry.Listed{}
	for _, f := range counted(facts, l.Names) {
		code := registry.NormalCode(f.Fields[l.Names])
		of[code] = append(of[code], f)
	}
	codes := slices.Sorted(maps.Keys(of))
	known, err := c.registry.ByCodes(ctx, codes)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(known))
	for _, p := range known {
		ids = append(ids, p.ID)
	}
	// What is known of a firm is read whoever asks: whose rows are shown is asked below.
	figures, err := c.registry.KnownOf(account.System(ctx), v, ids)
	if err != nil {
		return nil, err
	}
	for _, code := range codes {
		row, err := tallyRow(ctx, v, l, code, of[code], by)
		if err != nil {
			return nil, err
		}
		if p, ok := known[code]; ok {
			row.Name, row.Party, row.Town = p.Name, p.ID, p.Town
			if err := row.judged(ctx, s, l, year, figures[p.ID]); err != nil {
				return nil, err
			}
		} else {
			row.Answer, row.Lacks = policy.Unknown, []string{"登记库中没有这个代码的企业，它的数据都不知道"}
		}
		if desk(ctx, r.Department, row.Town) {
			out.rows = append(out.rows, *row)
		}
	}
	slices.SortStableFunc(out.rows, worse)
	for _, x := range out.rows {
		switch x.Answer {
		case policy.Unmet:
			out.Counts.Unmet++
		case policy.Met, policy.NotApplicable:
			out.Counts.Met++
		default:
			out.Counts.Unknown++
		}
	}
	return out, referredIn(ctx, r.ID, l.Key, out.rows)
}

// tallyRow is a firm with what is listed of it, not yet judged.
func tallyRow(ctx context.Context, v *policy.Vocabulary, l *policy.List, code string, facts []registry.Listed, by map[string]reporter) (*TallyRow, error) {
	row := &TallyRow{Code: code, From: []TallySource{}, Beside: []policy.FactRef{}, Lacks: []string{}, Whole: true, facts: facts}
	var all, sure, hidden []string
	for _, f := range facts {
		value, who := f.Fields[l.Sum.Of], by[f.Party]
		if row.Name == "" {
			row.Name = named(l, v, f)
		}
		all = append(all, value)
		if f.Verified {
			sure = append(sure, value)
		}
		row.Whole = row.Whole && f.Verified
		if row.sources = append(row.sources, TallySource{Party: who.Name, Value: value, Verified: f.Verified}); !mayReadCase(ctx, who) {
			hidden = append(hidden, value)
			continue
		}
		row.From = append(row.From, TallySource{Case: who.Case, Party: who.Name, Value: value, Verified: f.Verified})
	}
	var err error
	if len(hidden) > 0 {
		x := TallySource{Party: fmt.Sprintf("不在您辖区的%d家", len(hidden))}
		if x.Value, err = v.Add(l.Key, l.Sum.Of, hidden); err != nil {
			return nil, err
		}
		row.From = append(row.From, x)
	}
	if row.Sum, err = v.Add(l.Key, l.Sum.Of, all); err != nil {
		return nil, err
	}
	row.Verified, err = v.Add(l.Key, l.Sum.Of, sure)
	return row, err
}

// named is what a row calls its firm: the first of its words that is not its code.
func named(l *policy.List, v *policy.Vocabulary, f registry.Listed) string {
	for _, field := range v.Record(l.Key).Fields {
		if field.Type == policy.TypeWord && field.Name != l.Names && f.Fields[field.Name] != "" {
			return f.Fields[field.Name]
		}
	}
	return ""
}

// mayReadCase says whether the actor may know who listed something.
func mayReadCase(ctx context.Context, who reporter) bool { return desk(ctx, who.Department, who.Town) }

// judged asks the scheme of the firm, with the sum as its figure of the year in place of whatever else is said of that.
func (row *TallyRow) judged(ctx context.Context, s *policy.Scheme, l *policy.List, year int, k registry.Known) error {
	k.Facts.Forget(l.Sum.As)
	if err := k.Facts.Value(l.Sum.As, year, row.Sum, policy.Source{Origin: l.Sum.Title, Verified: row.Whole}); err != nil {
		return err
	}
	result := s.Evaluate(policy.Question{Facts: k.Facts, On: clock.Today(ctx), Performance: year, Explain: true})
	row.Answer, row.pins = result.Answer, k.Pins
	row.read(result.Reasons, l.Sum.As)
	for _, n := range result.Missing {
		row.Lacks = append(row.Lacks, n.Label)
	}
	return nil
}

// read takes from the reasons what is compared, and what else it came from than the sum.
func (row *TallyRow) read(n *policy.Node, sum string) {
	if n == nil {
		return
	}
	if row.Actual == "" && n.Actual != "" && row.Answer != policy.Unknown { // of what is not known it is a range of everything
		row.Actual, row.Working = n.Actual, n.Sum
	}
	for _, f := range n.Facts {
		if term, _, _ := strings.Cut(f.Key, "@"); term != sum && !slices.Contains(row.Beside, f) {
			row.Beside = append(row.Beside, f)
		}
	}
	for _, child := range n.Children {
		row.read(child, sum)
	}
}

// worse puts first what the scheme refuses, then what is unknown, then the rest, and in each what is compared from high to low.
func worse(a, b TallyRow) int {
	rank := func(x TallyRow) int {
		switch x.Answer {
		case policy.Unmet:
			return 0
		case policy.Met, policy.NotApplicable:
			return 2
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), figureIn(b.Actual).Cmp(figureIn(a.Actual)), figureIn(b.Sum).Cmp(figureIn(a.Sum)), strings.Compare(a.Code, b.Code))
}

// figureIn is the number that a text with a unit begins with, for sorting; zero: none.
func figureIn(text string) *big.Rat {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' && r != '-' })
	if end < 0 {
		end = len(text)
	}
	n, ok := new(big.Rat).SetString(strings.ReplaceAll(text[:end], ",", ""))
	if !ok {
		return new(big.Rat)
	}
	return n
}

// tallyOf is a tally of a round that the actor may read. NotFound if there is no such round or tally; Forbidden for whoever is not of the office
// that runs the round, of some of its towns or all.
func (c *Casework) tallyOf(ctx context.Context, round, key string) (*roundRow, *Tally, error) {
	r, list, err := c.addedUp(ctx, round)
	if err != nil {
		return nil, nil, err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range list {
		if l.Key == key {
			t, err := c.tallied(ctx, r, set, l)
			return r, t, err
		}
	}
	return nil, nil, fault.New(fault.NotFound, "这个批次没有这张汇总表")
}

// addedUp are the lists of a round that are added up, for who may read them.
func (c *Casework) addedUp(ctx context.Context, round string) (*roundRow, []*policy.List, error) {
	if account.ActorFrom(ctx).Public() {
		return nil, nil, fault.New(fault.Unauthenticated, "请先登录")
	}
	r, err := visibleRound(ctx, round)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool { return deskGrant(g, r.Department) }) {
		return nil, nil, fault.New(fault.Forbidden, "只供"+r.Department+"的办理人员查看")
	}
	set, err := r.rules(ctx)
	if err != nil {
		return nil, nil, err
	}
	var out []*policy.List
	if p := processOf(set, r.Process); p != nil {
		for _, l := range p.Lists {
			if l.Sum != nil {
				out = append(out, l)
			}
		}
	}
	return r, out, nil
}

// Tallies are the tallies of a round with their counts, without their rows; none for whoever may not read them. NotFound if there is no such round.
func (c *Casework) Tallies(ctx context.Context, round string) ([]Tally, error) {
	out := []Tally{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		r, list, err := c.addedUp(ctx, round)
		if fault.CodeOf(err) == fault.Forbidden {
			return nil
		}
		if err != nil {
			return err
		}
		set, err := r.rules(ctx)
		if err != nil {
			return err
		}
		for _, l := range list {
			t, err := c.tallied(ctx, r, set, l)
			if err != nil {
				return err
			}
			t.Total = len(t.rows)
			out = append(out, *t)
		}
		return nil
	})
	return out, err
}

// Tally is a page of a tally. Errors as tallyOf.
func (c *Casework) Tally(ctx context.Context, round, key string, f TallyFilter) (*Tally, error) {
	var out *Tally
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		if _, out, err = c.tallyOf(ctx, round, key); err != nil {
			return err
		}
		rows := f.choose(out.rows)
		out.Total, out.Page = len(rows), max(f.Page, 1)
		from := min(int(offset(f.Page, f.Per)), len(rows))
		out.Items = append(out.Items, rows[from:min(from+int(per(f.Per)), len(rows))]...)
		return nil
	})
	return out, err
}

func (f TallyFilter) choose(rows []TallyRow) []TallyRow {
	text := strings.TrimSpace(f.Text)
	return slices.DeleteFunc(slices.Clone(rows), func(x TallyRow) bool {
		answer := x.Answer.String()
		switch x.Answer {
		case policy.Manual:
			answer = policy.Unknown.String()
		case policy.NotApplicable:
			answer = policy.Met.String()
		}
		return f.Answer != "" && answer != f.Answer || text != "" && !strings.Contains(x.Name, text) && !strings.Contains(x.Code, strings.ToUpper(text))
	})
}

// tallyWords is what an answer of a tally is called.
var tallyWords = map[policy.Answer]string{policy.Unmet: "不符合", policy.Unknown: "未知", policy.Manual: "需人工判断", policy.Met: "符合", policy.NotApplicable: "不适用"}

// ExportTally writes the firms that a filter leaves as a workbook. Errors as tallyOf.
func (c *Casework) ExportTally(ctx context.Context, round, key string, f TallyFilter, w io.Writer) error {
	var t *Tally
	if err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		_, t, err = c.tallyOf(ctx, round, key)
		return err
	}); err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "汇总", Columns: []spreadsheet.Column{{Heading: "企业名称", Width: 36}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "镇街", Width: 12},
		{Heading: t.Of + "合计", Width: 14}, {Heading: "其中已核实", Width: 14}, {Heading: "报送的单位", Width: 60}, {Heading: "比对的其他数据", Width: 40}, {Heading: "结果", Width: 12},
		{Heading: "算得", Width: 14}, {Heading: "算式", Width: 36}, {Heading: "缺少的数据", Width: 36}, {Heading: "已移送", Width: 22}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, x := range f.choose(t.rows) {
				var from, beside []string
				for _, s := range x.From {
					from = append(from, s.Party+s.Value)
				}
				for _, b := range x.Beside {
					beside = append(beside, b.Label+b.Value+"（"+b.Source.Origin+sureWord(b.Source.Verified)+"）")
				}
				if err := emit(x.Name, x.Code, x.Town, x.Sum, x.Verified, strings.Join(from, "；"), strings.Join(beside, "；"), tallyWords[x.Answer], x.Actual, x.Working,
					strings.Join(x.Lacks, "；"), x.Number); err != nil {
					return err
				}
			}
			return nil
		}})
}

// sureWord says of a figure that is only declared that it is.
func sureWord(verified bool) string {
	if verified {
		return ""
	}
	return "，未核实"
}
