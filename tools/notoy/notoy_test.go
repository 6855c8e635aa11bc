// Package notoy checks that no Go file knows what is data: a county, a level of government, a document, a scheme or its clause,
// a term or a kind of record of the vocabulary, a process; and that none tells one stage or action of a process from another. What counts as data is read from the data: schemes/ and demo/.
//
// Only what the program carries is read: string literals, runes and names. A comment may give an example.
package notoy

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const root = "../.."

// words are names that belong to data, each with what it is.
type words map[string]string

func (w words) add(word, what string) {
	word = strings.TrimSpace(word)
	if utf8.RuneCountInString(word) >= 2 && w[word] == "" {
		w[word] = what
	}
}

// TestNoGoFileNamesData turns red when, for example, "营业收入" or "cx2025/C001" or "慈溪" stands in a string of a Go file.
func TestNoGoFileNamesData(t *testing.T) {
	w := gather(t, root)
	for _, what := range []string{"term", "record", "level", "size", "document", "scheme", "process", "county", "town", "folder"} {
		if !slices.ContainsFunc(values(w), func(v string) bool { return strings.HasPrefix(v, what) }) {
			t.Errorf("no %s was found in schemes/ and demo/: is the data where this test looks?", what)
		}
	}
	for _, path := range goFiles(t, root) {
		src, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range find(path, src, w) {
			t.Error(complaint)
		}
	}
}

// TestFindSees proves on a made-up file that each kind of word is found where the program carries it, and only there.
func TestFindSees(t *testing.T) {
	w := words{"营业收入": "term", "产品": "record", "省级": "level", "cx2025": "document", "C001": "scheme", "慈溪": "county", "cixi": "folder"}
	src := `package p
// 营业收入 in a comment is an example
const a = "营业收入@2025"
const b = "请填写产品名称" // two-character words count only when they stand alone
const c = "产品@有效"
const d = "cx2025/C001"
const e = "本慈溪市"
const f = 'x'
const cixi = ""
const g = "excixium" + "cixi-demo"
const h = "慈溪卓力"
var t struct { X int ` + "`doc:\"以省级为准\"`" + ` }
`
	got := find("p.go", []byte(src), w)
	var lines []string
	for _, complaint := range got {
		lines = append(lines, strings.Join(strings.SplitN(complaint, ":", 3)[1:2], ""))
	}
	if want := "3 5 6 6 7 9 10 11 12"; strings.Join(lines, " ") != want {
		t.Errorf("lines %s, want %s\n%s", strings.Join(lines, " "), want, strings.Join(got, "\n"))
	}
}

// TestNoGoFileTellsStagesApart turns red when a Go file compares with the name of a stage, task or action of a process file: what happens at
// one is the file's to say, by verbs. The same word as a label is nobody's name.
func TestNoGoFileTellsStagesApart(t *testing.T) {
	names := steps(t, root)
	if len(names) < 20 {
		t.Errorf("only %d names of stages and actions were found in schemes/: are the processes where this test looks?", len(names))
	}
	for _, path := range goFiles(t, root) {
		src, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range compared(t, path, src, names) {
			t.Error(complaint)
		}
	}
}

// TestComparedSees proves on a made-up file that a name is found where code decides by it, and only there.
func TestComparedSees(t *testing.T) {
	src := `package p
var label = "决定"
func f(s string) bool {
	switch s {
	case "审核", "别的":
		return true
	}
	_ = map[string]bool{"决定": true}[s]
	g("决定")
	return s == "决定" || "撤回" != s || s == "决定书" || s == ` + "`审核`" + `
}`
	got := compared(t, "p.go", []byte(src), map[string]bool{"决定": true, "审核": true, "撤回": true})
	var lines []string
	for _, complaint := range got {
		lines = append(lines, strings.SplitN(complaint, ":", 3)[1])
	}
	if want := "5 10 10 10"; strings.Join(lines, " ") != want {
		t.Errorf("lines %s, want %s\n%s", strings.Join(lines, " "), want, strings.Join(got, "\n"))
	}
}

// steps are the names of every stage, task and action of the process files.
func steps(t *testing.T, root string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	take := func(list map[string]*yaml.Node) {
		for name := range list {
			names[name] = true
		}
	}
	for _, path := range glob(t, root, "schemes/*/*.yaml") {
		top := mapping(t, path)
		if top["process"] == nil || top["document"] != nil {
			continue
		}
		for _, flow := range []string{"case", "round"} {
			stages := each(each(top[flow])["stages"])
			take(stages)
			take(each(each(top[flow])["always"]))
			for _, stage := range stages {
				take(each(each(stage)["actions"]))
				tasks := each(each(stage)["tasks"])
				take(tasks)
				for _, task := range tasks {
					take(each(each(task)["actions"]))
				}
			}
		}
	}
	return names
}

// compared lists every place of a Go file that compares with one of the names, as file:line: reason.
func compared(t *testing.T, path string, src []byte, names map[string]bool) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var complaints []string
	look := func(list ...ast.Expr) {
		for _, x := range list {
			lit, ok := x.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && names[text] {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %q is a stage or an action of a process file: let the file say by an effect, a guard or an end what is done there",
					path, files.Position(lit.Pos()).Line, text))
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				look(n.X, n.Y)
			}
		case *ast.CaseClause:
			look(n.List...)
		}
		return true
	})
	return complaints
}

// find lists every data word in the tokens of a Go file, as file:line: reason.
func find(path string, src []byte, w words) []string {
	var complaints []string
	files := token.NewFileSet()
	file := files.AddFile(path, -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok != token.STRING && tok != token.CHAR && tok != token.IDENT {
			continue
		}
		start := file.Line(pos)
		for i, line := range strings.Split(lit, "\n") {
			var found []string
			for word := range w {
				if stands(line, word, strings.HasPrefix(w[word], "level") || strings.HasPrefix(w[word], "county")) {
					found = append(found, word)
				}
			}
			slices.Sort(found)
			for _, word := range found {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %q is data (%s): keep it in schemes/ or demo/", path, start+i, word, w[word]))
			}
		}
	}
	return complaints
}

// stands says whether a word stands in a line. A Chinese word of three or more characters, and any that is special, stands wherever it
// occurs; another of two characters, and any word of letters and digits, only where it does not run on into a longer one.
func stands(line, word string, special bool) bool {
	han := unicode.Is(unicode.Han, first(word))
	for at := 0; ; {
		i := strings.Index(line[at:], word)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(line[:at+i])
		after, _ := utf8.DecodeRuneInString(line[at+i+len(word):])
		switch {
		case han && (special || utf8.RuneCountInString(word) >= 3):
			return true
		case han && !unicode.Is(unicode.Han, before) && !unicode.Is(unicode.Han, after):
			return true
		case !han && !runsOn(before) && !runsOn(after):
			return true
		}
		at += i + len(word)
	}
}

func runsOn(r rune) bool { return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

func first(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

// gather reads the names of everything that is data.
func gather(t *testing.T, root string) words {
	t.Helper()
	w := words{}
	for _, path := range glob(t, root, "schemes/*/*.yaml") {
		folder := filepath.Base(filepath.Dir(path))
		w.add(folder, "folder")
		top := mapping(t, path)
		for _, levels := range each(top["levels"]) {
			for _, level := range levels.Content {
				w.add(level.Value, "level")
			}
		}
		for name := range each(top["terms"]) {
			w.add(name, "term")
		}
		for name := range each(top["records"]) {
			w.add(name, "record")
		}
		if sizes := top["sizes"]; sizes != nil {
			for _, size := range sizes.Content {
				w.add(size.Value, "size")
			}
		}
		if p := top["process"]; p != nil && top["document"] == nil {
			w.add(p.Value, "process")
		}
		if d := top["document"]; d != nil {
			w.add(d.Value, "document")
			if n := top["number"]; n != nil && n.Value != "not_found" {
				w.add(n.Value, "document number")
			}
			if n := top["title"]; n != nil {
				w.add(n.Value, "document title")
			}
			for name := range each(top["schemes"]) {
				w.add(name, "scheme of "+d.Value)
			}
			for name := range each(top["define"]) {
				w.add(name, "definition of "+d.Value)
			}
		}
	}
	for _, path := range glob(t, root, "demo/*/county.yaml") {
		w.add(filepath.Base(filepath.Dir(path)), "folder")
		top := mapping(t, path)
		if n := top["name"]; n != nil {
			w.add(n.Value, "county")
			w.add(strings.TrimRight(n.Value, "市县区"), "county")
		}
		if n := top["towns"]; n != nil {
			for _, town := range n.Content {
				for i := 0; i+1 < len(town.Content); i += 2 {
					if town.Content[i].Value == "name" {
						w.add(town.Content[i+1].Value, "town")
					}
				}
			}
		}
	}
	var chain struct {
		Levels []struct{ Folder, Label string }
	}
	data, err := os.ReadFile(filepath.Join(root, "schemes", "chain.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &chain); err != nil {
		t.Fatal(err)
	}
	for _, l := range chain.Levels {
		w.add(l.Folder, "folder")
		w.add(l.Label, "level")
	}
	return w
}

// mapping is the top keys of a YAML file.
func mapping(t *testing.T, path string) map[string]*yaml.Node {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(n.Content) == 0 {
		return nil
	}
	return each(n.Content[0])
}

// each is the entries of a mapping node; none for anything else.
func each(n *yaml.Node) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	if n == nil || n.Kind != yaml.MappingNode {
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		out[n.Content[i].Value] = n.Content[i+1]
	}
	return out
}

func glob(t *testing.T, root, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// goFiles is every Go file that is part of the program, by its path below the root.
func goFiles(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || path != root && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			out = append(out, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("no Go file found")
	}
	return out
}

func values(w words) []string {
	out := make([]string, 0, len(w))
	for _, v := range w {
		out = append(out, v)
	}
	return out
}
