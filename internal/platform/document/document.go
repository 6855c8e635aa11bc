// Package document writes official documents (公文) as DOCX, in the layout of GB/T 9704-2012: pure, without a clock, the same content always
// as the same bytes.
//
// The parts of a DOCX that this needs are few, and their measures are the whole point of it, so they are written here with encoding/xml's
// escaping and archive/zip. The libraries for Go that write DOCX are each either young and of one author, left by their authors, or under a
// licence that costs money, and none of them sets what this needs together: lines of an exact height, fonts of East Asian text apart from
// others, footers of even and odd pages, a table that stands at the foot of the last page.
//
// What the standard leaves open and what is chosen here: the size of the issuing office's mark (as large as its name allows, at most 46
// points), the weight of the red line, two blank lines above the signature. Of the letter format (信函) the distance of the mark from the
// page's edge is the standard's; its lines and the place of its number follow usage.
package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"shanglin/policy"
)

// Document is what stands in an official document. What is empty is left out; a title is required.
type Document struct {
	Letter bool // 信函格式; else the general format

	Serial  string // 份号, six digits
	Secrecy string // 密级和保密期限
	Urgency string // 紧急程度

	Letterhead string // 发文机关标志: the office's full name, with 文件 where it has it; empty: neither mark nor red line
	Number     string // 发文字号: 某发〔2026〕1号
	Signer     string // 签发人, of a document to an upper body (上行文)

	Title string // one line, or several by line breaks
	To    string // 主送机关, without its colon
	Body  []Block

	Attachments []string // 附件说明
	Signature   Signature
	Remark      string // 附注, without its brackets

	Copies  []string  // 抄送
	Printed Signature // 印发机关 and the day
}

// Signature is who signs (署名) and on which day (成文日期); a zero day is left out.
type Signature struct {
	Office string
	Day    policy.Date
}

// Block is a paragraph or a table of the body.
type Block struct {
	// Level of a heading, 1 to 4: 一、（一）1.（1）, counted by themselves. 0: a paragraph.
	Level int
	Text  string
	Table *Table // instead of Text
}

// Table stands over the whole width.
type Table struct {
	Head   []string // repeated on every page; empty: none
	Rows   [][]string
	Widths []int // shares of the width by column; empty: all the same
}

// Day as it stands in a document: 2026年5月1日, without leading zeros; empty for none.
func Day(d policy.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", int(d)/10000, int(d)/100%100, int(d)%100)
}

// NumberOf is a document's number as the standard writes it: the series' words, the year in hexagonal brackets, and the number without
// leading zeros.
func NumberOf(series string, year, n int) string {
	return fmt.Sprintf("%s〔%d〕%d号", series, year, n)
}

// counters number the headings of the four levels.
type counters [4]int

// next is what stands before a heading of a level.
func (c *counters) next(level int) string {
	c[level-1]++
	for i := level; i < len(c); i++ {
		c[i] = 0
	}
	n := c[level-1]
	switch level {
	case 1:
		return chinese(n) + "、"
	case 2:
		return "（" + chinese(n) + "）"
	case 3:
		return fmt.Sprintf("%d.", n)
	}
	return fmt.Sprintf("（%d）", n)
}

var digits = strings.Split("零一二三四五六七八九", "")

// chinese is a number up to 99 in words; above it, in digits.
func chinese(n int) string {
	if n < 1 || n > 99 {
		return fmt.Sprint(n)
	}
	text := ""
	if n >= 20 {
		text = digits[n/10]
	}
	if n >= 10 {
		text += "十"
	}
	if n%10 != 0 {
		text += digits[n%10]
	}
	return text
}

// halves is how wide a text is in half characters.
func halves(text string) int {
	n := 0
	for _, r := range text {
		if n++; r > 0x2E7F || strings.ContainsRune("“”‘’—…·", r) {
			n++
		}
	}
	return n
}

// markSize is the size of the office's mark in points: its name on one line of the page.
func markSize(name string) int {
	return max(16, min(46, (textWidth/20-4)/max(1, utf8.RuneCountInString(name))))
}
