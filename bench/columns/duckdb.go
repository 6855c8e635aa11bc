//go:build cgo

package main

import (
	"context"
	"database/sql"
	"database/sql/driver"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"shanglin/bench/columns/rows"
)

const duckRule = `select count(*), coalesce(sum(least((now - before) // 1000000 * 500, 300000)), 0)::bigint from firm
where (starts_with(code, 'C38') or starts_with(code, 'C39') or starts_with(code, 'I65')) and now >= 20000000 and now * 10 >= before * 11
and research * 100 >= now * 3 and debt <= 70 and staff >= 20`

// byDuckDB loads the rows into a table in memory and runs the rule as an aggregate on one thread.
func byDuckDB(x *rows.Rows) (run func() (rows.Total, error), version string, err error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, "", err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	for _, statement := range []string{"set threads = 1", "create table firm (code varchar, now bigint, before bigint, research bigint, debt integer, staff integer)"} {
		if _, err := db.Exec(statement); err != nil {
			return nil, "", err
		}
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, "", err
	}
	err = conn.Raw(func(c any) error {
		a, err := duckdb.NewAppenderFromConn(c.(driver.Conn), "", "firm")
		if err != nil {
			return err
		}
		for i := range x.Code {
			if err := a.AppendRow(x.Codes[x.Code[i]], x.Now[0][i], x.Before[0][i], x.Now[1][i], x.Share[0][i], x.Head[0][i]); err != nil {
				return err
			}
		}
		return a.Close()
	})
	if err != nil {
		return nil, "", err
	}
	if err := conn.QueryRowContext(context.Background(), "select version()").Scan(&version); err != nil {
		return nil, "", err
	}
	return func() (t rows.Total, err error) {
		err = conn.QueryRowContext(context.Background(), duckRule).Scan(&t.Firms, &t.Yuan)
		return t, err
	}, version, nil
}
