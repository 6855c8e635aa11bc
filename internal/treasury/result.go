package treasury

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// States of a result workbook.
const (
	ResultStaged    = "staged" // read; waits for a decision
	ResultApplied   = "applied"
	ResultCancelled = "cancelled"
)

// Modes of applying one.
const (
	GoodOnly  = "good_only"   // bad rows are left out
	AllOrNone = "all_or_none" // one bad row refuses all
)

// MaxUpload is the largest result workbook that is accepted, in bytes.
const MaxUpload = 8 << 20

// BankResult is what the bank says of a batch: a workbook, read and waiting to be booked, or booked.
type BankResult struct {
	ID         string `json:"id"`
	Batch      string `json:"batch"`
	BatchCode  string `json:"batch_code"`
	FileName   string `json:"file_name"`
	State      string `json:"state" enum:"staged,applied,cancelled"`
	Good       int64  `json:"good"`
	Bad        int64  `json:"bad"`
	UploadedAt string `json:"uploaded_at"`
	UploadedBy string `json:"uploaded_by"`
	EndedAt    string `json:"ended_at,omitempty"`
	EndedBy    string `json:"ended_by,omitempty"`
	Repeated   bool   `json:"repeated,omitempty" doc:"the same file came before, or was applied before: nothing was changed"`
	Mine       bool   `json:"mine" doc:"whoever asks may apply or cancel it"`
}

// ResultRow is a row of a result workbook as it was understood.
type ResultRow struct {
	Number    int64       `json:"number"`
	SheetLine int64       `json:"sheet_line"`
	Code      string      `json:"code" doc:"of the payment; empty when it was not found in the batch"`
	PartyName string      `json:"party_name"`
	Amount    policy.Fen  `json:"amount"`
	Outcome   string      `json:"outcome" enum:"paid,failed,"`
	Serial    string      `json:"serial"`
	On        policy.Date `json:"on"`
	Failure   string      `json:"failure"`
	Problems  []Problem   `json:"problems" nullable:"false" doc:"empty: the row can be booked"`
}

// Problem is what is wrong with a cell of an uploaded workbook, or with its row. It never repeats what the cell holds.
type Problem struct {
	Cell    string `json:"cell" doc:"B7"`
	Column  string `json:"column,omitempty" doc:"the heading of the column"`
	Message string `json:"message"`
}

func noResult() error {
	return fault.New(fault.NotFound, "没有这份银行回执，或不在您的权限范围内")
}

// Upload reads a result workbook of the bank for a batch, and stages it: nothing is booked before Apply. The same file for the same batch
// is the result that it was the first time (Repeated). Invalid or TooLarge says why a file cannot be read; Conflict when the batch does
// not wait for the bank; NotFound and Forbidden as BankFile.
func (t *Treasury) Upload(ctx context.Context, batchID, fileName string, body io.Reader) (out BankResult, err error) {
	// Who may not is told so before the workbook is read.
	if err := store.Read(ctx, func(ctx context.Context) error { _, err := handled(ctx, batchID); return err }); err != nil {
		return out, err
	}
	data, err := io.ReadAll(io.LimitReader(body, MaxUpload+1))
	if err != nil {
		return out, err
	}
	if len(data) > MaxUpload {
		return out, fault.New(fault.TooLarge, fmt.Sprintf("文件超过%dMB", MaxUpload>>20))
	}
	read, err := readAnswers(data)
	if err != nil {
		return out, err
	}
	sum := sha256.Sum256(data)
	err = store.Write(ctx, func(ctx context.Context) error {
		batch, err := handled(ctx, batchID)
		if err != nil {
			return err
		}
		old, found, err := sameFile(ctx, batchID, hex.EncodeToString(sum[:]))
		if err != nil {
			return err
		}
		if found {
			out = old.show(ctx, batch)
			out.Repeated = true
			return nil
		}
		if batch.State != BatchSent {
			return fault.New(fault.Conflict, "这个批次不在等银行回执的状态")
		}
		lines, err := everyLine(ctx, batchID)
		if err != nil {
			return err
		}
		elsewhere, err := foreignLines(ctx, batchID, codesOf(read))
		if err != nil {
			return err
		}
		by, name := who(ctx)
		row := resultRow{ID: store.NewID(), Batch: batchID, FileName: spreadsheet.FileName(fileName), SHA256: hex.EncodeToString(sum[:]), State: ResultStaged,
			UploadedAt: store.Stamp(clock.Now(ctx)), UploadedBy: by, UploadedName: name}
		rows := checkAnswers(read, lines, elsewhere, sentOn(batch), clock.Today(ctx))
		for i := range rows {
			rows[i].Result = row.ID
			if rows[i].Problems == "" {
				row.Good++
			} else {
				row.Bad++
			}
		}
		if err := insertResult(ctx, row, rows); err != nil {
			if store.IsUnique(err) {
				return fault.Wrap(fault.Conflict, "同一份回执刚由别人上传，请刷新后再看", err)
			}
			return err
		}
		out = row.show(ctx, batch)
		return row.audit(ctx, "result.upload", rows)
	})
	return out, err
}

// sentOn is the day in China on which the batch went to the bank.
func sentOn(batch batchRow) policy.Date {
	day, _, _ := strings.Cut(clock.Shown(batch.SentAt), " ")
	on, _ := policy.ParseDate(day) // written by Send
	return on
}

func (r resultRow) show(ctx context.Context, batch batchRow) BankResult {
	return BankResult{ID: r.ID, Batch: r.Batch, BatchCode: batch.Code, FileName: r.FileName, State: r.State, Good: r.Good, Bad: r.Bad,
		UploadedAt: r.UploadedAt, UploadedBy: r.UploadedName, EndedAt: r.EndedAt, EndedBy: r.EndedName,
		Mine: r.State == ResultStaged && covers(ctx, batch.Department, batch.Town)}
}

// digest is over the result and all its rows, which stay as they were read.
func (r resultRow) digest(rows []answerRow) string {
	parts := []string{r.ID, r.Batch, r.FileName, r.SHA256, r.State, number(r.Good), number(r.Bad), r.UploadedAt, r.UploadedBy, r.UploadedName,
		r.EndedAt, r.EndedBy, r.EndedName}
	for _, a := range rows {
		parts = append(parts, audit.DigestJSON(number(a.Number), number(a.SheetLine), a.Line, a.Outcome, a.Serial, a.OnDate, a.Failure, a.Problems))
	}
	return audit.DigestJSON(parts...)
}

func (r resultRow) audit(ctx context.Context, action string, rows []answerRow) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindResult, ID: r.ID, Digest: r.digest(rows),
		Data: map[string]any{"batch": r.Batch, "sha256": r.SHA256, "good": r.Good, "bad": r.Bad}})
}

// Results lists the result workbooks of a batch, the latest first. NotFound if the actor may not read the batch.
func (t *Treasury) Results(ctx context.Context, batchID string) ([]BankResult, error) {
	out := []BankResult{}
	err := store.Read(ctx, func(ctx context.Context) error {
		batch, err := visibleBatch(ctx, batchID)
		if err != nil {
			return err
		}
		rows, err := resultsOf(ctx, batchID)
		for _, r := range rows {
			out = append(out, r.show(ctx, batch))
		}
		return err
	})
	return out, err
}

// ResultOf is one result workbook. NotFound if the actor may not read its batch.
func (t *Treasury) ResultOf(ctx context.Context, id string) (out BankResult, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, batch, err := visibleResult(ctx, id)
		out = row.show(ctx, batch)
		return err
	})
	return out, err
}

// ResultRows are the rows of a result workbook; bad: only those with problems. It returns how many there are. NotFound as ResultOf.
func (t *Treasury) ResultRows(ctx context.Context, id string, bad bool, page Page) ([]ResultRow, int, error) {
	out, total := []ResultRow{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		if _, _, err := visibleResult(ctx, id); err != nil {
			return err
		}
		rows, n, err := answersOf(ctx, id, bad, page)
		total = n
		for _, r := range rows {
			out = append(out, r.show())
		}
		return err
	})
	return out, total, err
}

func (r answerRow) show() ResultRow {
	on, _ := policy.ParseDate(r.OnDate) // written by checkAnswers
	out := ResultRow{Number: r.Number, SheetLine: r.SheetLine, Code: r.Code, PartyName: r.PartyName, Amount: policy.Fen(r.Amount), Outcome: r.Outcome,
		Serial: r.Serial, On: on, Failure: r.Failure, Problems: []Problem{}}
	if r.Problems != "" {
		_ = json.Unmarshal([]byte(r.Problems), &out.Problems) // written by checkAnswers
	}
	return out
}

// CancelResult sets a staged result aside; the file may be uploaded again. Conflict if it is not staged; NotFound and Forbidden as BankFile.
func (t *Treasury) CancelResult(ctx context.Context, id string) (out BankResult, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, batch, err := handledResult(ctx, id)
		if err != nil {
			return err
		}
		if row, err = endResult(ctx, row, ResultCancelled); err != nil {
			return err
		}
		out = row.show(ctx, batch)
		return nil
	})
	return out, err
}

func handledResult(ctx context.Context, id string) (resultRow, batchRow, error) {
	row, batch, err := visibleResult(ctx, id)
	if err != nil {
		return row, batch, err
	}
	batch, err = handled(ctx, batch.ID)
	return row, batch, err
}

// endResult moves a staged result to a state in which it stays, and logs it with its rows.
func endResult(ctx context.Context, row resultRow, state string) (resultRow, error) {
	row.State, row.EndedAt = state, store.Stamp(clock.Now(ctx))
	row.EndedBy, row.EndedName = who(ctx)
	ok, err := finishResult(ctx, row)
	if err != nil {
		return row, err
	}
	if !ok {
		return row, fault.New(fault.Conflict, "这份回执不在待入账状态")
	}
	rows, err := everyAnswer(ctx, row.ID)
	if err != nil {
		return row, err
	}
	return row, row.audit(ctx, "result."+state, rows)
}

// Apply books what a staged result says, once: payments become paid or failed, all of it in one transaction with what OnPaid calls. With
// good_only bad rows are left out; all_or_none refuses while there are any. A result that was applied already changes nothing (Repeated).
// Conflict names a payment that meanwhile has another result. NotFound and Forbidden as BankFile.
func (t *Treasury) Apply(ctx context.Context, id, mode string) (out BankResult, err error) {
	if mode != GoodOnly && mode != AllOrNone {
		return out, wrong("mode", "请选择只入账无误的行，或全部入账")
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, batch, err := handledResult(ctx, id)
		switch {
		case err != nil:
			return err
		case row.State == ResultApplied:
			out = row.show(ctx, batch)
			out.Repeated = true
			return nil
		case mode == AllOrNone && row.Bad > 0:
			return fault.New(fault.Conflict, fmt.Sprintf("有%d行有误，不能全部入账；请更正后重新上传，或只入账无误的行", row.Bad))
		case row.Good == 0:
			return fault.New(fault.Conflict, "没有可以入账的行")
		}
		if row, err = endResult(ctx, row, ResultApplied); err != nil {
			return err
		}
		rows, err := everyAnswer(ctx, id)
		if err != nil {
			return err
		}
		if err := t.settle(ctx, batch, rows); err != nil {
			return err
		}
		out = row.show(ctx, batch)
		return nil
	})
	return out, err
}

// ---- reading the workbook ----

// answer is a row of the workbook before it is compared with the batch. what holds the cells that were understood; problems the others.
type answer struct {
	line     int // of the sheet
	code     string
	outcome  string
	serial   string
	on       policy.Date
	failure  string
	amount   *policy.Fen
	problems []Problem
	at       map[string]string // the cell of each column that the row fills
}

func (a *answer) bad(column, format string, args ...any) {
	cell := a.at[column]
	if cell == "" {
		cell = fmt.Sprintf("第%d行", a.line)
	}
	a.problems = append(a.problems, Problem{cell, column, fmt.Sprintf(format, args...)})
}

var resultLimits = spreadsheet.Limits{Parts: 1000, Unzipped: 64 << 20, Shared: 16 << 20, Rows: 2 * maxLines, Columns: 100, Text: 2000, Merges: 200}

// headings are the columns that are read, under the names by which they come.
var headings = map[string]string{columnLine: columnLine, "支付编号": columnLine, columnOutcome: columnOutcome, "付款结果": columnOutcome, "交易结果": columnOutcome,
	columnSerial: columnSerial, "流水号": columnSerial, "交易流水号": columnSerial, columnDate: columnDate, "交易日期": columnDate, "支付日期": columnDate,
	columnFailure: columnFailure, "原因": columnFailure, columnAmount: columnAmount, "金额(元)": columnAmount, "金额": columnAmount}

// outcomes are the words of banks.
var outcomes = map[string]string{"成功": LinePaid, "付款成功": LinePaid, "交易成功": LinePaid, "支付成功": LinePaid, "已付": LinePaid, "已支付": LinePaid,
	"失败": LineFailed, "付款失败": LineFailed, "交易失败": LineFailed, "支付失败": LineFailed, "退汇": LineFailed, "退回": LineFailed}

// readAnswers reads the one sheet of a workbook. A fault says why the file as a whole cannot be taken.
func readAnswers(data []byte) ([]*answer, error) {
	book, err := spreadsheet.Open(bytes.NewReader(data), int64(len(data)), resultLimits)
	if err != nil {
		return nil, err
	}
	if len(book.Sheets) != 1 || book.Sheets[0].Hidden {
		return nil, fault.New(fault.Invalid, "工作簿里应只有一张工作表，且没有隐藏")
	}
	var columns map[int]string
	var out []*answer
	merges, err := book.Rows(book.Sheets[0], func(line int, hidden bool, cells []spreadsheet.Cell) (err error) {
		if columns == nil {
			columns, err = readHeadings(line, cells)
			return err
		}
		if a := readAnswer(line, hidden, columns, cells); a != nil {
			out = append(out, a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if columns == nil || len(out) == 0 {
		return nil, fault.New(fault.Invalid, "工作表里没有任何付款结果")
	}
	for _, m := range merges {
		for _, a := range out {
			if a.line >= m.Line1 && a.line <= m.Line2 {
				a.problems = append(a.problems, Problem{spreadsheet.CellName(m.Column1, a.line), "", "这一行有合并单元格；请取消合并，逐格填写"})
			}
		}
	}
	return out, nil
}

// codesOf are the payments that rows name.
func codesOf(read []*answer) []string {
	var out []string
	for _, a := range read {
		if a.code != "" {
			out = append(out, a.code)
		}
	}
	return out
}

func readHeadings(line int, cells []spreadsheet.Cell) (map[int]string, error) {
	columns, seen := map[int]string{}, map[string]bool{}
	for _, c := range cells {
		text, err := c.Words()
		if err != nil {
			return nil, fault.New(fault.Invalid, "表头有误", fault.At(spreadsheet.CellName(c.Column, line), "%s", err))
		}
		name, known := headings[fold(text)]
		if !known {
			continue
		}
		if seen[name] {
			return nil, fault.New(fault.Invalid, "表头有误", fault.At(spreadsheet.CellName(c.Column, line), "栏目“%s”重复", name))
		}
		seen[name] = true
		columns[c.Column] = name
	}
	var missing []string
	for _, name := range []string{columnLine, columnOutcome} {
		if !seen[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("第%d行不是表头，或缺少栏目：%s；请用本系统导出的付款文件填写", line, strings.Join(missing, "、")))
	}
	return columns, nil
}

// fold makes headings and words equal that differ in width, brackets and blanks only.
func fold(s string) string {
	s = strings.NewReplacer("（", "(", "）", ")", " ", "", "\u3000", "").Replace(strings.TrimSpace(s))
	if s == "金额(元)" {
		return columnAmount
	}
	return s
}
