package server

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/panel"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

const (
	selection     = "reply-2022-18/优秀技能人才"
	selectionTerm = "优秀技能人才遴选评分"
	selectionYear = 2025
)

// nextYear is a scheme of the year after, which reads who was selected. It is invented.
const nextYear = `document: selection-reader
title: 读上一年遴选结果的条款（示例）
number: not_found
body: 慈溪市人力社保局
dates: {published: 2026-01-01}
periods: {上年: P-1}
rounding: {to: 0.01元, mode: down}
schemes:
  带徒津贴:
    title: 带徒津贴
    cite: not_found
    office: 市人力社保局
    for: 个人
    kind: money
    require:
      all:
      - {of: received(reply-2022-18/优秀技能人才), over: 0元, text: 已入选优秀技能人才的, cite: not_found}
    amount: {give: 500元, text: 每人500元, cite: not_found}
    examples:
    #= 付给所在单位1万元的，本人500元。
    - {P: 2026, given: {received(reply-2022-18/优秀技能人才): 1万元}, expect: {answer: met, amount: 500元}}
`

// selecting is a house with 33 people who apply for the 30 places of a selection, and ten experts of whom two are bound to applicants.
type selecting struct {
	*matrix
	round   string
	people  []string // parties, the first is 1
	cases   []string
	numbers []string
	experts map[string]string // login → id
}

var (
	selectionOfficer = account.Grant{Role: account.RoleOfficer, Department: licenceOffice}
	selectionLeader  = account.Grant{Role: account.RoleLeader, Department: licenceOffice}
	anExpert         = account.Grant{Role: account.RoleExpert}
)

func personName(n int) string { return fmt.Sprintf("选手%02d", n) }

func (s *selecting) account(login string, grants ...account.Grant) {
	s.t.Helper()
	a, _, err := s.rooms.Accounts.Create(s.in("east"), "east", account.New{Login: login, Name: login, Password: password, Grants: grants})
	must(s.matrix, a, err)
	s.ids[login] = a.ID
}

func (s *selecting) is(login string, g account.Grant) context.Context {
	return account.WithActor(s.in("east"), &account.Actor{AccountID: s.ids[login], Login: login, Name: login, Tenant: "east", Grants: []account.Grant{g}})
}

func (s *selecting) clerk() context.Context { return s.is("clerk", selectionOfficer) }

func (s *selecting) expert(login string) context.Context { return s.is(login, anExpert) }

func (s *selecting) person(n int) account.Grant {
	return account.Grant{Role: account.RoleFirm, Party: s.people[n-1]}
}

func (s *selecting) at(day string) {
	d, err := policy.ParseDate(day)
	must(s.matrix, d, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = clock.Start(d).Add(12 * 3600e9)
}

func (s *selecting) refused(what string, err error, code fault.Code, says string) {
	s.t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(fmt.Sprint(err), says) {
		s.t.Errorf("%s: %v, want %s with %q", what, err, code, says)
	}
}

// hire puts an expert into the pool, with an account.
func (s *selecting) hire(login, name, employer string, grants ...account.Grant) {
	s.t.Helper()
	s.account(login, append([]account.Grant{anExpert}, grants...)...)
	e, err := s.rooms.Panels.PutExpert(s.clerk(), "", panel.ExpertDraft{Department: licenceOffice, Name: name, Phone: "13700000000", Login: login, Fields: []string{"数控加工"}, Employer: employer,
		Since: policy.NewDate(2026, 1, 1)})
	s.experts[login] = must(s.matrix, e, err).ID
}

func eachSelecting(t *testing.T, people int, fn func(s *selecting)) {
	files := patternFiles(t).(fstest.MapFS)
	files["cixi/selection-reader.yaml"] = &fstest.MapFile{Data: []byte(nextYear)}
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		s := &selecting{matrix: &matrix{house: newHouseOf(t, ctx, inst, files), ids: map[string]string{}, versions: map[string]int64{}}, experts: map[string]string{}}
		s.at("2026-03-02")
		s.account("clerk", selectionOfficer)
		s.account("colleague", selectionOfficer)
		s.account("chief", selectionLeader)
		system := s.in("east")
		for n := 1; n <= people; n++ {
			p, err := s.rooms.Registry.Put(system, registry.Party{Kind: registry.KindPerson, Name: personName(n), Town: "甲镇", Phone: fmt.Sprintf("139%08d", n)})
			must(s.matrix, p, err)
			s.people = append(s.people, p.ID)
			must(s.matrix, 0, firstErr(s.rooms.Registry.State(system, registry.Statement{Party: p.ID, Term: "技能荣誉", Evidence: "测试用的名单",
				Record: &registry.RecordOf{From: policy.NewDate(2024, 5, 1), Fields: map[string]string{"名称": "首席工人"}}})))
		}
		for n := 1; n <= 8; n++ {
			s.hire(fmt.Sprint("x", n), fmt.Sprint("专家", n), fmt.Sprintf("第%d研究院", n))
		}
		fn(s)
	})
}

// open makes the round and opens it.
func (s *selecting) open() {
	s.t.Helper()
	r, err := s.rooms.Casework.MakeRound(s.clerk(), casework.RoundDraft{Number: "YX2026", Title: "2026年优秀技能人才遴选（测试）", Process: "评选遴选", Performance: selectionYear,
		Opens: clock.Today(s.ctx), Closes: policy.NewDate(2026, 3, 20), Department: licenceOffice,
		Schemes: []casework.RoundSchemeDraft{{Scheme: selection, Department: licenceOffice, Materials: []casework.Material{{Key: "业绩", Title: "业绩材料", Required: true}}}}})
	s.round = must(s.matrix, r, err).ID
	s.step("round", s.round, "开放申报", "", "", s.clerk())
}

// step takes an action as whoever the context says.
func (s *selecting) step(flow, id, action, reason, data string, ctx context.Context) {
	s.t.Helper()
	if err := s.tryAs(ctx, flow, id, action, reason, data); err != nil {
		s.t.Fatalf("%s: %v", action, err)
	}
}

// applies hands in the application of the n-th person, whose file is named after them.
func (s *selecting) applies(n int) {
	s.t.Helper()
	g := s.person(n)
	mine := s.of("person"+fmt.Sprint(n), g)
	k, err := s.rooms.Casework.Begin(mine, s.round, selection, g.Party)
	must(s.matrix, k, err)
	must(s.matrix, 0, firstErr(s.rooms.Casework.Attach(mine, k.ID, "业绩", personName(n)+"的业绩.pdf", strings.NewReader(onePDF))))
	f, err := s.rooms.Casework.FormOf(mine, k.ID)
	must(s.matrix, f, err)
	must(s.matrix, 0, firstErr(s.rooms.Casework.Save(mine, k.ID, f.Version, casework.Draft{Commitment: true, Contact: "家属" + personName(n), Phone: "13800000000"})))
	s.step("case", k.ID, "提交", "", "", mine)
	k, err = s.rooms.Casework.Case(mine, k.ID)
	must(s.matrix, k, err)
	s.cases, s.numbers = append(s.cases, k.ID), append(s.numbers, k.Number)
}

const tenThousand = policy.Fen(10_000_00)

// passes passes the form check of the n-th application, with the employer that is to be paid.
func (s *selecting) passes(n int) {
	s.t.Helper()
	id, employer := s.cases[n-1], s.parties["east/"+map[bool]string{true: "a", false: "b"}[n%2 == 1]]
	must(s.matrix, 0, firstErr(s.rooms.Casework.NamePayee(s.clerk(), id, employer)))
	s.step("case", id, "通过", "", fmt.Sprintf(`{"amount":%d,"reason":"荣誉属实，符合遴选的推荐范围"}`, tenThousand), s.clerk())
}

func (s *selecting) panel() panel.Panel {
	s.t.Helper()
	list, err := s.rooms.Panels.Panels(s.clerk(), s.round)
	if must(s.matrix, list, err); len(list) == 0 {
		s.t.Fatal("no panel")
	}
	return list[0]
}

// lot are the logins of the experts in the order drawn.
func (s *selecting) lot() (out []string) {
	s.t.Helper()
	for _, t := range s.panel().Lot {
		for login, id := range s.experts {
			if id == t.Expert && t.Position > 0 {
				out = append(out, login)
			}
		}
	}
	return out
}

// codes are what experts know the cases by; nobody is told.
func (s *selecting) codes() []string {
	s.t.Helper()
	out := make([]string, len(s.cases))
	must(s.matrix, 0, store.Read(s.in("east"), func(ctx context.Context) error {
		for i, id := range s.cases {
			if err := store.Tx(ctx).NewRaw(`SELECT code FROM panel_cases WHERE panel = ? AND case_id = ?`, s.panel().ID, id).Scan(ctx, &out[i]); err != nil {
				return err
			}
		}
		return nil
	}))
	return out
}

// gives hands in points for an application: up to 40, 40 and 20 of the sheet.
func (s *selecting) gives(login, code string, total *big.Rat) error {
	seat, err := s.rooms.Panels.Seat(s.expert(login), s.panel().ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(seat.Sheets, func(x panel.Sheet) bool { return x.Code == code })
	if i < 0 {
		return fault.New(fault.NotFound, "没有这一件")
	}
	skill := big.NewRat(40, 1)
	rest := new(big.Rat).Sub(total, big.NewRat(15, 1))
	if rest.Cmp(skill) < 0 {
		skill = rest
	}
	idea := new(big.Rat).Sub(rest, skill)
	return firstErr(s.rooms.Panels.Score(s.expert(login), seat.ID, code, panel.Scoring{Submit: true, Version: seat.Sheets[i].Version, Marks: []panel.Mark{
		{Item: "技术技能水平", Points: skill.FloatString(1)}, {Item: "创新成果和贡献", Points: idea.FloatString(1)}, {Item: "传承和带徒", Points: "15"}}}))
}

// told says whether an account was told something, and counts it.
func (s *selecting) told(login, words string) int {
	s.t.Helper()
	list, _, err := s.rooms.Notes.List(s.of(s.ids[login]), notify.Filter{Page: 1, Per: 200})
	must(s.matrix, list, err)
	n := 0
	for _, x := range list {
		if strings.Contains(x.Title+"："+x.Body, words) {
			n++
		}
	}
	return n
}

// wasTold fails unless each account was told just once.
func (s *selecting) wasTold(words string, logins ...string) {
	s.t.Helper()
	for _, l := range logins {
		if n := s.told(l, words); n != 1 {
			list, _, _ := s.rooms.Notes.List(s.of(s.ids[l]), notify.Filter{Page: 1, Per: 200})
			s.t.Errorf("%s was told %q %d times; of all: %+v", l, words, n, list)
		}
	}
}

func (s *selecting) stage(n int) string {
	s.t.Helper()
	i, err := s.rooms.Engine.Find(s.in("east"), "case", s.cases[n-1])
	return must(s.matrix, i, err).Stage
}

// placed are the numbers of who is in the notice that runs, as anybody reads it.
func (s *selecting) placed() (out []int, n casework.Notice) {
	s.t.Helper()
	list, err := s.rooms.Casework.Notices(account.WithActor(s.in("east"), &account.Actor{}), true, s.round, 1, 10)
	if must(s.matrix, list, err); len(list.Items) != 1 {
		s.t.Fatalf("notices that run: %+v", list.Items)
	}
	whole, err := s.rooms.Casework.Notice(account.WithActor(s.in("east"), &account.Actor{}), list.Items[0].ID)
	must(s.matrix, whole, err)
	for _, l := range whole.Lines {
		if l.Amount != tenThousand {
			s.t.Errorf("%s stands in the notice with %s", l.Party, l.Amount)
		}
		out = append(out, slices.Index(s.cases, l.Case)+1)
	}
	slices.Sort(out)
	return out, *whole
}

func upTo(n int, without ...int) (out []int) {
	for i := 1; i <= n; i++ {
		if !slices.Contains(without, i) {
			out = append(out, i)
		}
	}
	return out
}

// A selection from the call to the next year's policy: 33 apply for 30 places (慈经信建〔2022〕18号 三（二）). Of five experts who score each, in the order of the lot, the first
// gives T, the second T + 2, the third T + 0.5, the fourth T − 3, the fifth T: without the highest and the lowest the mean is (T + 0.5 + T + T) ÷ 3 = T + 1/6, so T + 0.17.
// T is 90 less the number of who applies, but 60 for both the 30th and the 31st, who tie for the last place; T + 1/6 = 361/6 there. Whoever follows an
// expert gives what that one would have given.
//
// Mutations that turn this red: let the second draw make another panel; sum up without a score; show a total at the desk before; give an expert the names with the codes; leave the
// payee out of the draw; settle a tie by the order of submission; leave leave_out out; put who was refused into the second notice; pay the applicant in place of the payee.
func TestASelectionFromCallToTheNextYear(t *testing.T) {
	eachSelecting(t, 33, func(s *selecting) {
		for _, n := range []int{1, 5, 30, 31, 33} {
			s.account(fmt.Sprint("person", n), s.person(n))
		}
		s.account("employer", account.Grant{Role: account.RoleFirm, Party: s.parties["east/a"]})
		s.account("money", account.Grant{Role: account.RoleFinance})
		s.hire("same", "专家九", "eastb电器有限公司") // an employer that is to be paid
		s.hire("speaks", "专家十", "第十研究院", s.person(33))
		s.open()
		for n := 1; n <= 33; n++ {
			s.applies(n)
		}

		// The form check: one is asked once for what lacks, and corrects it.
		s.step("case", s.cases[11], "一次性告知补正", "", `{"items":[{"material":"业绩","text":"业绩材料缺盖章页"}]}`, s.clerk())
		s.step("case", s.cases[11], "重新提交", "", "", s.of("person12", s.person(12)))
		for n := 1; n <= 33; n++ {
			s.passes(n)
		}
		s.wasTold("形式审查已通过", "person1", "person33")
		s.at("2026-03-23")
		s.step("round", s.round, "截止申报", "", "", s.clerk())

		// Two officers draw at once: there is one panel.
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, ctx := range []context.Context{s.clerk(), s.is("colleague", selectionOfficer)} {
			both.Go(func() { errs[i] = s.tryAs(ctx, "round", s.round, "抽取专家", "", "") })
		}
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("drawn at once: %v, %v", errs[0], errs[1])
		}
		p := s.panel()
		if list, err := s.rooms.Panels.Panels(s.clerk(), s.round); err != nil || len(list) != 1 || !p.Holds || len(p.Lot) != 10 || len(p.Cases) != 33 || p.Experts != 5 || p.Short != 0 {
			t.Fatalf("drawn: %+v, %v", list, err)
		}
		why := map[string]string{}
		var drawn []string
		for _, x := range p.Lot {
			if x.Position > 0 {
				drawn = append(drawn, x.Expert)
				continue
			}
			for login, id := range s.experts {
				if id == x.Expert {
					why[login] = x.Excluded
				}
			}
		}
		if len(why) != 2 || why["same"] != "与申报人的收款单位同一单位" || why["speaks"] != "代表申报人" {
			t.Errorf("left out: %v", why)
		}
		// Anybody who has the seed and the ids draws the same.
		seed, err := hex.DecodeString(p.Seed)
		if err != nil || len(seed) != 32 || !slices.IsSortedFunc(drawn, func(a, b string) int { return bytes.Compare(macOf(seed, a), macOf(seed, b)) }) {
			t.Errorf("drawn under %s: %v, %v", p.Seed, drawn, err)
		}
		x := s.lot()
		s.wasTold("您已被随机抽取为评审专家", x[:5]...)
		for _, login := range append(x[5:], "same", "speaks") {
			if n := s.told(login, "评审专家"); n != 0 {
				t.Errorf("%s was not called and was told", login)
			}
		}
		codes := s.codes()

		// What each must not see, as the browser is answered.
		path := func(of string) string { return "/api/east/" + of }
		seat, sheet := path("seats/"+p.ID), path("seats/"+p.ID+"/sheets/"+codes[0])
		expert, applicant, clerk := s.house.as("east", x[0]), s.house.as("east", "person1"), s.house.as("east", "clerk")
		s.run([]scenario{
			{name: "an expert before the declaration", who: expert, method: "GET", path: seat, status: 200, must: []string{personName(1), personName(33)}, mustNot: []string{`"code"`, "业绩"}},
			{name: "an expert and a case", who: expert, method: "GET", path: path("cases/" + s.cases[0]), status: 404},
			{name: "an expert and the panel", who: expert, method: "GET", path: path("rounds/" + s.round + "/panels"), status: 403},
			{name: "an expert and the pool", who: expert, method: "GET", path: path("experts"), status: 403},
			{name: "an applicant and the panel", who: applicant, method: "GET", path: path("rounds/" + s.round + "/panels"), status: 403},
			{name: "an applicant and a seat", who: applicant, method: "GET", path: seat, status: 404},
			{name: "an applicant and another's case", who: applicant, method: "GET", path: path("cases/" + s.cases[1]), status: 404},
			{name: "the public and the panel", who: s.public(), method: "GET", path: path("rounds/" + s.round + "/panels"), status: 401},
		})

		// The third of the lot has a conflict with the fifth applicant; the sixth follows for that one, and is not shown whose it is.
		for _, login := range x[:5] {
			var d panel.Declaration
			if login == x[2] {
				d = panel.Declaration{Conflicts: []string{s.people[4]}, Reason: "师徒关系"}
			}
			must(s.matrix, 0, firstErr(s.rooms.Panels.Declare(s.expert(login), p.ID, d)))
		}
		s.wasTold("您已被随机抽取为评审专家", x[5])
		follows, err := s.rooms.Panels.Seat(s.expert(x[5]), p.ID)
		if must(s.matrix, follows, err); len(follows.Applicants) != 33 || follows.Declared {
			t.Errorf("who follows: %+v", follows)
		}
		must(s.matrix, 0, firstErr(s.rooms.Panels.Declare(s.expert(x[5]), p.ID, panel.Declaration{})))
		s.run([]scenario{
			{name: "blind", who: expert, method: "GET", path: seat, status: 200, must: []string{codes[0], "业绩材料1.pdf"}, mustNot: []string{"选手01的业绩", s.numbers[0], s.cases[0], "家属", "13800000000", "east"}},
			{name: "whose conflict it is", who: s.house.as("east", x[2]), method: "GET", path: seat, status: 200, mustNot: []string{`"code":"` + codes[4] + `"`, personName(5)}},
		})

		// All hand in but one sheet.
		t17 := func(n, k int) *big.Rat {
			total := big.NewRat(int64(90-n), 1)
			if n == 31 {
				total.SetInt64(60)
			}
			return total.Add(total, []*big.Rat{new(big.Rat), big.NewRat(2, 1), big.NewRat(1, 2), big.NewRat(-3, 1), new(big.Rat)}[k])
		}
		for k, login := range x[:5] {
			for n := 1; n <= 33; n++ {
				if n == 9 && k == 3 || n == 5 && k == 2 {
					continue
				}
				must(s.matrix, 0, s.gives(login, codes[n-1], t17(n, k)))
			}
		}
		must(s.matrix, 0, s.gives(x[5], codes[4], t17(5, 2)))
		s.refused("one is missing", s.tryAs(s.clerk(), "round", s.round, "汇总评分", "", ""), fault.Conflict, "还有1份评分没有提交")
		s.run([]scenario{
			{name: "the desk before all are in", who: clerk, method: "GET", path: path("rounds/" + s.round + "/panels"), status: 200, must: []string{`"submitted":32`, `"submitted":33`, `"in":4`},
				mustNot: []string{`"points"`, `"score"`, `"mean"`, "59.0"}},
			{name: "an expert at another's sheet", who: expert, method: "GET", path: seat, status: 200, mustNot: []string{`"total":"91`}},
			{name: "handed in for good", who: expert, method: "PUT", path: sheet, body: map[string]any{"version": 3, "submit": true, "marks": []any{}}, status: 409},
		})
		s.refused("minutes before", firstErr(0, s.rooms.Panels.Minutes(s.clerk(), p.ID, &strings.Builder{})), fault.Conflict, "没有汇总")

		// Who owes it is ill: what they gave stands, and the sixth gives what is left.
		must(s.matrix, 0, firstErr(s.rooms.Panels.Excuse(s.clerk(), p.ID, s.experts[x[3]], "生病住院")))
		s.refused("still missing", s.tryAs(s.clerk(), "round", s.round, "汇总评分", "", ""), fault.Conflict, "还有1份评分没有提交")
		must(s.matrix, 0, firstErr(s.rooms.Panels.Declare(s.expert(x[5]), p.ID, panel.Declaration{})))
		must(s.matrix, 0, s.gives(x[5], codes[8], t17(9, 3)))
		s.step("round", s.round, "汇总评分", "", "", s.clerk())
		s.wasTold("请签署评审会纪要", x[0])
		p = s.panel()
		for i, c := range p.Cases {
			n := slices.Index(s.cases, c.Case) + 1
			want, rank := t17(n, 0), i+1
			want.Add(want, big.NewRat(1, 6))
			if n == 31 {
				rank = 30
			}
			if c.Mean != want.RatString() || c.Score != want.FloatString(2) || c.Rank != rank || c.Tied != (n == 30 || n == 31) || len(c.Totals) != 5 || !c.Totals[0].Dropped || !c.Totals[4].Dropped {
				t.Errorf("%s: %+v, want %s", c.Party, c, want.RatString())
			}
		}
		if c := p.Cases[29]; c.Score != "60.17" || c.Mean != "361/6" {
			t.Errorf("the last place: %+v", c)
		}
		s.isFact(30, "60.17分")
		s.isFact(5, "85.17分")

		// The minutes.
		settle := func() error { return s.tryAs(s.clerk(), "round", s.round, "排名结算", "", "") }
		s.refused("unsigned", settle(), fault.Conflict, "纪要还没有")
		must(s.matrix, 0, firstErr(s.rooms.Panels.Note(s.clerk(), p.ID, p.Version, "按得分从高到低推荐30名。")))
		must(s.matrix, 0, firstErr(s.rooms.Panels.Sign(s.expert(x[0]), p.ID)))

		// The 30th place is tied: the leader decides it, with a reason.
		s.refused("a tie", settle(), fault.Conflict, "末位并列")
		places := func(numbers ...string) string { return `{"places":["` + strings.Join(numbers, `","`) + `"]}` }
		s.refused("without a reason", s.tryAs(s.is("chief", selectionLeader), "round", s.round, "裁定并列", "", places(s.numbers[29], s.numbers[30])), fault.Invalid, "理由")
		s.refused("who do not tie", s.tryAs(s.is("chief", selectionLeader), "round", s.round, "裁定并列", "业绩", places(s.numbers[28], s.numbers[30])), fault.Invalid, "只有得分相同的")
		if s.tryAs(s.clerk(), "round", s.round, "裁定并列", "业绩", places(s.numbers[29], s.numbers[30])) == nil {
			t.Error("an officer decided a tie")
		}
		s.step("round", s.round, "裁定并列", "第30号有省级一类大赛名次", places(s.numbers[29], s.numbers[30]), s.is("chief", selectionLeader))
		must(s.matrix, 0, settle())
		for _, n := range []int{31, 32, 33} {
			if k, err := s.rooms.Casework.Case(s.clerk(), s.cases[n-1]); must(s.matrix, k, err).Sum.Settled == nil || *k.Sum.Settled != 0 {
				t.Errorf("number %d was settled at %+v", n, k.Sum)
			}
		}

		// The notice: thirty names, and nothing else of anybody.
		s.step("round", s.round, "发布公示", "", "", s.clerk())
		got, notice := s.placed()
		if !slices.Equal(got, upTo(30)) || notice.Total != 300_000_00 || notice.Until.String() != "2026-03-30" {
			t.Errorf("in the notice: %v, %s until %s", got, notice.Total, notice.Until)
		}
		s.run([]scenario{{name: "the public", who: s.public(), method: "GET", path: path("notices/" + notice.ID), status: 200, must: []string{personName(30), "10000"},
			mustNot: []string{personName(31), "1390000", "13800000000", "家属", "师徒", "60.17", "专家", "east", "甲镇"}}})
		s.wasTold("公示中：YX2026-00001", "person1")

		// Somebody objects by name, is believed, and the ranking is made anew: the fifth is out, the 31st in.
		object := func(name string) error {
			return firstErr(s.rooms.Casework.Object(account.WithActor(s.in("east"), &account.Actor{}), notice.ID, casework.ObjectionDraft{Case: s.cases[4], Kind: "person", Name: name,
				Contact: "13911112222", Statement: "这名选手的荣誉证书已于2025年被撤销，附撤销决定。"}))
		}
		s.refused("without a name", object("匿名"), fault.Invalid, "异议不符合要求")
		must(s.matrix, 0, object("赵六一"))
		s.at("2026-03-31")
		s.refused("an objection is open", s.tryAs(s.clerk(), "round", s.round, "提交决定", "", ""), fault.Conflict, "异议")
		list, err := s.rooms.Casework.Objections(s.clerk(), casework.ObjectionFilter{Round: s.round})
		must(s.matrix, list, err)
		o, err := s.rooms.Casework.Admit(s.clerk(), list.Items[0].ID, list.Items[0].Version, true, "署名和依据齐全")
		must(s.matrix, o, err)
		must(s.matrix, 0, firstErr(s.rooms.Casework.Dispose(s.clerk(), o.ID, o.Version, true, "经核实，荣誉已被撤销")))
		s.step("case", s.cases[4], "改为不予支持", "荣誉已被撤销，异议成立", "", s.clerk())
		s.wasTold("不予支持", "person5")
		s.step("round", s.round, "重新排名", "异议成立，第5号退出", "", s.clerk())
		must(s.matrix, 0, settle())
		s.refused("without saying why", s.tryAs(s.clerk(), "round", s.round, "发布公示", "", ""), fault.Invalid, "重新公示请写明原因")
		s.step("round", s.round, "发布公示", "异议成立，一名退出，一名递补", "", s.clerk())
		got, again := s.placed()
		if !slices.Equal(got, upTo(31, 5)) || again.Replaces != notice.ID || again.Number != 2 || again.Total != 300_000_00 {
			t.Errorf("in the second notice: %v, %+v", got, again)
		}
		s.refused("before it is over", s.tryAs(s.clerk(), "round", s.round, "提交决定", "", ""), fault.Conflict, "公示期到2026-04-08届满")
		s.at("2026-04-09")
		s.step("round", s.round, "提交决定", "", "", s.clerk())

		// The decision: whoever checked a form may not decide; those without a place are told.
		s.refused("without a budget", s.tryAs(s.is("chief", selectionLeader), "round", s.round, "同意入选", "同意", ""), fault.Conflict, "预算")
		must(s.matrix, 0, firstErr(s.rooms.Treasury.CreateBudget(s.in("east"), treasury.BudgetDraft{Round: s.round, Source: "本级财政", Total: 300_000_00})))
		if err := s.tryAs(account.WithActor(s.in("east"), &account.Actor{AccountID: s.ids["clerk"], Name: "clerk", Tenant: "east", Grants: []account.Grant{selectionOfficer, selectionLeader}}), "round", s.round, "同意入选",
			"同意", ""); err == nil {
			t.Error("who checked the forms decided")
		}
		s.step("round", s.round, "同意入选", "同意", "", s.is("chief", selectionLeader))
		for _, n := range upTo(33) {
			if want := map[bool]string{true: "未入选", false: "待兑付"}[n > 31]; n != 5 && s.stage(n) != want {
				t.Errorf("number %d stands at %s, want %s", n, s.stage(n), want)
			}
		}
		s.wasTold("未入选", "person33")
		s.wasTold("待兑付", "person1", "person30", "person31")

		// The employers are paid: fifteen each, without the fifth and with the 31st.
		s.step("round", s.round, "下达资金", "", "", s.is("money", account.Grant{Role: account.RoleFinance}))
		pay := &paying{matrix: s.matrix, round: s.round}
		pay.account(s.parties["east/a"], "easta电器有限公司", "62220200000001")
		pay.account(s.parties["east/b"], "eastb电器有限公司", "62220200000002")
		pay.batch(300_000_00)
		paid := map[string]policy.Fen{}
		awards, _, err := s.rooms.Treasury.Awards(s.in("east"), treasury.AwardFilter{Round: s.round}, treasury.Page{Number: 1, Size: 50})
		must(s.matrix, awards, err)
		for _, a := range awards {
			paid[a.PayeeName] += a.Amount
			if a.State != treasury.AwardPaid {
				t.Errorf("%s: %s", a.CaseNumber, a.State)
			}
		}
		if len(paid) != 2 || paid["easta电器有限公司"] != 150_000_00 || paid["eastb电器有限公司"] != 150_000_00 {
			t.Errorf("paid: %v", paid)
		}
		s.wasTold("已兑付", "person1", "person31")
		s.step("round", s.round, "办结", "", "", s.is("money", account.Grant{Role: account.RoleFinance}))

		// The next year's policy reads it.
		s.reads(31, policy.Met)
		s.reads(5, policy.Unmet)
		s.reads(33, policy.Unmet)
		found, err := audit.Verify(s.in("east"))
		if must(s.matrix, found, err); len(found.Problems) != 0 {
			t.Errorf("the log: %+v", found.Problems)
		}
	})
}

func macOf(key []byte, name string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(name))
	return h.Sum(nil)
}

// isFact fails unless the score of the n-th person is a verified fact.
func (s *selecting) isFact(n int, want string) {
	s.t.Helper()
	facts, err := s.rooms.Registry.Facts(s.in("east"), s.people[n-1])
	must(s.matrix, facts, err)
	for _, f := range facts {
		if f.Term == selectionTerm {
			if f.Value != want || !f.Verified {
				s.t.Errorf("number %d: %+v", n, f)
			}
			return
		}
	}
	s.t.Errorf("number %d has no score", n)
}

// reads is the answer of the next year's scheme, where the treasury has said that it knows of every payment.
func (s *selecting) reads(n int, want policy.Answer) {
	s.t.Helper()
	ctx := s.in("east")
	must(s.matrix, 0, firstErr(s.rooms.Registry.Cover(ctx, registry.ReceivedCoverage, clock.Today(ctx), "付款台账")))
	library, err := schemes.Library(ctx)
	must(s.matrix, library, err)
	facts, err := s.rooms.Registry.FactsOf(ctx, library.Vocabulary(), s.people[n-1])
	must(s.matrix, facts, err)
	got := library.Scheme("selection-reader/带徒津贴").Evaluate(policy.Question{Facts: facts, On: clock.Today(ctx), Performance: selectionYear + 1})
	if got.Answer != want || want == policy.Met && !got.Verified {
		s.t.Errorf("of number %d the next year's scheme answers %s (verified: %v), want %s", n, got.Answer, got.Verified, want)
	}
}
