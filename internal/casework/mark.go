package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// The scores of a rating (评级得分). The process file names the indicators on its sheets; the party scores itself in the draft, with files as
// evidence; officers who go to see score some on a visit; and the department that a task gives a sheet to verifies each score of it. Three
// figures of an indicator stand side by side, and one alone counts: in the evaluation of such a case an indicator is what the department
// verified in this case when its task was done, and else unknown, whatever the party or anybody else stated of it. Done, the scores become
// facts of the party, vouched for by the department.

// Marks are the indicators of a case with what each was scored, as whoever asks may see them: the party its own, and what was verified once its
// task was done; the department in charge everything; a department that verifies a sheet that sheet alone.
type Marks struct {
	Groups    []MarkGroup `json:"groups" nullable:"false"`
	Full      string      `json:"full,omitempty" doc:"all full marks; absent, as the sums and levels, for who sees a part alone"`
	Self      string      `json:"self,omitempty" doc:"the sum of the party's own scores: 83.5分, or from to while some are missing"`
	SelfLevel string      `json:"self_level,omitempty" doc:"the level that the party would reach by its own scores"`
	Verified  string      `json:"verified,omitempty" doc:"the sum of the verified scores"`
	Level     string      `json:"level,omitempty" doc:"the level by the verified scores alone, or from to while some are missing"`
	Costliest []string    `json:"costliest" nullable:"false" doc:"terms whose verified score misses most to the full mark, the most first"`
	Begun     bool        `json:"begun" doc:"some verified score is there to be seen"`
	Mine      bool        `json:"mine" doc:"whoever asks may set scores now"`
}

// MarkGroup is a category of indicators.
type MarkGroup struct {
	Title    string     `json:"title" doc:"empty: they belong to none"`
	Cite     string     `json:"cite,omitempty"`
	Full     string     `json:"full,omitempty"`
	Self     string     `json:"self,omitempty"`
	Verified string     `json:"verified,omitempty"`
	Items    []MarkItem `json:"items" nullable:"false"`
}

// MarkItem is an indicator.
type MarkItem struct {
	Term       string       `json:"term"`
	Title      string       `json:"title"`
	Cite       string       `json:"cite,omitempty"`
	Help       string       `json:"help,omitempty" doc:"how it is scored"`
	Full       string       `json:"full" doc:"the full mark: 3分"`
	Unit       string       `json:"unit"`
	Sheet      string       `json:"sheet" doc:"title of the sheet"`
	Department string       `json:"department" doc:"who verifies it"`
	Scored     bool         `json:"scored" doc:"the party scores itself"`
	Evidence   bool         `json:"evidence" doc:"an own score above nothing needs a file"`
	Self       string       `json:"self,omitempty" doc:"the party's own score: 2.5分"`
	Note       string       `json:"note,omitempty" doc:"what the party says of it"`
	Material   string       `json:"material" doc:"under which its evidence is attached"`
	Files      []Attachment `json:"files" nullable:"false"`
	OnSpot     bool         `json:"on_spot" doc:"it is scored on the spot"`
	Spot       string       `json:"spot,omitempty" doc:"as scored on the spot; absent: not yet"`
	SpotNote   string       `json:"spot_note,omitempty"`
	SpotBy     string       `json:"spot_by,omitempty" doc:"the desk alone"`
	Verified   string       `json:"verified,omitempty"`
	Counts     bool         `json:"counts" doc:"the verified score counts: its task was done"`
	Reason     string       `json:"reason,omitempty" doc:"why the verified score differs"`
	By         string       `json:"by,omitempty" doc:"who verified it; the desk alone"`
	At         string       `json:"at,omitempty"`
	Lost       string       `json:"lost,omitempty" doc:"what the verified score misses to the full mark"`
	Mine       bool         `json:"mine" doc:"whoever asks may set it now"`
}

// SelfMark is what the party scores itself for an indicator, as typed.
type SelfMark struct {
	Term   string `json:"term" maxLength:"160"`
	Points string `json:"points" maxLength:"20" doc:"without its unit: 2.5"`
	Note   string `json:"note,omitempty" maxLength:"500"`
}

// NewMark is what an officer verifies.
type NewMark struct {
	Term   string `json:"term" maxLength:"160"`
	Points string `json:"points" maxLength:"20" doc:"without its unit: 2.5"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"asked for where it differs from the party's own score, or from that on the spot"`
}

const markKind = "mark"

func init() {
	audit.RegisterRow(markKind, markDigest)
	audit.RegisterList(markKind, audit.IDs("case_marks"))
}

type markRow struct {
	bun.BaseModel `bun:"table:case_marks,alias:m"`

	ID         string `bun:"id,pk"`
	Case       string `bun:"case_id"`
	Term       string `bun:"term"`
	Key        string `bun:"key"`
	Year       int64  `bun:"year"`
	Sheet      string `bun:"sheet"`
	Department string `bun:"department"`
	Points     string `bun:"points"`
	Reason     string `bun:"reason"`
	SaidAt     string `bun:"said_at"`
	SaidBy     string `bun:"said_by"`
	Account    string `bun:"account"`
	Supersedes string `bun:"supersedes"`
	Fact       string `bun:"fact"`
}

func (r *markRow) digest() string {
	return audit.Digest(r.ID, r.Case, r.Term, r.Key, strconv.FormatInt(r.Year, 10), r.Sheet, r.Department, r.Points, r.Reason, r.SaidAt, r.SaidBy, r.Account, r.Supersedes, r.Fact)
}

func markDigest(ctx context.Context, id string) (string, error) {
	r := &markRow{}
	err := store.Tx(ctx).NewSelect().Model(r).Where("m.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	return r.digest(), err
}

// marksOf are the verified scores of a case that stand, by their key.
func marksOf(ctx context.Context, caseID string) (map[string]*markRow, error) {
	rows := []*markRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where(`m.case_id = ? AND NOT EXISTS (SELECT 1 FROM case_marks AS n WHERE n.case_id = m.case_id AND n.key = m.key
		AND n.supersedes = m.id)`, caseID).OrderExpr("m.key, m.id").Scan(ctx)
	out := make(map[string]*markRow, len(rows))
	for _, r := range rows {
		out[r.Key] = r
	}
	return out, err
}

var pointsText = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})(\.[0-9]{1,2})?$`)

// pointsOf reads what was typed as the points of an indicator, or says what is wrong with it.
func pointsOf(v *policy.Vocabulary, t *policy.Term, typed string) (value string, wrong string) {
	typed = strings.TrimSpace(typed)
	if !pointsText.MatchString(typed) {
		return "", "应填分数，最多两位小数，例如 1.5"
	}
	value, err := policy.CheckValue(v, t.Name, typed+t.Unit)
	if err != nil {
		return "", fmt.Sprintf("不能是%s%s：满分%s", typed, t.Unit, t.AtMost)
	}
	return value, ""
}

// rating is a case of a process that verifies scores, with what its indicators were scored.
type rating struct {
	row     *caseRow
	process *policy.Process
	scheme  *policy.Scheme
	words   *policy.Vocabulary
	draft   *Draft
	self    map[string]SelfMark
	rows    map[string]*markRow // by key
}

// rated reads the scores of a case; nil: its process verifies none.
func (c *Casework) rated(ctx context.Context, row *caseRow) (*rating, error) {
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil || len(p.Sheets) == 0 {
		return nil, err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	r := &rating{row: row, process: p, words: set.Library.Vocabulary(), scheme: set.Library.Scheme(row.Scheme), self: map[string]SelfMark{}}
	if r.scheme == nil {
		return nil, fmt.Errorf("casework: case %s: no scheme %s", row.ID, row.Scheme)
	}
	if r.draft, err = row.shownDraft(ctx); err != nil {
		return nil, err
	}
	for _, m := range r.draft.Marks {
		r.self[m.Term] = m
	}
	r.rows, err = marksOf(ctx, row.ID)
	return r, err
}

// scored are facts in which the indicators are what some list of scores says, and nothing else.
func (r *rating) scored(f *policy.Facts, of func(policy.Mark) (value string, src policy.Source)) error {
	for _, s := range r.process.Sheets {
		for _, t := range s.Terms {
			f.Forget(t)
		}
	}
	for _, m := range r.indicators() {
		if value, src := of(m); value != "" {
			if err := f.Value(m.Term.Name, m.Year, value, src); err != nil {
				return err
			}
		}
	}
	return nil
}

// indicators are those of the scheme with the year of the case, nothing being known of them.
func (r *rating) indicators() []policy.Mark {
	var out []policy.Mark
	for _, g := range r.scheme.Marks(r.row.question(policy.NewFacts(r.words), marksDay)).Groups {
		out = append(out, g.Items...)
	}
	return out
}

// marksDay is a day on which the list of indicators is asked for: which they are does not depend on it, for the year is the case's.
const marksDay = policy.Date(20260101)

// verify makes the indicators among some facts what was verified in this case and counts; only (nil: all) says which are left.
func (r *rating) verify(f *policy.Facts, only func(term string) bool) error {
	return r.scored(f, func(m policy.Mark) (string, policy.Source) {
		row := r.rows[m.Key]
		if row == nil || row.Fact == "" || only != nil && !only(row.Term) {
			return "", policy.Source{}
		}
		return row.Points, r.source(row)
	})
}

func (r *rating) source(row *markRow) policy.Source {
	day, _ := policy.ParseDate(clock.Shown(row.SaidAt)[:10])
	return policy.Source{ID: row.ID, Origin: row.Department, Evidence: "核实得分：" + r.row.Number, Verified: true, Stated: day}
}

// suppose makes the indicators among some facts what the party scored itself.
func (r *rating) suppose(f *policy.Facts) error {
	return r.scored(f, func(m policy.Mark) (string, policy.Source) {
		if s := r.process.SheetOf(m.Term.Name); s == nil || !s.Self {
			return "", policy.Source{}
		}
		value, _ := pointsOf(r.words, m.Term, r.self[m.Term.Name].Points)
		return value, policy.Source{Origin: registry.Declared}
	})
}

// markEvidence makes the indicators of a case what was verified in it, and pins the scores.
func (c *Casework) markEvidence(ctx context.Context, row *caseRow, known *registry.Known) error {
	r, err := c.rated(ctx, row)
	if err != nil || r == nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(r.rows)) {
		if m := r.rows[key]; m.Fact != "" {
			known.Pins = append(known.Pins, registry.Pin{ID: m.ID, Digest: m.digest()})
		}
	}
	return r.verify(known.Facts, nil)
}

// seer says which indicators the actor may see the scores of; whole: all of them.
func (r *rating) seer(ctx context.Context) (sees func(term string) bool, whole bool) {
	a := account.ActorFrom(ctx)
	all := func(string) bool { return true }
	if a.Speaks(r.row.Party) {
		return all, true
	}
	for _, role := range []account.Role{account.RoleOfficer, account.RoleLeader, account.RoleAuditor} {
		if a.Covers(role, r.row.Department, r.row.Town) {
			return all, true
		}
	}
	return func(term string) bool {
		s := r.process.SheetOf(term)
		if s == nil {
			return false
		}
		task := r.process.MarkTask(s.Key)
		return task != nil && task.Who.Department != "scheme" && task.Who.Department != "" &&
			(a.Covers(account.RoleOfficer, task.Who.Department, r.row.Town) || a.Covers(account.RoleLeader, task.Who.Department, r.row.Town))
	}, false
}

// spotScore is what a visit scored an indicator on the spot.
type spotScore struct{ points, note, by string }

// spots are the scores of the latest visits of a case that are done, by term.
func (c *Casework) spots(ctx context.Context, row *caseRow, p *policy.Process) (map[string]spotScore, error) {
	out := map[string]spotScore{}
	if !slices.ContainsFunc(p.Checklists, func(l *policy.Checklist) bool {
		return slices.ContainsFunc(l.Items, func(x policy.CheckItem) bool { return x.Scores != "" })
	}) {
		return out, nil
	}
	rows, err := visitsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range rows { // the latest first
		list := p.Checklist(v.Checklist)
		if v.State != visitDone || list == nil {
			continue
		}
		items, err := itemsOf(ctx, v.ID, list)
		if err != nil {
			return nil, err
		}
		officers, err := officersOf(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, o := range officers {
			names = append(names, o.Name)
		}
		for i := range items {
			term := list.Items[i].Scores
			if _, had := out[term]; term == "" || had {
				continue
			}
			if a := items[i].answer(); a != answerUnsure {
				out[term] = spotScore{a + list.Items[i].Unit, items[i].Standing[0].Note, strings.Join(names, "、")}
			}
		}
	}
	return out, nil
}

// scoreItems says beside each item that scores an indicator what the full mark is and what the party scored itself, and leaves out those that
// the actor may not see.
func (c *Casework) scoreItems(ctx context.Context, row *caseRow, v *Visit) error {
	r, err := c.rated(ctx, row)
	if err != nil || r == nil {
		return err
	}
	sees, _ := r.seer(ctx)
	v.Items = slices.DeleteFunc(v.Items, func(x VisitItem) bool { return x.Scores != "" && !sees(x.Scores) })
	for i := range v.Items {
		x := &v.Items[i]
		t := r.words.Term(x.Scores)
		if t == nil {
			continue
		}
		x.Full = t.AtMost
		if own, _ := pointsOf(r.words, t, r.self[t.Name].Points); own != "" {
			x.Self = policy.ShowValue(r.words, t.Name, own)
		}
	}
	return nil
}

// sheetsNow are the sheets that the actor may score at a case now.
func (c *Casework) sheetsNow(ctx context.Context, r *rating) ([]string, error) {
	if !account.ActorFrom(ctx).Officer() {
		return nil, nil
	}
	view, err := c.engine.Of(ctx, flowCase, r.row.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, t := range view.Tasks {
		stage := r.process.Flow(flowCase).Stage(t.Stage)
		if stage == nil {
			continue
		}
		for _, rule := range stage.Tasks {
			for _, a := range rule.Actions {
				if rule.Key == t.Key && slices.ContainsFunc(t.Actions, func(o process.Option) bool { return o.Key == a.Key && o.Blocked == "" }) {
					out = append(out, a.Marks()...)
				}
			}
		}
	}
	return out, nil
}

// levelText is a level in words: one, or the lowest 至 the highest that it may be.
func levelText(l *policy.Level) string {
	const none = "不到最低一级"
	switch {
	case l == nil:
		return none
	case l.Low == l.High:
		return l.High
	case l.Low == "":
		return none + "至" + l.High
	}
	return l.Low + "至" + l.High
}

// mostCostly is how many indicators are named that cost most.
const mostCostly = 5

// view is what the actor may see of the scores of a case.
func (r *rating) view(ctx context.Context, spots map[string]spotScore, attached map[string][]Attachment, open []string) (*Marks, error) {
	sees, whole := r.seer(ctx)
	own := account.ActorFrom(ctx).Speaks(r.row.Party)
	self, verified := policy.NewFacts(r.words), policy.NewFacts(r.words)
	if err := r.suppose(self); err != nil {
		return nil, err
	}
	if err := r.scored(verified, func(m policy.Mark) (string, policy.Source) {
		if row := r.rows[m.Key]; row != nil && (!own || row.Fact != "") && sees(row.Term) {
			return row.Points, r.source(row)
		}
		return "", policy.Source{}
	}); err != nil {
		return nil, err
	}
	bySelf, byOffice := r.scheme.Marks(r.row.question(self, marksDay)), r.scheme.Marks(r.row.question(verified, marksDay))
	out := &Marks{Groups: []MarkGroup{}, Costliest: []string{}}
	titled := map[string]string{}
	for i, g := range byOffice.Groups {
		group := MarkGroup{Title: g.Title, Cite: g.Cite, Items: []MarkItem{}}
		for _, m := range g.Items {
			t := m.Term
			sheet := r.process.SheetOf(t.Name)
			if sheet == nil || !sees(t.Name) {
				continue
			}
			titled[m.Key] = t.Name
			x := MarkItem{Term: t.Name, Title: m.Title, Cite: m.Cite, Help: strings.TrimPrefix(t.Help, fmt.Sprintf("%s %s，满分%s。", m.Cite, m.Title, t.AtMost)), Full: t.AtMost, Unit: t.Unit, Sheet: sheet.Title, Department: t.From, Scored: sheet.Self,
				Evidence: slices.Contains(sheet.Evidence, t.Name), Self: r.self[t.Name].Points, Note: r.self[t.Name].Note, Material: evidenceKey(t.Name), Files: orEmpty(attached[evidenceKey(t.Name)])}
			if value, _ := pointsOf(r.words, t, x.Self); value != "" {
				x.Self = policy.ShowValue(r.words, t.Name, value)
			}
			list, _ := r.process.Spot(t.Name)
			x.OnSpot = list != nil
			row := r.rows[m.Key]
			if spot, ok := spots[t.Name]; ok && (!own || row != nil && row.Fact != "") {
				x.Spot, x.SpotNote = spot.points, spot.note
				if !own {
					x.SpotBy = spot.by
				}
			}
			if row != nil && (!own || row.Fact != "") {
				x.Verified, x.Reason, x.At, x.Counts, x.Lost = policy.ShowValue(r.words, t.Name, row.Points), row.Reason, row.SaidAt, row.Fact != "", m.Lost
				out.Begun = true
				if !own {
					x.By = row.SaidBy
				}
			}
			x.Mine = slices.Contains(open, sheet.Key)
			out.Mine = out.Mine || x.Mine
			group.Items = append(group.Items, x)
		}
		if len(group.Items) == 0 {
			continue
		}
		if len(group.Items) == len(g.Items) {
			group.Full, group.Self, group.Verified = g.Full, bySelf.Groups[i].Sum, g.Sum
		}
		out.Groups = append(out.Groups, group)
	}
	if whole {
		out.Full, out.Self, out.Verified = byOffice.Full, bySelf.Sum, byOffice.Sum
		out.SelfLevel, out.Level = levelText(bySelf.Level), levelText(byOffice.Level)
	}
	for _, key := range byOffice.Costliest(mostCostly) {
		if term := titled[key]; term != "" && r.rows[key] != nil {
			out.Costliest = append(out.Costliest, term)
		}
	}
	return out, nil
}

// marks is the view of the scores of a rating for the actor.
func (c *Casework) marks(ctx context.Context, r *rating) (*Marks, error) {
	row := r.row
	spots, err := c.spots(ctx, row, r.process)
	if err != nil {
		return nil, err
	}
	attached := map[string][]Attachment{}
	if row.handedIn(ctx) {
		rows, err := filesOf(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		for _, f := range rows {
			attached[f.Material] = append(attached[f.Material], f.attachment())
		}
	}
	open, err := c.sheetsNow(ctx, r)
	if err != nil {
		return nil, err
	}
	return r.view(ctx, spots, attached, open)
}

// MarksOf are the scores of a case, empty where its process verifies none. NotFound if the actor may not see the case.
func (c *Casework) MarksOf(ctx context.Context, id string) (*Marks, error) {
	var out *Marks
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		r, err := c.rated(ctx, row)
		if err != nil {
			return err
		}
		if r == nil {
			out = &Marks{Groups: []MarkGroup{}, Costliest: []string{}}
			return nil
		}
		out, err = c.marks(ctx, r)
		return err
	})
	return out, err
}

// evidenceKey is under what the evidence of an indicator is attached.
func evidenceKey(term string) string { return "得分/" + term }

// evidenceOf is the indicator that something is attached for; empty: for none.
func evidenceOf(material string) string {
	term, ok := strings.CutPrefix(material, "得分/")
	if !ok {
		return ""
	}
	return term
}

// evidence are the items under which evidence of the own scores is attached that the actor may see.
func (r *rating) evidence(ctx context.Context) []Material {
	sees, _ := r.seer(ctx)
	var out []Material
	for _, m := range r.indicators() {
		if s := r.process.SheetOf(m.Term.Name); s != nil && s.Self && sees(m.Term.Name) {
			out = append(out, Material{Key: evidenceKey(m.Term.Name), Title: "佐证：" + m.Title})
		}
	}
	return out
}

const mostMarks = 300

// SetMarks sets the verified scores of indicators, all or none. They count once the task that verifies them is done. NotFound if the actor may
// not see the case; Forbidden for whoever has no open task of an indicator's sheet; Invalid names every one that is wrong.
func (c *Casework) SetMarks(ctx context.Context, id string, list []NewMark) (*Marks, error) {
	var out *Marks
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`UPDATE cases SET version = version WHERE id = ?`, id).Exec(ctx); err != nil {
			return err
		}
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		r, err := c.rated(ctx, row)
		if err != nil {
			return err
		}
		if r == nil {
			return fault.New(fault.Conflict, "这一件不逐项核实得分")
		}
		if len(list) == 0 || len(list) > mostMarks {
			return fault.New(fault.Invalid, "没有要存的得分，或一次太多", fault.At("marks", "一次1至%d项", mostMarks))
		}
		open, err := c.sheetsNow(ctx, r)
		if err != nil {
			return err
		}
		spots, err := c.spots(ctx, row, r.process)
		if err != nil {
			return err
		}
		if err := c.setMarks(ctx, r, list, open, spots); err != nil {
			return err
		}
		if r.rows, err = marksOf(ctx, row.ID); err != nil {
			return err
		}
		out, err = c.marks(ctx, r)
		return err
	})
	return out, err
}

func (c *Casework) setMarks(ctx context.Context, r *rating, list []NewMark, open []string, spots map[string]spotScore) error {
	keys := map[string]policy.Mark{}
	for _, m := range r.indicators() {
		keys[m.Term.Name] = m
	}
	var details []fault.Detail
	seen := map[string]bool{}
	for i := range list {
		n := &list[i]
		field := fmt.Sprintf("marks[%d]", i)
		m, known := keys[n.Term]
		sheet := r.process.SheetOf(n.Term)
		if !known || sheet == nil || seen[n.Term] {
			details = append(details, fault.At(field+".term", "没有这项指标，或者写了两次"))
			continue
		}
		seen[n.Term] = true
		if !slices.Contains(open, sheet.Key) {
			return fault.New(fault.Forbidden, fmt.Sprintf("“%s”由%s在核实的时候评分，现在不能由您填写", m.Title, m.Term.From))
		}
		value, wrong := pointsOf(r.words, m.Term, n.Points)
		if wrong != "" {
			details = append(details, fault.At(field+".points", "“%s”%s", m.Title, wrong))
			continue
		}
		n.Reason = strings.TrimSpace(n.Reason)
		if utf8.RuneCountInString(n.Reason) > 500 || !store.Plain(n.Reason) {
			details = append(details, fault.At(field+".reason", "理由不超过500字，不含控制字符"))
		}
		if list, _ := r.process.Spot(n.Term); list != nil && spots[n.Term].points == "" {
			details = append(details, fault.At(field+".points", "“%s”要先现场评分（%s），现场都签字以后再核实", m.Title, list.Title))
			continue
		}
		if differ := r.differs(m, value, spots); differ != "" && n.Reason == "" {
			details = append(details, fault.At(field+".reason", "“%s”与%s不同，请写明理由", m.Title, differ))
		}
		n.Points = value
	}
	if len(details) > 0 {
		return fault.New(fault.Invalid, "请更正得分："+details[0].Message, details...)
	}
	for _, n := range list {
		m, old := keys[n.Term], r.rows[keys[n.Term].Key]
		if old != nil && old.Points == n.Points && old.Reason == n.Reason {
			continue
		}
		row := &markRow{ID: store.NewID(), Case: r.row.ID, Term: n.Term, Key: m.Key, Year: int64(m.Year), Sheet: r.process.SheetOf(n.Term).Key, Department: m.Term.From, Points: n.Points,
			Reason: n.Reason, SaidAt: store.Stamp(clock.Now(ctx)), SaidBy: by(ctx), Account: account.ActorFrom(ctx).AccountID}
		if old != nil {
			row.Supersedes = old.ID
		}
		if _, err := store.Tx(ctx).NewInsert().Model(row).Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return fault.New(fault.Conflict, "这项得分刚刚由他人改过，请刷新后再看")
			}
			return err
		}
		if err := row.record(ctx, "case.marked"); err != nil {
			return err
		}
	}
	return nil
}

// differs says which of the scores a verified one differs from; empty: from none that is there.
func (r *rating) differs(m policy.Mark, value string, spots map[string]spotScore) string {
	var out []string
	shown := policy.ShowValue(r.words, m.Term.Name, value)
	if own, _ := pointsOf(r.words, m.Term, r.self[m.Term.Name].Points); own != "" && own != value {
		out = append(out, "自评的"+policy.ShowValue(r.words, m.Term.Name, own))
	}
	if spot := spots[m.Term.Name].points; spot != "" && policy.ShowValue(r.words, m.Term.Name, spot) != shown {
		out = append(out, "现场评的"+policy.ShowValue(r.words, m.Term.Name, spot))
	}
	return strings.Join(out, "、")
}

func (r *markRow) record(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: markKind, ID: r.ID, Digest: r.digest(), Data: map[string]string{"case": r.Case, "term": r.Term}})
}

// sealMarks is the effect marks: every score of the sheet is there, and becomes a fact of the party that the department vouches for. From now on
// they count.
func (c *Casework) sealMarks(ctx context.Context, m process.Move, row *caseRow) error {
	r, err := c.rated(ctx, row)
	if err != nil || r == nil {
		return err
	}
	sheet := m.Args["sheet"]
	spots, err := c.spots(ctx, row, r.process)
	if err != nil {
		return err
	}
	var details []fault.Detail
	var rows []*markRow
	for _, x := range r.indicators() {
		if s := r.process.SheetOf(x.Term.Name); s == nil || s.Key != sheet {
			continue
		}
		switch mark := r.rows[x.Key]; {
		case mark == nil:
			details = append(details, fault.At("marks."+x.Term.Name, "“%s”还没有核实得分", x.Title))
		case mark.Reason == "" && r.differs(x, mark.Points, spots) != "": // what it is compared with has changed since
			details = append(details, fault.At("marks."+x.Term.Name, "“%s”与%s不同，请写明理由", x.Title, r.differs(x, mark.Points, spots)))
		default:
			rows = append(rows, mark)
		}
	}
	if len(details) > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d项没有核实完：%s", len(details), details[0].Message), details...)
	}
	for _, mark := range rows {
		fact, err := c.registry.StateIn(ctx, r.words, registry.Statement{Party: row.Party, Term: mark.Term, Year: int(mark.Year), Value: mark.Points, Evidence: "核实得分：" + row.Number})
		if err != nil {
			return err
		}
		if mark.Fact == fact.ID {
			continue
		}
		mark.Fact = fact.ID
		if _, err := store.Tx(ctx).NewUpdate().Model(mark).Column("fact").WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := mark.record(ctx, "case.mark_counts"); err != nil {
			return err
		}
	}
	return c.evaluateAnew(ctx, m, row)
}

// levelDecided is the guard rated: by the verified scores alone every condition is met and the level is one.
func (c *Casework) levelDecided(ctx context.Context, _ process.Move, row *caseRow) error {
	r, err := c.rated(ctx, row)
	if err != nil || r == nil {
		return err
	}
	known := policy.NewFacts(r.words)
	if err := r.verify(known, nil); err != nil {
		return err
	}
	m := r.scheme.Marks(row.question(known, marksDay))
	switch {
	case m.Level != nil && m.Level.Low != m.Level.High:
		return fault.New(fault.Conflict, "还有得分没有核实，等级在"+levelText(m.Level)+"之间，不能决定")
	case m.Level == nil:
		return fault.New(fault.Conflict, "按核实的得分（"+m.Sum+"）没有达到最低一级")
	case row.Answer != policy.Met.String():
		return fault.New(fault.Conflict, "等级按得分是"+m.Level.High+"，但还有条件不符合或不知道，见测算")
	}
	return nil
}

// lackOfMarks lists what keeps the own scores from being handed in.
func (f *Form) lackOfMarks(r *rating) {
	var missing, files []string
	for _, g := range f.Marks.Groups {
		for _, x := range g.Items {
			if !x.Scored {
				continue
			}
			t := r.words.Term(x.Term)
			typed := strings.TrimSpace(r.self[x.Term].Points)
			if typed == "" {
				missing = append(missing, x.Title)
				continue
			}
			value, wrong := pointsOf(r.words, t, typed)
			if wrong != "" {
				f.Problems = append(f.Problems, fault.At("marks."+x.Term, "“%s”%s", x.Title, wrong))
				f.Missing = append(f.Missing, Gap{"marks." + x.Term, "“" + x.Title + "”" + wrong})
				continue
			}
			if zero, _ := pointsOf(r.words, t, "0"); x.Evidence && value != zero && len(x.Files) == 0 {
				files = append(files, x.Title)
			}
		}
	}
	if len(missing) > 0 {
		f.Missing = append(f.Missing, Gap{"marks", "请自评" + someOf(missing)})
	}
	if len(files) > 0 {
		f.Missing = append(f.Missing, Gap{"marks.evidence", "自评得了分，请上传佐证：" + someOf(files)})
	}
}

// someOf names the first few of a list.
func someOf(list []string) string {
	if len(list) > 5 {
		return strings.Join(list[:5], "、") + fmt.Sprintf("等%d项", len(list))
	}
	return strings.Join(list, "、")
}

// veiled is the evaluation of a case as somebody may see it who sees a part of its scores alone: the other indicators are not known to them.
// nil: nothing of it is hidden.
func (c *Casework) veiled(ctx context.Context, row *caseRow, set *schemes.Compiled, e *Evaluation) (*Evaluation, error) {
	r, err := c.rated(ctx, row)
	if err != nil || r == nil {
		return nil, err
	}
	sees, whole := r.seer(ctx)
	if whole {
		return nil, nil
	}
	known, err := c.known(ctx, set, row.Party, row.about(set))
	if err != nil {
		return nil, err
	}
	if err := r.verify(known.Facts, sees); err != nil {
		return nil, err
	}
	result, err := row.evaluate(set, known.Facts, e.On)
	return &Evaluation{ID: e.ID, Occasion: e.Occasion, On: e.On, SetHash: e.SetHash, FactsHash: e.FactsHash, Pins: []registry.Pin{}, Result: result, MadeAt: e.MadeAt}, err
}
