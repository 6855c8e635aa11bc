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
