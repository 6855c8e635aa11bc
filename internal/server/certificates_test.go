package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

const (
	licence       = "labour-dispatch/劳务派遣经营许可"
	licenceRecord = "劳务派遣经营许可"
	licenceOffice = "市人力社保局"
)

// reader is a scheme that reads the licence: the next one.
const reader = `document: licence-reader
title: 读许可的条款（示例）
number: not_found
body: 人力资源和社会保障部
dates: {published: 2020-01-01}
periods: {近3年: A-3..A-1}
rounding: {to: 0.01元, mode: down}
schemes:
  派遣机构服务:
    title: 派遣机构服务
    cite: not_found
    office: 市人力社保局
    for: 企业
    kind: support
    grants: {what: 服务, amount: 1项}
    require: {has: 劳务派遣经营许可@有效, text: 持有有效的许可, cite: not_found}
  守法企业服务:
    title: 守法企业服务
    cite: not_found
    office: 市人力社保局
    for: 企业
    kind: support
    grants: {what: 服务, amount: 1项}
    require:
      none:
      - {has: 违法记录@近3年, where: {程度: 重大违法}, text: 近3年有重大违法, cite: not_found}
`

// licenceFiles are the embedded files, and the scheme that reads the licence.
func licenceFiles(t *testing.T) fs.FS {
	out := fstest.MapFS{"national/licence-reader.yaml": {Data: []byte(reader)}}
	err := fs.WalkDir(schemefiles.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(schemefiles.Files, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// licensing is a house whose clock is set by days, with a standing item for each process of the licence.
type licensing struct {
	*matrix
	rounds map[string]string // by process
	phones int               // ids that phones have made
}

var (
	licenceOfficer = account.Grant{Role: account.RoleOfficer, Department: licenceOffice}
	licenceLeader  = account.Grant{Role: account.RoleLeader, Department: licenceOffice}
)

func eachLicensing(t *testing.T, fn func(l *licensing)) {
	files := licenceFiles(t)
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		l := &licensing{&matrix{house: newHouseOf(t, ctx, inst, files), ids: map[string]string{}, versions: map[string]int64{}}, map[string]string{}, 0}
		l.at("2023-07-01")
		for i, p := range []string{"劳务派遣许可申请", "劳务派遣许可变更", "劳务派遣许可延续", "劳务派遣许可处理", "劳务派遣许可注销"} {
			l.rounds[p] = l.open(p, fmt.Sprintf("2023-%02d", i+1))
		}
		fn(l)
	})
}

func (l *licensing) at(day string) {
	d, err := policy.ParseDate(day)
	must(l.matrix, d, err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = clock.Start(d).Add(12 * time.Hour)
}

func (l *licensing) open(process, number string) string {
	l.t.Helper()
	today := clock.Today(l.ctx)
	r, err := l.rooms.Casework.MakeRound(l.of("o", licenceOfficer), casework.RoundDraft{Number: number, Title: process, Process: process, Standing: true, Opens: today,
		Department: licenceOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: licence, Department: licenceOffice}}})
	must(l.matrix, r, err)
	_, err = l.rooms.Casework.OpenRound(l.of("o", licenceOfficer), r.ID, r.Version)
	must(l.matrix, 0, err)
	return r.ID
}

func (l *licensing) speaks(party string) account.Grant {
	return account.Grant{Role: account.RoleFirm, Party: l.parties["east/"+party]}
}

func (l *licensing) as(g account.Grant) context.Context {
	return l.of(fmt.Sprint([]account.Grant{g}), g)
}

// filled saves the draft of a case with what its certificate is to say.
func (l *licensing) filled(id string, g account.Grant, c *casework.CertificateDraft) {
	l.t.Helper()
	f, err := l.rooms.Casework.FormOf(l.as(g), id)
	must(l.matrix, f, err)
	_, err = l.rooms.Casework.Save(l.as(g), id, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000", Certificate: c})
	must(l.matrix, 0, err)
}

var firstDetails = map[string]string{"住所": "甲路1号", "法定代表人": "王小明", "注册资本": "200万元"}

// licensed walks an application to its certificate.
func (l *licensing) licensed(party, round string) *certificate.Certificate {
	l.t.Helper()
	g := l.speaks(party)
	_, err := l.rooms.Registry.State(l.in("east"), registry.Statement{Party: g.Party, Term: "注册资本", Value: "200万元", Evidence: "营业执照"})
	must(l.matrix, 0, err)
	k, err := l.rooms.Casework.Begin(l.as(g), round, licence, g.Party)
	must(l.matrix, k, err)
	l.filled(k.ID, g, nil)
	l.refused("without what it says", l.try("case", k.ID, "提交", "", "", g), fault.Invalid, "还有3项没有完成")
	l.filled(k.ID, g, &casework.CertificateDraft{Details: firstDetails})
	l.do("case", k.ID, "提交", "", "", g)
	l.do("case", k.ID, "受理", "", "", licenceOfficer)
	l.visit(k.ID, g, "yes", "120", "yes", "yes", "yes", "")
	l.refused("without a word on what a person judges", l.try("case", k.ID, "准予许可", "", "", licenceOfficer), fault.Invalid, "有的条件由人判断")
	for _, capital := range []string{"199.9999万元", "200万元"} { // the law asks for 200万元 at least
		_, err = l.rooms.Registry.State(l.in("east"), registry.Statement{Party: g.Party, Term: "注册资本", Value: capital, Evidence: "验资报告"})
		must(l.matrix, 0, err)
		if capital != "200万元" {
			l.refused("one yuan short", l.try("case", k.ID, "准予许可", "同意", "", licenceOfficer), fault.Conflict, "不符合条件")
		}
	}
	l.do("case", k.ID, "准予许可", "同意", "", licenceOfficer)
	l.refused("before its decision was issued", l.try("case", k.ID, "通知领证", "", "", licenceOfficer), fault.Conflict, "还有2份文书没有签发：《受理通知书》《关于劳务派遣经营许可的准予决定书》")
	l.papered(k.ID)
	l.do("case", k.ID, "通知领证", "", "", licenceOfficer)
	k, err = l.rooms.Casework.Case(l.as(g), k.ID)
	must(l.matrix, k, err)
	return l.seen(g, k.Certificate)
}

func (l *licensing) seen(g account.Grant, id string) *certificate.Certificate {
	l.t.Helper()
	c, err := l.rooms.Register.Certificate(l.as(g), id)
	return must(l.matrix, c, err)
}

// about begins a case about a certificate.
func (l *licensing) about(process, id string, g account.Grant) string {
	l.t.Helper()
	k, err := l.rooms.Casework.BeginAbout(l.as(g), l.rounds[process], licence, id)
	return must(l.matrix, k, err).ID
}

func (l *licensing) refused(what string, err error, code fault.Code, says string) {
	l.t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(fmt.Sprint(err), says) {
		l.t.Errorf("%s: %v, want %s with %q", what, err, code, says)
	}
}

// reads is the answer of the next scheme today, where the office has said that it knows of every licence.
func (l *licensing) reads(party string, want policy.Answer) {
	l.t.Helper()
	ctx := l.in("east")
	_, err := l.rooms.Registry.Cover(ctx, licenceRecord, clock.Today(ctx), "许可台账")
	must(l.matrix, 0, err)
	library, err := schemes.Library(ctx)
	must(l.matrix, 0, err)
	facts, err := l.rooms.Registry.FactsOf(ctx, library.Vocabulary(), l.parties["east/"+party])
	must(l.matrix, 0, err)
	got := library.Scheme("licence-reader/派遣机构服务").Evaluate(policy.Question{Facts: facts, On: clock.Today(ctx), Performance: 2023})
	if got.Answer != want || want == policy.Met && !got.Verified {
		l.t.Errorf("on %s the next scheme answers %s (verified: %v), want %s", clock.Today(ctx), got.Answer, got.Verified, want)
	}
}

// public is what anybody is told of a number.
func (l *licensing) public(number string) *certificate.Verified {
	l.t.Helper()
	v, err := l.rooms.Register.Verify(account.WithActor(l.in("east"), &account.Actor{}), number)
	return must(l.matrix, v, err)
}

func (l *licensing) audited(problems int) {
	l.t.Helper()
	found, err := audit.Verify(l.in("east"))
	if must(l.matrix, found, err); len(found.Problems) != problems {
		l.t.Errorf("the log: %d problems, want %d: %+v", len(found.Problems), problems, found.Problems)
	}
}

// workbook is what a list says as a workbook.
func (l *licensing) workbook(export func(io.Writer) error) [][]string {
	l.t.Helper()
	var file bytes.Buffer
	must(l.matrix, 0, export(&file))
	f, err := excelize.OpenReader(&file)
	must(l.matrix, f, err)
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	return must(l.matrix, rows, err)
}

// A licence from application to its end, by the process files. The days are those of X17: issued on 1 July 2023 for three years it ends on
// 30 June 2026; sixty days before that is 1 May, a holiday, so renewal is requested by 30 April. Undecided on 30 June it is deemed renewed to
// 30 June 2029.
//
// Mutations that turn this red: leave the record out of changed; state the record to the day of a suspension itself; let StandsUntil stay at
// the end when renewal is requested; let settle forget the request; let Expiry know no day; leave Closed out of moved; leave the
// changes out of the digest; number without a counter's row; show the public a whole name; grant whatever the evaluation says.
func TestALicenceFromApplicationToRevocation(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		a, b := l.speaks("a"), l.speaks("b")
		c := l.licensed("a", l.rounds["劳务派遣许可申请"])
		if c.Number != "示例派20230001" || c.Title != "劳务派遣经营许可证" || c.State != certificate.Valid || c.ValidUntil.String() != "2026-06-30" || c.Holder != "easta电器有限公司" ||
			len(c.Changes) != 1 || c.Changes[0].Cite != "劳务派遣行政许可实施办法（人社部令第19号）第十三条、第十四条" || c.Changes[0].Decision != "准予许可" || c.Changes[0].Reason != "同意" {
			t.Fatalf("the certificate: %+v", c)
		}
		d := l.licensed("b", l.rounds["劳务派遣许可申请"])
		if d.Number != "示例派20230002" {
			t.Errorf("the second number: %s", d.Number)
		}
		l.reads("a", policy.Met)
		again := l.open("劳务派遣许可申请", "2023-06")
		k, err := l.rooms.Casework.Begin(l.as(a), again, licence, a.Party)
		must(l.matrix, k, err)
		l.filled(k.ID, a, &casework.CertificateDraft{Details: firstDetails})
		l.refused("a second one", l.try("case", k.ID, "提交", "", "", a), fault.Conflict, "已持有有效的")

		// Amended: what changes is said, nothing else.
		l.at("2024-03-04")
		_, err = l.rooms.Casework.Begin(l.as(a), l.rounds["劳务派遣许可变更"], licence, a.Party)
		l.refused("about no certificate", err, fault.Conflict, "请先选定一张")
		_, err = l.rooms.Casework.BeginAbout(l.as(b), l.rounds["劳务派遣许可变更"], licence, c.ID)
		l.refused("another firm's", err, fault.NotFound, "没有这张证书")
		id := l.about("劳务派遣许可变更", c.ID, a)
		l.filled(id, a, &casework.CertificateDraft{Details: map[string]string{"住所": "甲路1号"}})
		l.refused("nothing changes", l.try("case", id, "提交", "", "", a), fault.Invalid, "没有完成")
		l.filled(id, a, &casework.CertificateDraft{Holder: "甲人力资源有限公司", Details: map[string]string{"住所": "乙路2号", "注册资本": ""}})
		l.do("case", id, "提交", "", "", a)
		l.do("case", id, "准予变更", "", "", licenceOfficer)
		c = l.seen(a, c.ID)
		if c.Holder != "甲人力资源有限公司" || c.Details[0].Value != "乙路2号" || c.Details[2].Value != "200万元" ||
			c.Changes[1].Told != "名称由“easta电器有限公司”变更为“甲人力资源有限公司”；住所由“甲路1号”变更为“乙路2号”" {
			t.Errorf("amended: %+v", c)
		}

		// Renewal: in time, and late.
		l.at("2026-04-30")
		renewal := l.about("劳务派遣许可延续", c.ID, a)
		l.filled(renewal, a, nil)
		l.do("case", renewal, "提交", "", "", a)
		other := l.about("劳务派遣许可延续", d.ID, b)
		l.filled(other, b, nil)
		l.at("2026-05-01")
		l.refused("on a holiday that is the sixtieth day", l.try("case", other, "提交", "", "", b), fault.Conflict, "2026-04-30")
		l.at("2026-04-30")
		l.do("case", other, "提交", "", "", b)
		l.do("case", other, "受理", "", "", licenceOfficer)
		l.at("2026-06-15")
		l.do("case", other, "不予延续", "三年经营情况报告不实", "", licenceOfficer)
		l.at("2026-06-30")
		l.reads("a", policy.Met)
		l.reads("b", policy.Met)
		l.at("2026-07-01")
		l.reads("a", policy.Met)
		l.reads("b", policy.Unmet)
		if v := l.public(d.Number); v.State != certificate.Expired || v.Since.String() != "2026-07-01" {
			t.Errorf("the refused one: %+v", v)
		}
		if v := l.public(c.Number); v.State != certificate.Valid || !v.Deemed || v.ValidUntil.String() != "2029-06-30" || v.Details[1].Value != "王**" || v.Details[1].Label != "法定代表人" {
			t.Errorf("the undecided one: %+v", v)
		}
		if s := l.seen(a, c.ID); s.Changes[len(s.Changes)-1].Label != "视为准予延续" || s.ValidUntil.String() != "2026-06-30" || s.StandsUntil.String() != "2029-06-30" {
			t.Errorf("nobody has written yet that it is deemed renewed: %+v", s)
		}
		l.do("case", renewal, "受理", "", "", licenceOfficer)
		l.do("case", renewal, "准予延续", "同意", "", licenceOfficer)
		l.papered(renewal)
		l.do("case", renewal, "通知领证", "", "", licenceOfficer)
		c = l.seen(a, c.ID)
		if n := len(c.Changes); c.ValidUntil.String() != "2029-06-30" || c.Renewal != "" || c.Deemed || c.Changes[n-2].Kind != "deem_renewed" || c.Changes[n-2].On.String() != "2026-07-01" ||
			!strings.HasPrefix(c.Changes[n-2].Cite, "行政许可法第五十条") || c.Changes[n-1].Kind != "renew" {
			t.Errorf("renewed: %+v", c)
		}

		// By the office: suspended, resumed, revoked.
		l.at("2026-08-03")
		_, err = l.rooms.Casework.BeginAbout(l.as(a), l.rounds["劳务派遣许可处理"], licence, c.ID)
		l.refused("the holder begins what is the office's", err, fault.Forbidden, "由市人力社保局的经办人员发起")
		id = l.about("劳务派遣许可处理", c.ID, licenceOfficer)
		l.do("case", id, "提请暂停", "场所不符", "", licenceOfficer)
		l.refused("who proposed it decides", l.tryAs(l.of(fmt.Sprint([]account.Grant{licenceOfficer}), licenceOfficer, licenceLeader), "case", id, "决定暂停", "同意", ""), fault.Forbidden, "核查")
		l.do("case", id, "决定暂停", "场所与登记不符", "", licenceLeader)
		l.reads("a", policy.Unmet)
		if v := l.public(c.Number); v.State != certificate.Suspended || v.Since.String() != "2026-08-03" {
			t.Errorf("suspended: %+v", v)
		}
		l.at("2026-08-10")
		id = l.about("劳务派遣许可处理", c.ID, licenceOfficer)
		l.do("case", id, "提请恢复", "已整改", "", licenceOfficer)
		l.do("case", id, "决定恢复", "同意", "", licenceLeader)
		l.reads("a", policy.Met)
		l.at("2026-09-01")
		id = l.about("劳务派遣许可处理", c.ID, licenceOfficer)
		l.do("case", id, "提请吊销", "逾期不改正", "", licenceOfficer)
		l.do("case", id, "告知听证权", "逾期不改正，拟吊销", "", licenceLeader)
		l.do("case", id, "放弃听证", "", "", a)
		l.do("case", id, "决定吊销", "违反劳务派遣规定，逾期不改正", "", licenceLeader)
		l.reads("a", policy.Unmet)
		if v := l.public(c.Number); v.State != certificate.Revoked || v.Label != "已吊销" || v.Since.String() != "2026-09-01" {
			t.Errorf("revoked: %+v", v)
		}
		id = l.about("劳务派遣许可处理", c.ID, licenceOfficer)
		l.do("case", id, "提请恢复", "再看", "", licenceOfficer)
		l.refused("a revoked one is resumed", l.try("case", id, "决定恢复", "同意", "", licenceLeader), fault.Conflict, "已吊销，不能恢复")

		// Who came to the end applies anew, and gives up.
		e := l.licensed("b", l.open("劳务派遣许可申请", "2026-01"))
		if e.Number != "示例派20260001" || e.ValidUntil.String() != "2029-08-31" {
			t.Errorf("after the end: %+v", e)
		}
		// A series of each year, without a gap. In 2023 one was licensed, in 2026 one whose first licence had ended.
		for page, want := range []string{"示例派2023 2", "示例派2026 1"} {
			list, err := l.rooms.Register.ReadSeries(l.as(account.Grant{Role: account.RoleAuditor}), page+1, 1)
			must(l.matrix, list, err)
			if s := list.Items[0]; len(list.Items) != 1 || fmt.Sprintf("%s %d", s.Begins, s.Given) != want || s.Gaps != 0 || s.Scheme != licence || s.Last != s.Given {
				t.Errorf("%+v", list)
			}
		}
		if old := l.seen(b, d.ID); old.State != certificate.Expired || old.Changes[len(old.Changes)-1].Kind != "expire" {
			t.Errorf("the old one: %+v", old)
		}
		l.reads("b", policy.Met)
		l.at("2026-10-12")
		id = l.about("劳务派遣许可注销", e.ID, b)
		l.filled(id, b, nil)
		l.do("case", id, "提交", "不再经营", "", b)
		l.do("case", id, "注销", "企业申请", "", licenceOfficer)
		l.reads("b", policy.Unmet)
		if v := l.public(e.Number); v.State != certificate.Surrendered {
			t.Errorf("given up: %+v", v)
		}

		l.audited(0)
		if err := store.Write(l.in("east"), func(ctx context.Context) error {
			_, err := store.Tx(ctx).NewRaw(`UPDATE certificates SET state = 'valid' WHERE id = ?`, c.ID).Exec(ctx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		l.audited(1)
		if err := store.Write(l.in("east"), func(ctx context.Context) error {
			if _, err := store.Tx(ctx).NewRaw(`UPDATE certificates SET state = 'revoked' WHERE id = ?`, c.ID).Exec(ctx); err != nil {
				return err
			}
			_, err := store.Tx(ctx).NewRaw(`UPDATE certificate_changes SET reason = '别的理由' WHERE certificate = ? AND kind = 'revoke'`, c.ID).Exec(ctx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		l.audited(1)
	})
}

// The register: each sees its own or its scope, under filters, as a page and as a workbook; the public knows a number or nothing.
//
// Mutations that turn this red: leave the town or the department out of scope; let state valid pass what came to its end; leave mayRead out of
// Export; tell the holder who made a change.
func TestWhoReadsTheRegister(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		c, d := l.licensed("a", l.rounds["劳务派遣许可申请"]), l.licensed("b", l.rounds["劳务派遣许可申请"])
		numbers := func(g account.Grant, f certificate.Filter) string {
			page, err := l.rooms.Register.Certificates(l.as(g), f)
			must(l.matrix, page, err)
			var out []string
			for _, x := range page.Items {
				out = append(out, x.Number)
			}
			return strings.Join(out, " ")
		}
		both, first, second := d.Number+" "+c.Number, c.Number, d.Number
		town := licenceOfficer
		town.Town = "甲镇"
		for _, x := range []struct {
			what string
			who  account.Grant
			f    certificate.Filter
			want string
		}{
			{"the office", licenceOfficer, certificate.Filter{}, both}, {"its leader", licenceLeader, certificate.Filter{}, both}, {"one town", town, certificate.Filter{}, first},
			{"another office", account.Grant{Role: account.RoleOfficer, Department: "市经信局"}, certificate.Filter{}, ""}, {"firm a", l.speaks("a"), certificate.Filter{}, first},
			{"firm b", l.speaks("b"), certificate.Filter{}, second}, {"an auditor", account.Grant{Role: account.RoleAuditor}, certificate.Filter{}, both},
			{"by holder", licenceOfficer, certificate.Filter{Text: "eastb"}, second}, {"by number", licenceOfficer, certificate.Filter{Text: "20230001"}, first},
			{"by town", licenceOfficer, certificate.Filter{Town: "乙镇"}, second}, {"by scheme", licenceOfficer, certificate.Filter{Scheme: licence}, both},
			{"of no scheme", licenceOfficer, certificate.Filter{Scheme: "none"}, ""}, {"valid", licenceOfficer, certificate.Filter{State: certificate.Valid}, both},
			{"expired", licenceOfficer, certificate.Filter{State: certificate.Expired}, ""}, {"within 90 days", licenceOfficer, certificate.Filter{Within: 90}, ""},
		} {
			if got := numbers(x.who, x.f); got != x.want {
				t.Errorf("%s: %q, want %q", x.what, got, x.want)
			}
		}
		if s := l.seen(l.speaks("a"), c.ID); s.Changes[0].MadeBy != "" {
			t.Errorf("the holder is told who: %s", s.Changes[0].MadeBy)
		}
		if s := l.seen(licenceOfficer, c.ID); s.Changes[0].MadeBy == "" {
			t.Error("the office is not told who")
		}
		if _, err := l.rooms.Register.Certificate(l.as(l.speaks("b")), c.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another firm reads it: %v", err)
		}
		for what, ctx := range map[string]context.Context{"the public": account.WithActor(l.in("east"), &account.Actor{}), "finance": l.as(account.Grant{Role: account.RoleFinance})} {
			if err := l.rooms.Register.Export(ctx, certificate.Filter{}, io.Discard); err == nil {
				t.Errorf("%s exports the register", what)
			}
		}
		if got := l.workbook(func(w io.Writer) error {
			return l.rooms.Register.Export(l.as(licenceOfficer), certificate.Filter{Town: "甲镇"}, w)
		}); len(got) != 2 || strings.Join(got[1], "|") != c.Number+"|劳务派遣经营许可证|劳务派遣经营许可|easta电器有限公司|||甲镇|市人力社保局|2023-07-01|2023-07-01|2026-06-30|有效|住所：甲路1号；法定代表人：王小明；注册资本：200万元" {
			t.Errorf("the workbook: %q", got)
		}

		// Three months before the end, the day after it.
		l.at("2026-04-01")
		if got := numbers(licenceOfficer, certificate.Filter{Within: 90}); got != first+" "+second {
			t.Errorf("within 90 days of 30 June: %q", got)
		}
		if got := numbers(licenceOfficer, certificate.Filter{Within: 89}); got != "" {
			t.Errorf("within 89 days: %q", got)
		}
		l.at("2026-07-01")
		if v, x := numbers(licenceOfficer, certificate.Filter{State: certificate.Valid}), numbers(licenceOfficer, certificate.Filter{State: certificate.Expired}); v != "" || x != both {
			t.Errorf("after the end: valid %q, expired %q", v, x)
		}
		if _, err := l.rooms.Register.Verify(account.WithActor(l.in("east"), &account.Actor{}), first[:len(first)-1]); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("part of a number: %v", err)
		}
	})
}
