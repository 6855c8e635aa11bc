package casework

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Recommended (推荐) is a case of a round whose department recommends it to an upper body, which decides.
type Recommended struct {
	Place  int    `json:"place" doc:"in the list, from 1; 0: it waits to be put on the list"`
	Case   string `json:"case"`
	Number string `json:"number"`
	Party  string `json:"party" doc:"name"`
	Code   string `json:"code"`
	Town   string `json:"town"`
	Scheme string `json:"scheme" doc:"document/scheme"`
	Title  string `json:"title" doc:"of the scheme"`
	Stage  string `json:"stage"`
	Ended  string `json:"ended,omitempty" enum:"granted,refused,withdrawn,done"`
}

// Recommendations are those of a round.
type Recommendations struct {
	Items []Recommended `json:"items" nullable:"false"`
}

// recommend makes the cases of a round at a stage the list that is recommended upward, in the order that the actor gives where the action asks
// for one, else in that of their numbers. The list that was there before is no more.
func (c *Casework) recommend(ctx context.Context, m process.Move, r *roundRow) error {
	var data struct {
		Sequence []string `json:"sequence"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.number <> '' AND (c.ended = '' AND c.stage = ? OR c.place > 0)", r.ID, m.Args["from"]).
		OrderExpr("c.number").Scan(ctx); err != nil {
		return err
	}
	on := map[string]*caseRow{}
	var numbers []string
	for _, row := range rows {
		if row.Ended == "" && row.Stage == m.Args["from"] {
			on[row.Number] = row
			numbers = append(numbers, row.Number)
		}
	}
	if len(numbers) == 0 {
		return fault.New(fault.Conflict, "没有等待推荐的申报")
	}
	if slices.Contains(m.Action.Needs, "sequence") {
		if err := mustOrder(data.Sequence, numbers); err != nil {
			return err
		}
		numbers = data.Sequence
	}
	reason := strings.TrimSpace(m.Input.Reason)
	if utf8.RuneCountInString(reason) > 1000 || !store.Plain(reason) {
		return fault.New(fault.Invalid, "说明过长或含有不允许的字符", fault.At("reason", "不超过1000字"))
	}
	for _, row := range rows {
		place, why := int64(slices.Index(numbers, row.Number)+1), reason
		if place == 0 {
			why = ""
		}
		row.Place, row.PlaceReason = place, why
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.recommended", map[string]int64{"place": place}); err != nil {
			return err
		}
	}
	return nil
}

// mustOrder refuses an order that does not name every number once.
func mustOrder(order, numbers []string) error {
	var details []fault.Detail
	for i, n := range order {
		switch {
		case !slices.Contains(numbers, n):
			details = append(details, fault.At("data.sequence", "编号%s不在等待推荐的申报中", n))
		case slices.Index(order, n) != i:
			details = append(details, fault.At("data.sequence", "%s写了两次", n))
		}
	}
	for _, n := range numbers {
		if !slices.Contains(order, n) {
			details = append(details, fault.At("data.sequence", "还没有排%s", n))
		}
	}
	if len(details) > 0 {
		return fault.New(fault.Invalid, "请把等待推荐的申报依次排好，每件排一次", details[:min(len(details), 200)]...)
	}
	return nil
}

// recommends is the stage at which the cases of a process wait to be put on the list; empty: it recommends nobody.
func recommends(p *policy.Process) string { return stageOf(p, "recommend") }

func stageOf(p *policy.Process, verb string) string {
	if p == nil || p.Flow(flowRound) == nil {
		return ""
	}
	for _, a := range p.Flow(flowRound).Actions() {
		for _, e := range a.Do {
			if e.Name == verb {
				return e.Args["from"]
			}
		}
	}
	return ""
}

// Recommendations are the list of a round, in its order, and after it the cases that wait to be put on it, for who works at the desk.
// NotFound if the actor may not see the round.
func (c *Casework) Recommendations(ctx context.Context, round string) (*Recommendations, error) {
	out := &Recommendations{Items: []Recommended{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items = out.Items[:0]
		l, err := c.recommended(ctx, round)
		if err != nil {
			return err
		}
		for _, row := range l.rows {
			out.Items = append(out.Items, Recommended{Place: int(row.Place), Case: row.ID, Number: row.Number, Party: row.PartyName, Code: row.PartyCode, Town: row.Town,
				Scheme: row.Scheme, Title: l.title(row), Stage: row.Stage, Ended: row.Ended})
		}
		return nil
	})
	return out, err
}

// recommendedList is the list of a round as whoever asks may see it.
type recommendedList struct {
	round  *roundRow
	set    *schemes.Compiled
	rows   []*caseRow // those on the list, in its order, and then those that wait to be put on it
	listed int        // how many are on it
}

// title is that of a case's scheme.
func (l *recommendedList) title(row *caseRow) string {
	if s := l.set.Library.Scheme(row.Scheme); s != nil {
		return outcome(s.Title(), row.Thing, row.Level)
	}
	return row.Scheme
}

// recommended reads the list of a round for who works at the desk. A case that the department took back, or that was withdrawn, is not on it.
// NotFound if the actor may not see the round.
func (c *Casework) recommended(ctx context.Context, round string) (*recommendedList, error) {
	r, err := visibleRound(ctx, round)
	if err != nil {
		return nil, err
	}
	if err := mustRead(ctx); err != nil {
		return nil, err
	}
	l := &recommendedList{round: r, rows: []*caseRow{}}
	if l.set, err = r.rules(ctx); err != nil {
		return nil, err
	}
	cond, args := caseScope(ctx, "c")
	err = store.Tx(ctx).NewSelect().Model(&l.rows).Where("c.round = ? AND c.number <> '' AND (c.ended = '' AND (c.stage = ? OR c.place > 0) OR c.place > 0 AND EXISTS (SELECT 1 FROM result_lines AS l JOIN results AS x ON x.id = l.result WHERE l.case_id = c.id AND x.state = 'confirmed')) AND "+cond,
		append([]any{r.ID, recommends(processOf(l.set, r.Process))}, args...)...).OrderExpr("CASE WHEN c.place > 0 THEN 0 ELSE 1 END, c.place, c.number").Scan(ctx)
	for _, row := range l.rows {
		if row.Place > 0 {
			l.listed++
		}
	}
	return l, err
}

// ExportRecommended writes the list that is recommended upward as a workbook, for the desk.
func (c *Casework) ExportRecommended(ctx context.Context, round string, w io.Writer) error {
	return store.Read(ctx, func(ctx context.Context) error {
		l, err := c.recommended(ctx, round)
		if err != nil {
			return err
		}
		r, rows := l.round, l.rows[:l.listed]
		parties := map[string]bool{}
		for _, row := range rows {
			parties[row.Party] = true
		}
		known, err := c.registry.KnownOf(account.System(ctx), l.set.Library.Vocabulary(), slices.Sorted(maps.Keys(parties)))
		if err != nil {
			return err
		}
		return spreadsheet.Write(w, spreadsheet.Table{Sheet: "推荐名单", Title: fmt.Sprintf("%s推荐名单（%s，共%d家）", r.Title, r.Department, l.listed), Columns: []spreadsheet.Column{
			{Heading: "推荐次序", Width: 10}, {Heading: "企业名称", Width: 36}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "所在镇街", Width: 14}, {Heading: "行业", Width: 24},
			{Heading: "规模", Width: 10}, {Heading: "推荐事项", Width: 36}, {Heading: "依据", Width: 36}, {Heading: "申报编号", Width: 22}, {Heading: "申报日期", Width: 14},
			{Heading: "本级测算结论", Width: 18}, {Heading: "推荐单位", Width: 18}, {Heading: "说明", Width: 36}},
			Rows: func(emit spreadsheet.Emit) error {
				for _, row := range rows {
					p := known[row.Party].Party
					if err := emit(row.Place, row.PartyName, row.PartyCode, row.Town, p.Industry, p.Size, l.title(row), clauseOf(l.set, row.Scheme), row.Number, dayOf(row.SubmittedAt),
						answerWords[row.Answer], r.Department, row.PlaceReason); err != nil {
						return err
					}
				}
				return nil
			}})
	})
}

// answerWords is what the answers of an evaluation are called in a workbook that goes upward.
var answerWords = map[string]string{policy.Met.String(): "符合", policy.Unmet.String(): "不符合", policy.Manual.String(): "有条件由人判断", policy.Unknown.String(): "有条件不知道"}

// dayOf is the day of a time that is kept; empty: there is none.
func dayOf(stamp string) string {
	at, err := store.ParseStamp(stamp)
	if err != nil {
		return ""
	}
	return clock.DayOf(at).String()
}

// RecommendationLetter is the report by which a department sends its list to the upper body (上行文), as a draft: who drafts and issues it and
// under which number is said where it is issued. To is whom it goes to, as the office writes it. Conflict before there is a list.
func (c *Casework) RecommendationLetter(ctx context.Context, round, to string, w io.Writer) error {
	var d *document.Document
	err := store.Read(ctx, func(ctx context.Context) error {
		l, err := c.recommended(ctx, round)
		if err != nil {
			return err
		}
		if l.listed == 0 {
			return fault.New(fault.Conflict, "还没有形成推荐名单")
		}
		r := l.round
		all, err := store.Tx(ctx).NewSelect().Model((*caseRow)(nil)).Where("c.round = ? AND c.number <> ''", r.ID).Count(ctx)
		if err != nil {
			return err
		}
		n, err := lastNotice(ctx, r.ID)
		if err != nil {
			return err
		}
		d = &document.Document{Title: "关于报送" + r.Title + "名单的报告", To: strings.TrimSpace(to), Attachments: []string{"推荐名单"}, Signature: document.Signature{Office: r.Department, Day: clock.Today(ctx)}}
		text := fmt.Sprintf("我单位组织了%s，共收到申报%d件，经审核", r.Title, all)
		if n != nil {
			from, _ := policy.ParseDate(n.PublishedOn)
			until, _ := policy.ParseDate(n.Until)
			text += "，并于" + document.Day(from) + "至" + document.Day(until) + "公示"
		}
		table := &document.Table{Head: []string{"次序", "企业名称", "统一社会信用代码", "推荐事项", "依据"}, Widths: []int{1, 4, 3, 3, 4}}
		for _, row := range l.rows[:l.listed] {
			table.Rows = append(table.Rows, []string{fmt.Sprint(row.Place), row.PartyName, row.PartyCode, l.title(row), clauseOf(l.set, row.Scheme)})
		}
		d.Body = []document.Block{{Text: fmt.Sprintf("%s，现推荐%d家，按推荐次序报上，请审定。", text, l.listed)}, {Table: table}}
		return nil
	})
	if err != nil {
		return err
	}
	return d.Write(w)
}
