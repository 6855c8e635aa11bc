package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// story is what so many of the cases of a round have come to, each act through the room on the day that it was done.
type story struct {
	Firms int   `yaml:"firms"`
	Acts  []act `yaml:"acts"`
}

// act is an action that somebody took on a case: so many days after the one before (the first: after the round began), or so many days
// before the county is made, spread over the cases. What would come later than the day on which the county is made has not happened.
type act struct {
	As     string `yaml:"as"` // firm, office
	Do     string `yaml:"do"`
	After  [2]int `yaml:"after"`
	Ago    [2]int `yaml:"ago"`
	Reason string `yaml:"reason"`
	Item   string `yaml:"item"` // what is to be made good, where the action asks for it
}

// done is an act of one case on its day.
type done struct {
	day  policy.Date
	kase casework.CaseRow
	act  act
	rows []registry.FactBody // what the firm lists, where it hands in
}

// began is the last such day of a year before today, where a round has one; else today.
func (r Round) began(today policy.Date) (policy.Date, error) {
	if r.Began == "" {
		return today, nil
	}
	for _, year := range []int{today.Year(), today.Year() - 1} {
		day, err := policy.ParseDate(fmt.Sprintf("%04d-%s", year, r.Began))
		if err != nil || day < today {
			return day, err
		}
	}
	return today, nil
}

// tell lets the cases of a round that began in the past come as far as the county's file says, day by day.
func (m *maker) tell(ctx context.Context, s *state, round string, r Round, began policy.Date) error {
	office := r.office(ctx)
	var kases []casework.CaseRow
	for page := 1; ; page++ {
		got, err := m.options.Casework.Cases(office, casework.CaseFilter{Round: round, Page: page, Per: 200})
		if err != nil {
			return err
		}
		kases = append(kases, got.Items...)
		if !got.More {
			break
		}
	}
	slices.SortFunc(kases, func(a, b casework.CaseRow) int { return strings.Compare(a.Number, b.Number) })
	var all []done
	next := 0
	lists, err := m.listings(s, r)
	if err != nil {
		return err
	}
	for _, x := range r.Story {
		for range min(x.Firms, len(kases)-next) {
			day := began
			for _, a := range x.Acts {
				if day = a.day(day, clock.Today(ctx), next); day > clock.Today(ctx) {
					break
				}
				d := done{day: day, kase: kases[next], act: a}
				if a.As == "firm" {
					d.rows = lists.rows(next)
				}
				all = append(all, d)
			}
			next++
		}
	}
	if err := m.besides(ctx, s, r, lists); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b done) int { return cmp.Compare(a.day, b.day) })
	for _, d := range all {
		if err := m.act(ctx, r, d); err != nil {
			return fmt.Errorf("%s %s: %w", d.kase.Number, d.act.Do, err)
		}
	}
	return nil
}

// day is when an act of the case at a place was done, the one before it having been done on a day.
func (a act) day(before, today policy.Date, place int) policy.Date {
	if span := a.Ago[1] - a.Ago[0]; a.Ago[1] > 0 {
		return max(before, today.AddDays(-a.Ago[1]+place%(span+1)))
	}
	return before.AddDays(a.After[0] + place%(a.After[1]-a.After[0]+1))
}

// act does what was done on a case, as the firm or the office that did it.
func (m *maker) act(ctx context.Context, r Round, d done) error {
	ctx = on(ctx, d.day)
	who := r.office(ctx)
	if d.act.As == "firm" {
		who = account.WithActor(ctx, &account.Actor{AccountID: account.SystemID, Login: account.SystemID, Name: d.kase.PartyName,
			Grants: []account.Grant{{Role: account.RoleFirm, Party: d.kase.Party}}})
		form, err := m.options.Casework.FormOf(who, d.kase.ID)
		if err != nil {
			return err
		}
		draft := casework.Draft{Commitment: true, Contact: m.county.Contact.Name, Phone: m.county.Contact.Phone, Statements: d.rows}
		for _, l := range form.Lists {
			if len(d.rows) == 0 {
				draft.None = append(draft.None, l.Key)
			}
		}
		if _, err := m.options.Casework.Save(who, d.kase.ID, form.Version, draft); err != nil {
			return err
		}
	}
	view, err := m.options.Casework.Progress(who, "case", d.kase.ID)
	if err != nil {
		return err
	}
	doing := casework.Doing{Action: d.act.Do, Version: view.Instance.Version, Reason: d.act.Reason}
	if d.act.Item != "" {
		doing.Data = []byte(fmt.Sprintf(`{"items":[{"text":%q}]}`, d.act.Item))
	}
	for _, t := range view.Tasks {
		for _, a := range t.Actions {
			if a.Key == d.act.Do {
				doing.Task, doing.Version = t.ID, t.Version
			}
		}
	}
	_, err = m.options.Casework.Do(who, d.kase.ID, doing)
	return err
}
