package policy

// rangeOf bounds a quantity of numbers by what the vocabulary says of its terms.
func rangeOf(x expr, depth int) span {
	if depth > 30 {
		return anything
	}
	switch y := x.(type) {
	case *numExpr:
		return just(y.v)
	case *termExpr:
		return y.term.within
	case *receivedExpr:
		return notBelowZero
	case *recordExpr:
		switch {
		case y.field == nil:
			return notBelowZero
		case y.field.Type == TypeNumber && y.fn == "total":
			return y.field.within.total()
		case y.field.Type == TypeNumber:
			return y.field.within.hull(just(Num{}))
		}
	case *fieldExpr:
		if y.field.Type == TypeNumber {
			return y.field.within
		}
	case *nameExpr:
		if y.def.quantity != nil {
			return rangeOf(y.def.quantity.expr, depth+1)
		}
		if y.def.value != nil {
			return y.def.value.bounds(y.column, depth+1)
		}
	case *binExpr:
		a, b := rangeOf(y.l, depth+1), rangeOf(y.r, depth+1)
		switch y.op {
		case '+':
			return a.add(b)
		case '-':
			return a.sub(b)
		case '*':
			return a.mul(b)
		}
		if a.lo.sign() >= 0 && partOf(y.l, y.r, depth+1) {
			return span{at(Num{}), at(intNum(1))}
		}
		return a.div(b)
	case *callExpr:
		a := rangeOf(y.arg, depth+1)
		switch y.fn {
		case "average", "highest", "lowest":
			return a
		case "increase":
			return a.sub(a)
		case "total":
			if a.lo.sign() >= 0 {
				return span{a.lo, plusInf}
			}
		case "growth", "mean_growth", "cagr":
			if a.lo.sign() >= 0 {
				return span{at(intNum(-1)), plusInf}
			}
		}
	}
	return anything
}

// partOf says whether a quantity is one of the parts that a sum of nothing below zero is made of.
func partOf(part, sum expr, depth int) bool {
	b, ok := sum.(*binExpr)
	if !ok || b.op != '+' || rangeOf(b.l, depth).lo.sign() < 0 || rangeOf(b.r, depth).lo.sign() < 0 {
		return false
	}
	for _, x := range []expr{b.l, b.r} {
		if x.read(chinese) == part.read(chinese) || partOf(part, x, depth+1) {
			return true
		}
	}
	return false
}

// bounds is what a value may come to at least and at most, whoever is asked.
func (v *value) bounds(column string, depth int) span {
	if depth > 30 {
		return anything
	}
	out := notBelowZero
	switch v.kind {
	case valueLiteral:
		out = v.lit.span()
	case valueExpr:
		out = rangeOf(v.expr, depth+1)
	case valueLine:
		rate, base := v.give.bounds("", depth+1), rangeOf(v.expr, depth+1)
		if v.upTo != nil {
			if n, ok := v.upTo.fixed(); ok {
				base.hi = minBound(base.hi, at(n))
			} else {
				base.hi = minBound(base.hi, rangeOf(v.upTo.named, depth+1).hi)
			}
		}
		if v.beyond != nil {
			if n, ok := v.beyond.fixed(); ok && base.hi.inf == 0 {
				base.hi = at(base.hi.v.Sub(n))
			}
		}
		base = span{maxBound(base.lo, at(Num{})), maxBound(base.hi, at(Num{}))}
		if v.per != nil {
			if base.hi.inf == 0 {
				base.hi = at(base.hi.v.Div(v.per.low).Ceil())
			}
			base.lo = at(Num{})
		}
		if v.beyond != nil {
			base.lo = at(Num{})
		}
		out = rate.mul(base)
	case valueTable:
		rows := v.allRows()
		for i, r := range rows {
			cell := r.value
			if column != "" {
				cell = r.cells[column]
			}
			if cell == nil {
				return anything
			}
			if b := cell.bounds("", depth+1); i == 0 {
				out = b
			} else {
				out = out.hull(b)
			}
		}
		if v.els == nil {
			out = out.hull(just(Num{}))
		}
	case valueEach:
		out = v.give.bounds("", depth+1).total()
	case valueSum, valueHighest:
		for i, p := range v.parts {
			b := p.bounds("", depth+1)
			switch {
			case i == 0:
				out = b
			case v.kind == valueSum:
				out = out.add(b)
			default:
				out = span{maxBound(out.lo, b.lo), maxBound(out.hi, b.hi)}
			}
		}
	}
	if v.guard != nil {
		out = out.hull(just(Num{}))
	}
	for i := range v.steps {
		s := &v.steps[i]
		w := s.value.bounds("", depth+1)
		before := out
		switch s.kind {
		case stepTimes:
			out = out.mul(w)
		case stepLess:
			out = out.sub(w)
			if !s.recover {
				out = span{maxBound(out.lo, at(Num{})), maxBound(out.hi, at(Num{}))}
			}
		case stepAtMost:
			out = span{minBound(out.lo, w.lo), minBound(out.hi, w.hi)}
		case stepAtLeast:
			out = span{maxBound(out.lo, w.lo), maxBound(out.hi, w.hi)}
		}
		if s.guard != nil {
			out = out.hull(before)
		}
	}
	return out
}
