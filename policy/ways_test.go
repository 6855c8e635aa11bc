package policy

import (
	"strings"
	"testing"
)

// Ways in which one step moves what another has to reach, by hand. Each figure is told from where the facts have it, not from where another step had
// brought it, and to where it has to be after all the others.
// Mutations: repair merges as before (the dearer step stays), tells from the moved facts, or tries three times only; `at_least` takes the steps as they
// come; a compound rate has no figure that closes it → red.
func TestStepsOfAWayAreToldFromTheFacts(t *testing.T) {
	const terms = `  收入: {of: 企业, unit: 元, every: 年, at_least: 0元, precision: 1元}
  利润: {of: 企业, unit: 元, every: 年, precision: 1元}
  研发: {of: 企业, unit: 元, every: 年, at_least: 0元, precision: 1元}
  广告: {of: 企业, unit: 元, every: 年, at_least: 0元, precision: 1元}
  培训: {of: 企业, unit: 元, every: 年, at_least: 0元, precision: 1元}
  职工: {of: 企业, unit: 人, at_least: 0人}
`
	const grown = "收入@2023: 1000万元; 收入@2024: 1010万元; 收入@2025: 1050万元; 利润@2025: 50万元; 研发@2025: 32万元"
	for _, c := range []struct{ name, require, facts, want string }{
		// 10% of 1,010 is 1,111; 5% of that is 55.55, which is 5.55 more than 50.
		{"the further of two targets of one figure", "{all: [{of: growth(收入@当年), at_least: 10%}, {of: 利润@当年 / 收入@当年, at_least: 5%}]}", grown,
			"2025年收入再增加61万元，达到1,111万元 + 2025年利润再增加5.55万元，达到55.55万元（其他数不变时）"},
		// 5% of 1,000 + 1,010 + 1,111 = 3,121 is 156.05; the years before brought 30: 126.05. 73 of 50 more would do while the sum is 3,060.
		{"totals of years", "{all: [{of: growth(收入@当年), at_least: 10%}, {of: total(利润@近3年) / total(收入@近3年), at_least: 5%}]}",
			grown + "; 利润@2023: -10万元; 利润@2024: 40万元",
			"2025年收入再增加61万元，达到1,111万元 + 2025年利润再增加76.05万元，达到126.05万元（其他数不变时）"},
		// 3% of 1,050 is 31.5, and of 1,111 33.33: each of four shares passes until revenue has grown.
		{"more conditions spoilt than three", "{all: [{of: growth(收入@当年), at_least: 10%}, {of: 研发@当年 / 收入@当年, at_least: 3%}, {of: 广告@当年 / 收入@当年, at_least: 3%}, " +
			"{of: 培训@当年 / 收入@当年, at_least: 3%}, {of: 利润@当年 / 收入@当年, at_least: 4.7%}]}", grown + "; 广告@2025: 32万元; 培训@2025: 32万元",
			"2025年收入再增加61万元，达到1,111万元 + 2025年研发再增加1.33万元，达到33.33万元（其他数不变时） + 2025年广告再增加1.33万元，达到33.33万元（其他数不变时）" +
				" + 2025年培训再增加1.33万元，达到33.33万元（其他数不变时） + 2025年利润再增加2.217万元，达到52.217万元（其他数不变时）"},
		// The same of two of three: with revenue 1,111 the profit has to be 55.55; without, 5% of 1,050 = 52.5 would do, and that is told beside 33 people.
		{"two of three", "{of: [{of: growth(收入@当年), at_least: 10%}, {of: 利润@当年 / 收入@当年, at_least: 5%}, {of: 职工, at_least: 3300人}], at_least: 2}",
			grown + "; 职工: 1人",
			"2025年收入再增加61万元，达到1,111万元 + 2025年利润再增加5.55万元，达到55.55万元（其他数不变时）" +
				" | 2025年收入再增加61万元，达到1,111万元 + 职工再增加3,299人，达到3,300人" +
				" | 2025年利润再增加2.5万元，达到52.5万元（其他数不变时） + 职工再增加3,299人，达到3,300人"},
		// 1,000 × 1.1 × 1.1 = 1,210.
		{"a compound rate", "{of: cagr(收入@近2年), at_least: 10%}", grown, "2025年收入再增加160万元，达到1,210万元"},
		{"more than a compound rate", "{of: cagr(收入@近2年), over: 10%}", grown, "2025年收入再增加160.0001万元，达到1,210.0001万元"},
		// 1,000 × 1.02² = 1,040.4.
		{"at most a compound rate", "{of: cagr(收入@近2年), at_most: 2%}", grown, "2025年收入再减少9.6万元，达到1,040.4万元"},
		// 3,333,333 × 1.21 = 4,033,332.93, a yuan more than 4,033,332.
		{"a compound rate in whole yuan", "{of: cagr(收入@近2年), at_least: 10%}", "收入@2023: 3333333元; 收入@2024: 1元; 收入@2025: 4033332元", "2025年收入再增加1元，达到403.3333万元"},
		{"what another step reaches anyway", "{all: [{of: cagr(收入@近2年), at_least: 10%}, {of: 收入@当年, at_least: 2000万元}]}", grown, "2025年收入再增加950万元，达到2,000万元"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := waysScheme(t, terms, c.require)
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20251231, Explain: true, Changes: true})
			var ways []string
			for _, w := range r.Changes.Ways {
				var steps []string
				for _, st := range w.Steps {
					steps = append(steps, st.Text)
				}
				ways = append(ways, strings.Join(steps, " + "))
				if w.Closed {
					t.Errorf("%s is closed", ways[len(ways)-1])
				}
			}
			if got := strings.Join(ways, " | "); got != c.want {
				t.Errorf("ways:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// A compound rate is told to be what it is: 10% of 10% is not above 10%, and 20% is above 10%.
// Mutation: say that it is below → red.
func TestACompoundRateIsToldOnItsSide(t *testing.T) {
	const terms = "  收入: {of: 企业, unit: 元, every: 年, at_least: 0元, precision: 1元}\n"
	for _, c := range []struct{ op, last, zh, en string }{
		{"at_least", "1209万元", "年均复合增长率低于10%", "the compound annual growth rate is less than 10%"},
		{"over", "1210万元", "年均复合增长率不超过10%", "the compound annual growth rate is at most 10%"},
		{"at_most", "1440万元", "年均复合增长率超过10%", "the compound annual growth rate is more than 10%"},
		{"under", "1210万元", "年均复合增长率不低于10%", "the compound annual growth rate is at least 10%"},
	} {
		s := waysScheme(t, terms, "{of: cagr(收入@近2年), "+c.op+": 10%}")
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, "收入@2023: 1000万元; 收入@2025: "+c.last), On: 20251231, Explain: true, Lang: lang})
			if len(r.Gaps) != 1 || r.Gaps[0].Short != want {
				t.Errorf("%s of %s: %s %+v, want %s", c.op, c.last, r.Answer, r.Gaps, want)
			}
		}
	}
}

// Nobody is told of steps that do not lead there: profit cannot be both more than revenue and 500,000 less.
// Mutation: keep the first way though it was tried in vain → red.
func TestStepsThatDoNotLeadThereAreNotTold(t *testing.T) {
	const terms = "  收入: {of: 企业, unit: 元, every: 年, at_least: 0元}\n  利润: {of: 企业, unit: 元, every: 年}\n"
	s := waysScheme(t, terms, "{all: [{of: 利润@当年 / 收入@当年, at_least: 5%}, {of: 利润@当年 - 收入@当年, over: 0元}, {of: 收入@当年 - 利润@当年, over: 50万元}]}")
	for lang, want := range map[Lang]string{
		Chinese: "没有找到改变哪些数就能符合的办法；各差多少，见各个条件",
		English: "no way has been found in which changed figures would meet it; each condition says how far it is",
	} {
		r := s.Evaluate(Question{Facts: facts(t, s, "收入@2025: 1000万元; 利润@2025: 1万元"), On: 20251231, Explain: true, Changes: true, Lang: lang})
		if got := toldLines(s.Explanation(r, lang), "changes"); got != want || len(r.Changes.Ways) > 0 {
			t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
		}
	}
}

func waysScheme(t *testing.T, terms, require string) *Scheme {
	t.Helper()
	return oneWith(t, terms, "", "甲: 1元\n", "kind: recognition\nrequire: "+require)
}
