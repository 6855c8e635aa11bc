package schemefiles_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"shanglin/policy"
)

const (
	patternPage = "../docs/patterns.zh.md"
	patternsAll = 46
	mostFree    = 4 // patterns that only an arithmetic of one's own can say
)

var patternRow = regexp.MustCompile(`^\| (\d+) \|([^|]+)\|([^|]+)\|([^|]*)\|([^|]+)\|$`)

// everything reads the policy of places and the samples side by side.
func everything(t *testing.T) *policy.Library {
	t.Helper()
	m := readManifest(t)
	seen := map[string]bool{}
	var folders []string
	for _, group := range []map[string][]string{m.Chains, m.Samples} {
		for _, chain := range group {
			for _, folder := range chain {
				if !seen[folder] {
					seen[folder] = true
					folders = append(folders, folder)
				}
			}
		}
	}
	return read(t, folders)
}

// arithmetic says whether a scheme's conditions or sums need an arithmetic of their own: figures added, subtracted, multiplied or divided.
func arithmetic(d *policy.Description) bool {
	sign := func(s string) bool { return strings.ContainsAny(s, "＋－×÷") || strings.Contains(s, "的比例") }
	var walk func(n *policy.Node) bool
	walk = func(n *policy.Node) bool {
		if n == nil {
			return false
		}
		if sign(n.Read) {
			return true
		}
		for _, c := range n.Children {
			if walk(c) {
				return true
			}
		}
		return false
	}
	for _, g := range d.Gives {
		if sign(g) {
			return true
		}
	}
	return walk(d.Conditions)
}

// Every pattern of real policy is shown by a scheme with worked examples, or by a process; few need an arithmetic of their own, and those say
// why. Turns red when a row, a scheme or its examples are taken away, when a fifth pattern is marked, or when one that is not marked is
// shown by such arithmetic only.
func TestPatterns(t *testing.T) {
	page, err := os.ReadFile(patternPage)
	if err != nil {
		t.Fatal(err)
	}
	lib := everything(t)
	next, free := 1, 0
	for _, line := range strings.Split(string(page), "\n") {
		m := patternRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if n, _ := strconv.Atoi(m[1]); n != next {
			t.Fatalf("pattern %s where %d should stand", m[1], next)
		}
		next++
		plain := false
		for _, name := range strings.Split(m[3], ",") {
			name = strings.TrimSpace(name)
			if id, ok := strings.CutPrefix(name, "流程 "); ok {
				if lib.Process(id) == nil {
					t.Errorf("pattern %s: there is no process %s", m[1], id)
				}
				plain = true
				continue
			}
			s := lib.Scheme(name)
			if s == nil {
				t.Errorf("pattern %s: there is no scheme %s", m[1], name)
				continue
			}
			d := s.Describe()
			if len(d.Examples) == 0 {
				t.Errorf("pattern %s: %s has no example", m[1], name)
			}
			plain = plain || !arithmetic(d)
		}
		switch marked := strings.TrimSpace(m[4]); {
		case marked == "是":
			free++
		case marked != "":
			t.Errorf("pattern %s: the column says %q", m[1], marked)
		case !plain:
			t.Errorf("pattern %s (%s) is shown by an arithmetic only, and is not marked", m[1], strings.TrimSpace(m[2]))
		}
	}
	if next-1 != patternsAll {
		t.Errorf("%d patterns, want %d", next-1, patternsAll)
	}
	if free > mostFree {
		t.Errorf("%d patterns need an arithmetic of their own, at most %d may", free, mostFree)
	}
}
