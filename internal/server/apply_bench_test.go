package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// What the requests of an applicant cost, one after the other, through the server's handler: an application submitted (the whole request
// with its session, its permission, its transaction and the answers computed after it), the firm's answers, what it may apply for, and the
// list of its cases. statements/op is how often a request asks the database. Module bench measures them over the network with many clients.
func BenchmarkApplicant(b *testing.B) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			h := newHouse(b, context.Background(), storetest.Open(b, context.Background(), storetest.URL(b, kind)))
			a := &applicants{house: h, b: b}
			a.open()
			b.Run("submit", func(b *testing.B) {
				calls := make([]*http.Request, b.N)
				for i := range calls {
					calls[i] = a.submit(a.draft())
				}
				a.measure(b, func(i int) *http.Request { return calls[i] })
			})
			a.draft()
			for _, page := range []struct{ name, path string }{{"form", "/cases/" + a.last + "/form"}, {"answers", "/parties/" + a.party + "/answers"},
				{"openings", "/parties/" + a.party + "/openings"}, {"cases", "/cases?per=100&party=" + a.party}, {"case", "/cases/" + a.last}} {
				b.Run(page.name, func(b *testing.B) {
					a.measure(b, func(int) *http.Request { return a.request(a.firm, "GET", page.path, nil) })
				})
			}
		})
	}
}

type applicants struct {
	*house
	b     *testing.B
	firm  *browser
	round string
	party string // the latest
	last  string // its case
	n     int
}

func (a *applicants) must(err error) {
	a.b.Helper()
	if err != nil {
		a.b.Fatal(err)
	}
}

const benchOffice = "市经信局"

func (a *applicants) officer() context.Context {
	return account.WithActor(a.in("east"), &account.Actor{AccountID: "x", Login: "x", Name: "x", Tenant: "east", Grants: []account.Grant{{Role: account.RoleOfficer, Department: benchOffice}}})
}

// open makes and opens a round.
func (a *applicants) open() {
	a.b.Helper()
	today := clock.Today(a.ctx)
	r, err := a.rooms.Casework.MakeRound(a.officer(), casework.RoundDraft{Number: "2026-01", Title: "测试批次", Process: "申报评审", Performance: 2025, Opens: today,
		Closes: today.AddDays(30), Department: benchOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: "cx2025/C001", Department: benchOffice}}})
	a.must(err)
	a.round = r.ID
	a.doRound("开放申报", "")
}

func (a *applicants) doRound(action, reason string) {
	a.b.Helper()
	view, err := a.rooms.Casework.Progress(a.officer(), "round", a.round)
	a.must(err)
	_, err = a.rooms.Casework.DoRound(a.officer(), a.round, casework.Doing{Task: view.Tasks[0].ID, Version: view.Tasks[0].Version, Action: action, Reason: reason})
	a.must(err)
}

// draft makes another firm with an account and the complete draft of its application, which declares one figure, and gives its case.
func (a *applicants) draft() string {
	a.b.Helper()
	a.n++
	system := a.in("east")
	p, err := a.rooms.Registry.Put(system, registry.Party{Kind: registry.KindFirm, Name: fmt.Sprintf("第%d电器有限公司", a.n), Exception: "测试用", Town: towns["a"], Industry: "制造业", Size: "小型"})
	a.must(err)
	for year, value := range map[int]string{2023: "9000万元", 2024: "9990万元"} {
		_, err := a.rooms.Registry.State(system, registry.Statement{Party: p.ID, Term: "营业收入", Year: year, Value: value})
		a.must(err)
	}
	day := policy.NewDate(2020, 1, 1)
	_, err = a.rooms.Registry.State(system, registry.Statement{Party: p.ID, Term: "规上数字经济制造业名录", Record: &registry.RecordOf{From: day, Until: day.AddDays(3650)}})
	a.must(err)
	login := fmt.Sprintf("firm%d", a.n)
	_, _, err = a.rooms.Accounts.Create(system, "east", account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{{Role: account.RoleFirm, Party: p.ID}}})
	a.must(err)
	token, err := a.rooms.Accounts.SignIn(system, "east", login, password, "192.0.2.1", "")
	a.must(err)
	a.firm = &browser{h: a.house, cookies: map[string]string{account.CookieName(false): token}, csrf: account.CSRF(token)}
	a.party = p.ID
	c := answered[casework.Case](a, a.request(a.firm, "POST", "/cases", map[string]string{"round": a.round, "scheme": "cx2025/C001", "party": p.ID}))
	a.last = c.ID
	form := answered[casework.Form](a, a.request(a.firm, "GET", "/cases/"+c.ID+"/form", nil))
	answered[casework.Form](a, a.request(a.firm, "PUT", "/cases/"+c.ID+"/draft", map[string]any{"version": form.Version, "draft": map[string]any{
		"statements": []any{map[string]any{"term": "营业收入", "year": 2025, "value": "10989万元"}}, "commitment": true, "contact": "张三", "phone": "13800000000"}}))
	return c.ID
}

// submit is the request that submits a draft.
func (a *applicants) submit(id string) *http.Request {
	a.b.Helper()
	view := answered[process.View](a, a.request(a.firm, "GET", "/cases/"+id+"/progress", nil))
	return a.request(a.firm, "POST", "/cases/"+id+"/actions", casework.Doing{Task: view.Tasks[0].ID, Version: view.Tasks[0].Version, Action: "提交"})
}

func (a *applicants) request(who *browser, method, path string, body any) *http.Request {
	a.b.Helper()
	text, err := json.Marshal(body)
	a.must(err)
	r := httptest.NewRequest(method, "/api/east"+path, strings.NewReader(string(text))).WithContext(a.ctx)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-CSRF-Token", who.csrf)
	for name, value := range who.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func answered[T any](a *applicants, r *http.Request) (out T) {
	a.b.Helper()
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, r)
	if w.Code >= 300 {
		a.b.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	a.must(json.Unmarshal(w.Body.Bytes(), &out))
	return out
}

func (a *applicants) measure(b *testing.B, request func(i int) *http.Request) {
	ctx, statements := store.Counted(a.ctx)
	b.ResetTimer()
	for i := range b.N {
		w := httptest.NewRecorder()
		r := request(i)
		a.server.ServeHTTP(w, r.WithContext(ctx))
		if w.Code >= 300 {
			b.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
		}
	}
	b.ReportMetric(float64(statements.Load())/float64(b.N), "statements/op")
}
