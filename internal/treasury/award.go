package treasury

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Award is what a case was decided to receive. A case has one at a time.
type Award struct {
	ID         string     `json:"id" doc:"made by the treasury"`
	Case       string     `json:"case"`
	CaseNumber string     `json:"case_number"`
	Round      string     `json:"round"`
	Scheme     string     `json:"scheme"`
	Department string     `json:"department" doc:"in charge of the scheme; empty: only those see it who are limited to no department"`
	Party      string     `json:"party"`
	PartyName  string     `json:"party_name"`
	Town       string     `json:"town" doc:"the party's; looked up if the case does not say"`
	Amount     policy.Fen `json:"amount"`
	Clause     string     `json:"clause" doc:"the words that it rests on: document, clause"`
}

// States of an award.
const (
	AwardCommitted = "committed" // promised; not paid
	AwardPaid      = "paid"
	AwardReleased  = "released" // given back before it was paid
)

// AwardView is an award on its way.
type AwardView struct {
	Award
	RoundNumber string    `json:"round_number"`
	SchemeTitle string    `json:"scheme_title"`
	State       string    `json:"state" enum:"committed,paid,released"`
	Held        string    `json:"held,omitempty" doc:"why it cannot be paid now, in plain words"`
	Reason      string    `json:"reason,omitempty" doc:"why it was given back"`
	CommittedAt string    `json:"committed_at"`
	CommittedBy string    `json:"committed_by"`
	EndedAt     string    `json:"ended_at,omitempty" doc:"when it was paid or given back"`
	Shares      []Share   `json:"shares" nullable:"false" doc:"the budgets it is taken from; not shown to firms"`
	Payments    []Payment `json:"payments" nullable:"false" doc:"every attempt to pay it, the first one first"`
	Mine        bool      `json:"mine" doc:"whoever asks may give it up"`
}

// Share is what an award takes from one budget.
type Share struct {
	Budget string     `json:"budget"`
	Source string     `json:"source"`
	Amount policy.Fen `json:"amount"`
}

// AwardFilter narrows a list of awards; empty fields ask for nothing.
type AwardFilter struct {
	Round, Scheme, Party, State string
	Text                        string // part of the party's name or the case's number
	Free                        bool   // only committed ones that stand in no live batch
}

func noAward() error {
	return fault.New(fault.NotFound, "没有这笔奖补，或不在您的权限范围内")
}

// Awards lists the awards that the actor may see, the latest first, and how many there are: finance, leaders and auditors those in their
// scope, a firm's speakers its own. Forbidden for all others.
func (t *Treasury) Awards(ctx context.Context, f AwardFilter, page Page) ([]AwardView, int, error) {
	if len(own(ctx)) == 0 {
		if err := mayRead(ctx); err != nil {
			return nil, 0, err
		}
	}
	out, total := []AwardView{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, n, err := awards(ctx, f, page)
		if err != nil {
			return err
		}
		total = n
		out, err = t.showAwards(ctx, rows)
		return err
	})
	return out, total, err
}

// AwardOf is one award. NotFound if the actor may not see it.
func (t *Treasury) AwardOf(ctx context.Context, id string) (out AwardView, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleAward(ctx, id)
		if err != nil {
			return err
		}
		shown, err := t.showAwards(ctx, []awardRow{row})
		if err != nil {
			return err
		}
		out = shown[0]
		return nil
	})
	return out, err
}

// showAwards gives rows their shares, their payments and what holds them.
func (t *Treasury) showAwards(ctx context.Context, rows []awardRow) ([]AwardView, error) {
	ids, roundIDs := make([]string, len(rows)), make([]string, len(rows))
	var waiting []string
	for i, r := range rows {
		ids[i], roundIDs[i] = r.ID, r.Round
		if r.State == AwardCommitted {
			waiting = append(waiting, r.Party)
		}
	}
	rounds, err := t.roundsOf(ctx, roundIDs)
	if err != nil {
		return nil, err
	}
	shares, err := sharesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	payments, err := paymentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	held, err := heldParties(ctx, waiting)
	if err != nil {
		return nil, err
	}
	a := account.ActorFrom(ctx)
	out := make([]AwardView, len(rows))
	for i, r := range rows {
		round := rounds[r.Round]
		v := AwardView{Award: r.award(), RoundNumber: round.Number, SchemeTitle: cmp.Or(round.Schemes[r.Scheme], r.Scheme), State: r.State, Reason: r.Reason,
			CommittedAt: r.CommittedAt, CommittedBy: r.CommittedBy, EndedAt: r.EndedAt, Shares: []Share{}, Payments: orEmpty(payments[r.ID])}
		if r.State == AwardCommitted {
			v.Held = held[r.Party].sentence()
		}
		v.Mine = r.State == AwardCommitted && r.Batch == "" && covers(ctx, r.Department, r.Town) && !a.Speaks(r.Party)
		if !a.Speaks(r.Party) {
			for _, s := range shares[r.ID] {
				v.Shares = append(v.Shares, Share{s.Budget, s.Source, policy.Fen(s.Amount)})
			}
		}
		out[i] = v
	}
	return out, nil
}

func (r awardRow) award() Award {
	return Award{ID: r.ID, Case: r.Case, CaseNumber: r.CaseNumber, Round: r.Round, Scheme: r.Scheme, Department: r.Department, Party: r.Party,
		PartyName: r.PartyName, Town: r.Town, Amount: policy.Fen(r.Amount), Clause: r.Clause}
}

// digest is over an award and its shares.
func (r awardRow) digest(shares []shareRow) string {
	parts := []string{r.ID, r.Case, r.CaseNumber, r.Round, r.Scheme, r.Department, r.Party, r.PartyName, r.Town, r.Clause, number(r.Amount), r.State,
		r.Batch, r.Reason, r.CommittedAt, r.CommittedBy, r.EndedAt}
	for _, s := range shares {
		parts = append(parts, number(s.Number), s.Budget, number(s.Amount))
	}
	return audit.DigestJSON(parts...)
}

// auditAwards logs what rows have become.
func auditAwards(ctx context.Context, action string, rows []awardRow) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	shares, err := sharesOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := audit.Append(ctx, audit.Event{Action: action, Kind: kindAward, ID: r.ID, Digest: r.digest(shares[r.ID]),
			Data: map[string]any{"case": r.Case, "amount": r.Amount, "reason": r.Reason}}); err != nil {
			return err
		}
	}
	return nil
}

// check says what is wrong with an award that is handed in: a mistake of the program, and so no fault.
func (a Award) check() error {
	switch {
	case a.Case == "" || a.Round == "" || a.Scheme == "" || a.Party == "":
		return fmt.Errorf("treasury: an award without case, round, scheme or party: %q", a.CaseNumber)
	case a.Amount <= 0 || a.Amount > most:
		return fmt.Errorf("treasury: an award of %d fen for %q", a.Amount, a.CaseNumber)
	}
	return nil
}

// same says that an award that is handed in is the one that stands.
func (r awardRow) same(a Award) bool {
	return r.Round == a.Round && r.Scheme == a.Scheme && r.Party == a.Party && r.Amount == int64(a.Amount)
}

// Commit promises awards and takes them from their budgets: all or none, in the transaction of ctx or its own. A case whose award stands
// as it is handed in is left alone, so that doing it twice does it once. Conflict names the budgets that fall short and by how much, or
// the case that has another award; Forbidden when the actor speaks for one of the parties.
//
// The budgets concerned are locked in one order before they are read, so that what is short is said truly however many decide at once;
// that no budget is exceeded rests on the conditional UPDATE in post, not on this.
func (t *Treasury) Commit(ctx context.Context, list []Award) error {
	if len(list) == 0 {
		return nil
	}
	a := account.ActorFrom(ctx)
	cases := map[string]bool{}
	for _, award := range list {
		if err := award.check(); err != nil {
			return err
		}
		if a.Speaks(award.Party) {
			return interested()
		}
		if cases[award.Case] {
			return fmt.Errorf("treasury: two awards of case %q", award.CaseNumber)
		}
		cases[award.Case] = true
	}
	return store.Write(ctx, func(ctx context.Context) error {
		budgets, err := lockBudgets(ctx, demandsOf(list))
		if err != nil {
			return err
		}
		fresh, err := notYet(ctx, list)
		if err != nil || len(fresh) == 0 {
			return err
		}
		shares, err := draw(budgets, demandsOf(fresh))
		if err != nil {
			return err
		}
		return book(ctx, fresh, shares)
	})
}

func demandsOf(list []Award) []demand {
	out := make([]demand, len(list))
	for i, a := range list {
		out[i] = demand{a.Round, a.Scheme, a.Amount}
	}
	return out
}

// notYet leaves out what stands already. Conflict names the case that has another award.
func notYet(ctx context.Context, list []Award) ([]Award, error) {
	ids := make([]string, len(list))
	for i, a := range list {
		ids[i] = a.Case
	}
	standing, err := awardsOfCases(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Award
	for _, a := range list {
		switch row, ok := standing[a.Case]; {
		case !ok:
			out = append(out, a)
		case !row.same(a):
			return nil, fault.New(fault.Conflict, fmt.Sprintf("申报%s已有一笔%s的奖补；请先解除，再重新承诺", row.CaseNumber, policy.Fen(row.Amount)))
		}
	}
	return out, nil
}

// book writes awards with the shares that were drawn for them.
func book(ctx context.Context, list []Award, shares [][]shareRow) error {
	towns, err := townsOf(ctx, list)
	if err != nil {
		return err
	}
	at := store.Stamp(clock.Now(ctx))
	_, name := who(ctx)
	rows := make([]awardRow, len(list))
	var allShares []shareRow
	postings := make([]posting, len(list))
	for i, a := range list {
		rows[i] = awardRow{ID: store.NewID(), Case: a.Case, CaseNumber: a.CaseNumber, Round: a.Round, Scheme: a.Scheme, Department: a.Department, Party: a.Party,
			PartyName: a.PartyName, Town: cmp.Or(a.Town, towns[a.Party]), Clause: a.Clause, Amount: int64(a.Amount), State: AwardCommitted, CommittedAt: at, CommittedBy: name}
		for j := range shares[i] {
			shares[i][j].Award = rows[i].ID
		}
		allShares = append(allShares, shares[i]...)
		postings[i] = posting{kind: KindCommit, round: a.Round, award: rows[i].ID, document: a.Clause, moves: along(shares[i], Available, Committed)}
	}
	if err := insertAwards(ctx, rows, allShares); err != nil {
		if store.IsUnique(err) {
			return fault.Wrap(fault.Conflict, "其中有申报刚由别人作出承诺，请刷新后再看", err)
		}
		return err
	}
	if err := post(ctx, postings); err != nil {
		return err
	}
	return auditAwards(ctx, "award.commit", rows)
}

// Covers says whether the budgets of a round can give what is asked for, by scheme. Conflict as Commit; nothing is changed.
func (t *Treasury) Covers(ctx context.Context, round string, sums map[string]policy.Fen) error {
	var demands []demand
	for _, scheme := range sortedKeys(sums) {
		if sums[scheme] > 0 {
			demands = append(demands, demand{round, scheme, sums[scheme]})
		}
	}
	if len(demands) == 0 {
		return nil
	}
	return store.Read(ctx, func(ctx context.Context) error {
		rows, err := budgetsOfRounds(ctx, []string{round})
		if err != nil {
			return err
		}
		_, err = draw(map[string][]budgetRow{round: rows}, demands)
		return err
	})
}

// Funds are what the budgets of a round can still give, by whose money it is. For rooms: no permission is asked.
func (t *Treasury) Funds(ctx context.Context, round string) (map[string]policy.Fen, error) {
	out := map[string]policy.Fen{}
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, err := budgetsOfRounds(ctx, []string{round})
		for _, b := range rows {
			out[b.Source] += policy.Fen(b.Total - b.Committed)
		}
		return err
	})
	return out, err
}

// Release gives back what was promised to a case. A case to which nothing is promised is left alone. Conflict when it is paid, or stands
// in a payment batch.
func (t *Treasury) Release(ctx context.Context, caseID, reason string) error {
	reason, err := reasonText(reason)
	if err != nil {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error {
		standing, err := awardsOfCases(ctx, []string{caseID})
		if err != nil {
			return err
		}
		row, ok := standing[caseID]
		if !ok {
			return nil
		}
		_, err = release(ctx, row, reason, "award.release")
		return err
	})
}

// GiveUp ends an award that cannot be paid, with a reason: its promise is given back and casework is told. Forbidden to all but finance of
// its scope, and to whoever speaks for the party; errors otherwise as Release, NotFound if the actor may not see it.
func (t *Treasury) GiveUp(ctx context.Context, id, reason string) (out AwardView, err error) {
	if reason, err = reasonText(reason); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleAward(ctx, id)
		if err != nil {
			return err
		}
		if err := mustCover(ctx, row.Department, row.Town); err != nil {
			return err
		}
		if account.ActorFrom(ctx).Speaks(row.Party) {
			return interested()
		}
		if row.State == AwardReleased {
			return fault.New(fault.Conflict, "这笔奖补已经解除")
		}
		if row, err = release(ctx, row, reason, "award.give_up"); err != nil {
			return err
		}
		for _, fn := range t.givenUp {
			if err := fn(ctx, []Award{row.award()}, reason); err != nil {
				return err
			}
		}
		if err := tellParty(ctx, row.Party, notify.Note{Kind: "treasury.given_up", Title: "一笔奖补不再支付",
			Body: fmt.Sprintf("申报%s的奖补%s不再支付：%s", row.CaseNumber, policy.Fen(row.Amount), reason), Link: pageCases, Key: row.ID}); err != nil {
			return err
		}
		shown, err := t.showAwards(ctx, []awardRow{row})
		if err != nil {
			return err
		}
		out = shown[0]
		return nil
	})
	return out, err
}

// release ends a committed award that stands in no live batch, by one conditional UPDATE, and books it.
func release(ctx context.Context, row awardRow, reason, action string) (awardRow, error) {
	done, ok, err := endAward(ctx, row.ID, reason)
	if err != nil {
		return row, err
	}
	if !ok {
		if row, err = findAward(ctx, row.ID); err != nil {
			return row, err
		}
		switch {
		case row.State == AwardPaid:
			return row, fault.New(fault.Conflict, fmt.Sprintf("申报%s的奖补已经支付，不能解除；确属有误的，请更正支付分录", row.CaseNumber))
		case row.State == AwardReleased:
			return row, nil
		default:
			return row, fault.New(fault.Conflict, fmt.Sprintf("申报%s正在付款批次中，不能解除；请先移出该批次，或等银行回执", row.CaseNumber))
		}
	}
	shares, err := sharesOf(ctx, []string{row.ID})
	if err != nil {
		return row, err
	}
	if err := post(ctx, []posting{{kind: KindRelease, round: row.Round, award: row.ID, reason: reason, moves: along(shares[row.ID], Committed, Available)}}); err != nil {
		return row, err
	}
	return done, auditAwards(ctx, action, []awardRow{done})
}

// partiesOf are the parties of awards, each once.
func partiesOf(rows []awardRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Party)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
