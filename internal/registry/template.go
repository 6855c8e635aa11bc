package registry

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
)

// templateRows is how many rows of a template have the formats and drop-downs.
const templateRows = 2000

// Template writes the workbook to fill in for a kind of import: headings from the vocabulary with their units, an example row that is
// not imported, drop-downs, and a sheet that explains every column. years are those of yearly terms, the latest first; empty: the last two.
// Errors as Upload.
func (r *Registry) Template(ctx context.Context, kind string, years []int, w io.Writer) error {
	if len(years) == 0 {
		last := clock.Today(ctx).Year() - 1
		years = []int{last, last - 1}
	}
	l, err := r.layoutOf(ctx, kind, years)
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", l.sheet); err != nil {
		return err
	}
	for _, name := range []string{sheetHelp, sheetOptions} {
		if _, err := book.NewSheet(name); err != nil {
			return err
		}
	}
	if err := l.fill(book); err != nil {
		return err
	}
	if err := l.explain(book); err != nil {
		return err
	}
	if err := book.SetSheetVisible(sheetOptions, false); err != nil {
		return err
	}
	return book.Write(w)
}

// exampleCode is a code that is right by both check digits and, all zeros after the district, nobody's.
var exampleCode, _ = CompleteCode("91" + "000000" + "00000000")

// fill writes the sheet of data.
func (l *layout) fill(book *excelize.File) error {
	style := func(s *excelize.Style) int {
		id, _ := book.NewStyle(s)
		return id
	}
	text, grey := "@", &excelize.Font{Italic: true, Color: "808080"}
	wrap := &excelize.Alignment{WrapText: true, Vertical: "center"}
	head := style(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: wrap, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF2F6"}}})
	must := style(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "B42318"}, Alignment: wrap, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF2F6"}}})
	asText := style(&excelize.Style{CustomNumFmt: &text})
	example := style(&excelize.Style{CustomNumFmt: &text, Font: grey})
	options := 0
	for i, c := range l.columns {
		name := spreadsheet.ColumnName(i)
		heading, headStyle := c.heading, head
		if c.required {
			heading, headStyle = heading+requiredMark, must
		}
		if err := firstError(
			book.SetColWidth(l.sheet, name, name, max(c.width, 8)),
			book.SetCellStr(l.sheet, name+"1", heading),
			book.SetCellStyle(l.sheet, name+"1", name+"1", headStyle),
			book.SetCellStr(l.sheet, name+"2", l.exampleOf(i, c)),
			book.SetCellStyle(l.sheet, name+"2", name+"2", example),
		); err != nil {
			return err
		}
		if c.unit == "" || c.role == columnCode {
			if err := book.SetCellStyle(l.sheet, name+"3", fmt.Sprintf("%s%d", name, templateRows), asText); err != nil {
				return err
			}
		}
		if len(c.options) == 0 {
			continue
		}
		// The words stand on a sheet of their own: a list inside a rule may have 255 characters only.
		column := spreadsheet.ColumnName(options)
		options++
		for n, word := range c.options {
			if err := book.SetCellStr(sheetOptions, fmt.Sprintf("%s%d", column, n+1), word); err != nil {
				return err
			}
		}
		rule := excelize.NewDataValidation(true)
		rule.SetSqref(fmt.Sprintf("%s3:%s%d", name, name, templateRows))
		rule.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", sheetOptions, column, column, len(c.options)))
		rule.SetError(excelize.DataValidationErrorStyleStop, "请从列表中选择", "可选："+strings.Join(c.options[:min(len(c.options), 8)], "、"))
		if err := book.AddDataValidation(l.sheet, rule); err != nil {
			return err
		}
	}
	return firstError(
		book.SetRowHeight(l.sheet, 1, 34),
		book.SetPanes(l.sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *layout) exampleOf(i int, c column) string {
	switch {
	case i == 0:
		return marker + "（此行不导入）"
	case c.role == columnCode:
		return exampleCode
	case c.role == columnName && c.example == "":
		return "某某电器有限公司"
	default:
		return c.example
	}
}

// explain writes the sheet that tells how to fill in every column.
func (l *layout) explain(book *excelize.File) error {
	lines := [][]string{
		{l.title + "导入说明"},
		{"1. 在“" + l.sheet + "”工作表中，从第3行起每行填一家企业（同一企业有多条记录时每条一行）。不要改动第1行的栏目名称；用不到的栏目可以整列删去。"},
		{"2. 第2行是示例，不会导入，可以保留。凡“序号”一栏以“示例”开头的行都不导入。"},
		{"3. 只填数值，不用公式、合并单元格、隐藏的行或工作表。空着的格子表示没有这项数据，不会改动已有的数据。"},
		{"4. 数字按栏目名称里括号内的单位填写；换用别的单位时，把括号里的单位改掉，或在格子里连单位一起写成文本（例如 9990万元）。"},
		{"5. 日期写成 2024-05-01，或把单元格设为日期格式。代码、编号、电话的单元格要设为文本格式。"},
		{"6. 上传后先预览，每个有误的格子都会指明位置和原因；确认后才写入，一次性生效。同一份文件重复上传不会重复写入。"},
		{},
		{"栏目", "是否必填", "怎样填", "可选的内容"},
	}
	for _, c := range l.columns {
		need := ""
		if c.required {
			need = "必填"
		}
		lines = append(lines, []string{c.heading, need, c.help, strings.Join(c.options, "、")})
	}
	for i, line := range lines {
		for j, text := range line {
			if err := book.SetCellStr(sheetHelp, spreadsheet.CellName(j, i+1), text); err != nil {
				return err
			}
		}
	}
	if l.record != nil && l.record.Help != "" {
		if err := book.SetCellStr(sheetHelp, "A8", l.record.Name+"："+l.record.Help); err != nil {
			return err
		}
	}
	return firstError(
		book.SetColWidth(sheetHelp, "A", "A", 34), book.SetColWidth(sheetHelp, "B", "B", 10),
		book.SetColWidth(sheetHelp, "C", "C", 70), book.SetColWidth(sheetHelp, "D", "D", 40),
	)
}
