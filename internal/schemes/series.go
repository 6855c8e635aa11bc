package schemes

import (
	"context"
	"path"

	"shanglin/policy"
)

// DeclaredSeries is a series of numbers as a published file declares it.
type DeclaredSeries struct {
	Kind    string `json:"kind" enum:"paper,certificate" doc:"what it numbers: official documents, certificates"`
	Begins  string `json:"begins" doc:"what its numbers begin with"`
	Pattern string `json:"pattern" doc:"how they look"`
	Yearly  bool   `json:"yearly" doc:"it begins with 1 every year"`
	Of      string `json:"of" doc:"the template's id, or document/scheme"`
	Title   string `json:"title"`
	Path    string `json:"path" doc:"of the file"`
	Level   string `json:"level"`
}

// SeriesDeclared are the series of the files in use.
type SeriesDeclared struct {
	Items []DeclaredSeries `json:"items" nullable:"false"`
}

// ReadSeries lists the series of numbers that the files in use declare. Forbidden as ReadPublished.
func ReadSeries(ctx context.Context) (*SeriesDeclared, error) {
	if err := mustRead(ctx); err != nil {
		return nil, err
	}
	c, err := Current(ctx)
	if err != nil {
		return nil, err
	}
	out := &SeriesDeclared{Items: []DeclaredSeries{}}
	for _, s := range c.Library.NumberSeries() {
		out.Items = append(out.Items, declared(s, c.Chain))
	}
	return out, nil
}

func declared(s policy.NumberSeries, chain Chain) DeclaredSeries {
	return DeclaredSeries{s.Kind, s.Begins, s.Pattern, s.Yearly, s.Of, s.Title, s.Path, chain.Label(path.Dir(s.Path))}
}
