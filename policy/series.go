package policy

import (
	"cmp"
	"slices"
)

// What a NumberSeries numbers.
const (
	SeriesPaper       = "paper"
	SeriesCertificate = "certificate"
)

// NumberSeries is a series of numbers that a file of the library declares. Every number is given once and none is left out; a change of the
// file counts from then on.
type NumberSeries struct {
	Kind    string // SeriesPaper, SeriesCertificate
	Begins  string // what its numbers begin with
	Pattern string // how they look: 受〔年份〕序号, 示例派〔发证的年份〕〔4位序号〕
	Yearly  bool   // it begins with 1 every year
	Of      string // the template's id, or the scheme's full id
	Title   string
	Path    string // of the file
}

// NumberSeries that the files declare: those of documents, then those of certificates, each by what they begin with.
func (l *Library) NumberSeries() []NumberSeries {
	var out []NumberSeries
	for _, t := range l.templates {
		if t.Series != "" {
			out = append(out, NumberSeries{SeriesPaper, t.Series, t.Numbers(), true, t.ID, t.ID, t.Path})
		}
	}
	for _, s := range l.schemes {
		if g := s.grant; g != nil && g.Series != nil {
			out = append(out, NumberSeries{SeriesCertificate, g.Series.Prefix, g.Series.pattern(), g.Series.Year, s.id, s.title, s.doc.Path})
		}
	}
	slices.SortStableFunc(out, func(a, b NumberSeries) int {
		return cmp.Or(-cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Begins, b.Begins), cmp.Compare(a.Of, b.Of))
	})
	return out
}
