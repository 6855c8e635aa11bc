package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCodeOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Code
	}{
		{nil, ""},
		{errors.New("x"), Internal},
		{New(NotFound, "没有"), NotFound},
		{fmt.Errorf("loading: %w", New(Conflict, "已有")), Conflict},
		{fmt.Errorf("reading: %w", context.Canceled), Unavailable},
		{Wrap(Invalid, "不对", context.Canceled), Invalid},
	} {
		if got := CodeOf(c.err); got != c.want {
			t.Errorf("CodeOf(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

// The cause of a fault and any other error must never reach a person.
// Mutation: return f itself from Public, or err.Error() as the message → red.
func TestPublicLeaksNothing(t *testing.T) {
	secret := errors.New("password=hunter2")
	for _, err := range []error{secret, Wrap(Internal, "secret sentence hunter2", secret), Wrap(Unavailable, "稍后再试", secret), fmt.Errorf("hunter2: %w", New(Invalid, "不对", Detail{"name", "必填"}))} {
		p := Public(err)
		if strings.Contains(p.Error(), "hunter2") || p.Unwrap() != nil {
			t.Errorf("Public(%v) = %v", err, p)
		}
	}
	if p := Public(New(Invalid, "不对", Detail{"name", "必填"})); p.Code != Invalid || p.Message != "不对" || len(p.Details) != 1 {
		t.Errorf("a fault loses what it says: %v", p)
	}
	if Public(nil) != nil {
		t.Error("Public(nil) is not nil")
	}
}
