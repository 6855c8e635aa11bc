package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// Papers is what this room asks of the official documents of cases. Every change is part of the transaction of ctx.
type Papers interface {
	// Draft drafts a document.
	Draft(ctx context.Context, p Paper) error
	// Pending are the titles of a case's documents that are not issued yet, or with delivered not delivered yet.
	Pending(ctx context.Context, caseID string, delivered bool) ([]string, error)
}

// Paper is what a case gives to an official document.
type Paper struct {
	Case, CaseNumber, Party, PartyName string
	Department, Town                   string
	Template                           *policy.Template
	Receipt                            *policy.Template // of its delivery receipt; nil: it has none
	Action                             string           // the action that it was drafted with; empty: by hand
	Values                             map[string]string
}

// wireDocuments gives the words of process files that speak of official documents their meaning.
func (c *Casework) wireDocuments() {
	c.engine.Drafts(flowCase, c.ofCase(c.draftDocument))
	for name, delivered := range map[string]bool{"documents_issued": false, "documents_delivered": true} {
		c.engine.Guard(flowCase, name, c.ofCase(func(ctx context.Context, _ process.Move, row *caseRow) error {
			titles, err := c.papers.Pending(ctx, row.ID, delivered)
			if err != nil || len(titles) == 0 {
				return err
			}
			what := "签发"
			if delivered {
				what = "送达"
			}
			return fault.New(fault.Conflict, fmt.Sprintf("还有%d份文书没有%s：《%s》", len(titles), what, strings.Join(titles, "》《")))
		}))
	}
}

// draftDocument drafts the document that an action names.
func (c *Casework) draftDocument(ctx context.Context, m process.Move, row *caseRow) error {
	p, err := c.paperOf(ctx, row, m.Action.Document)
	if err != nil {
		return err
	}
	p.Action = m.Action.Title
	maps.Copy(p.Values, m.Gives())
	if m.AsksItems() {
		p.Values["补正事项"], err = askedItems(m.Input.Data)
	}
	if err != nil {
		return err
	}
	return c.papers.Draft(ctx, p)
}

// Sees is NotFound when the actor may not see a case.
func (c *Casework) Sees(ctx context.Context, caseID string) error {
	_, err := visibleCase(ctx, caseID)
	return err
}

// PaperOf is what a case gives to a document that the actor drafts by hand. NotFound if they may not see the case.
func (c *Casework) PaperOf(ctx context.Context, caseID, template string) (Paper, error) {
	row, err := visibleCase(ctx, caseID)
	if err != nil {
		return Paper{}, err
	}
	return c.paperOf(ctx, row, template)
}

// TemplatesOf are the names of the templates by which documents of a case may be drafted by hand: those of its rules that do not ask what only an action
// knows. NotFound if the actor may not see the case.
func (c *Casework) TemplatesOf(ctx context.Context, caseID string) ([]string, error) {
	row, err := visibleCase(ctx, caseID)
	if err != nil {
		return nil, err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, t := range set.Library.Templates() {
		if !slices.ContainsFunc(t.Fields(), func(f string) bool {
			return f == "补正事项" || f == "办理决定" || slices.Contains(policy.TemplateOfReceipt, f)
		}) {
			out = append(out, t.ID)
		}
	}
	return out, nil
}

// paperOf is what a case gives to a document, whoever asks. The limit it tells is that of the work that is open now.
func (c *Casework) paperOf(ctx context.Context, row *caseRow, template string) (Paper, error) {
	set, err := row.rules(ctx)
	if err != nil {
		return Paper{}, err
	}
	p := Paper{Case: row.ID, CaseNumber: row.Number, Party: row.Party, PartyName: row.PartyName, Department: row.Department, Town: row.Town, Template: set.Library.Template(template)}
	if p.Template == nil {
		return Paper{}, fault.New(fault.Invalid, "没有名为“"+template+"”的文书模板", fault.At("template", "请选择一个模板"))
	}
	if p.Template.Receipt != "" {
		p.Receipt = set.Library.Template(p.Template.Receipt)
	}
	p.Values = map[string]string{"申请人": row.PartyName, "统一代码": row.PartyCode, "编号": row.Number, "依据": clauseOf(set, row.Scheme)}
	if s := set.Library.Scheme(row.Scheme); s != nil {
		p.Values["事项"] = titled(s.Title(), row.Thing)
	}
	if at, err := store.ParseStamp(row.SubmittedAt); err == nil {
		p.Values["申请日期"] = document.Day(clock.DayOf(at))
	}
	limit, err := c.engine.Awaits(ctx, flowCase, row.ID)
	if err != nil {
		return Paper{}, err
	}
	maps.Copy(p.Values, limit)
	p.Values["听证日期"], p.Values["听证地点"], err = c.nextHearing(ctx, row)
	return p, err
}

// askedItems are the things that an action asked to be corrected, a line each.
func askedItems(data json.RawMessage) (string, error) {
	text, err := lackingOf(data)
	if err != nil {
		return "", err
	}
	var items []Lack
	if err := json.Unmarshal([]byte(text), &items); err != nil {
		return "", err
	}
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = fmt.Sprintf("%d.%s", i+1, item.Text)
	}
	return strings.Join(lines, "\n"), nil
}
