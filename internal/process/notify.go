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
// subjects is one note to an office, and one to each party.
func (e *Engine) tellMoved(ctx context.Context, all []*going, rows []instanceRow, opened []taskRow) error {
	type desk struct{ role, department, town, stage, task string }
	var desks []desk
	byDesk := map[desk][]*taskRow{}
	asked := map[string]bool{} // instances whose applicant has something to do
	for i := range opened {
		t := &opened[i]
		if t.Role == applicant {
			asked[t.Instance] = true
			if err := e.tellParty(ctx, t.subjectRow, Note{Kind: "task", Title: "请办理：" + t.TaskTitle, Body: t.about().name()}); err != nil {
				return err
			}
			continue
		}
		d := desk{t.Role, t.ScopeDepartment, t.Town, t.StageTitle, t.TaskTitle}
		if byDesk[d] == nil {
			desks = append(desks, d)
		}
		byDesk[d] = append(byDesk[d], t)
	}
	for _, d := range desks {
		tasks := byDesk[d]
		n := Note{Kind: "task", Title: "待办理：" + d.task, Body: tasks[0].about().name(), Subject: tasks[0].about(), Many: len(tasks)}
		if len(tasks) > 1 {
			n.Body = fmt.Sprintf("有%d件转到“%s”", len(tasks), d.stage)
		}
		if err := e.tellOffice(ctx, tasks[0], n); err != nil {
			return err
		}
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

// tellOffice tells those who may act on a task, except whoever is acting and who speaks for the party.
func (e *Engine) tellOffice(ctx context.Context, t *taskRow, n Note) error {
	accounts, err := e.holders(ctx, t, n.Many <= 1)
	if err != nil {
		return err
	}
	return e.tell(ctx, accounts, n)
}

// noTown is a town that no grant names: who acts on what belongs to no town in particular has every town in scope.
const noTown = "-"

// holders are the accounts that may act on an office's task.
func (e *Engine) holders(ctx context.Context, t *taskRow, ofOne bool) ([]string, error) {
	town := t.Town
	if town == "" {
		town = noTown
	}
	accounts, err := e.world.Holders(ctx, account.Role(t.Role), t.ScopeDepartment, town)
	if err != nil || t.Party == "" || !ofOne {
		return accounts, err
	}
	own, err := e.world.Speakers(ctx, t.Party)
	return slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return slices.Contains(own, a) }), err
}

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
	return e.tellOffice(ctx, t, n)
}

// titleOf is the title of a stage, or its key.
func titleOf(f *policy.Flow, stage string) string {
	if s := f.Stage(stage); s != nil {
		return s.Title
	}
	return stage
}
