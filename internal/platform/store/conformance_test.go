package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

// What every room relies on, whatever the database. Each test runs on SQLite and on PostgreSQL.

// exec runs one statement in a transaction of its own, or the one it is given.
func exec(t *testing.T, ctx context.Context, statement string, args ...any) {
	t.Helper()
	if err := try(ctx, statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func try(ctx context.Context, statement string, args ...any) error {
	return store.Write(ctx, func(ctx context.Context) error {
		_, err := store.Tx(ctx).ExecContext(ctx, statement, args...)
		return err
	})
}

func texts(t *testing.T, ctx context.Context, query string, args ...any) []string {
	t.Helper()
	var out []string
	err := store.Read(ctx, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &out) })
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func wantTexts(t *testing.T, ctx context.Context, want []string, query string, args ...any) {
	t.Helper()
	if got := texts(t, ctx, query, args...); !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", query, got, want)
	}
}

// things makes a table to play with.
func things(t *testing.T, ctx context.Context) {
	t.Helper()
	exec(t, ctx, `CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, stock BIGINT NOT NULL CHECK (stock >= 0), part_of TEXT REFERENCES things (id))`)
}

func newTenant(t *testing.T, ctx context.Context, inst *store.Installation, id string) context.Context {
	t.Helper()
	db, err := inst.CreateTenant(ctx, store.Tenant{ID: id, Name: "租户" + id})
	if err != nil {
		t.Fatal(err)
	}
	return store.In(ctx, db)
}

// Mutation: leave SET LOCAL search_path out of runOnce, or use SET in its place and a default path of a tenant → red on PostgreSQL;
// give all tenants one file → red on SQLite.
func TestTenantsSeeNothingOfEachOther(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		a, b := newTenant(t, ctx, inst, "a"), newTenant(t, ctx, inst, "b")
		control := store.In(ctx, inst.Control())
		things(t, a)
		exec(t, a, `INSERT INTO things (id, name, stock) VALUES ('1', 'secret of a', 1)`)
		if err := try(b, `DELETE FROM things`); err == nil {
			t.Error("b reaches a table that only a has")
		}
		things(t, b)
		wantTexts(t, b, nil, `SELECT name FROM things`)
		exec(t, b, `INSERT INTO things (id, name, stock) VALUES ('1', 'of b', 1)`)
		exec(t, b, `UPDATE things SET name = 'changed by b'`)
		wantTexts(t, a, []string{"secret of a"}, `SELECT name FROM things`)
		exec(t, b, `DELETE FROM things`)
		wantTexts(t, a, []string{"secret of a"}, `SELECT name FROM things`)
		// Alternating on the same few connections: nothing of the last transaction's path is left.
		for range 20 {
			wantTexts(t, a, []string{"secret of a"}, `SELECT name FROM things`)
			wantTexts(t, b, nil, `SELECT name FROM things`)
		}
		if err := try(a, `SELECT id FROM tenants`); err == nil {
			t.Error("a tenant reaches the control database")
		}
		if err := try(control, `SELECT id FROM things`); err == nil {
			t.Error("the control database reaches a tenant's table")
		}
		// After a failure and after a panic the path is gone as well.
		_ = try(a, `SELECT broken`)
		func() {
			defer func() { _ = recover() }()
			_ = store.Write(a, func(context.Context) error { panic("stop") })
		}()
		wantTexts(t, b, nil, `SELECT name FROM things`)
		// Two tenants at once, in one goroutine.
		err := store.Write(a, func(inA context.Context) error {
			return store.Write(store.In(inA, store.Bound(b)), func(inB context.Context) error {
				if _, err := store.Tx(inB).ExecContext(inB, `INSERT INTO things (id, name, stock) VALUES ('2', 'b again', 1)`); err != nil {
					return err
				}
				// Back in a: its own transaction, not a second one that would wait for the first for ever.
				return store.Write(store.In(inB, store.Bound(a)), func(again context.Context) error {
					_, err := store.Tx(again).ExecContext(again, `INSERT INTO things (id, name, stock) VALUES ('2', 'a again', 1)`)
					return err
				})
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		wantTexts(t, a, []string{"a again", "secret of a"}, `SELECT name FROM things ORDER BY name`)
		wantTexts(t, b, []string{"b again"}, `SELECT name FROM things ORDER BY name`)
	})
}

// Mutation: set search_path in the settings of every connection to a tenant's schema → red.
func TestWithoutATransactionOfOursThereIsNoTable(t *testing.T) {
	url := storetest.URL(t, "postgres")
	ctx := context.Background()
	inst := storetest.Open(t, ctx, url)
	newTenant(t, ctx, inst, "a")
	for _, table := range []string{"tenants", "audit_head"} {
		if err := store.RawQuery(ctx, inst, `SELECT count(*) FROM `+table); err == nil {
			t.Errorf("a statement outside of a transaction finds %s", table)
		}
	}
	if err := store.RawQuery(ctx, inst, `SELECT 1`); err != nil {
		t.Errorf("the probe itself fails: %v", err)
	}
}

func TestTenants(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		newTenant(t, ctx, inst, "ningbo")
		newTenant(t, ctx, inst, "330282-x")
		list, err := inst.Tenants(ctx)
		if err != nil || len(list) != 2 || list[0].ID != "330282-x" || list[1].Name != "租户ningbo" || list[1].CreatedAt == "" {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := inst.CreateTenant(ctx, store.Tenant{ID: "ningbo", Name: "again"}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("made twice: %v", err)
		}
		for _, id := range []string{"", "control", "A", "a b", "a_b", "../x", "-a", `a"; DROP SCHEMA control`, "宁波", strings.Repeat("a", 33), "a\x00"} {
			if _, err := inst.CreateTenant(ctx, store.Tenant{ID: id, Name: "x"}); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("made %q: %v", id, err)
			}
			if _, err := inst.Tenant(ctx, id); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("opened %q: %v", id, err)
			}
		}
		if _, err := inst.Tenant(ctx, "nobody"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a tenant that is not there: %v", err)
		}
		db, err := inst.Tenant(ctx, "ningbo")
		if err != nil || db.ID() != "ningbo" || db.Installation() != inst {
			t.Errorf("%v, %v", db, err)
		}
	})
}

// Mutation: let CreateTenant take any database that it finds → red.
func TestADatabaseThatNobodyOwnsIsNotTaken(t *testing.T) {
	storetest.EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		if err := store.CreateBare(ctx, inst, "stray"); err != nil {
			t.Fatal(err)
		}
		if _, err := inst.CreateTenant(ctx, store.Tenant{ID: "stray", Name: "x"}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("took it: %v", err)
		}
		if _, err := inst.Tenant(ctx, "stray"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("opened it: %v", err)
		}
		// But one whose creation was interrupted is completed.
		exec(t, store.In(ctx, inst.Control()), `INSERT INTO tenants (id, name, state, created_at) VALUES ('stray', 'half', 'creating', '')`)
		if list, err := inst.Tenants(ctx); err != nil || len(list) != 0 {
			t.Errorf("half a tenant is listed: %v %v", list, err)
		}
		if _, err := inst.CreateTenant(ctx, store.Tenant{ID: "stray", Name: "whole"}); err != nil {
			t.Errorf("not completed: %v", err)
		}
		if list, err := inst.Tenants(ctx); err != nil || len(list) != 1 || list[0].Name != "whole" {
			t.Errorf("%v %v", list, err)
		}
	})
}

// Mutation: always open a transaction in run instead of joining → red (SQLite waits for itself; on PostgreSQL the inner rows stay).
func TestTransactionsJoin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		insert := func(ctx context.Context, id string) error {
			return try(ctx, `INSERT INTO things (id, name, stock) VALUES (?, ?, 1)`, id, "thing "+id)
		}
		undo := errors.New("undo")
		err := store.Write(ctx, func(ctx context.Context) error {
			if err := insert(ctx, "1"); err != nil {
				return err
			}
			// What was written is seen inside, also by a Read that joins.
			wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things`)
			if err := insert(ctx, "2"); err != nil {
				return err
			}
			return undo
		})
		if err != undo {
			t.Fatalf("the error of fn comes back as %v", err)
		}
		wantTexts(t, ctx, nil, `SELECT id FROM things`)
		err = store.Write(ctx, func(ctx context.Context) error { return errors.Join(insert(ctx, "1"), insert(ctx, "2")) })
		if err != nil {
			t.Fatal(err)
		}
		wantTexts(t, ctx, []string{"1", "2"}, `SELECT id FROM things ORDER BY id`)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a panic was swallowed")
				}
			}()
			_ = store.Write(ctx, func(ctx context.Context) error {
				_ = insert(ctx, "3")
				panic("stop")
			})
		}()
		wantTexts(t, ctx, []string{"1", "2"}, `SELECT id FROM things ORDER BY id`)
		if err := store.Read(ctx, func(ctx context.Context) error { return insert(ctx, "4") }); err == nil {
			t.Error("Write inside Read")
		}
		err = store.Read(ctx, func(ctx context.Context) error {
			_, err := store.Tx(ctx).ExecContext(ctx, `DELETE FROM things`)
			return err
		})
		if err == nil {
			t.Error("a statement wrote inside Read")
		}
		wantTexts(t, ctx, []string{"1", "2"}, `SELECT id FROM things ORDER BY id`)
	})
}

// A failure inside cannot be swallowed half-way: PostgreSQL refuses what comes after it, and so does SQLite here.
// Mutation: drop the hook watch, or the check of broken in runOnce → red on SQLite; drop spoil from join → red on both.
func TestAFailedStatementSpoilsTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`)
		err := store.Write(ctx, func(ctx context.Context) error {
			if _, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO things (id, name, stock) VALUES ('2', 'two', 1)`); err != nil {
				return err
			}
			_, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one again', 1)`)
			if !store.IsUnique(err) {
				t.Errorf("not unique: %v", err)
			}
			return nil // swallowed
		})
		if err == nil || !store.IsUnique(err) {
			t.Errorf("committed after a failure, or for another reason: %v", err)
		}
		wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things ORDER BY id`)

		half := errors.New("half done")
		err = store.Write(ctx, func(ctx context.Context) error {
			inner := store.Write(ctx, func(ctx context.Context) error {
				if err := try(ctx, `INSERT INTO things (id, name, stock) VALUES ('3', 'three', 1)`); err != nil {
					return err
				}
				return half
			})
			if inner != half {
				t.Errorf("the inner error is %v", inner)
			}
			return nil // swallowed
		})
		if !errors.Is(err, half) {
			t.Errorf("half of an inner transaction was committed: %v", err)
		}
		wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things ORDER BY id`)

		// A joined Write that refuses before it writes anything does no harm.
		err = store.Write(ctx, func(ctx context.Context) error {
			refused := store.Write(ctx, func(ctx context.Context) error {
				wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things`)
				return fault.New(fault.NotFound, "没有")
			})
			if fault.CodeOf(refused) != fault.NotFound {
				t.Errorf("%v", refused)
			}
			return try(ctx, `INSERT INTO things (id, name, stock) VALUES ('4', 'four', 1)`)
		})
		if err != nil {
			t.Error(err)
		}
		wantTexts(t, ctx, []string{"1", "4"}, `SELECT id FROM things ORDER BY id`)
	})
}

// Mutation: run the hooks before Commit, or also after an error → red.
func TestHooksOfACommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		var log []string
		note := func(s string) func(context.Context) {
			return func(ctx context.Context) {
				if open, _ := store.InTx(ctx); open {
					t.Error("AfterCommit runs inside a transaction")
				}
				log = append(log, s+" sees "+strings.Join(texts(t, ctx, `SELECT id FROM things ORDER BY id`), " "))
			}
		}
		err := store.Write(ctx, func(ctx context.Context) error {
			store.AfterCommit(ctx, note("first"))
			store.BeforeCommit(ctx, func(ctx context.Context) error {
				log = append(log, "before")
				return try(ctx, `INSERT INTO things (id, name, stock) VALUES ('2', 'two', 1)`)
			})
			err := store.Write(ctx, func(ctx context.Context) error {
				store.AfterCommit(ctx, note("inner"))
				return try(ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`)
			})
			log = append(log, "body")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(log, "; "); got != "body; before; first sees 1 2; inner sees 1 2" {
			t.Error(got)
		}
		log = nil
		err = store.Write(ctx, func(ctx context.Context) error {
			store.AfterCommit(ctx, note("never"))
			store.BeforeCommit(ctx, func(context.Context) error { return errors.New("no") })
			return try(ctx, `INSERT INTO things (id, name, stock) VALUES ('3', 'three', 1)`)
		})
		if err == nil || log != nil {
			t.Errorf("%v, %v", err, log)
		}
		wantTexts(t, ctx, []string{"1", "2"}, `SELECT id FROM things ORDER BY id`)
	})
}

func TestTxPanicsOutside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		var kept context.Context
		if err := store.Read(ctx, func(ctx context.Context) error { kept = ctx; return nil }); err != nil {
			t.Fatal(err)
		}
		for name, ctx := range map[string]context.Context{"unbound": context.Background(), "bound": ctx, "over": kept} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				store.Tx(ctx)
			}()
		}
	})
}

func TestErrorsAreTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`)
		for _, c := range []struct {
			statement                  string
			unique, foreignKey, refuse bool
		}{
			{`INSERT INTO things (id, name, stock) VALUES ('1', 'x', 1)`, true, false, false},
			{`INSERT INTO things (id, name, stock) VALUES ('2', 'one', 1)`, true, false, false},
			{`INSERT INTO things (id, name, stock, part_of) VALUES ('2', 'x', 1, 'nobody')`, false, true, false},
			{`INSERT INTO things (id, name, stock) VALUES ('2', 'x', -1)`, false, false, true},
			{`INSERT INTO things (id, name, stock) VALUES ('2', NULL, 1)`, false, false, true},
			{`INSERT INTO nowhere (id) VALUES ('2')`, false, false, false},
		} {
			err := try(ctx, c.statement)
			if err == nil || store.IsUnique(err) != c.unique || store.IsForeignKey(err) != c.foreignKey || store.IsCheck(err) != c.refuse {
				t.Errorf("%s: %v", c.statement, err)
			}
			if fault.CodeOf(err) != fault.Internal {
				t.Errorf("%s: %v", c.statement, fault.CodeOf(err))
			}
		}
		if store.IsUnique(nil) || store.IsUnique(errors.New("UNIQUE constraint failed")) {
			t.Error("IsUnique guesses")
		}
	})
}

// Twenty buyers and seven pieces: the guard is a conditional UPDATE.
// Mutation: read the stock first and write stock - 1 → red on PostgreSQL.
func TestConditionalUpdateGuardsWhatIsScarce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 7)`)
		var group sync.WaitGroup
		results := make(chan error, 20)
		soldOut := fault.New(fault.Conflict, "售罄")
		for n := range 20 {
			group.Go(func() {
				results <- store.Write(ctx, func(ctx context.Context) error {
					result, err := store.Tx(ctx).ExecContext(ctx, `UPDATE things SET stock = stock - 1 WHERE id = '1' AND stock > 0`)
					if err != nil {
						return err
					}
					if changed, err := result.RowsAffected(); err != nil || changed == 0 {
						return errors.Join(err, soldOut)
					}
					return try(ctx, `INSERT INTO things (id, name, stock) VALUES (?, ?, 0)`, fmt.Sprintf("order %d", n), fmt.Sprintf("order %d", n))
				})
			})
		}
		group.Wait()
		close(results)
		sold, refused := 0, 0
		for err := range results {
			switch {
			case err == nil:
				sold++
			case errors.Is(err, soldOut):
				refused++
			default:
				t.Error(err)
			}
		}
		if sold != 7 || refused != 13 {
			t.Errorf("sold %d, refused %d", sold, refused)
		}
		wantTexts(t, ctx, []string{"0"}, `SELECT CAST(stock AS TEXT) FROM things WHERE id = '1'`)
		wantTexts(t, ctx, []string{"7"}, `SELECT CAST(count(*) AS TEXT) FROM things WHERE id <> '1'`)
	})
}

// Mutation: never retry → red on PostgreSQL, where the two updates in opposite order make a deadlock.
func TestConcurrentWritersAllSucceed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES ('a', 'a', 0), ('b', 'b', 0)`)
		var group sync.WaitGroup
		for n := range 4 {
			group.Go(func() {
				order := []string{"a", "b"}
				if n%2 == 1 {
					order = []string{"b", "a"}
				}
				for range 10 {
					err := store.Write(ctx, func(ctx context.Context) error {
						for _, id := range order {
							if err := try(ctx, `UPDATE things SET stock = stock + 1 WHERE id = ?`, id); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		wantTexts(t, ctx, []string{"40", "40"}, `SELECT CAST(stock AS TEXT) FROM things`)
	})
}

// Two installations over the same databases are two processes. Mutation: drop both busy_timeout and retrying → red on SQLite (either of
// the two is enough).
func TestTwoProcessesWriteAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, ctx context.Context, url string) {
		first := storetest.Open(t, ctx, url)
		a := newTenant(t, ctx, first, "a")
		things(t, a)
		exec(t, a, `INSERT INTO things (id, name, stock) VALUES ('a', 'a', 0)`)
		second := storetest.Open(t, ctx, url)
		db, err := second.Tenant(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for _, ctx := range []context.Context{a, store.In(ctx, db)} {
			group.Go(func() {
				for range 50 {
					if err := try(ctx, `UPDATE things SET stock = stock + 1`); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		wantTexts(t, a, []string{"100"}, `SELECT CAST(stock AS TEXT) FROM things`)
	})
}

// A transaction that was run again after a conflict must not leave its hooks of the first time. Mutation: keep the transaction's hooks over tries → red.
func TestARetriedTransactionStartsAfresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		tries, hooks := 0, 0
		err := store.Write(ctx, func(ctx context.Context) error {
			tries++
			store.AfterCommit(ctx, func(context.Context) { hooks++ })
			if _, err := store.Tx(ctx).ExecContext(ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`); err != nil {
				return err
			}
			if tries < 3 {
				return store.ConflictError(t, ctx)
			}
			return nil
		})
		if err != nil || tries != 3 || hooks != 1 {
			t.Errorf("%d tries, %d hooks: %v", tries, hooks, err)
		}
		wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things`)
		tries = 0
		err = store.Write(ctx, func(ctx context.Context) error { tries++; return store.ConflictError(t, ctx) })
		if fault.CodeOf(err) != fault.Unavailable || tries < 5 {
			t.Errorf("a conflict without end: %d tries: %v", tries, err)
		}
	})
}

// Mutation: read with READ COMMITTED on PostgreSQL → red.
func TestAReadSeesOneState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`)
		outside := ctx
		err := store.Read(ctx, func(ctx context.Context) error {
			wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things ORDER BY id`)
			exec(t, outside, `INSERT INTO things (id, name, stock) VALUES ('2', 'two', 1)`)
			wantTexts(t, outside, []string{"1", "2"}, `SELECT id FROM things ORDER BY id`)
			wantTexts(t, ctx, []string{"1"}, `SELECT id FROM things ORDER BY id`)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestACancelledContextUndoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		cancelled, cancel := context.WithCancel(ctx)
		err := store.Write(cancelled, func(ctx context.Context) error {
			if err := try(ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) && !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("%v", err)
		}
		wantTexts(t, ctx, nil, `SELECT id FROM things`)
	})
}

// The same statement has the same meaning everywhere: sorting by bytes, LIKE that minds case, text that comes back as it went in.
// Mutation: drop case_sensitive_like → red on SQLite; make the test database with a collation of some language → Open refuses, red.
func TestTextIsTheSameEverywhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		things(t, ctx)
		odd := []string{"it's", `"quoted"`, `back\slash`, `\x41`, "?", "?0", "line\nbreak", "%_", "😀𠮷", "é", "", "'; DROP TABLE things; --", "$1", "{}", "E'\\n'"}
		for i, s := range odd {
			exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES (?, ?, 0)`, fmt.Sprintf("%02d", i), s)
		}
		wantTexts(t, ctx, odd, `SELECT name FROM things ORDER BY id`)
		for _, s := range odd {
			wantTexts(t, ctx, []string{s}, `SELECT name FROM things WHERE name = ?`, s)
		}
		exec(t, ctx, `DELETE FROM things`)
		words := []string{"a", "B", "b", "A", "慈", "一", "é", "z", "_", "-", "10", "9", "Ａ", "😀"}
		for _, s := range words {
			exec(t, ctx, `INSERT INTO things (id, name, stock) VALUES (?, ?, 0)`, s, s+"x")
		}
		slices.Sort(words)
		wantTexts(t, ctx, words, `SELECT id FROM things ORDER BY id`)
		wantTexts(t, ctx, words[3:5], `SELECT id FROM things WHERE id > ? ORDER BY id LIMIT 2`, words[2])
		wantTexts(t, ctx, []string{"a"}, `SELECT id FROM things WHERE name LIKE 'a%'`)
		wantTexts(t, ctx, []string{"-", "9"}, `SELECT id FROM things WHERE id IN (?) ORDER BY id`, bun.List([]string{"9", "-"}))
	})
}

func TestIDsAndStamps(t *testing.T) {
	var ids []string
	for range 1000 {
		ids = append(ids, store.NewID())
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 1000 || len(ids[0]) != 36 {
		t.Error("ids do not rise, repeat, or have another length")
	}
	at := time.Date(2026, 11, 23, 17, 45, 44, 123456789, time.FixedZone("", 8*3600))
	if got := store.Stamp(at); got != "2026-11-23T09:45:44.123456Z" {
		t.Error(got)
	}
	if got := store.Stamp(at.Truncate(time.Second)); len(got) != 27 {
		t.Errorf("a whole second has another width: %s", got)
	}
	if back, err := store.ParseStamp(store.Stamp(at)); err != nil || !back.Equal(at.Truncate(time.Microsecond)) {
		t.Error(back, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	for url, want := range map[string]fault.Code{
		"":                         fault.Invalid,
		"sqlite:":                  fault.Invalid,
		"mysql://x":                fault.Invalid,
		"postgres://u:secret@[::1": fault.Invalid,
		"postgres:///x?pool_max_conns=1&host=/nonexistent": fault.Invalid,
		"postgres://u:secret@/x?host=/nonexistent":         fault.Unavailable,
	} {
		_, err := store.Open(ctx, url)
		if fault.CodeOf(err) != want {
			t.Errorf("%s: %v", url, err)
		}
		if f := fault.Public(err); f != nil && strings.Contains(f.Error(), "secret") {
			t.Errorf("%s: tells the password: %v", url, f)
		}
	}
}

// The server ends a connection: whoever was using it is told to come again, and the next one finds a new connection.
// Mutation: drop explain → red.
func TestALostConnectionIsUnavailable(t *testing.T) {
	ctx := context.Background()
	a := newTenant(t, ctx, storetest.Open(t, ctx, storetest.URL(t, "postgres")), "a")
	things(t, a)
	err := store.Write(a, func(ctx context.Context) error {
		if err := try(ctx, `INSERT INTO things (id, name, stock) VALUES ('1', 'one', 1)`); err != nil {
			return err
		}
		_, err := store.Tx(ctx).ExecContext(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return err
	})
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	wantTexts(t, a, nil, `SELECT id FROM things`)
}

// Mutation: drop fit → red.
func TestADatabaseOfAnotherEncodingIsRefused(t *testing.T) {
	ctx := context.Background()
	url := storetest.URL(t, "postgres")
	inst := storetest.Open(t, ctx, url)
	name := "odd_" + strings.ReplaceAll(store.NewID(), "-", "")
	if err := store.RawQuery(ctx, inst, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.RawQuery(ctx, inst, `DROP DATABASE `+name); err != nil {
			t.Error(err)
		}
	}()
	start, end := strings.Index(url, "/test_")+1, strings.Index(url, "?")
	if _, err := store.Open(ctx, url[:start]+name+url[end:]); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
}

// Two servers start on an empty place at the same moment. Mutation: do not lock the table of migrations → red on PostgreSQL, at times;
// ping without retry in connect → red on SQLite, once in a hundred.
func TestTwoServersStartAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, ctx context.Context, url string) {
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				inst, err := store.Open(ctx, url)
				if err != nil {
					t.Error(err)
					return
				}
				defer inst.Close()
				if err := inst.Migrate(ctx); err != nil {
					t.Error(err)
				}
				if err := inst.Ping(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

// Like finds what contains a text, whatever the case of its letters; the marks of LIKE mean themselves.
//
// Mutations: take the text for a pattern; leave out the lowering of the column or of the text, or the collation (É is then e on one database only).
func TestLike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		exec(t, ctx, `CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT NOT NULL, other TEXT NOT NULL)`)
		for id, name := range map[string]string{"a": "100%纯棉", "b": "100支纯棉", "c": "A_b型", "d": "AXB型", "e": "惊叹!号", "f": "É馆", "g": "é馆"} {
			exec(t, ctx, `INSERT INTO things (id, name, other) VALUES (?, ?, ?)`, id, name, "x"+id)
		}
		for text, want := range map[string][]string{"0%": {"a"}, "100": {"a", "b"}, "a_B": {"c"}, "a": {"a", "c", "d"}, "!号": {"e"}, "!": {"e"}, "É": {"f"}, "é": {"g"}, "XD": {"d"}, "纯棉": {"a", "b"}} {
			var ids []string
			if err := store.Read(ctx, func(ctx context.Context) error {
				condition, args := store.Like(ctx, text, "name", "other")
				return store.Tx(ctx).NewRaw(`SELECT id FROM things WHERE `+condition+` ORDER BY id`, args...).Scan(ctx, &ids)
			}); err != nil || !slices.Equal(ids, want) {
				t.Errorf("%q: %v, want %v, %v", text, ids, want, err)
			}
		}
	})
}
