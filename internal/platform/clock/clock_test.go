package clock

import (
	"context"
	"testing"
	"time"
)

// Mutation: take the day of UTC instead of China's → red.
func TestTodayIsTheDayInChina(t *testing.T) {
	at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC) // 00:30 on the 23rd in China
	ctx := With(context.Background(), func() time.Time { return at })
	if got := Today(ctx).String(); got != "2026-11-23" {
		t.Errorf("today is %s", got)
	}
	if got := Now(ctx); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("now is %v", got)
	}
}

func TestWithoutAnInjectedClockTimeRuns(t *testing.T) {
	before := time.Now()
	if got := Now(context.Background()); got.Before(before.Add(-time.Minute)) || got.Location() != time.UTC {
		t.Errorf("now is %v", got)
	}
}

// Mutations: show UTC; begin the day at midnight of UTC → red.
func TestTimesOfChina(t *testing.T) {
	for stamp, want := range map[string]string{"2026-11-23T09:45:00.123456Z": "2026-11-23 17:45", "2026-12-31T16:00:00.000000Z": "2027-01-01 00:00", "": "", "yesterday": ""} {
		if got := Shown(stamp); got != want {
			t.Errorf("%q is shown as %q, want %q", stamp, got, want)
		}
	}
	day := Today(With(context.Background(), func() time.Time { return time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) }))
	if got := Start(day).UTC(); !got.Equal(time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("the day begins at %v", got)
	}
}
