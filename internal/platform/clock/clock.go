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

// Today is the calendar day in China at Now.
func Today(ctx context.Context) policy.Date { return policy.DateOf(Now(ctx).In(china)) }

// Start is the moment at which a day begins in China.
func Start(day policy.Date) time.Time {
	t := day.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, china)
}

// Shown is a stamp of the database (2026-11-23T09:45:00.000000Z) as people in China read it: 2026-11-23 17:45. Empty for a text that is none.
func Shown(stamp string) string {
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return ""
	}
	return t.In(china).Format("2006-01-02 15:04")
}

// DayOf is the calendar day in China of a time.
func DayOf(t time.Time) policy.Date { return policy.DateOf(t.In(china)) }

// TimeOfDay is the time of the day in China of a time: 08:30.
func TimeOfDay(t time.Time) string { return t.In(china).Format("15:04") }

// At is the moment at which it is a time of the day, 08:30, on a day in China. What is no time of the day is its beginning.
func At(day policy.Date, timeOfDay string) time.Time {
	at, err := time.Parse("15:04", timeOfDay)
	if err != nil {
		return Start(day)
	}
	return Start(day).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
}
