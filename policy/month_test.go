package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestMonthsAndYears: of a month or a year as the end, its last day counts still; as the beginning, the earliest day is taken, the month is shown
// as it is written, and within it the reader is told.
// Mutations: take the first day of an end; leave Doubt empty; tell InForce for Begins → red.
func TestMonthsAndYears(t *testing.T) {
	for _, c := range []struct {
		dates string
		on    Date
		want  Standing
		told  string // part of the section about time; empty: nothing of the beginning
	}{
		{"{published: 2025-01-01, valid_until: 2025-12}", 20251231, InForce, ""},
		{"{published: 2025-01-01, valid_until: 2025-12}", 20260101, Expired, ""},
		{"{published: 2024, valid_until: 2024-02}", 20240229, InForce, "自2024年起施行，不知道哪一天，这里按最早的2024-01-01算"},
		{"{published: 2025-01-01, valid_until: 2025}", 20251231, InForce, ""},
		{"{published: 2025-01-01, valid_until: 2025}", 20260101, Expired, ""},
		{"{published: 2025-02, valid_until: not_found}", 20250131, Upcoming, "文件自2025年2月起施行，"},
		{"{published: 2025-02, valid_until: not_found}", 20250227, InForce, "自2025年2月起施行，不知道哪一天，这里按最早的2025-02-01算"},
		{"{published: 2025-02, valid_until: not_found}", 20250228, InForce, ""},
		{"{published: 2025-02, in_force: 2025-02-10}", 20250211, InForce, ""},
		{"{signed: 2025-02-10, published: 2025-02}", 20250301, InForce, ""},
	} {
		head := "document: d\ntitle: 测试\nnumber: not_found\nbody: 某局\ndates: " + c.dates + "\n"
		lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(head + require("{of: 守信, is: 是}"))}})
		if HasErrors(ps) {
			t.Fatal(c.dates, ps)
		}
		s := lib.Scheme("d/S")
		r := s.Evaluate(Question{Facts: NewFacts(lib.Vocabulary()), On: c.on, Explain: true})
		var told []string
		for _, x := range s.Explanation(r, Chinese).Sections {
			for _, l := range x.Lines {
				if strings.Contains(l.Text, "起施行") {
					told = append(told, l.Text)
				}
			}
		}
		if got := fmt.Sprint(told); r.Standing != c.want || c.told == "" && len(told) > 0 || !strings.Contains(got, c.told) {
			t.Errorf("%s on %s: %s, told %s; want %s, %q", c.dates, c.on, r.Standing, got, c.want, c.told)
		}
	}
}

// TestWhenIsToldAsKnown: what is told of a document's days is no closer than the file knows it. Mutation: tell the first day it may be → red.
func TestWhenIsToldAsKnown(t *testing.T) {
	for _, c := range []struct{ text, chinese string }{
		{"2022", "2022年"}, {"2022-07", "2022年7月"}, {"2022-12", "2022年12月"}, {"2024-02", "2024年2月"}, {"2022-07-15", "2022-07-15"}, {"", ""},
	} {
		var w When
		if err := w.UnmarshalText([]byte(c.text)); err != nil {
			t.Fatal(c.text, err)
		}
		told, err := json.Marshal(DocumentInfo{Published: w})
		if err != nil || !strings.Contains(string(told), `"published":"`+c.text+`"`) || w.In(Chinese) != c.chinese || w.In(English) != c.text {
			t.Errorf("%q: %s, %q, %q, %v", c.text, told, w.In(Chinese), w.In(English), err)
		}
	}
	for _, wrong := range []string{"2022-13", "2022-7", "22", "2022-02-30", "二〇二二"} {
		if w, err := ParseWhen(wrong); err == nil {
			t.Errorf("%s is read as %s", wrong, w)
		}
	}
}
