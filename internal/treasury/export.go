package treasury

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
)

// Lists as workbooks. Each reads what its page reads, under the same filters and for the same actor, and masks what the page masks.

type columns = []spreadsheet.Column

// every calls fn for all items of a list, page by page, in one state of the database.
func every[T any](ctx context.Context, list func(ctx context.Context, page Page) ([]T, int, error), fn func(T) error) error {
	return store.Read(ctx, func(ctx context.Context) error {
		for n, seen := 1, 0; ; n++ {
			items, total, err := list(ctx, Page{n, 2000})
			if err != nil {
				return err
			}
			for _, item := range items {
				if err := fn(item); err != nil {
					return err
				}
			}
			if seen += len(items); len(items) == 0 || seen >= total {
				return nil
			}
		}
	})
}

func orAll(s string) string {
	if s == "" {
		return "全部"
	}
	return s
}

// ExportBudgets writes the list of budgets as a workbook. Errors as Budgets.
func (t *Treasury) ExportBudgets(ctx context.Context, f BudgetFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "预算", Columns: columns{{Heading: "申报批次", Width: 18}, {Heading: "批次名称", Width: 36}, {Heading: "条款", Width: 36},
		{Heading: "资金来源", Width: 18}, {Heading: "部门", Width: 16}, {Heading: "使用次序", Width: 10}, {Heading: "预算（元）", Width: 18}, {Heading: "已承诺（元）", Width: 18},
		{Heading: "已支付（元）", Width: 18}, {Heading: "可用（元）", Width: 18}, {Heading: "备注", Width: 30}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]Budget, int, error) { return t.Budgets(ctx, f, page) }, func(b Budget) error {
				return emit(b.RoundNumber, b.RoundTitle, orAll(b.SchemeTitle), b.Source, orAll(b.Department), b.Place, yuan(b.Total), yuan(b.Committed), yuan(b.Paid), yuan(b.Left), b.Note)
			})
		}})
}

// ExportEntries writes the ledger as a workbook, a line of it a row. Errors as Entries.
func (t *Treasury) ExportEntries(ctx context.Context, f EntryFilter, w io.Writer) error {
	names := map[Account]string{Appropriated: "预算拨入", Available: "可用", Committed: "已承诺", Payable: "应付", PaidOut: "已付"}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "分录", Columns: columns{{Heading: "分录号", Width: 38}, {Heading: "日期", Width: 12}, {Heading: "类型", Width: 12},
		{Heading: "资金来源", Width: 18}, {Heading: "科目", Width: 10}, {Heading: "金额（元）", Width: 18}, {Heading: "申报编号", Width: 20}, {Heading: "收款主体", Width: 36},
		{Heading: "付款编号", Width: 20}, {Heading: "凭据", Width: 36}, {Heading: "理由", Width: 30}, {Heading: "更正的分录", Width: 38}, {Heading: "入账时间", Width: 18}, {Heading: "入账人", Width: 12}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]Entry, int, error) { return t.Entries(ctx, f, page) }, func(e Entry) error {
				for _, l := range e.Lines {
					if err := emit(e.ID, e.On.String(), e.Kind.label(), l.Source, names[l.Account], yuan(l.Amount), e.CaseNumber, e.PartyName, e.Line, e.Document, e.Reason, e.Corrects,
						clock.Shown(e.PostedAt), e.PostedBy); err != nil {
						return err
					}
				}
				return nil
			})
		}})
}

var awardLabels = map[string]string{AwardCommitted: "待拨付", AwardPaid: "已拨付", AwardReleased: "已解除"}

// ExportAwards writes the list of awards as a workbook. Errors as Awards.
func (t *Treasury) ExportAwards(ctx context.Context, f AwardFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "奖补", Columns: columns{{Heading: "申报批次", Width: 18}, {Heading: "申报编号", Width: 20}, {Heading: "主体", Width: 36},
		{Heading: "镇街", Width: 12}, {Heading: "条款", Width: 36}, {Heading: "依据", Width: 40}, {Heading: "金额（元）", Width: 16}, {Heading: "状态", Width: 10},
		{Heading: "资金来源", Width: 30}, {Heading: "承诺时间", Width: 18}, {Heading: "拨付或解除时间", Width: 18}, {Heading: "付款编号", Width: 20}, {Heading: "银行流水号", Width: 24}, {Heading: "说明", Width: 40}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]AwardView, int, error) { return t.Awards(ctx, f, page) }, func(a AwardView) error {
				var sources []string
				for _, s := range a.Shares {
					sources = append(sources, fmt.Sprintf("%s %s", s.Source, s.Amount))
				}
				var last Payment
				if n := len(a.Payments); n > 0 {
					last = a.Payments[n-1]
				}
				return emit(a.RoundNumber, a.CaseNumber, a.PartyName, a.Town, a.SchemeTitle, a.Clause, yuan(a.Amount), awardLabels[a.State], strings.Join(sources, "；"),
					clock.Shown(a.CommittedAt), clock.Shown(a.EndedAt), last.Code, last.Serial, a.Held+a.Reason)
			})
		}})
}

// useLabels are what people call the states of a use.
var useLabels = map[string]string{UseStated: "待核对", UseAccepted: "已认可", UseReturned: "已退回", UseWithdrawn: "已撤回"}

// ExportEarmarks writes the list of earmarked money as a workbook, a row for each use; one without any has a row of its own. Errors as Earmarks.
func (t *Treasury) ExportEarmarks(ctx context.Context, f EarmarkFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "专项资金使用", Columns: columns{{Heading: "申报编号", Width: 20}, {Heading: "收款单位", Width: 36}, {Heading: "依据", Width: 40},
		{Heading: "规定的用途", Width: 40}, {Heading: "到账（元）", Width: 16}, {Heading: "已认可（元）", Width: 16}, {Heading: "待核对（元）", Width: 16}, {Heading: "未报告（元）", Width: 16},
		{Heading: "支出日期", Width: 14}, {Heading: "用途", Width: 24}, {Heading: "用在哪里", Width: 40}, {Heading: "凭证", Width: 30}, {Heading: "金额（元）", Width: 16}, {Heading: "状态", Width: 10},
		{Heading: "报告人", Width: 14}, {Heading: "核对人", Width: 14}, {Heading: "退回理由", Width: 30}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]Earmark, int, error) { return t.Earmarks(ctx, f, page) }, func(e Earmark) error {
				head := []any{e.CaseNumber, e.Name, e.Clause, strings.Join(e.Purposes, "、"), yuan(e.Paid), yuan(e.Accepted), yuan(e.Stated), yuan(e.Left)}
				if len(e.Uses) == 0 {
					return emit(append(head, "", "", "", "", "", "", "", "", "")...)
				}
				for _, u := range e.Uses {
					if err := emit(append(slices.Clone(head), u.On.String(), u.Purpose, u.Spent, u.Paper, yuan(u.Amount), useLabels[u.State], u.StatedBy, u.DecidedBy, u.Reason)...); err != nil {
						return err
					}
				}
				return nil
			})
		}})
}

// ExportBankAccounts writes the list of accounts as a workbook, masked. Errors as BankAccounts.
func (t *Treasury) ExportBankAccounts(ctx context.Context, f AccountFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "收款账户", Columns: columns{{Heading: "主体", Width: 36}, {Heading: "镇街", Width: 12}, {Heading: "户名", Width: 36},
		{Heading: "开户银行", Width: 30}, {Heading: "账号", Width: 14}, {Heading: "状态", Width: 10}, {Heading: "说明", Width: 40}, {Heading: "录入时间", Width: 18}, {Heading: "录入人", Width: 12},
		{Heading: "核对时间", Width: 18}, {Heading: "核对人", Width: 12}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]BankAccount, int, error) { return t.BankAccounts(ctx, f, page) }, func(b BankAccount) error {
				state := "已核对"
				if b.State == AccountHeld {
					state = "暂缓付款"
				}
				return emit(b.PartyName, b.Town, b.Holder, b.Bank, b.Number, state, b.Held, clock.Shown(b.EnteredAt), b.EnteredBy, clock.Shown(b.ConfirmedAt), b.ConfirmedBy)
			})
		}})
}

// ExportBatches writes the list of batches as a workbook. Errors as Batches.
func (t *Treasury) ExportBatches(ctx context.Context, f BatchFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "付款批次", Columns: columns{{Heading: "批次号", Width: 16}, {Heading: "申报批次", Width: 18}, {Heading: "部门", Width: 16}, {Heading: "镇街", Width: 12},
		{Heading: "资金下达文号", Width: 28}, {Heading: "文件日期", Width: 12}, {Heading: "状态", Width: 10}, {Heading: "笔数", Width: 8}, {Heading: "金额（元）", Width: 18}, {Heading: "明细", Width: 60},
		{Heading: "编制人", Width: 12}, {Heading: "编制时间", Width: 18}, {Heading: "核准人", Width: 12}, {Heading: "核准时间", Width: 18}, {Heading: "送银行时间", Width: 18}, {Heading: "取消理由", Width: 30}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]Batch, int, error) { return t.Batches(ctx, f, page) }, func(b Batch) error {
				var sums []string
				for _, s := range b.Sums {
					sums = append(sums, fmt.Sprintf("%s%d笔%s", lineLabels[s.State], s.Lines, s.Amount))
				}
				return emit(b.Code, b.RoundNumber, orAll(b.Department), orAll(b.Town), b.Document, b.DocumentDate.String(), batchLabels[b.State], b.Lines, yuan(b.Total),
					strings.Join(sums, "；"), b.PreparedBy, clock.Shown(b.PreparedAt), b.ApprovedBy, clock.Shown(b.ApprovedAt), clock.Shown(b.SentAt), b.Reason)
			})
		}})
}

// ExportBatchLines writes the table of a batch's funding document as a workbook, masked: without the lines that were taken out, unless
// the filter asks for them. Errors as BatchLines.
func (t *Treasury) ExportBatchLines(ctx context.Context, id string, f LineFilter, w io.Writer) error {
	batch, err := t.BatchOf(ctx, id)
	if err != nil {
		return err
	}
	title := strings.TrimSpace(fmt.Sprintf("%s %s %s", batch.Document, batch.DocumentDate, batch.Title))
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "资金下达表", Title: title, Columns: columns{{Heading: "序号", Width: 8}, {Heading: "付款编号", Width: 20}, {Heading: "申报编号", Width: 20},
		{Heading: "收款主体", Width: 36}, {Heading: "依据", Width: 40}, {Heading: "金额（元）", Width: 16}, {Heading: "开户银行", Width: 30}, {Heading: "账号", Width: 14}, {Heading: "状态", Width: 12},
		{Heading: "银行流水号", Width: 24}, {Heading: "付款日期", Width: 12}, {Heading: "说明", Width: 40}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]Payment, int, error) { return t.BatchLines(ctx, id, f, page) }, func(p Payment) error {
				if p.State == LineDropped && f.State == "" {
					return nil
				}
				return emit(p.Number, p.Code, p.CaseNumber, p.PartyName, p.Clause, yuan(p.Amount), p.Bank, p.Account, lineLabels[p.State], p.Serial, p.PaidOn.String(), p.Why)
			})
		}})
}

// ExportResultRows writes the rows of a bank's result as they were understood, each problem a row of its own. Errors as ResultRows.
func (t *Treasury) ExportResultRows(ctx context.Context, id string, bad bool, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "银行回执", Columns: columns{{Heading: "行", Width: 8}, {Heading: "付款编号", Width: 20}, {Heading: "收款主体", Width: 36},
		{Heading: "金额（元）", Width: 16}, {Heading: "结果", Width: 10}, {Heading: "银行流水号", Width: 24}, {Heading: "付款日期", Width: 12}, {Heading: "失败原因", Width: 30},
		{Heading: "单元格", Width: 10}, {Heading: "问题", Width: 60}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]ResultRow, int, error) {
				return t.ResultRows(ctx, id, bad, page)
			}, func(r ResultRow) error {
				problems := r.Problems
				if len(problems) == 0 {
					problems = []Problem{{}}
				}
				for _, p := range problems {
					if err := emit(r.SheetLine, r.Code, r.PartyName, yuan(r.Amount), lineLabels[r.Outcome], r.Serial, r.On.String(), r.Failure, p.Cell, p.Message); err != nil {
						return err
					}
				}
				return nil
			})
		}})
}

// ExportTrace writes traces as a workbook, a booking a row: from the clause to the bank's serial number. Errors as Trace.
func (t *Treasury) ExportTrace(ctx context.Context, f TraceOf, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "资金去向", Columns: columns{{Heading: "依据", Width: 40}, {Heading: "条款", Width: 36}, {Heading: "申报编号", Width: 20}, {Heading: "主体", Width: 36},
		{Heading: "金额（元）", Width: 16}, {Heading: "状态", Width: 10}, {Heading: "资金来源", Width: 30}, {Heading: "付款编号", Width: 20}, {Heading: "付款结果", Width: 12}, {Heading: "付款日期", Width: 12},
		{Heading: "银行流水号", Width: 24}, {Heading: "资金下达文号", Width: 28}, {Heading: "说明", Width: 40}},
		Rows: func(emit spreadsheet.Emit) error {
			return every(ctx, func(ctx context.Context, page Page) ([]Trace, int, error) {
				page.Size = maxTraces
				return t.Trace(ctx, f, page)
			}, func(tr Trace) error {
				a := tr.Award
				var sources []string
				for _, s := range a.Shares {
					sources = append(sources, fmt.Sprintf("%s %s", s.Source, s.Amount))
				}
				payments := a.Payments
				if len(payments) == 0 {
					payments = []Payment{{}}
				}
				for _, p := range payments {
					if err := emit(a.Clause, a.SchemeTitle, a.CaseNumber, a.PartyName, yuan(a.Amount), awardLabels[a.State], strings.Join(sources, "；"), p.Code, lineLabels[p.State], p.PaidOn.String(),
						p.Serial, p.Document, p.Why); err != nil {
						return err
					}
				}
				return nil
			})
		}})
}

// ExportReport writes the sums as a workbook: budgets, then what each scheme took of each source. Errors as Report.
func (t *Treasury) ExportReport(ctx context.Context, f ReportFilter, w io.Writer) error {
	r, err := t.Report(ctx, f)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "资金汇总", Columns: columns{{Heading: "口径", Width: 12}, {Heading: "申报批次", Width: 18}, {Heading: "批次名称", Width: 36}, {Heading: "条款", Width: 36},
		{Heading: "资金来源", Width: 18}, {Heading: "笔数", Width: 8}, {Heading: "预算（元）", Width: 18}, {Heading: "已承诺（元）", Width: 18}, {Heading: "已支付（元）", Width: 18}, {Heading: "可用（元）", Width: 18}},
		Rows: func(emit spreadsheet.Emit) error {
			sums := func(what string, list ...BudgetSum) error {
				for _, b := range list {
					if err := emit(what, b.RoundNumber, b.RoundTitle, b.SchemeTitle, b.Source, nil, yuan(b.Total), yuan(b.Committed), yuan(b.Paid), yuan(b.Left)); err != nil {
						return err
					}
				}
				return nil
			}
			if err := sums("按预算", r.Budgets...); err != nil {
				return err
			}
			for _, s := range r.Schemes {
				if err := emit("按条款", s.RoundNumber, s.RoundTitle, s.SchemeTitle, s.Source, s.Awards, nil, yuan(s.Committed), yuan(s.Paid), nil); err != nil {
					return err
				}
			}
			if err := sums("按来源", r.Sources...); err != nil {
				return err
			}
			return sums("合计", r.Sum)
		}})
}
