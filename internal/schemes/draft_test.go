package schemes_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// person binds somebody with roles.
func person(ctx context.Context, id string, roles ...account.Role) context.Context {
	a := &account.Actor{AccountID: id, Login: id, Name: "姓名" + id}
	for _, r := range roles {
		a.Grants = append(a.Grants, account.Grant{Role: r})
	}
	return account.WithActor(ctx, a)
}

func admin(ctx context.Context, id string) context.Context {
	return person(ctx, id, account.RoleAdministrator)
}

// replaced is a file of the seed with one text in place of another, everywhere.
func replaced(t *testing.T, path, old, new string) policy.File {
	t.Helper()
	text := strings.ReplaceAll(string(seedFiles(t)[path].Data), old, new)
	if text == string(seedFiles(t)[path].Data) {
		t.Fatalf("%s does not say %q", path, old)
	}
	return policy.File{Path: path, Data: []byte(text)}
}

// raised gives 12万元 where the seed gives 10万元.
func raised(t *testing.T) policy.File {
	return replaced(t, "upper/up2026.yaml", "10万元", "12万元")
}

func mustPropose(t *testing.T, ctx context.Context, p schemes.Proposal) *schemes.Draft {
	t.Helper()
	d, err := schemes.Propose(ctx, p)
	if err != nil {
		t.Fatalf("propose: %v", err)
	}
	return d
}

func wantFault(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// One proposes, another publishes; the publication names both, and the log holds each step.
//
// Mutations that turn this red: let othersDraft pass a draft of one's own; leave ApprovedBy empty in Approve; not end the draft with the
// publication.
func TestFourEyes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one, two := admin(ctx, "1"), admin(ctx, "2")
		d := mustPropose(t, one, schemes.Proposal{Files: []policy.File{raised(t)}, Note: " 提高奖励 "})
		if d.State != schemes.DraftWaiting || !d.Mine || d.MayApprove || d.Stale || d.Note != "提高奖励" || len(d.Files) != 1 {
			t.Errorf("%+v", d)
		}
		if got := exported(t, ctx)["upper/up2026.yaml"]; strings.Contains(got, "12万元") {
			t.Fatal("a proposal is in use")
		}
		_, err := schemes.Approve(one, d.ID, d.Base)
		wantFault(t, "whoever proposed it approves", err, fault.Forbidden)
		_, err = schemes.Return(one, d.ID, "不同意")
		wantFault(t, "whoever proposed it returns it", err, fault.Forbidden)
		seen, err := schemes.ReadDraft(two, d.ID)
		if err != nil || !seen.Draft.MayApprove || seen.Draft.Mine || len(seen.Inspection.Schemes) != 1 {
			t.Fatalf("%+v, %v", seen, err)
		}
		done, err := schemes.Approve(two, d.ID, seen.Draft.Base)
		if err != nil || done.State != schemes.DraftPublished || done.Publication == "" || done.EndedBy != "姓名2" || done.MayApprove {
			t.Fatalf("%+v, %v", done, err)
		}
		if got := exported(t, ctx)["upper/up2026.yaml"]; got != string(raised(t).Data) {
			t.Error("another text is in use")
		}
		editions, _, err := schemes.Editions(two, 1, 1)
		if err != nil || editions[0].PublishedBy != "姓名1" || editions[0].ApprovedBy != "姓名2" || editions[0].Note != "提高奖励" || editions[0].ID != done.Publication {
			t.Errorf("%+v, %v", editions, err)
		}
		if n := count(t, ctx, "jobs"); n != 1 {
			t.Errorf("%d jobs wait", n)
		}
		records, err := audit.List(ctx, audit.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		var steps []string
		for _, r := range slices.Backward(records) {
			steps = append(steps, r.Action+" "+r.Actor)
		}
		if got := strings.Join(steps, ", "); got != "schemes.publish system, schemes.propose 1, schemes.approve 2, schemes.publish 2" {
			t.Errorf("the log says: %s", got)
		}
		if report, err := audit.Verify(ctx); err != nil || !report.OK() {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// Who may do what with a draft.
//
// Mutations that turn this red: read drafts for every reader; let auditors act; leave out mustPublish in Propose or Inspect.
func TestDraftsAreForAdministrators(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one := admin(ctx, "1")
		p := schemes.Proposal{Files: []policy.File{raised(t)}}
		d := mustPropose(t, one, p)
		for name, x := range map[string]struct {
			who   context.Context
			reads bool
		}{
			"public":  {ctx, false},
			"firm":    {person(ctx, "3", account.RoleFirm), false},
			"officer": {person(ctx, "4", account.RoleOfficer), false},
			"auditor": {person(ctx, "5", account.RoleAuditor), true},
			"admin":   {admin(ctx, "6"), true},
		} {
			_, err := schemes.ReadDraft(x.who, d.ID)
			if (err == nil) != x.reads {
				t.Errorf("%s reads the draft: %v", name, err)
			}
			text, err := schemes.DraftText(x.who, d.ID, "upper/up2026.yaml")
			if (err == nil) != x.reads || (text != "") != x.reads {
				t.Errorf("%s reads the draft's file: %v", name, err)
			}
			if _, _, err := schemes.Drafts(x.who, "", 1, 10); (err == nil) != x.reads {
				t.Errorf("%s lists drafts: %v", name, err)
			}
			if name == "admin" {
				continue
			}
			_, err = schemes.Inspect(x.who, p)
			wantFault(t, name+" inspects", err, fault.Forbidden)
			_, err = schemes.Propose(x.who, p)
			wantFault(t, name+" proposes", err, fault.Forbidden)
			want := fault.NotFound
			if x.reads {
				want = fault.Forbidden
			}
			for act, err := range map[string]error{
				"approves":  errOf(schemes.Approve(x.who, d.ID, d.Base)),
				"returns":   errOf(schemes.Return(x.who, d.ID, "理由")),
				"withdraws": errOf(schemes.Withdraw(x.who, d.ID)),
				"rechecks":  errOf(schemes.Recheck(x.who, d.ID)),
			} {
				wantFault(t, name+" "+act, err, want)
			}
		}
		_, err := schemes.Withdraw(admin(ctx, "2"), d.ID)
		wantFault(t, "another withdraws", err, fault.Forbidden)
		_, err = schemes.Recheck(admin(ctx, "2"), d.ID)
		wantFault(t, "another rechecks", err, fault.Forbidden)
		_, err = schemes.Approve(admin(ctx, "2"), "none", d.Base)
		wantFault(t, "no such draft", err, fault.NotFound)
		// Somebody who is no longer an administrator.
		_, err = schemes.Withdraw(person(ctx, "1", account.RoleAuditor), d.ID)
		wantFault(t, "a former administrator", err, fault.Forbidden)
		if still, err := schemes.ReadDraft(one, d.ID); err != nil || still.Draft.State != schemes.DraftWaiting {
			t.Errorf("%+v, %v", still, err)
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// A draft that is not sound, or says nothing, is not kept.
//
// Mutations that turn this red: leave check or Unchanged out of Propose.
func TestOnlySoundProposalsAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		files := seedFiles(t)
		mustSeed(t, ctx, files, "lower")
		one := admin(ctx, "1")
		for name, p := range map[string]schemes.Proposal{
			"nothing":          {},
			"the same file":    {Files: []policy.File{{Path: "upper/up2026.yaml", Data: files["upper/up2026.yaml"].Data}}},
			"unsound":          {Files: []policy.File{replaced(t, "lower/low2025.yaml", "销售额@当年", "消售额@当年")}},
			"needed elsewhere": {Remove: []string{"upper/vocabulary.yaml"}},
			"no such path":     {Files: []policy.File{{Path: "../x.yaml", Data: []byte("x")}}},
			"nothing there":    {Remove: []string{"lower/none.yaml"}},
			"a long note":      {Files: []policy.File{raised(t)}, Note: strings.Repeat("长", 501)},
			"a note of bells":  {Files: []policy.File{raised(t)}, Note: "\a"},
		} {
			_, err := schemes.Propose(one, p)
			wantFault(t, name, err, fault.Invalid)
		}
		_, err := schemes.Propose(one, schemes.Proposal{Base: "another", Files: []policy.File{raised(t)}})
		wantFault(t, "made from another set", err, fault.Conflict)
		if n := count(t, ctx, "scheme_proposals"); n != 0 {
			t.Errorf("%d drafts are kept", n)
		}
	})
}

// Somebody published meanwhile: the approval is refused, nothing changes, and the draft can be checked anew.
//
// Mutations that turn this red: leave either comparison of Base out of Approve; keep the base in Recheck.
func TestDraftOfAnOldSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one, two := admin(ctx, "1"), admin(ctx, "2")
		d := mustPropose(t, one, schemes.Proposal{Files: []policy.File{raised(t)}, Remove: []string{"lower/low2020.yaml"}})
		other := mustPropose(t, two, schemes.Proposal{Remove: []string{"lower/low2020.yaml"}})
		if _, err := schemes.Approve(one, other.ID, other.Base); err != nil {
			t.Fatal(err)
		}
		_, err := schemes.Approve(two, d.ID, d.Base)
		wantFault(t, "approved over another set", err, fault.Conflict)
		if !strings.Contains(fault.Public(err).Message, "重新核对") {
			t.Errorf("it does not say what to do: %v", err)
		}
		if got := exported(t, ctx)["upper/up2026.yaml"]; strings.Contains(got, "12万元") {
			t.Fatal("a refused draft is in use")
		}
		seen, err := schemes.ReadDraft(two, d.ID)
		if err != nil || !seen.Draft.Stale || len(seen.Inspection.Files) != 2 {
			t.Fatalf("%+v, %v", seen, err)
		}
		again, err := schemes.Recheck(one, d.ID)
		if err != nil || again.Draft.Stale || again.Draft.Base == d.Base || len(again.Inspection.Files) != 1 || again.Inspection.Files[0].Path != "upper/up2026.yaml" {
			t.Fatalf("%+v, %v", again, err)
		}
		_, err = schemes.Approve(two, d.ID, d.Base)
		wantFault(t, "approved as it was seen before", err, fault.Conflict)
		if done, err := schemes.Approve(two, d.ID, again.Draft.Base); err != nil || done.State != schemes.DraftPublished {
			t.Fatalf("%+v, %v", done, err)
		}
		if got := exported(t, ctx); !strings.Contains(got["upper/up2026.yaml"], "12万元") || len(got) != 3 {
			t.Errorf("%d files", len(got))
		}
		if report, err := audit.Verify(ctx); err != nil || !report.OK() {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// What a draft needs has gone, or what it says is said already: a new check says so, and its base stays.
//
// Mutation that turns this red: rebase a draft that has errors.
func TestRecheckFinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one, two := admin(ctx, "1"), admin(ctx, "2")
		publish := func(p schemes.Proposal) {
			t.Helper()
			d := mustPropose(t, two, p)
			if _, err := schemes.Approve(one, d.ID, d.Base); err != nil {
				t.Fatal(err)
			}
		}
		broken := mustPropose(t, one, schemes.Proposal{Files: []policy.File{replaced(t, "lower/low2020.yaml", "稳岗补助", "用工补助")}})
		same := mustPropose(t, one, schemes.Proposal{Files: []policy.File{raised(t)}})
		publish(schemes.Proposal{Files: []policy.File{raised(t)}})
		_, err := schemes.Recheck(one, same.ID)
		wantFault(t, "nothing is left of it", err, fault.Conflict)
		publish(schemes.Proposal{Files: []policy.File{replaced(t, "upper/vocabulary.yaml", "员工人数", "职工人数")}, Remove: []string{"lower/low2020.yaml"}})
		seen, err := schemes.Recheck(one, broken.ID)
		if err != nil || seen.Inspection.Errors == 0 || !seen.Draft.Stale || !seen.Inspection.Problems[0].Own || !strings.Contains(seen.Inspection.Problems[0].Text, "员工人数") {
			t.Fatalf("%+v, %v", seen, err)
		}
		if _, err := schemes.Withdraw(one, broken.ID); err != nil {
			t.Error(err)
		}
	})
}

// A draft ends once, whoever comes at the same moment.
//
// Mutation that turns this red: leave `state = 'draft'` out of endDraft.
func TestADraftEndsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		one := admin(ctx, "1")
		d := mustPropose(t, one, schemes.Proposal{Files: []policy.File{raised(t)}})
		var group sync.WaitGroup
		results := make([]error, 6)
		for i := range results {
			group.Go(func() {
				switch i % 3 {
				case 0:
					_, results[i] = schemes.Approve(admin(ctx, "2"), d.ID, d.Base)
				case 1:
					_, results[i] = schemes.Return(admin(ctx, "3"), d.ID, "不妥当")
				default:
					_, results[i] = schemes.Withdraw(one, d.ID)
				}
			})
		}
		group.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else {
				wantFault(t, "too late", err, fault.Conflict)
			}
		}
		seen, err := schemes.ReadDraft(one, d.ID)
		if err != nil || won != 1 || seen.Draft.State == schemes.DraftWaiting {
			t.Fatalf("%d won, %+v, %v", won, seen, err)
		}
		inUse := strings.Contains(exported(t, ctx)["upper/up2026.yaml"], "12万元")
		if inUse != (seen.Draft.State == schemes.DraftPublished) {
			t.Errorf("the draft is %s, in use: %v", seen.Draft.State, inUse)
		}
		for what, err := range map[string]error{
			"approved": errOf(schemes.Approve(admin(ctx, "2"), d.ID, d.Base)), "returned": errOf(schemes.Return(admin(ctx, "2"), d.ID, "理由")),
			"withdrawn": errOf(schemes.Withdraw(one, d.ID)), "rechecked": errOf(schemes.Recheck(one, d.ID)),
		} {
			wantFault(t, what+" after the end", err, fault.Conflict)
		}
		if report, err := audit.Verify(ctx); err != nil || !report.OK() {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// Mutations that turn this red: leave the bodies or the account out of draftDigest; do not compare a body with its hash.
func TestAnAlteredDraftIsFound(t *testing.T) {
	for name, statement := range map[string]string{
		"body":    `UPDATE scheme_proposal_files SET body = REPLACE(body, '12万元', '99万元')`,
		"account": `UPDATE scheme_proposals SET account = '2'`,
		"state":   `UPDATE scheme_proposals SET state = 'withdrawn'`,
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, ctx context.Context) {
				mustSeed(t, ctx, seedFiles(t), "lower")
				d := mustPropose(t, admin(ctx, "1"), schemes.Proposal{Files: []policy.File{raised(t)}})
				err := store.Write(ctx, func(ctx context.Context) error {
					_, err := store.Tx(ctx).ExecContext(ctx, statement)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if report, err := audit.Verify(ctx); err != nil || report.OK() {
					t.Errorf("the audit does not see it: %+v, %v", report, err)
				}
				if name == "body" {
					_, err := schemes.Approve(admin(ctx, "2"), d.ID, d.Base)
					wantFault(t, "an altered draft is published", err, fault.Internal)
				}
			})
		})
	}
}

// Even the database refuses a draft that is published by whoever proposed it.
func TestTheTableWantsTwo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		mustPropose(t, admin(ctx, "1"), schemes.Proposal{Files: []policy.File{raised(t)}})
		err := store.Write(ctx, func(ctx context.Context) error {
			_, err := store.Tx(ctx).ExecContext(ctx, `UPDATE scheme_proposals SET state = 'published', ended_account = '1'`)
			return err
		})
		if err == nil {
			t.Error("one account is both")
		}
	})
}

// A tenant that was made with nothing but a level of its own publishes its first files by two administrators, like any later ones; one that
// lies under a place has what the place publishes, and its own level is empty.
//
// Mutations that turn this red: leave the tenant without a level; take the files of the place for its own.
func TestTheFirstPublication(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		x := tenants(t, ctx, inst)
		own := schemes.Level{Folder: "mine", Label: "本县"}
		if pub, err := schemes.SeedUnder(account.System(x.up), nil, "", own); err != nil || !pub.Unchanged() {
			t.Fatalf("alone: %+v, %v", pub, err)
		}
		files := seedFiles(t)
		words := policy.File{Path: "mine/vocabulary.yaml", Data: files["upper/vocabulary.yaml"].Data}
		doc := policy.File{Path: "mine/up2026.yaml", Data: files["upper/up2026.yaml"].Data}
		_, err := schemes.Propose(admin(x.up, "1"), schemes.Proposal{Files: []policy.File{{Path: "other/x.yaml", Data: doc.Data}}})
		wantFault(t, "a level that is none", err, fault.Invalid)
		if d := publishAs(t, x.up, schemes.Proposal{Files: []policy.File{words, doc}}); d.State != schemes.DraftPublished {
			t.Errorf("%+v", d)
		}
		library, err := schemes.Library(x.up)
		if err != nil || len(library.Documents()) != 1 {
			t.Errorf("after the first publication: %v", err)
		}

		if _, err := schemes.SeedUnder(account.System(x.low), files, "upper", own); err != nil {
			t.Fatal(err)
		}
		set, err := schemes.ReadPublished(admin(x.low, "1"))
		if err != nil || len(set.Levels) != 2 || set.Levels[1] != own || len(set.Documents) != 1 || set.Documents[0].Path != "upper/up2026.yaml" {
			t.Errorf("under a place: %+v, %v", set, err)
		}
		_, err = schemes.SeedUnder(account.System(x.low), files, "upper", schemes.Level{Folder: "upper", Label: "又一个"})
		wantFault(t, "a level that is there", err, fault.Invalid)
	})
}
