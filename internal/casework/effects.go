package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// wire gives the verbs of process files (policy.ProcessEffects, policy.ProcessGuards) their meaning. Every one runs in the transaction of
// the action that named it.
func (c *Casework) wire() {
	e := c.engine
	e.OnMove(flowCase, c.moved)
	c.wireCertificates()
	c.wireDocuments()

	e.Guard(flowCase, "window_open", c.ofCase(c.windowOpen))
	e.Guard(flowCase, "complete", c.ofCase(c.complete))
	e.Guard(flowCase, "amount_set", c.ofCase(c.amountSet))
	e.Guard(flowCase, "facts_decide", c.ofCase(c.factsDecide))
	e.Guard(flowCase, "budget_covers", c.ofCase(c.caseCovered))
	e.Guard(flowCase, "no_open_objection", c.ofCase(func(ctx context.Context, _ process.Move, row *caseRow) error {
		return noOpenObjection(ctx, row.Round, row.ID)
	}))
	e.Guard(flowCase, "visited", c.ofCase(c.visited))
	e.Guard(flowCase, "heard", c.ofCase(c.heard))
	e.Guard(flowCase, "rated", c.ofCase(c.levelDecided))
	e.Effect(flowCase, "marks", c.ofCase(c.sealMarks))
	e.Effect(flowCase, "verify", c.ofCase(c.verifyList))
	e.Guard(flowCase, "overdue", c.ofCase(c.overdue))
	e.Effect(flowCase, "record", c.ofCase(c.keepRecord))
	e.Guard(flowCase, "returned", c.ofCase(c.returned))
	e.Effect(flowCase, "visit", c.ofCase(c.planVisit))
	e.Effect(flowCase, "submit", c.ofCase(c.submit))
	e.Effect(flowCase, "evaluate", c.ofCase(c.evaluateAnew))
	e.Effect(flowCase, "set_amount", c.ofCase(c.setAmount))
	e.Effect(flowCase, "findings", c.ofCase(c.keepFinding))
	e.Effect(flowCase, "stance", c.ofCase(c.keepStance))
	e.Effect(flowCase, "silence", c.ofCase(c.keepSilence))
	e.Joins(flowCase, func(ctx context.Context, m process.Move) (string, error) {
		row, err := caseByID(ctx, m.Instance.Subject.ID)
		if err != nil {
			return "", err
		}
		return c.joined(ctx, m, row)
	})
	e.Effect(flowCase, "exclude", c.ofCase(c.release))
	e.Effect(flowCase, "release", c.ofCase(c.release))
	e.Effect(flowCase, "claw_back", c.ofCase(c.clawBack))
	e.Effect(flowCase, "decide", c.ofCase(c.decideOne))
	e.Effect(flowCase, "order", c.ofCase(c.orderOne))
	e.Effect(flowCase, "answer", c.ofCase(c.keepAnswer))
	e.Effect(flowCase, "rating", c.ofCase(c.keepRating))

	e.Guard(flowRound, "window_closed", c.ofRound(windowClosed))
	e.Guard(flowRound, "checks_back", c.ofRound(c.checksBack))
	e.Guard(flowRound, "amount_set", c.ofRound(c.amountsSet))
	e.Guard(flowRound, "notice_over", c.ofRound(c.noticeOver))
	e.Guard(flowRound, "no_open_objection", c.ofRound(func(ctx context.Context, _ process.Move, r *roundRow) error {
		return noOpenObjection(ctx, r.ID, "")
	}))
	e.Guard(flowRound, "budget_covers", c.ofRound(c.budgetCovers))
	e.Guard(flowRound, "all_paid", c.ofRound(allPaid))
	e.Guard(flowRound, "none_supported", c.ofRound(noneSupported))
	e.Guard(flowRound, "none_open", c.ofRound(noneOpen))
	e.Effect(flowRound, "open_window", c.ofRound(c.openWindow))
	e.Effect(flowRound, "propose", c.ofRound(c.propose))
	e.Effect(flowRound, "call", c.ofRound(c.call))
	e.Effect(flowRound, "remind", c.ofRound(c.remind))
	e.Effect(flowRound, "refer", c.ofRound(c.referLate))
	e.Effect(flowRound, "freeze", c.ofRound(c.freeze))
	e.Effect(flowRound, "settle", c.ofRound(c.settle))
	e.Effect(flowRound, "publish", c.ofRound(c.publish))
	e.Effect(flowRound, "renotice", c.ofRound(c.publish))
	e.Effect(flowRound, "decide", c.ofRound(c.decide))
	e.Effect(flowRound, "order", c.ofRound(c.order))
	e.Effect(flowRound, "sample", c.ofRound(c.sample))
	e.Guard(flowRound, "scores_in", c.ofRound(c.scoresIn))
	e.Guard(flowRound, "experts_short", c.ofRound(func(ctx context.Context, _ process.Move, r *roundRow) error { return c.panels.Short(ctx, r.ID) }))
	e.Guard(flowRound, "minutes_signed", c.ofRound(func(ctx context.Context, _ process.Move, r *roundRow) error { return c.panels.Signed(ctx, r.ID) }))
	e.Effect(flowRound, "draw", c.ofRound(c.drawPanel))
	e.Effect(flowRound, "score", c.ofRound(c.score))
	e.Effect(flowRound, "leave_out", c.ofRound(c.leaveOut))
	e.Effect(flowRound, "places", c.ofRound(c.setPlaces))
	e.Effect(flowRound, "recommend", c.ofRound(c.recommend))
	e.Guard(flowRound, "result_in", c.ofRound(c.resultIn))
	e.Effect(flowRound, "conclude", c.ofRound(c.conclude))
}

// ofCase reads the case that an action is about.
func (c *Casework) ofCase(fn func(ctx context.Context, m process.Move, row *caseRow) error) func(ctx context.Context, m process.Move) error {
	return func(ctx context.Context, m process.Move) error {
		row, err := caseByID(ctx, m.Instance.Subject.ID)
		if err != nil {
			return err
		}
		return fn(ctx, m, row)
	}
}

// ofRound reads the round that an action is about.
func (c *Casework) ofRound(fn func(ctx context.Context, m process.Move, r *roundRow) error) func(ctx context.Context, m process.Move) error {
	return func(ctx context.Context, m process.Move) error {
		row, err := roundByID(ctx, m.Instance.Subject.ID)
		if err != nil {
			return err
		}
		return fn(ctx, m, row)
	}
}

// moved keeps the stage of cases beside their other columns, whoever moved them, and what the action that moved one asked to be corrected.
func (c *Casework) moved(ctx context.Context, all []process.Move) error {
	for some := range slices.Chunk(all, movedAtOnce) {
		if err := c.movedSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// movedAtOnce is how many cases that were moved are read and written in one statement.
const movedAtOnce = 200

func (c *Casework) movedSome(ctx context.Context, all []process.Move) error {
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.Instance.Subject.ID
	}
	rows, err := casesByID(ctx, ids)
	if err != nil {
		return err
	}
	ways := map[standing][]*caseRow{}
	var ended []string
	for _, m := range all {
		row := rows[m.Instance.Subject.ID]
		if row == nil {
			return notFoundCase()
		}
		row.Stage, row.Ended = m.To, m.Instance.Outcome
		if m.Action != nil && slices.Contains(m.Action.Needs, "items") {
			if row.Lacking, err = lackingOf(m.Input.Data); err != nil {
				return err
			}
		}
		if row.Ended != "" {
			ended = append(ended, row.ID)
		}
		w := standing{row.Stage, row.Ended, row.Lacking}
		ways[w] = append(ways[w], row)
	}
	for w, some := range ways {
		if err := stand(ctx, w, some); err != nil {
			return err
		}
	}
	for _, m := range all {
		if err := rows[m.Instance.Subject.ID].record(ctx, "case.moved", map[string]string{"from": m.From, "to": m.To}); err != nil {
			return err
		}
	}
	if err := dropVisits(ctx, ended); err != nil {
		return err
	}
	for _, id := range ended {
		if err := c.closed(ctx, rows[id]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Casework) windowOpen(ctx context.Context, _ process.Move, row *caseRow) error {
	r, err := roundByID(ctx, row.Round)
	if err != nil {
		return err
	}
	return r.mustTake(ctx)
}

// complete refuses an application that lacks something, and names every thing that it lacks.
func (c *Casework) complete(ctx context.Context, _ process.Move, row *caseRow) error {
	f, err := c.form(ctx, row)
	if err != nil {
		return err
	}
	if len(f.Missing) == 0 {
		return nil
	}
	details := make([]fault.Detail, len(f.Missing))
	for i, g := range f.Missing {
		details[i] = fault.Detail{Field: g.Field, Message: g.Text}
	}
	if row.Origin == originSystem {
		return fault.New(fault.Invalid, "还不能确认："+details[0].Message, details...)
	}
	return fault.New(fault.Invalid, fmt.Sprintf("还有%d项没有完成，不能提交", len(details)), details...)
}

// submit states what the applicant declares, evaluates the scheme over it, pins what it rests on, and numbers the case. A case that comes
// back from correction keeps its number and its day.
func (c *Casework) submit(ctx context.Context, m process.Move, row *caseRow) error {
	draft, err := row.readDraft()
	if err != nil {
		return err
	}
	r, err := roundByID(ctx, row.Round)
	if err != nil {
		return err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	statements := row.statements(set, draft)
	gone, err := c.gone(ctx, row, set, statements)
	if err != nil {
		return err
	}
	if err := c.registry.Declare(ctx, set.Library.Vocabulary(), row.Party, row.about(set), append(statements, gone...)); err != nil {
		return err
	}
	if _, err := c.pin(ctx, row, r, "submit"); err != nil {
		return err
	}
	if row.Number == "" {
		if row.Number, err = nextNumber(ctx, r); err != nil {
			return err
		}
	}
	if row.SubmittedAt == "" {
		row.SubmittedAt, row.SubmittedBy = store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID
	}
	row.Lacking = "[]"
	if err := pinFiles(ctx, row.ID); err != nil {
		return err
	}
	if err := row.write(ctx); err != nil {
		return err
	}
	// The engine copied the subject when the case began; from now on it has a number.
	if err := c.engine.Describe(ctx, c.subject(row, liteOf(set, row.Scheme, clock.Today(ctx)).Title)); err != nil {
		return err
	}
	return row.record(ctx, "case.submitted", map[string]string{"number": row.Number, "evaluation": row.Evaluation})
}

// nextNumber takes the next number of a round. A round that was frozen gives none, whoever was first.
func nextNumber(ctx context.Context, r *roundRow) (string, error) {
	numbers, err := nextNumbers(ctx, r, 1)
	if err != nil {
		return "", err
	}
	return numbers[0], nil
}

// nextNumbers takes the next n numbers of a round, as nextNumber does.
func nextNumbers(ctx context.Context, r *roundRow, n int) ([]string, error) {
	if n == 0 {
		return nil, nil
	}
	var last int
	rows, err := store.Tx(ctx).QueryContext(ctx, `UPDATE rounds SET cases = cases + ? WHERE id = ? AND open = 1 AND frozen_at = '' RETURNING cases`, n, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.Conflict, "申报已经截止，不能再提交")
	}
	if err := rows.Scan(&last); err != nil {
		return nil, err
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	return r.numbers(ctx, last, n)
}

// lackingOf is what a request for correction names, as it is kept: once and for all, each thing by itself.
func lackingOf(data json.RawMessage) (string, error) {
	var asked struct {
		Items []Lack `json:"items"`
	}
	if err := read(data, &asked); err != nil {
		return "", err
	}
	var details []fault.Detail
	for i := range asked.Items {
		item := &asked.Items[i]
		item.Text = strings.TrimSpace(item.Text)
		if n := utf8.RuneCountInString(item.Text); n == 0 || n > 500 || !store.Plain(item.Text) {
			details = append(details, fault.At(fmt.Sprintf("data.items[%d].text", i), "请写明缺少什么、怎样补正，不超过500字"))
		}
	}
	if len(asked.Items) == 0 || len(asked.Items) > 50 {
		details = append(details, fault.At("data.items", "请逐项列出需要补正的内容，最多50项"))
	}
	if len(details) > 0 {
		return "", fault.New(fault.Invalid, "补正通知应一次写明全部需要补正的内容", details...)
	}
	text, err := json.Marshal(asked.Items)
	return string(text), err
}

// evaluateAnew evaluates over the facts as they stand now: a reviewer's, after something was verified.
func (c *Casework) evaluateAnew(ctx context.Context, _ process.Move, row *caseRow) error {
	r, err := roundByID(ctx, row.Round)
	if err != nil {
		return err
	}
	if _, err := c.pin(ctx, row, r, "review"); err != nil {
		return err
	}
	if err := row.write(ctx); err != nil {
		return err
	}
	return row.record(ctx, "case.evaluated", map[string]string{"evaluation": row.Evaluation})
}

// release gives back what was committed for a case.
func (c *Casework) release(ctx context.Context, m process.Move, row *caseRow) error {
	if row.Awarded == unset {
		return nil
	}
	if err := c.purse.Release(ctx, row.ID, m.Input.Reason); err != nil {
		return err
	}
	if err := c.dropAward(ctx, row); err != nil {
		return err
	}
	return row.record(ctx, "case.released", nil)
}

// windowClosed passes when the last day is over, or when the actor says why it closes earlier.
func windowClosed(ctx context.Context, m process.Move, r *roundRow) error {
	if clock.Today(ctx).String() > r.Closes || m.Preview || strings.TrimSpace(m.Input.Reason) != "" {
		return nil
	}
	return fault.New(fault.Conflict, fmt.Sprintf("申报截止日期是%s，还没有到；确需提前截止的，请写明理由", r.Closes), fault.At("reason", "请写明提前截止的理由"))
}

// openWindow publishes the round.
func (c *Casework) openWindow(ctx context.Context, _ process.Move, r *roundRow) error {
	if clock.Today(ctx).String() > r.Closes {
		return fault.New(fault.Conflict, "申报截止日期已过，请先修改截止日期", fault.At("closes", "早于今天"))
	}
	return c.setRound(ctx, r, "round.opened", `open = 1`, `open = 0`)
}

// setRound changes columns of a round while a condition on it holds.
func (c *Casework) setRound(ctx context.Context, r *roundRow, action, set, while string, args ...any) error {
	result, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET `+set+`, version = version + 1 WHERE id = ? AND `+while, append(args, r.ID)...).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "批次的状态已经改变，请刷新后再试")
	}
	return c.recordRound(ctx, action, r.ID, nil)
}

func (c *Casework) amountSet(ctx context.Context, _ process.Move, row *caseRow) error {
	if row.needsSum() {
		return fault.New(fault.Conflict, "条款写的是最高限额，请先核定金额并写明理由", fault.At("data.amount", "请核定金额"))
	}
	return nil
}

// needsSum says that a person has to set the sum and has not.
func (r *caseRow) needsSum() bool {
	return policy.AmountKind(r.AmountKind) != policy.Exact && r.Decided == unset
}

func (c *Casework) amountsSet(ctx context.Context, _ process.Move, r *roundRow) error {
	n, err := store.Tx(ctx).NewSelect().Model((*caseRow)(nil)).
		Where("c.round = ? AND c.number <> '' AND c.ended = '' AND c.decided = ? AND c.amount_kind <> ?", r.ID, unset, string(policy.Exact)).Count(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d件申报没有核定金额", n))
	}
	return nil
}

// budgetCovers asks the treasury before anything is decided, so that a leader is not asked to sign what cannot be paid.
func (c *Casework) budgetCovers(ctx context.Context, _ process.Move, r *roundRow) error {
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.ended = '' AND c.settled > 0 AND c.awarded = ?", r.ID, unset).
		OrderExpr("c.number").Scan(ctx); err != nil {
		return err
	}
	var awards []Award
	for _, row := range rows {
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		parts, err := c.parts(ctx, row, set, policy.Fen(row.Settled))
		if err != nil {
			return err
		}
		awards = append(awards, parts...)
	}
	return c.purse.Covers(ctx, r.ID, awards)
}

// allPaid refuses while an award of the round is neither paid nor given up.
func allPaid(ctx context.Context, _ process.Move, r *roundRow) error {
	n, err := store.Tx(ctx).NewSelect().Model((*caseRow)(nil)).Where("c.round = ? AND c.awarded > 0 AND c.paid = ?", r.ID, unset).Count(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d件没有兑付到账", n))
	}
	return nil
}

// noneSupported refuses while an application of the round goes on, or was paid: then there is somebody to support.
func noneSupported(ctx context.Context, _ process.Move, r *roundRow) error {
	n, err := store.Tx(ctx).NewSelect().Model((*caseRow)(nil)).Where("c.round = ? AND c.number <> '' AND c.ended IN ('', 'granted')", r.ID).Count(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d件申报没有办完或已予以支持；不予支持的请先逐件办理", n))
	}
	return nil
}

// noneOpen refuses while an application of the round that was handed in goes on.
func noneOpen(ctx context.Context, _ process.Move, r *roundRow) error {
	n, err := store.Tx(ctx).NewSelect().Model((*caseRow)(nil)).Where("c.round = ? AND c.number <> '' AND c.ended = ''", r.ID).Count(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d件申报没有办完", n))
	}
	return nil
}

// read reads the data of an action.
func read(data json.RawMessage, to any) error {
	if len(data) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, to); err != nil {
		return fault.Wrap(fault.Invalid, "提交的内容不完整或格式不正确", err)
	}
	return nil
}
