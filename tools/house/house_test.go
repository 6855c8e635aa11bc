// Package house checks the house rules that a machine can check: what a package may not be called, and what no source file may hold.
package house

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// noFolders are names that say nothing of what a package is about.
var noFolders = []string{"util", "utils", "common", "helpers", "models", "misc"}

// rule is something that no line of certain files may hold.
type rule struct {
	files   string // the end of a file's name
	pattern *regexp.Regexp
	why     string
}

var rules = []rule{
	{".go .ts .vue .js .sql .yaml", regexp.MustCompile(`\b(TO` + `DO|FI` + `XME|XX` + `X)\b`), "what is unfinished does not go in"},
	{"_test.go", regexp.MustCompile(`\btime\.Sleep\b|\bt\.Skip`), "a test waits for the event, and is never skipped"},
	{".test.ts .test.js", regexp.MustCompile(`waitForTimeout|\.(skip|only|todo)\(`), "a test waits for the event, and is never skipped"},
	{".go .ts .vue .js .json .yaml .md Makefile", regexp.MustCompile(`/(work|root|home)/[a-z]`), "no path of one machine"},
	{".json .npmrc .mod", regexp.MustCompile(`registry\.[a-z]+\.[a-z]+/|"resolved":`), "no host of a registry"},
}

// TestHouseRules turns red when, for example, a package is called util, a test sleeps, or a lock file names the registry it came from.
func TestHouseRules(t *testing.T) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "dist", "data", "bin", "pictures"}, name)) {
				return fs.SkipDir
			}
			if slices.Contains(noFolders, name) {
				t.Errorf("%s: name it after what it is about", path)
			}
			return nil
		}
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.concerns(name) }) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, complaint := range look(path, string(text)) {
			t.Error(complaint)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r rule) concerns(name string) bool {
	return slices.ContainsFunc(strings.Fields(r.files), func(end string) bool { return strings.HasSuffix(name, end) })
}

// look lists what a file holds that it may not.
func look(path, text string) []string {
	var complaints []string
	for i, line := range strings.Split(text, "\n") {
		for _, r := range rules {
			if r.concerns(filepath.Base(path)) && r.pattern.MatchString(line) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %q: %s", strings.TrimPrefix(path, root+"/"), i+1, r.pattern.FindString(line), r.why))
			}
		}
	}
	return complaints
}

// TestLookSees proves on made-up lines that each rule is seen, and where.
func TestLookSees(t *testing.T) {
	for _, c := range []struct {
		path, line string
		want       int
	}{
		{"a.go", "// TO" + "DO: later", 1},
		{"a.go", "todo := 1", 0},
		{"a_test.go", "time.S" + "leep(1)", 1},
		{"a.go", "time.S" + "leep(1)", 0},
		{"a_test.go", "t.S" + "kip()", 1},
		{"a.test.ts", "it.on" + "ly('x')", 1},
		{"a.go", `"/wo` + `rk/x"`, 1},
		{"package-lock.json", `"reso` + `lved": "x"`, 1},
	} {
		if got := look(c.path, c.line); len(got) != c.want {
			t.Errorf("%s: %s: %v", c.path, c.line, got)
		}
	}
}
