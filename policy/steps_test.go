package policy

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"testing"
	"unicode/utf8"
)

// How many times a step goes into a figure, by hand: 49,999 ÷ 50,000 = 0.99998, which four places would make a whole step; 100,001 ÷ 3 =
// 33,333.66…; 300,004 ÷ 3 = 100,001.33….
// Turns red when a rounded number of steps loses its mark, is grouped with it, or reads as another whole number of steps.
func TestARoundedNumberOfStepsIsWrittenWhole(t *testing.T) {
	for _, c := range []struct{ per, rest, base, zh, en string }{
		{"5万瓦", "drop", "49999瓦", "装机 4.9999万瓦 ÷ 5万瓦 = 0.99998 → 0档（不足一档不计）\n0档 × 1元 = 0元\n应得：0元",
			"装机 49,999 瓦 ÷ 50,000 瓦 = 0.99998 → 0 steps (a part of a step does not count)\n0 steps × CNY 1 = CNY 0\ndue: CNY 0"},
		{"5万瓦", "prorate", "49999瓦", "装机 4.9999万瓦 ÷ 5万瓦 = 0.99998档\n0.99998档 × 1元 = 0.99998元\n不足一分的舍去：0.99998元 → 0.99元\n应得：0.99元", ""},
		{"3瓦", "drop", "100001瓦", "装机 10.0001万瓦 ÷ 3瓦 = ≈33,333.6667 → 33,333档（不足一档不计）\n33,333档 × 1元 = 3.3333万元\n应得：3.3333万元", ""},
		{"3瓦", "drop", "300004瓦", "装机 30.0004万瓦 ÷ 3瓦 = ≈100,001.3333 → 100,001档（不足一档不计）\n100,001档 × 1元 = 10.0001万元\n应得：10.0001万元",
			"装机 300,004 瓦 ÷ 3 瓦 = ≈100,001.3333 → 100,001 steps (a part of a step does not count)\n100,001 steps × CNY 1 = CNY 100,001\ndue: CNY 100,001"},
	} {
		s := one(t, "", "kind: money\namount: {give: 1元, per: "+c.per+", remainder: "+c.rest+", of: 装机}")
		for lang, want := range map[Lang]string{Chinese: c.zh, English: c.en} {
			r := s.Evaluate(Question{Facts: facts(t, s, "装机: "+c.base), On: 20260630, Explain: true, Lang: lang})
			if got := toldLines(s.Explanation(r, lang), "amount"); want != "" && got != want {
				t.Errorf("%s of %s:\n%s\nwant:\n%s", c.per, c.base, got, want)
			}
		}
	}
	for text, want := range map[string]string{"≈1": "≈1", "≈100001": "≈100,001", "-12345.6": "-12,345.6", "≈-1234": "≈-1,234", "999": "999", "1000": "1,000"} {
		if got := grouped(text); got != want {
			t.Errorf("%s is grouped to %s, want %s", text, got, want)
		}
	}
}

// brokenNumber finds a comma before a number, and digits between commas that are no three.
var brokenNumber = regexp.MustCompile(`(?:^|[^0-9]),[0-9]|[0-9],(?:[0-9]{1,2}|[0-9]{4,})(?:[^0-9]|$)`)

// Whatever scheme and facts: every text of a result and its explanation is readable, and its numbers are grouped by three.
// Turns red when grouping runs over a sign.
func TestEveryTextIsReadable(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 15
	}
	texts, grouped := 0, 0
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 41))
		lib, scheme := randomLibrary(r)
		if lib == nil {
			continue
		}
		on := NewDate(2024+r.IntN(4), 1+r.IntN(12), 1+r.IntN(28))
		for i, f := range randomParties(t, r, lib, lib.Schemes(), on, 4) {
			lang := []Lang{Chinese, English}[i%2]
			for _, s := range lib.Schemes() {
				got := s.Evaluate(Question{Facts: f, On: on, Explain: true, Changes: true, Lang: lang})
				data, err := json.Marshal([]any{got, s.Explanation(got, lang), s.DescribeIn(lang)})
				if err != nil {
					t.Fatal(err)
				}
				var told any
				if err := json.Unmarshal(data, &told); err != nil {
					t.Fatal(err)
				}
				everyText(told, func(text string) {
					texts++
					if len(text) > 5 && regexp.MustCompile(`[0-9],[0-9]`).MatchString(text) {
						grouped++
					}
					if !utf8.ValidString(text) || regexp.MustCompile("\uFFFD").MatchString(text) || brokenNumber.MatchString(text) {
						t.Fatalf("seed %d: %q\n%s", seed, text, scheme)
					}
				})
			}
		}
	}
	if grouped*1000 < texts {
		t.Errorf("of %d texts only %d have a grouped number", texts, grouped)
	}
}

func everyText(x any, visit func(string)) {
	switch y := x.(type) {
	case string:
		visit(y)
	case []any:
		for _, part := range y {
			everyText(part, visit)
		}
	case map[string]any:
		for _, part := range y {
			everyText(part, visit)
		}
	}
}
