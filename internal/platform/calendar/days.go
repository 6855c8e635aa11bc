package calendar

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"shanglin/policy"
)

// What the State Council's notices say, as facts; scripts/calendar writes the file.
//
//go:embed days.json
var published []byte

// days is a calendar from one day through another, without a gap.
type days struct {
	from, through policy.Date
	first         int                    // from as the number of a day
	worked        []int                  // how many working days there are from the first day up to and with each
	names         map[policy.Date]string // the holiday that a day is off for, or that a day of a weekend makes up for
}

var known = sync.OnceValue(func() *days {
	d, err := read(published)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return d
})

// read makes a calendar of a file like days.json.
func read(file []byte) (*days, error) {
	var in struct {
		From     policy.Date `json:"from"`
		Through  policy.Date `json:"through"`
		Holidays []struct {
			Year int      `json:"year"`
			Name string   `json:"name"`
			Off  []string `json:"off"`
			Work []string `json:"work"`
		} `json:"holidays"`
	}
	if err := json.Unmarshal(file, &in); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	if in.From.IsZero() || in.Through < in.From {
		return nil, fmt.Errorf("calendar: from and through do not span a time")
	}
	told, names := map[policy.Date]bool{}, map[policy.Date]string{} // whether it is a working day, and which holiday makes it what it is
	for _, h := range in.Holidays {
		for kind, spans := range [][]string{h.Off, h.Work} {
			for _, span := range spans {
				all, err := expand(span)
				if err != nil {
					return nil, fmt.Errorf("calendar: %d %s: %w", h.Year, h.Name, err)
				}
				for _, d := range all {
					work := kind == 1
					if was, twice := told[d]; twice && was != work {
						return nil, fmt.Errorf("calendar: %s is a day off and a working day", d)
					}
					if d < in.From || d > in.Through {
						return nil, fmt.Errorf("calendar: %s lies outside of what is published", d)
					}
					told[d], names[d] = work, h.Name
				}
			}
		}
	}
	out := &days{from: in.From, through: in.Through, first: number(in.From), names: names}
	n := 0
	for d := in.From; d <= in.Through; d = d.AddDays(1) {
		work, special := told[d]
		if !special {
			work = d.Time().Weekday()%6 != 0 // neither Sunday, 0, nor Saturday, 6
		}
		if work {
			n++
		}
		out.worked = append(out.worked, n)
	}
	return out, nil
}

// expand lists the days of "2026-05-01", or of "2026-05-01..2026-05-05".
func expand(span string) ([]policy.Date, error) {
	from, to, more := strings.Cut(span, "..")
	if !more {
		to = from
	}
	first, err := policy.ParseDate(from)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", span, err)
	}
	last, err := policy.ParseDate(to)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", span, err)
	}
	var out []policy.Date
	for d := first; d <= last; d = d.AddDays(1) {
		out = append(out, d)
	}
	if len(out) == 0 || len(out) > 31 {
		return nil, fmt.Errorf("%q spans no holiday", span)
	}
	return out, nil
}

// number counts days, so that two days are as far apart as their numbers.
func number(d policy.Date) int { return int(d.Time().Unix() / (24 * 60 * 60)) }

// upTo is how many working days there are up to and with a day; the day before the first counts as published, with none.
func (c *days) upTo(d policy.Date) (int, error) {
	at := number(d) - c.first
	switch {
	case at == -1:
		return 0, nil
	case at < 0 || at >= len(c.worked):
		return 0, c.unpublished(d)
	}
	return c.worked[at], nil
}

// nth is the day on which the count of working days reaches n; false when it lies behind what is published.
func (c *days) nth(n int) (policy.Date, bool) {
	at, _ := slices.BinarySearch(c.worked, n)
	if at == len(c.worked) {
		return 0, false
	}
	return c.from.AddDays(at), true
}
