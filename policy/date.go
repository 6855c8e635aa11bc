package policy

import (
	"fmt"
	"strings"
	"time"
)

// The years that a figure may be of.
const (
	firstYear = 1949
	lastYear  = 2200
)

// oneYear is what a year must be.
var oneYear = fmt.Sprintf("%d年到%d年之间的四位年份，例如 2025", firstYear, lastYear)

// Date is a calendar day as the number yyyymmdd, so that days compare as integers; 0 is no date.
type Date int32

// NewDate makes a date and normalises it (2026-02-30 becomes 2026-03-02), as time.Date does.
func NewDate(year, month, day int) Date {
	return dateOf(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC))
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(y*10000 + int(m)*100 + d)
}

// DateOf is the calendar day of t in t's own location.
func DateOf(t time.Time) Date { return dateOf(t) }

// ParseDate reads 2026-04-01; a day that does not exist is refused.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return 0, fmt.Errorf("日期应写作 2026-04-01 的形式")
	}
	return dateOf(t), nil
}

// When is a day as closely as it is known: the first and the last that it may be, which are those of a month or of a year where that is all.
type When struct{ First, Last Date }

// ParseWhen reads 2026-04-01, or the month or year that is all that is known of a day: 2026-04, 2026.
func ParseWhen(s string) (w When, err error) {
	switch len(s) {
	case len("2026"):
		w.First, err = ParseDate(s + "-01-01")
		w.Last = w.First.AddMonths(12).AddDays(-1)
	case len("2026-04"):
		w.First, err = ParseDate(s + "-01")
		w.Last = w.First.AddMonths(1).AddDays(-1)
	default:
		w.First, err = ParseDate(s)
		w.Last = w.First
	}
	if err != nil {
		return When{}, err
	}
	return w, nil
}

// IsZero says that nothing is known of it.
func (w When) IsZero() bool { return w.First == 0 }

// String is 2026-04-01, 2026-04 or 2026, as closely as it is known; empty where it is not.
func (w When) String() string {
	s := w.First.String()
	switch w {
	case When{}, When{w.First, w.First}:
		return s
	case When{w.First, w.First.AddMonths(1).AddDays(-1)}:
		return s[:len("2026-04")]
	}
	return s[:len("2026")]
}

// In writes a month or a year in a language; a day is written alike in both.
func (w When) In(l Lang) string {
	s := w.String()
	if l != Chinese || w.First == w.Last {
		return s
	}
	year, month, known := strings.Cut(s, "-")
	if !known {
		return year + "年"
	}
	return year + "年" + strings.TrimPrefix(month, "0") + "月"
}

// MarshalText writes it as closely as it is known.
func (w When) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads 2026-04-01, 2026-04, 2026 or nothing.
func (w *When) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*w = When{}
		return nil
	}
	got, err := ParseWhen(string(b))
	*w = got
	return err
}

// Year of the date.
func (d Date) Year() int { return int(d) / 10000 }

// IsZero says that there is no date.
func (d Date) IsZero() bool { return d == 0 }

// Time is midnight UTC of the date.
func (d Date) Time() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}

// AddDays moves by calendar days.
func (d Date) AddDays(n int) Date { return dateOf(d.Time().AddDate(0, 0, n)) }

// AddMonths moves by calendar months; the last day of a month stays in its month (2026-03-31 less 1 month is 2026-02-28).
func (d Date) AddMonths(n int) Date {
	y, m := int(d)/10000, int(d)/100%100-1+n
	y, m = y+m/12, m%12
	if m < 0 {
		y, m = y-1, m+12
	}
	last := time.Date(y, time.Month(m+2), 0, 0, 0, 0, 0, time.UTC).Day()
	return Date(y*10000 + (m+1)*100 + min(int(d)%100, last))
}

// fullYears is how many years from a day have run out on another, and the first day on which there is one more. A year runs out at the end of the
// day that corresponds to its first, or of the last day of that month (Civil Code, arts. 201 to 203): it is full from the next day on.
func (d Date) fullYears(on Date) (n int, next Date) {
	n = max(on.Year()-d.Year(), 0)
	if n > 0 && d.AddMonths(12*n) >= on {
		n--
	}
	return n, d.AddMonths(12 * (n + 1)).AddDays(1)
}

// daysUntil is how many days a later day lies ahead.
func (d Date) daysUntil(day Date) int { return int(day.Time().Sub(d.Time()).Hours() / 24) }

// String is 2026-04-01, or empty for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", int(d)/10000, int(d)/100%100, int(d)%100)
}

// MarshalText writes 2026-04-01.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2026-04-01 or nothing.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	got, err := ParseDate(string(b))
	*d = got
	return err
}
