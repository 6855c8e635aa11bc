package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Round (申报批次) opens one or more schemes for a period. Its rules are those that were published when it was made: a later publication
// changes nothing in it.
type Round struct {
	ID          string        `json:"id"`
	Number      string        `json:"number" doc:"as documents cite it; also begins the numbers of its cases"`
	Title       string        `json:"title"`
	Standing    bool          `json:"standing" doc:"takes applications all the time; each is dealt with by what is published on the day it is begun"`
	Process     ProcessRef    `json:"process" doc:"of a standing item: that of an application begun today"`
	SetHash     string        `json:"set_hash" doc:"the published rules it is pinned to; of a standing item: those of an application begun today"`
	Performance int           `json:"performance" doc:"the year whose figures count; 0: the year in which each application is begun"`
	Batch       string        `json:"batch,omitempty" doc:"which batch it is, where a document sets other figures for other batches"`
	Opens       policy.Date   `json:"opens" doc:"first day of the window"`
	Closes      policy.Date   `json:"closes" doc:"last day of the window; empty while a standing item has no end"`
	Department  string        `json:"department" doc:"who runs the round"`
	Body        string        `json:"body" doc:"the notice to applicants"`
	NoticeDays  int           `json:"notice_days" doc:"how long its public notices run, if it says so itself; 0: as its process says"`
	NoticeUnit  string        `json:"notice_unit" enum:"工作日,日,"`
	Schemes     []RoundScheme `json:"schemes" nullable:"false"`
	Published   bool          `json:"published" doc:"everybody sees it"`
	TakesToday  bool          `json:"takes_today" doc:"an application may be submitted today"`
	FrozenAt    string        `json:"frozen_at,omitempty" doc:"facts are as of then and no case enters any more"`
	Cases       int           `json:"cases" doc:"submitted so far"`
	Invented    bool          `json:"invented,omitempty" doc:"made up for a demonstration"`
	Stage       string        `json:"stage"`
	Public      string        `json:"public" doc:"what the stage means, in plain words"`
	Ended       string        `json:"ended,omitempty"`
	CreatedAt   string        `json:"created_at"`
	CreatedBy   string        `json:"created_by"`
	Version     int64         `json:"version"`
}

// ProcessRef names the process that a round's cases run by.
type ProcessRef struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Hash    string         `json:"hash"`
	Starts  string         `json:"starts" enum:"applicant,system,office" doc:"who begins its cases: the applicant, the system with a proposal, or the department in charge"`
	About   string         `json:"about,omitempty" enum:"certificate" doc:"what its cases begin with that is there already"`
	Stands  bool           `json:"stands" doc:"runs applications one by one, for standing items; else a batch"`
	Decides bool           `json:"decides" doc:"decides sums of money: for schemes of money, and for no other"`
	Checks  bool           `json:"checks" doc:"departments check lists of its cases"`
	Upward  bool           `json:"upward" doc:"recommends its cases to an upper body, which decides"`
	Notices []NoticePeriod `json:"notices" nullable:"false" doc:"how long each of its public notices runs, unless the round says otherwise"`
}

// NoticePeriod is how long a public notice runs, and where that comes from.
type NoticePeriod struct {
	Action string `json:"action" doc:"title of the action that publishes it"`
	Days   int    `json:"days"`
	Unit   string `json:"unit"`
	Source string `json:"source" doc:"what it rests on"`
}

func refOf(p *policy.Process) ProcessRef {
	out := ProcessRef{ID: p.ID, Title: p.Title, Hash: p.Hash, Starts: p.Starts, About: p.About, Decides: p.Decides(), Notices: []NoticePeriod{}}
	add := func(a *policy.Action) {
		if w := a.Period; w != nil {
			out.Notices = append(out.Notices, NoticePeriod{a.Title, w.N, w.Unit, w.Source()})
		}
	}
	if f := p.Flow(flowCase); f != nil {
		out.Checks = f.Has(func(a *policy.Action) bool { return slices.Contains(a.Needs, "findings") })
	}
	f := p.Flow(flowRound)
	if f == nil {
		out.Stands = true
		return out
	}
	out.Upward = concluding(p) != nil
	for _, s := range f.Stages {
		for _, t := range s.Tasks {
			for _, a := range t.Actions {
				add(a)
			}
		}
	}
	for _, a := range f.Always {
		add(a)
	}
	return out
}

// RoundScheme is a scheme of a round.
type RoundScheme struct {
	Scheme     schemes.Lite `json:"scheme"`
	Department string       `json:"department" doc:"who reviews it"`
	Materials  []Material   `json:"materials" nullable:"false"`
}

// Material is something that an applicant attaches.
type Material struct {
	Key      string `json:"key" maxLength:"40" doc:"short name, unique in the list"`
	Title    string `json:"title" maxLength:"200"`
	Required bool   `json:"required"`
	Hint     string `json:"hint,omitempty" maxLength:"500"`
}

// RoundDraft is what an officer states of a round.
type RoundDraft struct {
	Number      string             `json:"number" maxLength:"40"`
	Title       string             `json:"title" maxLength:"100"`
	Standing    bool               `json:"standing,omitempty" doc:"a standing item: no end, no batch, no year of its own"`
	Process     string             `json:"process" maxLength:"80" doc:"id of a process file"`
	Performance int                `json:"performance,omitempty" minimum:"0" maximum:"2200" doc:"the year whose figures count; none for a standing item"`
	Batch       string             `json:"batch,omitempty" maxLength:"40" doc:"which batch it is, as documents write it; empty: none"`
	Opens       policy.Date        `json:"opens"`
	Closes      policy.Date        `json:"closes,omitempty" doc:"last day; may be empty for a standing item"`
	Department  string             `json:"department" maxLength:"64"`
	Body        string             `json:"body,omitempty" maxLength:"20000"`
	NoticeDays  int                `json:"notice_days,omitempty" minimum:"0" maximum:"60" doc:"how long its public notices run; 0: as its process says"`
	NoticeUnit  string             `json:"notice_unit,omitempty" enum:"工作日,日,"`
	Schemes     []RoundSchemeDraft `json:"schemes" minItems:"1" maxItems:"100"`
	Invented    bool               `json:"-"`
}

// RoundSchemeDraft is a scheme of a round as an officer states it.
type RoundSchemeDraft struct {
	Scheme     string     `json:"scheme" maxLength:"160" doc:"document/scheme"`
	Department string     `json:"department,omitempty" maxLength:"64" doc:"who reviews it; empty: the office that the scheme names, else who runs the round"`
	Materials  []Material `json:"materials,omitempty" maxItems:"30"`
}

// check says everything that is wrong with the draft, over the library that the round is pinned to.
func (d *RoundDraft) check(ctx context.Context, set *schemes.Compiled) (*policy.Process, []fault.Detail) {
	var out []fault.Detail
	bad := func(name, format string, a ...any) { out = append(out, fault.At(name, format, a...)) }
	for _, t := range []struct {
		name, label string
		text        *string
		most        int
	}{{"number", "批次编号", &d.Number, 40}, {"title", "名称", &d.Title, 100}, {"department", "组织部门", &d.Department, 64}} {
		*t.text = strings.TrimSpace(*t.text)
		switch n := utf8.RuneCountInString(*t.text); {
		case n == 0:
			bad(t.name, "请填写%s", t.label)
		case n > t.most:
			bad(t.name, "%s不能超过%d个字", t.label, t.most)
		case !store.Plain(*t.text) || strings.Contains(*t.text, "\n"):
			bad(t.name, "%s含有不允许的字符", t.label)
		}
	}
	if d.Batch = strings.TrimSpace(d.Batch); utf8.RuneCountInString(d.Batch) > 40 || !store.Plain(d.Batch) || strings.Contains(d.Batch, "\n") {
		bad("batch", "批次名称应与政策文件的写法一致，不超过40个字")
	}
	if !store.Plain(d.Body) {
		bad("body", "申报通知含有不允许的字符")
	}
	p := set.Library.Process(d.Process)
	if d.Process == "" {
		bad("process", "请选择办理流程")
	} else if p == nil {
		bad("process", "没有这个办理流程")
	} else if batch := p.Flow(flowRound) != nil; batch && d.Standing {
		bad("process", "这个流程是按批次办的，不能用于常年受理")
	} else if !batch && !d.Standing {
		bad("process", "这个流程是逐件办的，只能用于常年受理")
	} else if d.Standing && p.Starts == originSystem {
		bad("process", "这个流程由系统发起，不能用于常年受理")
	}
	if d.Standing {
		d.Performance, d.Batch, d.NoticeDays, d.NoticeUnit = 0, "", 0, ""
	} else if d.Performance < 1949 || d.Performance > 2200 {
		bad("performance", "请填写考核年度")
	}
	if d.Opens == 0 && d.Standing {
		bad("opens", "请填写开始受理的日期")
	} else if d.Standing && d.Closes == 0 {
		// stands until somebody says otherwise
	} else if d.Opens == 0 || d.Closes == 0 {
		bad("opens", "请填写申报起止日期")
	} else if d.Closes < d.Opens {
		bad("closes", "截止日期早于开始日期")
	} else if d.Closes < clock.Today(ctx) {
		bad("closes", "截止日期已过")
	}
	switch {
	case d.NoticeDays == 0:
		d.NoticeUnit = ""
	case d.NoticeDays < 0 || d.NoticeDays > 60:
		bad("notice_days", "公示期应在1到60之间")
	case d.NoticeUnit != calendar.WorkingDay && d.NoticeUnit != calendar.Day:
		bad("notice_unit", "请写明公示期是工作日还是日")
	}
	seen := map[string]bool{}
	for i := range d.Schemes {
		s := &d.Schemes[i]
		at := fmt.Sprintf("schemes[%d]", i)
		scheme, err := set.Scheme(ctx, s.Scheme)
		switch {
		case err != nil:
			bad(at+".scheme", "%s", fault.Public(err).Message)
			continue
		case seen[s.Scheme]:
			bad(at+".scheme", "同一项政策写了两次")
		case p != nil:
			if why := suits(p, scheme, d.Standing); why != "" {
				bad(at+".scheme", "%s", why)
			}
		}
		seen[s.Scheme] = true
		if s.Department = strings.TrimSpace(s.Department); s.Department == "" {
			if s.Department = scheme.Office(); s.Department == "" {
				s.Department = d.Department
			}
		}
		keys := map[string]bool{}
		for k := range s.Materials {
			m := &s.Materials[k]
			m.Key, m.Title, m.Hint = strings.TrimSpace(m.Key), strings.TrimSpace(m.Title), strings.TrimSpace(m.Hint)
			if m.Title == "" {
				bad(fmt.Sprintf("%s.materials[%d].title", at, k), "请填写材料名称")
			}
			if m.Key == "" {
				m.Key = m.Title
			}
			if keys[m.Key] {
				bad(fmt.Sprintf("%s.materials[%d].key", at, k), "同一材料写了两次")
			}
			if !store.Plain(m.Key + m.Title + m.Hint) {
				bad(fmt.Sprintf("%s.materials[%d].title", at, k), "含有不允许的字符")
			}
			keys[m.Key] = true
		}
	}
	if len(d.Schemes) == 0 {
		bad("schemes", "请至少选择一项政策")
	}
	return p, out
}

// MakeRound makes a round, pinned to what is published now, at the first stage of its process: only who works there sees it until it is
// opened. Forbidden unless the actor is an officer of the department; Invalid with a detail per field; Conflict if the number is taken.
func (c *Casework) MakeRound(ctx context.Context, d RoundDraft) (*Round, error) {
	var out *Round
	err := store.Write(ctx, func(ctx context.Context) error {
		publication, err := schemes.InUse(ctx)
		if err != nil {
			return err
		}
		set, err := schemes.At(ctx, publication)
		if err != nil {
			return err
		}
		p, details := d.check(ctx, set)
		if len(details) > 0 {
			return fault.New(fault.Invalid, "请更正标出的内容", details...)
		}
		if err := mayRun(ctx, d.Department); err != nil {
			return err
		}
		hash, err := c.engine.Keep(ctx, p)
		if err != nil {
			return err
		}
		row := roundRow{ID: store.NewID(), Number: d.Number, Title: d.Title, Standing: flag(d.Standing),
			basis: basis{Publication: publication, SetHash: set.Hash, Process: hash, Performance: int64(d.Performance), Batch: d.Batch}, Opens: d.Opens.String(), Closes: d.Closes.String(), Department: d.Department, Body: d.Body,
			NoticeDays: int64(d.NoticeDays), NoticeUnit: d.NoticeUnit, Invented: flag(d.Invented),
			CreatedAt: store.Stamp(clock.Now(ctx)), CreatedBy: by(ctx), Version: 1}
		if err := row.insert(ctx, d.Schemes); err != nil {
			if store.IsUnique(err) {
				return fault.New(fault.Conflict, "已有这个编号的批次", fault.At("number", "请换一个编号"))
			}
			return err
		}
		if err := c.recordRound(ctx, "round.made", row.ID, map[string]any{"set": set.Hash, "process": hash}); err != nil {
			return err
		}
		if !d.Standing {
			if _, err = c.engine.Start(ctx, hash, process.Subject{Flow: flowRound, ID: row.ID, Number: row.Number, Title: row.Title,
				Department: row.Department, Round: row.ID}); err != nil {
				return err
			}
		}
		out, err = c.roundOf(ctx, row.ID)
		return err
	})
	return out, err
}

// ChangeRound changes what may still change: before it is opened everything but the number and the process, afterwards only the end of
// the window, the notice to applicants and how long public notices run. Conflict if somebody else changed it meanwhile (version) or it is frozen.
func (c *Casework) ChangeRound(ctx context.Context, id string, version int64, d RoundDraft) (*Round, error) {
	var out *Round
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleRound(ctx, id)
		if err != nil {
			return err
		}
		if err := mayRun(ctx, row.Department); err != nil {
			return err
		}
		b, set, p, err := row.begun(ctx)
		if err != nil {
			return err
		}
		current, err := row.draft(ctx)
		if err != nil {
			return err
		}
		d.Number, d.Standing, d.Process = current.Number, current.Standing, current.Process
		if row.Open != 0 {
			d.Schemes, d.Performance, d.Department, d.Opens = current.Schemes, current.Performance, current.Department, current.Opens
			d.Batch = current.Batch
			d.Title = current.Title
		}
		// The process stays what it is, whatever is published now under its name.
		_, details := d.check(ctx, set)
		details = slices.DeleteFunc(details, func(x fault.Detail) bool { return x.Field == "process" })
		if len(details) > 0 {
			return fault.New(fault.Invalid, "请更正标出的内容", details...)
		}
		if err := mayRun(ctx, d.Department); err != nil {
			return err
		}
		if d.Standing && p != nil { // what its officer sees now
			if b.Process, err = c.engine.Keep(ctx, p); err != nil {
				return err
			}
			row.basis = b
		}
		row.Title, row.Performance, row.Batch, row.Opens, row.Closes = d.Title, int64(d.Performance), d.Batch, d.Opens.String(), d.Closes.String()
		row.Department, row.Body, row.NoticeDays, row.NoticeUnit = d.Department, d.Body, int64(d.NoticeDays), d.NoticeUnit
		if err := row.update(ctx, version, d.Schemes); err != nil {
			return err
		}
		if err := c.recordRound(ctx, "round.changed", id, map[string]any{"closes": row.Closes}); err != nil {
			return err
		}
		out, err = c.roundOf(ctx, id)
		return err
	})
	return out, err
}

// Processes are the published processes that a round may run by, in the order of their files.
func (c *Casework) Processes(ctx context.Context) ([]ProcessRef, error) {
	library, err := schemes.Library(ctx)
	if err != nil {
		return nil, err
	}
	out := []ProcessRef{}
	for _, p := range library.Processes() {
		out = append(out, refOf(p))
	}
	return out, nil
}

// Round by its id. NotFound if the actor may not see it: everybody sees what is published, those at the desk also what is being prepared.
func (c *Casework) Round(ctx context.Context, id string) (*Round, error) {
	var out *Round
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		out, err = c.roundOf(ctx, id)
		return err
	})
	return out, err
}

// Guide (办事指南) is what somebody has to know who would apply in a round today: who may, for what, with which materials, and how it is dealt
// with, step by step, each limit with what it rests on.
type Guide struct {
	Round   *Round                `json:"round"`
	Way     *Way                  `json:"way,omitempty" doc:"absent if nothing published says how it is dealt with"`
	Schemes []*policy.Description `json:"schemes" nullable:"false" doc:"in the order of the round; one that is not published any more is left out"`
}

// Way is how an application is dealt with, as its process reads.
type Way struct {
	Title  string                  `json:"title"`
	Starts string                  `json:"starts"`
	Stages []policy.StageView      `json:"stages" nullable:"false"`
	Rules  []string                `json:"rules" nullable:"false"`
	Notes  []policy.Interpretation `json:"notes" nullable:"false" doc:"what its author chose where no source says"`
}

// Guide of a round that the actor may see. NotFound otherwise.
func (c *Casework) Guide(ctx context.Context, id string) (*Guide, error) {
	out := &Guide{}
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		if out.Round, err = c.roundOf(ctx, id); err != nil {
			return err
		}
		row, err := visibleRound(ctx, id)
		if err != nil {
			return err
		}
		_, set, p, err := row.begun(ctx)
		if err != nil {
			return err
		}
		if p != nil {
			v := p.Describe()
			at := slices.IndexFunc(v.Flows, func(f policy.FlowView) bool { return f.Key == flowCase })
			out.Way = &Way{Title: v.Title, Starts: v.Starts, Stages: v.Flows[at].Stages, Rules: v.Flows[at].Rules, Notes: v.Notes}
		}
		out.Schemes = []*policy.Description{}
		for _, s := range out.Round.Schemes {
			if x := set.Library.Scheme(s.Scheme.ID); x != nil {
				out.Schemes = append(out.Schemes, x.Describe())
			}
		}
		return nil
	})
	return out, err
}

// RoundFilter selects rounds; zero values select all that the actor may see.
type RoundFilter struct {
	Text   string
	State  string // open: takes applications today; closed: published and no longer; preparing
	Scheme string // document/scheme
	Kind   string // KindStanding, KindBatch
	Page   int
	Per    int
}

// Kinds of rounds.
const (
	KindStanding = "standing"
	KindBatch    = "batch"
)

// RoundPage is a page of rounds.
type RoundPage struct {
	Items []Round `json:"items" nullable:"false"`
	Total int     `json:"total"`
	Page  int     `json:"page"`
}

// Rounds lists rounds, those that close last first.
func (c *Casework) Rounds(ctx context.Context, f RoundFilter) (*RoundPage, error) {
	out := &RoundPage{Page: f.Page}
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, total, err := listRounds(ctx, f, clock.Today(ctx))
		if err != nil {
			return err
		}
		out.Total = int(total)
		out.Items, err = c.rounds(ctx, rows)
		return err
	})
	return out, err
}

// mayRun refuses who is no officer of the department for every town: a round takes applications of all of them.
func mayRun(ctx context.Context, department string) error {
	if !slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return g.Role == account.RoleOfficer && g.Town == "" && (g.Department == "" || g.Department == department)
	}) {
		return fault.New(fault.Forbidden, "只有组织部门的经办人员可以管理批次", fault.At("department", "不在您的部门范围内"))
	}
	return nil
}

func (c *Casework) recordRound(ctx context.Context, action, id string, data any) error {
	digest, err := roundDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: roundKind, ID: id, Digest: digest, Data: data})
}

// takes says whether an application may be submitted on a day.
func (r *Round) takes(on policy.Date) bool {
	return r.Published && r.FrozenAt == "" && r.Opens <= on && (on <= r.Closes || r.Standing && r.Closes == 0)
}

// stands is where a standing item stands on a day, and what that means for who would apply.
func (r *Round) stands(on policy.Date) (stage, public string) {
	switch {
	case !r.Published:
		return "筹备", "正在筹备，还没有开始受理。"
	case on < r.Opens:
		return "待受理", "自" + r.Opens.String() + "起受理。"
	case r.Closes != 0 && on > r.Closes:
		return "停止受理", "已停止受理，此前提交的继续办理。"
	}
	return "常年受理", "常年受理，随时可以申请；每一件按开始填写那天有效的政策文件办理。"
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// RoundName is what other rooms show of a round.
type RoundName struct {
	Number, Title, Department string
	Schemes                   map[string]string // title by id
}

// RoundNames are the names of rounds, by id; one that is not there is left out. For rooms: no permission is asked.
func (c *Casework) RoundNames(ctx context.Context, ids []string) (map[string]RoundName, error) {
	out := make(map[string]RoundName, len(ids))
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		entries, err := schemesOfRounds(ctx, ids)
		if err != nil {
			return err
		}
		rounds, err := roundsByID(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			r := rounds[id]
			if r == nil {
				continue
			}
			_, set, _, err := r.begun(ctx)
			if err != nil {
				return err
			}
			n := RoundName{Number: r.Number, Title: r.Title, Department: r.Department, Schemes: map[string]string{}}
			for _, e := range entries[id] {
				n.Schemes[e.Scheme] = liteOf(set, e.Scheme, clock.Today(ctx)).Title
			}
			out[id] = n
		}
		return nil
	})
	return out, err
}

// Vocabularies are those of the files that what is under way goes by and that are no longer in use: of batches that have not ended, and of the
// live cases of standing items. For rooms: no permission is asked.
func (c *Casework) Vocabularies(ctx context.Context) (out []*policy.Vocabulary, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		out = nil
		current, err := schemes.InUse(ctx)
		if err != nil {
			return err
		}
		var rows []roundRow
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("r.standing = 0 AND r.publication <> ?", current).Order("r.id").Scan(ctx); err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		places, err := c.engine.Standings(ctx, flowRound, ids)
		if err != nil {
			return err
		}
		var used []basis
		for _, r := range rows {
			if places[r.ID].Outcome == "" {
				used = append(used, r.basis)
			}
		}
		var standing []basis
		if err := store.Tx(ctx).NewRaw(`SELECT DISTINCT c.publication, c.set_hash FROM cases AS c JOIN rounds AS r ON r.id = c.round
			WHERE r.standing = 1 AND c.ended = '' AND c.publication <> ? ORDER BY c.publication`, current).Scan(ctx, &standing); err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, b := range append(used, standing...) {
			if seen[b.Publication] {
				continue
			}
			seen[b.Publication] = true
			set, err := b.rules(ctx)
			if err != nil {
				return err
			}
			out = append(out, set.Library.Vocabulary())
		}
		return nil
	})
	return out, err
}
