package policy

import "slices"

// A region is a set of values of one quantity: intervals of numbers, or words.
type region struct {
	list  []interval
	whole bool     // whole numbers only: levels by rank, and counts
	words []string // of words: the ones in the set …
	rest  bool     // … and all others, or (rest) all but these
	text  bool     // a set of words
}

// interval is one stretch of numbers; an open end does not belong to it.
type interval struct {
	lo, hi         bound
	loOpen, hiOpen bool
}

func (i interval) empty() bool {
	c := i.lo.cmp(i.hi)
	return c > 0 || c == 0 && (i.loOpen || i.hiOpen || i.lo.inf != 0)
}

// rounded makes the ends of an interval of whole numbers such that they belong to it.
func (i interval) rounded() interval {
	one := intNum(1)
	if i.lo.inf == 0 {
		n := i.lo.v.Ceil()
		if i.loOpen && n.Cmp(i.lo.v) == 0 {
			n = n.Add(one)
		}
		i.lo, i.loOpen = at(n), false
	}
	if i.hi.inf == 0 {
		n := i.hi.v.Floor()
		if i.hiOpen && n.Cmp(i.hi.v) == 0 {
			n = n.Sub(one)
		}
		i.hi, i.hiOpen = at(n), false
	}
	return i
}

func numbers(whole bool, list ...interval) region {
	r := region{whole: whole}
	for _, i := range list {
		if whole {
			i = i.rounded()
		}
		if !i.empty() {
			r.list = append(r.list, i)
		}
	}
	return r
}

func valuesIn(s span, whole bool) region { return numbers(whole, interval{lo: s.lo, hi: s.hi}) }

func wordSet(words ...string) region { return region{text: true, words: words} }

func (r region) empty() bool {
	if r.text {
		return !r.rest && len(r.words) == 0
	}
	return len(r.list) == 0
}

// but is everything that is not in the region.
func (r region) but() region {
	if r.text {
		r.rest = !r.rest
		return r
	}
	out := []interval{{lo: minusInf, hi: plusInf}}
	for _, i := range r.list {
		var next []interval
		for _, o := range out {
			next = append(next,
				meet(o, interval{lo: minusInf, hi: i.lo, hiOpen: !i.loOpen}),
				meet(o, interval{lo: i.hi, hi: plusInf, loOpen: !i.hiOpen}))
		}
		out = next
	}
	return numbers(r.whole, out...)
}

func meet(a, b interval) interval {
	out := a
	if c := b.lo.cmp(a.lo); c > 0 || c == 0 && b.loOpen {
		out.lo, out.loOpen = b.lo, b.loOpen
	}
	if c := b.hi.cmp(a.hi); c < 0 || c == 0 && b.hiOpen {
		out.hi, out.hiOpen = b.hi, b.hiOpen
	}
	return out
}

func (r region) and(o region) region {
	if r.text {
		out := region{text: true}
		switch {
		case r.rest && o.rest:
			out.rest = true
			out.words = slices.Clone(r.words)
			for _, w := range o.words {
				if !slices.Contains(out.words, w) {
					out.words = append(out.words, w)
				}
			}
		case r.rest:
			return o.and(r)
		default:
			for _, w := range r.words {
				if slices.Contains(o.words, w) != o.rest {
					out.words = append(out.words, w)
				}
			}
		}
		return out
	}
	var list []interval
	for _, a := range r.list {
		for _, b := range o.list {
			list = append(list, meet(a, b))
		}
	}
	return numbers(r.whole || o.whole, list...)
}

func (r region) or(o region) region { return r.but().and(o.but()).but() }

// in says whether all of the region lies in another.
func (r region) in(o region) bool { return r.and(o.but()).empty() }

func (r region) same(o region) bool { return r.in(o) && o.in(r) }

// beyond is the region that a comparison lets pass.
func beyond(op string, t Num, whole bool) region {
	b := at(t)
	switch op {
	case "at_least":
		return numbers(whole, interval{lo: b, hi: plusInf})
	case "over":
		return numbers(whole, interval{lo: b, hi: plusInf, loOpen: true})
	case "at_most":
		return numbers(whole, interval{lo: minusInf, hi: b})
	case "under":
		return numbers(whole, interval{lo: minusInf, hi: b, hiOpen: true})
	}
	return numbers(whole, interval{lo: b, hi: b})
}

// read names the first stretch of a region of numbers as a person would: 不低于1万元、低于2万元.
func (r region) read(q qtype) string {
	if r.text {
		if r.rest {
			return "别的词"
		}
		return joined(r.words)
	}
	if len(r.list) == 0 {
		return "没有"
	}
	i := r.list[0]
	one := func(b bound) string {
		if q.kind == TypeLevel {
			if n, ok := b.v.Int64(); ok && n >= 0 && int(n) < len(q.options) {
				return q.options[n]
			}
			return "没有"
		}
		if q.kind == TypeDate {
			n, _ := b.v.Int64()
			return Date(n).String()
		}
		return formatNum(b.v, q.unit, 4)
	}
	if i.lo.cmp(i.hi) == 0 {
		return "正好" + one(i.lo)
	}
	s := ""
	if i.lo.inf == 0 {
		s = chinese.than(map[bool]string{true: "over", false: "at_least"}[i.loOpen], one(i.lo))
	}
	if i.hi.inf == 0 {
		if s != "" {
			s += "、"
		}
		s += chinese.than(map[bool]string{true: "under", false: "at_most"}[i.hiOpen], one(i.hi))
	}
	return s
}

func joined(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += "、"
		}
		out += w
	}
	return out
}
