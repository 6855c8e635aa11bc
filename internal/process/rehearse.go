package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Rehearsal is a sample subject that is walked through a process before anything runs by it. It is walked by an engine like this one, over the
// same tables, people and calendar, in a transaction that is always undone: nothing of it is kept, and nobody is told. What the rooms would
// do (effects) is told instead of done; what must hold before (guards) holds, unless the way that is chosen needs it not to.
type Rehearsal struct {
	Process *policy.Process
	Flow    string
	Subject Subject // its words; the ids are the rehearsal's own
	Start   time.Time
	Expiry  policy.Date // the last day of the certificate that it is about; zero: it is about none
	Choices []Choice
}

// Choice is what happens next.
type Choice struct {
	Kind   string `json:"kind" enum:"act,clock,move" doc:"somebody takes an action; the limit that ends first lapses; its round, or what it waits for, takes it on"`
	Task   string `json:"task,omitempty" maxLength:"80" doc:"the task, where there are several"`
	Action string `json:"action,omitempty" maxLength:"80"`
	To     string `json:"to,omitempty" maxLength:"80" doc:"of move: the stage"`
	Then   string `json:"then,omitempty" maxLength:"80" doc:"where it leads to what the system decides at once: the action that it takes; of a joint review: agreed, opposed, divided"`
	Days   int    `json:"days,omitempty" minimum:"0" maximum:"400" doc:"working days after what went before; 0 is 1"`
}

// Rehearsed is what came of a rehearsal.
type Rehearsed struct {
	Steps   []RehearsedStep `json:"steps" nullable:"false"`
	Stage   string          `json:"stage" doc:"where it stands"`
	Title   string          `json:"title"`
	Public  string          `json:"public"`
	Outcome string          `json:"outcome,omitempty" enum:"granted,refused,withdrawn,done" doc:"how it ended; absent while it runs"`
	Tasks   []RehearsedTask `json:"tasks" nullable:"false" doc:"what waits there now"`
	Next    []Offer         `json:"next" nullable:"false" doc:"what may happen next"`
	Trouble string          `json:"trouble,omitempty" doc:"why it did not come further, with the stage and the line of the file"`
	Line    int             `json:"line,omitempty" doc:"of the file, of the stage where it stands"`
}

// RehearsedStep is something that would happen.
type RehearsedStep struct {
	At        string           `json:"at"`
	Kind      string           `json:"kind" enum:"start,act,lapse,move,overdue"`
	Who       string           `json:"who,omitempty"`
	Action    string           `json:"action,omitempty"`
	From      string           `json:"from,omitempty"`
	To        string           `json:"to"`
	Reason    string           `json:"reason,omitempty" doc:"what the system gives as its reason"`
	Assumed   []string         `json:"assumed" nullable:"false" doc:"what must hold before it, and is taken to hold"`
	Effects   []string         `json:"effects" nullable:"false" doc:"what it would bring about"`
	Documents []RehearsedPaper `json:"documents" nullable:"false"`
	Told      []RehearsedNote  `json:"told" nullable:"false"`
	Tasks     []RehearsedTask  `json:"tasks" nullable:"false" doc:"what waits after it"`
}

// RehearsedPaper is an official document that would be drafted.
type RehearsedPaper struct {
	Template string            `json:"template"`
	Values   map[string]string `json:"-"` // what the step knows, by policy.TemplateFields
	Text     []string          `json:"text" nullable:"false" doc:"as it would be drafted with sample data"`
	Missing  []string          `json:"missing" nullable:"false" doc:"what its drafter fills in, or is known only when it is issued"`
}

// RehearsedNote is what somebody would be told.
type RehearsedNote struct {
	To    []string `json:"to" nullable:"false" doc:"their names, a few"`
	Count int      `json:"count"`
	Title string   `json:"title"`
	Body  string   `json:"body"`
}

// RehearsedTask is work that would wait for somebody.
type RehearsedTask struct {
	Title  string   `json:"title"`
	Who    string   `json:"who"`
	People []string `json:"people" nullable:"false" doc:"names of those who may take it, a few"`
	Count  int      `json:"count" doc:"how many may; of an applicant's 1"`
	Limit  *Limit   `json:"limit,omitempty"`
}

// Offer is what may happen next.
type Offer struct {
	Choice Choice `json:"choice"`
	Title  string `json:"title"`
	To     string `json:"to,omitempty" doc:"title of the stage that it leads to; empty: it stays"`
	Who    string `json:"who,omitempty"`
}

const (
	sampleFirm    = "rehearsal-firm"
	sampleSpeaker = "rehearsal-speaker"
	sampleID      = "rehearsal"
	sampleReason  = "（演练的样例内容）"
	namesAtMost   = 5
)

// SampleApplicant is what rehearsals call whoever applies.
const SampleApplicant = "样例企业（演练，虚构）"

// stageRoom is a rehearsal while it goes on.
type stageRoom struct {
	e       *Engine // this one's own
	outer   *Engine
	r       *Rehearsal
	now     time.Time
	flow    *policy.Flow
	then    string // of the choice that is being taken
	assumed []string
	effects []string
	handed  time.Time // when the application was handed in; zero: it was not
	papers  []RehearsedPaper
	notes   []Telling
	out     Rehearsed
}

// Rehearse walks a rehearsal and keeps nothing of it. Invalid if the process uses a word that no room implements, or has no such flow; what
// keeps a choice from being taken is no error but Rehearsed.Trouble. Not inside a transaction. Who may rehearse is the caller's to decide.
func (e *Engine) Rehearse(ctx context.Context, r Rehearsal) (Rehearsed, error) {
	if open, _ := store.InTx(ctx); open {
		return Rehearsed{}, errors.New("process: Rehearse inside a transaction")
	}
	if missing := e.missing(r.Process); len(missing) > 0 {
		return Rehearsed{}, fault.New(fault.Invalid, "流程文件用到的词，系统还不会办。", missing...)
	}
	flow := r.Process.Flow(r.Flow)
	if flow == nil {
		return Rehearsed{}, fault.New(fault.Invalid, "流程文件中没有这一种办理。", fault.Detail{Field: "flow", Message: "没有这一种办理。"})
	}
	var s *stageRoom
	undo := errors.New("process: a rehearsal is over")
	err := store.Write(ctx, func(ctx context.Context) error {
		s = &stageRoom{outer: e, r: &r, now: r.Start, flow: flow}
		s.build()
		if err := s.walk(clock.With(ctx, func() time.Time { return s.now })); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		return Rehearsed{}, err
	}
	return s.out, nil
}

// build makes the engine of the rehearsal.
func (s *stageRoom) build() {
	w := s.outer.world
	w.Speakers = func(_ context.Context, parties []string) (map[string][]string, error) {
		return map[string][]string{sampleFirm: {sampleSpeaker}}, nil
	}
	w.Tell = func(_ context.Context, all []Telling) error {
		s.notes = append(s.notes, all...)
		return nil
	}
	w.Day = func(context.Context, Subject, string) (policy.Date, bool, error) {
		return s.r.Expiry, !s.r.Expiry.IsZero(), nil
	}
	s.e = New(w)
	for _, f := range s.r.Process.Flows {
		guards, effects := policy.WordsOf(f.Key)
		for _, name := range guards {
			if name != askedReally {
				s.e.Guard(f.Key, name, s.holds)
			}
		}
		for _, name := range effects {
			if name != "move_cases" {
				s.e.Effect(f.Key, name, func(context.Context, Move) error { return nil })
			}
		}
		s.e.Drafts(f.Key, s.draft)
		s.e.Joins(f.Key, func(context.Context, Move) (string, error) {
			if slices.Contains([]string{policy.JointOpposed, policy.JointDivided}, s.then) {
				return s.then, nil
			}
			return policy.JointAgreed, nil
		})
		s.e.OnMove(f.Key, func(_ context.Context, all []Move) error {
			for _, m := range all {
				s.bring(m.Action)
			}
			return nil
		})
	}
}

// askedReally is the guard that a rehearsal asks the engine; the others are for the rooms, and are taken to hold.
const askedReally = "cases_ready"

// holds lets every guard hold but those of what the system does at once before what was chosen.
func (s *stageRoom) holds(_ context.Context, m Move) error {
	at := s.flow.Stage(m.From)
	if at == nil || s.then == "" || m.Action.Key == s.then || !slices.Contains(at.AtOnce, m.Action) {
		return nil
	}
	return fault.New(fault.Conflict, "演练选定这个前提不成立")
}

// bring tells what an action would bring about, and what was taken to hold before it.
func (s *stageRoom) bring(a *policy.Action) {
	if a == nil {
		return
	}
	for _, guard := range a.If {
		if guard != askedReally {
			s.assumed = append(s.assumed, policy.GuardText(guard))
		}
	}
	for i := range a.Do {
		s.effects = append(s.effects, a.Do[i].Text())
		if a.Do[i].Name == "submit" {
			s.handed = s.now
		}
	}
}

// walk begins the sample and makes the choices one after another.
func (s *stageRoom) walk(ctx context.Context) error {
	if _, err := s.e.Keep(account.System(ctx), s.r.Process); err != nil {
		return err
	}
	subject := s.r.Subject
	subject.Flow, subject.ID, subject.Party, subject.Round = s.r.Flow, sampleID, "", ""
	actor := s.someone("start", policy.Who{Role: string(account.RoleOfficer), Department: "scheme"})
	if s.r.Flow == "case" {
		subject.Party, subject.PartyName = sampleFirm, SampleApplicant
		if s.r.Process.Starts == applicant {
			actor = s.applicant()
		}
	}
	if subject.Number == "" {
		subject.Number = "样例编号" // who reads a subject reads it once it has one
	}
	s.r.Subject = subject
	s.out.Steps = []RehearsedStep{}
	if _, err := s.e.Start(account.WithActor(ctx, actor), s.r.Process.Hash, subject); err != nil {
		return err
	}
	if err := s.record(ctx, 0); err != nil {
		return err
	}
	for _, c := range s.r.Choices {
		seen := len(s.out.Steps)
		s.then = c.Then
		err := s.choose(ctx, c)
		s.then = ""
		if err != nil {
			code := fault.CodeOf(err)
			if code == fault.Internal || code == fault.Unavailable || code == "" {
				return err
			}
			// The choice is not taken, and the rehearsal ends where it stands.
			s.out.Trouble = fault.Public(err).Message
			break
		}
		if err := s.record(ctx, seen); err != nil {
			return err
		}
	}
	return s.stand(ctx)
}

// choose takes one choice.
func (s *stageRoom) choose(ctx context.Context, c Choice) error {
	row, tasks, err := s.read(ctx)
	if err != nil {
		return err
	}
	if c.Kind == "clock" {
		return s.lapse(ctx, row, tasks)
	}
	s.wait(ctx, max(1, c.Days))
	stage := s.flow.Stage(row.Stage)
	if c.Kind == "move" {
		if stage.Waits != "" && c.To == stage.Then {
			_, err := s.e.Happened(ctx, row.Flow, row.Subject, stage.Waits, "")
			return err
		}
		return s.e.MoveOne(ctx, row.Flow, row.Subject, c.To, "整批")
	}
	act := Act{Flow: row.Flow, Subject: row.Subject, Action: c.Action, Version: row.Version, Input: Input{Reason: sampleReason}}
	for _, t := range tasks {
		rule := ruleOf(s.flow, t.Stage, t.Task)
		if c.Task != "" && c.Task != t.Task || rule == nil {
			continue
		}
		if a := actionOf(rule, c.Action); a != nil {
			act.Task, act.Version = t.ID, t.Version
			return s.take(ctx, act, s.someone(t.Stage+t.Task, rule.Who), a)
		}
	}
	for _, a := range s.flow.Always {
		if a.Key == c.Action && slices.Contains(a.At, row.Stage) {
			return s.take(ctx, act, s.someone(row.Stage+a.Key, a.Who), a)
		}
	}
	return fault.New(fault.Conflict, "在“"+stage.Title+"”（第"+fmt.Sprint(stage.Line)+"行）没有“"+c.Action+"”这个动作")
}

func (s *stageRoom) take(ctx context.Context, act Act, who *account.Actor, a *policy.Action) error {
	if a.To == "" {
		s.bring(a) // what stays where it is moves nothing
	}
	_, err := s.e.Act(account.WithActor(ctx, who), act)
	return err
}

// lapse lets the time pass until the limit that ends first is over.
func (s *stageRoom) lapse(ctx context.Context, row instanceRow, tasks []taskRow) error {
	stage := s.flow.Stage(row.Stage)
	at := slices.IndexFunc(tasks, func(t taskRow) bool { return t.Unit != "" && t.Late == 0 })
	for i, t := range tasks {
		if at >= 0 && t.Unit != "" && t.Late == 0 && t.DueAt < tasks[at].DueAt {
			at = i
		}
	}
	where := "在“" + stage.Title + "”（第" + fmt.Sprint(stage.Line) + "行）"
	switch {
	case at < 0:
		return fault.New(fault.Conflict, where+"没有时限，不会逾期")
	case tasks[at].Unknown != "":
		return fault.New(fault.Conflict, where+"的时限算不出来："+tasks[at].Unknown)
	}
	end, err := store.ParseStamp(tasks[at].DueAt)
	if err != nil {
		return err
	}
	s.now = end.Add(time.Minute)
	if a := actionOf(ruleOf(s.flow, tasks[at].Stage, tasks[at].Task), ruleOf(s.flow, tasks[at].Stage, tasks[at].Task).Within.Lapse); a != nil && a.To == "" {
		s.bring(a)
	}
	return s.e.lapse(account.System(ctx), tasks[at].ID)
}

// wait lets working days pass; where those of the year are not published, days.
func (s *stageRoom) wait(ctx context.Context, days int) {
	today := clock.DayOf(s.now)
	next := today.AddDays(days)
	if r, err := s.e.count(ctx, calendar.Limit{From: today, N: days, Unit: calendar.WorkingDay}); err == nil {
		next = r.Due
	}
	s.now = clock.Start(next).Add(10 * time.Hour)
}

// someone is a person who may act, no two of whom are the same: what keeps the same person from acting twice is told, not met.
func (s *stageRoom) someone(at string, w policy.Who) *account.Actor {
	if w.Role == applicant {
		return s.applicant()
	}
	row := rowOf(s.r.Subject)
	return &account.Actor{AccountID: "rehearsal-" + at, Name: labelOf(w), Grants: []account.Grant{{Role: account.Role(w.Role), Department: departmentOf(w, &row), Town: row.Town}}}
}

func (s *stageRoom) applicant() *account.Actor {
	return &account.Actor{AccountID: sampleSpeaker, Name: SampleApplicant, Grants: []account.Grant{{Role: account.RoleFirm, Party: sampleFirm}}}
}

// read is where the sample stands, with its open tasks.
func (s *stageRoom) read(ctx context.Context) (instanceRow, []taskRow, error) {
	row, _, err := findInstance(ctx, s.r.Flow, sampleID)
	if err != nil {
		return row, nil, err
	}
	all, err := tasksOf(ctx, row.ID)
	var open []taskRow
	for _, t := range all[row.ID] {
		if t.State == stateOpen {
			open = append(open, t)
		}
	}
	return row, open, err
}

// record tells what happened since so many steps.
func (s *stageRoom) record(ctx context.Context, seen int) error {
	row, _, err := s.read(ctx)
	if err != nil {
		return err
	}
	steps, err := stepsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	all := steps[row.ID]
	for _, x := range all[min(seen, len(all)):] {
		step := RehearsedStep{At: x.At, Kind: x.Kind, Who: x.Who, Action: x.ActionTitle, To: titleOf(s.flow, x.ToStage), Assumed: []string{}, Effects: []string{}, Documents: []RehearsedPaper{}, Told: []RehearsedNote{},
			Tasks: []RehearsedTask{}}
		if x.FromStage != "" {
			step.From = titleOf(s.flow, x.FromStage)
		}
		if x.ToStage == "" {
			step.To = step.From
		}
		if x.Reason != sampleReason {
			step.Reason = x.Reason
		}
		s.out.Steps = append(s.out.Steps, step)
	}
	if len(s.out.Steps) == 0 {
		return nil
	}
	last := &s.out.Steps[len(s.out.Steps)-1]
	last.Assumed = append(last.Assumed, s.assumed...)
	last.Effects, last.Documents = append(last.Effects, s.effects...), append(last.Documents, s.papers...)
	for _, n := range s.notes {
		names, err := s.names(ctx, n.To)
		if err != nil {
			return err
		}
		last.Told = append(last.Told, RehearsedNote{To: names, Count: len(n.To), Title: n.Title, Body: n.Body})
	}
	s.assumed, s.effects, s.papers, s.notes = nil, nil, nil, nil
	last.Tasks, err = s.waiting(ctx)
	return err
}

// names are the names of a few accounts.
func (s *stageRoom) names(ctx context.Context, accounts []string) ([]string, error) {
	out := []string{}
	few := accounts[:min(len(accounts), namesAtMost)]
	known, err := s.outer.world.Names(ctx, few)
	for _, id := range few {
		if id == sampleSpeaker {
			out = append(out, SampleApplicant)
		} else if known[id] != "" {
			out = append(out, known[id])
		}
	}
	return out, err
}

// waiting is what waits where the sample stands, and for whom.
func (s *stageRoom) waiting(ctx context.Context) ([]RehearsedTask, error) {
	out := []RehearsedTask{}
	view, err := s.e.Of(account.System(ctx), s.r.Flow, sampleID)
	if err != nil {
		return nil, err
	}
	_, open, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range open {
		x := RehearsedTask{Title: t.TaskTitle, Who: t.Who, People: []string{SampleApplicant}, Count: 1}
		for _, v := range view.Tasks {
			if v.ID == t.ID {
				x.Limit = v.Limit
			}
		}
		if t.Role != applicant {
			holders, err := s.outer.world.Holders(ctx, account.Role(t.Role), t.ScopeDepartment, t.Town)
			if err != nil {
				return nil, err
			}
			if x.People, err = s.names(ctx, holders); err != nil {
				return nil, err
			}
			x.Count = len(holders)
		}
		out = append(out, x)
	}
	return out, nil
}

// stand tells where the sample stands in the end, and what may happen next.
func (s *stageRoom) stand(ctx context.Context) error {
	row, open, err := s.read(ctx)
	if err != nil {
		return err
	}
	stage := s.flow.Stage(row.Stage)
	s.out.Stage, s.out.Title, s.out.Public, s.out.Outcome, s.out.Line = stage.Key, stage.Title, stage.Public, row.Outcome, stage.Line
	if s.out.Tasks, err = s.waiting(ctx); err != nil {
		return err
	}
	s.out.Next = []Offer{}
	for _, way := range waysOut(s.r.Process, s.flow, stage) {
		if way.Choice.Kind == "act" && way.task != "" && !slices.ContainsFunc(open, func(t taskRow) bool { return t.Task == way.task }) {
			continue
		}
		if way.Choice.Kind == "clock" && !slices.ContainsFunc(open, func(t taskRow) bool { return t.Task == way.task && t.Late == 0 }) {
			continue
		}
		s.out.Next = append(s.out.Next, way.Offer)
	}
	return nil
}
