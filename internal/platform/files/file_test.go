package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// large is a PDF of about n bytes that no compression shrinks, the same each time.
func large(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return aPDF(string(b))
}

func put(t *testing.T, ctx context.Context, content string, m Meta, l Limits) File {
	t.Helper()
	f, err := Put(ctx, strings.NewReader(content), m, l)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func contentOf(ctx context.Context, id string) (string, error) {
	_, r, err := Open(ctx, id)
	if err != nil {
		return "", err
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	return string(all), err
}

func verified(t *testing.T, ctx context.Context, want ...string) {
	t.Helper()
	report, err := audit.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range report.Problems {
		got = append(got, p.What)
	}
	if !slices.Equal(got, want) {
		t.Errorf("audit verify finds %v, want %v", report.Problems, want)
	}
}

func execute(t *testing.T, ctx context.Context, query string, args ...any) {
	t.Helper()
	err := store.Write(ctx, func(ctx context.Context) error {
		_, err := store.Tx(ctx).NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, ctx context.Context, table string) (n int) {
	t.Helper()
	err := store.Read(ctx, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT count(*) FROM `+table).Scan(ctx, &n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What was sent is what is read, byte for byte, at every length around a chunk's; and it is known by its own hash.
//
// Mutations: drop the last chunk; number chunks from 0 in one place; cut at another size than is counted → red.
func TestContentComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		ctx = audit.WithActor(ctx, "account-1")
		frame := len(aPDF(""))
		for _, n := range []int{frame, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 17} {
			sent := large(n - frame)
			if len(sent) != n {
				t.Fatalf("%d bytes instead of %d", len(sent), n)
			}
			f, err := Put(ctx, iotest.HalfReader(strings.NewReader(sent)), Meta{Name: "审计报告.pdf", Owner: "draft:1"}, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(sent))
			if f.Size != int64(n) || f.SHA256 != hex.EncodeToString(sum[:]) || f.Type != PDF || f.Name != "审计报告.pdf" || f.Pinned || f.CreatedBy != "account-1" {
				t.Errorf("%+v", f)
			}
			got, err := contentOf(ctx, f.ID)
			if err != nil || got != sent {
				t.Errorf("%d bytes come back as %d, or as others: %v", n, len(got), err)
			}
			if again, err := Get(ctx, f.ID); err != nil || again != f {
				t.Errorf("%+v %v, want %+v", again, err, f)
			}
			_, r, err := Open(ctx, f.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(r, []byte(sent)); err != nil && n < chunkSize {
				t.Error(err)
			}
		}
		if list, err := Of(ctx, "draft:1"); err != nil || len(list) != 5 || list[0].Size != int64(frame) {
			t.Errorf("%v %v", list, err)
		}
		if list, err := Of(ctx, "draft:2"); err != nil || len(list) != 0 {
			t.Errorf("another's: %v %v", list, err)
		}
		for _, ask := range []func() error{
			func() error { _, err := Get(ctx, "none"); return err },
			func() error { _, _, err := Open(ctx, "none"); return err },
			func() error { return Delete(ctx, "none") },
			func() error { return Pin(ctx, "draft:1", "none") },
		} {
			if err := ask(); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("none: %v", err)
			}
		}
		verified(t, ctx)
	})
}

// A file belongs to the transaction that attaches it.
func TestAFileGoesWithItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		stop := errors.New("stop")
		var id string
		err := store.Write(ctx, func(ctx context.Context) error {
			f, err := Put(ctx, strings.NewReader(large(2*chunkSize)), Meta{Name: "a.pdf", Owner: "draft:1"}, Limits{})
			if err != nil {
				return err
			}
			id = f.ID
			if got, err := contentOf(ctx, id); err != nil || len(got) != int(f.Size) {
				t.Errorf("within it: %d bytes, %v", len(got), err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if _, err := Get(ctx, id); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("after it was undone: %v", err)
		}
		for _, table := range []string{"files", "file_chunks", "file_owners", "audit_events"} {
			if n := count(t, ctx, table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
	})
}

// What is not accepted leaves nothing: no row, no temporary file.
//
// Mutations: read no byte more than the limit; call a broken transfer our own failure; keep the temporary file's name → red.
func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		temporary := t.TempDir()
		t.Setenv("TMPDIR", temporary)
		endless := io.MultiReader(strings.NewReader("%PDF-1.7\n"), forever{})
		for name, c := range map[string]struct {
			body io.Reader
			l    Limits
			code fault.Code
			says string
		}{
			"empty":            {strings.NewReader(""), Limits{}, fault.Invalid, "空的"},
			"too large":        {strings.NewReader(large(2000)), Limits{Size: 2000}, fault.TooLarge, "文件超过1KB"},
			"endless":          {endless, Limits{Size: 1 << 20}, fault.TooLarge, "文件超过1MB"},
			"broken off":       {io.MultiReader(strings.NewReader(aPDF("")), iotest.ErrReader(errors.New("connection reset"))), Limits{}, fault.Invalid, "没有传完"},
			"of no type":       {strings.NewReader("hello"), Limits{}, fault.Invalid, "认不出"},
			"of another type":  {strings.NewReader(aPNG()), Limits{Types: []Type{PDF, OFD}}, fault.Invalid, "请上传PDF、OFD"},
			"more than in all": {strings.NewReader(large(2000)), Limits{Total: 1 << 10}, fault.Conflict, "附件已满"},
		} {
			_, err := Put(ctx, c.body, Meta{Name: "我的身份证.pdf", Owner: "draft:1"}, c.l)
			if fault.CodeOf(err) != c.code || !strings.Contains(fault.Public(err).Message, c.says) || strings.Contains(fault.Public(err).Message, "身份证") {
				t.Errorf("%s: %v", name, err)
			}
		}
		exact := large(2000)
		put(t, ctx, exact, Meta{Owner: "draft:1"}, Limits{Size: int64(len(exact))})
		if _, err := Put(ctx, strings.NewReader(exact), Meta{}, Limits{}); err == nil {
			t.Error("a file of nobody is kept")
		}
		if n := count(t, ctx, "files"); n != 1 {
			t.Errorf("%d files are kept", n)
		}
		left, err := os.ReadDir(temporary)
		if err != nil || len(left) != 0 {
			t.Errorf("left in the temporary folder: %v %v", left, err)
		}
	})
}

type forever struct{}

func (forever) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// Many who attach at once do not exceed together what one may not exceed alone; what is deleted makes room.
//
// Mutations: no condition in the statement; count nothing back when a file is deleted → red.
func TestAnOwnerHoldsNoMoreThanItMay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		size := int64(len(aPDF("")))
		for owner, l := range map[string]Limits{"by number": {Files: 3}, "by size": {Total: 3*size + 1}} {
			var wait sync.WaitGroup
			errs := make([]error, 12)
			for i := range errs {
				wait.Go(func() { _, errs[i] = Put(ctx, strings.NewReader(aPDF("")), Meta{Owner: owner}, l) })
			}
			wait.Wait()
			kept := 0
			for _, err := range errs {
				if err == nil {
					kept++
				} else if fault.CodeOf(err) != fault.Conflict {
					t.Errorf("%s: %v", owner, err)
				}
			}
			have, err := Of(ctx, owner)
			if err != nil || kept != 3 || len(have) != 3 {
				t.Fatalf("%s: %d kept, %d there, %v", owner, kept, len(have), err)
			}
			if err := Delete(ctx, have[0].ID); err != nil {
				t.Fatal(err)
			}
			put(t, ctx, aPDF(""), Meta{Owner: owner}, l)
			if _, err := Put(ctx, strings.NewReader(aPDF("")), Meta{Owner: owner}, l); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("%s: one more: %v", owner, err)
			}
		}
		verified(t, ctx)
	})
}

// What has been pinned stays; what has not can go, with all of its content. An owner pins its own files only.
//
// Mutations: delete whatever the id says (no pinned = 0); pin without looking at the owner → red.
func TestPinAndDelete(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		kept := put(t, ctx, large(2*chunkSize), Meta{Owner: "draft:1"}, Limits{})
		other := put(t, ctx, aPNG(), Meta{Owner: "draft:2"}, Limits{})
		gone := put(t, ctx, aPNG(), Meta{Owner: "draft:1"}, Limits{})
		if err := Pin(ctx, "draft:1", kept.ID, other.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another's file is pinned: %v", err)
		}
		for _, f := range []File{kept, other} {
			if now, err := Get(ctx, f.ID); err != nil || now.Pinned {
				t.Errorf("half of it was done: %+v %v", now, err)
			}
		}
		for range 2 { // the second time nothing happens
			if err := Pin(ctx, "draft:1", kept.ID); err != nil {
				t.Fatal(err)
			}
		}
		if events, err := audit.List(ctx, audit.Filter{Kind: "file", ID: kept.ID}); err != nil || len(events) != 2 || events[0].Action != "file.pin" || events[1].Action != "file.attach" {
			t.Errorf("%v %v", events, err)
		}
		if err := Delete(ctx, kept.ID); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a pinned file is deleted: %v", err)
		}
		if now, err := Get(ctx, kept.ID); err != nil || !now.Pinned {
			t.Errorf("%+v %v", now, err)
		}
		if err := Delete(ctx, gone.ID); err != nil {
			t.Fatal(err)
		}
		if err := Delete(ctx, gone.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("deleted twice: %v", err)
		}
		if n := count(t, ctx, "file_chunks"); n != 4 { // three of kept, one of other
			t.Errorf("%d chunks are left", n)
		}
		verified(t, ctx)
	})
}

// Of pinning and deleting at the same moment one wins, and never is a file pinned that is gone.
func TestPinAndDeleteAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		for range 20 {
			f := put(t, ctx, aPNG(), Meta{Owner: "draft:1"}, Limits{Files: 1000})
			var wait sync.WaitGroup
			var pinned, deleted error
			wait.Go(func() { pinned = Pin(ctx, "draft:1", f.ID) })
			wait.Go(func() { deleted = Delete(ctx, f.ID) })
			wait.Wait()
			_, err := Get(ctx, f.ID)
			switch {
			case pinned == nil && fault.CodeOf(deleted) == fault.Conflict && err == nil:
			case deleted == nil && fault.CodeOf(pinned) == fault.NotFound && fault.CodeOf(err) == fault.NotFound:
			default:
				t.Fatalf("pin: %v; delete: %v; then: %v", pinned, deleted, err)
			}
		}
		verified(t, ctx)
	})
}

// Content that somebody changed behind our back is never given out whole, and the audit log finds it; so for what is said of the file.
//
// Mutations: compare no SHA-256 or no size when reading; give out the last chunk before; leave the content, the owner or the pin out of the
// digest → red.
func TestWhatWasChangedIsFound(t *testing.T) {
	cases := map[string]struct {
		query string
		found string
		reads bool
	}{
		"a byte of the content":  {`UPDATE file_chunks SET body = 'AAAA' || substr(body, 5) WHERE number = 2`, audit.Changed, false},
		"the first chunk":        {`UPDATE file_chunks SET body = 'AAAA' || substr(body, 5) WHERE number = 1`, audit.Changed, false},
		"no base64":              {`UPDATE file_chunks SET body = '!' WHERE number = 3`, audit.Changed, false},
		"a chunk is gone":        {`DELETE FROM file_chunks WHERE number = 3`, audit.Changed, false},
		"fewer chunks":           {`UPDATE files SET chunks = 2`, audit.Changed, false},
		"no chunks":              {`UPDATE files SET chunks = 0`, audit.Changed, false},
		"another hash":           {`UPDATE files SET sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'`, audit.Changed, false},
		"another size":           {`UPDATE files SET size = size + 1`, audit.Changed, false},
		"another name":           {`UPDATE files SET name = 'b.pdf'`, audit.Changed, true},
		"another owner":          {`UPDATE files SET owner = 'draft:2'`, audit.Changed, true},
		"no longer pinned":       {`UPDATE files SET pinned = 0`, audit.Changed, true},
		"the file is gone":       {`DELETE FROM files`, audit.Gone, false},
		"a file that nobody put": {`INSERT INTO files (id, owner, name, type, size, sha256, chunks, pinned, created_at, created_by) SELECT 'x', owner, name, type, size, sha256, chunks, pinned, created_at, created_by FROM files`, audit.Unlogged, true},
	}
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		number := 0
		for name, c := range cases {
			number++
			db, err := inst.CreateTenant(ctx, store.Tenant{ID: fmt.Sprintf("county-%d", number), Name: name})
			if err != nil {
				t.Fatal(err)
			}
			ctx := store.In(ctx, db)
			t.Run(name, func(t *testing.T) {
				sent := large(2*chunkSize + 100)
				f := put(t, ctx, sent, Meta{Name: "a.pdf", Owner: "draft:1"}, Limits{})
				if err := Pin(ctx, "draft:1", f.ID); err != nil {
					t.Fatal(err)
				}
				verified(t, ctx)
				execute(t, ctx, c.query)
				verified(t, ctx, c.found)
				got, err := contentOf(ctx, f.ID)
				if c.reads && (err != nil || got != sent) || !c.reads && (err == nil || len(got) >= len(sent)) {
					t.Errorf("%d of %d bytes are read: %v", len(got), len(sent), err)
				}
			})
		}
	})
}

// A backup of either kind of database carries files into the other.
func TestABackupCarriesFiles(t *testing.T) {
	for _, way := range [][2]string{{"sqlite", "postgres"}, {"postgres", "sqlite"}} {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			ctx := context.Background()
			from := storetest.Open(t, ctx, storetest.URL(t, way[0]))
			db, err := from.CreateTenant(ctx, store.Tenant{ID: "east", Name: "东县"})
			if err != nil {
				t.Fatal(err)
			}
			sent := large(12 * chunkSize) // more than one part of a backup
			f := put(t, store.In(ctx, db), sent, Meta{Name: "年报.pdf", Owner: "draft:1"}, Limits{})
			var backup bytes.Buffer
			if err := from.Backup(ctx, &backup); err != nil {
				t.Fatal(err)
			}
			url := storetest.URL(t, way[1])
			if err := store.Restore(ctx, url, &backup); err != nil {
				t.Fatal(err)
			}
			to := storetest.Open(t, ctx, url)
			if db, err = to.Tenant(ctx, "east"); err != nil {
				t.Fatal(err)
			}
			ctx = store.In(ctx, db)
			if got, err := contentOf(ctx, f.ID); err != nil || got != sent {
				t.Errorf("%d bytes: %v", len(got), err)
			}
			if again, err := Get(ctx, f.ID); err != nil || again != f {
				t.Errorf("%+v %v", again, err)
			}
			verified(t, ctx)
		})
	}
}

// One tenant's file is nobody else's.
func TestAFileStaysInItsTenant(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		var at []context.Context
		for _, id := range []string{"east", "west"} {
			db, err := inst.CreateTenant(ctx, store.Tenant{ID: id, Name: id})
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, store.In(ctx, db))
		}
		f := put(t, at[0], aPNG(), Meta{Owner: "draft:1"}, Limits{})
		if _, _, err := Open(at[1], f.ID); fault.CodeOf(err) != fault.NotFound {
			t.Error(err)
		}
		if list, err := Of(at[1], "draft:1"); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
	})
}

// A download is saved and never shown: its headers say so. Damaged content ends in a broken connection, not in a shorter file.
//
// Mutations: no attachment; no nosniff; no policy; no length → red.
func TestDownload(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		sent := large(2 * chunkSize)
		f := put(t, ctx, sent, Meta{Name: "<年报>.html", Owner: "draft:1"}, Limits{})
		mux := http.NewServeMux()
		config := huma.DefaultConfig("t", "1")
		api := humago.New(mux, config)
		huma.Register(api, huma.Operation{OperationID: "get", Method: http.MethodGet, Path: "/file"}, func(r context.Context, _ *struct{}) (*huma.StreamResponse, error) {
			f, content, err := Open(store.In(r, store.Bound(ctx)), f.ID)
			if err != nil {
				return nil, err
			}
			return Download(f, content), nil
		})
		server := httptest.NewServer(mux)
		defer server.Close()
		get := func() (*http.Response, string, error) {
			t.Helper()
			r, err := http.Get(server.URL + "/file")
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			all, err := io.ReadAll(r.Body)
			return r, string(all), err
		}
		r, got, err := get()
		if err != nil || r.StatusCode != 200 || got != sent {
			t.Fatalf("%d: %d bytes, %v", r.StatusCode, len(got), err)
		}
		for name, want := range map[string]string{
			"Content-Type":            "application/pdf",
			"Content-Disposition":     `attachment; filename="____.html.pdf"; filename*=UTF-8''_%E5%B9%B4%E6%8A%A5_.html.pdf`,
			"X-Content-Type-Options":  "nosniff",
			"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
			"Cache-Control":           "private, no-store",
		} {
			if r.Header.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, r.Header.Get(name), want)
			}
		}
		if r.ContentLength != f.Size {
			t.Errorf("length %d", r.ContentLength)
		}
		execute(t, ctx, `DELETE FROM file_chunks WHERE number = 3`)
		if _, got, err := get(); err == nil || len(got) >= len(sent) {
			t.Errorf("damaged content is answered with %d bytes as if it were whole", len(got))
		}
	})
}

// BenchmarkPut writes 20 MB in one transaction, as the package's doc tells of; BenchmarkOpen reads them.
func BenchmarkPut(b *testing.B) {
	body := large(DefaultSize - 1000)
	eachTenant(b, func(b *testing.B, ctx context.Context) {
		for b.Loop() {
			if _, err := Put(ctx, strings.NewReader(body), Meta{Owner: store.NewID()}, Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	body := large(DefaultSize - 1000)
	eachTenant(b, func(b *testing.B, ctx context.Context) {
		f, err := Put(ctx, strings.NewReader(body), Meta{Owner: "draft:1"}, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			_, r, err := Open(ctx, f.ID)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func eachTenant(b *testing.B, fn func(b *testing.B, ctx context.Context)) {
	for _, kind := range storetest.Kinds {
		b.Run(kind, func(b *testing.B) {
			ctx := context.Background()
			db, err := storetest.Open(b, ctx, storetest.URL(b, kind)).CreateTenant(ctx, store.Tenant{ID: "east", Name: "东县"})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(DefaultSize)
			b.ReportAllocs()
			fn(b, store.In(ctx, db))
		})
	}
}
