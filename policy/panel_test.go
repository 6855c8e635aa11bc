package policy

import (
	"math/big"
	"slices"
	"strings"
	"testing"
)

// TestPanelMean: scores of a case and what they come to, reckoned by hand: 80 + 90 + 85 = 255, a third of it is 85; 81 + 81 + 82 = 244, a third is
// 81 1/3; 81 + 82 + 82 = 245, a third is 81 2/3. Of equal ones one is dropped. One score missing: no mean.
// Mutations: drop only the highest; round halves down; divide by all; let Mean reckon with fewer totals than experts → red.
func TestPanelMean(t *testing.T) {
	for _, c := range []struct {
		experts, highest, lowest int
		to, mode                 string
		totals                   []string
		mean, rounded            string
	}{
		{5, 1, 1, "0.01", "half_up", []string{"80", "90", "85", "70", "95"}, "85", "85.00"},
		{5, 1, 1, "0.01", "half_up", []string{"80", "81", "81", "82", "90"}, "244/3", "81.33"},
		{5, 1, 1, "0.01", "up", []string{"90", "82", "81", "81", "80"}, "244/3", "81.34"},
		{5, 1, 1, "0.01", "half_up", []string{"80", "81", "82", "82", "90"}, "245/3", "81.67"},
		{5, 1, 1, "0.01", "down", []string{"80", "81", "82", "82", "90"}, "245/3", "81.66"},
		{2, 0, 0, "1", "half_up", []string{"80", "81"}, "161/2", "81"},
		{2, 0, 0, "1", "down", []string{"80", "81"}, "161/2", "80"},
		{3, 1, 1, "0.1", "half_up", []string{"90", "90", "80"}, "90", "90.0"},
		{3, 0, 1, "0.5", "half_up", []string{"80.5", "70", "81"}, "323/4", "81.0"}, // 80.75 lies between 80.5 and 81
		{5, 1, 1, "0.01", "half_up", []string{"80", "90", "85", "70"}, "", ""},
		{5, 1, 1, "0.01", "half_up", nil, "", ""},
	} {
		p := &Panel{Experts: c.experts, Highest: c.highest, Lowest: c.lowest, To: c.to, Mode: c.mode}
		var totals []*big.Rat
		for _, x := range c.totals {
			n, ok := PointsOf(x)
			if !ok {
				t.Fatal(x)
			}
			totals = append(totals, n)
		}
		mean, rounded, dropped, ok := p.Mean(totals)
		if ok != (c.mean != "") {
			t.Errorf("%v: a mean: %v", c.totals, ok)
			continue
		}
		if !ok {
			continue
		}
		left := 0
		for _, d := range dropped {
			if !d {
				left++
			}
		}
		if mean.RatString() != c.mean || rounded != c.rounded || left != c.experts-c.highest-c.lowest {
			t.Errorf("%v: %s, %s, %d left; want %s, %s", c.totals, mean.RatString(), rounded, left, c.mean, c.rounded)
		}
	}
}

// TestPanelPoints: what may stand on a score sheet.
func TestPanelPoints(t *testing.T) {
	p := &Panel{Step: "0.5"}
	item := SheetItem{"技能", "40"}
	for text, says := range map[string]string{"0": "", "40": "", "39.5": "", "40.5": "最高40分", "39.3": "整数倍", "-1": "请填写", "": "请填写", "四十": "请填写", "1e1": "请填写", "4.": "请填写",
		"1.00000": "请填写", "+3": "请填写"} {
		if got := p.Wrong(item, text); got == "" != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%q: %q, want %q", text, got, says)
		}
	}
}

const panelFile = `process: 评
title: 评
starts: applicant
case:
  stages:
    填报: {public: 一, who: applicant, actions: {提交: {to: 待评}}}
    待评: {public: 二}
    待公示: {public: 三}
    完: {public: 四, ends: granted}
round:
  panel:
    experts: 5
    pool: scheme
    field: [数控, 模具]
    sheet: {技能水平: 60分, 创新成果: 40分}
    step: 0.5分
    blind: 是
    drop: {highest: 1, lowest: 1}
    mean: {to: 0.01分, mode: half_up}
    conflict: case
  stages:
    截止: {public: 一, who: officer, actions: {抽取: {to: 评审, do: [{draw: {from: 待评}}, {move_cases: {from: 待评, to: 待公示}}]}}}
    评审: {public: 二, who: officer, actions: {汇总: {to: 办结, if: scores_in, do: [score, {move_cases: {from: 待公示, to: 完}}]}}}
    办结: {public: 三, ends: done}
`

// TestPanelIsRead: what a file says of its experts, in words, and every slip where it stands.
func TestPanelIsRead(t *testing.T) {
	p, ps := ReadProcess(File{Path: "x/p.yaml", Data: []byte(panelFile)})
	if p == nil {
		t.Fatal(ps)
	}
	want := "评审专家5人，从条款责任部门的专家库中“数控”“模具”专业的专家里随机抽取；与申报人同一单位或有已登记关系的不参加抽取；声明应当回避的，只回避有关的申报，由抽签次序在后的依次递补。" +
		"评分：技能水平60分、创新成果40分，每0.5分一档，盲评；去掉1个最高分、1个最低分；取平均分，保留到0.01分（四舍五入）。"
	if got := p.Describe().Flows[1].Rules[0]; got != want {
		t.Errorf("read back:\n%s\nwant\n%s", got, want)
	}
	if got := p.Flow(flowRound).Panel.Most().RatString(); got != "100" {
		t.Errorf("worth %s", got)
	}
	for _, c := range []struct{ old, new, says string }{
		{"experts: 5", "experts: 百", "experts: 应写1至99的一个整数"},
		{"experts: 5", "experts: 2", "一个分也不剩"},
		{"pool: scheme", "pool: 市经信局", "pool: 只写 scheme"},
		{"技能水平: 60分", "技能水平: 60.3分", "整数倍"},
		{"技能水平: 60分", "技能水平: 很多", "大于0的分数"},
		{"mode: half_up", "mode: even", "mode: 应为"},
		{"    mean: {to: 0.01分, mode: half_up}\n", "", "请写 mean:"},
		{"    sheet: {技能水平: 60分, 创新成果: 40分}\n", "", "请写 sheet:"},
		{"conflict: case", "conflict: cases", "是否应为“case”"},
		{"if: scores_in, ", "", "请在汇总评分的动作里写 if: scores_in"},
		{"{draw: {from: 待评}}", "{draw: {from: 填报}}", "不是等待整批的阶段"},
		{"{draw: {from: 待评}}, ", "", "请在抽取专家的动作里写"},
		{"  panel:\n    experts: 5\n    pool: scheme\n    field: [数控, 模具]\n    sheet: {技能水平: 60分, 创新成果: 40分}\n    step: 0.5分\n    blind: 是\n    drop: {highest: 1, lowest: 1}\n    mean: {to: 0.01分, mode: half_up}\n    conflict: case\n", "", "请在 round: 里写 panel:"},
		{"if: scores_in", "if: scores_in, needs: [places, reason]", "请写 do: places"},
		{"if: scores_in, do: [score, ", "if: scores_in, needs: places, do: [score, places, ", "needs: [places, reason]"},
	} {
		text := strings.Replace(panelFile, c.old, c.new, 1)
		if text == panelFile {
			t.Fatal(c.old)
		}
		_, ps := ReadProcess(File{Path: "x/p.yaml", Data: []byte(text)})
		if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.Contains(p.Message, c.says) }) {
			t.Errorf("%s → %s: %v, want %s", c.old, c.new, ps, c.says)
		}
	}
}

// TestPlaces: 丙 and 甲 have 200元 each and stand before 乙; there is one place. A person who puts 甲 first gives it to 甲; a place for one of them alone, or the
// same for both, decides nothing; where the file itself says what becomes of equals, a place changes nothing.
// Mutation: let inPlaces take claims without a place → red.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		tie      string
		jia, b   int
		open     bool
		toA, toB Fen
	}{
		{"", 1, 2, false, 5_000_000, 0},
		{"", 2, 1, false, 0, 5_000_000},
		{"", 1, 0, true, 0, 0},
		{"", 1, 1, true, 0, 0},
		{", tie: none", 1, 2, false, 0, 0},
	} {
		lib, _ := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, amount: 5万元, limits: [{at_most: 1项, per: [届], share: rank, key: 收入@当年"+c.tie+"}]}\n")
		var claims []Claim
		for _, x := range []struct {
			id, income string
			place      int
		}{{"甲", "200元", c.jia}, {"乙", "100元", 1}, {"丙", "200元", c.b}} {
			f := settleFacts(t, lib, map[string]string{"收入@2025": x.income, "领域": "甲"})
			claims = append(claims, Claim{ID: x.id, Party: x.id, Scheme: "d/奖", Facts: f, Submitted: "2026-03-01", Place: x.place})
		}
		got, err := lib.Settle(Round{ID: "一", On: 20260630, Claims: claims})
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range got {
			want, open := Fen(0), false
			switch y.Claim {
			case "甲":
				want, open = c.toA, c.open
			case "丙":
				want, open = c.toB, c.open
			}
			if y.Open != open || y.Amount != want {
				t.Errorf("%+v: %s comes to %v, open %v (%s)", c, y.Claim, y.Amount, y.Open, y.Why)
			}
		}
	}
}
