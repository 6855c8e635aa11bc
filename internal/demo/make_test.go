package demo_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	demofiles "shanglin/demo"
	"shanglin/internal/account"
	"shanglin/internal/demo"
	"shanglin/internal/matching"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

const place = "cixi"

type bundle struct {
	registry *registry.Registry
	options  demo.Options
}

func setup(firms int) bundle {
	r := registry.New(func(ctx context.Context) (*policy.Vocabulary, error) {
		lib, err := schemes.Library(ctx)
		if err != nil {
			return nil, err
		}
		return lib.Vocabulary(), nil
	})
	return bundle{r, demo.Options{Place: place, Seed: 1, Firms: firms, Page: 50, CountyFiles: demofiles.Files, SchemeFiles: schemefiles.Files, Matching: matching.New(r)}}
}

func tenant(t *testing.T, ctx context.Context, inst *store.Installation) context.Context {
	t.Helper()
	db, err := inst.Tenant(ctx, place)
	if err != nil {
		t.Fatal(err)
	}
	return account.System(store.In(ctx, db))
}

// contents is every party with its facts, without what an installation adds: ids of facts.
func contents(t *testing.T, ctx context.Context, r *registry.Registry) []string {
	t.Helper()
	var out []string
	err := r.EachParty(ctx, registry.Filter{}, func(p registry.Party) error {
		facts, err := r.Facts(ctx, p.ID)
		out = append(out, p.ID+" "+p.Code+" "+p.Name+" "+p.Town)
		for _, f := range facts {
			line := p.ID + " " + f.Term + " " + f.Period + " " + f.Value + " " + f.Source + " " + f.StatedAt
			if f.Record != nil {
				line += " " + f.Record.From.String() + ".." + f.Record.Until.String()
			}
			if f.Disputed {
				line += " disputed"
			}
			out = append(out, line)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func TestMake(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		b := setup(130)
		var last [2]int
		if err := demo.Make(ctx, inst, place, b.options, func(done, total int, _ string) { last = [2]int{done, total} }); err != nil {
			t.Fatal(err)
		}
		if last != [2]int{130, 130} {
			t.Errorf("the last progress was %v", last)
		}
		ctx = tenant(t, ctx, inst)
		if n, err := b.registry.Count(ctx); err != nil || n != 130 {
			t.Errorf("%d parties, %v", n, err)
		}
		isDemo, notice, err := demo.Notice(ctx)
		if err != nil || !isDemo || notice == "" {
			t.Errorf("demo %v, notice %q, %v", isDemo, notice, err)
		}
		first := contents(t, ctx, b.registry)

		// Made, it is left alone: nothing is written, not even an audit event.
		before, err := audit.Verify(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := demo.Make(ctx, inst, place, b.options, nil); err != nil {
			t.Fatal(err)
		}
		after, err := audit.Verify(ctx)
		if err != nil || after.Records != before.Records {
			t.Errorf("a second Make wrote: %d events, then %d (%v)", before.Records, after.Records, err)
		}
		if !slices.Equal(contents(t, ctx, b.registry), first) {
			t.Error("a second Make changed the county")
		}
	})
}

// TestMakeGoesOn: interrupted in any stage, the next start ends with the same county.
// Mutation: count a page as made before it is written, or one firm more than it holds → red. Mark the county as done before its answers → red.
func TestMakeGoesOn(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		b := setup(340)
		// At which report of its progress each run is stopped: while publishing, after pages of firms, before the answers, after them.
		for run, at := range []int{1, 2, 3, 3, 3, 2, 3} {
			running, stop := context.WithCancel(ctx)
			told := 0
			err := demo.Make(running, inst, place, b.options, func(int, int, string) {
				if told++; told == at {
					stop()
				}
			})
			stop()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("run %d: %v", run, err)
			}
		}
		if err := demo.Make(ctx, inst, place, b.options, nil); err != nil {
			t.Fatal(err)
		}
		if n, err := b.registry.Count(tenant(t, ctx, inst)); err != nil || n != 340 {
			t.Errorf("%d parties, %v", n, err)
		}
		whole := setup(340)
		if err := demo.Make(ctx, inst, "other", whole.options, nil); err != nil {
			t.Fatal(err)
		}
		db, err := inst.Tenant(ctx, "other")
		if err != nil {
			t.Fatal(err)
		}
		got, want := contents(t, tenant(t, ctx, inst), b.registry), contents(t, account.System(store.In(ctx, db)), whole.registry)
		if !slices.Equal(got, want) {
			t.Errorf("interrupted: %d lines, uninterrupted %d", len(got), len(want))
		}
		ctx = tenant(t, ctx, inst)
		accounts, _, err := account.NewService(inst).List(ctx, account.Filter{Page: 1, Per: 50})
		county, readErr := demo.ReadCounty(demofiles.Files, place)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if err != nil || len(accounts) != len(county.Accounts)-1 { // so small a county has no agency for an account to speak for
			t.Errorf("%d accounts, %v", len(accounts), err)
		}
		for _, a := range accounts {
			for _, g := range a.Grants {
				if g.Role != account.RoleFirm {
					continue
				}
				if p, err := b.registry.Get(ctx, g.Party); err != nil || !p.Invented {
					t.Errorf("the firm's account speaks for %+v, %v", p, err)
				}
				if p, err := b.registry.PeopleOf(ctx, g.Party); err != nil || len(p.People) != 1 || p.People[0].Account != a.ID || !p.People[0].Principal {
					t.Errorf("the people of the firm: %+v, %v", p, err)
				}
			}
		}
	})
}

// TestNothingIsInventedOfRealFirms: the invented lists say nothing of a firm that the reply names: whatever they would decide stays unknown.
// Let the registry count invented coverage for every party (covered[0] in newFactSet), in its single or its bulk reading, and this turns red.
func TestNothingIsInventedOfRealFirms(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		b := setup(60)
		if err := demo.Make(ctx, inst, place, b.options, nil); err != nil {
			t.Fatal(err)
		}
		ctx = tenant(t, ctx, inst)
		lib, err := schemes.Library(ctx)
		if err != nil {
			t.Fatal(err)
		}
		real, invented := map[policy.Answer]int{}, map[policy.Answer]int{}
		look := func(id string, facts *policy.Facts) error {
			p, err := b.registry.Get(ctx, id)
			if err != nil {
				return err
			}
			for _, s := range lib.Schemes() {
				if s.Describe().Kind != "money" {
					continue
				}
				answer := s.Evaluate(policy.Question{Facts: facts, On: policy.NewDate(2026, 11, 24)}).Answer
				if p.Invented {
					invented[answer]++
				} else if real[answer]++; answer == policy.Met || answer == policy.Unmet {
					t.Errorf("%s: %s is decided: %s", p.Name, s.ID(), answer)
				}
			}
			return nil
		}
		if err := b.registry.EachFacts(ctx, lib.Vocabulary(), "", 100, look); err != nil {
			t.Fatal(err)
		}
		err = b.registry.EachParty(ctx, registry.Filter{}, func(p registry.Party) error {
			facts, err := b.registry.FactsOf(ctx, lib.Vocabulary(), p.ID)
			if err != nil {
				return err
			}
			return look(p.ID, facts)
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(real) == 0 || invented[policy.Unmet] == 0 {
			t.Errorf("real firms %v, invented ones %v", real, invented)
		}
	})
}

// TestMakeRefusesARealTenant: a county with parties of its own is never made into a demo.
func TestMakeRefusesARealTenant(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		b := setup(20)
		db, err := inst.CreateTenant(ctx, store.Tenant{ID: place, Name: "真实的县"})
		if err != nil {
			t.Fatal(err)
		}
		real := account.System(store.In(ctx, db))
		if _, err := b.registry.PutParties(real, []registry.Party{{Kind: registry.KindPerson, Name: "张三", Town: "镇"}}); err != nil {
			t.Fatal(err)
		}
		if err := demo.Make(ctx, inst, place, b.options, nil); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("got %v", err)
		}
		if isDemo, _, err := demo.Notice(real); err != nil || isDemo {
			t.Errorf("marked as demo: %v %v", isDemo, err)
		}
	})
}
