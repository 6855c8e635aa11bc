package schemes

import (
	"io"
	"strings"

	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// standingWords say in words how a document stands.
var standingWords = map[policy.Standing]string{policy.InForce: "现行有效", policy.Upcoming: "尚未施行", policy.Expired: "已失效"}

// Export writes what was found as a workbook.
func (c *Compiled) Export(q Query, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "政策", Columns: []spreadsheet.Column{{Heading: "政策", Width: 36}, {Heading: "支持内容", Width: 60},
		{Heading: "条款", Width: 14}, {Heading: "主管部门", Width: 16}, {Heading: "时效", Width: 10}, {Heading: "文件", Width: 50}, {Heading: "文号", Width: 24},
		{Heading: "层级", Width: 10}, {Heading: "发布日期", Width: 12}, {Heading: "适用行业和规模", Width: 30}, {Heading: "编号", Width: 16}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, s := range c.Find(q).Items {
				number, published := "未查到", ""
				if s.Document.NumberKnown {
					number = s.Document.Number
				}
				if !s.Published.IsZero() {
					published = s.Published.String()
				}
				if err := emit(s.Title, strings.Join(s.Gives, "；"), s.Cite, s.Office, standingWords[s.Standing], s.Document.Title, number,
					s.Document.Level, published, strings.Join(s.Tags, "、"), s.ID); err != nil {
					return err
				}
			}
			return nil
		}})
}
