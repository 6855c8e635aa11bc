// Package rehearsal lets an administrator walk a sample case through a process before it is published: the process of a waiting draft, or one in
// use. The walking is the engine's (process.Rehearse), over the real people and the real calendar, and is always undone. Here it is decided who
// may, which library is meant, and what the documents would say.
package rehearsal

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Room is the room. One serves every tenant: the database comes with the context.
type Room struct {
	engine *process.Engine

	mu   sync.Mutex
	kept map[string]*policy.Library // of drafts, whose files never change, by draft and what they were compared with
}

// New makes the room.
func New(e *process.Engine) *Room { return &Room{engine: e, kept: map[string]*policy.Library{}} }

// keptAtMost bounds how many libraries of drafts are kept.
const keptAtMost = 8

// Order is what is to be walked.
type Order struct {
	Draft      string           `json:"draft,omitempty" maxLength:"64" doc:"the draft whose process it is; empty: the one in use"`
	Process    string           `json:"process" maxLength:"80"`
	Flow       string           `json:"flow" enum:"case,round"`
	On         string           `json:"on,omitempty" maxLength:"10" doc:"the day on which the sample begins, 2026-11-23; default today"`
	Department string           `json:"department,omitempty" maxLength:"100" doc:"whose office the sample's scheme names"`
	Town       string           `json:"town,omitempty" maxLength:"100"`
	Expiry     string           `json:"expiry,omitempty" maxLength:"10" doc:"the last day of the certificate that it is about"`
	Choices    []process.Choice `json:"choices" maxItems:"50" nullable:"false" doc:"on SQLite the walk holds the one writer, a few milliseconds for each"`
}

// Plan is what may be rehearsed of a process.
type Plan struct {
	Process     string   `json:"process"`
	Title       string   `json:"title"`
	About       bool     `json:"about" doc:"it is about a certificate: the sample needs its last day"`
	Departments []string `json:"departments" nullable:"false" doc:"whose office the sample's scheme may name; the first is that of a scheme that names this process"`
	Flows       []Ways   `json:"flows" nullable:"false"`
}

// Ways are the ways through one flow.
type Ways struct {
	Flow      string              `json:"flow" enum:"case,round"`
	Title     string              `json:"title"`
	Routes    []process.Route     `json:"routes" nullable:"false" doc:"together they take everything that may happen; the way if all goes well is the first"`
	Unreached []process.Unreached `json:"unreached" nullable:"false" doc:"what none of them takes"`
}

func mayRehearse(ctx context.Context) error {
	if !account.ActorFrom(ctx).Is(account.RoleAdministrator) {
		return fault.New(fault.Forbidden, "只有管理员可以演练办理流程")
	}
	return nil
}

// library is that of a draft, or the one in use.
func (r *Room) library(ctx context.Context, draft string) (*policy.Library, error) {
	if draft == "" {
		return schemes.Library(ctx)
	}
	seen, err := schemes.DraftOf(ctx, draft)
	if err != nil {
		return nil, err
	}
	key := seen.ID + " " + seen.Base
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.kept[key]; l != nil {
		return l, nil
	}
	l, err := schemes.Supposed(ctx, draft, seen.Base)
	if err != nil {
		return nil, err
	}
	if len(r.kept) >= keptAtMost {
		clear(r.kept)
	}
	r.kept[key] = l
	return l, nil
}

func (r *Room) find(ctx context.Context, draft, id string) (*policy.Library, *policy.Process, error) {
	if err := mayRehearse(ctx); err != nil {
		return nil, nil, err
	}
	l, err := r.library(ctx, draft)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range l.Processes() {
		if p.ID == id {
			return l, p, nil
		}
	}
	return nil, nil, fault.New(fault.NotFound, "没有名为“"+id+"”的办理流程")
}

// Plan says what may be rehearsed of a process. Forbidden to all but administrators; NotFound if there is no such draft or process.
func (r *Room) Plan(ctx context.Context, draft, id string) (*Plan, error) {
	l, p, err := r.find(ctx, draft, id)
	if err != nil {
		return nil, err
	}
	out := &Plan{Process: p.ID, Title: p.Title, About: p.About != "", Departments: []string{}, Flows: []Ways{}}
	add := func(department string) {
		if department != "" && !slices.Contains(out.Departments, department) {
			out.Departments = append(out.Departments, department)
		}
	}
	for _, s := range l.Schemes() {
		if s.Process() == id {
			add(s.Office())
		}
	}
	for _, d := range l.Vocabulary().Departments() {
		add(d)
	}
	for _, c := range p.Charts() {
		w := Ways{Flow: c.Flow, Title: c.Title}
		w.Routes, w.Unreached = process.Routes(p, c.Flow)
		out.Flows = append(out.Flows, w)
	}
	return out, nil
}

// Walk walks a sample through a process and keeps nothing of it. Errors as Plan; Invalid for a day that is none, or words that no room does.
func (r *Room) Walk(ctx context.Context, o Order) (*process.Rehearsed, error) {
	l, p, err := r.find(ctx, o.Draft, o.Process)
	if err != nil {
		return nil, err
	}
	on, err := day(ctx, o.On, "on", clock.Today(ctx))
	if err != nil {
		return nil, err
	}
	expiry := policy.Date(0)
	if p.About != "" {
		if expiry, err = day(ctx, o.Expiry, "expiry", on.AddMonths(6)); err != nil {
			return nil, err
		}
	}
	subject := process.Subject{Title: p.Title + "（演练）", Department: o.Department, Town: o.Town}
	got, err := r.engine.Rehearse(ctx, process.Rehearsal{Process: p, Flow: o.Flow, Subject: subject, Start: clock.Start(on).Add(9 * time.Hour), Expiry: expiry, Choices: o.Choices})
	if err != nil {
		return nil, err
	}
	for i := range got.Steps {
		for k := range got.Steps[i].Documents {
			write(l, &got.Steps[i].Documents[k], o.Department)
		}
	}
	return &got, nil
}

func day(ctx context.Context, text, field string, otherwise policy.Date) (policy.Date, error) {
	if text == "" {
		return otherwise, nil
	}
	d, err := policy.ParseDate(text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "日期不正确", fault.Detail{Field: field, Message: err.Error()})
	}
	return d, nil
}

// write fills a document's template with what the step knows. What is missing stands in braces.
func write(l *policy.Library, d *process.RehearsedPaper, office string) {
	t := l.Template(d.Template)
	if t == nil {
		return
	}
	if office != "" {
		d.Values["机关"] = office
	}
	filled, missing := t.Fill(d.Values)
	d.Missing = append(d.Missing, missing...)
	for _, b := range slices.Concat([]policy.TemplateBlock{{Text: filled.Title}, {Text: filled.To}}, filled.Body, filled.Remedy) {
		text := b.Text
		for _, row := range b.Rows {
			text += strings.Join(row, "　") + "\n"
		}
		if text != "" {
			d.Text = append(d.Text, text)
		}
	}
}
