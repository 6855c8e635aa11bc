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
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// States of a payment batch.
const (
	BatchDraft     = "draft"     // lines may be taken out
	BatchApproved  = "approved"  // by a second person
	BatchSent      = "sent"      // the bank has it; accounts are pinned
	BatchDone      = "done"      // the bank has answered for every line
	BatchCancelled = "cancelled" // before it was sent
)

// States of a payment.
const (
	LineWaiting = "waiting" // not sent yet
	LineSent    = "sent"
	LinePaid    = "paid"
	LineFailed  = "failed"  // the award waits for a later batch
	LineHeld    = "held"    // was set aside when the batch was sent; the award waits for a later batch
	LineDropped = "dropped" // taken out before the batch was sent
)

var lineLabels = map[string]string{LineWaiting: "待送银行", LineSent: "银行处理中", LinePaid: "已支付", LineFailed: "支付失败", LineHeld: "暂缓支付", LineDropped: "已移出"}

var batchLabels = map[string]string{BatchDraft: "待核准", BatchApproved: "已核准", BatchSent: "已送银行", BatchDone: "已办结", BatchCancelled: "已取消"}

// maxLines is how many payments one batch holds at most.
const maxLines = 10_000

// Batch is a payment batch: awards of a round that one funding document (资金下达) orders to be paid.
type Batch struct {
	ID           string      `json:"id"`
	Code         string      `json:"code"`
	Round        string      `json:"round"`
	RoundNumber  string      `json:"round_number"`
	RoundTitle   string      `json:"round_title"`
	Department   string      `json:"department" doc:"whose awards; empty: every department's"`
	Town         string      `json:"town" doc:"of parties of this town; empty: every town"`
	Document     string      `json:"document" doc:"number of the funding document"`
	DocumentDate policy.Date `json:"document_date"`
	Title        string      `json:"title"`
	State        string      `json:"state" enum:"draft,approved,sent,done,cancelled"`
	Lines        int64       `json:"lines" doc:"without those taken out"`
	Total        policy.Fen  `json:"total" doc:"of these lines"`
	Sums         []LineSum   `json:"sums" nullable:"false" doc:"what became of the lines"`
	Reason       string      `json:"reason,omitempty" doc:"why it was cancelled"`
	PreparedAt   string      `json:"prepared_at"`
	PreparedBy   string      `json:"prepared_by"`
	ApprovedAt   string      `json:"approved_at,omitempty"`
	ApprovedBy   string      `json:"approved_by,omitempty"`
	SentAt       string      `json:"sent_at,omitempty"`
	SentBy       string      `json:"sent_by,omitempty"`
	Version      int64       `json:"version" doc:"to be sent when it is approved: what is approved is what was seen"`
	May          []string    `json:"may" nullable:"false" doc:"what whoever asks may do now: drop, approve, send, cancel, bank_file, upload"`
}

// LineSum counts the lines of a batch in one state.
type LineSum struct {
	State  string     `json:"state" enum:"waiting,sent,paid,failed,held,dropped"`
	Lines  int64      `json:"lines"`
	Amount policy.Fen `json:"amount"`
}

// Payment is a line of a batch: one award on its way to one party.
type Payment struct {
	ID         string      `json:"id"`
	Code       string      `json:"code" doc:"the number by which the bank answers"`
	Batch      string      `json:"batch"`
	BatchCode  string      `json:"batch_code"`
	Document   string      `json:"document"`
	Number     int64       `json:"number"`
	Award      string      `json:"award"`
	CaseNumber string      `json:"case_number"`
	Scheme     string      `json:"scheme"`
	Clause     string      `json:"clause"`
	Party      string      `json:"party"`
	PartyName  string      `json:"party_name"`
	Amount     policy.Fen  `json:"amount"`
	State      string      `json:"state" enum:"waiting,sent,paid,failed,held,dropped"`
	Why        string      `json:"why,omitempty" doc:"what failed it, set it aside or took it out; of a waiting one, what would set it aside now"`
	Holder     string      `json:"holder,omitempty"`
	Bank       string      `json:"bank,omitempty"`
	Account    string      `json:"account,omitempty" doc:"masked; the live account until the batch is sent, then the one it was sent with"`
	Serial     string      `json:"serial,omitempty" doc:"the bank's"`
	PaidOn     policy.Date `json:"paid_on,omitempty"`
}

// BatchOrder asks for a batch.
type BatchOrder struct {
	Round, Department, Town string
	Document                string // empty: that of the round's latest batch
	DocumentDate            policy.Date
	Title                   string
	Awards                  []string // only these; empty: every committed award of the round that stands in no batch
}

// BatchFilter narrows a list of batches; empty fields ask for nothing.
type BatchFilter struct{ Round, State string }

// LineFilter narrows the lines of a batch.
type LineFilter struct{ State string }

func noBatch() error {
	return fault.New(fault.NotFound, "没有这个付款批次，或不在您的权限范围内")
}

// Batches lists what the actor may read, the latest first, and how many there are. Forbidden for all but finance, leaders and auditors.
func (t *Treasury) Batches(ctx context.Context, f BatchFilter, page Page) ([]Batch, int, error) {
	if err := mayRead(ctx); err != nil {
		return nil, 0, err
	}
	out, total := []Batch{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, n, err := batches(ctx, f, page)
		if err != nil {
			return err
		}
		total = n
		out, err = t.showBatches(ctx, rows)
		return err
	})
	return out, total, err
}

// BatchOf is one batch. NotFound if the actor may not read it.
func (t *Treasury) BatchOf(ctx context.Context, id string) (out Batch, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleBatch(ctx, id)
		if err != nil {
			return err
		}
		out, err = t.showBatch(ctx, row)
		return err
	})
	return out, err
}

// BatchLines are the payments of a batch in their order, and how many there are. Account numbers are masked. NotFound as BatchOf.
func (t *Treasury) BatchLines(ctx context.Context, id string, f LineFilter, page Page) (out []Payment, total int, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		if _, err := visibleBatch(ctx, id); err != nil {
			return err
		}
		out, total, err = batchLines(ctx, id, f, page)
		return err
	})
	return orEmpty(out), total, err
}

func (t *Treasury) showBatch(ctx context.Context, row batchRow) (Batch, error) {
	list, err := t.showBatches(ctx, []batchRow{row})
	if err != nil {
		return Batch{}, err
	}
	return list[0], nil
}

func (t *Treasury) showBatches(ctx context.Context, rows []batchRow) ([]Batch, error) {
	ids, roundIDs := make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		ids[i], roundIDs[i] = r.ID, r.Round
	}
	rounds, err := t.roundsOf(ctx, roundIDs)
	if err != nil {
		return nil, err
	}
	sums, err := lineSums(ctx, ids)
	if err != nil {
		return nil, err
	}
	speaks, err := batchesWith(ctx, ids, own(ctx))
	if err != nil {
		return nil, err
	}
	out := make([]Batch, len(rows))
	for i, r := range rows {
		date, _ := policy.ParseDate(r.DocumentDate) // written by Prepare
		out[i] = Batch{ID: r.ID, Code: r.Code, Round: r.Round, RoundNumber: rounds[r.Round].Number, RoundTitle: rounds[r.Round].Title, Department: r.Department,
			Town: r.Town, Document: r.Document, DocumentDate: date, Title: r.Title, State: r.State, Lines: r.Lines, Total: policy.Fen(r.Total), Sums: orEmpty(sums[r.ID]),
			Reason: r.Reason, PreparedAt: r.PreparedAt, PreparedBy: r.PreparedName, ApprovedAt: r.ApprovedAt, ApprovedBy: r.ApprovedName,
			SentAt: r.SentAt, SentBy: r.SentName, Version: r.Version, May: []string{}}
		if covers(ctx, r.Department, r.Town) && !slices.Contains(speaks, r.ID) {
			out[i].May = r.may(account.ActorFrom(ctx))
		}
	}
	return out, nil
}

// may is what a person of finance may do with the batch now.
func (r batchRow) may(a *account.Actor) []string {
	switch r.State {
	case BatchDraft:
		if a.Same(r.PreparedBy) || r.Lines == 0 {
			return []string{"drop", "cancel"}
		}
		return []string{"drop", "approve", "cancel"}
	case BatchApproved:
		return []string{"send", "cancel"}
	case BatchSent:
		return []string{"bank_file", "upload"}
	case BatchDone:
		return []string{"bank_file"}
	}
	return []string{}
}

func (r batchRow) digest() string {
	return audit.DigestJSON(r.ID, r.Code, r.Round, r.Department, r.Town, r.Document, r.DocumentDate, r.Title, r.State, number(r.Lines), number(r.Total), r.Reason,
		r.PreparedAt, r.PreparedBy, r.PreparedName, r.ApprovedAt, r.ApprovedBy, r.ApprovedName, r.SentAt, r.SentBy, r.SentName, number(r.Version))
}

func (r batchRow) audit(ctx context.Context, action, reason string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindBatch, ID: r.ID, Digest: r.digest(),
		Data: map[string]any{"code": r.Code, "lines": r.Lines, "total": r.Total, "reason": reason}})
}

func (r lineRow) digest() string {
	return audit.DigestJSON(r.ID, r.Batch, number(r.Number), r.Code, r.Award, r.Party, number(r.Amount), r.Account, r.State, r.Why, r.Serial, r.PaidOn, r.Result)
}

func auditLines(ctx context.Context, action string, rows []lineRow) error {
	for _, r := range rows {
		if err := audit.Append(ctx, audit.Event{Action: action, Kind: kindLine, ID: r.ID, Digest: r.digest(),
			Data: map[string]any{"code": r.Code, "amount": r.Amount, "why": r.Why}}); err != nil {
			return err
		}
	}
	return nil
}

// handled is a batch that the actor may handle: of its scope, and without a party that it speaks for.
func handled(ctx context.Context, id string) (batchRow, error) {
	row, err := visibleBatch(ctx, id)
	if err != nil {
		return row, err
	}
	if err := mustCover(ctx, row.Department, row.Town); err != nil {
		return row, err
	}
	speaks, err := batchesWith(ctx, []string{id}, own(ctx))
	if err == nil && len(speaks) > 0 {
		err = interested()
	}
	return row, err
}

// Prepare gathers committed awards of a round into a draft. Forbidden to all but finance of the scope that is asked for, and to whoever
// speaks for one of the parties; Invalid names the fields; Conflict when there is nothing to pay or somebody else has just gathered it.
func (t *Treasury) Prepare(ctx context.Context, o BatchOrder) (out Batch, err error) {
	if err := mustCover(ctx, o.Department, o.Town); err != nil {
		return out, err
	}
	if o.Round == "" {
		return out, wrong("round", "请选择申报批次")
	}
	if o.Title, err = words("title", "标题", o.Title, 0, 100); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		order, err := documented(ctx, o)
		if err != nil {
			return err
		}
		rows, err := freeAwards(ctx, order)
		switch {
		case err != nil:
			return err
		case len(rows) == 0:
			return fault.New(fault.Conflict, "没有可以付款的奖补：都已付讫、解除、没有到期，或在别的付款批次中")
		case len(rows) > maxLines:
			return fault.New(fault.TooLarge, fmt.Sprintf("一个批次最多%d笔；请分部门或分镇街付款", maxLines))
		}
		a := account.ActorFrom(ctx)
		if slices.ContainsFunc(partiesOf(rows), a.Speaks) {
			return interested()
		}
		today := clock.Today(ctx)
		n, err := nextNumber(ctx, today.Year())
		if err != nil {
			return err
		}
		by, name := who(ctx)
		batch := batchRow{ID: store.NewID(), Code: fmt.Sprintf("P%d-%04d", today.Year(), n), Round: order.Round, Department: order.Department, Town: order.Town,
			Document: order.Document, DocumentDate: order.DocumentDate.String(), Title: order.Title, State: BatchDraft, Lines: int64(len(rows)),
			PreparedAt: store.Stamp(clock.Now(ctx)), PreparedBy: by, PreparedName: name, Version: 1}
		lines := make([]lineRow, len(rows))
		for i, r := range rows {
			batch.Total += r.Amount
			rows[i].Batch = batch.ID
			lines[i] = lineRow{ID: store.NewID(), Batch: batch.ID, Number: int64(i + 1), Code: fmt.Sprintf("%s-%05d", batch.Code, i+1), Award: r.ID, Party: r.receiver(),
				Amount: r.Amount, State: LineWaiting}
		}
		if err := insertBatch(ctx, batch, lines); err != nil {
			if store.IsUnique(err) {
				return gathered()
			}
			return err
		}
		if err := holdAwards(ctx, batch.ID, rows); err != nil {
			return err
		}
		if err := batch.audit(ctx, "batch.prepare", ""); err != nil {
			return err
		}
		if err := auditLines(ctx, "line.prepare", lines); err != nil {
			return err
		}
		if err := auditAwards(ctx, "award.gather", rows); err != nil {
			return err
		}
		if err := tellFinance(ctx, batch.Department, batch.Town, notify.Note{Kind: "treasury.batch_prepared", Title: "有付款批次待核准",
			Body: fmt.Sprintf("付款批次%s，%d笔，共%s，需由编制人以外的财政人员核准。", batch.Code, batch.Lines, policy.Fen(batch.Total)), Link: pageBatches + batch.ID}); err != nil {
			return err
		}
		out, err = t.showBatch(ctx, batch)
		return err
	})
	return out, err
}

func gathered() error {
	return fault.New(fault.Conflict, "其中有奖补刚由别人编入付款批次，请刷新后再编制")
}

// documented gives the order its funding document: as stated, or that of the round's latest batch.
func documented(ctx context.Context, o BatchOrder) (BatchOrder, error) {
	if strings.TrimSpace(o.Document) == "" {
		number, date, err := latestDocument(ctx, o.Round)
		if err != nil {
			return o, err
		}
		o.Document, o.DocumentDate = number, cmp.Or(o.DocumentDate, date)
	}
	var err error
	if o.Document, err = words("document", "资金下达文号", o.Document, 2, 80); err != nil {
		return o, err
	}
	if o.DocumentDate == 0 || o.DocumentDate > clock.Today(ctx) {
		return o, wrong("document_date", "请填写资金下达的日期，不能晚于今天")
	}
	return o, nil
}

// Drop takes a payment out of a draft; its award can be gathered again. Conflict when the batch is no draft any more or the line is out
// already; NotFound and Forbidden as Approve.
func (t *Treasury) Drop(ctx context.Context, batchID, lineID, reason string) (out Batch, err error) {
	if reason, err = reasonText(reason); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		if _, err := handled(ctx, batchID); err != nil {
			return err
		}
		line, err := findLine(ctx, batchID, lineID)
		if err != nil {
			return err
		}
		batch, ok, err := shrinkBatch(ctx, line)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "这个批次已不在待核准状态，不能再移出")
		}
		line.State, line.Why = LineDropped, reason
		if ok, err = settleLine(ctx, line, LineWaiting); err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "这笔付款已经移出")
		}
		if err := freeOf(ctx, "award.drop", batch.ID, []string{line.Award}); err != nil {
			return err
		}
		if err := auditLines(ctx, "line.drop", []lineRow{line}); err != nil {
			return err
		}
		if err := batch.audit(ctx, "batch.drop", reason); err != nil {
			return err
		}
		out, err = t.showBatch(ctx, batch)
		return err
	})
	return out, err
}

// freeOf lets awards go from a live batch and logs it.
func freeOf(ctx context.Context, action, batch string, ids []string) error {
	rows, err := freeAwardsOf(ctx, batch, ids)
	if err != nil {
		return err
	}
	if len(rows) != len(ids) {
		return fault.New(fault.Conflict, "刚有别人处理过，请刷新后再看")
	}
	return auditAwards(ctx, action, rows)
}

// Approve lets a draft be paid: by finance of its scope other than who prepared it, as it was seen (version). Conflict if it has changed
// since or is no draft any more. NotFound if the actor may not read it; Forbidden to who prepared it, who only reads, or who speaks for
// one of its parties.
func (t *Treasury) Approve(ctx context.Context, id string, version int64) (Batch, error) {
	return t.step(ctx, id, func(ctx context.Context, row batchRow) (batchRow, error) {
		by, name := who(ctx)
		prepared, err := account.Did(ctx, row.PreparedBy, kindBatch, row.ID)
		switch {
		case err != nil:
			return row, err
		case row.State == BatchDraft && prepared:
			return row, fault.New(fault.Forbidden, "编制人不能核准自己编制的批次，请由另一名财政人员核准")
		case row.Lines == 0:
			return row, fault.New(fault.Conflict, "这个批次里没有付款")
		}
		row.State, row.ApprovedAt, row.ApprovedBy, row.ApprovedName = BatchApproved, store.Stamp(clock.Now(ctx)), by, name
		row.Version = version
		row, err = advanceBatch(ctx, row, BatchDraft)
		if err != nil {
			return row, err
		}
		return row, row.audit(ctx, "batch.approve", "")
	})
}

// step moves a batch that the actor may handle, and shows what it has become.
func (t *Treasury) step(ctx context.Context, id string, move func(ctx context.Context, row batchRow) (batchRow, error)) (out Batch, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := handled(ctx, id)
		if err != nil {
			return err
		}
		if row, err = move(ctx, row); err != nil {
			return err
		}
		out, err = t.showBatch(ctx, row)
		return err
	})
	return out, err
}

// Cancel ends a batch that has not been sent; its awards can be gathered again. Errors as Approve.
func (t *Treasury) Cancel(ctx context.Context, id, reason string) (out Batch, err error) {
	if reason, err = reasonText(reason); err != nil {
		return out, err
	}
	return t.step(ctx, id, func(ctx context.Context, row batchRow) (batchRow, error) {
		from := row.State
		if from != BatchDraft && from != BatchApproved {
			return row, fault.New(fault.Conflict, "这个批次已送银行或已结束，不能取消")
		}
		row.State, row.Reason = BatchCancelled, reason
		row, err := advanceBatch(ctx, row, from)
		if err != nil {
			return row, err
		}
		lines, err := linesOf(ctx, id, LineWaiting)
		if err != nil {
			return row, err
		}
		if err := setAside(ctx, row.ID, "batch_cancel", lines, LineDropped, func(lineRow) string { return "批次取消" }); err != nil {
			return row, err
		}
		return row, row.audit(ctx, "batch.cancel", reason)
	})
}

// setAside ends waiting lines without payment and lets their awards go.
func setAside(ctx context.Context, batch, action string, lines []lineRow, state string, why func(lineRow) string) error {
	if len(lines) == 0 {
		return nil
	}
	awards := make([]string, len(lines))
	for i := range lines {
		lines[i].State, lines[i].Why = state, why(lines[i])
		ok, err := settleLine(ctx, lines[i], LineWaiting)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "刚有别人处理过，请刷新后再看")
		}
		awards[i] = lines[i].Award
	}
	if err := auditLines(ctx, "line."+action, lines); err != nil {
		return err
	}
	return freeOf(ctx, "award."+action, batch, awards)
}

// Send gives an approved batch to the bank: every payee's confirmed account is pinned and the sums become payable; a payee without one is
// set aside with the reason. Conflict when nobody can be paid. Errors otherwise as Approve. BankFile then gives the workbook.
func (t *Treasury) Send(ctx context.Context, id string) (Batch, error) {
	return t.step(ctx, id, func(ctx context.Context, row batchRow) (batchRow, error) {
		if row.State != BatchApproved {
			return row, fault.New(fault.Conflict, "这个批次不在已核准状态，不能送银行")
		}
		row.State, row.SentAt = BatchSent, store.Stamp(clock.Now(ctx))
		row.SentBy, row.SentName = who(ctx)
		row, err := advanceBatch(ctx, row, BatchApproved)
		if err != nil {
			return row, err
		}
		lines, err := linesOf(ctx, id, LineWaiting)
		if err != nil {
			return row, err
		}
		good, heldBack, holds, err := payable(ctx, lines)
		if err != nil {
			return row, err
		}
		if len(good) == 0 {
			return row, fault.New(fault.Conflict, "没有一笔可以支付："+holds[heldBack[0].Party].sentence()+"；请先核对收款账户")
		}
		if err := order(ctx, row, good); err != nil {
			return row, err
		}
		if err := setAside(ctx, row.ID, "hold", heldBack, LineHeld, func(l lineRow) string { return holds[l.Party].sentence() }); err != nil {
			return row, err
		}
		if err := tellHeld(ctx, heldBack); err != nil {
			return row, err
		}
		return row, row.audit(ctx, "batch.send", "")
	})
}

func tellHeld(ctx context.Context, lines []lineRow) error {
	for _, l := range lines {
		if err := tellParty(ctx, l.Party, notify.Note{Kind: "treasury.payment_held", Title: "一笔奖补暂缓支付",
			Body: "奖补" + policy.Fen(l.Amount).String() + "因收款账户未登记或待核对而暂缓支付，请查看收款账户。", Link: pageAccount, Key: l.ID}); err != nil {
			return err
		}
	}
	return nil
}

// payable tells the lines that can be paid, each with its account pinned, from those that are held, by party.
func payable(ctx context.Context, lines []lineRow) (good, heldBack []lineRow, holds map[string]hold, err error) {
	parties := make([]string, len(lines))
	for i, l := range lines {
		parties[i] = l.Party
	}
	accounts, err := liveAccounts(ctx, parties)
	if err != nil {
		return nil, nil, nil, err
	}
	holds = map[string]hold{}
	for _, l := range lines {
		k, ok := accounts[l.Party]
		if ok && k.State == AccountConfirmed {
			l.Account = k.ID
			good = append(good, l)
			continue
		}
		heldBack = append(heldBack, l)
		holds[l.Party] = hold{none: !ok, why: k.holds()}
	}
	return good, heldBack, holds, nil
}

// order marks lines as sent and makes their sums payable.
func order(ctx context.Context, batch batchRow, lines []lineRow) error {
	awards := make([]string, len(lines))
	for i := range lines {
		lines[i].State, awards[i] = LineSent, lines[i].Award
		ok, err := settleLine(ctx, lines[i], LineWaiting)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "刚有别人处理过，请刷新后再看")
		}
	}
	shares, err := sharesOf(ctx, awards)
	if err != nil {
		return err
	}
	postings := make([]posting, len(lines))
	for i, l := range lines {
		postings[i] = posting{kind: KindOrder, round: batch.Round, award: l.Award, line: l.Code, document: batch.Document, moves: along(shares[l.Award], Committed, Payable)}
	}
	if err := post(ctx, postings); err != nil {
		return err
	}
	return auditLines(ctx, "line.send", lines)
}
