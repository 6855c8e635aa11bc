package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A score of random indicators, each read from its own figure, with floors, a cap and a highest-of. Brute force tries every combination of
// rows; the search must find the same least cost, or that there is none.
// Turns red when a floor is forgotten, a front keeps only its best end, or the cost of a row is taken from another.
func TestCheapestScoreStepsAgainstBruteForce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 5))
	solved := 0
	for n := range 150 {
		count := 3 + rnd.IntN(3)
		type row struct{ at, points int }
		rows, have, effort := make([][]row, count), make([]int, count), make([]int, count)
		var vocabulary, moves, define strings.Builder
		var given []string
		for i := range count {
			points := 0
			for k := range 1 + rnd.IntN(3) {
				points += 1 + rnd.IntN(9)
				rows[i] = append(rows[i], row{(k+1)*10 + rnd.IntN(9), points})
			}
			have[i], effort[i] = 1+rnd.IntN(30), 1+rnd.IntN(5)
			given = append(given, fmt.Sprintf("指标%d: %d人", i, have[i]))
			fmt.Fprintf(&vocabulary, "  指标%d: {of: 企业, unit: 人, at_least: 0人, precision: 1人}\n", i)
			fmt.Fprintf(&moves, "  指标%d: {way: up, effort: %d}\n", i, effort[i])
			var cells []string
			for _, r := range rows[i] {
				cells = append(cells, fmt.Sprintf("%d人: %d分", r.at, r.points))
			}
			fmt.Fprintf(&define, "分%d: {by: 指标%d, at_least: {%s}, else: 0分}\n", i, i, strings.Join(cells, ", "))
		}
		// 甲 = 分0 + 分1, at most cap; 乙 = the highest of 分1' … is 分2 and what follows; total = 甲 + 乙
		limit := 5 + rnd.IntN(15)
		var rest []string
		for i := 2; i < count; i++ {
			rest = append(rest, fmt.Sprintf("分%d", i))
		}
		word := []string{"sum", "highest"}[rnd.IntN(2)]
		fmt.Fprintf(&define, "甲分: {sum: [分0, 分1], then: [{at_most: %d分}]}\n乙分: {%s: [%s]}\n总分: {sum: [甲分, 乙分]}\n", limit, word, strings.Join(rest, ", "))
		need, floor := 3+rnd.IntN(30), rnd.IntN(12)
		s := oneWith(t, vocabulary.String(), "moves:\n"+moves.String(), define.String(),
			fmt.Sprintf("kind: recognition\nrequire: {all: [{of: 总分, at_least: %d分}, {of: 甲分, at_least: %d分}]}", need, floor))

		least, feasible := 0, false
		choice := make([]int, count)
		var try func(i int)
		try = func(i int) {
			if i < count {
				for k := -1; k < len(rows[i]); k++ {
					if choice[i] = k; k < 0 || rows[i][k].at > have[i] {
						try(i + 1)
					}
				}
				return
			}
			cost, points := 0, make([]int, count)
			for i, k := range choice {
				value := have[i]
				if k >= 0 {
					value = rows[i][k].at
					tenths := ((value-have[i])*1000 + have[i] - 1) / have[i]
					cost += effort[i] * max((tenths+99)/100, 1)
				}
				for _, r := range rows[i] {
					if value >= r.at {
						points[i] = r.points
					}
				}
			}
			first, second := min(points[0]+points[1], limit), 0
			for _, p := range points[2:] {
				if word == "sum" {
					second += p
				} else {
					second = max(second, p)
				}
			}
			if first+second >= need && first >= floor && (!feasible || cost < least) {
				least, feasible = cost, true
			}
		}
		try(0)

		r := s.Evaluate(Question{Facts: facts(t, s, strings.Join(given, "; ")), On: 20260630, Explain: true, Changes: true})
		if feasible && least == 0 {
			if r.Answer != Met {
				t.Fatalf("%d: %s, want met", n, r.Answer)
			}
			continue
		}
		if r.Answer != Unmet || len(r.Changes.Ways) == 0 {
			t.Fatalf("%d: %s with %+v", n, r.Answer, r.Changes)
		}
		w := r.Changes.Ways[0]
		switch {
		case !feasible && !w.Closed:
			t.Fatalf("%d: a way of cost %d where there is none: %+v", n, w.Cost, w.Steps)
		case feasible && (w.Closed || w.Cost != least):
			t.Fatalf("%d: cost %d closed %t, brute force finds %d\n%s%s need %d floor %d\n%+v", n, w.Cost, w.Closed, least, define.String(), given, need, floor, w.Steps)
		case feasible:
			solved++
		}
	}
	if solved < 50 {
		t.Errorf("only %d of the scores could be reached: the test says little", solved)
	}
}

// oneWith is one scheme over a vocabulary of its own.
func oneWith(t *testing.T, terms, sections, define, scheme string) *Scheme {
	t.Helper()
	lib, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nunits: {人: {}, 亩: {}}\nterms:\n" + terms + sections)},
		{"d.yaml", []byte(testHead + "define:\n" + indent(define, "  ") + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" + indent(scheme, "    "))}})
	for _, p := range ps {
		if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
			t.Fatal(p)
		}
	}
	return lib.Scheme("d/S")
}

// Ways through any, all, n of, guards and shared figures, by hand. The terms are those of the tests' vocabulary.
// Turns red when ways are added to each other, when a step that spoils another condition is left alone, when a past year's figure is said to
// count at once, or when the figures of a way do not lead there.
func TestWhatWouldHaveToChange(t *testing.T) {
	for _, c := range []struct{ name, scheme, facts, want string }{
		{"any: one of two, what still counts before a year that is over, though that is cheaper", "require: {any: [{of: 收入@当年, at_least: 2000万元}, {of: 职工, at_least: 20人}]}", "收入@2025: 1900万元; 职工: 10人",
			"职工再增加10人，达到20人 | 2025年收入差100万元，应达到2,000万元"},
		// 1 of 19 is a twentieth, 10 of 10 the whole.
		{"any: the cheaper first", "require: {any: [{of: 装机, at_least: 20瓦}, {of: 职工, at_least: 20人}]}", "装机: 10瓦; 职工: 19人",
			"职工再增加1人，达到20人 | 装机再增加10瓦，达到20瓦"},
		{"all: everything", "require: {all: [{of: 收入@当年, at_least: 2000万元}, {of: 职工, at_least: 20人}]}", "收入@2025: 1900万元; 职工: 10人",
			"2025年收入差100万元，应达到2,000万元 + 职工再增加10人，达到20人"},
		// More revenue makes the share fall: 60 ÷ 1900 = 3.16% passes, 60 ÷ 2400 = 2.5% does not; 3% of 2400 is 72.
		{"a step that spoils another is made good", "require: {all: [{of: 收入@当年, at_least: 2400万元}, {of: 研发@当年 / 收入@当年, at_least: 3%}]}",
			"收入@2025: 1900万元; 研发@2025: 60万元", "2025年收入差500万元，应达到2,400万元 + 2025年研发差12万元，应达到72万元（其他数不变时）"},
		{"two of three", "require: {of: [{of: 收入@当年, at_least: 2000万元}, {of: 职工, at_least: 20人}, {of: 研发@当年, at_least: 100万元}], at_least: 2}",
			"收入@2025: 3000万元; 职工: 10人; 研发@2025: 99万元", "职工再增加10人，达到20人 | 2025年研发差1万元，应达到100万元"},
		{"a guard that does not hold asks for nothing", "require: {all: [{if: {of: 领域, is: 甲}, of: 职工, at_least: 99人}, {of: 收入@当年, over: 2000万元}]}",
			"领域: 乙; 收入@2025: 2000万元; 职工: 1人", "2025年收入差1元，应达到2,000.0001万元"},
		// Every year must pass: 2024 and 2025 both fall short.
		{"each year", "require: {of: lowest(研发@近2年), at_least: 100万元}", "研发@2024: 90万元; 研发@2025: 95万元",
			"2024年研发差10万元，应达到100万元 + 2025年研发差5万元，应达到100万元"},
		{"a figure that must fall", "require: {of: 负债率@当年, at_most: 70%}", "负债率@2025: 75%", "2025年负债率多5个百分点，应不超过70%"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := one(t, "", "kind: recognition\n"+c.scheme)
			r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Changes: true})
			if r.Changes == nil {
				t.Fatalf("%s without changes", r.Answer)
			}
			var ways []string
			for _, w := range r.Changes.Ways {
				var steps []string
				for _, st := range w.Steps {
					steps = append(steps, st.Text)
				}
				ways = append(ways, strings.Join(steps, " + "))
				if past := strings.Contains(ways[len(ways)-1], "20"+"25年"); past != w.Past && !w.Past {
					t.Errorf("%s: it is 2026, the figures of 2025 stay", ways[len(ways)-1])
				}
			}
			if got := strings.Join(ways, " | "); got != c.want {
				t.Errorf("ways:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// toldLines are the lines of a part of an explanation, notes after a bar, what stands under it indented.
func toldLines(x *Explanation, kind string) string {
	var out []string
	var walk func(list []Line, indent string)
	walk = func(list []Line, indent string) {
		for _, l := range list {
			out = append(out, indent+strings.Join(append([]string{l.Text}, l.Notes...), " | "))
			walk(l.Lines, indent+"  ")
		}
	}
	for _, s := range x.Sections {
		if s.Kind == kind {
			walk(s.Lines, "")
		}
	}
	return strings.Join(out, "\n")
}

// Exact lines in both languages: two ways of an any, a score with a floor, an indicator that nobody stated, a year that is over.
// Turns red when the order of the ways, a distance, a gain, a bound or the year from which something counts changes.
func TestWhatIsToldOfChanges(t *testing.T) {
	const score = `甲分: {by: 职工, at_least: {30人: 20分, 20人: 10分}, else: 5分}
乙分: {by: 派遣, at_least: {10人: 30分, 5人: 20分}, else: 0分}
总分: {sum: [甲分, 乙分]}`
	for _, c := range []struct{ name, define, scheme, facts, part, zh, en string }{
		// The document is about 2025, and it is 2026: its revenue stays as it is. 10 people can still be taken on.
		{"any", "", "require: {any: [{of: 收入@当年, at_least: 2000万元}, {of: 职工, at_least: 20人}]}", "收入@2025: 1900万元; 职工: 10人", "changes",
			`办法1
  职工再增加10人，达到20人
办法2 | 本年度的数已定，要看以后年度的文件
  2025年收入差100万元，应达到2,000万元 | 2025年度已结束，不能再改变；本文件只看2025年度，以后各年要看新的文件`,
			`Way 1
  职工 up by 10 people, to 20 people
Way 2 | the figures of this year are settled; it takes a later year's document
  收入 of 2025 is CNY 1 million short of CNY 20 million | 2025 is over and cannot be changed; this document is about 2025 only, later years need a later document`},
		// 5 + 20 = 25 of 40, and 甲分 must reach 10: 20 people bring 5 more and 10 dispatched ones 10 more, together 40; or 30 people alone bring 15.
		// 1 of 19 and 1 of 9 cost less than 11 of 19.
		{"score with a floor", score, "require: {all: [{of: 总分, at_least: 40分}, {of: 甲分, at_least: 10分}]}", "职工: 19人; 派遣: 9人", "changes",
			`办法1 | 总分：25分 → 40分 | 甲分：5分 → 10分
  职工再增加1人，达到20人 | 甲分：5分 → 10分
  派遣再增加1人，达到10人 | 乙分：20分 → 30分
办法2 | 总分：25分 → 40分 | 甲分：5分 → 20分
  职工再增加11人，达到30人 | 甲分：5分 → 20分`,
			`Way 1 | 总分: 25 points → 40 points | 甲分: 5 points → 10 points
  职工 up by 1 person, to 20 people | 甲分: 5 points → 10 points
  派遣 up by 1 person, to 10 people | 乙分: 20 points → 30 points
Way 2 | 总分: 25 points → 40 points | 甲分: 5 points → 20 points
  职工 up by 11 people, to 30 people | 甲分: 5 points → 20 points`},
		// 派遣 is not known: 乙分 is anything from 0 to 30, the total from 10 to 40
		{"an indicator that is not known", score, "require: {of: 总分, at_least: 40分}", "职工: 20人", "missing",
			`派遣 | 决定：总分不低于40分`, `派遣 | decides: 总分 is at least 40 points`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := one(t, c.define, "kind: recognition\n"+c.scheme)
			for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
				r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Changes: true, Lang: lang})
				if got := toldLines(s.Explanation(r, lang), c.part); got != want {
					t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
				}
			}
		})
	}
}

// Turns red when the year from which a figure counts is another, or is said of a document that is about one year only.
func TestAPastYearIsToldWithTheYearFromWhichItCounts(t *testing.T) {
	undated := strings.Replace(testHead, ", performance: 2025", "", 1)
	lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(undated + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" +
		"    kind: recognition\n    require: {of: 收入@当年, at_least: 2000万元}\n")}})
	s := lib.Scheme("d/S")
	if s == nil {
		t.Fatal(ps)
	}
	// In 2026 the figure of 2025 is read; that of 2026 is read in 2027.
	for lang, want := range map[Lang]string{
		Chinese: "2025年收入差100万元，应达到2,000万元 | 2025年度已结束，不能再改变；2026年的数在2027年申报时才起作用",
		English: "收入 of 2025 is CNY 1 million short of CNY 20 million | 2025 is over and cannot be changed; a figure of 2026 counts for an application in 2027",
	} {
		r := s.Evaluate(Question{Facts: facts(t, s, "收入@2025: 1900万元"), On: 20260630, Explain: true, Changes: true, Lang: lang})
		if got := toldLines(s.Explanation(r, lang), "changes"); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
		}
	}
}
