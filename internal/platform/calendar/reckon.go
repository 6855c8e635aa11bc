package calendar

import (
	"slices"

	"shanglin/policy"
)

// Limit is a time limit with all that has happened to it: either N units that begin to run the day after From, or one that ends on a Day,
// or N units before that Day. Extensions are part of N.
type Limit struct {
	From   policy.Date
	N      int
	Unit   string
	Pauses []Pause // one after the other, none of them before From

	Day    policy.Date // zero: it runs from From
	DayOff string      // where its end moves that is a day off: earlier, later, stay
}

// Pause is while a clock stands still: from the day on which it stopped, which still counts, to the day on which it went on, which does not
// any more. To is zero while it stands still.
type Pause struct{ From, To policy.Date }

// Reckoning is where a limit stands, and why.
type Reckoning struct {
	Due     policy.Date // the last day; zero while the clock stands still
	Left    int         // units that are left, while it stands still
	Unit    string      // of Left: what a pause leaves of months is days
	Nominal policy.Date // the last day before days off moved it
	Off     []Days      // days that did not count, or over which the last day was moved
	Worked  []Days      // days of a weekend that counted, because offices worked on them
}

// Days are consecutive days with a name: that of the holiday, or Weekend.
type Days struct {
	From, To policy.Date
	Name     string
}

// Weekend is the name of days off that belong to no holiday.
const Weekend = "周末"

// N is how many days they are.
func (d Days) N() int { return number(d.To) - number(d.From) + 1 }

// Reckon works out where a limit ends, with the days that made it end there. A limit that was used up before its clock stood still ends on
// the day on which that went on. Errors as Add.
func (c *Calendar) Reckon(l Limit) (r Reckoning, err error) {
	if !l.Day.IsZero() {
		return c.onDay(l)
	}
	if err := check(l.From, l.N, l.Unit); err != nil {
		return r, err
	}
	left, unit, from := l.N, l.Unit, l.From
	if unit == Month && len(l.Pauses) > 0 { // what is left of months is days
		left, unit = number(from.AddMonths(left))-number(from), Day
	}
	for _, p := range l.Pauses {
		used := number(p.From) - number(from)
		if unit == WorkingDay {
			if used, err = c.Left(from, p.From, WorkingDay); err != nil {
				return r, err
			}
		}
		left = max(0, left-max(0, used))
		if unit == WorkingDay {
			r.count(c, from, p.From)
		}
		if p.To.IsZero() {
			r.Left, r.Unit = left, unit
			return r, nil
		}
		from = p.To
	}
	r.Unit = unit
	if left == 0 {
		r.Due, r.Nominal = from, from
		return r, nil
	}
	if r.Due, err = c.Add(from, left, unit); err != nil {
		return r, err
	}
	switch unit {
	case WorkingDay:
		r.Nominal = r.Due
		r.count(c, from, r.Due)
		return r, nil
	case Day:
		r.Nominal = from.AddDays(left)
	default:
		r.Nominal = from.AddMonths(left)
	}
	r.Off = c.list(r.Nominal, r.Due.AddDays(-1), false)
	return r, nil
}

// onDay is a limit that ends on a day, or a time before it.
func (c *Calendar) onDay(l Limit) (r Reckoning, err error) {
	if err := check(l.Day, max(l.N, 1), cmpUnit(l.Unit)); err != nil {
		return r, err
	}
	r.Nominal, r.Unit = l.Day, Day
	if l.N != 0 && l.Unit == WorkingDay {
		passed, err := c.upTo(l.Day)
		if err != nil {
			return r, err
		}
		if passed <= l.N {
			return r, c.unpublished(c.from.AddDays(-1))
		}
		r.Nominal, _ = c.nth(passed - l.N)
	} else {
		r.Nominal = l.Nominal()
	}
	r.Due = r.Nominal
	step := map[string]int{"earlier": -1, "later": 1}[l.DayOff]
	for step != 0 {
		work, err := c.working(r.Due)
		if err != nil {
			return r, err
		}
		if work {
			break
		}
		r.Due = r.Due.AddDays(step)
	}
	if step < 0 {
		r.Off = c.list(r.Due.AddDays(1), r.Nominal, false)
	} else {
		r.Off = c.list(r.Nominal, r.Due.AddDays(-1), false)
	}
	return r, nil
}

// Nominal is the day on which a limit ends that is a day, or is counted back from one in days or months, before days off move it; of one in
// working days the day that it is counted back from.
func (l Limit) Nominal() policy.Date {
	switch {
	case l.N == 0, l.Unit == WorkingDay:
		return l.Day
	case l.Unit == Month:
		return l.Day.AddMonths(-l.N)
	}
	return l.Day.AddDays(-l.N)
}

// Earliest is the first day on which a limit that ends on a day can end, whatever days off are still to be published: what is done by then is
// in time. Not known: it counts working days of a year that is not published.
func (c *Calendar) Earliest(l Limit) (day policy.Date, known bool) {
	if r, err := c.Reckon(l); err == nil {
		return r.Due, true
	}
	if l.Day.IsZero() || l.Unit == WorkingDay && l.N != 0 {
		return 0, false
	}
	if day = l.Nominal(); l.DayOff != "earlier" {
		return day, day >= c.from
	}
	for day = min(day, c.through); day >= c.from; day = day.AddDays(-1) {
		if work, err := c.working(day); err == nil && work {
			return day, true
		}
	}
	return 0, false
}

// cmpUnit is the unit of a limit on a day, which may have none.
func cmpUnit(unit string) string {
	if unit == "" {
		return Day
	}
	return unit
}

// count notes the days off, and the weekends worked, of the days after from up to and with to.
func (r *Reckoning) count(c *Calendar, from, to policy.Date) {
	r.Off = append(r.Off, c.list(from.AddDays(1), to, false)...)
	r.Worked = append(r.Worked, c.list(from.AddDays(1), to, true)...)
}

// list are the days off from one day to another, or the days of weekends that are worked, with their names.
func (c *Calendar) list(from, to policy.Date, worked bool) (out []Days) {
	for d := from; d <= to; d = d.AddDays(1) {
		work, err := c.working(d)
		name := c.names[d]
		if err != nil || work != worked || work && name == "" {
			continue
		}
		if name == "" {
			name = Weekend
		}
		if n := len(out); n > 0 && out[n-1].Name == name && out[n-1].To.AddDays(1) == d {
			out[n-1].To = d
		} else {
			out = append(out, Days{d, d, name})
		}
	}
	return slices.Clip(out)
}
