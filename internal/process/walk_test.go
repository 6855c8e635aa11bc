package process

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// walks is how many random processes are walked, and steps how far each.
const (
	walks = 10
	paces = 60
)

// Whatever process is walked, and whatever is tried on the way by whomever, in whatever order, by several at once: an instance stands at
// exactly one stage, its open tasks are those of that stage, its history tells how it came there, nothing is half done, and the log is whole.
//
// Mutations: leave the closing of tasks out of moveSome; open one task of several; leave the step out of stay; let the instance's version
// stay → red.
func TestRandomWalks(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		for seed := range uint64(walks) {
			r := rand.New(rand.NewPCG(seed, 7))
			h.set("2026-03-02 09:00")
			h.e.kept = definitions{} // read back from the database each time
			h.hash = h.keepText(fmt.Sprintf("random%d.yaml", seed), randomProcess(r, seed))
			h.walk(r, fmt.Sprintf("w%d-", seed))
			if t.Failed() {
				t.Fatalf("seed %d\n%s", seed, h.source())
			}
		}
	})
}

// randomProcess writes a file with stages of every kind: one task, several, none; every stage leads on to the next, and some lead back.
func randomProcess(r *rand.Rand, seed uint64) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	stages := 4 + r.IntN(5)
	name := func(i int) string {
		if i >= stages {
			return "end"
		}
		return fmt.Sprintf("s%d", i)
	}
	p("process: random%d\ntitle: 随机\nstarts: applicant\ncase:\n  stages:", seed)
	who := func() string {
		return []string{"applicant", "{role: officer, department: scheme}", "{role: officer, department: scheme}", "{role: officer, department: 税务}",
			"{role: leader, department: scheme}", "finance"}[r.IntN(6)]
	}
	var waiting, single []int
	for i := range stages {
		p("    %s:\n      public: 在%s。", name(i), name(i))
		switch kind := r.IntN(4); {
		case kind == 0 && i > 0 && i < stages-1:
			waiting = append(waiting, i)
		case kind == 1 && i > 0:
			p("      tasks:")
			for k := range 2 + r.IntN(2) {
				p("        t%d:\n          who: %s\n          actions:\n            done: {needs: opinion}", k, who())
				if r.IntN(3) == 0 {
					p("            stop: {to: %s, stops: 是}", name(r.IntN(stages)))
				}
			}
			p("      then: %s", name(i+1))
		default:
			single = append(single, i)
			p("      who: %s", who())
			if r.IntN(2) == 0 {
				lapse := []string{"", ", lapse: on"}[r.IntN(2)]
				pauses := ""
				if i > 0 && r.IntN(2) == 0 {
					pauses = fmt.Sprintf(", pauses: [%s]", name(r.IntN(i)))
				}
				p("      within: {time: %d%s, basis: 示例%s%s}", 1+r.IntN(5), []string{"工作日", "日", "小时"}[r.IntN(3)], lapse, pauses)
			}
			p("      actions:\n        on: {to: %s, tone: primary}", name(i+1))
			if i > 0 && r.IntN(2) == 0 {
				p("        back: {to: %s}", name(r.IntN(i)))
			}
			if r.IntN(2) == 0 {
				p("        same: {to: %s}", name(i))
			}
			p("        remark: {do: evaluate}")
		}
	}
	p("    end:\n      public: 结束。\n      ends: done\n    gone:\n      public: 撤回。\n      ends: withdrawn")
	p("  always:")
	if len(single) > 0 {
		p("    leave: {who: applicant, at: [%s], to: gone}", strings.Join(names(single, name), ", "))
	}
	p("    nudge: {who: {role: officer, department: scheme}, at: [s0], do: evaluate}")
	p("round:\n  stages:\n    run:\n      public: 在办。\n      who: {role: officer, department: scheme}\n      actions:")
	for _, i := range waiting {
		p("        m%d: {do: {move_cases: {from: %s, to: %s}}}", i, name(i), name(i+1))
	}
	p("        close: {to: over}\n    over:\n      public: 结束。\n      ends: done")
	return b.String()
}

func names(list []int, name func(int) string) (out []string) {
	for _, i := range list {
		out = append(out, name(i))
	}
	return out
}

// walk lets people try what they like, and checks after every few paces.
func (h *house) walk(r *rand.Rand, prefix string) {
	process, err := h.e.Process(h.root, h.hash)
	h.must(err)
	flow := process.Flow("case")
	round := prefix + "round"
	h.round(round)
	var cases []string
	for n := range 4 {
		cases = append(cases, fmt.Sprintf("%sc%d", prefix, n))
		h.begin(cases[n], []string{"p1", "p2"}[n%2], round)
	}
	people := []string{"firm1", "firm2", "desk-a", "desk-b", "review", "tax", "boss", "both", "owner", "finance", "auditor", "trade"}
	day := 2
	for n := range paces {
		at := r.IntN(len(cases))
		id := cases[at]
		r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
		switch r.IntN(12) {
		case 0: // the round moves what waits
			for _, a := range process.Flow("round").Stages[0].Tasks[0].Actions {
				if a.Key != "close" && r.IntN(2) == 0 {
					h.ok("review2", "round", round, a.Key)
				}
			}
		case 1: // time passes
			day++
			h.set(fmt.Sprintf("2026-03-%02d %02d:00", min(day, 31), r.IntN(24)))
			h.must(h.e.Tick(h.root))
		case 2: // somebody gives a task to somebody, or takes it back
			if open := h.open(id); len(open) > 0 {
				t := open[r.IntN(len(open))]
				if to, err := h.e.Assignees(h.as("boss"), t.ID); err == nil && len(to) > 0 && r.IntN(4) > 0 {
					_, err := h.e.Assign(h.as("boss"), t.ID, t.Version, to[r.IntN(len(to))].Account, "换人")
					h.must(err)
					continue
				}
				_, err := h.e.Assign(h.as(people[0]), t.ID, t.Version, people[1], "换人")
				h.expected(err)
				_, err = h.e.Release(h.as(people[2]), t.ID, h.open(id)[0].Version, "收回")
				h.expected(err)
			}
		case 3, 4: // several at once, whatever they see
			v := h.open(id)
			if len(v) == 0 {
				continue
			}
			t := v[r.IntN(len(v))]
			actions := ruleOf(flow, t.Stage, t.Task).Actions
			var contexts []context.Context
			var acts []Act
			for range 16 {
				contexts = append(contexts, h.as(people[r.IntN(len(people))]))
				acts = append(acts, Act{Task: t.ID, Version: t.Version, Action: actions[r.IntN(len(actions))].Key})
			}
			for _, err := range at16(func(i int) error {
				_, err := h.e.Act(contexts[i], acts[i])
				return err
			}) {
				h.expected(err)
			}
		default: // somebody who is offered something, from a stale page now and then
			for _, who := range people {
				v, err := h.e.Of(h.as(who), "case", id)
				if fault.CodeOf(err) == fault.NotFound {
					continue
				}
				h.must(err)
				var options []Act
				for _, t := range v.Tasks {
					for _, o := range t.Actions {
						options = append(options, Act{Task: t.ID, Version: t.Version - int64(r.IntN(7)/6), Action: o.Key})
					}
				}
				for _, o := range v.Always {
					if o.Key != "leave" || r.IntN(4) == 0 {
						options = append(options, Act{Flow: "case", Subject: id, Version: v.Instance.Version - int64(r.IntN(7)/6), Action: o.Key})
					}
				}
				if len(options) == 0 {
					continue
				}
				if r.IntN(5) == 0 {
					h.failing("case/evaluate", fault.New(fault.Conflict, "现在不行。"))
				}
				_, err = h.e.Act(h.as(who), options[r.IntN(len(options))])
				h.failing("case/evaluate", nil)
				h.expected(err)
				break
			}
		}
		if i, err := h.e.Find(h.root, "case", id); err != nil || i.Outcome != "" { // another comes in its place
			h.must(err)
			h.whole(flow, id)
			cases[at] = fmt.Sprintf("%sc%d", prefix, 10+n)
			h.begin(cases[at], []string{"p1", "p2"}[n%2], round)
		}
		if n%10 == 9 {
			for _, id := range cases {
				h.whole(flow, id)
			}
		}
	}
	h.clean()
}

// expected are the answers that trying may get; anything else is a mistake of the engine.
func (h *house) expected(err error) {
	h.t.Helper()
	switch fault.CodeOf(err) {
	case "", fault.NotFound, fault.Forbidden, fault.Conflict:
	case fault.Invalid: // giving a task to whom it is not for, a version below 1
	default:
		h.t.Errorf("an answer that nobody should get: %v", err)
	}
}

func (h *house) open(subject string) (out []taskRow) {
	h.t.Helper()
	h.must(store.Read(h.root, func(ctx context.Context) error {
		out = nil
		return store.Tx(ctx).NewRaw(`SELECT `+taskColumns+` FROM process_tasks WHERE subject = ? AND state = 'open' ORDER BY id`, subject).Scan(ctx, &out)
	}))
	return out
}

// whole compares an instance with its tasks and its history.
func (h *house) whole(flow *policy.Flow, subject string) {
	h.t.Helper()
	h.must(store.Read(h.root, func(ctx context.Context) error {
		row, _, err := findInstance(ctx, "case", subject)
		if err != nil {
			return err
		}
		tasks, err := tasksOf(ctx, row.ID)
		if err != nil {
			return err
		}
		steps, err := stepsOf(ctx, row.ID)
		if err != nil {
			return err
		}
		stage := flow.Stage(row.Stage)
		if stage == nil || row.Outcome != stage.Ends {
			h.t.Errorf("%s stands at %q with outcome %q", subject, row.Stage, row.Outcome)
			return nil
		}
		// Its tasks of this visit are those of the stage, each once; a done one is done by an action that its rule has; no other is open.
		var here []string
		open := 0
		for _, t := range tasks[row.ID] {
			if t.Visit == row.Visit {
				here = append(here, t.Task)
				if t.Stage != row.Stage {
					h.t.Errorf("%s: a task of %s at %s", subject, t.Stage, row.Stage)
				}
			}
			if t.State == stateOpen {
				open++
				if t.Visit != row.Visit {
					h.t.Errorf("%s: a task of an earlier visit is open", subject)
				}
			}
			if t.State == "done" && actionOf(ruleOf(flow, t.Stage, t.Task), t.Action) == nil || (t.State == stateOpen) != (t.DoneAt == "") {
				h.t.Errorf("%s: %+v", subject, t)
			}
		}
		var want []string
		for _, t := range stage.Tasks {
			want = append(want, t.Key)
		}
		slices.Sort(here)
		slices.Sort(want)
		if !slices.Equal(here, want) || len(want) > 0 && open == 0 {
			h.t.Errorf("%s at %s has tasks %v (%d open), want %v", subject, row.Stage, here, open, want)
		}
		// The history: one start, every step from where the last led, as many visits and versions as there were.
		at, visits, version := "", int64(0), int64(0)
		for i, s := range steps[row.ID] {
			if s.Seq != int64(i+1) || (s.Kind == stepStart) != (i == 0) || s.FromStage != at {
				h.t.Errorf("%s: step %d is %+v after %s", subject, i, s, at)
			}
			if s.ToStage != "" {
				at, visits = s.ToStage, visits+1
			}
			if s.Kind != stepAssign && s.Kind != stepRelease && s.Kind != stepOverdue {
				version++
			}
		}
		if at != row.Stage || visits != row.Visit || version != row.Version {
			h.t.Errorf("%s stands at %s (visit %d, version %d); its history says %s (%d, %d)", subject, row.Stage, row.Visit, row.Version, at, visits, version)
		}
		// Nobody acted for an office on their own firm's case.
		for _, s := range steps[row.ID] {
			if a := h.people[s.Actor]; a != nil && s.Kind == stepAct && s.Role != applicant && a.Speaks(row.Party) {
				h.t.Errorf("%s acted on %s, of their own firm, as %s", s.Actor, subject, s.Role)
			}
			if a := h.people[s.Actor]; a != nil && s.Kind == stepAct && s.Role != applicant && !a.Is(account.Role(s.Role)) {
				h.t.Errorf("%s acted on %s as %s", s.Actor, subject, s.Role)
			}
		}
		return nil
	}))
}
