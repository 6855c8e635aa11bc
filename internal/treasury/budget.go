package treasury

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Budget is what one source gives to a round: for one of its schemes, or for any that has no budget of its own.
type Budget struct {
	ID          string     `json:"id"`
	Round       string     `json:"round"`
	RoundNumber string     `json:"round_number"`
	RoundTitle  string     `json:"round_title"`
	Scheme      string     `json:"scheme" doc:"empty: any scheme of the round without a budget of its own"`
	SchemeTitle string     `json:"scheme_title"`
	Source      string     `json:"source" doc:"whose money it is, in the officer's words"`
	Department  string     `json:"department" doc:"who keeps it; empty: the whole county's"`
	Place       int64      `json:"place" doc:"of several sources the lowest is used up first"`
	Note        string     `json:"note,omitempty"`
	Total       policy.Fen `json:"total"`
	Committed   policy.Fen `json:"committed" doc:"promised, paid or not"`
	Paid        policy.Fen `json:"paid"`
	Left        policy.Fen `json:"left" doc:"may still be promised"`
	CreatedAt   string     `json:"created_at"`
	CreatedBy   string     `json:"created_by"`
	Version     int64      `json:"version" doc:"to be sent with raise and lower: the same click twice counts once"`
	Mine        bool       `json:"mine" doc:"whoever asks may raise and lower it"`
}

// label is how a sentence names a budget: its source, and what it is for.
func (b Budget) label() string {
	if b.Scheme == "" {
		return "“" + b.Source + "”"
	}
	return "“" + b.Source + "”（" + cmp.Or(b.SchemeTitle, b.Scheme) + "）"
}

// BudgetDraft is what finance states of a budget.
type BudgetDraft struct {
	Round, Scheme, Source, Department, Note string
	Place                                   int64
	Total                                   policy.Fen
}

// BudgetFilter narrows a list of budgets; empty fields ask for nothing.
type BudgetFilter struct{ Round, Scheme, Source string }

// BudgetDetail is a budget with the balances of its accounts, summed from the lines of the ledger.
type BudgetDetail struct {
	Budget
	Balances []Balance `json:"balances" nullable:"false"`
}

// Balance is the sum of an account's lines.
type Balance struct {
	Account Account    `json:"account" enum:"appropriated,available,committed,payable,paid"`
	Amount  policy.Fen `json:"amount"`
}

func noBudget() error {
	return fault.New(fault.NotFound, "没有这项预算，或不在您的权限范围内")
}

// Budgets lists what the actor may read, by round and in the order in which budgets are used, and how many there are. Forbidden for all
// but finance, leaders and auditors.
func (t *Treasury) Budgets(ctx context.Context, f BudgetFilter, page Page) ([]Budget, int, error) {
	if err := mayRead(ctx); err != nil {
		return nil, 0, err
	}
	out, total := []Budget{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, n, err := budgets(ctx, f, page)
		if err != nil {
			return err
		}
		total = n
		out, err = t.showBudgets(ctx, rows)
		return err
	})
	return out, total, err
}

// SetAside are the budgets that any of these schemes is paid from: its own, and those of its rounds for any scheme. Who reads the books sees
// what its grants cover. An officer who runs a round of a scheme, for the whole county, sees what is set aside in the rounds of that scheme and
// what is left of it, and nothing else of the books. Forbidden for everybody else.
func (t *Treasury) SetAside(ctx context.Context, schemes []string) ([]Budget, error) {
	out := []Budget{}
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, err := allBudgets(ctx)
		if err != nil {
			return err
		}
		covered, err := everyBudget(ctx, BudgetFilter{})
		if err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.Round
		}
		rounds, err := t.roundsOf(ctx, ids)
		if err != nil {
			return err
		}
		a := account.ActorFrom(ctx)
		runs := slices.DeleteFunc(slices.Clone(schemes), func(scheme string) bool {
			for _, round := range rounds {
				if round.Schemes[scheme] != "" && a.MayVouch(round.Department, "") {
					return false
				}
			}
			return !a.MayVouch("", "") // who is limited to no department runs every round, also the one without a budget
		})
		if refused := mayRead(ctx); refused != nil && len(runs) == 0 {
			return refused
		}
		out = []Budget{}
		for _, r := range rows {
			round := rounds[r.Round]
			pays := func(scheme string) bool { return r.Scheme == scheme || r.Scheme == "" && round.Schemes[scheme] != "" }
			if slices.ContainsFunc(runs, pays) || slices.ContainsFunc(schemes, pays) && slices.Contains(covered, r) {
				out = append(out, r.show(ctx, round))
			}
		}
		return nil
	})
	return out, err
}

// Budget is one budget and its balances. NotFound if the actor may not read it.
func (t *Treasury) Budget(ctx context.Context, id string) (out BudgetDetail, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleBudget(ctx, id)
		if err != nil {
			return err
		}
		shown, err := t.showBudgets(ctx, []budgetRow{row})
		if err != nil {
			return err
		}
		out.Budget = shown[0]
		out.Balances, err = balances(ctx, id)
		return err
	})
	return out, err
}

// showBudgets gives rows the titles of what they are for.
func (t *Treasury) showBudgets(ctx context.Context, rows []budgetRow) ([]Budget, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Round
	}
	rounds, err := t.roundsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Budget, len(rows))
	for i, r := range rows {
		out[i] = r.show(ctx, rounds[r.Round])
	}
	return out, nil
}

func (r budgetRow) show(ctx context.Context, round Round) Budget {
	b := Budget{ID: r.ID, Round: r.Round, RoundNumber: round.Number, RoundTitle: round.Title, Scheme: r.Scheme, SchemeTitle: cmp.Or(round.Schemes[r.Scheme], r.Scheme),
		Source: r.Source, Department: r.Department, Place: r.Place, Note: r.Note, Total: policy.Fen(r.Total), Committed: policy.Fen(r.Committed),
		Paid: policy.Fen(r.Paid), Left: policy.Fen(r.Total - r.Committed), CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, Version: r.Version}
	b.Mine = covers(ctx, r.Department, "")
	return b
}

// CreateBudget makes a budget and books what is put in. Forbidden to all but finance of the department without a limit to a town; Invalid
// names what is not acceptable; Conflict when the round has such a budget already.
func (t *Treasury) CreateBudget(ctx context.Context, d BudgetDraft) (Budget, error) {
	if err := mustCover(ctx, d.Department, ""); err != nil {
		return Budget{}, err
	}
	var err error
	if d.Source, err = words("source", "资金来源", d.Source, 1, 40); err != nil {
		return Budget{}, err
	}
	if d.Note, err = words("note", "备注", d.Note, 0, 500); err != nil {
		return Budget{}, err
	}
	if d.Round == "" {
		return Budget{}, wrong("round", "请选择申报批次")
	}
	if err := sum("total", d.Total); err != nil {
		return Budget{}, err
	}
	if d.Place < 0 || d.Place > 999 {
		return Budget{}, wrong("place", "使用次序应在0至999之间")
	}
	var out Budget
	err = store.Write(ctx, func(ctx context.Context) error {
		round, err := t.roundFor(ctx, d)
		if err != nil {
			return err
		}
		_, name := who(ctx)
		row := budgetRow{ID: store.NewID(), Round: d.Round, Scheme: d.Scheme, Source: d.Source, Department: d.Department, Place: d.Place, Note: d.Note,
			CreatedAt: store.Stamp(clock.Now(ctx)), CreatedBy: name, Version: 1}
		if err := insertBudget(ctx, row); err != nil {
			if store.IsUnique(err) {
				return fault.Wrap(fault.Conflict, "这一批次已有同一来源、同一用途的预算；请调增原有预算", err)
			}
			return err
		}
		if err := post(ctx, []posting{{kind: KindAppropriate, round: d.Round, reason: d.Note, moves: []movement{{row.ID, Appropriated, Available, d.Total}}}}); err != nil {
			return err
		}
		row.Total = int64(d.Total)
		out = row.show(ctx, round)
		return row.audit(ctx, "budget.create", map[string]any{"round": d.Round, "scheme": d.Scheme, "total": d.Total})
	})
	return out, err
}

// roundFor checks that there is such a round, with such a scheme.
func (t *Treasury) roundFor(ctx context.Context, d BudgetDraft) (Round, error) {
	if t.rounds == nil {
		return Round{Number: d.Round, Title: d.Round}, nil
	}
	known, err := t.rounds(ctx, []string{d.Round})
	if err != nil {
		return Round{}, err
	}
	round, ok := known[d.Round]
	if !ok {
		return Round{}, wrong("round", "没有这个申报批次")
	}
	if _, ok := round.Schemes[d.Scheme]; d.Scheme != "" && !ok {
		return Round{}, wrong("scheme", "这个条款不在该申报批次内")
	}
	return round, nil
}

// Raise puts more into a budget. Version is the budget's as it was seen: Conflict if somebody has raised or lowered it since. Errors
// otherwise as CreateBudget; NotFound if the actor may not read it.
func (t *Treasury) Raise(ctx context.Context, id string, version int64, amount policy.Fen, reason string) (Budget, error) {
	return t.resize(ctx, id, version, amount, reason, KindAppropriate)
}

// Lower takes out of a budget what is not committed. Conflict says how much that is. Errors otherwise as Raise.
func (t *Treasury) Lower(ctx context.Context, id string, version int64, amount policy.Fen, reason string) (Budget, error) {
	return t.resize(ctx, id, version, amount, reason, KindReduce)
}

func (t *Treasury) resize(ctx context.Context, id string, version int64, amount policy.Fen, reason string, kind EntryKind) (Budget, error) {
	reason, err := reasonText(reason)
	if err != nil {
		return Budget{}, err
	}
	if err := sum("amount", amount); err != nil {
		return Budget{}, err
	}
	var out Budget
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleBudget(ctx, id)
		if err != nil {
			return err
		}
		if err := mustCover(ctx, row.Department, ""); err != nil {
			return err
		}
		if kind == KindAppropriate && policy.Fen(row.Total)+amount > most {
			return wrong("amount", "预算总额过大")
		}
		if err := nextVersion(ctx, id, version); err != nil {
			return err
		}
		move := movement{id, Appropriated, Available, amount}
		if kind == KindReduce {
			move.from, move.to = move.to, move.from
		}
		if err := post(ctx, []posting{{kind: kind, round: row.Round, reason: reason, moves: []movement{move}}}); err != nil {
			return err
		}
		if row, err = findBudget(ctx, id); err != nil {
			return err
		}
		shown, err := t.showBudgets(ctx, []budgetRow{row})
		if err != nil {
			return err
		}
		out = shown[0]
		return nil
	})
	return out, err
}

func (r budgetRow) digest() string {
	return audit.DigestJSON(r.ID, r.Round, r.Scheme, r.Source, r.Department, number(r.Place), r.Note, number(r.Total), number(r.Committed), number(r.Paid),
		r.CreatedAt, r.CreatedBy, number(r.Version))
}

func (r budgetRow) audit(ctx context.Context, action string, data any) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindBudget, ID: r.ID, Digest: r.digest(), Data: data})
}

// short is the Conflict that names a budget and what it lacks.
func (r budgetRow) short(c change) error {
	left := policy.Fen(r.Total - r.Committed)
	switch {
	case c.committed > 0:
		return fault.New(fault.Conflict, fmt.Sprintf("预算不足：%s可用%s，需要%s，还差%s", r.label(), left, c.committed, c.committed-left))
	case c.total < 0:
		return fault.New(fault.Conflict, fmt.Sprintf("%s已承诺%s，最多只能调减%s", r.label(), policy.Fen(r.Committed), left))
	default:
		return fault.New(fault.Conflict, r.label()+"的账面余额不允许这样入账，请刷新后核对")
	}
}

func (r budgetRow) label() string { return Budget{Source: r.Source, Scheme: r.Scheme}.label() }

// ---- which budgets an award takes ----

// demand is what awards of one scheme ask of a round.
type demand struct {
	of            int // which award
	round, scheme string
	source        string // whose money; empty: any
	amount        policy.Fen
}

// chain are the budgets that a demand draws on, in the order in which they are used up: its scheme's own, else those for any scheme; of
// one source only where it says whose money it is.
func chain(rows []budgetRow, scheme, source string) []*budgetRow {
	for _, want := range []string{scheme, ""} {
		var out []*budgetRow
		for i := range rows {
			if rows[i].Scheme == want && (source == "" || rows[i].Source == source) {
				out = append(out, &rows[i])
			}
		}
		if len(out) > 0 {
			slices.SortFunc(out, func(a, b *budgetRow) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID)) })
			return out
		}
	}
	return nil
}

// draw takes every demand from the budgets of its chain, those first that name whose money it is, and returns the shares of each award;
// budgets are changed as they are drawn on.
// Conflict names every chain that falls short, and by how much.
func draw(budgets map[string][]budgetRow, demands []demand) ([][]shareRow, error) {
	chains := make([][]*budgetRow, len(demands))
	needed := map[string]policy.Fen{} // by the first budget of a chain
	for i, d := range demands {
		chains[i] = chain(budgets[d.round], d.scheme, d.source)
		if len(chains[i]) == 0 && d.source != "" {
			return nil, fault.New(fault.Conflict, "这一申报批次还没有“"+d.source+"”的预算，请先由财政按这个来源录入")
		}
		if len(chains[i]) == 0 {
			return nil, fault.New(fault.Conflict, "这一申报批次还没有可用的预算，请先由财政录入")
		}
		needed[chains[i][0].ID] += d.amount
	}
	var details []fault.Detail
	for _, list := range chains {
		need, names, left := needed[list[0].ID], []string{}, policy.Fen(0)
		for _, b := range list {
			names, left = append(names, b.label()), left+policy.Fen(b.Total-b.Committed)
		}
		if need > left {
			details = append(details, fault.At("budget", "%s可用%s，需要%s，还差%s", strings.Join(names, "、"), left, need, need-left))
		}
		delete(needed, list[0].ID) // said once
	}
	if len(details) > 0 {
		return nil, fault.New(fault.Conflict, "预算不足："+details[0].Message, details...)
	}
	var out [][]shareRow
	for _, named := range []bool{true, false} {
		for i, d := range demands {
			for len(out) <= d.of {
				out = append(out, nil)
			}
			if (d.source != "") != named {
				continue
			}
			need := d.amount
			for _, b := range chains[i] {
				take := min(need, policy.Fen(b.Total-b.Committed))
				if take <= 0 {
					continue
				}
				out[d.of] = append(out[d.of], shareRow{Number: int64(len(out[d.of])), Budget: b.ID, Amount: int64(take)})
				b.Committed += int64(take)
				need -= take
			}
			if need > 0 { // another took of the same budgets
				return nil, fault.New(fault.Conflict, fmt.Sprintf("预算不足：%s还差%s", chains[i][0].label(), need))
			}
		}
	}
	return out, nil
}
