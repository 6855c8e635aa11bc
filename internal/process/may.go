package process

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// applicant is the role of whoever speaks for the subject's party.
const applicant = "applicant"

// sight is an instance with all that is known of it, as somebody sees it.
type sight struct {
	actor   *account.Actor
	row     instanceRow
	process *policy.Process
	flow    *policy.Flow
	tasks   []taskRow
	task    *taskRow // the one that is spoken of
}

// find is one of the tasks.
func (v *sight) find(id string) *taskRow {
	for i := range v.tasks {
		if v.tasks[i].ID == id {
			return &v.tasks[i]
		}
	}
	return nil
}

// covers says whether an actor's roles and scope are those that a task is for. It may still be closed, assigned, or kept apart.
func (t *taskRow) covers(a *account.Actor) bool {
	return inScope(a, t.Role, t.ScopeDepartment, t.Town, t.Party)
}

// inScope says whether an actor acts in a role on a subject of a town and a party. A department that is empty is none in particular. A grant
// for one town does not reach a subject of another, nor one that belongs to no town, like a round: whatever a file says, nobody acts on
// what they may not read.
func inScope(a *account.Actor, role, department, town, party string) bool {
	if role == applicant {
		return a.Speaks(party)
	}
	return !a.Speaks(party) && slices.ContainsFunc(a.Grants, func(g account.Grant) bool {
		return string(g.Role) == role && (g.Department == "" || department == "" || g.Department == department) && (g.Town == "" || g.Town == town)
	})
}

// sightOf is an instance that was read, for the actor in ctx, without asking whether they may.
func (e *Engine) sightOf(ctx context.Context, row instanceRow) (*sight, error) {
	process, flow, err := e.flowOf(ctx, row.Definition, row.Flow)
	if err != nil {
		return nil, err
	}
	tasks, err := tasksOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return &sight{actor: account.ActorFrom(ctx), row: row, process: process, flow: flow, tasks: tasks[row.ID]}, nil
}

// see is sightOf for those who may: who speaks for the party, readers of the subject's department and town once it has a number, and whoever
// may act or acted on it. NotFound for others.
func (e *Engine) see(ctx context.Context, row instanceRow) (*sight, error) {
	v, err := e.sightOf(ctx, row)
	if err != nil {
		return nil, err
	}
	if v.applicant() || v.row.Number != "" && reads(v.actor, v.row.Department, v.row.Town) {
		return v, nil
	}
	for _, a := range v.flow.Always {
		if slices.Contains(a.At, v.row.Stage) && inScope(v.actor, a.Who.Role, departmentOf(a.Who, &v.row.subjectRow), v.row.Town, v.row.Party) {
			return v, nil
		}
	}
	for i := range v.tasks {
		t := &v.tasks[i]
		if t.covers(v.actor) || v.actor.Same(t.DoneBy) || v.actor.Same(t.Assignee) {
			return v, nil
		}
	}
	return nil, errUnknown()
}

// applicant says whether the actor speaks for the party: then they see what applicants see, whatever else they are.
func (v *sight) applicant() bool { return v.actor.Speaks(v.row.Party) }

// readers are the roles that read the subjects of their department and town.
var readers = []account.Role{account.RoleOfficer, account.RoleAuditor, account.RoleLeader, account.RoleFinance}

func reads(a *account.Actor, department, town string) bool {
	return slices.ContainsFunc(readers, func(r account.Role) bool {
		if r == account.RoleFinance {
			return a.Covers(r, "", town) // money is every department's
		}
		return a.Covers(r, department, town)
	})
}

// whose says why a task is none of the actor's, or nil.
func (v *sight) whose(t *taskRow) error {
	if err := v.ownFirm(t.Role); err != nil {
		return err
	}
	if !t.covers(v.actor) {
		return fault.New(fault.Forbidden, "这一步由"+t.Who+"办理，不在您的职责或范围内。")
	}
	return nil
}

// actionBy says whether the flow has an action at all, and whether some stage gives it to the actor.
func (v *sight) actionBy(key string) (known, mine bool) {
	mine = system(v.actor)
	ask := func(a *policy.Action, w policy.Who) {
		if a.Key == key {
			known = true
			mine = mine || inScope(v.actor, w.Role, departmentOf(w, &v.row.subjectRow), v.row.Town, v.row.Party)
		}
	}
	for _, s := range v.flow.Stages {
		for _, t := range s.Tasks {
			for _, a := range t.Actions {
				ask(a, t.Who)
			}
		}
	}
	for _, a := range v.flow.Always {
		ask(a, a.Who)
	}
	return known, mine
}

// mayDo says why the actor may not act on an open task, or nil.
func (e *Engine) mayDo(ctx context.Context, v *sight, t *taskRow) error {
	if err := v.whose(t); err != nil {
		return err
	}
	if t.Assignee != "" && !v.actor.Same(t.Assignee) && !system(v.actor) {
		name, err := e.name(ctx, t.Assignee)
		if err != nil {
			return err
		}
		return fault.New(fault.Forbidden, "这一件已分派给"+name+"；要由您办理，请先改派。")
	}
	return e.conflicts(ctx, v, t.Role)
}

// mayAlways says why the actor may not take an action of the whole instance, or nil.
func (e *Engine) mayAlways(ctx context.Context, v *sight, a *policy.Action) error {
	if err := v.ownFirm(a.Who.Role); err != nil {
		return err
	}
	if !inScope(v.actor, a.Who.Role, departmentOf(a.Who, &v.row.subjectRow), v.row.Town, v.row.Party) {
		return fault.New(fault.Forbidden, "“"+a.Title+"”由"+labelOf(a.Who)+"办理，不在您的职责或范围内。")
	}
	return e.conflicts(ctx, v, a.Who.Role)
}

// ownFirm refuses an office's work on a party that the actor speaks for.
func (v *sight) ownFirm(role string) error {
	if role != applicant && v.applicant() {
		return fault.New(fault.Forbidden, "您是这个主体的经办人，不能以工作人员的身份办理它的事。")
	}
	return nil
}

// conflicts refuses an office's work on what the actor is concerned with otherwise: a round with a live case of a party that they speak for,
// and a stage that the file keeps apart from one at which they acted.
func (e *Engine) conflicts(ctx context.Context, v *sight, role string) error {
	if role == applicant || system(v.actor) {
		return nil
	}
	if parties := v.actor.Parties(); len(parties) > 0 {
		own, err := exists(ctx, `SELECT 1 FROM process_instances WHERE round = ? AND round <> '' AND flow <> ? AND outcome = '' AND party IN (?)`,
			v.row.Subject, v.row.Flow, bun.List(parties))
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "这一批中有您经办的主体，请由他人办理。")
		}
	}
	for _, others := range apart(v.process, v.flow, v.row.Stage) {
		acted, err := actedAt(ctx, v, others, true)
		if err != nil {
			return err
		}
		if acted {
			who := "您或代您办理的人"
			if v.actor.For != nil {
				who = "您或" + v.actor.For.Name
			} else if own, err := actedAt(ctx, v, others, false); err != nil {
				return err
			} else if own {
				who = "您"
			}
			return fault.New(fault.Forbidden, who+"已办理过“"+others.titles()+"”，按流程不能再由您办理这一步。")
		}
	}
	return nil
}

// others are stages of one flow that are kept apart from the one at hand.
type others struct {
	flow   *policy.Flow
	stages []string
}

func (o others) titles() string {
	var out []string
	for _, key := range o.stages {
		out = append(out, o.flow.Stage(key).Title)
	}
	return strings.Join(out, "、")
}

// apart lists the stages that a file keeps apart from one stage of a flow, by flow. A group may name stages of another flow.
func apart(p *policy.Process, f *policy.Flow, stage string) (out []others) {
	home := func(first *policy.Flow, key string) *policy.Flow {
		if first.Stage(key) != nil {
			return first
		}
		for _, o := range p.Flows {
			if o.Stage(key) != nil {
				return o
			}
		}
		return nil
	}
	add := func(flow *policy.Flow, key string) {
		for i := range out {
			if out[i].flow == flow {
				if !slices.Contains(out[i].stages, key) {
					out[i].stages = append(out[i].stages, key)
				}
				return
			}
		}
		out = append(out, others{flow, []string{key}})
	}
	for _, owner := range p.Flows {
		for _, group := range owner.Apart {
			if !slices.ContainsFunc(group, func(key string) bool { return key == stage && home(owner, key) == f }) {
				continue
			}
			for _, key := range group {
				if flow := home(owner, key); flow != nil && (flow != f || key != stage) {
					add(flow, key)
				}
			}
		}
	}
	return out
}

// actedAt says whether the actor acted at one of the stages: on the same instance; on a live case of it, if it is a round; on its round, if
// it is a case. orStead: what was done in somebody's stead counts for both, and who acts in somebody's stead is held to what either of the two did.
func actedAt(ctx context.Context, v *sight, o others, orStead bool) (bool, error) {
	persons := bun.List(v.actor.Persons())
	who, args := `s.actor IN (?)`, []any{persons}
	if orStead {
		who, args = `(s.actor IN (?) OR s.stead IN (?))`, []any{persons, persons}
	}
	if o.flow == v.flow {
		return exists(ctx, `SELECT 1 FROM process_steps AS s WHERE s.instance = ? AND s.kind = 'act' AND s.from_stage IN (?) AND `+who,
			append([]any{v.row.ID, bun.List(o.stages)}, args...)...)
	}
	return exists(ctx, `SELECT 1 FROM process_instances AS c JOIN process_steps AS s ON s.instance = c.id
		WHERE c.flow = ? AND (c.round = ? AND c.round <> '' AND c.outcome = '' OR c.subject = ?)
		AND s.kind = 'act' AND s.from_stage IN (?) AND `+who, append([]any{o.flow.Key, v.row.Subject, v.row.Round, bun.List(o.stages)}, args...)...)
}

// system says whether the actor is the installation itself.
func system(a *account.Actor) bool { return a.AccountID == account.SystemID }

// first is the answer to somebody who was not first: who was, when, and where it stands now.
func (e *Engine) first(ctx context.Context, v *sight) error {
	var steps []stepRow
	last := `SELECT ` + stepColumns + ` FROM process_steps WHERE instance = ? AND kind <> 'overdue' `
	if v.applicant() { // what offices do among themselves is not theirs to know
		last += `AND (to_stage <> '' OR role = 'applicant') `
	}
	if v.task != nil && v.task.State != stateClosed {
		if err := store.Tx(ctx).NewRaw(last+`AND task = ? ORDER BY seq DESC LIMIT 1`, v.row.ID, v.task.ID).Scan(ctx, &steps); err != nil {
			return err
		}
	}
	if len(steps) == 0 {
		if err := store.Tx(ctx).NewRaw(last+`ORDER BY seq DESC LIMIT 1`, v.row.ID).Scan(ctx, &steps); err != nil {
			return err
		}
	}
	stands := "，现处于“" + titleOf(v.flow, v.row.Stage) + "”。"
	if len(steps) == 0 {
		return fault.New(fault.Conflict, "这一件刚刚有了变化"+stands)
	}
	s := &steps[0]
	by, err := e.byOf(ctx, v, s, nil)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, by+"已于"+when(s.At)+s.did()+stands)
}

// when is a moment as a sentence says it.
func when(stamp string) string {
	return clock.Shown(stamp)
}

// did is what a step did, after who and when.
func (s *stepRow) did() string {
	switch s.Kind {
	case stepAssign:
		return "改派了这一件"
	case stepRelease:
		return "收回了分派"
	case stepMove:
		return "转办了这一件"
	case stepStart:
		return "发起了这一件"
	}
	return "办理了“" + s.ActionTitle + "”"
}

// byOf is who did a step, as the viewer may know it: a name for those who work here, the office for applicants.
func (e *Engine) byOf(ctx context.Context, v *sight, s *stepRow, names map[string]string) (string, error) {
	switch {
	case s.Actor == account.SystemID || s.Actor == "":
		return "系统", nil
	case s.Actor == v.actor.AccountID:
		return "您", nil
	case v.applicant():
		if s.Who == "" {
			return "工作人员", nil
		}
		return s.Who, nil
	case names != nil:
		if names[s.Actor] != "" {
			return names[s.Actor], nil
		}
		return "已注销的账号", nil
	}
	return e.name(ctx, s.Actor)
}

// name is a person's name.
func (e *Engine) name(ctx context.Context, id string) (string, error) {
	names, err := e.world.Names(ctx, []string{id})
	if err != nil {
		return "", err
	}
	if names[id] == "" {
		return "已注销的账号", nil
	}
	return names[id], nil
}

func logFailure(ctx context.Context, err error) {
	if !errors.Is(err, context.Canceled) {
		slog.ErrorContext(ctx, "an action failed", "error", err)
	}
}
