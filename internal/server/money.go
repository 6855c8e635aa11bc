package server

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/registry"
	"shanglin/internal/simulation"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// purse lets casework ask the treasury.
type purse struct{ treasury *treasury.Treasury }

// owed are awards as the treasury keeps them.
func owed(awards []casework.Award) []treasury.Award {
	list := make([]treasury.Award, len(awards))
	for i, a := range awards {
		list[i] = treasury.Award{Case: a.Case, CaseNumber: a.CaseNumber, Round: a.Round, Scheme: a.Scheme, Department: a.Department, Party: a.Party,
			PartyName: a.PartyName, Town: a.Town, Amount: a.Amount, Clause: a.Clause, Part: a.Part, Milestone: a.Milestone, Due: a.Due,
			Payee: a.Payee, PayeeName: a.PayeeName, ThingKind: a.Thing.Kind, Thing: a.Thing.Name, Earmark: a.Earmark, Funds: a.Funds}
	}
	return list
}

func (p purse) Commit(ctx context.Context, awards []casework.Award) error {
	return p.treasury.Commit(ctx, owed(awards))
}

// Parts are the instalments of a case as it shows them.
func (p purse) Parts(ctx context.Context, caseID string) ([]casework.Part, error) {
	list, err := p.treasury.InstalmentsOf(ctx, caseID)
	out := make([]casework.Part, len(list))
	for i, a := range list {
		out[i] = casework.Part{Part: a.Part, Milestone: a.Milestone, Amount: a.Amount, Due: a.Due, Evidence: a.Evidence, DueBy: a.DueBy}
		switch {
		case a.State == treasury.AwardPaid:
			out[i].State = "paid"
			for _, x := range a.Payments {
				out[i].PaidOn = max(out[i].PaidOn, x.PaidOn)
			}
		case a.Waits() || a.Due > clock.Today(ctx):
			out[i].State = "waiting"
		case a.Batched:
			out[i].State = "batched"
		default:
			out[i].State = "due"
		}
	}
	return out, err
}

func (p purse) Claim(ctx context.Context, caseID string, amount policy.Fen, terms casework.Terms, reason string) error {
	_, err := p.treasury.Claim(ctx, caseID, amount, treasury.Terms(terms), reason)
	return err
}

func (p purse) Returned(ctx context.Context, caseID string) (bool, error) {
	return p.treasury.Returned(ctx, caseID)
}

func (p purse) Reached(ctx context.Context, caseID, milestone, evidence string, on policy.Date) error {
	return p.treasury.Reached(ctx, caseID, milestone, evidence, on)
}

func (p purse) Settle(ctx context.Context, caseID string, final policy.Fen, reason string, funds func(policy.Fen) []policy.FundShare) (policy.Fen, error) {
	return p.treasury.Settle(ctx, caseID, final, reason, funds)
}

func (p purse) Release(ctx context.Context, caseID, reason string) error {
	return p.treasury.Release(ctx, caseID, reason)
}

func (p purse) Covers(ctx context.Context, round string, awards []casework.Award) error {
	return p.treasury.Covers(ctx, round, owed(awards))
}

func (p purse) Funds(ctx context.Context, round string) (map[string]policy.Fen, error) {
	return p.treasury.Funds(ctx, round)
}

func (p purse) HasAccount(ctx context.Context, party string) (bool, error) {
	return p.treasury.HasAccount(ctx, party)
}

// paidSource is who says that an award was received.
const paidSource = "财政兑付"

// received is the fact of what a party received for a purpose on a day.
func received(ctx context.Context, t *treasury.Treasury, p treasury.Purpose, day policy.Date, evidence string) (registry.Statement, error) {
	sum, err := t.ReceivedOn(ctx, p, day)
	return registry.Statement{Party: p.Party, ThingKind: p.ThingKind, Thing: p.Thing, Term: "received:" + p.Scheme, Value: sum.Literal(), On: day, Evidence: evidence, Source: paidSource, Verified: true,
		Withdraw: sum == 0, StatedBy: account.ActorFrom(ctx).Name}, err
}

// joinMoney makes of what the treasury books what other rooms know, in the transaction that books it: the case is paid and goes on, and the
// award is a verified fact of the party, which the next policy reads.
func joinMoney(t *treasury.Treasury, c *casework.Casework, r *registry.Registry) {
	// state tells of each purpose and day what was received, less what came back: all instalments and cases of the day, which one fact says.
	state := func(ctx context.Context, paid []treasury.Paid) error {
		var statements []registry.Statement
		type told struct {
			of treasury.Purpose
			on policy.Date
		}
		seen := map[told]bool{}
		for _, p := range paid {
			key := told{p.Award.Purpose(), p.On}
			if seen[key] {
				continue
			}
			seen[key] = true
			s, err := received(ctx, t, p.Award.Purpose(), p.On, "付款批次"+p.Batch+" 第"+p.Line+"笔，申报"+p.Award.CaseNumber)
			if err != nil {
				return err
			}
			statements = append(statements, s)
		}
		_, err := r.PutFacts(account.System(ctx), statements)
		return err
	}
	t.OnRepaid(func(ctx context.Context, p treasury.Purpose, days []policy.Date) error {
		statements := make([]registry.Statement, len(days))
		for i, day := range days {
			var err error
			if statements[i], err = received(ctx, t, p, day, "已付的资金，减去已追回的"); err != nil {
				return err
			}
		}
		_, err := r.PutFacts(account.System(ctx), statements)
		return err
	})
	t.OnPaid(func(ctx context.Context, paid []treasury.Paid) error {
		told := map[string]bool{}
		for _, p := range paid {
			if told[p.Award.Case] { // two instalments in one batch
				continue
			}
			told[p.Award.Case] = true
			s, err := t.SumsOf(ctx, p.Award.Case)
			if err != nil {
				return err
			}
			if err := c.Paid(ctx, p.Award.Case, casework.Payment{Awarded: s.Awarded, Paid: s.Paid, Open: s.Open, On: p.On, Reference: p.Batch + "/" + p.Line}); err != nil {
				return err
			}
		}
		return state(ctx, paid)
	})
	t.OnReversed(func(ctx context.Context, paid []treasury.Paid, reason string) error {
		for _, p := range paid {
			if err := c.Unpaid(ctx, p.Award.Case, reason); err != nil {
				return err
			}
		}
		return state(ctx, paid)
	})
	t.OnGivenUp(func(ctx context.Context, awards []treasury.Award, reason string) error {
		s, err := t.SumsOf(ctx, awards[0].Case) // all of one case
		if err != nil {
			return err
		}
		if s.Paid == 0 {
			return c.GivenUp(ctx, awards[0].Case, reason)
		}
		return c.CutShort(ctx, awards[0].Case, reason, casework.Payment{Awarded: s.Awarded, Paid: s.Paid, On: clock.Today(ctx)})
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
