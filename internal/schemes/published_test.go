package schemes_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// publishAs publishes a proposal of one through two.
func publishAs(t *testing.T, ctx context.Context, p schemes.Proposal) *schemes.Draft {
	t.Helper()
	d := mustPropose(t, admin(ctx, "1"), p)
	done, err := schemes.Approve(admin(ctx, "2"), d.ID, d.Base)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// Mutations that turn this red: let everybody read; tell officers how many drafts wait; take a document's standing on another day.
func TestReadPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23"))
		mustSeed(t, ctx, seedFiles(t), "lower")
		mustPropose(t, admin(ctx, "1"), schemes.Proposal{Files: []policy.File{raised(t)}})
		for name, x := range map[string]struct {
			who            context.Context
			reads, waiting bool
		}{
			"public":  {ctx, false, false},
			"firm":    {person(ctx, "3", account.RoleFirm), false, false},
			"officer": {person(ctx, "4", account.RoleOfficer), true, false},
			"auditor": {person(ctx, "5", account.RoleAuditor), true, true},
			"admin":   {admin(ctx, "1"), true, true},
		} {
			got, err := schemes.ReadPublished(x.who)
			_, fileErr := schemes.ReadFile(x.who, "lower/low2025.yaml", "")
			_, _, editionsErr := schemes.Editions(x.who, 1, 10)
			_, archiveErr := schemes.Archive(x.who)
			for _, err := range []error{err, fileErr, editionsErr, archiveErr} {
				if !x.reads {
					wantFault(t, name, err, fault.Forbidden)
				} else if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if !x.reads {
				continue
			}
			var list []string
			for _, d := range got.Documents {
				list = append(list, d.Document+" "+d.Level+" "+string(d.Standing)+" "+d.About.Number)
			}
			if s := strings.Join(list, ", "); s != "up2026 上级市 in_force 上政发〔2026〕8号, low2020 本县 expired , low2025 本县 in_force 本政办发〔2025〕20号" {
				t.Errorf("%s: %s", name, s)
			}
			if len(got.Vocabularies) != 1 || got.Edition.Origin != "seed" || got.Edition.PublishedBy != "系统" || len(got.Edition.Files) != 4 || len(got.Levels) != 2 {
				t.Errorf("%s: %+v", name, got)
			}
			if (got.Waiting == 1) != x.waiting || got.Administrators != 0 {
				t.Errorf("%s: %d wait, %d administrators", name, got.Waiting, got.Administrators)
			}
		}
	})
}

// The history of a file is told by the publications, in their order, whatever the clock said: a version that comes back stands in it twice.
//
// Mutation that turns this red: order by published_at.
func TestHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = clock.With(ctx, noon("2026-11-23")) // stands still
		files := seedFiles(t)
		const path = "upper/up2026.yaml"
		first := policy.File{Path: path, Data: files[path].Data}
		mustSeed(t, ctx, files, "lower")
		publishAs(t, ctx, schemes.Proposal{Files: []policy.File{raised(t)}, Note: "提高"})
		publishAs(t, ctx, schemes.Proposal{Remove: []string{"lower/low2020.yaml"}})
		publishAs(t, ctx, schemes.Proposal{Files: []policy.File{first}, Note: "恢复"})
		publishAs(t, ctx, schemes.Proposal{Remove: []string{path}})
		officer := person(ctx, "4", account.RoleOfficer)
		told := func(path string) string {
			t.Helper()
			got, err := schemes.ReadFile(officer, path, "")
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, e := range got.History {
				out = append(out, e.Change+" "+e.Note+" "+e.ApprovedBy)
			}
			return strings.Join(out, ", ")
		}
		if got := told(path); got != "removed  姓名2, changed 恢复 姓名2, changed 提高 姓名2, added  " {
			t.Errorf("history: %s", got)
		}
		if got := told("lower/low2020.yaml"); got != "removed  姓名2, added  " {
			t.Errorf("history: %s", got)
		}
		gone, err := schemes.ReadFile(officer, path, "")
		if err != nil || gone.Current || gone.Text != string(first.Data) {
			t.Errorf("what was removed: %v, %v", gone.Current, err)
		}
		raisedVersion := gone.History[2].Version.ID
		old, err := schemes.ReadFile(officer, path, raisedVersion)
		if err != nil || old.Text != string(raised(t).Data) || old.Current {
			t.Errorf("an old version: %v", err)
		}
		now, err := schemes.ReadFile(officer, "lower/low2025.yaml", "")
		if err != nil || !now.Current || now.File.Title != "本县推进产业发展的政策意见" || now.File.About.Schemes[0].ID != "low2025/L1" {
			t.Errorf("%+v, %v", now, err)
		}
		for _, x := range [][2]string{{"lower/none.yaml", ""}, {"lower/low2025.yaml", raisedVersion}} {
			_, err := schemes.ReadFile(officer, x[0], x[1])
			wantFault(t, x[0], err, fault.NotFound)
		}

		editions, total, err := schemes.Editions(officer, 1, 3)
		if err != nil || total != 5 || len(editions) != 3 || editions[0].Files[0] != (schemes.EditionFile{Path: path, Change: "removed"}) || editions[1].Note != "恢复" || len(editions[1].Files) != 1 {
			t.Errorf("%+v, %d, %v", editions, total, err)
		}
		if rest, _, err := schemes.Editions(officer, 2, 3); err != nil || len(rest) != 2 || len(rest[1].Files) != 4 || rest[1].Files[0].Change != "added" {
			t.Errorf("%+v, %v", rest, err)
		}
		if none, _, err := schemes.Editions(officer, 9, 3); err != nil || len(none) != 0 {
			t.Errorf("%+v, %v", none, err)
		}
	})
}

// What is downloaded can be unpacked and seeded elsewhere, and is the same set there.
//
// Mutations that turn this red: change a byte of a file; name the place otherwise in the manifest.
func TestArchiveIsASeed(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		x := tenants(t, ctx, inst)
		mustSeed(t, x.low, seedFiles(t), "lower")
		body, err := schemes.Archive(admin(x.low, "1"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{}
		for _, f := range r.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = &fstest.MapFile{Data: data}
		}
		for path, text := range exported(t, x.low) {
			if string(files[path].Data) != text {
				t.Errorf("%s is not the same", path)
			}
		}
		other, err := inst.CreateTenant(ctx, store.Tenant{ID: "other", Name: "另一县"})
		if err != nil {
			t.Fatal(err)
		}
		mustSeed(t, store.In(ctx, other), files, "lower")
		here, err := schemes.CurrentSet(x.low)
		if err != nil {
			t.Fatal(err)
		}
		there, err := schemes.CurrentSet(store.In(ctx, other))
		if err != nil || there.Hash != here.Hash || !slices.Equal(there.Chain, here.Chain) {
			t.Errorf("another set: %v", err)
		}
		_, err = schemes.Archive(admin(x.up, "1"))
		wantFault(t, "nothing is published", err, fault.NotFound)
		if got, err := schemes.ReadPublished(admin(x.up, "1")); err != nil || got.Edition != nil || len(got.Documents) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
