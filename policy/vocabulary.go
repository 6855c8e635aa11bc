package policy

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Types of a term or field.
const (
	TypeNumber = "number"
	TypeBool   = "bool"
	TypeWord   = "word"
	TypeLevel  = "level"
	TypeDate   = "date"
	TypeCode   = "code" // of an industry in GB/T 4754: C, C38, C384, C3841
)

// Term is one figure or word that schemes may read of a subject.
type Term struct {
	Name      string   `json:"name"`
	English   string   `json:"english,omitempty"`
	Of        string   `json:"of"`             // the kind of subject: 企业, 项目 …
	Type      string   `json:"type"`           // number, bool, word, level, date, code
	Unit      string   `json:"unit,omitempty"` // base unit of a number: 元, %, 人
	Every     string   `json:"every,omitempty"`
	From      string   `json:"from,omitempty"` // the department that vouches for it
	Help      string   `json:"help,omitempty"`
	Options   []string `json:"options,omitempty"` // of a word, or of a level from low to high
	Precision string   `json:"precision,omitempty"`
	AtLeast   string   `json:"at_least,omitempty"`
	AtMost    string   `json:"at_most,omitempty"`
	Whole     bool     `json:"whole,omitempty"`   // a number that has no part: people, pieces
	PartOf    string   `json:"part_of,omitempty"` // the figure that it is a part of, which moves when it moves
	Personal  bool     `json:"personal,omitempty"`

	unit      string // base unit as in unit.go; a percentage is the ratio
	moves     string // which way a firm can move it; empty: both
	effort    int    // how hard it is to change it by a tenth; 0: nobody says
	precision Num
	within    span
	partOf    *Term
}

// isPartOf says that a term is a part of another, or of a part of it.
func (t *Term) isPartOf(whole *Term) bool {
	for p := t.partOf; p != nil; p = p.partOf {
		if p == whole {
			return true
		}
	}
	return false
}

// Region is whom a term describes that is one for all parties of a place: a figure of the county, stated once and read by every party.
const Region = "地区"

// Regional says whether the term is the region's and no party's own.
func (t *Term) Regional() bool { return t.Of == Region }

// Yearly says whether the term has one value a year.
func (t *Term) Yearly() bool { return t.Every != "" }

// Field is one field of a kind of record.
type Field struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Unit    string   `json:"unit,omitempty"`
	Options []string `json:"options,omitempty"`
	AtLeast string   `json:"at_least,omitempty"`
	AtMost  string   `json:"at_most,omitempty"`
	Whole   bool     `json:"whole,omitempty"`

	unit   string
	within span // as AtLeast and AtMost say; not below zero where they say nothing
}

// Record is a kind of dated record: a patent, an honour, a place on a list, a penalty.
type Record struct {
	Name     string  `json:"name"`
	English  string  `json:"english,omitempty"`
	Of       string  `json:"of"`
	From     string  `json:"from,omitempty"`
	Complete string  `json:"complete,omitempty"` // the source that declares through when it is complete; empty: none does
	Help     string  `json:"help,omitempty"`
	Verb     string  `json:"verb,omitempty"` // how one comes about: 发生; empty: it is entered or obtained
	Fields   []Field `json:"fields"`

	moves    string // up or no, whether a firm can obtain one more; empty: up
	effort   int    // how hard it is to obtain one; 0: nobody says
	byScheme string // the scheme whose grant makes such a record, when no vocabulary declares it
}

func (r *Record) field(name string) *Field {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return &r.Fields[i]
		}
	}
	return nil
}

// Vocabulary declares every term and kind of record once.
type Vocabulary struct {
	terms      map[string]*Term
	records    map[string]*Record
	levels     map[string][]string
	awards     map[string]string // awards of bodies outside this installation that schemes may read as received(…)
	judgements map[string]string // what a person judges, and whose office
	offices    map[string]bool   // departments that vouch for nothing but have work in a process
	schemes    map[string]bool   // full ids of the library's schemes, whose payments a fact may tell
	english    map[string]string // words in English: of english: sections, and of every term, record and department that says it
	units      *unitTable
	sizes      []string
	fair       []fairRule
	founded    map[string]*Term // the day on which each kind of subject began
	subjects   map[string]bool  // whom or what terms and records describe: a scope that names one names the claimant
	order      []string
}

func newVocabulary() *Vocabulary {
	return &Vocabulary{terms: map[string]*Term{}, records: map[string]*Record{}, levels: map[string][]string{},
		awards: map[string]string{}, judgements: map[string]string{}, offices: map[string]bool{}, schemes: map[string]bool{}, english: map[string]string{}, founded: map[string]*Term{}, subjects: map[string]bool{},
		units: newUnitTable()}
}

// Term by its name, or nil.
func (v *Vocabulary) Term(name string) *Term { return v.terms[name] }

// Record kind by its name, or nil.
func (v *Vocabulary) Record(name string) *Record { return v.records[name] }

// Near is the name of the vocabulary that a word resembles, as a misprint or an old name may; empty: none does.
func (v *Vocabulary) Near(word string) string { return nearest(word, v.words()) }

// compared is a comparison as it may be written of the term.
func (t *Term) compared() string {
	switch {
	case t.Type == TypeNumber:
		return "at_least: " + formatNum(intNum(1), t.Unit, 4)
	case t.Type == TypeDate:
		return "at_most: 2025-12-31"
	case t.Type == TypeCode:
		return "within: [C]"
	case t.Type == TypeBool:
		return "is: 是"
	case t.Type == TypeLevel && len(t.Options) > 0:
		return "at_least: " + t.Options[0]
	}
	return "is: " + oneWord(t.Options)
}

// oneWord is a word as it may be written where one of these stands.
func oneWord(options []string) string {
	if len(options) > 0 {
		return options[0]
	}
	return "…"
}

// Terms in the order of their files.
func (v *Vocabulary) Terms() []*Term {
	var out []*Term
	for _, n := range v.order {
		if t := v.terms[n]; t != nil {
			out = append(out, t)
		}
	}
	return out
}

// Records in the order of their files.
func (v *Vocabulary) Records() []*Record {
	var out []*Record
	for _, n := range v.order {
		if r := v.records[n]; r != nil {
			out = append(out, r)
		}
	}
	return out
}

// Sizes are the words for the size of a firm, in the order of their files; none: any word will do.
func (v *Vocabulary) Sizes() []string { return slices.Clone(v.sizes) }

// CheckSize says, in a Chinese sentence without the word itself, why a word is no size of a firm; nil if it is one.
func CheckSize(v *Vocabulary, word string) error {
	if len(v.sizes) > 0 && !slices.Contains(v.sizes, word) {
		return faultf("应写其中之一：%s", strings.Join(v.sizes, "、"))
	}
	return nil
}

// Levels are the ordered words, low to high, by name.
func (v *Vocabulary) Levels() map[string][]string { return v.levels }

func (v *Vocabulary) words() []string {
	var out []string
	for n := range v.terms {
		out = append(out, n)
	}
	for n := range v.records {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// fault is a mistake without a place: the caller knows the place.
type fault struct{ message string }

func (f *fault) Error() string { return f.message }

func faultf(format string, a ...any) error { return &fault{fmt.Sprintf(format, a...)} }

// datum is a value of a term or field: a number, a word or a date.
type datum struct {
	num  Num
	word string // words, level words, and 是 or 否 for bool
	date Date
}

// parseDatum reads a text as a value of the given type.
func (v *Vocabulary) parseDatum(typ, unit string, options []string, within span, whole bool, text string) (datum, error) {
	text = strings.TrimSpace(text)
	switch typ {
	case TypeNumber:
		n, u, ok := v.units.number(text)
		if !ok {
			if v.units.misprinted(text) != "" {
				return datum{}, faultf("数字和符号请用半角，数中不写逗号，例如 %s", exampleOf(unit))
			}
			return datum{}, faultf("应写数字和单位，例如 %s", exampleOf(unit))
		}
		if u != unit {
			if u == unitRatio && !strings.ContainsAny(text, "%％‰") && n.Sign() == 0 {
				u = unit // nothing is nothing in any unit
			} else {
				return datum{}, faultf("单位不对，应写作 %s 的形式", exampleOf(unit))
			}
		} else if unit == unitRatio && !strings.ContainsAny(text, "%％‰") && n.Sign() != 0 {
			return datum{}, faultf("请写百分号，例如 3%%")
		}
		if at(n).cmp(within.lo) < 0 {
			return datum{}, faultf("不能小于%s", formatNum(within.lo.v, unit, 4))
		}
		if at(n).cmp(within.hi) > 0 {
			return datum{}, faultf("不能大于%s", formatNum(within.hi.v, unit, 4))
		}
		if whole && n.Floor().Cmp(n) != 0 {
			return datum{}, faultf("应是整数，例如 %s", exampleOf(unit))
		}
		if n.b != nil {
			return datum{}, faultf("数字过大或小数位过多")
		}
		return datum{num: n}, nil
	case TypeBool:
		switch text {
		case "是", "true", "yes":
			return datum{word: "是"}, nil
		case "否", "无", "false", "no":
			return datum{word: "否"}, nil
		}
		return datum{}, faultf("应写“是”或“否”")
	case TypeDate:
		d, err := ParseDate(text)
		if err != nil {
			return datum{}, faultf("%s", err.Error())
		}
		return datum{date: d}, nil
	case TypeCode:
		if !isCode(text) {
			return datum{}, faultf("应写行业代码：一个大写字母，后面可有二到四位数字，例如 C38")
		}
		return datum{word: text}, nil
	default:
		if text == "" || len(text) > 400 {
			return datum{}, faultf("应写一个词")
		}
		if len(options) > 0 && !slices.Contains(options, text) {
			return datum{}, faultf("应写其中之一：%s", strings.Join(options, "、"))
		}
		return datum{word: text}, nil
	}
}

func exampleOf(unit string) string {
	switch unit {
	case unitRatio:
		return "3%"
	case unitMoney:
		return "500万元"
	default:
		return "3" + unit
	}
}

func (v *Vocabulary) parseTerm(t *Term, text string) (datum, error) {
	return v.parseDatum(t.Type, t.unit, t.Options, t.within, t.Whole, text)
}

func (v *Vocabulary) parseField(f *Field, text string) (datum, error) {
	return v.parseDatum(f.Type, f.unit, f.Options, f.within, f.Whole, text)
}

// canonical writes a datum so that equal values have equal texts.
func canonical(typ, unit string, d datum) string {
	switch typ {
	case TypeNumber:
		if unit == unitRatio {
			if s, exact := d.num.Mul(intNum(100)).decimal(12); exact {
				return s + "%"
			}
			return d.num.Mul(intNum(1000)).String() + "‰"
		}
		return d.num.String() + unit
	case TypeDate:
		return d.date.String()
	default:
		return d.word
	}
}

// show writes a datum for a reader.
func (d datum) show(typ, unit string) string {
	if typ == TypeNumber {
		return formatNum(d.num, unit, 4)
	}
	return canonical(typ, unit, d)
}

// CheckValue reads a text as a value of a term and returns its canonical text (99900000元).
// The error is a Chinese sentence without the text itself.
func CheckValue(v *Vocabulary, term, text string) (string, error) {
	t := v.Term(term)
	if t == nil {
		return "", faultf("词汇表中没有这一项")
	}
	d, err := v.parseTerm(t, text)
	if err != nil {
		return "", err
	}
	return canonical(t.Type, t.unit, d), nil
}

// CheckField reads a text as a value of a record's field and returns its canonical text.
func CheckField(v *Vocabulary, record, field, text string) (string, error) {
	r := v.Record(record)
	if r == nil {
		return "", faultf("词汇表中没有这一类记录")
	}
	f := r.field(field)
	if f == nil {
		return "", faultf("这类记录没有这个栏目")
	}
	d, err := v.parseField(f, text)
	if err != nil {
		return "", err
	}
	return canonical(f.Type, f.unit, d), nil
}

// ShowValue writes a canonical value for a reader (99900000元 becomes 9,990万元); an unreadable one is returned as it is.
func ShowValue(v *Vocabulary, term, text string) string {
	t := v.Term(term)
	if t == nil {
		return text
	}
	d, err := v.parseTerm(t, text)
	if err != nil {
		return text
	}
	return d.show(t.Type, t.unit)
}

// Figure says whether a text is a number with a unit that the vocabulary knows, or a percentage.
func (v *Vocabulary) Figure(text string) bool {
	_, unit, ok := v.units.number(text)
	return ok && (unit != unitRatio || strings.HasSuffix(text, "%") || strings.HasSuffix(text, "‰"))
}

// Departments are all that the vocabulary names: who vouches for a term or a kind of record, and who has work in a process.
func (v *Vocabulary) Departments() []string {
	known := map[string]bool{}
	for name := range v.offices {
		known[name] = true
	}
	for _, t := range v.terms {
		known[t.From] = true
	}
	for _, r := range v.records {
		known[r.From], known[r.Complete] = true, true
	}
	delete(known, "")
	delete(known, "none")
	return sortedKeys(known)
}

// ---- reading ----

// readUnits reads the units and ordered words of a vocabulary.
func (c *checker) readUnits(root node) {
	v := c.lib.vocabulary
	c.keys(root, "vocabulary")
	for _, e := range root.get("units").entries() {
		multiples := map[string]Num{}
		for _, m := range e.value.entries() {
			n, ok := parseDecimal(m.value.text())
			if !ok || n.Sign() <= 0 {
				c.errorAt(m.value, "倍数应写一个正数，例如 1000。")
				continue
			}
			multiples[m.key] = n
		}
		if base, known := builtIn.base[e.key]; known {
			if len(multiples) > 0 || base != e.key {
				c.errorAt(e.at, "“%s”是内置的单位，不能另定大小和倍数；请删去这一行。", e.key)
			}
			continue // to declare it once more says nothing new
		}
		v.units.declare(e.key, multiples)
	}
	for _, e := range root.get("levels").entries() {
		var words []string
		for _, w := range e.value.items() {
			if w.text() == "" || slices.Contains(words, w.text()) {
				c.errorAt(w, "等级应是从低到高、互不相同的词。")
			}
			words = append(words, w.text())
		}
		if len(words) < 2 {
			c.errorAt(e.value, "等级至少写两个词，从低到高，例如 [初级, 高级]。")
		}
		if old, ok := v.levels[e.key]; ok && !slices.Equal(old, words) {
			c.errorAt(e.at, "这组等级已在别处声明，内容不同；同一名称只能声明一次。")
			continue
		}
		v.levels[e.key] = words
	}
	for _, w := range root.get("sizes").items() {
		if w.text() == "" || slices.Contains(v.sizes, w.text()) {
			c.errorAt(w, "企业规模应是互不相同的词，同一个词只能声明一次。")
			continue
		}
		v.sizes = append(v.sizes, w.text())
	}
}

func (v *Vocabulary) inEnglish(word, english string) {
	if english != "" {
		v.english[word] = english
	}
}

func (c *checker) readVocabulary(root node) {
	v := c.lib.vocabulary
	for _, e := range root.get("english").entries() {
		if old := v.english[e.key]; old != "" && old != e.value.text() {
			c.errorAt(e.at, "“%s”的英文已在别处写作“%s”，同一个词只能有一种说法。", clip(e.key), clip(old))
		}
		if e.value.text() == "" {
			c.errorAt(e.at, "english: 下面写“中文词: 英文”。")
		}
		v.inEnglish(e.key, e.value.text())
	}
	for _, e := range root.get("departments").entries() {
		c.keys(e.value, "department")
		v.offices[e.key] = true
		v.inEnglish(e.key, e.value.get("english").text())
	}
	c.readFairReview(root.get("fair_review"))
	for _, e := range root.get("awards").entries() {
		v.awards[e.key] = e.value.get("from").text()
		v.inEnglish(e.key, e.value.get("english").text())
	}
	for _, e := range root.get("terms").entries() {
		if c.fresh(e) {
			v.terms[e.key] = c.readTerm(e)
			v.inEnglish(e.key, v.terms[e.key].English)
			v.describes(v.terms[e.key].Of)
			v.order = append(v.order, e.key)
		}
	}
	for _, e := range root.get("records").entries() {
		if c.fresh(e) {
			v.records[e.key] = c.readRecord(e)
			v.inEnglish(e.key, v.records[e.key].English)
			v.describes(v.records[e.key].Of)
			v.order = append(v.order, e.key)
		}
	}
}

// describes notes whom or what a term or record describes. An area claims nothing.
func (v *Vocabulary) describes(of string) {
	if of != Region {
		v.subjects[of] = true
	}
}

// readParts finds the figure that each term is a part of, when every term is known.
func (c *checker) readParts(root node) {
	v := c.lib.vocabulary
	for _, e := range root.get("terms").entries() {
		n, t := e.value.get("part_of"), v.terms[e.key]
		if !n.is() || t == nil {
			continue
		}
		whole := v.terms[n.text()]
		switch {
		case whole == nil:
			c.errorAt(n, "part_of: 词汇表中没有“%s”%s", clip(n.text()), suggest(n.text(), v.words()))
		case t.Type != TypeNumber || whole.Type != TypeNumber || whole.unit != t.unit || whole.Every != t.Every || whole.Of != t.Of:
			c.errorAt(n, "part_of: “%s”与“%s”应属于同一对象、单位相同、都是每年一个数或都不分年份。", clip(e.key), clip(n.text()))
		case whole == t || whole.isPartOf(t):
			c.errorAt(n, "part_of: “%s”绕了一圈又是它自己的一部分。", clip(e.key))
		default:
			t.partOf = whole
		}
	}
}

// fresh says whether a name is well formed and not yet declared.
func (c *checker) fresh(e entry) bool {
	if !isName(e.key) {
		c.errorAt(e.at, "名称应以汉字或字母开头，只含汉字、字母、数字和下划线。")
		return false
	}
	if roundWord(e.key) != nil || slices.Contains(claimFields, e.key) || e.key == fieldScheme {
		c.errorAt(e.at, "“%s”是内置的名称，不能重新定义。", e.key)
		return false
	}
	if c.lib.vocabulary.terms[e.key] != nil || c.lib.vocabulary.records[e.key] != nil {
		c.errorAt(e.at, "“%s”已在词汇表中声明过，同一名称只能声明一次。", e.key)
		return false
	}
	return true
}

func (c *checker) readTerm(e entry) *Term {
	n := e.value
	c.keys(n, "term")
	t := &Term{Name: e.key, English: n.get("english").text(), Of: n.get("of").text(), Every: n.get("every").text(),
		From: n.get("from").text(), Help: n.get("help").text(), Precision: n.get("precision").text(),
		AtLeast: n.get("at_least").text(), AtMost: n.get("at_most").text(), PartOf: n.get("part_of").text(), Personal: n.get("personal").text() == "是", within: anything}
	if t.Of == "" {
		c.errorAt(e.at, "请写 of:，说明这一项属于谁，例如 of: 企业。")
	}
	if t.Regional() && (t.From == "" || t.Personal) {
		c.errorAt(e.at, "地区的数大家共用：请写 from:，说明由哪个部门填报，也不能写 personal。")
	}
	if t.Every != "" && t.Every != unitYear {
		c.errorAt(n.get("every"), "every 只能写 年（每年一个值），或不写。")
	}
	t.Type, t.Unit, t.unit, t.Options = c.readType(n, n.get("unit"), n.get("words"), n.get("level"), n.get("type"))
	t.within, t.Whole = c.readBounds(n, t.Type, t.unit, anything)
	c.readFounded(n.get("founded"), t)
	if b, ok := c.inUnit(n.get("precision"), t.unit); ok && t.Type == TypeNumber && b.sign() > 0 {
		t.precision = b.v
	}
	return t
}

// inUnit reads a number of the unit of the term or field that it stands in.
func (c *checker) inUnit(k node, unit string) (bound, bool) {
	if !k.is() || !c.lib.vocabulary.units.known(unit) { // an unknown unit has been named already
		return bound{}, false
	}
	num, u, ok := c.lib.vocabulary.units.number(k.text())
	if !ok || u != unit {
		c.errorAt(k, "应与本项单位一致，例如 %s。", exampleOf(unit))
		return bound{}, false
	}
	return at(num), true
}

// readBounds reads what a number may be: at_least, at_most and whole of a term or a field; within is what it may be where they say nothing.
func (c *checker) readBounds(n node, typ, unit string, within span) (span, bool) {
	whole := n.get("whole").text() == "是"
	if typ != TypeNumber {
		for _, key := range []string{"at_least", "at_most", "whole"} {
			if k := n.get(key); k.is() {
				c.errorAt(k, "%s 只用于数字（写了 unit: 的）。", key)
			}
		}
		return within, false
	}
	if b, ok := c.inUnit(n.get("at_least"), unit); ok {
		within.lo = b
	}
	if b, ok := c.inUnit(n.get("at_most"), unit); ok {
		within.hi = b
	}
	if within.lo.cmp(within.hi) > 0 {
		c.errorAt(n.get("at_most"), "没有不小于%s又不大于%s的数：请改 at_most，或者写小一些的 at_least。", formatNum(within.lo.v, unit, 4), n.get("at_most").text())
	}
	return within, whole
}

// readType finds the type of a term or field from the one key that says it.
func (c *checker) readType(n, unit, words, level, typ node) (kind, shown, base string, options []string) {
	v := c.lib.vocabulary
	switch {
	case unit.is():
		u := unit.text()
		if u == "%" || u == "‰" {
			return TypeNumber, u, unitRatio, nil
		}
		if !v.units.known(u) {
			near := "。"
			if len([]rune(u)) > 1 { // of a single character every other is as near
				near = suggest(u, v.units.suffixes)
			}
			c.errorAt(unit, "不认识的单位“%s”，请先在 units: 中声明，例如 units: {%s: {}}%s", clip(u), clip(u), near)
		}
		return TypeNumber, u, u, nil
	case words.is():
		for _, w := range words.items() {
			options = append(options, w.text())
		}
		return TypeWord, "", "", options
	case level.is():
		options, ok := v.levels[level.text()]
		if !ok {
			c.errorAt(level, "没有声明过这组等级%s", suggest(level.text(), sortedKeys(v.levels)))
		}
		return TypeLevel, "", "", options
	case typ.is():
		switch typ.text() {
		case "bool", "是否":
			return TypeBool, "", "", nil
		case "date", "日期":
			return TypeDate, "", "", nil
		case "word", "词":
			return TypeWord, "", "", nil
		case "code":
			return TypeCode, "", "", nil
		}
		c.errorAt(typ, "type 只能写 bool、date、word 或 code（行业代码）；数字请写 unit:，等级请写 level:。")
	default:
		c.errorAt(n, "请写明它是什么：unit: 元（数字）、words: [甲, 乙]（词）、level: 等级名，或 type: bool / date。")
	}
	return TypeWord, "", "", nil
}

func (c *checker) readRecord(e entry) *Record {
	n := e.value
	c.keys(n, "record")
	r := &Record{Name: e.key, English: n.get("english").text(), Of: n.get("of").text(), From: n.get("from").text(),
		Complete: n.get("complete").text(), Help: n.get("help").text(), Verb: n.get("verb").text(), Fields: []Field{}}
	if r.Complete == "none" || r.Complete == "无" {
		r.Complete = ""
	}
	if r.Of == "" {
		c.errorAt(e.at, "请写 of:，说明这类记录属于谁，例如 of: 企业。")
	}
	if r.Of == Region {
		c.errorAt(n.get("of"), "地区只有数据（terms），没有记录：记录请写属于谁，例如 of: 企业。")
	}
	for _, f := range n.get("fields").entries() {
		field := Field{Name: f.key, Type: TypeWord, within: notBelowZero}
		if !isName(f.key) {
			c.errorAt(f.at, "栏目名应以汉字或字母开头。")
		}
		switch word := f.value.text(); {
		case f.value.isMap():
			c.keys(f.value, "field")
			field.Type, field.Unit, field.unit, _ = c.readType(f.value, f.value.get("unit"), node{}, node{}, node{})
			field.AtLeast, field.AtMost = f.value.get("at_least").text(), f.value.get("at_most").text()
			field.within, field.Whole = c.readBounds(f.value, field.Type, field.unit, notBelowZero)
		case f.value.isList():
			for _, w := range f.value.items() {
				field.Options = append(field.Options, w.text())
			}
		case word == "是否" || word == "bool":
			field.Type = TypeBool
		case word == "词" || word == "word":
		case word == "日期" || word == "date":
			field.Type = TypeDate
		case word == "code":
			field.Type = TypeCode
		case c.lib.vocabulary.levels[word] != nil:
			field.Type, field.Options = TypeLevel, c.lib.vocabulary.levels[word]
		case word == "%":
			field.Type, field.Unit = TypeNumber, "%"
		case c.lib.vocabulary.units.known(word) && word != "":
			field.Type, field.Unit, field.unit = TypeNumber, word, word
		default:
			c.errorAt(f.value, "不认识的栏目类型“%s”：应是单位（元、项、人…，别的先在 units: 中声明）、是否、词、日期、code（行业代码），或一组等级的名称%s", clip(word),
				suggest(word, sortedKeys(c.lib.vocabulary.levels)))
		}
		r.Fields = append(r.Fields, field)
	}
	return r
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
