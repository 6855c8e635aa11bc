package rating

import (
	"io"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/spreadsheet"
)

// Template writes the workbook to start from.
func Template(w io.Writer) error {
	book := excelize.NewFile()
	defer book.Close()
	for i, s := range templateSheets {
		if i == 0 {
			if err := book.SetSheetName("Sheet1", s.name); err != nil {
				return err
			}
		} else if _, err := book.NewSheet(s.name); err != nil {
			return err
		}
		if err := s.fill(book); err != nil {
			return err
		}
	}
	return book.Write(w)
}

type templateSheet struct {
	name   string
	widths []float64
	rows   [][]any // the first are the headings
}

var templateSheets = []templateSheet{
	{sheetAbout, []float64{14, 46, 70}, [][]any{
		{"项目", "内容", "怎样填"},
		{aboutID, sampleMark + "star-2021", "英文字母开头的短名，全系统唯一，也是文件名"},
		{aboutName, sampleMark + "企业星级", "评定的是什么；企业评上以后就有一条这个名称的记录"},
		{aboutTitle, sampleMark + "评价指南的全名", ""},
		{aboutNumber, nil, "查不到的空着，不要编"},
		{aboutBody, sampleMark + "发文的机关", ""},
		{aboutURL, nil, "在哪里看到的，没有的空着"},
		{aboutPublished, nil, "例如 2021-05-01；查不到的空着"},
		{aboutYear, nil, "固定评某一年的写年份，例如 2021；每年都评的空着"},
		{aboutOffice, nil, "由哪个部门负责评定"},
		{aboutVouches, sampleMark + "哪个部门", "各项得分由哪个部门核实；个别指标不同的写在“指标”里"},
		{aboutValid, nil, "例如 3年；没有写的空着"},
		{aboutSeries, nil, "证书编号以什么开头，后面由系统按年份依次编；空着的由评定的人逐件填写编号"},
		{aboutFull, nil, "全部指标的满分合计，例如 100；不等于各项之和的不会生成"},
		{aboutNote, nil, "要告诉读者的话，可以有几行“注”"},
	}},
	{sheetIndicators, []float64{22, 36, 10, 60, 18}, [][]any{
		{headCategory + "（与上一行相同的可空）", headIndicator, headFull, headHelp + "（可空）", headVouches + "（可空）"},
		{sampleMark + "第一大类", sampleMark + "第一项指标", nil, sampleMark + "怎样得分", nil},
		{nil, sampleMark + "第二项指标", nil, nil, nil},
	}},
	{sheetCategories, []float64{30, 10, 22}, [][]any{
		{headCategory, headFull, headFloor + "（没有的空着）"},
		{sampleMark + "第一大类", nil, nil},
	}},
	{sheetLevels, []float64{24, 16, 26}, [][]any{
		{headLevel, headFrom + "（含）", headTo + "（不含，可空）"},
		{sampleMark + "最高的等级", nil, nil},
		{sampleMark + "次高的等级", nil, nil},
	}},
}

func (s *templateSheet) fill(book *excelize.File) error {
	head, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF2F6"}}})
	if err != nil {
		return err
	}
	sample, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Italic: true, Color: "808080"}})
	if err != nil {
		return err
	}
	for i, width := range s.widths {
		name := spreadsheet.ColumnName(i)
		if err := book.SetColWidth(s.name, name, name, width); err != nil {
			return err
		}
	}
	for i, row := range s.rows {
		first, last := spreadsheet.CellName(0, i+1), spreadsheet.CellName(len(row)-1, i+1)
		if err := book.SetSheetRow(s.name, first, &row); err != nil {
			return err
		}
		style := sample
		if i == 0 {
			style = head
		} else if s.name == sheetAbout {
			first = spreadsheet.CellName(1, i+1)
		}
		if err := book.SetCellStyle(s.name, first, last, style); err != nil {
			return err
		}
	}
	return book.SetPanes(s.name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}
