package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// going is a change of one instance, whose row is locked, and what is written of it.
type going struct {
	row     instanceRow // as it stood before
	process *policy.Process
	flow    *policy.Flow
	task    *taskRow         // nil: the change is of the whole instance
	rule    *policy.TaskRule // of the task
	action  *policy.Action
	kind    string
	actor   *account.Actor // nil: the clock or the system
	role    string         // in which role the actor acts
	who     string         // what the file calls that
	version int64          // that the actor had seen
	input   Input
	to      string // the stage that it leads to; empty: it stays
}

// by is the account that the history names.
func (g *going) by() string {
	if g.actor == nil {
		return account.SystemID
	}
	return g.actor.AccountID
}

func (g *going) step(seq int64, at string) stepRow {
	s := stepRow{Instance: g.row.ID, Seq: seq, At: at, Kind: g.kind, Actor: g.by(), Role: g.role, Who: g.who, Version: g.version,
		FromStage: g.row.Stage, ToStage: g.to, Reason: g.input.Reason, Data: string(g.input.Data)}
	if g.kind == stepStart {
		s.FromStage = ""
	}
	if g.actor != nil && g.actor.For != nil {
		s.Stead = g.actor.For.AccountID
	}
	if g.task != nil {
		s.Task, s.TaskTitle = g.task.ID, g.task.TaskTitle
	}
	if g.action != nil {
		s.Action, s.ActionTitle = g.action.Key, g.action.Title
	}
	return s
}

func (g *going) logged() logged {
	l := logged{Flow: g.row.Flow, Subject: g.row.Subject, From: g.row.Stage, To: g.to}
	if g.task != nil {
		l.Task = g.task.Task
	}
	if g.action != nil {
		l.Action = g.action.Key
	}
	return l
}

// ruleOf is a task's rule in the file, or nil.
func ruleOf(f *policy.Flow, stage, task string) *policy.TaskRule {
	if s := f.Stage(stage); s != nil {
		for _, t := range s.Tasks {
			if t.Key == task {
				return t
			}
		}
	}
	return nil
}

// actionOf is an action of a task by its key, or nil.
func actionOf(t *policy.TaskRule, key string) *policy.Action {
	for _, a := range t.Actions {
		if a.Key == key {
			return a
		}
	}
	return nil
}

// errLost says that a task which was read under the lock of its instance was not so any more: somebody wrote to it without the lock.
var errLost = errors.New("process: a task was changed without its instance")

// errTangled says that a room's effect moved the very instance whose action it belongs to.
var errTangled = errors.New("process: an effect acted on the instance that it belongs to")

// take does what an action says: takes the task, asks the guards, brings the effects about and moves the instance. The instance is
// locked and the actor is allowed.
func (e *Engine) take(ctx context.Context, g *going) (Instance, error) {
	if g.task != nil {
		if err := claim(ctx, []*going{g}, store.Stamp(clock.Now(ctx))); err != nil {
			return Instance{}, err
		}
	}
	if err := e.bring(ctx, g); err != nil {
		return Instance{}, err
	}
	if g.to == "" {
		return e.stay(ctx, g)
	}
	rows, err := e.move(ctx, []*going{g})
	if err != nil {
		return Instance{}, err
	}
	return rows[0].instance(), nil
}

// takeAll is take for actions of several instances, each at a task, all or none; each office is told once of all of them.
func (e *Engine) takeAll(ctx context.Context, all []*going) error {
	if err := claim(ctx, all, store.Stamp(clock.Now(ctx))); err != nil {
		return err
	}
	var moving []*going
	for _, g := range all {
		if err := e.bring(ctx, g); err != nil {
			return err
		}
		if g.to != "" {
			moving = append(moving, g)
		} else if _, err := e.stay(ctx, g); err != nil {
			return err
		}
	}
	if len(moving) == 0 {
		return nil
	}
	_, err := e.move(ctx, moving)
	return err
}

// parallel says whether the task of a change is one of several at its stage.
func (g *going) parallel() bool { return g.task != nil && len(g.flow.Stage(g.row.Stage).Tasks) > 1 }

// bring asks the guards of an action whose task is taken, brings the effects about and says in g.to where it leads; empty: it stays.
func (e *Engine) bring(ctx context.Context, g *going) error {
	if g.task != nil {
		g.role, g.who = g.task.Role, g.task.Who
	}
	m := e.moveOf(ctx, g)
	if err := e.timely(ctx, g.flow, &g.row, g.action); err != nil {
		return err
	}
	if err := e.ask(ctx, m); err != nil {
		return err
	}
	if err := e.bringAbout(ctx, m); err != nil {
		return err
	}
	if g.action.Extends != nil {
		if err := e.extend(ctx, g); err != nil {
			return err
		}
	}
	if g.to = g.action.To; g.to == "" && g.parallel() {
		open, err := exists(ctx, `SELECT 1 FROM process_tasks WHERE instance = ? AND state = 'open'`, g.row.ID)
		if err != nil {
			return err
		}
		if !open {
			return e.join(ctx, g, m)
		}
	}
	return nil
}

// join says where an instance goes whose parallel tasks are all done.
func (e *Engine) join(ctx context.Context, g *going, m Move) error {
	stage := g.flow.Stage(g.row.Stage)
	if stage.Joint == nil {
		g.to = stage.Then
		return nil
	}
	result, err := e.joined[g.row.Flow](ctx, m)
	if err != nil {
		return err
	}
	if result == policy.JointWaits {
		return errors.New("process: every task of a joint review is done, and an opinion is missing")
	}
	g.to = stage.Leads(result)
	return nil
}

// bringAbout runs the effects of an action.
func (e *Engine) bringAbout(ctx context.Context, m Move) error {
	flow := m.Instance.Subject.Flow
	doing := underWay(ctx)
	doing[m.Instance.ID] = true
	defer delete(doing, m.Instance.ID)
	for _, do := range m.Action.Do {
		fn := e.effect(flow, do.Name)
		if fn == nil {
			return fmt.Errorf("process: nobody implements the effect %s of %s", do.Name, flow)
		}
		m.Args = do.Args
		if err := fn(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// atOnce takes what the system does at a stage as soon as an instance has come there: the first action whose guards hold, as the system,
// whoever led it there. Why the ones before it were not taken stands in its step. It gives the row as it stands then.
func (e *Engine) atOnce(ctx context.Context, came *going, row instanceRow, stage *policy.Stage) (instanceRow, error) {
	ctx = account.System(ctx)
	g := &going{row: row, process: came.process, flow: came.flow, kind: stepAct, who: roleWords["system"], version: row.Version}
	var why []string
	for i, a := range stage.AtOnce {
		g.action, g.to = a, a.To
		m := e.moveOf(ctx, g)
		if err := e.ask(ctx, m); err != nil {
			code := fault.CodeOf(err)
			if i == len(stage.AtOnce)-1 || code != fault.Conflict && code != fault.Invalid {
				return row, err
			}
			why = append(why, fault.Public(err).Message)
			continue
		}
		g.input.Reason = clipped(strings.Join(why, "；"))
		m.Input = g.input
		if err := e.bringAbout(ctx, m); err != nil {
			return row, err
		}
		break
	}
	rows, err := e.move(ctx, []*going{g})
	if err != nil {
		return row, err
	}
	return rows[0], nil
}

// clipped is a reason that the system gives, as long as one may be.
func clipped(text string) string {
	if r := []rune(text); len(r) > maxReason {
		return string(r[:maxReason])
	}
	return text
}

type underWayKey struct{}

// underWay are the instances whose action brings its effects about in this transaction: they are locked, and the step that ends the action
// logs them as they stand then.
func underWay(ctx context.Context) map[string]bool {
	return store.Local(ctx, underWayKey{}, func() map[string]bool { return map[string]bool{} })
}

// moveOf is what guards and effects are told of a change.
func (e *Engine) moveOf(ctx context.Context, g *going) Move {
	m := Move{Instance: g.row.instance(), Action: g.action, From: g.row.Stage, To: g.row.Stage, Input: g.input, Actor: g.actor}
	if g.action != nil && g.action.To != "" {
		m.To = g.action.To
	}
	if g.task != nil {
		t := e.task(ctx, g.task, g.flow)
		m.Task = &t
	}
	return m
}

// ask runs the guards of an action.
func (e *Engine) ask(ctx context.Context, m Move) error {
	for _, name := range m.Action.If {
		fn := e.guard(m.Instance.Subject.Flow, name)
		if fn == nil {
			return fmt.Errorf("process: nobody implements the guard %s of %s", name, m.Instance.Subject.Flow)
		}
		if err := fn(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// stay writes an action that leaves the instance at its stage.
func (e *Engine) stay(ctx context.Context, g *going) (Instance, error) {
	row, ok, err := one[instanceRow](ctx, `UPDATE process_instances SET version = version + 1 WHERE id = ? AND version = ? RETURNING `+instanceColumns, g.row.ID, g.row.Version)
	if err != nil {
		return Instance{}, err
	}
	if !ok {
		return Instance{}, errTangled
	}
	if err := e.note(ctx, []*going{g}, []instanceRow{row}, g.kind); err != nil {
		return row.instance(), err
	}
	if err := e.draft(ctx, g, &row); err != nil || !writes(g.action) {
		return row.instance(), err
	}
	return row.instance(), speakers{e, map[string][]string{}}.tell(ctx, row.subjectRow, Note{Kind: "letter", Title: g.action.Title, Body: row.about().name() + "：" + g.input.Reason})
}

// note writes a step of each of some instances, whose rows are as they stand now, and the audit events with them.
func (e *Engine) note(ctx context.Context, all []*going, rows []instanceRow, action string) error {
	ids := make([]string, len(all))
	for i, g := range all {
		ids[i] = g.row.ID
	}
	before, err := stepsOf(ctx, ids...)
	if err != nil {
		return err
	}
	at := store.Stamp(clock.Now(ctx))
	steps, data := make([]stepRow, len(all)), make(map[string]logged, len(all))
	for i, g := range all {
		steps[i], data[g.row.ID] = g.step(after(before[g.row.ID]), at), g.logged()
		before[g.row.ID] = append(before[g.row.ID], steps[i])
	}
	if err := insert(ctx, steps); err != nil {
		return err
	}
	return recordOf(ctx, action, data, atHand{rows, before})
}

// after is the number of the step that follows some.
func after(steps []stepRow) int64 {
	if len(steps) == 0 {
		return 1
	}
	return steps[len(steps)-1].Seq + 1
}

// move leads instances to other stages: their open tasks are closed, those of the new stages opened, steps and audit events written, and
// whoever has to act is told. It gives the rows as they stand then, in the same order.
func (e *Engine) move(ctx context.Context, all []*going) (out []instanceRow, err error) {
	var opened []taskRow
	for part := range slices.Chunk(all, chunk) {
		rows, tasks, err := e.moveSome(ctx, part)
		if err != nil {
			return nil, err
		}
		out, opened = append(out, rows...), append(opened, tasks...)
	}
	if err := e.arrived(ctx, all, out); err != nil {
		return nil, err
	}
	if err := e.tellMoved(ctx, all, out, opened); err != nil {
		return nil, err
	}
	for i, g := range all {
		if stage := g.flow.Stage(out[i].Stage); len(stage.AtOnce) > 0 {
			if out[i], err = e.atOnce(ctx, g, out[i], stage); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// arrived lets the rooms of subjects follow where they have come to, and the documents be drafted that the actions name.
func (e *Engine) arrived(ctx context.Context, all []*going, rows []instanceRow) error {
	moves := map[string][]Move{}
	for i, g := range all {
		flow := rows[i].Flow
		if e.moved[flow] == nil {
			continue
		}
		m := e.moveOf(ctx, g)
		m.Instance, m.To = rows[i].instance(), rows[i].Stage
		if g.kind == stepStart {
			m.From = ""
		}
		moves[flow] = append(moves[flow], m)
	}
	for flow, some := range moves {
		if err := e.moved[flow](ctx, some); err != nil {
			return err
		}
	}
	for i, g := range all {
		if err := e.draft(ctx, g, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// draft lets the document that an action names be drafted.
func (e *Engine) draft(ctx context.Context, g *going, row *instanceRow) error {
	if g.action == nil || g.action.Document == "" {
		return nil
	}
	m := e.moveOf(ctx, g)
	m.Instance, m.To = row.instance(), row.Stage
	return e.drafts[row.Flow](ctx, m)
}

func (e *Engine) moveSome(ctx context.Context, some []*going) (rows []instanceRow, opened []taskRow, err error) {
	now := clock.Now(ctx)
	at := store.Stamp(now)
	ids := make([]string, len(some))
	for i, g := range some {
		ids[i] = g.row.ID
	}
	steps, err := stepsOf(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	if _, err := change(ctx, `UPDATE process_tasks SET state = 'closed', done_at = ?, version = version + 1 WHERE instance IN (?) AND state = 'open'`, at, bun.List(ids)); err != nil {
		return nil, nil, err
	}
	moved, err := moveRows(ctx, some, at)
	if err != nil {
		return nil, nil, err
	}
	var written []stepRow
	data := map[string]logged{}
	for _, g := range some {
		stage, row := g.flow.Stage(g.to), moved[g.row.ID]
		rows = append(rows, row)
		step := g.step(after(steps[row.ID]), at)
		steps[row.ID] = append(steps[row.ID], step)
		more, err := e.open(ctx, &row, g.flow, stage, now, steps[row.ID])
		if err != nil {
			return nil, nil, err
		}
		opened, written = append(opened, more...), append(written, step)
		data[row.ID] = g.logged()
	}
	if err := insert(ctx, opened); err != nil {
		return nil, nil, err
	}
	if err := insert(ctx, written); err != nil {
		return nil, nil, err
	}
	return rows, opened, recordOf(ctx, some[0].kind, data, atHand{rows, steps})
}

// moveRows lets instances stand where their changes lead, those that go to one stage in one statement, and gives their rows as they are then.
func moveRows(ctx context.Context, some []*going, at string) (map[string]instanceRow, error) {
	type way struct{ stage, ends string }
	ways, seen := map[way][]string{}, map[string]int64{}
	var order []way
	for _, g := range some {
		stage := g.flow.Stage(g.to)
		if stage == nil {
			return nil, fmt.Errorf("process: the file %s has no stage for where it leads", g.row.Definition)
		}
		w := way{stage.Key, stage.Ends}
		if ways[w] == nil {
			order = append(order, w)
		}
		ways[w] = append(ways[w], g.row.ID)
		seen[g.row.ID] = g.row.Version
	}
	out := make(map[string]instanceRow, len(some))
	for _, w := range order {
		var rows []instanceRow
		if err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET stage = ?, since = ?, version = version + 1, visit = visit + 1, outcome = ? WHERE id IN (?)
			RETURNING `+instanceColumns, w.stage, at, w.ends, bun.List(ways[w])).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Version == seen[r.ID]+1 {
				out[r.ID] = r
			}
		}
	}
	if len(out) != len(some) {
		return nil, errTangled
	}
	return out, nil
}

// open makes the tasks of the stage that an instance has come to; steps are those that led there. A task's version begins with the
// instance's, so that a page of an earlier visit names no task of this one.
func (e *Engine) open(ctx context.Context, row *instanceRow, flow *policy.Flow, stage *policy.Stage, now time.Time, steps []stepRow) ([]taskRow, error) {
	var out []taskRow
	for _, rule := range stage.Tasks {
		t := taskRow{ID: store.NewID(), Instance: row.ID, Visit: row.Visit, Stage: stage.Key, StageTitle: stage.Title, Task: rule.Key, TaskTitle: rule.Title,
			Role: rule.Who.Role, Who: labelOf(rule.Who), State: stateOpen, Version: row.Version, OpenedAt: store.Stamp(now), Definition: row.Definition, subjectRow: row.subjectRow}
		t.ScopeDepartment = departmentOf(rule.Who, &row.subjectRow)
		var err error
		if t.clockRow, err = e.clockOf(ctx, flow, row, stage.Key, rule, steps); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// departmentOf is the department that somebody must have in scope to act on a subject; empty: any.
func departmentOf(w policy.Who, s *subjectRow) string {
	if w.Department == "scheme" {
		return s.Department
	}
	return w.Department
}

var roleWords = map[string]string{"applicant": "申请人", "officer": "经办人", "leader": "负责人", "finance": "财务", "administrator": "管理员", "system": "系统"}

// labelOf is what people call who acts.
func labelOf(w policy.Who) string {
	if w.Label != "" {
		return w.Label
	}
	return roleWords[w.Role]
}

// unlike says whether two inputs differ.
func unlike(s *stepRow, in Input) bool {
	return s.Reason != in.Reason || s.Data != string(in.Data)
}

// dataOf checks that data is JSON and writes it one way.
func dataOf(data json.RawMessage) (json.RawMessage, bool) {
	if len(data) == 0 || string(data) == "null" {
		return nil, true
	}
	var b bytes.Buffer
	if len(data) > maxData || json.Compact(&b, data) != nil {
		return nil, false
	}
	return b.Bytes(), true
}

// maxData is how many bytes of data an action takes: attachments are named, not sent.
const maxData = 256 << 10
