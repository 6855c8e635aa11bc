package policy

import (
	"strings"
	"unicode"
)

// expr is a small arithmetic expression: a left side or a base.
type expr interface {
	eval(e *env) qval
	typ() qtype
	read(r *reader) string
}

// qtype is the type of a quantity.
type qtype struct {
	kind    string // number, bool, word, level, date
	unit    string
	options []string
	root    bool // a compound growth rate, compared by powers
	bare    bool // thresholds may be bare whole numbers
}

type (
	numExpr struct {
		v    Num
		unit string
	}
	// termExpr reads a term at a period, or at the year a surrounding function asks for.
	termExpr struct {
		term *Term
		at   *period
	}
	// fieldExpr reads a field of the record that a surrounding `each` stands on.
	fieldExpr struct {
		kind  *Record
		field *Field
	}
	// recordExpr reads records: a field of them, or (field nil) how many there are.
	recordExpr struct {
		fn     string // count, best, total, highest, lowest, average
		kind   *Record
		field  *Field
		at     *period
		filter []filter
	}
	nameExpr struct {
		def    *definition
		column string
		at     *period
	}
	binExpr struct {
		op   byte // + - * /
		l, r expr
		t    qtype
	}
	callExpr struct {
		fn  string // growth increase mean_growth cagr average total highest lowest nth_year full_years
		arg expr
		at  *period
		// Of a period that is open at its start: what is read, and the day before whose year there was nothing of it.
		terms   map[*Term]bool
		founded *Term
	}
	receivedExpr struct {
		raw     string
		name    string   // as a reader is told of it
		schemes []string // every id under which the award may have been recorded
		own     bool     // an award of this installation's own schemes
	}
)

// exprParser parses one expression in the scope of a document.
type exprParser struct {
	sc   *scope
	at   node
	text []rune
	pos  int
	fn   string // the function whose argument is being read
	bad  bool
}

var functions = []string{"growth", "increase", "mean_growth", "cagr", "average", "total", "highest", "lowest", "count", "best", "nth_year", "full_years", "received"}

func (sc *scope) parseExpr(at node, text string) expr {
	p := &exprParser{sc: sc, at: at, text: []rune(text)}
	if len(p.text) > 500 {
		p.fail("表达式过长，请用 define: 起名字拆开。")
		return nil
	}
	e := p.sum(0)
	p.space()
	if !p.bad && p.pos < len(p.text) {
		p.fail("表达式从第 %d 个字起读不懂；一个左边只写名称、@期间、四则运算和单个参数的函数。", p.pos+1)
	}
	if p.bad {
		return nil
	}
	return e
}

func (p *exprParser) fail(format string, a ...any) {
	if !p.bad {
		p.sc.c.errorAt(p.at, format, a...)
	}
	p.bad = true
}

func (p *exprParser) space() {
	for p.pos < len(p.text) && unicode.IsSpace(p.text[p.pos]) {
		p.pos++
	}
}

func (p *exprParser) peek() rune {
	p.space()
	if p.pos >= len(p.text) {
		return 0
	}
	return p.text[p.pos]
}

func (p *exprParser) sum(depth int) expr {
	l := p.product(depth)
	for !p.bad {
		var op byte
		switch p.peek() {
		case '+', '＋':
			op = '+'
		case '-', '－', '−':
			op = '-'
		default:
			return l
		}
		p.pos++
		l = p.combine(op, l, p.product(depth))
	}
	return nil
}

func (p *exprParser) product(depth int) expr {
	l := p.factor(depth)
	for !p.bad {
		var op byte
		switch p.peek() {
		case '*', '×':
			op = '*'
		case '/', '÷':
			op = '/'
		default:
			return l
		}
		p.pos++
		l = p.combine(op, l, p.factor(depth))
	}
	return nil
}

func (p *exprParser) combine(op byte, l, r expr) expr {
	if p.bad || l == nil || r == nil {
		return nil
	}
	a, b := l.typ(), r.typ()
	if a.kind != TypeNumber || b.kind != TypeNumber || a.root || b.root {
		p.fail("只有数字可以做四则运算。")
		return nil
	}
	if zero, ok := r.(*numExpr); ok && op == '/' && zero.v.Sign() == 0 {
		p.fail("不能除以零。")
		return nil
	}
	t := qtype{kind: TypeNumber}
	switch {
	case (op == '+' || op == '-') && a.unit == b.unit:
		t.unit = a.unit
		if op == '-' && a.unit == unitRatio && isRate(l) && isRate(r) {
			t.unit = unitPoints
		}
	case op == '*' && a.unit == unitRatio:
		t.unit = b.unit
	case op == '*' && b.unit == unitRatio, op == '/' && b.unit == unitRatio:
		t.unit = a.unit
	case op == '/' && a.unit == b.unit:
		t.unit = unitRatio
	default:
		p.fail("单位合不上：%s 与 %s 不能这样运算%s。", unitName(a.unit), unitName(b.unit), instead(op))
		return nil
	}
	return &binExpr{op, l, r, t}
}

// instead says what to write for a product that no unit has: people times years are records, each with its years.
func instead(op byte) string {
	if op != '*' {
		return ""
	}
	return "；按每人的年数、每件的天数这样计的，请把人或件写成记录，用 each: 逐条算，例如 {each: 记录名@当年, give: {give: 4000元, per: 1年, remainder: prorate, of: 年数}}，几条相同的在数据里写 times: 10"
}

// isRate says whether an expression is a rate, so that a difference of two is in percentage points.
func isRate(x expr) bool {
	switch y := x.(type) {
	case *callExpr:
		return y.fn == "growth" || y.fn == "mean_growth"
	case *termExpr:
		return y.term.unit == unitRatio
	}
	return false
}

func unitName(u string) string {
	if u == unitRatio {
		return "比率"
	}
	return u
}

func (p *exprParser) factor(depth int) expr {
	p.sc.size++
	if depth > 20 {
		p.fail("括号嵌套过深。")
		return nil
	}
	switch r := p.peek(); {
	case r == 0:
		p.fail("表达式没有写完。")
		return nil
	case r == '(' || r == '（':
		p.pos++
		x := p.sum(depth + 1)
		if c := p.peek(); c != ')' && c != '）' {
			p.fail("缺少右括号。")
			return nil
		}
		p.pos++
		return x
	case r >= '0' && r <= '9':
		return p.number()
	case isNameStart(r):
		return p.named(depth)
	}
	p.fail("第 %d 个字读不懂。", p.pos+1)
	return nil
}

func (p *exprParser) number() expr {
	start := p.pos
	for p.pos < len(p.text) && (p.text[p.pos] >= '0' && p.text[p.pos] <= '9' || p.text[p.pos] == '.') {
		p.pos++
	}
	for p.pos < len(p.text) && (unicode.IsLetter(p.text[p.pos]) || strings.ContainsRune("%％‰", p.text[p.pos])) {
		p.pos++
	}
	v, unit, ok := p.sc.c.lib.vocabulary.units.number(string(p.text[start:p.pos]))
	if word := string(p.text[start:p.pos]); !ok {
		if manyDigits.MatchString(word) {
			p.fail("这个数的位数太多（最多%d位），请检查。", maxDigits)
			return nil
		}
		p.fail("“%s”不是一个带单位的数字。", word)
		return nil
	}
	return &numExpr{v, unit}
}

func (p *exprParser) word() string {
	start := p.pos
	for p.pos < len(p.text) && isNamePart(p.text[p.pos]) {
		p.pos++
	}
	return string(p.text[start:p.pos])
}

func (p *exprParser) named(depth int) expr {
	name := p.word()
	if c := p.peek(); c == '(' || c == '（' {
		return p.call(name, depth)
	}
	column := ""
	if p.pos < len(p.text) && p.text[p.pos] == '.' {
		p.pos++
		column = p.word()
		if column == "" {
			p.fail("“.”后面应写栏目名。")
			return nil
		}
	}
	var at *period
	if p.pos < len(p.text) && p.text[p.pos] == '@' {
		p.pos++
		word := p.word()
		if at = p.sc.period(p.at, word); at == nil {
			p.bad = true
			return nil
		}
	}
	return p.resolve(name, column, at)
}

func (p *exprParser) resolve(name, column string, at *period) expr {
	sc := p.sc
	v := sc.c.lib.vocabulary
	if sc.each != nil {
		if column == "" && at == nil {
			if f := sc.each.field(name); f != nil {
				return &fieldExpr{sc.each, f}
			}
		}
		if name == sc.each.Name && column != "" {
			if f := sc.each.field(column); f != nil {
				return &fieldExpr{sc.each, f}
			}
		}
	}
	if def := sc.definition(p.at, name); def != nil {
		if def.records != nil {
			return p.record(def.records.kind, column, at, def.records.filter)
		}
		if def.bad {
			p.bad = true
			return nil
		}
		if def.cond != nil && def.value == nil {
			p.fail("“%s”是条件，不是数量；请把它直接写在 all: 或 any: 下面。", name)
			return nil
		}
		if def.value != nil && (column != "") != (def.value.columns != nil) {
			if column == "" {
				p.fail("“%s”的每一格有几栏，请写明栏目，例如 %s.%s。", name, name, def.value.columns[0])
			} else {
				p.fail("“%s”没有分栏，不能写“.”。", name)
			}
			return nil
		}
		if column != "" && (def.value == nil || !def.value.hasColumn(column)) {
			p.fail("“%s”没有“%s”这一栏%s", name, column, suggest(column, def.columns()))
			return nil
		}
		if def.floating && at == nil {
			if !sc.floats() {
				p.fail("“%s”里的数字每年一个值，请写明期间，例如 %s@当年。", name, name)
				return nil
			}
			sc.floating = true
		}
		sc.size = min(sc.size+def.size, 2*maxExpanded)
		return &nameExpr{def, column, at}
	}
	if t := v.Term(name); t != nil {
		switch {
		case column != "":
			p.fail("“%s”没有栏目，不能写“.”。", name)
		case t.Yearly() && at == nil && !sc.floats():
			p.fail("“%s”每年一个值，请写明期间，例如 %s@当年。", name, name)
		case !t.Yearly() && at != nil:
			p.fail("“%s”不分年份，请去掉 @ 和后面的词。", name)
		case at != nil && at.kind != periodYears:
			p.fail("“%s”每年一个值，期间应是年份，不能用 @%s。", name, at.word)
		case at != nil && !at.singleYear() && p.fn == "":
			p.fail("@%s 有好几年，请说明怎样合并：average( )、total( )、highest( )、lowest( ) 或 mean_growth( )。", at.word)
		default:
			if t.Yearly() && at == nil {
				sc.floating = true
			}
			return &termExpr{t, at}
		}
		return nil
	}
	if r := v.Record(name); r != nil {
		return p.record(r, column, at, nil)
	}
	if x := roundWord(name); x != nil && column == "" && at == nil {
		return x
	}
	for _, r := range v.Records() {
		if column == "" && r.field(name) != nil {
			p.fail("“%s”是记录“%s”的栏目，不能单独读：请在条款的 amount: 里写 each: %s@期间，在它的 give: 下面才读得到；define: 的表不能按栏目分档，请把表写进 give:。",
				name, r.Name, r.Name)
			return nil
		}
	}
	p.fail("不认识“%s”：词汇表和 define 中都没有%s", name, suggest(name, sc.knownNames()))
	return nil
}

// record reads a kind of record: inside count( ), best( ) and the like, or alone where it must have one best value.
func (p *exprParser) record(kind *Record, column string, at *period, filter []filter) expr {
	fn := p.fn
	if fn == "" {
		if column == "" {
			p.fail("“%s”是一类记录；要数个数写 count(%s@期间)，要判断有无写 has: %s@期间。", kind.Name, kind.Name, kind.Name)
			return nil
		}
		fn = "best"
	}
	if at == nil {
		at = &period{word: validNow, kind: periodValid}
	}
	x := &recordExpr{fn: fn, kind: kind, at: at, filter: filter}
	if fn == "count" {
		if column != "" {
			p.fail("count( ) 数的是记录，不写栏目。")
			return nil
		}
		return x
	}
	if x.field = kind.field(column); x.field == nil {
		p.fail("“%s”没有“%s”这个栏目%s", kind.Name, column, suggest(column, kind.fieldNames()))
		return nil
	}
	switch {
	case fn == "best" && (x.field.Type == TypeLevel || x.field.Type == TypeNumber || x.field.Type == TypeDate):
	case (fn == "total" || fn == "highest" || fn == "lowest" || fn == "average") && x.field.Type == TypeNumber:
	case p.fn == "":
		word := oneWord(x.field.Options)
		if x.field.Type == TypeBool {
			word = "是"
		}
		p.fail("“%s.%s”是词，几条记录合不成一个：判断有没有，请写 {has: %s@%s, where: {%s: %s}}；每一条分别给，请写 each: %s@%s。", kind.Name, column, kind.Name, at.word,
			column, word, kind.Name, at.word)
		return nil
	default:
		p.fail("%s( ) 不能用在“%s.%s”上。", fn, kind.Name, column)
		return nil
	}
	return x
}

func (p *exprParser) call(fn string, depth int) expr {
	known := false
	for _, f := range functions {
		known = known || f == fn
	}
	if !known {
		p.fail("没有 %s( ) 这个函数%s", fn, suggest(fn, functions))
		return nil
	}
	p.pos++ // the bracket
	if fn == "received" {
		start := p.pos
		for p.pos < len(p.text) && p.text[p.pos] != ')' && p.text[p.pos] != '）' {
			p.pos++
		}
		raw := strings.TrimSpace(string(p.text[start:p.pos]))
		if p.pos >= len(p.text) || raw == "" {
			p.fail("应写作 received(条款) 或 received(文件/条款)。")
			return nil
		}
		p.pos++
		return p.sc.received(p, raw)
	}
	outer := p.fn
	p.fn = fn
	arg := p.sum(depth + 1)
	p.fn = outer
	if p.bad {
		return nil
	}
	if c := p.peek(); c != ')' && c != '）' {
		p.fail("%s( ) 只有一个参数，并以右括号结束。", fn)
		return nil
	}
	p.pos++
	if r, ok := arg.(*recordExpr); ok {
		if r.fn != fn {
			p.fail("%s( ) 不能用在记录上。", fn)
			return nil
		}
		return r
	}
	t := arg.typ()
	at := periodOf(arg)
	need := func(ok bool, format string, a ...any) bool {
		if !ok {
			p.fail(format, a...)
		}
		return ok
	}
	switch fn {
	case "count", "best":
		p.fail("%s( ) 的参数应是一类记录，例如 %s(名录@有效)。", fn, fn)
		return nil
	case "nth_year", "full_years":
		if !need(t.kind == TypeDate, "%s( ) 的参数应是日期。", fn) {
			return nil
		}
	default:
		if !need(t.kind == TypeNumber && !t.root, "%s( ) 的参数应是数字。", fn) ||
			!need(at != nil || p.sc.floats(), "%s( ) 的参数应写明期间，例如 %s(…@当年)。", fn, fn) {
			return nil
		}
		if at != nil && (fn == "growth" || fn == "increase") &&
			!need(at.singleYear(), "%s( ) 比较一年与其上一年，期间应只有一年；几年的平均请写 mean_growth( )。", fn) {
			return nil
		}
	}
	x := &callExpr{fn: fn, arg: arg, at: at}
	if at != nil && at.openFrom {
		c, n := p.sc.c, p.at
		c.whole = append(c.whole, func() { c.findFounded(n, x) })
	}
	return x
}

// periodOf is the one period that all parts of an expression share.
func periodOf(x expr) *period {
	switch y := x.(type) {
	case *termExpr:
		return y.at
	case *nameExpr:
		return y.at
	case *binExpr:
		if l := periodOf(y.l); l != nil {
			return l
		}
		return periodOf(y.r)
	}
	return nil
}

func (x *numExpr) typ() qtype { return qtype{kind: TypeNumber, unit: x.unit} }
func (x *termExpr) typ() qtype {
	return qtype{kind: x.term.Type, unit: x.term.unit, options: x.term.Options}
}
func (x *fieldExpr) typ() qtype {
	return qtype{kind: x.field.Type, unit: x.field.unit, options: x.field.Options}
}
func (x *recordExpr) typ() qtype {
	if x.field == nil {
		return qtype{kind: TypeNumber, unit: "项", bare: true}
	}
	return qtype{kind: x.field.Type, unit: x.field.unit, options: x.field.Options}
}
func (x *nameExpr) typ() qtype {
	if x.def.quantity != nil {
		return x.def.quantity.expr.typ()
	}
	return qtype{kind: TypeNumber, unit: x.def.value.columnUnit(x.column)}
}
func (x *binExpr) typ() qtype { return x.t }
func (x *callExpr) typ() qtype {
	switch x.fn {
	case "growth", "mean_growth":
		return qtype{kind: TypeNumber, unit: unitRatio}
	case "cagr":
		return qtype{kind: TypeNumber, unit: unitRatio, root: true}
	case "nth_year", "full_years":
		return qtype{kind: TypeNumber, unit: unitYear, bare: true}
	}
	return x.arg.typ()
}
func (x *receivedExpr) typ() qtype { return qtype{kind: TypeNumber, unit: unitMoney} }

func (x *numExpr) read(r *reader) string { return r.num(x.v, x.unit, 4) }
func (x *termExpr) read(r *reader) string {
	if x.at != nil {
		return r.say(&pOf, r.period(x.at), r.word(x.term.Name))
	}
	if r.e != nil && r.lang != Chinese && r.e.atYear != 0 && x.term.Yearly() {
		return r.term(x.term.Name, r.e.atYear)
	}
	return r.word(x.term.Name)
}
func (x *fieldExpr) read(r *reader) string { return r.word(x.field.Name) }
func (x *recordExpr) read(r *reader) string {
	what := r.dated(x.kind, x.at, r.word(x.kind.Name)+r.filter(x.filter))
	switch x.fn {
	case "count":
		return r.say(&pCount, what)
	case "best":
		return r.say(&pBestField, what, r.word(x.field.Name))
	}
	return r.say(map[string]*phrase{"total": &pFieldTotal, "highest": &pFieldHighest, "lowest": &pFieldLowest, "average": &pFieldAverage}[x.fn],
		what, r.word(x.field.Name))
}
func (x *nameExpr) read(r *reader) string {
	s := r.word(x.def.name)
	if x.column != "" {
		s = r.say(&pColumn, s, r.word(x.column))
	}
	if x.at != nil {
		s = r.say(&pOf, r.period(x.at), s)
	}
	return s
}
func (x *binExpr) read(r *reader) string {
	side := func(y expr) string {
		if b, ok := y.(*binExpr); ok && (x.op == '*' || x.op == '/') && (b.op == '+' || b.op == '-') {
			return "(" + b.read(r) + ")"
		}
		return y.read(r)
	}
	if x.op == '/' && x.t.unit == unitRatio {
		return r.say(&pShareOf, side(x.l), side(x.r))
	}
	sign := map[byte]string{'+': "＋", '-': "－", '*': "×", '/': "÷"}[x.op]
	if r.lang != Chinese {
		sign = map[byte]string{'+': " + ", '-': " − ", '*': " × ", '/': " ÷ "}[x.op]
	}
	return side(x.l) + sign + side(x.r)
}

var functionPhrases = map[string]*phrase{"growth": &pGrowth, "increase": &pIncrease, "mean_growth": &pMeanGrowth, "cagr": &pCagr,
	"average": &pAverage, "total": &pTotal, "highest": &pHighest, "lowest": &pLowest, "nth_year": &pNthYear, "full_years": &pFullYears}

func (x *callExpr) read(r *reader) string { return r.say(functionPhrases[x.fn], x.arg.read(r)) }
func (x *receivedExpr) read(r *reader) string {
	return r.say(&pReceived, r.word(x.name))
}
