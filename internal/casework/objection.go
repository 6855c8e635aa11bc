package casework

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Objection (异议) is what somebody says against a line of a public notice: by name, in writing, with evidence. While one is undecided the
// case that it concerns cannot be decided.
type Objection struct {
	ID         string       `json:"id"`
	Number     string       `json:"number" doc:"as the receipt gives it"`
	Notice     string       `json:"notice"`
	Round      string       `json:"round"`
	RoundTitle string       `json:"round_title"`
	Case       string       `json:"case,omitempty" doc:"absent: the notice as a whole"`
	CaseNumber string       `json:"case_number,omitempty"`
	PartyName  string       `json:"party_name,omitempty"`
	Kind       string       `json:"kind" enum:"person,organisation"`
	Name       string       `json:"name" doc:"personal: masked; the operation unmask-objection gives it whole to those who handle it"`
	Contact    string       `json:"contact" doc:"personal: masked; the operation unmask-objection gives it whole to those who handle it"`
	Statement  string       `json:"statement"`
	Files      []Attachment `json:"files" nullable:"false"`
	State      string       `json:"state" enum:"received,inadmissible,admitted,upheld,dismissed"`
	ReceivedAt string       `json:"received_at"`
	Due        policy.Date  `json:"due" doc:"by when it is to be disposed of"`
	Late       bool         `json:"late"`
	Admission  string       `json:"admission,omitempty" doc:"why it is admitted or not"`
	Disposal   string       `json:"disposal,omitempty" doc:"what was found, with reasons"`
	DisposedAt string       `json:"disposed_at,omitempty"`
	DisposedBy string       `json:"disposed_by,omitempty"`
	Mine       bool         `json:"mine" doc:"whoever asks may handle it"`
	Version    int64        `json:"version"`
}

// States of an objection.
const (
	objReceived     = "received"
	objInadmissible = "inadmissible"
	objAdmitted     = "admitted"
	objUpheld       = "upheld"
	objDismissed    = "dismissed"
)

// How long an objection may take: a promise of ours. No source found sets one for objections to such notices.
const (
	objectionDays = 15
	objectionUnit = "工作日"
)

// ObjectionDraft is what an objector states.
type ObjectionDraft struct {
	Case      string // of a line of the notice; empty: the notice as a whole
	Kind      string
	Name      string
	Contact   string
	Statement string
	Files     []Upload
}

// Upload is a file on its way in.
type Upload struct {
	Name    string
	Content io.Reader
}

// Receipt is what an objector keeps: with number and secret together the state can be asked for.
type Receipt struct {
	Number string `json:"number"`
	Secret string `json:"secret" doc:"shown this once"`
}

const objectionKind = "objection"

func init() {
	audit.RegisterRow(objectionKind, objectionDigest)
	audit.RegisterList(objectionKind, audit.IDs("objections"))
}

type objectionRow struct {
	bun.BaseModel `bun:"table:objections,alias:o"`

	ID          string `bun:"id,pk"`
	Number      string `bun:"number"`
	Notice      string `bun:"notice"`
	Round       string `bun:"round"`
	Case        string `bun:"case_id"`
	Kind        string `bun:"kind"`
	Name        string `bun:"name"`
	Contact     string `bun:"contact"`
	Statement   string `bun:"statement"`
	Secret      string `bun:"secret"`
	State       string `bun:"state"`
	ReceivedAt  string `bun:"received_at"`
	DueOn       string `bun:"due_on"`
	AdmittedAt  string `bun:"admitted_at"`
	AdmittedBy  string `bun:"admitted_by"`
	AdmittedWhy string `bun:"admitted_why"`
	DisposedAt  string `bun:"disposed_at"`
	DisposedBy  string `bun:"disposed_by"`
	Disposal    string `bun:"disposal"`
	Version     int64  `bun:"version"`
}

type objectionFileRow struct {
	bun.BaseModel `bun:"table:objection_files,alias:f"`

	Objection string `bun:"objection,pk"`
	File      string `bun:"file,pk"`
	Name      string `bun:"name"`
}

// nobody are what people write who do not want to be named. Such an objection is refused with the rule.
var nobody = []string{"匿名", "无名", "不详", "无", "某", "保密", "不愿透露", "群众", "知情人", "anonymous"}

func (d *ObjectionDraft) check(rule string) []fault.Detail {
	d.Name, d.Contact, d.Statement = strings.TrimSpace(d.Name), strings.TrimSpace(d.Contact), strings.TrimSpace(d.Statement)
	var out []fault.Detail
	bad := func(name, format string, a ...any) { out = append(out, fault.At(name, format, a...)) }
	if d.Kind != "person" && d.Kind != "organisation" {
		bad("kind", "请选择个人或单位")
	}
	anonymous := utf8.RuneCountInString(d.Name) < 2
	for _, n := range nobody {
		anonymous = anonymous || strings.HasPrefix(strings.ToLower(d.Name), n)
	}
	switch {
	case anonymous:
		bad("name", "异议须实名提出，匿名的不予受理。%s", rule)
	case utf8.RuneCountInString(d.Name) > 100 || !store.Plain(d.Name):
		bad("name", "名称过长或含有不允许的字符")
	}
	if n := utf8.RuneCountInString(d.Contact); n < 5 || n > 100 || !store.Plain(d.Contact) {
		bad("contact", "请填写能联系到您的电话或地址")
	}
	if n := utf8.RuneCountInString(d.Statement); n < 10 || n > 5000 || !store.Plain(d.Statement) {
		bad("statement", "请写明异议的内容和事实依据，10至5000字")
	}
	if len(d.Files) > 10 {
		bad("files", "最多附10个文件")
	}
	if d.Kind == "organisation" && len(d.Files) == 0 {
		bad("files", "单位提出异议的，请附加盖公章的书面意见")
	}
	return out
}

// Object receives an objection from anybody. Invalid with a detail per field (an anonymous one is refused with the rule); Conflict when the
// notice no longer runs; NotFound for an unknown notice or a case that is not in its table.
func (c *Casework) Object(ctx context.Context, notice string, d ObjectionDraft) (*Receipt, error) {
	var out *Receipt
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := noticeByID(ctx, notice)
		if err != nil {
			return err
		}
		if details := d.check(row.Rule); len(details) > 0 {
			return fault.New(fault.Invalid, "异议不符合要求", details...)
		}
		n, err := row.view(ctx)
		if err != nil {
			return err
		}
		if !n.Running {
			return fault.New(fault.Conflict, "公示期已过，或已重新公示，不再受理对这份公示的异议")
		}
		if d.Case != "" {
			var found int
			if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM notice_lines WHERE notice = ? AND case_id = ?`, notice, d.Case).Scan(ctx, &found); err != nil {
				return err
			}
			if found == 0 {
				return fault.New(fault.NotFound, "公示名单中没有这一项", fault.At("case", "不在公示名单中"))
			}
		}
		due, err := lastDay(ctx, clock.Today(ctx), objectionDays, objectionUnit)
		if err != nil {
			return err
		}
		r, err := roundByID(ctx, row.Round)
		if err != nil {
			return err
		}
		secret := newSecret()
		o := objectionRow{ID: store.NewID(), Number: fmt.Sprintf("%s-YY%s", r.Number, newSecret()[:6]), Notice: notice, Round: row.Round, Case: d.Case, Kind: d.Kind, Name: d.Name,
			Contact: d.Contact, Statement: d.Statement, Secret: hashOf(secret), State: objReceived, ReceivedAt: store.Stamp(clock.Now(ctx)), DueOn: due.String(), Version: 1}
		if _, err := store.Tx(ctx).NewInsert().Model(&o).Exec(ctx); err != nil {
			return err
		}
		for _, u := range d.Files {
			kept, err := files.Put(ctx, u.Content, files.Meta{Name: u.Name, Owner: objectionKind + ":" + o.ID}, files.Limits{})
			if err != nil {
				return err
			}
			f := objectionFileRow{Objection: o.ID, File: kept.ID, Name: kept.Name}
			if _, err := store.Tx(ctx).NewInsert().Model(&f).Exec(ctx); err != nil {
				return err
			}
		}
		out = &Receipt{Number: o.Number, Secret: secret}
		return recordObjection(ctx, "objection.received", o.ID)
	})
	return out, err
}

func newSecret() string {
	b := make([]byte, 15)
	rand.Read(b)
	return base32.StdEncoding.EncodeToString(b)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Track is the state of an objection for who made it, by the number and secret of the receipt. NotFound if they do not belong together.
func (c *Casework) Track(ctx context.Context, number, secret string) (*Objection, error) {
	var out *Objection
	err := store.Read(ctx, func(ctx context.Context) error {
		row := &objectionRow{}
		err := store.Tx(ctx).NewSelect().Model(row).Where("o.number = ?", strings.TrimSpace(number)).Scan(ctx)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err != nil || subtle.ConstantTimeCompare([]byte(row.Secret), []byte(hashOf(strings.TrimSpace(secret)))) != 1 {
			return fault.New(fault.NotFound, "回执编号或查询码不对")
		}
		out, err = c.objection(ctx, row)
		if err == nil {
			out.Contact, out.Mine = "", false
		}
		return err
	})
	return out, err
}

// ObjectionFilter selects objections.
type ObjectionFilter struct {
	Round, Case, State string // State open: received or admitted
	Page, Per          int
}

// ObjectionPage is a page of objections.
type ObjectionPage struct {
	Items []Objection `json:"items" nullable:"false"`
	Total int         `json:"total"`
	Page  int         `json:"page"`
}

// Objections lists those that the actor may see: officers, leaders and auditors whose department runs the round or reviews the case.
func (c *Casework) Objections(ctx context.Context, f ObjectionFilter) (*ObjectionPage, error) {
	out := &ObjectionPage{Page: f.Page, Items: []Objection{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items = out.Items[:0]
		cond, args := objectionScope(ctx)
		where := []string{cond}
		add := func(condition string, a ...any) { where, args = append(where, condition), append(args, a...) }
		if f.Round != "" {
			add(`o.round = ?`, f.Round)
		}
		if f.Case != "" {
			add(`o.case_id = ?`, f.Case)
		}
		switch f.State {
		case "":
		case "open":
			add(`o.state IN ('received', 'admitted')`)
		default:
			add(`o.state = ?`, f.State)
		}
		rows := []objectionRow{}
		total, err := store.Tx(ctx).NewSelect().Model(&rows).Where(strings.Join(where, " AND "), args...).OrderExpr("o.received_at DESC, o.id DESC").
			Limit(per(f.Per)).Offset(offset(f.Page, f.Per)).ScanAndCount(ctx)
		if err != nil {
			return err
		}
		out.Total = int(total)
		out.Items, err = c.objections(ctx, rows)
		return err
	})
	return out, err
}

// objectionScope is who may see objections: readers whose department runs the round, or to whose cases one belongs. Finance does not.
func objectionScope(ctx context.Context) (string, []any) {
	a := account.ActorFrom(ctx)
	var or []string
	var args []any
	for _, g := range a.Grants {
		if g.Role != account.RoleOfficer && g.Role != account.RoleLeader && g.Role != account.RoleAuditor {
			continue
		}
		if g.Department == "" && g.Town == "" {
			return `1 = 1`, nil
		}
		and, more := []string{`1 = 1`}, []any(nil)
		if g.Department != "" {
			and, more = append(and, `(EXISTS (SELECT 1 FROM rounds AS r WHERE r.id = o.round AND r.department = ?)
				OR EXISTS (SELECT 1 FROM cases AS c WHERE c.id = o.case_id AND c.department = ?))`), append(more, g.Department, g.Department)
		}
		if g.Town != "" {
			and, more = append(and, `EXISTS (SELECT 1 FROM cases AS c WHERE c.id = o.case_id AND c.town = ?)`), append(more, g.Town)
		}
		or, args = append(or, `(`+strings.Join(and, ` AND `)+`)`), append(args, more...)
	}
	if len(or) == 0 {
		return `1 = 0`, nil
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

func visibleObjection(ctx context.Context, id string) (*objectionRow, error) {
	cond, args := objectionScope(ctx)
	row := &objectionRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("o.id = ? AND "+cond, append([]any{id}, args...)...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "没有这份异议，或不在您的权限范围内")
	}
	return row, err
}

// objection is a row as the actor may see it.
func (c *Casework) objection(ctx context.Context, row *objectionRow) (*Objection, error) {
	list, err := c.objections(ctx, []objectionRow{*row})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// objections are rows as the actor may see them: their rounds, cases and files in three queries.
func (c *Casework) objections(ctx context.Context, rows []objectionRow) ([]Objection, error) {
	out := make([]Objection, 0, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	var ids, roundIDs, caseIDs []string
	for _, row := range rows {
		ids, roundIDs, caseIDs = append(ids, row.ID), append(roundIDs, row.Round), append(caseIDs, row.Case)
	}
	rounds, err := roundsByID(ctx, roundIDs)
	if err != nil {
		return nil, err
	}
	list := []caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&list).Column("id", "number", "party", "party_name").Where("c.id IN (?)", bun.List(caseIDs)).Scan(ctx); err != nil {
		return nil, err
	}
	cases := map[string]*caseRow{}
	for i := range list {
		cases[list[i].ID] = &list[i]
	}
	attached := []objectionFileRow{}
	if err := store.Tx(ctx).NewSelect().Model(&attached).Where("f.objection IN (?)", bun.List(ids)).OrderExpr("f.objection, f.file").Scan(ctx); err != nil {
		return nil, err
	}
	files := map[string][]Attachment{}
	for _, f := range attached {
		files[f.Objection] = append(files[f.Objection], Attachment{ID: f.File, Name: f.Name})
	}
	for i := range rows {
		row := &rows[i]
		r, k := rounds[row.Round], cases[row.Case]
		o := Objection{ID: row.ID, Number: row.Number, Notice: row.Notice, Round: row.Round, RoundTitle: r.Title, Case: row.Case, Kind: row.Kind,
			Name: registry.MaskName(row.Name), Contact: registry.MaskPhone(row.Contact), Statement: row.Statement, Files: orEmpty(files[row.ID]), State: row.State, ReceivedAt: row.ReceivedAt,
			Admission: row.AdmittedWhy, Disposal: row.Disposal, DisposedAt: row.DisposedAt, DisposedBy: row.DisposedBy, Version: row.Version}
		o.Due, _ = policy.ParseDate(row.DueOn)
		o.Late = row.open() && clock.Today(ctx) > o.Due
		if k != nil {
			o.CaseNumber, o.PartyName = k.Number, k.PartyName
		}
		o.Mine = mayHandle(ctx, r, k)
		out = append(out, o)
	}
	return out, nil
}

// mayHandle says whether the actor may admit and dispose of an objection: an officer of the department that runs the round, who does not
// speak for the party that it concerns.
func mayHandle(ctx context.Context, r *roundRow, k *caseRow) bool {
	a := account.ActorFrom(ctx)
	return a.Covers(account.RoleOfficer, r.Department, "") && (k == nil || !a.Speaks(k.Party))
}

func (o *objectionRow) open() bool { return o.State == objReceived || o.State == objAdmitted }

// Admit says whether an objection is received for examination, with the reason. Forbidden unless the actor handles it; Conflict if somebody
// did meanwhile.
func (c *Casework) Admit(ctx context.Context, id string, version int64, admitted bool, reason string) (*Objection, error) {
	return c.handle(ctx, id, version, reason, func(ctx context.Context, o *objectionRow) (string, error) {
		if o.State != objReceived {
			return "", fault.New(fault.Conflict, "这份异议已经作出是否受理的决定")
		}
		o.State = objInadmissible
		if admitted {
			o.State = objAdmitted
		}
		o.AdmittedAt, o.AdmittedBy, o.AdmittedWhy = store.Stamp(clock.Now(ctx)), by(ctx), reason
		return "objection.admission", nil
	})
}

// Dispose ends an admitted objection: upheld or dismissed, with reasons. What an upheld one means for the case is the officers' next step
// (return it, or refuse it); the round is then settled and published anew. Errors as Admit.
func (c *Casework) Dispose(ctx context.Context, id string, version int64, upheld bool, reason string) (*Objection, error) {
	return c.handle(ctx, id, version, reason, func(ctx context.Context, o *objectionRow) (string, error) {
		if o.State != objAdmitted {
			return "", fault.New(fault.Conflict, "只有已受理、尚未办结的异议可以作出处理")
		}
		o.State = objDismissed
		if upheld {
			o.State = objUpheld
		}
		o.DisposedAt, o.DisposedBy, o.Disposal = store.Stamp(clock.Now(ctx)), by(ctx), reason
		return "objection.disposal", nil
	})
}

func (c *Casework) handle(ctx context.Context, id string, version int64, reason string, change func(ctx context.Context, o *objectionRow) (string, error)) (*Objection, error) {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n < 2 || n > 5000 || !store.Plain(reason) {
		return nil, fault.New(fault.Invalid, "请写明理由", fault.At("reason", "请写明理由，不超过5000字"))
	}
	var out *Objection
	err := store.Write(ctx, func(ctx context.Context) error {
		o, err := visibleObjection(ctx, id)
		if err != nil {
			return err
		}
		r, err := roundByID(ctx, o.Round)
		if err != nil {
			return err
		}
		var k *caseRow
		if o.Case != "" {
			if k, err = caseByID(ctx, o.Case); err != nil {
				return err
			}
		}
		if !mayHandle(ctx, r, k) {
			return errNotHandled()
		}
		action, err := change(ctx, o)
		if err != nil {
			return err
		}
		o.Version = version + 1
		result, err := store.Tx(ctx).NewUpdate().Model(o).WherePK().Where("o.version = ?", version).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.Conflict, "这份异议刚刚由他人处理，请刷新后再看"))
		}
		if err := recordObjection(ctx, action, id); err != nil {
			return err
		}
		out, err = c.objection(ctx, o)
		return err
	})
	return out, err
}

func errNotHandled() error {
	return fault.New(fault.Forbidden, "只有组织部门的经办人员可以处理异议，且不能处理与自己有关的企业")
}

// OpenObjectionFile is a file of an objection, for who may see the objection. The caller closes it.
func (c *Casework) OpenObjectionFile(ctx context.Context, id, file string) (files.File, io.ReadCloser, error) {
	err := store.Read(ctx, func(ctx context.Context) error {
		if _, err := visibleObjection(ctx, id); err != nil {
			return err
		}
		var found string
		return notFoundFile(store.Tx(ctx).NewRaw(`SELECT file FROM objection_files WHERE objection = ? AND file = ?`, id, file).Scan(ctx, &found))
	})
	if err != nil {
		return files.File{}, nil, err
	}
	return files.Open(ctx, file)
}

func notFoundFile(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "没有这个文件")
	}
	return err
}

// noOpenObjection refuses while an objection that concerns the case is undecided (or, for a round, any of its); one against a whole notice
// concerns every case.
func noOpenObjection(ctx context.Context, round, caseID string) error {
	query, args := `SELECT COUNT(*) FROM objections WHERE round = ? AND state IN ('received', 'admitted')`, []any{round}
	if caseID != "" {
		query, args = query+` AND (case_id = ? OR case_id = '')`, append(args, caseID)
	}
	var n int
	if err := store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &n); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("还有%d份异议没有处理完毕，不能作出决定", n))
	}
	return nil
}

func recordObjection(ctx context.Context, action, id string) error {
	digest, err := objectionDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: objectionKind, ID: id, Digest: digest})
}

func objectionDigest(ctx context.Context, id string) (string, error) {
	o := &objectionRow{}
	err := store.Tx(ctx).NewSelect().Model(o).Where("o.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	attached := []objectionFileRow{}
	if err := store.Tx(ctx).NewSelect().Model(&attached).Where("f.objection = ?", id).OrderExpr("f.file").Scan(ctx); err != nil {
		return "", err
	}
	texts := []string{o.ID, o.Number, o.Notice, o.Round, o.Case, o.Kind, o.Name, o.Contact, o.Statement, o.Secret, o.State, o.ReceivedAt, o.DueOn, o.AdmittedAt, o.AdmittedBy,
		o.AdmittedWhy, o.DisposedAt, o.DisposedBy, o.Disposal}
	for _, f := range attached {
		texts = append(texts, f.File, f.Name)
	}
	return audit.Digest(texts...), nil
}
