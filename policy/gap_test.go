package policy

import (
	"slices"
	"strings"
	"testing"
)

// What lacks is told to the smallest amount that closes it: 0.01 亩 of 300 亩 stated to the hundredth, the fen of a sum, one of what is counted,
// one step of what is reported in steps.
// Turns red when a figure moves by another step than it is stated or reported to.
func TestWhatLacksIsTheSmallestAmountThatCloses(t *testing.T) {
	const terms = `  占地: {of: 企业, unit: 亩, at_least: 0亩}
  填报面积: {of: 企业, unit: 亩, at_least: 0亩, precision: 1亩}
  设备款: {of: 企业, unit: 元, at_least: 0元}
  职工: {of: 企业, unit: 人, at_least: 0人}
  硕士: {of: 企业, unit: 人, at_least: 0人}
  比重: {of: 企业, unit: '%'}
`
	for _, c := range []struct{ require, facts, want string }{
		{"{of: 占地, at_least: 300亩}", "占地: 299.99亩", "占地再增加0.01亩，达到300亩"},
		{"{of: 占地, at_least: 300.5亩}", "占地: 200亩", "占地再增加100.5亩，达到300.5亩"},
		{"{of: 占地, over: 300亩}", "占地: 300亩", "占地再增加0.01亩，达到300.01亩"},
		{"{of: 占地, at_most: 300亩}", "占地: 300.001亩", "占地再减少0.001亩，达到300亩"},
		{"{of: 填报面积, at_least: 300亩}", "填报面积: 299亩", "填报面积再增加1亩，达到300亩"},
		{"{of: 填报面积, at_least: 300亩}", "填报面积: 299.99亩", "填报面积再增加0.01亩，达到300亩"},
		{"{of: 填报面积, at_least: 300.5亩}", "填报面积: 300亩", "填报面积再增加1亩，达到301亩"},
		{"{of: 设备款, at_least: 500万元}", "设备款: 4999999.99元", "设备款再增加0.01元，达到500万元"},
		{"{of: 设备款, at_least: 1000.37元}", "设备款: 1000元", "设备款再增加0.37元，达到1,000.37元"},
		{"{of: 比重, at_least: 3%}", "比重: 2.995%", "比重再增加0.005个百分点，达到3%"},
		// 10% of 33 is 3.3: 4 people are it, one more than 3.
		{"{of: 硕士 / 职工, at_least: 10%}", "硕士: 3人; 职工: 33人", "硕士再增加1人，达到4人（其他数不变时）"},
	} {
		s := oneWith(t, terms, "", "甲: 1元\n", "kind: recognition\nrequire: "+c.require)
		r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20250630, Explain: true, Changes: true})
		if r.Answer != Unmet || len(r.Changes.Ways) == 0 || r.Changes.Ways[0].Steps[0].Text != c.want {
			t.Errorf("%s of %s: %s %+v\nwant %s", c.require, c.facts, r.Answer, r.Changes, c.want)
		}
	}
}

// A share that is too large becomes smaller by more of the whole as by less of the part, 100/(100+900) and 10/(10+90) being 10%; one that is too small is
// never made larger by less of the whole. Mutations: leave out what stands in the whole alone; let it fall → red.
func TestAWholeMayOnlyRise(t *testing.T) {
	const terms = "  职工: {of: 企业, unit: 人, at_least: 0人}\n  硕士: {of: 企业, unit: 人, at_least: 0人}\n"
	for _, c := range []struct{ require, facts, want string }{
		{"{of: 硕士 / (硕士 + 职工), at_most: 10%}", "硕士: 100人; 职工: 90人", "硕士再减少90人，达到10人（其他数不变时） | 职工再增加810人，达到900人（其他数不变时）"},
		{"{of: 硕士 / 职工, under: 10%}", "硕士: 4人; 职工: 40人", "硕士再减少1人，达到3人（其他数不变时） | 职工再增加1人，达到41人（其他数不变时）"},
		{"{of: 硕士 / 职工, at_least: 10%}", "硕士: 3人; 职工: 33人", "硕士再增加1人，达到4人（其他数不变时）"},
	} {
		s := oneWith(t, terms, "", "甲: 1元\n", "kind: recognition\nrequire: "+c.require)
		r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20250630, Explain: true, Changes: true})
		var ways []string
		for _, w := range r.Changes.Ways {
			ways = append(ways, w.Steps[0].Text)
		}
		slices.Sort(ways)
		want := strings.Split(c.want, " | ")
		slices.Sort(want)
		if !slices.Equal(ways, want) {
			t.Errorf("%s of %s: %q, want %q", c.require, c.facts, ways, want)
		}
	}
}

// A number of full years is reached by the calendar: the day and how far it is away are told, not that no figure can close it.
// From 2020-06-30 the fifth year runs out on 2025-06-30: it is full on 2025-07-01.
// Turns red when the day is another, when a step stands beside it that nobody can take, or when the document has expired by then and nobody says so.
func TestFullYearsAreReachedOnADay(t *testing.T) {
	const terms = "  起始: {english: first day, of: 企业, type: date}\n  职工: {of: 企业, unit: 人, at_least: 0人}\n"
	for _, c := range []struct{ require, facts, zh, en string }{
		{"{of: full_years(起始), at_least: 5年}", "起始: 2020-06-30",
			"到2025-07-01，自起始起满5年（还差1天）", "on 2025-07-01, 5 years since first day will be complete (1 day to go)"},
		{"{of: full_years(起始), over: 4年}", "起始: 2020-06-30",
			"到2025-07-01，自起始起满5年（还差1天）", "on 2025-07-01, 5 years since first day will be complete (1 day to go)"},
		{"{of: full_years(起始), at_least: 6年}", "起始: 2020-06-30",
			"到2026-07-01，自起始起满6年（还差366天）", "on 2026-07-01, 6 years since first day will be complete (366 days to go)"},
		{"{all: [{of: full_years(起始), at_least: 5年}, {of: 职工, at_least: 10人}]}", "起始: 2020-06-30; 职工: 9人",
			"到2025-07-01，自起始起满5年（还差1天） + 职工再增加1人，达到10人",
			"on 2025-07-01, 5 years since first day will be complete (1 day to go) + 职工 up by 1 person, to 10 people"},
	} {
		s := oneWith(t, terms, "", "甲: 1元\n", "kind: recognition\nrequire: "+c.require)
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20250630, Explain: true, Changes: true, Lang: lang})
			var steps []string
			for _, w := range r.Changes.Ways {
				if w.Closed || w.Past || w.Unsure {
					t.Errorf("%s: %+v: the day comes by itself", c.require, w)
				}
				for _, st := range w.Steps {
					steps = append(steps, st.Text)
				}
			}
			if got := strings.Join(steps, " + "); r.Answer != Unmet || got != want {
				t.Errorf("%s: %s\nwant %s", c.require, got, want)
			}
		}
	}
	lib, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n" + terms)}, {"d.yaml", []byte(strings.Replace(testHead, "performance: 2025", "valid_until: 2025-06-30, performance: 2025", 1) +
		"schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    require: {of: full_years(起始), at_least: 5年}\n")}})
	s := lib.Scheme("d/S")
	if s == nil {
		t.Fatal(ps)
	}
	r := s.Evaluate(Question{Facts: facts(t, s, "起始: 2020-06-30"), On: 20250630, Explain: true, Changes: true})
	if w := r.Changes.Ways[0]; !w.Closed || w.Steps[0].Note != "到2025-07-01才满5年，那时文件已失效" {
		t.Errorf("%+v", w)
	}
}
