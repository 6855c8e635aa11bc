package schemes

import (
	"context"

	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/store"
)

// Calendar is the one by which the tenant counts days at this moment: the years that come with the program and those that are published. In
// one transaction all is counted by one calendar, read once.
func Calendar(ctx context.Context) (*calendar.Calendar, error) {
	var out *calendar.Calendar
	err := store.Read(ctx, func(ctx context.Context) error {
		held := calendarOf(ctx)
		if *held == nil {
			c, err := Current(ctx)
			if err != nil {
				return err
			}
			*held = c.calendar()
		}
		out = *held
		return nil
	})
	return out, err
}

type calendarKey struct{}

// calendarOf is where a transaction holds its calendar; empty until somebody asks, and again once it publishes.
func calendarOf(ctx context.Context) **calendar.Calendar {
	return store.Local(ctx, calendarKey{}, func() **calendar.Calendar { return new(*calendar.Calendar) })
}
