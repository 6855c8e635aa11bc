package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// secret stands for what somebody typed where it does not belong. No answer may repeat it.
const secret = "330282199001011234"

// Mutations that turn this red: answer a huma error as huma does; put the location of an unknown field into the answer; pass the text of
// json.Unmarshal on; return err.Error() for errors that are not faults.
func TestErrorsDoNotEcho(t *testing.T) {
	forEach(t, func(h *house) {
		public, officer, firm, admin := h.public(), h.as("east", "officer"), h.as("east", "firm"), h.as("east", "admin")
		own := "/api/east/parties/" + h.parties["east/a"]
		never := []string{secret, "甲乙丙丁"}
		h.run([]scenario{
			{"unknown field", public, "POST", "/api/east/calculator", `{"facts":{},"` + secret + `":1}`, 422, []string{"没有这个字段"}, never},
			{"unknown field with dots", public, "POST", "/api/east/calculator", `{"facts":{},"甲乙丙丁.` + secret + `[0].x":1}`, 422, nil, never},
			{"wrong type", public, "POST", "/api/east/calculator", `{"facts":"` + secret + `"}`, 422, []string{"facts", "应为对象"}, never},
			{"wrong type of an entry", public, "POST", "/api/east/calculator", `{"facts":{"甲乙丙丁` + secret + `":["` + secret + `"]}}`, 422, nil, never},
			{"no JSON", public, "POST", "/api/east/calculator", `甲乙丙丁` + secret, 400, []string{"JSON"}, never},
			{"JSON cut off", public, "POST", "/api/east/calculator", `{"facts":{"` + secret, 400, []string{"JSON"}, never},
			{"two values", public, "POST", "/api/east/calculator", `{"facts":{}} ` + secret, 400, nil, never},
			{"unknown parameter", public, "GET", "/api/east/schemes?" + secret + "=1", nil, 422, []string{"没有这个查询参数"}, never},
			{"bad number", public, "GET", "/api/east/schemes?page=" + secret + "x", nil, 422, []string{"page", "应为整数"}, never},
			{"number out of range", public, "GET", "/api/east/schemes?per=" + secret, nil, 422, []string{"per"}, never},
			{"not one of the choices", public, "GET", "/api/east/schemes?standing=" + secret, nil, 422, []string{"standing", "in_force"}, never},
			{"bad date", public, "GET", "/api/east/schemes?on=3302821990", nil, 422, nil, []string{"3302821990"}},
			{"too long", public, "GET", "/api/east/schemes?q=" + strings.Repeat(secret, 20), nil, 422, []string{"q"}, never},
			{"bad date of evaluation", public, "POST", "/api/east/calculator", `{"facts":{},"on":"33028219900"}`, 422, nil, append(never, "33028219900")},
			{"no such scheme", public, "POST", "/api/east/calculator", `{"facts":{},"schemes":["` + secret + `"]}`, 404, nil, never},
			{"no such scheme to read", public, "GET", "/api/east/schemes/甲乙丙丁/" + secret, nil, 404, nil, never},
			{"wrong password", public, "POST", "/api/session", `{"tenant":"east","login":"甲乙丙丁","password":"` + secret + `"}`, 401, []string{"登录名或密码不正确"}, never},
			{"no such tenant", public, "POST", "/api/session", `{"tenant":"t` + secret + `","login":"x","password":"y"}`, 404, nil, never},
			{"no such operation", public, "GET", "/api/east/" + secret, nil, 404, nil, never},
			{"no such method", public, "PATCH", "/api/east/about?" + secret, nil, 404, nil, never},
			{"forged id", officer, "GET", "/api/east/parties/" + secret, nil, 404, nil, never},
			{"id with a quote", officer, "GET", "/api/east/parties/x'%20OR%20'1'='1", nil, 404, nil, never},
			{"bad term", firm, "POST", own + "/facts", map[string]any{"term": "甲乙丙丁", "value": secret}, 422, nil, never},
			{"bad value", firm, "POST", own + "/facts", map[string]any{"term": "营业收入", "year": 2025, "value": "甲乙丙丁" + secret}, 422, nil, never},
			{"bad account", admin, "POST", "/api/east/accounts", map[string]any{"login": "甲乙丙丁 " + secret, "name": "x", "grants": []any{}}, 422, []string{"login"}, never},
			{"bad role", admin, "POST", "/api/east/accounts", map[string]any{"login": "xx", "name": "x", "grants": []any{map[string]any{"role": secret}}}, 422, []string{"role"}, never},
			{"wrong kind of content", public, "POST", "/api/east/calculator", form{"text/plain", []byte(secret)}, 415, nil, never},
			{"no content", public, "POST", "/api/east/calculator", nil, 400, nil, never},
		})
	})
}

// Mutations that turn this red: leave MaxBytesReader out of guard; answer 500 for it.
func TestOversizedBodies(t *testing.T) {
	forEach(t, func(h *house) {
		officer := h.as("east", "officer")
		h.run([]scenario{
			{"a large calculation", h.public(), "POST", "/api/east/calculator", `{"facts":{"x":"` + strings.Repeat("9", 2<<20) + `"}}`, 413, []string{"too_large", "内容过大"}, []string{"999"}},
			{"a large password", h.public(), "POST", "/api/session", `{"tenant":"east","login":"officer","password":"` + strings.Repeat("9", 16<<10) + `"}`, 413, []string{"too_large"}, []string{"999"}},
		})
		// Of unknown length, so that only what arrives can tell.
		for path, size := range map[string]string{"/api/east/calculator": "256KB", "/api/east/imports": "33MB", "/api/east/notices/none/objections": "64MB"} {
			kind := "application/json"
			if !strings.HasSuffix(path, "calculator") {
				kind = "multipart/form-data; boundary=x"
			}
			head := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n"
			r := httptest.NewRequest("POST", path, io.MultiReader(strings.NewReader(head), &endless{left: maxForm + 1<<20})).WithContext(h.ctx)
			r.ContentLength = -1
			r.Header.Set("Content-Type", kind)
			r.AddCookie(&http.Cookie{Name: "shanglin", Value: officer.cookies["shanglin"]})
			r.Header.Set("X-CSRF-Token", officer.csrf)
			w := httptest.NewRecorder()
			h.server.ServeHTTP(w, r)
			if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "内容过大，一次最多"+size) {
				h.t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

// endless is a body that goes on.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = '9'
	}
	e.left -= n
	return n, nil
}

// Mutations that turn this red: leave out the check of the path, of the query, of the body's bytes, of its escapes, or of the form.
func TestTextThatIsNone(t *testing.T) {
	forEach(t, func(h *house) {
		officer := h.as("east", "officer")
		upload := func(kind, name string) form {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			w.WriteField("kind", kind)
			file, err := w.CreateFormFile("file", name)
			if err != nil {
				t.Fatal(err)
			}
			file.Write([]byte("PK"))
			w.Close()
			return form{w.FormDataContentType(), b.Bytes()}
		}
		own := "/api/east/parties/" + h.parties["east/a"]
		h.run([]scenario{
			{"NUL in the path", officer, "GET", "/api/east/parties/a%00b", nil, 422, []string{"invalid"}, nil},
			{"broken UTF-8 in the path", officer, "GET", "/api/east/parties/a%ff", nil, 422, []string{"invalid"}, nil},
			{"NUL in the query", officer, "GET", "/api/east/parties?q=a%00b", nil, 422, []string{"invalid"}, nil},
			{"broken UTF-8 in the query", officer, "GET", "/api/east/schemes?q=%e7%94", nil, 422, []string{"invalid"}, nil},
			{"broken escape in the query", officer, "GET", "/api/east/schemes?q=%zz", nil, 422, []string{"invalid"}, nil},
			{"NUL in the body", officer, "POST", own + "/facts", "{\"term\":\"a\x00\",\"value\":\"1\"}", 400, []string{"不能使用的字符"}, nil},
			{"escaped NUL in the body", officer, "POST", own + "/facts", `{"term":"a\u0000","value":"1"}`, 400, []string{"不能使用的字符"}, nil},
			{"broken UTF-8 in the body", officer, "POST", own + "/facts", "{\"term\":\"a\xff\",\"value\":\"1\"}", 400, []string{"不能使用的字符"}, nil},
			{"a backslash before u0000 is text", h.public(), "POST", "/api/east/calculator", `{"facts":{"a\\u0000":"1"}}`, 200, nil, []string{"不能使用的字符"}},
			{"NUL in a form's field", officer, "POST", "/api/east/imports", upload("a\x00b", "a.xlsx"), 422, []string{"不能使用的字符"}, nil},
			{"broken UTF-8 in a file's name", officer, "POST", "/api/east/imports", upload("firms", "a\xff.xlsx"), 422, []string{"不能使用的字符"}, nil},
			{"half a form", officer, "POST", "/api/east/imports", form{"multipart/form-data; boundary=x", []byte("--x\r\nContent-Dis")}, 422, []string{"invalid"}, nil},
			{"a form without a boundary", officer, "POST", "/api/east/imports", form{"multipart/form-data", []byte("x")}, 422, []string{"invalid"}, nil},
		})
	})
}

// Mutations that turn this red: leave the CSRF check out of visitor; let an empty token pass; check it against another session's;
// leave sameOrigin out.
func TestChangesNeedTheToken(t *testing.T) {
	forEach(t, func(h *house) {
		firm, other := h.as("east", "firm"), h.as("east", "officer")
		path := "/api/east/parties/" + h.parties["east/a"] + "/facts"
		fact := map[string]any{"term": "营业收入", "year": 2025, "value": "1万元", "evidence": "年报"}
		with := func(token string, headers map[string]string) *browser {
			return &browser{h: h, cookies: firm.cookies, csrf: token, headers: headers}
		}
		h.run([]scenario{
			{"no token", with("", nil), "POST", path, fact, 403, []string{"forbidden", "请刷新"}, nil},
			{"a wrong token", with("AAAA", nil), "POST", path, fact, 403, []string{"forbidden"}, nil},
			{"another session's token", with(other.csrf, nil), "POST", path, fact, 403, []string{"forbidden"}, nil},
			{"signing out without it", with("", nil), "DELETE", "/api/session", nil, 403, nil, nil},
			{"reading needs none", with("", nil), "GET", path, nil, 200, nil, nil},
			{"from another site, with the token", with(firm.csrf, map[string]string{"Sec-Fetch-Site": "cross-site"}), "POST", path, fact, 403, []string{"其他网站"}, nil},
			{"from another origin, with the token", with(firm.csrf, map[string]string{"Origin": "https://elsewhere.example"}), "POST", path, fact, 403, []string{"其他网站"}, nil},
			{"signing in from another site", &browser{h: h, cookies: map[string]string{}, headers: map[string]string{"Sec-Fetch-Site": "cross-site"}}, "POST", "/api/session",
				map[string]any{"tenant": "east", "login": "firm", "password": password}, 403, nil, nil},
			{"with the token", firm, "POST", path, fact, 200, []string{"10000元"}, nil},
		})
	})
}

// Mutations that turn this red: answer 500 for a lockout; let the calculator be called without bound; count all visitors as one.
func TestTooMany(t *testing.T) {
	forEach(t, func(h *house) {
		from := func(address string) *browser {
			return &browser{h: h, cookies: map[string]string{}, headers: map[string]string{"Remote-Addr": address + ":1234"}}
		}
		wrong := map[string]any{"tenant": "east", "login": "officer", "password": "wrong password"}
		var scenarios []scenario
		for range 5 {
			scenarios = append(scenarios, scenario{"guess", from("10.0.0.1"), "POST", "/api/session", wrong, 401, []string{"unauthenticated"}, nil})
		}
		h.run(append(scenarios,
			scenario{"locked", from("10.0.0.2"), "POST", "/api/session", map[string]any{"tenant": "east", "login": "officer", "password": password}, 429, []string{"too_many", "15分钟"}, nil},
			scenario{"the other county's officer is not", from("10.0.0.2"), "POST", "/api/session", map[string]any{"tenant": "west", "login": "officer", "password": password}, 200, nil, nil},
		))
		calculate := func(address string) int {
			return from(address).call("POST", "/api/east/calculator", `{"facts":{},"schemes":["cx2025/C001"]}`).status
		}
		for i := range int(allowances["calculate"].burst) {
			if status := calculate("10.0.0.3"); status != http.StatusOK {
				h.t.Fatalf("calculation %d: %d", i, status)
			}
		}
		if status := calculate("10.0.0.3"); status != http.StatusTooManyRequests {
			h.t.Errorf("beyond the allowance: %d", status)
		}
		if status := calculate("10.0.0.4"); status != http.StatusOK {
			h.t.Errorf("somebody else: %d", status)
		}
		h.mu.Lock()
		h.now = h.now.Add(time.Minute)
		h.mu.Unlock()
		if status := calculate("10.0.0.3"); status != http.StatusOK {
			h.t.Errorf("a minute later: %d", status)
		}
	})
}

// Mutations that turn this red: believe X-Forwarded-For from anybody; take its first entry; take the proxy for the client.
func TestClientAddress(t *testing.T) {
	s := &Server{proxies: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("127.0.0.1/32")}}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:80", "", "192.0.2.1"},
		{"192.0.2.1:80", "198.51.100.7", "192.0.2.1"},
		{"10.1.0.9:80", "198.51.100.7", "198.51.100.7"},
		{"10.1.0.9:80", "6.6.6.6, 198.51.100.7", "198.51.100.7"},
		{"10.1.0.9:80", "198.51.100.7, 10.1.2.3", "198.51.100.7"},
		{"127.0.0.1:80", "", "127.0.0.1"},
		{"10.1.0.9:80", "garbage", "10.1.0.9"},
		{"[::ffff:192.0.2.1]:80", "", "192.0.2.1"},
		{"[2001:db8::1%eth0]:80", "", "2001:db8::1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := s.clientAddress(r); got != c.want {
			t.Errorf("%s forwarding %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

// Mutations that turn this red: drop a header from shielded; set Secure on the cookie only sometimes; cache a session.
func TestHeadersAndPages(t *testing.T) {
	forEach(t, func(h *house) {
		public := h.public()
		got := public.call("GET", "/east/calculator", nil)
		if got.status != http.StatusOK || !strings.Contains(got.body, "the app") || got.header.Get("Cache-Control") != "no-cache" {
			h.t.Errorf("a page of the app: %d %v", got.status, got.header)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		} {
			if !strings.Contains(got.header.Get(name), want) {
				h.t.Errorf("%s: %q", name, got.header.Get(name))
			}
		}
		if strings.Contains(got.header.Get("Content-Security-Policy"), "script-src 'self' 'unsafe") || got.header.Get("Strict-Transport-Security") != "" {
			h.t.Errorf("%v", got.header)
		}
		asset := public.call("GET", "/assets/app-1a2b.js", nil)
		if asset.status != 200 || !strings.Contains(asset.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(asset.header.Get("Content-Type"), "text/javascript") {
			h.t.Errorf("an asset: %d %v", asset.status, asset.header)
		}
		tagged := &browser{h: h, cookies: map[string]string{}, headers: map[string]string{"If-None-Match": asset.header.Get("ETag")}}
		if again := tagged.call("GET", "/assets/app-1a2b.js", nil); again.status != http.StatusNotModified || again.body != "" {
			h.t.Errorf("asked again: %d", again.status)
		}
		zipped := &browser{h: h, cookies: map[string]string{}, headers: map[string]string{"Accept-Encoding": "br, gzip"}}
		for path, want := range map[string]string{"/assets/app-1a2b.js": "let a = 1", "/api/east/about": "东县"} {
			r := zipped.call("GET", path, nil)
			z, err := gzip.NewReader(strings.NewReader(r.body))
			if err != nil || r.header.Get("Content-Encoding") != "gzip" {
				h.t.Errorf("%s is not compressed: %v", path, r.header)
				continue
			}
			if text, err := io.ReadAll(z); err != nil || !strings.Contains(string(text), want) {
				h.t.Errorf("%s: %s %v", path, text, err)
			}
		}
		h.run([]scenario{
			{"no such asset", public, "GET", "/assets/old-9z.js", nil, 404, nil, []string{"the app"}},
			{"no such file", public, "GET", "/favicon.png", nil, 404, nil, []string{"the app"}},
			{"out of the folder", public, "GET", "/assets/..%2f..%2fetc/passwd", nil, 404, nil, []string{"root:"}},
			{"posting to a page", public, "POST", "/east/", `{}`, 405, nil, nil},
			{"health", public, "GET", "/healthz", nil, 200, []string{"ok"}, nil},
			{"readiness", public, "GET", "/readyz", nil, 200, []string{"ready"}, nil},
			{"metrics from away", public, "GET", "/metrics", nil, 403, nil, []string{"shanglin_"}},
			{"metrics here", &browser{h: h, cookies: map[string]string{}, headers: map[string]string{"Remote-Addr": "127.0.0.1:1"}}, "GET", "/metrics", nil, 200,
				[]string{`shanglin_database_up{database="east"} 1`, `shanglin_jobs{state="failed",tenant="west"} 0`, `operation="about"`}, nil},
			{"metrics through a proxy here", &browser{h: h, cookies: map[string]string{}, headers: map[string]string{"Remote-Addr": "127.0.0.1:1", "X-Forwarded-For": "127.0.0.1"}}, "GET", "/metrics", nil, 403, nil, nil},
			{"the description", public, "GET", "/openapi.json", nil, 200, []string{"calculate"}, nil},
		})
		if home := public.call("GET", "/", nil); home.status != http.StatusFound || home.header.Get("Location") != "/east/" {
			h.t.Errorf("/: %d %s", home.status, home.header.Get("Location"))
		}
		in := h.public().call("POST", "/api/session", map[string]any{"tenant": "east", "login": "firm", "password": password})
		if cookie := in.header.Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, "Secure") || in.header.Get("Cache-Control") != "no-store" {
			h.t.Errorf("plain: %s", cookie)
		}
		secure := New(Options{Store: h.inst, Secure: true}, h.rooms)
		plain := h.server
		h.server = secure
		in = h.public().call("POST", "/api/session", map[string]any{"tenant": "east", "login": "firm", "password": password})
		if cookie := in.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-shanglin=") || !strings.Contains(cookie, "; Secure") || in.header.Get("Strict-Transport-Security") == "" {
			h.t.Errorf("secure: %s", cookie)
		}
		h.server = plain
	})
}

// Mutations that turn this red: leave recover out of follow; put the panic's text into the answer.
func TestPanicIsAnInternalError(t *testing.T) {
	s := New(Options{}, newRooms(nil))
	w := httptest.NewRecorder()
	s.follow(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret " + secret) })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), secret) || !strings.Contains(w.Body.String(), `"internal"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Every sentence that huma can say of an input is one that we say in Chinese; what we do not know says nothing of the input.
func TestSentences(t *testing.T) {
	for message, want := range map[string]string{
		"expected string":                                "应为文字。",
		"expected length <= 10":                          "最多10个字符。",
		`expected value to be one of "in_force, all"`:    "只能是其中之一：in_force, all。",
		"expected required property login to be present": "缺少 login。",
		"required path parameter is missing":             "必须填写。",
		"invalid character '" + secret + "' looking for": "不是正确的 JSON。",
		"expected string to be RFC 4122 uuid: " + secret: "内容不符合要求。",
		secret: "内容不符合要求。",
	} {
		if got := sentence(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
	a := makeAnswer(t.Context(), http.StatusUnprocessableEntity, []error{&huma.ErrorDetail{Location: "body.facts." + secret, Message: "expected string", Value: secret}})
	if text, err := json.Marshal(a); err != nil || strings.Contains(string(text), secret) || !strings.Contains(string(text), "应为文字") {
		t.Errorf("%s %v", text, err)
	}
}
