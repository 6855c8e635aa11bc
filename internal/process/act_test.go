package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// at16 runs fn sixteen times at once and gives what each answered.
func at16(fn func(i int) error) []error {
	out := make([]error, 16)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range out {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			out[i] = fn(i)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	return out
}

// Sixteen people act on one task at the same moment: one wins, and everybody else is told who did what.
//
// Mutations: without the lock in act the others fail as internal; without it and the conditions in claim more than one wins.
func TestOneWins(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		for i := range 16 {
			h.person(fmt.Sprintf("w%d", i), account.Grant{Role: account.RoleOfficer, Department: "经信", Town: "甲镇"})
		}
		act := h.aim("case", "a", "accept")
		steps := h.count(`SELECT COUNT(*) FROM process_steps`)
		contexts := make([]context.Context, 16)
		for i := range contexts {
			contexts[i] = h.as(fmt.Sprintf("w%d", i))
		}
		won := -1
		errs := at16(func(i int) error {
			_, err := h.e.Act(contexts[i], act)
			return err
		})
		for i, err := range errs {
			if err != nil {
				continue
			}
			if won >= 0 {
				t.Fatalf("%d and %d both won", won, i)
			}
			won = i
		}
		if won < 0 {
			t.Fatalf("nobody won: %v", errs)
		}
		for i, err := range errs {
			if i != won {
				h.refused("who came second", err, fault.Conflict, fmt.Sprintf("姓w%d已于2026-03-02 09:00办理了“收下”，现处于“部门核查”。", won))
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM process_steps`) - steps; n != 1 {
			t.Errorf("%d steps, want 1", n)
		}
		if n := h.count(`SELECT COUNT(*) FROM process_tasks WHERE state = 'open'`); n != 2 {
			t.Errorf("%d open tasks, want the two of the next stage", n)
		}
		h.clean()
	})
}

// The same button pressed sixteen times by one person, with and without its task named, does it once, and every answer is that it is done.
//
// Mutation: drop the call of repeated in act → fifteen are told that they were not first.
func TestSamePersonTwice(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		for _, named := range []bool{true, false} {
			id := fmt.Sprintf("a%v", named)
			h.begin(id, "p1", "")
			h.forget()
			act := h.aim("case", id, "submit")
			act.Input = data(map[string]any{"b": 1, "a": "x"})
			if !named {
				act.Task = ""
			}
			ctx := h.as("firm1")
			repeated := make([]bool, 16)
			for i, err := range at16(func(i int) error {
				out, err := h.e.Act(ctx, act)
				repeated[i] = out.Repeated
				if err == nil && out.Stage != "desk" {
					return fmt.Errorf("it stands at %s", out.Stage)
				}
				return err
			}) {
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
			if n := len(slices.DeleteFunc(repeated, func(r bool) bool { return r })); n != 1 {
				t.Errorf("%d of sixteen did it", n)
			}
			if !slices.Equal(h.calls, []string{"case/submit " + id}) {
				t.Errorf("effects: %v", h.calls)
			}
			// With another input it is another request.
			act.Input = data(map[string]any{"a": "y"})
			_, err := h.e.Act(ctx, act)
			h.refused("another input", err, fault.Conflict, "您已于")
		}
		h.clean()
	})
}

// A page of an earlier visit to the same stage acts on no task of the present one, named or not, even if it asks for the very same.
//
// Mutation: begin the versions of tasks at 1 → the stale page is obeyed.
func TestStalePage(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.reviewing("a", "p1", "")
		named := h.aim("case", "a", "back", because("再看"))
		loose := named
		loose.Task, loose.Flow, loose.Subject = "", "case", "a"
		h.ok("review", "case", "a", "back", because("再看"))
		h.ok("desk-a", "case", "a", "accept")
		h.do("tax", "a", "tax", "report")
		h.do("safety", "a", "safety", "report")
		for _, stale := range []Act{named, loose} {
			if out, err := h.e.Act(h.as("review"), stale); err != nil || !out.Repeated || out.Stage != "review" {
				t.Errorf("who did it asks again: %+v, %v", out, err)
			}
			_, err := h.e.Act(h.as("review2"), stale)
			h.refused("a colleague's old page", err, fault.Conflict, "姓")
		}
		h.at("a", "review")
		// And the new page is a new request, although all else is the same.
		h.ok("review", "case", "a", "back", because("再看"))
		h.at("a", "desk")
		h.clean()
	})
}

// Two departments report at the same moment, again and again: the case moves on once, and never stays behind.
//
// Mutation: leave out the lock in act → on PostgreSQL a case stays at the stage, or one of the two fails.
func TestLastOfParallelTasks(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		for n := range 12 {
			id := fmt.Sprintf("a%d", n)
			h.begin(id, "p1", "")
			h.ok("firm1", "case", id, "submit")
			h.ok("desk-a", "case", id, "accept")
			tax, safety := h.task(id, "tax"), h.task(id, "safety")
			one, other := h.as("tax"), h.as("safety")
			var errs [2]error
			var both sync.WaitGroup
			both.Add(2)
			go func() {
				defer both.Done()
				_, errs[0] = h.e.Act(one, Act{Task: tax.ID, Version: tax.Version, Action: "report"})
			}()
			go func() {
				defer both.Done()
				_, errs[1] = h.e.Act(other, Act{Task: safety.ID, Version: safety.Version, Action: "report"})
			}()
			both.Wait()
			if errs[0] != nil || errs[1] != nil {
				t.Fatal(errs)
			}
			h.at(id, "review")
		}
		// One that stops leaves the others nothing to do.
		h.begin("stop", "p1", "")
		h.ok("firm1", "case", "stop", "submit")
		h.ok("desk-a", "case", "stop", "accept")
		safety := h.task("stop", "safety")
		h.do("tax", "stop", "tax", "halt", because("有欠税"))
		h.at("stop", "refused")
		_, err := h.e.Act(h.as("safety"), Act{Task: safety.ID, Version: safety.Version, Action: "report"})
		h.refused("after it was stopped", err, fault.Conflict, "姓tax", "叫停", "refused")
		h.clean()
	})
}

// Whatever fails, nothing of it is left: no step, no task, no effect of another room, no audit record.
//
// Mutations: run effects after the transaction; move before the effects; write the step before the guards with an error ignored.
func TestFailureLeavesNothing(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.reviewing("a", "p1", "")
		state := func() string {
			var out []string
			for _, table := range []string{"process_steps", "process_tasks", "process_tasks WHERE state = 'open'", "audit_events", "search_entries"} {
				out = append(out, fmt.Sprint(h.count(`SELECT COUNT(*) FROM `+table)))
			}
			return strings.Join(append(out, h.stage("case", "a"), fmt.Sprint(h.task("a", "review").Version)), " ")
		}
		before := state()
		boom := errors.New("boom")
		for _, c := range []struct {
			what, verb string
			fail       error
			code       fault.Code
		}{
			{"the first effect", "case/evaluate", boom, fault.Internal},
			{"the last effect", "case/set_amount", boom, fault.Internal},
			{"a fault of an effect is the answer", "case/set_amount", fault.New(fault.Invalid, "超过上限。"), fault.Invalid},
		} {
			h.forget()
			h.failing(c.verb, c.fail)
			h.refused(c.what, h.try("review", "case", "a", "pass"), c.code)
			h.failing(c.verb, nil)
			if got := state(); got != before {
				t.Errorf("%s: %s, before %s", c.what, got, before)
			}
			if len(h.told) != 0 {
				t.Errorf("%s: %v was told", c.what, h.told)
			}
		}
		// An effect that writes in the same transaction is undone with it.
		h.e.effects[verb{"case", "evaluate"}] = func(ctx context.Context, m Move) error {
			return h.e.Describe(ctx, Subject{Flow: "case", ID: "a", Number: "新号", Title: "新题", Department: "经信", Town: "甲镇", Party: "p1"})
		}
		h.failing("case/set_amount", boom)
		h.refused("after a write", h.try("review", "case", "a", "pass"), fault.Internal)
		h.failing("case/set_amount", nil)
		if got := state(); got != before || h.view("review", "case", "a").Instance.Subject.Number != "号a" {
			t.Errorf("after a write: %s, before %s", got, before)
		}
		// And kept with it; the next task carries the new words.
		h.ok("review", "case", "a", "pass")
		if s := h.view("review", "case", "a").Instance.Subject; s.Number != "新号" {
			t.Errorf("%+v", s)
		}
		// An effect that acts on the instance it belongs to would leave it at two stages.
		h.ok("review", "case", "a", "recheck", because("再看"))
		if got := h.task("a", "review").Number; got != "新号" {
			t.Errorf("the new task says %s", got)
		}
		h.e.effects[verb{"case", "evaluate"}] = func(ctx context.Context, m Move) error {
			row, _, err := findInstance(ctx, "case", "a")
			if err == nil {
				_, err = h.e.Act(account.WithActor(ctx, h.people["firm1"]), Act{Flow: "case", Subject: "a", Action: "withdraw", Version: row.Version})
			}
			return err
		}
		if err := h.try("review", "case", "a", "pass"); err == nil {
			t.Error("an effect moved its own instance")
		}
		h.clean()
	})
}

// A guard is asked after the task is taken and before any effect; what it says is the answer. A page asks it without an input.
func TestGuards(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.forget()
		h.failing("case/complete", fault.New(fault.Conflict, "还差营业执照。"))
		h.refused("incomplete", h.try("firm1", "case", "a", "submit"), fault.Conflict, "还差营业执照。")
		if len(h.calls) != 0 {
			t.Errorf("effects ran: %v", h.calls)
		}
		if o := h.view("firm1", "case", "a").Tasks[0].Actions[0]; o.Key != "submit" || o.Blocked != "还差营业执照。" {
			t.Errorf("the button: %+v", o)
		}
		h.failing("case/complete", errors.New("the disk is gone"))
		if _, err := h.e.Of(h.as("firm1"), "case", "a"); fault.CodeOf(err) != fault.Internal {
			t.Errorf("a guard that breaks is no sentence: %v", err)
		}
		h.failing("case/complete", nil)
		var seen []Move
		h.e.guards[verb{"case", "complete"}] = func(_ context.Context, m Move) error {
			seen = append(seen, m)
			return nil
		}
		h.view("firm1", "case", "a")
		h.ok("firm1", "case", "a", "submit", because("请收下"))
		if len(seen) != 2 || !seen[0].Preview || seen[0].Input.Reason != "" || seen[1].Preview || seen[1].Input.Reason != "请收下" || seen[1].Actor == nil ||
			seen[1].From != "draft" || seen[1].To != "desk" || seen[1].Task == nil || seen[1].Instance.Stage != "draft" {
			t.Errorf("the guard saw %+v", seen)
		}
	})
}

// What cannot be an action is refused for what is wrong with it, and never repeats what was sent.
func TestWhatIsAsked(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		good := h.aim("case", "a", "accept")
		with := func(fn func(*Act)) Act {
			a := good
			fn(&a)
			return a
		}
		for _, c := range []struct {
			what, who string
			act       Act
			code      fault.Code
			words     []string
		}{
			{"no such task", "desk-a", with(func(a *Act) { a.Task = "x" }), fault.NotFound, []string{"!x"}},
			{"no such subject", "desk-a", Act{Flow: "case", Subject: "b", Action: "accept", Version: 1}, fault.NotFound, nil},
			{"no such flow", "desk-a", Act{Flow: "case2", Subject: "a", Action: "accept", Version: 1}, fault.NotFound, nil},
			{"no such action of the task", "desk-a", with(func(a *Act) { a.Action = "explode" }), fault.Invalid, []string{"!explode", "action"}},
			{"no such action at all", "desk-a", Act{Flow: "case", Subject: "a", Action: "explode", Version: 2}, fault.Invalid, []string{"!explode"}},
			{"an action of another task", "desk-a", with(func(a *Act) { a.Action = "pass" }), fault.Invalid, nil},
			{"an action of a stage that is past", "firm1", Act{Flow: "case", Subject: "a", Action: "submit", Version: 2}, fault.Conflict, []string{"窗口核对"}},
			{"an action of a stage to come", "review", Act{Flow: "case", Subject: "a", Action: "pass", Version: 2}, fault.Conflict, []string{"窗口核对"}},
			{"an action of the whole instance, elsewhere", "review", Act{Flow: "case", Subject: "a", Action: "recheck", Version: 2}, fault.Conflict, nil},
			{"no version", "desk-a", with(func(a *Act) { a.Version = 0 }), fault.Invalid, []string{"version"}},
			{"a negative version", account.SystemID, with(func(a *Act) { a.Version = -1 }), fault.Invalid, nil},
			{"a version to come", "desk-a", with(func(a *Act) { a.Version++ }), fault.Conflict, nil},
			{"no reason", "desk-a", h.aim("case", "a", "refuse"), fault.Invalid, []string{"reason", "请写明理由"}},
			{"a reason of blanks", "desk-a", h.aim("case", "a", "refuse", because(" \n ")), fault.Invalid, []string{"reason"}},
			{"too long a reason", "desk-a", h.aim("case", "a", "refuse", because(strings.Repeat("长", 2001))), fault.Invalid, []string{"!长长"}},
			{"a control character", "desk-a", h.aim("case", "a", "refuse", because("a\x00b")), fault.Invalid, nil},
			{"no JSON", "desk-a", h.aim("case", "a", "accept", Input{Data: []byte(`{"a":`)}), fault.Invalid, []string{"data"}},
			{"too much data", "desk-a", h.aim("case", "a", "accept", data(strings.Repeat("a", maxData))), fault.Invalid, nil},
		} {
			_, err := h.e.Act(h.as(c.who), c.act)
			h.refused(c.what, err, c.code, c.words...)
		}
		h.at("a", "desk")
		// The system may leave the version out.
		if _, err := h.e.Act(h.as(account.SystemID), with(func(a *Act) { a.Version = 0 })); err != nil {
			t.Error(err)
		}
		h.at("a", "checks")
		h.do("tax", "a", "tax", "report", because(strings.Repeat("长", 2000)))
		h.clean()
	})
}

// Withdrawal is an action of the whole instance: at its stages only, once, by whoever speaks for the party.
func TestAlways(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		old := h.aim("case", "a", "withdraw")
		h.ok("desk-a", "case", "a", "accept")
		_, err := h.e.Act(h.as("firm1"), old)
		h.refused("an old page", err, fault.Conflict, "窗口", "!姓", "收下")
		_, err = h.e.Act(h.as("review"), h.aim("case", "a", "withdraw"))
		h.refused("somebody else", err, fault.Forbidden)
		_, err = h.e.Act(h.as("firm2"), h.aim("case", "a", "withdraw"))
		h.refused("another firm", err, fault.NotFound)
		act := h.aim("case", "a", "withdraw")
		ctx := h.as("firm1")
		done := 0
		for _, err := range at16(func(int) error {
			out, err := h.e.Act(ctx, act)
			if err == nil && (out.Stage != "withdrawn" || out.Outcome != "withdrawn") {
				return errors.New(out.Stage)
			}
			return err
		}) {
			if err != nil {
				t.Error(err)
			}
			done++
		}
		if n := h.count(`SELECT COUNT(*) FROM process_steps WHERE action = 'withdraw'`); n != 1 {
			t.Errorf("withdrawn %d times", n)
		}
		if n := h.count(`SELECT COUNT(*) FROM process_tasks WHERE state = 'open'`); n != 0 {
			t.Errorf("%d tasks of a case that was withdrawn are open", n)
		}
		h.refused("after it ended", h.try("firm1", "case", "a", "withdraw"), fault.Conflict)
		h.clean()
	})
}

// Many at once: each by itself, so that one that fails leaves the others done; and only what the file lets be done for many.
//
// Mutation: let ActMany call Act without its many → remark is taken.
func TestMany(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		var acts []Act
		for _, id := range []string{"a", "b", "c"} {
			h.begin(id, "p1", "")
			h.ok("firm1", "case", id, "submit")
			acts = append(acts, h.aim("case", id, "accept"))
		}
		h.ok("desk-a2", "case", "b", "remark")
		acts = append(acts, h.aim("case", "c", "remark"), Act{Task: "x", Version: 1, Action: "accept"})
		out, err := h.e.ActMany(h.as("desk-a"), acts)
		if err != nil || len(out) != 5 {
			t.Fatalf("%+v, %v", out, err)
		}
		for i, want := range []fault.Code{"", fault.Conflict, "", fault.Conflict, fault.NotFound} {
			if got := out[i].Error; (got == nil) != (want == "") || got != nil && got.Code != want || (out[i].Instance == nil) != (want != "") || out[i].Task != acts[i].Task {
				t.Errorf("%d: %+v, want %s", i, out[i], want)
			}
		}
		h.at("a", "checks")
		h.at("b", "desk")
		h.at("c", "checks")
		out, err = h.e.ActMany(h.as("desk-a"), []Act{h.aim("case", "b", "remark")})
		if err != nil || out[0].Error == nil || out[0].Error.Code != fault.Forbidden || !strings.Contains(out[0].Error.Message, "一件一件") {
			t.Errorf("one by one only: %+v, %v", out, err)
		}
		if _, err := h.e.ActMany(h.as("desk-a"), make([]Act, 201)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("201: %v", err)
		}
		err = store.Write(h.as("desk-a"), func(ctx context.Context) error {
			_, err := h.e.ActMany(ctx, acts)
			return err
		})
		if err == nil {
			t.Error("many in one transaction")
		}
		h.clean()
	})
}
