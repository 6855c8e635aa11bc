package spreadsheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`

// parts of a small workbook, any of which a test may replace.
func parts(sheetXML string) map[string]string {
	return map[string]string{
		"[Content_Types].xml":        xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"xl/workbook.xml":            xmlHead + `<workbook xmlns:r="r"><sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": xmlHead + `<Relationships><Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   xmlHead + sheetXML,
	}
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll reads every row of the first sheet: "3: B=text …".
func readAll(data []byte, lim Limits) (rows []string, merges []Merge, err error) {
	w, err := Open(bytes.NewReader(data), int64(len(data)), lim)
	if err != nil {
		return nil, nil, err
	}
	merges, err = w.Rows(w.Sheets[0], func(line int, hidden bool, cells []Cell) error {
		row := fmt.Sprintf("%d:", line)
		for _, c := range cells {
			row += fmt.Sprintf(" %s=%d|%s", ColumnName(c.Column), c.Kind, c.Text)
		}
		rows = append(rows, row)
		return nil
	})
	return rows, merges, err
}

func TestCells(t *testing.T) {
	p := parts(`<worksheet><sheetData>
		<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2"><v>9990.1000000000004</v></c><c r="D2" s="1"><v>45413</v></c><c r="E2" s="2"><v>0.456</v></c></row>
		<row r="3"><c t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r><rPh><t>jia</t></rPh></is></c><c t="str"><v>丙</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>
		<row r="5"><c r="A5"><f>1+1</f><v>2</v></c><c r="B5"><v>1.2E+08</v></c><c r="C5" s="3"><v>5</v></c><c r="D5" t="s"><v>99</v></c><c r="E5"><v>1E+300</v></c></row>
		<row r="6"><c r="A6"/><c r="B6" t="s"><v>1</v></c></row>
		<row><c r="A7"><v>-0.05</v></c><c r="B7" s="2"><v>1E-3</v></c><c r="C7" s="1"><v>60</v></c><c r="D7" t="d"><v>2024-05-01T00:00:00</v></c><c r="E7" s="4"><v>45413.5</v></c></row>
	</sheetData><mergeCells count="1"><mergeCell ref="B2:C3"/></mergeCells></worksheet>`)
	p["xl/sharedStrings.xml"] = xmlHead + `<sst><si><t xml:space="preserve"> 头_x000D_ </t></si><si><t> </t></si></sst>`
	p["xl/styles.xml"] = xmlHead + `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.00%"/><numFmt numFmtId="165" formatCode="&quot;days&quot; 0"/><numFmt numFmtId="166" formatCode="[$-804]yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts>
		<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`
	rows, merges, err := readAll(zipped(t, p), UploadLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2: B=1|头 C=2|9990.1 D=4|2024-05-01 E=3|45.6",
		"3: A=1|甲乙 B=1|丙 C=5|是 D=6|",
		"5: A=7| B=2|120000000 C=2|5 D=6| E=6|",
		"7: A=2|-0.05 B=3|0.1 C=6| D=4|2024-05-01 E=4|2024-05-01",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	if len(merges) != 1 || merges[0] != (Merge{1, 2, 2, 3}) {
		t.Errorf("merges %+v", merges)
	}
	p["xl/workbook.xml"] = strings.Replace(p["xl/workbook.xml"], "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)
	rows, _, err = readAll(zipped(t, p), UploadLimits)
	if err != nil || !strings.Contains(rows[0], "D=4|2028-05-02") {
		t.Errorf("the calendar of 1904: %v, %v", rows, err)
	}
}

func TestPlainNumber(t *testing.T) {
	for _, c := range []struct {
		f     float64
		shift int
		want  string
	}{
		{0, 0, "0"}, {math.Copysign(0, -1), 2, "0"}, {1, 0, "1"}, {0.1 + 0.2, 0, "0.3"}, {9990.1000000000004, 0, "9990.1"}, {1.2e8, 0, "120000000"}, {0.456, 2, "45.6"}, {0.5, 2, "50"},
		{1e-7, 0, "0.0000001"}, {-12.5, 0, "-12.5"}, {123456789012345, 0, "123456789012345"}, {1234567890123456, 0, "1234567890123460"}, {0.005, 2, "0.5"}, {33.33, 2, "3333"},
	} {
		if got := plainNumber(c.f, c.shift); got != c.want {
			t.Errorf("%v shifted by %d: %s, want %s", c.f, c.shift, got, c.want)
		}
	}
}

func TestColumnNames(t *testing.T) {
	for n, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := ColumnName(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
		if column, line, ok := splitRef(want + "7"); !ok || column != n || line != 7 {
			t.Errorf("%s7: %d, %d, %v", want, column, line, ok)
		}
	}
	for _, ref := range []string{"", "A", "7", "A0", "A-1", "A+1", "A9999999", "ABCDE1", "甲1", "1A"} {
		if _, _, ok := splitRef(ref); ok {
			t.Errorf("%q was read", ref)
		}
	}
}

// Mutations: drop the check of the size in open and in metered.Read (each alone would do), drop longestToken, ignore the error of d.Token in
// each → red.
func TestHostileWorkbooks(t *testing.T) {
	data := func(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }
	small := UploadLimits
	small.Unzipped, small.Rows, small.Columns, small.Merges = 1<<20, 10, 5, 2
	with := func(change func(map[string]string)) []byte {
		p := parts(data(`<row r="1"><c r="A1"><v>1</v></c></row>`))
		change(p)
		return zipped(t, p)
	}
	sheet := func(rows string) []byte { return zipped(t, parts(data(rows))) }
	cases := []struct {
		name string
		data []byte
		code fault.Code
	}{
		{"a bomb", sheet(`<row r="1"><c r="A1" t="inlineStr"><is><t>` + strings.Repeat("0", 2<<20) + `</t></is></c></row>`), fault.TooLarge},
		{"a bomb that lies about its size", lying(t, strings.Repeat(" ", 2<<20)), fault.Invalid},
		{"a bomb of shared texts", with(func(p map[string]string) {
			p["xl/sharedStrings.xml"] = "<sst>" + strings.Repeat("<si><t>a</t></si>", 1<<17) + "</sst>"
		}), fault.TooLarge},
		{"a bomb of styles", with(func(p map[string]string) { p["xl/styles.xml"] = "<a>" + strings.Repeat("<xf/>", 1<<19) + "</a>" }), fault.TooLarge},
		{"entities", with(func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`
		}), fault.Invalid},
		{"a file from outside", with(func(p map[string]string) {
			p["xl/_rels/workbook.xml.rels"] = `<Relationships><Relationship Id="rId1" Target="../../../../etc/passwd"/></Relationships>`
		}), fault.Invalid},
		{"no sheet at all", with(func(p map[string]string) { p["xl/workbook.xml"] = `<workbook/>` }), fault.Invalid},
		{"a sheet that is not there", with(func(p map[string]string) { delete(p, "xl/worksheets/sheet1.xml") }), fault.Invalid},
		{"three hundred sheets", with(func(p map[string]string) {
			p["xl/workbook.xml"] = `<workbook><sheets>` + strings.Repeat(`<sheet name="a"/>`, 300) + `</sheets></workbook>`
		}), fault.Invalid},
		{"too many rows", sheet(strings.Repeat(`<row><c><v>1</v></c></row>`, 12)), fault.TooLarge},
		{"many empty rows are fine", sheet(strings.Repeat(`<row/>`, 1000) + `<row><c><v>1</v></c></row>`), ""},
		{"too many columns", sheet(`<row r="1"><c r="F1"><v>1</v></c></row>`), fault.Invalid},
		{"many empty columns are fine", sheet(`<row r="1"><c r="A1"><v>1</v></c><c r="ZZ1" s="1"/></row>`), ""},
		{"rows out of order", sheet(`<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>`), fault.Invalid},
		{"the same row twice", sheet(`<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>`), fault.Invalid},
		{"cells out of order", sheet(`<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`), fault.Invalid},
		{"a cell of another row", sheet(`<row r="1"><c r="A2"><v>1</v></c></row>`), fault.Invalid},
		{"row number nonsense", sheet(`<row r="x"><c><v>1</v></c></row>`), fault.Invalid},
		{"row beyond the sheet", sheet(`<row r="99999999"><c><v>1</v></c></row>`), fault.Invalid},
		{"torn XML", with(func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c`
		}), fault.Invalid},
		{"XML that ends early", with(func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>`
		}), fault.Invalid},
		{"a NUL", sheet("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a\x00b</t></is></c></row>"), fault.Invalid},
		{"not UTF-8", sheet("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>\xff\xfe</t></is></c></row>"), fault.Invalid},
		{"another encoding", with(func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<?xml version="1.0" encoding="GBK"?><worksheet/>`
		}), fault.Invalid},
		{"merges without end", zipped(t, parts(`<worksheet><sheetData/><mergeCells>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, 3)+`</mergeCells></worksheet>`)), fault.Invalid},
		{"a merge of nonsense", zipped(t, parts(`<worksheet><sheetData/><mergeCells><mergeCell ref="A1:"/></mergeCells></worksheet>`)), fault.Invalid},
		{"an encrypted part", flagged(t), fault.Invalid},
		{"the same part twice", doubled(t), fault.Invalid},
		{"deep nesting", sheet(strings.Repeat("<x>", 10000) + strings.Repeat("</x>", 10000)), ""},
	}
	for _, c := range cases {
		_, _, err := readAll(c.data, small)
		if got := fault.CodeOf(err); got != c.code {
			t.Errorf("%s: %q, want %q (%v)", c.name, got, c.code, err)
		}
		var f *fault.Error
		if errors.As(err, &f) && (f.Message == "" || !strings.ContainsFunc(f.Message, func(r rune) bool { return r > 0x4e00 })) {
			t.Errorf("%s: no sentence for people: %v", c.name, err)
		}
	}
	// One text that the decoder would have to hold in memory as a whole, in a workbook that is not too large otherwise.
	long := sheet(`<row r="1"><c r="A1" t="inlineStr"><is><t>` + strings.Repeat("0", longestToken+1<<20) + `</t></is></c></row>`)
	if _, _, err := readAll(long, UploadLimits); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("a long text: %v", err)
	}
	many := parts(data(""))
	for i := range 2001 {
		many[fmt.Sprintf("x%d", i)] = ""
	}
	if _, _, err := readAll(zipped(t, many), UploadLimits); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("many parts: %v", err)
	}
}

// lying writes a workbook whose sheet claims to unzip to less than what is given.
func lying(t *testing.T, text string) []byte {
	t.Helper()
	p := parts("")
	delete(p, "xl/worksheets/sheet1.xml")
	data := zipped(t, p)
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range r.File {
		if err := z.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	body := `<worksheet><sheetData>` + text + `</sheetData></worksheet>`
	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deflate.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := deflate.Close(); err != nil {
		t.Fatal(err)
	}
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(body)),
		CompressedSize64: uint64(packed.Len()), UncompressedSize64: 900 << 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flagged sets the bit of encryption on every part.
func flagged(t *testing.T) []byte {
	data := zipped(t, parts("<worksheet/>"))
	for i := 0; i+10 < len(data); i++ {
		if bytes.HasPrefix(data[i:], []byte("PK\x01\x02")) {
			data[i+8] |= 1
		}
	}
	return data
}

func doubled(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 2 {
		for name, text := range parts("<worksheet/>") {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
