package calendar

import (
	"errors"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

func day(t testing.TB, s string) policy.Date {
	t.Helper()
	d, err := policy.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Days of the State Council's notices, looked up one by one and not through this program.
//
// Mutation: forget the days that make up (work) → red; forget the days off (off) → red; take Sunday alone for the weekend → red.
func TestWorkingDaysAreThoseOfTheNotices(t *testing.T) {
	for d, want := range map[string]bool{
		// 2026, Spring Festival: the 15th (a Sunday) to the 23rd (a Monday) off; Saturday the 14th and Saturday the 28th make up.
		"2026-02-13": true, "2026-02-14": true, "2026-02-15": false, "2026-02-16": false, "2026-02-20": false, "2026-02-23": false,
		"2026-02-24": true, "2026-02-28": true, "2026-03-01": false,
		// 2026: New Year to the 3rd, Sunday the 4th makes up; 1 to 5 May, Saturday the 9th; 1 to 7 October, Sunday 20 September and Saturday the 10th.
		"2026-01-01": false, "2026-01-02": false, "2026-01-04": true, "2026-04-30": true, "2026-05-05": false, "2026-05-09": true, "2026-05-10": false,
		"2026-09-20": true, "2026-09-25": false, "2026-10-07": false, "2026-10-08": true, "2026-10-10": true, "2026-10-11": false,
		// An ordinary week.
		"2026-11-20": true, "2026-11-21": false, "2026-11-22": false, "2026-11-23": true, "2026-12-31": true,
		// 2025: eight days in October with Mid-Autumn in them.
		"2025-10-06": false, "2025-10-08": false, "2025-10-09": true, "2025-09-28": true, "2025-10-11": true, "2025-01-26": true,
		// 2020: the Spring Festival was lengthened to Sunday 2 February; its make-up Saturday fell away.
		"2020-01-31": false, "2020-02-01": false, "2020-02-03": true, "2020-01-19": true,
		// The notice for 2019 moved days of December 2018.
		"2018-12-29": true, "2018-12-31": false,
		// 2015: a day off that came once.
		"2015-09-03": false, "2015-09-06": true,
		"2004-01-01": false, "2004-01-02": true,
	} {
		got, err := Shipped().working(day(t, d))
		if err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", d, got, err, want)
		}
	}
}

// How many working days a year has: counted by hand on the notices' own tables of weekdays less days off plus make-up days.
// 2026: 261 weekdays; off on weekdays: 2 New Year (1, 2), 6 Spring Festival (16-20, 23), 1 (6 Apr), 3 May (1, 4, 5), 1 (19 Jun), 1 (25 Sep),
// 5 October (1, 2, 5, 6, 7) = 19; 6 make-up days: 261 - 19 + 6 = 248.
// 2025: 261; 1, 6 (28-31 Jan, 3, 4 Feb), 1 (4 Apr), 3 (1, 2, 5 May), 1 (2 Jun), 6 (1, 2, 3, 6, 7, 8 Oct) = 18; 5 make-up: 248.
func TestAYearHasItsWorkingDays(t *testing.T) {
	for year, want := range map[int]int{2025: 248, 2026: 248} {
		n := 0
		for d := policy.NewDate(year, 1, 1); d.Year() == year; d = d.AddDays(1) {
			if work, err := Shipped().working(d); err != nil {
				t.Fatal(err)
			} else if work {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
	}
	for year := 2004; year <= 2026; year++ { // a statutory year: 104 days of rest and 10 to 13 holidays, one day moved across its end
		first, last := policy.NewDate(year, 1, 1).AddDays(-1), policy.NewDate(year, 12, 31)
		if n, err := Shipped().Left(first, last, WorkingDay); err != nil || n < 245 || n > 254 {
			t.Errorf("%d has %d working days: %v", year, n, err)
		}
	}
}

// Limits counted by hand.
//
// Mutations: count the day itself as day 1 → red; leave a calendar-day limit on a holiday (art. 203) → red; move it although its last day
// is a make-up Saturday → red; let a month end in the next one (art. 202) → red.
func TestAdd(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		unit string
		want string
		why  string
	}{
		{"2026-11-23", 1, WorkingDay, "2026-11-24", "the day after is day 1"},
		{"2026-11-20", 1, WorkingDay, "2026-11-23", "Friday, then Monday"},
		{"2026-11-21", 1, WorkingDay, "2026-11-23", "what happens on a Saturday begins to run on Monday"},
		{"2026-11-23", 5, WorkingDay, "2026-11-30", "a public notice of 5 working days: 24, 25, 26, 27, 30"},
		{"2026-02-12", 5, WorkingDay, "2026-02-26", "13, make-up Saturday 14, nine days off, 24, 25, 26"},
		{"2026-09-18", 1, WorkingDay, "2026-09-20", "a Sunday that makes up"},
		{"2026-12-30", 1, WorkingDay, "2026-12-31", "the last day that is published"},
		{"2003-12-31", 1, WorkingDay, "2004-01-02", "the first; the day itself needs no calendar"},

		{"2026-11-23", 7, Day, "2026-11-30", "seven days, no holiday"},
		{"2026-04-24", 7, Day, "2026-05-06", "1 May is a holiday, and so are all until the 5th"},
		{"2026-11-21", 7, Day, "2026-11-30", "the last day is a Saturday, the next is Monday"},
		{"2026-02-07", 7, Day, "2026-02-14", "the last day is a Saturday that makes up: it counts"},
		{"2026-02-08", 7, Day, "2026-02-24", "the last day is the first of nine days off"},
		{"2026-02-10", 30, Day, "2026-03-12", "days off in between do not matter"},

		{"2026-02-10", 3, Month, "2026-05-11", "10 May is a Sunday"},
		{"2026-02-10", 6, Month, "2026-08-10", "a Monday"},
		{"2026-08-31", 1, Month, "2026-09-30", "September has no 31st"},
		{"2026-01-31", 1, Month, "2026-02-28", "February's last, a make-up Saturday"},
		{"2026-04-01", 1, Month, "2026-05-06", "1 May is a holiday"},
		{"2024-11-30", 3, Month, "2025-02-28", "over a year's end"},
	} {
		got, err := Shipped().Add(day(t, c.from), c.n, c.unit)
		if err != nil || got != day(t, c.want) {
			t.Errorf("%s + %d%s: %s %v, want %s: %s", c.from, c.n, c.unit, got, err, c.want, c.why)
		}
	}
}

// Mutations: count the day itself → red; say 0 on the Saturday after a Friday's end → red; round months up → red.
func TestLeft(t *testing.T) {
	for _, c := range []struct {
		today, due string
		unit       string
		want       int
	}{
		{"2026-11-23", "2026-11-30", WorkingDay, 5},
		{"2026-11-27", "2026-11-30", WorkingDay, 1},
		{"2026-11-28", "2026-11-30", WorkingDay, 1},
		{"2026-11-30", "2026-11-30", WorkingDay, 0},
		{"2026-11-28", "2026-11-27", WorkingDay, -1},
		{"2026-11-30", "2026-11-27", WorkingDay, -1},
		{"2026-12-01", "2026-11-27", WorkingDay, -2},
		{"2026-02-14", "2026-02-24", WorkingDay, 1},
		{"2026-11-23", "2026-11-30", Day, 7},
		{"2026-11-30", "2026-11-23", Day, -7},
		{"2026-12-31", "2027-01-05", Day, 5}, // calendar days need no notice
		{"2026-01-31", "2026-02-28", Month, 1},
		{"2026-01-31", "2026-02-27", Month, 0},
		{"2026-02-10", "2026-05-11", Month, 3},
		{"2026-05-12", "2026-05-11", Month, -1},
		{"2026-06-12", "2026-05-11", Month, -2},
	} {
		got, err := Shipped().Left(day(t, c.today), day(t, c.due), c.unit)
		if err != nil || got != c.want {
			t.Errorf("%s to %s: %d %v, want %d%s", c.today, c.due, got, err, c.want, c.unit)
		}
	}
}

// A year without a notice is never guessed: neither its weekdays nor its New Year. What does not touch it works.
//
// Mutation: take weekdays of an unpublished year for working days → red.
func TestAYearThatIsNotPublished(t *testing.T) {
	for name, ask := range map[string]func() error{
		"a plain Monday":       func() error { _, err := Shipped().working(day(t, "2027-01-04")); return err },
		"working days into it": func() error { _, err := Shipped().Add(day(t, "2026-12-28"), 4, WorkingDay); return err },
		"from its eve":         func() error { _, err := Shipped().Add(day(t, "2026-12-31"), 1, WorkingDay); return err },
		"days into it":         func() error { _, err := Shipped().Add(day(t, "2026-12-31"), 4, Day); return err },
		"a month into it":      func() error { _, err := Shipped().Add(day(t, "2026-12-15"), 1, Month); return err },
		"working days until it": func() error {
			_, err := Shipped().Left(day(t, "2026-12-31"), day(t, "2027-01-04"), WorkingDay)
			return err
		},
		"lateness within it": func() error {
			_, err := Shipped().Left(day(t, "2027-01-04"), day(t, "2026-12-31"), WorkingDay)
			return err
		},
	} {
		err := ask()
		var u *Unpublished
		if !errors.As(err, &u) || u.Year != 2027 || fault.CodeOf(err) != fault.Conflict || fault.Public(err).Message != "2027年放假安排尚未公布" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// 31 December 2026 is a Thursday and works: the limit ends there and needs no day of 2027.
	if got, err := Shipped().Add(day(t, "2026-12-01"), 30, Day); err != nil || got != day(t, "2026-12-31") {
		t.Errorf("to the last published day: %s %v", got, err)
	}
	_, err := Shipped().working(day(t, "2003-12-31"))
	var u *Unpublished
	if !errors.As(err, &u) || u.Year != 2003 || strings.Contains(fault.Public(err).Message, "尚未") {
		t.Errorf("before the first: %v", err)
	}
}

// What is no limit is refused, in words and without a panic.
func TestWhatIsNoLimit(t *testing.T) {
	for _, c := range []struct {
		from policy.Date
		n    int
		unit string
	}{
		{day(t, "2026-11-23"), 5, "年"}, {day(t, "2026-11-23"), 5, ""}, {day(t, "2026-11-23"), 5, "小时"}, {day(t, "2026-11-23"), 0, Day},
		{day(t, "2026-11-23"), -1, WorkingDay}, {day(t, "2026-11-23"), 1 << 40, Day}, {day(t, "2026-11-23"), 1201, Month}, {0, 5, Day},
	} {
		if _, err := Shipped().Add(c.from, c.n, c.unit); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("Add(%s, %d, %q): %v", c.from, c.n, c.unit, err)
		}
	}
	if _, err := Shipped().Left(0, day(t, "2026-11-23"), Day); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("Left of no day: %v", err)
	}
	if _, err := Shipped().Left(day(t, "2026-11-23"), 0, Day); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("Left to no day: %v", err)
	}
}

// On every published day: a limit ends on a working day, what Add gives Left takes away, and a longer or later limit ends no earlier.
//
// Mutation: count one working day too many, or too few, in either → red.
func TestAddAndLeftAgreeOnEveryDay(t *testing.T) {
	last := day(t, "2026-01-01")
	for _, unit := range []string{WorkingDay, Day, Month} {
		for _, n := range []int{1, 2, 5, 7, 11, 20} {
			var before policy.Date
			for from := day(t, "2003-12-31"); from < last && (unit != Month || n <= 11); from = from.AddDays(1) {
				due, err := Shipped().Add(from, n, unit)
				if err != nil {
					t.Fatalf("%s + %d%s: %v", from, n, unit, err)
				}
				if work, err := Shipped().working(due); err != nil || !work {
					t.Fatalf("%s + %d%s ends on %s, a day off: %v", from, n, unit, due, err)
				}
				if due < before {
					t.Fatalf("%s + %d%s ends on %s, before the day before's", from, n, unit, due)
				}
				before = due
				left, err := Shipped().Left(from, due, unit)
				if err != nil || left < n || unit == WorkingDay && left != n || unit == Month && left != n {
					t.Fatalf("%s + %d%s is %s, and then %d are left: %v", from, n, unit, due, left, err)
				}
				if longer, err := Shipped().Add(from, n+1, unit); err != nil || longer < due || unit == WorkingDay && longer == due {
					t.Fatalf("%s + %d%s ends on %s, no later than with one less: %v", from, n+1, unit, longer, err)
				}
			}
		}
	}
}

// Whatever is asked: no panic, no endless loop; an answer is a working day after from, and Left agrees with it.
func FuzzAdd(f *testing.F) {
	f.Add(int32(20261123), 5, uint8(0))
	f.Add(int32(20260208), 7, uint8(1))
	f.Add(int32(20240229), 12, uint8(2))
	f.Add(int32(-5), -1, uint8(3))
	f.Add(int32(99999999), 1<<30, uint8(1))
	f.Fuzz(func(t *testing.T, from int32, n int, unit uint8) {
		start, u := policy.Date(from), []string{WorkingDay, Day, Month, "年"}[unit%4]
		if start > 0 {
			start = policy.DateOf(start.Time()) // a day that exists
		}
		due, err := Shipped().Add(start, n, u)
		if err != nil {
			if code := fault.CodeOf(err); code != fault.Invalid && code != fault.Conflict {
				t.Fatal(err)
			}
			return
		}
		if work, err := Shipped().working(due); err != nil || !work || due <= start {
			t.Fatalf("%s + %d%s is %s: %v %v", start, n, u, due, work, err)
		}
		if left, err := Shipped().Left(start, due, u); err != nil || left < n {
			t.Fatalf("%s + %d%s is %s, and then %d are left: %v", start, n, u, due, left, err)
		}
		if late, err := Shipped().Left(due.AddDays(1), due, u); err == nil && late >= 0 {
			t.Fatalf("a day after %s it is not late: %d", due, late)
		}
	})
}

// year is an invented arrangement of days off.
func year(t *testing.T, text string) *policy.Calendar {
	t.Helper()
	head, rest, _ := strings.Cut(text, "\n")
	y, problems := policy.ReadCalendar(policy.File{Path: "y.yaml", Data: []byte(head + `
source: {title: 虚构的放假安排, number: not_found, body: 虚构的机关, published: not_found, url: not_found}
` + rest)})
	if y == nil {
		t.Fatal(problems)
	}
	return y
}

// A published year is counted from the moment that it is there, its days of the December before among them, and one in the place of a year that
// came with the program holds instead of it. The days are invented: 1 to 4 January 2027 (Friday to Monday) off, Sunday 27 December 2026 worked.
//
// From Tuesday 29 December 2026 five working days: 30, 31, then 5, 6, 7 January.
//
// Mutations: count the published years behind a gap → red; let the shipped year of the same number hold → red; leave out the days of the December
// before → red; change the calendar that comes with the program → red.
func TestPublishedYears(t *testing.T) {
	y2027 := year(t, "calendar: 2027\nholidays: {元旦: {days_off: 2027-01-01..2027-01-04, workdays: 2026-12-27}}")
	c := With([]*policy.Calendar{y2027})
	if got, err := c.Add(day(t, "2026-12-29"), 5, WorkingDay); err != nil || got != day(t, "2027-01-07") {
		t.Errorf("%s %v", got, err)
	}
	if got, err := c.Add(day(t, "2026-12-25"), 1, WorkingDay); err != nil || got != day(t, "2026-12-27") {
		t.Errorf("the Sunday of December that makes up: %s %v", got, err)
	}
	if got, err := c.Left(day(t, "2026-12-31"), day(t, "2027-01-07"), WorkingDay); err != nil || got != 3 {
		t.Errorf("left: %d %v", got, err)
	}
	if got, err := Shipped().Add(day(t, "2026-12-25"), 1, WorkingDay); err != nil || got != day(t, "2026-12-28") {
		t.Errorf("the shipped calendar changed: %s %v", got, err)
	}
	if !c.Counts(2027) || c.Counts(2028) || c.Years()[0] != y2027 || c.Years()[1].Year != 2026 {
		t.Error("it counts other years than it knows")
	}

	gap := With([]*policy.Calendar{year(t, "calendar: 2028\nholidays: {元旦: {days_off: 2028-01-01}}")})
	_, err := gap.Add(day(t, "2028-03-01"), 5, WorkingDay)
	var u *Unpublished
	if !errors.As(err, &u) || u.Year != 2027 || gap.Counts(2028) || gap.Years()[0].Year != 2028 {
		t.Errorf("behind a gap: %v", err)
	}

	// 2026 anew, without any day off but New Year's Day: 1 May is a Friday like any other.
	again := With([]*policy.Calendar{year(t, "calendar: 2026\nholidays: {元旦: {days_off: 2026-01-01}}")})
	if got, err := again.Add(day(t, "2026-04-30"), 1, WorkingDay); err != nil || got != day(t, "2026-05-01") {
		t.Errorf("a year in the place of one that came with the program: %s %v", got, err)
	}
}

// The years that come with the program are files as published ones are, one for each year.
func TestShippedYears(t *testing.T) {
	years := Shipped().Years()
	if len(years) != 23 || years[0].Year != 2026 || years[22].Year != 2004 {
		t.Fatal(len(years))
	}
	for _, y := range years {
		if !Shipped().Counts(y.Year) || len(y.Notices) != 1 || len(y.Holidays) < 4 || len(y.Notes) != 1 {
			t.Errorf("%d: %v", y.Year, y.ReadBack())
		}
	}
}
