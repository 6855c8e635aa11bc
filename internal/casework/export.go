package casework

import (
	"context"
	"io"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

func mustRead(ctx context.Context) error {
	a := account.ActorFrom(ctx)
	if a.Public() {
		return fault.New(fault.Unauthenticated, "请先登录")
	}
	if !a.Reader() {
		return fault.New(fault.Forbidden, "只供办理人员查看")
	}
	return nil
}

// ExportCases writes the cases that a filter leaves as a workbook, a page at a time.
func (c *Casework) ExportCases(ctx context.Context, f CaseFilter, w io.Writer) error {
	if account.ActorFrom(ctx).Public() {
		return fault.New(fault.Unauthenticated, "请先登录")
	}
	f.Per = 200
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "申报清单", Columns: []spreadsheet.Column{{Heading: "申报编号", Width: 22}, {Heading: "批次", Width: 30},
		{Heading: "政策", Width: 30}, {Heading: "企业名称", Width: 36}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "镇街", Width: 12},
		{Heading: "责任部门", Width: 14}, {Heading: "测算", Width: 18}, {Heading: "核定金额（元）", Width: 16}, {Heading: "结算金额（元）", Width: 16},
		{Heading: "决定金额（元）", Width: 16}, {Heading: "到账金额（元）", Width: 16}, {Heading: "提交时间", Width: 18}, {Heading: "环节", Width: 14}},
		Rows: func(emit spreadsheet.Emit) error {
			for f.Page = 1; ; f.Page++ {
				page, err := c.Cases(ctx, f)
				if err != nil {
					return err
				}
				for _, x := range page.Items {
					if err := emit(x.Number, x.RoundTitle, x.SchemeTitle, x.PartyName, x.PartyCode, x.Town, x.Department, x.AmountText, yuan(x.Decided), yuan(x.Settled),
						yuan(x.Awarded), yuan(x.Paid), clock.Shown(x.SubmittedAt), x.StageTitle); err != nil {
						return err
					}
				}
				if f.Page*f.Per >= page.Total {
					return nil
				}
			}
		}})
}

// ExportNotice writes the table of a notice (汇总表).
func (c *Casework) ExportNotice(ctx context.Context, id string, w io.Writer) error {
	n, err := c.Notice(ctx, id)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "汇总表", Title: n.Title, Columns: []spreadsheet.Column{{Heading: "序号", Width: 8}, {Heading: "申报编号", Width: 22},
		{Heading: "企业名称", Width: 36}, {Heading: "政策", Width: 36}, {Heading: "金额（元）", Width: 18}},
		Rows: func(emit spreadsheet.Emit) error {
			for i, l := range n.Lines {
				amount := l.Amount
				if err := emit(i+1, l.Number, l.Party, l.Title, yuan(&amount)); err != nil {
					return err
				}
			}
			return emit("合计", nil, nil, nil, yuan(&n.Total))
		}})
}

// yuan is a sum for a cell, exact to the fen; nothing where nothing is set.
func yuan(f *policy.Fen) any {
	if f == nil {
		return nil
	}
	return float64(*f) / 100
}
