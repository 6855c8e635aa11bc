package policy

// gathering is the best, highest, lowest, total or average of a field over the records that count: first those that certainly do, then those
// that may. Of none at all it is 0, or no level.
type gathering struct {
	fn        string
	none      bound // what no record comes to
	each      span  // what a record of which the field is not known may come to
	low, high bound
	lowest    bound // of any record that may count
	highest   bound
	sure      int
	missing   bool
}

func newGathering(fn string, field *Field) gathering {
	g := gathering{fn: fn, each: field.unstated().span}
	if field.Type == TypeLevel {
		g.none = at(intNum(-1))
	}
	g.low, g.high, g.lowest, g.highest = g.none, g.none, plusInf, minusInf
	return g
}

func (g *gathering) takeUnknown(certain bool) {
	g.missing = true
	g.take(g.each, certain)
}

func (g *gathering) take(v span, certain bool) {
	g.lowest, g.highest = minBound(g.lowest, v.lo), maxBound(g.highest, v.hi)
	first := certain && g.sure == 0
	if certain {
		g.sure++
	} else {
		g.missing = true
	}
	switch {
	case g.fn == "total" || g.fn == "average":
		if !certain {
			v = span{minBound(v.lo, at(Num{})), maxBound(v.hi, at(Num{}))}
		}
		g.low, g.high = g.low.add(v.lo), g.high.add(v.hi)
	case first:
		g.low, g.high = v.lo, v.hi
	case g.fn == "lowest" && certain:
		g.low, g.high = minBound(g.low, v.lo), minBound(g.high, v.hi)
	case g.fn == "lowest": // one that does not count leaves the others, or none
		g.low = minBound(g.low, v.lo)
		if g.sure == 0 {
			g.high = maxBound(g.high, v.hi)
		}
	case certain:
		g.low, g.high = maxBound(g.low, v.lo), maxBound(g.high, v.hi)
	default:
		g.high = maxBound(g.high, v.hi)
		if g.sure == 0 {
			g.low = minBound(g.low, v.lo)
		}
	}
}

// result is what is known of it, and whether something is missing; complete says that there are no other records.
func (g *gathering) result(complete bool) (span, bool) {
	s, missing := span{g.low, g.high}, g.missing || !complete
	if !complete {
		switch {
		case g.fn == "total":
			s = s.add(g.each.total())
		case g.sure == 0:
			s = s.hull(g.each)
		case g.fn == "lowest":
			s.lo = minBound(s.lo, g.each.lo)
		default:
			s.hi = maxBound(s.hi, g.each.hi)
		}
	}
	if g.fn != "average" {
		return s, missing && s.lo.cmp(s.hi) != 0
	}
	if !missing {
		if g.sure > 0 {
			s = s.div(just(intNum(int64(g.sure))))
		}
		return s, false
	}
	s = span{g.lowest, g.highest} // an average lies among what is averaged
	if g.sure == 0 {
		s = s.hull(span{g.none, g.none})
	}
	if !complete {
		s = s.hull(g.each)
	}
	return s, s.lo.cmp(s.hi) != 0
}

// total is what figures within the span may add up to, however many there are.
func (s span) total() span {
	out := just(Num{})
	if s.lo.sign() < 0 {
		out.lo = minusInf
	}
	if s.hi.sign() > 0 {
		out.hi = plusInf
	}
	return out
}
