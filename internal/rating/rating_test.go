package rating

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/policy"
)

// samples holds the workbook of the sample and what was made of it.
const samples = "../../schemes/patterns"

func sample(t *testing.T) *excelize.File {
	t.Helper()
	book, err := excelize.OpenFile(filepath.Join(samples, "star-sample.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book
}

func read(t *testing.T, book *excelize.File) (*Rating, []Problem) {
	t.Helper()
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	r, problems, err := Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r, problems
}

// loads checks the made files as shanglin check does, examples and all.
func loads(t *testing.T, r *Rating) *policy.Library {
	t.Helper()
	var files []policy.File
	for name, data := range r.Files("book.xlsx") {
		files = append(files, policy.File{Path: "made/" + name, Data: data})
	}
	lib, problems := policy.Load(files)
	for _, p := range append(problems, lib.CheckExamples()...) {
		t.Error(p)
	}
	return lib
}

// TestSampleIsWhatItsWorkbookMakes: the files of the sample are those of its workbook, byte for byte, with as many categories and indicators
// as the guide that the county's reply names.
func TestSampleIsWhatItsWorkbookMakes(t *testing.T) {
	r, problems := read(t, sample(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := r.Count(); got != "11个大类、44个指标、满分100分、5个等级" {
		t.Errorf("the sample has %s", got)
	}
	for name, data := range r.Files("star-sample.xlsx") {
		there, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(there, data) {
			t.Errorf("%s is not what its workbook makes: run shanglin rating %s/star-sample.xlsx --to %s --overwrite", name, samples, samples)
		}
	}
	lib := loads(t, r)
	s := lib.Scheme(r.ID + "/" + r.Name)
	// 5 lines, each reached and just missed, full marks, both floors missed, one indicator unstated.
	if n := len(s.Describe().Examples); n != 14 {
		t.Errorf("%d examples", n)
	}
}

// TestEveryBadCellIsNamed: one thing wrong at a time, by sheet and cell; nothing is made of such a workbook.
// Turns red when one of the checks that a single cell can fail is taken away from workbook.go or rating.go.
func TestEveryBadCellIsNamed(t *testing.T) {
	for _, x := range []struct {
		name, sheet, cell string
		value             any
		want              string
	}{
		{"weights that do not add up", "指标", "C2", 3, "“大类”B2：大类“战略管理”写的是8分，它各项指标的满分合计9分。"},
		{"no number", "指标", "C3", "两分", "“指标”C3：应写分数，最多两位小数，例如 2.5。"},
		{"three decimals", "指标", "C3", 2.005, "“指标”C3：应写分数"},
		{"below zero", "指标", "C3", -2, "“指标”C3：应写分数"},
		{"worth nothing", "指标", "C3", 0, "“指标”C3：满分应大于0。"},
		{"an empty cell", "指标", "C4", nil, "“指标”C4：应写分数。"},
		{"no name", "指标", "B4", nil, "“指标”B4：请写指标的名称。"},
		{"one name twice", "指标", "B6", "战略规划", "“指标”B6：指标“战略规划”与 B2 重名"},
		{"a name of signs", "指标", "B6", "——", "“指标”B6：指标的名称里没有汉字、字母或数字。"},
		{"an unknown category", "大类", "A3", "组织", "“大类”A3：“组织”在工作表“指标”里没有指标"},
		{"another total", "说明", "B9", 99, "“指标”：各项指标的满分合计100分，应为99分，差1分。"},
		{"no total", "说明", "B9", nil, "“说明”：请写“满分”。"},
		{"a bad short name", "说明", "B2", "星级", "“说明”B2：短名应是英文字母开头"},
		{"a bad name", "说明", "B3", "企业 星级", "“说明”B3：评级名称只能有汉字、字母和数字"},
		{"an unknown item", "说明", "A5", "批号", "B5"},
		{"a bad validity", "说明", "B10", "两年", "“说明”B10：有效期应写作 3年。"},
		{"a floor above its category", "大类", "C2", 9, "“大类”C2：大类“战略管理”的最低分9分高于它各项指标的合计8分。"},
		{"a gap between levels", "等级", "C3", 89, "“等级”C3：“四星级”到89分为止，“五星级”从90分起，中间有空档。"},
		{"levels that overlap", "等级", "C3", 91, "“等级”C3：“四星级”到91分为止，与从90分起的“五星级”重叠。"},
		{"a level out of reach", "等级", "B2", 101, "“等级”B2：起始分101分高于满分100分，谁也达不到。"},
		{"the top ends early", "等级", "C2", 99, "“等级”C2：最高一级应到满分100分为止，这里到99分。"},
		{"a level twice", "等级", "A3", "五星级", "与 A2 重名"},
		{"two levels from one line", "等级", "B3", 90, "从同一分数起"},
		{"the template's words", "指标", "D2", "（示例）怎样得分", "“指标”D2：还是样表里的示例"},
		{"a heading gone", "指标", "C1", "权重", "“指标”：第一行没有标题“满分”。"},
		{"a heading twice", "指标", "D1", "满分", "“指标”D1：标题“满分”写了两次。"},
		{"an item twice", "说明", "A7", "满分", "“说明”A9：“满分”写了两次。"},
		{"no category", "指标", "A2", nil, "“指标”A2：请写它属于哪个大类"},
		{"a category without a name", "大类", "A3", nil, "“大类”A3：请写大类的名称。"},
		{"a category left out", "大类", "A3", nil, "“大类”：没有写大类“组织与制度”。"},
		{"a category twice", "大类", "A3", "战略管理", "“大类”A3：“战略管理”在工作表“指标”里没有指标，或者在这里写了两次。"},
		{"a level without a name", "等级", "A3", nil, "“等级”A3：请写等级的名称。"},
		{"floors above the lowest line", "等级", "B6", 8, "“等级”B6：各大类的最低分合计8.5分，高于最低一级的起始分8分"},
		{"a bad year", "说明", "A7", "评价年度", "评价年度应是四位年份"},
	} {
		t.Run(x.name, func(t *testing.T) {
			book := sample(t)
			if x.name == "an unknown item" { // it only counts when something is said of it
				if err := book.SetCellValue("说明", "B5", "某号"); err != nil {
					t.Fatal(err)
				}
				x.want = "“说明”A5：不认识的项目"
			}
			if err := book.SetCellValue(x.sheet, x.cell, x.value); err != nil {
				t.Fatal(err)
			}
			r, problems := read(t, book)
			if r != nil {
				t.Error("a rating is made all the same")
			}
			for _, p := range problems {
				if strings.Contains(p.String(), x.want) {
					return
				}
			}
			t.Errorf("%q is not said: %v", x.want, problems)
		})
	}
	t.Run("a formula", func(t *testing.T) {
		book := sample(t)
		if err := book.SetCellFormula("指标", "C2", "1+1"); err != nil {
			t.Fatal(err)
		}
		if _, problems := read(t, book); len(problems) == 0 || !strings.Contains(problems[0].String(), "“指标”C2：单元格是公式") {
			t.Errorf("%v", problems)
		}
	})
	t.Run("a sheet gone", func(t *testing.T) {
		book := sample(t)
		if err := book.DeleteSheet("等级"); err != nil {
			t.Fatal(err)
		}
		if _, problems := read(t, book); len(problems) != 1 || problems[0].String() != "工作表“等级”：没有这个工作表；请从样表开始填。" {
			t.Errorf("%v", problems)
		}
	})
	t.Run("no workbook", func(t *testing.T) {
		if _, _, err := Read(strings.NewReader("大类,指标"), 12); err == nil || !strings.Contains(err.Error(), "不是 Excel 工作簿") {
			t.Errorf("%v", err)
		}
	})
}

// TestTemplateIsFilledIn: the template alone is refused for its samples; filled in, with weights as percentages and without the sheets and
// columns that may be missing, it makes files that check.
func TestTemplateIsFilledIn(t *testing.T) {
	var b bytes.Buffer
	if err := Template(&b); err != nil {
		t.Fatal(err)
	}
	if r, problems, err := Read(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil || r != nil || len(problems) < 5 {
		t.Fatalf("the template as it is: %v %v %v", r, problems, err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	percent, err := book.NewStyle(&excelize.Style{NumFmt: 10})
	if err != nil {
		t.Fatal(err)
	}
	set := func(sheet, cell string, value any) {
		if err := book.SetCellValue(sheet, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.DeleteSheet("大类"); err != nil {
		t.Fatal(err)
	}
	for i, v := range []any{"wb-1", "试评", "评价：'办法'", nil, "局", nil, "2021-05-01", "2022", nil, "某局", "3年", "试评字", 200, "第一句"} {
		set("说明", fmt.Sprintf("B%d", i+2), v)
	}
	for i, row := range [][]any{{"甲类", "甲（一）", 0.125, "说法: 有冒号, 有逗号"}, {nil, "甲（二）", "37.5%", nil}, {"乙类", "乙一", 100, nil}} {
		for j, v := range row {
			set("指标", fmt.Sprintf("%c%d", 'A'+j, i+2), v)
		}
	}
	if err := book.SetCellStyle("指标", "C2", "C2", percent); err != nil {
		t.Fatal(err)
	}
	for i, row := range [][]any{{"低等", 60.5}, {"高等", 150}} { // in any order
		set("等级", fmt.Sprintf("A%d", i+2), row[0])
		set("等级", fmt.Sprintf("B%d", i+2), row[1])
	}
	r, problems := read(t, book)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	// 12.5% of 200 = 25, 37.5% = 75, and 100.
	if c := r.Categories; len(c) != 2 || c[0].Full() != 10000 || c[0].Indicators[0].Full != 2500 || c[0].Indicators[1].Full != 7500 {
		t.Errorf("the weights come to %+v", r.Categories)
	}
	lib := loads(t, r)
	f := policy.NewFacts(lib.Vocabulary())
	for _, line := range [][2]string{{"试评_甲一", "20分"}, {"试评_甲二", "40.49分"}, {"试评_乙一", "0分"}} {
		if err := f.Value(line[0], 2022, line[1], policy.Source{}); err != nil {
			t.Fatal(err)
		}
	}
	got := lib.Scheme("wb-1/试评").Evaluate(policy.Question{Facts: f, On: policy.NewDate(2023, 6, 30)})
	if got.Answer != policy.Unmet || got.Level != nil { // 60.49 is 0.01 short
		t.Errorf("60.49 points: %s %+v", got.Answer, got.Level)
	}
	if err := f.Value("试评_乙一", 2022, "100.01分", policy.Source{}); err == nil {
		t.Error("more than full marks are taken")
	}
}
