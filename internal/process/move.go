package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Two verbs that speak of nothing but stages are the engine's own.
const (
	effectMove = "move_cases"
	guardReady = "cases_ready"
)

// move is a change of an instance on its way: what every change goes through, whoever makes it.
type move struct {
	e       *Engine
	row     *instanceRow
	flow    *policy.Flow
	process *policy.Process
	task    *taskRow // nil: of the whole instance, or by the system
	action  *policy.Action
	input   Input
	actor   *account.Actor // nil: the clock or the system
	step    stepRow
}

func (m *move) view(ctx context.Context, from, to string) Move {
	out := Move{Instance: m.row.instance(), Action: m.action, From: from, To: to, Input: m.input, Actor: m.actor}
	if m.task != nil {
		t := m.e.task(m.task)
		out.Task = &t
	}
	return out
}

// target is the stage that the action leads to; the present one when it stays.
func (m *move) target() string {
	if m.action != nil && m.action.To != "" {
		return m.action.To
	}
	return m.row.Stage
}

// guards asks every guard of the action.
func (e *Engine) guard(ctx context.Context, v Move, flow string) error {
	for _, name := range v.Action.If {
		if name == guardReady {
			if err := e.casesReady(ctx, v); err != nil {
				return err
			}
			continue
		}
		fn := e.guards[verb{flow, name}]
		if fn == nil {
			return fmt.Errorf("process: no room implements guard %s of %s", name, flow)
		}
		if err := fn(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// casesReady refuses while a live case of the round has not come to a stage from which the action gathers; drafts at the first stage of an
// applicant do not count: they are not part of the round yet.
func (e *Engine) casesReady(ctx context.Context, v Move) error {
	var from []string
	for _, x := range v.Action.Do {
		if x.Name == effectMove {
			from = append(from, x.Args["from"])
		}
	}
	rows, err := e.Standing(ctx, v.Instance.Subject.ID)
	if err != nil {
		return err
	}
	waiting := 0
	for _, s := range rows {
		if s.Outcome == "" && !s.Draft && !slices.Contains(from, s.Stage) {
			waiting += s.Count
		}
	}
	if waiting > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d件申报没有办到这一步，请先办结或退回", waiting))
	}
	return nil
}

// effects runs what the action brings about, in the order of the file.
func (e *Engine) bring(ctx context.Context, m *move, from, to string) error {
	for _, x := range m.action.Do {
		if x.Name == effectMove {
			if _, err := e.MoveAll(ctx, m.row.Subject, x.Args["from"], x.Args["to"], m.action.Title); err != nil {
				return err
			}
			continue
		}
		fn := e.effects[verb{m.row.Flow, x.Name}]
		if fn == nil {
			return fmt.Errorf("process: no room implements effect %s of %s", x.Name, m.row.Flow)
		}
		v := m.view(ctx, from, to)
		v.Args = x.Args
		if err := fn(ctx, v); err != nil {
			return err
		}
		// An effect may have given the subject new words.
		fresh, err := oneInstance(ctx, "i.id = ?", m.row.ID)
		if err != nil {
			return err
		}
		m.row = fresh
	}
	return nil
}

// enter brings the instance to a stage: closes what was open, opens the stage's tasks, keeps the step, tells who may act next. kept is the
// task that was done, if any.
func (m *move) enter(ctx context.Context, to string) error {
	e, from := m.e, m.row.Stage
	stage := m.flow.Stage(to)
	if stage == nil {
		return fault.New(fault.Invalid, "这个流程没有要去的环节")
	}
	now := clock.Now(ctx)
	if err := e.closeTasks(ctx, m, from); err != nil {
		return err
	}
	m.row.Stage, m.row.Since, m.row.Outcome = to, store.Stamp(now), stage.Ends
	m.row.Visit++
	m.row.Version++
	result, err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET stage = ?, since = ?, outcome = ?, visit = visit + 1, version = version + 1 WHERE id = ? AND version = ?`,
		to, m.row.Since, m.row.Outcome, m.row.ID, m.row.Version-1).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errOvertaken())
	}
	opened, err := m.open(ctx, stage, from)
	if err != nil {
		return err
	}
	m.step.From, m.step.To = from, to
	if err := e.record(ctx, m.row, m.step); err != nil {
		return err
	}
	if fn := e.moved[m.row.Flow]; fn != nil {
		if err := fn(ctx, m.view(ctx, from, to)); err != nil {
			return err
		}
	}
	return m.tell(ctx, stage, opened)
}

func errOvertaken() error {
	return fault.New(fault.Conflict, "这件事项刚刚由他人办理，请刷新后再看")
}

// closeTasks closes the tasks of the present visit that are still open, and notes how much of each limit is left, should the instance come back.
func (e *Engine) closeTasks(ctx context.Context, m *move, from string) error {
	rows, err := tasksOf(ctx, m.row.ID, m.row.Visit)
	if err != nil {
		return err
	}
	today := clock.Today(ctx)
	for i := range rows {
		t := &rows[i]
		remains := int64(noRemains)
		if t.DueOn != "" {
			due, err := policy.ParseDate(t.DueOn)
			if err == nil {
				if left, err := e.world.Left(today, due, t.Unit); err == nil {
					remains = int64(left)
				}
			}
		}
		state, at := t.State, t.ClosedAt
		if t.State == taskOpen {
			state, at = taskClosed, store.Stamp(clock.Now(ctx))
		} else if t.Remains != noRemains || remains == noRemains {
			continue
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET state = ?, closed_at = ?, remains = ?, version = version + 1 WHERE id = ?`, state, at, remains, t.ID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open opens the tasks of a stage.
func (m *move) open(ctx context.Context, stage *policy.Stage, from string) ([]taskRow, error) {
	now := clock.Now(ctx)
	var rows []taskRow
	for _, rule := range stage.Tasks {
		t := taskRow{ID: store.NewID(), Instance: m.row.ID, Flow: m.row.Flow, Subject: m.row.Subject, Number: m.row.Number, SubjectTitle: m.row.Title, Party: m.row.Party,
			PartyName: m.row.PartyName, SubjectTown: m.row.Town, SubjectDept: m.row.Department, Scheme: m.row.Scheme, Round: m.row.Round, Stage: stage.Key,
			StageTitle: stage.Title, Visit: m.row.Visit, Key: rule.Key, Title: rule.Title, Role: rule.Who.Role, Who: rule.Who.Label, Department: departmentOf(rule.Who, m.row),
			Version: 1, State: taskOpen, OpenedAt: store.Stamp(now), Remains: noRemains, Many: flag(rule.Many)}
		if rule.Within != nil {
			if err := m.limit(ctx, &t, rule, from); err != nil {
				return nil, err
			}
		}
		rows = append(rows, t)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	_, err := store.Tx(ctx).NewInsert().Model(&rows).Exec(ctx)
	return rows, err
}

func departmentOf(w policy.Who, r *instanceRow) string {
	if w.Department == "scheme" {
		return r.Department
	}
	return w.Department
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// limit sets until when a task is to be done: the whole time, or what was left of it when the instance left this stage for one that pauses it.
func (m *move) limit(ctx context.Context, t *taskRow, rule *policy.TaskRule, from string) error {
	w := rule.Within
	n := w.N
	if slices.Contains(w.Pauses, from) {
		var left []int64
		if err := store.Tx(ctx).NewRaw(`SELECT remains FROM process_tasks WHERE instance = ? AND stage = ? AND task_key = ? ORDER BY visit DESC, id DESC LIMIT 1`,
			m.row.ID, t.Stage, t.Key).Scan(ctx, &left); err != nil {
			return err
		}
		if len(left) == 1 && left[0] != noRemains {
			n = int(max(left[0], 0))
		}
	}
	t.Unit = w.Unit
	return m.e.due(ctx, t, n)
}

const unitHour = "小时"

// due works out the last day of a limit; when the calendar of its year is not published, the task says so and Tick asks again.
func (e *Engine) due(ctx context.Context, t *taskRow, n int) error {
	t.Unknown, t.DueOn, t.DueAt = "", "", ""
	if t.Unit == unitHour {
		at := calendar.AddHours(clock.Now(ctx), n)
		t.DueOn, t.DueAt = clock.DayOf(at).String(), store.Stamp(at)
		return nil
	}
	day, err := e.world.Add(clock.Today(ctx), n, t.Unit)
	if err != nil {
		var unpublished *calendar.Unpublished
		if !errors.As(err, &unpublished) {
			return err
		}
		t.Unknown = err.Error()
		t.Remains = int64(n)
		return nil
	}
	t.DueOn, t.DueAt = day.String(), store.Stamp(clock.EndOf(day))
	return nil
}

// tell tells who may act next, and those who speak for the party where it stands now.
func (m *move) tell(ctx context.Context, stage *policy.Stage, opened []taskRow) error {
	actor := ""
	if m.actor != nil {
		actor = m.actor.AccountID
	}
	for i := range opened {
		t := &opened[i]
		if t.Role == roleApplicant {
			continue
		}
		accounts, err := m.e.world.Holders(ctx, account.Role(t.Role), t.Department, t.SubjectTown)
		if err != nil {
			return err
		}
		accounts = without(accounts, actor)
		if len(accounts) > 0 {
			if err := m.e.world.Tell(ctx, accounts, Note{Kind: "task", Title: "待办：" + t.Title, Body: strings.TrimSpace(t.Number + " " + t.PartyName + " " + t.SubjectTitle), Subject: t.subject(), Many: 1}); err != nil {
				return err
			}
		}
	}
	if m.row.Party == "" || stage.Public == "" || m.row.Number == "" {
		return nil
	}
	speakers, err := m.e.world.Speakers(ctx, m.row.Party)
	if err != nil {
		return err
	}
	if speakers = without(speakers, actor); len(speakers) == 0 {
		return nil
	}
	return m.e.world.Tell(ctx, speakers, Note{Kind: "stage", Title: m.row.Title + "：" + stage.Title, Body: stage.Public, Subject: m.row.subject(), Many: 1})
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}

// Start begins an instance of the subject's flow at its first stage. The definition must be kept. Who may start is the room's to decide.
// Conflict if the subject has an instance already; NotFound for a hash that is not kept; Invalid for a flow that the process does not have.
func (e *Engine) Start(ctx context.Context, hash string, s Subject) (Instance, error) {
	p, err := e.Process(ctx, hash)
	if err != nil {
		return Instance{}, err
	}
	f := p.Flow(s.Flow)
	if f == nil {
		return Instance{}, fault.New(fault.Invalid, "这个流程不能用于这类事项")
	}
	var out Instance
	err = store.Write(ctx, func(ctx context.Context) error {
		now := store.Stamp(clock.Now(ctx))
		row := &instanceRow{ID: store.NewID(), Flow: s.Flow, Subject: s.ID, Number: s.Number, Title: s.Title, Party: s.Party, PartyName: s.PartyName, Town: s.Town,
			Department: s.Department, Scheme: s.Scheme, Round: s.Round, Definition: hash, Stage: f.Start, Since: now, Version: 1, Visit: 1, StartedAt: now}
		if _, err := store.Tx(ctx).NewInsert().Model(row).Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return fault.New(fault.Conflict, "这件事项已经开始办理")
			}
			return err
		}
		m := &move{e: e, row: row, flow: f, process: p, actor: actorOf(ctx), step: stepOf(ctx, "start")}
		stage := f.Stage(f.Start)
		opened, err := m.open(ctx, stage, "")
		if err != nil {
			return err
		}
		m.step.To = f.Start
		if err := e.record(ctx, row, m.step); err != nil {
			return err
		}
		if fn := e.moved[s.Flow]; fn != nil {
			if err := fn(ctx, m.view(ctx, "", f.Start)); err != nil {
				return err
			}
		}
		out = row.instance()
		return m.tell(ctx, stage, opened)
	})
	return out, err
}

// actorOf is who acts; nil for the system.
func actorOf(ctx context.Context) *account.Actor {
	a := account.ActorFrom(ctx)
	if a.AccountID == account.SystemID {
		return nil
	}
	return a
}

func stepOf(ctx context.Context, kind string) stepRow {
	return stepRow{At: store.Stamp(clock.Now(ctx)), Kind: kind, Account: account.ActorFrom(ctx).AccountID}
}

// Describe gives a subject new words (a number, a decided title), in the instance and its tasks. Flow and ID say which. Who acts on open
// tasks follows the town. NotFound if it was never started.
func (e *Engine) Describe(ctx context.Context, s Subject) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := instanceOf(ctx, s.Flow, s.ID)
		if err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET number = ?, title = ?, party_name = ?, town = ? WHERE id = ?`,
			s.Number, s.Title, s.PartyName, s.Town, row.ID).Exec(ctx); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE process_tasks SET number = ?, subject_title = ?, party_name = ?, subject_town = ? WHERE instance = ?`,
			s.Number, s.Title, s.PartyName, s.Town, row.ID).Exec(ctx); err != nil {
			return err
		}
		if row, err = oneInstance(ctx, "i.id = ?", row.ID); err != nil {
			return err
		}
		step := stepOf(ctx, "describe")
		step.From, step.To = row.Stage, row.Stage
		return e.record(ctx, row, step)
	})
}

// Find is where a subject stands, for rooms: no permission is asked. NotFound if it was never started.
func (e *Engine) Find(ctx context.Context, flow, subject string) (Instance, error) {
	var out Instance
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := instanceOf(ctx, flow, subject)
		if err == nil {
			out = row.instance()
		}
		return err
	})
	return out, err
}

// MoveAll moves every live case of a round that stands at stage from to stage to, and says how many. The reason stands in each one's history.
// Invalid if the flow of such a case has no stage to.
func (e *Engine) MoveAll(ctx context.Context, round, from, to, reason string) (n int, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		rows := []instanceRow{}
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("i.round = ? AND i.flow = 'case' AND i.stage = ? AND i.outcome = ''", round, from).OrderExpr("i.id").Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			p, f, err := e.flowOf(ctx, &rows[i])
			if err != nil {
				return err
			}
			m := &move{e: e, row: &rows[i], flow: f, process: p, actor: actorOf(ctx), step: stepOf(ctx, "move")}
			m.step.Reason = reason
			if err := m.enter(ctx, to); err != nil {
				return err
			}
		}
		n = len(rows)
		return nil
	})
	return n, err
}

// MoveOne brings one subject to a stage because of something that happened in a room, as the system. Conflict if it has ended; Invalid for a stage that
// its flow does not have.
func (e *Engine) MoveOne(ctx context.Context, flow, subject, to, reason string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		found, err := instanceOf(ctx, flow, subject)
		if err != nil {
			return err
		}
		row, err := lock(ctx, found.ID)
		if err != nil {
			return err
		}
		if row.Outcome != "" {
			return fault.New(fault.Conflict, "这件事项已经办结")
		}
		p, f, err := e.flowOf(ctx, row)
		if err != nil {
			return err
		}
		m := &move{e: e, row: row, flow: f, process: p, step: stepOf(ctx, "move")}
		m.step.Account, m.step.Reason = account.SystemID, reason
		return m.enter(ctx, to)
	})
}

// Happened moves an instance on whose stage waits for an event (policy.ProcessWaits), because it has come: to Stage.Then, as the system.
// NotFound if there is no such subject, Conflict if it does not wait for that.
func (e *Engine) Happened(ctx context.Context, flow, subject, event, reason string) (Instance, error) {
	var out Instance
	err := store.Write(ctx, func(ctx context.Context) error {
		found, err := instanceOf(ctx, flow, subject)
		if err != nil {
			return err
		}
		row, err := lock(ctx, found.ID)
		if err != nil {
			return err
		}
		p, f, err := e.flowOf(ctx, row)
		if err != nil {
			return err
		}
		stage := f.Stage(row.Stage)
		if stage == nil || stage.Waits != event || stage.Then == "" {
			return fault.New(fault.Conflict, "这件事项现在不在等待这一步")
		}
		m := &move{e: e, row: row, flow: f, process: p, step: stepOf(ctx, "move")}
		m.step.Account, m.step.Reason = account.SystemID, reason
		if err := m.enter(ctx, stage.Then); err != nil {
			return err
		}
		out = m.row.instance()
		return nil
	})
	return out, err
}

// StageCount is how many cases stand at a stage.
type StageCount struct {
	Flow    string `json:"flow"`
	Stage   string `json:"stage"`
	Title   string `json:"title"`
	Outcome string `json:"outcome,omitempty"`
	Count   int    `json:"count"`
	Draft   bool   `json:"-"` // the first stage, where an applicant still fills in
}

// Standing counts the cases of a round by stage, in the order of the file; for rooms: no permission is asked.
func (e *Engine) Standing(ctx context.Context, round string) ([]StageCount, error) {
	out := []StageCount{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		var rows []struct {
			Flow       string `bun:"flow"`
			Stage      string `bun:"stage"`
			Outcome    string `bun:"outcome"`
			Definition string `bun:"definition"`
			Count      int    `bun:"n"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT flow, stage, outcome, definition, COUNT(*) AS n FROM process_instances WHERE round = ? AND flow = 'case' GROUP BY flow, stage, outcome, definition`,
			round).Scan(ctx, &rows); err != nil {
			return err
		}
		place := map[string]int{}
		for _, r := range rows {
			p, err := e.Process(ctx, r.Definition)
			if err != nil {
				return err
			}
			c := StageCount{Flow: r.Flow, Stage: r.Stage, Title: r.Stage, Outcome: r.Outcome, Count: r.Count}
			if f := p.Flow(r.Flow); f != nil {
				for i, s := range f.Stages {
					if s.Key == r.Stage {
						c.Title, place[r.Stage] = s.Title, i
						c.Draft = s.Key == f.Start && slices.ContainsFunc(s.Tasks, func(t *policy.TaskRule) bool { return t.Who.Role == roleApplicant }) && p.Starts == roleApplicant
					}
				}
			}
			out = append(out, c)
		}
		slices.SortStableFunc(out, func(a, b StageCount) int { return place[a.Stage] - place[b.Stage] })
		return nil
	})
	return out, err
}

// Standing of one subject, in the words of its file.
type Place struct{ Stage, Title, Public, Outcome string }

// Standings is where many subjects stand, in one query; one that was never started is left out. For rooms: no permission is asked.
func (e *Engine) Standings(ctx context.Context, flow string, subjects []string) (map[string]Place, error) {
	out := make(map[string]Place, len(subjects))
	if len(subjects) == 0 {
		return out, nil
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		for some := range slices.Chunk(subjects, 500) {
			rows := []instanceRow{}
			if err := store.Tx(ctx).NewSelect().Model(&rows).Where("i.flow = ? AND i.subject IN (?)", flow, listOf(some)).Scan(ctx); err != nil {
				return err
			}
			for i := range rows {
				r := &rows[i]
				_, f, err := e.flowOf(ctx, r)
				if err != nil {
					return err
				}
				p := Place{Stage: r.Stage, Title: r.Stage, Outcome: r.Outcome}
				if s := f.Stage(r.Stage); s != nil {
					p.Title, p.Public = s.Title, s.Public
				}
				out[r.Subject] = p
			}
		}
		return nil
	})
	return out, err
}

// Turn says whether a task of a role is open at a subject now. For rooms: no permission is asked.
func (e *Engine) Turn(ctx context.Context, flow, subject, role string) (bool, error) {
	var n int
	err := store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM process_tasks WHERE flow = ? AND subject = ? AND role = ? AND state = 'open'`, flow, subject, role).Scan(ctx, &n)
	})
	return n > 0, err
}

// timeOf reads a stamp of the database.
func timeOf(stamp string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, stamp)
	return t
}
