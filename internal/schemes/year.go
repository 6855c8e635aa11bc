package schemes

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// What a year is compared with.
const (
	againstEdition = "edition" // the file of the year that is in use
	againstProgram = "program" // the year that comes with the program
)

// Year is a year's days off as a page shows it, month by month.
type Year struct {
	Year    int                     `json:"year"`
	Title   string                  `json:"title"`
	Path    string                  `json:"path,omitempty" doc:"of the published file; empty: it comes with the program"`
	Counted bool                    `json:"counted" doc:"days of it can be counted; false when a year before it is missing"`
	Working int                     `json:"working" doc:"working days of the year"`
	Off     int                     `json:"off" doc:"days from Monday to Friday that are off"`
	Made    int                     `json:"made" doc:"weekend days that are worked"`
	Notices []YearNotice            `json:"notices" nullable:"false"`
	Days    []YearDay               `json:"days" nullable:"false" doc:"the days that are not what their weekday is, or were not, in order; of the December before as well"`
	Against string                  `json:"against,omitempty" enum:"edition,program," doc:"what the days are compared with; empty: with nothing"`
	Notes   []policy.Interpretation `json:"notes" nullable:"false"`
}

// YearNotice is a document that a year rests on.
type YearNotice struct {
	Title     string      `json:"title"`
	Number    string      `json:"number,omitempty" doc:"absent: not found"`
	Body      string      `json:"body"`
	Published policy.When `json:"published" doc:"empty: not found"`
	URL       string      `json:"url,omitempty"`
}

// YearDay is a day that is off, or a weekend day that is worked.
type YearDay struct {
	Day  policy.Date `json:"day"`
	Kind string      `json:"kind" enum:"off,work,plain" doc:"plain: what its weekday is, and was not before"`
	Name string      `json:"name,omitempty" doc:"the holiday"`
	Was  string      `json:"was,omitempty" enum:"off,work,plain," doc:"what it was in what it is compared with, where that differs"`
}

// Years is the calendar of a tenant: which years it knows, and one of them.
type Years struct {
	Years   []YearItem `json:"years" nullable:"false" doc:"the latest first"`
	Missing int        `json:"missing" doc:"the first year that is not published: limits that end in it cannot be reckoned"`
	Shown   *Year      `json:"shown,omitempty" doc:"the year asked for; absent when it is not published"`
	Text    string     `json:"text,omitempty" doc:"the file of the year shown"`
}

// YearItem names a year.
type YearItem struct {
	Year      int  `json:"year"`
	Published bool `json:"published" doc:"by the tenant; false: it comes with the program"`
	Counted   bool `json:"counted"`
}

const (
	yearOff   = "off"
	yearWork  = "work"
	yearPlain = "plain"
)

// ReadYears is the calendar by which days are counted now, and one year of it: without one, this year. Everybody of the tenant may read it.
// Invalid when the year is none.
func ReadYears(ctx context.Context, year int) (*Years, error) {
	out := &Years{}
	err := store.Read(ctx, func(ctx context.Context) error {
		c, err := Calendar(ctx)
		if err != nil {
			return err
		}
		library, err := Library(ctx)
		if err != nil {
			return err
		}
		if year == 0 {
			year = clock.Today(ctx).Year()
		}
		if year < 1900 || year > 2200 {
			return fault.New(fault.Invalid, "年份不正确", fault.At("year", "请写四位年份"))
		}
		*out = Years{Years: []YearItem{}, Missing: firstMissing(c)}
		for _, y := range c.Years() {
			out.Years = append(out.Years, YearItem{y.Year, library.Calendar(y.Year) != nil, c.Counts(y.Year)})
			if y.Year != year {
				continue
			}
			shown := showYear(c, y, nil, "")
			out.Shown, out.Text = &shown, string(y.Source)
			if library.Calendar(y.Year) == nil {
				out.Shown.Path = ""
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// showYear is a year as it would be counted by a calendar that holds it, or by its file alone (c is nil), against another year.
func showYear(c *calendar.Calendar, y, before *policy.Calendar, against string) Year {
	out := Year{Year: y.Year, Title: y.Title(), Path: y.Path, Counted: c == nil || c.Counts(y.Year), Notices: []YearNotice{}, Days: []YearDay{}, Notes: y.Notes}
	for _, n := range y.Notices {
		out.Notices = append(out.Notices, YearNotice{n.Title, n.Number, n.Body, n.Published, n.URL})
	}
	days := daysOf(y)
	if c != nil { // the notice of the year after may have moved days of December
		if next := c.Year(y.Year + 1); next != nil && c.Counts(next.Year) {
			for d, x := range daysOf(next) {
				if d.Year() == y.Year {
					days[d] = x
				}
			}
		}
	}
	if before != nil {
		out.Against = against
		for d, old := range daysOf(before) {
			if _, told := days[d]; !told {
				days[d] = YearDay{Day: d, Kind: yearPlain, Name: old.Name, Was: old.Kind}
			}
		}
		was := daysOf(before)
		for d, x := range days {
			old, told := was[d]
			if !told {
				old.Kind = yearPlain
			}
			if x.Kind != old.Kind {
				x.Was = old.Kind
				days[d] = x
			}
		}
	}
	for d := policy.NewDate(y.Year, 1, 1); d.Year() == y.Year; d = d.AddDays(1) {
		weekend := d.Time().Weekday()%6 == 0
		switch kind := days[d].Kind; {
		case kind == yearWork:
			out.Working++
			out.Made++
		case kind == yearOff && !weekend:
			out.Off++
		case !weekend:
			out.Working++
		}
	}
	for _, x := range days {
		out.Days = append(out.Days, x)
	}
	slices.SortFunc(out.Days, func(a, b YearDay) int { return int(a.Day) - int(b.Day) })
	return out
}

func daysOf(y *policy.Calendar) map[policy.Date]YearDay {
	out := map[policy.Date]YearDay{}
	for _, h := range y.Holidays {
		for _, d := range h.Off {
			out[d] = YearDay{Day: d, Kind: yearOff, Name: h.Name}
		}
		for _, d := range h.Work {
			out[d] = YearDay{Day: d, Kind: yearWork, Name: h.Name}
		}
	}
	return out
}

// beforeYear is what a year is compared with: that of the edition before, or else the one that comes with the program.
func beforeYear(library *policy.Library, year int) (*policy.Calendar, string) {
	if y := library.Calendar(year); y != nil {
		return y, againstEdition
	}
	if y := calendar.Shipped().Year(year); y != nil {
		return y, againstProgram
	}
	return nil, ""
}

// YearChange is a year's calendar that a proposal adds, changes or removes.
type YearChange struct {
	Compared
	Shown   *Year  `json:"shown,omitempty" doc:"as it would be; of a year that is removed the one that comes with the program, absent when there is none"`
	Effect  string `json:"effect" doc:"what it does to time limits, a sentence"`
	Program bool   `json:"program" doc:"the program has a year of that number of its own"`
}

// readYear is what a person reads of a year's calendar.
func readYear(y *policy.Calendar) reading {
	var r reading
	r.add("放假安排", plainLines(y.ReadBack())...)
	return r
}

// compareYears tells which years differ and what they would be.
func compareYears(before, after *policy.Library) []YearChange {
	out := []YearChange{}
	c, was := calendar.With(after.Calendars()), calendar.With(before.Calendars())
	name := func(y *policy.Calendar) (string, string) { return strconv.Itoa(y.Year), y.Title() }
	for _, compared := range compareAll(before.Calendars(), after.Calendars(), name, readYear) {
		year, err := strconv.Atoi(compared.ID)
		if err != nil {
			continue
		}
		x := YearChange{Compared: compared, Program: calendar.Shipped().Year(year) != nil}
		old, against := beforeYear(before, year)
		if y := c.Year(year); y != nil {
			shown := showYear(c, y, old, against)
			x.Shown = &shown
			if after.Calendar(year) == nil {
				x.Shown.Path = ""
			}
		}
		switch {
		case x.Shown == nil:
			x.Effect = fmt.Sprintf("撤下以后，要用到%d年的期限算不出来；已经告知的到期日不变。", year)
		case !c.Counts(year):
			x.Effect = fmt.Sprintf("%d年还没有，这一年的安排暂时用不上；%d年发布以后才计算。", firstMissing(c), firstMissing(c))
		case !was.Counts(year):
			x.Effect = fmt.Sprintf("发布以后，因为%d年没有公布而算不出来的期限马上算出来；已经告知的到期日不变。", firstMissing(was))
		default:
			x.Effect = "发布以后按新的安排计算；已经告知的到期日不变，同新算的不一样的，在申报件的页面上写明，请人工核对。"
		}
		out = append(out, x)
	}
	return out
}

// firstMissing is the first year that a calendar cannot count.
func firstMissing(c *calendar.Calendar) int {
	year := 0
	for _, y := range c.Years() {
		if c.Counts(y.Year) {
			year = max(year, y.Year+1)
		}
	}
	return year
}
