package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
)

const ratingWorkbook = schemesFolder + "/patterns/star-sample.xlsx"

// entries are the names in a folder.
func entries(t *testing.T, folder string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// TestRating: a workbook becomes two files that shanglin check passes; one wrong cell, or a name that the vocabulary has already, and the folder
// stays as it was. Turns red when a file is written before the check, or an existing one is replaced without being asked.
func TestRating(t *testing.T) {
	folder := t.TempDir()
	shanglin(t, "", "rating", ratingWorkbook, "--to", folder).expect(t, 0, []string{"11个大类、44个指标、满分100分、5个等级", "star-sample-vocabulary.yaml"}, nil)
	if got := entries(t, folder); len(got) != 2 {
		t.Fatalf("the folder holds %v", got)
	}
	shanglin(t, "", "check", folder).expect(t, 0, []string{"没有问题，示例全部验算无误"}, nil)
	shanglin(t, "", "rating", ratingWorkbook, "--to", folder).expect(t, 0, nil, nil) // the same again changes nothing

	book, err := excelize.OpenFile(ratingWorkbook)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	changed := filepath.Join(t.TempDir(), "changed.xlsx")
	save := func(sheet, cell string, value any) {
		t.Helper()
		if err := book.SetCellValue(sheet, cell, value); err != nil {
			t.Fatal(err)
		}
		if err := book.SaveAs(changed); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadFile(filepath.Join(folder, "star-sample.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	save("指标", "D2", "别的说明")
	shanglin(t, "", "rating", changed, "--to", folder).expect(t, 1, []string{"已经有了，内容不同，没有写", "--overwrite"}, nil)
	save("指标", "C2", 2.5)
	shanglin(t, "", "rating", changed, "--to", folder, "--overwrite").expect(t, 1, []string{"工作表“大类”B2", "1处错误，没有写文件"}, nil)
	if after, err := os.ReadFile(filepath.Join(folder, "star-sample.yaml")); err != nil || string(after) != string(before) {
		t.Errorf("the file was touched (%v)", err)
	}
	save("指标", "C2", 2)
	shanglin(t, "", "rating", changed, "--to", folder, "--overwrite").expect(t, 0, nil, nil)

	// A second document of another name declares the same words again.
	save("说明", "B2", "other")
	shanglin(t, "", "rating", changed, "--to", folder).expect(t, 1, []string{"只能声明一次", "没有写"}, nil)
	if got := entries(t, folder); len(got) != 2 {
		t.Errorf("the folder holds %v", got)
	}
}

func TestRatingTemplate(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new.xlsx")
	shanglin(t, "", "rating", "--template", name).expect(t, 0, []string{"写好了样表"}, nil)
	shanglin(t, "", "rating", "--template", name).expect(t, 1, []string{"已经有了，没有写"}, nil)
	shanglin(t, "", "rating", name, "--to", filepath.Dir(name)).expect(t, 1, []string{"还是样表里的示例", "请写“满分”"}, nil)
	shanglin(t, "", "rating", name).expect(t, 2, []string{"--to"}, nil)
	shanglin(t, "", "rating", "missing.xlsx", "--to", ".").expect(t, 1, []string{"打不开 missing.xlsx"}, nil)
}
