package treasury

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
)

// States of a bank account.
const (
	AccountHeld      = "held"      // nothing is paid to it
	AccountConfirmed = "confirmed" // a second person of finance has looked at it
	AccountReplaced  = "replaced"  // the party has another
)

// For what an account is held.
const (
	HeldNew     = "new"
	HeldChanged = "changed"
	HeldShared  = "shared" // its number is another party's as well
	HeldFailed  = "failed" // a payment to it failed
)

// BankAccount is where a party is paid. Every change is a new one, which supersedes the one before. Number is masked wherever it is not
// said otherwise.
type BankAccount struct {
	ID          string   `json:"id"`
	Party       string   `json:"party"`
	PartyName   string   `json:"party_name"`
	Town        string   `json:"town"`
	Holder      string   `json:"holder" doc:"the account's name at the bank"`
	Bank        string   `json:"bank"`
	Number      string   `json:"number" doc:"masked but for its last four digits; the operation unmask-bank-account gives it whole"`
	State       string   `json:"state" enum:"held,confirmed,replaced"`
	Why         []string `json:"why" nullable:"false" doc:"what it is held for: new, changed, shared, failed; a firm is not told of shared"`
	Held        string   `json:"held,omitempty" doc:"the same in plain words"`
	SharedWith  []string `json:"shared_with" nullable:"false" doc:"names of other parties with this number; for finance only"`
	Supersedes  string   `json:"supersedes,omitempty"`
	EnteredAt   string   `json:"entered_at"`
	EnteredBy   string   `json:"entered_by"`
	ConfirmedAt string   `json:"confirmed_at,omitempty"`
	ConfirmedBy string   `json:"confirmed_by,omitempty"`
	Evidence    string   `json:"evidence,omitempty" doc:"what was looked at to confirm it"`
	Mine        bool     `json:"mine" doc:"whoever asks may confirm it"`
}

// AccountDraft is what is stated of an account. Replaces is the id of the live one as it was seen, empty if there was none.
type AccountDraft struct{ Holder, Bank, Number, Replaces string }

// AccountFilter narrows a list of accounts; empty fields ask for nothing.
type AccountFilter struct {
	State string // held or confirmed
	Text  string // part of the party's name
}

func noAccount() error {
	return fault.New(fault.NotFound, "没有这个收款账户，或不在您的权限范围内")
}

// normal is the draft as it is kept. Invalid names every field that is not acceptable.
func (d AccountDraft) normal() (AccountDraft, error) {
	var details []fault.Detail
	text := func(name, label string, s *string) {
		*s = norm.NFC.String(strings.TrimSpace(*s))
		if clean, err := words(name, label, *s, 2, 100); err != nil {
			details = append(details, err.(*fault.Error).Details...)
		} else {
			*s = clean
		}
	}
	text("holder", "户名", &d.Holder)
	text("bank", "开户银行", &d.Bank)
	d.Number = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, norm.NFKC.String(strings.TrimSpace(d.Number)))
	if len(d.Number) < 8 || len(d.Number) > 32 || strings.ContainsFunc(d.Number, func(r rune) bool { return r < '0' || r > '9' }) {
		details = append(details, fault.At("number", "账号应为8至32位数字"))
	}
	if len(details) > 0 {
		return d, fault.New(fault.Invalid, "请更正标出的内容", details...)
	}
	return d, nil
}

// masked shows the last four digits of a number.
func masked(n string) string {
	if len(n) < 4 {
		return ""
	}
	return "****" + n[len(n)-4:]
}

// holds is what an account is held for, as it is kept.
func (r accountRow) holds() []string { return strings.Fields(r.Why) }

// with adds a reason to hold.
func with(why, reason string) string {
	list := strings.Fields(why)
	if !slices.Contains(list, reason) {
		list = append(list, reason)
	}
	return strings.Join(list, " ")
}

var holdWords = map[string]string{HeldNew: "新增的账户待第二人核对", HeldChanged: "变更的账户待第二人核对", HeldShared: "账号与其他主体相同，待核对",
	HeldFailed: "上次付款失败，待更正或核对"}

// hold is why a party cannot be paid: it has no account, or its account is held.
type hold struct {
	none bool
	why  []string
}

func (h hold) sentence() string {
	if h.none {
		return "没有登记收款账户"
	}
	var out []string
	for _, w := range h.why {
		out = append(out, holdWords[w])
	}
	return strings.Join(out, "；")
}

func (r accountRow) digest() string {
	return audit.DigestJSON(r.ID, r.Party, r.Holder, r.Bank, r.Number, r.Supersedes, r.State, r.Why, r.HeldBy, r.EnteredAt, r.EnteredBy, r.EnteredName,
		r.ConfirmedAt, r.ConfirmedBy, r.ConfirmedName, r.Evidence)
}

// audit logs what an account has become; holder and number only as keyed hashes.
func (r accountRow) audit(ctx context.Context, action, reason string) error {
	n, err := audit.Personal(ctx, r.Number)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindAccount, ID: r.ID, Digest: r.digest(),
		Data: map[string]string{"party": r.Party, "number": n, "state": r.State, "why": r.Why, "reason": reason}})
}

// BankAccounts lists the live accounts of parties in the towns that the actor reads, those that are held first, and how many there are.
// Numbers are masked. Forbidden for all but finance, leaders and auditors.
func (t *Treasury) BankAccounts(ctx context.Context, f AccountFilter, page Page) ([]BankAccount, int, error) {
	if err := mayRead(ctx); err != nil {
		return nil, 0, err
	}
	out, total := []BankAccount{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, n, err := bankAccounts(ctx, f, page)
		if err != nil {
			return err
		}
		total = n
		out, err = showAccounts(ctx, rows)
		return err
	})
	return out, total, err
}

// BankAccountOf is the live account of a party, masked: for its speakers and for whoever reads the books of its town. NotFound if there is
// none, or the actor may not see it.
func (t *Treasury) BankAccountOf(ctx context.Context, party string) (out BankAccount, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := liveAccount(ctx, party)
		if err != nil {
			return err
		}
		out, err = showAccount(ctx, row)
		return err
	})
	return out, err
}

// HasAccount says whether a party has stated where it is paid, be it confirmed yet or held. For other rooms: no permission is asked.
func (t *Treasury) HasAccount(ctx context.Context, party string) (has bool, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		_, has, err = liveAccountOf(ctx, party)
		return err
	})
	return has, err
}

func showAccount(ctx context.Context, row accountRow) (BankAccount, error) {
	list, err := showAccounts(ctx, []accountRow{row})
	if err != nil {
		return BankAccount{}, err
	}
	return list[0], nil
}

func showAccounts(ctx context.Context, rows []accountRow) ([]BankAccount, error) {
	a := account.ActorFrom(ctx)
	var numbers []string
	for _, r := range rows {
		if financeOf(ctx, r.Town) {
			numbers = append(numbers, r.Number)
		}
	}
	sharing, err := sharers(ctx, numbers)
	if err != nil {
		return nil, err
	}
	out := make([]BankAccount, len(rows))
	for i, r := range rows {
		b := BankAccount{ID: r.ID, Party: r.Party, PartyName: r.PartyName, Town: r.Town, Holder: r.Holder, Bank: r.Bank, Number: masked(r.Number), State: r.State,
			Why: r.holds(), SharedWith: []string{}, Supersedes: r.Supersedes, EnteredAt: r.EnteredAt, EnteredBy: r.EnteredName,
			ConfirmedAt: r.ConfirmedAt, ConfirmedBy: r.ConfirmedName, Evidence: r.Evidence}
		if a.Speaks(r.Party) {
			// That another party has the same number is not for a firm to find out.
			b.Why = slices.DeleteFunc(b.Why, func(w string) bool { return w == HeldShared })
			if r.State == AccountHeld && len(b.Why) == 0 {
				b.Held = "待财政人员核对"
			}
		} else if financeOf(ctx, r.Town) {
			for _, s := range sharing[r.Number] {
				if s.Party != r.Party {
					b.SharedWith = append(b.SharedWith, s.PartyName)
				}
			}
		}
		if len(b.Why) > 0 {
			b.Held = hold{why: b.Why}.sentence()
		}
		b.Why = orEmpty(b.Why)
		b.Mine = r.State == AccountHeld && financeOf(ctx, r.Town) && !a.Speaks(r.Party) && !a.Same(r.EnteredBy) && !a.Same(r.HeldBy)
		out[i] = b
	}
	return out, nil
}

// SetBankAccount states where a party is paid: by those who speak for it, or by finance of its town. It is held until a second person of
// finance confirms it, and so is every other party's account with the same number. What is stated already is left alone.
// NotFound if the actor may not see the party, Forbidden if it only reads; Invalid names the fields; Conflict if the account was changed
// since it was seen.
func (t *Treasury) SetBankAccount(ctx context.Context, party string, d AccountDraft) (out BankAccount, err error) {
	if d, err = d.normal(); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		p, err := visibleParty(ctx, party)
		if err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Speaks(party) && !financeOf(ctx, p.Town) {
			return fault.New(fault.Forbidden, "只有企业自己和财政人员可以登记收款账户")
		}
		if err := lockAccounts(ctx, `(party = ? OR number = ?)`, party, d.Number); err != nil {
			return err
		}
		live, exists, err := liveAccountOf(ctx, party)
		if err != nil {
			return err
		}
		if exists && live.Holder == d.Holder && live.Bank == d.Bank && live.Number == d.Number {
			out, err = showAccount(ctx, live)
			return err
		}
		if exists && live.ID != d.Replaces || !exists && d.Replaces != "" {
			return accountChanged()
		}
		by, name := who(ctx)
		row := accountRow{ID: store.NewID(), Party: party, Holder: d.Holder, Bank: d.Bank, Number: d.Number, Supersedes: d.Replaces, State: AccountHeld, Why: HeldNew,
			HeldBy: by, EnteredAt: store.Stamp(clock.Now(ctx)), EnteredBy: by, EnteredName: name, PartyName: p.Name, Town: p.Town}
		if exists {
			row.Why = HeldChanged
			if err := replaceAccount(ctx, live); err != nil {
				return err
			}
		}
		others, err := holdSharers(ctx, party, d.Number, by)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			row.Why = with(row.Why, HeldShared)
		}
		if err := insertAccount(ctx, row); err != nil {
			if store.IsUnique(err) {
				return accountChanged()
			}
			return err
		}
		if err := row.audit(ctx, "bank_account.set", ""); err != nil {
			return err
		}
		if err := tellFinance(ctx, "", p.Town, notify.Note{Kind: "treasury.account_held", Title: "有收款账户待核对",
			Body: p.Name + "的收款账户有变动，需由录入人以外的财政人员核对后才能付款。", Link: pageAccounts, Key: party}); err != nil {
			return err
		}
		out, err = showAccount(ctx, row)
		return err
	})
	return out, err
}

func accountChanged() error {
	return fault.New(fault.Conflict, "收款账户刚有变动，请刷新后再看")
}

// ConfirmBankAccount lets payments go to a held account: by finance of its town who neither entered it, nor caused it to be held, nor
// speaks for the party. evidence says what was looked at. Conflict if it is not held any more, or if it turns out to be shared, which
// whoever confirms has to have seen; NotFound if the actor may not see it.
func (t *Treasury) ConfirmBankAccount(ctx context.Context, id, evidence string) (out BankAccount, err error) {
	if evidence, err = words("evidence", "核对依据", evidence, 2, 200); err != nil {
		return out, err
	}
	unseen := false
	err = store.Write(ctx, func(ctx context.Context) error {
		unseen = false
		if err := lockAccounts(ctx, `id = ?`, id); err != nil {
			return err
		}
		row, err := visibleAccount(ctx, id)
		if err != nil {
			return err
		}
		a := account.ActorFrom(ctx)
		entered, err := account.Did(ctx, row.EnteredBy, kindAccount, row.ID)
		if err != nil {
			return err
		}
		held, err := account.Did(ctx, row.HeldBy, kindAccount, row.ID)
		if err != nil {
			return err
		}
		switch {
		case !financeOf(ctx, row.Town):
			return fault.New(fault.Forbidden, "只有财政人员可以核对收款账户")
		case a.Speaks(row.Party):
			return interested()
		case entered:
			return fault.New(fault.Forbidden, "录入人不能核对自己录入的账户，请由另一名财政人员核对")
		case held:
			return fault.New(fault.Forbidden, "这个账户因您的操作而暂缓付款，请由另一名财政人员核对")
		case row.State != AccountHeld:
			return fault.New(fault.Conflict, "这个账户不在待核对状态")
		}
		sharing, err := sharers(ctx, []string{row.Number})
		if err != nil {
			return err
		}
		if len(sharing[row.Number]) > 1 && !slices.Contains(row.holds(), HeldShared) {
			// Two parties entered the number at the same moment: neither saw the other.
			unseen = true
			row.Why = with(row.Why, HeldShared)
			if err := rehold(ctx, row); err != nil {
				return err
			}
			return row.audit(ctx, "bank_account.hold", "")
		}
		row.State, row.Why, row.HeldBy, row.Evidence = AccountConfirmed, "", "", evidence
		row.ConfirmedAt = store.Stamp(clock.Now(ctx))
		row.ConfirmedBy, row.ConfirmedName = who(ctx)
		if err := confirmAccount(ctx, row); err != nil {
			return err
		}
		if err := row.audit(ctx, "bank_account.confirm", evidence); err != nil {
			return err
		}
		out, err = showAccount(ctx, row)
		return err
	})
	if err == nil && unseen {
		return BankAccount{}, fault.New(fault.Conflict, "这个账号刚有其他主体登记；请刷新，核对后再确认")
	}
	return out, err
}

// UnmaskBankAccount gives the live account of a party with its whole number, to finance of its town and to those who speak for the party;
// the reading is logged. Finance gives a reason. NotFound and Forbidden as above.
func (t *Treasury) UnmaskBankAccount(ctx context.Context, party, reason string) (out BankAccount, err error) {
	speaks := account.ActorFrom(ctx).Speaks(party)
	if !speaks || reason != "" {
		if reason, err = reasonText(reason); err != nil {
			return out, err
		}
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := liveAccount(ctx, party)
		if err != nil {
			return err
		}
		if !speaks && !financeOf(ctx, row.Town) {
			return fault.New(fault.Forbidden, "只有企业自己和财政人员可以查看完整账号")
		}
		if out, err = showAccount(ctx, row); err != nil {
			return err
		}
		out.Number = row.Number
		return row.audit(ctx, "bank_account.unmask", reason)
	})
	return out, err
}
