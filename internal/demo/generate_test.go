package demo

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	demofiles "shanglin/demo"
	"shanglin/internal/registry"
	"shanglin/policy"
)

func county(t *testing.T) *County {
	t.Helper()
	c, err := ReadCounty(demofiles.Files, "cixi")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func firms(t *testing.T, c *County, seed int64, count int) []Firm {
	t.Helper()
	var out []Firm
	if err := c.Generate(seed, count, func(f Firm) error { out = append(out, f); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func digest(t *testing.T, list []Firm) string {
	t.Helper()
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// Mutation: walk a map in its own order (range over Traits without sortedKeys) → red.
func TestSameSeedSameCounty(t *testing.T) {
	c := county(t)
	first := firms(t, c, 7, 500)
	if got, want := digest(t, firms(t, county(t), 7, 500)), digest(t, first); got != want {
		t.Error("the same seed made another county")
	}
	if digest(t, firms(t, c, 8, 500)) == digest(t, first) {
		t.Error("another seed made the same county")
	}
	if digest(t, firms(t, c, 7, 300)) != digest(t, first[:300]) {
		t.Error("a smaller county is not the beginning of a larger one")
	}
}

func TestFirms(t *testing.T) {
	c := county(t)
	list := firms(t, c, 1, 5000)
	if len(list) != 5000 {
		t.Fatalf("%d firms", len(list))
	}
	towns, industries, sizes, flaws := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	codes, names := map[string]bool{}, map[string]bool{}
	facts, flawed := 0, 0
	for _, f := range list {
		if names[f.Name] {
			t.Errorf("two firms are called %s", f.Name)
		}
		names[f.Name] = true
		if f.Invented {
			if err := registry.CheckCode(f.Code); err != nil {
				t.Errorf("%s: %s: %v", f.Name, f.Code, err)
			}
			if !strings.HasPrefix(f.Code, c.Codes.Prefix) || f.Note != c.Invented {
				t.Errorf("%s is not marked as invented", f.Name)
			}
			if codes[f.Code] {
				t.Errorf("%s twice", f.Code)
			}
			codes[f.Code] = true
			if f.Size == "" || f.Town == "" || f.Industry == "" {
				t.Errorf("%s: %+v", f.Name, f)
			}
			towns[f.Town]++
			industries[f.Industry]++
			sizes[f.Size]++
		}
		facts += len(f.Facts)
		if f.Flaw != "" {
			flawed++
			flaws[f.Flaw]++
		}
	}
	if len(towns) != len(c.Towns) || len(industries) != len(c.Industries) || len(sizes) != len(c.Sizes.Bands) {
		t.Errorf("not every town, industry and size occurs: %v %v %v", towns, industries, sizes)
	}
	// At least 15 % of the firms have something wrong. Mutation: no missing and no boundary facts in the file → red.
	if flawed*100 < 15*len(list) {
		t.Errorf("%d of %d firms have missing, contradictory or boundary facts: %v", flawed, len(list), flaws)
	}
	if len(flaws) != 4 {
		t.Errorf("flaws: %v", flaws)
	}
	t.Logf("%d facts; flaws %v; sizes %v", facts, flaws, sizes)
}

// TestNamedFirms: a real firm has a name, perhaps its verified code, and what the reply says.
// Mutation: give one a figure in the file → red.
func TestNamedFirms(t *testing.T) {
	c := county(t)
	for _, f := range firms(t, c, 1, len(c.Named.Firms)+len(c.Showcase)) {
		if f.Invented {
			continue
		}
		if f.Note == "" || f.Town != c.Named.Town || f.Industry != "" || f.Size != "" || strings.HasPrefix(f.Code, c.Codes.Prefix) {
			t.Errorf("%s: %+v", f.Name, f)
		}
		if f.Code != "" {
			if err := registry.CheckCode(f.Code); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		for _, fact := range f.Facts {
			if !fact.Record || fact.Year != 0 || strings.HasPrefix(fact.Term, award) {
				t.Errorf("%s: %s is no membership that the reply tells of", f.Name, fact.Term)
			}
		}
	}
}

// TestBoundaries: a boundary firm stands at its threshold or one smallest step beside it, and all three occur.
func TestBoundaries(t *testing.T) {
	c := county(t)
	off := map[int64]int{}
	for _, f := range firms(t, c, 1, 5000) {
		if f.Flaw != flawBoundary {
			continue
		}
		nearest := int64(2)
		for _, b := range c.Boundaries {
			at, ok := stepsOf(f, b.Term, b.Year)
			of, has := stepsOf(f, b.Of, b.OfYear)
			if ok && has {
				if d := at - times(of, b.At); d >= -1 && d <= 1 {
					nearest = d
				}
			}
		}
		off[nearest]++
	}
	if len(off) != 3 || off[2] != 0 {
		t.Errorf("steps beside the boundary: %v", off)
	}
}

func stepsOf(f Firm, term string, year int) (int64, bool) {
	for _, fact := range f.Facts {
		if fact.Term == term && fact.Year == year {
			number, _, _ := strings.Cut(strings.TrimRight(fact.Value, "万元"), "%")
			whole, frac, _ := strings.Cut(number, ".")
			n, err := strconv.ParseInt(whole+(frac + "0000")[:4], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

func TestDraws(t *testing.T) {
	for _, c := range []struct {
		n    int64
		unit string
		want string
	}{{15230000, "万元", "1523万元"}, {15235000, "万元", "1523.5万元"}, {1, "万元", "0.0001万元"}, {-125000, "%", "-12.5%"}, {0, "年", "0年"}} {
		if got := literal(c.n, c.unit); got != c.want {
			t.Errorf("literal(%d) = %s, want %s", c.n, got, c.want)
		}
	}
	if got := times(15230000, 1.10); got != 16753000 {
		t.Errorf("times: %d", got)
	}
	if got := times(15231, 0.03); got != 457 { // 456.93
		t.Errorf("times: %d", got)
	}
	if got := steps(12.3456, 2); got != 123500 {
		t.Errorf("steps: %d", got)
	}
}

func TestReadCountyRefuses(t *testing.T) {
	for name, change := range map[string]func(*County){
		"codes too short":     func(c *County) { c.Codes.Serial = 3 },
		"no town":             func(c *County) { c.Towns = nil },
		"part of nothing":     func(c *County) { c.Figures = c.Figures[1:] },
		"unknown flaw":        func(c *County) { c.Flaws[0].Kind = "bent" },
		"account of no firm":  func(c *County) { c.Accounts[0].Firm = "nobody" },
		"firm in no town":     func(c *County) { c.Showcase[0].Town = "nowhere" },
		"boundary of nothing": func(c *County) { c.Boundaries[0].Of = "nothing" },
	} {
		c := county(t)
		change(c)
		if c.check() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := ReadCounty(demofiles.Files, "../etc"); err == nil {
		t.Error("a place outside the tree was read")
	}
}

func TestCoverage(t *testing.T) {
	c := county(t)
	c.Records[0].Through = "today"
	c.Records[1].Through = ""
	today := policy.NewDate(2026, 11, 23)
	got, err := c.Coverage(today)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Through != today || got[1].Through != policy.NewDate(2026, 12, 31) || slices.ContainsFunc(got, func(v Coverage) bool { return v.Kind == c.Records[1].Kind }) {
		t.Errorf("%+v", got)
	}
	c.Records[0].Through = "soon"
	if _, err := c.Coverage(today); err == nil {
		t.Error("a day that is none was accepted")
	}
}
