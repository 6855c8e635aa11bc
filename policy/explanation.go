package policy

import (
	"slices"
	"strconv"
	"strings"
)

// Explanation is a result in words: the clause, its conditions with their arithmetic, the figures and where they come from, the amount line by
// line, what would have to change, what is not known and what it would decide, what is assumed. The API, the pages and the command show the same.
// What the document says itself stays as published, in every language.
type Explanation struct {
	Lang     string    `json:"lang" enum:"zh,en"`
	Title    string    `json:"title"`
	Answer   Answer    `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Label    string    `json:"label"` // 符合
	Short    string    `json:"short"` // one line: what it comes to, or what is lacking and how far
	Worth    string    `json:"worth"` // what the clause comes to, and what caps and limits leave of it
	Sections []Section `json:"sections" nullable:"false"`
}

// Section is one part of an explanation. Sections without lines are left out.
type Section struct {
	Kind  string `json:"kind" enum:"clause,conditions,figures,level,amount,changes,missing,assumptions,dates"`
	Title string `json:"title"`
	Lines []Line `json:"lines" nullable:"false"`
}

// Line is one line, with what stands under it.
type Line struct {
	Answer   *Answer  `json:"answer,omitempty" enum:"met,unmet,unknown,manual,not_applicable"` // of a condition
	Text     string   `json:"text"`
	Original string   `json:"original,omitempty"` // the document's own wording, where the text is another
	Notes    []string `json:"notes,omitempty"`
	Lines    []Line   `json:"lines,omitempty"`
}

// Explanation says a result of this scheme in words. The result must have been made with Explain and in this language.
func (s *Scheme) Explanation(r *Result, lang Lang) *Explanation {
	t := &teller{r: &reader{lang: lang, doc: s.doc}, s: s, out: r}
	x := &Explanation{Lang: lang.String(), Title: t.r.word(s.title), Answer: r.Answer, Label: t.r.say(answerPhrases[r.Answer]), Short: t.short(), Worth: t.worth(), Sections: []Section{}}
	for _, part := range []struct {
		kind  string
		title *phrase
		lines []Line
	}{
		{"clause", &pSecClause, t.clause()},
		{"conditions", &pSecConditions, t.conditions()},
		{"changes", t.changesTitle(), t.changes()},
		{"missing", &pSecMissing, t.missing()},
		{"level", &pSecLevel, t.level()},
		{"amount", &pSecAmount, t.amount()},
		{"figures", &pSecFigures, t.figures()},
		{"assumptions", &pSecAssumptions, t.assumptions()},
		{"dates", &pSecDates, t.dates()},
	} {
		if len(part.lines) > 0 {
			x.Sections = append(x.Sections, Section{part.kind, t.r.say(part.title), part.lines})
		}
	}
	return x
}

var answerPhrases = [...]*phrase{NotApplicable: &pNotApplicable, Met: &pMet, Unmet: &pUnmet, Unknown: &pUnknown, Manual: &pManual}

// teller puts a result into sections.
type teller struct {
	r   *reader
	s   *Scheme
	out *Result
}

// short is the folded line.
func (t *teller) short() string {
	r, out := t.r, t.out
	label := r.say(answerPhrases[out.Answer])
	with := func(rest string) string {
		if rest == "" {
			return label
		}
		return r.say(&pColon, label, rest)
	}
	switch out.Answer {
	case Met:
		if out.Amount.Kind == NoAmount || out.Amount.Kind == "" {
			if l := out.Level; l != nil && l.Low == l.High {
				return with(l.High)
			}
			return label
		}
		text := t.worth()
		if p := out.Potential; len(out.Missing) > 0 && p.Kind != NoAmount && p.Text != out.Amount.Text && !out.Left.usedUp() {
			text = r.say(&pShortMore, text, t.potential())
		}
		return with(text)
	case Unmet:
		return with(t.lacking())
	case Unknown, Manual:
		if len(out.Missing) == 0 {
			return label
		}
		first := r.need(out.Missing[0])
		if out.Missing[0].Type == "judgement" {
			first = r.say(&pAwaitJudgement, r.office(out.Missing[0].Office), first)
		}
		if len(out.Missing) > 1 {
			first = r.say(&pAndOthers, first, strconv.Itoa(len(out.Missing)))
		}
		return with(first)
	}
	return label
}

// worth is what the clause comes to in a line, and what caps and limits leave of it.
func (t *teller) worth() string {
	r, out := t.r, t.out
	text := out.Amount.Text
	if l := out.Left; l != nil && !l.Sure && out.Amount.Kind == Exact && !l.within(out.Amount.High, out.Amount.Open) {
		text = r.say(&pNoMoreThan, text)
	}
	if out.Amount.CutBy != "" {
		text = r.say(&pShortCut, text, out.Amount.CutBy)
	}
	if l := out.Left; l.within(out.Amount.High, out.Amount.Open) {
		switch {
		case l.Most == 0:
			text = r.say(&pShortNone, text)
		case l.Sure:
			text = r.say(&pShortSure, text, r.fen(l.Most))
		default:
			text = r.say(&pShortLeft, text, r.fen(l.Most))
		}
	}
	return text
}

// potential is the most that the clause may come to once everything is known.
func (t *teller) potential() string {
	if p := t.out.Potential; !t.out.Left.within(p.High, p.Open) {
		return p.Text
	}
	return t.r.say(&pNoMoreThan, t.r.fen(t.out.Left.Most))
}

// lacking is the cheapest way in a line, or how far the first failing condition is away.
func (t *teller) lacking() string {
	r, out := t.r, t.out
	if c := out.Changes; c != nil && len(c.Ways) > 0 && !c.Ways[0].Closed {
		w := c.Ways[0]
		text := w.first().Text
		if len(w.Steps) > 1 {
			text = r.say(&pAndSteps, text, strconv.Itoa(len(w.Steps)))
		}
		if len(c.Ways)+c.Others > 1 {
			text = r.say(&pOneOfWays, text, strconv.Itoa(len(c.Ways)+c.Others-1))
		}
		if w.Past {
			text = r.say(&pYearOver, text)
		}
		return text
	}
	if len(out.Gaps) == 0 {
		return ""
	}
	g := out.Gaps[0]
	text := g.Condition
	if g.Short != "" {
		text = r.say(&pColon, g.Condition, g.Short)
	}
	if len(out.Gaps) > 1 {
		text = r.say(&pAndOthers, text, strconv.Itoa(len(out.Gaps)))
	}
	return text
}

// first is the step that a way is named by: what has to change, before what has only to be found out or judged.
func (w *Way) first() Step {
	if i := slices.IndexFunc(w.Steps, func(s Step) bool { return s.Kind != "fact" && s.Kind != "judgement" }); i >= 0 {
		return w.Steps[i]
	}
	return w.Steps[0]
}

// Titled is a title in the marks of one: 《通知》; one that names another title holds that in the inner marks: 《〈办法〉实施细则》.
func Titled(title string) string {
	if inner, ok := strings.CutPrefix(title, "《"); ok && strings.HasSuffix(inner, "》") && !strings.Contains(inner, "《") {
		return title
	}
	return "《" + strings.NewReplacer("《", "〈", "》", "〉").Replace(title) + "》"
}

func (t *teller) clause() []Line {
	r, d := t.r, t.s.doc.info
	number := d.Number
	if !d.NumberKnown {
		number = r.say(&pNoNumber)
	}
	title := r.word(d.Title)
	if r.lang == Chinese {
		title = Titled(title)
	}
	first := Line{Text: r.say(&pBrackets, title, number)}
	if r.lang != Chinese && r.word(d.Title) != d.Title {
		first.Original = d.Title
	}
	cite := t.s.cite
	if cite == "" {
		cite = r.say(&pNoCite)
	}
	first.Notes = append(first.Notes, r.say(&pCite, cite))
	if t.s.office != "" {
		first.Notes = append(first.Notes, r.say(&pOfficeIs, r.word(t.s.office)))
	}
	first.Notes = append(first.Notes, r.say(&pPerformanceOf, strconv.Itoa(t.out.Performance)))
	lines := []Line{first}
	if t.s.text != "" {
		if r.lang == Chinese {
			lines = append(lines, Line{Text: r.say(&pParaphrase, t.s.text)})
		} else {
			lines = append(lines, Line{Text: r.say(&pInChinese), Original: t.s.text})
		}
	}
	return lines
}

func (t *teller) conditions() []Line {
	if t.out.Reasons == nil {
		return nil
	}
	return []Line{t.node(t.out.Reasons)}
}

func (t *teller) node(n *Node) Line {
	r := t.r
	answer := n.Answer
	line := Line{Answer: &answer, Text: n.Text}
	if line.Text == "" || r.lang != Chinese {
		line.Text = n.Read
		if n.Text != n.Read {
			line.Original = n.Text
		}
	} else if len(n.Children) == 0 && n.Read != n.Text {
		line.Notes = append(line.Notes, r.say(&pUnderstood, n.Read))
	}
	if line.Text == "" {
		line.Text = n.Text
	}
	if n.Kind == "guard" {
		line.Text = r.say(&pOnlyIf, line.Text)
	}
	switch {
	case n.Sum != "" && n.Actual != "":
		line.Notes = append(line.Notes, r.say(&pActualSum, n.Sum, n.Actual))
	case n.Actual != "":
		line.Notes = append(line.Notes, r.say(&pActual, n.Actual))
	}
	if n.Threshold != "" && n.Actual != "" {
		line.Notes = append(line.Notes, r.say(&pRequired, n.Threshold))
	}
	if n.Gap != nil && n.Gap.Short != "" {
		line.Notes = append(line.Notes, n.Gap.Short)
	}
	if n.Turns != "" {
		line.Notes = append(line.Notes, n.Turns)
	}
	if n.Answer == Manual && n.Office != "" {
		line.Notes = append(line.Notes, r.say(&pJudgedBy, n.Office))
	}
	if n.Cite != "" {
		line.Notes = append(line.Notes, r.say(&pCite, n.Cite))
	}
	for _, c := range n.Children {
		line.Lines = append(line.Lines, t.node(c))
	}
	return line
}

// facts visits every fact that the answer or the amount rests on, none twice.
func (t *teller) facts() []FactRef {
	var out []FactRef
	add := func(list []FactRef) {
		for _, f := range list {
			if !slices.ContainsFunc(out, func(old FactRef) bool {
				return old.Key == f.Key && old.Value == f.Value && old.Source.ID == f.Source.ID
			}) {
				out = append(out, f)
			}
		}
	}
	var walk func(n *Node)
	walk = func(n *Node) {
		if n == nil {
			return
		}
		add(n.Facts)
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(t.out.Reasons)
	add(t.out.Rests)
	return out
}

func (t *teller) figures() []Line {
	r := t.r
	var lines []Line
	for _, f := range t.facts() {
		line := Line{Text: r.say(&pColon, f.Label, f.Value)}
		origin := f.Source.Origin
		if origin == "" {
			origin = r.say(&pTyped)
		}
		line.Notes = append(line.Notes, r.say(&pSource, origin))
		if f.Source.Evidence != "" {
			line.Notes = append(line.Notes, r.say(&pEvidence, f.Source.Evidence))
		}
		if f.Source.Verified {
			line.Notes = append(line.Notes, r.say(&pVerified))
		} else {
			line.Notes = append(line.Notes, r.say(&pDeclared))
		}
		if f.Source.Disputed {
			line.Notes = append(line.Notes, r.say(&pDisputed))
		}
		lines = append(lines, line)
	}
	return lines
}

func (t *teller) amount() []Line {
	r, out := t.r, t.out
	var lines []Line
	for _, w := range out.Working {
		lines = append(lines, Line{Text: w})
	}
	paid := out.Amount.Kind != NoAmount && out.Amount.Kind != ""
	open := out.Answer != Unmet && out.Answer != NotApplicable
	if own := out.Left; own != nil && open {
		if paid {
			lines = append(lines, Line{Text: r.say(&pComesTo, out.Amount.Text)})
		}
		line := Line{Text: r.say(&pOwnLimits)}
		for _, s := range own.Limits {
			line.Lines = append(line.Lines, Line{Text: s})
		}
		lines = append(lines, line)
	}
	if paid {
		total := t.due()
		if out.Amount.Text == r.say(&pUpTo, r.fen(out.Amount.High)) && !out.Left.usedUp() {
			total.Notes = append(total.Notes, r.say(&pCeilingNote))
		}
		lines = append(lines, total)
	}
	if p := out.Potential; p.Kind != NoAmount && p.Kind != "" && p.Text != out.Amount.Text && out.Answer != Unmet {
		if out.Left.usedUp() {
			lines = append(lines, Line{Text: r.say(&pPotentialNone)})
		} else {
			lines = append(lines, Line{Text: r.say(&pPotential, t.potential())})
		}
	}
	if paid && len(out.Payments) == 0 && out.Answer == Met && t.s.Apart() != "" {
		line := Line{Text: r.say(&pPaidOpen)}
		for _, s := range t.s.readPay(r) {
			line.Lines = append(line.Lines, Line{Text: s})
		}
		lines = append(lines, line)
	}
	if len(out.Payments) > 0 {
		line := Line{Text: r.say(&pPaidThus)}
		for _, p := range out.Payments {
			line.Lines = append(line.Lines, t.payment(p))
		}
		lines = append(lines, line)
	}
	if len(out.Shared) > 0 && open {
		line := Line{Text: r.say(&pSharedLimits)}
		for _, s := range out.Shared {
			line.Lines = append(line.Lines, Line{Text: s})
		}
		lines = append(lines, line)
	}
	return lines
}

func (t *teller) payment(p Payment) Line {
	r := t.r
	line := Line{Text: p.Text}
	if p.On != "" {
		line.Text = r.say(&pColon, r.word(p.On), p.Text)
	}
	if p.Payee != "" {
		line.Notes = append(line.Notes, r.say(&pPaidTo, r.word(p.Payee)))
	}
	for _, f := range p.Funds {
		line.Notes = append(line.Notes, r.say(&pColon, r.word(f.Fund), f.String()))
	}
	return line
}

// level is the level that the grant would have.
func (t *teller) level() []Line {
	r, l := t.r, t.out.Level
	switch {
	case l == nil:
		return nil
	case l.Low == "":
		return []Line{{Text: r.say(&pLevelAtMost, l.High)}}
	case l.Low != l.High:
		return []Line{{Text: r.say(&pLevelBetween, l.Low, l.High)}}
	case l.Next != "":
		return []Line{{Text: l.High, Notes: []string{r.say(&pLevelNext, l.Short, l.Next)}}}
	}
	return []Line{{Text: l.High}}
}

func (t *teller) changesTitle() *phrase {
	if c := t.out.Changes; c != nil && len(c.Ways) > 1 {
		return &pSecWays
	}
	return &pSecChanges
}

func (t *teller) changes() []Line {
	r, c := t.r, t.out.Changes
	if c == nil {
		return nil
	}
	var lines []Line
	if c.lost {
		lines = append(lines, Line{Text: r.say(&pNoWay)})
	}
	for i, w := range c.Ways {
		line := Line{Text: r.say(&pWayAlone)}
		single := len(c.Ways) == 1 && len(w.Steps) == 1
		if len(c.Ways) > 1 {
			line.Text = r.say(&pWay, strconv.Itoa(i+1))
		}
		switch {
		case single && (w.Past || w.Steps[0].Note != ""): // the step says so itself
		case w.Closed:
			line.Notes = append(line.Notes, r.say(&pClosedWay))
		case w.Past && w.When != 0:
			line.Notes = append(line.Notes, r.say(&pFromYear, strconv.Itoa(w.When)))
		case w.Past:
			line.Notes = append(line.Notes, r.say(&pLaterDocument))
		}
		if w.Unsure {
			line.Notes = append(line.Notes, r.say(&pUnsure))
		}
		line.Notes = append(line.Notes, w.Sums...)
		for _, s := range w.Steps {
			step := Line{Text: s.Text, Notes: slices.Clone(s.Gain)}
			if s.Note != "" {
				step.Notes = append(step.Notes, s.Note)
			}
			if single {
				line.Text, line.Notes = step.Text, append(line.Notes, step.Notes...)
				break
			}
			line.Lines = append(line.Lines, step)
		}
		lines = append(lines, line)
	}
	if c.Others > 0 {
		lines = append(lines, Line{Text: r.say(&pOtherWays, strconv.Itoa(c.Others))})
	}
	if !c.Exact {
		lines = append(lines, Line{Text: r.say(&pNotExact)})
	}
	return lines
}

// missing tells of each fact that is not known what it would decide.
func (t *teller) missing() []Line {
	r := t.r
	var lines []Line
	if what := t.out.Supposes; what != "" {
		lines = append(lines, Line{Text: r.say(&pSupposes, r.word(what))})
	}
	for _, n := range t.out.Missing {
		line := t.asked(n)
		decides := false
		var walk func(x *Node)
		walk = func(x *Node) {
			if x == nil || x.Answer != Unknown && x.Answer != Manual { // of what is decided already it decides nothing
				return
			}
			if slices.Contains(x.Asks, n.Key) {
				decides = true
				what := x.Text
				if what == "" || r.lang != Chinese {
					what = x.Read
				}
				line.Notes = append(line.Notes, r.say(&pDecides, what))
				if x.Turns != "" {
					line.Notes = append(line.Notes, x.Turns)
				}
			}
			for _, c := range x.Children {
				walk(c)
			}
		}
		walk(t.out.Reasons)
		notes := len(line.Notes)
		line.Notes = t.hangs(n.Key, line.Notes)
		switch {
		case decides || len(line.Notes) > notes:
		case t.s.amount != nil && t.out.Potential.Text != t.out.Amount.Text:
			line.Notes = append(line.Notes, r.say(&pDecidesAmount))
		case t.out.Level != nil && t.out.Level.Low != t.out.Level.High:
			line.Notes = append(line.Notes, r.say(&pDecidesLevel))
		}
		lines = append(lines, line)
	}
	for i, h := range t.out.hangs {
		same := func(n Need) bool { return n.Key == h.need.Key }
		if slices.ContainsFunc(t.out.Missing, same) || slices.ContainsFunc(t.out.hangs[:i], func(x hanging) bool { return same(x.need) }) {
			continue
		}
		lines = append(lines, t.asked(h.need))
		lines[len(lines)-1].Notes = t.hangs(h.need.Key, lines[len(lines)-1].Notes)
	}
	return lines
}

// asked names a fact that is not known, and who says it.
func (t *teller) asked(n Need) Line {
	r := t.r
	line := Line{Text: r.need(n)}
	if n.Type == "judgement" {
		line.Text = r.say(&pAwaitJudgement, r.office(n.Office), r.word(n.Label))
	} else if n.Office != "" {
		line.Notes = append(line.Notes, r.say(&pVouches, r.word(n.Office)))
	}
	return line
}

// hangs adds what a fact decides of the instalments.
func (t *teller) hangs(key string, notes []string) []string {
	for _, h := range t.out.hangs {
		if h.need.Key != key {
			continue
		}
		how := &pDecidesDue
		if h.sum {
			how = &pDecidesPart
		}
		if text := t.r.say(how, t.r.word(h.on)); !slices.Contains(notes, text) {
			notes = append(notes, text)
		}
	}
	return notes
}

func (t *teller) assumptions() []Line {
	r := t.r
	var lines []Line
	add := func(i *Interpretation) {
		word := &pAssumed
		if i.Status == "confirmed" {
			word = &pConfirmed
		}
		line := Line{Text: r.say(word, i.Choice), Notes: []string{r.say(&pChosenBy, r.word(i.By))}}
		if r.lang != Chinese {
			line.Text, line.Original = r.say(word, ""), i.Choice
		}
		if !slices.ContainsFunc(lines, func(old Line) bool { return old.Text == line.Text && old.Original == line.Original }) {
			lines = append(lines, line)
		}
	}
	t.s.interpretations(add)
	for i := range t.s.doc.info.Notes {
		add(&t.s.doc.info.Notes[i])
	}
	return lines
}

func (t *teller) dates() []Line {
	r := t.r
	var lines []Line
	switch t.out.Standing {
	case Upcoming:
		lines = append(lines, Line{Text: r.say(&pUpcoming, t.s.doc.info.InForce.In(r.lang))})
	case Expired:
		lines = append(lines, Line{Text: r.say(&pExpired)})
	}
	if t.out.Doubt != "" {
		lines = append(lines, Line{Text: t.out.Doubt})
	}
	if d := &t.s.doc.info; d.InForce.IsZero() && d.ValidUntil.IsZero() && d.Replaced == 0 {
		lines = append(lines, Line{Text: r.say(&pNoDates)})
	}
	if ends := t.s.doc.info.Ends(r.lang); ends != "" && t.out.Standing != Expired {
		lines = append(lines, Line{Text: ends})
	}
	if t.out.TurnsOn != 0 {
		lines = append(lines, Line{Text: r.say(&pChangesOn, t.out.TurnsOn.String())})
	}
	if t.out.Disputed {
		lines = append(lines, Line{Text: r.say(&pDisputedAll)})
	}
	return lines
}

// Ends says when a document ends; empty: that is not known.
func (d *DocumentInfo) Ends(lang Lang) string {
	r := &reader{lang: lang}
	switch {
	case d.Replaced != 0 && (d.ValidUntil.IsZero() || d.Replaced <= d.ValidUntil.Last):
		return r.say(&pReplacedFrom, d.Replaced.String())
	case !d.ValidUntil.IsZero():
		return r.say(&pValidUntil, d.ValidUntil.In(r.lang))
	}
	return ""
}

// turn says at which value of its one missing figure a comparison is met.
func (d *condition) turn(e *env, missing *needs) string {
	if d.kind != condCompare || missing == nil || len(missing.list) != 1 || d.of.typ().kind != TypeNumber || d.of.typ().root || opposite[d.op] == "" {
		return ""
	}
	n := missing.list[0]
	if n.Type != TypeNumber || d.score() != nil {
		return ""
	}
	term := e.f.vocab.Term(n.Term)
	t, ok := d.limit.number(e)
	if term == nil || !ok {
		return ""
	}
	k := valueKey{term, n.Year}
	was := *e
	e.refs, e.needs, e.lines = nil, nil, nil
	f0, ok0 := d.with(e, k, Num{})
	f1, ok1 := d.with(e, k, intNum(1))
	f2, ok2 := d.with(e, k, intNum(2))
	*e = was
	slope := f1.Sub(f0)
	if !ok0 || !ok1 || !ok2 || slope.Sign() == 0 || f2.Sub(f1).Cmp(slope) != 0 {
		return ""
	}
	op, value := d.op, t.Sub(f0).Div(slope)
	if slope.Sign() < 0 {
		op = map[string]string{"at_least": "at_most", "at_most": "at_least", "over": "under", "under": "over"}[op]
	}
	if at(value).cmp(term.within.lo) < 0 || at(value).cmp(term.within.hi) > 0 {
		return ""
	}
	return e.say.say(&pTurns, e.say.term(term.Name, n.Year), e.say.than(op, e.say.num(value, term.unit, 4)))
}
