package search_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/platform/search"
	"shanglin/internal/platform/store"
	"shanglin/internal/platform/store/storetest"
)

func TestTerms(t *testing.T) {
	for text, want := range map[string]string{
		"慈溪卓力":            "慈溪 溪卓 卓力 力",
		"卓":               "卓",
		"ＡＢＣ电器（集团）":       "abc 电器 器 集团 团",
		"慈政办发〔2025〕20号":   "慈政 政办 办发 发 x2025 x20 号",
		"A4纸'; DROP--\"":  "a4 纸 drop",
		"":                "",
		"  ，。 ":           "",
		"é 1e5 0x1F 3.5":  "u000e9 x1e5 x0x1f x3 x5",
		"nul\x00byte\xff": "nul byte",
	} {
		if got := search.Terms(text); got != want {
			t.Errorf("Terms(%q) = %q, want %q", text, got, want)
		}
	}
	if n := len(search.Terms(strings.Repeat("慈溪", 1<<20))); n > 200000 {
		t.Errorf("an endless text makes %d bytes of terms", n)
	}
	if got := search.Terms(strings.Repeat("é", 100)); len(got) != 64*6 {
		t.Errorf("a word of %d bytes", len(got))
	}
}

func TestQuery(t *testing.T) {
	for q, want := range map[string][]search.Term{
		"卓力":      {{Text: "卓力"}},
		"卓":       {{Text: "卓", Prefix: true}},
		"慈溪 慈溪":   {{Text: "慈溪"}},
		"9133 卓力": {{Text: "x9133", Prefix: true}, {Text: "卓力"}},
		"!!":      nil,
	} {
		if got := search.Query(q); !reflect.DeepEqual(got, want) {
			t.Errorf("Query(%q) = %v, want %v", q, got, want)
		}
	}
	if got := search.Query(strings.Repeat("宁波慈溪卓力电器", 100)); len(got) > 24 {
		t.Errorf("%d terms", len(got))
	}
}

// find is what a query finds in the strictest form that finds anything, in no order.
func find(t *testing.T, ctx context.Context, q string) []string {
	t.Helper()
	ids, err := found(ctx, "firm", q)
	if err != nil {
		t.Fatalf("%q: %v", q, err)
	}
	return ids
}

func found(ctx context.Context, collection, q string) (ids []string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		for _, form := range search.Forms(ctx, q) {
			if ids, err = search.Some(ctx, collection, form, 100); err != nil || len(ids) > 0 {
				return err
			}
		}
		return nil
	})
	return ids, err
}

func TestFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		for id, name := range map[string]string{
			"1": "慈溪市卓力电器有限公司", "2": "宁波卓力集团股份有限公司", "3": "慈溪市新海电子有限公司", "4": "慈溪市海通食品有限公司", "5": "ABC Bearings (Cixi) 轴承厂",
		} {
			if err := search.Put(ctx, "firm", id, name, "91330282MA28"+id+"X"); err != nil {
				t.Fatal(err)
			}
		}
		if err := search.Put(ctx, "other", "1", "卓力"); err != nil {
			t.Fatal(err)
		}
		for q, want := range map[string][]string{
			"卓力": {"1", "2"}, // two characters
			// Words that do not stand together. Mutation: drop the pairs from Forms → firms that are merely in Cixi come too, red.
			"慈溪卓力":          {"1"},
			"卓力 慈溪":         {"1"},
			"食":             {"4"}, // a single character, in the middle of a text
			"厂":             {"5"}, // and at its end. Mutation: leave the last character out of Terms → red
			"bear":          {"5"}, // the beginning of a word
			"ｂｅａｒｉｎｇｓ":      {"5"}, // full width
			"91330282MA283": {"3"},
			"没有这样的名字":       {},
			"":              {}, "'": {}, `"`: {}, "*": {}, "OR": {}, "NEAR(a b)": {}, "a:b*": {}, "\\": {}, "?": {}, "卓力' & '电": {"1"},
		} {
			got := find(t, ctx, q)
			slices.Sort(got)
			if q == "NEAR(a b)" || q == "a:b*" {
				continue // letters that begin words: whatever they find, they are no operators and no error
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", q, got, want)
			}
		}
	})
}

func TestBetterComesFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		put := func(id string, texts ...string) {
			if err := search.Put(ctx, "firm", id, texts...); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 20 {
			put(fmt.Sprintf("noise%02d", i), "新海电子有限公司", "家用电器的批发")
		}
		put("in text", "某某贸易有限公司", "经营卓力牌家用电器、纸制品、五金")
		put("in name", "卓力电器有限公司", "家用电器制造")
		// Mutation: give all fields one weight in SearchRanked → red on at least one database.
		var got []string
		err := store.Read(ctx, func(ctx context.Context) error {
			return store.Tx(ctx).NewRaw(`SELECT e.id FROM search_entries AS e JOIN (`+store.SearchRanked(ctx)+`) AS r ON r.n = e.n ORDER BY r.score`,
				search.Forms(ctx, "卓力")[0]).Scan(ctx, &got)
		})
		if err != nil || !slices.Equal(got, []string{"in name", "in text"}) {
			t.Errorf("order %v, %v", got, err)
		}
	})
}

// Mutation: leave SearchForget out of Put or Delete → red on SQLite; commit inside Put → red on both.
func TestTheIndexFollowsItsRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		put := func(ctx context.Context, id, name string) error { return search.Put(ctx, "firm", id, name) }
		if err := put(ctx, "1", "卓力电器"); err != nil {
			t.Fatal(err)
		}
		if err := put(ctx, "1", "新海电子"); err != nil {
			t.Fatal(err)
		}
		if got := find(t, ctx, "卓力"); len(got) != 0 {
			t.Errorf("found by its old name: %v", got)
		}
		if got := find(t, ctx, "新海"); !slices.Equal(got, []string{"1"}) {
			t.Errorf("not found by its new name: %v", got)
		}
		undone := fmt.Errorf("undone")
		err := store.Write(ctx, func(ctx context.Context) error {
			if err := put(ctx, "2", "海通食品"); err != nil {
				return err
			}
			return undone
		})
		if err != undone {
			t.Fatal(err)
		}
		if got := find(t, ctx, "海通"); len(got) != 0 {
			t.Errorf("found what was rolled back: %v", got)
		}
		if err := search.Delete(ctx, "firm", "1"); err != nil {
			t.Fatal(err)
		}
		if got := find(t, ctx, "新海"); len(got) != 0 {
			t.Errorf("found what was deleted: %v", got)
		}
	})
}

// Mutation: raise longestText to 40000 → red on PostgreSQL, whose tsvector holds a megabyte.
func TestTheLargestTextsFit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		texts := make([]string, 4)
		for i, step := range []int{7919, 7907, 7901, 7883} {
			var b strings.Builder
			for n := range 42000 {
				b.WriteRune(rune(0x20000 + n*step%42000)) // rare characters, each pair another
			}
			texts[i] = b.String()
		}
		if err := search.Put(ctx, "firm", "1", texts...); err != nil {
			t.Fatal(err)
		}
		if got := find(t, ctx, texts[3][:40]); len(got) != 1 {
			t.Errorf("not found")
		}
	})
}

// Whatever somebody types is looked up or finds nothing; it is never an error.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"卓力", "a' | 'b", `"x" OR y`, "\x00", "卓*", "1e5 0x", "NEAR/3", "İ", "ǆ", "ﬃ", "１２", "٣", "½", "𠮷野家", "한국어", "カタカナ"} {
		f.Add(s)
	}
	contexts := open(f)
	f.Fuzz(func(t *testing.T, s string) {
		for _, ctx := range contexts {
			err := store.Write(ctx, func(ctx context.Context) error {
				if err := search.Put(ctx, "fuzz", "1", s); err != nil {
					return err
				}
				ids, err := found(ctx, "fuzz", s)
				if err != nil {
					return err
				}
				// A text finds itself on every database: what Go takes for a word both indexes do.
				if (len(search.Query(s)) > 0) != (len(ids) == 1) {
					return fmt.Errorf("%q has terms %q and finds %v", s, search.Terms(s), ids)
				}
				return nil
			})
			if err != nil {
				t.Fatalf("%s: %v", store.Bound(ctx).Installation().Kind(), err)
			}
		}
	})
}

func open(f *testing.F) []context.Context {
	var out []context.Context
	for _, kind := range storetest.Kinds {
		ctx := context.Background()
		db, err := storetest.Open(f, ctx, storetest.URL(f, kind)).CreateTenant(ctx, store.Tenant{ID: "fuzz", Name: "fuzz"})
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, store.In(ctx, db))
	}
	return out
}
