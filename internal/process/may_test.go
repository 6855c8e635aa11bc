package process

import (
	"fmt"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
)

// Who may take an action of an office's task, who may see the case, and what those who may not are told.
//
// Mutations: take an empty town or department of a grant for none; let a grant's department and another's town add up; let ownFirm pass;
// answer Forbidden where the case may not be seen.
func TestWhoMayAct(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.person("crossed", account.Grant{Role: account.RoleOfficer, Department: "经信", Town: "乙镇"}, account.Grant{Role: account.RoleOfficer, Department: "商务", Town: "甲镇"})
		h.person("all", account.Grant{Role: account.RoleOfficer})
		h.person("trade-boss", account.Grant{Role: account.RoleLeader, Department: "商务"})
		h.person("money-b", account.Grant{Role: account.RoleFinance, Town: "乙镇"})
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		act := h.aim("case", "a", "refuse", because("材料不实"))
		for who, want := range map[string]fault.Code{
			"": fault.NotFound, "nobody": fault.NotFound, "admin": fault.NotFound, "firm2": fault.NotFound, "desk-b": fault.NotFound, "trade": fault.NotFound,
			"crossed": fault.NotFound, "trade-boss": fault.NotFound, "money-b": fault.NotFound, "tax": fault.NotFound,
			"firm1": fault.Forbidden, "owner": fault.Forbidden, "boss": fault.Forbidden, "finance": fault.Forbidden, "auditor": fault.Forbidden,
		} {
			_, err := h.e.Act(h.as(who), act)
			h.refused("act as "+who, err, want, "!企业p1", "!号a")
			_, err = h.e.Of(h.as(who), "case", "a")
			if want == fault.NotFound {
				h.refused("see as "+who, err, fault.NotFound, "!企业p1")
			} else if err != nil {
				t.Errorf("see as %s: %v", who, err)
			}
		}
		_, err := h.e.Act(h.as("owner"), act)
		h.refused("an officer who speaks for the firm", err, fault.Forbidden, "您是这个主体的经办人")
		h.at("a", "desk")
		for _, who := range []string{"desk-a", "desk-a2", "review", "all", account.SystemID} {
			id := "a-" + who
			h.begin(id, "p1", "")
			h.ok("firm1", "case", id, "submit")
			h.ok(who, "case", id, "refuse", because("材料不实"))
			h.at(id, "refused")
		}
		// The firm's own task is nobody else's, not the installation's either.
		h.begin("b", "p1", "")
		for _, who := range []string{"review", "desk-a", "boss", account.SystemID, "firm2", "owner2"} {
			if who == "owner2" {
				h.person(who, account.Grant{Role: account.RoleFirm, Party: "p2"}, account.Grant{Role: account.RoleOfficer, Department: "经信"})
			}
			err := h.try(who, "case", "b", "submit")
			if code := fault.CodeOf(err); code != fault.Forbidden && code != fault.NotFound {
				t.Errorf("%s hands in for the firm: %v", who, err)
			}
		}
		h.ok("owner", "case", "b", "submit") // speaks for it
		h.clean()
	})
}

// A department that was asked sees the case, before and after it answered, and others of it do; a department that was not asked does not.
func TestWhoWasAskedSees(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		see := func(who string) error {
			_, err := h.e.Of(h.as(who), "case", "a")
			return err
		}
		h.refused("before it is asked", see("tax"), fault.NotFound)
		h.ok("desk-a", "case", "a", "accept")
		h.must(see("tax"))
		h.do("tax", "a", "tax", "report", because("无欠税"))
		h.must(see("tax"))
		if v := h.view("tax", "case", "a"); len(v.Tasks) != 1 || len(v.Tasks[0].Actions) != 0 || v.Tasks[0].Title != "安全核查" {
			t.Errorf("what is the others' is not for them to do: %+v", v.Tasks)
		}
		h.refused("who was not asked", see("trade"), fault.NotFound)
	})
}

// Nobody acts at two stages that the file keeps apart: a reviewer of any live case of a round does not decide the round, and who decided
// it does not review its cases.
//
// Mutations: look at the instance alone; look at ended cases too; look only from the round to the cases; drop the check from view.
func TestApart(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.round("r")
		h.round("other")
		for _, id := range []string{"a", "b", "c"} {
			h.reviewing(id, "p1", "r")
		}
		h.reviewing("elsewhere", "p1", "other")
		h.ok("both", "case", "a", "pass")
		h.ok("review", "case", "b", "pass")
		h.ok("review", "case", "c", "pass")
		h.ok("review2", "case", "elsewhere", "pass")
		h.ok("review", "round", "r", "gather")
		h.refused("who reviewed one of the cases decides all", h.try("both", "round", "r", "agree", because("同意")), fault.Forbidden, "审查")
		options := h.view("both", "round", "r").Tasks[0].Actions
		if len(options) != 2 || !strings.Contains(options[0].Blocked, "审查") {
			t.Errorf("the buttons of who may not: %+v", options)
		}
		if o := h.view("boss", "round", "r").Tasks[0].Actions; o[0].Blocked != "" {
			t.Errorf("the buttons of who may: %+v", o)
		}
	})
}

// It does not matter which case it was, as long as it is alive.
func TestApartOnlyWhatIsAlive(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.round("r")
		h.reviewing("a", "p1", "r")
		h.reviewing("b", "p1", "r")
		h.ok("both", "case", "a", "pass")
		h.ok("review", "case", "b", "pass")
		h.ok("firm1", "case", "a", "withdraw")
		h.ok("review", "round", "r", "gather")
		h.ok("both", "round", "r", "reopen", because("再看一遍"))
		// Now they acted at the decision: they review no case of this round any more, but those of another.
		h.ok("review", "case", "b", "recheck", because("再看一遍"))
		h.refused("who acted on the round reviews a case of it", h.try("both", "case", "b", "pass"), fault.Forbidden, "决定")
		h.round("other")
		h.reviewing("c", "p1", "other")
		h.ok("both", "case", "c", "pass")
		h.ok("review2", "case", "b", "pass")
		h.clean()
	})
}

// Nobody acts for an office on a round with a live case of a party that they speak for.
//
// Mutation: drop the query for own parties from conflicts → the owner closes the round of their own case.
func TestOwnFirmInRound(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.round("r")
		h.begin("a", "p1", "r")
		h.refused("a live case of theirs", h.try("owner", "round", "r", "gather"), fault.Forbidden, "您经办的主体")
		if o := h.view("owner", "round", "r").Tasks[0].Actions[0]; !strings.Contains(o.Blocked, "您经办的主体") {
			t.Errorf("the button: %+v", o)
		}
		h.ok("firm1", "case", "a", "withdraw")
		h.ok("owner", "round", "r", "gather")
		h.begin("b", "p1", "")
		h.clean()
	})
}

// An assigned task is its assignee's alone, until it is given to somebody else or released.
//
// Mutations: let anybody in scope act on it; let an assignment go to whom the task is not for; leave `AND version = ?` out of it.
func TestAssign(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		id := h.task("a", "desk").ID
		version := func() int64 { return h.task("a", "desk").Version }
		assign := func(who, to, reason string) error {
			_, err := h.e.Assign(h.as(who), id, version(), to, reason)
			return err
		}
		for _, c := range []struct {
			what, who, to, reason string
			code                  fault.Code
		}{
			{"the public", "", "desk-a", "x", fault.NotFound},
			{"another town", "desk-b", "desk-a", "x", fault.NotFound},
			{"the firm", "firm1", "desk-a", "x", fault.Forbidden},
			{"an officer who speaks for it", "owner", "desk-a", "x", fault.Forbidden},
			{"an auditor", "auditor", "desk-a", "x", fault.Forbidden},
			{"to another town", "review", "desk-b", "x", fault.Invalid},
			{"to another department", "review", "trade", "x", fault.Invalid},
			{"to who speaks for the firm", "review", "owner", "x", fault.Invalid},
			{"to the firm", "review", "firm1", "x", fault.Invalid},
			{"to nobody", "review", "", "x", fault.Invalid},
			{"to somebody else without a reason", "review", "desk-a", " ", fault.Invalid},
		} {
			h.refused(c.what, assign(c.who, c.to, c.reason), c.code)
		}
		h.must(assign("desk-a", "desk-a", "")) // takes it on
		h.refused("a colleague", h.try("review", "case", "a", "accept"), fault.Forbidden, "姓desk-a")
		if v := h.view("review", "case", "a"); len(v.Tasks[0].Actions) != 0 || v.Tasks[0].AssigneeName != "姓desk-a" || !v.Tasks[0].MayAssign {
			t.Errorf("a colleague's view: %+v", v.Tasks)
		}
		if v := h.view("firm1", "case", "a"); v.Tasks[0].Assignee != "" || v.Tasks[0].AssigneeName != "" || v.Tasks[0].MayAssign {
			t.Errorf("the firm's view names who does it: %+v", v.Tasks)
		}
		h.refused("taking it away without a reason", assign("review", "review", ""), fault.Invalid, "reason")
		h.forget()
		h.must(assign("boss", "review", "出差")) // a leader of the department
		if got := h.notes("review"); len(got) != 1 || got[0] != "assigned 分派给您：窗口核对" {
			t.Errorf("told: %v", got)
		}
		_, err := h.e.Assign(h.as("desk-a"), id, version()-1, "desk-a", "旧页面")
		h.refused("an old page", err, fault.Conflict, "姓boss已于", "改派")
		_, err = h.e.Release(h.as("desk-b"), id, version(), "x")
		h.refused("released by a stranger", err, fault.NotFound)
		_, err = h.e.Release(h.as("review"), id, version(), "")
		h.refused("released without a reason", err, fault.Invalid)
		out, err := h.e.Release(h.as("review"), id, version(), "不归我")
		if err != nil || out.Assignee != "" || len(out.Actions) == 0 {
			t.Errorf("released: %+v, %v", out, err)
		}
		_, err = h.e.Release(h.as("review"), id, version(), "x")
		h.refused("released twice", err, fault.Conflict)
		people, err := h.e.Assignees(h.as("boss"), id)
		if got := fmt.Sprint(people); err != nil || got != "[{both 姓both} {desk-a 姓desk-a} {desk-a2 姓desk-a2} {review 姓review} {review2 姓review2}]" {
			t.Errorf("to whom: %s, %v", got, err)
		}
		_, err = h.e.Assignees(h.as("auditor"), id)
		h.refused("an auditor asks to whom", err, fault.Forbidden)
		ctx := h.as("review")
		v := version()
		won := 0
		for _, err := range at16(func(i int) error {
			_, err := h.e.Assign(ctx, id, v, []string{"desk-a", "desk-a2"}[i%2], "忙")
			return err
		}) {
			if err == nil {
				won++
			} else {
				h.refused("who came second", err, fault.Conflict)
			}
		}
		if won != 1 {
			t.Errorf("%d assignments of one task at once", won)
		}
		// Who was assigned and lost the scope acts no more, and it is assigned to nobody when the town changes.
		h.must(h.e.Describe(h.as("system"), Subject{Flow: "case", ID: "a", Number: "号a", Title: "研发补助", Party: "p1", PartyName: "企业p1", Town: "乙镇", Department: "经信"}))
		if got := h.task("a", "desk"); got.Assignee != "" || got.Town != "乙镇" {
			t.Errorf("after it moved to another town: %+v", got)
		}
		h.refused("who was assigned before", h.try("desk-a", "case", "a", "accept"), fault.NotFound)
		h.ok("desk-b", "case", "a", "accept")
		_, err = h.e.Assign(h.as("review"), id, 99, "desk-a", "x")
		h.refused("a task that is done", err, fault.Conflict, "姓desk-b")
		h.clean()
	})
}

// A firm that comes second is told what it may know: a step of its own, or one that moved its case; not what officers do among themselves.
//
// Mutations: leave the condition for applicants out of first; name whoever did it.
func TestWhatASecondComingFirmIsTold(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		late := h.aim("case", "a", "withdraw")
		h.ok("desk-a", "case", "a", "remark", because("内部意见"))
		task := h.task("a", "desk")
		if _, err := h.e.Assign(h.as("desk-a"), task.ID, task.Version, "desk-a2", "由其办理"); err != nil {
			t.Fatal(err)
		}
		_, err := h.e.Act(h.as("firm1"), late)
		h.refused("after a remark and an assignment", err, fault.Conflict, "您已于", "submit", "窗口核对", "!记一笔", "!改派", "!内部意见", "!姓desk", "!窗口已")
		late = h.aim("case", "a", "withdraw")
		h.ok("desk-a2", "case", "a", "refuse", because("材料不实"))
		_, err = h.e.Act(h.as("firm1"), late)
		h.refused("after its case was refused", err, fault.Conflict, "窗口已于", "不收", "!姓desk")
		// An officer is told the name.
		_, err = h.e.Act(h.as("desk-a"), Act{Task: task.ID, Version: task.Version, Action: "accept"})
		h.refused("an officer who comes second", err, fault.Conflict, "姓desk-a2", "不收")
	})
}

// A task is acted on as its own subject's only.
//
// Mutation: leave the comparison of the subject out of reach.
func TestATaskOfAnotherSubject(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		for _, id := range []string{"a", "b"} {
			h.begin(id, "p1", "")
			h.ok("firm1", "case", id, "submit")
		}
		b := h.task("b", "desk")
		for what, a := range map[string]Act{
			"another case": {Task: b.ID, Flow: "case", Subject: "a", Version: b.Version, Action: "accept"},
			"another flow": {Task: b.ID, Flow: "round", Subject: "b", Version: b.Version, Action: "accept"},
		} {
			_, err := h.e.Act(h.as("desk-a"), a)
			h.refused(what, err, fault.NotFound)
		}
		h.at("a", "desk")
		h.at("b", "desk")
		if _, err := h.e.Act(h.as("desk-a"), Act{Task: b.ID, Flow: "case", Subject: "b", Version: b.Version, Action: "accept"}); err != nil {
			t.Error(err)
		}
	})
}

// What has no number yet is its applicant's: nobody at the desk finds it, in a list or by its id.
//
// Mutations: let see or seeing pass readers without looking at the number.
func TestADraftIsItsApplicants(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		draft := Subject{Flow: "case", ID: "a", Title: "研发补助", Party: "p1", PartyName: "企业p1", Town: "甲镇", Department: "经信", Scheme: "doc/S1", Round: "r"}
		if _, err := h.e.Start(h.as("firm1"), h.hash, draft); err != nil {
			t.Fatal(err)
		}
		seen := func(who string, want int) {
			t.Helper()
			for _, which := range []string{"see", "act"} {
				page, err := h.e.Inbox(h.as(who), Filter{Which: which, Round: "r"})
				if err != nil || page.Total != want {
					t.Errorf("%s of %s: %d, %v, want %d", which, who, page.Total, err, want)
				}
			}
			_, err := h.e.Of(h.as(who), "case", "a")
			if (err == nil) != (want == 1) || err != nil && fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%s by its id: %v", who, err)
			}
		}
		for _, who := range []string{"review", "desk-a", "boss", "finance", "auditor", "admin", "firm2"} {
			seen(who, 0)
		}
		seen("firm1", 1)
		draft.Number = "号a"
		if err := h.e.Describe(h.as("firm1"), draft); err != nil {
			t.Fatal(err)
		}
		if page, err := h.e.Inbox(h.as("boss"), Filter{Which: "see", Round: "r"}); err != nil || page.Total != 1 {
			t.Errorf("with a number: %d, %v", page.Total, err)
		}
	})
}

// What is asked of open tasks is counted whoever they are assigned to, each flow and round by itself.
//
// Mutations: count every open task; leave out what is assigned; look at one round's tasks for another.
func TestAskingCountsOpenTasks(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		want := func(round, need string, want int) {
			t.Helper()
			if n, err := h.e.Asking(h.as("review"), "case", round, need); err != nil || n != want {
				t.Errorf("%s of %q: %d, %v, want %d", need, round, n, err, want)
			}
		}
		h.round("r")
		h.begin("a", "p1", "r")
		h.begin("b", "p2", "r")
		h.begin("c", "p1", "")
		want("r", "opinion", 0)
		for id, who := range map[string][2]string{"a": {"firm1", "desk-a"}, "b": {"firm2", "desk-b"}, "c": {"firm1", "desk-a"}} {
			h.ok(who[0], "case", id, "submit")
			h.ok(who[1], "case", id, "accept")
		}
		want("r", "opinion", 4)
		want("r", "items", 0)
		want("", "opinion", 0)
		task := h.task("a", "tax")
		if _, err := h.e.Assign(h.as("tax"), task.ID, task.Version, "tax", ""); err != nil {
			t.Fatal(err)
		}
		want("r", "opinion", 4)
		h.do("tax", "a", "tax", "report", because("无"))
		want("r", "opinion", 3)
		h.do("tax", "b", "tax", "halt", because("停")) // closes the other task too
		want("r", "opinion", 1)
	})
}

// Who may not is told only that: not who was first, not what is missing, neither for an action nor for an assignment.
//
// Mutations: ask for the version before whose it is, in allowed or in assign; drop actionBy's answer from allowed.
func TestMayComesFirst(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit")
		stale := h.aim("case", "a", "refuse")
		for _, who := range []string{"auditor", "boss", "finance", "owner"} {
			_, err := h.e.Act(h.as(who), stale)
			h.refused(who+" without the reason", err, fault.Forbidden)
		}
		_, err := h.e.Act(h.as("review"), stale)
		h.refused("whose it is without the reason", err, fault.Invalid, "理由")
		_, err = h.e.Assign(h.as("boss"), stale.Task, stale.Version, "desk-a", "出差")
		h.must(err)
		h.ok("desk-a", "case", "a", "accept")
		for _, who := range []string{"auditor", "boss", "finance", "owner"} {
			_, err := h.e.Act(h.as(who), stale)
			h.refused(who+" on an old page", err, fault.Forbidden, "!姓desk-a")
			_, err = h.e.Act(h.as(who), Act{Flow: "case", Subject: "a", Action: "refuse", Version: 1})
			h.refused(who+" at a stage that is past", err, fault.Forbidden, "!姓desk-a")
		}
		_, err = h.e.Act(h.as("review"), stale)
		h.refused("whose it is on an old page", err, fault.Conflict, "姓desk-a")
		for _, who := range []string{"auditor", "finance", "owner"} {
			_, err := h.e.Assign(h.as(who), stale.Task, 99, "desk-a", "")
			h.refused(who+" assigns on an old page", err, fault.Forbidden, "!姓desk-a")
			_, err = h.e.Release(h.as(who), stale.Task, 99, "")
			h.refused(who+" releases on an old page", err, fault.Forbidden, "!姓desk-a")
		}
		h.clean()
	})
}
