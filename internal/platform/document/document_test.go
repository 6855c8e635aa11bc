package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"shanglin/policy"
)

// sample is an invented document with everything that the general format has.
func sample() *Document {
	return &Document{
		Serial: "000001", Urgency: "特急", Letterhead: "某市人力资源局文件", Number: NumberOf("某人社发", 2026, 1), Signer: "张某某",
		Title: "关于某某许可办理情况的请示\n（样例）", To: "某省人力资源厅",
		Body: []Block{{Text: "现将有关情况报告如下。<&>" + strings.Repeat("一", 60)}, {Level: 1, Text: "基本情况"}, {Level: 2, Text: "办理"}, {Level: 3, Text: "受理情况。"},
			{Level: 4, Text: "材料情况。"}, {Level: 1, Text: "下一步"}, {Level: 2, Text: "打算"}, {Table: &Table{Head: []string{"事项", "件数"}, Rows: [][]string{{"许可", "3"}}, Widths: []int{3, 1}}}},
		Attachments: []string{"办理清单", "材料清单"}, Signature: Signature{"某市人力资源局", policy.NewDate(2026, 5, 1)},
		Copies: []string{"某市人民政府", "某市司法局"}, Printed: Signature{"某市人力资源局办公室", policy.NewDate(2026, 5, 2)},
	}
}

func written(t *testing.T, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts are what stands in the file, each of which is XML to its end.
func parts(t *testing.T, content []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(b)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		out[f.Name] = string(b)
	}
	return out
}

// The measures of the standard, computed by hand: 1 mm = 56.69 twips.
//
// Mutations, each red: another margin; the mark 30 mm below; no even footers; a line of 560; the number without its two blank lines.
func TestMeasures(t *testing.T) {
	p := parts(t, written(t, sample()))
	main := p["word/document.xml"]
	for what, want := range map[string]string{
		"A4":                         `<w:pgSz w:w="11906" w:h="16838"/>`,
		"37, 26, 35, 28 mm":          `<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1267" w:gutter="0"/>`,
		"22 lines over 225 mm":       `<w:docGrid w:type="lines" w:linePitch="579"/>`,
		"3号仿宋, 28 on a line":         `w:eastAsia="仿宋" w:cs="仿宋" w:hint="eastAsia"/><w:spacing w:val="-5"/><w:sz w:val="32"/>`,
		"title 2号, two lines below":  `<w:keepNext/><w:spacing w:before="1158" w:after="0" w:line="579" w:lineRule="exact"/><w:jc w:val="center"/>`,
		"title's font":               `w:eastAsia="方正小标宋简体" w:cs="方正小标宋简体" w:hint="eastAsia"/><w:sz w:val="44"/>`,
		"the mark in red":            `<w:color w:val="FF0000"/><w:sz w:val="92"/>`,
		"the mark 35 mm below":       `<w:spacing w:before="826" w:after="0" w:line="1058" w:lineRule="exact"/>`, // 1984 − 2 lines of 579 above it
		"the number two lines below": `<w:bottom w:val="single" w:sz="12" w:space="11" w:color="FF0000"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="8530"/></w:tabs><w:spacing w:before="1158"`,
		"lines of 0.35 mm":           `<w:top w:val="single" w:sz="8"`,
		"one of 0.25 mm":             `<w:insideH w:val="single" w:sz="6"`,
		"at the foot":                `w:tblpYSpec="bottom"`,
		"a date 4 characters in":     `<w:ind w:right="1260"/><w:jc w:val="right"/>`,
		"two characters in":          `<w:ind w:firstLineChars="200" w:firstLine="630"/>`,
	} {
		if !strings.Contains(main, want) {
			t.Errorf("%s: no %s", what, want)
		}
	}
	if !strings.Contains(p["word/settings.xml"], "<w:evenAndOddHeaders/>") || !strings.Contains(p["word/footer1.xml"], `w:val="right"`) || !strings.Contains(p["word/footer2.xml"], `w:val="left"`) {
		t.Error("odd pages are not numbered at the right, even ones at the left")
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, "|")
	for _, want := range []string{"某人社发〔2026〕1号", "签发人：", "|某省人力资源厅：|", "|一、基本情况|", "|（一）办理|", "|1.受理情况。|", "|（1）材料情况。|", "|二、下一步|", "|（一）打算|",
		"附件：1. 办理清单", "|2. 材料清单|", "|2026年5月1日|", "抄送：某市人民政府，某市司法局。", "2026年5月2日印发", "&lt;&amp;&gt;"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

// The same document is the same bytes, and one without a title is none.
func TestDeterministic(t *testing.T) {
	if !bytes.Equal(written(t, sample()), written(t, sample())) {
		t.Error("the same document, other bytes")
	}
	if err := (&Document{}).Write(io.Discard); err != ErrUntitled {
		t.Error(err)
	}
}

// A letter has its mark 30 mm from the page's edge and no number on its first page.
func TestLetter(t *testing.T) {
	d := sample()
	d.Letter, d.Signer = true, ""
	main := parts(t, written(t, d))["word/document.xml"]
	if !strings.Contains(main, `w:vAnchor="page" w:hAnchor="margin" w:xAlign="center" w:y="1701"`) || !strings.Contains(main, "<w:titlePg/>") {
		t.Error(main)
	}
}

func TestChinese(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 11: "十一", 20: "二十", 99: "九十九", 100: "100"} {
		if got := chinese(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
