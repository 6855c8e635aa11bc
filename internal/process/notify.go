package process

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Note is what somebody is told of a subject. The server makes of it a notification with a link to the subject's page.
type Note struct {
	Kind      string // task: there is something to do; stage: where it stands now; late: it is overdue; letter: it was written to; assigned: it was given to you; reminder: somebody asks for it again
	Title     string
	Body      string
	Subject   Subject
	Applicant bool // it is for those who speak for the party, whose pages are others than the desk's
	Many      int  // of how many subjects it speaks; Subject is then one of them
}

// tellMoved tells whoever may act on tasks that were opened, and those who speak for a party where their subject stands. What concerns many
// subjects is one note to each officer, and one of each subject to its party.
func (e *Engine) tellMoved(ctx context.Context, all []*going, rows []instanceRow, opened []taskRow) error {
	asked := map[string]bool{} // instances whose applicant has something to do
	parties := speakers{e, map[string][]string{}}
	desks := &desks{e: e, holders: map[desk][]string{}, speakers: parties}
	if err := parties.ask(ctx, partiesOf(all)); err != nil {
		return err
	}
	for i := range opened {
		t := &opened[i]
		if t.Role != applicant {
			if err := desks.add(ctx, t); err != nil {
				return err
			}
			continue
		}
		asked[t.Instance] = true
		if err := parties.tell(ctx, t.subjectRow, Note{Kind: "task", Title: "请办理：" + t.TaskTitle, Body: t.about().name()}); err != nil {
			return err
		}
	}
	if err := desks.tell(ctx, "task", "待办理：", "有%d件转到“%s”"); err != nil {
		return err
	}
	for i, g := range all {
		stage := g.flow.Stage(g.to)
		if asked[g.row.ID] || stage == nil || len(stage.AtOnce) > 0 || g.kind == stepStart && g.actor != nil {
			continue
		}
		body := rows[i].about().name() + "：" + stage.Public
		if writes(g.action) {
			body += "\n" + g.input.Reason
		}
		if err := parties.tell(ctx, rows[i].subjectRow, Note{Kind: "stage", Title: stage.Title, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

func partiesOf(all []*going) []string {
	out := make([]string, len(all))
	for i, g := range all {
		out[i] = g.row.Party
	}
	return out
}

// desk is who acts on a task.
type desk struct{ role, department, town string }

// desks gather what offices are told: of each task at a stage, one note to each account, however many subjects it speaks of.
type desks struct {
	e        *Engine
	holders  map[desk][]string // who acts, asked once
	speakers speakers
	letters  []*letter
}

// speakers are who speaks for parties, asked once of each.
type speakers struct {
	e     *Engine
	known map[string][]string
}

// ask asks who speaks for the parties of some subjects, all at once.
func (s speakers) ask(ctx context.Context, parties []string) error {
	var unknown []string
	for _, p := range parties {
		if _, asked := s.known[p]; p != "" && !asked {
			s.known[p] = nil
			unknown = append(unknown, p)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	own, err := s.e.world.Speakers(ctx, unknown)
	for party, accounts := range own {
		s.known[party] = accounts
	}
	return err
}

func (s speakers) of(ctx context.Context, party string) ([]string, error) {
	err := s.ask(ctx, []string{party})
	return s.known[party], err
}

// tell tells those who speak for a subject's party, except whoever is acting.
func (s speakers) tell(ctx context.Context, about subjectRow, n Note) error {
	accounts, err := s.of(ctx, about.Party)
	if err != nil {
		return err
	}
	n.Subject, n.Applicant, n.Many = about.about(), true, 1
	return s.e.Tell(ctx, accounts, n)
}

// letter is what one account is told of one task.
type letter struct {
	to, stage, task string
	first           *taskRow
	many            int
}

func (d *desks) add(ctx context.Context, t *taskRow) error {
	accounts, err := d.able(ctx, t)
	if err != nil {
		return err
	}
	d.write(t, accounts)
	return nil
}

// able are the accounts that may act on an office's task.
func (d *desks) able(ctx context.Context, t *taskRow) ([]string, error) {
	key := desk{t.Role, t.ScopeDepartment, t.Town}
	accounts, known := d.holders[key]
	if !known {
		var err error
		if accounts, err = d.e.holders(ctx, t); err != nil {
			return nil, err
		}
		d.holders[key] = accounts
	}
	own, err := d.speakers.of(ctx, t.Party)
	return slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return slices.Contains(own, a) }), err
}

// write adds a task to the letter of each of some accounts.
func (d *desks) write(t *taskRow, accounts []string) {
	for _, a := range accounts {
		i := slices.IndexFunc(d.letters, func(l *letter) bool { return l.to == a && l.stage == t.Stage && l.task == t.Task })
		if i < 0 {
			i = len(d.letters)
			d.letters = append(d.letters, &letter{to: a, stage: t.Stage, task: t.Task, first: t})
		}
		d.letters[i].many++
	}
}

// tell sends one note to all who are told the same; many is the sentence of more than one, with their number and the stage's title.
func (d *desks) tell(ctx context.Context, kind, title, many string) error {
	for len(d.letters) > 0 {
		l := d.letters[0]
		var to []string
		d.letters = slices.DeleteFunc(d.letters, func(o *letter) bool {
			same := o.first == l.first && o.many == l.many
			if same {
				to = append(to, o.to)
			}
			return same
		})
		n := Note{Kind: kind, Title: title + l.first.TaskTitle, Body: l.first.about().name(), Subject: l.first.about(), Many: l.many}
		if l.many > 1 {
			n.Body = fmt.Sprintf(many, l.many, l.first.StageTitle)
		}
		if err := d.e.Tell(ctx, to, n); err != nil {
			return err
		}
	}
	return nil
}

// noTown is a town that no grant names: who acts on what belongs to no town in particular has every town in scope.
const noTown = "-"

// holders are the accounts that have an office's task in scope, with who speaks for its party among them.
func (e *Engine) holders(ctx context.Context, t *taskRow) ([]string, error) {
	town := t.Town
	if town == "" {
		town = noTown
	}
	return e.world.Holders(ctx, account.Role(t.Role), t.ScopeDepartment, town)
}

// able are the accounts that may act on an office's task.
func (e *Engine) able(ctx context.Context, t *taskRow) ([]string, error) {
	accounts, err := e.holders(ctx, t)
	if err != nil || t.Party == "" {
		return accounts, err
	}
	own, err := speakers{e, map[string][]string{}}.of(ctx, t.Party)
	return slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return slices.Contains(own, a) }), err
}

// Tell tells accounts something, except whoever is acting.
func (e *Engine) Tell(ctx context.Context, accounts []string, n Note) error {
	me := account.ActorFrom(ctx).AccountID
	accounts = slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return a == me })
	if len(accounts) == 0 {
		return nil
	}
	return e.world.Tell(ctx, accounts, n)
}

// tellLate tells whoever has to act that tasks are overdue: each office once of all of them, each party of its own.
func (e *Engine) tellLate(ctx context.Context, all []*going) error {
	parties := speakers{e, map[string][]string{}}
	desks := &desks{e: e, holders: map[desk][]string{}, speakers: parties}
	if err := parties.ask(ctx, partiesOf(all)); err != nil {
		return err
	}
	for _, g := range all {
		t := g.task
		switch {
		case t.Role == applicant:
			if err := parties.tell(ctx, t.subjectRow, Note{Kind: "late", Title: "已逾期：" + t.TaskTitle, Body: t.about().name()}); err != nil {
				return err
			}
		case t.Assignee != "":
			desks.write(t, []string{t.Assignee})
		default:
			if err := desks.add(ctx, t); err != nil {
				return err
			}
		}
	}
	return desks.tell(ctx, "late", "已逾期：", "有%d件在“%s”逾期")
}

// Remind tells the parties of subjects of a flow once more what waits for them, and says which are late. It is silent of subjects that do
// not wait for their party. For rooms: no permission is asked.
func (e *Engine) Remind(ctx context.Context, flow string, subjects []string) error {
	for part := range slices.Chunk(subjects, lapsedAtOnce) {
		var tasks []taskRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+taskColumns+` FROM process_tasks WHERE flow = ? AND subject IN (?) AND role = ? AND state = 'open' ORDER BY id`,
			flow, bun.List(part), applicant).Scan(ctx, &tasks); err != nil {
			return err
		}
		if err := e.tellWaiting(ctx, tasks); err != nil {
			return err
		}
	}
	return nil
}

// tellWaiting tells whoever has to act on tasks that they wait, and which are late: each party of its own, each office once of all of them.
func (e *Engine) tellWaiting(ctx context.Context, tasks []taskRow) error {
	waiting := make([]*going, len(tasks))
	for i := range tasks {
		waiting[i] = &going{row: instanceRow{subjectRow: tasks[i].subjectRow}, task: &tasks[i]}
	}
	parties := speakers{e, map[string][]string{}}
	desks := &desks{e: e, holders: map[desk][]string{}, speakers: parties}
	if err := parties.ask(ctx, partiesOf(waiting)); err != nil {
		return err
	}
	for _, g := range waiting {
		t := g.task
		if t.Role != applicant {
			if t.Assignee != "" {
				desks.write(t, []string{t.Assignee})
			} else if err := desks.add(ctx, t); err != nil {
				return err
			}
			continue
		}
		title := "请尽快办理："
		if t.Late != 0 || t.DueAt <= store.Stamp(clock.Now(ctx)) {
			title = "已逾期，请尽快办理："
		}
		body := t.about().name()
		if t.Due != "" {
			body += "，最后一天是" + t.Due
		}
		if err := parties.tell(ctx, t.subjectRow, Note{Kind: "reminder", Title: title + t.TaskTitle, Body: body}); err != nil {
			return err
		}
	}
	return desks.tell(ctx, "reminder", "请尽快办理：", "有%d件在“%s”等待办理")
}

// titleOf is the title of a stage, or its key.
func titleOf(f *policy.Flow, stage string) string {
	if s := f.Stage(stage); s != nil {
		return s.Title
	}
	return stage
}
