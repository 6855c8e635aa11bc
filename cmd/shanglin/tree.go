package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// tree is a folder of scheme files with everything they build on: what lies above them in chain.json is part of it.
type tree struct {
	root   string            // the folder that holds chain.json, or the folder of the files
	chains map[string]bundle // by place; without chain.json there is one, of no name
}

// bundle is the files that one place reads: its own and those it inherits.
type bundle struct {
	own    string // the place's own folder; empty: none
	files  []policy.File
	sample bool // shows how clauses are written, and is the policy of no place
}

const (
	chainFile    = "chain.json"
	maxFileSize  = 1 << 20 // as much as the language reads of one
	maxFactsSize = 4 << 20 // of a facts file
)

// rootOf is the nearest folder at or above path that holds chain.json; else the folder itself.
func rootOf(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", fmt.Errorf("打不开 %s：没有这个文件或目录，或没有读取的权限", name)
	}
	dir := abs
	if !info.IsDir() {
		dir = filepath.Dir(abs)
	}
	at := dir
	for range 4 {
		if _, err := os.Stat(filepath.Join(at, chainFile)); err == nil {
			return at, nil
		}
		at = filepath.Dir(at)
	}
	return dir, nil
}

// readTree reads every scheme file below root.
func readTree(root string) (*tree, error) {
	var files []policy.File
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("打不开 %s：没有读取的权限", show(name))
		}
		if e.IsDir() {
			if name != root && strings.HasPrefix(e.Name(), ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if ext := strings.ToLower(filepath.Ext(name)); ext != ".yaml" && ext != ".yml" {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Size() > maxFileSize {
			return fmt.Errorf("%s 过大，政策文件不应超过1 MB", show(name))
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("打不开 %s：没有读取的权限", show(name))
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files = append(files, policy.File{Path: filepath.ToSlash(rel), Data: data})
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := &tree{root: root, chains: map[string]bundle{}}
	folders, err := chainsOf(root)
	if err != nil {
		return nil, err
	}
	covered := map[string]bool{}
	for place, chain := range folders.all() {
		b := bundle{own: chain[len(chain)-1], sample: folders.Samples[place] != nil}
		for _, f := range files {
			if slices.Contains(chain, path.Dir(f.Path)) {
				b.files = append(b.files, f)
				covered[f.Path] = true
			}
		}
		t.chains[place] = b
	}
	var rest []policy.File
	for _, f := range files {
		if !covered[f.Path] {
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 || len(t.chains) == 0 {
		t.chains[""] = bundle{files: rest}
	}
	return t, nil
}

// manifest is what chain.json says of folders: which ones a place inherits, and which ones a folder of samples builds on. A sample is
// checked like policy, but no place can have it.
type manifest struct {
	Chains  map[string][]string `json:"chains"`
	Samples map[string][]string `json:"samples"`
}

func (m *manifest) all() map[string][]string {
	out := maps.Clone(m.Samples)
	if out == nil {
		out = map[string][]string{}
	}
	maps.Copy(out, m.Chains)
	return out
}

// chainsOf reads the manifest; a chain that is the beginning of another place's is left out, as the longer one checks it too.
func chainsOf(root string) (*manifest, error) {
	m := &manifest{}
	data, err := os.ReadFile(filepath.Join(root, chainFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(data, m)
	}
	if err != nil {
		return nil, fmt.Errorf("%s 不是正确的 JSON，或没有读取的权限", show(filepath.Join(root, chainFile)))
	}
	empty := func(_ string, chain []string) bool { return len(chain) == 0 }
	maps.DeleteFunc(m.Chains, empty)
	maps.DeleteFunc(m.Samples, empty)
	for place, chain := range m.Chains {
		for _, other := range m.Chains {
			if len(other) > len(chain) && slices.Equal(other[:len(chain)], chain) {
				delete(m.Chains, place)
				break
			}
		}
	}
	return m, nil
}

// place picks the chain to evaluate: the one that was asked for, the one whose own folder was named, or the only one.
func (t *tree) place(asked, folder string) (bundle, error) {
	if b, ok := t.chains[asked]; ok && asked != "" {
		return b, nil
	}
	var places []string
	for name, b := range t.chains {
		if name == "" {
			continue
		}
		places = append(places, name)
		if abs, err := filepath.Abs(folder); err == nil && asked == "" && filepath.Join(t.root, b.own) == abs {
			return b, nil
		}
	}
	places = slices.DeleteFunc(places, func(name string) bool { return t.chains[name].sample })
	sort.Strings(places)
	switch {
	case asked != "":
		return bundle{}, fmt.Errorf("%s 中没有这个地区，已登记的有：%s", chainFile, strings.Join(places, "、"))
	case len(places) == 1:
		return t.chains[places[0]], nil
	case len(places) == 0:
		return t.chains[""], nil
	}
	return bundle{}, fmt.Errorf("请用 --place 写明地区：%s", strings.Join(places, "、"))
}

// pathOf is a file of the tree as a person at the command line writes it.
func (t *tree) pathOf(file string) string {
	return show(filepath.Join(t.root, filepath.FromSlash(file)))
}

// show writes a path relative to where the command runs, if it lies below.
func show(name string) string {
	here, err := os.Getwd()
	if err != nil {
		return name
	}
	rel, err := filepath.Rel(here, name)
	if err != nil || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return name
	}
	return rel
}

// seedFiles is a folder of scheme files, or those that the program carries.
func seedFiles(folder string) (fs.FS, error) {
	if folder == "" {
		return schemefiles.Files, nil
	}
	if _, err := os.Stat(filepath.Join(folder, chainFile)); err != nil {
		return nil, fmt.Errorf("%s 中没有 %s", folder, chainFile)
	}
	return os.DirFS(folder), nil
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
