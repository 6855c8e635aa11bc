package registry

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// Problem is what is wrong with a cell of an uploaded workbook, or with its row. It never repeats what the cell holds.
type Problem struct {
	Sheet   string `json:"sheet"`
	Cell    string `json:"cell" doc:"B7"`
	Column  string `json:"column,omitempty" doc:"the heading of the column"`
	Message string `json:"message"`
}

func unreadable(format string, a ...any) error {
	return fault.New(fault.Invalid, fmt.Sprintf(format, a...))
}

// blank says whether a character shows nothing.
func blank(r rune) bool { return spreadsheet.Blank(r) }

// entry is a row of a workbook as it was understood.
type entry struct {
	Code  string       `json:"code"`
	Name  string       `json:"name,omitempty"`
	Party *Party       `json:"party,omitempty"` // of a row of firms
	Says  []entryFact  `json:"says,omitempty"`
	ID    string       `json:"id,omitempty"` // of the party, once it was looked up
	keys  []entryClaim // what the row claims, to find rows that claim the same
	cell  string       // where the code stands
	named string       // where the name stands

	figures []statedFigure // what it says of figures that have a part or are one
}

// statedFigure is a figure of a workbook and where it stands.
type statedFigure struct {
	row  factRow
	cell string
}

// entryFact is a fact of a row.
type entryFact struct {
	Term     string    `json:"term"`
	Year     int       `json:"year,omitempty"`
	Value    string    `json:"value,omitempty"`
	Record   *RecordOf `json:"record,omitempty"`
	Evidence string    `json:"evidence,omitempty"`
}

type entryClaim struct{ key, content string }

// intake reads the rows of one sheet.
type intake struct {
	line    int // that is read
	v       *policy.Vocabulary
	today   policy.Date
	layout  *layout
	mine    func(department string) bool
	sheet   string
	header  int
	columns map[int]column // by position
	lim     spreadsheet.Limits
}

// readHeader reads the first row that is not empty as the heading. The fault names every cell that is not understood.
func (in *intake) readHeader(line int, cells []spreadsheet.Cell) error {
	in.columns = map[int]column{}
	var details []fault.Detail
	bad := func(at int, message string) {
		details = append(details, fault.At(spreadsheet.CellName(at, line), "%s", message))
	}
	seen := map[string]bool{}
	have := map[columnRole]bool{}
	for _, c := range cells {
		if c.Kind != spreadsheet.KindText {
			bad(c.Column, "栏目名称应是文字")
			continue
		}
		col, err := in.layout.readHeading(in.v, in.mine, c.Text)
		if err != nil {
			var f *fault.Error
			errors.As(err, &f)
			bad(c.Column, f.Message)
			continue
		}
		name := col.name()
		if seen[name] {
			bad(c.Column, "栏目重复")
			continue
		}
		seen[name], have[col.role] = true, true
		col.at = c.Column
		in.columns[c.Column] = col
	}
	in.layout.long = have[columnTerm] || have[columnValue] || have[columnYear]
	if len(details) > 0 {
		if len(details) > 20 {
			details = details[:20]
		}
		return fault.New(fault.Invalid, "表头有误，请使用下载的模板", details...)
	}
	var missing []string
	need := func(role columnRole, heading string) {
		if !have[role] {
			missing = append(missing, heading)
		}
	}
	switch {
	case in.layout.long && have[columnFigure]:
		return unreadable("表头里既有“指标、数值”，又有各项指标的栏目；请只用一种")
	case in.layout.long:
		need(columnCode, "统一社会信用代码")
		need(columnTerm, "指标")
		need(columnValue, "数值")
	default:
		for _, c := range in.layout.columns {
			if c.required {
				need(c.role, c.heading)
			}
		}
		if in.layout.kind == ImportFigures && !have[columnFigure] && len(missing) == 0 {
			return unreadable("表头里没有任何指标；请使用下载的模板")
		}
		if in.layout.record != nil && !have[columnFrom] && !have[columnUntil] {
			missing = append(missing, "开始日期或截止日期")
		}
	}
	if len(missing) > 0 {
		return unreadable("第%d行不是模板的表头，或缺少栏目：%s；表头应在第一行", line, strings.Join(missing, "、"))
	}
	in.header = line
	return nil
}

// name is the same for two columns that would state the same.
func (c column) name() string {
	switch c.role {
	case columnFigure:
		return "figure:" + c.term.Name + "@" + strconv.Itoa(c.year)
	case columnField:
		return "field:" + c.field.Name
	default:
		return strconv.Itoa(int(c.role)) + c.heading
	}
}

// readRow reads a row. skip: it holds nothing, or the template's example.
func (in *intake) readRow(line int, hidden bool, cells []spreadsheet.Cell) (e entry, problems []Problem, skip bool) {
	in.line = line
	at := map[columnRole]*spreadsheet.Cell{}
	filled := false
	bad := func(position int, format string, a ...any) {
		problems = append(problems, Problem{in.sheet, spreadsheet.CellName(position, line), in.columns[position].heading, fmt.Sprintf(format, a...)})
	}
	for i := range cells {
		c := &cells[i]
		col, known := in.columns[c.Column]
		if i == 0 && c.Kind == spreadsheet.KindText && col.role == columnIgnored && known && strings.HasPrefix(c.Text, marker) {
			return e, nil, true
		}
		if !known {
			filled = true
			bad(c.Column, "这一列没有栏目名称")
			continue
		}
		if col.role != columnIgnored {
			filled = true
			at[col.role] = c
		}
	}
	if !filled {
		return e, nil, true
	}
	if hidden {
		bad(0, "这一行被隐藏；请取消隐藏或筛选，或删去这一行")
	}
	// text reads a column of words.
	text := func(role columnRole) string {
		c := at[role]
		if c == nil {
			return ""
		}
		s, err := c.Words()
		if err != nil {
			bad(c.Column, "%s", err)
		}
		return s
	}
	for _, col := range in.sorted() {
		if col.required && at[col.role] == nil && col.role != columnFigure {
			bad(col.at, "没有填写")
		}
	}
	if c := at[columnCode]; c != nil {
		e.cell = spreadsheet.CellName(c.Column, line)
		switch s, err := c.Words(); {
		case err != nil:
			bad(c.Column, "%s", err)
		case c.Kind == spreadsheet.KindNumber:
			bad(c.Column, "代码被存成了数字，末几位已经失真；请把单元格设为文本格式后重新填写")
		default:
			code := NormalCode(s)
			if err := CheckCode(code); err != nil {
				var f *fault.Error
				errors.As(err, &f)
				bad(c.Column, "%s", f.Message)
			} else {
				e.Code = code
			}
		}
	}
	e.Name = text(columnName)
	if c := at[columnName]; c != nil {
		e.named = spreadsheet.CellName(c.Column, line)
	}
	if in.layout.kind == ImportFirms {
		in.readFirm(&e, text, at, bad)
		return e, problems, false
	}
	evidence := text(columnEvidence)
	switch {
	case in.layout.record != nil:
		in.readRecord(&e, cells, at, evidence, text, bad)
	case in.layout.long:
		in.readLong(&e, at, evidence, text, bad)
	default:
		in.readWide(&e, cells, evidence, bad)
	}
	if len(problems) == 0 && len(e.Says) == 0 {
		bad(in.codeAt(), "这一行没有任何数据")
	}
	return e, problems, false
}

func (in *intake) sorted() []column {
	out := make([]column, 0, len(in.columns))
	for _, c := range in.columns {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b column) int { return a.at - b.at })
	return out
}

// codeAt is the position of the column that says whom a row concerns.
func (in *intake) codeAt() int {
	for at, c := range in.columns {
		if c.role == columnCode {
			return at
		}
	}
	return 0
}

type complain func(position int, format string, a ...any)

func (in *intake) readFirm(e *entry, text func(columnRole) string, at map[columnRole]*spreadsheet.Cell, bad complain) {
	p := Party{Kind: KindFirm, Code: e.Code, Name: e.Name, Town: text(columnTown), Industry: text(columnIndustry), Size: text(columnSize),
		Contact: text(columnContact), Phone: text(columnPhone), Note: text(columnNote)}.normal()
	roles := map[string]columnRole{"name": columnName, "town": columnTown, "industry": columnIndustry, "size": columnSize,
		"contact": columnContact, "phone": columnPhone, "note": columnNote}
	for _, d := range p.check(in.v) { // what is missing was said already
		if c := at[roles[d.Field]]; c != nil && roles[d.Field] != 0 {
			bad(c.Column, "%s", d.Message)
		}
	}
	e.Party = &p
	e.keys = []entryClaim{{e.Code, audit.DigestJSON(p.Name, p.Town, p.Industry, p.Size, p.Contact, p.Phone, p.Note)}}
}

func (in *intake) readWide(e *entry, cells []spreadsheet.Cell, evidence string, bad complain) {
	for _, c := range cells {
		col, ok := in.columns[c.Column]
		if !ok || col.role != columnFigure {
			continue
		}
		value, err := valueOf(c, col.term.Type, col.unit)
		if err != nil {
			bad(c.Column, "%s", err)
			continue
		}
		in.say(e, entryFact{Term: col.term.Name, Year: col.year, Value: value, Evidence: evidence}, func(string) int { return c.Column }, bad)
	}
}

func (in *intake) readLong(e *entry, at map[columnRole]*spreadsheet.Cell, evidence string, text func(columnRole) string, bad complain) {
	termCell, valueCell := at[columnTerm], at[columnValue]
	if termCell == nil || valueCell == nil {
		return
	}
	t := termOf(in.v, norm.NFKC.String(text(columnTerm)))
	switch {
	case t == nil:
		name := norm.NFKC.String(text(columnTerm))
		bad(termCell.Column, "%s", strings.TrimSuffix("词汇表中没有这一项；"+otherwise(in.v, name, ""), "；"))
		return
	case !in.mine(t.From):
		bad(termCell.Column, "“%s”由%s认可，您的部门不能导入", t.Name, t.From)
		return
	}
	year := 0
	if c := at[columnYear]; c != nil {
		s, err := c.Words()
		if year, _ = strconv.Atoi(strings.TrimSuffix(norm.NFKC.String(s), "年")); err != nil || year == 0 {
			bad(c.Column, "年份应是四位数字，例如 2025")
			return
		}
	}
	unit := norm.NFKC.String(text(columnUnit))
	if unit == "" {
		if t.Type == policy.TypeNumber && (valueCell.Kind == spreadsheet.KindNumber || valueCell.Kind == spreadsheet.KindText && bareNumber.MatchString(valueCell.Text)) {
			bad(valueCell.Column, "数值没有单位；请在“单位”栏写明，或写成 9990%s 的形式", t.Unit)
			return
		}
		unit = t.Unit
	}
	value, err := valueOf(*valueCell, t.Type, unit)
	if err != nil {
		bad(valueCell.Column, "%s", err)
		return
	}
	in.say(e, entryFact{Term: t.Name, Year: year, Value: value, Evidence: evidence}, func(name string) int {
		if c := at[columnYear]; name == "year" && c != nil {
			return c.Column
		}
		return valueCell.Column
	}, bad)
}

func (in *intake) readRecord(e *entry, cells []spreadsheet.Cell, at map[columnRole]*spreadsheet.Cell, evidence string, text func(columnRole) string, bad complain) {
	rec := &RecordOf{Number: text(columnNumber), Fields: map[string]string{}}
	places := map[string]int{}
	fine := true
	date := func(role columnRole, name string) policy.Date {
		c := at[role]
		if c == nil {
			return 0
		}
		places[name] = c.Column
		s, err := valueOf(*c, policy.TypeDate, "")
		var d policy.Date
		if err == nil {
			d, err = policy.ParseDate(s)
		}
		if err != nil {
			switch s {
			case "是", "有":
				bad(c.Column, "请写日期，例如 2024-05-01；只写“%s”，不知道算在哪一年", s)
			case "否", "无", "没有":
				bad(c.Column, "这里写日期，例如 2024-05-01；没有这条记录的企业，请删去这一行")
			default:
				bad(c.Column, "%s", err)
			}
			fine = false
		}
		return d
	}
	rec.From, rec.Until = date(columnFrom, "from"), date(columnUntil, "until")
	for _, c := range cells {
		col, ok := in.columns[c.Column]
		if !ok || col.role != columnField {
			continue
		}
		places["fields."+col.field.Name] = c.Column
		value, err := valueOf(c, col.field.Type, col.unit)
		if err != nil {
			bad(c.Column, "%s", err)
			fine = false
			continue
		}
		rec.Fields[col.field.Name] = value
	}
	if !fine {
		return
	}
	if c := at[columnNumber]; c != nil {
		places["number"] = c.Column
	}
	in.say(e, entryFact{Term: in.layout.record.Name, Record: rec, Evidence: evidence}, func(name string) int {
		if p, ok := places[name]; ok {
			return p
		}
		return in.codeAt()
	}, bad)
}

// say checks a fact of the row and adds it; place tells in which column a field of the statement stands.
func (in *intake) say(e *entry, f entryFact, place func(field string) int, bad complain) {
	s := Statement{Term: f.Term, Year: f.Year, Value: f.Value, Record: f.Record, Evidence: f.Evidence}
	row, details := s.check(in.v, in.today)
	for _, d := range details {
		at := place(d.Field)
		if d.Field == "evidence" {
			for position, c := range in.columns {
				if c.role == columnEvidence {
					at = position
				}
			}
		}
		bad(at, "%s", d.Message)
	}
	if len(details) > 0 {
		return
	}
	if len(related(in.v, row)) > 0 {
		e.figures = append(e.figures, statedFigure{row, spreadsheet.CellName(place("value"), in.line)})
	}
	e.Says = append(e.Says, f)
	e.keys = append(e.keys, entryClaim{strings.Join([]string{e.Code, row.Term, row.Period, row.RecordKey}, "\x1f"),
		audit.DigestJSON(row.Value, row.From, row.Until, row.Fields)})
}

var (
	thousands  = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d+)?`)
	scientific = regexp.MustCompile(`^[+-]?\d+(\.\d+)?[eE][+-]?\d+`)
	bareNumber = regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)
)

// valueOf reads a cell as a literal of the language for a term or field of the given type. unit is the one in the heading.
// The error is in Chinese and does not repeat the cell.
func valueOf(c spreadsheet.Cell, typ, unit string) (string, error) {
	if _, err := c.Words(); err != nil {
		return "", err
	}
	ratio := unit == "%" || unit == "‰"
	switch typ {
	case policy.TypeNumber:
		switch c.Kind {
		case spreadsheet.KindDate:
			return "", errors.New("单元格是日期格式，应是数字")
		case spreadsheet.KindBool:
			return "", errors.New("应是数字")
		case spreadsheet.KindPercent:
			if !ratio {
				return "", fmt.Errorf("单元格是百分比格式，而本栏的单位是%s", unit)
			}
			return c.Text + "%", nil
		case spreadsheet.KindNumber:
			if ratio && strings.HasPrefix(strings.TrimPrefix(c.Text, "-"), "0.") {
				return "", errors.New("看不出是比率还是百分数；请把单元格设为百分比格式，或写成文本，例如 0.55%")
			}
			return c.Text + unit, nil
		}
		s := strings.Map(func(r rune) rune {
			if blank(r) {
				return -1
			}
			return r
		}, norm.NFKC.String(c.Text))
		if scientific.MatchString(s) {
			return "", errors.New("请写完整的数字，不用科学计数法")
		}
		if m := thousands.FindString(s); m != "" {
			s = strings.ReplaceAll(m, ",", "") + s[len(m):]
		}
		s = strings.TrimPrefix(s, "+")
		if bareNumber.MatchString(s) {
			s += unit
		}
		return s, nil
	case policy.TypeBool:
		if c.Kind == spreadsheet.KindNumber || c.Kind == spreadsheet.KindDate || c.Kind == spreadsheet.KindPercent {
			return "", errors.New("应写“是”或“否”")
		}
		return norm.NFKC.String(c.Text), nil
	case policy.TypeDate:
		return c.Date()
	default:
		if c.Kind == spreadsheet.KindDate || c.Kind == spreadsheet.KindBool {
			return "", errors.New("应是文字")
		}
		return c.Words()
	}
}

// wide says whether the workbook has a column for each figure.
func (in *intake) wide() bool {
	for _, c := range in.columns {
		if c.role == columnFigure {
			return true
		}
	}
	return false
}
