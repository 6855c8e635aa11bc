package panel

import (
	"context"
	"fmt"
	"io"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Imported is what became of a workbook.
type Imported struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
}

// ImportExperts takes a workbook of the form that ExportExperts writes, all or none: Invalid names every bad cell by sheet, row and column. Who is there
// already, by the login, else by department, name and employer, is changed; a workbook that names somebody twice is wrong.
func (r *Room) ImportExperts(ctx context.Context, file io.ReaderAt, size int64) (*Imported, error) {
	if !account.ActorFrom(ctx).Officer() {
		return nil, fault.New(fault.Forbidden, "只有本部门的经办人员可以管理专家库和专家组")
	}
	s := &expertSheet{columns: map[string]int{}, seen: map[string]int{}}
	if err := s.read(file, size); err != nil {
		return nil, err
	}
	out := &Imported{}
	read := s.details // a transaction may be tried again
	err := store.Write(ctx, func(ctx context.Context) error {
		*out, s.details = Imported{}, read
		for _, d := range s.drafts {
			if mayKeep(ctx, d.Department) != nil {
				s.bad("部门", d.line, "不是您所在的部门")
				continue
			}
			old := &expertRow{}
			q := store.Tx(ctx).NewSelect().Model(old).Limit(1)
			if d.Login != "" {
				q = q.Where("e.login = ?", d.Login)
			} else {
				q = q.Where("e.department = ? AND e.name = ? AND e.employer = ?", d.Department, d.Name, d.Employer)
			}
			found, err := q.Exists(ctx)
			if err != nil {
				return err
			}
			id := ""
			if found {
				if err := q.Scan(ctx); err != nil {
					return err
				}
				id, d.Version = old.ID, old.Version
			}
			if len(s.details) > 0 {
				continue // nothing is written, but every row is looked at
			}
			if _, err := putExpert(ctx, id, d.ExpertDraft); err != nil {
				if fault.CodeOf(err) == fault.Internal {
					return err
				}
				s.bad("登录名", d.line, "%s", fault.Public(err).Message)
				continue
			}
			if found {
				out.Changed++
			} else {
				out.Added++
			}
		}
		return s.wrong()
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// expertSheet is a workbook of experts as it is read.
type expertSheet struct {
	name    string
	columns map[string]int // of the headings; empty before they were found
	seen    map[string]int // in which line somebody stands
	drafts  []expertLine
	details []fault.Detail
}

type expertLine struct {
	ExpertDraft
	line int
}

// expertHeadings are the columns that the fields of a draft stand in.
var expertHeadings = map[string]string{"department": "部门", "name": "姓名", "phone": "电话", "login": "登录名", "fields": "专业", "employer": "工作单位",
	"employer_code": "单位统一社会信用代码", "related": "有关系的单位或个人", "since": "聘期开始", "until": "聘期结束", "state": "状态"}

func (s *expertSheet) bad(heading string, line int, format string, a ...any) {
	where := fmt.Sprintf("工作表“%s”第%d行“%s”（%s）", s.name, line, heading, spreadsheet.CellName(s.columns[heading], line))
	s.details = append(s.details, fault.At(where, format, a...))
}

func (s *expertSheet) wrong() error {
	if len(s.details) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, fmt.Sprintf("名单中有%d处不对，没有写入任何内容", len(s.details)), s.details[:min(len(s.details), 200)]...)
}

func (s *expertSheet) read(file io.ReaderAt, size int64) error {
	book, err := spreadsheet.Open(file, size, spreadsheet.UploadLimits)
	if err != nil {
		return err
	}
	s.name = book.Sheets[0].Name
	headings := 0
	merges, err := book.Rows(book.Sheets[0], func(line int, _ bool, cells []spreadsheet.Cell) error {
		if len(s.columns) == 0 {
			s.head(cells)
			headings = line
			return nil
		}
		s.row(line, cells)
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(s.columns) == 0:
		return fault.New(fault.Invalid, "没有找到表头；请使用下载的专家名单")
	}
	for _, m := range merges {
		if m.Line2 > headings {
			s.details = append(s.details, fault.At(fmt.Sprintf("工作表“%s”%s", s.name, spreadsheet.CellName(m.Column1, m.Line1)), "是合并的单元格，请取消合并"))
		}
	}
	if len(s.drafts) == 0 && len(s.details) == 0 {
		return fault.New(fault.Invalid, "名单中没有填写任何专家")
	}
	return nil
}

// head takes a row for the headings if all of them are in it.
func (s *expertSheet) head(cells []spreadsheet.Cell) {
	found := map[string]int{}
	for _, cell := range cells {
		if text, err := cell.Words(); err == nil {
			found[text] = cell.Column
		}
	}
	for _, c := range expertColumns {
		if _, ok := found[c.Heading]; !ok {
			return
		}
	}
	s.columns = found
}

func (s *expertSheet) row(line int, cells []spreadsheet.Cell) {
	at := map[int]spreadsheet.Cell{}
	for _, cell := range cells {
		at[cell.Column] = cell
	}
	blank, unread := true, map[string]bool{}
	words := func(heading string) string {
		cell, ok := at[s.columns[heading]]
		if !ok {
			return ""
		}
		text, err := cell.Words()
		if err != nil {
			unread[heading] = true
			s.bad(heading, line, "%s", err.Error())
		}
		blank = blank && text == "" && err == nil
		return text
	}
	day := func(heading string) policy.Date {
		cell, ok := at[s.columns[heading]]
		if !ok || cell.Kind == spreadsheet.KindBlank {
			return 0
		}
		blank = false
		text, err := cell.Date()
		out, wrong := policy.ParseDate(text)
		if err != nil || wrong != nil {
			unread[heading] = true
			s.bad(heading, line, "不是日期，请写成2026-01-31这样")
		}
		return out
	}
	d := ExpertDraft{Department: words("部门"), Name: words("姓名"), Phone: words("电话"), Login: words("登录名"), Fields: split(words("专业")), Employer: words("工作单位"),
		EmployerCode: words("单位统一社会信用代码"), Related: split(words("有关系的单位或个人")), Since: day("聘期开始"), Until: day("聘期结束")}
	state := words("状态")
	if blank {
		return
	}
	for key, word := range stateWords {
		if word == state {
			d.State = key
		}
	}
	if d.State == "" && state != "" {
		s.bad("状态", line, "“%s”应为在聘、暂停或已退出", state)
	}
	for _, x := range d.check() {
		if heading := expertHeadings[x.Field]; !unread[heading] {
			s.bad(heading, line, "%s", x.Message)
		}
	}
	heading, who := "登录名", d.Login
	if d.Login == "" {
		heading, who = "姓名", strings.Join([]string{d.Department, d.Name, d.Employer}, "\x00")
	}
	if other := s.seen[who]; other != 0 {
		s.bad(heading, line, "与第%d行是同一位专家，请只留一行", other)
	}
	s.seen[who] = line
	s.drafts = append(s.drafts, expertLine{d, line})
}
