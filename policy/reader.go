package policy

import (
	"strconv"
	"strings"
)

// Lang is a language in which a result, a scheme or an explanation is told.
type Lang uint8

// The languages of readers. A file's own wording stays as published, in every language.
const (
	Chinese Lang = iota
	English
)

var langCodes = [...]string{"zh", "en"}

// String is the code: zh, en.
func (l Lang) String() string { return langCodes[l] }

// ParseLang reads a code; empty is Chinese.
func ParseLang(code string) (Lang, bool) {
	switch code {
	case "", "zh":
		return Chinese, true
	case "en":
		return English, true
	}
	return Chinese, false
}

// phrase is one sentence pattern in each language; $1 to $9 stand for its parts, in whatever order the language puts them.
type phrase [2]string

// reader is whom a sentence is made for: the language, the document whose words are read, and, where there is a party, the years meant.
type reader struct {
	lang Lang
	doc  *Document
	e    *env
}

// chinese reads without a document or a party: what checks and amounts are told in.
var chinese = &reader{}

// say fills a phrase.
func (r *reader) say(p *phrase, parts ...string) string {
	pattern := p[r.lang]
	if len(parts) == 0 {
		return pattern
	}
	size := len(pattern)
	for _, s := range parts {
		size += len(s)
	}
	var b strings.Builder
	b.Grow(size)
	for {
		i := strings.IndexByte(pattern, '$')
		if i < 0 || i+1 >= len(pattern) {
			b.WriteString(pattern)
			return b.String()
		}
		b.WriteString(pattern[:i])
		if n := int(pattern[i+1] - '1'); n >= 0 && n < len(parts) {
			b.WriteString(parts[n])
		}
		pattern = pattern[i+2:]
	}
}

// word is a word of a file in the reader's language: as a vocabulary says it, else as it stands.
func (r *reader) word(w string) string {
	if r.lang == Chinese || r.doc == nil {
		return w
	}
	if s := r.doc.lib.vocabulary.english[w]; s != "" {
		return s
	}
	if s := englishWords[w]; s != "" {
		return s
	}
	return w
}

// firm and person are whom a clause may be for in any vocabulary.
const (
	firm   = "企业"
	person = "个人"
)

// englishWords are the words that every file may use without declaring them: what a claim says of itself, and who claims. A vocabulary may say
// them otherwise.
var englishWords = map[string]string{
	fieldYear: "year", fieldSession: "round", fieldSubmitted: "time of submission", fieldNumber: "number of the claim",
	FieldCode: "unified social credit code", FieldTown: "town", fieldScheme: "clause", batchWord: "batch",
	firm: "firm", person: "person", Region: "area",
}

func (r *reader) words(list []string, join *phrase) string {
	if len(list) == 1 {
		return r.word(list[0])
	}
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = r.word(w)
	}
	return strings.Join(out, r.say(join))
}

// join puts sentences of equal rank beside each other.
func (r *reader) join(list []string, sign *phrase) string { return strings.Join(list, r.say(sign)) }

// num writes a number in its unit: 9,990万元 or CNY 99.9 million, 10%, 0.01个百分点 or 0.01 percentage points, 12人.
func (r *reader) num(n Num, unit string, places int) string {
	if r.lang == Chinese {
		return formatNum(n, unit, places)
	}
	switch unit {
	case unitRatio:
		return formatNum(n, unit, places)
	case unitCalendar:
		return n.String()
	case unitPoints:
		s := grouped(unwhole(n.Mul(intNum(100)), places))
		if s == "1" {
			return "1 percentage point"
		}
		return s + " percentage points"
	}
	size := n
	if n.Sign() < 0 {
		size = n.Neg()
	}
	if unit == unitMoney {
		for _, scale := range []struct {
			at   int64
			name string
		}{{1e9, " billion"}, {1e6, " million"}} {
			if size.Cmp(intNum(scale.at)) >= 0 {
				if s, exact := n.Div(intNum(scale.at)).decimal(4); exact {
					return "CNY " + grouped(s) + scale.name
				}
			}
		}
	}
	s, exact := n.decimal(2)
	if !exact && unit != unitMoney {
		s, _ = n.decimal(4)
	}
	if unit == unitMoney {
		return "CNY " + grouped(cents(s, unit))
	}
	return grouped(s) + r.unit(unit, s == "1")
}

// unit is a unit after an English number.
func (r *reader) unit(unit string, one bool) string {
	if w, ok := englishUnits[unit]; ok {
		if one {
			return " " + w[0]
		}
		return " " + w[1]
	}
	return " " + r.word(unit)
}

// the built-in units, singular and plural; declared ones are told in a vocabulary's english:.
var englishUnits = map[string][2]string{
	unitScore: {"point", "points"}, unitYear: {"year", "years"}, unitMonth: {"month", "months"}, unitDay: {"day", "days"},
	unitTimes: {"time", "times"}, "工作日": {"working day", "working days"}, "项": {"item", "items"},
	"人": {"person", "people"}, "名": {"person", "people"}, "家": {"organisation", "organisations"}, "个": {"unit", "units"},
	"户": {"household", "households"}, "件": {"piece", "pieces"},
}

// distance writes a distance as it is while four places suffice, and otherwise so that it never rounds to nothing.
func (r *reader) distance(n Num, unit string) string {
	scale := n
	if unit == unitPoints {
		scale = n.Mul(intNum(100))
	}
	if _, exact := scale.decimal(4); exact && unit != unitMoney {
		return r.num(n, unit, 4)
	}
	for places := 2; places < 10; places++ {
		if s, _ := scale.decimal(places); s != "0" || n.Sign() == 0 {
			return r.num(n, unit, places)
		}
	}
	return r.num(n, unit, 12)
}

// beside writes an actual figure so that rounding never makes it look like the threshold it misses or passes.
func (r *reader) beside(n Num, unit string, threshold Num) string {
	if n.Cmp(threshold) == 0 {
		return r.num(n, unit, 4)
	}
	limit := r.num(threshold, unit, 4)
	for places := 4; places < 12; places++ {
		if s := r.num(n, unit, places); s != limit {
			return s
		}
	}
	return r.num(n, unit, 12)
}

func (r *reader) fen(f Fen) string { return r.num(frac(int64(f), 100), unitMoney, 2) }

// term names a figure of a year; 0: it has none.
func (r *reader) term(name string, year int) string {
	if year == 0 {
		return r.word(name)
	}
	return r.say(&pOfYear, strconv.Itoa(year), r.word(name))
}

// datum writes a value of a term or a field.
func (r *reader) datum(d datum, typ, unit string) string {
	switch typ {
	case TypeNumber:
		return r.num(d.num, unit, 4)
	case TypeDate:
		return d.date.String()
	}
	return r.yesNo(d.word)
}

// yesNo reads a word that may be the language's own yes or no.
func (r *reader) yesNo(w string) string {
	switch w {
	case "是":
		return r.say(&pYes)
	case "否":
		return r.say(&pNo)
	}
	return r.word(w)
}

// period says which years are meant: the document's word, and with a party in English the years themselves.
func (r *reader) period(p *period) string {
	if r.lang == Chinese {
		return p.word
	}
	if r.e != nil {
		return r.years(p)
	}
	switch p.kind {
	case periodValid:
		return "the day of evaluation"
	case periodRolling:
		return "the last " + strconv.Itoa(p.months) + " months"
	case periodRound:
		return "this round"
	}
	base := "the performance year"
	if p.base == 'A' {
		base = "the year of application"
	}
	year := func(offset int) string {
		switch {
		case offset == 0:
			return base
		case offset == -1:
			return "the year before " + base
		case offset < 0:
			return "the " + ordinal(-offset) + " year before " + base
		}
		return "the " + ordinal(offset) + " year after " + base
	}
	switch {
	case p.openFrom && p.to == 0:
		return "all years up to " + base
	case p.openFrom:
		return "all years up to " + year(p.to)
	case p.from == p.to:
		return year(p.from)
	case p.to == 0:
		return "the " + strconv.Itoa(p.to-p.from+1) + " years up to " + base
	case p.to == -1:
		return "the " + strconv.Itoa(p.to-p.from+1) + " years before " + base
	}
	return year(p.from) + " to " + year(p.to)
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "first"
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return strconv.Itoa(n) + "th"
}

// years is how a reader is told of the period with a party: 2025年 or 2025, 2023—2025年 or 2023–2025, 有效期内.
func (r *reader) years(p *period) string {
	e := r.e
	switch p.kind {
	case periodValid:
		return r.say(&pValidNow)
	case periodRolling:
		return r.say(&pLastMonths, strconv.Itoa(p.months))
	case periodRound:
		return r.say(&pThisRound)
	}
	y1, y2 := p.years(e)
	switch {
	case y1 == 0:
		return r.say(&pYearsUpTo, strconv.Itoa(y2))
	case y1 == y2:
		return r.say(&pYear, strconv.Itoa(y1))
	}
	return r.say(&pYears, strconv.Itoa(y1), strconv.Itoa(y2))
}

// dated names records by when they count and how they came about: 2025年新列入或取得的名录 …, 2025年发生的违规 …
func (r *reader) dated(kind *Record, p *period, what string) string {
	switch {
	case p.kind == periodValid:
		return r.say(&pRecordsValid, what)
	case kind.Verb != "":
		return r.say(&pRecordsHow, r.period(p), what, r.word(kind.Verb))
	case p.singleYear():
		return r.say(&pRecordsNew, r.period(p), what)
	}
	return r.say(&pRecordsIn, r.period(p), what)
}

// need names a missing fact.
func (r *reader) need(n Need) string {
	if r.lang == Chinese {
		return n.Label
	}
	if n.Year != 0 {
		return r.term(n.Term, n.Year)
	}
	if id, ok := strings.CutPrefix(n.Key, "received("); ok && r.doc != nil {
		id = strings.TrimSuffix(id, ")")
		if s := r.doc.lib.Scheme(id); s != nil {
			id = s.title
		}
		return r.say(&pReceived, r.word(id))
	}
	if n.dated {
		return r.say(&pDated, r.word(n.Term))
	}
	if kind, field, ok := strings.Cut(n.Key, "."); ok && n.Type != "judgement" {
		return r.say(&pColumn, r.word(kind), r.word(field))
	}
	return r.word(n.Label)
}

// span is a length of time as a file has it: 3年, 3 years.
func (r *reader) span(text string) string {
	if r.lang == Chinese || r.doc == nil {
		return text
	}
	if n, unit, ok := r.doc.lib.vocabulary.units.number(text); ok {
		return r.num(n, unit, 4)
	}
	return r.word(text)
}
