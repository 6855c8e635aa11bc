package process

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/search"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Subject is the thing that an instance is about, with the words that lists show. A round's own Round is empty; a case's is its round.
type Subject struct {
	Flow       string `json:"flow" doc:"case, round"`
	ID         string `json:"id"`
	Number     string `json:"number" doc:"as people call it; may be empty before it has one"`
	Title      string `json:"title"`
	Party      string `json:"party,omitempty"`
	PartyName  string `json:"party_name,omitempty"`
	Town       string `json:"town,omitempty"`
	Department string `json:"department,omitempty" doc:"whose office the scheme names"`
	Scheme     string `json:"scheme,omitempty"`
	Round      string `json:"round,omitempty"`
}

// name is what people call the subject in a sentence.
func (s Subject) name() string {
	return strings.TrimSpace(s.Number + " " + s.PartyName + "《" + s.Title + "》")
}

// Instance is a subject on its way along a flow.
type Instance struct {
	ID         string  `json:"id"`
	Subject    Subject `json:"subject"`
	Definition string  `json:"definition" doc:"hash of the process file that it began with"`
	Stage      string  `json:"stage"`
	Since      string  `json:"since" doc:"when it came to this stage"`
	Version    int64   `json:"version" doc:"rises with every action"`
	Visit      int64   `json:"visit" doc:"how many stages it has come to"`
	Outcome    string  `json:"outcome,omitempty" enum:"granted,refused,withdrawn,done" doc:"how it ended; absent while it runs"`
	StartedAt  string  `json:"started_at"`
	Repeated   bool    `json:"-"` // Act was asked again for what it had done already
}

// searchSubjects is the collection of the text search that holds every instance, by its id.
const searchSubjects = "process"

func index(ctx context.Context, instance string, s subjectRow) error {
	return search.Put(ctx, searchSubjects, instance, s.Number+" "+s.PartyName, s.Title)
}

// Start begins an instance of the subject's flow at its first stage. The definition must be kept. Who may start is the room's to decide.
// Conflict if the subject has an instance already; NotFound for a hash that is not kept; Invalid for a flow that the process does not have.
func (e *Engine) Start(ctx context.Context, hash string, s Subject) (Instance, error) {
	rows, err := e.StartAll(ctx, hash, []Subject{s})
	if err != nil {
		return Instance{}, err
	}
	return rows[0], nil
}

// StartAll is Start for many subjects of one flow, all or none; each office is told once of all of them. The instances come in the same order.
func (e *Engine) StartAll(ctx context.Context, hash string, all []Subject) (out []Instance, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		if _, found, err := definitionOf(ctx, hash); err != nil || !found {
			if err == nil {
				err = fault.New(fault.NotFound, "没有这份流程文件。")
			}
			return err
		}
		process, err := e.Process(ctx, hash)
		if err != nil {
			return err
		}
		flow := process.Flow(all[0].Flow)
		if flow == nil || slices.ContainsFunc(all, func(s Subject) bool { return s.ID == "" || s.Flow != all[0].Flow }) {
			return fault.New(fault.Invalid, "流程文件中没有这一种办理。", fault.Detail{Field: "flow", Message: "没有这一种办理。"})
		}
		stage := flow.Stage(flow.Start)
		now := clock.Now(ctx)
		actor := account.ActorFrom(ctx)
		starts, rows := make([]*going, len(all)), make([]instanceRow, len(all))
		var tasks []taskRow
		var steps []stepRow
		data := make(map[string]logged, len(all))
		out = make([]Instance, len(all))
		for i, s := range all {
			row := instanceRow{ID: store.NewID(), Definition: hash, subjectRow: rowOf(s), Stage: stage.Key, Since: store.Stamp(now), Version: 1, Visit: 1,
				Outcome: stage.Ends, StartedAt: store.Stamp(now), StartedBy: actor.AccountID}
			g := &going{row: row, process: process, flow: flow, kind: stepStart, actor: actor, to: stage.Key}
			if actor.AccountID == account.SystemID {
				g.actor = nil
			}
			if actor.Speaks(s.Party) {
				g.role, g.who = applicant, roleWords[applicant]
			}
			step := g.step(1, store.Stamp(now))
			opened, err := e.open(ctx, &row, flow, stage, now, []stepRow{step})
			if err != nil {
				return err
			}
			starts[i], rows[i], out[i], data[row.ID] = g, row, row.instance(), g.logged()
			tasks, steps = append(tasks, opened...), append(steps, step)
		}
		for part := range slices.Chunk(rows, chunk) {
			res, err := store.Tx(ctx).NewInsert().Model(&part).On("CONFLICT (flow, subject) DO NOTHING").Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n != int64(len(part)) {
				if err == nil {
					err = fault.New(fault.Conflict, "这一件已经在办理。")
				}
				return err
			}
		}
		if err := insert(ctx, tasks); err != nil {
			return err
		}
		if err := insert(ctx, steps); err != nil {
			return err
		}
		for i := range rows {
			if err := index(ctx, rows[i].ID, rows[i].subjectRow); err != nil {
				return err
			}
		}
		if err := record(ctx, stepStart, data); err != nil {
			return err
		}
		if err := e.arrived(ctx, starts, rows); err != nil {
			return err
		}
		return e.tellMoved(ctx, starts, rows, tasks)
	})
	return out, err
}

// Describe gives a subject new words (a number, a decided title), in the instance, its tasks and the search. Flow and ID say which.
// Who acts on open tasks follows department and town; if that changes, they are no longer assigned. NotFound if it was never started.
func (e *Engine) Describe(ctx context.Context, s Subject) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, found, err := findInstance(ctx, s.Flow, s.ID)
		if err != nil {
			return err
		}
		if !found {
			return errUnknown()
		}
		if row.subjectRow == rowOf(s) {
			return nil
		}
		within := underWay(ctx)[row.ID]
		if !within {
			if row, _, err = lock(ctx, row.ID); err != nil {
				return err
			}
		}
		next := rowOf(s)
		const words = `number = ?, title = ?, party = ?, party_name = ?, town = ?, department = ?, scheme = ?, round = ?`
		args := []any{next.Number, next.Title, next.Party, next.PartyName, next.Town, next.Department, next.Scheme, next.Round}
		if _, err := change(ctx, `UPDATE process_instances SET `+words+` WHERE id = ?`, append(slices.Clone(args), row.ID)...); err != nil {
			return err
		}
		if _, err := change(ctx, `UPDATE process_tasks SET `+words+` WHERE instance = ?`, append(slices.Clone(args), row.ID)...); err != nil {
			return err
		}
		if next.Department != row.Department || next.Town != row.Town {
			if err := e.rescope(ctx, &row, &next); err != nil {
				return err
			}
		}
		if err := index(ctx, row.ID, next); err != nil {
			return err
		}
		what := logged{Flow: s.Flow, Subject: s.ID}
		if within { // its digest comes with the step of the action
			return audit.Append(ctx, audit.Event{Action: "process.describe", Kind: kindInstance, ID: row.ID, Data: what})
		}
		return record(ctx, "describe", map[string]logged{row.ID: what})
	})
}

// rescope gives the open tasks of an instance to those who have its new department and town in scope.
func (e *Engine) rescope(ctx context.Context, row *instanceRow, next *subjectRow) error {
	_, flow, err := e.flowOf(ctx, row.Definition, row.Flow)
	if err != nil {
		return err
	}
	tasks, err := tasksOf(ctx, row.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks[row.ID] {
		rule := ruleOf(flow, t.Stage, t.Task)
		if t.State != stateOpen || rule == nil {
			continue
		}
		department := departmentOf(rule.Who, next)
		if department == t.ScopeDepartment && next.Town == row.Town {
			continue
		}
		if _, err := change(ctx, `UPDATE process_tasks SET scope_department = ?, assignee = '' WHERE id = ?`, department, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// Find is where a subject stands, for rooms: no permission is asked. NotFound if it was never started.
func (e *Engine) Find(ctx context.Context, flow, subject string) (out Instance, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, found, err := findInstance(ctx, flow, subject)
		if err == nil && !found {
			err = errUnknown()
		}
		out = row.instance()
		return err
	})
	return out, err
}

// MoveAll moves every live case of a round that stands at stage from to stage to, and says how many. The reason stands in each one's history.
// Invalid if the flow of such a case has no stage to.
func (e *Engine) MoveAll(ctx context.Context, round, from, to, reason string) (n int, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		rows, err := lockStanding(ctx, round, from)
		if err != nil {
			return err
		}
		n = len(rows)
		return e.lead(ctx, rows, to, reason)
	})
	return n, err
}

// lead moves instances that are locked to a stage, as whoever acts.
func (e *Engine) lead(ctx context.Context, rows []instanceRow, to, reason string) error {
	if len(rows) == 0 {
		return nil
	}
	actor := account.ActorFrom(ctx)
	all := make([]*going, len(rows))
	for i, row := range rows {
		g := &going{row: row, kind: stepMove, version: row.Version, input: Input{Reason: reason}, to: to}
		var err error
		if g.process, g.flow, err = e.flowOf(ctx, row.Definition, row.Flow); err != nil {
			return err
		}
		if g.flow.Stage(to) == nil {
			return fault.New(fault.Invalid, "有的申报所用的流程中没有这个阶段。", fault.Detail{Field: "to", Message: "没有这个阶段。"})
		}
		if actor.AccountID != account.SystemID {
			g.actor = actor
		}
		all[i] = g
	}
	_, err := e.move(ctx, all)
	return err
}

// moveCases is the effect move_cases, of every flow.
func (e *Engine) moveCases(ctx context.Context, m Move) error {
	reason := m.Action.Title
	if m.Input.Reason != "" {
		reason += "：" + m.Input.Reason
	}
	_, err := e.MoveAll(ctx, m.Instance.Subject.ID, m.Args["from"], m.Args["to"], reason)
	return err
}

// casesReady is the guard cases_ready, of every flow: no live case of the round stands before the stages that the action gathers, in the
// order of the file. An application that its applicant has not handed in yet is not a case of the round: it gathers nothing.
func (e *Engine) casesReady(ctx context.Context, m Move) error {
	counts, err := e.standing(ctx, m.Instance.Subject.ID)
	if err != nil {
		return err
	}
	waiting, target := 0, ""
	for _, do := range m.Action.Do {
		if do.Name != "move_cases" {
			continue
		}
		for _, c := range counts {
			at := c.flow.Stage(do.Args["from"])
			if at == nil || c.stage == nil || c.stage.Ends != "" || c.Draft {
				continue
			}
			target = at.Title
			if slices.Index(c.flow.Stages, c.stage) < slices.Index(c.flow.Stages, at) {
				waiting += c.Count
			}
		}
	}
	if waiting > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d件没有办到“%s”。", waiting, target))
	}
	return nil
}

// Happened moves an instance on whose stage waits for an event (policy.ProcessWaits), because it has come: to Stage.Then, as the system.
// NotFound if there is no such subject, Conflict if it does not wait for that; nothing is written then.
func (e *Engine) Happened(ctx context.Context, flow, subject, event, reason string) (out Instance, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, found, err := findInstance(ctx, flow, subject)
		if err != nil {
			return err
		}
		if !found {
			return errUnknown()
		}
		g := &going{row: row, kind: stepMove, version: row.Version, input: Input{Reason: reason}}
		if g.process, g.flow, err = e.flowOf(ctx, row.Definition, row.Flow); err != nil {
			return err
		}
		stage := g.flow.Stage(row.Stage)
		past := fault.New(fault.Conflict, "这一件现处于“"+titleOf(g.flow, row.Stage)+"”，不能这样办理。")
		if stage == nil || stage.Waits != event || stage.Then == "" {
			return past
		}
		if g.row, _, err = lock(ctx, row.ID); err != nil {
			return err
		}
		if g.row.Version != row.Version {
			return past
		}
		g.to = stage.Then
		rows, err := e.move(ctx, []*going{g})
		if err != nil {
			return err
		}
		out = rows[0].instance()
		return nil
	})
	return out, err
}

// StageCount is how many subjects stand at a stage.
type StageCount struct {
	Flow    string `json:"flow"`
	Stage   string `json:"stage"`
	Title   string `json:"title"`
	Outcome string `json:"outcome,omitempty" doc:"how those ended"`
	Count   int    `json:"count"`
	Late    int    `json:"late,omitempty" doc:"of those whose party was called on: who handed in after the limit, or has not and the limit is over"`
	Draft   bool   `json:"-"` // the first stage, where an applicant still fills in
}

// standing is a StageCount with what it is counted by.
type standing struct {
	StageCount
	process *policy.Process
	flow    *policy.Flow
	stage   *policy.Stage
}

// Standing counts the cases of a round by stage, in the order of the file; for rooms: no permission is asked.
func (e *Engine) Standing(ctx context.Context, round string) ([]StageCount, error) {
	out := []StageCount{}
	err := store.Read(ctx, func(ctx context.Context) error {
		counts, err := e.standing(ctx, round)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, c := range counts {
			if n := len(out); n > 0 && out[n-1].Flow == c.Flow && out[n-1].Stage == c.Stage {
				out[n-1].Count += c.Count // of another version of the file
				continue
			}
			out = append(out, c.StageCount)
		}
		return nil
	})
	return out, err
}

func (e *Engine) standing(ctx context.Context, round string) ([]standing, error) {
	var rows []struct {
		Definition string `bun:"definition"`
		Flow       string `bun:"flow"`
		Stage      string `bun:"stage"`
		Outcome    string `bun:"outcome"`
		Count      int    `bun:"n"`
	}
	err := store.Tx(ctx).NewRaw(`SELECT definition, flow, stage, outcome, COUNT(*) AS n FROM process_instances WHERE round = ? AND round <> '' AND subject <> ?
		GROUP BY definition, flow, stage, outcome`, round, round).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	out := make([]standing, len(rows))
	for i, r := range rows {
		c := standing{StageCount: StageCount{Flow: r.Flow, Stage: r.Stage, Title: r.Stage, Outcome: r.Outcome, Count: r.Count}}
		if c.process, c.flow, err = e.flowOf(ctx, r.Definition, r.Flow); err != nil {
			return nil, err
		}
		if c.stage = c.flow.Stage(r.Stage); c.stage != nil {
			c.Title = c.stage.Title
			c.Draft = c.process.Starts == applicant && c.stage.Key == c.flow.Start
		}
		out[i] = c
	}
	slices.SortStableFunc(out, func(a, b standing) int {
		if n := strings.Compare(a.Flow, b.Flow); n != 0 {
			return n
		}
		if n := slices.Index(a.flow.Stages, a.stage) - slices.Index(b.flow.Stages, b.stage); n != 0 {
			return n
		}
		return strings.Compare(a.Stage, b.Stage)
	})
	return out, nil
}

// Place is where a subject stands, in the words of its file.
type Place struct{ Stage, Title, Public, Outcome string }

// Standings is where many subjects stand, some in each query; one that was never started is left out. For rooms: no permission is asked.
func (e *Engine) Standings(ctx context.Context, flow string, subjects []string) (map[string]Place, error) {
	out := make(map[string]Place, len(subjects))
	err := store.Read(ctx, func(ctx context.Context) error {
		for part := range slices.Chunk(subjects, chunk) {
			var rows []instanceRow
			if err := store.Tx(ctx).NewRaw(`SELECT `+instanceColumns+` FROM process_instances WHERE flow = ? AND subject IN (?)`, flow, bun.List(part)).Scan(ctx, &rows); err != nil {
				return err
			}
			for _, r := range rows {
				_, f, err := e.flowOf(ctx, r.Definition, r.Flow)
				if err != nil {
					return err
				}
				p := Place{Stage: r.Stage, Title: titleOf(f, r.Stage), Outcome: r.Outcome}
				if s := f.Stage(r.Stage); s != nil {
					p.Public = s.Public
				}
				out[r.Subject] = p
			}
		}
		return nil
	})
	return out, err
}

// Turn says whether a task of a role is open at a subject now. For rooms: no permission is asked.
func (e *Engine) Turn(ctx context.Context, flow, subject, role string) (yes bool, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		yes, err = exists(ctx, `SELECT 1 FROM process_tasks WHERE flow = ? AND subject = ? AND role = ? AND state = 'open'`, flow, subject, role)
		return err
	})
	return yes, err
}

// Acted are the accounts that acted at one of some stages of a subject, and those in whose stead it was done. For rooms: no permission is asked.
func (e *Engine) Acted(ctx context.Context, flow, subject string, stages []string) (accounts []string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		accounts = nil
		var rows []stepRow
		if err := store.Tx(ctx).NewRaw(`SELECT DISTINCT s.actor, s.stead FROM process_instances AS i JOIN process_steps AS s ON s.instance = i.id
			WHERE i.flow = ? AND i.subject = ? AND s.kind = 'act' AND s.from_stage IN (?)`, flow, subject, bun.List(stages)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			for _, id := range []string{r.Actor, r.Stead} {
				if id != "" && !slices.Contains(accounts, id) {
					accounts = append(accounts, id)
				}
			}
		}
		return nil
	})
	return accounts, err
}

// Overdue says whether a task of a subject is open whose limit is over. For rooms: no permission is asked.
func (e *Engine) Overdue(ctx context.Context, flow, subject string) (yes bool, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		yes, err = exists(ctx, `SELECT 1 FROM process_tasks WHERE flow = ? AND subject = ? AND state = 'open' AND due_at <= ?`, flow, subject, store.Stamp(clock.Now(ctx)))
		return err
	})
	return yes, err
}

// Tardy is the SQL condition, with its arguments, that the party of the subject of a flow in a column did what it had to do first after the limit
// of that, or has not done it and the limit was over at a moment.
func Tardy(column, flow, now string) (condition string, args []any) {
	return `(SELECT 1 FROM process_tasks AS tardy WHERE tardy.flow = ? AND tardy.subject = ` + column + ` AND tardy.role = ? AND tardy.visit = 1
		AND tardy.due_at <= CASE WHEN tardy.state = 'open' THEN ? ELSE tardy.done_at END LIMIT 1) IS NOT NULL`, []any{flow, applicant, now}
}

// Asked is the SQL condition, with its arguments, that the subject of a flow in a column has or had a task of a department: such a
// department may read it. It is asked of each row that a list comes to, never of all tasks beforehand, as EXISTS may be.
func Asked(column, flow, department string) (condition string, args []any) {
	return `(SELECT 1 FROM process_tasks AS asked WHERE asked.flow = ? AND asked.subject = ` + column + ` AND asked.scope_department = ? LIMIT 1) IS NOT NULL`, []any{flow, department}
}

// askedOf is whose task of another department's subject it is, as process_tasks_asked has it: of what a department does itself nothing is read.
const askedOf = `CASE WHEN t.scope_department <> t.department THEN t.scope_department ELSE '' END`

// AskedFew are the subjects of a flow that have a number, of other departments than this one, of which it has or had a task; none of them, but
// many, when they are more than few. For rooms: no permission is asked.
func (e *Engine) AskedFew(ctx context.Context, flow, department string, few int) (subjects []string, many bool, err error) {
	const of = `SELECT DISTINCT t.subject FROM process_tasks AS t WHERE ` + askedOf + ` = ? AND ` + askedOf + ` <> '' AND t.flow = ? AND t.number <> '' LIMIT ?`
	err = store.Read(ctx, func(ctx context.Context) error {
		subjects, many = nil, false
		var n int
		err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM (`+of+`) AS asked`, department, flow, few+1).Scan(ctx, &n)
		if many = n > few; err != nil || many || n == 0 {
			return err
		}
		return store.Tx(ctx).NewRaw(of, department, flow, few).Scan(ctx, &subjects)
	})
	return subjects, many, err
}

// MoveSome moves those of some subjects of a flow that stand at stage from to stage to, and says how many did. The reason stands in each one's
// history. Invalid if a flow has no stage to.
func (e *Engine) MoveSome(ctx context.Context, flow string, subjects []string, from, to, reason string) (n int, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		n = 0
		for part := range slices.Chunk(subjects, chunk) {
			rows, err := lockSome(ctx, flow, part, from)
			if err != nil {
				return err
			}
			if err := e.lead(ctx, rows, to, reason); err != nil {
				return err
			}
			n += len(rows)
		}
		return nil
	})
	return n, err
}

// MoveOne brings a subject, one that has ended too, to a stage because of something that happened in a room, as the system. NotFound if
// there is no such subject, Invalid for a stage that its flow does not have.
func (e *Engine) MoveOne(ctx context.Context, flow, subject, to, reason string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, found, err := findInstance(ctx, flow, subject)
		if err != nil {
			return err
		}
		if !found {
			return errUnknown()
		}
		g := &going{kind: stepMove, input: Input{Reason: reason}, to: to}
		if g.row, _, err = lock(ctx, row.ID); err != nil {
			return err
		}
		g.version = g.row.Version
		if g.process, g.flow, err = e.flowOf(ctx, g.row.Definition, g.row.Flow); err != nil {
			return err
		}
		if g.flow.Stage(to) == nil {
			return fault.New(fault.Invalid, "这个流程没有要去的环节。")
		}
		_, err = e.move(ctx, []*going{g})
		return err
	})
}
