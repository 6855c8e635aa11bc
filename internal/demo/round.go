package demo

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// Round is a round that the demo county opens on the day it is made. Its dates count from that day, because a demo is always of today.
type Round struct {
	Number      string        `yaml:"number"`
	Title       string        `yaml:"title"`
	Process     string        `yaml:"process"`
	Department  string        `yaml:"department"`
	Performance int           `yaml:"performance"`
	Began       string        `yaml:"began"`    // month-day: it began on the last such day, and {year} in its words is the year before that; empty: it begins on the day the county is made
	Days        int           `yaml:"days"`     // how long its window is open
	Standing    bool          `yaml:"standing"` // it takes applications all the time: it has no days and no year, and what is told of it began in the past
	Lists       *listing      `yaml:"lists"`    // what the firms of its cases list when they hand in; nil: nothing
	Body        string        `yaml:"body"`
	Schemes     []RoundScheme `yaml:"schemes"`
	Story       []story       `yaml:"story"`
}

// office is the department that runs the round.
func (r Round) office(ctx context.Context) context.Context {
	return account.WithActor(ctx, &account.Actor{AccountID: account.SystemID, Login: account.SystemID, Name: r.Department,
		Grants: []account.Grant{{Role: account.RoleOfficer, Department: r.Department}}})
}

// RoundScheme is a scheme of a demo round.
type RoundScheme struct {
	Scheme    string     `yaml:"scheme"`
	Materials []Material `yaml:"materials"`
	Budget    *budget    `yaml:"budget"`
}

// budget is money set aside for a scheme of a demo round.
type budget struct {
	Source string `yaml:"source"`
	Yuan   int64  `yaml:"yuan"`
	Note   string `yaml:"note"`
}

// Material is something that a demo round asks for.
type Material struct {
	Title    string `yaml:"title"`
	Required bool   `yaml:"required"`
	Hint     string `yaml:"hint"`
}

// rounds opens the county's rounds, as the department that runs each would: those that began in the past, with what came of them, or the others.
func (m *maker) rounds(now context.Context, county *state, past bool) error {
	if m.options.Casework == nil {
		return nil
	}
	for _, r := range m.county.Rounds {
		if past != (r.Began != "" || r.Standing) {
			continue
		}
		today, err := r.began(clock.Today(now))
		if err != nil {
			return err
		}
		ctx := now
		if past && !r.Standing {
			ctx = on(now, today)
			year := strconv.Itoa(today.Year() - 1)
			for _, text := range []*string{&r.Number, &r.Title, &r.Body} {
				*text = strings.ReplaceAll(*text, "{year}", year)
			}
			r.Performance = today.Year() - 1
		}
		d := casework.RoundDraft{Number: r.Number, Title: r.Title, Process: r.Process, Department: r.Department, Performance: r.Performance, Opens: today,
			Closes: today.AddDays(r.Days), Body: r.Body, Standing: r.Standing, Invented: true}
		if r.Standing {
			d.Closes = 0
		}
		library, err := schemes.Library(ctx)
		if err != nil {
			return err
		}
		for _, s := range r.Schemes {
			if library.Scheme(s.Scheme) == nil {
				continue // a tenant that publishes less than the demo's data names
			}
			x := casework.RoundSchemeDraft{Scheme: s.Scheme}
			for _, want := range s.Materials {
				x.Materials = append(x.Materials, casework.Material{Title: want.Title, Required: want.Required, Hint: want.Hint})
			}
			d.Schemes = append(d.Schemes, x)
		}
		if len(d.Schemes) == 0 || library.Process(r.Process) == nil {
			continue
		}
		office := r.office(ctx)
		made, err := m.options.Casework.MakeRound(office, d)
		if err != nil {
			return err
		}
		if r.Standing {
			if _, err := m.options.Casework.OpenRound(office, made.ID, made.Version); err != nil {
				return err
			}
			continue
		}
		view, err := m.options.Casework.Progress(office, "round", made.ID)
		if err != nil {
			return err
		}
		if err := open(office, m.options.Casework, made.ID, view); err != nil {
			return err
		}
		if err := m.tell(now, county, made.ID, r, today); err != nil {
			return err
		}
		if err := m.budgets(ctx, made.ID, r, d.Schemes); err != nil {
			return err
		}
	}
	return nil
}

// budgets sets money aside for the schemes of a round that was made, as finance would.
func (m *maker) budgets(ctx context.Context, round string, r Round, taken []casework.RoundSchemeDraft) error {
	if m.options.Treasury == nil {
		return nil
	}
	finance := account.WithActor(ctx, &account.Actor{AccountID: account.SystemID, Login: account.SystemID, Name: m.county.Name,
		Grants: []account.Grant{{Role: account.RoleFinance}}})
	for _, s := range r.Schemes {
		if s.Budget == nil || !slices.ContainsFunc(taken, func(x casework.RoundSchemeDraft) bool { return x.Scheme == s.Scheme }) {
			continue
		}
		if _, err := m.options.Treasury.CreateBudget(finance, treasury.BudgetDraft{Round: round, Scheme: s.Scheme, Source: s.Budget.Source, Note: s.Budget.Note,
			Total: policy.Fen(s.Budget.Yuan) * 100}); err != nil {
			return err
		}
	}
	return nil
}

// open takes the first action that the round's first stage offers: the one that opens it.
func open(ctx context.Context, c *casework.Casework, id string, view process.View) error {
	for _, t := range view.Tasks {
		for _, a := range t.Actions {
			if a.Tone != "primary" {
				continue
			}
			_, err := c.DoRound(ctx, id, casework.Doing{Task: t.ID, Version: t.Version, Action: a.Key})
			return err
		}
	}
	return nil
}
