package server

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/internal/treasury"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// patternFiles are the embedded files, with samples of other places among those of the county.
func patternFiles(t *testing.T, names ...string) fs.FS {
	out := fstest.MapFS{}
	err := fs.WalkDir(schemefiles.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(schemefiles.Files, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	for _, name := range names {
		out["cixi/sample-"+name] = &fstest.MapFile{Data: out["patterns/"+name].Data}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// paying takes schemes that are not paid at once to the applicant through a batch.
type paying struct {
	*matrix
	round string
	cases map[string]string // by scheme
}

// thing is the name of the project or class that a term describes, one for each party; empty: it describes the party.
func (p *paying) thing(term string) string {
	p.t.Helper()
	library, err := schemes.Library(p.in("east"))
	must(p.matrix, library, err)
	of := ""
	if t := library.Vocabulary().Term(term); t != nil {
		of = t.Of
	} else if k := library.Vocabulary().Record(term); k != nil {
		of = k.Of
	}
	if of == "企业" {
		return ""
	}
	return "甲" + of
}

func (p *paying) state(party, term string, year int, value string) {
	p.t.Helper()
	_, err := p.rooms.Registry.State(p.in("east"), registry.Statement{Party: party, Thing: p.thing(term), Term: term, Year: year, Value: value, Evidence: "测试用的证明"})
	must(p.matrix, 0, err)
}

func (p *paying) record(party, kind, number, from string, fields map[string]string) {
	p.t.Helper()
	day, err := policy.ParseDate(from)
	must(p.matrix, day, err)
	_, err = p.rooms.Registry.State(p.in("east"), registry.Statement{Party: party, Thing: p.thing(kind), Term: kind, Evidence: "测试用的名单", Record: &registry.RecordOf{Number: number, From: day, Fields: fields}})
	must(p.matrix, 0, err)
}

// submitted applies for a scheme, and lets the case be accepted and checked.
func (p *paying) submitted(scheme, party string) {
	p.t.Helper()
	firm := account.Grant{Role: account.RoleFirm, Party: party}
	mine := p.of("firm"+party, firm)
	k, err := p.rooms.Casework.Begin(mine, p.round, scheme, party)
	must(p.matrix, k, err)
	f, err := p.rooms.Casework.FormOf(mine, k.ID)
	must(p.matrix, f, err)
	d := casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"}
	if f.Of != "" {
		d.Thing = "甲" + f.Of
	}
	_, err = p.rooms.Casework.Save(mine, k.ID, f.Version, d)
	must(p.matrix, 0, err)
	p.do("case", k.ID, "提交", "", "", firm)
	p.do("case", k.ID, "受理", "", "", matrixGrants["office"])
	p.check(k.ID)
	p.cases[scheme] = k.ID
}

// account confirms a bank account of a party.
func (p *paying) account(party, holder, number string) {
	p.t.Helper()
	a, err := p.rooms.Treasury.SetBankAccount(p.of("firm"+party, account.Grant{Role: account.RoleFirm, Party: party}), party,
		treasury.AccountDraft{Holder: holder, Bank: "甲银行", Number: number})
	must(p.matrix, a, err)
	_, err = p.rooms.Treasury.ConfirmBankAccount(p.of("checker", account.Grant{Role: account.RoleFinance}), a.ID, "开户许可证")
	must(p.matrix, 0, err)
}

// batch pays what is due of the round, whose total is want, by the bank's own workbook.
func (p *paying) batch(want policy.Fen) {
	p.t.Helper()
	one, two, money := p.of("maker", account.Grant{Role: account.RoleFinance}), p.of("checker", account.Grant{Role: account.RoleFinance}), p.rooms.Treasury
	b, err := money.Prepare(one, treasury.BatchOrder{Round: p.round, Document: "测财〔2026〕1号", DocumentDate: clock.Today(one)})
	if must(p.matrix, b, err); b.Total != want {
		p.t.Fatalf("the batch comes to %s, want %s", b.Total, want)
	}
	b, err = money.Approve(two, b.ID, b.Version)
	must(p.matrix, b, err)
	b, err = money.Send(one, b.ID)
	must(p.matrix, b, err)
	var file, filled bytes.Buffer
	must(p.matrix, 0, money.BankFile(one, b.ID, &file))
	book, err := excelize.OpenReader(&file)
	must(p.matrix, book, err)
	for i := range int(b.Lines) {
		for column, v := range map[string]any{"G": "成功", "H": fmt.Sprint(b.Code, i), "I": p.today()} {
			must(p.matrix, 0, book.SetCellValue("付款", fmt.Sprint(column, i+2), v))
		}
	}
	must(p.matrix, 0, book.Write(&filled))
	up, err := money.Upload(one, b.ID, "回执.xlsx", &filled)
	must(p.matrix, up, err)
	_, err = money.Apply(one, up.ID, treasury.AllOrNone)
	must(p.matrix, 0, err)
}

// reached confirms a milestone and compares what was paid and what is left.
func (p *paying) reached(scheme, milestone string, paid, left policy.Fen) {
	p.t.Helper()
	got, err := p.rooms.Casework.ConfirmMilestone(p.of("o", matrixGrants["office"]), p.cases[scheme], milestone, "现场查验记录")
	if must(p.matrix, got, err); got.Paid != paid || got.Left != left {
		p.t.Errorf("%s %s: %s paid and %s left, want %s and %s", scheme, milestone, got.Paid, got.Left, paid, left)
	}
}

func (p *paying) received(party, scheme string, want ...string) {
	p.t.Helper()
	library, err := schemes.Library(p.in("east"))
	must(p.matrix, library, err)
	of := ""
	if s := library.Scheme(scheme); registry.Things(s) {
		of = "甲" + s.Subject()
	}
	facts, err := p.rooms.Registry.Facts(p.in("east"), party)
	must(p.matrix, facts, err)
	var got []string
	for _, f := range facts {
		if f.Term == "received:"+scheme && f.Thing == of {
			got = append(got, f.Value)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		p.t.Errorf("received under %s: %v, want %v", scheme, got, want)
	}
}

const (
	ofProject = "ningbo-2017/C072" // 30% at the start, the rest at completion
	ofTwo     = "zhoushan-2025/C081"
	ofOther   = "cx2024/C012" // paid to the investor
)

// Samples that are not paid at once to the applicant go through a batch: freeze, settle, notice, decide, pay, milestone, pay. By hand:
// X13: 120,000,000 × 10% = 12,000,000.00; 30% = 3,600,000.00 at the start, 8,400,000.00 at completion.
// 1,500,000 × 0.01 + 1,000 = 16,000.00, half from each of two. 400,000 W × at most 0.1 = 40,000.00, 35,000.00 are decided, to the investor.
//
// Mutations that turn this red: refuse what is apart in suits; commit the whole as one award; pay the applicant instead of the payee; state the
// fact of one payment instead of the day's sum.
func TestSamplesArePaidInParts(t *testing.T) {
	files := patternFiles(t, "ningbo-2017.yaml", "zhoushan-2025.yaml", "vocabulary.yaml", "vocabulary-rounds.yaml")
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		p := &paying{matrix: &matrix{house: newHouseOf(t, ctx, inst, files), ids: map[string]string{}}, cases: map[string]string{}}
		p.pass(-150 * 24 * time.Hour) // into days whose working days are known
		a, b := p.parties["east/a"], p.parties["east/b"]
		p.state(a, "重大项目投资额", 0, "1.2亿元")
		p.state(a, "重大项目产业", 0, "集成电路")
		p.state(b, "避险签约额", 2025, "150万美元")
		_, err := p.rooms.Registry.Cover(p.in("east"), "首次避险业务", clock.Today(p.in("east")), "当地主管部门")
		must(p.matrix, 0, err)
		p.state(a, "装机容量", 0, "0.4兆瓦")
		p.record(a, "光伏并网验收", "1", "2024-06-01", nil)

		officer := matrixGrants["office"]
		list := []casework.RoundSchemeDraft{{Scheme: ofProject, Department: matrixOffice}, {Scheme: ofTwo, Department: matrixOffice}, {Scheme: ofOther, Department: matrixOffice}}
		r, err := p.rooms.Casework.MakeRound(p.of("o", officer), casework.RoundDraft{Number: "2026-01", Title: "分期兑付", Process: "申报评审", Performance: 2025,
			Opens: clock.Today(p.in("east")), Closes: policy.DateOf(clock.Now(p.in("east")).AddDate(0, 0, 20)), Department: matrixOffice, Schemes: list})
		must(p.matrix, r, err)
		p.round = r.ID
		p.do("round", r.ID, "开放申报", "", "", officer)
		p.submitted(ofProject, a)
		p.submitted(ofTwo, b)
		p.submitted(ofOther, a)
		p.do("case", p.cases[ofProject], "通过", "", "", officer)
		p.do("case", p.cases[ofTwo], "通过", "", "", officer)
		p.do("case", p.cases[ofOther], "通过", "", `{"amount":3500000,"reason":"按造价核定"}`, officer)
		p.pass(21 * 24 * time.Hour)
		p.published(r.ID)
		p.pass(12 * 24 * time.Hour)
		money := p.rooms.Treasury
		for source, total := range map[string]policy.Fen{"本级财政": 12_035_000_00, "舟山市级财政": 8_000_00, "县区财政": 7_999_99} {
			d := treasury.BudgetDraft{Round: r.ID, Source: source, Total: total}
			if source != "本级财政" {
				d.Scheme = ofTwo
			}
			_, err := money.CreateBudget(p.in("east"), d)
			must(p.matrix, 0, err)
		}
		p.do("round", r.ID, "提交决定", "", "", officer)
		leader := matrixGrants["leader"]
		if err := p.try("round", r.ID, "同意支持", "同意", "", leader); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "付给投资方") {
			t.Errorf("nobody is named to be paid: %v", err)
		}
		_, err = p.rooms.Casework.NamePayee(p.of("o", officer), p.cases[ofOther], b)
		must(p.matrix, 0, err)
		if err := p.try("round", r.ID, "同意支持", "同意", "", leader); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "还差0.01元") {
			t.Errorf("one source lacks a fen: %v", err)
		}
		budgets, _, err := money.Budgets(p.in("east"), treasury.BudgetFilter{Round: r.ID, Source: "县区财政"}, treasury.Page{})
		must(p.matrix, budgets, err)
		_, err = money.Raise(p.in("east"), budgets[0].ID, budgets[0].Version, 1, "补足")
		must(p.matrix, 0, err)
		p.do("round", r.ID, "同意支持", "同意", "", leader)
		p.do("round", r.ID, "下达资金", "", "", matrixGrants["finance"])
		for _, x := range []struct {
			source string
			want   policy.Fen
		}{{"本级财政", 12_035_000_00}, {"舟山市级财政", 8_000_00}, {"县区财政", 8_000_00}} {
			got, _, err := money.Budgets(p.in("east"), treasury.BudgetFilter{Round: r.ID, Source: x.source}, treasury.Page{})
			if must(p.matrix, got, err); got[0].Committed != x.want {
				t.Errorf("%s: %s committed, want %s", x.source, got[0].Committed, x.want)
			}
		}
		p.account(a, "easta电器有限公司", "6222020000000000001")
		p.account(b, "eastb电器有限公司", "6222020000000000002")
		p.batch(16_000_00 + 35_000_00) // no milestone is reached
		p.received(a, ofOther, "35000元")
		p.received(b, ofTwo, "16000元")
		if _, err := p.rooms.Casework.ConfirmMilestone(p.of("f", account.Grant{Role: account.RoleFinance}), p.cases[ofProject], "开工", "施工许可证"); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("finance confirms a milestone: %v", err)
		}
		p.reached(ofProject, "开工", 0, 12_000_000_00)
		p.batch(3_600_000_00)
		k, err := p.rooms.Casework.Case(p.in("east"), p.cases[ofProject])
		if must(p.matrix, k, err); k.Sum.Paid != nil || k.Ended != "" {
			t.Errorf("after the first instalment: %+v %s", k.Sum, k.Ended)
		}
		p.received(a, ofProject, "3600000元")
		p.reached(ofProject, "竣工投产", 3_600_000_00, 8_400_000_00)
		p.batch(8_400_000_00)
		p.received(a, ofProject, "12000000元") // the same day
		k, err = p.rooms.Casework.Case(p.in("east"), p.cases[ofProject])
		if must(p.matrix, k, err); k.Sum.Paid == nil || *k.Sum.Paid != 12_000_000_00 || k.Ended != "granted" {
			t.Errorf("after the last instalment: %+v %s", k.Sum, k.Ended)
		}
		p.do("round", r.ID, "办结", "", "", matrixGrants["finance"])
	})
}

const ofApprentices = "qidong-apprentice/新型学徒制补贴" // half of one year in advance, the rest by those who got their certificate

// apprentices states 45 of a party's, of whom some got their certificate; -1: nobody knows yet.
func (p *paying) apprentices(party string, certified int) {
	p.t.Helper()
	var list []registry.Statement
	day, err := policy.ParseDate("2025-03-01")
	must(p.matrix, day, err)
	for n := range 45 {
		fields := map[string]string{}
		if certified >= 0 {
			fields["取得证书"] = map[bool]string{true: "是", false: "否"}[n < certified]
		}
		list = append(list, registry.Statement{Party: party, Thing: p.thing("学徒"), Term: "学徒", Evidence: "测试用的名册", Source: matrixOffice, Verified: true,
			Record: &registry.RecordOf{Number: fmt.Sprint("X", n), From: day, Fields: fields}})
	}
	_, err = p.rooms.Registry.PutFacts(account.System(p.in("east")), list)
	must(p.matrix, 0, err)
	_, err = p.rooms.Registry.Cover(p.in("east"), "学徒", clock.Today(p.in("east")), "当地主管部门")
	must(p.matrix, 0, err)
}

// X02 of the golden cases through a round, and its neighbour that was advanced too much. By hand: 45 × 5,000 × 50% = 112,500.00 in advance to each;
// 33 × 5,000 × 2 = 330,000.00, of which 217,500.00 are to come; 10 × 5,000 × 2 = 100,000.00, and 12,500.00 are owed back. 5,000.00 of them come back
// and 107,500.00 were received, then the rest and it is 100,000.00, which was due from the beginning.
//
// Mutations that turn this red: leave the claim out of settleAdvance, or claim what was paid instead of what was too much; leave OnRepaid out of
// joinMoney; state what was paid without what came back.
func TestAnAdvanceThatWasTooMuchIsOwedBack(t *testing.T) {
	files := patternFiles(t, "qidong-apprentice.yaml", "vocabulary.yaml", "vocabulary-rounds.yaml")
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		p := &paying{matrix: &matrix{house: newHouseOf(t, ctx, inst, files), ids: map[string]string{}}, cases: map[string]string{}}
		p.pass(-150 * 24 * time.Hour)
		a, b := p.parties["east/a"], p.parties["east/b"]
		officer := matrixGrants["office"]
		r, err := p.rooms.Casework.MakeRound(p.of("o", officer), casework.RoundDraft{Number: "2026-01", Title: "学徒", Process: "申报评审", Performance: 2025,
			Opens: clock.Today(p.in("east")), Closes: policy.DateOf(clock.Now(p.in("east")).AddDate(0, 0, 20)), Department: matrixOffice,
			Schemes: []casework.RoundSchemeDraft{{Scheme: ofApprentices, Department: matrixOffice}}})
		must(p.matrix, r, err)
		p.round = r.ID
		p.do("round", r.ID, "开放申报", "", "", officer)
		cases := map[string]string{}
		for _, party := range []string{a, b} {
			p.state(party, "学徒培养等级", 0, "高级工")
			p.state(party, "学徒培养年限", 0, "2年")
			p.apprentices(party, 45)
			p.submitted(ofApprentices, party)
			cases[party] = p.cases[ofApprentices]
			p.do("case", cases[party], "通过", "", "", officer)
		}
		p.pass(21 * 24 * time.Hour)
		p.published(r.ID)
		p.pass(12 * 24 * time.Hour)
		money := p.rooms.Treasury
		_, err = money.CreateBudget(p.in("east"), treasury.BudgetDraft{Round: r.ID, Source: "本级财政", Total: 900_000_00})
		must(p.matrix, 0, err)
		p.do("round", r.ID, "提交决定", "", "", officer)
		p.do("round", r.ID, "同意支持", "同意", "", matrixGrants["leader"])
		p.do("round", r.ID, "下达资金", "", "", matrixGrants["finance"])
		p.account(a, "easta电器有限公司", "6222020000000000001")
		p.account(b, "eastb电器有限公司", "6222020000000000002")
		reached := func(party, milestone string, paid, left policy.Fen) {
			t.Helper()
			p.cases[ofApprentices] = cases[party]
			p.reached(ofApprentices, milestone, paid, left)
		}
		reached(a, "开班", 0, 450_000_00)
		reached(b, "开班", 0, 450_000_00)
		p.batch(225_000_00)
		p.apprentices(a, 33)
		p.apprentices(b, 10)
		reached(a, "结业", 112_500_00, 217_500_00)
		reached(b, "结业", 112_500_00, 0)
		one, two := p.of("maker", account.Grant{Role: account.RoleFinance}), p.of("checker", account.Grant{Role: account.RoleFinance})
		list, n, err := money.Receivables(one, treasury.OwedFilter{}, treasury.Page{})
		if must(p.matrix, list, err); n != 1 || list[0].Party != b || list[0].Principal != 12_500_00 || list[0].Due != 0 || list[0].Rate != "" || !strings.Contains(list[0].Reason, "结算后多付") {
			t.Fatalf("owed back: %+v", list)
		}
		p.received(b, ofApprentices, "112500元")
		for i, part := range []policy.Fen{5_000_00, 7_500_00} {
			got, err := money.StateRepayment(one, list[0].ID, part, clock.Today(one), fmt.Sprint("BACK", i))
			must(p.matrix, got, err)
			_, err = money.DecideRepayment(two, list[0].ID, got.Repayments[i].ID, true)
			must(p.matrix, 0, err)
			p.received(b, ofApprentices, []string{"107500元", "100000元"}[i])
		}
		p.batch(217_500_00)
		p.received(a, ofApprentices, "330000元") // the advance and the rest, on one day
		k, err := p.rooms.Casework.Case(p.in("east"), cases[b])
		if must(p.matrix, k, err); k.Ended != "granted" || k.Sum.Paid == nil || *k.Sum.Paid != 112_500_00 {
			t.Errorf("the case that was paid too much: %+v %s", k.Sum, k.Ended)
		}
		p.do("round", r.ID, "办结", "", "", matrixGrants["finance"])
	})
}
