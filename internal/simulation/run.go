package simulation

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// pageSize is how many parties are read and answered together.
const pageSize = 400

// Progress tells how far a run is, and ends it with an error.
type Progress func(ctx context.Context, done, total int64, note string) error

// run does a simulation from its beginning: whoever takes it over from a server that was killed does it again.
func (r *Room) run(ctx context.Context, j *jobs.Job) error {
	var s *row
	var before, after *policy.Library
	var changed []policy.Change
	err := store.Read(ctx, func(ctx context.Context) (err error) {
		if s, err = find(ctx, j.Key); err != nil || s.State != begun {
			return err
		}
		var changes []Change
		if err := json.Unmarshal([]byte(s.Changes), &changes); err != nil {
			return err
		}
		for _, c := range changes {
			changed = append(changed, policy.Change{Path: c.Path, To: c.To})
		}
		before, after, err = s.sides(account.System(ctx), changed)
		return err
	})
	if err != nil {
		return err
	}
	if s.State != begun {
		return nil
	}
	on, err := policy.ParseDate(s.OnDate)
	if err != nil {
		return err
	}
	result, lines, err := r.Compare(limited(ctx, s.towns()), before, after, on, Reached(before, changed), j.Progress)
	if err != nil {
		return err
	}
	s.State, s.Result, s.Lines, s.EndedAt = Done, asText(result), asText(lines), store.Stamp(clock.Now(ctx))
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := end(ctx, s); err != nil {
			return err
		}
		return s.record(ctx, "simulation.done", map[string]any{"parties": result.Parties, "before": worth(result.Total.Before), "after": worth(result.Total.After)})
	})
	if fault.CodeOf(err) == fault.Conflict {
		return nil // somebody stopped it
	}
	return err
}

func worth(s Side) policy.Fen { return s.Owed + s.Ceiling }

// limited is a context that reads the parties of some towns, or of all.
func limited(ctx context.Context, towns []string) context.Context {
	ctx = account.System(ctx)
	if len(towns) == 0 {
		return ctx
	}
	system := *account.ActorFrom(ctx)
	system.Grants = nil
	for _, t := range towns {
		system.Grants = append(system.Grants, account.Grant{Role: account.RoleOfficer, Town: t})
	}
	return account.WithActor(ctx, &system)
}

// Reached are the schemes that changes reach; nil for none, which stands for whatever differs.
func Reached(l *policy.Library, changes []policy.Change) []string {
	var out []string
	for _, c := range changes {
		if p := l.Parameter(c.Path); p != nil {
			out = append(out, p.Schemes...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Compare answers the schemes of two libraries for every party that the actor may see, a page at a time, and gives what differs: of the schemes
// named, or of all that rest on other files. It keeps a page of parties, those that a limit among parties
// holds and the largest changes in memory, and no transaction longer than a page.
func (r *Room) Compare(ctx context.Context, before, after *policy.Library, on policy.Date, only []string, progress Progress) (*Result, []Line, error) {
	c := newComparison(pairs(before, after, on, only), before, after, on)
	c.result.ReadAt = store.Stamp(clock.Now(ctx).Truncate(time.Second))
	total, err := r.registry.Count(ctx)
	if err != nil {
		return nil, nil, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		past, err := r.registry.AwardsOf(ctx, c.counted())
		c.awarded(past)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if err := progress(ctx, 0, total, "读取企业"); err != nil {
		return nil, nil, err
	}
	sameWords := before.Words() == after.Words()
	for last := ""; ; {
		page, err := r.readPage(ctx, before, after, sameWords, last)
		if err != nil {
			return nil, nil, err
		}
		if len(page) == 0 {
			break
		}
		last = page[len(page)-1].party
		c.page(page)
		if err := progress(ctx, min(int64(c.read()), total), total, "读取企业"); err != nil {
			return nil, nil, err
		}
	}
	result, lines := c.end()
	return result, lines, nil
}

// readPage reads the parties after one with their facts. The vocabularies of both sides name the same terms as a rule; else facts are read for each.
func (r *Room) readPage(ctx context.Context, before, after *policy.Library, sameWords bool, last string) ([]subject, error) {
	var page []subject
	err := store.Read(ctx, func(ctx context.Context) error {
		page = nil
		parties, err := partiesAfter(ctx, last, pageSize)
		if err != nil {
			return err
		}
		err = r.registry.EachFacts(ctx, before.Vocabulary(), last, pageSize, func(party string, facts *policy.Facts) error {
			s := parties[party]
			s.party, s.before = party, facts
			if sameWords {
				s.after = facts.Over(after.Vocabulary())
			}
			page = append(page, s)
			return nil
		})
		if err != nil || sameWords {
			return err
		}
		i := 0
		return r.registry.EachFacts(ctx, after.Vocabulary(), last, pageSize, func(party string, facts *policy.Facts) error {
			page[i].after = facts // one transaction: the same parties
			i++
			return nil
		})
	})
	return page, err
}

// Names of the parties of lines, as a list shows them, of those that the actor may see.
func Names(ctx context.Context, lines []Line) (out []Party, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		out, err = withNames(ctx, lines)
		return err
	})
	return out, err
}

// BudgetsOf are the budgets of rounds that hold any of the schemes compared. Forbidden for who may read no budget of theirs.
func (r *Room) BudgetsOf(ctx context.Context, result *Result) ([]Budget, error) {
	ids := make([]string, len(result.Schemes))
	for i, x := range result.Schemes {
		ids[i] = x.Scheme
	}
	return r.budgets(ctx, ids)
}
