package policy

// A period that is open at its start (..P-1: 以往) reads every year since there was anything to read. When that was is a fact like any other: the day
// that a vocabulary marks `founded:`. Until it is known, a year before the earliest that is stated may have held anything.

// readFounded keeps the one day on which each kind of thing began.
func (c *checker) readFounded(n node, t *Term) {
	if n.text() != "是" {
		return
	}
	v := c.lib.vocabulary
	switch old := v.founded[t.Of]; {
	case t.Type != TypeDate || t.Every != "":
		c.errorAt(n, "founded 只用于日期：请写 type: date，不写 every。")
	case old != nil:
		c.errorAt(n, "%s的开始日期已经是“%s”，只能有一个。", clip(t.Of), clip(old.Name))
	default:
		v.founded[t.Of] = t
	}
}

// terms are the terms that an expression reads.
func terms(x expr) map[*Term]bool {
	out := map[*Term]bool{}
	w := &walker{floating: true, seen: map[*definition]bool{}, onExpr: func(x expr) {
		if y, ok := x.(*termExpr); ok {
			out[y.term] = true
		}
	}}
	w.expr(x)
	return out
}

// findFounded finds the day on which what a function reads of all earlier years began.
func (c *checker) findFounded(n node, x *callExpr) {
	of := map[string]bool{}
	x.terms = terms(x.arg)
	for t := range x.terms {
		of[t.Of] = true
	}
	for _, word := range sortedKeys(of) {
		t := c.lib.vocabulary.founded[word]
		switch {
		case t == nil:
			c.errorAt(n, "“%s”要读以前的每一年，得知道从哪一年起：请在词汇表中声明%s开始的日期，例如 开始日期: {of: %s, type: date, founded: 是}；或把期间写成有头的，例如 P-10..P-1。",
				clip(x.at.word), clip(word), clip(word))
		case x.founded != nil && x.founded != t:
			c.errorAt(n, "%s( ) 里的各项属于不同的对象，不知道各从哪一年起，请分开写。", x.fn)
		default:
			x.founded = t
		}
	}
}

// beginning is the first year that a function over an open period reads, and whether there can be none before it: what began later has no earlier
// year, but what is stated of one is not passed over.
func (x *callExpr) beginning(e *env, last int) (year int, known bool) {
	stated := last + 1
	for k := range e.f.values {
		if k.year != 0 && k.year < stated && x.terms[k.term] {
			stated = k.year
		}
	}
	if x.founded != nil {
		if d := e.term(x.founded, 0); !d.undecided() && d.span.exact() {
			day, _ := d.span.lo.v.Int64()
			return max(min(stated, Date(day).Year()), firstYear), true
		}
	}
	return min(stated, last), false
}

// earlier adds the years before the earliest that is stated, as long as nobody says that there were none.
func (x *callExpr) earlier(e *env, out qval, y1, y2 int) qval {
	if _, known := x.beginning(e, y2); known {
		return out
	}
	refs, needs := e.refs, e.needs
	e.refs, e.needs = nil, nil
	before := x.in(e, y1-1)
	e.refs, e.needs = refs, needs
	switch x.fn {
	case "highest", "lowest":
		out.known = out.fold(x.fn, before.known)
	case "total":
		if out.span.hi = plusInf; before.span.lo.sign() < 0 {
			out.span.lo = minusInf
		}
	default:
		out.span = anything
	}
	out.gap = true
	return out
}
