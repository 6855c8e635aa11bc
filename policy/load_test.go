package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// realFiles are the scheme files of the repository.
func realFiles(tb testing.TB) []File {
	tb.Helper()
	var files []File
	err := filepath.WalkDir("../schemes", func(p string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(p) != ".yaml" {
			return err
		}
		b, err := os.ReadFile(p)
		files = append(files, File{filepath.ToSlash(p), b})
		return err
	})
	if err != nil || len(files) == 0 {
		tb.Fatalf("no scheme files: %v", err)
	}
	return files
}

func realLibrary(tb testing.TB) *Library {
	tb.Helper()
	lib, ps := Load(realFiles(tb))
	for _, p := range ps {
		if p.Severity == SeverityError {
			tb.Error(p)
		}
	}
	if tb.Failed() {
		tb.FailNow()
	}
	return lib
}

const testVocabulary = `vocabulary: 测试
units: {瓦: {千瓦: 1000, 兆瓦: 1000000}}
levels: {级别: [市级, 省级, 国家级]}
awards: {上级奖: {from: 上级}}
terms:
  收入: {of: 企业, unit: 元, every: 年, at_least: 0元, precision: 1元}
  研发: {of: 企业, unit: 元, every: 年, at_least: 0元}
  利润: {of: 企业, unit: 元, every: 年}
  负债率: {of: 企业, unit: '%', every: 年, at_least: 0%}
  装机: {of: 企业, unit: 瓦, at_least: 0瓦}
  职工: {of: 企业, unit: 人, at_least: 0人}
  派遣: {of: 企业, unit: 人, at_least: 0人}
  领域: {of: 企业, words: [甲, 乙]}
  评级: {of: 企业, level: 级别}
  入驻: {of: 企业, type: date, founded: 是}
  守信: {of: 企业, type: bool}
  行业: {of: 企业, type: code}
records:
  奖励: {of: 企业, complete: 科技局, fields: {级别: 级别, 排名: 项, 金额: 元, 有效益: 是否}}
  处罚: {of: 企业, complete: 信用中心}
`

const testHead = `document: d
title: 测试文件
number: not_found
dates: {published: 2025-01-01, performance: 2025}
periods: {当年: P, 上年: P-1, 近2年: P-1..P, 近3年: P-2..P, 以往: ..P-1, 近12个月: 12月 to A}
rounding: {to: 0.01元, mode: down}
`

// load builds a library of the test vocabulary and one document body.
func load(tb testing.TB, body string) (*Library, []Problem) {
	tb.Helper()
	return Load([]File{{"v.yaml", []byte(testVocabulary)}, {"d.yaml", []byte(testHead + body)}})
}

// one builds a scheme from its inner lines and fails on any error.
func one(tb testing.TB, define, inner string) *Scheme {
	tb.Helper()
	body := ""
	if define != "" {
		body = "define:\n" + indent(define, "  ")
	}
	body += "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" + indent(inner, "    ")
	lib, ps := load(tb, body)
	for _, p := range ps {
		if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
			tb.Fatal(p)
		}
	}
	return lib.Scheme("d/S")
}

func indent(s, by string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = by + lines[i]
	}
	return strings.Join(lines, "\n") + "\n"
}

// facts reads "key: value; key: value".
func facts(tb testing.TB, s *Scheme, text string) *Facts {
	tb.Helper()
	f := NewFacts(s.doc.lib.vocabulary)
	for _, line := range strings.Split(text, ";") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		k, v, ok := strings.Cut(line, ":")
		if !ok {
			tb.Fatalf("no colon in %q", line)
		}
		if err := f.Set(k, v, Source{}); err != nil {
			tb.Fatalf("%s: %v", k, err)
		}
	}
	return f
}

// TestRealFiles: the repository's own files have no error and every worked example agrees.
// Mutation: change any parameter in schemes/ (500元 → 501元) → red.
func TestRealFiles(t *testing.T) {
	lib := realLibrary(t)
	for _, p := range lib.CheckExamples() {
		t.Error(p)
	}
	examples := 0
	for _, s := range lib.Schemes() {
		examples += len(s.examples)
	}
	if examples < 2*len(lib.Schemes()) {
		t.Errorf("%d examples for %d schemes; each has at least two", examples, len(lib.Schemes()))
	}
}
