package server

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// What the matrix is about belongs to firm a: of 甲镇, with applications of one department. For neighbour and elsewhere it is another firm's
// and another town's, for other another department's, for county another county's.
var matrixGrants = map[string]account.Grant{
	"neighbour": {Role: account.RoleFirm},
	"office":    {Role: account.RoleOfficer, Department: matrixOffice},
	"other":     {Role: account.RoleOfficer, Department: "市商务局"},
	"near":      {Role: account.RoleOfficer, Department: matrixOffice, Town: "甲镇"},
	"elsewhere": {Role: account.RoleOfficer, Department: matrixOffice, Town: "乙镇"},
	"leader":    {Role: account.RoleLeader, Department: matrixOffice},
	"finance":   {Role: account.RoleFinance},
	"payer":     {Role: account.RoleFinance, Town: "乙镇"},
	"spare":     {Role: account.RoleOfficer},
}

const matrixOffice = "市经信局"

// secretsOfA appear in an answer that tells of firm a; bare ids do not count, an error may not hold them either.
var secretsOfA = []string{"easta电器", "13800000000", "2026-01-00001", "2026-02-00001", "甲款文号", "异议人王五", "6222020000000000001"}

// matrix is what stands there to be seen, by what the parts of a path mean.
type matrix struct {
	*house
	ids      map[string]string
	versions map[string]int64 // of the tasks among ids
	visits   int
}

// do takes an action as somebody with the grants.
func (m *matrix) do(flow, id, action, reason, data string, grants ...account.Grant) {
	m.t.Helper()
	who := account.Actor{AccountID: fmt.Sprint(grants), Name: "办", Tenant: "east", Grants: grants}
	ctx := account.WithActor(m.in("east"), &who)
	view, err := m.rooms.Engine.Of(ctx, flow, id)
	if err != nil {
		m.t.Fatalf("%s: %v", action, err)
	}
	d := casework.Doing{Action: action, Reason: reason, Data: json.RawMessage(data)}
	for _, t := range view.Tasks {
		if slices.ContainsFunc(t.Actions, func(o process.Option) bool { return o.Key == action }) {
			d.Task, d.Version = t.ID, t.Version
		}
	}
	if flow == "round" {
		_, err = m.rooms.Casework.DoRound(ctx, id, d)
	} else {
		_, err = m.rooms.Casework.Do(ctx, id, d)
	}
	if err != nil {
		m.t.Fatalf("%s: %v", action, err)
	}
}

// task is one that is acted on as it stands, so that nothing but the actor can be in the way.
func (m *matrix) task(name string, t process.Task) {
	m.ids[name], m.versions[name] = t.ID, t.Version
}

func must[T any](m *matrix, v T, err error) T {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// furnish makes two rounds: of one the cases of both towns are decided and stand in a batch, in the other they wait to be accepted.
func furnish(h *house) *matrix {
	m := &matrix{house: h, ids: map[string]string{}, versions: map[string]int64{}}
	m.pass(-150 * 24 * time.Hour) // so that every time limit ends in a year whose days off are known
	ctx := m.in("east")
	for login, grant := range matrixGrants {
		if grant.Role == account.RoleFirm {
			grant.Party = m.parties["east/b"]
		}
		a, _, err := m.rooms.Accounts.Create(ctx, "east", account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{grant}})
		must(m, a, err)
		if login == "spare" {
			m.ids["accounts"] = a.ID
		}
	}
	m.ids["account"] = m.ids["accounts"]
	for _, p := range []string{"east/a", "east/b"} {
		for year, value := range map[int]string{2023: "9000万元", 2024: "9990万元", 2025: "10989万元"} {
			m.state(p, "营业收入", year, value)
		}
		_, err := m.rooms.Registry.State(ctx, registry.Statement{Party: m.parties[p], Term: "规上数字经济制造业名录",
			Record: &registry.RecordOf{From: policy.NewDate(2020, 1, 1), Until: policy.NewDate(2030, 12, 31)}})
		must(m, 0, err)
	}
	m.work()
	first := m.round("2026-01", 30)
	m.pass(31 * 24 * time.Hour)
	officer, leader, finance := matrixGrants["office"], matrixGrants["leader"], matrixGrants["finance"]
	m.do("round", first, "截止申报", "", "", officer)
	m.do("round", first, "冻结结算", "", "", officer)
	m.do("round", first, "发布公示", "", "", officer)
	notices, err := m.rooms.Casework.Notices(ctx, true, first, 1, 20)
	must(m, notices, err)
	m.ids["notices"] = notices.Items[0].ID
	receipt, err := m.rooms.Casework.Object(account.WithActor(ctx, &account.Actor{}), m.ids["notices"], casework.ObjectionDraft{Case: m.ids["cases"], Kind: "person",
		Name: "异议人王五", Contact: "13900000000", Statement: "这家企业的营业收入与事实不符。"})
	must(m, receipt, err)
	list, err := m.rooms.Casework.Objections(ctx, casework.ObjectionFilter{})
	must(m, list, err)
	o := list.Items[0]
	m.ids["objections"] = o.ID
	admitted, err := m.rooms.Casework.Admit(ctx, o.ID, o.Version, true, "署名和依据齐全，予以受理")
	must(m, admitted, err)
	_, err = m.rooms.Casework.Dispose(ctx, o.ID, admitted.Version, false, "经核对审计报告，数据属实")
	must(m, 0, err)
	m.pass(9 * 24 * time.Hour)
	m.do("round", first, "提交决定", "", "", officer)
	budget, err := m.rooms.Treasury.CreateBudget(ctx, treasury.BudgetDraft{Round: first, Source: "甲镇来款", Total: 1_000_000_00})
	must(m, budget, err)
	m.ids["budgets"] = budget.ID
	m.do("round", first, "同意支持", "同意", "", leader)
	m.do("round", first, "下达资金", "", "", finance)
	bank, err := m.rooms.Treasury.SetBankAccount(ctx, m.parties["east/a"], treasury.AccountDraft{Holder: "easta电器有限公司", Bank: "甲银行", Number: "6222020000000000001"})
	must(m, bank, err)
	m.ids["treasury accounts"] = bank.ID
	awards, _, err := m.rooms.Treasury.Awards(ctx, treasury.AwardFilter{Party: m.parties["east/a"]}, treasury.Page{Number: 1, Size: 20})
	must(m, awards, err)
	m.ids["awards"] = awards[0].ID
	batch, err := m.rooms.Treasury.Prepare(ctx, treasury.BatchOrder{Round: first, Town: "甲镇", Document: "甲款文号", DocumentDate: clock.Today(ctx), Title: "第一批"})
	must(m, batch, err)
	m.ids["batches"] = batch.ID
	m.round("2026-02", 1)
	m.ids["parties"], m.ids["rounds"] = m.parties["east/a"], first
	view, err := m.rooms.Engine.Of(ctx, "round", first)
	must(m, view, err)
	m.task("round task", view.Tasks[len(view.Tasks)-1])
	return m
}

// round makes and opens a round that takes applications of both firms for some days; the first is reviewed to its settlement.
func (m *matrix) round(number string, days int) string {
	m.t.Helper()
	officer := matrixGrants["office"]
	ctx := account.WithActor(m.in("east"), &account.Actor{AccountID: "o", Name: "办", Tenant: "east", Grants: []account.Grant{officer}})
	today := clock.Today(ctx)
	r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: number, Title: "批次" + number, Process: "申报评审", Performance: 2025, Opens: today,
		Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, days)), Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: "cx2025/C001", Department: matrixOffice}}})
	must(m, r, err)
	m.do("round", r.ID, "开放申报", "", "", officer)
	for _, p := range []string{"a", "b"} {
		firm := account.Grant{Role: account.RoleFirm, Party: m.parties["east/"+p]}
		mine := account.WithActor(m.in("east"), &account.Actor{AccountID: "firm" + p, Name: "企", Tenant: "east", Grants: []account.Grant{firm}})
		k, err := m.rooms.Casework.Begin(mine, r.ID, "cx2025/C001", m.parties["east/"+p])
		must(m, k, err)
		f, err := m.rooms.Casework.FormOf(mine, k.ID)
		must(m, f, err)
		_, err = m.rooms.Casework.Save(mine, k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"})
		must(m, 0, err)
		m.do("case", k.ID, "提交", "", "", firm)
		if p == "a" {
			m.ids["cases"] = k.ID
		}
		if days == 1 {
			view, err := m.rooms.Engine.Of(m.in("east"), "case", k.ID)
			must(m, view, err)
			if p == "a" {
				m.task("tasks", view.Tasks[0])
			}
			continue
		}
		m.do("case", k.ID, "受理", "", "", officer)
		for _, d := range []string{"市发改局", "市税务局", "市应急管理局", "市生态环境分局"} {
			m.do("case", k.ID, "反馈核查结果", "无问题", `{"findings":{"hit":false}}`, account.Grant{Role: account.RoleOfficer, Department: d})
		}
		m.do("case", k.ID, "通过", "", `{"amount":400000,"reason":"按预算比例核定"}`, officer)
	}
	return r.ID
}

// roles are the columns of the matrix and who they are.
var roles = []string{"public", "firm", "neighbour", "office", "other", "near", "elsewhere", "leader", "finance", "payer", "auditor", "admin", "county"}

// call is one operation on what is firm a's.
type call struct {
	id, method, path string
	form, session    bool // takes a form; needs a session
	body             func(m *matrix) any
}

// calls are all operations of the description: those that read first, signing in and out last.
func calls(o *huma.OpenAPI) []call {
	var reads, changes, last []call
	for path, item := range o.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "PATCH": item.Patch} {
			if op == nil {
				continue
			}
			c := call{id: op.OperationID, method: method, path: path, form: isForm(op), session: len(op.Security) > 0}
			if op.RequestBody != nil {
				if c.form {
					c.body = func(m *matrix) any { return m.upload() }
				} else {
					c.body = func(m *matrix) any { return bodyOf(m, c.id) }
				}
			}
			switch {
			case strings.HasPrefix(c.id, "sign-"):
				last = append(last, c)
			case method == "GET":
				reads = append(reads, c)
			default:
				changes = append(changes, c)
			}
		}
	}
	byID := func(a, b call) int { return strings.Compare(a.id, b.id) }
	slices.SortFunc(reads, byID)
	slices.SortFunc(changes, byID)
	slices.SortFunc(last, byID)
	return slices.Concat(reads, changes, last)
}

// place puts the ids of what is firm a's into a path. What was not made is called none.
func (m *matrix) place(c call) string {
	parts := strings.Split(c.path, "/")
	for i, p := range parts {
		switch p {
		case "{tenant}":
			parts[i] = "east"
		case "{doc}":
			parts[i] = "cx2025"
		case "{scheme}":
			parts[i] = "C001"
		case "{account}":
			if parts[i] = m.ids["account"]; parts[i] == "" {
				parts[i] = "none"
			}
		case "{id}":
			of := parts[i-1]
			if of == "accounts" && parts[i-2] == "treasury" {
				of = "treasury accounts"
			}
			if parts[i] = m.ids[of]; parts[i] == "" {
				parts[i] = "none"
			}
		default:
			if strings.HasPrefix(p, "{") {
				parts[i] = "none" + p[strings.Index(p, "}")+1:]
			}
		}
	}
	return strings.Join(parts, "/") + query[c.path]
}

// query is what a call that reads cannot do without.
var query = map[string]string{
	"/api/{tenant}/treasury/trace":                   "?case=2026-01-00001",
	"/api/{tenant}/treasury/trace.xlsx":              "?case=2026-01-00001",
	"/api/{tenant}/imports/template.xlsx":            "?kind=firms",
	"/api/{tenant}/publications/file":                "?path=cixi/cx2025.yaml",
	"/api/{tenant}/publications/file.yaml":           "?path=cixi/cx2025.yaml",
	"/api/{tenant}/publications/proposals/{id}/file": "?path=cixi/cx2025.yaml",
}

func (m *matrix) upload() form {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range map[string]string{"kind": "firms", "material": "x", "case": m.ids["cases"], "name": "李四", "contact": "13900000001", "statement": "这家企业的营业收入与事实不符。"} {
		w.WriteField(name, value)
	}
	file := must2(w.CreateFormFile("file", "a.xlsx"))
	file.Write([]byte("PK"))
	w.Close()
	return form{w.FormDataContentType(), b.Bytes()}
}

func must2(w io.Writer, err error) io.Writer {
	if err != nil {
		panic(err)
	}
	return w
}

// bodyOf is a plausible request of an operation.
func bodyOf(m *matrix, id string) any {
	type o = map[string]any
	round := o{"number": "2026-09", "title": "又一批", "process": "申报评审", "performance": 2025, "opens": m.today(), "closes": m.today(), "department": matrixOffice,
		"schemes": []any{o{"scheme": "cx2025/C001", "department": matrixOffice}}}
	party := o{"kind": "企业", "name": "easta电器有限公司", "exception": "测试用", "town": "甲镇", "industry": "", "size": ""}
	why := o{"reason": "经核对需要这样办理"}
	switch id {
	case "sign-in":
		m.visits++
		return o{"login": fmt.Sprint("nobody", m.visits), "password": "wrong password", "tenant": "east"}
	case "change-password":
		return o{"current": "wrong password", "password": "Another horse 8"}
	case "create-account":
		return o{"login": "fresh", "name": "新", "grants": []any{}}
	case "change-account":
		return o{"name": "改"}
	case "calculate":
		return o{"facts": o{}}
	case "begin-case":
		return o{"party": m.parties["east/a"], "round": m.ids["rounds"], "scheme": "cx2025/C001"}
	case "act-on-case":
		return o{"action": "不予受理", "task": m.ids["tasks"], "version": m.versions["tasks"]} // without the reason it must have
	case "act-on-round":
		return o{"action": "办结", "task": m.ids["round task"], "version": m.versions["round task"]} // before all is paid
	case "save-draft":
		return o{"draft": o{"commitment": true, "statements": []any{}, "contact": "张三", "phone": "13800000000"}, "version": 99}
	case "decide-claim":
		return o{"approve": true}
	case "state-coverage":
		return o{"kind": "规上数字经济制造业名录", "through": m.today()}
	case "resolve-dispute":
		return o{"decision": "upheld", "reason": "核对无误"}
	case "join-firm":
		return o{"code": "NONE"}
	case "commit-import", "apply-bank-result":
		return o{"mode": "good_only"}
	case "track-objection":
		return o{"number": "x", "secret": "y"}
	case "admit-objection", "dispose-objection":
		return o{"reason": "署名和依据齐全，予以受理", "version": 99, "yes": true}
	case "create-party", "change-party":
		return party
	case "state-fact":
		return o{"term": "营业收入", "year": 2022, "value": "1万元", "evidence": "年报"}
	case "invite-person":
		return o{"capacity": "经办人", "name": "赵六"}
	case "approve-proposal":
		return o{"base": "x"}
	case "make-round":
		return round
	case "change-round":
		round["version"] = 99
		return round
	case "sign-up":
		return o{"login": "walker", "name": "路人", "password": "short"}
	case "set-sign-up":
		return o{"closed": false}
	case "save-filter":
		return o{"name": "我的", "filter": o{}}
	case "act-on-many":
		return o{"action": "受理", "tasks": []any{o{"id": m.ids["tasks"], "version": 99}}}
	case "assign-task":
		return o{"version": m.versions["tasks"], "account": "nobody", "reason": "轮岗"}
	case "confirm-bank-account":
		return o{"evidence": "开户许可证"}
	case "prepare-payment-batch":
		return o{"round": m.ids["rounds"], "department": matrixOffice}
	case "approve-payment-batch":
		return o{"version": 99}
	case "create-budget":
		return o{"round": m.ids["rounds"], "source": "又一笔", "total": 100}
	case "lower-budget", "raise-budget":
		return o{"amount": 1, "reason": "调整", "version": 99}
	case "set-bank-account":
		return o{"bank": "乙银行", "holder": "easta电器有限公司", "number": "6222020000000000002", "replaces": "none"}
	}
	for _, verb := range []string{"give-up", "cancel-payment", "drop-", "correct-", "dispute-", "unmask-", "return-", "dismiss-"} {
		if strings.HasPrefix(id, verb) {
			return why
		}
	}
	return o{}
}

// textOf is what an answer says; of a workbook what its parts say.
func textOf(r reply) string {
	if !strings.HasPrefix(r.body, "PK") {
		return r.body
	}
	z, err := zip.NewReader(strings.NewReader(r.body), int64(len(r.body)))
	if err != nil {
		return r.body
	}
	var b strings.Builder
	for _, f := range z.File {
		if part, err := f.Open(); err == nil {
			io.Copy(&b, part)
			part.Close()
		}
	}
	return b.String()
}

// verdict is one cell: + tells of firm a, - does not, 1 3 4 are 401 403 404, ? is 422, the request itself; of a change + is anything but these.
func verdict(c call, r reply) string {
	switch {
	case r.status == 401 || r.status == 403 || r.status == 404:
		return fmt.Sprint(r.status - 400)
	case r.status == 422:
		return "?"
	case c.method != "GET":
		return "+"
	case strings.Contains(c.id, "budget") && strings.Contains(textOf(r), "甲镇来款"):
		return "+"
	case slices.ContainsFunc(secretsOfA, func(s string) bool { return strings.Contains(textOf(r), s) }):
		return "+"
	}
	return "-"
}

// rows reads testdata/permissions.txt: an operation and one cell for each role.
func rows(t *testing.T) map[string][]string {
	text, err := os.ReadFile("testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Fields(line)
		if len(cells) == 0 || cells[0] == "#" {
			continue
		}
		if len(cells) != len(roles)+1 || out[cells[0]] != nil {
			t.Fatalf("not a row of the matrix: %s", line)
		}
		out[cells[0]] = cells[1:]
	}
	return out
}

// Every operation of the description has a row, and every row an operation.
//
// Mutations that turn this red: register one more operation; leave one out; drop a row.
func TestEveryOperationIsInTheMatrix(t *testing.T) {
	want := rows(t)
	for _, c := range calls(New(Options{}, newRooms(nil)).api.OpenAPI()) {
		if want[c.id] == nil {
			t.Errorf("%s is not in the permission matrix", c.id)
		}
		delete(want, c.id)
	}
	for id := range want {
		t.Errorf("%s is in the permission matrix and no operation", id)
	}
}

// Who may do what with what is firm a's, and who is told of it.
//
// Mutations that turn this red: leave the town, or the department, out of casework's caseScope, out of treasury's scope, out of process'
// actScope; let an account of one county be somebody in another.
func TestThePermissionMatrix(t *testing.T) {
	want := rows(t)
	forEach(t, func(h *house) {
		m := furnish(h)
		who := map[string]*browser{"public": h.public(), "county": h.as("west", "officer")}
		for _, role := range roles {
			if who[role] == nil {
				who[role] = h.as("east", role)
			}
		}
		for i, role := range roles {
			who[role].headers = map[string]string{"Remote-Addr": fmt.Sprintf("10.1.0.%d:1234", i+1)}
		}
		for _, c := range calls(h.server.api.OpenAPI()) {
			got := make([]string, len(roles))
			for i, role := range roles {
				var body any
				if c.body != nil {
					body = c.body(m)
				}
				r := who[role].call(c.method, m.place(c), body)
				if got[i] = verdict(c, r); r.status >= 500 || r.status == 429 || r.status == 400 {
					h.t.Errorf("%s as %s: %d %s", c.id, role, r.status, r.body)
				}
				if strings.Contains(textOf(r), "westa电器") || r.status >= 400 && strings.Contains(r.body, "easta电器") {
					h.t.Errorf("%s tells %s: %s", c.id, role, r.body)
				}
			}
			if !slices.Equal(got, want[c.id]) {
				h.t.Errorf("%s\n got %s\nwant %s\n  of %s", c.id, strings.Join(got, " "), strings.Join(want[c.id], " "), strings.Join(roles, " "))
			}
		}
	})
}
