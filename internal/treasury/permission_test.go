package treasury_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/treasury"
)

// Every operation, for everybody, on what is theirs and what is others': firm a of 甲镇 has awards of 经信局 in round r1.
// + is allowed, F forbidden, N not found (may not know of it), 0 an empty list.
//
// Mutations: let every reader act (readers for finance in covers or financeOf); let officers read; leave department, town or party out of
// scope; take a limited grant for an unlimited one → red.
func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(r *room) {
		whole := r.budget("r1", "", "本级财政", 1, yuan(10_000))
		own, err := r.CreateBudget(r.one(), treasury.BudgetDraft{Round: "r2", Source: "部门资金", Department: "经信局", Total: yuan(100)})
		r.must(err)
		r.must(r.Commit(r.sys, []treasury.Award{r.award(1, "a", yuan(100)), r.award(2, "a", yuan(100)), r.award(3, "a", yuan(100)), r.award(4, "a", yuan(100)), r.award(5, "a", yuan(100))}))
		r.ready("a", "0001")
		id := func(n int) string { return r.awardOf(n).ID }
		order := treasury.BatchOrder{Round: "r1", Department: "经信局", Town: "甲镇", Document: "测财〔2026〕1号", DocumentDate: date("2026-11-20")}
		gather := func(n int) treasury.Batch {
			o := order
			o.Awards = []string{id(n)}
			b, err := r.Prepare(r.one(), o)
			r.must(err)
			return b
		}
		draftB, approvedB, sentB, doneB := gather(2), gather(3), gather(4), gather(5)
		for _, b := range []treasury.Batch{approvedB, sentB, doneB} {
			_, err := r.Approve(r.two(), b.ID, b.Version)
			r.must(err)
		}
		for _, b := range []treasury.Batch{sentB, doneB} {
			_, err := r.Send(r.one(), b.ID)
			r.must(err)
		}
		r.apply(doneB.ID, paid(r.lines(doneB.ID)[0], "S5"))
		staged := r.result(sentB.ID, paid(r.lines(sentB.ID)[0], "S4"))
		draftLine := r.lines(draftB.ID)[0].ID
		pay := r.entry(treasury.KindPay)
		live, err := r.BankAccountOf(r.sys, r.parties["a"])
		r.must(err)
		held, err := r.SetBankAccount(r.firm("a"), r.parties["a"], draft("6222000011117777", live.ID))
		r.must(err)

		grant := func(role account.Role, department, town string) account.Grant {
			return account.Grant{Role: role, Department: department, Town: town}
		}
		people := []struct {
			name string
			ctx  context.Context
		}{
			{"public", r.bare},
			{"firm a", r.firm("a")},
			{"firm b", r.firm("b")},
			{"officer", r.as("officer", grant(account.RoleOfficer, "", ""))},
			{"administrator", r.as("admin", grant(account.RoleAdministrator, "", ""))},
			{"auditor", r.as("auditor", grant(account.RoleAuditor, "", ""))},
			{"leader", r.as("leader", grant(account.RoleLeader, "", ""))},
			{"leader of another department", r.as("leader 2", grant(account.RoleLeader, "科技局", ""))},
			{"finance", r.as("finance", grant(account.RoleFinance, "", ""))},
			{"finance of the department", r.as("finance d", grant(account.RoleFinance, "经信局", ""))},
			{"finance of another department", r.as("finance e", grant(account.RoleFinance, "科技局", ""))},
			{"finance of the town", r.as("finance t", grant(account.RoleFinance, "", "甲镇"))},
			{"finance of another town", r.as("finance u", grant(account.RoleFinance, "", "乙镇"))},
		}
		listed := func(n int, err error) error {
			if err == nil && n == 0 {
				return errEmpty
			}
			return err
		}
		page := treasury.Page{}
		for _, c := range []struct {
			name string
			do   func(ctx context.Context) error
			// public, firm a, firm b, officer, admin, auditor, leader, leader of another dept, finance, of dept, of another dept, of town, of another town
			want string
		}{
			{"list budgets", func(ctx context.Context) error {
				_, n, err := r.Budgets(ctx, treasury.BudgetFilter{}, page)
				return listed(n, err)
			}, "F F F F F + + 0 + + 0 0 0"},
			{"export budgets", func(ctx context.Context) error {
				return r.ExportBudgets(ctx, treasury.BudgetFilter{}, io.Discard)
			}, "F F F F F + + + + + + + +"},
			{"the county's budget", func(ctx context.Context) error { _, err := r.Budget(ctx, whole.ID); return err }, "N N N N N + + N + N N N N"},
			{"the department's budget", func(ctx context.Context) error { _, err := r.Budget(ctx, own.ID); return err }, "N N N N N + + N + + N N N"},
			{"make a budget of the county", func(ctx context.Context) error {
				_, err := r.CreateBudget(ctx, treasury.BudgetDraft{Round: "r3", Source: "x", Total: 1})
				return err
			}, "F F F F F F F F + F F F F"},
			{"make a budget of the department", func(ctx context.Context) error {
				_, err := r.CreateBudget(ctx, treasury.BudgetDraft{Round: "r3", Department: "经信局", Source: "x", Total: 1})
				return err
			}, "F F F F F F F F + + F F F"},
			{"raise the county's", func(ctx context.Context) error { _, err := r.Raise(ctx, whole.ID, 1, 1, "追加"); return err }, "N N N N N F F N + N N N N"},
			{"raise the department's", func(ctx context.Context) error { _, err := r.Raise(ctx, own.ID, 1, 1, "追加"); return err }, "N N N N N F F N + + N N N"},
			{"lower the department's", func(ctx context.Context) error { _, err := r.Lower(ctx, own.ID, 1, 1, "收回"); return err }, "N N N N N F F N + + N N N"},
			{"list entries of awards", func(ctx context.Context) error {
				_, n, err := r.Entries(ctx, treasury.EntryFilter{Kind: treasury.KindPay}, page)
				return listed(n, err)
			}, "F F F F F + + 0 + + 0 + 0"},
			{"list entries of budgets", func(ctx context.Context) error {
				_, n, err := r.Entries(ctx, treasury.EntryFilter{Budget: own.ID}, page)
				return listed(n, err)
			}, "F F F F F + + 0 + + 0 0 0"},
			{"export entries", func(ctx context.Context) error {
				return r.ExportEntries(ctx, treasury.EntryFilter{}, io.Discard)
			}, "F F F F F + + + + + + + +"},
			{"correct a payment", func(ctx context.Context) error { _, err := r.Correct(ctx, pay, "退回"); return err }, "N N N N N F F N + + N + N"},
			{"list awards", func(ctx context.Context) error {
				_, n, err := r.Awards(ctx, treasury.AwardFilter{}, page)
				return listed(n, err)
			}, "F + 0 F F + + 0 + + 0 + 0"},
			{"export awards", func(ctx context.Context) error {
				return r.ExportAwards(ctx, treasury.AwardFilter{}, io.Discard)
			}, "F + + F F + + + + + + + +"},
			{"an award", func(ctx context.Context) error { _, err := r.AwardOf(ctx, id(1)); return err }, "N + N N N + + N + + N + N"},
			{"give an award up", func(ctx context.Context) error { _, err := r.GiveUp(ctx, id(1), "注销了"); return err }, "N F N N N F F N + + N + N"},
			{"list accounts", func(ctx context.Context) error {
				_, n, err := r.BankAccounts(ctx, treasury.AccountFilter{}, page)
				return listed(n, err)
			}, "F F F F F + + + + + + + 0"},
			{"export accounts", func(ctx context.Context) error {
				return r.ExportBankAccounts(ctx, treasury.AccountFilter{}, io.Discard)
			}, "F F F F F + + + + + + + +"},
			{"a's account", func(ctx context.Context) error { _, err := r.BankAccountOf(ctx, r.parties["a"]); return err }, "N + N N N + + + + + + + N"},
			{"state a's account", func(ctx context.Context) error {
				_, err := r.SetBankAccount(ctx, r.parties["a"], draft("6222000011116666", held.ID))
				return err
			}, "N + N N N F F F + + + + N"},
			{"confirm a's account", func(ctx context.Context) error {
				_, err := r.ConfirmBankAccount(ctx, held.ID, "电话核对")
				return err
			}, "N F N N N F F F + + + + N"},
			{"read a's whole number", func(ctx context.Context) error {
				_, err := r.UnmaskBankAccount(ctx, r.parties["a"], "核对账户")
				return err
			}, "N + N N N F F F + + + + N"},
			{"list batches", func(ctx context.Context) error {
				_, n, err := r.Batches(ctx, treasury.BatchFilter{}, page)
				return listed(n, err)
			}, "F F F F F + + 0 + + 0 + 0"},
			{"export batches", func(ctx context.Context) error {
				return r.ExportBatches(ctx, treasury.BatchFilter{}, io.Discard)
			}, "F F F F F + + + + + + + +"},
			{"prepare within the scope", func(ctx context.Context) error { _, err := r.Prepare(ctx, order); return err }, "F F F F F F F F + + F + F"},
			{"prepare for the county", func(ctx context.Context) error {
				o := order
				o.Department, o.Town = "", ""
				_, err := r.Prepare(ctx, o)
				return err
			}, "F F F F F F F F + F F F F"},
			{"a batch", func(ctx context.Context) error { _, err := r.BatchOf(ctx, draftB.ID); return err }, "N N N N N + + N + + N + N"},
			{"its lines", func(ctx context.Context) error {
				_, _, err := r.BatchLines(ctx, draftB.ID, treasury.LineFilter{}, page)
				return err
			}, "N N N N N + + N + + N + N"},
			{"export its lines", func(ctx context.Context) error {
				return r.ExportBatchLines(ctx, draftB.ID, treasury.LineFilter{}, io.Discard)
			}, "N N N N N + + N + + N + N"},
			{"drop a line", func(ctx context.Context) error { _, err := r.Drop(ctx, draftB.ID, draftLine, "暂缓"); return err }, "N N N N N F F N + + N + N"},
			{"approve", func(ctx context.Context) error { _, err := r.Approve(ctx, draftB.ID, draftB.Version); return err }, "N N N N N F F N + + N + N"},
			{"cancel", func(ctx context.Context) error { _, err := r.Cancel(ctx, draftB.ID, "不付了"); return err }, "N N N N N F F N + + N + N"},
			{"send", func(ctx context.Context) error {
				_, err := r.Send(ctx, approvedB.ID) // the account is held: whoever may send is told so
				if fault.CodeOf(err) == fault.Conflict {
					err = nil
				}
				return err
			}, "N N N N N F F N + + N + N"},
			{"the bank's file", func(ctx context.Context) error { return r.BankFile(ctx, sentB.ID, io.Discard) }, "N N N N N F F N + + N + N"},
			{"upload a result", func(ctx context.Context) error {
				_, err := r.Upload(ctx, sentB.ID, "x.xlsx", bytes.NewReader(book(r.t, heading, []any{"x", "", 1, "成功", "S", "2026-11-23"})))
				return err
			}, "N N N N N F F N + + N + N"},
			{"list results", func(ctx context.Context) error { _, err := r.Results(ctx, sentB.ID); return err }, "N N N N N + + N + + N + N"},
			{"a result", func(ctx context.Context) error { _, err := r.ResultOf(ctx, staged.ID); return err }, "N N N N N + + N + + N + N"},
			{"its rows", func(ctx context.Context) error { _, _, err := r.ResultRows(ctx, staged.ID, false, page); return err }, "N N N N N + + N + + N + N"},
			{"export its rows", func(ctx context.Context) error { return r.ExportResultRows(ctx, staged.ID, false, io.Discard) }, "N N N N N + + N + + N + N"},
			{"apply a result", func(ctx context.Context) error { _, err := r.Apply(ctx, staged.ID, treasury.AllOrNone); return err }, "N N N N N F F N + + N + N"},
			{"cancel a result", func(ctx context.Context) error { _, err := r.CancelResult(ctx, staged.ID); return err }, "N N N N N F F N + + N + N"},
			{"trace", func(ctx context.Context) error {
				_, n, err := r.Trace(ctx, treasury.TraceOf{Serial: "S5"}, page)
				return listed(n, err)
			}, "F + 0 F F + + 0 + + 0 + 0"},
			{"export a trace", func(ctx context.Context) error {
				return r.ExportTrace(ctx, treasury.TraceOf{Serial: "S5"}, io.Discard)
			}, "F + + F F + + + + + + + +"},
			{"report", func(ctx context.Context) error {
				rep, err := r.Report(ctx, treasury.ReportFilter{})
				return listed(len(rep.Budgets)+len(rep.Schemes), err)
			}, "F F F F F + + 0 + + 0 + 0"},
			{"export the report", func(ctx context.Context) error {
				return r.ExportReport(ctx, treasury.ReportFilter{}, io.Discard)
			}, "F F F F F + + + + + + + +"},
		} {
			want := strings.Fields(c.want)
			if len(want) != len(people) {
				r.t.Fatalf("%s: %d expectations", c.name, len(want))
			}
			for i, p := range people {
				if got := r.tried(p.ctx, c.do); got != want[i] {
					r.t.Errorf("%s by %s: %s, want %s", c.name, p.name, got, want[i])
				}
			}
		}
		r.sound() // nothing of all this was kept
	})
}

var errEmpty = errors.New("an empty list")

// tried says what comes of an operation, and undoes it.
func (r *room) tried(ctx context.Context, do func(ctx context.Context) error) string {
	r.t.Helper()
	var got error
	undo := errors.New("undo")
	if err := store.Write(ctx, func(ctx context.Context) error { got = do(ctx); return undo }); !errors.Is(err, undo) {
		r.t.Fatal(err)
	}
	switch {
	case got == nil:
		return "+"
	case errors.Is(got, errEmpty):
		return "0"
	case fault.CodeOf(got) == fault.Forbidden:
		return "F"
	case fault.CodeOf(got) == fault.NotFound:
		return "N"
	default:
		return got.Error()
	}
}
