// Package paper keeps the official documents (公文) of cases: what an action of a process drafts from a template, who reviewed and issued it, under
// which number, and how it reached its receiver.
//
// A document is drafted in the transaction of the action, so that there is no action without its document and none of an action that failed. It
// is a draft until its office has reviewed and issued it, and until then nobody outside the office sees it. Issuing takes the next number of the series
// of its office and year, writes the DOCX and keeps it with its hash, in one transaction: whenever the server is killed, no number is lost and
// none is taken twice. A document in which something is not known is never issued. Who drafted it may not issue it.
package paper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Room is the room. Sees answers NotFound when the actor may not see a case.
type Room struct {
	sees func(ctx context.Context, caseID string) error
}

// New makes the room.
func New(sees func(ctx context.Context, caseID string) error) *Room { return &Room{sees} }

// Drafting is what an action gives to a document.
type Drafting struct {
	Case       string
	Department string // whose document it is
	Template   *policy.Template
	Values     map[string]string // by policy.TemplateFields; what is not known is not there
}

// Paper is an official document.
type Paper struct {
	ID         string   `json:"id"`
	Case       string   `json:"case"`
	Template   string   `json:"template"`
	Title      string   `json:"title"`
	Office     string   `json:"office"`
	State      string   `json:"state" enum:"draft,reviewed,issued,delivered"`
	Number     string   `json:"number,omitempty" doc:"from its issue on"`
	Missing    []string `json:"missing" nullable:"false" doc:"what is not known yet; with any, it cannot be issued"`
	Text       []string `json:"text" nullable:"false" doc:"what it says, a paragraph a line"`
	Drafter    string   `json:"drafter,omitempty" doc:"the desk"`
	Reviewer   string   `json:"reviewer,omitempty" doc:"the desk"`
	Issuer     string   `json:"issuer,omitempty"`
	IssuedAt   string   `json:"issued_at,omitempty"`
	Delivered  string   `json:"delivered,omitempty" doc:"the day"`
	How        string   `json:"how,omitempty"`
	SignedBy   string   `json:"signed_by,omitempty" doc:"who received it"`
	SHA256     string   `json:"sha256,omitempty" doc:"of the file"`
	Version    int64    `json:"version"`
	MayReview  bool     `json:"may_review"`
	MayIssue   bool     `json:"may_issue"`
	MayDeliver bool     `json:"may_deliver"`
}

const (
	stateDraft     = "draft"
	stateReviewed  = "reviewed"
	stateIssued    = "issued"
	stateDelivered = "delivered"
)

// Ways are how a document is delivered.
var Ways = []string{"直接送达", "邮寄送达", "电子送达", "留置送达", "公告送达"}

// atIssue are the fields that are known only when it is issued.
var atIssue = []string{"文号", "日期", "签发人"}

// Draft drafts a document, in the transaction of ctx.
func (r *Room) Draft(ctx context.Context, d Drafting) error {
	fields := maps.Clone(d.Values)
	fields["机关"] = d.Department
	maps.DeleteFunc(fields, func(_, v string) bool { return v == "" })
	known, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	row := paperRow{ID: store.NewID(), Case: d.Case, Template: d.Template.ID, Source: string(d.Template.Source), Department: d.Department, Fields: string(known), Filled: "{}",
		State: stateDraft, DraftedAt: store.Stamp(clock.Now(ctx)), DraftedBy: account.ActorFrom(ctx).AccountID, Version: 1}
	filled, _ := d.Template.Fill(fields)
	row.Title = filled.Title
	if _, err := store.Tx(ctx).NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	return row.record(ctx, "paper.drafted")
}

// Of are the documents of a case, the first drafted first: all to its office, to everybody else who may see the case what was issued.
// NotFound if the actor may not see the case.
func (r *Room) Of(ctx context.Context, caseID string) ([]Paper, error) {
	out := []Paper{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if err := r.sees(ctx, caseID); err != nil {
			return err
		}
		rows, err := ofCase(ctx, caseID)
		if err != nil {
			return err
		}
		for i := range rows {
			if !rows[i].issued() && !rows[i].office(ctx) {
				continue
			}
			p, err := rows[i].paper(ctx)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// change is what somebody of the office does to a document that they saw in a version.
func (r *Room) change(ctx context.Context, id string, version int64, from []string, action string, do func(ctx context.Context, row *paperRow) error) (out Paper, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		if !row.office(ctx) {
			return fault.New(fault.Forbidden, "只有本机关的办理人员可以办理这份文书")
		}
		if row.Version != version || !slices.Contains(from, row.State) {
			return fault.New(fault.Conflict, "这份文书的状态已经改变，请刷新后再试")
		}
		// The condition takes the row before anything else is written: of two at once the second finds nothing.
		taken, err := take(ctx, row)
		if err != nil {
			return err
		}
		if !taken {
			return fault.New(fault.Conflict, "这份文书刚刚被他人办理，请刷新后再试")
		}
		if err := do(ctx, row); err != nil {
			return err
		}
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, action); err != nil {
			return err
		}
		out, err = row.paper(ctx)
		return err
	})
	return out, err
}

// FillIn keeps what the drafter fills in: fields that no room knows. A document that was reviewed is a draft again.
func (r *Room) FillIn(ctx context.Context, id string, version int64, values map[string]string) (Paper, error) {
	return r.change(ctx, id, version, []string{stateDraft, stateReviewed}, "paper.filled", func(ctx context.Context, row *paperRow) error {
		known := row.values()
		for name, v := range values {
			v = strings.TrimSpace(v)
			switch _, is := policy.TemplateFields[name]; {
			case !is || slices.Contains(atIssue, name):
				return fault.New(fault.Invalid, "没有这一项，或签发时才有", fault.At("values."+name, "不能填写"))
			case known[name] != "":
				return fault.New(fault.Invalid, "“"+name+"”由系统填写，不能改", fault.At("values."+name, "不能填写"))
			case utf8.RuneCountInString(v) > 2000 || !store.Plain(v):
				return fault.New(fault.Invalid, "“"+name+"”过长，或含有不能使用的字符", fault.At("values."+name, "最多2000字"))
			}
			values[name] = v
		}
		text, err := json.Marshal(values)
		row.Filled, row.State, row.ReviewedAt, row.ReviewedBy = string(text), stateDraft, "", ""
		return err
	})
}

// Review says that a document may be issued.
func (r *Room) Review(ctx context.Context, id string, version int64) (Paper, error) {
	return r.change(ctx, id, version, []string{stateDraft}, "paper.reviewed", func(ctx context.Context, row *paperRow) error {
		if err := row.complete(); err != nil {
			return err
		}
		row.State, row.ReviewedAt, row.ReviewedBy = stateReviewed, store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID
		return nil
	})
}

// Issue numbers a document and writes its file. Forbidden to all but a leader of its office, and to who drafted it.
func (r *Room) Issue(ctx context.Context, id string, version int64) (Paper, error) {
	return r.change(ctx, id, version, []string{stateReviewed}, "paper.issued", func(ctx context.Context, row *paperRow) error {
		a := account.ActorFrom(ctx)
		if !row.leads(ctx) {
			return fault.New(fault.Forbidden, "文书由本机关负责人签发")
		}
		if a.AccountID == row.DraftedBy {
			return fault.New(fault.Forbidden, "拟稿人不能签发自己起草的文书")
		}
		if err := row.complete(); err != nil {
			return err
		}
		t, err := row.read()
		if err != nil {
			return err
		}
		today := clock.Today(ctx)
		filled, _ := t.Fill(row.values())
		if row.Series = filled.Series; row.Series != "" {
			row.Year = int64(today.Year())
			if row.Number, err = next(ctx, row.Department, row.Series, row.Year); err != nil {
				return err
			}
			row.Mark = document.NumberOf(row.Series, today.Year(), int(row.Number))
		}
		row.State, row.IssuedAt, row.IssuedBy, row.Issuer = stateIssued, store.Stamp(clock.Now(ctx)), a.AccountID, a.Name
		values := row.values()
		values["文号"], values["日期"], values["签发人"] = row.Mark, document.Day(today), row.Issuer
		filled, _ = t.Fill(values)
		row.Title = filled.Title
		var b bytes.Buffer
		if err := documentOf(&filled, row, today).Write(&b); err != nil {
			return err
		}
		kept, err := files.Put(ctx, &b, files.Meta{Name: row.Template + ".docx", Owner: kind + ":" + row.ID}, files.Limits{Types: []files.Type{files.DOCX}})
		if err != nil {
			return err
		}
		row.File, row.SHA256 = kept.ID, kept.SHA256
		return files.Pin(ctx, kind+":"+row.ID, kept.ID)
	})
}

// Delivery is how a document reached its receiver.
type Delivery struct {
	How string      `json:"how" enum:"直接送达,邮寄送达,电子送达,留置送达,公告送达"`
	On  policy.Date `json:"on"`
	By  string      `json:"signed_by" maxLength:"100" doc:"who received it and signed"`
}

// Deliver keeps the receipt of a document.
func (r *Room) Deliver(ctx context.Context, id string, version int64, d Delivery) (Paper, error) {
	return r.change(ctx, id, version, []string{stateIssued}, "paper.delivered", func(ctx context.Context, row *paperRow) error {
		d.By = strings.TrimSpace(d.By)
		issued, err := store.ParseStamp(row.IssuedAt)
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(Ways, d.How):
			return fault.New(fault.Invalid, "请选择送达方式", fault.At("how", "请选择送达方式"))
		case d.On < clock.DayOf(issued) || d.On > clock.Today(ctx):
			return fault.New(fault.Invalid, "送达日期不能早于签发，也不能晚于今天", fault.At("on", "请核对日期"))
		case d.By == "" || !store.Plain(d.By) || utf8.RuneCountInString(d.By) > 100:
			return fault.New(fault.Invalid, "请写明签收人", fault.At("signed_by", "请写明签收人，不超过100字"))
		}
		row.State, row.DeliveredOn, row.DeliveredHow, row.DeliveredTo, row.DeliveredBy = stateDelivered, d.On.String(), d.How, d.By, account.ActorFrom(ctx).AccountID
		return nil
	})
}

// Open is the file of a document that was issued. NotFound if the actor may not see it or it was not.
func (r *Room) Open(ctx context.Context, id string) (f files.File, content io.ReadCloser, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		if !row.issued() {
			return notFound()
		}
		f, content, err = files.Open(ctx, row.File)
		return err
	})
	return f, content, err
}

// documentOf lays a filled template out.
func documentOf(t *policy.Template, row *paperRow, day policy.Date) *document.Document {
	d := &document.Document{Letter: t.Form == "letter", Letterhead: t.Letterhead, Number: row.Mark, Title: t.Title, To: t.To,
		Signature: document.Signature{Office: row.Department, Day: day}, Copies: t.Copies}
	if len(t.Copies) > 0 {
		d.Printed = d.Signature
	}
	for _, b := range slices.Concat(t.Body, t.Remedy) {
		block := document.Block{Level: b.Level, Text: b.Text}
		if len(b.Rows) > 0 {
			block = document.Block{Table: &document.Table{Rows: b.Rows}}
		}
		d.Body = append(d.Body, block)
	}
	return d
}

// complete refuses a document in which something is not known.
func (row *paperRow) complete() error {
	t, err := row.read()
	if err != nil {
		return err
	}
	if missing := row.missing(t); len(missing) > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d项没有填写：%s", len(missing), strings.Join(missing, "、")))
	}
	return nil
}

func notFound() error {
	return fault.New(fault.NotFound, "没有这份文书，或不在您的权限范围内")
}

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(kind, audit.Words{Label: "文书", Actions: map[string]string{"paper.drafted": "起草文书", "paper.filled": "填写文书", "paper.reviewed": "审核文书",
		"paper.issued": "签发文书", "paper.delivered": "登记送达"}})
}
