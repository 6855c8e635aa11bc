package casework

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

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

// exportPage is how much of a list is read at a time.
const exportPage = 200

// eachPage gives every item of a list, a page at a time.
func eachPage[T any](ask func(page int) ([]T, error), give func(T) error) error {
	for page := 1; ; page++ {
		items, err := ask(page)
		if err != nil {
			return err
		}
		for _, x := range items {
			if err := give(x); err != nil {
				return err
			}
		}
		if len(items) < exportPage { // a list's total need not be counted to its end
			return nil
		}
	}
}

// ExportCases writes the cases that a filter leaves as a workbook, a page at a time.
func (c *Casework) ExportCases(ctx context.Context, f CaseFilter, w io.Writer) error {
	if account.ActorFrom(ctx).Public() {
		return fault.New(fault.Unauthenticated, "请先登录")
	}
	f.Per = exportPage
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "申报清单", Columns: []spreadsheet.Column{{Heading: "申报编号", Width: 22}, {Heading: "批次", Width: 30},
		{Heading: "政策", Width: 30}, {Heading: "企业名称", Width: 36}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "镇街", Width: 12},
		{Heading: "责任部门", Width: 14}, {Heading: "测算", Width: 18}, {Heading: "核定金额（元）", Width: 16}, {Heading: "结算金额（元）", Width: 16},
		{Heading: "决定金额（元）", Width: 16}, {Heading: "到账金额（元）", Width: 16}, {Heading: "提交时间", Width: 18}, {Heading: "环节", Width: 14}, {Heading: "逾期", Width: 8}},
		Rows: func(emit spreadsheet.Emit) error {
			return eachPage(func(page int) ([]CaseRow, error) {
				f.Page = page
				p, err := c.Cases(ctx, f)
				if err != nil {
					return nil, err
				}
				return p.Items, nil
			}, func(x CaseRow) error {
				return emit(x.Number, x.RoundTitle, x.SchemeTitle, x.PartyName, x.PartyCode, x.Town, x.Department, x.AmountText, yuan(x.Decided), yuan(x.Settled),
					yuan(x.Awarded), yuan(x.Paid), clock.Shown(x.SubmittedAt), x.StageTitle, lateWord(x.Late))
			})
		}})
}

// lateWord is 是 of who was late, and nothing of who was not.
func lateWord(late bool) string {
	if late {
		return "是"
	}
	return ""
}

// ExportRounds writes the rounds that a filter leaves as a workbook, for the desk.
func (c *Casework) ExportRounds(ctx context.Context, f RoundFilter, w io.Writer) error {
	if err := mustRead(ctx); err != nil {
		return err
	}
	f.Per = exportPage
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "申报批次", Columns: []spreadsheet.Column{{Heading: "编号", Width: 16}, {Heading: "批次", Width: 36},
		{Heading: "组织部门", Width: 16}, {Heading: "办理流程", Width: 22}, {Heading: "考核年度", Width: 10}, {Heading: "申报开始", Width: 14}, {Heading: "申报截止", Width: 14},
		{Heading: "公示期", Width: 12}, {Heading: "政策", Width: 60}, {Heading: "申报件数", Width: 10}, {Heading: "环节", Width: 14}},
		Rows: func(emit spreadsheet.Emit) error {
			return eachPage(func(page int) ([]Round, error) {
				f.Page = page
				p, err := c.Rounds(ctx, f)
				if err != nil {
					return nil, err
				}
				return p.Items, nil
			}, func(r Round) error {
				titles := make([]string, len(r.Schemes))
				for i, s := range r.Schemes {
					titles[i] = s.Scheme.Title
				}
				return emit(r.Number, r.Title, r.Department, r.Process.Title, r.Performance, r.Opens.String(), r.Closes.String(),
					noticeWords(&r), strings.Join(titles, "；"), r.Cases, r.Stage)
			})
		}})
}

// objectionWords is what the states of an objection are called in a workbook.
var objectionWords = map[string]string{objReceived: "待决定是否受理", objInadmissible: "不予受理", objAdmitted: "已受理，待处理", objUpheld: "异议成立",
	objDismissed: "异议不成立"}

// ExportObjections writes the objections that a filter leaves as a workbook, names masked as they are in the list.
func (c *Casework) ExportObjections(ctx context.Context, f ObjectionFilter, w io.Writer) error {
	if err := mustRead(ctx); err != nil {
		return err
	}
	f.Per = exportPage
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "公示异议", Columns: []spreadsheet.Column{{Heading: "回执编号", Width: 22}, {Heading: "批次", Width: 36},
		{Heading: "申报编号", Width: 22}, {Heading: "企业名称", Width: 36}, {Heading: "异议人", Width: 20}, {Heading: "联系方式", Width: 20}, {Heading: "异议内容", Width: 60},
		{Heading: "收到时间", Width: 18}, {Heading: "办理期限", Width: 14}, {Heading: "状态", Width: 16}, {Heading: "受理意见", Width: 40}, {Heading: "处理意见", Width: 40},
		{Heading: "处理人", Width: 16}, {Heading: "处理时间", Width: 18}},
		Rows: func(emit spreadsheet.Emit) error {
			return eachPage(func(page int) ([]Objection, error) {
				f.Page = page
				p, err := c.Objections(ctx, f)
				if err != nil {
					return nil, err
				}
				return p.Items, nil
			}, func(o Objection) error {
				return emit(o.Number, o.RoundTitle, o.CaseNumber, o.PartyName, o.Name, o.Contact, o.Statement, clock.Shown(o.ReceivedAt), o.Due.String(),
					objectionWords[o.State], o.Admission, o.Disposal, o.DisposedBy, clock.Shown(o.DisposedAt))
			})
		}})
}

// ExportNotice writes the table of a notice (汇总表).
func (c *Casework) ExportNotice(ctx context.Context, id string, w io.Writer) error {
	n, err := c.Notice(ctx, id)
	if err != nil {
		return err
	}
	columns := []spreadsheet.Column{{Heading: "序号", Width: 8}, {Heading: "申报编号", Width: 22}, {Heading: "企业名称", Width: 36}, {Heading: "政策", Width: 36},
		{Heading: "金额（元）", Width: 18}}
	if n.Total == 0 { // it names who is recommended, to no sum
		columns = columns[:4]
	}
	rated := slices.ContainsFunc(n.Lines, func(l NoticeLine) bool { return l.Level != "" })
	if rated {
		columns = append(columns[:4:4], spreadsheet.Column{Heading: "拟评定等级", Width: 18})
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "汇总表", Title: n.Title, Columns: columns,
		Rows: func(emit spreadsheet.Emit) error {
			for i, l := range n.Lines {
				amount := l.Amount
				cells := []any{i + 1, l.Number, l.Party, l.Title, yuan(&amount)}
				if rated {
					cells[4] = l.Level
				}
				if err := emit(cells[:len(columns)]...); err != nil {
					return err
				}
			}
			if n.Total == 0 {
				return nil
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

// noticeWords is how long a round's public notices run: as the round says, else as its process says, each by its action if they differ.
func noticeWords(r *Round) string {
	if r.NoticeUnit != "" {
		return fmt.Sprintf("%d%s", r.NoticeDays, r.NoticeUnit)
	}
	var all, named []string
	for _, n := range r.Process.Notices {
		words := fmt.Sprintf("%d%s", n.Days, n.Unit)
		if !slices.Contains(all, words) {
			all = append(all, words)
		}
		named = append(named, n.Action+words)
	}
	if len(all) == 1 {
		return all[0]
	}
	return strings.Join(named, "；")
}
