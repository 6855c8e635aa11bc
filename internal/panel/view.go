package panel

import (
	"context"
	"math/big"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/lot"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Panel is one as the desk sees it. Points are there only once all are in, and without names.
type Panel struct {
	ID         string   `json:"id"`
	Round      string   `json:"round"`
	RoundTitle string   `json:"round_title"`
	Department string   `json:"department"`
	Rules      string   `json:"rules" doc:"in words"`
	Experts    int      `json:"experts" doc:"how many score each case"`
	State      string   `json:"state" enum:"open,scored,void"`
	Seed       string   `json:"seed" doc:"32 random bytes, hex: the key of HMAC-SHA256 over the experts' ids"`
	Holds      bool     `json:"holds" doc:"drawn once more from what is kept, it is the same"`
	DrawnAt    string   `json:"drawn_at"`
	DrawnBy    string   `json:"drawn_by"`
	Short      int      `json:"short" doc:"scores that nobody is left to give"`
	Lot        []Ticket `json:"lot" nullable:"false" doc:"in the order drawn; who was left out comes last"`
	Cases      []Line   `json:"cases" nullable:"false" doc:"once scored by rank, else by number"`
	ScoredAt   string   `json:"scored_at,omitempty"`
	Chair      string   `json:"chair,omitempty" doc:"name"`
	Note       string   `json:"note"`
	SignedAt   string   `json:"signed_at,omitempty"`
	Version    int64    `json:"version"`
}

// Ticket is an expert in the lot.
type Ticket struct {
	Expert     string   `json:"expert"`
	Name       string   `json:"name"`
	Employer   string   `json:"employer"`
	Fields     []string `json:"fields" nullable:"false"`
	Position   int      `json:"position,omitempty" doc:"absent: left out"`
	Excluded   string   `json:"excluded,omitempty" doc:"why they were left out"`
	State      string   `json:"state" enum:"waiting,called,out"`
	DeclaredAt string   `json:"declared_at,omitempty"`
	Reason     string   `json:"reason,omitempty" doc:"of a conflict of interest, or why they cannot attend"`
	Sheets     int      `json:"sheets"`
	Recused    int      `json:"recused"`
	Submitted  int      `json:"submitted"`
}

// Line is a case that is scored.
type Line struct {
	Case   string  `json:"case"`
	Number string  `json:"number"`
	Party  string  `json:"party" doc:"name"`
	In     int     `json:"in" doc:"how many scores were handed in"`
	Rank   int     `json:"rank,omitempty" doc:"equal scores have the same"`
	Tied   bool    `json:"tied,omitempty" doc:"another has the same score"`
	Score  string  `json:"score,omitempty"`
	Mean   string  `json:"mean,omitempty" doc:"exact, as a fraction"`
	Totals []Total `json:"totals" nullable:"false" doc:"the highest first, without names; only once all are in"`
}

// Total is what one expert gave a case.
type Total struct {
	Points  string `json:"points"`
	Dropped bool   `json:"dropped" doc:"as one of the highest or lowest"`
}

// visible is a panel that the actor sees at the desk.
func visible(ctx context.Context, id string) (*panelRow, error) {
	p, err := panelByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if !reads(ctx, p.Department) {
		return nil, errUnknown()
	}
	return p, nil
}

// Panels are those of a round, the latest first, for who reads what its department keeps. Forbidden to who reads nothing of it.
func (r *Room) Panels(ctx context.Context, round string) ([]Panel, error) {
	out := []Panel{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if !account.ActorFrom(ctx).Reader() {
			return fault.New(fault.Forbidden, "专家组只供办理人员查看")
		}
		rows := []*panelRow{}
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("p.round = ?", round).OrderExpr("p.drawn_at DESC, p.id DESC").Scan(ctx); err != nil {
			return err
		}
		for _, p := range rows {
			if reads(ctx, p.Department) {
				v, err := r.view(ctx, p)
				if err != nil {
					return err
				}
				out = append(out, *v)
			}
		}
		return nil
	})
	return out, err
}

func (r *Room) view(ctx context.Context, p *panelRow) (*Panel, error) {
	rules, err := rulesOf(p.Rules)
	if err != nil {
		return nil, err
	}
	tickets, err := lotOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	lines, err := linesOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	sheets, err := sheetsOf(ctx, p.ID, "")
	if err != nil {
		return nil, err
	}
	out := &Panel{ID: p.ID, Round: p.Round, RoundTitle: p.RoundTitle, Department: p.Department, Rules: rules.Words(), Experts: rules.Experts, State: p.State, Seed: p.Seed,
		DrawnAt: p.DrawnAt, DrawnBy: p.DrawnBy, Lot: []Ticket{}, Cases: []Line{}, ScoredAt: p.ScoredAt, Note: p.Note, SignedAt: p.SignedAt, Version: p.Version,
		Holds: holdsLot(p.Seed, tickets), Short: rules.Experts * len(lines)}
	counts := map[string]*Ticket{}
	for _, t := range tickets {
		e, err := expertByID(ctx, t.Expert)
		if err != nil {
			return nil, err
		}
		out.Lot = append(out.Lot, Ticket{Expert: t.Expert, Name: e.Name, Employer: e.Employer, Fields: listOf(e.Fields), Position: int(t.Position), Excluded: t.Excluded, State: t.State,
			DeclaredAt: t.DeclaredAt, Reason: t.Reason})
		if p.Chair == t.Expert {
			out.Chair = e.Name
		}
	}
	slices.SortStableFunc(out.Lot, func(a, b Ticket) int { return place(a.Position) - place(b.Position) })
	for i := range out.Lot {
		counts[out.Lot[i].Expert] = &out.Lot[i]
	}
	in := map[string][]*sheetRow{}
	for _, s := range sheets {
		t := counts[s.Expert]
		switch s.State {
		case sheetRecused:
			t.Recused++
			continue
		case sheetSubmitted:
			t.Submitted++
			in[s.Case] = append(in[s.Case], s)
		}
		t.Sheets++
		out.Short--
	}
	for _, c := range lines {
		v := Line{Case: c.Case, Number: c.Number, Party: c.PartyName, In: len(in[c.Case]), Score: c.Score, Mean: c.Mean, Totals: []Total{}}
		if p.State == stateScored && c.Score != "" {
			v.Totals = totalsOf(rules, in[c.Case])
		}
		out.Cases = append(out.Cases, v)
	}
	rank(out.Cases)
	return out, nil
}

func place(position int) int {
	if position == 0 {
		return 1 << 30
	}
	return position
}

// holdsLot draws once more from what is kept.
func holdsLot(seed string, tickets []*ticketRow) bool {
	var names []string
	for _, t := range tickets {
		if t.Position > 0 {
			names = append(names, t.Expert)
		}
	}
	order, ok := lot.Order(seed, names)
	return ok && !slices.ContainsFunc(tickets, func(t *ticketRow) bool {
		return t.Position > 0 && (int(t.Position) > len(order) || order[t.Position-1] != t.Expert)
	})
}

// totalsOf are what experts gave, the highest first.
func totalsOf(rules *policy.Panel, sheets []*sheetRow) []Total {
	var sums []*big.Rat
	for _, s := range sheets {
		if n := s.total(rules); n != nil {
			sums = append(sums, n)
		}
	}
	slices.SortFunc(sums, func(a, b *big.Rat) int { return b.Cmp(a) })
	_, _, dropped, _ := rules.Mean(sums)
	out := []Total{}
	for i, n := range sums {
		out = append(out, Total{decimal(n), dropped[i]})
	}
	return out
}

// rank puts cases in the order of their scores, if they have any.
func rank(lines []Line) {
	scored := func(v Line) *big.Rat {
		n, ok := policy.PointsOf(v.Score)
		if !ok {
			return big.NewRat(-1, 1)
		}
		return n
	}
	slices.SortStableFunc(lines, func(a, b Line) int {
		if c := scored(b).Cmp(scored(a)); c != 0 {
			return c
		}
		return strings.Compare(a.Number, b.Number)
	})
	for i := range lines {
		switch {
		case lines[i].Score == "":
		case i > 0 && lines[i].Score == lines[i-1].Score:
			lines[i].Rank, lines[i].Tied, lines[i-1].Tied = lines[i-1].Rank, true, true
		default:
			lines[i].Rank = i + 1
		}
	}
}
