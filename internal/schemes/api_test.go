package schemes_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/xuri/excelize/v2"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

func noon(day string) func() time.Time {
	d, err := time.Parse("2006-01-02", day)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return d.Add(4 * time.Hour) }
}

// service serves the room's routes for one tenant, as the public.
func service(t *testing.T, ctx context.Context) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("test", "1"))
	api.UseMiddleware(func(hc huma.Context, next func(huma.Context)) { next(huma.WithContext(hc, ctx)) })
	schemes.Routes(api)
	return mux
}

// call sends a request and reads the answer; into may be nil.
func call(t *testing.T, h http.Handler, method, url, body string, into any) int {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, url, r)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if into != nil && w.Code == http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("%s: %v", url, err)
		}
	}
	if w.Code == http.StatusOK && strings.Contains(w.Body.String(), ":null") {
		t.Errorf("%s: a list is null: %s", url, w.Body.String())
	}
	return w.Code
}

// Turns red when a filter is ignored, words of two characters or apart are not found, or a facet counts what another filter excludes.
func TestFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23"))
		mustSeed(t, ctx, seedFiles(t), "lower")
		h := service(t, ctx)
		for _, x := range []struct {
			query string
			want  string // ids in order
		}{
			{"", "up2026/U1 low2025/L1 low2020/S1"}, // in force first, then the latest
			{"q=软件", "up2026/U1"},
			{"q=奖励", "up2026/U1 low2025/L1"},
			{"q=稳岗", "low2020/S1"},
			{"q=规模增长", "low2025/L1"}, // 规模 and 增长 stand apart
			{"q=20号", "low2025/L1"},
			{"q=本政办发[2025]20号", "low2025/L1"},
			{"q=本政办发（２０２５）２０号", "low2025/L1"},
			{"q=LOW2025", "low2025/L1"},
			{"q=2025年增长", "low2025/L1"},
			{"q=2031年增长", ""},
			{"q=奖励 增长", "low2025/L1"},
			{"q=人社部门", "low2020/S1"},
			{"q=软件业", "up2026/U1"},
			{"q=岗", "low2020/S1"},
			{"q=飞机场", ""},
			{"q=，。", ""},
			{"industry=软件业", "up2026/U1 low2025/L1 low2020/S1"}, // the others concern every industry
			{"industry=农业", "low2025/L1 low2020/S1"},
			{"size=小型", "up2026/U1 low2020/S1"},
			{"department=人社部门", "low2020/S1"},
			{"kind=money&standing=in_force", "up2026/U1 low2025/L1"},
			{"kind=licence", ""},
			{"standing=expired", "low2020/S1"},
			{"standing=in_force&on=2021-01-01", "low2020/S1"},
			{"standing=upcoming&on=2021-01-01", "up2026/U1 low2025/L1"},
			{"document=low2025", "low2025/L1"},
			{"page=2&per=2", "low2020/S1"},
			{"page=9&per=2", ""},
		} {
			var got schemes.Found
			if code := call(t, h, "GET", "/api/t/schemes?"+strings.ReplaceAll(x.query, " ", "%20"), "", &got); code != 200 {
				t.Errorf("%s: %d", x.query, code)
				continue
			}
			var ids []string
			for _, s := range got.Items {
				ids = append(ids, s.ID)
			}
			if strings.Join(ids, " ") != x.want {
				t.Errorf("%s: %v, want %s", x.query, ids, x.want)
			}
		}
		var got schemes.Found
		call(t, h, "GET", "/api/t/schemes?standing=in_force", "", &got)
		if got.Total != 2 || !slices.Equal(got.Facets.Standing, []schemes.Facet{{Value: "in_force", Count: 2}, {Value: "expired", Count: 1}}) ||
			!slices.Equal(got.Facets.Department, []schemes.Facet{{Value: "经信部门", Count: 2}}) {
			t.Errorf("facets %+v", got.Facets)
		}
		if s := got.Items[0]; s.Document.Level != "上级市" || s.Document.Number != "上政发〔2026〕8号" || len(s.Gives) != 1 || s.Tags[0] != "软件业" {
			t.Errorf("%+v", s)
		}
		// The list as a workbook is the list under the same filters, all of it.
		for query, want := range map[string]string{"": "up2026/U1 low2025/L1 low2020/S1", "q=奖励&standing=in_force": "up2026/U1 low2025/L1", "q=飞机场": ""} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/api/t/schemes.xlsx?"+query, nil))
			book, err := excelize.OpenReader(w.Body)
			if err != nil {
				t.Fatalf("%d %v", w.Code, err)
			}
			rows, err := book.GetRows("政策")
			var ids []string
			for _, row := range rows[1:] {
				ids = append(ids, row[10])
			}
			if strings.Join(ids, " ") != want || err != nil || book.Close() != nil {
				t.Errorf("%s as a workbook: %v, want %s", query, ids, want)
			}
		}
		for _, bad := range []string{"on=2026-02-30", "standing=x", "page=0", "per=1000000", "page=x"} {
			if code := call(t, h, "GET", "/api/t/schemes?"+bad, "", nil); code == 200 {
				t.Errorf("%s is accepted", bad)
			}
		}
	})
}

func TestShowAndWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23"))
		mustSeed(t, ctx, seedFiles(t), "lower")
		h := service(t, ctx)
		var shown schemes.Shown
		if code := call(t, h, "GET", "/api/t/schemes/low2020/S1?on=2022-12-31", "", &shown); code != 200 || shown.Standing != policy.InForce {
			t.Errorf("%d %+v", code, shown)
		}
		if call(t, h, "GET", "/api/t/schemes/low2020/S1", "", &shown); shown.Standing != policy.Expired || len(shown.Description.Examples) != 2 || len(shown.Version) != 64 {
			t.Errorf("%+v", shown)
		}
		if code := call(t, h, "GET", "/api/t/schemes/low2020/S9", "", nil); code == 200 {
			t.Error("a scheme that does not exist is shown")
		}
		var words schemes.Words
		call(t, h, "GET", "/api/t/vocabulary", "", &words)
		if len(words.Terms) != 2 || len(words.Records) != 1 {
			t.Errorf("%+v", words)
		}
	})
}

// tables are the row counts of every table of the tenant.
func tables(t *testing.T, ctx context.Context) map[string]int {
	t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if store.Bound(ctx).Installation().Kind() == "postgres" {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	var names []string
	if err := store.Read(ctx, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query).Scan(ctx, &names) }); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, name := range names {
		out[name] = count(t, ctx, name)
	}
	return out
}

// The calculator answers every scheme in force with reasons and keeps nothing. Turns red when it writes any row.
func TestCalculatorKeepsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23"))
		mustSeed(t, ctx, seedFiles(t), "lower")
		h := service(t, ctx)
		before := tables(t, ctx)
		if len(before) < 6 {
			t.Fatalf("tables %v", before)
		}
		var got schemes.Calculation
		code := call(t, h, "POST", "/api/t/calculator", `{"facts": {"销售额@2024": "1000万元", "销售额@2025": "1.2亿元", "软件名录": ""}}`, &got)
		if code != 200 || len(got.Results) != 2 || len(got.Problems) != 0 {
			t.Fatalf("%d %+v", code, got)
		}
		for _, r := range got.Results {
			switch r.Scheme.ID {
			case "low2025/L1": // (12000-1000)/100 = 110 steps of up to 500 yuan
				if r.Result.Answer != policy.Met || r.Result.Amount.High != 5_500_000 || r.Result.Reasons == nil {
					t.Errorf("%+v", r.Result)
				}
			case "up2026/U1":
				if r.Result.Answer != policy.Unknown || r.Result.Potential.High != 10_000_000 {
					t.Errorf("%+v", r.Result)
				}
			}
		}
		if got.Total != (schemes.Sum{Owed: 0, Ceiling: 5_500_000}) || len(got.Ask) != 1 || got.Ask[0].Key != "软件名录" || got.On.String() != "2026-11-23" {
			t.Errorf("%+v, ask %+v", got.Total, got.Ask)
		}
		call(t, h, "POST", "/api/t/calculator", `{"facts": {"软件名录": "是"}, "schemes": ["up2026/U1"]}`, &got)
		if len(got.Results) != 1 || got.Total != (schemes.Sum{Owed: 10_000_000}) {
			t.Errorf("%+v", got.Total)
		}
		call(t, h, "POST", "/api/t/calculator", `{"facts": {"员工人数@2021": "100人"}, "on": "2022-06-30"}`, &got)
		if len(got.Results) != 1 || got.Results[0].Scheme.ID != "low2020/S1" || got.Total.Owed != 5_000_000 {
			t.Errorf("%+v", got)
		}
		after := tables(t, ctx)
		for name, n := range before {
			if after[name] != n {
				t.Errorf("%s has %d rows, had %d", name, after[name], n)
			}
		}
	})
}

// Every bad line is named with its reason, the value is never repeated, the good ones count. Turns red when a message holds the value.
func TestCalculatorProblems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		c, err := schemes.Current(ctx)
		if err != nil {
			t.Fatal(err)
		}
		on := policy.NewDate(2026, 11, 23)
		secret := "秘密secret8899"
		got := c.Calculate(schemes.Figures{On: on, Facts: map[string]string{
			"销售额@2024": "1000万元", "销售额@2025": secret, "销售额@x": secret, "销售颔@2025": secret, "软件名录": secret, "软件名录.级别": secret,
			"received(": secret, "": secret, "a\x00b": secret, "员工人数@2025": "-5人", "不知道的事": secret}})
		want := map[string]string{"销售额@2025": "", "销售额@x": "", "销售颔@2025": "销售额", "软件名录": "", "软件名录.级别": "", "received(": "", "": "", "facts[2]": "",
			"员工人数@2025": "", "不知道的事": ""}
		for _, p := range got.Problems {
			suggestion, expected := want[p.Field]
			if !expected || p.Message == "" || !strings.Contains(p.Message, suggestion) || strings.Contains(p.Message, "8899") || strings.Contains(p.Message, "-5") {
				t.Errorf("%+v", p)
			}
			delete(want, p.Field)
		}
		if len(want) != 0 {
			t.Errorf("not reported: %v", want)
		}
		if _, err := c.Scheme(ctx, "x/y"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}
