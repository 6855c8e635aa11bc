package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

const (
	scheme    = "m2025/growth"
	threshold = "m2025/schemes/growth/require/at_least"
	top       = "m2025/schemes/growth/amount/then/1/at_most"
)

// county is a tenant with the schemes of the matching room's seed, and five firms:
//
//	        town   size  sales 2024 → 2025      growth       award at 10%, cap 30万
//	甲公司  东镇   小型  1000万 → 1100万        10%          1 × 500 = 500
//	乙公司  西镇   小型  10000万 → 10900万      9%           none; at 8%: 9 × 500 = 4500
//	丙公司  东镇   中型  10000万 → 10799.9999万 7.999999%    none
//	丁公司  西镇   大型  10亿 → 17亿            70%          700 × 500 = 350000, cut to 300000
//	戊公司  东镇         nothing is known                    at best the cap
type county struct {
	t     *testing.T
	base  context.Context
	room  *Room
	ids   map[string]string
	hands *jobs.Handlers
	money []Budget
}

const codeDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// code makes the n-th unified social credit code with right check digits.
func code(n int) string {
	body := fmt.Sprintf("%09d", n)[1:]
	sum := 0
	for i, w := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * w
	}
	check := (11 - sum%11) % 11
	whole := "91330282" + body + map[bool]string{true: "X", false: fmt.Sprint(check)}[check == 10]
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(codeDigits, whole[i]) * weight
		weight = weight * 3 % 31
	}
	return whole + string(codeDigits[(31-sum%31)%31])
}

func each(t *testing.T, fn func(t *testing.T, c *county)) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
		c := &county{t: t, base: clock.With(ctx, func() time.Time { return now }), ids: map[string]string{}, hands: &jobs.Handlers{}}
		system := account.System(c.base)
		if _, err := schemes.Seed(system, os.DirFS("../matching/testdata/seed"), "county"); err != nil {
			t.Fatal(err)
		}
		r := registry.New(func(ctx context.Context) (*policy.Vocabulary, error) {
			library, err := schemes.Library(ctx)
			if err != nil {
				return nil, err
			}
			return library.Vocabulary(), nil
		})
		c.room = New(r, func(ctx context.Context, schemes []string) ([]Budget, error) {
			if !account.ActorFrom(ctx).Is(account.RoleLeader) {
				return nil, fault.New(fault.Forbidden, "不可以")
			}
			return c.money, nil
		})
		c.room.Handle(c.hands)
		for i, f := range []struct{ name, town, size, last, now string }{{"甲公司", "东镇", "小型", "1000万元", "1100万元"}, {"乙公司", "西镇", "小型", "10000万元", "10900万元"},
			{"丙公司", "东镇", "中型", "10000万元", "10799.9999万元"}, {"丁公司", "西镇", "大型", "10亿元", "17亿元"}, {"戊公司", "东镇", "", "", ""}} {
			p, err := r.Put(system, registry.Party{Kind: registry.KindFirm, Code: code(i + 1), Name: f.name, Town: f.town, Size: f.size, Industry: "制造业"})
			if err != nil {
				t.Fatal(err)
			}
			c.ids[f.name] = p.ID
			for year, value := range map[int]string{2024: f.last, 2025: f.now} {
				if value == "" {
					continue
				}
				if _, err := r.State(system, registry.Statement{Party: p.ID, Term: "销售额", Year: year, Value: value}); err != nil {
					t.Fatal(err)
				}
			}
		}
		fn(t, c)
	})
}

func (c *county) as(id string, grants ...account.Grant) context.Context {
	return account.WithActor(c.base, &account.Actor{AccountID: id, Login: id, Name: "姓名" + id, Tenant: storetest.TenantID, Grants: grants})
}

func (c *county) officer() context.Context {
	return c.as("officer", account.Grant{Role: account.RoleOfficer})
}
func (c *county) leader() context.Context {
	return c.as("leader", account.Grant{Role: account.RoleLeader})
}
func (c *county) auditor() context.Context {
	return c.as("auditor", account.Grant{Role: account.RoleAuditor})
}
func (c *county) admin() context.Context {
	return c.as("admin", account.Grant{Role: account.RoleAdministrator})
}
func (c *county) window(town string) context.Context {
	return c.as("window"+town, account.Grant{Role: account.RoleOfficer, Town: town})
}

// work does the jobs that wait.
func (c *county) work() {
	c.t.Helper()
	runner := jobs.NewRunner(store.Bound(c.base).Installation(), c.hands, jobs.Options{Context: func(ctx context.Context, j *jobs.Job) context.Context {
		now := clock.Now(c.base)
		return account.System(clock.With(ctx, func() time.Time { return now }))
	}})
	if err := runner.Drain(c.base); err != nil {
		c.t.Fatal(err)
	}
}

// tried is a run that is done.
func (c *county) tried(ctx context.Context, changes ...policy.Change) *Simulation {
	c.t.Helper()
	s, err := c.room.Start(ctx, Order{Scheme: scheme, Changes: changes})
	if err != nil {
		c.t.Fatal(err)
	}
	c.work()
	if s, err = c.room.Get(ctx, s.ID); err != nil {
		c.t.Fatal(err)
	}
	if s.State != Done {
		c.t.Fatalf("%s: %s", s.State, s.Failure)
	}
	return s
}

// drafted is a run over a draft of files, done.
func (c *county) drafted(note string, files ...policy.File) *Simulation {
	c.t.Helper()
	draft, err := schemes.Propose(c.admin(), schemes.Proposal{Files: files, Note: note})
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := c.room.Start(c.admin(), Order{Draft: draft.ID})
	if err != nil {
		c.t.Fatal(err)
	}
	c.work()
	if s, err = c.room.Get(c.admin(), s.ID); err != nil || s.State != Done {
		c.t.Fatalf("%+v %v", s, err)
	}
	return s
}

// seedFile is a file of the county's schemes as it is published.
func (c *county) seedFile(name string) string {
	c.t.Helper()
	data, err := os.ReadFile("../matching/testdata/seed/county/" + name)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

// text is all that somebody is told of a run: itself, its parties, both workbooks, the list, and it beside another.
func (c *county) text(ctx context.Context, id string) string {
	c.t.Helper()
	var b bytes.Buffer
	s, err := c.room.Get(ctx, id)
	if err != nil {
		c.t.Fatal(err)
	}
	parties, _, err := c.room.Parties(ctx, id, PartyQuery{}, 1, 100)
	if err != nil {
		c.t.Fatal(err)
	}
	list, _, err := c.room.List(ctx, false, 1, 100)
	if err != nil {
		c.t.Fatal(err)
	}
	b.WriteString(asText(s) + asText(parties) + asText(list))
	return b.String()
}

func yuanOf(n int64) policy.Fen { return policy.Fen(n * 100) }

// 8% instead of 10% and a cap of 20万 instead of 30万, by hand: 乙 comes in with 4500, 丁 loses 100000, 甲 keeps its 500, 丙 gets nothing either way.
// Before 500 + 300000 = 300500, after 500 + 4500 + 200000 = 205000.
// Mutations: leave the changes out of the job; count one change twice → red.
func TestWhatAChangeComesTo(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		c.money = []Budget{{Round: "2026-01", Scheme: scheme, Source: "县级", Total: yuanOf(250_000), Left: yuanOf(250_000)}}
		s := c.tried(c.officer(), policy.Change{Path: threshold, To: "8%"}, policy.Change{Path: top, To: "20万元"})
		r := s.Result
		if r.Parties != 5 || r.Total.Moved != (Moved{Enter: 1, Lose: 1, Same: 1}) {
			t.Errorf("%d parties, %+v", r.Parties, r.Total.Moved)
		}
		// 戊: unknown before and after; at best it reaches the cap.
		want := Compared{Before: Side{Met: 2, Unknown: 1, Owed: yuanOf(300_500), Potential: yuanOf(600_500)},
			After: Side{Met: 3, Unknown: 1, Owed: yuanOf(205_000), Potential: yuanOf(405_000)}, Moved: Moved{Enter: 1, Lose: 1, Same: 1}}
		if r.Total != want || len(r.Schemes) != 1 || r.Schemes[0].Compared != want || r.Schemes[0].Scheme != scheme {
			t.Errorf("%+v", r.Total)
		}
		towns := map[string][2]policy.Fen{}
		for _, g := range r.Towns {
			towns[g.Name] = [2]policy.Fen{g.Before, g.After}
		}
		if len(towns) != 2 || towns["东镇"] != [2]policy.Fen{yuanOf(500), yuanOf(500)} || towns["西镇"] != [2]policy.Fen{yuanOf(300_000), yuanOf(204_500)} {
			t.Errorf("%v", towns)
		}
		if len(r.Sizes) != 4 || len(r.Industries) != 1 {
			t.Errorf("%v %v", r.Sizes, r.Industries)
		}
		var steps []string
		for _, x := range r.Steps {
			if x.Parties > 0 {
				steps = append(steps, fmt.Sprintf("%d..%d:%d %d", *x.From/100, *x.To/100, x.Parties, x.Sum/100))
			}
		}
		if !slices.Equal(steps, []string{"-500000..-100000:1 -100000", "0..10000:1 4500"}) {
			t.Errorf("%v", steps)
		}
		parties, total, err := c.room.Parties(c.officer(), s.ID, PartyQuery{}, 1, 20)
		if err != nil || total != 2 || parties[0].Name != "丁公司" || parties[0].Way != Lose || parties[0].Change() != yuanOf(-100_000) ||
			parties[1].Name != "乙公司" || parties[1].Way != Enter || parties[1].After != yuanOf(4_500) {
			t.Errorf("%+v %d %v", parties, total, err)
		}
		if s.Changes[0] != (Change{threshold, "10%", "8%", "门槛", "当年销售额的增长率不低于10%"}) || s.SchemeTitle != "企业增长奖励" {
			t.Errorf("%+v", s.Changes)
		}
		// The budget is for whoever reads budgets.
		if !s.NoBudgets || len(s.Budgets) != 0 {
			t.Errorf("%+v", s.Budgets)
		}
		if _, err := c.room.Save(c.officer(), s.ID, "低门槛", ""); err != nil {
			t.Fatal(err)
		}
		if s, err = c.room.Get(c.leader(), s.ID); err != nil || s.NoBudgets || len(s.Budgets) != 1 || s.Budgets[0] != c.money[0] {
			t.Errorf("%+v %v", s, err)
		}
		var book bytes.Buffer
		if err := c.room.ExportParties(c.leader(), s.ID, PartyQuery{}, &book); err != nil || book.Len() < 1000 {
			t.Errorf("%d bytes, %v", book.Len(), err)
		}
		if report, err := audit.Verify(c.base); err != nil || !report.OK() {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// Who is told what: names only of parties that they may read anyway, the money of a group only to whom all its parties are open.
// Mutations: take every line for a town's officer; leave out hold; let a run without a name be seen by all → red.
func TestWhoIsToldWhat(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		firm := c.as("firm", account.Grant{Role: account.RoleFirm, Party: c.ids["甲公司"]})
		all := c.tried(c.officer(), policy.Change{Path: threshold, To: "8%"}, policy.Change{Path: top, To: "20万元"})
		if _, err := c.room.Get(c.leader(), all.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a run that is not saved is told to another: %v", err)
		}
		if _, err := c.room.Save(c.leader(), all.ID, "别人的", ""); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
		if _, err := c.room.Save(c.officer(), all.ID, "方案一", "降低门槛"); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			who           string
			ctx           context.Context
			must, mustNot []string
			whole         bool
		}{
			{"the county's officer", c.officer(), []string{"乙公司", "丁公司"}, []string{"甲公司", "丙公司", "戊公司"}, true},
			{"leader", c.leader(), []string{"乙公司", "丁公司"}, nil, true},
			{"auditor", c.auditor(), []string{"乙公司", "丁公司"}, nil, true},
			{"the town's officer", c.window("西镇"), []string{"乙公司", "丁公司"}, nil, false},
			{"another town's officer", c.window("东镇"), nil, []string{"乙公司", "丁公司", c.ids["乙公司"]}, false},
			{"administrator", c.admin(), nil, []string{"乙公司", "丁公司", c.ids["乙公司"]}, false},
		} {
			text := c.text(x.ctx, all.ID)
			if _, total, err := c.room.Parties(x.ctx, all.ID, PartyQuery{}, 1, 20); err != nil || total != len(x.must) {
				t.Errorf("%s is told of %d parties, %v", x.who, total, err)
			}
			for _, m := range x.must {
				if !strings.Contains(text, m) {
					t.Errorf("%s is not told of %s", x.who, m)
				}
			}
			for _, m := range x.mustNot {
				if strings.Contains(text, m) {
					t.Errorf("%s is told of %s", x.who, m)
				}
			}
			s, err := c.room.Get(x.ctx, all.ID)
			if err != nil || s.Whole != x.whole || s.Result.Total.After.Owed != yuanOf(205_000) || s.Result.Towns[0].Moved.Changed()+s.Result.Towns[1].Moved.Changed() != 2 {
				t.Errorf("%s: %+v %v", x.who, s, err)
			}
			if money := s.Result.Towns[0].Before + s.Result.Towns[1].Before; (money != 0) != x.whole {
				t.Errorf("%s: the money of groups is %d", x.who, money)
			}
		}
		for who, ctx := range map[string]context.Context{"firm": firm, "public": account.WithActor(c.base, &account.Actor{})} {
			_, err1 := c.room.Get(ctx, all.ID)
			_, _, err2 := c.room.List(ctx, false, 1, 20)
			_, err3 := c.room.Start(ctx, Order{Changes: []policy.Change{{Path: threshold, To: "8%"}}})
			_, _, err4 := c.room.Parameters(ctx, scheme)
			for _, err := range []error{err1, err2, err3, err4} {
				if fault.CodeOf(err) != fault.Forbidden {
					t.Errorf("%s: %v", who, err)
				}
			}
		}
		if _, err := c.room.Start(c.auditor(), Order{Changes: []policy.Change{{Path: threshold, To: "8%"}}}); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("the auditor runs: %v", err)
		}

		// A town's officer tries it over their town, 东镇: 甲 alone is met, before and after.
		own := c.tried(c.window("东镇"), policy.Change{Path: threshold, To: "8%"})
		if own.Result.Parties != 3 || own.Result.Total.After.Owed != yuanOf(500) || !own.Whole || !slices.Equal(own.Towns, []string{"东镇"}) {
			t.Errorf("%+v", own.Result)
		}
		if _, err := c.room.Save(c.window("东镇"), own.ID, "本镇", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := c.room.Get(c.window("西镇"), own.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another town's run: %v", err)
		}
		if _, total, _ := c.room.List(c.window("西镇"), true, 1, 20); total != 1 {
			t.Errorf("%d in the list of another town", total)
		}
		// An administrator's run is over the whole county, and tells them no names.
		by := c.tried(c.admin(), policy.Change{Path: threshold, To: "8%"})
		if by.Result.Parties != 5 || by.Whole || strings.Contains(c.text(c.admin(), by.ID), "乙公司") {
			t.Errorf("%+v", by)
		}
	})
}

// Faults stand at their parameters; nothing is begun.
func TestAWrongChange(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		for _, x := range []struct{ path, to, says string }{{threshold, "8元", "单位"}, {top, "很多", "不是一个带单位的数"}, {"m2025/schemes/growth/title", "改名", "没有这个参数"}} {
			_, err := c.room.Start(c.officer(), Order{Changes: []policy.Change{{Path: x.path, To: x.to}}})
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != fault.Invalid || len(f.Details) != 1 || f.Details[0].Field != x.path || !strings.Contains(f.Details[0].Message, x.says) {
				t.Errorf("%s: %v", x.to, err)
			}
		}
		for _, o := range []Order{{}, {Changes: []policy.Change{{Path: threshold, To: "10%"}}}, {Draft: "x", Changes: []policy.Change{{Path: threshold, To: "8%"}}}} {
			if _, err := c.room.Start(c.officer(), o); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", o, err)
			}
		}
		if _, err := c.room.Start(c.officer(), Order{Draft: "none"}); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("an officer reads drafts: %v", err)
		}
		if _, total, err := c.room.List(c.officer(), false, 1, 20); total != 0 || err != nil {
			t.Errorf("%d %v", total, err)
		}
	})
}

// Stopped before it began, while it runs, and at its very end: nothing is found, and it cannot be saved. Done twice it is done once.
// Mutation: write a result whatever the state → red.
func TestStopAndDoAgain(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		ctx := c.officer()
		start := func() *Simulation {
			s, err := c.room.Start(ctx, Order{Scheme: scheme, Changes: []policy.Change{{Path: threshold, To: "8%"}}})
			if err != nil || s.State != Waiting {
				t.Fatalf("%+v %v", s, err)
			}
			return s
		}
		first := start()
		if s, err := c.room.Stop(ctx, first.ID); err != nil || s.State != Stopped {
			t.Errorf("%+v %v", s, err)
		}
		c.work()
		if s, err := c.room.Get(ctx, first.ID); err != nil || s.State != Stopped || s.Result != nil {
			t.Errorf("%+v %v", s, err)
		}
		if _, err := c.room.Save(ctx, first.ID, "没算完", ""); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("%v", err)
		}

		second := start()
		hands := &jobs.Handlers{}
		hands.Handle(jobRun, func(on context.Context, j *jobs.Job) error { // somebody stops it after it was claimed
			if s, err := c.room.Get(ctx, second.ID); err != nil || s.State != Running {
				t.Errorf("%+v %v", s, err)
			}
			if _, err := c.room.Stop(ctx, second.ID); err != nil {
				t.Error(err)
			}
			err := c.room.run(on, j)
			if err == nil {
				_, err = c.room.Stop(ctx, second.ID)
			}
			return err
		})
		whole := c.hands
		c.hands = hands
		c.work()
		c.hands = whole
		if s, err := c.room.Get(ctx, second.ID); err != nil || s.State != Stopped || s.Result != nil {
			t.Errorf("%+v %v", s, err)
		}

		// It is stopped when all is read and nothing is written yet.
		late := start()
		hands = &jobs.Handlers{}
		hands.Handle(jobRun, func(on context.Context, j *jobs.Job) error {
			at := clock.Now(on)
			far := context.WithoutCancel(on) // on another server, which has not heard of it yet
			err := c.room.run(clock.With(far, func() time.Time {
				if s, err := c.room.Get(ctx, late.ID); err == nil && s.State == Running && s.Parties == 5 && s.Done == s.Parties {
					if _, err := c.room.Stop(ctx, late.ID); err != nil {
						t.Error(err)
					}
				}
				return at
			}), j)
			if err != nil {
				t.Error(err)
			}
			return err
		})
		c.hands = hands
		c.work()
		c.hands = whole
		if s, err := c.room.Get(ctx, late.ID); err != nil || s.State != Stopped || s.Result != nil {
			t.Errorf("%+v %v", s, err)
		}

		// A server that is killed on the way has written nothing; whoever takes the job over begins anew and finds all.
		fourth := start()
		hands = &jobs.Handlers{}
		hands.Handle(jobRun, func(on context.Context, j *jobs.Job) error {
			killed, kill := context.WithCancel(on)
			defer kill()
			at := clock.Now(on)
			if err := c.room.run(clock.With(killed, func() time.Time { kill(); return at }), j); err == nil {
				t.Error("a killed run ends well")
			}
			if s, err := c.room.Get(ctx, fourth.ID); err != nil || s.State != Running || s.Result != nil {
				t.Errorf("%+v %v", s, err)
			}
			return c.room.run(on, j)
		})
		c.hands = hands
		c.work()
		c.hands = whole
		if s, err := c.room.Get(ctx, fourth.ID); err != nil || s.State != Done || s.Result.Parties != 5 || s.Result.Total.After.Owed != yuanOf(305_000) {
			t.Errorf("%+v %v", s, err)
		}

		// A server that was killed leaves the job to another, which may find that it was done after all.
		third := start()
		c.work()
		if err := c.room.run(account.System(c.base), &jobs.Job{Key: third.ID}); err != nil {
			t.Error(err)
		}
		if s, err := c.room.Get(ctx, third.ID); err != nil || s.State != Done {
			t.Errorf("%+v %v", s, err)
		}
		if err := c.room.Delete(c.leader(), third.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
		if err := c.room.Delete(ctx, third.ID); err != nil {
			t.Error(err)
		}
		if report, err := audit.Verify(c.base); err != nil || !report.OK() {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// A whole file against the one in use: 20% where it says 10%, and a scheme that was not there. Before 甲 500 + 丁 300000; after only 丁, and 1000 for each of the
// five firms: 300000 + 5000.
// Mutation: count a party once for each scheme → red.
func TestADraftIsTried(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		text := strings.Replace(c.seedFile("m2025.yaml"), "{of: growth(销售额@当年), at_least: 10%, text: 当年增速不低于10%}", "{of: growth(销售额@当年), at_least: 20%}", 1)
		text = strings.Replace(text, "{P: 2025, given: {销售额@P-1: 1000万元, 销售额@P: 1100万元}, expect: {answer: met, amount: 500元}}",
			"{P: 2025, given: {销售额@P-1: 1000万元, 销售额@P: 1200万元}, expect: {answer: met, amount: 1000元}}", 1)
		text += "  each:\n    title: 普惠奖励\n    cite: 四\n    office: 经信部门\n    for: 企业\n    kind: money\n    text: 每家1000元。\n    amount: 1000元\n    examples:\n" +
			"    #= 每家1000元\n    - {P: 2025, given: {}, expect: {answer: met, amount: 1000元}}\n"
		s := c.drafted("提高门槛", policy.File{Path: "county/m2025.yaml", Data: []byte(text)})
		total := s.Result.Total
		if s.Result.Parties != 5 {
			t.Errorf("%d parties", s.Result.Parties)
		}
		if worth(total.Before) != yuanOf(300_500) || worth(total.After) != yuanOf(305_000) {
			t.Errorf("%d → %d", worth(total.Before), worth(total.After))
		}
		// 甲 has 1000 for 500, 丁 301000 for 300000; 乙, 丙 and 戊 had nothing.
		if total.Moved != (Moved{Enter: 3, Gain: 2}) || total.Before.Met != 2 || total.After.Met != 5 {
			t.Errorf("%+v", total)
		}
		changed := map[string]string{}
		for _, x := range s.Result.Schemes {
			changed[x.Scheme] = x.Change
		}
		if changed["m2025/each"] != "added" || changed[scheme] != "changed" {
			t.Errorf("%v", changed)
		}
	})
}

// The draft trusts another office to know all penalties, which has said nothing yet: who has none is not known after it, though it is before. By hand: of
// five firms without a penalty, 1000 each, are met none, and each could be. The scheme that asks is the draft's own, so that nothing is met before.
// Mutation: read facts by the old vocabulary alone → red.
func TestADraftTrustsAnotherSource(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		if _, err := c.room.registry.Cover(account.System(c.base), "处罚", clock.Today(c.base), "全部处罚都在册"); err != nil {
			t.Fatal(err)
		}
		text := c.seedFile("m2025.yaml") + "  clean:\n    title: 守法奖励\n    cite: 四\n    office: 经信部门\n    for: 企业\n    kind: money\n    text: 没有处罚的每家1000元。\n    amount: 1000元\n" +
			"    require: {none: [{has: 处罚@有效}]}\n    examples:\n    #= 没有处罚\n    - {P: 2025, given: {处罚: 否}, expect: {answer: met, amount: 1000元}}\n    - {P: 2025, given: {处罚: 是}, expect: {answer: unmet}}\n"
		for trusted, want := range map[string]Side{"执法部门": {Met: 5, Owed: yuanOf(5_000), Potential: yuanOf(5_000)}, "市场监管部门": {Unknown: 5, Potential: yuanOf(5_000)}} {
			words := strings.Replace(c.seedFile("vocabulary.yaml"), "from: 执法部门, complete: 执法部门", "from: 执法部门, complete: "+trusted, 1)
			s := c.drafted(trusted, policy.File{Path: "county/m2025.yaml", Data: []byte(text)}, policy.File{Path: "county/vocabulary.yaml", Data: []byte(words)})
			at := slices.IndexFunc(s.Result.Schemes, func(x OfScheme) bool { return x.Scheme == "m2025/clean" })
			if at < 0 || s.Result.Schemes[at].After != want {
				t.Errorf("%s: %+v", trusted, s.Result.Schemes)
			}
		}
	})
}

// What casework says of earlier rounds reaches a run: of 30万 a year for each firm 甲 has had 29.98万, so that of its 500 stay 200. By hand 300,000 + 200.
// Mutation: hand no history to a run → red.
func TestARunReadsEarlierRounds(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		c.room.registry.UseAwards(func(context.Context, []string, []string) ([]policy.Past, error) {
			return []policy.Past{{Claim: "1", Party: c.ids["甲公司"], Scheme: scheme, Year: 2025, Round: "早先", Amount: yuanOf(299_800)}}, nil
		})
		text := strings.Replace(c.seedFile("m2025.yaml"), "      then: [{at_most: 30万元}]\n", "      then: [{at_most: 30万元}]\n    limits: [{at_most: 30万元, per: [企业, 年度], share: earliest}]\n", 1)
		s := c.drafted("每家每年30万元", policy.File{Path: "county/m2025.yaml", Data: []byte(text)})
		if got := s.Result.Total; worth(got.Before) != yuanOf(300_500) || worth(got.After) != yuanOf(300_200) {
			t.Errorf("%+v", got)
		}
	})
}

// Two runs side by side, and what may not be. The list asks the database no more for both than for one.
// Mutation: ask for each run of a list which publication is in use → red.
func TestBeside(t *testing.T) {
	each(t, func(t *testing.T, c *county) {
		var asked []int64
		list := func() {
			ctx, n := store.Counted(c.officer())
			if _, _, err := c.room.List(ctx, false, 1, 20); err != nil {
				t.Error(err)
			}
			asked = append(asked, n.Load())
		}
		a := c.tried(c.officer(), policy.Change{Path: threshold, To: "8%"})
		list()
		b := c.tried(c.officer(), policy.Change{Path: top, To: "20万元"})
		list()
		if asked[0] != asked[1] {
			t.Errorf("statements of a list: %v", asked)
		}
		both, err := c.room.Beside(c.officer(), []string{b.ID, a.ID})
		if err != nil || len(both.Items) != 2 || both.Items[0].ID != b.ID || len(both.Schemes) != 1 ||
			both.Schemes[0].Runs[0].After.Owed != yuanOf(200_500) || both.Schemes[0].Runs[1].After.Owed != yuanOf(305_000) {
			t.Errorf("%+v %v", both, err)
		}
		for _, ids := range [][]string{{a.ID}, {a.ID, a.ID}, {"1", "2", "3", "4", "5"}} {
			if _, err := c.room.Beside(c.officer(), ids); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%v: %v", ids, err)
			}
		}
		if _, err := c.room.Beside(c.leader(), []string{a.ID, b.ID}); fault.CodeOf(err) != fault.NotFound {
			t.Error(err)
		}
		var book bytes.Buffer
		if err := c.room.Export(c.officer(), false, &book); err != nil || book.Len() < 1000 {
			t.Errorf("%d bytes, %v", book.Len(), err)
		}
		if _, err := json.Marshal(both); err != nil {
			t.Error(err)
		}
	})
}
