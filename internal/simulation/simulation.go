// Package simulation answers what a changed scheme would come to: who gains, loses, enters and leaves, and what it costs, over all parties of
// the registry that whoever asks may see. What is asked is either other literals for parameters of schemes in force, or a draft of files. A run
// is a job; what it found is kept and, given a name, is a scenario that stands beside others.
//
// Sums and counts of a run are of the parties in its towns. Who does not read the parties of all these towns sees counts and the total, and by
// name only the parties that they may read anyway.
package simulation

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Budget is money set aside that schemes would be paid from.
type Budget struct {
	Round       string     `json:"round" doc:"number of the round"`
	RoundTitle  string     `json:"round_title"`
	Scheme      string     `json:"scheme" doc:"empty: any scheme of the round without a budget of its own"`
	SchemeTitle string     `json:"scheme_title"`
	Source      string     `json:"source"`
	Total       policy.Fen `json:"total"`
	Committed   policy.Fen `json:"committed"`
	Left        policy.Fen `json:"left"`
}

// Budgets tells of the budgets of rounds that hold any of these schemes. Forbidden for who may read no budget of theirs.
type Budgets func(ctx context.Context, schemes []string) ([]Budget, error)

// Room tries schemes. One serves every tenant: the database comes with the context.
type Room struct {
	registry *registry.Registry
	budgets  Budgets
}

// New makes the room.
func New(r *registry.Registry, b Budgets) *Room { return &Room{registry: r, budgets: b} }

const (
	jobRun = "simulations.run"
	kind   = "simulation"
)

// Handle gives the room's jobs their handler.
func (r *Room) Handle(h *jobs.Handlers) { h.Handle(jobRun, r.run) }

// States of a simulation.
const (
	Waiting = "waiting"
	Running = "running"
	Done    = "done"
	Failed  = "failed"
	Stopped = "stopped"

	begun = "begun" // in the database: the job says the rest
)

// Change is another literal for a parameter.
type Change struct {
	Path     string `json:"path"`
	From     string `json:"from" doc:"as it was when it was asked"`
	To       string `json:"to"`
	Label    string `json:"label" doc:"what it is: 门槛, 封顶 …"`
	Sentence string `json:"sentence" doc:"the sentence it stands in"`
}

// Simulation is a run: what was asked, how far it is, what it found.
type Simulation struct {
	ID          string      `json:"id"`
	Name        string      `json:"name" doc:"empty: not saved"`
	Note        string      `json:"note"`
	MadeBy      string      `json:"made_by"`
	MadeAt      string      `json:"made_at"`
	On          policy.Date `json:"on" doc:"the day for which it is reckoned"`
	Publication string      `json:"publication" doc:"the publication that it is compared with"`
	Draft       string      `json:"draft,omitempty"`
	Scheme      string      `json:"scheme,omitempty" doc:"the scheme whose parameters were turned"`
	SchemeTitle string      `json:"scheme_title,omitempty"`
	Changes     []Change    `json:"changes" nullable:"false"`
	Towns       []string    `json:"towns" nullable:"false" doc:"whose parties were read; empty: all"`
	State       string      `json:"state" enum:"waiting,running,done,failed,stopped"`
	Done        int64       `json:"done" doc:"parties read so far"`
	Parties     int64       `json:"parties" doc:"of so many; 0: not known yet"`
	Failure     string      `json:"failure,omitempty"`
	EndedAt     string      `json:"ended_at"`
	Mine        bool        `json:"mine"`
	Whole       bool        `json:"whole" doc:"whoever asks reads all its parties: sums of groups and names are not held back"`
	Stale       bool        `json:"stale" doc:"policy files were published since"`
	Result      *Result     `json:"result,omitempty"`
	Budgets     []Budget    `json:"budgets" nullable:"false"`
	NoBudgets   bool        `json:"no_budgets" doc:"whoever asks may not read budgets"`
}

// Order asks for a run: changes of parameters or a draft.
type Order struct {
	Changes []policy.Change
	Scheme  string // the scheme whose form it was, for the title
	Draft   string
	On      policy.Date // zero: today
}

// reader is what an actor may see of simulations.
type reader struct {
	account string
	towns   []string
	all     bool // parties of every town
	desk    bool
}

func readerOf(ctx context.Context) reader {
	a := account.ActorFrom(ctx)
	r := reader{account: a.AccountID, desk: a.Reader() || a.Is(account.RoleAdministrator)}
	r.towns, r.all = a.Towns()
	return r
}

func errNotDesk() error {
	return fault.New(fault.Forbidden, "只有经办、领导、财政、审计人员和管理员可以查看测算")
}

func errNone() error {
	return fault.New(fault.NotFound, "没有这次测算，或不在您的权限范围内")
}

// sees says whether the reader may know of a run at all: their own, and what was saved and is not of other towns alone.
func (r reader) sees(s *row) bool {
	if s.Account == r.account {
		return true
	}
	if s.Name == "" {
		return false
	}
	towns := s.towns()
	return r.all || len(r.towns) == 0 || len(towns) == 0 || slices.ContainsFunc(towns, func(t string) bool { return slices.Contains(r.towns, t) })
}

// whole says whether the reader may read every party of a run.
func (r reader) whole(s *row) bool {
	towns := s.towns()
	return r.all || len(towns) > 0 && !slices.ContainsFunc(towns, func(t string) bool { return !slices.Contains(r.towns, t) })
}

// mayRun: who works with parties, and who publishes policy; an auditor only reads.
func mayRun(ctx context.Context) error {
	a := account.ActorFrom(ctx)
	for _, role := range []account.Role{account.RoleOfficer, account.RoleLeader, account.RoleFinance, account.RoleAdministrator} {
		if a.Is(role) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "只有经办、领导、财政人员和管理员可以测算方案")
}

// Parameters of a scheme in force, with its title. Forbidden to all but the desk, NotFound for an unknown scheme.
func (r *Room) Parameters(ctx context.Context, scheme string) ([]policy.Parameter, *policy.Description, error) {
	if !readerOf(ctx).desk {
		return nil, nil, errNotDesk()
	}
	set, err := schemes.Current(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := set.Scheme(ctx, scheme)
	if err != nil {
		return nil, nil, err
	}
	list := set.Library.Parameters(scheme)
	if list == nil {
		list = []policy.Parameter{}
	}
	return list, s.Describe(), nil
}

// Start begins a run. Invalid names at which parameter what is wrong; NotFound for a draft that the actor may not read.
func (r *Room) Start(ctx context.Context, o Order) (*Simulation, error) {
	if err := mayRun(ctx); err != nil {
		return nil, err
	}
	if (o.Draft == "") == (len(o.Changes) == 0) {
		return nil, fault.New(fault.Invalid, "请至少调整一个参数，或选择一份草案")
	}
	if o.On.IsZero() {
		o.On = clock.Today(ctx)
	}
	id := store.NewID()
	err := store.Write(ctx, func(ctx context.Context) error {
		publication, err := schemes.InUse(ctx)
		if err != nil {
			return err
		}
		actor, reader := account.ActorFrom(ctx), readerOf(ctx)
		s := row{ID: id, Account: actor.AccountID, MadeBy: actor.Name, MadeAt: store.Stamp(clock.Now(ctx)), Publication: publication, Draft: o.Draft,
			OnDate: o.On.String(), Scheme: o.Scheme, State: begun}
		if _, _, err := s.sides(ctx, o.Changes); err != nil {
			return err
		}
		changes, err := described(ctx, publication, o.Changes)
		if err != nil {
			return err
		}
		s.Changes = asText(changes)
		if s.Towns = "[]"; !reader.all && len(reader.towns) > 0 {
			s.Towns = asText(reader.towns)
		}
		if s.Job, err = jobs.Enqueue(ctx, jobRun, id, nil); err != nil {
			return err
		}
		if err := insert(ctx, &s); err != nil {
			return err
		}
		if err := s.record(ctx, "simulation.start", map[string]any{"changes": o.Changes, "draft": o.Draft, "on": s.OnDate}); err != nil {
			return err
		}
		return dropOld(ctx, s.Account)
	})
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}

// described gives changes the words of what they change.
func described(ctx context.Context, publication string, changes []policy.Change) ([]Change, error) {
	out := []Change{}
	set, err := schemes.At(ctx, publication)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if p := set.Library.Parameter(c.Path); p != nil && p.Value != policy.WrittenLiteral(c.To) {
			label := p.Label
			if p.Name != "" {
				label = p.Name
			}
			out = append(out, Change{c.Path, p.Value, policy.WrittenLiteral(c.To), label, p.Sentence})
		}
	}
	return out, nil
}

// sides are the library that is in force and the one that is tried. Faults of changes are told at their paths.
func (s *row) sides(ctx context.Context, changes []policy.Change) (before, after *policy.Library, err error) {
	set, err := schemes.At(ctx, s.Publication)
	if err != nil {
		return nil, nil, err
	}
	if s.Draft != "" {
		after, err = schemes.Supposed(ctx, s.Draft, s.Publication)
		return set.Library, after, err
	}
	after, faults := Changed(set.Library, changes)
	return set.Library, after, faults
}

// Changed is a library with changes. Invalid tells at which parameter what is wrong, or that nothing is changed.
func Changed(l *policy.Library, changes []policy.Change) (*policy.Library, error) {
	after, _, faults := l.Change(changes)
	if len(faults) > 0 {
		details := make([]fault.Detail, len(faults))
		for i, f := range faults {
			details[i] = fault.Detail{Field: f.Path, Message: f.Message}
		}
		return nil, fault.New(fault.Invalid, "调整后的参数有误，没有测算", details...)
	}
	if !slices.ContainsFunc(changes, func(c policy.Change) bool { return l.Parameter(c.Path).Value != policy.WrittenLiteral(c.To) }) {
		return nil, fault.New(fault.Invalid, "各项参数与现行政策相同，没有需要测算的")
	}
	return after, nil
}

// Get is a run with how far it is and what it found. NotFound if the actor may not know of it.
func (r *Room) Get(ctx context.Context, id string) (*Simulation, error) {
	var out *Simulation
	err := store.Read(ctx, func(ctx context.Context) error {
		s, err := visible(ctx, id)
		if err != nil {
			return err
		}
		current, err := schemes.InUse(ctx)
		if err != nil {
			return err
		}
		if out, err = r.show(ctx, s, current); err != nil {
			return err
		}
		if s.Result == "" {
			return nil
		}
		out.Result = &Result{}
		if err := json.Unmarshal([]byte(s.Result), out.Result); err != nil {
			return err
		}
		if !out.Whole {
			out.Result.hold()
		}
		out.Budgets, err = r.BudgetsOf(ctx, out.Result)
		if fault.CodeOf(err) == fault.Forbidden {
			out.Budgets, out.NoBudgets, err = []Budget{}, true, nil
		}
		return err
	})
	return out, err
}

// hold takes away what would tell of single parties: the money of a group may be that of one.
func (r *Result) hold() {
	for _, groups := range [][]OfGroup{r.Towns, r.Sizes, r.Industries} {
		for i := range groups {
			groups[i].Before, groups[i].After = 0, 0
		}
	}
	r.Steps = []Step{}
}

// visible is a run of which the actor may know.
func visible(ctx context.Context, id string) (*row, error) {
	reader := readerOf(ctx)
	if !reader.desk {
		return nil, errNotDesk()
	}
	s, err := find(ctx, id)
	if err != nil {
		return nil, err
	}
	if !reader.sees(s) {
		return nil, errNone()
	}
	return s, nil
}

// own is a run of the actor's.
func own(ctx context.Context, id string) (*row, error) {
	s, err := visible(ctx, id)
	if err == nil && s.Account != readerOf(ctx).account {
		return nil, fault.New(fault.Forbidden, "只有测算的人自己可以这样做")
	}
	return s, err
}

// show is a run without what it found; current is the publication in use.
func (r *Room) show(ctx context.Context, s *row, current string) (*Simulation, error) {
	reader := readerOf(ctx)
	on, _ := policy.ParseDate(s.OnDate)
	out := &Simulation{ID: s.ID, Name: s.Name, Note: s.Note, MadeBy: s.MadeBy, MadeAt: s.MadeAt, On: on, Publication: s.Publication, Draft: s.Draft,
		Scheme: s.Scheme, Changes: []Change{}, Towns: s.towns(), State: s.State, EndedAt: s.EndedAt, Mine: s.Account == reader.account,
		Whole: reader.whole(s), Stale: current != s.Publication, Budgets: []Budget{}}
	if err := json.Unmarshal([]byte(s.Changes), &out.Changes); err != nil {
		return nil, err
	}
	if set, err := schemes.At(ctx, s.Publication); err == nil {
		if x := set.Library.Scheme(s.Scheme); x != nil {
			out.SchemeTitle = x.Title()
		}
	}
	if s.State != begun {
		return out, nil
	}
	j, err := jobs.Get(ctx, s.Job)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		out.State, out.Failure = Failed, "测算已中断，请重新测算"
		return out, nil
	case err != nil:
		return nil, err
	}
	out.Done, out.Parties = j.Done, j.Total
	switch j.State {
	case jobs.Running:
		out.State = Running
	case jobs.Failed:
		out.State, out.Failure = Failed, j.Failure
	case jobs.Cancelled:
		out.State = Stopped
	case jobs.Done:
		out.State, out.Failure = Failed, "测算已中断，请重新测算"
	default:
		out.State = Waiting
	}
	return out, nil
}

// Save gives a run that is done a name, under which others find it. Forbidden to all but its maker; Conflict before it is done.
func (r *Room) Save(ctx context.Context, id, name, note string) (*Simulation, error) {
	name, note = strings.TrimSpace(name), strings.TrimSpace(note)
	if name == "" || utf8.RuneCountInString(name) > 60 || !store.Plain(name) || strings.Contains(name, "\n") {
		return nil, fault.New(fault.Invalid, "方案名称不正确", fault.At("name", "请写1至60个字的名称"))
	}
	if utf8.RuneCountInString(note) > 500 || !store.Plain(note) {
		return nil, fault.New(fault.Invalid, "说明不正确", fault.At("note", "说明不超过500个字"))
	}
	err := store.Write(ctx, func(ctx context.Context) error {
		s, err := own(ctx, id)
		if err != nil {
			return err
		}
		if s.State != Done {
			return fault.New(fault.Conflict, "测算完成后才能保存方案")
		}
		s.Name, s.Note = name, note
		if err := update(ctx, s, "name", "note"); err != nil {
			return err
		}
		return s.record(ctx, "simulation.save", map[string]any{"name": name})
	})
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}

// Stop ends a run that is under way. Forbidden to all but its maker, Conflict if it has ended.
func (r *Room) Stop(ctx context.Context, id string) (*Simulation, error) {
	err := store.Write(ctx, func(ctx context.Context) error {
		s, err := own(ctx, id)
		if err != nil {
			return err
		}
		s.State, s.EndedAt = Stopped, store.Stamp(clock.Now(ctx))
		if err := end(ctx, s); err != nil {
			return err
		}
		if err := s.cancel(ctx); err != nil {
			return err
		}
		return s.record(ctx, "simulation.stop", nil)
	})
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}

// Delete takes a run away, and stops it first. Forbidden to all but its maker.
func (r *Room) Delete(ctx context.Context, id string) error {
	return store.Write(ctx, func(ctx context.Context) error {
		s, err := own(ctx, id)
		if err != nil {
			return err
		}
		if err := s.cancel(ctx); err != nil {
			return err
		}
		return drop(ctx, s)
	})
}

// cancel ends the job of a run, if it has not ended.
func (s *row) cancel(ctx context.Context) error {
	j, err := jobs.Get(ctx, s.Job)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return nil
	case err != nil || j.State.Ended():
		return err
	}
	return jobs.Cancel(ctx, s.Job)
}

// record appends the audit event of what became of a run, inside the transaction.
func (s *row) record(ctx context.Context, action string, data any) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: kind, ID: s.ID, Digest: s.digest(), Data: data})
}

func asText(v any) string {
	b, _ := json.Marshal(v) // texts, numbers and lists of them always marshal
	return string(b)
}
