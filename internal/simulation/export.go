package simulation

import (
	"context"
	"io"
	"slices"
	"strings"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

type columns = []spreadsheet.Column

var wayWords = map[string]string{Enter: "新增", Leave: "退出", Gain: "增加", Lose: "减少", same: "不变"}

// yuan is a sum in a cell: a spreadsheet has no other number; exact below 90 trillion yuan.
func yuan(f policy.Fen) float64 { return float64(f) / 100 }

// ExportParties writes the lines of a run as a workbook. Errors as Parties.
func (r *Room) ExportParties(ctx context.Context, id string, q PartyQuery, w io.Writer) error {
	return store.Read(ctx, func(ctx context.Context) error {
		s, lines, err := linesOf(ctx, id, q)
		if err != nil {
			return err
		}
		titles, err := titlesOf(ctx, s)
		if err != nil {
			return err
		}
		return spreadsheet.Write(w, spreadsheet.Table{Sheet: "受影响企业", Title: s.title(), Columns: columns{{Heading: "统一社会信用代码", Width: 22},
			{Heading: "名称", Width: 36}, {Heading: "镇街", Width: 14}, {Heading: "行业", Width: 18}, {Heading: "规模", Width: 10}, {Heading: "变化", Width: 10},
			{Heading: "现行金额（元）", Width: 16}, {Heading: "调整后金额（元）", Width: 16}, {Heading: "增减（元）", Width: 16}, {Heading: "涉及政策", Width: 60}},
			Rows: func(emit spreadsheet.Emit) error {
				for part := range slices.Chunk(lines, 200) {
					parties, err := withNames(ctx, part)
					if err != nil {
						return err
					}
					for _, p := range parties {
						var of []string
						for _, x := range p.Schemes {
							of = append(of, titles(x.Scheme)+"（"+wayWords[x.Way]+"）")
						}
						if err := emit(p.Code, p.Name, p.Town, p.Industry, p.Size, wayWords[p.Way], yuan(p.Before), yuan(p.After), yuan(p.Change()),
							strings.Join(of, "、")); err != nil {
							return err
						}
					}
				}
				return nil
			}})
	})
}

// titlesOf names the schemes of a run.
func titlesOf(ctx context.Context, s *row) (func(string) string, error) {
	set, err := schemes.At(ctx, s.Publication)
	if err != nil {
		return nil, err
	}
	return func(id string) string {
		if x := set.Library.Scheme(id); x != nil {
			return x.Title()
		}
		return id
	}, nil
}

func (s *row) title() string {
	title := s.Name
	if title == "" {
		title = "未保存的测算"
	}
	return title + "（" + s.OnDate + "，" + s.MadeBy + "）"
}

// Export writes the runs that the actor may know of as a workbook. Errors as List.
func (r *Room) Export(ctx context.Context, saved bool, w io.Writer) error {
	items, _, err := r.List(ctx, saved, 1, 1000)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "测算方案", Columns: columns{{Heading: "方案", Width: 30}, {Heading: "政策", Width: 36}, {Heading: "调整", Width: 60},
		{Heading: "测算人", Width: 12}, {Heading: "测算时间", Width: 18}, {Heading: "评价日", Width: 12}, {Heading: "镇街范围", Width: 20}, {Heading: "企业数", Width: 10},
		{Heading: "现行金额（元）", Width: 18}, {Heading: "调整后金额（元）", Width: 18}, {Heading: "增减（元）", Width: 16}, {Heading: "新增", Width: 8}, {Heading: "退出", Width: 8},
		{Heading: "增加", Width: 8}, {Heading: "减少", Width: 8}, {Heading: "说明", Width: 40}},
		Rows: func(emit spreadsheet.Emit) error {
			for _, s := range items {
				var changes []string
				for _, c := range s.Changes {
					changes = append(changes, c.Label+"："+c.From+"→"+c.To)
				}
				if s.Draft != "" {
					changes = append(changes, "按草案文件")
				}
				towns := strings.Join(s.Towns, "、")
				if towns == "" {
					towns = "全部"
				}
				cells := []any{s.Name, s.SchemeTitle, strings.Join(changes, "；"), s.MadeBy, clock.Shown(s.MadeAt), s.On.String(), towns, nil, nil, nil, nil, nil, nil, nil, nil, s.Note}
				if x := s.Result; x != nil {
					before, after, m := worth(x.Total.Before), worth(x.Total.After), x.Total.Moved
					copy(cells[7:], []any{x.Parties, yuan(before), yuan(after), yuan(after - before), m.Enter, m.Leave, m.Gain, m.Lose})
				}
				if err := emit(cells...); err != nil {
					return err
				}
			}
			return nil
		}})
}
