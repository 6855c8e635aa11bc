package policy

import (
	"slices"
	"strings"
	"testing"
)

// aCalendar is invented. 1 January 2027 is a Friday, 27 December 2026 and 31 January 2027 Sundays, 20 February 2027 a Saturday.
const aCalendar = `calendar: 2027
source: {title: 虚构的放假安排, number: 虚构〔2026〕1号, body: 虚构的机关, published: 2026-11-05, url: not_found}
holidays:
  元旦: {days_off: 2027-01-01..2027-01-04, workdays: 2026-12-27}
  春节: {days_off: 2027-02-05..2027-02-11, workdays: [2027-01-31, 2027-02-20]}
`

// 2027 has 261 days from Monday to Friday (365 days begin and end on a Friday: 52 weeks, and that Friday). Off among them: 1 and 4 January; 5, 8, 9, 10, 11 February:
// 7. Worked in the year: 31 January and 20 February; 27 December 2026 lies before it. 261 - 7 + 2 = 256.
//
// Mutations, each red: forget the days off or the days worked; count a day of the December before in the year; leave out the source.
func TestCalendarReads(t *testing.T) {
	c, problems := ReadCalendar(File{"c.yaml", []byte(aCalendar)})
	if c == nil || len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := c.WorkingDays(); got != 256 {
		t.Errorf("%d working days, want 256", got)
	}
	want := []string{
		"依据：虚构的放假安排（虚构〔2026〕1号，虚构的机关，2026-11-05）",
		"元旦：2027-01-01（周五）至2027-01-04（周一）放假，共4天；2026-12-27（周日）上班",
		"春节：2027-02-05（周五）至2027-02-11（周四）放假，共7天；2027-01-31（周日）、2027-02-20（周六）上班",
		"全年工作日256天：放假的周一至周五7天，上班的周六、周日3天",
	}
	if got := c.ReadBack(); !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// Slips are told with their place and what to write.
//
// Mutation: take any one of the checks out → its line is red.
func TestCalendarProblems(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"calendar: 2027", "calendar: 二〇二七"}: "1:11: 错误: calendar: 应是1949年到2200年之间的四位年份",
		{"source: {title: 虚构的放假安排, number: 虚构〔2026〕1号, body: 虚构的机关, published: 2026-11-05, url: not_found}\n", ""}: "1:1: 错误: 请写 source:",
		{"number: 虚构〔2026〕1号, ", ""}:                           "2:9: 错误: 请写 number:，通知的文号；查不到的写 number: not_found。",
		{"body: 虚构的机关", "body: not_found"}:                     "标题和发文机关不能是 not_found",
		{"2026-11-05", "2016-11-05"}:                           "不像是2027年的放假安排",
		{"2026-11-05", "2028-01-05"}:                           "不像是2027年的放假安排",
		{"workdays: 2026-12-27", "workdays: 2026-12-28"}:       "4:52: 错误: 2026-12-28是周一，本来就上班",
		{"workdays: 2026-12-27", "workdays: 2026-11-29"}:       "2026-11-29不在2027年，也不在上一年12月",
		{"2027-02-05..2027-02-11", "2028-02-05..2028-02-11"}:   "2028-02-05不在2027年",
		{"2027-02-05..2027-02-11", "2027-02-11..2027-02-05"}:   "起止写反了",
		{"2027-02-05..2027-02-11", "2027-02-05..2027-03-11"}:   "连着放假超过31天",
		{"2027-02-05..2027-02-11", "2027-02-30"}:               "日期应写作 2027-05-01",
		{"2027-02-05..2027-02-11", "2027-01-04..2027-01-10"}:   "2027-01-04在“元旦”里已经写了放假",
		{"2027-01-31, ", "2027-01-02, "}:                       "2027-01-02在“元旦”里写了放假，这里又写上班",
		{"days_off: 2027-01-01..2027-01-04, ", ""}:             "请写 days_off:",
		{"{days_off: 2027-01-01..2027-01-04,", "{holiday: 1,"}: "不认识的键“holiday”",
		{"[2027-01-31, 2027-02-20]", "[2027-01-31, 2027-02-20, 2027-02-21, 2027-02-27, 2027-02-28, 2027-03-06, 2027-03-07]"}: "调休上班的有8天，比因放假不上班的周一至周五（7天）还多",
	} {
		text := strings.Replace(aCalendar, change[0], change[1], 1)
		if text == aCalendar {
			t.Errorf("%q is not in the example", change[0])
		}
		_, problems := ReadCalendar(File{"c.yaml", []byte(text)})
		if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.String(), want) }) {
			t.Errorf("%s: %v", want, problems)
		}
	}
	_, problems := Load([]File{{"a/c.yaml", []byte(aCalendar)}, {"b/c.yaml", []byte(aCalendar)}})
	if len(problems) != 1 || problems[0].String() != "b/c.yaml:1:11: 错误: 2027年的放假安排已在 a/c.yaml 中写过，一年只有一份；本地另有放假的，写进那一份并在 source: 里写明依据。" {
		t.Errorf("a year twice: %v", problems)
	}
}

// What differs between two editions of a year is told, line by line.
func TestCalendarDiff(t *testing.T) {
	before, _ := Load([]File{{"c.yaml", []byte(aCalendar)}})
	after, problems := Load([]File{{"c.yaml", []byte(strings.Replace(aCalendar, "2027-02-20]", "2027-02-21]", 1))}})
	if len(problems) > 0 || after.Calendar(2027) == nil {
		t.Fatal(problems)
	}
	if got := Diff(before, after); len(got) == 0 || got[0].ID != "2027" || !strings.Contains(got[0].Text, "2027-02-2") {
		t.Errorf("%+v", got)
	}
	if got := Diff(before, before); len(got) != 0 {
		t.Errorf("nothing differs, and is told: %+v", got)
	}
}
