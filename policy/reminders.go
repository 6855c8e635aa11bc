package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// Reminder is on which day whoever has to act is reminded: so many days before the last day of the limit (negative), on it (0) or after it.
type Reminder int

var (
	reminderText = regexp.MustCompile(`^(?:(前|后)(\d{1,3})日|当日)$`)
	reminderSays = "前7日、当日、后3日"
)

// String is how a file writes it: 前7日, 当日, 后3日.
func (d Reminder) String() string {
	switch {
	case d < 0:
		return fmt.Sprintf("前%d日", -d)
	case d > 0:
		return fmt.Sprintf("后%d日", int(d))
	}
	return "当日"
}

// reminders reads the days on which a limit is reminded of, and puts them in their order. They are calendar days beside the last day, wherever
// that has moved; a limit of hours has none.
func (r *processReader) reminders(n node, w *Within) {
	for _, at := range n.oneOrMore() {
		m := reminderText.FindStringSubmatch(at.text())
		if m == nil {
			r.errorAt(at, "remind: 应写哪几天提醒，例如 %s，以日历日计。", reminderSays)
			continue
		}
		days, _ := strconv.Atoi(m[2])
		if m[1] != "" && days == 0 {
			r.errorAt(at, "remind: 最后一天提醒写 当日。")
			continue
		}
		if m[1] == "前" {
			days = -days
		}
		if slices.Contains(w.Reminders, Reminder(days)) {
			r.errorAt(at, "remind: “%s”写了两次。", at.text())
			continue
		}
		w.Reminders = append(w.Reminders, Reminder(days))
	}
	if len(w.Reminders) > 0 && w.Unit == "小时" {
		r.errorAt(n, "remind: 以小时计的时限没有“前几日”，不能写。")
	}
	slices.Sort(w.Reminders)
}
