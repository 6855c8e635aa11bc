package certificate

import (
	"context"
	"io"
	"strings"

	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// exportPage is how much of the register is read at a time.
const exportPage = 200

// Export writes what a filter leaves of the register as a workbook. Errors as Certificates.
func (r *Register) Export(ctx context.Context, f Filter, w io.Writer) error {
	if err := mayRead(ctx); err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "证书登记簿", Columns: []spreadsheet.Column{{Heading: "编号", Width: 20}, {Heading: "证书", Width: 26},
		{Heading: "条款", Width: 26}, {Heading: "持证主体", Width: 36}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "等级", Width: 10}, {Heading: "镇街", Width: 12},
		{Heading: "发证部门", Width: 16}, {Heading: "发证日期", Width: 12}, {Heading: "有效期自", Width: 12}, {Heading: "有效期至", Width: 12}, {Heading: "状态", Width: 12},
		{Heading: "载明事项", Width: 50}},
		Rows: func(emit spreadsheet.Emit) error {
			return store.Read(ctx, func(ctx context.Context) error {
				for f.Page, f.Per = 1, exportPage; ; f.Page++ {
					page, err := r.Certificates(ctx, f)
					if err != nil {
						return err
					}
					for _, c := range page.Items {
						details := make([]string, len(c.Details))
						for i, d := range c.Details {
							details[i] = d.Label + "：" + d.Value
						}
						if err := emit(c.Number, c.Title, c.SchemeTitle, c.Holder, c.Code, c.Level, c.Town, c.Department, c.IssuedOn.String(), c.ValidFrom.String(),
							untilText(c.StandsUntil), stateText(&c), strings.Join(details, "；")); err != nil {
							return err
						}
					}
					if len(page.Items) < exportPage {
						return nil
					}
				}
			})
		}})
}

func untilText(d policy.Date) string {
	if d == 0 {
		return "长期"
	}
	return d.String()
}

func stateText(c *Certificate) string {
	if c.Deemed {
		return stateLabels[c.State] + "（视为准予延续）"
	}
	return stateLabels[c.State]
}
