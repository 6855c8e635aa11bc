package treasury_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/treasury"
)

const number = "6222 0000-1111 2222"

// draft is an account of a party.
func draft(number, replaces string) treasury.AccountDraft {
	return treasury.AccountDraft{Holder: "某电器有限公司", Bank: "某银行", Number: number, Replaces: replaces}
}

// Mutations: let who entered it confirm it; confirm from any state; do not hold a changed account; leave Replaces unread; mask nothing → red.
func TestANewOrChangedAccountIsHeld(t *testing.T) {
	each(t, func(r *room) {
		r.staff()
		party := r.parties["a"]
		_, err := r.BankAccountOf(r.firm("a"), party)
		wantCode(r.t, "none yet", err, fault.NotFound)
		made, err := r.SetBankAccount(r.firm("a"), party, draft(number, ""))
		r.must(err)
		if made.State != treasury.AccountHeld || !slices.Equal(made.Why, []string{"new"}) || made.Number != "****2222" || made.Held == "" {
			r.t.Errorf("%+v", made)
		}
		again, err := r.SetBankAccount(r.firm("a"), party, draft("6222000011112222", ""))
		r.must(err)
		if again.ID != made.ID {
			r.t.Error("the same again made another account")
		}
		if got := toldOf(r.notes()); got != "财一 treasury.account_held, 财二 treasury.account_held" {
			r.t.Errorf("told %s", got)
		}
		_, err = r.ConfirmBankAccount(r.firm("a"), made.ID, "我自己核对")
		wantCode(r.t, "confirmed by the firm", err, fault.Forbidden)
		_, err = r.ConfirmBankAccount(r.one(), made.ID, " ")
		wantCode(r.t, "without evidence", err, fault.Invalid)
		got, err := r.ConfirmBankAccount(r.one(), made.ID, "开户许可证")
		r.must(err)
		if got.State != treasury.AccountConfirmed || got.ConfirmedBy != "财一" || len(got.Why) != 0 || got.Held != "" || got.Evidence != "开户许可证" {
			r.t.Errorf("%+v", got)
		}
		_, err = r.ConfirmBankAccount(r.two(), made.ID, "开户许可证")
		wantCode(r.t, "twice", err, fault.Conflict)

		// Finance changes it: somebody else has to confirm.
		_, err = r.SetBankAccount(r.one(), party, draft("6222000011113333", ""))
		wantCode(r.t, "without having seen the old one", err, fault.Conflict)
		changed, err := r.SetBankAccount(r.one(), party, draft("6222000011113333", made.ID))
		r.must(err)
		if changed.State != treasury.AccountHeld || !slices.Equal(changed.Why, []string{"changed"}) || changed.Supersedes != made.ID {
			r.t.Errorf("%+v", changed)
		}
		if changed.Mine {
			r.t.Error("whoever entered it is offered to confirm it")
		}
		_, err = r.ConfirmBankAccount(r.one(), changed.ID, "电话核对")
		wantSays(r.t, "by who entered it", err, fault.Forbidden, "录入人")
		_, err = r.ConfirmBankAccount(r.two(), changed.ID, "电话核对")
		r.must(err)
		_, err = r.SetBankAccount(r.firm("a"), party, draft("6222000011114444", made.ID))
		wantCode(r.t, "replacing what is replaced", err, fault.Conflict)
		_, err = r.ConfirmBankAccount(r.two(), made.ID, "电话核对")
		wantCode(r.t, "confirming what is replaced", err, fault.Conflict)

		// Two at once: one wins, the other is told.
		errs := make([]error, 8)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() {
				_, errs[n] = r.SetBankAccount(r.firm("a"), party, draft("62220000111155"+string(rune('0'+n))+"0", changed.ID))
			})
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				wantCode(r.t, "the loser", err, fault.Conflict)
			}
		}
		if won != 1 || r.count(`SELECT COUNT(*) FROM bank_accounts WHERE party = ? AND state <> 'replaced'`, party) != 1 {
			r.t.Errorf("%d won", won)
		}
		r.sound()
	})
}

// A number that stands at two parties holds both until a second person has looked at each; a firm is not told whose it is.
// Mutations: leave holdSharers out; compare the number only with the party's own → red; tell a firm of shared → red.
func TestASharedAccountIsHeld(t *testing.T) {
	each(t, func(r *room) {
		r.ready("a", "2222")
		b, err := r.SetBankAccount(r.firm("b"), r.parties["b"], draft("6222000011112222", ""))
		r.must(err)
		if b.Held == "" || slices.Contains(b.Why, "shared") || len(b.SharedWith) != 0 {
			r.t.Errorf("the firm is told %+v", b)
		}
		for name, other := range map[string]string{"a": "b", "b": "a"} {
			got, err := r.BankAccountOf(r.two(), r.parties[name])
			r.must(err)
			if got.State != treasury.AccountHeld || !slices.Contains(got.Why, "shared") || !slices.Equal(got.SharedWith, []string{other + "电器有限公司"}) {
				r.t.Errorf("%s: %+v", name, got)
			}
			firm, err := r.BankAccountOf(r.firm(name), r.parties[name])
			r.must(err)
			if firm.Held == "" || slices.Contains(firm.Why, "shared") || len(firm.SharedWith) != 0 || strings.Contains(firm.Held, "其他主体") {
				r.t.Errorf("%s is told %+v", name, firm)
			}
			reader, err := r.BankAccountOf(r.as("审计", account.Grant{Role: account.RoleAuditor}), r.parties[name])
			r.must(err)
			if len(reader.SharedWith) != 0 {
				r.t.Errorf("an auditor is told whose number it is too: %+v", reader)
			}
			if _, err := r.ConfirmBankAccount(r.two(), got.ID, "同一集团，已核对"); err != nil {
				r.t.Error(err)
			}
		}
		// Not by who caused it: finance enters a third.
		c, err := r.SetBankAccount(r.one(), r.parties["c"], draft("6222000011112222", ""))
		r.must(err)
		a, err := r.BankAccountOf(r.one(), r.parties["a"])
		r.must(err)
		if a.State != treasury.AccountHeld {
			r.t.Error("the first was not held again")
		}
		for _, id := range []string{a.ID, c.ID} {
			_, err = r.ConfirmBankAccount(r.one(), id, "已核对")
			wantCode(r.t, "by who caused it", err, fault.Forbidden)
		}
		// Entered at the same moment, neither saw the other: whoever confirms is told first.
		r.exec(`UPDATE bank_accounts SET why = 'new' WHERE id = ?`, c.ID)
		_, err = r.ConfirmBankAccount(r.two(), c.ID, "已核对")
		wantSays(r.t, "an unseen sharer", err, fault.Conflict, "其他主体")
		_, err = r.ConfirmBankAccount(r.two(), c.ID, "已核对")
		r.must(err)
	})
}

// An account is confirmed while another party enters its number: whichever comes first, what the log says of the row is what the row is, and
// a hold that came second stands. Mutation: leave out lockAccounts → red on PostgreSQL.
func TestAnAccountIsConfirmedWhileItIsHeld(t *testing.T) {
	each(t, func(r *room) {
		a, err := r.SetBankAccount(r.firm("a"), r.parties["a"], draft("6222000011113333", ""))
		r.must(err)
		var b treasury.BankAccount
		fns := []func() error{
			func() error { _, err := r.ConfirmBankAccount(r.two(), a.ID, "已核对"); return err },
			func() (err error) {
				b, err = r.SetBankAccount(r.firm("b"), r.parties["b"], draft("6222000011113333", b.ID))
				return err
			},
		}
		for _, first := range []int{0, 1} {
			errs := storetest.Held(r.t, r.sys, `UPDATE bank_accounts SET why = why WHERE id = ?`, a.ID, fns[first], fns[1-first])
			r.must(errs[1-first]) // entering
			if errs[first] != nil {
				wantCode(r.t, "confirming", errs[first], fault.Conflict)
			}
			r.sound()
			b, err = r.SetBankAccount(r.firm("b"), r.parties["b"], draft("6222000011114444", b.ID))
			r.must(err)
		}
	})
}

// Mutation: leave one of the checks out of normal → red.
func TestWhatAnAccountHolds(t *testing.T) {
	each(t, func(r *room) {
		good := draft("12345678", "")
		for what, change := range map[string]func(*treasury.AccountDraft){
			"no holder":    func(d *treasury.AccountDraft) { d.Holder = " " },
			"no bank":      func(d *treasury.AccountDraft) { d.Bank = "" },
			"no number":    func(d *treasury.AccountDraft) { d.Number = "" },
			"too short":    func(d *treasury.AccountDraft) { d.Number = "1234567" },
			"too long":     func(d *treasury.AccountDraft) { d.Number = strings.Repeat("1", 33) },
			"letters":      func(d *treasury.AccountDraft) { d.Number = "12345678X" },
			"other digits": func(d *treasury.AccountDraft) { d.Number = "١٢٣٤٥٦٧٨" },
			"a long name":  func(d *treasury.AccountDraft) { d.Holder = strings.Repeat("长", 101) },
			"a control":    func(d *treasury.AccountDraft) { d.Bank = "某\x07银行" },
		} {
			d := good
			change(&d)
			_, err := r.SetBankAccount(r.firm("a"), r.parties["a"], d)
			wantCode(r.t, what, err, fault.Invalid)
		}
		for n, ok := range []string{"12345678", "１２３４５６７８９", strings.Repeat("9", 32)} {
			d := draft(ok, "")
			if n > 0 {
				live, err := r.BankAccountOf(r.firm("a"), r.parties["a"])
				r.must(err)
				d.Replaces = live.ID
			}
			if _, err := r.SetBankAccount(r.firm("a"), r.parties["a"], d); err != nil {
				r.t.Errorf("%d: %v", n, err)
			}
		}
	})
}

// The whole number: to finance with a reason and to the party itself, logged each time.
// Mutations: leave the event out; give it to readers → red.
func TestReadingAWholeNumber(t *testing.T) {
	each(t, func(r *room) {
		r.ready("a", "2222")
		logged := func() int {
			list, err := audit.List(r.sys, audit.Filter{Kind: "bank_account"})
			r.must(err)
			n := 0
			for _, e := range list {
				if strings.Contains(e.Data, "6222") {
					r.t.Errorf("the log holds the number: %s", e.Data)
				}
				if e.Action == "bank_account.unmask" {
					n++
				}
			}
			return n
		}
		got, err := r.UnmaskBankAccount(r.firm("a"), r.parties["a"], "")
		r.must(err)
		if got.Number != "6222000011112222" || logged() != 1 {
			r.t.Errorf("%+v, logged %d", got, logged())
		}
		_, err = r.UnmaskBankAccount(r.one(), r.parties["a"], "")
		wantCode(r.t, "finance without a reason", err, fault.Invalid)
		got, err = r.UnmaskBankAccount(r.one(), r.parties["a"], "核对回执")
		r.must(err)
		if got.Number != "6222000011112222" || logged() != 2 {
			r.t.Errorf("%+v, logged %d", got, logged())
		}
		for what, ctx := range map[string]account.Role{"leader": account.RoleLeader, "auditor": account.RoleAuditor} {
			_, err := r.UnmaskBankAccount(r.as(what, account.Grant{Role: ctx}), r.parties["a"], "想看一看")
			wantCode(r.t, what, err, fault.Forbidden)
		}
		if logged() != 2 {
			r.t.Errorf("logged %d", logged())
		}
	})
}
