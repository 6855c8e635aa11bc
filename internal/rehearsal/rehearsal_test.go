package rehearsal_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/process"
	"shanglin/internal/rehearsal"
	"shanglin/internal/schemes"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

const (
	licence = "劳务派遣许可申请"
	office  = "市人力社保局"
)

// house is a county with its schemes and processes, on 2026-03-02, and an engine whose rooms fail whoever asks them: nobody may.
type house struct {
	t    *testing.T
	ctx  context.Context
	room *rehearsal.Room
}

func each(t *testing.T, fn func(h *house)) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, func() time.Time { return clock.Start(policy.NewDate(2026, 3, 2)).Add(9 * time.Hour) })
		h := &house{t: t, ctx: ctx}
		_, err := schemes.Seed(account.System(ctx), schemefiles.Files, "cixi")
		h.must(err)
		e := process.New(process.World{Holders: account.HoldersOf, Speakers: account.SpeakersByParty, Names: account.NamesOf,
			Tell:     func(context.Context, []process.Telling) error { t.Error("somebody was told"); return nil },
			Calendar: func(context.Context) (*calendar.Calendar, error) { return calendar.With(nil), nil },
			Day:      func(context.Context, process.Subject, string) (policy.Date, bool, error) { return 0, false, nil }})
		never := func(_ context.Context, m process.Move) error {
			t.Errorf("a room was asked: %s", m.Action.Key)
			return nil
		}
		for _, flow := range []string{"case", "round"} {
			guards, effects := policy.WordsOf(flow)
			for _, name := range guards {
				if name != "cases_ready" {
					e.Guard(flow, name, never)
				}
			}
			for _, name := range effects {
				if name != "move_cases" {
					e.Effect(flow, name, never)
				}
			}
			e.Drafts(flow, never)
			e.Joins(flow, func(ctx context.Context, m process.Move) (string, error) { return "", never(ctx, m) })
		}
		h.room = rehearsal.New(e)
		fn(h)
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(what string, err error, code fault.Code, says string) {
	h.t.Helper()
	if fault.CodeOf(err) != code || err == nil || !strings.Contains(err.Error(), says) {
		h.t.Errorf("%s: %v, want %s with %q", what, err, code, says)
	}
}

func (h *house) as(id string, role account.Role) context.Context {
	return account.WithActor(h.ctx, &account.Actor{AccountID: id, Login: id, Name: id, Grants: []account.Grant{{Role: role}}})
}

func (h *house) admin() context.Context { return h.as("admin", account.RoleAdministrator) }

// rows are all that a rehearsal could leave behind.
func (h *house) rows() (n int) {
	h.t.Helper()
	h.must(store.Read(h.ctx, func(ctx context.Context) error {
		n = 0
		for _, table := range []string{"process_instances", "process_tasks", "process_steps", "process_definitions", "audit_events", "notifications", "papers", "search_entries"} {
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

// Administrators rehearse, and nobody else; of what there is not they are told so.
//
// Mutations: leave mayRehearse out of find; walk on a day that is none → red.
func TestWhoMayRehearse(t *testing.T) {
	each(t, func(h *house) {
		for _, role := range []account.Role{account.RoleOfficer, account.RoleLeader, account.RoleFinance, account.RoleAuditor, account.RoleFirm} {
			_, err := h.room.Plan(h.as("x", role), "", licence)
			h.refused("a plan for "+string(role), err, fault.Forbidden, "只有管理员")
			_, err = h.room.Walk(h.as("x", role), rehearsal.Order{Process: licence, Flow: "case"})
			h.refused("a walk for "+string(role), err, fault.Forbidden, "只有管理员")
		}
		_, err := h.room.Plan(h.admin(), "", "没有的流程")
		h.refused("no such process", err, fault.NotFound, "没有名为“没有的流程”的办理流程")
		_, err = h.room.Walk(h.admin(), rehearsal.Order{Draft: "nothing", Process: licence, Flow: "case"})
		h.refused("no such draft", err, fault.NotFound, "")
		_, err = h.room.Walk(h.admin(), rehearsal.Order{Process: licence, Flow: "case", On: "2026-02-30"})
		h.refused("no such day", err, fault.Invalid, "日期不正确")
		_, err = h.room.Walk(h.admin(), rehearsal.Order{Process: licence, Flow: "nothing"})
		h.refused("no such flow", err, fault.Invalid, "没有这一种办理")
	})
}

// What must hold before a step is told as taken to hold, the document is filled as a case's would be, and nothing is kept.
//
// The application is handed in on Tuesday, 2026-03-03, and accepted on Wednesday the 4th: the twenty working days for the examination end on 2026-04-01.
//
// Mutations: leave assumed out of bring; take the limit out of Awaits; commit what was walked → red.
func TestWhatARehearsalTells(t *testing.T) {
	each(t, func(h *house) {
		before := h.rows()
		plan, err := h.room.Plan(h.admin(), "", licence)
		h.must(err)
		if len(plan.Departments) == 0 || plan.Departments[0] != "人力资源和社会保障部" || !slices.Contains(plan.Departments, office) || plan.About || len(plan.Flows) == 0 || len(plan.Flows[0].Unreached) > 0 {
			t.Errorf("plan: %+v", plan)
		}
		got, err := h.room.Walk(h.admin(), rehearsal.Order{Process: licence, Flow: "case", Department: office, Choices: []process.Choice{{Kind: "act", Action: "提交"}, {Kind: "act", Action: "受理"}}})
		h.must(err)
		if got.Trouble != "" || got.Stage != "审查" || len(got.Steps) != 3 {
			t.Fatalf("%+v", got)
		}
		if s := got.Steps[1]; !slices.Equal(s.Assumed, []string{"事实、材料和承诺已齐全", "没有本条有效的证书"}) || !slices.Equal(s.Effects, []string{"正式提交并编号"}) {
			t.Errorf("handed in: %+v", s)
		}
		s := got.Steps[2]
		if len(s.Assumed) != 0 || len(s.Documents) != 1 || s.Documents[0].Template != "受理通知书" {
			t.Fatalf("accepted: %+v", s)
		}
		d := s.Documents[0]
		text := strings.Join(d.Text, "\n")
		for _, want := range []string{"样例企业（演练，虚构）", "样例编号", "2026年3月3日", "2026年4月1日"} {
			if !strings.Contains(text, want) {
				t.Errorf("the document lacks %q:\n%s", want, text)
			}
		}
		if strings.Contains(text, "{申请日期}") || slices.Contains(d.Missing, "申请日期") || slices.Contains(d.Missing, "期限") {
			t.Errorf("missing: %v in\n%s", d.Missing, text)
		}
		// Every route of every process of the county is walked, and leaves nothing.
		library, err := schemes.Library(h.ctx)
		h.must(err)
		for _, p := range library.Processes() {
			plan, err := h.room.Plan(h.admin(), "", p.ID)
			h.must(err)
			o := rehearsal.Order{Process: p.ID, Flow: plan.Flows[0].Flow, Choices: plan.Flows[0].Routes[0].Choices}
			if len(plan.Departments) > 0 {
				o.Department = plan.Departments[0]
			}
			if got, err := h.room.Walk(h.admin(), o); err != nil || got.Trouble != "" || got.Outcome == "" {
				t.Errorf("%s: %v, %+v", p.ID, err, got)
			}
		}
		if after := h.rows(); after != before {
			t.Errorf("%d rows became %d", before, after)
		}
	})
}

// A draft's process is rehearsed as the draft has it, and the one in use as it is: five working days from Tuesday, 2026-03-03 end on the 10th, three on the 6th.
//
// Mutation: take the library in use for a draft's → red.
func TestADraftIsRehearsed(t *testing.T) {
	each(t, func(h *house) {
		const path = "ningbo/process-service.yaml"
		data, err := fs.ReadFile(schemefiles.Files, path)
		h.must(err)
		changed := strings.Replace(string(data), "within: {time: 5工作日", "within: {time: 3工作日", 1)
		d, err := schemes.Propose(h.admin(), schemes.Proposal{Files: []policy.File{{Path: path, Data: []byte(changed)}}, Note: "答复改为3个工作日"})
		h.must(err)
		for range 2 { // the second time from what was kept
			for draft, due := range map[string]string{"": "2026-03-10", d.ID: "2026-03-06"} {
				got, err := h.room.Walk(h.admin(), rehearsal.Order{Draft: draft, Process: "服务请求", Flow: "case", Choices: []process.Choice{{Kind: "act", Action: "提交"}}})
				h.must(err)
				if len(got.Tasks) != 1 || got.Tasks[0].Limit == nil || got.Tasks[0].Limit.Due != due {
					t.Errorf("draft %q: %+v, want %s", draft, got.Tasks, due)
				}
			}
		}
	})
}
