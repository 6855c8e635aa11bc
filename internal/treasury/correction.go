package treasury

import (
	"context"
	"fmt"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Correct takes an entry back by a new one with the opposite movements, which names it: never by an edit. What rested on the entry goes
// back with it: a payment that was booked as paid or failed waits for the bank's right result again, and OnReversed is told of what is not
// paid after all; a budget that was raised or lowered is as it was. Promises are not corrected but released.
//
// By finance of its scope other than who posted it. Conflict when it was corrected before, when it is of a kind that is not corrected, or
// when what came after it stands in the way; Forbidden to who posted it, to who only reads, and to who speaks for the party; NotFound if
// the actor may not read it.
func (t *Treasury) Correct(ctx context.Context, id, reason string) (out Entry, err error) {
	if reason, err = reasonText(reason); err != nil {
		return out, err
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		e, err := visibleEntry(ctx, id)
		if err != nil {
			return err
		}
		if err := mayCorrect(ctx, e); err != nil {
			return err
		}
		p := posting{kind: KindCorrect, round: e.Round, award: e.Award, line: e.Line, document: e.Document, reason: reason, corrects: e.ID, moves: e.backwards()}
		switch EntryKind(e.Kind) {
		case KindAppropriate, KindReduce:
			err = post(ctx, []posting{p})
		case KindPay, KindFail:
			err = t.reopen(ctx, e, p, reason)
		default:
			err = fault.New(fault.Conflict, "这类分录不作更正：承诺有误请解除后重新承诺，送银行有误请等银行回执")
		}
		if err != nil {
			return err
		}
		out, err = entryCorrecting(ctx, id)
		return err
	})
	return out, err
}

// mayCorrect checks who asks against the entry.
func mayCorrect(ctx context.Context, e entryView) error {
	if e.Award != "" {
		if err := mustCover(ctx, e.Department, e.Town); err != nil {
			return err
		}
	} else if err := mustCover(ctx, e.Department, ""); err != nil {
		return err
	}
	posted, err := account.Did(ctx, e.PostedBy, kindEntry, e.ID)
	switch {
	case err != nil:
		return err
	case account.ActorFrom(ctx).Speaks(e.Party):
		return interested()
	case posted:
		return fault.New(fault.Forbidden, "入账人不能更正自己入的账，请由另一名财政人员更正")
	case e.Corrected != "":
		return fault.New(fault.Conflict, "这笔分录已经更正过")
	}
	return nil
}

// backwards are the movements of an entry the other way.
func (e entryView) backwards() []movement {
	var out []movement
	for i := 0; i+1 < len(e.lines); i += 2 { // written by posting.lines: out of the one, into the other
		from, to := e.lines[i], e.lines[i+1]
		out = append(out, movement{from.Budget, Account(to.Account), Account(from.Account), policy.Fen(to.Amount)})
	}
	return out
}

// reopen lets a payment that has its result wait for the bank again.
func (t *Treasury) reopen(ctx context.Context, e entryView, p posting, reason string) error {
	line, err := lineByCode(ctx, e.Line)
	if err != nil {
		return err
	}
	was := line
	line.State, line.Serial, line.PaidOn, line.Why, line.Result = LineSent, "", "", "", ""
	ok, err := settleLine(ctx, line, was.State)
	if err != nil {
		if store.IsUnique(err) {
			return fault.Wrap(fault.Conflict, "这笔奖补已编入后来的付款批次，不能再更正", err)
		}
		return err
	}
	if !ok || was.State != LinePaid && was.State != LineFailed {
		return fault.New(fault.Conflict, "这笔付款现在没有可以更正的结果")
	}
	award, ok, err := unpayAward(ctx, was)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "这笔奖补已经解除，或编入了后来的付款批次，不能再更正")
	}
	if was.State == LinePaid {
		claimed, err := claimedOf(ctx, award.Case)
		if err != nil {
			return err
		}
		standing, err := awardsOfCases(ctx, []string{award.Case})
		if err != nil {
			return err
		}
		paid := policy.Fen(0)
		for _, r := range standing[award.Case] {
			if r.State == AwardPaid {
				paid += policy.Fen(r.Amount)
			}
		}
		if claimed > paid {
			return fault.New(fault.Conflict, fmt.Sprintf("这件申报已付的资金已经追回%s，付款不能再更正", claimed))
		}
	}
	if err := post(ctx, []posting{p}); err != nil {
		return err
	}
	batch, err := reopenBatch(ctx, line.Batch)
	if err != nil {
		return err
	}
	if err := batch.audit(ctx, "batch.reopen", reason); err != nil {
		return err
	}
	if err := auditLines(ctx, "line.reopen", []lineRow{line}); err != nil {
		return err
	}
	if err := auditAwards(ctx, "award.reopen", []awardRow{award}); err != nil {
		return err
	}
	if was.State != LinePaid {
		return nil
	}
	reversed := paidOf(batch, []lineRow{was}, []awardRow{award})
	for _, fn := range t.reversed {
		if err := fn(ctx, reversed, reason); err != nil {
			return err
		}
	}
	return nil
}
