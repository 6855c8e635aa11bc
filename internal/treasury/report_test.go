package treasury_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// paidOnce is a round in which a (100, split 60 + 40 over two sources) is paid, b (200) failed and waits, c (50) was released.
func (r *room) paidOnce() treasury.Batch {
	r.t.Helper()
	r.budget("r1", "s1", "上级资金", 1, yuan(60))
	r.budget("r1", "s1", "本级财政", 2, yuan(1000))
	r.budget("r2", "", "本级财政", 1, yuan(7))
	r.ready("a", "0001")
	r.ready("b", "0002")
	r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "b", yuan(200)), r.award(3, "c", yuan(50))}))
	r.must(r.Release(r.sys, "case-3", "撤回"))
	batch := r.sent()
	lines := r.lines(batch.ID)
	r.apply(batch.ID, paid(lines[0], "S1"), failed(lines[1], "户名不符"))
	return batch
}

// A paid fen is followed from any end: bank line, serial number, case, scheme, budget. Mutations: forget one of the ends in tracedAwards;
// leave the entries out; show a firm whose money it was → red.
func TestTrace(t *testing.T) {
	each(t, func(r *room) {
		batch := r.paidOnce()
		line := r.lines(batch.ID)[0]
		var budget string
		r.query(&budget, `SELECT id FROM budgets WHERE source = '上级资金'`)
		for what, from := range map[string]treasury.TraceOf{"line": {Line: line.ID}, "line's code": {Line: line.Code}, "serial": {Serial: "S1"}, "case": {Case: "case-1"},
			"case's number": {Case: "A001"}, "budget": {Budget: budget}} {
			got, total, err := r.Trace(r.sys, from, treasury.Page{})
			r.must(err)
			if total != 1 || len(got) != 1 {
				r.t.Errorf("%s: %d traces", what, total)
				continue
			}
			a := got[0].Award
			if a.Clause != "某文件 一(一)2" || a.CaseNumber != "A001" || len(a.Shares) != 2 || a.Shares[0].Amount != yuan(60) || a.Shares[1].Source != "本级财政" ||
				len(a.Payments) != 1 || a.Payments[0].Serial != "S1" || a.Payments[0].Document != "测财〔2026〕1号" || a.Payments[0].Account != "****0001" {
				r.t.Errorf("%s: %+v", what, a)
			}
			var kinds []string
			for _, e := range got[0].Entries {
				kinds = append(kinds, string(e.Kind))
				if len(e.Lines) != 4 {
					r.t.Errorf("%s: %+v", what, e)
				}
			}
			if strings.Join(kinds, " ") != "commit order pay" || got[0].Entries[2].Line != line.Code || got[0].Entries[2].Document != "S1" {
				r.t.Errorf("%s: %v", what, kinds)
			}
		}
		if _, total, err := r.Trace(r.sys, treasury.TraceOf{Scheme: "s1"}, treasury.Page{}); err != nil || total != 3 {
			r.t.Errorf("the scheme's: %d, %v", total, err)
		}
		own, total, err := r.Trace(r.firm("a"), treasury.TraceOf{Scheme: "s1"}, treasury.Page{})
		r.must(err)
		if total != 1 || own[0].Award.CaseNumber != "A001" || len(own[0].Entries) != 0 || len(own[0].Award.Shares) != 0 || own[0].Award.Payments[0].Serial != "S1" {
			r.t.Errorf("the firm sees %+v", own)
		}
		for _, from := range []treasury.TraceOf{{}, {Line: "x", Case: "y"}} {
			_, _, err := r.Trace(r.sys, from, treasury.Page{})
			wantCode(r.t, "no one beginning", err, fault.Invalid)
		}
	})
}

// By hand: r1 has 60 + 1000; 100 + 200 are promised (60 + 240), 100 paid (60 + 40); r2 has 7.
// Mutations: count released awards; count what is promised as paid → red.
func TestReport(t *testing.T) {
	each(t, func(r *room) {
		r.paidOnce()
		got, err := r.Report(r.sys, treasury.ReportFilter{})
		r.must(err)
		if s := got.Sum; s.Total != yuan(1067) || s.Committed != yuan(300) || s.Paid != yuan(100) || s.Left != yuan(767) {
			r.t.Errorf("%+v", s)
		}
		line := func(round, scheme, source string, sums ...policy.Fen) string {
			return fmt.Sprint(round, "/", scheme, "/", source, sums)
		}
		var lines []string
		for _, b := range got.Budgets {
			lines = append(lines, line(b.Round, b.SchemeTitle, b.Source, b.Total, b.Committed, b.Paid, b.Left))
		}
		for _, s := range got.Schemes {
			lines = append(lines, line(s.RoundTitle, s.SchemeTitle, s.Source, policy.Fen(s.Awards), s.Committed, s.Paid))
		}
		for _, s := range got.Sources {
			lines = append(lines, line("", "", s.Source, s.Total, s.Committed, s.Paid, s.Left))
		}
		want := []string{
			line("r2", "", "本级财政", yuan(7), 0, 0, yuan(7)),
			line("r1", "条款一", "上级资金", yuan(60), yuan(60), yuan(60), 0),
			line("r1", "条款一", "本级财政", yuan(1000), yuan(240), yuan(40), yuan(760)),
			line("名称r1", "条款一", "上级资金", 1, yuan(60), yuan(60)),
			line("名称r1", "条款一", "本级财政", 2, yuan(240), yuan(40)),
			line("", "", "上级资金", yuan(60), yuan(60), yuan(60), 0),
			line("", "", "本级财政", yuan(1007), yuan(240), yuan(40), yuan(767)),
		}
		if strings.Join(lines, "\n") != strings.Join(want, "\n") {
			r.t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		one, err := r.Report(r.sys, treasury.ReportFilter{Round: "r2"})
		r.must(err)
		if len(one.Budgets) != 1 || len(one.Schemes) != 0 || one.Sum.Total != yuan(7) {
			r.t.Errorf("%+v", one)
		}
	})
}

// Every list as a workbook: what must be there and what must not; whole account numbers in none of them but the bank's.
// Mutations: write the number as it is kept; leave a page of the list out; write cells past spreadsheet.Text → red.
func TestEveryListIsAWorkbook(t *testing.T) {
	each(t, func(r *room) {
		batch := r.paidOnce()
		res, err := r.Results(r.sys, batch.ID)
		r.must(err)
		name := r.award(8, "a", yuan(5))
		name.PartyName, name.Clause = "=电器", "@条款"
		r.must(r.Commit(r.sys, []treasury.Award{name}))
		town := r.as("t", account.Grant{Role: account.RoleFinance, Town: "乙镇"})
		for what, c := range map[string]struct {
			write     func(ctx context.Context, b *bytes.Buffer) error
			has, not  []string
			elsewhere []string // what finance of another town must not get
		}{
			"budgets": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportBudgets(ctx, treasury.BudgetFilter{}, b)
			},
				[]string{"批次r1", "条款一", "上级资金", "755", "全部"}, nil, []string{"上级资金"}},
			"entries": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportEntries(ctx, treasury.EntryFilter{}, b)
			},
				[]string{"已支付", "支付失败", "应付", "-60", "S1", "户名不符", "A001", "'@条款"}, nil, []string{"A001", "下达预算"}},
			"awards": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportAwards(ctx, treasury.AwardFilter{}, b)
			},
				[]string{"A001", "S1", "上级资金 60元；本级财政 40元", "已解除", "撤回", "上次付款失败", "'=电器"}, []string{"62220000"}, []string{"A001"}},
			"accounts": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportBankAccounts(ctx, treasury.AccountFilter{}, b)
			}, []string{"****0001", "暂缓付款", "财一"}, []string{"62220000"}, []string{"****0001"}},
			"batches": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportBatches(ctx, treasury.BatchFilter{}, b)
			},
				[]string{"P2026-0001", "测财〔2026〕1号", "已办结", "已支付1笔100元"}, nil, []string{"P2026-0001"}},
			"lines": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportBatchLines(ctx, batch.ID, treasury.LineFilter{}, b)
			}, []string{"测财〔2026〕1号 2026-11-20 奖补资金", "P2026-0001-00001", "****0001", "某文件 一(一)2", "户名不符"}, []string{"62220000"}, nil},
			"result": {func(ctx context.Context, b *bytes.Buffer) error { return r.ExportResultRows(ctx, res[0].ID, false, b) },
				[]string{"P2026-0001-00002", "支付失败", "户名不符", "S1"}, nil, nil},
			"trace": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportTrace(ctx, treasury.TraceOf{Scheme: "s1"}, b)
			}, []string{"A001", "S1", "P2026-0001-00001", "测财〔2026〕1号"}, []string{"62220000"}, []string{"A001"}},
			"report": {func(ctx context.Context, b *bytes.Buffer) error {
				return r.ExportReport(ctx, treasury.ReportFilter{}, b)
			},
				[]string{"合计", "1067", "按条款", "245"}, nil, []string{"1067"}},
		} {
			text := func(ctx context.Context) string {
				var b bytes.Buffer
				if err := c.write(ctx, &b); err != nil {
					if c.elsewhere == nil && fault.CodeOf(err) == fault.NotFound {
						return ""
					}
					r.t.Errorf("%s: %v", what, err)
					return ""
				}
				var lines []string
				for _, row := range sheetOf(r.t, b.Bytes()) {
					lines = append(lines, strings.Join(row, "|"))
				}
				return strings.Join(lines, "\n")
			}
			all, other := text(r.sys), text(town)
			for _, want := range c.has {
				if !strings.Contains(all, want) {
					r.t.Errorf("%s: %q is missing in\n%s", what, want, all)
				}
			}
			for _, bad := range c.not {
				if strings.Contains(all, bad) {
					r.t.Errorf("%s holds %q", what, bad)
				}
			}
			for _, bad := range c.elsewhere {
				if strings.Contains(other, bad) {
					r.t.Errorf("%s: another town's finance gets %q", what, bad)
				}
			}
		}
	})
}
