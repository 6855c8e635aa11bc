// Package treasury keeps the money of awards: what a round has to give, what was promised, what the bank paid.
//
// # The ledger
//
// Everything rests on a double-entry ledger (ledger.go). Each budget has five accounts, the fewest that tell the whole way of a fen:
//
//	appropriated   the other side of everything: what was put in, negative
//	available      may still be promised
//	committed      promised by a decision, not yet ordered to be paid
//	payable        ordered: the bank has been told and has not answered
//	paid           the bank says that it paid
//
// An entry is made of movements from one account to another, so its lines sum to zero whatever is asked for. Entries are written once;
// what was wrong is put right by a new entry that names the one it corrects. Whatever moves money goes through one function, post, which
// also keeps the running totals on the budget's row (total; committed: promised, paid or not; paid) by one conditional UPDATE: that is
// the guard by which many who decide at once never exceed a budget. The totals are always the sums of the lines.
//
// # The way of a fen
//
//	Raise     appropriated → available     finance: a budget is made or raised (budget.go); Lower is the way back, never below what is committed
//	Commit    available → committed        at the decision, all awards of it or none (award.go); Release is the way back, before payment
//	Send      committed → payable          a payment batch goes to the bank (batch.go)
//	Apply     payable → paid               the bank's result workbook says paid (result.go); payable → committed where it says failed
//	Correct   any of these backwards       a new entry that names the old one (correction.go)
//
// Which budget an award takes: those of its own scheme if its round has any, else those for any scheme of the round. Of several sources
// the first in their declared order is used up first; an award may be split where one ends and the next begins. Its shares are kept, and
// every later entry moves each share within its own budget.
//
// # Money that comes back
//
// Claim owes back what a case was paid, or a part of it (receivable.go): a ledger of its own, whose every row takes an amount from one account
// to another, with owed = awarded − returned − lost. What came back (repayment.go) one person of finance states and another confirms; it pays the
// principal first, then the interest (interest.go), which is booked when it is received. A leader writes off what will not be paid. It does
// not go back into the round's budget: where it goes finance decides with a budget of its own.
//
// # Payment
//
// A batch gathers the committed awards of a round under one funding document (资金下达). A second person approves it. Sending it pins the
// bank account of every payee: a party without a confirmed account is set aside with the reason, and its award waits for a later batch, as
// an award does whose payment failed. An account (bankaccount.go) that is new, changed, shared with another party, or that a payment
// failed on, is held until a person of finance confirms it who neither entered it nor caused it to be held.
//
// # Who
//
// Finance acts, leaders and auditors read, each within the departments and towns granted; a firm's speakers see its own awards, payments
// and account. It is checked in the SQL that reads (scope.go). Nobody handles a payment to a party they speak for.
//
// The room knows no case: casework hands in awards and hears through OnPaid, OnReversed and OnGivenUp, inside the same transaction.
package treasury

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Treasury is the room. One serves every tenant: the database comes with the context.
type Treasury struct {
	paid     []func(ctx context.Context, paid []Paid) error
	reversed []func(ctx context.Context, paid []Paid, reason string) error
	givenUp  []func(ctx context.Context, awards []Award, reason string) error
	repaid   []func(ctx context.Context, p Purpose, days []policy.Date) error
	rounds   Rounds
}

// New makes the room.
func New() *Treasury { return &Treasury{} }

// Paid is an award of which the bank says that it was paid.
type Paid struct {
	Award Award
	On    policy.Date // the day that the bank names
	Batch string      // code of the payment batch
	Line  string      // code of the payment: with Batch the evidence of the fact
}

// OnPaid calls fn inside the transaction that books payments. An error undoes the booking. Call it before serving.
func (t *Treasury) OnPaid(fn func(ctx context.Context, paid []Paid) error) {
	t.paid = append(t.paid, fn)
}

// OnReversed calls fn inside the transaction of a correction that takes payments back: what OnPaid told is no longer so.
func (t *Treasury) OnReversed(fn func(ctx context.Context, paid []Paid, reason string) error) {
	t.reversed = append(t.reversed, fn)
}

// OnGivenUp calls fn inside the transaction in which finance gives awards up that cannot be paid.
func (t *Treasury) OnGivenUp(fn func(ctx context.Context, awards []Award, reason string) error) {
	t.givenUp = append(t.givenUp, fn)
}

// Round is what the treasury shows of a round.
type Round struct {
	Number  string
	Title   string
	Schemes map[string]string // title by id

	Department string // who runs it
}

// Rounds tells of rounds, by id; one that is not there is left out.
type Rounds func(ctx context.Context, ids []string) (map[string]Round, error)

// UseRounds tells the room who knows the rounds. Without it any id is taken, and shown as it is. Call it before serving.
func (t *Treasury) UseRounds(rounds Rounds) { t.rounds = rounds }

// roundsOf are the rounds of a list, each once.
func (t *Treasury) roundsOf(ctx context.Context, ids []string) (map[string]Round, error) {
	seen := map[string]bool{}
	var list []string
	for _, id := range ids {
		if id != "" && !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	out := map[string]Round{}
	if t.rounds != nil && len(list) > 0 {
		known, err := t.rounds(ctx, list)
		if err != nil {
			return nil, err
		}
		for id, r := range known {
			out[id] = r
		}
	}
	for _, id := range list {
		if _, ok := out[id]; !ok {
			out[id] = Round{Number: id, Title: id}
		}
	}
	return out, nil
}

// Page chooses a part of a list.
type Page struct{ Number, Size int } // Number counts from 1; Size at most 2000

func (p Page) limit() int {
	if p.Size <= 0 {
		return 20
	}
	return min(p.Size, 2000)
}

func (p Page) offset() int { return (max(1, p.Number) - 1) * p.limit() }

// most is the largest sum that anybody may state: 10 trillion yuan. Sums of many stay far below what an int64 holds.
const most policy.Fen = 1_000_000_000_000_000

// wrong is a fault about one field.
func wrong(name, message string) error {
	return fault.New(fault.Invalid, message, fault.At(name, "%s", message))
}

// words checks a text that a person gives: between least and most characters, none of them invisible.
func words(name, label, text string, least, most int) (string, error) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && least > 0:
		return "", wrong(name, "请填写"+label)
	case n < least || n > most:
		return "", wrong(name, fmt.Sprintf("%s应为%d至%d个字", label, max(least, 1), most))
	case !store.Plain(text):
		return "", wrong(name, label+"含有不能使用的字符")
	}
	return text, nil
}

func reasonText(reason string) (string, error) { return words("reason", "理由", reason, 2, 500) }

func sum(name string, amount policy.Fen) error {
	if amount <= 0 || amount > most {
		return wrong(name, "金额应大于零，并写到分")
	}
	return nil
}

// who is how the books name whoever acts: the account's id, by which two persons are told apart, and the name for readers.
func who(ctx context.Context) (id, name string) {
	a := account.ActorFrom(ctx)
	if a.Name != "" {
		return a.AccountID, a.Name
	}
	return a.AccountID, a.Login
}

func number[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
