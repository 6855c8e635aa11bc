package matching

import (
	"context"
	"io"
	"strings"

	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

type columns = []spreadsheet.Column

// ExportAffected writes the whole list of AffectedBy as a workbook. Money is in yuan, as a number to calculate with. Errors as AffectedBy.
func (m *Matching) ExportAffected(ctx context.Context, q AffectedQuery, w io.Writer) error {
	return m.affected(ctx, q, func(ctx context.Context, lite schemes.Lite) error {
		return spreadsheet.Write(w, spreadsheet.Table{Sheet: "涉及企业", Title: titleOf(lite), Columns: columns{{Heading: "统一社会信用代码", Width: 22},
			{Heading: "名称", Width: 36}, {Heading: "镇街", Width: 14}, {Heading: "行业", Width: 18}, {Heading: "规模", Width: 10}, {Heading: "结果", Width: 12},
			{Heading: "应得下限（元）", Width: 16}, {Heading: "应得上限（元）", Width: 16}, {Heading: "应得金额", Width: 24}, {Heading: "最多可得（元）", Width: 16},
			{Heading: "最多可得金额", Width: 24}, {Heading: "差距或待补充", Width: 60}, {Heading: "数据已核实", Width: 12}, {Heading: "数据有争议", Width: 12}},
			Rows: func(emit spreadsheet.Emit) error {
				return eachAffected(ctx, q, func(r *affectedRow) error {
					a := r.affected()
					return emit(a.Party.Code, a.Party.Name, a.Party.Town, a.Party.Industry, a.Party.Size, a.Answer.Label(),
						yuan(a.Amount, a.Left.Of(a.Amount.Low)), yuan(a.Amount, a.Left.Of(a.Amount.High)), dueText(a.Amount, a.Left),
						yuan(a.Potential, a.Left.Of(a.Potential.High)), reachText(a.Potential, a.Left),
						a.Gap, spreadsheet.Yes(a.Verified), spreadsheet.Yes(a.Disputed))
				})
			}})
	})
}

// ExportAnswers writes where a party stands with every scheme as a workbook. Errors as StandpointsOf.
func (m *Matching) ExportAnswers(ctx context.Context, party string, on policy.Date, all bool, w io.Writer) error {
	p, err := m.registry.Get(ctx, party)
	if err != nil {
		return err
	}
	stands, err := m.StandpointsOf(ctx, party, on, all)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "政策结论", Title: p.Name + " " + p.Code + "（" + stands.On.String() + "）", Columns: columns{{Heading: "政策", Width: 36},
		{Heading: "文号", Width: 24}, {Heading: "条款", Width: 14}, {Heading: "主管部门", Width: 16}, {Heading: "结果", Width: 12},
		{Heading: "应得下限（元）", Width: 16}, {Heading: "应得上限（元）", Width: 16}, {Heading: "应得金额", Width: 24}, {Heading: "最多可得（元）", Width: 16},
		{Heading: "最多可得金额", Width: 24}, {Heading: "差距", Width: 60}, {Heading: "待补充", Width: 40}, {Heading: "数据已核实", Width: 12}, {Heading: "数据有争议", Width: 12}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, s := range stands.Items {
				var gaps, missing []string
				for _, g := range s.Gaps {
					ways := g.Moves
					if len(ways) == 0 {
						ways = []string{g.Short}
					}
					gaps = append(gaps, g.Condition+"："+strings.Join(ways, "；"))
				}
				for _, n := range s.Missing {
					missing = append(missing, n.Label)
				}
				if err := emit(s.Scheme.Title, s.Scheme.Document.Number, s.Scheme.Cite, s.Scheme.Office, s.Answer.Label(),
					yuan(s.Amount, s.Left.Of(s.Amount.Low)), yuan(s.Amount, s.Left.Of(s.Amount.High)), dueText(s.Amount, s.Left),
					yuan(s.Potential, s.Left.Of(s.Potential.High)), reachText(s.Potential, s.Left),
					strings.Join(gaps, "\n"), strings.Join(missing, "、"), spreadsheet.Yes(s.Verified), spreadsheet.Yes(s.Disputed)); err != nil {
					return err
				}
			}
			return nil
		}})
}

// dueText is an amount as far as the limits of the party leave it.
func dueText(a policy.Amount, l *policy.Left) string {
	if l != nil && l.Due != "" {
		return l.Due
	}
	return a.Text
}

func reachText(a policy.Amount, l *policy.Left) string {
	if l != nil && l.Reach != "" {
		return l.Reach
	}
	return a.Text
}

// titleOf names a scheme with the document that it stands in.
func titleOf(lite schemes.Lite) string {
	if lite.Document.Number == "" {
		return lite.Title
	}
	return lite.Title + "（" + lite.Document.Number + " " + lite.Cite + "）"
}

// yuan is a cell of money: empty where there is no sum.
func yuan(a policy.Amount, f policy.Fen) any {
	if a.Open || a.Kind == policy.NoAmount || a.Kind == policy.ManualAmount {
		return nil
	}
	return float64(f) / 100 // a spreadsheet has no other number; exact below 90 trillion yuan
}
