package policy

import (
	"bytes"
	"slices"
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

// FuzzProcess: whatever is written in a process, reading and describing it never panics, every problem has a place, and what is read without
// error can be run: it begins at a stage of its own, and every way leads to one.
func FuzzProcess(f *testing.F) {
	f.Add([]byte(goodProcess))
	lines := strings.SplitAfter(goodProcess, "\n")
	for i, line := range lines { // each line left out, and each value made a list
		f.Add([]byte(strings.Join(append(slices.Clone(lines[:i]), lines[i+1:]...), "")))
		if key, _, ok := strings.Cut(line, ": "); ok {
			f.Add([]byte(strings.Join(append(append(slices.Clone(lines[:i]), key+": [[a], {b: c}]\n"), lines[i+1:]...), "")))
		}
	}
	for _, file := range realFiles(f) {
		if bytes.Contains(file.Data, []byte("\nprocess: ")) {
			f.Add(file.Data)
		}
	}
	for _, s := range []string{"process: 甲\ncase: {stages: {}}\n", "process: 甲\ncase: [a]\nround: b\n", "process: {a: b}\ncase: {stages: [a], always: [b], apart: {c: d}}\n",
		"process: 甲\nround: {stages: {甲: {who: [a], within: [b], actions: {乙: {do: [{move_cases: [c]}, [d], {}], needs: {e: f}}}}}}\n",
		"process: 甲\ncase: {stages: {甲: {tasks: {乙: , 丙: {actions: {丁: }}}, then: [a], waits: {b: c}, ends: [d]}}, always: {戊: {at: [[a]]}}, apart: [[[a], b], c]}\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"p.yaml", data}})
		for _, p := range ps {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Fatalf("a problem without place or sentence: %+v", p)
			}
		}
		for _, p := range lib.Processes() {
			p.Describe()
		}
		p, _ := ReadProcess(File{"p.yaml", data})
		if p == nil {
			return
		}
		p.Describe()
		for _, flow := range p.Flows {
			if flow.Stage(flow.Start) == nil {
				t.Fatalf("begins at %q", flow.Start)
			}
			for _, s := range flow.Stages {
				if s.Then != "" && flow.Stage(s.Then) == nil {
					t.Fatalf("%q goes to %q", s.Key, s.Then)
				}
				for _, task := range s.Tasks {
					if len(task.Actions) == 0 || task.Who.Role == "" {
						t.Fatalf("a task without actions or anybody: %+v", task)
					}
					for _, a := range task.Actions {
						if a.To != "" && flow.Stage(a.To) == nil {
							t.Fatalf("%q goes to %q", a.Key, a.To)
						}
					}
				}
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
