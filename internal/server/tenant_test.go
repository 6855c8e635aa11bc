package server

import (
	"net/http"
	"strings"
	"testing"
)

// Two counties in one installation have the same logins, and parties and facts of their own. Nothing of one is to be had through the
// other: not with a session of the other, not with its ids, not by changing the path.
//
// Mutations that turn this red: take the tenant from the session instead of the path in visitor; leave `session.Tenant != tenant` out of
// account.Actor and let both counties hold an account of one id; bind every request to the first tenant; on PostgreSQL, leave
// SET LOCAL search_path out of the store.
func TestNeitherTenantSeesTheOther(t *testing.T) {
	forEach(t, func(h *house) {
		h.state("west/a", "营业收入", 2025, "7654321万元")
		h.work()
		east, west, firm := h.as("east", "officer"), h.as("west", "officer"), h.as("east", "firm")
		admin := h.as("east", "admin")
		theirs, ours := h.parties["west/a"], h.parties["east/a"]
		secrets := []string{"westa电器", "westb电器", "7654321", "76543210000", "13800000002", theirs}
		var facts []string
		for _, part := range strings.Split(west.call("GET", "/api/west/parties/"+theirs+"/facts", nil).body, `"id":"`)[1:] {
			facts = append(facts, part[:36])
		}
		if len(facts) == 0 {
			h.t.Fatal("the other county has no facts: " + west.call("GET", "/api/west/parties/"+theirs+"/facts", nil).body)
		}
		westAccount := strings.SplitN(h.as("west", "admin").call("GET", "/api/west/accounts?q=officer", nil).body, `"id":"`, 2)[1][:36]
		scenarios := []scenario{
			{"own list", east, "GET", "/api/east/parties", nil, 200, []string{"easta电器", "eastb电器"}, secrets},
			{"the other's own list", west, "GET", "/api/west/parties", nil, 200, []string{"westa电器"}, []string{"easta电器"}},
			{"their list with our session", east, "GET", "/api/west/parties", nil, 403, nil, secrets},
			{"their party by path", east, "GET", "/api/west/parties/" + theirs, nil, 403, nil, secrets[:5]},
			{"their party by id", east, "GET", "/api/east/parties/" + theirs, nil, 404, nil, secrets[:5]},
			{"our party by their path", east, "GET", "/api/west/parties/" + ours, nil, 403, nil, []string{"easta电器"}},
			{"their facts", east, "GET", "/api/east/parties/" + theirs + "/facts", nil, 404, nil, secrets},
			{"their facts by path", east, "GET", "/api/west/parties/" + theirs + "/facts", nil, 403, nil, secrets[:5]},
			{"their answers", east, "GET", "/api/east/parties/" + theirs + "/answers", nil, 404, nil, secrets[:5]},
			{"their answers by path", east, "GET", "/api/west/parties/" + theirs + "/answers", nil, 403, nil, secrets[:5]},
			{"who of them is affected", east, "GET", "/api/west/schemes/cx2025/C001/affected", nil, 403, nil, secrets},
			{"who of us is affected", east, "GET", "/api/east/schemes/cx2025/C001/affected", nil, 200, nil, secrets},
			{"state a fact of theirs", east, "POST", "/api/east/parties/" + theirs + "/facts", map[string]any{"term": "营业收入", "year": 2025, "value": "1万元"}, 404, nil, secrets[:5]},
			{"state one by path", east, "POST", "/api/west/parties/" + theirs + "/facts", map[string]any{"term": "营业收入", "year": 2025, "value": "1万元"}, 403, nil, secrets[:5]},
			{"verify theirs", east, "POST", "/api/east/facts/" + facts[0] + "/verify", map[string]any{}, 404, nil, secrets},
			{"dispute theirs", firm, "POST", "/api/east/facts/" + facts[0] + "/dispute", map[string]any{"reason": "不对不对不对"}, 404, nil, secrets},
			{"their accounts", admin, "GET", "/api/west/accounts", nil, 403, nil, []string{westAccount}},
			{"their account by id", admin, "GET", "/api/east/accounts/" + westAccount, nil, 404, nil, []string{"officer"}},
			{"reset their password", admin, "POST", "/api/east/accounts/" + westAccount + "/password", map[string]any{}, 404, nil, nil},
			{"grant by path", admin, "PUT", "/api/west/accounts/" + westAccount, map[string]any{"disabled": true}, 403, nil, nil},
			{"their imports", east, "GET", "/api/west/imports", nil, 403, nil, nil},
			{"a firm at the other's desk", firm, "GET", "/api/west/parties/" + theirs, nil, 403, nil, secrets[:5]},
			{"no such county", east, "GET", "/api/north/parties", nil, 404, nil, secrets},
			{"a county's file", east, "GET", "/api/..%2Fwest/parties", nil, 404, nil, secrets},
			{"the control database", east, "GET", "/api/control/parties", nil, 404, nil, secrets},
		}
		h.run(scenarios)
		// Nothing was changed over there.
		got := west.call("GET", "/api/west/parties/"+theirs+"/facts", nil)
		if got.status != http.StatusOK || !strings.Contains(got.body, "7654321") || strings.Contains(got.body, `"10000元"`) {
			h.t.Errorf("the other county's facts are now %s", got.body)
		}
		if h.as("west", "officer").call("GET", "/api/session", nil).status != http.StatusOK {
			h.t.Error("the other county's account no longer signs in")
		}
		// The signed-in officer of one county is the public in the other, and the public reads its schemes.
		h.run([]scenario{
			{"their schemes are public", east, "GET", "/api/west/schemes?q=增长", nil, 200, []string{"cx2025/C001"}, nil},
			{"about names the right county", east, "GET", "/api/west/about", nil, 200, []string{"西县"}, []string{"东县"}},
		})
	})
}

// Mutations that turn this red: read the token of a cookie without looking it up; accept the stored hash as a token.
func TestForgedSessions(t *testing.T) {
	forEach(t, func(h *house) {
		real := h.as("east", "officer")
		token := real.cookies["shanglin"]
		forged := func(value string) *browser {
			b := h.public()
			b.cookies["shanglin"] = value
			return b
		}
		h.run([]scenario{
			{"the real one", real, "GET", "/api/east/parties", nil, 200, []string{"easta"}, nil},
			{"none", h.public(), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}},
			{"empty", forged(""), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}},
			{"cut", forged(token[:42]), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}},
			{"changed", forged(strings.Map(func(r rune) rune {
				if r == 'A' {
					return 'B'
				}
				return 'A'
			}, token)), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}},
			{"an account's login", forged("officer"), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}},
			{"long", forged(strings.Repeat("A", 4000)), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}},
		})
		real.call("DELETE", "/api/session", nil)
		h.run([]scenario{{"after signing out", forged(token), "GET", "/api/east/parties", nil, 401, nil, []string{"easta"}}})
	})
}
