package policy

import (
	"slices"
	"strconv"
	"strings"
)

// env is the state of one evaluation.
type env struct {
	scheme  *Scheme
	f       *Facts
	on      Date
	p       int
	batch   string
	fixedP  bool // the document names P; it does not move with the date
	explain bool
	brief   bool
	say     *reader // whom sentences are made for

	atYear int         // the year a function reads; 0: none
	rec    *recordFact // the record that an `each` stands on
	better bool        // unknown counts the party's better way (potential) instead of the worse (entitled)

	incomplete bool // an amount used something unknown
	unverified bool // some fact read was only declared
	disputed   bool // some fact read is disputed or contradicted
	changes    Date
	refs       *[]FactRef
	needs      *needs
	override   *override // one figure replaced, while a gap is computed
	slots      *[]valueKey
	lines      *[]string // working of an amount
	cuts       *[]Cut    // the caps of the clause that cut, when somebody asks
	depth      int
	seen       *seen // what examples reach; nil but while that is measured

	told    []told       // what the figures are called, once each
	sources [3][]FactRef // where refs are gathered, one within the other
	within  int
}

// told is what a figure is called in a result.
type told struct {
	key   valueKey
	text  string // 营业收入@2025
	label string // 2025年营业收入
	shown string // the figure itself, once it was shown
	need  *Need
}

// tell gives the names of a figure; they are made once.
func (e *env) tell(k valueKey) *told {
	for i := range e.told {
		if e.told[i].key == k {
			return &e.told[i]
		}
	}
	e.told = append(e.told, told{key: k, text: k.String(), label: e.say.term(k.term.Name, k.year)})
	return &e.told[len(e.told)-1]
}

// gather notes the facts that something reads.
func (e *env) gather(do func()) []FactRef {
	outer := e.refs
	if e.within == len(e.sources) {
		e.refs = new([]FactRef)
	} else {
		e.refs = &e.sources[e.within]
		*e.refs = (*e.refs)[:0]
	}
	e.within++
	list := e.refs
	do()
	e.within--
	e.refs = outer
	return slices.Clone(*list)
}

// override is one figure replaced, and by how much it differs from what is stated.
type override struct {
	key     valueKey
	num, by Num
}

// mayChange notes a date on which time alone may change the answer.
func (e *env) mayChange(d Date) {
	if d > e.on && (e.changes == 0 || d < e.changes) {
		e.changes = d
	}
}

// needs collects missing facts in order, none twice.
type needs struct {
	list []*Need
}

func (n *needs) add(x *Need) {
	if n == nil {
		return
	}
	for _, old := range n.list {
		if old.Key == x.Key {
			return
		}
	}
	n.list = append(n.list, x)
}

// values are the needs themselves.
func (n *needs) values() []Need {
	out := make([]Need, len(n.list))
	for i, x := range n.list {
		out[i] = *x
	}
	return out
}

func (n *needs) addAll(other *needs) {
	if n != nil && other != nil {
		for _, x := range other.list {
			n.add(x)
		}
	}
}

func (e *env) need(x Need) {
	if e.needs != nil {
		e.needs.add(&x)
	}
}

func (e *env) needTerm(t *Term, year int) {
	if e.needs == nil {
		return
	}
	is := e.tell(valueKey{t, year})
	if is.need == nil {
		n := termNeed(t, year)
		is.need = &n
	}
	e.needs.add(is.need)
}

func termNeed(t *Term, year int) Need {
	return Need{Key: valueKey{t, year}.String(), Label: chinese.term(t.Name, year), Term: t.Name, Year: year, Type: t.Type, Unit: t.Unit, Options: t.Options, Help: t.Help, Office: t.From, Regional: t.Regional()}
}

// Need is what to ask for a fact by its key (营业收入@2025, 高新技术企业, 研发机构.级别); false for a key of no term and no kind of record.
func (v *Vocabulary) Need(key string) (Need, bool) {
	if name, year, dated := strings.Cut(key, "@"); dated {
		n, err := strconv.Atoi(year)
		if t := v.Term(name); t != nil && err == nil {
			return termNeed(t, n), true
		}
		return Need{}, false
	}
	if t := v.Term(key); t != nil {
		return termNeed(t, 0), true
	}
	kind, _, _ := strings.Cut(key, ".")
	if r := v.Record(kind); r != nil {
		return recordNeed(r), true
	}
	return Need{}, false
}

func recordNeed(r *Record) Need {
	return Need{Key: r.Name, Label: r.Name, Term: r.Name, Type: "record", Help: r.Help, Office: r.From}
}

// wanted is where the needs of one condition are gathered; nil in a brief run.
func (e *env) wanted() *needs {
	if e.brief {
		return nil
	}
	return &needs{}
}

func (e *env) needRecord(r *Record, field *Field) {
	if e.needs == nil {
		return
	}
	n := recordNeed(r)
	if field != nil {
		n.Key += "." + field.Name
		n.Label, n.field = n.Label+"（"+field.Name+"）", field.Name
		n.Type, n.Unit, n.Options = field.Type, field.Unit, field.Options
	}
	e.need(n)
}

// of says whether something of a kind of record is asked for: one of them, a field or a date.
func (n *needs) of(r *Record) bool {
	return n != nil && slices.ContainsFunc(n.list, func(x *Need) bool { return x.Term == r.Name })
}

// needDate asks for a record once more, with its date.
func (e *env) needDate(r *Record) {
	if e.needs == nil {
		return
	}
	n := recordNeed(r)
	n.Label, n.dated = n.Label+"（日期）", true
	e.need(n)
}

// used notes a fact that an answer rests on.
func (e *env) used(key, label, value string, src *Source) {
	if !src.Verified {
		e.unverified = true
	}
	if src.Disputed {
		e.disputed = true
	}
	if e.refs != nil {
		for i := range *e.refs {
			if r := &(*e.refs)[i]; r.Key == key && r.Source.ID == src.ID && r.Value == value {
				return
			}
		}
		*e.refs = append(*e.refs, FactRef{key, label, value, *src})
	}
}

// qval is what is known of a quantity of one party.
type qval struct {
	known
	words []string // plain words: the possible ones
}

func (x *numExpr) eval(*env) qval { return qval{known: exactly(x.v)} }

func (x *termExpr) eval(e *env) qval {
	year := 0
	if x.term.Yearly() {
		switch {
		case e.atYear != 0:
			year = e.atYear
		case x.at != nil:
			_, year = x.at.years(e)
		}
	}
	return e.term(x.term, year)
}

// term reads a term at a year from the facts.
func (e *env) term(t *Term, year int) qval {
	k := valueKey{t, year}
	if e.override != nil && e.override.key == k {
		return qval{known: exactly(e.override.num)}
	}
	list := e.f.values[k]
	if o := e.override; o != nil && o.key.year == year && o.key.term.isPartOf(t) && len(list) > 0 {
		return qval{known: exactly(bestFacts(list)[0].datum.num.Add(o.by))} // a whole moves with its part
	}
	if len(list) == 0 {
		e.needTerm(t, year)
		return qval{known: unstated(t.Type, t.within, t.Options)}
	}
	list = bestFacts(list)
	if e.slots != nil && t.Type == TypeNumber && len(list) == 1 {
		*e.slots = append(*e.slots, k)
	}
	var out qval
	for i := range list {
		v := &list[i]
		if e.refs == nil {
			e.used("", "", "", &v.source)
		} else {
			is := e.tell(k)
			shown := is.shown
			if shown == "" || len(list) > 1 {
				shown = e.say.datum(v.datum, t.Type, t.unit)
				is.shown = shown
			}
			e.used(is.text, is.label, shown, &v.source)
		}
		d := v.datum.qval(t.Type, t.Options)
		if i == 0 {
			out = d
			continue
		}
		out = out.either(d)
	}
	if !out.span.exact() && t.Type != TypeWord && t.Type != TypeBool || len(out.words) > 1 {
		e.disputed, out.gap = true, true
		e.needTerm(t, year)
	}
	return out
}

// either is what is known when two statements of equal rank stand.
func (q qval) either(o qval) qval {
	out := qval{known: known{span: q.span.hull(o.span), gap: q.gap || o.gap}, words: q.words}
	for _, w := range o.words {
		if !contains(out.words, w) {
			out.words = append(append([]string{}, out.words...), w)
		}
	}
	return out
}

func contains(list []string, w string) bool {
	for _, x := range list {
		if x == w {
			return true
		}
	}
	return false
}

func (d datum) qval(typ string, options []string) qval {
	switch typ {
	case TypeNumber:
		return qval{known: exactly(d.num)}
	case TypeDate:
		return qval{known: exactly(intNum(int64(d.date)))}
	case TypeLevel:
		return qval{known: exactly(intNum(int64(rank(options, d.word))))}
	}
	return qval{words: []string{d.word}}
}

// rank is the place of a word among ordered words, -1 for none.
func rank(options []string, w string) int {
	for i, o := range options {
		if o == w {
			return i
		}
	}
	return -1
}

func (x *fieldExpr) eval(e *env) qval {
	if e.rec != nil {
		if d, ok := e.rec.fields[x.field.Name]; ok {
			return d.qval(x.field.Type, x.field.Options)
		}
	}
	e.needRecord(x.kind, x.field)
	return qval{known: x.field.unstated()}
}

func (x *recordExpr) eval(e *env) qval {
	sure, maybe, complete := e.find(x.kind, x.at, x.filter)
	if x.field == nil {
		out := qval{known: known{span: span{at(intNum(int64(len(sure)))), at(intNum(int64(len(sure) + len(maybe))))}}}
		if !complete {
			out.span.hi = plusInf
		}
		out.gap = !out.span.exact()
		if !complete { // where only a filtered field is missing, the filter has asked for it
			e.needRecord(x.kind, nil)
		}
		return out
	}
	g := newGathering(x.fn, x.field)
	take := func(r *recordFact, certain bool) {
		if d, ok := r.fields[x.field.Name]; ok {
			g.take(d.qval(x.field.Type, x.field.Options).span, certain)
		} else {
			g.takeUnknown(certain)
		}
	}
	for i := range sure {
		take(sure[i], true)
	}
	for i := range maybe {
		take(maybe[i], false)
	}
	out := qval{}
	out.span, out.gap = g.result(complete)
	if out.gap {
		e.needRecord(x.kind, x.field)
	}
	return out
}

// find returns the records of a kind that certainly count, those that may (a filtered field is missing), and whether there can be no others.
func (e *env) find(kind *Record, at *period, filters []filter) (sure, maybe []*recordFact, complete bool) {
	list := e.f.records[kind.Name]
	var read likes
	var sources []*Source
	complete = !e.f.pending[kind.Name] && (at.covered(e, e.f.covered[kind.Name]) || at.kind == periodRound && e.f.decided[kind.Name])
	for i := range list {
		r := &list[i]
		if !at.holds(e, r) {
			continue
		}
		answer := passes(e, r, kind, filters)
		if answer != Unmet && at.undated(e, r) {
			answer = Unknown
			e.needDate(kind)
		}
		switch answer {
		case Met:
			sure = append(sure, r)
		case Unknown, Manual:
			maybe = append(maybe, r)
		default:
			continue
		}
		if e.refs == nil {
			e.used("", "", "", &r.source)
		} else if read.add(r.show(e.say, kind), r.source.key(), nil); len(read.list) > len(sources) {
			sources = append(sources, &r.source)
		}
	}
	for i, x := range read.list { // records that are alike and of one source are one line
		e.used(kind.Name, e.say.word(kind.Name), e.say.alike(x), sources[i])
	}
	return sure, maybe, complete
}

func (f *recordFact) show(r *reader, kind *Record) string {
	var parts []string
	for _, x := range kind.Fields {
		if d, ok := f.fields[x.Name]; ok {
			parts = append(parts, r.word(x.Name)+" "+r.datum(d, x.Type, x.unit))
		}
	}
	switch {
	case f.from != 0 && f.until != 0:
		parts = append(parts, r.say(&pFromTo, f.from.String(), f.until.String()))
	case f.from != 0:
		parts = append(parts, r.say(&pFrom, f.from.String()))
	case f.until != 0:
		parts = append(parts, r.say(&pUntil, f.until.String()))
	}
	if len(parts) == 0 {
		return r.say(&pThere)
	}
	return r.join(parts, &pComma)
}

func (x *nameExpr) eval(e *env) qval {
	if e.depth > 50 {
		return qval{known: known{span: anything, manual: true}}
	}
	e.depth++
	defer func() { e.depth-- }()
	if x.at != nil && e.atYear == 0 {
		_, y := x.at.years(e)
		e.atYear = y
		defer func() { e.atYear = 0 }()
	}
	if x.def.quantity != nil {
		return x.def.quantity.expr.eval(e)
	}
	return x.def.value.score(e, x.column)
}

func (x *binExpr) eval(e *env) qval {
	a, b := x.l.eval(e), x.r.eval(e)
	return qval{known: a.calculate(x.op, b.known)}
}

func (x *callExpr) yearRange(e *env) (int, int) {
	if x.at == nil {
		return e.atYear, e.atYear
	}
	if e.atYear != 0 {
		return e.atYear, e.atYear
	}
	y1, y2 := x.at.years(e)
	if y1 == 0 {
		y1, _ = x.beginning(e, y2)
	}
	return y1, y2
}

func (x *callExpr) in(e *env, year int) qval {
	was := e.atYear
	e.atYear = year
	v := x.arg.eval(e)
	e.atYear = was
	return v
}

// growthAt is the growth of one year over the one before.
func (x *callExpr) growthAt(e *env, year int) qval {
	now, before := x.in(e, year), x.in(e, year-1)
	return qval{known: growth(now.known, before.known)}
}

func (x *callExpr) eval(e *env) qval {
	if x.fn == "nth_year" {
		d := x.arg.eval(e)
		if d.gap || !d.span.exact() {
			return qval{known: known{span: anything, gap: true}} // it may begin only after P
		}
		n, _ := d.span.lo.v.Int64()
		if !e.fixedP {
			e.mayChange(NewDate(e.on.Year()+1, 1, 1))
		}
		return qval{known: nthYear(e.p, Date(n))}
	}
	if x.fn == "full_years" {
		d := x.arg.eval(e)
		if d.gap || !d.span.exact() {
			return qval{known: known{span: span{at(Num{}), plusInf}, gap: true}}
		}
		day, _ := d.span.lo.v.Int64()
		n, next := Date(day).fullYears(e.on)
		e.mayChange(next)
		return qval{known: exactly(intNum(int64(n)))}
	}
	y1, y2 := x.yearRange(e)
	switch x.fn {
	case "growth":
		return x.growthAt(e, y2)
	case "increase":
		now, before := x.in(e, y2), x.in(e, y2-1)
		return qval{known: now.calculate('-', before.known)}
	case "cagr": // read as a plain figure only for display; compared by powers in compare
		return qval{known: known{span: anything, gap: true}}
	}
	if y1 > y2 { // it began after the last of them
		if x.fn == "highest" || x.fn == "total" {
			return qval{known: exactly(Num{})}
		}
		return qval{known: known{span: anything, noBase: true}}
	}
	var out qval
	for y := y1; y <= y2; y++ {
		var v qval
		if x.fn == "mean_growth" {
			v = x.growthAt(e, y)
		} else {
			v = x.in(e, y)
		}
		if y == y1 {
			out = v
			continue
		}
		out = qval{known: out.fold(x.fn, v.known)}
	}
	out.known = out.folded(x.fn, y2-y1+1)
	if x.at != nil && x.at.openFrom && e.atYear == 0 {
		return x.earlier(e, out, y1, y2)
	}
	return out
}

// ends of a compound growth rate: the first and last value and the number of years between them.
func (x *callExpr) ends(e *env) (before, now qval, years int) {
	y1, y2 := x.yearRange(e)
	return x.in(e, y1-1), x.in(e, y2), y2 - y1 + 1
}

func (x *receivedExpr) eval(e *env) qval {
	total, said := Num{}, false
	pending := false
	for _, id := range x.schemes {
		pending = pending || e.f.pending[id]
		for _, a := range e.f.received[id] {
			said = said || a.on == 0
			total = total.Add(frac(int64(a.amount), 100))
			if e.refs == nil {
				e.used("", "", "", &a.source)
			} else {
				e.used("received("+x.schemes[0]+")", x.read(e.say), e.say.fen(a.amount), &a.source)
			}
		}
	}
	if !pending && (said || x.own && e.f.receivedThrough >= e.on) {
		if x.own && !said {
			e.mayChange(e.f.receivedThrough.AddDays(1))
		}
		return qval{known: exactly(total)}
	}
	e.need(Need{Key: "received(" + x.schemes[0] + ")", Label: chinese.say(&pReceived, x.name), Type: TypeNumber, Unit: unitMoney,
		Help: chinese.say(&pNothingYet)})
	return qval{known: known{span: span{at(total), plusInf}, gap: true}}
}
