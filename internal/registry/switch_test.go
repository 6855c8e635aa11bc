package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// many is a workbook of n firms' revenue, and the parties.
func (r *room) many(n int, value string) []byte {
	r.t.Helper()
	rows := [][]any{figureHead[:5]}
	var parties []registry.Party
	for k := range n {
		parties = append(parties, registry.Party{Kind: registry.KindFirm, Code: code(k), Name: fmt.Sprintf("企业%d", k), Town: "东镇"})
		rows = append(rows, []any{nil, code(k), nil, value, value})
	}
	_, err := r.PutParties(r.sys, parties)
	r.must(err)
	return book(r.t, rows...)
}

// All or nothing: whatever stops the writing of an import, at whatever point, nothing of it is visible until all of it is; then it can be
// resumed or discarded. Mutations: give the rows of writeFacts the visible version in an import (since = v); move the switch before the last
// chunk; forget the till of what is superseded in undo → red.
func TestImportIsVisibleAllAtOnce(t *testing.T) {
	const firms = 1300 // three chunks
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		officer := r.officer("", "")
		first := r.upload(officer, registry.ImportFigures, r.many(firms, "1万元"))
		r.commit(officer, first.ID, registry.AllOrNone)
		visible := func() (old, new int) {
			return r.count(`SELECT COUNT(*) FROM facts WHERE value = '10000元'`), r.count(`SELECT COUNT(*) FROM facts WHERE value = '20000元'`)
		}
		rows := [][]any{figureHead[:5]}
		for k := range firms {
			rows = append(rows, []any{nil, code(k), nil, "2万元", "2万元"})
		}
		data := book(t, rows...)

		for stopAt := 1; stopAt <= 3; stopAt++ {
			i := r.upload(officer, registry.ImportFigures, data)
			_, err := r.Commit(officer, i.ID, registry.AllOrNone)
			r.must(err)
			// Killed after a chunk: the transaction of the next one never came.
			chunks, killed := 0, errors.New("killed")
			err = r.Write(r.sys, i.ID, func(ctx context.Context, done, total int64, note string) error {
				if chunks++; chunks == stopAt {
					return killed
				}
				return nil
			})
			if !errors.Is(err, killed) {
				t.Fatal(err)
			}
			if n := r.count(`SELECT COUNT(*) FROM fact_rows WHERE value = '20000元'`); n == 0 {
				t.Fatal("nothing was written before the kill: the test proves nothing")
			}
			if old, new := visible(); old != 2*firms || new != 0 {
				t.Errorf("stopped after chunk %d: %d old and %d new facts are visible", stopAt, old, new)
			}
			r.intact()
			if stopAt == 3 {
				// Resumed: the job runs again.
				var inside [2]int
				r.inside = func(ctx context.Context) {
					inside[0]++
				}
				r.must(r.Write(r.sys, i.ID, quiet))
				r.inside = nil
				if old, new := visible(); old != 0 || new != 2*firms || inside[0] != 1 {
					t.Errorf("resumed: %d old and %d new facts, told %d times", old, new, inside[0])
				}
				break
			}
			// Discarded.
			_, err = r.Cancel(officer, i.ID)
			r.must(err)
			if old, new := visible(); old != 2*firms || new != 0 {
				t.Errorf("cancelled: %d old and %d new facts", old, new)
			}
			r.must(r.Discard(r.sys, i.ID))
			r.intact()
			if n := r.count(`SELECT COUNT(*) FROM fact_rows WHERE value = '20000元'`) + r.count(`SELECT COUNT(*) FROM import_rows`); n != 0 {
				t.Errorf("%d rows are left of what was discarded", n)
			}
			r.must(r.Write(r.sys, i.ID, quiet)) // a worker that is late does nothing
			if old, new := visible(); old != 2*firms || new != 0 {
				t.Errorf("discarded: %d old and %d new facts", old, new)
			}
		}
		if n := r.count(`SELECT COUNT(*) FROM registry_state WHERE committing = ''`); n != 1 {
			t.Error("the next version is still taken")
		}
		r.intact()
	})
}

// Every failure inside the last transaction leaves nothing visible. Mutation: UPDATE registry_state in a transaction of its own → red.
func TestTheSwitchIsOneTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		i := r.upload(r.officer("", ""), registry.ImportFigures, r.many(20, "1万元"))
		_, err := r.Commit(r.sys, i.ID, registry.AllOrNone)
		r.must(err)
		r.refuse = errors.New("killed in the switch")
		if err := r.Write(r.sys, i.ID, quiet); !errors.Is(err, r.refuse) {
			t.Fatal(err)
		}
		got, err := r.ImportOf(r.sys, i.ID)
		if n := r.count(`SELECT COUNT(*) FROM facts`); err != nil || n != 0 || got.State != registry.ImportCommitting {
			t.Errorf("%d facts are visible, %+v", n, got)
		}
		r.refuse = nil
		r.must(r.Write(r.sys, i.ID, quiet))
		if n := r.count(`SELECT COUNT(*) FROM facts`); n != 40 {
			t.Errorf("%d facts after the second try", n)
		}
		r.intact()
	})
}

// While an import is being written, what people state is visible at once, and the import supersedes it when it becomes visible; if the
// import is discarded, what they stated stays. Mutations: drop the branch `waits` in writeFacts; drop touch → red.
func TestStatingDuringAnImport(t *testing.T) {
	for _, end := range []string{"committed", "discarded"} {
		t.Run(end, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, ctx context.Context) {
				r := open(t, ctx)
				data := r.many(20, "1万元")
				items, _, err := r.List(r.sys, registry.Filter{Text: code(3)}, registry.Page{})
				r.must(err)
				party := items[0].ID
				_, err = r.State(r.sys, registry.Statement{Party: party, Term: "营业收入", Year: 2025, Value: "5元"})
				r.must(err)
				i := r.upload(r.officer("", ""), registry.ImportFigures, data)
				_, err = r.Commit(r.sys, i.ID, registry.AllOrNone)
				r.must(err)
				killed := errors.New("killed")
				if err := r.Write(r.sys, i.ID, func(context.Context, int64, int64, string) error { return killed }); !errors.Is(err, killed) {
					t.Fatal(err)
				}
				state := func(year int, value string) {
					t.Helper()
					_, err := r.State(r.officer("统计局", ""), registry.Statement{Party: party, Term: "营业收入", Year: year, Value: value})
					r.must(err)
					if got := r.held(party, fmt.Sprintf("营业收入%d", year)); got != value {
						t.Errorf("%s is visible, want %s", got, value)
					}
				}
				state(2025, "6元")
				state(2025, "7元")
				state(2024, "8元") // nobody had stated this year before
				state(2023, "9元") // the import says nothing of it
				r.intact()
				want := "10000元 10000元 9元"
				if end == "committed" {
					r.must(r.Write(r.sys, i.ID, quiet))
				} else {
					_, err := r.Cancel(r.sys, i.ID)
					r.must(err)
					r.must(r.Discard(r.sys, i.ID))
					want = "7元 8元 9元"
				}
				if got := r.held(party, "营业收入2025") + " " + r.held(party, "营业收入2024") + " " + r.held(party, "营业收入2023"); got != want {
					t.Errorf("%s: %s, want %s", end, got, want)
				}
				history, err := r.FactHistory(r.sys, party)
				r.must(err)
				chain := map[string]int{}
				for _, f := range history {
					if f.Period == "2025" {
						chain["all"]++
						if f.SupersededBy == "" {
							chain["current"]++
						}
					}
				}
				if chain["current"] != 1 || chain["all"] != map[string]int{"committed": 4, "discarded": 3}[end] {
					t.Errorf("history %v: %+v", chain, history)
				}
				r.intact()
			})
		})
	}
}

// One import is written at a time; the next one follows by itself. Mutation: leave out the queueing in afterwards → red.
func TestTwoImportsTakeTurns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		a := r.upload(r.officer("", ""), registry.ImportFigures, r.many(20, "1万元"))
		b := r.upload(r.officer("", ""), registry.ImportFigures, book(t, figureHead[:4], []any{nil, code(3), nil, 9}))
		for _, id := range []string{a.ID, b.ID} {
			_, err := r.Commit(r.sys, id, registry.GoodOnly)
			r.must(err)
		}
		killed := errors.New("killed")
		if err := r.Write(r.sys, a.ID, func(context.Context, int64, int64, string) error { return killed }); !errors.Is(err, killed) {
			t.Fatal(err)
		}
		r.must(r.Write(r.sys, b.ID, quiet)) // busy: does nothing
		if got, _ := r.ImportOf(r.sys, b.ID); got.State != registry.ImportCommitting {
			t.Errorf("%+v", got)
		}
		waiting := func() int {
			list, err := jobs.List(r.sys, jobs.Filter{Kind: "registry.commit", Key: b.ID, State: jobs.Waiting})
			r.must(err)
			return len(list)
		}
		r.exec(`UPDATE jobs SET state = 'done' WHERE job_key = ?`, b.ID) // its own job found it busy and is done
		r.must(r.Write(r.sys, a.ID, quiet))
		if waiting() != 1 {
			t.Error("the second import was not queued again")
		}
		r.must(r.Write(r.sys, b.ID, quiet))
		if n := r.count(`SELECT COUNT(*) FROM facts WHERE value = '90000元'`); n != 1 {
			t.Errorf("%d facts of the second import", n)
		}
		r.intact()
	})
}

func TestCancelWhileReading(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		i, err := r.Upload(r.officer("", ""), registry.ImportFigures, "x.xlsx", bytes.NewReader(r.many(1200, "1万元")))
		r.must(err)
		told := 0
		r.must(r.Stage(r.sys, i.ID, func(ctx context.Context, done, total int64, note string) error {
			if told++; told == 1 {
				if done != 500 || total < done {
					t.Errorf("progress %d of %d", done, total)
				}
				_, err := r.Cancel(r.officer("", ""), i.ID)
				return err
			}
			return nil
		}))
		got, err := r.ImportOf(r.sys, i.ID)
		if err != nil || got.State != registry.ImportCancelled || told != 1 {
			t.Errorf("%+v, %v, told %d times", got, err, told)
		}
		r.must(r.Discard(r.sys, i.ID))
		if n := r.count(`SELECT COUNT(*) FROM import_rows`) + r.count(`SELECT COUNT(*) FROM import_parts`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		_, err = r.Cancel(r.sys, i.ID)
		wantCode(t, "cancelling twice", err, fault.Conflict)
		_, err = r.Commit(r.sys, i.ID, registry.GoodOnly)
		wantCode(t, "committing what was cancelled", err, fault.Conflict)
		// The same file may be tried again after that.
		again, err := r.Upload(r.officer("", ""), registry.ImportFigures, "x.xlsx", bytes.NewReader(book(t, figureHead[:4], []any{nil, code(1), nil, 1})))
		if err != nil || again.Repeated {
			t.Errorf("%+v %v", again, err)
		}
	})
}

// A reader that was killed begins anew: no row is staged twice.
func TestReadingAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		i, err := r.Upload(r.officer("", ""), registry.ImportFigures, "x.xlsx", bytes.NewReader(r.many(1200, "1万元")))
		r.must(err)
		killed := errors.New("killed")
		if err := r.Stage(r.sys, i.ID, func(context.Context, int64, int64, string) error { return killed }); !errors.Is(err, killed) {
			t.Fatal(err)
		}
		r.must(r.Stage(r.sys, i.ID, quiet))
		got, err := r.ImportOf(r.sys, i.ID)
		if err != nil || got.Rows != 1200 || got.Good != 1200 || r.count(`SELECT COUNT(*) FROM import_rows`) != 1200 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestRecover(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		i := r.upload(r.officer("", ""), registry.ImportFigures, r.many(3, "1万元"))
		_, err := r.Commit(r.sys, i.ID, registry.GoodOnly)
		r.must(err)
		r.must(r.Recover(r.sys))
		if n := r.count(`SELECT COUNT(*) FROM jobs WHERE kind = 'registry.commit'`); n != 1 {
			t.Errorf("%d jobs, want the one that is waiting", n)
		}
		r.exec(`UPDATE jobs SET state = 'running'`)
		r.must(r.Recover(r.sys))
		if n := r.count(`SELECT COUNT(*) FROM jobs WHERE kind = 'registry.commit'`); n != 1 {
			t.Errorf("%d jobs, want the one that is running", n)
		}
		r.exec(`UPDATE jobs SET state = 'failed'`)
		r.must(r.Recover(r.sys))
		if n := r.count(`SELECT COUNT(*) FROM jobs WHERE kind = 'registry.commit' AND state = 'waiting'`); n != 1 {
			t.Errorf("%d jobs after the first failed", n)
		}
	})
}
