package casework_test

import (
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

const batches = `document: batches
title: 测试
number: not_found
body: 测试
dates: {published: 2025-01-01, performance: 2025}
periods: {当年: P}
define:
  门槛: {by: 批次, is: {第三批: 11%, 第四批: 10%}}
schemes:
  甲:
    title: 分批
    cite: not_found
    for: 企业
    kind: money
    require: {of: growth(营业收入@当年), at_least: 门槛}
    amount: 1万元
    examples:
    #= 10% 达到第四批的 10%
    - {P: 2025, batch: 第四批, given: {营业收入@P-1: 100万元, 营业收入@P: 110万元}, expect: {answer: met, amount: 1万元}}
`

// A round says which batch it is, and its cases are answered by that batch's figures: a firm that grew by 10 % reaches what the fourth batch
// asks, and not the 11 % of the third. Turns red when the batch of a round is not kept, or a case is evaluated without it.
func TestARoundSaysItsBatch(t *testing.T) {
	each(t, func(c *county) {
		if _, err := schemes.Publish(c.system(), schemes.Proposal{Files: []policy.File{{Path: "cixi/batches.yaml", Data: []byte(batches)}}}); err != nil {
			t.Fatal(err)
		}
		firm := c.party(1, "测试电器有限公司", "周巷镇")
		c.grows(firm)
		office := c.officer(economy, "")
		for batch, want := range map[string]policy.Answer{"第三批": policy.Unmet, "第四批": policy.Met} {
			r, err := c.casework.MakeRound(office, casework.RoundDraft{Number: batch, Title: batch, Process: "申报评审", Performance: 2025, Batch: batch,
				Opens: policy.DateOf(c.now), Closes: date("2026-03-31"), Department: economy, Schemes: []casework.RoundSchemeDraft{{Scheme: "batches/甲", Department: economy}}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Batch != batch {
				t.Errorf("the round says it is batch %q, want %q", r.Batch, batch)
			}
			c.doRound(office, r.ID, "开放申报", "", nil)
			e, err := c.casework.EvaluationOf(c.firm(firm), c.drafted(r.ID, "batches/甲", firm))
			if err != nil {
				t.Fatal(err)
			}
			if e.Result.Answer != want {
				t.Errorf("%s: %s, want %s", batch, e.Result.Answer, want)
			}
		}
		c.audited()
	})
}
