package policy

import (
	"slices"
	"sort"
)

// A limit may be what a fund has. Where the file says what each fund bears, a claim takes of the fund only the part that it bears.

// takes is what a claim takes of a limit.
func (s *settling) takes(l *roundLimit, x *item) Fen {
	n := x.takes(l.count)
	if n <= 0 || !l.bearsPart(x.scheme) {
		return n
	}
	return s.bears(l, x, n)
}

// bearsPart says whether the limit is a fund that bears a part of what a scheme pays.
func (l *roundLimit) bearsPart(scheme *Scheme) bool {
	return l.fund != "" && slices.ContainsFunc(scheme.fundParts, func(p fundPart) bool { return p.fund == l.fund })
}

// bears is what the fund bears of a sum, every instalment split to the fen.
func (s *settling) bears(l *roundLimit, x *item, sum Fen) Fen {
	list, ok := x.scheme.payments(chinese, sum, s.question(x.facts))
	if !ok {
		list = []Payment{{Funds: x.scheme.borne(sum)}}
	}
	total := Fen(0)
	for _, p := range list {
		for _, f := range p.Funds {
			if f.Fund == l.fund {
				total = plus(total, f.Amount)
			}
		}
	}
	return total
}

// leaves is the most that a claim comes to when it takes no more than so much of a limit.
func (s *settling) leaves(l *roundLimit, x *item, part Fen) Fen {
	if !l.bearsPart(x.scheme) {
		return part
	}
	return Fen(sort.Search(int(max(0, x.Amount)), func(i int) bool { return s.bears(l, x, Fen(i)+1) > part }))
}
