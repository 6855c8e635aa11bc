package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Part is one instalment of what a case was decided to receive.
type Part struct {
	Part      int         `json:"part"`
	Milestone string      `json:"milestone,omitempty" doc:"what it waits for; empty: nothing"`
	Amount    policy.Fen  `json:"amount"`
	State     string      `json:"state" enum:"waiting,due,batched,paid" doc:"waiting: for its milestone or its day; due: for the next payment batch; batched: in one"`
	Due       policy.Date `json:"due,omitempty" doc:"the day from which it may be paid"`
	Evidence  string      `json:"evidence,omitempty" doc:"on what the milestone was confirmed"`
	DueBy     string      `json:"due_by,omitempty"`
	PaidOn    policy.Date `json:"paid_on,omitempty"`
	When      string      `json:"when,omitempty" doc:"the condition on facts that the file writes"`
	Settles   bool        `json:"settles" doc:"confirming it settles what was advanced against what is due by then"`
	Mine      bool        `json:"mine" doc:"whoever asks may confirm it"`
}

// Instalments are how a case is paid.
type Instalments struct {
	Parts     []Part     `json:"parts" nullable:"false"`
	Paid      policy.Fen `json:"paid"`
	Left      policy.Fen `json:"left"`
	Payee     string     `json:"payee,omitempty" doc:"who is paid, in the file's word; empty: the applicant"`
	PayeeID   string     `json:"payee_id,omitempty" doc:"the party that was named"`
	PayeeName string     `json:"payee_name,omitempty"`
	MayName   bool       `json:"may_name" doc:"whoever asks may name the payee now"`
	Earmark   []string   `json:"earmark" nullable:"false" doc:"what the money may be used for alone; none: anything"`
}

// parts are the awards that a sum of a case is paid in, as its scheme says: instalments, whose money each takes, to whom.
func (c *Casework) parts(ctx context.Context, row *caseRow, set *schemes.Compiled, sum policy.Fen) ([]Award, error) {
	s := set.Library.Scheme(row.Scheme)
	if s == nil {
		return nil, fault.New(fault.NotFound, "没有这项政策")
	}
	if s.Payee() != "" && row.Payee == "" {
		return nil, fault.New(fault.Conflict, fmt.Sprintf("申报%s的资金付给%s：请先在申报件中写明是哪一家", row.Number, s.Payee()))
	}
	k := policy.Question{}
	if _, advance := s.Parted(); advance {
		known, err := c.known(ctx, set, row.Party, row.about(set))
		if err != nil {
			return nil, err
		}
		r, err := roundByID(ctx, row.Round)
		if err != nil {
			return nil, err
		}
		k = row.question(known.Facts, r.on(ctx))
	}
	payments, err := s.Pays(sum, k)
	if err != nil {
		return nil, fault.New(fault.Conflict, err.Error())
	}
	out := make([]Award, len(payments))
	for i, p := range payments {
		out[i] = Award{Case: row.ID, CaseNumber: row.Number, Round: row.Round, Scheme: row.Scheme, Department: row.Department, Town: row.Town,
			Party: row.Party, PartyName: row.PartyName, Clause: clauseOf(set, row.Scheme), Amount: p.Amount, Part: i, Milestone: p.On, Due: p.From,
			Payee: row.Payee, PayeeName: row.PayeeName, Thing: row.about(set), Earmark: s.Earmark(), Funds: p.Funds}
	}
	return out, nil
}

// Instalments of a case, for whoever sees it. NotFound if the actor may not.
func (c *Casework) Instalments(ctx context.Context, id string) (*Instalments, error) {
	var out *Instalments
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		out, err = c.instalments(ctx, row)
		return err
	})
	return out, err
}

func (c *Casework) instalments(ctx context.Context, row *caseRow) (*Instalments, error) {
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	out := &Instalments{Parts: []Part{}, Earmark: []string{}, PayeeID: row.Payee, PayeeName: row.PayeeName}
	s := set.Library.Scheme(row.Scheme)
	if s == nil || s.Kind() != "money" {
		return out, nil
	}
	out.Payee, out.Earmark = s.Payee(), append(out.Earmark, s.Earmark()...)
	out.MayName = out.Payee != "" && row.Number != "" && row.Awarded == unset && row.Ended == "" && mayAttend(ctx, row) == nil
	if row.Awarded == unset {
		return out, nil
	}
	if out.Parts, err = c.purse.Parts(ctx, row.ID); err != nil {
		return nil, err
	}
	_, advance := s.Parted()
	for i := range out.Parts {
		p := &out.Parts[i]
		if p.State == "paid" {
			out.Paid += p.Amount
		} else {
			out.Left += p.Amount
		}
		p.When = s.When(p.Milestone)
		p.Settles = advance && i == len(out.Parts)-1 && i > 0
		p.Mine = p.State == "waiting" && p.Due == 0 && mayAttend(ctx, row) == nil
	}
	return out, nil
}

// mayAttend is Forbidden for all but officers of the department and the town of a case who do not speak for its parties.
func mayAttend(ctx context.Context, row *caseRow) error {
	a := account.ActorFrom(ctx)
	if !a.Covers(account.RoleOfficer, row.Department, row.Town) {
		return fault.New(fault.Forbidden, "只有责任部门的经办人员可以办理")
	}
	if a.Speaks(row.Party) || row.Payee != "" && a.Speaks(row.Payee) {
		return fault.New(fault.Forbidden, "其中有您所代表的企业，请由他人办理")
	}
	return nil
}

// ConfirmMilestone says on what evidence the milestone of an instalment was reached: it may be paid from today on. Where the file names a
// condition, it has to be met on verified facts. Confirming the last instalment after an advance settles the case: the scheme is evaluated
// anew over the facts as they stand, the last instalment is what is left of the sum, and what was advanced beyond it is owed back where the
// file says so. Officers of the department in charge; Conflict where it is confirmed already or does not hold yet.
func (c *Casework) ConfirmMilestone(ctx context.Context, id, milestone, evidence string) (*Instalments, error) {
	evidence, err := said("evidence", evidence, 2, 500, "请写明依据：看了什么材料，何时查验")
	if err != nil {
		return nil, err
	}
	var out *Instalments
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if err := mayAttend(ctx, row); err != nil {
			return err
		}
		parts, err := c.purse.Parts(ctx, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(parts, func(p Part) bool { return p.Milestone == milestone })
		if milestone == "" || at < 0 {
			return fault.New(fault.Conflict, "这件申报没有这一期")
		}
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		s := set.Library.Scheme(row.Scheme)
		known, err := c.known(ctx, set, row.Party, row.about(set))
		if err != nil {
			return err
		}
		q := row.question(known.Facts, clock.Today(ctx))
		if answer, verified := s.Due(milestone, q); answer != policy.Manual && (answer != policy.Met || !verified) {
			why := answer.Label()
			if answer == policy.Met {
				why = "所依据的数据还没有核实，或有争议"
			}
			return fault.New(fault.Conflict, fmt.Sprintf("这一期要具备“%s”，现在：%s", s.When(milestone), why))
		}
		if _, advance := s.Parted(); advance && at == len(parts)-1 && at > 0 {
			if err := c.settleAdvance(ctx, row, set, q, parts, evidence); err != nil {
				return err
			}
			if parts, err = c.purse.Parts(ctx, id); err != nil {
				return err
			}
		}
		if slices.ContainsFunc(parts, func(p Part) bool { return p.Milestone == milestone }) {
			if err := c.purse.Reached(ctx, id, milestone, evidence, clock.Today(ctx)); err != nil {
				return err
			}
		}
		if err := recordCase(ctx, "case.milestone", id, map[string]string{"milestone": milestone, "evidence": evidence}); err != nil {
			return err
		}
		if row, err = caseByID(ctx, id); err != nil {
			return err
		}
		out, err = c.instalments(ctx, row)
		return err
	})
	return out, err
}

// settleAdvance settles what was advanced against what the scheme gives now.
func (c *Casework) settleAdvance(ctx context.Context, row *caseRow, set *schemes.Compiled, q policy.Question, parts []Part, evidence string) error {
	s := set.Library.Scheme(row.Scheme)
	result := s.Evaluate(q)
	amount, met := result.Claimable(row.Judged != 0)
	final := policy.Fen(0)
	switch {
	case met && amount.Kind == policy.Exact && result.Verified && !result.Disputed && result.Undecided() == "":
		final = amount.High
	case result.Answer == policy.Unmet:
	default:
		return fault.New(fault.Conflict, "还不能结算：按现在的数据应得多少还定不下来，或所依据的数据没有核实；请先补充、核实数据")
	}
	over, err := c.purse.Settle(ctx, row.ID, final, "结算："+evidence, s.Bears)
	if err != nil {
		return err
	}
	if over > 0 && s.Recovers() { // the file says that it is claimed back, and no more: neither a day nor interest
		if err := c.purse.Claim(ctx, row.ID, over, Terms{Cite: clauseOf(set, row.Scheme)}, "结算后多付的部分："+evidence); err != nil {
			return err
		}
	}
	paid, last := arrived(parts[:len(parts)-1])
	row.Awarded = int64(max(final, paid))
	if err := row.write(ctx); err != nil {
		return err
	}
	if err := row.record(ctx, "case.milestone", map[string]any{"final": final, "over": over}); err != nil {
		return err
	}
	if final > paid {
		return nil
	}
	return c.allArrived(ctx, row, Payment{Awarded: paid, Paid: paid, On: last})
}

// arrived is what instalments that are paid come to, and when the last of them was.
func arrived(parts []Part) (paid policy.Fen, last policy.Date) {
	for _, p := range parts {
		paid, last = paid+p.Amount, max(last, p.PaidOn)
	}
	return paid, last
}

// NamePayee names the party that is paid where the scheme says another than the applicant. Officers of the department in charge, before the
// decision.
func (c *Casework) NamePayee(ctx context.Context, id, party string) (*Instalments, error) {
	var out *Instalments
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if err := mayAttend(ctx, row); err != nil {
			return err
		}
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		s := set.Library.Scheme(row.Scheme)
		switch {
		case s == nil || s.Payee() == "":
			return fault.New(fault.Conflict, "这项政策的资金付给申报人，不用写明收款方")
		case row.Awarded != unset || row.Ended != "":
			return fault.New(fault.Conflict, "已经作出决定，不能再改收款方")
		}
		p, err := c.registry.Named(account.System(ctx), strings.TrimSpace(party))
		if err != nil {
			return fault.New(fault.Invalid, "请选择收款方", fault.At("party", "没有这个主体"))
		}
		if account.ActorFrom(ctx).Speaks(p.ID) {
			return fault.New(fault.Forbidden, "其中有您所代表的企业，请由他人办理")
		}
		row.Payee, row.PayeeName = p.ID, p.Name
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.payee", map[string]string{"payee": p.ID}); err != nil {
			return err
		}
		out, err = c.instalments(ctx, row)
		return err
	})
	return out, err
}

// clawBack claims back all that a case was paid and does not owe yet, as the process file says; what is promised and not paid is not paid any more.
func (c *Casework) clawBack(ctx context.Context, m process.Move, row *caseRow) error {
	days, ok := policy.ClawDays(m.Args["time"])
	if !ok {
		return fmt.Errorf("casework: claw_back with %v", m.Args)
	}
	today := clock.Today(ctx)
	terms := Terms{Due: today.AddDays(days), Cite: m.Args["cite"]}
	if terms.Rate = m.Args["rate"]; terms.Rate != "" {
		var err error
		if terms.Days, err = strconv.ParseInt(m.Args["days"], 10, 64); err != nil {
			return err
		}
		if terms.Starts = today; m.Args["counts"] == "due" {
			terms.Starts = terms.Due
		}
	}
	if err := c.purse.Claim(ctx, row.ID, 0, terms, m.Input.Reason); err != nil {
		return err
	}
	if row.Paid == unset { // what was still to come does not come
		parts, err := c.purse.Parts(ctx, row.ID)
		if err != nil {
			return err
		}
		paid, last := arrived(parts)
		row.Awarded, row.Paid, row.PaidOn = int64(paid), int64(paid), last.String()
		if err := row.write(ctx); err != nil {
			return err
		}
	}
	return row.record(ctx, "case.clawed_back", map[string]any{"cite": terms.Cite, "due": terms.Due})
}

// returned is Conflict while a case owes something back.
func (c *Casework) returned(ctx context.Context, _ process.Move, row *caseRow) error {
	done, err := c.purse.Returned(ctx, row.ID)
	if err == nil && !done {
		return fault.New(fault.Conflict, "追回的资金还没有还清或核销")
	}
	return err
}
