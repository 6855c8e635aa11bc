package policy

import (
	"strings"
	"testing"
)

// TestARateWithoutItsSign: 8 where 8% is meant is refused wherever it is written, in a definition and its tables as in the clause itself, and where
// a parameter is tried; as a factor a plain number is clear. Mutation: ask for the sign of a literal only → red.
func TestARateWithoutItsSign(t *testing.T) {
	for _, c := range []struct{ define, inner, want string }{
		{"门槛: 8", "kind: support\nrequire: {of: growth(收入@当年), at_least: 门槛}", "门槛“门槛”写的是8，没有百分号，会当作8倍"},
		{"门槛: {by: P, is: {2024: 12%, 2025: 10}}", "kind: support\nrequire: {of: growth(收入@当年), at_least: 门槛}", "写的是10，没有百分号"},
		{"表: {by: 领域, is: {甲: {比例: 3, 封顶: 3万元}, 乙: {比例: 4%, 封顶: 4万元}}}", "kind: money\namount: {give: 表.比例, of: 收入@当年}", "比例请写明单位：3%"},
		{"", "kind: money\namount: {give: 5, of: 收入@当年}", "比例请写明单位：5%；“5”没有百分号，会当作5倍。"},
		{"", "kind: money\namount: {give: {by: 职工, at_least: {10人: 5, 5人: 3%}}, of: 收入@当年}", "比例请写明单位：5%"},
		{"门槛: 8%", "kind: support\nrequire: {of: growth(收入@当年), at_least: 门槛}", ""},
		{"门槛: 0", "kind: support\nrequire: {of: growth(收入@当年), at_least: 门槛}", ""},
		{"", "kind: money\namount: {give: 5%, of: 收入@当年, then: [{times: 1.1}]}", ""},
	} {
		body := ""
		if c.define != "" {
			body = "define:\n  " + c.define + "\n"
		}
		_, ps := load(t, body+"schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n"+indent(c.inner, "    "))
		var errors []string
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				errors = append(errors, p.Message)
			}
		}
		if got := strings.Join(errors, " "); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s, %s: %q; want %q", c.define, c.inner, got, c.want)
		}
	}
}
