package registry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// words is the vocabulary of these tests.
const words = `
vocabulary: 测试词汇
units: {人: {}}
levels: {行政级别: [区县级, 市级, 省级, 国家级]}
sizes: [大型, 中型, 小型, 微型]
terms:
  营业收入: {of: 企业, unit: 元, every: 年, at_least: 0元, from: 统计局}
  资产负债率: {of: 企业, unit: '%', every: 年, at_least: 0%, at_most: 300%, from: 税务局}
  主营收入: {of: 企业, unit: 元, every: 年, at_least: 0元, part_of: 营业收入, from: 统计局}
  从业人数: {of: 企业, unit: 人, every: 年, at_least: 0人, from: 统计局}
  主导产品领域: {of: 企业, words: [战略性新兴产业, 其他], from: 经信局}
  成立日期: {of: 企业, type: date, from: 市场监管局}
  有研发机构: {of: 企业, type: bool, from: 科技局}
  经办电话: {of: 企业, type: word, from: 经信局, personal: 是}
  无主指标: {of: 企业, unit: 元, every: 年}
  全市增速: {of: 地区, unit: '%', every: 年, from: 统计局}
records:
  高新技术企业: {of: 企业, from: 科技局, complete: 科技局}
  科技奖励: {of: 企业, from: 科技局, complete: 科技局, fields: {级别: 行政级别, 奖金: 元, 牵头: 是否}}
  股权融资: {of: 企业, from: 经信局, complete: none, fields: {实缴金额: 元}}
`

func vocabulary(t testing.TB) *policy.Vocabulary {
	t.Helper()
	lib, problems := policy.Load([]policy.File{{Path: "national/words.yaml", Data: []byte(words)}})
	if policy.HasErrors(problems) {
		t.Fatal(problems)
	}
	return lib.Vocabulary()
}

// room is a registry in a fresh tenant, on 2026-11-23.
type room struct {
	*registry.Registry
	t       testing.TB
	v       *policy.Vocabulary
	sys     context.Context // the system
	told    [][]string      // what OnChange heard
	refuse  error           // what OnChange answers
	inside  func(context.Context)
	bareCtx context.Context
}

func at(day string) func() time.Time {
	d, err := time.Parse("2006-01-02", day)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return d.Add(4 * time.Hour) } // noon in China
}

func open(t testing.TB, ctx context.Context) *room {
	v := vocabulary(t)
	r := &room{t: t, v: v, bareCtx: clock.With(ctx, at("2026-11-23"))}
	r.sys = account.System(r.bareCtx)
	r.Registry = registry.New(func(context.Context) (*policy.Vocabulary, error) { return v, nil })
	r.OnChange(func(ctx context.Context, parties []string) error {
		r.told = append(r.told, parties)
		if r.inside != nil {
			r.inside(ctx)
		}
		return r.refuse
	})
	return r
}

// as is a context of an account with these grants.
func (r *room) as(id string, grants ...account.Grant) context.Context {
	return account.WithActor(r.bareCtx, &account.Actor{AccountID: id, Login: id, Name: id, Tenant: "testcounty", Grants: grants})
}

func (r *room) officer(department, town string) context.Context {
	return r.as("officer "+department+town, account.Grant{Role: account.RoleOfficer, Department: department, Town: town})
}

func (r *room) firm(party string) context.Context {
	return r.as("firm", account.Grant{Role: account.RoleFirm, Party: party})
}

func (r *room) public() context.Context { return r.bareCtx }

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// party registers a firm.
func (r *room) party(n int, town string) string {
	r.t.Helper()
	p, err := r.Put(r.sys, registry.Party{Kind: registry.KindFirm, Code: code(n), Name: fmt.Sprintf("第%d电器有限公司", n), Town: town, Industry: "家电", Size: "小型"})
	r.must(err)
	return p.ID
}

// code is the n-th valid code.
func code(n int) string {
	c, ok := registry.CompleteCode(fmt.Sprintf("91330282%08d", n))
	if !ok {
		panic("no code")
	}
	return c
}

func date(s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func wantCode(t testing.TB, what string, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("%s: %q, want %q (%v)", what, got, want, err)
	}
}

// intact says that the audit log agrees with the live rows.
func (r *room) intact() {
	r.t.Helper()
	report, err := audit.Verify(r.sys)
	r.must(err)
	for _, p := range report.Problems {
		r.t.Errorf("audit: %+v", p)
	}
}

// exec changes rows behind everybody's back.
func (r *room) exec(query string, args ...any) int64 {
	r.t.Helper()
	var n int64
	r.must(store.Write(r.sys, func(ctx context.Context) error {
		res, err := store.Tx(ctx).NewRaw(query, args...).Exec(ctx)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	}))
	return n
}

func (r *room) count(query string, args ...any) int {
	r.t.Helper()
	var n int
	r.must(store.Read(r.sys, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &n)
	}))
	return n
}

// tamper runs a statement behind everybody's back, counts what the audit finds, and undoes it.
func (r *room) tamper(query string) int {
	r.t.Helper()
	found := 0
	undo := errors.New("undo")
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
