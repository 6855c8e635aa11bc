package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Declared is the source of what a party says of itself.
const Declared = "企业申报"

// registryDesk is the source of what an officer without a department of his own enters where the vocabulary names none.
const registryDesk = "登记部门"

// receivedPrefix marks the term of an award received: received:SCHEME.
const receivedPrefix = "received:"

// form of a fact.
const (
	formValue    = 0 // the value of a term
	formRecord   = 1 // a dated record
	formReceived = 2 // an award received
)

// Fact is one statement about a party: the value of a term, a record, or an award received. It is never changed;
// a newer fact of the same party, term, period, source and record supersedes it.
type Fact struct {
	ID           string      `json:"id"`
	Party        string      `json:"party"`
	Thing        string      `json:"thing,omitempty" doc:"which of the party's things (its project) it is said of; empty: none is named"`
	Term         string      `json:"term" doc:"a term or a kind of record of the vocabulary, or received:SCHEME"`
	Period       string      `json:"period,omitempty" doc:"the year of a yearly term: 2025"`
	Value        string      `json:"value,omitempty" doc:"canonical: 99900000元; of an award received its amount"`
	Shown        string      `json:"shown,omitempty" doc:"the value as a reader expects it: 9,990万元"`
	Record       *RecordOf   `json:"record,omitempty"`
	Source       string      `json:"source" doc:"the department that says so, or 企业申报"`
	Evidence     string      `json:"evidence,omitempty"`
	Verified     bool        `json:"verified"`
	Withdrawn    bool        `json:"withdrawn,omitempty" doc:"what was said before is no longer claimed"`
	Dropped      bool        `json:"dropped,omitempty" doc:"the vocabulary in force no longer holds the term: it is kept, and concerns only rounds that began under an earlier one"`
	Disputed     bool        `json:"disputed,omitempty"`
	StatedAt     string      `json:"stated_at"`
	StatedBy     string      `json:"stated_by"`
	VerifiedBy   string      `json:"verified_by,omitempty"`
	Supersedes   string      `json:"supersedes,omitempty"`
	SupersededBy string      `json:"superseded_by,omitempty"`
	On           policy.Date `json:"on,omitempty" doc:"the day of an award received"`
}

// RecordOf is what a record says.
type RecordOf struct {
	Number string            `json:"number,omitempty" maxLength:"80" doc:"its own number, which identifies it: a certificate, a patent"`
	From   policy.Date       `json:"from,omitempty"`
	Until  policy.Date       `json:"until,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
}

// Statement is what somebody says about a party.
type Statement struct {
	Party string
	Thing string // which of the party's things (its project) it is said of, where the term describes one; empty: none is named
	// ThingKind is what kind of thing an award received was for; of all else the vocabulary says it.
	ThingKind string
	Term      string // a term, a kind of record, or received:SCHEME (received(SCHEME) is understood)
	Year      int    // of a yearly term
	Value     string // of a term, or the amount received
	Record    *RecordOf
	On        policy.Date // of an award received
	Evidence  string
	Replaces  string // the fact that this one corrects, when its key would not say so (a record without a number)
	Withdraw  bool   // no longer claim what Replaces or the key says

	// For the bulk API and imports only; everybody else's follow from who says it.
	Source   string
	Verified bool
	StatedBy string
	StatedAt string
	Disputed string // why the party disputes it; empty: it does not
}

// key of a fact: a newer one of the same key supersedes.
type factKey struct{ party, term, period, source, record string }

type factRow struct {
	ID         string `bun:"id"`
	Party      string `bun:"party"`
	Term       string `bun:"term"`
	Period     string `bun:"period"`
	Source     string `bun:"source"`
	RecordKey  string `bun:"record_key"`
	Supersedes string `bun:"supersedes"`
	Form       int    `bun:"form"`
	Value      string `bun:"value"`
	From       string `bun:"from_date"`
	Until      string `bun:"until_date"`
	Fields     string `bun:"fields"`
	Verified   int    `bun:"verified"`
	Withdrawn  int    `bun:"withdrawn"`
	Evidence   string `bun:"evidence"`
	StatedAt   string `bun:"stated_at"`
	StatedBy   string `bun:"stated_by"`
	VerifiedBy string `bun:"verified_by"`
	Batch      int64  `bun:"batch"`
	Since      int64  `bun:"since"`
	Till       int64  `bun:"till"`
}

const factColumns = `f.id, f.party, f.term, f.period, f.source, f.record_key, f.supersedes, f.form, f.value, f.from_date, f.until_date, f.fields,
	f.verified, f.withdrawn, f.evidence, f.stated_at, f.stated_by, f.verified_by, f.batch, f.since, f.till`

func (f factRow) key() factKey { return factKey{f.Party, f.Term, f.Period, f.Source, f.RecordKey} }

// covers says whether a new statement adds nothing to the row: the same content, and no evidence that the row lacks.
func (f factRow) covers(n factRow) bool {
	return f.Form == n.Form && f.Value == n.Value && f.From == n.From && f.Until == n.Until && f.Fields == n.Fields && f.Verified == n.Verified &&
		f.Withdrawn == n.Withdrawn && (n.Evidence == "" || n.Evidence == f.Evidence)
}

func (f factRow) digest() string {
	return audit.DigestJSON(f.ID, f.Party, f.Term, f.Period, f.Source, f.RecordKey, f.Supersedes, number(int64(f.Form)), f.Value, f.From, f.Until, f.Fields,
		number(int64(f.Verified)), number(int64(f.Withdrawn)), f.Evidence, f.StatedAt, f.StatedBy, f.VerifiedBy, number(f.Batch), number(f.Since))
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// fact is the row for a reader; personal terms are masked.
func (f factRow) fact(v *policy.Vocabulary) Fact {
	of, _ := f.thing()
	out := Fact{ID: f.ID, Party: f.Party, Thing: of.Name, Term: f.Term, Period: f.Period, Source: f.Source, Evidence: f.Evidence, Verified: f.Verified != 0,
		Withdrawn: f.Withdrawn != 0, StatedAt: f.StatedAt, StatedBy: f.StatedBy, VerifiedBy: f.VerifiedBy, Supersedes: f.Supersedes}
	switch f.Form {
	case formRecord:
		out.Record = f.record()
	case formReceived:
		out.Value, out.Shown = fenOf(f.Value).Literal(), fenOf(f.Value).String()
		out.On, _ = policy.ParseDate(f.From)
	default:
		out.Value, out.Shown = f.Value, policy.ShowValue(v, f.Term, f.Value)
		// Of a term that is no longer known nobody can say whether it was personal: figures are shown, words are masked.
		if t := v.Term(f.Term); t != nil && t.Personal || t == nil && !figure(v, f.Value) {
			out.Value, out.Shown = "", maskMiddle(f.Value, 1, 0)
		}
	}
	out.Dropped = f.Form != formReceived && v.Term(f.Term) == nil && v.Record(f.Term) == nil
	return out
}

// figure says whether a canonical value is a number with its unit, a day, or 是 or 否; a telephone number or the number of an identity card is none.
func figure(v *policy.Vocabulary, value string) bool {
	_, err := policy.ParseDate(value)
	return err == nil || value == "是" || value == "否" || v.Figure(value)
}

func (f factRow) record() *RecordOf {
	r := &RecordOf{}
	_, key := f.thing()
	r.Number, _ = strings.CutPrefix(key, numbered)
	if !strings.HasPrefix(key, numbered) {
		r.Number = ""
	}
	r.From, _ = policy.ParseDate(f.From)
	r.Until, _ = policy.ParseDate(f.Until)
	if f.Fields != "" {
		_ = json.Unmarshal([]byte(f.Fields), &r.Fields) // written by fieldsText
	}
	return r
}

func fenOf(text string) policy.Fen {
	n, _ := strconv.ParseInt(text, 10, 64)
	return policy.Fen(n)
}

// numbered begins the key of a record that has a number of its own; the key of another is a hash of what it says.
const numbered = "no:"

// fieldsText writes fields so that equal fields have equal texts: JSON sorts the keys.
func fieldsText(fields map[string]string) string {
	if len(fields) == 0 {
		return ""
	}
	b, _ := json.Marshal(fields) // strings only: cannot fail
	return string(b)
}

// Receives gives the scheme of an award received, from received:SCHEME or received(SCHEME).
func receives(term string) (string, bool) {
	if s, ok := strings.CutPrefix(term, receivedPrefix); ok {
		return s, s != ""
	}
	if s, ok := strings.CutPrefix(term, "received("); ok {
		s, closed := strings.CutSuffix(s, ")")
		return s, closed && s != ""
	}
	return "", false
}

// check reads a statement into a row without id, source or period of validity. The details name each field: value, year, from, until, fields.NAME.
func (s Statement) check(v *policy.Vocabulary, today policy.Date) (factRow, []fault.Detail) {
	row := factRow{Party: s.Party, Term: s.Term, Evidence: strings.TrimFunc(s.Evidence, blank)}
	if s.Withdraw {
		row.Withdrawn = 1
	}
	var out []fault.Detail
	bad := func(name, format string, a ...any) { out = append(out, fault.At(name, format, a...)) }
	if utf8.RuneCountInString(row.Evidence) > 200 || !store.Plain(row.Evidence) {
		row.Evidence = ""
		bad("evidence", "依据不能超过200个字，也不能含控制字符")
	}
	thing, wrong := NormalThing(s.Thing)
	if wrong != nil {
		out = append(out, *wrong)
	}
	scheme, award := receives(s.Term)
	of := Thing{describes(v, s.Term), thing}
	if award {
		of.Kind = s.ThingKind
	}
	if thing != "" && (of.Kind == "" || slices.Contains([]string{KindFirm, KindPerson, KindOrganisation}, of.Kind) || s.Party == Region) {
		bad("thing", "“%s”说的是申报单位自己，不分是哪一个", s.Term)
	}
	if award {
		if s.Party == Region {
			bad("term", "地区没有奖补")
			return row, out
		}
		row.Form, row.Term = formReceived, receivedPrefix+scheme
		if utf8.RuneCountInString(scheme) > 80 || !store.Plain(scheme) || strings.ContainsAny(scheme, " \n") {
			bad("term", "条款编号不对")
		}
		fen, ok := parseFen(s.Value)
		if !ok && !s.Withdraw {
			bad("value", "应写不小于零、精确到分的金额，例如 10万元")
		}
		if s.On == 0 || s.On > today {
			bad("on", "请写到账日期，且不晚于今天")
		}
		row.Value, row.From = number(int64(fen)), s.On.String()
		row.RecordKey = of.key("on:" + row.From)
		return row, out
	}
	if t := v.Term(s.Term); t != nil {
		row.Form = formValue
		if t.Regional() != (s.Party == Region) {
			if t.Regional() {
				bad("term", "“%s”是地区的数，由%s在“地区数据”里填报一次，不在一家企业名下填报", t.Name, t.From)
			} else {
				bad("term", "“%s”不是地区的数，请在企业名下填报", t.Name)
			}
			return row, out
		}
		switch {
		case s.Record != nil:
			bad("record", "“%s”不是记录，请填写数值", t.Name)
		case t.Yearly() && (s.Year < 1949 || s.Year > today.Year()):
			bad("year", "“%s”每年一个值，请写明年份（不晚于今年）", t.Name)
		case !t.Yearly() && s.Year != 0:
			bad("year", "“%s”不分年份", t.Name)
		}
		if t.Yearly() {
			row.Period = strconv.Itoa(s.Year)
		}
		if !s.Withdraw {
			value, err := folded(s.Value, t.Options, func(text string) (string, error) { return policy.CheckValue(v, t.Name, text) })
			switch {
			case err != nil:
				bad("value", "%s：%s", t.Name, err.Error())
			case !store.Plain(value) || strings.Contains(value, "\n"):
				bad("value", "%s：含有不允许的字符", t.Name)
			}
			row.Value = value
		}
		row.RecordKey = of.key("")
		return row, out
	}
	kind := v.Record(s.Term)
	if kind != nil && s.Party == Region {
		bad("term", "“%s”不是地区的数，请在企业名下填报", kind.Name)
		return row, out
	}
	if kind == nil {
		bad("term", "词汇表中没有这一项")
		return row, out
	}
	row.Form = formRecord
	rec := s.Record
	switch {
	case rec == nil && s.Withdraw:
		rec = &RecordOf{}
	case rec == nil:
		bad("record", "“%s”是记录，请填写日期和栏目", kind.Name)
		return row, out
	case s.Year != 0:
		bad("year", "“%s”是记录，不分年份", kind.Name)
	case rec.Until != 0 && rec.From > rec.Until:
		bad("until", "截止日期早于开始日期")
	}
	if rec.From == 0 && rec.Until == 0 && !s.Withdraw {
		bad("from", "请写开始日期或截止日期")
	}
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(rec.Fields)) {
		text := strings.TrimFunc(rec.Fields[name], blank)
		if text == "" {
			continue
		}
		value, err := folded(text, optionsOf(kind, name), func(text string) (string, error) { return policy.CheckField(v, kind.Name, name, text) })
		if err != nil {
			bad("fields."+name, "%s：%s", name, err.Error())
			continue
		}
		fields[name] = value
	}
	no := strings.TrimFunc(norm.NFKC.String(rec.Number), blank)
	if utf8.RuneCountInString(no) > 80 || !store.Plain(no) || strings.Contains(no, "\n") {
		bad("number", "编号不能超过80个字，也不能含控制字符")
	}
	row.From, row.Until, row.Fields = rec.From.String(), rec.Until.String(), fieldsText(fields)
	if no != "" {
		row.RecordKey = numbered + no
	} else {
		row.RecordKey = audit.DigestJSON(row.From, row.Fields)[:18]
	}
	row.RecordKey = of.key(row.RecordKey)
	return row, out
}

// folded reads a text as it stands, or else as the word it resembles, or else with its characters folded (full width, Roman numerals):
// a vocabulary may well have words that folding would change, such as a class that is numbered with a Roman numeral.
func folded(text string, words []string, read func(string) (string, error)) (string, error) {
	value, err := read(text)
	if err == nil {
		return value, nil
	}
	plain := norm.NFKC.String(text)
	for _, w := range words {
		if norm.NFKC.String(w) == plain {
			return read(w)
		}
	}
	if plain == text {
		return value, err
	}
	return read(plain)
}

func optionsOf(kind *policy.Record, name string) []string {
	for _, f := range kind.Fields {
		if f.Name == name {
			return f.Options
		}
	}
	return nil
}

// parseFen reads 10万元, 3.5亿元, 4500元 exactly to the fen; not below zero.
func parseFen(text string) (policy.Fen, bool) {
	text = strings.TrimFunc(norm.NFKC.String(text), blank)
	rest, ok := strings.CutSuffix(text, "元")
	factor := int64(100)
	if r, wan := strings.CutSuffix(rest, "万"); wan {
		rest, factor = r, 100*10_000
	} else if r, yi := strings.CutSuffix(rest, "亿"); yi {
		rest, factor = r, 100*100_000_000
	}
	rest = strings.TrimFunc(rest, blank)
	if !ok || rest == "" || len(rest) > 20 || strings.Trim(rest, "0123456789.") != "" {
		return 0, false
	}
	n, ok := new(big.Rat).SetString(rest)
	if !ok {
		return 0, false
	}
	n.Mul(n, big.NewRat(factor, 1))
	if !n.IsInt() || !n.Num().IsInt64() {
		return 0, false
	}
	return policy.Fen(n.Num().Int64()), true
}

// vouchedBy is the department that vouches for a term or a kind of record; empty: none does.
func vouchedBy(v *policy.Vocabulary, term string) string {
	if t := v.Term(term); t != nil {
		return t.From
	}
	if k := v.Record(term); k != nil {
		return k.From
	}
	return ""
}

// State records what the actor says about a party, and returns the fact that then stands.
// A firm's own entry is declared; an officer whose department vouches for the term enters verified.
// NotFound if the actor may not see the party, Forbidden with the reason if the actor may not say this, Invalid with a detail per field.
func (r *Registry) State(ctx context.Context, s Statement) (Fact, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return Fact{}, err
	}
	return r.StateIn(ctx, v, s)
}

// StateIn is State in the words of a vocabulary that need not be the one in force: a round goes on by the rules that it began with, and its
// terms may have been renamed since.
func (r *Registry) StateIn(ctx context.Context, v *policy.Vocabulary, s Statement) (Fact, error) {
	return r.stateIn(ctx, v, s, true)
}

// stateIn is StateIn; agrees says that the statement still has to be held against what else is stated.
func (r *Registry) stateIn(ctx context.Context, v *policy.Vocabulary, s Statement, agrees bool) (Fact, error) {
	var out Fact
	err := store.Write(ctx, func(ctx context.Context) error {
		p, err := lockHolder(ctx, s.Party)
		if err != nil {
			return err
		}
		row, details := s.check(v, clock.Today(ctx))
		if len(details) > 0 {
			return fault.New(fault.Invalid, "请更正标出的内容", details...)
		}
		if err := speakAs(ctx, v, p, &row); err != nil {
			return err
		}
		if s.Replaces != "" {
			if err := r.replace(ctx, s.Replaces, &row); err != nil {
				return err
			}
		}
		if agrees {
			if err := mustAgree(ctx, v, []factRow{row}, func(int) string { return "value" }); err != nil {
				return err
			}
		}
		out, err = r.stateRow(ctx, v, row, "fact.state")
		return err
	})
	return out, err
}

// speakAs sets source, assurance and who said it, or says why the actor may not.
func speakAs(ctx context.Context, v *policy.Vocabulary, p partyRow, row *factRow) error {
	a := account.ActorFrom(ctx)
	row.StatedAt, row.StatedBy = statedNow(ctx)
	if a.Speaks(p.ID) {
		if row.Form == formReceived {
			return fault.New(fault.Forbidden, "已兑付的奖补由财政记账，企业不能自行申报；如有出入请提出异议")
		}
		row.Source, row.Verified = Declared, 0
		return nil
	}
	from := vouchedBy(v, row.Term)
	if !a.Officer() {
		return fault.New(fault.Forbidden, "只有企业本身和经办人员可以填报数据")
	}
	if !a.MayVouch(from, p.Town) {
		if from == "" {
			return fault.New(fault.Forbidden, "这一项没有指定认可部门，只有不限部门的经办人员可以填报")
		}
		return fault.New(fault.Forbidden, fmt.Sprintf("这一项由%s认可，您的部门或辖区不能填报", from))
	}
	row.Source, row.Verified, row.VerifiedBy = from, 1, row.StatedBy
	if from == "" {
		row.Source = officeOf(a)
	}
	return nil
}

// officeOf is the department of an officer, or a word for the registry's own desk.
func officeOf(a *account.Actor) string {
	if list, _ := a.Departments(); len(list) > 0 {
		return list[0]
	}
	return registryDesk
}

// replace gives the row the key of the fact that it corrects, which must be current, of the same party, term and source.
func (r *Registry) replace(ctx context.Context, id string, row *factRow) error {
	old, err := visibleFact(ctx, id)
	if err != nil {
		return err
	}
	if old.Party != row.Party || old.Term != row.Term || old.Source != row.Source {
		return fault.New(fault.Invalid, "只能更正同一来源、同一项目的数据", fault.At("replaces", "不是同一来源、同一项目的数据"))
	}
	row.Period, row.RecordKey = old.Period, old.RecordKey
	return nil
}

// stateRow writes one row, its audit event, and tells who listens. A statement that changes nothing returns the fact that stands.
func (r *Registry) stateRow(ctx context.Context, v *policy.Vocabulary, row factRow, action string) (Fact, error) {
	done, err := writeFacts(ctx, []factRow{row}, writing{})
	if err != nil {
		return Fact{}, err
	}
	if len(done.written) == 0 {
		if len(done.standing) == 0 {
			return Fact{}, fault.New(fault.Invalid, "没有可撤回的数据")
		}
		return done.standing[0].fact(v), nil
	}
	row = done.written[0]
	if err := audit.Append(ctx, audit.Event{Action: action, Kind: "fact", ID: row.ID, Digest: row.digest(),
		Data: map[string]string{"party": row.Party, "term": row.Term, "period": row.Period, "source": row.Source}}); err != nil {
		return Fact{}, err
	}
	return row.fact(v), r.tell(ctx, []string{row.Party})
}

// Verify vouches for a declared fact as it stands: a verified row of the same source supersedes it.
// Forbidden for anybody but an officer whose department vouches for the term; Conflict if it is no longer current.
func (r *Registry) Verify(ctx context.Context, id, evidence string) (Fact, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return Fact{}, err
	}
	var out Fact
	err = store.Write(ctx, func(ctx context.Context) error {
		row, p, err := lockFact(ctx, id)
		if err != nil {
			return err
		}
		from := vouchedBy(v, row.Term)
		if !account.ActorFrom(ctx).MayVouch(from, p.Town) {
			return fault.New(fault.Forbidden, "这一项不由您的部门认可，或不在您的辖区，不能核实")
		}
		if row.Verified != 0 {
			out = row.fact(v)
			return nil
		}
		row.Verified = 1
		row.StatedAt, row.VerifiedBy = statedNow(ctx)
		if evidence = strings.TrimFunc(evidence, blank); evidence != "" {
			if utf8.RuneCountInString(evidence) > 200 || !store.Plain(evidence) {
				return fault.New(fault.Invalid, "依据不能超过200个字，也不能含控制字符", fault.At("evidence", "不能超过200个字"))
			}
			row.Evidence = evidence
		}
		out, err = r.stateRow(ctx, v, row, "fact.verify")
		return err
	})
	return out, err
}

// PutFacts writes statements in bulk, with their own Source and assurance: one transaction, one batch, one audit event with a digest over
// its rows. A statement equal to the fact that stands writes no row. It returns how many rows were written.
// Call it with some ten thousand statements at a time. Forbidden for anybody without the whole tenant in scope.
func (r *Registry) PutFacts(ctx context.Context, statements []Statement) (int, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return 0, err
	}
	written := 0
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := mayWriteBulk(ctx); err != nil {
			return err
		}
		rows := make([]factRow, len(statements))
		today := clock.Today(ctx)
		at, by := statedNow(ctx)
		for i, s := range statements {
			row, details := s.check(v, today)
			if s.Source == "" || utf8.RuneCountInString(s.Source) > 60 {
				details = append(details, fault.At("source", "请写明来源"))
			}
			if len(details) > 0 {
				return fault.New(fault.Invalid, "数据有误："+details[0].Message, details...)
			}
			row.Source, row.StatedAt, row.StatedBy = s.Source, at, by
			if s.StatedBy != "" {
				row.StatedBy = s.StatedBy
			}
			if s.StatedAt != "" {
				row.StatedAt = s.StatedAt
			}
			if s.Verified {
				row.Verified, row.VerifiedBy = 1, row.StatedBy
			}
			rows[i] = row
		}
		if err := partiesExist(ctx, rows); err != nil {
			return err
		}
		if err := mustAgree(ctx, v, rows, func(i int) string { return fmt.Sprintf("facts[%d].value", i) }); err != nil {
			return err
		}
		b, err := newBatch(ctx, "fact", "bulk")
		if err != nil {
			return err
		}
		done, err := writeFacts(ctx, rows, writing{batch: b.Number})
		if err != nil {
			return err
		}
		written = len(done.written)
		if err := b.close(ctx, factRowIDs(done.written), factRowDigests(done.written), "fact.bulk"); err != nil {
			return err
		}
		disputed := map[factKey]string{}
		for i, s := range statements {
			if s.Disputed != "" {
				disputed[rows[i].key()] = s.Disputed
			}
		}
		for _, row := range done.written {
			if reason := disputed[row.key()]; reason != "" {
				if _, err := openDispute(ctx, row, reason); err != nil {
					return err
				}
			}
		}
		return r.tell(ctx, partiesOf(done.written))
	})
	return written, err
}

func partiesOf(rows []factRow) []string {
	seen := map[string]bool{}
	var out []string
	for _, row := range rows {
		if !seen[row.Party] {
			seen[row.Party] = true
			out = append(out, row.Party)
		}
	}
	return out
}
