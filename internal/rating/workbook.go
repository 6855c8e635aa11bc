package rating

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/spreadsheet"
)

// The sheets of the workbook. The one of categories may be missing.
const (
	sheetAbout      = "说明"
	sheetCategories = "大类"
	sheetIndicators = "指标"
	sheetLevels     = "等级"
)

// What the sheet about the document may say, and what it must.
const (
	aboutID        = "短名"
	aboutName      = "评级名称"
	aboutTitle     = "文件标题"
	aboutNumber    = "文号"
	aboutBody      = "发文机关"
	aboutURL       = "网址"
	aboutPublished = "发布日期"
	aboutYear      = "评价年度"
	aboutOffice    = "责任部门"
	aboutVouches   = "认可部门"
	aboutValid     = "有效期"
	aboutSeries    = "编号代字"
	aboutFull      = "满分"
	aboutNote      = "注"
)

var aboutMust = []string{aboutID, aboutName, aboutTitle, aboutBody, aboutVouches, aboutFull}

// The headings of the other sheets.
const (
	headCategory  = "大类"
	headIndicator = "指标"
	headFull      = "满分"
	headHelp      = "评分说明"
	headVouches   = "认可部门"
	headFloor     = "最低分"
	headLevel     = "等级"
	headFrom      = "起始分"
	headTo        = "截止分"
)

// sampleMark begins what only the template says.
const sampleMark = "（示例）"

// Read reads a workbook. With problems there is no rating. The error is of a file that is no workbook.
func Read(r io.ReaderAt, size int64) (*Rating, []Problem, error) {
	limits := spreadsheet.UploadLimits
	limits.Rows, limits.Columns = 2000, 60
	book, err := spreadsheet.Open(r, size, limits)
	if err != nil {
		return nil, nil, err
	}
	ps := &problems{}
	out := &Rating{}
	sheets := map[string]*table{}
	for _, s := range book.Sheets {
		t := &table{sheet: strings.TrimSpace(s.Name), ps: ps}
		if _, err := book.Rows(s, t.row); err != nil {
			return nil, nil, err
		}
		sheets[t.sheet] = t
	}
	for _, name := range []string{sheetAbout, sheetIndicators, sheetLevels} {
		if sheets[name] == nil {
			ps.add(Cell{name, ""}, "没有这个工作表；请从样表开始填。")
		}
	}
	if len(ps.list) > 0 {
		return nil, ps.list, nil
	}
	out.readAbout(sheets[sheetAbout])
	out.readIndicators(sheets[sheetIndicators])
	if t := sheets[sheetCategories]; t != nil {
		out.readCategories(t)
	}
	out.readLevels(sheets[sheetLevels])
	if len(ps.list) == 0 {
		out.check(ps)
	}
	if len(ps.list) > 0 {
		return nil, ps.list, nil
	}
	return out, nil, nil
}

// table is a sheet that was read: a small one, held whole.
type table struct {
	sheet string
	lines []line
	ps    *problems
}

type line struct {
	n     int
	cells map[int]spreadsheet.Cell
}

func (t *table) row(n int, _ bool, cells []spreadsheet.Cell) error {
	l := line{n, map[int]spreadsheet.Cell{}}
	for _, c := range cells {
		l.cells[c.Column] = c
	}
	t.lines = append(t.lines, l)
	return nil
}

func (t *table) cell(column, n int) Cell { return Cell{t.sheet, spreadsheet.CellName(column, n)} }

// words are the words of a cell; what cannot be read is a problem.
func (t *table) words(l line, column int) string {
	c, ok := l.cells[column]
	if !ok {
		return ""
	}
	s, err := c.Words()
	if err != nil {
		t.ps.add(t.cell(column, l.n), "%s。", err.Error())
		return ""
	}
	s = strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
	if strings.HasPrefix(s, sampleMark) {
		t.ps.add(t.cell(column, l.n), "还是样表里的示例；请改成实际的内容，多余的行请删去。")
		return ""
	}
	return s
}

var decimal = regexp.MustCompile(`^\d{1,7}(\.\d{1,2})?$`)

// points are the points of a cell: a number with two decimals at most, or with a percent sign a share of the full marks.
func (t *table) points(l line, column int, full Points) (Points, bool) {
	at := t.cell(column, l.n)
	c, there := l.cells[column]
	if !there {
		t.ps.add(at, "应写分数。")
		return 0, false
	}
	s, err := c.Words()
	if err != nil {
		t.ps.add(at, "%s。", err.Error())
		return 0, false
	}
	s = strings.TrimSpace(strings.TrimSuffix(norm.NFKC.String(s), "分"))
	share := strings.HasSuffix(s, "%")
	s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	if !decimal.MatchString(s) {
		t.ps.add(at, "应写分数，最多两位小数，例如 2.5。")
		return 0, false
	}
	whole, part, _ := strings.Cut(s, ".")
	n, _ := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if !share {
		return Points(n), true
	}
	if n*int64(full)%10_000 != 0 {
		t.ps.add(at, "满分%s的%s%%不是两位小数以内的分数；请直接写分数。", full, s)
		return 0, false
	}
	return Points(n * int64(full) / 10_000), true
}

// columns finds the headings in the first line of a sheet.
func (t *table) columns(must []string, may ...string) (map[string]int, bool) {
	if len(t.lines) == 0 {
		t.ps.add(Cell{t.sheet, ""}, "是空的；第一行应是标题：%s。", strings.Join(must, "、"))
		return nil, false
	}
	found := map[string]int{}
	head := t.lines[0]
	for column := range head.cells {
		name, _, _ := strings.Cut(norm.NFKC.String(t.words(head, column)), "(")
		name = strings.TrimSpace(name)
		for _, known := range append(append([]string{}, must...), may...) {
			if name != known {
				continue
			}
			if old, twice := found[known]; twice {
				t.ps.add(t.cell(max(column, old), head.n), "标题“%s”写了两次。", known)
			}
			found[known] = column
		}
	}
	ok := true
	for _, m := range must {
		if _, there := found[m]; !there {
			t.ps.add(Cell{t.sheet, ""}, "第一行没有标题“%s”。", m)
			ok = false
		}
	}
	t.lines = t.lines[1:]
	return found, ok
}

// optional is the text of a column that may be missing.
func (t *table) optional(l line, columns map[string]int, name string) string {
	if column, there := columns[name]; there {
		return t.words(l, column)
	}
	return ""
}

var (
	shortName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,39}$`)
	yearOnly   = regexp.MustCompile(`^(19|20|21)\d\d$`)
	seriesText = regexp.MustCompile(`^[\p{Han}A-Za-z]{1,10}$`)
	validFor   = regexp.MustCompile(`^\d{1,2}(年|个?月)$`)
)

func (r *Rating) readAbout(t *table) {
	said := map[string]Cell{}
	into := map[string]*string{aboutID: &r.ID, aboutName: &r.Name, aboutTitle: &r.Title, aboutNumber: &r.Number, aboutBody: &r.Body, aboutURL: &r.URL,
		aboutYear: &r.Year, aboutOffice: &r.Office, aboutVouches: &r.Vouches, aboutValid: &r.Valid, aboutSeries: &r.Series}
	for _, l := range t.lines {
		what := t.words(l, 0)
		at := t.cell(1, l.n)
		if what == "" || what == "项目" {
			continue
		}
		if _, there := l.cells[1]; !there {
			continue
		}
		if _, twice := said[what]; twice && what != aboutNote {
			t.ps.add(t.cell(0, l.n), "“%s”写了两次。", what)
			continue
		}
		said[what] = at
		switch {
		case into[what] != nil:
			*into[what] = t.words(l, 1)
		case what == aboutFull:
			if full, ok := t.points(l, 1, 0); ok && full == 0 {
				t.ps.add(at, "满分应大于0。")
			} else {
				r.Full = full
			}
		case what == aboutPublished:
			day, err := l.cells[1].Date()
			if err != nil {
				t.ps.add(at, "%s。", err.Error())
			}
			r.Published = day
		case what == aboutNote:
			r.Notes = append(r.Notes, t.words(l, 1))
		default:
			t.ps.add(t.cell(0, l.n), "不认识的项目；可以写：%s、%s、%s、%s、%s、%s、%s、%s、%s、%s、%s、%s、%s、%s。", aboutID, aboutName, aboutTitle, aboutNumber,
				aboutBody, aboutURL, aboutPublished, aboutYear, aboutOffice, aboutVouches, aboutValid, aboutSeries, aboutFull, aboutNote)
		}
	}
	for _, must := range aboutMust {
		if _, there := said[must]; !there {
			t.ps.add(Cell{t.sheet, ""}, "请写“%s”。", must)
		}
	}
	form := func(what, text, want string, ok bool) {
		if at, there := said[what]; there && text != "" && !ok {
			t.ps.add(at, "%s", want)
		}
	}
	form(aboutID, r.ID, "短名应是英文字母开头的字母、数字和短横，例如 star-2021。", shortName.MatchString(r.ID))
	form(aboutName, r.Name, "评级名称只能有汉字、字母和数字，并以汉字或字母开头。", r.Name == clean(r.Name) && !strings.ContainsAny(r.Name[:min(1, len(r.Name))], "0123456789"))
	form(aboutYear, r.Year, "评价年度应是四位年份，例如 2021。", yearOnly.MatchString(r.Year))
	form(aboutSeries, r.Series, "编号代字应是汉字或字母，不超过10个字。", seriesText.MatchString(r.Series))
	form(aboutValid, r.Valid, "有效期应写作 3年。", validFor.MatchString(r.Valid))
}

func (r *Rating) readIndicators(t *table) {
	columns, ok := t.columns([]string{headCategory, headIndicator, headFull}, headHelp, headVouches)
	if !ok {
		return
	}
	category := ""
	for _, l := range t.lines {
		name := t.words(l, columns[headIndicator])
		if c := t.words(l, columns[headCategory]); c != "" {
			category = c
		}
		at := t.cell(columns[headIndicator], l.n)
		if name == "" {
			if _, points := l.cells[columns[headFull]]; points || t.words(l, columns[headCategory]) != "" {
				t.ps.add(at, "请写指标的名称。")
			}
			continue
		}
		if category == "" {
			t.ps.add(t.cell(columns[headCategory], l.n), "请写它属于哪个大类；与上一行相同的可以不写。")
			continue
		}
		full, ok := t.points(l, columns[headFull], r.Full)
		if ok && full == 0 {
			t.ps.add(t.cell(columns[headFull], l.n), "满分应大于0。")
		}
		x := Indicator{Name: name, Full: full, Help: t.optional(l, columns, headHelp), Vouches: t.optional(l, columns, headVouches), at: at}
		c := r.category(category)
		if c == nil {
			r.Categories = append(r.Categories, Category{Name: category, at: t.cell(columns[headCategory], l.n)})
			c = &r.Categories[len(r.Categories)-1]
		}
		c.Indicators = append(c.Indicators, x)
	}
}

func (r *Rating) category(name string) *Category {
	for i := range r.Categories {
		if r.Categories[i].Name == name {
			return &r.Categories[i]
		}
	}
	return nil
}

// readCategories reads what the categories should come to, and the least that a firm must have in each.
func (r *Rating) readCategories(t *table) {
	columns, ok := t.columns([]string{headCategory, headFull}, headFloor)
	if !ok {
		return
	}
	if len(t.lines) == 0 {
		return // the headings of the template alone
	}
	seen := map[string]bool{}
	for _, l := range t.lines {
		at := t.cell(columns[headCategory], l.n)
		name := t.words(l, columns[headCategory])
		if name == "" {
			t.ps.add(at, "请写大类的名称。")
			continue
		}
		c := r.category(name)
		if c == nil || seen[name] {
			t.ps.add(at, "“%s”在工作表“%s”里没有指标，或者在这里写了两次。", name, sheetIndicators)
			continue
		}
		seen[name] = true
		if full, ok := t.points(l, columns[headFull], r.Full); ok && full != c.Full() {
			t.ps.add(t.cell(columns[headFull], l.n), "大类“%s”写的是%s，它各项指标的满分合计%s。", name, full, c.Full())
		}
		if column, there := columns[headFloor]; there {
			if _, said := l.cells[column]; said {
				c.Floor, _ = t.points(l, column, r.Full)
				c.at = t.cell(column, l.n)
			}
		}
	}
	for i := range r.Categories {
		if c := &r.Categories[i]; !seen[c.Name] {
			t.ps.add(Cell{t.sheet, ""}, "没有写大类“%s”。", c.Name)
		}
	}
}

func (r *Rating) readLevels(t *table) {
	columns, ok := t.columns([]string{headLevel, headFrom}, headTo)
	if !ok {
		return
	}
	for _, l := range t.lines {
		x := Level{Name: t.words(l, columns[headLevel]), at: t.cell(columns[headLevel], l.n), fromAt: t.cell(columns[headFrom], l.n)}
		if x.Name == "" {
			t.ps.add(x.at, "请写等级的名称。")
			continue
		}
		x.From, _ = t.points(l, columns[headFrom], r.Full)
		if column, there := columns[headTo]; there {
			if _, said := l.cells[column]; said {
				x.toAt, x.bounded = t.cell(column, l.n), true
				x.to, _ = t.points(l, column, r.Full)
			}
		}
		r.Levels = append(r.Levels, x)
	}
}
