package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// pages serves the built web app. Each file is read, hashed and compressed once, when somebody first asks for it.
type pages struct {
	files fs.FS
	known sync.Map // path → func() *page
}

type page struct {
	body, gzipped []byte // gzipped is nil when it would not be smaller
	kind, tag     string
}

var pageKinds = map[string]string{ // not left to the machine's own table
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".woff": "font/woff", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

func (p *pages) find(name string) *page {
	if name == "" || !fs.ValidPath(name) {
		return nil
	}
	if load, ok := p.known.Load(name); ok {
		return load.(func() *page)()
	}
	body, err := fs.ReadFile(p.files, name)
	if err != nil {
		return nil // not remembered: anybody can ask for names that are not there
	}
	load, _ := p.known.LoadOrStore(name, sync.OnceValue(func() *page { return newPage(name, body) }))
	return load.(func() *page)()
}

func newPage(name string, body []byte) *page {
	sum := sha256.Sum256(body)
	made := &page{body: body, kind: pageKinds[path.Ext(name)], tag: base64.RawURLEncoding.EncodeToString(sum[:12])}
	if made.kind == "" {
		if made.kind = mime.TypeByExtension(path.Ext(name)); made.kind == "" {
			made.kind = "application/octet-stream"
		}
	}
	switch path.Ext(name) {
	case ".png", ".jpg", ".webp", ".woff", ".woff2":
		return made
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(body)
	}
	if err == nil {
		err = z.Close()
	}
	if err == nil && b.Len() < len(body) {
		made.gzipped = b.Bytes()
	}
	return made
}

// hashed files carry their content's hash in their name and never change.
const hashedFolder = "assets/"

// ServeHTTP answers a file by its path, and every path that may be a page of the app with index.html.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if changes(r.Method) {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "这里只能读取。", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	found := p.find(name)
	switch {
	case found != nil && strings.HasPrefix(name, hashedFolder):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	case found != nil:
		w.Header().Set("Cache-Control", "no-cache")
	case strings.HasPrefix(name, hashedFolder) || pageKinds[path.Ext(name)] != "":
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "没有这个文件。", http.StatusNotFound)
		return
	default:
		w.Header().Set("Cache-Control", "no-cache")
		found = p.find("index.html")
	}
	h := w.Header()
	h.Set("Content-Type", found.kind)
	h.Add("Vary", "Accept-Encoding")
	body, tag := found.body, found.tag
	if found.gzipped != nil && acceptsGzip(r) {
		body, tag = found.gzipped, found.tag+"-gz"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	if matches(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(part), "W/") == `"`+tag+`"` {
			return true
		}
	}
	return false
}
