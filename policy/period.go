package policy

import (
	"regexp"
	"strconv"
	"strings"
)

// A period is what one of a document's own year-words means: 上年 is P-1 here and A-1 there.
// P is the performance year, A the year (for rolling months the day) of application.
type period struct {
	word     string
	kind     periodKind
	base     byte // 'P' or 'A'
	from, to int  // offsets from the base, in years
	openFrom bool // every year up to `to`
	months   int  // a rolling window that ends on the evaluation date
}

type periodKind uint8

const (
	periodYears   periodKind = iota
	periodRolling            // the last n months up to the evaluation date
	periodValid              // valid on the evaluation date
	periodRound              // within the running round
)

// validNow is the one built-in period word.
const validNow = "有效"

var (
	periodYear    = `([PA])\s*([+-]\s*\d{1,2})?`
	periodSingle  = regexp.MustCompile(`^` + periodYear + `$`)
	periodRange   = regexp.MustCompile(`^` + periodYear + `\s*\.\.\s*` + periodYear + `$`)
	periodUpTo    = regexp.MustCompile(`^\.\.\s*` + periodYear + `$`)
	periodRollFor = regexp.MustCompile(`^(\d{1,3})(?:个)?月 to A$`)

	periodForms = []*regexp.Regexp{periodSingle, periodRange, periodUpTo, periodRollFor}
)

func parsePeriod(word, text string) (*period, bool) {
	off := func(s string) int {
		n, _ := strconv.Atoi(strings.ReplaceAll(strings.TrimPrefix(s, "+"), " ", ""))
		return n
	}
	if text == "round" {
		return &period{word: word, kind: periodRound}, true
	}
	if m := periodSingle.FindStringSubmatch(text); m != nil {
		return &period{word: word, base: m[1][0], from: off(m[2]), to: off(m[2])}, true
	}
	if m := periodRange.FindStringSubmatch(text); m != nil && m[1] == m[3] && off(m[2]) <= off(m[4]) {
		return &period{word: word, base: m[1][0], from: off(m[2]), to: off(m[4])}, true
	}
	if m := periodUpTo.FindStringSubmatch(text); m != nil {
		return &period{word: word, base: m[1][0], to: off(m[2]), openFrom: true}, true
	}
	if m := periodRollFor.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return &period{word: word, kind: periodRolling, base: 'A', months: n}, n > 0
	}
	return nil, false
}

func (p *period) singleYear() bool { return p.kind == periodYears && !p.openFrom && p.from == p.to }

// years are the first and last year of the period; an open start is 0.
func (p *period) years(e *env) (int, int) {
	base := e.p
	if p.base == 'A' {
		base = e.on.Year()
		e.mayChange(NewDate(base+1, 1, 1))
	} else if !e.fixedP {
		e.mayChange(NewDate(e.on.Year()+1, 1, 1))
	}
	if p.openFrom {
		return 0, base + p.to
	}
	return base + p.from, base + p.to
}

// window is the span of days in which a record counts; the last day of an open or rolling window is the evaluation date.
func (p *period) window(e *env) (from, to Date) {
	switch p.kind {
	case periodRolling:
		return e.on.AddMonths(-p.months), e.on
	case periodRound:
		return NewDate(e.p, 1, 1), e.on
	case periodValid:
		return e.on, e.on
	}
	y1, y2 := p.years(e)
	if e.atYear != 0 {
		y1, y2 = e.atYear, e.atYear
	}
	if y1 == 0 {
		return 0, NewDate(y2, 12, 31)
	}
	return NewDate(y1, 1, 1), NewDate(y2, 12, 31)
}

// undated says that whether a record counts in the period rests on a date that is not stated: it began on an unknown day, of which at most is
// known that it is not after the day until when it is valid.
func (p *period) undated(e *env, r *recordFact) bool {
	if p.kind == periodValid || r.anytime || r.from != 0 {
		return false
	}
	if r.until == 0 {
		return true
	}
	from, to := p.window(e)
	return r.until >= from && (from != 0 || r.until > to)
}

// holds says whether a record counts in the period or, undated, may; it notes the day on which time alone would change that.
func (p *period) holds(e *env, r *recordFact) bool {
	if r.anytime {
		return true
	}
	if p.undated(e, r) {
		if p.kind == periodRolling && r.until != 0 {
			e.mayChange(r.until.AddMonths(p.months).AddDays(1))
		}
		return true
	}
	if p.kind == periodValid {
		switch {
		case r.from > e.on:
			e.mayChange(r.from)
			return false
		case r.until != 0 && r.until < e.on:
			return false
		case r.until != 0:
			e.mayChange(r.until.AddDays(1))
		}
		return true
	}
	from, to := p.window(e)
	day := r.from
	if day == 0 { // it began by then
		day = r.until
	}
	if p.kind == periodRolling {
		if day > e.on {
			e.mayChange(day)
		} else if day >= from {
			e.mayChange(day.AddMonths(p.months).AddDays(1))
		}
	}
	return day >= from && day <= to
}

// covered says whether absence in the period is a fact, given through when the source is complete.
func (p *period) covered(e *env, through Date) bool {
	if through == always {
		return true
	}
	_, to := p.window(e)
	to = min(to, e.on)
	if through < to {
		return false
	}
	if to == e.on {
		e.mayChange(through.AddDays(1))
	}
	return true
}
