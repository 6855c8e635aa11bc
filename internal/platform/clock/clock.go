// Package clock is the only place where the program asks what time it is, so that a test can say.
package clock

import (
	"context"
	"time"

	"shanglin/policy"
)

type key struct{}

// china is UTC+8 all year since 1991: a fixed zone, so that no machine needs time zone data.
var china = time.FixedZone("UTC+8", 8*60*60)

// With returns a context whose time is what now says.
func With(ctx context.Context, now func() time.Time) context.Context {
	return context.WithValue(ctx, key{}, now)
}

// Now is the time in UTC.
func Now(ctx context.Context) time.Time {
	if now, ok := ctx.Value(key{}).(func() time.Time); ok {
		return now().UTC()
	}
	return time.Now().UTC()
}

// Local is a time as clocks in China show it.
func Local(t time.Time) time.Time { return t.In(china) }

// Today is the calendar day in China at Now.
func Today(ctx context.Context) policy.Date { return policy.DateOf(Now(ctx).In(china)) }
