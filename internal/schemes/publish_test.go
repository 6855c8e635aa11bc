package schemes_test

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// seedFiles is a copy of testdata/seed that a test may change.
func seedFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS("testdata/seed")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func mustSeed(t *testing.T, ctx context.Context, files fs.FS, place string) *schemes.Publication {
	t.Helper()
	pub, err := schemes.Seed(ctx, files, place)
	if err != nil {
		t.Fatalf("seed: %v", err)
	}
	return pub
}

func exported(t *testing.T, ctx context.Context) map[string]string {
	t.Helper()
	files, err := schemes.Export(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Data)
	}
	return out
}

func edit(t *testing.T, files fstest.MapFS, path, old, new string) {
	t.Helper()
	changed := strings.Replace(string(files[path].Data), old, new, 1)
	if changed == string(files[path].Data) {
		t.Fatalf("%s does not contain %q", path, old)
	}
	files[path] = &fstest.MapFile{Data: []byte(changed)}
}

// count is the number of rows of a table.
func count(t *testing.T, ctx context.Context, table string) int {
	t.Helper()
	var n int
	err := store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).NewSelect().Table(table).ColumnExpr("COUNT(*)").Scan(ctx, &n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Turns red when the export rewrites a byte, a publication is made although nothing differs, or a removed file stays.
func TestSeedGoesByHash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		files := seedFiles(t)
		pub := mustSeed(t, ctx, files, "lower")
		if len(pub.Added) != 4 || len(pub.Changed)+len(pub.Removed) != 0 {
			t.Fatalf("first seed: %+v", pub)
		}
		for path, text := range exported(t, ctx) {
			if text != string(files[path].Data) {
				t.Errorf("%s is not exported byte for byte", path)
			}
		}
		again := mustSeed(t, ctx, files, "lower")
		if !again.Unchanged() || again.ID != pub.ID || again.SetHash != pub.SetHash {
			t.Errorf("second seed changed something: %+v", again)
		}
		if n := count(t, ctx, "scheme_publications"); n != 1 {
			t.Errorf("%d publications after two equal seeds", n)
		}

		edit(t, files, "lower/low2025.yaml", "本县推进产业发展的政策意见", "本县推进产业高质量发展的政策意见")
		changed := mustSeed(t, ctx, files, "lower")
		if !slices.Equal(changed.Changed, []string{"lower/low2025.yaml"}) || len(changed.Added)+len(changed.Removed) != 0 {
			t.Errorf("third seed: %+v", changed)
		}
		versions, err := schemes.Versions(ctx, "lower/low2025.yaml")
		if err != nil || len(versions) != 2 || versions[0].Document != "low2025" || versions[1].Origin != "seed" {
			t.Errorf("versions %+v, %v", versions, err)
		}

		delete(files, "lower/low2020.yaml")
		gone := mustSeed(t, ctx, files, "lower")
		if !slices.Equal(gone.Removed, []string{"lower/low2020.yaml"}) {
			t.Errorf("removal: %+v", gone)
		}
		if v, _ := schemes.Versions(ctx, "lower/low2020.yaml"); len(v) != 1 {
			t.Errorf("the removed file's version is gone")
		}
	})
}

// Turns red when a seed overwrites what an administrator published since (drop the kept case of adopt), or nags about a file that it
// offered before (drop the `last[f.Path] == hash` case).
func TestSeedKeepsWhatWasPublishedHere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		files := seedFiles(t)
		mustSeed(t, ctx, files, "lower")
		mine := bytes.Replace(files["lower/low2025.yaml"].Data, []byte("规模企业增长奖励"), []byte("企业增长奖励"), 1)
		pub, err := schemes.Publish(account.System(ctx), schemes.Proposal{Files: []policy.File{{Path: "lower/low2025.yaml", Data: mine}}, ApprovedBy: "县政府办"})
		if err != nil || len(pub.Changed) != 1 {
			t.Fatalf("%+v, %v", pub, err)
		}
		if again := mustSeed(t, ctx, files, "lower"); !again.Unchanged() || len(again.Kept) != 0 {
			t.Errorf("the old seed came back: %+v", again)
		}
		edit(t, files, "lower/low2025.yaml", "规模企业增长奖励", "规上企业增长奖励")
		for range 2 {
			kept := mustSeed(t, ctx, files, "lower")
			if !kept.Unchanged() || !slices.Equal(kept.Kept, []string{"lower/low2025.yaml"}) {
				t.Errorf("a newer seed: %+v", kept)
			}
		}
		if got := exported(t, ctx)["lower/low2025.yaml"]; got != string(mine) {
			t.Errorf("what was published here is gone")
		}
	})
}

// Turns red when check is skipped or runs after the files are written (move check(next) below insertPublication and drop its error),
// or when what follows in the transaction does not undo it.
func TestPublishIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		files := seedFiles(t)
		mustSeed(t, ctx, files, "lower")
		before, versions := exported(t, ctx), count(t, ctx, "scheme_versions")
		good := bytes.Replace(files["upper/up2026.yaml"].Data, []byte("第二条"), []byte("第三条"), 1)
		for name, bad := range map[string]string{
			"unknown word":        strings.Replace(string(files["lower/low2025.yaml"].Data), "growth(销售额@当年), at_least", "growth(消售额@当年), at_least", 1),
			"example that is off": strings.Replace(string(files["lower/low2025.yaml"].Data), "amount: up to 500元}}", "amount: up to 501元}}", 1),
			"not YAML":            "document: [",
		} {
			_, err := schemes.Publish(account.System(ctx), schemes.Proposal{Files: []policy.File{
				{Path: "upper/up2026.yaml", Data: good}, {Path: "lower/low2025.yaml", Data: []byte(bad)}}})
			if fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if d := detailsOf(err); len(d) == 0 || !strings.HasPrefix(d[0].Field, "lower/low2025.yaml:") || d[0].Message == "" {
				t.Errorf("%s: details %+v", name, d)
			}
		}
		if !maps.Equal(exported(t, ctx), before) || count(t, ctx, "scheme_versions") != versions || count(t, ctx, "scheme_publications") != 1 {
			t.Errorf("a refused publication left something behind")
		}
	})
}

func detailsOf(err error) []fault.Detail {
	f, ok := err.(*fault.Error)
	if !ok {
		return nil
	}
	return f.Details
}

// Turns red when Publish does not look at the actor, lets an administrator publish alone, or a path may leave the tenant's folders.
func TestPublishRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		officer := account.WithActor(ctx, &account.Actor{AccountID: "1", Grants: []account.Grant{{Role: account.RoleOfficer}}})
		for _, actor := range []context.Context{ctx, officer, admin(ctx, "2")} {
			if _, err := schemes.Publish(actor, schemes.Proposal{Remove: []string{"lower/low2020.yaml"}}); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("published by somebody who may not: %v", err)
			}
		}
		for _, path := range []string{"lower/../x.yaml", "/lower/x.yaml", "elsewhere/x.yaml", "lower/x.yml", "lower/.yaml", "x.yaml", "lower/a\x00.yaml", "lower/a/b.yaml"} {
			_, err := schemes.Publish(account.System(ctx), schemes.Proposal{Files: []policy.File{{Path: path, Data: []byte("vocabulary: x\n")}}})
			if fault.CodeOf(err) != fault.Invalid {
				t.Errorf("path %q: %v", path, err)
			}
		}
		if _, err := schemes.Publish(account.System(ctx), schemes.Proposal{Remove: []string{"lower/none.yaml"}}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("removed what is not there: %v", err)
		}
	})
}

// Turns red when Base is not compared.
func TestPublishFromAnOldSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		files := seedFiles(t)
		first := mustSeed(t, ctx, files, "lower")
		ctx = account.System(ctx)
		publish := func(cite string) error {
			data := bytes.Replace(files["upper/up2026.yaml"].Data, []byte("第二条"), []byte(cite), 1)
			_, err := schemes.Publish(ctx, schemes.Proposal{Base: first.ID, Files: []policy.File{{Path: "upper/up2026.yaml", Data: data}}})
			return err
		}
		if err := publish("第三条"); err != nil {
			t.Fatal(err)
		}
		if err := publish("第四条"); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("published over a set that was not looked at: %v", err)
		}
	})
}

// Turns red when the digest leaves out the bodies of the files, or the publication is not audited.
func TestAuditSeesAnAlteredFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		mustSeed(t, ctx, seedFiles(t), "lower")
		report, err := audit.Verify(ctx)
		if err != nil || !report.OK() {
			t.Fatalf("%+v, %v", report, err)
		}
		err = store.Write(ctx, func(ctx context.Context) error {
			_, err := store.Tx(ctx).ExecContext(ctx, "UPDATE scheme_versions SET body = REPLACE(body, '30万元', '90万元') WHERE path = 'lower/low2025.yaml'")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if report, err := audit.Verify(ctx); err != nil || report.OK() {
			t.Errorf("the audit does not see it: %+v, %v", report, err)
		}
		if _, err := schemes.CurrentSet(ctx); fault.CodeOf(err) != fault.Internal {
			t.Errorf("an altered file is used: %v", err)
		}
	})
}
