package matching_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/matching"
	"shanglin/internal/platform/store/storetest"
)

// serve is the room's routes as one actor sees them.
func (c *county) serve(ctx context.Context, url string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("test", "1"))
	api.UseMiddleware(func(hc huma.Context, next func(huma.Context)) { next(huma.WithContext(hc, ctx)) })
	c.matching.Routes(api)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", url, nil))
	return w
}

// What the pages read: lists are never null, money and groups are there, the workbook opens. Turns red when a query parameter is not read
// (make affectedInput's fields unexported) or a list of the JSON is nil.
func TestRoutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		ids := c.many(21) // growth of 0 to 20 per cent
		if err := c.matching.All(c.ctx, silent); err != nil {
			t.Fatal(err)
		}
		officer := c.as(account.Grant{Role: account.RoleOfficer})
		read := func(url string, into any) {
			t.Helper()
			w := c.serve(officer, url)
			if w.Code != 200 || strings.Contains(w.Body.String(), ":null") {
				t.Fatalf("%s: %d %s", url, w.Code, w.Body)
			}
			if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
				t.Fatal(err)
			}
		}
		var answers matching.Standpoints
		read("/api/t/parties/"+ids[20]+"/answers", &answers)
		if len(answers.Items) != 5 || answers.Items[0].Scheme.ID != "m2025/growth" || answers.Items[0].Group != matching.Due || answers.Total.Owed != 100_000 || len(answers.Ask) == 0 {
			t.Errorf("%+v", answers)
		}
		read("/api/t/parties/"+ids[20]+"/answers?on=2021-06-30&all=true", &answers)
		if answers.On.String() != "2021-06-30" || answers.Items[0].Scheme.ID != "m2020/old" {
			t.Errorf("another day: %+v", answers)
		}
		var explained matching.Explained
		read("/api/t/parties/"+ids[3]+"/answers/m2025/growth", &explained)
		if explained.Group != matching.Close || explained.Result.Reasons == nil || len(explained.Result.Gaps) != 1 {
			t.Errorf("%+v", explained)
		}
		read("/api/t/parties/"+ids[3]+"/answers/m2025/person", &explained)
		if explained.Result.Answer.String() != "not_applicable" || explained.Result.Amount.High != 0 {
			t.Errorf("a scheme for another kind of party: %+v", explained.Result)
		}
		var page matching.AffectedPage
		read("/api/t/schemes/m2025/growth/affected?answer=met&town=%E4%B8%9C%E9%95%87&q=0020&page=1&per=5", &page)
		if page.Total != 1 || len(page.Items) != 1 || page.Items[0].Party.ID != ids[20] {
			t.Errorf("%+v", page)
		}
		w := c.serve(officer, "/api/t/schemes/m2025/growth/affected.xlsx?answer=met")
		book, err := excelize.OpenReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatalf("%d: %v", w.Code, err)
		}
		defer book.Close()
		if rows, err := book.GetRows("涉及企业"); err != nil || len(rows) != 2+11 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		w = c.serve(officer, "/api/t/parties/"+ids[3]+"/answers.xlsx")
		answersBook, err := excelize.OpenReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatalf("%d: %v", w.Code, err)
		}
		defer answersBook.Close()
		if rows, err := answersBook.GetRows("政策结论"); err != nil || len(rows) != 2+5 || !strings.Contains(rows[0][0], "企业0003") {
			t.Errorf("%v, %v", rows, err)
		}
		for _, url := range []string{"/api/t/parties/" + ids[0] + "/answers?on=2026-13-01", "/api/t/parties/" + ids[0] + "/answers/m2025/none",
			"/api/t/parties/x/answers", "/api/t/schemes/m2025/growth/affected?answer=x", "/api/t/schemes/a/b/affected.xlsx",
			"/api/t/parties/x/answers.xlsx"} {
			if w := c.serve(officer, url); w.Code == 200 {
				t.Errorf("%s is answered", url)
			}
			if w := c.serve(c.as(), url); w.Code == 200 {
				t.Errorf("%s is answered to the public", url)
			}
		}
	})
}
