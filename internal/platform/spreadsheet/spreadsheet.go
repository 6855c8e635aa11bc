// Package spreadsheet writes lists as Excel workbooks: row by row, with a heading that stays in sight, and without a cell that a
// spreadsheet takes for a formula. Every list that people export goes through it. It also reads the workbooks that people upload: within
// limits, cell by cell, telling a figure from a date, a text and a formula (read.go, cell.go).
package spreadsheet

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/fault"
)

// Table is a list on its way into a workbook of one sheet. Rows calls emit for every row; the cells are texts, numbers or nil.
type Table struct {
	Sheet   string
	Title   string // above the headings; may be empty
	Columns []Column
	Rows    func(emit Emit) error
}

// Column is a heading and its width in characters.
type Column struct {
	Heading string
	Width   float64
}

// Emit takes the cells of a row, which it may change.
type Emit func(cells ...any) error

// most is how many rows one workbook has at most: every party of a large county.
const most = 200_000

// Write writes the table as a workbook, row by row: memory does not grow with the list. TooLarge if it has too many rows.
func Write(w io.Writer, t Table) error {
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
	write := func(cells []any) error {
		line++
		return s.SetRow(fmt.Sprintf("A%d", line), cells)
	}
	frozen := 1
	if t.Title != "" {
		frozen = 2
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: fmt.Sprintf("A%d", frozen+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if t.Title != "" {
		if err := write([]any{Text(t.Title)}); err != nil {
			return err
		}
	}
	headings := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		headings[i] = excelize.Cell{StyleID: head, Value: Text(c.Heading)}
	}
	if err := write(headings); err != nil {
		return err
	}
	rows := 0
	if err := t.Rows(func(cells ...any) error {
		if rows++; rows > most {
			return fault.New(fault.TooLarge, fmt.Sprintf("超过%d行；请缩小范围后再导出", most))
		}
		for i := range cells {
			if text, ok := cells[i].(string); ok {
				cells[i] = Text(text)
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

// Text is a text for a cell that no spreadsheet takes for a formula, not even after it went through a CSV file, and that XML can hold.
func Text(s string) string {
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

// Yes is how a cell says whether something holds.
func Yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}
