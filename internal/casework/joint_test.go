package casework_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/process"
	"shanglin/policy"
)

const (
	acceptance = "联合验收"
	treasury   = "市财政局"
)

// says is what a department gives as its opinion; a sum below nothing is none.
func says(what string, sum policy.Fen) map[string]any {
	s := map[string]any{"says": what}
	if sum >= 0 {
		s["sum"] = sum
	}
	return map[string]any{"stance": s}
}

// jointly begins a case of a process with a joint review, up to the first stage after it was accepted.
func (c *county) jointly(process, number string, n int) (id, firm string) {
	c.t.Helper()
	office := c.officer(economy, "")
	r, err := c.casework.MakeRound(office, casework.RoundDraft{Number: number, Title: "联合" + number, Process: process, Performance: 2025, Opens: policy.DateOf(c.now),
		Closes: date("2026-12-31"), Department: economy, Schemes: []casework.RoundSchemeDraft{{Scheme: c001, Department: economy}}})
	if err != nil {
		c.t.Fatalf("making a round: %v", err)
	}
	c.doRound(office, r.ID, "开放申报", "", nil)
	firm = c.party(n, fmt.Sprintf("第%d电器有限公司", n), "周巷镇")
	c.grows(firm)
	id = c.submitted(r.ID, c001, firm)
	c.do(office, id, "受理", "", nil)
	return id, firm
}

// opinions is the latest joint review as somebody reads it.
func (c *county) opinions(who, department, id string) casework.JointReview {
	c.t.Helper()
	list, err := c.casework.JointReviews(c.as(who, officerOf(department)), id)
	if err != nil || len(list) == 0 {
		c.t.Fatalf("opinions for %s: %+v, %v", department, list, err)
	}
	return list[0]
}

// Two departments give their opinions without seeing each other's; agreement goes on, disagreement to a leader who gives a reason, and nothing
// is decided while one of them is silent.
//
// Mutations that turn this red: answer JointAgreed when one opinion is missing; leave the sums out of Result; show a blind review in
// JointReviews, or leave veiled out of the steps; let the same account speak for both; take opinions of an earlier visit.
func TestJointReview(t *testing.T) {
	each(t, func(c *county) {
		id, firm := c.jointly(acceptance, "LY2026", 1)
		mine, other := c.as("economist", officerOf(economy)), c.as("treasurer", officerOf(treasury))
		both := c.as("both", officerOf(economy), officerOf(treasury))

		c.refused("no opinion", c.act(mine, "case", id, "给出意见", "", nil), fault.Invalid, "请选择同意")
		c.refused("no sum", c.act(mine, "case", id, "给出意见", "", says("agree", -1)), fault.Invalid, "请填写建议的金额")
		c.refused("above the ceiling", c.act(mine, "case", id, "给出意见", "", says("agree", 4500_01)), fault.Invalid, "4,500元")
		c.refused("objects without a reason", c.act(mine, "case", id, "给出意见", "", says("object", -1)), fault.Invalid, "不同意的请写明理由")
		c.refused("objects with a sum", c.act(mine, "case", id, "给出意见", "不符", says("object", 1)), fault.Invalid, "不填建议的金额")
		c.refused("another department", c.act(c.officer("市商务局", ""), "case", id, "给出意见", "", says("agree", 4500_00)), fault.NotFound, "")

		c.do(mine, id, "给出意见", "设备都在", says("agree", 4500_00))
		if c.stage(id) != "部门联合验收" {
			t.Fatalf("one of two: %s", c.stage(id))
		}
		// Months pass: silence is no consent.
		c.at("2026-09-01")
		if err := c.engine.Tick(c.system()); err != nil {
			t.Fatal(err)
		}
		if c.stage(id) != "部门联合验收" {
			t.Errorf("silence: %s", c.stage(id))
		}
		// The other sees that there is an opinion, and not which; neither here nor in the history.
		seen := c.opinions("treasurer", treasury, id)
		if seen.Result != "waits" || !seen.Asked[0].Given || seen.Asked[0].Says != "" || seen.Asked[0].Reason != "" || seen.Asked[0].Sum != nil || len(seen.Differs) != 0 {
			t.Errorf("seen too early: %+v", seen)
		}
		view, err := c.casework.Progress(other, "case", id)
		if err != nil || slices.ContainsFunc(view.Steps, func(s process.Step) bool { return strings.Contains(s.Reason, "设备都在") }) {
			t.Errorf("the history tells: %+v, %v", view.Steps, err)
		}
		if own := c.opinions("economist", economy, id); own.Asked[0].Says != "agree" || *own.Asked[0].Sum != 4500_00 {
			t.Errorf("one's own: %+v", own)
		}
		if _, err := c.casework.JointReviews(c.firm(firm), id); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("the firm reads opinions: %v", err)
		}

		// They agree, but not on the sum: a leader settles it, who gives a reason and gave no opinion.
		c.do(other, id, "给出意见", "发票只有一半", says("agree", 4000_00))
		if c.stage(id) != "分歧裁定" {
			t.Fatalf("different sums: %s", c.stage(id))
		}
		seen = c.opinions("treasurer", treasury, id)
		if seen.Result != "divided" || seen.Led != "分歧裁定" || len(seen.Differs) != 1 || seen.Differs[0] != "建议的金额不同——4,000元：市财政局；4,500元：市经信局" {
			t.Errorf("what differs: %+v", seen)
		}
		c.refused("no reason", c.act(c.leader(economy), "case", id, "裁定通过", "", nil), fault.Invalid, "请写明理由")
		c.refused("who gave an opinion settles", c.act(c.as("economist", reviewerGrants()...), "case", id, "裁定通过", "以我为准", nil), fault.Forbidden, "")
		c.do(c.leader(economy), id, "重新验收", "请核对发票", nil)

		// Anew: earlier opinions do not count, and one person does not speak for two departments.
		c.do(both, id, "给出意见", "补一张发票", says("conditional", 4000_00))
		c.refused("for another department too", c.act(both, "case", id, "给出意见", "", says("agree", 4000_00)), fault.Forbidden, "您已代表市财政局给出意见")
		c.do(mine, id, "给出意见", "", says("agree", 4000_00))
		seen = c.opinions("economist", economy, id)
		if c.stage(id) != "分歧裁定" || seen.Result != "divided" || !slices.Equal(seen.Differs, []string{"同意：市经信局；有条件同意：市财政局"}) {
			t.Errorf("consent on a condition: %s, %+v", c.stage(id), seen)
		}
		c.do(c.leader(economy), id, "重新验收", "发票已补", nil)
		// Somebody leads it away before all have answered.
		c.do(mine, id, "给出意见", "", says("agree", 4000_00))
		c.do(other, id, "退回受理", "材料不清", nil)
		if stopped := c.opinions("economist", economy, id); stopped.Result != "stopped" || stopped.Asked[1].Given {
			t.Errorf("stopped: %+v", stopped)
		}
		c.do(c.officer(economy, ""), id, "受理", "", nil)
		c.do(other, id, "给出意见", "", says("agree", 4000_00))
		c.do(mine, id, "给出意见", "", says("agree", 4000_00))
		list, err := c.casework.JointReviews(c.leader(economy), id)
		if err != nil || len(list) != 4 || list[0].Result != "agreed" || list[0].Led != "核定" || len(list[0].Differs) != 0 || c.stage(id) != "核定" {
			t.Fatalf("agreed: %+v, %v", list, err)
		}
		c.do(c.officer(economy, ""), id, "核定", "", map[string]any{"amount": 4000_00, "reason": "按两部门的意见核定"})
		c.do(c.leader(economy), id, "同意支持", "同意", nil)
		if a := c.purse.committed[id]; a.Amount != 4000_00 || c.stage(id) != "待兑付" {
			t.Errorf("awarded: %+v, %s", a, c.stage(id))
		}
		c.audited()
	})
}

// three is a process in which three departments are asked, by a rule of the test.
func three(name, rule, silence string) string {
	var tasks strings.Builder
	for _, d := range departments[:3] {
		fmt.Fprintf(&tasks, `        %s:
          who: {role: officer, department: %s}
          within: {time: 5工作日, basis: 测试, lapse: 逾期}
          actions:
            给出意见: {needs: stance, do: stance}
            逾期: {do: {silence: %s}}
`, d, d, silence)
	}
	return `process: ` + name + `
title: 测试用的联合审查
starts: applicant
case:
  stages:
    填报:
      public: 正在填写。
      who: applicant
      actions:
        提交: {to: 受理, if: [complete, window_open], do: submit, tone: primary}
    受理:
      public: 已收到。
      who: {role: officer, department: scheme}
      actions:
        受理: {to: 会审}
    会审:
      public: 几个部门正在联合审查。
      tasks:
` + tasks.String() + `      joint: ` + rule + `
      then: 通过
    裁定:
      public: 正在裁定。
      who: {role: officer, department: scheme, label: 牵头部门}
      actions:
        通过: {to: 决定, needs: reason}
        重新会审: {to: 会审, needs: reason}
    多数不同意:
      public: 正在裁定。
      who: {role: officer, department: scheme, label: 牵头部门}
      actions:
        不予支持: {to: 不予支持, needs: reason}
        重新会审: {to: 会审, needs: reason}
    通过:
      public: 已通过。
      who: {role: officer, department: scheme}
      actions:
        核定: {to: 决定, needs: amount, do: set_amount}
    决定:
      public: 正在决定。
      who: {role: leader, department: scheme}
      actions:
        同意: {to: 办结, if: [amount_set, budget_covers], do: decide}
    办结:
      public: 已办结。
      ends: done
    不予支持:
      public: 不予支持。
      ends: refused
round:
  stages:
    筹备:
      public: 正在筹备。
      who: {role: officer, department: scheme}
      actions:
        开放申报: {to: 受理申报, do: open_window}
    受理申报:
      public: 正在接受申报。
      who: {role: officer, department: scheme}
      actions:
        办结: {to: 办结, if: none_open}
    办结:
      public: 已办结。
      ends: done
`
}

// What silence counts as is the file's to say: no opinion, which agrees with nobody, or consent by a rule that it cites. A late opinion comes
// too late then, and nobody but the clock may say that a department was silent.
//
// Mutations that turn this red: count none as agree in Result; halve instead of more than half; offer the clock's action to people.
func TestSilenceIsConsentByARuleAlone(t *testing.T) {
	const law = "测试用规定第一条"
	eachWith(t, map[string]string{
		"cixi/process-majority.yaml": three("多数会审", "{passes: majority, divided: 裁定, opposed: 多数不同意, basis: 测试}", "{as: none, cite: not_found}"),
		"cixi/process-answered.yaml": three("答复会审", "{passes: answered, divided: 裁定, opposed: 多数不同意, basis: 测试}", "{as: none, cite: not_found}"),
		"cixi/process-deemed.yaml":   three("视同会审", "{passes: all, divided: 裁定, opposed: 多数不同意, basis: 测试}", "{as: agree, cite: "+law+"}"),
	}, func(c *county) {
		n := 0
		for _, x := range []struct {
			process string
			said    []string // by the first departments; the others let their time pass
			result  string
			stage   string
		}{
			{"多数会审", []string{"agree", "agree"}, "agreed", "通过"},
			{"多数会审", []string{"agree"}, "divided", "裁定"},
			{"多数会审", []string{"object", "object"}, "opposed", "多数不同意"},
			{"多数会审", []string{"agree", "object"}, "divided", "裁定"},
			{"答复会审", []string{"agree"}, "agreed", "通过"},
			{"答复会审", []string{"agree", "object"}, "divided", "裁定"},
			{"答复会审", []string{"object"}, "opposed", "多数不同意"},
			{"答复会审", nil, "divided", "裁定"},
			{"视同会审", []string{"agree"}, "agreed", "通过"},
			{"视同会审", []string{"conditional"}, "divided", "裁定"},
		} {
			n++
			c.at("2026-03-02")
			id, _ := c.jointly(x.process, fmt.Sprintf("HS%d", n), n)
			for i, say := range x.said {
				c.do(c.officer(departments[i], ""), id, "给出意见", "理由", says(say, -1))
				// Not blind: the next department reads it.
				if i == 0 {
					if o := c.opinions("next", departments[1], id).Asked[0]; o.Says != say || o.Reason != "理由" {
						t.Errorf("%d: what the others read: %+v", n, o)
					}
				}
			}
			c.refused("a person says that it is silent", c.act(c.officer(departments[2], ""), "case", id, "逾期", "", nil), fault.Invalid, "")
			c.at("2026-03-09") // the fifth working day
			if err := c.engine.Tick(c.system()); err != nil {
				t.Fatal(err)
			}
			if c.stage(id) != "会审" {
				t.Errorf("%d: on the last day: %s", n, c.stage(id))
			}
			c.at("2026-03-10")
			if err := c.engine.Tick(c.system()); err != nil {
				t.Fatal(err)
			}
			got := c.opinions("lead", economy, id)
			if got.Result != x.result || c.stage(id) != x.stage {
				t.Errorf("%d %s %v: %s at %s, want %s at %s", n, x.process, x.said, got.Result, c.stage(id), x.result, x.stage)
			}
			last := got.Asked[2]
			want := map[string]string{"视同会审": "agree " + law}[x.process]
			if want == "" {
				want = "none not_found"
			}
			if !last.Silent || last.Says+" "+last.Cite != want || last.By != "系统" {
				t.Errorf("%d: silence: %+v", n, last)
			}
			c.refused("a late opinion", c.act(c.officer(departments[2], ""), "case", id, "给出意见", "", says("agree", -1)), fault.Conflict, "")
		}
		c.audited()
	})
}
