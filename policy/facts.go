package policy

import (
	"strconv"
	"strings"
)

// RecordFact is one record of a party: a patent, a place on a list.
type RecordFact struct {
	From, Until Date              // when it was made or begins; until when it is valid; zero: not stated, so that it may count in a year or not
	Fields      map[string]string // canonical or written texts by field name
	Source      Source
}

type valueFact struct {
	datum  datum
	source Source
}

type recordFact struct {
	from, until Date
	anytime     bool // said to be there whenever one asks: counts in every window
	fields      map[string]datum
	source      Source
	key         string
}

type award struct {
	amount Fen
	on     Date
	source Source
	of     string // the thing that it was for (the project), where that is said
}

type valueKey struct {
	term *Term
	year int
}

// String is the key as a facts file has it: 营业收入@2025.
func (k valueKey) String() string {
	if k.year == 0 {
		return k.term.Name
	}
	return k.term.Name + "@" + strconv.Itoa(k.year)
}

// Facts is what is known of one party. It is filled once and then only read; many goroutines may read it.
type Facts struct {
	vocab    *Vocabulary
	values   map[valueKey][]valueFact
	records  map[string][]recordFact
	covered  map[string]Date
	judged   map[string]valueFact
	received map[string][]award
	of       []string // the kinds of thing that something is stated of: 企业, 项目
	// receivedThrough: the treasury's books are complete through this day.
	receivedThrough Date
	// past: what earlier rounds awarded, all of it, when pastKnown says so.
	past      []Past
	pastKnown bool
	// decided: kinds of record of which the running round has already settled who gets one.
	decided map[string]bool
	// pending: schemes of the running round, and the records they grant, of which it is not settled yet what the party gets.
	pending map[string]bool
}

// always is the coverage of a statement that is complete whatever the day.
const always = Date(99991231)

// NewFacts makes an empty set of facts over a vocabulary.
func NewFacts(v *Vocabulary) *Facts {
	return &Facts{vocab: v, values: map[valueKey][]valueFact{}, records: map[string][]recordFact{}, covered: map[string]Date{}}
}

// Value adds the value of a term; year is 0 for a term without a year.
// Several values of one term and year stand side by side: verified ones outrank declared ones, and equal ranks make an interval.
func (f *Facts) Value(term string, year int, text string, src Source) error {
	t := f.vocab.Term(term)
	if t == nil {
		return faultf("词汇表中没有这一项%s", suggest(term, f.vocab.words()))
	}
	if t.Yearly() != (year != 0) {
		if t.Yearly() {
			return faultf("“%s”每年一个值，请写明年份，例如 %s@2025", t.Name, t.Name)
		}
		return faultf("“%s”不分年份，请去掉 @ 和年份", t.Name)
	}
	if year != 0 && (year < firstYear || year > lastYear) {
		return faultf("年份应是%s", oneYear)
	}
	d, err := f.vocab.parseTerm(t, text)
	if err != nil {
		return err
	}
	k := valueKey{t, year}
	f.values[k] = append(f.values[k], valueFact{d, src})
	f.about(t.Of)
	return nil
}

// Record adds one record.
func (f *Facts) Record(kind string, r RecordFact) error { return f.record(kind, r, false) }

func (f *Facts) record(kind string, r RecordFact, anytime bool) error {
	k := f.vocab.Record(kind)
	if k == nil {
		return faultf("词汇表中没有这一类记录%s", suggest(kind, f.vocab.words()))
	}
	if r.Until != 0 && r.From > r.Until {
		return faultf("截止日期早于开始日期")
	}
	rec := recordFact{from: r.From, until: r.Until, anytime: anytime, source: r.Source, key: kind}
	for name, text := range r.Fields {
		d, err := f.vocab.fieldText(k, name, text)
		if err != nil {
			return err
		}
		if rec.fields == nil {
			rec.fields = make(map[string]datum, len(r.Fields))
		}
		rec.fields[name] = d
	}
	f.records[kind] = append(f.records[kind], rec)
	f.about(k.Of)
	return nil
}

// fieldText reads what a record says in one of its fields.
func (v *Vocabulary) fieldText(k *Record, name, text string) (datum, error) {
	field := k.field(name)
	if field == nil {
		return datum{}, faultf("“%s”没有“%s”这个栏目%s", k.Name, name, suggest(name, k.fieldNames()))
	}
	d, err := v.parseField(field, text)
	if err != nil {
		return datum{}, faultf("栏目“%s”：%s", name, err.Error())
	}
	return d, nil
}

func (r *Record) fieldNames() []string {
	var out []string
	for _, f := range r.Fields {
		out = append(out, f.Name)
	}
	return out
}

// Cover says that the source of a kind of record is complete through a day: up to then, absence is a fact.
func (f *Facts) Cover(kind string, through Date) {
	if through > f.covered[kind] {
		f.covered[kind] = through
	}
}

// Received adds an award that was paid or settled under a scheme (its full id, document/scheme) or under a named upper-level award.
func (f *Facts) Received(schemeID string, amount Fen, on Date, src Source) {
	f.ReceivedFor(schemeID, "", amount, on, src)
}

// ReceivedFor is Received for one of the party's things (its project), as it calls it; empty: it is not said for which.
func (f *Facts) ReceivedFor(schemeID, thing string, amount Fen, on Date, src Source) {
	if f.received == nil {
		f.received = map[string][]award{}
	}
	f.received[schemeID] = append(f.received[schemeID], award{amount: amount, on: on, source: src, of: thing})
}

// CoverReceived says that the awards of this installation's own schemes are complete through a day.
func (f *Facts) CoverReceived(through Date) { f.receivedThrough = max(f.receivedThrough, through) }

// Awarded says what earlier rounds awarded to the party, all of it: what limits of the party count, as settlement does. What was only received,
// or awarded elsewhere, is not in it.
func (f *Facts) Awarded(all []Past) { f.past, f.pastKnown = all, true }

// Past is what earlier rounds awarded to the party.
func (f *Facts) Past() []Past { return f.past }

// Judge records a person's judgement of something that only a person can decide.
func (f *Facts) Judge(what string, yes bool, src Source) {
	if f.judged == nil {
		f.judged = map[string]valueFact{}
	}
	f.judged[what] = valueFact{boolDatum(yes), src}
}

func boolDatum(yes bool) datum {
	if yes {
		return datum{word: "是"}
	}
	return datum{word: "否"}
}

// Set adds one line of a facts file:
//
//	营业收入@2025: 9990万元            a figure of a year
//	主导产品领域: 其他                  a term without a year
//	高新技术企业: 是                    a record in every window; 否 or 无: none, and the source is complete
//	高新技术企业: 2024-05-01..2027-04-30  a dated record
//	研发机构.级别: 省级                 a field of the one record
//	received(cx2022/C027): 10万元      an earlier award
//
// A statement about records is complete: what it does not name does not exist.
func (f *Facts) Set(key, text string, src Source) error {
	key, text = strings.TrimSpace(key), strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(key, "received("); ok {
		name, closed := strings.CutSuffix(inner, ")")
		n, unit, isNum := f.vocab.units.number(text)
		if !closed || strings.TrimSpace(name) == "" {
			return faultf("应写作 received(文件/条款)")
		}
		if name = strings.TrimSpace(name); !f.vocab.schemes[name] {
			if _, ok := f.vocab.awards[name]; !ok {
				return faultf("received( ) 里应写条款的全名（文件/条款）%s", suggest(name, append(sortedKeys(f.vocab.schemes), sortedKeys(f.vocab.awards)...)))
			}
		}
		if !isNum || unit != unitMoney || n.Sign() < 0 {
			return faultf("应写金额，例如 10万元")
		}
		fen, fits := fenOf(n, "down")
		if !fits {
			return faultf("金额过大")
		}
		f.Received(name, fen, 0, src)
		return nil
	}
	if term, period, dated := strings.Cut(key, "@"); dated {
		year, err := strconv.Atoi(period)
		if err != nil || len(period) != 4 {
			return faultf("@ 后面应写四位年份，例如 %s@2025", term)
		}
		if f.vocab.Term(term) == nil && f.vocab.Record(term) != nil {
			return faultf("“%s”是记录，不分年份；请写列入日期，例如 %s: 2025-06-30", term, term)
		}
		return f.Value(term, year, text, src)
	}
	if kind, field, ok := strings.Cut(key, "."); ok {
		return f.setField(kind, field, text, src)
	}
	if f.vocab.Term(key) != nil {
		return f.Value(key, 0, text, src)
	}
	if f.vocab.Record(key) != nil {
		return f.setRecord(key, text, src)
	}
	if _, ok := f.vocab.judgements[key]; ok {
		switch text {
		case "是":
			f.Judge(key, true, src)
		case "否":
			f.Judge(key, false, src)
		default:
			return faultf("应写“是”或“否”")
		}
		return nil
	}
	return faultf("词汇表中没有“%s”%s", clip(key), suggest(key, f.vocab.words()))
}

func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

func (f *Facts) setRecord(kind, text string, src Source) error {
	f.Cover(kind, always)
	switch text {
	case "否", "无":
		return nil
	case "是", "有":
		return f.record(kind, RecordFact{Source: src}, true)
	}
	from, until, open := strings.Cut(text, "..")
	var r RecordFact
	var err error
	if r.From, err = ParseDate(strings.TrimSpace(from)); err == nil && open && strings.TrimSpace(until) != "" {
		r.Until, err = ParseDate(strings.TrimSpace(until))
	}
	if err != nil {
		return faultf("应写 是、否，或日期，例如 2024-05-01 或 2024-05-01..2027-04-30")
	}
	r.Source = src
	return f.Record(kind, r)
}

// setField adds a field to the one record that a facts file describes field by field.
func (f *Facts) setField(kind, field, text string, src Source) error {
	k := f.vocab.Record(kind)
	if k == nil {
		return faultf("词汇表中没有“%s”这类记录%s", clip(kind), suggest(kind, f.vocab.words()))
	}
	fd := k.field(field)
	if fd == nil {
		return faultf("“%s”没有“%s”这个栏目%s", kind, clip(field), suggest(field, k.fieldNames()))
	}
	d, err := f.vocab.parseField(fd, text)
	if err != nil {
		return err
	}
	f.Cover(kind, always)
	f.about(k.Of)
	list := f.records[kind]
	if len(list) == 0 {
		f.records[kind] = []recordFact{{anytime: true, fields: map[string]datum{field: d}, source: src, key: kind}}
		return nil
	}
	if list[0].fields == nil {
		list[0].fields = map[string]datum{}
	}
	list[0].fields[field] = d
	return nil
}

// best is the facts of the highest rank among several statements of one thing: verified before declared.
func bestFacts(list []valueFact) []valueFact {
	verified := 0
	for _, v := range list {
		if v.source.Verified {
			verified++
		}
	}
	if verified == 0 || verified == len(list) {
		return list
	}
	out := make([]valueFact, 0, verified)
	for _, v := range list {
		if v.source.Verified {
			out = append(out, v)
		}
	}
	return out
}

// Forget takes away what is known of a term in whatever year, so that only what is added afterwards counts.
func (f *Facts) Forget(term string) {
	for k := range f.values {
		if k.term.Name == term {
			delete(f.values, k)
		}
	}
}
