package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

type whoKey struct{}

// box reads for the account that a context was given by as.
var box = newBox()

func newBox() *Box {
	return NewBox(func(ctx context.Context) string { who, _ := ctx.Value(whoKey{}).(string); return who },
		func(_ context.Context, accounts map[string]bool) (map[string]bool, error) {
			live := maps.Clone(accounts)
			delete(live, "disabled")
			return live, nil
		})
}

func as(ctx context.Context, account string) context.Context {
	return context.WithValue(ctx, whoKey{}, account)
}

// hand is a clock that the test moves.
type hand struct{ at time.Time }

func (h *hand) pass(d time.Duration) { h.at = h.at.Add(d) }

// each runs a test on every kind of database, at nine in the morning.
func each(t *testing.T, fn func(t *testing.T, ctx context.Context, h *hand)) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		h := &hand{at: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)}
		fn(t, clock.With(ctx, func() time.Time { return h.at }), h)
	})
}

func tell(t *testing.T, ctx context.Context, n Note, accounts ...string) {
	t.Helper()
	if err := Tell(ctx, accounts, n); err != nil {
		t.Fatal(err)
	}
}

// titles are what an account sees of its list, a star before what it has not read.
func titles(t *testing.T, ctx context.Context, account string, f Filter) string {
	t.Helper()
	if f.Per == 0 {
		f.Page, f.Per = 1, 20
	}
	items, total, err := box.List(as(ctx, account), f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range items {
		star := "*"
		if n.Read {
			star = ""
		}
		out = append(out, star+n.Title)
	}
	return fmt.Sprintf("%d: %s", total, strings.Join(out, " "))
}

func shows(t *testing.T, ctx context.Context, account string, f Filter, want string) {
	t.Helper()
	if got := titles(t, ctx, account, f); got != want {
		t.Errorf("%s sees %q, want %q", account, got, want)
	}
}

func unread(t *testing.T, ctx context.Context, account string, want int) {
	t.Helper()
	if n, err := box.Unread(as(ctx, account)); err != nil || n != want {
		t.Errorf("%s has %d unread, want %d: %v", account, n, want, err)
	}
}

func idOf(t *testing.T, ctx context.Context, account, title string) string {
	t.Helper()
	items, _, err := box.List(as(ctx, account), Filter{Page: 1, Per: 100})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(items, func(n Notification) bool { return n.Title == title })
	if at < 0 {
		t.Fatalf("%s has no %s", account, title)
	}
	return items[at].ID
}

func note(title string) Note { return Note{Kind: "case", Title: title, Link: "firm/cases/" + title} }

// Who is told hears it, once, and nobody else does; what is read is marked for its reader alone.
//
// Mutations, each red: list, count or mark whatever the account; no conflict target; mark all without regard to the moment.
func TestEachReadsTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		tell(t, ctx, note("甲"), "a", "b", "a", "")
		h.pass(time.Minute)
		tell(t, ctx, note("乙"), "a")
		h.pass(time.Minute)
		tell(t, ctx, note("丙"), "b")
		shows(t, ctx, "a", Filter{}, "2: *乙 *甲")
		shows(t, ctx, "b", Filter{}, "2: *丙 *甲")
		shows(t, ctx, "c", Filter{}, "0: ")
		unread(t, ctx, "a", 2)
		unread(t, ctx, "c", 0)

		id := idOf(t, ctx, "a", "甲")
		if err := box.Read(as(ctx, "b"), id); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another's is marked: %v", err)
		}
		if err := box.Read(as(ctx, "a"), "none"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("none: %v", err)
		}
		shows(t, ctx, "a", Filter{}, "2: *乙 *甲")
		for range 2 {
			if err := box.Read(as(ctx, "a"), id); err != nil {
				t.Fatal(err)
			}
		}
		shows(t, ctx, "a", Filter{}, "2: *乙 甲")
		shows(t, ctx, "a", Filter{Unread: true}, "1: *乙")
		shows(t, ctx, "b", Filter{}, "2: *丙 *甲")
		unread(t, ctx, "a", 1)

		seen, _, err := box.List(as(ctx, "a"), Filter{Page: 1, Per: 1})
		if err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		tell(t, ctx, note("丁"), "a") // while a looks at the list
		if n, err := box.ReadAll(as(ctx, "a"), seen[0].At); err != nil || n != 1 {
			t.Errorf("%d marked: %v", n, err)
		}
		shows(t, ctx, "a", Filter{}, "3: *丁 乙 甲")
		if n, err := box.ReadAll(as(ctx, "a"), ""); err != nil || n != 1 {
			t.Errorf("%d marked: %v", n, err)
		}
		unread(t, ctx, "a", 0)
		unread(t, ctx, "b", 2)
	})
}

// Whoever is nobody is asked to sign in, whatever they ask.
//
// Mutation: let the empty account read → red.
func TestThePublicReadsNothing(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *hand) {
		for name, ask := range map[string]func() error{
			"list":     func() error { _, _, err := box.List(ctx, Filter{Page: 1, Per: 1}); return err },
			"count":    func() error { _, err := box.Unread(ctx); return err },
			"read":     func() error { return box.Read(ctx, "x") },
			"read all": func() error { _, err := box.ReadAll(ctx, ""); return err },
		} {
			if err := ask(); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// The same thing is not told twice before it was read: the newer words stand, at the top. Another kind, link or key is another thing, and
// so is the same thing after it was read.
//
// Mutations, each red: leave kind, link or key out of the index and the conflict; keep the old words; keep the old time; a conflict also
// with what was read.
func TestTheSameThingIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		same := func(title string) Note { return Note{Kind: "k", Link: "firm/cases/1", Key: "x", Title: title} }
		tell(t, ctx, same("一"), "a", "b")
		h.pass(time.Minute)
		tell(t, ctx, note("别的"), "a")
		h.pass(time.Minute)
		tell(t, ctx, same("二"), "a")
		shows(t, ctx, "a", Filter{}, "2: *二 *别的")
		shows(t, ctx, "b", Filter{}, "1: *一")
		h.pass(time.Minute)
		for _, other := range []Note{
			{Kind: "k2", Link: "firm/cases/1", Key: "x", Title: "三"}, {Kind: "k", Link: "firm/cases/2", Key: "x", Title: "四"}, {Kind: "k", Link: "firm/cases/1", Key: "y", Title: "五"},
		} {
			h.pass(time.Minute)
			tell(t, ctx, other, "a")
		}
		shows(t, ctx, "a", Filter{}, "5: *五 *四 *三 *二 *别的")
		if err := box.Read(as(ctx, "a"), idOf(t, ctx, "a", "二")); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		tell(t, ctx, same("六"), "a")
		h.pass(time.Minute)
		tell(t, ctx, same("七"), "a")
		shows(t, ctx, "a", Filter{}, "6: *七 *五 *四 *三 二 *别的")
	})
}

// What is told in a transaction that is undone was never told.
//
// Mutation: none tried; the store sees to it. The test is for whoever makes Tell a job.
func TestTellingGoesWithTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *hand) {
		stop := errors.New("stop")
		err := store.Write(ctx, func(ctx context.Context) error {
			if err := Tell(ctx, []string{"a"}, note("甲")); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		unread(t, ctx, "a", 0)
	})
}

// Many who tell many of the same thing at once leave each with one.
//
// Mutation: no conflict target → red. (That the accounts are sorted spares PostgreSQL rings of waiting and their repetition; the store repeats
// what it breaks, so this test does not see it.)
func TestManyTellAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *hand) {
		var accounts []string
		for i := range 450 {
			accounts = append(accounts, fmt.Sprintf("account-%03d", i))
		}
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wait.Go(func() {
				mine := slices.Clone(accounts)
				if i%2 == 1 {
					slices.Reverse(mine)
				}
				errs[i] = Tell(ctx, mine, Note{Kind: "k", Title: "同一件事"})
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, account := range accounts {
			unread(t, ctx, account, 1)
		}
	})
}

// Pages follow one another without a gap, also where many were told at one moment.
//
// Mutation: order what was told at one moment by rising id → red.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		for i := range 25 {
			if i%5 == 0 {
				h.pass(time.Second)
			}
			tell(t, ctx, note(fmt.Sprintf("%02d", i)), "a")
		}
		var all []string
		for page := 1; page <= 4; page++ {
			items, total, err := box.List(as(ctx, "a"), Filter{Page: page, Per: 10})
			if err != nil || total != 25 {
				t.Fatal(total, err)
			}
			for _, n := range items {
				all = append(all, n.Title)
			}
		}
		if len(all) != 25 || !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Errorf("%v", all)
		}
	})
}

// What was read more than 90 days ago is forgotten; what was not read, and what was read since, stays.
//
// Mutations, each red: forget by when it was told; forget the unread too; stop after the first thousand.
func TestTickForgetsWhatWasReadLongAgo(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		for i := range forgetAtOnce + 5 {
			tell(t, ctx, note(fmt.Sprintf("旧%d", i)), "a")
		}
		tell(t, ctx, note("久未读"), "b")
		if _, err := box.ReadAll(as(ctx, "a"), ""); err != nil {
			t.Fatal(err)
		}
		h.pass(keepRead - time.Hour)
		tell(t, ctx, note("新"), "a")
		if err := box.Read(as(ctx, "b"), idOf(t, ctx, "b", "久未读")); err != nil {
			t.Fatal(err)
		}
		if err := Tick(ctx); err != nil {
			t.Fatal(err)
		}
		if got := titles(t, ctx, "a", Filter{Page: 1, Per: 1}); got != "1006: *新" {
			t.Errorf("too early: %s", got)
		}
		h.pass(2 * time.Hour)
		if err := Tick(ctx); err != nil {
			t.Fatal(err)
		}
		shows(t, ctx, "a", Filter{}, "1: *新")
		shows(t, ctx, "b", Filter{}, "1: 久未读")
	})
}

// What no room should ask for is a mistake of ours; what is only long is cut.
//
// Mutations, each red: take any link; cut nothing.
func TestWhatCannotBeTold(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *hand) {
		for _, n := range []Note{
			{Title: "无类别"}, {Kind: "k"}, {Kind: "k", Title: "  "}, {Kind: "k", Title: "外", Link: "https://example.com"}, {Kind: "k", Title: "外", Link: "//example.com"},
			{Kind: "k", Title: "外", Link: "javascript:alert(1)"}, {Kind: "k", Title: "外", Link: "/other/desk"}, {Kind: "k", Title: "外", Link: "../other/desk"}, {Kind: "k", Title: "外", Link: `\\example.com`},
		} {
			if err := Tell(ctx, []string{"a"}, n); err == nil {
				t.Errorf("told: %+v", n)
			}
		}
		tell(t, ctx, Note{Kind: "k", Title: "没有人听"})
		long := Note{Kind: "k", Title: strings.Repeat("长", 500), Body: strings.Repeat("长", 5000), Link: "desk/cases?round=1&state=a:b"}
		tell(t, ctx, long, "a")
		items, _, err := box.List(as(ctx, "a"), Filter{Page: 1, Per: 5})
		if err != nil || len(items) != 1 || items[0].Title != strings.Repeat("长", longestTitle-1)+"…" || len([]rune(items[0].Body)) != longestBody || items[0].Link != long.Link {
			t.Errorf("%v %v", items, err)
		}
	})
}

// Many notes at once are what they would be one by one: each to its own, of two of the same to one account the later, sent to whoever confirmed
// an address; in one statement for all of them.
//
// Mutations: keep the first words of the same note; look for the deliveries of all notes of an account, not of those that were told now.
func TestTellAll(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, h *hand) {
		o := newOutside(t, ctx)
		tell(t, ctx, Note{Kind: "older", Title: "有地址以前的", Link: "desk"}, "a")
		o.confirmed("a", wish("a@example.com", atOnce))
		tell(t, ctx, Note{Kind: "stage", Title: "以前的", Link: "firm/0"}, "a")
		o.work()
		o.mail.take()
		all := []Telling{{[]string{"b", "a", ""}, Note{Kind: "late", Title: "逾期", Body: "有1件", Link: "desk"}}, {[]string{"c"}, Note{Kind: "stage", Title: "转到丙", Link: "firm/3"}},
			{[]string{"a"}, Note{Kind: "stage", Title: "以前的新话", Link: "firm/0"}}, {[]string{"a"}, Note{Kind: "late", Title: "逾期", Body: "有2件", Link: "desk"}}}
		counted, statements := store.Counted(ctx)
		if err := TellAll(counted, all); err != nil {
			t.Fatal(err)
		}
		if n := statements.Load(); n > 8 {
			t.Errorf("%d statements", n)
		}
		shows(t, ctx, "b", Filter{}, "1: *逾期")
		shows(t, ctx, "c", Filter{}, "1: *转到丙")
		items, total, err := o.List(as(ctx, "a"), Filter{Page: 1, Per: 9})
		if err != nil || total != 3 {
			t.Fatalf("%d, %v", total, err)
		}
		said := map[string]string{items[0].Title: items[0].Body, items[1].Title: items[1].Body, items[2].Title: ""}
		if want := map[string]string{"逾期": "有2件", "以前的新话": "", "有地址以前的": ""}; !maps.Equal(said, want) {
			t.Errorf("a reads %v, want %v", said, want)
		}
		o.work()
		got := []string{}
		for _, m := range o.mail.take() {
			got = append(got, m.Title)
		}
		slices.Sort(got)
		if want := []string{"以前的新话", "逾期"}; !slices.Equal(got, want) {
			t.Errorf("a was sent %v, want %v", got, want)
		}
	})
}
