package panel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Seat is a panel as one of its experts sees it: what is theirs to score, and nothing of the others.
type Seat struct {
	ID         string      `json:"id"`
	Title      string      `json:"title" doc:"of the round"`
	State      string      `json:"state" enum:"open,scored,void"`
	Blind      bool        `json:"blind"`
	Whole      bool        `json:"whole" doc:"a conflict of interest with one applicant takes the expert off the whole panel"`
	Items      []Item      `json:"items" nullable:"false"`
	Step       string      `json:"step"`
	Declared   bool        `json:"declared" doc:"nothing waits for a declaration: only then is evidence shown"`
	DeclaredAt string      `json:"declared_at,omitempty"`
	Out        bool        `json:"out" doc:"they are off the panel"`
	Applicants []Applicant `json:"applicants" nullable:"false" doc:"whom the declaration is about: everybody who is scored, in the order of names, which tells nothing of whose the codes are"`
	Sheets     []Sheet     `json:"sheets" nullable:"false"`
	Chair      bool        `json:"chair" doc:"theirs is the signature under the minutes"`
	Note       string      `json:"note,omitempty" doc:"the minutes' words, for the chair"`
	SignedAt   string      `json:"signed_at,omitempty"`
}

// Item is a line of the score sheet.
type Item struct {
	Title string `json:"title"`
	Most  string `json:"most"`
}

// Applicant is somebody whom a declaration is about.
type Applicant struct {
	Party string `json:"party"`
	Name  string `json:"name"`
}

// Sheet is what an expert gives a case.
type Sheet struct {
	Code        string     `json:"code"`
	Name        string     `json:"name,omitempty" doc:"who applies, unless it is blind"`
	Submitted   bool       `json:"submitted"`
	SubmittedAt string     `json:"submitted_at,omitempty"`
	Marks       []Mark     `json:"marks" nullable:"false"`
	Total       string     `json:"total,omitempty" doc:"once every item has its points"`
	Remark      string     `json:"remark"`
	Evidence    []Evidence `json:"evidence" nullable:"false"`
	Version     int64      `json:"version"`
}

// Mark is the points for an item.
type Mark struct {
	Item   string `json:"item" maxLength:"40"`
	Points string `json:"points" maxLength:"12" doc:"a decimal number; empty: not yet"`
}

// SeatLine is a panel in the list of an expert.
type SeatLine struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	State     string `json:"state" enum:"open,scored,void"`
	DrawnAt   string `json:"drawn_at"`
	Declared  bool   `json:"declared"`
	Out       bool   `json:"out"`
	Sheets    int    `json:"sheets" doc:"how many are theirs to score"`
	Submitted int    `json:"submitted"`
}

// Seats are the panels that whoever asks was called to, the latest first.
func (r *Room) Seats(ctx context.Context) ([]SeatLine, error) {
	out := []SeatLine{}
	a := account.ActorFrom(ctx)
	if !a.Is(account.RoleExpert) {
		return nil, fault.New(fault.Forbidden, "这里只供评审专家使用")
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		var panels []struct {
			ID     string `bun:"id"`
			Expert string `bun:"expert"`
			State  string `bun:"state"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT p.id, l.expert, l.state FROM panel_lot AS l JOIN panels AS p ON p.id = l.panel JOIN experts AS e ON e.id = l.expert
			WHERE e.login = ? AND e.login <> '' AND l.position > 0 AND l.state <> ? ORDER BY p.drawn_at DESC, p.id DESC`, a.Login, ticketWaiting).Scan(ctx, &panels); err != nil {
			return err
		}
		for _, x := range panels {
			p, err := panelByID(ctx, x.ID)
			if err != nil {
				return err
			}
			sheets, err := sheetsOf(ctx, x.ID, x.Expert)
			if err != nil {
				return err
			}
			line := SeatLine{ID: p.ID, Title: p.RoundTitle, State: p.State, DrawnAt: p.DrawnAt, Declared: true, Out: x.State == ticketOut}
			for _, s := range sheets {
				switch s.State {
				case sheetCalled:
					line.Declared = false
				case sheetSubmitted:
					line.Submitted++
				}
				if s.State != sheetRecused {
					line.Sheets++
				}
			}
			out = append(out, line)
		}
		return nil
	})
	return out, err
}

// Seat is a panel as whoever asks sees it as one of its experts. NotFound for everybody else.
func (r *Room) Seat(ctx context.Context, panel string) (*Seat, error) {
	var out *Seat
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		out, err = r.seat(ctx, panel)
		return err
	})
	return out, err
}

func (r *Room) seat(ctx context.Context, panel string) (*Seat, error) {
	s, err := own(ctx, panel)
	if err != nil {
		return nil, err
	}
	lines, err := linesOf(ctx, panel)
	if err != nil {
		return nil, err
	}
	out := &Seat{ID: panel, Title: s.panel.RoundTitle, State: s.panel.State, Blind: s.rules.Blind, Whole: s.rules.Conflict == "panel", Items: []Item{}, Step: s.rules.Step,
		Declared: !s.undeclared(), DeclaredAt: s.ticket.DeclaredAt, Out: s.ticket.State == ticketOut, Applicants: []Applicant{}, Sheets: []Sheet{},
		Chair: s.panel.Chair == s.expert.ID, SignedAt: s.panel.SignedAt}
	for _, i := range s.rules.Sheet {
		out.Items = append(out.Items, Item{i.Title, i.Most})
	}
	if out.Chair {
		out.Note = s.panel.Note
	}
	byCase := map[string]*lineRow{}
	for _, c := range lines {
		byCase[c.Case] = c
	}
	for _, c := range lines {
		if a := (Applicant{c.Party, c.PartyName}); !out.Out && !s.recused(c.Case) && !slices.Contains(out.Applicants, a) {
			out.Applicants = append(out.Applicants, a)
		}
	}
	for _, x := range s.sheets {
		if x.State == sheetRecused || out.Out {
			continue
		}
		c := byCase[x.Case]
		if x.State == sheetCalled || !out.Declared {
			continue
		}
		v := Sheet{Code: c.Code, Submitted: x.State == sheetSubmitted, SubmittedAt: x.SubmittedAt, Marks: []Mark{}, Remark: x.Remark, Version: x.Version}
		if !s.rules.Blind {
			v.Name = c.PartyName
		}
		marks := x.marks()
		for _, i := range s.rules.Sheet {
			v.Marks = append(v.Marks, Mark{i.Title, marks[i.Title]})
		}
		if total := x.total(s.rules); total != nil {
			v.Total = decimal(total)
		}
		if v.Evidence, err = r.evidence(ctx, s.rules, x.Case); err != nil {
			return nil, err
		}
		out.Sheets = append(out.Sheets, v)
	}
	slices.SortFunc(out.Applicants, func(a, b Applicant) int { return strings.Compare(a.Name+a.Party, b.Name+b.Party) })
	slices.SortFunc(out.Sheets, func(a, b Sheet) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

// evidence is what was attached to a case; blind, without the names that the applicant gave the files.
func (r *Room) evidence(ctx context.Context, rules *policy.Panel, caseID string) ([]Evidence, error) {
	list, err := r.cases.Evidence(ctx, caseID)
	if err != nil {
		return nil, err
	}
	if rules.Blind {
		for i := range list {
			for k := range list[i].Files {
				list[i].Files[k].Name = blindName(list[i].Title, k, list[i].Files[k].Name)
			}
		}
	}
	return list, nil
}

func blindName(title string, k int, name string) string {
	return fmt.Sprintf("%s%d%s", title, k+1, path.Ext(name))
}

func (x *sheetRow) marks() map[string]string {
	out := map[string]string{}
	_ = json.Unmarshal([]byte(x.Marks), &out) // written by jsonOf
	return out
}

// total is what a sheet gives in all; nil while an item has no points that its rules allow.
func (x *sheetRow) total(rules *policy.Panel) *big.Rat {
	marks, sum := x.marks(), new(big.Rat)
	for _, i := range rules.Sheet {
		if rules.Wrong(i, marks[i.Title]) != "" {
			return nil
		}
		points, _ := policy.PointsOf(marks[i.Title])
		sum.Add(sum, points)
	}
	return sum
}

// decimal is a sum of points as people write it.
func decimal(n *big.Rat) string {
	text := n.FloatString(4)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// Scoring is what an expert saves or hands in of a sheet.
type Scoring struct {
	Marks   []Mark `json:"marks" maxItems:"50"`
	Remark  string `json:"remark,omitempty" maxLength:"2000"`
	Version int64  `json:"version" doc:"of the sheet as it was shown"`
	Submit  bool   `json:"submit,omitempty" doc:"hand it in, once and for all; every item needs its points then"`
}

// Score keeps what whoever asks gives a case by its code, as a draft or handed in for good. Conflict once it is handed in, and if it was changed
// meanwhile; Invalid names every item that is wrong.
func (r *Room) Score(ctx context.Context, panel, code string, d Scoring) (*Seat, error) {
	var out *Seat
	err := store.Write(ctx, func(ctx context.Context) error {
		s, err := lock(ctx, panel)
		if err != nil {
			return err
		}
		x, err := s.sheet(ctx, code)
		if err != nil {
			return err
		}
		switch {
		case s.panel.State != stateOpen:
			return fault.New(fault.Conflict, "评审已经结束")
		case x.State == sheetSubmitted:
			return fault.New(fault.Conflict, "这份评分已经提交，不能再改")
		case x.Version != d.Version:
			return fault.New(fault.Conflict, "这张评分表刚刚有了别的变动，请刷新后再试")
		}
		marks := map[string]string{}
		var details []fault.Detail
		for i, m := range d.Marks {
			at := slices.IndexFunc(s.rules.Sheet, func(x policy.SheetItem) bool { return x.Title == m.Item })
			field := fmt.Sprintf("marks[%d]", i)
			m.Points = strings.TrimSpace(m.Points)
			switch {
			case at < 0:
				details = append(details, fault.At(field, "评分表中没有这一项"))
			case m.Points == "" && !d.Submit:
			case s.rules.Wrong(s.rules.Sheet[at], m.Points) != "":
				details = append(details, fault.At(field, "%s：%s", m.Item, s.rules.Wrong(s.rules.Sheet[at], m.Points)))
			default:
				marks[m.Item] = m.Points
			}
		}
		d.Remark = strings.TrimSpace(d.Remark)
		if utf8.RuneCountInString(d.Remark) > 2000 || !store.Plain(d.Remark) {
			details = append(details, fault.At("remark", "评语不超过2000字"))
		}
		if d.Submit && len(details) == 0 {
			for _, i := range s.rules.Sheet {
				if marks[i.Title] == "" {
					details = append(details, fault.At("marks", "请填写“%s”的分数", i.Title))
				}
			}
		}
		if len(details) > 0 {
			return fault.New(fault.Invalid, "评分不完整："+details[0].Message, details...)
		}
		action := "panel.saved"
		x.Marks, x.Remark, x.SavedAt = jsonOf(marks), d.Remark, store.Stamp(clock.Now(ctx))
		if d.Submit {
			x.State, x.SubmittedAt, action = sheetSubmitted, x.SavedAt, "panel.submitted"
		}
		if err := x.write(ctx, action); err != nil {
			return err
		}
		out, err = r.seat(ctx, panel)
		return err
	})
	return out, err
}

// sheet is the sheet of a seat for a case by its code. NotFound for what is not theirs, Forbidden before the declaration.
func (s *seat) sheet(ctx context.Context, code string) (*sheetRow, error) {
	var ids []string
	if err := store.Tx(ctx).NewRaw(`SELECT case_id FROM panel_cases WHERE panel = ? AND code = ?`, s.panel.ID, code).Scan(ctx, &ids); err != nil {
		return nil, err
	}
	for _, x := range s.sheets {
		if slices.Contains(ids, x.Case) && x.State != sheetRecused && s.ticket.State != ticketOut {
			if s.undeclared() {
				return nil, fault.New(fault.Forbidden, "请先声明有没有应当回避的情形")
			}
			return x, nil
		}
	}
	return nil, fault.New(fault.NotFound, "没有这一件，或不由您评")
}

// File is a file of the evidence of a case that whoever asks is to score, with its content. The caller closes it.
func (r *Room) File(ctx context.Context, panel, code, file string) (f files.File, content io.ReadCloser, err error) {
	caseID, name := "", ""
	err = store.Read(ctx, func(ctx context.Context) error {
		s, err := own(ctx, panel)
		if err != nil {
			return err
		}
		x, err := s.sheet(ctx, code)
		if err != nil {
			return err
		}
		list, err := r.evidence(ctx, s.rules, x.Case)
		if err != nil {
			return err
		}
		for _, e := range list {
			for _, f := range e.Files {
				if f.ID == file {
					caseID, name = x.Case, f.Name
					return nil
				}
			}
		}
		return fault.New(fault.NotFound, "没有这个文件")
	})
	if err != nil {
		return f, nil, err
	}
	f, content, err = r.cases.File(ctx, caseID, file)
	f.Name = name
	return f, content, err
}

// In says whether every score is in that a round's cases which go on need: Conflict if not, and how many are missing.
func (r *Room) In(ctx context.Context, round string, going []string) error {
	_, _, _, err := r.complete(ctx, round, going)
	return err
}

// complete reads what was handed in for cases, if it is all there.
func (r *Room) complete(ctx context.Context, round string, going []string) (*panelRow, *policy.Panel, map[string][]*sheetRow, error) {
	p, err := standing(ctx, round)
	if err != nil {
		return nil, nil, nil, err
	}
	if p == nil {
		return nil, nil, nil, fault.New(fault.Conflict, "这一批还没有抽取专家")
	}
	rules, err := rulesOf(p.Rules)
	if err != nil {
		return nil, nil, nil, err
	}
	rows := []*sheetRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("s.panel = ? AND s.state <> ? AND s.case_id IN (?)", p.ID, sheetRecused, bun.List(append([]string{""}, going...))).OrderExpr("s.id").
		Scan(ctx); err != nil {
		return nil, nil, nil, err
	}
	in, called := map[string][]*sheetRow{}, map[string]int{}
	for _, s := range rows {
		called[s.Case]++
		if s.State == sheetSubmitted {
			in[s.Case] = append(in[s.Case], s)
		}
	}
	missing, short := 0, 0
	for _, id := range going {
		short += rules.Experts - called[id]
		missing += called[id] - len(in[id])
	}
	switch {
	case short > 0:
		return nil, nil, nil, fault.New(fault.Conflict, fmt.Sprintf("专家不足：还缺%d份评分没有人评，可以抽取的专家已用完，请增补专家库后重新抽取", short))
	case missing > 0:
		return nil, nil, nil, fault.New(fault.Conflict, fmt.Sprintf("还有%d份评分没有提交", missing))
	}
	return p, rules, in, nil
}

// Scored is what a case came to.
type Scored struct{ Case, Party, Term, Score string }

// Sum makes each case's score of what its experts gave, for the cases of a round that go on, and closes the panel. Conflict unless every score is in. Of a
// panel that is closed already they are what they were.
func (r *Room) Sum(ctx context.Context, round string, going []string) ([]Scored, error) {
	p, rules, in, err := r.complete(ctx, round, going)
	if err != nil {
		return nil, err
	}
	lines, err := linesOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	out := []Scored{}
	for _, c := range lines {
		known[c.Case] = true
		if !slices.Contains(going, c.Case) {
			continue
		}
		if p.State == stateOpen {
			totals := make([]*big.Rat, len(in[c.Case]))
			for i, s := range in[c.Case] {
				if totals[i] = s.total(rules); totals[i] == nil {
					return nil, fmt.Errorf("panel: sheet %s was handed in and is not complete", s.ID)
				}
			}
			mean, score, _, ok := rules.Mean(totals)
			if !ok {
				return nil, fault.New(fault.Conflict, "申报"+c.Number+"的评分不齐，不能得出平均分")
			}
			c.Mean, c.Score = mean.RatString(), score
			if _, err := store.Tx(ctx).NewUpdate().Model(c).WherePK().Exec(ctx); err != nil {
				return nil, err
			}
		}
		out = append(out, Scored{c.Case, c.Party, c.Term, c.Score})
	}
	for _, id := range going {
		if !known[id] {
			return nil, fault.New(fault.Conflict, "有申报是抽取专家以后才到的，没有人评")
		}
	}
	if p.State == stateOpen {
		tickets, err := lotOf(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range tickets { // the chair: who was drawn first of those who scored
			if p.Chair == "" && t.State == ticketCalled {
				p.Chair = t.Expert
			}
		}
		p.State, p.ScoredAt = stateScored, store.Stamp(clock.Now(ctx))
		if err := p.changed(ctx, "panel.scored", map[string]int{"cases": len(out)}); err != nil {
			return nil, err
		}
		e, err := expertByID(ctx, p.Chair)
		if err != nil {
			return nil, err
		}
		if err := r.world.Tell(ctx, e.Login, "请签署评审会纪要", p.RoundTitle+"：评分已汇总，您是专家组组长"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Scores are the scores of a round's cases, once they were made.
func (r *Room) Scores(ctx context.Context, round string) (map[string]string, error) {
	out := map[string]string{}
	p, err := standing(ctx, round)
	if err != nil || p == nil || p.State != stateScored {
		return out, err
	}
	lines, err := linesOf(ctx, p.ID)
	for _, c := range lines {
		if c.Score != "" {
			out[c.Case] = c.Score
		}
	}
	return out, err
}

// Short says whether nobody is left to give some score of a round's panel: Conflict while it can go on, so that nobody draws until they like the lot.
func (r *Room) Short(ctx context.Context, round string) error {
	p, err := standing(ctx, round)
	if err != nil {
		return err
	}
	if p == nil || p.State != stateOpen {
		return fault.New(fault.Conflict, "这一批没有正在评分的专家组")
	}
	rules, err := rulesOf(p.Rules)
	if err != nil {
		return err
	}
	short, err := p.short(ctx, rules)
	if err != nil || short > 0 {
		return err
	}
	return fault.New(fault.Conflict, "候补还够，不能重抽；不能来的专家请在专家评审里换下")
}

// Signed says whether the minutes of a round's panel are signed: Conflict if not.
func (r *Room) Signed(ctx context.Context, round string) error {
	p, err := standing(ctx, round)
	if err != nil {
		return err
	}
	if p == nil || p.SignedAt == "" {
		return fault.New(fault.Conflict, "评审会纪要还没有由专家组组长签署")
	}
	return nil
}
