package policy

// known is what is known of a quantity: to the evaluator of one party (qval) and to a program over columns (quant) alike.
type known struct {
	span   span // numbers; level words as their rank, -1 for none; dates as yyyymmdd
	any    bool // plain words: may be any word at all
	gap    bool // a fact is missing
	manual bool // a judgement is missing
	noBase bool // growth or ratio on a base that is zero or negative

	mayLack bool // the base is not known, and may be zero or negative
	early   bool // which year it is of something that begins only after the year asked about: it meets nothing that is asked of a year
}

func exactly(n Num) known { return known{span: just(n)} }

// unstated is what is known of a term that nobody has stated.
func unstated(typ string, within span, options []string) known {
	switch typ {
	case TypeNumber:
		return known{span: within, gap: true}
	case TypeLevel:
		return known{span: span{at(Num{}), atInt(len(options) - 1)}, gap: true}
	case TypeDate:
		return known{span: anything, gap: true}
	}
	return known{any: true, gap: true}
}

// unstated is what is known of a field of a record that does not state it.
func (f *Field) unstated() known {
	switch f.Type {
	case TypeLevel, TypeNumber:
		return unstated(f.Type, f.within, f.Options)
	}
	return known{span: anything, any: true, gap: true}
}

func (k known) undecided() bool { return k.gap || k.manual || k.noBase }

// mix carries the marks of both operands.
func (k known) mix(o known, s span) known {
	return known{span: s, gap: k.gap || o.gap, manual: k.manual || o.manual, noBase: k.noBase || o.noBase, mayLack: k.mayLack || o.mayLack, early: k.early || o.early}
}

// nthYear is which year a year is, counted from a day: the first is the day's own.
func nthYear(year int, day Date) known {
	n := year - day.Year() + 1
	k := exactly(intNum(int64(n)))
	k.early = n < 1
	return k
}

// calculate is one of the four operations. A quotient has an answer only over a base above zero.
func (k known) calculate(op byte, o known) known {
	switch op {
	case '+':
		return k.mix(o, k.span.add(o.span))
	case '-':
		return k.mix(o, k.span.sub(o.span))
	case '*':
		return k.mix(o, k.span.mul(o.span))
	}
	if o.span.hi.sign() <= 0 {
		out := k.mix(o, anything)
		out.noBase = true
		return out
	}
	out := k.mix(o, k.span.div(o.span))
	out.mayLack = out.mayLack || o.span.lo.sign() <= 0
	return out
}

// growth is (now − before) ÷ before.
func growth(now, before known) known {
	out := now.calculate('/', before)
	out.span = out.span.sub(just(intNum(1)))
	return out
}

// fold takes one more year into a highest, lowest, total or mean.
func (k known) fold(fn string, year known) known {
	switch fn {
	case "highest":
		return k.mix(year, span{maxBound(k.span.lo, year.span.lo), maxBound(k.span.hi, year.span.hi)})
	case "lowest":
		return k.mix(year, span{minBound(k.span.lo, year.span.lo), minBound(k.span.hi, year.span.hi)})
	}
	return k.calculate('+', year)
}

// folded is what was taken together of so many years: a mean is their sum, divided.
func (k known) folded(fn string, years int) known {
	if mean(fn) && years > 1 {
		k.span = k.span.mul(just(frac(1, int64(years))))
	}
	return k
}

func mean(fn string) bool { return fn == "average" || fn == "mean_growth" }

// against compares with a threshold that is itself a quantity; while that is not known, only where its whole interval decides. What is missing
// of the threshold is then missing of the comparison.
func (k *known) against(limit known, op string) Answer {
	if !limit.undecided() && limit.span.exact() {
		return compare(k.span, op, limit.span.lo.v)
	}
	k.gap, k.manual = k.gap || limit.gap, k.manual || limit.manual || limit.noBase
	if limit.manual && limit.span.exact() || limit.mayLack { // a figure that is not there, or may not be
		return Unknown
	}
	return compare(k.span.sub(limit.span), op, Num{})
}

// baseless is the answer of a comparison of what has no base, whatever else is missing; a person judges only when nothing is.
func (k known) baseless(noBase Answer) Answer {
	if k.gap && noBase == Manual {
		return Unknown
	}
	return noBase
}

// answer is a comparison's answer, with what is missing turned into unknown or manual.
func (k known) answer(a, noBase Answer) Answer {
	if k.early {
		return Unmet
	}
	if k.mayLack && a != noBase {
		a = Unknown
	}
	if a == Unknown && k.manual && !k.gap {
		return Manual
	}
	return a
}

// compound compares a compound growth rate by powers, never by a root: now against before × (1 + rate)ⁿ.
func compound(before, now, rate known, years int, op string, noBase Answer) Answer {
	if rate.undecided() || !rate.span.exact() {
		k := before.mix(now, anything).mix(rate, anything)
		k.manual = k.manual || rate.noBase
		return k.answer(Unknown, noBase)
	}
	factor := intNum(1)
	for range years {
		factor = factor.Mul(intNum(1).Add(rate.span.lo.v))
	}
	a := compare(now.span.sub(before.span.mul(just(factor))), op, Num{})
	if before.span.lo.sign() <= 0 && a != noBase {
		a = Unknown
	}
	return a
}

// amongLevels answers a level against those that pass, by their ranks.
func amongLevels(s span, levels int, in func(rank int64) bool) Answer {
	yes, no := 0, 0
	lo, _ := s.lo.v.Int64()
	hi, _ := s.hi.v.Int64()
	if s.lo.inf != 0 || s.hi.inf != 0 {
		lo, hi = -1, int64(levels-1)
	}
	for i := lo; i <= hi; i++ {
		if i >= 0 && i < int64(levels) && in(i) {
			yes++
		} else {
			no++
		}
	}
	return decided(yes > 0 && no == 0, yes == 0)
}

// pick reads the end of an unknown quantity that suits the pass, the worse or the better for the claimant; incomplete says that there are two.
func (k known) pick(better bool) (g given, incomplete bool) {
	if k.noBase && !k.gap {
		return byHand, false
	}
	if k.manual && !k.gap {
		return given{lo: k.span.lo, hi: k.span.hi, manual: true}, false
	}
	s := k.span
	if k.mayLack { // what has no base comes to nothing that anybody is sure of
		s = anything
	}
	b := s.lo
	if better {
		b = s.hi
	}
	return given{lo: b, hi: b}, !s.exact()
}

// scored is a value as a quantity: from its worse to its better end. A table that reaches no row has no figure, which is not nothing: a
// threshold of 0 would let everybody pass.
func scored(worse, best given, gap bool) known {
	return known{span: span{worse.lo, best.hi}, gap: gap, manual: worse.manual || worse.lo.cmp(worse.hi) != 0 || best.refused}
}
