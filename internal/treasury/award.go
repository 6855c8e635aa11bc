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

// Award is what a case was decided to receive, or one of the instalments (part) that it is paid in. A case has one of each at a time.
type Award struct {
	ID         string      `json:"id" doc:"made by the treasury"`
	Case       string      `json:"case"`
	CaseNumber string      `json:"case_number"`
	Round      string      `json:"round"`
	Scheme     string      `json:"scheme"`
	Department string      `json:"department" doc:"in charge of the scheme; empty: only those see it who are limited to no department"`
	Party      string      `json:"party"`
	PartyName  string      `json:"party_name"`
	Town       string      `json:"town" doc:"the party's; looked up if the case does not say"`
	Amount     policy.Fen  `json:"amount"`
	Clause     string      `json:"clause" doc:"the words that it rests on: document, clause"`
	Part       int         `json:"part" doc:"which instalment it is, from 0"`
	Milestone  string      `json:"milestone,omitempty" doc:"what the instalment waits for; empty: nothing"`
	Due        policy.Date `json:"due,omitempty" doc:"the day from which it may be paid; of an instalment without one its milestone is not confirmed yet"`
	Payee      string      `json:"payee,omitempty" doc:"the party that is paid, if another than the applicant"`
	PayeeName  string      `json:"payee_name,omitempty"`
	ThingKind  string      `json:"thing_kind,omitempty" doc:"what kind of thing of the party's (a project) it is for; empty: for the party itself"`
	Thing      string      `json:"thing,omitempty" doc:"which one: its name"`

	Earmark []string           `json:"-"` // for what alone the money may be used; none: anything
	Funds   []policy.FundShare `json:"-"` // what each source bears; nil: the sources in their order
}

// receiver is the party that is paid.
func (r awardRow) receiver() string { return cmp.Or(r.Payee, r.Party) }

// concerns says whether an actor speaks for the applicant or for who is paid.
func (r awardRow) concerns(a *account.Actor) bool {
	return a.Speaks(r.Party) || r.Payee != "" && a.Speaks(r.Payee)
}

// Waits says that an instalment's milestone is not confirmed.
func (a Award) Waits() bool { return a.Milestone != "" && a.Due == 0 }

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
	Batched     bool      `json:"batched" doc:"it stands in a payment batch"`
	Evidence    string    `json:"evidence,omitempty" doc:"on what the milestone was confirmed"`
	DueBy       string    `json:"due_by,omitempty" doc:"who confirmed it"`
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
			waiting = append(waiting, r.receiver())
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
			CommittedAt: r.CommittedAt, CommittedBy: r.CommittedBy, Batched: r.Batch != "", Evidence: r.Evidence, DueBy: r.DueBy, EndedAt: r.EndedAt, Shares: []Share{}, Payments: orEmpty(payments[r.ID])}
		if r.State == AwardCommitted {
			v.Held = held[r.receiver()].sentence()
			if v.Waits() {
				v.Held = "等待“" + r.Milestone + "”"
			}
		}
		v.Mine = r.State == AwardCommitted && r.Batch == "" && covers(ctx, r.Department, r.Town) && !r.concerns(a)
		if !r.concerns(a) {
			for _, s := range shares[r.ID] {
				v.Shares = append(v.Shares, Share{s.Budget, s.Source, policy.Fen(s.Amount)})
			}
		}
		out[i] = v
	}
	return out, nil
}

func (r awardRow) award() Award {
	due, _ := policy.ParseDate(r.Due) // written by book and MilestoneReached
	return Award{Part: int(r.Part), Milestone: r.Milestone, Due: due, Payee: r.Payee, PayeeName: r.PayeeName, ThingKind: r.ThingKind, Thing: r.Thing, ID: r.ID, Case: r.Case, CaseNumber: r.CaseNumber, Round: r.Round, Scheme: r.Scheme, Department: r.Department, Party: r.Party,
		PartyName: r.PartyName, Town: r.Town, Amount: policy.Fen(r.Amount), Clause: r.Clause}
}

// digest is over an award and its shares.
func (r awardRow) digest(shares []shareRow) string {
	parts := []string{r.ID, r.Case, r.CaseNumber, r.Round, r.Scheme, r.Department, r.Party, r.PartyName, r.Town, r.Clause, number(r.Amount), r.State,
		r.Batch, r.Reason, r.CommittedAt, r.CommittedBy, r.EndedAt}
	if r.Part != 0 || r.Milestone != "" || r.Due != "" || r.Evidence != "" || r.DueBy != "" || r.Payee != "" || r.PayeeName != "" { // what is paid at once to the applicant has the digest that it had
		parts = append(parts, "part", number(r.Part), r.Milestone, r.Due, r.Evidence, r.DueBy, r.Payee, r.PayeeName)
	}
	if r.ThingKind != "" || r.Thing != "" {
		parts = append(parts, "thing", r.ThingKind, r.Thing)
	}
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
	return r.Round == a.Round && r.Scheme == a.Scheme && r.Party == a.Party && r.Payee == a.Payee && r.Milestone == a.Milestone && r.Amount == int64(a.Amount)
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
	type key struct {
		id   string
		part int
	}
	cases := map[key]bool{}
	for _, award := range list {
		if err := award.check(); err != nil {
			return err
		}
		if a.Speaks(award.Party) || award.Payee != "" && a.Speaks(award.Payee) {
			return interested()
		}
		if cases[key{award.Case, award.Part}] {
			return fmt.Errorf("treasury: two awards of case %q", award.CaseNumber)
		}
		cases[key{award.Case, award.Part}] = true
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

// demandsOf are what awards ask of the budgets: one each, or one of every source that bears a part.
func demandsOf(list []Award) []demand {
	var out []demand
	for i, a := range list {
		if len(a.Funds) == 0 {
			out = append(out, demand{of: i, round: a.Round, scheme: a.Scheme, amount: a.Amount})
		}
		for _, f := range a.Funds {
			if f.Amount > 0 {
				out = append(out, demand{i, a.Round, a.Scheme, f.Fund, f.Amount})
			}
		}
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
		rows := standing[a.Case]
		if len(rows) == 0 {
			out = append(out, a)
			continue
		}
		i := slices.IndexFunc(rows, func(r awardRow) bool { return int(r.Part) == a.Part })
		if i < 0 || !rows[i].same(a) {
			row := rows[max(i, 0)]
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
			Part: int64(a.Part), Milestone: a.Milestone, Payee: a.Payee, PayeeName: a.PayeeName, ThingKind: a.ThingKind, Thing: a.Thing,
			PartyName: a.PartyName, Town: cmp.Or(a.Town, towns[a.Party]), Clause: a.Clause, Amount: int64(a.Amount), State: AwardCommitted, CommittedAt: at, CommittedBy: name}
		if a.Due != 0 {
			rows[i].Due = a.Due.String()
		}
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
	if err := earmark(ctx, list, towns); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Payee == "" || r.Part > 0 {
			continue
		}
		if err := tellParty(ctx, r.Payee, notify.Note{Kind: "treasury.payee", Title: "一笔奖补将付给贵单位", Key: r.Case, Link: pageAccount,
			Body: fmt.Sprintf("%s的申报%s已作出决定，资金付给贵单位，请登记并核对收款账户。", r.PartyName, r.CaseNumber)}); err != nil {
			return err
		}
	}
	return auditAwards(ctx, "award.commit", rows)
}

// Covers says whether the budgets of a round can give what awards would take. Conflict as Commit; nothing is changed.
func (t *Treasury) Covers(ctx context.Context, round string, list []Award) error {
	demands := demandsOf(list)
	for i := range demands {
		demands[i].round = round
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
		for _, row := range standing[caseID] {
			if _, err = release(ctx, row, reason, "award.release"); err != nil {
				return err
			}
		}
		return nil
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
		if row.concerns(account.ActorFrom(ctx)) {
			return interested()
		}
		if row.State == AwardReleased {
			return fault.New(fault.Conflict, "这笔奖补已经解除")
		}
		if row, err = release(ctx, row, reason, "award.give_up"); err != nil {
			return err
		}
		given := []Award{row.award()}
		standing, err := awardsOfCases(ctx, []string{row.Case}) // what is still to come is given up with it
		if err != nil {
			return err
		}
		for _, other := range standing[row.Case] {
			if other.State != AwardCommitted {
				continue
			}
			if other, err = release(ctx, other, reason, "award.give_up"); err != nil {
				return err
			}
			given = append(given, other.award())
		}
		for _, fn := range t.givenUp {
			if err := fn(ctx, given, reason); err != nil {
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
		out = append(out, r.Party, r.receiver())
	}
	slices.Sort(out)
	return slices.Compact(out)
}
