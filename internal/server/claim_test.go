package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/registry"
)

const onePDF = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"

// claimForm is the form of a claim with one file.
func claimForm(t testing.TB, file string, fields ...string) form {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		w.WriteField(fields[i], fields[i+1])
	}
	f, err := w.CreateFormFile("file", "授权书.pdf")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte(file))
	w.Close()
	return form{w.FormDataContentType(), b.Bytes()}
}

// wrongDigit is a code with another last character.
func wrongDigit(code string) string {
	if strings.HasSuffix(code, "0") {
		return code[:17] + "1"
	}
	return code[:17] + "0"
}

// coded registers a firm with a code, as the claims need one.
func (h *house) coded(tenant, town string, n int) (party, code string) {
	h.t.Helper()
	code, _ = registry.CompleteCode(fmt.Sprintf("91330282%08d", n))
	p, err := h.rooms.Registry.Put(h.in(tenant), registry.Party{Kind: registry.KindFirm, Code: code, Name: tenant + "认领电器有限公司", Town: town, Phone: "13800009999"})
	if err != nil {
		h.t.Fatal(err)
	}
	return p.ID, code
}

// signUp makes an account through the API, which signs it in.
func (h *house) signUp(tenant, login string) *browser {
	h.t.Helper()
	b := h.public()
	got := b.call("POST", "/api/"+tenant+"/sign-up", map[string]any{"login": login, "name": "新人" + login, "password": password})
	if got.status != http.StatusCreated || strings.Contains(got.body, password) {
		h.t.Fatalf("signing up: %d %s", got.status, got.body)
	}
	b.csrf = tokenIn(h.t, got.body)
	return b
}

func idIn(t testing.TB, body string) string {
	t.Helper()
	var told struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(body), &told); err != nil || told.ID == "" {
		t.Fatalf("%s %v", body, err)
	}
	return told.ID
}

// Somebody makes an account, claims a firm, is let in, and is sent away: each counts from the next request on.
//
// Mutations that turn this red: keep the grants in the session; tell a claimant the firm's id, town or telephone before; let an account of
// no role read coverage, parties or people; open the claim of one county in the other.
func TestFromSigningUpToBeingSentAway(t *testing.T) {
	forEach(t, func(h *house) {
		party, code := h.coded("east", towns["a"], 1)
		_, elsewhere := h.coded("west", towns["a"], 2)
		h.state("east/a", "营业收入", 2025, "5000万元")
		wang, officer, other := h.signUp("east", "wang"), h.as("east", "town"), h.as("west", "officer")
		if _, _, err := h.rooms.Accounts.Create(h.in("east"), "east", account.New{Login: "town-b", Name: "b", Password: password,
			Grants: []account.Grant{{Role: account.RoleOfficer, Town: towns["b"]}}}); err != nil {
			h.t.Fatal(err)
		}
		townB := h.as("east", "town-b")
		own, people := "/api/east/parties/"+party, "/api/east/parties/"+party+"/people"
		never := []string{party, "13800009999", towns["a"]}
		claim := claimForm(h.t, onePDF, "code", code, "capacity", registry.CapacityLegal, "statement", "本人是法定代表人")
		h.run([]scenario{
			{"a new account is somebody", wang, "GET", "/api/session", nil, 200, []string{`"login":"wang"`, `"grants":[]`, `"must_change":false`}, nil},
			{"and may list no parties", wang, "GET", "/api/east/parties", nil, 403, nil, []string{"easta"}},
			{"nor read one", wang, "GET", own, nil, 404, nil, never},
			{"nor its people", wang, "GET", people, nil, 404, nil, never},
			{"nor disputes of others", wang, "GET", "/api/east/disputes", nil, 200, []string{`"total":0`}, nil},
			{"nor coverage", wang, "GET", "/api/east/coverage", nil, 403, nil, nil},
			{"nor imports", wang, "GET", "/api/east/imports", nil, 403, nil, nil},
			{"nor claims of others", wang, "GET", "/api/east/claims", nil, 403, nil, nil},
			{"nor accounts", wang, "GET", "/api/east/accounts", nil, 403, nil, nil},
			{"nor a job", wang, "GET", "/api/east/jobs/x", nil, 403, nil, nil},
			{"nor state a fact", wang, "POST", own + "/facts", map[string]any{"term": "营业收入", "year": 2024, "value": "1元"}, 404, nil, never},
			{"nor register a party", wang, "POST", "/api/east/parties", map[string]any{"kind": "组织", "name": "协会", "exception": "无代码", "town": towns["a"]}, 403, nil, nil},
			{"nor close signing up", wang, "PUT", "/api/east/sign-up", map[string]any{"closed": true}, 403, nil, nil},
			{"a code tells a name", wang, "GET", "/api/east/firm-names/" + code, nil, 200, []string{"east认领电器有限公司", `"known":true`}, never},
			{"a code of the other county tells none", wang, "GET", "/api/east/firm-names/" + elsewhere, nil, 200, []string{`"known":false`}, []string{"west"}},
			{"a wrong code", wang, "GET", "/api/east/firm-names/" + wrongDigit(code), nil, 422, []string{"校验位"}, []string{code[:17]}},
			{"the public asks for a name", h.public(), "GET", "/api/east/firm-names/" + code, nil, 401, nil, []string{"认领电器"}},
			{"the public claims", h.public(), "POST", "/api/east/claims", claim, 401, nil, nil},
			{"a page as evidence", wang, "POST", "/api/east/claims", claimForm(h.t, "<html>", "code", code, "capacity", registry.CapacityLegal, "statement", "本人是法定代表人"), 422, []string{"file"}, nil},
			{"nothing filled in", wang, "POST", "/api/east/claims", claimForm(h.t, onePDF, "code", "1"), 422, []string{"code", "name", "town", "capacity", "statement"}, nil},
			{"the other county", wang, "POST", "/api/west/claims", claim, 403, nil, nil},
		})
		made := wang.call("POST", "/api/east/claims", claim)
		if made.status != http.StatusCreated {
			h.t.Fatalf("%d %s", made.status, made.body)
		}
		at := "/api/east/claims/" + idIn(h.t, made.body)
		evidence := at + "/evidence/" + strings.SplitN(made.body[strings.Index(made.body, `"evidence":[`):], `"id":"`, 2)[1][:36]
		yes := map[string]any{"approve": true}
		h.run([]scenario{
			{"submitted twice", wang, "POST", "/api/east/claims", claim, 409, []string{"conflict"}, nil},
			{"its claimant reads it", wang, "GET", at, nil, 200, []string{`"state":"open"`, "授权书.pdf"}, never},
			{"in her own list", wang, "GET", "/api/east/claims/mine", nil, 200, []string{`"state":"open"`}, never},
			{"another town's officer", townB, "GET", at, nil, 404, nil, []string{"wang"}},
			{"decides", townB, "POST", at + "/decide", yes, 404, nil, nil},
			{"opens the evidence", townB, "GET", evidence, nil, 404, nil, []string{"%PDF"}},
			{"lists", townB, "GET", "/api/east/claims", nil, 200, []string{`"total":0`}, []string{"认领电器"}},
			{"the firm of the same town", h.as("east", "firm"), "GET", at, nil, 404, nil, []string{"wang"}},
			{"the administrator", h.as("east", "admin"), "POST", at + "/decide", yes, 404, nil, nil},
			{"the auditor reads", h.as("east", "auditor"), "GET", at, nil, 200, []string{`"mine":false`}, nil},
			{"the auditor decides", h.as("east", "auditor"), "POST", at + "/decide", yes, 403, nil, nil},
			{"another county", other, "GET", strings.Replace(at, "east", "west", 1), nil, 404, nil, nil},
			{"another county by path", other, "GET", at, nil, 403, nil, []string{"wang"}},
			{"the public", h.public(), "GET", at, nil, 401, nil, nil},
			{"its claimant decides", wang, "POST", at + "/decide", yes, 403, []string{"不能审核自己"}, nil},
			{"an officer lists", officer, "GET", "/api/east/claims?state=open&q=认领", nil, 200, []string{`"total":1`, "新人wang", `"waiting":0`}, []string{"13800009999"}},
			{"an officer exports", officer, "GET", "/api/east/claims.xlsx?state=open", nil, 200, []string{"PK"}, nil},
			{"an officer opens the evidence", officer, "GET", evidence, nil, 200, []string{"%PDF-1.7"}, nil},
			{"an officer refuses without a reason", officer, "POST", at + "/decide", map[string]any{"approve": false}, 422, []string{"reason"}, nil},
			{"an officer approves", officer, "POST", at + "/decide", yes, 200, []string{`"state":"approved"`, party}, nil},
			{"and once more", officer, "POST", at + "/decide", yes, 409, []string{"办结"}, nil},
			{"the firm's page opens at the next request", wang, "GET", own, nil, 200, []string{"east认领电器有限公司"}, []string{"13800009999"}},
			{"and she is told so", wang, "GET", "/api/session", nil, 200, []string{`"role":"firm"`, party}, nil},
			{"its people", wang, "GET", people, nil, 200, []string{"新人wang", `"principal":true`}, nil},
			{"its facts", wang, "POST", own + "/facts", map[string]any{"term": "营业收入", "year": 2024, "value": "4000万元", "evidence": "年报"}, 200, []string{`"verified":false`}, nil},
			{"another firm stays closed", wang, "GET", "/api/east/parties/" + h.parties["east/a"] + "/facts", nil, 404, nil, []string{"5000"}},
		})

		// She invites somebody, who is then sent away.
		li := h.signUp("east", "lilei")
		invited := wang.call("POST", own+"/invitations", map[string]any{"name": "李雷", "capacity": registry.CapacityHandler})
		var invitation registry.Invitation
		if err := json.Unmarshal([]byte(invited.body), &invitation); err != nil || invited.status != http.StatusCreated {
			h.t.Fatalf("%d %s", invited.status, invited.body)
		}
		h.run([]scenario{
			{"a wrong code", li, "POST", "/api/east/firms/join", map[string]any{"code": "abcd-abcd-abcd-abcd"}, 404, nil, []string{"abcd"}},
			{"the right one in the other county", h.signUp("west", "lilei"), "POST", "/api/west/firms/join", map[string]any{"code": invitation.Code}, 404, nil, nil},
			{"the right one", li, "POST", "/api/east/firms/join", map[string]any{"code": invitation.Code}, 200, []string{party}, nil},
			{"opens the firm", li, "GET", own, nil, 200, []string{"认领电器"}, nil},
			{"but not its management", li, "POST", own + "/invitations", map[string]any{"name": "韩", "capacity": registry.CapacityHandler}, 403, nil, nil},
		})
		var all registry.FirmPeople
		if err := json.Unmarshal([]byte(wang.call("GET", people, nil).body), &all); err != nil || len(all.People) != 2 {
			h.t.Fatalf("%+v %v", all, err)
		}
		liID, wangID := all.People[1].Account, all.People[0].Account
		why := map[string]any{"reason": "已离职"}
		h.run([]scenario{
			{"she cannot send the principal away", li, "POST", people + "/" + wangID + "/dismiss", why, 403, nil, nil},
			{"nor take her place", li, "POST", people + "/" + liID + "/principal", map[string]any{}, 403, nil, nil},
			{"another town's officer cannot either", townB, "POST", people + "/" + liID + "/dismiss", why, 404, nil, nil},
			{"the principal sends her away", wang, "POST", people + "/" + liID + "/dismiss", why, 200, nil, []string{"lilei"}},
			{"her session goes on", li, "GET", "/api/session", nil, 200, []string{`"grants":[]`}, nil},
			{"the firm's page is closed at once", li, "GET", own, nil, 404, nil, []string{"认领电器"}},
			{"its facts too", li, "GET", own + "/facts", nil, 404, nil, []string{"4000"}},
			{"its people too", li, "GET", people, nil, 404, nil, nil},
			{"she learns why", li, "GET", "/api/east/claims/mine", nil, 200, []string{"已离职"}, nil},
			{"an officer sends the principal away", officer, "POST", people + "/" + wangID + "/dismiss", why, 200, nil, nil},
			{"closed at once", wang, "GET", own, nil, 404, nil, nil},
		})
	})
}

// Mutations that turn this red: leave an operation out of allowances; let an administrator's rule be another county's; sign up where it is closed.
func TestSigningUpIsLimited(t *testing.T) {
	forEach(t, func(h *house) {
		admin := h.as("east", "admin")
		me := map[string]any{"login": "somebody", "name": "某人", "password": password}
		h.run([]scenario{
			{"anybody may know", h.public(), "GET", "/api/east/sign-up", nil, 200, []string{`"closed":false`}, nil},
			{"a login that is taken", h.public(), "POST", "/api/east/sign-up", map[string]any{"login": "officer", "name": "某人", "password": password}, 409, []string{"login"}, []string{"officer"}},
			{"a weak password", h.public(), "POST", "/api/east/sign-up", map[string]any{"login": "somebody", "name": "某人", "password": "short"}, 422, []string{"password"}, []string{"short"}},
			{"grants are not asked for", h.public(), "POST", "/api/east/sign-up", map[string]any{"login": "somebody", "name": "某人", "password": password, "grants": []any{map[string]any{"role": "administrator"}}}, 422, nil, nil},
			{"an officer closes it", h.as("east", "officer"), "PUT", "/api/east/sign-up", map[string]any{"closed": true}, 403, nil, nil},
			{"the public closes it", h.public(), "PUT", "/api/east/sign-up", map[string]any{"closed": true}, 401, nil, nil},
			{"an administrator closes it", admin, "PUT", "/api/east/sign-up", map[string]any{"closed": true}, 200, []string{`"closed":true`}, nil},
			{"then nobody signs up", h.public(), "POST", "/api/east/sign-up", me, 409, []string{"不开放自行注册"}, nil},
			{"but in the other county", h.public(), "POST", "/api/west/sign-up", me, 201, []string{`"login":"somebody"`}, nil},
			{"and opens it", admin, "PUT", "/api/east/sign-up", map[string]any{"closed": false}, 200, nil, nil},
			{"then they do", h.public(), "POST", "/api/east/sign-up", me, 201, []string{`"grants":[]`}, []string{password}},
		})
		_, code := h.coded("east", towns["a"], 1)
		from := func(b *browser, address string) *browser {
			b.headers = map[string]string{"Remote-Addr": address + ":1234"}
			return b
		}
		wang := from(h.signUp("east", "wang"), "10.0.0.7")
		for operation, call := range map[string]func() int{
			"read-firm-name": func() int { return wang.call("GET", "/api/east/firm-names/"+code, nil).status },
			"make-claim":     func() int { return wang.call("POST", "/api/east/claims", claimForm(h.t, onePDF)).status },
			"join-firm":      func() int { return wang.call("POST", "/api/east/firms/join", map[string]any{"code": "x"}).status },
			"sign-up": func() int {
				return from(h.public(), "10.0.0.7").call("POST", "/api/east/sign-up", map[string]any{"login": "x", "name": "", "password": ""}).status
			},
		} {
			for i := range int(allowances[operation].burst) {
				if status := call(); status == http.StatusTooManyRequests {
					h.t.Fatalf("%s: call %d is one too many", operation, i+1)
				}
			}
			if status := call(); status != http.StatusTooManyRequests {
				h.t.Errorf("%s beyond the allowance: %d", operation, status)
			}
			h.mu.Lock()
			h.now = h.now.Add(2 * time.Minute)
			h.mu.Unlock()
			if status := call(); status == http.StatusTooManyRequests {
				h.t.Errorf("%s two minutes later: too many", operation)
			}
		}
	})
}
