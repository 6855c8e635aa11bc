package matching

import (
	"context"
	"fmt"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// exportRows is the most rows of a workbook: every firm of a large county.
const exportRows = 200_000

// Workbook is the whole list of AffectedBy as a workbook; the caller closes it. Money is in yuan, as a number to calculate with.
// Returns TooLarge if the list has more rows than one workbook should.
func (m *Matching) Workbook(ctx context.Context, q AffectedQuery) (*excelize.File, error) {
	book := excelize.NewFile()
	err := m.affected(ctx, q, func(ctx context.Context, lite schemes.Lite) error {
		const sheet = "Sheet1"
		w, err := book.NewStreamWriter(sheet)
		if err != nil {
			return err
		}
		for i, width := range []float64{22, 36, 14, 18, 10, 12, 16, 16, 24, 16, 24, 60, 12, 12} {
			if err := w.SetColWidth(i+1, i+1, width); err != nil {
				return err
			}
		}
		if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
		title := lite.Title
		if lite.Document.Number != "" {
			title += "（" + lite.Document.Number + " " + lite.Cite + "）"
		}
		if err := w.SetRow("A1", []any{title}); err != nil {
			return err
		}
		if err := w.SetRow("A2", []any{"统一社会信用代码", "名称", "镇街", "行业", "规模", "结果", "应得下限（元）", "应得上限（元）", "应得金额",
			"最多可得（元）", "最多可得金额", "差距或待补充", "数据已核实", "数据有争议"}); err != nil {
			return err
		}
		line := 3
		err = eachAffected(ctx, q, func(r *affectedRow) error {
			if line > exportRows {
				return fault.New(fault.TooLarge, fmt.Sprintf("超过 %d 行，请按镇街或结果分别导出", exportRows))
			}
			line++
			return w.SetRow(fmt.Sprintf("A%d", line-1), cells(r.affected()))
		})
		if err != nil {
			return err
		}
		return w.Flush()
	})
	if err != nil {
		_ = book.Close()
		return nil, err
	}
	return book, nil
}

// cells is a row of the list. What people wrote goes through SafeText, so that no name becomes a formula.
func cells(a Affected) []any {
	text := registry.SafeText
	return []any{text(a.Party.Code), text(a.Party.Name), text(a.Party.Town), text(a.Party.Industry), text(a.Party.Size),
		a.Answer.Label(), yuan(a.Amount, a.Amount.Low), yuan(a.Amount, a.Amount.High), a.Amount.Text,
		yuan(a.Potential, a.Potential.High), a.Potential.Text, text(a.Gap), yes(a.Verified), yes(a.Disputed)}
}

// yuan is a cell of money: empty where there is no sum.
func yuan(a policy.Amount, f policy.Fen) any {
	if a.Open || a.Kind == policy.NoAmount || a.Kind == policy.ManualAmount {
		return nil
	}
	return float64(f) / 100 // a spreadsheet has no other number; exact below 90 trillion yuan
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}
