package casework

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Finding is what a department found when it was asked about a case (部门联审): nothing, or a hit. A hit whose kind is a kind of record of
// the vocabulary that this department vouches for becomes a fact of the party, so that a scheme that reads it answers by its own rule; any
// other is shown to who reviews.
type Finding struct {
	ID         string      `json:"id"`
	Department string      `json:"department"`
	Hit        bool        `json:"hit"`
	Kind       string      `json:"kind,omitempty"`
	Detail     string      `json:"detail,omitempty"`
	On         policy.Date `json:"on,omitempty" doc:"the day of what was found"`
	SaidAt     string      `json:"said_at"`
	SaidBy     string      `json:"said_by"`
}

const findingKind = "finding"

func init() {
	audit.RegisterRow(findingKind, findingDigest)
	audit.RegisterList(findingKind, audit.IDs("case_findings"))
}

type findingRow struct {
	bun.BaseModel `bun:"table:case_findings,alias:f"`

	ID         string `bun:"id,pk"`
	Case       string `bun:"case_id"`
	Department string `bun:"department"`
	Result     string `bun:"result"`
	Kind       string `bun:"kind"`
	Detail     string `bun:"detail"`
	On         string `bun:"on_date"`
	SaidAt     string `bun:"said_at"`
	SaidBy     string `bun:"said_by"`
	Supersedes string `bun:"supersedes"`
}

const (
	resultClear = "clear"
	resultHit   = "hit"
)

// Found is what somebody of a department says about one case.
type Found struct {
	Hit    bool        `json:"hit"`
	Kind   string      `json:"kind,omitempty"`
	Detail string      `json:"detail,omitempty"`
	On     policy.Date `json:"on,omitempty"`
}

func (f *Found) check(today policy.Date) []fault.Detail {
	f.Kind, f.Detail = strings.TrimSpace(f.Kind), strings.TrimSpace(f.Detail)
	var out []fault.Detail
	if f.Hit && f.Detail == "" {
		out = append(out, fault.At("detail", "有问题的请写明情况"))
	}
	if utf8.RuneCountInString(f.Kind) > 40 || utf8.RuneCountInString(f.Detail) > 1000 || !store.Plain(f.Kind+f.Detail) {
		out = append(out, fault.At("detail", "说明不超过1000字，不含控制字符"))
	}
	if f.On > today {
		out = append(out, fault.At("on", "日期不能晚于今天"))
	}
	return out
}

// keepFinding is the effect of an action that gives findings: it keeps what the task's department found.
func (c *Casework) keepFinding(ctx context.Context, m process.Move, row *caseRow) error {
	var data struct {
		Findings *Found `json:"findings"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	if data.Findings == nil {
		return fault.New(fault.Invalid, "请填写核查结果", fault.At("data.findings", "请选择有无问题"))
	}
	if details := data.Findings.check(clock.Today(ctx)); len(details) > 0 {
		for i := range details {
			details[i].Field = "data.findings." + details[i].Field
		}
		return fault.New(fault.Invalid, "请更正核查结果", details...)
	}
	department := ""
	if m.Task != nil {
		department = m.Task.Department
	}
	return c.putFinding(ctx, row, department, *data.Findings)
}

func (c *Casework) putFinding(ctx context.Context, row *caseRow, department string, f Found) error {
	before, err := findingsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	r := findingRow{ID: store.NewID(), Case: row.ID, Department: department, Result: resultClear, Kind: f.Kind, Detail: f.Detail, On: f.On.String(),
		SaidAt: store.Stamp(clock.Now(ctx)), SaidBy: by(ctx)}
	if f.Hit {
		r.Result = resultHit
	}
	for _, old := range before {
		if old.Department == department {
			r.Supersedes = old.ID
		}
	}
	if _, err := store.Tx(ctx).NewInsert().Model(&r).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return fault.New(fault.Conflict, "这个部门刚刚反馈过，请刷新后再看")
		}
		return err
	}
	if err := audit.Append(ctx, audit.Event{Action: "case.finding", Kind: findingKind, ID: r.ID, Digest: r.digest(), Data: map[string]string{"case": row.ID, "result": r.Result}}); err != nil {
		return err
	}
	if !f.Hit || f.Kind == "" {
		return nil
	}
	set, err := row.rules(ctx)
	if err != nil {
		return err
	}
	kind := set.Library.Vocabulary().Record(f.Kind)
	if kind == nil || kind.From != department || f.On == 0 {
		return nil
	}
	_, err = c.registry.StateIn(ctx, set.Library.Vocabulary(), registry.Statement{Party: row.Party, Term: kind.Name, Record: &registry.RecordOf{From: f.On},
		Evidence: "联审反馈：" + row.Number})
	return err
}

// findingsOf are the standing findings about a case, by department.
func findingsOf(ctx context.Context, caseID string) ([]findingRow, error) {
	rows := []findingRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where(`f.case_id = ? AND NOT EXISTS (SELECT 1 FROM case_findings AS n WHERE n.case_id = f.case_id
		AND n.department = f.department AND n.supersedes = f.id)`, caseID).OrderExpr("f.department, f.id").Scan(ctx)
	return rows, err
}

// Findings are what departments found about a case: for those who review it, not for the applicant.
func (c *Casework) Findings(ctx context.Context, id string) ([]Finding, error) {
	out := []Finding{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if _, err := visibleCase(ctx, id); err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Reader() {
			return fault.New(fault.Forbidden, "核查结果只供办理人员查看")
		}
		rows, err := findingsOf(ctx, id)
		if err != nil {
			return err
		}
		for _, r := range rows {
			f := Finding{ID: r.ID, Department: r.Department, Hit: r.Result == resultHit, Kind: r.Kind, Detail: r.Detail, SaidAt: r.SaidAt, SaidBy: r.SaidBy}
			f.On, _ = policy.ParseDate(r.On)
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

func (r *findingRow) digest() string {
	return audit.Digest(r.ID, r.Case, r.Department, r.Result, r.Kind, r.Detail, r.On, r.SaidAt, r.SaidBy, r.Supersedes)
}

func findingDigest(ctx context.Context, id string) (string, error) {
	r := &findingRow{}
	err := store.Tx(ctx).NewSelect().Model(r).Where("f.id = ?", id).Scan(ctx)
	if fault.CodeOf(notFoundFile(err)) == fault.NotFound {
		return audit.Deleted, nil
	}
	return r.digest(), err
}

// ---- the list that goes out and comes back ----

var checkColumns = []spreadsheet.Column{{Heading: "申报编号", Width: 22}, {Heading: "统一社会信用代码", Width: 22}, {Heading: "企业名称", Width: 36},
	{Heading: "有无问题", Width: 10}, {Heading: "类型", Width: 18}, {Heading: "情况说明", Width: 48}, {Heading: "发生日期", Width: 14}}

// asked are the open tasks of a round in which the actor is asked for findings, by the number of their case.
func (c *Casework) asked(ctx context.Context, round string) (map[string]process.Task, []string, error) {
	byNumber, order := map[string]process.Task{}, []string{}
	err := c.engine.Each(ctx, process.Filter{Flow: flowCase, Round: round, Which: "act"}, func(t process.Task) error {
		for _, a := range t.Actions {
			if slices.Contains(a.Needs, "findings") {
				if _, twice := byNumber[t.Subject.Number]; twice {
					return fault.New(fault.Conflict, "您同时代表几个部门，请用只代表一个部门的账号核查")
				}
				byNumber[t.Subject.Number] = t
				order = append(order, t.Subject.Number)
				break
			}
		}
		return nil
	})
	slices.Sort(order)
	return byNumber, order, err
}

// CheckList is the list of a round for the actor's department: every case it is asked about and has not answered.
func (c *Casework) CheckList(ctx context.Context, round string, w io.Writer) error {
	return store.Read(ctx, func(ctx context.Context) error {
		r, err := visibleRound(ctx, round)
		if err != nil {
			return err
		}
		tasks, order, err := c.asked(ctx, round)
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(order))
		for _, n := range order {
			ids = append(ids, tasks[n].Subject.ID)
		}
		rows := map[string]*caseRow{}
		for some := range slices.Chunk(ids, 500) {
			var list []*caseRow
			if err := store.Tx(ctx).NewSelect().Model(&list).Where("c.id IN (?)", bun.List(some)).Scan(ctx); err != nil {
				return err
			}
			for _, x := range list {
				rows[x.Number] = x
			}
		}
		return spreadsheet.Write(w, spreadsheet.Table{Sheet: "核查名单", Title: r.Title + "：请在“有无问题”一栏填“无”或“有”，有问题的写明情况；不要改动前三列", Columns: checkColumns,
			Rows: func(emit spreadsheet.Emit) error {
				for _, n := range order {
					if x := rows[n]; x != nil {
						if err := emit(x.Number, x.PartyCode, x.PartyName, nil, nil, nil, nil); err != nil {
							return err
						}
					}
				}
				return nil
			}})
	})
}

// CheckResult is what became of a list that came back.
type CheckResult struct {
	Clear int `json:"clear"`
	Hits  int `json:"hits"`
	Left  int `json:"left" doc:"cases that the list says nothing about"`
}

// TakeChecks reads a list that came back and answers the department's task of every case in it, all or none: Invalid names every bad cell.
// A case that the list does not answer stays asked.
func (c *Casework) TakeChecks(ctx context.Context, round string, r io.ReaderAt, size int64) (*CheckResult, error) {
	// Who may not is told so before the workbook is read.
	if !account.ActorFrom(ctx).Officer() {
		return nil, fault.New(fault.Forbidden, "只有被征询的部门可以反馈核查结果")
	}
	said, err := readChecks(r, size, clock.Today(ctx))
	if err != nil {
		return nil, err
	}
	out := &CheckResult{}
	err = store.Write(ctx, func(ctx context.Context) error {
		*out = CheckResult{}
		if _, err := visibleRound(ctx, round); err != nil {
			return err
		}
		tasks, _, err := c.asked(ctx, round)
		if err != nil {
			return err
		}
		var details []fault.Detail
		for _, s := range said {
			if t, ok := tasks[s.number]; !ok {
				details = append(details, fault.At(s.cell, "这一编号不在本部门待核查的名单中，或已经反馈"))
			} else if s.name != "" && s.name != t.Subject.PartyName {
				details = append(details, fault.At(s.cell, "编号与企业名称对不上"))
			}
		}
		if len(details) > 0 {
			return fault.New(fault.Invalid, fmt.Sprintf("名单中有%d处不对，没有写入任何内容", len(details)), details[:min(len(details), 200)]...)
		}
		for _, s := range said {
			t := tasks[s.number]
			action := ""
			for _, a := range t.Actions {
				if slices.Contains(a.Needs, "findings") {
					action = a.Key
				}
			}
			data, err := jsonOf(map[string]any{"findings": s.found})
			if err != nil {
				return err
			}
			opinion := "无问题"
			if s.found.Hit {
				opinion = "有问题：" + s.found.Detail
				out.Hits++
			} else {
				out.Clear++
			}
			if _, err := c.engine.Act(ctx, process.Act{Task: t.ID, Action: action, Version: t.Version, Input: process.Input{Reason: opinion, Data: data}}); err != nil {
				return err
			}
		}
		out.Left = len(tasks) - len(said)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

type checkLine struct {
	cell, number, name string
	found              Found
}

// readChecks reads the rows of a list that are answered.
func readChecks(r io.ReaderAt, size int64, today policy.Date) ([]checkLine, error) {
	book, err := spreadsheet.Open(r, size, spreadsheet.UploadLimits)
	if err != nil {
		return nil, err
	}
	var lines []checkLine
	var details []fault.Detail
	columns := map[string]int{}
	seen := map[string]bool{}
	bad := func(column, line int, format string, a ...any) {
		details = append(details, fault.At(spreadsheet.CellName(column, line), format, a...))
	}
	merges, err := book.Rows(book.Sheets[0], func(line int, hidden bool, cells []spreadsheet.Cell) error {
		if len(columns) == 0 { // the title stands above the heading
			found := map[string]int{}
			for _, cell := range cells {
				if text, err := cell.Words(); err == nil {
					found[text] = cell.Column
				}
			}
			for _, c := range checkColumns {
				if _, ok := found[c.Heading]; !ok {
					return nil
				}
			}
			columns = found
			return nil
		}
		at := map[int]spreadsheet.Cell{}
		for _, cell := range cells {
			at[cell.Column] = cell
		}
		words := func(heading string) string {
			cell, ok := at[columns[heading]]
			if !ok {
				return ""
			}
			text, err := cell.Words()
			if err != nil {
				bad(cell.Column, line, "%s", err.Error())
			}
			return strings.TrimSpace(text)
		}
		s := checkLine{cell: spreadsheet.CellName(columns["申报编号"], line), number: words("申报编号"), name: words("企业名称")}
		answer := words("有无问题")
		if answer == "" {
			return nil
		}
		switch {
		case s.number == "":
			bad(columns["申报编号"], line, "缺少申报编号")
		case seen[s.number]:
			bad(columns["申报编号"], line, "同一编号填了两行")
		}
		seen[s.number] = true
		switch answer {
		case "无":
		case "有":
			s.found.Hit = true
		default:
			bad(columns["有无问题"], line, "应填“无”或“有”")
		}
		s.found.Kind, s.found.Detail = words("类型"), words("情况说明")
		if cell, ok := at[columns["发生日期"]]; ok && cell.Kind != spreadsheet.KindBlank {
			text, err := cell.Date()
			if err != nil {
				bad(cell.Column, line, "%s", err.Error())
			} else {
				s.found.On, _ = policy.ParseDate(text)
			}
		}
		for _, d := range s.found.check(today) {
			heading := map[string]string{"detail": "情况说明", "on": "发生日期"}[d.Field]
			bad(columns[heading], line, "%s", d.Message)
		}
		lines = append(lines, s)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(columns) == 0:
		return nil, fault.New(fault.Invalid, "没有找到表头；请使用下载的核查名单")
	case len(merges) > 1:
		return nil, fault.New(fault.Invalid, "名单里有合并单元格；请取消合并后再上传")
	case len(details) > 0:
		return nil, fault.New(fault.Invalid, fmt.Sprintf("名单中有%d处不对，没有写入任何内容", len(details)), details[:min(len(details), 200)]...)
	case len(lines) == 0:
		return nil, fault.New(fault.Invalid, "名单中没有填写任何结果")
	}
	return lines, nil
}

// checksBack passes when no case of the round waits for a department's findings.
func (c *Casework) checksBack(ctx context.Context, m process.Move, r *roundRow) error {
	n, err := c.engine.Asking(ctx, flowCase, r.ID, "findings")
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d份部门核查没有反馈", n))
	}
	return nil
}
