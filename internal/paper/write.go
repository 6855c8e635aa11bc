package paper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Draft drafts a document, in the transaction of ctx or one of its own.
func (r *Room) Draft(ctx context.Context, d Drafting) (id string, err error) {
	fields := maps.Clone(d.Values)
	fields["机关"] = d.Department
	maps.DeleteFunc(fields, func(_, v string) bool { return v == "" })
	known, err := json.Marshal(fields)
	if err != nil {
		return "", err
	}
	row := &paperRow{ID: store.NewID(), Case: d.Case, CaseNumber: d.CaseNumber, Party: d.Party, PartyName: d.PartyName, Department: d.Department, Town: d.Town,
		Template: d.Template.ID, Source: string(d.Template.Source), Action: d.Action, Fields: string(known), Content: "{}", State: Draft, MadeBy: account.ActorFrom(ctx).AccountID, Version: 1}
	if d.Receipt != nil {
		row.Receipt = string(d.Receipt.Source)
	}
	filled, _ := d.Template.Fill(fields)
	row.Title = filled.Title
	return row.ID, store.Write(ctx, func(ctx context.Context) error {
		row.MadeAt = store.Stamp(clock.Now(ctx))
		if _, err := store.Tx(ctx).NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		return row.record(ctx, "paper.drafted")
	})
}

// ByHand drafts a document of a case from a template that the actor chose. Forbidden to all but the case's office.
func (r *Room) ByHand(ctx context.Context, caseID, template string) (out *Paper, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		d, err := r.cases.Drafting(ctx, caseID, template)
		if err != nil {
			return err
		}
		if !(&paperRow{Party: d.Party, Department: d.Department, Town: d.Town}).desk(ctx) {
			return errNotOffice()
		}
		names, err := r.cases.Templates(ctx, caseID)
		if err != nil {
			return err
		}
		if !slices.Contains(names, template) {
			return fault.New(fault.Invalid, "这种文书由办理的动作起草", fault.At("template", "请选择别的模板"))
		}
		id, err := r.Draft(ctx, d)
		if err != nil {
			return err
		}
		out, err = r.get(ctx, id)
		return err
	})
	return out, err
}

// Pending are the titles of a case's documents that are not issued yet, or with delivered not delivered yet, whoever asks.
func (r *Room) Pending(ctx context.Context, caseID string, delivered bool) (titles []string, err error) {
	states := []State{Draft, Review, Sign}
	if delivered {
		states = append(states, Issued)
	}
	rows, err := ofCase(ctx, caseID)
	for _, row := range rows {
		if slices.Contains(states, row.State) {
			titles = append(titles, row.Title)
		}
	}
	return titles, err
}

func errNotOffice() error {
	return fault.New(fault.Forbidden, "只有本机关的办理人员可以办理这份文书")
}

// change is what somebody of the office does to a document that they saw in a version.
func (r *Room) change(ctx context.Context, id string, version int64, from []State, action string, do func(ctx context.Context, row *paperRow) error) (out *Paper, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		if !row.desk(ctx) {
			return errNotOffice()
		}
		if err := row.turn(ctx, version, from, action, do); err != nil {
			return err
		}
		out, err = r.get(ctx, id)
		return err
	})
	return out, err
}

// turn changes a document that was seen in a version.
func (row *paperRow) turn(ctx context.Context, version int64, from []State, action string, do func(ctx context.Context, row *paperRow) error) error {
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
	return row.record(ctx, action)
}

// Save keeps what is written in drafting, as a version.
func (r *Room) Save(ctx context.Context, id string, version int64, c Content) (*Paper, error) {
	return r.change(ctx, id, version, []State{Draft}, "paper.saved", func(ctx context.Context, row *paperRow) error {
		t, err := read(row.Template, row.Source)
		if err != nil {
			return err
		}
		known, err := row.known()
		if err != nil {
			return err
		}
		if err := c.clean(t, known); err != nil {
			return err
		}
		text, err := json.Marshal(c)
		if err != nil {
			return err
		}
		row.Content, row.Remark = string(text), ""
		s, err := row.compose()
		if err != nil {
			return err
		}
		row.Title = s.filled.Title
		return row.keep(ctx)
	})
}

// The most that is written in drafting.
const (
	mostValue  = 2000
	mostText   = 5000
	mostCopies = 30
)

// clean trims what was written and refuses what the template does not let its drafter write.
func (c *Content) clean(t *policy.Template, known map[string]string) error {
	var wrong []fault.Detail
	bad := func(field, text string, most int) bool {
		if utf8.RuneCountInString(text) > most || !store.Plain(text) {
			wrong = append(wrong, fault.At(field, "最多%d字，不含控制字符", most))
			return true
		}
		return false
	}
	asked := fieldsOf(t, known)
	for name, v := range c.Values {
		v = strings.TrimSpace(v)
		switch {
		case !slices.Contains(asked, name):
			wrong = append(wrong, fault.At("values."+name, "“%s”由系统填写，或不在这份文书里", name))
		case bad("values."+name, v, mostValue):
		case v == "":
			delete(c.Values, name)
		default:
			c.Values[name] = v
		}
	}
	for at, text := range c.Texts {
		text = strings.TrimSpace(text)
		free := slices.ContainsFunc(t.Body, func(b policy.TemplateBlock) bool { return b.Edit && fmt.Sprint(b.At) == at })
		switch {
		case !free:
			wrong = append(wrong, fault.At("texts."+at, "模板不允许改写这一段"))
		case bad("texts."+at, text, mostText):
		case text == "":
			delete(c.Texts, at)
		default:
			c.Texts[at] = text
		}
	}
	if len(c.Copies) > mostCopies {
		wrong = append(wrong, fault.At("copies", "抄送最多%d个", mostCopies))
	}
	for i := range c.Copies {
		if c.Copies[i] = strings.TrimSpace(c.Copies[i]); c.Copies[i] == "" {
			wrong = append(wrong, fault.At("copies", "抄送的名称不能空着"))
		}
		bad("copies", c.Copies[i], 100)
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "填写的内容有误："+wrong[0].Message, wrong...)
	}
	return nil
}

// Submit hands a draft in for review; whoever does is its drafter.
func (r *Room) Submit(ctx context.Context, id string, version int64) (*Paper, error) {
	return r.change(ctx, id, version, []State{Draft}, "paper.submitted", func(ctx context.Context, row *paperRow) error {
		if err := row.complete(); err != nil {
			return err
		}
		row.State, row.Remark, row.DraftedAt, row.DraftedBy = Review, "", store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID
		return nil
	})
}

// Return sends a document that was handed in back to be drafted again.
func (r *Room) Return(ctx context.Context, id string, version int64, reason string) (*Paper, error) {
	return r.change(ctx, id, version, []State{Review, Sign}, "paper.returned", func(ctx context.Context, row *paperRow) error {
		if row.State == Sign && !row.office(ctx, account.RoleLeader) && !account.ActorFrom(ctx).Same(row.ReviewedBy) {
			return fault.New(fault.Forbidden, "待签发的文书由复核人或本机关负责人退回")
		}
		if err := said(&reason, "请写明退回的意见"); err != nil {
			return err
		}
		row.State, row.Remark, row.ReviewedAt, row.ReviewedBy = Draft, reason, "", ""
		return nil
	})
}

// Review says that a document may be issued. Forbidden to who drafted it.
func (r *Room) Review(ctx context.Context, id string, version int64) (*Paper, error) {
	return r.change(ctx, id, version, []State{Review}, "paper.reviewed", func(ctx context.Context, row *paperRow) error {
		a := account.ActorFrom(ctx)
		if drafted, err := account.Did(ctx, row.DraftedBy, kind, row.ID); err != nil {
			return err
		} else if drafted {
			return fault.New(fault.Forbidden, "拟稿人不能复核自己起草的文书，请由另一个人复核")
		}
		row.State, row.ReviewedAt, row.ReviewedBy = Sign, store.Stamp(clock.Now(ctx)), a.AccountID
		leaders, err := account.HoldersOf(ctx, account.RoleLeader, row.Department, row.Town)
		if err != nil {
			return err
		}
		return notify.Tell(ctx, slices.DeleteFunc(leaders, func(id string) bool { return id == row.DraftedBy }),
			notify.Note{Kind: "paper.reviewed", Title: "文书待签发：" + row.Title, Body: row.CaseNumber + " " + row.PartyName, Link: "desk/papers/" + url.PathEscape(row.ID)})
	})
}

// Issue numbers a document and writes its file. Forbidden to all but a leader of its office, and to who drafted it.
func (r *Room) Issue(ctx context.Context, id string, version int64) (*Paper, error) {
	return r.change(ctx, id, version, []State{Sign}, "paper.issued", func(ctx context.Context, row *paperRow) error {
		a := account.ActorFrom(ctx)
		if !row.office(ctx, account.RoleLeader) {
			return fault.New(fault.Forbidden, "文书由本机关负责人签发")
		}
		if drafted, err := account.Did(ctx, row.DraftedBy, kind, row.ID); err != nil {
			return err
		} else if drafted {
			return fault.New(fault.Forbidden, "拟稿人不能签发自己起草的文书")
		}
		if err := row.complete(); err != nil {
			return err
		}
		s, err := row.compose()
		if err != nil {
			return err
		}
		today := clock.Today(ctx)
		if row.Series = s.filled.Series; row.Series != "" {
			row.Year = int64(today.Year())
			if row.Number, err = next(ctx, row.Department, row.Series, row.Year); err != nil {
				return err
			}
			row.Mark = document.NumberOf(row.Series, today.Year(), int(row.Number))
		}
		row.State, row.Remark, row.IssuedAt, row.IssuedBy, row.Issuer = Issued, "", store.Stamp(clock.Now(ctx)), a.AccountID, a.Name
		if s, err = row.compose(); err != nil {
			return err
		}
		row.Title = s.filled.Title
		kept, err := keepFile(ctx, row, strings.TrimSpace(row.Title+" "+row.Mark), document.FromTemplate(&s.filled, row.Department, row.Mark, today))
		if err != nil {
			return err
		}
		row.File, row.SHA256 = kept.ID, kept.SHA256
		people, err := account.SpeakersByParty(ctx, []string{row.Party})
		if err != nil {
			return err
		}
		return notify.Tell(ctx, people[row.Party], notify.Note{Kind: "paper.issued", Title: "有一份文书：" + row.Title, Body: row.CaseNumber + "，请到申报页查收。", Key: row.ID,
			Link: "firm/" + url.PathEscape(row.Party) + "/cases/" + url.PathEscape(row.Case)})
	})
}

// keepFile writes a document and keeps it for good.
func keepFile(ctx context.Context, row *paperRow, name string, d *document.Document) (files.File, error) {
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		return files.File{}, err
	}
	kept, err := files.Put(ctx, &b, files.Meta{Name: strings.ReplaceAll(name, "\n", "") + ".docx", Owner: kind + ":" + row.ID}, files.Limits{Types: []files.Type{files.DOCX}})
	if err != nil {
		return files.File{}, err
	}
	return kept, files.Pin(ctx, kind+":"+row.ID, kept.ID)
}

// Void gives up a document that was not issued. Forbidden to all but a leader of its office.
func (r *Room) Void(ctx context.Context, id string, version int64, reason string) (*Paper, error) {
	return r.change(ctx, id, version, []State{Draft, Review, Sign}, "paper.voided", func(ctx context.Context, row *paperRow) error {
		if !row.office(ctx, account.RoleLeader) {
			return fault.New(fault.Forbidden, "文书由本机关负责人作废")
		}
		if err := said(&reason, "请写明作废的理由"); err != nil {
			return err
		}
		row.State, row.Remark = Void, reason
		return nil
	})
}

func said(reason *string, ask string) error {
	*reason = strings.TrimSpace(*reason)
	if n := utf8.RuneCountInString(*reason); n == 0 || n > 500 || !store.Plain(*reason) {
		return fault.New(fault.Invalid, ask+"（500字以内）", fault.At("reason", "%s", ask))
	}
	return nil
}

// Deliver keeps how a document reached its receiver, with its receipt.
func (r *Room) Deliver(ctx context.Context, id string, version int64, d Delivery) (*Paper, error) {
	return r.change(ctx, id, version, []State{Issued}, "paper.delivered", func(ctx context.Context, row *paperRow) error {
		issued, err := store.ParseStamp(row.IssuedAt)
		if err != nil {
			return err
		}
		d.Place, d.To, d.Note = strings.TrimSpace(d.Place), strings.TrimSpace(d.To), strings.TrimSpace(d.Note)
		long := func(text string, most int) bool { return utf8.RuneCountInString(text) > most || !store.Plain(text) }
		switch {
		case !slices.Contains(Ways, d.How):
			return fault.New(fault.Invalid, "请选择送达方式", fault.At("how", "请选择送达方式"))
		case d.On < clock.DayOf(issued) || d.On > clock.Today(ctx):
			return fault.New(fault.Invalid, "送达日期不能早于签发，也不能晚于今天", fault.At("on", "请核对日期"))
		case d.To == "" || long(d.To, 100):
			return fault.New(fault.Invalid, "请写明签收人；留置送达写见证人，公告送达写公告的地方", fault.At("to", "请写明，不超过100字"))
		case long(d.Place, 200) || long(d.Note, 500):
			return fault.New(fault.Invalid, "送达地点不超过200字，备注不超过500字", fault.At("note", "请写短一些"))
		}
		return row.delivered(ctx, d, account.ActorFrom(ctx).Name)
	})
}

// Receive is the receiver's: it agrees to electronic delivery of this document, and it is delivered. Forbidden to all but who speaks for the party.
func (r *Room) Receive(ctx context.Context, id string, version int64) (out *Paper, err error) {
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := r.visible(ctx, id)
		if err != nil {
			return err
		}
		a := account.ActorFrom(ctx)
		if !a.Speaks(row.Party) {
			return fault.New(fault.Forbidden, "电子送达由受送达人自己同意和查收")
		}
		if err := row.turn(ctx, version, []State{Issued}, "paper.received", func(ctx context.Context, row *paperRow) error {
			return row.delivered(ctx, Delivery{How: electronic, On: clock.Today(ctx), Place: "本系统", To: a.Name, Note: "受送达人同意电子送达"}, "")
		}); err != nil {
			return err
		}
		out, err = r.get(ctx, id)
		return err
	})
	return out, err
}

// delivered keeps a delivery, and its receipt if the template has one.
func (row *paperRow) delivered(ctx context.Context, d Delivery, by string) error {
	row.State, row.DeliveredOn, row.DeliveredHow, row.DeliveredPlace, row.DeliveredTo, row.DeliveredNote, row.DeliveredBy = Delivered, d.On.String(), d.How, d.Place, d.To, d.Note,
		account.ActorFrom(ctx).AccountID
	if row.Receipt == "" {
		return nil
	}
	receipt, err := row.receiptOf(by)
	if err != nil {
		return err
	}
	kept, err := keepFile(ctx, row, receipt.Title+" "+row.Mark, receipt)
	row.ReceiptFile, row.ReceiptSHA256 = kept.ID, kept.SHA256
	return err
}
