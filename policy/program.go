package policy

import (
	"errors"
	"slices"
	"strconv"
)

// A Program is schemes compiled for runs over many parties.
//
// The plain evaluator (Scheme.Evaluate) reads the tree of one scheme over the maps of one party and makes reasons, gaps and needs. A Program
// answers the same question over Columns, a batch of parties, and makes answers and amounts only. The evaluator stays the oracle: for every
// party and scheme both say the same answer, the same amounts and, where it is asked for, the same date of change; column_test.go holds them
// against each other over schemes and facts drawn at random.
//
// What is known when a program is compiled is resolved then: the date and the performance year, so that a period is a pair of years or days
// and 营业收入@当年 is a column; words, which are codes of a dictionary; thresholds; the literals of amounts. What is left are nodes:
//
//   - A condition's leaf has one of four kernels. Over one column of numbers it is a test of lo ≤ x ≤ hi. Over several, where the left side is
//     linear or a ratio of two linear forms (growth, a share, a difference of both with a constant), it is the sign of one linear form with
//     whole coefficients, that is, the comparison multiplied out: in 64 bits where the least and greatest figure of the block prove that
//     nothing overflows, in 128 bits elsewhere. Over one column of codes it is a table with an answer for each entry of the dictionary.
//     Everything else, and every row of which a figure is missing, is computed over intervals of exact fractions (quantity).
//   - A group folds its parts' answers by tables, or counts them. At the root of a scheme, `all` narrows a selection of rows: a part is looked
//     at only where no part before it has failed.
//   - A value is computed for the rows that are left, once for what is entitled and once for what is potential when something is unknown.
//     Literals, lines, tables, sums and steps over known figures run in whole numbers, checked for overflow; everything else over fractions.
//   - Records of a party lie together; has, count, best, total and each scan them.
//
// Leaves are shared: a growth that ten schemes ask for is computed once for a block. What the columns do not hold (Columns), and a construct
// that this compiler does not know, is answered by the plain evaluator; Counts says how often.
type Program struct {
	lib      *Library
	question Question // what is asked of every party
	on       Date
	schemes  []*compiled
	plain    map[string]string // schemes that are not compiled, and why

	cells  []valueKey
	cellAt map[valueKey]int
	kinds  []recordLayout
	awards []string
	judged []string
	dict   map[string]int32
	words  []string
	conds  map[string]*cond
	leaves []*leaf
	shared int // conditions that several schemes ask for
}

type recordLayout struct {
	kind   *Record
	fields []*Field
}

// compiled is one scheme of a program.
type compiled struct {
	scheme  *Scheme
	require *cond // nil: nothing is asked
	parts   []part
	amount  amountFn
	fast    fastFn
	fastDen int64
	batch   batchFn // with fen
	zero    bool
	fen     int64 // 100 ÷ fastDen where that is whole, else 0
	turns   Date  // the next day on which the document itself changes
	plain   bool  // not compiled
}

// Compile makes a program that asks one question of every party under each of the schemes: q without its facts, brief and unexplained.
func (l *Library) Compile(schemes []*Scheme, q Question) *Program {
	q.Facts, q.Explain, q.Brief = nil, false, true
	p := &Program{lib: l, question: q, on: q.On, plain: map[string]string{}, cellAt: map[valueKey]int{}, dict: map[string]int32{},
		conds: map[string]*cond{}}
	for _, s := range schemes {
		p.schemes = append(p.schemes, p.compile(s))
	}
	for _, c := range p.conds {
		if c.uses > 1 && c.cacheable() {
			c.slot = p.shared
			p.shared++
		}
	}
	nothing := p.scratch()
	for _, l := range p.leaves {
		if l.kind != leafCode && !l.each {
			l.missing = l.eval(nothing, 0)
		}
	}
	for _, s := range p.schemes {
		if s.require != nil {
			s.parts = operands(s.require, false, nil)
		}
	}
	return p
}

// errNotCompiled ends the compilation of a scheme that the plain evaluator is to answer.
type errNotCompiled struct{ why string }

func (e errNotCompiled) Error() string { return e.why }

func (p *Program) compile(s *Scheme) (out *compiled) {
	c := &compiler{p: p, s: s}
	c.year, c.fixed = s.performance(p.question)
	out = &compiled{scheme: s, turns: s.env(p.question).changes}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(errNotCompiled)
			if !ok {
				panic(r)
			}
			p.plain[s.id] = e.why
			*out = compiled{scheme: s, plain: true}
		}
	}()
	switch {
	case s.doc.common != nil && s.require != nil:
		out.require = c.intern(&cond{kind: condGroup, word: "all", parts: []*cond{c.condition(s.doc.common), c.condition(s.require)}})
	case s.doc.common != nil:
		out.require = c.condition(s.doc.common)
	case s.require != nil:
		out.require = c.condition(s.require)
	}
	if s.amount != nil {
		out.amount = c.value(s.amount, "")
		if x, ok := c.fastValue(s.amount); ok {
			out.fast, out.fastDen = x.fn, x.den
			if 100%x.den == 0 {
				out.fen, out.batch, out.zero = 100/x.den, x.batch, x.zero
			}
		}
	}
	return out
}

// Schemes of the program, in the order in which a Page numbers them.
func (p *Program) Schemes() []*Scheme {
	out := make([]*Scheme, len(p.schemes))
	for i, s := range p.schemes {
		out[i] = s.scheme
	}
	return out
}

// Figure is a term of one year (0: a term without a year) that a program reads.
type Figure struct {
	Term *Term
	Year int
}

// Reads are the figures and the kinds of record that the program's columns hold.
func (p *Program) Reads() (figures []Figure, records []*Record) {
	for _, k := range p.cells {
		figures = append(figures, Figure{k.term, k.year})
	}
	for _, k := range p.kinds {
		records = append(records, k.kind)
	}
	return figures, records
}

// NotCompiled are the schemes that the plain evaluator answers, each with the reason.
func (p *Program) NotCompiled() map[string]string { return p.plain }

// compiler compiles one scheme into a program.
type compiler struct {
	p      *Program
	s      *Scheme
	year   int  // P
	fixed  bool // the document names it
	atYear int  // the year that a surrounding function asks for; 0: none
	each   int  // the kind of record that a surrounding `each` stands on, +1
	depth  int
}

func (c *compiler) fail(why string) { panic(errNotCompiled{why}) }

// deeper guards against nesting that the evaluator itself would stop at.
func (c *compiler) deeper() func() {
	if c.depth++; c.depth > 40 {
		c.fail("nested too deeply")
	}
	return func() { c.depth-- }
}

// at compiles within the year that a function asks for.
func (c *compiler) at(year int, f func()) {
	was := c.atYear
	c.atYear = year
	f()
	c.atYear = was
}

func (c *compiler) cell(t *Term, year int) int {
	k := valueKey{t, year}
	at, ok := c.p.cellAt[k]
	if !ok {
		at = len(c.p.cells)
		c.p.cellAt[k] = at
		c.p.cells = append(c.p.cells, k)
		for _, w := range t.Options {
			if t.Type != TypeLevel {
				c.p.code(w)
			}
		}
	}
	return at
}

// code is a word's place in the dictionary.
func (p *Program) code(word string) int32 {
	at, ok := p.dict[word]
	if !ok {
		at = int32(len(p.words))
		p.dict[word] = at
		p.words = append(p.words, word)
	}
	return at
}

func (c *compiler) kind(r *Record) int {
	for i := range c.p.kinds {
		if c.p.kinds[i].kind == r {
			return i
		}
	}
	c.p.kinds = append(c.p.kinds, recordLayout{kind: r})
	return len(c.p.kinds) - 1
}

func (c *compiler) field(kind int, f *Field) int {
	k := &c.p.kinds[kind]
	if at := slices.Index(k.fields, f); at >= 0 {
		return at
	}
	k.fields = append(k.fields, f)
	return len(k.fields) - 1
}

func indexOf(list *[]string, s string) int {
	if at := slices.Index(*list, s); at >= 0 {
		return at
	}
	*list = append(*list, s)
	return len(*list) - 1
}

// years are a period's years, and whether time alone moves them.
func (c *compiler) years(p *period) (from, to int, moves bool) {
	base := c.year
	moves = !c.fixed
	if p.base == 'A' {
		base, moves = c.p.on.Year(), true
	}
	if p.openFrom {
		return 0, base + p.to, moves
	}
	return base + p.from, base + p.to, moves
}

func (c *compiler) newYear() Date { return NewDate(c.p.on.Year()+1, 1, 1) }

// ---- running ----

// Money is an amount as a run says it: no words.
type Money struct {
	Low, High Fen
	Kind      AmountKind
	Open      bool
}

// Page is what a run says of one block of parties under one scheme. It is filled anew for every call and must not be kept.
type Page struct {
	Scheme  int      // in Program.Schemes
	First   int      // the block's first party; Answers[i] is that of party First+i
	Answers []Answer // of every party of the block
	Changes []Date   // of every party, where they were asked for: the next day on which time alone may change the answer; 0: none

	Rows      []int32 // the parties, from First on, that have an amount or may have one, in order; the lists below are theirs
	Entitled  []Money
	Potential []Money
}

// Counts says how a run was made.
type Counts struct {
	Parties int
	Answers int // parties × schemes
	Plain   int // answered by the plain evaluator
}

// Add sums the counts of two runs.
func (c Counts) Add(d Counts) Counts {
	return Counts{c.Parties + d.Parties, c.Answers + d.Answers, c.Plain + d.Plain}
}

// Runner runs a program. It holds what a run needs to remember, so each goroutine has its own.
type Runner struct {
	Changes bool // fill Page.Changes; slower, since nothing that might change may be passed over

	p   *Program
	c   *Columns
	n   int // rows of the block
	lo  int // its first row
	now Counts

	rec                int32 // the record that an `each` stands on
	better, incomplete bool
	odd                bool // a cell that the column does not hold was read
	changes            Date
	found              []int32 // stack of records and rows of tables

	block    int // number of the block, for what is cached of it
	cached   [][]Answer
	cachedAt []int
	tables   []codeTable // of each leaf over codes
	scratch  *Runner     // over one row of which nothing is known
	counts   [][]uint64
	temp     [][]Answer
	sels     [][]int32
	amounts  []int64
	order    [][]int // of the parts of each scheme's root
	seen     [][]tried
	page     Page
	all      []int32
}

// tried counts how many rows a part was asked of, and how many it let pass.
type tried struct{ asked, passed int }

// NewRunner makes a runner of the program.
func (p *Program) NewRunner() *Runner {
	r := &Runner{p: p, cached: make([][]Answer, p.shared), cachedAt: make([]int, p.shared), tables: make([]codeTable, len(p.leaves)),
		order: make([][]int, len(p.schemes)), seen: make([][]tried, len(p.schemes)), all: make([]int32, blockRows), amounts: make([]int64, blockRows)}
	for i := range r.all {
		r.all[i] = int32(i)
	}
	r.page = Page{Answers: make([]Answer, blockRows), Rows: make([]int32, 0, blockRows), Entitled: make([]Money, 0, blockRows),
		Potential: make([]Money, 0, blockRows)}
	r.scratch = p.scratch()
	return r
}

// scratch is a runner over one row of which nothing is known.
func (p *Program) scratch() *Runner {
	r := &Runner{p: p, c: p.NewColumns()}
	r.c.Grow(1)
	return r
}

// Run answers every scheme for every party of a batch, block by block, and hands each page to use. An error from use ends the run.
func (p *Program) Run(c *Columns, use func(*Page) error) (Counts, error) {
	return p.NewRunner().Run(c, use)
}

// Run is Program.Run with the runner's memory used again.
func (r *Runner) Run(c *Columns, use func(*Page) error) (Counts, error) {
	if c.p != r.p {
		return Counts{}, errors.New("policy: the columns were made for another program")
	}
	c.count()
	r.c, r.now = c, Counts{Parties: c.n}
	for r.lo = 0; r.lo < c.n; r.lo += blockRows {
		r.n = min(blockRows, c.n-r.lo)
		r.block++
		for i, s := range r.p.schemes {
			r.scheme(i, s)
			if err := use(&r.page); err != nil {
				return r.now, err
			}
		}
	}
	return r.now, nil
}

func (r *Runner) scheme(at int, s *compiled) {
	page := &r.page
	page.Scheme, page.First, page.Answers = at, r.lo, page.Answers[:r.n]
	page.Rows, page.Entitled, page.Potential, page.Changes = page.Rows[:0], page.Entitled[:0], page.Potential[:0], page.Changes[:0]
	r.now.Answers += r.n
	switch {
	case s.plain:
		for i := range r.n {
			r.plainly(s, i)
		}
	case r.Changes:
		for i := range r.n {
			r.walk(s, i)
		}
	default:
		sel := r.answer(at, s, page.Answers)
		if s.amount != nil {
			r.gives(s, sel)
			return
		}
		for _, i := range sel {
			if page.Answers[i] == plainAnswer {
				r.plainly(s, int(i))
			}
		}
	}
}

// plainAnswer marks a row that the plain evaluator is to answer.
const plainAnswer Answer = 5

// plainly has the plain evaluator answer one row.
func (r *Runner) plainly(s *compiled, i int) {
	r.now.Plain++
	q := r.p.question
	q.Facts = r.c.Facts(r.lo + i)
	res := s.scheme.Evaluate(q)
	r.page.Answers[i] = res.Answer
	if r.Changes {
		r.page.Changes = append(r.page.Changes, res.ChangesOn)
	}
	if res.Amount.Kind != NoAmount || res.Potential.Kind != NoAmount {
		plain := func(a Amount) Money { return Money{a.Low, a.High, a.Kind, a.Open} }
		r.put(i, plain(res.Amount), plain(res.Potential))
	}
}

func (r *Runner) put(i int, entitled, potential Money) {
	p := &r.page
	p.Rows, p.Entitled, p.Potential = append(p.Rows, int32(i)), append(p.Entitled, entitled), append(p.Potential, potential)
}

// walk answers one row by walking the tree, and notes on which day time alone may change the answer.
func (r *Runner) walk(s *compiled, i int) {
	r.changes, r.odd = s.turns, false
	a := Met
	if s.require != nil {
		a = r.row(s.require, r.lo+i)
	}
	if r.odd {
		r.plainly(s, i)
		return
	}
	r.page.Answers[i] = a
	if s.amount != nil {
		r.give(s, i)
		if len(r.page.Changes) > i { // the plain evaluator has answered
			return
		}
	}
	r.page.Changes = append(r.page.Changes, r.changes)
}

// gives computes the amounts of the selected rows.
func (r *Runner) gives(s *compiled, sel []int32) {
	if s.batch == nil {
		for _, i := range sel {
			r.give(s, int(i))
		}
		return
	}
	page := &r.page
	out := r.amounts[:len(sel)]
	s.batch(r, sel, out)
	kind := Exact
	if s.zero {
		kind = Ceiling
	}
	at, fen := len(page.Rows), s.fen
	rows, entitled, potential := page.Rows[:blockRows], page.Entitled[:blockRows], page.Potential[:blockRows]
	for k, i := range sel {
		n := out[k]
		if page.Answers[i] != Met || n < 0 || n > cellMax/100 {
			page.Rows, page.Entitled, page.Potential = rows[:at], entitled[:at], potential[:at]
			r.give(s, int(i))
			at = len(page.Rows)
			continue
		}
		m := Money{Low: Fen(n * fen), High: Fen(n * fen), Kind: kind}
		if s.zero {
			if m.Low = 0; n == 0 {
				m.Kind = Exact
			}
		}
		rows[at], entitled[at], potential[at] = i, m, m
		at++
	}
	page.Rows, page.Entitled, page.Potential = rows[:at], entitled[:at], potential[:at]
}

// give computes the amount of one row whose answer is known, as Scheme.evaluateAmount does.
func (r *Runner) give(s *compiled, i int) {
	a := r.page.Answers[i]
	switch a {
	case Met:
		if s.fast != nil && !r.Changes {
			r.odd = false
			if lo, hi, ok := s.fast(r, r.lo+i); ok && !r.odd {
				if m, ok := s.sum(lo, hi); ok {
					r.put(i, m, m)
					return
				}
			}
		}
	case Unknown, Manual:
	case plainAnswer:
		r.plainly(s, i)
		return
	default:
		return
	}
	r.incomplete, r.better, r.odd = false, false, false
	worse := s.amount(r, r.lo+i).owing()
	best, gap := worse, r.incomplete
	if gap {
		r.better = true
		best = s.amount(r, r.lo+i).owing()
		r.better = false
	}
	if r.odd {
		r.plainly(s, i)
		return
	}
	if best.refuses() {
		r.page.Answers[i] = Unmet
		return
	}
	if worse.refuses() && a == Met {
		a = Unknown
		r.page.Answers[i] = a
	}
	if gap {
		best = best.potential(worse)
	}
	potential := best.sum(s.scheme.doc)
	entitled := Money{Kind: NoAmount}
	if a == Met {
		entitled = worse.sum(s.scheme.doc)
	}
	if entitled.Kind != NoAmount || potential.Kind != NoAmount {
		r.put(i, entitled, potential)
	}
}

// sum is given.money without its words.
func (g given) sum(doc *Document) Money {
	if g.refuses() {
		return Money{Kind: NoAmount}
	}
	var a Money
	if g.lo.inf == 0 {
		if f, ok := fenOf(g.lo.v, doc.rounding); ok {
			a.Low = f
		}
	}
	if a.Open = true; g.hi.inf == 0 {
		f, ok := fenOf(g.hi.v, doc.rounding)
		a.High, a.Open = f, !ok
	}
	switch {
	case g.manual:
		a.Kind = ManualAmount
	case a.Open:
		a.Kind = Range
	case a.Low == a.High:
		a.Kind = Exact
	case a.Low == 0:
		a.Kind = Ceiling
	default:
		a.Kind = Range
	}
	return a
}

func (r *Runner) note(d Date) {
	if d > r.p.on && (r.changes == 0 || d < r.changes) {
		r.changes = d
	}
}

func yearKey(year int) string { return "@" + strconv.Itoa(year) }
