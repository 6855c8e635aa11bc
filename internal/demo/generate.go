package demo

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"shanglin/internal/registry"
	"shanglin/policy"
)

// Generate makes so many firms, in order: the named, the showcase, the invented. fn is called for each; its error ends the work.
// It is deterministic: County, seed and count decide everything, and a smaller county is the beginning of a larger one.
func (c *County) Generate(seed int64, count int, fn func(Firm) error) error {
	told, err := c.told()
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, f := range told {
		taken[f.Name] = true
		if err := fn(f); err != nil {
			return err
		}
	}
	for i := range max(count-len(told), 0) {
		set, id := c.cohortAt(i)
		f, err := c.invent(newDice(seed, i), len(c.Showcase)+1+i, set, taken)
		if err != nil {
			return err
		}
		f.ID = id
		f.Place = int64(len(told) + i)
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

// told is the firms that the file itself tells of: the named, then the showcase, whose invented codes come first.
func (c *County) told() ([]Firm, error) {
	var out []Firm
	for _, n := range c.Named.Firms {
		f := Firm{Name: n.Name, Code: n.Code, Note: n.Said, Town: c.Named.Town}
		for _, g := range n.Facts {
			g.Verified, g.Stated = true, c.Named.Stated
			if g.Evidence == "" {
				g.Evidence = c.Named.Evidence
			}
			g.Source = c.Named.Source
			f.Facts = append(f.Facts, g.fact())
		}
		out = append(out, f)
	}
	for i, s := range c.Showcase {
		code, err := c.Codes.at(i + 1)
		if err != nil {
			return nil, err
		}
		f := Firm{ID: s.ID, Code: code, Name: s.Name, Town: s.Town, Industry: s.Industry, Size: s.Size, Invented: true, Note: c.Invented}
		for _, g := range s.Facts {
			f.Facts = append(f.Facts, g.fact())
		}
		out = append(out, f)
	}
	for i := range out {
		out[i].Place = int64(i)
	}
	return out, nil
}

func (g givenFact) fact() Fact {
	f := Fact{
		Term: g.Term, Year: g.Year, Value: g.Value, From: g.From.Date, Until: g.Until.Date, Fields: g.Fields,
		Source: g.Source, Evidence: g.Evidence, Verified: g.Verified, Record: g.Value == "", Stated: g.Stated.Date,
	}
	if f.Stated == 0 {
		f.Stated = f.statedOn()
	}
	return f
}

// statedOn is a believable day for a statement: figures of a year in the next spring, what the firm declares itself sooner, a record on its day.
func (f Fact) statedOn() policy.Date {
	switch {
	case f.Record:
		return f.From
	case f.Year == 0:
		return someday
	case f.Verified:
		return policy.NewDate(f.Year+1, 3, 20)
	default:
		return policy.NewDate(f.Year+1, 1, 15)
	}
}

// someday is when what has no date was said.
const someday = policy.Date(20260310)

// at is the invented code with a serial number, in hexadecimal. It passes both check digits.
func (r codeRange) at(serial int) (string, error) {
	digits := fmt.Sprintf("%0*X", r.Serial, serial)
	code, ok := registry.CompleteCode(r.Prefix + digits)
	if !ok || len(digits) > r.Serial {
		return "", fmt.Errorf("codes: no code with the prefix %s for invented firm %d", r.Prefix, serial)
	}
	return code, nil
}

// invention is one firm on the way to its facts.
type invention struct {
	*County
	dice
	strength float64 // standard normal
	born     int
	industry *industry
	traits   map[string]bool
	values   map[string]map[int]int64 // figure → year → steps
	records  map[string]bool
	firm     Firm
}

// invent makes one firm, of an industry that is drawn unless one is given.
func (c *County) invent(d dice, serial int, of *industry, taken map[string]bool) (Firm, error) {
	code, err := c.Codes.at(serial)
	if err != nil {
		return Firm{}, err
	}
	v := &invention{
		County: c, dice: d, strength: d.NormFloat64(), born: c.Years.From,
		traits: map[string]bool{}, values: map[string]map[int]int64{}, records: map[string]bool{},
		firm: Firm{Code: code, Invented: true, Note: c.Invented},
	}
	v.industry = &c.Industries[d.index(shares(c.Industries, func(i industry) float64 { return i.Share }))]
	if of != nil {
		v.industry = of
	}
	v.firm.Industry = v.industry.Name
	v.firm.Town = c.Towns[d.index(shares(c.Towns, func(t Town) float64 { return t.Share }))].Name
	for _, t := range sortedKeys(v.industry.Traits) {
		v.traits[t] = d.happens(v.industry.Traits[t])
	}
	if d.happens(c.Founded.Later) {
		v.born = c.Founded.Years.From + d.IntN(c.Founded.Years.To-c.Founded.Years.From+1)
	}
	v.firm.Name = v.name(taken)
	flaw := v.flaw()
	v.drawAll(false)
	if flaw != nil && flaw.Kind == flawBoundary {
		v.toBoundary(flaw)
	}
	v.firm.Size = v.size()
	v.state(false)
	v.spoil(flaw)
	v.recordAll(false)
	v.awards()
	v.drawAll(true)
	v.state(true)
	v.recordAll(true)
	for i := range v.firm.Facts {
		v.firm.Facts[i].Stated = v.firm.Facts[i].statedOn()
	}
	return v.firm, nil
}

func (v *invention) drawAll(later bool) {
	for i := range v.Figures {
		if v.Figures[i].Later == later {
			v.draw(&v.Figures[i])
		}
	}
}

func (v *invention) recordAll(later bool) {
	for i := range v.Records {
		if v.Records[i].Later == later {
			v.recordsOf(&v.Records[i])
		}
	}
}

func shares[T any](list []T, share func(T) float64) []float64 {
	out := make([]float64, len(list))
	for i, x := range list {
		out[i] = share(x)
	}
	return out
}

// name puts a name together that no other firm of the county has.
func (v *invention) name(taken map[string]bool) string {
	for {
		name := strings.NewReplacer(
			"{place}", v.word(v.Names.Places), "{first}", pick(v.dice, v.Names.First), "{second}", pick(v.dice, v.Names.Second),
			"{product}", pick(v.dice, v.industry.Products), "{form}", v.word(v.Names.Forms),
		).Replace(v.Names.Marked)
		if !taken[name] {
			taken[name] = true
			return name
		}
	}
}

// flaw draws what is wrong with the firm; nil: nothing.
func (v *invention) flaw() *flaw {
	at := v.Float64()
	for i := range v.Flaws {
		if at < v.Flaws[i].Share {
			return &v.Flaws[i]
		}
		at -= v.Flaws[i].Share
	}
	return nil
}

// holds says whether a rule concerns the firm.
func (v *invention) holds(f *filter) bool {
	switch {
	case f == nil:
		return true
	case f.Trait != "" && !v.traits[f.Trait], f.Also != "" && !v.traits[f.Also]:
		return false
	case f.Record != "" && !v.records[f.Record]:
		return false
	case f.Figure != "":
		n, ok := v.values[f.Figure][f.Year]
		return ok && float64(n) >= f.AtLeast*step
	}
	return true
}

// has says whether firms of the industry have a figure or a kind of record at all.
func (v *invention) has(term string) bool {
	return len(v.industry.Only) == 0 || slices.Contains(v.industry.Only, term)
}

// draw fills in one figure for every year that the firm has.
func (v *invention) draw(f *figure) {
	if !v.has(f.Term) || !v.holds(f.If) || f.Chance > 0 && !v.happens(f.Chance) {
		return
	}
	if f.Words != nil {
		v.firm.Facts = append(v.firm.Facts, Fact{Term: f.Term, Value: v.word(*f.Words), Source: f.Source, Evidence: f.Evidence, Verified: true})
		return
	}
	decimals := 0
	if f.Decimals != nil {
		decimals = *f.Decimals
	}
	years := v.Years.years()
	if f.Once {
		years = years[len(years)-1:]
	}
	out := map[int]int64{}
	v.values[f.Term] = out
	switch {
	case f.Path != nil:
		p := f.Path
		x := p.Median * v.industry.Scale * math.Exp(p.Spread*(0.5*v.strength+math.Sqrt(0.75)*v.NormFloat64()))
		shake := 0.0
		for _, y := range years {
			shake = p.Persist*shake + math.Sqrt(1-p.Persist*p.Persist)*v.NormFloat64()
			out[y] = steps(min(max(x, p.Least), p.Most), decimals)
			x *= 1 + max(p.Growth+p.Tilt*v.strength+p.Shake*shake, -0.6)
		}
	case f.Part != nil:
		share := f.Part.between(v.leaning(v.strength, f.Part.Tilt))
		for _, y := range years {
			if whole, ok := v.values[f.Part.Of][y]; ok {
				out[y] = steps(float64(whole)/step*share, decimals)
			}
			share = f.Part.clamp(share + f.Part.Drift*v.NormFloat64())
		}
	case f.Range != nil:
		x := f.Range.between(v.leaning(v.strength, f.Range.Tilt))
		for _, y := range years {
			out[y] = steps(x, decimals)
			x = f.Range.clamp(x + f.Range.Drift*v.NormFloat64())
		}
	}
	for y := range out {
		if !f.Once && (y < v.born || f.Last > 0 && y <= v.Years.To-f.Last) {
			delete(out, y)
		}
	}
}

// toBoundary sets one figure exactly at a threshold, or one step beside it.
func (v *invention) toBoundary(f *flaw) {
	b := v.Boundaries[v.index(shares(v.Boundaries, func(b boundary) float64 { return b.Share }))]
	base, ok := v.values[b.Of][b.OfYear]
	if _, has := v.values[b.Term][b.Year]; !ok || !has {
		return
	}
	n := times(base, b.At) + int64(v.IntN(3)-1)
	v.values[b.Term][b.Year] = n
	for _, whole := range v.wholes(b.Term) { // what it is set beside gives way
		if of, has := v.values[whole][b.Year]; has {
			v.values[whole][b.Year] = max(of, n)
		}
	}
	for _, part := range v.parts(b.Term) {
		if of, has := v.values[part][b.Year]; has {
			v.values[part][b.Year] = min(of, n)
		}
	}
	v.firm.Flaw = f.Kind
}

// wholes are the figures that one is a share of, none larger than the whole; parts are its own.
func (v *invention) wholes(term string) (out []string) {
	if f := v.figureOf(term); f != nil && f.Part != nil && f.Part.To <= 1 {
		out = append(out, f.Part.Of)
	}
	return out
}

func (v *invention) parts(term string) (out []string) {
	for i := range v.Figures {
		if f := &v.Figures[i]; f.Part != nil && f.Part.Of == term && f.Part.To <= 1 {
			out = append(out, f.Term)
		}
	}
	return out
}

// between is a figure that is no larger than its whole and no smaller than its parts.
func (v *invention) between(term string, year int, n int64) int64 {
	for _, part := range v.parts(term) {
		n = max(n, v.values[part][year])
	}
	for _, whole := range v.wholes(term) {
		if of, has := v.values[whole][year]; has {
			n = min(n, of)
		}
	}
	return n
}

func (v *invention) size() string {
	n, ok := v.values[v.Sizes.By][v.Years.To]
	for _, b := range v.Sizes.Bands {
		if ok && (b.Under == 0 || float64(n) < b.Under*step) {
			return b.Name
		}
	}
	return ""
}

// state turns figures into facts.
func (v *invention) state(later bool) {
	for i := range v.Figures {
		f := &v.Figures[i]
		if f.Later != later {
			continue
		}
		for _, y := range v.Years.years() {
			n, ok := v.values[f.Term][y]
			if !ok {
				continue
			}
			fact := Fact{Term: f.Term, Year: y, Value: literal(n, f.Unit), Source: f.Source, Verified: true}
			fact.Evidence = strings.ReplaceAll(f.Evidence, "{year}", strconv.Itoa(y))
			if f.Once {
				fact.Year = 0
			} else if by := v.values[v.Reported.By][y]; float64(by) < v.Reported.AtLeast*step {
				fact.Source, fact.Evidence, fact.Verified = v.Reported.Else.Source, v.Reported.Else.Evidence, false
			}
			v.firm.Facts = append(v.firm.Facts, fact)
		}
	}
}

// spoil puts the firm's flaw into its facts.
func (v *invention) spoil(w *flaw) {
	if w == nil || w.Kind == flawBoundary {
		return
	}
	term, year := pick(v.dice, w.Of), pick(v.dice, w.Years)
	for i, f := range v.firm.Facts {
		if f.Term != term || f.Year != year {
			continue
		}
		v.firm.Flaw = w.Kind
		if w.Kind == flawMissing {
			v.firm.Facts = append(v.firm.Facts[:i], v.firm.Facts[i+1:]...)
			return
		}
		// The first says what was vouched for, the second something else.
		v.firm.Facts[i].Verified = true
		fig := v.figureOf(term)
		if f.Source == w.Source || f.Source == v.Reported.Else.Source {
			v.firm.Facts[i].Source, v.firm.Facts[i].Evidence = fig.Source, strings.ReplaceAll(fig.Evidence, "{year}", strconv.Itoa(year))
		}
		off := 1 + w.By*(0.25+0.75*v.Float64())*float64(1-2*v.IntN(2))
		was := v.values[term][year]
		n := v.between(term, year, times(was, off))
		if n == was { // no room on that side
			n = v.between(term, year, times(was, 2-off))
		}
		other := Fact{
			Term: term, Year: year, Value: literal(n, fig.Unit),
			Source: w.Source, Evidence: w.Evidence, Verified: w.Kind == flawTwoSources,
		}
		if v.happens(w.Disputed) {
			v.firm.Facts[i].Disputed = w.Evidence
		}
		v.firm.Facts = append(v.firm.Facts, other)
		return
	}
}

func (v *invention) figureOf(term string) *figure {
	for i := range v.Figures {
		if v.Figures[i].Term == term {
			return &v.Figures[i]
		}
	}
	return nil
}

// recordsOf draws how many records of a kind the firm has, and each of them.
func (v *invention) recordsOf(r *record) {
	chance := r.Chance * math.Exp(r.Tilt*v.strength-r.Tilt*r.Tilt/2)
	if !v.has(r.Kind) || !v.holds(r.If) || !v.happens(chance) {
		return
	}
	count := 1
	if r.Count.Mean > 1 {
		count += int(v.ExpFloat64() * (r.Count.Mean - 1))
	}
	if r.Count.Most > 0 {
		count = min(count, r.Count.Most)
	}
	seen := map[string]bool{}
	for range count {
		f := Fact{Term: r.Kind, From: v.day(r.From), Source: r.Source, Evidence: r.Evidence, Verified: true, Record: true, Until: r.Until.Date}
		if r.Months > 0 {
			f.Until = f.From.AddMonths(r.Months).AddDays(-1)
		}
		for _, name := range sortedKeys(r.Fields) {
			if f.Fields == nil {
				f.Fields = map[string]string{}
			}
			f.Fields[name] = v.field(r.Fields[name])
		}
		// Two records of one day with the same fields are one record.
		key := f.From.String() + fmt.Sprint(f.Fields)
		if !seen[key] {
			seen[key] = true
			v.records[r.Kind] = true
			v.firm.Facts = append(v.firm.Facts, f)
		}
	}
}

func (v *invention) field(f field) string {
	switch {
	case f.Words != nil:
		return v.word(*f.Words)
	case len(f.Titles) > 0:
		return pick(v.dice, f.Titles) + f.Numbered + strconv.Itoa(1+v.IntN(4)) + "." + strconv.Itoa(v.IntN(10))
	default:
		return literal(steps(f.between(v.NormFloat64()), 0), f.Unit)
	}
}

func (v *invention) day(d days) policy.Date {
	n := int(d.Last.Time().Sub(d.First.Time()).Hours() / 24)
	return d.First.AddDays(v.IntN(max(n, 0) + 1))
}

// awards draws what was paid to the firm before.
func (v *invention) awards() {
	for _, a := range v.Awards.Paid {
		if !v.holds(a.If) || !v.happens(a.Chance) {
			continue
		}
		v.firm.Facts = append(v.firm.Facts, Fact{
			Term: award + a.Scheme, Value: v.word(a.Amounts), From: v.day(a.On),
			Source: v.Awards.Source, Evidence: v.Awards.Evidence, Verified: true, Record: true,
		})
	}
}
