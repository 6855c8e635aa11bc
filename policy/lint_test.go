package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const fairWords = `vocabulary: 用语
fair_review:
  贡献: {law: 某条例, cite: 第十条, since: 2024-08-01, say: 不得与贡献挂钩, words: [地方贡献, 须在…注册]}
`

// lints are the problems of one document with a lint's id, each with the words that stand at its place.
func lints(t *testing.T, body string, more ...File) []string {
	t.Helper()
	_, ps := Check(append([]File{{"v.yaml", []byte(testVocabulary)}, {"w.yaml", []byte(fairWords)}, {"d.yaml", []byte(testHead + body)}}, more...))
	var out []string
	for _, p := range ps {
		text := []rune(strings.Split(testHead+body, "\n")[p.Line-1])
		switch {
		case strings.HasPrefix(p.Message, "例子与计算不符"): // what the figures come to is not looked at here
		case p.Lint == "" && p.Severity == SeverityError:
			t.Errorf("the case itself is wrong: %s", p)
		case p.Lint == lintWorking || p.Lint == lintUnused && !strings.Contains(body, "没用"):
		default:
			out = append(out, p.Severity+" "+p.Lint+" at "+string(text[p.Column-1:min(len(text), p.Column+23)]))
		}
	}
	return out
}

// require makes a scheme of one condition, money one of an amount.
func require(condition string) string {
	return "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    require:\n      " + condition + "\n"
}

func money(text, amount string) string {
	return "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    text: " + text + "\n    amount: " + amount + "\n    examples: [{P: 2025, expect: {answer: met}}]\n"
}

// pays is one scheme of money among several.
func pays(name, amount, limits string) string {
	out := "  " + name + ":\n    title: " + name + "\n    cite: 一\n    for: 企业\n    kind: money\n    amount: " + amount + "\n    examples: [{P: 2025, expect: {answer: met}}]\n"
	if limits != "" {
		out = strings.Replace(out, "    examples", "    limits: "+limits+"\n    examples", 1)
	}
	if name == "甲" {
		out = "schemes:\n" + out
	}
	return out
}

// TestLints: each lint fires where it should, and not one step beside it.
//
// Mutations: make an open end closed in beyond; drop the round of whole numbers; take outer knowledge away from other; leave the band's own
// quantity out of the key; compare a cap of the wording with nothing → red.
func TestLints(t *testing.T) {
	for _, c := range []struct {
		name, body, want string
	}{
		// conditions of one group against each other
		{"never together", require("all: [{of: 收入@当年, at_least: 10元}, {of: 收入@当年, under: 10元}]"), "error never at {of: 收入@当年, under: 10元}]"},
		{"together at one point", require("all: [{of: 收入@当年, at_least: 10元}, {of: 收入@当年, at_most: 10元}]"), ""},
		{"other years are other figures", require("all: [{of: 收入@当年, at_least: 10元}, {of: 收入@上年, under: 10元}]"), ""},
		{"through a name", "define:\n  甲: {of: 收入@当年, at_least: 10元}\n" + require("all: [甲, {of: 收入@当年, under: 5元}]"), "error never at {of: 收入@当年, under: 5元}]"},
		{"through a nested all", require("all: [{all: [{of: 守信, is: 是}, {of: 收入@当年, over: 10元}]}, {of: 收入@当年, at_most: 10元}]"), "error never at {of: 收入@当年, at_most: 10元"},
		{"a word and another", require("all: [{of: 领域, is: 甲}, {of: 领域, is: 乙}]"), "error never at {of: 领域, is: 乙}]"},
		{"yes and none of yes", require("all: [{of: 守信, is: 是}, {none: [{of: 守信, is: 是}]}]"), "error never at {of: 守信, is: 是}]}]"},
		{"both or neither in none", require("none: [{of: 收入@当年, at_least: 10元}, {of: 收入@当年, under: 10元}]"), "error never at {of: 收入@当年, under: 10元}]"},
		{"none of two sides leaves the middle", require("none: [{of: 收入@当年, over: 20元}, {of: 收入@当年, under: 10元}]"), ""},
		{"levels are whole", require("all: [{of: 评级, over: 市级}, {of: 评级, under: 国家级}]"), ""},
		{"no level between", require("all: [{of: 评级, over: 省级}, {of: 评级, under: 国家级}]"), "error never at {of: 评级, under: 国家级}]"},
		{"a family of codes", require("{of: 行业, within: [C38, C39]}"), ""},
		{"a family of codes within another", require("all: [{of: 行业, within: [C38]}, {of: 行业, within: [C381]}]"), ""},
		{"none of a family", require("all: [{of: 行业, within: [C38]}, {none: [{of: 行业, within: [C381]}]}]"), ""},
		{"counts are whole", require("all: [{has: 奖励@有效, over: 2}, {has: 奖励@有效, under: 3}]"), "error never at {has: 奖励@有效, under: 3}]"},
		{"implied by an earlier", require("all: [{of: 收入@当年, at_least: 20元}, {of: 收入@当年, at_least: 10元}]"), "warning implied at {of: 收入@当年, at_least: 10"},
		{"implied by a later", require("all: [{of: 收入@当年, at_least: 10元}, {of: 收入@当年, at_least: 20元}]"), "warning implied at {of: 收入@当年, at_least: 10"},
		{"the same twice", require("all: [{has: 奖励@有效}, {has: 奖励@有效}]"), "warning repeated at {has: 奖励@有效}]"},
		{"other filters are other records", require("all: [{has: 奖励@有效}, {has: 奖励@有效, where: {级别: 省级}}]"), ""},
		{"the same judgement twice", require("all: [{judge: 场所合适}, {judge: 场所合适}]"), "warning repeated at {judge: 场所合适}]"},
		{"any covers everything", require("any: [{of: 收入@当年, at_least: 10元}, {of: 收入@当年, under: 10元}]"), "warning always at {of: 收入@当年, under: 10元}]"},
		{"any leaves a point", require("any: [{of: 收入@当年, over: 10元}, {of: 收入@当年, under: 10元}]"), ""},
		{"any with a wider other", require("any: [{of: 收入@当年, at_least: 20元}, {of: 收入@当年, at_least: 10元}]"), "warning implied at {of: 收入@当年, at_least: 20"},
		{"a way that is closed", require("all: [{of: 收入@当年, at_least: 20元}, {any: [{of: 收入@当年, under: 10元}, {of: 守信, is: 是}]}]"), "warning never at {of: 收入@当年, under: 10元},"},
		{"a way that is always open", require("all: [{of: 收入@当年, at_least: 20元}, {any: [{of: 收入@当年, over: 10元}, {of: 守信, is: 是}]}]"), "warning always at {of: 收入@当年, over: 10元}, "},
		{"a guard that can never be", require("all: [{of: 收入@当年, at_least: 20元}, {if: {of: 收入@当年, under: 10元}, of: 守信, is: 是}]"), "warning never at {of: 收入@当年, under: 10元},"},
		{"a guard that always is", require("all: [{of: 收入@当年, at_least: 20元}, {if: {of: 收入@当年, over: 10元}, of: 守信, is: 是}]"), "warning implied at {of: 收入@当年, over: 10元}, "},
		{"a score out of reach", "define:\n  甲: {sum: [{by: 负债率@上年, at_most: {55%: 10分, 75%: 5分}, else: 0分}, {by: 评级, at_least: {省级: 20分}, else: 0分}]}\n" +
			require("{of: 甲, at_least: 31分}"), "error never at {of: 甲, at_least: 31分}"},
		{"a score just in reach", "define:\n  甲: {sum: [{by: 负债率@上年, at_most: {55%: 10分, 75%: 5分}, else: 0分}, {by: 评级, at_least: {省级: 20分}, else: 0分}]}\n" +
			require("{of: 甲, at_least: 30分}"), ""},
		{"a ratio below zero", require("{of: 研发@当年 / 收入@当年, at_least: 0%}"), "warning always at {of: 研发@当年 / 收入@当年, at_l"},
		{"growth above minus one", require("{of: growth(收入@当年), under: -100%}"), "error never at {of: growth(收入@当年), unde"},
		{"profit may shrink below", require("{of: growth(利润@当年), under: -100%}"), ""},
		{"a veto that nobody can confirm", "schemes:\n  S: {title: 测试, cite: 一, for: 企业, kind: recognition, require: {none: [{has: 订单@有效}]}}\n", "warning uncovered-veto at {has: 订单@有效}]}}"},
		{"a veto that can be", require("none: [{has: 处罚@近3年}]"), ""},

		// bands
		{"bands with a gap", require("all: [{if: {of: 收入@当年, at_least: 10元}, of: 研发@当年, at_least: 3元}, {if: {of: 收入@当年, under: 8元}, of: 研发@当年, at_least: 1元}]"), "warning band-gap at {of: 收入@当年, under: 8元}, "},
		{"bands with a point between", require("all: [{if: {of: 收入@当年, over: 10元}, of: 研发@当年, at_least: 3元}, {if: {of: 收入@当年, under: 10元}, of: 研发@当年, at_least: 1元}]"), "warning band-gap at {of: 收入@当年, under: 10元},"},
		{"bands that overlap", require("all: [{if: {of: 收入@当年, at_least: 10元}, of: 研发@当年, at_least: 3元}, {if: {of: 收入@当年, at_most: 10元}, of: 研发@当年, at_least: 1元}]"), "warning band-overlap at {of: 收入@当年, at_most: 10元"},
		{"bands that meet", require("all: [{if: {of: 收入@当年, at_least: 10元}, of: 研发@当年, at_least: 3元}, {if: {of: 收入@当年, under: 10元}, of: 研发@当年, at_least: 1元}]"), ""},
		{"bands of two questions", require("all: [{if: {of: 收入@当年, at_least: 10元}, of: 研发@当年, at_least: 3元}, {if: {of: 收入@当年, under: 8元}, of: 利润@当年, at_least: 1元}]"), ""},
		{"slices out of order leave a gap", money("补助，不超过9元", "{sum: [{give: 4%, of: 收入@当年, beyond: 11元}, {give: 3%, of: 收入@当年, up_to: 10元}], then: [{at_most: 9元}]}"), "warning band-gap at {give: 3%, of: 收入@当年, up"},
		{"slices out of order overlap", money("补助，不超过9元", "{sum: [{give: 4%, of: 收入@当年, beyond: 9元}, {give: 3%, of: 收入@当年, up_to: 10元}], then: [{at_most: 9元}]}"), "warning band-overlap at {give: 3%, of: 收入@当年, up"},
		{"slices out of order meet", money("补助，不超过9元", "{sum: [{give: 4%, of: 收入@当年, beyond: 10元}, {give: 3%, of: 收入@当年, up_to: 10元}], then: [{at_most: 9元}]}"), ""},

		// caps and floors
		{"a cap behind a lower one", money("补助，不超过5元", "{give: 10%, of: 收入@当年, then: [{at_most: 3元}, {at_most: 5元}]}"), "warning implied at 5元}]}"},
		{"a cap behind a higher one", money("补助，不超过5元", "{give: 10%, of: 收入@当年, then: [{at_most: 5元}, {at_most: 3元}]}"), ""},
		{"a floor above the cap", money("补助，不超过3元", "{give: 10%, of: 收入@当年, then: [{at_most: 3元}, {at_least: 4元}]}"), "warning never at 4元}]}"},
		{"a cap below the floor", money("补助，不超过3元", "{give: 10%, of: 收入@当年, then: [{at_least: 4元}, {at_most: 3元}]}"), "warning never at 3元}]}"},
		{"a floor at the cap", money("补助，不超过3元", "{give: 10%, of: 收入@当年, then: [{at_most: 3元}, {at_least: 3元}]}"), ""},
		{"a raise between them", money("补助，不超过3元", "{give: 10%, of: 收入@当年, then: [{at_most: 3元}, {times: 200%}, {at_most: 5元}]}"), ""},
		{"a cap of some alone", money("补助，不超过3元", "{give: 10%, of: 收入@当年, then: [{at_most: 3元, if: 守信}, {at_most: 5元}]}"), ""},

		// tables
		{"a row out of reach", "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    require: {of: 收入@当年, at_least: 20元}\n    amount: {by: 收入@当年, at_least: {30元: 3元, 10元: 2元, 5元: 1元}}\n    examples: [{P: 2025, expect: {answer: unknown}}]\n",
			"warning row-never at 5元: 1元}}"},
		{"an else that every level misses", money("补助", "{by: 评级, at_least: {国家级: 3元, 市级: 2元}, else: 1元}"), "warning row-never at 1元}"},
		{"an else that a level below reaches", money("补助", "{by: 评级, at_least: {国家级: 3元, 省级: 2元}, else: 1元}"), ""},
		{"an else that every word misses", money("补助", "{by: 领域, is: {甲: 3元, 乙: 2元}, else: 1元}"), "warning row-never at 1元}"},
		{"an else for who has no such record", money("补助", "{by: best(奖励.级别@有效), is: {国家级: 3元, 省级: 2元, 市级: 1元}, else: 0元}"), ""},
		{"a score without else where every level has its row", "define:\n  甲: {by: 评级, at_least: {国家级: 3分, 市级: 1分}}\n", ""},
		{"rows of codes", money("补助", "{by: 行业, within: {C38: 3元, C39: 2元}, else: 0元}"), ""},
		{"a figure of a document that is not here", "define: {别处: {see: not_found, item: 别处}}\n" + require("{of: 别处, at_least: 1分}"), ""},
		{"a level left out", money("补助", "{by: 评级, is: {国家级: 3元, 市级: 1元}}"), "warning level-gap at {国家级: 3元, 市级: 1元}}"},
		{"a level left out with else", money("补助", "{by: 评级, is: {国家级: 3元, 市级: 1元}, else: 0元}"), ""},
		{"the top level not named", money("补助", "{by: 评级, at_least: {省级: 3元, 市级: 1元}}"), "warning level-gap at {省级: 3元, 市级: 1元}}"},
		{"a word left out", money("补助", "{by: 领域, is: {甲: 3元}}"), "warning level-gap at {甲: 3元}}"},
		{"a word left out with else", money("补助", "{by: 领域, is: {甲: 3元}, else: 0元}"), ""},
		{"every word", money("补助", "{by: 领域, is: {甲: 3元, 乙: 1元}}"), ""},
		{"a word that the conditions keep away", strings.Replace(money("补助", "{by: 领域, is: {甲: 3元}}"), "    amount", "    require: {none: [{of: 领域, is: 乙}]}\n    amount", 1), ""},
		{"a word left out in a definition", "define:\n  丙: {by: 领域, is: {甲: {率: 3%, 顶: 9元}}}\n" + money("补助", "{give: 丙.率, of: 收入@当年, then: [{at_most: 丙.顶}]}"), "warning level-gap at {甲: {率: 3%, 顶: 9元}}}"},
		{"a level of records left out", money("补助", "{each: 奖励@当年, give: {by: 级别, is: {省级: 3元, 国家级: 9元}}, then: [{at_most: 99元}]}"), ""},
		{"a level of records between", money("补助", "{each: 奖励@当年, give: {by: 级别, is: {市级: 3元, 国家级: 9元}}, then: [{at_most: 99元}]}"), "warning level-gap at {市级: 3元, 国家级: 9元}}, then"},
		{"a level of records that the filter keeps away", money("补助", "{each: 奖励@当年, where: {级别: [市级, 国家级]}, give: {by: 级别, is: {市级: 3元, 国家级: 9元}}, then: [{at_most: 99元}]}"), ""},

		// what a share of a whole cannot exceed
		{"a part above the whole", require("{of: 研发@当年 / (收入@当年 + 研发@当年), at_least: 101%}"), "error never at {of: 研发@当年 / (收入@当年 + 研发"},
		{"a part that is the whole", require("{of: 研发@当年 / (收入@当年 + 研发@当年), at_least: 100%}"), ""},
		{"a part of another sum", require("{of: 研发@上年 / (收入@当年 + 研发@当年), at_least: 101%}"), ""},
		{"a sum with what may be below zero", require("{of: 研发@当年 / (利润@当年 + 研发@当年), at_least: 101%}"), ""},
		{"a row above the whole", money("补助", "{by: 职工 / (职工 + 派遣), at_least: {150%: 3元, 15%: 1元}}"), "warning row-never at 150%: 3元, 15%: 1元}}"},
		{"a slice above the whole", money("补助", "{give: 1元, per: 1百分点, remainder: drop, of: 职工 / (职工 + 派遣), beyond: 100%, then: [{at_most: 9元}]}"), "warning never at {give: 1元, per: 1百分点, re"},
		{"a slice below the whole", money("补助", "{give: 1元, per: 1百分点, remainder: drop, of: 职工 / (职工 + 派遣), beyond: 99%}"), ""},

		// sums that wait for each other
		{"two that read each other", pays("甲", "{give: 1%, of: received(乙)}", "") + pays("乙", "{give: 1%, of: received(甲)}", ""), "error circle at received(乙)}"},
		{"one that reads the other", pays("甲", "{give: 1%, of: received(乙)}", "") + pays("乙", "1元", ""), ""},
		{"one that reads itself", pays("甲", "{give: 1元, then: [{less: received(甲)}]}", ""), ""},
		{"three in a circle", pays("甲", "{give: 1%, of: received(乙)}", "") + pays("乙", "{give: 1元, then: [{less: received(丙)}]}", "") + pays("丙", "{give: 1%, of: received(甲)}", ""), "error circle at received(乙)}"},
		{"one that reads whom it shares a quota with", pays("甲", "{give: 1%, of: received(乙)}", "[{at_most: 3项, per: [年度], of: [甲, 乙], share: earliest}]") + pays("乙", "1元", ""), "error circle at received(乙)}"},
		{"one that shares a cap of the party", pays("甲", "{give: 1%, of: received(乙)}", "[{at_most: 3元, per: [企业, 年度], of: [甲, 乙], share: earliest}]") + pays("乙", "1元", ""), ""},
		{"a circle through a quota", pays("甲", "{give: 1%, of: received(乙)}", "") + pays("乙", "1元", "[{at_most: 3项, per: [年度], of: [乙, 丙], share: earliest}]") + pays("丙", "{give: 1%, of: received(甲)}", ""), "error circle at received(乙)}"},
		{"the top level of a score", "define:\n  甲: {by: 评级, at_least: {省级: 3分}, else: 0分}\n", ""},

		// caps
		{"no cap", money("按收入的1%补助", "{give: 1%, of: 收入@当年}"), "warning uncapped at {give: 1%, of: 收入@当年}"},
		{"a cap of the limits", strings.Replace(money("按收入的1%补助", "{give: 1%, of: 收入@当年}"), "    examples", "    limits: [{at_most: 9元, per: [企业, 年度]}]\n    examples", 1), ""},
		{"a cap under a condition is none", money("按收入的1%补助", "{give: 1%, of: 收入@当年, then: [{at_most: 9元, if: {of: 守信, is: 是}}]}"), "warning uncapped at {give: 1%, of: 收入@当年, th"},
		{"a fixed sum has a cap", money("补助", "1元"), ""},
		{"per record without a cap", money("补助", "{each: 奖励@当年, give: 1元}"), "warning uncapped at {each: 奖励@当年, give: 1元}"},
		{"the wording's cap is gone", money("按收入的1%补助，不超过20万元", "{give: 1%, of: 收入@当年, then: [{at_most: 2万元}]}"), "warning cap-missing at 按收入的1%补助，不超过20万元"},
		{"the wording's cap is there", money("按收入的1%补助，最高补助20万元", "{give: up to 1%, of: 收入@当年, then: [{at_most: 200000元}]}"), ""},
		// 最高 that is the cap leaves the rate exact; 最高 before the rate does not; nor does a 最高 of another figure than the cap's.
		{"最高 is the cap", money("按15%补助，最高800元", "{give: 15%, of: 收入@当年, then: [{at_most: 800元}]}"), ""},
		{"最高 is the cap, in 万", money("按15%补助，最高不超过800万元", "{give: 15%, of: 收入@当年, then: [{at_most: 800万元}]}"), ""},
		{"最高 before the rate", money("最高按15%补助，最高800元", "{give: 15%, of: 收入@当年, then: [{at_most: 800元}]}"), "warning modality at {give: 15%, of: 收入@当年, t"},
		{"最高 of the rate", money("按收入最高15%补助，最高800元", "{give: 15%, of: 收入@当年, then: [{at_most: 800元}]}"), "warning modality at {give: 15%, of: 收入@当年, t"},
		{"a floor written as a sum", money("每人补助不低于4000元", "4000元"), "warning modality at 4000元"},
		{"a floor written as a rate", money("给予不低于30%的补助", "{give: 30%, of: 收入@当年, then: [{at_most: 800元}]}"), "warning modality at {give: 30%, of: 收入@当年, t"},
		{"a floor that is one", money("给予不低于30%的补助，最高800元", "{give: at least 30%, of: 收入@当年, then: [{at_most: 800元}]}"), ""},
		{"a floor that is a step", money("按1%补助，不低于300元，最高800元", "{give: 1%, of: 收入@当年, then: [{at_least: 300元}, {at_most: 800元}]}"), ""},
		{"不低于 of a condition", money("收入不低于100元的，补助100元", "100元"), ""},
		{"a clause case by case has none", money("一事一议，最高20万元", "manual"), ""},

		// rounding, brackets, growth
		{"brackets from the threshold", money("补助，不超过9元", "{sum: [{give: 3%, of: 收入@当年, beyond: 2元, up_to: 10元}, {give: 4%, of: 收入@当年, beyond: 10元}], then: [{at_most: 9元}]}"), "warning bracket-start at {give: 3%, of: 收入@当年, be"},
		{"brackets from the threshold, chosen", money("补助，不超过9元", "{sum: [{give: 3%, of: 收入@当年, beyond: 2元, up_to: 10元}, {give: 4%, of: 收入@当年, beyond: 10元}], then: [{at_most: 9元}], interpretation: {choice: 从门槛起算, by: 甲, status: assumption}}"), ""},
		{"mean growth", require("{of: mean_growth(收入@近2年), over: 0%}"), "warning growth at {of: mean_growth(收入@近2年)"},
		{"mean growth, chosen", require("{of: mean_growth(收入@近2年), over: 0%, interpretation: {choice: 各年平均, by: 甲, status: assumption}}"), ""},
		{"compound growth as it is written", require("{of: cagr(收入@近2年), over: 0%, text: 年均复合增长率为正}"), ""},
		{"compound growth that is not", require("{of: cagr(收入@近2年), over: 0%, text: 年均增长为正}"), "warning growth at {of: cagr(收入@近2年), over:"},
		{"one year for a mean", require("{of: growth(收入@当年), over: 0%, text: 年均增长为正}"), "warning growth at {of: growth(收入@当年), over"},

		// wording
		{"a forbidden word", money("按地方贡献的一半补助", "1元"), "warning fair-review at 按地方贡献的一半补助"},
		{"a forbidden word with a gap", money("企业须在本市登记注册。", "1元"), "warning fair-review at 企业须在本市登记注册。"},
		{"two sentences are no wording", money("须在年底前申报。登记注册的企业", "1元"), ""},
		{"allowed with a reason", money("按地方贡献的一半补助\n    allow: [{lint: fair-review, reason: 国务院批准, by: 法制办}]", "1元"), ""},
		{"allowed for the whole document", "allow: [{lint: fair-review, reason: 国务院批准, by: 法制办}]\n" + money("按地方贡献的一半补助", "1元"), ""},
		{"allowed elsewhere", "allow: [{lint: fair-review, reason: 国务院批准, by: 法制办}]\n" + money("补助", "1元"), "warning unused-allow at {lint: fair-review, reas"},
		{"another is not allowed by it", money("按地方贡献的一半补助\n    allow: [{lint: uncapped, reason: 国务院批准, by: 法制办}]", "1元"), "warning fair-review at 按地方贡献的一半补助; warning unused-allow at {lint: uncapped, reason:"},

		{"a definition that nothing reads", "define: {没用: 1元, 有用: 2元}\n" + money("补助", "有用"), "warning unused at 没用: 1元, 有用: 2元}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := lints(t, c.body, File{"x.yaml", []byte("vocabulary: 订单\nrecords: {订单: {of: 企业, complete: none}}\n")})
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got %q, want %q\n%s", s, c.want, testHead+c.body)
			}
		})
	}
}

// TestRounding: a document that does not say how parts of a fen are rounded may not make any.
func TestRounding(t *testing.T) {
	head := strings.Replace(testHead, "rounding: {to: 0.01元, mode: down}\n", "", 1)
	for amount, bad := range map[string]bool{
		"{give: 100元, per: 1人, remainder: drop, of: 职工, then: [{at_most: 9元}]}":    false,
		"{give: 100元, per: 3人, remainder: prorate, of: 职工, then: [{at_most: 9元}]}": true,
		"{give: 100元, then: [{times: 110%, if: {of: 守信, is: 是}}]}":                 true,
		"{give: 100元, then: [{times: 200%, if: {of: 守信, is: 是}}]}":                 false,
		"0.001元": true,
		"0.01元":  false,
	} {
		_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(head + money("补助", amount))}})
		found := slices.ContainsFunc(ps, func(p Problem) bool { return p.Lint == lintRounding && p.Severity == SeverityError })
		if found != bad {
			t.Errorf("%s: %v", amount, ps)
		}
	}
}

// TestReissueKeepsCaps: what a clause had as its cap, the one that reissues it has too, or says why not. A fault of the old clause is told
// once, there.
func TestReissueKeepsCaps(t *testing.T) {
	old := strings.Replace(testHead, "document: d", "document: o", 1) + "schemes:\n  C:\n    title: 甲\n    cite: 一\n    for: 企业\n    kind: money\n    amount: {give: 1%, of: 收入@当年, then: [{at_most: 9元}]}\n" +
		"    limits: [{at_most: 1次, per: [企业]}]\n    examples: [{P: 2025, expect: {answer: met}}]\n"
	next := func(body string) File {
		return File{"n.yaml", []byte(strings.Replace(testHead, "document: d", "document: n", 1) + "from: o\nschemes:\n  C: {from: o/C, cite: 二, " + body + "examples: [{P: 2025, expect: {answer: met}}]}\n")}
	}
	for body, want := range map[string]string{
		"":          "",
		"text: 新, ": "",
		"amount: {give: 2%, of: 收入@当年, then: [{at_most: 9元}]}, ":                                        "",
		"amount: {give: 2%, of: 收入@当年}, ":                                                               "uncapped cap-lost",
		"amount: {give: 2元, per: 1元, remainder: drop, of: 收入@当年}, limits: [{at_most: 8元, per: [企业]}], ": "cap-lost",
		"amount: manual, ": "",
		"limits: [{at_most: 1次, per: [企业]}, {at_most: 8元, per: [企业]}], ": "",
		"limits: [{at_most: 8元, per: [企业]}], ":                           "cap-lost",
	} {
		_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"o.yaml", []byte(old)}, next(body)})
		var got []string
		for _, p := range ps {
			if p.Lint != lintWorking {
				got = append(got, p.Lint)
				if p.Lint == "" {
					t.Error(p)
				}
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %q, want %q: %v", body, s, want, ps)
		}
	}
	open := strings.Replace(old, ", then: [{at_most: 9元}]", "", 1)
	_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"o.yaml", []byte(open)}, next("")})
	n := 0
	for _, p := range ps {
		if p.Lint == lintUncapped {
			n++
			if p.File != "o.yaml" {
				t.Error(p)
			}
		}
	}
	if n != 1 {
		t.Errorf("told %d times: %v", n, ps)
	}
}

// TestPaidTwice: two schemes that pay one thing, in force together, need a rule.
func TestPaidTwice(t *testing.T) {
	clause := func(id, more, amount string) string {
		return "  " + id + ":\n    title: " + id + "\n    cite: 一\n    for: 企业\n    kind: money\n" + more + "    amount: " + amount + "\n    examples: [{P: 2025, expect: {answer: met}}]\n"
	}
	grows := "{give: 1%, of: 收入@当年, then: [{at_most: 9元}]}"
	for _, c := range []struct {
		name, body string
		twice      bool
	}{
		{"one base", clause("A", "", grows) + clause("B", "", grows), true},
		{"another year", clause("A", "", grows) + clause("B", "", strings.Replace(grows, "当年", "上年", 1)), false},
		{"a limit on both", clause("A", "", grows) + clause("B", "    limits: [{at_most: 1次, per: [企业, 年度], of: [A, B], share: highest}]\n", grows), false},
		{"a limit on another", clause("A", "", grows) + clause("B", "    limits: [{at_most: 1次, per: [企业, 年度], of: [B], share: highest}]\n", grows), true},
		{"less what the other paid", clause("A", "", grows) + clause("B", "", "{give: 1%, of: 收入@当年, then: [{at_most: 9元}, {less: received(A)}]}"), false},
		{"conditions that exclude", clause("A", "    require: {of: 收入@当年, under: 5元}\n", grows) + clause("B", "    require: {of: 收入@当年, at_least: 5元}\n", grows), false},
		{"conditions that meet", clause("A", "    require: {of: 收入@当年, at_most: 5元}\n", grows) + clause("B", "    require: {of: 收入@当年, at_least: 5元}\n", grows), true},
		{"one record, two fixed sums", clause("A", "    require: {has: 奖励@当年}\n", "1元") + clause("B", "    require: {all: [{has: 奖励@当年}, {of: 守信, is: 是}]}\n", "2元"), true},
		{"none of the other's record", clause("A", "    require: {has: 处罚@当年}\n", grows) + clause("B", "    require: {none: [{has: 处罚@当年}]}\n", grows), false},
		{"another subject", clause("A", "", grows) + strings.Replace(clause("B", "", grows), "for: 企业", "for: 项目", 1), false},
		{"one of them is set by a person", clause("A", "", grows) + clause("B", "", "manual"), false},
	} {
		got := slices.ContainsFunc(lints(t, "schemes:\n"+c.body), func(s string) bool { return strings.Contains(s, lintTwice) })
		if got != c.twice {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// Two documents: in force together, one after the other, for two years.
	other := func(dates string) File {
		return File{"e.yaml", []byte("document: e\ntitle: 乙\nnumber: not_found\ndates: " + dates + "\nperiods: {当年: P}\nrounding: {to: 0.01元, mode: down}\nschemes:\n" + clause("A", "", grows))}
	}
	for dates, twice := range map[string]bool{
		"{published: 2025-03-01}":                            true,
		"{published: 2025-03-01, performance: 2025}":         true,
		"{published: 2026-03-01, performance: 2026}":         false,
		"{published: 2024-03-01, valid_until: 2024-12-31}":   false,
		"{published: 2024-03-01, replaced: 2025-01-01 by d}": false,
		"{published: 2024-03-01, replaced: 2025-01-02 by d}": true,
	} {
		got := slices.ContainsFunc(lints(t, "schemes:\n"+clause("A", "", grows), other(dates)), func(s string) bool { return strings.Contains(s, lintTwice) })
		if got != twice {
			t.Errorf("%s: %v", dates, got)
		}
	}
}

// TestLegacy: a document older than the rule is marked, not blamed, and a reader sees by what; one of the same day is blamed.
func TestLegacy(t *testing.T) {
	for published, blamed := range map[string]bool{"2024-07-31": false, "2024-08-01": true, "2025-01-01": true} {
		doc := strings.Replace(testHead, "published: 2025-01-01", "published: "+published, 1) + money("按地方贡献的一半补助", "1元")
		lib, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"w.yaml", []byte(fairWords)}, {"d.yaml", []byte(doc)}})
		if got := slices.ContainsFunc(ps, func(p Problem) bool { return p.Lint == lintFair }); got != blamed {
			t.Errorf("%s: %v", published, ps)
		}
		marks := lib.Scheme("d/S").Describe().Legacy
		if len(marks) != map[bool]int{true: 0, false: 1}[blamed] || len(marks) == 1 && (marks[0].Words != "地方贡献" || marks[0].Cite != "《某条例》第十条") {
			t.Errorf("%s: marked %+v", published, marks)
		}
	}
	// A clause that a new document takes over is a clause of today.
	old := strings.Replace(strings.Replace(testHead, "document: d", "document: o", 1), "2025-01-01", "2023-01-01", 1) + money("按地方贡献的一半补助", "1元")
	next := testHead + "from: o\nschemes: {S: {from: o/S, cite: 二, examples: [{P: 2025, expect: {answer: met}}]}}\n"
	_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"w.yaml", []byte(fairWords)}, {"o.yaml", []byte(old)}, {"d.yaml", []byte(next)}})
	var got []string
	for _, p := range ps {
		if p.Lint == lintFair {
			got = append(got, p.File)
		}
	}
	if fmt.Sprint(got) != "[d.yaml]" {
		t.Errorf("%v", ps)
	}
}

// TestAllow: a reason and a name are asked for, and who reads the scheme sees them.
func TestAllow(t *testing.T) {
	for allow, says := range map[string]string{
		"[{lint: uncaped, reason: 甲, by: 乙}]":         "是否应为“uncapped”",
		"[{lint: uncapped, by: 乙}]":                   "请写明 reason",
		"[{lint: uncapped, reason: 甲}]":               "请写明 reason",
		"[uncapped]":                                  "allow 应写作",
		"[{lint: uncapped, reason: 甲, by: 乙, to: 丙}]": "不认识的键“to”",
	} {
		_, ps := load(t, money("补助\n    allow: "+allow, "{give: 1%, of: 收入@当年}"))
		if !HasErrors(ps) || !strings.Contains(fmt.Sprint(ps), says) {
			t.Errorf("%s: %v", allow, ps)
		}
	}
	lib, ps := load(t, money("补助\n    allow: {lint: uncapped, reason: 原文没有上限, by: 甲}", "{give: 1%, of: 收入@当年}"))
	if HasErrors(ps) {
		t.Fatal(ps)
	}
	if got := lib.Scheme("d/S").Describe().Allowed; len(got) != 1 || got[0] != (Allowance{"uncapped", "原文没有上限", "甲"}) {
		t.Errorf("%+v", got)
	}
}

// A limit of nothing, and a scheme for what nobody is, are reminded of; a facts file in the folder is told as what it is.
// Mutations: leave zeroLimits or addressed out of oneScheme; let a facts file be a file without document: → red.
func TestWhatLeavesNobodyAnything(t *testing.T) {
	limited := func(most, who string) string {
		return strings.Replace(money("补助", "5元\n    limits: [{at_most: "+most+", per: ["+who+", 年度]}]"), "for: 企业", "for: "+who, 1)
	}
	for body, want := range map[string]string{
		limited("0元", "企业"):   "[warning zero-limit at 0元, per: [企业, 年度]}]]",
		limited("0次", "企业"):   "[warning zero-limit at 0次, per: [企业, 年度]}]]",
		limited("1元", "企业"):   "[]",
		limited("1元", "个人"):   "[]",
		limited("1元", "企业法人"): "[warning unknown-for at 企业法人]",
	} {
		if got := fmt.Sprint(lints(t, body)); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	_, ps := Check([]File{{"v.yaml", []byte(testVocabulary)}, {"f.yaml", []byte("party: 甲\nfacts: {收入@2025: 1元}\n")}})
	if len(ps) != 1 || ps[0].File != "f.yaml" || !strings.Contains(ps[0].Message, "这是事实文件") || !strings.Contains(ps[0].Message, "--facts") {
		t.Errorf("%v", ps)
	}
}
