package panel_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/panel"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
)

const office = "甲局"

// county is a tenant with a pool of seven experts whom nothing binds and the room under test; evidence and accounts are other rooms'.
type county struct {
	t    *testing.T
	base context.Context
	room *panel.Room
	told []string
	by   map[string]string // login → the party it speaks for
	pool map[string]string // login → id
}

func (c *county) Evidence(_ context.Context, id string) ([]panel.Evidence, error) {
	return []panel.Evidence{{Title: "业绩证明", Files: []panel.EvidenceFile{{ID: "f-" + id, Name: "张三的证书.pdf", Kind: "pdf", Size: 3}}}}, nil
}

func (c *county) File(_ context.Context, id, file string) (files.File, io.ReadCloser, error) {
	return files.File{ID: file, Name: "张三的证书.pdf"}, io.NopCloser(strings.NewReader("pdf")), nil
}

func (c *county) Places(context.Context, string) ([]panel.Place, error) {
	return []panel.Place{{Number: "S-2", Party: "乙", Place: 1, Reason: "业绩更突出"}, {Number: "S-3", Party: "丙", Place: 2, Reason: "业绩更突出"}}, nil
}

func each(t *testing.T, fn func(c *county)) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := &county{t: t, by: map[string]string{}, pool: map[string]string{}}
		c.base = clock.With(ctx, func() time.Time { return time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) })
		c.room = panel.New(c, panel.World{
			Tell: func(_ context.Context, login, title, _ string) error {
				c.told = append(c.told, login+" "+title)
				return nil
			},
			Barred: func(_ context.Context, login string, parties []string) (string, error) {
				if c.by[login] != "" && slices.Contains(parties, c.by[login]) {
					return "代表申报人", nil
				}
				return "", nil
			}})
		for i := range 7 {
			c.expert(fmt.Sprintf("e%d", i+1), fmt.Sprintf("第%d研究院", i+1))
		}
		fn(c)
	})
}

func (c *county) as(login string, g ...account.Grant) context.Context {
	return account.WithActor(c.base, &account.Actor{AccountID: "id-" + login, Login: login, Name: login, Tenant: storetest.TenantID, Grants: g})
}

func (c *county) officer(of string) context.Context {
	return c.as("officer-"+of, account.Grant{Role: account.RoleOfficer, Department: of})
}

func (c *county) is(login string) context.Context {
	return c.as(login, account.Grant{Role: account.RoleExpert})
}

func (c *county) expert(login, employer string, related ...string) {
	c.t.Helper()
	e, err := c.room.PutExpert(c.officer(office), "", panel.ExpertDraft{Department: office, Name: "专家" + login, Phone: "13800001234", Login: login, Fields: []string{"数控"}, Employer: employer,
		Related: related, Since: 20260101})
	if err != nil {
		c.t.Fatal(err)
	}
	c.pool[login] = e.ID
}

func rules(conflict string) *policy.Panel {
	return &policy.Panel{Experts: 5, Pool: "scheme", Sheet: []policy.SheetItem{{Title: "技能", Most: "60"}, {Title: "创新", Most: "40"}}, Step: "0.5", Blind: true, Highest: 1, Lowest: 1,
		To: "0.01", Mode: "half_up", Conflict: conflict}
}

func candidates() []panel.Candidate {
	var out []panel.Candidate
	for i, name := range []string{"甲厂", "乙厂", "丙厂"} {
		out = append(out, panel.Candidate{Case: fmt.Sprint("k", i+1), Number: fmt.Sprint("S-", i+1), Department: office, Party: fmt.Sprint("p", i+1), Name: name, Code: fmt.Sprint("C", i+1), Term: "评分"})
	}
	return out
}

var cases = []string{"k1", "k2", "k3"}

func (c *county) draw(r *policy.Panel) error {
	return store.Write(c.officer(office), func(ctx context.Context) error {
		return c.room.Draw(ctx, panel.Round{ID: "r", Number: "S", Title: "评选", Department: office}, r, candidates())
	})
}

func (c *county) panel() panel.Panel {
	c.t.Helper()
	list, err := c.room.Panels(c.officer(office), "r")
	if err != nil || len(list) == 0 {
		c.t.Fatal(list, err)
	}
	return list[0]
}

// seated are the logins of who was called, in the order of the lot.
func (c *county) seated(state string) (out []string) {
	for _, t := range c.panel().Lot {
		for login, id := range c.pool {
			if id == t.Expert && t.State == state {
				out = append(out, login)
			}
		}
	}
	return out
}

func (c *county) refused(what string, err error, code fault.Code, says string) {
	c.t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(fmt.Sprint(err), says) {
		c.t.Errorf("%s: %v, want %s with %q", what, err, code, says)
	}
}

func (c *county) declares(login string, conflicts ...string) {
	c.t.Helper()
	d := panel.Declaration{Conflicts: conflicts}
	if len(conflicts) > 0 {
		d.Reason = "师生关系"
	}
	if _, err := c.room.Declare(c.is(login), c.panel().ID, d); err != nil {
		c.t.Fatalf("%s declares: %v", login, err)
	}
}

// codes are the codes of the cases, which the room keeps to itself.
func (c *county) codes() map[string]string {
	c.t.Helper()
	out := map[string]string{}
	err := store.Read(c.base, func(ctx context.Context) error {
		var rows []struct {
			Case string `bun:"case_id"`
			Code string `bun:"code"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT case_id, code FROM panel_cases WHERE panel = ?`, c.panel().ID).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.Case] = r.Code
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *county) gives(login, code, skill, idea string, submit bool) error {
	seat, err := c.room.Seat(c.is(login), c.panel().ID)
	if err != nil {
		return err
	}
	version := int64(1)
	for _, s := range seat.Sheets {
		if s.Code == code {
			version = s.Version
		}
	}
	_, err = c.room.Score(c.is(login), c.panel().ID, code, panel.Scoring{Marks: []panel.Mark{{Item: "技能", Points: skill}, {Item: "创新", Points: idea}}, Version: version, Submit: submit})
	return err
}

func (c *county) in() error {
	return store.Read(c.base, func(ctx context.Context) error { return c.room.In(ctx, "r", cases) })
}

func (c *county) short() error {
	return store.Read(c.base, func(ctx context.Context) error { return c.room.Short(ctx, "r") })
}

func (c *county) sum() (out map[string]string, err error) {
	err = store.Write(c.officer(office), func(ctx context.Context) error {
		list, err := c.room.Sum(ctx, "r", cases)
		out = map[string]string{}
		for _, s := range list {
			out[s.Case] = s.Score
		}
		return err
	})
	return out, err
}

func (c *county) audited() {
	c.t.Helper()
	found, err := audit.Verify(account.System(c.base))
	if err != nil || len(found.Problems) > 0 {
		c.t.Errorf("the log: %+v, %v", found.Problems, err)
	}
}

// A panel from its draw to its minutes. Five experts give k1 80, 90, 85, 70, 95: without 95 and 70 it is (80 + 90 + 85) ÷ 3 = 85; k2 80, 81, 81, 82, 90: (81 + 81 + 82) ÷ 3
// = 81 1/3, so 81.33; k3 the same as k2, so that the two are equal.
//
// Mutations that turn this red: show totals before the panel is scored; give a seat the sheets of all; do not ask for the declaration in sheet(); take names into a blind sheet; let a
// sheet that was handed in be saved.
func TestScoresOfAPanel(t *testing.T) {
	each(t, func(c *county) {
		if err := c.draw(rules("case")); err != nil {
			t.Fatal(err)
		}
		c.refused("drawn again", c.draw(rules("case")), fault.Conflict, "不能重抽")
		p := c.panel()
		experts := c.seated("called")
		if !p.Holds || len(experts) != 5 || len(c.seated("waiting")) != 2 || len(p.Lot) != 7 || p.Short != 0 || len(c.told) != 5 {
			t.Fatalf("drawn: %+v, told %v", p, c.told)
		}
		codes := c.codes()

		// Before the declaration: names, no codes, no evidence, no file, no scoring.
		seat, err := c.room.Seat(c.is(experts[0]), p.ID)
		if err != nil || seat.Declared || len(seat.Sheets) != 0 || len(seat.Applicants) != 3 {
			t.Errorf("before the declaration: %+v, %v", seat, err)
		}
		_, _, err = c.room.File(c.is(experts[0]), p.ID, codes["k1"], "f-k1")
		c.refused("a file before", err, fault.Forbidden, "请先声明")
		c.refused("points before", c.gives(experts[0], codes["k1"], "50", "30", false), fault.Forbidden, "请先声明")
		for _, e := range experts {
			c.declares(e)
		}
		seat, err = c.room.Seat(c.is(experts[0]), p.ID)
		if err != nil || !seat.Declared || len(seat.Sheets) != 3 || seat.Sheets[0].Name != "" || seat.Sheets[0].Evidence[0].Files[0].Name != "业绩证明1.pdf" {
			t.Errorf("after it: %+v, %v", seat, err)
		}
		f, content, err := c.room.File(c.is(experts[0]), p.ID, codes["k1"], "f-k1")
		if err != nil || f.Name != "业绩证明1.pdf" {
			t.Errorf("a file: %+v, %v", f, err)
		} else {
			content.Close()
		}
		_, _, err = c.room.File(c.is(experts[0]), p.ID, codes["k1"], "f-k2")
		c.refused("another case's file", err, fault.NotFound, "")

		// Whoever was not called knows of nothing.
		for who, ctx := range map[string]context.Context{"one of the lot": c.is(c.seated("waiting")[0]), "a stranger": c.is("nobody"), "an officer": c.officer(office), "an expert's other role": c.as(experts[0],
			account.Grant{Role: account.RoleOfficer, Department: office})} {
			_, err := c.room.Seat(ctx, p.ID)
			c.refused(who, err, fault.NotFound, "")
		}
		if list, err := c.room.Panels(c.officer("乙局"), "r"); err != nil || len(list) != 0 {
			t.Errorf("another department: %+v, %v", list, err)
		}
		_, err = c.room.Panels(c.is(experts[0]), "r")
		c.refused("an expert at the desk", err, fault.Forbidden, "")

		c.refused("too many points", c.gives(experts[0], codes["k1"], "61", "30", false), fault.Invalid, "最高60分")
		c.refused("between the steps", c.gives(experts[0], codes["k1"], "50.3", "30", false), fault.Invalid, "整数倍")
		c.refused("an item without points", c.gives(experts[0], codes["k1"], "50", "", true), fault.Invalid, "创新")
		if err := c.gives(experts[0], codes["k1"], "50", "", false); err != nil {
			t.Errorf("a draft: %v", err)
		}
		skill := map[string][]string{"k1": {"50", "55", "52.5", "45", "57"}, "k2": {"50", "50.5", "50", "51", "55"}, "k3": {"55", "51", "50", "50.5", "50"}}
		idea := map[string][]string{"k1": {"30", "35", "32.5", "25", "38"}, "k2": {"30", "30.5", "31", "31", "35"}, "k3": {"35", "31", "31", "30.5", "30"}}
		for i, e := range experts {
			for _, k := range cases {
				if i == 4 && k == "k3" {
					continue
				}
				if err := c.gives(e, codes[k], skill[k][i], idea[k][i], true); err != nil {
					t.Fatalf("%s gives %s: %v", e, k, err)
				}
			}
		}
		c.refused("drawn again while it can go on", c.short(), fault.Conflict, "不能重抽")
		c.refused("one is missing", c.in(), fault.Conflict, "还有1份评分没有提交")
		_, err = c.sum()
		c.refused("summed up without it", err, fault.Conflict, "还有1份")
		for _, line := range c.panel().Cases {
			if len(line.Totals) != 0 || line.Score != "" || line.Mean != "" {
				t.Errorf("the desk sees before all are in: %+v", line)
			}
		}
		_, err = c.room.Excuse(c.officer(office), p.ID, c.pool[experts[0]], "出差")
		c.refused("who gave all cannot be sent away", err, fault.Conflict, "都已提交")
		c.refused("handed in twice", c.gives(experts[0], codes["k1"], "60", "40", true), fault.Conflict, "已经提交")
		c.refused("minutes before", c.room.Minutes(c.officer(office), p.ID, io.Discard), fault.Conflict, "")

		// Two hand in the same sheet at once: one does.
		var wait sync.WaitGroup
		done := make([]error, 2)
		for i := range done {
			wait.Add(1)
			go func() {
				defer wait.Done()
				done[i] = c.gives(experts[4], codes["k3"], "50", "30", true)
			}()
		}
		wait.Wait()
		if (done[0] == nil) == (done[1] == nil) {
			t.Errorf("handed in at once: %v, %v", done[0], done[1])
		}

		scores, err := c.sum()
		if err != nil || scores["k1"] != "85.00" || scores["k2"] != "81.33" || scores["k3"] != "81.33" {
			t.Fatalf("scores: %v, %v", scores, err)
		}
		again, err := c.sum()
		if err != nil || again["k1"] != "85.00" {
			t.Errorf("once more: %v, %v", again, err)
		}
		p = c.panel()
		first := p.Cases[0]
		if first.Case != "k1" || first.Rank != 1 || first.Mean != "85" || first.Tied || p.Cases[1].Rank != 2 || p.Cases[2].Rank != 2 || !p.Cases[1].Tied || !p.Cases[2].Tied || p.Cases[1].Mean != "244/3" {
			t.Errorf("ranked: %+v", p.Cases)
		}
		want := []panel.Total{{"95", true}, {"90", false}, {"85", false}, {"80", false}, {"70", true}}
		if !slices.Equal(first.Totals, want) {
			t.Errorf("totals: %v, want %v", first.Totals, want)
		}

		// The minutes: words of the office, the chair's signature, for nobody else.
		_, err = c.room.Sign(c.is(experts[0]), p.ID)
		c.refused("signed without words", err, fault.Conflict, "还没有填写")
		if _, err := c.room.Note(c.officer(office), p.ID, p.Version, "同意按得分排名推荐。"); err != nil {
			t.Fatal(err)
		}
		_, err = c.room.Sign(c.is(experts[1]), p.ID)
		c.refused("signed by another", err, fault.Forbidden, "组长")
		signed := func() error {
			return store.Read(c.base, func(ctx context.Context) error { return c.room.Signed(ctx, "r") })
		}
		c.refused("not signed", signed(), fault.Conflict, "还没有")
		if _, err := c.room.Sign(c.is(experts[0]), p.ID); err != nil {
			t.Fatal(err)
		}
		if err := signed(); err != nil {
			t.Error(err)
		}
		_, err = c.room.Note(c.officer(office), p.ID, c.panel().Version, "改")
		c.refused("changed afterwards", err, fault.Conflict, "已经签署")
		var doc bytes.Buffer
		if err := c.room.Minutes(c.officer(office), p.ID, &doc); err != nil || doc.Len() == 0 {
			t.Errorf("minutes: %v", err)
		}
		c.refused("minutes for an expert", c.room.Minutes(c.is(experts[1]), p.ID, io.Discard), fault.NotFound, "")
		c.audited()
	})
}

// Whoever is bound to an applicant is not drawn; whoever declares a conflict is followed by the next of the lot, for that applicant or for the whole panel, as the file says; when nobody
// is left no score comes of it, and only then may it be drawn again.
//
// Mutations that turn this red: leave bound() out; fill from the front for the panel that was left (out of the state); count recused sheets as live; let Draw go on with fewer; show a follower only
// the names of those whom they score (blindness is gone where it is one); drop what was handed in with who was excused; take somebody off the whole panel for one applicant;
// say of an applicant whom they declared before that there is no such applicant.
func TestWhoFollowsAConflict(t *testing.T) {
	for _, mode := range []string{"case", "panel"} {
		t.Run(mode, func(t *testing.T) {
			each(t, func(c *county) {
				c.expert("works", "甲厂")
				c.expert("related", "丁院", "乙厂")
				c.expert("speaks", "戊院")
				c.by["speaks"] = "p3"
				if _, err := c.room.PutExpert(c.officer(office), "", panel.ExpertDraft{Department: "乙局", Name: "外", Fields: []string{"数控"}, Employer: "己院", Since: 20260101}); fault.CodeOf(err) != fault.Forbidden {
					t.Errorf("another department's pool: %v", err)
				}
				if err := c.draw(rules(mode)); err != nil {
					t.Fatal(err)
				}
				why := map[string]string{}
				for _, x := range c.panel().Lot {
					for login, id := range c.pool {
						if id == x.Expert && x.Position == 0 {
							why[login] = x.Excluded
						}
					}
				}
				if len(why) != 3 || why["works"] != "与申报人同一单位" || why["related"] != "已登记与申报人有关系" || why["speaks"] != "代表申报人" {
					t.Errorf("left out: %v", why)
				}
				experts, next := c.seated("called"), c.seated("waiting")
				for _, e := range experts[1:] {
					c.declares(e)
				}
				c.declares(experts[0], "p1")
				codes := c.codes()
				left, _ := c.room.Seat(c.is(experts[0]), c.panel().ID)
				follower, err := c.room.Seat(c.is(next[0]), c.panel().ID)
				if err != nil || follower.Declared {
					t.Fatalf("the next of the lot: %+v, %v", follower, err)
				}
				if mode == "case" {
					if left.Out || len(left.Sheets) != 2 || len(left.Applicants) != 2 || len(follower.Applicants) != 3 {
						t.Errorf("for the applicant: %+v, %+v", left, follower)
					}
					c.refused("a recused case", c.gives(experts[0], codes["k1"], "50", "30", true), fault.NotFound, "")
					_, err := c.room.Declare(c.is(experts[0]), c.panel().ID, panel.Declaration{Conflicts: []string{"p1"}, Reason: "师生关系"})
					c.refused("sent again", err, fault.Conflict, "您已声明过")
				} else if !left.Out || len(left.Sheets) != 0 || len(left.Applicants) != 0 || len(follower.Applicants) != 3 {
					t.Errorf("for the panel: %+v, %+v", left, follower)
				}
				// The next has a conflict too, and so has the last: nobody is left for it.
				c.declares(next[0], "p1")
				c.declares(next[1], "p1")
				if p := c.panel(); p.Short != map[string]int{"case": 1, "panel": 3}[mode] {
					t.Errorf("short: %d", p.Short)
				}
				c.refused("short", c.in(), fault.Conflict, "专家不足")
				if err := c.short(); err != nil {
					t.Errorf("who may draw again: %v", err)
				}
				_, err = c.sum()
				c.refused("a score of a short panel", err, fault.Conflict, "专家不足")
				// What somebody handed in who cannot come any more stands; for one applicant the next of the lot who may is called for the rest.
				if err := c.gives(experts[1], codes["k2"], "60", "40", true); err != nil {
					t.Fatal(err)
				}
				p, err := c.room.Excuse(c.officer(office), c.panel().ID, c.pool[experts[1]], "出差")
				if err != nil || p.Short != map[string]int{"case": 2, "panel": 5}[mode] {
					t.Errorf("who gave one of three: %+v, %v", p, err)
				} else if x := p.Lot[slices.IndexFunc(p.Lot, func(x panel.Ticket) bool { return x.Expert == c.pool[experts[1]] })]; x.State != "out" || x.Submitted != 1 || x.Reason != "缺席2件：出差" {
					t.Errorf("the ticket: %+v", x)
				}
				if mode == "case" {
					follower, err = c.room.Seat(c.is(next[0]), c.panel().ID)
					if err != nil || follower.Out || follower.Declared || len(follower.Applicants) != 2 {
						t.Errorf("called for another applicant: %+v, %v", follower, err)
					}
				}
				c.refused("what is left of them", c.gives(experts[1], codes["k3"], "60", "40", true), fault.NotFound, "")
				if _, err := c.room.Excuse(c.officer(office), c.panel().ID, c.pool[experts[2]], "生病"); err != nil {
					t.Error(err)
				}
				_, err = c.room.Excuse(c.officer("乙局"), c.panel().ID, c.pool[experts[3]], "生病")
				c.refused("by another department", err, fault.NotFound, "")
				c.expert("new", "庚院")
				if err := c.draw(rules(mode)); err != nil {
					t.Errorf("drawn again once it is short: %v", err)
				}
				list, err := c.room.Panels(c.officer(office), "r")
				if err != nil || len(list) != 2 || list[0].State == list[1].State {
					t.Errorf("panels: %+v, %v", list, err)
				}
				c.audited()
			})
		})
	}
}

// The pool: told what is wrong by the field, telephones masked and read with a reason, a workbook taken whole or not at all.
func TestPool(t *testing.T) {
	each(t, func(c *county) {
		_, err := c.room.PutExpert(c.officer(office), "", panel.ExpertDraft{Department: office})
		c.refused("nothing", err, fault.Invalid, "请更正")
		_, err = c.room.PutExpert(c.officer(office), "", panel.ExpertDraft{Department: office, Name: "二", Login: "e1", Fields: []string{"数控"}, Employer: "院", Since: 20260101})
		c.refused("another's login", err, fault.Conflict, "登录名")
		page, err := c.room.Experts(c.officer(office), panel.ExpertFilter{Text: "第3"})
		if err != nil || page.Total != 1 || page.Items[0].Phone != "138****1234" {
			t.Fatalf("the pool: %+v, %v", page, err)
		}
		e, err := c.room.UnmaskExpert(c.officer(office), page.Items[0].ID, "通知开会")
		if err != nil || e.Phone != "13800001234" {
			t.Errorf("unmasked: %+v, %v", e, err)
		}
		_, err = c.room.UnmaskExpert(c.officer(office), page.Items[0].ID, " ")
		c.refused("without a reason", err, fault.Invalid, "理由")
		_, err = c.room.UnmaskExpert(c.officer("乙局"), page.Items[0].ID, "通知")
		c.refused("another department's", err, fault.NotFound, "")
		_, err = c.room.Experts(c.as("f", account.Grant{Role: account.RoleFinance}), panel.ExpertFilter{})
		c.refused("finance", err, fault.Forbidden, "")

		var book bytes.Buffer
		if err := c.room.ExportExperts(c.officer(office), panel.ExpertFilter{}, &book); err != nil {
			t.Fatal(err)
		}
		got, err := c.room.ImportExperts(c.officer(office), bytes.NewReader(book.Bytes()), int64(book.Len()))
		if err != nil || got.Added != 0 || got.Changed != 7 {
			t.Errorf("taken as it was: %+v, %v", got, err)
		}
		if e, err := c.room.UnmaskExpert(c.officer(office), page.Items[0].ID, "核对"); err != nil || e.Phone != "13800001234" {
			t.Errorf("a masked telephone leaves what is kept: %+v, %v", e, err)
		}
		_, err = c.room.ImportExperts(c.officer("乙局"), bytes.NewReader(book.Bytes()), int64(book.Len()))
		c.refused("another department's workbook", err, fault.Invalid, "7处不对")
		// With too few in the pool nothing is drawn.
		for _, login := range []string{"e1", "e2", "e3"} {
			one, _ := c.room.Experts(c.officer(office), panel.ExpertFilter{Text: "专家" + login})
			x := one.Items[0]
			if _, err := c.room.PutExpert(c.officer(office), x.ID, panel.ExpertDraft{Department: office, Name: x.Name, Login: login, Fields: x.Fields, Employer: x.Employer, Since: x.Since, State: "paused",
				Version: x.Version}); err != nil {
				t.Fatal(err)
			}
		}
		c.refused("too few", c.draw(rules("case")), fault.Conflict, "只有4人，需要5人")
		c.audited()
	})
}

// book is a workbook of experts: each row by the headings of the export.
func book(t *testing.T, rows ...[]any) *bytes.Reader {
	t.Helper()
	var out bytes.Buffer
	columns := []spreadsheet.Column{}
	for _, h := range []string{"部门", "姓名", "电话", "登录名", "专业", "工作单位", "单位统一社会信用代码", "有关系的单位或个人", "聘期开始", "聘期结束", "状态"} {
		columns = append(columns, spreadsheet.Column{Heading: h})
	}
	if err := spreadsheet.Write(&out, spreadsheet.Table{Sheet: "名单", Columns: columns, Rows: func(emit spreadsheet.Emit) error {
		for _, r := range rows {
			if err := emit(r...); err != nil {
				return err
			}
		}
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(out.Bytes())
}

// A workbook of the pool is taken whole or not at all, and every bad cell is named by its sheet, row and column.
//
// Mutations that turn this red: write the good rows; read an unknown state as 在聘; stop at the first bad row; leave the sheet out of the place; change who stands in the workbook
// twice; take another department's expert over by the login.
func TestAPoolIsTakenWholeOrNotAtAll(t *testing.T) {
	each(t, func(c *county) {
		take := func(who context.Context, rows ...[]any) (*panel.Imported, error) {
			b := book(t, rows...)
			return c.room.ImportExperts(who, b, b.Size())
		}
		row := func(login string, change map[int]any) []any {
			r := []any{office, "新专家" + login, "13900001111", login, "数控、模具", "新研究院", "", "甲厂、乙厂", "2026-01-01", "2026-12-31", "在聘"}
			for i, v := range change {
				r[i] = v
			}
			return r
		}
		_, err := take(c.officer(office), row("n1", nil), row("n2", map[int]any{0: "乙局"}), row("n3", map[int]any{1: "", 8: "去年"}), row("n4", map[int]any{10: "在岗"}),
			row("n1", nil), row("n6", map[int]any{9: "2025-01-01"}), row("n7", map[int]any{4: "、"}), row("n8", map[int]any{6: "9133028200000000000"}))
		want := []string{"工作表“名单”第4行“聘期开始”（I4）: 不是日期，请写成2026-01-31这样", "工作表“名单”第4行“姓名”（B4）: 请填写姓名", "工作表“名单”第5行“状态”（K5）: “在岗”应为在聘、暂停或已退出",
			"工作表“名单”第6行“登录名”（D6）: 与第2行是同一位专家，请只留一行", "工作表“名单”第7行“聘期结束”（J7）: 聘期的最后一天早于第一天", "工作表“名单”第8行“专业”（E8）: 请填写专业",
			"工作表“名单”第9行“单位统一社会信用代码”（G9）: 统一社会信用代码不超过18个字符", "工作表“名单”第3行“部门”（A3）: 不是您所在的部门"}
		c.refused("bad cells", err, fault.Invalid, fmt.Sprintf("%d处不对", len(want)))
		var got []string
		for _, d := range fault.Public(err).Details {
			got = append(got, d.Field+": "+d.Message)
		}
		if !slices.Equal(got, want) {
			t.Errorf("bad cells:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if page, err := c.room.Experts(c.officer(office), panel.ExpertFilter{}); err != nil || page.Total != 7 {
			t.Errorf("something was written: %+v, %v", page, err)
		}
		in, err := take(c.officer(office), row("n1", nil), row("E1", map[int]any{1: "专家e1", 5: "换了单位"}))
		if err != nil || *in != (panel.Imported{Added: 1, Changed: 1}) {
			t.Errorf("taken: %+v, %v", in, err)
		}
		page, err := c.room.Experts(c.officer(office), panel.ExpertFilter{Text: "换了单位"})
		if err != nil || page.Total != 1 || page.Items[0].ID != c.pool["e1"] || !slices.Equal(page.Items[0].Related, []string{"甲厂", "乙厂"}) || page.Items[0].Until != 20261231 {
			t.Errorf("changed: %+v, %v", page, err)
		}
		_, err = take(c.officer("乙局"), row("e2", map[int]any{0: "乙局"}))
		c.refused("another department's expert", err, fault.Invalid, "1处不对")
		_, err = take(c.officer(office))
		c.refused("nobody", err, fault.Invalid, "没有填写任何专家")
		_, err = take(c.is("e1"), row("n9", nil))
		c.refused("an expert", err, fault.Forbidden, "")
		c.audited()
	})
}
