package certificate

import (
	"context"
	"strconv"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Series is how far the numbers of a series of certificates have come: of one year, where it begins anew every year.
type Series struct {
	Begins string `json:"begins" doc:"what its numbers begin with, the year included"`
	Last   int64  `json:"last" doc:"the last number that was given"`
	Number string `json:"number" doc:"the last certificate's number; empty where it cannot be found"`
	Given  int64  `json:"given" doc:"how many certificates bear a number of it"`
	Gaps   int64  `json:"gaps" doc:"numbers up to the last that no certificate bears"`
	Scheme string `json:"scheme" doc:"that granted the last one"`
}

// SeriesPage is a page of series.
type SeriesPage struct {
	Items []Series `json:"items" nullable:"false"`
	Total int      `json:"total"`
}

// ReadSeries lists the series that have given a number. Forbidden to all but administrators and auditors.
func (r *Register) ReadSeries(ctx context.Context, page, per int) (*SeriesPage, error) {
	if a := account.ActorFrom(ctx); !a.Is(account.RoleAdministrator) && !a.Is(account.RoleAuditor) {
		return nil, fault.New(fault.Forbidden, "编号由管理员和审计人员查看")
	}
	out := &SeriesPage{}
	err := store.Read(ctx, func(ctx context.Context) error {
		*out = SeriesPage{Items: []Series{}}
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM certificate_series`).Scan(ctx, &out.Total); err != nil {
			return err
		}
		var rows []struct {
			ID     string `bun:"id"`
			Last   int64  `bun:"last"`
			Number string `bun:"number"`
			Scheme string `bun:"scheme"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT s.id, s.last, COALESCE(c.number, '') AS number, COALESCE(c.scheme, '') AS scheme
			FROM (SELECT id, last FROM certificate_series ORDER BY id LIMIT ? OFFSET ?) AS s
			LEFT JOIN certificates AS c ON SUBSTR(c.number, 1, LENGTH(s.id)) = s.id ORDER BY s.id`, per, (page-1)*per).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, x := range rows {
			if n := len(out.Items); n == 0 || out.Items[n-1].Begins != x.ID {
				out.Items = append(out.Items, Series{Begins: x.ID, Last: x.Last, Gaps: x.Last})
			}
			s := &out.Items[len(out.Items)-1]
			n, err := strconv.ParseInt(strings.TrimPrefix(x.Number, x.ID), 10, 64)
			if err != nil || n < 1 || n > x.Last {
				continue // of a series that begins alike
			}
			s.Given, s.Gaps = s.Given+1, s.Gaps-1
			if n == x.Last {
				s.Number, s.Scheme = x.Number, x.Scheme
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
