package casework_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"shanglin/policy"
)

// Every word that the language accepts in a flow is obeyed there, so that no file passes its check and does not work.
//
// Mutation that turns this red: take a word out of policy.onlyIn that is wired in one flow alone.
func TestEveryWordIsObeyed(t *testing.T) {
	each(t, func(c *county) {
		for _, about := range []string{"", "about: certificate\n"} { // what issues a certificate is about none
			c.obeys(about)
		}
	})
}

func (c *county) obeys(about string) {
	all := func(flow, needs string) string {
		guards, effects := policy.WordsOf(flow)
		if i := slices.Index(effects, "move_cases"); i >= 0 {
			effects[i] = "{move_cases: {from: 等, to: 完}}"
		}
		if i := slices.Index(effects, "sample"); i >= 0 {
			effects[i] = "{sample: {share: 5%, from: 等, to: 完, rest: 完}}"
		}
		if i := slices.Index(effects, "leave_out"); i >= 0 {
			effects[i] = "{leave_out: {from: 等, to: 完}}"
		}
		if i := slices.Index(effects, "recommend"); i >= 0 {
			effects[i] = "{recommend: {from: 等}}"
		}
		if i := slices.Index(effects, "conclude"); i >= 0 {
			effects[i] = "{conclude: {from: 上, to: 完, rest: 完, level: 级别, cite: 一}}"
		}
		if i := slices.Index(effects, "visit"); i >= 0 {
			effects[i] = "{visit: {checklist: 清单}}"
		}
		if i := slices.Index(effects, "draw"); i >= 0 {
			effects[i] = "{draw: {from: 等}}"
		}
		if i := slices.Index(effects, "remind"); i >= 0 {
			effects[i] = "{remind: {from: 甲}}"
		}
		if i := slices.Index(effects, "verify"); i >= 0 {
			effects[i] = "{verify: {list: 记录}}"
		}
		if i := slices.Index(effects, "record"); i >= 0 {
			effects[i] = "{record: {what: 记录, says: 好, cite: 一}}"
		}
		effects = slices.DeleteFunc(effects, func(e string) bool {
			return e == "call" || e == "refer" || e == "marks" || e == "stance" || e == "silence" || slices.Contains(policy.ProcessEffects[e], "cite") && (e == "issue") != (about == "")
		})
		for i, e := range effects {
			if slices.Contains(policy.ProcessEffects[e], "cite") {
				effects[i] = "{" + e + ": {cite: 一}}"
			}
			if e == "claw_back" {
				effects[i] = "{claw_back: {time: 30日, cite: 一}}"
			}
		}
		return fmt.Sprintf("全: {who: officer, at: 甲, to: 完, if: [%s], do: [%s], needs: [%s]", strings.Join(guards, ", "), strings.Join(effects, ", "), needs)
	}
	text := `process: 全
title: 全
starts: applicant
` + about + `checklists:
  清单: {title: 核查, officers: 2, cite: 一, items: [{ask: 门牌相符, kind: yes_no}]}
  听证: {title: 听证, officers: 2, cite: 一, items: [{ask: 到场, kind: yes_no}], hearing: {notice: {time: 1日, cite: 一}}}
marks: {表: {terms: [指标]}}
lists: {记录: {names: 代码, day: 12-31, none: 没有}}
case:
  stages:
    甲: {public: 一, who: applicant, actions: {交: {to: 审}, 报: {to: 上}}}
    审:
      public: 二
      tasks:
        一: {who: {role: officer, department: scheme}, actions: {说: {needs: stance, do: stance}}}
        二:
          who: {role: officer, department: 二}
          within: {time: 1日, basis: 一, lapse: 过}
          actions: {说: {needs: stance, do: stance}, 过: {do: {silence: {as: none, cite: 一}}}}
      joint: {passes: majority, divided: 定, basis: 一}
      then: 等
    定: {public: 二, who: officer, actions: {定: {to: 等, needs: reason}, 听: {needs: visit, do: {visit: {checklist: 听证}}}, 评: {to: 等, needs: reason, do: {marks: {sheet: 表}}}}}
    等: {public: 二}
    上: {public: 四}
    完: {public: 三, ends: granted}
  always:
    ` + all("case", "amount, findings, visit, answer, rating, reason") + `}
round:
  panel: {experts: 3, sheet: {技能: 100分}, mean: {to: 0.01分, mode: half_up}}
  stages:
    甲: {public: 一, who: officer, actions: {办: {to: 完}}}
    完: {public: 三, ends: done}
  always:
    ` + all("round", "notice, places, sequence, result, reason") + `, period: {time: 5工作日, basis: 测试}}
`
	p, problems := policy.ReadProcess(policy.File{Path: "cixi/all.yaml", Data: []byte(text)})
	if p == nil {
		c.t.Fatal(problems)
	}
	if n := len(p.Flow("case").Always[0].If) + len(p.Flow("round").Always[0].If); n < len(policy.ProcessGuards) {
		c.t.Errorf("%d guards of %d", n, len(policy.ProcessGuards))
	}
	if _, err := c.engine.Keep(c.system(), p); err != nil {
		c.t.Errorf("%+v", err)
	}
}
