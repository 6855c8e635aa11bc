package policy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Parameter is one literal of a scheme that may be turned without writing the clause anew: a threshold, a rate, a sum, a cap.
type Parameter struct {
	Path     string   `json:"path" doc:"where it stands: document/schemes/item/amount/then/1/at_most; @2 is the threshold of the second row of a table"`
	Role     string   `json:"role" enum:"threshold,rate,sum,points,cap,floor,factor,less,limit,per,from,to,row,count,share" doc:"what it is to the clause"`
	Label    string   `json:"label" doc:"the same in Chinese"`
	Name     string   `json:"name,omitempty" doc:"of a definition: its name"`
	Document string   `json:"document" doc:"the document that declares it"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Sentence string   `json:"sentence" doc:"the sentence it stands in, as the machine reads it"`
	Text     string   `json:"text,omitempty" doc:"the clause's own wording"`
	Cite     string   `json:"cite,omitempty"`
	Unit     string   `json:"unit" doc:"元, %, 百分点, 人 …; empty: a plain number or a word"`
	Value    string   `json:"value" doc:"as it is written"`
	Options  []string `json:"options,omitempty" doc:"of a level: what it may be"`
	Schemes  []string `json:"schemes" nullable:"false" doc:"every scheme that it reaches"`

	at   node
	kind string
}

var roleLabels = map[string]string{"threshold": "门槛", "rate": "比例", "sum": "金额", "points": "分值", "cap": "封顶", "floor": "保底", "factor": "系数",
	"less": "扣减", "limit": "限额", "per": "每档", "from": "起点", "to": "终点", "row": "档次", "count": "项数", "share": "份额"}

// Parameters lists what may be turned in a scheme, in the order of its clause: conditions, amount, limits, then the names it uses. A scheme that
// reissues another has the other's parameters where it does not say its own, and says so by their document. Nil for an unknown scheme.
func (l *Library) Parameters(scheme string) []Parameter {
	s := l.byScheme[scheme]
	if s == nil {
		return nil
	}
	all := l.parameters()
	out := s.parameters()
	for i := range out {
		out[i].Schemes = all[out[i].Path].Schemes
	}
	return out
}

// parametersByPath are those of every scheme; the sentence is that of the newest that reads it.
func (l *Library) parametersByPath() map[string]Parameter {
	out := map[string]Parameter{}
	for _, s := range l.schemes {
		for _, p := range s.parameters() {
			old, known := out[p.Path]
			if known {
				p = old
			}
			p.Schemes = append(p.Schemes, s.id)
			out[p.Path] = p
		}
	}
	return out
}

// plainKeys hold words, never a literal that a clause turns on.
var plainKeys = []string{"from", "same_as", "title", "cite", "office", "text", "for", "kind", "process", "interpretation", "examples", "industries", "sizes",
	"valid", "notes", "see", "version", "key", "tie", "judge", "has", "records", "each", "body", "by", "remainder", "share", "below_zero", "what", "payee", "earmark", "record", "number", "shows", "masks", "series"}

// parameters of a scheme, without whom else they reach.
func (s *Scheme) parameters() []Parameter {
	w := &literals{s: s, lib: s.doc.lib, read: map[*yaml.Node]string{}, types: map[*yaml.Node]qtype{}, kinds: map[*yaml.Node]*Record{}, used: map[string]*usedName{}}
	w.condition(s.doc.common)
	w.condition(s.require)
	w.value(s.amount)
	for i := range s.limits {
		w.read[s.limits[i].at.Node] = s.limits[i].read(chinese)
		w.value(s.limits[i].most)
	}
	if c := s.doc.root.get("common"); c.is() {
		w.walk(c, spot{path: s.doc.ID + "/common", doc: s.doc.ID, key: "common"})
	}
	own, id := s.at, s.id
	var keys []entry
	var paths []string
	for seen := map[string]bool{}; own.is() && !seen[id]; {
		seen[id] = true
		doc, key, _ := strings.Cut(id, "/")
		for _, e := range own.entries() {
			if !slices.Contains(plainKeys, e.key) && !slices.ContainsFunc(keys, func(o entry) bool { return o.key == e.key }) {
				keys, paths = append(keys, e), append(paths, doc+"/schemes/"+escaped(key)+"/"+escaped(e.key))
			}
		}
		id = own.get("from").text()
		own = w.lib.index[id]
	}
	order := []string{"require", "amount", "limits"}
	places := make([]int, len(keys))
	for i := range places {
		places[i] = i
	}
	rank := func(i int) int {
		if at := slices.Index(order, keys[i].key); at >= 0 {
			return at
		}
		return len(order)
	}
	sort.SliceStable(places, func(a, b int) bool { return rank(places[a]) < rank(places[b]) })
	for _, i := range places {
		doc, _, _ := strings.Cut(paths[i], "/")
		w.walk(keys[i].value, spot{path: paths[i], within: paths[i], doc: doc, key: keys[i].key, text: s.text, cite: s.cite})
	}
	w.names()
	return w.out
}

// literals finds the literals of a scheme in its nodes: whatever word of the language they stand under.
type literals struct {
	s     *Scheme
	lib   *Library
	read  map[*yaml.Node]string // the sentence of a condition, value or step
	types map[*yaml.Node]qtype  // what a comparison or table compares
	kinds map[*yaml.Node]*Record
	used  map[string]*usedName
	order []string
	out   []Parameter
}

// usedName is a definition with the sentences that use it.
type usedName struct {
	sentences []string
	first     spot
}

// spot is where the walk stands.
type spot struct {
	path, doc        string
	within           string // the path of what uses it
	key, above       string // the key it stands under, and the one above that
	sentence         string
	text, cite, name string
}

func (w *literals) condition(c *condition) {
	if c == nil {
		return
	}
	w.read[c.at.Node] = c.sentence
	if c.limit != nil {
		w.types[c.at.Node] = c.quantityType()
	}
	if c.has != nil {
		w.kinds[c.at.Node] = c.has.kind
	} else if r, ok := c.of.(*recordExpr); ok {
		w.kinds[c.at.Node] = r.kind
	}
	w.condition(c.guard)
	for _, p := range c.parts {
		w.condition(p)
	}
}

func (w *literals) value(v *value) {
	if v == nil {
		return
	}
	if v.at.isMap() {
		w.read[v.at.Node] = v.read(chinese)
	}
	if v.kind == valueTable && v.expr != nil {
		w.types[v.at.Node] = v.expr.typ()
	}
	if v.each != nil {
		w.kinds[v.at.Node] = v.each.kind
	}
	w.condition(v.guard)
	w.value(v.give)
	for _, p := range v.parts {
		w.value(p)
	}
	for _, r := range v.allRows() {
		w.value(r.value)
		for _, k := range sortedKeys(r.cells) {
			w.value(r.cells[k])
		}
	}
	for i := range v.steps {
		w.read[v.steps[i].at.Node] = v.steps[i].read(chinese)
		w.condition(v.steps[i].guard)
		w.value(v.steps[i].value)
	}
}

// names walks the definitions that were used, and those that they use.
func (w *literals) names() {
	for i := 0; i < len(w.order); i++ {
		name := w.order[i]
		d := w.s.doc.definitions[name]
		for doc := w.s.doc; doc != nil; doc = doc.parent {
			n := doc.root.get("define").get(name)
			if !n.is() {
				continue
			}
			w.condition(d.cond)
			w.value(d.value)
			u := w.used[name]
			at := u.first // what the name is to the clause, its literal is
			at.path, at.doc, at.name, at.sentence = doc.ID+"/define/"+escaped(name), doc.ID, name, strings.Join(u.sentences, "；")
			w.walk(n, at)
			break
		}
	}
}

func (w *literals) walk(n node, at spot) {
	switch {
	case n.isText():
		w.scalar(n, at)
	case n.isList():
		for i, item := range n.items() {
			inner := at
			inner.path += "/" + strconv.Itoa(i+1)
			w.walk(item, inner)
		}
	case n.isMap():
		w.table(n, at)
	}
}

// table walks a map: the keys of a table's rows are thresholds, those of a filter are fields.
func (w *literals) table(n node, at spot) {
	if r, ok := w.read[n.Node]; ok {
		at.sentence = r
	}
	if t := n.get("text").text(); t != "" {
		at.text = t
	}
	if t := n.get("cite").text(); t != "" && t != notFound {
		at.cite = t
	}
	q, compares := w.types[n.Node]
	for _, e := range n.entries() {
		if slices.Contains(plainKeys, e.key) && !(e.key == "by" && !e.value.isText()) {
			if e.key == "by" || e.key == "has" || e.key == "each" || e.key == "records" {
				w.mention(e.value.text(), at)
			}
			continue
		}
		inner := at
		inner.path, inner.above, inner.key = at.path+"/"+escaped(e.key), at.key, e.key
		switch {
		case e.key == "where":
			w.where(e.value, inner, w.kinds[n.Node])
		case slices.Contains(operators, e.key) && e.value.isMap() && compares:
			for i, row := range e.value.entries() {
				cell := inner
				cell.path, cell.key = inner.path+"/@"+strconv.Itoa(i+1), "row"
				limit := chinese.than(e.key, row.key) + "的给"
				cell.sentence = limit + w.given(row.value)
				if e.key != "is" { // a class is not turned
					w.literal(row.at, cell, &q)
				}
				cell.path, cell.key = inner.path+"/"+strconv.Itoa(i+1), "give"
				if !row.value.isMap() || w.read[row.value.Node] != "" {
					w.walk(row.value, cell)
					continue
				}
				for _, column := range row.value.entries() {
					of := cell
					of.path, of.above, of.key = cell.path+"/"+escaped(column.key), cell.key, column.key
					of.sentence = limit + column.key + " " + w.given(column.value)
					w.walk(column.value, of)
				}
			}
		case slices.Contains(operators, e.key) && e.value.isText() && compares:
			w.literal(e.value, inner, &q)
		case e.key == "of" && e.value.isText():
			w.mention(e.value.text(), inner)
		default:
			w.walk(e.value, inner)
		}
	}
}

// given is what a row or a cell of a table gives, in words.
func (w *literals) given(n node) string {
	if n.isMap() && w.read[n.Node] == "" {
		var cells []string
		for _, c := range n.entries() {
			cells = append(cells, c.key+" "+w.given(c.value))
		}
		return strings.Join(cells, "、")
	}
	return cmp.Or(w.read[n.Node], ShownLiteral(n.text()))
}

func (w *literals) where(n node, at spot, kind *Record) {
	for _, e := range n.entries() {
		q := qtype{kind: TypeNumber}
		if kind != nil {
			if f := kind.field(e.key); f != nil {
				q = qtype{kind: f.Type, unit: f.unit, options: f.Options}
			}
		}
		inner := at
		inner.path = at.path + "/" + escaped(e.key)
		if e.value.isText() {
			inner.key = "is"
			w.literal(e.value, inner, &q)
		}
		for _, o := range e.value.entries() {
			inner := inner
			inner.path, inner.key = inner.path+"/"+escaped(o.key), o.key
			if o.value.isText() {
				w.literal(o.value, inner, &q)
			}
		}
	}
}

func (w *literals) scalar(n node, at spot) {
	if l, ok, err := w.lib.vocabulary.units.parseLiteral(n.text()); ok && err == nil && !l.manual {
		w.add(n, at, TypeNumber, l.unit, nil)
		return
	}
	w.mention(n.text(), at)
}

// literal is a scalar that is compared with a quantity.
func (w *literals) literal(n node, at spot, q *qtype) {
	switch q.kind {
	case TypeWord, TypeBool:
		return
	case TypeLevel:
		if slices.Contains(q.options, n.text()) {
			w.add(n, at, TypeLevel, "", q.options)
		}
		return
	case TypeDate:
		if _, err := ParseDate(n.text()); err == nil {
			w.add(n, at, TypeDate, "", nil)
		}
		return
	}
	w.scalar(n, at)
}

var nameParts = regexp.MustCompile(`[\p{L}_][\p{L}\p{N}_]*`)

// mention notes the names that a text uses.
func (w *literals) mention(text string, at spot) {
	for _, name := range nameParts.FindAllString(text, -1) {
		if w.s.doc.definitions[name] == nil {
			continue
		}
		u := w.used[name]
		if u == nil {
			u = &usedName{first: at}
			w.used[name], w.order = u, append(w.order, name)
		}
		if at.sentence != "" && !slices.Contains(u.sentences, at.sentence) {
			u.sentences = append(u.sentences, at.sentence)
		}
	}
}

func (w *literals) add(n node, at spot, kind string, unit string, options []string) {
	role := roleOf(at, unit)
	if unit == unitRatio && strings.ContainsAny(n.text(), "%％") {
		unit = "%"
	} else if unit == unitRatio && strings.Contains(n.text(), "‰") {
		unit = "‰"
	}
	if at.sentence == "" {
		at.sentence = roleLabels[role] + "为" + ShownLiteral(n.text())
	}
	w.out = append(w.out, Parameter{Path: at.path, Role: role, Label: roleLabels[role], Name: at.name, Document: at.doc, File: n.file, Line: n.Line,
		Sentence: at.sentence, Text: at.text, Cite: at.cite, Unit: unit, Value: n.text(), Options: options, Schemes: []string{}, at: n, kind: kind})
}

func roleOf(at spot, unit string) string {
	inSteps, inLimits := at.above == "then", strings.Contains(at.within, "/limits")
	switch at.key {
	case "row":
		return "row"
	case "times":
		return "factor"
	case "less":
		return "less"
	case "per":
		return "per"
	case "beyond":
		return "from"
	case "up_to":
		return "to"
	case "at_most", "at_least":
		switch {
		case inLimits:
			return "limit"
		case inSteps && at.key == "at_most":
			return "cap"
		case inSteps:
			return "floor"
		}
		return "threshold"
	case "over", "under", "is":
		return "threshold"
	}
	switch unit {
	case unitMoney:
		return "sum"
	case unitScore:
		return "points"
	case unitRatio:
		return "rate"
	}
	return "count"
}

// escaped writes a key so that it is one part of a path.
func escaped(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// ShownLiteral writes a literal of a file as an officer would: up to 500元 → 最高500元, at least 30% → 不低于30%, 3‰ to 6‰ → 3‰至6‰.
func ShownLiteral(text string) string {
	if rest, ok := strings.CutPrefix(text, "up to "); ok {
		return "最高" + rest
	}
	if rest, ok := strings.CutPrefix(text, "at least "); ok {
		return "不低于" + rest
	}
	return strings.Replace(text, " to ", "至", 1)
}

var writtenRange = regexp.MustCompile(`^([^\s至]*\d[^\s至]*)\s*至\s*([^\s至]*\d[^\s至]*)$`)

// WrittenLiteral is the literal of a file for what an officer wrote: the reverse of ShownLiteral. What is none stays as it is.
func WrittenLiteral(text string) string {
	text = strings.ReplaceAll(strings.TrimSpace(text), "％", "%")
	for _, word := range []struct{ says, means string }{{"最高", "up to "}, {"不低于", "at least "}, {"至少", "at least "}} {
		if rest, ok := strings.CutPrefix(text, word.says); ok {
			return word.means + strings.TrimSpace(rest)
		}
	}
	return writtenRange.ReplaceAllString(text, "$1 to $2")
}

// Change is a new literal for a parameter.
type Change struct {
	Path string `json:"path" maxLength:"500"`
	To   string `json:"to" maxLength:"60" doc:"as a file has it, or as an officer writes it: 最高500元, 3‰至6‰"`
}

// Fault is what is wrong with a change; without a path it concerns the changes together.
type Fault struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// maxChanges is what a form could hold.
const maxChanges = 60

// Change is the library with other literals, read and checked as its files would be; its examples are not run, since they tell of the files as
// they are. What the checker has to say stands at the change that it comes from. The library is nil when something is wrong.
func (l *Library) Change(changes []Change) (*Library, []File, []Fault) {
	if len(changes) > maxChanges {
		return nil, nil, []Fault{{"", "一次最多调整" + strconv.Itoa(maxChanges) + "个参数。"}}
	}
	known := l.parameters()
	var faults []Fault
	seen := map[string]bool{}
	var edits []edit
	for _, c := range changes {
		p, ok := known[c.Path]
		to := WrittenLiteral(c.To)
		switch {
		case !ok:
			faults = append(faults, Fault{c.Path, noParameter(c.Path, known)})
		case seen[c.Path]:
			faults = append(faults, Fault{c.Path, "同一个参数调整了两次，请只写一个值。"})
		case to == p.Value:
		default:
			if message := l.refuses(&p, to); message != "" {
				faults = append(faults, Fault{c.Path, message})
				break
			}
			edits = append(edits, edit{p, to})
		}
		seen[c.Path] = true
	}
	if len(faults) > 0 {
		return nil, nil, faults
	}
	before := map[string]bool{}
	_, problems := Load(l.files)
	for _, p := range problems {
		before[placed(p)] = true
	}
	next, files, errs := l.edited(edits, before)
	if len(errs) == 0 {
		return next, files, nil
	}
	// A problem is of the change without which it would not be.
	without := make([]map[string]bool, len(edits))
	for i := range edits {
		without[i] = map[string]bool{}
		_, _, rest := l.edited(slices.Delete(slices.Clone(edits), i, i+1), before)
		for _, p := range rest {
			without[i][placed(p)] = true
		}
	}
	for _, p := range errs {
		found := false
		for i, e := range edits {
			if !without[i][placed(p)] {
				faults, found = append(faults, Fault{e.Path, p.Message}), true
			}
		}
		if !found {
			faults = append(faults, Fault{"", p.Message})
		}
	}
	return nil, nil, faults
}

// noParameter says that nothing may be turned at a path, and where something may be that is written nearly so.
func noParameter(path string, known map[string]Parameter) string {
	type place struct {
		path       string
		same, away int
	}
	parts := strings.Split(path, "/")
	var near []place
	for p := range known {
		at := place{path: p, away: editDistance([]rune(path), []rune(p))}
		other := strings.Split(p, "/")
		for _, part := range parts {
			if i := slices.Index(other, part); i >= 0 {
				at.same++
				other = slices.Delete(other, i, i+1) // each part once
			}
		}
		if at.same > 1 {
			near = append(near, at)
		}
	}
	slices.SortFunc(near, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.same, a.same), cmp.Compare(a.away, b.away), strings.Compare(a.path, b.path))
	})
	const most = 3
	out := "没有这个参数，条款名可能写错，或政策文件已更新。"
	for i, n := range near[:min(len(near), most)] {
		out += []string{"相近的有：", "；", "；"}[i] + n.path + "（" + known[n.path].Label + "，现为 " + ShownLiteral(known[n.path].Value) + "）"
	}
	if len(near) > 0 {
		out += "。"
	}
	return out + "各项从1数起，次序与文件里的一样：all/2 是第二个条件，then/1 是第一步；表格里 @2 是第二档的界限，2 是第二档给的数。"
}

func placed(p Problem) string { return p.File + ":" + strconv.Itoa(p.Line) + ":" + p.Message }

// refuses says what keeps a text from being a literal where p stands; the checker says the rest.
func (l *Library) refuses(p *Parameter, to string) string {
	if to == "" || !utf8.ValidString(to) || utf8.RuneCountInString(to) > 60 ||
		strings.ContainsFunc(to, func(r rune) bool { return r == '"' || r == '\\' || unicode.IsControl(r) || !unicode.IsPrint(r) }) {
		return "请写一个值，例如 " + p.Value + "。"
	}
	switch p.kind {
	case TypeLevel:
		if !slices.Contains(p.Options, to) {
			return "“" + clip(to) + "”不在这组等级中（" + strings.Join(p.Options, "、") + "）。"
		}
		return ""
	case TypeDate:
		if _, err := ParseDate(to); err != nil {
			return sentence(err)
		}
		return ""
	}
	lit, ok, err := l.vocabulary.units.parseLiteral(to)
	switch {
	case err != nil:
		return sentence(err)
	case !ok:
		return "“" + clip(to) + "”不是一个带单位的数，请照 " + p.Value + " 的样子写。"
	case p.Name != "" && !lit.manual: // whoever uses the name would be blamed for its unit
		if old, _, _ := l.vocabulary.units.parseLiteral(p.Value); old != nil && old.unit != lit.unit {
			return "单位不合：原来是" + unitName(old.unit) + "，这里是" + unitName(lit.unit) + "。"
		} else if old != nil && lit.plain && !old.plain {
			return "请写明单位，照 " + p.Value + " 的样子写；“" + clip(to) + "”没有百分号，会当作" + lit.high.String() + "倍。"
		}
	}
	return ""
}

// edit is a parameter and what it becomes.
type edit struct {
	Parameter
	to string
}

// edited loads the files with edits in them, and gives the errors that were not there before.
func (l *Library) edited(edits []edit, before map[string]bool) (*Library, []File, []Problem) {
	files := slices.Clone(l.files)
	for i, f := range files {
		var here []edit
		for _, e := range edits {
			if e.File == f.Path {
				here = append(here, e)
			}
		}
		if len(here) == 0 {
			continue
		}
		sort.SliceStable(here, func(a, b int) bool { // from the end, so that what stands before keeps its place
			x, y := here[a].at, here[b].at
			return x.Line > y.Line || x.Line == y.Line && x.Column > y.Column
		})
		lines := bytes.SplitAfter(slices.Clone(f.Data), []byte("\n"))
		for _, e := range here {
			lines[e.Line-1] = e.in(lines[e.Line-1])
		}
		files[i].Data = bytes.Join(lines, nil)
	}
	lib, problems := Load(files)
	var errs []Problem
	for _, p := range problems {
		if p.Severity == SeverityError && !before[placed(p)] {
			errs = append(errs, p)
		}
	}
	return lib, files, errs
}

var plainScalar = regexp.MustCompile(`^[\p{L}\p{N}.][\p{L}\p{N}.%‰％ -]*$`)

// in is the line of a file with the literal replaced.
func (e *edit) in(line []byte) []byte {
	start := 0
	for range e.at.Column - 1 {
		_, size := utf8.DecodeRune(line[start:])
		start += size
	}
	if bytes.HasPrefix(line, []byte("\uFEFF")) && e.Line == 1 {
		start += len("\uFEFF")
	}
	length := len(e.at.Value)
	if e.at.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		length += 2
	}
	to := e.to
	if !plainScalar.MatchString(to) {
		to = `"` + to + `"`
	}
	return slices.Concat(line[:start], []byte(to), line[min(start+length, len(line)):])
}

// Files are what the library was read from.
func (l *Library) Files() []File { return l.files }

// Words tells one set of vocabularies from another: equal texts have equal words.
func (l *Library) Words() string {
	h := sha256.New()
	for _, f := range l.files {
		if !slices.ContainsFunc(l.documents, func(d *Document) bool { return d.Path == f.Path }) && !slices.ContainsFunc(l.processes, func(p *Process) bool { return p.Path == f.Path }) &&
			!slices.ContainsFunc(l.templates, func(t *Template) bool { return t.Path == f.Path }) &&
			!slices.ContainsFunc(l.calendars, func(c *Calendar) bool { return c.Path == f.Path }) {
			fmt.Fprintf(h, "%d %s %d ", len(f.Path), f.Path, len(f.Data))
			h.Write(f.Data)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Basis tells what the document's schemes rest on: its own text and those that it reissues.
func (d *Document) Basis() string {
	out := d.Hash
	for p := d.parent; p != nil; p = p.parent {
		out += " " + p.Hash
	}
	return out
}

// Over is the same facts for a library with the same vocabulary that was read anew: what is known belongs to terms, and each reading has its own.
func (f *Facts) Over(v *Vocabulary) *Facts {
	out := *f
	out.vocab, out.values = v, make(map[valueKey][]valueFact, len(f.values))
	for k, list := range f.values {
		if t := v.Term(k.term.Name); t != nil {
			out.values[valueKey{t, k.year}] = list
		}
	}
	return &out
}

// Parameter by its path, or nil.
func (l *Library) Parameter(path string) *Parameter {
	if p, ok := l.parameters()[path]; ok {
		return &p
	}
	return nil
}
