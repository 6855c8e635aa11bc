package policy

import (
	"fmt"
	"strings"
	"testing"
)

// Days are put in their order whatever the file's; a day that is none, written twice, or of a limit of hours is refused.
//
// Mutations: leave out the sort; let 前0日 pass; forget the limit of hours.
func TestReminders(t *testing.T) {
	const file = "process: 催\ntitle: 催\nstarts: applicant\ncase:\n  stages:\n    填: {public: 一, who: applicant, within: {time: %s, basis: 示例, remind: %s}, actions: {交: {to: 完}}}\n    完: {public: 二, ends: done}\n"
	for _, c := range []struct{ time, remind, want string }{
		{"30日", "[当日, 后7日, 前7日, 前30日]", "[前30日 前7日 当日 后7日]"},
		{"5工作日", "前1日", "[前1日]"},
		{"30日", "[前7天]", "应写哪几天提醒"},
		{"30日", "[前0日]", "最后一天提醒写 当日"},
		{"30日", "[后3日, 后3日]", "写了两次"},
		{"24小时", "[当日]", "以小时计"},
	} {
		p, problems := ReadProcess(File{Path: "a.yaml", Data: fmt.Appendf(nil, file, c.time, c.remind)})
		got := fmt.Sprint(problems)
		if p != nil {
			got = fmt.Sprint(p.Flow("case").Stage("填").Tasks[0].Within.Reminders)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s", c.time, c.remind, got)
		}
	}
}
