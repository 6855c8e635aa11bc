//go:build !cgo

package main

import (
	"errors"

	"shanglin/bench/columns/rows"
)

func byDuckDB(*rows.Rows) (func() (rows.Total, error), string, error) {
	return nil, "", errors.New("DuckDB needs cgo and a C++ compiler")
}
