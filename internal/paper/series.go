package paper

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Series is how far the numbers of an office's documents have come in a year. They are taken where a document is issued, in its transaction.
type Series struct {
	Department string `json:"department" doc:"the office"`
	Begins     string `json:"begins" doc:"the words before the year"`
	Year       int64  `json:"year"`
	Last       int64  `json:"last" doc:"the last number that was given"`
	Number     string `json:"number" doc:"the same as it stands in the document"`
	Given      int64  `json:"given" doc:"how many documents bear a number of it"`
	Gaps       int64  `json:"gaps" doc:"numbers up to the last that no document bears"`
	Template   string `json:"template" doc:"of the documents that it numbers, one"`
}

// SeriesPage is a page of series, those of the latest year first.
type SeriesPage struct {
	Items []Series `json:"items" nullable:"false"`
	Total int      `json:"total"`
}

// ReadSeries lists the series that have given a number. Forbidden to all but administrators and auditors.
func (r *Room) ReadSeries(ctx context.Context, page, per int) (*SeriesPage, error) {
	if a := account.ActorFrom(ctx); !a.Is(account.RoleAdministrator) && !a.Is(account.RoleAuditor) {
		return nil, fault.New(fault.Forbidden, "编号由管理员和审计人员查看")
	}
	out := &SeriesPage{}
	err := store.Read(ctx, func(ctx context.Context) error {
		*out = SeriesPage{Items: []Series{}}
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM paper_series`).Scan(ctx, &out.Total); err != nil {
			return err
		}
		var rows []struct {
			Department string `bun:"department"`
			Series     string `bun:"series"`
			Year       int64  `bun:"year"`
			Last       int64  `bun:"last"`
			Given      int64  `bun:"given"`
			Template   string `bun:"template"`
		}
		err := store.Tx(ctx).NewRaw(`SELECT s.department, s.series, s.year, s.last, COUNT(p.id) AS given, COALESCE(MAX(p.template), '') AS template
			FROM (SELECT department, series, year, last FROM paper_series ORDER BY year DESC, department, series LIMIT ? OFFSET ?) AS s
			LEFT JOIN papers AS p ON p.department = s.department AND p.series = s.series AND p.year = s.year AND p.number > 0 AND p.number <= s.last
			GROUP BY s.department, s.series, s.year, s.last ORDER BY s.year DESC, s.department, s.series`, per, (page-1)*per).Scan(ctx, &rows)
		for _, x := range rows {
			out.Items = append(out.Items, Series{x.Department, x.Series, x.Year, x.Last, document.NumberOf(x.Series, int(x.Year), int(x.Last)), x.Given, x.Last - x.Given, x.Template})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
