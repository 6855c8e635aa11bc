package casework_test

import (
	"sync"
	"testing"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/process"
)

// Submitting twice at once submits once, and two officers who accept at once: one does, the other is told who was first.
//
// Mutations that turn this red: take the version out of the engine's UPDATE of the task and the lock before it; number a case before the draft is
// its applicant's turn.
func TestOneOfManyWins(t *testing.T) {
	each(t, func(c *county) {
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		c.grows(firm)
		round := c.round("2026-02", c001)
		id := c.drafted(round, c001, firm)
		at := func(what string, fn func() error) (won int) {
			var all sync.WaitGroup
			var mu sync.Mutex
			for range 8 {
				all.Go(func() {
					err := fn()
					mu.Lock()
					defer mu.Unlock()
					switch fault.CodeOf(err) {
					case "":
						won++
					case fault.Conflict, fault.Unavailable:
					default:
						c.t.Errorf("%s: %v", what, err)
					}
				})
			}
			all.Wait()
			return won
		}
		view, err := c.engine.Of(c.firm(firm), "case", id)
		if err != nil {
			c.t.Fatal(err)
		}
		submit := casework.Doing{Task: view.Tasks[0].ID, Version: view.Tasks[0].Version, Action: "提交"}
		// The same button pressed again is answered as the first was: it may well say yes more than once, and does it once.
		if n := at("submitting", func() error { return firstErr(c.casework.Do(c.firm(firm), id, submit)) }); n < 1 {
			c.t.Error("nobody submitted")
		}
		r, err := c.casework.Round(c.system(), round)
		if err != nil || r.Cases != 1 {
			c.t.Errorf("the round counts %+v, %v", r, err)
		}
		view, err = c.engine.Of(c.officer(economy, ""), "case", id)
		if err != nil {
			c.t.Fatal(err)
		}
		turn := 0
		var mu sync.Mutex
		won := at("accepting", func() error {
			mu.Lock()
			turn++
			who := c.officer(economy, []string{"", "周巷镇"}[turn%2])
			mu.Unlock()
			_, err := c.engine.Act(who, process.Act{Task: view.Tasks[0].ID, Version: view.Tasks[0].Version, Action: "受理"})
			return err
		})
		if won < 1 || won > 4 { // four requests of the one who was first are the same request
			c.t.Errorf("%d officers accepted one application", won)
		}
		history, err := c.engine.Of(c.system(), "case", id)
		if err != nil {
			c.t.Fatal(err)
		}
		accepted := 0
		for _, s := range history.Steps {
			if s.Action == "受理" {
				accepted++
			}
		}
		if accepted != 1 || c.stage(id) != "部门联审" {
			c.t.Errorf("accepted %d times, it stands at %s", accepted, c.stage(id))
		}
		c.audited()
	})
}

// A case that an objection sends back is reviewed anew and the round is published anew: what the public has not seen is not decided.
//
// Mutation: let noticeOver compare no sums → red.
func TestAChangedOutcomeIsPublishedAnew(t *testing.T) {
	each(t, func(c *county) {
		firm := c.party(1, "甲电器有限公司", "周巷镇")
		c.grows(firm)
		round := c.round("2026-03", c001)
		id := c.submitted(round, c001, firm)
		c.reviewed(id, 4500_00)
		office := c.officer(economy, "")
		c.at("2026-04-01")
		c.doRound(office, round, "截止申报", "", nil)
		c.doRound(office, round, "冻结结算", "", nil)
		c.doRound(office, round, "发布公示", "", nil)
		c.doRound(office, round, "退回重新结算", "核对后需要调整", nil)
		c.do(office, id, "退回重审", "异议成立，重新核定", nil)
		c.do(office, id, "通过", "", map[string]any{"amount": 3000_00, "reason": "扣除不实部分"})
		c.at("2026-04-02")
		c.doRound(office, round, "冻结结算", "", nil)
		if r, err := c.casework.Round(c.system(), round); err != nil || r.FrozenAt[:10] != "2026-04-01" {
			c.t.Errorf("settled anew, it is frozen as of %+v, %v", r, err)
		}
		c.refused("published anew without a reason", c.act(office, "round", round, "发布公示", "", nil), fault.Invalid, "原因")
		c.doRound(office, round, "发布公示", "异议成立，金额调整", nil)
		notices, err := c.casework.Notices(c.public(), true, round, 1, 20)
		if err != nil || len(notices.Items) != 1 || notices.Items[0].Number != 2 || notices.Items[0].Total != 3000_00 {
			c.t.Fatalf("the notice anew: %+v, %v", notices, err)
		}
		// Five working days from Thursday 2026-04-02: 3, 7, 8, 9, 10 April.
		if got := notices.Items[0].Until.String(); got != "2026-04-10" {
			c.t.Errorf("it ends on %s, want 2026-04-10", got)
		}
		c.at("2026-04-10")
		c.refused("the first notice would be over", c.act(office, "round", round, "提交决定", "", nil), fault.Conflict, "2026-04-10")
		c.at("2026-04-13")
		c.doRound(office, round, "提交决定", "", nil)
		c.doRound(c.leader(economy), round, "同意支持", "同意", nil)
		if got := c.purse.committed[id].Amount; got != 3000_00 {
			c.t.Errorf("awarded %s", got)
		}
		c.audited()
	})
}
