package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"shanglin/internal/platform/fault"
)

// ---- honest files, made here ----

func aPDF(body string) string {
	return "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<<>>\nendobj\n" + body + "\nxref\n0 1\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"
}

func aJPEG() string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		panic(err)
	}
	return b.String()
}

// jfif is a JPEG that says at its beginning what cameras say.
func jfif(jpeg string) string {
	return jpeg[:2] + "\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + jpeg[2:]
}

func aPNG() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		panic(err)
	}
	return b.String()
}

// part of a package: a name and what stands in it.
type part struct{ name, body string }

func aZip(parts ...part) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = w.Write([]byte(p.body))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

const (
	wordMain  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	sheetMain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
)

func contentTypes(overrides ...string) part {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>`)
	for i := 0; i+1 < len(overrides); i += 2 {
		fmt.Fprintf(&b, `<Override PartName=%q ContentType=%q/>`, overrides[i], overrides[i+1])
	}
	b.WriteString(`</Types>`)
	return part{"[Content_Types].xml", b.String()}
}

func aDOCX(more ...part) string {
	return aZip(append([]part{contentTypes("/word/document.xml", wordMain), {"word/document.xml", "<w:document/>"}}, more...)...)
}

func anXLSX(more ...part) string {
	return aZip(append([]part{contentTypes("/xl/workbook.xml", sheetMain), {"xl/workbook.xml", "<workbook/>"}}, more...)...)
}

const ofdRoot = `<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`

func anOFD(more ...part) string {
	return aZip(append([]part{{"OFD.xml", ofdRoot}, {"Doc_0/Document.xml", "<ofd:Document/>"}}, more...)...)
}

// ---- hostile ones ----

func pngChunk(name string, data []byte) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

func pngHead(width, height uint32) string {
	b := binary.BigEndian.AppendUint32(nil, width)
	b = binary.BigEndian.AppendUint32(b, height)
	return "\x89PNG\r\n\x1a\n" + pngChunk("IHDR", append(b, 8, 0, 0, 0, 0))
}

// lying makes every part claim to be n bytes.
func lying(archive string, n uint32) string {
	b := []byte(archive)
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return string(b)
		}
		at += i
		binary.LittleEndian.PutUint32(b[at+24:], n)
	}
}

// locked sets the flag of a password on every part.
func locked(archive string) string {
	b := []byte(archive)
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return string(b)
		}
		at += i
		b[at+8] |= 1
	}
}

func manyParts(n int) []part {
	var out []part
	for i := range n {
		out = append(out, part{fmt.Sprintf("word/media/%d.xml", i), ""})
	}
	return out
}

func sniffed(content string) (Type, error) {
	return sniff(strings.NewReader(content), int64(len(content)))
}

// What a file is stands in its content.
func TestSniffKnows(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    Type
	}{
		"PDF":                        {aPDF(""), PDF},
		"PDF with an end like paper": {aPDF("") + "\r\n\x00\x00", PDF},
		"PDF 2":                      {strings.Replace(aPDF(""), "1.7", "2.0", 1), PDF},
		"JPEG":                       {aJPEG(), JPEG},
		"JPEG of a camera":           {jfif(aJPEG()), JPEG},
		"JPEG with a film after it":  {aJPEG() + "\x00\x00\x00\x18ftypmp42", JPEG},
		"PNG":                        {aPNG(), PNG},
		"DOCX":                       {aDOCX(part{"word/media/image1.png", aPNG()}), DOCX},
		"DOCX, another main part":    {aZip(contentTypes("/word/document2.xml", wordMain), part{"word/document2.xml", "<w:document/>"}), DOCX},
		"DOCX, a slash in front":     {aZip(contentTypes("/word/document.xml", wordMain), part{"/word/document.xml", "<w:document/>"}), DOCX},
		"XLSX":                       {anXLSX(part{"xl/worksheets/sheet1.xml", "<worksheet/>"}), XLSX},
		"OFD":                        {anOFD(), OFD},
		"OFD, separators of Windows": {aZip(part{"OFD.xml", ofdRoot}, part{`Doc_0\Document.xml`, "<ofd:Document/>"}), OFD},
		"OFD, root with a slash":     {aZip(part{"OFD.xml", strings.Replace(ofdRoot, "Doc_0/", "/Doc_0/", 1)}, part{"Doc_0/Document.xml", "<ofd:Document/>"}), OFD},
		"a part that shrinks much":   {aDOCX(part{"word/media/white.bmp", strings.Repeat("\x00", 8<<20)}), DOCX},
	} {
		got, err := sniffed(c.content)
		if err != nil || got != c.want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

// Everything else is refused, in a sentence that helps, and never taken for something it is not.
//
// Mutations, each red: no tail of a PDF; no line in a JPEG; no CRC, no line, no size, no bound on pixels of a PNG; something after a PNG's end;
// no look for vbaProject.bin, for macroEnabled, for macro sheets; no bound on claimed sizes; go on after an error of unzipping; no bound on
// the number of parts or on the list of them, or on what is read of one; leave out the check of names, of repeated names, of passwords, of what stands after the list.
func TestSniffRefuses(t *testing.T) {
	xlsm := strings.Replace(sheetMain, "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "vnd.ms-excel.sheet.macroEnabled.main+xml", 1)
	damagedPNG := []byte(aPNG())
	damagedPNG[len(damagedPNG)-20] ^= 1 // within IDAT
	damagedDOCX := []byte(aDOCX())
	at := bytes.Index(damagedDOCX, []byte("word/document.xml")) + len("word/document.xml") + 2
	damagedDOCX[at] ^= 0xFF // within the compressed bytes of the part
	for name, c := range map[string]struct {
		content string
		says    string
	}{
		"text":                 {"hello", "认不出"},
		"one byte":             {"%", "认不出"},
		"a page":               {"<!DOCTYPE html><script>alert(1)</script>", "认不出"},
		"a program":            {"MZ\x90\x00" + strings.Repeat("\x00", 600), "认不出"},
		"a picture with code":  {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "认不出"},
		"GIF":                  {"GIF89a\x01\x00\x01\x00", "认不出"},
		"old Word":             {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600), "旧版"},
		"HEIC":                 {"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00", "HEIC"},
		"RAR":                  {"Rar!\x1a\x07\x01\x00", "压缩包"},
		"a PDF behind a page":  {"<html>" + aPDF(""), "认不出"},
		"PDF cut off":          {aPDF(strings.Repeat("x", 4000))[:3000], "PDF文件已损坏"},
		"PDF in name only":     {"%PDF-hello startxref %%EOF", "PDF文件已损坏"},
		"PDF of a few bytes":   {"%PDF-", "PDF文件已损坏"},
		"JPEG cut off":         {aJPEG()[:len(aJPEG())-2], "JPEG文件已损坏"},
		"JPEG in name only":    {"\xFF\xD8\xFF<script>alert(1)</script>", "JPEG文件已损坏"},
		"JPEG without a line":  {jfif(aJPEG()[:strings.Index(aJPEG(), "\xFF\xDA")] + "\xFF\xD9"), "JPEG文件已损坏"},
		"JPEG, head and end":   {"\xFF\xD8\xFF\xE0\x00\x02\xFF\xD9", "JPEG文件已损坏"},
		"PNG cut off":          {aPNG()[:len(aPNG())-8], "PNG文件已损坏"},
		"PNG damaged":          {string(damagedPNG), "PNG文件已损坏"},
		"PNG and more":         {aPNG() + "PK\x03\x04", "PNG文件已损坏"},
		"PNG without a line":   {pngHead(8, 8) + pngChunk("IEND", nil), "PNG文件已损坏"},
		"PNG in name only":     {"\x89PNG\r\n\x1a\nhello", "PNG文件已损坏"},
		"PNG of no size":       {pngHead(0, 8) + pngChunk("IDAT", nil) + pngChunk("IEND", nil), "PNG文件已损坏"},
		"PNG as large as land": {pngHead(50000, 50000) + pngChunk("IDAT", nil) + pngChunk("IEND", nil), "尺寸过大"},
		"PNG that claims 4 GB": {pngHead(8, 8) + "\xFF\xFF\xFF\xFFIDAT", "PNG文件已损坏"},

		"a zip":                        {aZip(part{"a.txt", "hello"}), "压缩包"},
		"an empty zip":                 {aZip(), "认不出"},
		"a zip cut off":                {aDOCX()[:300], "已损坏"},
		"a zip and more":               {aDOCX() + "<script>", "已损坏"},
		"a zip behind a zip":           {aZip(part{"a.txt", "x"}) + aDOCX(), "已损坏"},
		"a zip with a damaged part":    {string(damagedDOCX), "已损坏"},
		"a zip with a password":        {locked(aDOCX()), "密码"},
		"a zip bomb":                   {lying(aDOCX(), mostUnzipped/2+1), "解压后过大"},
		"a zip bomb of one part":       {lying(aZip(part{"a.bin", "x"}), mostUnzipped+1), "解压后过大"},
		"a zip bomb that lies":         {lying(aDOCX(part{"word/a.bin", strings.Repeat("\x00", 8<<20)}), 10), "已损坏"},
		"a zip of a thousand parts":    {aDOCX(manyParts(mostParts)...), "部件过多"},
		"a zip with a long list":       {aDOCX(part{"word/" + strings.Repeat("a", 60000), ""}, part{"word/" + strings.Repeat("b", 60000), ""}, part{"word/" + strings.Repeat("c", 60000), ""}), ""},
		"a name out of the folder":     {aDOCX(part{"../../etc/passwd", "x"}), "已损坏"},
		"a name out, Windows":          {aDOCX(part{`..\..\evil.dll`, "x"}), "已损坏"},
		"a name with a detour":         {aDOCX(part{"word/../evil", "x"}), "已损坏"},
		"a name that is empty":         {aDOCX(part{"word//evil", "x"}), "已损坏"},
		"a name with a drive":          {aDOCX(part{`C:/evil.dll`, "x"}), "已损坏"},
		"two parts of one name":        {aDOCX(part{"word/document.xml", "other"}), "已损坏"},
		"two of one name but for case": {aDOCX(part{"Word/Document.xml", "other"}), "已损坏"},
		"DOCX with macros":             {aDOCX(part{"word/vbaProject.bin", "x"}), "宏"},
		"DOCX with hidden macros":      {aDOCX(part{"word/sub/VBAPROJECT.BIN", "x"}), "宏"},
		"XLSX with macro sheets":       {anXLSX(part{"xl/macrosheets/sheet1.xml", "x"}), "宏"},
		"XLSX with controls":           {anXLSX(part{"xl/activeX/activeX1.bin", "x"}), "宏"},
		"XLSM called XLSX":             {aZip(contentTypes("/xl/workbook.xml", xlsm), part{"xl/workbook.xml", "<workbook/>"}), "宏"},
		"a template":                   {aZip(contentTypes("/word/document.xml", strings.Replace(wordMain, "document.main", "template.main", 1)), part{"word/document.xml", ""}), "只接受 Word"},
		"slides":                       {aZip(contentTypes("/ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"), part{"ppt/presentation.xml", ""}), "只接受 Word"},
		"DOCX and XLSX at once":        {aZip(contentTypes("/word/document.xml", wordMain, "/xl/workbook.xml", sheetMain), part{"word/document.xml", ""}, part{"xl/workbook.xml", ""}), "只接受 Word"},
		"DOCX without a document":      {aZip(contentTypes("/word/document.xml", wordMain)), "已损坏"},
		"types that are no XML":        {aZip(part{"[Content_Types].xml", "hello"}), "已损坏"},
		"types that grow":              {aZip(part{"[Content_Types].xml", `<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Types>&b;</Types>`}), "已损坏"},
		"types without an end":         {aZip(part{"[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">" + strings.Repeat("<a>", mostXML)}), "已损坏"},
		"types without measure":        {aZip(part{"[Content_Types].xml", strings.Replace(contentTypes("/word/document.xml", wordMain).body, "<Default", strings.Repeat(" ", mostXML)+"<Default", 1)}, part{"word/document.xml", ""}), "已损坏"},
		"OFD without a document":       {aZip(part{"OFD.xml", ofdRoot}), "OFD文件已损坏"},
		"OFD of another world":         {aZip(part{"OFD.xml", strings.Replace(ofdRoot, "www.ofdspec.org/2016", "example.com", 1)}, part{"Doc_0/Document.xml", ""}), "OFD文件已损坏"},
		"OFD without a root":           {aZip(part{"OFD.xml", `<OFD xmlns="http://www.ofdspec.org/2016"/>`}), "OFD文件已损坏"},
	} {
		got, err := sniffed(c.content)
		if c.says == "" { // bounded, and accepted
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(fault.Public(err).Message, c.says) || len(fault.Public(err).Details) != 1 {
			t.Errorf("%s: %q %v, want %s", name, got, err, c.says)
		}
	}
}

// A list of parts that is long, or that is not where the end of the package says, is refused before it is read.
func TestCheckDirectory(t *testing.T) {
	var names []part
	for i := range 30 {
		names = append(names, part{fmt.Sprintf("word/%02d%s", i, strings.Repeat("a", 60000)), ""})
	}
	if _, err := sniffed(aDOCX(names...)); err == nil || !strings.Contains(fault.Public(err).Message, "部件过多") {
		t.Errorf("a list of 1.8 MB: %v", err)
	}
	moved := []byte(aDOCX())
	end := bytes.LastIndex(moved, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint32(moved[end+16:], binary.LittleEndian.Uint32(moved[end+16:])-1)
	if _, err := sniffed(string(moved)); err == nil {
		t.Error("a list that is elsewhere is read")
	}
	large := []byte(aDOCX())
	end = bytes.LastIndex(large, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint32(large[end+12:], 0xFFFFFFFF)
	if _, err := sniffed(string(large)); err == nil {
		t.Error("a list of 4 GB is read")
	}
}

// Whatever comes: no panic, no loop without end, an answer or a fault.
func FuzzSniff(f *testing.F) {
	for _, seed := range []string{aPDF(""), aJPEG(), aPNG(), aDOCX(), anXLSX(), anOFD(), "", "PK\x03\x04", "\xFF\xD8\xFF"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		kind, err := sniffed(content)
		if err == nil && known[kind].media == "" {
			t.Fatalf("accepted as %q", kind)
		}
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Fatal(err)
		}
	})
}

// Names that people and programs send.
//
// Mutations, each red: keep folders; keep what turns the direction of writing; trust the ending; no bound on the length.
func TestCleanName(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Type
		want string
	}{
		{"营业执照.pdf", PDF, "营业执照.pdf"},
		{"年报.PDF", PDF, "年报.PDF"},
		{"照片.jpeg", JPEG, "照片.jpeg"},
		{`C:\Users\me\合同.docx`, DOCX, "合同.docx"},
		{"../../etc/passwd", PDF, "passwd.pdf"},
		{"发票.exe", PDF, "发票.exe.pdf"},
		{"发票.pdf", PNG, "发票.pdf.png"},
		{"ann\u202Efdp.exe", PDF, "annfdp.exe.pdf"},
		{"a\u200Bb\x00c\r\nd.pdf", PDF, "abcd.pdf"},
		{`a"b<c>d|e?f*g:h.pdf`, PDF, "a_b_c_d_e_f_g_h.pdf"},
		{"  . 名 称 .  .pdf", PDF, "名 称.pdf"},
		{"全角　空格.pdf", PDF, "全角 空格.pdf"},
		{"", OFD, "附件.ofd"},
		{".pdf", PDF, "附件.pdf"},
		{"///", PNG, "_.png"},
		{"..", PNG, "附件.png"},
		{"nul.pdf", PDF, "_nul.pdf"},
		{"COM1", XLSX, "_COM1.xlsx"},
		{"com10.xlsx", XLSX, "com10.xlsx"},
		{"\xFF\xFEa.pdf", PDF, "a.pdf"},
		{strings.Repeat("长", 300) + ".pdf", PDF, strings.Repeat("长", 58) + ".pdf"},
	} {
		if got := cleanName(c.name, c.kind); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDisposition(t *testing.T) {
	if got, want := disposition(`年报 "a";b.pdf`), `attachment; filename="__ _a_;b.pdf"; filename*=UTF-8''%E5%B9%B4%E6%8A%A5%20%22a%22%3Bb.pdf`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
