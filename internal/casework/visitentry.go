package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// VisitEntry is what somebody said of an item, once. Nothing is ever changed or taken away: an entry replaces those that its author had before
// them (Seen). Two who say something at the same time, each without a connection, replace nothing of each other, so that both stand, and who
// sees both says what holds.
type VisitEntry struct {
	ID         string `json:"id"`
	Answer     string `json:"answer,omitempty" doc:"yes, no, unsure, or a figure"`
	Note       string `json:"note,omitempty"`
	SaidAt     string `json:"said_at" doc:"by the phone's clock"`
	SaidBy     string `json:"said_by"`
	Mine       bool   `json:"mine"`
	ReceivedAt string `json:"received_at"`
}

// NewVisitEntry is an entry as a phone sends it.
type NewVisitEntry struct {
	ID     string   `json:"id" maxLength:"36" doc:"made on the phone: what is sent again is kept once"`
	Item   string   `json:"item" maxLength:"8"`
	Answer string   `json:"answer,omitempty" maxLength:"40"`
	Note   string   `json:"note,omitempty" maxLength:"1000"`
	Seen   []string `json:"seen,omitempty" maxItems:"200" doc:"the entries of the item that its author had before them"`
	SaidAt string   `json:"said_at" maxLength:"40"`
}

// VisitPhoto is a photo of an item, or of nothing in particular.
type VisitPhoto struct {
	ID      string `json:"id"`
	Item    string `json:"item,omitempty"`
	SHA256  string `json:"sha256"`
	Note    string `json:"note,omitempty"`
	TakenAt string `json:"taken_at"`
	TakenBy string `json:"taken_by"`
	Late    bool   `json:"late" doc:"it came in after the visit was closed and is no part of it"`
}

// NewVisitPhoto is a photo as a phone sends it.
type NewVisitPhoto struct {
	ID, Item, Note, TakenAt, Name string
	Content                       io.Reader
}

// answers to what is asked with yes or no; unsure also where a figure is asked.
const (
	answerYes    = "yes"
	answerNo     = "no"
	answerUnsure = "unsure"
)

type visitEntryRow struct {
	bun.BaseModel `bun:"table:visit_entries,alias:e"`

	ID         string `bun:"id,pk"`
	Visit      string `bun:"visit"`
	Item       string `bun:"item"`
	Answer     string `bun:"answer"`
	Note       string `bun:"note"`
	Seen       string `bun:"seen"`
	SaidAt     string `bun:"said_at"`
	SaidBy     string `bun:"said_by"`
	Account    string `bun:"account"`
	ReceivedAt string `bun:"received_at"`
	Late       int    `bun:"late"`
}

func (e *visitEntryRow) texts() []string {
	return []string{e.ID, e.Item, e.Answer, e.Note, e.Seen, e.SaidAt, e.SaidBy, e.Account, e.ReceivedAt, fmt.Sprint(e.Late)}
}

// same says whether an entry that came in again is the one that is kept.
func (e *visitEntryRow) same(o *visitEntryRow) bool {
	return e.Visit == o.Visit && e.Item == o.Item && e.Answer == o.Answer && e.Note == o.Note && e.Seen == o.Seen && e.SaidAt == o.SaidAt && e.Account == o.Account
}

type visitPhotoRow struct {
	bun.BaseModel `bun:"table:visit_photos,alias:p"`

	ID         string `bun:"id,pk"`
	Visit      string `bun:"visit"`
	Item       string `bun:"item"`
	File       string `bun:"file"`
	SHA256     string `bun:"sha256"`
	Note       string `bun:"note"`
	TakenAt    string `bun:"taken_at"`
	TakenBy    string `bun:"taken_by"`
	Account    string `bun:"account"`
	ReceivedAt string `bun:"received_at"`
	Late       int    `bun:"late"`
}

func (p *visitPhotoRow) texts() []string {
	return []string{p.ID, p.Item, p.File, p.SHA256, p.Note, p.TakenAt, p.TakenBy, p.Account, p.ReceivedAt, fmt.Sprint(p.Late)}
}

func entriesOf(ctx context.Context, visit string) ([]visitEntryRow, error) {
	rows := []visitEntryRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("e.visit = ?", visit).OrderExpr("e.id").Scan(ctx)
	return rows, err
}

func photoRows(ctx context.Context, visit string) ([]visitPhotoRow, error) {
	rows := []visitPhotoRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("p.visit = ?", visit).OrderExpr("p.id").Scan(ctx)
	return rows, err
}

func photosOf(ctx context.Context, visit string) ([]VisitPhoto, error) {
	rows, err := photoRows(ctx, visit)
	out := []VisitPhoto{}
	for _, p := range rows {
		out = append(out, VisitPhoto{ID: p.ID, Item: p.Item, SHA256: p.SHA256, Note: p.Note, TakenAt: p.TakenAt, TakenBy: p.TakenBy, Late: p.Late != 0})
	}
	return out, err
}

// itemsOf are the items of a checklist with what was said of each.
func itemsOf(ctx context.Context, visit string, list *policy.Checklist) ([]VisitItem, error) {
	rows, err := entriesOf(ctx, visit)
	if err != nil {
		return nil, err
	}
	replaced := map[string]bool{}
	for _, e := range rows {
		if e.Late != 0 {
			continue
		}
		var seen []string
		if err := json.Unmarshal([]byte(e.Seen), &seen); err != nil {
			return nil, err
		}
		for _, id := range seen {
			replaced[id] = true
		}
	}
	slices.SortStableFunc(rows, func(a, b visitEntryRow) int { return -strings.Compare(a.SaidAt, b.SaidAt) })
	me := account.ActorFrom(ctx).AccountID
	out := make([]VisitItem, len(list.Items))
	for i, x := range list.Items {
		item := VisitItem{Item: strconv.Itoa(i + 1), Ask: x.Ask, Kind: x.Kind, Unit: x.Unit, Photo: x.Photo, Verifies: x.Verifies, Scores: x.Scores, Standing: []VisitEntry{}, Earlier: []VisitEntry{}, Late: []VisitEntry{}}
		for _, e := range rows {
			if e.Item != item.Item {
				continue
			}
			v := VisitEntry{ID: e.ID, Answer: e.Answer, Note: e.Note, SaidAt: e.SaidAt, SaidBy: e.SaidBy, Mine: e.Account == me, ReceivedAt: e.ReceivedAt}
			switch {
			case e.Late != 0:
				item.Late = append(item.Late, v)
			case replaced[e.ID]:
				item.Earlier = append(item.Earlier, v)
			default:
				item.Standing = append(item.Standing, v)
			}
		}
		item.Differs = slices.ContainsFunc(item.Standing, func(e VisitEntry) bool {
			return e.Answer != item.Standing[0].Answer || e.Note != item.Standing[0].Note
		})
		out[i] = item
	}
	return out, nil
}

// answer is what stands; where several do that differ, nothing is known.
func (x *VisitItem) answer() string {
	if len(x.Standing) == 0 || x.Differs || x.Standing[0].Answer == "" {
		return answerUnsure
	}
	return x.Standing[0].Answer
}

// contentOf is the digest of what is signed: every answer that stands, and every photo.
func contentOf(v *visitRow, items []VisitItem, photos []VisitPhoto) string {
	texts := []string{v.ID, v.Checklist, v.At, v.Place}
	for _, x := range items {
		for _, e := range x.Standing {
			texts = append(texts, "entry", x.Item, e.ID, e.Answer, e.Note, e.SaidAt, e.SaidBy)
		}
	}
	for _, p := range photos {
		if !p.Late {
			texts = append(texts, "photo", p.Item, p.ID, p.SHA256, p.Note)
		}
	}
	return audit.Digest(texts...)
}

// lackOf is what keeps a visit from being signed.
func lackOf(v *visitRow, items []VisitItem, photos []VisitPhoto) []string {
	out := []string{}
	if !v.open() {
		return out
	}
	if v.State == visitPlanned {
		out = append(out, "核查的时间还没有定")
	}
	for _, x := range items {
		name := "第" + x.Item + "项"
		switch {
		case len(x.Standing) == 0:
			out = append(out, name+"没有填写")
		case x.Differs:
			out = append(out, name+"有不同的填写，请商定一个")
		case x.Kind == "note" && x.Standing[0].Note == "":
			out = append(out, name+"没有写情况")
		case x.Kind != "note" && x.Standing[0].Answer == "":
			out = append(out, name+"没有回答")
		case (x.Standing[0].Answer == answerUnsure || x.Standing[0].Answer == answerNo) && x.Standing[0].Note == "":
			out = append(out, name+"请写明情况")
		}
		if x.Photo && !slices.ContainsFunc(photos, func(p VisitPhoto) bool { return p.Item == x.Item && !p.Late }) {
			out = append(out, name+"没有拍照")
		}
	}
	return out
}

var (
	phoneID    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	figureText = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)
)

func (n *NewVisitEntry) check(field string, list *policy.Checklist, words *policy.Vocabulary) []fault.Detail {
	var out []fault.Detail
	bad := func(name, text string) { out = append(out, fault.At(field+"."+name, "%s", text)) }
	if !phoneID.MatchString(n.ID) {
		bad("id", "编号不对")
	}
	for _, id := range n.Seen {
		if !phoneID.MatchString(id) {
			bad("seen", "编号不对")
		}
	}
	if n.Note = strings.TrimSpace(n.Note); utf8.RuneCountInString(n.Note) > 1000 || !store.Plain(n.Note) {
		bad("note", "情况不超过1000字，不含控制字符")
	}
	if t, err := time.Parse(time.RFC3339, n.SaidAt); err != nil {
		bad("said_at", "时间不对")
	} else {
		n.SaidAt = store.Stamp(t)
	}
	i, err := strconv.Atoi(n.Item)
	if err != nil || i < 1 || i > len(list.Items) || strconv.Itoa(i) != n.Item {
		bad("item", "清单中没有这一项")
		return out
	}
	yes := n.Answer == answerYes || n.Answer == answerNo
	switch kind := list.Items[i-1].Kind; {
	case n.Answer == "" || n.Answer == answerUnsure && kind != "note":
	case kind == "yes_no" && !yes:
		bad("answer", "应回答是、否或无法确认")
	case kind == "figure" && !figureText.MatchString(n.Answer):
		bad("answer", "应填数，最多6位小数")
	case kind == "note":
		bad("answer", "这一项只写情况")
	}
	if t := words.Term(list.Items[i-1].Scores); t != nil && n.Answer != "" && n.Answer != answerUnsure {
		if _, wrong := pointsOf(words, t, n.Answer); wrong != "" {
			bad("answer", "“"+list.Items[i-1].Ask+"”"+wrong)
		}
	}
	return out
}

const (
	mostEntries     = 5000 // of a visit
	mostEntriesOnce = 200
)

// KeepEntries keeps what was said on the spot, all or none: what was kept before under the same id and says the same is left as it is. What comes
// in after the visit was closed is kept as late. Forbidden for whoever does not go; Conflict if an id is used for something else.
func (c *Casework) KeepEntries(ctx context.Context, id string, list []NewVisitEntry) (*Visit, error) {
	var out *Visit
	err := store.Write(ctx, func(ctx context.Context) error {
		v, row, err := lockVisit(ctx, id)
		if err != nil {
			return err
		}
		if err := mayGo(ctx, v, row); err != nil {
			return err
		}
		checklist, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		before, err := entriesOf(ctx, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || len(list) > mostEntriesOnce || len(before)+len(list) > mostEntries {
			return fault.New(fault.Invalid, "没有要存的，或一次太多", fault.At("entries", "一次1至%d条", mostEntriesOnce))
		}
		var details []fault.Detail
		kept := map[string]*visitEntryRow{}
		for i := range before {
			kept[before[i].ID] = &before[i]
		}
		var fresh []visitEntryRow
		for i := range list {
			n := &list[i]
			field := fmt.Sprintf("entries[%d]", i)
			if wrong := n.check(field, checklist, set.Library.Vocabulary()); len(wrong) > 0 {
				details = append(details, wrong...)
				continue
			}
			seen, err := jsonOf(orEmpty(n.Seen))
			if err != nil {
				return err
			}
			e := visitEntryRow{ID: n.ID, Visit: id, Item: n.Item, Answer: n.Answer, Note: n.Note, Seen: string(seen), SaidAt: n.SaidAt, SaidBy: by(ctx),
				Account: account.ActorFrom(ctx).AccountID, ReceivedAt: store.Stamp(clock.Now(ctx)), Late: flag(!v.open())}
			if old := kept[n.ID]; old != nil {
				if !old.same(&e) {
					return fault.New(fault.Conflict, "有一条与已收到的编号相同、内容不同", fault.At(field, "请重新填写这一项"))
				}
				continue
			}
			kept[n.ID] = &e
			fresh = append(fresh, e)
		}
		if len(details) > 0 {
			return fault.New(fault.Invalid, "请更正核查的填写", details...)
		}
		if len(fresh) == 0 { // all of it was sent before
			out, err = c.visitView(ctx, v, row)
			return err
		}
		if _, err := store.Tx(ctx).NewInsert().Model(&fresh).Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return fault.New(fault.Conflict, "有一条的编号已在别处用过，请重新填写")
			}
			return err
		}
		if err := v.write(ctx); err != nil {
			return err
		}
		if err := recordVisit(ctx, "visit.entered", id, map[string]any{"entries": len(fresh)}); err != nil {
			return err
		}
		out, err = c.visitView(ctx, v, row)
		return err
	})
	return out, err
}

// photoFiles is what a visit holds.
var photoFiles = files.Limits{Files: 200, Total: 20 * files.DefaultSize, Types: []files.Type{files.JPEG, files.PNG}}

// KeepPhoto keeps a photo that was taken on the spot; the same under the same id is kept once. Errors as KeepEntries.
func (c *Casework) KeepPhoto(ctx context.Context, id string, n NewVisitPhoto) (*Visit, error) {
	var out *Visit
	err := store.Write(ctx, func(ctx context.Context) error {
		v, row, err := lockVisit(ctx, id)
		if err != nil {
			return err
		}
		if err := mayGo(ctx, v, row); err != nil {
			return err
		}
		list, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		if n.Note, err = said("note", n.Note, 0, 200, "照片的说明"); err != nil {
			return err
		}
		taken, err := time.Parse(time.RFC3339, n.TakenAt)
		if err != nil || !phoneID.MatchString(n.ID) {
			return fault.New(fault.Invalid, "照片的编号或时间不对", fault.At("id", "请重新拍一张"))
		}
		if i, err := strconv.Atoi(n.Item); n.Item != "" && (err != nil || i < 1 || i > len(list.Items) || strconv.Itoa(i) != n.Item) {
			return fault.New(fault.Invalid, "清单中没有这一项", fault.At("item", "清单中没有这一项"))
		}
		kept, err := files.Put(ctx, n.Content, files.Meta{Name: n.Name, Owner: visitKind + ":" + id}, photoFiles)
		if err != nil {
			return err
		}
		p := visitPhotoRow{ID: n.ID, Visit: id, Item: n.Item, File: kept.ID, SHA256: kept.SHA256, Note: n.Note, TakenAt: store.Stamp(taken), TakenBy: by(ctx),
			Account: account.ActorFrom(ctx).AccountID, ReceivedAt: store.Stamp(clock.Now(ctx)), Late: flag(!v.open())}
		var old []visitPhotoRow
		if err := store.Tx(ctx).NewSelect().Model(&old).Where("p.id = ?", n.ID).Scan(ctx); err != nil {
			return err
		}
		if len(old) > 0 {
			if o := old[0]; o.Visit != id || o.SHA256 != p.SHA256 || o.Item != p.Item || o.Account != p.Account {
				return fault.New(fault.Conflict, "有一张照片与已收到的编号相同、内容不同，请重新拍一张")
			}
			if err := files.Delete(ctx, kept.ID); err != nil { // it was sent again: the first is kept
				return err
			}
			out, err = c.visitView(ctx, v, row)
			return err
		}
		if _, err := store.Tx(ctx).NewInsert().Model(&p).Exec(ctx); err != nil {
			return err
		}
		if err := v.write(ctx); err != nil {
			return err
		}
		if err := recordVisit(ctx, "visit.photographed", id, map[string]any{"photo": n.ID, "sha256": p.SHA256}); err != nil {
			return err
		}
		out, err = c.visitView(ctx, v, row)
		return err
	})
	return out, err
}

// OpenPhoto is a photo of a visit, for who works at the desk. The caller closes it.
func (c *Casework) OpenPhoto(ctx context.Context, id, photo string) (files.File, io.ReadCloser, error) {
	var p visitPhotoRow
	err := store.Read(ctx, func(ctx context.Context) error {
		_, row, err := seenVisit(ctx, id)
		if err != nil {
			return err
		}
		if a := account.ActorFrom(ctx); !a.Reader() || a.Speaks(row.Party) {
			return fault.New(fault.Forbidden, "核查的照片只供办理人员查看")
		}
		p = visitPhotoRow{}
		return notFoundFile(store.Tx(ctx).NewSelect().Model(&p).Where("p.id = ? AND p.visit = ?", photo, id).Scan(ctx))
	})
	if err != nil {
		return files.File{}, nil, err
	}
	return files.Open(ctx, p.File)
}

// pinPhotos makes the photos of a visit part of what was signed.
func pinPhotos(ctx context.Context, visit string) error {
	rows, err := photoRows(ctx, visit)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]string, len(rows))
	for i, p := range rows {
		ids[i] = p.File
	}
	return files.Pin(ctx, visitKind+":"+visit, ids...)
}
