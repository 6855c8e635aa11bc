package treasury

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Account is an account of the ledger; every budget has one of each.
type Account string

const (
	Appropriated Account = "appropriated" // what was put in, negative: the other side of everything
	Available    Account = "available"    // may still be promised
	Committed    Account = "committed"    // promised, not yet ordered to be paid
	Payable      Account = "payable"      // ordered; the bank has not answered
	PaidOut      Account = "paid"
)

// Accounts are all there are, in the order of a fen's way.
var Accounts = []Account{Appropriated, Available, Committed, Payable, PaidOut}

// EntryKind is what an entry books.
type EntryKind string

const (
	KindAppropriate EntryKind = "appropriate"
	KindReduce      EntryKind = "reduce"
	KindCommit      EntryKind = "commit"
	KindRelease     EntryKind = "release"
	KindOrder       EntryKind = "order"
	KindPay         EntryKind = "pay"
	KindFail        EntryKind = "fail"
	KindCorrect     EntryKind = "correct"
)

// label is how a list names the kind.
func (k EntryKind) label() string {
	return map[EntryKind]string{KindAppropriate: "安排预算", KindReduce: "调减预算", KindCommit: "承诺", KindRelease: "解除承诺", KindOrder: "送银行",
		KindPay: "已支付", KindFail: "支付失败", KindCorrect: "更正"}[k]
}

// Entry is one booking. It is never changed; an error is put right by an entry that corrects it.
type Entry struct {
	ID         string      `json:"id"`
	Kind       EntryKind   `json:"kind" enum:"appropriate,reduce,commit,release,order,pay,fail,correct"`
	Round      string      `json:"round"`
	Award      string      `json:"award,omitempty"`
	CaseNumber string      `json:"case_number,omitempty"`
	PartyName  string      `json:"party_name,omitempty"`
	Line       string      `json:"line,omitempty" doc:"code of the payment"`
	Document   string      `json:"document,omitempty" doc:"what it rests on: funding document, bank serial number"`
	On         policy.Date `json:"on" doc:"the day that counts"`
	Reason     string      `json:"reason,omitempty"`
	Corrects   string      `json:"corrects,omitempty" doc:"the entry that this one takes back"`
	Corrected  string      `json:"corrected,omitempty" doc:"the entry that takes this one back"`
	PostedAt   string      `json:"posted_at"`
	PostedBy   string      `json:"posted_by"`
	Lines      []EntryLine `json:"lines" nullable:"false" doc:"they sum to zero"`
	Mine       bool        `json:"mine" doc:"whoever asks may correct it"`
}

// EntryLine is what an entry does to one account.
type EntryLine struct {
	Budget  string     `json:"budget"`
	Source  string     `json:"source"`
	Account Account    `json:"account" enum:"appropriated,available,committed,payable,paid"`
	Amount  policy.Fen `json:"amount" doc:"fen; positive: into the account"`
}

// EntryFilter narrows a list of entries; empty fields ask for nothing.
type EntryFilter struct {
	Round, Budget, Award, Line string
	Kind                       EntryKind
}

// Entries lists bookings that touch what the actor may read, the latest first, and how many there are. Forbidden for all but finance,
// leaders and auditors.
func (t *Treasury) Entries(ctx context.Context, f EntryFilter, page Page) (out []Entry, total int, err error) {
	if err := mayRead(ctx); err != nil {
		return nil, 0, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		out, total, err = entries(ctx, f, page)
		return err
	})
	return orEmpty(out), total, err
}

// movement takes an amount from one account of a budget to another.
type movement struct {
	budget   string
	from, to Account
	amount   policy.Fen
}

// posting is an entry that is to be made of movements: it cannot fail to balance.
type posting struct {
	kind        EntryKind
	round       string
	award, line string
	document    string
	on          policy.Date // zero: today
	reason      string
	corrects    string
	moves       []movement
}

// change is what movements do to the running totals of a budget.
type change struct{ total, committed, paid policy.Fen }

func (c *change) add(a Account, amount policy.Fen) {
	switch a {
	case Appropriated:
		c.total -= amount
	case Committed, Payable:
		c.committed += amount
	case PaidOut:
		c.committed += amount
		c.paid += amount
	}
}

// post books entries: it moves the running totals of every budget concerned, each by one conditional UPDATE and in one order, and writes
// the lines that say why. It is the only way to move money. Conflict names the budget that does not allow it, and by how much.
func post(ctx context.Context, postings []posting) error {
	changes := map[string]*change{}
	for _, p := range postings {
		if len(p.moves) == 0 {
			return errors.New("treasury: an entry without movements")
		}
		for _, m := range p.moves {
			if m.amount <= 0 || m.from == m.to {
				return fmt.Errorf("treasury: a movement of %d from %s to %s", m.amount, m.from, m.to)
			}
			c := changes[m.budget]
			if c == nil {
				c = &change{}
				changes[m.budget] = c
			}
			c.add(m.from, -m.amount)
			c.add(m.to, m.amount)
		}
	}
	for _, id := range sortedKeys(changes) {
		if *changes[id] == (change{}) {
			continue // between accounts that the totals do not tell apart
		}
		b, err := moveTotals(ctx, id, *changes[id])
		if err != nil {
			return err
		}
		if err := b.audit(ctx, "budget.move", nil); err != nil {
			return err
		}
	}
	return writeEntries(ctx, postings)
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// writeEntries writes the postings as entries with their lines, and logs each.
func writeEntries(ctx context.Context, postings []posting) error {
	at, today := store.Stamp(clock.Now(ctx)), clock.Today(ctx)
	by, name := who(ctx)
	var heads []entryRow
	var lines []entryLineRow
	for _, p := range postings {
		e := entryRow{ID: store.NewID(), Kind: string(p.kind), Round: p.round, Award: p.award, Line: p.line, Document: p.document,
			OnDate: cmp.Or(p.on, today).String(), Reason: p.reason, Corrects: p.corrects, PostedAt: at, PostedBy: by, PostedName: name}
		own := p.lines(e.ID)
		heads, lines = append(heads, e), append(lines, own...)
		if err := audit.Append(ctx, audit.Event{Action: "entry." + e.Kind, Kind: kindEntry, ID: e.ID, Digest: e.digest(own),
			Data: map[string]string{"round": e.Round, "award": e.Award, "corrects": e.Corrects}}); err != nil {
			return err
		}
	}
	err := insertEntries(ctx, heads, lines)
	if store.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "这笔分录已经更正过", err)
	}
	return err
}

// lines are two for each movement: out of one account and into the other.
func (p posting) lines(entry string) []entryLineRow {
	out := make([]entryLineRow, 0, 2*len(p.moves))
	for _, m := range p.moves {
		for _, side := range []struct {
			account Account
			amount  policy.Fen
		}{{m.from, -m.amount}, {m.to, m.amount}} {
			out = append(out, entryLineRow{Entry: entry, Number: int64(len(out)), Budget: m.budget, Account: string(side.account), Amount: int64(side.amount)})
		}
	}
	return out
}

// along moves every share of an award within its own budget.
func along(shares []shareRow, from, to Account) []movement {
	out := make([]movement, len(shares))
	for i, s := range shares {
		out[i] = movement{s.Budget, from, to, policy.Fen(s.Amount)}
	}
	return out
}
