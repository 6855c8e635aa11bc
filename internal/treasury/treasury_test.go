package treasury_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// room is a treasury in a fresh tenant, on 2026-11-23, with three firms.
type room struct {
	*treasury.Treasury
	t       testing.TB
	bare    context.Context
	sys     context.Context
	day     time.Time
	parties map[string]string // id by the letter of its name
	ids     map[string]string // of the accounts that staff made, by name
	mu      sync.Mutex        // of what follows, which the hooks write
	told    []treasury.Paid
	back    []treasury.Paid
	givenUp []treasury.Award
	refuse  error  // what the hooks answer
	second  string // id of secondBatch
}

var townOf = map[string]string{"a": "甲镇", "b": "乙镇", "c": "甲镇"}

func each(t *testing.T, fn func(r *room)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, ctx context.Context) { fn(open(t, ctx)) })
}

func open(t testing.TB, ctx context.Context) *room {
	t.Helper()
	r := &room{Treasury: treasury.New(), t: t, parties: map[string]string{}, ids: map[string]string{}, day: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)}
	r.bare = clock.With(ctx, func() time.Time { return r.day })
	r.sys = account.System(r.bare)
	r.UseRounds(func(ctx context.Context, ids []string) (map[string]treasury.Round, error) {
		out := map[string]treasury.Round{}
		for _, id := range ids {
			if strings.HasPrefix(id, "r") {
				out[id] = treasury.Round{Number: "批次" + id, Title: "名称" + id, Schemes: map[string]string{"s1": "条款一", "s2": "条款二", "s3": "条款三"}}
			}
		}
		return out, nil
	})
	r.OnPaid(func(ctx context.Context, paid []treasury.Paid) error { return keep(ctx, r, &r.told, paid) })
	r.OnReversed(func(ctx context.Context, paid []treasury.Paid, reason string) error {
		return keep(ctx, r, &r.back, paid)
	})
	r.OnGivenUp(func(ctx context.Context, awards []treasury.Award, reason string) error {
		return keep(ctx, r, &r.givenUp, awards)
	})
	parties := registry.New(func(context.Context) (*policy.Vocabulary, error) {
		lib, problems := policy.Load([]policy.File{{Path: "national/words.yaml", Data: []byte("vocabulary: 词\nunits: {人: {}}\nterms:\n  人数: {of: 企业, unit: 人, every: 年}\n")}})
		if policy.HasErrors(problems) {
			return nil, fmt.Errorf("%v", problems)
		}
		return lib.Vocabulary(), nil
	})
	for _, name := range []string{"a", "b", "c"} {
		p, err := parties.Put(r.sys, registry.Party{Kind: registry.KindFirm, Exception: "测试用", Name: name + "电器有限公司", Town: townOf[name], Industry: "家电", Size: "小型"})
		r.must(err)
		r.parties[name] = p.ID
	}
	return r
}

// staff makes the people who are told things into real accounts.
func (r *room) staff() {
	r.t.Helper()
	accounts := account.NewService(store.Bound(r.sys).Installation())
	make := func(name, login string, g account.Grant) {
		a, _, err := accounts.Create(r.sys, storetest.TenantID, account.New{Login: login, Name: name, Grants: []account.Grant{g}})
		r.must(err)
		r.ids[name] = a.ID
	}
	make("财一", "finance1", account.Grant{Role: account.RoleFinance})
	make("财二", "finance2", account.Grant{Role: account.RoleFinance})
	make("财乙", "finance3", account.Grant{Role: account.RoleFinance, Town: "乙镇"})
	for name, party := range r.parties {
		make("firm "+name, "firm-"+name, account.Grant{Role: account.RoleFirm, Party: party})
	}
}

// note is what somebody was told.
type note struct {
	Account string `bun:"account"`
	Kind    string `bun:"kind"`
	Body    string `bun:"body"`
}

// notes are what people were told since they were last asked for.
func (r *room) notes() []note {
	r.t.Helper()
	var out []note
	r.query(&out, `SELECT account, kind, body FROM notifications ORDER BY kind`)
	for i := range out {
		for name, id := range r.ids {
			if out[i].Account == id {
				out[i].Account = name
			}
		}
	}
	slices.SortFunc(out, func(a, b note) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Account, b.Account)) })
	r.exec(`DELETE FROM notifications`)
	return out
}

// toldOf says who was told of what: "account kind".
func toldOf(notes []note) string {
	var out []string
	for _, n := range notes {
		out = append(out, n.Account+" "+n.Kind)
	}
	return strings.Join(out, ", ")
}

// keep adds what a hook is told once that is committed, and answers what the test wants answered.
func keep[T any](ctx context.Context, r *room, into *[]T, told []T) error {
	store.AfterCommit(ctx, func(context.Context) {
		r.mu.Lock()
		defer r.mu.Unlock()
		*into = append(*into, told...)
	})
	return r.refuse
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// as is a context of an account with these grants.
func (r *room) as(id string, grants ...account.Grant) context.Context {
	return account.WithActor(r.bare, &account.Actor{AccountID: cmp.Or(r.ids[id], id), Login: id, Name: id, Tenant: "testcounty", Grants: grants})
}

func (r *room) finance(id string) context.Context {
	return r.as(id, account.Grant{Role: account.RoleFinance})
}

func (r *room) firm(name string) context.Context {
	return r.as("firm "+name, account.Grant{Role: account.RoleFirm, Party: r.parties[name]})
}

func (r *room) one() context.Context { return r.finance("财一") }
func (r *room) two() context.Context { return r.finance("财二") }

// inStead is somebody of finance who stands in for another.
func (r *room) inStead(id, absent string) context.Context {
	a := *account.ActorFrom(r.finance(id))
	a.For = &account.Absent{AccountID: account.ActorFrom(r.finance(absent)).AccountID, Name: absent}
	return account.WithActor(r.bare, &a)
}

// yuan is money in fen.
func yuan(n int64) policy.Fen { return policy.Fen(n * 100) }

func date(s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// budget makes one for a round.
func (r *room) budget(round, scheme, source string, place int64, total policy.Fen) treasury.Budget {
	r.t.Helper()
	b, err := r.CreateBudget(r.one(), treasury.BudgetDraft{Round: round, Scheme: scheme, Source: source, Place: place, Total: total})
	r.must(err)
	return b
}

// award is what case n was decided to receive.
func (r *room) award(n int, party string, amount policy.Fen) treasury.Award {
	return treasury.Award{Case: fmt.Sprintf("case-%d", n), CaseNumber: fmt.Sprintf("A%03d", n), Round: "r1", Scheme: "s1", Department: "经信局", Party: r.parties[party],
		PartyName: party + "电器有限公司", Town: townOf[party], Amount: amount, Clause: "某文件 一(一)2"}
}

// ready gives a party a confirmed account whose number ends in four digits.
func (r *room) ready(party, last string) treasury.BankAccount {
	r.t.Helper()
	replaces := ""
	if old, err := r.BankAccountOf(r.sys, r.parties[party]); err == nil {
		replaces = old.ID
	}
	b, err := r.SetBankAccount(r.firm(party), r.parties[party], treasury.AccountDraft{Holder: party + "电器有限公司", Bank: "某银行", Number: "622200001111" + last, Replaces: replaces})
	r.must(err)
	b, err = r.ConfirmBankAccount(r.one(), b.ID, "电话核对")
	r.must(err)
	return b
}

// prepared is a draft of round r1.
func (r *room) prepared(ids ...string) treasury.Batch {
	r.t.Helper()
	b, err := r.Prepare(r.one(), treasury.BatchOrder{Round: "r1", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20"), Title: "奖补资金", Awards: ids})
	r.must(err)
	return b
}

// sent is a batch of round r1 that the bank has.
func (r *room) sent() treasury.Batch {
	r.t.Helper()
	b := r.prepared()
	b, err := r.Approve(r.two(), b.ID, b.Version)
	r.must(err)
	b, err = r.Send(r.one(), b.ID)
	r.must(err)
	return b
}

func (r *room) lines(batch string) []treasury.Payment {
	r.t.Helper()
	list, _, err := r.BatchLines(r.sys, batch, treasury.LineFilter{}, treasury.Page{Size: 200})
	r.must(err)
	return list
}

// awardOf is the latest award of case n, as the system sees it.
func (r *room) awardOf(n int) treasury.AwardView {
	r.t.Helper()
	list, _, err := r.Awards(r.sys, treasury.AwardFilter{Text: fmt.Sprintf("A%03d", n)}, treasury.Page{})
	r.must(err)
	if len(list) == 0 {
		r.t.Fatalf("case %d has no award", n)
	}
	return list[0]
}

func (r *room) budgetNow(id string) treasury.BudgetDetail {
	r.t.Helper()
	b, err := r.Budget(r.sys, id)
	r.must(err)
	return b
}

var heading = []any{"付款编号", "收款人", "金额（元）", "处理结果", "银行流水号", "付款日期", "失败原因"}

type formula string

// book writes a workbook of one sheet.
func book(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(t, f, "Sheet1", rows...)
	return save(t, f)
}

func fill(t testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		for j, v := range row {
			name, _ := excelize.CoordinatesToCellName(j+1, i+1)
			var err error
			switch x := v.(type) {
			case nil:
			case formula:
				err = f.SetCellFormula(sheet, name, string(x))
			default:
				err = f.SetCellValue(sheet, name, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func save(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// paid and failed are rows of a bank's result.
func paid(p treasury.Payment, serial string) []any {
	return []any{p.Code, p.PartyName, float64(p.Amount) / 100, "成功", serial, "2026-11-23", nil}
}

func failed(p treasury.Payment, why string) []any {
	return []any{p.Code, p.PartyName, float64(p.Amount) / 100, "失败", nil, nil, why}
}

// result uploads rows for a batch.
func (r *room) result(batch string, rows ...[]any) treasury.BankResult {
	r.t.Helper()
	res, err := r.Upload(r.one(), batch, "回执.xlsx", bytes.NewReader(book(r.t, append([][]any{heading}, rows...)...)))
	r.must(err)
	return res
}

// apply uploads rows and books them.
func (r *room) apply(batch string, rows ...[]any) treasury.BankResult {
	r.t.Helper()
	res := r.result(batch, rows...)
	res, err := r.Apply(r.one(), res.ID, treasury.AllOrNone)
	r.must(err)
	return res
}

func wantCode(t testing.TB, what string, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("%s: %q, want %q (%v)", what, got, want, err)
	}
}

// wantSays checks code and words of an error.
func wantSays(t testing.TB, what string, err error, want fault.Code, words ...string) {
	t.Helper()
	wantCode(t, what, err, want)
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s does not say %q: %v", what, w, err)
		}
	}
}

func (r *room) query(into any, query string, args ...any) {
	r.t.Helper()
	r.must(store.Read(r.sys, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, into) }))
}

// outstanding is how many awards of a round are neither paid nor given back.
func (r *room) outstanding(round string) int {
	r.t.Helper()
	_, n, err := r.Awards(r.sys, treasury.AwardFilter{Round: round, State: treasury.AwardCommitted}, treasury.Page{})
	r.must(err)
	return n
}

func (r *room) count(query string, args ...any) int {
	r.t.Helper()
	var n int
	r.query(&n, query, args...)
	return n
}

// sound says what must hold of the books whatever happened: entries balance, running totals are the sums of lines, nothing is negative,
// paid ≤ committed ≤ total, shares are what the ledger says of awards, and the audit log agrees with every live row.
func (r *room) sound() {
	r.t.Helper()
	for what, query := range map[string]string{
		"entries do not balance":             `SELECT COUNT(*) FROM (SELECT entry FROM ledger_lines GROUP BY entry HAVING SUM(amount) <> 0) AS x`,
		"entries without lines":              `SELECT COUNT(*) FROM ledger_entries AS e WHERE NOT EXISTS (SELECT 1 FROM ledger_lines AS l WHERE l.entry = e.id)`,
		"entries that mix budgets unevenly":  `SELECT COUNT(*) FROM (SELECT entry FROM ledger_lines GROUP BY entry, budget HAVING SUM(amount) <> 0) AS x`,
		"accounts below zero":                `SELECT COUNT(*) FROM (SELECT budget FROM ledger_lines WHERE account <> 'appropriated' GROUP BY budget, account HAVING SUM(amount) < 0) AS x`,
		"totals that are not sums of lines":  `SELECT COUNT(*) FROM budgets AS b WHERE b.total <> ` + sumOf(`'appropriated'`, "-") + ` OR b.committed <> ` + sumOf(`'committed', 'payable', 'paid'`, "") + ` OR b.paid <> ` + sumOf(`'paid'`, ""),
		"budgets out of order":               `SELECT COUNT(*) FROM budgets WHERE NOT (0 <= paid AND paid <= committed AND committed <= total)`,
		"awards that are not their shares":   `SELECT COUNT(*) FROM awards AS a WHERE a.amount <> COALESCE((SELECT SUM(s.amount) FROM award_shares AS s WHERE s.award = a.id), 0)`,
		"commitments that are not of awards": `SELECT COUNT(*) FROM budgets AS b WHERE b.committed <> COALESCE((SELECT SUM(s.amount) FROM award_shares AS s JOIN awards AS a ON a.id = s.award WHERE s.budget = b.id AND a.state <> 'released'), 0)`,
		"payments that are not of awards":    `SELECT COUNT(*) FROM budgets AS b WHERE b.paid <> COALESCE((SELECT SUM(s.amount) FROM award_shares AS s JOIN awards AS a ON a.id = s.award WHERE s.budget = b.id AND a.state = 'paid'), 0)`,
		"paid awards without a paid line":    `SELECT COUNT(*) FROM awards AS a WHERE (a.state = 'paid') <> EXISTS (SELECT 1 FROM payment_lines AS l WHERE l.award = a.id AND l.state = 'paid')`,
		"lines of another amount":            `SELECT COUNT(*) FROM payment_lines AS l JOIN awards AS a ON a.id = l.award WHERE a.amount <> l.amount OR CASE WHEN a.payee <> '' THEN a.payee ELSE a.party END <> l.party`,
		"payable that is not sent":           `SELECT COUNT(*) FROM awards AS a WHERE (SELECT COALESCE(SUM(l.amount), 0) FROM ledger_lines AS l JOIN ledger_entries AS e ON e.id = l.entry WHERE e.award = a.id AND l.account = 'payable') <> COALESCE((SELECT SUM(p.amount) FROM payment_lines AS p WHERE p.award = a.id AND p.state = 'sent'), 0)`,
		"batches that do not add up":         `SELECT COUNT(*) FROM payment_batches AS b WHERE b.state <> 'cancelled' AND b.total <> COALESCE((SELECT SUM(l.amount) FROM payment_lines AS l WHERE l.batch = b.id AND l.state <> 'dropped'), 0)`,
	} {
		if n := r.count(query); n != 0 {
			r.t.Errorf("%d %s", n, what)
		}
	}
	if n := r.count(books); n != 0 {
		r.t.Errorf("%d wrongs in the books", n)
	}
	report, err := audit.Verify(r.sys)
	r.must(err)
	for _, p := range report.Problems {
		r.t.Errorf("audit: %+v", p)
	}
}

func sumOf(accounts, sign string) string {
	return `COALESCE((SELECT ` + sign + `SUM(l.amount) FROM ledger_lines AS l WHERE l.budget = b.id AND l.account IN (` + accounts + `)), 0)`
}

// exec changes rows behind everybody's back.
func (r *room) exec(query string, args ...any) {
	r.t.Helper()
	r.must(store.Write(r.sys, func(ctx context.Context) error {
		_, err := store.Tx(ctx).NewRaw(query, args...).Exec(ctx)
		return err
	}))
}

// tamper runs a statement behind everybody's back, counts what the audit finds, and undoes it.
func (r *room) tamper(query string) int {
	r.t.Helper()
	found, undo := 0, errors.New("undo")
	err := store.Write(r.sys, func(ctx context.Context) error {
		res, err := store.Tx(ctx).NewRaw(query).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("nothing was changed: %s (%v)", query, err)
		}
		report, err := audit.Verify(ctx)
		if err != nil {
			return err
		}
		found = len(report.Problems)
		return undo
	})
	if !errors.Is(err, undo) {
		r.t.Error(err)
	}
	return found
}
