package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/registry"
)

// An account that speaks for several firms is told of exactly those, reads and declares for each, and has nothing of another.
//
// Mutations that turn this red: take the first grant only (in Actor.Parties); list every party in Own.
func TestAnAccountOfSeveralFirms(t *testing.T) {
	forEach(t, func(h *house) {
		ctx := h.in("east")
		third, err := h.rooms.Registry.Put(ctx, registry.Party{Kind: registry.KindFirm, Name: "eastc电器有限公司", Exception: "测试用", Town: towns["a"]})
		if err != nil {
			h.t.Fatal(err)
		}
		firm := func(party string) account.Grant { return account.Grant{Role: account.RoleFirm, Party: party} }
		a, c, b := h.parties["east/a"], third.ID, h.parties["east/b"]
		for login, grants := range map[string][]account.Grant{"two": {firm(a), firm(c)}, "both": {firm(c), {Role: account.RoleOfficer}}} {
			if _, _, err := h.rooms.Accounts.Create(ctx, "east", account.New{Login: login, Name: login, Password: password, Grants: grants}); err != nil {
				h.t.Fatal(err)
			}
		}
		h.work()
		two := h.as("east", "two")
		for login, want := range map[string][]string{"two": {a, c}, "firm": {a}, "both": {c}, "officer": {}, "admin": {}} {
			got := h.as("east", login).call("GET", "/api/east/firms", nil)
			var list registry.OwnParties
			if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.status != 200 {
				h.t.Fatalf("%s: %d %s", login, got.status, got.body)
			}
			ids := []string{}
			for _, p := range list.Items {
				ids = append(ids, p.ID)
			}
			if !slices.Equal(ids, want) || strings.Contains(got.body, "13800000000") {
				h.t.Errorf("%s speaks for %s, want %v", login, got.body, want)
			}
		}
		fact := map[string]any{"term": "营业收入", "year": 2024, "value": "4000万元", "evidence": "年报"}
		party := func(id, rest string) string { return "/api/east/parties/" + id + rest }
		h.run([]scenario{
			{"the public", h.public(), "GET", "/api/east/firms", nil, 401, nil, []string{"east"}},
			{"in another county", two, "GET", "/api/west/firms", nil, 403, nil, []string{"west"}},
			{"the first", two, "GET", party(a, ""), nil, 200, []string{"easta"}, nil},
			{"the second", two, "GET", party(c, ""), nil, 200, []string{"eastc"}, nil},
			{"the second's answers", two, "GET", party(c, "/answers"), nil, 200, []string{"cx2025/C001"}, nil},
			{"for the second", two, "POST", party(c, "/facts"), fact, 200, []string{`"verified":false`}, nil},
			{"a third", two, "GET", party(b, ""), nil, 404, nil, []string{"eastb"}},
			{"a third's facts", two, "GET", party(b, "/facts"), nil, 404, nil, nil},
			{"a third's answers", two, "GET", party(b, "/answers"), nil, 404, nil, nil},
			{"a third's workbook", two, "GET", party(b, "/facts.xlsx"), nil, 404, nil, []string{"PK"}},
			{"for a third", two, "POST", party(b, "/facts"), fact, 404, nil, nil},
			{"a third's disputes", two, "GET", "/api/east/disputes?party=" + b, nil, 200, []string{`"total":0`}, nil},
			{"the registry", two, "GET", "/api/east/parties", nil, 403, nil, []string{"eastb"}},
		})
	})
}
