package registry

import (
	"context"
	"fmt"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
	"shanglin/policy"
)

// What people state between the digest over an import's rows and the switch changes a row that the digest covers: it is then read again,
// and in the end inside the switch. Mutation: leave out touch, or the comparison of Touched in finish → the log disagrees with the rows.
func TestStatingBetweenDigestAndSwitch(t *testing.T) {
	for _, times := range []int{1, 10} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, ctx context.Context) {
				v := fuzzVocabulary(t)
				r := New(func(context.Context) (*policy.Vocabulary, error) { return v, nil })
				ctx = account.System(ctx)
				must := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				code, _ := CompleteCode("9133028200000001")
				p, err := r.Put(ctx, Party{Kind: KindFirm, Code: code, Name: "甲", Town: "东镇"})
				must(err)
				state := func(value string) {
					t.Helper()
					_, err := r.State(ctx, Statement{Party: p.ID, Term: "营业收入", Year: 2024, Value: value})
					must(err)
				}
				state("1元")
				id := store.NewID()
				entry, err := jsonText(entry{Code: code, Says: []entryFact{{Term: "营业收入", Year: 2024, Value: "9元"}}})
				must(err)
				must(store.Write(ctx, func(ctx context.Context) error {
					row := importRow{ID: id, Kind: ImportFigures, State: ImportCommitting, Mode: AllOrNone, Rows: 1, Good: 1, Account: account.SystemID,
						Grants: `[{"role":"officer"}]`, CreatedBy: "系统"}
					if _, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("imports").Exec(ctx); err != nil {
						return err
					}
					staged := stagedRow{Import: id, Number: 1, Line: 2, State: "good", Entry: entry, Problems: "[]"}
					_, err := store.Tx(ctx).NewInsert().Model(&staged).ModelTableExpr("import_rows").Exec(ctx)
					return err
				}))
				n := 1
				w := &writer{r: r, id: id, progress: func(context.Context, int64, int64, string) error { return nil }, digested: func() {
					if n <= times {
						n++
						state(fmt.Sprintf("%d元", n))
					}
				}}
				must(w.run(ctx))
				facts, err := r.Facts(ctx, p.ID)
				must(err)
				if len(facts) != 1 || facts[0].Value != "9元" {
					t.Errorf("%+v", facts)
				}
				report, err := audit.Verify(ctx)
				must(err)
				for _, problem := range report.Problems {
					t.Errorf("audit: %+v", problem)
				}
			})
		})
	}
}
