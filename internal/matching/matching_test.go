package matching_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/matching"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// county is a tenant with the schemes of testdata/seed, a registry and the room under test.
type county struct {
	t        *testing.T
	ctx      context.Context // as the system, on 2026-11-23
	registry *registry.Registry
	matching *matching.Matching
}

func at(day string) func() time.Time {
	d, err := time.Parse("2006-01-02", day)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return d.Add(4 * time.Hour) } // noon in China
}

func found(t *testing.T, ctx context.Context) *county {
	t.Helper()
	return foundOn(t, ctx, os.DirFS("testdata/seed"))
}

func foundOn(t *testing.T, ctx context.Context, seed fs.FS) *county {
	t.Helper()
	ctx = account.System(clock.With(ctx, at("2026-11-23")))
	if _, err := schemes.Seed(ctx, seed, "county"); err != nil {
		t.Fatal(err)
	}
	c := &county{t: t, ctx: ctx}
	c.registry = registry.New(func(ctx context.Context) (*policy.Vocabulary, error) {
		library, err := schemes.Library(ctx)
		if err != nil {
			return nil, err
		}
		return library.Vocabulary(), nil
	})
	c.matching = matching.New(c.registry)
	return c
}

const codeDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// code makes the n-th unified social credit code with right check digits.
func code(n int) string {
	body := fmt.Sprintf("%09d", n)[1:]
	sum := 0
	for i, w := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * w
	}
	check := (11 - sum%11) % 11
	org := body + map[bool]string{true: "X", false: fmt.Sprint(check)}[check == 10]
	whole := "91330282" + org
	sum, weight := 0, 1
	for i := range 17 {
		v := 0
		for j := range codeDigits {
			if codeDigits[j] == whole[i] {
				v = j
			}
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return whole + string(codeDigits[(31-sum%31)%31])
}

// firm registers the n-th firm.
func (c *county) firm(n int, name, town string) string {
	c.t.Helper()
	p, err := c.registry.Put(c.ctx, registry.Party{Kind: registry.KindFirm, Code: code(n), Name: name, Town: town, Industry: "软件业", Size: "小型"})
	if err != nil {
		c.t.Fatalf("firm %d: %v", n, err)
	}
	return p.ID
}

// figure states a yearly term as the system.
func (c *county) figure(party, term string, year int, value string) {
	c.t.Helper()
	if _, err := c.registry.State(c.ctx, registry.Statement{Party: party, Term: term, Year: year, Value: value}); err != nil {
		c.t.Fatalf("%s@%d: %v", term, year, err)
	}
}

func date(s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// listed puts the firm on the list for a time.
func (c *county) listed(party, from, until string) {
	c.t.Helper()
	rec := &registry.RecordOf{From: date(from), Until: date(until)}
	if _, err := c.registry.State(c.ctx, registry.Statement{Party: party, Term: "软件名录", Record: rec}); err != nil {
		c.t.Fatal(err)
	}
}

// kept is a stored answer.
type kept struct {
	Answer    string `bun:"answer"`
	Kind      string `bun:"kind"`
	High      int64  `bun:"high"`
	Potential int64  `bun:"potential_high"`
	Gap       string `bun:"gap"`
	Version   int64  `bun:"version"`
}

// stored reads the table answers: party and scheme to what is kept.
func (c *county) stored() map[string]kept {
	c.t.Helper()
	out := map[string]kept{}
	err := store.Read(c.ctx, func(ctx context.Context) error {
		var rows []struct {
			Party  string `bun:"party"`
			Scheme string `bun:"scheme"`
			kept
		}
		if err := store.Tx(ctx).NewSelect().Table("answers").Column("party", "scheme", "answer", "kind", "high", "potential_high", "gap", "version").Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.Party+" "+r.Scheme] = r.kept
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *county) number(query string, args ...any) int64 {
	c.t.Helper()
	var n int64
	err := store.Read(c.ctx, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &n) })
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

func silent(context.Context, int64, int64, string) error { return nil }

// A table of firms: what is kept, what the firm's page says, and that both agree.
func TestAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		if _, err := c.registry.Cover(c.ctx, registry.ReceivedCoverage, date("2026-11-23"), "财政账"); err != nil {
			t.Fatal(err)
		}
		type want struct {
			answer string
			high   int64 // fen
			group  matching.Group
		}
		for i, x := range []struct {
			name  string
			setUp func(id string)
			want  map[string]want
		}{
			{"nothing known", func(string) {}, map[string]want{
				"m2025/growth": {"unknown", 0, matching.Unclear}, "m2025/listed": {"unknown", 0, matching.Unclear},
				"m2025/topup": {"unknown", 0, matching.Unclear}, "m2025/model": {"unknown", 0, matching.Unclear},
				"m2027/staff": {"unknown", 0, matching.Unclear}}},
			{"exactly ten per cent", func(id string) {
				c.figure(id, "销售额", 2024, "1000万元")
				c.figure(id, "销售额", 2025, "1100万元") // one step of 500 yuan
			}, map[string]want{"m2025/growth": {"met", 50_000, matching.Due}}},
			{"one yuan short", func(id string) {
				c.figure(id, "销售额", 2024, "1000万元")
				c.figure(id, "销售额", 2025, "10999999元")
			}, map[string]want{"m2025/growth": {"unmet", 0, matching.Close}}},
			{"far from it", func(id string) {
				c.figure(id, "销售额", 2024, "1000万元")
				c.figure(id, "销售额", 2025, "500万元") // 120 per cent more than it has
			}, map[string]want{"m2025/growth": {"unmet", 0, matching.Not}}},
			{"on the list, staff 100", func(id string) {
				c.listed(id, "2024-05-01", "2027-04-30")
				c.figure(id, "员工人数", 2025, "100人")
				c.figure(id, "员工人数", 2026, "99人")
			}, map[string]want{"m2025/listed": {"met", 10_000_000, matching.Due}, "m2025/model": {"manual", 0, matching.Unclear},
				"m2027/staff": {"unmet", 0, matching.Close}}},
			{"earlier award", func(id string) {
				c.listed(id, "2024-05-01", "2027-04-30")
				if _, err := c.registry.State(c.ctx, registry.Statement{Party: id, Term: "received:m2025/topup", Value: "3万元", On: date("2026-01-05")}); err != nil {
					t.Fatal(err)
				}
			}, map[string]want{"m2025/topup": {"met", 5_000_000, matching.Due}}},
		} {
			id := c.firm(i+1, x.name, "东镇")
			x.setUp(id)
			rows := c.stored()
			page, err := c.matching.StandpointsOf(c.ctx, id, 0, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) != 5 {
				t.Errorf("%s: %d answers, want the five live schemes for firms", x.name, len(page.Items))
			}
			for scheme, w := range x.want {
				got, ok := rows[id+" "+scheme]
				if !ok || got.Answer != w.answer || got.High != w.high {
					t.Errorf("%s, %s: kept %+v, want %+v", x.name, scheme, got, w)
				}
				seen := false
				for _, s := range page.Items {
					if s.Scheme.ID == scheme {
						seen = true
						if s.Answer.String() != got.Answer || int64(s.Amount.High) != got.High || s.Group != w.group || s.Next == "" {
							t.Errorf("%s, %s: the page says %+v, want %+v", x.name, scheme, s, w)
						}
					}
				}
				if !seen {
					t.Errorf("%s: the page lacks %s", x.name, scheme)
				}
			}
			for key := range rows {
				if key == id+" m2020/old" || key == id+" m2025/person" {
					t.Errorf("%s: kept what has expired or is for another kind of party", x.name)
				}
			}
		}
		all, err := c.matching.StandpointsOf(c.ctx, c.firm(100, "全部", "东镇"), 0, true)
		if err != nil || len(all.Items) != 6 || all.Items[5].Scheme.ID != "m2020/old" || all.Items[5].Scheme.Standing != policy.Expired {
			t.Errorf("expired schemes come last: %+v, %v", all, err)
		}
	})
}

// One changed fact is in the table when the call that changed it returns, and the caller learns what changed.
// Turns red when changed does not recompute after the commit.
func TestChangeIsSeenAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		id := c.firm(1, "甲", "东镇")
		c.figure(id, "销售额", 2024, "1000万元")
		c.figure(id, "销售额", 2025, "1099万元")
		if got := c.stored()[id+" m2025/growth"]; got.Answer != "unmet" {
			t.Fatalf("%+v", got)
		}
		ctx, changed := matching.Watch(c.ctx)
		if _, err := c.registry.State(ctx, registry.Statement{Party: id, Term: "销售额", Year: 2025, Value: "1200万元"}); err != nil {
			t.Fatal(err)
		}
		if got := c.stored()[id+" m2025/growth"]; got.Answer != "met" || got.High != 100_000 {
			t.Errorf("%+v", got)
		}
		changes := changed()
		if len(changes) != 1 || changes[0].Scheme != "m2025/growth" || changes[0].Before.Answer != policy.Unmet || changes[0].After.Amount.High != 100_000 {
			t.Errorf("changes %+v", changes)
		}
		if n := c.number("SELECT COUNT(*) FROM match_dirty"); n != 0 {
			t.Errorf("%d marks left", n)
		}
		if owed := c.number("SELECT owed FROM match_parties WHERE party = ?", id); owed != 100_000 {
			t.Errorf("owed %d", owed)
		}
	})
}

// A change that is rolled back is never seen. Turns red when changed recomputes and marks in a transaction of its own.
func TestRolledBackChangeIsNotSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		id := c.firm(1, "甲", "东镇")
		before := c.stored()
		err := store.Write(c.ctx, func(ctx context.Context) error {
			if _, err := c.registry.State(ctx, registry.Statement{Party: id, Term: "员工人数", Year: 2025, Value: "50人"}); err != nil {
				return err
			}
			return context.Canceled
		})
		if err == nil {
			t.Fatal("committed")
		}
		after := c.stored()
		for k, v := range before {
			if after[k] != v {
				t.Errorf("%s: %+v, was %+v", k, after[k], v)
			}
		}
		if n := c.number("SELECT COUNT(*) FROM match_dirty"); n != 0 {
			t.Errorf("%d marks", n)
		}
	})
}

// A computation that fails, or a server that stops, after a change was committed: the mark of the change's own transaction stays, and half a
// minute later Tick queues what was lost. Turns red when changed does not mark the party.
func TestLostComputationIsMadeUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		c := found(t, ctx)
		id := c.firm(1, "甲", "东镇")
		rename := func(from, to string) {
			t.Helper()
			err := store.Write(c.ctx, func(ctx context.Context) error {
				_, err := store.Tx(ctx).ExecContext(ctx, "ALTER TABLE "+from+" RENAME TO "+to)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		rename("answers", "hidden")
		c.figure(id, "员工人数", 2025, "99人")
		rename("hidden", "answers")
		if got := c.stored()[id+" m2025/model"].Answer; got != "unknown" {
			t.Fatalf("computed after all: %s", got)
		}
		if err := c.matching.Tick(c.ctx); err != nil || c.waiting("answers.marked") != 0 {
			t.Errorf("a mark that is being worked on is taken for lost: %v", err)
		}
		later := clock.With(c.ctx, func() time.Time { return at("2026-11-23")().Add(31 * time.Second) })
		if err := c.matching.Tick(later); err != nil || c.waiting("answers.marked") != 1 {
			t.Errorf("%d jobs wait, %v", c.waiting("answers.marked"), err)
		}
		if err := c.matching.Dirty(later, silent); err != nil {
			t.Fatal(err)
		}
		if got := c.stored()[id+" m2025/model"].Answer; got != "unmet" || c.number("SELECT COUNT(*) FROM match_dirty") != 0 {
			t.Errorf("not made up: %s", got)
		}
	})
}
