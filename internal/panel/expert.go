package panel

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Expert is somebody in the pool (专家库) of a department.
type Expert struct {
	ID           string      `json:"id"`
	Department   string      `json:"department" doc:"whose pool"`
	Name         string      `json:"name"`
	Phone        string      `json:"phone" doc:"personal: masked; the operation unmask-expert gives it whole"`
	Login        string      `json:"login" doc:"the account by which they score; empty: they cannot be drawn"`
	Fields       []string    `json:"fields" nullable:"false" doc:"what they are experts of"`
	Employer     string      `json:"employer"`
	EmployerCode string      `json:"employer_code"`
	Related      []string    `json:"related" nullable:"false" doc:"names or codes of those with whom they have a relation"`
	Since        policy.Date `json:"since"`
	Until        policy.Date `json:"until" doc:"last day of the appointment; empty: no end"`
	State        string      `json:"state" enum:"active,paused,left"`
	Invented     bool        `json:"invented" doc:"made up for a demonstration"`
	Version      int64       `json:"version"`
}

// ExpertDraft is what an officer states of an expert.
type ExpertDraft struct {
	Department   string      `json:"department" maxLength:"64"`
	Name         string      `json:"name" maxLength:"40"`
	Phone        string      `json:"phone,omitempty" maxLength:"40" doc:"a masked one leaves what is kept"`
	Login        string      `json:"login,omitempty" maxLength:"64"`
	Fields       []string    `json:"fields" maxItems:"20"`
	Employer     string      `json:"employer" maxLength:"100"`
	EmployerCode string      `json:"employer_code,omitempty" maxLength:"18"`
	Related      []string    `json:"related,omitempty" maxItems:"50"`
	Since        policy.Date `json:"since"`
	Until        policy.Date `json:"until,omitempty"`
	State        string      `json:"state,omitempty" enum:"active,paused,left" doc:"empty: active"`
	Version      int64       `json:"version,omitempty" doc:"of a change"`
	Invented     bool        `json:"-"`
}

var stateWords = map[string]string{"active": "在聘", "paused": "暂停", "left": "已退出"}

// ExpertFilter selects experts.
type ExpertFilter struct {
	Text, Department, Field, State string
	Page, Per                      int
}

// ExpertPage is a page of the pool.
type ExpertPage struct {
	Items []Expert `json:"items" nullable:"false"`
	Total int      `json:"total"`
	Page  int      `json:"page"`
}

func (d *ExpertDraft) check() []fault.Detail {
	var out []fault.Detail
	bad := func(field, format string, a ...any) { out = append(out, fault.At(field, format, a...)) }
	d.EmployerCode = registry.NormalCode(d.EmployerCode)
	if d.State == "" {
		d.State = "active"
	}
	for _, t := range []struct {
		field, label string
		text         *string
		must         bool
		most         int
	}{{"department", "部门", &d.Department, true, 64}, {"name", "姓名", &d.Name, true, 40}, {"phone", "电话", &d.Phone, false, 40}, {"login", "登录名", &d.Login, false, 64},
		{"employer", "工作单位", &d.Employer, true, 100}} {
		*t.text = strings.TrimSpace(*t.text)
		switch n := utf8.RuneCountInString(*t.text); {
		case n == 0 && t.must:
			bad(t.field, "请填写%s", t.label)
		case n > t.most || !store.Plain(*t.text) || strings.Contains(*t.text, "\n"):
			bad(t.field, "%s过长或含有不允许的字符", t.label)
		}
	}
	d.Login = strings.ToLower(d.Login)
	for _, l := range []struct {
		field string
		list  *[]string
		must  string
	}{{"fields", &d.Fields, "请填写专业"}, {"related", &d.Related, ""}} {
		kept := []string{}
		for _, x := range *l.list {
			if x = strings.TrimSpace(x); x != "" && !slices.Contains(kept, x) {
				kept = append(kept, x)
			}
			if utf8.RuneCountInString(x) > 100 || !store.Plain(x) {
				bad(l.field, "过长或含有不允许的字符")
			}
		}
		if len(kept) == 0 && l.must != "" {
			bad(l.field, "%s", l.must)
		}
		*l.list = kept
	}
	if utf8.RuneCountInString(d.EmployerCode) > 18 || !store.Plain(d.EmployerCode) {
		bad("employer_code", "统一社会信用代码不超过18个字符")
	}
	switch {
	case d.Since == 0:
		bad("since", "请填写聘期从哪一天起")
	case d.Until != 0 && d.Until < d.Since:
		bad("until", "聘期的最后一天早于第一天")
	}
	if stateWords[d.State] == "" {
		bad("state", "应为在聘、暂停或已退出")
	}
	return out
}

func (d *ExpertDraft) put(ctx context.Context, row *expertRow) {
	row.Department, row.Name, row.Login, row.Employer, row.EmployerCode = d.Department, d.Name, d.Login, d.Employer, d.EmployerCode
	if !strings.Contains(d.Phone, "*") {
		row.Phone = d.Phone
	}
	row.Fields, row.Related, row.Since, row.Until, row.State = jsonOf(d.Fields), jsonOf(d.Related), d.Since.String(), "", d.State
	if d.Until != 0 {
		row.Until = d.Until.String()
	}
	row.ChangedAt, row.ChangedBy = store.Stamp(clock.Now(ctx)), by(ctx)
}

func (e *expertRow) view() Expert {
	out := Expert{ID: e.ID, Department: e.Department, Name: e.Name, Phone: registry.MaskPhone(e.Phone), Login: e.Login, Fields: listOf(e.Fields), Employer: e.Employer,
		EmployerCode: e.EmployerCode, Related: listOf(e.Related), State: e.State, Invented: e.Invented != 0, Version: e.Version}
	out.Since, _ = policy.ParseDate(e.Since)
	out.Until, _ = policy.ParseDate(e.Until)
	return out
}

// Experts lists those whom the departments keep that the actor reads. Forbidden to who reads none.
func (r *Room) Experts(ctx context.Context, f ExpertFilter) (*ExpertPage, error) {
	out := &ExpertPage{Page: max(f.Page, 1), Items: []Expert{}}
	list, all := departments(ctx)
	if !all && len(list) == 0 {
		return nil, fault.New(fault.Forbidden, "专家库只供部门的办理人员查看")
	}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items = out.Items[:0]
		rows := []*expertRow{}
		q := store.Tx(ctx).NewSelect().Model(&rows)
		if !all {
			q = q.Where("e.department IN (?)", bun.List(list))
		}
		if f.Department != "" {
			q = q.Where("e.department = ?", f.Department)
		}
		if f.State != "" {
			q = q.Where("e.state = ?", f.State)
		}
		if f.Field != "" {
			condition, args := store.Like(ctx, jsonOf(f.Field), "e.fields")
			q = q.Where(condition, args...)
		}
		for _, word := range strings.Fields(f.Text) {
			condition, args := store.Like(ctx, word, "e.name", "e.employer", "e.fields")
			q = q.Where(condition, args...)
		}
		per := f.Per
		if per <= 0 {
			per = 20
		}
		total, err := q.OrderExpr("e.department, e.name, e.id").Limit(int64(per)).Offset(int64((out.Page - 1) * per)).ScanAndCount(ctx)
		if err != nil {
			return err
		}
		out.Total = int(total)
		for _, e := range rows {
			out.Items = append(out.Items, e.view())
		}
		return nil
	})
	return out, err
}

// PutExpert adds an expert to the pool of a department, or changes one (id). Forbidden unless the actor is an officer of it; Invalid with a detail per field;
// Conflict if the login is another's, or somebody else changed them meanwhile.
func (r *Room) PutExpert(ctx context.Context, id string, d ExpertDraft) (*Expert, error) {
	var out Expert
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := putExpert(ctx, id, d)
		if err == nil {
			out = row.view()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func putExpert(ctx context.Context, id string, d ExpertDraft) (*expertRow, error) {
	if details := d.check(); len(details) > 0 {
		return nil, fault.New(fault.Invalid, "请更正标出的内容", details...)
	}
	row, action := &expertRow{ID: store.NewID(), Version: 1, Invented: flag(d.Invented)}, "expert.added"
	if id != "" {
		old, err := expertByID(ctx, id)
		if err != nil {
			return nil, err
		}
		if !reads(ctx, old.Department) {
			return nil, fault.New(fault.NotFound, "专家库中没有这位专家，或不在您的权限范围内")
		}
		if err := mayKeep(ctx, old.Department); err != nil {
			return nil, err
		}
		if old.Version != d.Version {
			return nil, fault.New(fault.Conflict, "这位专家的信息刚刚被他人修改，请刷新后再试")
		}
		row, action = old, "expert.changed"
		row.Version++
	}
	if err := mayKeep(ctx, d.Department); err != nil {
		return nil, err
	}
	d.put(ctx, row)
	var err error
	if id == "" {
		_, err = store.Tx(ctx).NewInsert().Model(row).Exec(ctx)
	} else {
		_, err = store.Tx(ctx).NewUpdate().Model(row).WherePK().Where("e.version = ?", d.Version).Exec(ctx)
	}
	if store.IsUnique(err) {
		return nil, fault.New(fault.Conflict, "这个登录名已经是另一位专家的", fault.At("login", "请换一个登录名"))
	}
	if err != nil {
		return nil, err
	}
	return row, audit.Append(ctx, audit.Event{Action: action, Kind: expertKind, ID: row.ID, Digest: row.digest(), Data: map[string]string{"department": row.Department}})
}

// UnmaskExpert gives an officer of the department the telephone of an expert; the reading is logged with its reason.
func (r *Room) UnmaskExpert(ctx context.Context, id, reason string) (*Expert, error) {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > 200 || !store.Plain(reason) {
		return nil, fault.New(fault.Invalid, "请写明查看个人信息的理由（200字以内）", fault.At("reason", "请写明理由"))
	}
	var out Expert
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := expertByID(ctx, id)
		if err != nil {
			return err
		}
		if !reads(ctx, row.Department) {
			return fault.New(fault.NotFound, "专家库中没有这位专家，或不在您的权限范围内")
		}
		if err := mayKeep(ctx, row.Department); err != nil {
			return err
		}
		out = row.view()
		out.Phone = row.Phone
		return audit.Append(ctx, audit.Event{Action: "expert.unmask", Kind: expertKind, ID: id, Digest: row.digest(), Data: map[string]string{"reason": reason}})
	})
	return &out, err
}

var expertColumns = []spreadsheet.Column{{Heading: "部门", Width: 16}, {Heading: "姓名", Width: 12}, {Heading: "电话", Width: 16}, {Heading: "登录名", Width: 16}, {Heading: "专业", Width: 24},
	{Heading: "工作单位", Width: 30}, {Heading: "单位统一社会信用代码", Width: 22}, {Heading: "有关系的单位或个人", Width: 30}, {Heading: "聘期开始", Width: 14}, {Heading: "聘期结束", Width: 14}, {Heading: "状态", Width: 10}}

// ExportExperts writes the pool as a workbook, which can be filled in and uploaded; telephones are masked.
func (r *Room) ExportExperts(ctx context.Context, f ExpertFilter, w io.Writer) error {
	f.Page, f.Per = 1, 100_000
	page, err := r.Experts(ctx, f)
	if err != nil {
		return err
	}
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "专家库", Columns: expertColumns, Rows: func(emit spreadsheet.Emit) error {
		for _, e := range page.Items {
			until := ""
			if e.Until != 0 {
				until = e.Until.String()
			}
			if err := emit(e.Department, e.Name, e.Phone, e.Login, strings.Join(e.Fields, "、"), e.Employer, e.EmployerCode, strings.Join(e.Related, "、"), e.Since.String(), until, stateWords[e.State]); err != nil {
				return err
			}
		}
		return nil
	}})
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,；;", r) })
}

func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
