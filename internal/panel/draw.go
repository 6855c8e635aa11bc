package panel

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/lot"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Draw draws the panel of a round, in the transaction of the action that says so. Conflict if one stands already (unless it cannot be filled any more), or
// if too few experts are left once those are left out who may not be in it.
func (r *Room) Draw(ctx context.Context, round Round, rules *policy.Panel, cases []Candidate) error {
	switch old, err := standing(ctx, round.ID); {
	case err != nil:
		return err
	case old != nil:
		if old.State != stateOpen {
			return fault.New(fault.Conflict, "这一批的专家已经评完，不能再抽取")
		}
		short, err := old.short(ctx, rules)
		if err != nil {
			return err
		}
		if short == 0 {
			return fault.New(fault.Conflict, "这一批已经抽取过专家，不能重抽")
		}
		old.State = stateVoid
		if err := old.changed(ctx, "panel.voided", map[string]int{"short": short}); err != nil {
			return err
		}
	}
	if len(cases) == 0 {
		return fault.New(fault.Conflict, "现在没有等待评审的申报")
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if c.Term == "" {
			return fault.New(fault.Conflict, "申报"+c.Number+"的条款没有按评分排名的名额，不用专家评分")
		}
		if key := c.Party + "\x00" + c.Term; seen[key] {
			return fault.New(fault.Conflict, c.Name+"有两件申报用同一个评分，不能一起评")
		} else {
			seen[key] = true
		}
	}
	experts, excluded, err := r.eligible(ctx, rules, cases)
	if err != nil {
		return err
	}
	if len(experts) < rules.Experts {
		return fault.New(fault.Conflict, fmt.Sprintf("可以参加抽取的专家只有%d人，需要%d人：专家库中符合专业的，有%d人因故不能参加", len(experts), rules.Experts, len(excluded)))
	}
	p := &panelRow{ID: store.NewID(), Round: round.ID, RoundNumber: round.Number, RoundTitle: round.Title, Department: round.Department, Rules: jsonOf(rules),
		Seed: lot.Seed(), DrawnAt: store.Stamp(clock.Now(ctx)), DrawnBy: by(ctx), State: stateOpen, Version: 1}
	if _, err := store.Tx(ctx).NewInsert().Model(p).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return fault.New(fault.Conflict, "这一批刚刚抽取过专家，不能重抽")
		}
		return err
	}
	order, _ := lot.Order(p.Seed, experts)
	tickets := []*ticketRow{}
	for i, id := range order {
		tickets = append(tickets, &ticketRow{Panel: p.ID, Expert: id, Position: int64(i + 1), State: ticketWaiting})
	}
	for id, why := range excluded {
		tickets = append(tickets, &ticketRow{Panel: p.ID, Expert: id, Excluded: why, State: ticketOut})
	}
	// Codes tell nothing of whose they are, and follow from nothing that is kept.
	codes := rand.Perm(len(cases))
	lines := make([]*lineRow, len(cases))
	for i, c := range cases {
		lines[i] = &lineRow{Panel: p.ID, Case: c.Case, Number: c.Number, Party: c.Party, PartyName: c.Name, Term: c.Term, Code: fmt.Sprintf("%0*d", len(fmt.Sprint(len(cases))), codes[i]+1)}
	}
	for some := range slices.Chunk(tickets, 200) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(lines, 200) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	if err := r.fill(ctx, p, rules); err != nil {
		return err
	}
	return p.record(ctx, "panel.drawn", map[string]any{"round": p.Round, "seed": p.Seed, "order": order, "excluded": excluded, "experts": rules.Experts})
}

// eligible are the experts who may be drawn for some cases, and of the others that the rules ask for why each may not.
func (r *Room) eligible(ctx context.Context, rules *policy.Panel, cases []Candidate) (experts []string, excluded map[string]string, err error) {
	rows := []*expertRow{}
	q := store.Tx(ctx).NewSelect().Model(&rows)
	if rules.Pool != "" {
		of := map[string]bool{}
		var list []string
		for _, c := range cases {
			if !of[c.Department] {
				of[c.Department] = true
				list = append(list, c.Department)
			}
		}
		q = q.Where("e.department IN (?)", bun.List(list))
	}
	if err := q.OrderExpr("e.id").Scan(ctx); err != nil {
		return nil, nil, err
	}
	today := clock.Today(ctx).String()
	var parties []string
	for _, c := range cases {
		parties = append(parties, c.Party)
	}
	excluded = map[string]string{}
	for _, e := range rows {
		if fields := listOf(e.Fields); len(rules.Fields) > 0 && !slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(rules.Fields, f) }) {
			continue
		}
		why := e.bound(cases)
		switch {
		case e.State != "active":
			why = "不在聘"
		case e.Since > today || e.Until != "" && e.Until < today:
			why = "不在聘期内"
		case e.Login == "":
			why = "没有登录账号"
		case why == "":
			if why, err = r.world.Barred(ctx, e.Login, parties); err != nil {
				return nil, nil, err
			}
		}
		if why != "" {
			excluded[e.ID] = why
			continue
		}
		experts = append(experts, e.ID)
	}
	return experts, excluded, nil
}

// bound says why an expert may not score some cases, as far as the pool knows; empty: nothing is known.
func (e *expertRow) bound(cases []Candidate) string {
	related := listOf(e.Related)
	for _, c := range cases {
		name := plainName(c.Name)
		switch {
		case c.Code != "" && c.Code == e.EmployerCode, plainName(e.Employer) == name:
			return "与申报人同一单位"
		case c.Code == "" && plainName(e.Name) == name:
			return "与申报人同名"
		case slices.ContainsFunc(related, func(x string) bool { return x == c.Code && x != "" || plainName(x) == name }):
			return "已登记与申报人有关系"
		case c.Payee != "" && (c.PayeeCode != "" && c.PayeeCode == e.EmployerCode || plainName(e.Employer) == plainName(c.Payee)):
			return "与申报人的收款单位同一单位"
		}
	}
	return ""
}

// plainName is a name without what two people write differently.
func plainName(s string) string {
	return strings.NewReplacer(" ", "", "　", "", "（", "(", "）", ")").Replace(strings.TrimSpace(s))
}

// fill calls the next of the lot for every case that lacks an expert, and tells them.
func (r *Room) fill(ctx context.Context, p *panelRow, rules *policy.Panel) error {
	tickets, err := lotOf(ctx, p.ID)
	if err != nil {
		return err
	}
	lines, err := linesOf(ctx, p.ID)
	if err != nil {
		return err
	}
	sheets, err := sheetsOf(ctx, p.ID, "")
	if err != nil {
		return err
	}
	live, has := map[string]int{}, map[[2]string]bool{}
	for _, s := range sheets {
		has[[2]string{s.Case, s.Expert}] = true
		if s.State != sheetRecused {
			live[s.Case]++
		}
	}
	fresh := []*sheetRow{}
	called := map[string]bool{}
	for _, c := range lines {
		for _, t := range tickets {
			if live[c.Case] >= rules.Experts {
				break
			}
			if t.State == ticketOut || has[[2]string{c.Case, t.Expert}] {
				continue
			}
			fresh = append(fresh, &sheetRow{ID: store.NewID(), Panel: p.ID, Case: c.Case, Expert: t.Expert, State: sheetCalled, Marks: "{}", Version: 1})
			live[c.Case]++
			called[t.Expert] = true
			if t.State == ticketWaiting {
				t.State = ticketCalled
				if err := t.write(ctx); err != nil {
					return err
				}
			}
		}
	}
	for some := range slices.Chunk(fresh, 200) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	for _, s := range fresh {
		if err := s.record(ctx, "panel.called"); err != nil {
			return err
		}
	}
	for _, t := range tickets {
		if !called[t.Expert] {
			continue
		}
		e, err := expertByID(ctx, t.Expert)
		if err != nil {
			return err
		}
		if err := r.world.Tell(ctx, e.Login, "您已被随机抽取为评审专家", p.RoundTitle+"：请先声明有没有应当回避的情形，再评分"); err != nil {
			return err
		}
	}
	return nil
}

// short is how many scores of a panel nobody is left to give.
func (p *panelRow) short(ctx context.Context, rules *policy.Panel) (int, error) {
	lines, err := linesOf(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	sheets, err := sheetsOf(ctx, p.ID, "")
	if err != nil {
		return 0, err
	}
	short := rules.Experts * len(lines)
	for _, s := range sheets {
		if s.State != sheetRecused {
			short--
		}
	}
	return short, nil
}
