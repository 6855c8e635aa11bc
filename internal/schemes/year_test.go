package schemes_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// year2027 is invented: 1 to 4 January (Friday to Monday) off, Sunday 27 December 2026 worked; five days off from Saturday 1 May.
const year2027 = `calendar: 2027
source: {title: 虚构的放假安排, number: 虚构〔2026〕1号, body: 虚构的机关, published: 2026-11-05, url: not_found}
holidays:
  元旦: {days_off: 2027-01-01..2027-01-04, workdays: 2026-12-27}
  劳动节: {days_off: 2027-05-01..2027-05-05, workdays: 2027-05-08}
`

func yearFile(path, text string) policy.File { return policy.File{Path: path, Data: []byte(text)} }

// limit is the last day of five working days from Tuesday 29 December 2026.
func limit(t *testing.T, ctx context.Context) (string, error) {
	t.Helper()
	c, err := schemes.Calendar(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Add(policy.NewDate(2026, 12, 29), 5, calendar.WorkingDay)
	return d.String(), err
}

// A year that one administrator proposes and another approves is counted from then on: five working days from 29 December 2026 are 30, 31,
// then 5, 6, 7 January. A change of it is told day by day, and holds from then on; when it is taken back nothing is guessed again.
//
// By hand, 2027 has 261 days from Monday to Friday. Off among them: 1, 4 January, 3, 4, 5 May: 5. Worked in the year: 8 May; 27 December lies before it.
// 261 - 5 + 1 = 257.
//
// Mutations, each red: compile a set without its years; let a proposal count before it is approved; keep the calendar of a transaction when it publishes;
// compare a year with nothing.
func TestYearIsPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23"))
		mustSeed(t, ctx, seedFiles(t), "lower")
		unknown := func(when string) {
			t.Helper()
			_, err := limit(t, ctx)
			var u *calendar.Unpublished
			if !errors.As(err, &u) || u.Year != 2027 || fault.Public(err).Message != "2027年放假安排尚未公布" {
				t.Errorf("%s: %v", when, err)
			}
		}
		unknown("before")
		p := schemes.Proposal{Files: []policy.File{yearFile("lower/calendar-2027.yaml", year2027)}}
		seen, err := schemes.Inspect(admin(ctx, "1"), p)
		if err != nil || len(seen.Problems) != 0 || len(seen.Calendars) != 1 {
			t.Fatalf("%+v %v", seen, err)
		}
		y := seen.Calendars[0]
		if y.Change != "added" || y.Shown == nil || y.Shown.Working != 257 || y.Shown.Off != 5 || y.Shown.Made != 1 || len(y.Shown.Days) != 11 || y.Shown.Against != "" || y.Program ||
			!strings.Contains(y.Effect, "因为2027年没有公布而算不出来的期限马上算出来") {
			t.Errorf("%+v", y)
		}
		d := mustPropose(t, admin(ctx, "1"), p)
		unknown("proposed")
		if _, err := schemes.Approve(admin(ctx, "1"), d.ID, d.Base); err == nil {
			t.Error("who proposed it approved it")
		}
		err = store.Write(ctx, func(ctx context.Context) error { // what is counted in the transaction that publishes
			if _, err := limit(t, ctx); err == nil {
				t.Error("counted before it is approved")
			}
			if _, err := schemes.Approve(admin(ctx, "2"), d.ID, d.Base); err != nil {
				return err
			}
			if got, err := limit(t, ctx); err != nil || got != "2027-01-07" {
				t.Errorf("in the transaction that publishes: %s %v", got, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := limit(t, ctx); err != nil || got != "2027-01-07" {
			t.Errorf("published: %s %v", got, err)
		}

		years, err := schemes.ReadYears(ctx, 2027)
		if err != nil || years.Missing != 2028 || len(years.Years) != 24 || years.Years[0] != (schemes.YearItem{Year: 2027, Published: true, Counted: true}) || years.Shown == nil || years.Shown.Path != "lower/calendar-2027.yaml" {
			t.Errorf("%+v %v", years, err)
		}
		// 27 December 2026 is a Sunday that the notice of 2027 makes a working day.
		if years, err = schemes.ReadYears(ctx, 2026); err != nil || years.Shown.Path != "" || years.Shown.Working != 249 || years.Shown.Days[len(years.Shown.Days)-1] != (schemes.YearDay{Day: 20261227, Kind: "work", Name: "元旦"}) {
			t.Errorf("%+v %v", years.Shown, err)
		}
		if years, err = schemes.ReadYears(ctx, 2030); err != nil || years.Shown != nil {
			t.Errorf("a year that nobody published: %+v %v", years, err)
		}

		// 4 January is worked after all: five working days are 30, 31, then 4, 5, 6 January.
		changed := schemes.Proposal{Files: []policy.File{yearFile("lower/calendar-2027.yaml", strings.Replace(strings.Replace(year2027, "2027-01-04, workdays: 2026-12-27", "2027-01-03", 1), "..2027-01-03", "..2027-01-03", 1))}}
		if seen, err = schemes.Inspect(admin(ctx, "2"), changed); err != nil || len(seen.Calendars) != 1 {
			t.Fatalf("%+v %v", seen, err)
		}
		var differ []schemes.YearDay
		for _, d := range seen.Calendars[0].Shown.Days {
			if d.Was != "" {
				differ = append(differ, d)
			}
		}
		if len(differ) != 2 || differ[0] != (schemes.YearDay{Day: 20261227, Kind: "plain", Name: "元旦", Was: "work"}) || differ[1] != (schemes.YearDay{Day: 20270104, Kind: "plain", Name: "元旦", Was: "off"}) ||
			seen.Calendars[0].Shown.Against != "edition" || !strings.Contains(seen.Calendars[0].Effect, "已经告知的到期日不变") {
			t.Errorf("%+v", seen.Calendars[0])
		}
		publishAs(t, ctx, changed)
		if got, err := limit(t, ctx); err != nil || got != "2027-01-06" {
			t.Errorf("changed: %s %v", got, err)
		}
		file, err := schemes.ReadFile(person(ctx, "4", account.RoleOfficer), "lower/calendar-2027.yaml", "")
		if err != nil || file.File.Year != 2027 || file.File.Title != "2027年放假安排" || file.Year == nil || file.Year.Against != "edition" || len(file.Reading) != 1 {
			t.Errorf("%+v %v", file, err)
		}
		list, err := schemes.ReadPublished(admin(ctx, "1"))
		if err != nil || len(list.Calendars) != 1 || len(list.Vocabularies) != 1 {
			t.Errorf("%+v %v", list, err)
		}

		publishAs(t, ctx, schemes.Proposal{Remove: []string{"lower/calendar-2027.yaml"}})
		unknown("taken back")
	})
}

// A year in the place of one that comes with the program is compared with that; one behind a gap says that it is not counted yet.
func TestYearBesideTheProgram(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23"))
		mustSeed(t, ctx, seedFiles(t), "lower")
		of := func(text string) schemes.YearChange {
			t.Helper()
			seen, err := schemes.Inspect(admin(ctx, "1"), schemes.Proposal{Files: []policy.File{yearFile("lower/y.yaml", text)}})
			if err != nil || len(seen.Calendars) != 1 {
				t.Fatalf("%+v %v", seen, err)
			}
			return seen.Calendars[0]
		}
		source := "source: {title: 虚构的放假安排, number: not_found, body: 虚构的机关, published: not_found, url: not_found}\n"
		x := of("calendar: 2026\n" + source + "holidays: {元旦: {days_off: 2026-01-01..2026-01-03, workdays: 2026-01-04}}")
		if x.Shown.Against != "program" || !x.Program || !x.Shown.Counted {
			t.Errorf("%+v", x)
		}
		was := map[string]int{}
		for _, d := range x.Shown.Days {
			was[d.Was]++
		}
		// The program's 2026 has 33 days off and 6 worked weekends; 3 and 1 of them stay as they are.
		if was[""] != 4 || was["off"] != 30 || was["work"] != 5 {
			t.Errorf("%v", was)
		}
		x = of("calendar: 2028\n" + source + "holidays: {元旦: {days_off: 2028-01-01}}")
		if x.Shown.Counted || x.Effect != "2027年还没有，这一年的安排暂时用不上；2027年发布以后才计算。" {
			t.Errorf("%+v", x)
		}
	})
}
