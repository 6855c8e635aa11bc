package schemes

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"shanglin/policy"
)

// entry is what the portal knows of one scheme without reading its file again.
type entry struct {
	scheme     *policy.Scheme
	lite       Lite
	industries []string
	sizes      []string
	fields     []field
}

// field is a searchable text of a scheme with its weight.
type field struct {
	text   string
	pairs  map[string]bool // its pairs of neighbouring characters
	weight int
}

// Lite is a scheme in a list.
type Lite struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Document  LiteDocument    `json:"document"`
	Cite      string          `json:"cite"`
	Office    string          `json:"office"`
	Process   string          `json:"process,omitempty" doc:"id of the process that its file says it is handled by, unless a round says otherwise"`
	For       string          `json:"for"`
	Kind      string          `json:"kind"`
	Gives     []string        `json:"gives" nullable:"false" doc:"what it gives, a sentence each"`
	Ceiling   bool            `json:"ceiling" doc:"the amount says 最高: show the disclaimer"`
	Standing  policy.Standing `json:"standing" enum:"in_force,upcoming,expired"`
	Published policy.When     `json:"published"`
	Tags      []string        `json:"tags" nullable:"false" doc:"industries and sizes it concerns"`
}

// LiteDocument is a document in a list.
type LiteDocument struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Number      string `json:"number"`
	NumberKnown bool   `json:"number_known"`
	Body        string `json:"body"`
	Level       string `json:"level" doc:"what readers call the level: the label of its folder"`
}

func index(library *policy.Library, chain Chain) []*entry {
	var out []*entry
	for _, s := range library.Schemes() {
		d := s.Describe()
		e := &entry{scheme: s, industries: d.Industries, sizes: d.Sizes}
		e.lite = Lite{ID: d.ID, Title: d.Title, Cite: d.Cite, Office: d.Office, Process: s.Process(), For: d.For, Kind: d.Kind, Gives: orEmpty(d.Gives), Ceiling: d.Ceiling,
			Published: d.Document.Published, Tags: append(slices.Clone(orEmpty(e.industries)), e.sizes...),
			Document: LiteDocument{ID: d.Document.ID, Title: d.Document.Title, Number: d.Document.Number, NumberKnown: d.Document.NumberKnown,
				Body: d.Document.Body, Level: chain.Label(d.Document.Level)}}
		add := func(weight int, texts ...string) {
			var all strings.Builder
			for _, t := range texts {
				if t = fold(t); t != "" {
					all.WriteString(t)
					all.WriteByte(' ') // no pair runs over from one text into the next
				}
			}
			if all.Len() > 0 {
				e.fields = append(e.fields, field{all.String(), pairs(all.String()), weight})
			}
		}
		add(12, d.Title)
		add(8, d.Document.Number, d.ID)
		add(6, d.Document.Title)
		add(6, e.lite.Tags...)
		add(4, d.Office, d.Document.Body, e.lite.Document.Level)
		add(3, append([]string{d.Text, d.Cite}, d.Gives...)...)
		add(2, conditionTexts(d.Conditions, nil)...)
		out = append(out, e)
	}
	return out
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func conditionTexts(n *policy.Node, to []string) []string {
	if n == nil {
		return to
	}
	to = append(to, n.Text, n.Read)
	for _, c := range n.Children {
		to = conditionTexts(c, to)
	}
	return to
}

// fold makes texts that a reader takes for the same equal: width, case, blanks and brackets (慈政办发〔2025〕20号, 慈政办发[2025]20号).
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '%' || r == '.' || r == '-' || r == '/' {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

func pairs(s string) map[string]bool {
	out := map[string]bool{}
	last := rune(' ')
	for _, r := range s {
		if last != ' ' && r != ' ' {
			out[string([]rune{last, r})] = true
		}
		last = r
	}
	return out
}

// words splits what a person typed at blanks and commas.
func words(q string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(norm.NFKC.String(q), func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '、' || r == ';' }) {
		if w = fold(w); w != "" && len(out) < 16 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// rank says how well the scheme answers the words; 0: not at all. Each word must occur, or most of its neighbouring
// characters, so that two words written together (数字经济 and 核心制造 as 数字核心) are found as well; letters and figures in it must
// occur as they are.
func (e *entry) rank(words []string) int {
	total := 0
	for _, w := range words {
		best, near := 0, 0
		want := pairs(w)
		for p := range want {
			if strings.IndexFunc(p, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
				delete(want, p)
			}
		}
		found := map[string]bool{}
		for _, f := range e.fields {
			if strings.Contains(f.text, w) {
				best += 100 * f.weight
				continue
			}
			hits := 0
			for p := range want {
				if f.pairs[p] {
					hits++
					found[p] = true
				}
			}
			if len(want) > 0 {
				near += 40 * f.weight * hits / len(want)
			}
		}
		if best == 0 && (len(want) < 2 || 3*len(found) < 2*len(want) || !e.holds(asciiRuns(w))) {
			return 0
		}
		total += best + near
	}
	return max(total, 1)
}

// holds says whether each text occurs in some field.
func (e *entry) holds(texts []string) bool {
	for _, t := range texts {
		if !slices.ContainsFunc(e.fields, func(f field) bool { return strings.Contains(f.text, t) }) {
			return false
		}
	}
	return true
}

// asciiRuns are the letters and figures that a word holds: 2025 of 2025年增长.
func asciiRuns(w string) []string {
	return strings.FieldsFunc(w, func(r rune) bool { return r >= utf8.RuneSelf })
}

// Query is what a reader looks for. Empty fields ask for nothing.
type Query struct {
	Words      string
	Industry   string
	Size       string
	Department string
	Kind       string
	Document   string
	Standing   policy.Standing // empty: any
	On         policy.Date     // the day of the standing; required
	Page, Per  int             // from 1
}

// Facet is one value of a filter and how many schemes would remain if it were chosen.
type Facet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Facets count by every filter with the other filters applied.
type Facets struct {
	Industry   []Facet `json:"industry" nullable:"false"`
	Size       []Facet `json:"size" nullable:"false"`
	Department []Facet `json:"department" nullable:"false"`
	Kind       []Facet `json:"kind" nullable:"false"`
	Document   []Facet `json:"document" nullable:"false"`
	Standing   []Facet `json:"standing" nullable:"false"`
}

// Found is one page of what was found.
type Found struct {
	Items  []Lite `json:"items" nullable:"false"`
	Total  int    `json:"total"`
	Page   int    `json:"page"`
	Facets Facets `json:"facets"`
}

// concerns says whether a scheme with these words concerns one who chose a word; a scheme that names none concerns everybody.
func concerns(list []string, word string) bool {
	return word == "" || len(list) == 0 || slices.Contains(list, word)
}

// Find searches the compiled set. Without words, what is in force comes first, then the latest.
func (c *Compiled) Find(q Query) *Found {
	type hit struct {
		e        *entry
		standing policy.Standing
		rank     int
	}
	asked := words(q.Words)
	var hits []hit
	counts := map[string]map[string]int{"industry": {}, "size": {}, "department": {}, "kind": {}, "document": {}, "standing": {}}
	for _, e := range c.entries {
		h := hit{e: e, standing: e.scheme.Document().StandingOn(q.On)}
		if len(asked) > 0 {
			if h.rank = e.rank(asked); h.rank == 0 {
				continue
			}
		} else if strings.TrimSpace(q.Words) != "" {
			continue // nothing but marks was typed
		}
		ok := map[string]bool{
			"industry":   concerns(e.industries, q.Industry),
			"size":       concerns(e.sizes, q.Size),
			"department": q.Department == "" || e.lite.Office == q.Department,
			"kind":       q.Kind == "" || e.lite.Kind == q.Kind,
			"document":   q.Document == "" || e.lite.Document.ID == q.Document,
			"standing":   q.Standing == "" || h.standing == q.Standing,
		}
		failed := 0
		for _, passed := range ok {
			if !passed {
				failed++
			}
		}
		values := map[string][]string{"industry": e.industries, "size": e.sizes, "department": {e.lite.Office}, "kind": {e.lite.Kind},
			"document": {e.lite.Document.ID}, "standing": {string(h.standing)}}
		for name, list := range values {
			if failed == 0 || failed == 1 && !ok[name] {
				for _, v := range list {
					if v != "" {
						counts[name][v]++
					}
				}
			}
		}
		if failed == 0 {
			hits = append(hits, h)
		}
	}
	order := map[policy.Standing]int{policy.InForce: 0, policy.Upcoming: 1, policy.Expired: 2}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(order[a.standing], order[b.standing]),
			cmp.Compare(b.e.lite.Published.First, a.e.lite.Published.First), cmp.Compare(a.e.lite.ID, b.e.lite.ID))
	})
	found := &Found{Items: []Lite{}, Total: len(hits), Page: max(q.Page, 1)}
	per := max(q.Per, 1)
	from := min((found.Page-1)*per, len(hits))
	for _, h := range hits[from:min(from+per, len(hits))] {
		lite := h.e.lite
		lite.Standing = h.standing
		found.Items = append(found.Items, lite)
	}
	found.Facets = Facets{Industry: facets(counts["industry"]), Size: facets(counts["size"]), Department: facets(counts["department"]),
		Kind: facets(counts["kind"]), Document: facets(counts["document"]), Standing: facets(counts["standing"])}
	return found
}

func facets(counts map[string]int) []Facet {
	out := []Facet{}
	for v, n := range counts {
		out = append(out, Facet{v, n})
	}
	slices.SortFunc(out, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return out
}

// LiteOf is a scheme in a list, with its standing on a day.
func (c *Compiled) LiteOf(s *policy.Scheme, on policy.Date) Lite {
	for _, e := range c.entries {
		if e.scheme == s {
			lite := e.lite
			lite.Standing = s.Document().StandingOn(on)
			return lite
		}
	}
	return Lite{ID: s.ID(), Gives: []string{}, Tags: []string{}}
}
