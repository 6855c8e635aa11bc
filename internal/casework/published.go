package casework

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
)

// ListFile is a list that an upper body published, as a workbook (XLSX) or as text with commas (CSV).
type ListFile struct {
	SHA256  string
	content []byte
	csv     bool
}

// mostList is how many bytes, and how many rows, a published list may have.
const (
	mostList = 16 << 20
	mostRows = 20_000
)

// NewListFile takes the content of a list; the name says whether it is CSV.
func NewListFile(name string, r io.Reader) (*ListFile, error) {
	content, err := io.ReadAll(io.LimitReader(r, mostList+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > mostList:
		return nil, fault.New(fault.TooLarge, "名单文件过大")
	}
	sum := sha256.Sum256(content)
	return &ListFile{SHA256: hex.EncodeToString(sum[:]), content: content, csv: strings.HasSuffix(strings.ToLower(name), ".csv")}, nil
}

// The headings of a published list. What others call them is read as well.
const (
	headName = "企业名称"
	headCode = "统一社会信用代码"
	headMark = "证书编号"
)

var headings = map[string]string{headName: headName, "单位名称": headName, "企业全称": headName, "名称": headName, headCode: headCode, "社会信用代码": headCode, "统一信用代码": headCode, headMark: headMark}

// publishedList is a list as it is read.
type publishedList struct {
	sheet   string         // empty: CSV
	columns map[string]int // of the headings; empty before they were found
	rows    []publishedRow
	details []fault.Detail
}

type publishedRow struct {
	line             int
	name, code, mark string
}

func (l *publishedList) bad(line int, heading, format string, a ...any) {
	where := fmt.Sprintf("第%d行“%s”", line, heading)
	if l.sheet != "" {
		where = fmt.Sprintf("工作表“%s”%s（%s）", l.sheet, where, spreadsheet.CellName(l.columns[heading], line))
	}
	l.details = append(l.details, fault.At(where, format, a...))
}

func (l *publishedList) wrong() error {
	if len(l.details) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, fmt.Sprintf("名单中有%d处不对，没有写入任何内容", len(l.details)), l.details[:min(len(l.details), 200)]...)
}

// read reads every row after the headings. Invalid names every cell that cannot be read.
func (f *ListFile) read() (*publishedList, error) {
	l := &publishedList{columns: map[string]int{}}
	var err error
	if f.csv {
		err = l.readText(f.content)
	} else {
		err = l.readBook(f.content)
	}
	switch {
	case err != nil:
		return nil, err
	case len(l.columns) == 0:
		return nil, fault.New(fault.Invalid, "没有找到表头：名单应有“"+headName+"”和“"+headCode+"”两栏")
	case len(l.rows) == 0 && len(l.details) == 0:
		return nil, fault.New(fault.Invalid, "名单中没有企业")
	}
	return l, nil
}

func (l *publishedList) readBook(content []byte) error {
	book, err := spreadsheet.Open(bytes.NewReader(content), int64(len(content)), spreadsheet.UploadLimits)
	if err != nil {
		return err
	}
	l.sheet = book.Sheets[0].Name
	headed := 0
	merges, err := book.Rows(book.Sheets[0], func(line int, _ bool, cells []spreadsheet.Cell) error {
		words, why := map[int]string{}, map[int]string{}
		for _, cell := range cells {
			text, err := cell.Words()
			if words[cell.Column] = text; err != nil {
				why[cell.Column] = err.Error()
			}
		}
		if len(l.columns) == 0 {
			l.head(words)
			headed = line
			return nil
		}
		return l.row(line, words, why)
	})
	for _, m := range merges {
		if err == nil && m.Line2 > headed {
			l.details = append(l.details, fault.At(fmt.Sprintf("工作表“%s”%s", l.sheet, spreadsheet.CellName(m.Column1, m.Line1)), "是合并的单元格，请取消合并"))
		}
	}
	return err
}

func (l *publishedList) readText(content []byte) error {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return fault.New(fault.Invalid, "读不出名单里的字：请另存为UTF-8的CSV，或者存为Excel工作簿（.xlsx）")
		}
		content = text
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fault.Wrap(fault.Invalid, "名单不是规范的CSV：引号没有配对", err)
		}
		line, _ := r.FieldPos(0)
		words := map[int]string{}
		for i, text := range cells {
			words[i+1] = strings.TrimSpace(text)
		}
		if len(l.columns) == 0 {
			l.head(words)
		} else if err := l.row(line, words, nil); err != nil {
			return err
		}
	}
}

// head takes a row for the headings if both that are needed are in it.
func (l *publishedList) head(words map[int]string) {
	found := map[string]int{}
	for column, text := range words {
		if heading := headings[text]; heading != "" {
			found[heading] = column
		}
	}
	if found[headName] != 0 && found[headCode] != 0 {
		l.columns = found
	}
}

func (l *publishedList) row(line int, words, why map[int]string) error {
	blank := len(why) == 0
	for _, text := range words {
		blank = blank && text == ""
	}
	if blank {
		return nil
	}
	if len(l.rows) == mostRows {
		return fault.New(fault.TooLarge, fmt.Sprintf("名单最多%d行", mostRows))
	}
	said := func(heading string, most int) string {
		column := l.columns[heading]
		text := strings.TrimSpace(words[column])
		switch {
		case why[column] != "":
			l.bad(line, heading, "%s", why[column])
		case text == "" && heading != headMark:
			l.bad(line, heading, "没有填写")
		case utf8.RuneCountInString(text) > most || !store.Plain(text) || strings.Contains(text, "\n"):
			l.bad(line, heading, "不能超过%d个字，也不能含控制字符或换行", most)
		}
		return text
	}
	x := publishedRow{line: line, name: said(headName, 100), code: registry.NormalCode(said(headCode, 40))}
	if l.columns[headMark] != 0 {
		x.mark = said(headMark, 60)
	}
	if x.code != "" && why[l.columns[headCode]] == "" {
		if err := registry.CheckCode(x.code); err != nil {
			l.bad(line, headCode, "%s", fault.Public(err).Message)
		}
	}
	l.rows = append(l.rows, x)
	return nil
}
