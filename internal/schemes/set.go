package schemes

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"sort"
	"strings"
	"unicode"

	"shanglin/policy"
)

// Version is one immutable version of a scheme or vocabulary file.
type Version struct {
	ID          string `json:"id"`
	Path        string `json:"path"`     // folder/name.yaml
	Hash        string `json:"hash"`     // sha256 of the body, hex
	Document    string `json:"document"` // the document it holds; empty for a vocabulary
	Body        []byte `json:"-"`
	Origin      string `json:"origin"` // seed, desk, tenant:ID
	PublishedBy string `json:"published_by"`
	ApprovedBy  string `json:"approved_by"`
	PublishedAt string `json:"published_at"` // store.Stamp
}

// Set is the files in use in a tenant: what is published together, checked together and pinned by one hash.
type Set struct {
	Publication string // empty: nothing was ever published
	Hash        string // of the chain and every file; equal sets have equal hashes, in whatever tenant
	Chain       Chain
	Files       []Version // in the order of the chain, then by path
}

func contentHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func (s *Set) byPath() map[string]Version {
	m := make(map[string]Version, len(s.Files))
	for _, f := range s.Files {
		m[f.Path] = f
	}
	return m
}

// arrange puts the files in their order and computes the hash.
func (s *Set) arrange() {
	sort.Slice(s.Files, func(i, j int) bool {
		a, b := s.Files[i].Path, s.Files[j].Path
		if x, y := s.Chain.position(path.Dir(a)), s.Chain.position(path.Dir(b)); x != y {
			return x < y
		}
		return a < b
	})
	h := sha256.New()
	for _, l := range s.Chain {
		h.Write([]byte("level\x00" + l.Folder + "\x00" + l.Label + "\n"))
	}
	for _, f := range s.Files {
		h.Write([]byte("file\x00" + f.Path + "\x00" + f.Hash + "\n"))
	}
	s.Hash = hex.EncodeToString(h.Sum(nil))
}

func (s *Set) policyFiles() []policy.File {
	out := make([]policy.File, len(s.Files))
	for i, f := range s.Files {
		out[i] = policy.File{Path: f.Path, Data: f.Body}
	}
	return out
}

// maxFiles is what a province, a city and a county could publish together, with room to spare.
const maxFiles = 2000

// checkPath says why no file may lie at this path, or nothing: a folder of the chain, then a plain name ending in .yaml.
func (c Chain) checkPath(p string) string {
	folder, name := path.Split(p)
	folder = strings.TrimSuffix(folder, "/")
	stem, isYAML := strings.CutSuffix(name, ".yaml")
	if c.position(folder) < 0 || !isYAML || stem == "" || len(name) > 200 || strings.HasPrefix(stem, ".") {
		return "文件路径应为“层级目录/文件名.yaml”，层级目录须是本地已登记的层级"
	}
	for _, r := range stem {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.()（）〔〕", r) {
			return "文件名只能用文字、数字和 - _ . 括号"
		}
	}
	return ""
}
