package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
)

// house is a tenant with an engine, people, and a clock that tests set.
type house struct {
	t      testing.TB
	root   context.Context
	e      *Engine
	hash   string
	people map[string]*account.Actor

	mu    sync.Mutex
	now   time.Time
	told  []told
	calls []string               // effects that ran, as flow/name subject
	fails map[string]error       // by effect or guard, as flow/name
	days  map[string]policy.Date // of a subject, by its id: the day that a limit ends at
	years []*policy.Calendar     // published beside those that come with the program
}

type told struct {
	accounts []string
	note     Note
}

// forEach runs fn on both databases, in a house where the trial process is kept.
func forEach(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, ctx context.Context) { fn(t, newHouse(t, ctx)) })
}

func newHouse(t testing.TB, ctx context.Context) *house {
	t.Helper()
	h := &house{t: t, people: map[string]*account.Actor{}, fails: map[string]error{}, now: at("2026-03-02 09:00")}
	h.root = clock.With(ctx, func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.now
	})
	h.e = New(World{Holders: account.HoldersOf, Speakers: account.SpeakersByParty, Names: account.NamesOf,
		Calendar: func(context.Context) (*calendar.Calendar, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			return calendar.With(h.years), nil
		},
		Day: func(_ context.Context, s Subject, word string) (policy.Date, bool, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			d, known := h.days[s.ID]
			return d, known && word == "expiry", nil
		},
		Tell: func(_ context.Context, all []Telling) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, t := range all {
				h.told = append(h.told, told{slices.Clone(t.To), t.Note})
			}
			return nil
		}})
	h.e.Drafts("case", func(_ context.Context, m Move) error { return h.fail("case/document") })
	for _, flow := range []string{"case", "round"} {
		for name := range policy.ProcessEffects {
			if name == "move_cases" {
				continue
			}
			h.e.Effect(flow, name, func(ctx context.Context, m Move) error { return h.verb(flow+"/"+name, m) })
		}
		for _, name := range policy.ProcessGuards {
			if name == "cases_ready" {
				continue
			}
			h.e.Guard(flow, name, func(ctx context.Context, m Move) error { return h.fail(flow + "/" + name) })
		}
	}
	for id, grants := range map[string][]account.Grant{
		"desk-a":  {{Role: account.RoleOfficer, Department: "经信", Town: "甲镇"}},
		"desk-a2": {{Role: account.RoleOfficer, Department: "经信", Town: "甲镇"}},
		"desk-b":  {{Role: account.RoleOfficer, Department: "经信", Town: "乙镇"}},
		"review":  {{Role: account.RoleOfficer, Department: "经信"}},
		"review2": {{Role: account.RoleOfficer, Department: "经信"}},
		"trade":   {{Role: account.RoleOfficer, Department: "商务"}},
		"tax":     {{Role: account.RoleOfficer, Department: "税务"}},
		"safety":  {{Role: account.RoleOfficer, Department: "安全"}},
		"boss":    {{Role: account.RoleLeader, Department: "经信"}},
		"both":    {{Role: account.RoleLeader, Department: "经信"}, {Role: account.RoleOfficer, Department: "经信"}},
		"owner":   {{Role: account.RoleOfficer, Department: "经信"}, {Role: account.RoleLeader, Department: "经信"}, {Role: account.RoleFirm, Party: "p1"}},
		"finance": {{Role: account.RoleFinance}},
		"auditor": {{Role: account.RoleAuditor}},
		"admin":   {{Role: account.RoleAdministrator}},
		"firm1":   {{Role: account.RoleFirm, Party: "p1"}},
		"firm2":   {{Role: account.RoleFirm, Party: "p2"}},
		"nobody":  nil,
	} {
		h.person(id, grants...)
	}
	h.hash = h.keep("trial.yaml")
	return h
}

// at is a moment in China.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("", 8*3600))
	if err != nil {
		panic(err)
	}
	return t
}

func (h *house) set(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = at(text)
}

func (h *house) verb(name string, m Move) error {
	if err := h.fail(name); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, name+" "+m.Instance.Subject.ID)
	return nil
}

func (h *house) fail(name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fails[name]
}

func (h *house) failing(name string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fails[name] = err
}

// person is an account with its grants, whose name is 姓 and its id.
func (h *house) person(id string, grants ...account.Grant) {
	h.t.Helper()
	h.people[id] = &account.Actor{AccountID: id, Login: id, Name: "姓" + id, Tenant: storetest.TenantID, Grants: grants}
	h.must(store.Write(h.root, func(ctx context.Context) error {
		if _, err := change(ctx, `INSERT INTO accounts (id, login, name, disabled, created_at, created_by, changed_at) VALUES (?, ?, ?, 0, '', '', '')`, id, id, "姓"+id); err != nil {
			return err
		}
		for _, g := range grants {
			if _, err := change(ctx, `INSERT INTO grants (account, role, department, town, party, granted_at, granted_by) VALUES (?, ?, ?, ?, ?, '', '')`,
				id, g.Role, g.Department, g.Town, g.Party); err != nil {
				return err
			}
		}
		return nil
	}))
}

// as is the context of a person; empty: the public; system: the installation.
func (h *house) as(id string) context.Context {
	h.t.Helper()
	switch {
	case id == "":
		return account.WithActor(h.root, &account.Actor{Tenant: storetest.TenantID})
	case id == account.SystemID:
		return account.System(h.root)
	case h.people[id] == nil:
		h.t.Fatalf("nobody is called %s", id)
	}
	return account.WithActor(h.root, h.people[id])
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// keep keeps a file of testdata.
func (h *house) keep(name string) string {
	h.t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	h.must(err)
	return h.keepText(name, string(data))
}

func (h *house) keepText(name, text string) string {
	h.t.Helper()
	p, problems := policy.ReadProcess(policy.File{Path: name, Data: []byte(text)})
	if p == nil {
		h.t.Fatalf("%s: %v\n%s", name, problems, text)
	}
	hash, err := h.e.Keep(h.as(account.SystemID), p)
	h.must(err)
	return hash
}

// begin starts a case of a party (p1 in 甲镇, p2 in 乙镇) in a round; "" is none.
func (h *house) begin(id, party, round string) Instance {
	h.t.Helper()
	town := map[string]string{"p1": "甲镇", "p2": "乙镇"}[party]
	who := map[string]string{"p1": "firm1", "p2": "firm2"}[party]
	i, err := h.e.Start(h.as(who), h.hash, Subject{Flow: "case", ID: id, Number: "号" + id, Title: "研发补助", Party: party, PartyName: "企业" + party, Town: town,
		Department: "经信", Scheme: "doc/S1", Round: round})
	h.must(err)
	return i
}

func (h *house) round(id string) Instance {
	h.t.Helper()
	i, err := h.e.Start(h.as("review"), h.hash, Subject{Flow: "round", ID: id, Number: id, Title: "第一批", Department: "经信"})
	h.must(err)
	return i
}

// try takes an action as a page does that was loaded just now: the task that has it if somebody sees one, else the whole instance.
func (h *house) try(who, flow, subject, action string, in ...Input) error {
	h.t.Helper()
	_, err := h.e.Act(h.as(who), h.aim(flow, subject, action, in...))
	return err
}

// aim is the action at the task of the subject that has it, whoever may take it; at the whole instance if none has.
func (h *house) aim(flow, subject, action string, in ...Input) Act {
	h.t.Helper()
	var out Act
	h.must(store.Read(h.root, func(ctx context.Context) error {
		row, found, err := findInstance(ctx, flow, subject)
		if err != nil || !found {
			return errors.Join(err, fmt.Errorf("%s %s: %v", flow, subject, found))
		}
		out = Act{Flow: flow, Subject: subject, Action: action, Version: row.Version}
		_, f, err := h.e.flowOf(ctx, row.Definition, row.Flow)
		if err != nil {
			return err
		}
		tasks, err := tasksOf(ctx, row.ID)
		if err != nil {
			return err
		}
		for _, t := range tasks[row.ID] {
			if rule := ruleOf(f, t.Stage, t.Task); t.State == stateOpen && actionOf(rule, action) != nil {
				out.Task, out.Version = t.ID, t.Version
			}
		}
		return nil
	}))
	if len(in) > 0 {
		out.Input = in[0]
	}
	return out
}

// task is the open task of a subject by its key.
func (h *house) task(subject, key string) taskRow {
	h.t.Helper()
	var out taskRow
	h.must(store.Read(h.root, func(ctx context.Context) error {
		var rows []taskRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+taskColumns+` FROM process_tasks WHERE subject = ? AND task = ? AND state = 'open'`, subject, key).Scan(ctx, &rows); err != nil {
			return err
		}
		if len(rows) != 1 {
			return fmt.Errorf("%d open tasks %s of %s", len(rows), key, subject)
		}
		out = rows[0]
		return nil
	}))
	return out
}

// do takes an action at a task that is named by its key, where several have the action.
func (h *house) do(who, subject, key, action string, in ...Input) {
	h.t.Helper()
	t := h.task(subject, key)
	a := Act{Task: t.ID, Version: t.Version, Action: action}
	if len(in) > 0 {
		a.Input = in[0]
	}
	if _, err := h.e.Act(h.as(who), a); err != nil {
		h.t.Fatalf("%s: %s %s: %v", who, key, action, err)
	}
}

func (h *house) ok(who, flow, subject, action string, in ...Input) {
	h.t.Helper()
	if err := h.try(who, flow, subject, action, in...); err != nil {
		h.t.Fatalf("%s: %s %s: %v", who, subject, action, err)
	}
}

// refused wants an error of a code whose sentence holds some words and not others (with a ! before them).
func (h *house) refused(what string, err error, code fault.Code, words ...string) {
	h.t.Helper()
	if fault.CodeOf(err) != code {
		h.t.Errorf("%s: %v, want %s", what, err, code)
		return
	}
	said := fault.Public(err)
	text := said.Message
	for _, d := range said.Details {
		text += " " + d.Field + " " + d.Message
	}
	for _, w := range words {
		if not, is := strings.CutPrefix(w, "!"); is == strings.Contains(text, not) {
			h.t.Errorf("%s: %q, want %s", what, text, w)
		}
	}
}

func (h *house) stage(flow, subject string) string {
	h.t.Helper()
	i, err := h.e.Find(h.root, flow, subject)
	h.must(err)
	return i.Stage
}

func (h *house) at(subject, stage string) {
	h.t.Helper()
	if got := h.stage("case", subject); got != stage {
		h.t.Errorf("%s stands at %s, want %s", subject, got, stage)
	}
}

func (h *house) view(who, flow, subject string) View {
	h.t.Helper()
	v, err := h.e.Of(h.as(who), flow, subject)
	h.must(err)
	return v
}

// problems are what the audit log finds wrong; the people of a house are put there without a record.
func (h *house) problems() []audit.Problem {
	h.t.Helper()
	report, err := audit.Verify(h.root)
	h.must(err)
	return slices.DeleteFunc(report.Problems, func(p audit.Problem) bool { return p.Kind == "account" || p.Kind == "delegation" })
}

func (h *house) clean() {
	h.t.Helper()
	if wrong := h.problems(); len(wrong) > 0 {
		h.t.Errorf("the log complains: %+v", wrong)
	}
}

// exec changes rows behind the engine's back.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(store.Write(h.root, func(ctx context.Context) error {
		_, err := change(ctx, query, args...)
		return err
	}))
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(store.Read(h.root, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &n) }))
	return n
}

// notes are what an account was told, as kind title.
func (h *house) notes(id string) (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.told {
		if slices.Contains(t.accounts, id) {
			out = append(out, t.note.Kind+" "+t.note.Title)
		}
	}
	return out
}

func (h *house) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told, h.calls = nil, nil
}

func because(reason string) Input { return Input{Reason: reason} }

func data(v any) Input {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return Input{Data: b}
}

// reviewing brings a new case of a party to where its review begins.
func (h *house) reviewing(id, party, round string) {
	h.t.Helper()
	h.begin(id, party, round)
	h.ok(map[string]string{"p1": "firm1", "p2": "firm2"}[party], "case", id, "submit")
	h.ok(map[string]string{"p1": "desk-a", "p2": "desk-b"}[party], "case", id, "accept")
	h.do("tax", id, "tax", "report")
	h.do("safety", id, "safety", "report")
	h.at(id, "review")
}

// year is an invented arrangement of a year's days off.
func (h *house) year(year int, holidays string) *policy.Calendar {
	h.t.Helper()
	c, problems := policy.ReadCalendar(policy.File{Path: "year.yaml", Data: fmt.Appendf(nil, `calendar: %d
source: {title: 虚构的放假安排, number: not_found, body: 虚构的机关, published: not_found, url: not_found}
holidays: {%s}
`, year, holidays)})
	if c == nil {
		h.t.Fatal(problems)
	}
	return c
}
