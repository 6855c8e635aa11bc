package process

import (
	"context"
	"fmt"
	"slices"

	"shanglin/internal/account"
	"shanglin/policy"
)

// Note is what somebody is told of a subject. The server makes of it a notification with a link to the subject's page.
type Note struct {
	Kind      string // task: there is something to do; stage: where it stands now; late: it is overdue; assigned: it was given to you
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
	if err := desks.tell(ctx); err != nil {
		return err
	}
	for i, g := range all {
		stage := g.flow.Stage(g.to)
		if asked[g.row.ID] || stage == nil || len(stage.AtOnce) > 0 || g.kind == stepStart && g.actor != nil {
			continue
		}
		if err := parties.tell(ctx, rows[i].subjectRow, Note{Kind: "stage", Title: stage.Title, Body: rows[i].about().name() + "：" + stage.Public}); err != nil {
			return err
		}
	}
	return nil
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

func (s speakers) of(ctx context.Context, party string) ([]string, error) {
	if party == "" {
		return nil, nil
	}
	if own, asked := s.known[party]; asked {
		return own, nil
	}
	own, err := s.e.world.Speakers(ctx, party)
	if err == nil {
		s.known[party] = own
	}
	return own, err
}

// tell tells those who speak for a subject's party, except whoever is acting.
func (s speakers) tell(ctx context.Context, about subjectRow, n Note) error {
	accounts, err := s.of(ctx, about.Party)
	if err != nil {
		return err
	}
	n.Subject, n.Applicant, n.Many = about.about(), true, 1
	return s.e.tell(ctx, accounts, n)
}

// letter is what one account is told of one task.
type letter struct {
	to, stage, task string
	first           *taskRow
	many            int
}

func (d *desks) add(ctx context.Context, t *taskRow) (err error) {
	key := desk{t.Role, t.ScopeDepartment, t.Town}
	accounts, known := d.holders[key]
	if !known {
		if accounts, err = d.e.holders(ctx, t); err != nil {
			return err
		}
		d.holders[key] = accounts
	}
	own, err := d.speakers.of(ctx, t.Party)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if slices.Contains(own, a) {
			continue
		}
		i := slices.IndexFunc(d.letters, func(l *letter) bool { return l.to == a && l.stage == t.Stage && l.task == t.Task })
		if i < 0 {
			i = len(d.letters)
			d.letters = append(d.letters, &letter{to: a, stage: t.Stage, task: t.Task, first: t})
		}
		d.letters[i].many++
	}
	return nil
}

// tell sends one note to all who are told the same.
func (d *desks) tell(ctx context.Context) error {
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
		n := Note{Kind: "task", Title: "待办理：" + l.first.TaskTitle, Body: l.first.about().name(), Subject: l.first.about(), Many: l.many}
		if l.many > 1 {
			n.Body = fmt.Sprintf("有%d件转到“%s”", l.many, l.first.StageTitle)
		}
		if err := d.e.tell(ctx, to, n); err != nil {
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
	own, err := e.world.Speakers(ctx, t.Party)
	return slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return slices.Contains(own, a) }), err
}

// tell tells accounts something, except whoever is acting.
func (e *Engine) tell(ctx context.Context, accounts []string, n Note) error {
	me := account.ActorFrom(ctx).AccountID
	accounts = slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return a == me })
	if len(accounts) == 0 {
		return nil
	}
	return e.world.Tell(ctx, accounts, n)
}

// tellLate tells whoever has to act that a task is overdue.
func (e *Engine) tellLate(ctx context.Context, t *taskRow) error {
	n := Note{Kind: "late", Title: "已逾期：" + t.TaskTitle, Body: t.about().name(), Subject: t.about(), Many: 1}
	switch {
	case t.Role == applicant:
		return speakers{e, map[string][]string{}}.tell(ctx, t.subjectRow, n)
	case t.Assignee != "":
		return e.tell(ctx, []string{t.Assignee}, n)
	}
	accounts, err := e.able(ctx, t)
	if err != nil {
		return err
	}
	return e.tell(ctx, accounts, n)
}

// titleOf is the title of a stage, or its key.
func titleOf(f *policy.Flow, stage string) string {
	if s := f.Stage(stage); s != nil {
		return s.Title
	}
	return stage
}
