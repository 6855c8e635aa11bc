package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// schemeWriter writes schemes at random over the words of the test vocabulary, in every construct of the language.
type schemeWriter struct {
	r     *rand.Rand
	depth int
	each  bool // inside an `each` over 奖励
}

func (w *schemeWriter) pick(list ...string) string { return list[w.r.IntN(len(list))] }

// chance is true once in n times.
func (w *schemeWriter) chance(n int) bool { return w.r.IntN(n) == 0 }

func (w *schemeWriter) deep() bool { return w.depth > 3 }

func (w *schemeWriter) year() string  { return w.pick("当年", "上年", "申报年") }
func (w *schemeWriter) years() string { return w.pick("近2年", "近3年", "当年", "申报前2年") }
func (w *schemeWriter) window() string {
	return w.pick("有效", "当年", "近3年", "近12个月", "以往", "申报前2年", "本届")
}

// money is a quantity in yuan.
func (w *schemeWriter) money() string {
	w.depth++
	defer func() { w.depth-- }()
	term := w.pick("收入", "收入", "研发", "利润")
	if w.each && w.chance(2) {
		return w.pick("金额", "金额", "盈亏")
	}
	if w.deep() {
		return term + "@" + w.year()
	}
	switch w.r.IntN(14) {
	case 0, 1:
		return "increase(" + term + "@" + w.year() + ")"
	case 2:
		return w.pick("average", "total", "highest", "lowest") + "(" + term + "@" + w.years() + ")"
	case 3:
		return w.pick("total", "highest", "lowest", "average", "best") + "(奖励." + w.pick("金额", "金额", "盈亏") + "@" + w.window() + ")"
	case 4:
		return w.money() + " + " + w.money()
	case 5:
		return w.money() + " - " + w.money()
	case 6:
		return "(" + w.money() + ") * " + w.pick("10%", "负债率@当年", "150%")
	case 7:
		return "received(" + w.pick("S", "上级奖") + ")"
	case 8:
		return w.pick("总投入@当年", "净额@上年", "定额", "分段", "动态")
	case 9:
		return "total(总投入@近2年)"
	}
	return term + "@" + w.year()
}

// ratio is a pure number; points is a difference of two rates.
func (w *schemeWriter) ratio() string {
	w.depth++
	defer func() { w.depth-- }()
	term := w.pick("收入", "研发", "利润")
	switch w.r.IntN(9) {
	case 0, 1:
		return "(" + w.money() + ") / (" + w.money() + ")"
	case 2, 3:
		return "growth(" + term + "@" + w.year() + ")"
	case 4:
		return "mean_growth(" + term + "@" + w.years() + ")"
	case 5:
		return "growth(总投入@当年)"
	case 6:
		return "职工 / (职工 + 派遣)"
	case 7:
		return w.pick("average", "highest", "lowest") + "(负债率@" + w.years() + ")"
	}
	return "负债率@" + w.year()
}

func (w *schemeWriter) where() string {
	if w.chance(3) {
		return ""
	}
	return ", where: {" + w.pick("级别: {at_least: 省级}", "级别: [市级, 国家级]", "有效益: 是", "金额: {over: 50万元}", "排名: {at_most: 3}", "级别: {at_most: 省级}, 有效益: 是", "金额: {at_least: 门槛}",
		"名称: 领域", "金额: {under: 动态}") + "}"
}

// operator and threshold of a quantity in a unit.
func (w *schemeWriter) against(unit string) string {
	op := w.pick("at_least", "at_least", "over", "at_most", "under", "is")
	n := w.r.IntN(60) + 1
	switch unit {
	case "元":
		return op + ": " + w.pick(fmt.Sprint(n*100)+"万元", fmt.Sprint(n*10)+"万元", "0元", "门槛", "动态", fmt.Sprintf("%d.37元", n))
	case "%":
		return op + ": " + w.pick(fmt.Sprint(n)+"%", fmt.Sprint(n*3)+"‰", "0%", "-5%", "33.3%", "率")
	case "百分点":
		return op + ": " + fmt.Sprint(n) + "百分点"
	case "人":
		return op + ": " + fmt.Sprint(n) + "人"
	}
	return op + ": " + fmt.Sprint(w.r.IntN(4))
}

func (w *schemeWriter) compare() string {
	switch w.r.IntN(18) {
	case 0:
		return "of: 领域, is: " + w.pick("甲", "[甲, 乙]", "乙")
	case 1:
		return "of: 评级, " + w.pick("at_least: 省级", "is: 国家级", "is: [市级, 省级]", "under: 国家级", "at_most: 市级")
	case 2:
		return "of: 守信, is: " + w.pick("是", "否")
	case 3:
		return "of: 行业, " + w.pick("within: [C38, I65]", "within: C", "is: C384", "within: [C3841]")
	case 4:
		return "of: 入驻, " + w.pick("at_least", "under", "over", "at_most") + ": " + w.pick("2020-01-01", "2023-06-30")
	case 5:
		return "of: " + w.pick("职工", "派遣", "职工 + 派遣", "职工 - 派遣") + ", " + w.against("人")
	case 6:
		return "of: count(奖励@" + w.window() + ")" + w.where() + ", " + w.against("")
	case 7:
		return "of: best(奖励.级别@" + w.window() + ")" + w.where() + ", " + w.pick("at_least: 省级", "is: 国家级", "under: 省级")
	case 8:
		return "of: " + w.pick("nth_year", "full_years") + "(入驻), " + w.against("")
	case 9:
		return "of: cagr(收入@" + w.pick("近2年", "近3年") + "), " + w.pick("at_least: 10%", "over: 5%", "under: 0%")
	case 10:
		return "of: growth(收入@当年) - growth(研发@上年), " + w.against("百分点")
	case 11:
		return "of: 得分, " + w.pick("at_least: 60分", "over: 30分", "under: 40分", "at_least: 及格线")
	case 12, 13, 14:
		return "of: " + w.ratio() + ", " + w.against("%") + w.pick("", "", ", no_base: unmet", ", no_base: met", ", no_base: unknown")
	}
	return "of: " + w.money() + ", " + w.against("元")
}

func (w *schemeWriter) condition() string {
	w.depth++
	defer func() { w.depth-- }()
	guard := ""
	if !w.deep() && w.chance(6) {
		guard = "if: " + w.condition() + ", "
	}
	if w.each && w.chance(2) {
		return "{" + w.pick("of: 金额, at_least: 30万元", "of: 级别, at_least: 省级", "of: 有效益, is: 是", "of: 排名, at_most: 2") + "}"
	}
	n := w.r.IntN(13)
	if w.deep() && n < 5 {
		n = 9
	}
	switch n {
	case 0, 1:
		return "{" + guard + w.pick("all", "any", "none", "all") + ": [" + w.conditions() + "]}"
	case 2:
		return "{" + guard + "of: [" + w.condition() + ", " + w.condition() + ", " + w.condition() + "], at_least: " + w.pick("1", "2", "3") + "}"
	case 3:
		return w.pick("大企业", "老企业", "守信", "分组")
	case 4:
		return "{" + guard + "judge: " + w.pick("场所合适", "项目可行") + "}"
	case 5:
		return "{" + guard + "has: " + w.pick("奖励@"+w.window()+w.where(), "处罚@"+w.window(), "大奖@"+w.window()) + w.pick("", "", ", at_least: 2", ", at_most: 1") + "}"
	case 6:
		return "{" + guard + "see: 另一份文件}"
	}
	return "{" + guard + w.compare() + "}"
}

func (w *schemeWriter) conditions() string {
	var out []string
	for range 1 + w.r.IntN(4) {
		out = append(out, w.condition())
	}
	return strings.Join(out, ", ")
}

func (w *schemeWriter) literal() string {
	n := w.r.IntN(40) + 1
	return w.pick(fmt.Sprint(n)+"万元", fmt.Sprint(n)+"万元", fmt.Sprintf("%d.25元", n), "up to "+fmt.Sprint(n)+"万元", "at least "+fmt.Sprint(n)+"万元", fmt.Sprintf("%d万元 to %d万元", n, n+5), "manual", "0元")
}

func (w *schemeWriter) rate() string {
	n := w.r.IntN(30) + 1
	return w.pick(fmt.Sprint(n)+"%", fmt.Sprint(n)+"‰", "up to "+fmt.Sprint(n)+"%", "at least "+fmt.Sprint(n)+"%", fmt.Sprintf("%d‰ to %d‰", n, n+3), "率", "档.比例",
		"{by: 领域, is: {甲: 6%, 乙: 3%}}", "{by: 评级, is: {国家级: 50%, 省级: 30%}, else: 10%}", "{by: nth_year(入驻), at_most: {3: 100%, 6: 50%}, else: 0%}", "{by: full_years(入驻), over: {5: 40%, 2: 20%}, else: 0%}", "{by: 收入@当年, at_least: {2000万元: 5%, 500万元: 3%}, else: 1%}")
}

// value is an amount of money.
func (w *schemeWriter) value() string {
	w.depth++
	defer func() { w.depth-- }()
	tail := ""
	if !w.deep() && w.chance(2) {
		tail += ", then: [" + w.steps() + "]"
	}
	if !w.deep() && w.chance(6) {
		tail += ", if: " + w.condition()
	}
	n := w.r.IntN(14)
	if w.deep() && n < 4 {
		n = 11
	}
	switch n {
	case 0:
		return "{sum: [" + w.value() + ", " + w.value() + w.pick("", ", "+w.value()) + "]" + tail + "}"
	case 1:
		return "{highest: [" + w.value() + ", " + w.value() + "]" + tail + "}"
	case 2:
		if w.each {
			return w.literal()
		}
		w.each = true
		give := w.value()
		w.each = false
		return "{each: 奖励@" + w.window() + w.where() + ", give: " + give + tail + "}"
	case 3:
		return w.pick("定额", "分段", "动态", "档.封顶")
	case 4, 5:
		return "{give: " + w.rate() + ", of: " + w.money() + w.pick("", ", beyond: 100万元", ", up_to: 3000万元", ", beyond: 门槛, up_to: 9000万元", ", beyond: 动态", ", up_to: 动态") + tail + "}"
	case 6, 7:
		return "{give: " + w.pick(w.literal(), "500元", "0.03元") + ", per: " + w.pick("100万元", "7元", "1.5万元") + ", remainder: " + w.pick("drop", "prorate", "up") + ", of: " + w.money() + w.pick("", ", beyond: 100万元") + tail + "}"
	case 8:
		return "{give: 1万元, per: " + w.pick("1百分点", "0.5百分点") + ", remainder: " + w.pick("drop", "up") + ", of: " + w.ratio() + tail + "}"
	case 9:
		return "{give: 3000元, of: count(奖励@" + w.window() + ")" + tail + "}"
	case 10:
		return "{" + w.pick(
			"by: 评级, is: {国家级: "+w.literal()+", 省级: "+w.literal()+"}", "by: best(奖励.级别@"+w.window()+"), is: {国家级: 9万元, 省级: 5万元, 市级: 2万元}", "by: 领域, is: {甲: "+w.literal()+", 乙: 2万元}",
			"by: 领域, is: {甲: "+w.literal()+"}", "by: 行业, within: {C38: 3万元, I: 2万元}", "by: P, is: {2025: 3万元, 2024: 2万元}", "by: 批次, is: {第四批: 3万元, 第五批: 2万元}",
			"by: "+w.money()+", at_least: {2000万元: "+w.literal()+", 500万元: "+w.value()+", 门槛: 1万元}", "by: "+w.ratio()+", over: {20%: 9万元, 5%: "+w.literal()+"}",
			"by: 负债率@上年, at_most: {55%: 9万元, 75%: "+w.literal()+"}", "by: "+w.money()+", under: {500万元: 3万元, 动态: 1万元}") + w.pick("", ", else: 0元", ", else: "+w.literal()) + tail + "}"
	}
	return "{give: " + w.literal() + tail + "}"
}

func (w *schemeWriter) steps() string {
	var out []string
	for range 1 + w.r.IntN(3) {
		guard := ""
		if w.chance(3) {
			guard = ", if: " + w.condition()
		}
		out = append(out, "{"+w.pick("times: "+w.pick("110%", "50%", "90% to 120%"), "less: "+w.pick("received(S)", "received(上级奖)", "1万元", "1万元 to 3万元"), "less: received(S), below_zero: recover",
			"at_most: "+w.pick("30万元", "up to 30万元", "档.封顶", "动态", "{give: 10%, of: 收入@当年}"), "at_least: "+w.pick("1万元", "定额"))+guard+"}")
	}
	return strings.Join(out, ", ")
}

const fuzzVocabulary = `
  名录: {of: 企业, complete: 科技局}
`

const fuzzHead = `rounding: {to: 0.01元, mode: %s}
no_base: %s
define:
  门槛: 800万元
  率: 5%%
  动态: {by: 领域, is: {甲: 300万元, 乙: 700万元}, else: 100万元}
  及格线: {by: 评级, is: {国家级: 20分}, else: 50分}
  总投入: 研发 + 利润
  净额: 收入 - 研发 * 2
  定额: {by: 评级, is: {国家级: 30万元, 省级: 20万元, 市级: up to 10万元}, else: 5万元}
  分段: {sum: [{give: 3%%, of: 收入@当年, up_to: 1000万元}, {give: 5%%, of: 收入@当年, beyond: 1000万元}], then: [{at_most: 200万元}]}
  档: {by: 领域, is: {甲: {比例: 6%%, 封顶: 300万元}}, else: {比例: 3%%, 封顶: 200万元}}
  得分: {sum: [{by: 收入@当年, at_least: {1亿元: 40分, 1000万元: 20分}, else: 0分}, {by: 负债率@当年, at_most: {55%%: 20分}, else: 0分}, {by: growth(收入@当年), at_least: {10%%: 20分, 0%%: 5分}, else: 0分}, {by: 评级, is: {国家级: 20分, 省级: 10分, 市级: 5分}, else: 0分}]}
  大企业: {of: 收入@上年, at_least: 2000万元}
  老企业: {of: nth_year(入驻), at_least: 3}
  分组: {any: [大企业, {has: 奖励@有效}]}
  大奖: {records: 奖励, where: {级别: {at_least: 省级}}}
`

// randomLibrary writes a document of several schemes; nil where the checker refuses it.
func randomLibrary(r *rand.Rand) (*Library, string) {
	w := &schemeWriter{r: r}
	vocabulary := strings.Replace(testVocabulary, "有效益: 是否}", "有效益: 是否, 名称: 词, 盈亏: {unit: 元, at_least: -300万元, at_most: 900万元}}", 1) + fuzzVocabulary
	head := strings.Replace(testHead, "rounding: {to: 0.01元, mode: down}\n", "", 1)
	head = strings.Replace(head, "{当年: P,", "{申报年: A-1, 申报前2年: A-2..A-1, 本届: round, 当年: P,", 1)
	if w.chance(3) {
		head = strings.Replace(head, ", performance: 2025", "", 1)
	}
	body := head + fmt.Sprintf(fuzzHead, w.pick("down", "half_up", "up"), w.pick("manual", "unmet", "met", "unknown"))
	if w.chance(4) {
		body += "common: " + w.condition() + "\n"
	}
	body += "schemes:\n"
	for i := range 3 {
		inner := "kind: money\namount: " + w.value() + "\n"
		if !w.chance(8) {
			inner += "require: " + w.condition() + "\n"
		}
		body += "  S" + strings.Repeat("甲", i) + ":\n    title: 测试\n    cite: 一\n    for: 企业\n" + indent(inner, "    ")
	}
	lib, ps := Load([]File{{"v.yaml", []byte(vocabulary)}, {"d.yaml", []byte(body)}})
	for _, p := range ps {
		if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
			return nil, body + "\n" + p.String()
		}
	}
	return lib, body
}

// TestColumnsOfRandomSchemes draws schemes over the whole grammar and parties of every sort, and holds the program against the evaluator.
// Mutations that turn it red: ≥ into > in kernel, floor into round in fastLine, coverage dropped in finder.complete, a fold table swapped.
func TestColumnsOfRandomSchemes(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	kept, refused, why := 0, 0, map[string]int{}
	sum, counts, not := map[Answer]int{}, Counts{}, map[string]int{}
	sure, may := 0, 0 // rows that the office sets
	for kept < 400 {
		lib, text := randomLibrary(r)
		if lib == nil {
			refused++
			why[text[strings.LastIndex(text, "错误:"):]]++
			if refused > 4000 {
				t.Fatal("the checker refuses nearly all: ", why)
			}
			continue
		}
		kept++
		q := Question{On: 20260630, Batch: []string{"", "第四批", "第九批"}[r.IntN(3)]}
		parties := randomParties(t, r, lib, lib.Schemes(), q.On, 30)
		func() {
			defer func() {
				if t.Failed() {
					t.Log(text)
				}
			}()
			answers, n := checkColumns(t, lib, lib.Schemes(), q, parties)
			for a, k := range answers {
				sum[a] += k
			}
			counts = counts.Add(n)
		}()
		for _, s := range lib.Schemes() {
			for _, f := range parties {
				one := q
				one.Facts = f
				a, b := rowsByHand(s.amount, s.env(one))
				sure, may = sure+a, may+b
			}
		}
		for _, why := range lib.Compile(lib.Schemes(), q).NotCompiled() {
			not[why]++
		}
	}
	t.Logf("%d documents, %d refused by the checker, %v, %+v, not compiled %v", kept, refused, sum, counts, not)
	for _, a := range []Answer{Met, Unmet, Unknown, Manual, NotApplicable} {
		if sum[a] < 20 {
			t.Errorf("only %d answers are %v", sum[a], a)
		}
	}
	if sure < 20 || may < 20 {
		t.Errorf("only %d rows that the office sets are reached for certain, and %d may be", sure, may)
	}
	if counts.Plain*2 > counts.Answers {
		t.Errorf("%d of %d answers were left to the plain evaluator", counts.Plain, counts.Answers)
	}
}

// FuzzColumns: whatever scheme and facts a seed draws, the program says what the evaluator says.
func FuzzColumns(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, seed*7+1)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := rand.New(rand.NewPCG(a, b))
		lib, text := randomLibrary(r)
		if lib == nil {
			return
		}
		defer func() {
			if t.Failed() {
				t.Log(text)
			}
		}()
		q := Question{On: NewDate(2024+r.IntN(4), 1+r.IntN(12), 1+r.IntN(28)), Batch: []string{"", "第四批"}[r.IntN(2)]}
		checkColumns(t, lib, lib.Schemes(), q, randomParties(t, r, lib, lib.Schemes(), q.On, 40))
	})
}
