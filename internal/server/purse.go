package server

import (
	"context"

	"shanglin/internal/casework"
	"shanglin/policy"
)

type purse struct{}

func (purse) Commit(ctx context.Context, awards []casework.Award) error                  { panic("x") }
func (purse) Release(ctx context.Context, caseID, reason string) error                   { panic("x") }
func (purse) Covers(ctx context.Context, round string, sums map[string]policy.Fen) error { panic("x") }
