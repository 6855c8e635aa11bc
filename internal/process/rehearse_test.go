package process

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

func (h *house) processOf(name string) *policy.Process {
	h.t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	h.must(err)
	p, problems := policy.ReadProcess(policy.File{Path: name, Data: data})
	if p == nil {
		h.t.Fatal(problems)
	}
	return p
}

// rehearsed are all rows that a rehearsal could leave behind.
func (h *house) left() (n int) {
	h.t.Helper()
	h.must(store.Read(h.root, func(ctx context.Context) error {
		n = 0
		for _, table := range []string{"process_instances", "process_tasks", "process_steps", "process_definitions", "audit_events", "search_entries"} {
			var k int
			if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM `+table).Scan(ctx, &k); err != nil {
				return err
			}
			n += k
		}
		return nil
	}))
	return n
}

func (h *house) rehearse(flow string, choices ...Choice) Rehearsed {
	h.t.Helper()
	out, err := h.e.Rehearse(h.as("admin"), Rehearsal{Process: h.processOf("trial.yaml"), Flow: flow, Start: at("2026-03-02 09:00"), Choices: choices,
		Subject: Subject{Number: "样例", Title: "研发补助", Department: "经信", Town: "甲镇"}})
	h.must(err)
	return out
}

// A rehearsal goes the way that real cases go, asks the people who would really be asked, reckons on the real calendar, and keeps nothing.
//
// 2026-03-02 is a Monday: handed in on Tuesday the 3rd, five working days end on Tuesday the 10th; over on the 11th.
//
// Mutations: let Rehearse answer nil instead of the error that undoes it; call the room's own Tell; take holds out of the guards → red.
func TestARehearsalKeepsNothing(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("real", "p1", "")
		before := h.left()
		h.told, h.calls = nil, nil
		h.failing("case/complete", fault.New(fault.Conflict, "材料不全。")) // of real cases
		got := h.rehearse("case", Choice{Kind: "act", Action: "submit"})
		if got.Trouble != "" || got.Stage != "desk" || got.Title != "窗口核对" || got.Line != 12 || len(got.Steps) != 2 {
			t.Fatalf("%+v", got)
		}
		task := got.Tasks[0]
		if task.Who != "窗口" || task.Count != 6 || task.Limit == nil || task.Limit.Due != "2026-03-10" || len(task.Limit.Why) == 0 {
			t.Errorf("%+v", task)
		}
		if step := got.Steps[1]; !slices.Equal(step.Effects, []string{"正式提交并编号"}) || len(step.Told) == 0 || !slices.Contains(step.Told[0].To, "姓desk-a") {
			t.Errorf("%+v", step)
		}
		late := h.rehearse("case", Choice{Kind: "act", Action: "submit"}, Choice{Kind: "act", Action: "ask"}, Choice{Kind: "clock"})
		if late.Outcome != "withdrawn" || late.Steps[3].Kind != "lapse" || !strings.HasPrefix(late.Steps[3].At, "2026-03-18") && !strings.HasPrefix(late.Steps[3].At, "2026-03-19") {
			t.Errorf("%s %+v", late.Outcome, late.Steps[len(late.Steps)-1])
		}
		// What cannot be done says where, and the rehearsal ends there.
		if bad := h.rehearse("case", Choice{Kind: "act", Action: "pass"}); bad.Stage != "draft" || !strings.Contains(bad.Trouble, "在“draft”（第7行）没有“pass”") {
			t.Errorf("%+v", bad)
		}
		if after := h.left(); after != before || len(h.told) > 0 || len(h.calls) > 0 {
			t.Errorf("%d rows became %d; told %v, done %v", before, after, h.told, h.calls)
		}
		h.clean()
	})
}

// The routes of a file together take all that may happen at every stage, and each of them can be walked to an end on the engine.
//
// Mutations: leave the clock out of waysOut; let happy stop at a stage that waits for the round → red.
func TestRoutesWalkEverything(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		p := h.processOf("trial.yaml")
		for _, f := range p.Flows {
			routes, unreached := Routes(p, f.Key)
			if len(unreached) > 0 || !routes[0].Main {
				t.Errorf("%s: %+v", f.Key, unreached)
			}
			taken := map[string]bool{}
			for _, r := range routes {
				got := h.rehearse(f.Key, r.Choices...)
				if got.Trouble != "" || got.Outcome == "" {
					t.Errorf("%s: “%s” stands at %s: %s", f.Key, r.Title, got.Stage, got.Trouble)
				}
				for _, s := range got.Steps {
					taken[s.From+"|"+s.Action] = true
				}
			}
			for _, s := range f.Stages {
				for _, task := range s.Tasks {
					for _, a := range task.Actions {
						if !taken[s.Title+"|"+a.Title] {
							t.Errorf("%s: nobody took “%s” at %s", f.Key, a.Title, s.Title)
						}
					}
				}
			}
		}
	})
}

// In a year whose days off are not published a limit is not known: the rehearsal says so, and nothing lapses by guessing.
func TestARehearsalInAnUnpublishedYear(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		got, err := h.e.Rehearse(h.as("admin"), Rehearsal{Process: h.processOf("trial.yaml"), Flow: "case", Start: at("2030-03-04 09:00"),
			Subject: Subject{Department: "经信"}, Choices: []Choice{{Kind: "act", Action: "submit"}, {Kind: "clock"}}})
		h.must(err)
		if got.Stage != "desk" || !strings.Contains(got.Trouble, "第12行") || !strings.Contains(got.Trouble, "尚未公布") {
			t.Errorf("%+v", got)
		}
	})
}
