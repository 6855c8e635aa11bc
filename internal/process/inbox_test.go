package process

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// busy fills a house: cases at every stage, of two parties and a third department, some assigned, a round.
func (h *house) busy() {
	h.round("r")
	h.begin("draft", "p1", "")
	for i, id := range []string{"desk1", "desk2", "desk3"} {
		h.set(fmt.Sprintf("2026-03-0%d 09:00", 4-i)) // desk3 is due first
		h.begin(id, "p1", "r")
		h.ok("firm1", "case", id, "submit")
	}
	h.begin("desk-p2", "p2", "")
	h.ok("firm2", "case", "desk-p2", "submit")
	h.begin("checks", "p1", "r")
	h.ok("firm1", "case", "checks", "submit")
	h.ok("desk-a", "case", "checks", "accept")
	h.reviewing("review", "p2", "r")
	h.begin("mend", "p1", "r")
	h.ok("firm1", "case", "mend", "submit")
	h.ok("desk-a", "case", "mend", "ask")
	h.reviewing("waiting", "p1", "r")
	h.ok("review", "case", "waiting", "pass")
	_, err := h.e.Start(h.as("system"), h.hash, Subject{Flow: "case", ID: "other", Number: "号other", Title: "技改", Party: "p9", PartyName: "企业p9", Town: "甲镇", Department: "商务", Scheme: "doc/S2", Round: "tmp"})
	h.must(err)
	_, err = h.e.MoveAll(h.as("system"), "tmp", "draft", "desk", "")
	h.must(err)
	for id, to := range map[string]string{"desk1": "desk-a", "desk2": "desk-a2"} {
		task := h.task(id, "desk")
		_, err := h.e.Assign(h.as(to), task.ID, task.Version, to, "")
		h.must(err)
	}
}

func (h *house) inbox(who string, f Filter) []string {
	h.t.Helper()
	f.Per = 200
	page, err := h.e.Inbox(h.as(who), f)
	h.must(err)
	var out []string
	for _, t := range page.Items {
		out = append(out, t.Subject.ID+"/"+t.Key)
	}
	if page.Total != len(out) {
		h.t.Errorf("%s %+v: %d counted, %d listed", who, f, page.Total, len(out))
	}
	return out
}

// The inbox of everybody is exactly the open tasks that they may act on, as Act decides; what they may see is visible to them one by one,
// and holds what they may act on.
//
// Mutations: take an empty department of a task for none; let a grant of one town reach a round; leave the own firm or the assignee out of
// acting; join scopes of one grant with OR.
func TestInboxIsWhatOneMayDo(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.person("crossed", account.Grant{Role: account.RoleOfficer, Department: "经信", Town: "乙镇"}, account.Grant{Role: account.RoleOfficer, Department: "商务", Town: "甲镇"})
		h.person("twice", account.Grant{Role: account.RoleOfficer, Department: "税务"}, account.Grant{Role: account.RoleOfficer, Department: "经信", Town: "甲镇"}, account.Grant{Role: account.RoleFirm, Party: "p2"})
		h.person("auditor-b", account.Grant{Role: account.RoleAuditor, Town: "乙镇"})
		h.person("money", account.Grant{Role: account.RoleOfficer, Department: "财政"})
		h.busy()
		h.exec(`UPDATE process_tasks SET scope_department = '' WHERE subject = 'desk3'`) // as of a file that names no department
		var tasks []taskRow
		h.must(store.Read(h.root, func(ctx context.Context) error {
			return store.Tx(ctx).NewRaw(`SELECT `+taskColumns+` FROM process_tasks WHERE state = 'open' ORDER BY due_at, id`).Scan(ctx, &tasks)
		}))
		if len(tasks) != 11 {
			t.Fatalf("%d open tasks", len(tasks))
		}
		for who, actor := range h.people {
			var want, see []string
			for _, task := range tasks {
				if task.covers(actor) && (task.Assignee == "" || task.Assignee == who) {
					want = append(want, task.Subject+"/"+task.Task)
				}
				if task.covers(actor) || actor.Speaks(task.Party) || reads(actor, task.Department, task.Town) {
					see = append(see, task.Subject+"/"+task.Task)
				}
			}
			if got := h.inbox(who, Filter{}); !slices.Equal(got, want) {
				t.Errorf("%s acts on %v, want %v", who, got, want)
			}
			got := h.inbox(who, Filter{Which: "see"})
			if !slices.Equal(got, see) {
				t.Errorf("%s sees %v, want %v", who, got, see)
			}
			for _, task := range tasks {
				if _, err := h.e.Of(h.as(who), task.Flow, task.Subject); slices.Contains(got, task.Subject+"/"+task.Task) && err != nil {
					t.Errorf("%s lists %s and may not see it: %v", who, task.Subject, err)
				}
			}
			n := 0
			h.must(h.e.Each(h.as(who), Filter{Which: "see"}, func(Task) error { n++; return nil }))
			counts, err := h.e.Count(h.as(who), Filter{Which: "see"})
			if err != nil || n != len(see) || counts.Total != len(see) {
				t.Errorf("%s: exported %d, counted %+v, want %d; %v", who, n, counts, len(see), err)
			}
		}
		if _, err := h.e.Inbox(h.as(""), Filter{}); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("the public: %v", err)
		}
	})
}

// Filters, order and pages.
func TestInboxFilters(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.busy()
		h.set("2026-03-10 00:00") // desk3, due on the 9th, is late; desk-p2 and those after it too
		for _, c := range []struct {
			who  string
			f    Filter
			want string
		}{
			{"desk-a", Filter{}, "desk3/desk desk1/desk"},
			{"desk-a", Filter{Which: "see"}, "checks/tax desk3/desk desk2/desk desk1/desk mend/mend r/running draft/draft checks/safety"},
			{"desk-a", Filter{Whose: "mine"}, "desk1/desk"},
			{"desk-a", Filter{Whose: "unassigned"}, "desk3/desk"},
			{"desk-a", Filter{Late: true}, "desk3/desk"},
			{"desk-a", Filter{Which: "see", Whose: "mine"}, "desk1/desk"},
			{"review", Filter{}, "desk3/desk desk-p2/desk review/review r/running"},
			{"review", Filter{Flow: "round"}, "r/running"},
			{"review", Filter{Round: "r"}, "desk3/desk review/review r/running"},
			{"review", Filter{Town: "乙镇"}, "desk-p2/desk review/review"},
			{"review", Filter{Stage: "review"}, "review/review"},
			{"review", Filter{Party: "p2", Stage: "desk"}, "desk-p2/desk"},
			{"review", Filter{Department: "商务"}, ""},
			{"review", Filter{Scheme: "doc/S2"}, ""},
			{"trade", Filter{Scheme: "doc/S2"}, "other/desk"},
			{"firm1", Filter{}, "mend/mend draft/draft"},
			{"firm1", Filter{Which: "see", Stage: "checks"}, "checks/tax checks/safety"},
			{"tax", Filter{}, "checks/tax"},
			{"auditor", Filter{}, ""},
			{"auditor", Filter{Which: "see", Flow: "round"}, "r/running"},
			{"finance", Filter{Which: "see", Flow: "round"}, "r/running"},
			{"admin", Filter{Which: "see"}, ""},
			{"nobody", Filter{Which: "see"}, ""},
			{"desk-a", Filter{Which: "done"}, "waiting/desk mend/desk checks/desk"},
			{"review", Filter{Which: "done"}, "waiting/review"},
			{"tax", Filter{Which: "done"}, "waiting/tax review/tax"},
			{"review", Filter{Text: "企业p2"}, "desk-p2/desk review/review"},
			{"review", Filter{Text: "号desk3"}, "desk3/desk"},
			{"trade", Filter{Text: "号desk3"}, ""}, // what has the number is another department's, and nothing else is meant
			{"review", Filter{Text: "p2 99"}, ""}, // nor is by digits, though p2 is in a name
			{"review", Filter{Text: "研发", Town: "乙镇"}, "desk-p2/desk review/review"},
			{"review", Filter{Text: "第一批"}, "r/running"},
			{"review", Filter{Text: "技改"}, ""}, // of another department
			{"trade", Filter{Text: "技改"}, "other/desk"},
			{"review", Filter{Text: "？！"}, ""},
			{"review", Filter{Text: "%"}, ""},
			{"review", Filter{Text: "查无此企业"}, "desk3/desk desk-p2/desk review/review"}, // 企业 is what is left of it
			{"tax", Filter{Which: "done", Text: "企业p2"}, "review/tax"},
		} {
			if got := strings.Join(h.inbox(c.who, c.f), " "); got != c.want {
				t.Errorf("%s %+v: %s, want %s", c.who, c.f, got, c.want)
			}
		}
		for page, want := range map[int]string{1: "desk3 desk-p2", 2: "review r", 3: ""} {
			p, err := h.e.Inbox(h.as("review"), Filter{Page: page, Per: 2})
			var got []string
			for _, task := range p.Items {
				got = append(got, task.Subject.ID)
			}
			if err != nil || strings.Join(got, " ") != want || p.Total != 4 || p.More || p.Page != page {
				t.Errorf("page %d: %v of %+v, %v", page, got, p.Total, err)
			}
		}
		counts, err := h.e.Count(h.as("desk-a"), Filter{Which: "see"})
		if got := fmt.Sprintf("%+v", counts); err != nil || got != "{Total:8 More:false Late:2 Mine:1 Unassigned:6 Stages:[{Flow:case Stage:desk Title:窗口核对 Count:3} {Flow:case Stage:checks Title:部门核查 Count:2} {Flow:case Stage:draft Title:draft Count:1} {Flow:case Stage:mend Title:mend Count:1} {Flow:round Stage:running Title:申报中 Count:1}]}" {
			t.Errorf("%s, %v", got, err)
		}
		for _, f := range []Filter{{Which: "all"}, {Whose: "yours"}, {Town: "a\x00b"}, {Text: strings.Repeat("长", 300)}} {
			if _, err := h.e.Inbox(h.as("review"), f); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", f, err)
			}
		}
		p, err := h.e.Inbox(h.as("review"), Filter{Stage: "desk", Town: "甲镇"})
		h.must(err)
		task := p.Items[0]
		var keys []string
		for _, o := range task.Actions {
			keys = append(keys, fmt.Sprint(o.Key, o.Many))
		}
		if got := strings.Join(keys, " "); got != "accepttrue askfalse refusefalse remarkfalse" || !task.Many || task.Limit == nil || task.Limit.Text != "已逾期1个工作日" {
			t.Errorf("a row: %+v", task)
		}
		h.must(h.e.Describe(h.as("system"), Subject{Flow: "case", ID: "desk3", Number: "新2026", Title: "研发补助", Party: "p1", PartyName: "更名厂", Town: "甲镇", Department: "经信", Scheme: "doc/S1", Round: "r"}))
		if got := strings.Join(h.inbox("review", Filter{Text: "更名厂"}), " "); got != "desk3/desk" {
			t.Errorf("after a new name: %s", got)
		}
		if got := strings.Join(h.inbox("review", Filter{Text: "号desk3"}), " "); strings.Contains(got, "desk3") {
			t.Errorf("by its old number: %s", got)
		}
	})
}

// The list is made in a fixed number of statements, however long it is.
//
// Mutation: ask for names or instances row by row.
func TestInboxAsksNothingPerRow(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		names := 0
		inner := h.e.world.Names
		h.e.world.Names = func(ctx context.Context, ids []string) (map[string]string, error) {
			names++
			return inner(ctx, ids)
		}
		for n := range 30 {
			h.begin(fmt.Sprintf("a%d", n), "p1", "")
			h.ok("firm1", "case", fmt.Sprintf("a%d", n), "submit")
			task := h.task(fmt.Sprintf("a%d", n), "desk")
			_, err := h.e.Assign(h.as("desk-a"), task.ID, task.Version, "desk-a", "")
			h.must(err)
		}
		names = 0
		if got := h.inbox("desk-a", Filter{}); len(got) != 30 || names != 1 {
			t.Errorf("%d rows, names asked %d times", len(got), names)
		}
	})
}

func TestExport(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.busy()
		var b bytes.Buffer
		h.must(h.e.Export(h.as("desk-a"), Filter{Which: "see"}, &b))
		f, err := excelize.OpenReader(&b)
		h.must(err)
		defer f.Close()
		rows, err := f.GetRows(f.GetSheetName(0))
		if err != nil || len(rows) != 9 || rows[1][0] != "号checks" || rows[1][1] != "企业p1" || rows[1][5] != "部门核查" || rows[1][6] != "税务核查" {
			t.Errorf("%v, %v", rows, err)
		}
	})
}

// Saved filters are one's own, by name.
//
// Mutations: leave `account = ?` out of Saved or Forget; let a name be saved twice.
func TestSavedFilters(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		f := Filter{Text: "研发", Late: true, Whose: "mine", Page: 7}
		one, err := h.e.Save(h.as("review"), " 逾期的 ", f)
		h.must(err)
		_, err = h.e.Save(h.as("tax"), "逾期的", Filter{})
		h.must(err)
		again, err := h.e.Save(h.as("review"), "逾期的", Filter{Town: "甲镇"})
		if err != nil || again.ID != one.ID {
			t.Errorf("%+v, %+v, %v", one, again, err)
		}
		list, err := h.e.Saved(h.as("review"))
		if err != nil || len(list) != 1 || list[0].Name != "逾期的" || list[0].Filter != (Filter{Town: "甲镇"}) {
			t.Errorf("%+v, %v", list, err)
		}
		h.refused("another's", h.e.Forget(h.as("tax"), one.ID), fault.NotFound)
		h.refused("the public's", h.e.Forget(h.as(""), one.ID), fault.Unauthenticated)
		_, err = h.e.Save(h.as("review"), "", f)
		h.refused("no name", err, fault.Invalid)
		_, err = h.e.Save(h.as("review"), strings.Repeat("名", 31), f)
		h.refused("too long a name", err, fault.Invalid)
		_, err = h.e.Save(h.as("review"), "坏", Filter{Which: "x"})
		h.refused("a bad filter", err, fault.Invalid)
		for n := range 49 {
			_, err := h.e.Save(h.as("review"), fmt.Sprint("第", n), f)
			h.must(err)
		}
		_, err = h.e.Save(h.as("review"), "太多", f)
		h.refused("the 51st", err, fault.Conflict)
		h.must(h.e.Forget(h.as("review"), one.ID))
		h.refused("twice", h.e.Forget(h.as("review"), one.ID), fault.NotFound)
		_, err = h.e.Saved(h.as(""))
		h.refused("the public", err, fault.Unauthenticated)
		h.clean()
	})
}
