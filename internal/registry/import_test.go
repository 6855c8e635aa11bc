package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// book writes a workbook of one sheet; a cell is a text, a number, or a *cell with a style or formula.
func book(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		for j, v := range row {
			name, _ := excelize.CoordinatesToCellName(j+1, i+1)
			var err error
			switch x := v.(type) {
			case nil:
			case formula:
				err = f.SetCellFormula("Sheet1", name, string(x))
			case styled:
				id, err2 := f.NewStyle(&excelize.Style{NumFmt: x.format})
				err = errors.Join(err2, f.SetCellValue("Sheet1", name, x.value), f.SetCellStyle("Sheet1", name, name, id))
			default:
				err = f.SetCellValue("Sheet1", name, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return save(t, f)
}

type formula string

type styled struct {
	value  any
	format int
}

func save(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func quiet(context.Context, int64, int64, string) error { return nil }

// upload uploads and reads a workbook.
func (r *room) upload(ctx context.Context, kind string, data []byte) registry.Import {
	r.t.Helper()
	i, err := r.Upload(ctx, kind, "测试.xlsx", bytes.NewReader(data))
	r.must(err)
	r.must(r.Stage(r.sys, i.ID, quiet))
	i, err = r.ImportOf(r.sys, i.ID)
	r.must(err)
	return i
}

// commit writes a staged import.
func (r *room) commit(ctx context.Context, id, mode string) registry.Import {
	r.t.Helper()
	_, err := r.Commit(ctx, id, mode)
	r.must(err)
	r.must(r.Write(r.sys, id, quiet))
	i, err := r.ImportOf(r.sys, id)
	r.must(err)
	return i
}

// complaints are the problems of an import's bad rows: "B3 message".
func (r *room) complaints(id string) []string {
	r.t.Helper()
	var out []string
	rows, _, err := r.ImportRows(r.sys, id, "bad", registry.Page{Number: 1, Per: 200})
	r.must(err)
	for _, row := range rows {
		for _, p := range row.Problems {
			out = append(out, p.Cell+" "+p.Message)
		}
	}
	return out
}

var figureHead = []any{"序号", "统一社会信用代码*", "企业名称", "营业收入@2025（万元）", "营业收入@2024（元）", "资产负债率@2025（%）", "从业人数@2025（人）", "主导产品领域", "成立日期", "有研发机构", "依据"}

func TestImportFigures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a, b := r.party(1, "东镇"), r.party(2, "西镇")
		officer := r.officer("", "")
		data := book(t, figureHead,
			[]any{"示例（此行不导入）", "别动", "x", "y"},
			[]any{1, code(1), "第1电器有限公司", 9990.1, 1.2e8, styled{0.456, 10}, "１２", "其他", styled{45413, 14}, "是", "2025年年报"},
			[]any{nil, " " + strings.ToLower(code(2)) + " ", nil, "9,990万元", nil, "45.6%", nil, nil, "2001年2月8日", nil, nil},
		)
		i := r.upload(officer, registry.ImportFigures, data)
		if i.State != registry.ImportStaged || i.Rows != 2 || i.Good != 2 || i.Bad != 0 {
			t.Fatalf("%+v: %v", i, r.complaints(i.ID))
		}
		rows, total, err := r.ImportRows(officer, i.ID, "", registry.Page{})
		r.must(err)
		if total != 2 || rows[0].Code != code(1) || rows[0].Line != 3 || fmt.Sprint(rows[0].Says[0]) != "{营业收入@2025 9,990.1万元}" {
			t.Errorf("preview %+v", rows)
		}
		if n := r.count(`SELECT COUNT(*) FROM fact_rows`); n != 0 {
			t.Error("staging wrote facts")
		}
		i = r.commit(officer, i.ID, registry.AllOrNone)
		if i.State != registry.ImportCommitted || i.Written != 10 || i.Unchanged != 0 {
			t.Errorf("%+v", i)
		}
		want := map[string]string{"营业收入2025": "99901000元", "营业收入2024": "120000000元", "资产负债率2025": "45.6%", "从业人数2025": "12人",
			"主导产品领域": "其他", "成立日期": "2024-05-01", "有研发机构": "是"}
		for term, value := range want {
			if got := r.held(a, term); got != value {
				t.Errorf("%s is %s, want %s", term, got, value)
			}
		}
		if got := r.held(b, "营业收入2025") + r.held(b, "资产负债率2025") + r.held(b, "成立日期"); got != "99900000元45.6%2001-02-08" {
			t.Errorf("second row: %s", got)
		}
		facts, err := r.Facts(r.sys, a)
		r.must(err)
		if f := facts[0]; !f.Verified || f.Source == "" || f.Evidence != "2025年年报" || f.StatedBy != account.ActorFrom(officer).Name {
			t.Errorf("fact %+v", f)
		}
		if n := r.count(`SELECT COUNT(*) FROM import_rows`) + r.count(`SELECT COUNT(*) FROM import_parts`); n != 0 {
			t.Errorf("%d staged rows are left", n)
		}
		r.intact()

		// The same file twice changes nothing: not by the same officer, and not by another one.
		again, err := r.Upload(officer, registry.ImportFigures, "另一个名字.xlsx", bytes.NewReader(data))
		if err != nil || !again.Repeated || again.ID != i.ID {
			t.Errorf("again %+v, %v", again, err)
		}
		before := r.count(`SELECT COUNT(*) FROM fact_rows`)
		other := r.upload(r.as("somebody else", account.Grant{Role: account.RoleOfficer}), registry.ImportFigures, data)
		other = r.commit(r.sys, other.ID, registry.GoodOnly)
		if n := r.count(`SELECT COUNT(*) FROM fact_rows`); n != before || other.Written != 0 || other.Unchanged != 10 {
			t.Errorf("%d rows after the same file, before %d: %+v", n, before, other)
		}
		r.intact()
	})
}

// held is the value of "TERM" or "TERM2025" that stands for a party, of whatever source.
func (r *room) held(party, term string) string {
	r.t.Helper()
	facts, err := r.Facts(r.sys, party)
	r.must(err)
	for _, f := range facts {
		if f.Term+f.Period == term {
			return f.Value
		}
	}
	return ""
}

// Every bad cell is named, and nothing of what it holds is repeated.
func TestBadCells(t *testing.T) {
	const secret = "机密内容"
	good := func(change ...any) []any {
		row := []any{nil, code(1), nil, 1, nil, nil, nil, nil, nil, nil, nil}
		for i := 0; i+1 < len(change); i += 2 {
			row[change[i].(int)] = change[i+1]
		}
		return row
	}
	cases := []struct {
		name string
		row  []any
		want string // the beginning of a complaint; empty: good
	}{
		{"good", good(), ""},
		{"no code", good(1, nil), "B2 没有填写"},
		{"wrong check digit", good(1, "91330282MA12345678"), "B2 统一社会信用代码"},
		{"code as a number", good(1, 913302827369845089), "B2 代码被存成了数字"},
		{"unknown firm", good(1, code(77)), "B2 没有登记这家企业"},
		{"another name", good(2, secret), "C2 企业名称与登记的不一致"},
		{"words for money", good(3, secret), "D2 营业收入：应写数字和单位"},
		{"a formula", good(3, formula("1+1")), "D2 单元格是公式"},
		{"a formula for the code", good(1, formula(`"`+code(1)+`"`)), "B2 单元格是公式"},
		{"a date for money", good(3, styled{45413, 14}), "D2 单元格是日期格式"},
		{"a percentage for money", good(3, styled{0.5, 10}), "D2 单元格是百分比格式"},
		{"yes for money", good(3, true), "D2 应是数字"},
		{"below zero", good(3, -1), "D2 营业收入：不能小于"},
		{"text in exponents", good(3, "1.2E+08"), "D2 请写完整的数字"},
		{"wrong unit", good(3, "12人"), "D2 营业收入：单位不对"},
		{"a ratio or a percentage", good(5, 0.55), "F2 看不出是比率还是百分数"},
		{"a percentage as text", good(5, "0.55%"), ""},
		{"a percentage above one", good(5, 55), ""},
		{"zero per cent", good(5, 0), ""},
		{"above the bound", good(5, 301), "F2 资产负债率：不能大于"},
		{"half a person", good(6, "十二"), "G2 从业人数：应写数字和单位"},
		{"no such word", good(7, secret), "H2 主导产品领域：应写其中之一"},
		{"a number for a word", good(7, 3), "H2 主导产品领域：应写其中之一"},
		{"a day number", good(8, 45413), "I2 不是日期"},
		{"no such day", good(8, "2024-02-30"), "I2 成立日期："},
		{"a day written elsewhere", good(8, "5/1/2024"), "I2 成立日期："},
		{"a dense day", good(8, "20240501"), ""},
		{"a day with points", good(8, "2024.5.1"), ""},
		{"one for yes", good(9, 1), "J2 应写“是”或“否”"},
		{"perhaps", good(9, "也许"), "J2 有研发机构：应写“是”或“否”"},
		{"a true", good(9, true), ""},
		{"a huge cell", good(10, strings.Repeat("长", 700)), "K2 内容过长"},
		{"a control character", good(10, "a_x0000_b"), "K2 含有不可见的控制字符"},
		{"nothing but a code", []any{nil, code(1)}, "B2 这一行没有任何数据"},
		{"a column without a heading", append(good(), secret), "L2 这一列没有栏目名称"},
	}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		r.party(1, "东镇")
		for _, c := range cases {
			i := r.upload(r.officer("", ""), registry.ImportFigures, book(t, figureHead, c.row))
			if i.State != registry.ImportStaged || i.Rows != 1 {
				t.Errorf("%s: %+v", c.name, i)
				continue
			}
			got := r.complaints(i.ID)
			if c.want == "" {
				if i.Bad != 0 {
					t.Errorf("%s: %v", c.name, got)
				}
				continue
			}
			if len(got) == 0 || !strings.HasPrefix(got[0], c.want) {
				t.Errorf("%s: complaints %q, want %q", c.name, got, c.want)
			}
			if strings.Contains(strings.Join(got, ""), secret) {
				t.Errorf("%s: a complaint repeats the cell: %q", c.name, got)
			}
			_, err := r.Commit(r.sys, i.ID, registry.GoodOnly)
			wantCode(t, c.name+": committing", err, fault.Conflict)
		}
		if n := r.count(`SELECT COUNT(*) FROM fact_rows`); n != 0 {
			t.Errorf("%d facts were written", n)
		}
	})
}

// A file that cannot be read as a whole is refused with a sentence, whether at once or after a look inside.
func TestBadWorkbooks(t *testing.T) {
	row := []any{nil, code(1), nil, 1}
	head := figureHead[:4]
	with := func(change func(f *excelize.File) error) []byte {
		f, err := excelize.OpenReader(bytes.NewReader(book(t, head, row)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := change(f); err != nil {
			t.Fatal(err)
		}
		return save(t, f)
	}
	plain := book(t, head, row)
	cases := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "文件是空的"},
		{"text", []byte("统一社会信用代码,营业收入\n"), "这不是 Excel 工作簿"},
		{"html", []byte("<html><table>"), "这不是 Excel 工作簿"},
		{"an old or encrypted workbook", append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 512)...), "这是旧版 .xls 或加了密码的工作簿"},
		{"a torn file", plain[:len(plain)/2], "工作簿已损坏"},
		{"another zip", registry.Archive(t, map[string]string{"a.txt": "x"}), "这不是 Excel 工作簿"},
		{"no heading", book(t, []any{1, code(1), nil, 1}), "表头有误"},
		{"a title above", book(t, []any{"2025年企业数据"}, head, row), "表头有误"},
		{"an empty sheet", book(t), "工作表是空的"},
		{"a heading only", book(t, head), "表头下面没有数据"},
		{"the same heading twice", book(t, append(head[:4:4], "营业收入@2025(元)"), row), "表头有误"},
		{"an unknown heading", book(t, append(head[:4:4], "营收"), row), "表头有误"},
		{"no unit", book(t, append(head[:3:3], "营业收入@2025"), row), "表头有误"},
		{"an unknown unit", book(t, append(head[:3:3], "营业收入@2025（斤）"), row), "表头有误"},
		{"no year", book(t, append(head[:3:3], "营业收入（元）"), row), "表头有误"},
		{"no code", book(t, []any{"企业名称", "营业收入@2025（元）"}, []any{"x", 1}), "第1行不是模板的表头，或缺少栏目：统一社会信用代码"},
		{"no figure", book(t, []any{"统一社会信用代码"}, []any{code(1)}), "表头里没有任何指标"},
		{"long and wide form", book(t, append(head[:4:4], "指标", "数值"), row), "表头里既有"},
		{"two sheets", with(func(f *excelize.File) error { _, err := f.NewSheet("另一张"); return err }), "工作簿里有2张数据工作表"},
		{"a hidden sheet", with(func(f *excelize.File) error {
			_, err := f.NewSheet("另一张")
			return errors.Join(err, f.SetSheetVisible("另一张", false))
		}), "工作簿里有隐藏的工作表"},
		{"a merged heading", with(func(f *excelize.File) error { return f.MergeCell("Sheet1", "E1", "F1") }), "表头里有合并单元格"},
	}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		r.party(1, "东镇")
		for _, c := range cases {
			i, err := r.Upload(r.officer("", ""), registry.ImportFigures, "x.xlsx", bytes.NewReader(c.data))
			message := ""
			if err != nil {
				wantCode(t, c.name, err, fault.Invalid)
				message = fault.Public(err).Message
			} else {
				r.must(r.Stage(r.sys, i.ID, quiet))
				i, err = r.ImportOf(r.sys, i.ID)
				r.must(err)
				if i.State != registry.ImportFailed {
					t.Errorf("%s: %+v", c.name, i)
				}
				message = i.Failure
				if strings.HasPrefix(message, "表头有误") && (len(i.Problems) == 0 || i.Problems[0].Field == "") {
					t.Errorf("%s: no cell is named: %+v", c.name, i)
				}
			}
			if !strings.HasPrefix(message, c.want) {
				t.Errorf("%s: %q, want %q", c.name, message, c.want)
			}
		}
		if n := r.count(`SELECT COUNT(*) FROM import_rows`) + r.count(`SELECT COUNT(*) FROM import_parts`) + r.count(`SELECT COUNT(*) FROM fact_rows`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		r.intact()
	})
}

func TestMergedHiddenAndDoubleRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		for n := range 8 {
			r.party(n+1, "东镇")
		}
		f, err := excelize.OpenReader(bytes.NewReader(book(t, figureHead[:5],
			[]any{nil, code(1), nil, 1}, // 2: merged
			[]any{nil, code(2), nil, 1}, // 3: merged
			[]any{nil, code(3), nil, 1}, // 4: hidden
			[]any{nil, code(4), nil, 1}, // 5: said again in line 6, the same
			[]any{nil, code(4), nil, 1},
			[]any{nil, code(5), nil, 1}, // 7: said again in line 8, differently
			[]any{nil, code(5), nil, 2},
			[]any{}, // 9: empty
			[]any{nil, code(6), nil, 1},
			[]any{nil, code(6), nil, nil, 1}, // 11: another year of the same firm is fine
		)))
		r.must(err)
		r.must(errors.Join(f.MergeCell("Sheet1", "D2", "D3"), f.SetRowVisible("Sheet1", 4, false)))
		i := r.upload(r.officer("", ""), registry.ImportFigures, save(t, f))
		got := strings.Join(r.complaints(i.ID), "\n")
		for _, want := range []string{"D2 这一行有合并单元格", "D3 这一行有合并单元格", "A4 这一行被隐藏", "B6 与第5行重复", "B7 与第8行是同一项数据", "B8 与第7行是同一项数据"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not among the complaints:\n%s", want, got)
			}
		}
		if i.Good != 3 || i.Bad != 6 {
			t.Errorf("%+v\n%s", i, got)
		}
		i = r.commit(r.officer("", ""), i.ID, registry.GoodOnly)
		if i.Written != 3 {
			t.Errorf("%+v", i)
		}
		if _, n, _ := r.ImportRows(r.sys, i.ID, "bad", registry.Page{}); n != 6 {
			t.Errorf("%d bad rows are kept for whoever mends them", n)
		}
	})
}

func TestLongForm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a := r.party(1, "东镇")
		i := r.upload(r.officer("", ""), registry.ImportFigures, book(t,
			[]any{"统一社会信用代码", "指标", "年份", "数值", "单位"},
			[]any{code(1), "营业收入", 2025, 12.5, "亿元"},
			[]any{code(1), "营业收入", "2024年", "3万元"},
			[]any{code(1), "资产负债率", 2025, styled{0.5, 9}},
			[]any{code(1), "主导产品领域", nil, "其他"},
			[]any{code(1), "营业收入", 2023, 12},
			[]any{code(1), "营收", 2025, 12, "元"},
			[]any{code(1), "营业收入", nil, 12, "元"},
			[]any{code(1), "主导产品领域", 2025, "其他"},
			[]any{code(1), "科技奖励", nil, "有"},
			[]any{code(1), "营业收人", 2025, "12元"},
		))
		got := strings.Join(r.complaints(i.ID), "\n")
		for _, want := range []string{"D6 数值没有单位", "B7 词汇表中没有这一项", "D8 “营业收入”每年一个值", "C9 “主导产品领域”不分年份",
			"B10 词汇表中没有这一项；“科技奖励”是记录，不能只写有没有：请用“科技奖励”的导入模板，一行一条，写明列入或取得的日期",
			"B11 词汇表中没有这一项；是否应为“营业收入”？"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not among the complaints:\n%s", want, got)
			}
		}
		r.commit(r.officer("", ""), i.ID, registry.GoodOnly)
		if got := r.held(a, "营业收入2025") + " " + r.held(a, "营业收入2024") + " " + r.held(a, "资产负债率2025") + " " + r.held(a, "主导产品领域"); got != "1250000000元 30000元 50% 其他" {
			t.Error(got)
		}
	})
}

func TestImportRecords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a := r.party(1, "东镇")
		kind := "record:科技奖励"
		head := []any{"统一社会信用代码", "编号", "开始日期", "截止日期", "级别", "奖金（万元）", "牵头"}
		i := r.upload(r.officer("科技局", ""), kind, book(t, head,
			[]any{code(1), "浙奖1", styled{45413, 14}, "2027/4/30", "省级", 30, "是"},
			[]any{code(1), nil, "2023-01-01", nil, "市级"},
			[]any{code(1), nil, "2023-01-01", nil, "市级"},
			[]any{code(1), "甲", nil, nil, "市级"},
			[]any{code(1), "乙", "2023-01-01", "2022-01-01", "村级"},
			[]any{code(1), "丙", "有", nil, "市级"},
			[]any{code(1), "丁", "是", nil, "市级"},
			[]any{code(1), "戊", "无", nil, "市级"},
		))
		got := strings.Join(r.complaints(i.ID), "\n")
		for _, want := range []string{"A4 与第3行重复", "请写开始日期或截止日期", "D6 截止日期早于开始日期", "E6 级别：",
			"C7 请写日期，例如 2024-05-01；只写“有”，不知道算在哪一年", "C8 请写日期，例如 2024-05-01；只写“是”", "C9 这里写日期，例如 2024-05-01；没有这条记录的企业，请删去这一行"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not among the complaints:\n%s", want, got)
			}
		}
		i = r.commit(r.officer("科技局", ""), i.ID, registry.GoodOnly)
		facts, err := r.Facts(r.sys, a)
		r.must(err)
		if len(facts) != 2 || i.Written != 2 || facts[0].Source != "科技局" {
			t.Errorf("%+v", facts)
		}
		for _, f := range facts {
			if f.Record.Number == "浙奖1" && (f.Record.From != date("2024-05-01") || f.Record.Until != date("2027-04-30") || f.Record.Fields["奖金"] != "300000元" || f.Record.Fields["牵头"] != "是") {
				t.Errorf("%+v", f.Record)
			}
		}
		r.intact()
	})
}

// Mutation: let firms() write "" over what is known → red.
func TestImportFirms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		known, err := r.Put(r.sys, registry.Party{Kind: registry.KindFirm, Code: code(1), Name: "旧名", Town: "东镇", Industry: "家电", Phone: "13812345678", Note: "老户"})
		r.must(err)
		head := []any{"序号", "统一社会信用代码*", "企业名称*", "所在镇街*", "行业", "联系电话"}
		i := r.upload(r.officer("", ""), registry.ImportFirms, book(t, head,
			[]any{1, code(1), "新名", "东镇"},
			[]any{2, code(2), "二厂", "西镇", "轴承", "0574-63000000"},
			[]any{3, code(3), "三厂"},
			[]any{4, "91350203M0001QAY9B", "四厂", "西镇"},
		))
		if i.Good != 2 || i.Bad != 2 {
			t.Fatalf("%+v %v", i, r.complaints(i.ID))
		}
		rows, _, err := r.ImportRows(r.sys, i.ID, "good", registry.Page{})
		r.must(err)
		if strings.Contains(fmt.Sprint(rows), "63000000") {
			t.Error("the preview shows a telephone number")
		}
		_, err = r.Commit(r.sys, i.ID, registry.AllOrNone)
		wantCode(t, "all with two bad rows", err, fault.Conflict)
		i = r.commit(r.officer("", ""), i.ID, registry.GoodOnly)
		p, err := r.Unmask(r.sys, known.ID, "核对")
		r.must(err)
		if p.Name != "新名" || p.Industry != "家电" || p.Phone != "13812345678" || p.Note != "老户" {
			t.Errorf("known firm %+v", p)
		}
		items, n, err := r.List(r.sys, registry.Filter{Text: "二厂"}, registry.Page{})
		if err != nil || n != 1 || items[0].Town != "西镇" || i.Written != 2 {
			t.Errorf("%+v %v %+v", items, err, i)
		}
		if _, n, _ := r.List(r.sys, registry.Filter{Text: "旧名"}, registry.Page{}); n != 0 {
			t.Error("the old name is still found")
		}
		r.intact()
	})
}

// The vocabulary says what a size is: another word is a bad cell that is named with the words that are right, and never with what it holds.
//
// Mutation: leave policy.CheckSize out of Party.check, or the options out of the template → red.
func TestImportKnowsSizes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		i := r.upload(r.officer("", ""), registry.ImportFirms, book(t, []any{"统一社会信用代码*", "企业名称*", "所在镇街*", "规模"},
			[]any{code(1), "一厂", "东镇", "大型"}, []any{code(2), "二厂", "东镇", " 微型 "}, []any{code(3), "三厂", "东镇", nil},
			[]any{code(4), "四厂", "东镇", "特大"}, []any{code(5), "五厂", "东镇", "小微"}, []any{code(6), "六厂", "东镇", 3}))
		got := r.complaints(i.ID)
		const says = " 应写其中之一：大型、中型、小型、微型"
		if i.Good != 3 || !slices.Equal(got, []string{"D5" + says, "D6" + says, "D7" + says}) {
			t.Errorf("%d good, %q", i.Good, got)
		}
		var b bytes.Buffer
		r.must(r.Template(r.officer("", ""), registry.ImportFirms, nil, &b))
		f, err := excelize.OpenReader(&b)
		r.must(err)
		defer f.Close()
		if rules, err := f.GetDataValidations("企业名录"); err != nil || len(rules) != 1 {
			t.Errorf("%d drop-downs, %v", len(rules), err)
		}
		if words, err := f.GetCols("选项"); err != nil || fmt.Sprint(words) != "[[大型 中型 小型 微型]]" {
			t.Errorf("the drop-down offers %v, %v", words, err)
		}
	})
}

func TestWhoImports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		r.party(1, "东镇")
		r.party(2, "西镇")
		data := book(t, figureHead[:4], []any{nil, code(1), nil, 1}, []any{nil, code(2), nil, 1})
		for who, c := range map[string]struct {
			ctx  context.Context
			kind string
			want fault.Code
		}{
			"the public":         {r.public(), registry.ImportFigures, fault.Forbidden},
			"a firm":             {r.firm("x"), registry.ImportFigures, fault.Forbidden},
			"an auditor":         {r.as("a", account.Grant{Role: account.RoleAuditor}), registry.ImportFigures, fault.Forbidden},
			"another department": {r.officer("统计局", ""), "record:科技奖励", fault.Forbidden},
			"no such kind":       {r.officer("", ""), "record:别的", fault.Invalid},
			"no kind":            {r.officer("", ""), "", fault.Invalid},
			"a nobody's term":    {r.officer("教育局", ""), registry.ImportFigures, fault.Forbidden},
		} {
			_, err := r.Upload(c.ctx, c.kind, "x.xlsx", bytes.NewReader(data))
			wantCode(t, who, err, c.want)
		}
		// A heading of another department is refused as a whole, a firm of another town by its row.
		i := r.upload(r.officer("税务局", ""), registry.ImportFigures, data)
		if i.State != registry.ImportFailed || len(i.Problems) != 1 || !strings.Contains(i.Problems[0].Message, "由统计局认可") {
			t.Errorf("%+v", i)
		}
		town := r.officer("统计局", "东镇")
		i = r.upload(town, registry.ImportFigures, data)
		if i.Good != 1 || i.Bad != 1 || !strings.HasPrefix(r.complaints(i.ID)[0], "B3 没有登记这家企业，或不在您的辖区") {
			t.Errorf("%+v %v", i, r.complaints(i.ID))
		}
		for what, err := range map[string]error{
			"seeing":     second(r.ImportOf(r.officer("统计局", "西镇"), i.ID)),
			"its rows":   third(r.ImportRows(r.officer("统计局", "西镇"), i.ID, "", registry.Page{})),
			"committing": second(r.Commit(r.officer("统计局", "西镇"), i.ID, registry.GoodOnly)),
			"cancelling": second(r.Cancel(r.officer("统计局", "西镇"), i.ID)),
			"a forged":   second(r.ImportOf(town, "1' OR '1'='1")),
		} {
			wantCode(t, what+" another's import", err, fault.NotFound)
		}
		if _, n, err := r.Imports(r.officer("统计局", "西镇"), registry.Page{}); err != nil || n != 0 {
			t.Errorf("another officer lists %d, %v", n, err)
		}
		// A scope that was narrowed between reading and writing counts when writing.
		_, err := r.Commit(r.as(account.ActorFrom(town).AccountID, account.Grant{Role: account.RoleOfficer, Department: "统计局", Town: "西镇"}), i.ID, registry.GoodOnly)
		r.must(err)
		r.must(r.Write(r.sys, i.ID, quiet))
		if n := r.count(`SELECT COUNT(*) FROM facts`); n != 0 {
			t.Errorf("%d facts written outside the scope", n)
		}
		kinds, err := r.ImportKinds(r.officer("科技局", ""))
		if err != nil || len(kinds) != 4 {
			t.Errorf("kinds %+v, %v", kinds, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }

// The template that is downloaded can be filled in and uploaded; its example is not imported.
func TestTemplate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a := r.party(1, "东镇")
		for _, kind := range []string{registry.ImportFirms, registry.ImportFigures, "record:科技奖励", "record:高新技术企业"} {
			var b bytes.Buffer
			r.must(r.Template(r.officer("", ""), kind, nil, &b))
			empty := r.upload(r.officer("", ""), kind, b.Bytes())
			if empty.State != registry.ImportFailed || empty.Failure != "表头下面没有数据" {
				t.Errorf("%s: the empty template: %+v", kind, empty)
			}
		}
		var b bytes.Buffer
		r.must(r.Template(r.officer("", ""), registry.ImportFigures, []int{2025}, &b))
		f, err := excelize.OpenReader(&b)
		r.must(err)
		heads, err := f.GetRows("指标数据")
		r.must(err)
		if got := strings.Join(heads[0], "|"); got != "序号|统一社会信用代码*|企业名称|营业收入@2025（万元）|资产负债率@2025（%）|主营收入@2025（万元）|从业人数@2025（人）|主导产品领域|成立日期|有研发机构|经办电话|无主指标@2025（万元）|依据" {
			t.Error(got)
		}
		if rules, err := f.GetDataValidations("指标数据"); err != nil || len(rules) != 2 {
			t.Errorf("%d drop-downs, %v", len(rules), err)
		}
		r.must(errors.Join(f.SetCellStr("指标数据", "B3", code(1)), f.SetCellValue("指标数据", "D3", 1234.56), f.SetCellStr("指标数据", "H3", "其他")))
		i := r.upload(r.officer("", ""), registry.ImportFigures, save(t, f))
		if i.Good != 1 || i.Rows != 1 {
			t.Fatalf("%+v %v", i, r.complaints(i.ID))
		}
		r.commit(r.officer("", ""), i.ID, registry.AllOrNone)
		if got := r.held(a, "营业收入2025") + r.held(a, "主导产品领域"); got != "12345600元其他" {
			t.Error(got)
		}
		wantCode(t, "a firm's template", r.Template(r.firm(a), registry.ImportFigures, nil, &b), fault.Forbidden)
	})
}
