package casework

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// A hearing (听证) is a visit by a checklist that says hearing. The office sets its day, which lies after the whole of the notice that the checklist gives;
// whoever acted at a stage that it names does not hold it; its officers sign the record as those who went sign what they found; and the party, who is
// shown the record then, says that it is right or what is wrong with it, once.

// firstDay is the first day on which a hearing may be held of which the party is told now. Its last day of notice must be known.
func firstDay(ctx context.Context, h *policy.Hearing) (policy.Date, error) {
	last, err := lastDay(ctx, clock.Today(ctx), h.Notice.N, h.Notice.Unit)
	if err != nil {
		return 0, fault.New(fault.Conflict, "还不能定听证的日期："+err.Error())
	}
	return last.AddDays(1), nil
}

// hearingDay is the one date that was set for a hearing.
func hearingDay(ctx context.Context, field string, h *policy.Hearing, dates []string) error {
	if len(dates) != 1 {
		return fault.New(fault.Invalid, "请写明听证的时间", fault.At(field, "听证的时间由部门定，只写一个"))
	}
	first, err := firstDay(ctx, h)
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339, dates[0])
	if err != nil {
		return err
	}
	if clock.DayOf(t) < first {
		return fault.New(fault.Invalid, "听证的时间太早", fault.At(field, "须在%s以前告知申请人（%s），今天告知的，最早%s", h.Notice.Text(), h.Notice.Source(), first))
	}
	return nil
}

// keptOff are those of accounts who acted at stages that keep them from holding a hearing of the case.
func (c *Casework) keptOff(ctx context.Context, row *caseRow, h *policy.Hearing) ([]string, error) {
	if h == nil || len(h.Apart) == 0 {
		return nil, nil
	}
	return c.engine.Acted(ctx, flowCase, row.ID, h.Apart)
}

// heard is the guard of that name: each hearing of the process is held and none is open.
func (c *Casework) heard(ctx context.Context, _ process.Move, row *caseRow) error {
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil {
		return err
	}
	for _, key := range p.Hearings() {
		if _, err := lastDone(ctx, row, p.Checklist(key), "还没有举行"); err != nil {
			return err
		}
	}
	return nil
}

// nextHearing is when and where the hearing of a case is held that is set now; nothing where none is.
func (c *Casework) nextHearing(ctx context.Context, row *caseRow) (when, where string, err error) {
	rows, err := visitsOf(ctx, row.ID)
	if err != nil {
		return "", "", err
	}
	for _, v := range rows {
		if v.State != visitSet {
			continue
		}
		list, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return "", "", err
		}
		if at, err := store.ParseStamp(v.At); err == nil && list.Hearing != nil {
			return document.Day(clock.DayOf(at)) + clock.TimeOfDay(at), v.Place, nil
		}
	}
	return "", "", nil
}

// recordOf is the record of a hearing as its officers signed it.
func recordOf(ctx context.Context, hearing string, list *policy.Checklist) ([]VisitItem, error) {
	items, err := itemsOf(ctx, hearing, list)
	for i := range items {
		items[i].Earlier, items[i].Late = []VisitEntry{}, []VisitEntry{}
	}
	return items, err
}

// AnswerRecord is what the party says of the record of a hearing: that it is right, or what is wrong with it. It is said once. Forbidden for whoever
// does not speak for the party, Conflict before the record is signed, after it was said, and of a visit on the spot.
func (c *Casework) AnswerRecord(ctx context.Context, id string, right bool, says string) (*Visit, error) {
	var out *Visit
	err := store.Write(ctx, func(ctx context.Context) error {
		v, row, err := lockVisit(ctx, id)
		if err != nil {
			return err
		}
		if err := mustSpeak(ctx, row.Party); err != nil {
			return err
		}
		list, err := c.checklistOf(ctx, row, v.Checklist)
		if err != nil {
			return err
		}
		says = strings.TrimSpace(says)
		switch {
		case list.Hearing == nil:
			return fault.New(fault.Conflict, "现场核查没有要申请人确认的笔录")
		case v.State != visitDone:
			return fault.New(fault.Conflict, "笔录还没有签字，请等听证办完")
		case v.AnsweredAt != "":
			return fault.New(fault.Conflict, "笔录已经确认过，不能再改")
		case right && says != "":
			return fault.New(fault.Invalid, "请确认笔录，或写明哪里不对", fault.At("says", "笔录无误的不用写"))
		case !right && (says == "" || utf8.RuneCountInString(says) > 1000 || !store.Plain(says)):
			return fault.New(fault.Invalid, "请写明笔录哪里不对", fault.At("says", "请写明哪里不对，不超过1000字"))
		}
		v.AnsweredAt, v.AnsweredBy, v.Says = store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID, says
		if err := v.write(ctx); err != nil {
			return err
		}
		if err := recordVisit(ctx, "visit.record_answered", id, map[string]any{"case": row.ID, "right": right}); err != nil {
			return err
		}
		title := "申请人确认了听证笔录"
		if !right {
			title = "申请人对听证笔录有异议"
		}
		if err := c.tellGoers(ctx, v, row, title, says); err != nil {
			return err
		}
		out, err = c.visitView(ctx, v, row)
		return err
	})
	return out, err
}
