package audit_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// The tests keep rows of a kind of their own in a table of their own, as a room does.
const kind = "test.thing"

func init() {
	audit.RegisterRow(kind, func(ctx context.Context, id string) (string, error) {
		var name string
		if err := store.Tx(ctx).QueryRowContext(ctx, `SELECT name FROM things WHERE id = ?`, id).Scan(&name); err != nil {
			return "", err // sql.ErrNoRows: there is no such row
		}
		return digest(name), nil
	})
	audit.RegisterList(kind, audit.IDs("things"))
}

func digest(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// put writes a thing and logs it, as a room does.
func put(t *testing.T, ctx context.Context, id, name string) {
	t.Helper()
	err := store.Write(ctx, func(ctx context.Context) error {
		_, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO things (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name`, id, name)
		if err != nil {
			return err
		}
		return audit.Append(ctx, audit.Event{Action: "thing.put", Kind: kind, ID: id, Digest: digest(name), Data: map[string]string{"note": "n"}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// exec is what somebody does behind the log's back.
func exec(t *testing.T, ctx context.Context, statement string, args ...any) {
	t.Helper()
	err := store.Write(ctx, func(ctx context.Context) error {
		_, err := store.Tx(ctx).ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, ctx context.Context, outside ...audit.Checkpoint) *audit.Report {
	t.Helper()
	r, err := audit.VerifyAgainst(ctx, outside)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// found is what is wrong, each kind once.
func found(r *audit.Report) []string {
	var out []string
	for _, p := range r.Problems {
		if !slices.Contains(out, p.What) {
			out = append(out, p.What)
		}
	}
	slices.Sort(out)
	return out
}

func each(t *testing.T, fn func(t *testing.T, ctx context.Context)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		exec(t, ctx, `CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT NOT NULL)`)
		fn(t, audit.WithActor(ctx, "account-1"))
	})
}

func TestWhatIsLogged(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
		ctx = clock.With(ctx, func() time.Time { return at })
		for n := range 5 {
			put(t, ctx, fmt.Sprint(n), "name")
		}
		put(t, ctx, "1", "renamed")
		err := store.Write(ctx, func(ctx context.Context) error {
			if _, err := store.Tx(ctx).ExecContext(ctx, `DELETE FROM things WHERE id = '2'`); err != nil {
				return err
			}
			return audit.Append(ctx, audit.Event{Action: "thing.delete", Kind: kind, ID: "2", Digest: audit.Deleted})
		})
		if err != nil {
			t.Fatal(err)
		}
		r := verify(t, ctx)
		if !r.OK() || r.Records != 7 || r.Rows != 5 || r.Head == "" {
			t.Errorf("%+v", r)
		}
		// Each record's hash covers all of it and the hash before. Mutation: leave prev out of hashAfter → red.
		all, err := audit.List(ctx, audit.Filter{})
		if err != nil || len(all) != 7 {
			t.Fatalf("%+v, %v", all, err)
		}
		prev := ""
		for _, rec := range slices.Backward(all) {
			if rec.Hash != hashOf(rec, prev) {
				t.Errorf("the hash of record %d is another", rec.Seq)
			}
			prev = rec.Hash
		}
		list, err := audit.List(ctx, audit.Filter{Kind: kind, ID: "1"})
		if err != nil || len(list) != 2 || list[0].Seq != 6 || list[0].Actor != "account-1" || list[0].At != store.Stamp(at) || list[0].Data != `{"note":"n"}` {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err := audit.List(ctx, audit.Filter{Before: 3, Limit: 1}); err != nil || len(list) != 1 || list[0].Seq != 2 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// What is rolled back was never logged, and the numbers go on without a gap. Mutation: let chain use a transaction of its own → red.
func TestALogEntryLivesAndDiesWithItsTransaction(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		put(t, ctx, "1", "a")
		undo := errors.New("undo")
		err := store.Write(ctx, func(ctx context.Context) error {
			if err := audit.Append(ctx, audit.Event{Action: "x", Kind: "y", ID: "z"}); err != nil {
				return err
			}
			return undo
		})
		if err != undo {
			t.Fatal(err)
		}
		put(t, ctx, "2", "b")
		if r := verify(t, ctx); !r.OK() || r.Records != 2 {
			t.Errorf("%+v", r)
		}
		event := audit.Event{Action: "x", Kind: "y", ID: "z"}
		if err := audit.Append(ctx, event); err == nil {
			t.Error("logged outside of a transaction")
		}
		if err := store.Read(ctx, func(ctx context.Context) error { return audit.Append(ctx, event) }); err == nil {
			t.Error("logged in a transaction that cannot write")
		}
		if err := store.Write(ctx, func(ctx context.Context) error { return audit.Append(ctx, audit.Event{Action: "x"}) }); err == nil {
			t.Error("logged an event without a row")
		}
	})
}

// Mutation: read the head and write head + 1 instead of the one UPDATE → red on PostgreSQL.
func TestManyWritersMakeOneChain(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		var group sync.WaitGroup
		for n := range 6 {
			group.Go(func() {
				for m := range 5 {
					put(t, ctx, fmt.Sprintf("%d-%d", n, m), "x")
				}
			})
		}
		// Many events of one transaction stand together and in order.
		err := store.Write(ctx, func(ctx context.Context) error {
			for n := range 450 {
				if err := audit.Append(ctx, audit.Event{Action: "bulk", Kind: "bulk", ID: fmt.Sprint(n)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		group.Wait()
		if r := verify(t, ctx); !r.OK() || r.Records != 480 || r.Rows != 30 {
			t.Errorf("%+v", r)
		}
		bulk, err := audit.List(ctx, audit.Filter{Kind: "bulk", Limit: 500})
		if err != nil || len(bulk) != 450 || bulk[0].ID != "449" || bulk[0].Seq-bulk[449].Seq != 449 {
			t.Errorf("%d events, %v", len(bulk), err)
		}
	})
}

// The attacks. Each names what Verify must call it. The mutations: leave one of its inputs out of hashAfter; drop the comparison with the
// number before, with the head, with the checkpoints or with the live rows → the attack of that name goes unseen, red.
func TestAttacksOnTheLog(t *testing.T) {
	edit := func(column, value string) func(t *testing.T, ctx context.Context) {
		return func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET `+column+` = ? WHERE seq = 3`, value)
		}
	}
	attacks := map[string]struct {
		do   func(t *testing.T, ctx context.Context)
		want []string
	}{
		"the time is edited":   {edit("at", "2020-01-01T00:00:00.000000Z"), []string{audit.Edited}},
		"the actor is edited":  {edit("actor", "somebody else"), []string{audit.Edited}},
		"the action is edited": {edit("action", "thing.look"), []string{audit.Edited}},
		"the data are edited":  {edit("data", "{}"), []string{audit.Edited}},
		"the hash is edited":   {edit("hash", strings.Repeat("0", 64)), []string{audit.Edited}},
		"kind and id are edited": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET kind = 'other', row_id = 'x' WHERE seq = 3`)
		}, []string{audit.Edited, audit.Unlogged}},
		"the kind is edited": {edit("kind", "other"), []string{audit.Edited, audit.Unlogged}},
		"the id is edited":   {edit("row_id", "x"), []string{audit.Edited, audit.Gone, audit.Unlogged}},
		"a row and its digest are edited": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE things SET name = 'changed' WHERE id = '2'`)
			exec(t, ctx, `UPDATE audit_events SET digest = ? WHERE seq = 3`, digest("changed"))
		}, []string{audit.Edited}},
		"a record is edited and its hash made anew": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET actor = 'somebody else' WHERE seq = 3`)
			rehash(t, ctx, 3)
		}, []string{audit.Edited}},
		"the last record is edited and its hash made anew": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET actor = 'somebody else' WHERE seq = 6`)
			rehash(t, ctx, 6)
		}, []string{audit.Edited}},
		"a whole record is put at the end": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `INSERT INTO audit_events (seq, at, actor, action, kind, row_id, digest, data, hash) VALUES (7, '', '', 'x', 'y', 'z', '', '', '')`)
			rehash(t, ctx, 7)
		}, []string{audit.Edited}},
		"two texts are shifted": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET actor = actor || 'thing', action = '.put' WHERE seq = 3`)
		}, []string{audit.Edited}},
		"a record is taken out": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `DELETE FROM audit_events WHERE seq = 3`)
		}, []string{audit.Missing, audit.Unlogged}},
		"the first record is taken out": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `DELETE FROM audit_events WHERE seq = 1`)
		}, []string{audit.Missing}},
		"two neighbours change places": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET seq = -2 WHERE seq = 2`)
			exec(t, ctx, `UPDATE audit_events SET seq = 2 WHERE seq = 3`)
			exec(t, ctx, `UPDATE audit_events SET seq = 3 WHERE seq = -2`)
		}, []string{audit.Reordered}},
		"two records change places": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE audit_events SET seq = -2 WHERE seq = 2`)
			exec(t, ctx, `UPDATE audit_events SET seq = 2 WHERE seq = 4`)
			exec(t, ctx, `UPDATE audit_events SET seq = 4 WHERE seq = -2`)
		}, []string{audit.Reordered}},
		"the end is cut off": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `DELETE FROM audit_events WHERE seq > 4`)
		}, []string{audit.Changed, audit.Truncated, audit.Unlogged}},
		"the head is taken away": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `DELETE FROM audit_head`)
		}, []string{audit.Truncated}},
		"a record is put at the end": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `INSERT INTO audit_events (seq, at, actor, action, kind, row_id, digest, data, hash) VALUES (7, '', '', 'x', 'y', 'z', '', '', '')`)
		}, []string{audit.Edited}},
		"a live row is changed": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE things SET name = 'changed' WHERE id = '3'`)
		}, []string{audit.Changed}},
		"a live row is deleted": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `DELETE FROM things WHERE id = '3'`)
		}, []string{audit.Gone}},
		"a row is slipped in": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `INSERT INTO things (id, name) VALUES ('new', 'x')`)
		}, []string{audit.Unlogged}},
		"a row goes back to an older state": {func(t *testing.T, ctx context.Context) {
			exec(t, ctx, `UPDATE things SET name = 'first' WHERE id = '0'`)
		}, []string{audit.Changed}},
	}
	each(t, func(t *testing.T, ctx context.Context) {
		put(t, ctx, "0", "first")
		for n := 1; n < 5; n++ {
			put(t, ctx, fmt.Sprint(n), "name")
		}
		put(t, ctx, "0", "second")
		for name, attack := range attacks {
			// Each is undone after it was looked at.
			undo := errors.New("undo")
			err := store.Write(ctx, func(ctx context.Context) error {
				if r := verify(t, ctx); !r.OK() {
					t.Fatalf("%s: before the attack: %+v", name, r)
				}
				attack.do(t, ctx)
				r := verify(t, ctx)
				if got := found(r); !slices.Equal(got, attack.want) {
					t.Errorf("%s: found %v, want %v: %+v", name, got, attack.want, r.Problems)
				}
				return undo
			})
			if err != undo {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
}

// hashOf is the hash that belongs to a record, written a second time from its description: SHA-256 over each text behind its length.
func hashOf(r audit.Record, prev string) string {
	h := sha256.New()
	for _, s := range []string{"shanglin audit 1", prev, fmt.Sprint(r.Seq), r.At, r.Actor, r.Action, r.Kind, r.ID, r.Digest, r.Data} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// rehash gives a record the hash that belongs to it, as somebody would who has read the program.
func rehash(t *testing.T, ctx context.Context, seq int64) {
	t.Helper()
	two, err := audit.List(ctx, audit.Filter{Before: seq + 1, Limit: 2})
	if err != nil || len(two) != 2 {
		t.Fatal(two, err)
	}
	exec(t, ctx, `UPDATE audit_events SET hash = ? WHERE seq = ?`, hashOf(two[0], two[1].Hash), seq)
}

func key(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	k, err := audit.NewKey(filepath.Join(t.TempDir(), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// rewrite makes the log anew as a whole, faultless in itself, with one record more or less: only a checkpoint kept outside can tell.
func rewrite(t *testing.T, ctx context.Context, keep int) {
	t.Helper()
	exec(t, ctx, `DELETE FROM audit_events`)
	exec(t, ctx, `DELETE FROM audit_checkpoints`)
	exec(t, ctx, `UPDATE audit_head SET seq = 0, hash = ''`)
	exec(t, ctx, `DELETE FROM things`)
	for n := range keep {
		put(t, ctx, fmt.Sprint(n), "another past")
	}
}

// Mutation: do not look at the outside checkpoints in verifyChain, or not for those beyond the end → red.
func TestACheckpointOutsideFindsAWholeNewLog(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		k := key(t)
		for n := range 5 {
			put(t, ctx, fmt.Sprint(n), "name")
		}
		if _, err := audit.Sign(ctx, k); err != nil {
			t.Fatal(err)
		}
		put(t, ctx, "5", "name")
		c, err := audit.Sign(ctx, k)
		if err != nil || c.Seq != 6 || c.Tenant != storetest.TenantID {
			t.Fatalf("%+v, %v", c, err)
		}
		if again, err := audit.Sign(ctx, k); err != nil || *again != *c {
			t.Errorf("signed twice for nothing: %+v, %v", again, err)
		}
		// Out and in again.
		inside, err := audit.Checkpoints(ctx)
		if err != nil || len(inside) != 2 {
			t.Fatalf("%+v, %v", inside, err)
		}
		var kept bytes.Buffer
		if err := audit.WriteCheckpoints(&kept, inside); err != nil {
			t.Fatal(err)
		}
		outside, err := audit.ReadCheckpoints(bytes.NewReader(kept.Bytes()))
		if err != nil || !slices.Equal(outside, inside) {
			t.Fatalf("%+v, %v", outside, err)
		}
		if r, err := audit.VerifyAgainst(ctx, outside, audit.PublicKey(k)); err != nil || !r.OK() || r.Checkpoints != 4 {
			t.Errorf("%+v, %v", r, err)
		}
		put(t, ctx, "6", "name")
		if r := verify(t, ctx, outside...); !r.OK() {
			t.Errorf("after going on: %+v", r)
		}

		rewrite(t, ctx, 8)
		if r := verify(t, ctx); !r.OK() {
			t.Errorf("the new log is not faultless in itself, the test proves nothing: %+v", r)
		}
		if got := found(verify(t, ctx, outside...)); !slices.Equal(got, []string{audit.Rewritten}) {
			t.Errorf("rewritten: %v", got)
		}
		rewrite(t, ctx, 3)
		if got := found(verify(t, ctx, outside...)); !slices.Equal(got, []string{audit.Truncated}) {
			t.Errorf("truncated: %v", got)
		}
	})
}

// Mutation: leave tenant, seq, hash or at out of message, or do not compare the key with the trusted ones → red.
func TestAForgedCheckpointIsSeen(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		k, other := key(t), key(t)
		put(t, ctx, "1", "name")
		put(t, ctx, "2", "name")
		c, err := audit.Sign(ctx, k)
		if err != nil {
			t.Fatal(err)
		}
		for name, forge := range map[string]func(*audit.Checkpoint){
			"tenant":    func(c *audit.Checkpoint) { c.Tenant = "other" },
			"number":    func(c *audit.Checkpoint) { c.Seq = 1 },
			"hash":      func(c *audit.Checkpoint) { c.Hash = strings.Repeat("0", 64) },
			"time":      func(c *audit.Checkpoint) { c.At = "2020-01-01T00:00:00.000000Z" },
			"key":       func(c *audit.Checkpoint) { c.PublicKey = audit.PublicKey(other) },
			"no key":    func(c *audit.Checkpoint) { c.PublicKey = "" },
			"signature": func(c *audit.Checkpoint) { c.Signature = strings.Repeat("0", 128) },
		} {
			forged := *c
			forge(&forged)
			if got := found(verify(t, ctx, forged)); !slices.Equal(got, []string{audit.Forged}) {
				t.Errorf("%s: %v", name, got)
			}
		}
		// Whole in itself, but by somebody else's key.
		if r, err := audit.VerifyAgainst(ctx, []audit.Checkpoint{*c}, audit.PublicKey(other)); err != nil || !slices.Contains(found(r), audit.Forged) {
			t.Errorf("another key: %+v, %v", r, err)
		}
		// A checkpoint of one county is none of another.
		inst := store.Bound(ctx).Installation()
		db, err := inst.CreateTenant(ctx, store.Tenant{ID: "neighbour", Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		exec(t, store.In(ctx, db), `CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT NOT NULL)`)
		if got := found(verify(t, store.In(ctx, db), *c)); !slices.Contains(got, audit.Forged) {
			t.Errorf("of another county: %v", got)
		}
		if _, err := audit.Sign(store.In(ctx, db), k); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("signed an empty log: %v", err)
		}
	})
}

// The control database has a log of its own, of its own kinds of row. Mutation: compare every kind of row in every database; leave
// recordTenant out of CreateTenant, or the name or the state out of TenantDigest → red.
func TestTheControlDatabaseHasALog(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		control := store.In(ctx, store.Bound(ctx).Installation().Control())
		put(t, ctx, "1", "name") // in the tenant, of whose kinds the control database has no table
		if r := verify(t, control); !r.OK() || r.Records != 2 || r.Rows != 1 {
			t.Errorf("%+v", r)
		}
		list, err := audit.List(control, audit.Filter{Kind: audit.TenantKind, ID: storetest.TenantID})
		if err != nil || len(list) != 2 || list[0].Action != "tenant.created" || list[1].Action != "tenant.begun" || list[1].Actor != "system" || list[0].Data != `{"name":"测试县"}` {
			t.Fatalf("%+v, %v", list, err)
		}
		if r := verify(t, ctx); !r.OK() || r.Records != 1 {
			t.Errorf("the tenant's own log: %+v", r)
		}
		k := key(t)
		c, err := audit.Sign(control, k)
		if err != nil || c.Tenant != store.ControlID || c.Seq != 2 {
			t.Fatalf("%+v, %v", c, err)
		}
		if r, err := audit.VerifyAgainst(control, []audit.Checkpoint{*c}, audit.PublicKey(k)); err != nil || !r.OK() || r.Checkpoints != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		for statement, want := range map[string]string{
			`UPDATE tenants SET name = 'x'`:         audit.Changed,
			`UPDATE tenants SET state = 'creating'`: audit.Changed,
			`UPDATE tenants SET created_at = 'x'`:   audit.Changed,
			`DELETE FROM tenants`:                   audit.Gone,
			`INSERT INTO tenants (id, name, state, created_at) VALUES ('new', 'x', 'ready', 'x')`:    audit.Unlogged,
			`UPDATE audit_events SET data = '' WHERE seq = 1`:                                        audit.Edited,
			`INSERT INTO tenants (id, name, state, created_at) VALUES ('new', 'x', 'creating', 'x')`: audit.Unlogged,
		} {
			undo := errors.New("undo")
			err := store.Write(control, func(ctx context.Context) error {
				exec(t, ctx, statement)
				if got := found(verify(t, ctx)); !slices.Equal(got, []string{want}) {
					t.Errorf("%s: %v, want %s", statement, got, want)
				}
				return undo
			})
			if err != undo {
				t.Fatal(err)
			}
		}
		exec(t, control, `DELETE FROM audit_events WHERE seq = 2`)
		exec(t, control, `UPDATE audit_head SET seq = 1, hash = (SELECT hash FROM audit_events WHERE seq = 1)`)
		if got := found(verify(t, control, *c)); !slices.Contains(got, audit.Truncated) {
			t.Errorf("cut off: %v", got)
		}
	})
}

func TestReadCheckpointsRefuses(t *testing.T) {
	for _, text := range []string{"x", "{}", `{"tenant":"a","seq":0,"signature":"x"}`, `{"tenant":"a","seq":1,"signature":"x","more":1}`, strings.Repeat("x", 1<<17)} {
		if _, err := audit.ReadCheckpoints(strings.NewReader(text)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if list, err := audit.ReadCheckpoints(strings.NewReader("\n\n")); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	if _, err := audit.LoadKey(path); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	k, err := audit.NewKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := audit.LoadKey(path); err != nil || !again.Equal(k) {
		t.Errorf("%v", err)
	}
	if _, err := audit.NewKey(path); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a key was overwritten: %v", err)
	}
	if _, err := audit.LoadKey("audit_test.go"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}

// Mutation: hash without the secret, or make a new secret each time → red.
func TestPersonalDataIsHashedUnderASecret(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		hash := func(ctx context.Context, text string) (out string) {
			t.Helper()
			err := store.Write(ctx, func(ctx context.Context) (err error) { out, err = audit.Personal(ctx, text); return err })
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		one := hash(ctx, "张三")
		if again := hash(ctx, "张三"); again != one || hash(ctx, "李四") == one {
			t.Error("not the same for the same text, or the same for another")
		}
		sum := sha256.Sum256([]byte("张三"))
		if one == hex.EncodeToString(sum[:]) {
			t.Error("anybody can try names against it")
		}
		db, err := store.Bound(ctx).Installation().CreateTenant(ctx, store.Tenant{ID: "neighbour", Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if hash(store.In(ctx, db), "张三") == one {
			t.Error("two counties can compare their people")
		}
	})
}

func TestDigestErrorsAreNotProblems(t *testing.T) {
	audit.RegisterRow("test.broken", func(context.Context, string) (string, error) { return "", sql.ErrConnDone })
	audit.RegisterRow("test.silent", func(context.Context, string) (string, error) { return "", fault.New(fault.NotFound, "没有") })
	each(t, func(t *testing.T, ctx context.Context) {
		log := func(kind string) {
			err := store.Write(ctx, func(ctx context.Context) error {
				return audit.Append(ctx, audit.Event{Action: "x", Kind: kind, ID: "1", Digest: "d"})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		log("test.silent")
		if got := found(verify(t, ctx)); !slices.Equal(got, []string{audit.Gone}) {
			t.Errorf("%v", got)
		}
		log("test.broken")
		if _, err := audit.Verify(ctx); !errors.Is(err, sql.ErrConnDone) {
			t.Errorf("a digest that could not be made: %v", err)
		}
	})
}

// A verification says how far it is, from nothing to all of it, and ends when it is told to.
//
// Mutations: leave the rows out of the total; tell nothing of the rows → red.
func TestVerificationTellsHowFar(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		put(t, ctx, "1", "a")
		put(t, ctx, "2", "b")
		put(t, ctx, "1", "c")
		var told []int64
		r, err := audit.Verification{Progress: func(done, total int64) error {
			told = append(told, done)
			if total != 5 { // three records and two rows
				t.Errorf("of %d", total)
			}
			return nil
		}}.Run(ctx)
		if err != nil || !r.OK() || !slices.Equal(told, []int64{3, 4, 5}) {
			t.Errorf("told %v, %+v, %v", told, r, err)
		}
		enough := errors.New("enough")
		n := 0
		_, err = audit.Verification{Progress: func(done, total int64) error { n++; return enough }}.Run(ctx)
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("told %d times, then %v", n, err)
		}
	})
}

// The log is narrowed by each filter, and an export gives the same records as the pages.
//
// Mutations: include the moment of To; end Each after its first part → red.
func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context) {
		start := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
		for i, who := range []string{"anna", "bo", "anna", "bo", "anna"} {
			at := start.Add(time.Duration(i) * time.Hour)
			put(t, clock.With(audit.WithActor(ctx, who), func() time.Time { return at }), fmt.Sprint(i%2), fmt.Sprint(i))
		}
		stamp := func(hours int) string { return store.Stamp(start.Add(time.Duration(hours) * time.Hour)) }
		for _, c := range []struct {
			name string
			f    audit.Filter
			want []int64
		}{
			{"all", audit.Filter{}, []int64{5, 4, 3, 2, 1}},
			{"kind", audit.Filter{Kind: kind}, []int64{5, 4, 3, 2, 1}},
			{"another kind", audit.Filter{Kind: "x"}, nil},
			{"row", audit.Filter{ID: "1"}, []int64{4, 2}},
			{"action", audit.Filter{Action: "thing.put"}, []int64{5, 4, 3, 2, 1}},
			{"another action", audit.Filter{Action: "thing.delete"}, nil},
			{"actor", audit.Filter{Actor: "bo"}, []int64{4, 2}},
			{"from", audit.Filter{From: stamp(3)}, []int64{5, 4}},
			{"to", audit.Filter{To: stamp(3)}, []int64{3, 2, 1}},
			{"from and to", audit.Filter{From: stamp(1), To: stamp(3)}, []int64{3, 2}},
			{"before", audit.Filter{Before: 3}, []int64{2, 1}},
			{"before, of an actor", audit.Filter{Before: 5, Actor: "anna", Limit: 1}, []int64{3}},
			{"rows of kinds without words", audit.Filter{Rows: []string{"1"}}, nil},
		} {
			list, err := audit.List(ctx, c.f)
			var got, all []int64
			for _, r := range list {
				got = append(got, r.Seq)
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v; %v", c.name, got, c.want, err)
			}
			if c.f.Limit > 0 {
				continue
			}
			if err := audit.Each(ctx, c.f, func(some []audit.Record) error {
				for _, r := range some {
					all = append(all, r.Seq)
				}
				return nil
			}); err != nil || !slices.Equal(all, c.want) {
				t.Errorf("%s, each: %v, want %v; %v", c.name, all, c.want, err)
			}
		}
		put(t, ctx, "many", "x")
		err := store.Write(ctx, func(ctx context.Context) error {
			for range 2100 {
				if err := audit.Append(ctx, audit.Event{Action: "thing.seen", Kind: kind, ID: "1"}); err != nil {
					return err
				}
			}
			return nil
		})
		n := 0
		err = errors.Join(err, audit.Each(ctx, audit.Filter{Action: "thing.seen"}, func(some []audit.Record) error { n += len(some); return nil }))
		if err != nil || n != 2100 {
			t.Errorf("%d records, %v", n, err)
		}
	})
}
