package policy

import (
	"strings"
	"testing"
)

// TestYearsBeforeTheEarliestStated: what is read of all earlier years is only known once it is known since when there was anything: on 2023-05-01 it
// began, or nobody says. Of what began this year there are no earlier years.
// Mutations: take the earliest year that is stated for the first; read a year before it began → red.
func TestYearsBeforeTheEarliestStated(t *testing.T) {
	for _, c := range []struct {
		require, facts string
		want           Answer
		ask            string
	}{
		{"{of: highest(收入@以往), under: 10亿元}", "收入@2024: 4亿元", Unknown, "入驻"},
		{"{of: highest(收入@以往), under: 10亿元}", "收入@2024: 4亿元, 入驻: 2024-05-01", Met, ""},
		{"{of: highest(收入@以往), under: 10亿元}", "收入@2024: 4亿元, 入驻: 2023-12-31", Unknown, "收入@2023"},
		{"{of: highest(收入@以往), under: 10亿元}", "收入@2024: 4亿元, 收入@2023: 10亿元", Unmet, ""}, // whatever was before
		{"{of: highest(收入@以往), under: 10亿元}", "收入@2024: 4亿元, 收入@2022: 3亿元, 入驻: 2022-01-01", Unknown, "收入@2023"},
		{"{of: highest(收入@以往), under: 10亿元}", "收入@2024: 4亿元, 收入@2022: 10亿元, 入驻: 2024-01-01", Unmet, ""}, // stated of a year before it began, and not passed over
		{"{of: highest(收入@以往), at_least: 10亿元}", "收入@2024: 4亿元", Unknown, "入驻"},
		{"{of: highest(收入@以往), at_least: 10亿元}", "收入@2024: 10亿元", Met, ""},
		{"{of: highest(收入@以往), under: 10亿元}", "入驻: 2025-03-01", Met, ""},
		{"{of: total(收入@以往), at_most: 10亿元}", "收入@2024: 4亿元", Unknown, "入驻"},
		{"{of: total(收入@以往), at_most: 10亿元}", "收入@2024: 4亿元, 入驻: 2024-01-01", Met, ""},
		{"{of: total(收入@以往), at_most: 10亿元}", "收入@2024: 11亿元", Unmet, ""},
		{"{of: total(利润@以往), at_most: 10亿元}", "利润@2024: 11亿元", Unknown, "入驻"}, // earlier losses may make up for it
		{"{of: lowest(收入@以往), at_least: 1亿元}", "收入@2024: 4亿元", Unknown, "入驻"},
		{"{of: average(收入@以往), at_least: 1亿元}", "收入@2024: 4亿元", Unknown, "入驻"},
		{"{of: average(收入@以往), at_least: 1亿元}", "收入@2024: 4亿元, 入驻: 2024-07-01", Met, ""},
	} {
		s := one(t, "", "kind: support\nrequire: "+c.require)
		lines := map[string]string{}
		for _, f := range strings.Split(c.facts, ", ") {
			k, v, _ := strings.Cut(f, ": ")
			lines[k] = v
		}
		r := s.Evaluate(Question{Facts: settleFacts(t, s.doc.lib, lines), On: 20260630})
		var asked []string
		for _, n := range r.Missing {
			asked = append(asked, n.Key)
		}
		if r.Answer != c.want || strings.Join(asked, " ") != c.ask {
			t.Errorf("%s with %s: %s, asks for %v; want %s, %q", c.require, c.facts, r.Answer, asked, c.want, c.ask)
		}
	}
}

// TestNobodySaysSinceWhen: a file that reads all earlier years where no day is declared on which they begin, or two.
func TestNobodySaysSinceWhen(t *testing.T) {
	for _, c := range []struct{ vocabulary, want string }{
		{"", "请在词汇表中声明企业开始的日期"},
		{"  开业: {of: 企业, type: date, founded: 是}\n", ""},
		{"  开业: {of: 企业, type: date, founded: 是}\n  成立: {of: 企业, type: date, founded: 是}\n", "企业的开始日期已经是“开业”"},
		{"  开业: {of: 企业, type: bool, founded: 是}\n", "founded 只用于日期"},
	} {
		_, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n  收入: {of: 企业, unit: 元, every: 年, at_least: 0元}\n" + c.vocabulary)},
			{"d.yaml", []byte(testHead + "schemes:\n  S: {title: 测试, cite: 一, for: 企业, kind: support, require: {of: highest(收入@以往), under: 10亿元}}\n")}})
		var errors []string
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				errors = append(errors, p.Message)
			}
		}
		if got := strings.Join(errors, "；"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%q: %s; want %q", c.vocabulary, got, c.want)
		}
	}
}
