package policy

import (
	"slices"
	"strings"
	"testing"
)

const jointFile = `process: 会审
title: 联合审查
starts: applicant
case:
  stages:
    写: {public: 一, who: applicant, actions: {交: {to: 会审}}}
    会审:
      public: 二
      tasks:
        牵头: {who: {role: officer, department: scheme}, actions: {说: {needs: [stance, sum], do: stance}}}
        税务:
          who: {role: officer, department: 市税务局}
          within: {time: 5工作日, basis: 承诺, lapse: 过期}
          actions:
            说: {needs: [stance, sum], do: stance}
            过期: {do: {silence: {as: none, cite: not_found}}}
            退回: {to: 写, stops: 是, needs: reason}
      joint: {passes: majority, blind: 是, divided: 裁定, opposed: 不同意, cite: 某办法第三条}
      then: 决定
    裁定: {public: 三, who: {role: leader, department: scheme}, actions: {可以: {to: 决定, needs: reason}, 再审: {to: 会审}}}
    不同意: {public: 三, who: {role: officer, department: scheme}, actions: {不予支持: {to: 否, needs: letter}}}
    决定: {public: 三, who: {role: leader, department: scheme}, actions: {定: {to: 完, do: decide}}}
    完: {public: 四, ends: done}
    否: {public: 四, ends: refused}
`

// TestJointIsRead: what a file says of a joint review, in words, and every slip where it stands.
//
// Mutations that turn this red: drop any of the checks of joint, jointTask, checkJoint and agreeStance that a line below names.
func TestJointIsRead(t *testing.T) {
	p, ps := ReadProcess(File{Path: "x/p.yaml", Data: []byte(jointFile)})
	if p == nil {
		t.Fatal(ps)
	}
	lines := p.Describe().Flows[0].Stages[1].Lines
	for _, want := range []string{
		"税务：逾期由系统“过期”；逾期没有答复，算没有意见（依据没有查到）。",
		"以上2个部门各自给出意见。同意的超过征求的部门的一半才算一致，没有答复的不算同意（依据：某办法第三条）；同意的建议的金额不同，也不算一致。全部给出以前，谁也看不到别人的意见。",
		"一致同意的转入“决定”。",
		"按同一规则不同意的转入“不同意”；其余的转入“裁定”，由条款责任部门的负责人写明理由裁定。",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("not read back: %s\nin %s", want, strings.Join(lines, "\n"))
		}
	}
	for _, c := range []struct{ old, new, says string }{
		{"passes: majority, ", "", "请写 passes:"},
		{"passes: majority", "passes: most", "passes: 不认识“most”"},
		{"passes: majority", "passes: all", "passes: all 要各部门都答复"},
		{"divided: 裁定, ", "", "请写 divided:"},
		{"divided: 裁定", "divided: 裁判", "没有“裁判”这个阶段"},
		{"divided: 裁定", "divided: 完", "“完”要有一个人裁定"},
		{", cite: 某办法第三条", "", "请写这条规则的来历"},
		{"可以: {to: 决定, needs: reason}", "可以: {to: 决定}", "由人裁定的，要写明理由"},
		{"needs: letter", "needs: confirm", "由人裁定的，要写明理由"},
		{"department: 市税务局", "department: scheme", "“scheme”有两项任务"},
		{"who: {role: officer, department: 市税务局}", "who: officer", "写明是哪个部门的"},
		{", lapse: 过期", "", "请写在时限里：lapse: 过期"},
		{"as: none", "as: agree", "必须写明依据"},
		{"as: none", "as: yes", "as: 不认识“yes”"},
		{"            说: {needs: [stance, sum], do: stance}\n            过期", "            说: {needs: opinion}\n            过期", "“税务”没有给出意见的动作"},
		{"needs: [stance, sum], do: stance}}", "needs: [stance, sum, opinion], do: stance}}", "stance 已经包括意见和理由"},
		{"needs: [stance, sum], do: stance}}", "needs: [stance, sum]}}", "请写 do: stance"},
		{"needs: [stance, sum], do: stance}}", "needs: [stance, sum], do: stance, many: 是}}", "只能一件一件办"},
		{"{定: {to: 完, do: decide}}", "{定: {to: 完}}", "这个流程不决定资金"},
		{"定: {to: 完, do: decide}", "定: {to: 完, needs: stance, do: [decide, stance]}", "请在“决定”写 joint:"},
		{"    完: {public", "    多余: {public: 五}\n    完: {public", "没有动作能到“多余”"},
	} {
		text := strings.Replace(jointFile, c.old, c.new, 1)
		if text == jointFile {
			t.Fatal(c.old)
		}
		_, ps := ReadProcess(File{Path: "x/p.yaml", Data: []byte(text)})
		if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.Contains(p.Message, c.says) }) {
			t.Errorf("%s → %s: %v, want %s", c.old, c.new, ps, c.says)
		}
	}
	// With a rule that is cited, silence may be consent.
	if p, ps := ReadProcess(File{Path: "x/p.yaml", Data: []byte(strings.Replace(jointFile, "as: none, cite: not_found", "as: agree, cite: 某办法第四条", 1))}); p == nil {
		t.Error(ps)
	}
}

// TestJointResult: what comes of opinions, at the edges. Nothing comes of them while one is missing.
//
// Mutations: > to >= in carries; count none as agree; leave the sums out; let "" pass.
func TestJointResult(t *testing.T) {
	fen := func(f Fen) *Fen { return &f }
	says := func(words string) (out []Stance) {
		for _, w := range strings.Fields(words) {
			out = append(out, map[string]Stance{"+": {Says: Agrees}, "?": {Says: Demurs}, "-": {Says: Objects}, "0": {Says: NoStance}, ".": {},
				"1": {Says: Agrees, Sum: fen(1_00)}, "2": {Says: Agrees, Sum: fen(2_00)}}[w])
		}
		return out
	}
	for _, c := range []struct{ passes, said, want string }{
		{"all", "+ + +", JointAgreed}, {"all", "+ + .", JointWaits}, {"all", "- - .", JointWaits}, {"all", "+ + ?", JointDivided}, {"all", "+ + -", JointDivided},
		{"all", "- - -", JointOpposed}, {"all", "+ + 0", JointDivided}, {"all", "1 1 +", JointAgreed}, {"all", "1 2 +", JointDivided},
		{"answered", "+ 0 0", JointAgreed}, {"answered", "0 0 0", JointDivided}, {"answered", "+ ? 0", JointDivided}, {"answered", "- 0 0", JointOpposed}, {"answered", "+ . 0", JointWaits},
		{"majority", "+ + -", JointAgreed}, {"majority", "+ + - -", JointDivided}, {"majority", "+ 0 0", JointDivided}, {"majority", "+ + 0 0", JointDivided},
		{"majority", "+ + + 0 0", JointAgreed}, {"majority", "- - ?", JointOpposed}, {"majority", "+ + .", JointWaits}, {"majority", "1 2 1", JointDivided},
		{"", "+ +", JointDivided},
	} {
		if got := (&Joint{Passes: c.passes}).Result(says(c.said)); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.passes, c.said, got, c.want)
		}
	}
}
