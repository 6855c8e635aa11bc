package server

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/paper"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
)

// as somebody of the licence's office: 甲 and 乙 are officers, 局 and 副 lead it.
func (l *licensing) person(id string) context.Context {
	g := licenceOfficer
	if id == "局" || id == "副" {
		g = licenceLeader
	}
	return account.WithActor(l.in("east"), &account.Actor{AccountID: id, Login: id, Name: id + "某", Tenant: "east", Grants: []account.Grant{g}})
}

// papers are the documents of a case as its office sees them.
func (l *licensing) papers(ctx context.Context, caseID string) []paper.Paper {
	l.t.Helper()
	all, err := l.rooms.Papers.Of(ctx, caseID)
	return must(l.matrix, all, err).Items
}

// paperIn does something to a document as somebody, who has to see the state afterwards.
func (l *licensing) step(who string, p *paper.Paper, want paper.State, do func(ctx context.Context, id string, version int64) (*paper.Paper, error)) *paper.Paper {
	l.t.Helper()
	out, err := do(l.person(who), p.ID, p.Version)
	if must(l.matrix, out, err).State != want {
		l.t.Fatalf("%s is %s, want %s", out.Title, out.State, want)
	}
	return out
}

// filledIn fills in everything that a document lacks.
func (l *licensing) filledIn(p *paper.Paper) *paper.Paper {
	l.t.Helper()
	c := paper.Content{Values: map[string]string{}}
	for _, f := range p.Missing {
		c.Values[f] = "某" + f
	}
	out, err := l.rooms.Papers.Save(l.person("甲"), p.ID, p.Version, c)
	return must(l.matrix, out, err)
}

// papered issues every document of a case that waits.
func (l *licensing) papered(caseID string) (issued []*paper.Paper) {
	l.t.Helper()
	d := l.rooms.Papers
	for _, p := range l.papers(l.person("甲"), caseID) {
		if p.State == paper.Draft {
			one := l.step("甲", l.filledIn(&p), paper.Review, d.Submit)
			issued = append(issued, l.step("局", l.step("乙", one, paper.Sign, d.Review), paper.Issued, d.Issue))
		}
	}
	return issued
}

// inDOCX is the text of a DOCX.
func inDOCX(t *testing.T, content []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(text), "")
}

// applied is a case of the licence that was handed in by a firm.
func (l *licensing) applied(party string) string {
	l.t.Helper()
	g := l.speaks(party)
	_, err := l.rooms.Registry.State(l.in("east"), registry.Statement{Party: g.Party, Term: "注册资本", Value: "200万元", Evidence: "营业执照"})
	must(l.matrix, 0, err)
	k, err := l.rooms.Casework.Begin(l.as(g), l.rounds["劳务派遣许可申请"], licence, g.Party)
	must(l.matrix, k, err)
	l.filled(k.ID, g, &casework.CertificateDraft{Details: firstDetails})
	l.do("case", k.ID, "提交", "", "", g)
	return k.ID
}

// A notice of correction from the action that drafts it to its receipt, and a refusal that says what may be done about it.
//
// Mutations that turn this red: draft before the move (no limit in the notice); let the drafter review or issue; issue with something missing; number at
// the draft; let the firm read it before it is delivered; leave the hash, a version or the receipt out of what is kept; let a value that is
// known be written over.
func TestADocumentFromItsActionToItsReceipt(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		d, firm := l.rooms.Papers, l.as(l.speaks("a"))
		id := l.applied("a")
		l.do("case", id, "一次性告知补正", "", `{"items":[{"text":"缺验资报告"},{"text":"章程没有盖章"}]}`, licenceOfficer)
		list := l.papers(l.person("甲"), id)
		if len(list) != 1 || list[0].State != paper.Draft || list[0].Title != "一次性告知补正通知书" || list[0].Number != "" || list[0].Action != "一次性告知补正" {
			t.Fatalf("what the action drafted: %+v", list)
		}
		p := &list[0]
		// 1 July 2023 is a Saturday: ten working days after it end on Friday 14 July.
		if p.Paragraphs[1].Text != "1.缺验资报告\n2.章程没有盖章" || p.Paragraphs[2].Text != "请在2023年7月14日前补正。期限依据：给申请人的时间（示例，非法定）。" || !p.Paragraphs[0].Edit {
			t.Errorf("what it says: %+v", p.Paragraphs)
		}
		if got := l.papers(firm, id); len(got) != 0 {
			t.Errorf("the firm sees a draft: %+v", got)
		}
		_, err := d.Get(firm, p.ID)
		l.refused("a draft, to the firm", err, fault.NotFound, "没有这份文书")
		_, err = d.Save(l.person("甲"), p.ID, p.Version, paper.Content{Values: map[string]string{"补正事项": "别的"}})
		l.refused("what is known", err, fault.Invalid, "由系统填写")
		_, err = d.Save(l.person("甲"), p.ID, p.Version, paper.Content{Texts: map[string]string{"2": "别的"}})
		l.refused("a paragraph that is not free", err, fault.Invalid, "模板不允许改写这一段")
		// Words of one's own stand as they are.
		p, err = d.Save(l.person("甲"), p.ID, p.Version, paper.Content{Texts: map[string]string{"1": "收悉，{期限}照写："}, Copies: []string{"某某街道办事处"}})
		must(l.matrix, p, err)
		p, err = d.Save(l.person("甲"), p.ID, p.Version, paper.Content{Texts: map[string]string{"1": "你单位的申请收悉，{期限}照写："}, Copies: []string{"某某街道办事处"}})
		if must(l.matrix, p, err).Paragraphs[0].Text != "你单位的申请收悉，{期限}照写：" || len(p.Versions) != 2 || p.Versions[0].Content.Texts["1"] != "收悉，{期限}照写：" {
			t.Errorf("%+v", p)
		}
		_, err = d.Save(l.person("乙"), p.ID, p.Version-1, paper.Content{})
		l.refused("over what they have not seen", err, fault.Conflict, "状态已经改变")
		p = l.step("甲", p, paper.Review, d.Submit)
		_, err = d.Review(l.person("甲"), p.ID, p.Version)
		l.refused("the drafter reviews", err, fault.Forbidden, "拟稿人不能复核")
		p, err = d.Return(l.person("乙"), p.ID, p.Version, "请写明到哪里交")
		must(l.matrix, p, err)
		p = l.step("局", p, paper.Review, d.Submit) // now its drafter is the leader
		p = l.step("乙", p, paper.Sign, d.Review)
		_, err = d.Issue(l.person("局"), p.ID, p.Version)
		l.refused("the drafter issues", err, fault.Forbidden, "拟稿人不能签发")
		_, err = d.Issue(l.person("乙"), p.ID, p.Version)
		l.refused("an officer issues", err, fault.Forbidden, "负责人签发")
		if p.Number != "" {
			t.Errorf("numbered before its issue: %s", p.Number)
		}
		p = l.step("副", p, paper.Issued, d.Issue)
		if p.Number != "补〔2023〕1号" || p.Issuer != "副某" || p.Drafter != "" && p.Drafter == p.Reviewer {
			t.Errorf("issued: %+v", p)
		}
		// The firm knows of it, and reads it when it agrees to receive it so.
		seen := l.papers(firm, id)
		if len(seen) != 1 || !seen[0].Sealed || len(seen[0].Paragraphs) != 0 || seen[0].SHA256 != "" || !slices.Equal(seen[0].May, []string{"receive"}) {
			t.Errorf("before delivery the firm sees %+v", seen)
		}
		_, _, err = d.Open(firm, p.ID)
		l.refused("the file before delivery", err, fault.Forbidden, "还没有送达")
		_, _, err = d.ReceiptOf(firm, p.ID)
		l.refused("the receipt before delivery", err, fault.NotFound, "没有这份文书")
		_, err = d.Receive(l.person("甲"), p.ID, p.Version)
		l.refused("the office receives", err, fault.Forbidden, "受送达人自己")
		_, err = d.Get(l.as(l.speaks("b")), p.ID)
		l.refused("another firm", err, fault.NotFound, "没有这份文书")
		got, err := d.Receive(firm, p.ID, p.Version)
		if must(l.matrix, got, err).State != paper.Delivered || got.Delivery.How != "电子送达" || got.Drafter != "" {
			t.Errorf("received: %+v", got)
		}
		f, content, err := d.Open(firm, p.ID)
		must(l.matrix, f, err)
		body, err := io.ReadAll(content)
		must(l.matrix, body, err)
		content.Close()
		sum := sha256.Sum256(body)
		if hex.EncodeToString(sum[:]) != got.SHA256 {
			t.Error("the file is not what its hash says")
		}
		for _, want := range []string{"补〔2023〕1号", "2.章程没有盖章", "{期限}照写", "抄送：某某街道办事处。", "easta电器有限公司：", "2023年7月1日"} {
			if text := inDOCX(t, body); !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
		_, receipt, err := d.ReceiptOf(firm, p.ID)
		must(l.matrix, receipt, err)
		for _, want := range []string{"送达回证", "《一次性告知补正通知书》 补〔2023〕1号", "电子送达", "受送达人同意电子送达"} {
			if text := inDOCX(t, receipt); !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
		// Anybody who has the file may ask, and is told no name.
		v, err := d.Verify(account.WithActor(l.in("east"), &account.Actor{}), strings.ToUpper(got.SHA256))
		if must(l.matrix, v, err).Number != "补〔2023〕1号" || v.Office != licenceOffice || v.IssuedOn.String() != "2023-07-01" {
			t.Errorf("verified: %+v", v)
		}
		_, err = d.Verify(l.in("east"), strings.Repeat("0", 64))
		l.refused("another file", err, fault.NotFound, "没有签发过")

		// A refusal: what may be done about it has to be said before it can be issued.
		l.do("case", id, "重新提交", "", "", l.speaks("a"))
		l.do("case", id, "受理", "", "", licenceOfficer)
		l.refused("what is done elsewhere", l.try("case", id, "通知领证", "", "", licenceOfficer), fault.Conflict, "审查")
		l.do("case", id, "不予许可", "注册资本不足", "", licenceOfficer)
		list = l.papers(l.person("甲"), id)
		refusal := &list[2]
		if refusal.Title != "关于劳务派遣经营许可的不予决定书" || !slices.Equal(refusal.Missing, []string{"复议期限", "复议机关", "诉讼期限", "诉讼法院"}) {
			t.Fatalf("the refusal: %+v", refusal)
		}
		_, err = d.Submit(l.person("甲"), refusal.ID, refusal.Version)
		l.refused("without the remedy", err, fault.Conflict, "还有4项没有填写：复议期限、复议机关、诉讼期限、诉讼法院")
		issued := l.papered(id)
		if len(issued) != 2 || issued[0].Number != "受〔2023〕1号" || issued[1].Number != "不准〔2023〕1号" || !strings.Contains(issued[1].Paragraphs[3].Text, "可以在某复议期限内向某复议机关申请行政复议") {
			t.Errorf("issued: %+v", issued)
		}
		today := clock.Today(l.ctx)
		_, err = d.Deliver(l.person("甲"), issued[1].ID, issued[1].Version, paper.Delivery{How: "邮寄送达", On: today.AddDays(-1), To: "王某"})
		l.refused("before its issue", err, fault.Invalid, "不能早于签发")
		_, err = d.Deliver(l.person("甲"), issued[1].ID, issued[1].Version, paper.Delivery{How: "邮寄送达", On: today})
		l.refused("with nobody who signed", err, fault.Invalid, "签收人")
		p, err = d.Deliver(l.person("甲"), issued[1].ID, issued[1].Version, paper.Delivery{How: "留置送达", On: today, To: "见证人李某", Place: "甲路1号"})
		if must(l.matrix, p, err).State != paper.Delivered || p.ReceiptSHA256 == "" {
			t.Errorf("delivered: %+v", p)
		}

		// By hand, given up by a leader, found in the office's list.
		h, err := d.ByHand(l.person("甲"), id, "听证告知书")
		must(l.matrix, h, err)
		_, err = d.ByHand(l.as(l.speaks("a")), id, "听证告知书")
		l.refused("by the firm", err, fault.Forbidden, "本机关")
		_, err = d.ByHand(l.person("甲"), id, "一次性告知补正通知书")
		l.refused("what an action drafts", err, fault.Invalid, "由办理的动作起草")
		_, err = d.Void(l.person("甲"), h.ID, h.Version, "不需要")
		l.refused("given up by an officer", err, fault.Forbidden, "负责人作废")
		h, err = d.Void(l.person("局"), h.ID, h.Version, "不需要")
		must(l.matrix, h, err)
		for _, x := range []struct {
			who  context.Context
			f    paper.Filter
			want int
		}{{l.person("甲"), paper.Filter{}, 4}, {l.person("甲"), paper.Filter{Text: "补〔2023〕1号"}, 1}, {l.person("甲"), paper.Filter{State: paper.Issued}, 1},
			{l.as(account.Grant{Role: account.RoleOfficer, Department: "市经信局"}), paper.Filter{}, 0}, {l.as(account.Grant{Role: account.RoleOfficer, Department: licenceOffice, Town: "乙镇"}), paper.Filter{}, 0}} {
			page, err := d.List(x.who, x.f)
			if must(l.matrix, page, err).Total != x.want {
				t.Errorf("%+v: %d, want %d", x.f, page.Total, x.want)
			}
		}
		l.audited(0)
		must(l.matrix, 0, store.Write(l.in("east"), func(ctx context.Context) error {
			_, err := store.Tx(ctx).NewRaw(`UPDATE paper_versions SET content = '{}' WHERE n = 2 AND paper = ?`, got.ID).Exec(ctx)
			return err
		}))
		l.audited(1)
	})
}

// Many documents issued at the same moment, some of whose transactions fail after the number was taken: no number is lost, none is doubled,
// and each year begins anew.
//
// Mutations, each red: take the number in a transaction of its own; count the rows instead; forget the year.
func TestNumbersOfDocumentsHaveNoGaps(t *testing.T) {
	eachLicensing(t, func(l *licensing) {
		d := l.rooms.Papers
		id := l.applied("a")
		const many = 12
		var ready []*paper.Paper
		for range many {
			p, err := d.ByHand(l.person("甲"), id, "受理通知书")
			must(l.matrix, p, err)
			ready = append(ready, l.step("乙", l.step("甲", p, paper.Review, d.Submit), paper.Sign, d.Review))
		}
		fails := errors.New("the server was killed")
		var wg sync.WaitGroup
		for i, p := range ready {
			wg.Go(func() {
				for {
					err := store.Write(l.person("局"), func(ctx context.Context) error {
						if _, err := d.Issue(ctx, p.ID, p.Version); err != nil {
							return err
						}
						if i%2 == 0 {
							return fails
						}
						return nil
					})
					if errors.Is(err, fails) {
						i++
						continue
					}
					if err != nil {
						t.Error(err)
					}
					return
				}
			})
		}
		wg.Wait()
		var numbers []string
		for _, p := range l.papers(l.person("甲"), id) {
			numbers = append(numbers, p.Number)
		}
		slices.Sort(numbers)
		var want []string
		for n := range many {
			want = append(want, fmt.Sprintf("受〔2023〕%d号", n+1))
		}
		slices.Sort(want)
		if !slices.Equal(numbers, want) {
			t.Errorf("%v", numbers)
		}
		l.at("2024-01-02")
		p, err := d.ByHand(l.person("甲"), id, "受理通知书")
		must(l.matrix, p, err)
		if issued := l.papered(id); len(issued) != 1 || issued[0].Number != "受〔2024〕1号" {
			t.Errorf("%+v", issued)
		}

		// The page of series tells both years, none with a number missing; a document whose number somebody took away behind the system leaves a gap.
		admin := account.WithActor(l.in("east"), &account.Actor{AccountID: "管", Name: "管某", Tenant: "east", Grants: []account.Grant{{Role: account.RoleAdministrator}}})
		told := func(per, page int) string {
			t.Helper()
			list, err := d.ReadSeries(admin, page, per)
			must(l.matrix, list, err)
			out := fmt.Sprint(list.Total)
			for _, s := range list.Items {
				out += fmt.Sprintf(" %s %s %d/%d缺%d %s", s.Number, s.Department, s.Given, s.Last, s.Gaps, s.Template)
			}
			return out
		}
		if got := told(20, 1); got != "2 受〔2024〕1号 市人力社保局 1/1缺0 受理通知书 受〔2023〕12号 市人力社保局 12/12缺0 受理通知书" {
			t.Error(got)
		}
		if got := told(1, 2); got != "2 受〔2023〕12号 市人力社保局 12/12缺0 受理通知书" {
			t.Error(got)
		}
		if _, err := d.ReadSeries(l.person("甲"), 1, 20); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("an officer reads them: %v", err)
		}
		l.audited(0)
		must(l.matrix, "", store.Write(l.in("east"), func(ctx context.Context) error {
			_, err := store.Tx(ctx).NewRaw(`UPDATE papers SET number = 0 WHERE year = 2023 AND number = 5`).Exec(ctx)
			return err
		}))
		if got := told(1, 2); got != "2 受〔2023〕12号 市人力社保局 11/12缺1 受理通知书" {
			t.Error(got)
		}
	})
}
