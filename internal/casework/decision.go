package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// Decision is what a leader decided about the settled cases of a round, each with the sum and how it came about. It is signed once.
type Decision struct {
	ID        string         `json:"id"`
	Round     string         `json:"round"`
	Number    string         `json:"number"`
	Title     string         `json:"title"`
	Body      string         `json:"body" doc:"the opinion of who decided"`
	Total     policy.Fen     `json:"total"`
	Cases     int            `json:"cases"`
	DecidedAt string         `json:"decided_at"`
	DecidedBy string         `json:"decided_by"`
	Lines     []DecisionLine `json:"lines" nullable:"false"`
}

// DecisionLine is one case of a decision.
type DecisionLine struct {
	Case       string     `json:"case"`
	Number     string     `json:"number"`
	Party      string     `json:"party"`
	Title      string     `json:"title" doc:"of the scheme"`
	Clause     string     `json:"clause"`
	Amount     policy.Fen `json:"amount"`
	Arithmetic []string   `json:"arithmetic" nullable:"false"`
}

const decisionKind = "decision"

func init() {
	audit.RegisterRow(decisionKind, decisionDigest)
	audit.RegisterList(decisionKind, audit.IDs("decisions"))
}

type decisionRow struct {
	bun.BaseModel `bun:"table:decisions,alias:d"`

	ID        string `bun:"id,pk"`
	Round     string `bun:"round"`
	Number    string `bun:"number"`
	Title     string `bun:"title"`
	Body      string `bun:"body"`
	Total     int64  `bun:"total"`
	Cases     int64  `bun:"cases"`
	DecidedAt string `bun:"decided_at"`
	DecidedBy string `bun:"decided_by"`
}

type decisionLineRow struct {
	bun.BaseModel `bun:"table:decision_lines,alias:l"`

	Decision   string `bun:"decision,pk"`
	Case       string `bun:"case_id,pk"`
	Amount     int64  `bun:"amount"`
	Arithmetic string `bun:"arithmetic"`
}

// decide makes awards of what the round was settled at: the sums are owed from now on, and the budgets committed, in this transaction or
// not at all. A case that comes to nothing is not part of it.
func (c *Casework) decide(ctx context.Context, m process.Move, r *roundRow) error {
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.number <> '' AND c.ended = '' AND c.settled > 0 AND c.awarded = ?", r.ID, unset).
		OrderExpr("c.number").Scan(ctx); err != nil {
		return err
	}
	if len(rows) == 0 {
		return fault.New(fault.Conflict, "这个批次没有可以决定的申报")
	}
	number, err := nextDecision(ctx, r)
	if err != nil {
		return err
	}
	return c.award(ctx, m, rows, decisionRow{Round: r.ID, Number: number, Title: "关于" + r.Title + "的决定"})
}

// dropAward takes back the award of a case: what is left of its party's limits changes with it.
func (c *Casework) dropAward(ctx context.Context, row *caseRow) error {
	row.Awarded = unset
	if err := row.write(ctx); err != nil {
		return err
	}
	return c.registry.Changed(ctx, []string{row.Party})
}

// award makes awards of settled cases by one decision.
func (c *Casework) award(ctx context.Context, m process.Move, rows []*caseRow, d decisionRow) error {
	opinion := strings.TrimSpace(m.Input.Reason)
	if utf8.RuneCountInString(opinion) > 2000 {
		return fault.New(fault.Invalid, "意见过长", fault.At("reason", "不超过2000字"))
	}
	d.ID, d.Body, d.Cases, d.DecidedAt, d.DecidedBy = store.NewID(), opinion, int64(len(rows)), store.Stamp(clock.Now(ctx)), by(ctx)
	if m.Actor == nil {
		d.DecidedBy = systemName
	}
	lines := make([]decisionLineRow, len(rows))
	var awards []Award
	for i, row := range rows {
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		e, err := evaluationByID(ctx, row.Evaluation)
		if err != nil {
			return err
		}
		v, err := e.view()
		if err != nil {
			return err
		}
		cuts := []policy.Cut{}
		if err := json.Unmarshal([]byte(row.Cuts), &cuts); err != nil {
			return err
		}
		text, err := jsonOf(row.arithmetic(v.Result.Working, cuts))
		if err != nil {
			return err
		}
		lines[i] = decisionLineRow{Decision: d.ID, Case: row.ID, Amount: row.Settled, Arithmetic: string(text)}
		parts, err := c.parts(ctx, row, set, policy.Fen(row.Settled))
		if err != nil {
			return err
		}
		awards = append(awards, parts...)
		d.Total += row.Settled
		row.Awarded = row.Settled
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.awarded", map[string]any{"fen": row.Awarded, "decision": d.ID}); err != nil {
			return err
		}
	}
	parties := make([]string, len(rows)) // told together: a round awards to thousands, and each telling by itself is a job
	for i, row := range rows {
		parties[i] = row.Party
	}
	slices.Sort(parties)
	if err := c.registry.Changed(ctx, slices.Compact(parties)); err != nil {
		return err
	}
	if _, err := store.Tx(ctx).NewInsert().Model(&d).Exec(ctx); err != nil {
		return err
	}
	for from := 0; from < len(lines); from += 500 {
		some := lines[from:min(from+500, len(lines))]
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	digest, err := decisionDigest(ctx, d.ID)
	if err != nil {
		return err
	}
	if err := audit.Append(ctx, audit.Event{Action: "round.decided", Kind: decisionKind, ID: d.ID, Digest: digest, Data: map[string]any{"round": d.Round, "fen": d.Total}}); err != nil {
		return err
	}
	// Last: everybody who decides wants the row of the budget.
	return c.purse.Commit(ctx, awards)
}

func nextDecision(ctx context.Context, r *roundRow) (string, error) {
	n, err := store.Tx(ctx).NewSelect().Model((*decisionRow)(nil)).Where("d.round = ?", r.ID).Count(ctx)
	return fmt.Sprintf("%s-JD%02d", r.Number, n+1), err
}

// order hands what was decided to the treasury. The treasury has the awards since the decision; nothing more is needed than that finance
// took the round over, which is this step of the process.
func (c *Casework) order(ctx context.Context, _ process.Move, r *roundRow) error {
	n, err := store.Tx(ctx).NewSelect().Model((*caseRow)(nil)).Where("c.round = ? AND c.awarded > 0", r.ID).Count(ctx)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "这个批次没有决定兑付的申报")
	}
	return nil
}

// eventPaid is what happens to a case when its award has arrived.
const eventPaid = "paid"

// Payment is how far a case is paid: what its instalments come to, what arrived, and how many are still to come.
type Payment struct {
	Awarded, Paid policy.Fen
	Open          int
	On            policy.Date // of the last that arrived
	Reference     string
}

// Paid notes that an instalment of a case has arrived in the payee's account, in the transaction that books it; the last one lets its
// process go on.
func (c *Casework) Paid(ctx context.Context, caseID string, p Payment) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := caseByID(ctx, caseID)
		if err != nil {
			return err
		}
		if row.Paid != unset {
			return fault.New(fault.Conflict, "这件申报已经兑付过")
		}
		if int64(p.Awarded) != row.Awarded {
			return fault.New(fault.Conflict, "到账金额与决定的金额不一致")
		}
		if p.Open > 0 {
			return row.record(ctx, "case.part_paid", map[string]any{"fen": p.Paid, "on": p.On, "reference": p.Reference})
		}
		return c.allArrived(ctx, row, p)
	})
}

// allArrived writes that a case is paid, and lets its process go on.
func (c *Casework) allArrived(ctx context.Context, row *caseRow, p Payment) error {
	row.Paid, row.PaidOn = int64(p.Paid), p.On.String()
	if err := row.write(ctx); err != nil {
		return err
	}
	if err := row.record(ctx, "case.paid", map[string]any{"fen": p.Paid, "on": p.On, "reference": p.Reference}); err != nil {
		return err
	}
	_, err := c.engine.Happened(ctx, flowCase, row.ID, eventPaid, "资金于"+p.On.String()+"到账")
	return err
}

// CutShort ends the payment of a case of which finance gave up what was still to come: what arrived is all that it gets.
func (c *Casework) CutShort(ctx context.Context, caseID, reason string, p Payment) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := caseByID(ctx, caseID)
		if err != nil {
			return err
		}
		row.Awarded = int64(p.Paid)
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.cut_short", map[string]any{"fen": p.Paid, "reason": reason}); err != nil {
			return err
		}
		return c.allArrived(ctx, row, p)
	})
}

// Unpaid takes back that the award of a case was paid, in the transaction of the correction that says so. The case goes back to the stage
// that waits for the payment which led to where it stands: what was decided is still owed, to be paid again or given up.
func (c *Casework) Unpaid(ctx context.Context, caseID, reason string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := caseByID(ctx, caseID)
		if err != nil {
			return err
		}
		if row.Paid == unset { // an instalment; others are still to come
			return row.record(ctx, "case.part_unpaid", map[string]string{"reason": reason})
		}
		row.Paid, row.PaidOn = unset, ""
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.unpaid", map[string]string{"reason": reason}); err != nil {
			return err
		}
		i, err := c.engine.Find(ctx, flowCase, row.ID)
		if err != nil {
			return err
		}
		p, err := c.engine.Process(ctx, i.Definition)
		if err != nil {
			return err
		}
		for _, s := range p.Flow(flowCase).Stages {
			if s.Waits == eventPaid && s.Then == i.Stage {
				return c.engine.MoveOne(ctx, flowCase, row.ID, s.Key, reason)
			}
		}
		return fault.New(fault.Conflict, "这件申报现在的环节不能回到兑付")
	})
}

// GivenUp ends a case whose award finance gave up: it goes where the process file leads an action that releases.
func (c *Casework) GivenUp(ctx context.Context, caseID, reason string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := caseByID(ctx, caseID)
		if err != nil {
			return err
		}
		if err := c.dropAward(ctx, row); err != nil {
			return err
		}
		if err := row.record(ctx, "case.given_up", map[string]string{"reason": reason}); err != nil {
			return err
		}
		i, err := c.engine.Find(ctx, flowCase, row.ID)
		if err != nil {
			return err
		}
		p, err := c.engine.Process(ctx, i.Definition)
		if err != nil {
			return err
		}
		for _, a := range p.Flow(flowCase).Always {
			if slices.Contains(a.At, i.Stage) && slices.ContainsFunc(a.Do, func(x policy.Effect) bool { return x.Name == "release" }) {
				return c.engine.MoveOne(ctx, flowCase, row.ID, a.To, reason)
			}
		}
		return fault.New(fault.Conflict, "这件申报现在的环节不能放弃兑付")
	})
}

// Decisions of a round, with their lines, for those who may see the round at the desk; a firm sees its own line on its case.
func (c *Casework) Decisions(ctx context.Context, round string) ([]Decision, error) {
	out := []Decision{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if _, err := visibleRound(ctx, round); err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Reader() {
			return fault.New(fault.Forbidden, "决定书只供办理人员查看")
		}
		rows := []decisionRow{}
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("d.round = ?", round).OrderExpr("d.number").Scan(ctx); err != nil {
			return err
		}
		for _, d := range rows {
			v := Decision{ID: d.ID, Round: d.Round, Number: d.Number, Title: d.Title, Body: d.Body, Total: policy.Fen(d.Total), Cases: int(d.Cases),
				DecidedAt: d.DecidedAt, DecidedBy: d.DecidedBy, Lines: []DecisionLine{}}
			var lines []struct {
				Case       string `bun:"case_id"`
				Amount     int64  `bun:"amount"`
				Arithmetic string `bun:"arithmetic"`
				Number     string `bun:"number"`
				PartyName  string `bun:"party_name"`
				Thing      string `bun:"thing"`
				Level      string `bun:"level"`
				Scheme     string `bun:"scheme"`
				basis
			}
			cond, args := caseScope(ctx, "c")
			if err := store.Tx(ctx).NewRaw(`SELECT l.case_id, l.amount, l.arithmetic, c.number, c.party_name, c.scheme, c.thing, c.level, c.publication, c.set_hash FROM decision_lines AS l
				JOIN cases AS c ON c.id = l.case_id WHERE l.decision = ? AND `+cond+` ORDER BY c.number`, append([]any{d.ID}, args...)...).Scan(ctx, &lines); err != nil {
				return err
			}
			for _, l := range lines {
				set, err := l.rules(ctx)
				if err != nil {
					return err
				}
				x := DecisionLine{Case: l.Case, Number: l.Number, Party: l.PartyName, Title: outcome(liteOf(set, l.Scheme, clock.Today(ctx)).Title, l.Thing, l.Level),
					Clause: clauseOf(set, l.Scheme), Amount: policy.Fen(l.Amount), Arithmetic: []string{}}
				if err := json.Unmarshal([]byte(l.Arithmetic), &x.Arithmetic); err != nil {
					return err
				}
				v.Lines = append(v.Lines, x)
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func decisionDigest(ctx context.Context, id string) (string, error) {
	d := &decisionRow{}
	err := store.Tx(ctx).NewSelect().Model(d).Where("d.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	lines := []decisionLineRow{}
	if err := store.Tx(ctx).NewSelect().Model(&lines).Where("l.decision = ?", id).OrderExpr("l.case_id").Scan(ctx); err != nil {
		return "", err
	}
	texts := []string{d.ID, d.Round, d.Number, d.Title, d.Body, fmt.Sprint(d.Total), fmt.Sprint(d.Cases), d.DecidedAt, d.DecidedBy}
	for _, l := range lines {
		texts = append(texts, l.Case, fmt.Sprint(l.Amount), l.Arithmetic)
	}
	return audit.Digest(texts...), nil
}

func jsonOf(v any) (json.RawMessage, error) { return json.Marshal(v) }
