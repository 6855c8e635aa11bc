package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Library is a checked set of vocabularies and documents. It is immutable and safe for many readers.
type Library struct {
	files      []File
	vocabulary *Vocabulary
	documents  []*Document
	byID       map[string]*Document
	index      map[string]node // every scheme's node by full id, also of schemes that did not compile
	schemes    []*Scheme
	byScheme   map[string]*Scheme
	processes  []*Process
	byProcess  map[string]*Process
	templates  []*Template
	byTemplate map[string]*Template
	calendars  []*Calendar
	parameters func() map[string]Parameter // by path, made when somebody asks
}

// Vocabulary of the library.
func (l *Library) Vocabulary() *Vocabulary { return l.vocabulary }

// Documents, the newest first.
func (l *Library) Documents() []*Document { return l.documents }

// Document by its id, or nil.
func (l *Library) Document(id string) *Document { return l.byID[id] }

// Schemes of every document.
func (l *Library) Schemes() []*Scheme { return l.schemes }

// Scheme by its full id (document/scheme), or nil.
func (l *Library) Scheme(id string) *Scheme { return l.byScheme[id] }

// Processes of the library, by their ids.
func (l *Library) Processes() []*Process { return l.processes }

// Templates of the library, by their ids.
func (l *Library) Templates() []*Template { return l.templates }

// Template by its id, or nil.
func (l *Library) Template(id string) *Template { return l.byTemplate[id] }

// Calendars of the library, by their years: one of each.
func (l *Library) Calendars() []*Calendar { return l.calendars }

// Calendar of a year, or nil.
func (l *Library) Calendar(year int) *Calendar {
	if i := slices.IndexFunc(l.calendars, func(c *Calendar) bool { return c.Year == year }); i >= 0 {
		return l.calendars[i]
	}
	return nil
}

// Process by its id, or nil.
func (l *Library) Process(id string) *Process { return l.byProcess[id] }

// kindsOfFile is what to write in a file that is none of the language's.
const kindsOfFile = "文件应有 document:（政策文件）、vocabulary:（词汇表）、process:（办理流程）、template:（文书模板）或 calendar:（放假安排）。"

// checker reads files into a library and collects every problem at once.
type checker struct {
	lib      *Library
	ps       problems
	received []*receivedExpr
	local    []func()             // holds a local process to the upper one, once every process is read
	whole    []func()             // checks of what only all files together say, once every scheme is read
	numbered map[string]patternAt // how the numbers look that begin so, and where it is said first
	repeated int                  // records and claims that lines of examples stand for beyond one
	alone    bool                 // one process without a library: what it names outside itself is not known
	watch    *seen                // while the coverage of examples is measured
	referred map[string]bool      // processes to which another hands on

	remarks // what Check needs of the reading
}

func newChecker() *checker {
	return &checker{numbered: map[string]patternAt{}, referred: map[string]bool{}, lib: &Library{vocabulary: newVocabulary(), byID: map[string]*Document{}, index: map[string]node{},
		byScheme: map[string]*Scheme{}, byProcess: map[string]*Process{}, byTemplate: map[string]*Template{}}, remarks: newRemarks()}
}

func (c *checker) errorAt(n node, format string, a ...any) {
	c.report(n, SeverityError, "", format, a...)
}

// warnAt reminds of something that may be right; the lint is one of Lints, so that a file can allow it with a reason.
func (c *checker) warnAt(n node, lint, format string, a ...any) {
	c.report(n, SeverityWarning, lint, format, a...)
}

func (c *checker) report(n node, severity, lint, format string, a ...any) {
	p := Problem{File: n.file, Line: 1, Column: 1, Severity: severity, Message: fmt.Sprintf(format, a...), Lint: lint}
	if n.Node != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	c.ps.add(p)
}

// mostRepeated bounds what the lines of a library's examples may stand for, so that a short file cannot fill a computer's memory.
const mostRepeated = 100_000

// repeat notes that a line stands for several, and refuses what no example needs.
func (c *checker) repeat(n node, times int) bool {
	if c.repeated += times - 1; c.repeated > mostRepeated {
		c.errorAt(n, "例子中 times 合计超过%d，请减少。", mostRepeated)
		return false
	}
	return true
}

// mostNamed bounds the definitions and the schemes of one document: more than any has, and few enough to hold each against the others.
const mostNamed = 2000

// firstBeyond is the first definition or scheme of a document beyond so many.
func firstBeyond(root node, most int) node {
	for _, key := range []string{"define", "schemes"} {
		if list := root.get(key).entries(); len(list) > most {
			return list[most].at
		}
	}
	return node{}
}

// onlyOperators refuses comparison words on a node that is not a comparison.
func (c *checker) onlyOperators(n node, allowed ...string) {
	for _, op := range append(slices.Clone(operators), "where") {
		if w := n.get(op); w.is() && !slices.Contains(allowed, op) {
			c.errorAt(w, "这里不能写 %s。", op)
		}
	}
}

// Load reads vocabulary, process, template, calendar and scheme files. Every problem that would keep them from being used is found at once; the library may be
// used when none is an error. Check looks for more.
func Load(files []File) (*Library, []Problem) {
	c := newChecker()
	c.load(files)
	c.silence()
	return c.lib, c.ps.sorted()
}

func (c *checker) load(files []File) {
	files = slices.Clone(files)
	sort.SliceStable(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	c.lib.files = files
	type parsed struct {
		root node
		file File
	}
	var vocabularies, processes, templates, calendars, documents []parsed
	for _, f := range files {
		root, ok := readYAML(f, &c.ps)
		if !ok {
			continue
		}
		c.roots = append(c.roots, root)
		switch {
		case root.get("vocabulary").is():
			c.vocabularies = append(c.vocabularies, f.Path)
			vocabularies = append(vocabularies, parsed{root, f})
		case root.get("document").is(): // before process:, which a document may say of its schemes
			documents = append(documents, parsed{root, f})
		case root.get("process").is():
			processes = append(processes, parsed{root, f})
		case root.get("template").is():
			templates = append(templates, parsed{root, f})
		case root.get("calendar").is():
			calendars = append(calendars, parsed{root, f})
		case root.get("facts").is():
			c.errorAt(root, "这是事实文件（facts: 写一家的数据），不是政策文件：请移到政策文件夹以外，用 shanglin evaluate --schemes 政策文件夹 --facts 这个文件 来测算。")
		default:
			c.errorAt(root, kindsOfFile)
		}
	}
	for _, p := range vocabularies { // units and levels first: a term may use those of any file
		c.readUnits(p.root)
	}
	for _, p := range vocabularies {
		c.readVocabulary(p.root)
	}
	for _, f := range calendars {
		y := c.readCalendar(f.root, f.file)
		if y.Year == 0 {
			continue
		}
		if old := c.lib.Calendar(y.Year); old != nil {
			c.errorAt(f.root.get("calendar"), "%d年的放假安排已在 %s 中写过，一年只有一份；本地另有放假的，写进那一份并在 source: 里写明依据。", y.Year, old.Path)
			continue
		}
		c.lib.calendars = append(c.lib.calendars, y)
	}
	slices.SortFunc(c.lib.calendars, func(a, b *Calendar) int { return cmp.Compare(a.Year, b.Year) })
	for _, f := range templates { // before the processes, whose actions name them
		t := c.readTemplate(f.root, f.file)
		if old := c.lib.byTemplate[t.ID]; old != nil {
			c.errorAt(f.root.get("template"), "文书模板“%s”已在 %s 中写过，请换一个名称。", clip(t.ID), old.Path)
			continue
		}
		c.lib.byTemplate[t.ID] = t
		c.lib.templates = append(c.lib.templates, t)
	}
	for _, f := range templates {
		c.checkReceipt(f.root.get("receipt"))
	}
	sort.SliceStable(c.lib.templates, func(i, j int) bool { return c.lib.templates[i].ID < c.lib.templates[j].ID })
	for _, f := range processes {
		p := c.readProcess(f.root, f.file)
		if old := c.lib.byProcess[p.ID]; old != nil {
			c.errorAt(f.root.get("process"), "办理流程“%s”已在 %s 中写过，请换一个名称。", clip(p.ID), old.Path)
			continue
		}
		c.lib.byProcess[p.ID] = p
		c.lib.processes = append(c.lib.processes, p)
	}
	for _, check := range c.local {
		check()
	}
	sort.SliceStable(c.lib.processes, func(i, j int) bool { return c.lib.processes[i].ID < c.lib.processes[j].ID })
	for _, p := range documents {
		id := p.root.get("document").text()
		if id == "" || strings.ContainsAny(id, "/ @()（）") {
			c.errorAt(p.root.get("document"), "document: 应是一个不含空格和斜线的短名，例如 county2025。")
			continue
		}
		if old := c.lib.byID[id]; old != nil {
			c.errorAt(p.root.get("document"), "文件名“%s”已被 %s 使用。", clip(id), old.Path)
			continue
		}
		if long := firstBeyond(p.root, mostNamed); long.is() {
			c.errorAt(long, "一份文件的 define: 和 schemes: 各不超过%d项，请拆成几份文件。", mostNamed)
			continue
		}
		sum := sha256.Sum256(p.file.Data)
		d := &Document{lib: c.lib, ID: id, Path: p.file.Path, Source: p.file.Data, Hash: hex.EncodeToString(sum[:]), root: p.root, definitions: map[string]*definition{}}
		c.lib.byID[id] = d
		c.lib.documents = append(c.lib.documents, d)
		for _, e := range p.root.get("schemes").entries() {
			c.lib.index[id+"/"+e.key] = e.value
			c.lib.vocabulary.schemes[id+"/"+e.key] = true
		}
	}
	c.link()
	for _, d := range c.lib.documents {
		c.declareGrants(d)
	}
	for _, p := range vocabularies {
		c.readParts(p.root)
		c.readMovesOf(p.root)
	}
	done := map[*Document]bool{}
	var read func(d *Document)
	read = func(d *Document) {
		if done[d] {
			return
		}
		done[d] = true
		if d.parent != nil {
			read(d.parent)
		}
		c.readDocument(d)
	}
	for _, d := range c.lib.documents {
		read(d)
	}
	for _, d := range c.lib.documents {
		c.readSchemes(d)
	}
	for _, check := range c.whole {
		check()
	}
	sort.SliceStable(c.lib.documents, func(i, j int) bool {
		a, b := c.lib.documents[i], c.lib.documents[j]
		return cmp.Or(cmp.Compare(b.info.Published.First, a.info.Published.First), strings.Compare(a.ID, b.ID)) < 0
	})
	for _, d := range c.lib.documents {
		c.lib.schemes = append(c.lib.schemes, d.schemes...)
	}
	for _, s := range c.lib.schemes {
		s.own = s.readsOwn()
	}
	c.families()
	for _, s := range c.lib.schemes {
		s.outcomes = s.readOutcomes()
	}
	for _, d := range c.lib.documents {
		d.holdOwn()
	}
	c.lib.parameters = sync.OnceValue(c.lib.parametersByPath)
}

// link finds the document that each one reissues, and refuses circles.
func (c *checker) link() {
	for _, d := range c.lib.documents {
		from := d.root.get("from")
		if !from.is() {
			continue
		}
		if d.parent = c.lib.byID[from.text()]; d.parent == nil {
			c.errorAt(from, "没有名为“%s”的文件%s", clip(from.text()), suggest(from.text(), sortedKeys(c.lib.byID)))
		}
	}
	for _, d := range c.lib.documents {
		seen := map[*Document]bool{}
		for p := d; p != nil; p = p.parent {
			if seen[p] {
				c.errorAt(d.root.get("from"), "from: 绕了一圈又回到它自己。")
				d.parent = nil
				break
			}
			seen[p] = true
		}
	}
}

// grantsRecord says whether what a kind of scheme grants is a record of the party.
func grantsRecord(kind string) bool {
	return slices.Contains([]string{"recognition", "honour", "rating", "licence"}, kind)
}

// declareGrants makes a kind of record of every scheme that grants something other than money, unless a
// vocabulary declares one: what is granted is a fact that the next scheme may read.
func (c *checker) declareGrants(d *Document) {
	v := c.lib.vocabulary
	for _, e := range d.root.get("schemes").entries() {
		if grantsRecord(e.value.get("kind").text()) {
			if e.value.get("grants").get("record").is() { // it grants a record of another name
				continue
			}
			if isName(e.key) && v.records[e.key] == nil && v.terms[e.key] == nil {
				fields := []Field{}
				if l := e.value.get("level"); isName(l.get("field").text()) && v.levels[l.get("words").text()] != nil {
					fields = append(fields, Field{Name: l.get("field").text(), Type: TypeLevel, Options: v.levels[l.get("words").text()]})
				}
				v.records[e.key] = &Record{Name: e.key, Of: e.value.get("for").text(), Complete: d.root.get("body").text(),
					From: d.root.get("body").text(), Fields: fields, byScheme: d.ID + "/" + e.key}
				v.describes(v.records[e.key].Of)
				v.order = append(v.order, e.key)
			}
		}
	}
}

// families joins the schemes that are one measure through its reissues, so that its history follows it.
func (c *checker) families() {
	root := map[string]string{}
	var find func(id string) string
	find = func(id string) string {
		if p, ok := root[id]; ok && p != id {
			return find(p)
		}
		return id
	}
	join := func(a, b string) { root[find(a)] = find(b) }
	for id, s := range c.lib.byScheme {
		if s.parent != "" {
			join(id, s.parent)
		}
		for _, other := range s.sameAs {
			join(id, other)
		}
	}
	groups := map[string][]string{}
	for id := range c.lib.byScheme {
		groups[find(id)] = append(groups[find(id)], id)
	}
	for _, ids := range groups {
		sort.Strings(ids)
		for _, id := range ids {
			c.lib.byScheme[id].family = ids
		}
	}
	for _, r := range c.received {
		if other := c.lib.byScheme[r.schemes[0]]; other != nil {
			own := r.schemes[0]
			r.name = other.title
			r.schemes = append([]string{own}, slices.DeleteFunc(slices.Clone(other.family), func(id string) bool { return id == own })...)
		}
	}
	for _, s := range c.lib.schemes {
		if parent := c.lib.byScheme[s.parent]; parent != nil && parent.successor == "" {
			parent.successor = s.id
		}
	}
}
