package treasury

import (
	"context"

	"shanglin/policy"
)

// Promise books a commitment on a budget past everything that reads before it writes.
func Promise(ctx context.Context, budget string, amount policy.Fen) error {
	return post(ctx, []posting{{kind: KindCommit, round: "r1", moves: []movement{{budget, Available, Committed, amount}}}})
}
