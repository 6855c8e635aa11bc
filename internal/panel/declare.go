package panel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// seat is an expert on a panel, as they act.
type seat struct {
	panel  *panelRow
	rules  *policy.Panel
	expert *expertRow
	ticket *ticketRow
	sheets []*sheetRow
}

// own is the seat of whoever asks. NotFound for everybody who was not called.
func own(ctx context.Context, panel string) (*seat, error) {
	a := account.ActorFrom(ctx)
	if !a.Is(account.RoleExpert) {
		return nil, errUnknown()
	}
	e := &expertRow{}
	err := store.Tx(ctx).NewSelect().Model(e).Where("e.login = ? AND e.login <> ''", a.Login).Scan(ctx)
	if err == nil {
		t := &ticketRow{}
		if err = store.Tx(ctx).NewSelect().Model(t).Where("l.panel = ? AND l.expert = ? AND l.position > 0 AND l.state <> ?", panel, e.ID, ticketWaiting).Scan(ctx); err == nil {
			p, err := panelByID(ctx, panel)
			if err != nil {
				return nil, err
			}
			rules, err := rulesOf(p.Rules)
			if err != nil {
				return nil, err
			}
			sheets, err := sheetsOf(ctx, panel, e.ID)
			return &seat{p, rules, e, t, sheets}, err
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errUnknown()
	}
	return nil, err
}

// lock makes whoever else changes the panel wait, and reads the seat as it stands then.
func lock(ctx context.Context, panel string) (*seat, error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE panels SET version = version WHERE id = ?`, panel).Exec(ctx); err != nil {
		return nil, err
	}
	return own(ctx, panel)
}

// undeclared says whether something waits for a declaration.
func (s *seat) undeclared() bool {
	return slices.ContainsFunc(s.sheets, func(x *sheetRow) bool { return x.State == sheetCalled })
}

// recused says whether they have said that they may not score a case.
func (s *seat) recused(caseID string) bool {
	return slices.ContainsFunc(s.sheets, func(x *sheetRow) bool { return x.Case == caseID && x.State == sheetRecused })
}

// Declaration is what an expert says before anything is shown.
type Declaration struct {
	Conflicts []string `json:"conflicts" maxItems:"500" doc:"ids of the applicants with whom the expert has a conflict of interest; empty: with none"`
	Reason    string   `json:"reason,omitempty" maxLength:"500" doc:"required with a conflict"`
}

// Declare takes the declaration of whoever asks. With a conflict they leave the panel, or the cases concerned, as its rules say, and the next of the lot
// is called. It may be said again later, when a conflict is found: what was given to the cases concerned does not count then.
func (r *Room) Declare(ctx context.Context, panel string, d Declaration) (*Seat, error) {
	var out *Seat
	err := store.Write(ctx, func(ctx context.Context) error {
		s, err := lock(ctx, panel)
		if err != nil {
			return err
		}
		switch {
		case s.panel.State != stateOpen:
			return fault.New(fault.Conflict, "评审已经结束")
		case s.ticket.State != ticketCalled:
			return fault.New(fault.Conflict, "您已退出这个专家组")
		}
		d.Reason = strings.TrimSpace(d.Reason)
		if len(d.Conflicts) > 0 && d.Reason == "" {
			return fault.New(fault.Invalid, "请写明应当回避的情形", fault.At("reason", "请写明是什么关系"))
		}
		if utf8.RuneCountInString(d.Reason) > 500 || !store.Plain(d.Reason) {
			return fault.New(fault.Invalid, "理由过长或含有不允许的字符", fault.At("reason", "不超过500字"))
		}
		lines, err := linesOf(ctx, panel)
		if err != nil {
			return err
		}
		conflict := map[string]bool{} // by case
		for _, party := range d.Conflicts {
			known := false
			for _, c := range lines {
				if c.Party != party {
					continue
				}
				known = true
				if !s.recused(c.Case) { // what was said before, or in another window, is said
					conflict[c.Case] = true
				}
			}
			if !known {
				return fault.New(fault.Invalid, "名单中没有这个申报人", fault.At("conflicts", "名单中没有这个申报人"))
			}
		}
		if len(conflict) == 0 && !s.undeclared() {
			return fault.New(fault.Conflict, "您已声明过")
		}
		s.ticket.DeclaredAt = store.Stamp(clock.Now(ctx))
		if d.Reason != "" {
			s.ticket.Reason = d.Reason
		}
		left := 0
		for _, x := range s.sheets {
			switch {
			case x.State == sheetRecused:
				continue
			case conflict[x.Case] || len(conflict) > 0 && s.rules.Conflict == "panel":
				x.State = sheetRecused
				err = x.write(ctx, "panel.recused")
			case x.State == sheetCalled:
				x.State = sheetOpen
				left++
				err = x.write(ctx, "panel.opened")
			default:
				left++
			}
			if err != nil {
				return err
			}
		}
		// They declare about everybody, so that nobody can tell whose the cases are that are theirs: what is another's to score may not become theirs.
		for _, c := range lines {
			if !conflict[c.Case] || slices.ContainsFunc(s.sheets, func(x *sheetRow) bool { return x.Case == c.Case }) {
				continue
			}
			x := &sheetRow{ID: store.NewID(), Panel: panel, Case: c.Case, Expert: s.expert.ID, State: sheetRecused, Marks: "{}", Version: 1}
			if _, err := store.Tx(ctx).NewInsert().Model(x).Exec(ctx); err != nil {
				return err
			}
			if err := x.record(ctx, "panel.recused"); err != nil {
				return err
			}
		}
		free := slices.ContainsFunc(lines, func(c *lineRow) bool { return !conflict[c.Case] && !s.recused(c.Case) })
		if left == 0 && (s.rules.Conflict == "panel" || !free) { // else they may follow somebody for another case
			s.ticket.State = ticketOut
		}
		if err := s.ticket.write(ctx); err != nil {
			return err
		}
		if len(conflict) > 0 {
			if err := r.fill(ctx, s.panel, s.rules); err != nil {
				return err
			}
		}
		if err := s.panel.changed(ctx, "panel.declared", map[string]any{"expert": s.expert.ID, "conflicts": len(conflict)}); err != nil {
			return err
		}
		out, err = r.seat(ctx, panel)
		return err
	})
	return out, err
}

// Excuse takes an expert who cannot attend any longer off a panel (officers of its department), with the reason. What they handed in stands, so that nobody is
// sent away for what they gave; the next of the lot is called for the rest. Conflict if nothing is left for them to hand in.
func (r *Room) Excuse(ctx context.Context, panel, expert, reason string) (*Panel, error) {
	var out *Panel
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > 500 || !store.Plain(reason) {
		return nil, fault.New(fault.Invalid, "请写明不能参加的原因", fault.At("reason", "请写明原因，不超过500字"))
	}
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`UPDATE panels SET version = version WHERE id = ?`, panel).Exec(ctx); err != nil {
			return err
		}
		p, err := visible(ctx, panel)
		if err != nil {
			return err
		}
		if err := mayKeep(ctx, p.Department); err != nil {
			return err
		}
		rules, err := rulesOf(p.Rules)
		if err != nil {
			return err
		}
		tickets, err := lotOf(ctx, panel)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(tickets, func(t *ticketRow) bool { return t.Expert == expert && t.State == ticketCalled })
		if at < 0 || p.State != stateOpen {
			return fault.New(fault.Conflict, "这位专家现在不在专家组里，或评审已经结束")
		}
		sheets, err := sheetsOf(ctx, panel, expert)
		if err != nil {
			return err
		}
		given, left := 0, 0
		for _, x := range sheets {
			switch x.State {
			case sheetSubmitted:
				given++
			case sheetCalled, sheetOpen:
				left++
				x.State = sheetRecused
				if err := x.write(ctx, "panel.recused"); err != nil {
					return err
				}
			}
		}
		if left == 0 {
			return fault.New(fault.Conflict, "这位专家的评分都已提交，不能换下")
		}
		why := "缺席：" + reason
		if given > 0 {
			why = fmt.Sprintf("缺席%d件：%s", left, reason)
		}
		if was := tickets[at].Reason; was != "" {
			why = was + "；" + why
		}
		tickets[at].State, tickets[at].Reason = ticketOut, why
		if err := tickets[at].write(ctx); err != nil {
			return err
		}
		if err := r.fill(ctx, p, rules); err != nil {
			return err
		}
		if err := p.changed(ctx, "panel.excused", map[string]string{"expert": expert, "reason": reason}); err != nil {
			return err
		}
		out, err = r.view(ctx, p)
		return err
	})
	return out, err
}
