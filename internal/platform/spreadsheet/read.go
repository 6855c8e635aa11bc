package spreadsheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"shanglin/internal/platform/fault"
)

// The reader of uploaded workbooks. It streams one sheet and is told every cell's type, formula and number format.
// excelize writes our workbooks but does not read them: its row iterator stops without an error where a sheet is damaged,
// and does not tell a formula or a date from a figure.

// Limits bound what an uploaded workbook may cost.
type Limits struct {
	Parts    int   // entries of the zip
	Unzipped int64 // bytes of all parts that are read, together
	Shared   int64 // bytes of the table of shared texts, which is held in memory
	Rows     int   // rows that are not empty
	Columns  int
	Text     int // bytes of one cell
	Merges   int
}

// UploadLimits are those of what people upload.
var UploadLimits = Limits{Parts: 2000, Unzipped: 256 << 20, Shared: 64 << 20, Rows: 100_000, Columns: 400, Text: 2000, Merges: 1000}

// Sheet is one sheet of a workbook that was read.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// Book is a workbook that is read: Open it, choose of its Sheets, take the Rows.
type Book struct {
	parts  map[string]*zip.File
	Sheets []Sheet
	shared []string
	shown  []Kind // by style: KindNumber, KindPercent or KindDate
	epoch  int    // days by which the 1904 calendar is ahead
	lim    Limits
	left   int64 // bytes that may still be unzipped
}

func unreadable(format string, a ...any) error {
	return fault.New(fault.Invalid, fmt.Sprintf(format, a...))
}

var errTooMuch = errors.New("unzipped size limit")

// Sniff looks at the directory of a workbook only. What is no workbook is an Invalid or TooLarge fault that says why.
func Sniff(r io.ReaderAt, size int64, lim Limits) (*Book, error) {
	head := make([]byte, 8)
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	switch {
	case n == 0:
		return nil, unreadable("文件是空的")
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, unreadable("这是旧版 .xls 或加了密码的工作簿；请去掉密码，另存为“Excel 工作簿 (.xlsx)”再上传")
	case !bytes.HasPrefix(head, []byte("PK")):
		return nil, unreadable("这不是 Excel 工作簿 (.xlsx)；请在 Excel 或 WPS 中另存为“Excel 工作簿 (.xlsx)”再上传")
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "工作簿已损坏，无法打开；请重新保存后再上传", err)
	}
	w := &Book{parts: map[string]*zip.File{}, lim: lim, left: lim.Unzipped}
	if len(z.File) > lim.Parts {
		return nil, fault.New(fault.TooLarge, "工作簿内部的部件过多")
	}
	for _, f := range z.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		if f.Flags&1 != 0 {
			return nil, unreadable("工作簿加了密码；请去掉密码再上传")
		}
		if w.parts[name] != nil {
			return nil, unreadable("工作簿已损坏：内部部件重复")
		}
		if f.UncompressedSize64 > uint64(lim.Unzipped) {
			return nil, fault.New(fault.TooLarge, "工作簿解压后过大；请删去多余的工作表和格式，或拆成几个文件")
		}
		w.parts[name] = f
	}
	if w.parts["xl/workbook.xml"] == nil {
		return nil, unreadable("这不是 Excel 工作簿 (.xlsx)；请在 Excel 或 WPS 中另存为“Excel 工作簿 (.xlsx)”再上传")
	}
	return w, nil
}

// Open reads everything of a workbook but its rows. Errors as Sniff.
func Open(r io.ReaderAt, size int64, lim Limits) (*Book, error) {
	w, err := Sniff(r, size, lim)
	if err != nil {
		return nil, err
	}
	for _, read := range []func() error{w.readBook, w.readStyles, w.readShared} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Size is how many bytes a sheet unzips to, as the workbook claims; at least 1.
func (w *Book) Size(s Sheet) int64 {
	if f := w.parts[s.part]; f != nil {
		return max(1, int64(f.UncompressedSize64))
	}
	return 1
}

// Taken is how many bytes have been unzipped so far.
func (w *Book) Taken() int64 { return w.lim.Unzipped - w.left }

// open streams a part; reading more than the whole workbook may unzip to fails with errTooMuch.
func (w *Book) open(part string) (io.ReadCloser, error) {
	f := w.parts[part]
	if f == nil {
		return nil, unreadable("工作簿已损坏：缺少内部部件")
	}
	if f.Method != zip.Store && f.Method != zip.Deflate {
		return nil, unreadable("工作簿使用了不支持的压缩方式；请重新保存后再上传")
	}
	if f.UncompressedSize64 > uint64(max(0, w.left)) {
		return nil, fault.New(fault.TooLarge, "工作簿解压后过大；请删去多余的工作表和格式，或拆成几个文件")
	}
	rc, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return &metered{ReadCloser: rc, w: w}, nil
}

// metered counts what is unzipped, and refuses a single text or tag so long that the decoder would hold it all in memory.
type metered struct {
	io.ReadCloser
	w   *Book
	run int
}

const longestToken = 4 << 20

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if m.w.left -= int64(n); m.w.left < 0 {
		return 0, errTooMuch
	}
	if i := bytes.LastIndexAny(p[:n], "<>"); i >= 0 {
		m.run = n - i
	} else if m.run += n; m.run > longestToken {
		return 0, errTooMuch
	}
	return n, err
}

// foreign is an error of whoever takes the rows, not of the workbook.
type foreign struct{ error }

// damaged turns what a decoder or an unzipper says into what a person can act upon.
func damaged(err error) error {
	var f *fault.Error
	var syntax *xml.SyntaxError
	var corrupt flate.CorruptInputError
	var ours *foreign
	switch {
	case errors.As(err, &ours):
		return ours.error
	case errors.As(err, &f):
		return err
	case errors.Is(err, errTooMuch):
		return fault.Wrap(fault.TooLarge, "工作簿解压后过大；请删去多余的工作表和格式，或拆成几个文件", err)
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "illegal character"):
		return fault.Wrap(fault.Invalid, "工作簿里有不允许的控制字符（例如 NUL）；请重新保存后再上传", err)
	case errors.As(err, &syntax), errors.As(err, &corrupt), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.Wrap(fault.Invalid, "工作簿已损坏，没有读完整；请重新保存后再上传", err)
	default:
		return fault.Wrap(fault.Invalid, "工作簿无法读取；请重新保存后再上传", err)
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// each calls fn for every element of a part; fn may consume the element through the decoder.
func (w *Book) each(part string, fn func(d *xml.Decoder, e xml.StartElement) error) error {
	rc, err := w.open(part)
	if err != nil {
		return err
	}
	defer rc.Close()
	d := xml.NewDecoder(rc)
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := fn(d, e); err != nil {
				return damaged(err)
			}
		}
	}
}

func (w *Book) readBook() error {
	targets := map[string]string{}
	if w.parts["xl/_rels/workbook.xml.rels"] != nil {
		if err := w.each("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) error {
			if e.Name.Local == "Relationship" {
				target := attr(e, "Target")
				if !strings.HasPrefix(target, "/") {
					target = path.Join("xl", target)
				}
				targets[attr(e, "Id")] = strings.TrimPrefix(target, "/")
			}
			return nil
		}); err != nil {
			return err
		}
	}
	err := w.each("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			if v := attr(e, "date1904"); v == "1" || v == "true" {
				w.epoch = 1462
			}
		case "sheet":
			s := Sheet{Name: attr(e, "name"), Hidden: attr(e, "state") == "hidden" || attr(e, "state") == "veryHidden"}
			for _, a := range e.Attr {
				if a.Name.Local == "id" && targets[a.Value] != "" {
					s.part = targets[a.Value]
				}
			}
			if len(w.Sheets) == 255 {
				return unreadable("工作表过多")
			}
			w.Sheets = append(w.Sheets, s)
		}
		return nil
	})
	if err == nil && len(w.Sheets) == 0 {
		return unreadable("工作簿里没有工作表")
	}
	return err
}

func (w *Book) readStyles() error {
	if w.parts["xl/styles.xml"] == nil {
		return nil
	}
	codes := map[string]string{}
	inside := false
	return w.each("xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			codes[attr(e, "numFmtId")] = attr(e, "formatCode")
		case "cellXfs":
			inside = true
		case "cellStyles", "dxfs":
			inside = false
		case "xf":
			if inside && len(w.shown) < 65536 {
				w.shown = append(w.shown, kindOfFormat(attr(e, "numFmtId"), codes))
			}
		}
		return nil
	})
}

func (w *Book) readShared() error {
	if w.parts["xl/sharedStrings.xml"] == nil {
		return nil
	}
	if w.parts["xl/sharedStrings.xml"].UncompressedSize64 > uint64(w.lim.Shared) {
		return fault.New(fault.TooLarge, "工作簿里的文字过多；请删去多余的工作表，或拆成几个文件")
	}
	return w.each("xl/sharedStrings.xml", func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := w.readText(d)
		w.shared = append(w.shared, text)
		return err
	})
}

// readText reads the text of an element up to its end: <t>…</t>, or runs of rich text; phonetic hints are left out.
// Text beyond the limit of a cell is cut where it is still too long to be taken.
func (w *Book) readText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	taking := false
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch x := t.(type) {
		case xml.StartElement:
			if x.Name.Local == "rPh" {
				if err := d.Skip(); err != nil {
					return "", err
				}
				continue
			}
			depth++
			taking = x.Name.Local == "t"
		case xml.EndElement:
			depth--
			taking = false
		case xml.CharData:
			if taking {
				b.Write(x[:min(len(x), max(0, w.lim.Text+1-b.Len()))])
			}
		}
	}
	if b.Len() > w.lim.Text {
		return b.String(), nil
	}
	return unescape(b.String()), nil
}

// RowFunc is given one row that is not empty; the cells are only valid during the call.
type RowFunc func(line int, hidden bool, cells []Cell) error

// Merge is a range of merged cells: columns from 0, lines from 1, both ends included.
type Merge struct{ Column1, Line1, Column2, Line2 int }

// Rows streams a sheet. The merged ranges stand behind the rows in the file, so they are returned at the end.
func (w *Book) Rows(s Sheet, fn RowFunc) ([]Merge, error) {
	var merges []Merge
	line, count := 0, 0
	var cells []Cell
	inData := false
	err := w.each(s.part, func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "sheetData":
			inData = true
		case "mergeCell":
			from, to, ok := strings.Cut(attr(e, "ref"), ":")
			c1, l1, ok1 := splitRef(from)
			c2, l2, ok2 := splitRef(to)
			if !ok || !ok1 || !ok2 {
				return unreadable("工作簿已损坏：合并单元格的范围读不懂")
			}
			if len(merges) == w.lim.Merges {
				return unreadable("合并单元格过多；请取消合并后再上传")
			}
			merges = append(merges, Merge{c1, l1, c2, l2})
		case "row":
			if !inData {
				return nil
			}
			n := line + 1
			if r := attr(e, "r"); r != "" {
				var err error
				if n, err = strconv.Atoi(r); err != nil || n <= line || n > 1<<20 {
					return unreadable("工作簿已损坏：第%d行之后的行号错乱", line)
				}
			}
			line = n
			var err error
			if cells, err = w.readRow(d, line, cells[:0]); err != nil {
				return err
			}
			if len(cells) == 0 {
				return nil
			}
			if count++; count > w.lim.Rows+1 {
				return fault.New(fault.TooLarge, fmt.Sprintf("超过%d行；请拆成几个文件上传", w.lim.Rows))
			}
			hidden := attr(e, "hidden")
			if err := fn(line, hidden == "1" || hidden == "true", cells); err != nil {
				return &foreign{err}
			}
		}
		return nil
	})
	return merges, err
}

func (w *Book) readRow(d *xml.Decoder, line int, cells []Cell) ([]Cell, error) {
	next := 0
	for {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch x := t.(type) {
		case xml.EndElement:
			return cells, nil
		case xml.StartElement:
			if x.Name.Local != "c" {
				if err := d.Skip(); err != nil {
					return nil, err
				}
				continue
			}
			column := next
			if ref := attr(x, "r"); ref != "" {
				c, l, ok := splitRef(ref)
				if !ok || l != line || c < next {
					return nil, unreadable("工作簿已损坏：第%d行的单元格位置错乱", line)
				}
				column = c
			}
			next = column + 1
			kind, text, err := w.readCell(d, x)
			if err != nil {
				return nil, err
			}
			if kind == KindBlank {
				continue
			}
			if column >= w.lim.Columns {
				return nil, unreadable("第%d行超出%d列；请删去右侧多余的内容", line, w.lim.Columns)
			}
			cells = append(cells, Cell{column, kind, text})
		}
	}
}

func (w *Book) readCell(d *xml.Decoder, e xml.StartElement) (Kind, string, error) {
	typ, style := attr(e, "t"), attr(e, "s")
	var raw string
	var formula, inline bool
	for {
		t, err := d.Token()
		if err != nil {
			return 0, "", err
		}
		switch x := t.(type) {
		case xml.EndElement:
			if formula {
				return KindFormula, "", nil
			}
			kind, text := w.value(typ, style, raw, inline)
			return kind, text, nil
		case xml.StartElement:
			switch x.Name.Local {
			case "f":
				formula = true
				err = d.Skip()
			case "v":
				raw, err = w.readPlain(d)
			case "is":
				inline = true
				raw, err = w.readText(d)
			default:
				err = d.Skip()
			}
			if err != nil {
				return 0, "", err
			}
		}
	}
}

// readPlain reads the plain text of <v>.
func (w *Book) readPlain(d *xml.Decoder) (string, error) {
	var text string
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch x := t.(type) {
		case xml.EndElement:
			return text, nil
		case xml.CharData:
			if len(text) <= w.lim.Text {
				text += string(x)
			}
		case xml.StartElement:
			if err := d.Skip(); err != nil {
				return "", err
			}
		}
	}
}
