package main

import (
	"fmt"

	"shanglin/bench/columns/rows"
	"shanglin/policy"
)

// load reads the vocabulary and one document.
func load(document []byte) (*policy.Library, error) {
	lib, problems := policy.Load([]policy.File{{Path: "vocabulary.yaml", Data: vocabulary}, {Path: "rule.yaml", Data: document}})
	for _, p := range append(problems, lib.CheckExamples()...) {
		if p.Severity == policy.SeverityError {
			return nil, fmt.Errorf("%s", p)
		}
	}
	return lib, nil
}

// columns fills a batch of the program from the rows.
func columns(p *policy.Program, x *rows.Rows) (*policy.Columns, error) {
	c := p.NewColumns()
	c.Grow(len(x.Code))
	wide := func(v []int32) []int64 {
		out := make([]int64, len(v))
		for i, n := range v {
			out[i] = int64(n)
		}
		return out
	}
	var errs []error
	for k, term := range rows.Money {
		errs = append(errs, c.Numbers(term, 2024, 1, x.Before[k], nil), c.Numbers(term, 2025, 1, x.Now[k], nil))
	}
	for k, term := range rows.Shares {
		errs = append(errs, c.Numbers(term, 2025, 100, wide(x.Share[k]), nil))
	}
	for k, term := range rows.Heads {
		errs = append(errs, c.Numbers(term, 0, 1, wide(x.Head[k]), nil))
	}
	index := make([]int32, len(x.Code))
	for i, c := range x.Code {
		index[i] = int32(c)
	}
	errs = append(errs, c.Words(rows.Code, 0, x.Codes, index))
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ours runs a program of one scheme and sums what it gives.
func ours(r *policy.Runner, c *policy.Columns) (rows.Total, policy.Counts, error) {
	var t rows.Total
	var fen policy.Fen
	counts, err := r.Run(c, func(p *policy.Page) error {
		t.Firms += len(p.Rows)
		for i := range p.Entitled {
			fen += p.Entitled[i].High
		}
		return nil
	})
	t.Yuan = int64(fen) / 100
	if fen%100 != 0 {
		return t, counts, fmt.Errorf("the total is %s, not whole yuan", fen)
	}
	return t, counts, err
}
