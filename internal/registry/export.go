package registry

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/fault"
)

// WorkbookType is the media type of a workbook.
const WorkbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Table is a list on its way into a workbook of one sheet. Rows calls emit for every row; the cells are texts, numbers or nil.
type Table struct {
	Sheet   string
	Title   string // above the headings; may be empty
	Columns []TableColumn
	Rows    func(emit func(cells ...any) error) error
}

// TableColumn is a heading and its width in characters.
type TableColumn struct {
	Heading string
	Width   float64
}

// exportRows is the most rows of one workbook: every party of a large county.
const exportRows = 200_000

// WriteTable writes the table as a workbook, row by row: memory does not grow with the list. TooLarge if it has too many rows.
func WriteTable(w io.Writer, t Table) error {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", t.Sheet); err != nil {
		return err
	}
	s, err := book.NewStreamWriter(t.Sheet)
	if err != nil {
		return err
	}
	head, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF2F6"}}})
	if err != nil {
		return err
	}
	for i, c := range t.Columns {
		if err := s.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	line := 0
	write := func(cells []any, opts ...excelize.RowOpts) error {
		line++
		return s.SetRow(fmt.Sprintf("A%d", line), cells, opts...)
	}
	frozen := 1
	if t.Title != "" {
		frozen = 2
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: fmt.Sprintf("A%d", frozen+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if t.Title != "" {
		if err := write([]any{SafeText(t.Title)}); err != nil {
			return err
		}
	}
	headings := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		headings[i] = excelize.Cell{StyleID: head, Value: SafeText(c.Heading)}
	}
	if err := write(headings); err != nil {
		return err
	}
	if err := t.Rows(func(cells ...any) error {
		if line >= exportRows {
			return fault.New(fault.TooLarge, fmt.Sprintf("超过%d行；请缩小范围后再导出", exportRows))
		}
		for i := range cells {
			if text, ok := cells[i].(string); ok {
				cells[i] = SafeText(text)
			}
		}
		return write(cells)
	}); err != nil {
		return err
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

// SafeText is a text for a cell that no spreadsheet takes for a formula, not even after it went through a CSV file, and that XML can hold.
func SafeText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r\n") || strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠") {
		s = "'" + s
	}
	if r := []rune(s); len(r) > excelize.TotalCellChars {
		s = string(r[:excelize.TotalCellChars])
	}
	return s
}

// ExportParties writes the list of parties as a workbook. Errors as List.
func (r *Registry) ExportParties(ctx context.Context, f Filter, w io.Writer) error {
	return WriteTable(w, Table{Sheet: "主体名录", Columns: []TableColumn{{"统一社会信用代码", 22}, {"名称", 36}, {"类型", 8}, {"镇街", 14}, {"行业", 20}, {"规模", 10},
		{"联系人", 10}, {"联系电话", 16}, {"备注", 24}},
		Rows: func(emit func(cells ...any) error) error {
			return r.EachParty(ctx, f, func(p Party) error {
				return emit(p.Code, p.Name, p.Kind, p.Town, p.Industry, p.Size, p.Contact, p.Phone, p.Note)
			})
		}})
}

// ExportFacts writes what is known of a party as a workbook. NotFound if the actor may not see it.
func (r *Registry) ExportFacts(ctx context.Context, party string, w io.Writer) error {
	p, err := r.Get(ctx, party)
	if err != nil {
		return err
	}
	facts, err := r.Facts(ctx, party)
	if err != nil {
		return err
	}
	return WriteTable(w, Table{Sheet: "数据", Title: p.Name + " " + p.Code, Columns: []TableColumn{{"项目", 24}, {"期间", 8}, {"内容", 30}, {"来源", 16}, {"是否核实", 8},
		{"是否有异议", 10}, {"依据", 24}, {"填报时间", 28}, {"填报人", 12}},
		Rows: func(emit func(cells ...any) error) error {
			for _, f := range facts {
				shown := f.Shown
				if f.Record != nil {
					shown = f.Record.show()
				}
				if err := emit(f.Term, f.Period, shown, f.Source, yes(f.Verified), yes(f.Disputed), f.Evidence, f.StatedAt, f.StatedBy); err != nil {
					return err
				}
			}
			return nil
		}})
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// ExportBadRows writes the bad rows of an import with every problem, a line each, for whoever mends the workbook. NotFound as ImportOf.
func (r *Registry) ExportBadRows(ctx context.Context, id string, w io.Writer) error {
	if _, err := r.ImportOf(ctx, id); err != nil {
		return err
	}
	return WriteTable(w, Table{Sheet: "有误的行", Columns: []TableColumn{{"工作表", 14}, {"单元格", 10}, {"栏目", 28}, {"统一社会信用代码", 22}, {"问题", 70}},
		Rows: func(emit func(cells ...any) error) error {
			for page := 1; ; page++ {
				rows, _, err := r.ImportRows(ctx, id, "bad", Page{page, 200})
				if err != nil {
					return err
				}
				for _, row := range rows {
					for _, p := range row.Problems {
						if err := emit(p.Sheet, p.Cell, p.Column, row.Code, p.Message); err != nil {
							return err
						}
					}
				}
				if len(rows) < 200 {
					return nil
				}
			}
		}})
}
