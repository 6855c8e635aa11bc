package process

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// What is kept is kept once, by its hash, and never changes; what runs goes on by what it began with, although a later file says otherwise.
//
// Mutations: let Keep replace what is there; find a process by its id instead of its hash.
func TestRunningKeepsItsDefinition(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		old, source := h.hash, h.source()
		h.begin("old", "p1", "")
		text := strings.NewReplacer("submit: {to: desk,", "submit: {to: review,", "title: 试办流程", "title: 新流程").Replace(source)
		h.hash = h.keepText("trial.yaml", text)
		if h.hash == old {
			t.Fatal("another file has the same hash")
		}
		h.begin("new", "p1", "")
		h.ok("firm1", "case", "old", "submit")
		h.ok("firm1", "case", "new", "submit")
		h.at("old", "desk")
		h.at("new", "review")
		if v := h.view("review", "case", "old"); v.Process != "试办流程" || v.Instance.Definition != old {
			t.Errorf("%+v", v)
		}
		if again := h.keepText("elsewhere.yaml", text); again != h.hash {
			t.Errorf("kept again as %s", again)
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'process.keep'`); n != 2 {
			t.Errorf("two files were kept %d times", n)
		}
		list, err := h.e.Definitions(h.as(""))
		if err != nil || len(list) != 2 || list[0].Source != "" {
			t.Errorf("%+v, %v", list, err)
		}
		// Another program reads it from the database, as it was.
		e := New(h.e.world)
		p, err := e.Process(h.root, old)
		if err != nil || p.Title != "试办流程" || string(p.Source) != source {
			t.Errorf("read back: %v, %v", p, err)
		}
		d, err := h.e.Definition(h.as(""), old)
		if err != nil || d.Source != source || d.Hash != old {
			t.Errorf("%+v, %v", d, err)
		}
		_, err = h.e.Definition(h.as(""), "nothing")
		h.refused("what is not kept", err, fault.NotFound)
		h.clean()
		// A body that was edited is not run, and the log says so.
		h.exec(`UPDATE process_definitions SET body = ? WHERE hash = ?`, text, old)
		if _, err := New(h.e.world).Process(h.root, old); err == nil {
			t.Error("an edited definition is read")
		}
		if wrong := h.problems(); len(wrong) != 1 || wrong[0].Kind != kindDefinition {
			t.Errorf("%+v", wrong)
		}
	})
}

func (h *house) source() string {
	p, err := h.e.Process(h.root, h.hash)
	h.must(err)
	return string(p.Source)
}

// A file that asks for what nobody implements is not kept; nor one whose hash is another's.
func TestKeepRefuses(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		p, err := h.e.Process(h.root, h.hash)
		h.must(err)
		e := New(h.e.world)
		_, err = e.Keep(h.root, p)
		h.refused("no room implements anything", err, fault.Invalid, "case", "没有实现：submit", "没有实现：complete", "!move_cases", "!cases_ready")
		drafting, _ := policy.ReadProcess(policy.File{Path: p.Path, Data: []byte(strings.Replace(string(p.Source), "do: submit", "document: 受理通知书, do: submit", 1))})
		_, err = e.Keep(h.root, drafting)
		h.refused("nobody drafts official documents", err, fault.Invalid, "没有实现：document")
		_, err = h.e.Keep(h.root, drafting)
		h.must(err)
		forged := *p
		forged.Source = []byte(strings.Replace(string(p.Source), "5工作日", "9工作日", 1))
		_, err = h.e.Keep(h.root, &forged)
		h.refused("a hash of something else", err, fault.Invalid)
		_, err = h.e.Start(h.root, "nothing", Subject{Flow: "case", ID: "x"})
		h.refused("starting by what is not kept", err, fault.NotFound)
		_, err = h.e.Start(h.root, h.hash, Subject{Flow: "sideways", ID: "x"})
		h.refused("starting along no flow", err, fault.Invalid)
		ctx := h.as("firm1")
		won := 0
		for _, err := range at16(func(int) error {
			_, err := h.e.Start(ctx, h.hash, Subject{Flow: "case", ID: "x", Party: "p1"})
			return err
		}) {
			if err == nil {
				won++
			} else {
				h.refused("started twice", err, fault.Conflict)
			}
		}
		if won != 1 || h.count(`SELECT COUNT(*) FROM process_tasks`) != 1 {
			t.Errorf("started %d times", won)
		}
		h.clean()
	})
}

// The round moves every live case that waits, and no other; each keeps its step, its party is told, an office is told once of all.
//
// Mutations: leave `outcome = ”` or the stage out of lockStanding; tell the office of each; count drafts as cases in casesReady.
func TestMoveAll(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.round("r")
		h.round("other")
		for n := range 5 {
			h.reviewing(fmt.Sprintf("a%d", n), "p1", "r")
			h.ok("review", "case", fmt.Sprintf("a%d", n), "pass")
		}
		h.reviewing("b", "p2", "r")
		h.ok("review", "case", "b", "pass")
		h.begin("draft", "p1", "r") // not handed in: gathers nothing, and keeps nobody waiting
		h.reviewing("elsewhere", "p1", "other")
		h.ok("review", "case", "elsewhere", "pass")
		h.ok("firm1", "case", "a4", "withdraw")
		h.forget()
		counts, err := h.e.Standing(h.root, "r")
		if got := fmt.Sprint(counts); err != nil || got != "[{case draft draft  1 0 true} {case gathered 待集中  5 0 false} {case withdrawn withdrawn withdrawn 1 0 false}]" {
			t.Errorf("%s, %v", got, err)
		}
		h.ok("review", "round", "r", "gather")
		for id, want := range map[string]string{"a0": "deciding", "a3": "deciding", "b": "deciding", "a4": "withdrawn", "draft": "draft", "elsewhere": "gathered"} {
			h.at(id, want)
		}
		if got := h.notes("firm1"); len(got) != 4 || got[0] != "stage deciding" {
			t.Errorf("the firm of four cases was told %v", got)
		}
		if got := h.notes("firm2"); len(got) != 1 {
			t.Errorf("the firm of one case was told %v", got)
		}
		v := h.view("firm2", "case", "b")
		last := v.Steps[len(v.Steps)-1]
		if last.Kind != "move" || last.By != "工作人员" || last.Public != "等待决定。" || last.Reason != "" {
			t.Errorf("to the firm: %+v", last)
		}
		v = h.view("review", "case", "b")
		if last := v.Steps[len(v.Steps)-1]; last.By != "您" || last.Reason != "集中" || last.From != "待集中" {
			t.Errorf("to the officer: %+v", last)
		}
		// Back at the review: one note for all, to each who may act but the one who moved them.
		h.ok("boss", "round", "r", "reopen", because("金额有误"))
		h.forget()
		n, err := h.e.MoveAll(h.as("review"), "r", "gathered", "review", "重新审查")
		if err != nil || n != 5 {
			t.Errorf("moved %d, %v", n, err)
		}
		h.mu.Lock()
		var offices []told
		for _, one := range h.told {
			if !one.note.Applicant {
				offices = append(offices, one)
			}
		}
		h.mu.Unlock()
		got := map[string][]string{}
		for _, one := range offices {
			for _, a := range one.accounts {
				got[a] = append(got[a], one.note.Body)
			}
		}
		if want := map[string][]string{"desk-a": {"有4件转到“审查”"}, "desk-a2": {"有4件转到“审查”"}, "desk-b": {"号b 企业p2《研发补助》"},
			"review2": {"有5件转到“审查”"}, "both": {"有5件转到“审查”"}, "owner": {"号b 企业p2《研发补助》"}}; !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("offices were told %v, want %v", got, want)
		}
		if n, err := h.e.MoveAll(h.as("review"), "r", "gathered", "review", ""); n != 0 || err != nil {
			t.Errorf("nothing to move: %d, %v", n, err)
		}
		_, err = h.e.MoveAll(h.as("review"), "r", "review", "nowhere", "")
		h.refused("to no stage", err, fault.Invalid, "!nowhere")
		h.ok("review", "case", "b", "pass") // and each can be acted on
		places, err := h.e.Standings(h.root, "case", []string{"a0", "b", "nothing"})
		if err != nil || len(places) != 2 || places["b"].Title != "待集中" || places["a0"].Public != "正在审查。" {
			t.Errorf("%+v, %v", places, err)
		}
		if turn, err := h.e.Turn(h.root, "case", "draft", "applicant"); !turn || err != nil {
			t.Errorf("it is the applicant's turn at a draft: %v, %v", turn, err)
		}
		if turn, err := h.e.Turn(h.root, "case", "b", "applicant"); turn || err != nil {
			t.Errorf("it is not the applicant's turn when all wait: %v, %v", turn, err)
		}
		h.clean()
	})
}

// More cases than go into one statement.
func TestMoveVeryMany(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.round("r")
		h.must(store.Write(h.as("firm1"), func(ctx context.Context) error {
			for n := range 2*chunk + 3 {
				if _, err := h.e.Start(ctx, h.hash, Subject{Flow: "case", ID: fmt.Sprintf("a%d", n), Party: "p1", Town: "甲镇", Department: "经信", Round: "r"}); err != nil {
					return err
				}
			}
			return nil
		}))
		n, err := h.e.MoveAll(h.as(account.SystemID), "r", "draft", "desk", "")
		if err != nil || n != 2*chunk+3 {
			t.Fatalf("moved %d, %v", n, err)
		}
		page, err := h.e.Inbox(h.as("desk-a"), Filter{Per: 200, Page: 3})
		if err != nil || page.Total != n || len(page.Items) != 3 {
			t.Errorf("%d of %d, %v", len(page.Items), page.Total, err)
		}
		seen := map[string]bool{}
		h.must(h.e.Each(h.as("desk-a"), Filter{}, func(t Task) error {
			seen[t.Subject.ID] = true
			return nil
		}))
		if len(seen) != n {
			t.Errorf("an export of %d, want %d", len(seen), n)
		}
		h.clean()
	})
}

// Rooms hear of every change of stage, whoever made it, with where the subject stands then; and their error undoes it.
func TestOnMove(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		var heard []string
		var fail error
		h.e.OnMove("case", func(ctx context.Context, all []Move) error {
			for _, m := range all {
				by, action := "", ""
				if m.Actor != nil {
					by = m.Actor.AccountID
				}
				if m.Action != nil {
					action = m.Action.Key
				}
				heard = append(heard, strings.Join([]string{m.Instance.Subject.ID, m.From, m.To, m.Instance.Stage, action, by}, " "))
			}
			return fail
		})
		h.round("r")
		h.reviewing("a", "p1", "r")
		h.ok("review", "case", "a", "pass")
		h.ok("review", "round", "r", "gather")
		h.ok("boss", "round", "r", "agree")
		_, err := h.e.Happened(h.as("finance"), "case", "a", "paid", "")
		h.must(err)
		h.begin("b", "p1", "")
		h.ok("firm1", "case", "b", "submit")
		h.ok("desk-a", "case", "b", "ask")
		h.set("2026-05-01 00:00")
		h.must(h.e.Tick(h.root))
		want := []string{"a  draft draft  firm1", "a draft desk desk submit firm1", "a desk checks checks accept desk-a", "a checks review review report safety",
			"a review gathered gathered pass review", "a gathered deciding deciding  review", "a deciding paying paying  boss", "a paying paid paid  ",
			"b  draft draft  firm1", "b draft desk desk submit firm1", "b desk mend mend ask desk-a", "b mend withdrawn withdrawn give_up "}
		if !slices.Equal(heard, want) {
			t.Errorf("heard\n%s\nwant\n%s", strings.Join(heard, "\n"), strings.Join(want, "\n"))
		}
		h.begin("c", "p1", "")
		fail = fault.New(fault.Conflict, "不行。")
		h.refused("a room says no", h.try("firm1", "case", "c", "submit"), fault.Conflict, "不行。")
		h.at("c", "draft")
		h.clean()
	})
}

// What applicants read: their own words and plain ones, no officer's name, no opinion of an office; what is asked of them, with its reason.
//
// Mutations: give byOf the names for everybody; leave addressed or tells out.
func TestApplicantsView(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit", because("请尽快"))
		h.ok("desk-a", "case", "a", "remark", because("老板难缠"))
		h.ok("desk-a", "case", "a", "ask", Input{Reason: "材料缺页", Data: []byte(`{"items":["第二页"]}`)})
		h.ok("firm1", "case", "a", "resubmit")
		h.ok("desk-a", "case", "a", "accept")
		h.do("tax", "a", "tax", "report", because("有欠税嫌疑"))
		h.do("safety", "a", "safety", "report", because("两次罚款"))
		h.ok("review", "case", "a", "back", because("内部意见"))
		h.ok("desk-a", "case", "a", "refuse", because("不属于支持范围"))
		v := h.view("firm1", "case", "a")
		text := fmt.Sprintf("%+v", v)
		for _, secret := range []string{"姓", "desk-a", "review ", "老板难缠", "欠税", "罚款", "内部意见", "记一笔"} {
			if strings.Contains(text, secret) {
				t.Errorf("the applicant reads %s: %s", secret, text)
			}
		}
		var lines []string
		for _, s := range v.Steps {
			lines = append(lines, strings.Join([]string{s.Kind, s.By, s.Action, s.Public, s.Reason, string(s.Input.Data)}, "|"))
		}
		want := []string{
			"start|您||正在填写。||",
			"act|您|submit|窗口正在核对。|请尽快|",
			`act|窗口|退补|请补齐材料。|材料缺页|{"items":["第二页"]}`,
			"act|您|resubmit|窗口正在核对。||",
			"act|窗口|收下|部门正在核查。||",
			"act|经办人|反馈|正在审查。||",
			"act|审查人|退回窗口|窗口正在核对。||",
			"act|窗口|不收|没有通过。|不属于支持范围|",
		}
		if !slices.Equal(lines, want) {
			t.Errorf("the timeline\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		officer := h.view("review", "case", "a")
		if len(officer.Steps) != 10 || officer.Steps[2].By != "姓desk-a" || officer.Steps[2].Reason != "老板难缠" || officer.Steps[0].By != "姓firm1" || officer.Steps[2].To != "窗口核对" || officer.Steps[2].From != "窗口核对" {
			t.Errorf("the officer's: %+v", officer.Steps)
		}
		h.begin("b", "p1", "")
		if got := strings.Join(h.view("firm1", "case", "b").Ahead, " "); got != "窗口核对 部门核查 审查 待集中 deciding paying paid" {
			t.Errorf("ahead: %s", got)
		}
		if got := h.view("firm1", "case", "b"); got.Always[0].Key != "withdraw" || got.Title != "draft" || got.Public != "正在填写。" {
			t.Errorf("%+v", got)
		}
	})
}

// Every column of every row of an instance is in its digest: whichever is edited behind the engine's back is found.
//
// Mutation: leave any text out of texts of the rows, or steps or tasks out of digestsOf.
func TestEditedRowsAreFound(t *testing.T) {
	forEach(t, func(t *testing.T, h *house) {
		i := h.begin("a", "p1", "")
		h.ok("firm1", "case", "a", "submit", because("请收下"))
		saved, err := h.e.Save(h.as("firm1"), "我的", Filter{Late: true})
		h.must(err)
		h.clean()
		digests := func() (out string) {
			h.must(store.Read(h.root, func(ctx context.Context) error {
				one, err := digestsOf(ctx, []string{i.ID}, atHand{})
				if err != nil {
					return err
				}
				two, err := digestOfDefinition(ctx, h.hash)
				if err != nil {
					return err
				}
				three, err := digestOfFilter(ctx, saved.ID)
				out = one[i.ID] + two + three
				return err
			}))
			return out
		}
		before := digests()
		numbers := []string{"version", "visit", "seq", "n"}
		for table, columns := range map[string]string{
			"process_instances": instanceColumns, "process_tasks": taskColumns, "process_steps": stepColumns, "process_filters": filterColumns,
			"process_definitions": "hash, id, title, path, body, kept_at, kept_by",
		} {
			key := map[string]string{"process_steps": "seq", "process_definitions": "hash"}[table]
			if key == "" {
				key = "id"
			}
			last := ` WHERE ` + key + ` = (SELECT MAX(` + key + `) FROM ` + table + `)`
			for _, column := range strings.FieldsFunc(columns, func(r rune) bool { return strings.ContainsRune(", \n\t", r) }) {
				edit, undo := column+` = `+column+` || 'x'`, column+` = substr(`+column+`, 1, length(`+column+`) - 1)`
				switch table + "." + column {
				case "process_instances.id", "process_instances.definition", "process_tasks.instance", "process_steps.instance", "process_definitions.hash", "process_filters.id":
					continue // what others refer to, or what a row is known by
				case "process_tasks.state":
					edit, undo = `state = 'closed'`, `state = 'open'`
				case "process_tasks.late":
					edit, undo = `late = 1`, `late = 0`
				case "process_steps.kind":
					edit, undo = `kind = 'move'`, `kind = 'act'`
				default:
					if slices.Contains(numbers, column) {
						edit, undo = column+` = `+column+` + 100`, column+` = `+column+` - 100`
					}
				}
				h.exec(`UPDATE ` + table + ` SET ` + edit + last)
				if digests() == before {
					t.Errorf("%s.%s was edited and the digest is the same", table, column)
				}
				h.exec(`UPDATE ` + table + ` SET ` + undo + last)
				if digests() != before {
					t.Fatalf("%s.%s was not put back", table, column)
				}
			}
		}
		h.clean()
		for _, query := range []string{`UPDATE process_instances SET stage = 'paid'`, `DELETE FROM process_steps WHERE seq = 1`, `DELETE FROM process_tasks WHERE state = 'done'`,
			`UPDATE process_filters SET account = 'tax'`,
			`INSERT INTO process_steps (instance, seq, at, kind, actor, role, who, task, task_title, version, action, action_title, from_stage, to_stage, reason, data)
			SELECT instance, 99, at, kind, actor, role, who, task, task_title, version, action, action_title, from_stage, to_stage, reason, data FROM process_steps WHERE seq = 2`,
			`INSERT INTO process_instances (id, definition, flow, subject, number, title, party, party_name, town, department, scheme, round, stage, since, version, visit, outcome, started_at, started_by)
			SELECT 'forged', definition, flow, 'forged', number, title, party, party_name, town, department, scheme, round, stage, since, version, visit, outcome, started_at, started_by FROM process_instances`} {
			wrong := len(h.problems())
			h.exec(query)
			if now := digests(); len(h.problems()) == wrong && now == before {
				t.Errorf("nobody noticed %s", query)
			}
			before = digests()
		}
		var kinds []string
		for _, p := range h.problems() {
			kinds = append(kinds, p.Kind+" "+p.What+" "+map[bool]string{true: "forged"}[p.ID == "forged"])
		}
		slices.Sort(kinds)
		if want := []string{"process changed ", "process unlogged forged", "process_filter changed "}; !slices.Equal(kinds, want) {
			t.Errorf("the log says %v, want %v", kinds, want)
		}
	})
}

// Words are told to whom they concern, and the tone of what is registered twice or not at all is a panic while the program is put together.
func TestRegistering(t *testing.T) {
	w := World{Holders: account.HoldersOf, Speakers: account.SpeakersByParty, Names: account.NamesOf,
		Tell:     func(context.Context, []Telling) error { return nil },
		Calendar: func(context.Context) (*calendar.Calendar, error) { return calendar.Shipped(), nil }, Day: func(context.Context, Subject, string) (policy.Date, bool, error) { return 0, false, nil }}
	fn, moved := func(context.Context, Move) error { return nil }, func(context.Context, []Move) error { return nil }
	for what, do := range map[string]func(e *Engine){
		"an unknown effect":    func(e *Engine) { e.Effect("case", "explode", fn) },
		"an effect twice":      func(e *Engine) { e.Effect("case", "submit", fn); e.Effect("case", "submit", fn) },
		"the engine's effect":  func(e *Engine) { e.Effect("round", "move_cases", fn) },
		"an unknown guard":     func(e *Engine) { e.Guard("case", "explode", fn) },
		"a guard twice":        func(e *Engine) { e.Guard("case", "complete", fn); e.Guard("case", "complete", fn) },
		"the engine's guard":   func(e *Engine) { e.Guard("round", "cases_ready", fn) },
		"two that follow":      func(e *Engine) { e.OnMove("case", moved); e.OnMove("case", moved) },
		"a world without Tell": func(*Engine) { w := w; w.Tell = nil; New(w) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is taken", what)
				}
			}()
			do(New(w))
		}()
	}
}
