package paper

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// saying is what a document says now.
type saying struct {
	template *policy.Template
	filled   policy.Template // as it would be issued
	known    map[string]string
	written  Content
	missing  []string // that keep it from going on
}

// compose puts together what a document says: the template, what is known, and what was written in drafting.
func (row *paperRow) compose() (s saying, err error) {
	if s.template, err = read(row.Template, row.Source); err != nil {
		return s, err
	}
	if s.known, err = row.known(); err != nil {
		return s, err
	}
	if s.written, err = row.written(); err != nil {
		return s, err
	}
	values := maps.Clone(s.known)
	for name, v := range s.written.Values {
		if values[name] == "" { // what the rooms know cannot be changed
			values[name] = v
		}
	}
	if row.issued() {
		issued, err := store.ParseStamp(row.IssuedAt)
		if err != nil {
			return s, err
		}
		values["文号"], values["日期"], values["签发人"] = row.Mark, document.Day(clock.DayOf(issued)), row.Issuer
	}
	// Words of one's own stand as they are, whatever they look like: they are put in after the places are filled.
	t := *s.template
	t.Body = slices.Clone(t.Body)
	for i, b := range t.Body {
		if b.Edit && s.written.Texts[fmt.Sprint(b.At)] != "" {
			t.Body[i].Text = ""
		}
	}
	copies := s.written.Copies
	if len(copies) > 0 {
		t.Copies = nil
	}
	s.filled, s.missing = t.Fill(values)
	for i, b := range s.filled.Body {
		if own := s.written.Texts[fmt.Sprint(b.At)]; b.Edit && own != "" {
			s.filled.Body[i].Text = own
		}
	}
	if len(copies) > 0 {
		s.filled.Copies = copies
	}
	s.missing = slices.DeleteFunc(s.missing, func(f string) bool { return slices.Contains(atIssue, f) })
	return s, nil
}

// fieldsOf are what whoever drafts may fill in: what the template names and nobody knows.
func fieldsOf(t *policy.Template, known map[string]string) (out []string) {
	all := t.Fields()
	for _, b := range slices.Concat(t.Body, t.Remedy) {
		if b.If != "" && !slices.Contains(all, b.If) {
			all = append(all, b.If)
		}
	}
	for _, f := range all {
		if known[f] == "" && !slices.Contains(atIssue, f) {
			out = append(out, f)
		}
	}
	return out
}

// complete refuses a document in which something is not known.
func (row *paperRow) complete() error {
	s, err := row.compose()
	if err != nil {
		return err
	}
	if len(s.missing) > 0 {
		details := make([]fault.Detail, len(s.missing))
		for i, f := range s.missing {
			details[i] = fault.At("values."+f, "请填写%s", f)
		}
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d项没有填写：%s", len(s.missing), strings.Join(s.missing, "、")), details...)
	}
	return nil
}

// receiptOf is the receipt of a document; what is not known yet is left to be written by hand.
func (row *paperRow) receiptOf(by string) (*document.Document, error) {
	t, err := read(row.Template, row.Receipt)
	if err != nil {
		return nil, err
	}
	values, err := row.known()
	if err != nil {
		return nil, err
	}
	day, _ := policy.ParseDate(row.DeliveredOn)
	values["送达文书"] = strings.TrimSpace("《" + row.Title + "》 " + row.Mark)
	for name, v := range map[string]string{"送达方式": row.DeliveredHow, "送达地点": row.DeliveredPlace, "送达日期": document.Day(day), "签收人": row.DeliveredTo, "送达人": by, "送达备注": row.DeliveredNote} {
		if values[name] = v; v == "" {
			values[name] = "　"
		}
	}
	filled, _ := t.Fill(values)
	return document.FromTemplate(&filled, "", "", 0), nil
}

// view is the document as the actor may see it: who drafted and reviewed it only its office knows.
func (row *paperRow) view(ctx context.Context) (*Paper, error) {
	s, err := row.compose()
	if err != nil {
		return nil, err
	}
	a := account.ActorFrom(ctx)
	p := &Paper{ID: row.ID, Case: row.Case, CaseNumber: row.CaseNumber, Party: row.Party, PartyName: row.PartyName, Template: row.Template, Title: row.Title, Office: row.Department,
		State: row.State, Number: row.Mark, Paragraphs: []Paragraph{}, Copies: []string{}, Fields: []Field{}, Missing: []string{}, MadeAt: row.MadeAt, Issuer: row.Issuer,
		SHA256: row.SHA256, ReceiptSHA256: row.ReceiptSHA256, HasReceipt: row.Receipt != "", Version: row.Version, May: []string{}}
	if row.IssuedAt != "" {
		issued, err := store.ParseStamp(row.IssuedAt)
		if err != nil {
			return nil, err
		}
		p.IssuedOn = clock.DayOf(issued)
	}
	if row.State == Delivered {
		day, err := policy.ParseDate(row.DeliveredOn)
		if err != nil {
			return nil, err
		}
		p.Delivery = &Delivery{How: row.DeliveredHow, On: day, Place: row.DeliveredPlace, To: row.DeliveredTo, Note: row.DeliveredNote}
	}
	if row.sealed(ctx) {
		p.Sealed, p.SHA256, p.May = true, "", append(p.May, "receive")
		return p, nil
	}
	p.To, p.Copies = s.filled.To, append(p.Copies, s.filled.Copies...)
	for _, b := range slices.Concat(s.filled.Body, s.filled.Remedy) {
		p.Paragraphs = append(p.Paragraphs, Paragraph{At: b.At, Level: b.Level, Text: b.Text, Rows: b.Rows, Edit: b.Edit, Own: b.Edit && s.written.Texts[fmt.Sprint(b.At)] != ""})
	}
	if !row.desk(ctx) {
		return p, nil
	}
	p.Action, p.Remark = row.Action, row.Remark
	if !row.issued() {
		p.Missing = append(p.Missing, s.missing...)
		for _, f := range fieldsOf(s.template, s.known) {
			p.Fields = append(p.Fields, Field{f, s.written.Values[f], slices.Contains(s.missing, f)})
		}
	}
	names, err := account.NamesOf(ctx, []string{row.DraftedBy, row.ReviewedBy})
	if err != nil {
		return nil, err
	}
	p.Drafter, p.Reviewer = names[row.DraftedBy], names[row.ReviewedBy]
	leads, drafted := row.office(ctx, account.RoleLeader), a.Same(row.DraftedBy)
	may := func(what string, when bool) {
		if when {
			p.May = append(p.May, what)
		}
	}
	may("save", row.State == Draft)
	may("submit", row.State == Draft)
	may("review", row.State == Review && !drafted)
	may("issue", row.State == Sign && leads && !drafted)
	may("return", row.State == Review || row.State == Sign && (leads || a.Same(row.ReviewedBy)))
	may("void", leads && slices.Contains([]State{Draft, Review, Sign}, row.State))
	may("deliver", row.State == Issued)
	return p, nil
}

// sealed says that the actor is the receiver and has not received it yet.
func (row *paperRow) sealed(ctx context.Context) bool {
	return row.State == Issued && account.ActorFrom(ctx).Speaks(row.Party)
}

// get is a document with its versions, as the actor may see it, of a transaction.
func (r *Room) get(ctx context.Context, id string) (*Paper, error) {
	row, err := r.visible(ctx, id)
	if err != nil {
		return nil, err
	}
	p, err := row.view(ctx)
	if err != nil || !row.desk(ctx) {
		return p, err
	}
	versions, err := versionsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	people := make([]string, len(versions))
	for i, v := range versions {
		people[i] = v.WrittenBy
	}
	names, err := account.NamesOf(ctx, people)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		content, err := (&paperRow{Content: v.Content}).written()
		if err != nil {
			return nil, err
		}
		p.Versions = append(p.Versions, Version{v.N, v.WrittenAt, names[v.WrittenBy], content})
	}
	return p, nil
}

// Get is a document as the actor may see it. NotFound if they may not.
func (r *Room) Get(ctx context.Context, id string) (out *Paper, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		out, err = r.get(ctx, id)
		return err
	})
	return out, err
}

// OfCase are the documents of a case, and by which templates the actor may draft more.
type OfCase struct {
	Items     []Paper  `json:"items" nullable:"false"`
	Templates []string `json:"templates" nullable:"false" doc:"by which the actor may draft a document by hand"`
}

// Of are the documents of a case, the first drafted first: all to its office, to everybody else who may see the case what was issued.
// NotFound if the actor may not see the case.
func (r *Room) Of(ctx context.Context, caseID string) (*OfCase, error) {
	out := &OfCase{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items, out.Templates = []Paper{}, []string{}
		if err := r.cases.Sees(ctx, caseID); err != nil {
			return err
		}
		rows, err := ofCase(ctx, caseID)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !row.issued() && !row.desk(ctx) {
				continue
			}
			p, err := row.view(ctx)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *p)
		}
		a := account.ActorFrom(ctx)
		if !a.Is(account.RoleOfficer) && !a.Is(account.RoleLeader) {
			return nil
		}
		names, err := r.cases.Templates(ctx, caseID)
		if err != nil || len(names) == 0 {
			return err
		}
		d, err := r.cases.Drafting(ctx, caseID, names[0])
		if err == nil && (&paperRow{Party: d.Party, Department: d.Department, Town: d.Town}).desk(ctx) {
			out.Templates = names
		}
		return err
	})
	return out, err
}

// Filter selects documents of the actor's offices; zero values select all of them.
type Filter struct {
	Text      string // number, title, case or receiver
	State     State
	Page, Per int
}

// Line is a document in a list.
type Line struct {
	ID         string      `json:"id"`
	Case       string      `json:"case"`
	CaseNumber string      `json:"case_number"`
	PartyName  string      `json:"party_name"`
	Title      string      `json:"title"`
	Office     string      `json:"office"`
	State      State       `json:"state" enum:"draft,review,sign,issued,delivered,void"`
	Number     string      `json:"number,omitempty"`
	MadeAt     string      `json:"made_at"`
	IssuedOn   policy.Date `json:"issued_on"`
}

// Page is a page of documents.
type Page struct {
	Items []Line        `json:"items" nullable:"false"`
	Total int           `json:"total"`
	Page  int           `json:"page"`
	Count map[State]int `json:"count" doc:"of the actor's offices, by state"`
}

// scope is the SQL condition for the documents of the actor's offices.
func scope(ctx context.Context) (string, []any) {
	var or []string
	var args []any
	for _, g := range account.ActorFrom(ctx).Grants {
		if g.Role != account.RoleOfficer && g.Role != account.RoleLeader {
			continue
		}
		and := []string{`1 = 1`}
		if g.Department != "" {
			and, args = append(and, `p.department = ?`), append(args, g.Department)
		}
		if g.Town != "" {
			and, args = append(and, `p.town = ?`), append(args, g.Town)
		}
		or = append(or, `(`+strings.Join(and, ` AND `)+`)`)
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

// List are the documents of the actor's offices, the latest first. Forbidden to all but officers and leaders.
func (r *Room) List(ctx context.Context, f Filter) (*Page, error) {
	a := account.ActorFrom(ctx)
	switch {
	case a.Public():
		return nil, fault.New(fault.Unauthenticated, "请先登录")
	case !a.Is(account.RoleOfficer) && !a.Is(account.RoleLeader):
		return nil, fault.New(fault.Forbidden, "文书由办理机关的人员查看")
	}
	out := &Page{Page: max(f.Page, 1)}
	per := 20
	if f.Per > 0 && f.Per <= 200 {
		per = f.Per
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items, out.Count = []Line{}, map[State]int{}
		cond, args := scope(ctx)
		var counts []struct {
			State State `bun:"state"`
			N     int   `bun:"n"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT p.state AS state, COUNT(*) AS n FROM papers AS p WHERE `+cond+` GROUP BY p.state`, args...).Scan(ctx, &counts); err != nil {
			return err
		}
		for _, c := range counts {
			out.Count[c.State] = c.N
		}
		if f.State != "" {
			cond, args = cond+` AND p.state = ?`, append(args, f.State)
		}
		for _, word := range strings.Fields(f.Text) {
			like, more := store.Like(ctx, word, "p.mark", "p.title", "p.case_number", "p.party_name")
			cond, args = cond+` AND `+like, append(args, more...)
		}
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM papers AS p WHERE `+cond, args...).Scan(ctx, &out.Total); err != nil {
			return err
		}
		var rows []*paperRow
		if err := store.Tx(ctx).NewRaw(`SELECT p.* FROM papers AS p WHERE `+cond+` ORDER BY p.id DESC LIMIT ? OFFSET ?`, append(args, per, (out.Page-1)*per)...).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, row := range rows {
			l := Line{ID: row.ID, Case: row.Case, CaseNumber: row.CaseNumber, PartyName: row.PartyName, Title: row.Title, Office: row.Department, State: row.State, Number: row.Mark,
				MadeAt: row.MadeAt}
			if at, err := store.ParseStamp(row.IssuedAt); err == nil {
				l.IssuedOn = clock.DayOf(at)
			}
			out.Items = append(out.Items, l)
		}
		return nil
	})
	return out, err
}

// Open is the file of a document that was issued. NotFound if the actor may not see it or it was not; Forbidden to its receiver until it is
// delivered.
func (r *Room) Open(ctx context.Context, id string) (f files.File, content io.ReadCloser, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		if !row.issued() {
			return notFound()
		}
		if row.sealed(ctx) {
			return fault.New(fault.Forbidden, "这份文书还没有送达：同意电子送达并查收以后可以下载，也可以等机关送达")
		}
		f, content, err = files.Open(ctx, row.File)
		return err
	})
	return f, content, err
}

// Preview is a document as it would be issued now, without number and day. NotFound to all but its office.
func (r *Room) Preview(ctx context.Context, id string) (name string, content []byte, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		if !row.desk(ctx) {
			return notFound()
		}
		s, err := row.compose()
		if err != nil {
			return err
		}
		name = "（稿）" + strings.ReplaceAll(row.Title, "\n", "") + ".docx"
		content, err = written(document.FromTemplate(&s.filled, row.Department, row.Mark, 0))
		return err
	})
	return name, content, err
}

// ReceiptOf is the delivery receipt of a document that was issued: to be signed before it is delivered, to the office alone; afterwards the
// one that is kept. NotFound if there is none that the actor may see.
func (r *Room) ReceiptOf(ctx context.Context, id string) (name string, content []byte, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		if !row.issued() || row.Receipt == "" || row.State == Issued && !row.desk(ctx) {
			return notFound()
		}
		if row.ReceiptFile != "" {
			f, kept, err := files.Open(ctx, row.ReceiptFile)
			if err != nil {
				return err
			}
			defer kept.Close()
			name = f.Name
			content, err = io.ReadAll(kept)
			return err
		}
		receipt, err := row.receiptOf("")
		if err != nil {
			return err
		}
		name = receipt.Title + ".docx"
		content, err = written(receipt)
		return err
	})
	return name, content, err
}

func written(d *document.Document) ([]byte, error) {
	var b bytes.Buffer
	err := d.Write(&b)
	return b.Bytes(), err
}

// Verified is what anybody is told who has the file of a document.
type Verified struct {
	Number   string      `json:"number,omitempty"`
	Template string      `json:"template" doc:"what kind of document"`
	Office   string      `json:"office"`
	IssuedOn policy.Date `json:"issued_on"`
	Issuer   string      `json:"issuer" doc:"签发人"`
}

// Verify is the document that was issued as a file with exactly that hash, for everybody. NotFound if none was.
func (r *Room) Verify(ctx context.Context, sha256 string) (*Verified, error) {
	var out *Verified
	err := store.Read(ctx, func(ctx context.Context) error {
		row := &paperRow{}
		err := store.Tx(ctx).NewSelect().Model(row).Where("p.sha256 = ? AND p.sha256 <> ''", strings.ToLower(sha256)).Limit(1).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "本系统没有签发过这样一个文件：文件可能改动过，或不是本系统签发的")
		}
		if err != nil {
			return err
		}
		issued, err := store.ParseStamp(row.IssuedAt)
		out = &Verified{Number: row.Mark, Template: row.Template, Office: row.Department, IssuedOn: clock.DayOf(issued), Issuer: row.Issuer}
		return err
	})
	return out, err
}
