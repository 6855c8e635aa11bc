package policy

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Format writes a vocabulary, scheme, process, template or calendar file in the one canonical layout: keys in the order of the grammar, on one line what fits and
// below each other what does not, quotes only where YAML needs them, every comment in its place. What the file means does not change: not a
// number, not a word. A file that cannot be read is refused with the place of what is wrong; whether it makes sense does not matter.
func Format(f File) ([]byte, []Problem) { return format(f, "") }

// FormatPiece is Format for a piece of a file: a condition, a value, limits, examples, define.
func FormatPiece(f File, shape string) ([]byte, []Problem) { return format(f, shape) }

func format(f File, shape string) ([]byte, []Problem) {
	var ps problems
	f.Data = bytes.ReplaceAll(bytes.TrimPrefix(f.Data, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	root, ok := readPiece(f, shape != "", &ps)
	if !ok {
		return nil, ps.sorted()
	}
	if shape == "" {
		if shape = ofFile(root); shape == "" {
			ps.add(Problem{File: f.Path, Line: root.Line, Column: root.Column, Severity: SeverityError, Message: kindsOfFile})
			return nil, ps.sorted()
		}
	}
	l := newLayout(f.Data, root.Node)
	l.scan()
	p := printer{}
	out := p.file(l, shape)
	if !sameContent(root.Node, l.remarks, out) {
		ps.add(Problem{File: f.Path, Line: 1, Column: 1, Severity: SeverityError, Message: "这个文件的写法不能整理，没有改动。"})
		return nil, ps.sorted()
	}
	return out, nil
}

// sameContent reads what was written and says whether it holds the same as what was read: every value, every comment.
func sameContent(was *yaml.Node, remarks []string, written []byte) bool {
	var ps problems
	now, ok := readPiece(File{"", written}, true, &ps)
	if !ok {
		return false
	}
	l := newLayout(written, now.Node)
	l.scan()
	slices.Sort(remarks)
	slices.Sort(l.remarks)
	return slices.Equal(remarks, l.remarks) && sameNodes(was, now.Node)
}

func sameNodes(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, sameNodes)
	}
	values := map[string]*yaml.Node{}
	for i := 0; i+1 < len(b.Content); i += 2 {
		values[b.Content[i].Value] = b.Content[i+1]
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		if other := values[a.Content[i].Value]; other == nil || !sameNodes(a.Content[i+1], other) {
			return false
		}
	}
	return true
}

// remark is a comment with its mark, and whether an empty line stands above it.
type remark struct {
	text  string
	blank bool
}

// box is a node with what the reader of YAML does not keep well: where its comments and empty lines stand.
type box struct {
	*yaml.Node
	in    *line // nil for the root
	lines []*line
	foot  []remark
}

// line is one entry of a map (with a key) or of a list.
type line struct {
	of    *box
	key   *yaml.Node
	value *box
	first int // its first atom
	head  []remark
	after string // the comment behind it
	blank bool   // an empty line stands above it
}

func (b *box) flows() bool { return b.Style&yaml.FlowStyle != 0 }

func (b *box) holdsMaps() bool {
	return slices.ContainsFunc(b.lines, func(e *line) bool { return e.value.Kind != yaml.ScalarNode })
}

func (b *box) holds(l *line) bool {
	for ; l != nil; l = l.of.in {
		if l.of == b {
			return true
		}
	}
	return false
}

// above puts a comment above a line; what follows the dash of a list's item has no place above itself but that of the item.
func (e *line) above(c remark) {
	for e == e.of.lines[0] && e.of.in != nil && e.of.in.key == nil {
		e = e.of.in
	}
	e.head = append(e.head, c)
}

// atom is a scalar, or a list or map with nothing in it.
type atom struct {
	*yaml.Node
	line *line
}

// layoutOf is the text of a file with its tree laid over it.
type layoutOf struct {
	text    []rune
	starts  []int // of each row
	root    *box
	atoms   []atom
	open    map[int]*box // lists and maps in brackets, by where they begin
	head    []remark     // above everything
	blank   bool         // an empty line stands below them
	remarks []string
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || isBreak(r) }

func newLayout(data []byte, root *yaml.Node) *layoutOf {
	l := &layoutOf{text: []rune(string(data)), starts: []int{0}, open: map[int]*box{}}
	for i, r := range l.text {
		if isBreak(r) && (r != '\r' || i+1 == len(l.text) || l.text[i+1] != '\n') {
			l.starts = append(l.starts, i+1)
		}
	}
	l.root = l.box(root, nil)
	return l
}

func (l *layoutOf) box(n *yaml.Node, in *line) *box {
	b := &box{Node: n, in: in}
	if n.Kind == yaml.ScalarNode || len(n.Content) == 0 {
		l.atoms = append(l.atoms, atom{n, in})
	}
	if n.Kind != yaml.ScalarNode && b.flows() {
		l.open[l.offset(n)] = b
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			e := &line{of: b, key: n.Content[i], first: len(l.atoms)}
			l.atoms = append(l.atoms, atom{n.Content[i], e})
			e.value = l.box(n.Content[i+1], e)
			b.lines = append(b.lines, e)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			e := &line{of: b, first: len(l.atoms)}
			e.value = l.box(c, e)
			b.lines = append(b.lines, e)
		}
	}
	return b
}

func (l *layoutOf) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(l.starts) {
		return len(l.text)
	}
	return min(l.starts[n.Line-1]+n.Column-1, len(l.text))
}

// row is the row of a place, from 0.
func (l *layoutOf) row(at int) int {
	i, found := slices.BinarySearch(l.starts, at)
	if !found {
		i--
	}
	return i
}

// blankAbove says whether the row above a place is empty.
func (l *layoutOf) blankAbove(at int) bool {
	r := l.row(at)
	return r > 0 && strings.TrimFunc(string(l.text[l.starts[r-1]:l.starts[r]]), isSpace) == ""
}

// scan walks over the text from atom to atom and gives each comment that stands between them to the line it belongs to.
func (l *layoutOf) scan() {
	at, last, dash := 0, -1, false
	var stack []*box
	between := func(to int) {
		for at < to {
			switch r := l.text[at]; r {
			case '#':
				from := at
				for at < len(l.text) && !isBreak(l.text[at]) {
					at++
				}
				l.comment(from, at, last, dash, stack)
				continue
			case '[', '{':
				stack = append(stack, l.open[at])
			case ']', '}':
				if len(stack) > 0 {
					stack = stack[:len(stack)-1]
				}
			case '-', '?':
				dash = true
			}
			at++
		}
	}
	for i, a := range l.atoms {
		start := l.offset(a.Node)
		between(start)
		if a.line != nil && a.line.first == i {
			for e := a.line; e != nil && e.first == i; e = e.of.in {
				e.blank = l.blankAbove(start)
			}
			if i == 0 {
				l.blank = l.blankAbove(start)
			}
		}
		last, dash = i, false
		at = l.behind(a.Node, max(at, start), i)
	}
	between(len(l.text))
}

// behind is the place behind a scalar that begins at a place.
func (l *layoutOf) behind(n *yaml.Node, at, i int) int {
	if n.Kind != yaml.ScalarNode {
		return at
	}
	peek := func(k int) rune {
		if at+k < len(l.text) {
			return l.text[at+k]
		}
		return 0
	}
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for at++; at < len(l.text) && peek(0) != '"'; at++ {
			if peek(0) == '\\' {
				at++
			}
		}
		return min(at+1, len(l.text))
	case n.Style&yaml.SingleQuotedStyle != 0:
		for at++; at < len(l.text) && (peek(0) != '\'' || peek(1) == '\''); at++ {
			if peek(0) == '\'' {
				at++
			}
		}
		return min(at+1, len(l.text))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for at < len(l.text) && !isBreak(l.text[at]) && l.text[at] != '#' {
			at++
		}
		if peek(0) == '#' {
			from := at
			for at < len(l.text) && !isBreak(l.text[at]) {
				at++
			}
			l.comment(from, at, i, false, nil)
		}
	}
	for _, r := range n.Value { // a plain or block scalar: its letters in order, the spaces between them as they come
		if isSpace(r) {
			continue
		}
		for at < len(l.text) && isSpace(l.text[at]) {
			at++
		}
		at++
	}
	return min(at, len(l.text))
}

// comment gives a comment to its line. last is the atom before it, dash whether a new item began since, stack the brackets it stands in.
func (l *layoutOf) comment(from, to, last int, dash bool, stack []*box) {
	c := remark{strings.TrimRightFunc(string(l.text[from:to]), isSpace), l.blankAbove(from)}
	l.remarks = append(l.remarks, c.text)
	row := l.starts[l.row(from)]
	own := strings.TrimFunc(string(l.text[row:from]), isSpace) == ""
	var within *box
	if len(stack) > 0 {
		within = stack[len(stack)-1]
	}
	if last < 0 && within == nil {
		l.head = append(l.head, c)
		return
	}
	if !own && !dash && last >= 0 {
		e := l.atoms[last].line
		for e != nil && (within != nil && e.of != within || within == nil && e.of.flows()) {
			e = e.of.in
		}
		if e != nil {
			if e.after == "" {
				e.after = c.text
			} else {
				e.above(c)
			}
			return
		}
	}
	c.blank = c.blank && own
	next := last + 1
	if next < len(l.atoms) {
		e := l.atoms[next].line
		for e != nil && e.of != within && e.of.in != nil && (within != nil || e.of.in.first == next) {
			e = e.of.in
		}
		if within == nil && e != nil {
			if end := l.ended(last, e, from-row+1); end != nil && own && from-row+1 > e.of.Column {
				end.foot = append(end.foot, c)
				return
			}
		}
		if e != nil && (within == nil || e.of == within) {
			e.above(c)
			return
		}
	}
	switch end := l.ended(last, nil, from-row+1); {
	case within != nil && len(within.lines) == 0 && within.in != nil:
		within.in.above(c)
	case within != nil:
		within.foot = append(within.foot, c)
	case end != nil:
		end.foot = append(end.foot, c)
	default:
		l.root.foot = append(l.root.foot, c)
	}
}

// ended is the innermost map (or list in a list) that ended with an atom, does not hold the next line, and is not indented more than a column.
func (l *layoutOf) ended(last int, next *line, column int) *box {
	if last < 0 {
		return nil
	}
	for e := l.atoms[last].line; e != nil; e = e.of.in {
		b := e.of
		inList := b.in == nil || b.in.key == nil
		if !b.flows() && b.Column <= column && (b.Kind == yaml.MappingNode || inList) && (next == nil || !b.holds(next)) {
			return b
		}
	}
	return nil
}

// ---- writing ----

// How wide a line may be, in the columns of a terminal, where a Chinese character takes two.
const (
	narrowColumns = 120
	wideColumns   = 200
)

// printed is a line of the file without its line feed.
type printed struct {
	text    string
	comment string
}

type printer struct{ out []printed }

func (p *printer) file(l *layoutOf, shape string) []byte {
	p.remarks(l.head, 0)
	if len(l.head) > 0 && l.blank {
		p.empty()
	}
	if text, ok := p.flow(l.root, shape, 0); ok {
		p.put("", text, "")
	} else {
		p.block(l.root, shape, 0, "")
	}
	return p.bytes()
}

// block writes a map or list line below line. first is what stands before the first: the dash of a list's item.
func (p *printer) block(b *box, shape string, indent int, first string) {
	s := shapeOf(shape, node{b.Node, ""})
	for i, e := range ordered(b, s, first != "") {
		if i > 0 || first == "" {
			if (e.blank && len(e.head) == 0 || len(e.head) > 0 && e.head[0].blank) && i > 0 {
				p.empty()
			}
			for k, c := range e.head {
				if k > 0 && c.blank {
					p.empty()
				}
				p.put(spaces(indent), c.text, "")
			}
			if e.blank && len(e.head) > 0 {
				p.empty()
			}
		}
		lead := spaces(indent)
		if i == 0 && first != "" {
			lead = first
		}
		p.line(e, s, indent, lead)
	}
	for _, c := range b.foot {
		if c.blank {
			p.empty()
		}
		p.put(spaces(indent), c.text, "")
	}
}

// ordered are the lines of a map in the order of the grammar, other keys behind them as they stood. A map that follows a dash keeps its order
// when a line with a comment above it would come first: there is no place for the comment.
func ordered(b *box, s *shape, dashed bool) []*line {
	if b.Kind != yaml.MappingNode || s == nil {
		return b.lines
	}
	place := func(e *line) int {
		for i, k := range s.keys {
			if k.name == strings.TrimSpace(e.key.Value) {
				return i
			}
		}
		return len(s.keys)
	}
	out := slices.Clone(b.lines)
	slices.SortStableFunc(out, func(a, b *line) int { return cmp.Compare(place(a), place(b)) })
	if dashed && len(out) > 0 && len(out[0].head) > 0 {
		return b.lines
	}
	return out
}

// line writes one entry of a map or list that is written line below line.
func (p *printer) line(e *line, s *shape, indent int, lead string) {
	under := ""
	if e.key != nil {
		lead += scalar(e.key, false) + ":"
		under = s.under(strings.TrimSpace(e.key.Value))
	} else {
		lead += "-"
		if s != nil {
			under = s.item
		}
	}
	v := e.value
	if v.Kind == yaml.ScalarNode {
		if text := literalBlock(v.Node, indent+2); text != nil {
			p.put(lead+" |", "", e.after)
			for _, t := range text {
				p.put("", t, "")
			}
			return
		}
		text := scalar(v.Node, false)
		if text != "" {
			text = " " + text
		}
		p.put(lead, text, e.after)
		return
	}
	if text, ok := p.flow(v, under, columns(lead)+1); ok && (v.Kind != yaml.SequenceNode || !v.holdsMaps() || isWide(under, v)) {
		p.put(lead+" ", text, e.after)
		return
	}
	below := indent + 2
	switch {
	case e.key != nil && v.Kind == yaml.SequenceNode:
		below = indent
		p.put(lead, "", e.after)
		p.block(v, under, below, "")
	case e.key != nil:
		p.put(lead, "", e.after)
		p.block(v, under, below, "")
	default:
		start := len(p.out)
		p.block(v, under, below, lead+" ")
		if e.after == "" {
			return
		}
		at := start
		for strings.HasPrefix(strings.TrimLeft(p.out[at].text, " "), "#") {
			at++
		}
		if p.out[at].comment == "" {
			p.out[at].comment = e.after
		} else { // two comments for one place: the outer one goes above
			text := p.out[at].text
			p.out = slices.Insert(p.out, start, printed{text[:len(text)-len(strings.TrimLeft(text, " "))] + e.after, ""})
		}
	}
}

// flow writes a map or list on one line behind a column, if it may stand so and fits.
func (p *printer) flow(b *box, shape string, column int) (string, bool) {
	width := narrowColumns
	if isWide(shape, b) {
		width = wideColumns
	}
	text, ok := flow(b, shape)
	return text, ok && column+columns(text) <= width
}

func isWide(shape string, b *box) bool {
	s := shapeOf(shape, node{b.Node, ""})
	return s != nil && s.layout == wide
}

func flow(b *box, shape string) (string, bool) {
	if b.Kind == yaml.ScalarNode {
		if strings.ContainsFunc(b.Value, isBreak) || b.Value == "" && b.Style == 0 {
			return "", false
		}
		return scalar(b.Node, true), true
	}
	s := shapeOf(shape, node{b.Node, ""})
	if len(b.foot) > 0 || s != nil && s.layout == tall && len(b.lines) > 0 && (b.Kind == yaml.MappingNode || b.holdsMaps()) {
		return "", false
	}
	var parts []string
	size, inner := 0, 0
	for _, e := range ordered(b, s, false) {
		if len(e.head) > 0 || e.after != "" {
			return "", false
		}
		under := ""
		if e.key != nil {
			under = s.under(strings.TrimSpace(e.key.Value))
		} else if s != nil {
			under = s.item
		}
		text, ok := flow(e.value, under)
		if !ok {
			return "", false
		}
		if e.value.Kind != yaml.ScalarNode && e.key == nil {
			inner++
		}
		if e.key != nil {
			text = scalar(e.key, true) + ": " + text
		}
		if size += len(text); size > 8*wideColumns {
			return "", false
		}
		parts = append(parts, text)
	}
	if inner > 1 {
		return "", false
	}
	if b.Kind == yaml.SequenceNode {
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	return "{" + strings.Join(parts, ", ") + "}", true
}

func (p *printer) remarks(list []remark, indent int) {
	for i, c := range list {
		if i > 0 && c.blank {
			p.empty()
		}
		p.put(spaces(indent), c.text, "")
	}
}

func (p *printer) put(lead, text, comment string) {
	p.out = append(p.out, printed{lead + text, comment})
}

func (p *printer) empty() {
	if n := len(p.out); n > 0 && p.out[n-1].text != "" {
		p.out = append(p.out, printed{})
	}
}

// bytes joins the lines; comments behind lines that follow each other stand in one column.
func (p *printer) bytes() []byte {
	var out bytes.Buffer
	for i := 0; i < len(p.out); {
		if p.out[i].comment == "" {
			out.WriteString(p.out[i].text + "\n")
			i++
			continue
		}
		from, widest, least := i, 0, wideColumns
		for ; i < len(p.out) && p.out[i].comment != ""; i++ {
			w := columns(p.out[i].text)
			widest, least = max(widest, w), min(least, w)
		}
		for _, o := range p.out[from:i] {
			gap := 2
			if widest-least <= 40 {
				gap += widest - columns(o.text)
			}
			fmt.Fprintf(&out, "%s%s%s\n", o.text, spaces(gap), o.comment)
		}
	}
	return out.Bytes()
}

func spaces(n int) string { return strings.Repeat(" ", n) }

// columns is how many columns of a terminal a text takes.
func columns(text string) int {
	n := utf8.RuneCountInString(text)
	for _, r := range text {
		if r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
			r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd {
			n++
		}
	}
	return n
}

// scalar writes a text plain where YAML reads it back as it is, else in quotes.
func scalar(n *yaml.Node, inFlow bool) string {
	text := n.Value
	if text == "" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return ""
	}
	plain, single := text != "", true
	for i, r := range text {
		if r != ' ' && (r < ' ' || r >= 0x7f && r <= 0xa0 || isBreak(r) || r == '\ufeff' || r >= 0xd800 && r <= 0xdfff || r == 0xfffe || r == 0xffff) {
			plain, single = false, false
		}
		if i == 0 && strings.ContainsRune(",[]{}#&*!|>'\"%@`", r) || inFlow && strings.ContainsRune(",[]{}", r) {
			plain = false
		}
	}
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "?") || strings.HasPrefix(text, ":") {
		plain = plain && len(text) > 1 && text[1] != ' ' && !(inFlow && text[0] != '-')
	}
	if strings.TrimSpace(text) != text || strings.Contains(text, ": ") || strings.Contains(text, " #") || strings.HasSuffix(text, ":") ||
		strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") {
		plain = false
	}
	switch {
	case plain:
		return text
	case single:
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r <= 0xa0:
			fmt.Fprintf(&out, `\x%02x`, r)
		case isBreak(r) || r == '\ufeff' || r == 0xfffe || r == 0xffff:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// literalBlock is a text of several lines as it stands below `|`, or nil where it cannot stand so.
func literalBlock(n *yaml.Node, indent int) []string {
	text, ends := strings.CutSuffix(n.Value, "\n")
	if !ends || text == "" || strings.HasSuffix(text, "\n") {
		return nil
	}
	var out []string
	for i, t := range strings.Split(text, "\n") {
		if i == 0 && t == "" || t != "" && (t[0] == ' ' || t[0] == '\t') || strings.TrimSpace(t) != t {
			return nil
		}
		for _, r := range t {
			if r < ' ' || r >= 0x7f && r <= 0xa0 || isBreak(r) || r == '\ufeff' || r == 0xfffe || r == 0xffff {
				return nil
			}
		}
		if t != "" {
			t = spaces(indent) + t
		}
		out = append(out, t)
	}
	return out
}
