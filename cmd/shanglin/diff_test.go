package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDiff: the layout of a file is no change, a threshold and a cap are, and the ids of a folder are compared like files.
func TestDiff(t *testing.T) {
	dir := t.TempDir()
	writeIn(t, dir, "v.yaml", "vocabulary: 例\nterms: {指标: {of: 企业, unit: 元}}\n")
	writeIn(t, dir, "old.yaml", halfTested)
	writeIn(t, dir, "same.yaml", "# 注\n"+strings.Replace(halfTested, "require: {of: 指标, at_least: 10元}", "require:\n      at_least: '10元'\n      of: 指标", 1))
	writeIn(t, dir, "new.yaml", strings.NewReplacer("at_least: 10元", "at_least: 8元", "amount: 5元\n", "amount: 6元\n", "amount: 5元}", "amount: 6元}").Replace(halfTested))
	writeIn(t, dir, "bad.yaml", strings.Replace(halfTested, "kind: money", "kind: mony", 1))
	file := func(name string) string { return filepath.Join(dir, name) }
	if got := shanglin(t, "", "diff", file("old.yaml"), file("same.yaml")); got.code != 0 || got.out != "" || !strings.Contains(got.errs, "没有不同") {
		t.Errorf("%+v", got)
	}
	shanglin(t, "", "diff", file("old.yaml"), file("new.yaml")).expect(t, 1, []string{"half/甲 甲", "【更宽】“指标”的要求由“不低于10元”改为“不低于8元”。", "【更多】金额由5元改为6元。", "共2处不同"}, nil)
	shanglin(t, "", "diff", "--json", file("new.yaml"), file("old.yaml")).expect(t, 1, []string{`"way": "更严"`, `"way": "更少"`}, nil)
	shanglin(t, "", "diff", file("old.yaml"), file("bad.yaml")).expect(t, 2, []string{"bad.yaml:11", "不能比较"}, nil)
	shanglin(t, "", "diff", file("old.yaml"), file("none.yaml")).expect(t, 2, []string{"没有这个文件"}, nil)
	shanglin(t, "", "diff", "--schemes", schemesFolder, "cx2024", "cx2025").expect(t, 1, []string{
		"【更宽】“当年营业收入的增长率”的要求由“不低于12%”改为“不低于10%”。", "【更少】金额的每档标准由1,000元改为最高500元。", "新增条款：最高20万元。"}, nil)
	// A document may change what the one that it carries on says when both lie in one folder, as files are compared too. Turns red when a file
	// is compared outside of its folder.
	shanglin(t, "", "diff", filepath.Join(schemesFolder, "cixi", "cx2024.yaml"), filepath.Join(schemesFolder, "cixi", "cx2025.yaml")).expect(t, 1, []string{
		"【更宽】“当年营业收入的增长率”的要求由“不低于12%”改为“不低于10%”。"}, nil)
	flow := "{document: half, title: 半, number: not_found, dates: {published: 2025-01-01, performance: 2025}, schemes: {甲: {title: 甲, cite: not_found, for: 企业, kind: honour}}}\n"
	other := t.TempDir()
	writeIn(t, other, "a.yaml", flow)
	shanglin(t, "", "diff", filepath.Join(other, "a.yaml"), file("old.yaml")).expect(t, 1, []string{"标题由“半”改为“例”"}, nil) // whatever its layout
	writeIn(t, other, "v.yaml", "vocabulary: 例\nterms: {指标: {of: 企业, unit: 元}}\n")
	words := filepath.Join(other, "v.yaml")
	shanglin(t, "", "diff", words, words).expect(t, 2, []string{"v.yaml 不是政策文件或办理流程"}, nil) // vocabularies are not called alike unread
	shanglin(t, "", "diff", "--schemes", schemesFolder, "cx2024", "cx9999").expect(t, 2, []string{"没有名为“cx9999”的文件"}, nil)
}
