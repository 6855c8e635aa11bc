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

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
)

// roles are the columns of the matrix and who they are.
var roles = []string{"public", "firm", "neighbour", "office", "other", "near", "elsewhere", "leader", "finance", "payer", "auditor", "admin", "county", "expert"}

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
					c.body = func(m *matrix) any { return m.upload(c.id) }
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

// place puts the ids of what is firm a's into a path: an operation's own, or what the part before it says. What was not made is called none.
func (m *matrix) place(c call) string {
	parts := strings.Split(c.path, "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, "{") {
			continue
		}
		name, rest, _ := strings.Cut(p[1:], "}")
		named := []string{c.id + " " + name, name}
		switch name {
		case "tenant", "doc", "scheme":
			parts[i] = map[string]string{"tenant": "east", "doc": "cx2025", "scheme": "C001"}[name]
			continue
		case "id":
			named = []string{c.id, parts[i-1]}
			if parts[i-2] == "treasury" {
				named = []string{c.id, "treasury " + parts[i-1], parts[i-1]}
			}
		case "file":
			named = []string{c.id + " file", parts[i-1] + " file"}
		}
		parts[i] = "none" + rest
		for _, n := range named {
			if m.ids[n] != "" {
				parts[i] = m.ids[n] + rest
				break
			}
		}
	}
	return strings.Join(parts, "/") + strings.NewReplacer("{one}", m.ids["simulations"], "{another}", m.ids["beside"], "{sha}", m.ids["sha"]).Replace(query[c.path])
}

// query is what a call that reads cannot do without.
var query = map[string]string{
	"/api/{tenant}/treasury/trace":                   "?case=2026-01-00001",
	"/api/{tenant}/treasury/trace.xlsx":              "?case=2026-01-00001",
	"/api/{tenant}/simulations/compare":              "?ids={one},{another}",
	"/api/{tenant}/imports/template.xlsx":            "?kind=firms",
	"/api/{tenant}/papers/verify":                    "?sha256={sha}",
	"/api/{tenant}/certificates/verify":              "?number=CERT-A-1",
	"/api/{tenant}/process-rehearsals/plan":          "?process=%E7%94%B3%E6%8A%A5%E8%AF%84%E5%AE%A1",
	"/api/{tenant}/publications/file":                "?path=cixi/cx2025.yaml",
	"/api/{tenant}/publications/file.yaml":           "?path=cixi/cx2025.yaml",
	"/api/{tenant}/publications/proposals/{id}/file": "?path=cixi/cx2025.yaml",
}

// upload is a form of an operation as the right person would send it.
func (m *matrix) upload(id string) form {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	fields := map[string]map[string]string{
		"attach-file":      {"material": "x"},
		"keep-visit-photo": {"id": phoneID(3), "item": "3", "taken_at": "2026-03-02T09:00:00+08:00"},
		"upload-import":    {"kind": "firms"},
		"make-claim":       {"code": m.ids["code"], "capacity": "经办人", "statement": "公司指派办理"},
		"make-objection":   {"case": m.ids["objected"], "kind": "person", "name": "李四", "contact": "13900000001", "statement": "这家企业的营业收入与事实不符。"},
		"propose":          {"path": "cixi/cx2025.yaml", "base": m.ids["base"]},
		"check-proposal":   {"path": "cixi/cx2025.yaml", "base": m.ids["base"]},
	}
	if fields[id]["base"] != "" {
		base, err := schemes.InUse(m.in("east")) // approve-proposal has published meanwhile
		fields[id]["base"] = must(m, base, err)
	}
	for name, value := range fields[id] {
		w.WriteField(name, value)
	}
	content := m.files[id]
	if content == nil {
		content = []byte(onePDF)
	}
	file := must2(w.CreateFormFile("file", "证明.pdf"))
	file.Write(content)
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
	party := o{"kind": "企业", "name": "新登记的企业", "exception": "测试用", "town": "甲镇", "industry": "", "size": ""}
	why := o{"reason": "经核对需要这样办理"}
	switch id {
	case "sign-in":
		m.visits++
		return o{"login": fmt.Sprint("nobody", m.visits), "password": "wrong password", "tenant": "east"}
	case "change-reach":
		return o{"how": "off", "quiet_from": "21:00", "quiet_to": "08:00", "digest_at": "08:30"}
	case "confirm-reach":
		return o{"code": "000000"}
	case "change-password":
		return o{"current": "wrong password", "password": "Another horse 8"}
	case "create-account":
		return o{"login": "fresh", "name": "新", "grants": []any{}}
	case "return-authorization":
		return why
	case "delegate":
		return o{"stand_in": m.ids["account spare"], "until": m.today(), "reason": "出差"}
	case "change-account":
		return o{"name": "spare"}
	case "calculate":
		return o{"facts": o{}}
	case "set-marks":
		return o{"marks": []any{o{"term": "测评_规划", "points": "39", "reason": "核对了规划"}}}
	case "answer-visit":
		return o{"wish": "下周三上午"}
	case "offer-visit-dates":
		return o{"dates": []any{clock.Now(m.in("east")).Add(24 * time.Hour).Format(time.RFC3339)}}
	case "keep-visit-entries":
		return o{"entries": []any{o{"id": phoneID(4), "item": "2", "answer": "120", "said_at": "2026-03-02T09:00:00+08:00"}}}
	case "answer-record":
		return o{"right": true}
	case "confirm-visit":
		return o{"content": "none"}
	case "cancel-visit":
		return why
	case "begin-case":
		return o{"party": m.parties["east/a"], "round": m.ids["begin-case"], "scheme": "cx2025/C001"}
	case "confirm-milestone":
		return o{"milestone": "竣工", "evidence": "竣工验收报告"}
	case "refer-firm":
		return o{"code": m.ids["code"]}
	case "name-payee": // the applicant is paid
		return o{"party": m.parties["east/b"]}
	case "act-on-case":
		return o{"action": "受理", "task": m.ids["tasks"], "version": m.versions["tasks"]}
	case "act-on-round":
		return o{"action": "办结", "task": m.ids["round task"], "version": m.versions["round task"]} // before all is paid
	case "save-draft":
		return o{"draft": o{"commitment": true, "statements": []any{}, "contact": "张三", "phone": "13800000000"}, "version": m.versions["save-draft"]}
	case "decide-claim":
		return o{"approve": true}
	case "state-coverage":
		return o{"kind": matrixRecord, "through": m.today()}
	case "resolve-dispute":
		return o{"decision": "upheld", "reason": "核对无误"}
	case "join-firm":
		return o{"code": "NONE"}
	case "commit-import", "apply-bank-result":
		return o{"mode": "good_only"}
	case "track-objection":
		return o{"number": m.ids["receipt"], "secret": m.ids["secret"]}
	case "admit-objection", "dispose-objection":
		return o{"reason": "署名和依据齐全，予以受理", "version": m.versions[id], "yes": true}
	case "create-party":
		return party
	case "change-party":
		party["name"], party["code"], party["exception"] = "easta电器有限公司", m.ids["code"], ""
		return party
	case "state-fact":
		return o{"term": "从事细分市场年限", "value": "3年", "evidence": "年报"}
	case "invite-person":
		return o{"capacity": "经办人", "name": "赵六"}
	case "approve-proposal":
		return o{"base": m.ids["base"]}
	case "make-round":
		return round
	case "open-round":
		return o{"version": m.versions["open-round"]}
	case "change-round":
		round["number"], round["title"], round["version"] = "2026-03", "批次2026-03", m.versions["change-round"]
		return round
	case "sign-up":
		m.visits++
		return o{"login": fmt.Sprint("walker", m.visits), "name": "路人", "password": password}
	case "rehearse":
		return o{"process": "申报评审", "flow": "case", "choices": []any{o{"kind": "act", "action": "提交"}}}
	case "start-simulation":
		return o{"scheme": "cx2025/C001", "changes": []any{o{"path": "cx2025/define/增速门槛", "to": "8%"}}}
	case "save-simulation":
		return o{"name": "另一个名称"}
	case "set-sign-up":
		return o{"closed": false}
	case "save-filter":
		return o{"name": "我的", "filter": o{}}
	case "act-on-many":
		return o{"action": "受理", "tasks": []any{o{"id": m.ids["act-on-many"], "version": m.versions["act-on-many"]}}}
	case "assign-task":
		return o{"version": m.versions["assign-task"], "account": m.ids["account near"], "reason": "轮岗"}
	case "state-repayment":
		return o{"amount": 1_00, "on": m.today(), "serial": "BACK-A-9"}
	case "state-use":
		return o{"amount": 1_00, "on": m.today(), "purpose": "技能提升", "spent": "培训", "paper": "发票1"}
	case "decide-use":
		return o{"accept": true}
	case "decide-repayment":
		return o{"confirm": true}
	case "confirm-bank-account":
		return o{"evidence": "开户许可证"}
	case "prepare-payment-batch":
		return o{"round": m.ids["rounds"], "town": "甲镇", "awards": []any{m.ids["free award"]}}
	case "approve-payment-batch":
		return o{"version": m.versions["batches"]}
	case "create-budget":
		return o{"round": m.ids["rounds"], "source": "又一笔", "total": 100}
	case "lower-budget", "raise-budget":
		return o{"amount": 1, "reason": "调整", "version": 1}
	case "add-expert":
		return o{"department": matrixOffice, "name": "另一位", "fields": []string{"模具"}, "employer": "某学院", "since": "2026-01-01"}
	case "change-expert":
		return o{"department": matrixOffice, "name": "专家", "login": "expert", "fields": []string{"数控"}, "employer": "某研究院", "since": "2026-01-01", "version": 1}
	case "declare-conflicts":
		return o{"conflicts": []string{}}
	case "score-case":
		return o{"marks": []any{o{"item": "技能", "points": "80"}}, "version": 2}
	case "excuse-expert":
		return o{"expert": m.ids["experts"], "reason": "出差"}
	case "note-minutes":
		return o{"note": "同意", "version": m.versions["panels"]}
	case "draft-paper":
		return o{"template": "听证告知书"}
	case "save-paper", "submit-paper", "review-paper", "issue-paper", "receive-paper":
		return o{"version": m.versions[id]}
	case "return-paper", "void-paper":
		return o{"version": m.versions[id], "reason": "不需要"}
	case "deliver-paper":
		return o{"version": m.versions[id], "how": "直接送达", "on": m.today(), "place": "", "to": "张三", "note": ""}
	case "set-bank-account":
		return o{"bank": "乙银行", "holder": "easta电器有限公司", "number": "6222020000000000003", "replaces": m.ids["treasury accounts"]}
	}
	for _, verb := range []string{"give-up", "write-off-", "cancel-payment", "drop-", "correct-", "dispute-", "unmask-", "return-", "dismiss-"} {
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

// asks are operations that change nothing although they are posted: what they answer counts.
var asks = []string{"calculate", "track-objection", "check-proposal", "rehearse"}

// verdict is one cell: + tells of firm a, or did it to it; - answers without a word of it; = had the right, but somebody was first or the state
// of things is in the way; 1 3 4 are 401 403 404, ? is 422, the request itself. Of many at once it is what became of the one.
func verdict(c call, r reply) string {
	if c.id == "act-on-many" && r.status == 200 {
		var all process.ManyResults
		if err := json.Unmarshal([]byte(r.body), &all); err != nil || len(all.Items) != 1 {
			return r.body
		}
		return map[fault.Code]string{"": "+", fault.Conflict: "=", fault.Forbidden: "3", fault.NotFound: "4", fault.Invalid: "?"}[all.Items[0].Code]
	}
	switch {
	case r.status == 401 || r.status == 403 || r.status == 404:
		return fmt.Sprint(r.status - 400)
	case r.status == 409:
		return "="
	case r.status == 422:
		return "?"
	case c.method != "GET" && !slices.Contains(asks, c.id):
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

// unproven are rows in which nobody succeeds, and why.
var unproven = map[string]string{
	"act-on-round":          "only finance may end the round, and not before all is paid; casework walks the whole way",
	"answer-record":         "no hearing of firm a's is held; TestAHearing answers its record, and is refused",
	"cancel-verification":   "only the auditor may, and none runs until start-verification, which comes after",
	"change-password":       "of one's own: it would end the session of the column; TestIssuedPasswordHasToBeChanged does it",
	"confirm-visit":         "only who went there may sign, and nobody did; casework's visits walk the whole way",
	"confirm-reach":         "with the code that was sent to one's own address; TestAnAddressIsConfirmedByItsOwner does it",
	"recommendation-letter": "no list is recommended of firm a's round; TestARecognitionRecommendedUpwardAndReturned writes the letter",
	"get-tally":             "firm a's round adds nothing up; casework's TestWhatIsListedOfAFirmIsAddedUpAndComparedExactly reads a tally in every scope",
	"export-tally":          "the same",
	"refer-firm":            "the same; casework's TestWhatIsFoundIsHandedOnOnce hands firms on, and is refused",
	"read-result":           "nothing of firm a's waits for an upper body; TestARecognitionRecommendedUpwardAndReturned reads lists in, and is refused",
	"import-checks":         "only a department that was asked may, and no column is one; casework tests the list both ways",
	"join-firm":             "who has the code of an invitation may, and would then be of firm a; TestFromSigningUpToBeingSentAway does it",
	"name-payee":            "its scheme pays the applicant; casework names another payee both ways",
	"sign-in":               "with a wrong password",
}

// A row proves something only if somebody succeeds; and the public is asked to sign in for all but what has a limit for everybody.
//
// Mutations that turn this red: let a row be of nothing but 4; add a public operation without a limit.
func TestEveryRowProvesSomething(t *testing.T) {
	for id, cells := range rows(t) {
		proven := slices.ContainsFunc(cells, func(c string) bool { return c == "+" || c == "-" })
		if why, listed := unproven[id]; proven == listed {
			t.Errorf("%s: somebody succeeds %v, %q", id, proven, why)
		}
		if asked := cells[0] == "1"; asked == allowances[id].public && id != "sign-in" {
			t.Errorf("%s: the public is asked to sign in: %v", id, asked)
		}
	}
}

// Who may do what with what is firm a's, and who is told of it.
//
// Mutations that turned this red, with how many rows: leave out of casework's caseScope the town (10) or the department (11); let treasury's covers
// pass any finance (2); let anybody speak for a party in mustSpeak; show claims of every town (5); leave the department out of objectionScope (5); let a
// role act in any department and town in process' inScope (5); let an account of one county be an officer of another (126).
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
				if strings.Contains(textOf(r), "westa电器") || r.status >= 400 && slices.ContainsFunc(secretsOfA, func(s string) bool { return strings.Contains(r.body, s) }) {
					h.t.Errorf("%s tells %s: %s", c.id, role, r.body)
				}
			}
			if !slices.Equal(got, want[c.id]) {
				h.t.Errorf("%s\n got %s\nwant %s\n  of %s", c.id, strings.Join(got, " "), strings.Join(want[c.id], " "), strings.Join(roles, " "))
			}
		}
	})
}
