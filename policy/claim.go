package policy

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Claim is one application in a closed, frozen round: its facts are as of the cut-off, its time of
// submission is data, so that the order of input never matters.
type Claim struct {
	ID        string // unique in the round; the last key of every order
	Party     string
	Scheme    string // document/scheme
	Facts     *Facts
	Submitted string // sorts as text
	Decided   *Fen   // the sum a person set below a ceiling, within a range or from case to case; nil: not yet
	Place     int    // where a person put it among claims of equal rank, from 1 on, where that is left to a person; 0: not decided
	Judged    bool   // a person judged that what only a person can judge holds, so that a manual answer counts as met
	// Fields are what the claim says of itself that a limit may count by: the fair, the product, the project. One that is not here is read from the facts.
	Fields map[string]string

	unsaid bool // an example does not say who claims
}

// Past is an award of an earlier round: what is counted first within the scope of a limit.
type Past struct {
	Claim  string // what to call it
	Party  string
	Scheme string
	Year   int    // performance year; 0: not known
	Round  string // the round's ID
	Amount Fen    // as it was awarded; nothing for an honour
	PaidOn Date   // zero: not paid yet
	Fields map[string]string

	unsaid bool // an example does not say who was awarded it
}

// Round is a closed, frozen round: everything that settlement rests on.
type Round struct {
	ID          string
	On          Date
	Performance int    // 0: each document's own
	Batch       string // empty: it says none
	Claims      []Claim
	History     []Past
	Funds       map[string]Fen // what each fund can still give

	seen *seen // what examples reach, while their coverage is measured
}

// mostFen is a sum that no clause gives (a hundred thousand million yuan): a claim beyond it waits for a person, so that sums never overflow.
const mostFen Fen = 1e13

// mostClaims bounds a round, so that sums never overflow.
const mostClaims = 100_000

// item is a claim on its way through the pipeline.
type item struct {
	*Settled
	claim  *Claim
	scheme *Scheme
	facts  *Facts // with what earlier layers of the round gave
	most   Fen    // while it is open: the most it may come to
	done   bool   // settled in an earlier layer
	met    bool   // it has a claim to money, whatever the limits leave of it
}

// live says whether there is something to cut: money above nothing, or something that is granted.
func (x *item) live() bool { return !x.Open && x.Granted && (x.Amount > 0 || !x.money()) }

func (x *item) money() bool { return x.scheme.money() }

func (s *Scheme) money() bool { return s.kind == "money" || s.kind == "penalty" }

// may says whether an open claim may still take something.
func (x *item) may() bool { return x.Open && (x.most > 0 || !x.money()) }

// takes is what a claim takes of a limit: money, or one of a number. An open one: the most that it may take.
func (x *item) takes(count bool) Fen {
	switch {
	case x.Open && !x.may(), !x.Open && !x.live():
		return 0
	case count:
		return 1
	case x.Open:
		return x.most
	}
	return x.Amount
}

// wait leaves a claim open: what it comes to is not known until somebody acts.
func (x *item) wait(why string) {
	if x.Open {
		return
	}
	x.most, x.Amount, x.Open, x.Why = x.Amount, 0, true, why
}

// cut reduces a claim; what is not money is granted or not.
func (x *item) cut(l *limit, to Fen) {
	from := x.Amount
	if !x.money() {
		x.Granted = false
		x.Cuts = append(x.Cuts, Cut{By: l.read(chinese), Stage: stageWords[l.stage]})
		return
	}
	if to < from {
		x.Amount = to
		x.Cuts = append(x.Cuts, Cut{By: l.read(chinese), From: from, To: to, Stage: stageWords[l.stage]})
	}
}

// field is what a claim says of itself under a word of a scope; ok is false when it is not known.
func (s *settling) field(x *item, word string) (string, bool) {
	if v := x.claim.Fields[word]; v != "" {
		return v, true
	}
	switch word {
	case fieldYear:
		return strconv.Itoa(s.year(x.scheme)), true
	case fieldSession:
		return s.round.ID, true
	case fieldSubmitted:
		return x.claim.Submitted, true
	case fieldNumber:
		return x.claim.ID, true
	}
	v := s.lib.vocabulary
	if t := v.terms[word]; t != nil {
		e := s.env(x.scheme, x.facts)
		year := 0
		if t.Yearly() {
			year = e.p
		}
		q := e.term(t, year)
		switch {
		case q.undecided() || q.any:
			return "", false
		case len(q.words) == 1:
			return q.words[0], true
		case q.span.exact():
			return canonical(TypeNumber, t.unit, datum{num: q.span.lo.v}), true
		}
		return "", false
	}
	if word == x.scheme.subject || v.subjects[word] {
		return x.claim.Party, true
	}
	return "", false
}

func (s *settling) pastField(p *Past, word string) (string, bool) {
	if v := p.Fields[word]; v != "" {
		return v, true
	}
	switch word {
	case fieldYear:
		return strconv.Itoa(p.Year), p.Year != 0
	case fieldSession:
		return p.Round, p.Round != ""
	}
	scheme := s.lib.byScheme[p.Scheme]
	if s.lib.vocabulary.terms[word] == nil && (scheme != nil && word == scheme.subject || s.lib.vocabulary.subjects[word]) {
		return p.Party, p.Party != ""
	}
	return "", false
}

// within is where a claim or an earlier award stands under a limit: a value for each word of the scope; a word whose value is not known is open.
type within struct {
	values []string
	open   []bool
}

// where is where a claim stands under a limit.
func (s *settling) where(l *limit, x *item) within {
	return l.within(x.claim.Fields, x.claim.unsaid, func(word string) (string, bool) { return s.field(x, word) })
}

// wherePast is where an earlier award stands under a limit.
func (s *settling) wherePast(l *limit, p *Past) within {
	return l.within(p.Fields, p.unsaid, func(word string) (string, bool) { return s.pastField(p, word) })
}

// within reads the scope of a limit. Where it names the claimant and what the clause is for besides (企业 and 项目), neither stands for the other:
// both have to be said.
func (l *limit) within(fields map[string]string, unsaid bool, value func(word string) (string, bool)) within {
	var w within
	both := l.both()
	for _, word := range l.per {
		v, ok := value(word)
		if both && l.scheme.claimant(word) && fields[word] == "" && (word == l.scheme.subject || unsaid) {
			v, ok = "", false
		}
		w.values, w.open = append(w.values, v), append(w.open, !ok)
	}
	return w
}

func (w within) known() bool { return !slices.Contains(w.open, true) }

func (w within) key() string { return strings.Join(w.values, "\x00") }

// may says whether it may be the same scope: what is known of both agrees.
func (w within) may(o within) bool {
	for i := range w.values {
		if !w.open[i] && !o.open[i] && w.values[i] != o.values[i] {
			return false
		}
	}
	return true
}

// same says whether it is certainly the same scope.
func (w within) same(o within) bool { return w.known() && o.known() && w.key() == o.key() }

// missing names the words whose values are not known.
func (w within) missing(l *limit) string {
	var out []string
	for i, open := range w.open {
		if open {
			out = append(out, l.per[i])
		}
	}
	return strings.Join(out, "、")
}

// plus adds without overflowing.
func plus(a, b Fen) Fen {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
