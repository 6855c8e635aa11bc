package casework

import (
	"context"
	"database/sql"
	"errors"

	"shanglin/internal/platform/audit"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Kinds of rows that the audit log knows.
const (
	roundKind      = "round"
	caseKind       = "case"
	evaluationKind = "evaluation"
)

func init() {
	audit.RegisterRow(roundKind, roundDigest)
	audit.RegisterList(roundKind, audit.IDs("rounds"))
	audit.RegisterRow(caseKind, caseDigest)
	audit.RegisterList(caseKind, audit.IDs("cases"))
	audit.RegisterRow(evaluationKind, func(ctx context.Context, id string) (string, error) {
		e, err := evaluationByID(ctx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return audit.Deleted, nil
		}
		return e.digest(), err
	})
	audit.RegisterList(evaluationKind, audit.IDs("case_evaluations"))
}

// unset is how a sum that nobody has set stands in its column.
const unset = -1

func fenOrNil(n int64) *policy.Fen {
	if n == unset {
		return nil
	}
	f := policy.Fen(n)
	return &f
}

func per(n int) int64 {
	if n <= 0 || n > 200 {
		return 20
	}
	return int64(n)
}

func offset(page, n int) int64 { return int64(max(page, 1)-1) * per(n) }

func liteOf(set *schemes.Compiled, id string, on policy.Date) schemes.Lite {
	if s := set.Library.Scheme(id); s != nil {
		return set.LiteOf(s, on)
	}
	return schemes.Lite{ID: id, Title: id}
}
