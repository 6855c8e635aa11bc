package document

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
)

// ErrUntitled says that a document has no title.
var ErrUntitled = errors.New("document: no title")

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	names       = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	office      = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	packaged    = `http://schemas.openxmlformats.org/package/2006/`
	word        = `application/vnd.openxmlformats-officedocument.wordprocessingml.`
)

// Write writes the document. The same document is always the same bytes.
func (d *Document) Write(w io.Writer) error {
	if d.Title == "" {
		return ErrUntitled
	}
	z := zip.NewWriter(w)
	for _, p := range []struct{ name, body string }{
		{"[Content_Types].xml", `<Types xmlns="` + packaged + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			override("document", "document.main") + override("styles", "styles") + override("settings", "settings") +
			override("footer1", "footer") + override("footer2", "footer") + `</Types>`},
		{"_rels/.rels", relationships("word/document.xml:officeDocument")},
		{"word/_rels/document.xml.rels", relationships("styles.xml:styles", "settings.xml:settings", "footer1.xml:footer", "footer2.xml:footer")},
		{"word/document.xml", `<w:document` + names + `><w:body>` + d.head() + d.text() + d.foot() + d.section() + `</w:body></w:document>`},
		{"word/styles.xml", styles()},
		{"word/settings.xml", `<w:settings` + names + `><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/>` +
			`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`},
		{"word/footer1.xml", `<w:ftr` + names + `>` + pageNumber("right") + `</w:ftr>`},
		{"word/footer2.xml", `<w:ftr` + names + `>` + pageNumber("left") + `</w:ftr>`},
	} {
		// No time is written: the file depends on its content alone.
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, declaration+p.body); err != nil {
			return err
		}
	}
	return z.Close()
}

func override(part, kind string) string {
	return `<Override PartName="/word/` + part + `.xml" ContentType="` + word + kind + `+xml"/>`
}

// relationships are targets with their kinds, named rId1 and so on.
func relationships(targets ...string) string {
	out := `<Relationships xmlns="` + packaged + `relationships">`
	for i, t := range targets {
		for j := range t {
			if t[j] == ':' {
				out += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s%s" Target="%s"/>`, i+1, office, t[j+1:], t[:j])
			}
		}
	}
	return out + `</Relationships>`
}

// styles are the defaults: 3号仿宋, on lines of the page.
func styles() string {
	return `<w:styles` + names + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="` + fangsong + `" w:hAnsi="` + fangsong + `" w:eastAsia="` + fangsong + `" w:cs="` + fangsong + `"/>` +
		fmt.Sprintf(`<w:sz w:val="%d"/><w:szCs w:val="%d"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>`, size3, size3) +
		fmt.Sprintf(exactly, 0, line) + `</w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style></w:styles>`
}
