package casework_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
	files "shanglin/schemes"
)

// county is a tenant with the published scheme files, a registry, the engine and the room under test. Its clock stands still until it is told
// to go on. Its purse remembers what it was asked, because the treasury is another room.
type county struct {
	t        *testing.T
	base     context.Context
	now      time.Time
	registry *registry.Registry
	engine   *process.Engine
	casework *casework.Casework
	purse    *purse
	told     []string
}

type purse struct {
	mu        sync.Mutex
	committed map[string]casework.Award
	limit     policy.Fen
	funds     map[string]policy.Fen
	accounts  map[string]bool // who has stated where it is paid
	owed      map[string]casework.Terms
}

func (p *purse) Commit(_ context.Context, awards []casework.Award) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range awards {
		p.committed[a.Case] = a
	}
	return nil
}

func (p *purse) Release(_ context.Context, id, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.committed, id)
	return nil
}

func (p *purse) Parts(context.Context, string) ([]casework.Part, error) { return nil, nil }

func (p *purse) Claim(_ context.Context, id string, _ policy.Fen, terms casework.Terms, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.owed[id] = terms
	return nil
}

func (p *purse) Returned(_ context.Context, id string) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, owes := p.owed[id]
	return !owes, nil
}

func (p *purse) Reached(context.Context, string, string, string, policy.Date) error { return nil }

func (p *purse) Settle(context.Context, string, policy.Fen, string, func(policy.Fen) []policy.FundShare) (policy.Fen, error) {
	return 0, nil
}

func (p *purse) Covers(_ context.Context, _ string, awards []casework.Award) error {
	total := policy.Fen(0)
	for _, a := range awards {
		total += a.Amount
	}
	if total > p.limit {
		return fault.New(fault.Conflict, "预算不足")
	}
	return nil
}

func (p *purse) Funds(context.Context, string) (map[string]policy.Fen, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.funds, nil
}

func (p *purse) HasAccount(_ context.Context, party string) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accounts[party], nil
}

func each(t *testing.T, fn func(c *county)) { eachWith(t, nil, fn) }

// eachWith is each, with more files published beside those of the program.
func eachWith(t *testing.T, more map[string]string, fn func(c *county)) {
	all := fstest.MapFS{}
	err := fs.WalkDir(files.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files.Files, path)
		all[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range more {
		all[path] = &fstest.MapFile{Data: []byte(text)}
	}
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := &county{t: t, now: day("2026-03-02"), purse: &purse{committed: map[string]casework.Award{}, owed: map[string]casework.Terms{}, limit: 1_000_000_00, accounts: map[string]bool{}}}
		c.base = clock.With(ctx, func() time.Time { return c.now })
		system := account.System(c.base)
		if _, err := schemes.Seed(system, all, "cixi"); err != nil {
			t.Fatal(err)
		}
		c.registry = registry.New(func(ctx context.Context) (*policy.Vocabulary, error) {
			library, err := schemes.Library(ctx)
			if err != nil {
				return nil, err
			}
			return library.Vocabulary(), nil
		})
		nobody := func(context.Context, []string) (map[string][]string, error) { return nil, nil }
		c.engine = process.New(process.World{
			Holders: func(_ context.Context, role account.Role, department, town string) ([]string, error) {
				return []string{string(role) + "/" + department}, nil
			},
			Speakers: nobody,
			Names: func(_ context.Context, ids []string) (map[string]string, error) {
				out := map[string]string{}
				for _, id := range ids {
					out[id] = "姓名" + id
				}
				return out, nil
			},
			Tell: func(_ context.Context, all []process.Telling) error {
				for _, t := range all {
					c.told = append(c.told, strings.Join(t.To, ",")+" "+t.Title)
				}
				return nil
			},
			Calendar: schemes.Calendar, Day: func(context.Context, process.Subject, string) (policy.Date, bool, error) { return 0, false, nil },
		})
		c.casework = casework.New(c.registry, c.engine, c.purse, nil, nil, nil)
		c.registry.UseStanding(c.casework.Vocabularies)
		fn(c)
	})
}

// day is noon in China.
func day(d string) time.Time {
	t, err := time.Parse("2006-01-02", d)
	if err != nil {
		panic(err)
	}
	return t.Add(4 * time.Hour)
}

func (c *county) at(d string) { c.now = day(d) }

func (c *county) system() context.Context { return account.System(c.base) }

func (c *county) as(id string, grants ...account.Grant) context.Context {
	return account.WithActor(c.base, &account.Actor{AccountID: id, Login: id, Name: "姓名" + id, Tenant: storetest.TenantID, Grants: grants})
}

func (c *county) public() context.Context { return account.WithActor(c.base, &account.Actor{}) }

func (c *county) officer(department, town string) context.Context {
	return c.as("officer/"+department+"/"+town, account.Grant{Role: account.RoleOfficer, Department: department, Town: town})
}

func (c *county) leader(department string) context.Context {
	return c.as("leader/"+department, account.Grant{Role: account.RoleLeader, Department: department})
}

func (c *county) finance() context.Context {
	return c.as("finance", account.Grant{Role: account.RoleFinance})
}

func (c *county) firm(party string) context.Context {
	return c.as("firm/"+party, account.Grant{Role: account.RoleFirm, Party: party})
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
	org := body + map[bool]string{true: "X", false: fmt.Sprint(check)}[check == 10]
	whole := "91330282" + org
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(codeDigits, whole[i]) * weight
		weight = weight * 3 % 31
	}
	return whole + string(codeDigits[(31-sum%31)%31])
}

// party registers the n-th firm.
func (c *county) party(n int, name, town string) string {
	c.t.Helper()
	p, err := c.registry.Put(c.system(), registry.Party{Kind: registry.KindFirm, Code: code(n), Name: name, Town: town, Industry: "制造业", Size: "小型"})
	if err != nil {
		c.t.Fatalf("firm %d: %v", n, err)
	}
	return p.ID
}

// grows gives the firm verified figures: 9,000, 9,990 and 10,989 (万元) from 2023 to 2025, and a place on the list that the clause asks for.
func (c *county) grows(party string) {
	c.t.Helper()
	for year, value := range map[int]string{2023: "9000万元", 2024: "9990万元", 2025: "10989万元"} {
		c.state(party, registry.Statement{Term: "营业收入", Year: year, Value: value})
	}
	c.state(party, registry.Statement{Term: "规上数字经济制造业名录", Record: &registry.RecordOf{From: date("2020-01-01"), Until: date("2030-12-31")}})
}

func (c *county) state(party string, s registry.Statement) {
	c.t.Helper()
	s.Party = party
	if _, err := c.registry.State(c.system(), s); err != nil {
		c.t.Fatalf("%s: %v", s.Term, err)
	}
}

func date(s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

const (
	economy = "市经信局"
	c001    = "cx2025/C001"
)

// round makes and opens a round over schemes for 2025, from the day of the clock to 2026-03-31.
func (c *county) round(number string, list ...string) string {
	c.t.Helper()
	d := casework.RoundDraft{Number: number, Title: "测试批次" + number, Process: "申报评审", Performance: 2025, Opens: policy.DateOf(c.now), Closes: date("2026-03-31"), Department: economy}
	for _, s := range list {
		d.Schemes = append(d.Schemes, casework.RoundSchemeDraft{Scheme: s, Department: economy})
	}
	r, err := c.casework.MakeRound(c.officer(economy, ""), d)
	if err != nil {
		c.t.Fatalf("making a round: %v", err)
	}
	c.doRound(c.officer(economy, ""), r.ID, "开放申报", "", nil)
	return r.ID
}

// submitted fills in and submits an application of a party.
func (c *county) submitted(round, scheme, party string) string {
	c.t.Helper()
	id := c.drafted(round, scheme, party)
	c.do(c.firm(party), id, "提交", "", nil)
	return id
}

func (c *county) drafted(round, scheme, party string) string {
	c.t.Helper()
	k, err := c.casework.Begin(c.firm(party), round, scheme, party)
	if err != nil {
		c.t.Fatalf("beginning: %v", err)
	}
	f, err := c.casework.FormOf(c.firm(party), k.ID)
	if err != nil {
		c.t.Fatalf("the form: %v", err)
	}
	if _, err := c.casework.Save(c.firm(party), k.ID, f.Version, casework.Draft{Commitment: true, Contact: "张三", Phone: "13800000000"}); err != nil {
		c.t.Fatalf("saving: %v", err)
	}
	return k.ID
}

// act takes an action that the actor is offered, by its title, and says what came of it.
func (c *county) act(ctx context.Context, flow, id, action, reason string, data any) error {
	view, err := c.engine.Of(ctx, flow, id)
	if err != nil {
		return err
	}
	d := casework.Doing{Action: action, Reason: reason}
	if data != nil {
		if d.Data, err = json.Marshal(data); err != nil {
			return err
		}
	}
	for _, t := range view.Tasks {
		if slices.ContainsFunc(t.Actions, func(o process.Option) bool { return o.Key == action }) {
			d.Task, d.Version = t.ID, t.Version
		}
	}
	if d.Task == "" {
		d.Version = view.Instance.Version
	}
	if flow == "round" {
		_, err = c.casework.DoRound(ctx, id, d)
	} else {
		_, err = c.casework.Do(ctx, id, d)
	}
	return err
}

func (c *county) do(ctx context.Context, id, action, reason string, data any) {
	c.t.Helper()
	if err := c.act(ctx, "case", id, action, reason, data); err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
}

func (c *county) doRound(ctx context.Context, id, action, reason string, data any) {
	c.t.Helper()
	if err := c.act(ctx, "round", id, action, reason, data); err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
}

// departments that check, as the process file names them.
var departments = []string{"市发改局", "市税务局", "市应急管理局", "市生态环境分局"}

func clear() map[string]any { return map[string]any{"findings": map[string]any{"hit": false}} }

// reviewed brings a submitted case to where it waits for settlement, with a sum.
func (c *county) reviewed(id string, sum policy.Fen) {
	c.t.Helper()
	c.do(c.officer(economy, ""), id, "受理", "", nil)
	for _, d := range departments {
		c.do(c.officer(d, ""), id, "反馈核查结果", "无问题", clear())
	}
	c.do(c.officer(economy, ""), id, "通过", "", map[string]any{"amount": sum, "reason": "按上限核定"})
}

func (c *county) stage(id string) string {
	c.t.Helper()
	i, err := c.engine.Find(c.system(), "case", id)
	if err != nil {
		c.t.Fatal(err)
	}
	return i.Stage
}

// refused checks an error: its code, and what its sentence or details say.
func (c *county) refused(what string, err error, code fault.Code, says string) {
	c.t.Helper()
	if fault.CodeOf(err) != code || says != "" && !strings.Contains(fmt.Sprint(err), says) {
		c.t.Errorf("%s: %v, want %s with %q", what, err, code, says)
	}
}

// audited checks that the log is whole and that every live row is as it says.
func (c *county) audited() {
	c.t.Helper()
	found, err := audit.Verify(c.system())
	if err != nil {
		c.t.Fatal(err)
	}
	if len(found.Problems) > 0 {
		c.t.Errorf("the log: %+v", found.Problems)
	}
}

func officerOf(department string) account.Grant {
	return account.Grant{Role: account.RoleOfficer, Department: department}
}

// reviewerGrants are those of somebody who is an officer and a leader at once.
func reviewerGrants() []account.Grant {
	return []account.Grant{{Role: account.RoleOfficer, Department: economy}, {Role: account.RoleLeader, Department: economy}}
}

// all is a case of which everything arrived at once.
func all(amount policy.Fen, on policy.Date, reference string) casework.Payment {
	return casework.Payment{Awarded: amount, Paid: amount, On: on, Reference: reference}
}
