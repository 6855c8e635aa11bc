package server

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/treasury"
)

// Money over the wire: a budget, a promise, an account, a batch by two people, the bank's file out and back, the trace; and who is kept out.
//
// Mutations that turn this red: leave treasury.Routes out of register; embed an unexported struct of parameters; bind a path parameter to
// another name; answer the bank's file to a leader.
func TestTreasuryOverHTTP(t *testing.T) {
	forEach(t, func(h *house) {
		*h.rooms.Treasury = *treasury.New() // the room by itself, with rounds and cases that nobody else knows; the permission matrix and the kill test walk it joined
		for login, grant := range map[string]account.Grant{"finance1": {Role: account.RoleFinance}, "finance2": {Role: account.RoleFinance}, "leader": {Role: account.RoleLeader}} {
			if _, _, err := h.rooms.Accounts.Create(h.in("east"), "east", account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{grant}}); err != nil {
				h.t.Fatal(err)
			}
		}
		one, two, leader, firm, officer, public := h.as("east", "finance1"), h.as("east", "finance2"), h.as("east", "leader"), h.as("east", "firm"), h.as("east", "officer"), h.public()
		party := h.parties["east/a"]
		const at = "/api/east/treasury"
		h.run([]scenario{
			{"public, budgets", public, "GET", at + "/budgets", nil, 401, nil, nil},
			{"public, an account", public, "GET", at + "/parties/" + party + "/account", nil, 401, nil, nil},
			{"officer, budgets", officer, "GET", at + "/budgets", nil, 403, nil, nil},
			{"leader makes a budget", leader, "POST", at + "/budgets", map[string]any{"round": "r1", "source": "本级财政", "total": 100_00}, 403, nil, nil},
			{"a negative budget", one, "POST", at + "/budgets", map[string]any{"round": "r1", "source": "本级财政", "total": -1}, 422, []string{"total"}, nil},
			{"a budget", one, "POST", at + "/budgets", map[string]any{"round": "r1", "source": "本级财政", "total": 1000_00}, 201, []string{`"left":100000`}, nil},
			{"leader, budgets", leader, "GET", at + "/budgets?round=r1", nil, 200, []string{"本级财政", `"mine":false`}, nil},
			{"the firm's account", firm, "PUT", at + "/parties/" + party + "/account", map[string]any{"holder": "某公司", "bank": "某银行", "number": "6222 0000 1111 2222"}, 200,
				[]string{`"number":"****2222"`, `"state":"held"`}, []string{"62220000"}},
			{"another county's party", one, "GET", at + "/parties/" + h.parties["west/a"] + "/account", nil, 404, nil, nil},
		})
		if err := h.rooms.Treasury.Commit(h.in("east"), []treasury.Award{{Case: "c1", CaseNumber: "A001", Round: "r1", Scheme: "x", Party: party, PartyName: "某公司", Amount: 300_00, Clause: "某条"}}); err != nil {
			h.t.Fatal(err)
		}
		field := func(b *browser, path, name string) string {
			h.t.Helper()
			got := b.call("GET", at+path, nil)
			_, rest, found := strings.Cut(got.body, `"`+name+`":"`)
			if !found {
				h.t.Fatalf("%s: no %s in %s", path, name, got.body)
			}
			value, _, _ := strings.Cut(rest, `"`)
			return value
		}
		h.run([]scenario{
			{"confirm", one, "POST", at + "/accounts/" + field(one, "/accounts", "id") + "/confirm", map[string]any{"evidence": "开户许可证"}, 200, []string{`"state":"confirmed"`}, nil},
			{"unmask without a reason", one, "POST", at + "/parties/" + party + "/account/unmask", map[string]any{}, 422, nil, []string{"62220000"}},
			{"unmask", one, "POST", at + "/parties/" + party + "/account/unmask", map[string]any{"reason": "核对账户"}, 200, []string{"6222000011112222"}, nil},
			{"the firm's awards", firm, "GET", at + "/awards", nil, 200, []string{"A001", `"amount":30000`, `"shares":[]`}, nil},
			{"prepare", one, "POST", at + "/batches", map[string]any{"round": "r1", "document": "测财〔2026〕1号", "document_date": "2026-11-20"}, 201, []string{"P2026-0001", `"may":["drop","cancel"]`}, nil},
		})
		batch := at + "/batches/" + field(one, "/batches", "id")
		h.run([]scenario{
			{"approved by who prepared it", one, "POST", batch + "/approve", map[string]any{"version": 1}, 403, []string{"编制人"}, nil},
			{"approve", two, "POST", batch + "/approve", map[string]any{"version": 1}, 200, []string{`"state":"approved"`}, nil},
			{"send", one, "POST", batch + "/send", map[string]any{}, 200, []string{`"state":"sent"`}, nil},
			{"its lines", leader, "GET", batch + "/lines?state=sent", nil, 200, []string{"P2026-0001-00001", "****2222"}, []string{"62220000"}},
			{"the bank's file by a leader", leader, "POST", batch + "/bank-file", map[string]any{}, 403, nil, nil},
		})
		file := one.call("POST", batch+"/bank-file", map[string]any{})
		book, err := excelize.OpenReader(strings.NewReader(file.body))
		if err != nil {
			h.t.Fatalf("%d %v", file.status, err)
		}
		for cell, v := range map[string]any{"G2": "成功", "H2": "S1", "I2": h.today()} {
			if err := book.SetCellValue("付款", cell, v); err != nil {
				h.t.Fatal(err)
			}
		}
		var filled bytes.Buffer
		if err := book.Write(&filled); err != nil {
			h.t.Fatal(err)
		}
		up := one.call("POST", batch+"/results", upload(h.t, filled.Bytes()))
		var staged treasury.BankResult
		if err := json.Unmarshal([]byte(up.body), &staged); up.status != 201 || err != nil || staged.Good != 1 {
			h.t.Fatalf("%d %s", up.status, up.body)
		}
		h.run([]scenario{
			{"without a file", one, "POST", batch + "/results", form{"multipart/form-data; boundary=x", []byte("--x--\r\n")}, 422, nil, nil},
			{"its rows", leader, "GET", at + "/results/" + staged.ID + "/rows?bad=false&per=5", nil, 200, []string{`"serial":"S1"`, `"problems":[]`}, nil},
			{"apply", one, "POST", at + "/results/" + staged.ID + "/apply", map[string]any{"mode": "all_or_none"}, 200, []string{`"state":"applied"`}, nil},
			{"apply again", two, "POST", at + "/results/" + staged.ID + "/apply", map[string]any{"mode": "all_or_none"}, 200, []string{`"repeated":true`}, nil},
			{"trace by the bank's number", leader, "GET", at + "/trace?serial=S1", nil, 200, []string{"某条", "A001", "本级财政", `"kind":"pay"`}, nil},
			{"trace by nothing", leader, "GET", at + "/trace", nil, 422, nil, nil},
			{"the report", leader, "GET", at + "/report", nil, 200, []string{`"paid":30000`, `"left":70000`}, nil},
			{"entries", leader, "GET", at + "/entries?kind=pay", nil, 200, []string{`"account":"paid"`}, nil},
		})
		for path, sheet := range map[string]string{"/budgets.xlsx": "预算", "/entries.xlsx": "分录", "/awards.xlsx": "奖补", "/accounts.xlsx": "收款账户", "/batches.xlsx": "付款批次",
			strings.TrimPrefix(batch, at) + "/lines.xlsx": "资金下达表", "/results/" + staged.ID + "/rows.xlsx": "银行回执", "/trace.xlsx?case=A001": "资金去向", "/report.xlsx": "资金汇总"} {
			got := leader.call("GET", at+path, nil)
			book, err := excelize.OpenReader(strings.NewReader(got.body))
			if got.status != 200 || err != nil || book.GetSheetName(0) != sheet {
				h.t.Errorf("%s: %d %v", path, got.status, err)
			}
		}
	})
}

// upload is a form with one workbook.
func upload(t testing.TB, data []byte) form {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "回执.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return form{w.FormDataContentType(), b.Bytes()}
}
