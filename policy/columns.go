package policy

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
)

// blockRows is how many rows a kernel works on at a time: what it touches of a few columns stays in the nearest cache.
const blockRows = 1024

// States of a cell of a column of numbers.
const (
	cellKnown uint8 = iota
	cellMissing
	cellOdd // the column cannot hold it: several statements that contradict each other, a part smaller than the denominator, a figure too large
)

// In a column of codes: a code is an entry of the dictionary, or the rank of a level.
const (
	codeOdd     int32 = -2
	codeMissing int32 = -1
)

// cellMax bounds the figures of a column, so that a difference of two always fits.
const cellMax = math.MaxInt64 / 4

// Columns is a batch of parties as a Program reads them: for each term and year that its schemes read a column, of whole numbers over the
// column's denominator or of codes; for each kind of record its rows, those of one party together, with coverage; awards; judgements.
// What a column cannot hold exactly keeps the party's Facts beside it, and the plain evaluator answers there.
//
// A batch is filled by one goroutine, from Facts (Add) or from slices (Grow, then Numbers, Words, Dates …), and then read by any number.
type Columns struct {
	p        *Program
	n        int
	cells    []column
	kinds    []recordColumns
	awards   []awardColumn
	through  []Date // the awards of this installation are complete through this day
	judged   [][]Answer
	dict     map[string]int32
	words    []string
	facts    map[int]*Facts // of the rows that the columns do not hold wholly
	extra    []valueKey     // cells that only schemes without a program read
	counting sync.Mutex
	counted  int // the statistics of the blocks are right for the rows before
}

type column struct {
	term   *Term
	year   int
	den    int64
	coded  bool
	v      []int64
	state  []uint8
	code   []int32
	blocks []blockStats
	narrow []int32 // v again, of a large batch whose figures are all small
}

// blockStats is what is known of one block of a column of numbers.
type blockStats struct {
	mixed  bool // some cell is not known
	lo, hi int64
}

type recordColumns struct {
	kind        *Record
	start       []int32 // of each party's records; one more at the end
	from, until []Date
	fields      []fieldColumn
	covered     []Date
	decided     []bool // within the round
}

type fieldColumn struct {
	field *Field
	den   int64
	coded bool
	v     []int64
	state []uint8
	code  []int32
}

type awardColumn struct {
	total []int64 // fen
	said  []bool  // stated as the whole
	odd   []bool
}

// coded says whether values of a type are held as codes.
func coded(typ string) bool { return typ != TypeNumber && typ != TypeDate }

// denominatorOf is what a column of a unit counts in: the declared precision, at least fen of money and a hundredth of a per cent.
func denominatorOf(typ, unit string, precision Num) int64 {
	if typ == TypeDate {
		return 1
	}
	den := int64(100)
	if unit == unitRatio || unit == unitPoints {
		den = 10_000
	}
	if _, d := precision.parts(); precision.Sign() > 0 && precision.b == nil && d > 1 && d <= 1_000_000 {
		den = den / int64(gcd(uint64(den), uint64(d))) * d
	}
	return den
}

// NewColumns makes an empty batch for the program.
func (p *Program) NewColumns() *Columns {
	c := &Columns{p: p, dict: maps.Clone(p.dict), words: slices.Clone(p.words), facts: map[int]*Facts{}}
	for _, k := range p.cells {
		c.cells = append(c.cells, newColumn(k))
	}
	for _, k := range p.kinds {
		r := recordColumns{kind: k.kind, start: []int32{0}}
		for _, f := range k.fields {
			r.fields = append(r.fields, fieldColumn{field: f, den: denominatorOf(f.Type, f.unit, Num{}), coded: coded(f.Type)})
		}
		c.kinds = append(c.kinds, r)
	}
	c.awards = make([]awardColumn, len(p.awards))
	c.judged = make([][]Answer, len(p.judged))
	return c
}

func newColumn(k valueKey) column {
	return column{term: k.term, year: k.year, den: denominatorOf(k.term.Type, k.term.unit, k.term.precision), coded: coded(k.term.Type)}
}

// Len is how many parties the batch holds.
func (c *Columns) Len() int { return c.n }

// Plain is how many of the parties have something that the columns cannot hold.
func (c *Columns) Plain() int { return len(c.facts) }

// Reset empties the batch and keeps its memory.
func (c *Columns) Reset() {
	c.n, c.counted = 0, 0
	for i := range c.cells {
		col := &c.cells[i]
		col.v, col.state, col.code, col.blocks, col.narrow = col.v[:0], col.state[:0], col.code[:0], col.blocks[:0], nil
	}
	for i := range c.kinds {
		k := &c.kinds[i]
		k.start, k.from, k.until, k.covered, k.decided = append(k.start[:0], 0), k.from[:0], k.until[:0], k.covered[:0], k.decided[:0]
		for j := range k.fields {
			f := &k.fields[j]
			f.v, f.state, f.code = f.v[:0], f.state[:0], f.code[:0]
		}
	}
	for i := range c.awards {
		a := &c.awards[i]
		a.total, a.said, a.odd = a.total[:0], a.said[:0], a.odd[:0]
	}
	for i := range c.judged {
		c.judged[i] = c.judged[i][:0]
	}
	c.through = c.through[:0]
	clear(c.facts)
}

// Grow adds parties of whom nothing is known.
func (c *Columns) Grow(parties int) {
	for range parties {
		c.grow()
	}
}

func (c *Columns) grow() {
	block := c.n%blockRows == 0
	for i := range c.cells {
		col := &c.cells[i]
		if col.coded {
			col.code = append(col.code, codeMissing)
		} else {
			col.v, col.state = append(col.v, 0), append(col.state, cellMissing)
		}
		if block {
			col.blocks = append(col.blocks, blockStats{lo: math.MaxInt64, hi: math.MinInt64, mixed: true})
		}
		col.blocks[len(col.blocks)-1].mixed = true
	}
	for i := range c.kinds {
		k := &c.kinds[i]
		k.start, k.covered, k.decided = append(k.start, int32(len(k.from))), append(k.covered, 0), append(k.decided, false)
	}
	for i := range c.awards {
		a := &c.awards[i]
		a.total, a.said, a.odd = append(a.total, 0), append(a.said, false), append(a.odd, false)
	}
	for i := range c.judged {
		c.judged[i] = append(c.judged[i], NotApplicable)
	}
	c.through = append(c.through, 0)
	c.n++
}

// manyRows is from how many rows on a second, narrower copy of a column is worth its making.
const manyRows = 1 << 16

func (col *column) narrowDown() {
	col.narrow = nil
	if col.coded || len(col.v) < manyRows {
		return
	}
	for _, b := range col.blocks {
		if b.mixed || b.lo < math.MinInt32 || b.hi > math.MaxInt32 {
			return
		}
	}
	col.narrow = make([]int32, len(col.v))
	for i, n := range col.v {
		col.narrow[i] = int32(n)
	}
}

// count brings the statistics of the blocks up to date.
func (c *Columns) count() {
	c.counting.Lock()
	defer c.counting.Unlock()
	if c.counted == c.n {
		return
	}
	for i := range c.cells {
		c.cells[i].recount(c.counted)
		c.cells[i].narrowDown()
	}
	c.counted = c.n
}

// Add adds one party from its facts. They must not change while the batch is in use: what the columns cannot hold is read there.
func (c *Columns) Add(f *Facts) {
	row := c.n
	c.grow()
	odd := len(c.p.plain) > 0
	for k, list := range f.values {
		at, ok := c.p.cellAt[k]
		if !ok || len(list) == 0 {
			continue
		}
		if !c.cells[at].put(c, row, list) {
			odd = true
		}
	}
	for i := range c.kinds {
		k := &c.kinds[i]
		k.covered[row], k.decided[row] = f.covered[k.kind.Name], f.decided[k.kind.Name]
		for j := range f.records[k.kind.Name] {
			if !k.add(c, &f.records[k.kind.Name][j]) {
				odd = true
			}
		}
		k.start[row+1] = int32(len(k.from))
	}
	for i, id := range c.p.awards {
		a := &c.awards[i]
		for _, x := range f.received[id] {
			sum, ok := add64(a.total[row], int64(x.amount))
			if !ok || sum > cellMax || sum < -cellMax {
				a.odd[row], odd = true, true
				break
			}
			a.total[row] = sum
			a.said[row] = a.said[row] || x.on == 0
		}
	}
	for i, what := range c.p.judged {
		if j, ok := f.judged[what]; ok {
			c.judged[i][row] = decided(j.datum.word == "是", j.datum.word != "是")
		}
	}
	c.through[row] = f.receivedThrough
	if odd {
		c.facts[row] = f
	}
}

// recount reads the statistics of the blocks from one row on anew.
func (col *column) recount(from int) {
	for i := from / blockRows; i < len(col.blocks); i++ {
		b := blockStats{lo: math.MaxInt64, hi: math.MinInt64}
		first, end := i*blockRows, min((i+1)*blockRows, max(len(col.v), len(col.code)))
		if col.coded {
			for _, code := range col.code[first:end] {
				b.mixed = b.mixed || code < 0
			}
			col.blocks[i] = b
			continue
		}
		for row := first; row < end; row++ {
			if col.state[row] != cellKnown {
				b.mixed = true
				continue
			}
			b.lo, b.hi = min(b.lo, col.v[row]), max(b.hi, col.v[row])
		}
		col.blocks[i] = b
	}
}

// put writes what is stated of a cell, and says whether the column holds it.
func (col *column) put(c *Columns, row int, list []valueFact) bool {
	list = bestFacts(list)
	for _, other := range list[1:] {
		if !sameDatum(list[0].datum, other.datum) {
			if col.coded {
				col.code[row] = codeOdd
			} else {
				col.state[row] = cellOdd
			}
			return false
		}
	}
	d := list[0].datum
	if col.coded {
		col.code[row] = c.codeOf(col.term.Type, col.term.Options, d.word)
		return col.code[row] != codeOdd
	}
	v, ok := scaled(col.term.Type, d, col.den)
	if !ok {
		col.state[row] = cellOdd
		return false
	}
	col.v[row], col.state[row] = v, cellKnown
	return true
}

func sameDatum(a, b datum) bool { return a.word == b.word && a.date == b.date && a.num.Cmp(b.num) == 0 }

// scaled is a figure over a denominator, or a day.
func scaled(typ string, d datum, den int64) (int64, bool) {
	if typ == TypeDate {
		return int64(d.date), true
	}
	if d.num.b != nil {
		return 0, false
	}
	n, of := d.num.parts()
	if den%of != 0 {
		return 0, false
	}
	v, ok := mul64(n, den/of)
	return v, ok && v <= cellMax && v >= -cellMax
}

func (c *Columns) codeOf(typ string, options []string, word string) int32 {
	if typ == TypeLevel {
		if r := rank(options, word); r >= 0 {
			return int32(r)
		}
		return codeOdd
	}
	code, ok := c.dict[word]
	if !ok {
		code = int32(len(c.words))
		c.dict[word] = code
		c.words = append(c.words, word)
	}
	return code
}

func (k *recordColumns) add(c *Columns, r *recordFact) bool {
	whole := true
	until := r.until
	if r.anytime {
		until = always
	}
	k.from, k.until = append(k.from, r.from), append(k.until, until)
	for i := range k.fields {
		f := &k.fields[i]
		d, ok := r.fields[f.field.Name]
		switch {
		case f.coded:
			code := codeMissing
			if ok {
				code = c.codeOf(f.field.Type, f.field.Options, d.word)
			}
			f.code = append(f.code, code)
			whole = whole && code != codeOdd
		default:
			v, state := int64(0), cellMissing
			if ok {
				var fits bool
				if v, fits = scaled(f.field.Type, d, f.den); fits {
					state = cellKnown
				} else {
					state, whole = cellOdd, false
				}
			}
			f.v, f.state = append(f.v, v), append(f.state, state)
		}
	}
	return whole
}

// ---- filling from slices ----

// cell finds the column of a term and year. One that no scheme of the program reads is nil, and what would be written there is not needed.
func (c *Columns) cell(term string, year int, types ...string) (*column, error) {
	t := c.p.lib.vocabulary.Term(term)
	if t == nil {
		return nil, fmt.Errorf("no term %q in the vocabulary", term)
	}
	if !slices.Contains(types, t.Type) {
		return nil, fmt.Errorf("%s is a %s", term, t.Type)
	}
	k := valueKey{t, year}
	if at, ok := c.p.cellAt[k]; ok {
		return &c.cells[at], nil
	}
	if len(c.p.plain) == 0 {
		return nil, nil
	}
	if at := slices.Index(c.extra, k); at >= 0 {
		return &c.cells[len(c.p.cells)+at], nil
	}
	col := newColumn(k)
	for row := range c.n {
		if col.coded {
			col.code = append(col.code, codeMissing)
		} else {
			col.v, col.state = append(col.v, 0), append(col.state, cellMissing)
		}
		if row%blockRows == 0 {
			col.blocks = append(col.blocks, blockStats{mixed: true})
		}
	}
	c.extra = append(c.extra, k)
	c.cells = append(c.cells, col)
	return &c.cells[len(c.cells)-1], nil
}

// Numbers writes a term's figures of a year (0: a term without a year) for all parties, over a denominator (100 for fen of yuan, 10,000 for
// hundredths of a per cent). unknown, if given, says of which parties it is not known.
func (c *Columns) Numbers(term string, year int, den int64, values []int64, unknown []bool) error {
	col, err := c.cell(term, year, TypeNumber)
	if err != nil || col == nil {
		return err
	}
	if len(values) != c.n || unknown != nil && len(unknown) != c.n || den <= 0 {
		return fmt.Errorf("%s: %d values for %d parties, over %d", term, len(values), c.n, den)
	}
	for row, n := range values {
		if unknown != nil && unknown[row] {
			col.state[row] = cellMissing
			continue
		}
		v, ok := scaled(TypeNumber, datum{num: frac(n, den)}, col.den)
		if !ok {
			return fmt.Errorf("%s of party %d: %d over %d does not fit a column that counts in parts of %d", term, row, n, den, col.den)
		}
		col.v[row], col.state[row] = v, cellKnown
	}
	c.counted = 0
	return nil
}

// Dates writes a term's dates for all parties; zero is not known.
func (c *Columns) Dates(term string, values []Date) error {
	col, err := c.cell(term, 0, TypeDate)
	if err != nil || col == nil {
		return err
	}
	if len(values) != c.n {
		return fmt.Errorf("%s: %d values for %d parties", term, len(values), c.n)
	}
	for row, d := range values {
		col.v[row], col.state[row] = int64(d), cellMissing
		if d != 0 {
			col.state[row] = cellKnown
		}
	}
	c.counted = 0
	return nil
}

// Words writes a term's words for all parties: of words, levels, codes of industries, and 是 or 否. index chooses one of list for each
// party; below zero is not known.
func (c *Columns) Words(term string, year int, list []string, index []int32) error {
	col, err := c.cell(term, year, TypeWord, TypeLevel, TypeCode, TypeBool)
	if err != nil || col == nil {
		return err
	}
	if len(index) != c.n {
		return fmt.Errorf("%s: %d values for %d parties", term, len(index), c.n)
	}
	codes := make([]int32, len(list))
	for i, w := range list {
		if _, err := c.p.lib.vocabulary.parseTerm(col.term, w); err != nil {
			return fmt.Errorf("%s: %w", term, err)
		}
		codes[i] = c.codeOf(col.term.Type, col.term.Options, w)
	}
	for row, i := range index {
		col.code[row] = codeMissing
		if i >= 0 {
			col.code[row] = codes[i]
		}
	}
	c.counted = 0
	return nil
}

// Records writes the records of a kind for all parties: of[i] lists those of party i. A record that a column cannot hold is refused.
func (c *Columns) Records(kind string, of [][]RecordFact) error {
	if c.p.lib.vocabulary.Record(kind) == nil {
		return fmt.Errorf("no kind of record %q in the vocabulary", kind)
	}
	if len(of) != c.n {
		return fmt.Errorf("%s: the records of %d parties for %d", kind, len(of), c.n)
	}
	at := slices.IndexFunc(c.kinds, func(k recordColumns) bool { return k.kind.Name == kind })
	if at < 0 {
		return nil
	}
	k := &c.kinds[at]
	k.from, k.until, k.start = k.from[:0], k.until[:0], append(k.start[:0], 0)
	for i := range k.fields {
		f := &k.fields[i]
		f.v, f.state, f.code = f.v[:0], f.state[:0], f.code[:0]
	}
	one := NewFacts(c.p.lib.vocabulary)
	for row, list := range of {
		for _, r := range list {
			one.records[kind] = one.records[kind][:0]
			if err := one.Record(kind, r); err != nil {
				return err
			}
			if !k.add(c, &one.records[kind][0]) {
				return fmt.Errorf("%s of party %d: a field does not fit its column", kind, row)
			}
		}
		k.start = append(k.start, int32(len(k.from)))
	}
	return nil
}

// Cover says through which day the source of a kind of record is complete for all parties; zero: it has not said so.
func (c *Columns) Cover(kind string, through Date) {
	for i := range c.kinds {
		if c.kinds[i].kind.Name == kind {
			for row := range c.kinds[i].covered {
				c.kinds[i].covered[row] = through
			}
		}
	}
}

// CoverReceived says through which day the awards of this installation's own schemes are complete for all parties.
func (c *Columns) CoverReceived(through Date) {
	for row := range c.through {
		c.through[row] = through
	}
}

// Facts are those of one party: the ones it was added from where they were kept, else what the columns hold, without its sources.
func (c *Columns) Facts(row int) *Facts {
	if f := c.facts[row]; f != nil {
		return f
	}
	f := NewFacts(c.p.lib.vocabulary)
	for i := range c.cells {
		col := &c.cells[i]
		k := valueKey{col.term, col.year}
		switch {
		case !col.coded && col.state[row] == cellKnown && col.term.Type == TypeDate:
			f.values[k] = []valueFact{{datum: datum{date: Date(col.v[row])}}}
		case !col.coded && col.state[row] == cellKnown:
			f.values[k] = []valueFact{{datum: datum{num: frac(col.v[row], col.den)}}}
		case col.coded && col.code[row] >= 0:
			f.values[k] = []valueFact{{datum: datum{word: c.wordOf(col.term.Type, col.term.Options, col.code[row])}}}
		}
	}
	for i := range c.kinds {
		k := &c.kinds[i]
		name := k.kind.Name
		f.covered[name] = k.covered[row]
		if k.decided[row] {
			if f.decided == nil {
				f.decided = map[string]bool{}
			}
			f.decided[name] = true
		}
		for at := k.start[row]; at < k.start[row+1]; at++ {
			r := recordFact{from: k.from[at], until: k.until[at], fields: map[string]datum{}, key: name}
			if r.until == always {
				r.until, r.anytime = 0, true
			}
			for j := range k.fields {
				x := &k.fields[j]
				switch {
				case x.coded && x.code[at] >= 0:
					r.fields[x.field.Name] = datum{word: c.wordOf(x.field.Type, x.field.Options, x.code[at])}
				case !x.coded && x.state[at] == cellKnown && x.field.Type == TypeDate:
					r.fields[x.field.Name] = datum{date: Date(x.v[at])}
				case !x.coded && x.state[at] == cellKnown:
					r.fields[x.field.Name] = datum{num: frac(x.v[at], x.den)}
				}
			}
			f.records[name] = append(f.records[name], r)
		}
	}
	for i, id := range c.p.awards {
		a := &c.awards[i]
		switch {
		case a.said[row]:
			f.Received(id, Fen(a.total[row]), 0, Source{})
		case a.total[row] != 0:
			f.Received(id, Fen(a.total[row]), c.p.on, Source{})
		}
	}
	for i, what := range c.p.judged {
		if a := c.judged[i][row]; a != NotApplicable {
			f.Judge(what, a == Met, Source{})
		}
	}
	f.receivedThrough = c.through[row]
	return f
}

func (c *Columns) wordOf(typ string, options []string, code int32) string {
	if typ == TypeLevel {
		return options[code]
	}
	return c.words[code]
}
