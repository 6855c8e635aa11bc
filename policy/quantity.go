package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// quant is what is known of a quantity of one row: qval over the columns. A word is a code.
type quant struct {
	known
	word int32
}

// quantity is a compiled expression.
type quantity struct {
	key  string // equal keys compute the same
	typ  qtype
	eval func(r *Runner, row int) quant
	form *ratio // where it is linear, or one linear form over another

	single int // where it is one column of codes: its place, +1
}

// quantity compiles an expression.
func (c *compiler) quantity(x expr) *quantity {
	defer c.deeper()()
	switch y := x.(type) {
	case *numExpr:
		v := quant{known: exactly(y.v)}
		return &quantity{key: "#" + y.v.String(), typ: x.typ(), eval: func(*Runner, int) quant { return v }, form: &ratio{top: linear{plus: y.v}}}
	case *termExpr:
		return c.term(y)
	case *fieldExpr:
		return c.fieldOf(y)
	case *recordExpr:
		return c.records(y)
	case *nameExpr:
		return c.name(y)
	case *binExpr:
		return c.binary(y)
	case *callExpr:
		return c.call(y)
	case *receivedExpr:
		return c.receivedOf(y)
	case *roundExpr:
		return c.round(y)
	}
	c.fail(fmt.Sprintf("a quantity of kind %T", x))
	return nil
}

// round compiles what the round says, which is known when a program is compiled.
func (c *compiler) round(x *roundExpr) *quantity {
	e := c.s.env(c.p.question)
	e.changes = 0
	v := x.eval(e)
	moves := e.changes != 0
	if len(v.words) > 1 {
		c.fail("a round that says several words")
	}
	out := quant{known: v.known}
	q := &quantity{key: fmt.Sprintf("round %s %v", x.what, v.words), typ: x.typ()}
	if len(v.words) == 1 {
		out.word = c.p.code(v.words[0])
	} else if !v.any && v.span.exact() {
		q.key += v.span.lo.v.String()
		q.form = &ratio{top: linear{plus: v.span.lo.v}}
	}
	q.eval = func(*Runner, int) quant { return out }
	return c.moving(q, moves)
}

// moving wraps what the turn of the year may change.
func (c *compiler) moving(q *quantity, moves bool) *quantity {
	if !moves {
		return q
	}
	inner, day := q.eval, c.newYear()
	out := *q
	out.key += "~"
	out.eval = func(r *Runner, row int) quant {
		r.note(day)
		return inner(r, row)
	}
	return &out
}

func (c *compiler) term(x *termExpr) *quantity {
	year, moves := 0, false
	if x.term.Yearly() {
		switch {
		case c.atYear != 0:
			year = c.atYear
		case x.at != nil:
			_, year, moves = c.years(x.at)
		}
	}
	at, t := c.cell(x.term, year), x.term
	q := &quantity{key: t.Name + yearKey(year), typ: x.typ()}
	missing := quant{known: unstated(t.Type, t.within, t.Options)}
	if coded(t.Type) {
		level := t.Type == TypeLevel
		q.single = at + 1
		q.eval = func(r *Runner, row int) quant {
			code := r.c.cells[at].code[row]
			switch {
			case code == codeOdd:
				r.odd = true
				return missing
			case code == codeMissing:
				return missing
			case level:
				return quant{known: exactly(intNum(int64(code)))}
			}
			return quant{word: code}
		}
		return c.moving(q, moves)
	}
	q.eval = func(r *Runner, row int) quant {
		col := &r.c.cells[at]
		switch col.state[row] {
		case cellKnown:
			return quant{known: exactly(over(col.v[row], col.den))}
		case cellOdd:
			r.odd = true
		}
		return missing
	}
	q.form = &ratio{top: linear{cells: []int{at}, coef: []Num{intNum(1)}}}
	return c.moving(q, moves)
}

// over is v ÷ den.
func over(v, den int64) Num {
	if v%den == 0 {
		return Num{n: v / den, d: 1}
	}
	return frac(v, den)
}

// read is a field of a record as a quantity; ok says that it is known.
func (f *fieldColumn) read(r *Runner, rec int32) (q quant, ok bool) {
	if f.coded {
		switch code := f.code[rec]; {
		case code == codeOdd:
			r.odd = true
			return quant{}, false
		case code == codeMissing:
			return quant{}, false
		case f.field.Type == TypeLevel:
			return quant{known: exactly(intNum(int64(code)))}, true
		default:
			return quant{word: code}, true
		}
	}
	switch f.state[rec] {
	case cellKnown:
		return quant{known: exactly(over(f.v[rec], f.den))}, true
	case cellOdd:
		r.odd = true
	}
	return quant{}, false
}

func (c *compiler) fieldOf(x *fieldExpr) *quantity {
	kind := c.kind(x.kind)
	if c.each != kind+1 {
		c.fail("a field outside its record")
	}
	at := c.field(kind, x.field)
	missing := quant{known: x.field.unstated()}
	return &quantity{key: x.kind.Name + "." + x.field.Name, typ: x.typ(), eval: func(r *Runner, row int) quant {
		if q, ok := r.c.kinds[kind].fields[at].read(r, r.rec); ok {
			return q
		}
		return missing
	}}
}

// finder finds the records of a kind that count.
type finder struct {
	key     string
	kind    int
	valid   bool // on the day
	round   bool
	rolling int // months
	from    Date
	to      Date
	moves   bool // the window moves with the year
	newYear Date
	filters []func(r *Runner, row int, rec int32) Answer
}

func (c *compiler) finder(kind *Record, p *period, filters []filter) *finder {
	f := &finder{kind: c.kind(kind), newYear: c.newYear()}
	on := c.p.on
	switch p.kind {
	case periodValid:
		f.valid, f.from, f.to = true, on, on
	case periodRolling:
		f.rolling, f.from, f.to = p.months, on.AddMonths(-p.months), on
	case periodRound:
		f.round, f.from, f.to = true, NewDate(c.year, 1, 1), on
	case periodYears:
		y1, y2, moves := c.years(p)
		if c.atYear != 0 {
			y1, y2 = c.atYear, c.atYear
		}
		f.moves = moves
		if f.to = NewDate(y2, 12, 31); y1 != 0 {
			f.from = NewDate(y1, 1, 1)
		}
	default:
		c.fail("a period of an unknown kind")
	}
	var key strings.Builder
	fmt.Fprintf(&key, "%s[%d,%d,%v,%v,%d,%v", kind.Name, f.from, f.to, f.valid, f.round, f.rolling, f.moves)
	for _, x := range filters {
		fn, k := c.filter(f.kind, x)
		f.filters = append(f.filters, fn)
		key.WriteString("," + k)
	}
	f.key = key.String() + "]"
	return f
}

func (c *compiler) filter(kind int, x filter) (func(r *Runner, row int, rec int32) Answer, string) {
	at := c.field(kind, x.field)
	q := qtype{kind: x.field.Type, unit: x.field.unit, options: x.field.Options}
	if x.t.other != nil {
		other := c.quantity(x.t.other)
		if k := other.typ.kind; k != TypeWord && k != TypeBool && k != TypeCode {
			c.fail("a filter that compares a word with no word")
		}
		return func(r *Runner, row int, rec int32) Answer {
			d, ok := r.c.kinds[kind].fields[at].read(r, rec)
			if !ok {
				return Unknown
			}
			v := other.eval(r, row)
			if v.any {
				return Unknown
			}
			return decided(v.word == d.word, v.word != d.word)
		}, x.field.Name + "=" + other.key
	}
	test, key := c.test(q, x.op, x.t, Manual)
	return func(r *Runner, row int, rec int32) Answer {
		d, ok := r.c.kinds[kind].fields[at].read(r, rec)
		if !ok {
			return Unknown
		}
		return test(r, row, d)
	}, x.field.Name + key
}

// undated is period.undated.
func (f *finder) undated(k *recordColumns, rec int32) bool {
	until := k.until[rec]
	if f.valid || k.from[rec] != 0 || until == always {
		return false
	}
	return until == 0 || until >= f.from && (f.from != 0 || until > f.to)
}

func (f *finder) holds(r *Runner, k *recordColumns, rec int32) bool {
	from, until := k.from[rec], k.until[rec]
	if from == 0 && until == always || f.undated(k, rec) { // counts always, or may
		if until != 0 && until != always {
			if f.moves {
				r.note(f.newYear)
			}
			if f.rolling != 0 && r.Changes {
				r.note(until.AddMonths(f.rolling).AddDays(1))
			}
		}
		return true
	}
	on := r.p.on
	if f.valid {
		switch {
		case from > on:
			r.note(from)
			return false
		case until != 0 && until < on:
			return false
		case until != 0:
			if r.Changes {
				r.note(until.AddDays(1))
			}
		}
		return true
	}
	if f.moves {
		r.note(f.newYear)
	}
	day := from
	if day == 0 {
		day = until
	}
	if f.rolling != 0 && r.Changes {
		if day > on {
			r.note(day)
		} else if day >= f.from {
			r.note(day.AddMonths(f.rolling).AddDays(1))
		}
	}
	return day >= f.from && day <= f.to
}

func (f *finder) complete(r *Runner, through Date) bool {
	if through == always {
		return true
	}
	if f.moves {
		r.note(f.newYear)
	}
	to := min(f.to, r.p.on)
	if through < to {
		return false
	}
	if to == r.p.on && r.Changes {
		r.note(through.AddDays(1))
	}
	return true
}

// find pushes the records that certainly count, then those that may, on the stack: from base to sure, and from sure to its end.
func (f *finder) find(r *Runner, row int) (base, sure int, complete bool) {
	k := &r.c.kinds[f.kind]
	complete = f.complete(r, k.covered[row]) || f.round && k.decided[row]
	base = len(r.found)
	first, end := k.start[row], k.start[row+1]
	sure = base
	for rec := first; rec < end; rec++ {
		if !f.holds(r, k, rec) {
			continue
		}
		out := Met
		for _, pass := range f.filters {
			a := pass(r, row, rec)
			if a == Unmet {
				out = Unmet
				break
			}
			if a != Met {
				out = a
			}
		}
		if out == Met && f.undated(k, rec) {
			out = Unknown
		}
		switch out {
		case Met: // before those that may, in their order
			r.found = append(r.found, 0)
			copy(r.found[sure+1:], r.found[sure:])
			r.found[sure] = rec
			sure++
		case Unknown, Manual:
			r.found = append(r.found, rec)
		}
	}
	return base, sure, complete
}

func (c *compiler) records(x *recordExpr) *quantity {
	f := c.finder(x.kind, x.at, x.filter)
	q := &quantity{key: x.fn + "(" + f.key + ")", typ: x.typ()}
	if x.field == nil {
		q.eval = func(r *Runner, row int) quant {
			base, sure, complete := f.find(r, row)
			n, may := sure-base, len(r.found)-sure
			r.found = r.found[:base]
			out := quant{known: known{span: span{atInt(n), atInt(n + may)}}}
			if !complete {
				out.span.hi = plusInf
			}
			out.gap = !complete || may != 0
			return out
		}
		return q
	}
	at := c.field(f.kind, x.field)
	q.key += "." + x.field.Name
	empty := newGathering(x.fn, x.field)
	q.eval = func(r *Runner, row int) quant {
		base, sure, complete := f.find(r, row)
		col := &r.c.kinds[f.kind].fields[at]
		g := empty
		for i := base; i < len(r.found); i++ {
			if d, ok := col.read(r, r.found[i]); ok {
				g.take(d.span, i < sure)
			} else {
				g.takeUnknown(i < sure)
			}
		}
		r.found = r.found[:base]
		out := quant{}
		out.span, out.gap = g.result(complete)
		return out
	}
	return q
}

func (c *compiler) name(x *nameExpr) *quantity {
	moves, year := false, c.atYear
	if x.at != nil && year == 0 {
		_, year, moves = c.years(x.at)
	}
	var q *quantity
	c.at(year, func() {
		if x.def.quantity != nil {
			inner := *c.quantity(x.def.quantity.expr)
			q = &inner
			return
		}
		if x.def.value == nil {
			c.fail("a name of neither a quantity nor a value")
		}
		amount := c.value(x.def.value, x.column)
		q = &quantity{key: fmt.Sprintf("value %p.%s%s", x.def.value, x.column, yearKey(year)), typ: x.typ(), eval: score(amount)}
		if n, ok := x.def.value.fixed(); ok {
			q.form = &ratio{top: linear{plus: n}}
		}
	})
	return c.moving(q, moves)
}

// score reads a value as a quantity, as value.score does.
func score(amount amountFn) func(r *Runner, row int) quant {
	return func(r *Runner, row int) quant {
		better, incomplete := r.better, r.incomplete
		r.better, r.incomplete = false, false
		worse := amount(r, row)
		best := worse
		gap := r.incomplete
		if gap {
			r.better = true
			best = amount(r, row)
		}
		r.better, r.incomplete = better, incomplete
		return quant{known: scored(worse, best, gap)}
	}
}

func (c *compiler) binary(x *binExpr) *quantity {
	l, m := c.quantity(x.l), c.quantity(x.r)
	q := &quantity{key: "(" + l.key + string(x.op) + m.key + ")", typ: x.t}
	f, g, op := l.eval, m.eval, x.op
	q.eval = func(r *Runner, row int) quant {
		a, b := f(r, row), g(r, row)
		return quant{known: a.calculate(op, b.known)}
	}
	if l.form != nil && m.form != nil {
		q.form = combine(x.op, l.form, m.form)
	}
	return q
}

func (c *compiler) call(x *callExpr) *quantity {
	if x.fn == "nth_year" {
		arg := c.quantity(x.arg)
		year, fixed, day := c.year, c.fixed, c.newYear()
		return &quantity{key: "nth_year(" + arg.key + ")" + yearKey(year), typ: x.typ(), eval: func(r *Runner, row int) quant {
			d := arg.eval(r, row)
			if d.gap || !d.span.exact() {
				return quant{known: known{span: anything, gap: true}}
			}
			n, _ := d.span.lo.v.Int64()
			if !fixed {
				r.note(day)
			}
			return quant{known: nthYear(year, Date(n))}
		}}
	}
	if x.fn == "full_years" {
		arg := c.quantity(x.arg)
		return &quantity{key: "full_years(" + arg.key + ")", typ: x.typ(), eval: func(r *Runner, row int) quant {
			d := arg.eval(r, row)
			if d.gap || !d.span.exact() {
				return quant{known: known{span: span{at(Num{}), plusInf}, gap: true}}
			}
			day, _ := d.span.lo.v.Int64()
			n, next := Date(day).fullYears(r.p.on)
			r.note(next)
			return quant{known: exactly(intNum(int64(n)))}
		}}
	}
	y1, y2, moves := c.yearRange(x)
	in := func(year int) (q *quantity) {
		c.at(year, func() { q = c.quantity(x.arg) })
		return q
	}
	var q *quantity
	switch x.fn {
	case "growth":
		q = growing(in(y2), in(y2-1))
	case "increase":
		now, before := in(y2), in(y2-1)
		q = &quantity{key: now.key + "-" + before.key, eval: func(r *Runner, row int) quant {
			a, b := now.eval(r, row), before.eval(r, row)
			return quant{known: a.calculate('-', b.known)}
		}}
		if now.form != nil && before.form != nil {
			q.form = combine('-', now.form, before.form)
		}
	case "mean_growth", "average", "total", "highest", "lowest":
		var list []*quantity
		for y := y1; y <= y2; y++ {
			if x.fn == "mean_growth" {
				list = append(list, growing(in(y), in(y-1)))
			} else {
				list = append(list, in(y))
			}
		}
		q = combined(x.fn, list)
	default: // cagr is compared by powers, and has no figure of its own
		c.fail("the function " + x.fn)
	}
	q.typ = x.typ()
	return c.moving(q, moves)
}

// yearRange is callExpr.yearRange. Where a period is open at its start it depends on what a party has stated.
func (c *compiler) yearRange(x *callExpr) (from, to int, moves bool) {
	if x.at == nil || c.atYear != 0 {
		return c.atYear, c.atYear, false
	}
	from, to, moves = c.years(x.at)
	if from == 0 {
		c.fail("a figure of all years up to one")
	}
	return max(from, to-60), to, moves
}

func growing(now, before *quantity) *quantity {
	q := &quantity{key: "growth(" + now.key + "," + before.key + ")", typ: qtype{kind: TypeNumber, unit: unitRatio}}
	q.eval = func(r *Runner, row int) quant {
		a, b := now.eval(r, row), before.eval(r, row)
		return quant{known: growth(a.known, b.known)}
	}
	if now.form != nil && before.form != nil && now.form.below == nil && before.form.below == nil {
		q.form = combine('/', &ratio{top: now.form.top.add(before.form.top, intNum(-1))}, before.form)
	}
	return q
}

func combined(fn string, list []*quantity) *quantity {
	q := &quantity{key: fn}
	for _, x := range list {
		q.key += "," + x.key
	}
	n := len(list)
	q.eval = func(r *Runner, row int) quant {
		out := list[0].eval(r, row)
		for _, x := range list[1:] {
			v := x.eval(r, row)
			out = quant{known: out.fold(fn, v.known)}
		}
		out.known = out.folded(fn, n)
		return out
	}
	if fn == "highest" || fn == "lowest" {
		if n == 1 {
			q.form = list[0].form
		}
		return q
	}
	form := list[0].form
	for _, x := range list[1:] {
		if form == nil || x.form == nil {
			return q
		}
		form = combine('+', form, x.form)
	}
	if form != nil && mean(fn) && n > 1 {
		form = combine('*', form, &ratio{top: linear{plus: frac(1, int64(n))}})
	}
	q.form = form
	return q
}

func (c *compiler) receivedOf(x *receivedExpr) *quantity {
	var columns []int
	for _, id := range x.schemes {
		columns = append(columns, indexOf(&c.p.awards, id))
	}
	own := x.own
	return &quantity{key: "received(" + strings.Join(x.schemes, ",") + strconv.FormatBool(own) + ")", typ: x.typ(), eval: func(r *Runner, row int) quant {
		total, said := Num{}, false
		for _, i := range columns {
			a := &r.c.awards[i]
			if a.odd[row] {
				r.odd = true
			}
			total = total.Add(over(a.total[row], 100))
			said = said || a.said[row]
		}
		if through := r.c.through[row]; said || own && through >= r.p.on {
			if own && !said && r.Changes {
				r.note(through.AddDays(1))
			}
			return quant{known: exactly(total)}
		}
		return quant{known: known{span: span{at(total), plusInf}, gap: true}}
	}}
}
