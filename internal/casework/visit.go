package casework

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Visit (现场核查) is several officers looking at a party's place by a checklist of the process. An action of the case plans it, the party chooses
// a date of those offered, the officers answer item by item on their phones, which may be without a connection, and all of them sign the same
// content. Then it is evidence of the case: what its checklist says that it verifies is evaluated with the party's facts.
type Visit struct {
	ID         string         `json:"id"`
	Case       string         `json:"case"`
	CaseNumber string         `json:"case_number"`
	PartyName  string         `json:"party_name"`
	Title      string         `json:"title" doc:"of the checklist"`
	Source     string         `json:"source" doc:"the law or the rule that asks for it"`
	Least      int            `json:"least" doc:"how many officers go at least"`
	State      string         `json:"state" enum:"planned,set,done,cancelled"`
	Offered    []string       `json:"offered" nullable:"false" doc:"dates to choose from"`
	Wish       string         `json:"wish,omitempty" doc:"the party asks for another date"`
	At         string         `json:"at,omitempty" doc:"the date that is set"`
	Place      string         `json:"place"`
	PlannedAt  string         `json:"planned_at"`
	PlannedBy  string         `json:"planned_by,omitempty" doc:"the desk alone"`
	Reason     string         `json:"reason,omitempty" doc:"why it was cancelled, or why the office set the date; the desk alone"`
	ClosedAt   string         `json:"closed_at,omitempty"`
	Officers   []VisitOfficer `json:"officers" nullable:"false"`
	Says       []Inscription  `json:"says" nullable:"false" doc:"what the application says, to be compared with what is found; the desk alone"`
	Items      []VisitItem    `json:"items" nullable:"false" doc:"the desk alone"`
	Photos     []VisitPhoto   `json:"photos" nullable:"false" doc:"the desk alone"`
	Content    string         `json:"content,omitempty" doc:"digest of what is to be signed; the desk alone"`
	Lacking    []string       `json:"lacking" nullable:"false" doc:"what keeps it from being signed"`
	Mine       bool           `json:"mine" doc:"whoever asks is one of those who go"`
	Hearing    bool           `json:"hearing" doc:"a hearing: the office sets its day, and the party reads and answers its record"`
	Earliest   string         `json:"earliest,omitempty" doc:"of a hearing: the first day it may be set for now"`
	AnsweredAt string         `json:"answered_at,omitempty" doc:"when the party said of the record that it is right, or what is wrong with it"`
	Wrong      string         `json:"wrong,omitempty" doc:"what the party says is wrong with the record"`
}

// VisitOfficer is somebody who goes.
type VisitOfficer struct {
	Name     string `json:"name"`
	SignedAt string `json:"signed_at,omitempty" doc:"absent while they have not signed what stands now"`
	Mine     bool   `json:"mine"`
}

// VisitItem is an item of the checklist with what was said of it.
type VisitItem struct {
	Item     string       `json:"item" doc:"its number"`
	Ask      string       `json:"ask"`
	Kind     string       `json:"kind" enum:"yes_no,figure,note"`
	Unit     string       `json:"unit,omitempty"`
	Photo    bool         `json:"photo" doc:"at least one photo is taken"`
	Verifies string       `json:"verifies,omitempty"`
	Scores   string       `json:"scores,omitempty" doc:"the indicator that the figure is the score of"`
	Full     string       `json:"full,omitempty" doc:"the full mark of that indicator"`
	Self     string       `json:"self,omitempty" doc:"what the party scored itself"`
	Standing []VisitEntry `json:"standing" nullable:"false" doc:"what nobody has replaced, the last said first; several that differ are to be settled"`
	Differs  bool         `json:"differs"`
	Earlier  []VisitEntry `json:"earlier" nullable:"false" doc:"what was replaced"`
	Late     []VisitEntry `json:"late" nullable:"false" doc:"what came in after the visit was closed: it is no part of it"`
}

// VisitRow is a visit in a list.
type VisitRow struct {
	ID         string `json:"id"`
	Case       string `json:"case"`
	CaseNumber string `json:"case_number"`
	PartyName  string `json:"party_name"`
	Title      string `json:"title"`
	State      string `json:"state" enum:"planned,set,done,cancelled"`
	At         string `json:"at,omitempty"`
	Place      string `json:"place"`
}

// CaseVisits are the visits of a case, and how more may be planned.
type CaseVisits struct {
	Items []Visit   `json:"items" nullable:"false" doc:"the latest first"`
	Plans []Planned `json:"plans" nullable:"false" doc:"for officers: what each action that plans a visit or a hearing plans"`
}

// Planned is what an action of the process plans.
type Planned struct {
	Action   string           `json:"action" doc:"its key"`
	Title    string           `json:"title" doc:"of the checklist"`
	Source   string           `json:"source"`
	Least    int              `json:"least" doc:"how many officers at least"`
	Hearing  bool             `json:"hearing"`
	Notice   string           `json:"notice,omitempty" doc:"of a hearing: how long before the party is told, and by which rule"`
	Earliest string           `json:"earliest,omitempty" doc:"of a hearing: the first day it may be set for now; absent while the calendar of that year is not published"`
	Officers []process.Person `json:"officers" nullable:"false" doc:"who may go, or hold it"`
}

const visitKind = "visit"

// states of a visit.
const (
	visitPlanned   = "planned"
	visitSet       = "set"
	visitDone      = "done"
	visitCancelled = "cancelled"
)

// visitPlan is what an action that plans a visit gives.
type visitPlan struct {
	Dates    []string `json:"dates"`
	Officers []string `json:"officers"`
	Place    string   `json:"place"`
}

const (
	mostDates    = 10
	mostOfficers = 20
)

// datesOf are dates that may be offered, in order.
func datesOf(ctx context.Context, noun, field string, given []string) ([]string, error) {
	var out []string
	for i, text := range given {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil || !t.After(clock.Now(ctx)) {
			return nil, fault.New(fault.Invalid, "请更正"+noun+"的时间", fault.At(fmt.Sprintf("%s[%d]", field, i), "请选一个以后的时间"))
		}
		if s := store.Stamp(t); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 || len(out) > mostDates {
		return nil, fault.New(fault.Invalid, "请写明"+noun+"的时间", fault.At(field, "请写1至%d个时间", mostDates))
	}
	slices.Sort(out)
	return out, nil
}

// checklistOf is the checklist of a visit, as the process has it that the case began with.
func (c *Casework) checklistOf(ctx context.Context, row *caseRow, key string) (*policy.Checklist, error) {
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil {
		return nil, err
	}
	list := p.Checklist(key)
	if list == nil {
		return nil, fmt.Errorf("casework: case %s: no checklist %s", row.ID, key)
	}
	return list, nil
}

// noun is what a visit by a checklist is called.
func noun(list *policy.Checklist) string {
	if list.Hearing != nil {
		return "听证"
	}
	return "核查"
}

// visitTitle is noun as a heading.
func visitTitle(list *policy.Checklist) string {
	if list.Hearing != nil {
		return "听证"
	}
	return "现场核查"
}

// goers are the accounts that may be sent on a visit of a case, or hold a hearing: officers of its department and town who do not speak for the party,
// and did not act at a stage that keeps them off the hearing.
func (c *Casework) goers(ctx context.Context, row *caseRow, h *policy.Hearing) ([]string, error) {
	holders, err := account.HoldersOf(ctx, account.RoleOfficer, row.Department, row.Town)
	if err != nil {
		return nil, err
	}
	own, err := account.SpeakersOf(ctx, row.Party)
	if err != nil {
		return nil, err
	}
	off, err := c.keptOff(ctx, row, h)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(holders, func(a string) bool { return slices.Contains(own, a) || slices.Contains(off, a) }), nil
}

// planVisit is the effect visit: it says who goes and offers dates.
func (c *Casework) planVisit(ctx context.Context, m process.Move, row *caseRow) error {
	var data struct {
		Visit visitPlan `json:"visit"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	list, err := c.checklistOf(ctx, row, m.Args["checklist"])
	if err != nil {
		return err
	}
	before, err := visitsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	for _, v := range before {
		if v.open() && v.Checklist == list.Key {
			return fault.New(fault.Conflict, "“"+list.Title+"”已经安排了一次，还没有办完")
		}
	}
	plan, n := data.Visit, noun(list)
	dates, err := datesOf(ctx, n, "data.visit.dates", plan.Dates)
	if err != nil {
		return err
	}
	if list.Hearing != nil {
		if err := hearingDay(ctx, "data.visit.dates", list.Hearing, dates); err != nil {
			return err
		}
	}
	place, err := said("data.visit.place", plan.Place, 1, 200, "请写明"+n+"的地点")
	if err != nil {
		return err
	}
	able, err := c.goers(ctx, row, list.Hearing)
	if err != nil {
		return err
	}
	slices.Sort(plan.Officers)
	plan.Officers = slices.Compact(plan.Officers)
	for _, a := range plan.Officers {
		if !slices.Contains(able, a) {
			why := "只能指派本部门、管这个镇街、与申请人没有关系的经办人员"
			if h := list.Hearing; h != nil && len(h.Apart) > 0 {
				why += "，办过“" + strings.Join(h.Apart, "”“") + "”的不能主持"
			}
			return fault.New(fault.Invalid, "请更正参加"+n+"的工作人员", fault.At("data.visit.officers", "%s", why))
		}
	}
	if len(plan.Officers) < list.Officers || len(plan.Officers) > mostOfficers {
		return fault.New(fault.Invalid, "请指派参加"+n+"的工作人员", fault.At("data.visit.officers", "至少%d名（%s）", list.Officers, list.Source()))
	}
	names, err := account.NamesOf(ctx, plan.Officers)
	if err != nil {
		return err
	}
	offered, err := jsonOf(dates)
	if err != nil {
		return err
	}
	v := visitRow{ID: store.NewID(), Case: row.ID, Checklist: list.Key, State: visitPlanned, Offered: string(offered), Place: place, PlannedAt: store.Stamp(clock.Now(ctx)),
		PlannedBy: by(ctx), Version: 1}
	if list.Hearing != nil {
		v.State, v.At = visitSet, dates[0]
	}
	if _, err := store.Tx(ctx).NewInsert().Model(&v).Exec(ctx); err != nil {
		return err
	}
	officers := make([]visitOfficerRow, len(plan.Officers))
	for i, a := range plan.Officers {
		officers[i] = visitOfficerRow{Visit: v.ID, Account: a, Name: names[a]}
	}
	if _, err := store.Tx(ctx).NewInsert().Model(&officers).Exec(ctx); err != nil {
		return err
	}
	if err := recordVisit(ctx, "visit.planned", v.ID, map[string]any{"case": row.ID, "officers": plan.Officers}); err != nil {
		return err
	}
	if list.Hearing != nil {
		when := clock.Shown(v.At) + "，" + place
		if err := c.tellVisit(ctx, plan.Officers, row, "请主持、记录听证："+list.Title, when); err != nil {
			return err
		}
		return c.tellParty(ctx, row, "听证的时间和地点", "“"+list.Title+"”："+when+"。请按时参加；不能参加的，请在这以前告知")
	}
	if err := c.tellVisit(ctx, plan.Officers, row, "请去核查："+list.Title, place); err != nil {
		return err
	}
	return c.tellParty(ctx, row, "请选现场核查的时间", "已安排现场核查“"+list.Title+"”，请从给出的时间中选一个，或说明哪天可以")
}

func (c *Casework) tellVisit(ctx context.Context, accounts []string, row *caseRow, title, more string) error {
	return c.engine.Tell(ctx, accounts, process.Note{Kind: "visit", Title: title, Body: row.Number + " " + row.PartyName + "：" + more, Subject: c.subject(row, ""), Many: 1})
}

// tellGoers tells those who go on a visit, or hold a hearing.
func (c *Casework) tellGoers(ctx context.Context, v *visitRow, row *caseRow, title, more string) error {
	officers, err := officersOf(ctx, v.ID)
	if err != nil {
		return err
	}
	accounts := make([]string, len(officers))
	for i, o := range officers {
		accounts[i] = o.Account
	}
	return c.tellVisit(ctx, accounts, row, title, more)
}

func (c *Casework) tellParty(ctx context.Context, row *caseRow, title, text string) error {
	own, err := account.SpeakersOf(ctx, row.Party)
	if err != nil {
		return err
	}
	return c.engine.Tell(ctx, own, process.Note{Kind: "visit", Title: title, Body: row.Number + "：" + text, Subject: c.subject(row, ""), Applicant: true, Many: 1})
}

// visited is the guard of that name: each checklist of the process has a visit that is done, none is open, and what the latest was to verify
// nobody left open. What the answer is does not matter here: it is evidence, and the scheme says what follows.
func (c *Casework) visited(ctx context.Context, _ process.Move, row *caseRow) error {
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil {
		return err
	}
	for _, key := range p.Visits() {
		list := p.Checklist(key)
		last, err := lastDone(ctx, row, list, "还没有现场核查")
		if err != nil {
			return err
		}
		items, err := itemsOf(ctx, last.ID, list)
		if err != nil {
			return err
		}
		for _, x := range items {
			if (x.Verifies != "" || x.Scores != "") && x.answer() == answerUnsure {
				return fault.New(fault.Conflict, "“"+x.Ask+"”核查时无法确认，请再次核查")
			}
		}
	}
	return nil
}

// lastDone is the latest visit or hearing of a case by a checklist that is done; Conflict while one is open, and where there is none, with the words for it.
func lastDone(ctx context.Context, row *caseRow, list *policy.Checklist, none string) (*visitRow, error) {
	rows, err := visitsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	var last *visitRow
	for i, v := range rows {
		switch {
		case v.Checklist != list.Key:
		case v.open():
			return nil, fault.New(fault.Conflict, "“"+list.Title+"”还没有办完：要"+fmt.Sprint(list.Officers)+"名以上工作人员都签字")
		case v.State == visitDone && last == nil:
			last = &rows[i]
		}
	}
	if last == nil {
		return nil, fault.New(fault.Conflict, none+"“"+list.Title+"”（"+list.Source()+"）")
	}
	return last, nil
}

// visitEvidence adds to what is known of a party what visits of a case found of what a person judges, the latest word on each, and pins the visits.
func (c *Casework) visitEvidence(ctx context.Context, row *caseRow, vocabulary *policy.Vocabulary, known *registry.Known) error {
	rows, err := visitsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	settled := map[string]bool{}
	for _, v := range rows { // the latest first
		if v.State != visitDone {
			continue
		}
		list, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		items, err := itemsOf(ctx, v.ID, list)
		if err != nil {
			return err
		}
		digest, err := visitDigest(ctx, v.ID)
		if err != nil {
			return err
		}
		known.Pins = append(known.Pins, registry.Pin{ID: v.ID, Digest: digest})
		for _, x := range items {
			if x.Verifies == "" || settled[x.Verifies] || vocabulary.Term(x.Verifies) != nil {
				continue
			}
			settled[x.Verifies] = true
			if a := x.answer(); a != answerUnsure {
				day, _ := policy.ParseDate(clock.Shown(v.ClosedAt)[:10])
				known.Facts.Judge(x.Verifies, a == answerYes, policy.Source{ID: v.ID, Origin: row.Department, Evidence: visitTitle(list) + "：" + list.Title, Verified: true, Stated: day})
			}
		}
	}
	return nil
}

// vouch states what a visit that is done found of terms of the vocabulary that whoever signed last may vouch for.
func (c *Casework) vouch(ctx context.Context, row *caseRow, items []VisitItem) error {
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	for _, x := range items {
		t := set.Library.Vocabulary().Term(x.Verifies)
		if t == nil || x.answer() == answerUnsure || !account.ActorFrom(ctx).MayVouch(t.From, row.Town) {
			continue
		}
		value := map[string]string{answerYes: "是", answerNo: "否"}[x.answer()]
		if x.Kind == "figure" {
			value = x.answer() + x.Unit
		}
		if _, err := c.registry.StateIn(ctx, set.Library.Vocabulary(), registry.Statement{Party: row.Party, Term: t.Name, Value: value, Evidence: "现场核查：" + row.Number}); err != nil {
			return err
		}
	}
	return nil
}

// mustGo refuses everybody but those who go.
func mustGo(ctx context.Context, v *visitRow, row *caseRow) ([]visitOfficerRow, error) {
	officers, err := officersOf(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	a := account.ActorFrom(ctx)
	if a.Speaks(row.Party) || !a.Covers(account.RoleOfficer, row.Department, row.Town) ||
		!slices.ContainsFunc(officers, func(o visitOfficerRow) bool { return o.Account == a.AccountID }) {
		return nil, fault.New(fault.Forbidden, "只有被指派去核查的工作人员可以填写和签字")
	}
	return officers, nil
}

func (c *Casework) visitView(ctx context.Context, v *visitRow, row *caseRow) (*Visit, error) {
	list, err := c.checklistOf(ctx, row, v.Checklist)
	if err != nil {
		return nil, err
	}
	officers, err := officersOf(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	a := account.ActorFrom(ctx)
	out := &Visit{ID: v.ID, Case: v.Case, CaseNumber: row.Number, PartyName: row.PartyName, Title: list.Title, Source: list.Source(), Least: list.Officers, State: v.State,
		Offered: []string{}, Wish: v.Wish, At: v.At, Place: v.Place, PlannedAt: v.PlannedAt, ClosedAt: v.ClosedAt, Officers: []VisitOfficer{}, Says: []Inscription{},
		Items: []VisitItem{}, Photos: []VisitPhoto{}, Lacking: []string{}, Hearing: list.Hearing != nil, AnsweredAt: v.AnsweredAt, Wrong: v.Says}
	if err := json.Unmarshal([]byte(v.Offered), &out.Offered); err != nil {
		return nil, err
	}
	for _, o := range officers {
		out.Officers = append(out.Officers, VisitOfficer{Name: o.Name})
	}
	if !a.Reader() || a.Speaks(row.Party) {
		if out.Hearing && v.State == visitDone { // the record is the party's to read
			out.Items, err = recordOf(ctx, v.ID, list)
		}
		return out, err
	}
	if out.Hearing && v.open() {
		if first, err := firstDay(ctx, list.Hearing); err == nil {
			out.Earliest = first.String()
		}
	}
	out.PlannedBy, out.Reason = v.PlannedBy, v.Reason
	if out.Items, err = itemsOf(ctx, v.ID, list); err != nil {
		return nil, err
	}
	if out.Photos, err = photosOf(ctx, v.ID); err != nil {
		return nil, err
	}
	out.Content, out.Lacking = contentOf(v, out.Items, out.Photos), lackOf(v, out.Items, out.Photos)
	if err := c.scoreItems(ctx, row, out); err != nil {
		return nil, err
	}
	for i, o := range officers {
		out.Officers[i].Mine = o.Account == a.AccountID
		out.Mine = out.Mine || o.Account == a.AccountID
		if o.Signed != "" && (o.Signed == out.Content || !v.open()) {
			out.Officers[i].SignedAt = o.SignedAt
		}
	}
	out.Says, err = c.applicationSays(ctx, row)
	return out, err
}

// Visit is a visit of a case that the actor may see; NotFound otherwise. The party is told when and where, and of no finding.
func (c *Casework) Visit(ctx context.Context, id string) (*Visit, error) {
	var out *Visit
	err := store.Read(ctx, func(ctx context.Context) error {
		v, row, err := seenVisit(ctx, id)
		if err != nil {
			return err
		}
		out, err = c.visitView(ctx, v, row)
		return err
	})
	return out, err
}

// VisitsOf are the visits of a case that the actor may see.
func (c *Casework) VisitsOf(ctx context.Context, caseID string) (*CaseVisits, error) {
	var out *CaseVisits
	err := store.Read(ctx, func(ctx context.Context) error {
		out = &CaseVisits{Items: []Visit{}, Plans: []Planned{}}
		row, err := visibleCase(ctx, caseID)
		if err != nil {
			return err
		}
		rows, err := visitsOf(ctx, row.ID)
		if err != nil {
			return err
		}
		for i := range rows {
			v, err := c.visitView(ctx, &rows[i], row)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *v)
		}
		a := account.ActorFrom(ctx)
		if row.Ended != "" || a.Speaks(row.Party) || !a.Covers(account.RoleOfficer, row.Department, row.Town) {
			return nil
		}
		out.Plans, err = c.plans(ctx, row)
		return err
	})
	return out, err
}

// plans are what the actions of a case's process plan.
func (c *Casework) plans(ctx context.Context, row *caseRow) ([]Planned, error) {
	out := []Planned{}
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil {
		return nil, err
	}
	for _, a := range p.Flow(flowCase).Actions() {
		for _, e := range a.Do {
			list := p.Checklist(e.Args["checklist"])
			if e.Name != "visit" || list == nil {
				continue
			}
			plan := Planned{Action: a.Key, Title: list.Title, Source: list.Source(), Least: list.Officers, Hearing: list.Hearing != nil, Officers: []process.Person{}}
			if h := list.Hearing; h != nil {
				plan.Notice = h.Notice.Text() + "（" + h.Notice.Source() + "）"
				if first, err := firstDay(ctx, h); err == nil {
					plan.Earliest = first.String()
				}
			}
			able, err := c.goers(ctx, row, list.Hearing)
			if err != nil {
				return nil, err
			}
			names, err := account.NamesOf(ctx, able)
			if err != nil {
				return nil, err
			}
			for _, id := range able {
				plan.Officers = append(plan.Officers, process.Person{Account: id, Name: names[id]})
			}
			slices.SortFunc(plan.Officers, func(a, b process.Person) int {
				return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Account, b.Account))
			})
			out = append(out, plan)
		}
	}
	return out, nil
}

// mostVisits is how many a list holds.
const mostVisits = 200

// MyVisits are the visits on which the actor goes, the next first; done: those that are over, the latest first.
func (c *Casework) MyVisits(ctx context.Context, done bool) ([]VisitRow, error) {
	out := []VisitRow{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if err := mustRead(ctx); err != nil {
			return err
		}
		cond, args := caseScope(ctx, "c")
		states, order := []string{visitPlanned, visitSet}, `v.at, v.planned_at, v.id`
		if done {
			states, order = []string{visitDone, visitCancelled}, `v.closed_at DESC, v.id DESC`
		}
		rows := []visitRow{}
		if err := store.Tx(ctx).NewSelect().Model(&rows).Join(`JOIN visit_officers AS o ON o.visit = v.id JOIN cases AS c ON c.id = v.case_id`).
			Where(`o.account = ? AND v.state IN (?) AND `+cond, append([]any{account.ActorFrom(ctx).AccountID, bun.List(states)}, args...)...).
			OrderExpr(order).Limit(mostVisits).Scan(ctx); err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, v := range rows {
			ids[i] = v.Case
		}
		cases, err := casesByID(ctx, ids)
		if err != nil {
			return err
		}
		for _, v := range rows {
			row := cases[v.Case]
			list, err := c.checklistOf(ctx, row, v.Checklist)
			if err != nil {
				return err
			}
			out = append(out, VisitRow{ID: v.ID, Case: v.Case, CaseNumber: row.Number, PartyName: row.PartyName, Title: list.Title, State: v.State, At: v.At, Place: v.Place})
		}
		return nil
	})
	return out, err
}

// changeVisit changes an open visit by whoever may, and tells the log.
func (c *Casework) changeVisit(ctx context.Context, id, action string, may func(context.Context, *visitRow, *caseRow) error, change func(context.Context, *visitRow, *caseRow) error) (*Visit, error) {
	var out *Visit
	err := store.Write(ctx, func(ctx context.Context) error {
		v, row, err := lockVisit(ctx, id)
		if err != nil {
			return err
		}
		if err := may(ctx, v, row); err != nil {
			return err
		}
		if !v.open() {
			return fault.New(fault.Conflict, "这次核查"+map[string]string{visitDone: "已经办完", visitCancelled: "已经取消"}[v.State]+"，不能再改")
		}
		if err := change(ctx, v, row); err != nil {
			return err
		}
		if err := v.write(ctx); err != nil {
			return err
		}
		if err := recordVisit(ctx, action, id, map[string]string{"case": row.ID}); err != nil {
			return err
		}
		if v.State == visitDone { // who opens the case next sees what follows from it
			if err := c.evaluateAnew(ctx, process.Move{}, row); err != nil {
				return err
			}
		}
		out, err = c.visitView(ctx, v, row)
		return err
	})
	return out, err
}

// AnswerVisit is the party's choice of a date that was offered, or its wish for another. Forbidden for whoever does not speak for it.
func (c *Casework) AnswerVisit(ctx context.Context, id, at, wish string) (*Visit, error) {
	return c.changeVisit(ctx, id, "visit.answered", func(ctx context.Context, _ *visitRow, row *caseRow) error { return mustSpeak(ctx, row.Party) },
		func(ctx context.Context, v *visitRow, row *caseRow) error {
			wish = strings.TrimSpace(wish)
			var offered []string
			if err := json.Unmarshal([]byte(v.Offered), &offered); err != nil {
				return err
			}
			switch {
			case v.State == visitSet:
				return fault.New(fault.Conflict, "时间已经定了；确实来不了的，请与经办人员联系")
			case at != "" && !slices.Contains(offered, at):
				return fault.New(fault.Invalid, "请从给出的时间中选一个", fault.At("at", "没有给出这个时间，请刷新后再选"))
			case at != "":
				if at <= store.Stamp(clock.Now(ctx)) {
					return fault.New(fault.Invalid, "这个时间已经过了", fault.At("at", "请选一个以后的时间，或说明哪天可以"))
				}
				v.State, v.At, v.Wish = visitSet, at, ""
			case utf8.RuneCountInString(wish) == 0 || utf8.RuneCountInString(wish) > 500 || !store.Plain(wish):
				return fault.New(fault.Invalid, "请选一个时间，或说明哪天可以", fault.At("wish", "请说明哪天可以，不超过500字"))
			default:
				v.Wish = wish
			}
			if v.State == visitSet {
				return c.tellGoers(ctx, v, row, "核查时间已定", clock.Shown(v.At)+"，"+v.Place)
			}
			return c.tellGoers(ctx, v, row, "申请人请求另约时间", v.Wish)
		})
}

// OfferDates offers other dates, or sets one without asking, with a reason. By those who go.
func (c *Casework) OfferDates(ctx context.Context, id string, dates []string, set bool, reason string) (*Visit, error) {
	return c.changeVisit(ctx, id, "visit.dates", mayGo, func(ctx context.Context, v *visitRow, row *caseRow) error {
		of, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		list, err := datesOf(ctx, noun(of), "dates", dates)
		if err != nil {
			return err
		}
		if of.Hearing != nil {
			if !set {
				return fault.New(fault.Invalid, "听证的时间由部门定", fault.At("set", "不由申请人选"))
			}
			if err := hearingDay(ctx, "dates", of.Hearing, list); err != nil {
				return err
			}
		}
		offered, err := jsonOf(list)
		if err != nil {
			return err
		}
		v.Offered, v.Wish, v.State, v.At, v.Reason = string(offered), "", visitPlanned, "", ""
		if !set {
			return c.tellParty(ctx, row, "请选现场核查的时间", "核查的时间有了变动，请重新选一个")
		}
		if len(list) != 1 {
			return fault.New(fault.Invalid, "请只写一个时间", fault.At("dates", "由部门定时间的，只写一个"))
		}
		if v.Reason, err = said("reason", reason, 1, 500, "请写明为什么由部门定时间"); err != nil {
			return err
		}
		v.State, v.At = visitSet, list[0]
		if err := c.tellGoers(ctx, v, row, visitTitle(of)+"改了时间", clock.Shown(v.At)+"，"+v.Place+"。"+v.Reason); err != nil {
			return err
		}
		return c.tellParty(ctx, row, map[bool]string{false: "现场核查的时间", true: "听证改了时间"}[of.Hearing != nil], clock.Shown(v.At)+"，"+v.Place+"。"+v.Reason)
	})
}

func mayGo(ctx context.Context, v *visitRow, row *caseRow) error {
	_, err := mustGo(ctx, v, row)
	return err
}

// CancelVisit gives a visit up, with a reason. By those who go.
func (c *Casework) CancelVisit(ctx context.Context, id, reason string) (*Visit, error) {
	return c.changeVisit(ctx, id, "visit.cancelled", mayGo, func(ctx context.Context, v *visitRow, row *caseRow) (err error) {
		if v.Reason, err = said("reason", reason, 1, 500, "请写明为什么取消"); err != nil {
			return err
		}
		v.State, v.ClosedAt = visitCancelled, store.Stamp(clock.Now(ctx))
		list, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		n := visitTitle(list)
		if err := c.tellGoers(ctx, v, row, n+"已取消", v.Reason); err != nil {
			return err
		}
		return c.tellParty(ctx, row, n+"已取消", "这次"+n+"不再进行")
	})
}

// dropVisits cancels the visits of cases that have ended.
func dropVisits(ctx context.Context, cases []string) error {
	rows, err := openVisits(ctx, cases)
	if err != nil {
		return err
	}
	for i := range rows {
		v := &rows[i]
		v.State, v.Reason, v.ClosedAt = visitCancelled, "这一件已经办结", store.Stamp(clock.Now(ctx))
		if err := v.write(ctx); err != nil {
			return err
		}
		if err := recordVisit(ctx, "visit.cancelled", v.ID, map[string]string{"case": v.Case}); err != nil {
			return err
		}
	}
	return nil
}

// SignVisit signs what a visit found, as the actor saw it: Conflict if it has changed since. Who signs last closes it, and what it verifies
// counts from then on.
func (c *Casework) SignVisit(ctx context.Context, id, content string) (*Visit, error) {
	return c.changeVisit(ctx, id, "visit.signed", mayGo, func(ctx context.Context, v *visitRow, row *caseRow) error {
		list, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		if list.Hearing != nil && v.At > store.Stamp(clock.Now(ctx)) {
			return fault.New(fault.Conflict, "听证还没有开始（"+clock.Shown(v.At)+"），笔录还不能签字")
		}
		items, err := itemsOf(ctx, v.ID, list)
		if err != nil {
			return err
		}
		photos, err := photosOf(ctx, v.ID)
		if err != nil {
			return err
		}
		if lacking := lackOf(v, items, photos); len(lacking) > 0 {
			return fault.New(fault.Conflict, "还不能签字："+strings.Join(lacking, "；"))
		}
		now := contentOf(v, items, photos)
		if content != now {
			return fault.New(fault.Conflict, "核查的内容刚刚有了变化，请看过以后再签字")
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE visit_officers SET signed = ?, signed_at = ? WHERE visit = ? AND account = ?`, now, store.Stamp(clock.Now(ctx)), v.ID,
			account.ActorFrom(ctx).AccountID).Exec(ctx); err != nil {
			return err
		}
		officers, err := officersOf(ctx, v.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(officers, func(o visitOfficerRow) bool { return o.Signed != now }) {
			return nil
		}
		v.State, v.ClosedAt = visitDone, store.Stamp(clock.Now(ctx))
		if list.Hearing != nil {
			if err := c.tellParty(ctx, row, "请看听证笔录", "“"+list.Title+"”的笔录已签字，请确认，或写明哪里不对"); err != nil {
				return err
			}
		}
		if err := pinPhotos(ctx, v.ID); err != nil {
			return err
		}
		return c.vouch(ctx, row, items)
	})
}
