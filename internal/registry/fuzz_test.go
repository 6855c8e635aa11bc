package registry

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

func fuzzVocabulary(t testing.TB) *policy.Vocabulary {
	t.Helper()
	lib, problems := policy.Load([]policy.File{{Path: "national/v.yaml", Data: []byte(`
vocabulary: 词汇
units: {人: {}}
terms:
  营业收入: {of: 企业, unit: 元, every: 年, at_least: 0元, from: 统计局}
  资产负债率: {of: 企业, unit: '%', every: 年, from: 统计局}
  成立日期: {of: 企业, type: date, from: 统计局}
  主导产品领域: {of: 企业, words: [甲, 乙], from: 统计局}
records:
  奖励: {of: 企业, from: 统计局, fields: {金额: 元, 牵头: 是否}}
`)}})
	if policy.HasErrors(problems) {
		t.Fatal(problems)
	}
	return lib.Vocabulary()
}

// layouts are all kinds of import over the vocabulary.
func layouts(v *policy.Vocabulary) []*layout {
	record := v.Record("奖励")
	return []*layout{
		{kind: ImportFirms, columns: firmColumns},
		{kind: ImportFigures, columns: append(whoColumns(), evidenceColumn())},
		{kind: importRecord + record.Name, record: record, columns: append(whoColumns(), column{role: columnNumber, heading: "编号"},
			column{role: columnFrom, heading: "开始日期"}, column{role: columnUntil, heading: "截止日期"}, evidenceColumn())},
	}
}

// check reads a workbook as every kind of import and says what must hold whatever it is: no panic, an error that people understand and
// that repeats nothing, and rows that are within the limits and complain with a place.
func checkWorkbook(t *testing.T, v *policy.Vocabulary, data []byte) {
	lim := spreadsheet.UploadLimits
	lim.Unzipped, lim.Rows, lim.Columns = 1<<20, 100, 50
	for _, l := range layouts(v) {
		w, err := spreadsheet.Open(bytes.NewReader(data), int64(len(data)), lim)
		if err == nil {
			in := &intake{v: v, today: policy.NewDate(2026, 11, 23), layout: l, sheet: "数据", lim: lim, mine: func(string) bool { return true }}
			count := 0
			_, err = w.Rows(w.Sheets[0], func(line int, hidden bool, cells []spreadsheet.Cell) error {
				if count++; count > lim.Rows+1 {
					t.Fatal("more rows than the limit")
				}
				for _, c := range cells {
					if c.Column >= lim.Columns || len(c.Text) > lim.Text || !utf8.ValidString(c.Text) || strings.Contains(c.Text, "\x00") {
						t.Fatalf("cell %+v", c)
					}
				}
				if in.columns == nil {
					return in.readHeader(line, cells)
				}
				e, problems, skip := in.readRow(line, hidden, cells)
				if !skip && len(problems) == 0 && len(e.Says) == 0 && e.Party == nil {
					t.Fatal("a good row that says nothing")
				}
				for _, p := range problems {
					if p.Cell == "" || p.Message == "" {
						t.Fatalf("problem %+v", p)
					}
				}
				if len(problems) == 0 {
					for _, f := range e.Says {
						if row, details := (Statement{Term: f.Term, Year: f.Year, Value: f.Value, Record: f.Record, Evidence: f.Evidence}).check(v, in.today); len(details) > 0 ||
							strings.Contains(row.Value, sep) || strings.Contains(row.Fields, end) {
							t.Fatalf("a good row is refused: %+v", details)
						}
					}
				}
				return nil
			})
		}
		var f *fault.Error
		if err != nil && (!errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.TooLarge && f.Code != fault.Forbidden) {
			t.Fatalf("not a fault for people: %v", err)
		}
	}
}

// FuzzWorkbook fuzzes the parts of a workbook.
func FuzzWorkbook(f *testing.F) {
	head := `<row r="1"><c r="A1" t="inlineStr"><is><t>统一社会信用代码</t></is></c><c r="B1" t="inlineStr"><is><t>营业收入@2025（万元）</t></is></c><c r="C1" t="s"><v>0</v></c></row>`
	f.Add(`<worksheet><sheetData>`+head+`<row r="2"><c r="A2" t="str"><v>91330282671205242Y</v></c><c r="B2"><v>1.5</v></c><c r="C2" s="1"><v>45413</v></c></row></sheetData></worksheet>`,
		`<sst><si><t>成立日期</t></si></sst>`, `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`)
	f.Add(`<worksheet><sheetData>`+strings.Replace(head, "营业收入@2025（万元）", "指标", 1)+`<row hidden="1"><c t="str"><v>示例</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`,
		`<sst><si><r><t>数值</t></r></si></sst>`, ``)
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>统一社会信用代码</t></is></c><c r="B1" t="inlineStr"><is><t>开始日期</t></is></c><c r="C1" t="inlineStr"><is><t>金额(元)</t></is></c></row>
		<row r="2"><c r="A2" t="str"><v>91330282671205242Y</v></c><c r="B2" t="d"><v>2024-05-01</v></c><c r="C2" t="str"><v>１，２３４．５万元</v></c></row></sheetData></worksheet>`, ``, ``)
	f.Add(`<x:worksheet xmlns:x="y"><x:sheetData><x:row><x:c t="b"><x:f>A1</x:f><x:v>1</x:v></x:c></x:row>`, `_x0000_`, `%`)
	v := fuzzVocabulary(f)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		checkWorkbook(t, v, Archive(t, parts(sheet, shared, styles)))
	})
}

// FuzzWorkbookFile fuzzes the file as a whole.
func FuzzWorkbookFile(f *testing.F) {
	f.Add(Archive(f, parts(`<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`, "", "")))
	f.Add([]byte("PK\x05\x06"))
	f.Add([]byte{0xD0, 0xCF, 0x11, 0xE0})
	v := fuzzVocabulary(f)
	f.Fuzz(func(t *testing.T, data []byte) { checkWorkbook(t, v, data) })
}
