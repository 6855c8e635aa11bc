package calendar

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"shanglin/policy"
)

// The years that come with the program, a file each, written as published ones are. scripts/calendar writes those of a new release of its source.
//
//go:embed years/*.yaml
var shipped embed.FS

// Calendar is the days off and working days from one day through another, without a gap. It is never changed and may be read by many goroutines.
type Calendar struct {
	from, through policy.Date
	first         int                    // from as the number of a day
	worked        []int                  // how many working days there are from the first day up to and with each
	names         map[policy.Date]string // the holiday that a day is off for, or that a day of a weekend makes up for
	years         map[int]*policy.Calendar
}

var base = sync.OnceValue(func() []*policy.Calendar {
	names, err := fs.Glob(shipped, "years/*.yaml")
	if err != nil {
		panic(err)
	}
	out := make([]*policy.Calendar, len(names))
	for i, name := range names {
		data, err := shipped.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var problems []policy.Problem
		if out[i], problems = policy.ReadCalendar(policy.File{Path: name, Data: data}); out[i] == nil {
			panic(fmt.Sprint(problems)) // the files are part of the program, and a test reads them
		}
	}
	return out
})

var known = sync.OnceValue(func() *Calendar { return of(base()) })

// Shipped is the calendar of the years that come with the program.
func Shipped() *Calendar { return known() }

// With is the calendar of the years that come with the program, each replaced by the published one of its year, and of published years beyond.
// A year on whose far side one is missing is not counted: what would need it asks for the missing one first.
func With(published []*policy.Calendar) *Calendar {
	if len(published) == 0 {
		return known()
	}
	return of(append(slices.Clone(base()), published...))
}

// of puts years together; of two of one year the later in the list holds. Of a December that the next year's notice moves days of, that
// notice holds.
func of(list []*policy.Calendar) *Calendar {
	c := &Calendar{names: map[policy.Date]string{}, years: map[int]*policy.Calendar{}}
	for _, y := range list {
		c.years[y.Year] = y
	}
	first := base()[0].Year
	last := first
	for c.years[first-1] != nil {
		first--
	}
	for c.years[last+1] != nil {
		last++
	}
	c.from, c.through = policy.NewDate(first, 1, 1), policy.NewDate(last, 12, 31)
	c.first = number(c.from)
	told := map[policy.Date]bool{} // whether it is a working day
	for year := first; year <= last; year++ {
		for _, h := range c.years[year].Holidays {
			for _, d := range h.Off {
				told[d], c.names[d] = false, h.Name
			}
			for _, d := range h.Work {
				told[d], c.names[d] = true, h.Name
			}
		}
	}
	n := 0
	for d := c.from; d <= c.through; d = d.AddDays(1) {
		work, special := told[d]
		if !special {
			work = d.Time().Weekday()%6 != 0 // neither Sunday, 0, nor Saturday, 6
		}
		if work {
			n++
		}
		c.worked = append(c.worked, n)
	}
	return c
}

// Years are those that the calendar knows, the latest first, whether they are counted or not.
func (c *Calendar) Years() []*policy.Calendar {
	out := make([]*policy.Calendar, 0, len(c.years))
	for _, y := range c.years {
		out = append(out, y)
	}
	slices.SortFunc(out, func(a, b *policy.Calendar) int { return b.Year - a.Year })
	return out
}

// Year is the arrangement of a year that the calendar knows, or nil.
func (c *Calendar) Year(year int) *policy.Calendar { return c.years[year] }

// Counts says whether days of a year can be counted.
func (c *Calendar) Counts(year int) bool { return c.from.Year() <= year && year <= c.through.Year() }

// number counts days, so that two days are as far apart as their numbers.
func number(d policy.Date) int { return int(d.Time().Unix() / (24 * 60 * 60)) }

// upTo is how many working days there are up to and with a day; the day before the first counts as published, with none.
func (c *Calendar) upTo(d policy.Date) (int, error) {
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
func (c *Calendar) nth(n int) (policy.Date, bool) {
	at, _ := slices.BinarySearch(c.worked, n)
	if at == len(c.worked) {
		return 0, false
	}
	return c.from.AddDays(at), true
}
