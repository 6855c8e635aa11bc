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
	desks := &desks{e: e, holders: map[desk][]string{}, speakers: map[string][]string{}}
	for i := range opened {
		t := &opened[i]
		if t.Role != applicant {
			if err := desks.add(ctx, t); err != nil {
				return err
			}
			continue
		}
		asked[t.Instance] = true
		if err := e.tellParty(ctx, t.subjectRow, Note{Kind: "task", Title: "请办理：" + t.TaskTitle, Body: t.about().name()}); err != nil {
			return err
		}
	}
	if err := desks.tell(ctx); err != nil {
		return err
	}
	for i, g := range all {
		stage := g.flow.Stage(g.to)
		if asked[g.row.ID] || stage == nil || g.kind == stepStart && g.actor != nil {
			continue
		}
		if err := e.tellParty(ctx, rows[i].subjectRow, Note{Kind: "stage", Title: stage.Title, Body: rows[i].about().name() + "：" + stage.Public}); err != nil {
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
	holders  map[desk][]string   // who acts, asked once
	speakers map[string][]string // who speaks for a party, asked once
	letters  []*letter
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
	own, known := d.speakers[t.Party]
	if !known && t.Party != "" {
		if own, err = d.e.world.Speakers(ctx, t.Party); err != nil {
			return err
		}
		d.speakers[t.Party] = own
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

// tellParty tells those who speak for a subject's party, except whoever is acting.
func (e *Engine) tellParty(ctx context.Context, s subjectRow, n Note) error {
	if s.Party == "" {
		return nil
	}
	accounts, err := e.world.Speakers(ctx, s.Party)
	if err != nil {
		return err
	}
	n.Subject, n.Applicant, n.Many = s.about(), true, 1
	return e.tell(ctx, accounts, n)
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
		return e.tellParty(ctx, t.subjectRow, n)
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
