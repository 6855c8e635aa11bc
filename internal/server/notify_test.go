package server

import (
	"encoding/json"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/notify"
)

// accounts of a tenant by login.
func (h *house) accounts(tenant string) map[string]string {
	h.t.Helper()
	list, _, err := h.rooms.Accounts.List(h.in(tenant), account.Filter{Page: 1, Per: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]string{}
	for _, a := range list {
		out[a.Login] = a.ID
	}
	return out
}

func (h *house) tell(tenant string, n notify.Note, logins ...string) {
	h.t.Helper()
	ids := h.accounts(tenant)
	var to []string
	for _, login := range logins {
		to = append(to, ids[login])
	}
	if err := notify.Tell(h.in(tenant), to, n); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	h.now = h.now.Add(d)
	h.mu.Unlock()
}

func notesOf(b *browser, tenant string) notify.Page {
	b.h.t.Helper()
	got := b.call("GET", "/api/"+tenant+"/notifications", nil)
	var page notify.Page
	if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.status != 200 || got.header.Get("Cache-Control") != "no-store" {
		b.h.t.Fatalf("%d %v %s", got.status, err, got.body)
	}
	return page
}

// Everybody who is signed in reads their own notifications and nobody else's: no role, no other county, no id opens another's.
//
// Mutations that turn this red: name the tenant or nothing in place of the account that asks (whoAsks); mark whatever the id says.
func TestNotificationsAreEachOnesOwn(t *testing.T) {
	forEach(t, func(h *house) {
		h.tell("east", notify.Note{Kind: "k", Title: "给企业的消息", Body: "请补正材料", Link: "firm"}, "firm")
		h.tell("east", notify.Note{Kind: "k", Title: "给经办的消息", Link: "desk"}, "officer", "admin")
		h.tell("west", notify.Note{Kind: "k", Title: "西县的消息"}, "firm", "officer")
		public, firm, officer, admin, auditor := h.public(), h.as("east", "firm"), h.as("east", "officer"), h.as("east", "admin"), h.as("east", "auditor")
		id := notesOf(firm, "east").Items[0].ID
		list, never := "/api/east/notifications", []string{"给企业", "西县"}
		h.run([]scenario{
			{"public, list", public, "GET", list, nil, 401, []string{"unauthenticated"}, []string{"给企业", "给经办"}},
			{"public, count", public, "GET", list + "/count", nil, 401, nil, []string{"unread"}},
			{"public, read", public, "POST", list + "/" + id + "/read", nil, 401, nil, nil},
			{"public, read all", public, "POST", list + "/read", map[string]any{}, 401, nil, nil},
			{"firm, list", firm, "GET", list, nil, 200, []string{"给企业的消息", "请补正材料", `"unread":1`, `"total":1`, `"link":"firm"`}, []string{"给经办", "西县"}},
			{"firm, count", firm, "GET", list + "/count", nil, 200, []string{`"unread":1`}, nil},
			{"officer, list", officer, "GET", list, nil, 200, []string{"给经办的消息"}, never},
			{"officer, the firm's", officer, "POST", list + "/" + id + "/read", nil, 404, nil, never},
			{"administrator, the firm's", admin, "POST", list + "/" + id + "/read", nil, 404, nil, never},
			{"administrator, all", admin, "POST", list + "/read", map[string]any{}, 200, []string{`"unread":0`}, nil},
			{"auditor, list", auditor, "GET", list, nil, 200, []string{`"items":[]`, `"unread":0`}, append(never, "给经办")},
			{"officer, still unread", officer, "GET", list + "?unread=true", nil, 200, []string{"给经办的消息"}, never},
			{"firm, still unread", firm, "GET", list + "/count", nil, 200, []string{`"unread":1`}, nil},
			{"firm, the other county's", firm, "GET", "/api/west/notifications", nil, 403, nil, []string{"西县", "给企业"}},
			{"firm, until nothing", firm, "POST", list + "/read", map[string]any{"until": "2020"}, 200, []string{`"unread":1`}, nil},
			{"firm, reads it", firm, "POST", list + "/" + id + "/read", nil, 200, []string{`"unread":0`}, nil},
			{"firm, unread no more", firm, "GET", list + "?unread=true", nil, 200, []string{`"items":[]`}, []string{"给企业"}},
			{"firm, a page too far", firm, "GET", list + "?page=9", nil, 200, []string{`"items":[]`, `"total":1`}, nil},
			{"firm, no page", firm, "GET", list + "?page=0", nil, 422, nil, nil},
		})
		stolen := *officer
		stolen.csrf = ""
		h.run([]scenario{{"without the token of the page", &stolen, "POST", list + "/read", map[string]any{}, 403, nil, nil}})
		if n := notesOf(officer, "east").Unread; n != 1 {
			h.t.Errorf("%d unread after a request without the token", n)
		}
	})
}

// A page that asks by itself how much there is to read keeps nobody signed in; a person who reads does.
//
// Mutation: count asks as any other operation (no Unattended) → red.
func TestCountingKeepsNoSessionAlive(t *testing.T) {
	forEach(t, func(h *house) {
		left, used := h.as("east", "officer"), h.as("east", "firm")
		for range 5 {
			h.pass(30 * time.Minute)
			left.call("GET", "/api/east/notifications/count", nil)
			used.call("GET", "/api/east/notifications/count", nil)
			used.call("GET", "/api/east/notifications", nil)
		}
		h.run([]scenario{
			{"left open", left, "GET", "/api/east/notifications/count", nil, 401, nil, nil},
			{"left open, the desk", left, "GET", "/api/east/parties", nil, 401, nil, nil},
			{"used", used, "GET", "/api/east/notifications/count", nil, 200, nil, nil},
		})
	})
}

// Mutation: leave notify.Tick out of the server's → red.
func TestTickForgetsOldNotifications(t *testing.T) {
	forEach(t, func(h *house) {
		h.tell("east", notify.Note{Kind: "k", Title: "旧消息"}, "firm")
		if got := h.as("east", "firm").call("POST", "/api/east/notifications/read", map[string]any{}); got.status != 200 {
			h.t.Fatal(got)
		}
		h.server.Tick(h.ctx)
		if n := notesOf(h.as("east", "firm"), "east").Total; n != 1 {
			h.t.Errorf("%d after a tick at once", n)
		}
		h.pass(100 * 24 * time.Hour)
		h.server.Tick(h.ctx)
		if n := notesOf(h.as("east", "firm"), "east").Total; n != 0 {
			h.t.Errorf("%d after 100 days", n)
		}
	})
}
