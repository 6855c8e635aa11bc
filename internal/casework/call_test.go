package casework_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"shanglin/internal/casework"
	"shanglin/internal/platform/fault"
	"shanglin/internal/registry"
)

const (
	callProcess = "劳务派遣年报召集"
	reportDuty  = "labour-dispatch/劳务派遣年度报告"
	licenceFact = "劳务派遣经营许可"
	reportFact  = "劳务派遣年报"
)

// called are the cases of a round by party.
func (c *county) called(round string) map[string]casework.CaseRow {
	c.t.Helper()
	page, err := c.casework.Cases(c.officer(labour, ""), casework.CaseFilter{Round: round, Per: 200})
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]casework.CaseRow{}
	for _, k := range page.Items {
		if _, twice := out[k.Party]; twice {
			c.t.Errorf("%s was called twice", k.PartyName)
		}
		out[k.Party] = k
	}
	return out
}

func (c *county) licensed(n int, name, until string) string {
	p := c.party(n, name, "周巷镇")
	c.state(p, registry.Statement{Term: licenceFact, Record: &registry.RecordOf{Number: "示例-" + name, From: date("2024-04-01"), Until: date(until)}})
	return p
}

// said is the outcome that the party's record of the year's report says; empty: there is none.
func (c *county) said(party string) string {
	c.t.Helper()
	facts, err := c.registry.Facts(c.system(), party)
	if err != nil {
		c.t.Fatal(err)
	}
	out := ""
	for _, f := range facts {
		if f.Term == reportFact {
			for _, v := range f.Record.Fields {
				out += v + f.Record.From.String()
			}
			if !f.Verified || f.Source != labour {
				c.t.Errorf("the record: %+v", f)
			}
		}
	}
	return out
}

// Holders of a licence are called to report on their year, each once, whoever's licence is over is not; what is typed is theirs until it is
// handed in; nobody is late on the last day (31 March 2026, a Tuesday), everybody is on the day after; what came of it becomes a fact.
//
// Mutations that turn this red: call whoever is not unmet; leave out 'done' in havers; leave handedIn out of materials or of shownDraft; let overdue be true
// always; leave out keepRecord's PutFacts; keep SubmittedAt of the call.
func TestAYearlyReportIsCalledFor(t *testing.T) {
	each(t, func(c *county) {
		office := c.officer(labour, "")
		good := c.licensed(1, "甲劳务有限公司", "2027-03-31")
		lazy := c.licensed(2, "乙劳务有限公司", "2026-03-02") // the last day is the day of the call
		over := c.licensed(3, "丙劳务有限公司", "2026-03-01")
		none := c.party(4, "丁电器有限公司", "周巷镇") // nobody says that the list of licences is complete
		r, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-年报", Title: "年度报告", Process: callProcess, Performance: 2025,
			Opens: date("2026-03-02"), Closes: date("2026-12-31"), Department: labour, Schemes: []casework.RoundSchemeDraft{{Scheme: reportDuty, Department: labour,
				Materials: []casework.Material{{Key: "报告", Title: "经营情况报告"}}}}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.doRound(office, r.ID, "召集", "", nil)
		got := c.called(r.ID)
		if len(got) != 2 || got[good].Number != "2026-年报-00001" && got[good].Number != "2026-年报-00002" || got[good].Origin != "called" || got[good].SubmittedAt != "" {
			c.t.Fatalf("called: %+v", got)
		}
		for _, p := range []string{over, none} {
			if k, ok := got[p]; ok {
				c.t.Errorf("%s was called", k.PartyName)
			}
		}
		_, err = c.casework.Begin(c.firm(none), r.ID, reportDuty, none)
		c.refused("begun by oneself", err, fault.Conflict, "由责任部门发起")

		// What is attached is the firm's until it is handed in.
		id := got[good].ID
		if _, err := c.casework.Attach(c.firm(good), id, "报告", "照片.png", picture(c.t, 7)); err != nil {
			c.t.Fatal(err)
		}
		files := func(a casework.Attachment) string { return a.ID }
		seen := func(list []casework.MaterialFile, err error) (out []string) {
			if err != nil {
				c.t.Fatal(err)
			}
			for _, m := range list {
				for _, f := range m.Files {
					out = append(out, files(f))
				}
			}
			return out
		}
		own := seen(c.casework.Materials(c.firm(good), id))
		if theirs := seen(c.casework.Materials(office, id)); len(own) != 1 || len(theirs) != 0 {
			c.t.Errorf("attached: %v, seen by the office before it is handed in: %v", own, theirs)
		}
		_, _, err = c.casework.OpenFile(office, id, own[0])
		c.refused("opened before it is handed in", err, fault.NotFound, "没有这个文件")
		form, err := c.casework.FormOf(c.firm(good), id)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := c.casework.Save(c.firm(good), id, form.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000", None: []string{dispatchList},
			Statements: []registry.FactBody{{Term: licenceFact, Record: &registry.RecordBody{Number: "草稿一号", From: date("2025-01-01"), Until: date("2026-12-31")}}}}); err != nil {
			c.t.Fatal(err)
		}
		typed := func(ctx context.Context) bool {
			e, err := c.casework.EvaluationOf(ctx, id)
			if err != nil {
				c.t.Fatal(err)
			}
			text, err := json.Marshal(e)
			if err != nil {
				c.t.Fatal(err)
			}
			return strings.Contains(string(text), "2026-12-31")
		}
		if !typed(c.firm(good)) || typed(office) {
			c.t.Errorf("what is typed: the firm reads it %v, the office %v", typed(c.firm(good)), typed(office))
		}
		if w, err := c.casework.UnmaskApplication(office, id, "核对"); err != nil || w.Name != "" || w.Contact != "" || len(w.Entries) > 0 {
			c.t.Errorf("whom to ask, before it is handed in: %+v, %v", w, err)
		}
		c.do(c.firm(good), id, "提交", "", nil)
		if w, err := c.casework.UnmaskApplication(office, id, "核对"); err != nil || w.Name != "张三" {
			c.t.Errorf("whom to ask: %+v, %v", w, err)
		}
		if theirs := seen(c.casework.Materials(office, id)); !slices.Equal(own, theirs) {
			c.t.Errorf("seen by the office: %v", theirs)
		}
		if k, err := c.casework.Case(office, id); err != nil || k.SubmittedAt == "" || k.Number != got[good].Number {
			c.t.Errorf("handed in: %+v, %v", k, err)
		}
		c.do(office, id, "核验通过", "相符", nil)
		if got := c.said(good); got != "已核验2026-03-02" {
			c.t.Errorf("the record says %q", got)
		}

		// Called again: nobody has a second one, not of this round and not of another of the same year.
		c.doRound(office, r.ID, "补充召集", "", nil)
		if again := c.called(r.ID); len(again) != 2 {
			c.t.Errorf("called again: %+v", again)
		}
		c.at("2026-03-31")
		c.refused("on the last day", c.act(office, "case", got[lazy].ID, "记为逾期未报", "没有报", nil), fault.Conflict, "期限还没有过")
		c.doRound(office, r.ID, "催办", "", nil)
		c.refused("one is open", c.act(office, "round", r.ID, "办结", "", nil), fault.Conflict, "还有1件")
		c.at("2026-04-01")
		c.refused("an officer of another department", c.act(c.officer(economy, ""), "case", got[lazy].ID, "记为逾期未报", "没有报", nil), fault.NotFound, "")
		c.do(office, got[lazy].ID, "记为逾期未报", "没有报", nil)
		if got := c.said(lazy); got != "逾期未报2026-04-01" {
			c.t.Errorf("the record says %q", got)
		}
		c.refused("nobody is left", c.act(office, "round", r.ID, "催办", "", nil), fault.Conflict, "没有要催办的")
		c.doRound(office, r.ID, "办结", "", nil)

		other, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-年报二", Title: "年度报告补", Process: callProcess, Performance: 2025,
			Opens: date("2026-04-01"), Closes: date("2026-12-31"), Department: labour, Schemes: []casework.RoundSchemeDraft{{Scheme: reportDuty, Department: labour}}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.doRound(office, other.ID, "召集", "", nil)
		if again := c.called(other.ID); len(again) != 0 {
			c.t.Errorf("called for the same year: %+v", again)
		}
		c.audited()
	})
}

// The limit is 31 March 2026, a Tuesday. Who hands in on that day at noon is in time, who does on 1 April is late, and so is who has not; the
// counts are right from the first minute of 1 April, and on the last day nobody is late.
//
// Mutations that turn this red: < for <= in Tardy; the moment of asking for done_at of what is done; leave out state = 'open'.
func TestWhoIsLateIsCounted(t *testing.T) {
	each(t, func(c *county) {
		office := c.officer(labour, "")
		punctual, late := c.licensed(1, "甲劳务有限公司", "2027-03-31"), c.licensed(2, "乙劳务有限公司", "2027-03-31")
		silent := c.licensed(3, "丙劳务有限公司", "2027-03-31")
		r, err := c.casework.MakeRound(office, casework.RoundDraft{Number: "2026-年报", Title: "年度报告", Process: callProcess, Performance: 2025,
			Opens: date("2026-03-02"), Closes: date("2026-12-31"), Department: labour, Schemes: []casework.RoundSchemeDraft{{Scheme: reportDuty, Department: labour}}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.doRound(office, r.ID, "召集", "", nil)
		got := c.called(r.ID)
		handIn := func(party string) {
			c.t.Helper()
			form, err := c.casework.FormOf(c.firm(party), got[party].ID)
			if err != nil {
				c.t.Fatal(err)
			}
			if _, err := c.casework.Save(c.firm(party), got[party].ID, form.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000", None: []string{dispatchList}}); err != nil {
				c.t.Fatal(err)
			}
			c.do(c.firm(party), got[party].ID, "提交", "", nil)
		}
		counted := func(when string, filling, checking int, names ...string) {
			c.t.Helper()
			stages, err := c.casework.Stages(office, r.ID)
			if err != nil {
				c.t.Fatal(err)
			}
			for _, s := range stages {
				if want := map[string]int{"填报": filling, "核验": checking}[s.Stage]; s.Late != want {
					c.t.Errorf("%s: %d are late at %s, want %d", when, s.Late, s.Stage, want)
				}
			}
			page, err := c.casework.Cases(office, casework.CaseFilter{Round: r.ID, Late: true, Per: 50})
			if err != nil {
				c.t.Fatal(err)
			}
			var said []string
			for _, k := range page.Items {
				if said = append(said, k.Party); !k.Late {
					c.t.Errorf("%s: %s is not said to be late", when, k.PartyName)
				}
			}
			slices.Sort(said)
			slices.Sort(names)
			if !slices.Equal(said, names) || page.Total != len(names) {
				c.t.Errorf("%s: late are %v, want %v", when, said, names)
			}
		}
		c.at("2026-03-31")
		handIn(punctual)
		counted("on the last day", 0, 0)
		c.now = day("2026-03-31").Add(12 * time.Hour) // midnight
		counted("when it is over", 2, 0, late, silent)
		c.at("2026-04-01")
		handIn(late)
		c.at("2026-04-20")
		counted("later", 1, 1, late, silent)
	})
}
