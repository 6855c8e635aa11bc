package registry

import (
	"context"
	"io"
	"strings"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
)

// Lists as workbooks. Each reads what its page reads, under the same filters and for the same actor, and masks what the page masks.

type columns = []spreadsheet.Column

// ExportParties writes the list of parties as a workbook. Errors as List.
func (r *Registry) ExportParties(ctx context.Context, f Filter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "主体名录", Columns: columns{{Heading: "统一社会信用代码", Width: 22}, {Heading: "名称", Width: 36},
		{Heading: "类型", Width: 8}, {Heading: "镇街", Width: 14}, {Heading: "行业", Width: 20}, {Heading: "规模", Width: 10},
		{Heading: "联系人", Width: 10}, {Heading: "联系电话", Width: 16}, {Heading: "备注", Width: 24}},
		Rows: func(emit spreadsheet.Emit) error {
			return r.EachParty(ctx, f, func(p Party) error {
				return emit(p.Code, p.Name, p.Kind, p.Town, p.Industry, p.Size, p.Contact, p.Phone, p.Note)
			})
		}})
}

// ExportFacts writes what is known of a party as a workbook: of the terms and kinds of record whose name holds a text, if one is given.
// NotFound if the actor may not see the party.
func (r *Registry) ExportFacts(ctx context.Context, party, text string, w io.Writer) error {
	title := regionName
	if party != Region {
		p, err := r.Get(ctx, party)
		if err != nil {
			return err
		}
		title = p.Name + " " + p.Code
	}
	facts, err := r.Facts(ctx, party)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "数据", Title: title, Columns: columns{{Heading: "项目", Width: 24},
		{Heading: "期间", Width: 8}, {Heading: "内容", Width: 30}, {Heading: "来源", Width: 16}, {Heading: "是否核实", Width: 8},
		{Heading: "是否有异议", Width: 10}, {Heading: "依据", Width: 24}, {Heading: "填报时间", Width: 18}, {Heading: "填报人", Width: 12}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, f := range facts {
				if !strings.Contains(strings.ToLower(f.Term), strings.ToLower(strings.TrimFunc(text, blank))) {
					continue
				}
				if err := emit(f.named(), f.Period, f.said(), f.Source, spreadsheet.Yes(f.Verified), spreadsheet.Yes(f.Disputed), f.Evidence,
					clock.Shown(f.StatedAt), f.StatedBy); err != nil {
					return err
				}
			}
			return nil
		}})
}

// named is what a fact is about, and that the vocabulary no longer holds it.
func (f Fact) named() string {
	if f.Dropped {
		return f.Term + "（词汇表已不含）"
	}
	return f.Term
}

// said is what a fact says, in one line.
func (f Fact) said() string {
	switch {
	case f.Record != nil:
		return f.Record.show()
	case f.On != 0:
		return f.Shown + "，" + f.On.String()
	}
	return f.Shown
}

// disputeWords says in words how a dispute stands.
var disputeWords = map[string]string{DisputeOpen: "待处理", DisputeUpheld: "维持原数据", DisputeCorrected: "已更正"}

// ExportDisputes writes the list of disputes as a workbook. Errors as Disputes.
func (r *Registry) ExportDisputes(ctx context.Context, f DisputeFilter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "数据异议", Columns: columns{{Heading: "状态", Width: 12}, {Heading: "统一社会信用代码", Width: 22},
		{Heading: "名称", Width: 36}, {Heading: "镇街", Width: 14}, {Heading: "项目", Width: 24}, {Heading: "期间", Width: 8}, {Heading: "有异议的内容", Width: 30},
		{Heading: "来源", Width: 16}, {Heading: "异议理由", Width: 40}, {Heading: "提出时间", Width: 18}, {Heading: "提出人", Width: 14},
		{Heading: "处理意见", Width: 40}, {Heading: "办结时间", Width: 18}, {Heading: "办理人", Width: 14}},
		Rows: func(emit spreadsheet.Emit) error {
			return r.EachDispute(ctx, f, func(d Dispute) error {
				return emit(disputeWords[d.State], d.Party.Code, d.Party.Name, d.Party.Town, d.Fact.named(), d.Fact.Period, d.Fact.said(), d.Fact.Source,
					d.Reason, clock.Shown(d.OpenedAt), d.OpenedBy, d.Decision, clock.Shown(d.ResolvedAt), d.ResolvedBy)
			})
		}})
}

// ExportCoverage writes through which day each kind of record is declared complete, and which nobody has declared. Errors as Coverages.
func (r *Registry) ExportCoverage(ctx context.Context, w io.Writer) error {
	all, err := r.Completes(ctx)
	if err != nil {
		return err
	}
	declared, err := r.Coverages(ctx)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "名录完整性", Columns: columns{{Heading: "记录", Width: 30}, {Heading: "声明部门", Width: 16},
		{Heading: "截至", Width: 12}, {Heading: "范围", Width: 16}, {Heading: "依据", Width: 40}, {Heading: "声明时间", Width: 18}, {Heading: "声明人", Width: 14}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, k := range all {
				if err := emitCoverage(emit, k, declared); err != nil {
					return err
				}
			}
			return nil
		}})
}

// emitCoverage writes the declarations of a kind; one row that says so if nobody has declared it for real parties.
func emitCoverage(emit spreadsheet.Emit, k Complete, declared []Coverage) error {
	label, none := k.Kind, true
	if label == ReceivedCoverage {
		label = receivedLabel
	}
	for _, c := range declared {
		if (Complete{c.Kind, c.Source}) != k {
			continue
		}
		of := "全部企业"
		if c.Invented {
			of = "仅演示用的虚构企业"
		}
		none = none && c.Invented
		if err := emit(label, c.Source, c.Through.String(), of, c.Evidence, clock.Shown(c.StatedAt), c.StatedBy); err != nil {
			return err
		}
	}
	if !none {
		return nil
	}
	return emit(label, k.Source, "没有声明", "全部企业", "", "", "")
}

// importWords says in words how an import stands.
var importWords = map[string]string{ImportStaging: "正在读取", ImportStaged: "待确认", ImportCommitting: "正在写入", ImportCommitted: "已导入",
	ImportCancelled: "已取消", ImportFailed: "没有成功"}

// ExportImports writes the list of imports as a workbook. Errors as Imports.
func (r *Registry) ExportImports(ctx context.Context, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "数据导入", Columns: columns{{Heading: "文件", Width: 40}, {Heading: "内容", Width: 24},
		{Heading: "状态", Width: 12}, {Heading: "行数", Width: 10}, {Heading: "无误", Width: 10}, {Heading: "有误", Width: 10}, {Heading: "新增或更新", Width: 12},
		{Heading: "原有未变", Width: 12}, {Heading: "没有成功的原因", Width: 40}, {Heading: "上传时间", Width: 18}, {Heading: "上传人", Width: 14}, {Heading: "办结时间", Width: 18}},
		Rows: func(emit spreadsheet.Emit) error {
			return r.EachImport(ctx, func(i Import) error {
				return emit(i.FileName, titleOfImport(i.Kind), importWords[i.State], i.Rows, i.Good, i.Bad, i.Written, i.Unchanged, i.Failure,
					clock.Shown(i.CreatedAt), i.CreatedBy, clock.Shown(i.EndedAt))
			})
		}})
}

// ExportImportRows writes the rows of an import's preview: of the bad ones every problem, a line each, for whoever mends the workbook; of
// the good ones every statement as it was understood. NotFound as ImportOf.
func (r *Registry) ExportImportRows(ctx context.Context, id, state string, w io.Writer) error {
	t := spreadsheet.Table{Sheet: "有误的格子", Columns: columns{{Heading: "工作表", Width: 14}, {Heading: "单元格", Width: 10}, {Heading: "栏目", Width: 28},
		{Heading: "统一社会信用代码", Width: 22}, {Heading: "问题", Width: 70}},
		Rows: func(emit spreadsheet.Emit) error {
			return r.EachImportRow(ctx, id, "bad", func(row StagedRow) error {
				for _, p := range row.Problems {
					if err := emit(p.Sheet, p.Cell, p.Column, row.Code, p.Message); err != nil {
						return err
					}
				}
				return nil
			})
		}}
	if state == "good" {
		t = spreadsheet.Table{Sheet: "无误的行", Columns: columns{{Heading: "行", Width: 8}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "名称", Width: 36},
			{Heading: "项目", Width: 28}, {Heading: "内容", Width: 40}},
			Rows: func(emit spreadsheet.Emit) error {
				return r.EachImportRow(ctx, id, "good", func(row StagedRow) error {
					for _, s := range row.Says {
						if err := emit(row.Line, row.Code, row.Name, s.What, s.Value); err != nil {
							return err
						}
					}
					return nil
				})
			}}
	}
	return spreadsheet.Write(w, t)
}
