package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/auditor"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// The log is read by auditors of the whole county, and by nobody else.
//
// Mutations that turn this red: leave mayAudit out of Each; let Audits forget the town.
func TestWhoReadsTheLog(t *testing.T) {
	forEach(t, func(h *house) {
		if _, _, err := h.rooms.Accounts.Create(h.in("east"), "east", account.New{Login: "townauditor", Name: "x", Password: password,
			Grants: []account.Grant{{Role: account.RoleAuditor, Town: towns["a"]}}}); err != nil {
			h.t.Fatal(err)
		}
		var scenarios []scenario
		for _, login := range []string{"", "firm", "officer", "town", "admin", "townauditor", "auditor"} {
			who, status := h.public(), 401
			if login != "" {
				who, status = h.as("east", login), 403
			}
			if login == "auditor" {
				status = 200
			}
			for _, call := range []string{"GET /audit", "GET /audit.xlsx", "GET /audit/words", "GET /audit/verification"} {
				method, path, _ := strings.Cut(call, " ")
				scenarios = append(scenarios, scenario{login + " " + call, who, method, "/api/east" + path, nil, status, nil, nil})
				if status != 200 {
					scenarios[len(scenarios)-1].mustNot = []string{"party.create", "登记主体", "eastb"}
				}
			}
			if status != 200 {
				scenarios = append(scenarios, scenario{login + " verifies", who, "POST", "/api/east/audit/verification", nil, status, nil, nil},
					scenario{login + " cancels", who, "DELETE", "/api/east/audit/verification", nil, status, nil, nil})
			}
		}
		h.run(scenarios)
		elsewhere := h.as("west", "auditor")
		h.run([]scenario{{"an auditor of another county", elsewhere, "GET", "/api/east/audit", nil, 403, nil, []string{"party.create"}}})
	})
}

// The log in words: who by login, what, of whom by name, when; narrowed by each filter, and page by page.
//
// Mutations that turn this red: find no facts by the id of their party; end the last day where it begins; do not look whether there is more.
func TestTheLogInWords(t *testing.T) {
	forEach(t, func(h *house) {
		officer, auditorOf := h.as("east", "officer"), h.as("east", "auditor")
		a, b := h.parties["east/a"], h.parties["east/b"]
		h.run([]scenario{
			{"unmask", officer, "POST", "/api/east/parties/" + a + "/unmask", map[string]any{"reason": "核对联系人"}, 200, []string{"张三"}, nil},
			{"a fact", officer, "POST", "/api/east/parties/" + b + "/facts", map[string]any{"term": "营业收入", "year": 2025, "value": "1万元"}, 200, nil, nil},
		})
		read := func(query string) []auditor.Entry {
			h.t.Helper()
			got := auditorOf.call("GET", "/api/east/audit?"+query, nil)
			var page auditor.LogPage
			if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.status != 200 {
				h.t.Fatalf("%s: %d %s", query, got.status, got.body)
			}
			return page.Items
		}
		say := func(e auditor.Entry) string {
			subject := "-"
			if e.Subject != nil {
				subject = e.Subject.Kind + ":" + e.Subject.Label
			}
			return fmt.Sprintf("%s %s %s %s %s", e.By, e.What, e.Label, subject, e.Data)
		}
		for _, c := range []struct {
			query string
			want  []string // the newest first
		}{
			{"action=party.unmask", []string{`officer（officer） 查看个人信息 主体 party:easta电器有限公司 {"reason":"核对联系人"}`}},
			{"kind=fact&by=officer", []string{`officer（officer） 填报数据 数据 party:eastb电器有限公司 2025年营业收入 {"party":"` + b + `","period":"2025","source":"市统计局","term":"营业收入"}`}},
			{"by=auditor", []string{`auditor（auditor） 登录 账号 account:auditor（auditor） `}},
			{"by=system&kind=party", []string{
				`系统 按代码例外登记 主体 party:eastb电器有限公司 {"party":"` + b + `","reason":"测试用"}`, `系统 按代码例外登记 主体 party:easta电器有限公司 {"party":"` + a + `","reason":"测试用"}`}},
			{"about=" + a, []string{`officer（officer） 查看个人信息 主体 party:easta电器有限公司 {"reason":"核对联系人"}`,
				`系统 按代码例外登记 主体 party:easta电器有限公司 {"party":"` + a + `","reason":"测试用"}`}},
			{"about=" + b + "&kind=fact", []string{`officer（officer） 填报数据`}},
			{"by=nobody", nil},
			{"by=public", nil},
			{"about=x", nil},
			{"action=none", nil},
			{"kind=party&from=2026-11-24", nil},
			{"kind=fact&until=2026-11-22", nil},
			{"kind=fact&from=2026-11-23&until=2026-11-23", []string{`officer（officer） 填报数据`}},
			{"kind=scheme_publication", []string{`系统 发布政策文件 政策发布 publication:新增`}},
		} {
			got := read(c.query)
			if len(got) != len(c.want) {
				h.t.Errorf("%s: %d records, want %d", c.query, len(got), len(c.want))
				continue
			}
			for i, want := range c.want {
				if text := say(got[i]); !strings.HasPrefix(text, want) {
					h.t.Errorf("%s: %s\nwant %s", c.query, text, want)
				}
			}
		}
		all := read("per=200")
		for i, e := range all {
			if e.Seq != int64(len(all)-i) || e.What == e.Action || e.Label == e.Kind || e.At == "" || e.Hash == "" {
				h.t.Errorf("record %d of %d: %+v", i, len(all), e)
			}
		}
		var paged []auditor.Entry
		for before, more := int64(0), true; more; {
			var page auditor.LogPage
			got := auditorOf.call("GET", fmt.Sprintf("/api/east/audit?per=3&before=%d", before), nil)
			if err := json.Unmarshal([]byte(got.body), &page); err != nil || len(page.Items) == 0 || len(page.Items) > 3 {
				h.t.Fatalf("before %d: %d %s", before, got.status, got.body)
			}
			paged, more = append(paged, page.Items...), page.More
			before = page.Items[len(page.Items)-1].Seq
		}
		if len(paged) != len(all) || paged[3].Seq != all[3].Seq {
			h.t.Errorf("page by page there are %d records, want %d", len(paged), len(all))
		}
		h.run([]scenario{
			{"a day that is none", auditorOf, "GET", "/api/east/audit?from=2026-02-30", nil, 422, []string{`"from"`}, nil},
			{"a quote", auditorOf, "GET", "/api/east/audit?by=" + url.QueryEscape("x' OR '1'='1"), nil, 200, []string{`"items":[]`}, nil},
			{"the words", auditorOf, "GET", "/api/east/audit/words", nil, 200, []string{"party.unmask", "查看个人信息", "审计记录"}, nil},
		})
	})
}

// A verification is asked for once, says how far it is, finds what was changed behind the log's back, and stands in the log itself.
//
// Mutations that turn this red: queue another behind one that runs; note nothing in the log; note the finding without its problems.
func TestVerification(t *testing.T) {
	forEach(t, func(h *house) {
		h.work()
		auditorOf := h.as("east", "auditor")
		ask := func(method string, status int) auditor.Verification {
			h.t.Helper()
			got := auditorOf.call(method, "/api/east/audit/verification", nil)
			var v auditor.Verification
			if err := json.Unmarshal([]byte(got.body), &v); err != nil || got.status != status {
				h.t.Fatalf("%s: %d %s", method, got.status, got.body)
			}
			return v
		}
		if v := ask("GET", 200); v.State != "none" || v.Found != nil {
			h.t.Errorf("before the first: %+v", v)
		}
		if got := auditorOf.call("DELETE", "/api/east/audit/verification", nil); got.status != 409 {
			h.t.Errorf("cancelling none: %d", got.status)
		}
		first := ask("POST", 202)
		h.mu.Lock()
		h.now = h.now.Add(time.Second)
		h.mu.Unlock()
		if again := ask("POST", 202); first.State != "waiting" || again.AskedAt != first.AskedAt {
			h.t.Errorf("asked twice: %+v %+v", first, again)
		}
		// Nor is another one queued behind one that runs.
		state := func(to string) {
			h.t.Helper()
			if err := store.Write(h.in("east"), func(ctx context.Context) error {
				_, err := store.Tx(ctx).ExecContext(ctx, `UPDATE jobs SET state = ?, lease_until = ? WHERE kind = 'audit.verify'`, to, store.Stamp(h.now.Add(time.Hour)))
				return err
			}); err != nil {
				h.t.Fatal(err)
			}
		}
		state("running")
		if v := ask("POST", 202); v.State != "running" {
			h.t.Errorf("asked while it runs: %+v", v)
		}
		state("waiting")
		h.work()
		v := ask("GET", 200)
		if v.State != "done" || v.Found == nil || v.Found.Count != 0 || len(v.Found.Problems) != 0 || v.Found.By != "auditor（auditor）" || v.Done != v.Total || v.Done == 0 ||
			v.Found.Records+v.Found.Rows != v.Total {
			h.t.Errorf("nothing was changed: %+v %+v", v, v.Found)
		}
		if err := store.Write(h.in("east"), func(ctx context.Context) error {
			_, err := store.Tx(ctx).ExecContext(ctx, `UPDATE party_rows SET note = 'changed' WHERE id = ?`, h.parties["east/a"])
			return err
		}); err != nil {
			h.t.Fatal(err)
		}
		ask("POST", 202)
		h.work()
		v = ask("GET", 200)
		if v.State != "done" || v.Found.Count != 1 || v.Found.Problems[0].What != audit.Changed || v.Found.Problems[0].Kind != "party" {
			h.t.Errorf("a row was changed: %+v %+v", v, v.Found)
		}
		ask("POST", 202)
		if v := ask("DELETE", 200); v.State != "cancelled" || v.Found.Count != 1 {
			h.t.Errorf("cancelled: %+v", v)
		}
		got := auditorOf.call("GET", "/api/east/audit?kind=log", nil)
		var page auditor.LogPage
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || len(page.Items) != 2 || page.Items[0].What != "核验审计记录" || page.Items[0].By != "auditor（auditor）" {
			h.t.Errorf("in the log: %v %s", err, got.body)
		}
	})
}

// Everything that the program writes into the log has words. Mutation: take a word away → red.
func TestEveryActionHasWords(t *testing.T) {
	known := map[string]bool{}
	for kind, w := range audit.WordsOf() {
		if w.Label == "" {
			t.Errorf("%s has no label", kind)
		}
		for action, label := range w.Actions {
			known[action] = label != ""
		}
	}
	var prefixes []string
	for action := range known {
		prefix, _, _ := strings.Cut(action, ".")
		prefixes = append(prefixes, prefix)
	}
	written := regexp.MustCompile(`"((?:` + strings.Join(prefixes, "|") + `)\.[a-z_]+)"`)
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range written.FindAllStringSubmatch(string(text), -1) {
			found++
			if !known[m[1]] {
				t.Errorf("%s writes %s, which has no words", path, m[1])
			}
		}
		return err
	})
	if err != nil || found < len(known) {
		t.Errorf("%d actions were found, %v", found, err)
	}
}
