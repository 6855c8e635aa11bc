package casework_test

import (
	"context"
	"strings"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

const (
	labour   = "市人力社保局"
	dispatch = "labour-dispatch/劳务派遣经营许可"
)

// oneByOne is a process without a batch; FIRST is what its officer may do first.
const oneByOne = `process: 逐件办
title: 逐件办理
starts: applicant
case:
  stages:
    填报:
      public: 您正在填写。
      who: applicant
      actions:
        提交: {to: 审查, if: [complete, window_open], needs: confirm, do: submit, tone: primary}
    审查:
      public: 正在审查。
      who: {role: officer, department: scheme}
      actions:
        FIRST: {to: 办结, tone: primary}
        补正: {to: 补正, needs: items}
    补正:
      public: 请补正。
      who: applicant
      actions:
        重新提交: {to: 审查, if: complete, do: submit, tone: primary}
    办结:
      public: 已办结。
      ends: granted
`

func (c *county) runsOneByOne(first string) {
	c.t.Helper()
	c.publish("cixi/process-one.yaml", strings.ReplaceAll(oneByOne, "FIRST", first))
}

func (c *county) publish(path, text string) {
	c.t.Helper()
	if _, err := schemes.Publish(c.system(), schemes.Proposal{Files: []policy.File{{Path: path, Data: []byte(text)}}}); err != nil {
		c.t.Fatalf("publishing %s: %v", path, err)
	}
}

// stands makes a standing item of a scheme and opens it.
func (c *county) stands(number, process, department, scheme string) string {
	c.t.Helper()
	r, err := c.casework.MakeRound(c.officer(department, ""), casework.RoundDraft{Number: number, Title: "常年事项" + number, Standing: true, Process: process,
		Opens: policy.DateOf(c.now), Department: department, Schemes: []casework.RoundSchemeDraft{{Scheme: scheme}}})
	if err != nil {
		c.t.Fatalf("making a standing item: %v", err)
	}
	if r, err = c.casework.OpenRound(c.officer(department, ""), r.ID, r.Version); err != nil {
		c.t.Fatalf("opening it: %v", err)
	}
	return r.ID
}

// capital gives a firm a verified registered capital, in 万元.
func (c *county) capital(party, value string) {
	c.t.Helper()
	c.state(party, registry.Statement{Term: "注册资本", Value: value})
}

// A standing item takes applications all the time; each is dealt with, to its end, by what was published on the day it was begun, and is
// numbered in the series of its year.
//
// Mutations that turn this red: pin a case to its item's row (begun gives r.basis); number by the counter of the round; read the rules of a
// case from its round; leave standing out of the condition of open rounds.
func TestAStandingItem(t *testing.T) {
	each(t, func(c *county) {
		c.runsOneByOne("准予")
		first, err := schemes.InUse(c.system())
		if err != nil {
			t.Fatal(err)
		}
		office := c.officer(labour, "")
		firm, other := c.party(1, "甲派遣有限公司", "周巷镇"), c.party(2, "乙派遣有限公司", "周巷镇")
		c.capital(firm, "200万元")
		c.capital(other, "300万元")
		draft := casework.RoundDraft{Number: "PQ", Title: "经营许可", Standing: true, Process: "逐件办", Opens: date("2026-03-02"), Department: labour,
			Schemes: []casework.RoundSchemeDraft{{Scheme: dispatch, Materials: []casework.Material{{Title: "申请书"}}}}}
		if _, err := c.casework.MakeRound(c.officer(economy, ""), draft); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("made by another department: %v", err)
		}
		made, err := c.casework.MakeRound(office, draft)
		if err != nil || !made.Standing || made.Published || made.Stage != "筹备" || !made.Process.Stands || made.Process.Decides || made.Performance != 0 || made.Schemes[0].Department != labour {
			t.Fatalf("made: %+v, %v", made, err)
		}
		if _, err := c.casework.Round(c.public(), made.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("everybody sees what is being prepared: %v", err)
		}
		c.refused("begun before it is open", firstErr(c.casework.Begin(c.firm(firm), made.ID, dispatch, firm)), fault.NotFound, "")
		c.refused("opened by another department", firstErr(c.casework.OpenRound(c.officer(economy, ""), made.ID, made.Version)), fault.Forbidden, "")
		open, err := c.casework.OpenRound(office, made.ID, made.Version)
		if err != nil || !open.TakesToday || open.Closes != 0 || open.Stage != "常年受理" {
			t.Fatalf("open: %+v, %v", open, err)
		}
		c.refused("opened twice", firstErr(c.casework.OpenRound(office, made.ID, open.Version)), fault.Conflict, "")

		// It stands apart from batches.
		batch := c.round("2026-01", c001)
		for kind, want := range map[string]string{casework.KindStanding: made.ID, casework.KindBatch: batch} {
			list, err := c.casework.Rounds(c.public(), casework.RoundFilter{Kind: kind, State: "open"})
			if err != nil || len(list.Items) != 1 || list.Items[0].ID != want {
				t.Errorf("%s: %+v, %v", kind, list, err)
			}
		}
		offers, err := c.casework.Openings(c.firm(firm), firm)
		if err != nil || len(offers) != 2 {
			t.Fatalf("openings: %+v, %v", offers, err)
		}
		for _, o := range offers {
			if standing := o.Round.ID == made.ID; o.Round.Standing != standing || standing && (o.Answer != policy.Manual || o.Round.Performance != 2026) {
				t.Errorf("an opening: %+v", o)
			}
		}

		one := c.submitted(made.ID, dispatch, firm)
		k, err := c.casework.Case(office, one)
		if err != nil || k.Number != "PQ-2026-00001" || !k.Round.Standing || k.Round.Performance != 2026 || k.Assessment == nil {
			t.Fatalf("submitted: %+v, %v", k, err)
		}
		if again, err := c.casework.Begin(c.firm(firm), made.ID, dispatch, firm); err != nil || again.ID != one {
			t.Errorf("begun again while it goes on: %+v, %v", again, err)
		}

		// The process and the bar change: who has begun is dealt with as before, who begins now as is written now.
		c.runsOneByOne("发证")
		c.republished("national/labour-dispatch.yaml", "{of: 注册资本, at_least: 200万元, text: 注册资本不少于200万元", "{of: 注册资本, at_least: 201万元, text: 注册资本不少于201万元",
			"given: {注册资本: 200万元}", "given: {注册资本: 201万元}", "given: {注册资本: 200万元, 有与", "given: {注册资本: 201万元, 有与",
			"given: {注册资本: 199.9999万元}, expect: {answer: unmet, gap: 1元}", "given: {注册资本: 200.9999万元}, expect: {answer: unmet, gap: 1元}")
		second, err := schemes.InUse(c.system())
		if err != nil || first == second {
			t.Fatal("nothing was published", err)
		}
		shown, err := c.casework.Round(c.public(), made.ID)
		if err != nil || shown.SetHash == open.SetHash || shown.Process.Hash == open.Process.Hash {
			t.Errorf("the item shows what was: %+v, %v", shown, err)
		}
		two := c.submitted(made.ID, dispatch, other)
		c.do(office, one, "补正", "", map[string]any{"items": []map[string]string{{"text": "场所证明"}}})
		c.do(c.firm(firm), one, "重新提交", "", nil)
		e, err := c.casework.EvaluationOf(office, one)
		if err != nil || e.SetHash != open.SetHash || e.Result.Answer != policy.Manual {
			t.Errorf("the first by its day: %+v, %v", e, err)
		}
		if e, err = c.casework.EvaluationOf(office, two); err != nil || e.SetHash != shown.SetHash {
			t.Errorf("the second by its day: %+v, %v", e, err)
		}
		c.refused("the first as is written now", c.act(office, "case", one, "发证", "", nil), fault.Invalid, "")
		c.do(office, one, "准予", "", nil)
		c.do(office, two, "发证", "", nil)

		// Once granted it may be begun again, by the rules of then: 2,000,000 is below the bar now.
		c.at("2027-01-04")
		three := c.drafted(made.ID, dispatch, firm)
		if e, err = c.casework.EvaluationOf(c.firm(firm), three); three == one || err != nil || e.Result.Answer != policy.Unmet {
			t.Errorf("begun anew: %+v, %v", e, err)
		}
		four := c.submitted(made.ID, dispatch, other)
		if k, err = c.casework.Case(office, four); err != nil || k.Number != "PQ-2027-00001" || k.Round.Performance != 2027 {
			t.Errorf("of the next year: %+v, %v", k, err)
		}

		// It stops on a day, and what was handed in goes on.
		shown, err = c.casework.Round(office, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		stopped, err := c.casework.ChangeRound(office, made.ID, shown.Version, casework.RoundDraft{Closes: date("2027-01-05")})
		if err != nil || stopped.Closes != date("2027-01-05") || !stopped.TakesToday || len(stopped.Schemes[0].Materials) != 1 {
			t.Fatalf("stopped: %+v, %v", stopped, err)
		}
		c.at("2027-01-06")
		c.refused("begun after it stopped", firstErr(c.casework.Begin(c.firm(other), made.ID, dispatch, c.party(3, "丙派遣有限公司", "周巷镇"))), fault.Forbidden, "")
		c.refused("handed in after it stopped", c.act(c.firm(firm), "case", three, "提交", "", nil), fault.Invalid, "")
		c.do(office, four, "发证", "", nil)
		if shown, err = c.casework.Round(c.public(), made.ID); err != nil || shown.TakesToday || shown.Stage != "停止受理" || shown.Cases != 3 {
			t.Errorf("after it stopped: %+v, %v", shown, err)
		}
		c.audited()
	})
}

// What a process cannot deal with is refused, with the field that says so: a batch without a batch's steps, a standing item with them, money
// that nobody decides, a decision about money where there is none, and a certificate of what grants none.
func TestARoundAndItsProcessSuit(t *testing.T) {
	each(t, func(c *county) {
		c.runsOneByOne("准予")
		for name, x := range map[string]struct {
			standing      bool
			process       string
			scheme        string
			department    string
			field, saying string
		}{
			"a batch one by one":   {false, "逐件办", dispatch, labour, "process", "只能用于常年受理"},
			"a standing batch":     {true, "申报评审", c001, economy, "process", "不能用于常年受理"},
			"money without a sum":  {true, "逐件办", c001, economy, "schemes[0].scheme", "不决定金额"},
			"a licence with a sum": {false, "申报评审", dispatch, labour, "schemes[0].scheme", "不是资金类条款"},
			"help as a licence":    {true, "劳务派遣许可申请", "services/中介帮办", economy, "schemes[0].scheme", "不发证书"},
		} {
			_, err := c.casework.MakeRound(c.officer(x.department, ""), casework.RoundDraft{Number: "X", Title: "试", Standing: x.standing, Process: x.process, Performance: 2025,
				Opens: date("2026-03-02"), Closes: date("2026-12-31"), Department: x.department, Schemes: []casework.RoundSchemeDraft{{Scheme: x.scheme}}})
			at := ""
			for _, d := range fault.Public(err).Details {
				if strings.Contains(d.Message, x.saying) {
					at = d.Field
				}
			}
			if at != x.field {
				t.Errorf("%s: %+v", name, fault.Public(err))
			}
		}
	})
}

// What a case is dealt with by is in the log: of a standing item in its own digest, of a batch in the batch's, from which it may not stray.
// Turns red when either leaves the digest.
func TestWhatACaseIsDealtWithByIsInTheLog(t *testing.T) {
	each(t, func(c *county) {
		c.runsOneByOne("准予")
		firm := c.party(1, "甲派遣有限公司", "周巷镇")
		c.grows(firm)
		c.capital(firm, "200万元")
		for _, id := range []string{c.submitted(c.stands("PQ", "逐件办", labour, dispatch), dispatch, firm), c.submitted(c.round("2026-01", c001), c001, firm)} {
			set := func(year string) {
				if err := store.Write(c.system(), func(ctx context.Context) error {
					_, err := store.Tx(ctx).NewRaw(`UPDATE cases SET performance = performance `+year+` WHERE id = ?`, id).Exec(ctx)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			set("- 1")
			found, err := audit.Verify(c.system())
			if err != nil || len(found.Problems) != 1 {
				t.Errorf("tampered with: %+v, %v", found, err)
			}
			set("+ 1")
		}
		c.audited()
	})
}
