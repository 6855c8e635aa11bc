package policy

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzLoad: whatever is written in a file, reading it never panics, every problem has a place, and what loads
// without error can be evaluated and described.
func FuzzLoad(f *testing.F) {
	for _, file := range realFiles(f) {
		f.Add(file.Data)
	}
	f.Add([]byte(testHead + settleDocument))
	f.Add([]byte("document: d\nfrom: d\nschemes: {S: {from: d/S}}\n"))
	f.Add([]byte(strings.Repeat("[", 5000)))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", data}})
		for _, p := range ps {
			if p.Line < 1 || p.Message == "" {
				t.Fatalf("a problem without place or sentence: %+v", p)
			}
		}
		if HasErrors(ps) {
			return
		}
		lib.CheckExamples()
		for _, s := range lib.Schemes() {
			s.Describe()
			r := s.Evaluate(Question{Facts: NewFacts(lib.vocabulary), On: 20260630, Explain: true})
			if r.Answer == Met && len(r.Missing) == 0 && r.Amount.Low > r.Amount.High && !r.Amount.Open {
				t.Fatalf("%+v", r.Amount)
			}
		}
	})
}

// FuzzFacts: a facts file of any content never panics and never echoes long input.
func FuzzFacts(f *testing.F) {
	lib, _ := load(f, "")
	f.Add([]byte("facts:\n  收入@2025: 9990万元\n  奖励: [{from: 2025-01-01, 级别: 省级}]\n  received(d/S): 1元\ncoverage: {处罚: 2026-01-01}\n"))
	f.Add([]byte("facts: {收入@2025: 99999999999999999999999999999999999999亿元}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, ps := ReadFacts("f.yaml", data, lib.vocabulary)
		for _, p := range ps {
			if p.Line < 1 || p.Message == "" || len(p.Message) > 2000 {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// FuzzExpression: any text as a left side gives an expression or a problem, never a panic.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{"growth(收入@当年)", "研发@上年 / (收入@上年 + 利润@上年)", "best(奖励.级别@有效)", "received(S)", "1万元 × 3%", "((((", "收入@", "a.b.c@d", "－"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\n\r\"\\") || !bytes.Equal([]byte(text), bytes.ToValidUTF8([]byte(text), nil)) {
			return
		}
		load(t, "define:\n  甲: \""+text+"\"\n")
	})
}
