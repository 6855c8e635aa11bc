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

// Telling is a note and the accounts that are told it.
type Telling struct {
	To []string
	Note
}

// tellMoved tells whoever may act on tasks that were opened, and those who speak for a party where their subject stands. What concerns many
// subjects is one note to each officer, and one of each subject to its party.
func (e *Engine) tellMoved(ctx context.Context, all []*going, rows []instanceRow, opened []taskRow) error {
	asked := map[string]bool{} // instances whose applicant has something to do
	parties := speakers{e, map[string][]string{}}
	desks := newDesks(e, parties)
	if err := parties.ask(ctx, partiesOf(all)); err != nil {
		return err
	}
	var out []Telling
	for i := range opened {
		t := &opened[i]
		if t.Role != applicant {
			desks.add(t)
			continue
		}
		asked[t.Instance] = true
		out = append(out, parties.telling(t.subjectRow, Note{Kind: "task", Title: "请办理：" + t.TaskTitle, Body: t.about().name()}))
	}
	offices, err := desks.tellings(ctx, "task", "待办理：", "有%d件转到“%s”")
	if err != nil {
		return err
	}
	out = append(out, offices...)
	for i, g := range all {
		stage := g.flow.Stage(g.to)
		if asked[g.row.ID] || stage == nil || len(stage.AtOnce) > 0 || g.kind == stepStart && g.actor != nil {
			continue
		}
		body := rows[i].about().name() + "：" + stage.Public
		if writes(g.action) {
			body += "\n" + g.input.Reason
		}
		out = append(out, parties.telling(rows[i].subjectRow, Note{Kind: "stage", Title: stage.Title, Body: body}))
	}
	return e.tellAll(ctx, out)
}

func partiesOf(all []*going) []string {
	out := make([]string, len(all))
	for i, g := range all {
		out[i] = g.row.Party
	}
	return out
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

// telling is a note of a subject to those who speak for its party, who were asked for.
func (s speakers) telling(about subjectRow, n Note) Telling {
	n.Subject, n.Applicant, n.Many = about.about(), true, 1
	return Telling{s.known[about.Party], n}
}

// tell tells those who speak for a subject's party, except whoever is acting.
func (s speakers) tell(ctx context.Context, about subjectRow, n Note) error {
	if err := s.ask(ctx, []string{about.Party}); err != nil {
		return err
	}
	return s.e.tellAll(ctx, []Telling{s.telling(about, n)})
}

// desk is who acts on a task at a stage.
type desk struct{ role, department, town, stage, task string }

// topic is what one account is told of: a task at a stage.
type topic struct{ to, stage, task string }

// letter is what one account is told of a topic: of how many subjects, and the first of them.
type letter struct {
	topic
	first *taskRow
	many  int
}

// desks gather what offices are told: of each task at a stage, one note to each account, however many subjects it speaks of.
type desks struct {
	e        *Engine
	speakers speakers
	order    []desk
	tasks    map[desk][]*taskRow
	given    []*taskRow // to one account each
	letters  []*letter
	of       map[topic]*letter
}

func newDesks(e *Engine, s speakers) *desks {
	return &desks{e: e, speakers: s, tasks: map[desk][]*taskRow{}, of: map[topic]*letter{}}
}

// add gives a task to its desk.
func (d *desks) add(t *taskRow) {
	key := desk{t.Role, t.ScopeDepartment, t.Town, t.Stage, t.Task}
	if d.tasks[key] == nil {
		d.order = append(d.order, key)
	}
	d.tasks[key] = append(d.tasks[key], t)
}

// addOpen is add for a task that may have been assigned to somebody, whom alone it concerns then.
func (d *desks) addOpen(t *taskRow) {
	if t.Assignee == "" {
		d.add(t)
		return
	}
	d.given = append(d.given, t)
}

// write adds to what an account is told of a topic.
func (d *desks) write(account string, first *taskRow, many int) {
	key := topic{account, first.Stage, first.Task}
	l := d.of[key]
	if l == nil {
		l = &letter{topic: key, first: first}
		d.of[key], d.letters = l, append(d.letters, l)
	}
	l.many += many
}

// writeAll writes to whoever acts at the desks. Who speaks for a party is not told of its subjects as an officer.
func (d *desks) writeAll(ctx context.Context) error {
	var parties []string
	for _, key := range d.order {
		for _, t := range d.tasks[key] {
			parties = append(parties, t.Party)
		}
	}
	if err := d.speakers.ask(ctx, parties); err != nil {
		return err
	}
	for _, key := range d.order {
		tasks := d.tasks[key]
		accounts, err := d.e.holders(ctx, tasks[0])
		if err != nil {
			return err
		}
		own := map[string]bool{}
		for _, t := range tasks {
			for _, a := range d.speakers.known[t.Party] {
				own[a] = true
			}
		}
		for _, a := range accounts {
			if !own[a] {
				d.write(a, tasks[0], len(tasks))
				continue
			}
			for _, t := range tasks {
				if !slices.Contains(d.speakers.known[t.Party], a) {
					d.write(a, t, 1)
				}
			}
		}
	}
	for _, t := range d.given {
		d.write(t.Assignee, t, 1)
	}
	return nil
}

// tellings are the notes of all desks, one to all who are told the same; many is the sentence of more than one, with their number and the
// stage's title. In a sweep the number is that of all that the sweep has come to so far.
func (d *desks) tellings(ctx context.Context, kind, title, many string) ([]Telling, error) {
	if err := d.writeAll(ctx); err != nil {
		return nil, err
	}
	type words struct {
		first *taskRow
		many  int
	}
	var out []Telling
	at := map[words]int{}
	sofar := countedBefore(ctx, kind, d.letters)
	for _, l := range d.letters {
		w := words{l.first, l.many + sofar[l.topic]}
		i, known := at[w]
		if !known {
			i = len(out)
			n := Note{Kind: kind, Title: title + l.first.TaskTitle, Body: l.first.about().name(), Subject: l.first.about(), Many: w.many}
			if w.many > 1 {
				n.Body = fmt.Sprintf(many, w.many, l.first.StageTitle)
			}
			at[w], out = i, append(out, Telling{Note: n})
		}
		out[i].To = append(out[i].To, l.to)
	}
	return out, nil
}

type tallyKey struct{}

// tally is of how many subjects a sweep, which is many transactions, has told each account so far.
type tally map[string]map[topic]int

// withTally begins to count. Not for transactions at the same time.
func withTally(ctx context.Context) context.Context {
	return context.WithValue(ctx, tallyKey{}, tally{})
}

// countedBefore is of how many subjects the sweep of ctx has told accounts before; those of these letters count from the commit on.
func countedBefore(ctx context.Context, kind string, letters []*letter) map[topic]int {
	all, counting := ctx.Value(tallyKey{}).(tally)
	if !counting || len(letters) == 0 {
		return nil
	}
	if all[kind] == nil {
		all[kind] = map[topic]int{}
	}
	store.AfterCommit(ctx, func(context.Context) {
		for _, l := range letters {
			all[kind][l.topic] += l.many
		}
	})
	return all[kind]
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
	own, err := e.world.Speakers(ctx, []string{t.Party})
	return slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return slices.Contains(own[t.Party], a) }), err
}

// Tell tells accounts something, except whoever is acting.
func (e *Engine) Tell(ctx context.Context, accounts []string, n Note) error {
	return e.tellAll(ctx, []Telling{{accounts, n}})
}

// tellAll is Tell of several notes at once.
func (e *Engine) tellAll(ctx context.Context, all []Telling) error {
	me := account.ActorFrom(ctx).AccountID
	out := make([]Telling, 0, len(all))
	for _, t := range all {
		t.To = slices.DeleteFunc(slices.Clone(t.To), func(a string) bool { return a == me })
		if len(t.To) > 0 {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return e.world.Tell(ctx, out)
}

// tellLate tells whoever has to act that tasks are overdue: each office once of all of them, each party of its own.
func (e *Engine) tellLate(ctx context.Context, all []*going) error {
	parties := speakers{e, map[string][]string{}}
	desks := newDesks(e, parties)
	if err := parties.ask(ctx, partiesOf(all)); err != nil {
		return err
	}
	var out []Telling
	for _, g := range all {
		t := g.task
		if t.Role != applicant {
			desks.addOpen(t)
			continue
		}
		out = append(out, parties.telling(t.subjectRow, Note{Kind: "late", Title: "已逾期：" + t.TaskTitle, Body: t.about().name()}))
	}
	offices, err := desks.tellings(ctx, "late", "已逾期：", "有%d件在“%s”逾期")
	if err != nil {
		return err
	}
	return e.tellAll(ctx, append(out, offices...))
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
	desks := newDesks(e, parties)
	if err := parties.ask(ctx, partiesOf(waiting)); err != nil {
		return err
	}
	var out []Telling
	for _, g := range waiting {
		t := g.task
		if t.Role != applicant {
			desks.addOpen(t)
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
		out = append(out, parties.telling(t.subjectRow, Note{Kind: "reminder", Title: title + t.TaskTitle, Body: body}))
	}
	offices, err := desks.tellings(ctx, "reminder", "请尽快办理：", "有%d件在“%s”等待办理")
	if err != nil {
		return err
	}
	return e.tellAll(ctx, append(out, offices...))
}

// titleOf is the title of a stage, or its key.
func titleOf(f *policy.Flow, stage string) string {
	if s := f.Stage(stage); s != nil {
		return s.Title
	}
	return stage
}
