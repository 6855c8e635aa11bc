package server

import (
	"testing"
	"time"
)

// Mutations that turn this red: never lower left; refill without the burst as a lid; share one bucket between addresses.
func TestLimiter(t *testing.T) {
	l, now := newLimiter(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	a := allowances["sign-in"]
	for range int(a.burst) {
		if !l.take("sign-in", "a", now) {
			t.Fatal("refused within the burst")
		}
	}
	if l.take("sign-in", "a", now) {
		t.Error("allowed beyond the burst")
	}
	if !l.take("sign-in", "b", now) {
		t.Error("another address pays for the first")
	}
	if !l.take("read-anything", "a", now) {
		t.Error("an operation without an allowance is limited")
	}
	now = now.Add(time.Duration(float64(time.Second) / a.perSecond))
	if !l.take("sign-in", "a", now) || l.take("sign-in", "a", now) {
		t.Error("exactly one call comes back after one refill")
	}
	now = now.Add(time.Hour)
	for range 2 {
		for range int(allowances["calculate"].burst) {
			l.take("calculate", "a", now)
		}
		if l.take("calculate", "a", now) {
			t.Error("a rest saves up more than the burst")
		}
		now = now.Add(50 * time.Second) // long enough to be full again, too short to be forgotten
	}
	l.take("sign-in", "c", now.Add(time.Hour))
	if len(l.buckets) != 1 {
		t.Errorf("%d buckets are kept, want only the one in use", len(l.buckets))
	}
}
