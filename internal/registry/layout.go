package registry

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// Kinds of import. A kind of record is imported as record:KIND.
const (
	ImportFirms   = "firms"   // parties: one row each
	ImportFigures = "figures" // values of terms: a column per term and year, or a row per value
	importRecord  = "record:"
)

// What a column holds.
type columnRole uint8

const (
	columnIgnored columnRole = iota
	columnCode
	columnName
	columnTown
	columnIndustry
	columnSize
	columnContact
	columnPhone
	columnNote
	columnEvidence
	columnFigure // the value of a term
	columnTerm   // long form: the name of a term
	columnYear   // long form
	columnValue  // long form
	columnUnit   // long form
	columnNumber // of a record
	columnFrom
	columnUntil
	columnField // of a record
)

// column is a column of a workbook: what it holds and how its heading is written.
type column struct {
	role     columnRole
	heading  string // without the mark of what is required
	required bool
	term     *policy.Term  // columnFigure
	year     int           // columnFigure of a yearly term
	field    *policy.Field // columnField
	unit     string        // of a number: as the heading writes it
	at       int           // in an uploaded workbook
	help     string
	example  string
	options  []string
	width    float64
}

// marker begins a row that is not data: the example of the template.
const marker = "示例"

const requiredMark = "*"

// layout is the workbook of a kind of import.
type layout struct {
	kind    string
	title   string // for people
	sheet   string
	columns []column
	record  *policy.Record // of record:KIND
	long    bool           // figures: a row per value
}

var firmColumns = []column{
	{role: columnIgnored, heading: "序号", help: "可不填。第一格写“示例”的行不导入。", width: 8},
	{role: columnCode, heading: "统一社会信用代码", required: true, help: "18位，单元格设为文本格式；按 GB 32100 校验。校验不符但确有其码的，请在登记页面逐家登记并写明理由。", width: 24},
	{role: columnName, heading: "企业名称", required: true, help: "与营业执照一致。", example: "某某电器有限公司", width: 34},
	{role: columnTown, heading: "所在镇街", required: true, help: "镇或街道的全称。", width: 16},
	{role: columnIndustry, heading: "行业", help: "所属行业。", width: 18},
	{role: columnSize, heading: "规模", width: 10},
	{role: columnContact, heading: "联系人", help: "个人信息，登记后默认隐藏显示。", width: 12},
	{role: columnPhone, heading: "联系电话", help: "个人信息，登记后默认隐藏显示。单元格设为文本格式。", width: 18},
	{role: columnNote, heading: "备注", width: 24},
}

// whoColumns are the columns that say whom a row of figures or records concerns.
func whoColumns() []column {
	return []column{
		{role: columnIgnored, heading: "序号", help: "可不填。第一格写“示例”的行不导入。", width: 8},
		{role: columnCode, heading: "统一社会信用代码", required: true, help: "18位，单元格设为文本格式。企业须已登记。", width: 24},
		{role: columnName, heading: "企业名称", help: "用来核对，可不填；填了须与登记一致。", width: 34},
	}
}

func evidenceColumn() column {
	return column{role: columnEvidence, heading: "依据", help: "数据的出处，例如“2025年统计年报”。可不填。", width: 24}
}

// figureColumn is the column of a term, of a year if it is yearly.
func figureColumn(t *policy.Term, year int) column {
	c := column{role: columnFigure, term: t, year: year, heading: t.Name, help: t.Help, width: 18}
	if t.Yearly() {
		c.heading += "@" + strconv.Itoa(year)
	}
	c.dress(t.Type, t.Unit, t.Options)
	return c
}

// dress gives a column the unit, drop-down and example of its type. Money is asked for in ten thousand yuan, as bureaus keep it.
func (c *column) dress(typ, unit string, options []string) {
	switch typ {
	case policy.TypeNumber:
		if c.unit = unit; unit == moneyUnit {
			c.unit = bureauUnit
		}
		c.example = map[string]string{bureauUnit: "1234.56", "%": "45.6"}[c.unit]
		if c.example == "" {
			c.example = "12"
		}
		c.heading += "（" + c.unit + "）"
	case policy.TypeBool:
		c.options, c.example = []string{"是", "否"}, "是"
	case policy.TypeDate:
		c.example = "2024-05-01"
	default:
		c.options = options
		if len(options) > 0 {
			c.example = options[0]
		}
	}
}

const (
	moneyUnit  = "元"
	bureauUnit = "万元"
)

func fieldColumn(f *policy.Field) column {
	c := column{role: columnField, field: f, heading: f.Name, width: 16}
	c.dress(f.Type, f.Unit, f.Options)
	return c
}

// titleOfImport is what people call a kind of import.
func titleOfImport(kind string) string {
	switch kind {
	case ImportFirms:
		return "企业名录"
	case ImportFigures:
		return "指标数据"
	}
	return strings.TrimPrefix(kind, importRecord)
}

// layoutOf is the template of a kind for an officer: the terms that his departments vouch for, in the years asked for.
// Invalid if there is no such kind, Forbidden if the officer may import nothing of it.
func (r *Registry) layoutOf(ctx context.Context, kind string, years []int) (*layout, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	a := account.ActorFrom(ctx)
	if !a.Officer() {
		return nil, fault.New(fault.Forbidden, "只有经办人员可以导入数据")
	}
	mine := func(from string) bool {
		list, all := a.Departments()
		return all || slices.Contains(list, from)
	}
	switch {
	case kind == ImportFirms:
		l := &layout{kind: kind, title: titleOfImport(kind), sheet: "企业名录", columns: slices.Clone(firmColumns)}
		at := slices.IndexFunc(l.columns, func(c column) bool { return c.role == columnSize })
		l.columns[at].dress(policy.TypeWord, "", v.Sizes())
		return l, nil
	case kind == ImportFigures:
		l := &layout{kind: kind, title: titleOfImport(kind), sheet: "指标数据", columns: whoColumns()}
		for _, t := range v.Terms() {
			switch {
			case !mine(t.From) || t.Of != KindFirm:
			case t.Yearly():
				for _, y := range years {
					l.columns = append(l.columns, figureColumn(t, y))
				}
			default:
				l.columns = append(l.columns, figureColumn(t, 0))
			}
		}
		if len(l.columns) == len(whoColumns()) {
			return nil, fault.New(fault.Forbidden, "没有由您的部门认可的指标")
		}
		l.columns = append(l.columns, evidenceColumn())
		return l, nil
	}
	name, ok := strings.CutPrefix(kind, importRecord)
	k := v.Record(name)
	if !ok || k == nil {
		text := "没有这一类导入"
		if near := v.Near(name); ok && v.Record(near) != nil {
			text += "，是否应为“" + near + "”？"
		}
		return nil, fault.New(fault.Invalid, text, fault.At("kind", "%s", text))
	}
	if !mine(k.From) {
		return nil, fault.New(fault.Forbidden, fmt.Sprintf("这类记录由%s认可，您的部门不能导入", k.From))
	}
	l := &layout{kind: kind, title: titleOfImport(kind), sheet: "记录", columns: whoColumns(), record: k}
	l.columns = append(l.columns,
		column{role: columnNumber, heading: "编号", help: "证书号、专利号等，用来认出同一条记录。可不填；不填时按日期和栏目内容认定。单元格设为文本格式。", width: 20},
		column{role: columnFrom, heading: "开始日期", help: "取得、列入或发生的日期。开始日期和截止日期至少填一个。", example: "2024-05-01", width: 14},
		column{role: columnUntil, heading: "截止日期", help: "有效期的最后一天；长期有效的不填。", example: "2027-04-30", width: 14})
	for i := range k.Fields {
		l.columns = append(l.columns, fieldColumn(&k.Fields[i]))
	}
	l.columns = append(l.columns, evidenceColumn())
	return l, nil
}

// Kind of import that the actor may use.
type ImportKind struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Help  string `json:"help,omitempty"`
}

// ImportKinds lists what the actor may import; never nil.
func (r *Registry) ImportKinds(ctx context.Context) ([]ImportKind, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	out := []ImportKind{}
	kinds := []string{ImportFirms, ImportFigures}
	for _, k := range v.Records() {
		if k.Of == KindFirm {
			kinds = append(kinds, importRecord+k.Name)
		}
	}
	for _, kind := range kinds {
		if l, err := r.layoutOf(ctx, kind, []int{2000}); err == nil {
			k := ImportKind{Kind: kind, Title: l.title}
			if l.record != nil {
				k.Help = l.record.Help
			}
			out = append(out, k)
		}
	}
	return out, nil
}

var headingYear = regexp.MustCompile(`^(.+)@(\d{4})$|^(\d{4})年度?(.+)$`)

// readHeading says what a heading of an uploaded workbook stands for, for this officer; the fault says why it is not understood.
func (l *layout) readHeading(v *policy.Vocabulary, mine func(department string) bool, text string) (column, error) {
	text = strings.Map(func(r rune) rune {
		if blank(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	text = strings.TrimSuffix(text, requiredMark)
	plainText, unit := text, ""
	if i := strings.LastIndexByte(text, '('); i > 0 && strings.HasSuffix(text, ")") {
		plainText, unit = text[:i], text[i+1:len(text)-1]
	}
	for _, c := range l.columns {
		if c.role == columnFigure || c.role == columnField {
			continue
		}
		if c.heading == text {
			return c, nil
		}
	}
	if l.record != nil {
		for i := range l.record.Fields {
			f := &l.record.Fields[i]
			if norm.NFKC.String(f.Name) != plainText {
				continue
			}
			c := fieldColumn(f)
			return c.inUnit(f.Type, unit, func(text string) bool { _, err := policy.CheckField(v, l.record.Name, f.Name, text); return err == nil })
		}
		return column{}, unreadable("不认识这一栏；请使用模板里的栏目名称")
	}
	if l.kind != ImportFigures {
		return column{}, unreadable("不认识这一栏；请使用模板里的栏目名称")
	}
	switch plainText {
	case "指标":
		return column{role: columnTerm, heading: "指标", required: true}, nil
	case "年份":
		return column{role: columnYear, heading: "年份"}, nil
	case "数值":
		return column{role: columnValue, heading: "数值", required: true}, nil
	case "单位":
		return column{role: columnUnit, heading: "单位"}, nil
	}
	name, year := plainText, 0
	if m := headingYear.FindStringSubmatch(plainText); m != nil {
		name = m[1] + m[4]
		year, _ = strconv.Atoi(m[2] + m[3])
	}
	t := termOf(v, name)
	switch {
	case t == nil:
		return column{}, unreadable("不认识这一栏；%s", otherwise(v, name, "请使用模板里的栏目名称"))
	case t.Yearly() && year == 0:
		return column{}, unreadable("“%s”每年一个值，栏目名称要写明年份，例如 %s@2025", t.Name, t.Name)
	case !t.Yearly() && year != 0:
		return column{}, unreadable("“%s”不分年份，栏目名称请去掉年份", t.Name)
	case !mine(t.From):
		return column{}, fault.New(fault.Forbidden, fmt.Sprintf("“%s”由%s认可，您的部门不能导入；请删去这一栏", t.Name, t.From))
	}
	c := figureColumn(t, year)
	return c.inUnit(t.Type, unit, func(text string) bool { _, err := policy.CheckValue(v, t.Name, text); return err == nil })
}

// termOf is the term of a name whose characters were folded, as headings are: the vocabulary may have names that folding changes.
// otherwise says of a name that is no term where it belongs, or which name is meant; else what is given.
func otherwise(v *policy.Vocabulary, name, instead string) string {
	near := v.Near(name)
	switch {
	case v.Record(name) != nil:
		return "“" + name + "”是记录，不能只写有没有：请用“" + name + "”的导入模板，一行一条，写明列入或取得的日期"
	case near != "":
		return "是否应为“" + near + "”？"
	}
	return instead
}

func termOf(v *policy.Vocabulary, name string) *policy.Term {
	if t := v.Term(name); t != nil {
		return t
	}
	for _, t := range v.Terms() {
		if norm.NFKC.String(t.Name) == name {
			return t
		}
	}
	return nil
}

// inUnit is the column with the unit that the uploaded heading states; reads says whether a text is a value of the column.
func (c column) inUnit(typ, unit string, reads func(text string) bool) (column, error) {
	if typ != policy.TypeNumber || unit == c.unit {
		return c, nil
	}
	if unit == "" || !reads("0"+unit) && !reads("1"+unit) && !reads("100"+unit) {
		return c, unreadable("这一栏是数字，栏目名称要写明单位，例如 %s", c.heading)
	}
	c.heading = strings.Replace(c.heading, "（"+c.unit+"）", "（"+unit+"）", 1)
	c.unit = unit
	return c, nil
}
