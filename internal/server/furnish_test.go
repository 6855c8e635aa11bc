package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/panel"
	"shanglin/internal/paper"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/internal/simulation"
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
	"second":    {Role: account.RoleAdministrator},
	"expert":    {Role: account.RoleExpert},
}

// Terms and a record that the office itself vouches for, so that it may state, verify and correct them.
const (
	matrixOffice = "市经信局"
	matrixTerm   = "主导产品领域"
	matrixRecord = "数字经济核心制造业库"
	matrixKind   = "智能制造工程服务公司"
)

// secretsOfA appear in an answer that tells of firm a; bare ids do not count, an error may not hold them either.
var secretsOfA = []string{"easta电器", "13800000000", "2026-01-00001", "2026-02-00001", "甲款文号", "异议人王五", "6222020000000000001", "甲证明",
	"甲有误的行", "BANK-A-1", "赵六"}

// matrix is what stands there to be seen, by what the parts of a path mean, or by the operation that needs one of its own.
type matrix struct {
	*house
	ids      map[string]string
	versions map[string]int64
	files    map[string][]byte // workbooks to upload, by operation
	visits   int
}

func must[T any](m *matrix, v T, err error) T {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// as is the context of somebody of an account's id with the grants.
func (m *matrix) of(id string, grants ...account.Grant) context.Context {
	return account.WithActor(m.in("east"), &account.Actor{AccountID: id, Login: id, Name: "办", Tenant: "east", Grants: grants})
}

// do takes an action as somebody with the grants.
func (m *matrix) do(flow, id, action, reason, data string, grants ...account.Grant) {
	m.t.Helper()
	if err := m.try(flow, id, action, reason, data, grants...); err != nil {
		m.t.Fatalf("%s: %v", action, err)
	}
}

// try is do that says what came of it.
func (m *matrix) try(flow, id, action, reason, data string, grants ...account.Grant) error {
	return m.tryAs(m.of(fmt.Sprint(grants), grants...), flow, id, action, reason, data)
}

// tryAs is try as whoever the context says.
func (m *matrix) tryAs(ctx context.Context, flow, id, action, reason, data string) error {
	view, err := m.rooms.Engine.Of(ctx, flow, id)
	if err != nil {
		return err
	}
	d := casework.Doing{Action: action, Reason: reason, Data: json.RawMessage(data), Version: view.Instance.Version}
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
	return err
}

// task is one that is acted on as it stands, so that nothing but the actor can be in the way.
func (m *matrix) task(name, flow, subject string) {
	view, err := m.rooms.Engine.Of(m.in("east"), flow, subject)
	must(m, view, err)
	t := view.Tasks[len(view.Tasks)-1]
	m.ids[name], m.versions[name] = t.ID, t.Version
}

// sheet is a workbook of one sheet.
func (m *matrix) sheet(rows ...[]any) []byte {
	var b bytes.Buffer
	columns := make([]spreadsheet.Column, len(rows[0]))
	for i, h := range rows[0] {
		columns[i].Heading = fmt.Sprint(h)
	}
	err := spreadsheet.Write(&b, spreadsheet.Table{Sheet: "表", Columns: columns, Rows: func(emit spreadsheet.Emit) error {
		for _, r := range rows[1:] {
			if err := emit(r...); err != nil {
				return err
			}
		}
		return nil
	}})
	return must(m, b.Bytes(), err)
}

// furnish makes of every kind of thing one that is firm a's, and another for each change that uses one up.
func furnish(h *house) *matrix {
	m := &matrix{house: h, ids: map[string]string{}, versions: map[string]int64{}, files: map[string][]byte{}}
	m.pass(-150 * 24 * time.Hour) // so that every time limit ends in a year whose days off are known
	m.ids["parties"] = m.parties["east/a"]
	m.people()
	m.facts()
	m.claims()
	m.work()
	m.simulations()
	first, paid := m.round("2026-01", 30)
	more, given := m.round("2026-07", 30)
	back, owing := m.round("2026-08", 30)
	public, objected := m.round("2026-06", 30)
	m.pass(31 * 24 * time.Hour)
	m.published(first)
	m.published(more)
	m.published(back)
	m.pass(9 * 24 * time.Hour)
	m.budgets(first, more, back)
	m.decided(first)
	m.decided(more)
	m.decided(back)
	m.ids["rounds"] = first
	m.task("round task", "round", first)
	m.payments(first, paid, given)
	m.instalments(more, given)
	m.owing(back, owing)
	m.changedAccount()
	m.published(public)
	m.objections(public, objected)
	for _, own := range []struct{ name, number string }{{"tasks", "2026-02"}, {"act-on-many", "2026-04"}, {"assign-task", "2026-05"}} {
		_, id := m.round(own.number, 1)
		m.task(own.name, "case", id)
		if own.name == "tasks" {
			m.ids["cases"] = id
		}
	}
	m.ids["list-assignees"] = m.ids["assign-task"]
	list, err := m.rooms.Casework.Materials(m.in("east"), m.ids["cases"])
	must(m, list, err)
	m.ids["download-file file"] = list[0].Files[0].ID
	m.filling()
	m.services()
	m.onTheSpot()
	m.jointly()
	m.imports()
	m.rated()
	m.proposals()
	m.certificates()
	m.results()
	m.panels()
	m.papers()
	m.little()
	return m
}

// people makes the people of the columns, and some more.
func (m *matrix) people() {
	for login, grant := range matrixGrants {
		if grant.Role == account.RoleFirm {
			grant.Party = m.parties["east/b"]
		}
		a, _, err := m.rooms.Accounts.Create(m.in("east"), "east", account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{grant}})
		must(m, a, err)
		m.ids["account "+login] = a.ID
	}
	for _, login := range []string{"claimant", "member", "partner"} {
		a, _, err := m.rooms.Accounts.Create(m.in("east"), "east", account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{}})
		must(m, a, err)
		m.ids["account "+login] = a.ID
	}
	m.ids["accounts"] = m.ids["account spare"]
	m.delegations()
}

func (m *matrix) firm() context.Context {
	return m.of("firma", account.Grant{Role: account.RoleFirm, Party: m.parties["east/a"]})
}

// facts states what the firms rest on, and what of firm a's there is to verify and to dispute.
func (m *matrix) facts() {
	ctx := m.in("east")
	for _, p := range []string{"east/a", "east/b"} {
		for year, value := range map[int]string{2023: "9000万元", 2024: "9990万元", 2025: "10989万元"} {
			m.state(p, "营业收入", year, value)
		}
		for _, kind := range []string{"规上数字经济制造业名录", matrixRecord, matrixKind} {
			f, err := m.rooms.Registry.State(ctx, registry.Statement{Party: m.parties[p], Term: kind,
				Record: &registry.RecordOf{From: policy.NewDate(2020, 1, 1), Until: policy.NewDate(2030, 12, 31)}})
			must(m, f, err)
			if p == "east/a" {
				m.ids[kind] = f.ID
			}
		}
	}
	d, err := m.rooms.Registry.Dispute(m.firm(), m.ids[matrixRecord], "名录中的日期不对")
	must(m, d, err)
	m.ids["disputes"], m.ids["dispute-fact"] = d.ID, m.ids[matrixKind]
	f, err := m.rooms.Registry.State(m.firm(), registry.Statement{Party: m.parties["east/a"], Term: matrixTerm, Value: "其他", Evidence: "自报"})
	must(m, f, err)
	m.ids["verify-fact"] = f.ID
}

// claims gives firm a a code, and people who act for it or want to: firm is its principal, neighbour has an open claim of their own.
func (m *matrix) claims() {
	ctx := m.in("east")
	p, err := m.rooms.Registry.Get(ctx, m.parties["east/a"])
	must(m, p, err)
	p.Exception = ""
	p.Code, _ = registry.CompleteCode("9133028200000077")
	p, err = m.rooms.Registry.Put(ctx, p)
	must(m, p, err)
	m.ids["code"] = p.Code
	claim := func(login string) registry.Claim {
		c, err := m.rooms.Registry.Claim(m.of(m.ids["account "+login]), registry.NewClaim{Code: p.Code, Capacity: registry.CapacityHandler, Statement: "公司指派办理",
			Evidence: []registry.Evidence{{Name: "甲证明.pdf", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(onePDF)), nil }}}})
		return must(m, c, err)
	}
	for _, login := range []string{"member", "partner"} {
		_, err := m.rooms.Registry.DecideClaim(ctx, claim(login).ID, true, "")
		must(m, 0, err)
	}
	m.ids["dismiss-person account"] = m.ids["account partner"]
	open := claim("neighbour")
	m.ids["claims"], m.ids["evidence file"] = open.ID, open.Evidence[0].ID
	m.ids["decide-claim"] = claim("claimant").ID
	i, err := m.rooms.Registry.Invite(m.of(m.ids["account member"], account.Grant{Role: account.RoleFirm, Party: p.ID}), p.ID, "赵六", registry.CapacityHandler)
	must(m, i, err)
	m.ids["invitation"] = i.ID
	m.ids["firm account"] = m.accounts("east")["firm"]
	m.ids["appoint-principal account"] = m.ids["firm account"]
	_, err = m.rooms.Registry.HandOver(ctx, p.ID, m.ids["firm account"])
	must(m, 0, err)
}

// simulations tries a growth that neither firm reaches: one that is saved, one beside it, one for each change that uses one up.
func (m *matrix) simulations() {
	of := m.of(m.ids["account office"], matrixGrants["office"])
	for _, name := range []string{"simulations", "beside", "save-simulation", "delete-simulation"} {
		m.ids[name] = m.trial()
		m.work()
		s, err := m.rooms.Trials.Save(of, m.ids[name], name, "")
		must(m, s, err)
	}
}

// trial is begun by the office.
func (m *matrix) trial() string {
	s, err := m.rooms.Trials.Start(m.of(m.ids["account office"], matrixGrants["office"]),
		simulation.Order{Scheme: "cx2025/C001", Changes: []policy.Change{{Path: "cx2025/define/增速门槛", To: "12%"}}})
	return must(m, s, err).ID
}

// round makes and opens a round that takes applications of both firms for some days, and gives that of firm a; of a long one the cases are
// reviewed to the settlement.
func (m *matrix) round(number string, days int) (round, ofA string) {
	m.t.Helper()
	officer := matrixGrants["office"]
	ctx := m.of("o", officer)
	r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: number, Title: "批次" + number, Process: "申报评审", Performance: 2025, Opens: clock.Today(ctx),
		Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, days)), Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: "cx2025/C001", Department: matrixOffice,
			Materials: []casework.Material{{Key: "x", Title: "营业执照"}}}}})
	must(m, r, err)
	m.do("round", r.ID, "开放申报", "", "", officer)
	for _, p := range []string{"a", "b"} {
		id := m.begun(r.ID, p)
		m.do("case", id, "提交", "", "", account.Grant{Role: account.RoleFirm, Party: m.parties["east/"+p]})
		if p == "a" {
			ofA = id
		}
		if days == 1 {
			continue
		}
		m.do("case", id, "受理", "", "", officer)
		m.check(id)
		m.do("case", id, "通过", "", `{"amount":400000,"reason":"按预算比例核定"}`, officer)
	}
	return r.ID, ofA
}

// published closes a round, settles it, and tells the public.
func (m *matrix) published(round string) {
	for _, action := range []string{"截止申报", "冻结结算", "发布公示"} {
		m.do("round", round, action, "", "", matrixGrants["office"])
	}
}

// decided brings a round whose notice is over to where finance pays.
func (m *matrix) decided(round string) {
	m.do("round", round, "提交决定", "", "", matrixGrants["office"])
	m.do("round", round, "同意支持", "同意", "", matrixGrants["leader"])
	m.do("round", round, "下达资金", "", "", matrixGrants["finance"])
}

// begun is a draft of a firm with a file.
func (m *matrix) begun(round, p string) string {
	id := m.draft(round, m.parties["east/"+p])
	_, err := m.rooms.Casework.Attach(m.speaking(m.parties["east/"+p]), id, "x", "甲证明.pdf", strings.NewReader(onePDF))
	must(m, 0, err)
	return id
}

// speaking is somebody of a firm.
func (m *matrix) speaking(party string) context.Context {
	return m.of("firm"+party, account.Grant{Role: account.RoleFirm, Party: party})
}

// draft is an application that is filled in and not submitted.
func (m *matrix) draft(round, party string) string {
	m.t.Helper()
	mine := m.speaking(party)
	k, err := m.rooms.Casework.Begin(mine, round, "cx2025/C001", party)
	must(m, k, err)
	f, err := m.rooms.Casework.FormOf(mine, k.ID)
	must(m, f, err)
	_, err = m.rooms.Casework.Save(mine, k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"})
	must(m, 0, err)
	return k.ID
}

// apply is a draft that is submitted.
func (m *matrix) apply(round, party string) string {
	m.t.Helper()
	id := m.draft(round, party)
	m.do("case", id, "提交", "", "", account.Grant{Role: account.RoleFirm, Party: party})
	return id
}

// check lets every department answer that it found nothing.
func (m *matrix) check(id string) {
	m.t.Helper()
	for _, d := range checkers {
		m.do("case", id, "反馈核查结果", "无问题", `{"findings":{"hit":false}}`, account.Grant{Role: account.RoleOfficer, Department: d})
	}
}

var checkers = []string{"市发改局", "市税务局", "市应急管理局", "市生态环境分局"}

// filling is what firm a is still filling in, in a round that is open.
func (m *matrix) filling() {
	officer := matrixGrants["office"]
	ctx := m.of("o", officer)
	r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: "2026-03", Title: "批次2026-03", Process: "申报评审", Performance: 2025, Opens: clock.Today(ctx),
		Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, 5)), Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: "cx2025/C001", Department: matrixOffice,
			Materials: []casework.Material{{Key: "x", Title: "营业执照"}}}}})
	must(m, r, err)
	m.do("round", r.ID, "开放申报", "", "", officer)
	id := m.begun(r.ID, "a")
	f, err := m.rooms.Casework.FormOf(m.firm(), id)
	must(m, f, err)
	list, err := m.rooms.Casework.Materials(m.firm(), id)
	must(m, list, err)
	m.ids["begin-case"], m.ids["detach-file file"] = r.ID, list[0].Files[0].ID
	for _, op := range []string{"get-form", "save-draft", "attach-file", "detach-file"} {
		m.ids[op] = id
	}
	m.versions["save-draft"] = f.Version
	now, err := m.rooms.Casework.Round(ctx, r.ID)
	must(m, now, err)
	m.ids["change-round"], m.versions["change-round"] = r.ID, now.Version
}

// jointly is what two departments say of firm a's application: one by itself, one with a reason.
func (m *matrix) jointly() {
	officer := matrixGrants["office"]
	ctx := m.of("o", officer)
	r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: "2026-LH", Title: "联合验收2026-LH", Process: "联合验收", Performance: 2025, Opens: clock.Today(ctx),
		Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, 5)), Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: "cx2025/C001", Department: matrixOffice}}})
	must(m, r, err)
	m.do("round", r.ID, "开放申报", "", "", officer)
	id := m.apply(r.ID, m.parties["east/a"])
	m.do("case", id, "受理", "", "", officer)
	m.do("case", id, "给出意见", "", `{"stance":{"says":"agree","sum":400000}}`, account.Grant{Role: account.RoleOfficer, Department: "市经信局"})
	m.do("case", id, "给出意见", "发票已核对", `{"stance":{"says":"agree","sum":400000}}`, account.Grant{Role: account.RoleOfficer, Department: "市财政局"})
	m.ids["case-joint-reviews"] = id
}

// services are two standing items, one that is not open yet, and firm a's request to the other, which is answered.
func (m *matrix) services() {
	officer := matrixGrants["office"]
	ctx := m.of("o", officer)
	var open string
	for _, number := range []string{"FW1", "FW2"} {
		r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: number, Title: "服务" + number, Standing: true, Process: "服务请求", Opens: clock.Today(ctx),
			Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: matrixService, Department: matrixOffice}}})
		must(m, r, err)
		if open == "" {
			open = r.ID
			_, err = m.rooms.Casework.OpenRound(ctx, r.ID, r.Version)
			must(m, 0, err)
			continue
		}
		m.ids["open-round"], m.versions["open-round"] = r.ID, r.Version
	}
	mine := m.firm()
	k, err := m.rooms.Casework.Begin(mine, open, matrixService, m.parties["east/a"])
	must(m, k, err)
	f, err := m.rooms.Casework.FormOf(mine, k.ID)
	must(m, f, err)
	_, err = m.rooms.Casework.Save(mine, k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000", Note: "哪里可以做检测？"})
	must(m, 0, err)
	m.do("case", k.ID, "提交", "", "", account.Grant{Role: account.RoleFirm, Party: m.parties["east/a"]})
	m.do("case", k.ID, "答复", "", `{"answer":"请联系检测中心。"}`, officer)
	m.ids["case-reply"] = k.ID
}

// onTheSpot are two visits to firm a: one that was answered in part, and one to cancel.
func (m *matrix) onTheSpot() {
	officer, firm := matrixGrants["office"], account.Grant{Role: account.RoleFirm, Party: m.parties["east/a"]}
	ctx := m.of("o", officer)
	must(m, 0, firstErr(m.rooms.Registry.State(m.in("east"), registry.Statement{Party: firm.Party, Term: "注册资本", Value: "200万元", Evidence: "验资报告"})))
	for _, name := range []string{"visits", "cancel-visit"} {
		r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: "XC-" + name, Title: "许可" + name, Standing: true, Process: "劳务派遣许可申请", Opens: clock.Today(ctx),
			Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: licence, Department: matrixOffice}}})
		must(m, r, err)
		must(m, 0, firstErr(m.rooms.Casework.OpenRound(ctx, r.ID, r.Version)))
		k, err := m.rooms.Casework.Begin(m.firm(), r.ID, licence, firm.Party)
		must(m, k, err)
		f, err := m.rooms.Casework.FormOf(m.firm(), k.ID)
		must(m, f, err)
		must(m, 0, firstErr(m.rooms.Casework.Save(m.firm(), k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000",
			Certificate: &casework.CertificateDraft{Details: firstDetails}})))
		m.do("case", k.ID, "提交", "", "", firm)
		m.do("case", k.ID, "受理", "", "", officer)
		day := clock.Now(ctx).Add(24 * time.Hour).Format(time.RFC3339)
		m.do("case", k.ID, "安排核查", "", fmt.Sprintf(`{"visit":{"dates":[%q],"officers":[%q,%q],"place":"甲路1号"}}`, day, m.ids["account office"], m.ids["account spare"]), officer)
		list, err := m.rooms.Casework.VisitsOf(ctx, k.ID)
		must(m, list, err)
		m.ids[name], m.ids["case-visits"] = list.Items[0].ID, k.ID
	}
	goer := m.of(m.ids["account office"], officer)
	must(m, 0, firstErr(m.rooms.Casework.KeepEntries(goer, m.ids["visits"], []casework.NewVisitEntry{{ID: phoneID(1), Item: "1", Answer: "no", Note: "门牌不符", SaidAt: "2026-03-02T09:00:00+08:00"}})))
	must(m, 0, firstErr(m.rooms.Casework.KeepPhoto(goer, m.ids["visits"], casework.NewVisitPhoto{ID: phoneID(2), Item: "1", TakenAt: "2026-03-02T09:00:00+08:00", Name: "甲证明.png",
		Content: bytes.NewReader(onePhoto(1))})))
	m.ids["visit-photo file"], m.files["keep-visit-photo"] = phoneID(2), onePhoto(3)
}

const matrixService = "services/中介帮办"

// objections are three against a notice that runs: one that has been received, one that was admitted, one to read.
func (m *matrix) objections(round, ofA string) {
	ctx := m.in("east")
	notices, err := m.rooms.Casework.Notices(ctx, true, round, 1, 20)
	must(m, notices, err)
	m.ids["notices"], m.ids["objected"] = notices.Items[0].ID, ofA
	for _, name := range []string{"objections", "admit-objection", "dispose-objection"} {
		receipt, err := m.rooms.Casework.Object(account.WithActor(ctx, &account.Actor{}), m.ids["notices"], casework.ObjectionDraft{Case: ofA, Kind: "person",
			Name: "异议人王五", Contact: "13900000000", Statement: "这家企业的营业收入与事实不符。", Files: []casework.Upload{{Name: "甲证明.pdf", Content: strings.NewReader(onePDF)}}})
		must(m, receipt, err)
		m.ids["receipt"], m.ids["secret"] = receipt.Number, receipt.Secret
		list, err := m.rooms.Casework.Objections(ctx, casework.ObjectionFilter{State: "received"})
		must(m, list, err)
		for _, o := range list.Items {
			if o.Number == receipt.Number {
				m.ids[name], m.versions[name] = o.ID, o.Version
				m.ids["download-objection-file file"] = o.Files[0].ID
			}
		}
	}
	m.ids["download-objection-file"] = m.ids["dispose-objection"]
	admitted, err := m.rooms.Casework.Admit(ctx, m.ids["dispose-objection"], m.versions["dispose-objection"], true, "署名和依据齐全，予以受理")
	must(m, admitted, err)
	m.versions["dispose-objection"] = admitted.Version
}

// budgets gives the round money, from three sources, and another from one.
func (m *matrix) budgets(round string, more ...string) {
	maker := m.of("maker", account.Grant{Role: account.RoleFinance})
	for i, source := range []string{"甲镇来款", "乙来款", "丙来款"} {
		b, err := m.rooms.Treasury.CreateBudget(maker, treasury.BudgetDraft{Round: round, Source: source, Total: 10_000_000_00, Place: int64(i + 1)})
		must(m, b, err)
		m.ids[[]string{"budgets", "raise-budget", "corrected"}[i]] = b.ID
	}
	for _, other := range more {
		_, err := m.rooms.Treasury.CreateBudget(maker, treasury.BudgetDraft{Round: other, Source: "丁来款", Total: 10_000_000_00})
		must(m, 0, err)
	}
	_, err := m.rooms.Treasury.Raise(maker, m.ids["corrected"], 1, 100_00, "追加")
	must(m, 0, err)
	entries, _, err := m.rooms.Treasury.Entries(maker, treasury.EntryFilter{}, treasury.Page{Number: 1, Size: 20})
	must(m, entries, err)
	m.ids["correct-ledger-entry"] = entries[0].ID
}

// payments are batches of awards of firm a at every step to the bank and back: maker prepares, checker approves.
func (m *matrix) payments(round, paid, given string) {
	maker, checker := m.of("maker", account.Grant{Role: account.RoleFinance}), m.of("checker", account.Grant{Role: account.RoleFinance})
	t, a := m.rooms.Treasury, m.parties["east/a"]
	for i := range 9 {
		err := t.Commit(m.in("east"), []treasury.Award{{Case: fmt.Sprint("more-", i), CaseNumber: fmt.Sprint("A90", i), Round: round, Scheme: "cx2025/C001", Department: matrixOffice,
			Party: a, PartyName: "easta电器有限公司", Town: "甲镇", Amount: 100_00, Clause: "某文件 一(一)"}})
		must(m, 0, err)
	}
	awards := map[string]string{}
	list, _, err := t.Awards(maker, treasury.AwardFilter{Party: a}, treasury.Page{Number: 1, Size: 50})
	must(m, list, err)
	for _, x := range list {
		awards[x.CaseNumber] = x.ID
		switch x.Case {
		case paid:
			m.ids["awards"] = x.ID
		case given:
			m.ids["give-up-award"] = x.ID
		}
	}
	account1, err := t.SetBankAccount(m.firm(), a, treasury.AccountDraft{Holder: "easta电器有限公司", Bank: "甲银行", Number: "6222020000000000001"})
	must(m, account1, err)
	_, err = t.ConfirmBankAccount(checker, account1.ID, "开户许可证")
	must(m, 0, err)
	batch := func(award string) treasury.Batch {
		b, err := t.Prepare(maker, treasury.BatchOrder{Round: round, Town: "甲镇", Document: "甲款文号", DocumentDate: clock.Today(maker), Title: "一批", Awards: []string{award}})
		return must(m, b, err)
	}
	sent := func(award string) treasury.Batch {
		b, err := t.Approve(checker, batch(award).ID, 1)
		must(m, b, err)
		b, err = t.Send(maker, b.ID)
		return must(m, b, err)
	}
	answer := func(b treasury.Batch, serial string) []byte {
		lines, _, err := t.BatchLines(maker, b.ID, treasury.LineFilter{}, treasury.Page{Number: 1, Size: 20})
		must(m, lines, err)
		return m.sheet([]any{"付款编号", "收款人", "金额（元）", "处理结果", "银行流水号", "付款日期", "失败原因"},
			[]any{lines[0].Code, lines[0].PartyName, float64(lines[0].Amount) / 100, "成功", serial, clock.Today(maker).String(), nil})
	}
	draft := batch(awards["A900"])
	m.ids["batches"], m.versions["batches"] = draft.ID, draft.Version
	m.ids["cancel-payment-batch"] = batch(awards["A901"]).ID
	m.ids["drop-payment"] = batch(awards["A902"]).ID
	lines, _, err := t.BatchLines(maker, m.ids["drop-payment"], treasury.LineFilter{}, treasury.Page{Number: 1, Size: 20})
	must(m, lines, err)
	m.ids["line"] = lines[0].ID
	ready, err := t.Approve(checker, batch(awards["A903"]).ID, 1)
	must(m, ready, err)
	m.ids["send-payment-batch"] = ready.ID
	for i, op := range []string{"cancel-bank-result", "results"} {
		b := sent([]string{awards["A904"], m.ids["awards"]}[i])
		r, err := t.Upload(maker, b.ID, "甲证明.xlsx", bytes.NewReader(answer(b, fmt.Sprint("BANK-A-", i+1))))
		must(m, r, err)
		m.ids[op] = r.ID
		m.ids["list-bank-results"] = b.ID
	}
	b := sent(awards["A906"])
	m.ids["export-bank-file"], m.ids["upload-bank-result"], m.files["upload-bank-result"] = b.ID, b.ID, answer(b, "BANK-A-3")
	m.ids["free award"] = awards["A908"]
}

// changedAccount is a new account of firm a that waits for a second person.
func (m *matrix) changedAccount() {
	old, err := m.rooms.Treasury.BankAccountOf(m.firm(), m.parties["east/a"])
	must(m, old, err)
	b, err := m.rooms.Treasury.SetBankAccount(m.firm(), m.parties["east/a"], treasury.AccountDraft{Holder: "easta电器有限公司", Bank: "甲银行", Number: "6222020000000000002", Replaces: old.ID})
	must(m, b, err)
	m.ids["treasury accounts"] = b.ID
}

// instalments divides what a case of firm a was promised: one whose milestone was reached, and one that waits for its own.
func (m *matrix) instalments(round, id string) {
	ctx, t := m.in("east"), m.rooms.Treasury
	must(m, 0, t.Release(ctx, id, "改为分期"))
	var list []treasury.Award
	for i, milestone := range []string{"开工", "竣工"} {
		list = append(list, treasury.Award{Case: id, CaseNumber: "2026-07-00001", Round: round, Scheme: "cx2025/C001", Department: matrixOffice, Party: m.parties["east/a"],
			PartyName: "easta电器有限公司", Town: "甲镇", Amount: 2000_00, Clause: "某文件 一(一)", Part: i, Milestone: milestone})
	}
	must(m, 0, t.Commit(ctx, list))
	must(m, 0, t.Reached(ctx, id, "开工", "甲证明", clock.Today(ctx)))
	parts, err := t.InstalmentsOf(ctx, id)
	must(m, parts, err)
	m.ids["case-instalments"], m.ids["confirm-milestone"], m.ids["give-up-award"] = id, id, parts[0].ID
}

// owing pays a case of firm a and claims it back: once with money that is stated to have come back and money that did, and once for each change
// that uses one up.
func (m *matrix) owing(round, id string) {
	maker, checker := m.of("maker", account.Grant{Role: account.RoleFinance}), m.of("checker", account.Grant{Role: account.RoleFinance})
	t := m.rooms.Treasury
	parts, err := t.InstalmentsOf(m.in("east"), id) // decided anew, for some purpose alone
	must(m, parts, err)
	award := parts[0].Award
	award.Earmark = []string{"技能提升"}
	must(m, 0, t.Release(m.in("east"), id, "改为专项"))
	must(m, 0, t.Commit(m.in("east"), []treasury.Award{award}))
	b, err := t.Prepare(maker, treasury.BatchOrder{Round: round, Town: "甲镇", Document: "甲款文号", DocumentDate: clock.Today(maker), Title: "一批"})
	must(m, b, err)
	b, err = t.Approve(checker, b.ID, b.Version)
	must(m, b, err)
	b, err = t.Send(maker, b.ID)
	must(m, b, err)
	lines, _, err := t.BatchLines(maker, b.ID, treasury.LineFilter{}, treasury.Page{Number: 1, Size: 20})
	must(m, lines, err)
	up, err := t.Upload(maker, b.ID, "甲证明.xlsx", bytes.NewReader(m.sheet([]any{"付款编号", "收款人", "金额（元）", "处理结果", "银行流水号", "付款日期", "失败原因"},
		[]any{lines[0].Code, lines[0].PartyName, float64(lines[0].Amount) / 100, "成功", "BANK-A-8", clock.Today(maker).String(), nil})))
	must(m, up, err)
	must(m, 0, firstErr(t.Apply(maker, up.ID, treasury.AllOrNone)))
	today := clock.Today(maker)
	earmarks, _, err := t.Earmarks(m.in("east"), treasury.EarmarkFilter{}, treasury.Page{Number: 1, Size: 20})
	must(m, earmarks, err)
	m.ids["earmarks"] = earmarks[0].ID
	firm := m.of(m.accounts("east")["firm"], account.Grant{Role: account.RoleFirm, Party: m.parties["east/a"]})
	for i, name := range []string{"use", "withdraw-use use"} {
		e, err := t.StateUse(firm, earmarks[0].ID, treasury.NewUse{Amount: 1_00, On: today, Purpose: "技能提升", Spent: "甲证明的培训", Paper: "甲款文号"})
		must(m, e, err)
		m.ids[name] = e.Uses[i].ID
	}
	for _, name := range []string{"receivables", "state-repayment", "write-off-receivable"} {
		m.ids[name], err = t.Claim(m.in("east"), id, 1000_00, treasury.Terms{Due: today.AddDays(5), Rate: "0.05%", Days: 1, Starts: today.AddDays(-5), Cite: "甲办法"}, "撤销决定")
		must(m, 0, err)
	}
	for i, part := range []policy.Fen{100_00, 200_00} {
		r, err := t.StateRepayment(maker, m.ids["receivables"], part, today, fmt.Sprint("BACK-A-", i))
		must(m, r, err)
		if m.ids["repayment"] = r.Repayments[i].ID; i == 0 {
			must(m, 0, firstErr(t.DecideRepayment(checker, m.ids["receivables"], m.ids["repayment"], true)))
		}
	}
	must(m, 0, t.Remind(m.in("east")))
}

// imports are two of near's, each with a row of firm a's that is good and one that is not.
func (m *matrix) imports() {
	near := m.of(m.ids["account near"], matrixGrants["near"])
	for i, op := range []string{"imports", "cancel-import", "upload-import"} {
		data := m.sheet([]any{"序号", "统一社会信用代码*", "企业名称*", "所在镇街*", "备注"}, []any{1, m.ids["code"], "easta电器有限公司", "甲镇", fmt.Sprint("备注", i)},
			[]any{2, "甲有误的行", "甲有误的行", "甲镇", ""})
		if op == "upload-import" {
			m.files[op] = data
			continue
		}
		one, err := m.rooms.Registry.Upload(near, registry.ImportFirms, "甲证明.xlsx", bytes.NewReader(data))
		must(m, one, err)
		m.ids[op] = one.ID
	}
	m.work()
}

// rated is firm a's case of a rating, of which an indicator was verified and another waits.
func (m *matrix) rated() {
	var files []policy.File
	for path, text := range ratingFiles {
		files = append(files, policy.File{Path: path, Data: []byte(text)})
	}
	must(m, 0, firstErr(schemes.Publish(m.in("east"), schemes.Proposal{Files: files, Note: "测评"})))
	officer, party := matrixGrants["office"], m.parties["east/a"]
	ctx, mine := m.of("o", officer), m.speaking(party)
	r, err := m.rooms.Casework.MakeRound(ctx, casework.RoundDraft{Number: "2026-CP", Title: "测评2026", Process: "测评办理", Performance: 2025, Opens: clock.Today(ctx),
		Closes: policy.DateOf(clock.Now(ctx).AddDate(0, 0, 5)), Department: matrixOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: ratingScheme, Department: matrixOffice}}})
	must(m, r, err)
	m.do("round", r.ID, "开放", "", "", officer)
	k, err := m.rooms.Casework.Begin(mine, r.ID, ratingScheme, party)
	must(m, k, err)
	f, err := m.rooms.Casework.FormOf(mine, k.ID)
	must(m, f, err)
	d := casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"}
	for term, points := range map[string]string{"测评_规划": "40", "测评_现场": "30", "测评_安全": "30"} {
		d.Marks = append(d.Marks, casework.SelfMark{Term: term, Points: points})
	}
	must(m, 0, firstErr(m.rooms.Casework.Save(mine, k.ID, f.Version, d)))
	must(m, 0, firstErr(m.rooms.Casework.Attach(mine, k.ID, "得分/测评_规划", "甲证明.pdf", strings.NewReader(onePDF))))
	m.do("case", k.ID, "提交", "", "", account.Grant{Role: account.RoleFirm, Party: party})
	m.do("case", k.ID, "跳过现场", "", "", officer)
	safety := account.Grant{Role: account.RoleOfficer, Department: safetyOffice}
	must(m, 0, firstErr(m.rooms.Casework.SetMarks(m.of("safety", safety), k.ID, []casework.NewMark{{Term: "测评_安全", Points: "20", Reason: "责任书不全"}})))
	m.do("case", k.ID, "安全核实完毕", "", "", safety)
	m.ids["case-marks"], m.ids["set-marks"] = k.ID, k.ID
}

// proposals are drafts of policy: of the administrator's to recheck and withdraw, of another's to approve and return.
func (m *matrix) proposals() {
	m.ids["account admin"] = m.accounts("east")["admin"]
	for _, x := range []struct{ op, by string }{{"proposals", "second"}, {"approve-proposal", "second"}, {"return-proposal", "second"}, {"recheck-proposal", "admin"}, {"withdraw-proposal", "admin"}} {
		text := seedText(m.t, "cixi/cx2025.yaml") + "# " + x.op + "\n"
		d, err := schemes.Propose(m.of(m.ids["account "+x.by], account.Grant{Role: account.RoleAdministrator}), schemes.Proposal{Files: []policy.File{{Path: "cixi/cx2025.yaml", Data: []byte(text)}}})
		must(m, d, err)
		m.ids[x.op], m.ids["base"] = d.ID, d.Base
	}
	m.files["propose"] = []byte(seedText(m.t, "cixi/cx2025.yaml") + "# 又一稿\n")
	m.files["check-proposal"] = m.files["propose"]
}

// certificates are one of firm a's.
func (m *matrix) certificates() {
	p, err := m.rooms.Registry.Get(m.in("east"), m.parties["east/a"])
	must(m, p, err)
	c, err := m.rooms.Register.Issue(m.in("east"), certificate.Issue{Scheme: "none/none", SchemeTitle: "试点", Kind: "recognition", Grant: &policy.Grant{Record: "DCMM上级试点", Valid: "3年"},
		Party: p.ID, Holder: p.Name, Department: matrixOffice, Town: p.Town, Number: "CERT-A-1"}, certificate.Basis{Decision: "认定"})
	m.ids["certificates"] = must(m, c, err).ID
}

// results are one that names firm a, of its round.
func (m *matrix) results() {
	row := []any{"R-1", m.ids["rounds"], "cx2025/C001", "read", "某厅", "虚构〔2026〕1号", "省级", "2026-01-01", "2026-01-01", "2028-12-31", "名单.xlsx", strings.Repeat("0", 64), 1, m.today(), "one", "一",
		"", "", "", 1}
	line := []any{1, 3, m.ids["code"], "easta电器有限公司", "ZS-1", "recommended", m.ids["cases"], m.parties["east/a"], ""}
	texts := make([]string, 0, len(row)+len(line))
	for _, v := range slices.Concat(row, line) {
		texts = append(texts, fmt.Sprint(v))
	}
	must(m, 0, store.Write(m.in("east"), func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO results (id, round, scheme, state, issuer, number, level, published_on, valid_from, valid_until, file_name, sha256, listed, read_at, read_by,
			reader, closed_at, closed_by, closer, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, row...).Exec(ctx); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO result_lines (result, position, line, code, name, mark, standing, case_id, party, certificate) VALUES ('R-1', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			line...).Exec(ctx); err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "result.read", Kind: "result", ID: "R-1", Digest: audit.Digest(texts...)})
	}))
}

// panels are three that the expert is on: one of firm a's case whose evidence they may read, one that they have not declared for, one that is scored.
func (m *matrix) panels() {
	office := m.of(m.ids["account office"], matrixGrants["office"])
	expert := account.WithActor(m.in("east"), &account.Actor{AccountID: m.ids["account expert"], Login: "expert", Name: "expert", Tenant: "east", Grants: []account.Grant{matrixGrants["expert"]}})
	e, err := m.rooms.Panels.PutExpert(office, "", panel.ExpertDraft{Department: matrixOffice, Name: "专家", Phone: "13700000000", Login: "expert", Fields: []string{"数控"}, Employer: "某研究院",
		Since: policy.NewDate(2020, 1, 1)})
	m.ids["experts"] = must(m, e, err).ID
	rules := &policy.Panel{Experts: 1, Sheet: []policy.SheetItem{{Title: "技能", Most: "100"}}, Step: "1", To: "0.01", Mode: "half_up", Conflict: "panel"}
	for _, round := range []string{m.ids["rounds"], "undeclared", "scored"} {
		must(m, 0, store.Write(office, func(ctx context.Context) error {
			return m.rooms.Panels.Draw(ctx, panel.Round{ID: round, Number: "P", Title: "评选", Department: matrixOffice}, rules, []panel.Candidate{{Case: m.ids["cases"], Number: "P-1", Department: matrixOffice,
				Party: m.parties["east/a"], Name: "easta电器有限公司", Code: m.ids["code"], Term: "评分"}})
		}))
		list, err := m.rooms.Panels.Panels(office, round)
		id := must(m, list, err)[0].ID
		m.ids["panel "+round] = id
		if round != "undeclared" {
			must(m, 0, firstErr(m.rooms.Panels.Declare(expert, id, panel.Declaration{})))
		}
	}
	scored := m.ids["panel scored"]
	must(m, 0, firstErr(m.rooms.Panels.Score(expert, scored, "1", panel.Scoring{Marks: []panel.Mark{{Item: "技能", Points: "90"}}, Version: 2, Submit: true})))
	must(m, 0, store.Write(office, func(ctx context.Context) error {
		return firstErr(m.rooms.Panels.Sum(ctx, "scored", []string{m.ids["cases"]}))
	}))
	m.ids["seats"], m.ids["declare-conflicts"], m.ids["sign-minutes"] = m.ids["panel "+m.ids["rounds"]], m.ids["panel undeclared"], scored
	m.ids["panels"], m.ids["excuse-expert"] = scored, m.ids["panel undeclared"]
	m.ids["score-case code"], m.ids["evidence-file code"], m.ids["evidence-file file"] = "1", "1", m.ids["download-file file"]
	var book bytes.Buffer
	must(m, 0, m.rooms.Panels.ExportExperts(office, panel.ExpertFilter{}, &book))
	m.files["import-experts"] = book.Bytes()
	list, err := m.rooms.Panels.Panels(office, "scored")
	m.versions["panels"] = must(m, list, err)[0].Version
}

// papers are documents of firm a's case: one that is issued, and one for each change at the state that it begins with.
func (m *matrix) papers() {
	d := m.rooms.Papers
	for _, x := range []struct {
		op    string
		state paper.State
	}{{"papers", paper.Issued}, {"preview-paper", paper.Draft}, {"save-paper", paper.Draft}, {"submit-paper", paper.Draft}, {"void-paper", paper.Draft}, {"review-paper", paper.Review},
		{"return-paper", paper.Review}, {"issue-paper", paper.Sign}, {"deliver-paper", paper.Issued}, {"receive-paper", paper.Issued}} {
		p, err := d.ByHand(m.of("drafter", matrixGrants["office"]), m.ids["cases"], "受理通知书")
		must(m, p, err)
		steps := []struct {
			who account.Grant
			do  func(ctx context.Context, id string, version int64) (*paper.Paper, error)
		}{{matrixGrants["office"], d.Submit}, {matrixGrants["office"], d.Review}, {matrixGrants["leader"], d.Issue}}
		for i, step := range steps[:map[paper.State]int{paper.Draft: 0, paper.Review: 1, paper.Sign: 2, paper.Issued: 3}[x.state]] {
			p, err = step.do(m.of([]string{"drafter", "reviewer", "issuer"}[i], step.who), p.ID, p.Version)
			must(m, p, err)
		}
		m.ids[x.op], m.versions[x.op] = p.ID, p.Version
		if x.op == "papers" {
			m.ids["sha"] = p.SHA256
		}
	}
}

// postbox takes every message.
type postbox struct{ got []notify.Message }

func (p *postbox) Send(_ context.Context, messages []notify.Message) []error {
	p.got = append(p.got, messages...)
	return make([]error, len(messages))
}

// addressed gives the firm's account a confirmed address.
func (m *matrix) addressed() {
	box := &postbox{}
	m.rooms.Notes.Use(notify.Mail, box)
	m.ids["channel"] = notify.Mail
	ctx := m.of(m.ids["firm account"])
	r, err := m.rooms.Notes.Reach(ctx, notify.Mail, notify.Wish{To: "eastaa@example.com", How: "at_once", QuietFrom: "21:00", QuietTo: "08:00", DigestAt: "08:30"})
	must(m, r, err)
	r, err = m.rooms.Notes.Confirm(ctx, notify.Mail, strings.TrimPrefix(box.got[0].Title, "验证码 "))
	must(m, r, err)
}

// little are a kept process, a job, and what is one's own: a note of the firm's, a filter of the office's.
func (m *matrix) little() {
	ctx := m.in("east")
	kept, err := m.rooms.Engine.Definitions(ctx)
	must(m, kept, err)
	m.ids["hash"] = kept[0].Hash
	must(m, 0, store.Read(ctx, func(ctx context.Context) error {
		var id string
		err := store.Tx(ctx).NewRaw(`SELECT id FROM jobs ORDER BY id LIMIT 1`).Scan(ctx, &id)
		m.ids["jobs"] = id
		return err
	}))
	notes, _, err := m.rooms.Notes.List(m.of(m.ids["firm account"]), notify.Filter{Page: 1, Per: 20})
	must(m, notes, err)
	m.ids["notifications"] = notes[0].ID
	m.addressed()
	f, err := m.rooms.Engine.Save(m.of(m.ids["account office"], matrixGrants["office"]), "我的", process.Filter{})
	must(m, f, err)
	m.ids["task-filters"] = f.ID
	m.ids["stop-simulation"] = m.trial()
}

// delegations: an officer of another town is stood in for; what it opens is not firm a's.
func (m *matrix) delegations() {
	d, err := m.rooms.Accounts.Delegate(m.of(m.ids["account elsewhere"], matrixGrants["elsewhere"]),
		account.NewDelegation{StandIn: m.ids["account spare"], Until: clock.Today(m.in("east")).AddDays(300).String(), Reason: "出差"})
	must(m, d, err)
	m.ids["delegations"] = d.ID
	// What waits for a second administrator: one made it who is nobody of the columns, and one the administrator of the columns.
	administrator := account.Grant{Role: account.RoleAdministrator}
	d, err = m.rooms.Accounts.Delegate(m.of(m.ids["account second"], administrator),
		account.NewDelegation{Absent: m.ids["account elsewhere"], StandIn: m.ids["account other"], Until: clock.Today(m.in("east")).AddDays(300).String(), Reason: "生病"})
	must(m, d, err)
	m.ids["approve-delegation"] = d.ID
	for _, operation := range []string{"approve-authorization", "return-authorization", "withdraw-authorization"} {
		by := m.ids["account second"]
		if operation == "withdraw-authorization" {
			by = m.accounts("east")["admin"]
		}
		a, _, err := m.rooms.Accounts.Create(m.of(by, administrator), "east",
			account.New{Login: operation, Name: operation, Password: password, Reason: "新来", Grants: []account.Grant{{Role: account.RoleOfficer, Department: matrixOffice, Town: "乙镇"}}})
		must(m, a, err)
		m.ids[operation] = a.Waiting.ID
	}
}
