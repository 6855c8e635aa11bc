package treasury

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Trace is the whole way of one award: the clause it rests on, the case, the budgets it is taken from, every booking, and every payment
// with the bank's serial number. It is the same whichever end one begins at.
type Trace struct {
	Award   AwardView `json:"award"`
	Entries []Entry   `json:"entries" nullable:"false" doc:"every booking, the first one first; not shown to firms"`
}

// TraceOf says where to begin; exactly one is given.
type TraceOf struct {
	Line   string // id or code of a payment
	Serial string // of the bank
	Case   string // id or number of a case
	Scheme string
	Budget string
}

func (f TraceOf) one() bool {
	n := 0
	for _, s := range []string{f.Line, f.Serial, f.Case, f.Scheme, f.Budget} {
		if s != "" {
			n++
		}
	}
	return n == 1
}

// maxTraces is how many traces one page has at most.
const maxTraces = 50

// Trace follows money from a bank line, a serial number, a case, a scheme or a budget; of several awards the latest first, and how many
// there are. It shows what the actor may see: Invalid when not exactly one beginning is given; Forbidden as Awards.
func (t *Treasury) Trace(ctx context.Context, f TraceOf, page Page) ([]Trace, int, error) {
	if !f.one() {
		return nil, 0, fault.New(fault.Invalid, "请从付款、流水号、申报、条款、预算中选一样来查")
	}
	if len(own(ctx)) == 0 {
		if err := mayRead(ctx); err != nil {
			return nil, 0, err
		}
	}
	page.Size = min(page.limit(), maxTraces)
	out, total := []Trace{}, 0
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, n, err := tracedAwards(ctx, f, page)
		if err != nil {
			return err
		}
		total = n
		views, err := t.showAwards(ctx, rows)
		if err != nil {
			return err
		}
		a := account.ActorFrom(ctx)
		var ids []string
		for _, v := range views {
			if !a.Speaks(v.Party) {
				ids = append(ids, v.ID)
			}
		}
		booked, err := entriesOfAwards(ctx, ids)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, v := range views {
			one := Trace{Award: v, Entries: []Entry{}}
			one.Entries = append(one.Entries, booked[v.ID]...)
			out = append(out, one)
		}
		return nil
	})
	return out, total, err
}
