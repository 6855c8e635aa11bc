package server

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	demofiles "shanglin/demo"
	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/demo"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// agencies is the demo county made on a day, with the office that licenses its dispatch agencies. They stand earlier in it than they do in the
// file, so that it may be small.
func agencies(t *testing.T, ctx context.Context, inst *store.Installation, day policy.Date) (*Rooms, context.Context, demo.Options) {
	t.Helper()
	rooms := newRooms(inst)
	noon := clock.At(day, "12:00")
	ctx = clock.With(ctx, func() time.Time { return noon })
	file, err := fs.ReadFile(demofiles.Files, "cixi/county.yaml")
	if err != nil {
		t.Fatal(err)
	}
	small := fstest.MapFS{"cixi/county.yaml": {Data: bytes.ReplaceAll(file, []byte("from: 800, firms: 132"), []byte("from: 8, firms: 132"))}}
	options := demo.Options{Place: "cixi", Seed: 1, Firms: 160, CountyFiles: small, SchemeFiles: schemefiles.Files, Matching: rooms.Matching,
		Casework: rooms.Casework, Treasury: rooms.Treasury}
	running, stop := context.WithCancel(ctx)
	defer stop()
	if err := demo.Make(running, inst, "cixi", options, func(done, total int, note string) {
		if strings.Contains(note, "政策答案") { // the past is made: interrupted after it
			stop()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if err := demo.Make(ctx, inst, "cixi", options, nil); err != nil {
		t.Fatal(err)
	}
	db, err := inst.Tenant(ctx, "cixi")
	if err != nil {
		t.Fatal(err)
	}
	office := account.WithActor(store.In(ctx, db), &account.Actor{AccountID: "clerk", Login: "clerk", Name: "经办", Tenant: "cixi",
		Grants: []account.Grant{{Role: account.RoleOfficer, Department: licenceOffice}}})
	return rooms, office, options
}

// The demo county of 2026-11-28 has 132 dispatch agencies, all invented, each with a licence of three years; the oldest was issued 1,065 days
// before and ends on 27 December 2026, the newest 370 days before. On 2 March all were called to report: 98 + 8 are verified, 9 wait, 5 were
// sent back, 6 are put down as not reported, 4 need not, 2 are open. Interrupted after that it is not made twice, and made again nothing is written.
//
// Mutations that turn this red: let licences go on where the register has some; take the day of the county for that of an act in tell;
// leave the cohort out of Generate; issue on the day on which the county is made; count the firms of a cohort from 0 in cohortAt.
func TestTheDemoCountyHasItsAgencies(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		rooms, office, options := agencies(t, ctx, inst, 20261128)
		held, err := rooms.Register.Certificates(office, certificate.Filter{Page: 1, Per: 200})
		if err != nil {
			t.Fatal(err)
		}
		var from []policy.Date
		for _, c := range held.Items {
			if c.State != certificate.Valid || !c.Invented || c.ValidUntil != c.ValidFrom.AddMonths(36).AddDays(-1) {
				t.Errorf("the licence of %s: %+v", c.Holder, c)
			}
			from = append(from, c.ValidFrom)
		}
		slices.Sort(from)
		if len(from) != 132 || from[0] != 20231229 || from[131] != 20251123 {
			t.Fatalf("%d licences: %v", len(from), from)
		}
		// The eleventh has an account: its licence, of 20 February 2024, ends on 19 February 2027: 60 days before is 21 December 2026, a Monday.
		speaks := ""
		if err := rooms.Accounts.Each(account.System(office), account.Filter{}, func(a account.Account) error {
			if a.Login == "agency" {
				speaks = a.Grants[0].Party
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if at := slices.IndexFunc(held.Items, func(c certificate.Certificate) bool { return c.Party == speaks }); at < 0 || held.Items[at].ValidFrom != 20240220 || held.Items[at].ValidUntil != 20270219 {
			t.Errorf("the account of an agency speaks for %q, who holds %+v", speaks, held.Items[max(at, 0)])
		}
		rounds, err := rooms.Casework.Rounds(office, casework.RoundFilter{Page: 1, Per: 50})
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(rounds.Items, func(r casework.Round) bool { return r.Number == "演示-NB2025" })
		if at < 0 || rounds.Items[at].Performance != 2025 || rounds.Items[at].Opens != 20260302 || !rounds.Items[at].Invented {
			t.Fatalf("rounds: %+v", rounds.Items)
		}
		cases, err := rooms.Casework.Cases(office, casework.CaseFilter{Round: rounds.Items[at].ID, Page: 1, Per: 200})
		if err != nil {
			t.Fatal(err)
		}
		stages, late := map[string]int{}, 0
		for _, c := range cases.Items {
			stages[c.Stage]++
			if c.Stage == "已核验" && c.SubmittedAt[:10] > "2026-03-31" {
				late++
			}
		}
		if stages["已核验"] != 106 || late != 8 || stages["核验"] != 9 || stages["更正"] != 5 || stages["未报"] != 6 || stages["免报"] != 4 || stages["填报"] != 2 {
			t.Errorf("what they have come to: %v, %d late", stages, late)
		}
		counts, err := rooms.Casework.Stages(office, rounds.Items[at].ID)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"已核验": 8, "核验": 9, "更正": 5, "未报": 6, "填报": 2}
		for _, s := range counts {
			if s.Late != want[s.Stage] {
				t.Errorf("%d of those at %s are late, want %d", s.Late, s.Stage, want[s.Stage])
			}
		}
		before, err := audit.Verify(office)
		if err != nil {
			t.Fatal(err)
		}
		if err := demo.Make(ctx, inst, "cixi", options, nil); err != nil {
			t.Fatal(err)
		}
		if after, err := audit.Verify(office); err != nil || after.Records != before.Records {
			t.Errorf("made again it wrote %d events, then %d (%v)", before.Records, after.Records, err)
		}
	})
}
