package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// unread is a body that nobody may read.
type unread struct{ read bool }

func (u *unread) Read([]byte) (int, error) { u.read = true; return 0, io.ErrUnexpectedEOF }

// send gives an operation a body that nobody may read, and says whether somebody did.
func (b *browser) send(c call, path, token string) (status int, answer string, read bool) {
	body := &unread{}
	r := httptest.NewRequest(c.method, path, body).WithContext(b.h.ctx)
	r.ContentLength = -1
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if token != "" {
		r.Header.Set("X-CSRF-Token", token)
	}
	w := httptest.NewRecorder()
	b.h.server.ServeHTTP(w, r)
	return w.Code, w.Body.String(), body.read
}

// eachOperation goes through the description.
func eachOperation(o *huma.OpenAPI, fn func(method, path string, op *huma.Operation)) {
	for path, item := range o.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "PATCH": item.Patch} {
			if op != nil {
				fn(method, path, op)
			}
		}
	}
}

// Who may not send anything is told so before a word of the body is read: without a session, without the token, of another county.
//
// Mutations that turn this red: read the form in guard; drop the question for a session, or for the token, from visitor.
func TestNoBodyIsReadFromWhoMayNotSendIt(t *testing.T) {
	forEach(t, func(h *house) {
		public, officer, other := h.public(), h.as("east", "officer"), h.as("west", "officer")
		m := &matrix{house: h, ids: map[string]string{}}
		forms := 0
		for _, c := range calls(h.server.api.OpenAPI()) {
			if c.body == nil || allowances[c.id].public {
				continue
			}
			if c.form {
				forms++
			}
			for who, x := range map[string]struct {
				*browser
				token string
				want  int
			}{"the public": {public, "", 401}, "another county's": {other, other.csrf, 403}, "a page without the token": {officer, "", 403}} {
				if c.id == "change-password" && x.browser == other {
					continue // of one's own, in no county
				}
				if status, answer, read := x.send(c, m.place(c), x.token); status != x.want || read {
					h.t.Errorf("%s, %s: %d, want %d, body read: %v: %s", c.id, who, status, x.want, read, answer)
				}
			}
		}
		if forms < 6 {
			h.t.Errorf("only %d forms were tried", forms)
		}
	})
}

// What anybody may call has a limit, and beyond it nothing is read. The description says which operations these are.
//
// Mutations that turn this red: open an operation without an allowance; leave `visitors` out of visitor; take from the bucket after the form.
func TestEveryPublicOperationIsLimited(t *testing.T) {
	forEach(t, func(h *house) {
		public := h.public()
		m := &matrix{house: h, ids: map[string]string{}}
		known := map[string]bool{}
		for _, c := range calls(h.server.api.OpenAPI()) {
			known[c.id] = true
			a, limited := allowances[c.id]
			if c.session == a.public {
				h.t.Errorf("%s: the description says session %v", c.id, c.session)
			}
			if !a.public {
				if status, _, read := public.send(c, m.place(c), ""); status != http.StatusUnauthorized || read {
					h.t.Errorf("%s without a session: %d, body read: %v", c.id, status, read)
				}
			}
			if limited && (a.burst <= 0 || a.perSecond <= 0) {
				h.t.Errorf("%s: no limit", c.id)
			}
			if !limited {
				continue
			}
			address := h.server.clientAddress(httptest.NewRequest("GET", "/", nil))
			for h.server.limits.take(c.id, address, h.now) {
			}
			if status, answer, read := public.send(c, m.place(c), ""); a.public && (status != http.StatusTooManyRequests || read || !strings.Contains(answer, "过于频繁")) {
				h.t.Errorf("%s beyond its limit: %d, body read: %v: %s", c.id, status, read, answer)
			}
		}
		for id := range allowances {
			if !known[id] {
				h.t.Errorf("%s has an allowance and is no operation", id)
			}
		}
	})
}

// Every operation that takes a body says how large one may be, and says so again in Chinese to whoever sends more.
//
// Mutations that turn this red: leave the length out of guard; answer without the size.
func TestEveryBodyHasItsLimit(t *testing.T) {
	forEach(t, func(h *house) {
		officer := h.as("east", "officer")
		m := &matrix{house: h, ids: map[string]string{}}
		eachOperation(h.server.api.OpenAPI(), func(method, path string, op *huma.Operation) {
			if op.RequestBody == nil {
				return
			}
			limit := bodyLimit(op)
			if limit <= 0 || limit > maxForm || !isForm(op) && limit > maxJSON {
				h.t.Errorf("%s takes %d bytes", op.OperationID, limit)
			}
			body := &unread{}
			r := httptest.NewRequest(method, m.place(call{id: op.OperationID, path: path}), body).WithContext(h.ctx)
			r.ContentLength = limit + 1
			r.Header.Set("X-CSRF-Token", officer.csrf)
			r.AddCookie(&http.Cookie{Name: "shanglin", Value: officer.cookies["shanglin"]})
			w := httptest.NewRecorder()
			h.server.ServeHTTP(w, r)
			if w.Code != http.StatusRequestEntityTooLarge || body.read || !strings.Contains(w.Body.String(), "内容过大，一次最多") {
				h.t.Errorf("%s: %d %s", op.OperationID, w.Code, w.Body)
			}
		})
	})
}

// No list gives more than a page at once, and no call takes a list without end.
//
// Mutations that turn this red: leave `maximum` out of one `per`, or `maxItems` out of one list.
func TestListsHaveALimit(t *testing.T) {
	forEach(t, func(h *house) {
		who := h.as("east", "officer")
		m := &matrix{house: h, ids: map[string]string{}}
		o := h.server.api.OpenAPI()
		pages := 0
		eachOperation(o, func(method, path string, op *huma.Operation) {
			for _, p := range op.Parameters {
				if p.Name != "per" {
					continue
				}
				pages++
				if p.Schema.Maximum == nil || *p.Schema.Maximum > 200 {
					h.t.Errorf("%s: a page has no end", op.OperationID)
					continue
				}
				at := m.place(call{id: op.OperationID, path: path})
				join := "?"
				if strings.Contains(at, "?") {
					join = "&"
				}
				for _, more := range []string{fmt.Sprint("per=", *p.Schema.Maximum+1), "per=0", "page=0"} {
					if more == "page=0" && op.OperationID == "read-audit" {
						continue // goes on from an entry
					}
					if r := who.call(method, at+join+more, nil); r.status != http.StatusUnprocessableEntity {
						h.t.Errorf("%s with %s: %d %s", op.OperationID, more, r.status, r.body)
					}
				}
			}
			if op.RequestBody == nil || isForm(op) {
				return
			}
			bounded(h, o, op.OperationID, op.RequestBody.Content["application/json"].Schema, map[string]bool{})
		})
		if pages < 15 {
			h.t.Errorf("only %d lists were tried", pages)
		}
	})
}

// bounded looks for lists without an end in what a call takes.
func bounded(h *house, o *huma.OpenAPI, where string, s *huma.Schema, above map[string]bool) {
	if s == nil {
		return
	}
	if s.Ref != "" {
		if above[s.Ref] {
			return
		}
		above[s.Ref] = true
		s = o.Components.Schemas.SchemaFromRef(s.Ref)
	}
	if s.Type == huma.TypeArray && s.MaxItems == nil {
		h.t.Errorf("%s: a list without an end", where)
	}
	bounded(h, o, where, s.Items, above)
	for name, p := range s.Properties {
		bounded(h, o, where+"."+name, p, above)
	}
}
