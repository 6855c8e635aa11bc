package certificate

import (
	"shanglin/internal/platform/calendar"
	"shanglin/policy"
)

// longestBreak is more days than offices have ever been closed in a row.
const longestBreak = 20

// lastDayBefore is the last day on which there are still so many days to go before an end. Falling on a day off it is the working day before:
// no text says so; it is our reading, on which whoever keeps to it is in time by every other.
func lastDayBefore(end policy.Date, days int) (policy.Date, error) {
	d := end.AddDays(-days)
	for {
		next, err := calendar.Add(d.AddDays(-1), 1, calendar.Day)
		if err != nil || next == d {
			return d, err
		}
		d = d.AddDays(-1)
	}
}
