package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const halfTested = `document: half
title: 例
number: not_found
body: 例
dates: {published: 2025-01-01, performance: 2025}
schemes:
  甲:
    title: 甲
    cite: 一
    for: 企业
    kind: money
    require: {of: 指标, at_least: 10元}
    amount: 5元
    examples:
    #= 10元恰好够。
    - {given: {指标: 10元}, expect: {answer: met, amount: 5元}}
`

// TestCoverageOfExamples: one of two ways is reached. Mutations that turn it red: exit 0 below --min; count a condition once; forget the line.
func TestCoverageOfExamples(t *testing.T) {
	dir := t.TempDir()
	writeIn(t, dir, "v.yaml", "vocabulary: 例\nterms: {指标: {of: 企业, unit: 元}}\n")
	writeIn(t, dir, "d.yaml", halfTested)
	shanglin(t, "", "test", dir).expect(t, 0, []string{"1个条款的示例全部验算无误。"}, []string{"%"})
	shanglin(t, "", "test", dir, "--coverage", "--min", "50").expect(t, 0, []string{"50%  1/2  half/甲 甲", "d.yaml:12: 条件“指标不低于10元”：没有例子不符合。", "到过2处中的1处，50%"}, nil)
	shanglin(t, "", "test", dir, "--min", "51").expect(t, 1, []string{"不到 --min 要求的51%"}, []string{"d.yaml:12"})
	shanglin(t, "", "test", dir, "--min", "101").expect(t, 2, nil, nil)
	shanglin(t, "", "test").expect(t, 2, nil, nil)
	var got struct {
		Points, Reached, Percent int
		Schemes                  []struct {
			Missed []struct{ Line int }
		}
	}
	if o := shanglin(t, "", "test", dir, "--json"); json.Unmarshal([]byte(o.out), &got) != nil || got.Points != 2 || got.Reached != 1 || got.Percent != 50 || got.Schemes[0].Missed[0].Line != 12 {
		t.Errorf("%+v\n%s", got, o.out)
	}
	writeIn(t, dir, "d.yaml", halfTested+"    #= 错\n    - {given: {指标: 9元}, expect: {answer: met}}\n")
	shanglin(t, "", "test", dir).expect(t, 1, []string{"d.yaml:18", "例子与计算不符", "请先改正"}, []string{"验算无误"})
}

func writeIn(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
