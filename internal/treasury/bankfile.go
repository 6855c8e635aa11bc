package treasury

import (
	"context"
	"io"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Columns of the workbook that goes to the bank and comes back.
const (
	columnLine    = "付款编号"
	columnPayee   = "收款人"
	columnBank    = "开户银行"
	columnNumber  = "收款账号"
	columnAmount  = "金额（元）"
	columnRemark  = "备注"
	columnOutcome = "处理结果"
	columnSerial  = "银行流水号"
	columnDate    = "付款日期"
	columnFailure = "失败原因"
)

// BankFile writes the workbook for the bank: every payment that was sent, with the whole account number. The bank fills in the last four
// columns and the same workbook comes back (Upload). Whoever takes it is logged. Conflict before the batch is sent; NotFound if the actor
// may not read it; Forbidden to all but finance of its scope, and to whoever speaks for one of its parties.
func (t *Treasury) BankFile(ctx context.Context, id string, w io.Writer) error {
	var batch batchRow
	var lines []bankLine
	err := store.Write(ctx, func(ctx context.Context) error {
		var err error
		if batch, err = handled(ctx, id); err != nil {
			return err
		}
		if batch.State != BatchSent && batch.State != BatchDone {
			return fault.New(fault.Conflict, "送银行以后才能导出付款文件")
		}
		if lines, err = bankLines(ctx, id); err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "batch.bank_file", Kind: kindBatch, ID: id, Data: map[string]any{"lines": len(lines)}})
	})
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "付款", Columns: []spreadsheet.Column{{Heading: columnLine, Width: 20}, {Heading: columnPayee, Width: 36},
		{Heading: columnBank, Width: 30}, {Heading: columnNumber, Width: 28}, {Heading: columnAmount, Width: 16}, {Heading: columnRemark, Width: 40},
		{Heading: columnOutcome, Width: 10}, {Heading: columnSerial, Width: 24}, {Heading: columnDate, Width: 14}, {Heading: columnFailure, Width: 30}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, l := range lines {
				if err := emit(l.Code, l.Holder, l.Bank, l.Account, yuan(policy.Fen(l.Amount)), batch.Document+" "+l.CaseNumber, "", "", "", ""); err != nil {
					return err
				}
			}
			return nil
		}})
}

// yuan is a cell of money: a spreadsheet has no other number, and a float is exact to the fen below 90 trillion yuan.
func yuan(f policy.Fen) float64 { return float64(f) / 100 }
