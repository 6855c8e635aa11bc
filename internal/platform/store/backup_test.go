package store_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// fill makes two tenants with rows of every awkward kind, references that point forwards, and a search index.
func fill(t *testing.T, ctx context.Context, inst *store.Installation) {
	t.Helper()
	for _, id := range []string{"a", "b"} {
		tenant := newTenant(t, ctx, inst, id)
		exec(t, tenant, `INSERT INTO jobs (id, kind, job_key, payload, state, run_at, attempts, lease, lease_until, cancelling, done, total, note, failure, actor, created_at, started_at, ended_at)
			VALUES ('1', 'x', ?, ?, 'waiting', '', 9007199254740993, '', '', 0, -9223372036854775807, 9223372036854775807, '', '', '', '', '', '')`, id, "quote ' and \" back\\slash\nline\ttab <&> 😀 $1 ?")
		exec(t, tenant, `INSERT INTO audit_events (seq, at, actor, action, kind, row_id, digest, data, hash) VALUES (1, '', ?, '', '', '', '', '', '')`, "actor of "+id)
		exec(t, tenant, `UPDATE audit_head SET seq = 1, hash = 'of ?'`)
		// A row whose parent sorts after it.
		exec(t, tenant, `INSERT INTO scheme_versions (id, path, hash, document, body, origin, published_by, approved_by, published_at) VALUES ('v', 'p', 'h', '', '', '', '', '', '')`)
		exec(t, tenant, `INSERT INTO scheme_publications (id, previous, set_hash, origin, note, published_by, approved_by, published_at, added, changed, removed) VALUES ('z', '', '', '', '', '', '', '', 0, 0, 0)`)
		exec(t, tenant, `INSERT INTO scheme_current (one, publication, set_hash) VALUES (1, 'z', 's')`)
		exec(t, tenant, `INSERT INTO scheme_publication_files (publication, path, version) VALUES ('z', 'p', 'v')`)
		exec(t, tenant, `INSERT INTO search_entries (n, collection, id, a, b, c, d) VALUES (7, 'firm', '1', '慈溪 卓力', 'x1', '', '')`)
		if learn := store.SearchLearn(tenant); learn != "" {
			exec(t, tenant, learn, 7)
		}
	}
	exec(t, store.In(ctx, inst.Control()), `INSERT INTO sign_in_attempts (subject, failures, last_at) VALUES ('s', 3, '')`)
}

// contents is every row of every table, as text.
func contents(t *testing.T, ctx context.Context, inst *store.Installation) string {
	t.Helper()
	var b bytes.Buffer
	if err := inst.Backup(ctx, &b); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range unpack(t, b.Bytes()) {
		if strings.HasSuffix(f.name, ".jsonl") {
			fmt.Fprintf(&out, "%s\n%s\n", f.name, f.body)
		}
	}
	return out.String()
}

type file struct {
	name string
	body []byte
}

func unpack(t *testing.T, archive []byte) []file {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var out []file
	r := tar.NewReader(zip)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file{h.Name, body})
	}
}

func pack(t *testing.T, files []file) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func backup(t *testing.T, ctx context.Context, inst *store.Installation) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := inst.Backup(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// From each kind to each kind. Mutation: leave putBack or rebuildSearch out of load, or order columns by name in one of the two → red.
func TestBackupComesBackOnEitherDatabase(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, from *store.Installation) {
		fill(t, ctx, from)
		archive, before := backup(t, ctx, from), contents(t, ctx, from)
		for _, kind := range storetest.Kinds {
			url := storetest.URL(t, kind)
			if err := store.Restore(ctx, url, bytes.NewReader(archive)); err != nil {
				t.Fatalf("to %s: %v", kind, err)
			}
			to := storetest.Open(t, ctx, url)
			if after := contents(t, ctx, to); sorted(after) != sorted(before) {
				t.Errorf("to %s: what came back differs:\n%s\n%s", kind, before, after)
			}
			db, err := to.Tenant(ctx, "b")
			if err != nil {
				t.Fatal(err)
			}
			b := store.In(ctx, db)
			wantTexts(t, b, []string{"1"}, `SELECT e.id FROM `+store.SearchFound(b),
				store.SearchAll(b, []string{store.SearchTerm(b, "卓力", false), store.SearchTerm(b, "x", true)}))
			// The tables are whole: references and uniqueness hold, and writing goes on.
			if err := try(b, `INSERT INTO scheme_publication_files (publication, path, version) VALUES ('z', 'q', 'nobody')`); !store.IsForeignKey(err) {
				t.Errorf("to %s: a reference to nothing: %v", kind, err)
			}
			if err := try(b, `INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '')`); !store.IsUnique(err) {
				t.Errorf("to %s: a second head: %v", kind, err)
			}
			if err := store.Restore(ctx, url, bytes.NewReader(archive)); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("to %s: restored over what is there: %v", kind, err)
			}
			if after := contents(t, ctx, to); sorted(after) != sorted(before) {
				t.Errorf("to %s: the refused restore changed something", kind)
			}
		}
	})
}

func sorted(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A backup is of one moment: of two numbers in two tenants that are always raised together, it never has one raised and not the other.
// Mutation: begin to read each file without the turn of every writer → red on SQLite; a transaction for each schema → red on PostgreSQL.
func TestABackupIsOfOneMoment(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		a, b := newTenant(t, ctx, inst, "a"), newTenant(t, ctx, inst, "b")
		running, stop := context.WithCancel(ctx)
		var group sync.WaitGroup
		defer group.Wait()
		defer stop()
		raised := make(chan struct{}, 1000)
		group.Go(func() {
			for running.Err() == nil {
				err := store.Write(a, func(inA context.Context) error {
					if err := try(inA, `UPDATE audit_head SET seq = seq + 1`); err != nil {
						return err
					}
					// b is committed while a is open, and a right after: only a moment in between could part them, and a holds its turn through it.
					return try(store.In(inA, store.Bound(b)), `UPDATE audit_head SET seq = seq + 1`)
				})
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case raised <- struct{}{}:
				default:
				}
			}
		})
		for range 8 {
			<-raised
			var heads []string
			for _, f := range unpack(t, backup(t, ctx, inst)) {
				if strings.Contains(f.name, "/audit_head/") && !strings.HasPrefix(f.name, store.ControlID) {
					heads = append(heads, strings.Split(string(f.body), "\n")[1])
				}
			}
			if len(heads) != 2 {
				t.Fatalf("%q", heads)
			}
			if inst.Kind() == "sqlite" && heads[0] != heads[1] {
				t.Errorf("a backup of two moments: %q", heads)
			}
			if inst.Kind() == "postgres" && ahead(t, heads) > 1 {
				t.Errorf("a backup of two moments: %q", heads)
			}
		}
	})
}

// ahead is by how much b is ahead of a: on PostgreSQL its commit comes first, and nothing makes the two one.
func ahead(t *testing.T, heads []string) int {
	t.Helper()
	var n [2]int
	for i, h := range heads {
		var one int
		if _, err := fmt.Sscanf(h, "[%d,%d", &one, &n[i]); err != nil {
			t.Fatal(err)
		}
	}
	if n[0] > n[1] {
		return 2
	}
	return n[1] - n[0]
}

// Mutation, one for each: do not compare with the manifest; do not read to the end; do not check for missing tables; do not put
// references back; leave the databases of a failed restore → red.
func TestADamagedArchiveRestoresNothing(t *testing.T) {
	ctx := context.Background()
	from := storetest.Open(t, ctx, storetest.URL(t, "sqlite"))
	fill(t, ctx, from)
	good := backup(t, ctx, from)
	files := unpack(t, good)
	replace := func(name, old, new string) []byte {
		changed := slices.Clone(files)
		at := slices.IndexFunc(changed, func(f file) bool { return f.name == name })
		if at < 0 || !bytes.Contains(changed[at].body, []byte(old)) {
			t.Fatalf("no %s with %s", name, old)
		}
		changed[at].body = bytes.Replace(changed[at].body, []byte(old), []byte(new), 1)
		return pack(t, changed)
	}
	drop := func(name string) []file {
		return slices.DeleteFunc(slices.Clone(files), func(f file) bool { return f.name == name })
	}
	// agreed is a damaged archive whose manifest was made to agree with the damage: what else is checked has to find it.
	agreed := func(archive []byte) []byte { return pack(t, agree(t, unpack(t, archive))) }
	flipped := func(at int) []byte {
		b := slices.Clone(good)
		b[at] ^= 0x10
		return b
	}
	archives := map[string][]byte{
		"nothing":                    {},
		"not a backup":               []byte("PK\x03\x04 something else"),
		"another tar":                pack(t, []file{{"hello.txt", []byte("hello")}}),
		"only a header":              pack(t, files[:1]),
		"half":                       good[:len(good)/2],
		"without its last byte":      good[:len(good)-1],
		"without its checksum":       good[:len(good)-8],
		"with a flipped bit":         flipped(len(good) / 2),
		"with a flipped bit at end":  flipped(len(good) - 6),
		"with something behind":      append(slices.Clone(good), "garbage"...),
		"without its manifest":       pack(t, drop("manifest.json")),
		"without a table":            pack(t, drop("a/jobs/000001.jsonl")),
		"with an edited row":         replace("a/audit_events/000001.jsonl", "actor of a", "actor of x"),
		"with a row taken out":       replace("control/sign_in_attempts/000001.jsonl", "[\"s\",3,\"\"]\n", ""),
		"with less, agreed":          agreed(pack(t, drop("a/jobs/000001.jsonl"))),
		"with another column":        agreed(replace("a/audit_head/000001.jsonl", `"seq"`, `"sequence"`)),
		"with a column less":         agreed(replace("a/audit_head/000001.jsonl", `,"seq"`, ``)),
		"with another table":         agreed(pack(t, rename(files, "a/jobs/000001.jsonl", "a/jobz/000001.jsonl"))),
		"with a row that is none":    agreed(replace("a/audit_head/000001.jsonl", "[1,1,", "[1,[")),
		"with a list for a value":    agreed(replace("a/audit_head/000001.jsonl", "[1,1,", "[1,[1],")),
		"with a short row":           agreed(replace("a/audit_head/000001.jsonl", "[1,1,", "[1,")),
		"with a broken reference":    agreed(replace("a/scheme_current/000001.jsonl", `"z"`, `"nobody"`)),
		"with a repeated key":        agreed(replace("control/sign_in_attempts/000001.jsonl", "[\"s\",3,\"\"]\n", "[\"s\",3,\"\"]\n[\"s\",3,\"\"]\n")),
		"with a value refused":       agreed(replace("a/jobs/000001.jsonl", `"waiting"`, `"dreaming"`)),
		"with its databases swapped": replace("shanglin.json", `"id": "a"`, `"id": "b"`),
		"with an id that is a path":  replace("shanglin.json", `"id": "a"`, `"id": "../a"`),
		"with more than it names":    agreed(pack(t, append(slices.Clone(files[:len(files)-1]), file{"c/jobs/000001.jsonl", []byte("[]\n")}, files[len(files)-1]))),
	}
	alsoOnPostgres := []string{"half", "with an edited row", "with a broken reference", "with a repeated key", "with a value refused"}
	newer := replace("shanglin.json", `"version": 1,`, `"version": 9998,`)
	otherFormat := replace("shanglin.json", `"format": 1`, `"format": 2`)
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := storetest.URL(t, kind)
			for name, archive := range archives {
				if kind == "postgres" && !slices.Contains(alsoOnPostgres, name) {
					continue // the archive is read alike; only what the tables say, and taking things away, is the database's
				}
				err := store.Restore(ctx, url, bytes.NewReader(archive))
				if fault.CodeOf(err) != fault.Invalid {
					t.Errorf("%s: %v", name, err)
				}
				if left := store.Databases(t, ctx, url); len(left) > 0 {
					t.Errorf("%s: left behind: %v", name, left)
				}
			}
			for name, archive := range map[string][]byte{"newer": newer, "of another format": otherFormat} {
				if err := store.Restore(ctx, url, bytes.NewReader(archive)); fault.CodeOf(err) != fault.Conflict {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := store.Restore(ctx, url, bytes.NewReader(pack(t, agree(t, files)))); err != nil {
				t.Errorf("the packing of this test itself: %v", err)
			}
		})
	}
}

// agree makes the manifest anew.
func agree(t *testing.T, files []file) []file {
	t.Helper()
	var m store.Manifest
	for _, f := range files[:len(files)-1] {
		sum := sha256.Sum256(f.body)
		rows := 0
		if strings.HasSuffix(f.name, ".jsonl") {
			rows = bytes.Count(f.body, []byte("\n")) - 1
		}
		m.Files = append(m.Files, store.ManifestFile{Name: f.name, SHA256: hex.EncodeToString(sum[:]), Rows: int64(rows)})
	}
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(files[:len(files)-1]), file{"manifest.json", body})
}

func rename(files []file, from, to string) []file {
	files = slices.Clone(files)
	for i := range files {
		if files[i].name == from {
			files[i].name = to
		}
	}
	return files
}

// The machine stops in the middle of a restore. Mutation: create the control database first, or let Open make one beside tenants → red.
func TestHalfARestoreIsRefused(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, ctx context.Context, url string) {
		from := storetest.Open(t, ctx, storetest.URL(t, "sqlite"))
		fill(t, ctx, from)
		good := backup(t, ctx, from)
		if err := store.StopBeforePublish(ctx, url, bytes.NewReader(good)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(ctx, url); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("opened: %v", err)
		}
		if err := store.Restore(ctx, url, bytes.NewReader(good)); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("restored over it: %v", err)
		}
	})
}

// Many rows come in several files and many statements. Mutation: forget begin() after a full file → red.
func TestALargeTableIsCutIntoParts(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		a := newTenant(t, ctx, inst, "a")
		const rows, width = 1300, 8000
		err := store.Write(a, func(ctx context.Context) error {
			for n := range rows {
				if err := try(ctx, `INSERT INTO scheme_versions (id, path, hash, document, body, origin, published_by, approved_by, published_at) VALUES (?, ?, '', '', ?, '', '', '', '')`,
					fmt.Sprintf("%06d", n), fmt.Sprint(n), strings.Repeat("字", width/3)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		archive := backup(t, ctx, inst)
		parts := 0
		for _, f := range unpack(t, archive) {
			if strings.HasPrefix(f.name, "a/scheme_versions/") {
				parts++
			}
		}
		if parts < 2 {
			t.Errorf("%d parts", parts)
		}
		url := storetest.URL(t, "sqlite")
		if err := store.Restore(ctx, url, bytes.NewReader(archive)); err != nil {
			t.Fatal(err)
		}
		db, err := storetest.Open(t, ctx, url).Tenant(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		wantTexts(t, store.In(ctx, db), []string{fmt.Sprint(rows)}, `SELECT CAST(count(*) AS TEXT) FROM scheme_versions WHERE length(body) = ?`, width/3)
	})
}
