package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// File is one vocabulary, process or scheme file.
type File struct {
	Path string
	Data []byte
}

// Limits of a file: what a person could have written, with room to spare.
const (
	maxFileBytes = 1 << 20
	maxNodes     = 100_000
	maxDepth     = 40
)

// node is a YAML node that knows its file. Every scalar is text.
type node struct {
	*yaml.Node
	file string
}

func (n node) is() bool { return n.Node != nil }

func (n node) child(y *yaml.Node) node { return node{y, n.file} }

func (n node) isText() bool { return n.Node != nil && n.Kind == yaml.ScalarNode }
func (n node) isMap() bool  { return n.Node != nil && n.Kind == yaml.MappingNode }
func (n node) isList() bool { return n.Node != nil && n.Kind == yaml.SequenceNode }

func (n node) text() string {
	if !n.isText() {
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// entry is one key and value of a map.
type entry struct {
	key   string
	at    node
	value node
}

func (n node) entries() []entry {
	if !n.isMap() {
		return nil
	}
	out := make([]entry, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, entry{strings.TrimSpace(n.Content[i].Value), n.child(n.Content[i]), n.child(n.Content[i+1])})
	}
	return out
}

func (n node) get(key string) node {
	for _, e := range n.entries() {
		if e.key == key {
			return e.value
		}
	}
	return node{}
}

func (n node) items() []node {
	if !n.isList() {
		return nil
	}
	out := make([]node, len(n.Content))
	for i, c := range n.Content {
		out[i] = n.child(c)
	}
	return out
}

// oneOrMore reads a list, or a single item as a list of one.
func (n node) oneOrMore() []node {
	if n.isList() {
		return n.items()
	}
	if n.is() {
		return []node{n}
	}
	return nil
}

// comment is the comment written directly above the node, without its marks.
func (n node) comment() string {
	if n.Node == nil {
		return ""
	}
	text := n.HeadComment
	if text == "" && n.isMap() && len(n.Content) > 0 {
		text = n.Content[0].HeadComment
	}
	var lines []string
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(l), "#="))
		if l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

var yamlAlias = regexp.MustCompile(`unknown anchor '([^']*)'`)

var yamlLine = regexp.MustCompile(`line (\d+)`)

// readYAML reads one file into nodes and refuses what the language does without.
func readYAML(f File, ps *problems) (node, bool) { return readPiece(f, false, ps) }

// readPiece is readYAML for a file, or for a piece of one, which need not be a map.
func readPiece(f File, piece bool, ps *problems) (node, bool) {
	fail := func(line, col int, format string, a ...any) {
		ps.add(Problem{File: f.Path, Line: line, Column: col, Severity: SeverityError, Message: fmt.Sprintf(format, a...)})
	}
	switch {
	case len(f.Data) > maxFileBytes:
		fail(1, 1, "文件超过 1 MB，请拆分为每份政策文件一个文件。")
		return node{}, false
	case bytes.IndexByte(f.Data, 0) >= 0:
		fail(1+bytes.Count(f.Data[:bytes.IndexByte(f.Data, 0)], []byte("\n")), 1, "文件含有空字符，不是文本文件。")
		return node{}, false
	case !utf8.Valid(f.Data):
		line, col := firstOdd(f.Data, func(r rune, size int) bool { return r == utf8.RuneError && size == 1 })
		fail(line, col, "文件不是 UTF-8 编码，请另存为 UTF-8。")
		return node{}, false
	}
	if line, col := firstOdd(f.Data, func(r rune, _ int) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }); line > 0 {
		fail(line, col, "这里有一个看不见的控制字符，请删去，重新输入。")
		return node{}, false
	}
	if twice := []byte("\ufeff\ufeff"); bytes.HasPrefix(f.Data, twice) {
		fail(1, 2, "文件开头有一个看不见的字符（U+FEFF），请删去，重新保存。")
		return node{}, false
	}
	if line, deep := tooDeep(f.Data); deep {
		fail(line, 1, "括号嵌套过深。")
		return node{}, false
	}
	dec := yaml.NewDecoder(bytes.NewReader(f.Data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			fail(1, 1, "文件是空的，请以 document:、vocabulary: 或 process: 开头。")
			return node{}, false
		}
		line := 1
		if m := yamlAlias.FindStringSubmatch(err.Error()); m != nil { // the reader gives no place for an alias of nothing
			before, _, _ := bytes.Cut(f.Data, []byte("*"+m[1]))
			fail(1+bytes.Count(before, []byte("\n")), 1+utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]), "不能使用引用（*），请用 define: 起一个名字。")
			return node{}, false
		}
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		if at, col, what := misprint(f.Data, line); what != "" {
			fail(at, col, "%s", what)
			return node{}, false
		}
		fail(line, 1, "不是合法的 YAML，请检查这一行或上一行的缩进、冒号后的空格、括号和引号是否配对。")
		return node{}, false
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		for i, line := range bytes.Split(f.Data, []byte("\n")) {
			if string(bytes.TrimRight(line, " \r")) == "..." {
				fail(i+1, 1, "“...”表示文件到此为止，后面却还有内容：请删去这一行。")
				return node{}, false
			}
		}
		fail(max(second.Line, 1), 1, "一个文件只写一份文件，请把“---”之后的内容另存为一个文件。")
		return node{}, false
	}
	if len(doc.Content) == 0 {
		fail(1, 1, "文件是空的，请以 document:、vocabulary: 或 process: 开头。")
		return node{}, false
	}
	root := node{doc.Content[0], f.Path}
	ok, count := true, 0
	var walk func(n *yaml.Node, depth int)
	walk = func(n *yaml.Node, depth int) {
		count++
		if count > maxNodes || depth > maxDepth {
			if ok {
				fail(n.Line, n.Column, "文件过大或嵌套过深（最多 %d 层、%d 个节点）。", maxDepth, maxNodes)
			}
			ok = false
			return
		}
		bad := func(format string, a ...any) { ok = false; fail(n.Line, n.Column, format, a...) }
		if n.Kind == yaml.AliasNode {
			bad("不能使用引用（*），请用 define: 起一个名字。")
			return
		}
		if n.Anchor != "" {
			bad("不能使用锚点（&），请用 define: 起一个名字。")
		}
		if n.Style&yaml.TaggedStyle != 0 {
			bad("不能使用标签（!）。")
		}
		if n.Kind == yaml.MappingNode {
			seen := map[string]bool{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				k := n.Content[i]
				key := strings.TrimSpace(k.Value)
				col, what := oddLetter(k.Value, true)
				switch {
				case what != "":
					ok = false
					fail(k.Line, k.Column+col, "%s", what)
				case k.Kind != yaml.ScalarNode:
					ok = false
					fail(k.Line, k.Column, "键必须是一个词。")
				case key == "<<":
					ok = false
					fail(k.Line, k.Column, "不能使用合并键（<<），请用 from: 或 define:。")
				case seen[key]:
					ok = false
					fail(k.Line, k.Column, "这个键在同一处写了两次，请删去一个。")
				}
				seen[key] = true
			}
		}
		if n.Kind == yaml.ScalarNode && n.Style == 0 {
			if col, what := oddLetter(n.Value, false); what != "" {
				bad("%s", what)
				_ = col
			}
		}
		for _, c := range n.Content {
			walk(c, depth+1)
		}
	}
	walk(root.Node, 0)
	if !piece && !root.isMap() {
		fail(root.Line, root.Column, "文件应以 document:、vocabulary: 或 process: 开头，每行一个“键: 值”。")
		return node{}, false
	}
	return root, ok
}

// firstOdd is where the first character of some kind stands; line 0: nowhere.
func firstOdd(data []byte, odd func(r rune, size int) bool) (line, column int) {
	line, column = 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if odd(r, size) {
			return line, column
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		data = data[size:]
	}
	return 0, 0
}

// tooDeep refuses brackets and indents that no person writes, before a parser recurses into them.
func tooDeep(data []byte) (int, bool) {
	depth, line, dashes := 0, 1, 0
	for _, c := range data {
		switch c {
		case '\n':
			line++
			dashes = 0
		case '[', '{':
			depth++
			if depth > 10*maxDepth {
				return line, true
			}
		case ']', '}':
			if depth > 0 {
				depth--
			}
		case '-', '?', ':':
			dashes++
			if dashes > 2000 {
				return line, true
			}
		}
	}
	return 0, false
}
