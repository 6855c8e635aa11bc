package treasury

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// What the bank answers for single payments: reading a row, comparing it with the batch, booking it.

// readAnswer reads a row; nil when it says nothing: the bank has not answered for this payment yet.
func readAnswer(line int, hidden bool, columns map[int]string, cells []spreadsheet.Cell) *answer {
	a := &answer{line: line, at: map[string]string{}}
	says := map[string]spreadsheet.Cell{}
	for _, c := range cells {
		if name := columns[c.Column]; name != "" {
			says[name], a.at[name] = c, spreadsheet.CellName(c.Column, line)
		}
	}
	answered := false
	for _, name := range []string{columnOutcome, columnSerial, columnDate, columnFailure} {
		_, has := says[name]
		answered = answered || has
	}
	if !answered {
		return nil
	}
	if hidden {
		a.bad("", "这一行被隐藏；请取消隐藏或筛选，或删去这一行")
	}
	text := func(column string, most int) string {
		c, has := says[column]
		if !has {
			return ""
		}
		s, err := c.Words()
		switch {
		case err != nil:
			a.bad(column, "%s", err)
		case c.Kind == spreadsheet.KindDate || c.Kind == spreadsheet.KindBool || c.Kind == spreadsheet.KindPercent:
			a.bad(column, "应是文字")
		case utf8.RuneCountInString(s) > most:
			a.bad(column, "超过%d个字", most)
		default:
			return strings.TrimSpace(norm.NFKC.String(s))
		}
		return ""
	}
	if a.code = strings.ToUpper(text(columnLine, 40)); a.at[columnLine] == "" {
		a.bad(columnLine, "没有填写付款编号")
	}
	if word := text(columnOutcome, 20); word != "" {
		if a.outcome = outcomes[fold(word)]; a.outcome == "" {
			a.bad(columnOutcome, "看不懂这个结果；请写“成功”或“失败”")
		}
	} else if a.at[columnOutcome] == "" {
		a.bad(columnOutcome, "没有填写处理结果")
	}
	if c, has := says[columnSerial]; has && c.Kind == spreadsheet.KindNumber && len(strings.TrimPrefix(c.Text, "-")) > 15 {
		a.bad(columnSerial, "流水号被存成了数字，末几位已经失真；请把单元格设为文本格式后重新填写")
	} else {
		a.serial = text(columnSerial, 64)
	}
	a.failure = text(columnFailure, 200)
	if c, has := says[columnDate]; has {
		a.readDate(c)
	}
	if c, has := says[columnAmount]; has {
		a.readAmount(c)
	}
	return a
}

func (a *answer) readDate(c spreadsheet.Cell) {
	if c.Kind == spreadsheet.KindNumber && len(c.Text) == 8 {
		c.Kind = spreadsheet.KindText // 20261120, as many banks write a day
	}
	day, err := c.Date()
	if err == nil {
		a.on, err = policy.ParseDate(day)
	}
	if err != nil {
		a.bad(columnDate, "%s", err)
	}
}

func (a *answer) readAmount(c spreadsheet.Cell) {
	s, err := c.Words()
	if err != nil {
		a.bad(columnAmount, "%s", err)
		return
	}
	s = strings.TrimSuffix(strings.NewReplacer(",", "", "¥", "", "￥", "", " ", "").Replace(norm.NFKC.String(s)), "元")
	n, ok := new(big.Rat), false
	if c.Kind == spreadsheet.KindNumber || c.Kind == spreadsheet.KindText && len(s) <= 24 && !strings.ContainsAny(s, "eE/_xX") {
		n, ok = n.SetString(s)
	}
	if ok {
		n.Mul(n, big.NewRat(100, 1))
	}
	if !ok || !n.IsInt() || !n.Num().IsInt64() {
		a.bad(columnAmount, "不是写到分的金额")
		return
	}
	fen := policy.Fen(n.Num().Int64())
	a.amount = &fen
}

// checkAnswers compares the rows with the lines of their batch and gives them as they are kept. foreign are the codes of payments that
// belong to other batches.
func checkAnswers(read []*answer, lines map[string]lineView, foreign map[string]bool, sent, today policy.Date) []answerRow {
	first := map[string]*answer{}
	for _, a := range read {
		a.check(lines, foreign, sent, today)
		if a.code == "" {
			continue
		}
		if other := first[a.code]; other != nil {
			a.bad(columnLine, "与第%d行是同一笔付款；请只留一行", other.line)
			if !slices.ContainsFunc(other.problems, func(p Problem) bool { return strings.Contains(p.Message, "是同一笔付款") }) {
				other.bad(columnLine, "与第%d行是同一笔付款；请只留一行", a.line)
			}
			continue
		}
		first[a.code] = a
	}
	out := make([]answerRow, len(read))
	for i, a := range read {
		out[i] = answerRow{Number: int64(i + 1), SheetLine: int64(a.line), Line: lines[a.code].ID, Outcome: a.outcome, Serial: a.serial, OnDate: a.on.String(), Failure: a.failure}
		if len(a.problems) > 0 {
			text, _ := json.Marshal(a.problems) // texts only: cannot fail
			out[i].Problems = string(text)
		}
	}
	return out
}

// check says what is wrong with a row against the batch.
func (a *answer) check(lines map[string]lineView, foreign map[string]bool, sent, today policy.Date) {
	line, known := lines[a.code]
	switch {
	case a.code == "":
	case !known && foreign[a.code]:
		a.bad(columnLine, "这笔付款不属于本批次")
	case !known:
		a.bad(columnLine, "没有这个付款编号")
	case line.State != LineSent:
		a.bad(columnLine, "%s", line.refusal())
	case a.amount != nil && *a.amount != policy.Fen(line.Amount):
		a.bad(columnAmount, "与批次中的金额%s不符", policy.Fen(line.Amount))
	}
	if a.on != 0 && a.on > today {
		a.bad(columnDate, "付款日期晚于今天")
	} else if a.on != 0 && a.on < sent {
		a.bad(columnDate, "付款日期早于送银行的%s", sent)
	}
	switch a.outcome {
	case LinePaid:
		if a.serial == "" && a.at[columnSerial] == "" {
			a.bad(columnSerial, "成功的付款没有银行流水号")
		}
		if a.on == 0 && a.at[columnDate] == "" {
			a.bad(columnDate, "成功的付款没有付款日期")
		}
		if a.failure != "" {
			a.bad(columnFailure, "处理结果是成功，却写了失败原因")
		}
	case LineFailed:
		if a.failure == "" && a.at[columnFailure] == "" {
			a.bad(columnFailure, "失败的付款没有失败原因")
		}
	}
}

// refusal says why a payment takes no result, by name.
func (l lineView) refusal() string {
	name := l.PartyName + "的这笔付款（" + l.Code + "）"
	switch l.State {
	case LinePaid:
		return fmt.Sprintf("%s已于%s付讫，流水号%s，不能再次入账", name, l.PaidOn, l.Serial)
	case LineFailed:
		return name + "已按失败入账，不能再次入账"
	case LineSent:
		return name + "刚由别人入账，请刷新后再看"
	default:
		return name + "没有送银行"
	}
}

// settle books the good rows of a result.
func (t *Treasury) settle(ctx context.Context, batch batchRow, rows []answerRow) error {
	lines, err := everyLine(ctx, batch.ID)
	if err != nil {
		return err
	}
	byID := make(map[string]lineView, len(lines))
	for _, l := range lines {
		byID[l.ID] = l
	}
	var done []lineRow
	for _, r := range rows {
		if r.Problems != "" {
			continue
		}
		view, ok := byID[r.Line]
		if !ok {
			return fmt.Errorf("treasury: a result names the line %s, which is not in its batch", r.Line)
		}
		l := view.lineRow
		l.State, l.Serial, l.PaidOn, l.Why, l.Result = r.Outcome, r.Serial, r.OnDate, r.Failure, r.Result
		settled, err := settleLine(ctx, l, LineSent)
		if err != nil {
			return err
		}
		if !settled {
			return fault.New(fault.Conflict, view.refusal())
		}
		done = append(done, l)
	}
	return t.booked(ctx, batch, done)
}

// booked does what follows from lines that have their result: awards, ledger, accounts, the batch, and whoever is to hear of it.
func (t *Treasury) booked(ctx context.Context, batch batchRow, done []lineRow) error {
	ids := make([]string, len(done))
	var paid, failed []string
	for i, l := range done {
		ids[i] = l.Award
		if l.State == LinePaid {
			paid = append(paid, l.Award)
		} else {
			failed = append(failed, l.Award)
		}
	}
	shares, err := sharesOf(ctx, ids)
	if err != nil {
		return err
	}
	postings := make([]posting, len(done))
	for i, l := range done {
		on, _ := policy.ParseDate(l.PaidOn) // empty of a failed one without a day
		p := posting{kind: KindPay, round: batch.Round, award: l.Award, line: l.Code, document: l.Serial, on: on, moves: along(shares[l.Award], Payable, PaidOut)}
		if l.State == LineFailed {
			p.kind, p.reason, p.moves = KindFail, l.Why, along(shares[l.Award], Payable, Committed)
		}
		postings[i] = p
	}
	if err := post(ctx, postings); err != nil {
		return err
	}
	if err := auditLines(ctx, "line.result", done); err != nil {
		return err
	}
	awards, err := payAwards(ctx, paid)
	if err != nil {
		return err
	}
	if err := auditAwards(ctx, "award.pay", awards); err != nil {
		return err
	}
	if len(failed) > 0 {
		if err := freeOf(ctx, "award.fail", batch.ID, failed); err != nil {
			return err
		}
		if err := holdFailed(ctx, done); err != nil {
			return err
		}
	}
	if err := closeBatch(ctx, batch); err != nil {
		return err
	}
	return t.tellResults(ctx, batch, done, awards)
}

// holdFailed holds the accounts that payments failed on, until they are mended or a second person says that they are right.
func holdFailed(ctx context.Context, done []lineRow) error {
	by, _ := who(ctx)
	for _, l := range done {
		if l.State != LineFailed {
			continue
		}
		row, ok, err := holdAccount(ctx, l.Account, by)
		if err != nil {
			return err
		}
		if !ok {
			continue // it was replaced meanwhile
		}
		if err := row.audit(ctx, "bank_account.hold", l.Why); err != nil {
			return err
		}
	}
	return nil
}

// closeBatch ends a batch of which no line waits for the bank any more.
func closeBatch(ctx context.Context, batch batchRow) error {
	row, closed, err := finishBatch(ctx, batch.ID)
	if err != nil || !closed {
		return err
	}
	return row.audit(ctx, "batch.done", "")
}

// paidOf is what hooks are told of paid lines.
func paidOf(batch batchRow, done []lineRow, awards []awardRow) []Paid {
	byID := make(map[string]awardRow, len(awards))
	for _, a := range awards {
		byID[a.ID] = a
	}
	var out []Paid
	for _, l := range done {
		if l.State == LinePaid {
			on, _ := policy.ParseDate(l.PaidOn)
			out = append(out, Paid{Award: byID[l.Award].award(), On: on, Batch: batch.Code, Line: l.Code})
		}
	}
	return out
}

func (t *Treasury) tellResults(ctx context.Context, batch batchRow, done []lineRow, awards []awardRow) error {
	paid := paidOf(batch, done, awards)
	if len(paid) > 0 {
		for _, fn := range t.paid {
			if err := fn(ctx, paid); err != nil {
				return err
			}
		}
	}
	for _, l := range done {
		n := notify.Note{Kind: "treasury.paid", Title: "奖补资金已拨付", Body: fmt.Sprintf("%s已于%s拨付，银行流水号%s。", policy.Fen(l.Amount), l.PaidOn, l.Serial), Link: pageCases, Key: l.ID}
		if l.State == LineFailed {
			n.Kind, n.Title, n.Link = "treasury.payment_failed", "奖补资金支付失败", pageAccount
			n.Body = fmt.Sprintf("%s支付失败：%s。请更正收款账户。", policy.Fen(l.Amount), l.Why)
		}
		if err := tellParty(ctx, l.Party, n); err != nil {
			return err
		}
	}
	return nil
}
