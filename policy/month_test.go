package policy

import (
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
