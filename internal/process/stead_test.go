package process

import (
	"context"
	"slices"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// delegate lets somebody stand in for somebody else from now on, in one role of theirs, or in all (empty).
func (h *house) delegate(absent, stand string, role account.Role) {
	h.t.Helper()
	id := absent + ">" + stand
	h.must(store.Write(h.root, func(ctx context.Context) error {
		if _, err := change(ctx, `INSERT INTO delegations (id, absent, stand_in, from_day, until_day, reason, made_at, made_by, ended_at, ended_by, end_reason, approved_at, approved_by)
			VALUES (?, ?, ?, '2026-03-01', '2026-12-31', '出差', '', '', '', '', '', '2026-03-01', ?)`, id, absent, stand, absent); err != nil {
			return err
		}
		for _, g := range h.people[absent].Grants {
			if role == "" || g.Role == role {
				if _, err := change(ctx, `INSERT INTO delegation_grants (delegation, role, department, town) VALUES (?, ?, ?, ?)`, id, g.Role, g.Department, g.Town); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// instead makes a person of one who acts in another's stead, and gives their name in the house: "review for both".
func (h *house) instead(stand, absent string) string {
	h.t.Helper()
	hat, err := account.InStead(h.root, h.people[stand], absent)
	h.must(err)
	id := stand + " for " + absent
	h.people[id] = hat
	return id
}

// Stages that a file keeps apart are kept apart for two people of whom one stands in for the other: what the one did, what the other did in
// their stead, and what they did in one's own, all count.
//
// Mutations, each tried: ask only for the actor's own account, or only for s.actor, in actedAt; do not write the stead in step → red.
func TestApartInStead(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		decide := func(who, round string) error { return h.try(who, "round", round, "agree", because("同意")) }
		ready := func(round, reviewer string) {
			h.round(round)
			h.reviewing("case-"+round, "p1", round)
			h.ok(reviewer, "case", "case-"+round, "pass")
			h.ok("review2", "round", round, "gather")
		}
		h.delegate("boss", "review", "")
		h.delegate("review", "boss", "")
		h.delegate("both", "review", "")
		h.delegate("both", "review2", account.RoleLeader)
		reviewForBoss, bossForReview := h.instead("review", "boss"), h.instead("boss", "review")
		reviewForBoth, review2ForBoth := h.instead("review", "both"), h.instead("review2", "both")

		ready("r1", "review")
		h.refused("who reviewed decides in another's stead", decide(reviewForBoss, "r1"), fault.Forbidden, "您或姓boss", "审查")
		h.must(decide("boss", "r1"))

		ready("r2", bossForReview)
		h.refused("who reviewed in another's stead decides", decide("boss", "r2"), fault.Forbidden, "您已办理过")
		h.must(decide("both", "r2"))

		ready("r3", reviewForBoth)
		h.refused("whose stand-in reviewed decides", decide("both", "r3"), fault.Forbidden, "代您办理的人")
		h.refused("nor does another stand-in of theirs", decide(review2ForBoth, "r3"), fault.Forbidden, "您或姓both")
		h.must(decide("boss", "r3"))

		ready("r4", "both")
		h.refused("it is decided in the stead of who reviewed", decide(review2ForBoth, "r4"), fault.Forbidden, "您或姓both")

		ready("r5", "review")
		h.must(decide(review2ForBoth, "r5"))
		steps := h.view("boss", "round", "r5").Steps
		if last := steps[len(steps)-1]; last.By != "姓review2" || last.For != "姓both" {
			t.Errorf("the history: %+v", last)
		}
		h.clean()
	})
}

// The inbox of who stands in has the tasks of who is away, those assigned to them too, each with whose it is; their own come as their own;
// and who may act is told of what is new.
//
// Mutations, each tried: list under the actor's own grants alone; leave the absent out of the assignment's condition in acting, or of mayDo;
// take the last hat instead of the first in dressed → red.
func TestInboxInStead(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		for _, id := range []string{"a", "b", "c"} {
			h.begin(id, map[string]string{"a": "p1", "b": "p2", "c": "p1"}[id], "")
			h.ok(map[string]string{"a": "firm1", "b": "firm2", "c": "firm1"}[id], "case", id, "submit")
		}
		task := h.task("c", "desk")
		_, err := h.e.Assign(h.as("desk-a"), task.ID, task.Version, "desk-a", "")
		h.must(err)
		inbox := func(who string, f Filter) (out []string) {
			page, err := h.e.Inbox(h.as(who), f)
			h.must(err)
			for _, task := range page.Items {
				word := task.Subject.ID
				if task.For != nil {
					word += " for " + task.For.Name
				}
				if len(task.Actions) > 0 {
					word += "!"
				}
				out = append(out, word)
			}
			slices.Sort(out)
			if n, err := h.e.Count(h.as(who), f); err != nil || n.Total != len(out) {
				t.Errorf("%s: counted %d of %v, %v", who, n.Total, out, err)
			}
			return out
		}
		same := func(what string, got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		same("before", inbox("desk-b", Filter{}), "b!")
		h.delegate("desk-a", "desk-b", "")
		hat := h.instead("desk-b", "desk-a")
		same("standing in", inbox("desk-b", Filter{}), "a for 姓desk-a!", "b!", "c for 姓desk-a!")
		same("seeing", inbox("desk-b", Filter{Which: "see"}), "a for 姓desk-a!", "b!", "c for 姓desk-a!")
		same("in the other's stead alone", inbox(hat, Filter{}), "a for 姓desk-a!", "c for 姓desk-a!")
		same("who is away", inbox("desk-a", Filter{}), "a!", "c!")
		h.refused("as oneself", h.try("desk-b", "case", "a", "accept"), fault.NotFound)
		h.forget()
		h.ok(hat, "case", "c", "accept") // assigned to who is away
		if v := h.view("tax", "case", "c"); v.Steps[len(v.Steps)-1].For != "姓desk-a" {
			t.Errorf("%+v", v.Steps)
		}
		if v := h.view("firm1", "case", "c"); v.Steps[len(v.Steps)-1].For != "" || v.Steps[len(v.Steps)-1].By != "窗口" {
			t.Errorf("to the applicant: %+v", v.Steps[len(v.Steps)-1])
		}
		same("done", inbox("desk-b", Filter{Which: "done"}), "c")
		// Two who stand in for the same see it once each; of a task that is one's own too it is not said whose it is.
		h.delegate("desk-a2", "desk-b", "")
		h.delegate("review", "desk-b", "")
		h.delegate("desk-b", "desk-a", "")
		same("once each", inbox("desk-b", Filter{}), "a for 姓desk-a!", "b!")
		h.begin("d", "p1", "")
		h.forget()
		h.ok("firm1", "case", "d", "submit")
		var told []string
		for _, n := range h.told {
			if n.note.Kind == "task" {
				told = append(told, n.accounts...)
			}
		}
		if !slices.Contains(told, "desk-b") || !slices.Contains(told, "desk-a") {
			t.Errorf("told of something new: %v", told)
		}
		h.clean()
	})
}
