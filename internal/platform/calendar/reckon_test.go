package calendar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"shanglin/policy"
)

// Limits that end at a day, or a time before one, counted by hand. 31 May 2026 is a Sunday; 1 May begins five days off.
//
// Mutations: move a day off the other way; move one that stays; count the day itself back.
func TestReckonDays(t *testing.T) {
	for _, c := range []struct {
		day, off string
		n        int
		unit     string
		nominal  string
		due      string
	}{
		{"2026-06-30", "earlier", 60, Day, "2026-05-01", "2026-04-30"},
		{"2026-06-30", "later", 60, Day, "2026-05-01", "2026-05-06"},
		{"2026-06-30", "stay", 60, Day, "2026-05-01", "2026-05-01"},
		{"2026-06-30", "earlier", 30, Day, "2026-05-31", "2026-05-29"}, // what the general rule would have said of the same certificate
		{"2026-06-30", "earlier", 2, Month, "2026-04-30", "2026-04-30"},
		{"2026-05-08", "earlier", 5, WorkingDay, "2026-04-28", "2026-04-28"}, // 7, 6 May, 30, 29, 28 April
		{"2024-03-31", "later", 0, Day, "2024-03-31", "2024-04-01"},
		{"2025-03-31", "later", 0, Day, "2025-03-31", "2025-03-31"},
		{"2026-10-07", "stay", 0, Day, "2026-10-07", "2026-10-07"},
	} {
		got, err := Shipped().Reckon(Limit{Day: day(t, c.day), N: c.n, Unit: c.unit, DayOff: c.off})
		if err != nil || got.Nominal != day(t, c.nominal) || got.Due != day(t, c.due) {
			t.Errorf("%d%s before %s, %s: %s, moved to %s, want %s and %s: %v", c.n, c.unit, c.day, c.off, got.Nominal, got.Due, c.nominal, c.due, err)
		}
	}
}

// What is done by the earliest day on which a limit can end is in time, whatever days off 2027 has: 31 December 2026 is a Thursday that is
// worked, so that 10 January moved earlier ends no sooner. Of the calendars here none says which working days lie before 11 March 2027.
//
// Mutations: take the nominal day of one that moves earlier; give a day for working days; move one that is later.
func TestEarliest(t *testing.T) {
	for _, c := range []struct{ day, off, unit, want string }{
		{"2027-03-11", "earlier", Day, "2026-12-31"},
		{"2027-03-11", "later", Day, "2027-01-10"},
		{"2027-03-11", "stay", Day, "2027-01-10"},
		{"2026-06-30", "earlier", Day, "2026-04-30"},
		{"2026-06-30", "later", Day, "2026-05-06"},
		{"2027-03-11", "earlier", WorkingDay, ""},
	} {
		got, known := Shipped().Earliest(Limit{Day: day(t, c.day), N: 60, Unit: c.unit, DayOff: c.off})
		if known != (c.want != "") || known && got != day(t, c.want) {
			t.Errorf("60%s before %s, %s: %s %v, want %q", c.unit, c.day, c.off, got, known, c.want)
		}
	}
}

// What runs, with pauses and extensions, counted by hand.
//
// X18: handed over on 10 February 2026, three months are 10 May, a Sunday, and six 10 August; ten days are 20 February, in the Spring Festival.
// 45 working days from 2 March: 21 in March, 24 by 3 April, 42 by 30 April, 6, 7, 8 May; 15 more: Saturday 9 May, which makes up, 51 by the
// 15th, 56 by the 22nd, 25 to 28 May.
func TestReckonRuns(t *testing.T) {
	for _, c := range []struct {
		from    string
		n       int
		unit    string
		pauses  []string
		nominal string
		due     string
	}{
		{"2026-02-10", 3, Month, nil, "2026-05-10", "2026-05-11"},
		{"2026-02-10", 6, Month, nil, "2026-08-10", "2026-08-10"},
		{"2026-02-10", 10, Day, nil, "2026-02-20", "2026-02-24"},
		{"2026-02-10", 10, WorkingDay, nil, "2026-03-02", "2026-03-02"}, // 11, 12, 13, Saturday the 14th, 24 to 28 with Saturday the 28th, 2 March
		{"2026-03-02", 45, WorkingDay, nil, "2026-05-08", "2026-05-08"},
		{"2026-03-02", 60, WorkingDay, nil, "2026-05-28", "2026-05-28"},
		{"2026-03-02", 5, WorkingDay, []string{"2026-03-04", "2026-03-16"}, "2026-03-19", "2026-03-19"},
		{"2026-03-02", 5, WorkingDay, []string{"2026-03-04", "2026-03-04"}, "2026-03-09", "2026-03-09"}, // back on the same day
		{"2026-03-02", 2, WorkingDay, []string{"2026-03-04", "2026-03-16"}, "2026-03-16", "2026-03-16"}, // nothing was left
		{"2026-03-02", 1, Month, []string{"2026-03-12", "2026-03-22"}, "2026-04-12", "2026-04-13"},      // 31 days, 10 used; a Sunday
	} {
		l := Limit{From: day(t, c.from), N: c.n, Unit: c.unit}
		for i := 0; i < len(c.pauses); i += 2 {
			l.Pauses = append(l.Pauses, Pause{day(t, c.pauses[i]), day(t, c.pauses[i+1])})
		}
		if got, err := Shipped().Reckon(l); err != nil || got.Nominal != day(t, c.nominal) || got.Due != day(t, c.due) {
			t.Errorf("%+v: %s, moved to %s, want %s and %s: %v", l, got.Nominal, got.Due, c.nominal, c.due, err)
		}
	}
	got, err := Shipped().Reckon(Limit{From: day(t, "2026-02-12"), N: 5, Unit: WorkingDay}) // 13, Saturday the 14th, then off until 24, 25, 26
	if err != nil || fmt.Sprint(got.Off) != "[{2026-02-15 2026-02-23 春节}]" || fmt.Sprint(got.Worked) != "[{2026-02-14 2026-02-14 春节}]" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = Shipped().Reckon(Limit{From: day(t, "2026-03-02"), N: 5, Unit: WorkingDay, Pauses: []Pause{{From: day(t, "2026-03-04")}}}); err != nil || got.Left != 3 || got.Due != 0 {
		t.Errorf("while it stands still: %+v %v", got, err)
	}
	var u *Unpublished
	if _, err := Shipped().Reckon(Limit{Day: day(t, "2027-03-31"), DayOff: "later"}); !errors.As(err, &u) || u.Year != 2027 {
		t.Errorf("a day of an unpublished year: %v", err)
	}
	if got, err := Shipped().Reckon(Limit{Day: day(t, "2027-03-31"), DayOff: "stay"}); err != nil || got.Due != day(t, "2027-03-31") {
		t.Errorf("a day that stays needs no calendar: %+v %v", got, err)
	}
}

// drawn is a calendar of some years with days off and weekends worked at random, and a limit on it.
func drawn(r *rand.Rand) (*Calendar, Limit) {
	c := &Calendar{from: policy.NewDate(2030, 1, 1), through: policy.NewDate(2033, 12, 31), names: map[policy.Date]string{}}
	c.first = number(c.from)
	n := 0
	for d := c.from; d <= c.through; d = d.AddDays(1) {
		work := d.Time().Weekday()%6 != 0
		if r.IntN(12) == 0 {
			work = !work
			c.names[d] = "节"
		}
		if work {
			n++
		}
		c.worked = append(c.worked, n)
	}
	l := Limit{From: c.from.AddDays(r.IntN(200)), N: 1 + r.IntN(60), Unit: []string{WorkingDay, Day, Month}[r.IntN(3)]}
	if l.Unit == Month {
		l.N = 1 + l.N%9
	}
	at := l.From
	for range r.IntN(4) {
		p := Pause{From: at.AddDays(r.IntN(15))}
		p.To = p.From.AddDays(r.IntN(30))
		at = p.To
		l.Pauses = append(l.Pauses, p)
	}
	return c, l
}

// On whatever calendar: of n units that were added n are counted, pauses left out; a pause never shortens a limit, nor does a longer one; an
// extension comes to the same before a pause and after it; of working days each is either counted, off, or in a pause.
//
// Mutations: count the day on which the clock stopped as paused; the day on which it went on as counted; take what is left below nothing → red.
func TestReckonHoldsWhateverTheCalendar(t *testing.T) {
	for seed := range uint64(3000) {
		reckoned(t, seed)
	}
}

func FuzzReckon(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(reckoned)
}

func reckoned(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	c, l := drawn(r)
	got, err := c.Reckon(l)
	if err != nil {
		t.Fatalf("seed %d: %+v: %v", seed, l, err)
	}
	// The days that count, one by one: not the rule of the program but its meaning.
	counted := func(l Limit, due policy.Date) (n int) {
		for d := l.From.AddDays(1); d <= due; d = d.AddDays(1) {
			in := true
			for _, p := range l.Pauses {
				in = in && (d <= p.From || d > p.To)
			}
			if work, _ := c.working(d); in && (work || l.Unit != WorkingDay) {
				n++
			}
		}
		return n
	}
	last := l.From
	for _, p := range l.Pauses {
		last = p.To
	}
	if l.Unit != Month && got.Nominal > last && counted(l, got.Nominal) != l.N {
		t.Fatalf("seed %d: %+v: until %s there are %d", seed, l, got.Nominal, counted(l, got.Nominal))
	}
	if work, err := c.working(got.Due); got.Nominal > last && (err != nil || !work) {
		t.Fatalf("seed %d: %+v ends on %s, a day off", seed, l, got.Due)
	}
	without := l
	without.Pauses = nil
	plain, err := c.Reckon(without)
	if err != nil || got.Due < plain.Due && got.Due < last {
		t.Fatalf("seed %d: %+v ends on %s, and without its pauses on %s: %v", seed, l, got.Due, plain.Due, err)
	}
	if got.Nominal < plain.Nominal {
		t.Fatalf("seed %d: %+v: pauses made it end on %s and not on %s", seed, l, got.Nominal, plain.Nominal)
	}
	if len(l.Pauses) > 0 {
		longer := l
		longer.Pauses = append([]Pause{}, l.Pauses...)
		longer.Pauses[len(longer.Pauses)-1].To = last.AddDays(1 + r.IntN(9))
		if more, err := c.Reckon(longer); err != nil || more.Due < got.Due {
			t.Fatalf("seed %d: a longer pause ends on %s and not on %s: %v", seed, more.Due, got.Due, err)
		}
	}
	// An extension is more units, whenever it is made; extending what is left at the last pause comes to the same while something is left.
	extended := l
	extended.N += 7
	more, err := c.Reckon(extended)
	if err != nil || more.Due < got.Due {
		t.Fatalf("seed %d: extended it ends on %s and not after %s: %v", seed, more.Due, got.Due, err)
	}
	if len(l.Pauses) > 0 && l.Unit != Month {
		open := l
		open.Pauses = append([]Pause{}, l.Pauses...)
		open.Pauses[len(open.Pauses)-1].To = 0
		still, err := c.Reckon(open)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		after, err := c.Reckon(Limit{From: last, N: still.Left + 7, Unit: l.Unit})
		if still.Left > 0 && (err != nil || after.Due != more.Due) {
			t.Fatalf("seed %d: %+v: extended after the pause it ends on %s, before it on %s: %v", seed, l, after.Due, more.Due, err)
		}
	}
	if l.Unit == WorkingDay && got.Nominal > last && len(l.Pauses) == 0 {
		off := 0
		for _, d := range got.Off {
			off += d.N()
		}
		if off+l.N != number(got.Due)-number(l.From) {
			t.Fatalf("seed %d: %+v: %d days to %s, of which %d are said to be off", seed, l, number(got.Due)-number(l.From), got.Due, off)
		}
	}
}
