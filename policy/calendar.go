package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Calendar is which days of one year are off beside its weekends, and which weekend days make up for them: a file of data (calendar: YEAR)
// with the notices that say so. Days that it does not name are what their weekday is. A notice may move days of the December before its year.
type Calendar struct {
	Year     int
	Path     string
	Hash     string // sha256 of Source, hex
	Source   []byte
	Notices  []Notice // at least one
	Holidays []Holiday
	Notes    []Interpretation
}

// Notice is a document that arranges days off.
type Notice struct {
	Title     string
	Number    string // empty: not found
	Body      string
	Published When   // zero: not found
	URL       string // empty: not found
}

// Holiday is a name with the days that are off for it, weekends among them, and the weekend days that are worked instead; each in order.
type Holiday struct {
	Name string
	Off  []Date
	Work []Date
}

// longestHoliday bounds the days that one entry may give, so that a slip of the pen is told.
const longestHoliday = 31

// rests says whether a day is a Saturday or a Sunday.
func rests(d Date) bool { return d.Time().Weekday()%6 == 0 }

// ReadCalendar reads one year by itself, as it was stored. It is nil when some problem is an error.
func ReadCalendar(f File) (*Calendar, []Problem) {
	return readAlone(f, "calendar", "这里应是一年的放假安排，请以 calendar: 年份 开头。", (*checker).readCalendar)
}

func (c *checker) readCalendar(root node, f File) *Calendar {
	sum := sha256.Sum256(f.Data)
	out := &Calendar{Path: f.Path, Source: f.Data, Hash: hex.EncodeToString(sum[:]), Notes: []Interpretation{}}
	c.keys(root, "calendar")
	year, err := strconv.Atoi(root.get("calendar").text())
	if err != nil || year < firstYear || year > lastYear {
		c.errorAt(root.get("calendar"), "calendar: 应是%s。", oneYear)
		return out
	}
	out.Year = year
	source := root.get("source")
	if !source.is() {
		c.errorAt(root, "请写 source:，放假安排出自哪份通知：{title: 标题, number: 文号, body: 发文机关, published: 日期, url: 网址}。")
	}
	for _, n := range source.oneOrMore() {
		out.Notices = append(out.Notices, c.notice(n, year))
	}
	r := &holidayReader{checker: c, year: year, told: map[Date]toldDay{}}
	holidays := root.get("holidays")
	if len(holidays.entries()) == 0 {
		c.errorAt(root, "请写 holidays:，逐个节日写放假的日子，例如 元旦: {days_off: %d-01-01}。", year)
	}
	for _, e := range holidays.entries() {
		out.Holidays = append(out.Holidays, r.holiday(e))
	}
	if off, work := out.moved(); work > off {
		c.errorAt(holidays, "调休上班的有%d天，比因放假不上班的周一至周五（%d天）还多，请检查。", work, off)
	}
	for _, item := range root.get("notes").oneOrMore() {
		if x := c.interpretation(item); x != nil {
			out.Notes = append(out.Notes, *x)
		}
	}
	return out
}

// notice reads what a year rests on. What is not known says so.
func (c *checker) notice(n node, year int) Notice {
	if !n.isMap() {
		c.errorAt(n, "source: 应写作 {title: 标题, number: 文号, body: 发文机关, published: 日期, url: 网址}；查不到的写 not_found。")
		return Notice{}
	}
	c.keys(n, "calendar_source")
	known := func(key, what string) string {
		v := n.get(key)
		if v.text() == "" {
			c.errorAt(n, "请写 %s:，%s；查不到的写 %s: not_found。", key, what, key)
		}
		return strings.TrimPrefix(v.text(), notFound)
	}
	out := Notice{Title: known("title", "通知的标题"), Number: known("number", "通知的文号"), Body: known("body", "发文机关"), URL: known("url", "通知的网址")}
	if out.Title == "" || out.Body == "" {
		c.errorAt(n, "source: 的标题和发文机关不能是 not_found：不知道谁发的，不能作放假安排的依据。")
	}
	published := n.get("published")
	if day := known("published", "通知的日期"); day != "" {
		var err error
		if out.Published, err = ParseWhen(day); err != nil {
			c.errorAt(published, "%s；查不到的写 not_found。", err.Error())
		} else if out.Published.First.Year() > year || out.Published.Last.Year() < year-2 {
			c.errorAt(published, "通知的日期%s，不像是%d年的放假安排，请检查。", out.Published, year)
		}
	}
	return out
}

// toldDay is what an earlier line says of a day.
type toldDay struct {
	work    bool
	holiday string
}

type holidayReader struct {
	*checker
	year int
	told map[Date]toldDay
}

func (r *holidayReader) holiday(e entry) Holiday {
	h := Holiday{Name: e.key}
	if !e.value.isMap() {
		r.errorAt(e.at, "“%s”应写作 {days_off: %d-01-01..%d-01-03, workdays: %d-01-04}。", clip(e.key), r.year, r.year, r.year)
		return h
	}
	r.keys(e.value, "holiday")
	if !e.value.get("days_off").is() {
		r.errorAt(e.at, "请写 days_off:，“%s”哪几天放假。", clip(e.key))
	}
	for _, n := range e.value.get("days_off").oneOrMore() {
		for _, d := range r.span(n) {
			if r.tell(n, d, toldDay{false, h.Name}) {
				h.Off = append(h.Off, d)
			}
		}
	}
	for _, n := range e.value.get("workdays").oneOrMore() {
		for _, d := range r.span(n) {
			if !rests(d) {
				r.errorAt(n, "%s是%s，本来就上班，workdays: 只写要上班的周六、周日。", d, weekdayOf(d))
			} else if r.tell(n, d, toldDay{true, h.Name}) {
				h.Work = append(h.Work, d)
			}
		}
	}
	slices.Sort(h.Off)
	slices.Sort(h.Work)
	return h
}

// span reads 2027-05-01, or 2027-05-01..2027-05-05.
func (r *holidayReader) span(n node) []Date {
	from, to, more := strings.Cut(n.text(), "..")
	if !more {
		to = from
	}
	first, err := ParseDate(strings.TrimSpace(from))
	last, err2 := ParseDate(strings.TrimSpace(to))
	if err != nil || err2 != nil {
		r.errorAt(n, "日期应写作 %d-05-01，连着的几天写作 %d-05-01..%d-05-05。", r.year, r.year, r.year)
		return nil
	}
	if last < first {
		r.errorAt(n, "%s在%s以前，起止写反了。", last, first)
		return nil
	}
	var out []Date
	for d := first; d <= last; d = d.AddDays(1) {
		if len(out) == longestHoliday {
			r.errorAt(n, "连着放假超过%d天，请检查起止日期。", longestHoliday)
			return nil
		}
		if d.Year() != r.year && (d.Year() != r.year-1 || int(d)/100%100 != 12) {
			r.errorAt(n, "%s不在%d年，也不在上一年12月；别的年份请写在那一年的文件里。", d, r.year)
			return nil
		}
		out = append(out, d)
	}
	return out
}

// tell notes what a line says of a day; a day is told once.
func (r *holidayReader) tell(n node, d Date, what toldDay) bool {
	was, twice := r.told[d]
	switch words := map[bool]string{false: "放假", true: "上班"}; {
	case twice && was.work != what.work:
		r.errorAt(n, "%s在“%s”里写了%s，这里又写%s。", d, clip(was.holiday), words[was.work], words[what.work])
	case twice:
		r.errorAt(n, "%s在“%s”里已经写了%s，请只写一次。", d, clip(was.holiday), words[was.work])
	default:
		r.told[d] = what
	}
	return !twice
}

// moved is how many days from Monday to Friday are off, and how many weekend days are worked.
func (c *Calendar) moved() (off, work int) {
	for _, h := range c.Holidays {
		for _, d := range h.Off {
			if !rests(d) {
				off++
			}
		}
		work += len(h.Work)
	}
	return off, work
}

// WorkingDays is how many days of the year offices work, by this file alone: the next year's notice may move days of December.
func (c *Calendar) WorkingDays() int {
	n := 0
	for d := NewDate(c.Year, 1, 1); d.Year() == c.Year; d = d.AddDays(1) {
		if !rests(d) {
			n++
		}
	}
	for _, h := range c.Holidays {
		for _, d := range h.Off {
			if !rests(d) && d.Year() == c.Year {
				n--
			}
		}
		for _, d := range h.Work {
			if d.Year() == c.Year {
				n++
			}
		}
	}
	return n
}

// Title is what people call the file.
func (c *Calendar) Title() string { return fmt.Sprintf("%d年放假安排", c.Year) }

// Text is the notice as a reader cites it: 标题（文号，发文机关，日期）.
func (n Notice) Text() string {
	number := n.Number
	if number == "" {
		number = "文号没有找到"
	}
	parts := []string{number, n.Body}
	if !n.Published.IsZero() {
		parts = append(parts, n.Published.String())
	}
	return n.Title + "（" + strings.Join(parts, "，") + "）"
}

// ReadBack is the year as a person reads it, line by line.
func (c *Calendar) ReadBack() []string {
	var out []string
	for _, n := range c.Notices {
		out = append(out, strings.TrimSpace("依据："+n.Text()+" "+n.URL))
	}
	for _, h := range c.Holidays {
		text := fmt.Sprintf("%s：%s放假，共%d天", h.Name, strings.Join(runsOf(h.Off), "、"), len(h.Off))
		if len(h.Work) > 0 {
			text += "；" + strings.Join(runsOf(h.Work), "、") + "上班"
		}
		out = append(out, text)
	}
	off, work := c.moved()
	out = append(out, fmt.Sprintf("全年工作日%d天：放假的周一至周五%d天，上班的周六、周日%d天", c.WorkingDays(), off, work))
	return append(out, interpretationTexts(c.Notes)...)
}

// runsOf writes days in a row as one: 2027-05-01（周六）至2027-05-05（周三）.
func runsOf(days []Date) []string {
	var out []string
	for i := 0; i < len(days); {
		k := i
		for k+1 < len(days) && days[k].AddDays(1) == days[k+1] {
			k++
		}
		text := days[i].String() + "（" + weekdayOf(days[i]) + "）"
		if k > i {
			text += "至" + days[k].String() + "（" + weekdayOf(days[k]) + "）"
		}
		out = append(out, text)
		i = k + 1
	}
	return out
}

// weekdayOf is 周一 to 周日.
func weekdayOf(d Date) string {
	return "周" + []string{"日", "一", "二", "三", "四", "五", "六"}[d.Time().Weekday()]
}
