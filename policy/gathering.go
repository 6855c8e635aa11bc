package policy

// gathering is the best, highest, lowest, total or average of a field over the records that count: first those that certainly do, then those
// that may. Of none at all it is 0, or no level.
type gathering struct {
	fn        string
	none, top bound // what no record comes to, and the most that one may
	least     bound // the least that a record of which the field is not known may come to
	low, high bound
	lowest    bound // of any record that may count
	highest   bound
	sure      int
	missing   bool
}

func newGathering(fn string, field *Field) gathering {
	g := gathering{fn: fn, top: plusInf}
	if field.Type == TypeLevel {
		g.none, g.top = at(intNum(-1)), at(intNum(int64(len(field.Options)-1)))
	}
	g.low, g.high, g.lowest, g.highest = g.none, g.none, g.top, g.none
	return g
}

func (g *gathering) takeUnknown(certain bool) {
	g.missing = true
	g.take(span{g.least, g.top}, certain)
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
	}
}

// result is what is known of it, and whether something is missing; complete says that there are no other records.
func (g *gathering) result(complete bool) (span, bool) {
	s, missing := span{g.low, g.high}, g.missing || !complete
	if !complete {
		switch {
		case g.fn == "lowest" && g.sure > 0:
			s.lo = minBound(s.lo, g.least)
		case g.fn == "lowest":
			s = span{minBound(s.lo, g.none), g.top}
		default:
			s.hi = g.top
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
		s.lo, s.hi = minBound(s.lo, g.none), maxBound(s.hi, g.none)
	}
	if !complete {
		s = span{minBound(s.lo, g.least), g.top}
	}
	return s, s.lo.cmp(s.hi) != 0
}
