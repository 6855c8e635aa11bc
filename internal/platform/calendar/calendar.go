// Package calendar counts time limits by China's real calendar: days off and the weekend days that make up for them.
//
// The calendar is data: a file a year (policy.Calendar) with the notices that it rests on. Years that were arranged when the program was made
// come with it; a tenant publishes further ones, or one in the place of one that came with the program, as it publishes a policy, proposed by one
// administrator and approved by another. So a Calendar belongs to a tenant and a moment: ask for it in the transaction that counts
// (schemes.Calendar), and never keep it.
//
// Where the notice for a year is not published nothing is guessed: whatever would need such a day fails with Unpublished. When it is
// published, limits that could not be reckoned are reckoned. A notice has before now moved days of the December before its year, and a
// published year may be corrected: what has been stored and told then stays as it was told, and its page says that it would be reckoned
// otherwise now. What is reckoned anew for another reason (a pause that ends, an extension) is reckoned by the calendar of that moment.
//
// How limits are counted, and after what law:
//
//   - The day on which something happens does not count; the day after it is day 1 (Civil Code, art. 201).
//   - A limit in months ends on the same day of the month, or on the month's last when it has no such day (art. 202).
//   - A limit in calendar days or months whose last day is a 法定休假日 ends on the first day after the days off (art. 203). Ours is the
//     reading that weekly rest days are among them, and that a weekend day which makes up for a holiday is not: an assumption.
//   - Hours count from the moment at which they begin, day and night (art. 201); art. 203 speaks of days and moves no hour.
//   - Working days are those of the notices. The law of administrative licences counts so (art. 82); other law only where it says so.
//
// Article 204 lets another law or an agreement count differently: a process file then gives its own limit and its source.
package calendar

import (
	"fmt"

	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// Units of a time limit, as process files and people write them.
const (
	WorkingDay = "工作日"
	Day        = "日"
	Month      = "月"
)

// Unpublished says that the answer depends on days off of a year whose notice is not known here: the first of several.
type Unpublished struct{ Year int }

func (u *Unpublished) Error() string {
	return fmt.Sprintf("calendar: the days off of %d are not published", u.Year)
}

func (c *Calendar) unpublished(d policy.Date) error {
	year, message := c.through.Year()+1, "%d年放假安排尚未公布"
	if d < c.from {
		year, message = d.Year(), "%d年的放假安排没有收录"
	}
	return fault.Wrap(fault.Conflict, fmt.Sprintf(message, year), &Unpublished{year})
}

// working says whether offices work on a day. Unpublished (a Conflict for people) when that is not known.
func (c *Calendar) working(d policy.Date) (bool, error) {
	with, err := c.upTo(d)
	if err != nil || d < c.from {
		return false, c.unpublished(d)
	}
	before, err := c.upTo(d.AddDays(-1))
	return with > before, err
}

// Add is the last day of a limit of n units that begins to run the day after from. n is at least 1. For every unit it is a working day.
// Errors: Invalid for an unknown unit, an n out of range or no date; Unpublished.
func (c *Calendar) Add(from policy.Date, n int, unit string) (policy.Date, error) {
	if err := check(from, n, unit); err != nil {
		return 0, err
	}
	switch unit {
	case WorkingDay:
		before, err := c.upTo(from)
		if err != nil {
			return 0, err
		}
		if d, found := c.nth(before + n); found {
			return d, nil
		}
		return 0, c.unpublished(c.through.AddDays(1))
	case Day:
		return c.orNext(from.AddDays(n))
	default:
		return c.orNext(from.AddMonths(n))
	}
}

// orNext is d, or the first working day after it: article 203 of the Civil Code.
func (c *Calendar) orNext(d policy.Date) (policy.Date, error) {
	for {
		if work, err := c.working(d); err != nil || work {
			return d, err
		}
		d = d.AddDays(1)
	}
}

// Left is how many whole units lie between today and due: 0 on the day itself and negative once it is over, where a unit that has begun
// counts as one, so that whoever is late by a Saturday is late by 1. Errors: Invalid for an unknown unit or no date; Unpublished, for
// working days only.
func (c *Calendar) Left(today, due policy.Date, unit string) (int, error) {
	if err := check(today, 1, unit); err != nil {
		return 0, err
	}
	if err := check(due, 1, unit); err != nil || today == due {
		return 0, err
	}
	switch unit {
	case WorkingDay:
		passed, err := c.upTo(today)
		if err != nil {
			return 0, err
		}
		all, err := c.upTo(due)
		if err != nil {
			return 0, err
		}
		if today > due {
			return min(all-passed, -1), nil
		}
		return all - passed, nil
	case Day:
		return number(due) - number(today), nil
	default:
		n := (due.Year()-today.Year())*12 + int(due)/100%100 - int(today)/100%100
		for today.AddMonths(n) > due {
			n--
		}
		return n, nil
	}
}

// most is the longest limit that is counted, a hundred years.
var most = map[string]int{WorkingDay: 36500, Day: 36500, Month: 1200}

// check refuses what no limit can be. The years are those that policy.ParseDate reads.
func check(d policy.Date, n int, unit string) error {
	switch {
	case most[unit] == 0:
		return fault.New(fault.Invalid, "期限的单位应是“工作日”“日”或“月”")
	case n < 1 || n > most[unit]:
		return fault.New(fault.Invalid, fmt.Sprintf("期限应在1至%d之间", most[unit]))
	case d.Year() < 1900 || d.Year() > 2200:
		return fault.New(fault.Invalid, "没有起算的日期")
	}
	return nil
}
