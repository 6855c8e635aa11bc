package treasury

import (
	"cmp"
	"context"

	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Report sums the books up.
type Report struct {
	Budgets []BudgetSum `json:"budgets" nullable:"false" doc:"by round, scheme and source, as the budgets are"`
	Schemes []SchemeSum `json:"schemes" nullable:"false" doc:"by round, scheme of the award and source: who got what out of which money"`
	Sources []BudgetSum `json:"sources" nullable:"false" doc:"by source alone"`
	Sum     BudgetSum   `json:"sum"`
}

// BudgetSum is what some budgets hold.
type BudgetSum struct {
	Round       string     `json:"round"`
	RoundNumber string     `json:"round_number"`
	RoundTitle  string     `json:"round_title"`
	Scheme      string     `json:"scheme" doc:"empty: any of the round"`
	SchemeTitle string     `json:"scheme_title"`
	Source      string     `json:"source"`
	Total       policy.Fen `json:"total"`
	Committed   policy.Fen `json:"committed" doc:"promised, paid or not"`
	Paid        policy.Fen `json:"paid"`
	Left        policy.Fen `json:"left"`
}

func (s *BudgetSum) add(b Budget) {
	s.Total, s.Committed, s.Paid, s.Left = s.Total+b.Total, s.Committed+b.Committed, s.Paid+b.Paid, s.Left+b.Left
}

// SchemeSum is what awards of a scheme took from a source.
type SchemeSum struct {
	Round       string     `json:"round"`
	RoundNumber string     `json:"round_number"`
	RoundTitle  string     `json:"round_title"`
	Scheme      string     `json:"scheme"`
	SchemeTitle string     `json:"scheme_title"`
	Source      string     `json:"source"`
	Awards      int64      `json:"awards"`
	Committed   policy.Fen `json:"committed" doc:"promised, paid or not"`
	Paid        policy.Fen `json:"paid"`
}

// ReportFilter narrows a report; an empty round is all of them.
type ReportFilter struct{ Round string }

// Report sums up the budgets and awards that the actor may read. Forbidden for all but finance, leaders and auditors.
func (t *Treasury) Report(ctx context.Context, f ReportFilter) (Report, error) {
	out := Report{Budgets: []BudgetSum{}, Schemes: []SchemeSum{}, Sources: []BudgetSum{}}
	if err := mayRead(ctx); err != nil {
		return out, err
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, err := everyBudget(ctx, BudgetFilter{Round: f.Round})
		if err != nil {
			return err
		}
		list, err := t.showBudgets(ctx, rows)
		if err != nil {
			return err
		}
		sources := map[string]*BudgetSum{}
		for _, b := range list {
			out.Budgets = append(out.Budgets, BudgetSum{b.Round, b.RoundNumber, b.RoundTitle, b.Scheme, b.SchemeTitle, b.Source, b.Total, b.Committed, b.Paid, b.Left})
			if sources[b.Source] == nil {
				sources[b.Source] = &BudgetSum{Source: b.Source}
			}
			sources[b.Source].add(b)
			out.Sum.add(b)
		}
		for _, name := range sortedKeys(sources) {
			out.Sources = append(out.Sources, *sources[name])
		}
		out.Schemes, err = t.schemeSums(ctx, f)
		return err
	})
	return out, err
}

func (t *Treasury) schemeSums(ctx context.Context, f ReportFilter) ([]SchemeSum, error) {
	rows, err := sumsByScheme(ctx, f)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Round
	}
	rounds, err := t.roundsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]SchemeSum, len(rows))
	for i, r := range rows {
		round := rounds[r.Round]
		out[i] = SchemeSum{r.Round, round.Number, round.Title, r.Scheme, cmp.Or(round.Schemes[r.Scheme], r.Scheme), r.Source, r.Awards, policy.Fen(r.Committed), policy.Fen(r.Paid)}
	}
	return out, nil
}
