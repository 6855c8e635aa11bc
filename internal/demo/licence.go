package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/certificate"
	"shanglin/internal/platform/clock"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// on is ctx on the morning of a day that is past: what is done then is written as done then.
func on(ctx context.Context, day policy.Date) context.Context {
	at := clock.At(day, "10:00")
	return clock.With(ctx, func() time.Time { return at })
}

// of are the invented firms of an industry, in the order of making.
func (m *maker) of(s *state, industry string) ([]Firm, error) {
	var out []Firm
	err := m.county.Generate(s.Seed, int(s.Firms), func(f Firm) error {
		if f.Invented && f.Industry == industry {
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// licences lets the register issue to the firms of a trade what they hold, each on its day, the oldest first. It issues nothing where there is
// a register already, and says how many it issued.
func (m *maker) licences(ctx context.Context, s *state) (issued int, err error) {
	known, err := m.register.Certificates(ctx, certificate.Filter{Page: 1, Per: 1})
	if err != nil || len(known.Items) > 0 {
		return 0, err
	}
	library, err := schemes.Library(ctx)
	if err != nil {
		return 0, err
	}
	today := clock.Today(ctx)
	for _, l := range m.county.Licences {
		scheme := library.Scheme(l.Scheme)
		if scheme == nil || scheme.Grant() == nil {
			continue // a tenant that publishes less than the demo's data names
		}
		firms, err := m.of(s, l.Industry)
		if err != nil {
			return 0, err
		}
		for i, f := range firms {
			day := today.AddDays(-l.Oldest)
			if last := len(firms) - 1; last > 0 {
				day = today.AddDays(-l.Oldest + i*(l.Oldest-l.Newest)/last)
			}
			_, err := m.register.Issue(account.System(on(ctx, day)), certificate.Issue{Scheme: l.Scheme, SchemeTitle: scheme.Title(), Kind: scheme.Kind(),
				Family: scheme.Family(), Grant: scheme.Grant(), Party: partyID(s.Seed, f), Holder: f.Name, Code: f.Code, Invented: true, Department: l.Department,
				Town: f.Town, Details: l.said(f)}, certificate.Basis{Reason: l.Source})
			if err != nil {
				return 0, fmt.Errorf("the licence of %s: %w", f.Name, err)
			}
			issued++
		}
	}
	return issued, nil
}

// said is what a licence says of a firm.
func (l licence) said(f Firm) map[string]string {
	pairs := []string{"{town}", f.Town, "{n}", fmt.Sprint(f.Place)}
	for _, x := range f.Facts {
		pairs = append(pairs, "{"+x.Term+"}", x.Value)
	}
	words := strings.NewReplacer(pairs...)
	out := map[string]string{}
	for label, text := range l.Details {
		out[label] = words.Replace(text)
	}
	return out
}
