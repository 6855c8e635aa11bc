package document

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// The measures of the page in twentieths of a point (twips), 1 mm = 1440/25.4 of them.
const (
	pageWidth, pageHeight = 11906, 16838 // A4
	top, bottom           = 2098, 1984   // 天头 37 mm, 35 mm
	left, right           = 1587, 1474   // 订口 28 mm, 26 mm
	textWidth             = pageWidth - left - right

	line      = 579 // 225 mm over 22 lines: 28.95 points
	character = 315 // 156 mm over 28 characters: what a character of 16 points takes, with
	tighter   = -5  // its spacing
	small     = 280 // a character of 4号

	markBelow   = 1984 // 35 mm from the upper edge of the text to the mark
	letterBelow = 1701 // 30 mm from the page's edge to the mark of a letter
	redLine     = 11   // points: 4 mm from the number to the red line
	footer      = bottom - 397 - footerLine
	footerLine  = 320 // the footer begins 7 mm below the text
)

// The fonts that the standard names, as office programs call them.
const (
	fangsong = "仿宋"
	heiti    = "黑体"
	kaiti    = "楷体"
	songti   = "宋体"
	title    = "方正小标宋简体"
)

// font of a run: its name, its size in half points, and more.
type font struct {
	name string
	size int
	more string
}

const (
	red     = `<w:color w:val="FF0000"/>`
	tight   = `<w:spacing w:val="-5"/>`
	size3   = 32 // 3号, 16 points
	size4   = 28 // 4号, 14 points
	size2   = 44 // 2号, 22 points
	exactly = `<w:spacing w:before="%d" w:after="0" w:line="%d" w:lineRule="exact"/>`
)

func body(name string) font { return font{name, size3, tight} }

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder never fails
	return b.String()
}

// run is text in one font; a line break in it is one on the page.
func run(f font, text string) string {
	var b strings.Builder
	name := escape(f.name)
	fmt.Fprintf(&b, `<w:r><w:rPr><w:rFonts w:ascii="%s" w:hAnsi="%s" w:eastAsia="%s" w:cs="%s" w:hint="eastAsia"/>%s<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr>`,
		name, name, name, name, f.more, f.size, f.size)
	for i, part := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		for j, piece := range strings.Split(part, "\t") {
			if j > 0 {
				b.WriteString(`<w:tab/>`)
			}
			if piece != "" {
				b.WriteString(`<w:t xml:space="preserve">` + escape(piece) + `</w:t>`)
			}
		}
	}
	b.WriteString(`</w:r>`)
	return b.String()
}

// place is how a paragraph stands. Its parts are in the order that the schema asks for.
type place struct {
	keep   bool   // with the next
	frame  string // w:framePr
	border string // w:pBdr
	tabs   string
	before int
	line   int // its height; 0: a line of the page
	indent string
	align  string
}

func paragraph(p place, runs ...string) string {
	var b strings.Builder
	b.WriteString(`<w:p><w:pPr>`)
	if p.keep {
		b.WriteString(`<w:keepNext/>`)
	}
	if p.line == 0 {
		p.line = line
	}
	b.WriteString(p.frame + p.border + p.tabs)
	fmt.Fprintf(&b, exactly, p.before, p.line)
	b.WriteString(p.indent)
	if p.align != "" {
		b.WriteString(`<w:jc w:val="` + p.align + `"/>`)
	}
	b.WriteString(`</w:pPr>` + strings.Join(runs, "") + `</w:p>`)
	return b.String()
}

// two is the indent of a paragraph's first line: two characters.
var two = fmt.Sprintf(`<w:ind w:firstLineChars="200" w:firstLine="%d"/>`, 2*character)

func fromRight(twips int) string { return fmt.Sprintf(`<w:ind w:right="%d"/>`, max(0, twips)) }

func rule(side, color string, eighths, space int, kind string) string {
	return fmt.Sprintf(`<w:pBdr><w:%s w:val="%s" w:sz="%d" w:space="%d" w:color="%s"/></w:pBdr>`, side, kind, eighths, space, color)
}

// head is what stands above the title.
func (d *Document) head() string {
	var b strings.Builder
	above := 0
	for _, text := range []string{d.Serial, d.Secrecy, d.Urgency} {
		if text == "" {
			continue
		}
		f := body(heiti)
		if text == d.Serial && above == 0 {
			f = body(fangsong)
		}
		b.WriteString(paragraph(place{}, run(f, text)))
		above++
	}
	if d.Letterhead == "" {
		if d.Number != "" {
			b.WriteString(paragraph(place{align: "right", indent: fromRight(character)}, run(body(fangsong), d.Number)))
		}
		return b.String()
	}
	points := markSize(d.Letterhead)
	mark := run(font{title, 2 * points, red}, d.Letterhead)
	if d.Letter {
		frame := fmt.Sprintf(`<w:framePr w:w="%d" w:hSpace="0" w:wrap="notBeside" w:vAnchor="page" w:hAnchor="margin" w:xAlign="center" w:y="%d"/>`, textWidth, letterBelow)
		b.WriteString(paragraph(place{frame: frame, border: rule("bottom", "FF0000", 24, redLine, "thickThinSmallGap"), line: 23 * points, align: "center"}, mark))
		if d.Number != "" {
			b.WriteString(paragraph(place{align: "right"}, run(body(fangsong), d.Number)))
		}
		return b.String()
	}
	b.WriteString(paragraph(place{before: max(0, markBelow-above*line), line: 23 * points, align: "center"}, mark))
	p := place{before: 2 * line, border: rule("bottom", "FF0000", 12, redLine, "single"), align: "center"}
	if d.Signer == "" {
		b.WriteString(paragraph(p, run(body(fangsong), d.Number)))
		return b.String()
	}
	p.align, p.tabs = "left", fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, textWidth-character)
	b.WriteString(paragraph(p, run(body(fangsong), "　"+d.Number+"\t签发人："), run(body(kaiti), d.Signer)))
	return b.String()
}

// text is what stands between the head and the foot.
func (d *Document) text() string {
	var b strings.Builder
	b.WriteString(paragraph(place{keep: true, before: 2 * line, align: "center"}, run(font{title, size2, ""}, d.Title)))
	before := line
	if d.To != "" {
		b.WriteString(paragraph(place{before: before}, run(body(fangsong), strings.TrimRight(d.To, "：:")+"：")))
		before = 0
	}
	var n counters
	for _, k := range d.Body {
		if k.Table != nil {
			b.WriteString(k.Table.xml() + paragraph(place{line: 120}))
			before = 0
			continue
		}
		name, text, level := fangsong, k.Text, min(max(k.Level, 0), 4)
		if level > 0 {
			text = n.next(level) + text
			name = [...]string{heiti, kaiti, fangsong, fangsong}[level-1]
		}
		for _, part := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
			b.WriteString(paragraph(place{keep: level > 0, before: before, indent: two, align: "both"}, run(body(name), part)))
			before = 0
		}
	}
	d.attachments(&b)
	d.sign(&b)
	if d.Remark != "" {
		b.WriteString(paragraph(place{indent: two}, run(body(fangsong), "（"+d.Remark+"）")))
	}
	return b.String()
}

func (d *Document) attachments(b *strings.Builder) {
	for i, a := range d.Attachments {
		name, before, hang := a, 0, 3
		if len(d.Attachments) > 1 {
			name, hang = fmt.Sprintf("%d. %s", i+1, a), 4
		}
		first := hang - 3
		if i == 0 {
			name, before, first = "附件："+name, line, hang
		}
		indent := fmt.Sprintf(`<w:ind w:left="%d" w:hanging="%d"/>`, (2+hang)*character, first*character)
		b.WriteString(paragraph(place{before: before, indent: indent}, run(body(fangsong), name)))
	}
}

// sign puts the day four characters from the right, and the office's name centred over it, but never beyond the text.
func (d *Document) sign(b *strings.Builder) {
	day, before := Day(d.Signature.Day), 3*line
	if d.Signature.Office != "" {
		from := 4 * character
		if day != "" {
			from += (halves(day) - halves(d.Signature.Office)) * character / 4
		}
		b.WriteString(paragraph(place{keep: true, before: before, align: "right", indent: fromRight(from)}, run(body(fangsong), d.Signature.Office)))
		before = 0
	}
	if day != "" {
		b.WriteString(paragraph(place{before: before, align: "right", indent: fromRight(4 * character)}, run(body(fangsong), day)))
	}
}

// xml of a table: its head on every page, no row over two.
func (t *Table) xml() string {
	columns := len(t.Head)
	for _, r := range t.Rows {
		columns = max(columns, len(r))
	}
	if columns == 0 {
		return ""
	}
	widths := make([]int, columns)
	total := 0
	for i := range widths {
		widths[i] = 1
		if i < len(t.Widths) && t.Widths[i] > 0 {
			widths[i] = t.Widths[i]
		}
		total += widths[i]
	}
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr>` + fmt.Sprintf(`<w:tblW w:w="%d" w:type="dxa"/>`, textWidth) + `<w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
	}
	b.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for i := range widths {
		widths[i] = widths[i] * textWidth / total
		fmt.Fprintf(&b, `<w:gridCol w:w="%d"/>`, widths[i])
	}
	b.WriteString(`</w:tblGrid>`)
	row := func(cells []string, more, name, align string) {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>` + more + `</w:trPr>`)
		for i := range columns {
			text := ""
			if i < len(cells) {
				text = cells[i]
			}
			fmt.Fprintf(&b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>%s</w:tc>`, widths[i],
				paragraph(place{line: 480, align: align}, run(font{name, size4, ""}, text)))
		}
		b.WriteString(`</w:tr>`)
	}
	if len(t.Head) > 0 {
		row(t.Head, `<w:tblHeader/>`, heiti, "center")
	}
	for _, r := range t.Rows {
		row(r, "", fangsong, "left")
	}
	b.WriteString(`</w:tbl>`)
	return b.String()
}

// foot is the 版记: at the foot of the last page, between lines of 0.35 mm, with one of 0.25 mm between. LibreOffice (7.4) does not obey the
// place of a table and shows it below the text.
func (d *Document) foot() string {
	var rows []string
	f := font{fangsong, size4, ""}
	if len(d.Copies) > 0 {
		hang := fmt.Sprintf(`<w:ind w:left="%d" w:right="%d" w:hanging="%d"/>`, 4*small, small, 3*small)
		rows = append(rows, paragraph(place{indent: hang}, run(f, "抄送："+strings.Join(d.Copies, "，")+"。")))
	}
	if d.Printed.Office != "" {
		day := Day(d.Printed.Day)
		if day != "" {
			day += "印发"
		}
		tabs := fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, textWidth-small)
		indent := fmt.Sprintf(`<w:ind w:left="%d" w:right="%d"/>`, small, small)
		rows = append(rows, paragraph(place{tabs: tabs, indent: indent}, run(f, d.Printed.Office+"\t"+day)))
	}
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:topFromText="%d" w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="left" w:tblpYSpec="bottom"/>`, line)
	fmt.Fprintf(&b, `<w:tblW w:w="%d" w:type="dxa"/><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/>`, textWidth)
	b.WriteString(`<w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/><w:insideH w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:tblBorders>`)
	fmt.Fprintf(&b, `<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="%d"/></w:tblGrid>`, textWidth)
	for _, r := range rows {
		fmt.Fprintf(&b, `<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>%s</w:tc></w:tr>`, textWidth, r)
	}
	b.WriteString(`</w:tbl>` + paragraph(place{line: 20}))
	return b.String()
}

// section is the page: its size, margins, the grid of 22 lines, and the footers.
func (d *Document) section() string {
	first := ""
	if d.Letter {
		first = `<w:titlePg/>` // the first page of a letter shows no number
	}
	return `<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:footerReference w:type="even" r:id="rId4"/>` +
		fmt.Sprintf(`<w:pgSz w:w="%d" w:h="%d"/>`, pageWidth, pageHeight) +
		fmt.Sprintf(`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="851" w:footer="%d" w:gutter="0"/>`, top, right, bottom, left, footer) +
		first + fmt.Sprintf(`<w:docGrid w:type="lines" w:linePitch="%d"/></w:sectPr>`, line)
}

// pageNumber is a footer: — 1 —, a character from the outer edge.
func pageNumber(align string) string {
	f := font{songti, size4, ""}
	field := func(kind string) string { return `<w:r><w:fldChar w:fldCharType="` + kind + `"/></w:r>` }
	instruction := strings.Replace(run(f, "PAGE"), `<w:t xml:space="preserve">PAGE</w:t>`, `<w:instrText xml:space="preserve">PAGE</w:instrText>`, 1)
	indent := fmt.Sprintf(`<w:ind w:%s="%d"/>`, align, small)
	return paragraph(place{line: footerLine, indent: indent, align: align}, run(f, "— "), field("begin"), instruction, field("separate"), run(f, "1"), field("end"), run(f, " —"))
}
