package server

import (
	"encoding/json"
	"strings"
	"testing"

	"shanglin/internal/account"
)

// Who sees what, through the whole server.
//
// Mutations that turn this red: read roles as if every scope were all; let readers vouch (Reader for Officer in the registry, readsParties for
// RoleOfficer in MayVouch); let a firm read another firm; answer the public 403, so that the page does not ask it to sign in.
func TestScopes(t *testing.T) {
	forEach(t, func(h *house) {
		h.state("east/a", "营业收入", 2025, "5000万元")
		h.state("east/b", "营业收入", 2025, "6000万元")
		h.work()
		public, firm, town, officer, auditor, admin := h.public(), h.as("east", "firm"), h.as("east", "town"), h.as("east", "officer"), h.as("east", "auditor"), h.as("east", "admin")
		a, b := "/api/east/parties/"+h.parties["east/a"], "/api/east/parties/"+h.parties["east/b"]
		fact := map[string]any{"term": "营业收入", "year": 2024, "value": "4000万元", "evidence": "年报"}
		person := map[string]any{"login": "new", "name": "新", "grants": []any{}}
		h.run([]scenario{
			{"public, list", public, "GET", "/api/east/parties", nil, 401, []string{"unauthenticated"}, []string{"easta"}},
			{"public, party", public, "GET", a, nil, 401, nil, []string{"easta"}},
			{"public, accounts", public, "GET", "/api/east/accounts", nil, 401, nil, []string{"officer"}},
			{"public, imports", public, "GET", "/api/east/imports", nil, 401, nil, nil},
			{"public, disputes", public, "GET", "/api/east/disputes", nil, 401, nil, nil},
			{"public, affected", public, "GET", "/api/east/schemes/cx2025/C001/affected", nil, 401, nil, []string{"easta"}},
			{"public, state a fact", public, "POST", a + "/facts", fact, 401, nil, nil},
			{"public, calculator", public, "POST", "/api/east/calculator", map[string]any{"facts": map[string]string{}}, 200, []string{"cx2025/C001"}, nil},
			{"public, a job", public, "GET", "/api/east/jobs/x", nil, 401, nil, nil},

			{"firm, itself", firm, "GET", a, nil, 200, []string{"easta"}, nil},
			{"firm, its facts", firm, "GET", a + "/facts", nil, 200, []string{"5,000万元"}, nil},
			{"firm, its answers", firm, "GET", a + "/answers", nil, 200, []string{"cx2025/C001"}, nil},
			{"firm, another", firm, "GET", b, nil, 404, nil, []string{"eastb"}},
			{"firm, another's facts", firm, "GET", b + "/facts", nil, 404, nil, []string{"6000"}},
			{"firm, another's answers", firm, "GET", b + "/answers", nil, 404, nil, nil},
			{"firm, list", firm, "GET", "/api/east/parties", nil, 403, nil, []string{"eastb"}},
			{"firm, declares", firm, "POST", a + "/facts", fact, 200, []string{`"verified":false`}, nil},
			{"firm, for another", firm, "POST", b + "/facts", fact, 404, nil, nil},
			{"firm, accounts", firm, "GET", "/api/east/accounts", nil, 403, nil, nil},
			{"firm, imports", firm, "GET", "/api/east/imports", nil, 403, nil, nil},

			{"town, list", town, "GET", "/api/east/parties", nil, 200, []string{"easta"}, []string{"eastb"}},
			{"town, its own", town, "GET", a + "/facts", nil, 200, []string{"5,000万元"}, nil},
			{"town, another", town, "GET", b, nil, 404, nil, []string{"eastb"}},
			{"town, another's answers", town, "GET", b + "/answers/cx2025/C001", nil, 404, nil, nil},
			{"town, affected", town, "GET", "/api/east/schemes/cx2025/C001/affected", nil, 200, []string{"easta"}, []string{"eastb"}},
			{"town, affected of another town", town, "GET", "/api/east/schemes/cx2025/C001/affected?town=乙镇", nil, 200, nil, []string{"eastb"}},

			{"officer, list", officer, "GET", "/api/east/parties", nil, 200, []string{"easta", "eastb"}, nil},
			{"officer, vouches", officer, "POST", b + "/facts", fact, 200, []string{`"verified":true`}, nil},
			{"officer, accounts", officer, "GET", "/api/east/accounts", nil, 403, nil, []string{"auditor"}},
			{"officer, makes an account", officer, "POST", "/api/east/accounts", person, 403, nil, nil},

			{"auditor, list", auditor, "GET", "/api/east/parties", nil, 200, []string{"easta", "eastb"}, nil},
			{"auditor, states a fact", auditor, "POST", a + "/facts", fact, 403, nil, nil},
			{"auditor, a party", auditor, "POST", "/api/east/parties", map[string]any{"kind": "组织", "name": "协会", "exception": "无代码", "town": "甲镇", "industry": "", "size": ""}, 403, nil, nil},
			{"auditor, accounts", auditor, "GET", "/api/east/accounts", nil, 403, nil, nil},

			{"administrator, list", admin, "GET", "/api/east/parties", nil, 403, nil, []string{"easta"}},
			{"administrator, a firm", admin, "GET", a + "/facts", nil, 404, nil, []string{"5000"}},
			{"administrator, accounts", admin, "GET", "/api/east/accounts?role=officer", nil, 200, []string{"officer", "town"}, []string{"argon2", "auditor", "password"}},
			{"administrator, an account", admin, "POST", "/api/east/accounts", person, 201, []string{`"password":"`}, nil},
			{"administrator, the same again", admin, "POST", "/api/east/accounts", person, 409, []string{"conflict"}, nil},
		})
	})
}

// Mutations that turn this red: let an issued password open the desk; keep it from being changed; forget the change.
func TestIssuedPasswordHasToBeChanged(t *testing.T) {
	forEach(t, func(h *house) {
		a, issued, err := h.rooms.Accounts.Create(h.in("east"), "east", accountOf("new"))
		if err != nil || a.ID == "" {
			h.t.Fatal(err)
		}
		b := h.public()
		in := b.call("POST", "/api/session", map[string]any{"login": "new", "tenant": "east", "password": issued})
		b.csrf = tokenIn(h.t, in.body)
		h.run([]scenario{
			{"it signs in", b, "GET", "/api/session", nil, 200, []string{`"must_change":true`, `"login":"new"`}, nil},
			{"and opens nothing", b, "GET", "/api/east/parties", nil, 403, []string{"请先修改密码"}, []string{"easta"}},
			{"but what is public", b, "GET", "/api/east/about", nil, 200, []string{"东县"}, nil},
			{"a weak one is refused", b, "PUT", "/api/session/password", map[string]any{"current": issued, "password": "short"}, 422, []string{"至少需要"}, []string{"short"}},
		})
		changed := b.call("PUT", "/api/session/password", map[string]any{"current": issued, "password": password})
		if changed.status != 200 {
			h.t.Fatalf("changing it: %d %s", changed.status, changed.body)
		}
		b.csrf = tokenIn(h.t, changed.body)
		h.run([]scenario{{"then it opens the desk", b, "GET", "/api/east/parties", nil, 200, []string{"easta"}, nil}})
	})
}

// A firm's account is disabled while its person is at work: from the next request on the pages are the public's, and there is no way in.
// Only that account: the county's other people go on. (That account.Actor refuses it by itself, whatever becomes of its sessions, and that it
// is not signed in, is tested in account.) Mutations that turn this red: keep the sessions of a disabled account; end everybody's.
func TestADisabledFirmIsRefusedAtItsNextRequest(t *testing.T) {
	forEach(t, func(h *house) {
		h.state("east/a", "营业收入", 2025, "5000万元")
		firm, officer, admin := h.as("east", "firm"), h.as("east", "officer"), h.as("east", "admin")
		own := "/api/east/parties/" + h.parties["east/a"]
		fact := map[string]any{"term": "营业收入", "year": 2024, "value": "4000万元", "evidence": "年报"}
		in := map[string]any{"tenant": "east", "login": "firm", "password": password}
		id := strings.SplitN(admin.call("GET", "/api/east/accounts?role=firm", nil).body, `"id":"`, 2)[1][:36]
		h.run([]scenario{
			{"at work", firm, "GET", own + "/facts", nil, 200, []string{"5,000万元"}, nil},
			{"at work, declares", firm, "POST", own + "/facts", fact, 200, nil, nil},
			{"disabled", admin, "PUT", "/api/east/accounts/" + id, map[string]any{"disabled": true}, 200, []string{`"disabled":true`}, nil},
			{"itself", firm, "GET", own, nil, 401, nil, []string{"easta"}},
			{"its facts", firm, "GET", own + "/facts", nil, 401, nil, []string{"5000"}},
			{"its answers", firm, "GET", own + "/answers", nil, 401, nil, nil},
			{"declares", firm, "POST", own + "/facts", fact, 401, nil, []string{"4000"}},
			{"its password", firm, "PUT", "/api/session/password", map[string]any{"current": password, "password": "Another horse 8"}, 401, nil, nil},
			{"who it is", firm, "GET", "/api/session", nil, 200, []string{`"csrf":""`}, []string{`"actor"`, "firm"}},
			{"signing in again", h.public(), "POST", "/api/session", in, 401, nil, []string{"csrf", "actor"}},
			{"what is public", firm, "GET", "/api/east/about", nil, 200, []string{"东县"}, nil},
			{"somebody else", officer, "GET", own + "/facts", nil, 200, []string{"5,000万元"}, nil},
			{"the other county's firm", h.as("west", "firm"), "GET", "/api/west/parties/" + h.parties["west/a"], nil, 200, []string{"westa"}, nil},
			{"opened by one", admin, "PUT", "/api/east/accounts/" + id, map[string]any{"disabled": false, "reason": "整改完毕"}, 200, []string{`"disabled":true`, `"usage":"opened"`, `"state":"waiting"`}, nil},
			{"not yet", h.public(), "POST", "/api/session", in, 401, nil, []string{"csrf", "actor"}},
		})
		second := h.secondAdministrator()
		waiting := strings.SplitN(second.call("GET", "/api/east/authorizations?state=waiting", nil).body, `"id":"`, 2)[1][:36]
		h.run([]scenario{
			{"opened by two", second, "POST", "/api/east/authorizations/" + waiting + "/approve", map[string]any{}, 200, []string{`"state":"approved"`}, nil},
			{"the account", admin, "GET", "/api/east/accounts/" + id, nil, 200, []string{`"disabled":false`}, []string{"waiting"}},
			{"the old session stays ended", firm, "GET", own, nil, 401, nil, []string{"easta"}},
		})
		h.run([]scenario{{"signed in anew", h.as("east", "firm"), "GET", own, nil, 200, []string{"easta"}, nil}})
	})
}

func accountOf(login string) account.New {
	return account.New{Login: login, Name: login, Grants: []account.Grant{{Role: account.RoleOfficer}}}
}

func tokenIn(t testing.TB, body string) string {
	t.Helper()
	var told account.SessionView
	if err := json.Unmarshal([]byte(body), &told); err != nil || told.CSRF == "" {
		t.Fatalf("%s %v", body, err)
	}
	return told.CSRF
}
