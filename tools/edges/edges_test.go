// Package edges checks that packages import only along the allowed edges of edges.yaml.
package edges

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is what edges.yaml says of one package.
type rule struct {
	Ours    []string `yaml:"ours"`
	Tests   []string `yaml:"tests"`
	Outside []string `yaml:"outside"`
	Never   []string `yaml:"never"`
	NoCalls []string `yaml:"no_calls"`
}

// goPackage is the part of `go list -json` that is read here.
type goPackage struct {
	ImportPath, Dir                    string
	Module                             *struct{ Path, Dir string }
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

// TestEdges turns red when, for example, policy/num.go imports "os", internal/registry imports internal/matching,
// a new package appears that the list does not name, or policy calls time.Now.
func TestEdges(t *testing.T) {
	rules := readRules(t)
	packages := list(t)
	for _, p := range packages {
		for _, complaint := range check(p, rules) {
			t.Error(complaint)
		}
	}
	for name := range rules {
		for _, to := range rules[name].Ours {
			if _, ok := rules[to]; !ok {
				t.Errorf("edges.yaml: %s may import %s, which has no entry of its own", name, to)
			}
		}
	}
}

// TestNoCycle says that the list itself has an order: nothing is above itself.
func TestNoCycle(t *testing.T) {
	rules := readRules(t)
	var visit func(name string, path []string)
	visit = func(name string, path []string) {
		if slices.Contains(path, name) {
			t.Fatalf("edges.yaml: a cycle: %s", strings.Join(append(path, name), " → "))
		}
		for _, to := range rules[name].Ours {
			visit(to, append(path, name))
		}
	}
	for name := range rules {
		visit(name, nil)
	}
}

// TestCheckSees proves on made-up packages that the linter sees each kind of breach.
func TestCheckSees(t *testing.T) {
	rules := map[string]rule{
		"low":      {Outside: []string{"example.org/yaml"}, Never: []string{"os"}},
		"high":     {Ours: []string{"low"}, Tests: []string{"low/fake"}},
		"low/fake": {Ours: []string{"low"}},
	}
	for _, c := range []struct {
		name string
		p    goPackage
		want string // part of the only complaint; empty: none
	}{
		{"downward", goPackage{ImportPath: "m/high", Imports: []string{"m/low", "fmt", "example.org/any"}}, ""},
		{"upward", goPackage{ImportPath: "m/low", Imports: []string{"m/high"}}, "low may not import high"},
		{"a part of itself", goPackage{ImportPath: "m/high", Imports: []string{"m/high/part"}}, ""},
		{"its parent", goPackage{ImportPath: "m/high/part", Imports: []string{"m/high"}}, ""},
		{"a part with a key of its own", goPackage{ImportPath: "m/high", Imports: []string{"m/low/fake"}}, "high may not import low/fake"},
		{"test only", goPackage{ImportPath: "m/high", TestImports: []string{"m/low/fake"}}, ""},
		{"test upward", goPackage{ImportPath: "m/low", XTestImports: []string{"m/high"}}, "low's tests may not import high"},
		{"outside module", goPackage{ImportPath: "m/low", Imports: []string{"example.org/http"}}, "low may not import example.org/http"},
		{"outside module's part", goPackage{ImportPath: "m/low", Imports: []string{"example.org/yaml/v3"}}, ""},
		{"never", goPackage{ImportPath: "m/low", Imports: []string{"os"}}, "low may not import os"},
		{"unlisted", goPackage{ImportPath: "m/new"}, "new is not listed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.p.Module = &struct{ Path, Dir string }{Path: "m"}
			got := strings.Join(check(c.p, rules), "\n")
			if c.want == "" && got != "" || c.want != "" && (!strings.Contains(got, c.want) || strings.Contains(got, "\n")) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// check lists every breach of one package.
func check(p goPackage, rules map[string]rule) []string {
	module := p.Module.Path
	name := relative(module, p.ImportPath)
	key, ok := keyOf(rules, name)
	if !ok {
		return []string{fmt.Sprintf("%s is not listed in tools/edges/edges.yaml: say there what it may import", name)}
	}
	r := rules[key]
	var complaints []string
	see := func(imports []string, who string, allowed []string, tests bool) {
		for _, i := range imports {
			if i != module && !strings.HasPrefix(i, module+"/") {
				switch {
				case tests:
				case slices.Contains(r.Never, i):
					complaints = append(complaints, fmt.Sprintf("%s may not import %s (tools/edges/edges.yaml: never)", who, i))
				case r.Outside != nil && strings.Contains(strings.Split(i, "/")[0], ".") &&
					!slices.ContainsFunc(r.Outside, func(o string) bool { return i == o || strings.HasPrefix(i, o+"/") }):
					complaints = append(complaints, fmt.Sprintf("%s may not import %s (tools/edges/edges.yaml: outside)", who, i))
				}
				continue
			}
			to := relative(module, i)
			toKey, listed := keyOf(rules, to)
			if !listed {
				toKey = to
			}
			if toKey != key && !slices.Contains(allowed, toKey) {
				complaints = append(complaints, fmt.Sprintf("%s may not import %s (tools/edges/edges.yaml)", who, to))
			}
		}
	}
	see(p.Imports, name, r.Ours, false)
	see(slices.Concat(p.TestImports, p.XTestImports), name+"'s tests", slices.Concat(r.Ours, r.Tests), true)
	if len(r.NoCalls) > 0 && p.Dir != "" {
		for _, f := range p.GoFiles {
			complaints = append(complaints, calls(filepath.Join(p.Dir, f), p.Module.Dir, r.NoCalls)...)
		}
	}
	return complaints
}

// calls lists where a file calls one of the forbidden functions, each written package.Function.
func calls(path, root string, forbidden []string) []string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	var complaints []string
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(forbidden, x.Name+"."+s.Sel.Name) {
				at := files.Position(s.Pos())
				if rel, err := filepath.Rel(root, at.Filename); err == nil {
					at.Filename = rel
				}
				complaints = append(complaints, fmt.Sprintf("%s: %s.%s is not called here (tools/edges/edges.yaml: no_calls)", at, x.Name, s.Sel.Name))
			}
		}
		return true
	})
	return complaints
}

func relative(module, path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// keyOf finds the entry that stands for a package: its own, or the nearest above it.
func keyOf(rules map[string]rule, name string) (string, bool) {
	for at := name; at != ""; {
		if _, ok := rules[at]; ok {
			return at, true
		}
		cut := strings.LastIndexByte(at, '/')
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	return "", false
}

func readRules(t *testing.T) map[string]rule {
	t.Helper()
	data, err := os.ReadFile("edges.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Packages map[string]rule `yaml:"packages"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	return file.Packages
}

// list is every package of the module, with its imports. It asks the go command, so build tags and generated files are as in a build.
func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Module,GoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		t.Fatal("go list found no package")
	}
	return packages
}
