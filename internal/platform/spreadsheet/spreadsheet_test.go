package spreadsheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/fault"
)

// Mutations: leave one of the marks out of Text; pass cells or the title on as they are → red.
func TestNoCellIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "某某电器": "某某电器", "=1+1": "'=1+1", "+86": "'+86", "-5": "'-5", "@SUM(A1)": "'@SUM(A1)", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠a": "'＠a",
		"\t=1": "'\t=1", "\n=1": "'\n=1", "a=1": "a=1", "a\x00b\x1fc": "abc", "\x01=1": "'=1", "\xff": "?", "a\uFFFEb": "ab",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
	if got := Text(strings.Repeat("字", 40_000)); len([]rune(got)) != 32_767 {
		t.Errorf("a cell of %d characters", len([]rune(got)))
	}
	var b bytes.Buffer
	err := Write(&b, Table{Sheet: "表", Title: "=title", Columns: []Column{{"=heading", 10}, {"数", 10}, {"空", 10}}, Rows: func(emit Emit) error {
		return emit("=HYPERLINK(\"x\")", 12.5, nil)
	}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"A1": "'=title", "A2": "'=heading", "A3": "'=HYPERLINK(\"x\")", "B3": "12.5", "C3": ""} {
		got, err := f.GetCellValue("表", cell)
		formula, err2 := f.GetCellFormula("表", cell)
		if got != want || formula != "" || err != nil || err2 != nil {
			t.Errorf("%s holds %q (formula %q), want %q; %v %v", cell, got, formula, want, err, err2)
		}
	}
	if kind, err := f.GetCellType("表", "B3"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a number is written as %v, %v", kind, err)
	}
}

// Mutation: count the rows of the heading as rows of the list, or do not count → red.
func TestTooManyRows(t *testing.T) {
	write := func(n int) error {
		return Write(io.Discard, Table{Sheet: "表", Columns: []Column{{"数", 10}}, Rows: func(emit Emit) error {
			for i := range n {
				if err := emit(i); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	if err := write(most); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	if err := write(most + 1); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("one too many: %v", err)
	}
}

// Mutation: do not look at the error of write → red.
func TestAnswerIsWholeOrAnError(t *testing.T) {
	serve := func(write func(io.Writer) error) *httptest.ResponseRecorder {
		mux := http.NewServeMux()
		api := humago.New(mux, huma.DefaultConfig("test", "1"))
		huma.Register(api, huma.Operation{OperationID: "x", Method: http.MethodGet, Path: "/x"}, func(_ context.Context, _ *struct{}) (*huma.StreamResponse, error) {
			return Answer("名录.xlsx", write)
		})
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
		return w
	}
	whole := serve(func(w io.Writer) error { _, err := w.Write([]byte("whole")); return err })
	if whole.Code != 200 || whole.Body.String() != "whole" || whole.Header().Get("Content-Type") != mediaType ||
		whole.Header().Get("Content-Disposition") != "attachment; filename*=UTF-8''%E5%90%8D%E5%BD%95.xlsx" || whole.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q %v", whole.Code, whole.Body, whole.Header())
	}
	half := serve(func(w io.Writer) error { w.Write([]byte("half")); return errors.New("the database went away") })
	if half.Code == 200 || strings.Contains(half.Body.String(), "half") {
		t.Errorf("a failure is answered %d %q", half.Code, half.Body)
	}
}
