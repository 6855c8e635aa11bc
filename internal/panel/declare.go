package panel

import (
	"context"
	"database/sql"
	"errors"
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
				if c.Party == party && slices.ContainsFunc(s.sheets, func(x *sheetRow) bool { return x.Case == c.Case }) {
					conflict[c.Case], known = true, true
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
		if left == 0 {
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

// Excuse takes an expert who cannot attend off a panel (officers of its department), with the reason; the next of the lot is called. Conflict once they
// have handed in a score: nobody is sent away for what they gave.
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
		for _, x := range sheets {
			if x.State == sheetSubmitted {
				return fault.New(fault.Conflict, "这位专家已经提交了评分，不能换下")
			}
		}
		for _, x := range sheets {
			if x.State != sheetRecused {
				x.State = sheetRecused
				if err := x.write(ctx, "panel.recused"); err != nil {
					return err
				}
			}
		}
		tickets[at].State, tickets[at].Reason = ticketOut, "缺席："+reason
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
