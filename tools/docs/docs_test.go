// Package docs_test holds the documents to what the language really does: every marked block is loaded, every message is the one
// that an officer will see, every answer shown is computed.
//
// A block says in its first line what it is:
//
//	```yaml file=folder/name.yaml   a whole file, as shanglin fmt writes it; all of a page's files are loaded together with schemes/, examples and all
//	```yaml part=require            a piece of a scheme: require, amount, limits, examples, or define
//	```yaml part=stage             a piece of a process: stage (of a case), round (stages of a round), always or apart of a case, round-always
//	```yaml wrong=require           a piece that is refused, followed by ```text message, which must stand in a problem
//	```yaml lint=id:require         a piece, or lint=id:file, that makes `shanglin check` find the lint of that id, followed by ```text message
//	```yaml facts=name              a facts file
//	```yaml wrong=facts             a facts file that is refused, followed by ```text message
//	```text answers=name            what the facts file of that name is answered: scheme, answer, amount
//	```text reads=process          how a process of the page, or of schemes/, reads: its stages' sentences, in this order
//	```text output=name --flag …    lines that `shanglin evaluate` prints for the facts file of that name, in this order
//	```yaml bad=folder/name.yaml    a whole file with problems, followed by ```text problems, which are all of them
package docs_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

// TestMain runs everything in docs/, where a reader finds nothing but pages.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../docs"); err != nil {
		panic(err)
	}
	m.Run()
}

type block struct {
	page, lang, mark, name string
	line                   int
	text                   string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// blocks reads the fenced blocks of a page; one that is indented under a list item is taken without its indent.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	var cur *block
	indent := ""
	for i, line := range strings.Split(string(data), "\n") {
		body := strings.TrimLeft(line, " ")
		switch {
		case cur == nil && strings.HasPrefix(body, "```"):
			indent = line[:len(line)-len(body)]
			lang, mark, _ := strings.Cut(strings.TrimPrefix(body, "```"), " ")
			mark, name, _ := strings.Cut(mark, "=")
			cur = &block{page: page, lang: lang, mark: mark, name: name, line: i + 1}
		case cur != nil && body == "```":
			out = append(out, *cur)
			cur = nil
		case cur != nil:
			cur.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if cur != nil {
		t.Fatalf("%s: the block is not closed", cur)
	}
	return out
}

func pages(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no documents", err)
	}
	return names
}

// published is what lies in schemes/.
func published(t *testing.T) []policy.File {
	t.Helper()
	names, err := fs.Glob(schemefiles.Files, "*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []policy.File
	for _, name := range names {
		data, err := fs.ReadFile(schemefiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, policy.File{Path: name, Data: data})
	}
	return out
}

// problems loads files beside schemes/ and returns every problem that is not in schemes/ itself, and those of the examples.
func problems(t *testing.T, files ...policy.File) []policy.Problem {
	t.Helper()
	_, list := policy.Check(append(published(t), files...))
	return list
}

func indented(text, by string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		if lines[i] != "" {
			lines[i] = by + lines[i]
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// around puts a piece into a document of its own. define is what the page defined before it.
func around(mark, text, define string) policy.File {
	switch mark {
	case "stage", "round", "always", "apart", "round-always":
		return aroundProcess(mark, text)
	}
	head := "document: piece\ntitle: 写法\nnumber: not_found\nbody: 示例\ndates: {published: 2025-01-01}\nrounding: {to: 0.01元, mode: down}\n" +
		"periods: {当年: P, 上年: P-1, 近2年: P-1..P, 近3年: P-2..P, 以往: ..P-1, 近36个月: 36月 to A}\n"
	scheme := "schemes:\n  例:\n    title: 例\n    cite: not_found\n    for: 企业\n"
	money := "    kind: money\n"
	amount := "    amount:\n      give: up to 500元\n      per: 100万元\n      remainder: drop\n      of: increase(营业收入@当年)\n"
	worked := "    examples:\n    #= 1\n    - {P: 2025, given: {}, expect: {potential: manual}}\n"
	switch mark {
	case "define":
		define += text
	case "require":
		scheme += "    kind: support\n    grants: {what: 支持, amount: 1项}\n    require:\n" + indented(text, "      ")
	case "amount":
		scheme += money + "    amount:\n" + indented(text, "      ") + worked
	case "limits":
		scheme += money + amount + "    limits:\n" + indented(text, "    ") + worked
	case "examples":
		scheme += money + amount + "    examples:\n" + indented(text, "    ")
	}
	if mark == "define" {
		scheme = ""
	}
	if define != "" {
		head += "define:\n" + indented(define, "  ")
	}
	return policy.File{Path: "docs/piece.yaml", Data: []byte(head + scheme)}
}

// aroundProcess puts a piece of a process into one whose first stage leads to every other. A stage of the piece stands in for the one of
// the same name.
func aroundProcess(mark, text string) policy.File {
	own := map[string]bool{}
	var keys []string
	if mark == "stage" || mark == "round" {
		for _, line := range strings.Split(text, "\n") {
			if key, _, ok := strings.Cut(line, ":"); ok && key == strings.TrimLeft(key, " #-") {
				own[key] = true
				keys = append(keys, key)
			}
		}
	}
	stages := func(pieces bool, who string, rest [][2]string) string {
		to, out := keys, ""
		if pieces {
			out = indented(text, "    ")
		} else {
			to = nil
		}
		for _, s := range rest {
			if !pieces || !own[s[0]] {
				to = append(to, s[0])
				out += "    " + s[0] + ": {public: 说明, " + s[1] + "}\n"
			}
		}
		start := "    起点:\n      public: 说明\n      who: " + who + "\n      actions:\n"
		for i, key := range to {
			start += fmt.Sprintf("        去%d: {to: %s}\n", i, key)
		}
		if who == "leader" {
			start += "        转: {to: 起点, do: {move_cases: {from: 待公示, to: 待兑付}}}\n"
		}
		return "  stages:\n" + start + out
	}
	out := "process: 写法\ntitle: 写法\nstarts: applicant\ncase:\n" + stages(mark == "stage", "applicant", [][2]string{
		{"受理", "who: officer, actions: {受理: {to: 审核}}"}, {"补正", "who: applicant, actions: {重新提交: {to: 受理}}"},
		{"审核", "who: officer, within: {time: 20工作日, basis: 例}, actions: {通过: {to: 待公示}}"}, {"待公示", ""}, {"待兑付", "waits: paid, then: 已兑付"},
		{"已兑付", "ends: granted"}, {"不予支持", "ends: refused"}, {"撤回", "ends: withdrawn"}})
	if mark == "always" || mark == "apart" {
		out += "  " + mark + ":\n" + indented(text, "    ")
	}
	out += "round:\n" + stages(mark == "round", "leader", [][2]string{{"截止", "who: officer, actions: {办结: {to: 办结}}"},
		{"公示", "who: officer, actions: {办结: {to: 办结}}"}, {"决定", "who: officer, actions: {办结: {to: 办结}}"}, {"取消", "ends: withdrawn"}, {"办结", "ends: done"}})
	if mark == "round-always" {
		out += "  always:\n" + indented(text, "    ")
	}
	return policy.File{Path: "docs/piece.yaml", Data: []byte(out)}
}

// Turns red when a page shows something that the language refuses or computes otherwise, a message that an officer will not see,
// a whole file that shanglin fmt would write otherwise, or a marked block that this test does not know: rename a key or change a message of the
// policy package, a figure or a space of a page.
func TestPagesShowWhatReallyWorks(t *testing.T) {
	for _, page := range pages(t) {
		t.Run(page, func(t *testing.T) {
			list := blocks(t, page)
			var files []policy.File
			define := ""
			for i, b := range list {
				if b.lang == "yaml" && b.mark == "" {
					t.Errorf("%s: a yaml block without a mark is not checked", b)
				}
				switch b.mark {
				case "", "message", "answers", "output", "problems", "reads":
				case "file":
					f := policy.File{Path: b.name, Data: []byte(b.text)}
					files = append(files, f)
					if canonical, _ := policy.Format(f); string(canonical) != b.text {
						t.Errorf("%s: not as shanglin fmt writes it:\n%s", b, canonical)
					}
				case "part":
					f := around(b.name, b.text, define)
					lib, ps := policy.Load(append(published(t), f))
					if b.name == "examples" && !policy.HasErrors(ps) {
						ps = append(ps, lib.CheckExamples()...)
					}
					for _, p := range ps {
						t.Errorf("%s: %s\n%s", b, p, f.Data)
					}
					if b.name == "define" {
						define += b.text
					}
				case "wrong":
					if i+1 == len(list) || list[i+1].mark != "message" {
						t.Errorf("%s: a refused block needs the message after it", b)
						continue
					}
					wantMessage(t, b, define, strings.TrimSpace(list[i+1].text))
				case "lint":
					if i+1 == len(list) || list[i+1].mark != "message" {
						t.Errorf("%s: a lint needs the message after it", b)
						continue
					}
					wantLint(t, b, strings.TrimSpace(list[i+1].text))
				case "facts":
					readFacts(t, b)
				case "bad":
					if i+1 == len(list) || list[i+1].mark != "problems" {
						t.Errorf("%s: a bad file needs its problems after it", b)
						continue
					}
					var got []string
					for _, p := range problems(t, policy.File{Path: b.name, Data: []byte(b.text)}) {
						p.File = "schemes/" + p.File
						got = append(got, p.String())
					}
					if want := strings.TrimSpace(list[i+1].text); strings.Join(got, "\n") != want {
						t.Errorf("%s: the page says\n%s\nthe program says\n%s", b, want, strings.Join(got, "\n"))
					}
				default:
					t.Errorf("%s: the mark %q is not known", b, b.mark)
				}
			}
			if len(files) > 0 {
				for _, p := range problems(t, files...) {
					t.Errorf("%s: %s", page, p)
				}
			}
		})
	}
}

// Turns red when the chapter of decisions sends to a clause that is not there or has no worked example.
func TestDecisionsNameRealClauses(t *testing.T) {
	lib, _ := policy.Load(published(t))
	data, err := os.ReadFile("scheme-files.zh.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range strings.Split(chapter(t, string(data), "13"), "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) < 4 || strings.HasPrefix(line, "| 条文的说法") {
			continue
		}
		found++
		id := strings.TrimSuffix(cells[len(cells)-1], " |")
		if s := lib.Scheme(id); s == nil || len(s.Describe().Examples) == 0 {
			t.Errorf("%s: %q is no clause with examples", cells[0], id)
		}
	}
	if found == 0 {
		t.Error("there is no table")
	}
}

func wantMessage(t *testing.T, b block, define, want string) {
	t.Helper()
	var got []string
	if b.name == "facts" {
		lib, _ := policy.Load(published(t))
		_, ps := policy.ReadFacts("firm.yaml", []byte(b.text), lib.Vocabulary())
		for _, p := range ps {
			got = append(got, p.Message)
		}
	} else if b.name == "file" {
		_, ps := policy.Load(append(published(t), policy.File{Path: "docs/piece.yaml", Data: []byte(b.text)}))
		for _, p := range ps {
			got = append(got, p.Message)
		}
	} else {
		_, ps := policy.Load(append(published(t), around(b.name, b.text, define)))
		for _, p := range ps {
			got = append(got, p.Message)
		}
	}
	if !strings.Contains(strings.Join(got, "\n"), want) {
		t.Errorf("%s: the page says %q, the program says\n%s", b, want, strings.Join(got, "\n"))
	}
}

func wantLint(t *testing.T, b block, want string) {
	t.Helper()
	id, piece, _ := strings.Cut(b.name, ":")
	f := policy.File{Path: "cixi/piece.yaml", Data: []byte(b.text)} // beside the documents that it may reissue
	if piece != "file" {
		f = around(piece, b.text, "")
	}
	_, ps := policy.Check(append(published(t), f))
	var got []string
	for _, p := range ps {
		if p.File == f.Path && p.Lint == id && strings.Contains(p.Message, want) {
			return
		}
		got = append(got, p.String())
	}
	t.Errorf("%s: the page says %q, the program says\n%s", b, want, strings.Join(got, "\n"))
}

// Turns red when the page of `shanglin check` does not explain a lint.
func TestEveryLintIsExplained(t *testing.T) {
	list := blocks(t, "check.zh.md")
	for _, id := range policy.Lints() {
		if !slices.ContainsFunc(list, func(b block) bool { return b.mark == "lint" && strings.HasPrefix(b.name, id+":") }) {
			t.Errorf("check.zh.md shows no file in which %s is found", id)
		}
	}
}

func readFacts(t *testing.T, b block) (*policy.Library, *policy.FactsFile) {
	t.Helper()
	lib, ps := policy.Load(published(t))
	f, more := policy.ReadFacts(b.name, []byte(b.text), lib.Vocabulary())
	for _, p := range append(ps, more...) {
		t.Errorf("%s: %s", b, p)
	}
	return lib, f
}

// Turns red when an answer or amount on a page is not what its facts file is answered.
func TestPagesShowTheAnswersOfTheirFactsFiles(t *testing.T) {
	for _, page := range pages(t) {
		list := blocks(t, page)
		for _, b := range list {
			if b.mark != "answers" {
				continue
			}
			found := false
			for _, source := range list {
				if source.mark != "facts" || source.name != b.name {
					continue
				}
				found = true
				lib, f := readFacts(t, source)
				for _, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
					words := strings.Fields(line)
					s := lib.Scheme(words[0])
					if s == nil {
						t.Errorf("%s: there is no scheme %s", b, words[0])
						continue
					}
					r := s.Evaluate(policy.Question{Facts: f.Facts, On: f.On, Performance: f.Performance})
					got := s.ID() + " " + r.Answer.Label()
					if s.Kind() == "money" {
						got += " " + r.Amount.Text
						if r.Potential != r.Amount {
							got += " 补充后可达" + r.Potential.Text
						}
					}
					if want := strings.Join(words, " "); got != want {
						t.Errorf("%s: the page says %q, the program says %q", b, want, got)
					}
				}
			}
			if !found {
				t.Errorf("%s: there is no facts file %q on the page", b, b.name)
			}
		}
	}
}

// Turns red when a process reads otherwise than a page shows.
func TestPagesShowHowProcessesRead(t *testing.T) {
	for _, page := range pages(t) {
		list := blocks(t, page)
		files := published(t)
		for _, b := range list {
			if b.mark == "file" {
				files = append(files, policy.File{Path: b.name, Data: []byte(b.text)})
			}
		}
		for _, b := range list {
			if b.mark != "reads" {
				continue
			}
			lib, _ := policy.Load(files)
			p := lib.Process(b.name)
			if p == nil {
				t.Errorf("%s: there is no process %q", b, b.name)
				continue
			}
			var said strings.Builder
			for _, f := range p.Describe().Flows {
				for _, s := range f.Stages {
					fmt.Fprintf(&said, "%s：%s\n", s.Title, s.Public)
					for _, line := range s.Lines {
						fmt.Fprintf(&said, "  %s\n", line)
					}
				}
				for _, rule := range f.Rules {
					fmt.Fprintf(&said, "%s\n", rule)
				}
			}
			rest := said.String()
			for _, line := range strings.Split(strings.TrimRight(b.text, "\n"), "\n") {
				_, after, ok := strings.Cut(rest, line+"\n")
				if !ok {
					t.Errorf("%s: the page shows %q, the process reads\n%s", b, line, said.String())
					break
				}
				rest = after
			}
		}
	}
}

// Turns red when `shanglin evaluate` prints something else than a page shows.
func TestPagesShowWhatEvaluatePrints(t *testing.T) {
	program := filepath.Join(t.TempDir(), "shanglin")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/shanglin").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, page := range pages(t) {
		list := blocks(t, page)
		for _, b := range list {
			if b.mark != "output" {
				continue
			}
			args := strings.Fields(b.name)
			name, args := args[0], append([]string{"evaluate", "--schemes", "../schemes", "--facts", "-"}, args[1:]...)
			i := slices.IndexFunc(list, func(x block) bool { return x.mark == "facts" && x.name == name })
			if i < 0 {
				t.Errorf("%s: there is no facts file %q on the page", b, name)
				continue
			}
			run := exec.Command(program, args...)
			run.Stdin = strings.NewReader(list[i].text)
			out, err := run.Output()
			if err != nil {
				t.Errorf("%s: %v", b, err)
			}
			rest := string(out)
			for _, line := range strings.Split(b.text, "\n") {
				if line == "" {
					continue
				}
				_, after, ok := strings.Cut(rest, line+"\n")
				if !ok {
					t.Errorf("%s: the page shows %q, the program prints\n%s", b, line, out)
					break
				}
				rest = after
			}
		}
	}
}

// Turns red when a page points to a file that is not there.
func TestLinksLead(t *testing.T) {
	for _, page := range pages(t) {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		rest := string(data)
		for {
			_, after, ok := strings.Cut(rest, "](")
			if !ok {
				break
			}
			target, more, _ := strings.Cut(after, ")")
			rest = more
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s points to %s, which is not there", page, target)
			}
		}
	}
}

// shown is what the pages and the processes call things: the text of the web's sources and of the process files.
func shown(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("../web/src", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".test.ts") || filepath.Ext(path) != ".vue" && filepath.Ext(path) != ".ts" {
			return err
		}
		data, err := os.ReadFile(path)
		out = append(out, string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range published(t) {
		if strings.HasPrefix(filepath.Base(f.Path), "process-") {
			out = append(out, string(f.Data))
		}
	}
	return out
}

// named says whether a text calls something just so: the name stands in it, and not as a piece of a longer one.
func named(text, name string) bool {
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, name)
		if !ok {
			return false
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(after)
		if !unicode.Is(unicode.Han, last) && !unicode.Is(unicode.Han, next) {
			return true
		}
		rest = after
	}
}

// A guide quotes in 「」 what somebody presses or opens. Turns red when one is renamed on the page or in the process file and not in the guide.
func TestGuidesQuoteWhatThePagesShow(t *testing.T) {
	guides, err := filepath.Glob("guide-*.zh.md")
	if err != nil || len(guides) == 0 {
		t.Fatal("there are no guides", err)
	}
	sources := shown(t)
	for _, guide := range guides {
		data, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		quoted := 0
		for _, part := range strings.Split(string(data), "「")[1:] {
			name, _, ok := strings.Cut(part, "」")
			if !ok {
				t.Errorf("%s: a quotation is not closed: %.40s", guide, part)
				continue
			}
			quoted++
			if !slices.ContainsFunc(sources, func(text string) bool { return named(text, name) }) {
				t.Errorf("%s quotes 「%s」, which no page and no process calls so", guide, name)
			}
		}
		if quoted == 0 {
			t.Errorf("%s quotes nothing that one could press", guide)
		}
	}
}
