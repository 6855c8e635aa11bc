package policy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Place is a map of the grammar for those who write about the language: its keys, and what may stand under each.
type Place struct {
	Name string
	Said Said
	Keys []Key
	Rest *Form // what stands under names of the file's own, nil where there are none
	Must []string
	One  [][]string // of each group just one must be there
}

// Key is one key of a node.
type Key struct {
	Name string
	Said Said
	Form Form
}

// Said is a sentence in both languages.
type Said struct{ Chinese, English string }

// Form is what may stand at a place.
type Form struct {
	Text  string   // a class of texts: text, name, expr, value, literal, threshold, date, year, period, time; or empty
	Words []string // words of a closed list
	Nodes []string // maps, by their names
	List  *Form    // a list of these
	Map   *Form    // names of the file's own, and these under them
}

func said(chinese string) Said { return Said{chinese, inEnglish[chinese]} }

// Grammar are the nodes that a kind of file (SchemaNames) is made of, each before what stands below it. Nil for an unknown kind.
func Grammar(kind string) []Place {
	if !slices.Contains(SchemaNames, kind) {
		return nil
	}
	if kind == "scheme" {
		kind = "document"
	}
	var out []Place
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		s := shapes[name]
		if s == nil || seen[name] {
			return
		}
		seen[name] = true
		if len(s.keys) > 0 {
			n := Place{Name: name, Said: said(s.doc), Must: s.must, One: s.heads}
			for _, k := range s.keys {
				n.Keys = append(n.Keys, Key{k.name, said(k.doc), formOf(k.shape, nil)})
			}
			if s.rest != "" {
				f := formOf(s.rest, nil)
				n.Rest = &f
			}
			out = append(out, n)
		}
		for _, k := range s.keys {
			visit(k.shape)
		}
		for _, name := range append([]string{s.rest, s.item}, s.either...) {
			visit(name)
		}
	}
	visit(kind)
	return out
}

var textNames = map[textShape]string{anyText: "text", nameText: "name", exprText: "expr", valueText: "value", literalText: "literal", countText: "count",
	thresholdText: "threshold", dateText: "date", yearText: "year", periodText: "period", timeText: "time", monthDay: "month and day", daysText: "days", reminderWord: "day of a reminder"}

func formOf(name string, in []string) Form {
	s := shapes[name]
	f := Form{}
	if s == nil || slices.Contains(in, name) {
		return f
	}
	in = append(in, name)
	for _, other := range s.either {
		o := formOf(other, in)
		f.Nodes = append(f.Nodes, o.Nodes...)
		if f.Text == "" {
			f.Text = o.Text
		}
		if f.Map == nil {
			f.Map = o.Map
		}
	}
	if s.text != noText {
		f.Text = textNames[s.text]
	}
	f.Words = s.enum
	if len(s.keys) > 0 {
		f.Nodes = append(f.Nodes, name)
	} else if s.rest != "" {
		m := formOf(s.rest, in)
		f.Map = &m
	}
	if s.item != "" {
		l := formOf(s.item, in)
		f.List = &l
	}
	return f
}

// Functions are the functions of expressions.
func Functions() []string { return slices.Clone(functions) }

// Operators are the keys that compare a number, a word or a code.
func Operators() []string { return slices.Clone(operators) }

// Units are the units that need no declaring. 万 and 亿 of each are understood too.
func Units() []string {
	var out []string
	for _, u := range newUnitTable().suffixes {
		first, rest := utf8.DecodeRuneInString(u)
		if base := u[rest:]; base == "" || first != '万' && first != '亿' {
			out = append(out, u)
		}
	}
	slices.Sort(out)
	return out
}

// Use is a key that a file uses: of which place of the grammar, and the key with its value on one line.
type Use struct{ Place, Key, Text string }

// Uses are the keys of a file, in their order, each time that they stand in it. kind is empty for a whole file, or the shape of a piece.
func Uses(f File, kind string) []Use {
	var ps problems
	root, ok := readPiece(f, kind != "", &ps)
	if !ok {
		return nil
	}
	if kind == "" {
		kind = ofFile(root)
	}
	l := newLayout(f.Data, root.Node)
	var out []Use
	var walk func(b *box, name string)
	walk = func(b *box, name string) {
		s := shapeOf(name, node{b.Node, f.Path})
		if s == nil {
			return
		}
		for _, e := range b.lines {
			if e.key == nil {
				walk(e.value, s.item)
				continue
			}
			key := strings.TrimSpace(e.key.Value)
			if k := s.key(key); k != nil {
				out = append(out, Use{nameOf(s), key, key + ": " + oneLine(e.value)})
			}
			walk(e.value, s.under(key))
		}
	}
	walk(l.root, kind)
	return out
}

// oneLine is a value on one line, however long.
func oneLine(b *box) string {
	if b.Kind == yaml.ScalarNode {
		return strings.Join(strings.Fields(scalar(b.Node, true)), " ")
	}
	var parts []string
	for _, e := range b.lines {
		text := oneLine(e.value)
		if e.key != nil {
			text = scalar(e.key, true) + ": " + text
		}
		parts = append(parts, text)
	}
	if b.Kind == yaml.SequenceNode {
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func nameOf(s *shape) string {
	for name, other := range shapes {
		if other == s {
			return name
		}
	}
	return ""
}

// LimitShapes are the shapes of limits, in the order in which they are applied.
func LimitShapes() []string {
	var out []string
	for s := stageGroup; stageWords[s] != ""; s++ {
		out = append(out, stageWords[s])
	}
	return out
}

const roundPeriod = "round"

// PeriodForms are the forms that a period may be written in.
func PeriodForms() []string {
	out := []string{roundPeriod}
	for _, form := range periodForms {
		out = append(out, form.String())
	}
	return out
}

// PeriodForm is the form of a period as PeriodForms lists it.
func PeriodForm(text string) string {
	if _, ok := parsePeriod("", text); !ok {
		return ""
	}
	for _, form := range periodForms {
		if form.MatchString(text) {
			return form.String()
		}
	}
	return roundPeriod
}

// Answers are the answers as files write them.
func Answers() []string { return slices.Clone(answerWords[:]) }
