package casework

import (
	"context"

	"shanglin/internal/schemes"
	"shanglin/policy"
)

// lastDay is the last day of n units that begin to run the day after from, by the calendar that the tenant has published now. Errors as
// calendar.Add.
func lastDay(ctx context.Context, from policy.Date, n int, unit string) (policy.Date, error) {
	c, err := schemes.Calendar(ctx)
	if err != nil {
		return 0, err
	}
	return c.Add(from, n, unit)
}
