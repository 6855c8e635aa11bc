package server

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/registry"
	"shanglin/internal/simulation"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// purse lets casework ask the treasury.
type purse struct{ treasury *treasury.Treasury }

func (p purse) Commit(ctx context.Context, awards []casework.Award) error {
	list := make([]treasury.Award, len(awards))
	for i, a := range awards {
		list[i] = treasury.Award{Case: a.Case, CaseNumber: a.CaseNumber, Round: a.Round, Scheme: a.Scheme, Department: a.Department, Party: a.Party,
			PartyName: a.PartyName, Town: a.Town, Amount: a.Amount, Clause: a.Clause}
	}
	return p.treasury.Commit(ctx, list)
}

func (p purse) Release(ctx context.Context, caseID, reason string) error {
	return p.treasury.Release(ctx, caseID, reason)
}

func (p purse) Covers(ctx context.Context, round string, sums map[string]policy.Fen) error {
	return p.treasury.Covers(ctx, round, sums)
}

func (p purse) Funds(ctx context.Context, round string) (map[string]policy.Fen, error) {
	return p.treasury.Funds(ctx, round)
}

func (p purse) HasAccount(ctx context.Context, party string) (bool, error) {
	return p.treasury.HasAccount(ctx, party)
}

// paidSource is who says that an award was received.
const paidSource = "财政兑付"

// joinMoney makes of what the treasury books what other rooms know, in the transaction that books it: the case is paid and goes on, and the
// award is a verified fact of the party, which the next policy reads.
func joinMoney(t *treasury.Treasury, c *casework.Casework, r *registry.Registry) {
	fact := func(p treasury.Paid) registry.Statement {
		return registry.Statement{Party: p.Award.Party, Term: "received:" + p.Award.Scheme, Value: p.Award.Amount.Literal(), On: p.On,
			Evidence: "付款批次" + p.Batch + " 第" + p.Line + "笔，申报" + p.Award.CaseNumber, Source: paidSource, Verified: true}
	}
	t.OnPaid(func(ctx context.Context, paid []treasury.Paid) error {
		statements := make([]registry.Statement, len(paid))
		for i, p := range paid {
			if err := c.Paid(ctx, p.Award.Case, p.Award.Amount, p.On, p.Batch+"/"+p.Line); err != nil {
				return err
			}
			statements[i] = fact(p)
			statements[i].StatedBy = account.ActorFrom(ctx).Name
		}
		_, err := r.PutFacts(account.System(ctx), statements)
		return err
	})
	t.OnReversed(func(ctx context.Context, paid []treasury.Paid, reason string) error {
		statements := make([]registry.Statement, len(paid))
		for i, p := range paid {
			if err := c.Unpaid(ctx, p.Award.Case, reason); err != nil {
				return err
			}
			statements[i] = fact(p)
			statements[i].Withdraw, statements[i].StatedBy = true, account.ActorFrom(ctx).Name
		}
		_, err := r.PutFacts(account.System(ctx), statements)
		return err
	})
	t.OnGivenUp(func(ctx context.Context, awards []treasury.Award, reason string) error {
		for _, a := range awards {
			if err := c.GivenUp(ctx, a.Case, reason); err != nil {
				return err
			}
		}
		return nil
	})
	t.UseRounds(func(ctx context.Context, ids []string) (map[string]treasury.Round, error) {
		names, err := c.RoundNames(ctx, ids)
		if err != nil {
			return nil, err
		}
		out := make(map[string]treasury.Round, len(names))
		for id, n := range names {
			out[id] = treasury.Round{Number: n.Number, Title: n.Title, Schemes: n.Schemes, Department: n.Department}
		}
		return out, nil
	})
}

// budgetsOf tells the simulation what is set aside for schemes.
func budgetsOf(t *treasury.Treasury) simulation.Budgets {
	return func(ctx context.Context, schemes []string) ([]simulation.Budget, error) {
		list, err := t.SetAside(ctx, schemes)
		out := make([]simulation.Budget, len(list))
		for i, b := range list {
			out[i] = simulation.Budget{Round: b.RoundNumber, RoundTitle: b.RoundTitle, Scheme: b.Scheme, SchemeTitle: b.SchemeTitle,
				Source: b.Source, Total: b.Total, Committed: b.Committed, Left: b.Left}
		}
		return out, err
	}
}
