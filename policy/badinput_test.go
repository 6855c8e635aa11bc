package policy

import (
	"fmt"
	"strings"
	"testing"
)

// TestNearlyRight: what a hand mistypes is named at its place with a sentence that says what to write; nothing is read as something else.
func TestNearlyRight(t *testing.T) {
	require := "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    require: "
	amount := "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: money\n    examples: [{P: 2025, expect: {answer: met}}]\n    amount: "
	nines := strings.Repeat("9", 99)
	for _, c := range []struct{ name, body, at, says string }{
		{"full-width colon in brackets", require + "{of：守信, is: 是}", "d.yaml:13:17", "冒号应是半角"},
		{"full-width colon after a key", "schemes:\n  S:\n    title：测试\n    cite: 一\n", "d.yaml:9:10", "冒号应是半角"},
		{"full-width comma", require + "{of: 守信， is: 是}", "d.yaml:13:21", "逗号应是半角"},
		{"full-width brackets", require + "｛of: 守信, is: 是｝", "d.yaml:13:14", "花括号应是半角"},
		{"full-width digits", require + "{of: 收入@当年, at_least: １２元}", "d.yaml:13:36", "应写作 12元"},
		{"full-width percent and digits", require + "{of: growth(收入@当年), at_least: １０％}", "d.yaml:13:44", "应写作 10%"},
		{"thousands", require + "{of: 收入@当年, at_least: '1,000元'}", "d.yaml:13:36", "应写作 1000元"},
		{"full-width thousands", amount + "1，000元", "d.yaml:14:13", "应写作 1000元"},
		{"minus sign of a printer", require + "{of: growth(收入@当年), at_least: −5%}", "d.yaml:13:44", "应写作 -5%"},
		{"Cyrillic a in a key", require + "{of: 收入@当年, аt_least: 12元}", "d.yaml:13:26", "U+0430"},
		{"Cyrillic e in a key", "schemes:\n  S:\n    titlе: 测试\n", "d.yaml:9:9", "U+0435"},
		{"no-break space after a colon", require + "{of: 收入@当年, at_least:\u00a012元}", "d.yaml:13:35", "U+00A0"},
		{"zero-width space in a word", require + "{of: 收入\u200b@当年, at_least: 12元}", "d.yaml:13:19", "U+200B"},
		{"tab as indent", "schemes:\n\tS:\n\t\ttitle: 测试\n", "d.yaml:8:1", "制表符"},
		{"99 digits", require + "{of: 收入@当年, at_least: " + nines + "元}", "d.yaml:13:36", "位数太多"},
		{"a one with forty noughts", amount + "1" + strings.Repeat("0", 40) + "元", "d.yaml:14:13", "位数太多"},
		{"forty noughts and a one", require + "{of: 收入@当年, at_least: 0." + strings.Repeat("0", 40) + "1元}", "d.yaml:13:36", "位数太多"},
		{"a control character", require + "{of: 守信, is: 是} # \x01", "d.yaml:13:32", "控制字符"},
		{"a byte that is no UTF-8", require + "{of: 守信, is: \xca\xc7}", "d.yaml:13:27", "不是 UTF-8"},
		{"two thousand and one names", manyNames(2001), "d.yaml:2008:3", "不超过2000项"},
		{"an exponent", require + "{of: 收入@当年, at_least: 1e400元}", "d.yaml:13:36", "不是一个值"},
		{"more than there is money", amount + nines[:20] + "亿元", "d.yaml:14:13", "金额过大"},
		{"amount below zero", amount + "-3万元", "d.yaml:14:13", "不能小于零"},
		{"rate below zero", amount + "{give: -3%, of: 收入@当年}", "d.yaml:14:20", "不能小于零"},
		{"times below zero", amount + "{give: 1万元, then: [{times: -10%}]}", "d.yaml:14:40", "不能小于零"},
		{"cap below zero", amount + "{give: 1万元, then: [{at_most: -1万元}]}", "d.yaml:14:42", "不能小于零"},
		{"count below zero", require + "{has: 奖励@有效, at_least: -1}", "d.yaml:13:37", "不小于零的整数"},
		{"count that is no whole number", require + "{of: count(奖励@有效), at_least: 1.5}", "d.yaml:13:43", "不小于零的整数"},
		{"debt ratio below zero", require + "{of: 负债率@当年, under: -5%}", "d.yaml:13:34", "永远不成立"},
		{"division by nothing", require + "{of: 收入@当年 / 0, at_least: 10元}", "d.yaml:13:19", "除以零"},
		{"per nothing", amount + "{give: 1万元, per: 0元, remainder: drop, of: 收入@当年}", "d.yaml:14:30", "大于零"},
		{"per less than nothing", amount + "{give: 1万元, per: -1元, remainder: drop, of: 收入@当年}", "d.yaml:14:30", "大于零"},
		{"a remainder that is no word", amount + "{give: 1万元, per: 1元, remainder: dropop, of: 收入@当年}", "d.yaml:14:45", "remainder 只能写"},
		{"range the wrong way round", amount + "3万元 to 1万元", "d.yaml:14:13", "前一个数应小于后一个数"},
		{"slice that ends before it begins", amount + "{give: 1%, of: 收入@当年, beyond: 10元, up_to: 5元}", "d.yaml:14:", "应大于 beyond"},
		{"conditions in a circle", "define:\n  甲: {all: [乙]}\n  乙: {any: [甲]}\n", "d.yaml:9:13", "绕了一圈"},
		{"values in a circle", "define:\n  甲: {sum: [乙, 1元]}\n  乙: {highest: [甲, 2元]}\n", "d.yaml:9:17", "绕了一圈"},
		{"a scheme that reissues itself", "schemes:\n  S: {from: d/S}\n", "d.yaml:8:13", "绕了一圈"},
		{"two schemes that reissue each other", "schemes:\n  S: {from: d/T}\n  T: {from: d/S}\n", "d.yaml:8:13", "绕了一圈"},
		{"sixty brackets deep", require + strings.Repeat("{all: [", 60) + "守信" + strings.Repeat("]}", 60), "d.yaml:13:", "嵌套过深"},
		{"three thousand brackets in an expression", require + "{of: '" + strings.Repeat("(", 3000) + "收入@当年" + strings.Repeat(")", 3000) + "', at_least: 1元}", "d.yaml:13:19", "表达式过长"},
		{"a scheme twice", "schemes:\n  S: {title: 甲}\n  S: {title: 乙}\n", "d.yaml:9:3", "写了两次"},
	} {
		_, ps := load(t, c.body)
		refused(t, c.name, ps, c.at, c.says)
	}
	for name, c := range map[string]struct{ dates, says string }{
		"valid until before published":          {"{published: 2025-01-01, in_force: 2023-01-01, valid_until: 2024-12-31}", "早于发布日"},
		"valid until before in force":           {"{published: 2022-01-01, in_force: 2025-01-01, valid_until: 2024-12-31}", "早于施行日"},
		"replaced before published":             {"{published: 2025-01-01, replaced: 2024-12-31 by e}", "早于发布日"},
		"signed after published":                {"{signed: 2025-01-02, published: 2025-01-01}", "成文日期晚于发布日"},
		"replaced by itself":                    {"{published: 2025-01-01, replaced: 2026-01-01 by d}", "不能由它自己接替"},
		"a day that is not":                     {"{published: 2025-02-30}", "日期应写作"},
		"a performance year of two digits":      {"{published: 2025-01-01, performance: 25}", "四位年份"},
		"a performance year that no figure has": {"{published: 2025-01-01, performance: 9999}", "四位年份"},
	} {
		head := strings.Replace(testHead, "{published: 2025-01-01, performance: 2025}", c.dates, 1)
		_, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(head)}})
		refused(t, name, ps, "d.yaml:4:", c.says)
	}
	_, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte("\ufeff\ufeff" + testHead)}})
	refused(t, "two byte order marks", ps, "d.yaml:1:2", "U+FEFF")
	_, ps = Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(testHead)}, {"e.yaml", []byte(testHead)},
		{"w.yaml", []byte("vocabulary: 又一份\nterms:\n  收入: {of: 企业, unit: 元, every: 年}\n")}})
	refused(t, "two documents of one id", ps, "e.yaml:1:11", "已被 d.yaml 使用")
	refused(t, "a term twice", ps, "w.yaml:3:3", "")
	for name, c := range map[string]struct{ body, at, says string }{
		"a unit that is not known":               {"terms:\n  面积: {of: 企业, unit: 亩}\n", "w.yaml:3:22", "不认识的单位“亩”，请先在 units: 中声明，例如 units: {亩: {}}。"},
		"a field of a unit that is not known":    {"records:\n  地块: {of: 企业, fields: {面积: 亩}}\n", "w.yaml:3:29", "不认识的栏目类型“亩”：应是单位（元、项、人…，别的先在 units: 中声明）、是否、词、日期、code（行业代码），或一组等级的名称。"},
		"a built-in unit with multiples":         {"units: {人: {百人: 100}}\n", "w.yaml:2:9", "“人”是内置的单位，不能另定大小和倍数；请删去这一行。"},
		"a built-in multiple as a unit":          {"units: {万元: {}}\n", "w.yaml:2:9", "“万元”是内置的单位，不能另定大小和倍数"},
		"a built-in unit that is declared again": {"units: {人: {}, 家: {}}\nterms:\n  门店: {of: 企业, unit: 家, at_least: 0家}\n", "", ""},
		"units that need no declaring":           {"terms:\n  甲: {of: 企业, unit: 家}\n  乙: {of: 企业, unit: 个}\n  丙: {of: 企业, unit: 名}\n  丁: {of: 企业, unit: 户, at_least: 0万户}\n  戊: {of: 企业, unit: 件}\n", "", ""},
	} {
		_, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(testHead)}, {"w.yaml", []byte("vocabulary: 又一份\n" + c.body)}})
		if c.says == "" && HasErrors(ps) {
			t.Errorf("%s: %v", name, ps)
		} else if c.says != "" {
			refused(t, name, ps, c.at, c.says)
		}
	}
	_, ps = Load([]File{{"v.yaml", []byte(testVocabulary)}, {"a.yaml", []byte(strings.Replace(testHead, "document: d", "document: a\nfrom: b", 1))},
		{"b.yaml", []byte(strings.Replace(testHead, "document: d", "document: b\nfrom: a", 1))}})
	refused(t, "documents in a circle", ps, "a.yaml:2:7", "绕了一圈")
}

func manyNames(n int) string {
	var b strings.Builder
	b.WriteString("define:\n")
	for i := range n {
		fmt.Fprintf(&b, "  甲%d: 1元\n", i)
	}
	return b.String()
}

func refused(t *testing.T, name string, ps []Problem, at, says string) {
	t.Helper()
	var all []string
	for _, p := range ps {
		if p.Severity == SeverityError && strings.HasPrefix(p.String(), at) && strings.Contains(p.Message, says) {
			return
		}
		all = append(all, p.String())
	}
	t.Errorf("%s: no error at %s that says %s, only:\n%s", name, at, says, strings.Join(all, "\n"))
}

// TestSameFileOtherwise: a byte order mark, the line ends of another system and tabs between words change nothing.
func TestSameFileOtherwise(t *testing.T) {
	text := testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n    kind: recognition\n    require: {of: 收入@当年,\tat_least: 10％}\n"
	text = strings.Replace(text, "收入@当年,", "growth(收入@当年),", 1)
	for name, data := range map[string]string{"as it is": text, "byte order mark": "\ufeff" + text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "CR": strings.ReplaceAll(text, "\n", "\r")} {
		lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(data)}})
		if HasErrors(ps) {
			t.Errorf("%s: %v", name, ps)
			continue
		}
		s := lib.Scheme("d/S")
		for given, want := range map[string]Answer{"收入@2024: 100元; 收入@2025: 110元": Met, "收入@2024: 100元; 收入@2025: 109元": Unmet} {
			if r := s.Evaluate(Question{Facts: facts(t, s, given), On: 20260630}); r.Answer != want {
				t.Errorf("%s: %s: %v", name, given, r.Answer)
			}
		}
	}
}

// TestSumsBeyondMoney: what does not fit in fen is open, never another sum: a million times 92,233,720,368.54元 is
// 92,233,720,368,540,000元, a million times one fen more would be beyond 2⁶³ − 1 fen.
func TestSumsBeyondMoney(t *testing.T) {
	s := one(t, "", "kind: money\namount: {give: 100000000%, of: 收入@当年}")
	for given, want := range map[string]Fen{"92233720368.54元": 9223372036854000000, "92233720368.55元": 0} {
		r := s.Evaluate(Question{Facts: facts(t, s, "收入@2025: "+given), On: 20260630})
		if r.Amount.Low != want || r.Amount.Open != (want == 0) || want != 0 && r.Amount.High != want {
			t.Errorf("%s: %+v", given, r.Amount)
		}
	}
}
