package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

const password = "Correct horse 9"

// house is a whole server over an installation with two tenants, east and west, that have the same logins, and a clock that the test moves.
type house struct {
	t       testing.TB
	inst    *store.Installation
	rooms   *Rooms
	server  *Server
	ctx     context.Context
	parties map[string]string // "east/a" → id
	mu      sync.Mutex
	now     time.Time
}

// towns of the parties a and b of each tenant.
var towns = map[string]string{"a": "甲镇", "b": "乙镇"}

// forEach runs a test on a fresh house on every kind of database.
func forEach(t *testing.T, test func(h *house)) {
	t.Helper()
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) { test(newHouse(t, ctx, inst)) })
}

func newHouse(t testing.TB, ctx context.Context, inst *store.Installation) *house {
	return newHouseOf(t, ctx, inst, schemefiles.Files)
}

// newHouseOf is newHouse with other scheme files than the embedded.
func newHouseOf(t testing.TB, ctx context.Context, inst *store.Installation, files fs.FS) *house {
	h := &house{t: t, inst: inst, rooms: NewRooms(inst), parties: map[string]string{}, now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	h.ctx = clock.With(ctx, func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now })
	pages := fstest.MapFS{"index.html": {Data: []byte("<!doctype html>the app")}, "assets/app-1a2b.js": {Data: bytes.Repeat([]byte("let a = 1\n"), 100)}}
	h.server = New(Options{Store: inst, Pages: pages}, h.rooms)
	for i, tenant := range []string{"east", "west"} {
		db, err := inst.CreateTenant(h.ctx, store.Tenant{ID: tenant, Name: map[string]string{"east": "东县", "west": "西县"}[tenant]})
		if err != nil {
			t.Fatal(err)
		}
		ctx := account.System(store.In(h.ctx, db))
		if _, err := schemes.Seed(ctx, files, "cixi"); err != nil {
			t.Fatal(err)
		}
		for j, name := range []string{"a", "b"} {
			p, err := h.rooms.Registry.Put(ctx, registry.Party{Kind: registry.KindFirm, Name: tenant + name + "电器有限公司", Exception: "测试用", Code: "",
				Town: towns[name], Industry: "电器机械和器材制造业", Size: "小型", Contact: "张三", Phone: "1380000000" + string(rune('0'+2*i+j))})
			if err != nil {
				t.Fatal(err)
			}
			h.parties[tenant+"/"+name] = p.ID
		}
		for login, grant := range map[string]account.Grant{
			"admin": {Role: account.RoleAdministrator}, "officer": {Role: account.RoleOfficer}, "auditor": {Role: account.RoleAuditor},
			"town": {Role: account.RoleOfficer, Town: towns["a"]}, "firm": {Role: account.RoleFirm, Party: h.parties[tenant+"/a"]},
		} {
			if _, _, err := h.rooms.Accounts.Create(ctx, tenant, account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{grant}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return h
}

func (h *house) today() string { return clock.Today(h.ctx).String() }

func (h *house) in(tenant string) context.Context {
	db, err := h.inst.Tenant(h.ctx, tenant)
	if err != nil {
		h.t.Fatal(err)
	}
	return account.System(store.In(h.ctx, db))
}

// state adds a fact as the registry's own officer would.
func (h *house) state(party, term string, year int, value string) {
	h.t.Helper()
	tenant, _, _ := strings.Cut(party, "/")
	s := registry.Statement{Party: h.parties[party], Term: term, Year: year, Value: value, Evidence: "测试"}
	if value == "" {
		s.Record = &registry.RecordOf{From: policy.NewDate(2025, 7, 15)}
	}
	if _, err := h.rooms.Registry.State(h.in(tenant), s); err != nil {
		h.t.Fatal(err)
	}
}

// work does the jobs that wait.
func (h *house) work() {
	h.t.Helper()
	if err := jobs.NewRunner(h.inst, h.rooms.handlers(), jobs.Options{Context: asSystem}).Drain(h.ctx); err != nil {
		h.t.Fatal(err)
	}
}

// browser is one visitor: its cookies and the token it was told.
type browser struct {
	h       *house
	cookies map[string]string
	csrf    string
	headers map[string]string
}

func (h *house) public() *browser { return &browser{h: h, cookies: map[string]string{}} }

// as signs in.
func (h *house) as(tenant, login string) *browser {
	h.t.Helper()
	b := h.public()
	r := b.call("POST", "/api/session", map[string]any{"tenant": tenant, "login": login, "password": password})
	if r.status != http.StatusOK {
		h.t.Fatalf("signing in as %s of %s: %d %s", login, tenant, r.status, r.body)
	}
	var told account.SessionView
	if err := json.Unmarshal([]byte(r.body), &told); err != nil {
		h.t.Fatal(err)
	}
	b.csrf = told.CSRF
	return b
}

type reply struct {
	status int
	header http.Header
	body   string
}

// call sends a request. A body that is a string goes as it is, anything else as JSON.
func (b *browser) call(method, path string, body any) reply {
	b.h.t.Helper()
	var content io.Reader
	kind := "application/json"
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	case form:
		content, kind = bytes.NewReader(body.body), body.kind
	default:
		text, err := json.Marshal(body)
		if err != nil {
			b.h.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, content).WithContext(b.h.ctx)
	if content != nil {
		r.Header.Set("Content-Type", kind)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.csrf != "" {
		r.Header.Set("X-CSRF-Token", b.csrf)
	}
	for name, value := range b.headers {
		r.Header.Set(name, value)
		if name == "Remote-Addr" {
			r.RemoteAddr = value
		}
	}
	w := httptest.NewRecorder()
	b.h.server.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return reply{w.Code, w.Result().Header, w.Body.String()}
}

// form is a body of another kind than JSON.
type form struct {
	kind string
	body []byte
}

// scenario is one request and what must come of it.
type scenario struct {
	name    string
	who     *browser
	method  string
	path    string
	body    any
	status  int
	must    []string // must appear in the answer
	mustNot []string // must not
}

// run sends the scenarios in order. Whatever comes back, it is well formed.
func (h *house) run(scenarios []scenario) {
	h.t.Helper()
	for _, s := range scenarios {
		h.t.(*testing.T).Run(s.name, func(t *testing.T) {
			t.Helper()
			got := s.who.call(s.method, s.path, s.body)
			if got.status != s.status {
				t.Errorf("%s %s: %d, want %d", s.method, s.path, got.status, s.status)
			}
			for _, text := range s.must {
				if !strings.Contains(got.body, text) {
					t.Errorf("%q does not appear", text)
				}
			}
			for _, text := range s.mustNot {
				if strings.Contains(got.body, text) {
					t.Errorf("%q appears", text)
				}
			}
			if strings.HasPrefix(s.path, "/api/") && got.status >= 400 {
				wellFormed(t, got)
			}
			if t.Failed() {
				t.Logf("%s", got.body)
			}
		})
	}
}

// wellFormed says that an error is our own: its three fields and nothing else.
func wellFormed(t *testing.T, r reply) {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal([]byte(r.body), &e); err != nil {
		t.Errorf("an error that is no JSON: %s", r.body)
		return
	}
	if keys := slices.Sorted(maps.Keys(e)); !slices.Equal(keys, []string{"code", "details", "message"}) || e["message"] == "" || e["details"] == nil {
		t.Errorf("an error with %v: %s", keys, r.body)
	}
}
